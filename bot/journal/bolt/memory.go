package bolt

import (
	"cmp"
	"slices"
	"time"

	"github.com/tocsin-bot/tocsin/bot/journal"
)

// memory is what the owner keeps in memory alone. Store.mu guards it; the committer holds that for the whole of a group, so that a lease
// cannot be stolen between the moment a commit was found to hold it and the moment that commit is on disk.
type memory struct {
	leases   map[string]journal.Lease
	lanes    map[string]*lane
	token    int64 // the last one given out
	touch    int64
	pauses   map[string]time.Time
	replicas map[string]time.Time
}

// lane is a lane with work or with a waiting time.
type lane struct {
	waiting   int
	touched   int64
	notBefore time.Time
}

// forgetLease is how long after its end a lease that nobody took is still good for a late report.
const forgetLease = 10 * time.Minute

func newMemory(epoch uint64) *memory {
	return &memory{leases: map[string]journal.Lease{}, lanes: map[string]*lane{}, token: int64(epoch << 32),
		pauses: map[string]time.Time{}, replicas: map[string]time.Time{}}
}

// undo takes back what a group did to the memory, newest first, when its transaction fails.
type undo struct{ steps []func() }

func (u *undo) add(f func()) {
	if u != nil {
		u.steps = append(u.steps, f)
	}
}

func (u *undo) back(to int) {
	for i := len(u.steps) - 1; i >= to; i-- {
		u.steps[i]()
	}
	u.steps = u.steps[:to]
}

// fence returns a conflict unless the lease is the lane's newest.
func (m *memory) fence(l journal.Lease) error {
	if now, ok := m.leases[l.Lane]; !ok || now.Token != l.Token {
		return &journal.Conflict{What: "lease", Name: l.Lane, Owner: now.Owner}
	}
	return nil
}

// lease takes a lane for owner. Leases run by real time.
func (m *memory) lease(u *undo, name, owner string, ttl time.Duration) (journal.Lease, bool) {
	now := time.Now()
	old, had := m.leases[name]
	if had && old.Owner != owner && old.Until.After(now) {
		return journal.Lease{}, false
	}
	l := journal.Lease{Lane: name, Owner: owner, Token: old.Token, Until: journal.Kept(now.Add(ttl))}
	if !had || old.Owner != owner {
		m.token++ // not taken back: a token is never given out twice
		l.Token = m.token
	}
	m.leases[name] = l
	u.add(func() {
		if had {
			m.leases[name] = old
		} else {
			delete(m.leases, name)
		}
	})
	m.touchLane(name)
	return l, true
}

func (m *memory) touchLane(name string) {
	if l := m.lanes[name]; l != nil {
		m.touch++
		l.touched = m.touch
	}
}

// count adds n to what waits in a lane.
func (m *memory) count(u *undo, name string, n int) {
	l := m.lanes[name]
	if l == nil {
		l = &lane{}
		m.lanes[name] = l
	}
	if l.waiting == 0 {
		m.touch++
		l.touched = m.touch
	}
	l.waiting += n
	u.add(func() { m.count(nil, name, -n) })
	if l.waiting == 0 && !l.notBefore.After(time.Now()) {
		delete(m.lanes, name)
	}
}

// working lists lanes with items, longest untouched first.
func (m *memory) working(limit int) []journal.LaneState {
	type named struct {
		name string
		*lane
	}
	var all []named
	for name, l := range m.lanes {
		if l.waiting > 0 {
			all = append(all, named{name, l})
		}
	}
	slices.SortFunc(all, func(a, b named) int { return cmp.Compare(a.touched, b.touched) })
	all = all[:min(len(all), limit)]
	out := make([]journal.LaneState, 0, len(all))
	for _, l := range all {
		s := journal.LaneState{Lane: l.name, Waiting: l.waiting, NotBefore: l.notBefore}
		if lease, ok := m.leases[l.name]; ok && lease.Until.After(time.Now()) {
			s.Holder = lease.Owner
		}
		out = append(out, s)
	}
	return out
}

// forget removes what is over, at most limit of it; now is the store's clock.
func (m *memory) forget(now time.Time, limit int) int {
	n, real := 0, time.Now()
	for name, l := range m.leases {
		if n < limit && real.Sub(l.Until) > forgetLease {
			delete(m.leases, name)
			n++
		}
	}
	for name, l := range m.lanes {
		if n < limit && l.waiting == 0 && !l.notBefore.After(now) {
			delete(m.lanes, name)
			n++
		}
	}
	for name, t := range m.pauses {
		if n < limit && !t.After(now) {
			delete(m.pauses, name)
			n++
		}
	}
	for name, t := range m.replicas {
		if n < limit && !t.After(real) {
			delete(m.replicas, name)
			n++
		}
	}
	return n
}

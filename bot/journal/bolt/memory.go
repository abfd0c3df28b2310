package bolt

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"github.com/tocsin-bot/tocsin/bot/journal"
)

// memory is what the owner keeps in memory alone. Store.mu guards it; the committer holds that for the whole of a group, so that a lease
// cannot be stolen between the moment a commit was found to hold it and the moment that commit is on disk.
type memory struct {
	leases map[string]journal.Lease
	lanes  map[string]*lane
	items  map[string]place             // by id
	due    map[journal.Stream]time.Time // what the due bucket holds, the other way round
	token  int64                        // the last one given out
	touch  int64
	looked []byte // the key from which Forget goes on
}

// soft is what no commit looks at. It has a lock of its own: whoever asks for a pause before each call must not wait for a disk.
type soft struct {
	mu       sync.Mutex
	pauses   map[string]time.Time
	replicas map[string]time.Time
}

func newSoft() *soft {
	return &soft{pauses: map[string]time.Time{}, replicas: map[string]time.Time{}}
}

// forget removes what is over, at most limit of it; now is the store's clock.
func (s *soft) forget(now time.Time, limit int) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, real := 0, time.Now()
	for name, t := range s.pauses {
		if n < limit && !t.After(now) {
			delete(s.pauses, name)
			n++
		}
	}
	for name, t := range s.replicas {
		if n < limit && !t.After(real) {
			delete(s.replicas, name)
			n++
		}
	}
	return n
}

// lane is a lane with work or with a waiting time.
type lane struct {
	ns        []uint64 // of its items, ascending
	touched   int64
	notBefore time.Time
}

// place is where an item lies.
type place struct {
	n    uint64
	lane string
}

// forgetLease is how long after its end a lease that nobody took is still good for a late report.
const forgetLease = 10 * time.Minute

func newMemory(epoch uint64) *memory {
	return &memory{leases: map[string]journal.Lease{}, lanes: map[string]*lane{}, items: map[string]place{}, due: map[journal.Stream]time.Time{}, token: int64(epoch << 32)}
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

// queue puts an item into its lane.
func (m *memory) queue(u *undo, id string, at place) {
	l := m.lanes[at.lane]
	if l == nil {
		l = &lane{}
		m.lanes[at.lane] = l
	}
	if len(l.ns) == 0 {
		m.touch++
		l.touched = m.touch
	}
	i, _ := slices.BinarySearch(l.ns, at.n)
	l.ns = slices.Insert(l.ns, i, at.n)
	m.items[id] = at
	u.add(func() { m.unqueue(nil, id) })
}

// unqueue takes an item out of its lane.
func (m *memory) unqueue(u *undo, id string) {
	at := m.items[id]
	l := m.lanes[at.lane]
	if i, ok := slices.BinarySearch(l.ns, at.n); ok {
		l.ns = slices.Delete(l.ns, i, i+1)
	}
	delete(m.items, id)
	if len(l.ns) == 0 && l.notBefore.IsZero() {
		delete(m.lanes, at.lane)
	}
	u.add(func() { m.queue(nil, id, at) })
}

// first returns where a lane's oldest items lie.
func (m *memory) first(lane string, limit int) []uint64 {
	l := m.lanes[lane]
	if l == nil {
		return nil
	}
	return slices.Clone(l.ns[:min(len(l.ns), limit)])
}

// setDue notes when a stream is due; zero: never.
func (m *memory) setDue(u *undo, s journal.Stream, at time.Time) {
	old := m.due[s]
	if at.IsZero() {
		delete(m.due, s)
	} else {
		m.due[s] = at
	}
	u.add(func() { m.setDue(nil, s, old) })
}

// working lists lanes with items, longest untouched first.
func (m *memory) working(limit int) []journal.LaneState {
	type named struct {
		name string
		*lane
	}
	var all []named
	for name, l := range m.lanes {
		if len(l.ns) > 0 {
			all = append(all, named{name, l})
		}
	}
	slices.SortFunc(all, func(a, b named) int { return cmp.Compare(a.touched, b.touched) })
	all = all[:min(len(all), limit)]
	out := make([]journal.LaneState, 0, len(all))
	for _, l := range all {
		s := journal.LaneState{Lane: l.name, Waiting: len(l.ns), NotBefore: l.notBefore}
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
		if n < limit && len(l.ns) == 0 && !l.notBefore.After(now) {
			delete(m.lanes, name)
			n++
		}
	}
	return n
}

package journaltest

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/tocsin-bot/tocsin/bot/journal"
)

// model is what a store does, in the fewest words: maps and slices, one caller at a time. It is no store: it has no reopening, and time does not
// pass for it (leases and keys do not run out), so the random plans let none pass.
type model struct {
	journal.Store // what is not modelled panics
	counter       int64
	logs          map[journal.Stream][]journal.Record
	snaps         map[journal.Stream]journal.Snapshot
	erased        map[string]bool // stream and digest
	rows          map[journal.Stream]json.RawMessage
	due           map[journal.Stream]time.Time
	keys          map[string]json.RawMessage
	claims        map[string]string
	blobs         map[string][]byte
	cursors       map[string]string
	items         []journal.Item
	dead          []journal.Dead
	leases        map[string]journal.Lease
	touched       map[string]int
	lanesUntil    map[string]time.Time
	token, touch  int
}

func newModel() *model {
	return &model{logs: map[journal.Stream][]journal.Record{}, snaps: map[journal.Stream]journal.Snapshot{}, erased: map[string]bool{},
		rows: map[journal.Stream]json.RawMessage{}, due: map[journal.Stream]time.Time{}, keys: map[string]json.RawMessage{}, claims: map[string]string{},
		blobs: map[string][]byte{}, cursors: map[string]string{}, leases: map[string]journal.Lease{}, touched: map[string]int{}, lanesUntil: map[string]time.Time{}}
}

func (m *model) expected(c journal.Commit) error {
	for _, k := range c.Expect.Absent {
		if v, ok := m.keys[k]; ok {
			return &journal.Conflict{What: "key", Name: k, Outcome: v}
		}
	}
	if l := c.Expect.Lease; l != nil {
		if err := m.fence(*l); err != nil {
			return err
		}
	}
	for _, s := range slices.Sorted(maps.Keys(c.Expect.Versions)) {
		if int64(len(m.logs[s])) != c.Expect.Versions[s] {
			return &journal.Conflict{What: "version", Name: string(s)}
		}
	}
	if n := c.Expect.Counter; n != nil && *n != m.counter {
		return &journal.Conflict{What: "counter", Name: "incidents"}
	}
	for _, k := range slices.Sorted(maps.Keys(c.Expect.Claims)) {
		if m.claims[k] != c.Expect.Claims[k] {
			return &journal.Conflict{What: "claim", Name: k, Owner: m.claims[k]}
		}
	}
	for i, r := range c.Append {
		first := !slices.ContainsFunc(c.Append[:i], func(o journal.Record) bool { return o.Stream == r.Stream })
		if first && r.Seq != int64(len(m.logs[r.Stream]))+1 {
			return &journal.Conflict{What: "version", Name: string(r.Stream)}
		}
	}
	return nil
}

func (m *model) Commit(_ context.Context, c journal.Commit) (out journal.Committed, err error) {
	if err := m.expected(c); err != nil {
		return out, err
	}
	p := c.Put
	for _, r := range c.Append {
		m.logs[r.Stream] = append(m.logs[r.Stream], r)
	}
	if p.Counter != nil {
		m.counter = *p.Counter
	}
	for _, k := range p.Keys {
		m.keys[k.Name] = k.Outcome
	}
	for k, v := range p.Claims {
		if m.claims[k] = v; v == "" {
			delete(m.claims, k)
		}
	}
	for s, n := range p.Snapshots {
		m.snaps[s] = m.cleaned(s, n)
	}
	for s, r := range p.Rows {
		if m.rows[s] = r; r == nil {
			delete(m.rows, s)
		}
	}
	for s, t := range p.Due {
		if m.due[s] = t; t.IsZero() {
			delete(m.due, s)
		}
	}
	for k, b := range p.Blobs {
		if m.blobs[k] == nil {
			m.blobs[k] = b
		}
	}
	for k, v := range p.Cursors {
		m.cursors[k] = v
	}
	for _, d := range p.Bury {
		if i := slices.IndexFunc(m.dead, func(o journal.Dead) bool { return o.ID == d.ID }); i >= 0 {
			m.dead[i] = d
		} else {
			m.dead = append(m.dead, d)
		}
	}
	m.settle(p.Settle)
	ours := map[string]bool{}
	for _, it := range p.Outbox {
		if _, seen := ours[it.Lane]; p.Take != nil && !seen {
			l, ok, _ := m.Lease(context.Background(), it.Lane, p.Take.Owner, p.Take.TTL)
			if ours[it.Lane] = ok; ok {
				out.Leases = append(out.Leases, l)
			}
		}
	}
	for _, it := range p.Outbox {
		if ours[it.Lane] {
			it.Attempts++
		}
		m.Restore(context.Background(), []journal.Item{it})
	}
	slices.SortFunc(out.Leases, func(a, b journal.Lease) int { return cmp.Compare(a.Lane, b.Lane) })
	for _, e := range p.Erase {
		if log := m.logs[e.Stream]; int(e.Seq) <= len(log) {
			for _, t := range log[e.Seq-1].Texts {
				m.erased[string(e.Stream)+t.Digest] = true
			}
			log[e.Seq-1].Texts = nil
			if n, ok := m.snaps[e.Stream]; ok {
				m.snaps[e.Stream] = m.cleaned(e.Stream, n)
			}
		}
	}
	return out, nil
}

func (m *model) cleaned(s journal.Stream, n journal.Snapshot) journal.Snapshot {
	var texts []journal.Sealed
	for _, t := range n.Texts {
		if !m.erased[string(s)+t.Digest] {
			texts = append(texts, t)
		}
	}
	n.Texts = texts
	return n
}

func (m *model) settle(ids []string) {
	m.items = slices.DeleteFunc(m.items, func(it journal.Item) bool { return slices.Contains(ids, it.ID) })
	for lane := range m.touched {
		if m.waiting(lane) == 0 {
			delete(m.touched, lane)
		}
	}
}

func (m *model) waiting(lane string) (n int) {
	for _, it := range m.items {
		if it.Lane == lane {
			n++
		}
	}
	return n
}

func (m *model) find(id string) int {
	return slices.IndexFunc(m.items, func(it journal.Item) bool { return it.ID == id })
}

func (m *model) fence(l journal.Lease) error {
	if now, ok := m.leases[l.Lane]; !ok || now.Token != l.Token {
		return &journal.Conflict{What: "lease", Name: l.Lane, Owner: now.Owner}
	}
	return nil
}

func (m *model) touchLane(lane string) {
	if _, ok := m.touched[lane]; ok {
		m.touch++
		m.touched[lane] = m.touch
	}
}

func (m *model) Lease(_ context.Context, lane, owner string, _ time.Duration) (journal.Lease, bool, error) {
	l, held := m.leases[lane]
	if held && l.Owner != owner {
		return journal.Lease{}, false, nil
	}
	if !held {
		m.token++
		l = journal.Lease{Lane: lane, Owner: owner, Token: int64(m.token)}
		m.leases[lane] = l
	}
	m.touchLane(lane)
	return l, true, nil
}

func (m *model) Release(_ context.Context, l journal.Lease) error {
	if m.fence(l) == nil {
		delete(m.leases, l.Lane)
		m.touchLane(l.Lane)
	}
	return nil
}

func (m *model) held(l journal.Lease, id string) (*journal.Item, error) {
	if err := m.fence(l); err != nil {
		return nil, err
	}
	if i := m.find(id); i >= 0 && m.items[i].Lane == l.Lane {
		return &m.items[i], nil
	}
	return nil, journal.ErrNotFound
}

func (m *model) Begin(_ context.Context, l journal.Lease, id string) (int, error) {
	it, err := m.held(l, id)
	if err != nil {
		return 0, err
	}
	it.Attempts++
	return it.Attempts, nil
}

func (m *model) Defer(_ context.Context, l journal.Lease, id string, notBefore time.Time, reason string) error {
	it, err := m.held(l, id)
	if err != nil {
		return err
	}
	it.NotBefore, it.LastError = notBefore, reason
	return nil
}

func (m *model) DeferLane(_ context.Context, l journal.Lease, notBefore time.Time) error {
	if err := m.fence(l); err != nil {
		return err
	}
	m.lanesUntil[l.Lane] = notBefore
	m.touchLane(l.Lane)
	return nil
}

func (m *model) Settle(_ context.Context, l journal.Lease, ids []string) error {
	if err := m.fence(l); err != nil {
		return err
	}
	for _, id := range ids {
		if i := m.find(id); i >= 0 && m.items[i].Lane != l.Lane {
			return journal.ErrNotFound
		}
	}
	m.settle(ids)
	return nil
}

func (m *model) Restore(_ context.Context, items []journal.Item) error {
	for _, it := range items {
		if m.find(it.ID) >= 0 {
			continue
		}
		if _, ok := m.touched[it.Lane]; !ok {
			m.touch++
			m.touched[it.Lane] = m.touch
		}
		m.items = append(m.items, it)
	}
	return nil
}

func (m *model) SetDue(_ context.Context, s journal.Stream, version int64, t time.Time) error {
	if int64(len(m.logs[s])) != version {
		return &journal.Conflict{What: "version", Name: string(s)}
	}
	if m.due[s] = t; t.IsZero() {
		delete(m.due, s)
	}
	return nil
}

// What dump asks.

func byNumber(a, b journal.Stream) int { return cmp.Compare(a.Number(), b.Number()) }

func (m *model) Streams(context.Context, journal.Stream, int) ([]journal.Stream, error) {
	return slices.SortedFunc(maps.Keys(m.logs), byNumber), nil
}

func (m *model) Records(_ context.Context, s journal.Stream, _ int64, _ int) ([]journal.Record, error) {
	return m.logs[s], nil
}

func (m *model) Load(_ context.Context, s journal.Stream) (journal.Loaded, error) {
	l := journal.Loaded{Version: int64(len(m.logs[s])), Counter: m.counter}
	from := 0
	if n, ok := m.snaps[s]; ok {
		l.Snapshot, from = &n, int(n.Seq)
	}
	l.Records = append(l.Records, m.logs[s][from:]...)
	return l, nil
}

func (m *model) Rows(_ context.Context, open bool, _ journal.Stream, _ int) (out []json.RawMessage, _ error) {
	keys := slices.SortedFunc(maps.Keys(m.rows), byNumber)
	slices.Reverse(keys)
	for _, s := range keys {
		if is, err := journal.RowOpen(m.rows[s]); err != nil || is || !open {
			out = append(out, m.rows[s])
		}
	}
	return out, nil
}

func (m *model) Claims(_ context.Context, names []string) (map[string]string, error) {
	out := map[string]string{}
	for _, n := range names {
		if o, ok := m.claims[n]; ok {
			out[n] = o
		}
	}
	return out, nil
}

func (m *model) Key(_ context.Context, name string) (json.RawMessage, bool, error) {
	v, ok := m.keys[name]
	return v, ok, nil
}

func (m *model) Blob(_ context.Context, digest string) ([]byte, error) {
	if b, ok := m.blobs[digest]; ok {
		return b, nil
	}
	return nil, journal.ErrNotFound
}

func (m *model) Cursor(_ context.Context, name string) (string, error) { return m.cursors[name], nil }

func (m *model) Due(_ context.Context, until time.Time, _ int) (out []journal.DueAt, _ error) {
	for s, t := range m.due {
		if !t.After(until) {
			out = append(out, journal.DueAt{Stream: s, At: t})
		}
	}
	slices.SortFunc(out, func(a, b journal.DueAt) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Stream, b.Stream)) })
	return out, nil
}

func (m *model) Lanes(context.Context, int) ([]journal.LaneState, error) {
	out := []journal.LaneState{}
	for _, lane := range slices.SortedFunc(maps.Keys(m.touched), func(a, b string) int { return cmp.Compare(m.touched[a], m.touched[b]) }) {
		if n := m.waiting(lane); n > 0 {
			out = append(out, journal.LaneState{Lane: lane, Waiting: n, NotBefore: m.lanesUntil[lane], Holder: m.leases[lane].Owner})
		}
	}
	return out, nil
}

func (m *model) Pending(_ context.Context, lane string, _ int) (out []journal.Item, _ error) {
	for _, it := range m.items {
		if lane == "" || it.Lane == lane {
			out = append(out, it)
		}
	}
	return out, nil
}

func (m *model) DeadLetters(context.Context, journal.Stream, int) ([]journal.Dead, error) {
	return m.dead, nil
}

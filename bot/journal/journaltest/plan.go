package journaltest

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/tocsin-bot/tocsin/bot/journal"
)

// step is one random act on a store. Numbers choose among few names, so that steps meet.
type step struct {
	Op     string
	A, B   int
	Wrong  bool   // expects something that is not so
	Expect string // which expectation a commit has
	Puts   []string
}

var (
	modelOwners = []string{"one", "two"}
	modelLanes  = []string{"A", "A\x00B", "B|slack"}
	modelIDs    = []string{"x", "y", "z", "x/1", "y/2"}
)

func drawPlan(t *rapid.T) []step {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) step {
		return step{
			Op: rapid.SampledFrom([]string{"commit", "commit", "commit", "commit", "lease", "lease", "release", "begin", "begin", "defer", "deferlane", "settle",
				"restore", "setdue", "oldlease"}).Draw(t, "op"),
			A: rapid.IntRange(0, 4).Draw(t, "a"), B: rapid.IntRange(0, 2).Draw(t, "b"), Wrong: rapid.IntRange(0, 3).Draw(t, "wrong") == 0,
			Expect: rapid.SampledFrom([]string{"", "version", "counter", "claim", "key", "lease"}).Draw(t, "expect"),
			Puts: rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"append", "append2", "house", "counter", "key", "claim", "free", "snapshot", "row", "norow", "due",
				"nodue", "blob", "outbox", "take", "settle", "bury", "cursor", "erase"}), 0, 6, rapid.ID[string]).Draw(t, "puts"),
		}
	}), 1, 30).Draw(t, "plan")
}

// modelTest plays random plans on a store and on the model; after each step both must say the same.
func modelTest(t *testing.T, place Maker, in func(t *testing.T, f func(t *testing.T))) {
	rapid.Check(t, func(rt *rapid.T) {
		plan := drawPlan(rt)
		var err error
		in(t, func(t *testing.T) {
			f := &fixture{T: t, place: place(t), ctx: t.Context()}
			f.s = f.place()
			defer f.s.Close()
			err = play(f, plan)
		})
		if err != nil {
			rt.Fatal(err)
		}
	})
}

// player holds a store and the model side by side.
type player struct {
	f      *fixture
	m      *model
	chains map[journal.Stream]*chain
	leases map[string][2]journal.Lease // lane -> the last lease of the store and of the model
	old    map[string][2]journal.Lease // the ones before
	n      int
}

func play(f *fixture, plan []step) error {
	p := &player{f: f, m: newModel(), chains: map[journal.Stream]*chain{}, leases: map[string][2]journal.Lease{}, old: map[string][2]journal.Lease{}}
	for i, s := range plan {
		p.n = i
		if err := p.step(s); err != nil {
			return fmt.Errorf("step %d %+v: %w", i, s, err)
		}
		want, err := dump(f.ctx, p.m)
		if err != nil {
			return err
		}
		got, err := dump(f.ctx, f.s)
		if err != nil {
			return fmt.Errorf("step %d %+v: %w", i, s, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			return fmt.Errorf("after step %d %+v the store differs from the model (-model +store):\n%s", i, s, diff)
		}
	}
	return nil
}

// both compares what the store and the model answered.
func both(got, want error) error {
	var a, b *journal.Conflict
	switch {
	case errors.As(want, &b):
		if !errors.As(got, &a) || a.What != b.What || a.Name != b.Name || a.Owner != b.Owner || string(a.Outcome) != string(b.Outcome) {
			return fmt.Errorf("the store says %v, the model %v", got, want)
		}
	case (got == nil) != (want == nil):
		return fmt.Errorf("the store says %v, the model %v", got, want)
	}
	return nil
}

func (p *player) step(s step) error {
	ctx, lane, id := p.f.ctx, modelLanes[s.B], modelIDs[s.A]
	l := p.leases[lane]
	if s.Op == "oldlease" {
		l = p.old[lane]
	}
	for i := range l {
		l[i].Lane = lane
	}
	switch s.Op {
	case "commit":
		return p.commit(s)
	case "lease":
		got, ok, err := p.f.s.Lease(ctx, lane, modelOwners[s.A%2], time.Hour)
		want, wok, _ := p.m.Lease(ctx, lane, modelOwners[s.A%2], time.Hour)
		if err != nil || ok != wok {
			return fmt.Errorf("lease: %v %v, the model %v", ok, err, wok)
		}
		if ok {
			return p.keep(got, want)
		}
		return nil
	case "release":
		err := p.f.s.Release(ctx, l[0])
		return both(err, p.m.Release(ctx, l[1]))
	case "begin", "oldlease":
		n, err := p.f.s.Begin(ctx, l[0], id)
		wn, werr := p.m.Begin(ctx, l[1], id)
		if n != wn {
			return fmt.Errorf("begin: attempt %d, the model %d", n, wn)
		}
		return both(err, werr)
	case "defer":
		err := p.f.s.Defer(ctx, l[0], id, at(p.n), fmt.Sprint("reason ", p.n))
		return both(err, p.m.Defer(ctx, l[1], id, at(p.n), fmt.Sprint("reason ", p.n)))
	case "deferlane":
		err := p.f.s.DeferLane(ctx, l[0], at(p.n))
		return both(err, p.m.DeferLane(ctx, l[1], at(p.n)))
	case "settle":
		err := p.f.s.Settle(ctx, l[0], []string{id, modelIDs[(s.A+2)%5]})
		return both(err, p.m.Settle(ctx, l[1], []string{id, modelIDs[(s.A+2)%5]}))
	case "restore":
		items := []journal.Item{item(id, lane), item(modelIDs[(s.A+1)%5], modelLanes[(s.B+1)%3])}
		err := p.f.s.Restore(ctx, items)
		return both(err, p.m.Restore(ctx, items))
	case "setdue":
		stream := journal.Stream(fmt.Sprintf("INC-%d", s.A+1))
		version := int64(len(p.m.logs[stream]))
		if s.Wrong {
			version++
		}
		err := p.f.s.SetDue(ctx, stream, version, at(p.n))
		return both(err, p.m.SetDue(ctx, stream, version, at(p.n)))
	}
	panic(s.Op)
}

// keep remembers leases; the tokens of store and model are other numbers, but they are new or old at the same time.
func (p *player) keep(got, want journal.Lease) error {
	last := p.leases[want.Lane]
	if (got.Token == last[0].Token) != (want.Token == last[1].Token) || got.Token < last[0].Token || got.Owner != want.Owner {
		return fmt.Errorf("lease %+v after %+v, the model %+v after %+v", got, last[0], want, last[1])
	}
	if want.Token != last[1].Token {
		p.old[want.Lane] = last
	}
	p.leases[want.Lane] = [2]journal.Lease{got, want}
	return nil
}

func (p *player) commit(s step) error {
	stream := journal.Stream(fmt.Sprintf("INC-%d", s.A+1))
	lane, id := modelLanes[s.B], modelIDs[s.A]
	c, theirs := journal.Commit{}, journal.Lease{}
	chains := map[journal.Stream]chain{}
	add := func(stream journal.Stream, texts ...journal.Sealed) {
		h, ok := chains[stream]
		if !ok {
			if h = (chain{stream: stream}); p.chains[stream] != nil {
				h = *p.chains[stream]
			}
		}
		c.Append = append(c.Append, h.next(fmt.Sprintf(`{"step":%d,"n":%d}`, p.n, len(c.Append)), texts...))
		chains[stream] = h
	}
	for _, put := range s.Puts {
		u := &c.Put
		switch put {
		case "append":
			add(stream, sealed(byte(s.A), fmt.Sprint("text of ", stream)))
		case "append2":
			add(stream)
			add(stream, sealed(9, fmt.Sprint("other ", p.n)), sealed(8, "x"))
		case "house":
			add(journal.House)
		case "counter":
			u.Counter = ptr(p.m.counter + 1)
		case "key":
			u.Keys = append(u.Keys, journal.Key{Name: keyNames[s.B], Outcome: json.RawMessage(fmt.Sprint(p.n)), TTL: time.Duration(s.A%2) * time.Hour})
		case "claim":
			u.Claims = map[string]string{claimNames[s.B]: string(stream)}
		case "free":
			if u.Claims == nil {
				u.Claims = map[string]string{claimNames[s.B+1]: ""}
			}
		case "snapshot":
			u.Snapshots = map[journal.Stream]journal.Snapshot{stream: {Seq: int64(len(p.m.logs[stream])), Body: json.RawMessage(fmt.Sprint(p.n)),
				Texts: []journal.Sealed{{Digest: sealed(byte(s.A), fmt.Sprint("text of ", stream)).Digest, Body: "t"}, {Digest: fmt.Sprint(p.n), Body: "u"}}}}
		case "row":
			u.Rows = map[journal.Stream]json.RawMessage{stream: json.RawMessage(fmt.Sprintf(`{"open":%v,"n":%d}`, s.B != 0, p.n))}
		case "norow":
			if u.Rows == nil {
				u.Rows = map[journal.Stream]json.RawMessage{stream: nil}
			}
		case "due":
			u.Due = map[journal.Stream]time.Time{stream: at(p.n % 7), journal.House: at(3)}
		case "nodue":
			if u.Due == nil {
				u.Due = map[journal.Stream]time.Time{stream: {}}
			}
		case "blob":
			u.Blobs = map[string][]byte{blobNames[s.B%2]: {byte(p.n)}}
		case "outbox", "take":
			if u.Outbox == nil {
				u.Outbox = []journal.Item{item(id, lane), item(modelIDs[(s.A+1)%5], lane), item(modelIDs[(s.A+3)%5], modelLanes[(s.B+1)%3])}
			}
			if put == "take" {
				u.Take = &journal.Take{Owner: modelOwners[s.A%2], TTL: time.Hour}
			}
		case "settle":
			u.Settle = []string{modelIDs[(s.A+1)%5], id}
		case "bury":
			u.Bury = []journal.Dead{{ID: id, Stream: stream, At: at(p.n), Reason: fmt.Sprint(p.n)}}
		case "cursor":
			u.Cursors = map[string]string{cursorNames[s.B%2]: fmt.Sprint(p.n)}
		case "erase":
			u.Erase = []journal.Erasure{{Stream: stream, Seq: int64(s.B + 1)}}
		}
	}
	off := int64(0)
	if s.Wrong {
		off = 1
	}
	mine := c
	switch s.Expect {
	case "version":
		mine.Expect.Versions = map[journal.Stream]int64{stream: int64(len(p.m.logs[stream])) + off, journal.House: int64(len(p.m.logs[journal.House]))}
	case "counter":
		mine.Expect.Counter = ptr(p.m.counter + off)
	case "claim":
		mine.Expect.Claims = map[string]string{claimNames[s.B]: p.m.claims[claimNames[s.B]]}
		if s.Wrong {
			mine.Expect.Claims[claimNames[s.B]] = "INC-99"
		}
	case "key":
		mine.Expect.Absent = []string{keyNames[s.B]}
	case "lease":
		theirs = p.leases[lane][1]
		theirs.Lane = lane
		mine.Expect.Lease = &theirs
	}
	want, werr := p.m.Commit(p.f.ctx, mine)
	if s.Expect == "lease" {
		l := p.leases[lane][0]
		l.Lane = lane
		mine.Expect.Lease = &l
	}
	got, err := p.f.s.Commit(p.f.ctx, mine)
	if err := both(err, werr); err != nil {
		return err
	}
	if werr != nil {
		return nil
	}
	for stream, h := range chains {
		p.chains[stream] = &h
	}
	if len(got.Leases) != len(want.Leases) {
		return fmt.Errorf("took %+v, the model %+v", got.Leases, want.Leases)
	}
	for i := range got.Leases {
		if got.Leases[i].Lane != want.Leases[i].Lane {
			return fmt.Errorf("took %+v, the model %+v", got.Leases, want.Leases)
		}
		if err := p.keep(got.Leases[i], want.Leases[i]); err != nil {
			return err
		}
	}
	return nil
}

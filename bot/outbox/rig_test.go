package outbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"github.com/tocsin-bot/tocsin/bot/clock"
	"github.com/tocsin-bot/tocsin/bot/engine"
	"github.com/tocsin-bot/tocsin/bot/house"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/journal"
	"github.com/tocsin-bot/tocsin/bot/journal/bolt"
	"github.com/tocsin-bot/tocsin/bot/policy"
)

// fault is an error that says everything about itself.
type fault struct {
	after     time.Duration
	permanent bool
	ambiguous bool
}

func (f *fault) Error() string             { return fmt.Sprintf("fault %+v", *f) }
func (f *fault) RetryAfter() time.Duration { return f.after }
func (f *fault) Permanent() bool           { return f.permanent }
func (f *fault) Ambiguous() bool           { return f.ambiguous }

// world is Slack and PagerDuty at once, and strict: it remembers everything done to it.
type world struct {
	t  *testing.T
	c  *clock.Clock
	mu sync.Mutex

	channels map[string]string // name -> id
	posts    []post            // in order
	pages    map[string]int    // dedup -> rings
	calls    []call
	drawn    []int64 // seq of the state of each redraw, as it landed
	deleted  int
	asked    []asked // repairs asked for
	inFlight map[string]int
	most     int // calls at once in one lane

	// before is asked before the work, after when it is done: an error from after means that the work was done and the answer lost.
	before, after func(n int, o incident.Owed) error
	took          time.Duration // of a call
	look          func(o incident.Owed) error
	blind         bool          // history cannot be read for a repair
	lag           time.Duration // a look sees what was posted only so much later
}

type post struct {
	mark, view, ts string
	at             time.Time
}

type asked struct {
	id     incident.EffectID
	by     string
	at     time.Time
	report incident.Report
}

type call struct {
	id      incident.EffectID
	verb    incident.Verb
	attempt int
	at      time.Time
	by      string
}

func newWorld(t *testing.T, c *clock.Clock) *world {
	return &world{t: t, c: c, channels: map[string]string{}, pages: map[string]int{}, inFlight: map[string]int{}}
}

// hand is a performer of one replica in the world.
type hand struct {
	w  *world
	by string
}

func (h hand) Look(ctx context.Context, o incident.Owed, s incident.State) (incident.Report, bool, error) {
	w := h.w
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.look != nil {
		if err := w.look(o); err != nil {
			return incident.Report{}, false, err
		}
	}
	switch o.Effect.Do {
	case incident.OpenChannel:
		if id, ok := w.channels[o.Effect.Arg]; ok {
			return incident.Report{Channel: id, Name: o.Effect.Arg}, true, nil
		}
	case incident.Post, incident.Direct:
		for _, p := range w.posts {
			if p.mark == string(o.ID) && w.c.Now().Sub(p.at) >= w.lag {
				return incident.Report{Channel: "C1", TS: p.ts}, true, nil
			}
		}
	}
	return incident.Report{}, false, nil
}

func (h hand) Do(ctx context.Context, o incident.Owed, s incident.State) (r incident.Report, err error) {
	w := h.w
	lane := engine.LaneOf(o.Incident, o.Effect.Lane)
	w.mu.Lock()
	w.calls = append(w.calls, call{o.ID, o.Effect.Do, o.Attempt, w.c.Now(), h.by})
	n := len(w.calls)
	w.inFlight[lane]++
	w.most = max(w.most, w.inFlight[lane])
	w.mu.Unlock()
	defer func() {
		w.mu.Lock()
		w.inFlight[lane]--
		w.mu.Unlock()
	}()
	if w.took > 0 && !sleep(ctx, w.took) {
		return r, ctx.Err()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.before != nil {
		if err := w.before(n, o); err != nil {
			return r, err
		}
	}
	switch o.Effect.Do {
	case incident.OpenChannel:
		if _, taken := w.channels[o.Effect.Arg]; taken {
			return incident.Report{Taken: true}, nil
		}
		w.channels[o.Effect.Arg] = fmt.Sprintf("C%d", len(w.channels)+1)
		r = incident.Report{Channel: w.channels[o.Effect.Arg], Name: o.Effect.Arg}
	case incident.Post, incident.Direct:
		p := post{string(o.ID), o.Effect.View, fmt.Sprint(len(w.posts) + 1), w.c.Now()}
		w.posts = append(w.posts, p)
		r = incident.Report{Channel: "C1", TS: p.ts}
	case incident.Ring:
		page, _ := s.Page(o.Effect.Page)
		w.pages[page.Dedup]++
		r = incident.Report{Pager: "P" + o.Effect.Page}
	case incident.Redraw:
		w.drawn = append(w.drawn, s.Seq)
	}
	if w.after != nil {
		err = w.after(n, o)
	}
	return r, err
}

func (h hand) Repair(ctx context.Context, o incident.Owed, s incident.State, r incident.Report) error {
	w := h.w
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked = append(w.asked, asked{o.ID, h.by, w.c.Now(), r})
	if w.blind {
		return &fault{}
	}
	keep := -1
	for i, p := range w.posts {
		if p.mark == string(o.ID) && (keep < 0 || s.Slots[o.Effect.Slot].TS == p.ts) {
			keep = i
		}
	}
	var left []post
	for i, p := range w.posts {
		if p.mark == string(o.ID) && i != keep {
			w.deleted++
			continue
		}
		left = append(left, p)
	}
	w.posts = left
	return nil
}

func (w *world) count(view string) (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, p := range w.posts {
		if p.view == view {
			n++
		}
	}
	return n
}

func (w *world) verbs(v incident.Verb) (out []call) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.calls {
		if c.verb == v {
			out = append(out, c)
		}
	}
	return out
}

// desk is an engine for effects that no incident records: it keeps reports, and settles them with their fence.
type desk struct {
	store   journal.Store
	mu      sync.Mutex
	reports []incident.Report
	lates   []incident.Late
	fail    func(n int) error
	n       int
	state   incident.State
}

func (d *desk) Handle(ctx context.Context, in engine.Input) (engine.Outcome, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.n++
	if d.fail != nil {
		if err := d.fail(d.n); err != nil {
			return engine.Outcome{}, err
		}
	}
	if in.Lease == nil || in.Key == "" {
		return engine.Outcome{}, errors.New("a report without lease or key")
	}
	put := journal.Put{}
	switch act := in.Act.(type) {
	case incident.Report:
		put.Settle = []string{string(act.Effect)}
		if _, err := d.store.Commit(ctx, journal.Commit{Expect: journal.Expect{Lease: in.Lease}, Put: put}); err != nil {
			return engine.Outcome{}, err
		}
		d.reports = append(d.reports, act)
	case incident.Late:
		d.lates = append(d.lates, act)
		d.state.Folded = append(d.state.Folded, act.Posts.Effects...)
	}
	return engine.Outcome{First: 1, Last: 1}, nil
}

func (d *desk) HandleHouse(context.Context, string, house.Intent) error { return nil }

func (d *desk) of(id string) (incident.Report, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	i := slices.IndexFunc(d.reports, func(r incident.Report) bool { return string(r.Effect) == id })
	if i < 0 {
		return incident.Report{}, false
	}
	return d.reports[i], true
}

// State makes the desk a Reader.
func (d *desk) State(context.Context, incident.ID) (incident.State, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := d.state
	s.Status, s.Slots = incident.Investigating, map[string]incident.Posted{"headline": {Channel: "C1", TS: "1"}}
	s.Folded = slices.Clone(s.Folded)
	return s, nil
}

func (d *desk) ByChannel(context.Context, string) (incident.ID, bool, error)  { panic("not asked") }
func (d *desk) ByClaims(context.Context, []string) (incident.ID, bool, error) { panic("not asked") }
func (d *desk) List(context.Context, bool, int) ([]engine.Row, error)         { return nil, nil }
func (d *desk) House(context.Context) (house.State, error)                    { panic("not asked") }
func (d *desk) Policy() *incident.Policy                                      { panic("not asked") }
func (d *desk) Events(context.Context, incident.ID, int64, int) ([]incident.Event, error) {
	panic("not asked")
}

// small is a rig of one outbox, a desk and a world.
type small struct {
	t     *testing.T
	c     *clock.Clock
	store journal.Store
	desk  *desk
	w     *world
	b     *Outbox
	done  chan struct{}
	seq   int64
}

func options(c *clock.Clock, store journal.Store, owner string, r engine.Reader, h engine.Handler, w *world) Options {
	return Options{
		Store: store, Reader: r, Handler: h, Clock: c, Owner: owner, Log: zerolog.Nop(), Random: func() float64 { return 0.5 },
		Performers: map[incident.Lane]Performer{incident.LaneSlack: hand{w, owner}, incident.LanePager: hand{w, owner}},
	}
}

// inBubble runs f with a small rig in virtual time.
func inBubble(t *testing.T, change func(*Options), f func(s *small)) {
	t.Helper()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		c := clock.New()
		store, err := bolt.Open(dir, bolt.Options{NoSync: true, Clock: c.Now})
		if err != nil {
			t.Fatal(err)
		}
		defer store.Close()
		s := &small{t: t, c: c, store: store, w: newWorld(t, c)}
		s.desk = &desk{store: store}
		o := options(c, store, "a", s.desk, s.desk, s.w)
		if change != nil {
			change(&o)
		}
		s.start(o)
		synctest.Wait()
		defer func() { s.b.Stop(); <-s.done }()
		f(s)
	})
}

func (s *small) start(o Options) {
	s.b, s.done = New(o), make(chan struct{})
	go func() {
		defer close(s.done)
		if err := s.b.Run(context.Background()); err != nil {
			s.t.Error(err)
		}
	}()
}

// item makes an item of an effect of INC-1.
func (s *small) item(e incident.Effect) journal.Item {
	s.seq++
	if e.Lane == "" {
		e.Lane = incident.LaneSlack
	}
	if e.Name == "" {
		e.Name = string(e.Do) + "/" + e.View
	}
	o := incident.Owed{ID: incident.IDOf("INC-1", s.seq, e), Incident: "INC-1", Seq: s.seq, At: s.c.Now(), Effect: e}
	body, err := json.Marshal(o)
	if err != nil {
		s.t.Fatal(err)
	}
	return journal.Item{ID: string(o.ID), Lane: engine.LaneOf("INC-1", e.Lane), After: string(e.After), Class: int(e.Class), Body: body}
}

// commit records effects as an engine would, leased to the outbox, and tells it.
func (s *small) commit(effects ...incident.Effect) []string {
	var items []journal.Item
	var ids []string
	for _, e := range effects {
		it := s.item(e)
		items, ids = append(items, it), append(ids, it.ID)
	}
	s.commitItems(s.b.o.Owner, items)
	return ids
}

func (s *small) commitItems(owner string, items []journal.Item) {
	got, err := s.store.Commit(context.Background(), journal.Commit{Put: journal.Put{Outbox: items, Take: &journal.Take{Owner: owner, TTL: 30 * time.Second}}})
	if err != nil {
		s.t.Fatal(err)
	}
	if owner == s.b.o.Owner {
		s.b.Committed(items, got.Leases)
	}
}

func (s *small) pending() []journal.Item {
	items, err := s.store.Pending(context.Background(), "", 1000)
	if err != nil {
		s.t.Fatal(err)
	}
	return items
}

// settled waits for virtual time d and expects nothing to be left.
func (s *small) settled(d time.Duration) {
	s.t.Helper()
	time.Sleep(d)
	synctest.Wait()
	if left := s.pending(); len(left) > 0 {
		s.t.Errorf("after %s still queued: %v", d, left)
	}
}

// house rig: real engines over one store.

type policies struct{ p *incident.Policy }

func (p policies) Current() (*incident.Policy, []byte) {
	_, src := policy.Default()
	return p.p, src
}
func (p policies) Decode(src []byte) (*incident.Policy, error) { return policy.Parse("frozen", src) }

type replica struct {
	e    *engine.Engine
	b    *Outbox
	done chan struct{}
}

// newReplica starts an engine and an outbox over a store.
func newReplica(t *testing.T, owner string, c *clock.Clock, store journal.Store, w *world, change func(*Options)) *replica {
	p, _ := policy.Default()
	r := &replica{done: make(chan struct{})}
	r.e = engine.New(engine.Options{Store: store, Clock: c, Policies: policies{&p}, Owner: owner, Committed: func(k engine.Committed) {
		r.b.Committed(k.Items, k.Leases)
	}})
	o := options(c, store, owner, r.e, r.e, w)
	if change != nil {
		change(&o)
	}
	r.b = New(o)
	go func() {
		defer close(r.done)
		if err := r.b.Run(context.Background()); err != nil {
			t.Error(err)
		}
	}()
	return r
}

func (r *replica) stop() { r.b.Stop(); <-r.done }

func declare(t *testing.T, e *engine.Engine) incident.ID {
	t.Helper()
	out, err := e.Handle(context.Background(), engine.Input{
		Key: "declare", Actor: incident.Actor{Person: incident.Person{Slack: "U1", Name: "ana"}}, Via: incident.ViaSlack,
		Act: incident.Declare{Title: incident.Say("checkout is down", 200), Severity: incident.SEV2}, Route: engine.Route{New: true},
	})
	if err != nil || out.Refusal != nil {
		t.Fatalf("declare: %v %v", err, out.Refusal)
	}
	return out.Incident
}

// accounts checks I1 and I2 for an incident: everything recorded is settled or queued, one channel, one headline, one ring per page.
func accounts(t *testing.T, store journal.Store, e *engine.Engine, id incident.ID, w *world) {
	t.Helper()
	synctest.Wait()
	left, err := store.Pending(context.Background(), "", 1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, it := range left {
		t.Errorf("still queued: %s attempts %d, %s", it.ID, it.Attempts, it.LastError)
	}
	if len(w.channels) != 1 {
		t.Errorf("channels: %v", w.channels)
	}
	if n := w.count(incident.ViewHeadline); n != 1 {
		t.Errorf("%d headlines", n)
	}
	for dedup, n := range w.pages {
		if n > 1 && !strings.Contains(dedup, "keyed") {
			t.Logf("page %s was triggered %d times under its key", dedup, n)
		}
	}
	events, err := e.Events(context.Background(), id, 1, 1000)
	if err != nil {
		t.Fatal(err)
	}
	over := map[incident.EffectID]int{}
	for _, ev := range events {
		if eff, ok := incident.SettledBy(ev); ok {
			over[eff]++
		}
	}
	for _, ev := range events {
		for _, eff := range ev.Effects {
			if eid := incident.IDOf(id, ev.Seq, eff); eff.Facts() && over[eid] != 1 {
				t.Errorf("%s is settled %d times on record", eid, over[eid])
			}
		}
	}
	s, err := e.State(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	if s.ChannelID == "" || s.Slots[incident.SlotHeadline].TS == "" {
		t.Errorf("the room is not ready: channel %q, headline %+v", s.ChannelID, s.Slots[incident.SlotHeadline])
	}
	if i := slices.IndexFunc(w.posts, func(p post) bool { return p.view == incident.ViewHeadline }); i >= 0 && w.posts[i].ts != s.Slots[incident.SlotHeadline].TS {
		t.Errorf("the headline on record (%s) is not the one that is there (%s)", s.Slots[incident.SlotHeadline].TS, w.posts[i].ts)
	}
}

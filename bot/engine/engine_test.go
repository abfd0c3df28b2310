package engine

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/tocsin-bot/tocsin/bot/clock"
	"github.com/tocsin-bot/tocsin/bot/house"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/journal"
	"github.com/tocsin-bot/tocsin/bot/journal/bolt"
	"github.com/tocsin-bot/tocsin/bot/policy"
)

// policies are the default ones, as a test would have them.
type policies struct{ change func(*incident.Policy) }

func (ps policies) Current() (*incident.Policy, []byte) {
	p, src := policy.Default()
	if ps.change != nil {
		ps.change(&p)
	}
	return &p, src
}
func (policies) Decode(src []byte) (*incident.Policy, error) {
	return policy.Parse("frozen", src)
}

// world is an engine on a fresh embedded store, with what its commits told.
type world struct {
	*Engine
	t     *testing.T
	store *bolt.Store
	clock *clock.Clock
	mu    sync.Mutex
	told  []Committed
}

func newWorld(t *testing.T, faults *Faults) *world {
	t.Helper()
	return newWorldUnder(t, faults, nil)
}

// newWorldUnder is newWorld under a policy that differs from the default.
func newWorldUnder(t *testing.T, faults *Faults, change func(*incident.Policy)) *world {
	t.Helper()
	c := clock.New()
	store, err := bolt.Open(t.TempDir(), bolt.Options{Clock: c.Now, NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	w := &world{t: t, store: store, clock: c}
	w.Engine = New(Options{Store: store, Clock: c, Policies: policies{change}, Owner: "r1", Faults: faults, Committed: func(c Committed) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.told = append(w.told, c)
	}})
	return w
}

var sam = incident.Actor{Person: incident.Person{Slack: "USAM", Name: "Sam"}}

func declare(key, title string) Input {
	return Input{Key: key, Actor: sam, Via: incident.ViaSlack, Act: incident.Declare{Title: incident.Say(title, incident.MaxTitle), Severity: 2}, Route: Route{New: true}}
}

func (w *world) handle(in Input) Outcome {
	w.t.Helper()
	out, err := w.Handle(context.Background(), in)
	if err != nil {
		w.t.Fatalf("%T: %v", in.Act, err)
	}
	return out
}

func (w *world) events(id incident.ID) []incident.Event {
	w.t.Helper()
	ev, err := w.Events(context.Background(), id, 1, 10000)
	if err != nil {
		w.t.Fatal(err)
	}
	return ev
}

func TestTheSameInputTwice(t *testing.T) {
	w := newWorld(t, nil)
	a := w.handle(declare("slack/env/1", "checkout is down"))
	b := w.handle(declare("slack/env/1", "checkout is down"))
	if !b.Duplicate || b.Incident != a.Incident || b.First != a.First || b.Last != a.Last || !a.New {
		t.Errorf("first %+v, again %+v", a, b)
	}
	if b.State.Title.Body != "checkout is down" {
		t.Error("the answer to a duplicate shows the incident")
	}
	if c := w.handle(declare("slack/env/2", "checkout is down")); c.Incident != "INC-2" {
		t.Errorf("another input is another incident, got %s", c.Incident)
	}
	// Without the guard the same envelope opens two: the test above would notice.
	w = newWorld(t, &Faults{NoDedupe: true})
	w.handle(declare("slack/env/1", "x"))
	if out := w.handle(declare("slack/env/1", "x")); out.Incident != "INC-2" {
		t.Error("the switch does not switch")
	}
}

func TestTheSameMessageByAnotherEnvelope(t *testing.T) {
	w := newWorld(t, nil)
	id := w.handle(declare("e1", "checkout")).Incident
	msg := func(key string) Outcome {
		return w.handle(Input{Key: key, Same: []string{"msg/C1/1.1"}, Actor: sam, Via: incident.ViaSlack, Route: Route{ID: id},
			Act: incident.Message{Message: incident.MessageSeen{Channel: "C1", TS: "1.1", Text: incident.Say("hello", 100)}}})
	}
	msg("e2")
	if out := msg("e3"); !out.Duplicate {
		t.Error("the same message by another envelope is the same message")
	}
	n := 0
	for _, e := range w.events(id) {
		if f, ok := e.Fact.(*incident.MessageSeen); ok {
			n++
			if f.Text.Body != "hello" || f.Text.Digest == "" {
				t.Errorf("text %+v", f.Text)
			}
		}
	}
	if n != 1 {
		t.Errorf("%d messages", n)
	}
}

func TestTheTalkAfterTheEndIsRecorded(t *testing.T) {
	w := newWorld(t, nil)
	first := w.handle(declare("e1", "checkout"))
	report := incident.Report{Effect: first.State.ChannelEff, Outcome: incident.OutcomeDone, Channel: "C1", Name: first.State.ChannelName, Attempt: 1}
	w.handle(Input{Key: "r1", Actor: incident.Actor{System: incident.SystemTocsin}, Via: incident.ViaOutbox, Route: Route{ID: first.Incident}, Act: report})
	w.handle(Input{Key: "e2", Actor: sam, Via: incident.ViaSlack, Route: Route{ID: first.Incident}, Act: incident.Resolve{}})
	out := w.handle(Input{Key: "e3", Same: []string{"msg/C1/1.1"}, Actor: sam, Via: incident.ViaSlack, Route: Route{Channel: "C1"},
		Act: incident.Message{Message: incident.MessageSeen{Channel: "C1", TS: "1.1", Text: incident.Say("who writes the post-mortem?", 100)}}})
	if out.First == 0 || out.Incident != first.Incident || out.State.Open() {
		t.Errorf("%+v", out)
	}
}

func TestConcurrentDeclarationsHaveNoGapAndNoSharedName(t *testing.T) {
	w := newWorld(t, nil)
	var wg sync.WaitGroup
	names := make([]string, 20)
	ids := make([]incident.ID, 20)
	for i := range names {
		wg.Go(func() {
			out, err := w.Handle(context.Background(), declare(fmt.Sprint("e", i), "checkout is down"))
			if err != nil {
				t.Error(err)
				return
			}
			names[i], ids[i] = out.State.ChannelName, out.Incident
		})
	}
	wg.Wait()
	seen := map[string]bool{}
	for i := range names {
		if seen[names[i]] || seen[string(ids[i])] || ids[i].Number() > 20 {
			t.Errorf("%s %s", ids[i], names[i])
		}
		seen[names[i]], seen[string(ids[i])] = true, true
	}
}

func alert(key, group string, firing int, digest string) Input {
	return Input{Key: key, Actor: incident.Actor{System: incident.SystemAlertmanager}, Via: incident.ViaAlertmanager,
		Act:   incident.AlertsFired{Title: incident.Say("ApiErrorRateHigh", 100), Set: incident.AlertSet{Group: group, Name: "ApiErrorRateHigh", Firing: firing, Digest: digest}},
		Route: Route{Claims: []string{ClaimAlert(group)}, New: firing > 0, Take: []string{ClaimAlert(group), ClaimAlertName("ApiErrorRateHigh", "")}}}
}

func TestOneIncidentPerAlertGroup(t *testing.T) {
	w := newWorldUnder(t, nil, func(p *incident.Policy) { p.AfterResolve = incident.AfterNew })
	var wg sync.WaitGroup
	for i := range 10 {
		wg.Go(func() {
			if _, err := w.Handle(context.Background(), alert(fmt.Sprint("a", i), "g1", 1+i%3, fmt.Sprint(i%3))); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	rows, err := w.List(context.Background(), true, 10)
	if err != nil || len(rows) != 1 {
		t.Fatalf("%v %v", rows, err)
	}
	// The page for the same alert, known only by its name.
	page := w.handle(Input{Key: "pd1", Actor: incident.Actor{System: incident.SystemPagerDuty}, Via: incident.ViaPagerDuty,
		Act:   incident.PagerTriggered{Ref: incident.PagerRef{ID: "Q1"}, Title: incident.Say("ApiErrorRateHigh", 100)},
		Route: Route{Claims: []string{ClaimPager("Q1"), ClaimAlertName("ApiErrorRateHigh", "")}, New: true, Take: []string{ClaimPager("Q1")}}})
	if page.Incident != "INC-1" || page.New {
		t.Errorf("%+v", page)
	}
	// After the end, the alert that fires again opens a new one; PagerDuty's incident stays with the old.
	w.handle(Input{Key: "r", Actor: sam, Act: incident.Resolve{}, Route: Route{ID: "INC-1"}})
	if out := w.handle(alert("again", "g1", 1, "z")); out.Incident != "INC-2" || !out.New {
		t.Errorf("%+v", out)
	}
	if id, ok, _ := w.ByClaims(context.Background(), []string{ClaimPager("Q1")}); !ok || id != "INC-1" {
		t.Errorf("%v %v", id, ok)
	}
	if out := w.handle(alert("over", "nobody", 0, "")); !out.Unrouted {
		t.Errorf("a group that is over and belongs to nothing: %+v", out)
	}
}

func TestStateFromTheStoreEqualsTheStateInMemory(t *testing.T) {
	w := newWorld(t, nil)
	ctx := context.Background()
	if err := w.HandleHouse(ctx, "", house.Intent{Fact: &house.RosterSeen{Target: "primary", Source: "test", People: []house.Person{{Slack: "UMARC", Pager: "PM"}}}}); err != nil {
		t.Fatal(err)
	}
	id := w.handle(declare("e1", "checkout")).Incident
	for i := range 70 {
		w.handle(Input{Key: fmt.Sprint("m", i), Actor: sam, Route: Route{ID: id}, Act: incident.Message{Message: incident.MessageSeen{Channel: "C1", TS: fmt.Sprint(i), Text: incident.Say("m", 10)}}})
	}
	w.handle(Input{Key: "p", Actor: sam, Route: Route{ID: id}, Act: incident.Progress{Text: incident.Say("it is the database", 100)}})
	mem, err := w.State(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	if len(mem.Pages) == 0 || mem.Pages[0].Person.Slack != "UMARC" {
		t.Errorf("pages %+v", mem.Pages)
	}
	other := New(Options{Store: w.store, Clock: clock.New(), Policies: policies{}})
	got, err := other.State(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	p1, p2 := mem.Policy, got.Policy
	mem.Policy, got.Policy = nil, nil
	if !reflect.DeepEqual(mem, got) || p1.Digest != p2.Digest {
		t.Errorf("from the store:\n%+v\nin memory:\n%+v", got, mem)
	}
	replayed := incident.Replay(w.events(id))
	if !reflect.DeepEqual(replayed, got) {
		t.Errorf("replayed:\n%+v\nfrom the store:\n%+v", replayed, got)
	}
	records, err := w.store.Records(ctx, journal.Stream(id), 1, 10000)
	if err != nil {
		t.Fatal(err)
	}
	if err := journal.Verify(records, ""); err != nil {
		t.Error(err)
	}
}

func TestANoIsNotDecidedOnAStaleState(t *testing.T) {
	w := newWorld(t, nil)
	id := w.handle(declare("e1", "checkout")).Incident
	other := New(Options{Store: w.store, Clock: clock.New(), Policies: policies{}, Owner: "r2"})
	ctx := context.Background()
	if _, err := other.State(ctx, id); err != nil { // r2 has it in memory, open
		t.Fatal(err)
	}
	w.handle(Input{Key: "r", Actor: sam, Act: incident.Resolve{}, Route: Route{ID: id}})
	out, err := other.Handle(ctx, Input{Key: "again", Actor: sam, Act: incident.Reopen{}, Route: Route{ID: id}})
	if err != nil || out.Refusal != nil {
		t.Errorf("the other replica refuses from what it remembers: %+v %v", out.Refusal, err)
	}
}

func TestReportsAreFenced(t *testing.T) {
	for _, faults := range []*Faults{nil, {NoFence: true}} {
		w := newWorld(t, faults)
		ctx := context.Background()
		out := w.handle(declare("e1", "checkout"))
		var lease journal.Lease
		for _, c := range w.told {
			for _, l := range c.Leases {
				if l.Lane == LaneOf(out.Incident, incident.LaneSlack) {
					lease = l
				}
			}
		}
		if lease.Token == 0 {
			t.Fatal("the committer did not get its lanes")
		}
		if err := w.store.Release(ctx, lease); err != nil {
			t.Fatal(err)
		}
		if _, ok, err := w.store.Lease(ctx, lease.Lane, "r2", time.Minute); !ok || err != nil {
			t.Fatal(ok, err)
		}
		_, err := w.Handle(ctx, Input{Route: Route{ID: out.Incident}, Via: incident.ViaOutbox, Lease: &lease,
			Act: incident.Report{Effect: out.State.ChannelEff, Outcome: incident.OutcomeDone, Channel: "C9", Name: "x"}})
		s, _ := w.State(ctx, out.Incident)
		if faults == nil && (!errors.Is(err, ErrFenced) || s.ChannelID != "") {
			t.Errorf("an old token changed something: %v, channel %q", err, s.ChannelID)
		}
		if faults != nil && s.ChannelID == "" {
			t.Error("the switch does not switch")
		}
	}
}

func TestAPageThatIsSeenBeforeItsReport(t *testing.T) {
	w := newWorld(t, nil)
	out := w.handle(declare("e1", "checkout"))
	p := out.State.Pages[0]
	w.handle(Input{Key: "hook", Via: incident.ViaPagerDuty, Actor: incident.Actor{System: incident.SystemPagerDuty}, Route: Route{Claims: []string{ClaimDedup(p.Dedup)}},
		Act: incident.PagerChanged{Pager: "Q5", Dedup: p.Dedup, Status: "triggered"}})
	done := w.handle(Input{Via: incident.ViaOutbox, Route: Route{ID: out.Incident}, Act: incident.Report{Effect: p.Ring, Outcome: incident.OutcomeDone, Pager: "Q5"}})
	if pg, _ := done.State.Page(p.Key); pg.Status != incident.PageSent || pg.Pager != "Q5" {
		t.Errorf("%+v", pg)
	}
}

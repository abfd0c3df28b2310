package engine

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/journal"
)

func (w *world) verified(id incident.ID) {
	w.t.Helper()
	records, err := w.store.Records(context.Background(), journal.Stream(id), 1, 10000)
	if err != nil {
		w.t.Fatal(err)
	}
	if err := journal.Verify(records, ""); err != nil {
		w.t.Errorf("the chain of %s: %v", id, err)
	}
}

func (w *world) merge(key string, id, into incident.ID) Outcome {
	w.t.Helper()
	return w.handle(Input{Key: key, Actor: sam, Via: incident.ViaSlack, Act: incident.Merge{Into: into}, Route: Route{ID: id}})
}

func TestADuplicatePassesItsAlertsOn(t *testing.T) {
	w := newWorld(t, nil)
	a := w.handle(serves("a", "g1", "checkout", 1)).Incident
	b := w.handle(serves("b", "g2", "kyc", 1)).Incident
	out := w.merge("m", b, a)
	if out.Refusal != nil || out.State.Status != incident.Duplicate || out.State.Merged.Into != a {
		t.Fatalf("%+v", out.Refusal)
	}
	for _, c := range []string{ClaimAlert("g1"), ClaimAlert("g2"), ClaimService("kyc")} {
		if got := w.owner(c); got != a {
			t.Errorf("%s is %q's", c, got)
		}
	}
	if got := w.owner(ClaimName(out.State.ChannelName)); got != b {
		t.Errorf("its room is %q's", got)
	}
	if out := w.handle(serves("c", "g2", "kyc", 3)); out.Incident != a || out.First == 0 {
		t.Errorf("its alert went to %s", out.Incident)
	}
	s, _ := w.State(context.Background(), a)
	if len(s.Alerts) != 2 || len(s.Absorbed) != 1 || s.Absorbed[0] != b {
		t.Errorf("%+v %v", s.Alerts, s.Absorbed)
	}
	for _, p := range out.State.Pages {
		if p.Outstanding() {
			t.Errorf("%s is still open", p.Key)
		}
	}
	if again := w.merge("m", b, a); !again.Duplicate || again.Last != out.Last {
		t.Errorf("handed in twice: %+v", again.Outcome())
	}
	w.verified(a)
	w.verified(b)
	// The survivor's end ends them all: they are found again from there.
	w.end("r", a)
	if out := w.handle(serves("d", "g2", "kyc", 7)); out.Incident != a || out.New {
		t.Errorf("fires again after the end: %s", out.Incident)
	}
}

func (o Outcome) Outcome() string {
	return fmt.Sprint(o.Incident, o.First, o.Last, o.Duplicate, o.Refusal)
}

func TestWhatIsNotMerged(t *testing.T) {
	w := newWorld(t, nil)
	a := w.handle(declare("a", "one")).Incident
	b := w.handle(declare("b", "two")).Incident
	c := w.handle(declare("c", "three")).Incident
	w.end("r", c)
	want := func(key string, id, into incident.ID, code string) {
		t.Helper()
		before := len(w.events(id))
		if out := w.merge(key, id, into); out.Refusal == nil || out.Refusal.Code != code {
			t.Errorf("%s into %s: %v, want %s", id, into, out.Refusal, code)
		}
		if len(w.events(id)) != before {
			t.Error("a refusal left something behind")
		}
	}
	want("1", a, a, incident.RefusedMergeSelf)
	want("2", a, c, incident.RefusedMergeOver)
	want("3", a, "INC-99", incident.RefusedNoIncident)
	w.merge("ok", a, b)
	want("4", a, b, incident.RefusedMerged)
	w.handle(Input{Key: "again", Actor: sam, Act: incident.Reopen{}, Route: Route{ID: a}})
	want("5", b, a, incident.RefusedMergeCircle)
	// And around a corner.
	d := w.handle(declare("d", "four")).Incident
	w.merge("b into d", b, d)
	want("6", d, a, incident.RefusedMergeCircle)
}

func TestAPrivateIncidentIsNotMerged(t *testing.T) {
	w := newWorld(t, nil)
	a := w.handle(declare("a", "one")).Incident
	b := w.handle(declare("b", "two")).Incident
	if out := w.handle(Input{Key: "p", Actor: sam, Act: incident.GoPrivate{}, Route: Route{ID: b}}); out.State.Private == nil {
		t.Fatal("it is not private")
	}
	for i, p := range [][2]incident.ID{{a, b}, {b, a}} {
		if out := w.merge(fmt.Sprint("m", i), p[0], p[1]); out.Refusal == nil || out.Refusal.Code != incident.RefusedPrivateMerge {
			t.Errorf("%s into %s: %v", p[0], p[1], out.Refusal)
		}
	}
}

// torn is a store that fails a commit on two streams.
type torn struct {
	journal.Store
	once bool
}

func (s *torn) Commit(ctx context.Context, c journal.Commit) (journal.Committed, error) {
	if len(c.Put.Snapshots) == 2 && !s.once {
		s.once = true
		return journal.Committed{}, errors.New("the disk is full")
	}
	return s.Store.Commit(ctx, c)
}

func TestNoHalfOfAMerge(t *testing.T) {
	w := newWorld(t, nil)
	a := w.handle(serves("a", "g1", "checkout", 1)).Incident
	b := w.handle(serves("b", "g2", "kyc", 1)).Incident
	w.o.Store = &torn{Store: w.store}
	in := Input{Key: "m", Actor: sam, Act: incident.Merge{Into: a}, Route: Route{ID: b}}
	if _, err := w.Handle(context.Background(), in); err == nil {
		t.Fatal("the store failed and nobody said so")
	}
	if s, _ := w.State(context.Background(), b); !s.Open() || w.owner(ClaimAlert("g2")) != b {
		t.Fatal("half of it is there")
	}
	if out := w.handle(in); out.State.Status != incident.Duplicate || w.owner(ClaimAlert("g2")) != a {
		t.Errorf("handed in again: %s", out.State.Status)
	}
}

// Each into the other at the same moment: one of them goes, the other is refused.
func TestMergingCrosswise(t *testing.T) {
	w := newWorld(t, nil)
	for i := range 8 {
		a := w.handle(declare(fmt.Sprint("a", i), fmt.Sprint("one", i))).Incident
		b := w.handle(declare(fmt.Sprint("b", i), fmt.Sprint("two", i))).Incident
		var wg sync.WaitGroup
		for n, p := range [][2]incident.ID{{a, b}, {b, a}} {
			wg.Go(func() {
				in := Input{Key: fmt.Sprint("m", i, n), Actor: sam, Act: incident.Merge{Into: p[1]}, Route: Route{ID: p[0]}}
				if _, err := w.Handle(context.Background(), in); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		sa, _ := w.State(context.Background(), a)
		sb, _ := w.State(context.Background(), b)
		if sa.Open() == sb.Open() {
			t.Fatalf("%s is %s, %s is %s", a, sa.Status, b, sb.Status)
		}
	}
}

func TestSplittingAStorm(t *testing.T) {
	w := newWorld(t, nil)
	for i := range 90 {
		w.handle(serves(fmt.Sprint("a", i), fmt.Sprintf("group%04d", i), fmt.Sprint("svc", i), 1))
	}
	storm := w.owner(ClaimStorm)
	for i := range 70 {
		w.handle(serves(fmt.Sprint("k", i), fmt.Sprintf("kyc%06d", i), "kyc", 1))
	}
	split := func(key, what string) Outcome {
		return w.handle(Input{Key: key, Actor: sam, Via: incident.ViaSlack, Act: incident.Split{What: what}, Route: Route{ID: storm}})
	}
	if out := split("0", "nothing"); out.Refusal == nil || out.Refusal.Code != incident.RefusedNoGroup {
		t.Fatalf("%v", out.Refusal)
	}
	out := split("1", "KYC")
	if out.Refusal != nil {
		t.Fatal(out.Refusal)
	}
	part := w.owner(ClaimAlert("kyc000069"))
	s, _ := w.State(context.Background(), part)
	all, firing := s.Groups()
	if part == storm || part == "" || all != 70 || firing != 70 || s.Service != "kyc" || s.Source != incident.SourceAlert || s.Ladder.Level != 1 {
		t.Fatalf("%s: %d groups, %d firing, of %q", part, all, firing, s.Service)
	}
	left, _ := out.State.Groups()
	if left != 85 || out.State.Storm.Groups != 85 || out.State.Storm.Services["kyc"] != 0 {
		t.Errorf("%d left; %+v", left, out.State.Storm)
	}
	if again := split("1", "KYC"); !again.Duplicate || w.owner(ClaimAlert("kyc000069")) != part {
		t.Error("handed in twice")
	}
	if out := w.handle(serves("more", "kyc000068", "kyc", 0)); out.Incident != part {
		t.Errorf("what is said of it goes to %s", out.Incident)
	}
	// One group, by the beginning of its key.
	split("2", "group0042")
	if one := w.owner(ClaimAlert("group0042")); one == storm || one == part {
		t.Errorf("one group: %s", one)
	}
	w.verified(storm)
	w.verified(part)
}

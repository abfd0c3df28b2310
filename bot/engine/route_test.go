package engine

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/tocsin-bot/tocsin/bot/clock"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// serves is an alert group of a service.
func serves(key, group, service string, firing int) Input {
	in := fired(key, group, firing)
	in.Route.Claims, in.Route.Take = []string{ClaimAlert(group)}, []string{ClaimAlert(group)}
	in.Route.Joins = []string{ClaimService(service)}
	act := in.Act.(incident.AlertsFired)
	act.Set.Labels = []incident.Label{{Name: "service", Value: service}}
	in.Act = act
	return in
}

func (w *world) owner(claim string) incident.ID {
	w.t.Helper()
	id, _, err := w.ByClaims(context.Background(), []string{claim})
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

func (w *world) end(key string, id incident.ID) {
	w.t.Helper()
	if out := w.handle(Input{Key: key, Actor: sam, Act: incident.Resolve{}, Route: Route{ID: id}}); out.State.Open() {
		w.t.Fatalf("%s does not end", id)
	}
}

func TestANewGroupJoinsTheYoungIncidentOfItsService(t *testing.T) {
	w := newWorld(t, nil)
	first := w.handle(serves("a", "g1", "Checkout", 1))
	if out := w.handle(serves("b", "g2", "checkout ", 1)); out.New || out.Incident != first.Incident || len(out.State.Alerts) != 2 {
		t.Fatalf("of the same service: %s %v %d", out.Incident, out.New, len(out.State.Alerts))
	}
	if out := w.handle(serves("c", "g3", "kyc", 1)); !out.New {
		t.Fatalf("of another service: %s", out.Incident)
	}
	w.clock.Advance(10*time.Minute + time.Second)
	late := w.handle(serves("d", "g4", "checkout", 1))
	if !late.New {
		t.Fatalf("after join_within: %s", late.Incident)
	}
	// The newest is the one joined; the older keeps what is its own.
	if out := w.handle(serves("e", "g5", "checkout", 1)); out.Incident != late.Incident {
		t.Errorf("joins %s", out.Incident)
	}
	if out := w.handle(serves("f", "g2", "checkout", 3)); out.Incident != first.Incident {
		t.Errorf("a group of the older went to %s", out.Incident)
	}
	w.end("r1", first.Incident) // does not give up what is no longer its own
	if got := w.owner(ClaimService("checkout")); got != late.Incident {
		t.Errorf("the service is %q's", got)
	}
	w.end("r2", late.Incident)
	if got := w.owner(ClaimService("checkout")); got != "" {
		t.Errorf("nothing of the service is open, and it is %q's", got)
	}
	if out := w.handle(serves("g", "g6", "checkout", 1)); !out.New {
		t.Errorf("joins %s, which is over", out.Incident)
	}
}

// Two processes hear of two groups of one service at the same moment: one opens the incident, the other joins it.
func TestReplicasJoinToo(t *testing.T) {
	w := newWorld(t, nil)
	other := New(Options{Store: w.store, Clock: clock.New(), Policies: policies{}, Owner: "r2"})
	var wg sync.WaitGroup
	for i := range 12 {
		for n, e := range []*Engine{w.Engine, other} {
			wg.Go(func() {
				in := serves(fmt.Sprint(i, "/", n), fmt.Sprint("g", i, "/", n), "checkout", 1)
				if _, err := e.Handle(context.Background(), in); err != nil {
					t.Error(err)
				}
			})
		}
	}
	wg.Wait()
	rows, err := w.List(context.Background(), true, 10)
	if err != nil || len(rows) != 1 {
		t.Fatalf("%d incidents, %v", len(rows), err)
	}
	s, err := w.State(context.Background(), "INC-1")
	if err != nil || len(s.Alerts) != 24 {
		t.Errorf("%d groups, %v", len(s.Alerts), err)
	}
}

func TestAGroupThatFiresAgainSoonAfterTheEnd(t *testing.T) {
	w := newWorld(t, nil)
	first := w.handle(serves("a", "g1", "checkout", 1)).Incident
	w.end("r1", first)
	w.handle(serves("clear", "g1", "checkout", 0))
	if s, _ := w.State(context.Background(), first); s.Open() || s.Alerts[0].Firing != 0 {
		t.Fatalf("that it cleared after the end: %+v", s.Alerts)
	}
	w.clock.Advance(29 * time.Minute)
	out := w.handle(serves("b", "g1", "checkout", 1))
	if out.New || out.Incident != first || !out.State.Open() || out.State.Reopens != 1 {
		t.Fatalf("29 minutes after: %s, reopened %d times", out.Incident, out.State.Reopens)
	}
	if w.owner(ClaimAlert("g1")) != first || w.owner(ClaimService("checkout")) != first {
		t.Error("it does not hold its claims again")
	}
	if out := w.handle(serves("c", "g1", "checkout", 4)); out.Incident != first {
		t.Errorf("the next change went to %s", out.Incident)
	}
	w.end("r2", first)
	// Another group of the service does not take up what is over.
	other := w.handle(serves("d", "g2", "checkout", 1))
	if !other.New {
		t.Errorf("another group took up %s", other.Incident)
	}
	w.clock.Advance(31 * time.Minute)
	if out := w.handle(serves("e", "g1", "checkout", 1)); !out.New {
		t.Errorf("31 minutes after: %s", out.Incident)
	}
}

// PagerDuty may be the first to say that it fires again: by the same key.
func TestThePagerTakesUpAgain(t *testing.T) {
	w := newWorld(t, nil)
	first := w.handle(serves("a", "g1", "checkout", 1)).Incident
	w.end("r1", first)
	w.clock.Advance(time.Minute)
	claims := []string{ClaimPager("Q7"), ClaimAlert("g1")}
	out := w.handle(Input{Key: "pd", Actor: incident.Actor{System: incident.SystemPagerDuty}, Via: incident.ViaPagerDuty,
		Act:   incident.PagerTriggered{Ref: incident.PagerRef{ID: "Q7", Status: "triggered"}, Title: incident.Say("x", 9)},
		Route: Route{Claims: claims, Take: claims, New: true}})
	if out.New || out.Incident != first || !out.State.Open() || w.owner(ClaimPager("Q7")) != first {
		t.Errorf("%s, open %v", out.Incident, out.State.Open())
	}
}

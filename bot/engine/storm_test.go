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

func TestTooManyRoomsBecomeAStorm(t *testing.T) {
	w := newWorld(t, nil)
	for i := range 5 {
		if out := w.handle(serves(fmt.Sprint("a", i), fmt.Sprint("g", i), fmt.Sprint("svc", i), 1)); !out.New || out.State.Storm != nil {
			t.Fatalf("%d: %s", i, out.Incident)
		}
	}
	if out := w.handle(declare("hand", "checkout is down")); !out.New || out.State.Storm != nil {
		t.Fatal("what people declare always gets a room")
	}
	storm := w.handle(serves("b", "g5", "svc5", 1))
	if !storm.New || storm.State.Storm == nil || storm.State.Title.Body != "Alert storm" || storm.State.Service != "" || storm.State.ChannelName[13:] != "alert-storm" {
		t.Fatalf("the sixth: %+v", storm.State)
	}
	taken := 1
	for i := 6; i < 150; i++ {
		if i%12 > 4 {
			taken++
		}
		if out := w.handle(serves(fmt.Sprint("a", i), fmt.Sprint("g", i), fmt.Sprint("svc", i%12), 1)); i%12 > 4 && (out.New || out.Incident != storm.Incident) {
			t.Fatalf("%d went to %s", i, out.Incident)
		}
	}
	s, _ := w.State(context.Background(), storm.Incident)
	all, firing := s.Groups()
	if len(s.Alerts) != 50 || all != taken || firing != taken || s.Storm.Groups != taken || s.Storm.Services["svc7"] != 12 || s.Storm.Services["svc2"] != 0 {
		t.Errorf("%d kept whole, %d groups, %d firing; %+v", len(s.Alerts), all, firing, s.Storm)
	}
	// A known group's change goes where the group is; a repeat is no news; that it clears counts, whole or not.
	if out := w.handle(serves("again", "g149", "svc5", 1)); out.Incident != storm.Incident || out.First == 0 {
		t.Errorf("%+v", out.Incident)
	}
	w.clock.Advance(9 * time.Minute)
	if out := w.handle(serves("late", "late", "svcX", 1)); out.Incident != storm.Incident {
		t.Errorf("it is quiet for 9 minutes: %s", out.Incident)
	}
	for i := 5; i < 150; i++ {
		w.handle(serves(fmt.Sprint("c", i), fmt.Sprint("g", i), "x", 0))
	}
	w.handle(serves("c-late", "late", "x", 0))
	if s, _ = w.State(context.Background(), storm.Incident); !s.AlertsOver() {
		_, firing := s.Groups()
		t.Errorf("everything has cleared, and %d fire", firing)
	}
	w.clock.Advance(10*time.Minute + time.Second)
	if out := w.handle(serves("calm", "calm", "svcY", 1)); !out.New || out.State.Storm != nil {
		t.Errorf("after the storm: %s", out.Incident)
	}
	if out := w.handle(serves("g149 again", "g149", "svc5", 2)); out.Incident != storm.Incident {
		t.Errorf("a group of the storm went to %s", out.Incident)
	}
	// The next storm is another incident, though the old one is still open.
	for i := range 5 {
		w.handle(serves(fmt.Sprint("n", i), fmt.Sprint("n", i), fmt.Sprint("new", i), 1))
	}
	if id := w.owner(ClaimStorm); id == storm.Incident || id == "" {
		t.Errorf("the next storm is %q", id)
	}
}

// Processes that hear of many groups at once agree on which rooms are opened, and on one storm.
func TestReplicasAgreeOnAStorm(t *testing.T) {
	w := newWorld(t, nil)
	other := New(Options{Store: w.store, Clock: clock.New(), Policies: policies{}, Owner: "r2"})
	var wg sync.WaitGroup
	for i := range 20 {
		for n, e := range []*Engine{w.Engine, other} {
			wg.Go(func() {
				in := serves(fmt.Sprint(i, "/", n), fmt.Sprint("g", i, "/", n), fmt.Sprint("svc", i, "/", n), 1)
				for range 20 { // as Alertmanager does
					if _, err := e.Handle(context.Background(), in); err == nil {
						return
					}
				}
				t.Errorf("group %d/%d was never taken", i, n)
			})
		}
	}
	wg.Wait()
	rows, err := w.List(context.Background(), true, 100)
	if err != nil || len(rows) != 6 {
		t.Fatalf("%d rooms, %v", len(rows), err)
	}
	seen := map[incident.ID]int{}
	for i := range 20 {
		for n := range 2 {
			seen[w.owner(ClaimAlert(fmt.Sprint("g", i, "/", n)))]++
		}
	}
	if len(seen) != 6 || seen[""] != 0 || seen[w.owner(ClaimStorm)] != 35 {
		t.Errorf("groups by incident: %v", seen)
	}
}

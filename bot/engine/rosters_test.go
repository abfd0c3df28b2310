package engine

import (
	"context"
	"testing"
	"time"

	"github.com/tocsin-bot/tocsin/bot/house"
)

// TestARosterIsAsOldAsItsLastReading: reading a roster again that has not changed makes it fresh and leaves no event behind, also for
// another replica on the same store.
func TestARosterIsAsOldAsItsLastReading(t *testing.T) {
	w := newWorld(t, nil)
	ctx := context.Background()
	seen := &house.RosterSeen{Target: "primary", People: []house.Person{{Slack: "USAM"}}, Source: "policy"}
	if err := w.HandleHouse(ctx, "", house.Intent{Fact: seen}); err != nil {
		t.Fatal(err)
	}
	first, err := w.OnCall(ctx)
	if err != nil {
		t.Fatal(err)
	}
	changed := first["primary"].SeenAt
	before, _ := w.House(ctx)

	w.o.Clock.Advance(3 * time.Hour)
	if err := w.HandleHouse(ctx, "", house.Intent{Fact: seen}); err != nil {
		t.Fatal(err)
	}
	if err := w.NoteRostersRead(ctx, "primary"); err != nil {
		t.Fatal(err)
	}
	other := New(w.o)
	for name, e := range map[string]*Engine{"the one that read": w.Engine, "another": other} {
		now, err := e.OnCall(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if age := now["primary"].SeenAt.Sub(changed); age < 3*time.Hour || age > 3*time.Hour+time.Minute {
			t.Errorf("%s: the roster was last seen %v after it changed, not 3h", name, age)
		}
		if at := e.RostersRead(ctx)["primary"]; !at.Equal(now["primary"].SeenAt) {
			t.Errorf("%s: read at %v, seen at %v", name, at, now["primary"].SeenAt)
		}
	}
	if after, _ := w.House(ctx); after.Seq != before.Seq {
		t.Errorf("reading it again left %d events in the house log", after.Seq-before.Seq)
	}

	// Of a target nobody noted, the change is what is known; a cursor of another shape is as good as none.
	if err := w.store.SetCursor(ctx, rostersCursor, "{]"); err != nil {
		t.Fatal(err)
	}
	again, err := New(w.o).OnCall(ctx)
	if err != nil || !again["primary"].SeenAt.Equal(changed) {
		t.Errorf("without the cursor: %v %v, want %v", again["primary"].SeenAt, err, changed)
	}
}

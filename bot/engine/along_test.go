package engine

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/journal"
)

// wide is a store that counts the streams of each commit, and fails the first on more than two.
type wide struct {
	journal.Store
	most   int
	failed bool
}

func (s *wide) Commit(ctx context.Context, c journal.Commit) (journal.Committed, error) {
	s.most = max(s.most, len(c.Put.Snapshots))
	if len(c.Put.Snapshots) > 2 && !s.failed {
		s.failed = true
		return journal.Committed{}, errors.New("the disk is full")
	}
	return s.Store.Commit(ctx, c)
}

// What is merged into an incident goes private with it, whole or not at all: one duplicate, one merged into that one, and none that was
// reopened.
func TestDuplicatesGoPrivateWithIt(t *testing.T) {
	w := newWorld(t, nil)
	main := w.handle(declare("a", "the main one")).Incident
	dup := w.handle(declare("b", "the duplicate")).Incident
	deep := w.handle(declare("c", "its own duplicate")).Incident
	back := w.handle(declare("d", "taken for one")).Incident
	w.merge("m1", deep, dup)
	w.merge("m2", dup, main)
	w.merge("m3", back, main)
	w.handle(Input{Key: "again", Actor: sam, Act: incident.Reopen{}, Route: Route{ID: back}})
	w.handle(Input{Key: "role", Actor: sam, Act: incident.SetRole{Role: incident.Comms, Who: incident.Person{Slack: "UINES", Name: "Inès"}}, Route: Route{ID: main}})

	store := &wide{Store: w.store}
	w.o.Store = store
	in := Input{Key: "p", Actor: sam, Via: incident.ViaSlack, Act: incident.GoPrivate{}, Route: Route{ID: main}}
	if _, err := w.Handle(context.Background(), in); err == nil {
		t.Fatal("the store failed and nobody said so")
	}
	for _, id := range []incident.ID{main, dup, deep} {
		if s, _ := w.State(context.Background(), id); s.Private != nil {
			t.Errorf("%s is private, and not all of them are", id)
		}
	}
	out := w.handle(in)
	if out.Refusal != nil || out.State.Private == nil || store.most != 3 || !slices.Equal(out.State.Private.Along, []incident.ID{dup, deep}) {
		t.Fatalf("%+v, %d streams", out, store.most)
	}
	for _, id := range []incident.ID{dup, deep} {
		s, _ := w.State(context.Background(), id)
		if s.Private == nil || s.ChannelID != "" || !RowOf(s).Private || s.MaySee(incident.Person{Slack: "UOUT"}) || !s.MaySee(incident.Person{Slack: "UINES"}) {
			t.Errorf("%s: %+v", id, s.Private)
		}
		for _, c := range s.Claims {
			if w.owner(c) == id && len(c) > 6 && c[:6] == titleClaim[:min(6, len(titleClaim))] {
				t.Errorf("its title still leads to it: %s", c)
			}
		}
		w.verified(id)
	}
	w.verified(main)
	if s, _ := w.State(context.Background(), back); s.Private != nil {
		t.Error("one that was reopened is an incident of its own")
	}
	if again := w.handle(in); !again.Duplicate || again.Last != out.Last {
		t.Errorf("handed in twice: %+v", again)
	}
	// Reopened, a duplicate gets a room of its own, a private one.
	s := w.handle(Input{Key: "o", Actor: sam, Act: incident.Reopen{}, Route: Route{ID: deep}}).State
	if s.RoomHeld || s.ChannelEff == "" || s.Private == nil {
		t.Errorf("reopened without a room: %+v", s)
	}
}

package engine

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/journal"
)

// blind is a store whose first look-up of a key comes before anybody has written it.
type blind struct {
	journal.Store
	looked bool
}

func (b *blind) Key(ctx context.Context, name string) (json.RawMessage, bool, error) {
	if !b.looked {
		b.looked = true
		return nil, false, nil
	}
	return b.Store.Key(ctx, name)
}

func titled(key, title string, insisting bool) Input {
	in := declare(key, title)
	in.Route.Take = []string{ClaimTitle(title)}
	if !insisting {
		in.Route.Claims = in.Route.Take
	}
	return in
}

// The same envelope, taken in elsewhere between the look-up of its key and of its title: it is answered as what it opened, not asked
// whether to join its own room.
func TestItsOwnTwinIsNotAlike(t *testing.T) {
	w := newWorld(t, nil)
	first := w.handle(titled("slack/env/1", "checkout is down", false))
	w.o.Store = &blind{Store: w.store}
	again := w.handle(titled("slack/env/1", "checkout is down", false))
	if again.Refusal != nil || again.Incident != first.Incident || !again.Duplicate {
		t.Errorf("%+v", again)
	}
}

// A title is claimed while its incident is open, and given back when it is taken up again, unless another has it by then.
func TestTheClaimOfATitle(t *testing.T) {
	w := newWorld(t, nil)
	end := func(id incident.ID) {
		w.handle(Input{Key: "end/" + string(id), Actor: sam, Act: incident.Resolve{}, Route: Route{ID: id}})
	}
	again := func(id incident.ID) {
		w.handle(Input{Key: "again/" + string(id), Actor: sam, Act: incident.Reopen{}, Route: Route{ID: id}})
	}
	if out := w.handle(titled("1", "a", false)); out.Incident != "INC-1" || !out.New {
		t.Fatalf("%+v", out)
	}
	out := w.handle(titled("2", "a", false))
	if out.New || out.Refusal == nil || out.Refusal.Code != incident.RefusedAlike || out.State.ID != "INC-1" {
		t.Fatalf("declared twice: %+v", out)
	}
	if out := w.handle(titled("3", "a", true)); out.Incident != "INC-2" || !out.New {
		t.Fatalf("insisted: %+v", out)
	}
	end("INC-2") // it never held the claim
	if out := w.handle(titled("4", "a", false)); out.Refusal == nil {
		t.Fatalf("declared beside INC-1: %+v", out)
	}
	end("INC-1")
	again("INC-1")
	if out := w.handle(titled("5", "a", false)); out.Refusal == nil {
		t.Fatalf("declared beside INC-1, reopened: %+v", out)
	}
	w.handle(Input{Key: "end/1b", Actor: sam, Act: incident.Resolve{}, Route: Route{ID: "INC-1"}})
	if out := w.handle(titled("6", "a", false)); out.Incident != "INC-3" || !out.New {
		t.Fatalf("declared when nothing is open: %+v", out)
	}
	w.handle(Input{Key: "again/1b", Actor: sam, Act: incident.Reopen{}, Route: Route{ID: "INC-1"}})
	if id, _, _ := w.ByClaims(context.Background(), []string{ClaimTitle("a")}); id != "INC-3" {
		t.Errorf("the title belongs to %s", id)
	}
}

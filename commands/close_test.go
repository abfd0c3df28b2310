package commands

import (
	"testing"

	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/view"
)

func TestCloseSaysWhatIsOwedAndWhoseItIs(t *testing.T) {
	inWorld(t, "en", func(w *world) {
		s := w.declare("checkout is down sev2")
		here := room(s.ID)
		w.say(lea, here, "answer no only test data")
		w.say(lea, here, "action add <@U0SAM|sam> 2000-02-01 limit the pool")
		w.wants("an open one", w.say(lea, here, "close rolled back"), "is resolved, and closed once", "post_mortem", "nobody has taken it yet", "action-1", "Sam sees to it")
		s = w.state(s.ID)
		if s.Status != incident.Resolved || s.Outcome.Body != "rolled back" {
			t.Fatal(s.Status, s.Outcome.Body)
		}
		w.wants("owed", w.say(lea, here, "status closed"), "is not closed", "action-1", "Sam sees to it", "drop")
		w.quiet("a refused close", s)
		for _, d := range s.Owing() {
			w.say(lea, here, "duty "+d.Key+" drop no longer wanted")
		}
		if s = w.state(s.ID); s.Status != incident.Closed {
			t.Fatalf("%s with %v", s.Status, s.Unfinished())
		}
		w.wants("closed twice", w.say(lea, here, "close"), "closed since")
		w.wants("the list", w.say(lea, here, "list all"), "resolved", "closed")
		w.wants("shown", w.say(lea, here, "status"), "Closed 1 Jan")
		w.wants("the timeline", w.say(lea, here, "timeline"), "Closed: nothing is owed any more")
		w.say(lea, here, "reopen errors are back")
		if s = w.state(s.ID); s.Status != incident.Investigating {
			t.Error(s.Status)
		}
		// A card of before must not end what was reopened.
		w.wants("an old button", w.press(sam, here, view.ActionClose, view.Ref{Incident: string(s.ID), Seq: 1}), "has moved on")
		w.quiet("an old button", s)
	})
}

package commands

import (
	"strings"
	"testing"

	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/view"
)

// Without a target, or with one that nobody is, one sees whom one can ring and who that is now; nobody is rung until one is chosen.
func TestPageShowsWhomOneCanRing(t *testing.T) {
	inWorld(t, "en", func(w *world) {
		s := w.declare("checkout is down sev2")
		here := room(s.ID)
		s = w.state(s.ID)
		for _, typed := range []string{"page", "page dba we need a decision", "page <@U0LEA|lea>"} {
			r := w.say(lea, here, typed)
			if r.Form == nil || r.Form.ID != view.FormPage {
				t.Fatalf("%s: %s", typed, text(r))
			}
			w.wants(typed, r, "tech lead: Tomas", "CTO")
			if typed != "page" {
				w.wants(typed, r, "Nobody was rung")
			}
			w.quiet(typed, s)
		}
		r := w.say(lea, here, "page dba we need a decision")
		if !strings.Contains(text(r), "we need a decision") {
			t.Error("the reason that was typed is lost")
		}
		w.submit(lea, view.FormPage, r.Form.Ref, map[string]string{view.InputTarget: view.PageNext, view.InputReason: "we need a decision"})
		if l := w.state(s.ID).Ladder; !l.Backup && l.Level < 2 {
			t.Errorf("the next level was not sent for: %+v", l)
		}
	})
	inWorld(t, "fr", func(w *world) {
		s := w.declare("checkout is down sev2")
		w.say(lea, room(s.ID), "resolve it was the cache")
		if r := w.say(lea, room(s.ID), "page"); r.Form != nil || w.state(s.ID).Status == incident.Investigating {
			t.Errorf("of an incident that is over: %s", text(r))
		}
	})
}

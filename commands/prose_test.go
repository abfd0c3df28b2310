package commands

import (
	"strings"
	"testing"

	"github.com/tocsin-bot/tocsin/bot/incident"
)

// What a step has somebody type by hand carries the incident's values, is asked for with the others, and is what its approval is for.
func TestASentenceCarriesTheValues(t *testing.T) {
	inWorld(t, "en", func(w *world) {
		s := w.open(w.declare("the site is gone"))
		w.say(lea, room(s.ID), "runbook RB-017")
		r, _ := library.ByID("RB-017", "en")
		state := func() incident.State { return w.state(s.ID) }
		if c := StepOf(r, "switch", state()); !strings.Contains(strings.Join(c.Missing, " "), "new_address") || !strings.Contains(c.Prose, "{{new_address}}") {
			t.Errorf("missing %q in %q", c.Missing, c.Prose)
		}
		w.say(lea, room(s.ID), "runbook set service_host=app.example.com new_address=198.51.100.20")
		c := StepOf(r, "switch", state())
		if len(c.Missing) > 0 || !strings.Contains(c.Prose, "`app.example.com` to `198.51.100.20`") || !strings.Contains(c.Parts[0].Text, "`198.51.100.20`") {
			t.Errorf("missing %q in %q", c.Missing, c.Prose)
		}
		before := FillingOf(r, "switch", state())
		w.say(lea, room(s.ID), "runbook set new_address=198.51.100.21")
		if now := FillingOf(r, "switch", state()); now.Digest == before.Digest || len(now.Values) != 2 || now.Values[1].Value != "198.51.100.21" {
			t.Errorf("approved for %+v, and it is %+v", before, now)
		}
	})
}

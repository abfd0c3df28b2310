package commands

import (
	"strings"
	"testing"

	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/view"
)

// inputs are the fields of a form by their names.
func inputs(f *view.Form) map[string]view.Field {
	out := map[string]view.Field{}
	if f == nil {
		return out
	}
	for _, b := range f.Blocks {
		if i, ok := b.(view.Input); ok {
			out[i.ID] = i.Field
		}
	}
	return out
}

// Done on a step that tells people outside asks to whom it was sent; the draft has the incident's values, in either language, and its parts
// are ticked.
func TestDoneOfAStepThatTellsAsksToWhom(t *testing.T) {
	inWorld(t, "en", func(w *world) {
		s := w.declare("audit chain broken")
		broken(w, s)
		w.say(lea, room(s.ID), "runbook set tenant=acme-bank")
		ref := tellClient
		ref.Incident = string(s.ID)
		r := w.press(sam, room(s.ID), view.ActionStepDone, ref)
		in := inputs(r.Form)
		text, ok := in[view.InputText].(view.TextField)
		if !ok || !strings.Contains(text.Initial, "your audit log (tenant acme-bank)") {
			t.Fatalf("the draft: %+v", r)
		}
		if roles, _ := in[view.InputRoles].(view.ChecksField); strings.Join(roles.Chosen, ",") != "tenant_compliance_officer,tenant_dpo" {
			t.Errorf("ticked: %+v", roles)
		}
		ref.Note = view.DraftOther
		if text, _ = inputs(w.press(sam, room(s.ID), view.ActionStepSent, ref).Form)[view.InputText].(view.TextField); !strings.Contains(text.Initial, "Nous avons constaté") || !strings.Contains(text.Initial, "acme-bank") {
			t.Errorf("the French draft: %q", text.Initial)
		}
		// Of a step with no draft of its own, one is made for whom it is.
		ref.Note, ref.Subject = "", "tell-regulator"
		if text, _ = inputs(w.press(sam, room(s.ID), view.ActionStepSent, ref).Form)[view.InputText].(view.TextField); !strings.Contains(text.Initial, "GDPR art. 33") {
			t.Errorf("the regulator's draft: %q", text.Initial)
		}
	})
}

// A finding that marks the step with nobody told does not end its clock, and says so.
func TestGoingOnIsNoEvidence(t *testing.T) {
	inWorld(t, "en", func(w *world) {
		s := w.declare("audit chain broken sev1")
		broken(w, s)
		w.say(lea, room(s.ID), "answer unknown")
		r := w.press(sam, room(s.ID), view.ActionStepBranch, view.Ref{Incident: string(s.ID), Runbook: "RB-008", Subject: "tell-regulator", Note: "1"})
		w.wants("still owed", r, "the deadline goes on", "Draft, mark as sent")
		d, ok := w.state(s.ID).Duty("authority_notice")
		if !ok || !d.Running() {
			t.Fatalf("the clock ended with nobody told: %+v", d)
		}
		w.submit(sam, view.FormStepSent, view.Ref{Incident: string(s.ID), Runbook: "RB-008", Subject: "tell-regulator", Note: "legal,regulator"},
			map[string]string{view.InputRoles: "regulator", view.InputTo: "CNIL, form on the web", view.InputReference: "4711"})
		if d, _ = w.state(s.ID).Duty("authority_notice"); d.How != incident.EndedDone || d.EndedBy != sam {
			t.Errorf("sent, and the clock goes on: %+v", d)
		}
		// Typed, with the words to whom it went.
		w.say(lea, room(s.ID), "step sent RB-008 4 e-mail to the DPO of Alpha")
		if d, _ = w.state(s.ID).Duty("customer_notice"); d.How != incident.EndedDone || d.Outcome.Body != "e-mail to the DPO of Alpha" {
			t.Errorf("typed as sent, and the clock goes on: %+v", d)
		}
		w.wants("sent twice", w.say(sam, room(s.ID), "step sent RB-008 4 again"), "Léa marked RB-008 step 4 as sent")
	})
}

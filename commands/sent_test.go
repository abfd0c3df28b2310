package commands

import (
	"strings"
	"testing"
	"time"

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

// A time that cannot be is said at the field of the time, in the form of a step and in that of a notice; anything else where it is about.
func TestARefusedTimeIsSaidAtItsField(t *testing.T) {
	inWorld(t, "en", func(w *world) {
		s := w.declare("audit chain broken")
		broken(w, s)
		s = w.state(s.ID)
		early := w.clock.Now().Add(-3 * time.Hour).Format("15:04")
		answers := map[string]string{view.InputRoles: "tenant_dpo", view.InputTo: "e-mail to Alpha", view.InputSince: early}
		ref := view.Ref{Incident: string(s.ID), Runbook: "RB-008", Subject: "tell-client", Note: "tenant_compliance_officer,tenant_dpo"}
		for form, ref := range map[string]view.Ref{view.FormStepSent: ref, view.FormNotice: {Incident: string(s.ID), Subject: "customer"}} {
			rep := w.submit(sam, form, ref, answers)
			if len(rep.Errors) != 1 || len(rep.Errors[view.InputSince]) == 0 {
				t.Errorf("%s: %+v", form, rep.Errors)
			}
			w.quiet(form, s)
		}
		ref.Subject = "nowhere"
		if rep := w.submit(sam, view.FormStepSent, ref, map[string]string{view.InputRoles: "tenant_dpo", view.InputTo: "x"}); len(rep.Errors[view.InputTo]) == 0 {
			t.Errorf("of a step that is not there: %+v", rep)
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
		// What the data protection authority got is no report to the BCT and the CRF.
		if d, _ = w.state(s.ID).Duty("aml_notice"); !d.Running() {
			t.Errorf("the other authority's clock ended with it: %+v", d)
		}
		w.submit(sam, view.FormStepSent, view.Ref{Incident: string(s.ID), Runbook: "RB-008", Subject: "tell-aml", Note: "legal,aml_authority"},
			map[string]string{view.InputRoles: "aml_authority", view.InputTo: "CRF, portal"})
		if d, _ = w.state(s.ID).Duty("aml_notice"); d.How != incident.EndedDone || d.Outcome.Body != "CRF, portal" {
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

// A finding that leads to a step of another runbook is recorded, and starts that runbook at the step; where it is in use, opens the step there.
func TestAFindingLeadsToAStepOfAnotherRunbook(t *testing.T) {
	inWorld(t, "en", func(w *world) {
		s := w.declare("documents are slow")
		w.say(lea, room(s.ID), "runbook RB-019")
		w.press(sam, room(s.ID), view.ActionStepBranch, view.Ref{Incident: string(s.ID), Runbook: "RB-019", Subject: run(w.state(s.ID), "RB-019").Current, Note: branchTo(t, w, s.ID, "RB-019", "RB-020", "outbound")})
		offered := w.state(s.ID).Offered()
		if len(offered) != 1 || offered[0].Runbook != "RB-020" || offered[0].Step != "outbound" || len(run(w.state(s.ID), "RB-019").Steps) != 1 {
			t.Fatalf("%+v", offered)
		}
		w.press(sam, room(s.ID), view.ActionUseRunbook, view.Ref{Incident: string(s.ID), Subject: "RB-020", Note: offered[0].Step})
		if r := run(w.state(s.ID), "RB-020"); r.Current != "outbound" {
			t.Fatalf("it begins at %q", r.Current)
		}
		// In use, at another step: the finding puts its step on a card.
		w.say(lea, room(s.ID), "step done RB-020 outbound")
		w.say(lea, room(s.ID), "runbook RB-001")
		w.say(lea, room(s.ID), "runbook RB-002")
		for _, step := range run(w.state(s.ID), "RB-001").Ref.Steps {
			if n := branchOn(t, w, s.ID, "RB-001", step, "RB-002", "rate-limit"); n != "" {
				w.press(sam, room(s.ID), view.ActionStepBranch, view.Ref{Incident: string(s.ID), Runbook: "RB-001", Subject: step, Note: n})
			}
		}
		if r := run(w.state(s.ID), "RB-002"); r.CardOf("rate-limit") == 0 {
			t.Errorf("the step is on no card: %q", r.OpenSteps())
		}
	})
}

func branchTo(t *testing.T, w *world, id incident.ID, runbook, other, step string) string {
	t.Helper()
	n := branchOn(t, w, id, runbook, run(w.state(id), runbook).Current, other, step)
	if n == "" {
		t.Fatalf("%s has no finding that leads to %s %s", runbook, other, step)
	}
	return n
}

// branchOn is the button's value of a step's finding that leads to a step of another runbook; empty: none does.
func branchOn(t *testing.T, w *world, id incident.ID, runbook, at, other, step string) string {
	t.Helper()
	r, err := w.office.Runbook(t.Context(), run(w.state(id), runbook).Ref.Digest)
	if err != nil {
		t.Fatal(err)
	}
	st, _ := r.Step(at)
	for i, b := range st.Branches {
		if b.Runbook == other && b.Step == step {
			return string(rune('0' + i))
		}
	}
	return ""
}

// The buttons of a runbook's clock: yes records who says that it applies; no asks for the reason and ends it; pressed again they change nothing.
func TestTheButtonsOfAClock(t *testing.T) {
	inWorld(t, "en", func(w *world) {
		s := w.declare("documents are not read sev2")
		w.say(lea, room(s.ID), "runbook RB-002")
		ref := view.Ref{Incident: string(s.ID), Subject: "delayed-webhook"}
		w.press(sam, room(s.ID), view.ActionAnswerYes, ref)
		if d, ok := w.state(s.ID).Duty("delayed-webhook"); !ok || !d.Running() || !w.state(s.ID).Applies(d) {
			t.Fatalf("%+v", d)
		}
		s = w.state(s.ID)
		w.wants("yes again", w.press(lea, direct, view.ActionAnswerYes, ref), "answered the same")
		w.quiet("yes again", s)
		r := w.press(lea, room(s.ID), view.ActionAnswerNo, ref)
		if r.Form == nil || r.Form.ID != view.FormAnswer {
			t.Fatalf("no asks for no reason: %s", text(r))
		}
		if r = w.submit(lea, view.FormAnswer, r.Form.Ref, map[string]string{view.InputReason: " "}); len(r.Errors) == 0 {
			t.Error("no without a reason is taken")
		}
		w.submit(lea, view.FormAnswer, ref, map[string]string{view.InputReason: "all were read within 5 minutes"})
		d, _ := w.state(s.ID).Duty("delayed-webhook")
		if d.How != incident.EndedWithdrawn || d.EndedBy != lea || d.Outcome.Body != "all were read within 5 minutes" {
			t.Errorf("%+v", d)
		}
		for _, l := range linesOf(w.state(s.ID), w.since(s), "en") {
			if strings.Contains(l.Text.Plain(nil), "all were read within 5 minutes") {
				return
			}
		}
		t.Error("the reason is not in the timeline")
	})
}

// The button of a step's own card opens it again, and the answer does not take the card's place.
func TestAgainFromTheStepsOwnCard(t *testing.T) {
	inWorld(t, "en", func(w *world) {
		s := w.declare("checkout is down sev2")
		started(w, s)
		w.say(lea, room(s.ID), "step done RB-001 1 kyc-svc is slow")
		rep := w.press(sam, room(s.ID), view.ActionStepAgain, view.Ref{Incident: string(s.ID), Runbook: "RB-001", Subject: "which-service", Note: "1"})
		if rep.Replace {
			t.Error("the answer replaces the card")
		}
		if s = w.state(s.ID); run(s, "RB-001").CardOf("which-service") == 0 {
			t.Error("it is on no card")
		}
	})
}

package commands

import (
	"strings"
	"testing"

	"github.com/tocsin-bot/tocsin/bot/engine"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/view"
)

// The approver and the second person read the command that will be run, to be copied; a form or a button that was drawn for another one says so and
// records nothing, and the locks that were opened for it are closed.
func TestFormsOfLocksAreForTheCommandTheyShow(t *testing.T) {
	for lang, changed := range map[string]string{"en": "has changed since this was drawn", "fr": "a changé depuis cet affichage"} {
		inWorld(t, lang, func(w *world) {
			s := w.open(w.declare("the audit chain is broken"))
			set := func(file string) { w.say(lea, room(s.ID), "runbook set backup_file="+file) }
			w.say(lea, room(s.ID), "runbook RB-008")
			set("/backup/one.dump")
			unread(w, s)
			ref := restore
			ref.Incident = string(s.ID)
			form := func(action string, who incident.Person) view.Form {
				rep := w.press(who, room(s.ID), action, ref)
				if rep.Form == nil || rep.Form.Ref.Filled == "" {
					t.Fatalf("%s %s: %s", lang, action, text(rep))
				}
				return *rep.Form
			}
			shows := func(f view.Form, file string) {
				if plain := view.PlainForm(f, nil); !strings.Contains(plain, "--table=audit_event "+file+"\n") {
					t.Errorf("%s %s does not show the command with %s:\n%s", lang, f.ID, file, plain)
				}
			}
			second := form(view.ActionStepConfirm, sam)
			shows(second, "/backup/one.dump")
			set("/backup/two.dump")
			before := w.state(s.ID)
			if locks := before.Locks("RB-008", "restore", ""); len(locks) != 2 || locks[0].Kind != incident.LockApproval {
				t.Fatalf("%s: %+v", lang, locks)
			}
			w.wants("the second reader's open form", w.submit(sam, second.ID, second.Ref, map[string]string{}), changed)
			approve := form(view.ActionStepApprove, tech)
			shows(approve, "/backup/two.dump")
			old := approve.Ref
			old.Filled = second.Ref.Filled
			w.wants("an approver's older form", w.submit(tech, approve.ID, old, map[string]string{view.InputReason: "as before"}), changed)
			w.quiet("forms for another command", before)

			w.submit(tech, approve.ID, approve.Ref, map[string]string{view.InputReason: "two is whole"})
			again := form(view.ActionStepConfirm, sam)
			shows(again, "/backup/two.dump")
			w.submit(sam, again.ID, again.Ref, map[string]string{})
			before = w.state(s.ID)
			if locks := before.Locks("RB-008", "restore", ""); len(locks) > 0 {
				t.Fatalf("%s: %+v", lang, locks)
			}
			w.wants("a button of before", w.press(lea, room(s.ID), view.ActionStepDone, old), changed)
			found := w.press(lea, room(s.ID), view.ActionStepFinding, old)
			w.wants("a finding from the card of before", w.submit(lea, view.FormFinding, found.Form.Ref, map[string]string{view.InputText: "restored", view.InputBranch: view.BranchNone}), changed)
			w.quiet("a button of before", before)
			w.press(lea, room(s.ID), view.ActionStepDone, again.Ref)
			if got := w.facts(before); len(got) == 0 || got[0] != "step" {
				t.Errorf("%s: done with the command that was read: %v", lang, got)
			}
		})
	}
}

// Another label between the approval and the doing is another command too, whoever fires it.
func TestALabelThatChangesClosesTheLocks(t *testing.T) {
	inWorld(t, "en", func(w *world) {
		s := w.open(w.alarm("KafkaConsumerLagHigh"))
		fire := func(digest, topic string) {
			_, err := w.engine.Handle(w.t.Context(), engine.Input{Key: w.key(), Via: incident.ViaAlertmanager, Actor: incident.Actor{System: incident.SystemAlertmanager}, Route: engine.Route{ID: s.ID},
				Act: incident.AlertsFired{Set: incident.AlertSet{Group: s.Alerts[0].Group, Name: "KafkaConsumerLagHigh", Firing: 1, Digest: digest, Labels: []incident.Label{{Name: "topic", Value: topic}}}}})
			if err != nil {
				t.Fatal(err)
			}
		}
		fire("two", "kyc-requests")
		w.cto(tech)
		w.say(tech, room(s.ID), "step approve RB-003 purge the copy is whole")
		before := w.state(s.ID)
		fire("three", "aml-requests")
		var f *incident.StepChanged
		for _, e := range w.since(before) {
			if x, ok := e.Fact.(*incident.StepChanged); ok {
				f = x
			}
		}
		if f == nil || f.Approver != tech || len(f.Values) != 1 || f.Values[0].Was.Body != "kyc-requests" || f.Values[0].Is.Body != "aml-requests" {
			t.Fatalf("approved for another topic: %+v", f)
		}
		rep := w.press(lea, room(s.ID), view.ActionStepDone, view.Ref{Incident: string(s.ID), Runbook: "RB-003", Subject: "purge"})
		w.wants("done for a topic that nobody approved", rep, "needs the approval")
	})
}

// Of two replicas one may know an older state: it decides anew on the one that holds, so that a step is not done under locks that the other has
// closed, and an approval is for the command that there is when it is recorded.
func TestAReplicaThatKnowsLessOpensNoLock(t *testing.T) {
	inWorld(t, "en", func(w *world) {
		s := w.open(w.declare("the audit chain is broken"))
		set := func(file string) { w.say(lea, room(s.ID), "runbook set backup_file="+file) }
		w.say(lea, room(s.ID), "runbook RB-008")
		set("/backup/one.dump")
		unread(w, s)
		w.submit(sam, view.FormSecond, view.Ref{Incident: string(s.ID), Runbook: "RB-008", Subject: "restore"}, map[string]string{})
		other := engine.New(engine.Options{Store: w.store, Clock: w.clock, Policies: defaultPolicy, Library: testLibrary{library, w.offers}, Random: zeros{}, Filled: filledFrom(library)})
		known := func() incident.State {
			st, err := other.State(w.t.Context(), s.ID)
			if err != nil {
				t.Fatal(err)
			}
			return st
		}
		there := func(who incident.Person, a incident.Act) engine.Outcome {
			out, err := other.Handle(w.t.Context(), engine.Input{Key: w.key(), Actor: incident.Actor{Person: who}, Via: incident.ViaSlack, Act: a, Route: engine.Route{ID: s.ID}})
			if err != nil {
				t.Fatal(err)
			}
			return out
		}
		if locks := known().Locks("RB-008", "restore", ""); len(locks) > 0 {
			t.Fatalf("%+v", locks)
		}
		set("/backup/two.dump")
		if out := there(lea, incident.MarkStep{Runbook: "RB-008", Step: "restore", Mark: incident.StepDone}); out.Refusal == nil || out.Refusal.Code != incident.RefusedUnapproved {
			t.Errorf("done on the replica that had not heard: %+v", out.Refusal)
		}
		before := known()
		set("/backup/three.dump")
		r, _ := library.ByID("RB-008", "en")
		whole := incident.ApproveStep{Runbook: "RB-008", Step: "restore", Reason: incident.Say("it is whole", 50)}
		if out := there(tech, whole); out.Refusal == nil || out.Refusal.Code != incident.RefusedStepChanged {
			t.Errorf("approved in words for a command that nobody asked about: %+v", out.Refusal)
		}
		whole.Drawn = FillingOf(r, "restore", w.state(s.ID)).Digest
		if out := there(tech, whole); out.Refusal != nil {
			t.Fatalf("%+v", out.Refusal)
		}
		run, _ := w.state(s.ID).Runbook("RB-008")
		if got, old := run.Worked("restore").Approved.Digest, FillingOf(r, "restore", before).Digest; got == "" || got == old || got != FillingOf(r, "restore", w.state(s.ID)).Digest {
			t.Errorf("approved for %q, before it was %q", got, old)
		}
	})
}

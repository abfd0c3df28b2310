package commands

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/view"
	"github.com/tocsin-bot/tocsin/runbooks"
)

// paths are the ways through runbooks by which an incident ends, from the alert to the resolution: what whoever was rung does at each step is read
// off its card. A minus before a step: it is skipped, by the finding that leads on. At the bar the incident is resolved.
var paths = []struct {
	alert, runbook, steps string
	posts                 string // what is said in the room but the headline and the cards of the steps
	owed                  string // what outlives the incident
}{
	{"KafkaConsumerLagHigh", "RB-003", "which-group topic-sizes downstream partitions -more-partitions confirm |", "resolved", ""},
	{"KafkaConsumerLagHigh", "RB-003", "which-group downstream partitions more-partitions scale-out purge confirm |", "resolved", ""},
	{"PostgresConnectionsExhausted", "RB-004", "how-full who-holds long-queries kill-idle leak restart-leaking pgbouncer max-connections confirm |", "question resolved",
		"answer-personal_data post_mortem_draft post_mortem_review post_mortem_published"},
	{"IdesSubmissionFailure", "RB-006", "rejected error-report unavailable retry retry-again tell-tenant retry confirm |", "resolved", ""},
	{"AuditHashChainBroken", "RB-008", "freeze snapshot escalate tell-client tell-regulator tell-aml find-break cause restore publish-hash lift-freeze | post-mortem", "obligation question obligation-ended resolved",
		"answer-personal_data post_mortem_draft post_mortem_review post_mortem_published"},
	{"BackupFailed", "RB-017", "what-answers crisis-team impact tell-customers recovery-plan blocked new-site restore test switch missing-data | synchronise provider", "resolved obligation closed", ""},
}

// TestFromThePageToTheResolution plays runbooks as somebody would who has nothing but the cards: at each step what its command lacks is asked for in
// the form that the card opens, what locks it is opened by who may (and not by who may not), those it names are told, and the finding is chosen
// that leads on. Then every next card is the step expected; at the end nothing of the response is left running, and the room was not flooded.
func TestFromThePageToTheResolution(t *testing.T) {
	for i, p := range paths {
		t.Run(fmt.Sprintf("%s %d", p.runbook, i), func(t *testing.T) {
			inWorld(t, "en", func(w *world) {
				x := walkthrough{world: w, runbook: p.runbook, id: w.alarm(p.alert).ID}
				w.cto(incident.Person{Slack: "U0CTO", Pager: "PCTO", Name: "Amel"})
				w.office.names["U0CTO"] = incident.Person{Slack: "U0CTO", Pager: "PCTO", Name: "Amel"}
				w.say(prim, room(x.id), "ack")
				x.through(strings.Fields(p.steps))
				x.ends(p.posts, p.owed)
			})
		})
	}
}

// walkthrough is one incident, played by whoever was rung.
type walkthrough struct {
	*world
	runbook string
	id      incident.ID
}

func (x *walkthrough) run() (incident.State, incident.RunbookRun) {
	s := x.state(x.id)
	run, ok := s.Runbook(x.runbook)
	if !ok {
		x.t.Fatalf("%s is not in use", x.runbook)
	}
	return s, run
}

func (x *walkthrough) ref(step string) view.Ref {
	s, _ := x.run()
	return view.Ref{Incident: string(x.id), Runbook: x.runbook, Subject: step, Seq: s.Seq}
}

// card is the step in front of the room.
func (x *walkthrough) card(step string) *view.Step {
	s, _ := x.run()
	r, _ := x.office.lib.ByID(x.runbook, "en")
	return StepOf(r, step, s)
}

// through works steps one after the other.
func (x *walkthrough) through(steps []string) {
	for i, at := range steps {
		if at == "|" {
			x.submit(prim, view.FormResolve, view.Ref{Incident: string(x.id)}, map[string]string{view.InputText: "it is over"})
			continue
		}
		step, next := strings.TrimPrefix(at, "-"), ""
		for _, after := range steps[i+1:] {
			if after != "|" {
				next = strings.TrimPrefix(after, "-")
				break
			}
		}
		if _, run := x.run(); run.Current != step {
			x.t.Fatalf("the card shows %q, expected was %q (%d of %q)", run.Current, step, i, steps)
		}
		x.clock.Advance(2 * time.Minute)
		x.fill(step)
		if at != step {
			x.submit(prim, view.FormSkip, x.ref(step), map[string]string{view.InputReason: "decided against", view.InputBranch: x.finding(step, next)})
			continue
		}
		x.unlock(step)
		x.done(step, next)
	}
}

// fill gives the values that the step's commands lack, in the form that its card opens: they come first there.
func (x *walkthrough) fill(step string) {
	card := x.card(step)
	if len(card.Missing) == 0 {
		return
	}
	r, _ := x.office.lib.ByID(x.runbook, "en")
	answers := map[string]string{}
	form := x.press(prim, room(x.id), view.ActionOpenParameters, x.ref(step)).Form
	for _, b := range form.Blocks {
		in, is := b.(view.Input)
		name, asked := "", false
		if is {
			name, asked = view.ParameterOf(in.ID)
		}
		if _, other := b.(view.Section); other && len(answers) > 0 {
			break
		}
		if asked {
			q, _ := r.Parameter(name)
			answers[in.ID] = q.Example
		}
	}
	for _, name := range card.Missing {
		if answers[view.InputParameter(name)] == "" {
			x.t.Errorf("step %s needs %s, and the form does not ask for it first: %v", step, name, answers)
		}
	}
	x.submit(prim, view.FormParameters, form.Ref, answers)
	if left := x.card(step); len(left.Missing)+len(left.Unfit) > 0 {
		x.t.Fatalf("step %s still lacks %q %q", step, left.Missing, left.Unfit)
	}
}

// unlock opens the step's locks, each by who may.
func (x *walkthrough) unlock(step string) {
	s, _ := x.run()
	for _, l := range s.Locks(x.runbook, step, "") {
		switch l.Kind {
		case incident.LockCapture:
			x.submit(prim, view.FormCapture, view.Ref{Incident: string(x.id)}, map[string]string{view.InputRequests: "none", view.InputTraces: "none",
				view.InputAffected: "Alpha", view.InputOrganisations: "not permitted", view.InputWindow: "23:40-23:55"})
		case incident.LockEyes:
			x.submit(lea, view.FormSecond, x.ref(step), map[string]string{view.InputReason: "the host is right"})
		default:
			if f := x.press(sam, room(x.id), view.ActionStepApprove, x.ref(step)).Form; f != nil {
				x.t.Errorf("anybody may approve %s", step)
			}
			x.press(prim, room(x.id), view.ActionStepAsk, x.ref(step))
			who := map[string]incident.Person{"cto": x.office.names["U0CTO"], "tech_lead": tech}[l.Role]
			x.submit(who, view.FormApprove, x.ref(step), map[string]string{view.InputReason: "it must be"})
		}
	}
	if s, _ := x.run(); len(s.Locks(x.runbook, step, "")) > 0 {
		x.t.Fatalf("%s stays locked: %+v", step, s.Locks(x.runbook, step, ""))
	}
}

// done marks the step: by its findings, by who was told, or by the plain button.
func (x *walkthrough) done(step, next string) {
	s, run := x.run()
	if roles := run.Untold(step); len(roles) > 0 {
		form := x.press(prim, room(s.ID), view.ActionStepDone, x.ref(step)).Form // a step that tells people is done by saying to whom
		x.submit(prim, view.FormStepSent, form.Ref, map[string]string{view.InputRoles: strings.Join(roles, ","), view.InputTo: "by e-mail", view.InputText: "as drafted", view.InputBranch: x.finding(step, next)})
		return
	}
	if branches := x.card(step).Branches; len(branches) > 0 {
		ref := x.ref(step)
		ref.Note = x.finding(step, next)
		x.press(prim, room(s.ID), view.ActionStepBranch, ref)
		return
	}
	x.press(prim, room(s.ID), view.ActionStepDone, x.ref(step))
}

// finding is the value of the first finding that leads to a step; to none: that ends the runbook.
func (x *walkthrough) finding(step, next string) string {
	r, _ := x.office.lib.ByID(x.runbook, "en")
	st, _ := r.Step(step)
	i := slices.IndexFunc(st.Branches, func(b runbooks.Branch) bool {
		return b.Runbook == "" && (next == "" && b.Done || next != "" && b.Step == next)
	})
	switch {
	case i >= 0:
		return fmt.Sprint(i)
	case len(st.Branches) > 0:
		x.t.Errorf("%s: no finding leads to %q", step, next)
	}
	return view.BranchNone
}

// ends holds what is left when the incident is over.
func (x *walkthrough) ends(posts, owed string) {
	s, run := x.run()
	if run.Current != "" || s.Open() {
		x.t.Errorf("the card shows %q, the incident is %s", run.Current, s.Status)
	}
	var left []string
	for _, d := range s.Owing() {
		if d.Response {
			x.t.Errorf("%s of the response still runs: %+v", d.Key, d)
		}
		left = append(left, d.Key)
	}
	if got := strings.Join(left, " "); got != owed {
		x.t.Errorf("owed is %q, expected was %q", got, owed)
	}
	var said []string
	events, err := x.office.Events(x.t.Context(), x.id, 1, 1000)
	if err != nil {
		x.t.Fatal(err)
	}
	for _, e := range events {
		for _, f := range e.Effects {
			if f.Do == incident.Post && f.To == incident.ToIncident && !strings.HasPrefix(f.Slot, incident.SlotStep("")) && f.Slot != incident.SlotHeadline {
				said = append(said, f.View)
			}
		}
	}
	if got := strings.Join(said, " "); got != posts {
		x.t.Errorf("said in the room is %q, expected was %q", got, posts)
	}
}

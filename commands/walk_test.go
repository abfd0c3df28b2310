package commands

import (
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/runbooks"
)

// walkers are who walks a runbook; the CTO and the tech lead hold keys.
var walkers = map[string]incident.Person{"cto": {Slack: "U0CTO", Name: "Amel"}, "tech_lead": {Slack: "U0TECH", Name: "Tomas"}, "a": {Slack: "U0A", Name: "Léa"}, "b": {Slack: "U0B", Name: "Sam"}}

// TestWalksThroughEveryRunbook walks each of our runbooks at random, with every press that its cards offer. A model beside the core knows which
// keys were used, who was told and what was pressed: no lock opens without its key, no clock of the runbook is lost, and what the log says was
// done is what was pressed.
func TestWalksThroughEveryRunbook(t *testing.T) {
	shelf, err := runbooks.Load(runbooks.Embedded())
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range shelf.All() {
		if r.Language != "en" {
			continue
		}
		ref := RefOf(r)
		t.Run(r.ID, func(t *testing.T) {
			rapid.Check(t, func(rt *rapid.T) { walk(rt, ref) })
		})
	}
}

type walked struct {
	s      incident.State
	log    []incident.Event
	now    time.Time
	policy *incident.Policy
	held   incident.OnCall
}

// act hands in an act; false: it was refused.
func (w *walked) act(rt *rapid.T, who incident.Person, a incident.Act) bool {
	s, events, err := incident.Apply(w.s, incident.Intent{Now: w.now, At: w.now, Actor: incident.Actor{Person: who}, Via: incident.ViaSlack, Act: a, Policy: w.policy, Number: 42, OnCall: w.held})
	if _, no := err.(*incident.Refusal); err != nil && !no {
		rt.Fatalf("%T: %v", a, err)
	}
	if err == nil {
		w.s, w.log = s, append(w.log, events...)
	}
	return err == nil
}

func walk(rt *rapid.T, ref incident.RunbookRef) {
	p := defaultPolicy.p
	w := &walked{now: time.Date(2026, 11, 21, 2, 0, 0, 0, time.UTC), policy: p, held: incident.OnCall{}}
	for _, role := range []string{"cto", "tech_lead"} {
		w.held[role] = incident.Roster{People: []incident.Person{walkers[role]}, Source: "test", SeenAt: w.now}
	}
	w.act(rt, walkers["a"], incident.Declare{Title: incident.Say("something is wrong", 50), Severity: 2})
	w.act(rt, walkers["a"], incident.StartRunbook{Runbook: ref})
	names := slices.Sorted(maps.Keys(walkers))
	approved, captured, second := map[string]bool{}, false, map[string]incident.Person{}
	told, done, skipped, refused := map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}
	for range rapid.IntRange(1, 30).Draw(rt, "presses") {
		w.now = w.now.Add(time.Duration(rapid.IntRange(0, 1800).Draw(rt, "later")) * time.Second)
		name := rapid.SampledFrom(names).Draw(rt, "who")
		who := walkers[name]
		i := rapid.IntRange(0, len(ref.Steps)-1).Draw(rt, "step")
		if run, _ := w.s.Runbook(ref.ID); len(run.OpenSteps()) > 0 && rapid.Bool().Draw(rt, "on a card") {
			i = slices.Index(ref.Steps, run.OpenSteps()[0])
		}
		id, rule := ref.Steps[i], ref.Rules[i]
		unlocked := (rule.Approval == "" || approved[id]) && (captured || rule.Kind != incident.KindReplay && rule.Kind != incident.KindDestructive)
		open := !done[id] && !skipped[id]
		may := len(rule.Who) == 0 || slices.Contains(rule.Who, name)
		press := func(a incident.Act, want bool, then func()) {
			if took := w.act(rt, who, a); took != want {
				rt.Fatalf("%s %T of %s: taken %v, want %v (rule %+v, approved %v, captured %v)", name, a, id, took, want, rule, approved[id], captured)
			}
			if want {
				then()
			}
		}
		run, _ := w.s.Runbook(ref.ID)
		if by, read := second[id]; rule.FourEyes && (!read || by == who) {
			unlocked = false
		}
		reason := incident.Say("because it is so", 50)
		switch rapid.IntRange(0, 8).Draw(rt, "press") {
		case 0, 1, 2:
			press(incident.MarkStep{Runbook: ref.ID, Step: id, Mark: incident.StepDone, Next: rapid.SampledFrom(append(slices.Clone(ref.Steps), "", incident.NextNone)).Draw(rt, "leads to")}, open && may && unlocked, func() { done[id] = true })
		case 3:
			press(incident.MarkStep{Runbook: ref.ID, Step: id, Mark: incident.StepSkipped, Text: reason}, open, func() { skipped[id] = true })
		case 4:
			press(incident.ApproveStep{Runbook: ref.ID, Step: id, Reason: reason}, open && rule.Approval == name && !approved[id], func() { approved[id] = true })
		case 5:
			press(incident.ConfirmStep{Runbook: ref.ID, Step: id}, open && rule.FourEyes && second[id].Zero() && run.Worked(id).By != who, func() { second[id] = who })
		case 6:
			all := incident.Say("none", 10)
			press(incident.CaptureFirst{Requests: all, Traces: all, Tenants: all, Organisations: all, From: w.now.Add(-time.Hour), To: w.now}, true, func() { captured = true })
		case 7:
			left := slices.DeleteFunc(ref.Tells(id), func(role string) bool { return told[id+"/"+role] })
			role := ""
			if len(left) > 0 {
				role = rapid.SampledFrom(left).Draw(rt, "told")
			}
			press(incident.SentStep{Runbook: ref.ID, Step: id, Roles: []string{role}, To: incident.Say("them", 10), Text: reason}, role != "" && unlocked && may, func() { told[id+"/"+role] = true })
		case 8:
			if len(ref.Clocks) == 0 {
				break
			}
			c := rapid.SampledFrom(ref.Clocks).Draw(rt, "clock")
			if d, ok := w.s.Duty(c.ID); ok && d.When != "" && d.Running() {
				if w.act(rt, who, incident.AnswerQuestion{Question: c.ID, Value: incident.AnswerNo, Reason: reason}) {
					refused[c.ID] = true
				}
			}
		}
		for _, c := range ref.Clocks { // of those that run from the beginning none is lost
			if c.Anchor != "detected" && c.Anchor != "declared" && !c.Open || refused[c.ID] {
				continue
			}
			met := done[c.Step]
			if roles := ref.SettledBy(c); len(roles) > 0 {
				met = !slices.ContainsFunc(roles, func(role string) bool { return !told[c.Step+"/"+role] })
			}
			runs := slices.ContainsFunc(w.s.Owing(), func(d incident.Duty) bool { return w.s.ClockIs(c, d) })
			waits := c.When != "" && slices.ContainsFunc(w.s.Policy.Obligations, func(o incident.Obligation) bool { return w.s.ClockIs(c, incident.Duty{Key: o.Name}) }) // the policy asks
			if runs == met && !waits {
				rt.Fatalf("clock %s runs %v, met %v: done %v told %v", c.ID, runs, met, done, told)
			}
		}
	}
	saysDone, saysSkipped := map[string]bool{}, map[string]bool{}
	for _, e := range w.log {
		if f, ok := e.Fact.(*incident.StepMarked); ok && f.Mark == incident.StepDone {
			saysDone[f.Step] = true
		} else if ok {
			saysSkipped[f.Step] = true
		}
	}
	if !maps.Equal(saysDone, done) || !maps.Equal(saysSkipped, skipped) {
		rt.Fatalf("the log says done %v skipped %v, pressed were %v and %v", saysDone, saysSkipped, done, skipped)
	}
}

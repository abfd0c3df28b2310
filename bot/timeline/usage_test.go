package timeline

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tocsin-bot/tocsin/bot/incident"
)

// kafkaRef is a runbook of three steps that say how long they should take.
func kafkaRef(digest string) incident.RunbookRef {
	return incident.RunbookRef{ID: "RB-003", Digest: digest, Owner: "tech_lead", Steps: []string{"lag", "scale", "purge"}, Rules: []incident.StepRule{
		{Title: "Measure the lag", Kind: incident.KindDiagnosis, Minutes: 2}, {Title: "Add consumers", Kind: incident.KindMitigation, Minutes: 10}, {Title: "Purge the topic", Kind: incident.KindDestructive},
	}}
}

func usageLog(facts ...incident.Event) []incident.Event {
	for i := range facts {
		facts[i].Seq, facts[i].RecordedAt = int64(i+1), facts[i].At
	}
	return facts
}

func TestUsesOf(t *testing.T) {
	log := usageLog(
		incident.Event{At: at(3, 0, 0), Fact: &incident.RunbookStarted{Runbook: kafkaRef("d1")}},
		incident.Event{At: at(3, 1, 0), Fact: &incident.StepFound{Runbook: "RB-003", Step: "lag", Text: text("only partition 7")}},
		incident.Event{At: at(3, 1, 30), Fact: &incident.StepBlocked{Runbook: "RB-003", Step: "lag", On: text("the VPN"), Since: at(3, 1, 0)}},
		incident.Event{At: at(3, 4, 0), Fact: &incident.StepUnblocked{Runbook: "RB-003", Step: "lag", Since: at(3, 1, 0)}},
		incident.Event{At: at(3, 5, 0), Fact: &incident.StepMarked{Runbook: "RB-003", Step: "lag", Mark: incident.StepDone, Text: text("lag grows"), Led: true, Since: at(3, 0, 0)}},
		incident.Event{At: at(3, 6, 0), Fact: &incident.StepAwaits{Runbook: "RB-003", Step: "purge", Text: text("none of these")}},
		incident.Event{At: at(3, 30, 0), Fact: &incident.StepMarked{Runbook: "RB-003", Step: "purge", Mark: incident.StepDone, Text: text("none of these"), Since: at(3, 5, 0), Doer: lea}},
		incident.Event{At: at(3, 31, 0), Fact: &incident.StepBlocked{Runbook: "RB-003", Step: "scale", On: text("quota"), Since: at(3, 31, 0)}},
		incident.Event{At: at(3, 40, 0), Fact: &incident.StepMarked{Runbook: "RB-009", Step: "x", Mark: incident.StepDone}}, // not in use
	)
	uses := UsesOf(incident.State{ID: "INC-7", Severity: 3, Highest: 1, Policy: &incident.Policy{Severities: map[incident.Severity]incident.SeverityRule{}}}, log, at(3, 41, 0))
	if len(uses) != 1 {
		t.Fatalf("%d uses", len(uses))
	}
	u := uses[0]
	if u.Severity != 1 || u.Digest != "d1" || u.Owner != "tech_lead" || u.Private {
		t.Errorf("the use is %+v", u)
	}
	lag, scale, purge := u.Steps[0], u.Steps[1], u.Steps[2]
	if lag.Took != 5*time.Minute || !lag.Over() || lag.Mark != incident.StepDone {
		t.Errorf("lag: %+v", lag)
	}
	if len(lag.Findings) != 1 || lag.Findings[0].Body != "only partition 7" {
		t.Errorf("a finding that leads on is no finding without a branch: %v", lag.Findings)
	}
	if len(lag.Blocks) != 1 || lag.Blocks[0].For != 3*time.Minute || lag.Blocks[0].Open {
		t.Errorf("lag waited %+v", lag.Blocks)
	}
	if scale.Mark != "" || len(scale.Blocks) != 1 || !scale.Blocks[0].Open || scale.Blocks[0].For != 10*time.Minute {
		t.Errorf("scale still waits: %+v", scale)
	}
	if purge.Took != time.Minute || purge.Over() {
		t.Errorf("the time of who confirmed is not the step's: %+v", purge)
	}
	if len(purge.Findings) != 1 {
		t.Errorf("purge: %v", purge.Findings)
	}
	if done, skipped, open := u.Marks(); done != 2 || skipped != 0 || open != 1 {
		t.Errorf("%d done, %d skipped, %d open", done, skipped, open)
	}
}

// A step keeps its figures when a later revision renames or moves it; one that is gone stays in the table, last.
func TestUsageKeepsStepsThroughRevisions(t *testing.T) {
	older := kafkaRef("d1")
	newer := kafkaRef("d2")
	newer.Steps, newer.Rules = []string{"scale", "lag"}, []incident.StepRule{{Title: "Scale out", Minutes: 5}, {Title: "Lag"}}
	mark := func(h, m int, step string) incident.Event {
		return incident.Event{At: at(h, m, 0), Fact: &incident.StepMarked{Runbook: "RB-003", Step: step, Mark: incident.StepDone, Since: at(h, 0, 0)}}
	}
	a := UsesOf(incident.State{ID: "INC-1"}, usageLog(incident.Event{At: at(3, 0, 0), Fact: &incident.RunbookStarted{Runbook: older}}, mark(3, 4, "scale"), mark(3, 9, "purge")), at(9, 0, 0))
	b := UsesOf(incident.State{ID: "INC-2"}, usageLog(incident.Event{At: at(5, 0, 0), Fact: &incident.RunbookStarted{Runbook: newer}}, mark(5, 7, "scale")), at(9, 0, 0))
	for _, uses := range [][]RunbookUse{append(a, b...), append(b, a...)} {
		got := UsageOf(uses)
		if len(got) != 1 || got[0].Incidents != 2 || !got[0].Last.Equal(at(5, 0, 0)) {
			t.Fatalf("%+v", got)
		}
		var names []string
		for _, s := range got[0].Steps {
			names = append(names, fmt.Sprintf("%d %s %d %s", s.Number, s.Title, s.Done, s.MedianMinutes()))
		}
		if want := "1 Scale out 2 5.5|2 Lag 0 |0 Purge the topic 1 9.0"; strings.Join(names, "|") != want {
			t.Errorf("got  %s\nwant %s", strings.Join(names, "|"), want)
		}
	}
}

func TestUsageCSVRunsNoFormula(t *testing.T) {
	got := string(UsageCSV([]RunbookUsage{{Runbook: "RB-1", Incidents: 1, Steps: []StepUsage{{ID: "a", Title: "=1+1, \"x\"", Number: 1, Done: 1, Timed: 1, Median: 90 * time.Second}}}}))
	if !strings.HasPrefix(got, "runbook,incidents,step,") || strings.Contains(got, ",=") || strings.Contains(got, "\"=") || !strings.Contains(got, "1.5") {
		t.Errorf("%s", got)
	}
}

// What the figures say was done is what was clicked: over any walk through any number of incidents, the sums of marks, waits and findings equal
// the acts that the core accepted.
func TestUsageEqualsWhatWasClicked(t *testing.T) {
	ref := kafkaRef("d")
	marc := incident.Person{Slack: "U2", Name: "Marc"}
	pol := &incident.Policy{Severities: map[incident.Severity]incident.SeverityRule{2: {}}, Targets: map[string]incident.Target{"primary": {}}, Ladder: []incident.Level{{Name: "L1", Targets: []string{"primary"}}}}
	if err := pol.Bind(); err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(rt *rapid.T) {
		type figures struct{ done, skipped, blocked, findings int }
		want := map[string]figures{}
		var uses []RunbookUse
		incidents := rapid.IntRange(1, 4).Draw(rt, "incidents")
		for n := range incidents {
			now := at(3, 0, 0).Add(time.Duration(n) * 24 * time.Hour)
			var s incident.State
			var log []incident.Event
			do := func(a incident.Act) bool {
				events, err := incident.Decide(s, incident.Intent{At: now, Now: now, Actor: incident.Actor{Person: marc}, Via: incident.ViaSlack, Act: a, Policy: pol, Number: int64(n + 1)})
				if err != nil {
					return false
				}
				for _, e := range events {
					s = incident.Evolve(s, e)
					if s.Policy == nil {
						s.Policy = pol
					}
				}
				log = append(log, events...)
				return len(events) > 0
			}
			if !do(incident.Declare{Title: incident.Say("x is down", 50), Severity: 2}) || !do(incident.StartRunbook{Runbook: ref}) {
				rt.Fatal("not declared")
			}
			do(incident.CaptureFirst{Requests: text("r"), Traces: text("t"), Tenants: text("a"), Organisations: text("o"), From: now.Add(-time.Hour), To: now})
			for range rapid.IntRange(0, 20).Draw(rt, "acts") {
				now = now.Add(time.Duration(rapid.IntRange(0, 20).Draw(rt, "min")) * time.Minute)
				id := rapid.SampledFrom(ref.Steps).Draw(rt, "step")
				w := want[id]
				switch rapid.IntRange(0, 6).Draw(rt, "act") {
				case 0:
					if do(incident.MarkStep{Runbook: ref.ID, Step: id, Mark: incident.StepDone}) {
						w.done++
					}
				case 1:
					if do(incident.MarkStep{Runbook: ref.ID, Step: id, Mark: incident.StepDone, Text: text("nothing fits here at all")}) {
						w.done++
						w.findings++
					}
				case 2:
					if do(incident.MarkStep{Runbook: ref.ID, Step: id, Mark: incident.StepDone, Text: text("the lag grows everywhere"), Led: true, Next: "purge"}) {
						w.done++
					}
				case 3:
					if do(incident.MarkStep{Runbook: ref.ID, Step: id, Mark: incident.StepSkipped, Text: text("not ours")}) {
						w.skipped++
					}
				case 4:
					if do(incident.BlockStep{Runbook: ref.ID, Step: id, On: text("the VPN")}) {
						w.blocked++
					}
				case 5:
					do(incident.UnblockStep{Runbook: ref.ID, Step: id})
				case 6:
					if do(incident.FindStep{Runbook: ref.ID, Step: id, Text: text("only partition 7 grows")}) {
						w.findings++
					}
				}
				want[id] = w
			}
			uses = append(uses, UsesOf(s, log, now)...)
		}
		got := UsageOf(uses)
		if len(got) != 1 || got[0].Incidents != incidents {
			rt.Fatalf("%+v", got)
		}
		for _, s := range got[0].Steps {
			if have := (figures{s.Done, s.Skipped, s.Blocked, s.Findings}); have != want[s.ID] {
				rt.Fatalf("%s: figures %+v, clicked %+v", s.ID, have, want[s.ID])
			}
			if s.Timed > s.Done || s.Over > s.Timed {
				rt.Fatalf("%s: %+v", s.ID, s)
			}
		}
	})
}

func TestAMedianIsRoundedHalfUp(t *testing.T) {
	for d, want := range map[time.Duration]string{15 * time.Second: "0.3", 3 * time.Second: "0.1", 2 * time.Second: "0.0", 9 * time.Second: "0.2", 75 * time.Second: "1.3"} {
		if got := (StepUsage{Timed: 1, Median: d}).MedianMinutes(); got != want {
			t.Errorf("%s: %s, want %s", d, got, want)
		}
	}
}

// A step that is done again counts each time, with its own time.
func TestUsageCountsEachTime(t *testing.T) {
	log := usageLog(
		incident.Event{At: at(3, 0, 0), Fact: &incident.RunbookStarted{Runbook: kafkaRef("d1")}},
		incident.Event{At: at(3, 4, 0), Fact: &incident.StepMarked{Runbook: "RB-003", Step: "lag", Mark: incident.StepDone, Since: at(3, 0, 0)}},
		incident.Event{At: at(3, 10, 0), Fact: &incident.StepAgain{Runbook: "RB-003", Step: "lag", Card: 1, Count: 1}},
		incident.Event{At: at(3, 16, 0), Fact: &incident.StepMarked{Runbook: "RB-003", Step: "lag", Mark: incident.StepDone, Since: at(3, 10, 0)}},
		incident.Event{At: at(3, 20, 0), Fact: &incident.StepAgain{Runbook: "RB-003", Step: "lag", Card: 1, Count: 2}},
		incident.Event{At: at(3, 21, 0), Fact: &incident.StepMarked{Runbook: "RB-003", Step: "lag", Mark: incident.StepSkipped, Text: text("no need")}},
	)
	uses := UsesOf(incident.State{ID: "INC-7", Policy: &incident.Policy{}}, log, at(3, 41, 0))
	all := UsageOf(uses)
	if len(all) != 1 || all[0].Incidents != 1 {
		t.Fatalf("%+v", all)
	}
	if s := all[0].Steps[0]; s.Done != 2 || s.Skipped != 1 || s.MedianMinutes() != "5.0" {
		t.Errorf("done %d, skipped %d, median %s", s.Done, s.Skipped, s.MedianMinutes())
	}
}

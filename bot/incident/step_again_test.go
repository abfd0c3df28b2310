package incident

import (
	"testing"
	"time"
)

// A step that was done is done again: what it was marked as stays on record, its approval counts no more, and a clock that it settles and that
// counts by steps runs anew from when it was opened again, until it is done.
func TestAStepIsDoneAgain(t *testing.T) {
	st := newStory(t)
	st.declared(2)
	ref := RunbookRef{ID: "RB-006", Digest: "d", Language: "en", Owner: "tech_lead", Steps: []string{"unavailable", "retry", "confirm"},
		Rules:  []StepRule{{Title: "Unavailable", Kind: "diagnosis"}, {Title: "Retry", Kind: KindMitigation, Approval: "cto"}, {Title: "Confirm", Kind: "diagnosis"}},
		Clocks: []RunbookClock{{ID: "first-retry", Step: "retry", What: "retry", Who: "incident_commander", Offset: 2 * time.Hour, Anchor: anchorStepDone, Ref: "unavailable"}}}
	st.by(marc, StartRunbook{Runbook: ref})
	run := func() RunbookRun { r, _ := st.s.Runbook("RB-006"); return r }
	if r := refusalOf(st, marc, AgainStep{Runbook: "RB-006", Step: "retry"}); r != RefusedNotMarked {
		t.Errorf("what is not done cannot be done again: %s", r)
	}
	done := func(step string) {
		t.Helper()
		st.by(marc, MarkStep{Runbook: "RB-006", Step: step, Mark: StepDone, Text: Say("no answer", 100)})
	}
	done("unavailable")
	first, _ := st.s.Duty("first-retry")
	if !first.Running() || !first.Due.Equal(st.now.Add(2*time.Hour)) {
		t.Fatalf("%+v", first)
	}
	st.now = st.now.Add(time.Hour)
	st.by(amel, ApproveStep{Runbook: "RB-006", Step: "retry", Reason: Say("now", 100)})
	done("retry")
	if d, _ := st.s.Duty("first-retry"); d.How != EndedDone {
		t.Fatalf("%+v", d)
	}
	st.now = st.now.Add(10 * time.Minute)
	again := st.now
	st.by(marc, AgainStep{Runbook: "RB-006", Step: "retry"})
	if r := run(); r.CardOf("retry") == 0 || r.Steps["retry"].Mark != "" || len(r.Worked("retry").Before) != 1 || r.Worked("retry").Before[0].Mark != StepDone || !r.Worked("retry").Approved.At.IsZero() || r.Times("retry") != 1 {
		t.Fatalf("%+v", r)
	}
	if d, _ := st.s.Duty("first-retry"); !d.Running() || !d.From.Equal(again) || !d.Due.Equal(again.Add(2*time.Hour)) {
		t.Errorf("its clock does not run anew: %+v", d)
	}
	if r := refusalOf(st, marc, MarkStep{Runbook: "RB-006", Step: "retry", Mark: StepDone}); r != RefusedUnapproved {
		t.Errorf("approved once is approved for ever: %q", r)
	}
	if r := refusalOf(st, marc, AgainStep{Runbook: "RB-006", Step: "retry"}); r != RefusedNotMarked {
		t.Errorf("opened again twice: %q", r)
	}
	st.by(amel, ApproveStep{Runbook: "RB-006", Step: "retry", Reason: Say("once more", 100)})
	st.now = st.now.Add(2 * time.Minute)
	done("retry")
	if d, _ := st.s.Duty("first-retry"); d.How != EndedDone || run().Times("retry") != 2 || run().Steps["retry"].Since.Before(again) {
		t.Errorf("%+v %+v", d, run())
	}
	// A step that was skipped is done after all; what is over stays over.
	st.by(marc, MarkStep{Runbook: "RB-006", Step: "confirm", Mark: StepSkipped, Text: Say("later", 100)})
	st.by(marc, AgainStep{Runbook: "RB-006", Step: "confirm"})
	done("confirm")
	if run().Times("confirm") != 1 || len(run().Worked("confirm").Before) != 1 {
		t.Errorf("%+v", run().Worked("confirm"))
	}
	st.by(marc, Resolve{})
	if r := refusalOf(st, marc, AgainStep{Runbook: "RB-006", Step: "confirm"}); r != RefusedOver {
		t.Errorf("when it is over: %q", r)
	}
}

// A finding that leads back opens what it leads to once more, and so on along the loop; a step that somebody did meanwhile, and a step that has
// told people, are not opened again.
func TestAFindingLeadsBack(t *testing.T) {
	st := newStory(t)
	st.declared(2)
	ref := RunbookRef{ID: "RB-004", Digest: "d", Language: "en", Owner: "tech_lead", Steps: []string{"full", "who", "kill", "tell", "confirm"},
		Rules: []StepRule{{Kind: "diagnosis"}, {Kind: "diagnosis"}, {Kind: KindMitigation, Approval: "cto", FourEyes: true}, {Kind: "notify", Notify: []string{"tenant_dpo"}}, {Kind: "diagnosis"}}}
	st.by(marc, StartRunbook{Runbook: ref})
	run := func() RunbookRun { r, _ := st.s.Runbook("RB-004"); return r }
	done := func(step, next string) {
		t.Helper()
		st.now = st.now.Add(time.Minute)
		st.by(marc, MarkStep{Runbook: "RB-004", Step: step, Mark: StepDone, Text: Say("it climbs again", 100), Led: true, Next: next})
	}
	kill := func(next string) {
		t.Helper()
		st.by(amel, ApproveStep{Runbook: "RB-004", Step: "kill", Reason: Say("now", 100)})
		st.by(ines, ConfirmStep{Runbook: "RB-004", Step: "kill"})
		done("kill", next)
	}
	on := func(step string, times int) {
		t.Helper()
		r := run()
		if _, marked := r.Steps[step]; r.Current != step || marked || len(r.Worked(step).Before) != times || len(r.OpenSteps()) != 1 {
			t.Fatalf("on %q, want %q, marked %v, %d times before: %+v", r.Current, step, marked, times, r)
		}
		if by := r.Worked(step).By; times > 0 && !by.Zero() {
			t.Errorf("%s was led back to, and %s is said to work it", step, by.Name)
		}
	}
	done("full", "who")
	done("who", "kill")
	kill("tell")
	st.by(marc, SentStep{Runbook: "RB-004", Step: "tell", To: Say("Amel", 100), Text: Say("it is full", 100), Done: true})
	on("confirm", 0)
	done("confirm", "who")
	on("who", 1)
	done("who", "kill") // which was done before, further on
	on("kill", 1)
	if r := refusalOf(st, marc, MarkStep{Runbook: "RB-004", Step: "kill", Mark: StepDone}); r != RefusedUnapproved {
		t.Errorf("the approval of the time before counts on: %q", r)
	}
	kill("tell")
	if _, told := run().Told("tell", "tenant_dpo"); !told || run().Steps["tell"].Mark != StepDone || run().Current != "" {
		t.Fatalf("told, and asked to tell again: %+v", run())
	}
	st.by(marc, AgainStep{Runbook: "RB-004", Step: "who"})
	if by := run().Worked("who").By; by != marc {
		t.Errorf("who chose to do it again works it, not %q", by.Name)
	}
	st.by(ines, AgainStep{Runbook: "RB-004", Step: "confirm", Card: 2})
	st.now = st.now.Add(time.Minute)
	st.by(ines, MarkStep{Runbook: "RB-004", Step: "confirm", Mark: StepDone})
	done("who", "confirm") // which Ines did while this was worked
	if run().Steps["confirm"].Mark != StepDone || run().Current != "" {
		t.Fatalf("done meanwhile, and opened again: %+v", run())
	}
}

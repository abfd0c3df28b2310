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

package incident

import (
	"testing"
	"time"
)

// A finding answers what it says: "IDES is down", which leads to the retry, is the condition of the clock of the retry. One that leads elsewhere,
// and words of one's own that lead nowhere, leave it open.
func TestAFindingSaysThatAClocksConditionHolds(t *testing.T) {
	for _, x := range []struct {
		name    string
		mark    MarkStep
		applies bool
	}{
		{"a finding that leads to the clock's step", MarkStep{Next: "retry", Led: true}, true},
		{"a finding that leads elsewhere", MarkStep{Next: "tell", Led: true}, false},
		{"going on without a finding", MarkStep{}, false},
		{"words of one's own, and the step chosen", MarkStep{Next: "retry", Text: Say("perhaps it is down", 100)}, false},
	} {
		t.Run(x.name, func(t *testing.T) {
			st := newStory(t)
			st.declared(2)
			ref := RunbookRef{ID: "RB-006", Digest: "d", Language: "en", Owner: "tech_lead", Steps: []string{"unavailable", "retry", "tell"},
				Rules: []StepRule{{Title: "Unavailable", Kind: "diagnosis"}, {Title: "Retry", Kind: KindMitigation}, {Title: "Tell", Kind: "diagnosis"}},
				Clocks: []RunbookClock{
					{ID: "first-retry", Step: "retry", What: "retry", When: "IDES was unavailable", Who: "incident_commander", Offset: 2 * time.Hour, Anchor: anchorStepDone, Ref: "unavailable"},
					{ID: "four-hours", Step: "retry", What: "tell", When: "it lasts", Who: "incident_commander", Offset: 4 * time.Hour, Anchor: anchorDetected},
				}}
			st.by(marc, StartRunbook{Runbook: ref})
			x.mark.Runbook, x.mark.Step, x.mark.Mark = "RB-006", "unavailable", StepDone
			st.now = st.now.Add(time.Minute)
			st.by(marc, x.mark)
			d, there := st.s.Duty("first-retry")
			if !there || !d.Running() || st.s.Applies(d) != x.applies {
				t.Errorf("runs %v, applies %v: %+v", d.Running(), st.s.Applies(d), d)
			}
			if a, _ := st.s.Answer("first-retry"); x.applies && !a.By.Same(marc) {
				t.Errorf("who said so? %+v", a)
			}
			if d, _ := st.s.Duty("four-hours"); st.s.Applies(d) {
				t.Error("a clock that counts from elsewhere is answered, too")
			}
			// The same step once more asks anew, and no at that time is not overruled.
			if x.applies {
				st.now = st.now.Add(time.Minute)
				st.by(marc, AnswerQuestion{Question: "first-retry", Value: AnswerNo, Reason: Say("it answers again", 100)})
				if d, _ := st.s.Duty("first-retry"); d.Running() {
					t.Error("a no does not end it")
				}
			}
		})
	}
}

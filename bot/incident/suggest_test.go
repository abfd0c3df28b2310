package incident

import (
	"slices"
	"testing"
)

// The card that puts a runbook forward is drawn anew once that runbook is in use, and when the incident is over: its buttons go.
func TestASuggestionIsTakenBack(t *testing.T) {
	st := newStory(t)
	st.declared(2)
	st.opened()
	redraws := func(events []Event) bool {
		return slices.ContainsFunc(events, func(e Event) bool {
			return slices.ContainsFunc(e.Effects, func(x Effect) bool { return x.Do == Redraw && x.Slot == SlotSuggest && x.View == ViewSuggest })
		})
	}
	at := EffectID("")
	for _, e := range st.by(marc, SuggestRunbook{Choice: Suggestion{Runbook: "RB-001", Title: "Latency", By: ByBranch, Value: "RB-003"}}) {
		for _, x := range e.Effects {
			if x.Do == Post && x.View == ViewSuggest {
				at = IDOf(st.s.ID, e.Seq, x)
			}
		}
	}
	if at == "" {
		t.Fatal("nothing is put forward")
	}
	st.machine(ViaOutbox, Report{Effect: at, Outcome: OutcomeDone, Channel: "C1", TS: "5.1"})
	if st.s.Slots[SlotSuggest].TS != "5.1" {
		t.Fatalf("where the card stands is not kept: %+v", st.s.Slots)
	}
	if !redraws(st.by(marc, StartRunbook{Runbook: RunbookRef{ID: "RB-001", Digest: "d", Language: "en", Owner: "tech_lead", Steps: []string{"a"}, Rules: []StepRule{{Title: "A", Kind: "diagnosis"}}}})) {
		t.Error("the runbook is in use, and its card still offers it")
	}
	if !redraws(st.by(marc, Resolve{})) {
		t.Error("the incident is over, and the card still offers a runbook")
	}
}

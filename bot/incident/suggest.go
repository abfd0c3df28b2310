package incident

import "slices"

// Suggestion is a runbook put forward, with why. It points at no revision: what is started is today's.
type Suggestion struct {
	Runbook string `json:"runbook"` // RB-004
	Title   string `json:"title"`
	By      string `json:"by"`              // ByAlert ...
	Value   string `json:"value,omitempty"` // the alert, the service, the words or the runbook that it fits
	Step    string `json:"step,omitempty"`  // where it begins, of ByBranch; empty: at its first step
}

// Why a runbook is put forward.
const (
	ByAlert   = "alert"   // Value fires
	ByService = "service" // Value is the service
	ByWords   = "words"   // Value is in it
	BySymptom = "symptom" // Value is what people say of it
	ByBranch  = "branch"  // a finding of the runbook Value leads there
	ByGeneric = "generic" // none fits
)

// MaxSuggestions bounds how many runbooks are put forward at a time.
const MaxSuggestions = 5

// RunbooksSuggested puts runbooks forward; somebody starts one, or none.
type RunbooksSuggested struct {
	Choices []Suggestion `json:"choices"`
}

// Type implements Fact.
func (*RunbooksSuggested) Type() string { return "runbooks-suggested" }

// Texts implements Fact.
func (*RunbooksSuggested) Texts() []*Text { return nil }

// SuggestRunbook puts a runbook forward.
type SuggestRunbook struct{ Choice Suggestion }

func (SuggestRunbook) act() {}

// suggest puts runbooks forward that are neither in use nor put forward already. A storm is about nothing in particular: there only a finding
// leads anywhere.
func (d *decider) suggest(choices []Suggestion) {
	f := &RunbooksSuggested{}
	for _, c := range choices {
		_, started := d.s.Runbook(c.Runbook)
		same := func(x Suggestion) bool { return x.Runbook == c.Runbook }
		if c.Runbook == "" || started || c.By != ByBranch && d.s.Storm != nil || c.By != ByBranch && slices.ContainsFunc(d.s.Suggested, same) || slices.ContainsFunc(f.Choices, same) || len(f.Choices) == MaxSuggestions {
			continue
		}
		c.Title, c.Value = Clip(c.Title, 150), Clip(c.Value, 100)
		f.Choices = append(f.Choices, c)
	}
	if len(f.Choices) > 0 {
		d.own(f)
	}
}

// suggestedEvolve keeps what was put forward last, the newest first.
func (s *State) suggestedEvolve(f *RunbooksSuggested) {
	old := slices.DeleteFunc(s.Suggested, func(x Suggestion) bool {
		return slices.ContainsFunc(f.Choices, func(c Suggestion) bool { return c.Runbook == x.Runbook })
	})
	s.Suggested = append(slices.Clone(f.Choices), old...)
	if len(s.Suggested) > MaxSuggestions {
		s.Suggested = s.Suggested[:MaxSuggestions]
	}
}

// Offered are the runbooks put forward that nobody has started.
func (s State) Offered() []Suggestion {
	return slices.DeleteFunc(slices.Clone(s.Suggested), func(c Suggestion) bool {
		_, started := s.Runbook(c.Runbook)
		return started
	})
}

// suggest posts the card of what is put forward, after after: a card of its own each time, for a redrawn one far above is not read.
func (p *plan) suggest(after EffectID) {
	if len(p.s.Offered()) == 0 {
		return
	}
	p.add(Effect{Name: string(Post) + "/" + SlotSuggest, Do: Post, Lane: LaneSlack, Class: ClassUpdate, Repeat: Findable, After: after, View: ViewSuggest, Slot: SlotSuggest, To: ToIncident})
}

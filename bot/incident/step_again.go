package incident

import (
	"slices"
	"strconv"
)

// maxAgain is how often a step of one incident is done again.
const maxAgain = 50

// AgainStep opens a step that was marked, to be done once more: a retry that failed, a check that is made every hour, a step that was skipped
// after all. What it was marked as before stays on record.
type AgainStep struct {
	Runbook, Step string
	Card          int // it was asked from; 0: the first
}

func (AgainStep) act() {}

// StepAgain records that a marked step is to be done once more. Its approval, its second person and who was told counted for the time before.
type StepAgain struct {
	Runbook string `json:"runbook"`
	Step    string `json:"step"`
	Card    int    `json:"card"`  // that it is on
	Count   int    `json:"count"` // how often it was marked before
	// Led says that a finding led back to it, and nobody chose it: it stands open, worked by nobody. Of logs that do not say so the actor works it.
	Led bool `json:"led,omitempty"`
}

// Type implements Fact.
func (*StepAgain) Type() string { return "step-again" }

// Texts implements Fact.
func (*StepAgain) Texts() []*Text { return nil }

// againStep takes an AgainStep; is reports whether the act was one.
func (d *decider) againStep(a Act) (is bool, err error) {
	x, is := a.(AgainStep)
	if !is {
		return false, nil
	}
	run, ok := d.s.Runbook(x.Runbook)
	if !ok {
		return true, refuse(RefusedNoRunbook, x.Runbook)
	}
	i := slices.Index(run.Ref.Steps, x.Step)
	if i < 0 {
		return true, refuse(RefusedNoStep, x.Runbook, x.Step)
	}
	args := []string{x.Runbook, strconv.Itoa(i + 1)}
	before := run.Worked(x.Step).Before
	switch _, marked := run.Steps[x.Step]; {
	case !d.s.StepWorkable(x.Runbook, x.Step):
		return true, &Refusal{Code: RefusedOver, Args: []string{string(d.s.Status)}}
	case !marked:
		return true, refuse(RefusedNotMarked, args...)
	case len(before) >= maxAgain:
		return true, refuse(RefusedTooMany, strconv.Itoa(maxAgain))
	}
	card, err := d.cardFor(run, x.Card)
	if err != nil {
		return true, err
	}
	d.add(&StepAgain{Runbook: x.Runbook, Step: x.Step, Card: card, Count: len(before) + 1})
	return true, nil
}

// leadOn records that a step was done. Where its finding leads to a step that was marked before ("it climbs again → step 2"), that one is opened
// again on the same card, or nobody would be led anywhere; the time before stays on record. Two are not: a step further on that somebody marked
// while this one was worked, and a step that tells people: who was told stays told, and telling them once more is for somebody to decide.
func (d *decider) leadOn(at step, f *StepMarked, next string) {
	m, marked := at.run.Steps[next]
	rule, _ := at.run.Ref.Rule(next)
	beside := slices.Index(at.run.Ref.Steps, next) > at.i && m.At.After(at.work.Since)
	card, before := at.run.CardOf(at.id), at.run.Worked(next).Before
	if !marked || beside || card == 0 || len(rule.Notify) > 0 || len(before) >= maxAgain || !d.s.StepWorkable(at.run.Ref.ID, next) {
		d.add(f)
		return
	}
	f.Next = ""
	d.add(f)
	d.add(&StepAgain{Runbook: at.run.Ref.ID, Step: next, Card: card, Count: len(before) + 1, Led: true})
}

// cardFor is the card on which a step is opened that was asked for from a card: that one, unless what is there is somebody else's, or waits for
// something.
func (d *decider) cardFor(run RunbookRun, card int) (int, error) {
	card = max(card, 1)
	if here := run.On(card); here != "" {
		if w := run.Worked(here); (w.By.Zero() || w.By.Same(d.in.Actor.Person)) && !w.waits() {
			return card, nil
		}
	} else if card == 1 || run.Current != "" {
		return card, nil
	}
	switch {
	case run.Current == "":
		return 1, nil
	case len(run.OpenSteps()) >= MaxOpenSteps:
		return 0, refuse(RefusedTooMany, strconv.Itoa(MaxOpenSteps))
	}
	return run.freeCard(), nil
}

// againEvolve opens the step: all that was said of it belongs to the time before.
func (s *State) againEvolve(e Event, f *StepAgain) {
	r := s.run(f.Runbook)
	if r == nil {
		return
	}
	w := r.work(f.Step)
	before := w.Before
	if m, marked := r.Steps[f.Step]; marked {
		before = append(slices.Clone(before), m)
	}
	*w = StepWork{Step: f.Step, Before: before, Again: e.At}
	delete(r.Steps, f.Step)
	if i := slices.Index(r.Ref.Steps, f.Step); i >= 0 { // what its finding passed over is open again
		for _, id := range r.Ref.Steps[i+1:] {
			if r.Worked(id).Passed {
				r.work(id).Passed = false
			}
		}
	}
	r.show(f.Card, f.Step, e.At)
	if !f.Led {
		r.work(f.Step).By = e.Actor.Person
	}
}

// againEffects draws the card that it is on, as for any step that is opened.
func (p *plan) againEffects(f *StepAgain) {
	p.redrawRun(f.Runbook)
	if _, there := p.s.Slots[SlotCard(f.Runbook, f.Card)]; !there && f.Card > 1 {
		p.step(f.Runbook, f.Card, "")
	}
}

// Times is how often a step was done, the present mark included.
func (r RunbookRun) Times(step string) int {
	n := 0
	for _, m := range append(slices.Clone(r.Worked(step).Before), r.Steps[step]) {
		if m.Mark == StepDone {
			n++
		}
	}
	return n
}

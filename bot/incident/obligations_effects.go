package incident

import "strings"

// Names of the views of obligations.
const (
	ViewObligation      = "obligation"       // a clock has begun, or somebody is reminded of one
	ViewObligationEnded = "obligation-ended" // a legal clock was met or dropped
	ViewQuestion        = "question"         // a question of the policy, and its answer
)

// SlotQuestion is the slot of a question's card.
func SlotQuestion(name string) string { return "ask/" + name }

// obligationEffects is what follows from the facts of obligations.
func (p *plan) obligationEffects() {
	switch f := p.e.Fact.(type) {
	case *ObligationBegun:
		p.headline()
		if f.Legal {
			p.topic()
		}
		switch {
		case f.Question != "":
			p.ask(f.Question, "")
		case f.Legal:
			p.post(ViewObligation, ClassUpdate, f.Key)
		case f.Clock != "" && f.When != "" && f.Due.Sub(p.e.RecordedAt) >= askAtOnce:
			// Asked at once: the answer takes time. What has no time of its own stands on the headline, on the cards where it can be known, and is
			// asked for at the end. Before there is a room, the runbook's card asks.
			if p.s.ChannelID != "" {
				p.post(ViewObligation, ClassUpdate, f.Key)
			}
		case f.Why == BeginsAction && !f.Owner.Same(p.e.Actor.Person):
			p.direct(ViewObligation, 0, f.Owner, f.Key, zeroTime)
		}
	case *ObligationReminded:
		p.reminded(f)
	case *HolidaysCounted:
		p.all()
	case *ObligationTaken:
		p.headline()
		p.clocksLeft(f.Key)
	case *ObligationMoved:
		p.headline()
	case *ObligationEnded:
		p.headline()
		if p.s.Open() {
			p.redrawClock(f.Key)
		} else {
			p.clocksLeft(f.Key)
		}
		if d, ok := p.s.Duty(f.Key); ok && d.Legal && d.Question == "" {
			p.topic()
			p.post(ViewObligationEnded, ClassUpdate, f.Key)
		}
	case *Answered:
		p.headline()
		p.redraw(SlotQuestion(f.Question))
		p.redrawClock(f.Question)
	case *NoticeSent:
		p.headline()
		if f.Runbook != "" {
			p.redrawRun(f.Runbook)
		}
		if p.s.Private != nil { // what they are told of they must be able to read
			p.invite(f.Who...)
		}
		for i, who := range f.Who {
			p.direct(ViewStepTold, i, who, "", zeroTime)
		}
	case *MomentMarked, *ImpactRecorded, *CadenceSet, *Frozen, *FreezeLifted:
		p.headline()
	case *ParametersSet:
		p.headline()
		p.steps()
	case *RunbooksSuggested:
		p.headline()
		if p.s.ChannelID != "" { // else the room puts them up when it opens
			p.suggest("")
		}
	case *Captured, *LockOverridden: // steps that waited for it are drawn open
		p.headline()
		for _, rb := range p.s.Runbooks {
			p.redrawRun(rb.Ref.ID)
		}
	default:
		p.handOverEffects()
	}
}

// redrawClock redraws the card of the runbook whose clock a duty is: it asks whether the clock's condition holds.
func (p *plan) redrawClock(key string) {
	if d, ok := p.s.Duty(key); ok && d.Clock != "" && d.When != "" && d.Of == "" {
		runbook, _, _ := strings.Cut(d.Clock, "/")
		p.redrawRun(runbook)
	}
}

// ask posts a question's card, after after; while there is no room, the room posts it when it opens.
func (p *plan) ask(question string, after EffectID) {
	slot := SlotQuestion(question)
	if _, there := p.s.Slots[slot]; there || p.s.ChannelID == "" {
		p.redraw(slot)
		return
	}
	p.add(Effect{Name: string(Post) + "/" + slot, Do: Post, Lane: LaneSlack, Class: ClassUpdate, Repeat: Findable, After: after, View: ViewQuestion, Slot: slot, To: ToIncident, Arg: question})
}

// questions posts the cards of the questions that were put before there was a room; whether it is an attack, and whether customers are touched,
// the headline asks.
func (p *plan) questions(after EffectID) {
	for _, d := range p.s.Duties {
		if d.Question != "" && d.Running() {
			p.ask(d.Question, after)
		}
	}
}

// clocksLeft redraws the cards of the runbooks that have a duty's clock, once the incident is over: they show what is left of it then.
func (p *plan) clocksLeft(key string) {
	d, ok := p.s.Duty(key)
	if !ok || p.s.Open() {
		return
	}
	for _, run := range p.s.Runbooks {
		for _, c := range run.Ref.Clocks {
			if p.s.ClockIs(c, d) {
				p.redrawRun(run.Ref.ID)
				break
			}
		}
	}
}

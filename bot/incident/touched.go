package incident

import "slices"

// ImpactAsked records that the room was asked whether customers or regulators are touched. The answer is an ImpactRecorded.
type ImpactAsked struct{}

// Type implements Fact.
func (*ImpactAsked) Type() string { return "impact-asked" }

// Texts implements Fact.
func (*ImpactAsked) Texts() []*Text { return nil }

// WhyUntouched closes the pages of those who were rung for customers or regulators that are not touched after all.
const WhyUntouched = "untouched"

// impactLevel is the level that is rung because customers or regulators are touched, 0 when the severity has none.
func (s State) impactLevel() int {
	if s.Policy == nil {
		return 0
	}
	for i, l := range s.Policy.Ladder {
		if l.On == LevelOnImpact && (len(l.Only) == 0 || slices.Contains(l.Only, s.Severity)) {
			return i + 1
		}
	}
	return 0
}

// asksImpact reports whether the severity that is set now has the question put with it.
func (s State) asksImpact() bool {
	return s.Policy != nil && s.Policy.Rule(s.Severity).ImpactWithin > 0 && s.impactLevel() != 0 && s.Impact.Touched() == TouchedUnknown &&
		(s.ImpactAskedAt.IsZero() || s.ImpactAskedAt.Equal(s.RecordedAt))
}

// askImpact asks the question where the severity wants it answered and it has not been.
func (d *decider) askImpact() {
	if d.rule().ImpactWithin <= 0 || d.s.impactLevel() == 0 {
		return
	}
	switch d.s.Impact.Touched() {
	case TouchedYes:
		d.ringImpact(WhyImpact)
	case TouchedUnknown:
		if d.s.ImpactAskedAt.IsZero() {
			d.own(&ImpactAsked{})
		}
	}
}

// forImpact reports whether a page rings for the customers' sake: because they are touched, or because nobody said whether they are. Logs of
// before the second had a reason of its own know only the first.
func (p Page) forImpact() bool { return p.Why == WhyImpact || p.Why == WhyImpactUnsaid }

// impactRings reports whether somebody has said that customers or regulators are touched, and the severity rings for it.
func (d *decider) impactRings() bool {
	return d.s.Impact.Touched() == TouchedYes && d.rule().ImpactWithin > 0 && d.s.impactLevel() != 0
}

// ringImpact rings those who must know because customers or regulators are touched, or may be: at once, whatever the ladder does.
func (d *decider) ringImpact(why string) {
	level := d.s.impactLevel()
	for _, t := range d.s.targets(level) {
		d.pageTarget(t, level, max(1, d.s.Ladder.Round), why, Person{})
	}
}

// impactSaid is what follows from an answer.
func (d *decider) impactSaid(was Touched) {
	now := d.s.Impact.Touched()
	if now == was || !d.s.Open() || d.s.impactLevel() == 0 || d.rule().ImpactWithin <= 0 || d.rule().NeedsConfirm && !d.s.Confirmed {
		return
	}
	switch now {
	case TouchedYes:
		d.ringImpact(WhyImpact)
	case TouchedNo:
		d.closePages(WhyUntouched, func(p Page) bool { return p.forImpact() && p.Status != PageAnswered && !d.waitsFor(p) })
	}
}

// impactDeadline is until when the question is to be answered; unanswered it counts as yes.
func impactDeadline(s State, r SeverityRule) (Deadline, bool) {
	if r.ImpactWithin <= 0 || s.ImpactAskedAt.IsZero() || s.Missed[DueImpact] > 0 || s.Status == Mitigated || s.Impact.Touched() != TouchedUnknown {
		return Deadline{}, false
	}
	level := s.impactLevel()
	if level == 0 {
		return Deadline{}, false
	}
	due, ok := s.goesOn(DueImpact, s.ImpactAskedAt)
	if !ok {
		due = laterOf(s.ImpactAskedAt, s.ResumedAt).Add(r.ImpactWithin)
	}
	return keyed(Deadline{Name: DueImpact, Due: due, Level: level, Next: s.firstTarget(level)}), true
}

package incident

import "time"

// recallAfter is how long after PagerDuty resolved its own page level 1 is called by us. Alertmanager tells PagerDuty and us at the same time
// that an alert is over, and either may hear of it first: nobody is woken for what ended in that moment.
const recallAfter = time.Minute

// recallDue is when level 1 is called because PagerDuty resolved its own page, its only call, and nobody has taken what goes on: another alert
// fires, or the severity rings on until somebody looks.
func (s State) recallDue() (time.Time, bool) {
	switch target := s.firstTarget(1); {
	case s.PagerOverAt.IsZero() || !s.PagerOverAt.After(s.MissedAt[DueRecall]):
	case s.Status == Mitigated || s.Ladder.Level == 0 || !s.Ladder.AcceptedAt.IsZero() || s.Policy.Rule(s.Severity).NoLadder:
	case s.calling(target):
	default:
		return s.PagerOverAt.Add(recallAfter), true
	}
	return zeroTime, false
}

// recall calls level 1. The ladder's wait runs on as it was.
func (d *decider) recall(due Deadline) {
	d.own(&Missed{Deadline: due.Key, Name: DueRecall, Due: due.Due, Count: 1})
	for _, t := range d.stage(1, false) {
		if !d.s.calling(t) {
			d.pageTarget(t, 1, max(1, d.s.Ladder.Round), WhyPagerOver, Person{})
		}
	}
}

// pagerOver keeps when an incident of PagerDuty's own ended there.
func (s *State) pagerOver(ref PagerRef, was string, at time.Time) {
	if ref.Status == "resolved" && was != "resolved" {
		s.PagerOverAt = at
	}
}

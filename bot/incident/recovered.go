package incident

import "slices"

// Recovered records that monitoring sees nothing any more and nobody has answered: the clocks pause until somebody looks at it.
type Recovered struct{}

// AlertsOver reports whether everything that monitoring ever said of the incident has cleared.
func (s State) AlertsOver() bool {
	all, firing := s.Groups()
	if all == 0 && len(s.Pagers) == 0 {
		return false
	}
	return firing == 0 &&
		!slices.ContainsFunc(s.Pagers, func(r PagerRef) bool { return r.Status != "resolved" })
}

// fires reports whether monitoring says anything of it.
func (s State) fires() bool {
	all, _ := s.Groups()
	return all+len(s.Pagers) > 0 && !s.AlertsOver()
}

// cleared is what follows when monitoring says that it is over. It never ends an incident: a human does.
func (d *decider) cleared() {
	if !d.s.AlertsOver() || d.s.Status == Mitigated || !d.s.RecoveredAt.IsZero() || d.s.Answered() {
		return
	}
	d.own(&Recovered{})
	if d.s.Paused() {
		d.closePages(WhyRecovered, func(p Page) bool { return p.Status != PageAnswered && !p.Foreign })
	}
}

// WhyRecovered closes the pages nobody answered when monitoring sees nothing any more.
const WhyRecovered = "recovered"

// review asks level 1, quietly, to look at what cleared by itself.
func (d *decider) review(due Deadline) {
	n := d.s.Missed[DueReview] + 1
	d.own(&Missed{Deadline: due.Key, Name: DueReview, Due: due.Due, Count: n})
	for _, t := range d.stage(1, false) {
		d.pageTarget(t, 1, max(d.s.Ladder.Round, 1)+n, WhyReview, Person{})
	}
}

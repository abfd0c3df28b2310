package incident

import (
	"slices"
	"time"
)

// Recovered records that monitoring sees nothing any more and nobody has answered: the clocks pause until somebody looks at it.
type Recovered struct {
	// Left is how much of each clock beside the ladder's is still to run when it fires again, by the name of the deadline; of DueTake in
	// working time.
	Left map[string]time.Duration `json:"left,omitempty"`
}

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

// cleared is what follows when monitoring says that it is over. It never ends an incident: a human does. What a person declared is not over
// because alerts that joined it are.
func (d *decider) cleared() {
	if !d.s.AlertsOver() || d.s.Source == SourceHand || d.s.Status == Mitigated || !d.s.RecoveredAt.IsZero() || d.s.Answered() {
		return
	}
	d.own(&Recovered{Left: d.left()})
	d.quiet()
}

// quiet closes the calls that nobody answered of what has cleared and rings no more. Whom somebody sent for by name is called on: a person
// wants them, not the alert, and nothing would call them again when it fires once more. So is who is asked to look at it.
func (d *decider) quiet() {
	if !d.s.RecoveredAt.IsZero() && d.s.Paused() {
		d.closePages(WhyRecovered, func(p Page) bool {
			return p.Status != PageAnswered && !p.Foreign && p.Why != WhyAsked && p.Why != WhyReview
		})
		d.quietClocks(WhyRecovered)
	}
}

// closeReviews ends the quiet calls to look at what had cleared: it does not rest any more, and who is called for it is called aloud.
func (d *decider) closeReviews() {
	for _, p := range slices.Clone(d.s.Pages) {
		if p.Why == WhyReview && p.Outstanding() && p.Status != PageAnswered {
			d.own(&PageChanged{Key: p.Key, Status: PageClosed, Why: WhyReview})
		}
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

// left is how much of each clock that runs beside the ladder is still to run.
func (d *decider) left() map[string]time.Duration {
	var out map[string]time.Duration
	for _, dl := range responses(d.s) {
		switch dl.Name {
		case DueConfirm, DueImpact, DueCommander, DueUpdate:
			put(&out, dl.Name, max(0, dl.Due.Sub(d.now)))
		case DueTake:
			if b := d.s.businessTime(); b != nil {
				if left, err := b.Between(d.now, laterOf(d.now, dl.Due)); err == nil {
					put(&out, dl.Name, left)
				}
			}
		}
	}
	return out
}

// goesOn is when a clock that began at base, and of which a part was left when it cleared, is due; false when it began since it fires again,
// or never stood still.
func (s State) goesOn(name string, base time.Time) (due time.Time, ok bool) {
	left, ok := s.Left[name]
	if !ok || !s.ResumedAt.After(base) {
		return zeroTime, false
	}
	return s.ResumedAt.Add(left), true
}

// Stage is a place on the ladder, and how long it was waited at in vain. What is waited is time in which the incident fires: the clocks of
// what cleared with nobody answering stand still, and go on where they stood. So no pattern of firing and clearing keeps anybody from being
// sent for; an answer alone does.
type Stage struct {
	Level  int           `json:"level"`
	Backup bool          `json:"backup,omitempty"`
	Waited time.Duration `json:"waited,omitempty"`
}

// before reports whether a stage comes before another on the way up.
func (g Stage) before(o Stage) bool {
	return g.Level < o.Level || g.Level == o.Level && !g.Backup && o.Backup
}

// stage is where the ladder stands.
func (l Ladder) stage() Stage { return Stage{Level: l.Level, Backup: l.Backup, Waited: l.Waited} }

// furthest is the stage at which the ladder stands, or stood when it last cleared, if that is further up.
func (s State) furthest() Stage {
	if at := s.Ladder.stage(); !at.before(s.Stood) {
		return at
	}
	return s.Stood
}

// stageSince is the moment from which the wait for the present stage counts: what had run of it before it cleared is behind it.
func (s State) stageSince() time.Time {
	return laterOf(s.Ladder.Since, s.SeverityAt, s.ResumedAt).Add(-s.Ladder.Waited)
}

// recovered makes the clocks stand still, and keeps where they stood.
func (s *State) recovered(e Event, f *Recovered) {
	if l := s.Ladder; l.Level > 0 && l.AcceptedAt.IsZero() && !l.Exhausted {
		s.Ladder.Waited = max(0, e.RecordedAt.Sub(s.stageSince()))
		s.Stood = s.furthest()
	}
	s.RecoveredAt, s.Left = e.RecordedAt, f.Left
}

// anewClocks forgets what had run of the clocks before it cleared: somebody has looked at it, or it is another severity's wait.
func (s *State) anewClocks() { s.Stood, s.Left, s.Ladder.Waited = Stage{}, nil, 0 }

// waited is how much of the wait for a stage the ladder comes to has run already: all of it for those it was waited at in vain before it
// cleared, up to where it stood then.
func (d *decider) waited(level int, backup bool) time.Duration {
	at, stood := Stage{Level: level, Backup: backup}, d.s.Stood
	switch r := d.rule(); {
	case !d.s.RecoveredAt.IsZero(), stood.before(at):
		return 0
	case !at.before(stood):
		return stood.Waited
	case level == 1 && !backup:
		return r.AckWithin
	default:
		return r.AcceptWithin
	}
}

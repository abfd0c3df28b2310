package incident

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"
)

// setSeverity sets and thereby confirms the severity; raising and lowering arm anew what follows.
func (d *decider) setSeverity(a SetSeverity) error {
	if !a.Severity.Valid() {
		return refuse(RefusedBadSeverity, a.Severity.String())
	}
	was := d.s.Severity
	if was == a.Severity && d.s.Confirmed {
		return refuse(RefusedSameSeverity, a.Severity.String())
	}
	asks, err := d.reasonFor(a)
	if err != nil {
		return err
	}
	d.add(&SeveritySet{Severity: a.Severity, Was: was, Confirmed: true, Reason: a.Reason, Rule: cmp.Or(Clip(a.Rule, 80), "by hand"), Asks: asks})
	if was.Worse(a.Severity) {
		d.lowered()
		if d.quiet(); d.s.quieted() {
			return nil // whom the lower severity calls follows when it is back: nobody is woken because what is over is less bad
		}
	}
	d.severityMoved()
	return nil
}

// severityMoved arms anew what a severity set or confirmed lets follow.
func (d *decider) severityMoved() {
	if d.s.Parked != nil && d.rule().NoPark {
		d.own(&Resumed{Why: ResumedSeverity})
	}
	if !d.s.Paused() {
		d.ladderBegins()
	}
	d.severityFollows()
}

// ladderBegins starts the ladder of an incident whose severity had none so far, or whose pages a lower severity closed.
func (d *decider) ladderBegins() {
	l := d.s.Ladder
	switch {
	case d.rule().NoLadder:
	case l.Level > 0:
		if d.closeReviews(); l.AcceptedAt.IsZero() && !l.Exhausted && d.s.Status != Mitigated && !d.stageRings() {
			d.raise(1, false, l.Round+1, WhySeverity, "")
		}
	case !l.AcceptedAt.IsZero():
		d.begin(WhySeverity)
	case d.s.Status == Mitigated, d.awaitsPage():
	default:
		d.raise(1, false, l.Round+1, WhySeverity, "")
	}
}

// stageRings reports whether somebody of the present stage has an open page, or who set it aside until now.
func (d *decider) stageRings() bool {
	l := d.s.Ladder
	if slices.ContainsFunc(d.s.Pages, func(p Page) bool { return p.Why == WhyParked && p.Round == l.Round && d.s.calls(p) }) {
		return true
	}
	return slices.ContainsFunc(d.stage(l.Level, false), d.s.calling) || l.Backup && d.s.calling(d.s.Backup(l.Level))
}

// lowered stands down whom the lower severity would not have sent for, and takes the ladder back to level 1.
func (d *decider) lowered() {
	r := d.rule()
	level1 := d.stage(1, false)
	d.closePages(WhyLowered, func(p Page) bool {
		if p.Foreign || p.Why == WhyParked && p.Round == d.s.Ladder.Round || slices.ContainsFunc(r.PageAtOnce, func(t string) bool { return d.s.target(t) == p.Target }) {
			return false
		}
		first := p.Level == 1 && (p.Status == PageAnswered || laddered(p) && slices.Contains(level1, p.Target))
		return !first || r.NoLadder && p.Status != PageAnswered
	})
	// The backup as well was sent for sooner than the lower severity would have.
	if l := d.s.Ladder; l.Level > 1 || l.Backup && l.AcceptedAt.IsZero() {
		d.own(&LevelRaised{Level: 1, Round: l.Round + 1, Why: WhyLowered, Empty: d.empty()})
		switch {
		case l.Level > 1 && !l.AcceptedBy.Zero():
			d.own(&Acknowledged{By: l.AcceptedBy})
		case r.NoLadder, d.s.Paused(), d.s.Status == Mitigated: // nobody is rung for what is over
		default:
			d.restartLevel()
		}
	}
}

// restartLevel rings the present level again when none of its pages is open.
func (d *decider) restartLevel() {
	for _, t := range d.stage(d.s.Ladder.Level, false) {
		d.pageTarget(t, d.s.Ladder.Level, d.s.Ladder.Round, WhyDetected, Person{})
	}
}

func (d *decider) setStatus(a SetStatus) error {
	switch a.Status {
	case Identified, Mitigated:
	case Resolved:
		d.resolve(a.Reason, "")
		return nil
	case Closed:
		return d.close(Close{Reason: a.Reason})
	default:
		return refuse(RefusedStatusBack, string(d.s.Status), string(a.Status))
	}
	if a.Status.rank() <= d.s.Status.rank() {
		return refuse(RefusedStatusBack, string(d.s.Status), string(a.Status))
	}
	d.add(&StatusSet{Status: a.Status, Was: d.s.Status, Reason: a.Reason})
	if a.Status == Mitigated {
		// Nobody needs to be rung any more for what is mitigated; who answered stays.
		d.closePages(WhyMitigated, func(p Page) bool { return p.Status != PageAnswered && !p.Foreign })
	}
	return nil
}

// WhyMitigated closes the pages nobody answered when the harm has ended.
const WhyMitigated = "mitigated"

func (d *decider) progress(t Text) error {
	if utf8.RuneCountInString(strings.TrimSpace(t.Body)) < MinProgress {
		return refuse(RefusedTooShort)
	}
	d.add(&ProgressMade{Text: t})
	return nil
}

func (d *decider) update(a Update) error {
	if a.Text.Body == "" {
		return refuse(RefusedEmpty, "update")
	}
	f := &UpdatePosted{Text: a.Text}
	if a.Next > 0 {
		f.Next = d.now.Add(a.Next)
	}
	d.add(f)
	return d.momentsOf(a)
}

func (d *decider) resolve(t Text, why string) {
	d.add(&ResolvedFact{Text: t, Why: why})
	d.closePages(WhyResolved, func(Page) bool { return true })
}

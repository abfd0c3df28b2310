package incident

import "slices"

// quieted reports whether nothing of the response runs and nobody is rung, so that news of it take the incident up again: it is over, it
// was mitigated, or it cleared with nobody answering.
func (s State) quieted() bool {
	return !s.Open() || s.Status == Mitigated || !s.RecoveredAt.IsZero()
}

// takeUp takes up again an incident that was quieted, because monitoring or PagerDuty says that it is back. Whoever brings the news and
// whatever had quieted it, the same follows: it runs, level 1 is rung (soon after it had cleared: the level at which the ladder stood), and so
// is whom the severity rings, who was stood down.
//
// seen records the news. page, where it is not nil, puts on record that level 1 is called already: PagerDuty rings by itself, or somebody is
// at it.
func (d *decider) takeUp(seen, page func()) {
	since, why := d.s.RecoveredAt, WhyAgain
	switch {
	case !d.s.Open():
		d.add(&Reopened{Policy: d.in.Policy.Digest, Claims: d.claims()})
		seen()
	case d.s.Status == Mitigated:
		seen()
		// Nobody need be awake: the answered pages of the time before are closed without a word.
		for _, p := range slices.Clone(d.s.Pages) {
			if p.Outstanding() && !p.Foreign {
				d.own(&PageChanged{Key: p.Key, Status: PageClosed, Why: WhyMitigated})
			}
		}
		d.own(&Reopened{Policy: d.in.Policy.Digest})
	default:
		seen()
		if _, merged := d.in.Act.(Absorb); merged && d.s.AlertsOver() { // a duplicate that goes on, though nothing fires
			d.takenOffHold()
			why = WhyDetected
		} else {
			d.own(&Resumed{Why: ResumedFiring})
		}
		d.closeReviews()
	}
	// Who stood there is not waited for after so long, and at its end the ladder has nobody to go on to: level 1 is rung first.
	anew := d.s.Ladder.Level > 0 && (d.now.Sub(since) > d.s.Policy.ResumeWithin || d.s.Ladder.Exhausted)
	if anew {
		d.endWalk()
	}
	if page != nil {
		if anew {
			d.begin(why)
		}
		page()
	}
	at := d.s.furthest()
	switch l := d.s.Ladder; {
	case d.rule().NoLadder, !l.AcceptedAt.IsZero():
	case l.Level == 0 && d.awaitsPage():
	case l.Level == 0:
		d.raise(1, false, l.Round+1, WhyDetected, "")
	case anew && page == nil:
		d.raise(1, false, l.Round+1, why, "")
	case !anew && l.stage().before(at), !slices.ContainsFunc(d.stage(l.Level, l.Backup), d.s.calling):
		if anew {
			at = l.stage()
		}
		d.raise(at.Level, at.Backup, l.Round, why, "")
	}
	d.severityFollows()
}

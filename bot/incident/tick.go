package incident

import (
	"slices"
)

// tick decides whatever is due. Every deadline is acted on at most once, and what it leads to waits from now: after a long sleep one
// tick advances one level.
func (d *decider) tick() {
	done := map[string]bool{}
	for range 32 {
		var due *Deadline
		for _, dl := range responses(d.s) {
			if !dl.Due.After(d.now) && !done[dl.Name] {
				due = &dl
				break
			}
			if !dl.WarnAt.IsZero() && !dl.WarnAt.After(d.now) && dl.Due.After(d.now) {
				d.own(&Warned{Deadline: dl.Key, Due: dl.Due, Who: d.warned(dl)})
			}
		}
		if due == nil {
			return
		}
		done[due.Name] = true
		switch due.Name {
		case DueFirstPage:
			d.raise(1, false, d.s.Ladder.Round+1, WhyDetected, due.Key)
			done[DueAck] = true
		case DueAck, DueAccept:
			d.raiseFrom(WhyNotAcknowledged, due.Key)
			d.ladderDone(done)
		case DueProgress:
			d.raiseFrom(WhyNoProgress, due.Key)
			d.ladderDone(done)
		case DueMitigate:
			d.raiseFrom(WhyNotMitigated, due.Key)
			d.ladderDone(done)
		case DueRestart:
			d.restart(due.Key)
			d.ladderDone(done)
		case DueConfirm:
			d.own(&SeveritySet{Severity: d.s.Severity, Was: d.s.Severity, Confirmed: true, Rule: UnconfirmedTimeout})
			d.severityFollows()
		case DueCommander:
			d.pursue(*due, WhyNoCommander, nil)
		case DueImpact:
			d.own(&Missed{Deadline: due.Key, Name: DueImpact, Due: due.Due, Count: 1})
			d.ringImpact(WhyImpactUnsaid)
		case DueParked:
			d.parkOver(due.Key)
			d.ladderDone(done)
		case DueRecall:
			d.recall(*due)
		case DueReview:
			d.review(*due)
		case DueTake:
			d.takeOverdue(*due)
		case DueComms:
			d.own(&RoleAsked{Role: Comms, Who: d.in.OnCall[due.Next].People, Why: "nobody-answered"})
		case DueRing:
			for _, p := range slices.Clone(d.s.Pages) {
				if at, waits := ringDue(p); waits && !at.After(d.now) {
					d.own(&PageChanged{Key: p.Key, Status: p.Status, Stuck: true})
				}
			}
		case DueUpdate:
			d.pursue(*due, WhyUpdateMissed, d.s.updateHolders())
		}
	}
}

// ladderDone keeps one tick from advancing the ladder twice.
func (d *decider) ladderDone(done map[string]bool) {
	for _, n := range []string{DueFirstPage, DueAck, DueAccept, DueProgress, DueMitigate, DueRestart} {
		done[n] = true
	}
}

// warned is who is told before a deadline passes: those it is about.
func (d *decider) warned(dl Deadline) []Person {
	var who []Person
	add := func(p Person) {
		if !p.Zero() && !slices.ContainsFunc(who, p.Same) {
			who = append(who, p)
		}
	}
	switch dl.Name {
	case DueUpdate:
		if h, ok := d.s.Roles[Comms]; ok {
			add(h.Who)
		} else if h, ok := d.s.Roles[Commander]; ok {
			add(h.Who)
		}
	case DueCommander:
		add(d.s.Ladder.AcceptedBy)
	case DueImpact: // one direct message: to who finds it out
		if h, ok := d.s.Roles[Commander]; ok {
			add(h.Who)
		} else {
			add(d.s.Ladder.AcceptedBy)
		}
	case DueAck, DueAccept:
		for _, p := range d.s.Pages {
			if p.Level == d.s.Ladder.Level && p.Round == d.s.Ladder.Round && (p.Status == PageSent || p.Status == PageOwed) {
				add(p.Person)
			}
		}
	default:
		add(d.s.Ladder.AcceptedBy)
		if h, ok := d.s.Roles[Commander]; ok {
			add(h.Who)
		}
	}
	return who
}

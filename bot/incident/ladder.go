package incident

import (
	"maps"
	"slices"
)

// raise moves the ladder to a level or its backup and rings everybody there.
func (d *decider) raise(level int, backup bool, round int, why, deadline string) {
	if _, ok := d.s.level(level); !ok {
		return
	}
	since := laterOf(d.s.Ladder.AcceptedAt, d.s.Progress.At, d.s.Ladder.Since, d.s.SeverityAt)
	if why == WhyNotAcknowledged && !d.s.Ladder.Since.IsZero() {
		since = d.s.Ladder.Since                                        // somebody's progress is no acknowledgement
		if l := d.s.Ladder; l.Level == 1 && !l.Backup && l.Waited > 0 { // it has fired for so long, in pieces
			since = d.s.stageSince()
		}
	}
	f := &LevelRaised{Level: level, Backup: backup, Round: round, Why: why, Since: since, Deadline: deadline, Empty: d.empty(), Waited: d.waited(level, backup)}
	if help, is := d.in.Act.(SendHelp); is {
		f.By, f.Reason = d.in.Actor.Person, help.Reason
	}
	d.own(f)
	for _, t := range d.stage(level, backup) {
		d.endStale(t)
		// Already rung because the severity said so, and answered: then this level has accepted.
		if p, open := d.rungFor(t, func(p Page) bool { return p.Why == WhySeverity }); open {
			if p.Status == PageAnswered && d.s.Ladder.AcceptedAt.IsZero() {
				by := p.Person
				d.own(&Acknowledged{By: by, Page: p.Key})
			}
			continue
		}
		by := Person{}
		if why == WhyHelp {
			by = d.in.Actor.Person
		}
		d.pageTarget(t, level, round, why, by)
	}
}

// stage are the targets of a level, or its backup. Where nobody is known to be on call for any of them, whoever the policy names for
// that case.
func (d *decider) stage(level int, backup bool) []string {
	if backup {
		return []string{d.s.Backup(level)}
	}
	targets := d.s.targets(level)
	l, _ := d.s.level(level)
	known := func(t string) bool { return len(d.in.OnCall[t].People) > 0 }
	if l.WhenEmpty == "" || slices.ContainsFunc(targets, known) {
		return targets
	}
	return []string{d.s.target(l.WhenEmpty)}
}

// empty are the targets for whom a level names a stand-in and nobody is known to be on call: what is said to come next must name who is
// rung then.
func (d *decider) empty() []string {
	var out []string
	for n := 1; d.s.Policy != nil && n <= len(d.s.Policy.Ladder); n++ {
		l, _ := d.s.level(n)
		if l.WhenEmpty == "" {
			continue
		}
		named := slices.Clone(l.Targets)
		for _, sev := range slices.Sorted(maps.Keys(l.Instead)) {
			named = append(named, l.Instead[sev]...)
		}
		for _, t := range named {
			if t = d.s.target(t); len(d.in.OnCall[t].People) == 0 && !slices.Contains(out, t) {
				out = append(out, t)
			}
		}
	}
	return out
}

// laddered reports whether a page was rung by the ladder, not for a role, an update or because somebody asked.
func laddered(p Page) bool {
	switch p.Why {
	case WhyAsked, WhyNoCommander, WhyUpdateMissed, WhyHandOver, WhyReview:
		return false
	}
	return true
}

// raiseFrom goes on from the present stage: to its backup when nobody of it accepted, else to the level above, else to the ladder's end.
func (d *decider) raiseFrom(why, deadline string) {
	l := d.s.Ladder
	if l.AcceptedAt.IsZero() && !l.Backup && d.s.Backup(l.Level) != "" && why != WhyHelp {
		d.raise(l.Level, true, l.Round, why, deadline)
		return
	}
	if !d.s.RecoveredAt.IsZero() && why != WhyHelp {
		return // nobody above is woken for what is over; level 1 is rung again in time
	}
	if next := d.s.above(l.Level); next != 0 {
		d.raise(next, false, max(1, l.Round), why, deadline)
		return
	}
	d.own(&Missed{Deadline: deadline, Name: LadderEnd, Due: d.now, Count: l.Round})
}

// restart walks the ladder again from level 1: whoever is on it is rung anew under the next round.
func (d *decider) restart(deadline string) {
	d.endWalk()
	d.raise(1, false, d.s.Ladder.Round+1, WhyNotAcknowledged, deadline)
}

// endWalk closes the pages of the present walk without a word, answered or not: who answered has not brought it to an end. Calls that stand
// beside the walk and that nobody has answered ring on; no new walk would repeat them.
func (d *decider) endWalk() {
	for _, p := range slices.Clone(d.s.Pages) {
		if p.Outstanding() && !p.Foreign && !p.forImpact() && (p.Status == PageAnswered || !beside(p)) {
			d.own(&PageChanged{Key: p.Key, Status: PageClosed, Why: WhyNotAcknowledged})
		}
	}
}

// beside reports whether a page was not rung by the walk up the ladder: for the severity, for the customers' sake, for what was missed, or
// because somebody asked.
func beside(p Page) bool {
	switch p.Why {
	case WhySeverity, WhyImpact, WhyImpactUnsaid, WhyAsked, WhyNoCommander, WhyUpdateMissed, WhyHandOver:
		return true
	}
	return false
}

// endStale closes the unanswered calls of a target from before the present walk, whatever they were for: the ladder has come to it, and
// rings it anew.
func (d *decider) endStale(target string) {
	var who Person
	if people := d.in.OnCall[target].People; len(people) > 0 {
		who = people[0]
	}
	for _, p := range slices.Clone(d.s.Pages) {
		if d.s.stale(p) && (p.Target == target || p.Why == WhySeverity && !who.Zero() && p.Person.Same(who)) {
			d.own(&PageChanged{Key: p.Key, Status: PageClosed, Why: WhyNotAcknowledged})
		}
	}
}

// stale reports whether a call nobody has answered is from before the present walk, so that the ladder rings it anew when it comes to it.
func (s State) stale(p Page) bool {
	return (p.Status == PageOwed || p.Status == PageSent) && !p.Foreign && !p.forImpact() && p.At.Before(s.Ladder.RoundAt)
}

// begin puts the ladder on level 1 without ringing anybody: a page is there, or somebody took it before there was a ladder.
func (d *decider) begin(why string) {
	l := d.s.Ladder
	d.own(&LevelRaised{Level: 1, Round: l.Round + 1, Why: why, Empty: d.empty(), Waited: d.waited(1, false)})
	if !l.AcceptedAt.IsZero() {
		d.own(&Acknowledged{By: l.AcceptedBy})
	}
}

package incident

import (
	"fmt"
	"slices"
	"time"
)

// responses returns the deadlines of the response: none when the incident is over. Ladder waits run from when the present stage was paged
// or accepted, and a change of severity arms them anew.
func responses(s State) []Deadline {
	if !s.Open() || s.Policy == nil {
		return nil
	}
	r := s.Policy.Rule(s.Severity)
	var out []Deadline
	add := func(d Deadline) {
		warn := d.Due.Add(-s.Policy.WarnBefore)
		if d.warns() && (d.Name != DueImpact || s.acted()) && s.Policy.WarnBefore > 0 && !slices.Contains(s.Warned, d.Key) {
			d.WarnAt = warn
		}
		out = append(out, d)
	}
	if s.Paused() {
		if d, ok := pauseDeadline(s); ok {
			out = append(out, d)
		}
		return out
	}
	if d, ok := takeDeadline(s, r); ok {
		add(d)
	}
	// Cleared with nobody answering, and the severity rings on: level 1 is rung. Nothing else is due of what is over before somebody looks at
	// it, and nobody else is woken for it.
	over := !s.RecoveredAt.IsZero()
	if !over && !s.Confirmed && r.NeedsConfirm && s.Policy.ConfirmWithin > 0 {
		base := laterOf(s.SeverityAt, s.ResumedAt)
		if s.DeclaredAt.Sub(base) > heardLate {
			base = s.DeclaredAt
		}
		due := base.Add(s.Policy.ConfirmWithin)
		if at, ok := s.goesOn(DueConfirm, s.SeverityAt); ok {
			due = at
		}
		add(keyed(Deadline{Name: DueConfirm, Due: due}))
	}
	if (s.Status != Mitigated || s.takenUp()) && !r.NoLadder {
		if d, ok := ladderDeadline(s, r); ok {
			add(d)
		}
	}
	if at, ok := s.recallDue(); ok {
		add(keyed(Deadline{Name: DueRecall, Due: at, Level: 1, Next: s.firstTarget(1)}))
	}
	if _, held := s.Roles[Commander]; !over && !held && r.CommanderWithin > 0 && (r.NoLadder || !s.Ladder.AcceptedAt.IsZero() || s.Status == Mitigated) {
		base := laterOf(s.VacantAt, s.MissedAt[DueCommander], s.SeverityAt)
		due, ok := s.goesOn(DueCommander, base)
		if !ok {
			within := r.CommanderWithin
			p, _ := s.Pursued(DueCommander)
			if m := s.MissedAt[DueCommander]; !m.IsZero() && base.Equal(m) {
				within = p.Every
			}
			due = laterOf(base, s.ResumedAt).Add(within)
		}
		add(keyed(Deadline{Name: DueCommander, Due: due, Level: s.Missed[DueCommander], Next: s.nextAsked(DueCommander)}))
	}
	if _, held := s.Roles[Comms]; !over && !held && s.CommsAsk.Stage == 1 && r.CommsBackup != "" && r.CommsWithin > 0 {
		add(keyed(Deadline{Name: DueComms, Due: s.CommsAsk.At.Add(r.CommsWithin), Next: s.target(r.CommsBackup)}))
	}
	if d, ok := impactDeadline(s, r); ok && !over {
		add(d)
	}
	if d, ok := updateDeadline(s, r); ok && !over {
		add(d)
	}
	for _, p := range s.Pages {
		if at, waits := ringDue(p); waits {
			add(keyed(Deadline{Name: DueRing, Due: at, Level: p.Level}, p.Key))
		}
	}
	return sorted(out)
}

// RingWithin is how long PagerDuty may take to accept a page before the room is told, so that somebody rings by hand.
const RingWithin = time.Minute

// ringDue is when the room is told that PagerDuty has not taken a page; false when it has, or the room knows.
func ringDue(p Page) (time.Time, bool) {
	return p.At.Add(RingWithin), p.Status == PageOwed && p.Pager == "" && p.StuckAt.IsZero()
}

// ladderDeadline is the one wait of the escalation ladder that runs now.
func ladderDeadline(s State, r SeverityRule) (Deadline, bool) {
	l := s.Ladder
	d := Deadline{Level: l.Level}
	switch {
	case l.Level == 0:
		if s.Source != SourceAlert || s.Policy.FirstPage != FirstPagePagerDuty {
			return d, false
		}
		d.Name, d.Due, d.Next = DueFirstPage, s.begunAt().Add(s.Policy.FirstPageWait), s.firstTarget(1)
	case !s.RecoveredAt.IsZero() && l.AcceptedAt.IsZero():
		// Monitoring sees nothing any more, and this severity rings on: level 1 only, nobody above is woken for what is over.
		d.Name, d.Due, d.Next = DueRestart, laterOf(s.RecoveredAt, l.Since).Add(s.Policy.RestartEvery), s.firstTarget(1)
	case l.Exhausted:
		if s.Policy.RestartEvery <= 0 {
			return d, false
		}
		d.Name, d.Due, d.Next = DueRestart, laterOf(l.Since, s.ResumedAt).Add(s.Policy.RestartEvery), s.firstTarget(1)
	case l.AcceptedAt.IsZero():
		within := r.AcceptWithin
		d.Name = DueAccept
		if l.Level == 1 && !l.Backup {
			d.Name, within = DueAck, r.AckWithin
		}
		if within <= 0 {
			return d, false
		}
		if s.pagerEscalates() {
			return d, false // its own escalation policy goes on
		}
		d.Due = s.stageSince().Add(within)
		d.Next = s.nextTarget(true)
	case l.Level == 1:
		within := r.ProgressWithin
		if s.Progress.At.After(l.AcceptedAt) && r.ProgressEvery > 0 {
			within = r.ProgressEvery
		}
		if within <= 0 {
			return d, false
		}
		d.Name, d.Due, d.Next = DueProgress, l.extended(laterOf(l.AcceptedAt, s.Progress.At, s.SeverityAt, s.ResumedAt), within), s.nextTarget(false)
	case l.Level == 2:
		if r.RemediateWithin <= 0 || s.nextTarget(false) == "" {
			return d, false
		}
		d.Name, d.Due, d.Next = DueMitigate, l.extended(laterOf(l.AcceptedAt, s.SeverityAt, s.ResumedAt), r.RemediateWithin), s.nextTarget(false)
	default:
		return d, false
	}
	return keyed(d, l.Round, l.Backup), true
}

// pagerEscalates reports whether PagerDuty goes on where nobody takes the present stage: it owns the ladder, and a call of that stage rings
// there which an escalation policy holds. What is assigned to one person stays with them, and what PagerDuty has given up rings nobody: then
// the waits are Tocsin's, or nothing would ever go on.
func (s State) pagerEscalates() bool {
	if _, soon := s.recallDue(); soon && s.Policy.LadderOwner == LadderPagerDuty {
		return true // level 1 is called within a minute, unless it ends
	}
	return s.Policy.LadderOwner == LadderPagerDuty && slices.ContainsFunc(s.Pages, func(p Page) bool {
		return p.Level == s.Ladder.Level && p.Why != WhyReview && p.Status != PageAnswered && s.calls(p) && (p.Foreign || p.Address.User == "")
	})
}

// extended is when a wait that began at base ends. More time moves the wait that ran when it was given, not those after it.
func (l Ladder) extended(base time.Time, within time.Duration) time.Time {
	if l.MoreTime > 0 && (l.MoreTimeAt.IsZero() || !l.MoreTimeAt.Before(base)) {
		within += l.MoreTime
	}
	return base.Add(within)
}

// updateGrace is how long after it was taken a first update is due at the earliest.
const updateGrace = 10 * time.Minute

// untaken reports whether there is nobody who could say anything: the ladder is looking for somebody, and its posts say all there is.
func (s State) untaken() bool {
	_, commands := s.Roles[Commander]
	_, speaks := s.Roles[Comms]
	return !commands && !speaks && s.Ladder.Level > 0 && s.Ladder.AcceptedAt.IsZero() && s.Updates.Count == 0
}

func updateDeadline(s State, r SeverityRule) (Deadline, bool) {
	if s.Cadence > 0 {
		r.UpdateEvery = s.Cadence
	}
	every := r.FirstUpdate
	base := laterOf(s.DeclaredAt, s.SeverityAt, s.ResumedAt)
	if s.Updates.Count > 0 {
		every, base = r.UpdateEvery, laterOf(s.Updates.At, s.SeverityAt, s.ResumedAt)
	}
	if every <= 0 || s.untaken() {
		return Deadline{}, false
	}
	due := base.Add(every)
	if s.Updates.Count > 0 && s.NextAt.After(s.Updates.At) {
		due = s.NextAt
		// What was promised under another severity does not outlast what the present one promises.
		if now := s.SeverityAt.Add(every); s.SeverityAt.After(s.Updates.At) && now.Before(due) {
			due = now
		}
	}
	if due.Before(s.ResumedAt) { // what was promised for a time when the clocks stood still
		due = base.Add(every)
	}
	if at, ok := s.goesOn(DueUpdate, laterOf(s.DeclaredAt, s.Updates.At, s.SeverityAt)); ok {
		due = at
	}
	if m := s.MissedAt[DueUpdate]; !m.Before(due) {
		p, _ := s.Pursued(DueUpdate)
		if p.Every <= 0 {
			p.Every = every
		}
		due = laterOf(m, s.answeredFor(WhyUpdateMissed), s.ResumedAt).Add(p.Every)
	} else if s.Updates.Count == 0 { // whoever takes it late needs a moment before there is something to say
		due = laterOf(due, s.Ladder.AcceptedAt.Add(min(every, updateGrace)))
	}
	return keyed(Deadline{Name: DueUpdate, Due: due, Level: s.Missed[DueUpdate]}), true
}

// keyed gives a deadline a key that changes whenever it is armed anew.
func keyed(d Deadline, more ...any) Deadline {
	d.Key = fmt.Sprintf("%s/%d/%d", d.Name, d.Level, d.Due.UnixMilli())
	for _, m := range more {
		d.Key += fmt.Sprintf("/%v", m)
	}
	return d
}

// warns reports whether people are told before it passes: only where somebody is about to be escalated over, or misses a promise.
func (d Deadline) warns() bool {
	switch d.Name {
	case DueAck, DueAccept, DueProgress, DueMitigate, DueUpdate, DueCommander, DueImpact:
		return true
	}
	return false
}

// acted reports whether there is somebody who could find out what is asked of the room.
func (s State) acted() bool {
	_, commands := s.Roles[Commander]
	return commands || !s.Ladder.AcceptedBy.Zero()
}

// NextDue is the earliest moment at which a Tick would do something; zero: never.
func NextDue(s State) time.Time {
	var next time.Time
	for _, d := range Deadlines(s) {
		for _, t := range d.moments() {
			if !t.IsZero() && (next.IsZero() || t.Before(next)) {
				next = t
			}
		}
	}
	return next
}

// level returns ladder level n, counted from 1.
func (s State) level(n int) (Level, bool) {
	if s.Policy == nil || n < 1 || n > len(s.Policy.Ladder) {
		return Level{}, false
	}
	return s.Policy.Ladder[n-1], true
}

// above returns the next level after n that applies to the present severity, 0 when there is none.
func (s State) above(n int) int {
	for i := n + 1; ; i++ {
		l, ok := s.level(i)
		if !ok {
			return 0
		}
		if l.On == "" && (len(l.Only) == 0 || slices.Contains(l.Only, s.Severity)) {
			return i
		}
	}
}

// firstTarget is who level n rings first: whoever stands in where nobody was on call for it when the ladder last moved.
func (s State) firstTarget(n int) string {
	targets := s.targets(n)
	if len(targets) == 0 {
		return ""
	}
	held := func(t string) bool { return !slices.Contains(s.NobodyOnCall, t) }
	if l, _ := s.level(n); l.WhenEmpty != "" && !slices.ContainsFunc(targets, held) {
		return s.target(l.WhenEmpty)
	}
	return targets[0]
}

// nextTarget is who is rung when the present stage fails: the level's backup (when nobody of it accepted), else the level above;
// empty at the top.
func (s State) nextTarget(unaccepted bool) string {
	if b := s.Backup(s.Ladder.Level); unaccepted && !s.Ladder.Backup && b != "" {
		return b
	}
	return s.firstTarget(s.above(s.Ladder.Level))
}

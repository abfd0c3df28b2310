package incident

import (
	"slices"
	"time"
)

// stands reports whether a duty stands still: one that belongs to the response, of the policy or of a runbook, while the incident is paused.
// Nobody is reminded of it then, and it goes on with what was left. Legal clocks run on; what is owed beyond the response reminds in working time.
func (s State) stands(x Duty) bool {
	return x.Response && !x.Legal && s.Open() && s.Paused()
}

// pausedAt is since when a paused incident's clocks stand still, or since the last change of what pauses it: what stood still before is
// settled by then.
func (s State) pausedAt() time.Time {
	if s.Parked != nil {
		return s.Parked.At
	}
	return laterOf(s.RecoveredAt, s.SeverityAt) // one that rang on until its severity was lowered stands still since then
}

// goOn moves the duties of the response that stood still by as long as they did, once in the step that ends the pause. What was due
// before it stays so, and is reminded of later.
func (d *decider) goOn() {
	if d.wentOn || !d.was.Open() || !d.was.Paused() || !d.s.Open() || d.s.Paused() && d.s.pausedAt().Equal(d.was.pausedAt()) {
		return
	}
	d.wentOn = true
	for _, x := range slices.Clone(d.s.Duties) {
		old, there := d.was.Duty(x.Key)
		if !x.Running() || !there || !old.From.Equal(x.From) || !d.was.stands(x) || x.Due.IsZero() && x.Next.IsZero() {
			continue
		}
		since := laterOf(d.was.pausedAt(), x.From)
		stood := d.now.Sub(since)
		f := &ObligationMoved{Key: x.Key, Was: x.Due, Due: x.Due, Next: x.Next, Stood: stood}
		if x.Due.After(since) {
			f.Due = utc(x.Due.Add(stood))
		}
		if !x.Next.IsZero() {
			f.Next = utc(x.Next.Add(stood))
		}
		if stood > 0 {
			d.own(f)
		}
	}
}

// quietClocks closes what rings for a runbook's clocks when the incident is paused: but for legal ones, the phones are quiet. Whoever had not
// answered is rung again at their turn when it goes on.
func (d *decider) quietClocks(why string) {
	for _, p := range slices.Clone(d.s.DutyPages) {
		loud := slices.ContainsFunc(p.Obligations(), func(key string) bool {
			x, ok := d.s.Duty(key)
			return !ok || x.Running() && (x.Clock == "" || x.Legal)
		})
		if !loud && p.Obligation != "" && p.Outstanding() {
			d.own(&PageChanged{Key: p.Key, Status: PageClosed, Why: why, Quiet: true})
		}
	}
}

package sim

import (
	"strings"
	"time"

	"github.com/tocsin-bot/tocsin/bot/incident"
)

// tight is how much earlier than the simulator's own reckoning something may be recorded: the two round differently.
const tight = time.Second

// clocks is what the simulator reckons deadlines from, kept from the facts of a log alone and by rules of its own. It shares neither the
// core's state nor its Deadlines; only the promise and the order of the facts.
type clocks struct {
	policy   string // digest of the one the incident goes by
	severity incident.Severity
	source   string
	detected time.Time
	begun    time.Time // declared, or taken up again
	severe   time.Time // the severity was last changed
	vacant   time.Time // since when nobody commands
	stage    time.Time // the present stage of the ladder was paged
	level    int
	backup   bool
	why      string    // the present stage was paged for
	end      time.Time // the ladder's end was reached
	cleared  time.Time // monitoring saw nothing any more, and nobody had answered
	resumed  time.Time // clocks that stood still run again
	accepted time.Time
	progress time.Time
	extra    time.Duration // more time, given at this level
	extraAt  time.Time
	asked    time.Time // somebody was asked to do the communication
	updated  time.Time
	promised time.Time // the next update, explicitly
	updates  int
	missed   map[string]time.Time
	parked   time.Time            // until when it is set aside
	impact   time.Time            // "customers or regulators touched?" was asked
	rung     map[string]time.Time // pages that PagerDuty was not heard to take, by key, since when
	days     map[string]bool      // announced holidays that count
	ring     string               // key of the page of which it was said last
	silent   time.Time            // PagerDuty resolved an incident of its own
	stood    place                // where the ladder was when it cleared
	waited   time.Duration        // and how long that place was waited at while it fired
	left     map[string]time.Duration

	mitigated bool
}

// place is one on the ladder, by its order on the way up: twice the level, and one more for its backup.
type place int

func placeOf(level int, backup bool) place {
	if backup {
		return place(2*level + 1)
	}
	return place(2 * level)
}

// unanswered is what of a place's wait was spent before it cleared: all of it where the ladder had been further up.
func (k *clocks) unanswered(within time.Duration) time.Duration {
	switch here := placeOf(k.level, k.backup); {
	case k.stood == 0 || here > k.stood:
		return 0
	case here == k.stood:
		return k.waited
	}
	return within
}

// forget that anything was waited for in vain: a human has looked, or it is another promise now.
func (k *clocks) forget() { k.stood, k.waited, k.left = 0, 0, nil }

// clears keeps what was left of every clock when monitoring saw nothing any more.
func (k *clocks) clears(at time.Time, p *incident.Policy) {
	k.left = map[string]time.Duration{}
	for _, name := range []string{incident.DueImpact, incident.DueConfirm, incident.DueCommander, incident.DueUpdate, incident.DueTake} {
		if due := k.due(name, p); !due.IsZero() {
			k.left[name] = max(0, due.Sub(at))
		}
	}
	if here := placeOf(k.level, k.backup); k.level > 0 && k.accepted.IsZero() && k.end.IsZero() && here >= k.stood {
		k.waited = max(0, at.Sub(newest(k.stage, k.severe, k.resumed))+k.unanswered(0))
		k.stood = here
	}
	k.cleared = at
}

// goesOn is when a clock that stood still is due, where none began anew since.
func (k *clocks) goesOn(name string, base time.Time) (time.Time, bool) {
	left, ok := k.left[name]
	if name == incident.DueTake { // what was left is working time, of which this is the least there can be
		left = 0
	}
	return k.resumed.Add(left), ok && k.resumed.After(base)
}

// newest of some moments.
func newest(ts ...time.Time) time.Time {
	var t time.Time
	for _, x := range ts {
		t = laterOf(t, x)
	}
	return t
}

// fresh is how old a statement may be for a wait to run from when it was made, not from when it was heard.
const fresh = 2 * time.Minute

// due is the earliest moment at which a deadline may be acted on; zero: it does not run at all, as far as the log tells.
func (k *clocks) due(name string, p *incident.Policy) time.Time {
	r := p.Rule(k.severity)
	after := func(d time.Duration, base time.Time) time.Time {
		if d <= 0 || base.IsZero() {
			return time.Time{}
		}
		return base.Add(d)
	}
	extended := func(d time.Duration, base time.Time) time.Time {
		if k.extra > 0 && !k.extraAt.Before(base) {
			d += k.extra
		}
		return after(d, base)
	}
	switch name {
	case incident.DueImpact:
		if !k.cleared.IsZero() {
			return time.Time{} // nobody above level 1 is woken for what is over
		}
		if due, ok := k.goesOn(name, k.impact); ok {
			return due
		}
		return after(r.ImpactWithin, newest(k.impact, k.resumed))
	case incident.DueParked:
		return k.parked
	case incident.DueReview:
		if k.cleared.IsZero() {
			return time.Time{}
		}
		return officeOf(p, k.days).morning(newest(k.cleared, k.missed[name]))
	case incident.DueTake:
		if !r.NoLadder || !k.accepted.IsZero() || k.mitigated { // whoever mitigated it was at it
			return time.Time{}
		}
		if due, ok := k.goesOn(name, newest(k.severe, k.missed[name])); ok {
			return newest(due, officeOf(p, k.days).days(newest(k.severe, k.missed[name]), r.AckDays))
		}
		return officeOf(p, k.days).days(newest(k.severe, k.resumed, k.missed[name]), r.AckDays)
	case incident.DueRing:
		return after(incident.RingWithin, k.rung[k.ring])
	case incident.DueRecall:
		if !k.accepted.IsZero() || k.missed[name].After(k.silent) {
			return time.Time{}
		}
		return after(time.Minute, k.silent)
	case incident.DueFirstPage:
		if k.source != incident.SourceAlert || p.FirstPage != incident.FirstPagePagerDuty {
			return time.Time{}
		}
		return after(p.FirstPageWait, k.begun)
	case incident.DueAck:
		if k.level != 1 || k.backup || !k.accepted.IsZero() {
			return time.Time{}
		}
		return after(r.AckWithin, newest(k.stage, k.severe, k.resumed).Add(-k.unanswered(r.AckWithin)))
	case incident.DueAccept:
		if k.level == 1 && !k.backup || !k.accepted.IsZero() {
			return time.Time{}
		}
		return after(r.AcceptWithin, newest(k.stage, k.severe, k.resumed).Add(-k.unanswered(r.AcceptWithin)))
	case incident.DueProgress:
		within := r.ProgressWithin
		if k.progress.After(k.accepted) && r.ProgressEvery > 0 {
			within = r.ProgressEvery
		}
		if k.level != 1 || k.accepted.IsZero() {
			return time.Time{}
		}
		return extended(within, newest(k.accepted, k.progress, k.severe, k.resumed))
	case incident.DueMitigate:
		if k.level != 2 || k.accepted.IsZero() {
			return time.Time{}
		}
		return extended(r.RemediateWithin, newest(k.accepted, k.severe, k.resumed))
	case incident.DueRestart:
		if !k.cleared.IsZero() && k.accepted.IsZero() {
			return after(p.RestartEvery, newest(k.cleared, k.stage))
		}
		if k.end.IsZero() {
			return time.Time{}
		}
		return after(p.RestartEvery, newest(k.end, k.resumed))
	case incident.DueConfirm:
		if !k.cleared.IsZero() {
			return time.Time{}
		}
		if due, ok := k.goesOn(name, k.severe); ok {
			return due
		}
		return after(p.ConfirmWithin, newest(k.severe, k.resumed))
	case incident.DueCommander:
		if due, ok := k.goesOn(name, newest(k.vacant, k.missed[name], k.severe)); ok {
			return due
		}
		return after(r.CommanderWithin, newest(k.vacant, k.missed[name], k.severe, k.resumed))
	case incident.DueComms:
		return after(r.CommsWithin, k.asked)
	case incident.DueUpdate:
		base, within := newest(k.begun, k.severe, k.resumed), r.FirstUpdate
		if k.updates > 0 {
			base, within = newest(k.updated, k.severe, k.resumed), r.UpdateEvery
		}
		due := after(within, base)
		if k.updates > 0 && k.promised.After(k.updated) && (k.promised.Before(due) || !k.severe.After(k.updated)) {
			due = k.promised
		}
		if due.Before(k.resumed) {
			due = after(within, base)
		}
		if at, ok := k.goesOn(name, newest(k.begun, k.updated, k.severe)); ok {
			due = at
		}
		if m := k.missed[name]; !m.IsZero() && !m.Before(due) {
			if within = r.UpdateEvery; within <= 0 {
				within = r.FirstUpdate
			}
			due = m.Add(within)
		}
		return due
	}
	return time.Time{}
}

// fold takes an event in; p is the policy by which the incident goes.
func (k *clocks) fold(e incident.Event, p *incident.Policy) {
	switch f := e.Fact.(type) {
	case *incident.Declared:
		*k = clocks{policy: f.Policy, severity: f.Severity, source: f.Source, detected: f.DetectedAt, begun: e.RecordedAt, severe: f.DetectedAt, vacant: e.RecordedAt, missed: map[string]time.Time{}}
	case *incident.Reopened:
		was := *k
		*k = clocks{policy: f.Policy, severity: was.severity, source: was.source, detected: was.detected, begun: e.RecordedAt, severe: e.RecordedAt, vacant: e.RecordedAt, missed: map[string]time.Time{}, progress: was.progress, updates: was.updates, days: was.days, updated: e.RecordedAt}
		if !was.impact.IsZero() {
			k.impact = e.RecordedAt
		}
	case *incident.HolidaysCounted:
		k.days = map[string]bool{}
		for _, a := range f.Days {
			k.days[a.Day] = true
		}
	case *incident.ImpactAsked:
		k.impact = e.RecordedAt
	case *incident.PagerSeen:
		if f.Ref.Status == "resolved" {
			k.silent = e.RecordedAt
		}
	case *incident.SeveritySet:
		if f.Severity != f.Was {
			k.severity, k.severe = f.Severity, e.RecordedAt
			k.forget()
		}
	case *incident.LevelRaised:
		k.level, k.backup, k.why, k.accepted, k.end, k.extra, k.stage = f.Level, f.Backup, f.Why, time.Time{}, time.Time{}, 0, e.RecordedAt
		if f.Round == 1 && f.Why == incident.WhyDetected && f.Deadline == "" && e.RecordedAt.Sub(k.detected) <= fresh {
			k.stage = k.detected // what was promised runs from the detection
		}
	case *incident.Recovered:
		k.clears(e.RecordedAt, p)
	case *incident.Resumed:
		k.cleared, k.resumed = time.Time{}, e.RecordedAt
		if f.Why != incident.ResumedFiring {
			k.forget()
		}
		if f.Why != incident.ResumedDue { // the moment itself is acted on right after
			k.parked = time.Time{}
		}
	case *incident.Parked:
		k.parked = f.Until
	case *incident.Paged:
		if k.rung == nil {
			k.rung = map[string]time.Time{}
		}
		k.rung[f.Page.Key] = e.RecordedAt
	case *incident.StatusSet:
		if k.mitigated = f.Status == incident.Mitigated; k.mitigated {
			k.cleared = time.Time{}
		}
	case *incident.Acknowledged:
		if !k.cleared.IsZero() {
			k.cleared, k.resumed = time.Time{}, e.RecordedAt
		}
		k.forget()
		at := newest(e.At, k.detected)
		if e.RecordedAt.Sub(at) > fresh {
			at = e.RecordedAt
		}
		k.accepted, k.end = at, time.Time{}
		if level, ok := levelOf(f.Page); ok && level < k.level && k.why == incident.WhyNotAcknowledged { // somebody of a lower level answered late
			k.level, k.backup = level, false
		}
	case *incident.ProgressMade:
		k.progress = newest(k.progress, e.At)
	case *incident.MoreTimeGiven:
		k.extra, k.extraAt = f.Add, e.RecordedAt
	case *incident.RoleSet:
		if f.Role == incident.Commander {
			delete(k.missed, incident.DueCommander)
			if f.Who.Zero() {
				k.vacant = e.RecordedAt
			}
		}
	case *incident.RoleAsked:
		if f.Role == incident.Comms {
			k.asked = e.RecordedAt
		}
	case *incident.UpdatePosted:
		k.updates, k.updated, k.promised = k.updates+1, newest(k.updated, e.At), f.Next
		delete(k.missed, incident.DueUpdate)
	case *incident.Missed:
		if f.Name == incident.LadderEnd {
			k.end = e.RecordedAt
			k.forget()
		}
		k.missed[f.Name] = e.RecordedAt
	}
}

// levelOf reads the ladder's level from the key of a page: "L2/1/tech_lead/U1". Pages for other reasons have none.
func levelOf(key string) (int, bool) {
	if strings.HasPrefix(key, "pagerduty/") {
		return 1, true
	}
	if len(key) > 2 && key[0] == 'L' && key[1] >= '1' && key[1] <= '9' && key[2] == '/' {
		return int(key[1] - '0'), true
	}
	return 0, false
}

// acted is the deadline that an event acts on, empty when it acts on none.
func acted(e incident.Event) string {
	name := func(key string) string {
		n, _, _ := strings.Cut(key, "/")
		return n
	}
	switch f := e.Fact.(type) {
	case *incident.LevelRaised:
		return name(f.Deadline)
	case *incident.Missed:
		return name(f.Deadline)
	case *incident.RoleAsked:
		if f.Why == "nobody-answered" {
			return incident.DueComms
		}
	case *incident.PageChanged:
		if f.Stuck {
			return incident.DueRing
		}
	case *incident.SeveritySet:
		if f.Rule == "unconfirmed-timeout" {
			return incident.DueConfirm
		}
	}
	return ""
}

// notBefore checks an event against the simulator's own reckoning, before it is taken in. I4.
func (c *checks) notBefore(t *told, id incident.ID, e incident.Event) {
	if now := c.w.clock.Now(); e.RecordedAt.After(now.Add(tight)) {
		c.w.fault("I4: event %d of %s is recorded %s ahead of the clock", e.Seq, id, e.RecordedAt.Sub(now))
	}
	name := acted(e)
	if name == "" {
		return
	}
	if f, ok := e.Fact.(*incident.PageChanged); ok {
		t.clocks.ring = f.Key
	}
	switch due := t.clocks.due(name, c.w.policyOf(t.clocks.policy)); {
	case due.IsZero():
		c.w.fault("I4: event %d of %s (%s) acts on the deadline %s, which by the log does not run", e.Seq, id, e.Fact.Type(), name)
	case e.RecordedAt.Before(due.Add(-tight)):
		c.w.fault("I4: event %d of %s (%s) comes %s too early: by the log the deadline %s is %s", e.Seq, id, e.Fact.Type(), due.Sub(e.RecordedAt), name, due.Format(time.TimeOnly))
	}
}

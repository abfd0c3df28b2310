package incident

import (
	"slices"
	"time"
)

// Park sets the incident aside until a moment at which its owner is rung.
type Park struct {
	Until  time.Time
	Owner  Person // zero: who asks
	Reason Text
}

// Resume takes up an incident that was set aside, or paused because it had cleared.
type Resume struct{}

func (Park) act()   {}
func (Resume) act() {}

// Parked records that the clocks stand still until a moment, and whose phone rings then.
type Parked struct {
	Until   time.Time `json:"until"`
	Owner   Person    `json:"owner"`
	Target  string    `json:"target,omitempty"` // whose rotation they are on, where their own phone is not known
	Address Address   `json:"address"`
	Reason  Text      `json:"reason,omitzero"`
}

// Resumed records that the clocks run again.
type Resumed struct {
	Why string `json:"why"` // ResumedAsked ...
}

// Why clocks run again.
const (
	ResumedAsked    = "asked"    // somebody said so
	ResumedDue      = "due"      // the moment had come
	ResumedFiring   = "firing"   // monitoring sees it again
	ResumedSeverity = "severity" // the new severity is not set aside
)

// Parking is an incident set aside.
type Parking struct {
	Until   time.Time `json:"until"`
	Owner   Person    `json:"owner"`
	Target  string    `json:"target,omitempty"`
	Address Address   `json:"address"`
	By      Actor     `json:"by,omitzero"`
	At      time.Time `json:"at"`
}

// MaxPark is how far ahead an incident can be set aside.
const MaxPark = 7 * 24 * time.Hour

// park sets aside: whoever does it has taken the incident, and from then on nobody is rung before the moment comes.
func (d *decider) park(a Park) error {
	owner := a.Owner
	if owner.Zero() {
		owner = d.in.Actor.Person
	}
	switch {
	case d.rule().NoPark:
		return refuse(RefusedNoPark, d.s.Severity.String())
	case !a.Until.After(d.now) || a.Until.Sub(d.now) > MaxPark:
		return refuse(RefusedParkTime, a.Until.Format(timeFormat))
	}
	target, addr, ok := d.phoneOf(owner)
	if !ok {
		return &Refusal{Code: RefusedNoPhone, By: owner}
	}
	if d.s.Ladder.AcceptedAt.IsZero() && d.in.Actor.Human() {
		_ = d.ack(d.in.Actor.Person, "") // a refusal here only means that it was taken
	}
	d.add(&Parked{Until: utc(a.Until), Owner: owner, Target: target, Address: addr, Reason: a.Reason})
	// The answered ones as well: PagerDuty forgets an acknowledgement after some time, and would ring for what is set aside.
	d.closePages(WhyParked, func(p Page) bool { return !p.Foreign })
	d.quietClocks(WhyParked)
	return nil
}

// phoneOf is where a page for one person goes: to them by name where PagerDuty knows them and the policy opens incidents by REST, else
// to the rotation they are on.
func (d *decider) phoneOf(who Person) (target string, addr Address, ok bool) {
	keys := sortedKeys(d.s.Policy.Targets)
	for _, key := range keys {
		for _, p := range d.in.OnCall[key].People {
			if p.Same(who) {
				if who.Pager == "" {
					who.Pager = p.Pager
				}
				if target == "" || d.levelOf(key) != 0 && d.levelOf(target) == 0 {
					target = key
				}
			}
		}
	}
	if who.Pager != "" {
		for _, key := range keys {
			if svc := d.s.Policy.Targets[key].Address.Service; svc != "" {
				return target, Address{User: who.Pager, Service: svc}, true
			}
		}
	}
	if target == "" {
		return "", Address{}, false
	}
	return target, d.s.Policy.Targets[target].Address.For(who), true
}

// resume starts the clocks again because somebody says so.
func (d *decider) resume() error {
	if !d.s.Paused() {
		return refuse(RefusedNotPaused)
	}
	d.takenOffHold()
	if d.in.Actor.Human() {
		_ = d.ack(d.in.Actor.Person, "") // a refusal here only means that it was taken
	}
	return nil
}

// takenOffHold starts the clocks again because somebody says so, or does what says so. A severity that was given a ladder meanwhile begins it.
func (d *decider) takenOffHold() {
	d.add(&Resumed{Why: ResumedAsked})
	if d.s.Ladder.Level == 0 && !d.s.Ladder.AcceptedAt.IsZero() {
		d.ladderBegins()
	}
}

// parkOver rings the owner: the ladder begins anew with them.
func (d *decider) parkOver(deadline string) {
	pk := *d.s.Parked
	d.own(&Resumed{Why: ResumedDue})
	for _, p := range d.s.Pages {
		if p.Outstanding() && !p.Foreign && p.Person.Same(pk.Owner) {
			d.own(&PageChanged{Key: p.Key, Status: PageClosed, Why: WhyParked})
		}
	}
	round := d.s.Ladder.Round + 1
	d.own(&LevelRaised{Level: 1, Round: round, Why: WhyParked, Deadline: deadline, Empty: d.empty()})
	target := pk.Target
	if target == "" {
		target = d.s.firstTarget(1)
	}
	d.ring(Page{Target: target, Level: 1, Round: round, Person: pk.Owner, Address: pk.Address, Why: WhyParked, By: pk.By.Person, Source: "named", SeenAt: pk.At})
}

// takenUp reports whether the ladder waits for somebody to take up what was set aside: that was promised, mitigated or not. What is mitigated
// after the owner was rung is in somebody's hands, and stops it as it stops any ladder.
func (s State) takenUp() bool {
	l := s.Ladder
	return l.AcceptedAt.IsZero() && (s.Status != Mitigated || s.MitigatedAt.Before(l.RoundAt)) && slices.ContainsFunc(s.Pages, func(p Page) bool { return p.Why == WhyParked && p.Round == l.Round })
}

// Paused reports whether the incident's clocks stand still: it was set aside, or it cleared with nobody answering.
func (s State) Paused() bool {
	return s.Parked != nil || !s.RecoveredAt.IsZero() && !s.Policy.Rule(s.Severity).RingOn
}

// PausedBy says what pauses it: "parked", "recovered", or nothing.
func (s State) PausedBy() string {
	switch {
	case s.Parked != nil:
		return "parked"
	case s.Paused():
		return "recovered"
	}
	return ""
}

// reviewAfter is when what cleared with nobody answering is looked at where no working time is known.
const reviewAfter = 8 * time.Hour

// nextMorning is when people begin to work on the next working day.
func nextMorning(bt *BusinessTime, t time.Time) (time.Time, bool) {
	start, err := bt.NextStart(t)
	for range 10 { // a day may have a break in it
		if err != nil {
			return time.Time{}, false
		}
		if y, m, d := start.In(bt.Zone()).Date(); start.After(t) {
			if ty, tm, td := t.In(bt.Zone()).Date(); y != ty || m != tm || d != td || !workedBefore(bt, start, t) {
				return start, true
			}
		}
		var end time.Time
		if end, err = bt.Close(start); err == nil {
			start, err = bt.NextStart(end)
		}
	}
	return time.Time{}, false
}

// workedBefore reports whether the day of t had begun for those who work, when t came.
func workedBefore(bt *BusinessTime, start, t time.Time) bool {
	y, m, d := t.In(bt.Zone()).Date()
	first, err := bt.NextStart(time.Date(y, m, d, 0, 0, 0, 0, bt.Zone()))
	return err == nil && first.Before(start)
}

// pauseDeadline is the one wait of an incident whose clocks stand still.
func pauseDeadline(s State) (Deadline, bool) {
	if s.Parked != nil {
		return keyed(Deadline{Name: DueParked, Due: s.Parked.Until, Next: s.Parked.Target}), true
	}
	base := laterOf(s.RecoveredAt, s.MissedAt[DueReview])
	due := base.Add(reviewAfter)
	if bt := s.businessTime(); bt != nil {
		if start, ok := nextMorning(bt, base); ok {
			due = start
		}
	}
	return keyed(Deadline{Name: DueReview, Due: due, Level: s.Missed[DueReview], Next: s.firstTarget(1)}), true
}

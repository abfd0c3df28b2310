package incident

import "time"

// BusinessTime is the working time that counts for a service, nil when the policy has none.
func (p *Policy) BusinessTime(service string) *BusinessTime {
	if p == nil {
		return nil
	}
	return p.bound[p.CalendarOf(service)]
}

// Bind makes the calendars ready to be asked. It is called once, before the policy is used. What is announced later each incident's log has
// (see Announced).
func (p *Policy) Bind() error {
	bound := map[string]*BusinessTime{}
	for _, name := range sortedKeys(p.Calendars) {
		b, err := p.Calendars[name].Bind(nil)
		if err != nil {
			return err
		}
		bound[name] = b
	}
	p.bound, p.office = bound, officeTime(p.Zone)
	return nil
}

// Location is the zone in which the policy's times are read and worded where the chat does not know the reader's: UTC where it has none.
func (p *Policy) Location() *time.Location {
	if p != nil && p.office != nil {
		return p.office.Zone() // bound: the zone's file is not read for every word
	}
	if p != nil {
		if zone, err := time.LoadLocation(p.Zone); err == nil {
			return zone
		}
	}
	return time.UTC
}

// urgency is how loudly a page rings. Who is sent for by name, or has promised to be there, is rung at any hour.
func (d *decider) urgency(why string) string {
	switch {
	case why == WhyReview:
		return UrgencyLow
	case why == WhyAsked || why == WhyHelp || why == WhyParked || !d.rule().LowUrgency:
		return ""
	}
	if b := d.s.businessTime(); b != nil && !b.Working(d.now) {
		return UrgencyLow
	}
	return ""
}

// takeDeadline is the wait of a severity without ladder: somebody takes it within so many business days. Whoever mitigated it was at it;
// who set it aside was, and is waited for again once they were rung.
func takeDeadline(s State, r SeverityRule) (Deadline, bool) {
	if !r.NoLadder || r.AckDays <= 0 || (s.Answered() || s.Status == Mitigated) && !s.takenUp() {
		return Deadline{}, false
	}
	b := s.businessTime()
	if b == nil {
		return Deadline{}, false
	}
	base := laterOf(s.SeverityAt, s.ResumedAt, s.MissedAt[DueTake])
	if s.DeclaredAt.Sub(base) > heardLate {
		base = s.DeclaredAt
	}
	due, err := b.AddBusinessDays(base, r.AckDays)
	if _, ok := s.goesOn(DueTake, laterOf(s.SeverityAt, s.MissedAt[DueTake])); ok {
		if due, err = b.Add(base, s.Left[DueTake]); err == nil {
			return keyed(Deadline{Name: DueTake, Due: due, Level: s.Missed[DueTake], Next: s.firstTarget(1)}), true
		}
	}
	if err != nil || due.Before(base.Add(time.Minute)) {
		return Deadline{}, false
	}
	return keyed(Deadline{Name: DueTake, Due: due, Level: s.Missed[DueTake], Next: s.firstTarget(1)}), true
}

// takeOverdue reminds the first level, without a ring, of what nobody has taken.
func (d *decider) takeOverdue(due Deadline) {
	d.own(&Missed{Deadline: due.Key, Name: DueTake, Due: due.Due, Count: d.s.Missed[DueTake] + 1})
	targets := d.stage(1, false)
	var who []Person
	for _, t := range targets {
		who = append(who, d.in.OnCall[t].People...)
	}
	if len(who) > 0 {
		d.own(&Told{Targets: targets, Who: who, Why: DueTake})
	}
}

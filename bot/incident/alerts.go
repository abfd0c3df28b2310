package incident

import (
	"slices"
	"time"
)

// GroupClaim is the claim of an alert group, by which everything that is said of it finds its incident.
func GroupClaim(group string) string { return "alert/" + group }

// Joins reports whether the incident takes in a new alert group of its service at a moment: while it is open and young.
func (s State) Joins(now time.Time) bool {
	return s.Open() && s.Policy != nil && s.Policy.JoinWithin > 0 && now.Sub(s.DeclaredAt) <= s.Policy.JoinWithin
}

// AwaitsAlerts reports whether a runbook in use waits for alerts of whatever name.
func (s State) AwaitsAlerts() bool {
	return s.awaiting() && slices.ContainsFunc(s.Runbooks, RunbookRun.awaits)
}

// fillsCommands reports whether a runbook in use has commands that labels may fill.
func (s State) fillsCommands() bool {
	return slices.ContainsFunc(s.Runbooks, func(r RunbookRun) bool { return len(r.Ref.Parameters) > 0 })
}

// awaitedBy is the runbook that waits for a group which is new to the incident; empty: none.
func (d *decider) awaitedBy(name string, labels []Label, isNew bool) string {
	if !isNew {
		return ""
	}
	return d.s.Awaits([]string{name}, labels, d.now)
}

// TakesUp reports whether the incident, which is over, is taken up again by an alert group of its own that fires at a moment.
func (s State) TakesUp(now time.Time) bool {
	return s.Seq > 0 && !s.Open() && s.Status != Duplicate && s.Policy != nil && s.Policy.AfterResolve == AfterReopen && now.Sub(s.EndedAt) <= s.Policy.ReopenWithin
}

// alerts takes the current set of an alert group of this incident: an equal set is no news.
func (d *decider) alerts(a AlertsFired) error {
	was, known := d.s.Alert(a.Set.Group)
	equal := known && was.Same(a.Set)
	switch {
	case !d.s.Open() && a.Set.Firing == 0:
		if known && was.Firing > 0 { // known when it is taken up again
			d.add(&AlertsSeen{Set: a.Set})
		}
		return nil
	case !d.s.Open():
		// What fired already when it ended, and is only said once more, fires no "again".
		if !d.s.TakesUp(d.now) || equal && !d.at.After(d.s.EndedAt) {
			return nil
		}
	case !known && a.Set.Firing == 0, equal:
		return nil
	}
	quiet := was.Firing == 0
	before := d.s.Rest[beginning(a.Set.Group)].Severity
	isNew := false
	seen := func() {
		a.Set.Service = d.s.Policy.ServiceOfSet(a.Set)
		// A group beyond those the state keeps is known by its claim; before that, a claim only says that PagerDuty was quicker with the page.
		// Beyond the claims it is counted no more.
		isNew = !known && (len(d.s.Alerts) < maxAlerts || len(d.s.Claims) < maxClaims && !slices.Contains(d.s.Claims, GroupClaim(a.Set.Group)))
		f := &AlertsSeen{Set: a.Set, Claims: d.claims(), New: isNew,
			// Of what PagerDuty told of before it is said already.
			Awaited:    d.awaitedBy(a.Set.Name, a.Set.Labels, isNew && !slices.Contains(d.s.Claims, GroupClaim(a.Set.Group))),
			Relabelled: d.s.fillsCommands() && !(slices.Equal(was.Labels, a.Set.Labels) && slices.Equal(was.Details, a.Set.Details))}
		if len(d.s.Alerts) >= maxAlerts {
			f.Severity, _, _ = d.s.Policy.alertSeverity(a.Set.Name, labelOf(a.Set.Labels, "severity"))
		}
		d.add(f)
	}
	worse := func() bool {
		return (known || isNew || len(d.s.Claims) >= maxClaims) && d.memberSet(was, before, a.Set)
	}
	if a.Set.Firing > 0 && (quiet || !d.s.Open()) && d.s.quieted() {
		d.takeUp(func() { seen(); worse() }, nil)
	} else if seen(); worse() {
		d.severityMoved()
	}
	if !quiet && a.Set.Firing == 0 {
		d.cleared()
	}
	if isNew {
		d.askAttack()
	}
	if isNew && d.s.Storm == nil { // in a storm there would be one for each of many alerts
		d.fitting("alert")
		d.suggest(d.in.Suggest)
	}
	return nil
}

// ServiceOfSet is the service of an alert group: the policy's, else the one its label names.
func (p *Policy) ServiceOfSet(set AlertSet) string {
	if s := p.ServiceOf(set.Labels); s != "" {
		return s
	}
	return Clip(labelOf(set.Labels, "service"), 100)
}

// memberSet raises the severity to that of an alert group which is new to the incident, or worse than it was. Groups that have been there
// all along never do: who lowered the severity knew them. It reports whether it did; what follows is the caller's.
// before is the severity it had, where the state keeps nothing else of it.
func (d *decider) memberSet(was AlertSet, before Severity, set AlertSet) bool {
	if set.Firing == 0 {
		return false
	}
	sev, confirmed, rule := d.s.Policy.alertSeverity(set.Name, labelOf(set.Labels, "severity"))
	if was.Group != "" {
		if !before.Valid() {
			before, _, _ = d.s.Policy.alertSeverity(was.Name, labelOf(was.Labels, "severity"))
		}
		if !sev.Worse(before) {
			return false
		}
	}
	return d.member(sev, confirmed, rule)
}

// member lets an alert raise the severity, or confirm it: an incident is as bad as the worst of what it holds. It reports whether it did;
// what follows is the caller's.
func (d *decider) member(sev Severity, confirmed bool, rule string) bool {
	was := d.s.Severity
	if !sev.Worse(was) && !(sev == was && confirmed && !d.s.Confirmed) {
		return false
	}
	d.add(&SeveritySet{Severity: sev, Was: was, Confirmed: confirmed, Rule: rule})
	return true
}

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

// TakesUp reports whether the incident, which is over, is taken up again by an alert group of its own that fires at a moment.
func (s State) TakesUp(now time.Time) bool {
	return s.Seq > 0 && !s.Open() && s.Policy != nil && s.Policy.AfterResolve == AfterReopen && now.Sub(s.EndedAt) <= s.Policy.ReopenWithin
}

// alerts takes the current set of an alert group of this incident: an equal set is no news.
func (d *decider) alerts(a AlertsFired) error {
	i := slices.IndexFunc(d.s.Alerts, func(s AlertSet) bool { return s.Group == a.Set.Group })
	equal := i >= 0 && d.s.Alerts[i].Digest == a.Set.Digest && d.s.Alerts[i].Firing == a.Set.Firing
	up := false
	switch {
	case !d.s.Open() && a.Set.Firing == 0:
		if i >= 0 && d.s.Alerts[i].Firing > 0 { // known when it is taken up again
			d.add(&AlertsSeen{Set: a.Set})
		}
		return nil
	case !d.s.Open():
		// What fired already when it ended, and is only said once more, fires no "again".
		if !d.s.TakesUp(d.now) || equal && !d.at.After(d.s.EndedAt) {
			return nil
		}
		d.takenUp()
		up = true
	case i < 0 && a.Set.Firing == 0, equal:
		return nil
	}
	var was AlertSet
	if i >= 0 {
		was = d.s.Alerts[i]
	}
	quiet := was.Firing == 0
	d.add(&AlertsSeen{Set: a.Set, Claims: d.in.Claims})
	if d.s.Status == Mitigated && quiet && a.Set.Firing > 0 {
		d.again()
		d.startLadder()
	}
	if up {
		d.startLadder()
	}
	if quiet && a.Set.Firing > 0 && !d.s.RecoveredAt.IsZero() {
		d.firesAgain()
	}
	if !quiet && a.Set.Firing == 0 {
		d.cleared()
	}
	if i < 0 {
		for _, rb := range d.in.Runbooks {
			_ = d.startRunbook(rb, "alert")
		}
	}
	d.memberSet(was, a.Set)
	return nil
}

// takenUp takes up an incident that is over because monitoring says that it is back; the policy is frozen anew.
func (d *decider) takenUp() {
	d.add(&Reopened{Policy: d.in.Policy.Digest, Claims: d.in.Claims})
	d.askComms()
}

// memberSet raises the severity to that of an alert group which is new to the incident, or worse than it was. Groups that have been there
// all along never do: who lowered the severity knew them.
func (d *decider) memberSet(was, set AlertSet) {
	if set.Firing == 0 {
		return
	}
	sev, confirmed, rule := d.s.Policy.alertSeverity(set.Name, labelOf(set.Labels, "severity"))
	if was.Group != "" {
		if before, _, _ := d.s.Policy.alertSeverity(was.Name, labelOf(was.Labels, "severity")); !sev.Worse(before) {
			return
		}
	}
	d.member(sev, confirmed, rule)
}

// member lets an alert raise the severity, or confirm it: an incident is as bad as the worst of what it holds.
func (d *decider) member(sev Severity, confirmed bool, rule string) {
	was := d.s.Severity
	if !sev.Worse(was) && !(sev == was && confirmed && !d.s.Confirmed) {
		return
	}
	d.add(&SeveritySet{Severity: sev, Was: was, Confirmed: confirmed, Rule: rule})
	d.severityMoved()
}

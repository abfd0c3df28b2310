package incident

import (
	"slices"
	"strings"
	"time"
)

// PlaceLabels are the labels of an alert that say where it fires. What fires somewhere else belongs to another incident.
var PlaceLabels = []string{"site", "datacenter", "data_center", "dc", "region", "zone", "cluster", "environment", "env"}

// Awaits is the runbook in use that waits for alerts of some names at a moment, for all of them; empty: none does. labels are what the alerts
// have in common: of another place than the incident's they are not awaited. Once what happened is mitigated, what fires is something else; and
// nobody would hear of an alert that goes into a private room.
func (s State) Awaits(names []string, labels []Label, now time.Time) string {
	if !s.awaiting() || len(names) == 0 || s.elsewhere(labels) {
		return ""
	}
	for _, r := range s.Runbooks {
		if r.awaits() && !slices.ContainsFunc(names, func(name string) bool {
			return !slices.ContainsFunc(r.Ref.Joins, func(j RunbookSignal) bool { return j.Alert == name && now.Sub(s.DeclaredAt) < j.Within })
		}) {
			return r.Ref.ID
		}
	}
	return ""
}

func (s State) awaiting() bool { return s.Open() && s.Status != Mitigated && s.Private == nil }

// awaits reports whether the runbook waits for alerts at all.
func (r RunbookRun) awaits() bool { return len(r.Ref.Joins) > 0 && !r.Aside() }

// Aside reports whether a runbook is used no more although it was not walked to its end: no card of it shows a step, and a finding ended it
// early, or all that became of its steps is that they were skipped.
func (r RunbookRun) Aside() bool {
	if len(r.OpenSteps()) > 0 || len(r.Steps) == 0 {
		return false
	}
	done, left := false, false
	for _, id := range r.Ref.Steps {
		m, marked := r.Steps[id]
		rule, _ := r.Ref.Rule(id)
		done = done || m.Mark == StepDone
		left = left || !marked && !rule.After && !r.Worked(id).Passed
	}
	return !done || left
}

// elsewhere reports whether labels name another place than those of the incident: than the labels of its alerts and pages do, and those by which
// the policy knows its service. Where either side does not say where, or the incident is in several places and this is one of them, it is not.
func (s State) elsewhere(labels []Label) bool {
	known := s.Labelled()
	if s.Policy != nil {
		for _, l := range s.Policy.Services[s.Service].Labels { // any one of them is the service's
			known = append(known, []Label{l})
		}
	}
	for _, name := range PlaceLabels {
		where, here, said := labelOf(labels, name), false, false
		for _, list := range known {
			at := labelOf(list, name)
			said, here = said || at != "", here || strings.EqualFold(at, where)
		}
		if where != "" && said && !here {
			return true
		}
	}
	return false
}

package incident

import "slices"

// Service is something that can break, as monitoring and people name it, and whose it is.
type Service struct {
	Key   string            `json:"key"`
	Title map[string]string `json:"title,omitempty"` // by language
	Team  string            `json:"team,omitempty"`
	// Instead names who is meant for this service where the policy names a target: its own rotation for "primary", its own tech lead
	// for "tech_lead".
	Instead    map[string]string `json:"instead,omitempty"`
	Runbooks   []string          `json:"runbooks,omitempty"`
	Dashboards []Link            `json:"dashboards,omitempty"`
	// Labels are alert labels of which any one maps an alert to this service, beside the label "service" with its name.
	Labels   []Label `json:"labels,omitempty"`
	Calendar string  `json:"calendar,omitempty"` // name of its business time; empty: the policy's
}

// Link is an address with a name.
type Link struct {
	Title string `json:"title"`
	URL   string `json:"url"`
}

// Target is who is meant for an incident of a service where the policy names key.
func (p *Policy) Target(service, key string) string {
	if p != nil {
		if t := p.Services[service].Instead[key]; t != "" {
			return t
		}
	}
	return key
}

// ServiceOf is the service that labels of an alert belong to: by the label "service", else by the first service, in order of name, of
// which one label fits; empty when none does.
func (p *Policy) ServiceOf(labels []Label) string {
	if p == nil {
		return ""
	}
	if name := labelOf(labels, "service"); p.Services[name].Key != "" {
		return name
	}
	for _, key := range sortedKeys(p.Services) {
		for _, l := range p.Services[key].Labels {
			if l.Value != "" && labelOf(labels, l.Name) == l.Value {
				return key
			}
		}
	}
	return ""
}

// target is who is meant for this incident where the policy names key.
func (s State) target(key string) string { return s.Policy.Target(s.Service, key) }

// targets are those rung at level n: the policy's for the severity, each as the service has it.
func (s State) targets(n int) []string {
	l, ok := s.level(n)
	if !ok {
		return nil
	}
	named := l.Targets
	if own := l.Instead[s.Severity]; len(own) > 0 {
		named = own
	}
	out := make([]string, len(named))
	for i, t := range named {
		out[i] = s.target(t)
	}
	return out
}

// StageTargets are the targets that may be rung at level n: its own and the one that stands in where its rotations are empty, or its
// backup alone.
func (s State) StageTargets(n int, backup bool) []string {
	if backup {
		if b := s.Backup(n); b != "" {
			return []string{b}
		}
		return nil
	}
	out := s.targets(n)
	if l, _ := s.level(n); l.WhenEmpty != "" && !slices.Contains(out, s.target(l.WhenEmpty)) {
		out = append(out, s.target(l.WhenEmpty))
	}
	return out
}

// RungAlready is the page by which the target that a deadline of the ladder sends for next was rung before: when it passes, the ladder
// passes to them and no phone rings again.
func (s State) RungAlready(d Deadline) (Page, bool) {
	switch d.Name {
	case DueAck, DueAccept, DueProgress, DueMitigate, DueCommander:
	default:
		return Page{}, false
	}
	for i := len(s.Pages) - 1; i >= 0; i-- {
		p := s.Pages[i]
		if p.Target != d.Next || !p.Outstanding() {
			continue
		}
		walk := d.Name != DueCommander && laddered(p)
		if p.Status == PageAnswered && (!walk || p.Why != WhySeverity && p.Round < s.Ladder.Round) {
			return Page{}, false // they answered another call; this one is news to them
		}
		if d.Name != DueCommander && s.stale(p) || d.Name == DueCommander && p.Why == WhyNoCommander && p.Status != PageAnswered {
			return Page{}, false // rung anew
		}
		return p, true
	}
	return Page{}, false
}

// Backup is the target rung when nobody of level n accepts, empty when the level has none.
func (s State) Backup(n int) string {
	l, ok := s.level(n)
	if !ok || l.Backup == "" {
		return ""
	}
	return s.target(l.Backup)
}

package incident

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// Storm is what an incident knows of the alert groups it took in because too many rooms were opened.
type Storm struct {
	Groups   int            `json:"groups"`             // ever taken in
	Services map[string]int `json:"services,omitempty"` // groups by service, at most maxServices; "" counts the rest and those of none
	LastAt   time.Time      `json:"last"`               // when the last one was taken in
}

// RestAlert is an alert group of which the state keeps only where it stands; the log has everything.
type RestAlert struct {
	Firing    int      `json:"f,omitempty"`
	Severity  Severity `json:"s,omitempty"`
	Digest    string   `json:"d"` // the beginning of the set's
	ChangedAt int64    `json:"c"` // Unix milliseconds
	Service   string   `json:"v,omitempty"`
	Name      string   `json:"n,omitempty"`
}

const (
	maxRest     = 2000
	maxServices = 30
	restKey     = 16 // how much of a group's key and of a set's digest is kept
)

// with counts one more group, or only notes that something was taken in.
func (s *Storm) with(service string, counts bool, at time.Time) *Storm {
	out := &Storm{Groups: s.Groups, Services: maps.Clone(s.Services), LastAt: at}
	if !counts {
		return out
	}
	out.Groups++
	if _, known := out.Services[service]; !known && len(out.Services) >= maxServices {
		service = ""
	}
	if out.Services == nil {
		out.Services = map[string]int{}
	}
	out.Services[service]++
	return out
}

// Storms reports whether the incident takes in every new alert group at a moment: until none has come for so long as the policy says.
func (s State) Storms(now time.Time) bool {
	return s.Open() && s.Storm != nil && s.Policy != nil && now.Sub(s.Storm.LastAt) <= s.Policy.Storm.Within
}

// Alert returns where a group of the incident stands, as far as the state keeps it: of groups beyond the first maxAlerts only how many fire
// and the beginning of the digest.
func (s State) Alert(group string) (AlertSet, bool) {
	if i := slices.IndexFunc(s.Alerts, func(a AlertSet) bool { return a.Group == group }); i >= 0 {
		return s.Alerts[i], true
	}
	if r, ok := s.Rest[beginning(group)]; ok {
		return AlertSet{Group: group, Firing: r.Firing, Digest: r.Digest, ChangedAt: time.UnixMilli(r.ChangedAt).UTC()}, true
	}
	return AlertSet{}, false
}

// Same reports whether two sets of one group are equal; a is what the state keeps.
func (a AlertSet) Same(b AlertSet) bool {
	return a.Firing == b.Firing && (a.Digest == b.Digest || len(a.Digest) == restKey && strings.HasPrefix(b.Digest, a.Digest))
}

// Groups are how many alert groups are part of the incident, and how many of them fire.
func (s State) Groups() (all, firing int) {
	for _, a := range s.Alerts {
		if a.Firing > 0 {
			firing++
		}
	}
	for _, r := range s.Rest {
		if r.Firing > 0 {
			firing++
		}
	}
	return len(s.Alerts) + len(s.Rest) + s.Unkept, firing + s.Unkept
}

// absorbed takes over the groups of a duplicate; one that both had is the survivor's.
func (s *State) absorbed(f *Absorbed) {
	for _, a := range f.Alerts {
		if _, known := s.Alert(a.Group); known {
			continue
		}
		if len(s.Alerts) < maxAlerts {
			s.Alerts = append(s.Alerts, a)
		} else if len(s.Rest) < maxRest {
			put(&s.Rest, beginning(a.Group), inShort(a, 0, a.ChangedAt)) // a log from before they came in short
		} else {
			s.Unkept++
		}
	}
	for _, key := range sortedKeys(f.Rest) {
		if _, known := s.Rest[key]; !known && len(s.Rest) < maxRest {
			put(&s.Rest, key, f.Rest[key])
		} else if !known {
			s.Unkept++
		}
	}
	for _, id := range append([]ID{f.From}, f.Also...) {
		if !slices.Contains(s.Absorbed, id) {
			s.Absorbed = append(s.Absorbed, id)
		}
	}
	for _, r := range f.Pagers {
		s.Pagers = pruned(append(s.Pagers, r), maxPagers, func(r PagerRef) bool { return r.Status == "resolved" })
	}
	for _, p := range f.People {
		if len(s.Brought) < maxPeople && !slices.ContainsFunc(s.Brought, p.Same) {
			s.Brought = append(s.Brought, p)
		}
	}
	s.claim(f.Claims)
	s.takeCards(f.Cards)
}

// splitOff lets groups go.
func (s *State) splitOff(f *SplitOff) {
	s.giveCards(f.Part.Alerts)
	services := map[string]int{}
	for _, a := range f.Part.Alerts {
		services[a.Service]++
		s.Alerts = slices.DeleteFunc(s.Alerts, func(b AlertSet) bool { return b.Group == a.Group })
	}
	for key, r := range f.Part.Rest {
		services[r.Service]++
		delete(s.Rest, key)
	}
	s.Claims = slices.DeleteFunc(s.Claims, func(c string) bool { return slices.Contains(f.Claims, c) })
	if s.Storm == nil {
		return
	}
	left := &Storm{Groups: max(0, s.Storm.Groups-f.Groups), Services: maps.Clone(s.Storm.Services), LastAt: s.Storm.LastAt}
	for service, n := range services {
		if left.Services[service] == 0 {
			service = ""
		}
		if left.Services[service] -= n; left.Services[service] <= 0 {
			delete(left.Services, service)
		}
	}
	s.Storm = left
}

// inShort is what is kept of a set.
func inShort(a AlertSet, sev Severity, at time.Time) RestAlert {
	return RestAlert{Firing: a.Firing, Severity: sev, Digest: beginning(a.Digest), ChangedAt: at.UnixMilli(), Service: Clip(a.Service, 60), Name: Clip(a.Name, 60)}
}

func beginning(s string) string { return s[:min(len(s), restKey)] }

// alertsSeen keeps a set: whole for the first groups, in short for those beyond, counted for what is beyond those too.
func (s *State) alertsSeen(e Event, f *AlertsSeen) {
	if s.Storm != nil && f.New {
		s.Storm = s.Storm.with(f.Set.Service, true, e.RecordedAt)
	}
	i := slices.IndexFunc(s.Alerts, func(a AlertSet) bool { return a.Group == f.Set.Group })
	key := beginning(f.Set.Group)
	_, short := s.Rest[key]
	switch {
	case i >= 0:
		s.Alerts[i] = f.Set
	case !short && len(s.Alerts) < maxAlerts:
		s.Alerts = append(s.Alerts, f.Set)
	case short || len(s.Rest) < maxRest:
		put(&s.Rest, key, inShort(f.Set, f.Severity, e.RecordedAt))
	case f.New:
		s.Unkept++
	}
}

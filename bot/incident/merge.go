package incident

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Merge ends this incident as a duplicate of another, which takes over its alerts and goes on.
type Merge struct{ Into ID }

// Split makes an incident of its own of some of this one's alert groups: those of a service, of an alert's name, or one group by the beginning
// of its key.
type Split struct{ What string }

// Absorb is the other half of Merge: what the incident that goes on takes over. The engine makes it, in the same commit.
type Absorb struct {
	From State
	// Claims are those the other holds that route to this one from now on.
	Claims []string
}

// Divide is the other half of Split: the incident that some groups become.
type Divide struct {
	From   State
	Part   Portion
	Claims []string
}

func (Merge) act()  {}
func (Split) act()  {}
func (Absorb) act() {}
func (Divide) act() {}

// Portion is what is split off: groups kept whole, and those kept in short.
type Portion struct {
	Name   string               `json:"name"` // what was asked for
	Alerts []AlertSet           `json:"alerts,omitempty"`
	Rest   map[string]RestAlert `json:"rest,omitempty"`
}

// Claims are the claims of the groups, of those that an incident holds.
func (p Portion) Claims(s State) []string {
	var out []string
	for _, c := range s.Claims {
		group, ok := strings.CutPrefix(c, GroupClaim(""))
		if !ok {
			continue
		}
		_, short := p.Rest[beginning(group)]
		if short || slices.ContainsFunc(p.Alerts, func(a AlertSet) bool { return a.Group == group }) {
			out = append(out, c)
		}
	}
	return out
}

// PartOf finds the groups that somebody means: those of a service, of an alert's name, or the one whose key begins so.
func (s State) PartOf(what string) Portion {
	p := Portion{Name: what}
	what = strings.ToLower(strings.TrimSpace(what))
	fits := func(service, name, group string) bool {
		return strings.ToLower(service) == what || strings.ToLower(name) == what || len(what) >= 6 && strings.HasPrefix(group, what)
	}
	if what == "" {
		return p
	}
	for _, a := range s.Alerts {
		if fits(a.Service, a.Name, a.Group) {
			p.Alerts = append(p.Alerts, a)
		}
	}
	for key, r := range s.Rest {
		if fits(r.Service, r.Name, key) {
			put(&p.Rest, key, r)
		}
	}
	return p
}

// Parts are the services and alert names that groups of the incident can be split off by, sorted.
func (s State) Parts() []string {
	names := map[string]bool{}
	for _, a := range s.Alerts {
		names[a.Service], names[a.Name] = true, true
	}
	for _, r := range s.Rest {
		names[r.Service], names[r.Name] = true, true
	}
	delete(names, "")
	return sortedKeys(names)
}

// MergedInto ends the incident as a duplicate. Its log goes on, and what is said of its alerts goes to the other.
type MergedInto struct {
	Into    ID       `json:"into"`
	Channel string   `json:"channel,omitempty"` // room of the other
	Name    string   `json:"name,omitempty"`
	Claims  []string `json:"claims,omitempty"` // passed on
}

// Absorbed takes over a duplicate: its alerts, and PagerDuty's own incidents. Its history stays where it is and is read with this one's.
type Absorbed struct {
	From   ID                   `json:"from"`
	Also   []ID                 `json:"also,omitempty"` // what that one had absorbed
	Alerts []AlertSet           `json:"alerts,omitempty"`
	Rest   map[string]RestAlert `json:"rest,omitempty"`
	Pagers []PagerRef           `json:"pagers,omitempty"`
	People []Person             `json:"people,omitempty"` // who was in its room
	Claims []string             `json:"claims,omitempty"`
	Cards  map[string]Posted    `json:"cards,omitempty"` // of the alerts, in the alerts channel
}

// SplitOff says which groups became an incident of their own.
type SplitOff struct {
	Into   ID       `json:"into"`
	Name   string   `json:"name"`
	Claims []string `json:"claims,omitempty"` // given to it
	Groups int      `json:"groups"`
	Part   Portion  `json:"part"`
}

// Type implements Fact.
func (*MergedInto) Type() string { return "merged" }

// Type implements Fact.
func (*Absorbed) Type() string { return "absorbed" }

// Type implements Fact.
func (*SplitOff) Type() string { return "split-off" }

// Texts implements Fact.
func (*MergedInto) Texts() []*Text { return nil }

// Texts implements Fact.
func (f *Absorbed) Texts() []*Text { return summaries(f.Alerts) }

// Texts implements Fact.
func (f *SplitOff) Texts() []*Text { return summaries(f.Part.Alerts) }

func summaries(sets []AlertSet) []*Text {
	var out []*Text
	for i := range sets {
		out = append(out, &sets[i].Summary)
	}
	return out
}

// Merged is where a duplicate goes on.
type Merged struct {
	Into    ID     `json:"into"`
	Channel string `json:"channel,omitempty"`
	Name    string `json:"name,omitempty"`
}

// WhyMerged closes the pages of a duplicate.
const WhyMerged = "merged"

// CanMerge says whether the incident may end as a duplicate of another.
func (s State) CanMerge(into State) error {
	switch {
	case into.ID == s.ID:
		return refuse(RefusedMergeSelf)
	case into.Seq == 0:
		return refuse(RefusedNoIncident, string(into.ID))
	case s.Private != nil || into.Private != nil: // what one room says must not be read in another
		return refuse(RefusedPrivateMerge)
	case slices.Contains(s.Absorbed, into.ID):
		return refuse(RefusedMergeCircle, string(into.ID))
	case !into.Open():
		return refuse(RefusedMergeOver, string(into.ID), string(into.Status))
	case s.Status == Duplicate && s.Merged != nil:
		return refuse(RefusedMerged, string(s.Merged.Into))
	case !s.Open():
		return refuse(RefusedOver, string(s.Status))
	case s.actionsRunning()+into.actionsRunning() > MaxActions:
		return refuse(RefusedTooMany, strconv.Itoa(MaxActions))
	case len(s.Absorbed)+1+len(into.Absorbed) > MaxAbsorbed: // going private is one commit on all of them
		return refuse(RefusedTooMany, strconv.Itoa(MaxAbsorbed))
	case len(s.Claims)+len(into.Claims) > maxClaims:
		return refuse(RefusedTooMany, strconv.Itoa(maxClaims))
	}
	return nil
}

// merge ends the incident; the engine has asked CanMerge with both states.
func (d *decider) merge(into State) {
	d.add(&MergedInto{Into: into.ID, Channel: into.ChannelID, Name: into.ChannelName, Claims: d.in.Claims})
	d.closePages(WhyMerged, func(Page) bool { return true })
	d.moveObligations()
}

// absorb takes over a duplicate.
func (d *decider) absorb(a Absorb) error {
	from := a.From
	f := &Absorbed{From: from.ID, Also: slices.Clone(from.Absorbed), Rest: maps.Clone(from.Rest), Claims: a.Claims}
	f.Cards = from.Cards(from.Alerts)
	d.fit(f, from.Alerts)
	for _, r := range from.Pagers {
		if !slices.ContainsFunc(d.s.Pagers, func(q PagerRef) bool { return q.ID == r.ID }) {
			f.Pagers = append(f.Pagers, r)
		}
	}
	for _, p := range from.Involved() {
		if len(f.People) < maxPeople {
			f.People = append(f.People, p)
		}
	}
	page := func() {
		for _, r := range f.Pagers {
			d.adopt(r)
		}
	}
	// What fires takes up what rests. So does what goes on without an alert, where nobody looked at what rests: its calls end with it.
	fires := d.s.quieted() && from.fires() && !(d.s.Status == Mitigated && from.Status == Mitigated)
	if fires || !d.s.RecoveredAt.IsZero() && !from.quieted() {
		d.takeUp(func() { d.add(f); d.member(from.Severity, from.Confirmed, from.Rule) }, func() {
			page()
			switch by := from.Ladder.AcceptedBy; {
			case !by.Zero(): // they are at it, and go on here
				_ = d.ack(by, "") // a refusal here only means that it was taken
			default: // who commanded it commands on; its first level was still waited for, and is here
				d.commands(from.Roles[Commander])
			}
		})
	} else {
		d.add(f)
		page()
		if d.member(from.Severity, from.Confirmed, from.Rule) {
			d.severityMoved()
		}
	}
	if l := d.s.Ladder; len(f.Pagers) > 0 && !l.AcceptedAt.IsZero() {
		d.answerForeign(l.AcceptedBy)
	}
	d.takeOver(from)
	return nil
}

// commands lets who commanded a duplicate command this, where nobody does.
func (d *decider) commands(h Holding) {
	if _, held := d.s.Roles[Commander]; !held && !h.Who.Zero() {
		d.add(&RoleSet{Role: Commander, Who: h.Who, Acting: h.Acting})
		d.askComms()
	}
}

// fit puts the groups of a duplicate into what is taken over: whole as far as there is room, in short beyond it, with the severity that each
// has had, which the policy alone can tell.
func (d *decider) fit(f *Absorbed, sets []AlertSet) {
	room := maxAlerts - len(d.s.Alerts)
	for _, a := range sets {
		if _, known := d.s.Alert(a.Group); known {
			continue
		}
		if room > 0 {
			f.Alerts = append(f.Alerts, a)
			room--
			continue
		}
		sev, _, _ := d.s.Policy.alertSeverity(a.Name, labelOf(a.Labels, "severity"))
		at := a.ChangedAt
		if at.IsZero() {
			at = d.now
		}
		put(&f.Rest, beginning(a.Group), inShort(a, sev, at))
	}
}

// split records which groups go; the engine opens their incident in the same commit, under the number into.
func (d *decider) split(part Portion, into ID) {
	n := len(part.Alerts) + len(part.Rest)
	d.add(&SplitOff{Into: into, Name: Clip(part.Name, 100), Claims: part.Claims(d.s), Groups: n, Part: part})
	d.cleared()
}

// CanSplit says whether anything fits what somebody wants split off.
func (s State) CanSplit(p Portion) error {
	n := len(p.Alerts) + len(p.Rest)
	switch all, _ := s.Groups(); {
	case !s.Open():
		return refuse(RefusedOver, string(s.Status))
	case s.Private != nil:
		return refuse(RefusedPrivateMerge)
	case n == 0:
		return refuse(RefusedNoGroup, append([]string{p.Name}, s.Parts()...)...)
	case n == all && s.Storm == nil:
		return refuse(RefusedAllGroups)
	}
	return nil
}

// declarePart opens the incident of what was split off: as bad as the worst of it, detected when the first of it was.
func (d *decider) declarePart(a Divide) error {
	p := d.in.Policy
	var sev Severity
	confirmed, rule, service := false, "", ""
	var since time.Time
	worse := func(s Severity, c bool, r string) {
		if s.Worse(sev) || s == sev && c && !confirmed {
			sev, confirmed, rule = s, c, r
		}
	}
	services := map[string]bool{}
	for _, set := range a.Part.Alerts {
		worse(p.alertSeverity(set.Name, labelOf(set.Labels, "severity")))
		services[set.Service] = true
		if since.IsZero() || set.StartsAt.Before(since) {
			since = set.StartsAt
		}
	}
	for _, r := range a.Part.Rest {
		services[r.Service] = true
		worse(r.Severity, false, "split from "+string(a.From.ID))
	}
	if names := sortedKeys(services); len(names) == 1 {
		service = names[0]
	}
	if !sev.Valid() {
		sev, rule = p.DefaultSeverity, "default"
	}
	if since.IsZero() {
		since = a.From.DetectedAt
	}
	title := a.Part.Name
	if len(a.Part.Alerts) > 0 && a.Part.Alerts[0].Name != "" && !strings.EqualFold(a.Part.Alerts[0].Name, title) {
		title = a.Part.Alerts[0].Name + " · " + title
	}
	f := d.declared(Say(title, MaxTitle), sev, confirmed, rule, SourceAlert, service, since)
	f.Alerts, f.Rest, f.SplitFrom, f.Claims = slices.Clone(a.Part.Alerts), maps.Clone(a.Part.Rest), a.From.ID, a.Claims
	f.Cards = a.From.Cards(a.Part.Alerts)
	d.add(f)
	d.opened()
	return nil
}

// MaxAbsorbed is how many duplicates an incident takes over.
const MaxAbsorbed = 100

// maxPeople is how many people a merge brings along.
const maxPeople = 30

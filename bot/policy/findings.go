package policy

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// Finding is something about a policy as a whole that keeps it from doing what its writer means.
type Finding struct {
	Field  string // "ladder[1].targets"
	Key    string // what is wrong, and its mend: see Fault
	Args   catalog.Args
	Refuse bool // it cannot be carried out; otherwise it is legal and probably not meant
}

// minDuration is the shortest deadline a human can meet.
const minDuration = 30 * time.Second

// minRestart keeps the ladder's endless restart from becoming a siren.
const minRestart = time.Minute

// Findings looks at a policy as a whole, in a fixed order. Parse refuses a file with any that has Refuse set; the others are for check.
func Findings(p *incident.Policy) []Finding {
	f := &finder{p: p}
	f.severities()
	f.ladder()
	f.targets()
	f.addresses()
	f.people()
	f.services()
	f.impact()
	f.figures()
	f.response()
	f.obligations()
	f.reviews()
	return f.found
}

type finder struct {
	p     *incident.Policy
	found []Finding
}

func (f *finder) refuse(field, key string, args with) {
	f.found = append(f.found, Finding{field, key, args, true})
}

func (f *finder) warn(field, key string, args with) {
	f.found = append(f.found, Finding{field, key, args, false})
}

// use is one place where the policy names a target.
type use struct {
	target, field string
	rings         bool // it is paged there, not only told
	level         int  // 1 for the first level; 0: not on the ladder
	or            bool // the level names them for another case: another severity, or when nobody is known to be on call
}

// uses lists every place where a target is named, ladder first.
func (f *finder) uses() []use {
	var out []use
	for i, l := range f.p.Ladder {
		for j, t := range l.Targets {
			out = append(out, use{t, fmt.Sprintf("ladder[%d].targets[%d]", i, j), true, i + 1, false})
		}
		for _, sev := range sortedKeys(l.Instead) {
			for j, t := range l.Instead[sev] {
				out = append(out, use{t, fmt.Sprintf("ladder[%d].instead.%s[%d]", i, sev, j), true, i + 1, true})
			}
		}
		if l.WhenEmpty != "" {
			out = append(out, use{l.WhenEmpty, fmt.Sprintf("ladder[%d].when_empty", i), true, i + 1, true})
		}
		if l.Backup != "" {
			out = append(out, use{l.Backup, fmt.Sprintf("ladder[%d].backup", i), true, i + 1, false})
		}
	}
	for _, sev := range sortedKeys(f.p.Severities) {
		rule, at := f.p.Severities[sev], "severities."+sev.String()
		for i, t := range rule.PageAtOnce {
			out = append(out, use{t, fmt.Sprintf("%s.page_at_once[%d]", at, i), true, 0, false})
		}
		for i, t := range rule.Tell {
			out = append(out, use{t, fmt.Sprintf("%s.tell[%d]", at, i), false, 0, false})
		}
		if rule.CommsBackup != "" {
			out = append(out, use{rule.CommsBackup, at + ".comms_backup", false, 0, false})
		}
	}
	return out
}

func (f *finder) severities() {
	for sev := incident.SEV1; sev <= incident.SEV4; sev++ {
		at := "severities." + sev.String()
		rule, ok := f.p.Severities[sev]
		if !ok {
			f.refuse(at, "severity-missing", nil)
			continue
		}
		if rule.AckWithin == 0 && rule.AckDays == 0 {
			f.refuse(at+".ack_within", "ack-missing", nil)
		}
		if rule.AckDays > 0 && !rule.NoLadder {
			f.refuse(at+".ack_business_days", "days-with-ladder", with{"line": noLadder})
		}
		if rule.AckDays > 0 && f.p.Calendar == "" {
			f.refuse(at+".ack_business_days", "days-no-calendar", nil)
		}
		if rule.LowUrgency && f.p.Calendar == "" {
			f.refuse(at+".low_urgency_outside_hours", "urgency-no-calendar", nil)
		}
		if f.p.HoldsRoom(sev) && rule.NoLadder && rule.AckDays == 0 {
			f.warn(at+".room", "room-no-deadline", with{"line": catalog.Literal("ack_business_days: 1"), "once": catalog.Literal("room: at_once")})
		}
		if !rule.NoLadder && rule.AcceptWithin == 0 {
			f.refuse(at+".accept_within", "accept-missing", with{"line": noLadder})
		}
		if rule.NoLadder && rule.RemediateWithin+rule.ProgressWithin+rule.ProgressEvery > 0 {
			f.refuse(at+".no_ladder", "no-ladder-deadlines", with{"line": catalog.Literal("no_ladder: false")})
		}
		if rule.ProgressEvery > 0 && rule.ProgressWithin == 0 {
			f.refuse(at+".progress_every", "every-without", nil)
		}
		if rule.UpdateEvery > 0 && rule.FirstUpdate == 0 {
			f.warn(at+".first_update", "first-update", nil)
		}
		if rule.CommsBackup != "" && rule.CommsWithin == 0 {
			f.refuse(at+".comms_within", "comms-within", nil)
		}
		for _, t := range rule.Tell {
			if slices.Contains(rule.PageAtOnce, t) {
				f.refuse(at+".tell", "told-and-paged", with{"target": said(t)})
			}
		}
		for _, lang := range titleLangs {
			if rule.Definition[lang] == "" {
				f.warn(at+".definition", "no-definition", with{"lang": said(lang)})
			}
		}
	}
	if !f.p.DefaultSeverity.Valid() {
		f.refuse("default_severity", "default-severity", nil)
	}
}

func (f *finder) ladder() {
	if len(f.p.Ladder) == 0 {
		f.refuse("ladder", "no-ladder", nil)
		return
	}
	first := map[string]use{}
	for i, l := range f.p.Ladder {
		if len(l.Targets) == 0 {
			f.refuse(fmt.Sprintf("ladder[%d].targets", i), "empty-level", nil)
		}
		for _, sev := range sortedKeys(l.Instead) {
			if len(l.Instead[sev]) == 0 {
				f.refuse(fmt.Sprintf("ladder[%d].instead.%s", i, sev), "empty-level", nil)
			}
		}
		for _, sev := range sortedKeys(l.Instead) {
			if l.WhenEmpty != "" && slices.Contains(l.Instead[sev], l.WhenEmpty) {
				f.refuse(fmt.Sprintf("ladder[%d].instead.%s", i, sev), "empty-itself-for", with{"target": said(l.WhenEmpty), "sev": catalog.Severity(sev)})
			}
		}
		if l.WhenEmpty != "" && len(l.Instead) == 0 && slices.Contains(l.Targets, l.WhenEmpty) {
			f.refuse(fmt.Sprintf("ladder[%d].when_empty", i), "empty-itself", with{"target": said(l.WhenEmpty)})
		}
	}
	for _, u := range f.uses() {
		if u.level == 0 {
			continue
		}
		if was, twice := first[u.target]; twice {
			if was.level == u.level && (u.or || was.or) {
				continue
			}
			f.refuse(u.field, "on-ladder", with{"target": said(u.target), "where": said(was.field)})
			continue
		}
		first[u.target] = u
	}
}

// targets checks that everyone who is named exists and, where they are rung, can be.
func (f *finder) targets() {
	unknown := "no-target"
	if len(f.p.Targets) > 12 {
		unknown = "no-target-of"
	}
	named := map[string]bool{}
	unreachable := map[string]bool{}
	for _, u := range f.uses() {
		named[u.target] = true
		t, ok := f.p.Targets[u.target]
		if !ok {
			f.refuse(u.field, unknown, with{"target": said(u.target), "known": listed(sortedKeys(f.p.Targets)...)})
			continue
		}
		if u.rings && t.Address == (incident.Address{}) && !unreachable[u.target] {
			unreachable[u.target] = true
			f.refuse("targets."+u.target+".address", "no-phone", with{"where": said(u.field)})
		}
	}
	for _, key := range sortedKeys(f.p.Targets) {
		t, at := f.p.Targets[key], "targets."+key
		if !named[key] && t.Address == (incident.Address{}) {
			f.warn(at, "unnamed", nil)
		}
		if t.Rotation != "" && t.Address != (incident.Address{}) && !t.Address.OnCall {
			f.warn(at+".address", "rotation-phone", nil)
		}
		if t.Schedule == "" && t.Rotation == "" && len(t.People) == 0 {
			f.warn(at, "nobody", nil)
		}
		for _, lang := range titleLangs {
			if t.Title[lang] == "" {
				f.warn(at+".title", "no-title", with{"lang": said(lang), "key": said(key)})
			}
		}
	}
}

// services checks that what a service names exists.
func (f *finder) services() {
	if c := f.p.Calendar; c != "" {
		if _, ok := f.p.Calendars[c]; !ok {
			f.refuse("calendar", "no-calendar", with{"name": said(c), "known": listed(sortedKeys(f.p.Calendars)...)})
		}
	} else if len(f.p.Calendars) > 0 {
		f.refuse("calendar", "calendar-not-chosen", with{"known": listed(sortedKeys(f.p.Calendars)...)})
	}
	labels := map[incident.Label]string{}
	for _, key := range sortedKeys(f.p.Services) {
		s, at := f.p.Services[key], "services."+key
		if _, ok := f.p.Calendars[s.Calendar]; s.Calendar != "" && !ok {
			f.refuse(at+".calendar", "service-calendar", with{"name": said(s.Calendar)})
		}
		for _, of := range sortedKeys(s.Instead) {
			field := at + ".instead." + of
			if _, ok := f.p.Targets[of]; !ok {
				f.refuse(field, "nothing-to-replace", with{"target": said(of)})
			}
			t, ok := f.p.Targets[s.Instead[of]]
			switch {
			case !ok:
				f.refuse(field, "service-target", with{"target": said(s.Instead[of])})
			case t.Address == (incident.Address{}):
				f.refuse("targets."+t.Key+".address", "no-phone", with{"where": said(field)})
			}
		}
		f.replaced(at, s)
		for _, l := range s.Labels {
			if other, twice := labels[l]; twice {
				f.warn(at+".labels", "label-twice", with{"name": said(l.Name), "value": said(l.Value), "other": said(other)})
				continue
			}
			labels[l] = key
		}
	}
}

// replaced checks that the people of a service walk the same ladder without going round in a circle, and that no phone is on two of its
// levels: a service's replacements are taken once, not followed.
func (f *finder) replaced(at string, s incident.Service) {
	before := len(f.found)
	for _, of := range sortedKeys(s.Instead) {
		to := s.Instead[of]
		switch _, again := s.Instead[to]; {
		case to == of:
			f.refuse(at+".instead."+of, "replaces-itself", with{"target": said(of)})
		case again:
			f.refuse(at+".instead."+of, "replaced-again", with{"target": said(to), "by": said(s.Instead[to])})
		}
	}
	if len(f.found) > before {
		return
	}
	type seen struct {
		of    string
		level int
	}
	first, told := map[string]seen{}, map[string]bool{}
	for _, u := range f.uses() {
		to, is := s.Instead[u.target]
		if !is {
			to = u.target
		}
		was, twice := first[to]
		switch {
		case u.level == 0:
			continue
		case !twice:
			first[to] = seen{u.target, u.level}
			continue
		case was.of == u.target: // the ladder's own fault, or the same level in another case
			continue
		}
		of := u.target // the replacement of the two
		if !is {
			of = was.of
		}
		if field := at + ".instead." + of; !told[field] {
			told[field] = true
			f.refuse(field, "service-phone", with{"target": said(to), "a": said(f.p.Ladder[was.level-1].Name), "b": said(f.p.Ladder[u.level-1].Name)})
		}
	}
}

// impact checks that whoever is rung because customers are touched can be.
func (f *finder) impact() {
	rings := false
	for i, l := range f.p.Ladder {
		if l.On == "" {
			continue
		}
		rings = true
		if i == 0 {
			f.refuse("ladder[0].on", "first-on-impact", nil)
		}
	}
	for sev := incident.SEV1; sev <= incident.SEV4; sev++ {
		if f.p.Severities[sev].ImpactWithin > 0 && !rings {
			f.refuse("severities."+sev.String()+".impact_within", "impact-rings-nobody", with{"line": catalog.Literal("on: impact")})
		}
	}
}

// phone is what rings for an address: the same phone, the same string. The service only says under which name it rings.
func phone(a incident.Address) string {
	switch {
	case a.RoutingKey != "":
		return "routing key " + a.RoutingKey
	case a.User != "":
		return "user " + a.User
	case a.EscalationPolicy != "":
		return "escalation policy " + a.EscalationPolicy
	}
	return ""
}

// addresses refuses two targets on one phone: whoever sends for the one would wake the other.
func (f *finder) addresses() {
	owner := map[string]string{}
	keys := sortedKeys(f.p.Targets)
	if len(f.p.Ladder) > 0 { // the level that comes first keeps its phone; the finding stands at the other
		slices.SortStableFunc(keys, func(a, b string) int { return f.rank(a) - f.rank(b) })
	}
	for _, key := range keys {
		ring := phone(f.p.Targets[key].Address)
		if ring == "" {
			continue
		}
		if other, taken := owner[ring]; taken {
			f.refuse("targets."+key+".address", "same-phone", with{"target": said(key), "other": said(other), "place": place(ring)})
			continue
		}
		owner[ring] = key
	}
}

// place names a phone without repeating what a file wrote.
func place(ring string) catalog.Arg {
	switch {
	case strings.HasPrefix(ring, "routing key"):
		return catalog.Term("policy.place.key")
	case strings.HasPrefix(ring, "user"):
		return catalog.Term("policy.place.user")
	}
	return catalog.Term("policy.place.policy")
}

// rank is the level a target is first on; behind all levels for one that is on none.
func (f *finder) rank(target string) int {
	for i, l := range f.p.Ladder {
		if slices.Contains(l.Targets, target) {
			return 2 * i
		}
		if l.Backup == target {
			return 2*i + 1
		}
	}
	return 2 * len(f.p.Ladder)
}

// people warns where two stages of the ladder are the same human beings under two addresses.
func (f *finder) people() {
	type who struct{ target, field string }
	schedules, rotations, alone := map[string]who{}, map[string]who{}, map[string]who{}
	for _, u := range f.uses() {
		t, ok := f.p.Targets[u.target]
		if u.level == 0 || !ok {
			continue
		}
		if t.Schedule != "" {
			if was, twice := schedules[t.Schedule]; twice && was.target != u.target {
				f.warn(u.field, "same-schedule", with{"a": said(was.target), "b": said(u.target)})
			}
			schedules[t.Schedule] = who{u.target, u.field}
		}
		if t.Rotation != "" {
			if was, twice := rotations[t.Rotation]; twice && was.target != u.target {
				f.warn(u.field, "same-rotation", with{"a": said(was.target), "b": said(u.target)})
			}
			rotations[t.Rotation] = who{u.target, u.field}
		}
		if t.Schedule == "" && len(t.People) > 0 {
			all := slices.Clone(t.People)
			slices.Sort(all)
			same := strings.Join(all, ",")
			if was, twice := alone[same]; twice && was.target != u.target {
				f.warn(u.field, "same-people", with{"a": said(was.target), "b": said(u.target)})
			}
			alone[same] = who{u.target, u.field}
		}
	}
}

// figures looks for deadlines nobody can mean.
func (f *finder) figures() {
	for sev := incident.SEV1; sev <= incident.SEV4; sev++ {
		rule, ok := f.p.Severities[sev]
		if !ok {
			continue
		}
		at := "severities." + sev.String() + "."
		for _, d := range []struct {
			name string
			d    time.Duration
		}{
			{"ack_within", rule.AckWithin}, {"accept_within", rule.AcceptWithin}, {"commander_within", rule.CommanderWithin},
			{"progress_within", rule.ProgressWithin}, {"progress_every", rule.ProgressEvery}, {"remediate_within", rule.RemediateWithin},
			{"first_update", rule.FirstUpdate}, {"update_every", rule.UpdateEvery}, {"comms_within", rule.CommsWithin},
		} {
			f.length(at+d.name, d.d)
		}
		for _, d := range []struct {
			name string
			d    time.Duration
		}{{"progress_within", rule.ProgressWithin}, {"remediate_within", rule.RemediateWithin}} {
			if d.d > 0 && d.d <= f.p.WarnBefore {
				f.warn(at+d.name, "warned-at-once", with{"d": written(d.d), "warn": written(f.p.WarnBefore)})
			}
		}
		if sev > incident.SEV1 {
			if worse, ok := f.p.Severities[sev-1]; ok && rule.AckWithin > 0 && worse.AckWithin > rule.AckWithin {
				f.warn(at+"ack_within", "worse-is-slower", with{"sev": catalog.Severity(sev), "d": written(rule.AckWithin), "worse": catalog.Severity(sev - 1), "other": written(worse.AckWithin)})
			}
		}
	}
	if f.p.RestartEvery < minRestart || f.p.RestartEvery > maxDuration {
		f.refuse("restart_every", "siren", with{"d": written(f.p.RestartEvery)})
	}
	f.length("warn_before", f.p.WarnBefore)
	f.length("more_time", f.p.MoreTime)
	f.length("confirm_within", f.p.ConfirmWithin)
	if f.p.FirstPage == "pagerduty" {
		if sla := f.p.Rule(incident.SEV1).AckWithin; sla > 0 && f.p.FirstPageWait >= sla {
			f.warn("first_page_wait", "first-page-late", with{"d": written(f.p.FirstPageWait), "sla": written(sla)})
		}
	}
}

func (f *finder) length(field string, d time.Duration) {
	switch {
	case d < 0 || d > maxDuration:
		f.refuse(field, "no-deadline", with{"d": written(d)})
	case d > 0 && d < minDuration:
		f.warn(field, "too-short", with{"d": written(d)})
	}
}

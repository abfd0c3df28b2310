package policy

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tocsin-bot/tocsin/bot/incident"
)

// Finding is something about a policy as a whole that keeps it from doing what its writer means.
type Finding struct {
	Field  string // "ladder[1].targets"
	What   string
	Mend   string
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
	f.obligations()
	return f.found
}

type finder struct {
	p     *incident.Policy
	found []Finding
}

func (f *finder) refuse(field, what, mend string) {
	f.found = append(f.found, Finding{field, what, mend, true})
}

func (f *finder) warn(field, what, mend string) {
	f.found = append(f.found, Finding{field, what, mend, false})
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
			f.refuse(at, "missing", "all four severities are needed: any incident can be set to any of them")
			continue
		}
		if rule.AckWithin == 0 && rule.AckDays == 0 {
			f.refuse(at+".ack_within", "missing", "say within what time somebody must acknowledge: 5m, 24h")
		}
		if rule.AckDays > 0 && !rule.NoLadder {
			f.refuse(at+".ack_business_days", "beside a ladder, which runs on the clock", "write ack_within, or set no_ladder: true")
		}
		if rule.AckDays > 0 && f.p.Calendar == "" {
			f.refuse(at+".ack_business_days", "there is no business time to count in", "add calendars: and calendar: with the name of the one that counts")
		}
		if rule.LowUrgency && f.p.Calendar == "" {
			f.refuse(at+".low_urgency_outside_hours", "there are no working hours", "add calendars: and calendar: with the name of the one that counts")
		}
		if !rule.NoLadder && rule.AcceptWithin == 0 {
			f.refuse(at+".accept_within", "missing, so the ladder would stop at the first level that does not answer", "say how long a level has to accept, or set no_ladder: true")
		}
		if rule.NoLadder && rule.RemediateWithin+rule.ProgressWithin+rule.ProgressEvery > 0 {
			f.refuse(at+".no_ladder", "true, beside deadlines that escalate (progress, remediation)", "remove those, or set no_ladder: false")
		}
		if rule.ProgressEvery > 0 && rule.ProgressWithin == 0 {
			f.refuse(at+".progress_every", "there is no progress_within to renew", "add progress_within, the time to the first progress")
		}
		if rule.UpdateEvery > 0 && rule.FirstUpdate == 0 {
			f.warn(at+".first_update", "missing, so no update is ever due before somebody posts one", "add first_update")
		}
		if rule.CommsBackup != "" && rule.CommsWithin == 0 {
			f.refuse(at+".comms_within", "missing, so comms_backup would never be asked", "add comms_within, or remove comms_backup")
		}
		for _, t := range rule.Tell {
			if slices.Contains(rule.PageAtOnce, t) {
				f.refuse(at+".tell", fmt.Sprintf("%q is told and paged at once", t), "keep it in one of tell and page_at_once")
			}
		}
		for _, lang := range titleLangs {
			if rule.Definition[lang] == "" {
				f.warn(at+".definition", "no definition in \""+lang+"\"", "add it: the guide in the declare form shows it")
			}
		}
	}
	if !f.p.DefaultSeverity.Valid() {
		f.refuse("default_severity", "not a severity", "write SEV-1 to SEV-4")
	}
}

func (f *finder) ladder() {
	if len(f.p.Ladder) == 0 {
		f.refuse("ladder", "nobody is ever rung", "add at least one level with one target")
		return
	}
	first := map[string]use{}
	for i, l := range f.p.Ladder {
		if len(l.Targets) == 0 {
			f.refuse(fmt.Sprintf("ladder[%d].targets", i), "a level nobody fills", "name at least one target, or remove the level")
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
			f.refuse(u.field, fmt.Sprintf("%q is on the ladder already, at %s: the same phone would ring again", u.target, was.field), "name somebody else, or remove it here")
			continue
		}
		first[u.target] = u
	}
}

// targets checks that everyone who is named exists and, where they are rung, can be.
func (f *finder) targets() {
	known := "known: " + strings.Join(sortedKeys(f.p.Targets), ", ")
	if len(f.p.Targets) > 12 {
		known = "it is not among the targets"
	}
	named := map[string]bool{}
	unreachable := map[string]bool{}
	for _, u := range f.uses() {
		named[u.target] = true
		t, ok := f.p.Targets[u.target]
		if !ok {
			f.refuse(u.field, fmt.Sprintf("there is no target %q", u.target), known)
			continue
		}
		if u.rings && t.Address == (incident.Address{}) && !unreachable[u.target] {
			unreachable[u.target] = true
			f.refuse("targets."+u.target+".address", "missing, and "+u.field+" wants this phone to ring", "add address: with routing_key_env, or user or escalation_policy with service")
		}
	}
	for _, key := range sortedKeys(f.p.Targets) {
		t, at := f.p.Targets[key], "targets."+key
		if !named[key] && t.Address == (incident.Address{}) {
			f.warn(at, "no level and no severity names it, and it has no address", "give it an address so that it can be paged by hand, or remove it")
		}
		if t.Schedule == "" && len(t.People) == 0 {
			f.warn(at, "nobody is known to be on call for it: a page would name no person, and nobody would be asked in Slack", "add schedule: or people:")
		}
		for _, lang := range titleLangs {
			if t.Title[lang] == "" {
				f.warn(at+".title", "no title in \""+lang+"\"", "add it, or people read \""+key+"\"")
			}
		}
	}
}

// services checks that what a service names exists.
func (f *finder) services() {
	if c := f.p.Calendar; c != "" {
		if _, ok := f.p.Calendars[c]; !ok {
			f.refuse("calendar", fmt.Sprintf("there is no calendar %q", c), "name one of calendars: "+strings.Join(sortedKeys(f.p.Calendars), ", "))
		}
	} else if len(f.p.Calendars) > 0 {
		f.refuse("calendar", "missing: nothing says which of the calendars counts", "add calendar: and one of "+strings.Join(sortedKeys(f.p.Calendars), ", "))
	}
	labels := map[incident.Label]string{}
	for _, key := range sortedKeys(f.p.Services) {
		s, at := f.p.Services[key], "services."+key
		if _, ok := f.p.Calendars[s.Calendar]; s.Calendar != "" && !ok {
			f.refuse(at+".calendar", fmt.Sprintf("there is no calendar %q", s.Calendar), "name one of calendars:, or remove the line")
		}
		for _, of := range sortedKeys(s.Instead) {
			field := at + ".instead." + of
			if _, ok := f.p.Targets[of]; !ok {
				f.refuse(field, fmt.Sprintf("there is no target %q to be replaced", of), "write the target that the ladder names on the left, this service's own on the right")
			}
			t, ok := f.p.Targets[s.Instead[of]]
			switch {
			case !ok:
				f.refuse(field, fmt.Sprintf("there is no target %q", s.Instead[of]), "add it to targets:, with an address of its own")
			case t.Address == (incident.Address{}):
				f.refuse("targets."+t.Key+".address", "missing, and "+field+" wants this phone to ring", "add address: with routing_key_env, or user or escalation_policy with service")
			}
		}
		for _, l := range s.Labels {
			if other, twice := labels[l]; twice {
				f.warn(at+".labels", fmt.Sprintf("the label %s=%q maps to %q already; that one is taken", l.Name, l.Value, other), "keep it at one service")
				continue
			}
			labels[l] = key
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
			f.refuse("ladder[0].on", "the first level is rung when the incident begins", "remove on:, or put this level behind")
		}
	}
	for sev := incident.SEV1; sev <= incident.SEV4; sev++ {
		if f.p.Severities[sev].ImpactWithin > 0 && !rings {
			f.refuse("severities."+sev.String()+".impact_within", "no level of the ladder is rung on impact", "add a level with on: impact, or remove the line")
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
			f.refuse("targets."+key+".address", fmt.Sprintf("pages for %q would ring the phone of %q: both go to %s", key, other, place(ring)), "give each its own routing key, or a user or escalation policy of its own")
			continue
		}
		owner[ring] = key
	}
}

// place names a phone without repeating what a file wrote.
func place(ring string) string {
	if strings.HasPrefix(ring, "routing key") {
		return "the same routing key"
	}
	return "the same " + ring[:strings.LastIndexByte(ring, ' ')]
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
	schedules, alone := map[string]who{}, map[string]who{}
	for _, u := range f.uses() {
		t, ok := f.p.Targets[u.target]
		if u.level == 0 || !ok {
			continue
		}
		if t.Schedule != "" {
			if was, twice := schedules[t.Schedule]; twice && was.target != u.target {
				f.warn(u.field, fmt.Sprintf("%q and %q are the same schedule: the second is whom the first already rang", was.target, u.target), "give the second its own schedule")
			}
			schedules[t.Schedule] = who{u.target, u.field}
		}
		if t.Schedule == "" && len(t.People) > 0 {
			all := slices.Clone(t.People)
			slices.Sort(all)
			same := strings.Join(all, ",")
			if was, twice := alone[same]; twice && was.target != u.target {
				f.warn(u.field, fmt.Sprintf("%q and %q are the same people: the second is whom the first already rang", was.target, u.target), "name somebody else for the second")
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
				f.warn(at+d.name, fmt.Sprintf("%s is not longer than warn_before (%s): the warning comes at once", d.d, f.p.WarnBefore), "lengthen the one or shorten the other")
			}
		}
		if sev > incident.SEV1 {
			if worse, ok := f.p.Severities[sev-1]; ok && rule.AckWithin > 0 && worse.AckWithin > rule.AckWithin {
				f.warn(at+"ack_within", fmt.Sprintf("%s has less time (%s) than the worse %s (%s)", sev, rule.AckWithin, sev-1, worse.AckWithin), "give the worse severity the shorter time")
			}
		}
	}
	if f.p.RestartEvery < minRestart || f.p.RestartEvery > maxDuration {
		f.refuse("restart_every", fmt.Sprintf("an unanswered ladder would start again every %s", f.p.RestartEvery), "write at least 1m; 15m is usual")
	}
	f.length("warn_before", f.p.WarnBefore)
	f.length("more_time", f.p.MoreTime)
	f.length("confirm_within", f.p.ConfirmWithin)
	if f.p.FirstPage == "pagerduty" {
		if sla := f.p.Rule(incident.SEV1).AckWithin; sla > 0 && f.p.FirstPageWait >= sla {
			f.warn("first_page_wait", fmt.Sprintf("Tocsin waits %s for PagerDuty's own page, and a SEV-1 must be acknowledged within %s", f.p.FirstPageWait, sla), "wait 1m or less")
		}
	}
}

func (f *finder) length(field string, d time.Duration) {
	switch {
	case d < 0 || d > maxDuration:
		f.refuse(field, fmt.Sprintf("%s is no deadline for an incident", d), "write between 30s and 720h")
	case d > 0 && d < minDuration:
		f.warn(field, fmt.Sprintf("%s is shorter than a human can answer", d), "write 30s or more")
	}
}

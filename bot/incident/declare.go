package incident

import (
	"slices"
	"strings"
	"time"
)

// declare opens an incident by hand: who declares it commands it, and level 1 is rung unless that is who declared it.
func (d *decider) declare(a Declare) error {
	if a.Title.Body == "" {
		return refuse(RefusedEmpty, "title")
	}
	sev, rule := a.Severity, "declared by hand"
	if sev == 0 {
		sev, rule = d.in.Policy.DefaultSeverity, "default"
	}
	if !sev.Valid() {
		return refuse(RefusedBadSeverity, sev.String())
	}
	if a.Rule != "" && a.Severity != 0 {
		rule = Clip(a.Rule, 80)
	}
	f := d.declared(a.Title, sev, a.Severity != 0 && a.Rule == "", rule, SourceHand, a.Service, d.at)
	f.From = a.From
	if f.Private = a.Private; f.Private {
		f.Channel = d.privateName(d.now, f.ID)
	}
	d.add(f)
	d.opened()
	return nil
}

// declareAlerts opens an incident for an alert group.
func (d *decider) declareAlerts(a AlertsFired) error {
	if a.Set.Firing == 0 {
		return refuse(RefusedNotHere)
	}
	set := a.Set
	sev, confirmed, rule := d.in.Policy.alertSeverity(set.Name, labelOf(set.Labels, "severity"))
	set.Service = d.in.Policy.ServiceOfSet(set)
	f := d.declared(a.Title, sev, confirmed, rule, SourceAlert, set.Service, set.StartsAt)
	f.Alerts = []AlertSet{set}
	d.add(f)
	d.opened()
	return nil
}

// declarePager opens an incident for a page that PagerDuty sent by itself: that page is level 1's.
func (d *decider) declarePager(a PagerTriggered) error {
	sev, confirmed, rule := d.in.Policy.alertSeverity(a.AlertName, a.Severity)
	f := d.declared(a.Title, sev, confirmed, rule, SourcePage, a.Ref.Service, d.at)
	ref := a.Ref
	f.Pager = &ref
	if a.AlertName != "" {
		f.Rule = "alert " + a.AlertName
	}
	d.add(f)
	d.opened()
	return nil
}

func (d *decider) declared(title Text, sev Severity, confirmed bool, rule, source, service string, detected time.Time) *Declared {
	detected = utc(detected)
	if detected.IsZero() || detected.After(d.now) {
		detected = d.now
	}
	p := d.in.Policy
	storm := d.in.Storm != nil && source != SourceHand
	if storm {
		title, service = *d.in.Storm, "" // it belongs to no service: it will hold alerts of several
	}
	return &Declared{
		Storm: storm, Held: d.holdsRoom(sev, source),
		ID: NewID(d.in.Number), Title: title, Severity: sev, Confirmed: confirmed, Rule: rule, Source: source,
		Service: Clip(service, 100), DetectedAt: detected, Channel: d.channelName(title.Body), Policy: p.Digest, Installation: p.Installation, Claims: d.claims(),
	}
}

// claims are those of the intent that the incident takes: what it holds is bounded, and what it does not hold finds it by no claim.
func (d *decider) claims() []string {
	var out []string
	n := len(d.s.Claims)
	for _, c := range d.in.Claims {
		if held := slices.Contains(d.s.Claims, c); held || n < maxClaims {
			out = append(out, c)
			if !held {
				n++
			}
		}
	}
	return out
}

// alertSeverity is what the catalogue says of an alert, else what its own label means, else the default.
func (p *Policy) alertSeverity(name, label string) (Severity, bool, string) {
	if p == nil {
		return 0, false, ""
	}
	if r, ok := p.Alerts[name]; ok && r.Severity.Valid() {
		return r.Severity, r.Confirmed, "alert " + name
	}
	if sev, ok := p.LabelSeverity[strings.ToLower(label)]; ok && sev.Valid() {
		return sev, false, "label severity=" + Clip(strings.ToLower(label), 40)
	}
	return p.DefaultSeverity, false, "default"
}

func labelOf(labels []Label, name string) string {
	i := slices.IndexFunc(labels, func(l Label) bool { return l.Name == name })
	if i < 0 {
		return ""
	}
	return labels[i].Value
}

// opened is what follows every declaration: who commands, who is rung, who is told, which runbooks are put in front of the room.
func (d *decider) opened() {
	if by := d.in.Actor; by.Human() && d.s.Source == SourceHand {
		d.add(&RoleSet{Role: Commander, Who: by.Person})
	}
	d.startLadder()
	d.severityFollows()
	d.askAttack()
	why := "asked"
	if len(d.s.Alerts) > 0 || d.s.Source == SourcePage {
		why = "alert"
	}
	if d.s.Storm == nil {
		d.fitting(why)
	}
	d.suggest(d.in.Suggest)
}

// startLadder rings level 1, adopts the page PagerDuty sent by itself, or waits for that page when the policy says it will come.
func (d *decider) startLadder() {
	r := d.rule()
	for _, ref := range d.s.Pagers {
		d.adopt(ref)
	}
	switch {
	case d.s.Ladder.Level > 0: // adopted
	case r.NoLadder:
	case d.awaitsPage():
	case d.declarerIsOnCall():
		d.own(&LevelRaised{Level: 1, Round: 1, Why: WhyDetected, Empty: d.empty()})
		d.add(&Acknowledged{By: d.in.Actor.Person})
	default:
		d.raise(1, false, d.s.Ladder.Round+1, WhyDetected, "")
	}
}

// awaitsPage reports whether PagerDuty's own page for the alert is still expected.
func (d *decider) awaitsPage() bool {
	p := d.s.Policy
	return d.s.Source == SourceAlert && p.FirstPage == FirstPagePagerDuty && d.now.Before(d.s.begunAt().Add(p.FirstPageWait))
}

// Who rings level 1 for an alert that came by Alertmanager.
const (
	FirstPageTocsin    = "tocsin"
	FirstPagePagerDuty = "pagerduty"
)

func (d *decider) declarerIsOnCall() bool {
	if !d.in.Actor.Human() {
		return false
	}
	for _, t := range d.stage(1, false) {
		for _, p := range d.in.OnCall[t].People {
			if p.Same(d.in.Actor.Person) {
				return true
			}
		}
	}
	return false
}

// severityFollows pages and tells whom the severity names, once it counts as confirmed.
func (d *decider) severityFollows() {
	r := d.rule()
	if r.NeedsConfirm && !d.s.Confirmed {
		return
	}
	for _, t := range r.PageAtOnce {
		t = d.s.target(t)
		d.pageTarget(t, d.levelOf(t), max(1, d.s.Ladder.Round), WhySeverity, Person{})
	}
	if d.impactRings() { // before it is said who is told: nobody is told that nothing rings while their phone does
		d.ringImpact(WhyImpact)
	}
	rings := func(who Person) bool {
		return slices.ContainsFunc(d.s.Pages, func(p Page) bool { return p.Outstanding() && p.At.Equal(d.now) && p.Person.Same(who) })
	}
	var targets []string
	var who []Person
	for _, t := range r.Tell {
		t = d.s.target(t)
		if slices.Contains(d.s.Told, t) || d.s.calling(t) {
			continue
		}
		people := slices.DeleteFunc(slices.Clone(d.in.OnCall[t].People), rings)
		if len(people) == 0 && len(d.in.OnCall[t].People) > 0 {
			continue
		}
		targets = append(targets, t)
		for _, p := range people {
			if !slices.ContainsFunc(who, p.Same) {
				who = append(who, p)
			}
		}
	}
	if len(targets) > 0 {
		d.own(&Told{Targets: targets, Who: who, Why: "severity"})
	}
	d.askImpact()
	d.askComms()
}

// askComms asks the commander, where the severity wants a communications lead and nobody is one.
func (d *decider) askComms() {
	ic, held := d.s.Roles[Commander]
	if _, comms := d.s.Roles[Comms]; comms || !held || d.rule().CommsBackup == "" || d.s.CommsAsk.Stage > 0 {
		return
	}
	d.own(&RoleAsked{Role: Comms, Who: []Person{ic.Who}, Why: "declared"})
}

// levelOf is the ladder level a target belongs to, 0 when it is on none.
func (d *decider) levelOf(target string) int {
	for i, l := range d.s.Policy.Ladder {
		named := append(slices.Clone(l.Targets), l.Backup, l.WhenEmpty)
		for _, sev := range []Severity{SEV1, SEV2, SEV3, SEV4} {
			named = append(named, l.Instead[sev]...)
		}
		if slices.ContainsFunc(named, func(t string) bool { return t != "" && (t == target || d.s.target(t) == target) }) {
			return i + 1
		}
	}
	return 0
}

// reopen takes an incident up again, one that is over or one that was only mitigated: whoever reopens it has accepted it, and the policy
// is frozen anew.
func (d *decider) reopen(a Reopen) error {
	if d.s.Open() && d.s.Status != Mitigated {
		return refuse(RefusedNotOver)
	}
	d.add(&Reopened{Reason: a.Reason, Policy: d.in.Policy.Digest, Claims: d.claims()})
	if by := d.in.Actor; by.Human() {
		if _, held := d.s.Roles[Commander]; !held {
			d.add(&RoleSet{Role: Commander, Who: by.Person})
		}
		d.own(&LevelRaised{Level: 1, Round: d.s.Ladder.Round + 1, Why: WhyDetected, Empty: d.empty()})
		d.add(&Acknowledged{By: by.Person})
		d.askComms()
		return nil
	}
	d.raise(1, false, d.s.Ladder.Round+1, WhyDetected, "")
	return nil
}

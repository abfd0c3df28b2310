package pagerduty

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// Finding is something Check found, with what to do about it.
type Finding struct {
	Where string // target, variable or level
	What  string
	Mend  string
	Fatal bool // a page would not be sent, or would ring the wrong phone
	// Target and Mail are the person of a target it is about, where it is about one: whoever has the file can say where it names them.
	Target, Mail string
}

// Check looks at everything a page depends on: that each target that can be rung has an address, that its secret is there, and that no two
// rungs of the ladder ring one phone; with a token also that the token works, that the From user exists, and that users, services,
// escalation policies and schedules named by the policy are there and ring somebody, schedules also at every hour of the coming four weeks. It rings nobody. Order and wording are stable; the
// words are those of a language ("en", "fr").
func (c *Client) Check(ctx context.Context, p *incident.Policy, secrets Secrets, lang string) []Finding {
	k := &checker{c: c, p: p, secrets: secrets, lang: lang, phones: map[string][]string{}, keys: map[string]string{}}
	k.addresses()
	if c.HasToken() {
		k.account(ctx)
	}
	k.samePhone()
	return k.found
}

type checker struct {
	c       *Client
	p       *incident.Policy
	secrets Secrets
	lang    string
	found   []Finding
	phones  map[string][]string // target -> what it rings: "routing key …", "user P…", "schedule P…"
	keys    map[string]string   // target -> value of its routing key
}

// add keeps a finding: what it is stands under key in the catalogue, what to do about it under key and ".mend".
func (k *checker) add(fatal bool, where, key string, args catalog.Args) {
	k.found = append(k.found, Finding{Where: where, What: k.say(key, args), Mend: k.say(key+".mend", args), Fatal: fatal})
}

func (k *checker) say(key string, args catalog.Args) string {
	return catalog.Say(k.lang, key, args).Plain(nil)
}

// where names a target.
func (k *checker) where(target string) string {
	return k.say("check.target", catalog.Args{"target": catalog.Words(target)})
}

// thing names something of PagerDuty's: kind is service, user, policy or schedule.
func (k *checker) thing(kind, id string) catalog.Text {
	return catalog.Say(k.lang, "check.pd.a."+kind, catalog.Args{"id": catalog.Words(id)})
}

// rung is a place on the ladder: the targets of a level are rung together, its backup later.
type rung struct {
	name    string
	targets []string
	only    []incident.Severity
}

func (k *checker) rungs() []rung {
	var out []rung
	for _, l := range k.p.Ladder {
		out = append(out, rung{l.Name, l.Targets, l.Only})
		if l.Backup != "" {
			out = append(out, rung{k.say("check.pd.backup", catalog.Args{"level": catalog.Words(l.Name)}), []string{l.Backup}, l.Only})
		}
	}
	return out
}

// rung targets, sorted: those of the ladder and those paged at once.
func (k *checker) targets() []string {
	set := map[string]bool{}
	for _, r := range k.rungs() {
		for _, t := range r.targets {
			set[t] = true
		}
	}
	for _, r := range k.p.Severities {
		for _, t := range r.PageAtOnce {
			set[t] = true
		}
	}
	return slices.Sorted(maps.Keys(set))
}

func (k *checker) addresses() {
	rest := false
	for _, key := range k.targets() {
		where := k.where(key)
		t, ok := k.p.Targets[key]
		if !ok {
			k.add(true, where, "check.pd.undefined", nil)
			continue
		}
		a := t.Address
		n := 0
		for _, s := range []string{a.RoutingKey, a.User, a.EscalationPolicy} {
			if s != "" {
				n++
			}
		}
		if a.OnCall {
			n++
		}
		switch {
		case n == 0:
			k.add(true, where, "check.pd.no-address", nil)
			continue
		case n > 1:
			k.add(true, where, "check.pd.two-addresses", nil)
			continue
		}
		if a.RoutingKey != "" {
			v, err := k.secrets.Get(a.RoutingKey)
			if v = strings.TrimSpace(v); err != nil || v == "" {
				k.add(true, where, "check.pd.no-key", catalog.Args{"name": catalog.Words(a.RoutingKey)})
				continue
			}
			if len(v) != routingKeyLength {
				k.add(true, where, "check.pd.short-key", catalog.Args{"name": catalog.Words(a.RoutingKey), "n": catalog.Int(len(v)), "want": catalog.Int(routingKeyLength)})
			}
			k.keys[key] = v
			k.phones[key] = []string{"routing key " + v}
			continue
		}
		rest = true
		if a.Service == "" {
			k.add(true, where, "check.pd.no-service", nil)
		}
		switch {
		case a.OnCall: // the phone goes round; bot.Check looks at whose it is
			k.phones[key] = nil
		case a.User != "":
			k.phones[key] = []string{"user " + a.User}
		default:
			k.phones[key] = []string{"escalation policy " + a.EscalationPolicy}
		}
	}
	if rest && !k.c.HasToken() {
		k.add(true, "PAGERDUTY_API_TOKEN", "check.pd.no-token", nil)
	}
	if rest && k.c.o.From == "" {
		k.add(true, "PAGERDUTY_FROM", "check.pd.no-from", nil)
	}
}

const routingKeyLength = 32

// get reads one object; false when it could not be had, which is a finding.
func (k *checker) get(ctx context.Context, where, kind, id, path string, out any) bool {
	err := k.c.call(ctx, idle, "read "+kind+" "+id, http.MethodGet, path+url.PathEscape(id), nil, nil, out)
	if err == nil {
		return true
	}
	var f *Fault
	if errors.As(err, &f) && f.Status == http.StatusNotFound {
		k.add(true, where, "check.pd.gone", catalog.Args{"what": k.thing(kind, id)})
		return false
	}
	k.add(false, where, "check.pd.unread", catalog.Args{"what": k.thing(kind, id), "why": catalog.Cause{Err: err}})
	return false
}

type wireRule struct {
	Targets []ref `json:"targets"`
}

type wirePolicy struct {
	Rules []wireRule `json:"escalation_rules"`
}

type wireService struct {
	ref
	Status      string `json:"status"`
	Policy      *ref   `json:"escalation_policy"`
	UrgencyRule struct {
		Type    string `json:"type"`
		Urgency string `json:"urgency"`
	} `json:"incident_urgency_rule"`
	Integrations []struct {
		Key string `json:"integration_key"`
	} `json:"integrations"`
}

// account asks PagerDuty about everything the policy names.
func (k *checker) account(ctx context.Context) {
	if !k.reach(ctx) {
		return // everything else would say the same
	}
	if from := k.c.o.From; from != "" {
		_, found, err := k.c.userByEmail(ctx, from)
		switch {
		case err != nil:
			k.add(false, "PAGERDUTY_FROM", "check.pd.from-unread", catalog.Args{"why": catalog.Cause{Err: err}})
		case !found:
			k.add(true, "PAGERDUTY_FROM", "check.pd.from-nobody", catalog.Args{"mail": catalog.Words(from)})
		}
	} else {
		k.add(false, "PAGERDUTY_FROM", "check.pd.from-empty", nil)
	}
	byKey := k.services(ctx)
	for _, key := range slices.Sorted(maps.Keys(k.phones)) {
		t, where := k.p.Targets[key], k.where(key)
		policy := t.Address.EscalationPolicy
		if v, ok := k.keys[key]; ok {
			svc, known := byKey[v]
			if !known {
				continue // not every key may see integration keys: then only the key itself can be compared
			}
			k.service(where, svc)
			if svc.Policy != nil {
				policy = svc.Policy.ID
			}
		} else if t.Address.Service != "" {
			var answer struct {
				Service wireService `json:"service"`
			}
			if k.get(ctx, where, "service", t.Address.Service, "/services/", &answer) {
				k.service(where, answer.Service)
			}
		}
		if t.Address.User != "" {
			k.get(ctx, where, "user", t.Address.User, "/users/", nil)
		}
		if policy != "" {
			k.policy(ctx, key, where, policy)
		} else if t.Address.User != "" && k.p.LadderOwner == incident.LadderPagerDuty {
			k.escalates(key, where, k.thing("user", t.Address.User), wirePolicy{Rules: make([]wireRule, 1)}) // given to one person, it stays there
		}
	}
	for _, key := range slices.Sorted(maps.Keys(k.p.Targets)) {
		if s := k.p.Targets[key].Schedule; s != "" {
			people, err := k.c.onSchedule(ctx, s)
			var f *Fault
			switch {
			case errors.As(err, &f) && f.Status == http.StatusNotFound:
				k.add(true, k.where(key), "check.pd.gone", catalog.Args{"what": k.thing("schedule", s)})
			case err != nil:
				k.add(true, k.where(key), "check.pd.schedule-unread", catalog.Args{"what": k.thing("schedule", s), "why": catalog.Cause{Err: err}})
			default:
				k.gaps(ctx, key, s, len(people) == 0)
			}
		}
	}
	k.people(ctx)
}

// gapsAhead is how far ahead a schedule is looked at for a time in which nobody is on call.
const gapsAhead = 4 * 7 * 24 * time.Hour

// gaps finds when nobody is on call on a schedule in the coming weeks: a page for a target of the ladder would ring nobody then. empty: it
// is so now, whatever the schedule says.
func (k *checker) gaps(ctx context.Context, key, schedule string, empty bool) {
	now := k.c.o.Clock.Now().Truncate(time.Second) // as PagerDuty takes it
	where, what := k.where(key), k.thing("schedule", schedule)
	fatal := slices.Contains(k.targets(), key)
	plan, err := k.c.Plan(ctx, schedule, now, now.Add(gapsAhead))
	if err != nil {
		k.add(true, where, "check.pd.schedule-unread", catalog.Args{"what": what, "why": catalog.Cause{Err: err}})
		return
	}
	found := plan.Gaps(now, now.Add(gapsAhead))
	if len(found) == 0 {
		if empty {
			k.add(fatal, where, "check.pd.gap", catalog.Args{"what": what})
		}
		return
	}
	at := func(t time.Time) catalog.Arg {
		return catalog.Words(t.In(k.p.Location()).Format("2006-01-02 15:04 MST"))
	}
	args := catalog.Args{"what": what, "from": at(found[0].From), "to": at(found[0].To), "n": catalog.Int(len(found))}
	if found[0].To.Equal(now.Add(gapsAhead)) {
		k.add(fatal, where, "check.pd.gap.open", args)
		return
	}
	k.add(fatal, where, "check.pd.gap.coming", args)
}

// reach tries the token, and tells an address that is not PagerDuty's, or does not answer, from a token that is not taken.
func (k *checker) reach(ctx context.Context) bool {
	var answer struct {
		Abilities *[]string `json:"abilities"`
	}
	err := k.c.call(ctx, idle, "try the token", http.MethodGet, "/abilities", nil, nil, &answer)
	if err == nil && answer.Abilities != nil {
		return true
	}
	where := "PAGERDUTY_API_URL"
	if k.c.o.APIURL == defaultAPIURL {
		where = "PagerDuty"
	}
	args := catalog.Args{"url": catalog.Words(k.c.o.APIURL), "default": catalog.Words(defaultAPIURL), "eu": catalog.Words(euAPIURL), "why": catalog.Words("")}
	f, ok := errors.AsType[*Fault](err)
	switch {
	case err == nil, ok && f.Status >= 200 && f.Status < 400, ok && f.Permanent() && f.Status != http.StatusUnauthorized && f.Status != http.StatusForbidden:
		if ok {
			args["why"] = catalog.Words(fmt.Sprint("HTTP ", f.Status))
		} else {
			args["why"] = catalog.Words(fmt.Sprint("HTTP ", http.StatusOK))
		}
		k.add(true, where, "check.pd.not-pagerduty", args)
	case ok && f.Status == 0:
		args["why"] = catalog.Words(f.Detail)
		k.add(true, where, "check.pd.silent", args)
	case ok && f.Permanent():
		args["why"] = catalog.Words(fmt.Sprint("HTTP ", f.Status))
		k.add(true, "PAGERDUTY_API_TOKEN", "check.pd.refused", args)
	default:
		args["why"] = catalog.Cause{Err: err}
		k.add(false, where, "check.pd.trouble", args)
	}
	return false
}

// euAPIURL is the REST API of accounts in PagerDuty's European region.
const euAPIURL = "https://api.eu.pagerduty.com"

// people looks for the users behind the addresses of the policy.
func (k *checker) people(ctx context.Context) {
	known := map[string]bool{}
	for _, key := range slices.Sorted(maps.Keys(k.p.Targets)) {
		for _, mail := range k.p.Targets[key].People {
			found, asked := known[mail]
			if !asked {
				var err error
				if _, found, err = k.c.userByEmail(ctx, strings.ToLower(strings.TrimSpace(mail))); err != nil {
					k.add(false, k.where(key), "check.pd.user-unread", catalog.Args{"mail": catalog.Words(mail), "why": catalog.Cause{Err: err}})
					k.about(key, mail)
					return // the next would say the same
				}
				known[mail] = found
			}
			if !found {
				k.add(false, k.where(key), "check.pd.no-user", catalog.Args{"mail": catalog.Words(mail)})
				k.about(key, mail)
			}
		}
	}
}

// about says whom the newest finding is about.
func (k *checker) about(target, mail string) {
	f := &k.found[len(k.found)-1]
	f.Target, f.Mail = target, mail
}

// services returns the services by integration key, as far as this token may see keys.
func (k *checker) services(ctx context.Context) map[string]wireService {
	out := map[string]wireService{}
	_, err := k.c.pages(ctx, idle, "read the services", "/services", url.Values{"include[]": {"integrations"}}, 10, func(raw json.RawMessage) error {
		var list struct {
			Services []json.RawMessage `json:"services"`
		}
		if err := json.Unmarshal(raw, &list); err != nil {
			return err
		}
		for _, one := range list.Services {
			var s wireService
			if json.Unmarshal(one, &s) != nil {
				continue // an integration of a shape we do not know is not ours
			}
			for _, i := range s.Integrations {
				if i.Key != "" {
					out[i.Key] = s
				}
			}
		}
		return nil
	})
	if err != nil {
		k.add(false, "PagerDuty", "check.pd.services-unread", catalog.Args{"why": catalog.Cause{Err: err}})
	}
	return out
}

func (k *checker) service(where string, s wireService) {
	if s.Status == "disabled" || s.Status == "maintenance" {
		k.add(true, where, "check.pd.disabled", catalog.Args{"service": catalog.Words(s.label()), "state": catalog.Words(s.Status)})
	}
	switch {
	case s.UrgencyRule.Type == "constant" && s.UrgencyRule.Urgency == "low":
		k.add(true, where, "check.pd.low", catalog.Args{"service": catalog.Words(s.label())})
	case s.UrgencyRule.Urgency == "severity_based":
		k.add(false, where, "check.pd.by-severity", catalog.Args{"service": catalog.Words(s.label())})
	}
}

// policy replaces what a target rings by whom its escalation policy notifies first.
func (k *checker) policy(ctx context.Context, key, where, id string) {
	var answer struct {
		Policy wirePolicy `json:"escalation_policy"`
	}
	if !k.get(ctx, where, "policy", id, "/escalation_policies/", &answer) {
		return
	}
	if len(answer.Policy.Rules) == 0 || len(answer.Policy.Rules[0].Targets) == 0 {
		k.add(true, where, "check.pd.empty-policy", catalog.Args{"what": k.thing("policy", id)})
		return
	}
	for _, t := range answer.Policy.Rules[0].Targets {
		kind, _, _ := strings.Cut(t.Type, "_")
		k.phones[key] = append(k.phones[key], kind+" "+t.ID)
	}
	k.escalates(key, where, k.thing("policy", id), answer.Policy)
}

// escalates warns where both Tocsin and PagerDuty go on to the next when nobody of a level answers, or neither does.
func (k *checker) escalates(key, where string, what catalog.Text, p wirePolicy) {
	rungs := k.rungs()
	on := func(r rung) bool { return slices.Contains(r.targets, key) }
	args := catalog.Args{"what": what, "n": catalog.Int(len(p.Rules))}
	switch {
	case k.p.LadderOwner != incident.LadderPagerDuty:
		if len(p.Rules) > 1 && slices.ContainsFunc(rungs, on) {
			k.add(false, where, "check.pd.both-escalate", args)
		}
	case len(rungs) > 0 && on(rungs[0]) && len(p.Rules) == 1:
		k.add(false, where, "check.pd.nobody-escalates", args)
	}
}

// samePhone refuses two rungs of the ladder that ring one phone: being escalated over must reach somebody else.
func (k *checker) samePhone() {
	rungs := k.rungs()
	told := map[string]bool{}
	for i, a := range rungs {
		for _, b := range rungs[i+1:] {
			if !meet(a.only, b.only) {
				continue
			}
			for _, x := range a.targets {
				for _, y := range b.targets {
					phone := common(k.phones[x], k.phones[y])
					id := fmt.Sprint(a.name, x, b.name, y)
					if phone == "" || told[id] {
						continue
					}
					told[id] = true
					what := k.phone(phone)
					if strings.HasPrefix(phone, "routing key ") { // never the key itself
						one, other := k.p.Targets[x].Address.RoutingKey, k.p.Targets[y].Address.RoutingKey
						key := "check.pd.one-key"
						if other != one {
							key = "check.pd.same-value"
						}
						what = catalog.Say(k.lang, key, catalog.Args{"name": catalog.Words(one), "other": catalog.Words(other)})
					}
					k.add(true, k.say("check.ladder", nil), "check.pd.same-phone", catalog.Args{
						"a": catalog.Words(a.name), "x": catalog.Words(x), "b": catalog.Words(b.name), "y": catalog.Words(y), "phone": what,
					})
				}
			}
		}
	}
}

// phone names what rings.
func (k *checker) phone(ring string) catalog.Arg {
	for prefix, kind := range map[string]string{"user ": "user", "schedule ": "schedule", "escalation policy ": "policy"} {
		if id, ok := strings.CutPrefix(ring, prefix); ok {
			return k.thing(kind, id)
		}
	}
	return catalog.Words(ring)
}

func common(a, b []string) string {
	for _, x := range a {
		if slices.Contains(b, x) {
			return x
		}
	}
	return ""
}

// meet reports whether two levels can belong to one walk up the ladder.
func meet(a, b []incident.Severity) bool {
	if len(a) == 0 || len(b) == 0 {
		return true
	}
	return slices.ContainsFunc(a, func(s incident.Severity) bool { return slices.Contains(b, s) })
}

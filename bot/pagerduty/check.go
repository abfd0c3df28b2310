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

	"github.com/tocsin-bot/tocsin/bot/incident"
)

// Finding is something Check found, with what to do about it.
type Finding struct {
	Where string // target, variable or level
	What  string
	Mend  string
	Fatal bool // a page would not be sent, or would ring the wrong phone
}

// String puts a finding on one line.
func (f Finding) String() string {
	kind := "warning"
	if f.Fatal {
		kind = "error"
	}
	return fmt.Sprintf("%s: %s: %s; %s", kind, f.Where, f.What, f.Mend)
}

// Check looks at everything a page depends on: that each target that can be rung has an address, that its secret is there, and that no two
// rungs of the ladder ring one phone; with a token also that the token works, that the From user exists, and that users, services,
// escalation policies and schedules named by the policy are there and ring somebody. It rings nobody. Order and wording are stable.
func (c *Client) Check(ctx context.Context, p *incident.Policy, secrets Secrets) []Finding {
	k := &checker{c: c, p: p, secrets: secrets, phones: map[string][]string{}, keys: map[string]string{}}
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
	found   []Finding
	phones  map[string][]string // target -> what it rings: "routing key …", "user P…", "schedule P…"
	keys    map[string]string   // target -> value of its routing key
}

func (k *checker) add(fatal bool, where, mend, what string, args ...any) {
	k.found = append(k.found, Finding{Where: where, What: fmt.Sprintf(what, args...), Mend: mend, Fatal: fatal})
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
			out = append(out, rung{"backup of " + l.Name, []string{l.Backup}, l.Only})
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
		where := "target " + key
		t, ok := k.p.Targets[key]
		if !ok {
			k.add(true, where, "add it under targets:", "it is rung but not defined")
			continue
		}
		a := t.Address
		n := 0
		for _, s := range []string{a.RoutingKey, a.User, a.EscalationPolicy} {
			if s != "" {
				n++
			}
		}
		switch {
		case n == 0:
			k.add(true, where, "give it a routing key, or a user or escalation_policy with a service", "it is rung but has no address")
			continue
		case n > 1:
			k.add(true, where, "keep one of them", "it has more than one address")
			continue
		}
		if a.RoutingKey != "" {
			v, err := k.secrets.Get(a.RoutingKey)
			if v = strings.TrimSpace(v); err != nil || v == "" {
				k.add(true, where, "set it to the integration key of an Events API v2 integration on a service of its own", "its routing key %s is not there", a.RoutingKey)
				continue
			}
			if len(v) != routingKeyLength {
				k.add(true, where, "copy the whole integration key", "its routing key %s has %d characters, PagerDuty's have %d", a.RoutingKey, len(v), routingKeyLength)
			}
			k.keys[key] = v
			k.phones[key] = []string{"routing key " + v}
			continue
		}
		rest = true
		if a.Service == "" {
			k.add(true, where, "add service: to its address", "it is rung by the REST API, which needs a service")
		}
		if a.User != "" {
			k.phones[key] = []string{"user " + a.User}
		} else {
			k.phones[key] = []string{"escalation policy " + a.EscalationPolicy}
		}
	}
	if rest && !k.c.HasToken() {
		k.add(true, "PAGERDUTY_API_TOKEN", "set it, or give these targets routing keys", "targets are rung by the REST API and there is no token")
	}
	if rest && k.c.o.From == "" {
		k.add(true, "PAGERDUTY_FROM", "set it to the e-mail of a user of the account, best one of Tocsin's own", "targets are rung by the REST API, which wants to know in whose name")
	}
}

const routingKeyLength = 32

// get reads one object; false when it could not be had, which is a finding.
func (k *checker) get(ctx context.Context, where, mend, what, path string, q url.Values, out any) bool {
	err := k.c.call(ctx, idle, "read "+what, http.MethodGet, path, q, nil, out)
	if err == nil {
		return true
	}
	var f *Fault
	if errors.As(err, &f) && f.Status == http.StatusNotFound {
		k.add(true, where, mend, "%s is not there", what)
		return false
	}
	k.add(false, where, "try again", "%s could not be read: %v", what, err)
	return false
}

type wirePolicy struct {
	Rules []struct {
		Targets []ref `json:"targets"`
	} `json:"escalation_rules"`
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
	if err := k.c.call(ctx, idle, "try the token", http.MethodGet, "/abilities", nil, nil, nil); err != nil {
		var f *Fault
		fatal := errors.As(err, &f) && f.Permanent()
		k.add(fatal, "PAGERDUTY_API_TOKEN", "make a new key under Integrations, API Access Keys", "%v", err)
		return // everything else would say the same
	}
	if from := k.c.o.From; from != "" {
		_, found, err := k.c.userByEmail(ctx, from)
		switch {
		case err != nil:
			k.add(false, "PAGERDUTY_FROM", "try again", "%v", err)
		case !found:
			k.add(true, "PAGERDUTY_FROM", "use the e-mail of a user of this account, best one of Tocsin's own", "no user has the address %s", from)
		}
	} else {
		k.add(false, "PAGERDUTY_FROM", "set it: an account's key needs it for notes, acknowledgements and resolves", "it is empty")
	}
	byKey := k.services(ctx)
	for _, key := range slices.Sorted(maps.Keys(k.phones)) {
		t, where := k.p.Targets[key], "target "+key
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
			if k.get(ctx, where, "look at the service's address in PagerDuty: its id is the last part", "service "+t.Address.Service, "/services/"+url.PathEscape(t.Address.Service), nil, &answer) {
				k.service(where, answer.Service)
			}
		}
		if t.Address.User != "" {
			k.get(ctx, where, "look at the user's address in PagerDuty: its id is the last part", "user "+t.Address.User, "/users/"+url.PathEscape(t.Address.User), nil, nil)
		}
		if policy != "" {
			k.policy(ctx, key, where, policy)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(k.p.Targets)) {
		if s := k.p.Targets[key].Schedule; s != "" {
			people, err := k.c.onSchedule(ctx, s)
			var f *Fault
			switch {
			case errors.As(err, &f) && f.Status == http.StatusNotFound:
				k.add(true, "target "+key, "look at the schedule's address in PagerDuty: its id is the last part", "schedule %s is not there", s)
			case err != nil:
				k.add(false, "target "+key, "try again", "schedule %s could not be read: %v", s, err)
			case len(people) == 0:
				k.add(false, "target "+key, "fill the gap in the schedule", "nobody is on call on schedule %s now", s)
			}
		}
	}
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
		k.add(false, "services", "try again", "they could not be read, so which key rings whom is not known: %v", err)
	}
	return out
}

func (k *checker) service(where string, s wireService) {
	if s.Status == "disabled" || s.Status == "maintenance" {
		k.add(true, where, "enable it in PagerDuty", "service %s is in state %s and rings nobody", s.label(), s.Status)
	}
	switch {
	case s.UrgencyRule.Type == "constant" && s.UrgencyRule.Urgency == "low":
		k.add(true, where, "set its urgency to high", "service %s has low urgency: it sends e-mails and rings nobody", s.label())
	case s.UrgencyRule.Urgency == "severity_based":
		k.add(false, where, "set its urgency to high, if this target must be reachable for SEV-3 and SEV-4", "service %s rings by severity: SEV-3 and SEV-4 ring nobody", s.label())
	}
}

// policy replaces what a target rings by whom its escalation policy notifies first.
func (k *checker) policy(ctx context.Context, key, where, id string) {
	var answer struct {
		Policy wirePolicy `json:"escalation_policy"`
	}
	if !k.get(ctx, where, "look at the escalation policy's address in PagerDuty: its id is the last part", "escalation policy "+id, "/escalation_policies/"+url.PathEscape(id), nil, &answer) {
		return
	}
	if len(answer.Policy.Rules) == 0 || len(answer.Policy.Rules[0].Targets) == 0 {
		k.add(true, where, "give it a first level", "escalation policy %s notifies nobody", id)
		return
	}
	for _, t := range answer.Policy.Rules[0].Targets {
		kind, _, _ := strings.Cut(t.Type, "_")
		k.phones[key] = append(k.phones[key], kind+" "+t.ID)
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
					if strings.HasPrefix(phone, "routing key ") { // never the key itself
						phone = "the routing key " + k.p.Targets[x].Address.RoutingKey
						if other := k.p.Targets[y].Address.RoutingKey; other != k.p.Targets[x].Address.RoutingKey {
							phone += ", which has the same value as " + other
						}
					}
					k.add(true, "ladder", "give each level and each backup a phone of its own", "%s (%s) and %s (%s) ring the same phone: %s", a.name, x, b.name, y, phone)
				}
			}
		}
	}
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

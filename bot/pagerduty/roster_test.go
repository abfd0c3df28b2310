package pagerduty

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/tocsin-bot/tocsin/bot/house"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

func rosterLines(m map[string]house.RosterSeen) string {
	var out []string
	for _, k := range slices.Sorted(maps.Keys(m)) {
		r := m[k]
		line := k + "=" + r.Target + " (" + r.Source + ")"
		for _, p := range r.People {
			line += fmt.Sprintf(" %s/%s/%s", p.Name, p.Pager, p.Email)
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}

func rosterPolicy() *incident.Policy {
	return &incident.Policy{Targets: map[string]incident.Target{
		"primary":   {Schedule: "PSCHED1", Address: byKey},
		"secondary": {Address: byKey},
		"tech_lead": {Address: byEP},
		"cto":       {Address: byUser},
		// The second address is a part of Marc's, and nobody's.
		"ceo":   {People: []string{"Ines@Example.com", "arc@example.com"}, Address: byKey},
		"board": {Schedule: "PLONELY"},
	}}
}

func TestRosters(t *testing.T) {
	bubble(t, setup{}, func(w *world) {
		got, err := w.client.Rosters(w.ctx, rosterPolicy())
		if err == nil || !strings.Contains(err.Error(), "board") || !strings.Contains(err.Error(), "404") {
			t.Errorf("%v", err)
		}
		w.want(rosterLines(got), `ceo=ceo (policy) Ines/PINES/ines@example.com //arc@example.com
cto=cto (pagerduty user PINES) Ines/PINES/ines@example.com
primary=primary (pagerduty schedule PSCHED1) Marc/PMARC/marc@example.com
tech_lead=tech_lead (pagerduty escalation policy PELEAD) Tomás/PTOM/tomas@example.com`)
		w.must(w.pager.SetOnCall("PSCHED1", "PINES"))
		got, _ = w.client.Rosters(w.ctx, rosterPolicy())
		w.want(got["primary"].People[0].Name, "Ines")
		w.pager.SetDown(true)
		got, err = w.client.Rosters(w.ctx, rosterPolicy())
		if len(got) != 0 || err == nil {
			t.Errorf("down: %v, %v", got, err)
		}
	})
	bubble(t, setup{noToken: true}, func(w *world) {
		got, err := w.client.Rosters(w.ctx, rosterPolicy())
		w.must(err)
		w.want(rosterLines(got), "ceo=ceo (policy) //ines@example.com //arc@example.com")
	})
}

func TestCheck(t *testing.T) {
	good := func() *incident.Policy {
		return &incident.Policy{
			Severities: map[incident.Severity]incident.SeverityRule{incident.SEV1: {PageAtOnce: []string{"cto"}}},
			Targets: map[string]incident.Target{
				"primary": {Schedule: "PSCHED1", Address: incident.Address{RoutingKey: "KEY_PROD"}}, "tech_lead": {Address: byKey}, "cto": {Address: byUser},
			},
			Ladder: []incident.Level{{Name: "L1", Targets: []string{"primary"}, Backup: "tech_lead"}, {Name: "L2", Targets: []string{"cto"}}},
		}
	}
	for name, c := range map[string]struct {
		setup  setup
		change func(w *world, p *incident.Policy)
		want   []string // parts of one finding each, in order
	}{
		"nothing to mend": {},
		"without a token": {setup{noToken: true}, func(w *world, p *incident.Policy) { w.client.o.From = "" }, []string{
			"error: PAGERDUTY_API_TOKEN:", "error: PAGERDUTY_FROM:",
		}},
		"one value under two names": {setup{}, func(w *world, p *incident.Policy) {
			w.performer.Secrets = secrets{"KEY_PROD": keyProd, "KEY_LEAD": keyProd}
		}, []string{"L1 (primary) and backup of L1 (tech_lead) ring the same phone: the routing key KEY_PROD, which has the same value as KEY_LEAD"}},
		"one user on two levels": {setup{}, func(w *world, p *incident.Policy) {
			p.Targets["tech_lead"] = incident.Target{Address: incident.Address{User: "PINES", Service: "PSLEAD"}}
		}, []string{"backup of L1 (tech_lead) and L2 (cto) ring the same phone: user PINES"}},
		"one escalation policy on two levels": {setup{}, func(w *world, p *incident.Policy) {
			p.Targets["tech_lead"], p.Targets["cto"] = incident.Target{Address: byEP}, incident.Target{Address: byEP}
		}, []string{"ring the same phone: escalation policy PELEAD"}},
		"a user and the policy that notifies them": {setup{}, func(w *world, p *incident.Policy) {
			p.Targets["tech_lead"] = incident.Target{Address: byEP}
			p.Targets["cto"] = incident.Target{Address: incident.Address{User: "PTOM", Service: "PSPROD"}}
		}, []string{"backup of L1 (tech_lead) and L2 (cto) ring the same phone: user PTOM"}},
		"the same target again": {setup{}, func(w *world, p *incident.Policy) {
			p.Ladder = append(p.Ladder, incident.Level{Name: "L3", Targets: []string{"primary"}})
		}, []string{"L1 (primary) and L3 (primary) ring the same phone: the routing key KEY_PROD"}},
		"levels that never meet": {setup{}, func(w *world, p *incident.Policy) {
			p.Ladder[1].Only = []incident.Severity{incident.SEV1}
			p.Ladder = append(p.Ladder, incident.Level{Name: "L2b", Targets: []string{"cto"}, Only: []incident.Severity{incident.SEV2}})
		}, nil},
		"addresses": {setup{}, func(w *world, p *incident.Policy) {
			p.Targets["primary"] = incident.Target{}
			p.Targets["tech_lead"] = incident.Target{Address: incident.Address{RoutingKey: "KEY_GONE"}}
			p.Targets["cto"] = incident.Target{Address: incident.Address{User: "PNOBODY"}}
			p.Ladder[1].Backup = "ghost"
		}, []string{
			"error: target cto: it is rung by the REST API, which needs a service", "error: target ghost: it is rung but not defined", "error: target primary: it is rung but has no address",
			"error: target tech_lead: its routing key KEY_GONE is not there", "error: target cto: user PNOBODY is not there",
		}},
		"a key cut short, two addresses": {setup{}, func(w *world, p *incident.Policy) {
			w.performer.Secrets = secrets{"KEY_PROD": "short", "KEY_LEAD": keyLead}
			p.Targets["cto"] = incident.Target{Address: incident.Address{User: "PINES", RoutingKey: "KEY_LEAD"}}
		}, []string{"error: target cto: it has more than one address", "error: target primary: its routing key KEY_PROD has 5 characters"}},
		"nobody behind the names": {setup{}, func(w *world, p *incident.Policy) {
			w.client.o.From = "gone@example.com"
			p.Targets["tech_lead"] = incident.Target{Schedule: "PNONE", Address: incident.Address{EscalationPolicy: "PNOPE", Service: "PSNONE"}}
		}, []string{
			"error: PAGERDUTY_FROM: no user has the address gone@example.com", "error: target tech_lead: service PSNONE is not there",
			"error: target tech_lead: escalation policy PNOPE is not there", "error: target tech_lead: schedule PNONE is not there",
		}},
		"PagerDuty is down": {setup{}, func(w *world, p *incident.Policy) { w.pager.SetDown(true) }, []string{"error: PAGERDUTY_API_URL: nothing answers at http"}},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, c.setup, func(w *world) {
				p := good()
				if c.change != nil {
					c.change(w, p)
				}
				got := w.client.Check(w.ctx, p, w.performer.Secrets, "en")
				for i, f := range got {
					if f.Mend == "" || f.Where == "" || strings.Contains(lineOf(f), keyProd) || strings.Contains(lineOf(f), keyLead) {
						t.Errorf("finding %+v", f)
					}
					if i < len(c.want) && !strings.Contains(lineOf(f), c.want[i]) {
						t.Errorf("finding %d: %s\nwant %s", i, lineOf(f), c.want[i])
					}
				}
				if len(got) != len(c.want) {
					t.Errorf("%d findings, want %d: %v", len(got), len(c.want), got)
				}
				if len(w.pager.Rings()) != 0 {
					t.Error("the check rang somebody")
				}
			})
		})
	}
}

// lineOf puts a finding on one line, as check prints it.
func lineOf(f Finding) string {
	kind := "warning"
	if f.Fatal {
		kind = "error"
	}
	return kind + ": " + f.Where + ": " + f.What + "; " + f.Mend
}

// TestAnAddressIsNotAToken holds that whatever answers in PagerDuty's place, or nothing, is a finding about the address, and only a refused
// token is one about the token.
func TestAnAddressIsNotAToken(t *testing.T) {
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		where  string
		what   string
		fatal  bool
	}{
		"an HTML page":           {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>Log in</html>")) }, "PAGERDUTY_API_URL", "is not PagerDuty's REST API (HTTP 200)", true},
		"JSON of something else": {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("{}")) }, "PAGERDUTY_API_URL", "is not PagerDuty's REST API (HTTP 200)", true},
		"nothing there":          {http.NotFound, "PAGERDUTY_API_URL", "is not PagerDuty's REST API (HTTP 404)", true},
		"a redirect": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://elsewhere.example/", http.StatusFound)
		}, "PAGERDUTY_API_URL", "(HTTP 302)", true},
		"a revoked token":        {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) }, "PAGERDUTY_API_TOKEN", "does not take the token (HTTP 401)", true},
		"a token without rights": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }, "PAGERDUTY_API_TOKEN", "does not take the token (HTTP 403)", true},
		"an outage":              {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }, "PAGERDUTY_API_URL", "could not be asked", false},
		"no connection":          {func(w http.ResponseWriter, _ *http.Request) { panic(http.ErrAbortHandler) }, "PAGERDUTY_API_URL", "nothing answers at http", true},
	} {
		t.Run(name, func(t *testing.T) {
			w := httpWorld(t, c.answer)
			for _, lang := range []string{"en", "fr"} {
				got := w.Check(t.Context(), &incident.Policy{}, secrets{}, lang)
				if len(got) != 1 || got[0].Where != c.where || got[0].Fatal != c.fatal {
					t.Fatalf("%+v", got)
				}
				if lang == "en" && !strings.Contains(got[0].What, c.what) {
					t.Errorf("%s, want %s", got[0].What, c.what)
				}
				key := strings.Contains(got[0].Mend, "make a new key") || strings.Contains(got[0].Mend, "créez une clé")
				if key != (c.where == "PAGERDUTY_API_TOKEN") {
					t.Errorf("the mend is wrong: %s", got[0].Mend)
				}
				if !strings.Contains(got[0].What, "http") {
					t.Errorf("the address is not named: %s", got[0].What)
				}
			}
		})
	}
}

func TestPeopleOfThePolicyWithoutAnAccount(t *testing.T) {
	w := httpWorld(t, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/abilities":
			_, _ = rw.Write([]byte(`{"abilities":[]}`))
		case "/users":
			_, _ = rw.Write([]byte(`{"users":[{"id":"P1","type":"user","email":"` + r.URL.Query().Get("query")[:1] + `@example.com"},{"id":"P2","type":"user","email":"` + fromMail + `"}]}`))
		default:
			_, _ = rw.Write([]byte(`{"services":[]}`))
		}
	}))
	p := &incident.Policy{Targets: map[string]incident.Target{"a": {People: []string{"A@example.com", "gone@example.com"}}, "b": {People: []string{"gone@example.com"}}}}
	got := w.Check(t.Context(), p, secrets{}, "en")
	if len(got) != 2 || got[0].Where != "target a" || got[1].Where != "target b" || !strings.Contains(got[0].What, "gone@example.com") || got[0].Fatal {
		t.Errorf("%+v", got)
	}
}

func TestServicesThatRingNobody(t *testing.T) {
	k := &checker{}
	k.service("target x", wireService{ref: ref{Summary: "S"}, Status: "maintenance"})
	low := wireService{ref: ref{Summary: "S"}, Status: "active"}
	low.UrgencyRule.Type, low.UrgencyRule.Urgency = "constant", "low"
	k.service("target x", low)
	low.UrgencyRule.Urgency = "severity_based"
	k.service("target x", low)
	low.UrgencyRule.Urgency = "high"
	k.service("target x", low)
	if len(k.found) != 3 || !k.found[0].Fatal || !k.found[1].Fatal || k.found[2].Fatal {
		t.Errorf("%v", k.found)
	}
}

func TestTwoKeysOfServicesWithOneEscalationPolicyRingOnePhone(t *testing.T) {
	answers := map[string]string{
		"/abilities": `{"abilities":[]}`,
		"/users":     `{"users":[{"id":"P1","type":"user","email":"` + fromMail + `"}]}`,
		"/services": `{"more":false,"services":[
			{"id":"PS1","summary":"One","status":"active","escalation_policy":{"id":"PEP"},"integrations":[{"integration_key":"` + keyProd + `"}]},
			{"id":"PS2","summary":"Two","status":"active","escalation_policy":{"id":"PEP"},"integrations":[{"integration_key":null},{"integration_key":"` + keyLead + `"}]},
			{"id":"PS3","integrations":"of a shape we do not know"}]}`,
		"/escalation_policies/PEP": `{"escalation_policy":{"escalation_rules":[{"targets":[{"id":"PSCHED1","type":"schedule_reference"}]}]}}`,
	}
	w := httpWorld(t, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, ok := answers[r.URL.Path]
		if !ok {
			t.Errorf("unexpected %s %s", r.Method, r.URL)
		}
		_, _ = rw.Write([]byte(body))
	}))
	p := &incident.Policy{
		Targets: map[string]incident.Target{"a": {Address: incident.Address{RoutingKey: "KEY_PROD"}}, "b": {Address: byKey}},
		Ladder:  []incident.Level{{Name: "L1", Targets: []string{"a"}}, {Name: "L2", Targets: []string{"b"}}},
	}
	got := w.Check(t.Context(), p, secrets{"KEY_PROD": keyProd, "KEY_LEAD": keyLead}, "en")
	if len(got) != 1 || !strings.Contains(lineOf(got[0]), "L1 (a) and L2 (b) ring the same phone: schedule PSCHED1") {
		t.Errorf("%v", got)
	}
}

// TestWhoEscalates holds check to its word where Tocsin and PagerDuty both go on by themselves, and where neither does.
func TestWhoEscalates(t *testing.T) {
	const one, more = `{"targets":[{"id":"P1","type":"user_reference"}]}`, `,{"targets":[{"id":"P2","type":"user_reference"}]},{"targets":[{"id":"P3","type":"user_reference"}]}`
	byPolicy := incident.Address{EscalationPolicy: "PEP", Service: "PS1"}
	byHand := incident.Address{User: "P9", Service: "PS1"}
	for _, c := range []struct {
		name, owner, rules string
		address            incident.Address
		onLadder           bool
		want               string
	}{
		{"both", incident.LadderTocsin, one + more, byPolicy, true, "both escalate: escalation policy PEP has 3 levels"},
		{"an old policy says nothing", "", one + more, byPolicy, true, "both escalate"},
		{"Tocsin alone", incident.LadderTocsin, one, byPolicy, true, ""},
		{"PagerDuty alone", incident.LadderPagerDuty, one + more, byPolicy, true, ""},
		{"neither", incident.LadderPagerDuty, one, byPolicy, true, "nobody escalates: ladder_owner is pagerduty, and escalation policy PEP has a single level"},
		{"given to one person", incident.LadderPagerDuty, one, byHand, true, "nobody escalates: ladder_owner is pagerduty, and user P9 has a single level"},
		{"not on the ladder", incident.LadderTocsin, one + more, byPolicy, false, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := httpWorld(t, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
				body, ok := map[string]string{
					"/abilities": `{"abilities":[]}`, "/users": `{"users":[{"id":"P1","type":"user","email":"` + fromMail + `"}]}`, "/users/P9": `{"user":{"id":"P9"}}`,
					"/services": `{"more":false,"services":[]}`, "/services/PS1": `{"service":{"id":"PS1","status":"active"}}`,
					"/escalation_policies/PEP": `{"escalation_policy":{"num_loops":2,"escalation_rules":[` + c.rules + `]}}`,
				}[r.URL.Path]
				if !ok {
					t.Errorf("unexpected %s %s", r.Method, r.URL)
				}
				_, _ = rw.Write([]byte(body))
			}))
			p := &incident.Policy{LadderOwner: c.owner, Targets: map[string]incident.Target{"a": {Address: c.address}, "b": {Address: incident.Address{User: "P9", Service: "PS1"}}}}
			if p.Ladder = []incident.Level{{Name: "L1", Targets: []string{"a"}}}; !c.onLadder {
				p.Ladder[0].Targets = []string{"b"}
				p.Severities = map[incident.Severity]incident.SeverityRule{incident.SEV1: {PageAtOnce: []string{"a"}}}
			}
			got := w.Check(t.Context(), p, secrets{}, "en")
			switch {
			case c.want == "" && len(got) > 0, c.want != "" && len(got) != 1:
				t.Fatalf("%v", got)
			case c.want != "" && (got[0].Fatal || got[0].Where != "target a" || got[0].Mend == "" || !strings.Contains(got[0].What, c.want)):
				t.Errorf("%+v, want %s", got[0], c.want)
			}
		})
	}
}

package bot

import (
	"strings"
	"testing"

	"github.com/tocsin-bot/tocsin/bot/clock"
	"github.com/tocsin-bot/tocsin/bot/engine"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/journal/bolt"
	"github.com/tocsin-bot/tocsin/bot/policy"
	"github.com/tocsin-bot/tocsin/runbooks"
)

// onePolicy is always in force.
type onePolicy struct {
	p   *incident.Policy
	src []byte
}

func (x onePolicy) Current() (*incident.Policy, []byte)     { return x.p, x.src }
func (x onePolicy) Decode([]byte) (*incident.Policy, error) { return x.p, nil }

// A page of PagerDuty's that names no alert: the name of an alert within its title begins that runbook, the policy's list for its service
// the first of it, and what the title only sounds like is put forward. What an alert names later is begun beside it, and nothing twice.
func TestAPageWithoutAnAlertFindsItsRunbook(t *testing.T) {
	c, err := runbooks.Default()
	if err != nil {
		t.Fatal(err)
	}
	p, src := policy.Default()
	p.Services = map[string]incident.Service{"files": {Key: "files", Runbooks: []string{"RB-013", "RB-018"}, Labels: []incident.Label{{Name: "team", Value: "storage"}},
		Instead: map[string]string{"primary": "tech_lead"}}}
	for _, x := range []struct {
		title, service string
		labels         []incident.Label
		begun          string
		offered        string // "id by value", the first
		then, after    string // an alert that Alertmanager names then, and what is begun after that
	}{
		{"OcrServiceDown for prod", "Default", nil, "RB-002", "", "OcrServiceDown", "RB-002"},
		{"Uploads fail for Alpha", "Default", nil, "", "RB-013 symptom uploads fail", "OcrServiceDown", "RB-002"},
		{"[FIRING] database connections are exhausted", "Default", nil, "", "RB-004 symptom the database is full", "PostgresConnectionsExhausted", "RB-004"},
		{"Kafka", "Default", nil, "", "RB-003 service Kafka", "", ""},
		{"something is wrong", "Files", nil, "RB-013", "RB-018 service files", "", ""},
		{"something is wrong", "Default", []incident.Label{{Name: "team", Value: "storage"}}, "RB-013", "RB-018 service files", "", ""},
		{"nobody can log in", "files", nil, "RB-013", "RB-018 service files", "WipeSignerFailures", "RB-013 RB-012"},
		{"disk is odd", "Default", nil, "", "RB-000 generic ", "", ""},
		{"", "Default", nil, "", "RB-000 generic ", "", ""},
	} {
		clk := clock.New()
		store, err := bolt.Open(t.TempDir(), bolt.Options{Clock: clk.Now, NoSync: true})
		if err != nil {
			t.Fatal(err)
		}
		e := engine.New(engine.Options{Store: store, Clock: clk, Policies: onePolicy{&p, src}, Library: newLibrary(c, "")})
		out, err := e.Handle(t.Context(), engine.Input{Key: "q", Via: incident.ViaPagerDuty, Actor: incident.Actor{System: incident.SystemPagerDuty},
			Act:   incident.PagerTriggered{Ref: incident.PagerRef{ID: "Q1", Key: "k", Status: "triggered", Service: x.service, Labels: x.labels}, Title: incident.Say(x.title, 200)},
			Route: engine.Route{Claims: []string{engine.ClaimPager("Q1"), engine.ClaimAlert("k")}, New: true, Take: []string{engine.ClaimPager("Q1"), engine.ClaimAlert("k")}}})
		if err != nil {
			t.Fatal(err)
		}
		begun := func(s incident.State) string {
			var ids []string
			for _, r := range s.Runbooks {
				ids = append(ids, r.Ref.ID)
			}
			return strings.Join(ids, " ")
		}
		offered := ""
		if o := out.State.Offered(); len(o) > 0 {
			offered = o[0].Runbook + " " + o[0].By + " " + o[0].Value
		}
		if begun(out.State) != x.begun || x.offered != "" && offered != x.offered {
			t.Errorf("%q of %s: began %q and offers %q, want %q and %q", x.title, x.service, begun(out.State), offered, x.begun, x.offered)
		}
		if out.State.Service != x.service {
			t.Errorf("%q: labels made it the service %q, and with it whose phone rings", x.title, out.State.Service)
		}
		if x.then != "" {
			for range 2 {
				out, err = e.Handle(t.Context(), engine.Input{Key: "a", Via: incident.ViaAlertmanager, Actor: incident.Actor{System: incident.SystemAlertmanager},
					Act:   incident.AlertsFired{Set: incident.AlertSet{Group: "k", Name: x.then, Firing: 1, Digest: "d"}, Title: incident.Say(x.then, 100)},
					Route: engine.Route{Claims: []string{engine.ClaimAlert("k")}, New: true, Take: []string{engine.ClaimAlert("k")}}})
				if err != nil {
					t.Fatal(err)
				}
			}
			if out.Incident != "INC-1" || begun(out.State) != x.after {
				t.Errorf("%q, then %s: %s has %q, want %q", x.title, x.then, out.Incident, begun(out.State), x.after)
			}
		}
		if err := store.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

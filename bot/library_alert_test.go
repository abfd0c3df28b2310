package bot

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/tocsin-bot/tocsin/bot/clock"
	"github.com/tocsin-bot/tocsin/bot/engine"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/journal/bolt"
	"github.com/tocsin-bot/tocsin/bot/policy"
	"github.com/tocsin-bot/tocsin/bot/timeline"
	"github.com/tocsin-bot/tocsin/runbooks"
)

// Every alert of the policy's catalogue, with the service its rule says: the runbook that names it begins by itself; where none does, the generic
// one begins, and what is written for the service is put forward and not begun. A second alert that no runbook names begins no generic one beside.
func TestEveryAlertBeginsItsOwnRunbook(t *testing.T) {
	c, err := runbooks.Default()
	if err != nil {
		t.Fatal(err)
	}
	p, src := policy.Default()
	want := map[string]string{ // begun, then what is put forward
		"ApiHighLatencyP95": "RB-001", "OcrServiceDown": "RB-002", "KafkaConsumerLagHigh": "RB-003", "PostgresConnectionsExhausted": "RB-004", "RneBalanceLow": "RB-005",
		"IdesSubmissionFailure": "RB-006", "CertificateExpiringSoon": "RB-007", "AuditHashChainBroken": "RB-008", "MassBiometricFailure": "RB-009", "LicenseQuotaExceeded": "RB-010",
		"ApiErrorRateHigh": "RB-000 | RB-001 service kyc-svc", "PostgresReplicationLag": "RB-000 | RB-004 service postgres", "AmlListIngestStale": "RB-000 | RB-001 service aml-svc",
	}
	service := ruleServices(t)
	service["ApiErrorRateHigh"] = "kyc-svc" // its rule counts by the service that answers
	for alert := range p.Alerts {
		if want[alert] == "" {
			t.Errorf("nobody says which runbook %s begins", alert)
		}
	}
	for alert, want := range want {
		if _, ok := p.Alerts[alert]; !ok {
			t.Errorf("%s is no alert of the policy", alert)
		}
		clk := clock.New()
		store, err := bolt.Open(t.TempDir(), bolt.Options{Clock: clk.Now, NoSync: true})
		if err != nil {
			t.Fatal(err)
		}
		e := engine.New(engine.Options{Store: store, Clock: clk, Policies: onePolicy{&p, src}, Library: newLibrary(c, "")})
		fire := func(group, alert, service string) (incident.State, []incident.Event) {
			out, err := e.Handle(t.Context(), engine.Input{Key: group, Via: incident.ViaAlertmanager, Actor: incident.Actor{System: incident.SystemAlertmanager},
				Act: incident.AlertsFired{Set: incident.AlertSet{Group: group, Name: alert, Firing: 1, Digest: "d", Labels: []incident.Label{{Name: "service", Value: service}}},
					Title: incident.Say(alert, 100)},
				Route: engine.Route{Claims: []string{engine.ClaimAlert("one"), engine.ClaimAlert(group)}, New: true, Take: []string{engine.ClaimAlert(group)}}})
			if err != nil {
				t.Fatal(err)
			}
			return out.State, out.Events
		}
		says := func(s incident.State) string {
			var begun []string
			for _, r := range s.Runbooks {
				begun = append(begun, r.Ref.ID)
			}
			text := strings.Join(begun, " ")
			for _, o := range s.Offered() {
				text += fmt.Sprintf(" | %s %s %s", o.Runbook, o.By, o.Value)
			}
			return text
		}
		s, events := fire("one", alert, service[alert])
		if got := says(s); got != want {
			t.Errorf("%s of %q: %s, want %s", alert, service[alert], got, want)
		}
		for lang, reasons := range map[string][2]string{"en": {"it fits the alert", "no runbook is written for the alert"}, "fr": {"il correspond à l'alerte", "aucun runbook n'est écrit pour l'alerte"}} {
			reason := reasons[0]
			if strings.HasPrefix(want, "RB-000") {
				reason = reasons[1]
			}
			var lines strings.Builder
			for _, l := range timeline.LinesOf(s, events, lang) {
				lines.WriteString(l.Text.Plain(nil) + "\n")
			}
			if !strings.Contains(lines.String(), reason) {
				t.Errorf("%s: the timeline does not say %q:\n%s", alert, reason, lines.String())
			}
		}
		then, _ := fire("two", "PostgresReplicationLag", "postgres")
		if got := says(then); strings.Count(got, "RB-000") != strings.Count(want, "RB-000") {
			t.Errorf("%s, then PostgresReplicationLag: %s", alert, got)
		} else if !strings.Contains(got, "RB-004") {
			t.Errorf("%s, then PostgresReplicationLag: the service's runbook is not put forward: %s", alert, got)
		}
		if err := store.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// ruleServices reads the service of each alert from the rules that ship.
func ruleServices(t *testing.T) map[string]string {
	t.Helper()
	src, err := os.ReadFile("../deploy/prometheus/catalogue.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Groups []struct {
			Rules []struct {
				Alert  string
				Labels map[string]string
			}
		}
	}
	if err := yaml.Unmarshal(src, &file); err != nil {
		t.Fatal(err)
	}
	services := map[string]string{}
	for _, g := range file.Groups {
		for _, r := range g.Rules {
			services[r.Alert] = r.Labels["service"]
		}
	}
	return services
}

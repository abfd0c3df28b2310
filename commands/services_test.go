package commands

import (
	"strings"
	"testing"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// withServices gives the policy three services: one with its own rotation, one with nothing of its own, one of a name that begins the same.
func (w *world) withServices() {
	p := w.engine.Policy()
	targets := map[string]incident.Target{"checkout_lead": {Title: map[string]string{"en": "Payments lead", "fr": "Responsable paiements"}}}
	for k, t := range p.Targets {
		targets[k] = t
	}
	p.Targets = targets
	p.Services = map[string]incident.Service{
		"checkout": {Key: "checkout", Title: map[string]string{"en": "Checkout", "fr": "Paiement"}, Team: "Payments", Instead: map[string]string{"tech_lead": "checkout_lead"}, Runbooks: []string{"RB-001", "RB-004"},
			Dashboards: []incident.Link{{Title: "API latency", URL: "https://grafana.example.com/d/api"}, {Title: "not one", URL: "javascript:alert(1)"}}, Labels: []incident.Label{{Name: "app", Value: "checkout-web"}}},
		"mail":      {Key: "mail"},
		"mail-in":   {Key: "mail-in", Team: "Messaging <!channel>"},
		"ocr-svc":   {Key: "ocr-svc", Title: map[string]string{"en": "Reading of documents"}},
		"reporting": {Key: "reporting"},
	}
}

// One service is found by its name, by what it is called in either language, without the ending that deployments have, or by the only beginning;
// what could be two is not guessed.
func TestAServiceIsFoundByWhatPeopleCallIt(t *testing.T) {
	for word, want := range map[string]string{"checkout": "checkout", "Paiement": "checkout", "CHECKOUT": "checkout", "`checkout`": "checkout", "ocr": "ocr-svc", "reading of documents": "ocr-svc",
		"mail": "mail", "rep": "reporting", "mai": "", "e": "", "are down": ""} {
		inWorld(t, catalog.English, func(w *world) {
			w.withServices()
			got := text(w.say(sam, outside, "services "+word))
			if want == "" {
				if !strings.Contains(got, "There is no service called") || !strings.Contains(got, "checkout, mail, mail-in, ocr-svc and reporting") {
					t.Errorf("%q: %s", word, got)
				}
				return
			}
			if !strings.Contains(got, "("+want+")") && !strings.Contains(got, "`"+want+"`") {
				t.Errorf("%q does not find %s: %s", word, want, got)
			}
		})
	}
}

// Who is on call for a service is who fills its own rotation now, not the policy's; what is no address is no link; a policy without services says so.
func TestServicesSayWhoIsOnCallNow(t *testing.T) {
	inWorld(t, catalog.English, func(w *world) {
		if got := text(w.say(sam, outside, "services")); !strings.Contains(got, "names no service") {
			t.Errorf("%s", got)
		}
		w.withServices()
		got := text(w.say(sam, outside, "services checkout"))
		for _, want := range []string{"Payments", "Marc", "Payments lead: nobody is known", "RB-001", "RB-004", "API latency", "app=checkout-web"} {
			if !strings.Contains(got, want) {
				t.Errorf("it does not say %q:\n%s", want, got)
			}
		}
		for _, not := range []string{"Tomas", "javascript", "not one"} {
			if strings.Contains(got, not) {
				t.Errorf("it says %q:\n%s", not, got)
			}
		}
		if got := text(w.say(sam, outside, "services mail")); !strings.Contains(got, "Tomas") || !strings.Contains(got, "No runbook is its own") {
			t.Errorf("%s", got)
		}
		if n := w.count(); n != 0 {
			t.Errorf("%d incidents were declared", n)
		}
	})
}

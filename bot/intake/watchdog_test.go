package intake

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-bot/tocsin/bot/engine"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

func TestAWatchdogOpensNothing(t *testing.T) {
	w := newWorld(t, nil)
	w.accepted(body("w", "firing", 0, "Watchdog/1/s/01"))
	w.accepted(body("w", "resolved", 0, "-Watchdog/1/s/01"))
	w.want(w.brain.acts(), "")
	w.accepted(body("all", "firing", 0, "Watchdog/1/s/01", "A/1/s/01")) // somebody groups everything into one
	w.want(w.brain.acts(), "INC-1 A 1")
}

func TestAGroupOfferedToTheYoungIncidentOfItsService(t *testing.T) {
	common := func(service, status string) string {
		return strings.Replace(body("g"+service, status, 0, "A/1/"+service+"/01"), `"commonLabels":{}`, `"commonLabels":{"service":"`+service+`"}`, 1)
	}
	w := newWorld(t, nil)
	w.accepted(common("Checkout", "firing"))
	w.accepted(body("none", "firing", 0, "A/1/x/01")) // alerts of several services: of none
	for i, want := range []string{engine.ClaimService("checkout"), ""} {
		if got := strings.Join(w.brain.took[i].Route.Joins, " "); got != want {
			t.Errorf("group %d joins by %q, want %q", i, got, want)
		}
	}
	s := incident.AlertSet{Labels: []incident.Label{{Name: "job", Value: "pay"}}, Firing: 1}
	p := &incident.Policy{Services: map[string]incident.Service{"payments": {Key: "payments", Labels: []incident.Label{{Name: "job", Value: "pay"}}}}}
	if got := (notification{}).joins(p, s); len(got) != 1 || got[0] != engine.ClaimService("payments") {
		t.Errorf("by a label that the policy knows: %v", got)
	}
}

// By its names an incident whose runbook waits for these alerts is found; of a group that was cut short not all are known.
func TestAGroupNamesItsAlerts(t *testing.T) {
	w := newWorld(t, nil)
	w.accepted(body("one", "firing", 0, "A/1/x/01", "A/1/y/02", "B/1/x/03"))
	w.accepted(body("cut", "firing", 2, "A/1/x/01"))
	w.accepted(strings.Replace(body("common", "firing", 2, "A/1/x/01"), `"commonLabels":{}`, `"commonLabels":{"alertname":"A"}`, 1))
	for i, want := range []string{"A B", "", "A"} {
		if got := strings.Join(w.brain.took[i].Route.Names, " "); got != want {
			t.Errorf("group %d is called %q, want %q", i, got, want)
		}
	}
}

// What all firing alerts say alike in a short annotation is a value for runbooks. It chooses neither service nor severity, and words for
// people are none.
func TestDetailsOfAGroup(t *testing.T) {
	one := func(annotations map[string]string) alert {
		return alert{Status: statusFires, Labels: map[string]string{"alertname": "A"}, Annotations: annotations}
	}
	long := strings.Repeat("x", maxDetail+1)
	got := detailsOf([]alert{
		one(map[string]string{"expires_on": "2026-12-21", "domain": "a", "summary": "s", "severity": "critical", "note": long, "lines": "a\nb", "Odd Name": "v", "empty": ""}),
		one(map[string]string{"expires_on": "2026-12-21", "domain": "b", "summary": "s", "severity": "critical", "note": long, "lines": "a\nb", "Odd Name": "v", "empty": ""}),
	})
	if want := []incident.Label{{Name: "expires_on", Value: "2026-12-21"}, {Name: "severity", Value: "critical"}}; !slices.Equal(got, want) {
		t.Errorf("%+v", got)
	}
	n := notification{GroupKey: "g", Status: statusFires, Alerts: []alert{one(map[string]string{"severity": "critical", "service": "checkout", "expires_on": "2026-12-21"})}}
	p := &incident.Policy{Services: map[string]incident.Service{"checkout": {Key: "checkout"}}, LabelSeverity: map[string]incident.Severity{"critical": 1}}
	set := n.set(p, time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC))
	if len(set.Details) != 3 || p.ServiceOfSet(set) != "" || len(set.Labels) != 0 {
		t.Errorf("details %v, labels %v, service %q", set.Details, set.Labels, p.ServiceOfSet(set))
	}
	n.Status, n.Alerts[0].Status = statusEnded, statusEnded
	if set = n.set(p, time.Now()); len(set.Details) != 3 {
		t.Errorf("when it is over: %v", set.Details) // a date that was known is not taken back
	}
}

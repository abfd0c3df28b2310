package intake

import (
	"strings"
	"testing"

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

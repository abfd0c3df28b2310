package engine

import (
	"context"
	"fmt"
	"testing"

	"github.com/tocsin-bot/tocsin/bot/incident"
)

func fired(key, group string, firing int) Input {
	return Input{Key: key, Via: incident.ViaAlertmanager, Actor: incident.Actor{System: incident.SystemAlertmanager},
		Act:   incident.AlertsFired{Title: incident.Say("OcrServiceDown", 100), Set: incident.AlertSet{Group: group, Name: "OcrServiceDown", Firing: firing, Digest: key}},
		Route: Route{New: firing > 0, Claims: []string{ClaimAlert(group), ClaimAlertName("OcrServiceDown", "ocr")}, Take: []string{ClaimAlert(group), ClaimAlertName("OcrServiceDown", "ocr")}}}
}

// A reopened incident must hear of its alert again, and must be able to end again.
func TestReopenedIncidentHoldsItsAlertsAndEndsAgain(t *testing.T) {
	w := newWorldUnder(t, nil, func(p *incident.Policy) { p.AfterResolve = incident.AfterNew })
	id := w.handle(fired("a1", "g", 1)).Incident
	act := func(key string, a incident.Act) Outcome {
		return w.handle(Input{Key: key, Actor: sam, Via: incident.ViaSlack, Act: a, Route: Route{ID: id}})
	}
	act("r1", incident.Resolve{})
	act("o1", incident.Reopen{})
	if out := w.handle(fired("a2", "g", 2)); out.Incident != id || out.First == 0 {
		t.Errorf("the alert of a reopened incident went to %+v", out)
	}
	act("r2", incident.Resolve{})
	if out := w.handle(fired("a3", "g", 1)); !out.New || out.Incident == id {
		t.Errorf("an alert after the end is a new incident, got %+v", out)
	}
	// Taken over by the new incident meanwhile: the old one opens and ends without them.
	act("o2", incident.Reopen{})
	if out := w.handle(fired("a4", "g", 3)); out.Incident != "INC-2" {
		t.Errorf("the alert stays with who holds it, got %+v", out)
	}
	act("r3", incident.Resolve{})
	if out := w.handle(fired("a5", "g", 4)); out.Incident != "INC-2" {
		t.Errorf("ending one released the other's alert: %+v", out)
	}
}

// The same alert may fire more often a day than there are tries.
func TestManyIncidentsOfOneName(t *testing.T) {
	w := newWorld(t, nil)
	names := map[string]bool{}
	for i := range 3 * tries {
		out, err := w.Handle(context.Background(), declare(fmt.Sprint("k", i), "🔥"))
		if err != nil {
			t.Fatalf("incident %d: %v", i+1, err)
		}
		if names[out.State.ChannelName] {
			t.Fatalf("two rooms %s", out.State.ChannelName)
		}
		names[out.State.ChannelName] = true
	}
}

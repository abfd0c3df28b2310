package engine

import (
	"fmt"
	"testing"
	"time"

	"github.com/tocsin-bot/tocsin/bot/incident"
)

// The night of the fire: the site is lost at 00:47, its nightly backup fails at 03:50. That is one incident.
func TestTheFailedBackupJoinsTheFire(t *testing.T) {
	book := func(id string, names ...string) incident.StartRunbook {
		ref := incident.RunbookRef{ID: id, Digest: id, Steps: []string{"one"}}
		for _, n := range names {
			ref.Joins = append(ref.Joins, incident.RunbookSignal{Alert: n, Within: 24 * time.Hour})
		}
		return incident.StartRunbook{Runbook: ref}
	}
	n := 0
	backup := func(name, service string, joins ...string) Input {
		n++
		in := serves(fmt.Sprint("b", n), fmt.Sprint("backup-", n), service, 1)
		act := in.Act.(incident.AlertsFired)
		act.Set.Name = name
		in.Act = act
		in.Route.Names = append([]string{name}, joins...)
		return in
	}
	at := func(in Input, name, value string) Input {
		act := in.Act.(incident.AlertsFired)
		act.Set.Labels = append(act.Set.Labels, incident.Label{Name: name, Value: value})
		in.Act = act
		return in
	}
	burns := func(w *world, fire incident.ID) { // an alert of the fire says where
		in := at(serves("hosts", "hosts", "compute", 3), "site", "tunis")
		in.Route = Route{ID: fire}
		w.handle(in)
	}
	for name, c := range map[string]struct {
		before func(w *world, fire incident.ID)
		after  time.Duration
		alert  func() Input
		joins  bool
	}{
		"03:50":                {after: 3*time.Hour + 3*time.Minute, alert: func() Input { return backup("BackupFailed", "backup") }, joins: true},
		"another alert":        {after: time.Hour, alert: func() Input { return backup("DiskFull", "backup") }},
		"grouped with another": {after: time.Hour, alert: func() Input { return backup("BackupFailed", "backup", "DiskFull") }},
		"the next day":         {after: 24 * time.Hour, alert: func() Input { return backup("BackupFailed", "backup") }},
		"the new site, once it is there": {before: func(w *world, id incident.ID) {
			w.handle(Input{Key: "m", Actor: sam, Act: incident.SetStatus{Status: incident.Mitigated}, Route: Route{ID: id}})
		}, after: time.Hour, alert: func() Input { return backup("BackupFailed", "backup") }},
		"begun by mistake, and set aside": {before: func(w *world, id incident.ID) {
			w.handle(Input{Key: "k", Actor: sam, Route: Route{ID: id}, Act: incident.MarkStep{Runbook: "RB-017", Step: "one", Mark: incident.StepSkipped, Text: incident.Say("it is only slow", 50)}})
		}, after: time.Hour, alert: func() Input { return backup("BackupFailed", "backup") }},
		"walked to its end": {before: func(w *world, id incident.ID) {
			w.handle(Input{Key: "k", Actor: sam, Route: Route{ID: id}, Act: incident.MarkStep{Runbook: "RB-017", Step: "one", Mark: incident.StepDone}})
		}, after: time.Hour, alert: func() Input { return backup("BackupFailed", "backup") }, joins: true},
		"of the site that burns":                            {before: burns, after: time.Hour, alert: func() Input { return at(backup("BackupFailed", "backup"), "site", "tunis") }, joins: true},
		"of the site that burns, written otherwise":         {before: burns, after: time.Hour, alert: func() Input { return at(backup("BackupFailed", "backup"), "site", "Tunis") }, joins: true},
		"of another site":                                   {before: burns, after: time.Hour, alert: func() Input { return at(backup("BackupFailed", "backup"), "site", "paris") }},
		"of another cluster, where nobody says which burns": {before: burns, after: time.Hour, alert: func() Input { return at(backup("BackupFailed", "backup"), "cluster", "b") }, joins: true},
		"of a site, where nobody says which burns":          {after: time.Hour, alert: func() Input { return at(backup("BackupFailed", "backup"), "site", "paris") }, joins: true},
		"when it is over":                                   {before: func(w *world, id incident.ID) { w.end("r", id) }, after: time.Hour, alert: func() Input { return backup("BackupFailed", "backup") }},
		"from a private room": {before: func(w *world, id incident.ID) {
			w.handle(Input{Key: "p", Actor: sam, Act: incident.GoPrivate{Reason: incident.Say("they read along", 50)}, Route: Route{ID: id}})
		}, after: time.Hour, alert: func() Input { return backup("BackupFailed", "backup") }},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, nil)
			fire := w.handle(declare("fire", "the data centre burns")).Incident
			other := w.handle(declare("other", "exports are slow")).Incident // newer, and waits for nothing of the sort
			w.handle(Input{Key: "s", Actor: sam, Act: book("RB-017", "BackupFailed", "BackupMissing"), Route: Route{ID: fire}})
			w.handle(Input{Key: "o", Actor: sam, Act: book("RB-003", "KafkaDown"), Route: Route{ID: other}})
			if c.before != nil {
				c.before(w, fire)
			}
			w.clock.Advance(c.after)
			out := w.handle(c.alert())
			if joined := !out.New && out.Incident == fire; joined != c.joins || out.Incident == other {
				t.Fatalf("it went to %s (new: %v), joins the fire: %v, want %v", out.Incident, out.New, joined, c.joins)
			}
			if !c.joins {
				return
			}
			said, posted := "", 0
			for _, e := range out.Events {
				if f, is := e.Fact.(*incident.AlertsSeen); is {
					said = f.Awaited
				}
				for _, eff := range e.Effects {
					if eff.View == incident.ViewAwaited {
						posted++
					}
				}
			}
			if said != "RB-017" || posted != 1 {
				t.Errorf("why it is here: %q, posted %d times", said, posted)
			}
			if owner := w.owner(ClaimAlert("backup-1")); owner != fire {
				t.Errorf("what is said of it later goes to %q", owner)
			}
		})
		n = 0
	}
}

// An incident is as bad as the worst of what it holds, and who is rung for that the policy says.
func TestWhatJoinsRaisesTheSeverity(t *testing.T) {
	w := newWorld(t, nil)
	low := declare("low", "a site is slow")
	low.Act = incident.Declare{Title: incident.Say("a site is slow", 50), Severity: 3}
	id := w.handle(low).Incident
	w.handle(Input{Key: "s", Actor: sam, Route: Route{ID: id}, Act: incident.StartRunbook{Runbook: incident.RunbookRef{ID: "RB-017", Digest: "x", Steps: []string{"one"},
		Joins: []incident.RunbookSignal{{Alert: "BackupFailed", Within: time.Hour}}}}})
	in := serves("b", "g", "backup", 1)
	act := in.Act.(incident.AlertsFired)
	act.Set.Name = "BackupFailed"
	act.Set.Labels = append(act.Set.Labels, incident.Label{Name: "severity", Value: "critical"})
	in.Act, in.Route.Names = act, []string{"BackupFailed"}
	if out := w.handle(in); out.Incident != id || out.State.Severity != 2 {
		t.Errorf("%s is %s", out.Incident, out.State.Severity)
	}
}

// An incident that the same alert was part of is taken up again, whatever waits for alerts of that name elsewhere.
func TestWhatFiresAgainIsTakenUpWhereItWas(t *testing.T) {
	w := newWorld(t, nil)
	backup := func(key string, firing int) Input {
		in := serves(key, "backup-1", "backup", firing)
		act := in.Act.(incident.AlertsFired)
		act.Set.Name, act.Set.Digest = "BackupFailed", key
		in.Act, in.Route.Names = act, []string{"BackupFailed"}
		return in
	}
	own := w.handle(backup("first", 1)).Incident
	w.handle(backup("over", 0))
	w.end("end", own)
	fire := w.handle(declare("fire", "the data centre burns")).Incident
	w.handle(Input{Key: "s", Actor: sam, Route: Route{ID: fire}, Act: incident.StartRunbook{Runbook: incident.RunbookRef{ID: "RB-017", Digest: "x", Steps: []string{"one"},
		Joins: []incident.RunbookSignal{{Alert: "BackupFailed", Within: time.Hour}}}}})
	w.clock.Advance(time.Minute)
	if out := w.handle(backup("again", 1)); out.Incident != own || !out.State.Open() {
		t.Errorf("it fires again in %s (%s), and was part of %s", out.Incident, out.State.Status, own)
	}
}

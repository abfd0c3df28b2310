package pagerduty

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/sandbox/pager"
)

var (
	byKey  = incident.Address{RoutingKey: "KEY_LEAD"}
	byUser = incident.Address{User: "PINES", Service: "PSPROD"}
	byEP   = incident.Address{EscalationPolicy: "PELEAD", Service: "PSPROD"}
)

func TestEveryAddressRingsItsOwnPhone(t *testing.T) {
	for name, c := range map[string]struct {
		address incident.Address
		phone   string
	}{"routing key": {byKey, "Tomás"}, "user": {byUser, "Ines"}, "escalation policy": {byEP, "Tomás"}} {
		t.Run(name, func(t *testing.T) {
			bubble(t, setup{}, func(w *world) {
				s := w.incidentWith(incident.Page{Address: c.address})
				r, err := w.performer.Do(w.ctx, w.owed(incident.Ring, 1), s)
				w.must(err)
				w.want(w.phones(), c.phone)
				in := w.pager.Incidents()[0]
				w.want(in.Title, "SEV-1 Checkout is down. Acknowledge by 03:12 (INC-42).")
				w.want(in.DedupKey, "acme/INC-42/L1/1/U1")
				if r.Outcome != incident.OutcomeDone || r.Pager != in.ID || r.URL == "" || r.Effect != "INC-42/7/ring/L1.primary.1.U1" || r.Attempt != 1 {
					t.Errorf("report %+v", r)
				}
				if c.address == byKey && (in.Details[DetailIncident] != "INC-42" || in.Details[DetailInstallation] != "acme" || in.Severity != "critical") {
					t.Errorf("details %v, severity %s", in.Details, in.Severity)
				}

				// Again, and once more: nobody's phone rings a second time.
				for attempt := 2; attempt < 4; attempt++ {
					again, err := w.performer.Do(w.ctx, w.owed(incident.Ring, attempt), s)
					w.must(err)
					if again.Pager != in.ID {
						t.Errorf("attempt %d: %+v", attempt, again)
					}
				}
				w.want(w.phones(), c.phone)
			})
		})
	}
}

func TestAPageResolvedBetweenTwoAttemptsDoesNotRingAgain(t *testing.T) {
	for name, a := range map[string]incident.Address{"event": byKey, "rest": byUser} {
		t.Run(name, func(t *testing.T) {
			bubble(t, setup{}, func(w *world) {
				s := w.incidentWith(incident.Page{Address: a})
				op := "POST /incidents"
				if a == byKey {
					op = "POST /v2/enqueue"
				}
				w.must(w.pager.FailAfterNext(op, 1, 500)) // it does the work and says it did not
				_, err := w.performer.Do(w.ctx, w.owed(incident.Ring, 1), s)
				if f := fault(t, err); !f.Ambiguous() || f.Permanent() {
					t.Errorf("%v: ambiguous %v, permanent %v", f, f.Ambiguous(), f.Permanent())
				}
				in := w.pager.Incidents()[0]
				w.must(w.pager.Resolve(in.Assignees[0].ID, in.ID))
				r, found, err := w.performer.Look(w.ctx, w.owed(incident.Ring, 2), s)
				w.must(err)
				if !found || !r.Found || r.Pager != in.ID || r.Outcome != incident.OutcomeDone {
					t.Errorf("look: %v %+v", found, r)
				}
				if n := len(w.pager.Incidents()); n != 1 {
					t.Errorf("%d incidents", n)
				}
			})
		})
	}
}

func TestTheFirstAttemptLooksForNothingAndTheRESTAPIsTroubleHoldsUpNoPage(t *testing.T) {
	bubble(t, setup{}, func(w *world) {
		s := w.incidentWith(incident.Page{Address: byKey})
		if _, found, err := w.performer.Look(w.ctx, w.owed(incident.Ring, 1), s); found || err != nil || len(w.pager.Calls()) != 0 {
			t.Errorf("look: %v %v, %d calls", found, err, len(w.pager.Calls()))
		}
		w.must(w.pager.FailNext("GET /incidents", 10, 500))
		if _, found, err := w.performer.Look(w.ctx, w.owed(incident.Ring, 2), s); found || err != nil {
			t.Errorf("look: %v %v", found, err)
		}
		r, err := w.performer.Do(w.ctx, w.owed(incident.Ring, 2), s)
		w.must(err)
		if r.Pager != "" || r.Outcome != incident.OutcomeDone {
			t.Errorf("report %+v", r)
		}
		w.want(w.phones(), "Tomás")
	})
}

func TestATextThatCannotBeRenderedStillRings(t *testing.T) {
	bubble(t, setup{noToken: true}, func(w *world) {
		w.performer.Render = renderer{errors.New("no such view")}
		s := w.incidentWith(incident.Page{Address: byKey})
		_, err := w.performer.Do(w.ctx, w.owed(incident.Ring, 1), s)
		w.must(err)
		w.want(w.phones(), "Tomás")
		w.want(w.pager.Incidents()[0].Title, "SEV-1 incident, look at Slack (INC-42)")
	})
}

func TestCloseAndAcknowledgeAndTheirRepeats(t *testing.T) {
	for name, a := range map[string]incident.Address{"event": byKey, "rest": byUser} {
		t.Run(name, func(t *testing.T) {
			bubble(t, setup{}, func(w *world) {
				s := w.incidentWith(incident.Page{Address: a})
				do := func(v incident.Verb) {
					t.Helper()
					_, err := w.performer.Do(w.ctx, w.owed(v, 1), s) // the state does not know the PagerDuty id: it is found by its key
					w.must(err)
				}
				status := func() string { return w.pager.Incidents()[0].Status }
				do(incident.Ring)
				do(incident.AckPage)
				do(incident.AckPage)
				w.want(status(), pager.Acknowledged)
				do(incident.ClosePage)
				w.want(status(), pager.Resolved)
				do(incident.ClosePage)
				do(incident.AckPage)
				w.want(status(), pager.Resolved)
				if n := len(w.pager.Incidents()); n != 1 {
					t.Errorf("%d incidents", n)
				}
			})
		})
	}
}

func TestAForeignPageIsNeverRungAndClosedByREST(t *testing.T) {
	bubble(t, setup{}, func(w *world) {
		f := w.fire(keyProd, "monitoring", "Disk full")
		s := w.incidentWith(incident.Page{Address: byKey, Foreign: true, Pager: f.IncidentID})
		r, err := w.performer.Do(w.ctx, w.owed(incident.Ring, 1), s)
		w.must(err)
		if !r.Found || r.Pager != f.IncidentID {
			t.Errorf("report %+v", r)
		}
		_, err = w.performer.Do(w.ctx, w.owed(incident.ClosePage, 1), s)
		w.must(err)
		w.want(w.phones(), "Marc")
		in, _ := w.pager.Incident(f.IncidentID)
		w.want(in.Status, pager.Resolved)
	})
}

func TestANoteIsWrittenOnceAndKnownAsOurs(t *testing.T) {
	bubble(t, setup{}, func(w *world) {
		s := w.incidentWith(incident.Page{Address: byKey})
		_, err := w.performer.Do(w.ctx, w.owed(incident.Ring, 1), s)
		w.must(err)
		w.must(w.pager.FailAfterNext("POST /incidents/{id}/notes", 1, 502))
		_, err = w.performer.Do(w.ctx, w.owed(incident.NotePage, 1), s)
		if f := fault(t, err); !f.Ambiguous() {
			t.Errorf("%v", f)
		}
		_, found, err := w.performer.Look(w.ctx, w.owed(incident.NotePage, 2), s)
		w.must(err)
		notes := w.pager.Notes(w.pager.Incidents()[0].ID)
		if !found || len(notes) != 1 || !ownNote(notes[0].Content) || !strings.HasPrefix(notes[0].Content, "INC-42: the tech lead") {
			t.Errorf("found %v, notes %+v", found, notes)
		}
		for text, own := range map[string]bool{"mitigated": false, "see [tocsin INC-1/2/x] above": false, "INC-42: mitigated": false} {
			if ownNote(text) != own {
				t.Errorf("ownNote(%q)", text)
			}
		}
	})
}

func TestWithoutATokenWhatNeedsItIsRefusedForGood(t *testing.T) {
	bubble(t, setup{noToken: true}, func(w *world) {
		cases := map[string]struct {
			verb incident.Verb
			page incident.Page
			mend string
		}{
			"note":         {incident.NotePage, incident.Page{Address: byKey}, "PAGERDUTY_API_TOKEN"},
			"ring by user": {incident.Ring, incident.Page{Address: byUser}, "PAGERDUTY_API_TOKEN"},
			"close theirs": {incident.ClosePage, incident.Page{Foreign: true, Pager: "Q1"}, "PAGERDUTY_API_TOKEN"},
			"no address":   {incident.Ring, incident.Page{Target: "cto"}, "cto"},
			"no secret":    {incident.Ring, incident.Page{Address: incident.Address{RoutingKey: "KEY_GONE"}}, "KEY_GONE"},
		}
		for name, c := range cases {
			_, err := w.performer.Do(w.ctx, w.owed(c.verb, 1), w.incidentWith(c.page))
			if f := fault(t, err); !f.Permanent() || f.Ambiguous() || !strings.Contains(f.Error(), c.mend) {
				t.Errorf("%s: permanent %v, ambiguous %v: %v", name, f.Permanent(), f.Ambiguous(), f)
			}
		}
		o := w.owed(incident.Ring, 1)
		o.Effect.Page = "L9.nobody"
		_, err := w.performer.Do(w.ctx, o, w.incidentWith(incident.Page{Address: byKey}))
		if !fault(t, err).Permanent() || len(w.pager.Calls()) != 0 {
			t.Errorf("%v; %d calls", err, len(w.pager.Calls()))
		}
	})
}

func TestFaultsAreTold(t *testing.T) {
	bubble(t, setup{}, func(w *world) {
		s := w.incidentWith(incident.Page{Address: byKey})
		ring := func() *Fault {
			t.Helper()
			_, err := w.performer.Do(w.ctx, w.owed(incident.Ring, 1), s)
			return fault(t, err)
		}
		w.pager.SetDown(true)
		if f := ring(); f.Permanent() || !f.Ambiguous() || f.Status != 0 || !strings.Contains(f.Error(), "no answer") {
			t.Errorf("down: %v", f)
		}
		w.pager.SetDown(false)

		w.must(w.pager.FailNext("POST /v2/enqueue", 1, 400))
		if f := ring(); !f.Permanent() || f.Status != 400 {
			t.Errorf("400: %v", f)
		}

		w.pager.SetRateLimited(true)
		if f := ring(); f.Permanent() || f.Ambiguous() || f.RetryAfter() != defaultEventsWait {
			t.Errorf("429: %v after %v", f, f.RetryAfter())
		}
		w.pager.SetRateLimited(false)
		calls := len(w.pager.Calls())
		w.settle(4 * time.Second)
		if f := ring(); f.RetryAfter() != 6*time.Second || len(w.pager.Calls()) != calls {
			t.Errorf("while paused: %v after %v, %d calls more", f, f.RetryAfter(), len(w.pager.Calls())-calls)
		}
		// Only this key waits: another level's phone rings at once.
		_, err := w.performer.Do(w.ctx, w.owed(incident.Ring, 1), w.incidentWith(incident.Page{Address: incident.Address{RoutingKey: "KEY_PROD"}}))
		w.must(err)
		w.want(w.phones(), "Marc")
		w.settle(6 * time.Second)
		_, err = w.performer.Do(w.ctx, w.owed(incident.Ring, 2), s)
		w.must(err)
		w.want(w.phones(), "Marc Tomás")

		// A key that PagerDuty does not know is named by its name only.
		w.performer.Secrets = secrets{"KEY_LEAD": "x" + keyLead[1:]}
		if f := ring(); !f.Permanent() || !strings.Contains(f.Error(), "Invalid routing key") {
			t.Errorf("unknown key: %v", f)
		}
	})
}

func TestTheContextsErrorIsNotSwallowed(t *testing.T) {
	bubble(t, setup{}, func(w *world) {
		w.pager.SetSlow(time.Minute)
		s := w.incidentWith(incident.Page{Address: byKey})
		ctx, cancel := context.WithTimeout(w.ctx, 3*time.Second)
		defer cancel()
		_, err := w.performer.Do(ctx, w.owed(incident.Ring, 1), s)
		if !errors.Is(err, context.DeadlineExceeded) || !fault(t, err).Ambiguous() {
			t.Errorf("events: %v", err)
		}
		s = w.incidentWith(incident.Page{Address: byUser})
		start := time.Now()
		_, err = w.performer.Do(w.ctx, w.owed(incident.Ring, 1), s)
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != callTimeout {
			t.Errorf("rest: %v after %v", err, time.Since(start))
		}
		w.settle(time.Minute)
	})
}

func TestARefusedFromHeaderSaysWhatToMend(t *testing.T) {
	bubble(t, setup{}, func(w *world) {
		w.client.o.From = "nobody@example.com"
		_, err := w.performer.Do(w.ctx, w.owed(incident.Ring, 1), w.incidentWith(incident.Page{Address: byUser}))
		if f := fault(t, err); !f.Permanent() || f.Code != codeUnknownFrom || !strings.Contains(f.Error(), "PAGERDUTY_FROM") {
			t.Errorf("%v", f)
		}
		other, err := NewClient(ClientOptions{APIURL: "http://pd", Token: "revoked", From: fromMail, Transport: direct{w.pager.Handler()}, Clock: w.clock})
		w.must(err)
		w.performer.Client = other
		_, err = w.performer.Do(w.ctx, w.owed(incident.Ring, 1), w.incidentWith(incident.Page{Address: byUser}))
		if f := fault(t, err); !f.Permanent() || f.Status != 401 || !strings.Contains(f.Error(), "PAGERDUTY_API_TOKEN") {
			t.Errorf("%v", f)
		}
	})
}

func TestPollingLeavesAReserveAndPagesPassTheBucket(t *testing.T) {
	bubble(t, setup{}, func(w *world) {
		w.client.o.RESTPerMinute = 40
		polls := 0
		for w.client.call(w.ctx, idle, "poll", "GET", "/abilities", nil, nil, nil) == nil {
			polls++
		}
		notes := 0
		for w.client.call(w.ctx, useful, "look", "GET", "/abilities", nil, nil, nil) == nil {
			notes++
		}
		if polls != 30 || notes != 10 {
			t.Errorf("%d polls, %d look-ups", polls, notes)
		}
		err := w.client.call(w.ctx, idle, "poll", "GET", "/abilities", nil, nil, nil)
		if f := fault(t, err); f.RetryAfter() != 16500*time.Millisecond {
			t.Errorf("%v after %v", f, f.RetryAfter())
		}
		_, err = w.performer.Do(w.ctx, w.owed(incident.Ring, 1), w.incidentWith(incident.Page{Address: byUser}))
		w.must(err)
		w.want(w.phones(), "Ines")
	})
}

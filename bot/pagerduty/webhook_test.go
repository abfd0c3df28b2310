package pagerduty

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-bot/tocsin/bot/engine"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/sandbox/pager"
)

type vector struct{ Secret, Signature string }

func readVector(t testing.TB) (vector, []byte) {
	t.Helper()
	var v vector
	raw, err := os.ReadFile("testdata/signature-vector.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	body, err := os.ReadFile("testdata/signature-vector.body.json")
	if err != nil {
		t.Fatal(err)
	}
	return v, bytes.TrimRight(body, "\n")
}

func TestVerify(t *testing.T) {
	v, body := readVector(t)
	other := "v1=" + strings.Repeat("ab", 32)
	for name, c := range map[string]struct {
		header  string
		secrets []string
		want    bool
	}{
		"the known vector":             {v.Signature, []string{v.Secret}, true},
		"two secrets, the second":      {v.Signature, []string{"another", v.Secret}, true},
		"rotation, ours is second":     {other + "," + v.Signature, []string{v.Secret}, true},
		"blanks around the comma":      {other + " ,  " + v.Signature + " ", []string{v.Secret}, true},
		"an unknown version first":     {"v2=00," + v.Signature, []string{v.Secret}, true},
		"no signature":                 {"", []string{v.Secret}, false},
		"another secret":               {v.Signature, []string{"another"}, false},
		"no secret configured":         {v.Signature, nil, false},
		"an empty secret never fits":   {Sign(body, ""), []string{""}, false},
		"cut short":                    {v.Signature[:40], []string{v.Secret}, false},
		"without its version":          {strings.TrimPrefix(v.Signature, "v1="), []string{v.Secret}, false},
		"another version":              {"v2=" + strings.TrimPrefix(v.Signature, "v1="), []string{v.Secret}, false},
		"one digit changed":            {v.Signature[:len(v.Signature)-1] + "0", []string{v.Secret}, false},
		"beyond the bound of a header": {strings.Repeat(other+",", maxSignatures) + v.Signature, []string{v.Secret}, false},
	} {
		if got := Verify(body, c.header, c.secrets); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	if Verify(append(body, ' '), v.Signature, []string{v.Secret}) {
		t.Error("a body that was changed fits")
	}
}

// post sends a signed body to the webhook.
func (w *world) post(body string, header ...string) int {
	w.Helper()
	r := httptest.NewRequestWithContext(w.ctx, http.MethodPost, "/webhooks/pagerduty", strings.NewReader(body))
	if len(header) == 0 {
		r.Header.Set(signatureHeader, Sign([]byte(body), secret))
	} else {
		r.Header.Set(signatureHeader, header[0])
	}
	rec := httptest.NewRecorder()
	w.inbound.Webhook([]string{"old", secret}).ServeHTTP(rec, r)
	return rec.Code
}

func sample(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestWebhookAnswers(t *testing.T) {
	bubble(t, setup{noToken: true}, func(w *world) {
		body := sample(t, "incident.triggered.json")
		for name, c := range map[string]struct {
			got, want int
		}{
			"not signed":       {w.post(body, ""), 401},
			"wrongly signed":   {w.post(body, Sign([]byte(body), "guess")), 401},
			"too long":         {w.post(strings.Repeat(" ", maxWebhookBody+1)), 413},
			"no JSON":          {w.post("{"), 202},
			"no event":         {w.post("{}"), 202},
			"no incident":      {w.post(`{"event":{"id":"e","event_type":"incident.resolved","occurred_at":"2026-11-21T18:00:00Z","data":{}}}`), 202},
			"an id as path":    {w.post(`{"event":{"id":"e","event_type":"incident.resolved","occurred_at":"2026-11-21T18:00:00Z","data":{"id":"../users"}}}`), 202},
			"data of no shape": {w.post(`{"event":{"id":"e","event_type":"incident.triggered","occurred_at":"2026-11-21T18:00:00Z","data":[1]}}`), 202},
			"no time":          {w.post(`{"event":{"id":"e","event_type":"incident.resolved","occurred_at":"today","data":{"id":"P1"}}}`), 202},
			"not of interest":  {w.post(`{"event":{"id":"e","event_type":"service.updated","data":null}}`), 202},
			"a ping":           {w.post(`{"event":{"id":"e","event_type":"pagey.ping","resource_type":"pagey","occurred_at":"2026-11-21T18:00:00Z","data":{"message":"Hello"}}}`), 202},
		} {
			if c.got != c.want {
				t.Errorf("%s: %d, want %d", name, c.got, c.want)
			}
		}
		if len(w.letters.filed) != 6 || len(w.brain.took) != 0 {
			t.Errorf("%d dead letters, %d inputs: %q", len(w.letters.filed), len(w.brain.took), w.letters.filed)
		}
		if strings.Contains(w.logs.String(), "Test Incident") {
			t.Error("the log has the body of a webhook that was not signed")
		}

		w.brain.down = errors.New("the store does not answer")
		if got := w.post(body); got != 503 {
			t.Errorf("store down: %d", got)
		}
		w.letters.down = w.brain.down
		if got := w.post("{"); got != 503 {
			t.Errorf("unreadable and store down: %d", got)
		}
		w.brain.down = nil
		if got := w.post(body); got != 202 {
			t.Errorf("store up again: %d", got)
		}
		w.wantActs(`INC-1 triggered triggered "Test Incident 3" alert= assigned=Test User/`)
	})
}

func TestSamplesOfPagerDuty(t *testing.T) {
	bubble(t, setup{noToken: true}, func(w *world) {
		v, body := readVector(t)
		for _, name := range []string{"incident.triggered.json", "incident.acknowledged.json", "incident.resolved.json"} {
			b := strings.Replace(sample(t, name), `"01BZYIL05THJDFF2Y08X9SVMTU"`, `"`+name+`"`, 1) // the samples share their event's id
			if got := w.post(b); got != 202 {
				t.Errorf("%s: %d", name, got)
			}
		}
		rec := httptest.NewRecorder()
		r := httptest.NewRequestWithContext(w.ctx, http.MethodPost, "/", bytes.NewReader(body))
		r.Header.Set(signatureHeader, v.Signature)
		w.inbound.Webhook([]string{v.Secret}).ServeHTTP(rec, r) // priority_updated, with a numeric conference_number
		if rec.Code != 202 || len(w.letters.filed) != 0 {
			t.Errorf("priority_updated: %d, %q", rec.Code, w.letters.filed)
		}
		w.wantActs(
			`INC-1 triggered triggered "Test Incident 3" alert= assigned=Test User/`,
			`INC-1 changed to acknowledged by "Test User" dedup=""`,
			`INC-1 changed to resolved by "Test User" dedup=""`,
		)
		first := w.brain.took[0]
		want := incident.PagerRef{ID: "PFQZPSY", Number: 9, URL: "https://acme.pagerduty.com/incidents/PFQZPSY", Service: "svc", Status: "triggered", Urgency: "high", Assigned: []incident.Person{{Pager: "PJ0LVEB", Name: "Test User"}}}
		got := first.Act.(incident.PagerTriggered).Ref
		if len(got.Assigned) != 1 || got.Assigned[0] != want.Assigned[0] {
			t.Errorf("assigned %+v", got.Assigned)
		}
		got.Assigned, want.Assigned = nil, nil
		if got.ID != want.ID || got.Number != want.Number || got.URL != want.URL || got.Service != want.Service || got.Status != want.Status || got.Urgency != want.Urgency {
			t.Errorf("ref %+v", got)
		}
		if first.At != time.Date(2021, 6, 4, 13, 35, 29, 781e6, time.UTC) || first.Actor.System != incident.SystemPagerDuty || w.brain.took[1].Actor.Person.Pager != "PJ0LVEB" {
			t.Errorf("at %v, actor %+v", first.At, first.Actor)
		}
	})
}

func TestTheWatchdogsPageOpensNothing(t *testing.T) {
	bubble(t, setup{webhooks: true}, func(w *world) {
		w.fire(keyProd, "d09", "[FIRING:1] Watchdog (none)")
		w.settle(time.Second)
		for claim, id := range w.brain.claims {
			t.Errorf("%s opened: %s", id, claim)
		}
	})
}

func TestAPageOfMonitoringOpensOneIncidentAndIsFollowed(t *testing.T) {
	bubble(t, setup{webhooks: true}, func(w *world) {
		f := w.fire(keyProd, "c0ffee", "[FIRING:2] ApiErrorRateHigh checkout (critical)")
		w.settle(time.Second)
		w.must(w.pager.AddNote("PINES", f.IncidentID, "mitigated by a restart"))
		w.must(w.pager.Acknowledge("PMARC", f.IncidentID))
		w.must(w.pager.Reassign("PMARC", f.IncidentID, "PINES"))
		w.settle(time.Second)
		w.must(w.pager.Resolve("PINES", f.IncidentID))
		w.settle(time.Second)
		w.wantActs(
			`INC-1 triggered triggered "[FIRING:2] ApiErrorRateHigh checkout (critical)" alert=ApiErrorRateHigh assigned=Marc D./U1`,
			`INC-1 note by "Ines": mitigated by a restart`,
			`INC-1 changed to acknowledged by "Marc D." dedup=""`,
			`INC-1 changed to triggered by "" dedup=""`,
			`INC-1 changed to resolved by "Ines" dedup=""`,
		)
		for claim, want := range map[string]incident.ID{
			engine.ClaimPager(f.IncidentID): "INC-1", engine.ClaimAlert("c0ffee"): "INC-1",
			engine.ClaimAlertName("ApiErrorRateHigh", "checkout"): "INC-1", engine.ClaimAlertName("ApiErrorRateHigh", ""): "",
		} {
			if w.brain.claims[claim] != want {
				t.Errorf("claim %s: %q", claim, w.brain.claims[claim])
			}
		}
	})
}

func TestAPageOfAnAlertThatAlertmanagerBroughtJoinsItsIncident(t *testing.T) {
	for name, claim := range map[string]string{
		"by the group's key": engine.ClaimAlert("c0ffee"), "by name and service": engine.ClaimAlertName("ApiErrorRateHigh", "checkout"),
		"by name where there is no service": engine.ClaimAlertName("ApiErrorRateHigh", ""),
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, setup{webhooks: true}, func(w *world) {
				w.brain.claims[claim] = "INC-7"
				w.fire(keyProd, "c0ffee", "ApiErrorRateHigh")
				w.settle(time.Second)
				w.wantActs(`INC-7 triggered triggered "ApiErrorRateHigh" alert=ApiErrorRateHigh assigned=Marc D./U1`)
			})
		})
	}
}

func TestOurOwnPagesComingBackOpenNothing(t *testing.T) {
	for name, s := range map[string]setup{"webhook": {webhooks: true}, "webhook without token": {webhooks: true, noToken: true}, "poll": {poll: true}, "both": {webhooks: true, poll: true}} {
		t.Run(name, func(t *testing.T) {
			bubble(t, s, func(w *world) {
				st := w.incidentWith(incident.Page{Address: byKey})
				_, err := w.performer.Do(w.ctx, w.owed(incident.Ring, 1), st)
				w.must(err)
				w.settle(10 * time.Second)
				w.must(w.pager.Acknowledge("PTOM", w.pager.Incidents()[0].ID))
				w.settle(2 * time.Minute)
				const dedup = `dedup="acme/INC-42/L1/1/U1"`
				w.wantActs(`INC-42 changed to triggered by "" `+dedup, `INC-42 changed to acknowledged by "Tomás" `+dedup)
			})
		})
	}
}

func TestPagesOfAnotherTocsinAreLeftAlone(t *testing.T) {
	bubble(t, setup{webhooks: true, poll: true}, func(w *world) {
		f := w.fire(keyLead, "staging/INC-3/L1/1/U1", "SEV-1 Checkout is down (INC-3).")
		w.settle(time.Second)
		w.must(w.pager.Acknowledge("PTOM", f.IncidentID))
		w.settle(3 * time.Minute)
		w.wantActs()
	})
}

// trigger is a webhook as some accounts send it: without the incident's key.
func trigger(event, id, title string, at time.Time) string {
	b, _ := json.Marshal(map[string]any{"event": map[string]any{
		"id": event, "event_type": "incident.triggered", "occurred_at": at.Format(time.RFC3339Nano), "future": []int{1},
		"data": map[string]any{"id": id, "status": "triggered", "title": title, "service": map[string]any{"id": "PS", "summary": "Checkout", "type": "service_reference"}},
	}})
	return string(b)
}

func TestWithoutAKeyItIsAskedFor(t *testing.T) {
	bubble(t, setup{}, func(w *world) {
		own := w.fire(keyLead, "acme/INC-42/L1/1/U1", "renamed by somebody")
		theirs := w.fire(keyProd, "c0ffee", "Disk full")
		w.incidentWith(incident.Page{Address: byKey})
		w.post(trigger("E1", own.IncidentID, "renamed by somebody", w.clock.Now()))
		w.post(trigger("E2", theirs.IncidentID, "Disk full", w.clock.Now()))
		w.wantActs(`INC-42 changed to triggered by "" dedup="acme/INC-42/L1/1/U1"`, `INC-1 triggered triggered "Disk full" alert= assigned=Marc D./U1`)
		if w.brain.claims[engine.ClaimAlert("c0ffee")] != "INC-1" {
			t.Errorf("claims %v", w.brain.claims)
		}
	})
}

func TestWhereNoKeyCanBeHadTheTitleDecides(t *testing.T) {
	for name, s := range map[string]setup{"no token": {noToken: true}, "REST is down": {}} {
		t.Run(name, func(t *testing.T) {
			bubble(t, s, func(w *world) {
				w.pager.SetDown(true)
				w.incidentWith(incident.Page{Address: byKey})
				title := "SEV-1 Checkout is down. Acknowledge by 03:12 (INC-42)."
				for event, body := range map[string]string{
					"ours":          trigger("E1", "QOWN", title, w.clock.Now()),
					"of no one":     trigger("E2", "QNONE", strings.ReplaceAll(title, "42", "77"), w.clock.Now()),
					"of monitoring": trigger("E3", "QMON", "Disk full (INC-42)", w.clock.Now()),
				} {
					if got := w.post(body); got != 202 {
						t.Errorf("%s: %d", event, got)
					}
				}
				got := strings.Join(w.brain.acts(), "\n")
				if !strings.Contains(got, `INC-42 changed to triggered by "" dedup="acme/INC-42/L1/1/U1"`) || !strings.Contains(got, `INC-1 triggered triggered "Disk full (INC-42)"`) || strings.Count(got, "\n") != 1 {
					t.Errorf("taken in:\n%s", got)
				}
				w.brain.noRead = errors.New("the store does not answer")
				if got := w.post(trigger("E4", "QNEXT", title, w.clock.Now())); got != 503 {
					t.Errorf("store down: %d", got)
				}
			})
		})
	}
}

func TestTheAlertIsFoundInWhatItsSenderAttached(t *testing.T) {
	for name, details := range map[string]map[string]any{
		"a field":             {"alertname": "ApiErrorRateHigh"},
		"Alertmanager's text": {"firing": "Labels:\n - alertname = ApiErrorRateHigh\n - service = checkout\n", "num_firing": 1},
		"known before others": {"alertname": "Watchdog2", "firing": "Labels:\n - alertname = ApiErrorRateHigh\n"},
		"a field, unknown":    {"alertname": "BackupFailed"},
		"the text, unknown":   {"firing": "Labels:\n - alertname = BackupFailed\n - service = checkout\n"},
		"no name":             {"alertname": "rm -rf /; BackupFailed", "firing": "Labels:\n - alertname = x/y\n"},
	} {
		want := map[bool]string{true: "BackupFailed", false: "ApiErrorRateHigh"}[strings.HasSuffix(name, "unknown")]
		if name == "no name" {
			want = ""
		}
		t.Run(name, func(t *testing.T) {
			bubble(t, setup{webhooks: true}, func(w *world) {
				_, err := w.pager.Fire(keyProd, pager.Alert{Summary: "Checkout is down", Severity: "critical", Source: "p", CustomDetails: details})
				w.must(err)
				w.settle(time.Second)
				w.wantActs(`INC-1 triggered triggered "Checkout is down" alert=` + want + ` assigned=Marc D./U1`)
				act := w.brain.took[0].Act.(incident.PagerTriggered)
				w.want(act.Severity, "critical")
				if labels := act.Ref.Labels; strings.Contains(name, "text") != slices.Contains(labels, incident.Label{Name: "service", Value: "checkout"}) {
					t.Errorf("attached, and not with the page: %+v", labels)
				}
				if r := act.Ref; r.Alert != want || r.Since.IsZero() || w.clock.Now().Sub(r.Since) > time.Minute { // a clock may have been used up since then
					t.Errorf("about %q since %s, it is %s", r.Alert, r.Since, w.clock.Now())
				}
			})
		})
	}
}

func TestANoteOnAPageNobodyHeardOfOpensItWithAllThatIsKnown(t *testing.T) {
	bubble(t, setup{}, func(w *world) {
		w.must(w.inbound.bornNow(w))
		f := w.fire(keyProd, "c0ffee", "Disk full")
		w.inbound.o.Accept = func(r incident.PagerRef) bool { return r.Service == "Checkout" }
		w.must(w.pager.Acknowledge("PINES", f.IncidentID))
		w.post(`{"event":{"id":"E1","event_type":"incident.annotated","occurred_at":"` + w.clock.Now().Format(time.RFC3339) + `","agent":{"id":"PINES","type":"user_reference","summary":"Ines"},
			"data":{"id":"N1","content":"looking","incident":{"id":"` + f.IncidentID + `","summary":"Disk full"}}}}`)
		w.wantActs(`INC-1 triggered triggered "Disk full" alert= assigned=Marc D./U1`, `INC-1 changed to acknowledged by "Ines" dedup=""`, `INC-1 note by "Ines": looking`)
		other := w.fire(keyLead, "k2", "Printer on fire")
		w.post(trigger("E2", other.IncidentID, "Printer on fire", w.clock.Now()))
		if len(w.brain.acts()) != 4 { // its webhook says it is of service Checkout
			t.Errorf("%v", w.brain.acts())
		}
		w.inbound.o.Accept = func(incident.PagerRef) bool { return false }
		third := w.fire(keyProd, "k3", "Not wanted")
		w.post(trigger("E3", third.IncidentID, "Not wanted", w.clock.Now()))
		if len(w.brain.acts()) != 4 {
			t.Errorf("%v", w.brain.acts())
		}
	})
}

func TestTwiceAndOutOfOrder(t *testing.T) {
	bubble(t, setup{webhooks: true}, func(w *world) {
		w.must(w.inbound.bornNow(w)) // the first event of an installation would set it
		w.pager.DuplicateWebhooks(true)
		w.pager.HoldWebhooks(true)
		w.pager.ReorderWebhooks(true)
		f := w.fire(keyProd, "c0ffee", "Disk full")
		w.must(w.pager.Acknowledge("PMARC", f.IncidentID))
		w.pager.HoldWebhooks(false)
		w.settle(10 * time.Second)
		// The acknowledgement overtook the trigger: it opens the incident and is then taken in; the trigger is no news.
		w.wantActs(`INC-1 triggered triggered "Disk full" alert= assigned=Marc D./U1`, `INC-1 changed to acknowledged by "Marc D." dedup=""`)
	})
}

func TestAnAcknowledgementThatOvertakesItsTriggerIsNotLost(t *testing.T) {
	bubble(t, setup{webhooks: true}, func(w *world) {
		w.must(w.inbound.bornNow(w))
		w.pager.HoldWebhooks(true)
		w.pager.ReorderWebhooks(true)
		f := w.fire(keyProd, "c0ffee", "Disk full")
		w.must(w.pager.Acknowledge("PMARC", f.IncidentID))
		w.pager.HoldWebhooks(false)
		w.settle(10 * time.Second)
		w.wantActs(`INC-1 triggered triggered "Disk full" alert= assigned=Marc D./U1`, `INC-1 changed to acknowledged by "Marc D." dedup=""`)
	})
}

func (in *Inbound) bornNow(w *world) error {
	if in.bornAt(w.ctx).IsZero() {
		return errors.New("no moment of birth")
	}
	return nil
}

func TestALateWebhookOpensNothingForWhatIsOver(t *testing.T) {
	bubble(t, setup{webhooks: true}, func(w *world) {
		w.pager.HoldWebhooks(true)
		f := w.fire(keyProd, "c0ffee", "Disk full")
		w.settle(3 * time.Hour)
		w.must(w.pager.Resolve("PMARC", f.IncidentID))
		w.pager.HoldWebhooks(false)
		w.settle(time.Minute)
		w.wantActs()
	})
}

func TestOurNotesAreNotTakenForAPersons(t *testing.T) {
	bubble(t, setup{webhooks: true, poll: true}, func(w *world) {
		s := w.incidentWith(incident.Page{Address: byKey})
		for _, v := range []incident.Verb{incident.Ring, incident.NotePage} {
			_, err := w.performer.Do(w.ctx, w.owed(v, 1), s)
			w.must(err)
		}
		w.must(w.pager.AddNote("PTOM", w.pager.Incidents()[0].ID, "progress: the pool is exhausted, raising it"))
		w.settle(2 * time.Minute)
		w.wantActs(`INC-42 changed to triggered by "" dedup="acme/INC-42/L1/1/U1"`, `INC-42 note by "Tomás": progress: the pool is exhausted, raising it`)
	})
}

func FuzzWebhook(f *testing.F) {
	for _, name := range []string{"incident.triggered.json", "incident.acknowledged.json", "signature-vector.body.json"} {
		f.Add([]byte(sample(f, name)))
	}
	f.Add([]byte(`{"event":{"id":"e","event_type":"incident.annotated","occurred_at":"2026-11-21T18:00:00Z","data":{"incident":{"id":"P"},"content":"+15"}}}`))
	in := NewInbound(InboundOptions{})
	f.Fuzz(func(t *testing.T, body []byte) {
		c, err := in.parseWebhook(body)
		if c == nil || err != nil {
			return
		}
		if !plausibleID(c.inc.ID) || c.at.IsZero() && c.kind == "" || c.transport == "pd/event/" || len([]rune(c.title)) > maxSummary {
			t.Errorf("accepted %+v", c)
		}
		for _, k := range c.meaning() {
			if !strings.HasPrefix(k, "pd/"+c.inc.ID+"/") {
				t.Errorf("key of meaning %q", k)
			}
		}
	})
}

func FuzzSignature(f *testing.F) {
	v, body := readVector(f)
	f.Add(v.Signature, body)
	f.Add("v1=,v1=zz, v2=00", []byte("x"))
	f.Fuzz(func(t *testing.T, header string, body []byte) {
		if Verify(body, header, []string{"a secret that is guessed by nobody"}) {
			t.Errorf("%q fits", header)
		}
		right := Sign(body, v.Secret)
		if !Verify(body, right+","+strings.ReplaceAll(header, ",", ";"), []string{v.Secret}) {
			t.Errorf("the right signature before %q does not fit", header)
		}
	})
}

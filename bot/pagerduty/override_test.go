package pagerduty

import (
	"net/http"
	"testing"
	"time"
)

// whoIsOn is who is on call on the test's schedule, by our own reading.
func (w *world) whoIsOn() string {
	w.Helper()
	got, err := w.client.RostersOf(w.ctx, rosterPolicy(), "primary")
	w.must(err)
	return got["primary"].People[0].Name
}

// An override is on call from its first second to its last, is found again by whom and when, and is lifted once.
func TestAnOverrideIsSetFoundAndLifted(t *testing.T) {
	bubble(t, setup{}, func(w *world) {
		now := w.clock.Now()
		from, to := now.Add(time.Hour), now.Add(2*time.Hour)
		o, err := w.client.SetOverride(w.ctx, "PSCHED1", "PTOM", from, to)
		w.must(err)
		if o.ID == "" || o.User != "PTOM" || !o.From.Equal(from) || !o.To.Equal(to) {
			t.Errorf("%+v", o)
		}
		all, err := w.client.Overrides(w.ctx, "PSCHED1", from, to)
		w.must(err)
		if len(all) != 1 || all[0] != o {
			t.Errorf("listed %+v", all)
		}
		for name, c := range map[string]struct {
			user     string
			from, to time.Time
			found    bool
		}{
			"itself": {"PTOM", from, to, true}, "somebody else's": {"PINES", from, to, false}, "another beginning": {"PTOM", from.Add(time.Minute), to, false},
			"another end": {"PTOM", from, to.Add(time.Minute), false}, "an earlier beginning": {"PTOM", from.Add(-time.Minute), to, false},
		} {
			if got, ok := FindOverride(all, c.user, c.from, c.to, now); ok != c.found || ok && got.ID != o.ID {
				t.Errorf("%s: %t %+v", name, ok, got)
			}
		}
		w.want(w.whoIsOn(), "Marc")
		w.settle(time.Hour)
		w.want(w.whoIsOn(), "Tomás")
		if shifts, err := w.client.Shifts(w.ctx, "PSCHED1", from, to.Add(time.Hour)); err != nil || len(shifts) != 2 || shifts[0].Who.Pager != "PTOM" || !shifts[1].From.Equal(to) {
			t.Errorf("%+v %v", shifts, err)
		}
		w.settle(30 * time.Minute)
		if gone, err := w.client.LiftOverride(w.ctx, "PSCHED1", o.ID, to); gone || err != nil {
			t.Errorf("%t %v", gone, err)
		}
		w.want(w.whoIsOn(), "Marc")
		if gone, err := w.client.LiftOverride(w.ctx, "PSCHED1", o.ID, to); !gone || err != nil { // in the past now
			t.Errorf("%t %v", gone, err)
		}
		if gone, err := w.client.LiftOverride(w.ctx, "PSCHED1", "QNONE", to); !gone || err != nil {
			t.Errorf("%t %v", gone, err)
		}
	})
}

// One that should begin at once begins at the next second, and is found again although it did not begin when it was asked for.
func TestAnOverrideThatBeginsAtOnce(t *testing.T) {
	bubble(t, setup{}, func(w *world) {
		w.settle(1500 * time.Millisecond)
		asked := w.clock.Now().Add(-10 * time.Second) // an earlier attempt was lost
		to := asked.Add(time.Hour)
		o, err := w.client.SetOverride(w.ctx, "PSCHED1", "PTOM", asked, to)
		w.must(err)
		if now := w.clock.Now(); o.From.Before(now) || o.From.Sub(now) > time.Second {
			t.Errorf("begins %s, now it is %s", o.From, now)
		}
		all, err := w.client.Overrides(w.ctx, "PSCHED1", asked, to)
		w.must(err)
		if _, ok := FindOverride(all, "PTOM", asked, to, w.clock.Now()); !ok {
			t.Errorf("not found again: %+v", all)
		}
		w.settle(time.Minute)
		if _, ok := FindOverride(all, "PTOM", asked, to, w.clock.Now()); !ok {
			t.Error("not found again a minute later")
		}
		if _, err := w.client.SetOverride(w.ctx, "PSCHED1", "PTOM", asked, w.clock.Now()); err == nil || !fault(t, err).Permanent() {
			t.Errorf("nothing of it is left: %v", err)
		}
	})
}

// What PagerDuty refuses is refused for good; what it did not answer may have been done, and is found by looking.
func TestOverridesThatFail(t *testing.T) {
	bubble(t, setup{}, func(w *world) {
		from := w.clock.Now().Add(time.Hour)
		to := from.Add(time.Hour)
		for schedule, user := range map[string]string{"PNONE": "PTOM", "PSCHED1": "PNONE"} {
			if _, err := w.client.SetOverride(w.ctx, schedule, user, from, to); err == nil || !fault(t, err).Permanent() || fault(t, err).Ambiguous() {
				t.Errorf("%s, %s: %v", schedule, user, err)
			}
		}
		w.must(w.pager.FailAfterNext("POST /schedules/{id}/overrides", 1, 502))
		if _, err := w.client.SetOverride(w.ctx, "PSCHED1", "PTOM", from, to); err == nil || !fault(t, err).Ambiguous() || fault(t, err).Permanent() {
			t.Errorf("%v", err)
		}
		all, err := w.client.Overrides(w.ctx, "PSCHED1", from, to)
		w.must(err)
		if o, ok := FindOverride(all, "PTOM", from, to, w.clock.Now()); !ok || o.ID == "" {
			t.Errorf("%+v", all)
		}
		w.pager.SetDown(true)
		if _, err := w.client.Overrides(w.ctx, "PSCHED1", from, to); err == nil || fault(t, err).Permanent() {
			t.Errorf("%v", err)
		}
		if gone, err := w.client.LiftOverride(w.ctx, "PSCHED1", all[0].ID, to); gone || err == nil {
			t.Errorf("%t %v", gone, err)
		}
	})
}

// PagerDuty that leaves out ids, cuts them or answers with something else is read as far as it goes.
func TestOverridesAsTheyMayBeAnswered(t *testing.T) {
	answer := map[string]string{}
	w := httpWorld(t, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, ok := answer[r.Method+" "+r.URL.Query().Get("editable")]
		if !ok || r.URL.Path != "/schedules/PS%2F1/overrides" && r.URL.Path != "/schedules/PS/1/overrides" {
			t.Errorf("unexpected %s %s", r.Method, r.URL)
		}
		_, _ = rw.Write([]byte(body))
	}))
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	answer["GET true"] = `{"overrides":[]}`
	answer["GET "] = `{"overrides":[{"start":"2026-11-21T12:00:00Z","end":"2026-11-21T13:00:00Z","user":{"id":"PTOM","type":"user_reference"}},{"start":"soon","end":7,"user":null}]}`
	all, err := w.Overrides(t.Context(), "PS/1", now, now.Add(time.Hour))
	if err != nil || len(all) != 2 {
		t.Fatalf("%+v %v", all, err)
	}
	if o, ok := FindOverride(all, "PTOM", now, now.Add(time.Hour), now); !ok || o.ID != "" {
		t.Errorf("%+v %t", o, ok)
	}
	for _, body := range []string{`{}`, `{"override":{}}`, `[]`, `<html>`} {
		answer["POST "] = body
		if _, err := w.SetOverride(t.Context(), "PS/1", "PTOM", now.AddDate(100, 0, 0), now.AddDate(100, 0, 1)); err == nil || !fault(t, err).Ambiguous() {
			t.Errorf("%s: %v", body, err)
		}
	}
}

package bot_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tocsin-bot/tocsin/bot"
	"github.com/tocsin-bot/tocsin/bot/sandbox"
	"github.com/tocsin-bot/tocsin/bot/timeline"
)

// reading are the methods a shadow may call.
var reading = []string{"auth.test", "apps.connections.open", "conversations.list", "conversations.info", "conversations.members", "conversations.history", "conversations.replies", "users.conversations", "users.info", "users.lookupByEmail", "bookmarks.list"}

// written lists every call that reached Slack or PagerDuty and was more than reading.
func (w *bubble) written() []string {
	var out []string
	for _, c := range w.sandbox.Workspace.Calls(0) {
		if !slices.Contains(reading, c.Method) {
			out = append(out, "Slack "+c.Method)
		}
	}
	for _, c := range w.sandbox.Pager.Calls() {
		if !strings.HasPrefix(c.Op, "GET ") {
			out = append(out, "PagerDuty "+c.Op)
		}
	}
	return out
}

const alertFires = `{"version":"4","groupKey":"{}:{alertname=\"AuditHashChainBroken\"}","status":"firing","receiver":"tocsin","groupLabels":{"alertname":"AuditHashChainBroken"},"commonLabels":{"alertname":"AuditHashChainBroken","service":"audit-svc","severity":"critical"},"commonAnnotations":{"summary":"Audit chain broken"},"externalURL":"http://am","alerts":[{"status":"firing","labels":{"alertname":"AuditHashChainBroken","service":"audit-svc","severity":"critical"},"annotations":{"summary":"Audit chain broken"},"startsAt":"2000-01-01T00:01:00Z","endsAt":"0001-01-01T00:00:00Z","generatorURL":"http://p","fingerprint":"f1"}]}`

// TestShadowSendsNothing: an alert and a page of PagerDuty's own arrive, nobody answers, somebody types. Nothing but reading reaches Slack and
// PagerDuty; the report names whom the bot would have rung, when; and a bot that acts, started afterwards, rings nobody about it.
func TestShadowSendsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newBubble(t, nil)
		defer w.end()
		o := w.options()
		o.Shadow, o.AlertmanagerToken, o.PollEvery = true, "shadow-token-0123456789", 8*time.Second
		b := w.start(o)
		begun := w.clock.Now()
		after(time.Minute)
		req := httptest.NewRequest(http.MethodPost, "/webhooks/alertmanager", strings.NewReader(alertFires))
		req.Header.Set("Authorization", "Bearer "+o.AlertmanagerToken)
		rec := httptest.NewRecorder()
		b.HTTPHandler().ServeHTTP(rec, req)
		if rec.Code/100 != 2 {
			t.Fatalf("the alert: %d %s", rec.Code, rec.Body)
		}
		alertAt := w.clock.Now()
		after(3 * time.Minute)
		if _, err := w.sandbox.FireAlert("ApiErrorRateHigh"); err != nil {
			t.Fatal(err)
		}
		said, err := w.as(sandbox.Secondary).Command(t.Context(), "general", "/incident", "declare everything is down sev1")
		if err != nil || !strings.Contains(string(said.Payload), "in shadow") {
			t.Errorf("typed: %+v, %v", said, err)
		}
		if _, err := w.as(sandbox.Secondary).Command(t.Context(), "general", "/incident", ""); err != nil {
			t.Error(err)
		}
		after(15 * time.Minute)
		w.clock.Advance(33 * time.Hour) // past two mornings
		after(time.Minute)
		if got := w.written(); len(got) > 0 {
			t.Errorf("it sent: %v", got)
		}
		open, err := b.Engine().List(t.Context(), false, 50)
		if err != nil || len(open) != 2 {
			t.Errorf("%d incidents, want the alert's and PagerDuty's: %v", len(open), err)
		}
		r, err := bot.ShadowReportOf(t.Context(), b.Journal(), begun, nil)
		if err != nil {
			t.Fatal(err)
		}
		var rung []string
		for _, row := range r.Rows {
			if row.Kind == timeline.ShadowWouldRing && row.Incident == "INC-1" && row.At.Sub(alertAt) < 12*time.Minute {
				rung = append(rung, row.Target+"+"+row.At.Sub(alertAt).Round(time.Minute).String()+" "+row.Who)
			}
		}
		want := []string{"cto+0s Amel Bensalem", "primary+0s Marc Lindqvist", "secondary+5m0s Ines Haddad", "tech_lead+10m0s Tomás Rey"}
		if slices.Sort(rung); !slices.Equal(rung, want) {
			t.Errorf("it would have rung %v, want %v", rung, want)
		}
		if w.logs.count("shadow: would have been rung") == 0 || w.logs.count("tocsin shadow report prints it") == 0 {
			t.Error("neither the rings nor the day were told in the log")
		}
		w.stop(b)

		// Switched off, the same data directory holds a bot that acts and knows nothing of it.
		calls := len(w.sandbox.Pager.Calls())
		o.Shadow = false
		b = w.start(o)
		after(10 * time.Minute)
		if open, err := b.Engine().List(t.Context(), false, 50); err != nil || len(open) > 0 {
			t.Errorf("it took %d incidents over: %v", len(open), err)
		}
		for _, c := range w.sandbox.Pager.Calls()[calls:] {
			if !strings.HasPrefix(c.Op, "GET ") {
				t.Errorf("switched off, it called %s", c.Op)
			}
		}
		w.stop(b)
		// On the shadow's own data it does not start: it would believe rung whom nobody rang.
		o.DataDir = bot.ShadowDir(o.DataDir)
		other, err := bot.New(o)
		if err != nil {
			t.Fatal(err)
		}
		if err := other.Start(context.Background()); err == nil || !strings.Contains(err.Error(), "belong to a shadow") {
			t.Errorf("a bot that acts started on a shadow's data: %v", err)
		}
	})
}

// A shadow does not start on the data of a bot that acts: it would believe unrung whom that one rang.
func TestAShadowKeepsOffTheDataOfABotThatActs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newBubble(t, nil)
		defer w.end()
		o := w.options()
		dir := o.DataDir
		o.DataDir = bot.ShadowDir(dir)
		b := w.start(o)
		after(time.Minute)
		if _, err := w.as(sandbox.Secondary).Command(t.Context(), "general", "/incident", "declare checkout is down sev4"); err != nil {
			t.Fatal(err)
		}
		after(time.Minute)
		w.stop(b)
		o.DataDir, o.Shadow = dir, true
		shadow, err := bot.New(o)
		if err != nil {
			t.Fatal(err)
		}
		if err := shadow.Start(context.Background()); err == nil || !strings.Contains(err.Error(), "belong to a Tocsin that acts") {
			t.Errorf("a shadow started on the data of a bot that acts: %v", err)
		}
	})
}

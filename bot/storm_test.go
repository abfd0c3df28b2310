package bot_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tocsin-bot/tocsin/bot"
	"github.com/tocsin-bot/tocsin/bot/sandbox"
)

// A storm of 500 alert groups of 12 services within a minute, against the local Slack with its rate limits, in virtual time: at most six
// rooms, the worst one's phone within 10 s of its webhook, every webhook taken, no group lost, and everything said in the end. What the
// machine itself takes is measured by BenchmarkStorm. The race detector sees a fifth of it: it makes a storm ten times as dear.
func TestStorm(t *testing.T) {
	groups, worst := stormAlerts, stormWorst
	if raced {
		groups, worst = stormAlerts/5, stormWorst/5
	}
	synctest.Test(t, func(t *testing.T) {
		w := newWorldOf(t, sandbox.Options{}, withCast)
		defer w.end()
		o := w.options()
		o.AlertmanagerToken, o.PollEvery = alertmanagerToken, 10*time.Minute
		b := w.start(o)
		defer w.stop(b)
		cto := w.member(sandbox.CTO)
		var sent, rung time.Time
		look := func() {
			for _, r := range w.sandbox.Pager.Rings() {
				if rung.IsZero() && r.Person.ID == cto.PagerDutyID {
					rung = time.Now()
				}
			}
		}
		for n := range groups {
			if n == worst {
				sent = time.Now()
			}
			req := httptest.NewRequest(http.MethodPost, "/webhooks/alertmanager", strings.NewReader(string(stormGroup(t, n, worst, w.clock.Now()))))
			req.Header.Set("Authorization", "Bearer "+alertmanagerToken)
			rec := httptest.NewRecorder()
			b.HTTPHandler().ServeHTTP(rec, req)
			if rec.Code/100 != 2 {
				t.Fatalf("group %d: %d %s", n, rec.Code, rec.Body)
			}
			after(stormFor / time.Duration(groups))
			look()
		}
		for range 20 {
			after(time.Second)
			look()
		}
		if took := rung.Sub(sent); rung.IsZero() || took > 10*time.Second {
			t.Errorf("the worst one's phone rang %s after its webhook", took)
		}
		said := w.quiet(b, 2*stormAlerts*time.Second)
		rooms := 0
		for _, c := range w.sandbox.Workspace.Channels() {
			if strings.HasPrefix(c.Name, "inc-") {
				rooms++
			}
		}
		if rooms > 6 {
			t.Errorf("%d rooms", rooms)
		}
		if lost := stormLost(t, b, groups); lost > 0 {
			t.Errorf("%d groups are lost", lost)
		}
		dead, err := b.Journal().DeadLetters(t.Context(), "", 100)
		if err != nil || len(dead) > 0 {
			t.Errorf("dead letters: %v %v", dead, err)
		}
		for _, s := range w.sandbox.Workspace.Strange() {
			t.Errorf("Slack found it strange: %s", s.What)
		}
		t.Logf("%d rooms, the worst one's phone after %s, everything said %s after the last group", rooms, rung.Sub(sent), said)
	})
}

// quiet waits until the bot has nothing left to do, and tells how long that took.
func (w *bubble) quiet(b *bot.Bot, limit time.Duration) time.Duration {
	w.t.Helper()
	begun := time.Now()
	for synctest.Wait(); !b.Idle(); after(time.Second) {
		if time.Since(begun) > limit {
			w.t.Fatalf("not everything is said %s later: %+v", limit, b.Figures())
		}
	}
	return time.Since(begun)
}

// member is somebody of the cast.
func (w *bubble) member(role string) sandbox.Member {
	m, ok := w.sandbox.Member(role)
	if !ok {
		w.t.Fatalf("nobody is %s", role)
	}
	return m
}

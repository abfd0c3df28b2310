package bot_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/tocsin-bot/tocsin/bot"
	"github.com/tocsin-bot/tocsin/bot/engine"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/intake"
	"github.com/tocsin-bot/tocsin/bot/sandbox"
	"github.com/tocsin-bot/tocsin/bot/sandbox/workspace"
)

const (
	stormAlerts   = 500
	stormServices = 12
	stormWorst    = 400 // the one that is a SEV-1
	stormFor      = time.Minute
)

// groupKey is the n-th alert group of a storm.
func groupKey(n int) string { return fmt.Sprintf("{}:{alertname=\"Storm%d\"}", n) }

// BenchmarkStorm sends 500 alert groups of 12 services within a minute, against the local Slack with its rate limits, and fails when more than
// six rooms are made, when the worst of them is not paged within 10 s of its webhook, or when a group is lost. It takes ten minutes: Slack takes
// one message a second in the channel of alerts, which gets one of every group.
//
//	go test ./bot -run - -bench Storm -benchtime 1x -timeout 30m
func BenchmarkStorm(b *testing.B) {
	t := newTown(b)
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	address, token := t.Alertmanager()
	cto, _ := t.Sandbox.Member(sandbox.CTO)
	rung := func() bool {
		for _, r := range t.Sandbox.Pager.Rings() {
			if r.Person.ID == cto.PagerDutyID {
				return true
			}
		}
		return false
	}
	for b.Loop() {
		before := t.channels()
		changes := t.Sandbox.Pager.Subscribe(ctx)
		paged := make(chan time.Duration, 1)
		var answers []time.Duration
		begun := time.Now()
		for n := range stormAlerts {
			body := stormGroup(b, n, stormWorst, t.Clock.Now())
			if wait := time.Until(begun.Add(time.Duration(n) * stormFor / stormAlerts)); wait > 0 {
				time.Sleep(wait)
			}
			sent := time.Now()
			if n == stormWorst {
				go func() {
					for !rung() {
						select {
						case <-changes:
						case <-ctx.Done():
							return
						}
					}
					paged <- time.Since(sent)
				}()
			}
			t.post(address, body, "Authorization", "Bearer "+token)
			answers = append(answers, time.Since(sent))
		}
		over := time.Now()
		var page time.Duration
		select {
		case page = <-paged:
		case <-time.After(time.Minute):
			b.Fatal("the worst one was not paged within two minutes")
		}
		for !t.Bot.Idle() { // Slack takes one message a second in the channel of alerts
			if time.Since(over) > 2*stormAlerts*time.Second {
				b.Fatalf("not everything is said %s later: %+v", time.Since(over), t.Bot.Figures())
			}
			time.Sleep(50 * time.Millisecond)
		}
		said := time.Since(over)
		rooms := len(t.channels()) - len(before)
		lost := stormLost(b, t.Bot, stormAlerts)
		b.ReportMetric(0, "ns/op")
		b.ReportMetric(float64(rooms), "rooms")
		b.ReportMetric(float64(page.Milliseconds()), "worst-paged-ms")
		quantiles(b, "webhook-", answers)
		b.ReportMetric(said.Seconds(), "quiet-after-s")
		limited := 0
		for _, c := range t.Sandbox.Workspace.Calls(0) {
			if c.Status == http.StatusTooManyRequests {
				limited++
			}
		}
		b.ReportMetric(float64(limited), "slack-429")
		b.ReportMetric(float64(lost), "lost")
		if rooms > 6 || page > 10*time.Second || lost > 0 {
			b.Fatalf("%d rooms, the worst one paged after %s, %d groups lost", rooms, page, lost)
		}
		for _, c := range t.Sandbox.Workspace.Channels() {
			if c.Kind == workspace.KindPublic {
				b.Logf("#%s: %d messages", c.Name, len(t.Sandbox.Workspace.Messages(c.ID)))
			}
		}
	}
}

// stormGroup is what Alertmanager says of the n-th group: one alert, of one of the services, since the given time. The worst one is a SEV-1.
func stormGroup(tb testing.TB, n, worst int, since time.Time) []byte {
	tb.Helper()
	name := fmt.Sprint("Storm", n)
	if n == worst {
		name = "AuditHashChainBroken"
	}
	labels := map[string]string{"alertname": name, "service": fmt.Sprint("svc-", n%stormServices), "severity": "warning"}
	body, err := json.Marshal(map[string]any{
		"version": "4", "groupKey": groupKey(n), "status": "firing", "receiver": "bot", "groupLabels": labels, "commonLabels": labels,
		"commonAnnotations": map[string]string{"summary": words(n)}, "externalURL": "http://alertmanager.example",
		"alerts": []map[string]any{{"status": "firing", "labels": labels, "startsAt": since, "fingerprint": fmt.Sprintf("%016x", n)}},
	})
	if err != nil {
		tb.Fatal(err)
	}
	return body
}

// stormLost counts the groups, of so many sent, that no incident holds, or that no log tells of.
func stormLost(tb testing.TB, b *bot.Bot, sent int) (n int) {
	tb.Helper()
	told := map[string]bool{}
	rows, err := b.Engine().List(tb.Context(), false, 100)
	if err != nil {
		tb.Fatal(err)
	}
	counted := 0
	for _, row := range rows {
		events, err := b.Engine().Events(tb.Context(), row.ID, 1, 10_000)
		if err != nil {
			tb.Fatal(err)
		}
		for _, e := range events {
			switch f := e.Fact.(type) {
			case *incident.Declared:
				for _, a := range f.Alerts {
					told[a.Group] = true
				}
			case *incident.AlertsSeen:
				told[f.Set.Group] = true
			}
		}
		s, err := b.Engine().State(tb.Context(), row.ID)
		if err != nil {
			tb.Fatal(err)
		}
		all, _ := s.Groups()
		counted += all
	}
	for i := range sent {
		g := intake.Group(groupKey(i))
		if _, held, err := b.Engine().ByClaims(tb.Context(), []string{engine.ClaimAlert(g)}); err != nil || !held || !told[g] {
			n++
		}
	}
	if counted != sent {
		tb.Errorf("%d groups are counted, %d were sent", counted, sent)
	}
	return n
}

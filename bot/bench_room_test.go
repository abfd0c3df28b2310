package bot_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/sandbox"
	"github.com/tocsin-bot/tocsin/bot/sandbox/pager"
	"github.com/tocsin-bot/tocsin/bot/sandbox/workspace"
)

// slow is what every call of Slack takes in the room's benchmarks.
const slow = 100 * time.Millisecond

// channels are Slack's channels by name.
func (t *town) channels() []string {
	var out []string
	for _, c := range t.Sandbox.Workspace.Channels() {
		if c.Kind == workspace.KindPublic {
			out = append(out, c.Name)
		}
	}
	return out
}

// room is the channel that is there now and was not before, zero when there is none.
func (t *town) room(before []string) workspace.Channel {
	for _, c := range t.Sandbox.Workspace.Channels() {
		if c.Kind == workspace.KindPublic && !slices.Contains(before, c.Name) {
			return c
		}
	}
	return workspace.Channel{}
}

// cards are the messages with blocks that the bot posted in a channel.
func (t *town) cards(channel string) (n int) {
	for _, m := range t.Sandbox.Workspace.Messages(channel) {
		if m.BotID != "" && len(m.Blocks) > 2 {
			n++
		}
	}
	return n
}

// call makes one call of the local Slack's Web API, as a client does that waits for nothing else.
func (t *town) call(method string, args url.Values) map[string]any {
	t.b.Helper()
	req, err := http.NewRequestWithContext(t.b.Context(), http.MethodPost, t.URL()+"/api/"+method, strings.NewReader(args.Encode()))
	if err != nil {
		t.b.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Authorization", "Bearer "+t.Sandbox.App().BotToken)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.b.Fatal(err)
	}
	defer resp.Body.Close()
	var out map[string]any
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil || out["ok"] != true {
		t.b.Fatalf("%s: %v %v", method, out, err)
	}
	return out
}

// watch follows the local Slack's changes and tells, for each condition, how long after begun it was first so.
func (t *town) watch(changes <-chan workspace.Change, begun time.Time, conditions ...func() bool) []time.Duration {
	t.b.Helper()
	out := make([]time.Duration, len(conditions))
	left := len(conditions)
	limit := time.NewTimer(time.Minute)
	defer limit.Stop()
	for left > 0 {
		for i, is := range conditions {
			if out[i] == 0 && is() {
				out[i] = time.Since(begun)
				left--
			}
		}
		if left == 0 {
			break
		}
		select {
		case <-changes:
		case <-limit.C:
			t.b.Fatalf("after a minute %d of %d conditions do not hold", left, len(conditions))
		}
	}
	return out
}

// BenchmarkFirstCard measures, with a Slack that takes 100 ms for every call, from the moment somebody pressed Enter until the first card is
// in the new channel, and until the whole room is ready: topic, purpose, invitation, pin, announcement; then the same from an alert's
// webhook, with the runbook's first step. Beside it the two calls that nothing can do without, made bare and one after the other.
//
//	go test ./bot -run - -bench FirstCard -benchtime 10x
func BenchmarkFirstCard(b *testing.B) {
	t := newTown(b)
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	// Ticks and duties find nothing to do meanwhile; a first round wakes what sleeps until it is first used.
	t.Sandbox.Workspace.Faults().Slow(slow)
	n := 0
	var limit []time.Duration
	round := func() (took []time.Duration) {
		n++
		t.until("nothing else is going on", t.Bot.Idle)
		t.Clock.Advance(10 * time.Second) // Slack gives out 20 channels a minute
		begun := time.Now()
		made := t.call("conversations.create", url.Values{"name": {fmt.Sprint("bare-", n)}})
		id := made["channel"].(map[string]any)["id"].(string)
		t.call("chat.postMessage", url.Values{"channel": {id}, "text": {"bare"}})
		limit = append(limit, time.Since(begun))

		before := t.channels()
		who := t.as(sandbox.CTO)
		changes := t.Sandbox.Workspace.Subscribe(ctx)
		begun = time.Now()
		go func() { _, _ = who.Command(ctx, "general", "/incident", "declare "+words(n)+" sev4") }()
		took = t.watch(changes, begun,
			func() bool { r := t.room(before); return r.ID != "" && t.cards(r.ID) > 0 },
			func() bool {
				r := t.room(before)
				return r.ID != "" && r.Topic != "" && r.Purpose != "" && len(r.Pins) > 0 && slices.Contains(r.Members, who.ID()) && t.announced(n, before)
			})
		t.until("the room is furnished", t.Bot.Idle)
		return took
	}
	round()
	b.Run("command", func(b *testing.B) {
		limit = nil
		var card, ready []time.Duration
		for b.Loop() {
			took := round()
			card, ready = append(card, took[0]), append(ready, took[1])
		}
		quantiles(b, "bare-2-calls-", limit)
		quantiles(b, "card-", card)
		quantiles(b, "ready-", ready)
		b.ReportMetric(quantile(card, 0.5)-quantile(limit, 0.5), "card-over-bare-ms")
		b.ReportMetric(quantile(ready, 0.5)/float64(slow.Milliseconds()), "ready-round-trips")
		b.ReportMetric(0, "ns/op")
	})
	b.Run("alert", func(b *testing.B) {
		var card, ready []time.Duration
		for b.Loop() {
			n++
			t.until("nothing else is going on", t.Bot.Idle)
			t.Clock.Advance(calm)
			before := t.channels()
			changes := t.Sandbox.Workspace.Subscribe(ctx)
			begun := time.Now()
			t.alert(n, "OcrServiceDown")
			took := t.watch(changes, begun,
				func() bool { r := t.room(before); return r.ID != "" && t.cards(r.ID) > 0 },
				func() bool {
					r := t.room(before)
					return r.ID != "" && r.Topic != "" && r.Purpose != "" && len(r.Pins) > 0 && len(r.Members) > 1 && t.cards(r.ID) > 1 && t.announced(n, before)
				})
			card, ready = append(card, took[0]), append(ready, took[1])
			t.until("the room is furnished", t.Bot.Idle)
			id, _, _ := t.Bot.Engine().ByChannel(b.Context(), t.room(before).ID)
			t.say(t.as(sandbox.CTO), "general", string(id)+" resolve done") // so that nobody is escalated over while the clock moves on
		}
		quantiles(b, "card-", card)
		quantiles(b, "ready-", ready)
		b.ReportMetric(quantile(ready, 0.5)/float64(slow.Milliseconds()), "ready-round-trips")
		b.ReportMetric(0, "ns/op")
	})
}

// calm is how far apart alerts must be for each to get a room of its own.
const calm = 150 * time.Second

// announced reports whether the room that was not there before is named in the incidents channel.
func (t *town) announced(_ int, before []string) bool {
	r := t.room(before)
	for _, m := range t.Sandbox.Workspace.Messages("incidents") {
		if m.BotID != "" && (strings.Contains(m.Text, r.ID) || strings.Contains(string(m.Blocks), r.ID)) {
			return true
		}
	}
	return false
}

// alert sends what an Alertmanager would, a group of its own for every n, and returns when the bot has answered.
func (t *town) alert(n int, name string) {
	t.b.Helper()
	labels := map[string]string{"alertname": name, "service": fmt.Sprint("svc-", n), "severity": "critical"}
	body, err := json.Marshal(map[string]any{
		"version": "4", "groupKey": fmt.Sprintf("{}:{alertname=%q, service=\"svc-%d\"}", name, n), "status": "firing", "receiver": "bot", "truncatedAlerts": 0,
		"groupLabels": labels, "commonLabels": labels, "commonAnnotations": map[string]string{"summary": words(n)}, "externalURL": "http://alertmanager.example",
		"alerts": []map[string]any{{"status": "firing", "labels": labels, "annotations": map[string]string{"summary": words(n)}, "startsAt": t.Clock.Now(), "fingerprint": fmt.Sprintf("%016x", n)}},
	})
	if err != nil {
		t.b.Fatal(err)
	}
	address, token := t.Alertmanager()
	t.post(address, body, "Authorization", "Bearer "+token)
}

// post sends a webhook; an answer that is no 2xx fails the benchmark.
func (t *town) post(address string, body []byte, header, value string) {
	t.b.Helper()
	req, err := http.NewRequestWithContext(t.b.Context(), http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		t.b.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set(header, value)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.b.Fatal(err)
	}
	defer resp.Body.Close()
	answer, _ := io.ReadAll(resp.Body)
	if resp.StatusCode/100 != 2 {
		t.b.Fatalf("%s: %s %s", address, resp.Status, answer)
	}
}

// BenchmarkPage measures from the moment a webhook is sent until the local PagerDuty has taken the page that follows from it, from an
// Alertmanager and from PagerDuty itself, beside one bare commit and one bare call of the Events API, one after the other.
//
//	go test ./bot -run - -bench Page -benchtime 100x
func BenchmarkPage(b *testing.B) {
	t := newTown(b)
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	limit := newBare(b)
	n := 0
	lead, _ := t.Sandbox.Member(sandbox.TechLead)
	// rings counts the phones that rang because of us: the tech lead's, whom a SEV-2 rings at once.
	rings := func() (n int) {
		for _, r := range t.Sandbox.Pager.Rings() {
			if r.Person.ID == lead.PagerDutyID {
				n++
			}
		}
		return n
	}
	calls := func(took *[]time.Duration) {
		begun := time.Now()
		limit.commit(b, 1)
		t.post(t.URL()+"/pagerduty/v2/enqueue", []byte(fmt.Sprintf(`{"routing_key":%q,"event_action":"resolve","dedup_key":"bare-%s"}`, lead.RoutingKey, rand.Text())), "Accept", "application/json")
		*took = append(*took, time.Since(begun))
	}
	page := func(send func(n int)) time.Duration {
		n++
		t.until("nothing else is going on", t.Bot.Idle)
		t.Clock.Advance(calm)
		before := rings()
		stop, done := context.WithCancel(ctx)
		defer done()
		changes := t.Sandbox.Pager.Subscribe(stop)
		begun := time.Now()
		go send(n)
		for timeout := time.After(time.Minute); ; {
			if rings() > before {
				return time.Since(begun)
			}
			select {
			case <-changes:
			case <-timeout:
				b.Fatal("no page within a minute")
			}
		}
	}
	end := func() { // so that the incidents do not pile up
		id := incident.NewID(int64(n))
		t.say(t.as(sandbox.CTO), "general", string(id)+" resolve done")
	}
	for _, from := range []struct {
		name string
		send func(n int)
	}{
		{"alertmanager", func(n int) { t.alert(n, "OcrServiceDown") }},
		{"pagerduty", func(n int) {
			_, err := t.Sandbox.Pager.Fire(sandbox.ProductionKey, pager.Alert{
				Summary: words(n), Severity: "critical", Source: "prometheus", Component: fmt.Sprint("svc-", n), Class: "OcrServiceDown", DedupKey: fmt.Sprint("fired-", n),
				CustomDetails: map[string]any{"alertname": "OcrServiceDown", "service": fmt.Sprint("svc-", n)},
			})
			if err != nil {
				b.Error(err)
			}
		}},
	} {
		b.Run(from.name, func(b *testing.B) {
			var bare, took []time.Duration
			page(from.send)
			end()
			for b.Loop() {
				calls(&bare)
				took = append(took, page(from.send))
				end()
			}
			quantiles(b, "bare-", bare)
			quantiles(b, "", took)
			b.ReportMetric(quantile(took, 0.5)-quantile(bare, 0.5), "p50-over-bare-ms")
			b.ReportMetric(quantile(took, 0.99)-quantile(bare, 0.99), "p99-over-bare-ms")
			b.ReportMetric(0, "ns/op")
		})
	}
}

package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/tocsin-bot/tocsin/bot/sandbox"
	"github.com/tocsin-bot/tocsin/bot/sandbox/pager"
)

// send posts a body to the bot and returns the status.
func send(t *testing.T, url string, body []byte, header ...string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "POST", url, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, res.Body)
	return res.StatusCode
}

const signature, bearer = "X-Pagerduty-Signature", "Authorization"

// alertBody is an Alertmanager notification with one firing alert.
func alertBody(group, name, summary string) []byte {
	labels := obj{"alertname": name, "service": "checkout", "severity": "critical"}
	b, _ := json.Marshal(obj{
		"version": "4", "groupKey": group, "status": "firing", "receiver": "tocsin", "groupLabels": obj{"alertname": name}, "commonLabels": labels,
		"commonAnnotations": obj{"summary": summary}, "externalURL": "http://alertmanager.example", "truncatedAlerts": 0,
		"alerts": []obj{{"status": "firing", "labels": labels, "annotations": obj{"summary": summary}, "startsAt": time.Now().UTC().Format(time.RFC3339),
			"endsAt": "0001-01-01T00:00:00Z", "generatorURL": "http://prometheus.example", "fingerprint": "b5d6f1a0c3e2" + group[:4]}},
	})
	return b
}

// TestBadInputOverHTTP holds what a stranger, a broken sender and a careless one get.
func TestBadInputOverHTTP(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	data := filepath.Join(w.dir, "data")
	bot := w.serve("bot", w.env("TOCSIN_DATA_DIR="+data, "TOCSIN_LOG_LEVEL=debug"))
	pd, am := "http://"+w.bot+"/webhooks/pagerduty", "http://"+w.bot+"/webhooks/alertmanager"

	const marker = "confidential-body-of-a-stranger"
	body := []byte(`{"event":{"id":"01X","event_type":"incident.triggered","data":{"title":"` + marker + `"}}}`)
	big := []byte(`{"event":"` + strings.Repeat("x", 3<<20) + `"}`)
	broken := []byte(`{"event":{"id":"01Y","event_type":"incident.triggered","data":{"id":7,"title":["not a title"]`)
	ping := []byte(`{"event":{"id":"01Z","event_type":"pagey.ping","resource_type":"pagey","occurred_at":"2026-11-21T03:00:00Z","data":{"message":"Hello from your friend Pagey!","type":"ping"}}}`)
	for _, c := range []struct {
		name string
		got  int
		want int
	}{
		{"PagerDuty, unsigned", send(t, pd, body), 401},
		{"PagerDuty, signed with another secret", send(t, pd, body, signature, pager.Sign(body, "someone-else")), 401},
		{"PagerDuty, signed for another body", send(t, pd, body, signature, pager.Sign(broken, webhookSecret)), 401},
		{"PagerDuty, no signature at all in the header", send(t, pd, body, signature, "v1=,v2=zz"), 401},
		{"PagerDuty, too large", send(t, pd, big, signature, pager.Sign(big, webhookSecret)), 413},
		{"PagerDuty, signed but malformed", send(t, pd, broken, signature, pager.Sign(broken, webhookSecret)), 202},
		{"PagerDuty, during a rotation of secrets", send(t, pd, ping, signature, pager.Sign(ping, "the-old-one", webhookSecret)), 202},
		{"Alertmanager, no token", send(t, am, alertBody("group-0", marker, marker)), 401},
		{"Alertmanager, wrong token", send(t, am, alertBody("group-0", marker, marker), bearer, "Bearer "+alertToken+"x"), 401},
		{"Alertmanager, too large", send(t, am, big, bearer, "Bearer "+alertToken), 413},
		{"Alertmanager, malformed", send(t, am, []byte(`{"version":"4","alerts":"none"}`), bearer, "Bearer "+alertToken), 202},
	} {
		if c.got != c.want && !(c.want == 202 && c.got/100 == 2) {
			t.Errorf("%s: %d, not %d", c.name, c.got, c.want)
		}
	}
	if status, _ := get(pd); status != http.StatusMethodNotAllowed {
		t.Errorf("GET of a webhook: %d", status)
	}
	reader := bare("TOCSIN_DATA_DIR="+data, "TOCSIN_CONFIG="+w.config)
	if list, _, _ := tocsin(t, reader, "list", "--all"); strings.Contains(list, "INC-") {
		t.Errorf("bad input opened an incident:\n%s", list)
	}
	log := bot.output()
	if strings.Contains(log, marker) {
		t.Error("the body of a stranger is in the log")
	}
	if strings.Count(log, `"level":"error"`) < 2 || !strings.Contains(log, "dead letter") {
		t.Error("what was signed and could not be read raises no alert in the log")
	}
	w.noSecret("the bot's log", log)
}

// TestHarmlessTitles sends hostile and odd words through every door: nobody is alerted by them, and every room opens.
func TestHarmlessTitles(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	data := filepath.Join(w.dir, "data")
	bot := w.serve("bot", w.env("TOCSIN_DATA_DIR="+data))
	am := "http://" + w.bot + "/webhooks/alertmanager"
	bystander := w.cast[slices.IndexFunc(w.cast, func(m sandbox.Member) bool { return m.Handle == "jonas" })].SlackID
	titles := []string{
		strings.Repeat("long ", 100),
		"🔥🔥🔥",
		"<!channel> <!here> <!everyone> look <@" + bystander + "> <#C1|x> <https://evil.example|click>",
		"*bold* _it_ `code` ~no~ ```\nfence\n``` & < > @channel @here",
		"العربية \u202Egnp.exe\u202C \u2066isolate \u200B\u200Fzero",
		"new\nline\r\ntab\ttitle\x00\x1b[31m",
	}
	for i, title := range titles {
		name := []string{"TitleLong", "TitleEmoji", "TitleBroadcast", "TitleMarkup", "TitleRTL", "TitleControl"}[i]
		if got := send(t, am, alertBody("group-"+name, name, title), bearer, "Bearer "+alertToken); got/100 != 2 {
			t.Errorf("alert with title %q: %d", title, got)
		}
	}
	w.do("POST", "/control/pages/fire", obj{"target": sandbox.ProductionKey, "event": obj{"summary": titles[2], "severity": "critical", "source": "<!channel>",
		"dedup_key": "hostile", "custom_details": obj{"alertname": "<!everyone>", "service": "<@" + bystander + ">"}}}, nil)
	if o, err := w.command("nadia", "general", "declare 🔥🔥 sev3"); err != nil || o.Status != "ok" {
		t.Errorf("declare with emoji only: %+v %v", o, err)
	}
	if o, err := w.command("nadia", "general", "declare "+strings.Repeat("words ", 83)+"sev3"); err != nil || o.Status != "ok" {
		t.Errorf("declare with 500 characters: %+v %v", o, err)
	}
	await(t, 60*time.Second, "nine rooms", func() bool { return len(w.rooms()) >= 9 })
	// Let what follows a room (cards, announcements, direct messages) arrive as well.
	last := 0
	await(t, 60*time.Second, "every room with its headline, and quiet", func() bool {
		n := 0
		for _, r := range w.rooms() {
			if !slices.ContainsFunc(w.messages(r.ID), func(m message) bool { return m.Pinned }) {
				return false
			}
		}
		for _, c := range w.channels() {
			n += len(w.messages(c.ID))
		}
		quiet := n == last
		last = n
		time.Sleep(500 * time.Millisecond)
		return quiet
	})
	if n := len(w.rooms()); n != 9 {
		t.Errorf("%d rooms, not 9", n)
	}
	for _, c := range w.channels() {
		for _, bad := range []string{"<!", "\u202E", "\n"} {
			if strings.Contains(c.Topic, bad) {
				t.Errorf("the topic of %s holds %q: %q", c.Name, bad, c.Topic)
			}
		}
		if utf8.RuneCountInString(c.Topic) > 250 || len(c.Name) > 80 {
			t.Errorf("the topic or the name of %s is too long: %q", c.Name, c.Topic)
		}
		for _, m := range w.messages(c.ID) {
			if m.BotID == "" {
				continue
			}
			all := m.Text + string(m.Blocks)
			if len(m.Broadcasts) > 0 {
				t.Errorf("a message calls %v: %s", m.Broadcasts, all)
			}
			if slices.Contains(m.Notified, bystander) {
				t.Errorf("a message alerts somebody whom a title names: %s", all)
			}
			for _, words := range append(mrkdwn(t, m.Blocks), m.Text) {
				for _, bad := range []string{"\u202E", "\x1b", "\x00", "<https://evil.example", "<!channel", "<!here", "<!everyone", "<@" + bystander, "<#C1"} {
					if strings.Contains(words, bad) {
						t.Errorf("a message holds %q: %.300s", bad, words)
					}
				}
			}
		}
	}
	w.noOdd()
	text, _, _ := tocsin(t, bare("TOCSIN_DATA_DIR="+data, "TOCSIN_CONFIG="+w.config), "list", "--all")
	if strings.ContainsAny(text, "\x1b\u202E") || strings.Count(text, "\n") != 10 {
		t.Errorf("list prints what a terminal obeys, or more than a line for each incident:\n%q", text)
	}
	bot.stop()
	w.noSecret("the bot's log", bot.output())
}

// mrkdwn are the texts of a card in which Slack sees mentions and links; plain text is shown as it is.
func mrkdwn(t *testing.T, blocks json.RawMessage) []string {
	t.Helper()
	var out []string
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, x := range v {
				walk(x)
			}
		case obj:
			if v["type"] == "mrkdwn" {
				out = append(out, v["text"].(string))
			}
			for _, x := range v {
				walk(x)
			}
		}
	}
	var v any
	if len(blocks) > 0 {
		if err := json.Unmarshal(blocks, &v); err != nil {
			t.Fatal(err)
		}
	}
	walk(v)
	return out
}

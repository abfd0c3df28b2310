package main

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/journal"
	"github.com/tocsin-bot/tocsin/bot/sandbox"
)

// TestTheMainJob runs the sandbox and the bot as two processes and one incident of each origin through both, and reads them back with the
// command line while the bot is running on the same data.
func TestTheMainJob(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	data := filepath.Join(w.dir, "data")
	env := w.env("TOCSIN_DATA_DIR="+data, "TOCSIN_LOG_LEVEL=debug")
	bot := w.serve("bot", env)

	// By hand: whoever declares is acting commander, SEV-2 rings the tech lead.
	if got := w.said(sandbox.Primary, "general", "declare checkout is down sev2"); !strings.Contains(got, "INC-1") {
		t.Errorf("the answer to declare does not name the incident: %s", got)
	}
	var room channel
	await(t, 15*time.Second, "one room, with the headline pinned and the tech lead rung", func() bool {
		rooms := w.rooms()
		if len(rooms) != 1 {
			return false
		}
		room = rooms[0]
		for _, m := range w.messages(room.ID) {
			if m.Pinned && strings.Contains(string(m.Blocks), "INC-1") && strings.Contains(string(m.Blocks), "checkout is down") {
				return w.phones(sandbox.TechLead) == 1
			}
		}
		return false
	})
	if !strings.HasSuffix(room.Name, "-checkout-is-down") || !strings.Contains(room.Topic, "SEV-2") {
		t.Errorf("the room is called %q with the topic %q", room.Name, room.Topic)
	}
	w.do("POST", "/control/people/primary/messages", obj{"channel": room.ID, "text": "the payment provider times out, looking"}, nil)
	w.said(sandbox.Primary, room.ID, "note we failed over at 03:10")

	// By a page: PagerDuty has rung the first level already, and the room opens with nobody typing.
	fired := time.Now()
	w.do("POST", "/control/pages/fire", obj{"alert": "OcrServiceDown"}, nil)
	await(t, 15*time.Second, "a room for the page", func() bool { return len(w.rooms()) == 2 })
	t.Logf("page to room: %v", time.Since(fired).Round(time.Millisecond))
	await(t, 15*time.Second, "the first runbook step in the room of the page", func() bool {
		for _, r := range w.rooms() {
			for _, m := range w.messages(r.ID) {
				if r.ID != room.ID && strings.Contains(string(m.Blocks), "RB-002") && strings.Contains(string(m.Blocks), "tocsin_step") || strings.Contains(string(m.Blocks), "RB-002 · 1") {
					return true
				}
			}
		}
		return false
	})
	if n := w.phones(sandbox.Primary); n != 1 {
		t.Errorf("the phone of the on-call engineer rang %d times, not once: %+v", n, w.pages().Rings)
	}

	// Read while the bot is running.
	reader := bare("TOCSIN_DATA_DIR="+data, "TOCSIN_CONFIG="+w.config)
	list, _, code := tocsin(t, reader, "list")
	if code != 0 || !strings.Contains(list, "INC-1") || !strings.Contains(list, "checkout is down") || !strings.Contains(list, "INC-2") || !strings.Contains(list, "SEV-2") {
		t.Errorf("list: status %d\n%s", code, list)
	}
	await(t, 10*time.Second, "the message and the note in what show prints", func() bool {
		text, _, code := tocsin(t, reader, "show", "INC-1")
		return code == 0 && strings.Contains(text, "the payment provider times out, looking") && strings.Contains(text, "we failed over at 03:10")
	})
	s := show(t, reader, "INC-1")
	if s.State.ID != "INC-1" || s.State.Severity != incident.SEV2 || s.State.ChannelID != room.ID || s.Title != "checkout is down" || len(s.Events) < 5 || len(s.Dead) != 0 {
		t.Errorf("show --json: %+v", s)
	}
	log, errs, code := tocsin(t, reader, "export", "INC-1", "--format", "jsonl")
	if code != 0 {
		t.Fatalf("export: status %d %s", code, errs)
	}
	end, err := journal.VerifyExport(strings.NewReader(log))
	if err != nil || end.Stream != "INC-1" || end.Records < int64(len(s.Events)) {
		t.Errorf("the export does not verify: %+v %v", end, err)
	}
	if _, err := journal.VerifyExport(strings.NewReader(strings.Replace(log, "checkout is down", "checkout is fine", 1))); err == nil {
		t.Error("a forged export verifies")
	}
	md, _, code := tocsin(t, reader, "export", "INC-1", "--format", "md")
	if code != 0 || !strings.Contains(md, "checkout is down") || !strings.Contains(md, "the payment provider times out") {
		t.Errorf("export md: status %d\n%s", code, md)
	}
	if _, errs, code := tocsin(t, reader, "show", "INC-99"); code == 0 || !strings.Contains(errs, "tocsin list") {
		t.Errorf("show of an unknown incident: status %d, %q", code, errs)
	}

	// To its end.
	w.said(sandbox.Primary, room.ID, "resolve the provider is back")
	await(t, 15*time.Second, "INC-1 resolved and its page closed", func() bool {
		for _, p := range w.pages().Incidents {
			if strings.Contains(p.DedupKey, "INC-1") && p.Status != "resolved" {
				return false
			}
		}
		return !show(t, reader, "INC-1").State.Open()
	})
	if list, _, _ := tocsin(t, reader, "list"); strings.Contains(list, "INC-1") {
		t.Errorf("list shows what is over:\n%s", list)
	}
	if list, _, _ := tocsin(t, reader, "list", "--all"); !strings.Contains(list, "INC-1") {
		t.Errorf("list --all does not show what is over:\n%s", list)
	}
	if n := w.phones(sandbox.TechLead); n != 2 { // one for each SEV-2
		t.Errorf("the tech lead's phone rang %d times, not twice", n)
	}

	var metrics string
	await(t, 15*time.Second, "an open socket in /metrics", func() bool {
		_, metrics = get("http://" + w.bot + "/metrics")
		return strings.Contains(metrics, "tocsin_slack_sockets 1\n") || strings.Contains(metrics, "tocsin_slack_sockets 2\n")
	})
	if status, body := get("http://" + w.bot + "/healthz"); status != http.StatusOK {
		t.Errorf("/healthz: %d %s", status, body)
	}
	bot.stop()
	w.noOdd()
	after, _, _ := tocsin(t, reader, "export", "INC-1") // with the bot gone
	if _, err := journal.VerifyExport(strings.NewReader(after)); err != nil {
		t.Errorf("after the bot ended: %v", err)
	}
	js, _ := json.Marshal(s)
	for where, text := range map[string]string{"the bot's log": bot.output(), "list": list, "show --json": string(js), "export": after, "export md": md, "/metrics": metrics} {
		w.noSecret(where, text)
	}
	for _, c := range w.channels() {
		for _, m := range w.messages(c.ID) {
			w.noSecret("a message", m.Text+string(m.Blocks))
		}
	}
}

// TestServeHelp holds the contract: every variable is there.
func TestServeHelp(t *testing.T) {
	t.Parallel()
	out, _, code := tocsin(t, bare(), "serve", "--help")
	if code != 0 {
		t.Errorf("serve --help: status %d", code)
	}
	for _, name := range strings.Fields(`SLACK_BOT_TOKEN SLACK_APP_TOKEN SLACK_API_URL TOCSIN_COMMAND TOCSIN_INCIDENTS_CHANNEL PAGERDUTY_ROUTING_KEY PAGERDUTY_API_TOKEN
		PAGERDUTY_FROM PAGERDUTY_WEBHOOK_SECRET PAGERDUTY_API_URL PAGERDUTY_EVENTS_URL ALERTMANAGER_TOKEN REDIS_URL TOCSIN_DATA_DIR TOCSIN_CONFIG
		TOCSIN_HTTP_ADDR TOCSIN_LOG_LEVEL TOCSIN_LANGUAGE`) {
		if !strings.Contains(out, "$"+name) {
			t.Errorf("serve --help does not name %s", name)
		}
	}
	if !strings.Contains(out, "_FILE") {
		t.Error("serve --help does not say that secrets may be files")
	}
	for _, verb := range []string{"serve", "demo", "sandbox", "check", "list", "show", "export", "version"} {
		if out, _, code := tocsin(t, bare(), verb, "--help"); code != 0 || !strings.Contains(out, "Usage: tocsin "+verb) {
			t.Errorf("%s --help: status %d\n%s", verb, code, out)
		}
	}
	if out, _, code := tocsin(t, bare(), "version"); code != 0 || !strings.HasPrefix(out, "tocsin ") {
		t.Errorf("version: status %d, %q", code, out)
	}
	if _, errs, code := tocsin(t, bare(), "sevre"); code == 0 || !strings.Contains(errs, "serve") {
		t.Errorf("a misspelt verb: status %d\n%s", code, errs)
	}
}

// TestBadConfigurationRefusesToStart wants every fault in one run, each with its file, its line and what to write instead.
func TestBadConfigurationRefusesToStart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "policy.yaml")
	src := strings.Join([]string{
		"version: 1",
		"zone: Europe/Pariss", // 2
		"language: de",        // 3
		"colour: red",         // 4
		"severities:",
		"  SEV-1:",
		"    ack_within: 5", // 7
		"targets:",
		"  primary:",
		"    title: {en: on call, fr: astreinte}",
		"ladder:",
		"  - {name: L1, targets: [nobody]}", // 12
	}, "\n") + "\n"
	if err := os.WriteFile(file, []byte(src), 0o600); err != nil {
		t.Fatal(err)
	}
	env := bare("TOCSIN_CONFIG="+file, "TOCSIN_DATA_DIR="+filepath.Join(dir, "data"))
	out, errs, code := tocsin(t, env, "serve")
	if code != 1 {
		t.Errorf("serve with a bad configuration: status %d", code)
	}
	for _, want := range []string{":2", ":3", ":4", ":7", ":12", "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "manifest.yaml", "connections:write", "Pariss", "colour", "nobody"} {
		if !strings.Contains(errs, want) {
			t.Errorf("the faults do not say %q", want)
		}
	}
	if t.Failed() || testing.Verbose() {
		t.Logf("%s%s", out, errs)
	}
	if entries, err := os.ReadDir(filepath.Join(dir, "data")); err == nil && len(entries) > 0 {
		t.Errorf("a bot that refused to start left something behind: %v", entries)
	}
	checked, _, code := tocsin(t, env, "check")
	if code != 1 || !strings.Contains(checked, "error: policy.yaml:7") {
		t.Errorf("check: status %d\n%s", code, checked)
	}
	if _, errs, code := tocsin(t, bare("TOCSIN_CONFIG="+filepath.Join(dir, "none.yaml")), "serve"); code != 1 || !strings.Contains(errs, "none.yaml") {
		t.Errorf("a policy file that is not there: status %d\n%s", code, errs)
	}
	if _, errs, code := tocsin(t, bare("SLACK_BOT_TOKEN_FILE="+filepath.Join(dir, "none")), "serve"); code != 1 || !strings.Contains(errs, "SLACK_BOT_TOKEN_FILE") {
		t.Errorf("a secret's file that is not there: status %d\n%s", code, errs)
	}
}

// TestCheckAndSecretsByFile gives every secret as a file, to check and to the bot.
func TestCheckAndSecretsByFile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var env []string
	for _, e := range w.env("TOCSIN_DATA_DIR=" + filepath.Join(w.dir, "data")) {
		name, value, _ := strings.Cut(e, "=")
		secret := strings.HasSuffix(name, "_TOKEN") || strings.HasSuffix(name, "_SECRET") || strings.Contains(name, "ROUTING_KEY")
		if !secret {
			env = append(env, e)
			continue
		}
		path := filepath.Join(w.dir, name)
		w.write(path, value+"\n")
		env = append(env, name+"_FILE="+path)
	}
	out, errs, code := tocsin(t, env, "check")
	if code != 0 {
		t.Errorf("check: status %d\n%s%s", code, out, errs)
	}
	t.Logf("check in order:\n%s", out)
	w.noSecret("check", out+errs)

	bot := w.serve("bot", env)
	w.said(sandbox.Primary, "general", "declare api is slow sev2")
	await(t, 15*time.Second, "the tech lead is rung by a key from a file", func() bool { return w.phones(sandbox.TechLead) == 1 })
	bot.stop()
	w.noSecret("the bot's log", bot.output())

	// Two levels on one phone, and a Slack that does not know the token.
	var wrong []string
	for _, e := range env {
		switch {
		case strings.HasPrefix(e, "PAGERDUTY_ROUTING_KEY_CTO_FILE="):
			e = "PAGERDUTY_ROUTING_KEY_CTO_FILE=" + filepath.Join(w.dir, "tech-lead.key")
		case strings.HasPrefix(e, "SLACK_BOT_TOKEN_FILE="):
			e = "SLACK_BOT_TOKEN=xoxb-nobody-knows-me"
		}
		wrong = append(wrong, e)
	}
	out, errs, code = tocsin(t, wrong, "check")
	if code != 1 || !strings.Contains(out, "tech_lead") || !strings.Contains(out, "cto") || !strings.Contains(out, "invalid_auth") {
		t.Errorf("check of what is wrong: status %d\n%s%s", code, out, errs)
	}
	t.Logf("check not in order:\n%s", out)
	w.noSecret("check", out+errs)
}

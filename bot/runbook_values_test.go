package bot_test

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tocsin-bot/tocsin/bot/sandbox"
)

// A person fills the form in on the step card and sees the command with the value; the runbook's clock, confirmed and missed, reminds and then
// rings a phone; its step settles it.
func TestValuesAndClocksOfARunbook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newBubble(t, nil)
		defer w.end()
		b := w.start(w.options())
		defer w.stop(b)
		who := w.as(sandbox.Primary)
		say := func(channel, text string) {
			t.Helper()
			if _, err := who.Command(t.Context(), channel, "/incident", text); err != nil {
				t.Fatal(err)
			}
			after(2 * time.Second)
		}
		say("general", "declare documents are not read sev2")
		room := ""
		for _, c := range w.sandbox.Workspace.Channels() {
			if strings.Contains(c.Name, "documents") {
				room = c.ID
			}
		}
		shown := func() string {
			raw, err := json.Marshal(w.sandbox.Workspace.Messages(room))
			if err != nil {
				t.Fatal(err)
			}
			return string(raw)
		}
		if room == "" {
			t.Fatal("no room")
		}
		if !strings.Contains(shown(), "because") {
			t.Error("nothing is put forward in the room")
		}
		say(room, "runbook RB-002")
		// To step 2, whose command has a place.
		press := func(action, label string) {
			t.Helper()
			for _, m := range w.sandbox.Workspace.Messages(room) {
				raw, err := json.Marshal(m)
				if err != nil {
					t.Fatal(err)
				}
				if !strings.Contains(string(raw), label) {
					continue
				}
				if _, err := who.Click(t.Context(), room, m.TS, action); err == nil {
					after(3 * time.Second)
					return
				}
			}
			t.Fatalf("no %s to press on %q", action, label)
		}
		press("step-done", "RB-002")
		if s := shown(); !strings.Contains(s, "describe pod {{pod}}") || !strings.Contains(s, "Fill in values") {
			t.Fatalf("the card does not show the place that is open: %s", s)
		}
		press("open-parameters", "describe pod")
		forms := w.sandbox.Workspace.Views(who.ID())
		if len(forms) == 0 {
			t.Fatal("no form opens")
		}
		form := forms[len(forms)-1]
		var fields []struct {
			Block   string `json:"block_id"`
			Element struct {
				Action string `json:"action_id"`
			} `json:"element"`
		}
		if err := json.Unmarshal(form.Blocks, &fields); err != nil {
			t.Fatal(err)
		}
		fill := func(value string) map[string]map[string]any {
			for _, f := range fields {
				if strings.HasPrefix(f.Block, "p.pod") {
					return map[string]map[string]any{f.Block: {f.Element.Action: value}}
				}
			}
			t.Fatalf("the form does not ask for the pod: %s", form.Blocks)
			return nil
		}
		if o, err := who.Submit(t.Context(), form.ID, fill("ocr-svc-7d9; rm -rf /")); err != nil || len(o.Errors) != 1 {
			t.Fatalf("%v %+v", err, o)
		}
		if o, err := who.Submit(t.Context(), form.ID, fill("ocr-svc-7d9")); err != nil || len(o.Errors) > 0 {
			t.Fatalf("%v %+v", err, o)
		}
		after(3 * time.Second)
		if s := shown(); !strings.Contains(s, "describe pod ocr-svc-7d9") || strings.Contains(s, "{{pod}}") {
			t.Fatalf("the card lacks the value: %s", s)
		}
		if !strings.Contains(shown(), "Webhook kyc.case.delayed") {
			t.Error("the clock is not on the headline")
		}
		say(room, "answer delayed-webhook yes")
		after(50 * time.Minute)
		if s := shown(); !strings.Contains(s, "is not done") {
			t.Error("nobody is reminded")
		}
		rings := false
		for _, i := range w.sandbox.Pager.Incidents() {
			rings = rings || strings.Contains(i.Title, "Webhook kyc.case.delayed")
		}
		if !rings {
			t.Error("no phone rings for what was missed")
		}
	})
}

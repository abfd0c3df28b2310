package bot_test

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tocsin-bot/tocsin/bot/sandbox"
)

// The whole bot: a value that changes after the CTO approved a step locks it again, says so in the room, and asks the CTO once more.
func TestAChangedValueLocksAnApprovedStep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newBubble(t, nil)
		defer w.end()
		b := w.start(w.options())
		defer w.stop(b)
		say := func(role, channel, text string) {
			t.Helper()
			if _, err := w.as(role).Command(t.Context(), channel, "/incident", text); err != nil {
				t.Fatal(err)
			}
			after(2 * time.Second)
		}
		said := func(words string) (n int) {
			for _, c := range w.sandbox.Workspace.Channels() {
				for _, m := range w.sandbox.Workspace.Messages(c.ID) {
					raw, err := json.Marshal(m)
					if err != nil {
						t.Fatal(err)
					}
					if strings.Contains(string(raw), words) {
						n++
					}
				}
			}
			return n
		}
		say(sandbox.Primary, "general", "declare documents are not read sev2")
		room := ""
		for _, c := range w.sandbox.Workspace.Channels() {
			if strings.Contains(c.Name, "documents") {
				room = c.ID
			}
		}
		say(sandbox.Primary, room, "runbook RB-003")
		say(sandbox.Primary, room, "runbook set topic=kyc-requests")
		say(sandbox.Primary, room, "step open RB-003 purge")
		say(sandbox.CTO, "general", "INC-1 step approve RB-003 purge the copy is whole")
		if n := said("is locked again"); n > 0 {
			t.Fatalf("locked again %d times, and nothing changed", n)
		}
		say(sandbox.Primary, room, "runbook set topic=aml-requests")
		for words, want := range map[string]int{"is locked again, its command has changed": 1, "is another command now": 1, "topic=kyc-requests": 3} { // of the last: the card, the room, the message
			if n := said(words); n < want {
				t.Errorf("%q is said %d times, want %d", words, n, want)
			}
		}
	})
}

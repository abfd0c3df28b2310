package bot_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tocsin-bot/tocsin/bot/sandbox"
	"github.com/tocsin-bot/tocsin/runbooks"
)

// TestAnIncidentKeepsItsRevision edits the folder underneath a running bot: the incident that is open walks on in the revision it began with, also
// after the file is gone; one that begins after the edit has the new one; one that begins while the file is broken has the last good one, and the
// form says that something is wrong. A bot that starts over a broken file works with the others.
func TestAnIncidentKeepsItsRevision(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "rb-942-queue.md")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	source := func(command string) string {
		t.Helper()
		src, err := runbooks.Skeleton("RB-942", "The queue stands", "en", time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC))
		if err != nil {
			t.Fatal(err)
		}
		text := string(src)
		i := strings.Index(text, "```sh\n")
		return text[:i] + "```sh\n" + command + "\n" + text[i+len("```sh\n"):]
	}
	write(source("echo first-revision"))
	synctest.Test(t, func(t *testing.T) {
		w := newBubble(t, nil)
		defer w.end()
		o := w.options()
		o.Runbooks = dir
		b := w.start(o)
		who := w.as(sandbox.Primary)
		say := func(channel, text string) {
			t.Helper()
			if _, err := who.Command(t.Context(), channel, "/incident", text); err != nil {
				t.Fatal(err)
			}
			after(3 * time.Second)
		}
		open := func(title string) (room string) {
			t.Helper()
			say("general", "declare "+title+" sev3")
			for _, c := range w.sandbox.Workspace.Channels() {
				if strings.HasSuffix(c.Name, "-"+title) {
					say(c.ID, "runbook RB-942")
					return c.ID
				}
			}
			t.Fatalf("no room for %s", title)
			return ""
		}
		shows := func(room, words string, want bool) {
			t.Helper()
			var all strings.Builder
			for _, m := range w.sandbox.Workspace.Messages(room) {
				raw, err := json.Marshal(m)
				if err != nil {
					t.Fatal(err)
				}
				all.Write(raw)
			}
			if strings.Contains(all.String(), words) != want {
				t.Errorf("the room shows %q: want %v", words, want)
			}
		}
		one := open("one")
		shows(one, "first-revision", true)
		write(source("echo second-revision-of-it"))
		after(31 * time.Second)
		two := open("two")
		shows(two, "second-revision", true)
		say(one, "status") // the card is drawn from the revision of the log, whatever is in use now
		say(one, "step take 1")
		shows(one, "first-revision", true)
		shows(one, "second-revision", false)
		write(source("echo third")[:200])
		after(31 * time.Second)
		shows(open("three"), "second-revision", true)
		say(two, "runbook")
		if forms, err := json.Marshal(w.sandbox.Workspace.Views(who.ID())); err != nil || !strings.Contains(string(forms), "rb-942-queue.md") {
			t.Errorf("the form does not say what is wrong: %v %s", err, forms)
		}
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
		after(31 * time.Second)
		say(one, "step take 1")
		shows(one, "first-revision", true)
		w.stop(b)

		write("---\nid: RB-942\n---\n")
		o.Owner = "again"
		b = w.start(o)
		defer w.stop(b)
		after(time.Second)
		say(one, "step take 1")
		shows(one, "first-revision", true)
		say("general", "declare four sev3")
		if !strings.Contains(w.logs.String(), "the others are in use") {
			t.Error("nobody is told of the broken file")
		}
	})
}

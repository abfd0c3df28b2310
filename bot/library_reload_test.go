package bot

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/tocsin-bot/tocsin/runbooks"
)

// TestAChangedFolderIsTakenUp edits the folder underneath: a good edit counts at the next look, a broken one leaves the last good revision and is
// said once, and what was chosen before the edit can still be stored.
func TestAChangedFolderIsTakenUp(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "rb-942-x.md")
	put := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	source := func(title string) string {
		src, err := runbooks.Skeleton("RB-942", title, "en", time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC))
		if err != nil {
			t.Fatal(err)
		}
		return string(src)
	}
	put(source("First"))
	c, err := Runbooks(dir)
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	b := &Bot{library: newLibrary(c, dir), log: zerolog.New(&log)}
	again := func() {
		t.Helper()
		if err := b.rereadRunbooks(t.Context(), time.Time{}); err != nil {
			t.Fatal(err)
		}
	}
	called := func() string { r, _ := b.library.ByID("RB-942", "en"); return r.Title }
	again()
	if log.Len() > 0 {
		t.Errorf("nothing had changed: %s", log.String())
	}
	first, _ := b.library.ByID("RB-942", "en")
	put(source("The second"))
	again()
	if called() != "The second" || b.runbooksReady() != nil {
		t.Errorf("%q %v", called(), b.runbooksReady())
	}
	if src, ok := b.library.Source(first.Digest); !ok || string(src) != first.Source {
		t.Error("the revision chosen before the edit cannot be stored")
	}
	put("---\nid: RB-942\n---\nbroken, by whoever edits it")
	log.Reset()
	again()
	again()
	if called() != "The second" || b.runbooksReady() == nil || strings.Count(log.String(), "\n") != 1 {
		t.Errorf("%q %v\n%s", called(), b.runbooksReady(), log.String())
	}
	put(source("A third one"))
	again()
	if called() != "A third one" || b.runbooksReady() != nil {
		t.Errorf("%q %v", called(), b.runbooksReady())
	}
}

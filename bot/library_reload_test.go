package bot

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/tocsin-bot/tocsin/runbooks"
)

// shelfOf is a library of a folder, what it logs, and a look at the folder.
func shelfOf(t *testing.T, dir string) (b *Bot, log *strings.Builder, again func()) {
	t.Helper()
	c, err := Runbooks(dir)
	if err != nil {
		t.Fatal(err)
	}
	log = &strings.Builder{}
	b = &Bot{library: newLibrary(c, dir), log: zerolog.New(log)}
	return b, log, func() {
		t.Helper()
		if err := b.rereadRunbooks(t.Context(), time.Time{}); err != nil {
			t.Fatal(err)
		}
	}
}

// runbookText is a runbook that loads.
func runbookText(t *testing.T, id, title, lang string) string {
	t.Helper()
	src, err := runbooks.Skeleton(id, title, lang, time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	return string(src)
}

func put(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestABrokenFileHoldsUpNobodyElse: of a folder with one broken file every other edit counts, and the broken one's last good revision stays, whatever
// is wrong with it. A file that is mended or taken away is over with; a broken one that nobody knew before leaves the built-in one in use.
func TestABrokenFileHoldsUpNobodyElse(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("---\nid: hunter2\n---\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, breakIt := range map[string]func(t *testing.T, dir, file string){
		"half written": func(t *testing.T, dir, file string) {
			text := runbookText(t, "RB-942", "Half", "en")
			put(t, dir, file, text[:len(text)/2])
		},
		"huge":   func(t *testing.T, dir, file string) { put(t, dir, file, strings.Repeat("x", 3<<20)) },
		"binary": func(t *testing.T, dir, file string) { put(t, dir, file, "\x7fELF\x02\x01\x00\xff\xfe") },
		"a folder": func(t *testing.T, dir, file string) {
			_ = os.Remove(filepath.Join(dir, file))
			if err := os.Mkdir(filepath.Join(dir, file), 0o700); err != nil {
				t.Fatal(err)
			}
		},
		"a link out of the folder": func(t *testing.T, dir, file string) {
			_ = os.Remove(filepath.Join(dir, file))
			if err := os.Symlink(secret, filepath.Join(dir, file)); err != nil {
				t.Fatal(err)
			}
		},
		"a link to nothing": func(t *testing.T, dir, file string) {
			_ = os.Remove(filepath.Join(dir, file))
			if err := os.Symlink("none.md", filepath.Join(dir, file)); err != nil {
				t.Fatal(err)
			}
		},
		"renamed and broken": func(t *testing.T, dir, file string) {
			_ = os.Remove(filepath.Join(dir, file))
			put(t, dir, "rb-942-another-name.md", "---\nid: RB-942\n---\n")
		},
		"another id": func(t *testing.T, dir, file string) {
			put(t, dir, file, runbookText(t, "RB-777", "Not this one", "en"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			put(t, dir, "rb-942-x.md", runbookText(t, "RB-942", "First", "en"))
			put(t, dir, "rb-943-y.md", runbookText(t, "RB-943", "Other", "en"))
			b, log, again := shelfOf(t, dir)
			called := func(id string) string { r, _ := b.library.ByID(id, "en"); return r.Title }
			breakIt(t, dir, "rb-942-x.md")
			put(t, dir, "rb-943-y.md", runbookText(t, "RB-943", "The other, edited", "en"))
			breakIt(t, dir, "rb-001-ours.md") // never was good
			again()
			again()
			if called("RB-942") != "First" || called("RB-943") != "The other, edited" {
				t.Errorf("%q, %q", called("RB-942"), called("RB-943"))
			}
			if r, _ := b.library.ByID("RB-001", "en"); r.Layer != runbooks.EmbeddedLayer {
				t.Errorf("RB-001 is of %s", r.File)
			}
			if n := strings.Count(log.String(), "\n"); n != 1 || !strings.Contains(log.String(), `"kept":["RB-942 en"]`) {
				t.Errorf("said %d times:\n%s", n, log.String())
			}
			if err := b.runbooksReady(); err == nil || strings.Contains(err.Error()+log.String(), "hunter2") {
				t.Errorf("readiness says %v", err)
			}
			// Another edit beside it: the broken one is still kept, and said again.
			put(t, dir, "rb-943-y.md", runbookText(t, "RB-943", "Once more", "en"))
			again()
			if called("RB-942") != "First" || called("RB-943") != "Once more" || strings.Count(log.String(), "\n") != 2 {
				t.Errorf("%q, %q\n%s", called("RB-942"), called("RB-943"), log.String())
			}
			for _, f := range []string{"rb-942-x.md", "rb-942-another-name.md", "rb-001-ours.md"} {
				if err := os.RemoveAll(filepath.Join(dir, f)); err != nil {
					t.Fatal(err)
				}
			}
			again()
			if _, there := b.library.ByID("RB-942", "en"); there || b.runbooksReady() != nil {
				t.Errorf("taken away, and still there: %v %v", there, b.runbooksReady())
			}
		})
	}
}

// TestAFolderIsSwapped as Kubernetes swaps a ConfigMap (everything is a link through ..data) and as a deployment swaps a checkout (the folder is a
// link): the new files count as a whole. A folder that is gone for a moment takes nothing away.
func TestAFolderIsSwapped(t *testing.T) {
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	swap := func(to, link string) {
		must(os.Symlink(to, link+".new"))
		must(os.Rename(link+".new", link))
	}
	version := func(dir, title string) {
		must(os.MkdirAll(filepath.Join(dir, "fr"), 0o700))
		put(t, dir, "rb-942-x.md", runbookText(t, "RB-942", title, "en"))
		put(t, filepath.Join(dir, "fr"), "rb-942-x.md", runbookText(t, "RB-942", title+" (fr)", "fr"))
	}
	for name, lay := range map[string]func(base string) (dir, link string){
		"ConfigMap": func(base string) (string, string) {
			dir := filepath.Join(base, "mounted")
			must(os.Mkdir(dir, 0o700))
			for _, v := range []string{"one", "two"} {
				version(filepath.Join(dir, ".."+v), v)
			}
			must(os.Symlink("..one", filepath.Join(dir, "..data")))
			must(os.Symlink(filepath.Join("..data", "rb-942-x.md"), filepath.Join(dir, "rb-942-x.md")))
			must(os.Symlink(filepath.Join("..data", "fr"), filepath.Join(dir, "fr")))
			return dir, filepath.Join(dir, "..data")
		},
		"checkout": func(base string) (string, string) {
			for _, v := range []string{"one", "two"} {
				version(filepath.Join(base, ".."+v), v)
				for _, f := range []string{"rb-942-x.md", filepath.Join("fr", "rb-942-x.md")} { // of one moment, as a coarse clock writes them
					must(os.Chtimes(filepath.Join(base, ".."+v, f), time.Time{}, time.Unix(1_800_000_000, 0)))
				}
			}
			must(os.Symlink("..one", filepath.Join(base, "current")))
			return filepath.Join(base, "current"), filepath.Join(base, "current")
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir, link := lay(t.TempDir())
			b, log, again := shelfOf(t, dir)
			called := func() string {
				en, _ := b.library.ByID("RB-942", "en")
				fr, _ := b.library.ByID("RB-942", "fr")
				return en.Title + ", " + fr.Title
			}
			if called() != "one, one (fr)" {
				t.Fatal(called())
			}
			swap("..two", link)
			again()
			if called() != "two, two (fr)" || b.runbooksReady() != nil {
				t.Errorf("%s %v\n%s", called(), b.runbooksReady(), log)
			}
			swap("..nowhere", link)
			again()
			if called() != "two, two (fr)" || b.runbooksReady() == nil {
				t.Errorf("the folder is gone: %s %v\n%s", called(), b.runbooksReady(), log)
			}
			swap("..one", link)
			again()
			if called() != "one, one (fr)" || b.runbooksReady() != nil {
				t.Errorf("%s %v\n%s", called(), b.runbooksReady(), log)
			}
		})
	}
}

// TestAThousandRunbooks: a large folder is taken up, and a thousand broken files are said in few words.
func TestAThousandRunbooks(t *testing.T) {
	dir := t.TempDir()
	text := runbookText(t, "RB-900", "One of many", "en")
	fill := func(text string) {
		for i := range 1000 {
			id := fmt.Sprintf("rb-%d", 10000+i)
			put(t, dir, id+".md", strings.ReplaceAll(text, "RB-900", strings.ToUpper(id)))
		}
	}
	b, log, again := shelfOf(t, dir)
	fill(text)
	again()
	if n := len(b.library.IDs()); n < 1000 || b.runbooksReady() != nil {
		t.Fatalf("%d runbooks, %v", n, b.runbooksReady())
	}
	log.Reset()
	fill(strings.Replace(text, "severity:", "severty:", 1))
	again()
	if n := len(b.library.IDs()); n < 1000 || log.Len() > 32<<10 || len(b.runbooksReady().Error()) > 16<<10 {
		t.Errorf("%d runbooks; %d bytes are logged, readiness says %d", n, log.Len(), len(b.runbooksReady().Error()))
	}
}

// TestAChangedFolderIsTakenUp edits the folder underneath: a good edit counts at the next look, a broken one leaves the last good revision and is
// said once, and what was chosen before the edit can still be stored.
func TestAChangedFolderIsTakenUp(t *testing.T) {
	dir := t.TempDir()
	edit := func(text string) { t.Helper(); put(t, dir, "rb-942-x.md", text) }
	source := func(title string) string { t.Helper(); return runbookText(t, "RB-942", title, "en") }
	edit(source("First"))
	b, log, again := shelfOf(t, dir)
	called := func() string { r, _ := b.library.ByID("RB-942", "en"); return r.Title }
	again()
	if log.Len() > 0 {
		t.Errorf("nothing had changed: %s", log.String())
	}
	first, _ := b.library.ByID("RB-942", "en")
	edit(source("The second"))
	again()
	if called() != "The second" || b.runbooksReady() != nil {
		t.Errorf("%q %v", called(), b.runbooksReady())
	}
	if src, ok := b.library.Source(first.Digest); !ok || string(src) != first.Source {
		t.Error("the revision chosen before the edit cannot be stored")
	}
	edit("---\nid: RB-942\n---\nbroken, by whoever edits it")
	log.Reset()
	again()
	again()
	if called() != "The second" || b.runbooksReady() == nil || strings.Count(log.String(), "\n") != 1 {
		t.Errorf("%q %v\n%s", called(), b.runbooksReady(), log.String())
	}
	edit(source("A third one"))
	again()
	if called() != "A third one" || b.runbooksReady() != nil {
		t.Errorf("%q %v", called(), b.runbooksReady())
	}
}

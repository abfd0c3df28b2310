package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/runbooks"
)

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// skeleton is a runbook that loads, reviewed on a day.
func skeleton(t *testing.T, id, title, lang string, reviewed time.Time) string {
	t.Helper()
	src, err := runbooks.Skeleton(id, title, lang, reviewed)
	if err != nil {
		t.Fatal(err)
	}
	return string(src)
}

func TestRunbooksList(t *testing.T) {
	quietly(t)
	dir := t.TempDir()
	write(t, filepath.Join(dir, "rb-942-x.md"), skeleton(t, "RB-942", "Queue stuck", "en", time.Now().AddDate(0, 0, -93)))
	write(t, filepath.Join(dir, "fr", "rb-003-x.md"), skeleton(t, "RB-003", "Le nôtre", "fr", time.Now()))
	for lang, want := range map[string][]string{
		catalog.English: {"RB-003", "Kafka consumer lag grows", "KafkaConsumerLagHigh", "built in", "Queue stuck", "OVERDUE 1 d", "1 review is overdue.", filepath.Join(dir, "rb-942-x.md")},
		catalog.French:  {"RB-003", "Le nôtre", "fourni", "Queue stuck (en)", "EN RETARD 1 j", "1 relecture est en retard."},
	} {
		out, errs, code := said(t, "runbooks", "list", "--runbooks", dir, "--language", lang)
		if code != 0 || errs != "" {
			t.Fatalf("status %d %s", code, errs)
		}
		for _, w := range want {
			if !strings.Contains(out, w) {
				t.Errorf("%s: no %q in\n%s", lang, w, out)
			}
		}
		if lang == catalog.French && strings.Contains(out, "Le retard d’un consommateur Kafka") {
			t.Errorf("the replaced one is listed:\n%s", out)
		}
	}
}

func TestRunbooksLint(t *testing.T) {
	quietly(t)
	if out, errs, code := said(t, "runbooks", "lint"); code != 0 || errs != "" || !strings.Contains(out, "nothing to mend") {
		t.Errorf("the built-in ones: status %d\n%s%s", code, out, errs)
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "rb-942-x.md"), strings.Replace(skeleton(t, "RB-942", "Queue stuck", "en", time.Now()), "[step 2](#restart)", "[step 2](#gone)", 1))
	write(t, filepath.Join(dir, "rb-943-x.md"), "---\nid: RB-943\n---\n")
	out, _, code := said(t, "runbooks", "lint", "--runbooks", dir)
	for _, w := range []string{filepath.Join(dir, "rb-942-x.md") + ":40: dead-branch: ", filepath.Join(dir, "rb-943-x.md") + ":", "runbook-without-alert: ", "findings."} {
		if !strings.Contains(out, w) {
			t.Errorf("no %q in\n%s", w, out)
		}
	}
	if code != failed {
		t.Errorf("status %d", code)
	}
	// check says the same.
	checked, _, code := said(t, "check", "--runbooks", dir)
	if code != failed {
		t.Errorf("check: status %d", code)
	}
	for _, l := range strings.Split(strings.TrimSpace(out), "\n") {
		if strings.HasPrefix(l, dir) && !strings.Contains(checked, l) {
			t.Errorf("check does not say %q:\n%s", l, checked)
		}
	}
	// With a policy of its own, alerts that no runbook is for are findings.
	policy, _, _ := said(t, "policy", "example")
	config := filepath.Join(t.TempDir(), "policy.yaml")
	write(t, config, policy+"\n")
	if out, errs, code := said(t, "runbooks", "lint", "--config", config); code != failed || !strings.Contains(out, "alert-without-runbook: ") {
		t.Errorf("with a policy: status %d\n%s%s", code, out, errs)
	}
}

// TestRunbooksShowKeepsCommands wants every command of every runbook in what is printed, byte for byte and at the left margin: what is copied
// from the terminal must run.
func TestRunbooksShowKeepsCommands(t *testing.T) {
	quietly(t)
	c, err := runbooks.Default()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range c.All() {
		out, errs, code := said(t, "runbooks", "show", strings.ToLower(r.ID), "--language", r.Language)
		if code != 0 || errs != "" {
			t.Fatalf("%s: status %d %s", r.ID, code, errs)
		}
		for _, s := range r.Steps {
			if !strings.Contains(out, title(r, s)) {
				t.Errorf("%s %s: no %q", r.ID, r.Language, title(r, s))
			}
			for _, x := range s.Commands {
				if !strings.Contains(out, "\n```"+x.Language+"\n"+x.Code+"\n```\n") {
					t.Errorf("%s %s step %d: the command is not intact", r.ID, r.Language, s.Number)
				}
			}
			for _, b := range s.Branches {
				if !strings.Contains(out, ". "+b.Finding+" → ") {
					t.Errorf("%s %s step %d: no branch %q", r.ID, r.Language, s.Number, b.Finding)
				}
			}
			for _, k := range s.Clocks {
				if !strings.Contains(strings.Join(strings.Fields(out), " "), strings.Join(strings.Fields(k.What), " ")) {
					t.Errorf("%s %s step %d: no clock %q", r.ID, r.Language, s.Number, k.What)
				}
			}
		}
		if strings.Contains(out, "cli.rb.") || strings.Contains(out, "{n}") {
			t.Errorf("%s: a message is missing\n%s", r.ID, out)
		}
	}
	if _, errs, code := said(t, "runbooks", "show", "RB-999"); code != failed || !strings.Contains(errs, "tocsin runbooks list") {
		t.Errorf("an unknown one: status %d %s", code, errs)
	}
}

func TestRunbooksNew(t *testing.T) {
	quietly(t)
	dir := t.TempDir()
	out, errs, code := said(t, "runbooks", "new", "rb-042", "File d'attente saturée", "--language", "fr", "--runbooks", dir)
	file := filepath.Join(dir, "rb-042-file-d-attente-saturee.md")
	src, err := os.ReadFile(file)
	if code != 0 || err != nil || !strings.Contains(out, file) || !strings.Contains(string(src), "title: 'File d''attente saturée'") {
		t.Fatalf("status %d %v %s\n%s", code, err, errs, out)
	}
	// Not again, under whatever title.
	for _, again := range []string{"File d'attente saturée", "Autre"} {
		if _, errs, code := said(t, "runbooks", "new", "RB-042", again, "--language", "fr", "--runbooks", dir); code != failed || !strings.Contains(errs, file) {
			t.Errorf("again: status %d %s", code, errs)
		}
	}
	// A file that is no runbook is not written over either.
	write(t, filepath.Join(dir, "rb-050-note.md"), "mine")
	if _, errs, code := said(t, "runbooks", "new", "RB-050", "Note", "--runbooks", dir); code != failed || !strings.Contains(errs, "rb-050-note.md") {
		t.Errorf("status %d %s", code, errs)
	}
	if kept, _ := os.ReadFile(filepath.Join(dir, "rb-050-note.md")); string(kept) != "mine" {
		t.Errorf("it was written over: %q", kept)
	}
	both := t.TempDir()
	if out, errs, code := said(t, "runbooks", "new", "RB-003", "Ours", "--both", "--runbooks", both); code != 0 || !strings.Contains(out, "replaces the built-in RB-003") {
		t.Errorf("both: status %d %s%s", code, out, errs)
	}
	out, _, _ = said(t, "runbooks", "lint", "--runbooks", both)
	for _, l := range strings.Split(strings.TrimSpace(out), "\n") {
		if strings.HasPrefix(l, both) && !strings.Contains(l, "runbook-without-alert") {
			t.Errorf("the skeleton does not lint clean: %s", l)
		}
	}
	for _, bad := range [][]string{{"RB", "x"}, {"RB-042", "see [x](y)"}, {"RB-043", ""}} {
		if _, errs, code := said(t, "runbooks", "new", bad[0], bad[1], "--runbooks", t.TempDir()); code != failed || errs == "" {
			t.Errorf("%q: status %d %s", bad, code, errs)
		}
	}
	if _, errs, code := said(t, "runbooks", "new", "RB-044", "x", "--runbooks", filepath.Join(dir, "none")); code != failed || !strings.Contains(errs, "none") {
		t.Errorf("a folder that is not there: status %d %s", code, errs)
	}
}

// A finding that leads into another runbook names the step there: whoever reads this on paper has nothing to press.
func TestRunbooksShowNamesAnotherRunbooksStep(t *testing.T) {
	quietly(t)
	for lang, want := range map[string]string{
		catalog.English: "→ RB-001 step 9, Did it begin with a deployment?",
		catalog.French:  "→ RB-001 étape 9, Un déploiement en est-il l’origine ?",
	} {
		out, errs, code := said(t, "runbooks", "show", "RB-003", "--language", lang)
		out = strings.ReplaceAll(out, "\u00a0", " ")
		if code != 0 || errs != "" || !strings.Contains(out, want) || !strings.Contains(out, "→ RB-004\n") {
			t.Errorf("status %d %s, no %q in\n%s", code, errs, want, out)
		}
	}
}

package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/timeline"
	"github.com/tocsin-bot/tocsin/runbooks"
)

func TestUsageTable(t *testing.T) {
	quietly(t)
	cat, err := runbooks.Default()
	if err != nil {
		t.Fatal(err)
	}
	r, _ := cat.ByID("RB-003", "en")
	all := []timeline.RunbookUsage{{Runbook: "RB-003", Incidents: 2, Steps: []timeline.StepUsage{
		{ID: r.Steps[0].ID, Title: "as it was", Number: 1, Minutes: 2, Done: 2, Blocked: 1, Findings: 1, Over: 1, Timed: 2, Median: 150 * time.Second},
		{ID: "gone", Title: "Gone now", Skipped: 1},
	}}}
	for lang, want := range map[string][]string{
		catalog.English: {"RB-003 · " + r.Title + ": 2 incidents since 2026-08-24", "MEDIAN MIN", "1     2     0        1        1          1       2.5         2", r.Steps[0].Title, "-     0     1        0        0          0       -           -", "Gone now"},
		catalog.French:  {"2 incidents depuis le 2026-08-24", "2,5", "Gone now"},
	} {
		var out bytes.Buffer
		e := &env{out: &out, lang: lang}
		u := append([]timeline.RunbookUsage{}, all...)
		u[0].Steps = append([]timeline.StepUsage{}, all[0].Steps...)
		titled(&u[0], cat, lang)
		if err := e.usage(u, cat, time.Date(2026, 8, 24, 9, 0, 0, 0, time.UTC)); err != nil {
			t.Fatal(err)
		}
		for _, w := range want {
			if !strings.Contains(out.String(), w) {
				t.Errorf("%s: no %q in\n%s", lang, w, out.String())
			}
		}
		if strings.Contains(out.String(), "as it was") {
			t.Errorf("%s: a step has its old title:\n%s", lang, out.String())
		}
	}
	if _, errs, code := said(t, "runbooks", "usage", "--since", "2y"); code != failed || errs == "" {
		t.Errorf("a bad span: status %d %s", code, errs)
	}
	if _, errs, code := said(t, "runbooks", "usage", "--data-dir", t.TempDir()+"/none"); code != failed || errs == "" {
		t.Errorf("no data: status %d %s", code, errs)
	}
}

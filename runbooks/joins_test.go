package runbooks

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// What a runbook waits for is read in the order of the names, and bounded; the built-in one of a lost data centre waits for the nightly backup.
func TestJoins(t *testing.T) {
	src, err := Skeleton("RB-900", "Something", "en", time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	file := func(joins string) string {
		return strings.Replace(string(src), "services: []\n", "services: []\njoins: "+joins+"\n", 1)
	}
	for joins, want := range map[string]string{
		"{B: 24h, A: 30m}": "[{A 30m0s} {B 24h0m0s}]",
		"{A: 7d}":          "[{A 168h0m0s}]",
		"{}":               "[]",
		"{A: 8d}":          "joins",
		"{A: 0h}":          "joins",
		"{A: soon}":        "joins",
		"[A]":              "joins",
		"A":                "joins",
	} {
		r, err := Parse("rb-900.md", []byte(file(joins)))
		switch {
		case err != nil && !strings.Contains(err.Error(), want):
			t.Errorf("%s: %v", joins, err)
		case err == nil && fmt.Sprint(r.Joins) != want:
			t.Errorf("%s: %v, want %s", joins, r.Joins, want)
		}
	}
	c, err := Load(Embedded())
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range Languages() {
		if r, ok := c.ByID("RB-017", lang); !ok || fmt.Sprint(r.Joins) != "[{BackupFailed 24h0m0s} {BackupMissing 24h0m0s}]" {
			t.Errorf("%s: %v", lang, r.Joins)
		}
	}
}

// The alerts that fire when a clock's time has passed already say so: as long as their own rules wait.
func TestSpent(t *testing.T) {
	c, err := Load(Embedded())
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]string{"RB-002": "delayed-webhook [{KycCaseDelayed 10m0s}]", "RB-006": "unavailable-4h [{IdesUnavailable 4h0m0s}]", "RB-010": "queueing-critical [{LicenseLimitReached 2h0m0s}]"} {
		for _, lang := range Languages() {
			r, _ := c.ByID(id, lang)
			var got []string
			for _, x := range r.Clocks() {
				if len(x.Spent) > 0 {
					got = append(got, fmt.Sprint(x.ID, " ", x.Spent))
					if x.Spent[0].Within != x.Offset {
						t.Errorf("%s %s: %s has used %s of %s", id, lang, x.Spent[0].Alert, x.Spent[0].Within, x.Offset)
					}
				}
			}
			if strings.Join(got, ", ") != want {
				t.Errorf("%s %s: %q, want %q", id, lang, got, want)
			}
		}
	}
}

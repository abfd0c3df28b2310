package runbooks

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// A step's card cuts what is longer than this (the constants of bot/view's step card). A runbook of ours is written so that nothing is cut.
const (
	cardProse, cardProseLines     = 1200, 25
	cardIntro, cardIntroLines     = 700, 12 // the card shows 1200 on 20: what is longer is not read before the first step
	cardCommandLines              = 40      // more is no reading at night
	cardCommands, cardWarnings    = 4, 4
	cardWarning, cardWarningLines = 400, 6
	cardLook, cardLookLines       = 800, 12
	cardBranches                  = 8
)

func TestStepsFitTheirCard(t *testing.T) {
	for _, r := range mustDefault(t).All() {
		if n, lines := utf8.RuneCountInString(Marked(r.Intro)), strings.Count(Marked(r.Intro), "\n")+1; n > cardIntro || lines > cardIntroLines {
			t.Errorf("%s: the introduction has %d characters on %d lines, it may have %d on %d", r.File, n, lines, cardIntro, cardIntroLines)
		}
		for _, s := range r.Steps {
			fits := func(what, text string, runes, lines int) {
				t.Helper()
				if n := utf8.RuneCountInString(text); n > runes {
					t.Errorf("%s:%d: %s of %s has %d characters, its card shows %d", r.File, s.Line, what, s.ID, n, runes)
				}
				if n := strings.Count(text, "\n") + 1; n > lines {
					t.Errorf("%s:%d: %s of %s has %d lines, its card shows %d", r.File, s.Line, what, s.ID, n, lines)
				}
			}
			fits("the prose", Marked(s.Prose), cardProse, cardProseLines)
			fits("what to look for", Marked(s.LookFor), cardLook, cardLookLines)
			for _, w := range s.Warnings {
				fits("a warning", Marked(w), cardWarning, cardWarningLines)
			}
			for _, c := range s.Commands {
				fits("a command", c.Code, MaxCommand, cardCommandLines)
			}
			if len(s.Warnings) > cardWarnings || len(s.Commands) > cardCommands || len(s.Branches) > cardBranches {
				t.Errorf("%s:%d: %s has %d warnings, %d commands, %d findings", r.File, s.Line, s.ID, len(s.Warnings), len(s.Commands), len(s.Branches))
			}
		}
	}
}

// TestQueriesSayWhereTheyRun: a step's card stands alone, so every step with SQL, PromQL or TraceQL says where it is typed.
func TestQueriesSayWhereTheyRun(t *testing.T) {
	for _, r := range mustDefault(t).All() {
		for _, s := range r.Steps {
			for _, c := range s.Commands {
				if c.Language == "sql" && !strings.Contains(s.Prose, "psql") {
					t.Errorf("%s:%d: step %s has SQL and does not say where it is typed", r.File, s.Line, s.ID)
				}
				if (c.Language == "promql" || c.Language == "traceql") && !strings.Contains(s.Prose, "Grafana") {
					t.Errorf("%s:%d: step %s has a query and does not say where it is typed", r.File, s.Line, s.ID)
				}
			}
		}
	}
}

func TestMarkedKeepsCodeApart(t *testing.T) {
	for in, want := range map[string]string{
		"run `rm -rf x` **now**, see [it](a.md)": "run `rm -rf x` now, see it",
		"a \\` of the text":                      "a ˋ of the text",
		"`` a`b ``":                              "`aˋb`",
		"- `one`\n- two":                         "- `one`\n- two",
	} {
		if got := Marked(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

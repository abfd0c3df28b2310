package runbooks

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// A step's card cuts what is longer than this (the constants of bot/view's step card). A runbook of ours is written so that nothing is cut.
const (
	cardProse, cardProseLines     = 1200, 25
	cardCommand, cardCommandLines = 1500, 40
	cardCommands, cardWarnings    = 4, 4
	cardWarning, cardWarningLines = 400, 6
	cardLook, cardLookLines       = 800, 12
	cardBranches                  = 8
)

func TestStepsFitTheirCard(t *testing.T) {
	for _, r := range mustDefault(t).All() {
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
			fits("the prose", Mrkdwn(s.Prose), cardProse, cardProseLines)
			fits("what to look for", Mrkdwn(s.LookFor), cardLook, cardLookLines)
			for _, w := range s.Warnings {
				fits("a warning", Mrkdwn(w), cardWarning, cardWarningLines)
			}
			for _, c := range s.Commands {
				fits("a command", c.Code, cardCommand, cardCommandLines)
			}
			if len(s.Warnings) > cardWarnings || len(s.Commands) > cardCommands || len(s.Branches) > cardBranches {
				t.Errorf("%s:%d: %s has %d warnings, %d commands, %d findings", r.File, s.Line, s.ID, len(s.Warnings), len(s.Commands), len(s.Branches))
			}
		}
	}
}

package policy

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/tocsin-bot/tocsin/bot/catalog"
)

// unreadables are files that are no YAML, or bend what is read of its text alone.
var unreadables = []struct{ name, old, new string }{
	{"a list not closed", "version: 1", "version: [1"},
	{"a mapping not closed", "targets: [lead]", "targets: {a: b"},
	{"a tab", "version: 1", "version: 1\n\tzone: UTC"},
	{"a quote not closed", "version: 1", "version: 1\nzone: \"UTC"},
	{"an escape", "version: 1", "version: 1\nzone: \"\\q\""},
	{"a second colon", "version: 1", "version: 1\nzone: a: b"},
	{"a dash", "version: 1", "version: 1\nzone: - a"},
	{"a dash beside names", "version: 1", "version: 1\n- a"},
	{"no colon", "version: 1", "version: 1\nzone"},
	{"indented", "version: 1", "version: 1\n zone: x"},
	{"a sign", "version: 1", "version: 1\nzone: @x"},
	{"an alias of nothing", "version: 1", "version: 1\nzone: *x"},
	{"a tag", "version: 1", "version: 1\nzone: !<x y"},
	{"a directive", "version: 1", "%WHAT\nversion: 1"},
	{"a control character", "version: 1", "version: 1\nzone: \x01"},
	{"not UTF-8", "version: 1", "version: 1\nzone: \xff"},
	{"deep", "version: 1", "version: " + strings.Repeat("[", 20000)},
	{"two documents", "version: 1", "version: 1\n---\nversion: 1"},
	{"empty", small, ""},
	{"a list", small, "- a"},
	{"a calendar's zone", "version: 1", "version: 1\ncalendar: o\ncalendars: {o: {zone: Mars, hours: \"09:00-18:00\"}}"},
	{"a calendar's machine zone", "version: 1", "version: 1\ncalendar: o\ncalendars: {o: {zone: Local, hours: \"09:00-18:00\"}}"},
	{"hours that overlap", "version: 1", "version: 1\ncalendar: o\ncalendars: {o: {zone: UTC, hours: [\"09:00-18:00\", \"17:00-19:00\"]}}"},
	{"night", "version: 1", "version: 1\ncalendar: o\ncalendars: {o: {zone: UTC, hours: \"09:00-18:00\", night: late}}"},
}

// badPolicy is a file that is refused.
type badPolicy struct{ name, src string }

func badPolicies() []badPolicy {
	var out []badPolicy
	for _, c := range faultCases {
		out = append(out, badPolicy{c.name, strings.Replace(small, c.old, c.new, 1)})
	}
	for _, c := range rotationCases {
		out = append(out, badPolicy{"rotation: " + c.name, strings.Replace(rotated, c.old, c.new, 1)})
	}
	for _, c := range unreadables {
		out = append(out, badPolicy{c.name, strings.Replace(small, c.old, c.new, 1)})
	}
	return out
}

// What stands as the file, the program or its quotation has it in every language: what is quoted, file, line and field, names after "known
// here", examples and names of keys.
var asItStands = regexp.MustCompile("«[^»]*»|\"[^\"]*\"|`[^`]*`|^p\\.yaml(:\\d+)?\u00a0: ([a-zA-Z0-9_.\\[\\]/-]+\u00a0: )?|(connus?|connues?|connus ici|écrivez l'un de|parmi)\u00a0: [^;]*")

// english are words that French sentences do not have.
var english = regexp.MustCompile(`(?i)(^|[^\pL_])(the|is|not|and|of|or|write|found|did|expected|missing|unknown|are|it|its|there|this|that|with|for|must|value|character|like|invalid|cannot|name|nobody|would|error)([^\pL_]|$)`)

// TestEveryBadPolicyInBothLanguages holds what is said of every file that is refused, word for word; that it is said once; and that the French
// has no English tail, neither of the YAML reader nor of a library.
func TestEveryBadPolicyInBothLanguages(t *testing.T) {
	for _, lang := range catalog.Languages() {
		var b strings.Builder
		for _, c := range badPolicies() {
			_, err := Parse("p.yaml", []byte(c.src))
			var faults Faults
			if !errors.As(err, &faults) {
				t.Fatalf("%s: taken, with error %v", c.name, err)
			}
			fmt.Fprintf(&b, "%s\n", c.name)
			places := map[string]bool{}
			for _, f := range faults {
				line := f.In(lang)
				if place := fmt.Sprint(f.Line, f.Field); f.Field != "" && places[place] {
					t.Errorf("%s: %s is said to be wrong twice:\n%v", c.name, f.Field, faults)
				} else {
					places[place] = true
				}
				fmt.Fprintf(&b, "  %s\n", line)
				if w := english.FindString(asItStands.ReplaceAllString(line, "")); lang == catalog.French && w != "" {
					t.Errorf("%s: %q in %q", c.name, w, line)
				}
			}
		}
		name := "testdata/faults." + lang + ".txt"
		if *update {
			if err := os.WriteFile(name, []byte(b.String()), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		got := strings.Split(b.String(), "\n")
		for i, w := range strings.Split(string(want), "\n") {
			if i >= len(got) || got[i] != w {
				t.Fatalf("%s:%d: want %q, got %q; -update writes it anew", name, i+1, w, append(got, "")[min(i, len(got))])
			}
		}
	}
}

package commands

import (
	"strings"
	"testing"

	"github.com/tocsin-bot/tocsin/bot/incident"
)

// What a yes is about is read off the beginning of what follows it; everything else stays what it was, a time or a reason.
func TestWhatAYesIsAboutIsRead(t *testing.T) {
	q := incident.Question{Concerns: []incident.Concern{{Name: "gdpr"}, {Name: "aml"}}}
	for in, want := range map[string]string{
		"":                                 "|",
		"aml":                              "aml|",
		"AML since 03:10":                  "aml|since 03:10",
		"gdpr,aml exports":                 "gdpr aml|exports",
		"gdpr and aml":                     "gdpr aml|",
		"gdpr et aml, exports":             "gdpr aml|exports",
		"gdpr and nobody knows how":        "gdpr|and nobody knows how",
		"exports hold aml files":           "|exports hold aml files",
		"since 03:10 the exports do":       "|since 03:10 the exports do",
		"gdpr,tax":                         "|gdpr,tax",
		"and aml":                          "|and aml",
		strings.Repeat("aml ", 40) + "end": strings.TrimSpace(strings.Repeat("aml ", 40)) + "|end",
	} {
		about, rest := concernsOf(q, in)
		if got := strings.Join(about, " ") + "|" + rest; got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	if about, rest := concernsOf(incident.Question{}, "aml"); len(about) != 0 || rest != "aml" {
		t.Errorf("a question with nothing to choose: %q %q", about, rest)
	}
}

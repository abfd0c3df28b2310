package runbooks

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	numbers   = regexp.MustCompile(`\d+(?:[.:]\d+)*`)
	thousands = regexp.MustCompile(`(\d)[, \x{00a0}\x{202f}](\d{3})\b`) // 10,000 and 10 000
	decimal   = regexp.MustCompile(`(\d),(\d)`)                         // 0,6
)

// numbersOf are the numbers of a text, each once: what a threshold, a delay, a code or a clock time is, whatever words stand round it.
func numbersOf(parts ...string) []string {
	text := strings.Join(parts, "\n")
	text = thousands.ReplaceAllString(text, "$1$2")
	text = decimal.ReplaceAllString(text, "$1.$2")
	out := numbers.FindAllString(text, -1)
	slices.Sort(out)
	return slices.Compact(out)
}

// A threshold, a delay or a code that one language has and the other has not, or has otherwise, is a fact that was lost in it. What only one of
// them says in figures is listed.
func TestBothLanguagesSayTheSameNumbers(t *testing.T) {
	c := mustDefault(t)
	for _, en := range c.All() {
		if en.Language != "en" {
			continue
		}
		fr, _ := c.ByID(en.ID, "fr")
		same := func(where string, a, b []string) {
			t.Helper()
			if !slices.Equal(a, b) {
				t.Errorf("%s %s: English says %v, French %v", en.ID, where, a, b)
			}
		}
		same("introduction", numbersOf(en.Title, en.Intro), numbersOf(fr.Title, fr.Intro))
		for _, a := range en.Steps {
			b, _ := fr.Step(a.ID)
			say := func(s Step) []string {
				parts := append([]string{s.Title, s.Prose, s.LookFor}, s.Warnings...)
				for _, br := range s.Branches {
					parts = append(parts, br.Finding)
				}
				for _, k := range s.Clocks {
					parts = append(parts, k.What, k.When)
				}
				for _, code := range s.Commands {
					if code.Language == "text" {
						parts = append(parts, code.Code)
					}
				}
				return numbersOf(parts...)
			}
			same(a.ID, say(a), say(b))
		}
	}
}

package view

import (
	"regexp"
	"strings"
	"testing"

	"github.com/tocsin-bot/tocsin/bot/catalog"
)

// TestAWarnedRingComes: whoever is said to be rung at a time is rung then, in every transcript; and nobody who was rung already and is not
// rung again is announced.
func TestAWarnedRingComes(t *testing.T) {
	warned := regexp.MustCompile(`^(\w+) \d\d:\d\d  (?:direct|note) .*INC-42: the (.+) is rung at (\d\d:\d\d) unless`)
	n := 0
	for _, tc := range transcripts {
		tr := newTranscript(t, catalog.English)
		tc.play(tr)
		all := strings.Join(tr.lines, "\n")
		for _, l := range tr.lines {
			m := warned.FindStringSubmatch(l)
			if m == nil || !strings.Contains(all, m[3]+"  room     "+m[3]+" ·") { // they moved meanwhile
				continue
			}
			n++
			rang := regexp.MustCompile(m[3] + `  phone   .*\(` + regexp.QuoteMeta(m[2]) + `\)`)
			if !rang.MatchString(all) {
				t.Errorf("%s: %q, and it does not ring", tc.name, l)
			}
		}
	}
	if n == 0 {
		t.Error("no transcript has a warning that came true")
	}
}

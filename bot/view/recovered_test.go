package view

import (
	"regexp"
	"strings"
	"testing"

	"github.com/tocsin-bot/tocsin/bot/catalog"
)

// TestNothingIsQuietWhileAPhoneRings: what cleared with nobody answering is said to be quiet until its review while nobody is rung; and whoever
// is stood down then reads that it is looked at in the morning.
func TestNothingIsQuietWhileAPhoneRings(t *testing.T) {
	for lang, words := range map[string]struct{ quiet, rung, review, nothing string }{
		catalog.English: {"quiet until", "is being rung to look", "is asked to look at it", "Nothing is needed from you."},
		catalog.French:  {"silence jusqu'", "appel en cours pour vérifier", "vérification demandée :", "Rien n'est attendu de vous."},
	} {
		tr := newTranscript(t, lang)
		for _, tc := range transcripts {
			if tc.name == "recovered" {
				tc.play(tr)
			}
		}
		all := strings.Join(strings.Fields(strings.ReplaceAll(strings.Join(tr.lines, " "), "\u00a0", " ")), " ")
		if !strings.Contains(all, words.quiet) || !strings.Contains(all, words.rung) {
			t.Errorf("%s: quiet %v, rung %v\n%s", lang, strings.Contains(all, words.quiet), strings.Contains(all, words.rung), all)
		}
		down := regexp.MustCompile(`23:56 direct Tomás .*?ApiErrorRateHigh`).FindString(all)
		if down == "" || !strings.Contains(down, words.review) || strings.Contains(down, words.nothing) {
			t.Errorf("%s: stood down with %q", lang, down)
		}
	}
}

package view

import (
	"strings"
	"testing"

	"github.com/tocsin-bot/tocsin/bot/incident"
)

// Who is rung to take command over reads how to accept without Slack, and that acknowledging is not accepting.
func TestAPageForAHandOverSaysHowToAccept(t *testing.T) {
	for lang, want := range map[string]string{"en": "add a PagerDuty note \"accept\"", "fr": "ajoutez une note PagerDuty «\u00a0accepte\u00a0»"} {
		src := Source{State: running(lang), Zone: tunis, Now: at(8, 0)}
		src.State.Pages = []incident.Page{{Key: "k", Why: incident.WhyHandOver, Target: "tech_lead", Person: marc, Round: 2}}
		src.Owed.Effect.View, src.Owed.Effect.Page = incident.ViewPage, "k"
		if _, body := PageText(src); !strings.HasSuffix(body, ".") || !strings.Contains(body, want) || strings.Contains(body, "+15") {
			t.Errorf("%s: %s", lang, body)
		}
		src.State.Pages[0].Why = incident.WhyNoProgress
		if _, body := PageText(src); strings.Contains(body, want) {
			t.Errorf("%s: every page says it: %s", lang, body)
		}
	}
}

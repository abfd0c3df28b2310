package bot

import (
	"strings"
	"testing"
	"time"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/slack"
)

// TestSlackAlwaysHasAReason: from the first moment on /readyz says why Slack is not heard.
func TestSlackAlwaysHasAReason(t *testing.T) {
	since := time.Unix(1, 0)
	for name, c := range map[string]struct {
		st   slack.Status
		want string
	}{
		"nothing was asked yet":      {slack.Status{}, "connecting"},
		"the API answers, no socket": {slack.Status{API: slack.Health{Up: true, Since: since}}, "connecting"},
		"a socket is refused":        {slack.Status{API: slack.Health{Up: true, Since: since}, Error: "too_many_websockets"}, "only our socket is down"},
		"Slack is down":              {slack.Status{API: slack.Health{Since: since, Error: "no_answer"}}, "Slack does not answer; deadlines are kept and people are paged: no_answer"},
	} {
		err := slackReady(c.st)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if strings.HasSuffix(strings.TrimSpace(err.Error()), ":") {
			t.Errorf("%s: the reason is empty: %v", name, err)
		}
		if fr := catalog.ErrorIn("fr", err); fr == err.Error() {
			t.Errorf("%s is said in English only", name)
		}
	}
	if err := slackReady(slack.Status{Connected: 1}); err != nil {
		t.Error(err)
	}
}

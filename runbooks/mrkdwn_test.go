package runbooks

import (
	"regexp"
	"strings"
	"testing"
)

func TestMrkdwn(t *testing.T) {
	for _, c := range []struct{ in, slack, plain string }{
		{"a **b** *c* `d`", "a *b* _c_ `d`", "a b c d"},
		{"a < b & c > d <!channel> @here", "a &lt; b &amp; c &gt; d &lt;!channel&gt; @here", "a < b & c > d <!channel> @here"},
		{"`<svc> & x`", "`&lt;svc&gt; &amp; x`", "<svc> & x"},
		{"``a ` b``", "`a ˋ b`", "a ` b"},
		{"see [the page](https://a.example/?x=1&y=2)", "see <https://a.example/?x=1&amp;y=2|the page>", "see the page (https://a.example/?x=1&y=2)"},
		{"see [RB-004](rb-004-x.md) or [step 3](#x)", "see RB-004 or step 3", "see RB-004 or step 3"},
		{"- a\n- **b**\n  more", "• a\n• *b* more", "- a\n- b more"},
		{"3. a\n4. b", "3. a\n4. b", "3. a\n4. b"},
		{"one\ntwo\n\nthree", "one two\n\nthree", "one two\n\nthree"},
		{"> a\n> b", "> a b", "> a b"},
		{`5 \* 3`, "5 * 3", "5 * 3"},
		{"a &lt; b &amp;", "a &lt; b &amp;", "a < b &"},
		{"[x](https://a.example/|y)", "x", "x (https://a.example/|y)"},
		{"", "", ""},
	} {
		if got := Mrkdwn(c.in); got != c.slack {
			t.Errorf("Mrkdwn(%q) = %q, want %q", c.in, got, c.slack)
		}
		if got := Plain(c.in); got != c.plain {
			t.Errorf("Plain(%q) = %q, want %q", c.in, got, c.plain)
		}
	}
}

var slackLink = regexp.MustCompile(`<https?://[^<>|\s]+\|[^<>]*>`)

// FuzzMrkdwn: nothing that is written in a runbook becomes a mention, a channel link or any other command to Slack.
func FuzzMrkdwn(f *testing.F) {
	f.Add("a <!channel> [b](https://c.example) `<@U1>` &lt;!here&gt;")
	f.Add("[<!here>](https://x)\n\n> - 1. ```\n<@U>\n```")
	f.Fuzz(func(t *testing.T, s string) {
		if len(s) > 4096 {
			return
		}
		if rest := slackLink.ReplaceAllString(Mrkdwn(s), ""); strings.ContainsAny(strings.ReplaceAll(rest, "\n> ", "\n"), "<") {
			t.Fatalf("%q became %q", s, Mrkdwn(s))
		}
	})
}

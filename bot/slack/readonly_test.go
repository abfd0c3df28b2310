package slack

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/tocsin-bot/tocsin/bot/clock"
)

type reached struct{ t *testing.T }

func (r reached) RoundTrip(req *http.Request) (*http.Response, error) {
	r.t.Errorf("%s reached Slack", req.URL.Path)
	return nil, errors.New("reached")
}

// TestReadOnlyClientWritesNothing goes through every call that writes, and through addresses that no list knows.
func TestReadOnlyClientWritesNothing(t *testing.T) {
	c, err := NewClient(ClientOptions{BotToken: "xoxb-1", AppToken: "xapp-1", APIURL: "http://slack.test/api/", Clock: clock.New(), ReadOnly: true, HTTP: &http.Client{Transport: reached{t}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []string{"chat.postMessage", "chat.update", "chat.delete", "chat.postEphemeral", "conversations.create", "conversations.join", "conversations.invite", "conversations.open", "conversations.setTopic", "conversations.setPurpose", "conversations.archive", "conversations.kick", "conversations.leave", "conversations.rename", "pins.add", "bookmarks.add", "reactions.add", "views.open", "views.update", "views.push", "views.publish", "files.completeUploadExternal", "a.new.method"} {
		if err := c.form(t.Context(), m, nil, nil); CodeOf(classify(m, err)) != CodeShadow {
			t.Errorf("%s: %v", m, err)
		}
	}
	const secret = "http://hooks.slack.test/commands/T1/secret/users.info"
	if err := c.postURL(t.Context(), "response_url", secret, nil); CodeOf(classify("response_url", err)) != CodeShadow || strings.Contains(err.Error(), "secret") {
		t.Errorf("a response URL: %v", err)
	}
	_, created := c.createChannel(t.Context(), "x", false)
	for what, err := range map[string]error{"create": created, "invite": c.invite(t.Context(), "C1", "U1"), "topic": c.setTopic(t.Context(), "C1", "x"), "pin": c.pin(t.Context(), "C1", "1"), "delete": c.deleteMessage(t.Context(), "C1", "1")} {
		if CodeOf(err) != CodeShadow {
			t.Errorf("%s: %v", what, err)
		}
	}
}

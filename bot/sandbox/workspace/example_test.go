package workspace_test

import (
	"fmt"
	"net/http/httptest"

	"github.com/slack-go/slack"
	"github.com/tocsin-bot/tocsin/bot/sandbox/workspace"
)

// Point any Slack SDK at a workspace, act as a person, and read back what they see.
func Example() {
	w := workspace.New(workspace.Options{Users: []workspace.User{{Name: "alice"}}})
	srv := httptest.NewServer(w.Handler())
	defer srv.Close()
	defer func() { _ = w.Close() }()

	api := slack.New(w.Apps()[0].BotToken, slack.OptionAPIURL(srv.URL+"/api/"))
	ch, err := api.CreateConversation(slack.CreateConversationParams{ChannelName: "inc-1"})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := w.As("alice").Join("inc-1"); err != nil {
		fmt.Println(err)
		return
	}
	if _, _, err := api.PostMessage(ch.ID, slack.MsgOptionText("look, <!channel>", false)); err != nil {
		fmt.Println(err)
		return
	}
	for _, m := range w.Messages("inc-1") {
		fmt.Println(m.Subtype, len(m.Notified), m.Broadcasts)
	}
	// Output:
	// channel_join 0 []
	// channel_join 0 []
	//  1 [channel]
}

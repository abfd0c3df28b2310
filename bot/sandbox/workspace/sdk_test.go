package workspace

import (
	"testing"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
	"github.com/slack-go/slack/socketmode"
)

// TestIncidentByRealSDK walks the life of an incident's channel with slack-go: a command,
// a channel, a card with a button, a click, a form, and what people see of it.
func TestIncidentByRealSDK(t *testing.T) {
	l := newLab(t, Options{})
	ctx := t.Context()
	form := slack.ModalViewRequest{
		Type: slack.VTModal, CallbackID: "declare", Title: slack.NewTextBlockObject("plain_text", "Declare", false, false),
		Submit: slack.NewTextBlockObject("plain_text", "Go", false, false),
		Blocks: slack.Blocks{BlockSet: []slack.Block{
			slack.NewInputBlock("what", slack.NewTextBlockObject("plain_text", "What", false, false), nil,
				slack.NewPlainTextInputBlockElement(nil, "title")),
		}},
	}
	b := startBot(t, l.api, func(sm *socketmode.Client, e socketmode.Event) {
		switch e.Type {
		case socketmode.EventTypeSlashCommand:
			cmd := e.Data.(slack.SlashCommand)
			_ = sm.Ack(*e.Request, map[string]any{"response_type": "ephemeral", "text": "heard: " + cmd.Text})
		case socketmode.EventTypeInteractive:
			cb := e.Data.(slack.InteractionCallback)
			switch cb.Type {
			case slack.InteractionTypeBlockActions:
				if _, err := l.api.OpenViewContext(ctx, cb.TriggerID, form); err != nil {
					t.Errorf("views.open: %v", err)
				}
				_ = sm.Ack(*e.Request)
			case slack.InteractionTypeViewSubmission:
				if v := cb.View.State.Values["what"]["title"].Value; v == "" {
					_ = sm.Ack(*e.Request, slack.NewErrorsViewSubmissionResponse(map[string]string{"what": "say more"}))
				} else if v == "bad" {
					_ = sm.Ack(*e.Request, slack.NewErrorsViewSubmissionResponse(map[string]string{"what": "say more"}))
				} else {
					_ = sm.Ack(*e.Request)
				}
			default:
				_ = sm.Ack(*e.Request)
			}
		default:
			_ = sm.Ack(*e.Request)
		}
	})

	alice := l.w.As("alice")
	out, err := alice.Command(ctx, "general", "/incident", "sev 1 checkout")
	if err != nil || out.Status != Acked || out.Message == nil || out.Message.Text != "heard: sev 1 checkout" {
		t.Fatalf("command: %+v, %v", out, err)
	}
	if got := l.w.Ephemerals("alice", "general"); len(got) != 1 || got[0].Text != "heard: sev 1 checkout" {
		t.Fatalf("ephemerals %+v", got)
	}
	if got := l.w.Ephemerals("bob", ""); len(got) != 0 {
		t.Fatalf("bob sees %+v", got)
	}

	ch, err := l.api.CreateConversationContext(ctx, slack.CreateConversationParams{ChannelName: "inc-20261121-checkout"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.api.InviteUsersToConversationContext(ctx, ch.ID, alice.ID()); err != nil {
		t.Fatal(err)
	}
	_, ts, err := l.api.PostMessageContext(ctx, ch.ID, slack.MsgOptionText("card", false), slack.MsgOptionBlocks(
		slack.NewActionBlock("acts", slack.NewButtonBlockElement("ack", "INC-1", slack.NewTextBlockObject("plain_text", "Acknowledge", false, false)))),
		slack.MsgOptionMetadata(slack.SlackMetadata{EventType: "card", EventPayload: map[string]any{"id": "INC-1"}}))
	if err != nil {
		t.Fatal(err)
	}
	if err := l.api.AddPinContext(ctx, ch.ID, slack.NewRefToMessage(ch.ID, ts)); err != nil {
		t.Fatal(err)
	}
	if _, err := l.api.AddBookmarkContext(ctx, ch.ID, slack.AddBookmarkParameters{Title: "Runbook", Type: "link", Link: "https://example.com/rb"}); err != nil {
		t.Fatal(err)
	}
	if _, err := l.api.SetTopicOfConversationContext(ctx, ch.ID, "SEV-1 | open"); err != nil {
		t.Fatal(err)
	}
	if _, err := l.api.UploadFileContext(ctx, slack.UploadFileParameters{Filename: "log.txt", Content: "hello", FileSize: 5, Channel: ch.ID}); err != nil {
		t.Fatal(err)
	}
	if out, err = alice.Click(ctx, ch.ID, ts, "ack"); err != nil || out.Status != Acked || len(out.Views) != 1 {
		t.Fatalf("click: %+v, %v", out, err)
	}
	v := out.Views[0]
	if _, err := alice.Submit(ctx, v.ID, nil); err == nil {
		t.Fatal("an empty required input was submitted")
	}
	out, err = alice.Submit(ctx, v.ID, map[string]map[string]any{"what": {"title": "bad"}})
	if err != nil || out.Action != "errors" || out.Errors["what"] != "say more" || len(out.Views) != 1 {
		t.Fatalf("submit: %+v, %v", out, err)
	}
	out, err = alice.Submit(ctx, v.ID, map[string]map[string]any{"what": {"title": "checkout"}})
	if err != nil || out.Status != Acked || len(out.Views) != 0 {
		t.Fatalf("submit: %+v, %v", out, err)
	}

	if _, err := alice.Post(ch.ID, "look @tocsin & <you>"); err != nil {
		t.Fatal(err)
	}
	b.wait(t, func(e socketmode.Event) bool {
		ev, ok := e.Data.(slackevents.EventsAPIEvent)
		if !ok {
			return false
		}
		m, ok := ev.InnerEvent.Data.(*slackevents.AppMentionEvent)
		return ok && m.Text == "look <@"+l.app.BotUserID+"> &amp; &lt;you&gt;" && m.User == alice.ID() && m.Channel == ch.ID
	})
	c, _ := l.w.Channel("inc-20261121-checkout")
	if c.Topic != "SEV-1 | open" || len(c.Pins) != 1 || c.Pins[0].TS != ts || len(c.Bookmarks) != 1 || c.Creator != l.app.BotUserID {
		t.Fatalf("channel %+v", c)
	}
	h, err := l.api.GetConversationHistoryContext(ctx, &slack.GetConversationHistoryParameters{ChannelID: ch.ID, IncludeAllMetadata: true})
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, m := range h.Messages {
		if m.Timestamp == ts {
			found = m.Metadata.EventType == "card" && m.Metadata.EventPayload["id"] == "INC-1" && len(m.Blocks.BlockSet) == 1
		}
	}
	if !found {
		t.Fatalf("the card is not in the history: %+v", h.Messages)
	}
	if s := l.w.Strange(); len(s) != 0 {
		t.Fatalf("strange: %+v", s)
	}
	if bad := b.count(socketmode.EventTypeErrorBadMessage) + b.count(socketmode.EventTypeIncomingError); bad != 0 {
		t.Fatalf("slack-go could not decode %d frames", bad)
	}
}

func (b *bot) count(kind socketmode.EventType) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := 0
	for _, e := range b.seen {
		if e.Type == kind {
			n++
		}
	}
	return n
}

package workspace

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
	"github.com/slack-go/slack/socketmode"
)

func TestTypedText(t *testing.T) {
	w := New(Options{UserGroups: []UserGroup{{ID: "S1", Handle: "oncall"}}, Users: []User{{ID: "UA", Name: "alice"}, {ID: "UB", Name: "bob.d"}}})
	defer func() { _ = w.Close() }()
	g, _ := w.Channel("general")
	for in, want := range map[string]string{
		"a & b <c>":                    "a &amp; b &lt;c&gt;",
		"@alice look":                  "<@UA> look",
		"@alice, @bob.d.":              "<@UA>, <@UB>.",
		"@nobody mail a@alice.example": "@nobody mail a@alice.example",
		"<@UA> <!channel>":             "&lt;@UA&gt; &lt;!channel&gt;",
		"@channel @here @everyone":     "<!channel> <!here> <!everyone>",
		"@oncall":                      "<!subteam^S1>",
		"see #general and #nowhere":    "see <#" + g.ID + "|general> and #nowhere",
		"https://e.com/?a=1&b=2.":      "<https://e.com/?a=1&amp;b=2>.",
		"مرحبا @alice":                 "مرحبا <@UA>",
	} {
		w.mu.Lock()
		got := w.typedLocked(in, false)
		w.mu.Unlock()
		if got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	w.mu.Lock()
	got := w.typedLocked("role ic @alice #general", true)
	w.mu.Unlock()
	if got != "role ic <@UA|alice> <#"+g.ID+"|general>" {
		t.Errorf("in a command: %q", got)
	}
	m, err := w.As("alice").Post("general", "hi @bob.d <x> https://e.com")
	if err != nil || !slices.Equal(m.Notified, []string{"UB"}) {
		t.Fatal(m, err)
	}
	var b slack.Blocks
	if err := json.Unmarshal(m.Blocks, &b); err != nil || len(b.BlockSet) != 1 || !strings.Contains(string(m.Blocks), `"text":" <x> "`) {
		t.Fatalf("rich text %s: %v", m.Blocks, err)
	}
	if _, err := w.As("alice").Post("general", "<!channel>", Raw()); err != nil {
		t.Fatal(err)
	}
	if ms := w.Messages("general"); ms[len(ms)-1].Broadcasts[0] != "channel" {
		t.Fatalf("raw text: %+v", ms[len(ms)-1])
	}
}

func TestCommandEscaping(t *testing.T) {
	for _, escape := range []bool{false, true} {
		l := newLab(t, Options{Apps: []App{{EscapeCommands: escape}}})
		got := make(chan slack.SlashCommand, 1)
		startBot(t, l.api, func(sm *socketmode.Client, e socketmode.Event) {
			if c, ok := e.Data.(slack.SlashCommand); ok {
				got <- c
			}
			ackAll(sm, e)
		})
		alice := l.w.As("alice")
		if out, err := alice.Command(t.Context(), "general", "/incident", " lead @bob & co "); err != nil || out.Status != Acked || out.Message != nil {
			t.Fatal(out, err)
		}
		want := "lead @bob & co"
		if escape {
			want = "lead <@" + l.w.As("bob").ID() + "|bob> &amp; co"
		}
		c := <-got
		if c.Text != want || c.UserID != alice.ID() || c.ChannelName != "general" || c.TriggerID == "" || c.ResponseURL == "" || c.Command != "/incident" || c.APIAppID != l.app.AppID || c.TeamID == "" {
			t.Fatalf("command %+v", c)
		}
		_, err := alice.Command(t.Context(), "general", "/nope", "")
		wantCode(t, err, "unknown_command")
	}
}

func TestWhatPeopleMayNot(t *testing.T) {
	w := New(Options{Channels: []ChannelSpec{{Name: "general"}, {Name: "solo", Members: []string{"alice"}}, {Name: "board", Private: true, Members: []string{"bob"}}},
		Users: []User{{Name: "alice"}, {Name: "bob"}, {Name: "gone", Deleted: true}}})
	defer func() { _ = w.Close() }()
	alice, bob := w.As("alice"), w.As("bob")
	m, err := alice.Post("solo", "mine")
	if err != nil {
		t.Fatal(err)
	}
	_, err = bob.Post("solo", "x")
	wantCode(t, err, "not_in_channel")
	_, err = alice.Post("board", "x")
	wantCode(t, err, "channel_not_found")
	_, err = w.As("gone").Post("general", "x")
	wantCode(t, err, "user_not_found")
	_, err = w.As("ghost").Post("general", "x")
	wantCode(t, err, "user_not_found")
	_, err = alice.Post("general", "")
	wantCode(t, err, "no_text")
	if err := bob.Join("solo"); err != nil {
		t.Fatal(err)
	}
	wantCode(t, bob.Edit("solo", m.TS, "x"), "cant_update_message")
	wantCode(t, bob.Delete("solo", m.TS), "cant_delete_message")
	wantCode(t, bob.React("solo", "1.1", "eyes"), "message_not_found")
	if err := bob.React("solo", m.TS, "eyes"); err != nil {
		t.Fatal(err)
	}
	wantCode(t, bob.React("solo", m.TS, "eyes"), "already_reacted")
	if err := bob.Unreact("solo", m.TS, "eyes"); err != nil {
		t.Fatal(err)
	}
	wantCode(t, bob.Unreact("solo", m.TS, "eyes"), "no_reaction")
	if err := alice.Archive("solo"); err != nil {
		t.Fatal(err)
	}
	_, err = alice.Post("solo", "x")
	wantCode(t, err, "is_archived")
	wantCode(t, alice.Edit("solo", m.TS, "x"), "is_archived")
	wantCode(t, alice.Leave("general"), "cant_leave_general")
	_, err = alice.CreateChannel("solo", false)
	wantCode(t, err, "name_taken")
}

// inner is the inner event, decoded as a message.
func inner(e socketmode.Event) (*slackevents.MessageEvent, bool) {
	ev, ok := e.Data.(slackevents.EventsAPIEvent)
	if !ok {
		return nil, false
	}
	m, ok := ev.InnerEvent.Data.(*slackevents.MessageEvent)
	return m, ok
}

func kind(name string) func(socketmode.Event) bool {
	return func(e socketmode.Event) bool {
		ev, ok := e.Data.(slackevents.EventsAPIEvent)
		return ok && ev.InnerEvent.Type == name
	}
}

// TestEvents: every kind of event arrives and decodes in slack-go.
func TestEvents(t *testing.T) {
	l := newLab(t, Options{NoRateLimits: true})
	b := startBot(t, l.api, ackAll)
	alice, bob := l.w.As("alice"), l.w.As("bob")
	ch, err := alice.CreateChannel("ops", false)
	if err != nil {
		t.Fatal(err)
	}
	b.wait(t, kind("channel_created"))
	if err := alice.InviteTo("ops", "tocsin", "bob"); err != nil {
		t.Fatal(err)
	}
	e := b.wait(t, kind("member_joined_channel"))
	if j := e.Data.(slackevents.EventsAPIEvent).InnerEvent.Data.(*slackevents.MemberJoinedChannelEvent); j.User != l.app.BotUserID || j.Inviter != alice.ID() || j.Channel != ch.ID {
		t.Fatalf("%+v", j)
	}
	outer := e.Data.(slackevents.EventsAPIEvent).Data.(*slackevents.EventsAPICallbackEvent)
	if outer.EventID == "" || outer.EventTime == 0 || outer.TeamID != l.w.TeamID() || outer.APIAppID != l.app.AppID || outer.Authorizations[0].UserID != l.app.BotUserID {
		t.Fatalf("%+v", outer)
	}
	m, err := alice.Post("ops", "first")
	if err != nil {
		t.Fatal(err)
	}
	is := func(subtype, text string) func(socketmode.Event) bool {
		return func(e socketmode.Event) bool {
			x, ok := inner(e)
			return ok && x.SubType == subtype && (text == "" || x.Message.Text == text || x.Text == text)
		}
	}
	x, _ := inner(b.wait(t, is("", "first")))
	if x.User != alice.ID() || x.TimeStamp != m.TS || x.ChannelType != "channel" || x.Channel != ch.ID || len(x.Blocks.BlockSet) != 1 {
		t.Fatalf("%+v", x)
	}
	if err := alice.Edit("ops", m.TS, "second"); err != nil {
		t.Fatal(err)
	}
	x, _ = inner(b.wait(t, is("message_changed", "second")))
	if x.PreviousMessage.Text != "first" || x.Message.Timestamp != m.TS || x.Message.Edited == nil || x.TimeStamp == m.TS {
		t.Fatalf("%+v", x)
	}
	r, err := bob.Reply("ops", m.TS, "in thread")
	if err != nil {
		t.Fatal(err)
	}
	if x, _ = inner(b.wait(t, is("", "in thread"))); x.ThreadTimeStamp != m.TS || x.TimeStamp != r.TS {
		t.Fatalf("%+v", x)
	}
	if _, err := bob.Upload("ops", "graph.png", []byte("png"), "look"); err != nil {
		t.Fatal(err)
	}
	if x, _ = inner(b.wait(t, is("file_share", "look"))); len(x.Message.Files) != 1 || x.Message.Files[0].Name != "graph.png" || x.Message.Files[0].Mimetype != "image/png" {
		t.Fatalf("%+v", x.Message)
	}
	l.want("", "chat.postMessage", map[string]string{"channel": ch.ID, "text": "from the bot"})
	if x, _ = inner(b.wait(t, is("", "from the bot"))); x.BotID != l.app.BotID || x.User != l.app.BotUserID {
		t.Fatalf("%+v", x)
	}
	if err := alice.React("ops", m.TS, "eyes"); err != nil {
		t.Fatal(err)
	}
	re := b.wait(t, kind("reaction_added")).Data.(slackevents.EventsAPIEvent).InnerEvent.Data.(*slackevents.ReactionAddedEvent)
	if re.Item.Timestamp != m.TS || re.Item.Channel != ch.ID || re.Reaction != "eyes" || re.User != alice.ID() {
		t.Fatalf("%+v", re)
	}
	for _, act := range []struct {
		do   func() error
		kind string
	}{
		{func() error { return alice.Unreact("ops", m.TS, "eyes") }, "reaction_removed"},
		{func() error { return alice.Pin("ops", m.TS) }, "pin_added"},
		{func() error { return alice.Unpin("ops", m.TS) }, "pin_removed"},
		{func() error { return alice.Rename("ops", "ops2") }, "channel_rename"},
		{func() error { return bob.Leave("ops2") }, "member_left_channel"},
		{func() error { return bob.OpenHome("") }, "app_home_opened"},
		{func() error { return alice.Archive("ops2") }, "channel_archive"},
		{func() error { return alice.Unarchive("ops2") }, "channel_unarchive"},
	} {
		if err := act.do(); err != nil {
			t.Fatal(err)
		}
		b.wait(t, kind(act.kind))
	}
	if err := alice.SetTopic("ops2", "busy"); err != nil {
		t.Fatal(err)
	}
	if x, _ = inner(b.wait(t, is("channel_topic", ""))); x.Message.Topic != "busy" {
		t.Fatalf("%+v", x.Message)
	}
	if err := alice.Delete("ops2", m.TS); err != nil {
		t.Fatal(err)
	}
	if x, _ = inner(b.wait(t, is("message_deleted", ""))); x.DeletedTimeStamp != m.TS || x.PreviousMessage.Text != "second" {
		t.Fatalf("%+v", x)
	}
	dm, err := bob.OpenDM("tocsin")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := bob.Post(dm.ID, "direct @tocsin"); err != nil {
		t.Fatal(err)
	}
	if x, _ = inner(b.wait(t, is("", "direct <@"+l.app.BotUserID+">"))); x.ChannelType != "im" {
		t.Fatalf("%+v", x)
	}
	if n := b.count(socketmode.EventTypeErrorBadMessage); n != 0 {
		t.Fatalf("slack-go could not decode %d frames", n)
	}
	for _, e := range b.seen {
		if kind("app_mention")(e) {
			t.Fatal("app_mention in a direct message")
		}
	}
}

// TestEventsNotForThisApp: subscription, scope and membership each keep an event away.
func TestEventsNotForThisApp(t *testing.T) {
	for name, app := range map[string]App{
		"subscription": {Events: []string{"reaction_added"}, Channels: []string{"general"}},
		"scope":        {Scopes: without(AllScopes(), "channels:history"), Channels: []string{"general"}},
		"membership":   {},
	} {
		l := newLab(t, Options{Apps: []App{app}})
		if _, err := l.w.As("alice").Post("general", "hi"); err != nil {
			t.Fatal(err)
		}
		if s := l.w.Envelopes(); s.Events != 0 {
			t.Errorf("%s: %+v", name, s)
		}
	}
	l := newLab(t, Options{Apps: []App{{Channels: []string{"general"}}}})
	if _, err := l.w.As("alice").Post("general", "hi @tocsin"); err != nil {
		t.Fatal(err)
	}
	if s := l.w.Envelopes(); s.Events != 2 || s.Waiting != 2 {
		t.Errorf("a mention is two events: %+v", s)
	}
}

func TestResponseURL(t *testing.T) {
	clock := newMovable()
	l := newLab(t, Options{Clock: clock})
	got := make(chan slack.SlashCommand, 1)
	startBot(t, l.api, func(sm *socketmode.Client, e socketmode.Event) {
		if c, ok := e.Data.(slack.SlashCommand); ok {
			got <- c
		}
		ackAll(sm, e)
	})
	cmd := func() string {
		t.Helper()
		if _, err := l.w.As("alice").Command(t.Context(), "general", "/incident", "x"); err != nil {
			t.Fatal(err)
		}
		return (<-got).ResponseURL
	}
	url := cmd()
	post := func(opts ...slack.MsgOption) error {
		_, _, err := l.api.PostMessageContext(t.Context(), "", append(opts, slack.MsgOptionResponseURL(url, ""))...)
		return err
	}
	if err := post(slack.MsgOptionText("for you", false)); err != nil {
		t.Fatal(err)
	}
	if e := l.w.Ephemerals("alice", "general"); len(e) != 1 || e[0].Text != "for you" {
		t.Fatalf("%+v", e)
	}
	if err := post(slack.MsgOptionText("better", false), slack.MsgOptionReplaceOriginal(url)); err != nil {
		t.Fatal(err)
	}
	if e := l.w.Ephemerals("alice", "general"); len(e) != 1 || e[0].Text != "better" {
		t.Fatalf("%+v", e)
	}
	if err := post(slack.MsgOptionDeleteOriginal(url)); err != nil {
		t.Fatal(err)
	}
	if e := l.w.Ephemerals("alice", "general"); len(e) != 0 {
		t.Fatalf("%+v", e)
	}
	for range 2 {
		if err := post(slack.MsgOptionText("x", false)); err != nil {
			t.Fatal(err)
		}
	}
	if err := post(slack.MsgOptionText("sixth", false)); err == nil {
		t.Fatal("used six times")
	}
	if c := l.w.Calls(1)[0]; c.Error != "used_url" || c.Status != 404 {
		t.Fatalf("%+v", c)
	}
	url = cmd()
	clock.move(responseURLLife + 1)
	if err := post(slack.MsgOptionText("late", false)); err == nil || l.w.Calls(1)[0].Error != "expired_url" {
		t.Fatalf("after half an hour: %v %+v", err, l.w.Calls(1))
	}
}

func TestSubscribe(t *testing.T) {
	w := New(Options{})
	defer func() { _ = w.Close() }()
	ch := w.Subscribe(t.Context())
	m, err := w.As("alice").Post("general", "hi")
	if err != nil {
		t.Fatal(err)
	}
	if c := <-ch; c.Kind != ChangeMessage || c.TS != m.TS {
		t.Fatalf("%+v", c)
	}
	for range subscriberQueue + 10 {
		if _, err := w.As("alice").Post("general", "hi"); err != nil {
			t.Fatal(err)
		}
	}
	resync, last := 0, 0
	for len(ch) > 0 {
		c := <-ch
		if c.Kind == ChangeResync {
			resync++
		}
		if c.Seq <= last {
			t.Fatalf("seq %d after %d", c.Seq, last)
		}
		last = c.Seq
	}
	if resync != 1 || last != subscriberQueue+11 {
		t.Fatalf("%d resyncs, last %d", resync, last)
	}
}

func TestDefaults(t *testing.T) {
	a, b := New(Options{}), New(Options{})
	defer func() { _ = a.Close(); _ = b.Close() }()
	x, y := a.Apps()[0], b.Apps()[0]
	if x.BotToken == y.BotToken || !strings.HasPrefix(x.BotToken, "xoxb-") || !strings.HasPrefix(x.AppToken, "xapp-") {
		t.Fatalf("tokens %q %q", x.BotToken, y.BotToken)
	}
	s1, s2 := New(Options{Seed: 7}), New(Options{Seed: 7})
	defer func() { _ = s1.Close(); _ = s2.Close() }()
	if s1.Apps()[0].BotToken != s2.Apps()[0].BotToken {
		t.Fatal("a seed must repeat the tokens")
	}
	if len(a.Channels()) != 2 || len(a.Users()) != 3 {
		t.Fatalf("%v %v", a.Channels(), a.Users())
	}
}

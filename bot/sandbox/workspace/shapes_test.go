package workspace

import (
	"bytes"
	"errors"
	"testing"

	"github.com/slack-go/slack"
)

// TestShapes calls what the other tests leave out with slack-go and looks at what it
// decoded.
func TestShapes(t *testing.T) {
	l := newLab(t, Options{NoRateLimits: true, UserGroups: []UserGroup{{Handle: "oncall", Name: "On call", Users: []string{"U0SBX0001"}}}})
	ctx, api := t.Context(), l.api
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	that := func(ok bool, what ...any) {
		t.Helper()
		if !ok {
			t.Fatalf("%+v", what)
		}
	}
	who, err := api.AuthTestContext(ctx)
	must(err)
	that(who.UserID == l.app.BotUserID && who.BotID == l.app.BotID && who.TeamID == l.w.TeamID(), who)
	team, err := api.GetTeamInfoContext(ctx)
	must(err)
	that(team.Domain == "sandbox", team)
	botInfo, err := api.GetBotInfoContext(ctx, slack.GetBotInfoParameters{Bot: l.app.BotID})
	must(err)
	that(botInfo.AppID == l.app.AppID && botInfo.UserID == l.app.BotUserID, botInfo)
	groups, err := api.GetUserGroupsContext(ctx, slack.GetUserGroupsOptionIncludeUsers(true))
	must(err)
	that(len(groups) == 1 && groups[0].Handle == "oncall" && groups[0].Users[0] == "U0SBX0001", groups)
	members, err := api.GetUserGroupMembersContext(ctx, groups[0].ID)
	must(err)
	that(len(members) == 1, members)
	_, err = api.GetEmojiContext(ctx)
	must(err)
	presence, err := api.GetUserPresenceContext(ctx, "U0SBX0001")
	must(err)
	that(presence.Presence == "active", presence)
	users, err := api.GetUsersContext(ctx)
	must(err)
	that(len(users) == 3 && users[0].Profile.Email == "alice@sandbox.example" && users[2].IsBot && users[2].Profile.BotID == l.app.BotID, users)

	ch, err := api.CreateConversationContext(ctx, slack.CreateConversationParams{ChannelName: "inc-1"})
	must(err)
	_, err = api.InviteUsersToConversationContext(ctx, ch.ID, "U0SBX0001", "U0SBX0002")
	must(err)
	_, err = api.InviteUsersToConversationContext(ctx, ch.ID, "U0SBX0001")
	var refused slack.SlackErrorResponse
	that(errors.As(err, &refused) && refused.Err == "already_in_channel" && refused.Errors[0].ConversationsInviteResponseError.User == "U0SBX0001", err)
	in, _, err := api.GetUsersInConversationContext(ctx, &slack.GetUsersInConversationParameters{ChannelID: ch.ID})
	must(err)
	that(len(in) == 3, in)
	must(api.KickUserFromConversationContext(ctx, ch.ID, "U0SBX0002"))
	_, err = api.SetPurposeOfConversationContext(ctx, ch.ID, "why")
	must(err)
	info, err := api.GetConversationInfoContext(ctx, &slack.GetConversationInfoInput{ChannelID: ch.ID, IncludeNumMembers: true})
	must(err)
	that(info.NumMembers == 2 && info.Purpose.Value == "why" && info.IsMember && info.IsChannel && info.Creator == l.app.BotUserID, info)
	mine, _, err := api.GetConversationsForUserContext(ctx, &slack.GetConversationsForUserParameters{Types: []string{"public_channel", "private_channel"}, ExcludeArchived: true})
	must(err)
	that(len(mine) == 1 && mine[0].ID == ch.ID, mine)
	all, _, err := api.GetConversationsContext(ctx, &slack.GetConversationsParameters{Limit: 2})
	must(err)
	that(len(all) == 2, all)

	_, ts, err := api.PostMessageContext(ctx, ch.ID, slack.MsgOptionText("card", false))
	must(err)
	_, _, _, err = api.UpdateMessageContext(ctx, ch.ID, ts, slack.MsgOptionText("card 2", false))
	must(err)
	_, reply, err := api.PostMessageContext(ctx, ch.ID, slack.MsgOptionText("r", false), slack.MsgOptionTS(ts))
	must(err)
	thread, more, _, err := api.GetConversationRepliesContext(ctx, &slack.GetConversationRepliesParameters{ChannelID: ch.ID, Timestamp: ts})
	must(err)
	that(len(thread) == 2 && !more && thread[0].Text == "card 2" && thread[0].Edited != nil && thread[0].ReplyCount == 1 && thread[1].Timestamp == reply && thread[1].ThreadTimestamp == ts, thread)
	link, err := api.GetPermalinkContext(ctx, &slack.PermalinkParameters{Channel: ch.ID, Ts: ts})
	must(err)
	that(link != "", link)
	ref := slack.NewRefToMessage(ch.ID, ts)
	must(api.AddReactionContext(ctx, "eyes", ref))
	item, err := api.GetReactionsContext(ctx, ref, slack.NewGetReactionsParameters())
	must(err)
	that(len(item.Reactions) == 1 && item.Reactions[0].Users[0] == l.app.BotUserID, item)
	must(api.AddPinContext(ctx, ch.ID, ref))
	pins, _, err := api.ListPinsContext(ctx, ch.ID)
	must(err)
	that(len(pins) == 1 && pins[0].Message.Timestamp == ts, pins)
	bm, err := api.AddBookmarkContext(ctx, ch.ID, slack.AddBookmarkParameters{Title: "a", Type: "link", Link: "https://e.com"})
	must(err)
	bms, err := api.ListBookmarksContext(ctx, ch.ID)
	must(err)
	that(len(bms) == 1 && bms[0].ID == bm.ID && bms[0].Link == "https://e.com", bms)
	_, err = api.PostEphemeralContext(ctx, ch.ID, "U0SBX0001", slack.MsgOptionText("psst", false))
	must(err)

	f, err := api.UploadFileContext(ctx, slack.UploadFileParameters{Filename: "a.txt", Title: "A", Content: "hello", FileSize: 5, Channel: ch.ID, InitialComment: "see"})
	must(err)
	meta, _, _, err := api.GetFileInfoContext(ctx, f.ID, 0, 0)
	must(err)
	var content bytes.Buffer
	must(api.GetFileContext(ctx, meta.URLPrivate, &content))
	that(meta.Title == "A" && meta.Size == 5 && content.String() == "hello", meta, content.String())

	dm, _, _, err := api.OpenConversationContext(ctx, &slack.OpenConversationParameters{Users: []string{"U0SBX0001"}, ReturnIM: true})
	must(err)
	that(dm.IsIM && dm.User == "U0SBX0001", dm)
	home, err := api.PublishViewContext(ctx, slack.PublishViewContextRequest{UserID: "U0SBX0001", View: slack.HomeTabViewRequest{
		Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: []slack.Block{slack.NewDividerBlock()}}}})
	must(err)
	that(home.View.ID != "" && home.Hash != "" && home.View.AppID == l.app.AppID, home)

	_, err = api.RenameConversationContext(ctx, ch.ID, "inc-1-closed")
	must(err)
	must(api.ArchiveConversationContext(ctx, ch.ID))
	must(api.UnArchiveConversationContext(ctx, ch.ID))
	_, err = api.LeaveConversationContext(ctx, ch.ID)
	must(err)
	_, _, _, err = api.JoinConversationContext(ctx, ch.ID)
	must(err)
	_, _, err = api.DeleteMessageContext(ctx, ch.ID, reply)
	must(err)
	for _, o := range l.w.Strange() {
		t.Errorf("strange: %s", o.What)
	}
}

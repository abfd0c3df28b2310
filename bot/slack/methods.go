package slack

import (
	"context"

	slackgo "github.com/slack-go/slack"

	"github.com/tocsin-bot/tocsin/bot/slack/blocks"
)

// room is a channel as far as we care.
type room struct {
	ID, Name, Creator, Purpose string
	Created                    int64 // Unix seconds
	Archived, Private, Member  bool
	ReadOnly                   bool
}

func roomOf(c slackgo.Channel) room {
	return room{
		ID: c.ID, Name: c.Name, Creator: c.Creator, Purpose: c.Purpose.Value, Created: int64(c.Created),
		Archived: c.IsArchived, Private: c.IsPrivate, Member: c.IsMember, ReadOnly: c.IsReadOnly,
	}
}

func (c *Client) createChannel(ctx context.Context, name string, private bool) (room, error) {
	var r room
	err := c.do(ctx, "conversations.create", "", func(ctx context.Context) error {
		ch, err := c.api.CreateConversationContext(ctx, slackgo.CreateConversationParams{ChannelName: name, IsPrivate: private})
		if err == nil {
			r = roomOf(*ch)
		}
		return err
	})
	return r, err
}

// pages of a listing; at 500 channels a page this is a very large workspace.
const maxPages = 40

// findRoom walks users.conversations (mine) or conversations.list (all public ones) until a channel of the name comes.
func (c *Client) findRoom(ctx context.Context, name string, mine bool) (room, bool, error) {
	cursor := ""
	for range maxPages {
		var chans []slackgo.Channel
		method := "conversations.list"
		call := func(ctx context.Context) (err error) {
			chans, cursor, err = c.api.GetConversationsContext(ctx, &slackgo.GetConversationsParameters{Cursor: cursor, Limit: 500, Types: []string{"public_channel"}})
			return err
		}
		if mine {
			method = "users.conversations"
			types := []string{"public_channel", "private_channel"}
			if c.without("groups:read") {
				types = types[:1]
			}
			call = func(ctx context.Context) (err error) {
				chans, cursor, err = c.api.GetConversationsForUserContext(ctx, &slackgo.GetConversationsForUserParameters{Cursor: cursor, Limit: 500, Types: types})
				return err
			}
		}
		if err := c.do(ctx, method, "", call); err != nil {
			return room{}, false, err
		}
		for _, ch := range chans {
			if ch.Name == name {
				return roomOf(ch), true, nil
			}
		}
		if cursor == "" {
			return room{}, false, nil
		}
	}
	return room{}, false, nil
}

// without reports that the token is known to lack a scope.
func (c *Client) without(scope string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.identity == nil || len(c.identity.Scopes) == 0 {
		return false
	}
	for _, s := range c.identity.Scopes {
		if s == scope {
			return false
		}
	}
	return true
}

func (c *Client) joinChannel(ctx context.Context, id string) error {
	return c.do(ctx, "conversations.join", "", func(ctx context.Context) error {
		_, _, _, err := c.api.JoinConversationContext(ctx, id)
		return err
	})
}

func (c *Client) invite(ctx context.Context, channel string, users ...string) error {
	return c.do(ctx, "conversations.invite", "", func(ctx context.Context) error {
		_, err := c.api.InviteUsersToConversationContext(ctx, channel, users...)
		return err
	})
}

func (c *Client) setTopic(ctx context.Context, channel, s string) error {
	return c.do(ctx, "conversations.setTopic", "", func(ctx context.Context) error {
		_, err := c.api.SetTopicOfConversationContext(ctx, channel, s)
		return err
	})
}

func (c *Client) setPurpose(ctx context.Context, channel, s string) error {
	return c.do(ctx, "conversations.setPurpose", "", func(ctx context.Context) error {
		_, err := c.api.SetPurposeOfConversationContext(ctx, channel, s)
		return err
	})
}

func (c *Client) openDirect(ctx context.Context, user string) (string, error) {
	var id string
	err := c.do(ctx, "conversations.open", "", func(ctx context.Context) error {
		ch, _, _, err := c.api.OpenConversationContext(ctx, &slackgo.OpenConversationParameters{Users: []string{user}})
		if err == nil {
			id = ch.ID
		}
		return err
	})
	return id, err
}

// refusedBlocks are answers that say that the blocks, not the message, are at fault.
var refusedBlocks = map[string]bool{"invalid_blocks": true, "invalid_blocks_format": true, "msg_blocks_too_long": true}

// post sends a message; metadata may be nil. When Slack refuses its blocks the words go alone: what people must not miss is not lost to a
// limit nobody knew of.
func (c *Client) post(ctx context.Context, channel string, r blocks.Rendered, metadata *slackgo.SlackMetadata) (ch, ts string, err error) {
	opts := []slackgo.MsgOption{
		slackgo.MsgOptionText(r.Text, false), slackgo.MsgOptionBlocks(r.Blocks...),
		slackgo.MsgOptionDisableLinkUnfurl(), slackgo.MsgOptionDisableMediaUnfurl(),
	}
	if metadata != nil {
		opts = append(opts, slackgo.MsgOptionMetadata(*metadata))
	}
	err = c.do(ctx, postMessage, channel, func(ctx context.Context) (err error) {
		ch, ts, err = c.api.PostMessageContext(ctx, channel, opts...)
		return err
	})
	if refusedBlocks[CodeOf(err)] && len(r.Blocks) > 0 {
		return c.post(ctx, channel, blocks.Rendered{Text: r.Text}, metadata)
	}
	return ch, ts, err
}

func (c *Client) update(ctx context.Context, channel, ts string, r blocks.Rendered, more ...slackgo.MsgOption) error {
	err := c.do(ctx, "chat.update", channel, func(ctx context.Context) error {
		_, _, _, err := c.api.UpdateMessageContext(ctx, channel, ts, append(more, slackgo.MsgOptionText(r.Text, false), slackgo.MsgOptionBlocks(r.Blocks...))...)
		return err
	})
	return err
}

func (c *Client) deleteMessage(ctx context.Context, channel, ts string) error {
	return c.do(ctx, "chat.delete", channel, func(ctx context.Context) error {
		_, _, err := c.api.DeleteMessageContext(ctx, channel, ts)
		return err
	})
}

func (c *Client) pin(ctx context.Context, channel, ts string) error {
	return c.do(ctx, "pins.add", "", func(ctx context.Context) error {
		return c.api.AddPinContext(ctx, channel, slackgo.NewRefToMessage(channel, ts))
	})
}

func (c *Client) bookmarked(ctx context.Context, channel, url string) (bool, error) {
	var list []slackgo.Bookmark
	err := c.do(ctx, "bookmarks.list", "", func(ctx context.Context) (err error) {
		list, err = c.api.ListBookmarksContext(ctx, channel)
		return err
	})
	for _, b := range list {
		if b.Link == url {
			return true, nil
		}
	}
	return false, err
}

func (c *Client) bookmark(ctx context.Context, channel, title, url string) error {
	return c.do(ctx, "bookmarks.add", "", func(ctx context.Context) error {
		_, err := c.api.AddBookmarkContext(ctx, channel, slackgo.AddBookmarkParameters{Title: title, Type: "link", Link: url})
		return err
	})
}

func (c *Client) user(ctx context.Context, id string) (slackgo.User, error) {
	var u slackgo.User
	err := c.do(ctx, "users.info", "", func(ctx context.Context) error {
		p, err := c.api.GetUserInfoContext(ctx, id, slackgo.GetUserInfoOptionIncludeLocale(true))
		if err == nil {
			u = *p
		}
		return err
	})
	return u, err
}

func (c *Client) userByEmail(ctx context.Context, email string) (slackgo.User, error) {
	var u slackgo.User
	err := c.do(ctx, "users.lookupByEmail", "", func(ctx context.Context) error {
		p, err := c.api.GetUserByEmailContext(ctx, email)
		if err == nil {
			u = *p
		}
		return err
	})
	return u, err
}

func (c *Client) openView(ctx context.Context, trigger string, v slackgo.ModalViewRequest) error {
	return c.do(ctx, "views.open", "", func(ctx context.Context) error {
		_, err := c.api.OpenViewContext(ctx, trigger, v)
		return err
	})
}

func (c *Client) updateView(ctx context.Context, id string, v slackgo.ModalViewRequest) error {
	return c.do(ctx, "views.update", "", func(ctx context.Context) error {
		_, err := c.api.UpdateViewContext(ctx, v, "", "", id)
		return err
	})
}

func (c *Client) publishHome(ctx context.Context, user string, v slackgo.HomeTabViewRequest) error {
	return c.do(ctx, "views.publish", "", func(ctx context.Context) error {
		_, err := c.api.PublishViewContext(ctx, slackgo.PublishViewContextRequest{UserID: user, View: v})
		return err
	})
}

// members are the ids of those who are in a channel.
func (c *Client) members(ctx context.Context, channel string) ([]string, error) {
	var all []string
	cursor := ""
	for range maxPages {
		var ids []string
		err := c.do(ctx, "conversations.members", channel, func(ctx context.Context) (err error) {
			ids, cursor, err = c.api.GetUsersInConversationContext(ctx, &slackgo.GetUsersInConversationParameters{ChannelID: channel, Cursor: cursor, Limit: 500})
			return err
		})
		if err != nil {
			return nil, err
		}
		if all = append(all, ids...); cursor == "" {
			break
		}
	}
	return all, nil
}

func (c *Client) rename(ctx context.Context, channel, name string) error {
	return c.do(ctx, "conversations.rename", "", func(ctx context.Context) error {
		_, err := c.api.RenameConversationContext(ctx, channel, name)
		return err
	})
}

func (c *Client) archive(ctx context.Context, channel string) error {
	return c.do(ctx, "conversations.archive", "", func(ctx context.Context) error {
		return c.api.ArchiveConversationContext(ctx, channel)
	})
}

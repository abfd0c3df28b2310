package slack

import (
	"context"
	"strings"

	slackgo "github.com/slack-go/slack"
)

// Channel is a channel as Slack shows it to the app.
type Channel struct {
	ID, Name string
	Found    bool // false: there is none, or it is private and the app is not in it
	Archived bool
	Private  bool
	Member   bool // the app is in it
	ReadOnly bool // only some may post
}

// FindChannel looks a channel up by name (with or without #) or id. It joins nothing and changes nothing. A channel that is not there is no
// error.
func (c *Client) FindChannel(ctx context.Context, name string) (Channel, error) {
	name = strings.TrimSpace(name)
	if channelID.MatchString(name) {
		var out Channel
		err := c.do(ctx, "conversations.info", "", func(ctx context.Context) error {
			ch, err := c.api.GetConversationInfoContext(ctx, &slackgo.GetConversationInfoInput{ChannelID: name})
			if err == nil {
				out = Channel{ch.ID, ch.Name, true, ch.IsArchived, ch.IsPrivate, ch.IsMember, ch.IsReadOnly}
			}
			return err
		})
		if CodeOf(err) == "channel_not_found" {
			return Channel{ID: name}, nil
		}
		return out, err
	}
	name = strings.TrimPrefix(strings.ToLower(name), "#")
	r, found, err := c.findRoom(ctx, name, true)
	if err == nil && !found {
		r, found, err = c.findRoom(ctx, name, false)
	}
	if err != nil || !found {
		return Channel{Name: name}, err
	}
	return Channel{r.ID, r.Name, true, r.Archived, r.Private, r.Member, r.ReadOnly}, nil
}

// IsChannelID reports whether a channel is given by its id.
func IsChannelID(s string) bool { return channelID.MatchString(s) }

// BadAuth reports whether an error code says that the token is not taken: a new one mends it.
func BadAuth(code string) bool { return badAuth[code] }

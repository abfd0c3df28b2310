package workspace

import (
	"slices"
	"sort"
	"strings"
)

// fail makes a refusal.
func fail(code string, detail ...string) *Error { return &Error{Code: code, Detail: detail} }

// postLocked stores a new message, works out whom it alerts and tells the apps. The
// caller has checked that the author may post.
func (w *Workspace) postLocked(c *channel, m *Message) *Message {
	m.Channel, m.TS = c.ID, w.tsLocked()
	w.notifyLocked(c, m)
	c.messages = append(c.messages, m)
	c.byTS[m.TS] = m
	if len(c.messages) > maxMessagesPerChannel {
		delete(c.byTS, c.messages[0].TS)
		c.messages = slices.Delete(c.messages, 0, 1)
	}
	if m.ThreadTS != "" {
		if parent := c.byTS[m.ThreadTS]; parent != nil {
			parent.ThreadTS = parent.TS
			parent.ReplyCount++
			parent.LatestReply = m.TS
			if !slices.Contains(parent.ReplyUsers, m.User) {
				parent.ReplyUsers = append(parent.ReplyUsers, m.User)
			}
			w.changedLocked(ChangeMessage, c.ID, parent.TS, "")
		}
	}
	w.emitPostedLocked(c, m)
	w.changedLocked(ChangeMessage, c.ID, m.TS, "")
	return m
}

// systemLocked posts what Slack itself writes into a channel.
func (w *Workspace) systemLocked(c *channel, m *Message) { w.postLocked(c, m) }

// threadLocked finds the parent that a reply belongs to. The reply to a reply goes to
// the same thread.
func (w *Workspace) threadLocked(c *channel, ts string) (string, *Error) {
	if ts == "" {
		return "", nil
	}
	m := c.byTS[ts]
	if m == nil || m.Deleted && m.ReplyCount == 0 {
		return "", fail("cannot_reply_to_message", "no message has the ts "+ts)
	}
	if m.ThreadTS != "" && m.ThreadTS != m.TS {
		return m.ThreadTS, nil
	}
	switch m.Subtype {
	case "channel_join", "channel_leave", "channel_topic", "channel_purpose", "channel_name", "channel_archive", "channel_unarchive":
		return "", fail("cannot_reply_to_message", "system messages have no threads")
	}
	return m.TS, nil
}

// editLocked changes a message by edit and tells the apps.
func (w *Workspace) editLocked(c *channel, m *Message, by string, edit func()) {
	before := w.wireMessage(m, true)
	text := m.Text
	edit()
	m.EditedBy, m.EditedTS = by, w.tsLocked()
	m.Edits++
	w.emitChangedLocked(c, before, m)
	w.emitMentionsLocked(c, m, text)
	w.changedLocked(ChangeMessage, c.ID, m.TS, "")
}

// deleteLocked removes a message. It stays in the workspace's own memory, marked.
func (w *Workspace) deleteLocked(c *channel, m *Message) {
	before := w.wireMessage(m, true)
	m.Deleted = true
	if m.Pinned {
		m.Pinned = false
		c.Pins = slices.DeleteFunc(c.Pins, func(p Pin) bool { return p.TS == m.TS })
	}
	if m.ThreadTS != "" && m.ThreadTS != m.TS {
		if parent := c.byTS[m.ThreadTS]; parent != nil {
			w.recountLocked(c, parent)
		}
	}
	w.emitDeletedLocked(c, before, m.TS)
	w.changedLocked(ChangeMessage, c.ID, m.TS, "")
}

// recountLocked works a parent's reply figures out again.
func (w *Workspace) recountLocked(c *channel, parent *Message) {
	parent.ReplyCount, parent.ReplyUsers, parent.LatestReply = 0, nil, ""
	for _, m := range c.messages[c.indexOf(parent.TS):] {
		if m.ThreadTS != parent.TS || m == parent || m.Deleted {
			continue
		}
		parent.ReplyCount++
		parent.LatestReply = m.TS
		if !slices.Contains(parent.ReplyUsers, m.User) {
			parent.ReplyUsers = append(parent.ReplyUsers, m.User)
		}
	}
	if parent.ReplyCount == 0 {
		parent.ThreadTS = ""
	}
	w.changedLocked(ChangeMessage, c.ID, parent.TS, "")
}

// indexOf is the place of the first message at or after ts. All timestamps have ten
// digits before the point until the year 2286, so they order as strings.
func (c *channel) indexOf(ts string) int {
	return sort.Search(len(c.messages), func(i int) bool { return c.messages[i].TS >= ts })
}

// reactLocked adds a reaction.
func (w *Workspace) reactLocked(c *channel, m *Message, user, name string) *Error {
	name = strings.Trim(name, ":")
	if !emojiName(name) {
		return fail("invalid_name", "emoji "+name)
	}
	if c.Archived {
		return fail("is_archived")
	}
	i := slices.IndexFunc(m.Reactions, func(r Reaction) bool { return r.Name == name })
	if i < 0 {
		if len(m.Reactions) >= 23 {
			return fail("too_many_emoji")
		}
		m.Reactions = append(m.Reactions, Reaction{Name: name})
		i = len(m.Reactions) - 1
	}
	if slices.Contains(m.Reactions[i].Users, user) {
		return fail("already_reacted")
	}
	m.Reactions[i].Users = append(m.Reactions[i].Users, user)
	w.emitReactionLocked("reaction_added", c, m, user, name)
	w.changedLocked(ChangeMessage, c.ID, m.TS, "")
	return nil
}

// unreactLocked takes a reaction back.
func (w *Workspace) unreactLocked(c *channel, m *Message, user, name string) *Error {
	name = strings.Trim(name, ":")
	if !emojiName(name) {
		return fail("invalid_name", "emoji "+name)
	}
	i := slices.IndexFunc(m.Reactions, func(r Reaction) bool { return r.Name == name })
	if i < 0 || !slices.Contains(m.Reactions[i].Users, user) {
		return fail("no_reaction")
	}
	m.Reactions[i].Users = slices.DeleteFunc(m.Reactions[i].Users, func(u string) bool { return u == user })
	if len(m.Reactions[i].Users) == 0 {
		m.Reactions = slices.Delete(m.Reactions, i, i+1)
	}
	w.emitReactionLocked("reaction_removed", c, m, user, name)
	w.changedLocked(ChangeMessage, c.ID, m.TS, "")
	return nil
}

func emojiName(s string) bool {
	if s == "" || len(s) > 100 {
		return false
	}
	for _, r := range s {
		if !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || strings.ContainsRune("_-+:'", r)) {
			return false
		}
	}
	return true
}

// ephemeralLocked shows a message to one person. It is in no history and sends no event.
func (w *Workspace) ephemeralLocked(c *channel, user string, m *Message) *Message {
	m.Channel, m.TS = c.ID, w.tsLocked()
	m.Ephemeral, m.EphemeralTo = true, user
	list := append(w.ephemeral[user], m)
	if len(list) > maxEphemerals {
		list = slices.Delete(list, 0, len(list)-maxEphemerals)
	}
	w.ephemeral[user] = list
	w.changedLocked(ChangeEphemeral, c.ID, m.TS, user)
	return m
}

func (w *Workspace) findEphemeralLocked(user, channelID, ts string) *Message {
	for _, m := range w.ephemeral[user] {
		if m.TS == ts && m.Channel == channelID {
			return m
		}
	}
	return nil
}

// changedLocked tells the subscribers.
func (w *Workspace) changedLocked(kind, channelID, ts, user string) {
	w.subs.publish(Change{Kind: kind, Channel: channelID, TS: ts, User: user})
}

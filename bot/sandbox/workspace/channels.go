package workspace

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// maxNameRunes is Slack's limit on channel names; maxTopicRunes that on topic and purpose.
const (
	maxNameRunes  = 80
	maxTopicRunes = 250
)

// checkNameLocked says why a channel cannot have a name.
func (w *Workspace) checkNameLocked(name string) *Error {
	switch {
	case name == "":
		return fail("invalid_name_required")
	case utf8.RuneCountInString(name) > maxNameRunes:
		return fail("invalid_name_maxlength")
	case strings.Trim(name, "-_") == "":
		return fail("invalid_name_punctuation")
	}
	for _, r := range name {
		if !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' || r == '_') {
			return fail("invalid_name_specials")
		}
	}
	if w.names[name] != nil {
		return fail("name_taken")
	}
	return nil
}

// addChannelLocked makes a conversation without telling anyone.
func (w *Workspace) addChannelLocked(id, name, kind, creator string) *channel {
	if id == "" {
		id = w.countedLocked(map[string]string{KindPublic: "C", KindPrivate: "C", KindIM: "D", KindMPIM: "G"}[kind])
	}
	if w.chanByID[id] != nil {
		panic("workspace: two channels have the id " + id)
	}
	c := &channel{
		Channel: Channel{ID: id, Name: name, Kind: kind, Created: w.clock.Now(), Creator: creator, General: name == "general"},
		member:  map[string]bool{},
		byTS:    map[string]*Message{},
	}
	w.channels = append(w.channels, c)
	w.chanByID[id] = c
	if name != "" {
		w.names[name] = c
	}
	return c
}

func (c *channel) addMember(user string) {
	if !c.member[user] {
		c.member[user] = true
		c.Members = append(c.Members, user)
	}
}

// createLocked is what conversations.create does; the creator becomes the first member.
func (w *Workspace) createLocked(name string, private bool, creator string) (*channel, *Error) {
	if err := w.checkNameLocked(name); err != nil {
		return nil, err
	}
	if len(w.channels) >= maxChannels {
		return nil, fail("restricted_action", "the sandbox holds no more channels")
	}
	kind := KindPublic
	if private {
		kind = KindPrivate
	}
	c := w.addChannelLocked("", name, kind, creator)
	w.changedLocked(ChangeChannel, c.ID, "", "")
	w.emitChannelLocked("created", c, object{"channel": object{
		"id": c.ID, "name": c.Name, "name_normalized": c.Name, "created": c.Created.Unix(), "creator": creator,
		"is_channel": true, "is_shared": false, "is_org_shared": false, "context_team_id": w.opt.TeamID,
	}})
	w.joinLocked(c, creator, "")
	return c, nil
}

// joinLocked makes someone a member, with Slack's message and event.
func (w *Workspace) joinLocked(c *channel, user, inviter string) {
	c.addMember(user)
	w.changedLocked(ChangeChannel, c.ID, "", user)
	if inviter == user {
		inviter = ""
	}
	w.systemLocked(c, &Message{
		User: user, Subtype: "channel_join", Text: "<@" + user + "> has joined the channel", Inviter: inviter,
	})
	w.emitMemberLocked("member_joined_channel", c, user, inviter)
}

// leaveLocked ends a membership. The event is sent first to those who are still in.
func (w *Workspace) leaveLocked(c *channel, user string) {
	w.emitMemberLocked("member_left_channel", c, user, "")
	delete(c.member, user)
	c.Members = slices.DeleteFunc(c.Members, func(m string) bool { return m == user })
	w.systemLocked(c, &Message{User: user, Subtype: "channel_leave", Text: "<@" + user + "> has left the channel"})
	w.changedLocked(ChangeChannel, c.ID, "", user)
}

// setTopicLocked sets the topic, or the purpose, with Slack's message.
func (w *Workspace) setTopicLocked(c *channel, user, what, value string) *Error {
	if utf8.RuneCountInString(value) > maxTopicRunes {
		return fail("too_long")
	}
	m := &Message{User: user, Subtype: "channel_" + what}
	if what == "topic" {
		c.Topic, c.TopicBy, m.Topic = value, user, value
		m.Text = "<@" + user + "> set the channel topic: " + value
	} else {
		c.Purpose, c.PurposeBy, m.Purpose = value, user, value
		m.Text = "<@" + user + "> set the channel description: " + value
	}
	w.systemLocked(c, m)
	w.changedLocked(ChangeChannel, c.ID, "", "")
	return nil
}

// archiveLocked closes a channel for writing.
func (w *Workspace) archiveLocked(c *channel, user string) *Error {
	switch {
	case c.Archived:
		return fail("already_archived")
	case c.General:
		return fail("cant_archive_general")
	}
	w.systemLocked(c, &Message{User: user, Subtype: "channel_archive", Text: "<@" + user + "> archived the channel"})
	c.Archived = true
	w.emitChannelLocked("archive", c, object{"channel": c.ID, "user": user, "is_moved": 0})
	w.changedLocked(ChangeChannel, c.ID, "", "")
	return nil
}

// unarchiveLocked opens it again.
func (w *Workspace) unarchiveLocked(c *channel, user string) *Error {
	if !c.Archived {
		return fail("not_archived")
	}
	c.Archived = false
	w.systemLocked(c, &Message{User: user, Subtype: "channel_unarchive", Text: "<@" + user + "> un-archived the channel"})
	w.emitChannelLocked("unarchive", c, object{"channel": c.ID, "user": user})
	w.changedLocked(ChangeChannel, c.ID, "", "")
	return nil
}

// renameLocked gives a channel another name; the old one is free again.
func (w *Workspace) renameLocked(c *channel, user, name string) *Error {
	if c.Name == name {
		return nil
	}
	if err := w.checkNameLocked(name); err != nil {
		return err
	}
	old := c.Name
	delete(w.names, old)
	c.Name = name
	w.names[name] = c
	c.PreviousNames = append(c.PreviousNames, old)
	if len(c.PreviousNames) > 10 {
		c.PreviousNames = slices.Delete(c.PreviousNames, 0, 1)
	}
	w.systemLocked(c, &Message{
		User: user, Subtype: "channel_name", Name: name, OldName: old,
		Text: "<@" + user + "> has renamed the channel from \"" + old + "\" to \"" + name + "\"",
	})
	w.emitChannelLocked("rename", c, object{"channel": object{"id": c.ID, "name": name, "name_normalized": name, "created": c.Created.Unix()}})
	w.changedLocked(ChangeChannel, c.ID, "", "")
	return nil
}

// openLocked finds or makes the direct conversation of these people; who asks is one
// of them.
func (w *Workspace) openLocked(users []string) (c *channel, existed bool) {
	users = slices.Clone(users)
	slices.Sort(users)
	users = slices.Compact(users)
	kind := KindIM
	if len(users) > 2 {
		kind = KindMPIM
	}
	name := ""
	if kind == KindMPIM {
		var names []string
		for _, id := range users {
			if u := w.userByID[id]; u != nil {
				names = append(names, u.Name)
			}
		}
		name = "mpdm-" + strings.Join(names, "--") + "-1"
	}
	key := "dm/" + strings.Join(users, "/")
	if c := w.names[key]; c != nil {
		return c, true
	}
	c = w.addChannelLocked("", name, kind, users[0])
	for _, u := range users {
		c.addMember(u)
	}
	w.names[key] = c // no channel name has a slash
	w.changedLocked(ChangeChannel, c.ID, "", "")
	return c, false
}

// inviteLocked checks one invitation.
func (w *Workspace) inviteLocked(c *channel, by, user string) *Error {
	u := w.userByID[user]
	switch {
	case u == nil:
		return fail("user_not_found")
	case user == by:
		return fail("cant_invite_self")
	case u.Deleted:
		return fail("cant_invite", "the user is deactivated")
	case c.member[user]:
		return fail("already_in_channel")
	}
	return nil
}

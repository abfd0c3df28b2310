package workspace

import (
	"mime"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"
)

// Person acts as a user of the workspace. Everything it does follows the rules that
// Slack's own client follows, and a refusal is an [*Error] in Slack's words.
// Conversations are given by id or name, people by id, handle or email.
type Person struct {
	w  *Workspace
	id string
}

// As returns the person with this id, handle or email. An unknown one can do nothing:
// every act fails with user_not_found.
func (w *Workspace) As(user string) Person {
	w.mu.Lock()
	defer w.mu.Unlock()
	if u := w.findUserLocked(user); u != nil {
		return Person{w: w, id: u.ID}
	}
	return Person{w: w, id: user}
}

// ID is the user id.
func (p Person) ID() string { return p.id }

// PostOption changes how a message is posted.
type PostOption func(*postOptions)

type postOptions struct {
	raw, broadcast bool
	thread         string
}

// Raw keeps the text as it is: no escaping, no @name, no #channel. It is how a test
// writes what a client would have to be tampered with to send.
func Raw() PostOption { return func(o *postOptions) { o.raw = true } }

// InThread posts a reply.
func InThread(ts string) PostOption { return func(o *postOptions) { o.thread = ts } }

// AlsoToChannel shows a reply in the channel too.
func AlsoToChannel() PostOption { return func(o *postOptions) { o.broadcast = true } }

// inLocked finds a conversation the person is in. Public channels they are not in give
// not_in_channel, private ones channel_not_found.
func (p Person) inLocked(channel string) (*conversation, *Error) {
	u := p.w.userByID[p.id]
	if u == nil || u.Deleted {
		return nil, fail("user_not_found", p.id)
	}
	c := p.w.findChannelLocked(channel)
	if c == nil || c.Kind != KindPublic && !c.member[p.id] {
		return nil, fail("channel_not_found", channel)
	}
	if !c.member[p.id] {
		return c, fail("not_in_channel", channel)
	}
	return c, nil
}

// writeLocked is inLocked for acts that an archived channel refuses.
func (p Person) writeLocked(channel string) (*conversation, *Error) {
	c, err := p.inLocked(channel)
	if err == nil && c.Archived {
		err = fail("is_archived", c.Name)
	}
	return c, err
}

// conversation names the type where a parameter is called channel.
type conversation = channel

// Post writes a message. & < > are escaped, and @name, @channel, @here, #channel and
// links become references, as Slack's client does it.
func (p Person) Post(channel, text string, opts ...PostOption) (Message, error) {
	var o postOptions
	for _, opt := range opts {
		opt(&o)
	}
	w := p.w
	w.mu.Lock()
	defer w.mu.Unlock()
	c, err := p.writeLocked(channel)
	if err != nil {
		return Message{}, err
	}
	if text == "" {
		return Message{}, fail("no_text")
	}
	thread, err := w.threadLocked(c, o.thread)
	if err != nil {
		return Message{}, err
	}
	m := &Message{User: p.id, ThreadTS: thread, Text: p.textLocked(text, o.raw)}
	if utf8.RuneCountInString(m.Text) > 40_000 {
		return Message{}, fail("msg_too_long")
	}
	m.Blocks = richText("b0", m.Text)
	if thread != "" && o.broadcast {
		m.Broadcast, m.Subtype = true, "thread_broadcast"
	}
	return w.postLocked(c, m).copy(), nil
}

func (p Person) textLocked(text string, raw bool) string {
	if raw {
		return text
	}
	return p.w.typedLocked(text, false)
}

// Reply writes into a thread.
func (p Person) Reply(channel, threadTS, text string) (Message, error) {
	return p.Post(channel, text, InThread(threadTS))
}

// Edit changes a message of one's own.
func (p Person) Edit(channel, ts, text string) error {
	return p.own(channel, ts, "cant_update_message", func(c *conversation, m *Message) {
		text := p.w.typedLocked(text, false)
		p.w.editLocked(c, m, p.id, func() { m.Text, m.Blocks = text, richText("b0", text) })
	})
}

// Delete removes a message of one's own.
func (p Person) Delete(channel, ts string) error {
	return p.own(channel, ts, "cant_delete_message", func(c *conversation, m *Message) { p.w.deleteLocked(c, m) })
}

func (p Person) own(channel, ts, refusal string, act func(*conversation, *Message)) error {
	return p.onMessage(channel, ts, func(c *conversation, m *Message) *Error {
		if m.User != p.id || m.BotID != "" {
			return fail(refusal)
		}
		act(c, m)
		return nil
	})
}

// React adds an emoji (without colons) to a message.
func (p Person) React(channel, ts, emoji string) error {
	return p.onMessage(channel, ts, func(c *conversation, m *Message) *Error { return p.w.reactLocked(c, m, p.id, emoji) })
}

// Unreact takes one's own emoji back.
func (p Person) Unreact(channel, ts, emoji string) error {
	return p.onMessage(channel, ts, func(c *conversation, m *Message) *Error { return p.w.unreactLocked(c, m, p.id, emoji) })
}

// Pin pins a message to its channel.
func (p Person) Pin(channel, ts string) error {
	return p.onMessage(channel, ts, func(c *conversation, m *Message) *Error { return p.w.pinLocked(c, m, p.id) })
}

// Unpin takes a pin away.
func (p Person) Unpin(channel, ts string) error {
	return p.onMessage(channel, ts, func(c *conversation, m *Message) *Error { return p.w.unpinLocked(c, m, p.id) })
}

func (p Person) onMessage(channel, ts string, act func(*conversation, *Message) *Error) error {
	return p.onChannel(p.writeLocked, channel, func(c *conversation) *Error {
		m := c.byTS[ts]
		if m == nil || m.Deleted {
			return fail("message_not_found", ts)
		}
		return act(c, m)
	})
}

// onChannel finds a channel and acts on it. find says what must hold: inLocked or writeLocked.
func (p Person) onChannel(find func(channel string) (*conversation, *Error), channel string, act func(*conversation) *Error) error {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	c, err := find(channel)
	if err == nil {
		err = act(c)
	}
	if err != nil {
		return err
	}
	return nil // not a nil *Error, which would be an error
}

// Upload shares a file with a comment, which may be empty. Content over 1 MiB is cut;
// the file keeps its true size.
func (p Person) Upload(channel, name string, content []byte, comment string, opts ...PostOption) (Message, error) {
	var o postOptions
	for _, opt := range opts {
		opt(&o)
	}
	w := p.w
	w.mu.Lock()
	defer w.mu.Unlock()
	c, err := p.writeLocked(channel)
	if err != nil {
		return Message{}, err
	}
	thread, err := w.threadLocked(c, o.thread)
	if err != nil {
		return Message{}, err
	}
	f := w.addFileLocked(nil, p.id, name, len(content))
	f.content = slices.Clone(content[:min(len(content), maxFileBytes)])
	f.done = true
	text := p.textLocked(comment, o.raw)
	m := &Message{User: p.id, Subtype: "file_share", Text: text, ThreadTS: thread, Files: []File{f.File}, Blocks: richText("b0", text)}
	return w.postLocked(c, m).copy(), nil
}

func mimeType(name string) string {
	if t := mime.TypeByExtension(strings.ToLower(filepath.Ext(name))); t != "" {
		t, _, _ = strings.Cut(t, ";")
		return t
	}
	return "application/octet-stream"
}

// CreateChannel makes a channel with the person as creator and only member.
func (p Person) CreateChannel(name string, private bool) (Channel, error) {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	if u := p.w.userByID[p.id]; u == nil || u.Deleted {
		return Channel{}, fail("user_not_found", p.id)
	}
	c, err := p.w.createLocked(name, private, p.id)
	if err != nil {
		return Channel{}, err
	}
	return c.copy(), nil
}

// Join enters a public channel.
func (p Person) Join(channel string) error {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	c, err := p.inLocked(channel)
	switch {
	case err == nil:
		return nil // already in
	case err.Code != "not_in_channel":
		return err
	case c.Archived:
		return fail("is_archived", c.Name)
	}
	p.w.joinLocked(c, p.id, "")
	return nil
}

// Leave goes out of a channel.
func (p Person) Leave(channel string) error {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	c, err := p.writeLocked(channel)
	switch {
	case err != nil:
		return err
	case c.General:
		return fail("cant_leave_general")
	case c.Kind == KindIM:
		return fail("method_not_supported_for_channel_type")
	}
	p.w.leaveLocked(c, p.id)
	return nil
}

// InviteTo brings others (bots too) into a channel the person is in.
func (p Person) InviteTo(channel string, users ...string) error {
	return p.onChannel(p.writeLocked, channel, func(c *conversation) *Error {
		var ids []string
		for _, name := range users {
			u := p.w.findUserLocked(name)
			if u == nil {
				return fail("user_not_found", name)
			}
			if err := p.w.inviteLocked(c, p.id, u.ID); err != nil {
				return err
			}
			ids = append(ids, u.ID)
		}
		for _, id := range ids {
			p.w.joinLocked(c, id, p.id)
		}
		return nil
	})
}

// Kick puts someone out of a channel.
func (p Person) Kick(channel, user string) error {
	return p.onChannel(p.writeLocked, channel, func(c *conversation) *Error {
		u := p.w.findUserLocked(user)
		switch {
		case u == nil:
			return fail("user_not_found", user)
		case c.General:
			return fail("cant_kick_from_general")
		case !c.member[u.ID]:
			return fail("not_in_channel")
		}
		p.w.leaveLocked(c, u.ID)
		return nil
	})
}

// SetTopic sets a channel's topic.
func (p Person) SetTopic(channel, topic string) error {
	return p.onChannel(p.writeLocked, channel, func(c *conversation) *Error { return p.w.setTopicLocked(c, p.id, "topic", topic) })
}

// Archive closes a channel.
func (p Person) Archive(channel string) error {
	return p.onChannel(p.inLocked, channel, func(c *conversation) *Error { return p.w.archiveLocked(c, p.id) })
}

// Unarchive opens a channel again.
func (p Person) Unarchive(channel string) error {
	return p.onChannel(p.inLocked, channel, func(c *conversation) *Error { return p.w.unarchiveLocked(c, p.id) })
}

// Rename gives a channel another name.
func (p Person) Rename(channel, name string) error {
	return p.onChannel(p.writeLocked, channel, func(c *conversation) *Error { return p.w.renameLocked(c, p.id, name) })
}

// OpenDM returns the direct conversation with a person or a bot.
func (p Person) OpenDM(user string) (Channel, error) {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	u := p.w.findUserLocked(user)
	if u == nil || p.w.userByID[p.id] == nil {
		return Channel{}, fail("user_not_found", user)
	}
	c, _ := p.w.openLocked([]string{p.id, u.ID})
	return c.copy(), nil
}

// DismissEphemeral makes a message that only this person sees go away.
func (p Person) DismissEphemeral(ts string) {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	p.dismissLocked(ts)
}

func (p Person) dismissLocked(ts string) {
	p.w.ephemeral[p.id] = slices.DeleteFunc(p.w.ephemeral[p.id], func(m *Message) bool { return m.TS == ts })
	p.w.changedLocked(ChangeEphemeral, "", ts, p.id)
}

package workspace

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// Users returns everybody, bots included, in order of creation.
func (w *Workspace) Users() []User {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := make([]User, 0, len(w.users))
	for _, u := range w.users {
		out = append(out, *u)
	}
	return out
}

// User finds a user by id, handle (with or without @) or email.
func (w *Workspace) User(idOrName string) (User, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	u := w.findUserLocked(idOrName)
	if u == nil {
		return User{}, false
	}
	return *u, true
}

// Apps returns the installed apps with their tokens.
func (w *Workspace) Apps() []App {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := make([]App, 0, len(w.apps))
	for _, a := range w.apps {
		c := a.App
		c.Scopes, c.Commands, c.Events = slices.Clone(c.Scopes), slices.Clone(c.Commands), slices.Clone(c.Events)
		out = append(out, c)
	}
	return out
}

// TeamID returns the id of the workspace.
func (w *Workspace) TeamID() string { return w.opt.TeamID }

// Channels returns every conversation, direct messages included, in order of creation.
func (w *Workspace) Channels() []Channel {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := make([]Channel, 0, len(w.channels))
	for _, c := range w.channels {
		out = append(out, c.copy())
	}
	return out
}

// Channel finds a conversation by id or by name, with or without #.
func (w *Workspace) Channel(nameOrID string) (Channel, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := w.findChannelLocked(nameOrID)
	if c == nil {
		return Channel{}, false
	}
	return c.copy(), true
}

func (c *channel) copy() Channel {
	out := c.Channel
	out.Members = slices.Clone(c.Members)
	out.Pins = slices.Clone(c.Pins)
	out.Bookmarks = slices.Clone(c.Bookmarks)
	out.PreviousNames = slices.Clone(c.PreviousNames)
	return out
}

// Messages returns everything in a conversation, thread replies, system messages and
// deleted messages included, oldest first. An unknown conversation has none.
func (w *Workspace) Messages(nameOrID string) []Message {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := w.findChannelLocked(nameOrID)
	if c == nil {
		return nil
	}
	out := make([]Message, 0, len(c.messages))
	for _, m := range c.messages {
		out = append(out, m.copy())
	}
	return out
}

// Message returns one message.
func (w *Workspace) Message(nameOrID, ts string) (Message, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := w.findChannelLocked(nameOrID)
	if c == nil || c.byTS[ts] == nil {
		return Message{}, false
	}
	return c.byTS[ts].copy(), true
}

func (m *Message) copy() Message {
	out := *m
	out.ReplyUsers = slices.Clone(m.ReplyUsers)
	out.Files = slices.Clone(m.Files)
	out.Notified = slices.Clone(m.Notified)
	out.Broadcasts = slices.Clone(m.Broadcasts)
	out.Reactions = nil
	for _, r := range m.Reactions {
		out.Reactions = append(out.Reactions, Reaction{Name: r.Name, Users: slices.Clone(r.Users)})
	}
	if m.Metadata != nil {
		md := *m.Metadata
		out.Metadata = &md
	}
	return out
}

// Ephemerals returns what a person sees alone in a conversation, oldest first; an
// empty conversation means in all of them.
func (w *Workspace) Ephemerals(user, nameOrID string) []Message {
	w.mu.Lock()
	defer w.mu.Unlock()
	u := w.findUserLocked(user)
	if u == nil {
		return nil
	}
	id := ""
	if nameOrID != "" {
		c := w.findChannelLocked(nameOrID)
		if c == nil {
			return nil
		}
		id = c.ID
	}
	var out []Message
	for _, m := range w.ephemeral[u.ID] {
		if id == "" || m.Channel == id {
			out = append(out, m.copy())
		}
	}
	return out
}

// Views returns a person's open modals, the topmost last.
func (w *Workspace) Views(user string) []View {
	w.mu.Lock()
	defer w.mu.Unlock()
	u := w.findUserLocked(user)
	if u == nil {
		return nil
	}
	return w.viewsLocked(u.ID)
}

func (w *Workspace) viewsLocked(user string) []View {
	var out []View
	for _, v := range w.views[user] {
		out = append(out, v.copy())
	}
	return out
}

// Home returns a person's home tab of the first app that published one.
func (w *Workspace) Home(user string) (View, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	u := w.findUserLocked(user)
	if u == nil {
		return View{}, false
	}
	for _, a := range w.apps {
		if v := w.homes[a.AppID+"/"+u.ID]; v != nil {
			return v.copy(), true
		}
	}
	return View{}, false
}

func (v *view) copy() View {
	out := v.View
	out.Errors = maps.Clone(v.Errors)
	out.State = map[string]map[string]json.RawMessage{}
	for b, actions := range v.State {
		out.State[b] = maps.Clone(actions)
	}
	return out
}

// Calls returns the newest n Web API calls, oldest first; n <= 0 means all that are
// kept.
func (w *Workspace) Calls(n int) []Call {
	w.mu.Lock()
	defer w.mu.Unlock()
	list := w.calls
	if n > 0 && len(list) > n {
		list = list[len(list)-n:]
	}
	out := make([]Call, 0, len(list))
	for _, c := range list {
		c.Args = maps.Clone(c.Args)
		c.Warnings = slices.Clone(c.Warnings)
		out = append(out, c)
	}
	return out
}

// Strange lists what a strict test does not expect, oldest first.
func (w *Workspace) Strange() []Oddity {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.oddities)
}

func (w *Workspace) strangeLocked(appID, what string) {
	w.oddities = append(w.oddities, Oddity{At: w.clock.Now(), AppID: appID, What: what})
	if len(w.oddities) > maxOddities {
		w.oddities = slices.Delete(w.oddities, 0, len(w.oddities)-maxOddities)
	}
}

// Envelopes returns the Socket Mode counters.
func (w *Workspace) Envelopes() EnvelopeStats {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.stats
	for _, a := range w.apps {
		seen := map[*envelope]bool{}
		for _, e := range a.open {
			if e.event && !e.settled && !seen[e] {
				seen[e] = true
				s.Waiting++
			}
		}
		for _, e := range a.waiting {
			if !e.settled && !seen[e] {
				s.Waiting++
			}
		}
	}
	return s
}

// Connections returns the open sockets, oldest first.
func (w *Workspace) Connections() []Connection {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []Connection
	for _, a := range w.apps {
		for _, c := range a.conns {
			out = append(out, Connection{ID: c.id, AppID: a.AppID, Since: c.since, Draining: c.draining, HalfOpen: c.halfOpen})
		}
	}
	return out
}

// findUserLocked finds by id, handle or email.
func (w *Workspace) findUserLocked(s string) *User {
	if u := w.userByID[s]; u != nil {
		return u
	}
	s = strings.TrimPrefix(s, "@")
	for _, u := range w.users {
		if strings.EqualFold(u.Name, s) || (u.Email != "" && strings.EqualFold(u.Email, s)) {
			return u
		}
	}
	return nil
}

// findChannelLocked finds by id or name.
func (w *Workspace) findChannelLocked(s string) *channel {
	if c := w.chanByID[s]; c != nil {
		return c
	}
	s = strings.TrimPrefix(s, "#")
	if s == "" {
		return nil
	}
	return w.names[s]
}

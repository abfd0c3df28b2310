package workspace

import (
	"net/url"
	"slices"
	"strings"
)

const (
	maxPins      = 100
	maxBookmarks = 100
)

// pinLocked pins a message.
func (w *Workspace) pinLocked(c *channel, m *Message, user string) *Error {
	switch {
	case m.Pinned:
		return fail("already_pinned")
	case len(c.Pins) >= maxPins:
		return fail("too_many_pins")
	}
	m.Pinned = true
	c.Pins = append([]Pin{{TS: m.TS, By: user, At: w.clock.Now()}}, c.Pins...)
	w.emitPinLocked("pin_added", c, m, user)
	w.changedLocked(ChangeMessage, c.ID, m.TS, "")
	return nil
}

// unpinLocked takes the pin away.
func (w *Workspace) unpinLocked(c *channel, m *Message, user string) *Error {
	if !m.Pinned {
		return fail("no_pin")
	}
	m.Pinned = false
	c.Pins = slices.DeleteFunc(c.Pins, func(p Pin) bool { return p.TS == m.TS })
	w.emitPinLocked("pin_removed", c, m, user)
	w.changedLocked(ChangeMessage, c.ID, m.TS, "")
	return nil
}

// itemLocked finds the message that an item method names.
func (w *Workspace) itemLocked(a *app, args map[string]string) (*channel, *Message, *Error) {
	c, err := w.insideLocked(a, args["channel"])
	if err != nil {
		return nil, nil, err
	}
	ts := args["timestamp"]
	if ts == "" {
		return nil, nil, fail("no_item_specified")
	}
	if _, ok := parseTS(ts); !ok {
		return nil, nil, fail("bad_timestamp")
	}
	m := c.byTS[ts]
	if m == nil || m.Deleted {
		return nil, nil, fail("message_not_found")
	}
	return c, m, nil
}

func apiPinAdd(w *Workspace, a *app, args map[string]string) (object, *Error) {
	c, m, err := w.itemLocked(a, args)
	if err == nil {
		err = w.pinLocked(c, m, a.BotUserID)
	}
	return object{}, err
}

func apiPinRemove(w *Workspace, a *app, args map[string]string) (object, *Error) {
	c, m, err := w.itemLocked(a, args)
	if err == nil {
		err = w.unpinLocked(c, m, a.BotUserID)
	}
	return object{}, err
}

func apiPinList(w *Workspace, a *app, args map[string]string) (object, *Error) {
	c, err := w.insideLocked(a, args["channel"])
	if err != nil {
		return nil, err
	}
	items := []object{}
	for _, p := range c.Pins {
		if m := c.byTS[p.TS]; m != nil {
			items = append(items, object{
				"type": "message", "channel": c.ID, "created": p.At.Unix(), "created_by": p.By,
				"message": w.wireMessage(m, false),
			})
		}
	}
	return object{"items": items}, nil
}

func apiReactionAdd(w *Workspace, a *app, args map[string]string) (object, *Error) {
	c, m, err := w.itemLocked(a, args)
	if err == nil {
		err = w.reactLocked(c, m, a.BotUserID, args["name"])
	}
	return object{}, err
}

func apiReactionRemove(w *Workspace, a *app, args map[string]string) (object, *Error) {
	c, m, err := w.itemLocked(a, args)
	if err == nil {
		err = w.unreactLocked(c, m, a.BotUserID, args["name"])
	}
	return object{}, err
}

func apiReactionGet(w *Workspace, a *app, args map[string]string) (object, *Error) {
	c, m, err := w.itemLocked(a, args)
	if err != nil {
		return nil, err
	}
	return object{"type": "message", "channel": c.ID, "message": w.wireMessage(m, false)}, nil
}

// bookmarkChannelLocked finds the channel of a bookmark method; only members may.
func (w *Workspace) bookmarkChannelLocked(a *app, args map[string]string) (*channel, *Error) {
	c, err := w.seenLocked(a, args["channel_id"])
	if err == nil && !c.member[a.BotUserID] {
		err = fail("permission_denied", "the bot is not in the channel")
	}
	return c, err
}

func goodLink(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && len(s) <= 3000
}

func wireBookmark(c *channel, b Bookmark) object {
	return object{
		"id": b.ID, "channel_id": c.ID, "title": b.Title, "link": b.Link, "emoji": b.Emoji,
		"icon_url": nil, "type": b.Type, "entity_id": nil, "date_created": b.Created.Unix(),
		"date_updated": b.Updated.Unix(), "rank": "i", "last_updated_by_user_id": b.By,
		"last_updated_by_team_id": "", "shortcut_id": nil, "app_id": b.AppID,
	}
}

func apiBookmarkAdd(w *Workspace, a *app, args map[string]string) (object, *Error) {
	c, err := w.bookmarkChannelLocked(a, args)
	switch {
	case err != nil:
		return nil, err
	case c.Archived:
		return nil, fail("permission_denied", "the channel is archived")
	case args["type"] != "link":
		return nil, fail("invalid_bookmark_type")
	case args["title"] == "":
		return nil, fail("invalid_arguments", "[ERROR] missing required field: title")
	case !goodLink(args["link"]):
		return nil, fail("invalid_link")
	case args["emoji"] != "" && !emojiName(strings.Trim(args["emoji"], ":")):
		return nil, fail("invalid_emoji")
	case len(c.Bookmarks) >= maxBookmarks:
		return nil, fail("too_many_bookmarks")
	}
	now := w.clock.Now()
	b := Bookmark{
		ID: w.countedLocked("Bk"), Title: args["title"], Link: args["link"], Emoji: args["emoji"], Type: "link",
		AppID: a.AppID, Created: now, By: a.BotUserID,
	}
	c.Bookmarks = append(c.Bookmarks, b)
	w.changedLocked(ChangeChannel, c.ID, "", "")
	return object{"bookmark": wireBookmark(c, b)}, nil
}

func apiBookmarkEdit(w *Workspace, a *app, args map[string]string) (object, *Error) {
	c, err := w.bookmarkChannelLocked(a, args)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(c.Bookmarks, func(b Bookmark) bool { return b.ID == args["bookmark_id"] })
	if i < 0 {
		return nil, fail("not_found")
	}
	b := c.Bookmarks[i]
	if v, ok := args["title"]; ok {
		b.Title = v
	}
	if v, ok := args["link"]; ok {
		if !goodLink(v) {
			return nil, fail("invalid_link")
		}
		b.Link = v
	}
	if v, ok := args["emoji"]; ok {
		if v != "" && !emojiName(strings.Trim(v, ":")) {
			return nil, fail("invalid_emoji")
		}
		b.Emoji = v
	}
	b.Updated, b.By = w.clock.Now(), a.BotUserID
	c.Bookmarks[i] = b
	w.changedLocked(ChangeChannel, c.ID, "", "")
	return object{"bookmark": wireBookmark(c, b)}, nil
}

func apiBookmarkRemove(w *Workspace, a *app, args map[string]string) (object, *Error) {
	c, err := w.bookmarkChannelLocked(a, args)
	if err != nil {
		return nil, err
	}
	before := len(c.Bookmarks)
	c.Bookmarks = slices.DeleteFunc(c.Bookmarks, func(b Bookmark) bool { return b.ID == args["bookmark_id"] })
	if len(c.Bookmarks) == before {
		return nil, fail("not_found")
	}
	w.changedLocked(ChangeChannel, c.ID, "", "")
	return object{}, nil
}

func apiBookmarkList(w *Workspace, a *app, args map[string]string) (object, *Error) {
	c, err := w.bookmarkChannelLocked(a, args)
	if err != nil {
		return nil, err
	}
	out := []object{}
	for _, b := range c.Bookmarks {
		out = append(out, wireBookmark(c, b))
	}
	return object{"bookmarks": out}, nil
}

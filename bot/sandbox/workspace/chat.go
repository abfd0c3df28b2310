package workspace

import (
	"encoding/json"
	"strings"
	"unicode/utf8"
)

const (
	maxPostText     = 40_000   // longer text is cut
	maxUpdateText   = 4_000    // longer text is refused
	maxMetadata     = 16 << 10 // bytes; Slack's own cap is not published
	maxAttachments  = 100
	markdownTextMax = 12_000
)

// content is what chat.* methods say of a message.
type content struct {
	text                          string
	hasText, hasBlocks, hasAttach bool
	blocks, attachments           json.RawMessage
	metadata                      *Metadata
	hasMetadata                   bool
	username, icon                string
	markdown                      bool
}

// contentLocked reads and checks the content arguments.
func (w *Workspace) contentLocked(a *app, args map[string]string) (content, *Error) {
	var c content
	c.text, c.hasText = args["text"]
	if md := args["markdown_text"]; md != "" {
		if c.text != "" || !blankArray(json.RawMessage(args["blocks"])) {
			return c, fail("markdown_text_conflict")
		}
		if utf8.RuneCountInString(md) > markdownTextMax {
			return c, fail("msg_too_long")
		}
		c.text, c.hasText, c.markdown = md, true, true
	}
	if raw, ok := args["blocks"]; ok {
		c.hasBlocks = true
		if strings.TrimSpace(raw) != "" {
			if !json.Valid([]byte(raw)) {
				return c, fail("invalid_blocks_format")
			}
			if !blankArray(json.RawMessage(raw)) {
				checked, err := messageBlocks([]byte(raw))
				if err != nil {
					return c, err
				}
				c.blocks = checked.raw
			}
		}
	}
	if raw, ok := args["attachments"]; ok {
		c.hasAttach = true
		if !blankArray(json.RawMessage(raw)) {
			var list []map[string]json.RawMessage
			if json.Unmarshal([]byte(raw), &list) != nil {
				return c, fail("invalid_attachments")
			}
			if len(list) > maxAttachments {
				return c, fail("too_many_attachments")
			}
			for _, att := range list {
				if b := att["blocks"]; !blankArray(b) {
					if _, err := messageBlocks(b); err != nil {
						return c, err
					}
				}
			}
			c.attachments = json.RawMessage(raw)
		}
	}
	if raw := args["metadata"]; raw != "" {
		c.hasMetadata = true
		if len(raw) > maxMetadata {
			return c, fail("metadata_too_large")
		}
		var md Metadata
		var fields map[string]json.RawMessage
		if json.Unmarshal([]byte(raw), &fields) != nil {
			return c, fail("invalid_metadata_format")
		}
		if len(fields) > 0 {
			var payload map[string]any
			if json.Unmarshal([]byte(raw), &md) != nil || md.EventType == "" || json.Unmarshal(md.EventPayload, &payload) != nil || payload == nil {
				return c, fail("invalid_metadata_schema")
			}
			c.metadata = &md
		}
	}
	if args["username"] != "" || args["icon_emoji"] != "" || args["icon_url"] != "" {
		if a.scopes["chat:write.customize"] {
			c.username, c.icon = args["username"], args["icon_emoji"]
		} else {
			w.strangeLocked(a.AppID, "username or icon without the scope chat:write.customize is ignored")
		}
	}
	if boolArg(args["link_names"]) || args["parse"] == "full" {
		c.text = w.linkNamesLocked(c.text)
	}
	return c, nil
}

// linkNamesLocked turns @name and #channel in an app's text into references, without
// escaping what the app escaped itself.
func (w *Workspace) linkNamesLocked(text string) string {
	return typed.ReplaceAllStringFunc(text, func(word string) string {
		if word[0] == 'h' {
			return word
		}
		ref, rest := w.referenceLocked(word, false)
		if ref == "" {
			return word
		}
		return ref + rest
	})
}

func (c content) nothing() bool {
	return c.text == "" && c.blocks == nil && c.attachments == nil
}

// postTargetLocked finds where chat.postMessage writes: a channel id, the name of a
// public channel, or a user id (the direct conversation).
func (w *Workspace) postTargetLocked(a *app, target string) (*channel, *Error) {
	if u := w.userByID[target]; u != nil {
		if u.ID == a.BotUserID {
			return nil, fail("channel_not_found")
		}
		c, _ := w.openLocked([]string{a.BotUserID, u.ID})
		return c, nil
	}
	if c := w.names[strings.TrimPrefix(target, "#")]; c != nil && c.Kind == KindPublic {
		target = c.ID
	}
	return w.seenLocked(a, target)
}

// apiPostMessage is chat.postMessage.
func apiPostMessage(w *Workspace, a *app, args map[string]string) (object, *Error) {
	c, err := w.postTargetLocked(a, args["channel"])
	if err != nil {
		return nil, err
	}
	in, err := w.contentLocked(a, args)
	switch {
	case err != nil:
		return nil, err
	case in.nothing():
		return nil, fail("no_text")
	case c.Archived:
		return nil, fail("is_archived")
	case !c.member[a.BotUserID] && !a.scopes["chat:write.public"]:
		return nil, fail("not_in_channel")
	}
	thread, err := w.threadLocked(c, args["thread_ts"])
	if err != nil {
		return nil, err
	}
	if thread != args["thread_ts"] {
		w.strangeLocked(a.AppID, "chat.postMessage got the thread_ts of a reply; it is the parent's that belongs there")
	}
	m := &Message{
		User: a.BotUserID, BotID: a.BotID, AppID: a.AppID, Text: cutRunes(in.text, maxPostText),
		Blocks: in.blocks, Attachments: in.attachments, Metadata: in.metadata, ThreadTS: thread,
		Username: in.username, IconEmoji: in.icon,
	}
	if thread != "" && boolArg(args["reply_broadcast"]) {
		m.Broadcast, m.Subtype = true, "thread_broadcast"
	}
	w.postLocked(c, m)
	return object{"channel": c.ID, "ts": m.TS, "message": w.wireMessage(m, true)}, nil
}

func cutRunes(s string, n int) string {
	if len(s) <= n {
		return s
	}
	count := 0
	for i := range s {
		if count == n {
			return s[:i]
		}
		count++
	}
	return s
}

// ownMessageLocked finds the message that channel and ts name; refusal is what one gets that the app did not write.
func (w *Workspace) ownMessageLocked(a *app, args map[string]string, refusal string) (*channel, *Message, *Error) {
	c, err := w.seenLocked(a, args["channel"])
	if err != nil {
		return nil, nil, err
	}
	m := c.byTS[args["ts"]]
	switch {
	case m == nil || m.Deleted:
		return nil, nil, fail("message_not_found")
	case m.BotID != a.BotID || m.Subtype != "" && m.Subtype != "thread_broadcast" && m.Subtype != "file_share":
		return nil, nil, fail(refusal)
	}
	return c, m, nil
}

// apiUpdate is chat.update. What the call leaves out stays as it was.
func apiUpdate(w *Workspace, a *app, args map[string]string) (object, *Error) {
	c, m, err := w.ownMessageLocked(a, args, "cant_update_message")
	if err == nil && c.Archived {
		err = fail("is_inactive")
	}
	if err != nil {
		return nil, err
	}
	in, err := w.contentLocked(a, args)
	switch {
	case err != nil:
		return nil, err
	case !in.hasText && !in.hasBlocks && !in.hasAttach && !in.hasMetadata:
		return nil, fail("no_text")
	case utf8.RuneCountInString(in.text) > maxUpdateText:
		return nil, fail("msg_too_long")
	}
	next := *m
	if in.hasText {
		next.Text = in.text
	}
	if in.hasBlocks {
		next.Blocks = in.blocks
	}
	if in.hasAttach {
		next.Attachments = in.attachments
	}
	if in.hasMetadata {
		next.Metadata = in.metadata
	}
	if next.Text == "" && next.Blocks == nil && next.Attachments == nil {
		return nil, fail("no_text")
	}
	w.editLocked(c, m, a.BotUserID, func() {
		m.Text, m.Blocks, m.Attachments, m.Metadata = next.Text, next.Blocks, next.Attachments, next.Metadata
	})
	return object{"channel": c.ID, "ts": m.TS, "text": m.Text, "message": w.wireMessage(m, true)}, nil
}

// apiDelete is chat.delete.
func apiDelete(w *Workspace, a *app, args map[string]string) (object, *Error) {
	c, m, err := w.ownMessageLocked(a, args, "cant_delete_message")
	if err != nil {
		return nil, err
	}
	w.deleteLocked(c, m)
	return object{"channel": c.ID, "ts": m.TS}, nil
}

// apiPostEphemeral is chat.postEphemeral.
func apiPostEphemeral(w *Workspace, a *app, args map[string]string) (object, *Error) {
	c, err := w.seenLocked(a, args["channel"])
	if err != nil {
		return nil, err
	}
	in, err := w.contentLocked(a, args)
	switch {
	case err != nil:
		return nil, err
	case in.nothing():
		return nil, fail("no_text")
	case utf8.RuneCountInString(in.text) > maxPostText:
		return nil, fail("msg_too_long")
	case c.Archived:
		return nil, fail("is_archived")
	case !c.member[a.BotUserID]:
		return nil, fail("not_in_channel")
	case !c.member[args["user"]]:
		return nil, fail("user_not_in_channel")
	}
	thread, err := w.threadLocked(c, args["thread_ts"])
	if err != nil {
		return nil, err
	}
	m := w.ephemeralLocked(c, args["user"], &Message{
		User: a.BotUserID, BotID: a.BotID, AppID: a.AppID, Text: in.text, ThreadTS: thread,
		Blocks: in.blocks, Attachments: in.attachments, Username: in.username, IconEmoji: in.icon,
	})
	return object{"message_ts": m.TS}, nil
}

// apiPermalink is chat.getPermalink.
func apiPermalink(w *Workspace, a *app, args map[string]string) (object, *Error) {
	c, err := w.seenLocked(a, args["channel"])
	if err != nil {
		return nil, err
	}
	m := c.byTS[args["message_ts"]]
	if m == nil || m.Deleted {
		return nil, fail("message_not_found")
	}
	link := "https://" + w.opt.Domain + ".slack.com/archives/" + c.ID + "/p" + strings.Replace(m.TS, ".", "", 1)
	if m.ThreadTS != "" && m.ThreadTS != m.TS {
		link += "?thread_ts=" + m.ThreadTS + "&cid=" + c.ID
	}
	return object{"channel": c.ID, "permalink": link}, nil
}

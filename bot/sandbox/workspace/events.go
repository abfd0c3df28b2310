package workspace

import (
	"encoding/json"
	"slices"
)

// eventScopes are the events the workspace can send and the scope each needs; "" means
// none. Member events need the scope of the channel's kind.
var eventScopes = map[string]string{
	"message.channels":      "channels:history",
	"message.groups":        "groups:history",
	"message.im":            "im:history",
	"message.mpim":          "mpim:history",
	"app_mention":           "app_mentions:read",
	"reaction_added":        "reactions:read",
	"reaction_removed":      "reactions:read",
	"member_joined_channel": "",
	"member_left_channel":   "",
	"channel_created":       "channels:read",
	"channel_archive":       "channels:read",
	"channel_unarchive":     "channels:read",
	"channel_rename":        "channels:read",
	"group_archive":         "groups:read",
	"group_unarchive":       "groups:read",
	"group_rename":          "groups:read",
	"pin_added":             "pins:read",
	"pin_removed":           "pins:read",
	"app_home_opened":       "",
}

// AllEvents returns every event type an app can subscribe to here, sorted.
func AllEvents() []string {
	var out []string
	for e := range eventScopes {
		out = append(out, e)
	}
	slices.Sort(out)
	return out
}

// channelType is the channel_type of events.
func channelType(kind string) string {
	switch kind {
	case KindPrivate:
		return "group"
	case KindIM:
		return "im"
	case KindMPIM:
		return "mpim"
	}
	return "channel"
}

// readScope is the *:read scope of a kind of conversation.
func readScope(kind string) string {
	switch kind {
	case KindPrivate:
		return "groups:read"
	case KindIM:
		return "im:read"
	case KindMPIM:
		return "mpim:read"
	}
	return "channels:read"
}

// emitLocked sends an event to every app that subscribed, has the scope and, when
// inside is true, whose bot is a member of the channel.
func (w *Workspace) emitLocked(name string, c *channel, inside bool, event object) {
	for _, a := range w.apps {
		if inside && !c.member[a.BotUserID] {
			continue
		}
		w.emitToLocked(a, name, c, event)
	}
}

// emitToLocked sends an event to one app if it subscribed and has the scope.
func (w *Workspace) emitToLocked(a *app, name string, c *channel, event object) {
	scope := eventScopes[name]
	if scope == "" && c != nil && name != "app_home_opened" {
		scope = readScope(c.Kind)
	}
	if !a.events[name] || (scope != "" && !a.scopes[scope]) {
		return
	}
	now := w.clock.Now()
	if event["event_ts"] == nil {
		event["event_ts"] = formatTS(now.UnixMicro())
	}
	w.counters["Ev"]++
	payload := mustJSON(object{
		"token": "sandbox", "team_id": w.opt.TeamID, "context_team_id": w.opt.TeamID,
		"context_enterprise_id": nil, "api_app_id": a.AppID, "event": event,
		"type": "event_callback", "event_id": "Ev" + w.secretLocked("event", 9),
		"event_time": now.Unix(), "is_ext_shared_channel": false,
		"event_context": "4-" + w.secretLocked("context", 16),
		"authorizations": []any{object{
			"enterprise_id": nil, "team_id": w.opt.TeamID, "user_id": a.BotUserID,
			"is_bot": true, "is_enterprise_install": false,
		}},
	})
	w.sendEventLocked(a, payload)
}

// emitMessageLocked sends a message event of the channel's kind.
func (w *Workspace) emitMessageLocked(c *channel, event object) {
	event["type"] = "message"
	event["channel"] = c.ID
	event["channel_type"] = channelType(c.Kind)
	name := map[string]string{KindPublic: "message.channels", KindPrivate: "message.groups", KindIM: "message.im", KindMPIM: "message.mpim"}[c.Kind]
	w.emitLocked(name, c, true, event)
}

// emitPostedLocked tells apps about a new message, and those it mentions once more.
func (w *Workspace) emitPostedLocked(c *channel, m *Message) {
	event := w.wireMessage(m, true)
	event["event_ts"] = m.TS
	w.emitMessageLocked(c, event)
	w.emitMentionsLocked(c, m, "")
}

// emitMentionsLocked sends app_mention for bots named in the text that were not named
// in before. Slack sends none in direct messages, and none for the bot's own words.
func (w *Workspace) emitMentionsLocked(c *channel, m *Message, before string) {
	if c.Kind == KindIM || m.Subtype != "" && m.Subtype != "file_share" && m.Subtype != "thread_broadcast" {
		return
	}
	had := mentionedIDs(before)
	now := mentionedIDs(m.Text)
	for _, a := range w.apps {
		if !now[a.BotUserID] || had[a.BotUserID] || m.User == a.BotUserID || !c.member[a.BotUserID] {
			continue
		}
		event := w.wireMessage(m, false)
		event["type"] = "app_mention"
		event["channel"] = c.ID
		event["event_ts"] = m.TS
		if m.EditedTS != "" {
			event["event_ts"] = m.EditedTS
		}
		w.emitToLocked(a, "app_mention", c, event)
	}
}

func mentionedIDs(text string) map[string]bool {
	ids := map[string]bool{}
	for _, hit := range mention.FindAllStringSubmatch(text, -1) {
		if hit[1] != "" {
			ids[hit[1]] = true
		}
	}
	return ids
}

// emitChangedLocked tells apps that a message is another now.
func (w *Workspace) emitChangedLocked(c *channel, before object, m *Message) {
	ts := w.tsLocked()
	w.emitMessageLocked(c, object{
		"subtype": "message_changed", "hidden": true, "message": w.wireMessage(m, true),
		"previous_message": before, "ts": ts, "event_ts": ts,
	})
}

// emitDeletedLocked tells apps that a message is gone.
func (w *Workspace) emitDeletedLocked(c *channel, before object, deletedTS string) {
	ts := w.tsLocked()
	w.emitMessageLocked(c, object{
		"subtype": "message_deleted", "hidden": true, "deleted_ts": deletedTS,
		"previous_message": before, "ts": ts, "event_ts": ts,
	})
}

// emitMemberLocked tells apps that someone came or went.
func (w *Workspace) emitMemberLocked(name string, c *channel, user, inviter string) {
	kind := "C"
	if c.Kind != KindPublic {
		kind = "G"
	}
	event := object{"type": name, "user": user, "channel": c.ID, "channel_type": kind, "team": w.opt.TeamID}
	if inviter != "" && inviter != user {
		event["inviter"] = inviter
	}
	w.emitLocked(name, c, true, event)
}

// emitChannelLocked sends channel_created, channel_archive and the like. Those of
// public channels go to every app, those of private ones (group_*) to members.
func (w *Workspace) emitChannelLocked(what string, c *channel, event object) {
	prefix := "channel_"
	if c.Kind == KindPrivate {
		if what == "created" {
			return
		}
		prefix = "group_"
	}
	event["type"] = prefix + what
	w.emitLocked(prefix+what, c, c.Kind != KindPublic, event)
}

// emitReactionLocked sends reaction_added or reaction_removed.
func (w *Workspace) emitReactionLocked(name string, c *channel, m *Message, user, emoji string) {
	w.emitLocked(name, c, true, object{
		"type": name, "user": user, "reaction": emoji, "item_user": m.User,
		"item": object{"type": "message", "channel": c.ID, "ts": m.TS},
	})
}

// emitPinLocked sends pin_added or pin_removed.
func (w *Workspace) emitPinLocked(name string, c *channel, m *Message, user string) {
	event := object{
		"type": name, "user": user, "channel_id": c.ID,
		"item": object{"type": "message", "channel": c.ID, "created": w.clock.Now().Unix(), "created_by": user, "message": w.wireMessage(m, false)},
	}
	if name == "pin_removed" {
		event["has_pins"] = len(c.Pins) > 0
	}
	w.emitLocked(name, c, true, event)
}

// sendEventLocked makes an envelope of an event and starts its delivery.
func (w *Workspace) sendEventLocked(a *app, payload json.RawMessage) {
	w.stats.Events++
	e := &envelope{app: a, kind: "events_api", event: true, payload: payload}
	w.dispatchEventLocked(e)
}

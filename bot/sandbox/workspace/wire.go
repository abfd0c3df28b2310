package workspace

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
)

// object is a JSON object of Slack's API.
type object = map[string]any

// wireMessage is a message as the Web API and events show it.
func (w *Workspace) wireMessage(m *Message, metadata bool) object {
	if m.Deleted {
		return object{
			"type": "message", "subtype": "tombstone", "hidden": true, "user": "USLACKBOT",
			"text": "This message was deleted.", "ts": m.TS, "thread_ts": m.ThreadTS,
			"reply_count": m.ReplyCount, "reply_users": nonNil(m.ReplyUsers),
			"reply_users_count": len(m.ReplyUsers), "latest_reply": m.LatestReply,
		}
	}
	o := object{"type": "message", "text": m.Text, "ts": m.TS}
	set := func(key, v string) {
		if v != "" {
			o[key] = v
		}
	}
	set("user", m.User)
	set("subtype", m.Subtype)
	set("bot_id", m.BotID)
	set("app_id", m.AppID)
	set("thread_ts", m.ThreadTS)
	set("username", m.Username)
	set("inviter", m.Inviter)
	set("topic", m.Topic)
	set("purpose", m.Purpose)
	set("name", m.Name)
	set("old_name", m.OldName)
	if m.Subtype == "" || m.Subtype == "file_share" || m.Subtype == "thread_broadcast" {
		o["team"] = w.opt.TeamID
	}
	if m.BotID == "" && m.Subtype == "" {
		o["client_msg_id"] = "sandbox-" + m.TS
	}
	if m.IconEmoji != "" {
		o["icons"] = object{"emoji": m.IconEmoji}
	}
	if a := w.appByIDLocked(m.AppID); a != nil && m.BotID != "" {
		o["bot_profile"] = object{
			"id": a.BotID, "app_id": a.AppID, "name": a.Name, "deleted": false,
			"team_id": w.opt.TeamID, "updated": 0, "icons": object{},
		}
	}
	if len(m.Blocks) > 0 {
		o["blocks"] = m.Blocks
	}
	if len(m.Attachments) > 0 {
		o["attachments"] = m.Attachments
	}
	if m.EditedTS != "" {
		o["edited"] = object{"user": m.EditedBy, "ts": m.EditedTS}
	}
	if m.ThreadTS == m.TS && m.ThreadTS != "" {
		o["reply_count"] = m.ReplyCount
		o["reply_users"] = nonNil(m.ReplyUsers)
		o["reply_users_count"] = len(m.ReplyUsers)
		o["latest_reply"] = m.LatestReply
		o["is_locked"] = false
		o["subscribed"] = false
	} else if m.ThreadTS != "" {
		if c := w.chanByID[m.Channel]; c != nil {
			if parent := c.byTS[m.ThreadTS]; parent != nil {
				o["parent_user_id"] = parent.User
				if m.Broadcast {
					o["root"] = w.wireMessage(parent, false)
				}
			}
		}
	}
	if len(m.Reactions) > 0 {
		o["reactions"] = wireReactions(m.Reactions)
	}
	if len(m.Files) > 0 {
		var files []object
		for _, f := range m.Files {
			files = append(files, wireFile(f))
		}
		o["files"] = files
		o["upload"] = true
		o["display_as_bot"] = false
	}
	if m.Pinned {
		o["pinned_to"] = []string{m.Channel}
	}
	if metadata && m.Metadata != nil {
		o["metadata"] = m.Metadata
	}
	return o
}

func wireReactions(list []Reaction) []object {
	var out []object
	for _, r := range list {
		out = append(out, object{"name": r.Name, "users": r.Users, "count": len(r.Users)})
	}
	return out
}

func wireFile(f File) object {
	ext := "binary"
	if i := strings.LastIndexByte(f.Name, '.'); i >= 0 && i+1 < len(f.Name) {
		ext = f.Name[i+1:]
	}
	return object{
		"id": f.ID, "name": f.Name, "title": f.Title, "mimetype": f.Mimetype, "filetype": ext,
		"pretty_type": strings.ToUpper(ext), "user": f.User, "size": f.Size, "mode": "hosted",
		"created": f.Created.Unix(), "timestamp": f.Created.Unix(), "is_external": false,
		"editable": false, "external_type": "", "is_public": true, "public_url_shared": false,
		"display_as_bot": false, "username": "", "url_private": f.URL, "url_private_download": f.URL,
		"permalink": f.URL, "file_access": "visible", "media_display_type": "unknown",
	}
}

// wireChannel is a conversation as seen by user (an app's bot user).
func (w *Workspace) wireChannel(c *channel, viewer string, members bool) object {
	o := object{
		"id": c.ID, "created": c.Created.Unix(), "updated": c.Created.UnixMilli(),
		"is_archived": c.Archived, "is_im": c.Kind == KindIM, "is_mpim": c.Kind == KindMPIM,
		"is_channel": c.Kind == KindPublic, "is_group": c.Kind == KindPrivate,
		"is_private": c.Kind != KindPublic, "is_general": c.General, "is_shared": false,
		"is_ext_shared": false, "is_org_shared": false, "is_pending_ext_shared": false,
		"context_team_id": w.opt.TeamID, "unlinked": 0, "priority": 0,
	}
	if c.Kind == KindIM {
		o["user"] = c.otherMember(viewer)
		o["is_open"] = true
		o["is_user_deleted"] = false
		return o
	}
	o["name"], o["name_normalized"], o["creator"] = c.Name, c.Name, c.Creator
	o["is_member"] = c.member[viewer]
	o["topic"] = object{"value": c.Topic, "creator": c.TopicBy, "last_set": 0}
	o["purpose"] = object{"value": c.Purpose, "creator": c.PurposeBy, "last_set": 0}
	o["previous_names"] = nonNil(c.PreviousNames)
	o["shared_team_ids"] = []string{w.opt.TeamID}
	if members {
		o["num_members"] = len(c.Members)
	}
	return o
}

func (c *channel) otherMember(viewer string) string {
	for _, m := range c.Members {
		if m != viewer {
			return m
		}
	}
	return viewer
}

// wireUser is a user object; the address needs its own scope.
func (w *Workspace) wireUser(u *User, email, locale bool) object {
	profile := object{
		"real_name": u.RealName, "real_name_normalized": u.RealName,
		"display_name": u.Name, "display_name_normalized": u.Name,
		"team": w.opt.TeamID, "avatar_hash": "", "status_text": "", "status_emoji": "",
		"image_24": "", "image_32": "", "image_48": "", "image_72": "", "image_192": "", "image_512": "",
	}
	if email && u.Email != "" {
		profile["email"] = u.Email
	}
	if u.BotID != "" {
		profile["bot_id"] = u.BotID
		for _, a := range w.apps {
			if a.BotID == u.BotID {
				profile["api_app_id"] = a.AppID
			}
		}
	}
	label, offset := u.TZ, 0
	if loc, err := time.LoadLocation(u.TZ); err == nil {
		label, offset = w.clock.Now().In(loc).Zone()
	}
	o := object{
		"id": u.ID, "team_id": w.opt.TeamID, "name": u.Name, "deleted": u.Deleted, "color": "9f69e7",
		"real_name": u.RealName, "tz": u.TZ, "tz_label": label, "tz_offset": offset,
		"profile": profile, "is_bot": u.Bot, "is_admin": u.Admin, "is_owner": u.Admin,
		"is_primary_owner": false, "is_restricted": false, "is_ultra_restricted": false,
		"is_app_user": false, "is_email_confirmed": true, "updated": 0,
	}
	if locale {
		o["locale"] = u.Locale
	}
	return o
}

// wireView is a view as the Web API and interactions show it.
func (w *Workspace) wireView(v *view) object {
	o := object{
		"id": v.ID, "team_id": w.opt.TeamID, "type": v.Type, "blocks": v.Blocks,
		"private_metadata": v.PrivateMetadata, "callback_id": v.CallbackID,
		"state": object{"values": v.State}, "hash": v.Hash, "title": nil,
		"clear_on_close": v.ClearOnClose, "notify_on_close": v.NotifyOnClose,
		"close": nil, "submit": nil, "previous_view_id": nil, "root_view_id": v.RootID,
		"app_id": v.AppID, "external_id": v.ExternalID,
		"app_installed_team_id": w.opt.TeamID,
	}
	if a := w.appByIDLocked(v.AppID); a != nil {
		o["bot_id"] = a.BotID
	}
	if v.PreviousID != "" {
		o["previous_view_id"] = v.PreviousID
	}
	for key, text := range map[string]string{"title": v.Title, "submit": v.Submit, "close": v.Close} {
		if text != "" {
			o[key] = object{"type": "plain_text", "text": text, "emoji": true}
		}
	}
	return o
}

func (w *Workspace) appByIDLocked(id string) *app {
	for _, a := range w.apps {
		if a.AppID == id {
			return a
		}
	}
	return nil
}

func nonNil(s []string) []string {
	if s == nil {
		return []string{}
	}
	return slices.Clone(s)
}

func boolArg(s string) bool {
	v, err := strconv.ParseBool(s)
	return err == nil && v
}

// rawObject decodes a JSON object.
func rawObject(s string) (map[string]json.RawMessage, bool) {
	var m map[string]json.RawMessage
	if json.Unmarshal([]byte(s), &m) != nil || m == nil {
		return nil, false
	}
	return m, true
}

package workspace

import (
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
)

// maxInvite is how many people one conversations.invite takes.
const maxInvite = 100

func apiCreate(w *Workspace, a *app, args map[string]string) (object, *Error) {
	c, err := w.createLocked(args["name"], boolArg(args["is_private"]), a.BotUserID)
	if err != nil {
		return nil, err
	}
	return object{"channel": w.wireChannel(c, a.BotUserID, false)}, nil
}

// supported is what a look-up found, if it is of a kind that the method is for.
func supported(c *channel, err *Error) (*channel, *Error) {
	if err == nil {
		err = supports(c)
	}
	return c, err
}

// supports refuses methods that direct conversations do not have.
func supports(c *channel) *Error {
	if c.Kind == KindIM || c.Kind == KindMPIM {
		return fail("method_not_supported_for_channel_type")
	}
	return nil
}

// apiInvite is conversations.invite. Without force one bad user refuses all.
func apiInvite(w *Workspace, a *app, args map[string]string) (object, *Error) {
	c, err := supported(w.seenLocked(a, args["channel"]))
	users := list(args["users"])
	switch {
	case err != nil:
		return nil, err
	case c.Archived:
		return nil, fail("is_archived")
	case !c.member[a.BotUserID]:
		return nil, fail("not_in_channel")
	case len(users) == 0:
		return nil, fail("no_user")
	case len(users) > maxInvite:
		return nil, fail("invalid_arguments", "[ERROR] no more than 100 items allowed [json-pointer:/users]")
	}
	var good []string
	var errs []object
	first := ""
	for _, u := range users {
		if bad := w.inviteLocked(c, a.BotUserID, u); bad != nil {
			errs = append(errs, object{"user": u, "ok": false, "error": bad.Code})
			if first == "" {
				first = bad.Code
			}
			continue
		}
		if !slices.Contains(good, u) {
			good = append(good, u)
		}
	}
	if len(errs) > 0 && (len(good) == 0 || !boolArg(args["force"])) {
		return nil, &Error{Code: first, extra: object{"errors": errs}}
	}
	for _, u := range good {
		w.joinLocked(c, u, a.BotUserID)
	}
	out := object{"channel": w.wireChannel(c, a.BotUserID, false)}
	if len(errs) > 0 {
		out["errors"] = errs
	}
	return out, nil
}

func apiJoin(w *Workspace, a *app, args map[string]string) (object, *Error) {
	c, err := w.seenLocked(a, args["channel"])
	switch {
	case err != nil:
		return nil, err
	case c.Kind != KindPublic:
		return nil, fail("method_not_supported_for_channel_type")
	case c.Archived:
		return nil, fail("is_archived")
	case c.member[a.BotUserID]:
		return object{
			"channel": w.wireChannel(c, a.BotUserID, false), "warning": "already_in_channel",
			"response_metadata": object{"warnings": []string{"already_in_channel"}},
		}, nil
	}
	w.joinLocked(c, a.BotUserID, "")
	return object{"channel": w.wireChannel(c, a.BotUserID, false)}, nil
}

func apiKick(w *Workspace, a *app, args map[string]string) (object, *Error) {
	c, err := supported(w.insideLocked(a, args["channel"]))
	user := args["user"]
	switch {
	case err != nil:
		return nil, err
	case w.userByID[user] == nil:
		return nil, fail("user_not_found")
	case user == a.BotUserID:
		return nil, fail("cant_kick_self")
	case c.General:
		return nil, fail("cant_kick_from_general")
	case !c.member[user]:
		return nil, fail("not_in_channel")
	}
	w.leaveLocked(c, user)
	return object{"errors": object{}}, nil
}

func apiLeave(w *Workspace, a *app, args map[string]string) (object, *Error) {
	c, err := supported(w.seenLocked(a, args["channel"]))
	switch {
	case err != nil:
		return nil, err
	case c.Archived:
		return nil, fail("is_archived")
	case !c.member[a.BotUserID]:
		return object{"not_in_channel": true}, nil
	case c.General:
		return nil, fail("cant_leave_general")
	case len(c.Members) == 1 && c.Kind == KindPrivate:
		return nil, fail("last_member")
	}
	w.leaveLocked(c, a.BotUserID)
	return object{}, nil
}

func apiSetTopic(w *Workspace, a *app, args map[string]string) (object, *Error) {
	return w.apiTopic(a, args["channel"], "topic", args["topic"])
}

func apiSetPurpose(w *Workspace, a *app, args map[string]string) (object, *Error) {
	return w.apiTopic(a, args["channel"], "purpose", args["purpose"])
}

func (w *Workspace) apiTopic(a *app, id, what, value string) (object, *Error) {
	c, err := w.insideLocked(a, id)
	if err == nil && c.Kind == KindIM {
		err = fail("method_not_supported_for_channel_type")
	}
	if err == nil && c.Archived {
		err = fail("is_archived")
	}
	if err == nil {
		err = w.setTopicLocked(c, a.BotUserID, what, value)
	}
	if err != nil {
		return nil, err
	}
	return object{"channel": w.wireChannel(c, a.BotUserID, false), what: value}, nil
}

func apiArchive(w *Workspace, a *app, args map[string]string) (object, *Error) {
	c, err := supported(w.seenLocked(a, args["channel"]))
	if err == nil && c.Archived {
		err = fail("already_archived")
	}
	if err == nil && !c.member[a.BotUserID] {
		err = fail("not_in_channel")
	}
	if err == nil {
		err = w.archiveLocked(c, a.BotUserID)
	}
	return object{}, err
}

func apiUnarchive(w *Workspace, a *app, args map[string]string) (object, *Error) {
	c, err := supported(w.seenLocked(a, args["channel"]))
	if err == nil {
		err = w.unarchiveLocked(c, a.BotUserID)
	}
	return object{}, err
}

// apiRename is conversations.rename: only who made the channel may.
func apiRename(w *Workspace, a *app, args map[string]string) (object, *Error) {
	c, err := supported(w.insideLocked(a, args["channel"]))
	switch {
	case err != nil:
		return nil, err
	case c.Archived:
		return nil, fail("is_archived")
	case c.Creator != a.BotUserID:
		return nil, fail("not_authorized")
	}
	if err := w.renameLocked(c, a.BotUserID, args["name"]); err != nil {
		return nil, err
	}
	return object{"channel": w.wireChannel(c, a.BotUserID, false)}, nil
}

// page cuts a list of keys in order. The cursor names the first key of the next page,
// so that what is added or removed meanwhile does not shift it.
func page(keys []string, args map[string]string, most int) (from, to int, next string, err *Error) {
	limit := 100
	if s := args["limit"]; s != "" {
		n, perr := strconv.Atoi(s)
		if perr != nil || n < 0 || n > most {
			return 0, 0, "", fail("invalid_limit")
		}
		if n > 0 {
			limit = n
		}
	}
	if s := args["cursor"]; s != "" {
		raw, derr := base64.StdEncoding.DecodeString(s)
		key, ok := strings.CutPrefix(string(raw), "next:")
		if derr != nil || !ok {
			return 0, 0, "", fail("invalid_cursor")
		}
		from = slices.Index(keys, key)
		if from < 0 {
			return 0, 0, "", fail("invalid_cursor")
		}
	}
	to = min(len(keys), from+limit)
	if to < len(keys) {
		next = base64.StdEncoding.EncodeToString([]byte("next:" + keys[to]))
	}
	return from, to, next, nil
}

// listLocked is what conversations.list and users.conversations share.
func (w *Workspace) listLocked(a *app, args map[string]string, want func(*channel) bool) (object, *Error) {
	types := list(args["types"])
	if len(types) == 0 {
		types = []string{KindPublic}
	}
	for _, t := range types {
		switch t {
		case KindPublic, KindPrivate, KindIM, KindMPIM:
		default:
			return nil, fail("invalid_types")
		}
		if !a.scopes[readScope(t)] {
			return nil, missingScope(a, readScope(t))
		}
	}
	var hits []*channel
	var keys []string
	for _, c := range w.channels {
		if !slices.Contains(types, c.Kind) || c.Archived && boolArg(args["exclude_archived"]) || !want(c) {
			continue
		}
		hits = append(hits, c)
		keys = append(keys, c.ID)
	}
	from, to, next, err := page(keys, args, 1000)
	if err != nil {
		return nil, err
	}
	channels := []object{}
	for _, c := range hits[from:to] {
		channels = append(channels, w.wireChannel(c, a.BotUserID, true))
	}
	return object{"channels": channels, "response_metadata": object{"next_cursor": next}}, nil
}

func apiList(w *Workspace, a *app, args map[string]string) (object, *Error) {
	return w.listLocked(a, args, func(c *channel) bool { return c.Kind == KindPublic || c.member[a.BotUserID] })
}

// apiUserConversations is users.conversations: what the bot is in, or what it and
// another user are in.
func apiUserConversations(w *Workspace, a *app, args map[string]string) (object, *Error) {
	user := args["user"]
	if user == "" {
		user = a.BotUserID
	}
	return w.listLocked(a, args, func(c *channel) bool {
		return c.member[user] && (c.Kind == KindPublic || c.member[a.BotUserID])
	})
}

func apiInfo(w *Workspace, a *app, args map[string]string) (object, *Error) {
	c, err := w.seenLocked(a, args["channel"])
	if err != nil {
		return nil, err
	}
	return object{"channel": w.wireChannel(c, a.BotUserID, boolArg(args["include_num_members"]))}, nil
}

func apiMembers(w *Workspace, a *app, args map[string]string) (object, *Error) {
	c, err := w.seenLocked(a, args["channel"])
	if err != nil {
		return nil, err
	}
	from, to, next, err := page(c.Members, args, 1000)
	if err != nil {
		return nil, err
	}
	return object{"members": nonNil(c.Members[from:to]), "response_metadata": object{"next_cursor": next}}, nil
}

// apiOpen is conversations.open: a direct conversation with one or several users, or
// one by its id.
func apiOpen(w *Workspace, a *app, args map[string]string) (object, *Error) {
	var c *channel
	existed := true
	if id := args["channel"]; id != "" {
		var err *Error
		if c, err = w.seenLocked(a, id); err != nil {
			return nil, err
		}
		if c.Kind != KindIM && c.Kind != KindMPIM {
			return nil, fail("method_not_supported_for_channel_type")
		}
	} else {
		users := list(args["users"])
		switch {
		case len(users) == 0:
			return nil, fail("users_list_not_supplied")
		case len(users) > 8:
			return nil, fail("too_many_users")
		}
		for _, id := range users {
			switch u := w.userByID[id]; {
			case u == nil:
				return nil, fail("user_not_found")
			case u.Deleted:
				return nil, fail("user_disabled")
			}
		}
		c, existed = w.openLocked(append(users, a.BotUserID))
	}
	out := object{"channel": object{"id": c.ID}}
	if boolArg(args["return_im"]) {
		out["channel"] = w.wireChannel(c, a.BotUserID, false)
	}
	if existed {
		out["no_op"], out["already_open"] = true, true
	}
	return out, nil
}

// span reads oldest, latest and inclusive.
func span(args map[string]string) (in func(ts string) bool, err *Error) {
	oldest, latest := int64(0), int64(1)<<62
	if s := args["oldest"]; s != "" {
		v, ok := parseTS(s)
		if !ok {
			return nil, fail("invalid_ts_oldest")
		}
		oldest = v
	}
	if s := args["latest"]; s != "" {
		v, ok := parseTS(s)
		if !ok {
			return nil, fail("invalid_ts_latest")
		}
		latest = v
	}
	inclusive := boolArg(args["inclusive"])
	return func(ts string) bool {
		v, _ := parseTS(ts)
		if inclusive {
			return v >= oldest && v <= latest
		}
		return v > oldest && v < latest
	}, nil
}

// readingLocked finds the channel and the span that a history is asked for.
func (w *Workspace) readingLocked(a *app, args map[string]string) (c *channel, in func(ts string) bool, err *Error) {
	if c, err = w.insideLocked(a, args["channel"]); err == nil {
		in, err = span(args)
	}
	return c, in, err
}

// messagesPage answers a page of messages that are in the order of the answer.
func (w *Workspace) messagesPage(hits []*Message, args map[string]string) (object, *Error) {
	keys := make([]string, len(hits))
	for i, m := range hits {
		keys[i] = m.TS
	}
	args = map[string]string{"limit": args["limit"], "cursor": args["cursor"]}
	if n, err := strconv.Atoi(args["limit"]); err == nil && n > 999 {
		args["limit"] = "999" // Slack lowers it without a word
	}
	from, to, next, err := page(keys, args, 999)
	if err != nil {
		return nil, err
	}
	out := object{"has_more": next != "", "response_metadata": object{"next_cursor": next}}
	out["messages"] = hits[from:to]
	return out, nil
}

func (w *Workspace) wireMessages(o object, metadata bool) object {
	messages := []object{}
	for _, m := range o["messages"].([]*Message) {
		messages = append(messages, w.wireMessage(m, metadata))
	}
	o["messages"] = messages
	return o
}

// apiHistory is conversations.history: newest first, without thread replies.
func apiHistory(w *Workspace, a *app, args map[string]string) (object, *Error) {
	c, in, err := w.readingLocked(a, args)
	if err != nil {
		return nil, err
	}
	var hits []*Message
	for i := len(c.messages) - 1; i >= 0; i-- {
		m := c.messages[i]
		reply := m.ThreadTS != "" && m.ThreadTS != m.TS && !m.Broadcast
		if reply || m.Deleted && m.ReplyCount == 0 || !in(m.TS) {
			continue
		}
		hits = append(hits, m)
	}
	out, err := w.messagesPage(hits, args)
	if err != nil {
		return nil, err
	}
	out["pin_count"] = len(c.Pins)
	return w.wireMessages(out, boolArg(args["include_all_metadata"])), nil
}

// apiReplies is conversations.replies: the parent, then its replies, oldest first. The
// parent is there whatever oldest and latest say.
func apiReplies(w *Workspace, a *app, args map[string]string) (object, *Error) {
	c, in, err := w.readingLocked(a, args)
	if err != nil {
		return nil, err
	}
	parent := c.byTS[args["ts"]]
	if parent == nil || parent.Deleted && parent.ReplyCount == 0 {
		return nil, fail("thread_not_found")
	}
	hits := []*Message{parent}
	for _, m := range c.messages[c.indexOf(parent.TS):] {
		if m != parent && m.ThreadTS == parent.TS && !m.Deleted && in(m.TS) {
			hits = append(hits, m)
		}
	}
	out, err := w.messagesPage(hits, args)
	if err != nil {
		return nil, err
	}
	return w.wireMessages(out, boolArg(args["include_all_metadata"])), nil
}

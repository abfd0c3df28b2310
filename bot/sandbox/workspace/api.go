package workspace

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// method is one Web API method.
type method struct {
	tier   tier
	scopes func(w *Workspace, a *app, args map[string]string) []string // any one of them; nil or empty means none
	args   string                                                      // documented arguments, separated by spaces
	token  string                                                      // "bot" (default), "app", or "none"
	do     func(w *Workspace, a *app, args map[string]string) (object, *Error)
}

// anyOf needs one of these scopes.
func anyOf(scopes ...string) func(*Workspace, *app, map[string]string) []string {
	return func(*Workspace, *app, map[string]string) []string { return scopes }
}

// manage needs the scope to change a channel of the kind the call names, or a narrower
// one (topic, invites).
func manage(narrow ...string) func(*Workspace, *app, map[string]string) []string {
	return byKind(func(kind string) []string {
		var family, wide string
		switch kind {
		case KindPrivate:
			family, wide = "groups", "groups:write"
		case KindIM:
			family, wide = "im", "im:write"
		case KindMPIM:
			family, wide = "mpim", "mpim:write"
		default:
			family, wide = "channels", "channels:manage"
		}
		out := []string{wide}
		for _, n := range narrow {
			out = append(out, family+":write."+n)
		}
		return out
	})
}

// reading needs the *:read or *:history scope of the channel's kind.
func reading(what string) func(*Workspace, *app, map[string]string) []string {
	return byKind(func(kind string) []string {
		return []string{strings.TrimSuffix(readScope(kind), "read") + what}
	})
}

// byKind chooses scopes by the kind of the channel argument. A private channel that the
// bot cannot see counts as public here: the call then fails with channel_not_found.
func byKind(f func(kind string) []string) func(*Workspace, *app, map[string]string) []string {
	return func(w *Workspace, a *app, args map[string]string) []string {
		kind := KindPublic
		if c := w.chanByID[args["channel"]]; c != nil && c.member[a.BotUserID] {
			kind = c.Kind
		}
		return f(kind)
	}
}

// methods are all that the workspace knows.
var methods = map[string]method{
	"api.test":              {tier: tier4, token: "none", args: "error foo", do: apiTest},
	"auth.test":             {tier: special, do: apiAuthTest},
	"team.info":             {tier: tier3, scopes: anyOf("team:read"), args: "domain team", do: apiTeamInfo},
	"apps.connections.open": {tier: tier3, token: "app", do: nil}, // needs the request: see serveAPI

	"chat.postMessage":   {tier: posting, scopes: anyOf("chat:write"), args: "as_user attachments blocks channel current_draft_last_updated_ts icon_emoji icon_url link_names markdown_text metadata mrkdwn parse reply_broadcast text thread_ts unfurl_links unfurl_media username", do: apiPostMessage},
	"chat.update":        {tier: tier3, scopes: anyOf("chat:write"), args: "as_user attachments unfurled_attachments blocks markdown_text metadata channel link_names parse text ts reply_broadcast file_ids", do: apiUpdate},
	"chat.delete":        {tier: tier3, scopes: anyOf("chat:write"), args: "as_user channel ts", do: apiDelete},
	"chat.postEphemeral": {tier: tier4, scopes: anyOf("chat:write"), args: "as_user attachments blocks channel icon_emoji icon_url link_names markdown_text metadata parse text thread_ts user username", do: apiPostEphemeral},
	"chat.getPermalink":  {tier: special, args: "channel message_ts", do: apiPermalink},

	"conversations.create": {tier: tier2, scopes: func(_ *Workspace, _ *app, args map[string]string) []string {
		if boolArg(args["is_private"]) {
			return []string{"groups:write"}
		}
		return []string{"channels:manage"}
	}, args: "is_private name team_id", do: apiCreate},
	"conversations.invite":     {tier: tier3, scopes: manage("invites"), args: "channel force users", do: apiInvite},
	"conversations.join":       {tier: tier3, scopes: anyOf("channels:join"), args: "channel", do: apiJoin},
	"conversations.kick":       {tier: tier3, scopes: manage(), args: "channel user", do: apiKick},
	"conversations.leave":      {tier: tier3, scopes: manage(), args: "channel", do: apiLeave},
	"conversations.setTopic":   {tier: tier2, scopes: manage("topic"), args: "channel topic", do: apiSetTopic},
	"conversations.setPurpose": {tier: tier2, scopes: manage("topic"), args: "channel purpose", do: apiSetPurpose},
	"conversations.archive":    {tier: tier2, scopes: manage(), args: "channel", do: apiArchive},
	"conversations.unarchive":  {tier: tier2, scopes: manage(), args: "channel", do: apiUnarchive},
	"conversations.rename":     {tier: tier2, scopes: manage(), args: "channel name", do: apiRename},
	"conversations.list":       {tier: tier2, args: "cursor exclude_archived limit team_id types", do: apiList},
	"conversations.info":       {tier: tier3, scopes: reading("read"), args: "channel include_locale include_num_members", do: apiInfo},
	"conversations.history":    {tier: tier3, scopes: reading("history"), args: "channel cursor include_all_metadata inclusive latest limit oldest", do: apiHistory},
	"conversations.replies":    {tier: tier3, scopes: reading("history"), args: "channel cursor include_all_metadata inclusive latest limit oldest ts", do: apiReplies},
	"conversations.members":    {tier: tier4, scopes: reading("read"), args: "channel cursor limit", do: apiMembers},
	"conversations.open": {tier: tier3, scopes: func(_ *Workspace, _ *app, args map[string]string) []string {
		if len(list(args["users"])) > 1 {
			return []string{"mpim:write"}
		}
		return []string{"im:write"}
	}, args: "channel return_im users prevent_creation", do: apiOpen},

	"users.info":            {tier: tier4, scopes: anyOf("users:read"), args: "include_locale user", do: apiUserInfo},
	"users.list":            {tier: tier2, scopes: anyOf("users:read"), args: "cursor include_locale limit team_id", do: apiUserList},
	"users.lookupByEmail":   {tier: tier3, scopes: anyOf("users:read.email"), args: "email", do: apiLookupByEmail},
	"users.conversations":   {tier: tier3, args: "cursor exclude_archived exclude_muted limit team_id types user", do: apiUserConversations},
	"users.getPresence":     {tier: tier3, scopes: anyOf("users:read"), args: "user", do: apiPresence},
	"usergroups.list":       {tier: tier2, scopes: anyOf("usergroups:read"), args: "include_count include_disabled include_users team_id", do: apiUserGroups},
	"usergroups.users.list": {tier: tier2, scopes: anyOf("usergroups:read"), args: "include_disabled usergroup team_id", do: apiUserGroupUsers},
	"bots.info":             {tier: tier3, scopes: anyOf("users:read"), args: "bot team_id", do: apiBotInfo},
	"emoji.list":            {tier: tier2, scopes: anyOf("emoji:read"), args: "include_categories", do: apiEmoji},

	"pins.add":         {tier: tier2, scopes: anyOf("pins:write"), args: "channel timestamp", do: apiPinAdd},
	"pins.remove":      {tier: tier2, scopes: anyOf("pins:write"), args: "channel timestamp", do: apiPinRemove},
	"pins.list":        {tier: tier2, scopes: anyOf("pins:read"), args: "channel", do: apiPinList},
	"bookmarks.add":    {tier: tier2, scopes: anyOf("bookmarks:write"), args: "channel_id title link type emoji entity_id access_level parent_id", do: apiBookmarkAdd},
	"bookmarks.edit":   {tier: tier2, scopes: anyOf("bookmarks:write"), args: "channel_id bookmark_id title link emoji", do: apiBookmarkEdit},
	"bookmarks.remove": {tier: tier2, scopes: anyOf("bookmarks:write"), args: "channel_id bookmark_id quip_section_id", do: apiBookmarkRemove},
	"bookmarks.list":   {tier: tier3, scopes: anyOf("bookmarks:read"), args: "channel_id", do: apiBookmarkList},
	"reactions.add":    {tier: tier3, scopes: anyOf("reactions:write"), args: "channel name timestamp", do: apiReactionAdd},
	"reactions.remove": {tier: tier2, scopes: anyOf("reactions:write"), args: "name file file_comment channel timestamp", do: apiReactionRemove},
	"reactions.get":    {tier: tier3, scopes: anyOf("reactions:read"), args: "channel file file_comment full timestamp", do: apiReactionGet},

	"views.open":    {tier: tier4, args: "trigger_id interactivity_pointer view", do: apiViewsOpen},
	"views.push":    {tier: tier4, args: "trigger_id interactivity_pointer view", do: apiViewsPush},
	"views.update":  {tier: tier4, args: "view_id external_id view hash", do: apiViewsUpdate},
	"views.publish": {tier: tier4, args: "user_id view hash interactivity_pointer", do: apiViewsPublish},

	"files.getUploadURLExternal":   {tier: tier4, scopes: anyOf("files:write"), args: "length filename snippet_type alt_txt", do: apiUploadURL},
	"files.completeUploadExternal": {tier: tier4, scopes: anyOf("files:write"), args: "files channel_id thread_ts channels initial_comment blocks username icon_url icon_emoji", do: apiCompleteUpload},
	"files.info":                   {tier: tier4, scopes: anyOf("files:read"), args: "count cursor file limit page", do: apiFileInfo},
}

// extraScopes are scopes that no method table entry names.
var extraScopes = []string{
	"app_mentions:read", "channels:history", "channels:join", "channels:manage", "channels:read",
	"channels:write.invites", "channels:write.topic", "chat:write", "chat:write.customize", "chat:write.public",
	"commands", "groups:history", "groups:read", "groups:write", "im:history", "im:read", "im:write",
	"metadata.message:read", "mpim:history", "mpim:read", "mpim:write",
	"bookmarks:read", "bookmarks:write", "emoji:read", "files:read", "files:write", "pins:read", "pins:write",
	"reactions:read", "reactions:write", "team:read", "usergroups:read", "users:read", "users:read.email",
}

// AllScopes returns every bot scope that matters here, sorted.
func AllScopes() []string {
	s := slices.Clone(extraScopes)
	slices.Sort(s)
	return s
}

// MethodNames returns the Web API methods that the workspace knows, sorted.
func MethodNames() []string { return slices.Sorted(maps.Keys(methods)) }

// answer is what goes back over HTTP.
type answer struct {
	status  int
	header  map[string]string
	body    []byte
	cut     bool
	call    Call
	content string
}

// serveAPI is the Web API.
func (w *Workspace) serveAPI(rw http.ResponseWriter, r *http.Request) {
	name := r.PathValue("method")
	if !w.sleep(r.Context(), w.opt.Latency+w.faults.slow()) {
		cut(rw)
		return
	}
	if w.faults.down() { // it may have gone down during the wait
		cut(rw)
		return
	}
	args, aerr := readArguments(r)
	ans := w.call(r, name, args, aerr)
	w.mu.Lock()
	w.logLocked(ans.call)
	w.mu.Unlock()
	if ans.cut {
		cut(rw)
		return
	}
	h := rw.Header()
	h.Set("Content-Type", ans.content)
	for k, v := range ans.header {
		h.Set(k, v)
	}
	rw.WriteHeader(ans.status)
	_, _ = rw.Write(ans.body) // a client that went away is its own affair
}

// call does one Web API call, with the faults that are planned for it.
func (w *Workspace) call(r *http.Request, name string, in arguments, aerr *Error) answer {
	ans := answer{status: http.StatusOK, header: map[string]string{}, content: "application/json; charset=utf-8"}
	ans.call = Call{Method: name, Args: maps.Clone(in.values)}
	finish := func(o object, err *Error) answer {
		if o == nil {
			o = object{}
		}
		if err != nil {
			o = object{"error": err.Code}
			if len(err.Detail) > 0 {
				o["response_metadata"] = object{"messages": err.Detail}
			}
			maps.Copy(o, err.extra)
			ans.call.Error = err.Code
		}
		o["ok"] = err == nil
		ans.call.OK = err == nil
		ans.body = mustJSON(o)
		ans.call.Result = ans.body
		ans.call.Status = ans.status
		return ans
	}
	if aerr != nil {
		if aerr.Code == "request_too_large" {
			ans.status = http.StatusRequestEntityTooLarge
		}
		return finish(nil, aerr)
	}

	plan := w.faults.take(name)
	switch {
	case plan.status != 0:
		ans.status = plan.status
		ans.content, ans.body = "text/html", []byte("<html><body>sandbox: "+strconv.Itoa(plan.status)+"</body></html>")
		ans.call.Status, ans.call.Error = ans.status, "fault"
		return ans
	case plan.html:
		ans.content, ans.body = "text/html", []byte("<!DOCTYPE html><html><body>Something went wrong</body></html>")
		ans.call.Status, ans.call.Error = ans.status, "fault"
		return ans
	}

	w.mu.Lock()
	defer w.mu.Unlock()
	w.base = base(r)
	m, known := methods[name]
	if !known || slices.Contains(w.opt.UnknownMethods, name) {
		if !known {
			w.strangeLocked("", "the method "+clip(name, 60)+" is not known here")
		}
		return finish(object{}, &Error{Code: "unknown_method", extra: object{"req_method": name}})
	}
	a, err := w.authenticateLocked(m, in.token)
	if err != nil {
		return finish(nil, err)
	}
	if a != nil {
		ans.call.AppID = a.AppID
		ans.header["X-OAuth-Scopes"] = strings.Join(a.Scopes, ",")
	}
	if plan.errCode != "" {
		return finish(nil, fail(plan.errCode))
	}
	wait := w.faults.rateLimited(name)
	if wait == 0 && a != nil {
		wait = w.limitLocked(a, name, m.tier, in.values["channel"])
	}
	if wait > 0 {
		ans.status = http.StatusTooManyRequests
		ans.header["Retry-After"] = strconv.Itoa(retryAfterSeconds(wait))
		return finish(nil, fail("ratelimited"))
	}
	if m.scopes != nil {
		need := m.scopes(w, a, in.values)
		if len(need) > 0 && !slices.ContainsFunc(need, func(s string) bool { return a.scopes[s] }) {
			ans.header["X-Accepted-OAuth-Scopes"] = strings.Join(need, ",")
			return finish(nil, missingScope(a, need[0]))
		}
	}
	for _, k := range slices.Sorted(maps.Keys(in.values)) {
		if k == "team_id" {
			continue // Bolt adds it to every call
		}
		if !slices.Contains(strings.Fields(m.args), k) {
			ans.call.Warnings = append(ans.call.Warnings, "undocumented argument: "+clip(k, 60))
			w.strangeLocked(ans.call.AppID, name+" got the undocumented argument "+clip(k, 60))
		}
	}
	var out object
	if name == "apps.connections.open" {
		out, err = w.openConnectionLocked(a, r)
	} else {
		out, err = m.do(w, a, in.values)
	}
	ans = finish(out, err)
	switch plan.after {
	case "500":
		ans.status = http.StatusInternalServerError
		ans.content, ans.body = "text/html", []byte("<html><body>sandbox: 500 after the work</body></html>")
		ans.call.Status = ans.status
	case "cut":
		ans.cut, ans.call.Status = true, 0
	}
	return ans
}

func missingScope(a *app, needed string) *Error {
	return &Error{Code: "missing_scope", extra: object{"needed": needed, "provided": strings.Join(a.Scopes, ",")}}
}

// authenticateLocked finds the app a token belongs to.
func (w *Workspace) authenticateLocked(m method, token string) (*app, *Error) {
	if token == "" {
		if m.token == "none" {
			return nil, nil
		}
		return nil, fail("not_authed")
	}
	for _, a := range w.apps {
		switch token {
		case a.BotToken:
			if m.token == "app" {
				return nil, fail("not_allowed_token_type")
			}
			return a, nil
		case a.AppToken:
			if m.token != "app" && m.token != "none" {
				return nil, fail("not_allowed_token_type")
			}
			return a, nil
		}
	}
	return nil, fail("invalid_auth")
}

// openConnectionLocked is apps.connections.open: the URL has the host the app used.
func (w *Workspace) openConnectionLocked(a *app, r *http.Request) (object, *Error) {
	scheme := "ws"
	if strings.HasPrefix(base(r), "https") {
		scheme = "wss"
	}
	return object{"url": fmt.Sprintf("%s://%s/socket/%s?app_id=%s", scheme, r.Host, w.openTicketLocked(a), a.AppID)}, nil
}

// base is the scheme and host under which a request reached us; the URLs that apps get
// (response URLs, uploads, files) have those of the latest call.
func base(r *http.Request) string {
	if r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https" {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// maxLoggedResult is how much of a result the log of calls keeps.
const maxLoggedResult = 64 << 10

func (w *Workspace) logLocked(c Call) {
	w.callSeq++
	c.Seq, c.At = w.callSeq, w.clock.Now()
	if len(c.Result) > maxLoggedResult {
		c.Result = json.RawMessage(`{"ok":true,"note":"too long for the log"}`)
	}
	w.calls = append(w.calls, c)
	if len(w.calls) >= 2*maxCalls {
		w.calls = slices.Clone(w.calls[len(w.calls)-maxCalls:])
	}
}

// seenLocked finds a channel by id as an app sees it: private ones it is not in do
// not exist.
func (w *Workspace) seenLocked(a *app, id string) (*channel, *Error) {
	c := w.chanByID[id]
	if c == nil || c.Kind != KindPublic && !c.member[a.BotUserID] {
		return nil, fail("channel_not_found")
	}
	return c, nil
}

// insideLocked is seenLocked for what only members may do.
func (w *Workspace) insideLocked(a *app, id string) (*channel, *Error) {
	c, err := w.seenLocked(a, id)
	if err == nil && !c.member[a.BotUserID] {
		err = fail("not_in_channel")
	}
	return c, err
}

func apiTest(_ *Workspace, _ *app, args map[string]string) (object, *Error) {
	if e := args["error"]; e != "" {
		return nil, &Error{Code: e, extra: object{"args": args}}
	}
	return object{"args": args}, nil
}

func apiAuthTest(w *Workspace, a *app, _ map[string]string) (object, *Error) {
	return object{
		"url": "https://" + w.opt.Domain + ".slack.com/", "team": w.opt.TeamName, "user": a.Name,
		"team_id": w.opt.TeamID, "user_id": a.BotUserID, "bot_id": a.BotID, "is_enterprise_install": false,
	}, nil
}

func apiTeamInfo(w *Workspace, _ *app, args map[string]string) (object, *Error) {
	if t := args["team"]; t != "" && t != w.opt.TeamID {
		return nil, fail("team_not_found")
	}
	return object{"team": object{
		"id": w.opt.TeamID, "name": w.opt.TeamName, "domain": w.opt.Domain,
		"email_domain": "", "icon": object{}, "url": "https://" + w.opt.Domain + ".slack.com/",
	}}, nil
}

func apiEmoji(*Workspace, *app, map[string]string) (object, *Error) {
	return object{"emoji": object{}, "cache_ts": "0"}, nil
}

func apiBotInfo(w *Workspace, _ *app, args map[string]string) (object, *Error) {
	for _, a := range w.apps {
		if a.BotID == args["bot"] {
			return object{"bot": object{
				"id": a.BotID, "name": a.Name, "deleted": false, "user_id": a.BotUserID,
				"app_id": a.AppID, "updated": 0, "icons": object{},
			}}, nil
		}
	}
	return nil, fail("bot_not_found")
}

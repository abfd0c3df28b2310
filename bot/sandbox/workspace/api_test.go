package workspace

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// httpClient is for calls as another app.
var httpClient = http.DefaultClient

func TestTokens(t *testing.T) {
	l := newLab(t, Options{})
	for _, c := range []struct{ method, token, want string }{
		{"auth.test", "", "not_authed"},
		{"auth.test", "xoxb-wrong", "invalid_auth"},
		{"auth.test", l.app.AppToken, "not_allowed_token_type"},
		{"apps.connections.open", l.app.BotToken, "not_allowed_token_type"},
		{"apps.connections.open", l.app.AppToken, ""},
		{"auth.test", l.app.BotToken, ""},
	} {
		m, _ := call(t, http.DefaultClient, l.url, c.token, c.method, nil)
		if got, _ := m["error"].(string); got != c.want {
			t.Errorf("%s with %.9s: %v, want %q", c.method, c.token, m, c.want)
		}
	}
	// The token may also come as a form field.
	resp, err := http.PostForm(l.url+"/api/auth.test", map[string][]string{"token": {l.app.BotToken}})
	if err != nil || resp.StatusCode != 200 {
		t.Fatal(resp, err)
	}
	_ = resp.Body.Close()
	for _, c := range l.w.Calls(0) {
		if c.Args["token"] != "" || strings.Contains(string(c.Result), l.app.BotToken) {
			t.Fatalf("the log holds a token: %+v", c)
		}
	}
	if last := l.w.Calls(1)[0]; !last.OK || last.AppID != l.app.AppID {
		t.Fatalf("form token: %+v", last)
	}
}

func TestUnknownMethods(t *testing.T) {
	l := newLab(t, Options{UnknownMethods: []string{"bookmarks.add", "pins.add"}})
	id := l.create("inc-1")
	l.want("unknown_method", "bookmarks.add", map[string]string{"channel_id": id, "title": "x", "type": "link", "link": "https://e.com"})
	l.want("unknown_method", "pins.add", map[string]string{"channel": id})
	if len(l.w.Strange()) != 0 {
		t.Fatalf("a method switched off on purpose is not strange: %v", l.w.Strange())
	}
	l.want("unknown_method", "canvases.create", nil)
	if len(l.w.Strange()) != 1 {
		t.Fatalf("strange: %v", l.w.Strange())
	}
}

func TestUndocumentedArgumentIsNotedNotRefused(t *testing.T) {
	l := newLab(t, Options{})
	id := l.create("inc-1")
	l.want("", "chat.postMessage", map[string]string{"channel": id, "text": "x", "client_msg_id": "abc"})
	if s := l.w.Strange(); len(s) != 1 || !strings.Contains(s[0].What, "client_msg_id") {
		t.Fatalf("strange %v", s)
	}
	if c := l.w.Calls(1)[0]; len(c.Warnings) != 1 {
		t.Fatalf("call %+v", c)
	}
}

func TestMissingScope(t *testing.T) {
	l := newLab(t, Options{Apps: []App{{Scopes: []string{"channels:manage", "channels:read", "chat:write"}}}})
	id := l.create("inc-1")
	for method, want := range map[string]string{
		"conversations.join":    "channels:join",
		"conversations.history": "channels:history",
		"pins.add":              "pins:write",
		"bookmarks.list":        "bookmarks:read",
		"reactions.add":         "reactions:write",
		"users.info":            "users:read",
		"users.lookupByEmail":   "users:read.email",
		"usergroups.list":       "usergroups:read",
		"team.info":             "team:read",
		"conversations.open":    "im:write",
	} {
		m := l.want("missing_scope", method, map[string]string{"channel": id, "channel_id": id, "users": "U0SBX0001"})
		if m["needed"] != want || m["provided"] != "channels:manage,channels:read,chat:write" {
			t.Errorf("%s: needed %v provided %v", method, m["needed"], m["provided"])
		}
	}
	l.want("missing_scope", "conversations.create", map[string]string{"name": "secret", "is_private": "true"})
	l.want("missing_scope", "conversations.list", map[string]string{"types": "public_channel,private_channel"})
	l.want("", "conversations.list", map[string]string{"types": "public_channel"})
	// A narrower scope is enough for what it names.
	n := newLab(t, Options{Apps: []App{{Scopes: []string{"channels:write.topic"}, Channels: []string{"general"}}}})
	g, _ := n.w.Channel("general")
	n.want("", "conversations.setTopic", map[string]string{"channel": g.ID, "topic": "x"})
	n.want("missing_scope", "conversations.invite", map[string]string{"channel": g.ID, "users": "U0SBX0001"})
}

func TestEmailNeedsItsScope(t *testing.T) {
	l := newLab(t, Options{Apps: []App{{Scopes: []string{"users:read"}}}})
	m := l.want("", "users.info", map[string]string{"user": "U0SBX0001"})
	if e := m["user"].(map[string]any)["profile"].(map[string]any)["email"]; e != nil {
		t.Fatalf("email %v", e)
	}
	l = newLab(t, Options{})
	m = l.want("", "users.info", map[string]string{"user": "U0SBX0001", "include_locale": "true"})
	u := m["user"].(map[string]any)
	if u["profile"].(map[string]any)["email"] != "alice@sandbox.example" || u["locale"] != "en-US" || u["tz"] != "Europe/Paris" {
		t.Fatalf("user %v", u)
	}
	l.want("", "users.lookupByEmail", map[string]string{"email": "ALICE@sandbox.example"})
	l.want("users_not_found", "users.lookupByEmail", map[string]string{"email": "nobody@sandbox.example"})
	l.want("user_not_found", "users.info", map[string]string{"user": "UNOBODY"})
}

func TestRateLimits(t *testing.T) {
	clock := newMovable()
	l := newLab(t, Options{Clock: clock})
	id := l.create("inc-1")
	// Tier 2: twenty a minute for the workspace.
	for i := range 20 {
		m, resp := l.wire("conversations.setTopic", map[string]string{"channel": id, "topic": "t"})
		if resp.StatusCode != 200 {
			t.Fatalf("call %d: %d %v", i, resp.StatusCode, m)
		}
	}
	m, resp := l.wire("conversations.setTopic", map[string]string{"channel": id, "topic": "t"})
	if resp.StatusCode != 429 || m["error"] != "ratelimited" || resp.Header.Get("Retry-After") != "3" {
		t.Fatalf("%d %v %v", resp.StatusCode, m, resp.Header)
	}
	l.want("", "conversations.setPurpose", map[string]string{"channel": id, "purpose": "another method has its own"})
	clock.move(2 * time.Second)
	if _, resp := l.wire("conversations.setTopic", map[string]string{"channel": id, "topic": "t"}); resp.StatusCode != 429 {
		t.Fatal("two of three seconds are not enough")
	}
	clock.move(time.Second)
	l.want("", "conversations.setTopic", map[string]string{"channel": id, "topic": "t"})

	// Messages: one a second in a channel, with a short burst.
	clock.move(time.Minute)
	other := l.create("inc-2")
	posted := 0
	for range 20 {
		if _, resp := l.wire("chat.postMessage", map[string]string{"channel": id, "text": "x"}); resp.StatusCode == 200 {
			posted++
		}
	}
	if posted != 5 {
		t.Fatalf("%d messages in one instant, want the burst of 5", posted)
	}
	l.want("", "chat.postMessage", map[string]string{"channel": other, "text": "x"})
	clock.move(time.Second)
	l.want("", "chat.postMessage", map[string]string{"channel": id, "text": "x"})
	if _, resp := l.wire("chat.postMessage", map[string]string{"channel": id, "text": "x"}); resp.StatusCode != 429 {
		t.Fatal("two messages in a second after the burst")
	}

	off := newLab(t, Options{NoRateLimits: true})
	id = off.create("inc-1")
	for range 60 {
		off.want("", "chat.postMessage", map[string]string{"channel": id, "text": "x"})
	}
}

func TestTimestampsAreUniqueAndGoUp(t *testing.T) {
	l := newLab(t, Options{Clock: newMovable(), NoRateLimits: true}) // the clock stands still
	id := l.create("inc-1")
	for range 20 {
		l.want("", "chat.postMessage", map[string]string{"channel": id, "text": "x"})
	}
	last := ""
	for _, m := range l.w.Messages(id) {
		if m.TS <= last || len(m.TS) != 17 || m.TS[10] != '.' {
			t.Fatalf("ts %q after %q", m.TS, last)
		}
		last = m.TS
	}
	if !strings.HasPrefix(last, "1795251600.") {
		t.Fatalf("ts %s is not at the clock's time", last)
	}
}

func TestMethodTableAgreesWithItself(t *testing.T) {
	scopes := AllScopes()
	w := New(Options{})
	defer func() { _ = w.Close() }()
	for name, m := range methods {
		if m.do == nil && name != "apps.connections.open" {
			t.Errorf("%s does nothing", name)
		}
		if m.scopes == nil {
			continue
		}
		for _, s := range m.scopes(w, w.apps[0], map[string]string{}) {
			if !slices.Contains(scopes, s) {
				t.Errorf("%s needs %s, which AllScopes lacks", name, s)
			}
		}
	}
	for e, s := range eventScopes {
		if s != "" && !slices.Contains(scopes, s) {
			t.Errorf("%s needs %s, which AllScopes lacks", e, s)
		}
	}
}

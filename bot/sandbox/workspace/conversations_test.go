package workspace

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
)

func TestChannelNames(t *testing.T) {
	l := newLab(t, Options{NoRateLimits: true})
	for name, want := range map[string]string{
		"":                      "invalid_name_required",
		strings.Repeat("a", 81): "invalid_name_maxlength",
		"Inc":                   "invalid_name_specials",
		"inc 1":                 "invalid_name_specials",
		"inc.1":                 "invalid_name_specials",
		"été":                   "invalid_name_specials",
		"-_-":                   "invalid_name_punctuation",
		"general":               "name_taken",
		strings.Repeat("b", 80): "",
		"inc-2026_1":            "",
	} {
		l.want(want, "conversations.create", map[string]string{"name": name})
	}
	// Archived channels keep their name.
	id := l.create("gone")
	l.want("", "conversations.archive", map[string]string{"channel": id})
	l.want("name_taken", "conversations.create", map[string]string{"name": "gone"})
	l.want("is_archived", "conversations.rename", map[string]string{"channel": id, "name": "x"})
	// A renamed one frees it.
	l.want("", "conversations.unarchive", map[string]string{"channel": id})
	l.want("", "conversations.rename", map[string]string{"channel": id, "name": "renamed"})
	l.want("", "conversations.create", map[string]string{"name": "gone"})
	l.want("name_taken", "conversations.rename", map[string]string{"channel": id, "name": "gone"})
	g, _ := l.w.Channel("general")
	l.want("not_in_channel", "conversations.rename", map[string]string{"channel": g.ID, "name": "x"})
	if err := l.w.As("alice").InviteTo("general", l.app.BotUserID); err != nil {
		t.Fatal(err)
	}
	l.want("not_authorized", "conversations.rename", map[string]string{"channel": g.ID, "name": "x"})
}

func TestCreateRace(t *testing.T) {
	l := newLab(t, Options{NoRateLimits: true})
	var wg sync.WaitGroup
	results := make(chan string, 10)
	for range 10 {
		wg.Go(func() {
			m, _ := l.wire("conversations.create", map[string]string{"name": "inc-1"})
			e, _ := m["error"].(string)
			results <- e
		})
	}
	wg.Wait()
	close(results)
	won := 0
	for e := range results {
		switch e {
		case "":
			won++
		case "name_taken":
		default:
			t.Errorf("error %s", e)
		}
	}
	if won != 1 {
		t.Fatalf("%d creators won", won)
	}
}

func TestInvite(t *testing.T) {
	l := newLab(t, Options{NoRateLimits: true, Users: []User{{Name: "alice"}, {Name: "bob"}, {Name: "carl"}, {Name: "gone", Deleted: true}}})
	id := l.create("inc-1")
	alice, bob, carl := l.w.As("alice").ID(), l.w.As("bob").ID(), l.w.As("carl").ID()
	gone, _ := l.w.User("gone")
	inv := func(want string, users ...string) map[string]any {
		t.Helper()
		return l.want(want, "conversations.invite", map[string]string{"channel": id, "users": strings.Join(users, ",")})
	}
	inv("no_user")
	inv("user_not_found", "UNOBODY")
	inv("cant_invite_self", l.app.BotUserID)
	inv("cant_invite", gone.ID)
	inv("", alice)
	m := inv("already_in_channel", alice)
	if e := m["errors"].([]any)[0].(map[string]any); e["user"] != alice || e["error"] != "already_in_channel" {
		t.Fatalf("errors %v", m)
	}
	inv("already_in_channel", alice, bob)
	if c, _ := l.w.Channel(id); slices.Contains(c.Members, bob) {
		t.Fatal("one bad user refuses all, but bob came in")
	}
	l.want("", "conversations.invite", map[string]string{"channel": id, "users": alice + "," + bob, "force": "true"})
	if c, _ := l.w.Channel(id); !slices.Contains(c.Members, bob) {
		t.Fatal("force lets the good ones in")
	}
	inv("invalid_arguments", strings.Split(strings.Repeat(carl+" ", 101), " ")[:101]...)
	g, _ := l.w.Channel("general")
	l.want("not_in_channel", "conversations.invite", map[string]string{"channel": g.ID, "users": carl})
	l.want("channel_not_found", "conversations.invite", map[string]string{"channel": "CNONE", "users": carl})
	l.want("", "conversations.archive", map[string]string{"channel": id})
	inv("is_archived", carl)
}

func TestMembershipAndArchive(t *testing.T) {
	l := newLab(t, Options{NoRateLimits: true, Apps: []App{{Scopes: without(AllScopes(), "chat:write.public")}},
		Channels: []ChannelSpec{{Name: "general"}, {Name: "ops"}, {Name: "board", Private: true, Members: []string{"alice"}}}})
	ops, _ := l.w.Channel("ops")
	board, _ := l.w.Channel("board")
	alice := l.w.As("alice")
	l.want("not_in_channel", "chat.postMessage", map[string]string{"channel": ops.ID, "text": "x"})
	l.want("not_in_channel", "chat.postMessage", map[string]string{"channel": "#ops", "text": "x"})
	l.want("channel_not_found", "chat.postMessage", map[string]string{"channel": board.ID, "text": "x"})
	l.want("channel_not_found", "chat.postMessage", map[string]string{"channel": "board", "text": "x"})
	l.want("not_in_channel", "conversations.history", map[string]string{"channel": ops.ID})
	l.want("channel_not_found", "conversations.history", map[string]string{"channel": board.ID})
	l.want("channel_not_found", "conversations.info", map[string]string{"channel": board.ID})
	l.want("not_in_channel", "conversations.setTopic", map[string]string{"channel": ops.ID, "topic": "x"})
	m, err := alice.Post("ops", "hello")
	if err != nil {
		t.Fatal(err)
	}
	l.want("not_in_channel", "reactions.add", map[string]string{"channel": ops.ID, "timestamp": m.TS, "name": "eyes"})
	l.want("not_in_channel", "pins.add", map[string]string{"channel": ops.ID, "timestamp": m.TS})
	l.want("permission_denied", "bookmarks.add", map[string]string{"channel_id": ops.ID, "title": "x", "type": "link", "link": "https://e.com"})
	l.want("method_not_supported_for_channel_type", "conversations.join", map[string]string{"channel": func() string {
		if err := alice.InviteTo("board", l.app.BotUserID); err != nil {
			t.Fatal(err)
		}
		return board.ID
	}()})
	l.want("", "conversations.join", map[string]string{"channel": ops.ID})
	if m := l.want("", "conversations.join", map[string]string{"channel": ops.ID}); m["warning"] != "already_in_channel" {
		t.Fatalf("join again: %v", m)
	}
	l.want("", "chat.postMessage", map[string]string{"channel": ops.ID, "text": "x"})
	l.want("", "conversations.leave", map[string]string{"channel": ops.ID})
	if m := l.want("", "conversations.leave", map[string]string{"channel": ops.ID}); m["not_in_channel"] != true {
		t.Fatalf("leave again: %v", m)
	}
	l.want("not_in_channel", "conversations.archive", map[string]string{"channel": ops.ID})
	l.want("", "conversations.join", map[string]string{"channel": ops.ID})
	l.want("cant_kick_self", "conversations.kick", map[string]string{"channel": ops.ID, "user": l.app.BotUserID})
	l.want("", "conversations.kick", map[string]string{"channel": ops.ID, "user": alice.ID()})
	l.want("not_in_channel", "conversations.kick", map[string]string{"channel": ops.ID, "user": alice.ID()})
	l.want("", "conversations.archive", map[string]string{"channel": ops.ID})
	for method, want := range map[string]string{
		"chat.postMessage": "is_archived", "conversations.setTopic": "is_archived", "conversations.archive": "already_archived",
		"conversations.join": "is_archived", "conversations.leave": "is_archived", "chat.postEphemeral": "is_archived",
	} {
		l.want(want, method, map[string]string{"channel": ops.ID, "text": "x", "topic": "x", "user": alice.ID()})
	}
	l.want("", "conversations.unarchive", map[string]string{"channel": ops.ID})
	l.want("not_archived", "conversations.unarchive", map[string]string{"channel": ops.ID})
	g, _ := l.w.Channel("general")
	l.want("", "conversations.join", map[string]string{"channel": g.ID})
	l.want("cant_archive_general", "conversations.archive", map[string]string{"channel": g.ID})
	l.want("cant_leave_general", "conversations.leave", map[string]string{"channel": g.ID})
	l.want("cant_kick_from_general", "conversations.kick", map[string]string{"channel": g.ID, "user": alice.ID()})

	// chat:write.public lets a bot write where it is not, in public channels.
	pub := newLab(t, Options{})
	pub.want("", "chat.postMessage", map[string]string{"channel": "#general", "text": "x"})
}

func without(list []string, s string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(x string) bool { return x == s })
}

func TestTopicAndPurposeLimits(t *testing.T) {
	l := newLab(t, Options{})
	id := l.create("inc-1")
	l.want("", "conversations.setTopic", map[string]string{"channel": id, "topic": strings.Repeat("é", 250)})
	l.want("too_long", "conversations.setTopic", map[string]string{"channel": id, "topic": strings.Repeat("é", 251)})
	l.want("too_long", "conversations.setPurpose", map[string]string{"channel": id, "purpose": strings.Repeat("x", 251)})
	l.want("", "conversations.setPurpose", map[string]string{"channel": id, "purpose": "why"})
	c, _ := l.w.Channel(id)
	if c.Purpose != "why" || len(c.Topic) != 500 {
		t.Fatalf("channel %+v", c)
	}
}

func TestPages(t *testing.T) {
	l := newLab(t, Options{NoRateLimits: true})
	id := l.create("inc-0")
	for i := 1; i < 25; i++ {
		l.create(fmt.Sprintf("inc-%d", i))
		l.want("", "chat.postMessage", map[string]string{"channel": id, "text": fmt.Sprint(i)})
	}
	for _, c := range []struct {
		method, list, key string
		args              map[string]string
		want              int
	}{
		{"conversations.list", "channels", "id", nil, 27},
		{"users.conversations", "channels", "id", nil, 25},
		{"conversations.history", "messages", "ts", map[string]string{"channel": id}, 25},
		{"users.list", "members", "id", nil, 3},
	} {
		var seen []string
		cursor, pages := "", 0
		for {
			args := map[string]string{"limit": "7", "cursor": cursor}
			for k, v := range c.args {
				args[k] = v
			}
			m := l.want("", c.method, args)
			items := m[c.list].([]any)
			if len(items) > 7 {
				t.Fatalf("%s: page of %d", c.method, len(items))
			}
			for _, x := range items {
				seen = append(seen, x.(map[string]any)[c.key].(string))
			}
			pages++
			if cursor, _ = m["response_metadata"].(map[string]any)["next_cursor"].(string); cursor == "" {
				break
			}
		}
		if len(seen) != c.want || len(slices.Compact(slices.Sorted(slices.Values(seen)))) != c.want || pages != (c.want+6)/7 {
			t.Errorf("%s: %d items in %d pages, want %d: %v", c.method, len(seen), pages, c.want, seen)
		}
		bad := map[string]string{"cursor": "!!", "channel": id}
		l.want("invalid_cursor", c.method, bad)
	}
	l.want("invalid_limit", "conversations.list", map[string]string{"limit": "1001"})
	l.want("invalid_limit", "conversations.list", map[string]string{"limit": "x"})
	l.want("invalid_types", "conversations.list", map[string]string{"types": "public"})
	m := l.want("", "conversations.members", map[string]string{"channel": id, "limit": "1"})
	if len(m["members"].([]any)) != 1 {
		t.Fatalf("members %v", m)
	}
	l.want("", "conversations.archive", map[string]string{"channel": id})
	m = l.want("", "users.conversations", map[string]string{"exclude_archived": "true", "limit": "1000"})
	if n := len(m["channels"].([]any)); n != 24 {
		t.Fatalf("%d channels without the archived one", n)
	}
}

func TestHistoryWindowAndThreads(t *testing.T) {
	l := newLab(t, Options{NoRateLimits: true})
	id := l.create("inc-1")
	var ts []string
	for i := range 5 {
		m := l.want("", "chat.postMessage", map[string]string{"channel": id, "text": fmt.Sprint(i), "metadata": `{"event_type":"n","event_payload":{"i":1}}`})
		ts = append(ts, m["ts"].(string))
	}
	reply := l.want("", "chat.postMessage", map[string]string{"channel": id, "text": "reply", "thread_ts": ts[1]})["ts"].(string)
	loud := l.want("", "chat.postMessage", map[string]string{"channel": id, "text": "loud", "thread_ts": ts[1], "reply_broadcast": "true"})["ts"].(string)
	get := func(method string, args map[string]string) (out []string, msgs []map[string]any) {
		args["channel"] = id
		m := l.want("", method, args)
		for _, x := range m["messages"].([]any) {
			o := x.(map[string]any)
			out = append(out, o["ts"].(string))
			msgs = append(msgs, o)
		}
		return out, msgs
	}
	got, msgs := get("conversations.history", map[string]string{})
	if got[0] != loud || slices.Contains(got, reply) || len(got) != 7 || !slices.IsSortedFunc(got, func(a, b string) int { return strings.Compare(b, a) }) {
		t.Fatalf("history %v", got)
	}
	for _, m := range msgs {
		if m["metadata"] != nil {
			t.Fatal("metadata without include_all_metadata")
		}
		if m["ts"] == ts[1] && (m["reply_count"] != 2.0 || m["latest_reply"] != loud || m["thread_ts"] != ts[1]) {
			t.Fatalf("parent %v", m)
		}
	}
	_, msgs = get("conversations.history", map[string]string{"include_all_metadata": "true", "oldest": ts[4], "latest": ts[4], "inclusive": "1"})
	if len(msgs) != 1 || msgs[0]["metadata"].(map[string]any)["event_type"] != "n" {
		t.Fatalf("metadata %v", msgs)
	}
	got, _ = get("conversations.history", map[string]string{"oldest": ts[1], "latest": ts[4]})
	if !slices.Equal(got, []string{ts[3], ts[2]}) {
		t.Fatalf("exclusive %v", got)
	}
	got, _ = get("conversations.history", map[string]string{"oldest": ts[1], "latest": ts[4], "inclusive": "true"})
	if !slices.Equal(got, []string{ts[4], ts[3], ts[2], ts[1]}) {
		t.Fatalf("inclusive %v", got)
	}
	l.want("invalid_ts_oldest", "conversations.history", map[string]string{"channel": id, "oldest": "x"})
	l.want("invalid_ts_latest", "conversations.history", map[string]string{"channel": id, "latest": "1.x"})
	got, _ = get("conversations.replies", map[string]string{"ts": ts[1]})
	if !slices.Equal(got, []string{ts[1], reply, loud}) {
		t.Fatalf("replies %v", got)
	}
	l.want("thread_not_found", "conversations.replies", map[string]string{"channel": id, "ts": "1.000001"})
	l.want("cannot_reply_to_message", "chat.postMessage", map[string]string{"channel": id, "text": "x", "thread_ts": "1.000001"})
	// A reply to a reply lands in the thread and is strange.
	l.want("", "chat.postMessage", map[string]string{"channel": id, "text": "deep", "thread_ts": reply})
	if got, _ = get("conversations.replies", map[string]string{"ts": ts[1]}); len(got) != 4 || len(l.w.Strange()) != 1 {
		t.Fatalf("replies %v strange %v", got, l.w.Strange())
	}
	// A deleted message is gone; a parent with replies leaves a tombstone.
	l.want("", "chat.delete", map[string]string{"channel": id, "ts": ts[4]})
	l.want("", "chat.delete", map[string]string{"channel": id, "ts": ts[1]})
	got, msgs = get("conversations.history", map[string]string{})
	if slices.Contains(got, ts[4]) || !slices.ContainsFunc(msgs, func(m map[string]any) bool { return m["ts"] == ts[1] && m["subtype"] == "tombstone" }) {
		t.Fatalf("after deletion %v", msgs)
	}
}

func TestDirectMessages(t *testing.T) {
	l := newLab(t, Options{Users: []User{{Name: "alice"}, {Name: "bob"}, {Name: "gone", Deleted: true}}})
	alice, bob := l.w.As("alice").ID(), l.w.As("bob").ID()
	gone, _ := l.w.User("gone")
	m := l.want("", "conversations.open", map[string]string{"users": alice})
	dm := m["channel"].(map[string]any)["id"].(string)
	if dm[0] != 'D' || m["already_open"] != nil {
		t.Fatalf("open: %v", m)
	}
	m = l.want("", "conversations.open", map[string]string{"users": alice, "return_im": "true"})
	if ch := m["channel"].(map[string]any); ch["id"] != dm || ch["is_im"] != true || ch["user"] != alice || m["already_open"] != true {
		t.Fatalf("open again: %v", m)
	}
	l.want("user_not_found", "conversations.open", map[string]string{"users": "UNOBODY"})
	l.want("user_disabled", "conversations.open", map[string]string{"users": gone.ID})
	l.want("users_list_not_supplied", "conversations.open", nil)
	if m := l.want("", "chat.postMessage", map[string]string{"channel": alice, "text": "psst"}); m["channel"] != dm {
		t.Fatalf("a user id posts into the direct conversation: %v", m)
	}
	l.want("", "conversations.open", map[string]string{"users": alice + "," + bob})
	l.want("method_not_supported_for_channel_type", "conversations.archive", map[string]string{"channel": dm})
	if _, err := l.w.As("bob").Post(dm, "not mine"); err == nil {
		t.Fatal("bob wrote into another's direct conversation")
	}
	c, err := l.w.As("alice").OpenDM("tocsin")
	if err != nil || c.ID != dm {
		t.Fatal(c, err)
	}
}

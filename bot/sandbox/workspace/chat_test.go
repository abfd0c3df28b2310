package workspace

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

func section(text string) string {
	b, _ := json.Marshal([]any{map[string]any{"type": "section", "text": map[string]any{"type": "mrkdwn", "text": text}}})
	return string(b)
}

func TestPostContent(t *testing.T) {
	l := newLab(t, Options{NoRateLimits: true})
	id := l.create("inc-1")
	post := func(want string, args map[string]string) map[string]any {
		t.Helper()
		args["channel"] = id
		return l.want(want, "chat.postMessage", args)
	}
	post("no_text", map[string]string{})
	post("no_text", map[string]string{"text": "", "blocks": "[]"})
	post("", map[string]string{"blocks": section("only blocks")})
	post("", map[string]string{"attachments": `[{"text":"x"}]`})
	post("invalid_blocks_format", map[string]string{"blocks": "{"})
	m := post("invalid_blocks", map[string]string{"blocks": section(strings.Repeat("x", 3001))})
	if errs := m["errors"].([]any); !strings.Contains(errs[0].(string), "/blocks/0/text/text") {
		t.Fatalf("errors %v", m)
	}
	if msgs := m["response_metadata"].(map[string]any)["messages"].([]any); !strings.HasPrefix(msgs[0].(string), "[ERROR] must be less than 3001 characters") {
		t.Fatalf("messages %v", m)
	}
	var long []any
	for range 5 {
		long = append(long, json.RawMessage(section(strings.Repeat("x", 2700))[1:len(section(strings.Repeat("x", 2700)))-1]))
	}
	raw, _ := json.Marshal(long)
	post("msg_blocks_too_long", map[string]string{"blocks": string(raw)})
	post("markdown_text_conflict", map[string]string{"text": "a", "markdown_text": "b"})
	post("invalid_attachments", map[string]string{"attachments": "{}"})
	post("too_many_attachments", map[string]string{"attachments": "[" + strings.Repeat(`{"text":"x"},`, 100) + `{"text":"x"}]`})
	post("invalid_metadata_format", map[string]string{"text": "x", "metadata": "["})
	post("invalid_metadata_schema", map[string]string{"text": "x", "metadata": `{"event_type":"x"}`})
	post("metadata_too_large", map[string]string{"text": "x", "metadata": `{"event_type":"x","event_payload":{"a":"` + strings.Repeat("x", maxMetadata) + `"}}`})
	m = post("", map[string]string{"text": strings.Repeat("é", 40_001)})
	if n := len([]rune(m["message"].(map[string]any)["text"].(string))); n != 40_000 {
		t.Fatalf("text of %d runes", n)
	}
	l.want("channel_not_found", "chat.postMessage", map[string]string{"channel": "CNONE", "text": "x"})
}

func TestUpdateAndDelete(t *testing.T) {
	l := newLab(t, Options{NoRateLimits: true, Apps: []App{{}, {Name: "other"}}})
	id := l.create("inc-1")
	if err := l.w.As("alice").Join(id); err != nil {
		t.Fatal(err)
	}
	hers, err := l.w.As("alice").Post(id, "mine")
	if err != nil {
		t.Fatal(err)
	}
	l.want("cant_update_message", "chat.update", map[string]string{"channel": id, "ts": hers.TS, "text": "x"})
	l.want("cant_delete_message", "chat.delete", map[string]string{"channel": id, "ts": hers.TS})
	l.want("cant_update_message", "chat.update", map[string]string{"channel": id, "ts": l.w.Messages(id)[0].TS, "text": "x"})
	ts := l.want("", "chat.postMessage", map[string]string{"channel": id, "text": "v1", "blocks": section("card"), "metadata": `{"event_type":"a","event_payload":{}}`})["ts"].(string)
	l.want("msg_too_long", "chat.update", map[string]string{"channel": id, "ts": ts, "text": strings.Repeat("x", 4001)})
	l.want("no_text", "chat.update", map[string]string{"channel": id, "ts": ts})
	l.want("message_not_found", "chat.update", map[string]string{"channel": id, "ts": "1.000001", "text": "x"})
	l.want("", "chat.update", map[string]string{"channel": id, "ts": ts, "text": "v2"})
	m, _ := l.w.Message(id, ts)
	if m.Text != "v2" || !strings.Contains(string(m.Blocks), "card") || m.Metadata == nil || m.Edits != 1 || m.EditedBy != l.app.BotUserID {
		t.Fatalf("what was left out must stay: %+v", m)
	}
	l.want("", "chat.update", map[string]string{"channel": id, "ts": ts, "text": "v3", "blocks": "[]", "metadata": "{}"})
	if m, _ = l.w.Message(id, ts); m.Blocks != nil || m.Metadata != nil {
		t.Fatalf("emptied on purpose: %+v", m)
	}
	// Another app's message is not one's own.
	other := l.w.Apps()[1]
	om, _ := call(t, httpClient, l.url, other.BotToken, "chat.update", map[string]string{"channel": id, "ts": ts, "text": "x"})
	if om["error"] != "cant_update_message" {
		t.Fatalf("other app: %v", om)
	}
	l.want("", "chat.getPermalink", map[string]string{"channel": id, "message_ts": ts})
	l.want("", "conversations.archive", map[string]string{"channel": id})
	l.want("is_inactive", "chat.update", map[string]string{"channel": id, "ts": ts, "text": "x"})
	l.want("", "conversations.unarchive", map[string]string{"channel": id})
	l.want("", "chat.delete", map[string]string{"channel": id, "ts": ts})
	l.want("message_not_found", "chat.delete", map[string]string{"channel": id, "ts": ts})
	if m, _ = l.w.Message(id, ts); !m.Deleted {
		t.Fatal("the workspace keeps what was deleted, marked")
	}
}

func TestEphemeral(t *testing.T) {
	l := newLab(t, Options{})
	id := l.create("inc-1")
	alice := l.w.As("alice")
	l.want("user_not_in_channel", "chat.postEphemeral", map[string]string{"channel": id, "user": alice.ID(), "text": "x"})
	if err := alice.Join(id); err != nil {
		t.Fatal(err)
	}
	m := l.want("", "chat.postEphemeral", map[string]string{"channel": id, "user": alice.ID(), "text": "only you"})
	if m["message_ts"] == nil {
		t.Fatalf("answer %v", m)
	}
	if e := l.w.Ephemerals("alice", id); len(e) != 1 || e[0].Text != "only you" {
		t.Fatalf("alice sees %v", e)
	}
	for _, m := range l.w.Messages(id) {
		if m.Text == "only you" {
			t.Fatal("an ephemeral message is in the channel")
		}
	}
	alice.DismissEphemeral(m["message_ts"].(string))
	if e := l.w.Ephemerals("alice", id); len(e) != 0 {
		t.Fatalf("dismissed, but there: %v", e)
	}
}

func TestReactionsPinsBookmarks(t *testing.T) {
	l := newLab(t, Options{NoRateLimits: true})
	id := l.create("inc-1")
	ts := l.want("", "chat.postMessage", map[string]string{"channel": id, "text": "x"})["ts"].(string)
	item := func(extra ...string) map[string]string {
		m := map[string]string{"channel": id, "timestamp": ts}
		for i := 0; i < len(extra); i += 2 {
			m[extra[i]] = extra[i+1]
		}
		return m
	}
	l.want("", "reactions.add", item("name", "eyes"))
	l.want("already_reacted", "reactions.add", item("name", "eyes"))
	l.want("invalid_name", "reactions.add", item("name", "Eyes!"))
	l.want("message_not_found", "reactions.add", item("name", "eyes", "timestamp", "1.000001"))
	l.want("bad_timestamp", "reactions.add", item("name", "eyes", "timestamp", "x"))
	l.want("no_item_specified", "reactions.add", map[string]string{"channel": id, "name": "eyes"})
	m := l.want("", "reactions.get", item())
	if r := m["message"].(map[string]any)["reactions"].([]any)[0].(map[string]any); r["name"] != "eyes" || r["count"] != 1.0 {
		t.Fatalf("reactions %v", m)
	}
	l.want("", "reactions.remove", item("name", "eyes"))
	l.want("no_reaction", "reactions.remove", item("name", "eyes"))

	l.want("", "pins.add", item())
	l.want("already_pinned", "pins.add", item())
	if m := l.want("", "pins.list", map[string]string{"channel": id}); len(m["items"].([]any)) != 1 {
		t.Fatalf("pins %v", m)
	}
	l.want("", "pins.remove", item())
	l.want("no_pin", "pins.remove", item())

	add := map[string]string{"channel_id": id, "title": "Runbook", "type": "link", "link": "https://example.com/rb", "emoji": ":book:"}
	bm := l.want("", "bookmarks.add", add)["bookmark"].(map[string]any)["id"].(string)
	add["type"] = "file"
	l.want("invalid_bookmark_type", "bookmarks.add", add)
	add["type"], add["link"] = "link", "javascript:alert(1)"
	l.want("invalid_link", "bookmarks.add", add)
	l.want("", "bookmarks.edit", map[string]string{"channel_id": id, "bookmark_id": bm, "title": "New"})
	l.want("not_found", "bookmarks.edit", map[string]string{"channel_id": id, "bookmark_id": "Bk0", "title": "New"})
	if m := l.want("", "bookmarks.list", map[string]string{"channel_id": id}); m["bookmarks"].([]any)[0].(map[string]any)["title"] != "New" {
		t.Fatalf("bookmarks %v", m)
	}
	l.want("", "bookmarks.remove", map[string]string{"channel_id": id, "bookmark_id": bm})
	l.want("not_found", "bookmarks.remove", map[string]string{"channel_id": id, "bookmark_id": bm})
}

func TestWhoIsNotified(t *testing.T) {
	l := newLab(t, Options{
		NoRateLimits: true, UserGroups: []UserGroup{{Handle: "oncall", Users: []string{"U0SBX0002"}}},
		Users: []User{{Name: "alice"}, {Name: "bob"}, {ID: "UGONE", Name: "gone", Deleted: true}, {ID: "UROBOT", Name: "robot", Bot: true}},
	})
	id := l.create("inc-1")
	alice, bob := l.w.As("alice"), l.w.As("bob")
	for _, p := range []Person{alice, bob} {
		if err := p.Join(id); err != nil {
			t.Fatal(err)
		}
	}
	rich := `[{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"user","user_id":"` + bob.ID() + `"}]}]}]`
	plain := `[{"type":"header","text":{"type":"plain_text","text":"<!channel> in plain text"}}]`
	for _, c := range []struct {
		args map[string]string
		want []string
		loud []string
	}{
		{map[string]string{"text": "calm & <https://e.com|link> &lt;!channel&gt;"}, nil, nil},
		{map[string]string{"text": "hey <@" + alice.ID() + ">"}, []string{alice.ID()}, nil},
		{map[string]string{"text": "hey <@" + alice.ID() + "|alice> <@" + alice.ID() + ">"}, []string{alice.ID()}, nil},
		{map[string]string{"text": "<!channel>"}, []string{alice.ID(), bob.ID()}, []string{"channel"}},
		{map[string]string{"text": "x", "blocks": section("look <!here|here>")}, []string{alice.ID(), bob.ID()}, []string{"here"}},
		{map[string]string{"text": "x", "blocks": plain}, nil, nil},
		{map[string]string{"text": "x", "blocks": rich}, []string{bob.ID()}, nil},
		{map[string]string{"text": "<!subteam^S0SBX0001>"}, []string{"U0SBX0002"}, nil},
		{map[string]string{"text": "<@" + l.app.BotUserID + "> <@UGONE> <@UROBOT> <@UNOBODY>"}, nil, nil},
		{map[string]string{"text": "x", "attachments": `[{"text":"<!everyone>"}]`}, []string{alice.ID(), bob.ID()}, []string{"everyone"}},
		{map[string]string{"text": "@alice", "link_names": "1"}, []string{alice.ID()}, nil},
		{map[string]string{"text": "@alice @channel"}, nil, nil},
	} {
		c.args["channel"] = id
		ts := l.want("", "chat.postMessage", c.args)["ts"].(string)
		m, _ := l.w.Message(id, ts)
		if !slices.Equal(m.Notified, c.want) || !slices.Equal(m.Broadcasts, c.loud) {
			t.Errorf("%v: notified %v %v, want %v %v", c.args, m.Notified, m.Broadcasts, c.want, c.loud)
		}
	}
}

package workspace

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
)

// modal is a view with one text input, as JSON.
func modal(changes ...string) string {
	m := map[string]any{
		"type": "modal", "title": map[string]any{"type": "plain_text", "text": "T"},
		"submit": map[string]any{"type": "plain_text", "text": "Go"},
		"blocks": json.RawMessage(`[{"type":"input","block_id":"b","label":{"type":"plain_text","text":"l"},"element":{"type":"plain_text_input","action_id":"a"}}]`),
	}
	for i := 0; i < len(changes); i += 2 {
		m[changes[i]] = changes[i+1]
		if json.Valid([]byte(changes[i+1])) {
			m[changes[i]] = json.RawMessage(changes[i+1])
		}
	}
	b, _ := json.Marshal(m)
	return string(b)
}

// trigger makes a trigger id as an interaction would.
func (l *lab) trigger(user, viewID string) string {
	l.w.mu.Lock()
	defer l.w.mu.Unlock()
	return l.w.newTriggerLocked(l.w.apps[0], user, viewID)
}

func TestTriggersAndStack(t *testing.T) {
	clock := newMovable()
	l := newLab(t, Options{Clock: clock, NoRateLimits: true})
	alice := l.w.As("alice")
	open := func(want, method, trigger, view string) map[string]any {
		t.Helper()
		return l.want(want, method, map[string]string{"trigger_id": trigger, "view": view})
	}
	open("invalid_trigger_id", "views.open", "1.2.x", modal())
	tr := l.trigger(alice.ID(), "")
	clock.move(3*time.Second + time.Millisecond)
	open("expired_trigger_id", "views.open", tr, modal())
	tr = l.trigger(alice.ID(), "")
	clock.move(3 * time.Second)
	m := open("", "views.open", tr, modal("external_id", `"ext"`, "private_metadata", `"INC-1"`))
	open("exchanged_trigger_id", "views.open", tr, modal())
	v := m["view"].(map[string]any)
	if v["private_metadata"] != "INC-1" || v["hash"] == "" || v["root_view_id"] != v["id"] {
		t.Fatalf("view %v", v)
	}
	open("not_found", "views.push", l.trigger(alice.ID(), ""), modal())
	open("duplicate_external_id", "views.push", l.trigger(alice.ID(), v["id"].(string)), modal("external_id", `"ext"`))
	second := open("", "views.push", l.trigger(alice.ID(), v["id"].(string)), modal())["view"].(map[string]any)
	if second["previous_view_id"] != v["id"] || second["root_view_id"] != v["id"] {
		t.Fatalf("pushed %v", second)
	}
	third := open("", "views.push", l.trigger(alice.ID(), second["id"].(string)), modal())["view"].(map[string]any)
	open("push_limit_reached", "views.push", l.trigger(alice.ID(), third["id"].(string)), modal())

	upd := func(want string, args map[string]string) map[string]any {
		t.Helper()
		args["view"] = modal()
		return l.want(want, "views.update", args)
	}
	upd("not_found", map[string]string{"view_id": "V404"})
	upd("invalid_arguments", map[string]string{})
	upd("hash_conflict", map[string]string{"view_id": third["id"].(string), "hash": "1.old"})
	next := upd("", map[string]string{"view_id": third["id"].(string), "hash": third["hash"].(string)})["view"].(map[string]any)
	if next["hash"] == third["hash"] {
		t.Fatal("the hash did not change")
	}
	upd("hash_conflict", map[string]string{"view_id": third["id"].(string), "hash": third["hash"].(string)})
	upd("", map[string]string{"external_id": "ext"})
	if n := len(l.w.Views("alice")); n != 3 {
		t.Fatalf("%d modals", n)
	}
	// Opening anew closes the stack.
	open("duplicate_external_id", "views.open", l.trigger(alice.ID(), ""), modal("external_id", `"ext"`))
	open("", "views.open", l.trigger(alice.ID(), ""), modal("callback_id", `"anew"`))
	if vs := l.w.Views("alice"); len(vs) != 1 || vs[0].CallbackID != "anew" {
		t.Fatalf("views %+v", vs)
	}
}

func TestViewLimits(t *testing.T) {
	l := newLab(t, Options{NoRateLimits: true})
	title := func(n int) string { return `{"type":"plain_text","text":"` + x(n) + `"}` }
	for _, c := range []struct{ view, want, detail string }{
		{modal("title", title(24)), "", ""},
		{modal("title", title(25)), "invalid_arguments", "/view/title/text"},
		{modal("submit", title(25)), "invalid_arguments", "/view/submit/text"},
		{modal("submit", "null"), "invalid_arguments", "missing required field: submit"},
		{modal("close", title(25)), "invalid_arguments", "/view/close/text"},
		{modal("callback_id", `"`+x(256)+`"`), "invalid_arguments", "/view/callback_id"},
		{modal("private_metadata", `"`+x(3000)+`"`), "", ""},
		{modal("private_metadata", `"`+x(3001)+`"`), "invalid_arguments", "/view/private_metadata"},
		{modal("colour", `"red"`), "invalid_arguments", "additional property: colour"},
		{modal("type", `"home"`), "invalid_arguments", "/view/type"},
		{modal("private_metadata", `"`+x(maxViewBytes)+`"`), "view_too_large", ""},
		{"", "invalid_arguments", "missing required field: view"},
		{"[]", "invalid_arguments", "valid JSON object"},
		{modal("blocks", `[{"type":"section"}]`), "invalid_arguments", "missing required field: text"},
	} {
		m := l.want(c.want, "views.open", map[string]string{"trigger_id": l.trigger(l.w.As("alice").ID(), ""), "view": c.view})
		if raw, _ := json.Marshal(m); !strings.Contains(string(raw), c.detail) {
			t.Errorf("%.80s: %s, want %q", c.view, raw, c.detail)
		}
	}
	home := `{"type":"home","blocks":[{"type":"divider"}]}`
	alice := l.w.As("alice").ID()
	m := l.want("", "views.publish", map[string]string{"user_id": alice, "view": home})
	l.want("hash_conflict", "views.publish", map[string]string{"user_id": alice, "view": home, "hash": "1.old"})
	l.want("", "views.publish", map[string]string{"user_id": alice, "view": home, "hash": m["view"].(map[string]any)["hash"].(string)})
	l.want("invalid_arguments", "views.publish", map[string]string{"user_id": alice, "view": modal()})
	l.want("invalid_arguments", "views.publish", map[string]string{"user_id": "UNOBODY", "view": home})
	if v, ok := l.w.Home("alice"); !ok || v.Type != "home" || !strings.Contains(string(v.Blocks), "divider") {
		t.Fatalf("home %+v", v)
	}
}

// TestSubmissionAnswers: update, push, errors, clear and what Slack does not accept.
func TestSubmissionAnswers(t *testing.T) {
	l := newLab(t, Options{NoRateLimits: true})
	answers := make(chan any, 1)
	closed := make(chan slack.InteractionCallback, 4)
	startBot(t, l.api, func(sm *socketmode.Client, e socketmode.Event) {
		cb, ok := e.Data.(slack.InteractionCallback)
		switch {
		case ok && cb.Type == slack.InteractionTypeViewSubmission:
			_ = sm.Ack(*e.Request, <-answers)
			return
		case ok && cb.Type == slack.InteractionTypeViewClosed:
			closed <- cb
		}
		_ = sm.Ack(*e.Request)
	})
	alice := l.w.As("alice")
	ctx := t.Context()
	l.want("", "views.open", map[string]string{"trigger_id": l.trigger(alice.ID(), ""), "view": modal("notify_on_close", "true")})
	submit := func(answer any) Outcome {
		t.Helper()
		answers <- answer
		vs := l.w.Views("alice")
		out, err := alice.Submit(ctx, vs[len(vs)-1].ID, map[string]map[string]any{"b": {"a": "text"}})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	raw := func(s string) any { return json.RawMessage(s) }
	if out := submit(raw(`{"response_action":"errors","errors":{"b":"no"}}`)); out.Errors["b"] != "no" || out.Views[0].Errors["b"] != "no" {
		t.Fatalf("errors: %+v", out)
	}
	for _, bad := range []string{
		`{"response_action":"errors","errors":{"zz":"no"}}`, `{"response_action":"errors"}`,
		`{"response_action":"dance"}`, `{"response_action":"update","view":{"type":"modal"}}`,
	} {
		if out := submit(raw(bad)); out.Status != BadAnswer || len(out.Views) != 1 {
			t.Fatalf("%s: %+v", bad, out)
		}
	}
	if n := len(l.w.Strange()); n != 4 {
		t.Fatalf("%d strange, want 4", n)
	}
	out := submit(raw(`{"response_action":"update","view":` + modal("callback_id", `"two"`) + `}`))
	if len(out.Views) != 1 || out.Views[0].CallbackID != "two" || !strings.Contains(string(out.Views[0].State["b"]["a"]), "text") {
		t.Fatalf("update keeps what was entered: %+v", out)
	}
	out = submit(raw(`{"response_action":"push","view":` + modal("notify_on_close", "true") + `}`))
	if len(out.Views) != 2 {
		t.Fatalf("push: %+v", out)
	}
	if _, err := alice.Submit(ctx, out.Views[0].ID, nil); err == nil {
		t.Fatal("submitted a modal under another")
	}
	if out, err := alice.CloseView(ctx, out.Views[1].ID, false); err != nil || len(out.Views) != 1 {
		t.Fatalf("close: %+v %v", out, err)
	}
	if cb := <-closed; cb.IsCleared {
		t.Fatal("one closed is not all cleared")
	}
	submit(raw(`{"response_action":"push","view":` + modal() + `}`))
	if out := submit(raw(`{"response_action":"clear"}`)); len(out.Views) != 0 {
		t.Fatalf("clear: %+v", out)
	}
}

// TestFormValues enters every kind of element and reads what slack-go sees.
func TestFormValues(t *testing.T) {
	l := newLab(t, Options{NoRateLimits: true})
	got := make(chan *slack.ViewState, 1)
	startBot(t, l.api, func(sm *socketmode.Client, e socketmode.Event) {
		if cb, ok := e.Data.(slack.InteractionCallback); ok && cb.Type == slack.InteractionTypeViewSubmission {
			got <- cb.View.State
		}
		_ = sm.Ack(*e.Request)
	})
	alice, ctx := l.w.As("alice"), t.Context()
	in := func(id, element string) string {
		return `{"type":"input","optional":true,"block_id":"` + id + `","label":{"type":"plain_text","text":"l"},"element":` + strings.Replace(element, "{", `{"action_id":"a",`, 1) + `}`
	}
	blocks := "[" + strings.Join([]string{
		in("text", `{"type":"plain_text_input","min_length":2,"max_length":5}`),
		in("sel", `{"type":"static_select","options":`+options(3)+`}`),
		in("radio", `{"type":"radio_buttons","options":`+options(3)+`}`),
		in("check", `{"type":"checkboxes","options":`+options(3)+`}`),
		in("user", `{"type":"users_select"}`),
		in("users", `{"type":"multi_users_select","max_selected_items":1}`),
		in("chan", `{"type":"channels_select"}`),
		in("date", `{"type":"datepicker"}`),
		in("time", `{"type":"timepicker"}`),
		in("when", `{"type":"datetimepicker"}`),
		in("num", `{"type":"number_input","is_decimal_allowed":false}`),
		`{"type":"section","block_id":"sect","text":{"type":"mrkdwn","text":"x"},"accessory":` + selectMenu(options(2), "") + `}`,
		`{"type":"actions","block_id":"acts","elements":[` + button("b", "press", "") + `]}`,
	}, ",") + "]"
	id := l.want("", "views.open", map[string]string{"trigger_id": l.trigger(alice.ID(), ""), "view": modal("blocks", blocks)})["view"].(map[string]any)["id"].(string)
	general, _ := l.w.Channel("general")
	for _, bad := range []map[string]map[string]any{
		{"text": {"a": "x"}}, {"text": {"a": "xxxxxx"}}, {"sel": {"a": "v9"}}, {"user": {"a": "UNOBODY"}}, {"chan": {"a": "CNONE"}},
		{"date": {"a": "tomorrow"}}, {"num": {"a": "many"}}, {"none": {"a": "x"}}, {"users": {"a": []string{alice.ID(), l.w.As("bob").ID()}}},
		{"acts": {"press": "x"}},
	} {
		if _, err := alice.Submit(ctx, id, bad); err == nil {
			t.Errorf("entered %v", bad)
		}
	}
	if out, err := alice.ClickInView(ctx, id, "s", "v1", "sect"); err != nil || out.Status != Acked {
		t.Fatal(out, err)
	}
	out, err := alice.Submit(ctx, id, map[string]map[string]any{
		"text": {"a": "four"}, "sel": {"a": "v1"}, "radio": {"a": "v2"}, "check": {"a": []string{"v0", "v2"}},
		"user": {"a": alice.ID()}, "users": {"a": []string{alice.ID()}}, "chan": {"a": general.ID},
		"date": {"a": "2026-11-21"}, "time": {"a": "09:30"}, "when": {"a": 1795251600}, "num": {"a": 7},
	})
	if err != nil || out.Status != Acked || len(out.Views) != 0 {
		t.Fatalf("%+v %v", out, err)
	}
	v := (<-got).Values
	if v["text"]["a"].Value != "four" || v["sel"]["a"].SelectedOption.Value != "v1" || v["radio"]["a"].SelectedOption.Value != "v2" ||
		len(v["check"]["a"].SelectedOptions) != 2 || v["user"]["a"].SelectedUser != alice.ID() || v["users"]["a"].SelectedUsers[0] != alice.ID() ||
		v["chan"]["a"].SelectedChannel != general.ID || v["date"]["a"].SelectedDate != "2026-11-21" || v["time"]["a"].SelectedTime != "09:30" ||
		v["when"]["a"].SelectedDateTime != 1795251600 || v["num"]["a"].Value != "7" || v["sect"]["s"].SelectedOption.Value != "v1" {
		t.Fatalf("state %+v", v)
	}
	if _, there := v["acts"]["press"]; there {
		t.Fatal("a button has no state")
	}
}

func TestSelectInMessage(t *testing.T) {
	l := newLab(t, Options{})
	got := make(chan slack.InteractionCallback, 2)
	startBot(t, l.api, func(sm *socketmode.Client, e socketmode.Event) {
		if cb, ok := e.Data.(slack.InteractionCallback); ok {
			got <- cb
		}
		_ = sm.Ack(*e.Request)
	})
	id := l.create("inc-1")
	if err := l.w.As("alice").Join(id); err != nil {
		t.Fatal(err)
	}
	two := `[{"type":"actions","block_id":"one","elements":[` + selectMenu(options(2), "") + `,` + button("b", "go", `,"value":"INC-1"`) + `]},{"type":"actions","block_id":"two","elements":[` + button("b", "go", "") + `]}]`
	ts := l.want("", "chat.postMessage", map[string]string{"channel": id, "text": "x", "blocks": two})["ts"].(string)
	ctx, alice := context.Background(), l.w.As("alice")
	_, err := alice.Click(ctx, id, ts, "go")
	wantCode(t, err, "ambiguous_action")
	_, err = alice.Click(ctx, id, ts, "nope")
	wantCode(t, err, "no_such_action")
	_, err = alice.Click(ctx, id, ts, "s")
	wantCode(t, err, "no_such_action")
	_, err = l.w.As("bob").Click(ctx, id, ts, "go", "one")
	wantCode(t, err, "not_in_channel")
	if out, err := alice.Select(ctx, id, ts, "s", "v1"); err != nil || out.Status != Acked {
		t.Fatal(out, err)
	}
	cb := <-got
	if a := cb.ActionCallback.BlockActions[0]; a.SelectedOption.Value != "v1" || a.BlockID != "one" || cb.Container.MessageTs != ts || cb.Channel.ID != id || cb.ResponseURL == "" || cb.TriggerID == "" || cb.Team.ID != l.w.TeamID() || cb.User.ID != alice.ID() {
		t.Fatalf("callback %+v", cb)
	}
	if s := cb.BlockActionState.Values["one"]["s"]; s.SelectedOption.Value != "v1" {
		t.Fatalf("state %+v", cb.BlockActionState)
	}
	if out, err := alice.Click(ctx, id, ts, "go", "one"); err != nil || out.Status != Acked {
		t.Fatal(out, err)
	}
	if cb = <-got; cb.ActionCallback.BlockActions[0].Value != "INC-1" {
		t.Fatalf("callback %+v", cb)
	}
}

func TestShortcuts(t *testing.T) {
	l := newLab(t, Options{Apps: []App{{Shortcuts: []string{"declare", "note"}}}})
	got := make(chan slack.InteractionCallback, 2)
	startBot(t, l.api, func(sm *socketmode.Client, e socketmode.Event) {
		if cb, ok := e.Data.(slack.InteractionCallback); ok {
			got <- cb
		}
		_ = sm.Ack(*e.Request)
	})
	alice, ctx := l.w.As("alice"), t.Context()
	if out, err := alice.Shortcut(ctx, "declare"); err != nil || out.Status != Acked {
		t.Fatal(out, err)
	}
	if cb := <-got; cb.Type != slack.InteractionTypeShortcut || cb.CallbackID != "declare" {
		t.Fatalf("%+v", cb)
	}
	m, err := alice.Post("general", "this")
	if err != nil {
		t.Fatal(err)
	}
	if out, err := alice.MessageShortcut(ctx, "general", m.TS, "note"); err != nil || out.Status != Acked {
		t.Fatal(out, err)
	}
	if cb := <-got; cb.Type != slack.InteractionTypeMessageAction || cb.Message.Text != "this" || cb.Message.Timestamp != m.TS {
		t.Fatalf("%+v", cb)
	}
	_, err = alice.Shortcut(ctx, "nope")
	wantCode(t, err, "unknown_shortcut")
}

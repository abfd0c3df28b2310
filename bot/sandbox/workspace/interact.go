package workspace

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Command types a slash command into a conversation the person is in, as in
// Command(ctx, "general", "/incident", "sev 1"). It returns when the app has
// acknowledged, or after three seconds. A command that no app has is refused with
// unknown_command.
func (p Person) Command(ctx context.Context, channel, command, text string) (Outcome, error) {
	w := p.w
	w.mu.Lock()
	c, err := p.inLocked(channel)
	if err != nil {
		w.mu.Unlock()
		return Outcome{}, err
	}
	var a *app
	for _, x := range w.apps {
		if slices.Contains(x.Commands, command) && x.scopes["commands"] {
			a = x
		}
	}
	if a == nil {
		w.mu.Unlock()
		return Outcome{}, fail("unknown_command", command+" is not a valid command")
	}
	if a.EscapeCommands {
		text = w.typedLocked(text, true)
	}
	url := w.newResponseURLLocked(a, c, p.id, nil)
	payload := mustJSON(object{
		"token": "sandbox", "team_id": w.opt.TeamID, "team_domain": w.opt.Domain,
		"channel_id": c.ID, "channel_name": c.commandName(), "user_id": p.id,
		"user_name": w.userByID[p.id].Name, "command": command, "text": strings.TrimSpace(text),
		"api_app_id": a.AppID, "is_enterprise_install": "false",
		"response_url": url, "trigger_id": w.newTriggerLocked(a, p.id, ""),
	})
	w.mu.Unlock()

	out, cerr := w.request(ctx, a, "slash_commands", true, payload)
	if out.Status == Acked && len(out.Payload) > 0 && string(out.Payload) != "null" {
		w.mu.Lock()
		w.commandAnswerLocked(a, c, p.id, out.Payload, &out)
		w.mu.Unlock()
	}
	out.Views = w.Views(p.id)
	return out, cerr
}

// commandName is what a slash command says of the conversation.
func (c *channel) commandName() string {
	switch c.Kind {
	case KindPrivate:
		return "privategroup"
	case KindIM:
		return "directmessage"
	}
	return c.Name
}

// commandAnswerLocked shows what the acknowledgement of a command carried.
func (w *Workspace) commandAnswerLocked(a *app, c *channel, user string, raw json.RawMessage, out *Outcome) {
	bad := func(why string) {
		out.Status, out.Detail = BadAnswer, why
		w.strangeLocked(a.AppID, "the answer to a command is not acceptable: "+why)
	}
	r, err := parseReply(raw)
	if err != nil {
		bad(err.Error())
		return
	}
	if r.empty() {
		return
	}
	var m *Message
	if r.ResponseType == "in_channel" {
		if c.Archived {
			bad("is_archived")
			return
		}
		m = w.postLocked(c, a.message(r))
	} else {
		m = w.ephemeralLocked(c, user, a.message(r))
	}
	mc := m.copy()
	out.Message = &mc
}

// reply is what an app sends back to a command or to a response URL.
type reply struct {
	Text            string          `json:"text"`
	Blocks          json.RawMessage `json:"blocks"`
	Attachments     json.RawMessage `json:"attachments"`
	ResponseType    string          `json:"response_type"`
	ReplaceOriginal bool            `json:"replace_original"`
	DeleteOriginal  bool            `json:"delete_original"`
	ThreadTS        string          `json:"thread_ts"`
	Metadata        *Metadata       `json:"metadata"`

	blocks checkedBlocks
}

func (r *reply) empty() bool {
	return r.Text == "" && len(r.blocks.elements) == 0 && blankArray(r.blocks.raw) && blankArray(r.Attachments)
}

func blankArray(raw json.RawMessage) bool {
	s := strings.TrimSpace(string(raw))
	return s == "" || s == "null" || s == "[]"
}

// parseReply reads and checks a reply. A bare string is a text.
func parseReply(raw json.RawMessage) (*reply, *Error) {
	var r reply
	var text string
	if json.Unmarshal(raw, &text) == nil {
		r.Text = text
		return &r, nil
	}
	if err := json.Unmarshal(raw, &r); err != nil {
		return nil, fail("invalid_payload", err.Error())
	}
	switch r.ResponseType {
	case "", "ephemeral", "in_channel":
	default:
		return nil, fail("invalid_payload", "response_type "+clip(r.ResponseType, 40))
	}
	if !blankArray(r.Blocks) {
		checked, err := messageBlocks(r.Blocks)
		if err != nil {
			return nil, err
		}
		r.blocks = checked
	}
	if blankArray(r.Attachments) {
		r.Attachments = nil
	}
	return &r, nil
}

// messageBlocks checks the blocks of a message.
func messageBlocks(raw []byte) (checkedBlocks, *Error) {
	checked, errs := checkBlocks(raw, surfaceMessage)
	if len(errs) > 0 {
		e := fail("invalid_blocks")
		for _, s := range errs {
			e.Detail = append(e.Detail, "[ERROR] "+s)
		}
		e.extra = object{"errors": errs}
		return checked, e
	}
	if checked.text > maxBlockText {
		return checked, fail("msg_blocks_too_long")
	}
	return checked, nil
}

// message makes a message of the app from a reply.
func (a *app) message(r *reply) *Message {
	m := &Message{User: a.BotUserID, BotID: a.BotID, AppID: a.AppID, Text: r.Text, Attachments: r.Attachments}
	if !blankArray(r.blocks.raw) {
		m.Blocks = r.blocks.raw
	}
	return m
}

// Click presses a button of a message, or of a message only this person sees. blockID
// may be left out when the action id is unique in the message.
func (p Person) Click(ctx context.Context, channel, ts, actionID string, blockID ...string) (Outcome, error) {
	return p.actOnMessage(ctx, channel, ts, actionID, nil, blockID)
}

// Select chooses in a select menu, an overflow menu, a date picker, radio buttons or
// checkboxes of a message. value is a string, or several; see [Person.Submit].
func (p Person) Select(ctx context.Context, channel, ts, actionID string, value any, blockID ...string) (Outcome, error) {
	return p.actOnMessage(ctx, channel, ts, actionID, value, blockID)
}

func (p Person) actOnMessage(ctx context.Context, channel, ts, actionID string, value any, blockID []string) (Outcome, error) {
	w := p.w
	w.mu.Lock()
	c, err := p.inLocked(channel)
	if err != nil && (c == nil || err.Code != "not_in_channel") {
		w.mu.Unlock()
		return Outcome{}, err
	}
	m := w.findEphemeralLocked(p.id, c.ID, ts)
	if m == nil {
		if err != nil {
			w.mu.Unlock()
			return Outcome{}, err
		}
		m = c.byTS[ts]
	}
	if m == nil || m.Deleted {
		w.mu.Unlock()
		return Outcome{}, fail("message_not_found", ts)
	}
	a := w.appByIDLocked(m.AppID)
	checked, errs := checkBlocks(m.Blocks, surfaceMessage)
	if a == nil || len(errs) > 0 {
		w.mu.Unlock()
		return Outcome{}, fail("no_such_action", "the message has no elements to act on")
	}
	e, ferr := findElement(checked.elements, actionID, blockID)
	if ferr != nil {
		w.mu.Unlock()
		return Outcome{}, ferr
	}
	action, aerr := w.actionLocked(e, value)
	if aerr != nil {
		w.mu.Unlock()
		return Outcome{}, aerr
	}
	state := map[string]map[string]json.RawMessage{}
	for _, x := range checked.elements {
		if v, ok := initialValue(x); ok {
			if x.BlockID == e.BlockID && x.ActionID == e.ActionID && action.value != nil {
				v = action.value
			}
			if state[x.BlockID] == nil {
				state[x.BlockID] = map[string]json.RawMessage{}
			}
			state[x.BlockID][x.ActionID] = v
		}
	}
	container := object{"type": "message", "message_ts": m.TS, "channel_id": c.ID, "is_ephemeral": m.Ephemeral}
	if m.ThreadTS != "" {
		container["thread_ts"] = m.ThreadTS
	}
	payload := w.interactionLocked(a, p.id, "block_actions")
	payload["container"] = container
	payload["channel"] = object{"id": c.ID, "name": c.commandName()}
	if !m.Ephemeral {
		payload["message"] = w.wireMessage(m, true)
	}
	payload["state"] = object{"values": state}
	payload["response_url"] = w.newResponseURLLocked(a, c, p.id, m)
	payload["trigger_id"] = w.newTriggerLocked(a, p.id, "")
	payload["actions"] = []any{action.wire}
	raw := mustJSON(payload)
	w.mu.Unlock()

	out, cerr := w.request(ctx, a, "interactive", false, raw)
	out.Views = w.Views(p.id)
	return out, cerr
}

func findElement(list []element, actionID string, blockID []string) (element, *Error) {
	var found []element
	for _, e := range list {
		if e.ActionID == actionID && (len(blockID) == 0 || blockID[0] == "" || e.BlockID == blockID[0]) {
			found = append(found, e)
		}
	}
	switch len(found) {
	case 0:
		return element{}, fail("no_such_action", "there is no element with the action_id "+actionID)
	case 1:
		return found[0], nil
	}
	return element{}, fail("ambiguous_action", fmt.Sprintf("%d blocks have the action_id %s: name the block_id", len(found), actionID))
}

// elementAction is one entry of actions in block_actions.
type elementAction struct {
	wire  object
	value json.RawMessage // what the element holds now; nil for buttons
}

// actionLocked makes the action of a click or a selection.
func (w *Workspace) actionLocked(e element, value any) (elementAction, error) {
	wire := object{
		"type": e.Type, "action_id": e.ActionID, "block_id": e.BlockID,
		"action_ts": formatTS(w.clock.Now().UnixMicro()),
	}
	switch e.Type {
	case "button", "workflow_button":
		if value != nil {
			return elementAction{}, fail("no_such_action", e.ActionID+" is a button: it takes no value")
		}
		for _, key := range []string{"text", "value", "style", "url"} {
			if v := e.Raw[key]; v != nil {
				wire[key] = v
			}
		}
		return elementAction{wire: wire}, nil
	}
	if value == nil {
		return elementAction{}, fail("no_such_action", e.ActionID+" is a "+e.Type+": it takes a value")
	}
	chosen, err := w.chooseLocked(e, value)
	if err != nil {
		return elementAction{}, err
	}
	var fields map[string]any
	if err := json.Unmarshal(chosen, &fields); err != nil {
		return elementAction{}, err
	}
	maps.Copy(wire, fields)
	if e.Type == "overflow" {
		chosen = nil
	}
	return elementAction{wire: wire, value: chosen}, nil
}

// interactionLocked is the part that all interaction payloads share.
func (w *Workspace) interactionLocked(a *app, user, kind string) object {
	u := w.userByID[user]
	return object{
		"type": kind, "token": "sandbox", "api_app_id": a.AppID,
		"team":       object{"id": w.opt.TeamID, "domain": w.opt.Domain},
		"user":       object{"id": u.ID, "username": u.Name, "name": u.Name, "team_id": w.opt.TeamID},
		"enterprise": nil, "is_enterprise_install": false,
	}
}

// openViewOfLocked finds a modal the person has open, or their home tab.
func (p Person) openViewOfLocked(viewID string) (*view, *Error) {
	v := p.w.viewByID[viewID]
	if v == nil || v.User != p.id {
		return nil, fail("view_not_found", viewID)
	}
	return v, nil
}

// ClickInView acts on an element of an open modal or of the home tab: presses a
// button, or chooses value (see [Person.Submit]) in a menu. What is chosen is kept in
// the form. Input blocks do not act by themselves unless they have dispatch_action.
func (p Person) ClickInView(ctx context.Context, viewID, actionID string, value any, blockID ...string) (Outcome, error) {
	w := p.w
	w.mu.Lock()
	v, err := p.openViewOfLocked(viewID)
	if err != nil {
		w.mu.Unlock()
		return Outcome{}, err
	}
	e, err := findElement(v.elements, actionID, blockID)
	if err != nil {
		w.mu.Unlock()
		return Outcome{}, err
	}
	action, aerr := w.actionLocked(e, value)
	if aerr != nil {
		w.mu.Unlock()
		return Outcome{}, aerr
	}
	if action.value != nil && v.State[e.BlockID] != nil {
		v.State[e.BlockID][e.ActionID] = action.value
		w.changedLocked(ChangeView, "", "", p.id)
	}
	a := w.appByIDLocked(v.AppID)
	if e.Input && !dispatches(v.Blocks, e.BlockID) {
		w.mu.Unlock()
		return Outcome{Status: Acked, Detail: "kept in the form; nothing was sent", Views: w.Views(p.id)}, nil
	}
	payload := w.interactionLocked(a, p.id, "block_actions")
	payload["container"] = object{"type": "view", "view_id": v.ID}
	payload["view"] = w.wireView(v)
	payload["trigger_id"] = w.newTriggerLocked(a, p.id, modalID(v))
	payload["actions"] = []any{action.wire}
	raw := mustJSON(payload)
	w.mu.Unlock()

	out, cerr := w.request(ctx, a, "interactive", false, raw)
	out.Views = w.Views(p.id)
	return out, cerr
}

func modalID(v *view) string {
	if v.Type == surfaceModal {
		return v.ID
	}
	return ""
}

// dispatches reports whether an input block sends block_actions.
func dispatches(blocks json.RawMessage, blockID string) bool {
	var list []struct {
		BlockID  string `json:"block_id"`
		Dispatch bool   `json:"dispatch_action"`
	}
	if json.Unmarshal(blocks, &list) != nil {
		return false
	}
	for _, b := range list {
		if b.BlockID == blockID {
			return b.Dispatch
		}
	}
	return false
}

// Submit fills values into a modal and submits it. Values are by block_id and
// action_id: a string for texts (an option's value for menus, a user or channel id, a
// date as 2026-11-21, a time as 15:04), several strings for checkboxes and multi
// selects; "" empties. What is not named keeps what it holds. Slack's client refuses to
// submit while a required input is empty; so does this, with missing_input.
func (p Person) Submit(ctx context.Context, viewID string, values map[string]map[string]any) (Outcome, error) {
	w := p.w
	w.mu.Lock()
	v, err := p.openViewOfLocked(viewID)
	if err == nil && v.Type != surfaceModal {
		err = fail("view_not_found", viewID+" is not a modal")
	}
	if err == nil && v.Submit == "" {
		err = fail("no_such_action", "the modal has no submit button")
	}
	if err == nil {
		if stack := w.views[p.id]; stack[len(stack)-1] != v {
			err = fail("view_not_found", viewID+" is under another modal")
		}
	}
	if err != nil {
		w.mu.Unlock()
		return Outcome{}, err
	}
	if ferr := w.fillLocked(v, values); ferr != nil {
		w.mu.Unlock()
		return Outcome{}, ferr
	}
	for _, e := range v.elements {
		if e.Input && !e.Optional && empty(v.State[e.BlockID][e.ActionID]) {
			w.mu.Unlock()
			return Outcome{}, fail("missing_input", "block "+e.BlockID+" needs a value")
		}
	}
	v.Errors = nil
	a := w.appByIDLocked(v.AppID)
	payload := w.interactionLocked(a, p.id, "view_submission")
	payload["trigger_id"] = w.newTriggerLocked(a, p.id, v.ID)
	payload["view"] = w.wireView(v)
	payload["response_urls"] = w.viewResponseURLsLocked(a, p.id, v)
	raw := mustJSON(payload)
	w.mu.Unlock()

	out, cerr := w.request(ctx, a, "interactive", true, raw)
	if out.Status == Acked {
		w.mu.Lock()
		w.submissionAnswerLocked(a, p.id, viewID, out.Payload, &out)
		w.mu.Unlock()
	}
	out.Views = w.Views(p.id)
	return out, cerr
}

// fillLocked enters values into a form.
func (w *Workspace) fillLocked(v *view, values map[string]map[string]any) error {
	for _, block := range slices.Sorted(maps.Keys(values)) {
		for _, action := range slices.Sorted(maps.Keys(values[block])) {
			e, err := findElement(v.elements, action, []string{block})
			if err != nil {
				return err
			}
			chosen, cerr := w.chooseLocked(e, values[block][action])
			if cerr != nil {
				return cerr
			}
			v.State[e.BlockID][e.ActionID] = chosen
		}
	}
	return nil
}

// viewResponseURLsLocked makes the response URLs of menus with response_url_enabled.
func (w *Workspace) viewResponseURLsLocked(a *app, user string, v *view) []object {
	urls := []object{}
	for _, e := range v.elements {
		if on, _ := e.Raw["response_url_enabled"].(bool); !on || !e.Input {
			continue
		}
		var value struct {
			Conversation string `json:"selected_conversation"`
			Channel      string `json:"selected_channel"`
		}
		if json.Unmarshal(v.State[e.BlockID][e.ActionID], &value) != nil {
			continue
		}
		if c := w.chanByID[value.Conversation+value.Channel]; c != nil {
			urls = append(urls, object{
				"block_id": e.BlockID, "action_id": e.ActionID, "channel_id": c.ID,
				"response_url": w.newResponseURLLocked(a, c, user, nil),
			})
		}
	}
	return urls
}

// submissionAnswerLocked does what the acknowledgement of a submission asks for.
func (w *Workspace) submissionAnswerLocked(a *app, user, viewID string, raw json.RawMessage, out *Outcome) {
	v := w.viewByID[viewID]
	bad := func(why string) {
		out.Status, out.Detail = BadAnswer, why
		w.strangeLocked(a.AppID, "the answer to a submission is not acceptable: "+why)
	}
	var r struct {
		Action string            `json:"response_action"`
		View   json.RawMessage   `json:"view"`
		Errors map[string]string `json:"errors"`
	}
	if len(raw) > 0 && string(raw) != "null" && string(raw) != `""` {
		if err := json.Unmarshal(raw, &r); err != nil {
			bad(err.Error())
			return
		}
	}
	out.Action = r.Action
	stack := w.views[user]
	if v == nil || len(stack) == 0 || stack[len(stack)-1] != v {
		return // the app closed or covered it meanwhile
	}
	switch r.Action {
	case "":
		w.popViewLocked(user)
	case "clear":
		w.clearViewsLocked(user)
	case "errors":
		if len(r.Errors) == 0 {
			bad("response_action errors without errors")
			return
		}
		for block := range r.Errors {
			if !slices.ContainsFunc(v.elements, func(e element) bool { return e.Input && e.BlockID == block }) {
				bad("errors name the block " + clip(block, 60) + ", which is no input block")
				return
			}
		}
		v.Errors = r.Errors
		out.Errors = maps.Clone(r.Errors)
		w.changedLocked(ChangeView, "", "", user)
	case "update", "push":
		next, err := parseView(string(r.View), surfaceModal)
		if err != nil {
			bad(err.Error())
			return
		}
		if r.Action == "update" {
			w.replaceViewLocked(a, v, next)
		} else if err := w.pushViewLocked(a, user, next); err != nil {
			bad(err.Error())
		}
	default:
		bad("response_action " + clip(r.Action, 40))
	}
}

// CloseView closes the topmost modal, or with all every one. Apps that asked
// (notify_on_close) are told.
func (p Person) CloseView(ctx context.Context, viewID string, all bool) (Outcome, error) {
	w := p.w
	w.mu.Lock()
	v, err := p.openViewOfLocked(viewID)
	stack := w.views[p.id]
	if err == nil && (v.Type != surfaceModal || stack[len(stack)-1] != v) {
		err = fail("view_not_found", viewID+" is not the topmost modal")
	}
	if err != nil {
		w.mu.Unlock()
		return Outcome{}, err
	}
	all = all || v.ClearOnClose
	closing := []*view{v}
	if all {
		closing = slices.Clone(stack)
		slices.Reverse(closing)
	}
	type notice struct {
		a   *app
		raw json.RawMessage
	}
	var notices []notice
	for _, x := range closing {
		if x.NotifyOnClose {
			a := w.appByIDLocked(x.AppID)
			payload := w.interactionLocked(a, p.id, "view_closed")
			payload["view"] = w.wireView(x)
			payload["is_cleared"] = all
			notices = append(notices, notice{a, mustJSON(payload)})
		}
	}
	if all {
		w.clearViewsLocked(p.id)
	} else {
		w.popViewLocked(p.id)
	}
	w.mu.Unlock()
	out := Outcome{Status: Acked}
	for _, n := range notices {
		var cerr error
		if out, cerr = w.request(ctx, n.a, "interactive", false, n.raw); cerr != nil {
			return out, cerr
		}
	}
	out.Views = w.Views(p.id)
	return out, nil
}

// shortcutAppLocked finds the app of a shortcut.
func (w *Workspace) shortcutAppLocked(callbackID string) (*app, *Error) {
	for _, a := range w.apps {
		if slices.Contains(a.Shortcuts, callbackID) {
			return a, nil
		}
	}
	if len(w.apps) == 1 && len(w.apps[0].Shortcuts) == 0 {
		return w.apps[0], nil
	}
	return nil, fail("unknown_shortcut", callbackID)
}

// Shortcut runs a global shortcut.
func (p Person) Shortcut(ctx context.Context, callbackID string) (Outcome, error) {
	w := p.w
	w.mu.Lock()
	a, err := w.shortcutAppLocked(callbackID)
	if err == nil && w.userByID[p.id] == nil {
		err = fail("user_not_found", p.id)
	}
	if err != nil {
		w.mu.Unlock()
		return Outcome{}, err
	}
	payload := w.interactionLocked(a, p.id, "shortcut")
	payload["callback_id"] = callbackID
	payload["action_ts"] = formatTS(w.clock.Now().UnixMicro())
	payload["trigger_id"] = w.newTriggerLocked(a, p.id, "")
	raw := mustJSON(payload)
	w.mu.Unlock()
	out, cerr := w.request(ctx, a, "interactive", false, raw)
	out.Views = w.Views(p.id)
	return out, cerr
}

// MessageShortcut runs a shortcut on a message.
func (p Person) MessageShortcut(ctx context.Context, channel, ts, callbackID string) (Outcome, error) {
	w := p.w
	w.mu.Lock()
	c, err := p.inLocked(channel)
	var a *app
	if err == nil {
		a, err = w.shortcutAppLocked(callbackID)
	}
	if err == nil && (c.byTS[ts] == nil || c.byTS[ts].Deleted) {
		err = fail("message_not_found", ts)
	}
	if err != nil {
		w.mu.Unlock()
		return Outcome{}, err
	}
	m := c.byTS[ts]
	payload := w.interactionLocked(a, p.id, "message_action")
	payload["callback_id"] = callbackID
	payload["action_ts"] = formatTS(w.clock.Now().UnixMicro())
	payload["message_ts"] = ts
	payload["message"] = w.wireMessage(m, true)
	payload["channel"] = object{"id": c.ID, "name": c.commandName()}
	payload["response_url"] = w.newResponseURLLocked(a, c, p.id, nil)
	payload["trigger_id"] = w.newTriggerLocked(a, p.id, "")
	raw := mustJSON(payload)
	w.mu.Unlock()
	out, cerr := w.request(ctx, a, "interactive", false, raw)
	out.Views = w.Views(p.id)
	return out, cerr
}

// OpenHome opens the home tab of an app (by app id or name; empty means the first) and
// sends it app_home_opened. What the app publishes is read with [Workspace.Home].
func (p Person) OpenHome(app string) error {
	w := p.w
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.userByID[p.id] == nil {
		return fail("user_not_found", p.id)
	}
	for _, a := range w.apps {
		if app != "" && a.AppID != app && a.Name != app {
			continue
		}
		c, _ := w.openLocked([]string{p.id, a.BotUserID})
		event := object{"type": "app_home_opened", "user": p.id, "channel": c.ID, "tab": "home"}
		if v := w.homes[a.AppID+"/"+p.id]; v != nil {
			event["view"] = w.wireView(v)
		}
		w.emitToLocked(a, "app_home_opened", c, event)
		return nil
	}
	return fail("app_not_found", app)
}

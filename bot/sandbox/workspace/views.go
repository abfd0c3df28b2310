package workspace

import (
	"encoding/json"
	"maps"
	"slices"
	"time"
	"unicode/utf8"
)

const (
	maxViewBytes   = 250 << 10
	maxPrivateMeta = 3000
	maxViewStack   = 3
	triggerLife    = 3 * time.Second // by the clock
)

// view is an open modal or a home tab.
type view struct {
	View
	elements []element
}

// trigger is the right to open or push one modal.
type trigger struct {
	app     *app
	user    string
	viewID  string // the modal in which the person acted, if any
	expires time.Time
	used    bool
}

// newTriggerLocked makes a trigger id for an act of a person.
func (w *Workspace) newTriggerLocked(a *app, user, viewID string) string {
	w.counters["trigger"]++
	id := formatTriggerID(w.counters["trigger"], w.secretLocked("trigger", 20))
	w.triggers[id] = &trigger{app: a, user: user, viewID: viewID, expires: w.clock.Now().Add(triggerLife)}
	w.trigOrder = append(w.trigOrder, id)
	if len(w.trigOrder) > maxTriggers {
		delete(w.triggers, w.trigOrder[0])
		w.trigOrder = w.trigOrder[1:]
	}
	return id
}

func formatTriggerID(n int, secret string) string {
	return "10" + formatTS(int64(n)) + "." + secret
}

// triggerLocked checks a trigger id without using it up.
func (w *Workspace) triggerLocked(a *app, id string) (*trigger, *Error) {
	t := w.triggers[id]
	switch {
	case t == nil || t.app != a:
		return nil, fail("invalid_trigger_id")
	case t.used:
		return nil, fail("exchanged_trigger_id")
	case w.clock.Now().After(t.expires):
		return nil, fail("expired_trigger_id")
	}
	return t, nil
}

// viewSpec is what an app sends as a view.
type viewSpec struct {
	Type            string          `json:"type"`
	Title           *textObject     `json:"title"`
	Submit          *textObject     `json:"submit"`
	Close           *textObject     `json:"close"`
	Blocks          json.RawMessage `json:"blocks"`
	PrivateMetadata string          `json:"private_metadata"`
	CallbackID      string          `json:"callback_id"`
	ExternalID      string          `json:"external_id"`
	ClearOnClose    bool            `json:"clear_on_close"`
	NotifyOnClose   bool            `json:"notify_on_close"`
	SubmitDisabled  bool            `json:"submit_disabled"`
}

type textObject struct {
	Type  string `json:"type"`
	Text  string `json:"text"`
	Emoji bool   `json:"emoji"`
}

var viewKeys = []string{"type", "title", "submit", "close", "blocks", "private_metadata", "callback_id", "external_id", "clear_on_close", "notify_on_close", "submit_disabled"}

// parseView validates a view an app sent. want is modal or home.
func parseView(raw string, want string) (*view, *Error) {
	if len(raw) > maxViewBytes {
		return nil, fail("view_too_large")
	}
	if raw == "" {
		return nil, fail("invalid_arguments", "[ERROR] missing required field: view")
	}
	keys, ok := rawObject(raw)
	if !ok {
		return nil, fail("invalid_arguments", "[ERROR] must be a valid JSON object [json-pointer:/view]")
	}
	var bad []string
	for _, k := range slices.Sorted(maps.Keys(keys)) {
		if !slices.Contains(viewKeys, k) {
			bad = append(bad, "invalid additional property: "+clip(k, 60)+" [json-pointer:/view]")
		}
	}
	var s viewSpec
	if err := json.Unmarshal([]byte(raw), &s); err != nil {
		return nil, fail("invalid_arguments", "[ERROR] "+err.Error()+" [json-pointer:/view]")
	}
	complain := func(pointer, msg string) { bad = append(bad, msg+" [json-pointer:/view"+pointer+"]") }
	if s.Type != want {
		complain("/type", "must be "+want)
	}
	blocks, errs := checkBlocks(s.Blocks, want)
	bad = append(bad, errs...)
	plain := func(key string, t *textObject, required bool) string {
		switch {
		case t == nil:
			if required {
				complain("", "missing required field: "+key)
			}
			return ""
		case t.Type != "plain_text":
			complain("/"+key+"/type", "must be plain_text")
		case t.Text == "":
			complain("/"+key+"/text", "must be more than 0 characters")
		case utf8.RuneCountInString(t.Text) > 24:
			complain("/"+key+"/text", "must be less than 25 characters")
		}
		return t.Text
	}
	v := &view{elements: blocks.elements}
	if want == surfaceModal {
		v.Title = plain("title", s.Title, true)
		v.Submit = plain("submit", s.Submit, blocks.inputs)
		v.Close = plain("close", s.Close, false)
	} else if s.Title != nil || s.Submit != nil || s.Close != nil {
		complain("", "a home tab has no title, submit or close")
	}
	if utf8.RuneCountInString(s.PrivateMetadata) > maxPrivateMeta {
		complain("/private_metadata", "must be less than 3001 characters")
	}
	if utf8.RuneCountInString(s.CallbackID) > 255 {
		complain("/callback_id", "must be less than 256 characters")
	}
	if utf8.RuneCountInString(s.ExternalID) > 255 {
		complain("/external_id", "must be less than 256 characters")
	}
	if len(bad) > 0 {
		for i := range bad {
			bad[i] = "[ERROR] " + bad[i]
		}
		return nil, fail("invalid_arguments", bad...)
	}
	v.Type, v.Blocks, v.PrivateMetadata = s.Type, blocks.raw, s.PrivateMetadata
	v.CallbackID, v.ExternalID = s.CallbackID, s.ExternalID
	v.ClearOnClose, v.NotifyOnClose = s.ClearOnClose, s.NotifyOnClose
	return v, nil
}

// installLocked gives a checked view its identity and the state of its inputs. What a
// person had entered under the same block_id and action_id stays.
func (w *Workspace) installLocked(v *view, a *app, user string, old *view) {
	v.AppID, v.User = a.AppID, user
	if old == nil {
		v.ID = w.countedLocked("V")
		v.RootID = v.ID
	} else {
		v.ID, v.RootID, v.PreviousID = old.ID, old.RootID, old.PreviousID
		if v.ExternalID == "" {
			v.ExternalID = old.ExternalID
		}
	}
	w.counters["hash"]++
	v.Hash = formatTS(w.clock.Now().UnixMicro()) + "." + w.secretLocked("hash", 8)
	v.State = map[string]map[string]json.RawMessage{}
	for _, e := range v.elements {
		value, ok := initialValue(e)
		if !ok {
			continue
		}
		if v.State[e.BlockID] == nil {
			v.State[e.BlockID] = map[string]json.RawMessage{}
		}
		v.State[e.BlockID][e.ActionID] = value
		if old != nil {
			for _, o := range old.elements {
				if o.BlockID == e.BlockID && o.ActionID == e.ActionID && o.Type == e.Type && old.State[e.BlockID][e.ActionID] != nil {
					v.State[e.BlockID][e.ActionID] = old.State[e.BlockID][e.ActionID]
				}
			}
		}
	}
	w.viewByID[v.ID] = v
}

// externalTakenLocked reports whether another open view of the app has the external id.
func (w *Workspace) externalTakenLocked(a *app, external, except string) bool {
	if external == "" {
		return false
	}
	for _, v := range w.viewByID {
		if v.AppID == a.AppID && v.ExternalID == external && v.ID != except {
			return true
		}
	}
	return false
}

// openViewLocked opens a modal; what the person had open of any app closes.
func (w *Workspace) openViewLocked(a *app, user string, v *view) {
	for _, old := range w.views[user] {
		delete(w.viewByID, old.ID)
	}
	w.installLocked(v, a, user, nil)
	w.views[user] = []*view{v}
	w.changedLocked(ChangeView, "", "", user)
}

// pushViewLocked puts a modal on top of the stack.
func (w *Workspace) pushViewLocked(a *app, user string, v *view) *Error {
	stack := w.views[user]
	if len(stack) == 0 {
		return fail("not_found", "the modal that the trigger came from is closed")
	}
	if len(stack) >= maxViewStack {
		return fail("push_limit_reached")
	}
	top := stack[len(stack)-1]
	w.installLocked(v, a, user, nil)
	v.RootID, v.PreviousID = stack[0].ID, top.ID
	w.views[user] = append(stack, v)
	w.changedLocked(ChangeView, "", "", user)
	return nil
}

// replaceViewLocked puts a new version in the place of an open view.
func (w *Workspace) replaceViewLocked(a *app, old, v *view) {
	w.installLocked(v, a, old.User, old)
	stack := w.views[old.User]
	if i := slices.Index(stack, old); i >= 0 {
		stack[i] = v
	}
	w.changedLocked(ChangeView, "", "", old.User)
}

// popViewLocked closes the topmost modal of a person.
func (w *Workspace) popViewLocked(user string) {
	stack := w.views[user]
	if len(stack) == 0 {
		return
	}
	delete(w.viewByID, stack[len(stack)-1].ID)
	w.views[user] = stack[:len(stack)-1]
	w.changedLocked(ChangeView, "", "", user)
}

// clearViewsLocked closes every modal of a person.
func (w *Workspace) clearViewsLocked(user string) {
	for _, v := range w.views[user] {
		delete(w.viewByID, v.ID)
	}
	delete(w.views, user)
	w.changedLocked(ChangeView, "", "", user)
}

// apiViewsOpen is views.open.
func apiViewsOpen(w *Workspace, a *app, args map[string]string) (object, *Error) {
	v, err := parseView(args["view"], surfaceModal)
	if err != nil {
		return nil, err
	}
	t, err := w.triggerLocked(a, args["trigger_id"])
	if err != nil {
		return nil, err
	}
	if w.externalTakenLocked(a, v.ExternalID, "") {
		return nil, fail("duplicate_external_id")
	}
	t.used = true
	w.openViewLocked(a, t.user, v)
	return object{"view": w.wireView(v)}, nil
}

// apiViewsPush is views.push.
func apiViewsPush(w *Workspace, a *app, args map[string]string) (object, *Error) {
	v, err := parseView(args["view"], surfaceModal)
	if err != nil {
		return nil, err
	}
	t, err := w.triggerLocked(a, args["trigger_id"])
	if err != nil {
		return nil, err
	}
	if t.viewID == "" || w.viewByID[t.viewID] == nil {
		return nil, fail("not_found", "the trigger does not come from an open modal")
	}
	if w.externalTakenLocked(a, v.ExternalID, "") {
		return nil, fail("duplicate_external_id")
	}
	if err := w.pushViewLocked(a, t.user, v); err != nil {
		return nil, err
	}
	t.used = true
	return object{"view": w.wireView(v)}, nil
}

// apiViewsUpdate is views.update.
func apiViewsUpdate(w *Workspace, a *app, args map[string]string) (object, *Error) {
	var old *view
	switch {
	case args["view_id"] != "":
		old = w.viewByID[args["view_id"]]
	case args["external_id"] != "":
		for _, v := range w.viewByID {
			if v.AppID == a.AppID && v.ExternalID == args["external_id"] {
				old = v
			}
		}
	default:
		return nil, fail("invalid_arguments", "[ERROR] missing required field: view_id")
	}
	if old == nil || old.AppID != a.AppID {
		return nil, fail("not_found")
	}
	v, err := parseView(args["view"], old.Type)
	if err != nil {
		return nil, err
	}
	if args["hash"] != "" && args["hash"] != old.Hash {
		return nil, fail("hash_conflict")
	}
	if w.externalTakenLocked(a, v.ExternalID, old.ID) {
		return nil, fail("duplicate_external_id")
	}
	if old.Type == surfaceHome {
		w.publishLocked(a, old.User, v)
		return object{"view": w.wireView(v)}, nil
	}
	w.replaceViewLocked(a, old, v)
	return object{"view": w.wireView(v)}, nil
}

// apiViewsPublish is views.publish.
func apiViewsPublish(w *Workspace, a *app, args map[string]string) (object, *Error) {
	u := w.userByID[args["user_id"]]
	if u == nil {
		return nil, fail("invalid_arguments", "[ERROR] invalid user_id")
	}
	v, err := parseView(args["view"], surfaceHome)
	if err != nil {
		return nil, err
	}
	old := w.homes[a.AppID+"/"+u.ID]
	if args["hash"] != "" && (old == nil || args["hash"] != old.Hash) {
		return nil, fail("hash_conflict")
	}
	except := ""
	if old != nil {
		except = old.ID
	}
	if w.externalTakenLocked(a, v.ExternalID, except) {
		return nil, fail("duplicate_external_id")
	}
	w.publishLocked(a, u.ID, v)
	return object{"view": w.wireView(v)}, nil
}

// publishLocked makes a view the home tab of a person.
func (w *Workspace) publishLocked(a *app, user string, v *view) {
	key := a.AppID + "/" + user
	w.installLocked(v, a, user, w.homes[key])
	w.homes[key] = v
	w.changedLocked(ChangeHome, "", "", user)
}

package sim

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/tocsin-bot/tocsin/bot/sandbox/workspace"
	"github.com/tocsin-bot/tocsin/bot/view"
)

// input is what of a form's input block is needed to fill it in.
type input struct {
	Type     string `json:"type"`
	BlockID  string `json:"block_id"`
	Optional bool   `json:"optional"`
	Element  struct {
		Type     string `json:"type"`
		ActionID string `json:"action_id"`
		Least    int    `json:"min_length"`
		Most     int    `json:"max_length"`
		Options  []struct {
			Value string `json:"value"`
		} `json:"options"`
	} `json:"element"`
}

// fillIn opens a form by a command, takes its time, fills it in and sends it. What is filled in follows from N; odd N sends it twice at once.
func (w *world) fillIn(i int, op Op) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout+op.duration())
	defer cancel()
	channel := "incidents"
	if s, ok := w.room(op); ok && op.Text != "" && op.Text != "declare" {
		op, channel = w.inside(op, s), s.ChannelID
	}
	me := w.as(op)
	_ = me.Join(channel)
	before := len(w.sandbox.Workspace.Views(me.ID()))
	if _, err := me.Command(ctx, channel, "/incident", op.Text); err != nil {
		return
	}
	var form workspace.View
	for n := 0; ; n++ { // it is opened after the command was acknowledged
		if list := w.sandbox.Workspace.Views(me.ID()); len(list) > before {
			form = list[len(list)-1]
			break
		}
		if n == 50 {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	time.Sleep(op.duration())
	twice := op.N%2 != 0
	words := fmt.Sprintf("found r%dr", i)
	if form.CallbackID == view.FormDeclare {
		w.mu.Lock()
		words = w.title(w.titles)
		w.titles++
		w.mu.Unlock()
	}
	values, says := fill(form, op.N/2, words, w.as(Op{Who: op.N}).ID())
	if says && (!twice || form.CallbackID == view.FormDeclare) { // else the second is a remark of its own
		w.checks.said(i, words)
	} else if !says {
		words = ""
	}
	send := func() {
		o, err := me.Submit(ctx, form.ID, values)
		switch {
		case err != nil:
			return // closed by its first click, or a field that wants something else
		case len(o.Errors) > 0:
			w.seen.count(SawFormStays)
		case o.Status == workspace.Acked:
			w.seen.count(SawForm)
			if words != "" && !twice {
				w.checks.answered(i, "form "+form.CallbackID, words, o)
			}
		}
	}
	if twice {
		w.wg.Go(send)
	}
	send()
	_, _ = me.CloseView(ctx, form.ID, true) // whatever still stands there
}

// recorded are the forms whose words end up in an incident's log as they are.
var recorded = map[string]bool{view.FormDeclare: true, view.FormProgress: true, view.FormUpdate: true}

// fill fills a form in; n chooses. says: the words are in it and must be recorded.
func fill(form workspace.View, n int, words, person string) (values map[string]map[string]any, says bool) {
	var blocks []input
	_ = json.Unmarshal(form.Blocks, &blocks)
	values = map[string]map[string]any{}
	for k, b := range blocks {
		if b.Type != "input" || b.BlockID == view.InputPrivate { // private incidents have stories of their own: whoever stands outside cannot end one
			continue
		}
		var v any
		switch e := b.Element; e.Type {
		case "plain_text_input":
			switch {
			case b.BlockID == view.InputTenants:
				v = []string{"", "0", "12", "many"}[(n+k)%4]
			case b.BlockID == view.InputSLO:
				v = []string{"", "1,5", "3", "x"}[(n+k)%4]
			case b.Optional && (n+k)%3 == 0:
				v = ""
			default:
				text := words
				for len(text) < e.Least {
					text += " " + words
				}
				v, says = text, says || recorded[form.CallbackID] && text == words
			}
		case "static_select", "radio_buttons":
			if len(e.Options) > 0 {
				v = e.Options[(n+k)%len(e.Options)].Value
			}
		case "checkboxes":
			var on []string
			for i, o := range e.Options {
				if n>>i&1 == 1 {
					on = append(on, o.Value)
				}
			}
			v = on
		case "users_select":
			v = person
		default:
			continue
		}
		if b.Optional && n%5 == 4 {
			v = ""
		}
		values[b.BlockID] = map[string]any{b.Element.ActionID: v}
	}
	return values, says
}

// home opens the app's home and looks whether something is shown there.
func (w *world) home(_ int, op Op) {
	me := w.as(op)
	if me.OpenHome("") != nil {
		return
	}
	for range 50 {
		if _, ok := w.sandbox.Workspace.Home(me.ID()); ok {
			w.seen.count(SawHome)
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// twin is two people who declare the same thing in the same instant.
func (w *world) twin(i int, op Op) {
	w.mu.Lock()
	title := w.title(w.titles)
	w.titles++
	w.mu.Unlock()
	w.checks.said(i, title)
	other := op
	other.Who++
	w.wg.Go(func() { w.typed(i, other, "incidents", "declare "+title+" "+op.Text, title) })
	w.typed(i, op, "incidents", "declare "+title+" "+op.Text, title)
}

// reconf edits the policy file and starts the replicas anew, one after the other.
func (w *world) reconf(i int, op Op) {
	if err := w.rules.toggle(op.Text); err != nil {
		w.must(i, err)
		return
	}
	for n, r := range w.replicas {
		if n > 0 {
			time.Sleep(3 * time.Second)
		}
		r.anew()
	}
}

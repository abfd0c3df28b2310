package blocks

import (
	"github.com/slack-go/slack"

	"github.com/tocsin-bot/tocsin/bot/view"
)

// element writes something to press or choose; nil when nothing could be pressed or chosen. ref is what its block must carry for it, nil
// when it carries its own.
func (b *builder) element(e view.Element) (el slack.BlockElement, ref *view.Ref) {
	switch e := e.(type) {
	case view.Button:
		return b.button(e), nil
	case view.Menu:
		if el := b.menu(e); el != nil {
			return el, &e.Value
		}
	case view.Overflow:
		if len(e.Options) > maxOverflow { // a "..." menu has at most five; a longer one is a drop-down
			return b.element(view.Menu{Action: e.Action, Options: e.Options, Value: e.Value})
		}
		if opts := b.options(e.Options, maxOverflow); len(opts) > 0 {
			return &slack.OverflowBlockElement{Type: slack.METOverflow, ActionID: b.actionID(e.Action), Options: opts}, &e.Value
		}
	case view.People:
		return &slack.SelectBlockElement{Type: slack.OptTypeUser, ActionID: b.actionID(e.Action), Placeholder: b.words(e.Placeholder, maxPlaceholder, "")}, &e.Value
	}
	return nil, nil
}

func (b *builder) button(e view.Button) slack.BlockElement {
	el := &slack.ButtonBlockElement{Type: slack.METButton, Text: b.words(e.Label, maxLabel, e.Action)}
	if e.URL != "" {
		u, ok := href(e.URL)
		if !ok {
			return nil
		}
		el.URL = u
	}
	el.ActionID = b.actionID(e.Action)
	if e.Value != (view.Ref{}) {
		v, ok := encodeRef(e.Value, maxValue)
		if !ok {
			return nil
		}
		el.Value = v
	}
	switch e.Style {
	case view.Primary:
		el.Style = slack.StylePrimary
	case view.Danger:
		el.Style = slack.StyleDanger
	}
	if c := e.Confirm; c != nil {
		el.Confirm = &slack.ConfirmationBlockObject{
			Title:   b.words(c.Title, 100, "?"),
			Text:    b.words(c.Text, 300, "?"),
			Confirm: b.words(c.Yes, 30, "OK"),
			Deny:    b.words(c.No, 30, "×"),
		}
	}
	return el
}

func (b *builder) menu(e view.Menu) slack.BlockElement {
	opts := b.options(e.Options, maxOptions)
	if len(opts) == 0 {
		return nil
	}
	return &slack.SelectBlockElement{
		Type: slack.OptTypeStatic, ActionID: b.actionID(e.Action), Placeholder: b.words(e.Placeholder, maxPlaceholder, ""),
		Options: opts, InitialOption: chosen(opts, e.Chosen),
	}
}

// options writes up to most options. One whose value Slack could not carry back, or that stands there already, is left out: a choice
// that comes back as another one would be worse than none.
func (b *builder) options(os []view.Option, most int) []*slack.OptionBlockObject {
	var out []*slack.OptionBlockObject
	seen := map[string]bool{}
	for _, o := range os {
		if o.Value == "" || units(o.Value) > maxOptionValue || clean(o.Value) != o.Value || seen[o.Value] || len(out) == most {
			continue
		}
		seen[o.Value] = true
		opt := &slack.OptionBlockObject{Text: b.words(o.Label, maxLabel, o.Value), Value: o.Value}
		if hint := Words(o.Hint, b.o, maxLabel); hint != "" {
			opt.Description = plain(hint)
		}
		out = append(out, opt)
	}
	return out
}

// chosen is the option with a value; nil when there is none.
func chosen(opts []*slack.OptionBlockObject, value string) *slack.OptionBlockObject {
	for _, o := range opts {
		if value != "" && o.Value == value {
			return o
		}
	}
	return nil
}

package blocks

import (
	"github.com/slack-go/slack"

	"github.com/tocsin-bot/tocsin/bot/view"
)

// Modal writes a form as a modal (views.open, views.update, or a submission's answer). The block_id and action_id of a field are its
// Input.ID.
func Modal(f view.Form, o Options) slack.ModalViewRequest {
	b := builder{o: o}
	v := slack.ModalViewRequest{
		Type:       slack.VTModal,
		Title:      b.words(f.Title, maxViewTitle, f.ID),
		CallbackID: clipWords(clean(f.ID), maxID),
		Blocks:     slack.Blocks{BlockSet: fit(f.Blocks, o, maxViewBlocks)},
	}
	if len(f.Close) > 0 {
		v.Close = b.words(f.Close, maxViewTitle, "×")
	}
	inputs := false
	for _, bl := range v.Blocks.BlockSet {
		_, in := bl.(*slack.InputBlock)
		inputs = inputs || in
	}
	if inputs || len(f.Submit) > 0 { // Slack refuses fields without a button to send them
		v.Submit = b.words(f.Submit, maxViewTitle, "OK")
	}
	if f.Ref != (view.Ref{}) {
		v.PrivateMetadata, _ = encodeRef(f.Ref, maxMetadata)
	}
	return v
}

func (b *builder) input(v view.Input) {
	id := clipWords(clean(v.ID), maxID)
	b.ids[id]++
	if id == "" || b.ids[id] > 1 {
		return // a second answer under the same name could not be told apart
	}
	in := &slack.InputBlock{Type: slack.MBTInput, BlockID: id, Label: b.words(v.Label, min(maxInputLabel, b.room), v.ID), Optional: v.Optional}
	if s := Words(v.Hint, b.o, min(maxInputLabel, b.room)); s != "" {
		in.Hint = plain(s)
	}
	switch f := v.Field.(type) {
	case view.TextField:
		el := &slack.PlainTextInputBlockElement{Type: slack.METPlainTextInput, ActionID: id, Multiline: f.Lines}
		el.MaxLength = maxInput
		if f.Max > 0 && f.Max < maxInput {
			el.MaxLength = f.Max
		}
		if f.Min > 0 {
			el.MinLength = min(f.Min, el.MaxLength)
		}
		el.InitialValue = clipWords(clean(f.Initial), el.MaxLength)
		if s := Words(f.Placeholder, b.o, maxPlaceholder); s != "" {
			el.Placeholder = plain(s)
		}
		in.Element = el
	case view.ChoiceField:
		opts := b.options(f.Options, maxOptions)
		switch {
		case len(opts) == 0:
			return
		case f.Menu || len(opts) > maxRadio:
			in.Element = &slack.SelectBlockElement{Type: slack.OptTypeStatic, ActionID: id, Options: opts, InitialOption: chosen(opts, f.Chosen)}
		default:
			in.Element = &slack.RadioButtonsBlockElement{Type: slack.METRadioButtons, ActionID: id, Options: opts, InitialOption: chosen(opts, f.Chosen)}
		}
	case view.ChecksField:
		opts := b.options(f.Options, maxRadio)
		if len(opts) == 0 {
			return
		}
		el := &slack.CheckboxGroupsBlockElement{Type: slack.METCheckboxGroups, ActionID: id, Options: opts}
		for _, v := range f.Chosen {
			if o := chosen(opts, v); o != nil {
				el.InitialOptions = append(el.InitialOptions, o)
			}
		}
		in.Element = el
	case view.PersonField:
		el := &slack.SelectBlockElement{Type: slack.OptTypeUser, ActionID: id}
		if userID.MatchString(f.Initial) {
			el.InitialUser = f.Initial
		}
		in.Element = el
	default:
		return
	}
	b.out = append(b.out, in)
}

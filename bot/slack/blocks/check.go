package blocks

import (
	"errors"
	"fmt"

	"github.com/slack-go/slack"
)

// Check says what Slack would refuse in blocks that are about to be sent: a last line of defence, so that a card that does not fit is a
// clear error with the place in it, and never an essential call refused by Slack at night. It knows the blocks this package builds; any
// other is an error. view is false for a message, true for a modal or a Home tab.
func Check(bs []slack.Block, view bool) error {
	c := checker{ids: map[string]bool{}}
	most := maxMessageBlocks
	if view {
		most = maxViewBlocks
	}
	if len(bs) > most {
		c.fail("blocks", "%d, at most %d", len(bs), most)
	}
	for i, b := range bs {
		c.block(fmt.Sprintf("block %d", i), b, view)
	}
	if n := total(bs); n > maxTotal {
		c.fail("blocks", "texts of %d characters, at most %d", n, maxTotal)
	}
	return errors.Join(c.errs...)
}

// CheckModal is Check for a whole modal.
func CheckModal(v slack.ModalViewRequest) error {
	c := checker{ids: map[string]bool{}}
	c.text("title", v.Title, maxViewTitle, true)
	if v.Submit != nil {
		c.text("submit", v.Submit, maxViewTitle, true)
	}
	if v.Close != nil {
		c.text("close", v.Close, maxViewTitle, true)
	}
	c.length("callback_id", v.CallbackID, 0, maxID)
	c.length("private_metadata", v.PrivateMetadata, 0, maxMetadata)
	return errors.Join(append(c.errs, Check(v.Blocks.BlockSet, true))...)
}

type checker struct {
	errs []error
	ids  map[string]bool
}

func (c *checker) fail(where, format string, args ...any) {
	if len(c.errs) < 20 {
		c.errs = append(c.errs, fmt.Errorf(where+": "+format, args...))
	}
}

func (c *checker) length(where, s string, least, most int) {
	if n := units(s); n < least || n > most {
		c.fail(where, "%d characters, allowed are %d to %d", n, least, most)
	}
}

func (c *checker) text(where string, t *slack.TextBlockObject, most int, plainOnly bool) {
	if t == nil {
		c.fail(where, "no text")
		return
	}
	if plainOnly && t.Type != slack.PlainTextType {
		c.fail(where, "must be plain_text")
	}
	c.length(where, t.Text, 1, most)
}

func (c *checker) block(at string, b slack.Block, view bool) {
	id := b.ID()
	c.length(at+" block_id", id, 0, maxID)
	if id != "" && c.ids[id] {
		c.fail(at, "block_id %q stands there twice", id)
	}
	c.ids[id] = true
	actions := map[string]bool{}
	switch b := b.(type) {
	case *slack.HeaderBlock:
		c.text(at, b.Text, maxHeader, true)
	case *slack.SectionBlock:
		if b.Text == nil && len(b.Fields) == 0 {
			c.fail(at, "neither text nor fields")
		}
		if b.Text != nil {
			c.text(at, b.Text, maxSection, false)
		}
		if len(b.Fields) > maxFields {
			c.fail(at, "%d fields, at most %d", len(b.Fields), maxFields)
		}
		for _, f := range b.Fields {
			c.text(at+" field", f, maxField, false)
		}
		if a := b.Accessory; a != nil {
			switch {
			case a.ButtonElement != nil:
				c.element(at, a.ButtonElement, actions)
			case a.SelectElement != nil:
				c.element(at, a.SelectElement, actions)
			case a.OverflowElement != nil:
				c.element(at, a.OverflowElement, actions)
			default:
				c.fail(at, "unknown accessory")
			}
		}
	case *slack.ContextBlock:
		if n := len(b.ContextElements.Elements); n < 1 || n > 10 {
			c.fail(at, "%d elements, allowed are 1 to 10", n)
		}
		for _, e := range b.ContextElements.Elements {
			t, ok := e.(*slack.TextBlockObject)
			if !ok {
				c.fail(at, "unknown context element %T", e)
				continue
			}
			c.text(at, t, maxContext, false)
		}
	case *slack.DividerBlock:
	case *slack.ActionBlock:
		if b.Elements == nil || len(b.Elements.ElementSet) < 1 || len(b.Elements.ElementSet) > maxElements {
			c.fail(at, "1 to %d elements are allowed", maxElements)
			return
		}
		for _, e := range b.Elements.ElementSet {
			c.element(at, e, actions)
		}
	case *slack.InputBlock:
		if !view {
			c.fail(at, "a field has no place in a message")
		}
		c.text(at+" label", b.Label, maxInputLabel, true)
		if b.Hint != nil {
			c.text(at+" hint", b.Hint, maxInputLabel, true)
		}
		c.element(at, b.Element, actions)
	default:
		c.fail(at, "unknown block %T", b)
	}
}

func (c *checker) action(at, id string, seen map[string]bool) {
	c.length(at+" action_id", id, 1, maxID)
	if seen[id] {
		c.fail(at, "action_id %q stands there twice", id)
	}
	seen[id] = true
}

func (c *checker) element(at string, e slack.BlockElement, seen map[string]bool) {
	switch e := e.(type) {
	case *slack.ButtonBlockElement:
		c.action(at, e.ActionID, seen)
		c.text(at+" button", e.Text, maxLabel, true)
		c.length(at+" value", e.Value, 0, maxValue)
		c.length(at+" url", e.URL, 0, 3000)
		if k := e.Confirm; k != nil {
			c.text(at+" confirm title", k.Title, 100, true)
			c.text(at+" confirm text", k.Text, 300, false)
			c.text(at+" confirm yes", k.Confirm, 30, true)
			c.text(at+" confirm no", k.Deny, 30, true)
		}
	case *slack.SelectBlockElement:
		c.action(at, e.ActionID, seen)
		if e.Placeholder != nil {
			c.text(at+" placeholder", e.Placeholder, maxPlaceholder, true)
		}
		if e.Type == slack.OptTypeStatic {
			c.options(at, e.Options, maxOptions)
		}
	case *slack.OverflowBlockElement:
		c.action(at, e.ActionID, seen)
		c.options(at, e.Options, maxOverflow)
	case *slack.RadioButtonsBlockElement:
		c.action(at, e.ActionID, seen)
		c.options(at, e.Options, maxRadio)
	case *slack.CheckboxGroupsBlockElement:
		c.action(at, e.ActionID, seen)
		c.options(at, e.Options, maxRadio)
	case *slack.PlainTextInputBlockElement:
		c.action(at, e.ActionID, seen)
		c.length(at+" initial value", e.InitialValue, 0, maxInput)
		if e.MinLength > e.MaxLength || e.MaxLength < 1 || e.MaxLength > maxInput {
			c.fail(at, "min_length %d, max_length %d", e.MinLength, e.MaxLength)
		}
	default:
		c.fail(at, "unknown element %T", e)
	}
}

func (c *checker) options(at string, os []*slack.OptionBlockObject, most int) {
	if len(os) < 1 || len(os) > most {
		c.fail(at, "%d options, allowed are 1 to %d", len(os), most)
	}
	values := map[string]bool{}
	for _, o := range os {
		c.text(at+" option", o.Text, maxLabel, true)
		c.length(at+" option value", o.Value, 1, maxOptionValue)
		if o.Description != nil {
			c.text(at+" option hint", o.Description, maxLabel, true)
		}
		if values[o.Value] {
			c.fail(at, "option value %q stands there twice", o.Value)
		}
		values[o.Value] = true
	}
}

// total adds up all texts of blocks.
func total(bs []slack.Block) int {
	n := 0
	add := func(ts ...*slack.TextBlockObject) {
		for _, t := range ts {
			if t != nil {
				n += units(t.Text)
			}
		}
	}
	opts := func(os []*slack.OptionBlockObject) {
		for _, o := range os {
			add(o.Text, o.Description)
		}
	}
	el := func(e slack.BlockElement) {
		switch e := e.(type) {
		case *slack.ButtonBlockElement:
			add(e.Text)
			if e.Confirm != nil {
				add(e.Confirm.Title, e.Confirm.Text, e.Confirm.Confirm, e.Confirm.Deny)
			}
		case *slack.SelectBlockElement:
			add(e.Placeholder)
			opts(e.Options)
		case *slack.OverflowBlockElement:
			opts(e.Options)
		case *slack.RadioButtonsBlockElement:
			opts(e.Options)
		case *slack.PlainTextInputBlockElement:
			add(e.Placeholder)
		}
	}
	for _, b := range bs {
		switch b := b.(type) {
		case *slack.HeaderBlock:
			add(b.Text)
		case *slack.SectionBlock:
			add(b.Text)
			add(b.Fields...)
			if a := b.Accessory; a != nil {
				switch {
				case a.ButtonElement != nil:
					el(a.ButtonElement)
				case a.SelectElement != nil:
					el(a.SelectElement)
				case a.OverflowElement != nil:
					el(a.OverflowElement)
				}
			}
		case *slack.ContextBlock:
			for _, e := range b.ContextElements.Elements {
				if t, ok := e.(*slack.TextBlockObject); ok {
					add(t)
				}
			}
		case *slack.ActionBlock:
			for _, e := range b.Elements.ElementSet {
				el(e)
			}
		case *slack.InputBlock:
			add(b.Label, b.Hint)
			el(b.Element)
		}
	}
	return n
}

package blocks

import (
	"encoding/json"
	"fmt"

	"github.com/slack-go/slack"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/view"
)

// Limits of Block Kit; where they come from stands in the package comment.
const (
	maxMessageBlocks = 50
	maxViewBlocks    = 100
	maxTotal         = 13000 // of all texts of a message; Slack refuses at about 13,200
	maxHeader        = 150
	maxSection       = 3000
	maxField         = 2000
	maxFields        = 10
	maxContext       = 2000
	maxElements      = 25
	maxLabel         = 75 // of a button or an option
	maxValue         = 2000
	maxID            = 255
	maxOptions       = 100
	maxOptionValue   = 150
	maxOverflow      = 5
	maxRadio         = 10
	maxPlaceholder   = 150
	maxInputLabel    = 2000
	maxInput         = 3000
	maxViewTitle     = 24
	maxMetadata      = 3000
	maxFallback      = 3000
)

// Rendered is a message as chat.postMessage takes it.
type Rendered struct {
	Blocks []slack.Block
	Text   string // mrkdwn for notifications and clients without blocks
}

// JSON returns the blocks as Slack gets them, indented; for golden files and logs of refused messages.
func (r Rendered) JSON() ([]byte, error) {
	return json.MarshalIndent(struct {
		Text   string        `json:"text"`
		Blocks []slack.Block `json:"blocks"`
	}{r.Text, r.Blocks}, "", "  ")
}

// Message writes a card as a message.
func Message(c view.Card, o Options) Rendered {
	r := Rendered{Blocks: fit(c.Blocks, o, maxMessageBlocks), Text: Clip(c.Summary, o, maxFallback)}
	if r.Text == "" {
		r.Text = firstText(r.Blocks)
	}
	return r
}

// Home writes a card as a Home tab (views.publish).
func Home(c view.Card, o Options) slack.HomeTabViewRequest {
	return slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: fit(c.Blocks, o, maxViewBlocks)}}
}

// firstText is what a message without summary is announced with: Slack wants a text.
func firstText(bs []slack.Block) string {
	for _, b := range bs {
		switch b := b.(type) {
		case *slack.HeaderBlock:
			return escape(b.Text.Text)
		case *slack.SectionBlock:
			if b.Text != nil {
				return b.Text.Text
			}
		}
	}
	return "Tocsin"
}

// fit builds blocks under Slack's limits of number and total length.
func fit(vs []view.Block, o Options, most int) []slack.Block {
	var bs []slack.Block
	for room := maxTotal; ; room /= 2 {
		b := builder{o: o, room: room, actions: map[string]int{}, ids: map[string]int{}}
		for _, v := range vs {
			b.add(v)
		}
		bs = b.out
		if total(bs) <= maxTotal || room < 2*minRoom {
			break
		}
	}
	cut := false
	for len(bs) > most || total(bs) > maxTotal {
		if !cut {
			most-- // for the note that something is missing
			cut = true
			continue
		}
		bs = dropOne(bs)
	}
	if cut {
		bs = append(bs, &slack.ContextBlock{Type: slack.MBTContext, ContextElements: slack.ContextElements{Elements: []slack.MixedElement{mrkdwn("…")}}})
	}
	return bs
}

// minRoom is the least a text is shortened to.
const minRoom = 200

// dropOne takes away the last block that only speaks; when there is none, the last one.
func dropOne(bs []slack.Block) []slack.Block {
	for i := len(bs) - 1; i >= 0; i-- {
		switch b := bs[i].(type) {
		case *slack.ActionBlock, *slack.InputBlock:
			continue
		case *slack.SectionBlock:
			if b.Accessory != nil {
				continue
			}
		}
		return append(bs[:i:i], bs[i+1:]...)
	}
	return bs[:len(bs)-1]
}

// builder makes blocks; room is how long any one text may be.
type builder struct {
	o       Options
	room    int
	out     []slack.Block
	actions map[string]int // how often an action stands in the message
	ids     map[string]int // how often a block_id does
}

func mrkdwn(s string) *slack.TextBlockObject {
	return &slack.TextBlockObject{Type: slack.MarkdownType, Text: s, Verbatim: true}
}

var emoji = true

func plain(s string) *slack.TextBlockObject {
	return &slack.TextBlockObject{Type: slack.PlainTextType, Text: s, Emoji: &emoji}
}

// words is a plain_text object of t, or of a stand-in where t says nothing: Slack refuses empty texts.
func (b *builder) words(t catalog.Text, max int, otherwise string) *slack.TextBlockObject {
	s := Words(t, b.o, max)
	if s == "" {
		s = clipWords(clean(otherwise), max)
	}
	if s == "" {
		s = "…"
	}
	return plain(s)
}

func (b *builder) add(v view.Block) {
	switch v := v.(type) {
	case view.Header:
		if s := Words(v.Text, b.o, maxHeader); s != "" {
			b.out = append(b.out, &slack.HeaderBlock{Type: slack.MBTHeader, Text: plain(s)})
		}
	case view.Section:
		b.section(v)
	case view.Small:
		for _, s := range b.parts(v.Text, maxContext) {
			b.out = append(b.out, &slack.ContextBlock{Type: slack.MBTContext, ContextElements: slack.ContextElements{Elements: []slack.MixedElement{mrkdwn(s)}}})
		}
	case view.Rule:
		b.out = append(b.out, &slack.DividerBlock{Type: slack.MBTDivider})
	case view.Actions:
		b.row(v)
	case view.Input:
		b.input(v)
	}
}

// parts writes t in parts of at most max units, together at most b.room.
func (b *builder) parts(t catalog.Text, max int) []string {
	ps := pieces(t, b.o, min(max, b.room)-4, b.room)
	n := 0
	for i, p := range ps {
		n += units(p)
		if n > b.room {
			ps = ps[:max1(i)]
			ps[len(ps)-1] += " …"
			break
		}
	}
	return ps
}

func max1(i int) int { return max(i, 1) }

func (b *builder) section(v view.Section) {
	ps := b.parts(v.Text, maxSection)
	var fields []*slack.TextBlockObject
	for _, f := range v.Fields {
		if s := Clip(f, b.o, min(maxField, b.room)); s != "" && len(fields) < maxFields {
			fields = append(fields, mrkdwn(s))
		}
	}
	var el slack.BlockElement
	var id string
	if v.Beside != nil {
		var ref *view.Ref
		el, ref = b.element(v.Beside)
		if el != nil && ref != nil {
			id = b.blockID(*ref)
		}
	}
	if len(ps) == 0 && len(fields) == 0 {
		if el != nil { // the control matters more than its missing words
			b.out = append(b.out, &slack.ActionBlock{Type: slack.MBTAction, BlockID: id, Elements: &slack.BlockElements{ElementSet: []slack.BlockElement{el}}})
		}
		return
	}
	first := &slack.SectionBlock{Type: slack.MBTSection, BlockID: id}
	if el != nil {
		first.Accessory = slack.NewAccessory(el)
	}
	b.out = append(b.out, first)
	last := first
	for i, p := range ps {
		if i > 0 {
			last = &slack.SectionBlock{Type: slack.MBTSection}
			b.out = append(b.out, last)
		}
		last.Text = mrkdwn(p)
	}
	last.Fields = fields
}

// row writes elements in as many action blocks as they need.
func (b *builder) row(v view.Actions) {
	var els []slack.BlockElement
	var carried *view.Ref
	flush := func() {
		if len(els) == 0 {
			return
		}
		id := ""
		if carried != nil {
			id = b.blockID(*carried)
		}
		b.out = append(b.out, &slack.ActionBlock{Type: slack.MBTAction, BlockID: id, Elements: &slack.BlockElements{ElementSet: els}})
		els, carried = nil, nil
	}
	for _, e := range v.Elements {
		el, ref := b.element(e)
		if el == nil {
			continue
		}
		if len(els) == maxElements || ref != nil && carried != nil && *ref != *carried {
			flush()
		}
		if ref != nil {
			carried = ref
		}
		els = append(els, el)
	}
	flush()
}

// blockID carries ref in a block_id, unique in the message.
func (b *builder) blockID(ref view.Ref) string {
	s, ok := encodeRef(ref, maxID-len(refPrefix)-4)
	if !ok {
		s = "{}" // no id of ours is that long; an act without its subject is asked about, never guessed
	}
	s = refPrefix + s
	b.ids[s]++
	if n := b.ids[s]; n > 1 {
		s = fmt.Sprintf("%s~%d", s, n)
	}
	return s
}

// actionID makes the action's id unique in the message.
func (b *builder) actionID(action string) string {
	action = clipWords(clean(action), maxID-6)
	if action == "" {
		action = Open
	}
	b.actions[action]++
	if n := b.actions[action]; n > 1 {
		return fmt.Sprintf("%s~%d", action, n)
	}
	return action
}

// Open is the action of a button that only opens a page. Slack reports the press all the same; nobody needs to act on it.
const Open = "open"

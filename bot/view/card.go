package view

import "github.com/tocsin-bot/tocsin/bot/catalog"

// Card is a message, an ephemeral answer or a page body: what it says, before any chat's format.
type Card struct {
	// Summary is the one line for notifications and for clients that show no blocks.
	Summary catalog.Text
	Blocks  []Block
}

// Block is one part of a card or form. The concrete types are below.
type Block interface{ block() }

// Header is the large first line, plain words only.
type Header struct{ Text catalog.Text }

// Section is a paragraph, with at most one button or select beside it.
type Section struct {
	Text   catalog.Text
	Fields []catalog.Text // at most 10, shown in two columns
	Beside Element
}

// Small is a line of lesser weight.
type Small struct{ Text catalog.Text }

// Rule is a horizontal line.
type Rule struct{}

// Actions is a row of buttons and selects.
type Actions struct{ Elements []Element }

// Element is something to press or choose. The concrete types are below.
type Element interface{ element() }

// Button is a button. Action names it (commands.Actions); Value says what it is about.
type Button struct {
	Action  string
	Label   catalog.Text
	Value   Ref
	Style   Style
	Confirm *Confirm
	URL     string // opens a page instead of acting
}

// Style colours a button.
type Style int

// The styles.
const (
	Normal Style = iota
	Primary
	Danger
)

// Confirm is asked before a button acts.
type Confirm struct{ Title, Text, Yes, No catalog.Text }

// Menu is a drop-down of fixed options.
type Menu struct {
	Action      string
	Placeholder catalog.Text
	Options     []Option
	Chosen      string // value of the chosen option
	Value       Ref    // what it is about; carried in the element's block
}

// Overflow is the "..." menu of at most 5 options.
type Overflow struct {
	Action  string
	Options []Option
	Value   Ref
}

// Option is one choice.
type Option struct {
	Label catalog.Text
	Value string
	Hint  catalog.Text
}

// People is a drop-down of the workspace's people.
type People struct {
	Action      string
	Placeholder catalog.Text
	Value       Ref
}

// Ref is what a button or form is about: it is carried there and back, and never trusted to name a person.
type Ref struct {
	Incident string `json:"i,omitempty"`
	Subject  string `json:"s,omitempty"` // role, step id, page key, status
	Runbook  string `json:"r,omitempty"`
	Seq      int64  `json:"q,omitempty"` // of the state it was drawn from
	Filled   string `json:"f,omitempty"` // digest of the commands that were shown, of a step that wants somebody else's word
	Note     string `json:"n,omitempty"` // whatever else a form must carry back, bounded
}

// Form is a modal form.
type Form struct {
	ID     string       // names it (commands.Forms)
	Title  catalog.Text // at most 24 characters
	Submit catalog.Text
	Close  catalog.Text
	Blocks []Block // Inputs and others
	Ref    Ref
}

// Input is a labelled field of a form. ID names its answer.
type Input struct {
	ID       string
	Label    catalog.Text
	Hint     catalog.Text
	Optional bool
	Field    Field
}

// Field is what is filled in. The concrete types are below.
type Field interface{ field() }

// TextField takes words.
type TextField struct {
	Lines       bool // several lines
	Min, Max    int  // characters; Max 0: 3000
	Initial     string
	Placeholder catalog.Text
}

// ChoiceField takes one of a few options.
type ChoiceField struct {
	Options []Option
	Chosen  string
	Menu    bool // drop-down instead of radio buttons
}

// ChecksField takes any of at most ten options. Its answer is their values, with commas between.
type ChecksField struct {
	Options []Option
	Chosen  []string // values of those that are ticked to begin with
}

// PersonField takes a person of the workspace.
type PersonField struct {
	Initial string // Slack user id
}

func (Header) block()  {}
func (Section) block() {}
func (Small) block()   {}
func (Rule) block()    {}
func (Actions) block() {}
func (Input) block()   {}

func (Button) element()   {}
func (Menu) element()     {}
func (Overflow) element() {}
func (People) element()   {}

func (TextField) field()   {}
func (ChoiceField) field() {}
func (ChecksField) field() {}
func (PersonField) field() {}

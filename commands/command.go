package commands

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/view"
	"github.com/tocsin-bot/tocsin/runbooks"
)

// Command is a verb of the slash command.
type Command struct {
	Name     string
	Aliases  []string
	Usage    string    // "sev <1|2|3|4> [reason]"; its short description is in the catalogue under "help.<name>"
	Where    Where     // what it is about
	Words    int       // from which word behind it on, counted from 1, anything may be said; 0: nowhere
	Other    bool      // what is said behind it is another incident: its own is the room's, or named in front
	Ended    bool      // it makes sense for an incident that is over, too
	Examples []Example // executed as tests
	// Run carries it out. The incident is loaded when Where says that one is needed.
	Run func(ctx context.Context, c *Ask) (Reply, error)
}

// Where says whether a verb is about an incident.
type Where int

// The two kinds of verb.
const (
	Anywhere Where = iota // about no incident, or about any
	InRoom                // about one: the channel's, or one named by id
)

// Example is a line that works as it stands.
type Example struct {
	In string // behind the command's name
}

// Button is an action of a button or menu.
type Button struct {
	Name string // view.Action…
	Run  func(ctx context.Context, c *Ask) (Reply, error)
}

// Form is the submission of a form.
type Form struct {
	Name string // view.Form…
	Run  func(ctx context.Context, c *Ask) (Reply, error)
}

// Office is what the desk needs of the rest: the engine, behind an interface of our own.
type Office interface {
	// Do hands an act in. It is committed when Do returns without error.
	Do(ctx context.Context, w Wish) (Result, error)
	// State returns an incident as it stands.
	State(ctx context.Context, id incident.ID) (incident.State, error)
	// ByChannel returns the incident whose room a channel is.
	ByChannel(ctx context.Context, channel string) (incident.ID, bool, error)
	// List returns up to limit incidents, newest first.
	List(ctx context.Context, open bool, limit int) ([]view.Row, error)
	// Events returns up to limit events of an incident from seq on.
	Events(ctx context.Context, id incident.ID, from int64, limit int) ([]incident.Event, error)
	// Policy is the policy in force for new incidents.
	Policy() *incident.Policy
	// Runbook returns the pinned revision of a started runbook.
	Runbook(ctx context.Context, digest string) (*runbooks.Runbook, error)
	// OnCall is who is on call, as last seen.
	OnCall(ctx context.Context) (incident.OnCall, error)
	// Inside reports whether a person is a member of a private channel; false when that is not known.
	Inside(ctx context.Context, channel string, p incident.Person) bool
	// Person completes a person known by a Slack id alone; it may return what it was given.
	Person(ctx context.Context, p incident.Person) incident.Person
}

// Wish is an act somebody asks for.
type Wish struct {
	Key string
	At  time.Time
	Who incident.Person
	ID  incident.ID // zero: the act declares a new incident
	Act incident.Act
	// Meaning is what the title of a new incident says, without what makes no difference: while one of the same meaning is open, the wish is
	// refused as alike and Result.State is that one, unless Anyway.
	Meaning string
	Anyway  bool
}

// Result is what came of a wish.
type Result struct {
	ID      incident.ID
	New     bool
	Refusal *incident.Refusal
	State   incident.State
	Events  []incident.Event // what it added; nil when the office does not say
}

// Ask is one thing somebody asks of the desk, with everything needed to answer.
type Ask struct {
	desk     *Counter
	Key      string
	At       time.Time
	Who      incident.Person
	Channel  string
	Language string

	Verb string // of a command: its name
	Word string // of a command: the name or alias that was typed
	Args string // of a command: the words behind the verb
	Text string // of a command: all that was typed

	Action  string // of a click
	Chosen  string
	Message string

	Form    string // of a submission
	Answers map[string]string

	Private bool // of a declaration: only those involved may read it

	Ref   view.Ref
	State incident.State // of the incident it is about; zero when it is about none
}

// do hands in an act about the ask's incident.
func (c *Ask) do(ctx context.Context, a incident.Act) (Result, error) {
	return c.desk.office.Do(ctx, Wish{Key: c.Key, At: c.At, Who: c.Who, ID: c.State.ID, Act: a})
}

// tell hands in an act and answers with what came of it: the refusal's words, or silence where the room shows it.
func (c *Ask) tell(ctx context.Context, a incident.Act) (Reply, error) {
	rep, _, err := c.try(ctx, a)
	return rep, err
}

// try is tell; done is false when the act was refused.
func (c *Ask) try(ctx context.Context, a incident.Act) (rep Reply, done bool, err error) {
	r, err := c.do(ctx, a)
	if err != nil {
		return Reply{}, false, err
	}
	if r.Refusal != nil {
		return c.refused(r.Refusal), false, nil
	}
	return c.recorded(ctx, r), true, nil
}

// also hands in a second act that goes with one that is recorded already. When it fails, saying that nothing was recorded would be
// untrue: the answer says what is missing and how to do it.
func (c *Ask) also(ctx context.Context, name string, a incident.Act, rep Reply, line string) Reply {
	r, err := c.desk.office.Do(ctx, Wish{Key: c.Key + "/" + name, At: c.At, Who: c.Who, ID: c.State.ID, Act: a})
	if err != nil {
		return c.say("half-done", catalog.Args{"id": catalog.Words(c.State.ID), "line": catalog.Words(c.desk.command + " " + incident.Clip(line, 200))})
	}
	if rep.Card != nil && r.Refusal == nil {
		return c.recorded(ctx, r)
	}
	return rep
}

// source is what views of the ask's incident are drawn from.
func (c *Ask) source() view.Source {
	return view.Source{
		State: c.State, Deadlines: incident.Deadlines(c.State), Command: c.desk.command, Language: c.Language, Zone: c.zone(),
		Now: c.desk.now(),
	}
}

// usageError asks for the usage of the verb to be shown: nothing was changed. Why is a message of the catalogue about one word.
type usageError struct{ why, word string }

func (e usageError) Error() string { return fmt.Sprintf("%s: %q", e.why, e.word) }

func usage(why, word string) (Reply, error) { return Reply{}, usageError{why, word} }

// words splits off the first word. Phones and pasted lines put tabs and line breaks between words, too.
func words(s string) (first, rest string) {
	s = strings.TrimSpace(s)
	i := strings.IndexFunc(s, unicode.IsSpace)
	if i < 0 {
		return s, ""
	}
	return s[:i], strings.TrimSpace(s[i:])
}

package commands

import (
	"context"
	"time"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/view"
)

// Desk answers people: commands they type, buttons they press, forms they fill in, their Home page. The chat's receiver calls it from
// one worker per channel, so calls of one channel come in order and calls of different channels at the same time.
//
// What a Desk commits is committed when it returns. An error means that nothing was recorded, except when errors.Is finds the
// engine's ErrUnknown: then the outcome is in doubt and the same Key may be handed in again. A refusal that a person can understand is
// no error but a Reply. The context ends when the process stops, never because the chat waits.
type Desk interface {
	// Command carries out a slash command.
	Command(ctx context.Context, c Call) (Reply, error)
	// Click carries out a button, a menu or a shortcut.
	Click(ctx context.Context, c Click) (Reply, error)
	// Submit takes a filled form.
	Submit(ctx context.Context, s Submission) (Reply, error)
	// Home returns a person's Home page.
	Home(ctx context.Context, who incident.Person, language string) (view.Card, error)
}

// Call is a slash command as somebody typed it.
type Call struct {
	Key      string // the input's key for the engine: "slack/env/<envelope id>"; the same command again has the same
	Actor    incident.Person
	At       time.Time // when it reached us
	Channel  string    // Slack channel id it was typed in
	Text     string    // behind the command's name; people as <@U123|name>, channels as <#C123|name>, links bare, the rest as typed
	Language string    // of the person: "en" or "fr"
}

// Click is a pressed button or a choice in a menu.
type Click struct {
	Key      string
	Actor    incident.Person
	At       time.Time // Slack's time of the click (action_ts)
	Action   string    // name of the action, without the suffix that made it unique in its message
	Ref      view.Ref  // what it is about; zero when the element carried none
	Chosen   string    // Menu and Overflow: value of the chosen option; People: Slack user id
	Channel  string    // Slack channel id of the message; empty in a form or on Home
	Message  string    // ts of the message; empty in a form or on Home
	Language string
}

// Submission is a filled form.
type Submission struct {
	Key      string
	Actor    incident.Person
	At       time.Time // when it reached us
	Form     string    // view.Form.ID
	Ref      view.Ref  // view.Form.Ref
	Answers  map[string]string
	Language string
}

// Reply is what a person gets for what they did. The zero Reply is silence: the act is seen by its effects.
type Reply struct {
	// Card is shown to the person alone, or to the whole channel when Public is set.
	Card   *view.Card
	Public bool
	// Replace puts the card in the place of the message that was pressed, when only that person sees it ("which incident?").
	Replace bool
	// Form is opened (after a command or a click) or shown in the place of the one submitted.
	Form *view.Form
	// Errors are the faults of a submission, by Input.ID; the form stays open and nothing was recorded.
	Errors map[string]catalog.Text
	// Close closes all forms of a submission that stand on each other, not only the one submitted.
	Close bool
}

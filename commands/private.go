package commands

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/view"
)

var private = Command{
	Name: "private", Aliases: []string{"restrict"}, Usage: "private [confirm] [reason] | private add @person", Where: InRoom, Words: 1, Ended: true,
	Examples: []Example{{"private customer data was read"}, {"private"}, {"private confirm customer data was read"}, {"private add <@U0TECH|tech>"}},
	Run: func(ctx context.Context, c *Ask) (Reply, error) {
		if first, rest := words(c.Args); strings.EqualFold(first, "add") || strings.EqualFold(first, "invite") {
			p, ok := personOf(rest)
			switch {
			case ok:
				return c.tell(ctx, incident.Admit{Who: c.desk.office.Person(ctx, p)})
			case c.State.Private != nil || len(strings.Fields(rest)) < 2:
				return usage("usage.private.add", rest)
			}
			// "private invite tokens leaked" names nobody: it is a reason, and the form asks.
		}
		if first, rest := words(c.Args); strings.EqualFold(first, "confirm") || strings.EqualFold(first, "confirmer") || c.State.Private != nil {
			return c.tell(ctx, incident.GoPrivate{Reason: say(rest, incident.MaxReason)})
		}
		// It is not taken back: whoever wants it sees first what it does, and what it cannot undo.
		f := view.PrivateForm(c.source(), c.Args)
		return Reply{Form: &f}, nil
	},
}

var privateForm = Form{view.FormPrivate, func(ctx context.Context, c *Ask) (Reply, error) {
	return c.submitted(ctx, view.InputReason, incident.GoPrivate{Reason: incident.Say(c.Answers[view.InputReason], incident.MaxReason)})
}}

// takePrivate takes the word that makes a declaration private from its beginning. Only a colon says for sure that it is meant so ("private: ...",
// in French with a space before it); without one it may be a word of what is wrong ("private API is slow"), and whoever typed it is asked.
func takePrivate(s string) (private, sure bool, rest string) {
	first, rest := words(s)
	word, sure := strings.CutSuffix(first, ":")
	switch strings.ToLower(strings.TrimRight(word, ",")) {
	case "private", "privé", "prive", "privée", "privee", "restricted":
	default:
		return false, false, s
	}
	if after, colon := strings.CutPrefix(rest, ":"); colon && !sure {
		sure, rest = true, strings.TrimSpace(after)
	}
	return true, sure, rest
}

// answerAttack answers whether it is an attack; a reason may follow.
func (c *Ask) answerAttack(ctx context.Context, said string) (Reply, error) {
	word, reason := words(said)
	value, ok := answerOf(word)
	if !ok || value == incident.AnswerUnknown {
		return usage("usage.answer", word)
	}
	return c.tell(ctx, incident.AnswerQuestion{Question: incident.QuestionAttack, Value: value, Reason: say(reason, incident.MaxReason)})
}

// privateError says that an incident is private and who asks is not part of it.
type privateError struct{ id incident.ID }

func (e *privateError) Error() string { return string(e.id) + " is private" }

// closed answers what is refused because an incident is private.
func (c *Ask) closed(rep Reply, err error) (Reply, error) {
	if p, is := errors.AsType[*privateError](err); is {
		return c.card(c.voice().PrivateCard(p.id)), nil
	}
	return rep, err
}

// maySee reports whether who asks may read an incident: the log says so, they are in its room as they ask, or Slack says that they are in it.
func (c *Ask) maySee(ctx context.Context, s incident.State) bool {
	if s.MaySee(c.Who) || c.Channel != "" && c.Channel == s.ChannelID {
		return true
	}
	return s.ChannelID != "" && c.desk.office.Inside(ctx, s.ChannelID, c.Who)
}

// list lists what who asks may read.
func (c *Ask) list(ctx context.Context, open bool, limit int) ([]view.Row, error) {
	rows, err := c.desk.office.List(ctx, open, limit)
	if err != nil {
		return nil, err
	}
	var wrong error
	rows = slices.DeleteFunc(rows, func(r view.Row) bool {
		if !r.Private || wrong != nil {
			return false
		}
		s, err := c.desk.office.State(ctx, r.ID)
		if err != nil {
			wrong = err
		}
		return !c.maySee(ctx, s)
	})
	return rows, wrong
}

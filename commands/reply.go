package commands

import (
	"context"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/view"
)

func (c *Ask) voice() view.Voice { return view.Voice{Language: c.Language, Command: c.desk.command} }

func (c *Ask) card(card view.Card) Reply { return Reply{Card: &card} }

// say answers with one message of the catalogue.
func (c *Ask) say(key string, args catalog.Args) Reply {
	t := catalog.Say(c.Language, key, args)
	return c.card(view.Card{Summary: t, Blocks: []view.Block{view.Section{Text: t}}})
}

// stale answers a button or form that what happened since has overtaken.
func (c *Ask) stale() Reply { return c.say("stale", nil) }

// refused answers with a no and its reason.
func (c *Ask) refused(r *incident.Refusal) Reply {
	return c.card(c.voice().RefusalCard(r, c.State.Policy))
}

// recorded answers what is done. A button in the room needs no words: the headline shows it.
func (c *Ask) recorded(s incident.State) Reply {
	if c.Verb == "" && c.Channel == s.ChannelID {
		return Reply{}
	}
	return c.card(c.voice().RecordedCard(s.ID, nil))
}

// headline shows the incident to one person.
func (c *Ask) headline() (Reply, error) {
	src := c.source()
	src.Owed.Effect.View = incident.ViewHeadline
	card, err := view.Render(src)
	if err != nil {
		return Reply{}, err
	}
	return c.card(card), nil
}

// fault keeps a form open and says what is wrong with an answer.
func (c *Ask) fault(input, what string) Reply {
	return Reply{Errors: map[string]catalog.Text{input: catalog.Say(c.Language, "fault."+what, nil)}}
}

// submitted hands in what a form says: a refusal is shown at the answer it is about and the form stays open.
func (c *Ask) submitted(ctx context.Context, input string, a incident.Act) (Reply, error) {
	r, err := c.do(ctx, a)
	if err != nil {
		return Reply{}, err
	}
	if r.Refusal != nil {
		return Reply{Errors: map[string]catalog.Text{input: c.voice().RefusalText(r.Refusal, c.State.Policy)}}, nil
	}
	return Reply{Close: true}, nil
}

func rowOf(s incident.State) view.Row {
	return view.Row{
		ID: s.ID, Title: s.Title.Body, Severity: s.Severity, Confirmed: s.Confirmed, Status: s.Status, Open: s.Open(), Service: s.Service,
		Channel: s.ChannelID, Name: s.ChannelName, Commander: s.Roles[incident.Commander].Who, Declared: s.DeclaredAt, Ended: s.EndedAt, Seq: s.Seq,
	}
}

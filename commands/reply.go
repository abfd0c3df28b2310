package commands

import (
	"context"
	"fmt"
	"slices"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/timeline"
	"github.com/tocsin-bot/tocsin/bot/view"
)

func (c *Ask) voice() view.Voice {
	return view.Voice{Language: c.Language, Command: c.desk.command, Zone: c.zone()}
}

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

// saidLines is how many lines an answer shows of what was recorded.
const saidLines = 4

// recorded answers what is done, in the words of the timeline: "recorded" alone would not say whose phone rings now. A button in the
// room needs no words: the headline shows it.
func (c *Ask) recorded(ctx context.Context, r Result) Reply {
	s := r.State
	if c.Verb == "" && c.Channel != "" && c.Channel == s.ChannelID {
		return Reply{}
	}
	return c.card(c.voice().RecordedCard(s.ID, c.lines(ctx, r)))
}

// lines are what an act added; of an act that was recorded before, what was recorded since the ask's state. They are a courtesy: where
// they cannot be read, the answer goes without.
func (c *Ask) lines(ctx context.Context, r Result) catalog.Text {
	s, events := r.State, slices.Clone(r.Events)
	if events == nil {
		n := s.Seq - c.State.Seq
		if n <= 0 || n > 50 {
			return nil
		}
		var err error
		if events, err = c.desk.office.Events(ctx, s.ID, c.State.Seq+1, int(n)); err != nil {
			return nil
		}
	}
	// What others did in the same moment is not what came of this; who was stood down by it is told themselves.
	events = slices.DeleteFunc(events, func(e incident.Event) bool {
		_, page := e.Fact.(*incident.PageChanged)
		return page || !e.Actor.Person.Same(c.Who) && e.Actor.System != incident.SystemTocsin
	})
	if len(c.State.Values) > 0 { // what stood there before is told with what stands there now
		events = append([]incident.Event{{Fact: &incident.ParametersSet{Values: c.State.Values}}}, events...)
	}
	var out []catalog.Text
	for _, l := range linesOf(s, events, c.Language) {
		if len(out) == saidLines {
			break
		}
		t := l.Text
		if l.Icon != "" && l.Icon != "✅" { // the answer begins with that
			t = append(catalog.Text{{S: l.Icon + " "}}, t...)
		}
		out = append(out, t)
	}
	return catalog.Join("\n", out...)
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

// linesOf words a part of an incident's log. What it refers to of an earlier part (a page, a runbook) the state still knows.
func linesOf(s incident.State, events []incident.Event, language string) []timeline.Line {
	var all []incident.Event
	for _, p := range s.Pages {
		all = append(all, incident.Event{Fact: &incident.Paged{Page: p}})
	}
	for _, r := range s.Runbooks {
		all = append(all, incident.Event{Fact: &incident.RunbookStarted{Runbook: r.Ref}})
	}
	for _, d := range s.Duties {
		all = append(all, incident.Event{Fact: &incident.ObligationBegun{Key: d.Key, Of: d.Of, Question: d.Question, Why: d.Why, Due: d.Due, Owner: d.Owner, Text: d.Text,
			Clock: d.Clock, What: d.What, When: d.When}})
	}
	for _, f := range s.Freezes {
		all = append(all, incident.Event{Fact: &incident.Frozen{N: f.N, Text: f.Text}})
	}
	return slices.DeleteFunc(timeline.LinesOf(s, append(all, events...), language), func(l timeline.Line) bool { return l.Seq == 0 })
}

// over answers what makes no sense any more when the incident is resolved or cancelled.
func (c *Ask) over() (Reply, bool) {
	if c.State.Open() {
		return Reply{}, false
	}
	return c.refused(&incident.Refusal{Code: incident.RefusedOver, Args: []string{string(c.State.Status)}}), true
}

// ended lets a form open for an incident that is over.
const ended = true

// form opens a form about the incident, while it runs; with ended, also when it is over.
func (c *Ask) form(draw func(view.Source) view.Form, also ...bool) (Reply, error) {
	if rep, over := c.over(); over && len(also) == 0 {
		return rep, nil
	}
	f := draw(c.source())
	return Reply{Form: &f}, nil
}

// moved reports whether somebody was rung for the incident, or the ladder went back, after the ask's button was drawn. A button that
// rings somebody must do what it said when it was pressed, once.
func (c *Ask) moved(ctx context.Context) (bool, error) {
	n := c.State.Seq - c.Ref.Seq
	switch {
	case c.Ref.Seq <= 0 || n > timelineMax:
		return true, nil
	case n <= 0:
		return false, nil
	}
	events, err := c.desk.office.Events(ctx, c.State.ID, c.Ref.Seq+1, int(n))
	if err != nil {
		return false, fmt.Errorf("read what happened since a button was drawn: %w", err)
	}
	return slices.ContainsFunc(events, func(e incident.Event) bool {
		_, is := e.Fact.(*incident.LevelRaised)
		return is
	}), nil
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

// submittedSent is submitted for a form that says what was sent, to whom and when: a refusal stands at the field that it is about.
func (c *Ask) submittedSent(ctx context.Context, a incident.Act) (Reply, error) {
	r, err := c.do(ctx, a)
	if err != nil {
		return Reply{}, err
	}
	if r.Refusal == nil {
		return Reply{Close: true}, nil
	}
	input := view.InputTo
	switch r.Refusal.Code {
	case incident.RefusedFuture, incident.RefusedBeforeDetection:
		input = view.InputSince
	}
	return Reply{Errors: map[string]catalog.Text{input: c.voice().RefusalText(r.Refusal, c.State.Policy)}}, nil
}

func rowOf(s incident.State) view.Row {
	if s.RoomHeld { // what is claimed is no channel yet
		s.ChannelName = ""
	}
	return view.Row{
		Private: s.Private != nil,
		ID:      s.ID, Title: s.Title.Body, Severity: s.Severity, Confirmed: s.Confirmed, Status: s.Status, Open: s.Open(), Service: s.Service,
		Channel: s.ChannelID, Name: s.ChannelName, Commander: s.Roles[incident.Commander].Who, Declared: s.DeclaredAt, Ended: s.EndedAt, Seq: s.Seq,
	}
}

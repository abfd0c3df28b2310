package bot

import (
	"context"
	"fmt"
	"strings"

	"github.com/tocsin-bot/tocsin/bot/clock"
	"github.com/tocsin-bot/tocsin/bot/engine"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/journal"
	"github.com/tocsin-bot/tocsin/bot/pagerduty"
	"github.com/tocsin-bot/tocsin/bot/view"
	"github.com/tocsin-bot/tocsin/commands"
)

// renderer gives the adapters the words of an effect: it loads what the view needs and draws it.
type renderer struct {
	reader  engine.Reader
	journal journal.Reader
	library *library
	clock   *clock.Clock
	command string
	room    func(channel string) string // address of a channel; "" when unknown
	onCall  func(ctx context.Context) (incident.OnCall, error)
}

// Card draws what is shown in Slack.
func (r *renderer) Card(ctx context.Context, o incident.Owed, s incident.State) (view.Card, error) {
	src, err := r.source(ctx, o, s)
	if err != nil {
		return view.Card{}, err
	}
	return view.Render(src)
}

// PageText draws a page for PagerDuty.
func (r *renderer) PageText(ctx context.Context, o incident.Owed, s incident.State) (string, map[string]string, []pagerduty.Link, error) {
	src, err := r.source(ctx, o, s)
	if err != nil {
		return "", nil, nil, err
	}
	if len(s.Runbooks) > 0 && s.Private == nil { // the first step is what somebody without Slack can begin with
		if src.Step, err = r.step(ctx, s, s.Runbooks[0].Ref.ID, 1); err != nil {
			src.Step = nil // a page is not held up for it
		}
	}
	summary, body := view.PageText(src)
	details := map[string]string{"what": body}
	if body == "" {
		details = nil
	}
	var links []pagerduty.Link
	if src.Room != "" {
		links = append(links, pagerduty.Link{Href: src.Room, Text: "#" + s.ChannelName})
	}
	return summary, details, links, nil
}

// NoteText draws a note for PagerDuty.
func (r *renderer) NoteText(ctx context.Context, o incident.Owed, s incident.State) (string, error) {
	src, err := r.source(ctx, o, s)
	if err != nil {
		return "", err
	}
	return view.NoteText(src), nil
}

func (r *renderer) source(ctx context.Context, o incident.Owed, s incident.State) (view.Source, error) {
	src := view.Source{
		State: s, Owed: o, Deadlines: incident.Deadlines(s), Command: r.command, Zone: s.Policy.Location(), Now: r.clock.Now(), Room: r.room(s.ChannelID),
	}
	if o.Seq > 0 {
		ev, err := r.reader.Events(ctx, o.Incident, o.Seq, 1)
		if err != nil {
			return src, fmt.Errorf("read event %d of %s: %w", o.Seq, o.Incident, err)
		}
		if len(ev) == 1 && ev[0].Seq == o.Seq {
			src.Event = ev[0]
		}
	}
	if o.Effect.View == incident.ViewStep {
		id, card, ok := incident.StepSlot(o.Effect.Slot)
		if !ok {
			id, card = o.Effect.Arg, 1
		}
		src.Owed.Effect.Arg = id
		step, err := r.step(ctx, s, id, card)
		if err != nil {
			return src, err
		}
		src.Step = step
	}
	if runbook, id, ok := strings.Cut(o.Effect.Arg, "/"); ok && o.Effect.View == incident.ViewApproval {
		run, _ := s.Runbook(runbook)
		rb, err := r.library.revision(ctx, r.journal, run.Ref.Digest)
		if err != nil {
			return src, fmt.Errorf("read the step to approve: %w", err)
		}
		src.Step = r.shown(ctx, commands.StepOf(rb, id, s), s)
	}
	return src, nil
}

// shown completes a step with who holds the roles it names, as far as that is known: without them it names the roles alone.
func (r *renderer) shown(ctx context.Context, step *view.Step, s incident.State) *view.Step {
	if step != nil && r.onCall != nil {
		if on, err := r.onCall(ctx); err == nil {
			step.Holders = commands.Holders(step, s, on)
		}
	}
	return step
}

// step is the step that one of a started runbook's cards shows, or its end.
func (r *renderer) step(ctx context.Context, s incident.State, id string, card int) (*view.Step, error) {
	run, ok := s.Runbook(id)
	if !ok {
		return nil, fmt.Errorf("%s is not in use in %s", id, s.ID)
	}
	rb, err := r.library.revision(ctx, r.journal, run.Ref.Digest)
	if err != nil {
		return nil, err
	}
	current := run.On(card)
	if current == "" && len(run.Ref.Steps) > 0 {
		step := commands.StepOf(rb, run.Ref.Steps[len(run.Ref.Steps)-1], s)
		if step != nil {
			step.ID, step.Name, step.Commands, step.Parts, step.Branches, step.Prose, step.LookFor, step.Warnings = "", "", nil, nil, nil, "", "", nil
		}
		return step, nil
	}
	return r.shown(ctx, commands.StepOf(rb, current, s), s), nil
}

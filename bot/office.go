package bot

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/tocsin-bot/tocsin/bot/engine"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/journal"
	"github.com/tocsin-bot/tocsin/bot/view"
	"github.com/tocsin-bot/tocsin/commands"
	"github.com/tocsin-bot/tocsin/runbooks"
)

// office is the engine as the desk sees it.
type office struct {
	engine  *engine.Engine
	journal journal.Reader
	library *library
	people  func(ctx context.Context, p incident.Person) incident.Person
	inside  func(ctx context.Context, channel, user string) (bool, error) // whether somebody is in a private channel
}

var _ commands.Office = (*office)(nil)

// nameWithin is how long a command may wait for the name of who typed it.
const nameWithin = 300 * time.Millisecond

// Do implements commands.Office.
func (o *office) Do(ctx context.Context, w commands.Wish) (commands.Result, error) {
	// Who acts is known by their name and, where a roster names them, by their phone: both are for the record, neither is worth waiting for.
	who, done := context.WithTimeout(ctx, nameWithin)
	w.Who = o.Person(who, w.Who)
	done()
	if take, ok := w.Act.(incident.SetRole); ok && take.Who.Slack != "" && take.Who.Slack == w.Who.Slack {
		take.Who = w.Who
		w.Act = take
	}
	in := engine.Input{Key: w.Key, At: w.At, Actor: incident.Actor{Person: w.Who}, Via: incident.ViaSlack, Act: w.Act, Route: engine.Route{ID: w.ID}}
	if d, ok := w.Act.(incident.Declare); ok {
		in.Route = engine.Route{New: true}
		if w.Meaning != "" && !d.Private { // nobody is led to a private one by its title
			in.Route.Take = []string{engine.ClaimTitle(w.Meaning)}
		}
		if !w.Anyway {
			in.Route.Claims = in.Route.Take
		}
		if engine.ServiceName(d.Service) != "" {
			in.Route.Take = append(slices.Clone(in.Route.Take), engine.ClaimService(d.Service)) // its alerts join it
		}
	}
	out, err := o.engine.Handle(ctx, in)
	if err != nil {
		return commands.Result{}, err
	}
	return commands.Result{ID: out.Incident, New: out.New, Refusal: out.Refusal, State: out.State, Events: out.Events}, nil
}

// State implements commands.Office: an incident that is not there is the zero State.
func (o *office) State(ctx context.Context, id incident.ID) (incident.State, error) {
	s, err := o.engine.State(ctx, id)
	if errors.Is(err, journal.ErrNotFound) {
		return incident.State{}, nil
	}
	return s, err
}

// ByChannel implements commands.Office.
func (o *office) ByChannel(ctx context.Context, channel string) (incident.ID, bool, error) {
	return o.engine.ByChannel(ctx, channel)
}

// OnCall implements commands.Office.
func (o *office) OnCall(ctx context.Context) (incident.OnCall, error) { return o.engine.OnCall(ctx) }

// List implements commands.Office.
func (o *office) List(ctx context.Context, open bool, limit int) ([]view.Row, error) {
	rows, err := o.engine.List(ctx, open, limit)
	if err != nil {
		return nil, err
	}
	out := make([]view.Row, len(rows))
	for i, r := range rows {
		out[i] = view.Row(r)
	}
	return out, nil
}

// Events implements commands.Office.
func (o *office) Events(ctx context.Context, id incident.ID, from int64, limit int) ([]incident.Event, error) {
	return o.engine.Events(ctx, id, from, limit)
}

// Policy implements commands.Office.
func (o *office) Policy() *incident.Policy { return o.engine.Policy() }

// Runbook implements commands.Office.
func (o *office) Runbook(ctx context.Context, digest string) (*runbooks.Runbook, error) {
	return o.library.revision(ctx, o.journal, digest)
}

// Person implements commands.Office.
func (o *office) Person(ctx context.Context, p incident.Person) incident.Person {
	if o.people == nil {
		return p
	}
	return o.people(ctx, p)
}

// Inside implements commands.Office. What Slack does not say in time is a no.
func (o *office) Inside(ctx context.Context, channel string, p incident.Person) bool {
	if o.inside == nil || channel == "" || p.Slack == "" {
		return false
	}
	ctx, done := context.WithTimeout(ctx, insideWithin)
	defer done()
	in, err := o.inside(ctx, channel, p.Slack)
	return err == nil && in
}

// insideWithin is how long an answer may wait for the members of a private room.
const insideWithin = time.Second

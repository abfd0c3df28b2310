package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/journal"
)

// errAlong says that an input makes an incident private into which others were merged: they go with it.
var errAlong = errors.New("its duplicates go private with it")

// goesPrivate reports whether an incident went private between two states.
func goesPrivate(before, after incident.State) bool {
	return before.Seq > 0 && before.Private == nil && after.Private != nil
}

// along makes an incident private together with its duplicates, in one commit: there is never a moment at which one of them still says what
// the other is. incident.MaxAbsorbed bounds how many there are.
func (e *Engine) along(ctx context.Context, in Input, id incident.ID, taken map[string]bool) (Outcome, error) {
	entry, _, err := e.load(ctx, id)
	if err != nil {
		return Outcome{}, err
	}
	locked := append([]incident.ID{id}, entry.state.Absorbed...)
	return e.together(ctx, locked, func() ([]Committed, Outcome, error) { return e.decideAll(ctx, in, id, locked, taken) })
}

func (e *Engine) decideAll(ctx context.Context, in Input, id incident.ID, locked []incident.ID, taken map[string]bool) ([]Committed, Outcome, error) {
	first, _, err := e.load(ctx, id)
	if err != nil {
		return nil, Outcome{}, err
	}
	again := &journal.Conflict{What: "version", Name: string(id)} // it has moved on: decided anew
	var going []cached
	var ids []incident.ID
	for _, other := range first.state.Absorbed {
		if !slices.Contains(locked, other) {
			return nil, Outcome{}, again
		}
		entry, _, err := e.load(ctx, other)
		if errors.Is(err, journal.ErrNotFound) {
			continue // nothing of it is left to be read
		}
		if err != nil {
			return nil, Outcome{}, err
		}
		if entry.state.GoesAlong(first.state) {
			going, ids = append(going, entry), append(ids, other)
		}
	}
	a, err := e.half(ctx, in, first, 0, taken, func(i *incident.Intent) { i.Along = ids })
	var r *incident.Refusal
	switch {
	case errors.As(err, &r):
		return nil, Outcome{Incident: id, Refusal: r, State: first.state}, e.settled(ctx, first.state)
	case errors.Is(err, errNothing):
		return nil, Outcome{}, again
	case err != nil:
		return nil, Outcome{}, fmt.Errorf("decide %T for %s: %w", in.Act, id, err)
	}
	all, halves := a.commit, []half{a}
	for _, entry := range going {
		twin := in
		twin.Key, twin.Same, twin.Lease = "", nil, nil
		twin.Act = incident.FollowPrivate{With: a.after}
		b, err := e.half(ctx, twin, entry, 0, taken, func(*incident.Intent) {})
		if err != nil {
			return nil, Outcome{}, fmt.Errorf("make %s private with %s: %w", entry.state.ID, id, err)
		}
		all, halves = both(all, b.commit), append(halves, b)
	}
	return e.commitAll(ctx, in, all, halves)
}

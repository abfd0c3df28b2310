package engine

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/journal"
)

// State implements Reader. It reads the store when another process may have written since.
func (e *Engine) State(ctx context.Context, id incident.ID) (incident.State, error) {
	if v, ok := e.cache.get(id); ok {
		fresh, err := e.fresh(ctx, v.state)
		if err != nil {
			return incident.State{}, err
		}
		if fresh {
			return v.state, nil
		}
		e.cache.drop(id)
	}
	v, _, err := e.reload(ctx, id)
	return v.state, err
}

// fresh reports whether nobody has written to an incident since its state was read.
func (e *Engine) fresh(ctx context.Context, s incident.State) (bool, error) {
	next, err := e.o.Store.Records(ctx, journal.Stream(s.ID), s.Seq+1, 1)
	if err != nil {
		return false, fmt.Errorf("read %s: %w", s.ID, err)
	}
	return len(next) == 0, nil
}

// ByChannel implements Reader.
func (e *Engine) ByChannel(ctx context.Context, channel string) (incident.ID, bool, error) {
	return e.ByClaims(ctx, []string{ClaimChannel(channel)})
}

// ByClaims implements Reader.
func (e *Engine) ByClaims(ctx context.Context, names []string) (incident.ID, bool, error) {
	if len(names) == 0 {
		return "", false, nil
	}
	owners, err := e.o.Store.Claims(ctx, names)
	if err != nil {
		return "", false, fmt.Errorf("look up claims: %w", err)
	}
	for _, n := range names {
		if o := owners[n]; o != "" {
			return incident.ID(o), true, nil
		}
	}
	return "", false, nil
}

// Events implements Reader.
func (e *Engine) Events(ctx context.Context, id incident.ID, from int64, limit int) ([]incident.Event, error) {
	return Events(ctx, e.o.Store, id, from, limit)
}

// Events reads events of an incident from a journal; the CLI uses it without an engine.
func Events(ctx context.Context, r journal.Reader, id incident.ID, from int64, limit int) ([]incident.Event, error) {
	records, err := r.Records(ctx, journal.Stream(id), from, limit)
	if err != nil {
		return nil, fmt.Errorf("read the log of %s: %w", id, err)
	}
	out := make([]incident.Event, 0, len(records))
	for _, rec := range records {
		ev, err := journal.DecodeIncident(rec)
		if err != nil {
			return nil, err
		}
		out = append(out, ev)
	}
	return out, nil
}

// List implements Reader.
func (e *Engine) List(ctx context.Context, open bool, limit int) ([]Row, error) {
	return List(ctx, e.o.Store, open, limit)
}

// List reads rows from a journal; the CLI uses it without an engine.
func List(ctx context.Context, r journal.Reader, open bool, limit int) ([]Row, error) {
	return rowsOf(ctx, r, open, "", limit)
}

// rowsOf reads rows before an incident, newest first.
func rowsOf(ctx context.Context, r journal.Reader, open bool, before journal.Stream, limit int) ([]Row, error) {
	raw, err := r.Rows(ctx, open, before, limit)
	if err != nil {
		return nil, fmt.Errorf("read the list of incidents: %w", err)
	}
	out := make([]Row, 0, len(raw))
	for _, b := range raw {
		var row Row
		if err := json.Unmarshal(b, &row); err != nil {
			return nil, fmt.Errorf("read a row: %w", err)
		}
		out = append(out, row)
	}
	return out, nil
}

// Policy implements Reader.
func (e *Engine) Policy() *incident.Policy {
	p, _ := e.o.Policies.Current()
	return p
}

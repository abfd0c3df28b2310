package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"time"
)

// rostersCursor keeps when each target's roster was last read, whether or not it had changed. The house log records changes only: an event
// for every reading would bury them. Losing the cursor costs the age, which then counts from the latest change.
const rostersCursor = "rosters/read"

// readingsFor is for how long the readings are used without asking the store again; another replica may have made one.
const readingsFor = 10 * time.Second

// readings are when rosters were last read, as of some moment.
type readings struct {
	by map[string]time.Time // by target; never changed
	at time.Time            // when the store was asked
}

// RostersRead says when the roster of each target was last read. A target that was never read is absent, and so are all when the store does
// not answer: it is the age of something known, and nothing depends on it.
func (e *Engine) RostersRead(ctx context.Context) map[string]time.Time {
	now, last := e.o.Clock.Now(), e.reads.Load()
	if last == nil || now.Sub(last.at) >= readingsFor {
		by, err := e.loadReadings(ctx)
		switch {
		case err == nil:
			last = &readings{by, now}
			e.reads.Store(last)
		case last == nil:
			return nil
		}
	}
	return maps.Clone(last.by)
}

// NoteRostersRead keeps that the rosters of targets were read just now. Two that note at the same time may lose one note, until the next.
func (e *Engine) NoteRostersRead(ctx context.Context, targets ...string) error {
	by, err := e.loadReadings(ctx)
	if err != nil {
		return err
	}
	now := e.o.Clock.Now()
	for _, t := range targets {
		by[t] = now
	}
	b, err := json.Marshal(by)
	if err != nil {
		return fmt.Errorf("encode when the rosters were read: %w", err)
	}
	if err := e.o.Store.SetCursor(ctx, rostersCursor, string(b)); err != nil {
		return fmt.Errorf("keep when the rosters were read: %w", err)
	}
	e.reads.Store(&readings{by, now})
	return nil
}

func (e *Engine) loadReadings(ctx context.Context) (map[string]time.Time, error) {
	kept, err := e.o.Store.Cursor(ctx, rostersCursor)
	if err != nil {
		return nil, fmt.Errorf("read when the rosters were read: %w", err)
	}
	by := map[string]time.Time{}
	if kept == "" || json.Unmarshal([]byte(kept), &by) != nil { // lost or of another shape: it begins anew
		return map[string]time.Time{}, nil
	}
	return by, nil
}

package outbox

import (
	"context"
	"fmt"
	"time"

	"github.com/tocsin-bot/tocsin/bot/engine"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// How far a process looks back at its start for repairs that died with another.
const (
	recallFor   = 6 * time.Hour // by the clock; history that could not be read for longer is left as it is
	recallPosts = 200           // each costs a read of history
	recallRows  = 2000          // incidents looked at, the newest first
	recallTail  = 500           // events of each
)

// recall asks for the repairs that other processes may have owed when they ended: the log says which posts took more than one attempt, and
// where they stand. It looks at its start, and once more when whoever is being replaced by this process has had the time to end.
func (b *Outbox) recall() {
	if b.o.Faults.NoRecall {
		return
	}
	began := b.o.Clock.Now()
	b.recallSince(began.Add(-recallFor))
	if b.o.Clock.WaitUntil(b.soft, began.Add(2*b.o.RepairAfter)) == nil {
		b.recallSince(began.Add(-b.o.RepairAfter))
	}
}

func (b *Outbox) recallSince(since time.Time) {
	var rows []engine.Row
	b.insist(func(ctx context.Context) (err error) {
		rows, err = b.o.Reader.List(ctx, false, recallRows)
		return err
	})
	left := recallPosts
	for _, row := range rows {
		if row.Open || !row.Ended.Before(since) {
			b.insist(func(ctx context.Context) error {
				n, err := b.recallOf(ctx, row, since, left)
				left -= n
				return err
			})
		}
		if left <= 0 || b.soft.Err() != nil {
			return
		}
	}
}

// insist reads something of the store until it can be read, or the outbox stops.
func (b *Outbox) insist(read func(ctx context.Context) error) {
	for n := 0; ; n++ {
		err := within(b.soft, storeWithin, read)
		if err == nil || b.soft.Err() != nil {
			return
		}
		if n == 0 {
			b.o.Log.Warn().Err(err).Msg("cannot read what may have been posted twice before this start; reading again")
		}
		if !sleep(b.soft, b.o.Poll) {
			return
		}
	}
}

// recallOf asks for the repairs of one incident, at most so many, and says how many it asked for.
func (b *Outbox) recallOf(ctx context.Context, row engine.Row, since time.Time, most int) (int, error) {
	// A row is not written anew for what a list does not show: only the state knows the last event.
	s, err := b.o.Reader.State(ctx, row.ID)
	if err != nil {
		return 0, fmt.Errorf("look for doubled posts of %s: %w", row.ID, err)
	}
	if s.RecordedAt.Before(since) {
		return 0, nil // at rest for long; something recorded right now is no older than this process
	}
	events, err := b.o.Reader.Events(ctx, row.ID, max(1, s.Seq-recallTail+1), recallTail)
	if err != nil {
		return 0, fmt.Errorf("look for doubled posts of %s: %w", row.ID, err)
	}
	owed := map[incident.EffectID]incident.Owed{}
	n := 0
	for _, e := range events {
		for _, f := range e.Effects {
			if f.Repeat == incident.Findable {
				id := incident.IDOf(row.ID, e.Seq, f)
				owed[id] = incident.Owed{ID: id, Incident: row.ID, Seq: e.Seq, At: e.RecordedAt, Effect: f}
			}
		}
		f, ok := e.Fact.(*incident.Settled)
		if !ok || f.Attempt < 2 || f.Channel == "" || e.RecordedAt.Before(since) || n == most {
			continue
		}
		o, ok := owed[f.Effect]
		if !ok {
			continue
		}
		n++
		r := incident.Report{Effect: f.Effect, Outcome: f.Outcome, Channel: f.Channel, TS: f.TS, Attempt: f.Attempt}
		b.repairs.after(0, o, r)
		b.repairs.after(b.o.RepairAfter, o, r)
	}
	return n, nil
}

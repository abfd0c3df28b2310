package scheduler

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/tocsin-bot/tocsin/bot/engine"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/journal"
)

// maxTicks is how often one stream is ticked in one go: after a long sleep each tick advances one level. What is still due then waits for
// the net, so that a deadline that never goes away cannot keep the driver from the others.
const maxTicks = 50

// tickWithin bounds one tick, in real time.
const tickWithin = 10 * time.Second

// drive ticks every stream that is due until none is. It reports whether some are left that could not be moved.
func (s *Scheduler) drive(ctx context.Context) (stuck bool) {
	left := map[journal.Stream]bool{} // not to be ticked again now
	ticks := map[journal.Stream]int{}
	for ctx.Err() == nil {
		due, err := s.o.Store.Due(ctx, s.o.Clock.Now().Add(s.o.Early), s.o.Batch+len(left))
		if err != nil {
			s.complain(err, "cannot see what is due; looking again in a second")
			return true
		}
		var (
			mu   sync.Mutex
			wg   sync.WaitGroup
			room = make(chan struct{}, s.o.Workers)
			some bool
		)
		for _, d := range due {
			mu.Lock()
			skip := left[d.Stream]
			mu.Unlock()
			if skip {
				continue
			}
			if ticks[d.Stream]++; ticks[d.Stream] > maxTicks {
				s.complain(fmt.Errorf("%s is still due after %d ticks", d.Stream, maxTicks), "a deadline does not go away")
				mu.Lock()
				left[d.Stream] = true
				mu.Unlock()
				continue
			}
			some = true
			room <- struct{}{}
			wg.Go(func() {
				defer func() { <-room }()
				if err := s.tick(ctx, d); err != nil {
					if ctx.Err() == nil {
						s.complain(err, "a deadline was not handled; trying again in a second")
					}
					mu.Lock()
					left[d.Stream] = true
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		if !some {
			break
		}
	}
	return len(left) > 0
}

// tick hands one due stream to the engine.
func (s *Scheduler) tick(ctx context.Context, d journal.DueAt) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("tick of %s panicked: %v", d.Stream, v)
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, tickWithin)
	defer cancel()
	now := s.o.Clock.Now()
	s.stats.late(now.Sub(d.At))
	out, err := s.o.Handler.Handle(ctx, engine.Input{
		At: now, Actor: incident.Actor{System: incident.SystemTocsin}, Via: incident.ViaClock,
		Act: incident.Tick{}, Route: engine.Route{ID: incident.ID(d.Stream)},
	})
	if errors.Is(err, journal.ErrNotFound) {
		s.stats.idle.Add(1)
		return s.correct(ctx, d.Stream, 0, time.Time{}) // the index names what no log tells of
	}
	if err != nil {
		return fmt.Errorf("tick of %s, due %s: %w", d.Stream, d.At.Format(time.RFC3339), err)
	}
	s.stats.ticks.Add(1)
	if out.First > 0 {
		return nil
	}
	// Nothing was due after all: the index says something else than the log. The log is right.
	s.stats.idle.Add(1)
	next := incident.NextDue(out.State)
	if !next.IsZero() && !next.After(s.o.Clock.Now()) {
		return fmt.Errorf("%s: due since %s, and a tick does nothing", d.Stream, next.Format(time.RFC3339))
	}
	return s.correct(ctx, d.Stream, out.State.Seq, next)
}

// correct puts a due time right, unless somebody wrote to the stream meanwhile, and its due time with it.
func (s *Scheduler) correct(ctx context.Context, stream journal.Stream, version int64, next time.Time) error {
	err := s.o.Store.SetDue(ctx, stream, version, next)
	var c *journal.Conflict
	if errors.As(err, &c) {
		return nil
	}
	return err
}

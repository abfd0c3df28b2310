package scheduler

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/robfig/cron/v3"

	"github.com/tocsin-bot/tocsin/bot/house"
)

// Duty is something to be done again and again.
type Duty struct {
	Name string // never changed once released: what was done is recorded under it
	// Every is the distance of the slots, which lie on multiples of it in UTC; or
	Every time.Duration
	// Spec is a cron expression of five fields, or one like "@daily", in UTC.
	Spec string
	// Keep says where it is kept that a slot was done.
	Keep Keep
	// Within bounds one run, in real time; default 5 minutes.
	Within time.Duration
	// Run does the duty for a slot. It must bear to be run again for the same slot, which happens when a run is cut short.
	Run func(ctx context.Context, slot time.Time) error
}

// Keep says where it is kept that a duty's slot was done.
type Keep int

// The places.
const (
	InLog    Keep = iota // in the house log: part of the account. Once for all replicas
	InCursor             // in a cursor of the store: housekeeping. Once for all replicas
	InMemory             // nowhere: each replica does its own, from its start on
)

// retryWithin is when a failed run is tried again, at the latest.
const retryWithin = time.Minute

// duty is a Duty with what is known of it.
type duty struct {
	Duty
	schedule cron.Schedule

	mu      sync.Mutex
	running bool
	since   time.Time // by the clock; slots after it are owed. Zero: not known yet
	again   time.Time // not before, after a failure or while another replica has it
}

func newDuty(d Duty) (*duty, error) {
	wrong := func(format string, args ...any) (*duty, error) {
		return nil, fmt.Errorf("duty %q: %s", d.Name, fmt.Sprintf(format, args...))
	}
	switch {
	case d.Name == "" || strings.ContainsAny(d.Name, " \n|"):
		return wrong("its name is empty or has blanks in it")
	case d.Run == nil:
		return wrong("there is nothing to run")
	case (d.Every == 0) == (d.Spec == ""):
		return wrong("give it Every or Spec, one of them")
	case d.Every != 0 && d.Every < time.Second:
		return wrong("every %s is too often; at least 1s", d.Every)
	}
	if d.Within == 0 {
		d.Within = 5 * time.Minute
	}
	if d.Every != 0 {
		return &duty{Duty: d, schedule: every(d.Every)}, nil
	}
	schedule, err := parse(d.Spec)
	if err != nil {
		return wrong("%v", err)
	}
	return &duty{Duty: d, schedule: schedule}, nil
}

// parse reads a cron expression in UTC. A zone of its own is refused (nights on which the clocks change would skip or double a slot), and
// so is one that never comes, like the 30th of February. The library's parser panics on some input.
func parse(spec string) (s cron.Schedule, err error) {
	defer func() {
		if v := recover(); v != nil {
			s, err = nil, fmt.Errorf("%q is not a schedule", spec)
		}
	}()
	if strings.Contains(spec, "TZ=") || strings.HasPrefix(spec, "@every") {
		return nil, fmt.Errorf("%q: write five fields in UTC, without a zone; use Every for a distance", spec)
	}
	if s, err = cron.ParseStandard("CRON_TZ=UTC " + spec); err != nil {
		return nil, fmt.Errorf("%q is not a schedule: %w", spec, err)
	}
	if s.Next(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		return nil, fmt.Errorf("%q never comes", spec)
	}
	return s, nil
}

// every is a cron schedule on multiples of a distance, the same on every replica.
type every time.Duration

// Next implements cron.Schedule.
func (e every) Next(t time.Time) time.Time {
	return t.Truncate(time.Duration(e)).Add(time.Duration(e))
}

// newest is the last slot after since that is not after now, zero when there is none.
func (d *duty) newest(since, now time.Time) time.Time {
	if e, ok := d.schedule.(every); ok {
		if slot := now.Truncate(time.Duration(e)); slot.After(since) {
			return slot
		}
		return time.Time{}
	}
	// A schedule can only be walked forward: begin in the shortest stretch before now that holds a slot.
	const day = 24 * time.Hour
	for _, back := range []time.Duration{time.Hour, day, 32 * day, 400 * day, 8 * 366 * day} {
		from := later(since, now.Add(-back))
		slot := d.schedule.Next(from)
		if slot.IsZero() || slot.After(now) {
			if from.Equal(since) {
				break
			}
			continue
		}
		for range maxWalk {
			next := d.schedule.Next(slot)
			if next.IsZero() || next.After(now) {
				break
			}
			slot = next
		}
		return slot
	}
	return time.Time{}
}

// maxWalk bounds the walk from the first slot of a stretch to its last: a month has no more minutes.
const maxWalk = 50_000

// runDuties starts what is due and returns when, by the clock, the next duty will be; zero: none.
func (s *Scheduler) runDuties(ctx context.Context, now time.Time) (next time.Time) {
	for _, d := range s.duties {
		at := s.duty(ctx, d, now)
		if !at.IsZero() && (next.IsZero() || at.Before(next)) {
			next = at
		}
	}
	return next
}

// duty starts a duty when it is due, and returns when it is to be looked at again; zero while it runs, it says so itself.
func (s *Scheduler) duty(ctx context.Context, d *duty, now time.Time) time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.running {
		return time.Time{}
	}
	if d.again.After(now) {
		return d.again
	}
	if !d.since.IsZero() {
		if next := d.schedule.Next(d.since); next.IsZero() || next.After(now) {
			return next
		}
	}
	d.running = true
	s.wg.Go(func() {
		again, err := s.run(ctx, d)
		d.mu.Lock()
		d.running = false
		d.again = again
		d.mu.Unlock()
		if err != nil && ctx.Err() == nil {
			s.complain(err, "a duty was not done; trying again")
		}
		signal(s.wake)
	})
	return time.Time{}
}

// run finds out which slot is owed, and does it. It returns before when it is not to be looked at again.
func (s *Scheduler) run(ctx context.Context, d *duty) (again time.Time, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("duty %s panicked: %v", d.Name, v)
		}
		if err != nil {
			again = s.o.Clock.Now().Add(min(retryWithin, d.pause()))
		}
	}()
	lane := "duty|" + d.Name
	if d.Keep != InMemory {
		_, ok, err := s.o.Store.Lease(ctx, lane, s.o.Owner, s.o.DutyLease)
		if err != nil {
			return again, fmt.Errorf("duty %s: %w", d.Name, err)
		}
		if !ok {
			return s.o.Clock.Now().Add(min(s.o.DutyLease, d.pause())), nil // another replica does it
		}
		stop := s.keepLease(ctx, lane)
		defer stop() // the lease itself is kept: see the package's decisions
	}
	since, err := s.since(ctx, d)
	if err != nil {
		return again, fmt.Errorf("duty %s: %w", d.Name, err)
	}
	now := s.o.Clock.Now()
	slot := d.newest(since, now)
	if slot.IsZero() {
		d.done(since)
		return again, nil
	}
	bounded, cancel := context.WithTimeout(ctx, d.Within)
	defer cancel()
	if err := d.Run(bounded, slot); err != nil {
		return again, fmt.Errorf("duty %s for %s: %w", d.Name, slot.Format(time.RFC3339), err)
	}
	if err := s.record(ctx, d, slot); err != nil {
		return again, fmt.Errorf("duty %s for %s was done and is not recorded: %w", d.Name, slot.Format(time.RFC3339), err)
	}
	s.stats.duties.Add(1)
	d.done(slot)
	return again, nil
}

// pause is how long after a failure the next try waits, at most.
func (d *duty) pause() time.Duration {
	if d.Every > 0 {
		return d.Every
	}
	return retryWithin
}

func (d *duty) done(since time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.since = since
}

// since is the slot done last; for a duty never done, when it was first seen.
func (s *Scheduler) since(ctx context.Context, d *duty) (time.Time, error) {
	now := s.o.Clock.Now()
	switch d.Keep {
	case InMemory:
		d.mu.Lock()
		defer d.mu.Unlock()
		if d.since.IsZero() {
			return d.first(now), nil
		}
		return d.since, nil
	case InLog:
		h, err := s.o.Reader.House(ctx)
		if err != nil {
			return time.Time{}, err
		}
		if at, ok := h.Duties[d.Name]; ok {
			return at, nil
		}
	}
	kept, err := s.o.Store.Cursor(ctx, d.cursor())
	if err != nil {
		return time.Time{}, err
	}
	if at, err := time.Parse(time.RFC3339Nano, kept); err == nil {
		return at, nil
	}
	first := d.first(now)
	return first, s.o.Store.SetCursor(ctx, d.cursor(), first.Format(time.RFC3339Nano))
}

// first is since when a duty never seen is owed: one at a distance at once, one at a time of day from its next.
func (d *duty) first(now time.Time) time.Time {
	if d.Every > 0 {
		return now.Truncate(d.Every).Add(-time.Microsecond)
	}
	return now
}

func (d *duty) cursor() string { return "duty/" + d.Name }

// record keeps that a slot was done.
func (s *Scheduler) record(ctx context.Context, d *duty, slot time.Time) error {
	switch d.Keep {
	case InLog:
		key := fmt.Sprintf("duty/%s/%d", d.Name, slot.Unix())
		return s.o.Handler.HandleHouse(ctx, key, house.Intent{At: s.o.Clock.Now(), Fact: &house.DutyDone{Duty: d.Name, Slot: slot}})
	case InCursor:
		return s.o.Store.SetCursor(ctx, d.cursor(), slot.Format(time.RFC3339Nano))
	}
	return nil
}

// keepLease renews a duty's lease while it runs.
func (s *Scheduler) keepLease(ctx context.Context, lane string) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		t := time.NewTicker(s.o.DutyLease / 3)
		defer t.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-t.C:
				if _, _, err := s.o.Store.Lease(ctx, lane, s.o.Owner, s.o.DutyLease); err != nil && !errors.Is(err, context.Canceled) {
					s.complain(err, "the lease of a duty was not renewed")
				}
			}
		}
	}()
	return func() { cancel(); <-done }
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

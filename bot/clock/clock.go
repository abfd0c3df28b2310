// Package clock is the one place that reads the time. Everything that waits for a moment of the domain (deadlines, back-off, rate
// buckets, the sandbox, the demo's +5 min) waits here, so that a demo can move time and a test can hold it.
//
// Leases, call timeouts and pings use real time and do not come here: a moved clock must not make a live worker look dead.
package clock

import (
	"context"
	"sync"
	"time"
)

// Clock tells and waits. Real time plus an offset that only grows.
type Clock struct {
	mu     sync.Mutex
	offset time.Duration
	moved  chan struct{} // closed and replaced when the offset changes
	wait   map[*waiter]struct{}
}

type waiter struct{ at time.Time }

// New returns a clock that runs with real time.
func New() *Clock { return &Clock{moved: make(chan struct{}), wait: map[*waiter]struct{}{}} }

// Now returns the present moment, in UTC, to the microsecond (what the log keeps).
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.nowLocked()
}

func (c *Clock) nowLocked() time.Time {
	return time.Now().Add(c.offset).UTC().Round(0).Truncate(time.Microsecond)
}

// WaitUntil returns nil when the clock has reached t, or the context's error.
func (c *Clock) WaitUntil(ctx context.Context, t time.Time) error {
	w := &waiter{at: t}
	c.mu.Lock()
	c.wait[w] = struct{}{}
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		delete(c.wait, w)
		c.mu.Unlock()
	}()
	for {
		c.mu.Lock()
		left, moved := t.Sub(time.Now().Add(c.offset)), c.moved
		c.mu.Unlock()
		if left <= 0 {
			return ctx.Err()
		}
		timer := time.NewTimer(left)
		select {
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		case <-moved:
			timer.Stop()
		case <-timer.C:
		}
	}
}

// Sleep waits for d on this clock.
func (c *Clock) Sleep(ctx context.Context, d time.Duration) error {
	return c.WaitUntil(ctx, c.Now().Add(d))
}

// Advance moves the clock forward by d; everybody who waits looks again. A negative d is ignored: time never goes back.
func (c *Clock) Advance(d time.Duration) {
	if d <= 0 {
		return
	}
	c.mu.Lock()
	c.offset += d
	close(c.moved)
	c.moved = make(chan struct{})
	c.mu.Unlock()
}

// NextWait returns the earliest moment somebody waits for, zero when nobody does. A player that is idle jumps there.
func (c *Clock) NextWait() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	var next time.Time
	for w := range c.wait {
		if next.IsZero() || w.at.Before(next) {
			next = w.at
		}
	}
	return next
}

// Package clock is the one place that reads the time. Everything that waits for a moment of the domain (deadlines, back-off, rate
// buckets, the sandbox, the demo's +5 min) waits here, so that a demo can move time and a test can hold it.
//
// Leases, call timeouts and pings use real time and do not come here: a moved clock must not make a live worker look dead.
//
// What it guarantees: whoever was woken for t reads a Now that is not before t; an Advance wakes everybody whose moment it reached, and
// puts nobody else off; a waiter that is gone leaves no timer behind.
package clock

import (
	"context"
	"sync"
	"time"
)

// Clock tells and waits. Real time plus an offset that only grows. It is safe for concurrent use.
type Clock struct {
	mu     sync.Mutex
	offset time.Duration
	wait   map[*waiter]struct{}
}

// waiter is somebody who waits. It stays known until they say that they are through (see NextWait).
type waiter struct {
	at      time.Time
	reached chan struct{} // closed when the clock reaches at
	fired   bool
	timer   *time.Timer
}

// New returns a clock that runs with real time.
func New() *Clock { return &Clock{wait: map[*waiter]struct{}{}} }

// Now returns the present moment, in UTC, to the microsecond (what the log keeps).
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.nowLocked()
}

func (c *Clock) nowLocked() time.Time {
	return time.Now().Add(c.offset).UTC().Round(0).Truncate(time.Microsecond)
}

// At returns a channel that is closed when the clock reaches t, at once when it has. The caller calls stop when they have come around,
// woken or not; until then NextWait counts them.
func (c *Clock) At(t time.Time) (reached <-chan struct{}, stop func()) {
	w := &waiter{at: t, reached: make(chan struct{})}
	c.mu.Lock()
	c.wait[w] = struct{}{}
	c.arm(w)
	c.mu.Unlock()
	return w.reached, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.wait, w)
		if w.timer != nil {
			w.timer.Stop()
		}
	}
}

// arm wakes w, or sets its timer to what is left. It measures against the truncated Now: a timer that rings a fraction of a
// microsecond early for whoever reads Now is set again.
func (c *Clock) arm(w *waiter) {
	if w.fired {
		return
	}
	left := w.at.Sub(c.nowLocked())
	switch {
	case left <= 0:
		w.fired = true
		if w.timer != nil {
			w.timer.Stop()
		}
		close(w.reached)
	case w.timer == nil:
		w.timer = time.AfterFunc(left, func() {
			c.mu.Lock()
			defer c.mu.Unlock()
			if _, waiting := c.wait[w]; waiting {
				c.arm(w)
			}
		})
	default:
		w.timer.Reset(left) // a call that was already on its way finds nothing to do, or arms again
	}
}

// WaitUntil returns nil when the clock has reached t, or the context's error.
func (c *Clock) WaitUntil(ctx context.Context, t time.Time) error {
	reached, stop := c.At(t)
	defer stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-reached:
		return ctx.Err()
	}
}

// Sleep waits for d on this clock.
func (c *Clock) Sleep(ctx context.Context, d time.Duration) error {
	return c.WaitUntil(ctx, c.Now().Add(d))
}

// Advance moves the clock forward by d; everybody whose moment that reaches is woken. A negative d is ignored: time never goes back.
func (c *Clock) Advance(d time.Duration) {
	if d <= 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offset += d
	for w := range c.wait {
		c.arm(w)
	}
}

// NextWait returns the earliest moment somebody waits for, zero when nobody does. A player that is idle jumps there. A moment that is not
// after Now belongs to somebody who was woken and has not come around yet: wait for them before jumping further.
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

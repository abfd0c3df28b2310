package clock

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestWaitUntilRunsWithRealTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := New()
		start := time.Now()
		at := c.Now().Add(90 * time.Second)
		if err := c.WaitUntil(t.Context(), at); err != nil {
			t.Fatal(err)
		}
		if got := time.Since(start); got != 90*time.Second {
			t.Errorf("waited %s", got)
		}
		if c.Now().Before(at) {
			t.Errorf("woken at %s for %s", c.Now(), at)
		}
	})
}

// TestWokenNotBefore holds the promise for moments finer than the clock's own microsecond.
func TestWokenNotBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := New()
		time.Sleep(333 * time.Nanosecond)
		for _, d := range []time.Duration{1, 499, 500, 999, 1001, 1500, time.Millisecond + 7} {
			at := c.Now().Add(d)
			if err := c.WaitUntil(t.Context(), at); err != nil {
				t.Fatal(err)
			}
			if c.Now().Before(at) {
				t.Errorf("%s: woken %s early", d, at.Sub(c.Now()))
			}
		}
	})
}

func TestAdvanceWakesWhomItReaches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := New()
		base := c.Now()
		var woken atomic.Int32
		for _, d := range []time.Duration{time.Minute, 5 * time.Minute, time.Hour} {
			go func() {
				if c.WaitUntil(t.Context(), base.Add(d)) == nil {
					woken.Add(1)
				}
			}()
		}
		synctest.Wait()
		start := time.Now()
		if got := c.NextWait(); !got.Equal(base.Add(time.Minute)) {
			t.Errorf("next wait %s", got)
		}
		c.Advance(5 * time.Minute)
		synctest.Wait()
		if woken.Load() != 2 || time.Since(start) != 0 {
			t.Errorf("%d woken after %s", woken.Load(), time.Since(start))
		}
		if got := c.NextWait(); !got.Equal(base.Add(time.Hour)) {
			t.Errorf("next wait %s", got)
		}
		c.Advance(-time.Hour)
		if !c.Now().Equal(base.Add(5 * time.Minute)) {
			t.Errorf("time went back to %s", c.Now())
		}
		time.Sleep(55 * time.Minute) // the rest comes by itself, to the moment
		synctest.Wait()
		if woken.Load() != 3 {
			t.Errorf("%d woken", woken.Load())
		}
		if got := c.NextWait(); !got.IsZero() {
			t.Errorf("nobody waits, yet %s", got)
		}
	})
}

func TestCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := New()
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- c.Sleep(ctx, time.Hour) }()
		synctest.Wait()
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		if got := c.NextWait(); !got.IsZero() {
			t.Errorf("a waiter that left is still counted: %s", got)
		}
		if err := c.WaitUntil(ctx, c.Now().Add(-time.Hour)); !errors.Is(err, context.Canceled) {
			t.Errorf("a cancelled wait for the past says %v", err)
		}
	})
}

// TestNextWaitCountsTheWoken: between being woken and coming around, a waiter is busy; a player must not take that for idleness.
func TestNextWaitCountsTheWoken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := New()
		reached, stop := c.At(c.Now().Add(time.Minute))
		c.Advance(time.Hour)
		<-reached
		if got := c.NextWait(); got.IsZero() || got.After(c.Now()) {
			t.Errorf("the woken one is not counted: %s", got)
		}
		stop()
		if got := c.NextWait(); !got.IsZero() {
			t.Errorf("still counted: %s", got)
		}
	})
}

// TestRaces lets many wait, leave and move at once; run with -race.
func TestRaces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := New()
		var wg sync.WaitGroup
		for i := range 50 {
			wg.Go(func() {
				for j := range 40 {
					at := c.Now().Add(time.Duration((i*7+j*13)%900) * time.Microsecond)
					ctx, cancel := context.WithTimeout(t.Context(), time.Duration(j%5+1)*300*time.Microsecond)
					if err := c.WaitUntil(ctx, at); err == nil && c.Now().Before(at) {
						t.Errorf("woken early")
					}
					cancel()
				}
			})
			wg.Go(func() {
				for range 40 {
					c.Advance(time.Duration(i%9) * 10 * time.Microsecond)
					c.NextWait()
					time.Sleep(50 * time.Microsecond)
				}
			})
		}
		wg.Wait()
		if got := c.NextWait(); !got.IsZero() {
			t.Errorf("left behind: %s", got)
		}
	})
}

package slack

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tocsin-bot/tocsin/bot/clock"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// sharedPauses is a Pauses of two replicas.
type sharedPauses struct {
	mu    sync.Mutex
	until map[string]time.Time
	asked int
}

func (s *sharedPauses) Pause(_ context.Context, b string, until time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.until[b] = until
	return nil
}

func (s *sharedPauses) Paused(_ context.Context, b string) (time.Time, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	return s.until[b], nil
}

func TestRateOfABucket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := 1
		l := NewLimits(clock.New(), func() int { return n }, nil)
		start := time.Now()
		count := func(d time.Duration) int {
			got := 0
			for start := time.Now(); time.Since(start) < d; {
				if err := l.Take(context.Background(), "conversations.setTopic", ""); err != nil {
					time.Sleep(time.Second)
					continue
				}
				got++
			}
			return got
		}
		// 20 a minute and a burst of 10.
		if got := count(5 * time.Minute); got < 105 || got > 111 {
			t.Errorf("%d in %v", got, time.Since(start))
		}
		n = 4
		if got := count(5 * time.Minute); got < 24 || got > 29 {
			t.Errorf("a quarter gets %d in five minutes", got)
		}
	})
}

func TestUrgentFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ck := clock.New()
		l := NewLimits(ck, nil, nil)
		take := func(c incident.Class) error { return l.Take(WithClass(context.Background(), c), postMessage, "C1") }
		for range int(postBurst) {
			if err := take(incident.ClassUpdate); err != nil {
				t.Fatal(err)
			}
		}
		var mu sync.Mutex
		var order []incident.Class
		var wg sync.WaitGroup
		for _, c := range []incident.Class{incident.ClassUpdate, incident.ClassCosmetic, incident.ClassPage} {
			wg.Go(func() {
				if err := take(c); err != nil {
					t.Errorf("%d: %v", c, err)
				}
				mu.Lock()
				order = append(order, c)
				mu.Unlock()
			})
			synctest.Wait()
		}
		// The line is full now: whoever would wait longer than a lease bears is sent away, with the time to come back.
		err := take(incident.ClassCosmetic)
		if f, ok := err.(*Fault); !ok || f.RetryAfter() < 3*time.Second || f.Permanent() || f.Ambiguous() {
			t.Errorf("the fourth in line got %v", err)
		}
		wg.Wait()
		if len(order) != 3 || order[0] != incident.ClassPage || order[1] != incident.ClassUpdate {
			t.Errorf("order %v", order)
		}
		// Another channel is not held up.
		at := time.Now()
		if err := l.Take(context.Background(), postMessage, "C2"); err != nil || time.Since(at) != 0 {
			t.Errorf("%v after %v", err, time.Since(at))
		}
	})
}

func TestWaitersGiveUpAndMoveOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLimits(clock.New(), nil, nil)
		for range int(postBurst) {
			if err := l.Take(context.Background(), postMessage, "C1"); err != nil {
				t.Fatal(err)
			}
		}
		ctx, cancel := context.WithCancel(context.Background())
		var wg sync.WaitGroup
		wg.Go(func() {
			err := l.Take(ctx, postMessage, "C1")
			if f, ok := err.(*Fault); !ok || f.Ambiguous() || f.Permanent() || !errors.Is(err, context.Canceled) {
				t.Errorf("a cancelled caller got %v", err)
			}
		})
		synctest.Wait()
		start := time.Now()
		wg.Go(func() {
			if err := l.Take(context.Background(), postMessage, "C1"); err != nil || time.Since(start) > 1100*time.Millisecond {
				t.Errorf("%v after %v", err, time.Since(start))
			}
		})
		synctest.Wait()
		cancel()
		wg.Wait()
	})
}

func TestRestsAreShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ck := clock.New()
		s := &sharedPauses{until: map[string]time.Time{}}
		a, b := NewLimits(ck, nil, s), NewLimits(ck, nil, s)
		a.Rest(context.Background(), "conversations.create", "", 30*time.Second)
		for _, l := range []*Limits{a, b} {
			err := l.Take(context.Background(), "conversations.create", "")
			if f, ok := err.(*Fault); !ok || f.RetryAfter() != 30*time.Second {
				t.Errorf("%v", err)
			}
		}
		ck.Advance(30 * time.Second) // the demo's lever moves rests as well
		if err := b.Take(context.Background(), "conversations.create", ""); err != nil {
			t.Error(err)
		}
	})
}

// A store that is asked before every call costs every call a round trip; one that is not asked again leaves a replica calling into a 429.
func TestRestsAreAskedForNowAndThen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, ck := context.Background(), clock.New()
		s := &sharedPauses{until: map[string]time.Time{}}
		a, b := NewLimits(ck, nil, s), NewLimits(ck, nil, s)
		take := func() error { return b.Take(ctx, "chat.update", "") }
		for range 5 {
			if err := take(); err != nil {
				t.Fatal(err)
			}
		}
		if s.asked != 1 {
			t.Errorf("five calls in a row asked %d times", s.asked)
		}
		a.Rest(ctx, "chat.update", "", 30*time.Second)
		time.Sleep(askAgain)
		err := take()
		if f, ok := err.(*Fault); !ok || f.RetryAfter() != 30*time.Second-askAgain {
			t.Errorf("%v after another replica heard a 429", err)
		}
	})
}

package engine

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tocsin-bot/tocsin/bot/clock"
	"github.com/tocsin-bot/tocsin/bot/house"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/journal"
)

// slowStore answers after a time, or when the context ends.
type slowStore struct {
	journal.Store
	d time.Duration
}

func (s slowStore) Load(ctx context.Context, name journal.Stream) (journal.Loaded, error) {
	select {
	case <-time.After(s.d):
		return s.Store.Load(ctx, name)
	case <-ctx.Done():
		return journal.Loaded{}, ctx.Err()
	}
}

// TestNobodyWaitsBehindASlowStoreForLongerThanTheyHave has one input hold the house while the store hangs: those behind it give up when
// their own time is over, not one after the other.
func TestNobodyWaitsBehindASlowStoreForLongerThanTheyHave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := New(Options{Store: slowStore{d: time.Hour}, Clock: clock.New(), Policies: policies{}})
		begun := time.Now()
		done := make(chan error)
		const n = 5
		for range n {
			go func() {
				ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
				defer cancel()
				_, err := e.Handle(ctx, Input{Act: incident.Declare{Title: incident.Say("x", 10)}, Route: Route{New: true}})
				done <- err
			}()
			go func() {
				ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
				defer cancel()
				done <- e.HandleHouse(ctx, "", house.Intent{Fact: &house.Away{What: "slack"}})
			}()
		}
		for range 2 * n {
			if err := <-done; !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%v", err)
			}
		}
		if d := time.Since(begun); d > 2*time.Second {
			t.Errorf("the last one gave up after %v", d)
		}
	})
}

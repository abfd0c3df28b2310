package outbox

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tocsin-bot/tocsin/bot/clock"
	"github.com/tocsin-bot/tocsin/bot/engine"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/journal"
	"github.com/tocsin-bot/tocsin/bot/journal/bolt"
)

// withStore runs f in a bubble with a bolt journal.
func withStore(t *testing.T, f func(t *testing.T, c *clock.Clock, store journal.Store, w *world)) {
	t.Helper()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		c := clock.New()
		store, err := bolt.Open(dir, bolt.Options{NoSync: true, Clock: c.Now})
		if err != nil {
			t.Fatal(err)
		}
		defer store.Close()
		f(t, c, store, newWorld(t, c))
	})
}

// TestRoom: a declaration becomes a room without delay, in order, each effect once, and the lanes are given up.
func TestRoom(t *testing.T) {
	withStore(t, func(t *testing.T, c *clock.Clock, store journal.Store, w *world) {
		a := newReplica(t, "a", c, store, w, nil)
		defer a.stop()
		synctest.Wait()
		start := time.Now()
		id := declare(t, a.e)
		synctest.Wait()
		if time.Since(start) != 0 {
			t.Errorf("the room took %s of waiting", time.Since(start))
		}
		accounts(t, store, a.e, id, w)
		for _, c := range w.calls {
			if c.attempt != 1 {
				t.Errorf("%s was attempted %d times", c.id, c.attempt)
			}
		}
		if len(w.pages) == 0 {
			t.Error("nobody was paged")
		}
		time.Sleep(time.Second)
		if got := a.b.Stats(); got.Lanes != 0 || got.Running != 0 || got.Waiting != 0 {
			t.Errorf("still held: %+v", got)
		}
		if _, ok, err := store.Lease(context.Background(), engine.LaneOf(id, incident.LaneSlack), "b", time.Second); err != nil || !ok {
			t.Errorf("the lane was not given up: %v %v", ok, err)
		}
	})
}

// TestCrashes kills a replica before or after each of its calls; another one takes over and the room comes out the same.
func TestCrashes(t *testing.T) {
	for _, when := range []string{"looked", "before", "after"} {
		for k := 1; k <= 8; k++ {
			t.Run(fmt.Sprintf("%s call %d", when, k), func(t *testing.T) {
				withStore(t, func(t *testing.T, c *clock.Clock, store journal.Store, w *world) {
					n := 0
					crash := func(ctx context.Context, o incident.Owed) error {
						w.mu.Lock()
						defer w.mu.Unlock()
						if n++; n == k {
							return errors.New("power cut")
						}
						return nil
					}
					a := newReplica(t, "a", c, store, w, func(o *Options) {
						switch when {
						case "looked":
							o.Hooks.Looked = crash
						case "before":
							o.Hooks.BeforeCall = crash
						case "after":
							o.Hooks.AfterCall = crash
						}
					})
					b := newReplica(t, "b", c, store, w, nil)
					defer b.stop()
					synctest.Wait()
					id := declare(t, a.e)
					time.Sleep(3 * time.Minute)
					a.b.Kill()
					<-a.done
					accounts(t, store, b.e, id, w)
					for dedup, rings := range w.pages {
						if rings > 2 {
							t.Errorf("%s triggered %d times", dedup, rings)
						}
					}
				})
			})
		}
	}
}

// TestWorkDoneAnswerLost: the k-th call does its work and answers 500.
func TestWorkDoneAnswerLost(t *testing.T) {
	for k := 1; k <= 8; k++ {
		t.Run(fmt.Sprint("call ", k), func(t *testing.T) {
			withStore(t, func(t *testing.T, c *clock.Clock, store journal.Store, w *world) {
				w.after = func(n int, o incident.Owed) error {
					if n == k {
						return &fault{ambiguous: true}
					}
					return nil
				}
				a := newReplica(t, "a", c, store, w, nil)
				defer a.stop()
				synctest.Wait()
				id := declare(t, a.e)
				time.Sleep(2 * time.Minute)
				accounts(t, store, a.e, id, w)
				if w.deleted > 0 {
					t.Errorf("%d posts were doubled although they can be looked for", w.deleted)
				}
			})
		})
	}
}

// TestPauseBetweenLookAndCall: a replica sleeps past its lease after looking. It must not call when it wakes.
func TestPauseBetweenLookAndCall(t *testing.T) {
	withStore(t, func(t *testing.T, c *clock.Clock, store journal.Store, w *world) {
		var slept atomic.Bool
		a := newReplica(t, "a", c, store, w, func(o *Options) {
			o.Hooks.Looked = func(ctx context.Context, o incident.Owed) error {
				if o.Effect.Do == incident.OpenChannel && slept.CompareAndSwap(false, true) {
					time.Sleep(50 * time.Second)
				}
				return nil
			}
			o.Store = frozen{store, &slept}
		})
		defer a.stop()
		b := newReplica(t, "b", c, store, w, nil)
		defer b.stop()
		synctest.Wait()
		id := declare(t, a.e)
		time.Sleep(3 * time.Minute)
		accounts(t, store, b.e, id, w)
		for _, call := range w.verbs(incident.OpenChannel) {
			if call.by == "a" {
				t.Errorf("the sleeper called all the same at %s", call.at)
			}
		}
		if a.b.Stats().Stolen == 0 {
			t.Error("the sleeper did not notice")
		}
	})
}

// frozen is the store as a paused process uses it: not at all while it is paused, so its lease is not renewed.
type frozen struct {
	journal.Store
	asleep *atomic.Bool
}

func (f frozen) Lease(ctx context.Context, lane, owner string, ttl time.Duration) (journal.Lease, bool, error) {
	if f.asleep.Load() {
		time.Sleep(20 * time.Second)
	}
	return f.Store.Lease(ctx, lane, owner, ttl)
}

// TestPauseInTheCall: the pause comes after the last check, so the world sees the work twice. The late report is fenced, and the later
// copy goes away.
func TestPauseInTheCall(t *testing.T) {
	withStore(t, func(t *testing.T, c *clock.Clock, store journal.Store, w *world) {
		var slept atomic.Bool
		a := newReplica(t, "a", c, store, w, func(o *Options) {
			o.Hooks.BeforeCall = func(ctx context.Context, o incident.Owed) error {
				if o.Effect.Do == incident.Post && o.Effect.View == incident.ViewHeadline && slept.CompareAndSwap(false, true) {
					time.Sleep(45 * time.Second)
				}
				return nil
			}
			o.Store = frozen{store, &slept}
		})
		defer a.stop()
		b := newReplica(t, "b", c, store, w, nil)
		defer b.stop()
		synctest.Wait()
		id := declare(t, a.e)
		time.Sleep(46 * time.Second)
		synctest.Wait()
		if got := len(w.verbs(incident.Post)); got < 2 {
			t.Fatalf("the test did not double the headline: %d posts", got)
		}
		if a.b.Stats().Fenced == 0 {
			t.Error("the late report was not fenced")
		}
		time.Sleep(3 * time.Minute)
		accounts(t, store, b.e, id, w)
		if w.deleted == 0 {
			t.Error("nothing was repaired")
		}
	})
}

// TestRepairAfterAFencedReport: what a fenced worker did is not what is on record. It asks for a repair, at once and a minute later, that names the
// place and not its own copy, so that the copy on record stays.
func TestRepairAfterAFencedReport(t *testing.T) {
	withStore(t, func(t *testing.T, c *clock.Clock, store journal.Store, w *world) {
		var slept atomic.Bool
		a := newReplica(t, "a", c, store, w, func(o *Options) {
			o.Hooks.BeforeCall = func(ctx context.Context, o incident.Owed) error {
				if o.Effect.Slot == incident.SlotAnnouncement && slept.CompareAndSwap(false, true) {
					time.Sleep(45 * time.Second)
				}
				return nil
			}
			o.Store = frozen{store, &slept}
		})
		defer a.stop()
		b := newReplica(t, "b", c, store, w, nil)
		defer b.stop()
		synctest.Wait()
		id := declare(t, a.e)
		time.Sleep(3 * time.Minute)
		synctest.Wait()
		if a.b.Stats().Fenced == 0 {
			t.Fatal("the late report was not fenced")
		}
		s, err := b.e.State(context.Background(), id)
		if err != nil {
			t.Fatal(err)
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		var mine []asked
		for _, r := range w.asked {
			if r.by == "a" && r.report.Outcome == "" && strings.HasSuffix(string(r.id), "/post/"+incident.SlotAnnouncement) { // not what it read in the log
				mine = append(mine, r)
			}
		}
		if len(mine) != 2 || mine[1].at.Sub(mine[0].at) < 59*time.Second {
			t.Fatalf("repairs asked for: %+v", mine)
		}
		for _, r := range mine {
			if r.report.Channel != "C1" || r.report.TS != "" || r.report.Found || r.report.Effect != r.id {
				t.Errorf("repaired by %+v", r.report)
			}
		}
		var left []string
		for _, p := range w.posts {
			if p.mark == string(mine[0].id) {
				left = append(left, p.ts)
			}
		}
		if len(left) != 1 || left[0] != s.Slots[incident.SlotAnnouncement].TS || w.deleted != 1 {
			t.Errorf("left %q of %d deleted, on record %+v", left, w.deleted, s.Slots[incident.SlotAnnouncement])
		}
	})
}

// TestSlackOutage: Slack is away for 20 minutes. PagerDuty is rung at once; when Slack returns everything that still matters arrives.
func TestSlackOutage(t *testing.T) {
	withStore(t, func(t *testing.T, c *clock.Clock, store journal.Store, w *world) {
		var down atomic.Bool
		down.Store(true)
		w.before = func(n int, o incident.Owed) error {
			if down.Load() && o.Effect.Lane == incident.LaneSlack {
				return &fault{}
			}
			return nil
		}
		a := newReplica(t, "a", c, store, w, nil)
		defer a.stop()
		synctest.Wait()
		start := c.Now()
		id := declare(t, a.e)
		time.Sleep(time.Second)
		synctest.Wait()
		if len(w.pages) == 0 {
			t.Fatal("Slack's outage holds up the page")
		}
		time.Sleep(20 * time.Minute)
		tried := len(w.verbs(incident.OpenChannel))
		if tried < 60 || tried > 120 {
			t.Errorf("the channel was tried %d times in 20 min; want one attempt every 10 to 20 s", tried)
		}
		down.Store(false)
		back := c.Now()
		time.Sleep(time.Minute)
		accounts(t, store, a.e, id, w)
		calls := w.verbs(incident.OpenChannel)
		if late := calls[len(calls)-1].at.Sub(back); late > 16*time.Second {
			t.Errorf("the room came %s after Slack (%s after the declaration)", late, back.Sub(start))
		}
	})
}

package outbox

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tocsin-bot/tocsin/bot/clock"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/journal"
)

// TestRepairsOutliveTheirProcess: a post that was given up and posted again stands twice, and whoever owed its repair dies. The next process
// reads in the log that it took two attempts, and repairs it; what was posted once is not looked at.
func TestRepairsOutliveTheirProcess(t *testing.T) {
	for _, x := range []struct {
		name   string
		change func(*Options)
		down   time.Duration // how long nobody runs
		want   int
	}{
		{"repaired", nil, 0, 1},
		{"the next process begins hours later", nil, 5 * time.Hour, 1},
		{"long ago", nil, 7 * time.Hour, 2},
		{"without the guard", func(o *Options) { o.Faults = &Faults{NoRecall: true} }, 0, 2},
	} {
		t.Run(x.name, func(t *testing.T) {
			withStore(t, func(t *testing.T, c *clock.Clock, store journal.Store, w *world) {
				var given atomic.Bool
				w.after = func(n int, o incident.Owed) error { // done, and given up
					if o.Effect.Slot == incident.SlotAnnouncement && given.CompareAndSwap(false, true) {
						return &fault{ambiguous: true}
					}
					return nil
				}
				w.lag, w.blind = 20*time.Second, true // history shows a post late: the look does not find it, nor the first repair
				a := newReplica(t, "a", c, store, w, nil)
				synctest.Wait()
				declare(t, a.e)
				for range 40 {
					time.Sleep(500 * time.Millisecond)
					synctest.Wait()
					if w.count(incident.ViewAnnouncement) == 2 {
						break
					}
				}
				time.Sleep(2 * time.Second)
				a.b.Kill()
				<-a.done
				if n := w.count(incident.ViewAnnouncement); n != 2 {
					t.Fatalf("the test did not double the post: %d", n)
				}
				time.Sleep(x.down)
				w.mu.Lock()
				w.blind, w.asked = false, nil
				w.mu.Unlock()
				b := newReplica(t, "b", c, store, w, x.change)
				defer b.stop()
				time.Sleep(5 * time.Minute)
				synctest.Wait()
				if n := w.count(incident.ViewAnnouncement); n != x.want {
					t.Errorf("it stands %d times, want %d", n, x.want)
				}
				for _, r := range w.asked {
					if s, _ := b.e.State(context.Background(), "INC-1"); r.report.TS == "" || r.report.TS != s.Slots[incident.SlotAnnouncement].TS {
						t.Errorf("asked to repair %s by %+v", r.id, r.report)
					}
				}
			})
		})
	}
}

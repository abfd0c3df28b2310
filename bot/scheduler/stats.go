package scheduler

import (
	"sync/atomic"
	"time"
)

// Bounds are the upper ends of the lateness buckets; one more bucket holds what is later.
var Bounds = []time.Duration{
	time.Millisecond, 2 * time.Millisecond, 5 * time.Millisecond, 10 * time.Millisecond, 20 * time.Millisecond, 50 * time.Millisecond,
	100 * time.Millisecond, 200 * time.Millisecond, 500 * time.Millisecond, time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second,
	time.Minute, time.Hour,
}

// Stats are the scheduler's figures since it was made.
type Stats struct {
	Ticks   int64   // ticks the engine took
	Idle    int64   // of those: nothing was due, the index was corrected
	Errors  int64   // ticks, duties and reads that failed
	Late    []int64 // ticks by lateness: Late[i] of at most Bounds[i], the last one later
	LateSum time.Duration
	Armed   int64 // how often the one-shot was set
	ByCron  int64 // what woke the driver
	ByClock int64
	ByNet   int64
	Duties  int64 // runs of duties that ended well
}

type figures struct {
	ticks, idle, errors, armed, byCron, byClock, byNet, duties, lateSum atomic.Int64
	lateness                                                            [16]atomic.Int64
}

// late counts a tick by how late it is handed to the engine.
func (f *figures) late(d time.Duration) {
	d = max(d, 0)
	f.lateSum.Add(int64(d))
	for i, b := range Bounds {
		if d <= b {
			f.lateness[i].Add(1)
			return
		}
	}
	f.lateness[len(Bounds)].Add(1)
}

// Stats returns the figures. Each is true by itself, not all of one moment.
func (s *Scheduler) Stats() Stats {
	f := &s.stats
	out := Stats{
		Ticks: f.ticks.Load(), Idle: f.idle.Load(), Errors: f.errors.Load(), Armed: f.armed.Load(), ByCron: f.byCron.Load(),
		ByClock: f.byClock.Load(), ByNet: f.byNet.Load(), Duties: f.duties.Load(), LateSum: time.Duration(f.lateSum.Load()),
	}
	for i := range f.lateness {
		out.Late = append(out.Late, f.lateness[i].Load())
	}
	return out
}

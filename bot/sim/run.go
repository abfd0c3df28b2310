package sim

import (
	"context"
	"fmt"
	"time"
)

// Options of a run.
type Options struct {
	Guards Guards
	Dir    string // an empty directory, for a plan on bolt
	// Settle returns when nothing moves until time does: synctest.Wait.
	Settle func()
}

// Result is what came of a run.
type Result struct {
	Violations []string
	Sometimes  Sometimes
	Events     int64         // recorded in all incidents
	Incidents  int           //
	Lasted     time.Duration // the bubble's time
	Logs       string        // of the bots, for whoever has to understand a violation
	Facts      []string      // what is on record, in short, for the same
}

// Run plays a plan and checks the invariants after every step. It must be called inside a testing/synctest bubble and leaves nothing
// running. A plan that cannot be set up is a violation too.
func Run(p Plan, o Options) Result {
	p = p.Sorted()
	if p.Store == StoreBolt {
		p.Replicas = 1
	} else if p.Replicas == 0 {
		p.Replicas = 2
	}
	w, err := newWorld(p, o.Guards, o.Dir)
	if err != nil {
		return Result{Violations: []string{fmt.Sprintf("the world cannot be set up: %v", err)}}
	}
	defer w.close()
	for n := range p.Replicas {
		w.replicas = append(w.replicas, &replica{w: w, n: n})
	}
	for n, r := range w.replicas {
		time.Sleep(time.Duration(7*n) * time.Millisecond) // actors must not move in the same millisecond
		r.start()
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	for _, r := range w.replicas {
		if b := r.running(); b != nil {
			if err := b.Listening(ctx); err != nil {
				w.fault("replica %d does not hear Slack: %v", r.n, err)
			}
		}
	}
	cancel()
	w.blip()
	w.play(o.Settle)
	w.wg.Wait() // every fault is over, whoever died is back
	for _, r := range w.replicas {
		r.mu.Lock()
		r.armed = nil
		if r.wire != nil {
			r.wire.mu.Lock()
			r.wire.scripts = 0
			r.wire.mu.Unlock()
		}
		r.mu.Unlock()
	}
	w.stands.Wait() // what waited for its moment may have found it late
	w.wg.Wait()
	w.store.mu.Lock()
	w.store.lose = 0
	w.store.mu.Unlock()
	w.slack().Clear()
	w.sandbox.Pager.ClearFaults()
	w.blip()
	w.heal(o.Settle, 10)
	w.checks.healed()
	w.finish(o.Settle)
	res := Result{Sometimes: w.seen, Lasted: time.Since(w.begun)}
	for _, t := range w.checks.states() {
		res.Events += t.state.Seq
		res.Incidents++
	}
	res.Facts = w.checks.account()
	w.checks.covered()
	w.checks.secrets()
	for _, r := range w.replicas {
		r.end(true)
	}
	w.wg.Wait()
	w.lives.Wait()
	time.Sleep(2 * time.Second) // go-redis dials on for up to a second after it was closed, when the server was gone
	w.mu.Lock()
	res.Violations = w.faults
	w.mu.Unlock()
	res.Logs = w.logs.String()
	return res
}

// play carries the operations out, each at its time, and checks after each.
func (w *world) play(settle func()) {
	start := time.Now()
	for i, op := range w.plan.Ops {
		time.Sleep(time.Until(start.Add(time.Duration(op.At) * time.Millisecond)))
		if do := acts[op.Do]; do != nil {
			w.wg.Go(func() { do(w, i, op) })
		} else {
			w.fault("there is no act %q", op.Do)
		}
		settle()
		w.checks.step()
	}
}

// finish ends every incident that is still open, as a person would, and lets everything come to rest.
func (w *world) finish(settle func()) {
	for try := range 5 {
		open := false
		for i, t := range w.checks.states() {
			if !t.state.Open() || t.state.ChannelID == "" {
				continue
			}
			open = true
			w.typed(-1, w.inside(Op{Who: i}, t.state), t.state.ChannelID, "resolve the simulation is over", "")
		}
		if !open && try > 0 {
			break
		}
		w.heal(settle, 5)
	}
	w.checks.over()
	w.checks.healed()
}

package workspace

import (
	"container/heap"
	"context"
	"sync"
	"time"
)

// timers runs functions at their times on one goroutine. An entry that is stopped
// leaves the queue at once, so that a clock that jumps to the next wait does not
// jump to one nobody needs.
type timers struct {
	clock Clock

	mu        sync.Mutex
	queue     timerHeap
	seq       int
	interrupt context.CancelFunc // of the wait that is going on
	wake      chan struct{}      // capacity 1
}

// timer is one entry; index is -1 once it is out of the queue.
type timer struct {
	at    time.Time
	seq   int
	index int
	fn    func()
}

func newTimers(c Clock) *timers { return &timers{clock: c, wake: make(chan struct{}, 1)} }

// at asks for fn at t. fn runs on the goroutine of run and must not block.
func (q *timers) at(t time.Time, fn func()) *timer {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.seq++
	e := &timer{at: t, seq: q.seq, fn: fn}
	heap.Push(&q.queue, e)
	if e.index == 0 {
		q.changedLocked()
	}
	return e
}

// after asks for fn after d by the clock.
func (q *timers) after(d time.Duration, fn func()) *timer { return q.at(q.clock.Now().Add(d), fn) }

// stop takes an entry out; nil and entries that ran are fine.
func (q *timers) stop(e *timer) {
	if e == nil {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if e.index < 0 {
		return
	}
	first := e.index == 0
	heap.Remove(&q.queue, e.index)
	if first {
		q.changedLocked()
	}
}

// changedLocked makes run look at the head of the queue again.
func (q *timers) changedLocked() {
	if q.interrupt != nil {
		q.interrupt()
	}
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// run serves the queue until ctx ends.
func (q *timers) run(ctx context.Context) {
	for ctx.Err() == nil {
		q.mu.Lock()
		if len(q.queue) == 0 {
			q.mu.Unlock()
			select {
			case <-q.wake:
			case <-ctx.Done():
			}
			continue
		}
		head := q.queue[0]
		if !q.clock.Now().Before(head.at) {
			heap.Pop(&q.queue)
			q.mu.Unlock()
			head.fn()
			continue
		}
		wait, cancel := context.WithCancel(ctx)
		q.interrupt = cancel
		q.mu.Unlock()
		_ = q.clock.WaitUntil(wait, head.at) // an interrupted wait only means: look again
		q.mu.Lock()
		q.interrupt = nil
		q.mu.Unlock()
		cancel()
	}
}

// timerHeap orders by time, then by order of asking.
type timerHeap []*timer

func (h timerHeap) Len() int { return len(h) }
func (h timerHeap) Less(i, j int) bool {
	if !h[i].at.Equal(h[j].at) {
		return h[i].at.Before(h[j].at)
	}
	return h[i].seq < h[j].seq
}
func (h timerHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}

// Push is heap.Interface's.
func (h *timerHeap) Push(x any) {
	e := x.(*timer)
	e.index = len(*h)
	*h = append(*h, e)
}

// Pop is heap.Interface's.
func (h *timerHeap) Pop() any {
	old := *h
	e := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	e.index = -1
	return e
}

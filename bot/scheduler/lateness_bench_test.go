package scheduler

import (
	"container/heap"
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/tocsin-bot/tocsin/bot/clock"
	"github.com/tocsin-bot/tocsin/bot/engine"
	"github.com/tocsin-bot/tocsin/bot/house"
	"github.com/tocsin-bot/tocsin/bot/journal"
	"github.com/tocsin-bot/tocsin/bot/journal/bolt"
)

const (
	pendingDue = 100_000
	soonDue    = 10_000
	soonWithin = 10 * time.Second
)

// BenchmarkLateness measures how late a deadline reaches the engine with 100,000 due times pending and 10,000 of them due within 10 s,
// beside a bare heap with a timer in the same run: the limit of the medium. One run takes 20 s of real time:
//
//	go test ./bot/scheduler -run - -bench Lateness -benchtime 1x
//
// The store is bolt without fsync: measured is where the tick reaches the engine, and every tick takes its due time out of the index.
func BenchmarkLateness(b *testing.B) {
	for range b.N {
		heapLate := bareHeap()
		late := driven(b)
		slices.Sort(heapLate)
		slices.Sort(late)
		at := func(l []time.Duration, q float64) float64 {
			return float64(l[int(q*float64(len(l)-1))].Microseconds()) / 1000
		}
		b.ReportMetric(at(heapLate, 0.5), "heap-p50-ms")
		b.ReportMetric(at(heapLate, 0.99), "heap-p99-ms")
		b.ReportMetric(at(late, 0.5), "p50-ms")
		b.ReportMetric(at(late, 0.99), "p99-ms")
		b.ReportMetric(at(late, 1), "max-ms")
		b.ReportMetric(0, "ns/op")
	}
}

// dues are the due times: the soon ones spread evenly, at odd microseconds, the others a day away.
func dues(start time.Time) []time.Time {
	out := make([]time.Time, pendingDue)
	for i := range out {
		if i < soonDue {
			out[i] = start.Add(soonWithin * time.Duration(i) / soonDue)
			continue
		}
		out[i] = start.Add(24*time.Hour + time.Duration(i)*time.Millisecond)
	}
	return out
}

type timeHeap []time.Time

func (h timeHeap) Len() int           { return len(h) }
func (h timeHeap) Less(i, j int) bool { return h[i].Before(h[j]) }
func (h timeHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *timeHeap) Push(x any)        { *h = append(*h, x.(time.Time)) }
func (h *timeHeap) Pop() any {
	old := *h
	x := old[len(old)-1]
	*h = old[:len(old)-1]
	return x
}

func bareHeap() (late []time.Duration) {
	h := timeHeap(dues(time.Now().Add(time.Second)))
	heap.Init(&h)
	for len(late) < soonDue {
		next := heap.Pop(&h).(time.Time)
		if d := time.Until(next); d > 0 {
			time.Sleep(d)
		}
		late = append(late, time.Since(next))
	}
	return late
}

// counter is an engine that notes when ticks reach it and takes their due times out of the index.
type counter struct {
	core
	all  []time.Time
	mu   sync.Mutex
	late []time.Duration
	done chan struct{}
}

func (k *counter) Handle(ctx context.Context, in engine.Input) (engine.Outcome, error) {
	now := k.c.Now()
	s := journal.Stream(in.Route.ID)
	due := k.all[s.Number()-1]
	k.mu.Lock()
	if k.late = append(k.late, now.Sub(due)); len(k.late) == soonDue {
		close(k.done)
	}
	k.mu.Unlock()
	return engine.Outcome{First: 1}, k.store.SetDue(ctx, s, 0, time.Time{})
}

func (k *counter) HandleHouse(context.Context, string, house.Intent) error { return nil }

func driven(b *testing.B) []time.Duration {
	c := clock.New()
	store, err := bolt.Open(b.TempDir(), bolt.Options{NoSync: true, Clock: c.Now})
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close()
	start := c.Now().Add(8 * time.Second) // filling the index takes some
	k := &counter{core: core{store: store, c: c}, all: dues(start), done: make(chan struct{})}
	for i := 0; i < pendingDue; i += 1000 {
		put := map[journal.Stream]time.Time{}
		for n := i; n < i+1000; n++ {
			put[journal.StreamOf(int64(n+1))] = k.all[n]
		}
		if _, err := store.Commit(context.Background(), journal.Commit{Put: journal.Put{Due: put}}); err != nil {
			b.Fatal(err)
		}
	}
	if c.Now().After(start) {
		b.Fatal("filling the index took too long; the first lateness would be the test's own")
	}
	s, err := New(Options{Store: store, Reader: k, Handler: k, Clock: c, Owner: "a", Log: zerolog.Nop()})
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	end := make(chan error)
	go func() { end <- s.Run(ctx) }()
	<-k.done
	cancel()
	if err := <-end; err != nil {
		b.Fatal(err)
	}
	return k.late
}

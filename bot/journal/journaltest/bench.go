package journaltest

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tocsin-bot/tocsin/bot/journal"
)

// Percentiles reports what each operation took as p50-ms and p99-ms, under a prefix.
func Percentiles(b *testing.B, prefix string, took []time.Duration) {
	if len(took) == 0 {
		return
	}
	b.ReportMetric(quantile(took, 0.50), prefix+"p50-ms")
	b.ReportMetric(quantile(took, 0.99), prefix+"p99-ms")
}

// quantile is the q-quantile in milliseconds.
func quantile(took []time.Duration, q float64) float64 {
	s := slices.Sorted(slices.Values(took))
	return float64(s[int(q*float64(len(s)-1))]) / float64(time.Millisecond)
}

// typical is a commit of the size of a command's: a record of 600 bytes with a text, a snapshot of 3 kB, a row, a due time, a key, two effects.
func typical(c *chain) journal.Commit {
	r := c.next(`{"type":"note","x":"`+strings.Repeat("x", 580)+`"}`, sealed(byte(c.seq), "a sentence of a person about what is going on"))
	version := r.Seq - 1
	id := fmt.Sprintf("%s/%d/", c.stream, r.Seq)
	lane := string(c.stream) + "|slack"
	settle := []string{fmt.Sprintf("%s/%d/a", c.stream, version), fmt.Sprintf("%s/%d/b", c.stream, version)}
	return journal.Commit{
		Expect: journal.Expect{Versions: map[journal.Stream]int64{c.stream: version}, Absent: []string{"slack/env/" + id}},
		Append: []journal.Record{r},
		Put: journal.Put{
			Keys:      []journal.Key{{Name: "slack/env/" + id, Outcome: json.RawMessage(`{"incident":"INC-1"}`), TTL: 24 * time.Hour}},
			Snapshots: map[journal.Stream]journal.Snapshot{c.stream: {Seq: r.Seq, Body: json.RawMessage(`"` + strings.Repeat("s", 3000) + `"`)}},
			Rows:      map[journal.Stream]json.RawMessage{c.stream: json.RawMessage(`{"open":true,"title":"` + strings.Repeat("t", 200) + `"}`)},
			Due:       map[journal.Stream]time.Time{c.stream: at(int(r.Seq))},
			Outbox:    []journal.Item{item(id+"a", lane), item(id+"b", lane)},
			Take:      &journal.Take{Owner: "me", TTL: 30 * time.Second},
			Settle:    settle,
		},
	}
}

// BenchCommit measures a commit at a time, of the size of a command's, and beside each the bare thing that is the limit of the medium.
func BenchCommit(b *testing.B, s journal.Store, bare func()) {
	c := chain{stream: "INC-1"}
	var took, limit []time.Duration
	for b.Loop() {
		commit := typical(&c)
		start := time.Now()
		if _, err := s.Commit(b.Context(), commit); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(start))
		start = time.Now()
		bare()
		limit = append(limit, time.Since(start))
	}
	Percentiles(b, "", took)
	Percentiles(b, "bare-", limit)
	b.ReportMetric(quantile(took, 0.50)/quantile(limit, 0.50), "p50/bare")
	b.ReportMetric(0, "ns/op")
}

var benchStream atomic.Int64

// BenchCommits measures commits of many writers at once, each with an incident of its own.
func BenchCommits(b *testing.B, s journal.Store, writers int) {
	var mu sync.Mutex
	var took []time.Duration
	var left atomic.Int64
	left.Store(int64(b.N))
	b.ResetTimer()
	var wg sync.WaitGroup
	for range writers {
		wg.Go(func() {
			c := chain{stream: journal.Stream(fmt.Sprint("INC-", 1000+benchStream.Add(1)))}
			var mine []time.Duration
			for left.Add(-1) >= 0 {
				commit := typical(&c)
				start := time.Now()
				if _, err := s.Commit(context.Background(), commit); err != nil {
					b.Error(err)
					return
				}
				mine = append(mine, time.Since(start))
			}
			mu.Lock()
			took = append(took, mine...)
			mu.Unlock()
		})
	}
	wg.Wait()
	b.StopTimer()
	Percentiles(b, "", took)
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "commits/s")
}

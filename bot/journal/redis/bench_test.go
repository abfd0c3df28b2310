package redis_test

import (
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/tocsin-bot/tocsin/bot/journal/journaltest"
	"github.com/tocsin-bot/tocsin/bot/journal/redis"
)

// BenchmarkCommitBare is the limit of the medium: one HSET of 600 bytes, on a server that syncs every write.
func BenchmarkCommitBare(b *testing.B) {
	o, err := goredis.ParseURL(journaltest.Redis(b, "--appendfsync", "always"))
	if err != nil {
		b.Fatal(err)
	}
	c := goredis.NewClient(o)
	defer c.Close()
	value := make([]byte, 600)
	var took []time.Duration
	for n := 0; b.Loop(); n++ {
		start := time.Now()
		if err := c.HSet(b.Context(), "bare", n, value).Err(); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(start))
	}
	journaltest.Percentiles(b, took)
}

func bench(b *testing.B) *redis.Store {
	s, err := redis.Open(b.Context(), journaltest.Redis(b, "--appendfsync", "always"), redis.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	return s
}

func BenchmarkCommit(b *testing.B) { journaltest.BenchCommit(b, bench(b)) }

func BenchmarkCommit100Writers(b *testing.B) { journaltest.BenchCommits(b, bench(b), 100) }

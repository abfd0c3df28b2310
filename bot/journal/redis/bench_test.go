package redis_test

import (
	"testing"

	goredis "github.com/redis/go-redis/v9"

	"github.com/tocsin-bot/tocsin/bot/journal/journaltest"
	"github.com/tocsin-bot/tocsin/bot/journal/redis"
)

// bare returns a HSET of 600 bytes, on a server that syncs every write: the limit of the medium.
func bare(b *testing.B, url string) func() {
	o, err := goredis.ParseURL(url)
	if err != nil {
		b.Fatal(err)
	}
	c := goredis.NewClient(o)
	b.Cleanup(func() { c.Close() })
	value, n := make([]byte, 600), 0
	return func() {
		n++
		if err := c.HSet(b.Context(), "bare", n, value).Err(); err != nil {
			b.Fatal(err)
		}
	}
}

func bench(b *testing.B) (*redis.Store, string) {
	url := journaltest.Redis(b, "--appendfsync", "always")
	s, err := redis.Open(b.Context(), url, redis.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	return s, url
}

// BenchmarkCommit is a commit of the size of a command's, and a bare one after each, so that both meet the same disk and neighbours.
func BenchmarkCommit(b *testing.B) {
	s, url := bench(b)
	journaltest.BenchCommit(b, s, bare(b, url))
}

func BenchmarkCommit100Writers(b *testing.B) {
	s, _ := bench(b)
	journaltest.BenchCommits(b, s, 100)
}

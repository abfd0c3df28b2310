package redis_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"sync/atomic"
	"testing"

	"github.com/alicebob/miniredis/v2"
	goredis "github.com/redis/go-redis/v9"

	"github.com/tocsin-bot/tocsin/bot/journal"
	"github.com/tocsin-bot/tocsin/bot/journal/journaltest"
	"github.com/tocsin-bot/tocsin/bot/journal/redis"
)

// inProcess is a miniredis that can be reached from inside a bubble.
func inProcess(t *testing.T) (*miniredis.Miniredis, redis.Options) {
	m := miniredis.NewMiniRedis()
	m.ClockTTL(true)
	t.Cleanup(m.Close)
	return m, redis.Options{Installation: "test", Dialer: func(context.Context, string, string) (net.Conn, error) { return m.Dial() }}
}

func open(t *testing.T, url string, o redis.Options) *redis.Store {
	t.Helper()
	s, err := redis.Open(context.Background(), url, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestConformanceInProcess(t *testing.T) {
	journaltest.RunInBubbles(t, func(t *testing.T) journaltest.Place {
		_, o := inProcess(t)
		return func() journal.Store { return open(t, "redis://127.0.0.1:1", o) }
	})
}

var places atomic.Int64

func TestConformanceServer(t *testing.T) {
	url := journaltest.Redis(t)
	journaltest.Run(t, func(t *testing.T) journaltest.Place {
		o := redis.Options{Installation: fmt.Sprintf("%d.%d", os.Getpid(), places.Add(1))}
		t.Cleanup(func() { clean(t, url, o.Installation) }) // the server may be somebody's
		return func() journal.Store { return open(t, url, o) }
	})
}

// clean removes an installation's keys.
func clean(t *testing.T, url, installation string) {
	o, err := goredis.ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	c := goredis.NewClient(o)
	defer c.Close()
	ctx := context.Background()
	for keys := c.Scan(ctx, 0, "{tocsin:"+installation+"}:*", 1000).Iterator(); keys.Next(ctx); {
		if err := c.Del(ctx, keys.Val()).Err(); err != nil {
			t.Error(err)
			return
		}
	}
}

package redis

import (
	"context"
	"testing"

	"github.com/alicebob/miniredis/v2"
	goredis "github.com/redis/go-redis/v9"
)

// TestThePoolIsAsLargeAsTheURLSays: 32 connections, or what pool_size says.
func TestThePoolIsAsLargeAsTheURLSays(t *testing.T) {
	m := miniredis.RunT(t)
	for url, want := range map[string]int{"redis://" + m.Addr(): 32, "redis://" + m.Addr() + "?pool_size=64": 64} {
		s, err := Open(context.Background(), url, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if have := s.client.(*goredis.Client).Options().PoolSize; have != want {
			t.Errorf("%s: at most %d connections, want %d", url, have, want)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

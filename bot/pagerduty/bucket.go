package pagerduty

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"sync"
	"time"
)

// Clock is the time the package lives in: bot/clock.
type Clock interface {
	Now() time.Time
	WaitUntil(ctx context.Context, t time.Time) error
	Sleep(ctx context.Context, d time.Duration) error
}

// Pauses keeps the pause after a 429 where every replica sees it: the journal's store.
type Pauses interface {
	Pause(ctx context.Context, bucket string, until time.Time) error
	Paused(ctx context.Context, bucket string) (time.Time, error)
}

// urgency orders calls when the budget is short.
type urgency int

const (
	urgent urgency = iota // pages, acknowledgements, resolves: never held back by a bucket
	useful                // notes and look-ups
	idle                  // polling, rosters, checks: leave a reserve for the others
)

// bucket is a token bucket on the domain's clock. It is a courtesy to PagerDuty's limit, never a guarantee: urgent calls pass it.
type bucket struct {
	perMinute float64
	level     float64
	at        time.Time
}

// take takes a token, or says how long until there is one for this urgency.
func (b *bucket) take(now time.Time, u urgency) time.Duration {
	if b.at.IsZero() {
		b.level = b.perMinute
	} else if d := now.Sub(b.at); d > 0 {
		b.level = min(b.perMinute, b.level+b.perMinute*d.Minutes())
	}
	b.at = now
	reserve := 0.0
	switch u {
	case urgent:
		b.level = max(b.level-1, -b.perMinute)
		return 0
	case idle:
		reserve = b.perMinute / 4
	}
	if b.level-1 >= reserve {
		b.level--
		return 0
	}
	return time.Duration((reserve + 1 - b.level) / b.perMinute * float64(time.Minute)).Round(time.Millisecond)
}

// maxBuckets bounds the map: there are as many routing keys as targets in the policy.
const maxBuckets = 1000

type buckets struct {
	mu  sync.Mutex
	all map[string]*bucket
}

func (bs *buckets) take(name string, perMinute float64, now time.Time, u urgency) time.Duration {
	bs.mu.Lock()
	defer bs.mu.Unlock()
	b := bs.all[name]
	if b == nil {
		if bs.all == nil || len(bs.all) >= maxBuckets {
			bs.all = map[string]*bucket{}
		}
		b = &bucket{}
		bs.all[name] = b
	}
	b.perMinute = perMinute // replicas come and go
	return b.take(now, u)
}

// Names of buckets in the store. That of a routing key holds a digest of it, which tells keys apart and gives none away.
const bucketREST = "pagerduty/rest"

func bucketEvents(routingKey string) string {
	sum := sha256.Sum256([]byte("tocsin bucket " + routingKey))
	return "pagerduty/events/" + hex.EncodeToString(sum[:6])
}

package slack

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tocsin-bot/tocsin/bot/clock"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// Pauses are rests that Slack asked for (429) and that all replicas keep; the journal has one. Buckets are named by us, moments are the
// domain clock's. An error means that a rest is not shared, nothing worse.
type Pauses interface {
	Pause(ctx context.Context, bucket string, until time.Time) error
	Paused(ctx context.Context, bucket string) (time.Time, error)
}

// Limits keep our calls under Slack's rates: a token bucket for each method of the workspace and, for posts, for each channel, divided by
// the replicas that live. When tokens are short the most urgent class goes first. A bucket is courtesy: Slack's 429 is what counts.
type Limits struct {
	clock    *clock.Clock
	replicas func() int
	pauses   Pauses

	mu      sync.Mutex
	buckets map[string]*bucket
}

// NewLimits makes Limits. replicas says how many processes share the workspace's rates, nil or less than 1 means one; pauses may be nil.
func NewLimits(c *clock.Clock, replicas func() int, pauses Pauses) *Limits {
	return &Limits{clock: c, replicas: replicas, pauses: pauses, buckets: map[string]*bucket{}}
}

// perMinute are the published rates (https://docs.slack.dev/apis/web-api/rate-limits), calls a minute for one app in one workspace.
var perMinute = map[string]float64{
	"conversations.create": 20, "conversations.setTopic": 20, "conversations.setPurpose": 20, "conversations.list": 20,
	"conversations.rename": 20, "conversations.archive": 20,
	"pins.add": 20, "bookmarks.add": 20,
	"conversations.invite": 50, "conversations.join": 50, "conversations.info": 50, "conversations.open": 50, "conversations.history": 50,
	"conversations.replies": 50, "users.conversations": 50, "chat.update": 50, "chat.delete": 50, "bookmarks.list": 50, "users.lookupByEmail": 50,
	"apps.connections.open": 50,
	"chat.postEphemeral":    100, "conversations.members": 100, "views.open": 100, "views.update": 100, "views.publish": 100, "users.info": 100,
	postMessage: 300, // "several hundred messages per minute" a workspace
	"auth.test": 300,
}

const (
	postMessage    = "chat.postMessage"
	postsPerMinute = 60  // in one channel
	postBurst      = 3.0 // "short bursts" are let through
	defaultRate    = 20.0
	maxBuckets     = 2000
	// maxWait is how long a call may stand in a bucket's line. Longer, and the caller hears when to come back: an effect's lease must not
	// run out in a line.
	maxWait = 3 * time.Second
	// askAgain is how old what a replica knows of the others' rests may be: so long may it go on calling after Slack's 429 to another. The
	// store is not asked before every call; over a network that would be a round trip each.
	askAgain = 500 * time.Millisecond
)

type classKey struct{}

// WithClass says how urgent the calls made with the context are; without, they are ClassUpdate.
func WithClass(ctx context.Context, c incident.Class) context.Context {
	return context.WithValue(ctx, classKey{}, c)
}

func classOf(ctx context.Context) incident.Class {
	if c, ok := ctx.Value(classKey{}).(incident.Class); ok {
		return c
	}
	return incident.ClassUpdate
}

type bucket struct {
	rate   float64 // tokens a second, for all replicas
	burst  float64 // for all replicas
	tokens float64
	last   time.Time
	rest   time.Time // no token before
	asked  time.Time // when the shared rest was last asked for
	queue  []*ticket // by class, then by coming
}

type ticket struct {
	class  incident.Class
	wake   chan struct{}      // it is first now
	cancel context.CancelFunc // of its wait while it was first
}

// share is what of a rate this replica may use.
func (l *Limits) share() float64 {
	if l.replicas == nil {
		return 1
	}
	return 1 / float64(max(1, l.replicas()))
}

// keys are the buckets a call needs, the narrower first.
func keys(method, channel string) []string {
	if method == postMessage && channel != "" {
		return []string{method + "/" + channel, method}
	}
	return []string{method}
}

// Take waits for a token of every bucket that a call of method in channel (posts only) needs. It returns a *Fault with RetryAfter when that
// would take longer than a caller can wait or when the context ends first; nothing has been sent then.
func (l *Limits) Take(ctx context.Context, method, channel string) error {
	for _, key := range keys(method, channel) {
		if err := l.take(ctx, method, key); err != nil {
			return err
		}
	}
	return nil
}

func (l *Limits) take(ctx context.Context, method, key string) error {
	l.shared(ctx, key)
	t := &ticket{class: classOf(ctx), wake: make(chan struct{}, 1)}
	l.mu.Lock()
	b := l.bucketLocked(key)
	now, share := l.clock.Now(), l.share()
	b.refill(now, share)
	at := slices.IndexFunc(b.queue, func(q *ticket) bool { return q.class > t.class })
	if at < 0 {
		at = len(b.queue)
	}
	if wait := b.ready(now, share, at+1).Sub(now); wait > maxWait {
		l.mu.Unlock()
		return &Fault{Method: method, Code: CodeRateLimited, Detail: "our own budget", after: wait}
	}
	b.queue = slices.Insert(b.queue, at, t)
	if at == 0 && len(b.queue) > 1 && b.queue[1].cancel != nil {
		b.queue[1].cancel() // it is first no more
	}
	for b.queue[0] != t || !b.grab(l.clock.Now(), l.share()) {
		if b.queue[0] != t {
			l.mu.Unlock()
			select {
			case <-t.wake:
			case <-ctx.Done():
			}
		} else {
			wait, cancel := context.WithCancel(ctx)
			t.cancel = cancel
			at := b.ready(l.clock.Now(), l.share(), 1)
			l.mu.Unlock()
			_ = l.clock.WaitUntil(wait, at) // ended early only means: look again
			cancel()
		}
		l.mu.Lock()
		t.cancel = nil
		if ctx.Err() != nil {
			l.leaveLocked(b, t)
			l.mu.Unlock()
			// Nothing was sent: there is no doubt about it.
			return &Fault{Method: method, Code: CodeRateLimited, Detail: "given up in our own line", Err: ctx.Err(), after: time.Second}
		}
	}
	l.leaveLocked(b, t)
	l.mu.Unlock()
	return nil
}

// shared learns of another replica's rest, unless it was asked for less than askAgain ago.
func (l *Limits) shared(ctx context.Context, key string) {
	if l.pauses == nil {
		return
	}
	l.mu.Lock()
	b, now := l.bucketLocked(key), l.clock.Now()
	if since := now.Sub(b.asked); since >= 0 && since < askAgain {
		l.mu.Unlock()
		return
	}
	b.asked = now
	l.mu.Unlock()
	until, err := l.pauses.Paused(ctx, key)
	if err != nil {
		return // it is not shared, nothing worse
	}
	l.mu.Lock()
	if b := l.bucketLocked(key); until.After(b.rest) {
		b.rest = until
	}
	l.mu.Unlock()
}

// leaveLocked takes a ticket out of the line and tells the new first.
func (l *Limits) leaveLocked(b *bucket, t *ticket) {
	b.queue = slices.DeleteFunc(b.queue, func(q *ticket) bool { return q == t })
	if len(b.queue) > 0 {
		select {
		case b.queue[0].wake <- struct{}{}:
		default:
		}
	}
}

func (b *bucket) refill(now time.Time, share float64) {
	burst := max(1, b.burst*share)
	if d := now.Sub(b.last).Seconds(); d > 0 {
		b.tokens = min(burst, b.tokens+d*b.rate*share)
		b.last = now
	}
	b.tokens = min(burst, b.tokens)
}

// ready is when the nth caller from now gets its token.
func (b *bucket) ready(now time.Time, share float64, n int) time.Time {
	at := now
	if short := float64(n) - b.tokens; short > 0 {
		// A millisecond more, so that rounding never makes a waiter come too early.
		at = at.Add(time.Duration(short/(b.rate*share)*float64(time.Second)) + time.Millisecond)
	}
	if b.rest.After(at) {
		at = b.rest
	}
	return at
}

func (b *bucket) grab(now time.Time, share float64) bool {
	b.refill(now, share)
	if b.tokens < 1 || now.Before(b.rest) {
		return false
	}
	b.tokens--
	return true
}

func (l *Limits) bucketLocked(key string) *bucket {
	if b := l.buckets[key]; b != nil {
		return b
	}
	if len(l.buckets) >= maxBuckets {
		for k, b := range l.buckets { // whole ones know nothing worth keeping
			b.refill(l.clock.Now(), l.share())
			if len(b.queue) == 0 && !b.rest.After(l.clock.Now()) && b.tokens >= max(1, b.burst*l.share()) {
				delete(l.buckets, k)
			}
		}
	}
	method, _, channel := strings.Cut(key, "/")
	rate, burst := perMinute[method], 0.0
	if rate == 0 {
		rate = defaultRate
	}
	burst = rate / 2
	if channel {
		rate, burst = postsPerMinute, postBurst
	}
	b := &bucket{rate: rate / 60, burst: burst, last: l.clock.Now()}
	b.tokens = burst
	l.buckets[key] = b
	return b
}

// Rest keeps a 429: no call of method in channel for d, in any replica.
func (l *Limits) Rest(ctx context.Context, method, channel string, d time.Duration) {
	until := l.clock.Now().Add(d)
	key := keys(method, channel)[0]
	l.mu.Lock()
	b := l.bucketLocked(key)
	if until.After(b.rest) {
		b.rest = until
	}
	l.mu.Unlock()
	if l.pauses != nil {
		_ = l.pauses.Pause(context.WithoutCancel(ctx), key, until)
	}
}

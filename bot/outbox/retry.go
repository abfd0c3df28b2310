package outbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tocsin-bot/tocsin/bot/engine"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/journal"
)

// Waiting times, by the clock. A page is tried again within 15 s whatever happened before, so that one is never a minute late once
// PagerDuty answers.
const (
	firstWait     = time.Second
	maxLaneWait   = 15 * time.Second
	maxWait       = time.Minute
	maxRetryAfter = 5 * time.Minute
)

// errInDoubt ends an at-most-once effect that may have been done.
var errInDoubt = errors.New("in doubt: an attempt began and its outcome is not known; it is not repeated")

// backoff is the n-th waiting time: doubling from a second, spread by a fifth either way, at most limit.
func (b *Outbox) backoff(n int, limit time.Duration) time.Duration {
	d := firstWait
	for i := 1; i < n && d < limit; i++ {
		d *= 2
	}
	return min(b.spread(d), limit)
}

// spread moves d by up to a fifth either way.
func (b *Outbox) spread(d time.Duration) time.Duration {
	return time.Duration(float64(d) * (0.8 + 0.4*b.o.Random()))
}

func permanent(err error) bool {
	var p interface{ Permanent() bool }
	return errors.As(err, &p) && p.Permanent()
}

// ambiguous reports whether the work may have been done all the same. An error that does not say counts as ambiguous, unless it says that
// it is permanent or names a time to wait: both are answers.
func ambiguous(err error) bool {
	var a interface{ Ambiguous() bool }
	if errors.As(err, &a) {
		return a.Ambiguous()
	}
	return !permanent(err) && retryAfter(err) == 0
}

func retryAfter(err error) time.Duration {
	var r interface{ RetryAfter() time.Duration }
	if errors.As(err, &r) {
		return max(r.RetryAfter(), 0)
	}
	return 0
}

// isFenced reports whether the store or the engine said that the lane has a newer lease.
func isFenced(err error) bool {
	var c *journal.Conflict
	return errors.Is(err, engine.ErrFenced) || errors.As(err, &c) && c.What == "lease"
}

// panicked is a performer's panic: it would come again.
type panicked struct{ v any }

func (p panicked) Error() string {
	return "the performer panicked: " + incident.Clip(fmt.Sprint(p.v), 200)
}
func (p panicked) Permanent() bool { return true }
func (p panicked) Ambiguous() bool { return false }

func caught(err *error) {
	if v := recover(); v != nil {
		*err = panicked{v}
	}
}

// within runs f with a bound in real time.
func within(ctx context.Context, d time.Duration, f func(context.Context) error) (err error) {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	defer caught(&err)
	return f(ctx)
}

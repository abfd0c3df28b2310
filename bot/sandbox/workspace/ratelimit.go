package workspace

import (
	"math"
	"time"
)

// tier is a published rate class: calls per minute for one app in one workspace.
type tier int

// The tiers of the rate limits page, and two special ones.
const (
	tier1   tier = 1
	tier2   tier = 20
	tier3   tier = 50
	tier4   tier = 100
	special tier = 300 // "hundreds per minute": auth.test, chat.getPermalink
	posting tier = 0   // chat.postMessage: per channel, and a cap for the workspace
)

// Posting is limited to one message a second in a channel with short bursts, and to a
// ceiling for the whole workspace that Slack does not publish.
const (
	postPerSecond      = 1.0
	postBurst          = 5.0
	postWorkspaceRate  = 10.0 // a second
	postWorkspaceBurst = 100.0
)

// bucket is a token bucket by the workspace's clock.
type bucket struct {
	tokens float64
	last   time.Time
}

// takeLocked takes a token, or says how long until there is one.
func (w *Workspace) takeLocked(key string, perSecond, burst float64) time.Duration {
	now := w.clock.Now()
	b := w.buckets[key]
	if b == nil {
		b = &bucket{tokens: burst, last: now}
		w.buckets[key] = b
	}
	if passed := now.Sub(b.last); passed > 0 {
		b.tokens = math.Min(burst, b.tokens+passed.Seconds()*perSecond)
		b.last = now
	}
	if b.tokens >= 1 {
		b.tokens--
		return 0
	}
	return time.Duration((1 - b.tokens) / perSecond * float64(time.Second))
}

// limitLocked applies the rate limits to a call; more than 0 means wait that long.
func (w *Workspace) limitLocked(a *app, name string, t tier, channel string) time.Duration {
	if w.opt.NoRateLimits {
		return 0
	}
	if len(w.buckets) > 50_000 {
		clear(w.buckets) // full buckets all: nothing but memory is lost
	}
	key := a.AppID + "/" + name
	if t != posting {
		return w.takeLocked(key, float64(t)/60, float64(t))
	}
	if d := w.takeLocked(key+"/"+channel, postPerSecond, postBurst); d > 0 {
		return d
	}
	return w.takeLocked(key, postWorkspaceRate, postWorkspaceBurst)
}

// retryAfterSeconds rounds up, and is at least 1.
func retryAfterSeconds(d time.Duration) int {
	return max(1, int(math.Ceil(d.Seconds())))
}

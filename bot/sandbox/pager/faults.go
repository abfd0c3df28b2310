package pager

import (
	"fmt"
	"slices"
	"time"
)

// faults are the switches in force. Guarded by Pager.mu.
type faults struct {
	down    bool
	slow    time.Duration
	limited bool
	planned []fault
	hold    bool // webhooks are held back
	twice   bool // webhooks are delivered twice
	reorder bool // a later webhook overtakes an earlier one
}

type fault struct {
	op     string // an operation, or "*"
	status int
	left   int
	after  bool // the work is done first
}

// Faults is the state of the switches, as an operator sees it.
type Faults struct {
	Down              bool          `json:"down"`
	Slow              time.Duration `json:"slow"`
	RateLimited       bool          `json:"rate_limited"`
	Planned           int           `json:"planned"` // answers still to be spoilt by FailNext and FailAfterNext
	WebhooksHeld      bool          `json:"webhooks_held"`
	WebhooksTwice     bool          `json:"webhooks_twice"`
	WebhooksReordered bool          `json:"webhooks_reordered"`
}

// SetDown takes PagerDuty down or up. Down, every connection is cut, no webhook leaves, nobody is notified and nothing
// escalates; what fell due meanwhile happens when it comes up again, and webhooks are then delivered.
func (p *Pager) SetDown(down bool) {
	at := p.begin()
	if p.faults.down && !down {
		p.upSince = at
	}
	p.faults.down = down
	p.faultChangedLocked(at)
	p.end()
}

// SetSlow makes every request wait d (real time) before it is looked at. Zero ends that.
func (p *Pager) SetSlow(d time.Duration) {
	at := p.begin()
	p.faults.slow = max(d, 0)
	p.faultChangedLocked(at)
	p.end()
}

// SetRateLimited makes every request get 429, with rate limit headers on the REST API.
func (p *Pager) SetRateLimited(on bool) {
	at := p.begin()
	p.faults.limited = on
	p.faultChangedLocked(at)
	p.end()
}

// FailNext makes the next n requests of an operation (one of [Operations], or "*") fail with an HTTP status, undone.
// Status 0 cuts the connection. An unknown operation is an error, so that a mistyped plan does not pass unseen.
func (p *Pager) FailNext(op string, n, status int) error { return p.plan(op, n, status, false) }

// FailAfterNext is [Pager.FailNext] for requests that do their work first and fail then: the bot cannot know.
func (p *Pager) FailAfterNext(op string, n, status int) error { return p.plan(op, n, status, true) }

func (p *Pager) plan(op string, n, status int, after bool) error {
	if op != "*" && !slices.Contains(Operations(), op) {
		return fmt.Errorf("pager: fail: no operation %q; see Operations", op)
	}
	if n < 1 || status != 0 && (status < 400 || status > 599) {
		return fmt.Errorf("pager: fail %s: n is %d, status is %d: want at least one and 0 or 400 to 599", op, n, status)
	}
	at := p.begin()
	defer p.end()
	p.faults.planned = append(p.faults.planned, fault{op: op, status: status, left: n, after: after})
	p.faultChangedLocked(at)
	return nil
}

// spoiltLocked returns the fault that shapes the answer to this request, if any, and counts it down.
func (p *Pager) spoiltLocked(op string) (fault, bool) {
	for i := range p.faults.planned {
		if f := &p.faults.planned[i]; f.op == op || f.op == "*" {
			out := *f
			if f.left--; f.left == 0 {
				p.faults.planned = slices.Delete(p.faults.planned, i, i+1)
			}
			return out, true
		}
	}
	return fault{}, false
}

// HoldWebhooks holds webhooks back, or lets those held go, in order.
func (p *Pager) HoldWebhooks(hold bool) { p.setHook(func() { p.faults.hold = hold }) }

// DuplicateWebhooks delivers each webhook twice while on.
func (p *Pager) DuplicateWebhooks(on bool) { p.setHook(func() { p.faults.twice = on }) }

// ReorderWebhooks lets the newest waiting webhook overtake the others while on; a lone one waits up to 2 s for one to
// overtake it.
func (p *Pager) ReorderWebhooks(on bool) { p.setHook(func() { p.faults.reorder = on }) }

func (p *Pager) setHook(set func()) {
	at := p.begin()
	set()
	p.faultChangedLocked(at)
	p.end()
}

func (p *Pager) faultChangedLocked(at time.Time) {
	for _, h := range p.hooks {
		h.wake()
	}
	p.changedLocked("fault", "", at)
}

// ClearFaults ends every fault.
func (p *Pager) ClearFaults() {
	at := p.begin()
	if p.faults.down {
		p.upSince = at
	}
	p.faults = faults{}
	p.faultChangedLocked(at)
	p.end()
}

// Faults returns the switches in force.
func (p *Pager) Faults() Faults {
	p.mu.Lock()
	defer p.mu.Unlock()
	f := Faults{Down: p.faults.down, Slow: p.faults.slow, RateLimited: p.faults.limited, WebhooksHeld: p.faults.hold, WebhooksTwice: p.faults.twice, WebhooksReordered: p.faults.reorder}
	for _, x := range p.faults.planned {
		f.Planned += x.left
	}
	return f
}

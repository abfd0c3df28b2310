package sandbox

import (
	"net/http"
	"slices"
	"time"

	"github.com/tocsin-bot/tocsin/bot/sandbox/workspace"
)

func (s *Sandbox) getFaults(*call) (any, error) {
	return map[string]any{"slack": s.Workspace.Faults().State(), "pagerduty": s.Pager.Faults()}, nil
}

func (s *Sandbox) clearFaults(*call) (any, error) {
	s.Workspace.Faults().Clear()
	s.Pager.ClearFaults()
	return nil, nil
}

// methodPlan names coming calls of a Web API method.
type methodPlan struct {
	Method     string `json:"method"`
	N          int    `json:"n"`
	Error      string `json:"error"`
	Status     int    `json:"status"`
	RetryAfter string `json:"retry_after"`
}

// slackFaults sets every switch that the body names and leaves the others. All are checked before one is set.
func (s *Sandbox) slackFaults(c *call) (any, error) {
	var b struct {
		Down          *bool       `json:"down"`
		SocketDown    *bool       `json:"socket_down"`
		LinkDisabled  *bool       `json:"link_disabled"`
		OwnSocketAcks *bool       `json:"own_socket_acks"`
		Slow          *string     `json:"slow"`
		Delay         *string     `json:"delay"`
		RateLimit     *methodPlan `json:"rate_limit"`
		FailNext      *methodPlan `json:"fail_next"`
		StatusNext    *methodPlan `json:"status_next"`
		HTMLNext      *methodPlan `json:"html_next"`
		DoThenFail    *methodPlan `json:"do_then_fail"`
		DoThenCut     *methodPlan `json:"do_then_cut"`
		DropSockets   bool        `json:"drop_sockets"`
		HalfOpen      bool        `json:"half_open"`
		Disconnect    string      `json:"disconnect"`
		DuplicateNext *int        `json:"duplicate_next"`
		LoseNext      *int        `json:"lose_next"`
	}
	if err := c.read(&b); err != nil {
		return nil, err
	}
	f := s.Workspace.Faults()
	var todo []func()
	add := func(do func()) { todo = append(todo, do) }
	flag := func(on *bool, set func(bool)) {
		if on != nil {
			add(func() { set(*on) })
		}
	}
	flag(b.Down, f.Down)
	flag(b.SocketDown, f.SocketDown)
	flag(b.LinkDisabled, f.LinkDisabled)
	flag(b.OwnSocketAcks, f.OwnSocketAcks)
	for field, x := range map[string]struct {
		v   *string
		set func(time.Duration)
	}{"slow": {b.Slow, f.Slow}, "delay": {b.Delay, f.Delay}} {
		if x.v == nil {
			continue
		}
		d, err := duration(field, *x.v)
		if err != nil {
			return nil, err
		}
		add(func() { x.set(d) })
	}
	if b.RateLimit != nil {
		d, err := duration("rate_limit.retry_after", b.RateLimit.RetryAfter)
		if err != nil {
			return nil, err
		}
		add(func() { f.RateLimit(b.RateLimit.Method, d) })
	}
	for _, p := range []*methodPlan{b.FailNext, b.StatusNext, b.HTMLNext, b.DoThenFail, b.DoThenCut} {
		if p != nil && (p.Method == "" || p.N < 1) {
			return nil, refused{http.StatusBadRequest, "a planned failure needs a method (or *) and n of at least 1"}
		}
	}
	if b.FailNext != nil {
		add(func() { f.FailNext(b.FailNext.Method, b.FailNext.N, b.FailNext.Error) })
	}
	if b.StatusNext != nil {
		add(func() { f.StatusNext(b.StatusNext.Method, b.StatusNext.N, b.StatusNext.Status) })
	}
	if b.HTMLNext != nil {
		add(func() { f.HTMLNext(b.HTMLNext.Method, b.HTMLNext.N) })
	}
	if b.DoThenFail != nil {
		add(func() { f.DoThenFail(b.DoThenFail.Method, b.DoThenFail.N) })
	}
	if b.DoThenCut != nil {
		add(func() { f.DoThenCut(b.DoThenCut.Method, b.DoThenCut.N) })
	}
	if b.DuplicateNext != nil {
		add(func() { f.DuplicateNext(*b.DuplicateNext) })
	}
	if b.LoseNext != nil {
		add(func() { f.LoseNext(*b.LoseNext) })
	}
	if b.DropSockets {
		add(func() { f.DropSockets() })
	}
	if b.HalfOpen {
		add(func() { f.HalfOpen() })
	}
	if b.Disconnect != "" {
		if !slices.Contains([]string{workspace.ReasonWarning, workspace.ReasonRefresh, workspace.ReasonDisabled, workspace.ReasonTooMany}, b.Disconnect) {
			return nil, refused{http.StatusBadRequest, "disconnect must be warning, refresh_requested, link_disabled or too_many_websockets"}
		}
		add(func() { f.Disconnect(b.Disconnect) })
	}
	for _, do := range todo {
		do()
	}
	return f.State(), nil
}

// operationPlan names coming requests of a pager operation.
type operationPlan struct {
	Operation string `json:"operation"`
	N         int    `json:"n"`
	Status    int    `json:"status"`
}

// pagerFaults sets every switch that the body names and leaves the others.
func (s *Sandbox) pagerFaults(c *call) (any, error) {
	var b struct {
		Down          *bool          `json:"down"`
		Slow          *string        `json:"slow"`
		RateLimited   *bool          `json:"rate_limited"`
		Hold          *bool          `json:"hold_webhooks"`
		Duplicate     *bool          `json:"duplicate_webhooks"`
		Reorder       *bool          `json:"reorder_webhooks"`
		FailNext      *operationPlan `json:"fail_next"`
		FailAfterNext *operationPlan `json:"fail_after_next"`
		EnableWebhook string         `json:"enable_webhook"`
	}
	if err := c.read(&b); err != nil {
		return nil, err
	}
	var slow time.Duration
	if b.Slow != nil {
		var err error
		if slow, err = duration("slow", *b.Slow); err != nil {
			return nil, err
		}
	}
	p := s.Pager
	if x := b.FailNext; x != nil {
		if err := p.FailNext(x.Operation, x.N, x.Status); err != nil {
			return nil, err
		}
	}
	if x := b.FailAfterNext; x != nil {
		if err := p.FailAfterNext(x.Operation, x.N, x.Status); err != nil {
			return nil, err
		}
	}
	if b.EnableWebhook != "" {
		if err := p.EnableWebhook(b.EnableWebhook); err != nil {
			return nil, err
		}
	}
	if b.Slow != nil {
		p.SetSlow(slow)
	}
	for _, x := range []struct {
		on  *bool
		set func(bool)
	}{{b.Down, p.SetDown}, {b.RateLimited, p.SetRateLimited}, {b.Hold, p.HoldWebhooks}, {b.Duplicate, p.DuplicateWebhooks}, {b.Reorder, p.ReorderWebhooks}} {
		if x.on != nil {
			x.set(*x.on)
		}
	}
	return p.Faults(), nil
}

package sandbox

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/tocsin-bot/tocsin/bot/sandbox/page"
	"github.com/tocsin-bot/tocsin/bot/sandbox/pager"
	"github.com/tocsin-bot/tocsin/bot/sandbox/workspace"
)

// Clock is the one clock of the sandbox. Now may jump forward and never goes back; WaitUntil returns nil once Now has
// reached t, or the context's error. A Clock that is also a [Mover] can be moved by the page and the control API.
type Clock interface {
	Now() time.Time
	WaitUntil(ctx context.Context, t time.Time) error
}

// Mover moves a clock forward.
type Mover interface {
	Advance(d time.Duration)
}

// Options of a sandbox. The zero value is usable: real time that can be moved, generated tokens, the command "/incident".
type Options struct {
	// Clock is the time of everything in the sandbox. Nil: real time plus an offset that the levers move.
	Clock Clock

	// AppName is the app's name and its bot user's handle. Empty: "tocsin".
	AppName string
	// BotToken and AppToken are the app's Slack tokens. Empty: generated (repeatable with Seed).
	BotToken, AppToken string
	// Commands are the app's slash commands. Empty: "/incident".
	Commands []string

	// PagerDutyToken is the account's REST key. Empty: generated (repeatable with Seed).
	PagerDutyToken string
	// Webhooks are the account's webhook v3 subscriptions; WebhookTransport carries their deliveries (nil: a transport of
	// the pager's own).
	Webhooks         []pager.Webhook
	WebhookTransport http.RoundTripper

	// Hosts are further host names (without port) under which the page and the control API may be asked for.
	Hosts []string

	// NoRateLimits, Latency and Seed are handed to the workspace.
	NoRateLimits bool
	Latency      time.Duration
	Seed         uint64

	// Workspace and Pager may change the built options before the two start.
	Workspace func(*workspace.Options)
	Pager     func(*pager.Options)
}

// Sandbox is the whole of it. Make one with [New], serve [Sandbox.Handler], end it with [Sandbox.Close].
type Sandbox struct {
	// Workspace is the local Slack.
	Workspace *workspace.Workspace
	// Pager is the local PagerDuty.
	Pager *pager.Pager

	clock   Clock
	mover   Mover
	token   string
	hosts   []string
	members []Member
	byRole  map[string]Member

	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup // event streams being served

	mu     sync.Mutex
	closed bool
	ticks  map[chan struct{}]bool // event streams to be told that the clock was moved
}

// New builds the workspace, the pager and the cast. It fails when the options do not fit together.
func New(o Options) (*Sandbox, error) {
	if o.Clock == nil {
		o.Clock = newOffsetClock()
	}
	if o.AppName == "" {
		o.AppName = "tocsin"
	}
	if len(o.Commands) == 0 {
		o.Commands = []string{"/incident"}
	}
	if o.PagerDutyToken == "" {
		o.PagerDutyToken = "pd-" + rand.Text()
		if o.Seed != 0 {
			o.PagerDutyToken = fmt.Sprintf("pd-sandbox-%d", o.Seed)
		}
	}
	s := &Sandbox{clock: o.Clock, token: o.PagerDutyToken, hosts: o.Hosts, members: cast(), byRole: map[string]Member{}, ticks: map[chan struct{}]bool{}}
	s.mover, _ = o.Clock.(Mover)
	for _, m := range s.members {
		if m.Role != "" {
			s.byRole[m.Role] = m
		}
	}
	wo := workspaceOptions(o, s.members)
	if o.Workspace != nil {
		o.Workspace(&wo)
	}
	po := pagerOptions(o, s.members, o.PagerDutyToken)
	if o.Pager != nil {
		o.Pager(&po)
	}
	p, err := pager.New(po)
	if err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	s.Pager = p
	s.Workspace = workspace.New(wo)
	s.ctx, s.cancel = context.WithCancel(context.Background())
	return s, nil
}

// Close ends the event streams, the workspace and the pager and waits for them. It may be called twice.
func (s *Sandbox) Close() error {
	s.mu.Lock()
	first := !s.closed
	s.closed = true
	s.mu.Unlock()
	s.cancel()
	s.wg.Wait()
	if !first {
		return nil
	}
	s.Pager.Close()
	return s.Workspace.Close()
}

// Cast returns the people, those of the ladder first, with their ids and addresses in both systems.
func (s *Sandbox) Cast() []Member { return append([]Member(nil), s.members...) }

// Member returns who has a role key (see [Primary] and the others); false for an unknown one.
func (s *Sandbox) Member(role string) (Member, bool) {
	m, ok := s.byRole[role]
	return m, ok
}

// PagerDutyToken is the REST key of the PagerDuty account.
func (s *Sandbox) PagerDutyToken() string { return s.token }

// App returns the app with its tokens.
func (s *Sandbox) App() workspace.App { return s.Workspace.Apps()[0] }

// ErrFixedClock says that the sandbox's clock cannot be moved.
var ErrFixedClock = errors.New("this clock cannot be moved")

// Advance moves the clock forward and tells the pages. It fails with [ErrFixedClock] and on a negative step.
func (s *Sandbox) Advance(d time.Duration) error {
	if s.mover == nil {
		return fmt.Errorf("sandbox: %w", ErrFixedClock)
	}
	if d < 0 {
		return fmt.Errorf("sandbox: the clock only moves forward, not by %s", d)
	}
	s.mover.Advance(d)
	s.mu.Lock()
	defer s.mu.Unlock()
	for ch := range s.ticks {
		select {
		case ch <- struct{}{}:
		default: // one is waiting to be read already
		}
	}
	return nil
}

// Handler serves everything; see the package documentation for where.
func (s *Sandbox) Handler() http.Handler {
	mux := http.NewServeMux()
	slack := s.Workspace.Handler()
	for _, prefix := range []string{"/api/", "/socket/", "/response/", "/upload/", "/files/"} {
		mux.Handle(prefix, slack)
	}
	mux.Handle("/pagerduty/", http.StripPrefix("/pagerduty", s.Pager.Handler()))
	mux.Handle("/control/", s.guard(s.control()))
	mux.Handle("/", s.guardHost(page.Handler()))
	return mux
}

// offsetClock is real time plus an offset that only grows.
type offsetClock struct {
	mu     sync.Mutex
	offset time.Duration
	moved  chan struct{}
}

func newOffsetClock() *offsetClock { return &offsetClock{moved: make(chan struct{})} }

func (c *offsetClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.offset)
}

func (c *offsetClock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offset += d
	close(c.moved)
	c.moved = make(chan struct{})
}

func (c *offsetClock) WaitUntil(ctx context.Context, t time.Time) error {
	for {
		c.mu.Lock()
		left, moved := t.Sub(time.Now().Add(c.offset)), c.moved
		c.mu.Unlock()
		if left <= 0 {
			return ctx.Err()
		}
		timer := time.NewTimer(left)
		select {
		case <-timer.C:
		case <-moved:
		case <-ctx.Done():
		}
		timer.Stop()
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}

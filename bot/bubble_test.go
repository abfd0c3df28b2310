package bot_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"github.com/tocsin-bot/tocsin/bot"
	"github.com/tocsin-bot/tocsin/bot/clock"
	"github.com/tocsin-bot/tocsin/bot/policy"
	"github.com/tocsin-bot/tocsin/bot/sandbox"
	"github.com/tocsin-bot/tocsin/bot/sandbox/workspace"
)

// bubble is a whole world in virtual time: a local Slack and PagerDuty, and whatever other hosts a test makes, behind one dialer.
type bubble struct {
	t       *testing.T
	clock   *clock.Clock
	sandbox *sandbox.Sandbox
	source  []byte // the policy with the cast in it
	given   map[string]string
	from    string
	logs    *logLines

	mu    sync.Mutex
	hosts map[string]*listener
	close []func()
}

// listener is a host inside the process.
type listener struct {
	conns chan net.Conn
	quit  chan struct{}
	once  sync.Once
}

func (l *listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.quit:
		return nil, net.ErrClosed
	}
}

func (l *listener) Close() error { l.once.Do(func() { close(l.quit) }); return nil }

func (l *listener) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }

const localHost = "127.0.0.1:80"

// newBubble builds the world, with the cast in the policy; it must be called inside a synctest bubble. edit may change the policy's source;
// the cast read Slack in a locale, American English unless given.
func newBubble(t *testing.T, edit func(string) string, locale ...string) *bubble {
	t.Helper()
	return newWorld(t, func(s *sandbox.Sandbox, text string) string {
		text = withCast(s, text)
		if edit != nil {
			text = edit(text)
		}
		return text
	}, locale...)
}

// withCast is the policy's text with the people of the cast in their rotations.
func withCast(s *sandbox.Sandbox, text string) string {
	for _, m := range s.Cast() {
		if m.Role != "" {
			text = strings.Replace(text, "\n  "+m.Role+":\n    title:", "\n  "+m.Role+":\n    people: ["+m.Email+"]\n    title:", 1)
		}
	}
	return text
}

// newWorld is newBubble with a policy written from the default one.
func newWorld(t *testing.T, write func(s *sandbox.Sandbox, text string) string, locale ...string) *bubble {
	t.Helper()
	return newWorldOf(t, sandbox.Options{NoRateLimits: true, Workspace: func(o *workspace.Options) {
		for i := range o.Users {
			o.Users[i].Locale = strings.Join(locale, "")
		}
	}}, write)
}

// newWorldOf is newWorld with the local Slack and PagerDuty as they are given.
func newWorldOf(t *testing.T, o sandbox.Options, write func(s *sandbox.Sandbox, text string) string) *bubble {
	t.Helper()
	w := &bubble{t: t, clock: clock.New(), logs: &logLines{}, hosts: map[string]*listener{}}
	o.Clock, o.Seed = w.clock, 7
	s, err := sandbox.New(o)
	if err != nil {
		t.Fatal(err)
	}
	w.sandbox = s
	w.serve(localHost, s.Handler())
	_, src := policy.Default()
	w.given, w.from = phones(s)
	w.source = []byte(write(s, string(src)))
	if _, err := policy.Parse("bubble", w.source); err != nil {
		t.Fatal(err)
	}
	return w
}

// phones are the routing keys that ring the cast, as the environment names them, and whose address requests come from.
func phones(s *sandbox.Sandbox) (given map[string]string, from string) {
	given = map[string]string{}
	for _, m := range s.Cast() {
		switch m.Role {
		case "":
		case sandbox.Primary:
			from, given[policy.FirstLevelKey] = m.Email, m.RoutingKey
		default:
			given[policy.FirstLevelKey+"_"+strings.ToUpper(m.Role)] = m.RoutingKey
		}
	}
	return given, from
}

// serve makes a host.
func (w *bubble) serve(host string, h http.Handler) {
	l := &listener{conns: make(chan net.Conn), quit: make(chan struct{})}
	w.mu.Lock()
	w.hosts[host] = l
	w.mu.Unlock()
	srv := &http.Server{Handler: h}
	ended := make(chan struct{})
	go func() { defer close(ended); _ = srv.Serve(l) }()
	w.close = append(w.close, func() { _ = srv.Close(); _ = l.Close(); <-ended })
}

func (w *bubble) dial(ctx context.Context, _, addr string) (net.Conn, error) {
	w.mu.Lock()
	l := w.hosts[addr]
	w.mu.Unlock()
	refused := &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
	if l == nil {
		return nil, refused
	}
	near, far := net.Pipe()
	select {
	case l.conns <- far:
		return near, nil
	case <-l.quit:
		return nil, refused
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// options are those of a bot in this world.
func (w *bubble) options() bot.Options {
	app := w.sandbox.App()
	return bot.Options{
		SlackBotToken: app.BotToken, SlackAppToken: app.AppToken, SlackAPIURL: "http://" + localHost + "/api/", IncidentsChannel: "incidents",
		PagerAPIToken: w.sandbox.PagerDutyToken(), PagerFrom: w.from, PagerAPIURL: "http://" + localHost + "/pagerduty", PagerEventsURL: "http://" + localHost + "/pagerduty",
		Secrets: bot.Secrets{Given: w.given, Env: func(string) (string, bool) { return "", false }}, DataDir: w.t.TempDir(), NoSync: true,
		PolicySource: w.source, Clock: w.clock, Owner: "bubble", Dial: w.dial, SecondSocket: time.Second, Log: zerolog.New(w.logs),
	}
}

// start starts a bot and waits until it hears.
func (w *bubble) start(o bot.Options) *bot.Bot {
	w.t.Helper()
	b, err := bot.New(o)
	if err != nil {
		w.t.Fatal(err)
	}
	ctx, done := context.WithTimeout(context.Background(), time.Minute)
	defer done()
	if err := b.Start(ctx); err != nil {
		w.t.Fatal(err)
	}
	if err := b.Listening(ctx); err != nil {
		w.t.Fatal(err)
	}
	return b
}

func (w *bubble) stop(b *bot.Bot) {
	w.t.Helper()
	ctx, done := context.WithTimeout(context.Background(), time.Minute)
	defer done()
	if err := b.Stop(ctx); err != nil {
		w.t.Error(err)
	}
}

// end closes the world.
func (w *bubble) end() {
	_ = w.sandbox.Close()
	for _, f := range w.close {
		f()
	}
}

// as is a person of the cast.
func (w *bubble) as(role string) workspace.Person {
	m, ok := w.sandbox.Member(role)
	if !ok {
		w.t.Fatalf("nobody is %s", role)
	}
	return w.sandbox.Workspace.As(m.SlackID)
}

// after lets virtual time pass.
func after(d time.Duration) { time.Sleep(d); synctest.Wait() }

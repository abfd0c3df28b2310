package slack

import (
	"context"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/clock"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/sandbox/workspace"
	"github.com/tocsin-bot/tocsin/bot/view"
)

// pipeNet is a network inside a bubble.
type pipeNet struct {
	conns chan net.Conn
	quit  chan struct{}
	once  sync.Once

	mu    sync.Mutex
	dials []time.Time
}

func newPipeNet() *pipeNet { return &pipeNet{conns: make(chan net.Conn), quit: make(chan struct{})} }

func (p *pipeNet) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.quit:
		return nil, net.ErrClosed
	}
}

func (p *pipeNet) Close() error   { p.once.Do(func() { close(p.quit) }); return nil }
func (p *pipeNet) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }

// count is how many connections were made.
func (p *pipeNet) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.dials)
}

func (p *pipeNet) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	p.mu.Lock()
	p.dials = append(p.dials, time.Now())
	p.mu.Unlock()
	a, b := net.Pipe()
	select {
	case p.conns <- a:
		return b, nil
	case <-p.quit:
		return nil, &net.OpError{Op: "dial", Err: net.ErrClosed}
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// lab is a strict workspace in a bubble, with a client of ours.
type lab struct {
	t      *testing.T
	w      *workspace.Workspace
	net    *pipeNet
	clock  *clock.Clock
	client *Client
	app    workspace.App
	srv    *http.Server
	trans  *http.Transport
}

// bubble runs f with a workspace; nothing may be left running, and nothing strange may have been done to the workspace.
func bubble(t *testing.T, opt workspace.Options, f func(l *lab)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ck := clock.New()
		opt.Clock = ck
		if opt.Users == nil {
			opt.Users = []workspace.User{{ID: "U0ALICE01", Name: "alice"}, {ID: "U0BOB0001", Name: "bob"}, {ID: "U0CAROL01", Name: "carol"}}
		}
		if opt.Seed == 0 {
			opt.Seed = 7
		}
		l := &lab{t: t, clock: ck, net: newPipeNet()}
		l.w = workspace.New(opt)
		l.app = l.w.Apps()[0]
		l.srv = &http.Server{Handler: l.w.Handler()}
		done := make(chan struct{})
		go func() { defer close(done); _ = l.srv.Serve(l.net) }()
		l.trans = &http.Transport{DialContext: l.net.dial, MaxIdleConnsPerHost: 16}
		var err error
		l.client, err = NewClient(ClientOptions{BotToken: l.app.BotToken, AppToken: l.app.AppToken, APIURL: "http://slack.test/api", Clock: ck, HTTP: &http.Client{Transport: l.trans}})
		if err != nil {
			t.Fatal(err)
		}
		f(l)
		l.trans.CloseIdleConnections()
		if err := l.w.Close(); err != nil {
			t.Errorf("close the workspace: %v", err)
		}
		_ = l.srv.Close()
		<-done
		for _, o := range l.w.Strange() {
			t.Errorf("strange: %s", o.What)
		}
	})
}

// calls counts the calls of a method that the workspace saw.
func (l *lab) calls(method string) int {
	n := 0
	for _, c := range l.w.Calls(0) {
		if c.Method == method {
			n++
		}
	}
	return n
}

func plain(s string) catalog.Text { return catalog.Text{{S: s}} }

// cards is a Renderer that says the view's name and the title.
type cards struct {
	card func(o incident.Owed) view.Card
}

func (c cards) Card(_ context.Context, o incident.Owed, s incident.State) (view.Card, error) {
	if c.card != nil {
		return c.card(o), nil
	}
	say := plain(o.Effect.View + ": " + s.Title.Body)
	return view.Card{Summary: say, Blocks: []view.Block{view.Section{Text: say}}}, nil
}

// rooms says whose a channel is.
type rooms map[string]incident.ID

func (r rooms) ByChannel(_ context.Context, ch string) (incident.ID, bool, error) {
	id, ok := r[ch]
	return id, ok, nil
}

func (l *lab) performer(change func(*PerformerOptions)) *Performer {
	l.t.Helper()
	o := PerformerOptions{Client: l.client, Render: cards{}, Rooms: rooms{}, Clock: l.clock, Incidents: "#incidents", Installation: "acme"}
	if change != nil {
		change(&o)
	}
	p, err := NewPerformer(o)
	if err != nil {
		l.t.Fatal(err)
	}
	return p
}

// owed makes an effect of INC-42.
func (l *lab) owed(name string, e incident.Effect) incident.Owed {
	e.Name, e.Lane = name, incident.LaneSlack
	return incident.Owed{ID: incident.IDOf("INC-42", 1, e), Incident: "INC-42", Seq: 1, At: l.clock.Now(), Effect: e, Attempt: 1}
}

func (l *lab) create(name string) incident.Owed {
	return l.owed("open-channel", incident.Effect{Do: incident.OpenChannel, Arg: name, Repeat: incident.Findable})
}

func (l *lab) state(channel string) incident.State {
	return incident.State{ID: "INC-42", Title: incident.Say("Checkout is down", 200), ChannelID: channel, Slots: map[string]incident.Posted{}}
}

// texts lists what apps wrote in a channel, deleted messages left out.
func (l *lab) texts(channel string) []string {
	var out []string
	for _, m := range l.w.Messages(channel) {
		if m.BotID != "" && m.Subtype == "" && !m.Deleted {
			out = append(out, m.Text)
		}
	}
	return out
}

func must[T any](t *testing.T) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func has(list []string, s string) bool { return slices.Contains(list, s) }

func contains(t *testing.T, what, got, want string) {
	t.Helper()
	if !strings.Contains(got, want) {
		t.Errorf("%s: %q does not say %q", what, got, want)
	}
}

package workspace

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
)

// lab is a workspace served over real TCP with one app.
type lab struct {
	t   *testing.T
	w   *Workspace
	url string // of the server, without /api
	api *slack.Client
	app App
}

func newLab(t *testing.T, opt Options) *lab {
	t.Helper()
	w := New(opt)
	srv := httptest.NewServer(w.Handler())
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
		srv.Close()
	})
	a := w.Apps()[0]
	return &lab{t: t, w: w, url: srv.URL, app: a, api: slack.New(a.BotToken,
		slack.OptionAPIURL(srv.URL+"/api/"), slack.OptionAppLevelToken(a.AppToken),
		slack.OptionHTTPClient(&http.Client{Timeout: 20 * time.Second}))}
}

// wire calls a method as a form, without slack-go's opinions.
func (l *lab) wire(method string, args map[string]string) (map[string]any, *http.Response) {
	l.t.Helper()
	return call(l.t, http.DefaultClient, l.url, l.app.BotToken, method, args)
}

func call(t *testing.T, client *http.Client, url, token, method string, args map[string]string) (map[string]any, *http.Response) {
	t.Helper()
	body, err := json.Marshal(args)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequest("POST", url+"/api/"+method, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := client.Do(req)
	if err != nil {
		t.Fatalf("%s: %v", method, err)
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(raw, &m); err != nil {
		return map[string]any{"not_json": string(raw)}, resp
	}
	return m, resp
}

// want asserts that a call is refused with code, or accepted when code is "".
func (l *lab) want(code, method string, args map[string]string) map[string]any {
	l.t.Helper()
	m, _ := l.wire(method, args)
	got, _ := m["error"].(string)
	if got != code {
		l.t.Fatalf("%s %v: error %q, want %q (%v)", method, args, got, code, m)
	}
	if ok := m["ok"] == true; ok != (code == "") {
		l.t.Fatalf("%s: ok %v with error %q", method, m["ok"], got)
	}
	return m
}

// create makes a channel as the bot and returns its id.
func (l *lab) create(name string) string {
	l.t.Helper()
	m := l.want("", "conversations.create", map[string]string{"name": name})
	return m["channel"].(map[string]any)["id"].(string)
}

// wantCode asserts a person's refusal.
func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) || e.Code != code {
		t.Fatalf("error %v, want %s", err, code)
	}
}

// bot runs slack-go's Socket Mode client and hands every request to handle.
type bot struct {
	sm     *socketmode.Client
	cancel context.CancelFunc
	done   chan struct{}
	mu     sync.Mutex
	seen   []socketmode.Event
	note   chan struct{} // one token for each event
}

func startBot(t *testing.T, api *slack.Client, handle func(sm *socketmode.Client, e socketmode.Event), opts ...socketmode.Option) *bot {
	t.Helper()
	b := newBot(api, handle, opts...)
	t.Cleanup(b.stop)
	b.wait(t, func(e socketmode.Event) bool { return e.Type == socketmode.EventTypeHello })
	return b
}

func newBot(api *slack.Client, handle func(sm *socketmode.Client, e socketmode.Event), opts ...socketmode.Option) *bot {
	opts = append(opts, socketmode.OptionLog(log.New(io.Discard, "", 0)))
	b := &bot{sm: socketmode.New(api, opts...), done: make(chan struct{}), note: make(chan struct{}, 10_000)}
	ctx, cancel := context.WithCancel(context.Background())
	b.cancel = cancel
	var wg sync.WaitGroup
	wg.Go(func() { _ = b.sm.RunContext(ctx) })
	wg.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case e := <-b.sm.Events:
				b.mu.Lock()
				b.seen = append(b.seen, e)
				b.mu.Unlock()
				if e.Request != nil && e.Type != socketmode.EventTypeHello && handle != nil {
					handle(b.sm, e)
				}
				b.note <- struct{}{}
			}
		}
	})
	go func() { wg.Wait(); close(b.done) }()
	return b
}

func (b *bot) stop() { b.cancel(); <-b.done }

// wait returns the first event seen, from the start, that matches.
func (b *bot) wait(t *testing.T, match func(socketmode.Event) bool) socketmode.Event {
	t.Helper()
	deadline := time.After(15 * time.Second)
	for {
		b.mu.Lock()
		for _, e := range b.seen {
			if match(e) {
				b.mu.Unlock()
				return e
			}
		}
		b.mu.Unlock()
		select {
		case <-b.note:
		case <-deadline:
			t.Fatal("the event did not come")
		}
	}
}

func ackAll(sm *socketmode.Client, e socketmode.Event) { _ = sm.Ack(*e.Request) }

// rawSocket opens a Socket Mode connection by hand.
func (l *lab) rawSocket() *websocket.Conn {
	l.t.Helper()
	m, _ := call(l.t, http.DefaultClient, l.url, l.app.AppToken, "apps.connections.open", nil)
	url, _ := m["url"].(string)
	if url == "" {
		l.t.Fatalf("apps.connections.open: %v", m)
	}
	ws, _, err := websocket.DefaultDialer.Dial(url, nil)
	if err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(func() { _ = ws.Close() })
	return ws
}

// frameOf reads one frame.
func frameOf(t *testing.T, ws *websocket.Conn) map[string]any {
	t.Helper()
	_ = ws.SetReadDeadline(time.Now().Add(10 * time.Second))
	var m map[string]any
	if err := ws.ReadJSON(&m); err != nil {
		t.Fatalf("no frame: %v", err)
	}
	return m
}

// pipeNet is a listener and a dialer over net.Pipe, for synctest bubbles.
type pipeNet struct {
	conns chan net.Conn
	quit  chan struct{}
	once  sync.Once
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

func (p *pipeNet) Close() error { p.once.Do(func() { close(p.quit) }); return nil }

func (p *pipeNet) Addr() net.Addr { return pipeAddr{} }

func (p *pipeNet) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	a, b := net.Pipe()
	select {
	case p.conns <- a:
		return b, nil
	case <-p.quit:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

type pipeAddr struct{}

func (pipeAddr) Network() string { return "pipe" }
func (pipeAddr) String() string  { return "pipe" }

// movable is a clock that only a test moves.
type movable struct {
	mu   sync.Mutex
	now  time.Time
	wake chan struct{}
}

func newMovable() *movable {
	return &movable{now: time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC), wake: make(chan struct{})}
}

func (m *movable) Now() time.Time { m.mu.Lock(); defer m.mu.Unlock(); return m.now }

func (m *movable) move(d time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.now = m.now.Add(d)
	close(m.wake)
	m.wake = make(chan struct{})
}

func (m *movable) WaitUntil(ctx context.Context, t time.Time) error {
	for {
		m.mu.Lock()
		now, wake := m.now, m.wake
		m.mu.Unlock()
		if !now.Before(t) {
			return nil
		}
		select {
		case <-wake:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

package sim

import (
	"bytes"
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/alicebob/miniredis/v2"
)

// pipes is a listener inside the process.
type pipes struct {
	conns chan net.Conn
	quit  chan struct{}
	once  sync.Once
}

func newPipes() *pipes { return &pipes{conns: make(chan net.Conn), quit: make(chan struct{})} }

// Accept implements net.Listener.
func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.quit:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener.
func (p *pipes) Close() error { p.once.Do(func() { close(p.quit) }); return nil }

// Addr implements net.Listener.
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }

func (p *pipes) dial(ctx context.Context) (net.Conn, error) {
	near, far := net.Pipe()
	select {
	case p.conns <- far:
		return near, nil
	case <-p.quit:
		return nil, errRefused
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

var (
	errRefused = &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
	errReset   = &net.OpError{Op: "read", Net: "tcp", Err: errors.New("connection reset by peer")}
)

// redisAddr is where bots believe the store to be; everything else is the sandbox.
const redisAddr = "127.0.0.1:6379"

// redisURL has more connections than anybody needs at once: whoever waits for one does so on a timer that go-redis keeps for the next, who may
// be in another bubble, and that is fatal.
const redisURL = "redis://" + redisAddr + "?pool_size=512"

// storeWire is the way to the store that all replicas share.
type storeWire struct {
	mini *miniredis.Miniredis // nil on bolt

	mu   sync.Mutex
	down bool
	slow time.Duration // before every request
	lose int           // answers of so many scripts are lost
	cons map[*conn]bool
}

func (s *storeWire) setDown(on bool) {
	s.mu.Lock()
	s.down = on
	var cut []*conn
	for c := range s.cons {
		cut = append(cut, c)
	}
	s.mu.Unlock()
	if on {
		for _, c := range cut {
			c.cut()
		}
	}
}

func (s *storeWire) isDown() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.down
}

func (s *storeWire) setSlow(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.slow = d
}

func (s *storeWire) delay() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.slow
}

// script reports whether what is being written begins with a call of a script.
func script(b []byte) bool {
	return bytes.Contains(bytes.ToLower(b[:min(len(b), 64)]), []byte("evalsha"))
}

// losing reports whether the answer to a script is to be lost.
func (s *storeWire) losing() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lose == 0 {
		return false
	}
	s.lose--
	return true
}

// last reports whether this script is the last that the process sends.
func (w *wire) last() (fatal func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.scripts == 0 {
		return nil
	}
	if w.scripts--; w.scripts == 0 {
		return w.fatal
	}
	return nil
}

// wire is everything a process says and hears. It can be cut for good (the process died) and for a while (it stands still, or its network
// is gone: nobody outside can tell).
type wire struct {
	sandbox *pipes
	store   *storeWire

	died chan struct{} // closed by kill

	mu      sync.Mutex
	dead    bool
	holds   int
	cons    map[*conn]bool
	scripts int    // after so many more scripts, fatal is called; 0: never
	fatal   func() // must not block
}

func newWire(sandbox *pipes, store *storeWire) *wire {
	return &wire{sandbox: sandbox, store: store, died: make(chan struct{}), cons: map[*conn]bool{}}
}

// dial connects to the store or to the sandbox.
func (w *wire) dial(ctx context.Context, _, addr string) (net.Conn, error) {
	if !w.pass() {
		return nil, errRefused
	}
	var inner net.Conn
	var err error
	toStore := strings.HasPrefix(addr, redisAddr)
	if toStore {
		if w.store.isDown() {
			return nil, errRefused
		}
		inner, err = w.store.mini.Dial()
	} else {
		inner, err = w.sandbox.dial(ctx)
	}
	if err != nil {
		return nil, err
	}
	c := w.wrap(inner)
	if toStore {
		c.store = w.store
		w.store.mu.Lock()
		w.store.cons[c] = true
		w.store.mu.Unlock()
	}
	return c, nil
}

func (w *wire) wrap(inner net.Conn) *conn {
	c := &conn{Conn: inner, w: w}
	w.mu.Lock()
	w.cons[c] = true
	off := w.dead || w.holds > 0
	w.mu.Unlock()
	if off {
		c.cut()
	}
	return c
}

// pass reports whether the process can say and hear anything now.
func (w *wire) pass() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return !w.dead && w.holds == 0
}

// hold cuts the process off from everything until release; holds nest.
func (w *wire) hold() {
	w.mu.Lock()
	w.holds++
	w.mu.Unlock()
	w.cutAll()
}

func (w *wire) release() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.holds--
}

func (w *wire) cutAll() {
	w.mu.Lock()
	var cut []*conn
	for c := range w.cons {
		cut = append(cut, c)
	}
	w.mu.Unlock()
	for _, c := range cut {
		c.cut()
	}
}

// kill ends everything the process could still say.
func (w *wire) kill() {
	w.mu.Lock()
	if w.dead {
		w.mu.Unlock()
		return
	}
	w.dead = true
	close(w.died)
	w.mu.Unlock()
	w.cutAll()
}

// conn is a connection of a process.
type conn struct {
	net.Conn
	w     *wire
	store *storeWire // set on connections to the store

	mu   sync.Mutex
	lost bool // the next answer is lost
}

// Read implements net.Conn.
func (c *conn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.mu.Lock()
	lost := c.lost
	c.mu.Unlock()
	if !c.w.pass() || lost {
		c.cut()
		return 0, errReset
	}
	return n, err
}

// Write implements net.Conn.
func (c *conn) Write(b []byte) (int, error) {
	if !c.w.pass() {
		return 0, errReset
	}
	if c.store == nil {
		return c.Conn.Write(b)
	}
	// Before the request and not before the answer: miniredis writes answers while it holds its lock.
	if d := c.store.delay(); d > 0 {
		time.Sleep(d)
	}
	if !script(b) {
		return c.Conn.Write(b)
	}
	if c.store.losing() {
		c.mu.Lock()
		c.lost = true
		c.mu.Unlock()
	}
	n, err := c.Conn.Write(b)
	if fatal := c.w.last(); fatal != nil {
		fatal()
	}
	return n, err
}

// Close implements net.Conn.
func (c *conn) Close() error {
	c.w.mu.Lock()
	delete(c.w.cons, c)
	c.w.mu.Unlock()
	if c.store != nil {
		c.store.mu.Lock()
		delete(c.store.cons, c)
		c.store.mu.Unlock()
	}
	return c.Conn.Close()
}

func (c *conn) cut() { _ = c.Close() }

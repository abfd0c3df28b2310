package workspace

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

const (
	outQueue     = 1024             // frames a socket may lag before it is dropped
	writeTimeout = 10 * time.Second // real time for one frame
	drainTime    = 10 * time.Second // real time between "reconnect" and the end
	readLimit    = 4 << 20          // bytes of one frame from an app
)

// ticket is the right to open one socket.
type ticket struct {
	id  string
	app *app
}

// conn is one Socket Mode connection. The fields below mu belong to Workspace.mu.
type conn struct {
	w    *Workspace
	app  *app
	id   int
	ws   *websocket.Conn
	out  chan frame
	quit chan struct{}
	once sync.Once

	// mu: Workspace.mu
	since    time.Time
	draining bool
	halfOpen bool
	life     *timer
}

// frame is what the writer sends; last closes the socket afterwards.
type frame struct {
	data []byte
	last bool
}

// openTicketLocked makes the URL's secret for apps.connections.open.
func (w *Workspace) openTicketLocked(a *app) string {
	t := ticket{id: w.secretLocked("ticket", 32), app: a}
	w.tickets = append(w.tickets, t)
	if len(w.tickets) > maxTickets {
		w.tickets = slices.Delete(w.tickets, 0, 1)
	}
	return t.id
}

// serveSocket turns a request with a ticket into a Socket Mode connection.
func (w *Workspace) serveSocket(rw http.ResponseWriter, r *http.Request) {
	st := w.faults.State()
	if st.SocketDown {
		http.Error(rw, "Socket Mode is down", http.StatusServiceUnavailable)
		return
	}
	w.mu.Lock()
	i := slices.IndexFunc(w.tickets, func(t ticket) bool { return t.id == r.PathValue("ticket") })
	if i < 0 {
		w.mu.Unlock()
		http.Error(rw, "unknown or used ticket", http.StatusForbidden)
		return
	}
	a := w.tickets[i].app
	w.tickets = slices.Delete(w.tickets, i, i+1)
	w.mu.Unlock()

	up := websocket.Upgrader{
		ReadBufferSize: 32 << 10, WriteBufferSize: 32 << 10,
		// slack-go sends Slack's own Origin; the ticket is what admits.
		CheckOrigin: func(*http.Request) bool { return true },
	}
	ws, err := up.Upgrade(rw, r, nil)
	if err != nil {
		return // Upgrade has answered
	}
	c := &conn{w: w, app: a, ws: ws, out: make(chan frame, outQueue), quit: make(chan struct{})}
	defer c.kill()
	w.wg.Go(c.write)
	if !w.register(c, st.LinkDisabled) {
		c.read() // until the peer or the writer ends it
		return
	}
	c.read()
	w.unregister(c)
}

// register counts a socket in and says hello, or sends it away.
func (w *Workspace) register(c *conn, disabled bool) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.closed:
		c.kill()
		return false
	case disabled:
		c.out <- disconnectFrame(ReasonDisabled)
		return false
	case len(c.app.conns) >= w.opt.MaxConnections:
		c.out <- disconnectFrame(ReasonTooMany)
		return false
	}
	w.nextConn++
	c.id = w.nextConn
	c.since = w.clock.Now()
	c.app.conns = append(c.app.conns, c)
	c.out <- frame{data: mustJSON(object{
		"type": "hello", "num_connections": len(c.app.conns),
		"connection_info": object{"app_id": c.app.AppID},
		"debug_info": object{
			"host": fmt.Sprintf("sandbox-%d", c.id), "build_number": 1,
			"started":                     c.since.UTC().Format(time.RFC3339),
			"approximate_connection_time": int(w.opt.ConnectionLife / time.Second),
		},
	})}
	if w.opt.ConnectionLife > 0 {
		c.life = w.real.after(w.opt.ConnectionLife, func() {
			c.disconnect(ReasonWarning)
		})
	}
	w.changedLocked(ChangeConnection, "", "", "")
	w.flushLocked(c.app)
	return true
}

// unregister counts a socket out; what it had not acknowledged is tried elsewhere.
func (w *Workspace) unregister(c *conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c.app.conns = slices.DeleteFunc(c.app.conns, func(x *conn) bool { return x == c })
	w.real.stop(c.life)
	w.socketGoneLocked(c)
	w.changedLocked(ChangeConnection, "", "", "")
}

func disconnectFrame(reason string) frame {
	return frame{
		data: mustJSON(object{"type": "disconnect", "reason": reason, "debug_info": object{"host": "sandbox"}}),
		last: reason == ReasonDisabled || reason == ReasonTooMany,
	}
}

// disconnect tells the app to reconnect, as Slack does before it closes a socket.
func (c *conn) disconnect(reason string) {
	c.w.mu.Lock()
	defer c.w.mu.Unlock()
	first := !c.draining
	c.draining = true
	c.sendLocked(disconnectFrame(reason))
	if reason == ReasonDisabled || reason == ReasonTooMany {
		return
	}
	if first {
		c.w.real.stop(c.life)
		c.life = c.w.real.after(drainTime, c.kill)
	}
	c.w.changedLocked(ChangeConnection, "", "", "")
}

// sendLocked queues a frame; a socket that is too far behind is dropped.
func (c *conn) sendLocked(f frame) {
	select {
	case c.out <- f:
	default:
		c.kill()
	}
}

// kill closes the TCP connection. It may be called often and from anywhere.
func (c *conn) kill() {
	c.once.Do(func() {
		close(c.quit)
		_ = c.ws.UnderlyingConn().Close() // the reader sees the error and unregisters
	})
}

// dead reports whether kill has been called; the socket is still counted until its
// reader has noticed.
func (c *conn) dead() bool {
	select {
	case <-c.quit:
		return true
	default:
		return false
	}
}

func (c *conn) setHalfOpen() {
	c.w.mu.Lock()
	defer c.w.mu.Unlock()
	c.halfOpen = true
	_ = c.ws.SetReadDeadline(time.Time{}) // no pong will come, and none is missed
	c.w.changedLocked(ChangeConnection, "", "", "")
}

func (c *conn) isHalfOpen() bool {
	c.w.mu.Lock()
	defer c.w.mu.Unlock()
	return c.halfOpen
}

// write is the only writer of the socket. It pings, also while nothing is to be sent.
func (c *conn) write() {
	defer c.kill()
	ping := time.NewTicker(c.w.opt.PingInterval)
	defer ping.Stop()
	for {
		var err error
		select {
		case <-c.quit:
			return
		case <-c.w.ctx.Done():
			return
		case f := <-c.out:
			if c.isHalfOpen() {
				continue
			}
			_ = c.ws.SetWriteDeadline(time.Now().Add(writeTimeout))
			err = c.ws.WriteMessage(websocket.TextMessage, f.data)
			if f.last && err == nil {
				_ = c.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseNormalClosure, ""), time.Now().Add(writeTimeout))
				return
			}
		case <-ping.C:
			if c.isHalfOpen() {
				continue
			}
			err = c.ws.WriteControl(websocket.PingMessage, []byte("sandbox"), time.Now().Add(writeTimeout))
		}
		if err != nil {
			return
		}
	}
}

// read takes acknowledgements until the socket ends.
func (c *conn) read() {
	alive := 3 * c.w.opt.PingInterval
	c.ws.SetReadLimit(readLimit)
	_ = c.ws.SetReadDeadline(time.Now().Add(alive))
	c.ws.SetPongHandler(func(string) error {
		if c.isHalfOpen() {
			return nil
		}
		return c.ws.SetReadDeadline(time.Now().Add(alive))
	})
	for {
		_, data, err := c.ws.ReadMessage()
		if err != nil {
			return
		}
		if !c.isHalfOpen() {
			c.w.acknowledge(c, data)
		}
	}
}

// maxAckBytes is the size from which Slack silently drops what an app sends.
const maxAckBytes = 20 << 10

// acknowledge takes one frame of an app.
func (w *Workspace) acknowledge(c *conn, data []byte) {
	at := time.Now()
	own := w.faults.State().OwnSocketAcks
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(data) >= maxAckBytes {
		w.strangeLocked(c.app.AppID, fmt.Sprintf("a Socket Mode frame of %d bytes was dropped (limit %d)", len(data), maxAckBytes))
		return
	}
	var ack struct {
		EnvelopeID string          `json:"envelope_id"`
		Payload    json.RawMessage `json:"payload"`
	}
	if err := json.Unmarshal(data, &ack); err != nil || ack.EnvelopeID == "" {
		w.strangeLocked(c.app.AppID, "a Socket Mode frame is no acknowledgement: "+clip(string(data), 200))
		return
	}
	e := c.app.open[ack.EnvelopeID]
	if e == nil {
		w.strangeLocked(c.app.AppID, "nothing waits for the acknowledgement of "+clip(ack.EnvelopeID, 60))
		return
	}
	if e.settled || own && e.conn != c {
		return // late, repeated, or on the wrong socket
	}
	w.stats.Acked++
	w.settleLocked(e)
	if e.reply != nil {
		e.ackedAt = at
		e.reply <- ack.Payload
	}
}

// eachConn calls fn for every socket, without the lock, and returns how many.
func (w *Workspace) eachConn(fn func(*conn)) int {
	w.mu.Lock()
	var all []*conn
	for _, a := range w.apps {
		all = append(all, a.conns...)
	}
	w.mu.Unlock()
	for _, c := range all {
		fn(c)
	}
	return len(all)
}

func clip(s string, n int) string {
	if len(s) > n {
		return s[:n] + "…"
	}
	return s
}

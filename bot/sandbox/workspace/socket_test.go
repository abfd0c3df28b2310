package workspace

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
)

// ackFrame acknowledges an envelope by hand.
func ackFrame(t *testing.T, ws *websocket.Conn, frame map[string]any, payload any) {
	t.Helper()
	m := map[string]any{"envelope_id": frame["envelope_id"]}
	if payload != nil {
		m["payload"] = payload
	}
	if err := ws.WriteJSON(m); err != nil {
		t.Fatal(err)
	}
}

// settled waits, without a limit of its own, until the workspace counts as wanted.
func settled(t *testing.T, w *Workspace, ok func(EnvelopeStats) bool) {
	t.Helper()
	for i := 0; !ok(w.Envelopes()); i++ {
		if i > 10_000 {
			t.Fatalf("counters %+v", w.Envelopes())
		}
		time.Sleep(time.Millisecond)
	}
}

func inGeneral() []App { return []App{{Channels: []string{"general"}}} }

func TestHelloTicketAndOneConnectionPerEnvelope(t *testing.T) {
	l := newLab(t, Options{Apps: inGeneral()})
	a := l.rawSocket()
	h := frameOf(t, a)
	if h["type"] != "hello" || h["num_connections"] != 1.0 || h["debug_info"].(map[string]any)["approximate_connection_time"] != 18060.0 || h["connection_info"].(map[string]any)["app_id"] != l.app.AppID {
		t.Fatalf("hello %v", h)
	}
	b := l.rawSocket()
	if h := frameOf(t, b); h["num_connections"] != 2.0 {
		t.Fatalf("hello %v", h)
	}
	for range 2 {
		if _, err := l.w.As("alice").Post("general", "x"); err != nil {
			t.Fatal(err)
		}
	}
	fa, fb := frameOf(t, a), frameOf(t, b)
	if fa["envelope_id"] == fb["envelope_id"] || fa["type"] != "events_api" || fa["retry_attempt"] != 0.0 {
		t.Fatalf("each envelope goes to one connection, in turns: %v %v", fa, fb)
	}
	ackFrame(t, a, fa, nil)
	ackFrame(t, a, fb, nil) // on another connection: accepted
	settled(t, l.w, func(s EnvelopeStats) bool { return s.Acked == 2 && s.Waiting == 0 && s.Delivered == 2 })

	// A ticket opens one socket.
	m, _ := call(t, http.DefaultClient, l.url, l.app.AppToken, "apps.connections.open", nil)
	url := m["url"].(string)
	ws, _, err := websocket.DefaultDialer.Dial(url, nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = ws.Close()
	if _, resp, err := websocket.DefaultDialer.Dial(url, nil); err == nil || resp.StatusCode != 403 {
		t.Fatal("a ticket was used twice")
	}
}

func TestTooManyWebsockets(t *testing.T) {
	l := newLab(t, Options{MaxConnections: 2})
	for range 2 {
		frameOf(t, l.rawSocket())
	}
	ws := l.rawSocket()
	if f := frameOf(t, ws); f["type"] != "disconnect" || f["reason"] != ReasonTooMany {
		t.Fatalf("frame %v", f)
	}
	if _, _, err := ws.ReadMessage(); err == nil {
		t.Fatal("still open")
	}
	if n := len(l.w.Connections()); n != 2 {
		t.Fatalf("%d connections", n)
	}
}

func TestOddFrames(t *testing.T) {
	l := newLab(t, Options{})
	ws := l.rawSocket()
	frameOf(t, ws)
	for _, s := range []string{"not json", `{"envelope_id":""}`, `{"envelope_id":"nothing"}`, `{"envelope_id":"x","payload":"` + x(maxAckBytes) + `"}`} {
		if err := ws.WriteMessage(websocket.TextMessage, []byte(s)); err != nil {
			t.Fatal(err)
		}
	}
	for i := 0; len(l.w.Strange()) < 4 && i < 5000; i++ {
		time.Sleep(time.Millisecond)
	}
	s := l.w.Strange()
	if len(s) != 4 || !strings.Contains(s[3].What, "dropped") {
		t.Fatalf("strange %v", s)
	}
}

// TestCommandIsNotRepeated: without a socket dispatch_failed at once, without an answer
// operation_timeout, with too large an answer as if there were none.
func TestCommandIsNotRepeated(t *testing.T) {
	l := newLab(t, Options{AckTimeout: 50 * time.Millisecond})
	alice := l.w.As("alice")
	if out, err := alice.Command(t.Context(), "general", "/incident", "x"); err != nil || out.Status != Undelivered {
		t.Fatal(out, err)
	}
	ws := l.rawSocket()
	frameOf(t, ws)
	if out, err := alice.Command(t.Context(), "general", "/incident", "x"); err != nil || out.Status != TimedOut {
		t.Fatal(out, err)
	}
	f := frameOf(t, ws)
	if f["type"] != "slash_commands" || f["accepts_response_payload"] != true {
		t.Fatalf("frame %v", f)
	}
	ackFrame(t, ws, f, map[string]any{"text": "late"}) // known, but too late: no oddity
	done := make(chan Outcome, 1)
	go func() {
		out, _ := alice.Command(t.Context(), "general", "/incident", "big")
		done <- out
	}()
	ackFrame(t, ws, frameOf(t, ws), map[string]any{"text": x(maxAckBytes)})
	if out := <-done; out.Status != TimedOut {
		t.Fatalf("%+v", out)
	}
	go func() {
		out, _ := alice.Command(t.Context(), "general", "/incident", "bad blocks")
		done <- out
	}()
	ackFrame(t, ws, frameOf(t, ws), map[string]any{"blocks": []any{map[string]any{"type": "nonsense"}}})
	if out := <-done; out.Status != BadAnswer || !strings.Contains(out.Detail, "unsupported type") {
		t.Fatalf("%+v", out)
	}
	if e := l.w.Ephemerals("alice", ""); len(e) != 0 {
		t.Fatalf("%+v", e)
	}
	if s := l.w.Envelopes(); s.Redelivered != 0 || s.Requests != 4 {
		t.Fatalf("%+v", s)
	}
	if s := l.w.Strange(); len(s) != 2 { // the large one and the bad one
		t.Fatalf("strange %v", s)
	}
	go func() {
		out, _ := alice.Command(t.Context(), "general", "/incident", "loud")
		done <- out
	}()
	ackFrame(t, ws, frameOf(t, ws), map[string]any{"text": "for all", "response_type": "in_channel"})
	if out := <-done; out.Message == nil || out.Message.Ephemeral {
		t.Fatalf("%+v", out)
	}
	if ms := l.w.Messages("general"); ms[len(ms)-1].Text != "for all" {
		t.Fatalf("%+v", ms)
	}
}

// TestRedelivery by the movable clock: at once on another socket, after one minute,
// after five more, then lost; each time with a new envelope id and the same event id.
func TestRedelivery(t *testing.T) {
	clock := newMovable()
	l := newLab(t, Options{Clock: clock, Apps: inGeneral(), AckTimeout: 30 * time.Millisecond})
	ws := l.rawSocket()
	frameOf(t, ws)
	if _, err := l.w.As("alice").Post("general", "x"); err != nil {
		t.Fatal(err)
	}
	eventID := func(f map[string]any) any { return f["payload"].(map[string]any)["event_id"] }
	first, second := frameOf(t, ws), frameOf(t, ws)
	if second["retry_attempt"] != 1.0 || second["retry_reason"] != "timeout" || eventID(first) != eventID(second) || first["envelope_id"] == second["envelope_id"] {
		t.Fatalf("%v %v", first, second)
	}
	waiting := func() {
		t.Helper()
		for i := 0; i < 5000; i++ {
			l.w.domain.mu.Lock()
			n := len(l.w.domain.queue)
			l.w.domain.mu.Unlock()
			if n == 1 {
				return
			}
			time.Sleep(time.Millisecond)
		}
		t.Fatal("no retry is planned")
	}
	waiting()
	clock.move(59 * time.Second)
	if s := l.w.Envelopes(); s.Delivered != 2 {
		t.Fatalf("%+v", s)
	}
	clock.move(time.Second)
	third := frameOf(t, ws)
	if third["retry_attempt"] != 2.0 || eventID(third) != eventID(first) {
		t.Fatalf("%v", third)
	}
	waiting()
	clock.move(5 * time.Minute)
	if f := frameOf(t, ws); f["retry_attempt"] != 3.0 {
		t.Fatalf("%v", f)
	}
	settled(t, l.w, func(s EnvelopeStats) bool { return s.Lost == 1 && s.Waiting == 0 && s.Redelivered == 3 })

	// An acknowledgement, also of an earlier envelope id, ends it and its wait.
	if _, err := l.w.As("alice").Post("general", "y"); err != nil {
		t.Fatal(err)
	}
	f := frameOf(t, ws)
	frameOf(t, ws)
	waiting()
	ackFrame(t, ws, f, nil)
	settled(t, l.w, func(s EnvelopeStats) bool { return s.Acked == 1 && s.Waiting == 0 })
	l.w.domain.mu.Lock()
	defer l.w.domain.mu.Unlock()
	if len(l.w.domain.queue) != 0 {
		t.Fatal("a wait nobody needs is left")
	}
}

func TestEventsWithoutSocketComeAsRetries(t *testing.T) {
	l := newLab(t, Options{Apps: inGeneral()})
	for _, s := range []string{"one", "two"} {
		if _, err := l.w.As("alice").Post("general", s); err != nil {
			t.Fatal(err)
		}
	}
	if s := l.w.Envelopes(); s.Waiting != 2 || s.Delivered != 0 {
		t.Fatalf("%+v", s)
	}
	ws := l.rawSocket()
	if f := frameOf(t, ws); f["type"] != "hello" {
		t.Fatalf("hello comes first: %v", f)
	}
	for _, want := range []string{"one", "two"} {
		f := frameOf(t, ws)
		if f["retry_attempt"] != 1.0 || f["payload"].(map[string]any)["event"].(map[string]any)["text"] != want {
			t.Fatalf("%v", f)
		}
		ackFrame(t, ws, f, nil)
	}
	settled(t, l.w, func(s EnvelopeStats) bool { return s.Acked == 2 })

	// What was on a socket that dies comes again at once on the other.
	a := l.rawSocket()
	frameOf(t, a)
	l.w.mu.Lock()
	l.w.apps[0].lastUse = 0 // the next is the second socket
	l.w.mu.Unlock()
	if _, err := l.w.As("alice").Post("general", "three"); err != nil {
		t.Fatal(err)
	}
	f := frameOf(t, a)
	_ = a.UnderlyingConn().Close()
	again := frameOf(t, ws)
	if again["retry_attempt"] != 1.0 || again["payload"].(map[string]any)["event_id"] != f["payload"].(map[string]any)["event_id"] {
		t.Fatalf("%v", again)
	}
}

func TestCallsLog(t *testing.T) {
	l := newLab(t, Options{})
	id := l.create("inc-1")
	l.want("", "chat.postMessage", map[string]string{"channel": id, "text": "x"})
	c := l.w.Calls(1)[0]
	if c.Method != "chat.postMessage" || !c.OK || c.Args["text"] != "x" || c.Status != 200 || !json.Valid(c.Result) || c.AppID != l.app.AppID {
		t.Fatalf("%+v", c)
	}
}

func TestFaultsOnCalls(t *testing.T) {
	l := newLab(t, Options{NoRateLimits: true})
	f := l.w.Faults()
	id := l.create("inc-1")
	post := func() (string, error) {
		_, ts, err := l.api.PostMessageContext(t.Context(), id, slack.MsgOptionText("x", false))
		return ts, err
	}
	count := func() int { return len(l.w.Messages(id)) }
	before := count()

	f.FailNext("chat.postMessage", 2, "internal_error")
	for range 2 {
		if _, err := post(); err == nil || err.Error() != "internal_error" {
			t.Fatal(err)
		}
	}
	f.StatusNext("chat.postMessage", 1, 503)
	var status slack.StatusCodeError
	if _, err := post(); !errors.As(err, &status) || status.Code != 503 {
		t.Fatal(err)
	}
	f.HTMLNext(AllMethods, 1)
	var syntax *json.SyntaxError
	if _, err := post(); !errors.As(err, &syntax) {
		t.Fatal(err)
	}
	f.RateLimit("chat.postMessage", 1500*time.Millisecond)
	var limited *slack.RateLimitedError
	if _, err := post(); !errors.As(err, &limited) || limited.RetryAfter != 2*time.Second {
		t.Fatal(err)
	}
	l.want("", "conversations.info", map[string]string{"channel": id})
	f.RateLimit("chat.postMessage", 0)
	f.RateLimit(AllMethods, time.Second)
	if _, resp := l.wire("conversations.info", map[string]string{"channel": id}); resp.StatusCode != 429 {
		t.Fatal(resp.StatusCode)
	}
	f.Clear()
	if n := count(); n != before {
		t.Fatalf("%d messages were posted by calls that failed before the work", n-before)
	}
	f.DoThenFail("chat.postMessage", 1)
	if _, err := post(); !errors.As(err, &status) || status.Code != 500 || count() != before+1 {
		t.Fatal(err, count()-before)
	}
	f.DoThenCut("chat.postMessage", 1)
	if _, err := post(); err == nil || count() != before+2 {
		t.Fatal(err, count()-before)
	}
	f.Down(true)
	if _, err := post(); err == nil || count() != before+2 {
		t.Fatal(err)
	}
	if !f.State().Down {
		t.Fatal("the switch does not show")
	}
	f.Down(false)
	if _, err := post(); err != nil {
		t.Fatal(err)
	}
}

func TestSlow(t *testing.T) {
	l := newLab(t, Options{Latency: 20 * time.Millisecond})
	l.w.Faults().Slow(30 * time.Millisecond)
	start := time.Now()
	l.want("", "auth.test", nil)
	if d := time.Since(start); d < 50*time.Millisecond {
		t.Fatalf("took %v, at least 50 ms were asked for", d)
	}
}

func TestFaultsOnSockets(t *testing.T) {
	l := newLab(t, Options{Apps: inGeneral(), NoRateLimits: true, AckTimeout: 100 * time.Millisecond})
	f, alice := l.w.Faults(), l.w.As("alice")
	open := func() *websocket.Conn {
		t.Helper()
		ws := l.rawSocket()
		if h := frameOf(t, ws); h["type"] != "hello" {
			t.Fatalf("%v", h)
		}
		return ws
	}
	gone := func(ws *websocket.Conn) {
		t.Helper()
		_ = ws.SetReadDeadline(time.Now().Add(10 * time.Second))
		if _, data, err := ws.ReadMessage(); err == nil {
			t.Fatalf("still open: %s", data)
		}
		for i := 0; len(l.w.Connections()) > 0; i++ {
			if i > 5000 {
				t.Fatal("the socket is still counted")
			}
			time.Sleep(time.Millisecond)
		}
	}
	ws := open()
	if n := f.DropSockets(); n != 1 {
		t.Fatal(n)
	}
	gone(ws)

	ws = open()
	f.SocketDown(true)
	if out, err := alice.Command(t.Context(), "general", "/incident", "x"); err != nil || out.Status != Undelivered {
		t.Fatal(out, err) // also at the very moment the sockets drop
	}
	gone(ws)
	m, _ := call(t, http.DefaultClient, l.url, l.app.AppToken, "apps.connections.open", nil)
	if _, resp, err := websocket.DefaultDialer.Dial(m["url"].(string), nil); err == nil || resp.StatusCode != 503 {
		t.Fatal("the socket opened while sockets are down")
	}
	l.want("", "auth.test", nil)
	f.SocketDown(false)

	f.LinkDisabled(true)
	ws = l.rawSocket()
	if fr := frameOf(t, ws); fr["reason"] != ReasonDisabled {
		t.Fatalf("%v", fr)
	}
	gone(ws)
	f.LinkDisabled(false)

	// Refresh: the old socket gets nothing new, the new one does.
	old := open()
	f.Disconnect(ReasonRefresh)
	if fr := frameOf(t, old); fr["type"] != "disconnect" || fr["reason"] != ReasonRefresh {
		t.Fatalf("%v", fr)
	}
	ws = open()
	if _, err := alice.Post("general", "x"); err != nil {
		t.Fatal(err)
	}
	ackFrame(t, old, frameOf(t, ws), nil) // an ack on the draining socket counts
	settled(t, l.w, func(s EnvelopeStats) bool { return s.Acked == 1 })

	// Twice the same envelope.
	_ = old.Close()
	f.DuplicateNext(1)
	if _, err := alice.Post("general", "x"); err != nil {
		t.Fatal(err)
	}
	a, b := frameOf(t, ws), frameOf(t, ws)
	if a["envelope_id"] != b["envelope_id"] || b["retry_attempt"] != 0.0 {
		t.Fatalf("%v %v", a, b)
	}
	ackFrame(t, ws, a, nil)
	ackFrame(t, ws, b, nil)
	settled(t, l.w, func(s EnvelopeStats) bool { return s.Acked == 2 && s.Duplicated == 1 })

	// Lost on the way: it comes again.
	f.LoseNext(1)
	if _, err := alice.Post("general", "x"); err != nil {
		t.Fatal(err)
	}
	if fr := frameOf(t, ws); fr["retry_attempt"] != 1.0 {
		t.Fatalf("%v", fr)
	} else {
		ackFrame(t, ws, fr, nil)
	}

	// Half-open: nothing arrives there, and the retry finds the other socket.
	settled(t, l.w, func(s EnvelopeStats) bool { return s.Acked == 3 })
	if _, err := alice.Post("general", "before"); err != nil {
		t.Fatal(err)
	}
	last := frameOf(t, ws)
	if n := f.HalfOpen(); n < 1 {
		t.Fatal(n)
	}
	ackFrame(t, ws, last, nil) // nothing received there counts
	other := open()
	if fr := frameOf(t, other); fr["retry_attempt"] != 1.0 {
		t.Fatalf("%v", fr)
	} else {
		ackFrame(t, other, fr, nil)
	}
	settled(t, l.w, func(s EnvelopeStats) bool { return s.Acked == 4 })
	for range 2 { // one of the two goes to the half-open socket first
		if _, err := alice.Post("general", "x"); err != nil {
			t.Fatal(err)
		}
	}
	attempts := 0.0
	for range 2 {
		fr := frameOf(t, other)
		attempts += fr["retry_attempt"].(float64)
		ackFrame(t, other, fr, nil)
	}
	if attempts != 1 {
		t.Fatalf("retry attempts %v, want one of two", attempts)
	}
	settled(t, l.w, func(s EnvelopeStats) bool { return s.Acked == 6 })
	f.Clear() // drops the half-open one
	_ = ws.SetReadDeadline(time.Now().Add(10 * time.Second))
	if _, data, err := ws.ReadMessage(); err == nil {
		t.Fatalf("a half-open socket sent %s", data)
	}
	for i := 0; len(l.w.Connections()) != 1; i++ {
		if i > 5000 {
			t.Fatalf("%+v", l.w.Connections())
		}
		time.Sleep(time.Millisecond)
	}

	// An acknowledgement on the wrong socket does not count when the switch is on.
	f.OwnSocketAcks(true)
	third := open()
	if _, err := alice.Post("general", "x"); err != nil {
		t.Fatal(err)
	}
	got := make(chan map[string]any, 2)
	read := func(c *websocket.Conn) {
		var m map[string]any
		_ = c.SetReadDeadline(time.Now().Add(5 * time.Second))
		if c.ReadJSON(&m) != nil {
			m = nil
		}
		got <- m
	}
	go read(other)
	go read(third)
	fr := <-got
	wrong := other
	l.w.mu.Lock()
	if e := l.w.apps[0].open[fr["envelope_id"].(string)]; e.conn.id == l.w.apps[0].conns[0].id {
		wrong = third
	}
	l.w.mu.Unlock()
	ackFrame(t, wrong, fr, nil)
	if again := <-got; again["retry_attempt"] != 1.0 {
		t.Fatalf("%v", again)
	}
}

func TestDelay(t *testing.T) {
	clock := newMovable()
	l := newLab(t, Options{Clock: clock, Apps: inGeneral(), AckTimeout: 30 * time.Millisecond})
	ws := l.rawSocket()
	frameOf(t, ws)
	l.w.Faults().Delay(6 * time.Minute)
	if _, err := l.w.As("alice").Post("general", "x"); err != nil {
		t.Fatal(err)
	}
	if out, err := l.w.As("alice").Command(t.Context(), "general", "/incident", "x"); err != nil || out.Status != TimedOut {
		t.Fatal(out, err)
	}
	if s := l.w.Envelopes(); s.Delivered != 0 {
		t.Fatalf("%+v", s)
	}
	l.w.Faults().Delay(0)
	clock.move(6 * time.Minute)
	kinds := map[any]bool{}
	for range 2 {
		f := frameOf(t, ws)
		kinds[f["type"]] = true
		ackFrame(t, ws, f, nil)
	}
	if !kinds["events_api"] || !kinds["slash_commands"] {
		t.Fatalf("%v", kinds)
	}
}

func TestRealClientSurvivesRefresh(t *testing.T) {
	l := newLab(t, Options{Apps: inGeneral()})
	b := startBot(t, l.api, ackAll)
	l.w.Faults().Disconnect(ReasonWarning)
	hellos := func() int { return b.count(socketmode.EventTypeHello) }
	for i := 0; hellos() < 2; i++ {
		if i > 10_000 {
			t.Fatal("slack-go did not come back")
		}
		time.Sleep(time.Millisecond)
	}
	m, err := l.w.As("alice").Post("general", "after")
	if err != nil {
		t.Fatal(err)
	}
	b.wait(t, func(e socketmode.Event) bool { x, ok := inner(e); return ok && x.TimeStamp == m.TS })
}

// TestDeadSocketGetsNothing: between the drop of a socket and the moment its reader
// notices, no envelope goes there.
func TestDeadSocketGetsNothing(t *testing.T) {
	l := newLab(t, Options{})
	frameOf(t, l.rawSocket())
	l.w.mu.Lock() // the reader cannot unregister meanwhile
	defer l.w.mu.Unlock()
	a := l.w.apps[0]
	a.conns[0].kill()
	if c := a.pick(nil); c != nil {
		t.Fatal("a dead socket was picked")
	}
}

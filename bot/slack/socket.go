package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack/socketmode"
)

// A socket's timing, in real time: it is the network's business, not the incident's.
const (
	deadman      = 60 * time.Second // no frame and no ping for so long: the connection is dead (Slack pings every 30 s at the most)
	helloTimeout = 10 * time.Second
	writeTimeout = 5 * time.Second
	drainTime    = 15 * time.Second // a socket that was told to go is read for so long (Slack closes it after about 10 s)
	maxFrame     = 4 << 20
	// maxAck is what an acknowledgement may measure: Slack drops frames of 20 KiB and more without a word.
	maxAck = 20<<10 - 512
)

// Reasons of a disconnect frame (https://docs.slack.dev/apis/events-api/using-socket-mode); slack-go does not name them.
const (
	reasonWarning  = "warning"
	reasonRefresh  = "refresh_requested"
	reasonDisabled = "link_disabled"
	reasonTooMany  = "too_many_websockets"
)

// errTooBig says that an answer does not fit an acknowledgement.
var errTooBig = errors.New("the answer is too large for an acknowledgement")

// socket is one Socket Mode connection. One goroutine reads; anybody may write.
type socket struct {
	ws      *websocket.Conn
	writing chan struct{} // capacity 1, held while a frame is written; a channel, because what waits for a mutex stops a test's clock
	heard   func()        // called at every frame and ping
}

// dialer is how sockets are opened. The buffer holds a whole acknowledgement: Slack drops continuation frames.
func dialer(dial func(ctx context.Context, network, addr string) (net.Conn, error)) *websocket.Dialer {
	return &websocket.Dialer{Proxy: http.ProxyFromEnvironment, NetDialContext: dial, HandshakeTimeout: helloTimeout, WriteBufferSize: 32 << 10}
}

// openSocket asks for a socket, dials it and waits for its hello. The URL is a secret and stays in here.
func (r *Receiver) openSocket(ctx context.Context) (*socket, error) {
	const method = "apps.connections.open"
	var url string
	err := r.o.Client.do(ctx, method, "", func(ctx context.Context) (err error) {
		_, url, err = r.o.Client.api.StartSocketModeContext(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	fail := func(what string, err error) error {
		f := classify("socket", err)
		return &Fault{Method: "socket", Code: CodeNoAnswer, Detail: what + ": " + f.Detail}
	}
	timed, cancel := context.WithTimeout(ctx, helloTimeout)
	defer cancel()
	ws, resp, err := dialer(r.o.Dial).DialContext(timed, url, nil)
	if resp != nil && resp.Body != nil {
		_ = resp.Body.Close()
	}
	if err != nil {
		if resp != nil {
			return nil, &Fault{Method: "socket", Code: CodeNoAnswer, Detail: fmt.Sprintf("HTTP %d", resp.StatusCode)}
		}
		return nil, fail("dial", err)
	}
	s := &socket{ws: ws, heard: r.heard, writing: make(chan struct{}, 1)}
	ws.SetReadLimit(maxFrame)
	ws.SetPingHandler(func(data string) error {
		s.alive()
		err := ws.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(writeTimeout))
		if netErr, ok := errors.AsType[net.Error](err); errors.Is(err, websocket.ErrCloseSent) || ok && netErr.Timeout() {
			return nil // the reader will find out
		}
		return err
	})
	_ = ws.SetReadDeadline(time.Now().Add(helloTimeout))
	f, err := s.next()
	switch {
	case err != nil:
		err = fail("no hello", err)
	case f.Type == socketmode.RequestTypeDisconnect:
		err = &disconnected{f.Reason}
	case f.Type != socketmode.RequestTypeHello:
		err = &Fault{Method: "socket", Code: CodeNotSlack, Detail: "the first frame is " + clip(f.Type) + ", not hello"}
	}
	if err != nil {
		_ = ws.Close()
		return nil, err
	}
	return s, nil
}

// disconnected is Slack sending a socket away.
type disconnected struct{ reason string }

func (d *disconnected) Error() string {
	s := "Slack closed the socket: " + clip(d.reason)
	switch d.reason {
	case reasonDisabled:
		return s + "; switch Socket Mode on for the app"
	case reasonTooMany:
		return s + "; " + mends[d.reason]
	}
	return s
}

// alive puts the end of the connection off.
func (s *socket) alive() {
	_ = s.ws.SetReadDeadline(time.Now().Add(deadman))
	s.heard()
}

// next reads a frame. A frame that is no JSON is returned empty: it is counted, and the connection stays.
func (s *socket) next() (socketmode.Request, error) {
	kind, data, err := s.ws.ReadMessage()
	if err != nil {
		return socketmode.Request{}, err
	}
	s.alive()
	var f socketmode.Request
	if lenient(data, &f) != nil || kind != websocket.TextMessage {
		return socketmode.Request{}, nil
	}
	return f, nil
}

// lenient decodes JSON. A field of an unexpected type is left out and the rest is read: what we do not look at must not cost us what we need.
func lenient(data []byte, v any) error {
	err := json.Unmarshal(data, v)
	if _, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return nil
	}
	return err
}

// ack acknowledges an envelope. payload nil: without an answer. An error other than errTooBig means that it was not written.
func (s *socket) ack(id string, payload any) error {
	b, err := json.Marshal(socketmode.Response{EnvelopeID: id, Payload: payload})
	if err != nil {
		return fmt.Errorf("encode an acknowledgement: %w", err)
	}
	if len(b) > maxAck {
		return errTooBig
	}
	s.writing <- struct{}{}
	defer func() { <-s.writing }()
	_ = s.ws.SetWriteDeadline(time.Now().Add(writeTimeout))
	return s.ws.WriteMessage(websocket.TextMessage, b)
}

func (s *socket) close() { _ = s.ws.Close() }

package bot

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// A heartbeat to an outside service (healthchecks.io, Dead Man's Snitch and the like): a GET every so often, as long as nothing is overdue.
// When it stays away the service rings, by a path that has nothing of ours in it.
//
// Every replica beats for itself. What decides is in the store, which they share: a deadline nobody keeps or a page that nobody gets
// through silences all of them, and while one replica can see that all is well, the others' trouble is not the bot's. A beat that only one
// chosen replica sent would ring the outside whenever that one is replaced.
const (
	heartbeatEvery   = time.Minute
	heartbeatAtLeast = 10 * time.Second
	heartbeatAtMost  = time.Hour
	heartbeatWithin  = 10 * time.Second // for the call; the looking has as long again
	overdueAfter     = time.Minute      // a deadline is kept within seconds, or something is wrong
	unsentAfter      = time.Minute      // so is a page
	lanesLookedAt    = 1000
	itemsLookedAt    = 200
	redirects        = 3
)

// deadman beats. Its address is a capability: whoever knows it can beat in our place, so it is in no log and no error.
type deadman struct {
	url   *url.URL
	every time.Duration
	http  *http.Client
	fine  func(ctx context.Context) error // why not, in words of the catalogue
	log   zerolog.Logger

	mu       sync.Mutex
	sent     int64
	failed   int64
	withheld int64
	lastOK   time.Time // real time
	trouble  error     // why the last beat was not sent or not taken; nil: it was
}

// heartbeatURL reads the address. The error does not repeat it.
func heartbeatURL(s string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSpace(s))
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return nil, &catalog.Said{Key: "start.heartbeat-url"}
	}
	return u, nil
}

// heartbeatPace is how often, or why not.
func heartbeatPace(d time.Duration) (time.Duration, error) {
	switch {
	case d == 0:
		return heartbeatEvery, nil
	case d < heartbeatAtLeast || d > heartbeatAtMost:
		return 0, &catalog.Said{Key: "start.heartbeat-every", Args: catalog.Args{
			"d": catalog.Words(d.String()), "least": catalog.Words(heartbeatAtLeast.String()), "most": catalog.Words(heartbeatAtMost.String())}}
	}
	return d, nil
}

func newDeadman(u *url.URL, every time.Duration, t http.RoundTripper, fine func(ctx context.Context) error, log zerolog.Logger) *deadman {
	if t == nil {
		t = &http.Transport{
			Proxy: http.ProxyFromEnvironment, DialContext: (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
			TLSHandshakeTimeout: 5 * time.Second, MaxIdleConns: 1, IdleConnTimeout: 30 * time.Second,
		}
	}
	return &deadman{url: u, every: every, fine: fine, log: log, http: &http.Client{
		Transport: t, Timeout: heartbeatWithin,
		CheckRedirect: func(r *http.Request, via []*http.Request) error {
			// Elsewhere the address would be told to somebody who was not given it.
			if r.URL.Host != u.Host || r.URL.Scheme != u.Scheme || len(via) > redirects {
				return http.ErrUseLastResponse
			}
			return nil
		},
	}}
}

// run beats until ctx ends. The first beat is one interval after the start: a bot that keeps crashing is not fine. A beat that fails is
// not repeated before its time.
func (d *deadman) run(ctx context.Context) error {
	defer d.http.CloseIdleConnections()
	tick := time.NewTicker(d.every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		d.beat(ctx)
	}
}

// beat looks, and calls when all is well.
func (d *deadman) beat(ctx context.Context) {
	looking, done := context.WithTimeout(ctx, heartbeatWithin)
	err := d.fine(looking)
	done()
	if ctx.Err() != nil {
		return
	}
	if err != nil {
		d.note(&d.withheld, &catalog.Said{Key: "heartbeat.withheld", Args: catalog.Args{"why": catalog.Cause{Err: err}}, Err: err})
		return
	}
	err = d.call(ctx)
	switch {
	case ctx.Err() != nil:
	case err != nil:
		d.note(&d.failed, &catalog.Said{Key: "heartbeat.failed", Args: catalog.Args{"host": catalog.Words(d.url.Hostname()), "why": catalog.Cause{Err: err}}, Err: err})
	default:
		d.note(&d.sent, nil)
	}
}

// note counts a beat, and logs when it is the first of its kind.
func (d *deadman) note(count *int64, trouble error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	first := (trouble == nil) != (d.trouble == nil)
	*count++
	d.trouble = trouble
	if trouble == nil {
		d.lastOK = time.Now()
	}
	switch {
	case first && trouble != nil:
		d.log.Warn().Err(trouble).Msg("no heartbeat went to the outside service; the next is due as usual")
	case first:
		d.log.Info().Msg("heartbeats go to the outside service again")
	}
}

func (d *deadman) call(ctx context.Context) error {
	ctx, done := context.WithTimeout(ctx, heartbeatWithin)
	defer done()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, d.url.String(), nil)
	if err != nil {
		return errors.New("the address is not one")
	}
	req.Header.Set("User-Agent", "tocsin")
	resp, err := d.http.Do(req)
	if err != nil {
		return d.discreet(err)
	}
	defer resp.Body.Close()
	_, _ = io.CopyN(io.Discard, resp.Body, 64<<10) // only to keep the connection
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return fmt.Errorf("HTTP %d", resp.StatusCode)
	}
	return nil
}

// discreet is why a call failed, without the address: net/http puts it into every error.
func (d *deadman) discreet(err error) error {
	if t, ok := errors.AsType[net.Error](err); ok && t.Timeout() {
		return fmt.Errorf("no answer within %s", heartbeatWithin)
	}
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return op
	}
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err
	}
	words := err.Error()
	for _, secret := range []string{d.url.String(), d.url.RequestURI(), strings.Trim(d.url.EscapedPath(), "/"), strings.Trim(d.url.Path, "/"), d.url.RawQuery} {
		if secret != "" && strings.Contains(words, secret) {
			return errors.New("the call failed")
		}
	}
	return errors.New(words)
}

// report is what is told of it: nil while beats are sent and taken, or none was due yet.
func (d *deadman) report() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.trouble
}

// figures are what was counted; last is the time of the last beat that was taken, in Unix seconds, 0 when none was.
func (d *deadman) figures() (sent, failed, withheld int64, last float64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.lastOK.IsZero() {
		last = float64(d.lastOK.UnixMilli()) / 1000
	}
	return d.sent, d.failed, d.withheld, last
}

// fine says why the bot does not do what it is for, nil when it does: the store keeps what it is told, every deadline was kept, no page
// waits, and somebody can be heard.
func (b *Bot) fine(ctx context.Context) error {
	if err := b.store.SetCursor(ctx, "heartbeat", b.clock.Now().Format(time.RFC3339)); err != nil {
		return &catalog.Said{Key: "heartbeat.store", Args: catalog.Args{"why": catalog.Cause{Err: err}}, Err: err}
	}
	now := b.clock.Now()
	due, err := b.store.Due(ctx, now.Add(-overdueAfter), 1)
	if err != nil {
		return &catalog.Said{Key: "heartbeat.store", Args: catalog.Args{"why": catalog.Cause{Err: err}}, Err: err}
	}
	if len(due) > 0 {
		return &catalog.Said{Key: "heartbeat.overdue", Args: catalog.Args{"stream": catalog.Words(string(due[0].Stream)), "d": catalog.Words(now.Sub(due[0].At).Round(time.Second).String())}}
	}
	page, err := b.unsent(ctx, now)
	if err != nil {
		return &catalog.Said{Key: "heartbeat.store", Args: catalog.Args{"why": catalog.Cause{Err: err}}, Err: err}
	}
	if page != nil {
		return &catalog.Said{Key: "heartbeat.page", Args: catalog.Args{"stream": catalog.Words(string(page.Incident)), "d": catalog.Words(now.Sub(page.At).Round(time.Second).String())}}
	}
	if b.receiver.Status().Connected == 0 && (b.poller == nil || b.poller.Probe(ctx) != nil) {
		return &catalog.Said{Key: "heartbeat.deaf"}
	}
	return nil
}

// unsent is a page that has waited too long for a call to get through, nil when there is none.
func (b *Bot) unsent(ctx context.Context, now time.Time) (*incident.Owed, error) {
	lanes, err := b.store.Lanes(ctx, lanesLookedAt)
	if err != nil {
		return nil, err
	}
	for _, l := range lanes {
		if l.Waiting == 0 || !strings.HasSuffix(l.Lane, "|"+string(incident.LanePager)) {
			continue
		}
		items, err := b.store.Pending(ctx, l.Lane, itemsLookedAt)
		if err != nil {
			return nil, err
		}
		for _, it := range items {
			var o incident.Owed
			if it.Class != int(incident.ClassPage) || json.Unmarshal(it.Body, &o) != nil || o.Effect.Do != incident.Ring {
				continue
			}
			if now.Sub(o.At) > unsentAfter {
				return &o, nil
			}
		}
	}
	return nil, nil
}

// knock looks whether the service's host answers, without beating: a connection, and the handshake where there is one, and no request.
func knock(ctx context.Context, u *url.URL, dial func(ctx context.Context, network, addr string) (net.Conn, error)) error {
	target := u
	if dial == nil {
		dial = (&net.Dialer{Timeout: 5 * time.Second}).DialContext
		if via, err := http.ProxyFromEnvironment(&http.Request{URL: u}); err == nil && via != nil {
			target = via
		}
	}
	port := target.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[target.Scheme]
	}
	conn, err := dial(ctx, "tcp", net.JoinHostPort(target.Hostname(), port))
	if err != nil {
		return err
	}
	defer conn.Close()
	if target.Scheme != "https" {
		return nil
	}
	return tls.Client(conn, &tls.Config{ServerName: target.Hostname()}).HandshakeContext(ctx)
}

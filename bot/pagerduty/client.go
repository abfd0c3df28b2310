package pagerduty

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	pd "github.com/PagerDuty/go-pagerduty"
)

// ClientOptions say how to reach PagerDuty. The zero value reaches PagerDuty itself, for events only.
type ClientOptions struct {
	APIURL    string // base of the REST API v2; empty: https://api.pagerduty.com
	EventsURL string // base of the Events API v2, with or without /v2/enqueue; empty: https://events.pagerduty.com
	Token     string // REST key; empty: only what the Events API can do is done
	From      string // e-mail of the user in whose name the REST API is written to; needed with an account's key

	ReadOnly bool // only GET is sent: pages, events and changes are refused

	Transport http.RoundTripper // nil: a transport of the client's own
	Timeout   time.Duration     // of one call, real time; zero: 10 s
	Clock     Clock             // of buckets and pauses; required
	Pauses    Pauses            // nil: pauses are kept in memory

	// RESTPerMinute and EventsPerMinute are the budgets, shared by Replicas; zero: 900 (PagerDuty allows 960 for a key) and 100 for
	// each routing key.
	RESTPerMinute   int
	EventsPerMinute int
	Replicas        func() int // live replicas; nil: one
}

// Client is the narrow way to PagerDuty: go-pagerduty for requests and headers, our own reading of answers and errors.
type Client struct {
	o       ClientOptions
	api     *pd.Client
	http    *http.Client
	buckets buckets
	pauses  Pauses
	users   users
}

const (
	defaultAPIURL    = "https://api.pagerduty.com"
	defaultEventsURL = "https://events.pagerduty.com"
	enqueuePath      = "/v2/enqueue" // the library appends it
	callTimeout      = 10 * time.Second
	maxAnswer        = 8 << 20 // bytes of an answer that are read
	maxErrorBody     = 16 << 10
	storeTime        = 300 * time.Millisecond // for the shared pause, real time
)

// NewClient makes a client. It calls nobody. An address that is no http or https URL is an error.
func NewClient(o ClientOptions) (*Client, error) {
	o.APIURL = strings.TrimRight(o.APIURL, "/")
	o.EventsURL = strings.TrimRight(strings.TrimSuffix(strings.TrimRight(o.EventsURL, "/"), enqueuePath), "/")
	if o.APIURL == "" {
		o.APIURL = defaultAPIURL
	}
	if o.EventsURL == "" {
		o.EventsURL = defaultEventsURL
	}
	for name, s := range map[string]string{"PAGERDUTY_API_URL": o.APIURL, "PAGERDUTY_EVENTS_URL": o.EventsURL} {
		if u, err := url.Parse(s); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
			return nil, fmt.Errorf("%s is not an http or https address without user: give it like %s", name, defaultAPIURL)
		}
	}
	if o.Clock == nil {
		return nil, errors.New("pagerduty client: no clock")
	}
	if o.Timeout <= 0 {
		o.Timeout = callTimeout
	}
	if o.RESTPerMinute <= 0 {
		o.RESTPerMinute = 900
	}
	if o.EventsPerMinute <= 0 {
		o.EventsPerMinute = 100
	}
	c := &Client{o: o, pauses: o.Pauses}
	if c.pauses == nil {
		c.pauses = &memoryPauses{}
	}
	rt := o.Transport
	if rt == nil {
		rt = &http.Transport{
			Proxy: http.ProxyFromEnvironment, DialContext: (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
			TLSHandshakeTimeout: 5 * time.Second, MaxIdleConns: 16, MaxIdleConnsPerHost: 8, IdleConnTimeout: time.Minute, ForceAttemptHTTP2: true,
		}
	}
	if o.ReadOnly {
		rt = readOnly{rt}
	}
	c.http = &http.Client{
		Transport: recorder{rt}, Timeout: o.Timeout,
		// A redirect would carry a routing key to somebody else's host.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	c.api = pd.NewClient(o.Token, pd.WithAPIEndpoint(o.APIURL), pd.WithV2EventsAPIEndpoint(o.EventsURL))
	c.api.HTTPClient = c.http
	return c, nil
}

// HasToken reports whether the REST API can be used at all.
func (c *Client) HasToken() bool { return c != nil && c.o.Token != "" }

// Close gives idle connections back.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// CloseIdleConnections is what http.Client looks for on its transport.
func (r recorder) CloseIdleConnections() {
	if t, ok := r.next.(interface{ CloseIdleConnections() }); ok {
		t.CloseIdleConnections()
	}
}

// exchange is what really happened on the wire in one call. The library keeps neither headers nor causes.
type exchange struct {
	status int
	wait   time.Duration // Retry-After or ratelimit-reset
	body   []byte        // of an answer that is no success, bounded
	err    error
	sent   bool // a connection was there: the request may have arrived
}

type exchangeKey struct{}

// recorder writes down what happens in the exchange that the request's context carries.
type recorder struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (r recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	x, _ := req.Context().Value(exchangeKey{}).(*exchange)
	if x == nil {
		return nil, errors.New("pagerduty: a call outside the client")
	}
	// The trace's callbacks may outlive the round trip, so they write to an atomic and not to x.
	var sent atomic.Bool
	trace := &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { sent.Store(true) }}
	resp, err := r.next.RoundTrip(req.WithContext(httptrace.WithClientTrace(req.Context(), trace)))
	x.err, x.sent = err, sent.Load() || err == nil
	if err != nil {
		return nil, err
	}
	x.status, x.wait = resp.StatusCode, waitOf(resp.Header)
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		x.body, _ = io.ReadAll(io.LimitReader(resp.Body, maxErrorBody)) // the status says enough when it cannot be read
		_ = resp.Body.Close()
		resp.Body = io.NopCloser(bytes.NewReader(x.body))
	} else {
		resp.Body = &limitedBody{resp.Body, maxAnswer}
	}
	return resp, nil
}

// limitedBody fails beyond its bound instead of ending quietly.
type limitedBody struct {
	io.ReadCloser
	left int64
}

// Read implements io.Reader.
func (l *limitedBody) Read(p []byte) (int, error) {
	if l.left >= 0 && int64(len(p)) > l.left+1 {
		p = p[:l.left+1]
	}
	n, err := l.ReadCloser.Read(p)
	if l.left -= int64(n); l.left < 0 {
		return n, fmt.Errorf("the answer is longer than %d bytes", maxAnswer)
	}
	return n, err
}

// waitOf reads how long to wait: Retry-After, else ratelimit-reset (REST API v2, "Rate limits"), both in seconds.
func waitOf(h http.Header) time.Duration {
	for _, name := range []string{"Retry-After", "Ratelimit-Reset"} {
		if n, err := strconv.Atoi(strings.TrimSpace(h.Get(name))); err == nil && n > 0 {
			return min(time.Duration(n)*time.Second, maxWait)
		}
	}
	return 0
}

// explain reads PagerDuty's error answer of either API; of anything else only the beginning.
func explain(body []byte) (code int, detail string) {
	var e struct {
		Error struct {
			Code    int             `json:"code"`
			Message string          `json:"message"`
			Errors  json.RawMessage `json:"errors"`
		} `json:"error"`
		Message string          `json:"message"`
		Errors  json.RawMessage `json:"errors"`
	}
	if json.Unmarshal(body, &e) != nil {
		return 0, bounded(string(body))
	}
	detail, list := e.Error.Message, e.Error.Errors
	if detail == "" {
		detail, list = e.Message, e.Errors
	}
	var many []string
	var one string
	if json.Unmarshal(list, &many) == nil && len(many) > 0 {
		detail += ": " + strings.Join(many, "; ")
	} else if json.Unmarshal(list, &one) == nil && one != "" {
		detail += ": " + one
	}
	return e.Error.Code, bounded(detail)
}

// admit asks the shared pause and the bucket. A pause holds for everybody; a bucket only for what is not urgent.
func (c *Client) admit(ctx context.Context, op, name string, perMinute int, u urgency) *Fault {
	now := c.o.Clock.Now()
	asked, cancel := context.WithTimeout(ctx, storeTime)
	until, err := c.pauses.Paused(asked, name)
	cancel()
	if err == nil && until.After(now) { // a store that does not answer must not hold up a page
		return &Fault{Op: op, Detail: "waiting as asked by an earlier answer 429", Status: http.StatusTooManyRequests, after: min(until.Sub(now), maxWait)}
	}
	replicas := 1
	if c.o.Replicas != nil {
		replicas = max(1, c.o.Replicas())
	}
	if wait := c.buckets.take(name, float64(perMinute)/float64(replicas), now, u); wait > 0 {
		return &Fault{Op: op, Detail: "our own budget of calls is used up", Status: http.StatusTooManyRequests, after: wait}
	}
	return nil
}

// settle classifies, pauses everybody after a 429, and takes secrets out of whatever came back.
func (c *Client) settle(ctx context.Context, op, name string, x *exchange, events bool, secrets []string, ok func(int) bool) *Fault {
	f := classify(op, events, x, ok)
	if f == nil {
		return nil
	}
	for _, s := range append(secrets, c.o.Token) {
		if s == "" {
			continue
		}
		f.Detail = strings.ReplaceAll(f.Detail, s, "…")
		if f.Err != nil && strings.Contains(f.Err.Error(), s) {
			f.Err = nil
		}
	}
	if f.Status == http.StatusTooManyRequests {
		// An error here costs courtesy only, and the caller gets the wait anyway.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeTime)
		_ = c.pauses.Pause(ctx, name, c.o.Clock.Now().Add(f.after))
		cancel()
	}
	return f
}

// call makes one REST call. body and out may be nil.
func (c *Client) call(ctx context.Context, u urgency, op, method, path string, query url.Values, body, out any) error {
	if c.o.ReadOnly && method != http.MethodGet {
		return refusedAsWrite(op)
	}
	if !c.HasToken() {
		return refuse(op, "set PAGERDUTY_API_TOKEN", "it needs the REST API")
	}
	if f := c.admit(ctx, op, bucketREST, c.o.RESTPerMinute, u); f != nil {
		return f
	}
	x := &exchange{}
	target := c.o.APIURL + path
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	var rd io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return fmt.Errorf("PagerDuty: %s: encode: %w", op, err)
		}
		rd = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(context.WithValue(ctx, exchangeKey{}, x), method, target, rd)
	if err != nil {
		return fmt.Errorf("PagerDuty: %s: %w", op, err)
	}
	if method != http.MethodGet && c.o.From != "" {
		req.Header.Set("From", c.o.From)
	}
	resp, err := c.api.Do(req, true)
	if err != nil {
		if x.err == nil {
			x.err = err // the call's own timeout, while the headers were read
			x.status = 0
		}
		return c.settle(ctx, op, bucketREST, x, false, nil, isOK)
	}
	defer func() { _ = resp.Body.Close() }()
	if f := c.settle(ctx, op, bucketREST, x, false, nil, isOK); f != nil {
		return f
	}
	if out == nil {
		_, _ = io.Copy(io.Discard, resp.Body) // only to keep the connection
		return nil
	}
	if err := json.NewDecoder(resp.Body).Decode(out); err != nil {
		return &Fault{Op: op, Status: x.status, Detail: "the answer cannot be read: " + bounded(err.Error()), Err: err, ambiguous: true}
	}
	return nil
}

func isOK(status int) bool { return status >= 200 && status <= 299 }

// send sends one event to the Events API v2. Only 202 means that PagerDuty took it.
func (c *Client) send(ctx context.Context, op string, e *pd.V2Event) error {
	if c.o.ReadOnly {
		return refusedAsWrite(op)
	}
	name := bucketEvents(e.RoutingKey)
	if f := c.admit(ctx, op, name, c.o.EventsPerMinute, urgent); f != nil {
		return f
	}
	x := &exchange{}
	_, err := c.api.ManageEventWithContext(context.WithValue(ctx, exchangeKey{}, x), e)
	if err != nil && x.status == 0 && x.err == nil {
		x.err = err
	}
	// The library also fails on an answer it cannot decode; a 202 is a page taken all the same.
	if f := c.settle(ctx, op, name, x, true, []string{e.RoutingKey}, func(s int) bool { return s == http.StatusAccepted }); f != nil {
		return f
	}
	return nil
}

// pages reads a list page by page, at most most pages; each is called with the page's body, and says how many entries it had.
// more reports that there were further pages.
func (c *Client) pages(ctx context.Context, u urgency, op, path string, q url.Values, most int, each func(json.RawMessage) error) (more bool, err error) {
	q = cloneValues(q)
	q.Set("limit", strconv.Itoa(pageSize))
	for n := range most {
		q.Set("offset", strconv.Itoa(n*pageSize))
		var raw json.RawMessage
		if err := c.call(ctx, u, op, http.MethodGet, path, q, nil, &raw); err != nil {
			return false, err
		}
		var list struct {
			More bool `json:"more"`
		}
		if err := json.Unmarshal(raw, &list); err != nil {
			return false, &Fault{Op: op, Status: http.StatusOK, Detail: "the answer cannot be read: " + bounded(err.Error())}
		}
		if err := each(raw); err != nil {
			return false, &Fault{Op: op, Status: http.StatusOK, Detail: "the answer cannot be read: " + bounded(err.Error())}
		}
		if !list.More {
			return false, nil
		}
	}
	return true, nil
}

const pageSize = 100 // PagerDuty's largest page

func cloneValues(q url.Values) url.Values {
	out := url.Values{}
	for k, v := range q {
		out[k] = slices.Clone(v)
	}
	return out
}

// memoryPauses keeps pauses for one process.
type memoryPauses struct {
	mu sync.Mutex
	m  map[string]time.Time
}

// Pause implements Pauses.
func (p *memoryPauses) Pause(_ context.Context, bucket string, until time.Time) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.m == nil || len(p.m) >= maxBuckets {
		p.m = map[string]time.Time{}
	}
	p.m[bucket] = until
	return nil
}

// Paused implements Pauses.
func (p *memoryPauses) Paused(_ context.Context, bucket string) (time.Time, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.m[bucket], nil
}

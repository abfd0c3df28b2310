package intake

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/rs/zerolog"

	"github.com/tocsin-bot/tocsin/bot/engine"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// Reader is the part of engine.Reader that is needed here.
type Reader interface {
	ByClaims(ctx context.Context, claims []string) (incident.ID, bool, error)
	State(ctx context.Context, id incident.ID) (incident.State, error)
	Policy() *incident.Policy
}

// DeadLetters keeps what was authorised and could not be read, and alerts an operator. An error means that it was not kept.
type DeadLetters interface {
	File(ctx context.Context, source, reason string, body []byte) error
}

// Clock tells the time of the domain: bot/clock.
type Clock interface{ Now() time.Time }

// Check is one thing that must be true for this process to be of use. Probe returns why it is not, in words for an operator; it must end
// when its context does.
type Check struct {
	Name  string
	Probe func(ctx context.Context) error
	// Told is for what is shown and fails nothing: when Slack or PagerDuty are down, alerts must still be routed to this process, which
	// keeps deadlines and pages people.
	Told bool
}

// Options are what a Server needs.
type Options struct {
	Addr        string // HOST:PORT to listen on; Start with an empty one does nothing
	Handler     engine.Handler
	Reader      Reader
	Token       string       // ALERTMANAGER_TOKEN; empty: Alertmanager is refused
	PagerDuty   http.Handler // mounted at /webhooks/pagerduty; nil: there is none
	DeadLetters DeadLetters
	Clock       Clock
	Ready       []Check
	Metrics     *prometheus.Registry // nil: a registry of its own
	Log         zerolog.Logger
}

// Server is the HTTP server. Make one with New.
type Server struct {
	o        Options
	mux      *http.ServeMux
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec

	mu   sync.Mutex
	http *http.Server
	addr net.Addr
	done chan struct{} // closed when the listener's goroutine has ended
	err  error         // of that goroutine
}

const (
	maxAlertBody = 1 << 20 // bytes
	alertTime    = 8 * time.Second
	probeTime    = 2 * time.Second
	sourceAlerts = "alertmanager"
)

// New makes a server. It listens nowhere yet. An error says which option is missing.
func New(o Options) (*Server, error) {
	if o.Handler == nil || o.Reader == nil || o.DeadLetters == nil || o.Clock == nil {
		return nil, errors.New("intake: Handler, Reader, DeadLetters and Clock are needed")
	}
	if o.Metrics == nil {
		o.Metrics = prometheus.NewRegistry()
	}
	s := &Server{
		o: o, mux: http.NewServeMux(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "tocsin_http_requests_total", Help: "Requests to the intake, by path and status."}, []string{"path", "code"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "tocsin_http_request_seconds", Help: "Time from a request to its answer, which comes after the commit.", Buckets: []float64{.001, .002, .005, .01, .02, .05, .1, .25, .5, 1, 2.5, 5},
		}, []string{"path"}),
	}
	for _, c := range []prometheus.Collector{s.requests, s.seconds} {
		if err := o.Metrics.Register(c); err != nil {
			return nil, fmt.Errorf("intake: register metrics: %w", err)
		}
	}
	s.mount("POST /webhooks/alertmanager", http.HandlerFunc(s.alertmanager))
	if o.PagerDuty != nil {
		s.mount("POST /webhooks/pagerduty", o.PagerDuty)
	}
	s.mount("GET /healthz", http.HandlerFunc(s.healthz))
	s.mount("GET /readyz", http.HandlerFunc(s.readyz))
	s.mount("GET /metrics", promhttp.HandlerFor(o.Metrics, promhttp.HandlerOpts{MaxRequestsInFlight: 4, Timeout: 10 * time.Second}))
	return s, nil
}

// Handler serves everything; Start serves it on an address.
func (s *Server) Handler() http.Handler { return s.mux }

// mount counts and times a handler, and turns a panic into 500 and a line in the log: one bad request must not end the bot.
func (s *Server) mount(pattern string, h http.Handler) {
	_, path, _ := strings.Cut(pattern, " ")
	s.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		rec := &statusWriter{ResponseWriter: w}
		start := time.Now() // a measurement, not a time of the domain
		defer func() {
			if x := recover(); x != nil {
				if x == http.ErrAbortHandler {
					panic(x)
				}
				s.o.Log.Error().Str("path", path).Interface("panic", x).Msg("a request failed in a way nobody foresaw; report it")
				if rec.code == 0 {
					http.Error(rec, "not recorded; send it again", http.StatusInternalServerError)
				}
			}
			s.requests.WithLabelValues(path, strconv.Itoa(max(rec.code, http.StatusOK))).Inc()
			s.seconds.WithLabelValues(path).Observe(time.Since(start).Seconds())
		}()
		h.ServeHTTP(rec, r)
	})
}

type statusWriter struct {
	http.ResponseWriter
	code int
}

// WriteHeader implements http.ResponseWriter.
func (w *statusWriter) WriteHeader(code int) {
	if w.code == 0 {
		w.code = code
	}
	w.ResponseWriter.WriteHeader(code)
}

// Write implements http.ResponseWriter.
func (w *statusWriter) Write(b []byte) (int, error) {
	if w.code == 0 {
		w.code = http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController and http.MaxBytesReader reach the real writer.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// authorised compares the bearer token in constant time, whatever its length.
func (s *Server) authorised(r *http.Request) bool {
	if s.o.Token == "" {
		return false
	}
	scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") {
		return false
	}
	got, want := sha256.Sum256([]byte(strings.TrimSpace(token))), sha256.Sum256([]byte(s.o.Token))
	return subtle.ConstantTimeCompare(got[:], want[:]) == 1
}

// alertmanager serves Alertmanager's webhook.
//
//	401  no or a wrong token; the body is not read
//	413  longer than 1 MiB: set max_alerts in the receiver
//	202  recorded or no news; also unreadable, which is kept as a dead letter
//	503  not recorded: Alertmanager sends it again
func (s *Server) alertmanager(w http.ResponseWriter, r *http.Request) {
	log := s.o.Log.With().Str("from", r.RemoteAddr).Logger()
	if !s.authorised(r) {
		log.Warn().Bool("token_configured", s.o.Token != "").Msg("a webhook without the right bearer token was refused; compare ALERTMANAGER_TOKEN with the receiver's authorization.credentials")
		w.Header().Set("WWW-Authenticate", `Bearer realm="tocsin"`)
		http.Error(w, "a bearer token is needed", http.StatusUnauthorized)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxAlertBody))
	if tooLong := new(http.MaxBytesError); errors.As(err, &tooLong) {
		log.Error().Msg("a webhook of Alertmanager longer than 1 MiB was refused; set max_alerts in its receiver")
		http.Error(w, "at most 1 MiB; set max_alerts in the receiver", http.StatusRequestEntityTooLarge)
		return
	}
	if err != nil {
		http.Error(w, "the body could not be read; send it again", http.StatusServiceUnavailable)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), alertTime)
	defer cancel()
	n, err := parse(body)
	if err != nil {
		if err := s.o.DeadLetters.File(ctx, sourceAlerts, err.Error(), body); err != nil {
			log.Error().Err(err).Msg("a webhook of Alertmanager could neither be read nor kept")
			http.Error(w, "not recorded; send it again", http.StatusServiceUnavailable)
			return
		}
		log.Error().Err(err).Msg("a webhook of Alertmanager could not be read; it is among the dead letters")
		w.WriteHeader(http.StatusAccepted)
		return
	}
	if err := s.take(ctx, n); err != nil {
		log.Error().Err(err).Msg("a webhook of Alertmanager was not recorded; it sends it again")
		http.Error(w, "not recorded; send it again", http.StatusServiceUnavailable)
		return
	}
	w.WriteHeader(http.StatusAccepted)
}

// take hands a notification to the engine, unless the incident has the very set already.
func (s *Server) take(ctx context.Context, n notification) error {
	if n.Watchdog {
		return nil
	}
	now := s.o.Clock.Now()
	set := n.set(s.o.Reader.Policy(), now)
	find, take := n.claims(set)
	key := "am/" + set.Group + "/" + n.content()
	id, found, err := s.o.Reader.ByClaims(ctx, find[:1])
	if err != nil {
		return fmt.Errorf("find the incident of alert group %s: %w", set.Group, err)
	}
	if found {
		st, err := s.o.Reader.State(ctx, id)
		if err != nil {
			return fmt.Errorf("read %s: %w", id, err)
		}
		if was, known := st.Alert(set.Group); known && st.Open() {
			if was.Same(set) {
				return nil
			}
			key += "/" + string(id) + "/" + strconv.FormatInt(was.ChangedAt.UnixNano(), 10)
		}
	}
	out, err := s.o.Handler.Handle(ctx, engine.Input{
		Key: key, At: n.moment(now), Actor: incident.Actor{System: incident.SystemAlertmanager}, Via: incident.ViaAlertmanager,
		Act:   incident.AlertsFired{Set: set, Title: incident.Say(n.title(set), incident.MaxTitle)},
		Route: engine.Route{Claims: find, New: set.Firing > 0, Take: take, Joins: n.joins(s.o.Reader.Policy(), set), Names: n.names()},
	})
	if err != nil {
		return fmt.Errorf("alert group %s (%d firing) not recorded: %w", set.Group, set.Firing, err)
	}
	if out.New && !out.Duplicate {
		s.o.Log.Info().Str("incident", string(out.Incident)).Str("alert", set.Name).Msg("opened for an alert group")
	}
	return nil
}

func (s *Server) healthz(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, "ok\n") // a client that went away is its own affair
}

// readiness is the answer of /readyz.
type readiness struct {
	Ready  bool     `json:"ready"`
	Checks []result `json:"checks"`
}

type result struct {
	Name   string `json:"name"`
	OK     bool   `json:"ok"`
	Reason string `json:"reason,omitempty"`
}

func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), probeTime)
	defer cancel()
	out := readiness{Ready: true, Checks: make([]result, len(s.o.Ready))}
	var wg sync.WaitGroup
	for i, c := range s.o.Ready {
		wg.Go(func() {
			res := result{Name: c.Name, OK: true}
			if err := c.Probe(ctx); err != nil {
				res.OK, res.Reason = false, incident.Clip(err.Error(), 500)
			}
			out.Checks[i] = res
		})
	}
	wg.Wait()
	for i, c := range out.Checks {
		out.Ready = out.Ready && (c.OK || s.o.Ready[i].Told)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if !out.Ready {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_ = json.NewEncoder(w).Encode(out) // as above
}

// Start listens and serves until Stop. With an empty address it does nothing. It fails when the address cannot be had.
func (s *Server) Start() error {
	if s.o.Addr == "" {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.http != nil {
		return errors.New("intake: started already")
	}
	l, err := net.Listen("tcp", s.o.Addr)
	if err != nil {
		return fmt.Errorf("listen on %s (TOCSIN_HTTP_ADDR): %w", s.o.Addr, err)
	}
	s.serve(l)
	return nil
}

// serve starts the server's goroutine on a listener; s.mu is held.
func (s *Server) serve(l net.Listener) {
	s.http = &http.Server{
		Handler: s.mux, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 20 * time.Second,
		IdleTimeout: time.Minute, MaxHeaderBytes: 32 << 10,
	}
	s.addr, s.done = l.Addr(), make(chan struct{})
	srv, done := s.http, s.done
	go func() {
		defer close(done)
		if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			s.mu.Lock()
			s.err = fmt.Errorf("serve %s: %w", l.Addr(), err)
			s.mu.Unlock()
			s.o.Log.Error().Err(err).Str("address", l.Addr().String()).Msg("the HTTP server ended: webhooks do not arrive any more")
		}
	}()
}

// Addr is the address listened on, empty when there is none.
func (s *Server) Addr() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.addr == nil {
		return ""
	}
	return s.addr.String()
}

// Stop takes no more connections, lets requests under way finish until the context ends, then cuts them. It may be called twice and
// without Start.
func (s *Server) Stop(ctx context.Context) error {
	s.mu.Lock()
	srv, done := s.http, s.done
	s.mu.Unlock()
	if srv == nil {
		return nil
	}
	err := srv.Shutdown(ctx)
	if err != nil {
		err = errors.Join(fmt.Errorf("intake: requests were cut: %w", err), srv.Close())
	}
	<-done
	s.mu.Lock()
	defer s.mu.Unlock()
	return errors.Join(err, s.err)
}

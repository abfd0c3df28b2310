package pagerduty

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"github.com/tocsin-bot/tocsin/bot/clock"
	"github.com/tocsin-bot/tocsin/bot/engine"
	"github.com/tocsin-bot/tocsin/bot/house"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/sandbox/pager"
)

const (
	keyProd  = "prod0000000000000000000000000000"
	keyLead  = "lead0000000000000000000000000000"
	apiToken = "a-token-that-must-not-leak"
	fromMail = "marc@example.com"
	secret   = "webhook-secret"
)

// direct carries requests straight into a handler, so that everything runs in a bubble without sockets. A handler that aborts is a
// connection that was cut after the request went out.
type direct struct{ h http.Handler }

func (d direct) RoundTrip(r *http.Request) (resp *http.Response, err error) {
	if t := httptrace.ContextClientTrace(r.Context()); t != nil && t.GotConn != nil {
		t.GotConn(httptrace.GotConnInfo{})
	}
	body := []byte{}
	if r.Body != nil {
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	in := httptest.NewRequestWithContext(r.Context(), r.Method, r.URL.String(), bytes.NewReader(body))
	in.Header = r.Header.Clone()
	w := httptest.NewRecorder()
	defer func() {
		if x := recover(); x != nil {
			if x != http.ErrAbortHandler {
				panic(x)
			}
			resp, err = nil, io.ErrUnexpectedEOF
		}
	}()
	d.h.ServeHTTP(w, in)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return w.Result(), nil
}

// brain stands for the engine: keys, claims and routes as the engine has them, and a State per incident folded from what the test asks for.
type brain struct {
	mu     sync.Mutex
	t      *testing.T
	clock  *clock.Clock
	keys   map[string]engine.Outcome
	claims map[string]incident.ID
	states map[incident.ID]incident.State
	policy *incident.Policy
	took   []engine.Input // those that counted: routed and not seen before
	offer  int            // inputs handed in at all
	houses []house.Intent
	down   error
	noRead error // of State alone
	last   int64
}

func (b *brain) Handle(ctx context.Context, in engine.Input) (engine.Outcome, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.offer++
	if b.down != nil {
		return engine.Outcome{}, b.down
	}
	if in.Key == "" || in.At.IsZero() || in.Act == nil {
		b.t.Errorf("an input without key, time or act: %+v", in)
	}
	for _, k := range append([]string{in.Key}, in.Same...) {
		if out, ok := b.keys[k]; ok {
			out.Duplicate = true
			return out, nil
		}
	}
	id := in.Route.ID
	for _, c := range in.Route.Claims {
		if id == "" {
			id = b.claims[c]
		}
	}
	out := engine.Outcome{}
	if id == "" {
		if !in.Route.New {
			return engine.Outcome{Unrouted: true}, nil
		}
		b.last++
		id, out.New = incident.NewID(b.last), true
	}
	out.Incident = id
	for _, c := range in.Route.Take {
		if b.claims[c] == "" {
			b.claims[c] = id
		}
	}
	for _, k := range append([]string{in.Key}, in.Same...) {
		b.keys[k] = out
	}
	b.took = append(b.took, in)
	return out, nil
}

func (b *brain) HandleHouse(_ context.Context, _ string, in house.Intent) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.houses = append(b.houses, in)
	return b.down
}

func (b *brain) ByClaims(_ context.Context, names []string) (incident.ID, bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, n := range names {
		if id := b.claims[n]; id != "" {
			return id, true, b.down
		}
	}
	return "", false, b.down
}

var errNoIncident = errors.New("no such incident")

func (b *brain) State(_ context.Context, id incident.ID) (incident.State, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := errors.Join(b.down, b.noRead); err != nil {
		return incident.State{}, err
	}
	s, ok := b.states[id]
	if !ok {
		return s, errNoIncident
	}
	return s, nil
}

func (b *brain) Policy() *incident.Policy { return b.policy }

// acts writes down what was taken in, one line each.
func (b *brain) acts() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []string
	for _, in := range b.took {
		id := b.keys[in.Key].Incident
		switch a := in.Act.(type) {
		case incident.PagerTriggered:
			out = append(out, fmt.Sprintf("%s triggered %s %q alert=%s assigned=%s", id, a.Ref.Status, a.Title.Body, a.AlertName, names(a.Ref.Assigned)))
		case incident.PagerChanged:
			out = append(out, fmt.Sprintf("%s changed to %s by %q dedup=%q", id, a.Status, a.By.Name, a.Dedup))
		case incident.PagerNote:
			out = append(out, fmt.Sprintf("%s note by %q: %s", id, a.By.Name, a.Text.Body))
		default:
			out = append(out, fmt.Sprintf("%s %T", id, a))
		}
	}
	return out
}

func names(ps []incident.Person) string {
	var out []string
	for _, p := range ps {
		out = append(out, p.Name+"/"+p.Slack)
	}
	return strings.Join(out, ",")
}

type cursors struct {
	mu sync.Mutex
	m  map[string]string
}

func (c *cursors) Get(_ context.Context, name string) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.m[name], nil
}

func (c *cursors) Set(_ context.Context, name, value string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.m[name] = value
	return nil
}

type letters struct {
	mu    sync.Mutex
	filed []string
	down  error
}

func (l *letters) File(_ context.Context, source, reason string, body []byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.down == nil {
		l.filed = append(l.filed, source+": "+reason+": "+string(body))
	}
	return l.down
}

type directory map[string]incident.Person

func (d directory) ByPager(id string) incident.Person { return d[id] }

type secrets map[string]string

func (s secrets) Get(name string) (string, error) {
	if v, ok := s[name]; ok {
		return v, nil
	}
	return "", fmt.Errorf("%s is not set", name)
}

type renderer struct{ err error }

func (r renderer) PageText(_ context.Context, o incident.Owed, s incident.State) (string, map[string]string, []Link, error) {
	return fmt.Sprintf("%s %s. Acknowledge by 03:12 (%s).", s.Severity, s.Title.Body, o.Incident),
		map[string]string{"first_step": "RB-001 1/9"}, []Link{{"https://slack.example/c", "Room"}}, r.err
}

func (r renderer) NoteText(_ context.Context, o incident.Owed, _ incident.State) (string, error) {
	return string(o.Incident) + ": the tech lead is rung at 03:24 unless you record progress.", r.err
}

type world struct {
	*testing.T
	ctx       context.Context
	clock     *clock.Clock
	pager     *pager.Pager
	client    *Client
	performer *Performer
	brain     *brain
	inbound   *Inbound
	cursors   *cursors
	letters   *letters
	logs      *bytes.Buffer
}

type setup struct {
	noToken  bool
	webhooks bool
	poll     bool
}

// bubble runs f in virtual time with a sandbox, a client and an inbound, and fails on leaks and on calls the sandbox does not serve.
func bubble(t *testing.T, s setup, f func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{T: t, clock: clock.New(), cursors: &cursors{m: map[string]string{}}, letters: &letters{}, logs: &bytes.Buffer{}}
		ctx, cancel := context.WithCancel(context.Background())
		w.ctx = ctx
		w.brain = &brain{
			t: t, clock: w.clock, keys: map[string]engine.Outcome{}, claims: map[string]incident.ID{}, states: map[incident.ID]incident.State{},
			policy: &incident.Policy{Installation: "acme", Alerts: map[string]incident.AlertRule{"ApiErrorRateHigh": {Severity: incident.SEV1}}},
		}
		var hook http.Handler
		o := account(w.clock)
		o.WebhookTransport = direct{http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { hook.ServeHTTP(rw, r) })}
		if s.webhooks {
			o.Webhooks = []pager.Webhook{{ID: "PWH", URL: "http://bot/webhooks/pagerduty", Secrets: []string{"an older one", secret}}}
		}
		p, err := pager.New(o)
		if err != nil {
			t.Fatal(err)
		}
		w.pager = p
		token := apiToken
		if s.noToken {
			token = ""
		}
		w.client, err = NewClient(ClientOptions{APIURL: "http://pd/", EventsURL: "http://pd/v2/enqueue", Token: token, From: fromMail, Transport: direct{p.Handler()}, Clock: w.clock})
		if err != nil {
			t.Fatal(err)
		}
		w.performer = &Performer{Client: w.client, Secrets: secrets{"KEY_PROD": keyProd, "KEY_LEAD": keyLead}, Render: renderer{}}
		w.inbound = NewInbound(InboundOptions{
			Handler: w.brain, Reader: w.brain, Client: w.client, Directory: directory{"PMARC": {Slack: "U1", Name: "Marc D."}},
			DeadLetters: w.letters, Cursors: w.cursors, Clock: w.clock, Log: zerolog.New(w.logs), NotFound: func(err error) bool { return errors.Is(err, errNoIncident) },
		})
		hook = w.inbound.Webhook([]string{secret})
		var wg sync.WaitGroup
		if s.poll {
			poller, err := w.inbound.Poller(PollOptions{})
			if err != nil {
				t.Fatal(err)
			}
			wg.Go(func() {
				if err := poller.Run(ctx); !errors.Is(err, context.Canceled) {
					t.Errorf("the poller ended: %v", err)
				}
			})
			synctest.Wait()
		}
		f(w)
		cancel()
		wg.Wait()
		p.Close()
		for _, c := range p.Unexpected() {
			t.Errorf("a call PagerDuty does not serve: %s %s", c.Op, c.Path)
		}
		for _, s := range []string{apiToken, keyProd, keyLead, secret} {
			if strings.Contains(w.logs.String(), s) {
				t.Errorf("the log has a secret:\n%s", w.logs)
			}
		}
	})
}

func account(c *clock.Clock) pager.Options {
	return pager.Options{
		Clock: c, APIToken: apiToken,
		Users: []pager.User{
			{ID: "PMARC", Name: "Marc", Email: fromMail, Phone: "+33 1"},
			{ID: "PINES", Name: "Ines", Email: "ines@example.com", Phone: "+33 2"},
			{ID: "PTOM", Name: "Tomás", Email: "tomas@example.com", Phone: "+33 3"},
		},
		Schedules: []pager.Schedule{{ID: "PSCHED1", Name: "Primary", TimeZone: "Europe/Paris", Users: []string{"PMARC"}}},
		EscalationPolicies: []pager.EscalationPolicy{
			{ID: "PEPROD", Name: "Production", Levels: []pager.Level{{Targets: []pager.Target{{ScheduleID: "PSCHED1"}}, Delay: 30 * time.Minute}}},
			{ID: "PELEAD", Name: "Lead", Levels: []pager.Level{{Targets: []pager.Target{{UserID: "PTOM"}}, Delay: 30 * time.Minute}}},
		},
		Services: []pager.Service{
			{ID: "PSPROD", Name: "Checkout", EscalationPolicyID: "PEPROD", Integrations: []pager.Integration{{ID: "PI1", Name: "Prometheus", Key: keyProd}}},
			{ID: "PSLEAD", Name: "Tech lead", EscalationPolicyID: "PELEAD", Integrations: []pager.Integration{{ID: "PI2", Name: "Tocsin", Key: keyLead}}},
		},
	}
}

func (w *world) settle(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func (w *world) fire(key, dedup, title string) pager.Fired {
	w.Helper()
	f, err := w.pager.Fire(key, pager.Alert{Summary: title, Severity: "critical", Source: "prometheus", DedupKey: dedup})
	if err != nil {
		w.Fatal(err)
	}
	return f
}

// phones lists whose phone rang, in order.
func (w *world) phones() string {
	var out []string
	for _, r := range w.pager.Rings() {
		if r.Kind == pager.Phone {
			out = append(out, r.Person.Name)
		}
	}
	return strings.Join(out, " ")
}

func (w *world) want(got, want string) {
	w.Helper()
	if got != want {
		w.Errorf("got  %s\nwant %s", got, want)
	}
}

func (w *world) wantActs(want ...string) {
	w.Helper()
	if got := w.brain.acts(); !slices.Equal(got, want) {
		w.Errorf("taken in:\n  %s\nwant:\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// incidentWith makes INC-42 with one page.
func (w *world) incidentWith(p incident.Page) incident.State {
	p.Key, p.Dedup, p.Round = "L1.primary.1.U1", "acme/INC-42/L1/1/U1", 1
	if p.Status == "" {
		p.Status = incident.PageOwed
	}
	s := incident.State{ID: "INC-42", Installation: "acme", Title: incident.Text{Body: "Checkout is down"}, Severity: incident.SEV1, Status: incident.Investigating, Pages: []incident.Page{p}}
	w.brain.mu.Lock()
	w.brain.states["INC-42"] = s
	w.brain.claims[engine.ClaimDedup(p.Dedup)] = "INC-42"
	w.brain.mu.Unlock()
	return s
}

func (w *world) owed(do incident.Verb, attempt int) incident.Owed {
	e := incident.Effect{Name: string(do) + "/L1.primary.1.U1", Do: do, Lane: incident.LanePager, Page: "L1.primary.1.U1"}
	return incident.Owed{ID: incident.IDOf("INC-42", 7, e), Incident: "INC-42", Seq: 7, At: w.clock.Now(), Effect: e, Attempt: attempt}
}

func fault(t *testing.T, err error) *Fault {
	t.Helper()
	var f *Fault
	if !errors.As(err, &f) {
		t.Fatalf("%v (%T) is no *Fault", err, err)
	}
	for _, s := range []string{apiToken, keyProd, keyLead} {
		if strings.Contains(f.Error(), s) || f.Err != nil && strings.Contains(f.Err.Error(), s) {
			t.Errorf("the error has a secret: %v", f)
		}
	}
	return f
}

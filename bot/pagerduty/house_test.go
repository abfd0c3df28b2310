package pagerduty_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"github.com/tocsin-bot/tocsin/bot/clock"
	"github.com/tocsin-bot/tocsin/bot/engine"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/journal"
	"github.com/tocsin-bot/tocsin/bot/journal/bolt"
	"github.com/tocsin-bot/tocsin/bot/pagerduty"
	"github.com/tocsin-bot/tocsin/bot/policy"
	"github.com/tocsin-bot/tocsin/bot/sandbox/pager"
)

// The whole way round with the real engine, core and store: a page of monitoring, an escalation, a phone, a note, the end.

type policies struct{}

func (policies) Current() (*incident.Policy, []byte) { p, src := policy.Default(); return &p, src }
func (policies) Decode(src []byte) (*incident.Policy, error) {
	return policy.Parse("frozen", src)
}

type store struct{ *bolt.Store }

func (s store) Get(ctx context.Context, name string) (string, error) { return s.Cursor(ctx, name) }
func (s store) Set(ctx context.Context, name, value string) error {
	return s.SetCursor(ctx, name, value)
}

// keys gives every target the routing key that is named like it in the account below.
type keys struct{}

func (keys) Get(name string) (string, error) {
	target := strings.ToLower(strings.TrimPrefix(strings.TrimPrefix(name, "PAGERDUTY_ROUTING_KEY"), "_"))
	if target == "" {
		target = "primary"
	}
	return key(target), nil
}

func key(target string) string { return (target + strings.Repeat("0", 32))[:32] }

type words struct{}

func (words) PageText(_ context.Context, o incident.Owed, s incident.State) (string, map[string]string, []pagerduty.Link, error) {
	return fmt.Sprintf("%s %s (%s).", s.Severity, s.Title.Body, o.Incident), nil, nil, nil
}

func (words) NoteText(_ context.Context, o incident.Owed, _ incident.State) (string, error) {
	return string(o.Incident) + ": " + o.Effect.View, nil
}

type noLetters struct{ t *testing.T }

func (l noLetters) File(_ context.Context, source, reason string, _ []byte) error {
	l.t.Errorf("a dead letter of %s: %s", source, reason)
	return nil
}

type inProcess struct{ h *http.Handler }

func (p inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	body := []byte{}
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	in := httptest.NewRequestWithContext(r.Context(), r.Method, r.URL.String(), bytes.NewReader(body))
	in.Header = r.Header.Clone()
	w := httptest.NewRecorder()
	(*p.h).ServeHTTP(w, in)
	return w.Result(), nil
}

func TestTheWholeWayRound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		ctx, cancel := context.WithCancel(context.Background())
		c := clock.New()
		st, err := bolt.Open(t.TempDir(), bolt.Options{Clock: c.Now, NoSync: true})
		must(err)
		defer func() { must(st.Close()) }()

		// Who is who in PagerDuty: a service, a key and a phone for each target of the default policy.
		o := pager.Options{Clock: c, APIToken: "token"}
		for i, name := range []string{"primary", "secondary", "tech_lead", "cto", "ceo", "compliance_officer"} {
			n := fmt.Sprint(i)
			o.Users = append(o.Users, pager.User{ID: "PU" + n, Name: name, Email: name + "@example.com", Phone: n})
			o.EscalationPolicies = append(o.EscalationPolicies, pager.EscalationPolicy{ID: "PE" + n, Name: name, Levels: []pager.Level{{Targets: []pager.Target{{UserID: "PU" + n}}, Delay: 24 * time.Hour}}})
			o.Services = append(o.Services, pager.Service{ID: "PS" + n, Name: name, EscalationPolicyID: "PE" + n, Integrations: []pager.Integration{{ID: "PI" + n, Name: name, Key: key(name)}}})
		}
		var hook, api http.Handler
		o.WebhookTransport = inProcess{&hook}
		o.Webhooks = []pager.Webhook{{ID: "PWH", URL: "http://bot/", Secrets: []string{"s"}}}
		pd, err := pager.New(o)
		must(err)
		defer pd.Close()
		pd.DuplicateWebhooks(true)
		api = pd.Handler()

		client, err := pagerduty.NewClient(pagerduty.ClientOptions{APIURL: "http://pd", EventsURL: "http://pd", Token: "token", From: "primary@example.com", Transport: inProcess{&api}, Clock: c, Pauses: st})
		must(err)
		performer := &pagerduty.Performer{Client: client, Secrets: keys{}, Render: words{}}

		var mu sync.Mutex
		var queue []journal.Item
		eng := engine.New(engine.Options{Store: st, Clock: c, Policies: policies{}, Committed: func(done engine.Committed) {
			mu.Lock()
			defer mu.Unlock()
			queue = append(queue, done.Items...)
		}})
		in := pagerduty.NewInbound(pagerduty.InboundOptions{
			Handler: eng, Reader: eng, Client: client, DeadLetters: noLetters{t}, Cursors: store{st}, Clock: c, Log: zerolog.Nop(),
			NotFound: func(err error) bool { return errors.Is(err, journal.ErrNotFound) },
		})
		hook = in.Webhook([]string{"s"})
		poller, err := in.Poller(pagerduty.PollOptions{})
		must(err)
		var wg sync.WaitGroup
		wg.Go(func() { _ = poller.Run(ctx) })
		defer wg.Wait()
		defer cancel()

		// work carries out what is owed to PagerDuty, the way the outbox does, and lets what comes back come back.
		work := func() {
			t.Helper()
			for range 5 {
				mu.Lock()
				items := queue
				queue = nil
				mu.Unlock()
				for _, item := range items {
					var owed incident.Owed
					must(json.Unmarshal(item.Body, &owed))
					if owed.Effect.Lane != incident.LanePager {
						continue
					}
					s, err := eng.State(ctx, owed.Incident)
					must(err)
					owed.Attempt = 1
					report, err := performer.Do(ctx, owed, s)
					if err != nil {
						t.Fatalf("%s: %v", owed.ID, err)
					}
					_, err = eng.Handle(ctx, engine.Input{Key: "report/" + string(owed.ID), Act: report, Via: incident.ViaOutbox, Route: engine.Route{ID: owed.Incident}})
					must(err)
				}
				time.Sleep(time.Second)
				synctest.Wait()
			}
		}
		phones := func() string {
			var out []string
			for _, r := range pd.Rings() {
				if r.Kind == pager.Phone {
					out = append(out, r.Person.Name)
				}
			}
			return strings.Join(out, " ")
		}
		state := func() incident.State {
			t.Helper()
			rows, err := eng.List(ctx, false, 10)
			must(err)
			if len(rows) != 1 {
				t.Fatalf("%d incidents: %+v", len(rows), rows)
			}
			s, err := eng.State(ctx, rows[0].ID)
			must(err)
			return s
		}

		synctest.Wait()
		_, err = pd.Fire(key("primary"), pager.Alert{Summary: "[FIRING:1] ApiErrorRateHigh checkout", Severity: "critical", Source: "prometheus", DedupKey: "c0ffee"})
		must(err)
		work()
		s := state()
		if s.Severity != incident.SEV2 || s.Source != incident.SourcePage || s.Rule != "alert ApiErrorRateHigh" || s.Ladder.Level != 1 {
			t.Errorf("opened as %+v", s)
		}
		if got, want := phones(), "primary tech_lead"; got != want { // PagerDuty's own page is level 1's; SEV-2 pages the tech lead at once
			t.Errorf("phones: %s, want %s", got, want)
		}

		// Nobody answers: the deadline rings the backup, whose page comes back by webhook and by poll.
		time.Sleep(16 * time.Minute)
		_, err = eng.Handle(ctx, engine.Input{Key: "tick/1", Act: incident.Tick{}, Via: incident.ViaClock, Route: engine.Route{ID: s.ID}})
		must(err)
		work()
		if got, want := phones(), "primary tech_lead secondary"; got != want {
			t.Errorf("phones: %s, want %s", got, want)
		}
		s = state()
		var second incident.Page
		for _, p := range s.Pages {
			if p.Target == "secondary" {
				second = p
			}
		}
		if second.Status != incident.PageSent || second.Pager == "" {
			t.Errorf("page %+v", second)
		}
		must(pd.Acknowledge("PU1", second.Pager))
		work()
		if s = state(); s.AcknowledgedBy.Pager != "PU1" || s.Roles[incident.Commander].Who.Pager != "PU1" {
			t.Errorf("acknowledged by %+v, commanded by %+v", s.AcknowledgedBy, s.Roles[incident.Commander])
		}
		must(pd.AddNote("PU1", second.Pager, "mitigated: rolled back"))
		work()
		if s = state(); s.Status != incident.Mitigated {
			t.Errorf("status %s", s.Status)
		}
		_, err = eng.Handle(ctx, engine.Input{Key: "slack/1", Actor: incident.Actor{Person: incident.Person{Slack: "U1", Name: "Ada"}}, Via: incident.ViaSlack, Act: incident.Resolve{Text: incident.Say("rolled back", 100)}, Route: engine.Route{ID: s.ID}})
		must(err)
		work()
		for _, in := range pd.Incidents() {
			if in.Status != pager.Resolved {
				t.Errorf("%s (%s) is %s after the end", in.ID, in.Service, in.Status)
			}
		}
		before := state()
		time.Sleep(10 * time.Minute) // polls, nets and repeated webhooks tell nothing new
		work()
		if after := state(); after.Seq != before.Seq {
			events, _ := eng.Events(ctx, after.ID, before.Seq+1, 10)
			for _, e := range events {
				t.Errorf("afterwards came %s %+v", e.Fact.Type(), e.Fact)
			}
		}
		if got, want := phones(), "primary tech_lead secondary"; got != want {
			t.Errorf("phones at the end: %s, want %s", got, want)
		}
		for _, call := range pd.Unexpected() {
			t.Errorf("unexpected %s %s", call.Op, call.Path)
		}
	})
}

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
	"slices"
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

// house is everything between PagerDuty and the log.
type house struct {
	*testing.T
	pd     *pager.Pager
	eng    *engine.Engine
	clock  *clock.Clock
	work   func()
	phones func() string
}

// inHouse runs f with the real engine, core and store beside a local PagerDuty that is heard by webhook, by polling or by both.
func inHouse(t *testing.T, byWebhook, byPoll bool, f func(h house)) {
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
		if byWebhook {
			o.Webhooks = []pager.Webhook{{ID: "PWH", URL: "http://bot/", Secrets: []string{"s"}}}
		}
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
		if byPoll {
			wg.Go(func() { _ = poller.Run(ctx) })
		}
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
		synctest.Wait()
		f(house{t, pd, eng, c, work, phones})
		for _, call := range pd.Unexpected() {
			t.Errorf("unexpected %s %s", call.Op, call.Path)
		}
	})
}

func (h house) must(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

// states are all incidents, oldest first.
func (h house) states() []incident.State {
	h.Helper()
	rows, err := h.eng.List(h.Context(), false, 10)
	h.must(err)
	var out []incident.State
	for _, r := range slices.Backward(rows) {
		s, err := h.eng.State(h.Context(), r.ID)
		h.must(err)
		out = append(out, s)
	}
	return out
}

func (h house) state() incident.State {
	h.Helper()
	all := h.states()
	if len(all) != 1 {
		h.Fatalf("%d incidents", len(all))
	}
	return all[0]
}

// end resolves an incident in Slack.
func (h house) end(id incident.ID) {
	h.Helper()
	s, err := h.eng.State(h.Context(), id)
	h.must(err)
	_, err = h.eng.Handle(h.Context(), engine.Input{
		Key: fmt.Sprint("slack/end/", id, s.Seq), Actor: incident.Actor{Person: incident.Person{Slack: "U1", Name: "Ada"}}, Via: incident.ViaSlack,
		Act: incident.Resolve{Text: incident.Say("rolled back", 100)}, Route: engine.Route{ID: id},
	})
	h.must(err)
	h.work()
}

func TestTheWholeWayRound(t *testing.T) {
	inHouse(t, true, true, func(h house) {
		pd, eng, work, phones, state, must, ctx := h.pd, h.eng, h.work, h.phones, h.state, h.must, h.Context()
		_, err := pd.Fire(key("primary"), pager.Alert{Summary: "[FIRING:1] ApiErrorRateHigh checkout", Severity: "critical", Source: "prometheus", DedupKey: "c0ffee"})
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
	})
}

// A page of monitoring that was resolved in PagerDuty and triggers again there, after ours is over.
func TestAPageThatTriggersAgainAfterTheEnd(t *testing.T) {
	for name, by := range map[string][2]bool{"webhook": {true, false}, "poll": {false, true}, "both": {true, true}} {
		t.Run(name, func(t *testing.T) {
			inHouse(t, by[0], by[1], func(h house) {
				hear := func(d time.Duration) {
					if d > time.Hour { // a poll every few seconds of it would show nothing more
						h.clock.Advance(d - time.Hour)
						h.work()
						d = time.Hour
					}
					time.Sleep(d)
					h.work()
				}
				_, err := h.pd.Fire(key("primary"), pager.Alert{Summary: "[FIRING:1] ApiErrorRateHigh checkout", Severity: "critical", Source: "prometheus", DedupKey: "c0ffee"})
				h.must(err)
				hear(time.Minute)
				own := h.pd.Incidents()[0].ID
				h.must(h.pd.Acknowledge("PU0", own))
				hear(time.Minute)
				h.end(h.state().ID)
				hear(time.Hour)
				ended := h.state()
				if ended.Open() || h.pd.Incidents()[0].Status != pager.Resolved {
					t.Fatalf("not over: %+v", ended)
				}
				before := h.phones()

				// Within a day: the same incident, taken up again, its page level 1's.
				h.must(h.pd.Reopen("PU0", own))
				hear(time.Minute)
				s := h.state()
				if !s.Open() || s.Reopens != 1 || s.Ladder.Level != 1 || s.Ladder.Round != 2 || !s.Ladder.AcceptedAt.IsZero() {
					t.Fatalf("taken up again: %+v", s)
				}
				var rings []incident.Page
				for _, p := range s.Pages {
					if p.Outstanding() {
						rings = append(rings, p)
					}
				}
				if len(rings) != 2 || rings[0].Pager != own || !rings[0].Foreign || rings[0].Status != incident.PageSent || rings[0].Level != 1 || rings[0].Person.Pager != "PU0" {
					t.Fatalf("its page: %+v", rings)
				}
				// The severity sends for the tech lead again, as it did the first time.
				if rings[1].Target != "tech_lead" || rings[1].Foreign || rings[1].Why != incident.WhySeverity {
					t.Errorf("beside it: %+v", rings[1])
				}
				if got := h.phones(); got != before+" primary tech_lead" { // level 1 by PagerDuty's own ringing, and none of ours beside it
					t.Errorf("phones: %s, before %s", got, before)
				}
				if id, _, _ := h.eng.ByClaims(h.Context(), []string{engine.ClaimAlert("c0ffee")}); id != s.ID {
					t.Errorf("its alert belongs to %q", id)
				}
				hear(time.Minute)
				h.must(h.pd.Acknowledge("PU0", own))
				hear(time.Minute)
				if s = h.state(); s.Ladder.AcceptedBy.Pager != "PU0" || s.Ladder.AcceptedAt.IsZero() {
					t.Errorf("acknowledged on the phone: %+v", s.Ladder)
				}
				h.end(s.ID)
				hear(time.Minute)
				if st := h.pd.Incidents()[0].Status; st != pager.Resolved {
					t.Errorf("after the second end PagerDuty's is %s", st)
				}

				// Our own page coming back opens nothing, however it is turned there.
				for _, in := range h.pd.Incidents() {
					if in.ID != own {
						h.must(h.pd.Reopen("PU0", in.ID))
						hear(time.Minute)
						h.must(h.pd.Resolve("PU0", in.ID))
						hear(time.Minute)
					}
				}
				if s = h.state(); s.Open() || s.Reopens != 1 {
					t.Errorf("our own page took it up again: %+v", s)
				}

				// A day later it is another incident, which has the page from then on.
				hear(25 * time.Hour)
				h.must(h.pd.Reopen("PU0", own))
				hear(time.Minute)
				all := h.states()
				if len(all) != 2 || all[0].Open() || !all[1].Open() || all[1].Source != incident.SourcePage || all[1].Rule != "alert ApiErrorRateHigh" {
					t.Fatalf("a day later: %+v", all)
				}
				h.must(h.pd.Acknowledge("PU0", own))
				hear(time.Minute)
				if all = h.states(); all[1].Ladder.AcceptedBy.Pager != "PU0" {
					t.Errorf("acknowledged: %+v", all[1].Ladder)
				}
				h.end(all[1].ID)
				hear(time.Hour)
				if all = h.states(); len(all) != 2 || all[0].Open() || all[1].Open() {
					t.Errorf("at the end: %+v", all)
				}
			})
		})
	}
}

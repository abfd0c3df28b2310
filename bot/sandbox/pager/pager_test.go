package pager

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/PagerDuty/go-pagerduty"
	"github.com/PagerDuty/go-pagerduty/webhookv3"
)

const (
	keyProd = "prod0000000000000000000000000000"
	keyLead = "lead0000000000000000000000000000"
	token   = "account-token"
)

// movable is a clock that bubbles and levers can both move: bubble time plus an offset.
type movable struct {
	mu     sync.Mutex
	offset time.Duration
	moved  chan struct{}
}

func newMovable() *movable { return &movable{moved: make(chan struct{})} }

func (m *movable) Now() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return time.Now().Add(m.offset)
}

func (m *movable) Advance(d time.Duration) {
	m.mu.Lock()
	m.offset += d
	close(m.moved)
	m.moved = make(chan struct{})
	m.mu.Unlock()
	synctest.Wait()
}

func (m *movable) WaitUntil(ctx context.Context, t time.Time) error {
	for {
		m.mu.Lock()
		left, moved := t.Sub(time.Now().Add(m.offset)), m.moved
		m.mu.Unlock()
		if left <= 0 {
			return nil
		}
		timer := time.NewTimer(left)
		select {
		case <-timer.C:
		case <-moved:
		case <-ctx.Done():
		}
		timer.Stop()
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

// pipes is a listener over net.Pipe, as sockets do not work in a bubble.
type pipes struct {
	conns chan net.Conn
	once  sync.Once
	done  chan struct{}
}

func newPipes() *pipes { return &pipes{conns: make(chan net.Conn), done: make(chan struct{})} }

func (l *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}
func (l *pipes) Close() error   { l.once.Do(func() { close(l.done) }); return nil }
func (l *pipes) Addr() net.Addr { return &net.TCPAddr{} }
func (l *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	a, b := net.Pipe()
	select {
	case l.conns <- b:
		return a, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func account(c Clock) Options {
	return Options{
		Clock: c, APIToken: token, UserTokens: map[string]string{"marc-token": "PMARC"},
		Users: []User{
			{ID: "PMARC", Name: "Marc", Email: "marc@example.com", Phone: "+33 1"},
			{ID: "PINES", Name: "Ines", Email: "ines@example.com", Phone: "+33 2"},
			{ID: "PTOM", Name: "Tomás", Email: "tomas@example.com", Phone: "+33 3"},
		},
		Schedules: []Schedule{
			{ID: "PSCHED1", Name: "Primary", TimeZone: "Europe/Paris", Users: []string{"PMARC"}},
			{ID: "PSCHED2", Name: "Weekly", TimeZone: "Europe/Paris", Users: []string{"PMARC", "PINES"}, Start: time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), Turn: 24 * time.Hour},
		},
		EscalationPolicies: []EscalationPolicy{
			{ID: "PEPROD", Name: "Production", Levels: []Level{{Targets: []Target{{ScheduleID: "PSCHED1"}}, Delay: 5 * time.Minute}, {Targets: []Target{{UserID: "PINES"}}, Delay: 10 * time.Minute}}, NumLoops: 1},
			{ID: "PELEAD", Name: "Lead", Levels: []Level{{Targets: []Target{{UserID: "PTOM"}}, Delay: 5 * time.Minute}}},
		},
		Services: []Service{
			{ID: "PSPROD", Name: "Checkout", EscalationPolicyID: "PEPROD", Integrations: []Integration{{ID: "PI1", Name: "Prometheus", Key: keyProd}}},
			{ID: "PSLEAD", Name: "Tech lead", EscalationPolicyID: "PELEAD", Urgency: SeverityBased, Integrations: []Integration{{ID: "PI2", Name: "Tocsin", Key: keyLead}}},
		},
		Priorities: []Priority{{ID: "PP1", Name: "P1"}},
	}
}

type world struct {
	t     *testing.T
	clock *movable
	p     *Pager
	api   *pagerduty.Client
	http  *http.Client
}

// bubble runs f with a pager served over pipes, in virtual time, and fails when anything is left running.
func bubble(t *testing.T, change func(*Options), f func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{t: t, clock: newMovable()}
		o := account(w.clock)
		if change != nil {
			change(&o)
		}
		p, err := New(o)
		if err != nil {
			t.Fatal(err)
		}
		w.p = p
		l := newPipes()
		srv := &http.Server{Handler: p.Handler(), ErrorLog: nil}
		done := make(chan struct{})
		go func() { defer close(done); _ = srv.Serve(l) }()
		tr := &http.Transport{DialContext: l.dial}
		w.http = &http.Client{Transport: tr}
		w.api = pagerduty.NewClient(token, pagerduty.WithAPIEndpoint("http://pd"), pagerduty.WithV2EventsAPIEndpoint("http://pd"))
		w.api.HTTPClient = w.http
		f(w)
		tr.CloseIdleConnections()
		_ = srv.Close()
		<-done
		p.Close()
		time.Sleep(time.Second) // net/http lingers half a second on a connection it closes early
	})
}

func (w *world) fire(key, dedup string) Fired {
	w.t.Helper()
	f, err := w.p.Fire(key, Alert{Summary: "Checkout is down", Severity: "critical", Source: "prometheus", DedupKey: dedup, CustomDetails: map[string]any{"alertname": "ApiErrorRateHigh"}})
	if err != nil {
		w.t.Fatal(err)
	}
	return f
}

// rang says who was notified since the last n rings: "Marc push", "Marc phone" ...
func (w *world) rang(after int) string {
	var out []string
	for _, r := range w.p.Rings()[after:] {
		out = append(out, r.Person.Name+" "+r.Kind)
	}
	return strings.Join(out, ", ")
}

func (w *world) want(got, want string) {
	w.t.Helper()
	if got != want {
		w.t.Errorf("got  %s\nwant %s", got, want)
	}
}

func (w *world) request(method, path, body string) *http.Request {
	w.t.Helper()
	req, err := http.NewRequest(method, "http://pd"+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Token token="+token)
	return req
}

func (w *world) do(method, path, body string, header ...string) (int, map[string]any, http.Header) {
	w.t.Helper()
	req := w.request(method, path, body)
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := w.http.Do(req)
	if err != nil {
		return 0, nil, nil
	}
	defer resp.Body.Close()
	var m map[string]any
	if err := json.NewDecoder(resp.Body).Decode(&m); err != nil {
		w.t.Fatalf("%s %s: %v", method, path, err)
	}
	return resp.StatusCode, m, resp.Header
}

func TestAnAlertRingsTheLevelThenEscalatesUntilAcknowledged(t *testing.T) {
	bubble(t, nil, func(w *world) {
		start := w.clock.Now()
		f := w.fire(keyProd, "k1")
		w.want(w.rang(0), "Marc push, Marc phone")
		r := w.p.Rings()[1]
		if r.Person.Email != "marc@example.com" || r.DedupKey != "k1" || r.Level != 1 || r.Title != "Checkout is down" || r.Service != "Checkout" || !strings.Contains(r.Why, "level 1 of Production") || !r.At.Equal(start) {
			t.Errorf("ring: %+v", r)
		}
		time.Sleep(5*time.Minute - time.Second)
		synctest.Wait()
		w.want(w.rang(2), "")
		time.Sleep(time.Second)
		synctest.Wait()
		w.want(w.rang(2), "Ines push, Ines phone")
		if in, _ := w.p.Incident(f.IncidentID); in.Level != 2 || in.Assignees[0].Name != "Ines" || !in.EscalatesAt.Equal(start.Add(15*time.Minute)) {
			t.Errorf("after escalation: %+v", in)
		}
		time.Sleep(10 * time.Minute) // the policy loops once
		synctest.Wait()
		w.want(w.rang(4), "Marc push, Marc phone")
		if err := w.p.Acknowledge("PMARC", f.IncidentID); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		w.want(w.rang(6), "")
		if err := w.p.Resolve("PMARC", f.IncidentID); err != nil {
			t.Fatal(err)
		}
		if err := w.p.Resolve("PMARC", f.IncidentID); !errors.Is(err, ErrResolved) {
			t.Errorf("second resolve: %v", err)
		}
	})
}

func TestAJumpOfTheClockLeavesTheSameHistoryAsWaiting(t *testing.T) {
	history := func(jump bool) (out []string) {
		bubble(t, nil, func(w *world) {
			start := w.clock.Now()
			w.fire(keyProd, "k1")
			if jump {
				w.clock.Advance(16 * time.Minute)
			} else {
				time.Sleep(16 * time.Minute)
			}
			for _, e := range w.p.LogEntries() {
				out = append(out, e.At.Sub(start).String()+" "+e.Summary)
			}
		})
		return out
	}
	waited, jumped := history(false), history(true)
	if !slices.Equal(waited, jumped) {
		t.Errorf("waited:\n%s\njumped:\n%s", strings.Join(waited, "\n"), strings.Join(jumped, "\n"))
	}
	if len(waited) < 10 {
		t.Errorf("too little happened: %q", waited)
	}
}

func TestExhaustedPolicyStaysWithTheLastLevelAndNotifiesNobody(t *testing.T) {
	bubble(t, nil, func(w *world) {
		f := w.fire(keyLead, "k1")
		time.Sleep(3 * time.Hour)
		synctest.Wait()
		w.want(w.rang(0), "Tomás push, Tomás phone")
		if in, _ := w.p.Incident(f.IncidentID); in.Status != Triggered || !in.EscalatesAt.IsZero() {
			t.Errorf("%+v", in)
		}
	})
}

func TestLowUrgencyWritesAnEmailOnly(t *testing.T) {
	bubble(t, nil, func(w *world) {
		if _, err := w.p.Fire("Tech lead", Alert{Summary: "slow", Severity: "warning", Source: "x"}); err != nil {
			t.Fatal(err)
		}
		w.want(w.rang(0), "Tomás email")
	})
}

func TestLaterNotificationRulesWaitAndEndWithTheAcknowledgement(t *testing.T) {
	rules := []NotificationRule{{Kind: Push}, {Kind: Phone, After: 2 * time.Minute}, {Kind: Phone, After: 4 * time.Minute}}
	bubble(t, func(o *Options) { o.Users[0].HighUrgency = rules }, func(w *world) {
		f := w.fire(keyProd, "k1")
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		w.want(w.rang(0), "Marc push, Marc phone")
		if err := w.p.Acknowledge("PMARC", f.IncidentID); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		w.want(w.rang(0), "Marc push, Marc phone")
	})
}

func TestDedupKeyIsOneAlertUntilResolvedAndBelongsToItsIntegration(t *testing.T) {
	bubble(t, nil, func(w *world) {
		ctx := context.Background()
		send := func(key, action, dedup string) *pagerduty.V2EventResponse {
			t.Helper()
			r, err := w.api.ManageEventWithContext(ctx, &pagerduty.V2Event{RoutingKey: key, Action: action, DedupKey: dedup, Payload: &pagerduty.V2Payload{Summary: "s", Source: "x", Severity: "critical"}})
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		if r := send(keyProd, "trigger", "k1"); r.Status != "success" || r.DedupKey != "k1" {
			t.Errorf("%+v", r)
		}
		send(keyProd, "trigger", "k1")
		if n := len(w.p.Incidents()); n != 1 {
			t.Fatalf("%d incidents after the same key twice", n)
		}
		w.want(w.rang(0), "Marc push, Marc phone")
		send(keyLead, "resolve", "k1") // another integration: dropped
		if in := w.p.Incidents()[0]; in.Status != Triggered {
			t.Errorf("resolved by another integration's key: %+v", in)
		}
		send(keyProd, "acknowledge", "k1")
		if in := w.p.Incidents()[0]; in.Status != Acknowledged {
			t.Errorf("%+v", in)
		}
		send(keyProd, "resolve", "k1")
		send(keyProd, "trigger", "k1")
		if l := w.p.Incidents(); len(l) != 2 || l[0].Status != Resolved || l[1].Status != Triggered {
			t.Errorf("%+v", l)
		}
		if r := send(keyProd, "trigger", ""); r.DedupKey == "" {
			t.Error("no key was made up")
		}
	})
}

func TestBadEventsAreRefusedAndOpenNothing(t *testing.T) {
	good := `{"routing_key":"` + keyProd + `","event_action":"trigger","payload":{"summary":"s","source":"x","severity":"critical"}}`
	for name, c := range map[string]struct {
		old, new, want string
		status         int
	}{
		"short key":      {keyProd, "short", "Length of 'routing_key'", 400},
		"unknown key":    {keyProd, strings.Repeat("x", 32), "no integration", 400},
		"no key":         {`"routing_key":"` + keyProd + `",`, ``, "'routing_key' is missing", 400},
		"action":         {`"trigger"`, `"open"`, "'event_action' is invalid", 400},
		"no dedup":       {`"trigger"`, `"resolve"`, "'dedup_key' is missing", 400},
		"severity":       {`"critical"`, `"high"`, "'payload.severity' is invalid", 400},
		"summary":        {`"s"`, `" "`, "'payload.summary' is missing", 400},
		"long summary":   {`"s"`, `"` + strings.Repeat("é", 1025) + `"`, "1025 characters", 400},
		"source":         {`"source":"x",`, ``, "'payload.source' is missing", 400},
		"details":        {`"source":"x",`, `"source":"x","custom_details":"text",`, "'payload.custom_details' is not an object", 400},
		"timestamp":      {`"source":"x",`, `"source":"x","timestamp":"yesterday",`, "'payload.timestamp'", 400},
		"link":           {`"payload"`, `"links":[{"text":"t"}],"payload"`, "'links' needs", 400},
		"image":          {`"payload"`, `"images":[{"src":"http://x"}],"payload"`, "'images' needs", 400},
		"long dedup key": {`"payload"`, `"dedup_key":"` + strings.Repeat("k", 256) + `","payload"`, "'dedup_key' is longer", 400},
		"json":           {`{"routing`, `{routing`, "not valid JSON", 400},
		"too large":      {`"s"`, `"` + strings.Repeat("s", maxEventBody) + `"`, "512 KB", 413},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, nil, func(w *world) {
				status, m, _ := w.do("POST", "/v2/enqueue", strings.Replace(good, c.old, c.new, 1))
				b, _ := json.Marshal(m["errors"])
				if status != c.status || !strings.Contains(string(b), c.want) {
					t.Errorf("%d %s", status, b)
				}
				if len(w.p.Incidents()) != 0 {
					t.Error("an incident was opened")
				}
			})
		})
	}
	bubble(t, nil, func(w *world) {
		if status, m, _ := w.do("POST", "/v2/enqueue", good); status != 202 {
			t.Errorf("the good one: %d %v", status, m)
		}
		if s := string(w.p.Calls()[0].Body); strings.Contains(s, keyProd) || !strings.Contains(s, `"prod…"`) {
			t.Errorf("the routing key stands in the record: %s", s)
		}
	})
}

func TestTheRealClientReadsWhatHappened(t *testing.T) {
	bubble(t, nil, func(w *world) {
		ctx := context.Background()
		f := w.fire(keyProd, "k1")
		l, err := w.api.ListIncidentsWithContext(ctx, pagerduty.ListIncidentsOptions{Statuses: []string{"triggered"}, Includes: []string{"first_trigger_log_entries"}})
		if err != nil {
			t.Fatal(err)
		}
		if len(l.Incidents) != 1 || l.Incidents[0].IncidentKey != "k1" || l.Incidents[0].Assignments[0].Assignee.ID != "PMARC" || l.Incidents[0].FirstTriggerLogEntry.Channel.Type != "api" {
			t.Errorf("%+v", l.Incidents)
		}
		in, err := w.api.GetIncidentWithContext(ctx, f.IncidentID)
		if err != nil || in.Title != "Checkout is down" || in.Urgency != "high" {
			t.Errorf("%v %+v", err, in)
		}
		if _, err := w.api.GetIncidentWithContext(ctx, "QNONE"); err == nil || !err.(pagerduty.APIError).NotFound() {
			t.Errorf("unknown incident: %v", err)
		}
		al, err := w.api.ListIncidentAlertsWithContext(ctx, f.IncidentID, pagerduty.ListIncidentAlertsOptions{})
		if err != nil || al.Alerts[0].AlertKey != "k1" || al.Alerts[0].Body["details"].(map[string]any)["alertname"] != "ApiErrorRateHigh" {
			t.Errorf("%v %+v", err, al)
		}
		if _, err := w.api.ManageIncidentsWithContext(ctx, "ines@example.com", []pagerduty.ManageIncidentsOptions{{ID: f.IncidentID, Status: "acknowledged"}}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.api.CreateIncidentNoteWithContext(ctx, f.IncidentID, pagerduty.IncidentNote{Content: "progress", User: pagerduty.APIObject{Summary: "ines@example.com"}}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.api.ManageIncidentsWithContext(ctx, "ines@example.com", []pagerduty.ManageIncidentsOptions{{ID: f.IncidentID, Status: "resolved"}}); err != nil {
			t.Fatal(err)
		}
		logs, err := w.api.ListLogEntriesWithContext(ctx, pagerduty.ListLogEntriesOptions{Limit: 100, Includes: []string{"incidents", "channels"}, TimeZone: "UTC"})
		if err != nil {
			t.Fatal(err)
		}
		var types []string
		for _, e := range logs.LogEntries {
			types = append(types, strings.TrimSuffix(e.Type, "_log_entry"))
		}
		w.want(strings.Join(types, " "), "resolve annotate acknowledge notify notify assign trigger")
		first := logs.LogEntries[len(logs.LogEntries)-1]
		if first.Channel.Raw["incident_key"] != "k1" || first.Channel.Raw["cef_details"].(map[string]any)["dedup_key"] != "k1" || first.Incident.IncidentKey != "k1" || first.Agent.ID != "PSPROD" {
			t.Errorf("%+v", first)
		}
		if ack := logs.LogEntries[2]; ack.Agent.ID != "PINES" || logs.LogEntries[1].Channel.Raw["summary"] != "progress" {
			t.Errorf("%+v", ack)
		}
		on, err := w.api.ListOnCallsWithContext(ctx, pagerduty.ListOnCallOptions{EscalationPolicyIDs: []string{"PEPROD"}, Includes: []string{"users"}})
		if err != nil || len(on.OnCalls) != 2 || on.OnCalls[0].User.Email != "marc@example.com" || on.OnCalls[1].EscalationLevel != 2 {
			t.Errorf("%v %+v", err, on)
		}
		if u, err := w.api.GetUserWithContext(ctx, "PMARC", pagerduty.GetUserOptions{}); err != nil || u.Email != "marc@example.com" {
			t.Errorf("%v %+v", err, u)
		}
		if s, err := w.api.GetScheduleWithContext(ctx, "PSCHED2", pagerduty.GetScheduleOptions{}); err != nil || len(s.Users) != 2 {
			t.Errorf("%v %+v", err, s)
		}
		if s, err := w.api.ListServicesWithContext(ctx, pagerduty.ListServiceOptions{}); err != nil || len(s.Services) != 2 {
			t.Errorf("%v %+v", err, s)
		}
		if s, err := w.api.GetEscalationPolicyWithContext(ctx, "PEPROD", nil); err != nil || len(s.EscalationRules) != 2 || s.EscalationRules[0].Delay != 5 {
			t.Errorf("%v %+v", err, s)
		}
		if u := w.p.Unexpected(); len(u) != 0 {
			t.Errorf("unexpected: %+v", u)
		}
	})
}

func TestCreatingByREST(t *testing.T) {
	bubble(t, nil, func(w *world) {
		// the library always sends a null priority, which the schema refuses
		_, err := w.api.CreateIncidentWithContext(context.Background(), "marc@example.com", &pagerduty.CreateIncidentOptions{Title: "t", Service: &pagerduty.APIReference{ID: "PSPROD", Type: "service_reference"}})
		if err == nil || !strings.Contains(err.Error(), "Priority must be") {
			t.Errorf("null priority: %v", err)
		}
		body := `{"incident":{"type":"incident","title":"t","service":{"id":"PSPROD","type":"service_reference"},"incident_key":"a","assignments":[{"assignee":{"id":"PTOM","type":"user_reference"}}]}}`
		if s, m, _ := w.do("POST", "/incidents", body); s != 400 || m["error"].(map[string]any)["code"] != 1008.0 {
			t.Errorf("without From: %d %v", s, m)
		}
		if s, _, _ := w.do("POST", "/incidents", body, "From", "nobody@example.com"); s != 400 {
			t.Errorf("unknown From: %d", s)
		}
		if s, m, _ := w.do("POST", "/incidents", body, "From", "marc@example.com"); s != 201 {
			t.Fatalf("%d %v", s, m)
		}
		w.want(w.rang(0), "Tomás push, Tomás phone")
		if s, m, _ := w.do("POST", "/incidents", body, "From", "marc@example.com"); s != 400 || len(w.p.Incidents()) != 1 {
			t.Errorf("same open key: %d %v", s, m)
		}
		time.Sleep(time.Hour) // assigned by name: nothing escalates
		synctest.Wait()
		w.want(w.rang(2), "")
		own := strings.NewReplacer(`"a"`, `"b"`, "PTOM", "PMARC").Replace(body)
		if s, _, _ := w.do("POST", "/incidents", own, "From", "", "Authorization", "Token token=marc-token"); s != 201 {
			t.Fatal(s)
		}
		if in := w.p.Incidents()[1]; in.Status != Acknowledged || w.rang(2) != "" {
			t.Errorf("created by its assignee: %+v, rang %s", in, w.rang(2))
		}
		policy := `{"incident":{"type":"incident","title":"t","service":{"id":"PSPROD","type":"service_reference"},"escalation_policy":{"id":"PELEAD","type":"escalation_policy_reference"},"priority":{"id":"PP1","type":"priority_reference"}}}`
		if s, m, _ := w.do("POST", "/incidents", policy, "From", "marc@example.com"); s != 201 || m["incident"].(map[string]any)["priority"].(map[string]any)["name"] != "P1" {
			t.Fatal(s, m)
		}
		w.want(w.rang(2), "Tomás push, Tomás phone")
	})
}

func TestManagingByREST(t *testing.T) {
	bubble(t, nil, func(w *world) {
		f := w.fire(keyProd, "k1")
		put := func(fields string) (int, string) {
			s, m, _ := w.do("PUT", "/incidents/"+f.IncidentID, `{"incident":{"type":"incident",`+fields+`}}`, "From", "marc@example.com")
			b, _ := json.Marshal(m)
			return s, string(b)
		}
		if s, m := put(`"escalation_level":3`); s != 400 || !strings.Contains(m, "1006") {
			t.Errorf("%d %s", s, m)
		}
		if s, m := put(`"escalation_level":2`); s != 200 {
			t.Errorf("%d %s", s, m)
		}
		w.want(w.rang(2), "Ines push, Ines phone")
		put(`"assignments":[{"assignee":{"id":"PTOM","type":"user_reference"}}]`)
		w.want(w.rang(4), "Tomás push, Tomás phone")
		if s, m := put(`"status":"triggered"`); s != 400 || !strings.Contains(m, "1003") {
			t.Errorf("%d %s", s, m)
		}
		put(`"status":"resolved"`)
		if s, m := put(`"status":"acknowledged"`); s != 400 || !strings.Contains(m, "1001") {
			t.Errorf("acknowledge after resolve: %d %s", s, m)
		}
		g := w.fire(keyProd, "k2")
		// one bad element: nothing happens
		s, _, _ := w.do("PUT", "/incidents", `{"incidents":[{"id":"`+g.IncidentID+`","type":"incident_reference","status":"resolved"},{"id":"QNONE","type":"incident_reference","status":"resolved"}]}`, "From", "marc@example.com")
		if in, _ := w.p.Incident(g.IncidentID); s != 404 || in.Status != Triggered {
			t.Errorf("%d %+v", s, in)
		}
		n := len(w.p.Rings())
		if s, m, _ := w.do("POST", "/incidents/"+g.IncidentID+"/snooze", `{"duration":3600}`, "From", "marc@example.com"); s != 201 {
			t.Fatal(s, m)
		}
		time.Sleep(59 * time.Minute)
		synctest.Wait()
		w.want(w.rang(n), "")
		time.Sleep(time.Minute)
		synctest.Wait()
		w.want(w.rang(n), "Marc push, Marc phone")
		n = len(w.p.Rings())
		s, m, _ := w.do("POST", "/incidents/"+g.IncidentID+"/responder_requests", `{"requester_id":"PMARC","message":"please","responder_request_targets":[{"responder_request_target":{"id":"PELEAD","type":"escalation_policy_reference"}}]}`, "From", "marc@example.com")
		if s != 200 {
			t.Fatal(s, m)
		}
		w.want(w.rang(n), "Tomás push, Tomás phone")
	})
}

func TestAcknowledgementTimesOut(t *testing.T) {
	bubble(t, func(o *Options) { o.Services[0].AckTimeout = 30 * time.Minute }, func(w *world) {
		f := w.fire(keyProd, "k1")
		if err := w.p.Acknowledge("PMARC", f.IncidentID); err != nil {
			t.Fatal(err)
		}
		time.Sleep(30 * time.Minute)
		synctest.Wait()
		if in, _ := w.p.Incident(f.IncidentID); in.Status != Triggered || w.rang(2) != "Marc push, Marc phone" {
			t.Errorf("%+v, rang %s", in, w.rang(2))
		}
	})
}

func TestAuthRateLimitAndUnknownPaths(t *testing.T) {
	bubble(t, func(o *Options) { o.RESTPerMinute = 3 }, func(w *world) {
		if s, m, _ := w.do("GET", "/incidents", "", "Authorization", "Bearer "+token); s != 401 || m["error"].(map[string]any)["code"] != 2006.0 {
			t.Errorf("%d %v", s, m)
		}
		for left := 2; left >= 0; left-- {
			if s, _, h := w.do("GET", "/users/PMARC", ""); s != 200 || h.Get("ratelimit-remaining") != string(rune('0'+left)) || h.Get("ratelimit-limit") != "3" {
				t.Errorf("%d %v", s, h)
			}
		}
		if s, m, h := w.do("GET", "/users/PMARC", ""); s != 429 || h.Get("ratelimit-reset") != "60" || m["error"].(map[string]any)["code"] != 2020.0 {
			t.Errorf("%d %v %v", s, m, h)
		}
		time.Sleep(time.Minute)
		if s, _, _ := w.do("GET", "/users/PMARC", ""); s != 200 {
			t.Errorf("after the window: %d", s)
		}
		if s, _, _ := w.do("GET", "/teams", ""); s != 404 || len(w.p.Unexpected()) != 1 {
			t.Errorf("unknown path: %d %v", s, w.p.Unexpected())
		}
		if s, _, _ := w.do("DELETE", "/incidents", ""); s != 404 && s != 405 {
			t.Errorf("unknown method: %d", s)
		}
	})
}

func TestLogEntriesPageFilterAndZone(t *testing.T) {
	bubble(t, func(o *Options) { o.Location = time.FixedZone("account", 3600) }, func(w *world) {
		w.fire(keyProd, "k1") // trigger, assign, notify, notify at 0
		time.Sleep(10 * time.Minute)
		synctest.Wait() // escalate, notify, notify at 5
		n := func(q string) (int, map[string]any) {
			s, m, _ := w.do("GET", "/log_entries?"+q, "")
			if s != 200 {
				return -s, m
			}
			return len(m["log_entries"].([]any)), m
		}
		if got, m := n("limit=3"); got != 3 || m["more"] != true || m["log_entries"].([]any)[2].(map[string]any)["type"] != "escalate_log_entry" {
			t.Errorf("first page: %d %v", got, m)
		}
		if got, m := n("limit=100&offset=3"); got != 4 || m["more"] != false {
			t.Errorf("second page: %d %v", got, m)
		}
		if got, _ := n("limit=101"); got != -400 {
			t.Errorf("limit 101: %d", got)
		}
		if got, _ := n("is_overview=true"); got != 3 {
			t.Errorf("overview: %d", got)
		}
		start := time.Date(2000, 1, 1, 0, 4, 0, 0, time.UTC)
		if got, _ := n("since=" + start.Format("2006-01-02T15:04:05Z")); got != 3 {
			t.Errorf("since with offset: %d", got)
		}
		if got, _ := n("since=2000-01-01T01:04:00"); got != 3 { // 00:04 UTC in the account's zone
			t.Errorf("since in the account's zone: %d", got)
		}
		if got, _ := n("since=2000-01-01T00:04:00&time_zone=UTC"); got != 3 {
			t.Errorf("since in time_zone: %d", got)
		}
		if got, _ := n("since=2000-01-01T00:00:00+01:00"); got != -400 { // an unescaped plus is a space
			t.Errorf("unescaped offset: %d", got)
		}
		if _, m := n("limit=1&time_zone=Europe/Paris"); m["log_entries"].([]any)[0].(map[string]any)["created_at"] != "2000-01-01T01:05:00+01:00" {
			t.Errorf("zone: %v", m)
		}
		if _, m := n("limit=100"); m["log_entries"].([]any)[6].(map[string]any)["channel"].(map[string]any)["cef_details"] != nil {
			t.Error("channel details without include[]=channels")
		}
	})
}

func TestFaults(t *testing.T) {
	event := `{"routing_key":"` + keyProd + `","event_action":"trigger","dedup_key":"k1","payload":{"summary":"s","source":"x","severity":"critical"}}`
	bubble(t, nil, func(w *world) {
		w.p.SetDown(true)
		if s, _, _ := w.do("GET", "/incidents", ""); s != 0 {
			t.Errorf("down: %d", s)
		}
		if _, err := w.p.Fire(keyProd, Alert{Summary: "s", Source: "x", Severity: "info"}); !errors.Is(err, ErrDown) {
			t.Errorf("%v", err)
		}
		w.p.SetDown(false)
		w.p.SetRateLimited(true)
		if s, _, h := w.do("GET", "/incidents", ""); s != 429 || h.Get("ratelimit-remaining") != "0" {
			t.Errorf("limited: %d %v", s, h)
		}
		w.p.SetRateLimited(false)
		if err := w.p.FailNext("POST /v2/enqueu", 1, 500); err == nil {
			t.Error("a mistyped operation passed")
		}
		if err := w.p.FailNext("POST /v2/enqueue", 1, 503); err != nil {
			t.Fatal(err)
		}
		if s, _, _ := w.do("POST", "/v2/enqueue", event); s != 503 || len(w.p.Incidents()) != 0 {
			t.Errorf("fail: %d", s)
		}
		if err := w.p.FailAfterNext("POST /v2/enqueue", 1, 500); err != nil {
			t.Fatal(err)
		}
		if s, _, _ := w.do("POST", "/v2/enqueue", event); s != 500 || len(w.p.Incidents()) != 1 {
			t.Errorf("fail after the work: %d, %d incidents", s, len(w.p.Incidents()))
		}
		if s, _, _ := w.do("POST", "/v2/enqueue", event); s != 202 || len(w.p.Incidents()) != 1 {
			t.Errorf("again: %d", s)
		}
		w.p.SetSlow(3 * time.Second)
		before := time.Now()
		w.do("GET", "/incidents", "")
		if d := time.Since(before); d != 3*time.Second {
			t.Errorf("slow: %s", d)
		}
	})
}

func TestAnOutageDelaysTheLadderAndDoesNotSkipIt(t *testing.T) {
	bubble(t, nil, func(w *world) {
		start := w.clock.Now()
		w.fire(keyProd, "k1")
		w.p.SetDown(true)
		time.Sleep(20 * time.Minute)
		synctest.Wait()
		w.want(w.rang(2), "")
		w.p.SetDown(false)
		synctest.Wait()
		w.want(w.rang(2), "Ines push, Ines phone")
		if r := w.p.Rings()[2]; !r.At.Equal(start.Add(20 * time.Minute)) {
			t.Errorf("at %s", r.At.Sub(start))
		}
	})
}

func TestOnCallTurnsAndOverrides(t *testing.T) {
	bubble(t, func(o *Options) {
		o.EscalationPolicies[0].Levels[0].Targets = []Target{{ScheduleID: "PSCHED2"}}
	}, func(w *world) {
		w.want(w.p.OnCall("PEPROD", 1)[0].Name, "Marc")
		time.Sleep(24 * time.Hour)
		w.want(w.p.OnCall("PEPROD", 1)[0].Name, "Ines")
		if err := w.p.SetOnCall("PSCHED2", "PTOM"); err != nil {
			t.Fatal(err)
		}
		w.want(w.p.OnCall("PEPROD", 1)[0].Name, "Tomás")
		if err := w.p.SetOnCall("PSCHED2", ""); err != nil {
			t.Fatal(err)
		}
		_, m, _ := w.do("GET", "/oncalls?schedule_ids[]=PSCHED2&until=2000-01-04T00:00:00Z", "")
		var names []string
		for _, o := range m["oncalls"].([]any) {
			names = append(names, o.(map[string]any)["user"].(map[string]any)["summary"].(string)+" "+o.(map[string]any)["start"].(string)[:10])
		}
		w.want(strings.Join(names, ", "), "Ines 2000-01-02, Marc 2000-01-03")
	})
	p := &Pager{}
	s := &Schedule{ID: "S", Users: []string{"A", "B", "C"}, Start: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), Turn: time.Hour}
	if id, from, _ := p.turn(s, s.Start.Add(-30*time.Minute)); id != "C" || !from.Equal(s.Start.Add(-time.Hour)) {
		t.Errorf("before the start: %s from %s", id, from)
	}
}

// receiver collects webhooks and answers as told.
type receiver struct {
	mu     sync.Mutex
	answer func(n int) int
	types  []string
	ids    []string
	at     []time.Time
	bodies [][]byte
	bad    int
}

func (r *receiver) RoundTrip(req *http.Request) (*http.Response, error) {
	body, _ := io.ReadAll(req.Body)
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, secret := range []string{"one", "two"} {
		check := req.Clone(context.Background())
		check.Body = io.NopCloser(bytes.NewReader(body))
		if webhookv3.VerifySignature(check, secret) != nil {
			r.bad++
		}
	}
	var e struct {
		Event struct {
			Type string `json:"event_type"`
		} `json:"event"`
	}
	_ = json.Unmarshal(body, &e)
	r.types, r.ids, r.at, r.bodies = append(r.types, e.Event.Type), append(r.ids, req.Header.Get("X-Webhook-Id")), append(r.at, time.Now()), append(r.bodies, body)
	status := 202
	if r.answer != nil {
		status = r.answer(len(r.types))
	}
	if status == 0 {
		return nil, errors.New("no answer")
	}
	return &http.Response{StatusCode: status, Body: http.NoBody}, nil
}

func (r *receiver) got() string {
	synctest.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	out := make([]string, len(r.types))
	for i, t := range r.types {
		out[i] = strings.TrimPrefix(t, "incident.")
	}
	return strings.Join(out, " ")
}

func hooked(r *receiver) func(*Options) {
	return func(o *Options) {
		o.WebhookTransport = r
		o.Webhooks = []Webhook{{ID: "PWH", URL: "http://bot/webhooks/pagerduty", Secrets: []string{"one", "two"}}}
	}
}

func TestWebhooksTellTheStorySigned(t *testing.T) {
	r := &receiver{}
	bubble(t, hooked(r), func(w *world) {
		f := w.fire(keyProd, "k1")
		time.Sleep(5 * time.Minute)
		w.want(r.got(), "triggered escalated")
		for _, err := range []error{w.p.Acknowledge("PINES", f.IncidentID), w.p.AddNote("PINES", f.IncidentID, "looking"), w.p.Reassign("PINES", f.IncidentID, "PTOM"), w.p.Resolve("PTOM", f.IncidentID)} {
			if err != nil {
				t.Fatal(err)
			}
		}
		w.want(r.got(), "triggered escalated acknowledged annotated reassigned resolved")
		if r.bad != 0 {
			t.Errorf("%d signatures did not verify", r.bad)
		}
		sameShape(t, "testdata/incident.acknowledged.json", r.bodies[2])
	})
}

// sameShape checks that every key of a captured body is in ours, with the same kind of value where both have one.
func sameShape(t *testing.T, file string, body []byte) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var theirs, ours any
	if err := errors.Join(json.Unmarshal(b, &theirs), json.Unmarshal(body, &ours)); err != nil {
		t.Fatal(err)
	}
	var walk func(path string, theirs, ours any)
	walk = func(path string, theirs, ours any) {
		if theirs == nil || ours == nil {
			return
		}
		if a, b := reflect.TypeOf(theirs), reflect.TypeOf(ours); a != b {
			t.Errorf("%s: theirs is a %s, ours a %s", path, a, b)
			return
		}
		switch x := theirs.(type) {
		case map[string]any:
			for k, v := range x {
				o, ok := ours.(map[string]any)[k]
				if !ok {
					t.Errorf("%s.%s is missing", path, k)
				}
				walk(path+"."+k, v, o)
			}
		case []any:
			if len(x) > 0 && len(ours.([]any)) > 0 {
				walk(path+"[0]", x[0], ours.([]any)[0])
			}
		}
	}
	walk("body", theirs, ours)
}

func TestSignatureVector(t *testing.T) {
	var v struct{ Secret, Signature string }
	b, err := os.ReadFile("testdata/signature-vector.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	body, err := os.ReadFile("testdata/signature-vector.body.json")
	if err != nil {
		t.Fatal(err)
	}
	if got := Sign(body, v.Secret); got != v.Signature {
		t.Errorf("got %s, want %s", got, v.Signature)
	}
	if got := Sign(body, v.Secret, v.Secret); got != v.Signature+","+v.Signature {
		t.Errorf("two secrets: %s", got)
	}
}

func TestWebhooksAreRetriedInOrderThenDropped(t *testing.T) {
	r := &receiver{answer: func(n int) int {
		return []int{503, 0, 429, 200}[min(n-1, 3)]
	}}
	bubble(t, hooked(r), func(w *world) {
		start := time.Now()
		f := w.fire(keyProd, "k1")
		if err := w.p.Acknowledge("PMARC", f.IncidentID); err != nil {
			t.Fatal(err)
		}
		w.want(r.got(), "triggered")
		time.Sleep(2 * time.Minute)
		w.want(r.got(), "triggered triggered triggered triggered acknowledged")
		if d := r.at[3].Sub(start); d != 105*time.Second { // 15 + 30 + 60
			t.Errorf("the fourth attempt came after %s", d)
		}
		if r.ids[0] != r.ids[3] || r.ids[0] == r.ids[4] {
			t.Errorf("webhook ids: %v", r.ids)
		}
	})
	r = &receiver{answer: func(int) int { return 500 }}
	bubble(t, hooked(r), func(w *world) {
		start := time.Now()
		w.fire(keyLead, "k1")
		time.Sleep(72 * time.Hour)
		r.got()
		last := r.at[len(r.at)-1].Sub(start)
		d := w.p.Deliveries()
		if last > 48*time.Hour || last < 46*time.Hour || d[len(d)-1].Outcome != "dropped" {
			t.Errorf("last attempt after %s: %+v", last, d[len(d)-1])
		}
	})
}

func TestThreeRefusalsDisableTheSubscription(t *testing.T) {
	r := &receiver{answer: func(int) int { return 401 }}
	bubble(t, hooked(r), func(w *world) {
		for _, k := range []string{"a", "b", "c", "d"} {
			w.fire(keyLead, k)
			r.got()
		}
		w.want(r.got(), "triggered triggered triggered")
		if s := w.p.Webhooks()[0]; !s.Disabled || s.Dropped != 4 {
			t.Errorf("%+v", s)
		}
		r.answer = nil
		if err := w.p.EnableWebhook("PWH"); err != nil {
			t.Fatal(err)
		}
		w.fire(keyLead, "e")
		w.want(r.got(), "triggered triggered triggered triggered")
		if s := w.p.Webhooks()[0]; s.Disabled {
			t.Errorf("%+v", s)
		}
	})
}

func TestWebhooksHeldDuplicatedReordered(t *testing.T) {
	r := &receiver{}
	bubble(t, hooked(r), func(w *world) {
		w.p.HoldWebhooks(true)
		f := w.fire(keyProd, "k1")
		if err := w.p.Acknowledge("PMARC", f.IncidentID); err != nil {
			t.Fatal(err)
		}
		w.want(r.got(), "")
		w.p.HoldWebhooks(false)
		w.want(r.got(), "triggered acknowledged")
		w.p.DuplicateWebhooks(true)
		if err := w.p.Resolve("PMARC", f.IncidentID); err != nil {
			t.Fatal(err)
		}
		w.want(r.got(), "triggered acknowledged resolved resolved")
		if r.ids[2] != r.ids[3] {
			t.Error("a duplicate has another id")
		}
		w.p.DuplicateWebhooks(false)
		w.p.ReorderWebhooks(true)
		g := w.fire(keyProd, "k2")
		if err := w.p.Acknowledge("PMARC", g.IncidentID); err != nil {
			t.Fatal(err)
		}
		time.Sleep(3 * time.Second)
		w.want(r.got(), "triggered acknowledged resolved resolved acknowledged triggered")
	})
}

func TestNotesShowOnTheAssigneesPhonesWithoutRinging(t *testing.T) {
	bubble(t, nil, func(w *world) {
		f := w.fire(keyProd, "k1")
		if err := w.p.AddNote("PINES", f.IncidentID, "the tech lead is rung at 03:24"); err != nil {
			t.Fatal(err)
		}
		w.want(w.rang(2), "Marc note")
		if n := w.p.Notes(f.IncidentID); len(n) != 1 || n[0].By.Name != "Ines" {
			t.Errorf("%+v", n)
		}
	})
}

func TestSubscribersHearAndClose(t *testing.T) {
	bubble(t, nil, func(w *world) {
		ctx, cancel := context.WithCancel(context.Background())
		ch := w.p.Subscribe(ctx)
		other := w.p.Subscribe(context.Background())
		w.fire(keyProd, "k1")
		kinds := map[string]bool{}
		for len(ch) > 0 {
			kinds[(<-ch).Kind] = true
		}
		if !kinds["incident"] || !kinds["ring"] {
			t.Errorf("%v", kinds)
		}
		cancel()
		synctest.Wait()
		if _, ok := <-ch; ok {
			t.Error("still open after its context ended")
		}
		w.p.Close()
		for range other { // ends, as Close closed it
		}
	})
}

func TestABrokenAccountIsRefusedWithEveryFault(t *testing.T) {
	o := account(nil)
	o.Services[0].EscalationPolicyID = "PNONE"
	o.Services[1].Integrations[0].Key = "short"
	o.Users[1].Email = "marc@example.com"
	_, err := New(o)
	for _, want := range []string{`"PNONE"`, "32 characters", "used twice"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: does not name %s", err, want)
		}
	}
}

func FuzzEnqueue(f *testing.F) {
	f.Add(`{"routing_key":"` + keyProd + `","event_action":"trigger","payload":{"summary":"s","source":"x","severity":"critical","custom_details":{"a":[1]}},"links":[{"href":1}]}`)
	f.Add(`{"routing_key":null,"payload":null}`)
	f.Add(`[]`)
	o := account(nil)
	o.EventsPerMinute = 1 << 30
	p, err := New(o)
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(p.Close)
	f.Fuzz(func(t *testing.T, body string) {
		p.begin()
		res := p.enqueue(&request{body: []byte(body), at: p.last})
		p.end()
		if res.status != 202 && res.status != 400 && res.status != 429 {
			t.Errorf("%d for %q", res.status, body)
		}
		if _, err := json.Marshal(res.body); err != nil {
			t.Error(err)
		}
	})
}

func TestWhatFallsDueTogetherIsDoneInOrderOfIncidents(t *testing.T) {
	bubble(t, nil, func(w *world) {
		for _, k := range []string{"a", "b", "c", "d", "e", "f"} {
			w.fire(keyProd, k)
		}
		n := len(w.p.Rings())
		w.clock.Advance(6 * time.Minute)
		var keys string
		for _, r := range w.p.Rings()[n:] {
			if r.Kind == Phone {
				keys += r.DedupKey
			}
		}
		w.want(keys, "abcdef")
	})
}

func TestTheRarerWebhooks(t *testing.T) {
	r := &receiver{}
	bubble(t, func(o *Options) { hooked(r)(o); o.Services[0].AckTimeout = time.Hour }, func(w *world) {
		f := w.fire(keyProd, "k1")
		from := []string{"From", "marc@example.com"}
		for _, fields := range []string{`"priority":{"id":"PP1","type":"priority_reference"}`, `"escalation_policy":{"id":"PELEAD","type":"escalation_policy_reference"}`, `"status":"acknowledged"`} {
			if s, m, _ := w.do("PUT", "/incidents/"+f.IncidentID, `{"incident":{"type":"incident_reference",`+fields+`}}`, from...); s != 200 {
				t.Fatal(s, m)
			}
		}
		if s, m, _ := w.do("POST", "/incidents/"+f.IncidentID+"/status_updates", `{"message":"we are on it"}`, from...); s != 200 {
			t.Fatal(s, m)
		}
		if s, m, _ := w.do("POST", "/incidents/"+f.IncidentID+"/responder_requests", `{"requester_id":"PMARC","message":"come","responder_request_targets":[{"responder_request_target":{"id":"PINES","type":"user_reference"}}]}`, from...); s != 200 {
			t.Fatal(s, m)
		}
		time.Sleep(time.Hour)
		w.want(r.got(), "triggered priority_updated delegated acknowledged status_update_published responder.added unacknowledged")
		if !strings.Contains(string(r.bodies[1]), `"summary":"P1","type":"priority_reference"`) {
			t.Errorf("priority: %s", r.bodies[1])
		}
		if got := w.rang(2); got != "Tomás push, Tomás phone, Ines push, Ines phone, Tomás push, Tomás phone" {
			t.Errorf("rang %s", got)
		}
	})
}

func TestASubscriptionGetsOnlyWhatItAskedFor(t *testing.T) {
	r := &receiver{}
	bubble(t, func(o *Options) {
		hooked(r)(o)
		o.Webhooks[0].Events, o.Webhooks[0].ServiceID = []string{"incident.acknowledged"}, "PSPROD"
	}, func(w *world) {
		for _, key := range []string{keyProd, keyLead} {
			if err := w.p.Acknowledge("PMARC", w.fire(key, "k").IncidentID); err != nil {
				t.Fatal(err)
			}
		}
		w.want(r.got(), "acknowledged")
	})
}

func TestAUserKeyKnowsWhoItIs(t *testing.T) {
	bubble(t, nil, func(w *world) {
		if s, m, _ := w.do("GET", "/users/me", "", "Authorization", "Token token=marc-token"); s != 200 || m["user"].(map[string]any)["id"] != "PMARC" {
			t.Errorf("%d %v", s, m)
		}
		if s, _, _ := w.do("GET", "/users/me", ""); s != 400 {
			t.Errorf("an account key is nobody: %d", s)
		}
	})
}

func TestListsByTheRealClient(t *testing.T) {
	bubble(t, nil, func(w *world) {
		ctx := context.Background()
		f := w.fire(keyProd, "k1")
		if err := w.p.AddNote("PINES", f.IncidentID, "first"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		if err := w.p.AddNote("PINES", f.IncidentID, "second"); err != nil {
			t.Fatal(err)
		}
		notes, err := w.api.ListIncidentNotesWithContext(ctx, f.IncidentID)
		if err != nil || len(notes) != 2 || notes[0].Content != "second" || notes[0].User.ID != "PINES" {
			t.Errorf("notes, newest first: %v %+v", err, notes)
		}
		g := w.fire(keyLead, "k2")
		logs, err := w.api.ListIncidentLogEntriesWithContext(ctx, f.IncidentID, pagerduty.ListIncidentLogEntriesOptions{IsOverview: true})
		if err != nil || len(logs.LogEntries) != 4 {
			t.Errorf("log of one incident: %v %+v", err, logs)
		}
		for _, e := range logs.LogEntries {
			if e.Incident.ID != f.IncidentID {
				t.Errorf("an entry of another incident: %+v", e)
			}
		}
		one, err := w.api.GetLogEntryWithContext(ctx, logs.LogEntries[3].ID, pagerduty.GetLogEntryOptions{Includes: []string{"channels"}})
		if err != nil || one.Type != "trigger_log_entry" || one.Channel.Raw["details"].(map[string]any)["alertname"] != "ApiErrorRateHigh" {
			t.Errorf("one entry: %v %+v", err, one)
		}
		users, err := w.api.ListUsersWithContext(ctx, pagerduty.ListUsersOptions{Query: "ines@"})
		if err != nil || len(users.Users) != 1 || users.Users[0].ID != "PINES" {
			t.Errorf("users: %v %+v", err, users)
		}
		schedules, err := w.api.ListSchedulesWithContext(ctx, pagerduty.ListSchedulesOptions{})
		if err != nil || len(schedules.Schedules) != 2 {
			t.Errorf("schedules: %v %+v", err, schedules)
		}
		policies, err := w.api.ListEscalationPoliciesWithContext(ctx, pagerduty.ListEscalationPoliciesOptions{})
		if err != nil || len(policies.EscalationPolicies) != 2 || policies.EscalationPolicies[0].EscalationRules[0].Targets[0].ID != "PSCHED1" {
			t.Errorf("policies: %v %+v", err, policies)
		}
		if s, err := w.api.GetServiceWithContext(ctx, "PSPROD", nil); err != nil || s.EscalationPolicy.ID != "PEPROD" {
			t.Errorf("service: %v %+v", err, s)
		}
		if p, err := w.api.ListPrioritiesWithContext(ctx, pagerduty.ListPrioritiesOptions{}); err != nil || len(p.Priorities) != 1 {
			t.Errorf("priorities: %v %+v", err, p)
		}
		if a, err := w.api.ListAbilitiesWithContext(ctx); err != nil || len(a.Abilities) == 0 {
			t.Errorf("abilities: %v %+v", err, a)
		}
		alerts, err := w.api.ListIncidentAlertsWithContext(ctx, g.IncidentID, pagerduty.ListIncidentAlertsOptions{Statuses: []string{"triggered"}})
		if err != nil || len(alerts.Alerts) != 1 {
			t.Fatalf("alerts: %v %+v", err, alerts)
		}
		if a, err := w.api.GetIncidentAlertWithContext(ctx, g.IncidentID, alerts.Alerts[0].ID); err != nil || a.IncidentAlert.AlertKey != "k2" {
			t.Errorf("alert: %v %+v", err, a)
		}
		for path, want := range map[string]int{
			"/users/PNONE": 404, "/schedules/PNONE": 404, "/escalation_policies/PNONE": 404, "/services/PNONE": 404, "/log_entries/RNONE": 404,
			"/incidents/" + f.IncidentID + "/alerts/QNONE": 404, "/incidents/1": 200, "/incidents?statuses[]=open": 400,
			"/incidents?since=1999-01-01T00:00:00Z": 400, "/incidents?date_range=all&since=1999-01-01T00:00:00Z": 200,
			"/incidents?sort_by=mood": 400, "/incidents?limit=0": 400, "/log_entries?since=2000-01-02&until=2000-01-01": 400, "/oncalls?until=2001-01-01": 400,
		} {
			if s, m, _ := w.do("GET", path, ""); s != want {
				t.Errorf("%s: %d %v", path, s, m)
			}
		}
		for query, want := range map[string]int{"user_ids[]=PTOM": 1, "service_ids[]=PSPROD": 1, "incident_key=k2": 1, "urgencies[]=low": 0, "statuses[]=resolved": 0, "since=2000-01-01T00:00:30Z": 1, "until=2000-01-01T00:00:30Z": 1} {
			if s, m, _ := w.do("GET", "/incidents?"+query, ""); s != 200 || len(m["incidents"].([]any)) != want {
				t.Errorf("%s: %d, %d incidents, want %d", query, s, len(m["incidents"].([]any)), want)
			}
		}
	})
}

func TestPeopleEscalateMonitoringClears(t *testing.T) {
	bubble(t, nil, func(w *world) {
		f := w.fire(keyProd, "k1")
		if err := w.p.Escalate("PMARC", f.IncidentID); err != nil {
			t.Fatal(err)
		}
		w.want(w.rang(2), "Ines push, Ines phone")
		if err := w.p.Escalate("PMARC", f.IncidentID); err == nil {
			t.Error("escalated beyond the last level")
		}
		if err := w.p.Clear("k1"); err != nil {
			t.Fatal(err)
		}
		if in, _ := w.p.Incident(f.IncidentID); in.Status != Resolved || in.ResolvedBy != "Checkout" || len(in.Assignees) != 0 {
			t.Errorf("%+v", in)
		}
		if err := w.p.Clear("k1"); !errors.Is(err, ErrNotFound) {
			t.Errorf("cleared twice: %v", err)
		}
		for _, err := range []error{w.p.Acknowledge("PNONE", f.IncidentID), w.p.Acknowledge("PMARC", "QNONE"), w.p.Reassign("PMARC", w.fire(keyProd, "k2").IncidentID, "PNONE"), w.p.SetOnCall("PNONE", ""), w.p.SetOnCall("PSCHED1", "PNONE"), w.p.RemoveWebhook("PNONE"), w.p.EnableWebhook("PNONE")} {
			if !errors.Is(err, ErrNotFound) {
				t.Errorf("%v is not ErrNotFound", err)
			}
		}
		if _, err := w.p.Fire("nobody", Alert{}); !errors.Is(err, ErrNotFound) {
			t.Errorf("%v", err)
		}
		if _, err := w.p.Fire(keyProd, Alert{}); !errors.Is(err, ErrBadAlert) {
			t.Errorf("%v", err)
		}
	})
}

func TestARemovedWebhookGetsNothing(t *testing.T) {
	r := &receiver{}
	bubble(t, hooked(r), func(w *world) {
		for _, bad := range []Webhook{{URL: "bot/hook", Secrets: []string{"s"}}, {URL: "http://bot/hook"}, {URL: "http://bot/hook", Secrets: []string{"s"}, ServiceID: "PNONE"}} {
			if _, err := w.p.AddWebhook(bad); err == nil {
				t.Errorf("%+v was taken", bad)
			}
		}
		if err := w.p.RemoveWebhook("PWH"); err != nil {
			t.Fatal(err)
		}
		w.fire(keyProd, "k1")
		w.want(r.got(), "")
	})
}

func TestOldIncidentsMakeRoomForNewOnes(t *testing.T) {
	bubble(t, nil, func(w *world) {
		w.fire(keyProd, "stays open")
		for i := range maxIncidents + 5 {
			w.fire(keyLead, "k")
			if i > 0 {
				continue
			}
			if err := w.p.Clear("k"); err != nil {
				t.Fatal(err)
			}
		}
		// the second "k" stays open: all later ones join it
		if n := len(w.p.Incidents()); n != 3 {
			t.Fatalf("%d incidents", n)
		}
		if err := w.p.Clear("k"); err != nil {
			t.Fatal(err)
		}
		for range maxIncidents {
			w.fire(keyLead, "k")
			if err := w.p.Clear("k"); err != nil {
				t.Fatal(err)
			}
		}
		l := w.p.Incidents()
		if len(l) != maxIncidents || l[0].DedupKey != "stays open" {
			t.Errorf("%d incidents, the first is %s", len(l), l[0].DedupKey)
		}
	})
}

func TestFaultsAreListedAndCleared(t *testing.T) {
	bubble(t, nil, func(w *world) {
		w.p.SetDown(true)
		w.p.SetSlow(time.Second)
		w.p.HoldWebhooks(true)
		if err := w.p.FailNext("*", 3, 0); err != nil {
			t.Fatal(err)
		}
		if f := w.p.Faults(); !f.Down || f.Slow != time.Second || !f.WebhooksHeld || f.Planned != 3 {
			t.Errorf("%+v", f)
		}
		w.p.ClearFaults()
		if f := w.p.Faults(); f != (Faults{}) {
			t.Errorf("%+v", f)
		}
		if err := w.p.FailNext("*", 1, 0); err != nil {
			t.Fatal(err)
		}
		if s, _, _ := w.do("GET", "/users", ""); s != 0 {
			t.Errorf("a cut connection answers %d", s)
		}
		if c := w.p.Calls(); c[len(c)-1].Status != 0 || c[len(c)-1].Fault != "planned" {
			t.Errorf("%+v", c)
		}
	})
}

// Over a real socket and the real clock: the parts that bubbles replace.
func TestWebhooksOverARealSocket(t *testing.T) {
	got := make(chan error, 10)
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got <- webhookv3.VerifySignature(r, "s") }))
	defer srv.Close()
	o := account(nil)
	o.Webhooks = []Webhook{{URL: srv.URL, Secrets: []string{"old", "s"}}}
	p, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if _, err := p.Fire(keyProd, Alert{Summary: "s", Severity: "critical", Source: "x"}); err != nil {
		t.Fatal(err)
	}
	if err := <-got; err != nil {
		t.Error(err)
	}
}

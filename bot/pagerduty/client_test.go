package pagerduty

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	pd "github.com/PagerDuty/go-pagerduty"

	"github.com/tocsin-bot/tocsin/bot/clock"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// httpWorld is a client over a real socket.
func httpWorld(t *testing.T, h http.Handler) *Client {
	t.Helper()
	srv := httptest.NewServer(h)
	c, err := NewClient(ClientOptions{APIURL: srv.URL, EventsURL: srv.URL + "/v2/enqueue/", Token: apiToken, From: fromMail, Clock: clock.New()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close(); srv.Close() })
	return c
}

func TestWhatGoesOverTheWire(t *testing.T) {
	var got []string
	c := httpWorld(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = append(got, r.Method+" "+r.URL.Path+" "+r.Header.Get("Authorization")+" from="+r.Header.Get("From")+" "+string(body))
		w.WriteHeader(202)
		_, _ = w.Write([]byte(`not JSON: still a page that was taken`))
	}))
	if err := c.send(t.Context(), "ring", &pd.V2Event{RoutingKey: keyProd, Action: "resolve", DedupKey: "k"}); err != nil {
		t.Error(err)
	}
	if err := c.call(t.Context(), urgent, "change", "PUT", "/incidents", nil, map[string]int{"a": 1}, nil); err != nil {
		t.Error(err)
	}
	want := []string{
		`POST /v2/enqueue  from= {"routing_key":"` + keyProd + `","event_action":"resolve","dedup_key":"k"}`,
		`PUT /incidents Token token=` + apiToken + ` from=` + fromMail + ` {"a":1}`,
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestAnswersThatAreNotPagerDutys(t *testing.T) {
	answer := func(status int, header, body string) func() http.Handler {
		return func() http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				k, v, _ := strings.Cut(header, ": ")
				w.Header().Set(k, v)
				w.WriteHeader(status)
				_, _ = io.WriteString(w, body)
			})
		}
	}
	for name, c := range map[string]struct {
		handler              func() http.Handler
		permanent, ambiguous bool
		after                time.Duration
		detail               string
	}{
		"a portal's page":         {answer(200, "X: y", "<html>log in</html>"), false, true, 0, "proxy"},
		"a redirect":              {answer(302, "Location: http://127.0.0.1:1/elsewhere", ""), false, false, 0, "proxy"},
		"an HTML 502":             {answer(502, "X: y", "<html>"+strings.Repeat("bad ", 500)), false, true, 0, "…"},
		"503 with Retry-After":    {answer(503, "Retry-After: 7", ""), false, true, 7 * time.Second, ""},
		"429 with ratelimit":      {answer(429, "Ratelimit-Reset: 9", `{}`), false, false, 9 * time.Second, ""},
		"429 for ever":            {answer(429, "Retry-After: 86400", ""), false, false, maxWait, ""},
		"errors as one text":      {answer(400, "X: y", `{"error":{"message":"Bad","code":2001,"errors":"one text"}}`), true, false, 0, "Bad: one text"},
		"the secret in the words": {answer(400, "X: y", `{"message":"key `+keyProd+` is wrong, token `+apiToken+`"}`), true, false, 0, "key … is wrong, token …"},
		"a cut connection": {func() http.Handler {
			return http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
		}, false, true, 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			cl := httpWorld(t, c.handler())
			f := fault(t, cl.send(t.Context(), "ring", &pd.V2Event{RoutingKey: keyProd, Action: "trigger", DedupKey: "k"}))
			if f.Permanent() != c.permanent || f.Ambiguous() != c.ambiguous || f.RetryAfter() != c.after || !strings.Contains(f.Error(), c.detail) || len([]rune(f.Error())) > 600 {
				t.Errorf("permanent %v, ambiguous %v, after %v: %v", f.Permanent(), f.Ambiguous(), f.RetryAfter(), f)
			}
		})
	}
}

func TestAConnectionThatNeverWasIsNotAmbiguous(t *testing.T) {
	srv := httptest.NewServer(http.NotFoundHandler())
	c, err := NewClient(ClientOptions{APIURL: srv.URL, EventsURL: srv.URL, Token: apiToken, Clock: clock.New()})
	if err != nil {
		t.Fatal(err)
	}
	srv.Close()
	f := fault(t, c.send(t.Context(), "ring", &pd.V2Event{RoutingKey: keyProd}))
	if f.Ambiguous() || f.Permanent() || !strings.Contains(f.Error(), "refused") {
		t.Errorf("%v", f)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.call(ctx, urgent, "read", "GET", "/users", nil, nil, nil); !errors.Is(err, context.Canceled) || fault(t, err).Ambiguous() {
		t.Errorf("%v", err)
	}
}

func TestAnAnswerTooLongOrOfNoShape(t *testing.T) {
	for name, body := range map[string]string{"too long": `{"a":"` + strings.Repeat("x", maxAnswer+1<<20) + `"}`, "no JSON": "<html>"} {
		c := httpWorld(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) }))
		var out map[string]any
		if f := fault(t, c.call(t.Context(), urgent, "read", "GET", "/users", nil, nil, &out)); f.Permanent() || !f.Ambiguous() {
			t.Errorf("%s: %v", name, f)
		}
	}
}

// deaf is a store that hangs.
type deaf struct{}

func (deaf) Pause(ctx context.Context, _ string, _ time.Time) error { <-ctx.Done(); return ctx.Err() }
func (deaf) Paused(ctx context.Context, _ string) (time.Time, error) {
	<-ctx.Done()
	return time.Time{}, ctx.Err()
}

func TestAStoreThatHangsHoldsUpNoPage(t *testing.T) {
	bubble(t, setup{noToken: true}, func(w *world) {
		w.client.pauses = deaf{}
		start := time.Now()
		_, err := w.performer.Do(w.ctx, w.owed(incident.Ring, 1), w.incidentWith(incident.Page{Address: byKey}))
		w.must(err)
		if d := time.Since(start); d != storeTime {
			t.Errorf("after %v", d)
		}
		w.want(w.phones(), "Tomás")
	})
}

func TestNewClientRefuses(t *testing.T) {
	for _, u := range []string{"pagerduty", "ftp://x", "https://user:pw@api.pagerduty.com", "://"} {
		if _, err := NewClient(ClientOptions{APIURL: u, Clock: clock.New()}); err == nil || strings.Contains(err.Error(), "pw") {
			t.Errorf("%s: %v", u, err)
		}
	}
	if _, err := NewClient(ClientOptions{}); err == nil {
		t.Error("without a clock")
	}
	c, err := NewClient(ClientOptions{Clock: clock.New()})
	if err != nil || c.HasToken() || c.o.APIURL != defaultAPIURL || c.o.EventsURL != defaultEventsURL {
		t.Errorf("%+v %v", c.o, err)
	}
	var none *Client
	if none.HasToken() {
		t.Error("no client has a token")
	}
}

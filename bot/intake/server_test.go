package intake

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
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
)

const token = "s3cret"

// brain stands for the engine: it keeps the sets of each incident, the claims, and the keys of what counted.
type brain struct {
	mu     sync.Mutex
	keys   map[string]engine.Outcome
	claims map[string]incident.ID
	states map[incident.ID]incident.State
	took   []engine.Input
	offers int
	down   error
	hang   bool
}

func newBrain() *brain {
	return &brain{keys: map[string]engine.Outcome{}, claims: map[string]incident.ID{}, states: map[incident.ID]incident.State{}}
}

func (b *brain) Handle(ctx context.Context, in engine.Input) (engine.Outcome, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.offers++
	if b.hang {
		<-ctx.Done()
		return engine.Outcome{}, ctx.Err()
	}
	if b.down != nil {
		return engine.Outcome{}, b.down
	}
	if out, ok := b.keys[in.Key]; ok {
		out.Duplicate = true
		return out, nil
	}
	var id incident.ID
	for _, c := range in.Route.Claims {
		if id == "" {
			id = b.claims[c]
		}
	}
	out := engine.Outcome{Incident: id}
	if id == "" {
		if !in.Route.New {
			return engine.Outcome{Unrouted: true}, nil
		}
		id = incident.NewID(int64(len(b.states) + 1))
		out = engine.Outcome{Incident: id, New: true}
	}
	for _, c := range in.Route.Take {
		if b.claims[c] == "" {
			b.claims[c] = id
		}
	}
	set := in.Act.(incident.AlertsFired).Set
	st := b.states[id]
	st.ID, st.Status = id, incident.Investigating
	st.Alerts = slices.DeleteFunc(slices.Clone(st.Alerts), func(a incident.AlertSet) bool { return a.Group == set.Group })
	st.Alerts = append(st.Alerts, set)
	b.states[id], b.keys[in.Key] = st, out
	b.took = append(b.took, in)
	return out, nil
}

func (b *brain) HandleHouse(context.Context, string, house.Intent) error {
	return errors.New("alerts do not concern the house")
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

func (b *brain) State(_ context.Context, id incident.ID) (incident.State, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.states[id], b.down
}

func (b *brain) Policy() *incident.Policy {
	return &incident.Policy{
		Alerts:        map[string]incident.AlertRule{"AuditHashChainBroken": {Severity: incident.SEV1, Confirmed: true}, "DiskFull": {Severity: incident.SEV3}, "AMinorOne": {Severity: incident.SEV4}},
		LabelSeverity: map[string]incident.Severity{"critical": incident.SEV1, "warning": incident.SEV3},
	}
}

func (b *brain) close(id incident.ID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for c, owner := range b.claims {
		if owner == id {
			delete(b.claims, c)
		}
	}
	st := b.states[id]
	st.Status = incident.Resolved
	b.states[id] = st
}

// acts writes down what counted: incident, name, how many fire.
func (b *brain) acts() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []string
	for _, in := range b.took {
		a := in.Act.(incident.AlertsFired)
		out = append(out, fmt.Sprintf("%s %s %d", b.keys[in.Key].Incident, a.Set.Name, a.Set.Firing))
	}
	return strings.Join(out, ", ")
}

type letters struct {
	filed []string
	down  error
}

func (l *letters) File(_ context.Context, source, reason string, body []byte) error {
	if l.down == nil {
		l.filed = append(l.filed, source+": "+reason+": "+string(body))
	}
	return l.down
}

type world struct {
	*testing.T
	brain   *brain
	letters *letters
	logs    *bytes.Buffer
	server  *Server
}

func newWorld(t *testing.T, change func(*Options)) *world {
	t.Helper()
	w := &world{T: t, brain: newBrain(), letters: &letters{}, logs: &bytes.Buffer{}}
	o := Options{
		Handler: w.brain, Reader: w.brain, Token: token, DeadLetters: w.letters, Clock: clock.New(), Log: zerolog.New(w.logs),
		PagerDuty: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }),
	}
	if change != nil {
		change(&o)
	}
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	w.server = s
	return w
}

func (w *world) do(method, path, body string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	rec := httptest.NewRecorder()
	w.server.Handler().ServeHTTP(rec, r)
	return rec
}

func (w *world) post(body string) int {
	return w.do("POST", "/webhooks/alertmanager", body, "Authorization", "Bearer "+token).Code
}

func (w *world) accepted(body string) {
	w.Helper()
	if got := w.post(body); got != 202 {
		w.Errorf("answered %d, want 202", got)
	}
	if len(w.letters.filed) > 0 {
		w.Errorf("dead letters: %q", w.letters.filed)
	}
}

func (w *world) want(got, want string) {
	w.Helper()
	if got != want {
		w.Errorf("got  %q\nwant %q", got, want)
	}
}

// captured returns a body captured from a real Alertmanager.
func captured(t testing.TB, name string) string {
	t.Helper()
	raw, err := os.ReadFile("testdata/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var c struct {
		Body json.RawMessage `json:"body"`
	}
	if err := json.Unmarshal(raw, &c); err != nil {
		t.Fatal(err)
	}
	return string(c.Body)
}

func TestWhoMayComeIn(t *testing.T) {
	body := captured(t, "am025-firing-2-alerts")
	w := newWorld(t, nil)
	for name, header := range map[string]string{
		"nothing": "", "wrong token": "Bearer guess", "longer": "Bearer " + token + "x", "shorter": "Bearer " + token[:3], "basic": "Basic " + token, "bare": token,
	} {
		rec := w.do("POST", "/webhooks/alertmanager", body, "Authorization", header)
		if rec.Code != 401 || rec.Header().Get("WWW-Authenticate") == "" {
			t.Errorf("%s: %d", name, rec.Code)
		}
	}
	if w.brain.offers != 0 || strings.Contains(w.logs.String(), "HighErrorRate") || strings.Contains(w.logs.String(), token) {
		t.Errorf("%d inputs; log:\n%s", w.brain.offers, w.logs)
	}
	if got := w.do("POST", "/webhooks/alertmanager", body, "Authorization", "bearer "+token).Code; got != 202 {
		t.Errorf("the right token: %d", got)
	}
	closed := newWorld(t, func(o *Options) { o.Token = "" })
	if got := closed.do("POST", "/webhooks/alertmanager", body, "Authorization", "Bearer ").Code; got != 401 {
		t.Errorf("without a token configured: %d", got)
	}
}

func TestAnswers(t *testing.T) {
	w := newWorld(t, nil)
	good := captured(t, "am025-firing-2-alerts")
	for name, c := range map[string]struct{ got, want int }{
		"too long":      {w.post(strings.Repeat(" ", maxAlertBody+1)), 413},
		"no JSON":       {w.post("{"), 202},
		"another JSON":  {w.post(`{"hello":1}`), 202},
		"odd status":    {w.post(`{"groupKey":"k","status":"maybe"}`), 202},
		"odd alert":     {w.post(`{"groupKey":"k","status":"firing","alerts":[{"status":"?"}]}`), 202},
		"minus":         {w.post(`{"groupKey":"k","status":"firing","truncatedAlerts":-1}`), 202},
		"a time of no":  {w.post(strings.Replace(good, "2026-11-21T18:26:22.737253338Z", "soon", 1)), 202},
		"by GET":        {w.do("GET", "/webhooks/alertmanager", "").Code, 405},
		"nowhere":       {w.do("POST", "/webhooks/other", "").Code, 404},
		"for PagerDuty": {w.do("POST", "/webhooks/pagerduty", "").Code, 418},
	} {
		if c.got != c.want {
			t.Errorf("%s: %d, want %d", name, c.got, c.want)
		}
	}
	if len(w.letters.filed) != 6 || w.brain.offers != 0 {
		t.Errorf("%d dead letters, %d inputs", len(w.letters.filed), w.brain.offers)
	}
	w.brain.down = errors.New("the store does not answer")
	if got := w.post(good); got != 503 {
		t.Errorf("store down: %d", got)
	}
	w.letters.down = w.brain.down
	if got := w.post("{"); got != 503 {
		t.Errorf("unreadable and store down: %d", got)
	}
	w.brain.down = nil
	if got := w.post(good); got != 202 {
		t.Errorf("sent again: %d", got)
	}
	w.want(w.brain.acts(), "INC-1 HighErrorRate 2")
}

func TestACapturedGroupFromFiringToResolved(t *testing.T) {
	w := newWorld(t, nil)
	firing := captured(t, "am025-firing-2-alerts")
	w.accepted(firing)
	w.accepted(firing) // repeat_interval, another replica, a restart
	in := w.brain.took[0]
	a := in.Act.(incident.AlertsFired)
	w.want(a.Set.Group, "97510b418c30a6bc221ab8cd7f4d49d287215a8f33fc7173ad6f03934114edfb")
	w.want(a.Title.Body, "HighErrorRate · checkout")
	w.want(a.Set.Summary.Body, "5xx > 5% on a\n5xx > 5% on b")
	w.want(a.Set.URL, "http://prom:9090/graph?g0.expr=up")
	w.want(fmt.Sprint(a.Set.Labels), "[{alertname HighErrorRate} {service checkout} {severity critical}]")
	w.want(strings.Join(in.Route.Claims, " "), "alert/"+a.Set.Group+" alertname/HighErrorRate/checkout")
	if in.Actor.System != incident.SystemAlertmanager || in.Via != incident.ViaAlertmanager || !in.Route.New {
		t.Errorf("input %+v", in)
	}

	partly := strings.Replace(firing, `"status": "firing"`, `"status": "FIRING"`, 1) // the top one stays
	partly = strings.Replace(partly, `"status": "firing"`, `"status": "resolved"`, 1)
	partly = strings.Replace(partly, "FIRING", "firing", 1)
	partly = strings.Replace(partly, "0001-01-01T00:00:00Z", "2026-11-21T18:26:30Z", 1)
	w.accepted(partly)
	w.accepted(partly)
	w.accepted(captured(t, "am025-resolved"))
	w.accepted(captured(t, "am025-resolved"))
	w.want(w.brain.acts(), "INC-1 HighErrorRate 2, INC-1 HighErrorRate 1, INC-1 HighErrorRate 0")
	if w.brain.took[2].Route.New {
		t.Error("a resolved group may open an incident")
	}
}

func TestWhenItBegan(t *testing.T) {
	now := time.Date(2026, 11, 21, 19, 0, 0, 0, time.UTC)
	n, err := parse([]byte(body("g", "firing", 0, "A/1/s/09", "A/2/s/03", "-A/3/s/01")))
	if err != nil {
		t.Fatal(err)
	}
	if s := n.set(nil, now); !s.StartsAt.Equal(time.Date(2026, 1, 1, 0, 0, 3, 0, time.UTC)) || !s.ChangedAt.Equal(now) {
		t.Errorf("starts %v, changed %v", s.StartsAt, s.ChangedAt)
	}
	if at := n.moment(now); !at.Equal(time.Date(2026, 1, 1, 1, 0, 1, 0, time.UTC)) { // the last thing that happened: one ended
		t.Errorf("happened at %v", at)
	}
	early := now.AddDate(-1, 0, 0) // Alertmanager's clock is ahead of ours
	if s := n.set(nil, early); !s.StartsAt.Equal(early) || !n.moment(early).Equal(early) {
		t.Errorf("starts %v, happened %v", s.StartsAt, n.moment(early))
	}
}

// body makes a notification of one group; an alert is "name/instance/service/second of its start", with "-" before it when resolved.
func body(group, status string, truncated int, alerts ...string) string {
	var list []map[string]any
	for _, a := range alerts {
		ended := strings.HasPrefix(a, "-")
		p := strings.Split(strings.TrimPrefix(a, "-"), "/")
		labels := map[string]string{"alertname": p[0], "instance": p[1], "service": p[2]}
		if len(p) > 4 {
			labels["severity"] = p[4]
		}
		one := map[string]any{
			"status": "firing", "labels": labels, "annotations": map[string]string{}, "startsAt": "2026-01-01T00:00:" + p[3] + "Z",
			"endsAt": "0001-01-01T00:00:00Z", "fingerprint": p[0] + p[1],
		}
		if ended {
			one["status"], one["endsAt"] = "resolved", "2026-01-01T01:00:"+p[3]+"Z"
		}
		list = append(list, one)
	}
	b, _ := json.Marshal(map[string]any{
		"version": "4", "groupKey": group, "status": status, "truncatedAlerts": truncated, "receiver": "tocsin", "alerts": list,
		"notification_reason": "first_notification", "routeLabels": map[string]string{"team": "a"}, "commonLabels": map[string]string{}, // 0.34
	})
	return string(b)
}

func TestASetThatComesBackIsNews(t *testing.T) {
	w := newWorld(t, nil)
	w.accepted(body("g", "firing", 0, "A/1/s/01", "A/2/s/02"))
	w.accepted(body("g", "firing", 0, "A/2/s/02"))
	w.accepted(body("g", "firing", 0, "A/1/s/01", "A/2/s/02")) // the very body of the beginning
	w.accepted(body("g", "firing", 0, "A/2/s/02"))
	w.accepted(body("g", "firing", 0, "A/2/s/02"))
	w.want(w.brain.acts(), "INC-1 A 2, INC-1 A 1, INC-1 A 2, INC-1 A 1")
}

func TestAfterItsIncidentIsOver(t *testing.T) {
	w := newWorld(t, nil)
	w.accepted(body("g", "firing", 0, "A/1/s/01"))
	w.brain.close("INC-1")
	w.accepted(body("g", "firing", 0, "A/1/s/01")) // repeat_interval: it still fires as before
	w.want(w.brain.acts(), "INC-1 A 1")
	w.accepted(body("g", "firing", 0, "A/1/s/30")) // it fires again
	w.want(w.brain.acts(), "INC-1 A 1, INC-2 A 1")
	w.accepted(body("other", "resolved", 0, "-B/1/s/01")) // never heard of
	w.want(w.brain.acts(), "INC-1 A 1, INC-2 A 1")
}

func TestWhichAlertsAreCutOff(t *testing.T) {
	w := newWorld(t, nil)
	w.accepted(captured(t, "am025-truncatedAlerts-3"))
	set := w.brain.took[0].Act.(incident.AlertsFired).Set
	if set.Firing != 2 || set.Truncated != 3 {
		t.Errorf("set %+v", set)
	}
	// Only the resolved one is left of what was sent: something fires all the same.
	w.accepted(body("h", "firing", 4, "-A/1/s/01"))
	if set := w.brain.took[1].Act.(incident.AlertsFired).Set; set.Firing != 1 || set.Truncated != 4 {
		t.Errorf("set %+v", set)
	}
}

func TestSeveralAlertNamesInOneGroup(t *testing.T) {
	w := newWorld(t, nil)
	w.accepted(body("g", "firing", 0, "AMinorOne/1/store/01", "DiskFull/1/Store/01/warning", "Zzz/1/store/01/critical", "AuditHashChainBroken/1/audit/01"))
	a := w.brain.took[0].Act.(incident.AlertsFired)
	w.want(a.Set.Name, "AuditHashChainBroken")
	w.want(fmt.Sprint(a.Set.Labels), "[{severity critical}]")
	in := w.brain.took[0]
	w.want(strings.Join(in.Route.Claims, " "), "alert/"+Group("g")+" alertname/AMinorOne/store alertname/AuditHashChainBroken/audit alertname/DiskFull/store alertname/Zzz/store")
	w.want(fmt.Sprint(slices.Equal(in.Route.Claims, in.Route.Take)), "true")
	// A name alone finds nothing: other hosts have the same alert.
	w.accepted(body("i", "firing", 0, "InstanceDown/1//01"))
	w.accepted(body("j", "firing", 0, "InstanceDown/2//01"))
	w.want(w.brain.acts(), "INC-1 AuditHashChainBroken 4, INC-2 InstanceDown 1, INC-3 InstanceDown 1")
	// Name and service do: a page of PagerDuty came first.
	w.brain.claims["alertname/DiskFull/mail"] = "INC-3"
	w.accepted(body("k", "firing", 0, "DiskFull/1/Mail/01"))
	w.want(w.brain.acts(), "INC-1 AuditHashChainBroken 4, INC-2 InstanceDown 1, INC-3 InstanceDown 1, INC-3 DiskFull 1")
}

func TestWhatAnAlertSaysIsData(t *testing.T) {
	w := newWorld(t, nil)
	evil := "<!channel> \u202Egnp.exe\x00 " + strings.Repeat("é", 3000)
	labels := map[string]string{"alertname": evil}
	for i := range 50 {
		labels[fmt.Sprintf("l%02d", i)] = evil
	}
	labels["severity"] = "critical"
	b, _ := json.Marshal(map[string]any{
		"groupKey": evil, "status": "firing", "commonLabels": labels, "commonAnnotations": map[string]string{"summary": evil}, "externalURL": "javascript:alert(1)",
		"alerts": []any{map[string]any{"status": "firing", "labels": labels, "annotations": map[string]string{"summary": evil}, "generatorURL": "file:///etc/passwd"}},
	})
	w.accepted(string(b))
	a := w.brain.took[0].Act.(incident.AlertsFired)
	if n := len([]rune(a.Title.Body)); n > incident.MaxTitle || strings.ContainsAny(a.Title.Body, "\u202E\x00") {
		t.Errorf("title of %d runes: %q", n, a.Title.Body)
	}
	if len(a.Set.Labels) != maxLabels || a.Set.URL != "" || len([]rune(a.Set.Summary.Body)) > maxSummary || len([]rune(a.Set.Name)) > maxValue {
		t.Errorf("%d labels, url %q, name %q", len(a.Set.Labels), a.Set.URL, a.Set.Name)
	}
	if !slices.ContainsFunc(a.Set.Labels, func(l incident.Label) bool { return l.Name == "severity" }) {
		t.Error("the severity was cut off")
	}
}

func TestAStoreThatHangsGets503InTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		w.brain.hang = true
		start := time.Now()
		if got := w.post(captured(t, "am025-firing-2-alerts")); got != 503 || time.Since(start) != alertTime {
			t.Errorf("%d after %v", got, time.Since(start))
		}
	})
}

func TestHealthReadinessMetrics(t *testing.T) {
	var why error
	w := newWorld(t, func(o *Options) {
		o.Ready = []Check{
			{Name: "store", Probe: func(context.Context) error { return why }},
			{Name: "slack", Probe: func(ctx context.Context) error { return ctx.Err() }},
		}
	})
	if rec := w.do("GET", "/readyz", ""); rec.Code != 200 || rec.Body.String() != `{"ready":true,"checks":[{"name":"store","ok":true},{"name":"slack","ok":true}]}`+"\n" {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
	why = errors.New("the disk is full: free some space under the data directory")
	rec := w.do("GET", "/readyz", "")
	var r readiness
	if err := json.Unmarshal(rec.Body.Bytes(), &r); err != nil || rec.Code != 503 || r.Ready || r.Checks[0].OK || r.Checks[0].Reason != why.Error() || !r.Checks[1].OK {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
	if rec := w.do("GET", "/healthz", ""); rec.Code != 200 || rec.Body.String() != "ok\n" {
		t.Errorf("healthz: %d %s", rec.Code, rec.Body)
	}
	w.post("{")
	m := w.do("GET", "/metrics", "").Body.String()
	for _, line := range []string{`tocsin_http_requests_total{code="202",path="/webhooks/alertmanager"} 1`, `tocsin_http_requests_total{code="503",path="/readyz"} 1`, `tocsin_http_request_seconds_count{path="/webhooks/alertmanager"} 1`} {
		if !strings.Contains(m, line) {
			t.Errorf("no %s in\n%s", line, m)
		}
	}
}

func TestAPanicIsNotTheEndAndNot2xx(t *testing.T) {
	w := newWorld(t, func(o *Options) {
		o.PagerDuty = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("no") })
	})
	if rec := w.do("POST", "/webhooks/pagerduty", ""); rec.Code != 500 || !strings.Contains(w.logs.String(), "report it") {
		t.Errorf("%d %s", rec.Code, w.logs)
	}
}

func TestStartAndStop(t *testing.T) {
	release := make(chan struct{})
	arrived := make(chan struct{})
	w := newWorld(t, func(o *Options) {
		o.Addr = "127.0.0.1:0"
		o.PagerDuty = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			close(arrived)
			<-release
			w.WriteHeader(202)
		})
	})
	if err := w.server.Start(); err != nil {
		t.Fatal(err)
	}
	if err := w.server.Start(); err == nil {
		t.Error("started twice")
	}
	got := make(chan int, 1)
	go func() {
		resp, err := http.Post("http://"+w.server.Addr()+"/webhooks/pagerduty", "application/json", nil)
		if err != nil {
			t.Error(err)
			got <- 0
			return
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
		got <- resp.StatusCode
	}()
	<-arrived
	stopped := make(chan error, 1)
	go func() { stopped <- w.server.Stop(context.Background()) }()
	close(release)
	if err := <-stopped; err != nil {
		t.Error(err)
	}
	if code := <-got; code != 202 {
		t.Errorf("the request under way got %d", code)
	}
	if err := w.server.Stop(context.Background()); err != nil {
		t.Errorf("stopped twice: %v", err)
	}
	if _, err := http.Get("http://" + w.server.Addr() + "/healthz"); err == nil {
		t.Error("it still answers")
	}
	none := newWorld(t, nil)
	if err := none.server.Start(); err != nil || none.server.Addr() != "" || none.server.Stop(context.Background()) != nil {
		t.Error("without an address nothing is to be done")
	}
	taken := newWorld(t, func(o *Options) { o.Addr = "256.0.0.1:1" })
	if err := taken.server.Start(); err == nil || !strings.Contains(err.Error(), "TOCSIN_HTTP_ADDR") {
		t.Errorf("%v", err)
	}
	if _, err := New(Options{}); err == nil {
		t.Error("made of nothing")
	}
}

func FuzzNotification(f *testing.F) {
	for _, name := range []string{"am025-firing-2-alerts", "am025-resolved", "am025-truncatedAlerts-3"} {
		f.Add([]byte(captured(f, name)))
	}
	f.Add([]byte(body("g", "firing", 1, "A/1/s/01", "-B/2/t/02")))
	now := time.Date(2026, 11, 21, 19, 0, 0, 0, time.UTC)
	policy := newBrain().Policy()
	f.Fuzz(func(t *testing.T, raw []byte) {
		n, err := parse(raw)
		if err != nil {
			return
		}
		s := n.set(policy, now)
		again, err := parse(raw)
		if err != nil || again.set(policy, now).Digest != s.Digest || again.content() != n.content() {
			t.Error("the same body read twice differs")
		}
		find, take := n.claims(s)
		if len(s.Group) != 64 || s.Firing < 0 || len(s.Labels) > maxLabels || s.StartsAt.After(now) || n.moment(now).After(now) || len(find) == 0 || len(take) > maxClaims+1 {
			t.Errorf("set %+v, find %q, take %q", s, find, take)
		}
		if n.Status == statusEnded && s.Firing != 0 || n.Status == statusFires && s.Firing == 0 {
			t.Errorf("%s with %d firing", n.Status, s.Firing)
		}
		if n.title(s) == "" {
			t.Error("no title")
		}
	})
}

func TestATroubleThatIsOnlyToldFailsNothing(t *testing.T) {
	w := newWorld(t, func(o *Options) {
		o.Ready = []Check{{Name: "slack", Told: true, Probe: func(context.Context) error { return errors.New("Slack does not answer") }}}
	})
	if rec := w.do("GET", "/readyz", ""); rec.Code != 200 || !strings.Contains(rec.Body.String(), "Slack does not answer") {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
}

package sandbox

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/PagerDuty/go-pagerduty"
	"github.com/gorilla/websocket"
	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"github.com/tocsin-bot/tocsin/bot/sandbox/pager"
	"github.com/tocsin-bot/tocsin/bot/sandbox/workspace"
)

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
func (l *pipes) dial(context.Context, string, string) (net.Conn, error) {
	a, b := net.Pipe()
	select {
	case l.conns <- b:
		return a, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

// base is where the bubble's sandbox is asked for.
const base = "http://127.0.0.1:8080"

type world struct {
	*testing.T
	s    *Sandbox
	http *http.Client
	dial func(context.Context, string, string) (net.Conn, error)
}

// bubble serves a sandbox over pipes in virtual time; what is left running afterwards fails the test.
func bubble(t *testing.T, f func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s, err := New(Options{Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		l := newPipes()
		srv := &http.Server{Handler: s.Handler()}
		done := make(chan struct{})
		go func() { defer close(done); _ = srv.Serve(l) }()
		tr := &http.Transport{DialContext: l.dial}
		f(&world{t, s, &http.Client{Transport: tr}, l.dial})
		tr.CloseIdleConnections()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		_ = srv.Close()
		<-done
		time.Sleep(time.Second) // net/http lingers on connections it closes early
	})
}

// do calls the control API and returns status and answer.
func (w *world) do(method, path, body string, header ...string) (int, any) {
	w.Helper()
	req, err := http.NewRequest(method, base+path, strings.NewReader(body))
	if err != nil {
		w.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
		if header[i] == "Host" {
			req.Host = header[i+1]
		}
	}
	resp, err := w.http.Do(req)
	if err != nil {
		w.Fatalf("%s %s: %v", method, path, err)
	}
	defer resp.Body.Close()
	var out any
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil {
		w.Fatalf("%s %s: %v", method, path, err)
	}
	return resp.StatusCode, out
}

// must is do that wants 200 and returns the answer.
func (w *world) must(method, path, body string) any {
	w.Helper()
	status, out := w.do(method, path, body)
	if status != 200 {
		w.Fatalf("%s %s %s: %d %v", method, path, body, status, out)
	}
	return out
}

// at walks into a decoded answer: keys and indices.
func at(v any, path ...any) any {
	for _, p := range path {
		switch k := p.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[k]
		case int:
			l, _ := v.([]any)
			if k < 0 {
				k += len(l)
			}
			if k < 0 || k >= len(l) {
				return nil
			}
			v = l[k]
		}
	}
	return v
}

func TestEveryAddressRingsExactlyOnePerson(t *testing.T) {
	bubble(t, func(w *world) {
		api := pagerduty.NewClient(w.s.PagerDutyToken(), pagerduty.WithAPIEndpoint(base+"/pagerduty"), pagerduty.WithV2EventsAPIEndpoint(base+"/pagerduty"))
		api.HTTPClient = w.http
		roles := 0
		for _, m := range w.s.Cast() {
			u, ok := w.s.Workspace.User(m.SlackID)
			if !ok || u.Email != m.Email || u.RealName != m.Name {
				t.Errorf("%s in Slack: %+v", m.Name, u)
			}
			if m.PagerDutyID != "" {
				u, err := api.GetUserWithContext(context.Background(), m.PagerDutyID, pagerduty.GetUserOptions{})
				if err != nil || u.Email != m.Email {
					t.Errorf("%s in PagerDuty: %v %+v", m.Name, err, u)
				}
			}
			if m.RoutingKey == "" {
				continue
			}
			roles++
			n := len(w.s.Pager.Rings())
			if _, err := api.ManageEventWithContext(context.Background(), &pagerduty.V2Event{RoutingKey: m.RoutingKey, Action: "trigger", DedupKey: m.Role, Payload: &pagerduty.V2Payload{Summary: "x", Source: "x", Severity: "critical"}}); err != nil {
				t.Fatal(err)
			}
			time.Sleep(2 * time.Hour) // nobody else is rung later either
			for _, r := range w.s.Pager.Rings()[n:] {
				if r.Person.Email != m.Email {
					t.Errorf("the address of %s rang %s", m.Role, r.Person.Name)
				}
			}
			if len(w.s.Pager.Rings()) == n {
				t.Errorf("the address of %s rang nobody", m.Role)
			}
		}
		if roles != 6 {
			t.Errorf("%d people have an address, want 6", roles)
		}
		n := len(w.s.Pager.Rings())
		w.must("POST", "/control/pages/fire", `{"alert":"ApiErrorRateHigh"}`)
		if r := w.s.Pager.Rings()[n:]; r[len(r)-1].Person.Name != "Marc Lindqvist" || r[len(r)-1].Kind != pager.Phone {
			t.Errorf("a production alert rang %+v", r)
		}
	})
}

// app is a small real app on slack-go: it answers a command, opens a form, acts on clicks.
func (w *world) app(ctx context.Context) (wait func()) {
	a := w.s.App()
	api := slack.New(a.BotToken, slack.OptionAppLevelToken(a.AppToken), slack.OptionAPIURL(base+"/api/"), slack.OptionHTTPClient(w.http))
	sm := socketmode.New(api, socketmode.OptionDialer(&websocket.Dialer{NetDialContext: w.dial}))
	var wg sync.WaitGroup
	wg.Go(func() { _ = sm.RunContext(ctx) })
	wg.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case ev := <-sm.Events:
				switch d := ev.Data.(type) {
				case slack.SlashCommand:
					_ = sm.Ack(*ev.Request, map[string]any{"text": "you said " + d.Text})
					if d.Text == "form" {
						input := slack.NewInputBlock("b", slack.NewTextBlockObject("plain_text", "Title", false, false), nil, slack.NewPlainTextInputBlockElement(nil, "a"))
						_, err := api.OpenViewContext(ctx, d.TriggerID, slack.ModalViewRequest{Type: "modal", Title: slack.NewTextBlockObject("plain_text", "Form", false, false), Submit: slack.NewTextBlockObject("plain_text", "Go", false, false), Blocks: slack.Blocks{BlockSet: []slack.Block{input}}})
						if err != nil {
							w.Error(err)
						}
					}
					if d.Text == "card" {
						button := slack.NewButtonBlockElement("ack", "v1", slack.NewTextBlockObject("plain_text", "Ack", false, false))
						menu := slack.NewOptionsSelectBlockElement("static_select", slack.NewTextBlockObject("plain_text", "Sev", false, false), "sev", slack.NewOptionBlockObject("1", slack.NewTextBlockObject("plain_text", "SEV-1", false, false), nil))
						if _, _, err := api.PostMessageContext(ctx, d.ChannelID, slack.MsgOptionText("card", false), slack.MsgOptionBlocks(slack.NewActionBlock("actions", button, menu))); err != nil {
							w.Error(err)
						}
					}
				case slack.InteractionCallback:
					_ = sm.Ack(*ev.Request)
					said := string(d.Type)
					if len(d.ActionCallback.BlockActions) > 0 {
						x := d.ActionCallback.BlockActions[0]
						said += " " + x.ActionID + " " + x.Value + x.SelectedOption.Value
					}
					if d.View.State != nil {
						said += " " + d.View.State.Values["b"]["a"].Value
					}
					if _, _, err := api.PostMessageContext(ctx, "#incidents", slack.MsgOptionText(said+" by <@"+d.User.ID+">", false)); err != nil {
						w.Error(err)
					}
				default:
					if ev.Request != nil && ev.Request.EnvelopeID != "" {
						_ = sm.Ack(*ev.Request)
					}
				}
			}
		}
	})
	synctest.Wait()
	return wg.Wait
}

func TestAWholeConversationOverTheControlAPI(t *testing.T) {
	bubble(t, func(w *world) {
		ctx, cancel := context.WithCancel(context.Background())
		wait := w.app(ctx)
		defer wait()
		defer cancel()
		last := func() string {
			synctest.Wait()
			m := w.must("GET", "/control/channels/incidents/messages?as=primary", "")
			return fmt.Sprint(at(m, "messages", -1, "text"))
		}
		if at(w.must("GET", "/control/status", ""), "connections") != 1.0 {
			t.Error("the app's socket is not counted")
		}

		m := w.must("POST", "/control/people/primary/messages", `{"channel":"incidents","text":"<b>hello</b> @ines"}`)
		ts := fmt.Sprint(at(m, "ts"))
		if got := last(); got != "&lt;b&gt;hello&lt;/b&gt; <@U0SBXINES>" {
			t.Errorf("typed text: %s", got)
		}
		path := "/control/people/primary/messages/incidents/" + ts
		w.must("PATCH", path, `{"text":"edited"}`)
		w.must("POST", "/control/people/secondary/messages/incidents/"+ts+"/reactions/eyes", "")
		w.must("POST", "/control/people/secondary/messages", `{"channel":"incidents","text":"reply","thread_ts":"`+ts+`"}`)
		all := w.must("GET", "/control/channels/incidents/messages", "")
		for _, x := range at(all, "messages").([]any) {
			if at(x, "ts") == ts && (at(x, "text") != "edited" || at(x, "reactions", 0, "name") != "eyes" || at(x, "reply_count") != 1.0) {
				t.Errorf("after edit, reaction and reply: %v", x)
			}
		}
		w.must("DELETE", "/control/people/secondary/messages/incidents/"+ts+"/reactions/eyes", "")
		if status, out := w.do("PATCH", "/control/people/secondary/messages/incidents/"+ts, `{"text":"not mine"}`); status != 400 || !strings.Contains(fmt.Sprint(out), "cant_update_message") {
			t.Errorf("editing someone else's: %d %v", status, out)
		}
		w.must("DELETE", path, "")

		out := w.must("POST", "/control/people/primary/commands", `{"channel":"incidents","command":"/incident","text":"help"}`)
		if at(out, "status") != workspace.Acked || at(out, "message", "text") != "you said help" {
			t.Errorf("command: %v", out)
		}
		seen := w.must("GET", "/control/channels/incidents/messages?as=primary", "")
		if at(seen, "ephemerals", 0, "text") != "you said help" {
			t.Errorf("ephemerals: %v", at(seen, "ephemerals"))
		}
		w.must("DELETE", "/control/people/primary/ephemerals/"+fmt.Sprint(at(seen, "ephemerals", 0, "ts")), "")
		if e := w.must("GET", "/control/people/primary/ephemerals", ""); len(e.([]any)) != 0 {
			t.Errorf("dismissed and still there: %v", e)
		}

		w.must("POST", "/control/people/primary/commands", `{"channel":"incidents","command":"/incident","text":"card"}`)
		synctest.Wait()
		card := at(w.must("GET", "/control/channels/incidents/messages", ""), "messages", -1)
		act := "/control/people/secondary/messages/incidents/" + fmt.Sprint(at(card, "ts")) + "/act"
		if o := w.must("POST", act, `{"action_id":"ack","block_id":"actions"}`); at(o, "status") != workspace.Acked {
			t.Errorf("click: %v", o)
		}
		if got := last(); got != "block_actions ack v1 by <@U0SBXINES>" {
			t.Errorf("after the click: %s", got)
		}
		w.must("POST", act, `{"action_id":"sev","block_id":"actions","value":"1"}`)
		if got := last(); got != "block_actions sev 1 by <@U0SBXINES>" {
			t.Errorf("after the choice: %s", got)
		}
		if status, out := w.do("POST", act, `{"action_id":"sev","value":"9"}`); status != 400 {
			t.Errorf("an option that is not there: %d %v", status, out)
		}

		w.must("POST", "/control/people/primary/commands", `{"channel":"incidents","command":"/incident","text":"form"}`)
		synctest.Wait()
		views := w.must("GET", "/control/people/primary/views", "")
		view := "/control/people/primary/views/" + fmt.Sprint(at(views, 0, "id"))
		if status, out := w.do("POST", view+"/submit", `{"values":{}}`); status != 400 || !strings.Contains(fmt.Sprint(out), "missing_input") {
			t.Errorf("an empty form: %d %v", status, out)
		}
		w.must("POST", view+"/submit", `{"values":{"b":{"a":"checkout"}}}`)
		if got := last(); got != "view_submission checkout by <@U0SBXMARC>" {
			t.Errorf("after the submission: %s", got)
		}
		if v := w.must("GET", "/control/people/primary/views", ""); len(v.([]any)) != 0 {
			t.Errorf("the form is still open: %v", v)
		}
		if s := w.must("GET", "/control/strange", ""); len(at(s, "slack").([]any)) != 0 || len(at(s, "pagerduty").([]any)) != 0 {
			t.Errorf("strange: %v", s)
		}
	})
}

func TestPagesOverTheControlAPI(t *testing.T) {
	bubble(t, func(w *world) {
		f := w.must("POST", "/control/pages/fire", `{"alert":"OcrServiceDown"}`)
		id := fmt.Sprint(at(f, "incident_id"))
		if again := w.must("POST", "/control/pages/fire", `{"alert":"OcrServiceDown"}`); at(again, "incident_id") != id || at(again, "new") != false {
			t.Errorf("firing twice: %v", again)
		}
		before := w.s.clock.Now()
		w.must("POST", "/control/clock", `{"advance":"5m"}`)
		if d := w.s.clock.Now().Sub(before); d != 5*time.Minute {
			t.Errorf("the clock moved by %s", d)
		}
		rings := at(w.must("GET", "/control/pages", ""), "rings")
		if at(rings, -1, "person", "name") != "Ines Haddad" || at(rings, -1, "kind") != "phone" {
			t.Errorf("after five minutes: %v", rings)
		}
		w.must("POST", "/control/pages/"+id+"/acknowledge", `{"as":"secondary"}`)
		w.must("POST", "/control/pages/"+id+"/note", `{"as":"PINESH2","text":"looking"}`)
		w.must("POST", "/control/pages/"+id+"/reassign", `{"as":"marc","to":["tech_lead"]}`)
		in, _ := w.s.Pager.Incident(id)
		if len(in.Notes) != 1 || in.Assignees[0].Name != "Tomás Rey" {
			t.Errorf("%+v", in)
		}
		if status, out := w.do("POST", "/control/pages/"+id+"/resolve", `{"as":"nadia"}`); status != 404 || !strings.Contains(fmt.Sprint(out), "no PagerDuty account") {
			t.Errorf("someone without an account: %d %v", status, out)
		}
		w.must("POST", "/control/pages/clear", `{"alert":"OcrServiceDown"}`)
		if in, _ := w.s.Pager.Incident(id); in.Status != pager.Resolved {
			t.Errorf("%+v", in)
		}
		w.must("POST", "/control/oncall", `{"schedule":"PSCPRIM","who":"jonas"}`)
		w.must("POST", "/control/pages/fire", `{"target":"VitaKYC production","event":{"summary":"s","severity":"critical","source":"x"}}`)
		if r := w.s.Pager.Rings(); r[len(r)-1].Person.Name != "Jonas Weber" {
			t.Errorf("after the swap: %+v", r[len(r)-1])
		}
		for body, want := range map[string]int{`{}`: 400, `{"alert":"Nope"}`: 400, `{"alrt":"x"}`: 400, `{"target":"nobody","event":{"summary":"s","severity":"critical","source":"x"}}`: 404, `{"event":{"summary":"s","severity":"bad","source":"x"}}`: 400} {
			if status, out := w.do("POST", "/control/pages/fire", body); status != want {
				t.Errorf("%s: %d %v", body, status, out)
			}
		}
		if status, _ := w.do("POST", "/control/clock", `{"advance":"-5m"}`); status != 400 {
			t.Errorf("backwards: %d", status)
		}
	})
}

func TestFaultSwitches(t *testing.T) {
	bubble(t, func(w *world) {
		w.must("POST", "/control/faults/slack", `{"down":true,"slow":"2s","fail_next":{"method":"chat.postMessage","n":2,"error":"internal_error"}}`)
		w.must("POST", "/control/faults/pagerduty", `{"down":true,"fail_next":{"operation":"POST /v2/enqueue","n":1,"status":500}}`)
		f := w.must("GET", "/control/faults", "")
		if at(f, "slack", "down") != true || at(f, "slack", "planned") != 2.0 || at(f, "pagerduty", "down") != true || at(f, "pagerduty", "planned") != 1.0 {
			t.Errorf("%v", f)
		}
		if status, _ := w.do("POST", "/control/pages/fire", `{"alert":"OcrServiceDown"}`); status != 409 {
			t.Errorf("firing while PagerDuty is down: %d", status)
		}
		if resp, err := w.http.Post(base+"/api/auth.test", "application/json", nil); err == nil {
			resp.Body.Close()
			t.Errorf("Slack is down and answers %d", resp.StatusCode)
		}
		w.must("POST", "/control/faults/slack", `{"down":false}`)
		if f := w.must("GET", "/control/faults", ""); at(f, "slack", "down") != false || at(f, "slack", "planned") != 2.0 {
			t.Errorf("one switch moved another: %v", f)
		}
		w.must("DELETE", "/control/faults", "")
		if f := w.must("GET", "/control/faults", ""); at(f, "pagerduty", "down") != false || at(f, "slack", "planned") != 0.0 {
			t.Errorf("after clearing: %v", f)
		}
		for _, body := range []string{`{"donw":true}`, `{"slow":"fast"}`, `{"disconnect":"please"}`, `{"down":true,"fail_next":{"n":1}}`} {
			if status, out := w.do("POST", "/control/faults/slack", body); status != 400 {
				t.Errorf("%s: %d %v", body, status, out)
			}
		}
		if w.s.Workspace.Faults().State().Down {
			t.Error("a refused body set a switch")
		}
	})
}

func TestEveryEndpointIsServedAndDocumented(t *testing.T) {
	bubble(t, func(w *world) {
		list := at(w.must("GET", "/control/", ""), "endpoints").([]any)
		if len(list) != len(Endpoints()) {
			t.Errorf("%d endpoints are listed, want %d", len(list), len(Endpoints()))
		}
		fill := strings.NewReplacer("{who}", "primary", "{channel}", "incidents", "{ts}", "1.000001", "{name}", "eyes", "{view}", "V1", "{incident}", "Q1")
		for _, e := range Endpoints() {
			if e.Does == "" {
				t.Errorf("%s is not described", e.Path)
			}
			if e.serve == nil {
				continue
			}
			method, path, _ := strings.Cut(e.Path, " ")
			body := "{}"
			if method == "GET" {
				body = ""
			}
			status, out := w.do(method, fill.Replace(path), body)
			if status >= 500 || strings.Contains(fmt.Sprint(out), "not part of the control API") {
				t.Errorf("%s: %d %v", e.Path, status, out)
			}
		}
		if status, _ := w.do("GET", "/control/nothing", ""); status != 404 {
			t.Errorf("unknown path: %d", status)
		}
	})
}

func TestPrivateConversationsAreHiddenFromOthers(t *testing.T) {
	bubble(t, func(w *world) {
		w.must("POST", "/control/people/primary/channels", `{"name":"secret-room","private":true}`)
		w.must("GET", "/control/channels/secret-room/messages?as=primary", "")
		if status, _ := w.do("GET", "/control/channels/secret-room/messages?as=ceo", ""); status != 404 {
			t.Errorf("the CEO reads a private channel: %d", status)
		}
		for who, want := range map[string]bool{"primary": true, "ceo": false} {
			found := false
			for _, c := range w.must("GET", "/control/people/"+who+"/channels", "").([]any) {
				found = found || at(c, "name") == "secret-room"
			}
			if found != want {
				t.Errorf("%s sees the private channel: %v", who, found)
			}
		}
		w.must("POST", "/control/people/primary/messages", `{"channel":"general","text":"look @viktor"}`)
		for _, c := range w.must("GET", "/control/people/ceo/channels", "").([]any) {
			if at(c, "name") == "general" && (at(c, "last_mention_ts") == "" || at(c, "last_ts") != at(c, "last_mention_ts")) {
				t.Errorf("the mention is not marked: %v", c)
			}
		}
	})
}

func TestOtherOriginsAndNamesAreRefused(t *testing.T) {
	s, err := New(Options{Seed: 1, Hosts: []string{"demo.example.com"}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	h := s.Handler()
	for name, c := range map[string]struct {
		method, path, host string
		header             []string
		want               int
	}{
		"a program":                  {"POST", "/control/clock", "127.0.0.1:80", nil, 200},
		"its own page":               {"POST", "/control/clock", "127.0.0.1:80", []string{"Sec-Fetch-Site", "same-origin", "Origin", "http://127.0.0.1:80"}, 200},
		"another site":               {"POST", "/control/clock", "127.0.0.1:80", []string{"Sec-Fetch-Site", "cross-site", "Origin", "http://evil.example"}, 403},
		"another site, old browser":  {"POST", "/control/clock", "127.0.0.1:80", []string{"Origin", "http://evil.example"}, 403},
		"another site's event":       {"GET", "/control/events", "127.0.0.1:80", []string{"Sec-Fetch-Site", "cross-site"}, 403},
		"another port of this host":  {"GET", "/control/session", "127.0.0.1:80", []string{"Sec-Fetch-Site", "same-site"}, 403},
		"a rebound name":             {"GET", "/control/session", "evil.example", nil, 403},
		"a rebound name at the page": {"GET", "/", "evil.example", nil, 403},
		"localhost":                  {"GET", "/control/session", "localhost:8080", nil, 200},
		"IPv6":                       {"GET", "/control/session", "[::1]:8080", nil, 200},
		"a listed name":              {"GET", "/control/session", "demo.example.com", nil, 200},
		"the page from a link":       {"GET", "/", "localhost:8080", []string{"Sec-Fetch-Site", "cross-site"}, 200},
	} {
		r := httptest.NewRequest(c.method, c.path, strings.NewReader("{}"))
		r.Host = c.host
		for i := 0; i+1 < len(c.header); i += 2 {
			r.Header.Set(c.header[i], c.header[i+1])
		}
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, r)
		if rec.Code != c.want {
			t.Errorf("%s: %d %s", name, rec.Code, rec.Body)
		}
	}
}

func TestEventsStreamAndEndWithTheSandbox(t *testing.T) {
	bubble(t, func(w *world) {
		resp, err := w.http.Get(base + "/control/events")
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if ct := resp.Header.Get("Content-Type"); !strings.HasPrefix(ct, "text/event-stream") {
			t.Errorf("content type %s", ct)
		}
		events := make(chan string, 100)
		go func() {
			defer close(events)
			in := bufio.NewScanner(resp.Body)
			for in.Scan() {
				if data, ok := strings.CutPrefix(in.Text(), "data: "); ok {
					events <- data
				}
			}
		}()
		got := func() string {
			synctest.Wait()
			out := ""
			for len(events) > 0 {
				var n notice
				if err := json.Unmarshal([]byte(<-events), &n); err != nil || n.Clock.IsZero() {
					t.Errorf("%v %+v", err, n)
				}
				out += n.Source + "/" + n.Kind + " "
			}
			return out
		}
		synctest.Wait()
		w.must("POST", "/control/people/primary/messages", `{"channel":"general","text":"hi"}`)
		if g := got(); !strings.Contains(g, "slack/message") {
			t.Errorf("after a message: %s", g)
		}
		w.must("POST", "/control/pages/fire", `{"alert":"OcrServiceDown"}`)
		if g := got(); !strings.Contains(g, "pagerduty/ring") {
			t.Errorf("after a page: %s", g)
		}
		w.must("POST", "/control/clock", `{"advance":"1m"}`)
		if g := got(); !strings.Contains(g, "clock/moved") {
			t.Errorf("after a move: %s", g)
		}
		if err := w.s.Close(); err != nil {
			t.Error(err)
		}
		for range events { // ends, as Close ended the stream
		}
	})
}

func TestThePageIsServed(t *testing.T) {
	bubble(t, func(w *world) {
		resp, err := w.http.Get(base + "/")
		if err != nil {
			t.Fatal(err)
		}
		b, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if resp.StatusCode != 200 || !strings.Contains(string(b), "app.js") {
			t.Errorf("%d %.200s", resp.StatusCode, b)
		}
	})
}

type fixed struct{}

func (fixed) Now() time.Time                                   { return time.Unix(1e9, 0) }
func (fixed) WaitUntil(ctx context.Context, _ time.Time) error { <-ctx.Done(); return ctx.Err() }

func TestAClockThatCannotMoveSaysSo(t *testing.T) {
	s, err := New(Options{Clock: fixed{}, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	rec := httptest.NewRecorder()
	r := httptest.NewRequest("POST", "/control/clock", strings.NewReader(`{"advance":"1m"}`))
	r.Host = "localhost"
	s.Handler().ServeHTTP(rec, r)
	if rec.Code != http.StatusConflict || !strings.Contains(rec.Body.String(), "cannot be moved") {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
}

package slack

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	slackgo "github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/clock"
	"github.com/tocsin-bot/tocsin/bot/engine"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/sandbox/workspace"
	"github.com/tocsin-bot/tocsin/commands"
)

func (l *lab) opens() int { return l.calls("apps.connections.open") }

func TestTwoSocketsAndARefreshLosesNothing(t *testing.T) {
	hearing(t, workspace.Options{}, func(e *ear) {
		if n := len(e.w.Connections()); n != 2 {
			t.Fatalf("%d sockets", n)
		}
		var want []string
		say := func(n int) {
			for range n {
				s := fmt.Sprint("m", len(want))
				e.post("alice", s)
				want = append(want, "+"+s)
			}
		}
		say(3)
		e.w.Faults().Disconnect(workspace.ReasonRefresh) // both at once
		say(5)
		time.Sleep(3 * time.Second)
		say(3)
		time.Sleep(time.Minute)
		e.want(want...)
		if s := e.r.Status(); s.Connected != 2 || s.State() != StateUp || s.Replaced != 2 {
			t.Errorf("%+v", s)
		}
		if len(e.absences()) != 0 {
			t.Errorf("a refresh counts as absence: %v", e.absences())
		}
		if n := len(e.w.Connections()); n != 2 {
			t.Errorf("%d sockets", n)
		}
		if s := e.w.Envelopes(); s.Lost != 0 || s.Waiting != 0 {
			t.Errorf("%+v", s)
		}
	})
}

func TestALifeOfADay(t *testing.T) {
	hearing(t, workspace.Options{ConnectionLife: 5 * time.Hour}, func(e *ear) {
		for i := range 24 {
			time.Sleep(time.Hour)
			e.post("alice", fmt.Sprint(i))
		}
		time.Sleep(10 * time.Minute)
		if n := len(e.g.said()); n != 24 {
			t.Errorf("%d messages", n)
		}
		if n := e.opens(); n > 12 {
			t.Errorf("%d sockets opened in a day", n)
		}
		if len(e.absences()) != 0 {
			t.Errorf("absences %v", e.absences())
		}
	})
}

func TestDroppedSockets(t *testing.T) {
	hearing(t, workspace.Options{}, func(e *ear) {
		e.w.Faults().DropSockets()
		e.post("alice", "meanwhile")
		time.Sleep(2 * time.Minute)
		e.want("+meanwhile")
		if s := e.r.Status(); s.Connected != 2 {
			t.Errorf("%+v", s)
		}
	})
}

func TestHalfOpenSocketsAreFoundOut(t *testing.T) {
	hearing(t, workspace.Options{}, func(e *ear) {
		e.w.Faults().HalfOpen()
		e.post("alice", "into the void")
		time.Sleep(30 * time.Second)
		if s := e.r.Status(); s.Connected != 2 {
			t.Errorf("given up early: %+v", s)
		}
		time.Sleep(90 * time.Second)
		if s := e.r.Status(); s.Connected != 2 || s.Replaced != 2 {
			t.Errorf("%+v", s)
		}
		if n := len(e.g.said()); n != 1 {
			t.Errorf("%v", e.g.said())
		}
		// The sockets' last signs were up to ten seconds apart.
		if len(e.absences()) != 1 || e.absences()[0] != "socket 50s" && e.absences()[0] != "socket 1m0s" {
			t.Errorf("absences %v", e.absences())
		}
		e.w.Faults().Clear()
	})
}

func TestNoHotLoop(t *testing.T) {
	for name, breakIt := range map[string]func(f *workspace.Faults){
		"link_disabled":        func(f *workspace.Faults) { f.LinkDisabled(true) },
		"sockets refused":      func(f *workspace.Faults) { f.SocketDown(true) },
		"Slack down":           func(f *workspace.Faults) { f.Down(true) },
		"open is rate limited": func(f *workspace.Faults) { f.RateLimit("apps.connections.open", 30*time.Second); f.DropSockets() },
	} {
		t.Run(name, func(t *testing.T) {
			hearing(t, workspace.Options{}, func(e *ear) {
				before := e.net.count()
				breakIt(e.w.Faults())
				time.Sleep(10 * time.Minute)
				if n := e.net.count() - before; n > 150 {
					t.Errorf("%d connections in ten minutes", n)
				}
				s := e.r.Status()
				want := StateSocketDown
				if name == "Slack down" {
					want = StateSlackDown
				}
				if s.Connected != 0 || s.State() != want || s.Error == "" || s.Since.IsZero() {
					t.Errorf("%+v", s)
				}
				e.w.Faults().Clear()
				time.Sleep(2 * time.Minute)
				if s := e.r.Status(); s.Connected != 2 || s.State() != StateUp || s.Error != "" {
					t.Errorf("after: %+v", s)
				}
				what := "socket"
				if name == "Slack down" {
					what = "slack"
				}
				if len(e.absences()) != 1 || !strings.HasPrefix(e.absences()[0], what+" 1") {
					t.Errorf("absences %v", e.absences())
				}
			})
		})
	}
}

func TestTooManyWebsockets(t *testing.T) {
	bubble(t, workspace.Options{MaxConnections: 1}, func(l *lab) {
		e := l.ear()
		e.start()
		time.Sleep(10 * time.Minute)
		if n := l.opens(); n > 13 {
			t.Errorf("%d sockets opened in ten minutes", n)
		}
		if s := e.r.Status(); s.Connected != 1 || s.State() != StateUp {
			t.Errorf("%+v", s)
		}
		e.post("alice", "one socket will do")
		e.want("+one socket will do")
		e.ok(e.stop())
	})
}

func TestTokensThatSlackDoesNotTake(t *testing.T) {
	bubble(t, workspace.Options{}, func(l *lab) {
		e := l.ear()
		for name, fail := range map[string]string{"auth.test": "invalid_auth", "apps.connections.open": "not_allowed_token_type"} {
			c, err := NewClient(ClientOptions{BotToken: l.app.BotToken, AppToken: l.app.AppToken, APIURL: "http://slack.test/api/", Clock: l.clock, HTTP: &http.Client{Transport: l.trans}})
			e.ok(err)
			e.client = c
			l.w.Faults().FailNext(name, 1, fail)
			e.start()
			time.Sleep(time.Minute)
			err = e.stop()
			if err == nil || !strings.Contains(err.Error(), fail) || !strings.Contains(err.Error(), "SLACK_") || strings.Contains(err.Error(), l.app.BotToken) {
				t.Errorf("%s: %v", name, err)
			}
		}
		// Later the same answer is waited out: the rest of the bot goes on.
		e.start()
		time.Sleep(time.Minute)
		l.w.Faults().FailNext("apps.connections.open", 3, "invalid_auth")
		l.w.Faults().DropSockets()
		time.Sleep(10 * time.Minute)
		if s := e.r.Status(); s.Connected != 2 {
			t.Errorf("%+v", s)
		}
		e.ok(e.stop())
	})
}

func TestStopLetsWhatIsBeingRecordedEnd(t *testing.T) {
	bubble(t, workspace.Options{}, func(l *lab) {
		e := l.ear()
		e.start()
		time.Sleep(time.Minute)
		base := l.w.Envelopes()
		e.g.setHook(func(engine.Input) error { time.Sleep(2 * time.Second); return nil })
		e.post("alice", "last words")
		e.ok(e.stop())
		e.want("+last words")
		time.Sleep(10 * time.Millisecond)
		if s := l.w.Envelopes(); s.Acked != base.Acked+1 {
			t.Errorf("not acknowledged: %+v", s)
		}
		if n := len(l.w.Connections()); n != 0 {
			t.Errorf("%d sockets left", n)
		}
	})
}

func TestCommandDuringRefreshIsAnsweredOnItsOwnSocket(t *testing.T) {
	hearing(t, workspace.Options{}, func(e *ear) {
		e.w.Faults().OwnSocketAcks(true)
		e.d.command = func(commands.Call) (commands.Reply, error) {
			e.w.Faults().Disconnect(workspace.ReasonWarning)
			time.Sleep(time.Second)
			return commands.Reply{Card: cardp("done")}, nil
		}
		if out := e.command("x"); out.Status != workspace.Acked || out.Message == nil || out.Message.Text != "done" {
			t.Errorf("%+v", out)
		}
	})
}

// scripted runs f with a receiver of a Slack that does what serve says with every socket, for what no honest workspace does.
func scripted(t *testing.T, serve func(ws *websocket.Conn), f func(n *pipeNet, r *Receiver, g *ledger)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		n := newPipeNet()
		mux := http.NewServeMux()
		for method, answer := range map[string]string{
			"auth.test": `{"ok":true,"user_id":"UBOT","bot_id":"BBOT"}`, "users.info": `{"ok":false,"error":"user_not_found"}`,
			"apps.connections.open": `{"ok":true,"url":"ws://slack.test/socket"}`,
		} {
			mux.HandleFunc("/api/"+method, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(answer)) })
		}
		mux.HandleFunc("/socket", func(w http.ResponseWriter, req *http.Request) {
			up := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
			ws, err := up.Upgrade(w, req, nil)
			if err != nil {
				t.Error(err)
				return
			}
			defer func() { _ = ws.Close() }()
			_ = ws.WriteMessage(websocket.TextMessage, []byte(`{"type":"hello"}`))
			serve(ws)
		})
		srv := &http.Server{Handler: mux}
		done := make(chan struct{})
		go func() { defer close(done); _ = srv.Serve(n) }()
		ck := clock.New()
		tr := &http.Transport{DialContext: n.dial}
		c, err := NewClient(ClientOptions{BotToken: "xoxb-1", AppToken: "xapp-1", APIURL: "http://slack.test/api/", Clock: ck, HTTP: &http.Client{Transport: tr}})
		if err != nil {
			t.Fatal(err)
		}
		g := newLedger()
		g.rooms["C1"] = "INC-1"
		r, err := NewReceiver(ReceiverOptions{Client: c, Clock: ck, Engine: g, Desk: &desk{}, List: newLedger(), Cursors: &keep{m: map[string]string{}}, Directory: NewDirectory(c, ck), Dial: n.dial})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		ended := make(chan error, 1)
		go func() { ended <- r.Run(ctx) }()
		f(n, r, g)
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		tr.CloseIdleConnections()
		_ = n.Close()
		_ = srv.Close()
		<-done
	})
}

// untilClosed reads a socket until it ends.
func untilClosed(ws *websocket.Conn, each func(id string)) {
	for {
		var a struct {
			ID string `json:"envelope_id"`
		}
		if ws.ReadJSON(&a) != nil {
			return
		}
		each(a.ID)
	}
}

func TestFramesThatCannotBeRead(t *testing.T) {
	var mu sync.Mutex
	var acks []string
	sent := false
	scripted(t, func(ws *websocket.Conn) {
		mu.Lock()
		if !sent {
			sent = true
			for _, f := range []string{
				`not json at all`,
				`{"type":"events_api","envelope_id":"e1","payload":{"event":{"type":"message","channel":7}}}`,
				`{"type":"events_api","envelope_id":"e2","payload":{"type":"app_rate_limited"}}`,
				`{"type":"slash_commands","envelope_id":"e3","payload":"?"}`,
				`{"type":"interactive","envelope_id":"e4","payload":{"type":"block_suggestion","user":{"id":"U1"}}}`,
				`{"type":"something_new","envelope_id":"e5","payload":{}}`,
				`{"type":7,"envelope_id":"e6"}`,
				`{"type":"events_api","envelope_id":"e7","payload":{"event":{"type":"channel_created","channel":{"id":"C1"}}}}`,
				`{"type":"events_api","envelope_id":"e8","payload":{"event":{"type":"message","channel":"C1","user":"U1","text":"still heard","ts":"1700000000.000100","blocks":[{"type":7}],"files":"?","edited":[]}}}`,
			} {
				_ = ws.WriteMessage(websocket.TextMessage, []byte(f))
			}
		}
		mu.Unlock()
		untilClosed(ws, func(id string) {
			mu.Lock()
			acks = append(acks, id)
			mu.Unlock()
		})
	}, func(_ *pipeNet, r *Receiver, g *ledger) {
		time.Sleep(10 * time.Second)
		mu.Lock()
		got := strings.Join(acks, " ")
		mu.Unlock()
		for _, id := range []string{"e1", "e2", "e3", "e4", "e5", "e6", "e7", "e8"} {
			if !strings.Contains(got, id) {
				t.Errorf("%s is not acknowledged: %s", id, got)
			}
		}
		if said := g.said(); len(said) != 1 || said[0] != "+still heard" {
			t.Errorf("%v", said)
		}
		if s := r.Status(); s.Connected != 1 || s.Bad == 0 {
			t.Errorf("%+v", s)
		}
	})
}

func TestSocketsSentAwayAtOnce(t *testing.T) {
	for _, reason := range []string{reasonWarning, reasonRefresh, reasonTooMany, reasonDisabled, "news"} {
		var mu sync.Mutex
		open, most := 0, 0
		count := func(n int) {
			mu.Lock()
			open += n
			most = max(most, open)
			mu.Unlock()
		}
		scripted(t, func(ws *websocket.Conn) {
			count(1)
			_ = ws.WriteMessage(websocket.TextMessage, []byte(`{"type":"disconnect","reason":"`+reason+`"}`))
			untilClosed(ws, func(string) {}) // it never closes by itself
			count(-1)
		}, func(n *pipeNet, _ *Receiver, _ *ledger) {
			time.Sleep(10 * time.Minute)
			mu.Lock()
			defer mu.Unlock()
			if n.count() > 100 || most > 8 {
				t.Errorf("%s: %d connections in ten minutes, up to %d at a time", reason, n.count(), most)
			}
		})
	}
}

func TestWhatAChangeMeans(t *testing.T) {
	r := &Receiver{me: Identity{BotUserID: "UBOT", BotID: "BBOT"}, name: func(string) string { return "" }}
	for in, want := range map[string]string{
		`{"channel":"C1","user":"U1","text":"x","ts":"1.000001"}`:                                                       "message",
		`{"channel":"C1","user":"UBOT","text":"x","ts":"1.000001"}`:                                                     "",
		`{"channel":"C1","bot_id":"BBOT","text":"x","ts":"1.000001"}`:                                                   "",
		`{"channel":"C1","subtype":"bot_message","bot_id":"B2","username":"ci","text":"x","ts":"1.000001"}`:             "message ci",
		`{"channel":"C1","bot_id":"B2","bot_profile":{"name":"ci"},"attachments":[{"fallback":"red"}],"ts":"1.000001"}`: "message ci",
		`{"channel":"C1","subtype":"channel_join","user":"U1","text":"x","ts":"1.000001"}`:                              "",
		`{"channel":"C1","subtype":"channel_topic","user":"U1","text":"x","ts":"1.000001"}`:                             "",
		`{"channel":"C1","subtype":"thread_broadcast","user":"U1","text":"x","ts":"2.0","thread_ts":"1.0"}`:             "message",
		`{"channel":"C1","user":"U1","text":"x","ts":"soon"}`:                                                           "",
		`{"channel":"C1","subtype":"message_changed","ts":"3.0","message":{"user":"U1","text":"y","ts":"1.0","edited":{"user":"U1","ts":"2.0"}},"previous_message":{"user":"U1","text":"x","ts":"1.0"}}`:                                   "message edit",
		`{"channel":"C1","subtype":"message_changed","ts":"3.0","message":{"user":"U1","text":"y","ts":"1.0","edited":{"user":"U1","ts":"2.0"}},"previous_message":{"user":"U1","text":"x","ts":"1.0","edited":{"user":"U1","ts":"2.0"}}}`: "", // a link unfurled after an edit
		`{"channel":"C1","subtype":"message_changed","ts":"3.0","message":{"user":"U1","text":"x","ts":"1.0","attachments":[{"text":"unfurled"}]},"previous_message":{"user":"U1","text":"x","ts":"1.0"}}`:                                 "",
		`{"channel":"C1","subtype":"message_changed","ts":"3.0","message":{"user":"UBOT","bot_id":"BBOT","text":"y","ts":"1.0","edited":{"user":"UBOT","ts":"2.0"}},"previous_message":{"ts":"1.0"}}`:                                      "",
		`{"channel":"C1","subtype":"message_changed","ts":"3.0","message":{"subtype":"tombstone","user":"USLACKBOT","ts":"1.0"},"previous_message":{"user":"U1","ts":"1.0"}}`:                                                              "message delete",
		`{"channel":"C1","subtype":"message_deleted","ts":"3.0","deleted_ts":"1.0","previous_message":{"user":"U1","ts":"1.0"}}`:                                                                                                           "message delete",
		`{"channel":"C1","subtype":"message_deleted","ts":"3.0","deleted_ts":"1.0","previous_message":{"bot_id":"BBOT","ts":"1.0"}}`:                                                                                                       "",
	} {
		m, err := decodeMessage(json.RawMessage(in))
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, in := range r.inputs(m, false) {
			switch a := in.Act.(type) {
			case incident.Message:
				got = strings.TrimSpace(got + " message " + a.Message.Bot)
			case incident.EditMessage:
				got = strings.TrimSpace(got + " edit")
			case incident.DeleteMessage:
				got = strings.TrimSpace(got + " delete")
			}
		}
		if got != want {
			t.Errorf("%s: %q, want %q", in, got, want)
		}
	}
}

func TestHistoryAfterARestart(t *testing.T) {
	bubble(t, workspace.Options{}, func(l *lab) {
		e := l.ear()
		e.start()
		time.Sleep(time.Minute)
		old := e.post("alice", "old")
		edited := e.post("alice", "will be edited")
		thread := e.post("alice", "thread")
		time.Sleep(time.Hour)
		e.post("alice", "an hour later") // history is known up to here
		time.Sleep(time.Minute)
		e.ok(e.stop())
		known := []string{"+old", "+will be edited", "+thread", "+an hour later"}
		e.want(known...)

		// While nobody listens, longer than Slack repeats events.
		l.w.Faults().LoseNext(1000)
		time.Sleep(time.Hour)
		must[workspace.Message](t)(l.w.As("bob").Reply(e.room, thread.TS, "a reply to an old thread"))
		e.pass()
		e.ok(l.w.As("alice").Edit(e.room, edited.TS, "edited"))
		e.pass()
		fresh := e.post("bob", "said meanwhile")
		e.ok(l.w.As("bob").Edit(e.room, fresh.TS, "said meanwhile, edited"))
		e.pass()
		must[workspace.Message](t)(l.w.As("bob").Reply(e.room, fresh.TS, "and its thread"))
		time.Sleep(time.Hour)
		e.start()
		time.Sleep(2 * time.Minute)
		all := append(known, "~edited", "+said meanwhile, edited (caught)", "re:+a reply to an old thread (caught)", "re:+and its thread (caught)")
		got := e.g.said()
		for _, s := range all {
			if !has(got, s) {
				t.Errorf("no %q", s)
			}
		}
		if len(got) != len(all) {
			t.Errorf("recorded %q", got)
		}
		if s := e.r.Status(); s.CaughtUp != 4 || s.Catching || s.Gaps != 0 {
			t.Errorf("%+v", s)
		}
		// Everything by Slack's time and with the keys that the events have.
		for _, in := range e.g.inputs() {
			if m, ok := in.Act.(incident.Message); ok {
				if at, _ := parseTS(m.Message.TS); !in.At.Equal(at) || in.Same[0] != "msg/"+e.room+"/"+m.Message.TS {
					t.Errorf("%+v", in)
				}
			}
		}
		_ = old
		l.w.Faults().Clear()
		e.ok(e.stop())
		// And again, with what is known: nothing new.
		e.start()
		time.Sleep(10 * time.Minute)
		if n := len(e.g.said()); n != len(all) {
			t.Errorf("%d, then %d", len(all), n)
		}
		e.ok(e.stop())
	})
}

func TestHistoryAfterSlackWasDown(t *testing.T) {
	hearing(t, workspace.Options{}, func(e *ear) {
		e.post("alice", "before")
		e.w.Faults().Down(true)
		time.Sleep(20 * time.Minute)
		e.w.Faults().LoseNext(1000) // Slack forgets them: history is all there is
		e.post("alice", "during")
		time.Sleep(20 * time.Minute)
		e.w.Faults().Down(false)
		time.Sleep(5 * time.Minute)
		e.want("+before", "+during (caught)")
		if len(e.absences()) != 1 || !strings.HasPrefix(e.absences()[0], "slack 40m") {
			t.Errorf("%v", e.absences())
		}
		e.w.Faults().Clear()
	})
}

func TestHistoryIsReadSoonAfterALongTimeWithoutAnswer(t *testing.T) {
	hearing(t, workspace.Options{}, func(e *ear) {
		e.post("alice", "before")
		e.w.Faults().LoseNext(1000)
		e.w.Faults().StatusNext("conversations.history", 1000, http.StatusBadGateway)
		e.w.Faults().DropSockets()
		time.Sleep(time.Minute)
		e.post("alice", "during")
		time.Sleep(20 * time.Minute) // five minutes pass between two tries now
		e.want("+before")
		tries := e.calls("conversations.history")
		if tries > 20 {
			t.Errorf("history was tried %d times in 21 minutes", tries)
		}
		e.w.Faults().Clear()
		e.w.Faults().DropSockets() // both open again: Slack is back
		time.Sleep(30 * time.Second)
		e.want("+before", "+during (caught)")
	})
}

func TestWhatCannotBeReadIsAGap(t *testing.T) {
	bubble(t, workspace.Options{}, func(l *lab) {
		e := l.ear()
		e.start()
		time.Sleep(time.Minute)
		e.ok(e.stop())
		e.ok(l.w.As("alice").Kick(e.room, l.app.BotUserID))
		time.Sleep(time.Hour)
		e.start()
		time.Sleep(10 * time.Minute)
		ins := e.g.inputs()
		if len(ins) != 1 {
			t.Fatalf("%v", e.g.said())
		}
		gap, ok := ins[0].Act.(incident.Gap)
		if !ok || gap.Gap.Why != "not_in_channel" || gap.Gap.Channel != e.room || gap.Gap.To.Sub(gap.Gap.From) < time.Hour || ins[0].Route.ID != "INC-1" {
			t.Errorf("%+v", ins[0])
		}
		e.ok(e.stop())
	})
}

func TestWhatWasMissedIsNotForgottenByARestart(t *testing.T) {
	hearing(t, workspace.Options{}, func(e *ear) {
		e.g.setHook(func(in engine.Input) error {
			if m, ok := in.Act.(incident.Message); ok && m.Message.Text.Body == "poison" {
				return fmt.Errorf("not this one")
			}
			return nil
		})
		e.post("alice", "poison")
		time.Sleep(time.Hour)
		e.post("alice", "later")
		time.Sleep(time.Hour)
		e.want("+later")
		e.ok(e.stop())
		e.g.setHook(nil)
		e.start()
		time.Sleep(time.Minute)
		e.want("+later", "+poison (caught)")
	})
}

func TestHistoryOfManyPages(t *testing.T) {
	bubble(t, workspace.Options{NoRateLimits: true}, func(l *lab) {
		e := l.ear()
		l.w.Faults().LoseNext(100000)
		for i := range 450 {
			e.post("alice", fmt.Sprint("m", i))
		}
		time.Sleep(time.Hour)
		e.start()
		time.Sleep(2 * time.Minute)
		got := e.g.said()
		if len(got) != 450 || got[0] != "+m0 (caught)" || got[449] != "+m449 (caught)" {
			t.Errorf("%d, from %q to %q", len(got), got[0], got[len(got)-1])
		}
		l.w.Faults().Clear()
		e.ok(e.stop())
	})
}

func TestDirectory(t *testing.T) {
	bubble(t, workspace.Options{}, func(l *lab) {
		ctx := context.Background()
		d := NewDirectory(l.client, l.clock)
		for range 3 {
			p, err := d.ByEmail(ctx, " Alice@sandbox.example")
			if err != nil || p != (incident.Person{Slack: "U0ALICE01", Name: "alice"}) {
				t.Fatalf("%+v %v", p, err)
			}
			if _, err := d.ByEmail(ctx, "nobody@sandbox.example"); CodeOf(err) != "users_not_found" {
				t.Fatal(err)
			}
			if p, err := d.Person(ctx, "U0BOB0001"); err != nil || p.Name != "bob" {
				t.Fatalf("%+v %v", p, err)
			}
		}
		if a, b := l.calls("users.lookupByEmail"), l.calls("users.info"); a != 2 || b != 1 {
			t.Errorf("%d, %d calls", a, b)
		}
		_ = l.clock.Sleep(ctx, 2*time.Hour)
		l.w.Faults().StatusNext("users.info", 1, 500)
		if p, err := d.Person(ctx, "U0BOB0001"); err != nil || p.Name != "bob" {
			t.Errorf("an old name is better than none: %+v %v", p, err)
		}
	})
}

func TestOwnWordsAreInTheCatalogue(t *testing.T) {
	for _, key := range []string{sayUnknownYet, sayUnknown, sayNotRecorded, sayBusy, sayRecorded, sayNoForm, sayTitle, sayClose} {
		if !catalog.Has(key) {
			t.Errorf("%s is not in the catalogue", key)
		}
	}
}

func TestTexts(t *testing.T) {
	name := func(id string) string { return map[string]string{"U1": "bob"}[id] }
	for in, want := range map[string]string{
		"a &lt;b&gt; &amp;amp; c":                           "a <b> &amp; c",
		"<@U1> and <@U2> and <@U3|eve>":                     "@bob and @U2 and @eve",
		"<#C1|ops> <#C2>":                                   "#ops #C2",
		"<!here> <!subteam^S1|@ops> <!date^1^{time}|03:12>": "@here @ops 03:12",
		"<https://x.example/?a=1&amp;b=2>":                  "https://x.example/?a=1&b=2",
		"<https://x.example|the &lt;page&gt;>":              "the <page> (https://x.example)",
		"<mailto:a@b.example|a@b.example>":                  "a@b.example",
		"no < reference":                                    "no < reference",
	} {
		if got := readable(in, name); got != want {
			t.Errorf("readable(%q) = %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{
		" page <@U1|bob> <#C1|ops> now ":               "page <@U1|bob> <#C1|ops> now",
		"x &lt;@U1&gt; <http://a.example|a.example> b": "x <@U1> a.example b",
		"<https://x.example/?a=1&amp;b=2>":             "https://x.example/?a=1&b=2",
		"<!channel> &amp;":                             "@channel &",
	} {
		if got := commandText(in); got != want {
			t.Errorf("commandText(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestTimestamps(t *testing.T) {
	for in, want := range map[string]string{
		"1700000000.000100": "1700000000.000100", "1700000000": "1700000000.000000", "1700000000.1": "1700000000.100000", "1700000000.123456789": "1700000000.123456",
	} {
		at, ok := parseTS(in)
		if got := formatTS(at); !ok || got != want {
			t.Errorf("%s: %s %v", in, got, ok)
		}
	}
	for _, in := range []string{"", "x", "-1.0", "1.x", "1e9", "99999999999999"} {
		if _, ok := parseTS(in); ok {
			t.Errorf("%q is no time", in)
		}
	}
	if !laterTS("1700000000.000101", "1700000000.000100") || laterTS("", "1") || !laterTS("1", "") {
		t.Error("laterTS")
	}
}

// What slack-go's types refuse is not lost: a block it does not know, in a message that a shortcut was used on or in a form, costs nothing.
func TestInteractionsThatTheLibraryRefuses(t *testing.T) {
	const odd = `[{"type":"input","block_id":"title"},{"type":"actions","elements":[{"type":"from_next_year"}]}]`
	for name, raw := range map[string]string{
		"a message":        `{"type":"message_action","callback_id":"note","user":{"id":"U1","username":"alice"},"message_ts":"1.2","message":{"ts":"1.2","blocks":` + odd + `}}`,
		"a form":           `{"type":"view_submission","user":{"id":"U1","username":"alice"},"view":{"id":"V1","type":"modal","callback_id":"note","blocks":` + odd + `,"state":{"values":{"title":{"t":{"type":"plain_text_input","value":"x"}},"sev":{"s":{"selected_option":{"value":"2"}}}}}}}`,
		"a click's state":  `{"type":"block_actions","callback_id":"note","user":{"id":"U1","username":"alice"},"state":7,"actions":[{"action_id":"ack","block_id":"b","value":"v","action_ts":"1.2"}]}`,
		"a click, no flaw": `{"type":"block_actions","callback_id":"note","user":{"id":"U1","username":"alice"},"message":{"ts":"1.2"},"actions":[{"action_id":"ack","block_id":"b","value":"v","action_ts":"1.2"}]}`,
	} {
		var strict slackgo.InteractionCallback
		if err := json.Unmarshal([]byte(raw), &strict); (err == nil) != strings.HasSuffix(name, "no flaw") {
			t.Errorf("%s: the library says %v: the test shows nothing", name, err)
		}
		p, more, err := decodeInteraction(json.RawMessage(raw))
		if err != nil || p.User.ID != "U1" || more.User.Username != "alice" {
			t.Errorf("%s: %v %+v", name, err, p.User)
			continue
		}
		switch p.Type {
		case slackgo.InteractionTypeMessageAction:
			if p.CallbackID != "note" || p.MessageTs != "1.2" || p.Message.Timestamp != "1.2" {
				t.Errorf("%s: %+v", name, p)
			}
		case slackgo.InteractionTypeViewSubmission:
			v := p.View.State.Values
			if p.View.ID != "V1" || p.View.CallbackID != "note" || v["title"]["t"].Value != "x" || chosen(v["sev"]["s"]) != "2" || more.View.Blocks[0].BlockID != "title" {
				t.Errorf("%s: %+v %+v", name, p.View, more)
			}
		default:
			if a := p.ActionCallback.BlockActions; len(a) != 1 || a[0].ActionID != "ack" || a[0].Value != "v" {
				t.Errorf("%s: %+v", name, a)
			}
		}
	}
}

func TestFieldsOfUnexpectedTypesCostNothingElse(t *testing.T) {
	m, err := decodeMessage(json.RawMessage(`{"ts":"1.2","user":"U1","files":"three","text":"said","edited":{"user":"U1","ts":"2.0"},"attachments":[7,{"fallback":"x"}]}`))
	if err != nil || m.Text != "said" || m.Edited == nil || m.Edited.TS != "2.0" {
		t.Errorf("%v %+v", err, m)
	}
	if _, err := decodeMessage(json.RawMessage(`{"ts":7,"text":"said"}`)); err == nil {
		t.Error("a message without a ts")
	}
	var f socketmode.Request
	if err := lenient([]byte(`{"debug_info":[],"num_connections":"two","type":"disconnect","reason":"warning"}`), &f); err != nil || f.Type != socketmode.RequestTypeDisconnect || f.Reason != reasonWarning {
		t.Errorf("%v %+v", err, f)
	}
	if lenient([]byte(`{"type":`), &f) == nil {
		t.Error("half a frame is read")
	}
}

// FuzzFrames gives the receiver any inside of an envelope: it decodes or refuses, and never falls over.
func FuzzFrames(f *testing.F) {
	f.Add("events_api", `{"event":{"type":"message","channel":"C1","user":"U1","text":"<@U1> &lt;","ts":"1.000001"}}`)
	f.Add("events_api", `{"event":{"type":"message","subtype":"message_changed","channel":"C1","ts":"2.0","message":{"ts":"1.0","edited":{"ts":"2.0","user":"U2"}},"previous_message":{}}}`)
	f.Add("events_api", `{"event":{"type":"message","subtype":"message_deleted","channel":"C1","deleted_ts":"1.0"}}`)
	f.Add("interactive", `{"type":"block_actions","user":{"id":"U1"},"actions":[{"action_id":"ack~2","value":"{\"i\":\"INC-1\"}"}]}`)
	f.Add("interactive", `{"type":"view_submission","user":{"id":"U1"},"view":{"state":{"values":{"a":{"b":{"value":"x"}}}}}}`)
	f.Fuzz(func(t *testing.T, kind, payload string) {
		r := &Receiver{me: Identity{BotUserID: "UBOT", BotID: "BBOT"}, name: func(string) string { return "" }}
		var p struct {
			Event json.RawMessage `json:"event"`
		}
		if kind != "events_api" || json.Unmarshal([]byte(payload), &p) != nil {
			if i, _, err := decodeInteraction(json.RawMessage(payload)); err == nil {
				for _, a := range i.ActionCallback.BlockActions {
					_ = chosen(*a)
				}
			}
			_ = commandText(payload)
			return
		}
		m, err := decodeMessage(p.Event)
		if err != nil {
			return
		}
		for _, in := range r.inputs(m, false) {
			if in.Act == nil || len(in.Same) == 0 || in.Route.Channel != m.Channel {
				t.Errorf("%+v", in)
			}
		}
	})
}

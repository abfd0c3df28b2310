package workspace

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
)

// TestBubble runs the workspace and slack-go in virtual time over net.Pipe: twelve hours
// with Slack's own reconnects, an app that sleeps through its acknowledgements, and a
// clean end.
func TestBubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := New(Options{Apps: inGeneral()})
		net := newPipeNet()
		srv := &http.Server{Handler: w.Handler()}
		served := make(chan struct{})
		go func() { defer close(served); _ = srv.Serve(net) }()
		tr := &http.Transport{DialContext: net.dial}
		a := w.Apps()[0]
		api := slack.New(a.BotToken, slack.OptionAppLevelToken(a.AppToken), slack.OptionAPIURL("http://slack.sandbox/api/"),
			slack.OptionHTTPClient(&http.Client{Transport: tr, Timeout: 10 * time.Second}))
		asleep := make(chan bool, 1)
		asleep <- false
		b := startBotIn(t, api, func(sm *socketmode.Client, e socketmode.Event) {
			off := <-asleep
			asleep <- off
			if !off {
				ackAll(sm, e)
			}
		}, socketmode.OptionDialer(&websocket.Dialer{NetDialContext: net.dial, WriteBufferSize: 32 << 10}))
		alice := w.As("alice")

		for range 12 {
			time.Sleep(time.Hour)
			if _, err := alice.Post("general", "still here"); err != nil {
				t.Fatal(err)
			}
			if out, err := alice.Command(t.Context(), "general", "/incident", "x"); err != nil || out.Status != Acked {
				t.Fatal(out, err)
			}
		}
		synctest.Wait()
		if s := w.Envelopes(); s.Acked != 24 || s.Lost != 0 || s.Waiting != 0 {
			t.Fatalf("after twelve hours: %+v", s)
		}
		if n := b.count(socketmode.EventTypeHello); n != 3 {
			t.Fatalf("%d hellos in twelve hours, want the first and two refreshes", n)
		}
		if n := b.count(socketmode.EventTypeErrorBadMessage) + b.count(socketmode.EventTypeIncomingError); n != 2 {
			t.Logf("%d incoming errors at the refreshes", n)
		}

		// An app that does not answer: tries at 0 s, 3 s, 66 s and 369 s, then lost.
		<-asleep
		asleep <- true
		before := w.Envelopes()
		if _, err := alice.Post("general", "anyone?"); err != nil {
			t.Fatal(err)
		}
		for _, step := range []struct {
			after     time.Duration
			delivered int
		}{{0, 1}, {2999 * time.Millisecond, 1}, {2 * time.Millisecond, 2}, {62 * time.Second, 2}, {2 * time.Second, 3}, {300 * time.Second, 3}, {4 * time.Second, 4}} {
			time.Sleep(step.after)
			synctest.Wait()
			if n := w.Envelopes().Delivered - before.Delivered; n != step.delivered {
				t.Fatalf("after %v more: %d deliveries, want %d", step.after, n, step.delivered)
			}
		}
		time.Sleep(4 * time.Second)
		synctest.Wait()
		if s := w.Envelopes(); s.Lost != 1 || s.Waiting != 0 {
			t.Fatalf("%+v", s)
		}
		start := time.Now()
		if out, err := alice.Command(t.Context(), "general", "/incident", "x"); err != nil || out.Status != TimedOut || time.Since(start) != 3*time.Second {
			t.Fatal(out, err, time.Since(start))
		}

		// A half-open socket: slack-go misses the pings, reconnects, and hears again.
		<-asleep
		asleep <- false
		w.Faults().HalfOpen()
		if _, err := alice.Post("general", "into the void"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(3 * time.Minute)
		synctest.Wait()
		if s := w.Envelopes(); s.Waiting != 0 || s.Lost != 2 {
			t.Fatalf("%+v", s)
		}
		if n := b.count(socketmode.EventTypeHello); n != 4 {
			t.Fatalf("%d hellos after the half-open socket", n)
		}

		b.stop()
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		tr.CloseIdleConnections()
		_ = srv.Close()
		<-served
	})
}

// startBotIn is startBot without its clean-up, which runs outside the bubble.
func startBotIn(t *testing.T, api *slack.Client, handle func(*socketmode.Client, socketmode.Event), opts ...socketmode.Option) *bot {
	t.Helper()
	b := newBot(api, handle, opts...)
	b.wait(t, func(e socketmode.Event) bool { return e.Type == socketmode.EventTypeHello })
	return b
}

// TestCloseEndsEverything: waits of every kind are pending when the workspace closes.
func TestCloseEndsEverything(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := New(Options{Apps: inGeneral(), Latency: time.Hour})
		net := newPipeNet()
		srv := &http.Server{Handler: w.Handler()}
		served := make(chan struct{})
		go func() { defer close(served); _ = srv.Serve(net) }()
		changes := w.Subscribe(context.Background())
		w.Faults().Delay(time.Minute)
		if _, err := w.As("alice").Post("general", "x"); err != nil {
			t.Fatal(err)
		}
		cmd := make(chan Outcome, 1)
		go func() {
			out, _ := w.As("alice").Command(context.Background(), "general", "/incident", "x")
			cmd <- out
		}()
		called := make(chan error, 1)
		tr := &http.Transport{DialContext: net.dial}
		go func() {
			resp, err := (&http.Client{Transport: tr}).Get("http://slack.sandbox/api/api.test")
			if err == nil {
				_ = resp.Body.Close()
			}
			called <- err
		}()
		synctest.Wait()
		start := time.Now()
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal("the second Close", err)
		}
		if d := time.Since(start); d != 0 {
			t.Fatalf("Close waited %v", d)
		}
		if out := <-cmd; out.Status != TimedOut {
			t.Fatalf("%+v", out)
		}
		<-called
		for range changes { // closed at the end
		}
		tr.CloseIdleConnections()
		_ = srv.Close()
		<-served
	})
}

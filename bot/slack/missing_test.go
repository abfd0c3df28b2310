package slack

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/sandbox/workspace"
)

// unheard does something while nobody listens, of which Slack never tells: every delivery of it is lost.
func (e *ear) unheard(f func()) {
	e.t.Helper()
	e.ok(e.stop())
	e.w.Faults().LoseNext(10000)
	f()
	time.Sleep(time.Hour)
	e.start()
	time.Sleep(10 * time.Minute)
	e.w.Faults().Clear()
}

func (e *ear) reply(who, parent, text string) workspace.Message {
	e.t.Helper()
	m := must[workspace.Message](e.t)(e.w.As(who).Reply(e.room, parent, text))
	e.pass()
	return m
}

func TestDeletionsAndEditsThatNobodyHeard(t *testing.T) {
	hearing(t, workspace.Options{}, func(e *ear) {
		kept := e.post("alice", "kept")
		gone := e.post("alice", "deleted while away")
		parent := e.post("bob", "thread")
		r1, r2 := e.reply("alice", parent.TS, "first reply"), e.reply("alice", parent.TS, "second reply")
		lost := e.post("bob", "thread that loses all it has")
		r3 := e.reply("bob", lost.TS, "alone")
		time.Sleep(24 * time.Hour)
		e.post("alice", "a day later") // history is known up to here: all the above is long past
		time.Sleep(time.Minute)
		before := e.g.said()

		e.unheard(func() {
			e.ok(e.w.As("alice").Delete(e.room, gone.TS))
			e.ok(e.w.As("alice").Delete(e.room, r1.TS))
			e.ok(e.w.As("alice").Edit(e.room, r2.TS, "second reply, edited"))
			e.ok(e.w.As("alice").Edit(e.room, kept.TS, "kept, edited"))
			e.ok(e.w.As("bob").Delete(e.room, r3.TS))
			e.ok(e.w.As("bob").Delete(e.room, lost.TS))
		})
		want := append(before, "~kept, edited", "~second reply, edited", "- (found)", "- (found)", "- (found)", "- (found)")
		e.want(want...)
		var ts []string
		for _, in := range e.g.inputs() {
			if d, ok := in.Act.(incident.DeleteMessage); ok {
				ts = append(ts, d.Delete.TS)
				if !in.At.IsZero() || !slices.Equal(in.Same, []string{"msg/" + e.room + "/" + d.Delete.TS + "/deleted"}) {
					t.Errorf("%+v", in)
				}
			}
		}
		if !slices.Equal(ts, []string{gone.TS, r1.TS, lost.TS, r3.TS}) {
			t.Errorf("deleted %v", ts)
		}
		// What is known to be gone is not found missing again.
		e.unheard(func() {})
		e.want(want...)
	})
}

// A parent that is deleted while its replies live on stands in the history as a tombstone.
func TestAParentDeletedWhileNobodyListened(t *testing.T) {
	hearing(t, workspace.Options{}, func(e *ear) {
		parent := e.post("bob", "thread")
		e.reply("alice", parent.TS, "reply")
		e.unheard(func() { e.ok(e.w.As("bob").Delete(e.room, parent.TS)) })
		e.want("+thread", "re:+reply", "- (found)")
		e.unheard(func() {})
		e.want("+thread", "re:+reply", "- (found)")
	})
}

// answers changes what a method answers.
type answers struct {
	http.RoundTripper
	method string
	change func(r *http.Request, body map[string]any) // nil: as it is
}

func (a *answers) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := a.RoundTripper.RoundTrip(r)
	if err != nil || a.change == nil || !strings.HasSuffix(r.URL.Path, "/"+a.method) {
		return resp, err
	}
	var body map[string]any
	if err := json.NewDecoder(resp.Body).Decode(&body); err != nil {
		return nil, err
	}
	_ = resp.Body.Close()
	a.change(r, body)
	b, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	resp.Body, resp.ContentLength = io.NopCloser(strings.NewReader(string(b))), int64(len(b))
	resp.Header.Del("Content-Length")
	return resp, nil
}

func TestNoDeletionIsClaimedOfWhatWasNotReadWhole(t *testing.T) {
	drop := func(body map[string]any, keep func(i int, m map[string]any) bool) {
		var out []any
		for i, m := range body["messages"].([]any) {
			if keep(i, m.(map[string]any)) {
				out = append(out, m)
			}
		}
		body["messages"] = out
	}
	var first map[string]any
	for name, change := range map[string]func(n int, body map[string]any){
		"the plan hides old messages": func(_ int, body map[string]any) {
			body["is_limited"] = true
			drop(body, func(_ int, m map[string]any) bool { return m["text"] != "two" })
		},
		"old messages are removed by age": func(_ int, body map[string]any) {
			drop(body, func(_ int, m map[string]any) bool { return m["text"] == "three" })
		},
		"a message cannot be read": func(_ int, body map[string]any) {
			for _, m := range body["messages"].([]any) {
				if m := m.(map[string]any); m["text"] == "two" {
					m["ts"] = 7
				}
			}
		},
		"the page was wrong, the message is there": func(n int, body map[string]any) {
			if n == 1 {
				drop(body, func(_ int, m map[string]any) bool { return m["text"] != "two" })
			}
		},
		"always another page": func(n int, body map[string]any) {
			if n == 1 {
				first = body
				drop(body, func(_ int, m map[string]any) bool { return m["text"] != "two" })
			}
			maps.Copy(body, first)
			body["response_metadata"] = map[string]any{"next_cursor": "dGVhbTpDMDYxRkE1UEI="}
		},
	} {
		t.Run(name, func(t *testing.T) {
			hearing(t, workspace.Options{NoRateLimits: true}, func(e *ear) {
				a := &answers{RoundTripper: e.client.http.Transport, method: "conversations.history"}
				for _, s := range []string{"one", "two", "three"} {
					e.post("alice", s)
				}
				time.Sleep(time.Minute)
				n := 0
				e.unheard(func() {
					a.change = func(r *http.Request, body map[string]any) { n++; change(n, body) }
					e.client.http.Transport = a
				})
				if n == 0 {
					t.Fatal("the history was not read")
				}
				for _, s := range e.g.said() {
					if strings.HasPrefix(s, "-") {
						t.Errorf("a deletion is claimed: %q", e.g.said())
					}
				}
				e.client.http.Transport = a.RoundTripper
			})
		})
	}
}

func TestTheTalkAfterTheEnd(t *testing.T) {
	hearing(t, workspace.Options{}, func(e *ear) {
		first := e.post("alice", "before the end")
		e.g.mu.Lock()
		e.g.ended[e.room] = e.clock.Now()
		e.g.mu.Unlock()
		e.post("alice", "heard after the end")
		e.unheard(func() {
			e.post("bob", "said after the end")
			e.ok(e.w.As("alice").Delete(e.room, first.TS))
		})
		e.want("+before the end", "+heard after the end", "+said after the end (caught)", "- (found)")
		// A week later the room is nobody's business any more.
		time.Sleep(readAfterEnd)
		e.unheard(func() { e.post("bob", "years later") })
		e.want("+before the end", "+heard after the end", "+said after the end (caught)", "- (found)")
	})
}

// A room that is closed to us after the end is told of once, not at every absence.
func TestARoomLostAfterTheEndIsOneGap(t *testing.T) {
	hearing(t, workspace.Options{}, func(e *ear) {
		e.g.mu.Lock()
		e.g.ended[e.room] = e.clock.Now()
		e.g.mu.Unlock()
		e.unheard(func() { e.ok(e.w.As("alice").Kick(e.room, e.app.BotUserID)) })
		e.unheard(func() {})
		e.want("gap not_in_channel")
	})
}

func TestAnEditHeardBeforeItsMessage(t *testing.T) {
	hearing(t, workspace.Options{}, func(e *ear) {
		e.w.Faults().LoseNext(1) // at first; Slack repeats it within the minute
		m := must[workspace.Message](t)(e.w.As("alice").Post(e.room, "frist"))
		e.ok(e.w.As("alice").Edit(e.room, m.TS, "first"))
		time.Sleep(10 * time.Minute)
		e.want("+frist", "~first")

		// The same where the change says nothing of what was.
		e.ok(e.stop())
		e.w.Faults().LoseNext(10000)
		m = must[workspace.Message](t)(e.w.As("alice").Post(e.room, "scond"))
		e.ok(e.w.As("alice").Edit(e.room, m.TS, "second"))
		now, _ := e.w.Message(e.room, m.TS)
		at, _ := parseTS(now.EditedTS)
		edit := message{TS: m.TS, User: "U0ALICE01", Text: "second"}
		edit.Edited = &struct {
			User string `json:"user"`
			TS   string `json:"ts"`
		}{"U0ALICE01", now.EditedTS}
		for _, in := range e.r.edit(e.room, edit) {
			in.At = at
			must[any](t)(e.g.Handle(context.Background(), withKey(in, fmt.Sprint("slack/env/", m.TS))))
		}
		e.start()
		time.Sleep(10 * time.Minute)
		e.w.Faults().Clear()
		e.want("+frist", "~first", "~second", "+second (caught)")
		e.unheard(func() {})
		e.want("+frist", "~first", "~second", "+second (caught)")
	})
}

// A message whose own event never came, and that is deleted: the deletion says what it was.
func TestADeletionHeardBeforeItsMessage(t *testing.T) {
	hearing(t, workspace.Options{}, func(e *ear) {
		e.w.Faults().LoseNext(1)
		m := must[workspace.Message](t)(e.w.As("alice").Post(e.room, "said and taken back"))
		e.ok(e.w.As("alice").Delete(e.room, m.TS))
		time.Sleep(10 * time.Minute)
		e.want("+said and taken back", "-")
	})
}

// Sockets that fell silent, and a demo's clock that is moved on by more than Slack's patience before they are found out: every repetition of an
// event goes into the void within moments, and the first sign of life comes so soon, by the real clock, that nothing looks like an absence.
func TestAMessageInTheVoidWhileTheClockJumps(t *testing.T) {
	bubble(t, workspace.Options{PingInterval: 29 * time.Second}, func(l *lab) {
		e := l.ear()
		e.start()
		time.Sleep(65 * time.Second) // the first socket's ping came 20 s before the second's
		e.post("alice", "before")
		l.w.Faults().HalfOpen()
		e.post("alice", "into the void")
		lost := false
		for range 30 {
			time.Sleep(time.Second)
			l.clock.Advance(time.Minute)
			lost = lost || l.w.Envelopes().Lost > 0
		}
		if !lost {
			t.Fatal("Slack has not given up: the test shows nothing")
		}
		time.Sleep(2 * time.Minute)
		e.post("alice", "after")
		time.Sleep(10 * time.Minute)
		e.want("+before", "+into the void (caught)", "+after")
		for _, a := range e.absences() {
			t.Logf("absence %s", a)
		}
		l.w.Faults().Clear()
		e.ok(e.stop())
	})
}

// A clock that is moved while everything is heard is no absence, and nobody is told of one.
func TestAClockThatJumpsIsNoAbsence(t *testing.T) {
	hearing(t, workspace.Options{}, func(e *ear) {
		for range 5 {
			e.clock.Advance(15 * time.Minute)
			time.Sleep(20 * time.Second)
		}
		e.post("alice", "all is well")
		e.want("+all is well")
		if a := e.absences(); len(a) != 0 {
			t.Errorf("absences %v", a)
		}
	})
}

package bot_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	bbolt "go.etcd.io/bbolt"

	"github.com/tocsin-bot/tocsin/bot/demo"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/sandbox"
	"github.com/tocsin-bot/tocsin/bot/sandbox/workspace"
)

// town is the whole bot with an fsynced embedded store, its Slack and its PagerDuty in this process: every envelope, call and webhook goes
// over a real connection of the loopback interface.
type town struct {
	*demo.Demo
	b   *testing.B
	dir string
}

func newTown(b *testing.B) *town {
	b.Helper()
	dir := b.TempDir()
	return startTown(b, dir, nil)
}

// startTown starts a bot on what dir holds; prepare may move the clock before.
func startTown(b *testing.B, dir string, prepare func(*demo.Demo)) *town {
	b.Helper()
	d, err := demo.New(demo.Options{DataDir: dir, Log: zerolog.Nop()})
	if err != nil {
		b.Fatal(err)
	}
	if prepare != nil {
		prepare(d)
	}
	t := &town{Demo: d, b: b, dir: dir}
	b.Cleanup(func() {
		ctx, done := context.WithTimeout(context.Background(), 30*time.Second)
		defer done()
		if err := d.Stop(ctx); err != nil {
			b.Error(err)
		}
	})
	ctx, done := context.WithTimeout(context.Background(), time.Minute)
	defer done()
	if err := d.Start(ctx); err != nil {
		b.Fatal(err)
	}
	return t
}

func (t *town) as(role string) workspace.Person {
	m, _ := t.Sandbox.Member(role)
	return t.Sandbox.Workspace.As(m.SlackID)
}

// say types a command and fails the benchmark unless it is acknowledged in time.
func (t *town) say(who workspace.Person, channel, text string) workspace.Outcome {
	t.b.Helper()
	o, err := who.Command(t.b.Context(), channel, "/incident", text)
	if err != nil || o.Status != workspace.Acked {
		t.b.Fatalf("/incident %s: %s %s %v", text, o.Status, o.Detail, err)
	}
	return o
}

// state is an incident as it stands, zero when there is none.
func (t *town) state(id incident.ID) incident.State {
	s, err := t.Bot.Engine().State(t.b.Context(), id)
	if err != nil {
		return incident.State{}
	}
	return s
}

// until waits until something is so; what never comes fails the benchmark.
func (t *town) until(what string, is func() bool) {
	t.b.Helper()
	for limit := time.Now().Add(time.Minute); !is(); time.Sleep(time.Millisecond) {
		if time.Now().After(limit) {
			t.b.Fatalf("%s: did not happen within a minute", what)
		}
	}
}

// words makes titles that do not look alike: the bot would ask whether one incident is meant.
func words(n int) string { return fmt.Sprintf("alpha%dx beta%dy", n, n) }

// rooms opens n incidents, each with its channel, and returns their states.
func (t *town) rooms(n int) []incident.State {
	t.b.Helper()
	out := make([]incident.State, n)
	for i := range out {
		t.say(t.as(sandbox.CTO), "general", "declare "+words(i)+" sev4")
		id := incident.NewID(int64(i + 1))
		t.until("the room of "+string(id), func() bool {
			out[i] = t.state(id)
			return out[i].ChannelID != ""
		})
		t.Clock.Advance(4 * time.Second) // Slack gives out 20 channels a minute
	}
	t.until("the rooms are furnished", t.Bot.Idle)
	return out
}

// quantiles reports what something took, in milliseconds, under a prefix.
func quantiles(b *testing.B, prefix string, took []time.Duration) {
	if len(took) == 0 {
		return
	}
	b.ReportMetric(quantile(took, 0.50), prefix+"p50-ms")
	b.ReportMetric(quantile(took, 0.99), prefix+"p99-ms")
}

// quantile is the q-quantile in milliseconds.
func quantile(took []time.Duration, q float64) float64 {
	s := slices.Sorted(slices.Values(took))
	return float64(s[int(q*float64(len(s)-1))]) / float64(time.Millisecond)
}

// bare is one bbolt file in a directory, for commits of one put each: the limit of the medium.
type bare struct {
	db   *bbolt.DB
	n    uint64
	took []time.Duration
}

func newBare(b *testing.B) *bare {
	b.Helper()
	db, err := bbolt.Open(filepath.Join(b.TempDir(), "bare.db"), 0o600, &bbolt.Options{InitialMmapSize: 1 << 30, FreelistType: bbolt.FreelistMapType})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { db.Close() })
	if err := db.Update(func(tx *bbolt.Tx) error { _, err := tx.CreateBucket([]byte("b")); return err }); err != nil {
		b.Fatal(err)
	}
	return &bare{db: db}
}

// commit commits n times, one after the other, each fsynced.
func (r *bare) commit(b *testing.B, n int) {
	b.Helper()
	value := bytes.Repeat([]byte{'x'}, 600)
	for range n {
		r.n++
		start := time.Now()
		err := r.db.Update(func(tx *bbolt.Tx) error {
			return tx.Bucket([]byte("b")).Put(binary.BigEndian.AppendUint64(nil, r.n), value)
		})
		if err != nil {
			b.Error(err)
			return
		}
		r.took = append(r.took, time.Since(start))
	}
}

// BenchmarkAcknowledge offers 100 commands a second, evenly, whatever the answers take, and measures from the moment somebody pressed
// Enter until the local Slack has the acknowledgement, which comes after the fsynced commit; what Slack then does to show it is not counted.
// Beside it: bare commits of one put, twenty a second during the load, so that both meet the same disk and the same neighbours (bare); and,
// half before and half after, commands that lack their words, offered as fast, which commit nothing and are answered how to use them: what the
// road there and back takes (road).
//
// The commands are notes, progress, status updates and a role that goes back and forth, in 20 rooms; each adds at least one event.
//
//	go test ./bot -run - -bench Acknowledge -benchtime 2000x
func BenchmarkAcknowledge(b *testing.B) {
	t := newTown(b)
	rooms := t.rooms(20)
	limit := newBare(b)
	people := []workspace.Person{t.as(sandbox.Primary), t.as(sandbox.Secondary), t.as(sandbox.TechLead), t.as(sandbox.CTO)}
	texts := []string{"note the supplier confirms %d", "note seen again %d", "progress narrowed down %d", "note replica lag %d", "role scribe me", "note restart %d", "update working on it %d", "note graph %d"}
	for _, r := range rooms { // whoever speaks in a room is in it
		for _, p := range people {
			_ = p.Join(r.ChannelID)
		}
	}
	// Another one gives each room the same command the next time: a role that somebody has already would be recorded by nothing.
	who := func(i int) workspace.Person { return people[(i/len(rooms)+i/len(rooms)/len(texts))%len(people)] }
	load := func(n int, texts ...string) (took []time.Duration) {
		took = make([]time.Duration, n)
		var wg sync.WaitGroup
		start := time.Now()
		for i := range n {
			time.Sleep(time.Until(start.Add(time.Duration(i) * 10 * time.Millisecond)))
			wg.Go(func() {
				text := texts[i/len(rooms)%len(texts)]
				if bytes.Contains([]byte(text), []byte("%d")) {
					text = fmt.Sprintf(text, i)
				}
				begun := time.Now()
				o, err := who(i).Command(b.Context(), rooms[i%len(rooms)].ChannelID, "/incident", text)
				took[i] = o.AckedAt.Sub(begun)
				if err != nil || o.Status != workspace.Acked {
					b.Errorf("/incident %s: %s %s %v", text, o.Status, o.Detail, err)
				}
			})
		}
		wg.Wait()
		return took
	}
	load(200, texts...)
	t.until("what the first commands asked for is done", func() bool {
		t.Clock.Advance(100 * time.Millisecond) // topics and cards wait for their turn, by this clock
		return t.Bot.Idle()
	})
	before := int64(0)
	for _, r := range rooms {
		before += t.state(r.ID).Seq
	}
	b.Run("100-a-second", func(b *testing.B) {
		limit.took = nil
		road := load(100, "note")
		ended := make(chan struct{})
		var wg sync.WaitGroup
		wg.Go(func() {
			tick := time.NewTicker(50 * time.Millisecond)
			defer tick.Stop()
			for {
				limit.commit(b, 1)
				select {
				case <-ended:
					return
				case <-tick.C:
				}
			}
		})
		b.ResetTimer()
		took := load(b.N, texts...)
		b.StopTimer()
		close(ended)
		wg.Wait()
		road = append(road, load(100, "note")...)
		quantiles(b, "bare-", limit.took)
		quantiles(b, "road-", road)
		quantiles(b, "", took)
		b.ReportMetric(quantile(took, 0.5)/quantile(limit.took, 0.5), "p50/bare")
		b.ReportMetric((quantile(took, 0.5)-quantile(road, 0.5))/quantile(limit.took, 0.5), "p50-less-road/bare")
		b.ReportMetric(0, "ns/op")
		after := int64(0)
		for _, r := range rooms {
			after += t.state(r.ID).Seq
		}
		if after-before < int64(b.N) {
			b.Errorf("%d commands were acknowledged and %d events recorded", b.N, after-before)
		}
		before = after
	})
}

package scheduler

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"github.com/tocsin-bot/tocsin/bot/clock"
	"github.com/tocsin-bot/tocsin/bot/engine"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/journal"
	"github.com/tocsin-bot/tocsin/bot/journal/bolt"
	"github.com/tocsin-bot/tocsin/bot/policy"
)

type policies struct{ p *incident.Policy }

func (p policies) Current() (*incident.Policy, []byte) {
	_, src := policy.Default()
	return p.p, src
}
func (p policies) Decode(src []byte) (*incident.Policy, error) { return policy.Parse("frozen", src) }

// place is a real engine over a real journal.
type place struct {
	t     *testing.T
	c     *clock.Clock
	store journal.Store
	e     *engine.Engine
	aud   *Auditor
	told  func(time.Time)
}

func inPlace(t *testing.T, f func(p *place)) {
	t.Helper()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		c := clock.New()
		store, err := bolt.Open(dir, bolt.Options{NoSync: true, Clock: c.Now})
		if err != nil {
			t.Fatal(err)
		}
		defer store.Close()
		rules, _ := policy.Default()
		p := &place{t: t, c: c, store: store}
		p.e = engine.New(engine.Options{Store: store, Clock: c, Policies: policies{&rules}, Committed: func(k engine.Committed) {
			if p.told != nil {
				p.told(k.Due)
			}
		}})
		p.aud = NewAuditor(AuditOptions{Store: store, Reader: p.e, Clock: c, Log: zerolog.Nop()})
		f(p)
	})
}

func (p *place) declare(key string) incident.ID {
	p.t.Helper()
	out, err := p.e.Handle(context.Background(), engine.Input{
		Key: key, Actor: incident.Actor{Person: incident.Person{Slack: "U1", Name: "ana"}}, Via: incident.ViaSlack,
		Act: incident.Declare{Title: incident.Say("checkout is down", 200), Severity: incident.SEV2}, Route: engine.Route{New: true},
	})
	if err != nil || out.Refusal != nil {
		p.t.Fatalf("%v %v", err, out.Refusal)
	}
	return out.Incident
}

func (p *place) full() Report {
	p.t.Helper()
	r, err := p.aud.Full(context.Background())
	if err != nil {
		p.t.Fatal(err)
	}
	return r
}

func TestAuditFindsNothingWrong(t *testing.T) {
	inPlace(t, func(p *place) {
		if got := p.aud.Report(); !got.Ended.IsZero() {
			t.Errorf("a report before the first pass: %s", got)
		}
		for i := range 5 {
			p.declare(string(rune('a' + i)))
		}
		if r := p.full(); r.Differences() != 0 || r.Streams != 5 || r.Ended.IsZero() {
			t.Errorf("%s: %+v", r, r)
		}
	})
}

// TestAuditRepairs breaks each thing that is derived from the log, and expects it found once and as it was.
func TestAuditRepairs(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(p *place, id incident.ID, v int64) error
		count func(Report) int
		want  int
	}{
		{"due time lost", func(p *place, id incident.ID, v int64) error {
			return p.store.SetDue(context.Background(), journal.Stream(id), v, time.Time{})
		}, func(r Report) int { return r.Due }, 1},
		{"due time wrong", func(p *place, id incident.ID, v int64) error {
			return p.store.SetDue(context.Background(), journal.Stream(id), v, p.c.Now().Add(time.Second))
		}, func(r Report) int { return r.Due }, 1},
		{"row wrong", func(p *place, id incident.ID, v int64) error {
			raw, _ := json.Marshal(engine.Row{ID: id, Title: "another", Open: true})
			_, err := p.store.Commit(context.Background(), journal.Commit{Put: journal.Put{Rows: map[journal.Stream]json.RawMessage{journal.Stream(id): raw}}})
			return err
		}, func(r Report) int { return r.Rows }, 1},
		{"row lost", func(p *place, id incident.ID, v int64) error {
			_, err := p.store.Commit(context.Background(), journal.Commit{Put: journal.Put{Rows: map[journal.Stream]json.RawMessage{journal.Stream(id): nil}}})
			return err
		}, func(r Report) int { return r.Rows }, 1},
		{"snapshot wrong", func(p *place, id incident.ID, v int64) error {
			s, err := p.e.State(context.Background(), id)
			if err != nil {
				return err
			}
			s.Severity = incident.SEV4
			snap, err := journal.EncodeState(s)
			if err != nil {
				return err
			}
			_, err = p.store.Commit(context.Background(), journal.Commit{Expect: journal.Expect{Versions: map[journal.Stream]int64{journal.Stream(id): v}},
				Put: journal.Put{Snapshots: map[journal.Stream]journal.Snapshot{journal.Stream(id): snap}}})
			return err
		}, func(r Report) int { return r.Snapshots }, 1},
		{"effects lost", func(p *place, id incident.ID, v int64) error {
			for _, lane := range []incident.Lane{incident.LaneSlack, incident.LanePager} {
				name := engine.LaneOf(id, lane)
				items, err := p.store.Pending(context.Background(), name, 100)
				if err != nil {
					return err
				}
				l, _, err := p.store.Lease(context.Background(), name, "vandal", time.Second)
				if err != nil {
					return err
				}
				for _, it := range items {
					var o incident.Owed
					if err := json.Unmarshal(it.Body, &o); err != nil {
						return err
					}
					if o.Effect.Do == incident.Ring || o.Effect.Do == incident.OpenChannel {
						if err := p.store.Settle(context.Background(), l, []string{it.ID}); err != nil {
							return err
						}
					}
				}
			}
			return nil
		}, func(r Report) int { return r.Restored }, -1},
	} {
		t.Run(c.name, func(t *testing.T) {
			inPlace(t, func(p *place) {
				p.declare("other")
				id := p.declare("spoilt")
				due, err := p.store.Due(context.Background(), p.c.Now().Add(24*time.Hour), 10)
				if err != nil || len(due) != 2 {
					t.Fatalf("%v %v", due, err)
				}
				before, err := p.store.Pending(context.Background(), "", 100)
				if err != nil {
					t.Fatal(err)
				}
				s, err := p.e.State(context.Background(), id)
				if err != nil {
					t.Fatal(err)
				}
				if err := c.spoil(p, id, s.Seq); err != nil {
					t.Fatal(err)
				}
				r := p.full()
				n := c.count(r)
				if c.want < 0 && n < 1 || c.want >= 0 && n != c.want || r.Differences() != n {
					t.Errorf("%s: %+v", r, r)
				}
				if again := p.full(); again.Differences() != 0 {
					t.Errorf("not put right: %s", again)
				}
				now, err := p.store.Due(context.Background(), p.c.Now().Add(24*time.Hour), 10)
				if err != nil || len(now) != 2 || !now[0].At.Equal(due[0].At) || !now[1].At.Equal(due[1].At) {
					t.Errorf("due %v, was %v (%v)", now, due, err)
				}
				after, err := p.store.Pending(context.Background(), "", 100)
				if err != nil || len(after) != len(before) {
					t.Errorf("%d effects on their way, were %d", len(after), len(before))
				}
				for _, it := range after {
					if c.want < 0 && n > 0 && it.Attempts == 1 {
						n--
					}
				}
				if c.want < 0 && n != 0 {
					t.Errorf("restored effects do not count as begun")
				}
			})
		})
	}
}

// forger changes what the log holds.
type forger struct {
	journal.Store
	on *bool
}

func (f forger) Records(ctx context.Context, s journal.Stream, from int64, limit int) ([]journal.Record, error) {
	out, err := f.Store.Records(ctx, s, from, limit)
	if *f.on && s == "INC-1" && len(out) > 0 {
		out[0].Body = json.RawMessage(strings.Replace(string(out[0].Body), `"severity":2`, `"severity":4`, 1))
	}
	return out, err
}

// TestAuditBrokenChain: a forged log is reported, and nothing is repaired from it.
func TestAuditBrokenChain(t *testing.T) {
	inPlace(t, func(p *place) {
		p.declare("a")
		p.declare("b")
		on := true
		p.aud.o.Store = forger{p.store, &on}
		r := p.full()
		if len(r.Broken) != 1 || !strings.Contains(r.Broken[0], "INC-1") || r.Differences() != 1 || r.Streams != 2 {
			t.Errorf("%+v", r)
		}
	})
}

// TestAuditRolls: small steps reach everything, and a pass that another process began is gone on with.
// busy is a store in which something happens just before an incident is first loaded.
type busy struct {
	journal.Store
	before *func()
}

func (b busy) Load(ctx context.Context, s journal.Stream) (journal.Loaded, error) {
	if f := *b.before; f != nil {
		*b.before = nil
		f()
	}
	return b.Store.Load(ctx, s)
}

// TestAuditBesideWriters: what is written between the audit's look at the due index and its look at the incident is no difference.
func TestAuditBesideWriters(t *testing.T) {
	inPlace(t, func(p *place) {
		id, wrote := p.declare("a"), false
		write := func() {
			out, err := p.e.Handle(context.Background(), engine.Input{
				Key: "over", Actor: incident.Actor{Person: incident.Person{Slack: "U1", Name: "ana"}}, Via: incident.ViaSlack,
				Act: incident.Resolve{}, Route: engine.Route{ID: id},
			})
			if wrote = err == nil && out.First > 0; !wrote {
				t.Errorf("%+v %v", out, err)
			}
		}
		p.aud = NewAuditor(AuditOptions{Store: busy{p.store, &write}, Reader: p.e, Clock: p.c, Log: zerolog.Nop()})
		if r := p.full(); r.Differences() != 0 || !wrote {
			t.Errorf("%s: %+v", r, r)
		}
	})
}

func TestAuditRolls(t *testing.T) {
	inPlace(t, func(p *place) {
		for i := range 7 {
			p.declare(string(rune('a' + i)))
		}
		p.aud.o.PerStep = 3
		steps := 0
		for p.aud.Report().Ended.IsZero() {
			if steps++; steps > 10 {
				t.Fatal("never through")
			}
			if err := p.aud.Step(context.Background()); err != nil {
				t.Fatal(err)
			}
		}
		if r := p.aud.Report(); r.Streams != 7 || steps != 3 {
			t.Errorf("%d incidents in %d steps", r.Streams, steps)
		}
	})
}

// TestDeadlineToTheLog: with the real engine, an unanswered incident is escalated at its deadline and never before, and a lost index is
// found by the audit.
func TestDeadlineToTheLog(t *testing.T) {
	inPlace(t, func(p *place) {
		s, err := New(Options{Store: p.store, Reader: p.e, Handler: p.e, Clock: p.c, Owner: "a", Log: zerolog.Nop(),
			Duties: []Duty{{Name: "audit", Every: 10 * time.Second, Keep: InCursor, Run: func(ctx context.Context, _ time.Time) error { return p.aud.Step(ctx) }}}})
		if err != nil {
			t.Fatal(err)
		}
		p.told = s.Changed
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error)
		go func() { done <- s.Run(ctx) }()
		id := p.declare("x")
		declared := p.c.Now()
		st, err := p.e.State(context.Background(), id)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.store.SetDue(context.Background(), journal.Stream(id), st.Seq, time.Time{}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(16 * time.Minute)
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		events, err := p.e.Events(context.Background(), id, 1, 100)
		if err != nil {
			t.Fatal(err)
		}
		raised := 0
		for _, e := range events {
			if f, ok := e.Fact.(*incident.LevelRaised); ok && (f.Level > 1 || f.Backup) {
				raised++
				if got := e.RecordedAt.Sub(declared); got < 15*time.Minute || got > 15*time.Minute+time.Second {
					t.Errorf("raised to %d (backup %v) after %s", f.Level, f.Backup, got)
				}
			}
		}
		if raised != 1 {
			t.Errorf("raised %d times in 16 minutes of silence", raised)
		}
	})
}

package bot_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tocsin-bot/tocsin/bot/clock"
	"github.com/tocsin-bot/tocsin/bot/demo"
	"github.com/tocsin-bot/tocsin/bot/engine"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/journal"
	"github.com/tocsin-bot/tocsin/bot/journal/bolt"
	"github.com/tocsin-bot/tocsin/bot/policy"
	"github.com/tocsin-bot/tocsin/bot/sandbox"
	"github.com/tocsin-bot/tocsin/bot/sandbox/workspace"
)

// The years of a company, as the restart finds them.
const (
	pastVersion  = "1" // a change of how the past is made changes it
	pastClosed   = 10_000
	pastOpen     = 1_000
	pastOverdue  = 100 // of the open ones; nobody has acknowledged their page in time
	pastEvents   = 200 // of every open incident
	pastWithin   = 15 * time.Minute
	pastMarker   = "begun"
	lateDeclared = 30 * time.Minute // how much later the other open incidents were declared
	downUntil    = 75 * time.Minute // when the bot is started again; SEV-3 is to be acknowledged within an hour
)

// history makes a past, with the engine's own commits, and keeps it for the next run in the temporary directory. It returns a copy of its own
// for the caller and the moment the open incidents begin.
func history(b *testing.B) (dir string, begun time.Time) {
	b.Helper()
	p, _ := policy.Default()
	kept := filepath.Join(os.TempDir(), fmt.Sprintf("tocsin-bench-past-%s-%.12s", pastVersion, p.Digest))
	if _, err := os.Stat(filepath.Join(kept, pastMarker)); err != nil {
		if err := os.RemoveAll(kept); err != nil {
			b.Fatal(err)
		}
		if err := os.MkdirAll(kept, 0o700); err != nil {
			b.Fatal(err)
		}
		begun := time.Now()
		makePast(b, kept)
		b.Logf("the past took %v to make", time.Since(begun).Round(time.Second))
	}
	dir = b.TempDir()
	files, err := os.ReadDir(kept)
	if err != nil {
		b.Fatal(err)
	}
	for _, f := range files {
		if f.Type().IsRegular() {
			copyFile(b, filepath.Join(kept, f.Name()), filepath.Join(dir, f.Name()))
		}
	}
	raw, err := os.ReadFile(filepath.Join(dir, pastMarker))
	if err != nil {
		b.Fatal(err)
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(raw)), 10, 64)
	if err != nil {
		b.Fatal(err)
	}
	return dir, time.Unix(n, 0)
}

func copyFile(b *testing.B, from, to string) {
	b.Helper()
	in, err := os.Open(from)
	if err != nil {
		b.Fatal(err)
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := io.Copy(out, in); err != nil {
		b.Fatal(err)
	}
	if err := out.Close(); err != nil {
		b.Fatal(err)
	}
}

// defaults is the default policy, read once.
type defaults struct {
	p   *incident.Policy
	src []byte
}

func (d defaults) Current() (*incident.Policy, []byte)       { return d.p, d.src }
func (defaults) Decode(src []byte) (*incident.Policy, error) { return policy.Parse("frozen", src) }

// past is an engine whose effects are carried out by nobody: every one of them is reported done at once.
type past struct {
	*engine.Engine
	mu    sync.Mutex
	items map[incident.ID][]journal.Item
	born  sync.Mutex // one declaration at a time: they would only conflict
}

func makePast(b *testing.B, dir string) {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.Context(), pastWithin)
	defer cancel()
	c := clock.New()
	// A moment of its own: what is kept must not become overdue because real time passes between two runs.
	c.Advance(time.Until(time.Date(2040, 1, 2, 3, 0, 0, 0, time.UTC)))
	store, err := bolt.Open(dir, bolt.Options{Clock: c.Now, NoSync: true})
	if err != nil {
		b.Fatal(err)
	}
	current, src := policy.Default()
	p := &past{items: map[incident.ID][]journal.Item{}}
	p.Engine = engine.New(engine.Options{Store: store, Clock: c, Policies: defaults{&current, src}, CacheSize: 256, Committed: func(done engine.Committed) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.items[done.Incident] = append(p.items[done.Incident], done.Items...)
	}})
	each := func(from, n int, do func(i int) error) {
		next := make(chan int)
		var wg sync.WaitGroup
		for range 16 {
			wg.Go(func() {
				for i := range next {
					if err := do(i); err != nil {
						b.Error(err)
						cancel()
					}
				}
			})
		}
		for i := range n {
			next <- from + i
		}
		close(next)
		wg.Wait()
		if b.Failed() {
			store.Close()
			os.RemoveAll(dir)
			b.FailNow()
		}
	}
	each(0, pastClosed, func(i int) error {
		id, err := p.declare(ctx, i, 4)
		if err != nil {
			return err
		}
		return p.act(ctx, id, incident.Resolve{Text: incident.Say("restarted, it holds", 1000)})
	})
	begun := c.Now()
	open := func(i int) error {
		id, err := p.declare(ctx, i, 3)
		for n := 0; err == nil; n++ {
			s, serr := p.State(ctx, id)
			if serr != nil || s.Seq >= pastEvents {
				return serr
			}
			ts := fmt.Sprintf("2209000000.%06d", n)
			_, err = p.Handle(ctx, engine.Input{
				Same: []string{"msg/" + s.ChannelID + "/" + ts}, Actor: responder(n), Via: incident.ViaSlack, Route: engine.Route{ID: id},
				Act: incident.Message{Message: incident.MessageSeen{Channel: s.ChannelID, TS: ts, Text: incident.Say(fmt.Sprintf("attempt %d: the replica is behind by %d seconds, I look at the primary", n, 7*n), incident.MaxMessage)}},
			})
		}
		return err
	}
	each(pastClosed, pastOverdue, open)
	c.Advance(lateDeclared)
	each(pastClosed+pastOverdue, pastOpen-pastOverdue, open)
	if err := store.Close(); err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, pastMarker), []byte(strconv.FormatInt(begun.Unix(), 10)), 0o600); err != nil {
		b.Fatal(err)
	}
}

func responder(n int) incident.Actor {
	return incident.Actor{Person: incident.Person{Slack: fmt.Sprintf("U0PAST%04d", n%7), Name: fmt.Sprint("Responder ", n%7)}}
}

func (p *past) declare(ctx context.Context, i int, sev incident.Severity) (incident.ID, error) {
	p.born.Lock()
	out, err := p.Handle(ctx, engine.Input{
		Key: fmt.Sprint("declare/", i), Actor: responder(i), Via: incident.ViaSlack, Route: engine.Route{New: true},
		Act: incident.Declare{Title: incident.Say(words(i)+" answers slowly", incident.MaxTitle), Severity: sev, Service: fmt.Sprint("svc-", i%40)},
	})
	p.born.Unlock()
	if err != nil {
		return "", err
	}
	return out.Incident, p.settle(ctx, out.Incident)
}

func (p *past) act(ctx context.Context, id incident.ID, a incident.Act) error {
	if _, err := p.Handle(ctx, engine.Input{Actor: responder(1), Via: incident.ViaSlack, Route: engine.Route{ID: id}, Act: a}); err != nil {
		return err
	}
	return p.settle(ctx, id)
}

// settle reports every effect of an incident done, and those that follow from that.
func (p *past) settle(ctx context.Context, id incident.ID) error {
	for n := 0; ; n++ {
		p.mu.Lock()
		todo := p.items[id]
		delete(p.items, id)
		p.mu.Unlock()
		if len(todo) == 0 {
			return nil
		}
		for k, it := range todo {
			var owed incident.Owed
			if err := json.Unmarshal(it.Body, &owed); err != nil {
				return err
			}
			r := incident.Report{Effect: owed.ID, Outcome: incident.OutcomeDone, Attempt: 1}
			channel := fmt.Sprintf("C0PAST%05d", id.Number())
			switch owed.Effect.Do {
			case incident.OpenChannel:
				r.Channel, r.Name = channel, owed.Effect.Arg
			case incident.Post, incident.Direct:
				r.Channel, r.TS = channel, fmt.Sprintf("2208000000.%03d%03d", n, k)
			case incident.Ring:
				r.Pager = fmt.Sprintf("QPAST%06d%d%d", id.Number(), n, k)
			}
			if _, err := p.Handle(ctx, engine.Input{Via: incident.ViaOutbox, Actor: incident.Actor{System: incident.SystemTocsin}, Route: engine.Route{ID: id}, Act: r}); err != nil {
				return err
			}
		}
	}
}

// BenchmarkRestart starts the bot on 1,000 open incidents of 200 events among 10,000 closed and measures from New until the first command
// about one of them is acknowledged, and until everything that came due while nobody ran has been dealt with. Beside it: reading every row of the
// open incidents and every due time from the file, which no start can do without. The past is made once and kept in the temporary directory.
//
//	go test ./bot -run - -bench Restart -benchtime 3x
func BenchmarkRestart(b *testing.B) {
	var bare, first, overdue []time.Duration
	for b.Loop() {
		b.StopTimer()
		dir, begun := history(b)
		now := begun.Add(downUntil)
		var due []journal.DueAt
		bare = append(bare, func() time.Duration {
			start := time.Now()
			store, err := bolt.Open(dir, bolt.Options{Clock: func() time.Time { return now }, NoSync: true})
			if err != nil {
				b.Fatal(err)
			}
			rows, err := store.Rows(b.Context(), true, "", 10*pastOpen)
			if err != nil || len(rows) != pastOpen {
				b.Fatalf("%d rows: %v", len(rows), err)
			}
			due, err = store.Due(b.Context(), now, 10*pastOpen)
			if err != nil || len(due) != pastOverdue {
				b.Fatalf("%d are overdue: %v", len(due), err)
			}
			took := time.Since(start)
			if err := store.Close(); err != nil {
				b.Fatal(err)
			}
			return took
		}())
		b.StartTimer()

		d, err := demo.New(demo.Options{DataDir: dir, Zone: "UTC"})
		if err != nil {
			b.Fatal(err)
		}
		d.Clock.Advance(now.Sub(d.Clock.Now()))
		start := time.Now()
		started := make(chan error, 1)
		go func() { started <- d.Start(b.Context()) }()
		who, _ := d.Sandbox.Member(sandbox.CTO)
		for {
			o, err := d.Sandbox.Workspace.As(who.SlackID).Command(b.Context(), "general", "/incident", fmt.Sprintf("INC-%d note the bot is back", pastClosed+pastOpen/2))
			if err == nil && o.Status == workspace.Acked {
				break
			}
			if time.Since(start) > time.Minute {
				b.Fatal("no command was acknowledged within a minute of the start")
			}
			time.Sleep(time.Millisecond)
		}
		first = append(first, time.Since(start))
		if err := <-started; err != nil {
			b.Fatal(err)
		}
		for left := due; len(left) > 0; time.Sleep(10 * time.Millisecond) {
			for len(left) > 0 {
				s, err := d.Bot.Engine().State(b.Context(), incident.ID(left[0].Stream))
				if err != nil {
					b.Fatal(err)
				}
				if next := incident.NextDue(s); s.Seq <= pastEvents || !next.After(left[0].At) {
					break
				}
				left = left[1:]
			}
			if time.Since(start) > time.Minute {
				b.Fatalf("%d of %d overdue deadlines were not dealt with within a minute", len(left), len(due))
			}
		}
		overdue = append(overdue, time.Since(start))
		b.StopTimer()
		ctx, done := context.WithTimeout(context.Background(), 30*time.Second)
		if err := d.Stop(ctx); err != nil {
			b.Error(err)
		}
		done()
		b.StartTimer()
	}
	b.ReportMetric(quantile(bare, 0.5), "bare-read-ms")
	b.ReportMetric(quantile(first, 0.5), "first-command-ms")
	b.ReportMetric(quantile(first, 1), "first-command-max-ms")
	b.ReportMetric(quantile(overdue, 1), "overdue-done-max-ms")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkOpenIncident measures what each open incident costs in memory: the live heap with the store open and the states of all 1,000 in the
// engine's cache, less the heap before the store was opened. The incidents of BenchmarkRestart are used.
//
//	go test ./bot -run - -bench OpenIncident -benchtime 1x
func BenchmarkOpenIncident(b *testing.B) {
	dir, begun := history(b)
	current, src := policy.Default()
	live := func() float64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.GC()
		runtime.ReadMemStats(&m)
		return float64(m.HeapAlloc)
	}
	for b.Loop() {
		c := clock.New()
		c.Advance(begun.Add(downUntil).Sub(c.Now()))
		empty := live()
		store, err := bolt.Open(dir, bolt.Options{Clock: c.Now, NoSync: true})
		if err != nil {
			b.Fatal(err)
		}
		opened := live()
		e := engine.New(engine.Options{Store: store, Clock: c, Policies: defaults{&current, src}})
		for n := range pastOpen {
			if _, err := e.State(b.Context(), incident.NewID(int64(pastClosed+n+1))); err != nil {
				b.Fatal(err)
			}
		}
		loaded := live()
		runtime.KeepAlive(e)
		b.ReportMetric((opened-empty)/pastOpen/1024, "index-KiB/incident")
		b.ReportMetric((loaded-opened)/pastOpen/1024, "state-KiB/incident")
		b.ReportMetric((loaded-empty)/pastOpen/1024, "KiB/incident")
		if err := store.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(0, "ns/op")
}

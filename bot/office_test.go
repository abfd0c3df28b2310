package bot

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"github.com/tocsin-bot/tocsin/bot/clock"
	"github.com/tocsin-bot/tocsin/bot/engine"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/journal"
	"github.com/tocsin-bot/tocsin/bot/journal/bolt"
	"github.com/tocsin-bot/tocsin/bot/journal/redis"
	"github.com/tocsin-bot/tocsin/bot/policy"
	"github.com/tocsin-bot/tocsin/bot/view"
	"github.com/tocsin-bot/tocsin/commands"
	"github.com/tocsin-bot/tocsin/runbooks"
)

type embedded struct{}

func (embedded) Current() (*incident.Policy, []byte)         { p, src := policy.Default(); return &p, src }
func (embedded) Decode(src []byte) (*incident.Policy, error) { return policy.Parse("frozen", src) }

// together is an office that lets nobody act before everybody has looked at the list.
type together struct {
	*office
	looked *sync.WaitGroup
}

func (o together) List(ctx context.Context, open bool, limit int) ([]view.Row, error) {
	rows, err := o.office.List(ctx, open, limit)
	o.looked.Done()
	o.looked.Wait()
	return rows, err
}

// stores are a bolt store, and two connections to one Redis.
func stores(t *testing.T, c *clock.Clock) map[string][]journal.Store {
	b, err := bolt.Open(t.TempDir(), bolt.Options{Clock: c.Now, NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	m := miniredis.NewMiniRedis()
	m.ClockTTL(true)
	t.Cleanup(m.Close)
	var rs []journal.Store
	for range 2 {
		r, err := redis.Open(context.Background(), "redis://127.0.0.1:1", redis.Options{Installation: "test", Dialer: func(context.Context, string, string) (net.Conn, error) { return m.Dial() }})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = r.Close() })
		rs = append(rs, r)
	}
	return map[string][]journal.Store{"bolt": {b, b}, "redis": rs}
}

// Of two who declare the same thing in the same instant, each having seen that nothing is open, one opens the room and the other is asked
// whether to join it. Who insists gets a room of their own, and once the first is over the title is free again.
func TestDeclaredTwiceInTheSameInstant(t *testing.T) {
	c := clock.New()
	lib, err := runbooks.Default()
	if err != nil {
		t.Fatal(err)
	}
	for name, two := range stores(t, c) {
		t.Run(name, func(t *testing.T) {
			var offices []*office
			for n, s := range two {
				offices = append(offices, &office{engine: engine.New(engine.Options{Store: s, Clock: c, Policies: embedded{}, Owner: fmt.Sprint("r", n)}), journal: s})
			}
			desk := func(o commands.Office) *commands.Counter {
				return commands.New(commands.Options{Office: o, Library: lib, Now: c.Now})
			}
			typed := func(d *commands.Counter, key, who, text string) commands.Reply {
				r, err := d.Command(context.Background(), commands.Call{Key: key, At: c.Now(), Actor: incident.Person{Slack: who, Name: who}, Channel: "C1", Text: text, Language: "en"})
				if err != nil {
					t.Error(err)
				}
				return r
			}
			for round := range 10 {
				word := "checkout" + strings.Repeat("o", round)
				var looked, done sync.WaitGroup
				looked.Add(2)
				replies := make([]commands.Reply, 2)
				for n, text := range []string{word + " is down in Lyon sev2", "Down in Lyon: " + word + "! sev1"} {
					done.Go(func() {
						replies[n] = typed(desk(together{offices[n], &looked}), fmt.Sprintf("slack/env/%d.%d", round, n), fmt.Sprint("U", n), "declare "+text)
					})
				}
				done.Wait()
				asked, anyway := -1, view.Button{}
				for n, r := range replies {
					if b, ok := insist(r); ok {
						asked, anyway = n, b
					}
				}
				rows, err := offices[0].List(context.Background(), true, 50)
				if err != nil || len(rows) != 1 || asked < 0 {
					t.Fatalf("round %d: %d rooms (%v), answers %+v", round, len(rows), err, replies)
				}
				for range 2 { // pressed twice, it opens one
					if _, err := desk(offices[asked]).Click(context.Background(), commands.Click{Key: fmt.Sprint("click/", round), At: c.Now(), Actor: incident.Person{Slack: "U1"}, Channel: "C1", Action: anyway.Action, Ref: anyway.Value, Language: "en"}); err != nil {
						t.Fatal(err)
					}
				}
				if rows, _ := offices[1].List(context.Background(), true, 50); len(rows) != 2 {
					t.Fatalf("round %d: %d rooms are open after somebody insisted", round, len(rows))
				}
				for _, row := range mustList(t, offices[0]) {
					in := engine.Input{Key: "end/" + string(row.ID), Actor: incident.Actor{Person: incident.Person{Slack: "U1"}}, Act: incident.Resolve{}, Route: engine.Route{ID: row.ID}}
					if _, err := offices[1].engine.Handle(context.Background(), in); err != nil {
						t.Fatal(err)
					}
				}
				typed(desk(offices[round%2]), fmt.Sprint("again/", round), "U3", "declare "+word+" is down in Lyon")
				rows = mustList(t, offices[0])
				if len(rows) != 1 {
					t.Fatalf("round %d: over, and still in the way: %d open", round, len(rows))
				}
				in := engine.Input{Key: "end/" + string(rows[0].ID), Actor: incident.Actor{Person: incident.Person{Slack: "U1"}}, Act: incident.Resolve{}, Route: engine.Route{ID: rows[0].ID}}
				if _, err := offices[0].engine.Handle(context.Background(), in); err != nil {
					t.Fatal(err)
				}
				c.Advance(time.Second)
			}
		})
	}
}

// insist is the button "open anyway" of an answer.
func insist(r commands.Reply) (view.Button, bool) {
	if r.Card != nil {
		for _, b := range r.Card.Blocks {
			row, _ := b.(view.Actions)
			for _, e := range row.Elements {
				if x, is := e.(view.Button); is && x.Action == view.ActionDeclare {
					return x, true
				}
			}
		}
	}
	return view.Button{}, false
}

func mustList(t *testing.T, o *office) []view.Row {
	t.Helper()
	rows, err := o.List(context.Background(), true, 50)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// The same envelope taken in by two replicas at once gets one answer: the room it opened.
func TestOneEnvelopeInTwoReplicas(t *testing.T) {
	c := clock.New()
	for name, two := range stores(t, c) {
		t.Run(name, func(t *testing.T) {
			for round := range 20 {
				var done sync.WaitGroup
				results := make([]commands.Result, 2)
				title := fmt.Sprint("ledger differs ", round)
				for n, s := range two {
					o := &office{engine: engine.New(engine.Options{Store: s, Clock: c, Policies: embedded{}, Owner: fmt.Sprint("r", n)}), journal: s}
					done.Go(func() {
						var err error
						results[n], err = o.Do(context.Background(), commands.Wish{Key: fmt.Sprint("env/", round), At: c.Now(), Who: incident.Person{Slack: "U1"}, Meaning: title, Act: incident.Declare{Title: incident.Say(title, 100), Severity: 3}})
						if err != nil {
							t.Error(err)
						}
					})
				}
				done.Wait()
				for _, r := range results {
					if r.Refusal != nil || r.ID == "" || r.ID != results[0].ID {
						t.Fatalf("round %d: %+v", round, results)
					}
				}
			}
		})
	}
}

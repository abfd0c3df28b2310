package slack

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/engine"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/sandbox/workspace"
	"github.com/tocsin-bot/tocsin/bot/slack/blocks"
	"github.com/tocsin-bot/tocsin/bot/view"
	"github.com/tocsin-bot/tocsin/commands"
)

// ledger is an engine that keeps what it is given, once by every key.
type ledger struct {
	mu    sync.Mutex
	keys  map[string]bool
	got   []engine.Input
	rooms map[string]incident.ID // of incidents, by channel
	ended map[string]time.Time   // when they ended, by channel
	since time.Time              // when they were declared
	hook  func(in engine.Input) error
}

func newLedger() *ledger {
	return &ledger{keys: map[string]bool{}, rooms: map[string]incident.ID{}, ended: map[string]time.Time{}}
}

func (g *ledger) Handle(ctx context.Context, in engine.Input) (engine.Outcome, error) {
	if in.Key == "" || in.Act == nil {
		return engine.Outcome{}, errors.New("an input without key or act")
	}
	g.mu.Lock()
	hook := g.hook
	g.mu.Unlock()
	if hook != nil {
		if err := hook(in); err != nil {
			return engine.Outcome{}, err
		}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	keys := append([]string{in.Key}, in.Same...)
	for _, k := range keys {
		if g.keys[k] {
			return engine.Outcome{First: 1, Duplicate: true}, nil
		}
	}
	if in.Route.ID == "" && g.rooms[in.Route.Channel] == "" {
		return engine.Outcome{Unrouted: true}, nil
	}
	for _, k := range keys {
		g.keys[k] = true
	}
	g.got = append(g.got, in)
	return engine.Outcome{Incident: "INC-1", First: int64(len(g.got)), Last: int64(len(g.got))}, nil
}

func (g *ledger) List(_ context.Context, open bool, _ int) ([]engine.Row, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	var rows []engine.Row
	for _, ch := range sortedKeys(g.rooms) {
		if row := (engine.Row{ID: g.rooms[ch], Channel: ch, Open: g.ended[ch].IsZero(), Declared: g.since, Ended: g.ended[ch]}); row.Open || !open {
			rows = append(rows, row)
		}
	}
	return rows, nil
}

// Events returns what was kept of an incident as events, as the engine would.
func (g *ledger) Events(_ context.Context, id incident.ID, from int64, limit int) ([]incident.Event, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	var out []incident.Event
	seq := int64(0)
	for _, in := range g.got {
		if in.Route.ID != id && g.rooms[in.Route.Channel] != id {
			continue
		}
		seq++
		e := incident.Event{Seq: seq, At: in.At, Actor: in.Actor}
		switch a := in.Act.(type) {
		case incident.Message:
			e.Fact = &a.Message
		case incident.EditMessage:
			e.Fact = &a.Edit
		case incident.DeleteMessage:
			e.Fact = &a.Delete
		case incident.Gap:
			e.Fact = &a.Gap
		default:
			return nil, fmt.Errorf("no fact for %T", a)
		}
		if seq >= from && len(out) < limit {
			out = append(out, e)
		}
	}
	return out, nil
}

func (g *ledger) setHook(f func(in engine.Input) error) {
	g.mu.Lock()
	g.hook = f
	g.mu.Unlock()
}

func (g *ledger) inputs() []engine.Input {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.got)
}

// said are the inputs as short lines.
func (g *ledger) said() []string {
	var out []string
	for _, in := range g.inputs() {
		switch a := in.Act.(type) {
		case incident.Message:
			s := "+" + a.Message.Text.Body
			if a.Message.Thread != "" {
				s = "re:" + s
			}
			if a.Message.Caught {
				s += " (caught)"
			}
			out = append(out, s)
		case incident.EditMessage:
			out = append(out, "~"+a.Edit.Text.Body)
		case incident.DeleteMessage:
			s := "-"
			if a.Delete.Found {
				s += " (found)"
			}
			out = append(out, s)
		case incident.Gap:
			out = append(out, "gap "+a.Gap.Why)
		}
	}
	return out
}

// keep are cursors.
type keep struct {
	mu sync.Mutex
	m  map[string]string
}

func (k *keep) Cursor(_ context.Context, n string) (string, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.m[n], nil
}

func (k *keep) SetCursor(_ context.Context, n, v string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.m[n] = v
	return nil
}

// desk answers by functions; what is not expected is an error.
type desk struct {
	command func(c commands.Call) (commands.Reply, error)
	click   func(c commands.Click) (commands.Reply, error)
	submit  func(s commands.Submission) (commands.Reply, error)
	homes   int
}

func (d *desk) Command(_ context.Context, c commands.Call) (commands.Reply, error) {
	if d.command == nil {
		return commands.Reply{}, errors.New("no command expected")
	}
	return d.command(c)
}

func (d *desk) Click(_ context.Context, c commands.Click) (commands.Reply, error) {
	if d.click == nil {
		return commands.Reply{}, errors.New("no click expected")
	}
	return d.click(c)
}

func (d *desk) Submit(_ context.Context, s commands.Submission) (commands.Reply, error) {
	if d.submit == nil {
		return commands.Reply{}, errors.New("no submission expected")
	}
	return d.submit(s)
}

func (d *desk) Home(_ context.Context, who incident.Person, _ string) (view.Card, error) {
	d.homes++
	return card("home of " + who.Slack), nil
}

func card(s string) view.Card {
	return view.Card{Summary: plain(s), Blocks: []view.Block{view.Section{Text: plain(s)}}}
}

// say1en is what the receiver says under a key, in English.
func say1en(key string) string { return blocks.Text(say("en", key), blocks.Options{}) }

func cardp(s string) *view.Card { c := card(s); return &c }

// ear is a running receiver.
type ear struct {
	*lab
	r    *Receiver
	g    *ledger
	d    *desk
	k    *keep
	room string // channel of INC-1
	mu   sync.Mutex
	away []string
	stop func() error
	ctx  context.Context
	base workspace.EnvelopeStats // before the test acted
}

// hearing runs f with a receiver that hears an incident's room, in a bubble.
func hearing(t *testing.T, opt workspace.Options, f func(e *ear)) {
	t.Helper()
	bubble(t, opt, func(l *lab) {
		e := l.ear()
		e.start()
		time.Sleep(30 * time.Second) // both sockets
		e.base = l.w.Envelopes()
		f(e)
		if err := e.stop(); err != nil {
			t.Errorf("Run: %v", err)
		}
	})
}

func (l *lab) ear() *ear {
	l.t.Helper()
	ch := must[room](l.t)(l.client.createChannel(context.Background(), "inc-1", false))
	if err := l.client.invite(context.Background(), ch.ID, "U0ALICE01", "U0BOB0001"); err != nil {
		l.t.Fatal(err)
	}
	e := &ear{lab: l, g: newLedger(), d: &desk{}, k: &keep{m: map[string]string{}}, room: ch.ID, ctx: context.Background()}
	e.g.rooms[ch.ID] = "INC-1"
	e.g.since = l.clock.Now()
	return e
}

// start begins a life of the receiver; state other than the ledger's is new.
func (e *ear) start() {
	e.t.Helper()
	var err error
	e.r, err = NewReceiver(ReceiverOptions{
		Client: e.client, Clock: e.clock, Engine: e.g, Desk: e.d, List: e.g, Cursors: e.k, Directory: NewDirectory(e.client, e.clock), Dial: e.net.dial,
		Language: "en",
		Away: func(_ context.Context, what string, from, to time.Time) error {
			e.mu.Lock()
			defer e.mu.Unlock()
			e.away = append(e.away, fmt.Sprintf("%s %v", what, to.Sub(from).Round(time.Second)))
			return nil
		},
		ByHand: func(string) catalog.Text { return plain("Ring +33 1 23.") },
	})
	if err != nil {
		e.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- e.r.Run(ctx) }()
	e.stop = func() error { cancel(); return <-ended }
}

func (e *ear) post(who, text string, opts ...workspace.PostOption) workspace.Message {
	e.t.Helper()
	m := must[workspace.Message](e.t)(e.w.As(who).Post(e.room, text, opts...))
	e.pass()
	return m
}

// absences are what was told of them.
func (e *ear) absences() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.away)
}

// pass lets what was done arrive: with two sockets, two things done at the same moment have no order.
func (e *ear) pass() { time.Sleep(10 * time.Millisecond) }

func (e *ear) ok(err error) {
	e.t.Helper()
	if err != nil {
		e.t.Fatal(err)
	}
}

// want asserts what the engine recorded.
func (e *ear) want(lines ...string) {
	e.t.Helper()
	synctest.Wait()
	if got := e.g.said(); !slices.Equal(got, lines) {
		e.t.Errorf("recorded\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(lines, "\n"))
	}
}

func TestMessagesBecomeInputs(t *testing.T) {
	hearing(t, workspace.Options{}, func(e *ear) {
		first := e.post("alice", "checkout <down> & out, see https://x.example/a @bob #general")
		time.Sleep(time.Second)
		reply := must[workspace.Message](t)(e.w.As("bob").Reply(e.room, first.TS, "on it"))
		e.pass()
		e.ok(e.w.As("alice").Edit(e.room, first.TS, "checkout is down"))
		e.pass()
		e.ok(e.w.As("bob").Delete(e.room, reply.TS))
		e.pass()
		must[workspace.Message](t)(e.w.As("alice").Upload(e.room, "graph.png", []byte("x"), "the graph"))
		// None of these is anybody saying something in an incident.
		e.ok(e.w.As("alice").SetTopic(e.room, "x"))
		e.ok(e.w.As("carol").Join(e.room))
		must[workspace.Message](t)(e.w.As("alice").Post("general", "elsewhere"))
		must[incident.Report](t)(e.performer(nil).Do(e.ctx, e.owed("own", incident.Effect{Do: incident.Post, To: incident.ToIncident, View: "own"}), e.state(e.room)))
		time.Sleep(time.Second)
		e.want("+checkout <down> & out, see https://x.example/a @bob #general", "re:+on it", "~checkout is down", "-", "+the graph")

		ins := e.g.inputs()
		at, _ := parseTS(first.TS)
		m := ins[0].Act.(incident.Message).Message
		if !ins[0].At.Equal(at) || ins[0].Actor.Person != (incident.Person{Slack: "U0ALICE01", Name: "alice"}) || ins[0].Via != incident.ViaSlack || ins[0].Route.Channel != e.room || m.TS != first.TS {
			t.Errorf("%+v", ins[0])
		}
		if !slices.Equal(ins[0].Same, []string{"msg/" + e.room + "/" + first.TS}) || !strings.HasPrefix(ins[0].Key, "slack/env/") {
			t.Errorf("keys %v %v", ins[0].Key, ins[0].Same)
		}
		if r := ins[1].Act.(incident.Message).Message; r.Thread != first.TS {
			t.Errorf("thread %q", r.Thread)
		}
		ed := ins[2].Act.(incident.EditMessage).Edit
		if !slices.Equal(ins[2].Same, []string{"msg/" + e.room + "/" + first.TS + "/" + ed.EditTS}) {
			t.Errorf("keys %v", ins[2].Same)
		}
		if !slices.Equal(ins[3].Same, []string{"msg/" + e.room + "/" + reply.TS + "/deleted"}) {
			t.Errorf("keys %v", ins[3].Same)
		}
		if f := ins[4].Act.(incident.Message).Message.Files; len(f) != 1 || f[0].Name != "graph.png" {
			t.Errorf("files %+v", f)
		}
		if s := e.w.Envelopes(); s.Lost != 0 || s.Waiting != 0 || s.Redelivered != e.base.Redelivered {
			t.Errorf("envelopes %+v", s)
		}
	})
}

func TestOneEventHoweverOftenItComes(t *testing.T) {
	hearing(t, workspace.Options{}, func(e *ear) {
		e.w.Faults().DuplicateNext(1)
		e.post("alice", "one")
		time.Sleep(time.Second)
		e.w.Faults().LoseNext(1)
		e.post("alice", "two")
		time.Sleep(time.Minute)
		// The answer is lost, not the work: the engine has it, the acknowledgement never goes out.
		once := true
		e.g.setHook(func(in engine.Input) error {
			if once {
				once = false
				e.g.setHook(nil)
				if _, err := e.g.Handle(e.ctx, in); err != nil {
					return err
				}
				return engine.ErrUnknown
			}
			return nil
		})
		e.post("alice", "three")
		time.Sleep(10 * time.Minute)
		e.want("+one", "+two", "+three")
		if s := e.w.Envelopes(); s.Lost != 0 || s.Waiting != 0 || s.Redelivered == e.base.Redelivered || s.Duplicated == 0 {
			t.Errorf("envelopes %+v", s)
		}
	})
}

func TestAnEventThatFailedIsNotAcknowledged(t *testing.T) {
	hearing(t, workspace.Options{}, func(e *ear) {
		var down atomic.Bool
		down.Store(true)
		e.g.setHook(func(engine.Input) error {
			if down.Load() {
				return errors.New("the store does not answer")
			}
			return nil
		})
		e.post("alice", "while the store is down")
		time.Sleep(10 * time.Second)
		if s := e.w.Envelopes(); s.Acked != e.base.Acked {
			t.Errorf("acknowledged without being recorded: %+v", s)
		}
		down.Store(false)
		time.Sleep(2 * time.Minute)
		if n := len(e.g.said()); n != 1 {
			t.Errorf("recorded %v", e.g.said())
		}
	})
}

func TestAStoreDownForLongerThanSlackRepeats(t *testing.T) {
	hearing(t, workspace.Options{}, func(e *ear) {
		var down atomic.Bool
		down.Store(true)
		e.g.setHook(func(engine.Input) error {
			if down.Load() {
				return errors.New("the store does not answer")
			}
			return nil
		})
		e.post("alice", "long ago")
		time.Sleep(time.Hour)
		if s := e.w.Envelopes(); s.Lost != 1 {
			t.Fatalf("envelopes %+v", s)
		}
		down.Store(false)
		time.Sleep(10 * time.Minute)
		e.want("+long ago (caught)")
	})
}

func TestOrderInAChannelAndNoWaitingBetweenChannels(t *testing.T) {
	hearing(t, workspace.Options{}, func(e *ear) {
		other := must[workspace.Channel](t)(e.w.As("alice").CreateChannel("inc-2", false))
		e.ok(e.w.As("alice").InviteTo(other.ID, e.app.BotUserID))
		e.g.mu.Lock()
		e.g.rooms[other.ID] = "INC-2"
		e.g.mu.Unlock()
		hold := make(chan struct{})
		e.g.setHook(func(in engine.Input) error {
			if in.Route.Channel == e.room {
				<-hold
			}
			return nil
		})
		var want []string
		for i := range 20 {
			e.post("alice", fmt.Sprint(i))
			want = append(want, fmt.Sprintf("+%d", i))
		}
		must[workspace.Message](t)(e.w.As("alice").Post(other.ID, "elsewhere"))
		e.want("+elsewhere")
		close(hold)
		e.want(append([]string{"+elsewhere"}, want...)...)
	})
}

func TestMoreThanAQueueHolds(t *testing.T) {
	hearing(t, workspace.Options{}, func(e *ear) {
		hold := make(chan struct{})
		e.g.setHook(func(engine.Input) error { <-hold; return nil })
		n := maxPerKey + 50
		for i := range n {
			e.post("alice", fmt.Sprint("m", i))
		}
		synctest.Wait()
		if s := e.r.Status(); s.Refused == 0 {
			t.Errorf("nothing was refused: %+v", s)
		}
		close(hold)
		time.Sleep(20 * time.Minute)
		if got := len(e.g.said()); got != n {
			t.Errorf("%d of %d recorded", got, n)
		}
	})
}

func (e *ear) command(text string) workspace.Outcome {
	e.t.Helper()
	return must[workspace.Outcome](e.t)(e.w.As("alice").Command(e.ctx, e.room, "/incident", text))
}

func TestCommandIsAnsweredInItsAcknowledgement(t *testing.T) {
	hearing(t, workspace.Options{Apps: []workspace.App{{EscapeCommands: true}}}, func(e *ear) {
		var got commands.Call
		e.d.command = func(c commands.Call) (commands.Reply, error) {
			got = c
			return commands.Reply{Card: cardp("recorded <b>"), Public: strings.HasPrefix(c.Text, "loud")}, nil
		}
		out := e.command("sev 1 a<b & @bob #general https://x.example/?a=1&b=2")
		if out.Status != workspace.Acked || out.Message == nil || out.Message.Text != "recorded &lt;b&gt;" || !out.Message.Ephemeral {
			t.Fatalf("%+v", out)
		}
		general, _ := e.w.Channel("general")
		if want := "sev 1 a<b & <@U0BOB0001|bob> <#" + general.ID + "|general> https://x.example/?a=1&b=2"; got.Text != want {
			t.Errorf("text %q\nwant %q", got.Text, want)
		}
		if got.Actor != (incident.Person{Slack: "U0ALICE01", Name: "alice"}) || got.Channel != e.room || !strings.HasPrefix(got.Key, "slack/env/") || got.Language != "en" || got.At.IsZero() {
			t.Errorf("%+v", got)
		}
		if out := e.command("loud"); out.Message == nil || out.Message.Ephemeral {
			t.Errorf("%+v", out)
		}
	})
}

func TestSlowCommandIsAnsweredTwice(t *testing.T) {
	hearing(t, workspace.Options{}, func(e *ear) {
		var committed atomic.Bool
		e.d.command = func(commands.Call) (commands.Reply, error) {
			time.Sleep(7 * time.Second)
			committed.Store(true)
			return commands.Reply{Card: cardp("INC-7 is open")}, nil
		}
		at := time.Now()
		out := e.command("declare")
		if out.Status != workspace.Acked || time.Since(at) != answerWithin || committed.Load() {
			t.Fatalf("%+v after %v", out, time.Since(at))
		}
		contains(t, "the acknowledgement", out.Message.Text, say1en(sayUnknownYet))
		time.Sleep(10 * time.Second)
		seen := e.w.Ephemerals("alice", e.room)
		if len(seen) != 2 || seen[1].Text != "INC-7 is open" {
			t.Errorf("%+v", seen)
		}
		if s := e.r.Status(); s.Late != 1 {
			t.Errorf("%+v", s)
		}
	})
}

func TestCommandBehindASlowOneIsAnsweredInTime(t *testing.T) {
	hearing(t, workspace.Options{}, func(e *ear) {
		e.d.command = func(c commands.Call) (commands.Reply, error) {
			time.Sleep(3 * time.Second)
			return commands.Reply{Card: cardp("done " + c.Text)}, nil
		}
		var wg sync.WaitGroup
		for _, s := range []string{"a", "b", "c"} {
			wg.Go(func() {
				if out := e.command(s); out.Status != workspace.Acked {
					t.Errorf("%s: %+v", s, out)
				}
			})
		}
		wg.Wait()
		time.Sleep(20 * time.Second)
		var texts []string
		for _, m := range e.w.Ephemerals("alice", e.room) {
			texts = append(texts, m.Text)
		}
		for _, s := range []string{"done a", "done b", "done c"} {
			if !has(texts, s) {
				t.Errorf("no %q in %q", s, texts)
			}
		}
	})
}

func TestCommandThatFails(t *testing.T) {
	hearing(t, workspace.Options{}, func(e *ear) {
		e.d.command = func(commands.Call) (commands.Reply, error) { return commands.Reply{}, errors.New("disk full xoxb-1") }
		out := e.command("declare")
		contains(t, "answer", out.Message.Text, say1en(sayNotRecorded))
		contains(t, "answer", out.Message.Text, "Ring +33 1 23.")
		if strings.Contains(out.Message.Text, "disk") {
			t.Error("the fault's inside is shown to people")
		}

		// What failed is said as what it is: the store is not blamed for a crowd.
		for _, c := range []struct {
			err error
			key string
		}{
			{fmt.Errorf("commit: %w", engine.ErrBusy), sayBusy},
		} {
			e.d.command = func(commands.Call) (commands.Reply, error) { return commands.Reply{}, c.err }
			out = e.command("cover")
			contains(t, "answer", out.Message.Text, say1en(c.key))
			if strings.Contains(out.Message.Text, "the store") {
				t.Errorf("%v: %s", c.err, out.Message.Text)
			}
		}

		// In doubt: the same key is asked again.
		var keys []string
		e.d.command = func(c commands.Call) (commands.Reply, error) {
			keys = append(keys, c.Key)
			if len(keys) < 3 {
				return commands.Reply{}, fmt.Errorf("commit: %w", engine.ErrUnknown)
			}
			return commands.Reply{Card: cardp("it was recorded")}, nil
		}
		out = e.command("declare")
		contains(t, "answer", out.Message.Text, say1en(sayUnknownYet))
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if len(keys) != 3 || keys[0] != keys[1] || keys[1] != keys[2] {
			t.Errorf("keys %v", keys)
		}
		if seen := e.w.Ephemerals("alice", e.room); seen[len(seen)-1].Text != "it was recorded" {
			t.Errorf("%+v", seen)
		}
	})
}

func TestAnswerTooLargeForTheSocket(t *testing.T) {
	hearing(t, workspace.Options{}, func(e *ear) {
		e.d.command = func(commands.Call) (commands.Reply, error) {
			c := view.Card{Summary: plain("long")}
			for i := range 40 {
				c.Blocks = append(c.Blocks, view.Section{Text: plain(fmt.Sprint(i, strings.Repeat(" é<", 60)))}, view.Actions{Elements: []view.Element{
					view.Button{Action: "x", Label: plain("x"), Value: view.Ref{Incident: "INC-1", Note: strings.Repeat("n", 800)}}}})
			}
			return commands.Reply{Card: &c}, nil
		}
		out := e.command("list")
		if out.Status != workspace.Acked || out.Message != nil {
			t.Fatalf("%+v", out)
		}
		time.Sleep(time.Second)
		if seen := e.w.Ephemerals("alice", e.room); len(seen) != 1 || seen[0].Text != "long" {
			t.Errorf("%d answers", len(seen))
		}
	})
}

func TestClicks(t *testing.T) {
	hearing(t, workspace.Options{}, func(e *ear) {
		ref := view.Ref{Incident: "INC-1", Seq: 3}
		c := view.Card{Summary: plain("head"), Blocks: []view.Block{view.Actions{Elements: []view.Element{
			view.Button{Action: "ack", Label: plain("Ack"), Value: ref},
			view.Button{Action: "ack", Label: plain("Ack"), Value: view.Ref{Incident: "INC-2"}},
			view.Menu{Action: "sev", Value: ref, Options: []view.Option{{Label: plain("1"), Value: "1"}, {Label: plain("2"), Value: "2"}}},
			view.People{Action: "lead", Value: ref},
			view.Button{Label: plain("Call"), URL: "https://meet.example/"},
		}}}}
		p := e.performer(func(o *PerformerOptions) { o.Render = cards{card: func(incident.Owed) view.Card { return c }} })
		rep := must[incident.Report](t)(p.Do(e.ctx, e.owed("head", incident.Effect{Do: incident.Post, To: incident.ToIncident}), e.state(e.room)))
		var got []commands.Click
		e.d.click = func(c commands.Click) (commands.Reply, error) {
			got = append(got, c)
			return commands.Reply{Card: cardp(c.Action + " " + c.Ref.Incident + " " + c.Chosen)}, nil
		}
		alice := e.w.As("alice")
		for _, f := range []func() (workspace.Outcome, error){
			func() (workspace.Outcome, error) { return alice.Click(e.ctx, e.room, rep.TS, "ack") },
			func() (workspace.Outcome, error) { return alice.Click(e.ctx, e.room, rep.TS, "ack~2") },
			func() (workspace.Outcome, error) { return alice.Select(e.ctx, e.room, rep.TS, "sev", "2") },
			func() (workspace.Outcome, error) {
				return alice.Select(e.ctx, e.room, rep.TS, "lead", "U0BOB0001")
			},
			func() (workspace.Outcome, error) { return alice.Click(e.ctx, e.room, rep.TS, "open") },
		} {
			if out := must[workspace.Outcome](t)(f()); out.Status != workspace.Acked {
				t.Fatalf("%+v", out)
			}
			time.Sleep(time.Second)
		}
		var said []string
		for _, m := range e.w.Ephemerals("alice", e.room) {
			said = append(said, m.Text)
		}
		if want := []string{"ack INC-1", "ack INC-2", "sev INC-1 2", "lead INC-1 U0BOB0001"}; !slices.Equal(said, want) {
			t.Errorf("%q, want %q", said, want)
		}
		for _, c := range got {
			if c.Channel != e.room || c.Message != rep.TS || c.At.IsZero() || c.Actor.Slack != "U0ALICE01" {
				t.Errorf("%+v", c)
			}
		}
		// A slow click: the button's wheel stops, and both words follow.
		e.d.click = func(c commands.Click) (commands.Reply, error) {
			time.Sleep(4 * time.Second)
			return commands.Reply{}, nil
		}
		must[workspace.Outcome](t)(alice.Click(e.ctx, e.room, rep.TS, "ack"))
		time.Sleep(10 * time.Second)
		seen := e.w.Ephemerals("alice", e.room)[4:]
		if len(seen) != 2 || !strings.HasPrefix(seen[0].Text, say1en(sayUnknownYet)) || seen[1].Text != say1en(sayRecorded) {
			t.Errorf("%+v", seen)
		}
	})
}

func declare() *view.Form {
	return &view.Form{ID: "declare", Title: plain("Declare"), Submit: plain("Declare"), Ref: view.Ref{Note: "C1"}, Blocks: []view.Block{
		view.Input{ID: "title", Label: plain("Title"), Field: view.TextField{}},
		view.Input{ID: "sev", Label: plain("Severity"), Field: view.ChoiceField{Options: []view.Option{{Label: plain("1"), Value: "1"}, {Label: plain("2"), Value: "2"}}}},
		view.Input{ID: "who", Label: plain("Who"), Optional: true, Field: view.PersonField{}},
	}}
}

func TestForms(t *testing.T) {
	hearing(t, workspace.Options{}, func(e *ear) {
		alice := e.w.As("alice")
		open := func() workspace.View {
			t.Helper()
			e.d.command = func(commands.Call) (commands.Reply, error) { return commands.Reply{Form: declare()}, nil }
			e.command("")
			time.Sleep(time.Second)
			vs := e.w.Views("alice")
			if len(vs) != 1 || vs[0].Title != "Declare" {
				t.Fatalf("views %+v", vs)
			}
			return vs[0]
		}
		submit := func(v workspace.View) workspace.Outcome {
			t.Helper()
			return must[workspace.Outcome](t)(alice.Submit(e.ctx, v.ID, map[string]map[string]any{"title": {"title": "checkout <x>"}, "sev": {"sev": "2"}, "who": {"who": "U0BOB0001"}}))
		}
		var got commands.Submission
		e.d.submit = func(s commands.Submission) (commands.Reply, error) { got = s; return commands.Reply{}, nil }
		if out := submit(open()); out.Status != workspace.Acked || len(out.Views) != 0 {
			t.Fatalf("%+v", out)
		}
		if got.Form != "declare" || got.Ref.Note != "C1" || got.Answers["title"] != "checkout <x>" || got.Answers["sev"] != "2" || got.Answers["who"] != "U0BOB0001" || got.Actor.Slack != "U0ALICE01" {
			t.Errorf("%+v", got)
		}
		for name, c := range map[string]struct {
			reply commands.Reply
			err   error
			slow  time.Duration
			check func(out workspace.Outcome)
		}{
			"errors stay in the form": {reply: commands.Reply{Errors: map[string]catalog.Text{"title": plain("too short")}}, check: func(out workspace.Outcome) {
				if out.Errors["title"] != "too short" || len(out.Views) != 1 {
					t.Errorf("%+v", out)
				}
			}},
			"a failure keeps what was typed": {err: errors.New("no"), check: func(out workspace.Outcome) {
				contains(t, "error", out.Errors["title"], "Not recorded")
			}},
			"a card takes the form's place": {reply: commands.Reply{Card: cardp("INC-9 looks alike")}, check: func(out workspace.Outcome) {
				if len(out.Views) != 1 || !strings.Contains(string(out.Views[0].Blocks), "INC-9 looks alike") {
					t.Errorf("%+v", out)
				}
			}},
			"another form": {reply: commands.Reply{Form: &view.Form{ID: "two", Title: plain("Two"), Blocks: []view.Block{view.Section{Text: plain("x")}}}}, check: func(out workspace.Outcome) {
				if len(out.Views) != 1 || out.Views[0].CallbackID != "two" {
					t.Errorf("%+v", out)
				}
			}},
			"slow": {reply: commands.Reply{Card: cardp("INC-9 is open")}, slow: 5 * time.Second, check: func(out workspace.Outcome) {
				if len(out.Views) != 1 || !strings.Contains(string(out.Views[0].Blocks), say1en(sayUnknownYet)) {
					t.Errorf("%+v", out)
				}
				time.Sleep(5 * time.Second)
				if vs := e.w.Views("alice"); len(vs) != 1 || !strings.Contains(string(vs[0].Blocks), "INC-9 is open") {
					t.Errorf("%+v", vs)
				}
			}},
		} {
			t.Log(name)
			v := open()
			e.d.submit = func(commands.Submission) (commands.Reply, error) { time.Sleep(c.slow); return c.reply, c.err }
			out := submit(v)
			if out.Status != workspace.Acked {
				t.Fatalf("%s: %+v", name, out)
			}
			c.check(out)
		}
		// A desk that needs longer than the trigger lives.
		e.d.command = func(commands.Call) (commands.Reply, error) {
			time.Sleep(4 * time.Second)
			return commands.Reply{Form: declare()}, nil
		}
		e.command("")
		time.Sleep(5 * time.Second)
		seen := e.w.Ephemerals("alice", e.room)
		contains(t, "answer", seen[len(seen)-1].Text, say1en(sayNoForm))
	})
}

func TestHome(t *testing.T) {
	hearing(t, workspace.Options{}, func(e *ear) {
		e.ok(e.w.As("alice").OpenHome(e.app.AppID))
		time.Sleep(time.Second)
		v, ok := e.w.Home("alice")
		if !ok || !strings.Contains(string(v.Blocks), "home of U0ALICE01") {
			t.Errorf("%v %+v", ok, v)
		}
	})
}

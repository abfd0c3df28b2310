package commands

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tocsin-bot/tocsin/bot/clock"
	"github.com/tocsin-bot/tocsin/bot/engine"
	"github.com/tocsin-bot/tocsin/bot/house"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/journal"
	"github.com/tocsin-bot/tocsin/bot/journal/bolt"
	"github.com/tocsin-bot/tocsin/bot/policy"
	"github.com/tocsin-bot/tocsin/bot/slack/blocks"
	"github.com/tocsin-bot/tocsin/bot/view"
	"github.com/tocsin-bot/tocsin/runbooks"
)

var updateGoldens = flag.Bool("update", false, "write the goldens and the README's table of commands anew")

// The people of the tests. Only sam and lea are on no roster: sam declares, lea is somebody passing by.
var (
	sam  = incident.Person{Slack: "U0SAM", Name: "Sam"}
	lea  = incident.Person{Slack: "U0LEA", Name: "Léa"}
	tech = incident.Person{Slack: "U0TECH", Pager: "PTECH", Name: "Tomas"}
	prim = incident.Person{Slack: "U0PRIM", Pager: "PPRIM", Name: "Marc"}
)

const (
	outside = "C0GENERAL" // a channel that is no incident's
	direct  = "D0SAM"     // a direct message
)

// world is a desk over a real engine on a fresh embedded store, in a bubble: its clock stands still unless a test sleeps.
type world struct {
	*Counter
	t      *testing.T
	clock  *clock.Clock
	engine *engine.Engine
	store  *bolt.Store
	office *testOffice
	keys   int
	lang   string
	offers *bool
}

// Both are read once: every test has the same.
var (
	library, errLibrary = runbooks.Default()
	defaultPolicy       = func() testPolicies { p, src := policy.Default(); return testPolicies{&p, src} }()
)

// inWorld runs a test in a world of its own.
func inWorld(t *testing.T, language string, test func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		c := clock.New()
		if errLibrary != nil {
			t.Fatal(errLibrary)
		}
		store, err := bolt.Open(t.TempDir(), bolt.Options{Clock: c.Now, NoSync: true})
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := store.Close(); err != nil {
				t.Error(err)
			}
		}()
		p, src := *defaultPolicy.p, defaultPolicy.src
		p.Language = language
		lib, ps := library, testPolicies{&p, src}
		offers := new(bool)
		e := engine.New(engine.Options{Store: store, Clock: c, Policies: ps, Library: testLibrary{lib, offers}, Random: zeros{}, Filled: filledFrom(lib)})
		w := &world{t: t, clock: c, engine: e, store: store, lang: language, offers: offers, office: &testOffice{engine: e, lib: lib, names: map[string]incident.Person{}}}
		for _, x := range []incident.Person{sam, lea, tech, prim} {
			w.office.names[x.Slack] = x
		}
		w.Counter = New(Options{Office: w.office, Library: lib, Now: c.Now, Duties: testDuties{w.office}, Days: testDays{w.office}, Reviews: testReviews{w.office}})
		for target, who := range map[string]incident.Person{"primary": prim, "tech_lead": tech} {
			err := e.HandleHouse(t.Context(), "", house.Intent{Fact: &house.RosterSeen{Target: target, Source: "test", People: []house.Person{{Slack: who.Slack, Pager: who.Pager, Name: who.Name}}}})
			if err != nil {
				t.Fatal(err)
			}
		}
		test(w)
	})
}

// filledFrom fills the commands of a catalogue's runbooks.
func filledFrom(c *runbooks.Catalogue) func(context.Context, incident.State, incident.RunbookRef, string) incident.Filling {
	return func(_ context.Context, s incident.State, ref incident.RunbookRef, step string) incident.Filling {
		r, ok := c.ByDigest(ref.Digest)
		if !ok {
			return incident.Filling{}
		}
		return FillingOf(r, step, s)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// testPolicies is the default policy in the language of the test.
type testPolicies struct {
	p   *incident.Policy
	src []byte
}

func (x testPolicies) Current() (*incident.Policy, []byte)     { return x.p, x.src }
func (x testPolicies) Decode([]byte) (*incident.Policy, error) { return x.p, nil }

// testLibrary puts forward what fits where a test asks for it: most are about something else.
type testLibrary struct {
	c        *runbooks.Catalogue
	suggests *bool
}

// suggests lets declarations put runbooks forward.
func (w *world) suggests() { *w.offers = true }

func (l testLibrary) Suggest(title, service string, p *incident.Policy) []incident.Suggestion {
	if *l.suggests {
		return Suggest(l.c, p, title, service)
	}
	return nil
}

func (l testLibrary) ForAlert(alert, _ string, p *incident.Policy) ([]incident.RunbookRef, string) {
	if r, ok := l.c.ByAlert(alert, p.Language); ok {
		return []incident.RunbookRef{RefOf(r)}, incident.ByAlert
	}
	return nil, ""
}

func (l testLibrary) Source(digest string) ([]byte, bool) {
	r, ok := l.c.ByDigest(digest)
	if !ok {
		return nil, false
	}
	return []byte(r.Source), true
}

// testOffice is the engine as the desk sees it. Down makes everything that needs the store fail.
type testOffice struct {
	engine *engine.Engine
	lib    *runbooks.Catalogue
	names  map[string]incident.Person
	down   error
	fail   func(incident.Act) error // refuses single acts
	inside map[string]string        // channel -> Slack id

	noBlobs error // the runbooks' revisions cannot be read
}

func (o *testOffice) Do(ctx context.Context, w Wish) (Result, error) {
	if o.down != nil {
		return Result{}, o.down
	}
	if o.fail != nil {
		if err := o.fail(w.Act); err != nil {
			return Result{}, err
		}
	}
	in := engine.Input{Key: w.Key, At: w.At, Actor: incident.Actor{Person: w.Who}, Via: incident.ViaSlack, Act: w.Act, Route: engine.Route{ID: w.ID}}
	if _, ok := w.Act.(incident.Declare); ok {
		in.Route = engine.Route{New: true}
		if w.Meaning != "" {
			in.Route.Take = []string{engine.ClaimTitle(w.Meaning)}
		}
		if !w.Anyway {
			in.Route.Claims = in.Route.Take
		}
	}
	out, err := o.engine.Handle(ctx, in)
	if err != nil {
		return Result{}, err
	}
	return Result{ID: out.Incident, New: out.New, Refusal: out.Refusal, State: out.State, Events: out.Events}, nil
}

func (o *testOffice) State(ctx context.Context, id incident.ID) (incident.State, error) {
	if o.down != nil {
		return incident.State{}, o.down
	}
	s, err := o.engine.State(ctx, id)
	if errors.Is(err, journal.ErrNotFound) {
		return incident.State{}, nil
	}
	return s, err
}

func (o *testOffice) ByChannel(ctx context.Context, channel string) (incident.ID, bool, error) {
	if o.down != nil {
		return "", false, o.down
	}
	return o.engine.ByChannel(ctx, channel)
}

func (o *testOffice) List(ctx context.Context, open bool, limit int) ([]view.Row, error) {
	if o.down != nil {
		return nil, o.down
	}
	rows, err := o.engine.List(ctx, open, limit)
	var out []view.Row
	for _, r := range rows {
		out = append(out, view.Row(r))
	}
	return out, err
}

func (o *testOffice) Events(ctx context.Context, id incident.ID, from int64, limit int) ([]incident.Event, error) {
	if o.down != nil {
		return nil, o.down
	}
	return o.engine.Events(ctx, id, from, limit)
}

func (o *testOffice) OnCall(ctx context.Context) (incident.OnCall, error) {
	if o.down != nil {
		return nil, o.down
	}
	return o.engine.OnCall(ctx)
}

func (o *testOffice) Policy() *incident.Policy { return o.engine.Policy() }

func (o *testOffice) Runbook(_ context.Context, digest string) (*runbooks.Runbook, error) {
	if o.noBlobs != nil {
		return nil, o.noBlobs
	}
	if r, ok := o.lib.ByDigest(digest); ok {
		return r, nil
	}
	return nil, fmt.Errorf("no runbook %s", digest)
}

// Inside implements Office: who is in a private room without Tocsin having brought them there.
func (o *testOffice) Inside(_ context.Context, channel string, p incident.Person) bool {
	return o.inside[channel] == p.Slack
}

func (o *testOffice) Person(_ context.Context, p incident.Person) incident.Person {
	if known, ok := o.names[p.Slack]; ok {
		return known
	}
	return p
}

func (w *world) key() string { w.keys++; return fmt.Sprint("slack/env/", w.keys) }

// say is a person typing a command.
func (w *world) say(who incident.Person, channel, text string) Reply {
	w.t.Helper()
	return w.sayKeyed(w.key(), who, channel, text)
}

func (w *world) sayKeyed(key string, who incident.Person, channel, text string) Reply {
	w.t.Helper()
	r, err := w.Command(w.t.Context(), Call{Key: key, Actor: who, At: w.clock.Now(), Channel: channel, Text: text, Language: w.lang})
	if err != nil {
		w.t.Fatalf("%q: %v", text, err)
	}
	w.checkReply(text, r)
	return r
}

// press is a person pressing a button in a channel.
func (w *world) press(who incident.Person, channel, action string, ref view.Ref) Reply {
	w.t.Helper()
	return w.click(Click{Actor: who, Channel: channel, Message: "1.1", Action: action, Ref: ref})
}

func (w *world) click(k Click) Reply {
	w.t.Helper()
	if k.Key == "" {
		k.Key = w.key()
	}
	if k.Language == "" {
		k.Language = w.lang
	}
	k.At = w.clock.Now()
	r, err := w.Click(w.t.Context(), k)
	if err != nil {
		w.t.Fatalf("%s %+v: %v", k.Action, k.Ref, err)
	}
	w.checkReply(k.Action, r)
	return r
}

// submit is a person sending a form.
func (w *world) submit(who incident.Person, form string, ref view.Ref, answers map[string]string) Reply {
	w.t.Helper()
	r, err := w.Submit(w.t.Context(), Submission{Key: w.key(), Actor: who, At: w.clock.Now(), Form: form, Ref: ref, Answers: answers, Language: w.lang})
	if err != nil {
		w.t.Fatalf("%s %v: %v", form, answers, err)
	}
	w.checkReply(form, r)
	return r
}

// checkReply holds every reply of every test against what Slack takes.
func (w *world) checkReply(what string, r Reply) {
	w.t.Helper()
	if r.Card != nil {
		m := blocks.Message(*r.Card, blocks.Options{Language: w.lang})
		if err := blocks.Check(m.Blocks, false); err != nil {
			w.t.Errorf("%.80q: Slack would refuse the card: %v", what, err)
		}
		if len(r.Card.Summary) == 0 {
			w.t.Errorf("%.80q: the card has no summary", what)
		}
		j, err := m.JSON()
		if err != nil {
			w.t.Fatal(err)
		}
		var sent any
		if err := json.Unmarshal(j, &sent); err != nil {
			w.t.Fatal(err)
		}
		for _, s := range append(mrkdwn(sent), m.Text) {
			if strings.Contains(s, "<!channel") || strings.Contains(s, "<!here") || strings.Contains(s, "<!everyone") || strings.Contains(s, "<!subteam") {
				w.t.Errorf("%.80q: the card calls everybody: %s", what, s)
			}
		}
	}
	if r.Form != nil {
		if err := blocks.CheckModal(blocks.Modal(*r.Form, blocks.Options{Language: w.lang})); err != nil {
			w.t.Errorf("%.80q: Slack would refuse the form: %v", what, err)
		}
	}
}

// mrkdwn are the texts in which Slack would see a mention.
func mrkdwn(v any) []string {
	var out []string
	switch x := v.(type) {
	case map[string]any:
		if s, ok := x["text"].(string); ok && x["type"] == "mrkdwn" {
			out = append(out, s)
		}
		for _, y := range x {
			out = append(out, mrkdwn(y)...)
		}
	case []any:
		for _, y := range x {
			out = append(out, mrkdwn(y)...)
		}
	}
	return out
}

// declare opens an incident of SEV-2 and its room; it is nobody's page yet that was answered.
func (w *world) declare(title string) incident.State {
	w.t.Helper()
	r, err := w.office.Do(w.t.Context(), Wish{Key: w.key(), At: w.clock.Now(), Who: sam, Act: incident.Declare{Title: incident.Say(title, incident.MaxTitle), Severity: 2, From: outside}})
	if err != nil || r.Refusal != nil {
		w.t.Fatal(err, r.Refusal)
	}
	return w.open(r.State)
}

// alarm opens an incident for an alert, as Alertmanager does: nobody commands it.
func (w *world) alarm(name string) incident.State {
	w.t.Helper()
	out, err := w.engine.Handle(w.t.Context(), engine.Input{
		Key: w.key(), Actor: incident.Actor{System: incident.SystemAlertmanager}, Via: incident.ViaAlertmanager,
		Act:   incident.AlertsFired{Title: incident.Say(name, 100), Set: incident.AlertSet{Group: name, Name: name, Firing: 1, Digest: name}},
		Route: engine.Route{Claims: []string{engine.ClaimAlert(name)}, New: true, Take: []string{engine.ClaimAlert(name)}},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return w.open(out.State)
}

// open is the outbox having opened an incident's room.
func (w *world) open(s incident.State) incident.State {
	w.t.Helper()
	if s.ChannelID != "" {
		return s
	}
	id := room(s.ID)
	out, err := w.engine.Handle(w.t.Context(), engine.Input{Key: w.key(), Actor: incident.Actor{System: incident.SystemTocsin}, Via: incident.ViaOutbox, Route: engine.Route{ID: s.ID},
		Act: incident.Report{Effect: s.ChannelEff, Outcome: incident.OutcomeDone, Channel: id, Name: s.ChannelName}})
	if err != nil {
		w.t.Fatal(err)
	}
	if out.State.ChannelID != id {
		w.t.Fatalf("the room of %s did not open: %+v", s.ID, out)
	}
	return out.State
}

func room(id incident.ID) string { return strings.ReplaceAll("C0"+string(id), "-", "") }

func (w *world) state(id incident.ID) incident.State {
	w.t.Helper()
	s, err := w.office.State(w.t.Context(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

// since returns what was recorded about an incident after a state of it.
func (w *world) since(s incident.State) []incident.Event {
	w.t.Helper()
	ev, err := w.engine.Events(w.t.Context(), s.ID, s.Seq+1, 1000)
	if err != nil {
		w.t.Fatal(err)
	}
	return ev
}

// facts names the facts recorded after a state.
func (w *world) facts(s incident.State) []string {
	w.t.Helper()
	var out []string
	for _, e := range w.since(s) {
		out = append(out, e.Fact.Type())
	}
	return out
}

// quiet fails when anything was recorded about an incident after a state.
func (w *world) quiet(what string, s incident.State) {
	w.t.Helper()
	if got := w.facts(s); len(got) > 0 {
		w.t.Errorf("%.100q recorded %v in %s; nothing was to change", what, got, s.ID)
	}
}

// count is how many incidents there are.
func (w *world) count() int {
	w.t.Helper()
	rows, err := w.engine.List(w.t.Context(), false, 1000)
	if err != nil {
		w.t.Fatal(err)
	}
	return len(rows)
}

// text is what a reply says.
func text(r Reply) string {
	var b strings.Builder
	if r.Card != nil {
		b.WriteString(view.Plain(*r.Card, nil))
	}
	if r.Form != nil {
		b.WriteString(view.PlainForm(*r.Form, nil))
	}
	for _, id := range []string{view.InputTitle, view.InputSeverity, view.InputText, view.InputReason, view.InputNext, view.InputRole, view.InputPerson, view.InputRunbook, view.InputBranch, view.InputTarget} {
		if e, ok := r.Errors[id]; ok {
			fmt.Fprintf(&b, "! %s: %s\n", id, e.Plain(nil))
		}
	}
	if b.Len() == 0 {
		return "(silence)\n"
	}
	return b.String()
}

// wants fails unless a reply says every one of the words.
func (w *world) wants(what string, r Reply, words ...string) {
	w.t.Helper()
	for _, x := range words {
		if got := text(r); !strings.Contains(got, x) {
			w.t.Errorf("%.100q: the answer lacks %q:\n%s", what, x, got)
		}
	}
}

// buttons are the buttons of a reply with an action.
func buttons(r Reply, action string) []view.Button {
	if r.Card == nil {
		return nil
	}
	var out []view.Button
	for _, b := range r.Card.Blocks {
		a, _ := b.(view.Actions)
		for _, e := range a.Elements {
			if x, ok := e.(view.Button); ok && x.Action == action {
				out = append(out, x)
			}
		}
	}
	return out
}

// golden holds text against a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *updateGoldens {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v (go test ./commands -update writes it)", err)
	}
	if string(want) != got {
		t.Errorf("%s differs (go test ./commands -update, then look at the difference):\n--- got\n%s--- want\n%s", file, got, want)
	}
}

// sleep lets time pass and has the deadlines of an incident kept, minute by minute, as the driver would.
func (w *world) sleep(id incident.ID, d time.Duration) {
	w.t.Helper()
	for end := w.clock.Now().Add(d); w.clock.Now().Before(end); {
		time.Sleep(min(time.Minute, end.Sub(w.clock.Now())))
		if _, err := w.engine.Handle(w.t.Context(), engine.Input{Key: w.key(), Actor: incident.Actor{System: incident.SystemTocsin}, Via: incident.ViaClock, Act: incident.Tick{}, Route: engine.Route{ID: id}}); err != nil {
			w.t.Fatal(err)
		}
	}
}

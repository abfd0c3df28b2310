package commands

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/slack/blocks"
	"github.com/tocsin-bot/tocsin/bot/view"
	"github.com/tocsin-bot/tocsin/runbooks"
)

// paperOffice is one open incident and one that is over, on paper: it writes down what it is asked to do and does nothing.
type paperOffice struct {
	wishes []Wish
	states map[incident.ID]incident.State
}

func newPaper() *paperOffice {
	at := time.Date(2026, 11, 21, 3, 7, 0, 0, time.UTC)
	rb, _ := library.ByID("RB-001", "en")
	o := &paperOffice{states: map[incident.ID]incident.State{}}
	for id, status := range map[incident.ID]incident.Status{"INC-1": incident.Investigating, "INC-2": incident.Resolved} {
		o.states[id] = incident.State{
			ID: id, Seq: 9, Title: incident.Text{Body: "checkout is down"}, Source: incident.SourceHand, Severity: 2, Confirmed: true, Status: status, DetectedAt: at, DeclaredAt: at,
			SeverityAt: at, RecordedAt: at, ChannelID: room(id), ChannelName: "inc-x", Policy: defaultPolicy.p, Roles: map[incident.Role]incident.Holding{incident.Scribe: {Who: lea, Since: at}},
			Ladder: incident.Ladder{Level: 1, Round: 1, Since: at}, Runbooks: []incident.RunbookRun{{Ref: RefOf(rb), At: at, Current: rb.Steps[0].ID, Steps: map[string]incident.StepRun{rb.Steps[2].ID: {Mark: "done", By: lea, At: at}}}},
		}
	}
	return o
}

func (o *paperOffice) Do(_ context.Context, w Wish) (Result, error) {
	o.wishes = append(o.wishes, w)
	s := o.states[w.ID]
	if d, is := w.Act.(incident.Declare); is {
		s = incident.State{ID: "INC-3", Seq: 2, Title: d.Title, Severity: d.Severity, Status: incident.Investigating, Policy: defaultPolicy.p}
	}
	return Result{ID: s.ID, State: s}, nil
}

func (o *paperOffice) State(_ context.Context, id incident.ID) (incident.State, error) {
	return o.states[id], nil
}

func (o *paperOffice) ByChannel(_ context.Context, channel string) (incident.ID, bool, error) {
	for id := range o.states {
		if room(id) == channel {
			return id, true, nil
		}
	}
	return "", false, nil
}

func (o *paperOffice) List(_ context.Context, open bool, _ int) ([]view.Row, error) {
	rows := []view.Row{rowOf(o.states["INC-1"])}
	if !open {
		rows = append(rows, rowOf(o.states["INC-2"]))
	}
	return rows, nil
}

func (o *paperOffice) Events(context.Context, incident.ID, int64, int) ([]incident.Event, error) {
	return nil, nil
}
func (o *paperOffice) OnCall(context.Context) (incident.OnCall, error) {
	return incident.OnCall{"tech_lead": {People: []incident.Person{tech}}}, nil
}
func (o *paperOffice) Policy() *incident.Policy { return defaultPolicy.p }
func (o *paperOffice) Runbook(_ context.Context, digest string) (*runbooks.Runbook, error) {
	r, _ := library.ByDigest(digest)
	return r, nil
}
func (o *paperOffice) Inside(context.Context, string, incident.Person) bool        { return false }
func (o *paperOffice) Person(_ context.Context, p incident.Person) incident.Person { return p }

func (o *paperOffice) desk() *Counter {
	return New(Options{Office: o, Library: library, Now: func() time.Time { return time.Date(2026, 11, 21, 3, 12, 0, 0, time.UTC) }})
}

// sound holds a reply against what Slack takes.
func sound(t *testing.T, r Reply, lang string) {
	t.Helper()
	if r.Card != nil {
		if err := blocks.Check(blocks.Message(*r.Card, blocks.Options{Language: lang}).Blocks, false); err != nil {
			t.Fatal(err)
		}
	}
	if r.Form != nil {
		if err := blocks.CheckModal(blocks.Modal(*r.Form, blocks.Options{Language: lang})); err != nil {
			t.Fatal(err)
		}
	}
	if r.Card == nil && r.Form == nil && len(r.Errors) == 0 && !r.Close {
		t.Fatal("no answer")
	}
}

// Whatever is typed gets an answer that Slack takes, asks for at most one thing and a remark with it, and rings or declares only where a
// verb or a severity says so.
func FuzzCommand(f *testing.F) {
	for _, v := range Verbs() {
		for _, ex := range v.Examples {
			f.Add(ex.In, uint8(0))
			f.Add("INC-1 "+ex.In, uint8(1))
			f.Add(ex.In+" INC-2", uint8(2))
		}
	}
	for _, s := range []string{"", "sev1", "checkout is down sev1", "SEV 2: x y", "node is down sev2", "page the cto", "role <@U1|x> comms", "\u202e", "page 🔥", "#1", "inc-99999999999999999999", "note x INC-2", "sev1 INC-1"} {
		f.Add(s, uint8(0))
		f.Add(s, uint8(1))
	}
	f.Fuzz(func(t *testing.T, typed string, where uint8) {
		o := newPaper()
		lang := []string{"en", "fr"}[where%2]
		channel := []string{outside, room("INC-1"), room("INC-2"), direct, ""}[where/2%5]
		r, err := o.desk().Command(t.Context(), Call{Key: "k", Actor: sam, Channel: channel, Text: typed, Language: lang})
		if err != nil {
			t.Fatal(err)
		}
		sound(t, r, lang)
		if len(o.wishes) > 2 || len(o.wishes) == 2 && o.wishes[1].ID != o.wishes[0].ID {
			t.Fatalf("%d things were done", len(o.wishes))
		}
		w := strings.Fields(strings.ToLower(typed))
		has := func(words ...string) bool {
			for _, x := range words {
				if contains(w, x) {
					return true
				}
			}
			return false
		}
		for _, x := range o.wishes {
			switch a := x.Act.(type) {
			case incident.Declare:
				if _, sev := takeSeverity(typed); !sev.Valid() && !has("declare", "new", "open", "start") {
					t.Fatalf("%q declared %+v", typed, a)
				}
				if a.Title.Body == "" || utf8.RuneCountInString(a.Title.Body) > incident.MaxTitle {
					t.Fatalf("title %q", a.Title.Body)
				}
			case incident.PageOut, incident.SendHelp:
				if !has("page", "escalate") || len(w) < 2 {
					t.Fatalf("%q rang somebody: %+v", typed, a)
				}
			case incident.Resolve, incident.Cancel:
				if !has("resolve", "resolved", "close", "fixed", "cancel", "noise", "status") {
					t.Fatalf("%q ended it: %+v", typed, a)
				}
			}
		}
	})
}

// Whatever a button's value or a form's answers hold, there is an answer that Slack takes, and nobody is named by it.
func FuzzRef(f *testing.F) {
	seed := func(r view.Ref) {
		j, err := json.Marshal(r)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(j), "text", uint8(0))
	}
	for _, p := range pressings {
		r := p.ref
		r.Incident, r.Seq = "INC-1", 9
		seed(r)
	}
	for _, r := range garbage("INC-1") {
		seed(r)
	}
	f.Add("{", "", uint8(3))
	f.Add("[]", "1", uint8(40))
	f.Fuzz(func(t *testing.T, value, answer string, which uint8) {
		ref, err := blocks.ParseValue(value)
		if err != nil {
			ref = view.Ref{}
		}
		o := newPaper()
		d := o.desk()
		bs, fs := Buttons(), Forms()
		b := bs[int(which)%len(bs)]
		r, err := d.Click(t.Context(), Click{Key: "k", Actor: sam, Channel: direct, Action: b.Name, Ref: ref, Chosen: answer, Language: "en"})
		if err != nil {
			t.Fatal(err)
		}
		sound(t, r, "en")
		form := fs[int(which)%len(fs)]
		answers := map[string]string{}
		for _, id := range []string{view.InputTitle, view.InputSeverity, view.InputService, view.InputText, view.InputReason, view.InputNext, view.InputBranch, view.InputRole, view.InputRunbook} {
			answers[id] = answer
		}
		if r, err = d.Submit(t.Context(), Submission{Key: "k", Actor: sam, Form: form.Name, Ref: ref, Answers: answers, Language: "fr"}); err != nil {
			t.Fatal(err)
		}
		sound(t, r, "fr")
		for _, w := range o.wishes {
			if !w.Who.Same(sam) {
				t.Fatalf("%+v acts for somebody else", w)
			}
			if a, is := w.Act.(incident.SetRole); is && !a.Who.Zero() && !a.Who.Same(sam) && ref.Note != "" && b.Name != view.ActionPick {
				t.Fatalf("a value names a person: %+v", a)
			}
		}
	})
}

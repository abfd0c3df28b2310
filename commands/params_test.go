package commands

import (
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/engine"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/view"
	"github.com/tocsin-bot/tocsin/runbooks"
)

// openRunbookSource takes any value at all, so that the quoting alone stands between what is typed and who runs it.
const openRunbookSource = `---
id: RB-900
title: Anything
severity: SEV-3
alerts: []
owner: tech_lead
language: en
reviewed_on: 2026-11-21
parameters:
  x:
    what: Anything
    pattern: '.+'
    in_words: anything
    quoting: [shell, sql, text]
    example: e
    from: [label]
steps:
  one: {kind: diagnosis, minutes: 1}
---

# RB-900 · Anything

It is open.

## 1. One <a id="one"></a>

` + "```sh\nprintf '%s\\n' a{{x}}b --o={{x}} x{{x}}\n```\n\n```sql\nSELECT 1 WHERE a={{x}} AND b;\n```\n" + `
**Look for:** anything.
`

func openBook(t testing.TB) *runbooks.Runbook {
	t.Helper()
	r, err := runbooks.Parse("rb-900.md", []byte(openRunbookSource))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// shown are the commands on a runbook's card after somebody gave x a value: through the core, the step and the card.
func shown(t testing.TB, r *runbooks.Runbook, s incident.State) []string {
	t.Helper()
	src := view.Source{State: s, Step: StepOf(r, "one", s)}
	src.Owed.Effect.View, src.Owed.Effect.Arg = incident.ViewStep, r.ID
	card, err := view.Render(src)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, b := range card.Blocks {
		if sec, is := b.(view.Section); is && len(sec.Text) == 1 && sec.Text[0].Kind == catalog.Block {
			out = append(out, sec.Text[0].S)
		}
	}
	if len(out) != 2 {
		t.Fatalf("%d commands on the card: %q", len(out), out)
	}
	return out
}

// using is an incident that uses a runbook.
func using(t testing.TB, r *runbooks.Runbook) incident.State {
	t.Helper()
	at := time.Date(2026, 11, 21, 3, 7, 0, 0, time.UTC)
	p := *defaultPolicy.p
	s, _, err := incident.Apply(incident.State{}, incident.Intent{At: at, Now: at, Actor: incident.Actor{Person: sam}, Policy: &p, Number: 1, Act: incident.Declare{Title: incident.Say("x", 10), Severity: 3}})
	if err != nil {
		t.Fatal(err)
	}
	s, _, err = incident.Apply(s, incident.Intent{At: at, Now: at, Actor: incident.Actor{Person: sam}, Act: incident.StartRunbook{Runbook: RefOf(r)}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// shellWords splits a line as POSIX shells do: quotes and backslashes. Anything that is no plain word or quote is an error.
func shellWords(s string) ([]string, error) {
	var out []string
	var w strings.Builder
	in := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\'':
			j := strings.IndexByte(s[i+1:], '\'')
			if j < 0 {
				return nil, fmt.Errorf("a quote is left open")
			}
			w.WriteString(s[i+1 : i+1+j])
			i, in = i+1+j, true
		case c == '\\' && i+1 < len(s):
			i++
			w.WriteByte(s[i])
			in = true
		case c == ' ':
			if in {
				out = append(out, w.String())
			}
			w.Reset()
			in = false
		case strings.IndexByte("|&;<>()$`\"*?[#~={}!\n\t", c) >= 0 && (c != '=' || !in):
			return nil, fmt.Errorf("%q stands bare", c)
		default:
			w.WriteByte(c)
			in = true
		}
	}
	if in {
		out = append(out, w.String())
	}
	return out, nil
}

// literal reads the SQL string literal that s begins with, under standard_conforming_strings on or off.
func literal(s string, standard bool) (value, rest string, ok bool) {
	s, escaped := strings.CutPrefix(strings.TrimLeft(s, " "), "E")
	s, ok = strings.CutPrefix(s, "'")
	if !ok {
		return "", "", false
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && (escaped || !standard) && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		case s[i] == '\'' && i+1 < len(s) && s[i+1] == '\'':
			i++
			b.WriteByte('\'')
		case s[i] == '\'':
			return b.String(), s[i+1:], true
		default:
			b.WriteByte(s[i])
		}
	}
	return "", "", false
}

var nasty = []string{
	"kyc-svc", "a b", "a'b", `a"b`, "a`id`b", "$(id)", "${HOME}", "a;id", "a|b", "a&b", "a>b", "*", "[a]", "~", "#x", "!!", `\`, `a\`, `\'`, `'\''`, "''", "{a,b}", "a=b",
	"'; DROP TABLE x; --", `\'; DROP TABLE x; --`, "$$", "{{x}}", "{{y}}", "<@U0SAM>", "&amp;", "-rf", "--", "é", "a\u00a0b", "a\nb", "a\x00b", "a\u202eb", "\xff", "…", "` ` `",
}

// FuzzValueToCard: whatever is given as a value, by a person or by an alert, is one literal word and one literal string on the card, or it is
// not there at all.
func FuzzValueToCard(f *testing.F) {
	for _, v := range nasty {
		f.Add(v, true)
		f.Add(v, false)
	}
	book := openBook(f)
	fresh := using(f, book)
	f.Fuzz(func(t *testing.T, v string, typed bool) {
		s := fresh
		if typed {
			at := s.RecordedAt
			next, _, err := incident.Apply(s, incident.Intent{At: at, Now: at, Actor: incident.Actor{Person: sam}, Act: incident.SetParameters{Values: []incident.Value{{Name: "x", Text: incident.Text{Body: v}}}}})
			if err != nil { // refused: the card stays as it is
				next = s
			}
			s = next
		} else {
			s.Alerts = []incident.AlertSet{{Labels: []incident.Label{{Name: "label", Value: v}}}}
		}
		cmds := shown(t, book, s)
		if strings.Contains(cmds[0], "{{x}}") && (cmds[0] == `printf '%s\n' a{{x}}b --o={{x}} x{{x}}`) {
			if v == "kyc-svc" {
				t.Fatal("a good value is not used")
			}
			if v != "{{x}}" && strings.Contains(cmds[1], v) && len(v) > 8 {
				t.Fatalf("%q is in one command and not in the other: %q", v, cmds)
			}
			return
		}
		words, err := shellWords(cmds[0])
		if want := []string{"printf", `%s\n`, "a" + v + "b", "--o=" + v, "x" + v}; err != nil || !slices.Equal(words, want) {
			t.Fatalf("%q became %q (%v): %s", v, words, err, cmds[0])
		}
		for _, standard := range []bool{true, false} {
			got, rest, ok := literal(strings.TrimPrefix(cmds[1], "SELECT 1 WHERE a="), standard)
			if !ok || got != v || rest != " AND b;" {
				t.Fatalf("%q became %q and %q: %s", v, got, rest, cmds[1])
			}
		}
	})
}

// A real shell reads what is on the card as the words that were typed, and runs nothing else.
func TestAShellReadsTheCardAsTyped(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no shell here")
	}
	book := openBook(t)
	for _, v := range nasty {
		s := using(t, book)
		s, _, err := incident.Apply(s, incident.Intent{At: s.RecordedAt, Now: s.RecordedAt, Actor: incident.Actor{Person: sam}, Act: incident.SetParameters{Values: []incident.Value{{Name: "x", Text: incident.Text{Body: v}}}}})
		if err != nil {
			continue
		}
		cmd := shown(t, book, s)[0]
		if strings.Contains(cmd, "a{{x}}b") && v != "{{x}}" {
			continue // not used
		}
		if out, err := exec.CommandContext(t.Context(), sh, "-n", "-c", cmd).CombinedOutput(); err != nil {
			t.Fatalf("%q: sh -n: %v %s: %s", v, err, out, cmd)
		}
		out, err := exec.CommandContext(t.Context(), sh, "-c", cmd).Output()
		if want := "a" + v + "b\n--o=" + v + "\nx" + v + "\n"; err != nil || string(out) != want {
			t.Errorf("%q ran as %q (%v): %s", v, out, err, cmd)
		}
	}
}

// What is typed behind "set" is recorded whole or not at all, and a refusal says in words what fits.
func TestSetValues(t *testing.T) {
	for _, lang := range []string{"en", "fr"} {
		inWorld(t, lang, func(w *world) {
			s := w.declare("api is slow")
			at := room(s.ID)
			none := map[string]string{"en": "needs a value", "fr": "ne demande de valeur"}[lang]
			w.wants("none", w.say(sam, at, "runbook set svc=kyc-svc"), none)
			w.say(lea, at, "runbook RB-004")
			s = w.state(s.ID)
			unfit := map[string]string{"en": "Write a Kubernetes name", "fr": "un nom Kubernetes"}[lang]
			for _, bad := range []string{"svc=kyc-svc; rm -rf /", "svc=$(id)", "svc='kyc'", "svc=KYC_svc max_connections=300", "svc=-kyc", `svc="two words"`} {
				w.wants(bad, w.say(sam, at, "runbook set "+bad), unfit)
				w.quiet(bad, s)
			}
			w.wants("unknown", w.say(sam, at, "runbook set pod=x"), "pod", "svc", "max_connections")
			w.quiet("unknown", s)
			w.say(sam, at, "runbook set svc=kyc-svc max_connections=“300”")
			s = w.state(s.ID)
			if v, _ := s.Value("svc"); v.Text.Body != "kyc-svc" || v.By != sam || len(s.Values) != 2 {
				t.Errorf("%+v", s.Values)
			}
			was := map[string]string{"en": "svc = ocr-svc (was kyc-svc)", "fr": "kyc-svc)"}[lang]
			w.wants("changed", w.say(lea, direct, "runbook set svc=ocr-svc "+string(s.ID)), was)

			s = w.state(s.ID)
			w.say(lea, at, "runbook set svc=ocr-svc")
			w.quiet("the same again", s)
			w.say(lea, at, "runbook set svc=")
			if _, given := w.state(s.ID).Value("svc"); given {
				t.Error("an empty value is not taken back")
			}
			r, _ := w.office.lib.ByID("RB-004", lang)
			if st := StepOf(r, "max-connections", w.state(s.ID)); !strings.Contains(strings.Join(st.Commands, "\n"), "max_connections = '300'") || len(st.Missing) > 0 || !st.Asks {
				t.Errorf("%+v", st)
			}
			if st := StepOf(r, "restart-leaking", w.state(s.ID)); !slices.Equal(st.Missing, []string{"svc"}) || !strings.Contains(st.Commands[0], "deployment/{{svc}}") {
				t.Errorf("%+v", st)
			}
		})
	}
}

// One value serves every runbook of the incident that has a parameter of that name.
func TestAValueIsSharedByName(t *testing.T) {
	inWorld(t, "en", func(w *world) {
		s := w.declare("api is slow")
		w.say(lea, room(s.ID), "runbook RB-004 rb1")
		s = w.state(s.ID)
		if len(s.Runbooks) != 2 {
			t.Fatalf("%+v", s.Runbooks)
		}
		w.say(lea, room(s.ID), "runbook set svc=kyc-svc")
		s = w.state(s.ID)
		for id, step := range map[string]string{"RB-001": "scale-service", "RB-004": "restart-leaking"} {
			r, _ := w.office.lib.ByID(id, "en")
			if st := StepOf(r, step, s); !strings.Contains(strings.Join(st.Commands, "\n"), "kyc-svc") || contains(st.Missing, "svc") {
				t.Errorf("%s: %+v", id, st)
			}
		}
	})
}

// The form is prefilled from the alert's labels; what does not fit is said and not used; what was typed and does not fit stays.
func TestFormIsPrefilledFromLabels(t *testing.T) {
	inWorld(t, "en", func(w *world) {
		out, err := w.engine.Handle(w.t.Context(), engine.Input{Key: w.key(), Actor: incident.Actor{System: incident.SystemAlertmanager}, Via: incident.ViaAlertmanager,
			Act: incident.AlertsFired{Title: incident.Say("full", 100), Set: incident.AlertSet{Group: "g", Name: "PostgresConnectionsExhausted", Firing: 1, Digest: "d",
				Labels: []incident.Label{{Name: "deployment", Value: "kyc-svc"}, {Name: "service", Value: "KYC'; rm -rf /"}, {Name: "tocsin_incident", Value: "INC-666"}}}},
			Route: engine.Route{Claims: []string{engine.ClaimAlert("g")}, New: true, Take: []string{engine.ClaimAlert("g")}}})
		if err != nil {
			t.Fatal(err)
		}
		s := w.open(out.State)
		ref := view.Ref{Incident: string(s.ID), Runbook: "RB-004", Subject: "restart-leaking", Seq: s.Seq}
		form := w.press(sam, room(s.ID), view.ActionOpenParameters, ref).Form
		field := func(name string) view.Input {
			for _, b := range form.Blocks {
				if in, is := b.(view.Input); is && in.ID == view.InputParameter(name) {
					return in
				}
			}
			t.Fatalf("no field for %s: %+v", name, form.Blocks)
			return view.Input{}
		}
		if in := field("svc"); in.Field.(view.TextField).Initial != "kyc-svc" || !strings.Contains(in.Hint.Plain(time.UTC), "From the alert") {
			t.Errorf("the label fits: %+v", in)
		}
		// What the step needs that one stands at comes first, whatever the page's order is.
		for step, want := range map[string]string{"restart-leaking": "svc", "max-connections": "max_connections"} {
			at := ref
			at.Subject = step
			for _, b := range w.press(sam, room(s.ID), view.ActionOpenParameters, at).Form.Blocks {
				if in, is := b.(view.Input); is {
					if in.ID != view.InputParameter(want) {
						t.Errorf("at %s the form begins with %s", step, in.ID)
					}
					break
				}
			}
		}
		rep := w.submit(sam, view.FormParameters, form.Ref, map[string]string{view.InputParameter("svc"): "kyc-svc", view.InputParameter("max_connections"): "many"})
		if got := rep.Errors[view.InputParameter("max_connections")].Plain(time.UTC); !strings.Contains(got, "a number from 10 to 9999") || len(rep.Errors) != 1 {
			t.Errorf("%q", got)
		}
		w.quiet("a form with a fault", s)
		w.submit(sam, view.FormParameters, form.Ref, map[string]string{view.InputParameter("svc"): "kyc-svc", view.InputParameter("max_connections"): " 300 "})
		s = w.state(s.ID)
		if len(s.Values) != 1 || s.Values[0].Text.Body != "300" {
			t.Errorf("what the alert says already is not somebody's word: %+v", s.Values)
		}
		// A label that alone does not fit.
		s.Alerts[0].Labels = []incident.Label{{Name: "deployment", Value: "KYC'; rm -rf /"}}
		r, _ := w.office.lib.ByID("RB-004", "en")
		values, unfit := prefilled(r, s)
		if _, used := values["svc"]; used || unfit["svc"] != "KYC'; rm -rf /" {
			t.Errorf("%v %v", values, unfit)
		}
		// What a page of PagerDuty's brought is asked after the alerts, and held to the same pattern.
		s.Pagers = []incident.PagerRef{{ID: "Q1", Labels: []incident.Label{{Name: "deployment", Value: "$(reboot)"}, {Name: "tocsin_incident", Value: "INC-666"}}}, {ID: "Q2"},
			{ID: "Q3", Labels: []incident.Label{{Name: "deployment", Value: "aml-svc"}}}}
		if values, unfit = prefilled(r, s); values["svc"] != "aml-svc" || len(unfit) != 0 {
			t.Errorf("of PagerDuty's details: %v %v", values, unfit)
		}
		s.Pagers = s.Pagers[:1]
		if values, unfit = prefilled(r, s); values["svc"] != "" || unfit["svc"] == "" {
			t.Errorf("what does not fit is used: %v %v", values, unfit)
		}
	})
}

// An alert cannot pass for the incident's own number or time.
func TestLabelsCannotPassForTheIncident(t *testing.T) {
	src := strings.Replace(openRunbookSource, "from: [label]", "from: [tocsin_incident]", 1)
	r, err := runbooks.Parse("rb-900.md", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	s := using(t, r)
	s.Alerts = []incident.AlertSet{{Labels: []incident.Label{{Name: "tocsin_incident", Value: "INC-666"}}}}
	if values, _ := prefilled(r, s); values["x"] != "INC-1" {
		t.Errorf("%v", values)
	}
}

func TestAssignments(t *testing.T) {
	for in, want := range map[string]string{
		"a=1": "a=1", "a=1 b=2": "a=1 b=2", `a="two words" b=2`: "a=two words b=2", "a=two words b=2": "a=two words b=2", "A=1": "a=1", "a=": "a=", "a=b=c": "a=b=c",
		"a=1 a=2": "a=2", "x": "!x", "x a=1": "!x", `a="`: `a="`,
	} {
		names, values, bad := assignments(in)
		var got []string
		for _, n := range names {
			got = append(got, n+"="+values[n])
		}
		if s := strings.Join(got, " "); s != want && "!"+bad != want {
			t.Errorf("%q: %q %q, want %q", in, s, bad, want)
		}
	}
}

// Declaring by hand puts forward what fits, with the reason, and starts nothing; where nothing fits, the generic one.
func TestWhatFitsIsSuggested(t *testing.T) {
	for _, c := range []struct {
		title, service, want string
	}{
		{"customers wait", "ocr", "RB-002 service ocr"},
		{"customers wait", "ocr-svc", "RB-002 service ocr-svc"},
		{"PostgresConnectionsExhausted, and it hurts", "", "RB-004 alert PostgresConnectionsExhausted"},
		{"the ocr is not answering", "", "RB-002 service ocr"},
		{"connections are exhausted", "", "RB-004 words connections exhausted"},
		{"Uploads fail for all of Alpha since noon", "", "RB-013 symptom uploads fail"},
		{"Nobody can log in to the portal", "", "RB-011 symptom nobody can log in"},
		{"Certificat expiré chez Alpha", "", "RB-007 symptom certificat expiré"},
		{"checkout fails", "", "RB-000 generic "},
		{"the coffee machine", "", "RB-000 generic "},
	} {
		for _, lang := range []string{"en", "fr"} {
			p := *defaultPolicy.p
			p.Language = lang
			got := Suggest(library, &p, c.title, c.service)
			if s := got[0].Runbook + " " + got[0].By + " " + got[0].Value; s != c.want && !(got[0].By == strings.Fields(c.want)[1] && (got[0].By == incident.ByWords || got[0].By == incident.BySymptom) && got[0].Runbook == c.want[:6]) {
				t.Errorf("%s %q %q: %s, want %s", lang, c.title, c.service, s, c.want)
			}
		}
	}
	p := *defaultPolicy.p
	p.Services = map[string]incident.Service{"ledger": {Key: "ledger", Runbooks: []string{"RB-008", "RB-004"}}}
	if got := Suggest(library, &p, "x", "Ledger"); len(got) != 2 || got[0].Runbook != "RB-008" || got[1].By != incident.ByService {
		t.Errorf("the policy's own list counts: %+v", got)
	}
}

// An alert starts its runbook; a declaration puts it forward; the button starts it and the offer goes.
func TestOfferAndStart(t *testing.T) {
	inWorld(t, "en", func(w *world) {
		w.suggests()
		r, err := w.office.Do(w.t.Context(), Wish{Key: w.key(), At: w.clock.Now(), Who: sam, Act: incident.Declare{Title: incident.Say("documents are not read", 100), Severity: 2, Service: "ocr"}})
		if err != nil {
			t.Fatal(err)
		}
		s := w.open(r.State)
		if len(s.Runbooks) != 0 || len(s.Offered()) != 1 || s.Offered()[0].Runbook != "RB-002" {
			t.Fatalf("%+v %+v", s.Runbooks, s.Offered())
		}
		w.press(sam, room(s.ID), view.ActionUseRunbook, view.Ref{Incident: string(s.ID), Subject: "RB-002", Seq: s.Seq})
		if s = w.state(s.ID); len(s.Runbooks) != 1 || len(s.Offered()) != 0 {
			t.Errorf("%+v %+v", s.Runbooks, s.Offered())
		}
		if a := w.alarm("PostgresConnectionsExhausted"); len(a.Runbooks) != 1 || len(a.Offered()) != 0 {
			t.Errorf("%+v %+v", a.Runbooks, a.Offered())
		}
		// Searched for and not there: the generic one.
		w.wants("nothing", w.say(sam, room(s.ID), "runbook zeppelin"), "No runbook speaks of", "RB-000")
	})
}

// What a finding leads to is told by its kind: a step of this runbook, another runbook, or the end.
func TestFindingsSayWhereTheyLead(t *testing.T) {
	shelf, _ := runbooks.Default()
	r, ok := shelf.ByID("RB-001", "en")
	if !ok {
		t.Fatal("no RB-001")
	}
	for step, want := range map[string][]view.Branch{
		"database": {{Step: 5}, {To: "RB-004"}, {Step: 4}},
		"confirm":  {{Through: true}, {Step: 8}},
	} {
		got := StepOf(r, step, incident.State{}).Branches
		if len(got) != len(want) {
			t.Fatalf("%s: %+v", step, got)
		}
		for i, b := range got {
			if b.Step != want[i].Step || b.To != want[i].To || b.Through != want[i].Through {
				t.Errorf("%s: %+v, want %+v", step, b, want[i])
			}
		}
	}
}

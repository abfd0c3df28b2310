package view

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/engine"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// texts walks everything a card or form says, buttons and options included.
func texts(v any) []catalog.Text {
	var out []catalog.Text
	var walk func(reflect.Value)
	walk = func(x reflect.Value) {
		switch x.Kind() {
		case reflect.Interface, reflect.Pointer:
			if !x.IsNil() {
				walk(x.Elem())
			}
		case reflect.Slice:
			if t, ok := x.Interface().(catalog.Text); ok {
				out = append(out, t)
				return
			}
			for i := range x.Len() {
				walk(x.Index(i))
			}
		case reflect.Struct:
			for i := range x.NumField() {
				walk(x.Field(i))
			}
		}
	}
	walk(reflect.ValueOf(v))
	return out
}

func buttons(blocks []Block) []Button {
	var out []Button
	for _, b := range blocks {
		if a, ok := b.(Actions); ok {
			for _, e := range a.Elements {
				if x, ok := e.(Button); ok {
					out = append(out, x)
				}
			}
		}
	}
	return out
}

var leftover = regexp.MustCompile(`\{[a-z]+\}`)

// checkCard holds a card against what Slack takes (docs.slack.dev, block kit) and what every card promises.
func checkCard(t *testing.T, name string, c Card) {
	t.Helper()
	if len(c.Summary) == 0 {
		t.Errorf("%s has no summary: notifications would be empty", name)
	}
	if len(c.Blocks) > 50 {
		t.Errorf("%s has %d blocks, Slack takes 50", name, len(c.Blocks))
	}
	checkBlocks(t, name, c.Blocks)
	all := 0
	for _, x := range texts(c.Blocks) {
		all += utf8.RuneCountInString(x.Plain(nil))
	}
	if all > 12000 {
		t.Errorf("%s says %d characters, Slack takes about 13,200", name, all)
	}
}

func checkBlocks(t *testing.T, name string, blocks []Block) {
	t.Helper()
	limit := func(what string, x catalog.Text, max int) {
		t.Helper()
		if n := utf8.RuneCountInString(x.Plain(nil)); n > max || n == 0 {
			t.Errorf("%s: %s has %d characters, 1 to %d are taken: %q", name, what, n, max, x.Plain(nil))
		}
	}
	for _, b := range blocks {
		switch x := b.(type) {
		case Header:
			limit("header", x.Text, 150)
		case Section:
			limit("section", x.Text, 3000)
		case Small:
			limit("small", x.Text, 3000)
		case Actions:
			if n := len(x.Elements); n == 0 || n > 25 {
				t.Errorf("%s: %d buttons in a row", name, n)
			}
			for _, e := range x.Elements {
				switch y := e.(type) {
				case Button:
					limit("button", y.Label, 75)
					if y.Action == "" {
						t.Errorf("%s: a button without action", name)
					}
				case Overflow:
					if n := len(y.Options); n == 0 || n > 5 {
						t.Errorf("%s: %d options in the menu", name, n)
					}
					for _, o := range y.Options {
						limit("option", o.Label, 75)
					}
				}
			}
		case Input:
			limit("label", x.Label, 2000)
			if f, ok := x.Field.(ChoiceField); ok {
				if len(f.Options) == 0 {
					t.Errorf("%s: %s has nothing to choose", name, x.ID)
				}
				for _, o := range f.Options {
					limit("option", o.Label, 75)
					if n := utf8.RuneCountInString(o.Hint.Plain(nil)); n > 75 {
						t.Errorf("%s: a hint of %d characters", name, n)
					}
				}
			}
			if f, ok := x.Field.(TextField); ok {
				if f.Max > 3000 || utf8.RuneCountInString(f.Initial) > max(f.Max, 1) || utf8.RuneCountInString(f.Placeholder.Plain(nil)) > 150 {
					t.Errorf("%s: %s is too long: %+v", name, x.ID, f)
				}
			}
		}
	}
}

func TestEveryCardFitsAndSaysAll(t *testing.T) {
	for _, lang := range catalog.Languages() {
		for _, sc := range scenes() {
			c, err := Render(sc.source(lang))
			if err != nil {
				t.Fatal(err)
			}
			checkCard(t, sc.name+"."+lang, c)
			for _, x := range texts(c) {
				for _, s := range x {
					if s.Kind != catalog.Block && leftover.MatchString(s.S) {
						t.Errorf("%s.%s: an argument is missing in %q", sc.name, lang, s.S)
					}
				}
			}
		}
	}
}

// Nobody is called by a card but those who must act on it.
func TestOnlyWhoMustActIsMentioned(t *testing.T) {
	for _, lang := range catalog.Languages() {
		for _, sc := range scenes() {
			c, _ := Render(sc.source(lang))
			var got []string
			for _, x := range texts(c.Blocks) {
				for _, s := range x {
					if s.Kind == catalog.Mention && !slices.Contains(got, s.ID) {
						got = append(got, s.ID)
					}
				}
			}
			slices.Sort(got)
			if !slices.Equal(got, sc.pings) {
				t.Errorf("%s.%s mentions %v, want %v", sc.name, lang, got, sc.pings)
			}
		}
	}
}

// facts are what a card says apart from its words: times, people, rooms, numbers, ids, what can be pressed.
func facts(v any, blocks []Block) []string {
	var out []string
	number := regexp.MustCompile(`SEV-\d|INC-\d+|RB-\d+|L\d\b|\b\d+\b`)
	for _, x := range texts(v) {
		for _, s := range x {
			switch s.Kind {
			case catalog.Moment:
				out = append(out, "at "+s.At.String()+s.Form)
			case catalog.Mention, catalog.Named:
				out = append(out, "who "+s.ID)
			case catalog.Channel:
				out = append(out, "room "+s.ID)
			case catalog.Link:
				out = append(out, "link "+s.URL)
			default:
				out = append(out, number.FindAllString(s.S, -1)...)
			}
		}
	}
	for _, b := range buttons(blocks) {
		out = append(out, fmt.Sprintf("button %s %+v %v", b.Action, b.Value, b.Style))
	}
	slices.Sort(out)
	return out
}

func TestBothLanguagesSayTheSameFacts(t *testing.T) {
	for _, sc := range scenes() {
		en, _ := Render(sc.source("en"))
		fr, _ := Render(sc.source("fr"))
		a, b := facts(en, en.Blocks), facts(fr, fr.Blocks)
		if !slices.Equal(a, b) {
			t.Errorf("%s differs:\nen %v\nfr %v", sc.name, a, b)
		}
		if len(en.Blocks) != len(fr.Blocks) {
			t.Errorf("%s has %d blocks in English, %d in French", sc.name, len(en.Blocks), len(fr.Blocks))
		}
	}
}

func TestHeadlineStaysSmall(t *testing.T) {
	for _, lang := range catalog.Languages() {
		for _, sc := range scenes() {
			if c, _ := Render(sc.source(lang)); sc.view == "headline" && len(c.Blocks) > 10 {
				t.Errorf("%s.%s has %d blocks", sc.name, lang, len(c.Blocks))
			}
		}
		st := hostile(running(lang), strings.Repeat("x", 500))
		st.Confirmed, st.Roles, st.AcknowledgedAt, st.Ladder.AcceptedAt = false, nil, at(0, 0), at(0, 0)
		if c := headline(Source{State: st, Deadlines: incident.Deadlines(st)}); len(c.Blocks) > 10 {
			t.Errorf("a full headline has %d blocks", len(c.Blocks))
		}
	}
}

// nasty is what may come from outside.
var nasty = []string{
	"<!channel> <@U0EVE> <!here|x> <https://evil|click>", strings.Repeat("title ", 90), "🔥🔥🔥", "\u202eevil\u202c العربية עברית", "```rm -rf /``` `code` *bold* _it_ ~no~",
	"\x1b[31mred\x07\x00\r\nnext line", "{by} {n, plural one{#}}", strings.Repeat("\n", 400) + "end", "", "%s %d %!", strings.Repeat("🟥", 600),
}

// hostile puts s wherever words come from outside.
func hostile(st incident.State, s string) incident.State {
	p := *st.Policy
	p.Targets = map[string]incident.Target{}
	for k, v := range st.Policy.Targets {
		v.Title, v.Phone = map[string]string{"en": s, "fr": s}, s
		p.Targets[k] = v
	}
	p.Ladder = slices.Clone(p.Ladder)
	for i := range p.Ladder {
		p.Ladder[i].Name = s
	}
	p.Severities = map[incident.Severity]incident.SeverityRule{1: {Definition: map[string]string{"en": s}, AckWithin: minutes(5), ProgressWithin: minutes(15), UpdateEvery: minutes(5), FirstUpdate: minutes(5), Tell: []string{"ceo", s}}}
	st.Policy = &p
	st.Title, st.Outcome, st.Service, st.Rule, st.ChannelName = incident.Text{Body: s}, incident.Text{Body: s}, s, s, s
	st.Alerts = []incident.AlertSet{{Name: s, Firing: 1, Summary: incident.Text{Body: s}}, {Name: s}, {Name: s}}
	st.Progress.Text = incident.Text{Body: s}
	st.Told = []string{s, "ceo", s, s, s, s, s, s}
	st.Pages = slices.Clone(st.Pages)
	for i := range st.Pages {
		st.Pages[i].Person.Name, st.Pages[i].Why = s, s
	}
	for range 10 {
		st.Pages = append(st.Pages, st.Pages[0])
	}
	st.Roles = map[incident.Role]incident.Holding{incident.Commander: {Who: incident.Person{Slack: "U0LEA", Name: s}, Acting: true}}
	st.Runbooks = []incident.RunbookRun{{Ref: incident.RunbookRef{ID: s, Steps: []string{s, "b"}}, Current: "b", Steps: map[string]incident.StepRun{s: {Mark: s, By: lea, At: at(3, 14)}}}}
	return st
}

// hostileFact is the fact a view is recorded with, full of s.
func hostileFact(view, s string) incident.Fact {
	text := incident.Text{Body: s}
	return map[string]incident.Fact{
		incident.ViewEscalation: &incident.LevelRaised{Level: 1, Round: 1, Why: s, Reason: text}, incident.ViewLadderEnd: &incident.Missed{Name: s}, incident.ViewCommanderMissing: &incident.Missed{Name: s},
		incident.ViewUpdateMissed: &incident.Missed{Name: s, Count: 1}, incident.ViewWarn: &incident.Warned{Deadline: s}, incident.ViewStandDown: &incident.PageChanged{Why: s},
		incident.ViewPageFailed: &incident.PageChanged{Key: "L1/1/primary/U0LEA", Status: incident.PageFailed, Error: s}, incident.ViewRoleAsk: &incident.RoleAsked{Role: incident.Role(s), Why: s},
		incident.ViewSeverity: &incident.SeveritySet{Severity: 1, Was: 2, Confirmed: true, Reason: text, Rule: s}, incident.ViewUpdate: &incident.UpdatePosted{Text: text}, incident.ViewResolved: &incident.ResolvedFact{Text: text},
		incident.ViewCancelled: &incident.CancelledFact{Reason: text}, incident.ViewReopened: &incident.Reopened{Reason: text}, incident.ViewLate: &incident.LatePosts{From: at(3, 0), To: at(4, 0), Effects: make([]incident.EffectID, 40)},
	}[view]
}

// Whatever comes from outside arrives harmless: as words, within Slack's limits, calling nobody else.
func TestHostileWords(t *testing.T) {
	for _, lang := range catalog.Languages() {
		for i, s := range nasty {
			for view := range views {
				for _, f := range []incident.Fact{nil, hostileFact(view, s)} {
					for _, st := range []incident.State{hostile(running(lang), s), hostile(over(lang, incident.Resolved), s)} {
						src := Source{State: st, Deadlines: incident.Deadlines(st), Zone: tunis, Command: "/incident", Now: at(3, 20), Room: s, Call: s}
						src.Owed.Effect.View, src.Owed.Effect.Page, src.Owed.Effect.Slot = view, "L1/1/primary/U0LEA", "step/"+s
						src.Event = incident.Event{At: at(3, 20), Actor: by(incident.Person{Slack: "U0LEA", Name: s}), Fact: f}
						src.Step = &Step{Runbook: s, ID: "b", Name: s, Number: 2, Of: 2, Kind: s, Minutes: 3, Prose: s, Warnings: []string{s, s}, Commands: []string{s, s}, Missing: []string{s}, LookFor: s,
							Branches: []Branch{{Finding: s + "x", Value: "0", To: s}, {Finding: "ok", Value: "1"}}, Steps: []StepName{{s, s}, {"b", s}}}
						c, err := Render(src)
						if err != nil {
							t.Fatal(err)
						}
						name := fmt.Sprintf("%s.%s nasty %d %T", view, lang, i, f)
						checkHarmless(t, name, c)
						if view == incident.ViewTopic || view == incident.ViewPurpose {
							if n := utf8.RuneCountInString(c.Summary.Plain(tunis)); n > MaxTopic {
								t.Errorf("%s has %d characters", name, n)
							}
							continue
						}
						if s != "" { // a step without a single word is a step nobody wrote
							checkCard(t, name, c)
						}
						checkPhone(t, name, src)
					}
				}
			}
		}
	}
}

func checkHarmless(t *testing.T, name string, v any) {
	t.Helper()
	for _, x := range texts(v) {
		for _, s := range x {
			if s.Kind == catalog.Mention && s.ID != "U0LEA" && s.ID != "U0MARC" && s.ID != "U0NADIA" {
				t.Errorf("%s mentions %q", name, s.ID)
			}
			if s.Kind == catalog.Link {
				t.Errorf("%s links to %q", name, s.URL)
			}
			if strings.ContainsAny(s.S, "\x1b\x00\x07\r\u202e") {
				t.Errorf("%s carries control characters: %q", name, s.S)
			}
			if s.Kind != catalog.Block && strings.Contains(s.S, "\n") {
				t.Errorf("%s has a bare line break in %q", name, s.S)
			}
		}
	}
}

func checkPhone(t *testing.T, name string, src Source) {
	t.Helper()
	summary, body := PageText(src)
	for what, x := range map[string]string{"summary": summary, "body": body, "note": NoteText(src)} {
		if utf8.RuneCountInString(x) > 1024 || strings.ContainsAny(x, "\x1b\x00") {
			t.Errorf("%s: %s of %d characters: %q", name, what, utf8.RuneCountInString(x), x)
		}
	}
	if !strings.HasPrefix(summary, "SEV-1 ") || strings.Contains(summary, "\n") {
		t.Errorf("%s: summary %q", name, summary)
	}
	if !strings.Contains(body, "PagerDuty") {
		t.Errorf("%s: the body does not say how to act without Slack: %q", name, body)
	}
}

func TestRowIsTheEnginesRow(t *testing.T) {
	_ = Row(engine.Row{ID: "INC-1"}) // does not compile when they differ
}

func TestUnknownView(t *testing.T) {
	src := Source{State: running("en")}
	src.Owed.Effect.View = "hologram"
	if _, err := Render(src); err == nil || !strings.Contains(err.Error(), "hologram") {
		t.Errorf("err = %v, want one that names the view", err)
	}
}

// Every name of a view that the core records can be drawn ("page" has PageText, "note-answer" NoteText).
func TestEveryViewOfTheCore(t *testing.T) {
	for _, name := range constants(t, "../incident/effects.go", "View") {
		if _, ok := views[name]; !ok && name != incident.ViewPage && name != incident.ViewNoteAnswer {
			t.Errorf("the core records the view %q, which nobody draws", name)
		}
	}
	for name := range views {
		if !slices.ContainsFunc(scenes(), func(s scene) bool { return s.view == name }) {
			t.Errorf("no golden shows the view %q", name)
		}
	}
}

func TestEveryRefusalHasWords(t *testing.T) {
	codes := constants(t, "../incident/refusal.go", "Refused")
	if len(codes) < 20 {
		t.Fatalf("found only %v", codes)
	}
	for _, lang := range catalog.Languages() {
		v := Voice{Language: lang}
		for _, code := range codes {
			if !catalog.Has("refused." + code) {
				t.Errorf("refusal %q has no words", code)
			}
		}
		for _, r := range refusals() {
			got := v.RefusalText(r, policy(lang))
			if leftover.MatchString(got.Plain(tunis)) {
				t.Errorf("%s of %s: %q", lang, r.Code, got.Plain(tunis))
			}
			for _, s := range got {
				if s.Kind == catalog.Mention {
					t.Errorf("the refusal %s mentions somebody", r.Code)
				}
			}
		}
	}
	for _, code := range codes {
		if !slices.ContainsFunc(refusals(), func(r *incident.Refusal) bool { return r.Code == code }) {
			t.Errorf("no golden shows the refusal %q", code)
		}
	}
}

// constants are the string constants of a file whose names begin with a prefix.
func constants(t *testing.T, file, prefix string) []string {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, d := range f.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.CONST {
			continue
		}
		for _, spec := range g.Specs {
			v := spec.(*ast.ValueSpec)
			for i, n := range v.Names {
				if !strings.HasPrefix(n.Name, prefix) || i >= len(v.Values) {
					continue
				}
				if lit, ok := v.Values[i].(*ast.BasicLit); ok && lit.Kind == token.STRING {
					s, _ := strconv.Unquote(lit.Value)
					out = append(out, s)
				}
			}
		}
	}
	if len(out) == 0 {
		t.Fatalf("%s has no constants %s…", file, prefix)
	}
	return out
}

// Every key the code names is in the catalogue, and every message is named by some code.
func TestKeysAndMessagesMatch(t *testing.T) {
	keyLike := regexp.MustCompile(`^[a-z][a-z-]*(\.[a-z0-9-]+)+$`)
	literals := map[string]bool{}
	var prefixes []string
	for _, dir := range []string{".", "..", "../demo", "../policy", "../policy/explain", "../timeline", "../catalog", "../../commands", "../slack", "../slack/blocks", "../../cmd/tocsin", "../../runbooks", "../intake", "../pagerduty"} {
		files, _ := filepath.Glob(dir + "/*.go")
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") || strings.Contains(file, "messages_") {
				continue
			}
			f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
			if err != nil {
				continue // somebody is typing
			}
			ast.Inspect(f, func(n ast.Node) bool {
				lit, ok := n.(*ast.BasicLit)
				if !ok || lit.Kind != token.STRING {
					return true
				}
				s, _ := strconv.Unquote(lit.Value)
				literals[s] = true
				if strings.HasSuffix(s, ".") && len(s) > 2 {
					prefixes = append(prefixes, s)
				}
				if (dir == "." || dir == "../timeline" || dir == "../../commands") && keyLike.MatchString(s) && !catalog.Has(s) {
					t.Errorf("%s names %q, which the catalogue does not have", file, s)
				}
				return true
			})
		}
	}
	for _, key := range catalog.Keys() {
		// A finding of check is one key, its mend is the same with an ending; so are a question of play and what the account says of its answer.
		if finding, is := strings.CutSuffix(key, ".mend"); is && literals[finding] {
			continue
		}
		if asked, is := strings.CutSuffix(key, ".given"); is && literals[asked] {
			continue
		}
		if !literals[key] && !slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(key, p) }) {
			t.Errorf("no code says %q", key)
		}
	}
}

// An incident that has gone on for days still fits: sixty pages, forty branches, a hundred steps.
func TestManyOfEverything(t *testing.T) {
	for _, lang := range catalog.Languages() {
		st := hostile(running(lang), strings.Repeat("word ", 60))
		for range 60 {
			st.Pages = append(st.Pages, incident.Page{Level: 1, Round: 1, Target: "primary", Person: marc, At: at(3, 30), Status: incident.PageSent, Why: incident.WhyNoCommander},
				incident.Page{Level: 1, Round: 1, Target: "primary", Person: lea, At: at(3, 31), Status: incident.PageAnswered, Why: incident.WhyNoProgress},
				incident.Page{Level: 1, Round: 1, Target: "primary", Person: nadia, At: at(3, 32), Status: incident.PageSent, Why: incident.WhyNoProgress})
			st.Alerts = append(st.Alerts, st.Alerts[0])
			st.Told = append(st.Told, "ceo")
			st.Runbooks = append(st.Runbooks, st.Runbooks[0])
			st.Dead = append(st.Dead, "INC-42/1/post/x")
			st.Unsure = append(st.Unsure, marc)
		}
		step := &Step{Runbook: "RB-001", ID: "s0", Name: "n", Number: 1, Of: 100, Kind: "diagnosis", Prose: strings.Repeat("a long line of prose\n", 300)}
		run := incident.RunbookRun{Ref: incident.RunbookRef{ID: "RB-001"}, Current: "s0", Steps: map[string]incident.StepRun{}}
		for i := range 100 {
			id := "s" + strconv.Itoa(i)
			step.Branches = append(step.Branches, Branch{Finding: strings.Repeat("finding ", 20), Value: strconv.Itoa(i), To: strings.Repeat("there ", 30)})
			step.Commands = append(step.Commands, strings.Repeat("kubectl get pods\n", 300))
			step.Warnings = append(step.Warnings, strings.Repeat("warning ", 100))
			step.Missing = append(step.Missing, "parameter")
			step.Steps = append(step.Steps, StepName{id, strings.Repeat("step ", 40)})
			run.Ref.Steps, run.Steps[id] = append(run.Ref.Steps, id), incident.StepRun{Mark: incident.StepDone, By: lea, At: at(3, 20)}
		}
		step.LookFor = step.Prose
		through := run
		through.Current = ""
		for _, r := range []incident.RunbookRun{run, through} {
			st.Runbooks[0] = r
			for view := range views {
				src := Source{State: st, Deadlines: incident.Deadlines(st), Zone: tunis, Step: step}
				src.Owed.Effect.View, src.Owed.Effect.Arg = view, "RB-001"
				if f := hostileFact(view, "word"); f != nil {
					src.Event = incident.Event{At: at(3, 40), Actor: by(lea), Fact: f}
				}
				if view == incident.ViewTopic || view == incident.ViewPurpose {
					continue
				}
				c, err := Render(src)
				if err != nil {
					t.Fatal(err)
				}
				checkCard(t, view+"."+lang, c)
				if view == incident.ViewHeadline && len(c.Blocks) > 10 {
					t.Errorf("the headline has %d blocks", len(c.Blocks))
				}
			}
		}
		for _, f := range []Form{FindingForm(Source{State: st, Step: step}), RunbookForm(Source{State: st}, slices.Repeat([]RunbookChoice{{ID: "RB-001", Title: "x"}}, 300), nil)} {
			checkForm(t, f.ID+"."+lang, f)
		}
	}
}

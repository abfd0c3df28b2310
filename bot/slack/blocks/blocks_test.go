package blocks

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/view"
)

var update = flag.Bool("update", false, "write the golden files anew")

func words(s string) catalog.Text { return catalog.Text{{Kind: catalog.Plain, S: s}} }

func paris(t testing.TB) Options {
	t.Helper()
	z, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	return Options{Zone: z, Language: "en"}
}

var at = time.Date(2026, 11, 21, 2, 12, 0, 0, time.UTC)

func golden(t *testing.T, name string, v any) {
	t.Helper()
	got, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	path := filepath.Join("testdata", name+".json")
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("%s differs (run with -update and look at the difference)\n%s", path, got)
	}
}

func headline() view.Card {
	ref := view.Ref{Incident: "INC-42", Seq: 7}
	role := func(s string) view.Ref { r := ref; r.Subject = s; return r }
	return view.Card{
		Summary: catalog.Text{{S: "SEV-1 INC-42 "}, {S: "Checkout & cart <down>"}},
		Blocks: []view.Block{
			view.Header{Text: words("🔴 SEV-1 · INC-42 · Checkout & cart <down>")},
			view.Section{
				Text: catalog.Text{
					{S: "Investigating since "}, {Kind: catalog.Moment, At: at, Form: catalog.Clock}, {S: " · alert "},
					{Kind: catalog.Code, S: "Api`Error`RateHigh"}, {Kind: catalog.Break},
					{Kind: catalog.Bold, S: "Commander"}, {S: " "}, {Kind: catalog.Named, S: "bob", ID: "U123"}, {S: " (acting), tell "},
					{Kind: catalog.Mention, ID: "U456"}, {S: " in "}, {Kind: catalog.Channel, ID: "C789"}, {S: " "},
					{Kind: catalog.Link, S: "graph | now", URL: "https://graphs.example/d?q=a|b&c=<d>"},
				},
				Beside: view.Overflow{Action: "more", Value: ref, Options: []view.Option{{Label: words("Timeline"), Value: "timeline"}, {Label: words("Cancel"), Value: "cancel", Hint: words("it was noise")}}},
			},
			view.Small{Text: catalog.Text{{S: "⏱ Progress by "}, {Kind: catalog.Moment, At: at, Form: catalog.DateClock}}},
			view.Rule{},
			view.Section{Fields: []catalog.Text{words("Comms nobody"), words("Scribe Tocsin records")}},
			view.Actions{Elements: []view.Element{
				view.Button{Action: "ack", Label: words("Acknowledge"), Value: ref, Style: view.Primary},
				view.Button{Action: "role", Label: words("Take comms"), Value: role("comms")},
				view.Button{Action: "role", Label: words("Take scribe"), Value: role("scribe")},
				view.Menu{Action: "severity", Placeholder: words("Severity"), Value: ref, Chosen: "1", Options: []view.Option{{Label: words("SEV-1"), Value: "1"}, {Label: words("SEV-2"), Value: "2"}}},
				view.People{Action: "assign", Placeholder: words("Give command to"), Value: role("commander")},
				view.Button{Action: "resolve", Label: words("Resolve"), Value: ref, Style: view.Danger, Confirm: &view.Confirm{Title: words("Resolve INC-42?"), Text: words("Everybody paged stands down."), Yes: words("Resolve"), No: words("Not yet")}},
				view.Button{Label: words("Call"), URL: "https://meet.example/x"},
			}},
		},
	}
}

func step() view.Card {
	return view.Card{
		Summary: words("RB-004 3 of 7"),
		Blocks: []view.Block{
			view.Section{Text: catalog.Text{
				{Kind: catalog.Bold, S: "RB-004 · 3 of 7 · Who holds the connections?"},
				{Kind: catalog.Block, S: "psql -c \"select '*_~' <> '&'\"\n```\necho `id`"},
				{S: "Look for: > one service with *most* of them, or _many_ ~idle~"},
			}, Beside: view.Button{Action: "step", Label: words("Done"), Value: view.Ref{Incident: "INC-42", Runbook: "RB-004", Subject: "3", Seq: 9}}},
		},
	}
}

func declareForm() view.Form {
	return view.Form{
		ID: "declare", Title: words("Declare an incident, whatever it is"), Submit: words("Declare"), Close: words("Cancel"),
		Ref: view.Ref{Note: "C123"},
		Blocks: []view.Block{
			view.Section{Text: words("A channel opens and the on-call engineer is paged.")},
			view.Input{ID: "title", Label: words("What is wrong?"), Hint: words("One line"), Field: view.TextField{Min: 3, Max: 200, Initial: "checkout", Placeholder: words("Checkout is down")}},
			view.Input{ID: "severity", Label: words("How bad?"), Field: view.ChoiceField{Chosen: "2", Options: []view.Option{{Label: words("SEV-1"), Value: "1"}, {Label: words("SEV-2"), Value: "2"}}}},
			view.Input{ID: "service", Label: words("Service"), Optional: true, Field: view.ChoiceField{Menu: true, Options: []view.Option{{Label: words("kyc"), Value: "kyc"}}}},
			view.Input{ID: "who", Label: words("Commander"), Optional: true, Field: view.PersonField{Initial: "U123"}},
		},
	}
}

func TestGoldenCards(t *testing.T) {
	o := paris(t)
	for name, c := range map[string]view.Card{"headline": headline(), "step": step()} {
		r := Message(c, o)
		if err := Check(r.Blocks, false); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		golden(t, name, struct {
			Text   string        `json:"text"`
			Blocks []slack.Block `json:"blocks"`
		}{r.Text, r.Blocks})
	}
	m := Modal(declareForm(), o)
	if err := CheckModal(m); err != nil {
		t.Error(err)
	}
	golden(t, "declare", m)
	golden(t, "home", Home(headline(), o))
}

func TestText(t *testing.T) {
	o := paris(t)
	fr := o
	fr.Language = "fr"
	for _, c := range []struct {
		name string
		in   catalog.Text
		o    Options
		want string
	}{
		{"escaped", words("<!channel> & <@U1>"), o, "&lt;!channel&gt; &amp; &lt;@U1&gt;"},
		{"no formatting", words("*a* _b_ ~c~ `d` *e"), o, "∗a* ˍb_ ∼c~ ˋdˋ *e"},
		{"arithmetic stays", words("5 * 3 * 2, snake_case_name, ~/x"), o, "5 * 3 * 2, snake_case_name, ~/x"},
		{"pair over spans", catalog.Text{{S: "*a "}, {S: "b*"}}, o, "∗a b*"},
		{"opens before our bold", catalog.Text{{S: "*a "}, {Kind: catalog.Bold, S: "b"}}, o, "∗a *b*"},
		{"one backtick before code", catalog.Text{{S: "it`s "}, {Kind: catalog.Code, S: "x"}}, o, "itˋs `x`"},
		{"quote", words("> no quote\n> nor this"), o, zwsp + "&gt; no quote\n" + zwsp + "&gt; nor this"},
		{"bold inside a word", catalog.Text{{S: "SEV"}, {Kind: catalog.Bold, S: "1"}}, o, "SEV" + zwsp + "*1*"},
		{"bold with stars and lines", catalog.Text{{Kind: catalog.Bold, S: " a*b \n c "}}, o, "*a∗b*\n*c*"},
		{"code", catalog.Text{{Kind: catalog.Code, S: "a`b\nc<"}}, o, "`aˋb c&lt;`"},
		{"block", catalog.Text{{S: "run"}, {Kind: catalog.Block, S: "a ``` b\n*c*"}, {S: "then"}}, o, "run\n```\na ``" + zwsp + "` b\n*c*\n```\nthen"},
		{"mention", catalog.Text{{Kind: catalog.Mention, ID: "U1A", S: "bob"}}, o, "<@U1A>"},
		{"forged mention", catalog.Text{{Kind: catalog.Mention, ID: "U1><!channel", S: "bob"}}, o, "bob"},
		{"named", catalog.Text{{Kind: catalog.Named, ID: "U1A", S: "bob"}}, o, "bob"},
		{"channel", catalog.Text{{Kind: catalog.Channel, ID: "C1A"}, {S: " "}, {Kind: catalog.Channel, ID: "x", S: "ops"}}, o, "<#C1A> #ops"},
		{"link", catalog.Text{{Kind: catalog.Link, S: "a|b>c", URL: "https://x.example/p?a=1&b=|>"}}, o, "<https://x.example/p?a=1&amp;b=%7C%3E|a¦b&gt;c>"},
		{"bad link", catalog.Text{{Kind: catalog.Link, S: "here", URL: "javascript:alert(1)"}}, o, "here"},
		{"moment", catalog.Text{{Kind: catalog.Moment, At: at, Form: catalog.Clock}}, o, fmt.Sprintf("<!date^%d^{time}|03:12 CET>", at.Unix())},
		{"date", catalog.Text{{Kind: catalog.Moment, At: at, Form: catalog.DateClock}}, fr, fmt.Sprintf("<!date^%d^{date_short_pretty} {time}|21 nov. 03:12 CET>", at.Unix())},
		{"control characters", words("a\x00b\u202ec\x1b[0m"), o, "abc[0m"},
	} {
		if got := Text(c.in, c.o); got != c.want {
			t.Errorf("%s:\n got %q\nwant %q", c.name, got, c.want)
		}
	}
}

func TestWordsForPlainPlaces(t *testing.T) {
	o := paris(t)
	in := catalog.Text{{S: "a  <b>\n"}, {Kind: catalog.Mention, ID: "U1", S: "bob"}, {Kind: catalog.Break}, {Kind: catalog.Moment, At: at}}
	if got, want := Words(in, o, 75), "a <b> bob 03:12 CET"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := Words(words(strings.Repeat("😀", 50)), o, 75); units(got) > 75 || !strings.HasSuffix(got, "…") {
		t.Errorf("%d units: %q", units(got), got)
	}
}

func TestLongTextIsSplitWithoutLosingOrCuttingAnything(t *testing.T) {
	o := paris(t)
	var in catalog.Text
	for i := range 400 {
		in = append(in, catalog.Span{S: fmt.Sprintf("word%d & ", i)}, catalog.Span{Kind: catalog.Mention, ID: fmt.Sprintf("U%d", i)}, catalog.Span{S: " "})
	}
	r := Message(view.Card{Summary: words("x"), Blocks: []view.Block{view.Section{Text: in}}}, o)
	if err := Check(r.Blocks, false); err != nil {
		t.Fatal(err)
	}
	if len(r.Blocks) < 2 {
		t.Fatalf("%d blocks, want several", len(r.Blocks))
	}
	var all strings.Builder
	for _, b := range r.Blocks {
		all.WriteString(b.(*slack.SectionBlock).Text.Text + " ")
	}
	for i := range 400 {
		if !strings.Contains(all.String(), fmt.Sprintf("word%d &amp; <@U%d>", i, i)) {
			t.Fatalf("word%d is lost or cut", i)
		}
	}
}

func TestTooMuchIsShortenedAndButtonsStay(t *testing.T) {
	o := paris(t)
	var c view.Card
	for i := range 60 {
		c.Blocks = append(c.Blocks, view.Section{Text: words(strings.Repeat(fmt.Sprintf("line %d ", i), 300))})
	}
	c.Blocks = append(c.Blocks, view.Actions{Elements: []view.Element{view.Button{Action: "ack", Label: words("Ack"), Value: view.Ref{Incident: "INC-1"}}}})
	r := Message(c, o)
	if err := Check(r.Blocks, false); err != nil {
		t.Fatal(err)
	}
	found := false
	for _, b := range r.Blocks {
		if a, ok := b.(*slack.ActionBlock); ok {
			found = found || a.Elements.ElementSet[0].(*slack.ButtonBlockElement).ActionID == "ack"
		}
	}
	if !found {
		t.Error("the button fell to the words")
	}
}

func TestRefsComeBack(t *testing.T) {
	o := paris(t)
	r := Message(headline(), o)
	refs := map[string]view.Ref{}
	for _, b := range r.Blocks {
		a, ok := b.(*slack.ActionBlock)
		if !ok {
			continue
		}
		for _, e := range a.Elements.ElementSet {
			switch e := e.(type) {
			case *slack.ButtonBlockElement:
				ref, err := ParseValue(e.Value)
				if err != nil {
					t.Fatal(err)
				}
				refs[e.ActionID] = ref
			case *slack.SelectBlockElement:
				ref, ok := ParseBlockID(a.BlockID)
				if !ok {
					t.Fatalf("no ref in block_id %q", a.BlockID)
				}
				refs[e.ActionID] = ref
			}
		}
	}
	for id, want := range map[string]view.Ref{
		"ack": {Incident: "INC-42", Seq: 7}, "role": {Incident: "INC-42", Seq: 7, Subject: "comms"}, "role~2": {Incident: "INC-42", Seq: 7, Subject: "scribe"},
		"severity": {Incident: "INC-42", Seq: 7}, "assign": {Incident: "INC-42", Seq: 7, Subject: "commander"}, Open: {},
	} {
		if got, ok := refs[id]; !ok || got != want {
			t.Errorf("%s carries %+v (there: %v), want %+v", id, got, ok, want)
		}
	}
	for in, want := range map[string]string{"role~2": "role", "role": "role", "a~b": "a~b", "x~12": "x"} {
		if got := Action(in); got != want {
			t.Errorf("Action(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestCheckRefuses(t *testing.T) {
	long := plain(strings.Repeat("x", 200))
	row := func(e ...slack.BlockElement) slack.Block {
		return &slack.ActionBlock{Type: slack.MBTAction, Elements: &slack.BlockElements{ElementSet: e}}
	}
	button := func(id string) *slack.ButtonBlockElement {
		return &slack.ButtonBlockElement{Type: slack.METButton, ActionID: id, Text: plain("x")}
	}
	for name, b := range map[string]slack.Block{
		"long header":       &slack.HeaderBlock{Type: slack.MBTHeader, Text: long},
		"empty section":     &slack.SectionBlock{Type: slack.MBTSection},
		"long section":      &slack.SectionBlock{Type: slack.MBTSection, Text: mrkdwn(strings.Repeat("x", 3001))},
		"long button":       row(&slack.ButtonBlockElement{ActionID: "a", Text: long}),
		"long value":        row(&slack.ButtonBlockElement{ActionID: "a", Text: plain("x"), Value: strings.Repeat("x", 2001)}),
		"same action twice": row(button("a"), button("a")),
		"no elements":       row(),
		"field in message":  &slack.InputBlock{Type: slack.MBTInput, Label: plain("x"), Element: &slack.PlainTextInputBlockElement{ActionID: "a", MaxLength: 5}},
		"unknown block":     &slack.ImageBlock{Type: slack.MBTImage},
		"no options":        row(&slack.SelectBlockElement{Type: slack.OptTypeStatic, ActionID: "a"}),
	} {
		if Check([]slack.Block{b}, false) == nil {
			t.Errorf("%s passed", name)
		}
	}
	if err := Check([]slack.Block{row(button("a"))}, false); err != nil {
		t.Errorf("a good row: %v", err)
	}
}

// live finds everything that Slack would make a reference of.
var live = regexp.MustCompile(`<[^>]*>`)

// FuzzCard puts any words into every place of a card and a form: the result is within Slack's limits, and nothing in it is a reference
// that the view did not ask for.
func FuzzCard(f *testing.F) {
	f.Add("checkout *is* `down` <!channel>", "https://x.example/a|b>c", "U123", uint8(3))
	f.Add(strings.Repeat("ab ", 5000), "", "", uint8(60))
	f.Add("```\n> x\n```", "javascript:x", "U1>x", uint8(1))
	f.Add("&lt;!here&gt; \u202e😀\x00", "http://[::1", "W1", uint8(9))
	f.Fuzz(func(t *testing.T, s, u, id string, n uint8) {
		o := Options{Language: "fr"}
		all := catalog.Text{}
		for i := range int(n%12) + 1 {
			all = append(all, catalog.Span{Kind: catalog.Kind(i % 10), S: s, URL: u, ID: id, At: at})
		}
		plainOnly := catalog.Text{{S: s}, {Kind: catalog.Bold, S: s}, {Kind: catalog.Code, S: s}, {Kind: catalog.Block, S: s}, {Kind: catalog.Named, S: s, ID: "U1"}}
		if hit := live.FindString(Text(plainOnly, o)); hit != "" {
			t.Errorf("data became %q", hit)
		}
		opts := []view.Option{{Label: all, Value: s, Hint: all}, {Label: plainOnly, Value: "1"}}
		ref := view.Ref{Incident: "INC-1", Note: s}
		var c view.Card
		c.Summary = all
		for range int(n%70) + 1 {
			c.Blocks = append(c.Blocks,
				view.Header{Text: all}, view.Section{Text: all, Fields: []catalog.Text{all, plainOnly}, Beside: view.Menu{Action: s, Options: opts, Value: ref}},
				view.Small{Text: plainOnly},
				view.Actions{Elements: []view.Element{
					view.Button{Action: "a", Label: all, Value: ref, URL: u, Confirm: &view.Confirm{Title: all, Text: all, Yes: all, No: all}},
					view.Overflow{Action: "b", Options: opts, Value: ref}, view.People{Action: "a", Placeholder: all, Value: view.Ref{Incident: "INC-2"}},
				}})
		}
		r := Message(c, o)
		if err := Check(r.Blocks, false); err != nil {
			t.Error(err)
		}
		if units(r.Text) > maxFallback || r.Text == "" {
			t.Errorf("fallback of %d characters", units(r.Text))
		}
		if _, err := r.JSON(); err != nil {
			t.Error(err)
		}
		m := Modal(view.Form{ID: "f", Title: all, Submit: all, Close: all, Ref: ref, Blocks: append(c.Blocks,
			view.Input{ID: "i", Label: all, Hint: all, Field: view.TextField{Initial: s, Max: int(n), Min: 200, Placeholder: all}},
			view.Input{ID: "i", Label: all, Field: view.ChoiceField{Options: opts, Chosen: s}},
			view.Input{ID: s, Label: all, Field: view.PersonField{Initial: id}})}, o)
		if err := CheckModal(m); err != nil {
			t.Error(err)
		}
	})
}

// FuzzParse reads what comes back from outside.
func FuzzParse(f *testing.F) {
	f.Add(`{"i":"INC-1"}`)
	f.Add(`ref:{"i":"INC-1"}~2`)
	f.Fuzz(func(t *testing.T, s string) {
		_, _ = ParseValue(s)
		_, _ = ParseBlockID(s)
		if a := Action(s); !strings.HasPrefix(s, a) {
			t.Errorf("Action(%q) = %q", s, a)
		}
	})
}

package catalog

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestEveryMessageInBothLanguages(t *testing.T) {
	if errCompile != nil {
		t.Fatal(errCompile)
	}
	if len(messages) < 200 {
		t.Fatalf("only %d messages: a table is missing from compile", len(messages))
	}
	for _, key := range Keys() {
		m := messages[key]
		if m[English] == nil || m[French] == nil {
			t.Errorf("%s lacks a language", key)
			continue
		}
		en, fr := map[string]nodeKind{}, map[string]nodeKind{}
		placeholders(m[English], en)
		placeholders(m[French], fr)
		if !maps.Equal(en, fr) {
			t.Errorf("%s: English uses %v, French %v", key, en, fr)
		}
	}
}

// The emoji have one meaning each, so both languages show the same ones; nothing pings a channel; nobody is told "please note".
func TestWords(t *testing.T) {
	banned := regexp.MustCompile(`(?i)please|sorry|oops|great|awesome|@channel|@here|veuillez noter|désolé|(^|[^\p{L}])(ton|ta|tes|toi|tu)($|[^\p{L}])`)
	emoji := regexp.MustCompile(`[\x{2300}-\x{27BF}\x{26A0}-\x{26FF}\x{1F000}-\x{1FAFF}]`)
	allowed := "🔴🟠🟡⚪⏱📟✅⛔🔒"
	for key, m := range messages {
		for _, lang := range Languages() {
			s := source(m[lang])
			if w := banned.FindString(s); w != "" {
				t.Errorf("%s in %s says %q: %s", key, lang, w, s)
			}
			for _, e := range emoji.FindAllString(s, -1) {
				if !strings.Contains(allowed, e) {
					t.Errorf("%s in %s decorates with %s", key, lang, e)
				}
			}
		}
		en, fr := emoji.FindAllString(source(m[English]), -1), emoji.FindAllString(source(m[French]), -1)
		if !slices.Equal(en, fr) {
			t.Errorf("%s: English shows %v, French %v", key, en, fr)
		}
	}
}

// French punctuation never begins a line, and every high sign has its no-break space.
func TestFrenchTypography(t *testing.T) {
	bad := regexp.MustCompile(`[\p{L}\p{N}}»)] ?[!?;]|[^ \x{a0}\d] ?:( |$)|« | »|\d (min|h|j)\b`)
	for key, m := range messages {
		s := strings.ReplaceAll(source(m[French]), nbsp, "_")
		if x := bad.FindString(s); x != "" && !strings.Contains(x, "_") {
			t.Errorf("%s: %q in %q", key, x, s)
		}
	}
	if got, want := Say("fr", "refused.not-over", nil).Plain(nil), "Pas de réouverture\u00a0: l'incident est ouvert. Rien à faire."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// source puts a template's words back together.
func source(nodes []node) string {
	var b strings.Builder
	for _, n := range nodes {
		switch n.kind {
		case nodeWords:
			b.WriteString(n.s)
		case nodeBreak:
			b.WriteByte('\n')
		case nodePlural:
			b.WriteString(source(n.one) + "|" + source(n.other))
		default:
			b.WriteString("{" + n.s + "}")
		}
	}
	return b.String()
}

func TestPlural(t *testing.T) {
	for _, c := range []struct {
		lang string
		n    int
		want string
	}{{"en", 0, "0 open incidents"}, {"en", 1, "1 open incident"}, {"en", 2, "2 open incidents"}, {"fr", 0, "0 incident ouvert"}, {"fr", 1, "1 incident ouvert"}, {"fr", 2, "2 incidents ouverts"}} {
		if got := Say(c.lang, "list.open", Args{"n": Int(c.n)}).Plain(nil); got != c.want {
			t.Errorf("%s %d: %q, want %q", c.lang, c.n, got, c.want)
		}
	}
}

func TestFallbacks(t *testing.T) {
	messages["test.english"] = compiled{English: []node{{kind: nodeWords, s: "only English, "}, {kind: nodeArg, s: "who"}}}
	defer delete(messages, "test.english")
	for _, c := range []struct{ lang, key, want string }{
		{"fr", "test.english", "only English, {who}"}, {"fr", "no.such-key", "no.such-key"}, {"de", "role.comms", "communications lead"}, {"fr-CA", "role.comms", "responsable communication"}, {"", "nobody", "nobody"},
	} {
		if got := Say(c.lang, c.key, nil).Plain(nil); got != c.want {
			t.Errorf("%s %s: %q, want %q", c.lang, c.key, got, c.want)
		}
	}
	if got := Say("en", "list.open", nil).Plain(nil); got != "{n}" {
		t.Errorf("a plural without its number says %q", got)
	}
}

func TestParseRefusesWhatItCannotMean(t *testing.T) {
	for _, s := range []string{"{", "}", "{}", "{a b}", "*bold", "`code", "*a `b* c`", "{n, plural one{x}}", "{n, plural one{x} other{y}", "{n, select a{b}}", "{n, plural one{x"} {
		if _, err := parse(s); err == nil {
			t.Errorf("%q was read", s)
		}
	}
}

func TestFacesReachArguments(t *testing.T) {
	nodes, err := parse("a *b {x} c* `d {x}`\n{p}")
	if err != nil {
		t.Fatal(err)
	}
	got := join(fill(nil, nodes, English, Args{"x": Words("<!channel>"), "p": Person{Slack: "U1", Name: "Léa", Ping: true}}, ""))
	want := Text{{S: "a "}, {Kind: Bold, S: "b <!channel> c"}, {S: " "}, {Kind: Code, S: "d <!channel>"}, {Kind: Break}, {Kind: Mention, S: "Léa", ID: "U1"}}
	if !slices.Equal(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestArguments(t *testing.T) {
	zone := time.FixedZone("", 3600)
	at := time.Date(2026, 8, 1, 2, 12, 0, 0, time.UTC)
	for _, c := range []struct {
		lang string
		arg  Arg
		want string
	}{
		{"en", Duration(45 * time.Second), "45 s"}, {"en", Duration(15 * time.Minute), "15 min"}, {"en", Duration(130 * time.Second), "2 min 10 s"}, {"en", Duration(90 * time.Minute), "1 h 30 min"},
		{"fr", Duration(90 * time.Minute), "1 h 30"}, {"fr", Duration(65 * time.Minute), "1 h 05"}, {"en", Duration(2 * time.Hour), "2 h"}, {"en", Duration(51 * time.Hour), "2 d 3 h"}, {"fr", Duration(48 * time.Hour), "2 j"},
		{"en", Duration(599700 * time.Millisecond), "10 min"}, {"en", Duration(-time.Minute), "1 min"}, {"en", Duration(23*time.Hour + 59*time.Minute + 40*time.Second), "1 d"},
		{"en", Time{At: at}, "03:12"}, {"en", Time{At: at, Form: DateClock}, "1 Aug 03:12"}, {"fr", Time{At: at, Form: DateClock}, "1 août 03:12"}, {"en", Time{}, "–"},
		{"en", Person{Slack: "U1", Name: "Léa", Ping: true}, "Léa"}, {"en", Person{Slack: "U1"}, "U1"}, {"en", Person{Name: "Olga"}, "Olga"},
		{"en", List{Words("a"), Words("b"), Words("c")}, "a, b and c"}, {"fr", List{Words("a"), Words("b")}, "a et b"}, {"en", Either{Words("a"), Words("b")}, "a or b"}, {"en", List(nil), ""},
		{"en", Quoted("x"), "“x”"}, {"fr", Quoted("x"), "« x »"}, {"en", Severity(1), "SEV-1"}, {"en", Room{"C1", "inc"}, "#inc"}, {"en", Room{"", "inc"}, "#inc"},
		{"en", URL{"doc", "https://x/y"}, "doc (https://x/y)"}, {"en", URL{"doc", "javascript:x"}, "doc"}, {"en", URL{"doc", "https://x/ y"}, "doc"},
		{"fr", Rule("alert X"), "alerte X"}, {"fr", Rule("label severity=critical"), "l'alerte indique critical"}, {"en", Rule("30 % of tenants"), "30 % of tenants"},
		{"en", Lines("a\r\nb\x1b[2J"), "a\nb[2J"}, {"en", Words(" a\n\n b\t"), "a b"}, {"en", Words("\u202eevil\u202c שלום"), "evil שלום"},
	} {
		if got := strings.ReplaceAll(Of(c.lang, c.arg).Plain(zone), nbsp, " "); got != c.want {
			t.Errorf("%T %v in %s: %q, want %q", c.arg, c.arg, c.lang, got, c.want)
		}
	}
}

// Also a text that was put together by hand can drive no terminal.
func TestPlainDropsControls(t *testing.T) {
	raw := "a\x1b[31mb\x00\u202ec"
	got := Text{{S: raw}, {Kind: Bold, S: raw}, {Kind: Code, S: raw}, {Kind: Block, S: raw + "\n" + raw}, {Kind: Named, S: raw}, {Kind: Channel, S: raw}, {Kind: Link, S: raw, URL: "https://" + raw}}.Plain(nil)
	if i := strings.IndexAny(got, "\x1b\x00\u202e"); i >= 0 {
		t.Errorf("%q", got)
	}
}

// Whatever comes in as data stays words on its line and drives no terminal.
func FuzzData(f *testing.F) {
	for _, s := range []string{"", "<!channel>", "a\nb", "\x1b[31m", "{by} *b* `c`", "\u202ex", "\xff\xfe", "https://x|y"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, a := range []Arg{Words(s), Strong(s), Literal(s), Quoted(s), Rule(s), Room{"C1", s}, URL{s, s}, Person{Name: s}, Person{Slack: "U1", Name: s, Ping: true}, Term(s)} {
			got := Say("en", "tl.note", Args{"by": a, "text": Lines(s)})
			for _, x := range got {
				if x.Kind == Mention && x.ID != "U1" || strings.Contains(x.S, "\n") || x.Kind == Link && !strings.HasPrefix(x.URL, "http") {
					t.Errorf("%T %q became %+v", a, s, x)
				}
			}
			p := got.Plain(nil)
			if strings.ContainsFunc(p, func(r rune) bool { return r < 0x20 && r != '\n' && r != '\t' || r >= 0x7f && r <= 0x9f || r == 0x202e }) || utf8.ValidString(s) && !utf8.ValidString(p) {
				t.Errorf("%T %q renders %q", a, s, p)
			}
		}
	})
}

func TestADayTakesNoAt(t *testing.T) {
	day := Time{At: time.Date(2026, 11, 22, 9, 50, 0, 0, time.UTC), Form: DateClock}
	if got := Say(French, "tl.cap.window", Args{"from": day, "to": day}).Plain(nil); got != "de 22 nov. 09:50 à 22 nov. 09:50" {
		t.Errorf("a span of time: %q", got)
	}
	at := time.Date(2026, 11, 22, 9, 50, 0, 0, time.UTC)
	for _, c := range []struct{ lang, form, want string }{
		{English, Clock, "Mitigated at 09:50, open since 09:50"}, {English, DateClock, "Mitigated 22 Nov 09:50, open since 22 Nov 09:50"},
		{French, Clock, "Effets maîtrisés à 09:50, ouvert depuis 09:50"}, {French, DateClock, "Effets maîtrisés 22 nov. 09:50, ouvert depuis 22 nov. 09:50"},
	} {
		when := Time{At: at, Form: c.form}
		if got := Say(c.lang, "headline.mitigated", Args{"at": when, "since": when}).Plain(nil); got != c.want {
			t.Errorf("%s %s: %q, want %q", c.lang, c.form, got, c.want)
		}
	}
}

// What leaves the house says the day, the year and the zone of every moment.
func TestALetterNamesYearAndZone(t *testing.T) {
	at := time.Date(2026, 2, 23, 17, 17, 0, 0, time.UTC)
	zone := time.FixedZone("CET", 3600)
	for lang, want := range map[string]string{English: "seen 23 Feb 2026 18:17 CET, or never", French: "seen 23 févr. 2026 18:17 CET, or never"} {
		text := Text{{S: "seen "}, {Kind: Moment, At: at, Lang: lang}, {S: ", or never"}}
		if got := text.Letter(zone); got != want {
			t.Errorf("%q", got)
		}
		if got := text[1:2].Letter(nil); !strings.HasSuffix(got, "2026 17:17 UTC") {
			t.Errorf("%q", got)
		}
	}
}

package main

import (
	"bytes"
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/alecthomas/kong"

	"github.com/tocsin-bot/tocsin/bot/catalog"
)

var update = flag.Bool("update", false, "write the golden files anew")

// notWords are strings with blanks or letters that are printed and are no words of a language, with the reason.
var notWords = map[string]string{
	"SLACK_BOT_TOKEN=xoxb-… SLACK_APP_TOKEN=xapp-… tocsin serve":                           "a command line",
	"tocsin serve --config policy.yaml --http-addr :8080 --redis-url redis://redis:6379/0": "a command line",
	"tocsin sandbox --addr 127.0.0.1:7300 --bot-token xoxb-local --app-token xapp-local":   "a command line",
	`tocsin policy explain "SEV-2 on Saturday 23:50, nobody moves"`:                        "a command line",
	"PAGERDUTY_API_TOKEN=… tocsin policy backtest --since 90d --config policy.yaml":        "a command line",
	"tocsin policy backtest --from past.jsonl --format csv":                                "a command line",
	`tocsin policy explain --alert ApiErrorRateHigh --ack-after 4m`:                        "a command line",
	"tocsin runbooks play RB-003":                                                          "a command line",
	"tocsin runbooks play RB-003 --language fr --set topic=aml.subjects":                   "a command line",
	"tocsin runbooks list":                                                   "a command line",
	"tocsin runbooks usage":                                                  "a command line",
	"tocsin runbooks usage RB-003 --since 365d --csv":                        "a command line",
	"tocsin runbooks lint --runbooks ":                                       "a command line",
	"tocsin runbooks show RB-003":                                            "a command line",
	"tocsin runbooks show RB-003 --language fr":                              "a command line",
	`tocsin runbooks new RB-042 "Payment queue stuck" --runbooks ./runbooks`: "a command line",
	`tocsin runbooks new RB-042 "File de paiement bloquée" --language fr`:    "a command line",
	"tocsin demo":        "a command line",
	"tocsin demo --play": "a command line",
	"tocsin demo --data-dir /tmp/demo --language fr":    "a command line",
	"tocsin show INC-1 --data-dir ":                     "a command line",
	"tocsin oncall":                                     "a command line",
	"tocsin oncall report --month 2026-11":              "a command line",
	"tocsin oncall report --month 2026-11 --format csv": "a command line",
	"tocsin list --all":                                 "a command line",
	"tocsin --help":                                     "a command line",
	"2006-01-02 15:04 MST":                              "how a time is written",
	"tocsin %s %s %s/%s\n":                              "the program's name before its version, for scripts",
	"PAGERDUTY_WEBHOOK_SECRET=%s\n":                     "a variable, to be copied",
	"%s\t%s\n%s\t%s/control/\n\n":                       "a path",
	"SLACK_API_URL=%s/api/\nSLACK_BOT_TOKEN=%s\nSLACK_APP_TOKEN=%s\nPAGERDUTY_API_URL=%s/pagerduty\nPAGERDUTY_EVENTS_URL=%s/pagerduty\nPAGERDUTY_API_TOKEN=%s\n": "variables, to be copied",
}

// TestNoWordsOutsideTheCatalogue walks the command's source: a string that a person could read stands in the catalogue, in both languages.
func TestNoWordsOutsideTheCatalogue(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	// In two directories, the same rule: what the demo prints is the command's.
	more, err := filepath.Glob("../../bot/demo/*.go")
	if err != nil || len(more) == 0 {
		t.Fatal("the demo is not there", err)
	}
	blank, letters := regexp.MustCompile(`[^\s%]\s+\S|\S\s+[^\s%]`), regexp.MustCompile(`\p{L}{2,}`)
	verb := regexp.MustCompile(`%[-+# 0-9.*\[\]]*[a-zA-Z]`)
	seen, used := 0, map[string]bool{}
	for _, name := range append(files, more...) {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ImportSpec, *ast.Field: // a struct's tag is the parser's; its words are checked by TestEveryFlagIsWorded
				return false
			case *ast.CallExpr:
				s, ok := n.Fun.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				x, _ := s.X.(*ast.Ident)
				switch {
				case x != nil && x.Name == "regexp": // what is read, not what is said
					return false
				case x != nil && x.Name == "fmt" && strings.HasPrefix(s.Sel.Name, "Fprint"):
					for _, a := range n.Args {
						if l, ok := a.(*ast.BasicLit); ok && l.Kind == token.STRING {
							text, _ := strconv.Unquote(l.Value)
							used[text] = true
							if notWords[text] == "" && letters.MatchString(verb.ReplaceAllString(text, "")) {
								t.Errorf("%s: %q is printed and is not the catalogue's", fset.Position(l.Pos()), text)
							}
						}
					}
				case x != nil && (x.Name == "errors" && s.Sel.Name == "New" || x.Name == "fmt" && s.Sel.Name == "Errorf"):
					if l, ok := n.Args[0].(*ast.BasicLit); ok && l.Value != `"failed"` { // errFailed is never printed
						t.Errorf("%s: the error %s is not the catalogue's", fset.Position(l.Pos()), l.Value)
					}
				}
			case *ast.BasicLit:
				if n.Kind != token.STRING {
					return true
				}
				seen++
				text, err := strconv.Unquote(n.Value)
				if err != nil {
					t.Fatal(err)
				}
				used[text] = true
				plain := verb.ReplaceAllString(text, "%")
				inDemo := strings.Contains(name, "demo/")
				if notWords[text] == "" && blank.MatchString(plain) && letters.MatchString(plain) && !(inDemo && demoInput.MatchString(text)) {
					t.Errorf("%s: %q is not the catalogue's", fset.Position(n.Pos()), text)
				}
			}
			return true
		})
	}
	if seen < 200 {
		t.Errorf("only %d strings were seen", seen)
	}
	for text, why := range notWords {
		if !used[text] {
			t.Errorf("the exception %q (%s) is not needed any more", text, why)
		}
	}
}

// demoInput are strings of the demo that nobody reads: commands it types, lines of the default policy it replaces, patterns.
var demoInput = regexp.MustCompile(`^(sev 2 |status mitigated |\n[a-z_]+: ?|\n  |:\n    |\]\n    ).*`)

// model is the command line as its parser knows it.
func model(t *testing.T) *kong.Kong {
	t.Helper()
	var c cli
	p, err := kong.New(&c, kong.Name("tocsin"))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestEveryFlagIsWorded wants every verb, flag, argument, group and placeholder in the catalogue.
func TestEveryFlagIsWorded(t *testing.T) {
	p := model(t)
	want := func(key string) {
		if !catalog.Has(key) {
			t.Errorf("the catalogue has no %s", key)
		}
	}
	flags := func(verb string, list []*kong.Flag) {
		for _, f := range list {
			want(flagKey(verb, f.Name))
			if f.Help != "" && f.Name != "help" {
				t.Errorf("%s --%s has words in its tag: %q", verb, f.Name, f.Help)
			}
			if f.Group != nil {
				want("cli.group." + f.Group.Key)
			}
			if s := f.PlaceHolder; s != "" && regexp.MustCompile(`^[A-Z:]+$`).MatchString(s) {
				want("cli.value." + s)
			}
		}
	}
	flags("tocsin", p.Model.Flags)
	if len(p.Model.Children) != 12 {
		t.Errorf("%d verbs", len(p.Model.Children))
	}
	verbs := p.Model.Children
	for _, n := range p.Model.Children {
		verbs = append(verbs, n.Children...)
	}
	for _, n := range verbs {
		want("cli.verb." + verbKey(n))
		flags(verbKey(n), n.Flags)
		for _, a := range n.Positional {
			want("cli.arg." + a.Name)
		}
		target := n.Target.Addr().Interface()
		if a, ok := target.(about); ok {
			want(a.About())
		}
		if n.Help != "" || n.Detail != "" {
			t.Errorf("%s has words in its tag", n.Name)
		}
	}
	if reflect.ValueOf(cli{}).NumField() != 13 {
		t.Error("a verb was added or taken away: look at this test")
	}
}

// said runs the command in this process.
func said(t *testing.T, args ...string) (out, errs string, code int) {
	t.Helper()
	var o, e bytes.Buffer
	code = run(args, &o, &e)
	return o.String(), e.String(), code
}

func quietly(t *testing.T) {
	for _, name := range []string{"TOCSIN_LANGUAGE", "TOCSIN_CONFIG", "TOCSIN_RUNBOOKS", "TOCSIN_DATA_DIR", "REDIS_URL", "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "PAGERDUTY_API_TOKEN"} {
		t.Setenv(name, "")
		_ = os.Unsetenv(name)
	}
}

// TestHelpInBothLanguages holds every --help to its golden file: what it says, and that no line is wider than a terminal.
func TestHelpInBothLanguages(t *testing.T) {
	quietly(t)
	for _, lang := range catalog.Languages() {
		var all strings.Builder
		for _, verb := range []string{"", "serve", "demo", "sandbox", "check", "policy", "policy explain", "policy check", "policy backtest", "policy show", "policy example", "runbooks", "runbooks list", "runbooks lint", "runbooks show", "runbooks play", "runbooks new", "runbooks usage", "shadow", "shadow report", "list", "show", "export", "version"} {
			args := []string{"--help", "--language", lang}
			if verb != "" {
				args = append(strings.Fields(verb), args...)
			}
			out, errs, code := said(t, args...)
			if code != 0 || errs != "" {
				t.Errorf("%v: status %d %s", args, code, errs)
			}
			for _, line := range strings.Split(out, "\n") {
				if utf8.RuneCountInString(line) > helpWidth && !strings.HasPrefix(line, "  tocsin") {
					t.Errorf("%s in %s is too wide: %q", verb, lang, line)
				}
			}
			all.WriteString("$ tocsin " + verb + " --help\n" + out + "\n")
		}
		golden(t, "help."+lang+".golden", all.String())
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; look at it with git diff after go test ./cmd/tocsin -run %s -update\n%s", file, t.Name(), got)
	}
}

// TestMisuseInBothLanguages provokes everything the parser of the command line can complain of: each is said in the reader's words, with
// where help is, and nothing is done.
func TestMisuseInBothLanguages(t *testing.T) {
	quietly(t)
	back, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range catalog.Languages() {
		t.Setenv("TOCSIN_LANGUAGE", lang)
		t.Chdir(t.TempDir())
		here, err := os.Getwd()
		if err != nil {
			t.Fatal(err)
		}
		var all strings.Builder
		for _, c := range []struct {
			line   string
			status int
		}{
			{"sevre", misuse}, {"whatever", misuse}, {"serve --lagnuage fr", misuse}, {"serve --nothing-like-it", misuse}, {"show", misuse}, {"demo extra", misuse},
			{"check --language de", misuse}, {"export INC-1 --format xml", misuse}, {"demo --addr", misuse}, {"serve --slack-bot-token --http-addr :0", misuse}, {"list --all=maybe", misuse},
			{"--nothing", misuse}, {"runbooks", misuse}, {"policy", misuse}, {"list", failed}, {"show INC-1 --data-dir nowhere", failed}, {"show foo", failed}, {"export foo", failed}, {"serve", failed},
			{"serve --config none.yaml", failed}, {"sandbox --addr nowhere:99:99", failed}, {"demo --addr nowhere:99:99", failed}, {"list --redis-url nonsense", failed},
		} {
			out, errs, code := said(t, strings.Fields(c.line)...)
			if code != c.status || out != "" {
				t.Errorf("%s in %s: status %d, output %q", c.line, lang, code, out)
			}
			for _, parsers := range []string{"unknown flag", "unexpected argument", "must be one of", "did you mean \"", "expected one", "EOL", "missing flags"} {
				if strings.Contains(errs, parsers) {
					t.Errorf("%s in %s: the parser's own words: %s", c.line, lang, errs)
				}
			}
			all.WriteString("$ tocsin " + c.line + "\n" + strings.ReplaceAll(errs, here, "HERE") + "\n")
		}
		t.Chdir(back)
		golden(t, "misuse."+lang+".golden", all.String())
	}
}

func TestALanguageNobodySpeaksInTheEnvironment(t *testing.T) {
	quietly(t)
	t.Setenv("TOCSIN_LANGUAGE", "de")
	_, errs, code := said(t, "list")
	if code != misuse || !strings.Contains(errs, "TOCSIN_LANGUAGE") || !strings.Contains(errs, "en or fr, not de") {
		t.Errorf("status %d: %s", code, errs)
	}
}

// TestWhichLanguage holds the order: flag, variable, policy of the flag, policy of the variable, English.
func TestWhichLanguage(t *testing.T) {
	dir := t.TempDir()
	policy := func(name, src string) string {
		p := filepath.Join(dir, name)
		if err := os.WriteFile(p, []byte(src), 0o600); err != nil {
			t.Fatal(err)
		}
		return p
	}
	fr, en := policy("fr.yaml", "version: 1\nlanguage: fr # ours\nzone: Nowhere/AtAll\n"), policy("en.yaml", "language: \"en\"\n")
	silent := policy("silent.yaml", "# language: fr\ntargets:\n  language: fr\n")
	for _, c := range []struct {
		args, env    string
		lang, chosen string
	}{
		{"", "", "en", ""}, {"list --language fr", "", "fr", "fr"}, {"list --language=fr", "TOCSIN_LANGUAGE=en", "fr", "fr"}, {"list", "TOCSIN_LANGUAGE=fr", "fr", "fr"},
		{"list --config " + fr, "", "fr", ""}, {"list", "TOCSIN_CONFIG=" + fr, "fr", ""}, {"list --config " + en, "TOCSIN_CONFIG=" + fr, "en", ""},
		{"list --config " + fr, "TOCSIN_LANGUAGE=en", "en", "en"}, {"list --config " + silent, "", "en", ""}, {"list --config /none", "", "en", ""},
		{"list --language de", "TOCSIN_LANGUAGE=fr", "fr", "fr"}, {"list -- --language fr", "", "en", ""}, {"list --language", "", "en", ""},
	} {
		lookup := func(name string) (string, bool) {
			n, v, _ := strings.Cut(c.env, "=")
			return v, n == name
		}
		if lang, chosen := languageOf(strings.Fields(c.args), lookup); lang != c.lang || chosen != c.chosen {
			t.Errorf("%q with %q: %q %q, want %q %q", c.args, c.env, lang, chosen, c.lang, c.chosen)
		}
	}
}

func TestWithoutAVerb(t *testing.T) {
	quietly(t)
	out, errs, code := said(t)
	if code != misuse || out != "" || !strings.Contains(errs, "serve") || !strings.Contains(errs, "--help") {
		t.Errorf("status %d, output %q\n%s", code, out, errs)
	}
}

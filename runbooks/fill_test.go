package runbooks

import (
	"context"
	"errors"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

// open accepts every value, so that the quoting alone stands between a value and the shell.
func open(name string, quoting ...Quoting) Parameter {
	return Parameter{Name: name, What: "w", Pattern: regexp.MustCompile(`\A(?:(?s).+)\z`), InWords: "anything", Quoting: quoting, Example: "e"}
}

func commandOf(t testing.TB, language, code string) (*Runbook, Command) {
	t.Helper()
	slots, err := scan(language, code)
	if err != nil {
		t.Fatalf("%q: %v", code, err)
	}
	return &Runbook{ID: "RB-900", Parameters: []Parameter{open("x", Shell, SQL, Text)}}, Command{Language: language, Code: code, slots: slots}
}

var nasty = []string{
	"kyc-svc", "a b", "a'b", `a"b`, "a`id`b", "$(id)", "${HOME}", "a;id", "a|b", "a&b", "a>b", "a<b", "*", "?", "[a]", "~", "~root", "#x", "!!", "!-1",
	`\`, `a\`, `\'`, `'\''`, "''", "{a,b}", "a=b", "PATH=x", "%1", "1", "a\u00a0b", "é", "'; DROP TABLE x; --", `\'; DROP TABLE x; --`, "$$", "{{x}}", "--", "x -rf /", "^a^b",
}

const shellTemplate = "tool a{{x}}b --o={{x}} -- x{{x}} | V={{x}} tee \"$(tool z{{x}})\""

func TestFillShellKeepsOneWord(t *testing.T) {
	sh := bash(t)
	r, c := commandOf(t, "sh", "printf '%s\\n' a{{x}}b --o={{x}} x{{x}}")
	for _, v := range nasty {
		f, err := r.FillCommand(c, map[string]string{"x": v})
		if err != nil {
			t.Errorf("%q: %v", v, err)
			continue
		}
		out, err := exec.CommandContext(context.Background(), sh, "-c", f.Text).Output()
		if want := "a" + v + "b\n--o=" + v + "\nx" + v + "\n"; err != nil || string(out) != want {
			t.Errorf("%q ran as %q (%v): %s", v, out, err, f.Text)
		}
	}
}

func TestFillRefuses(t *testing.T) {
	r, c := commandOf(t, "sh", "kubectl get {{x}}")
	for v, reason := range map[string]Reason{
		"": ValueEmpty, strings.Repeat("a", MaxValue+1): ValueTooLong, "-o": ValueOption, "--kubeconfig=/tmp/x": ValueOption,
		"a\nb": ValueInvisible, "a\rb": ValueInvisible, "a\x00b": ValueInvisible, "a\tb": ValueInvisible, "\x1b[2J": ValueInvisible,
		"a\u202eb": ValueInvisible, "a\u2028b": ValueInvisible, "\xff": ValueInvisible,
	} {
		_, err := r.FillCommand(c, map[string]string{"x": v})
		var refused *ValueError
		if !errors.As(err, &refused) || refused.Reason != reason || !strings.Contains(err.Error(), "the value") || !strings.Contains(err.Error(), "Write anything, for example e") {
			t.Errorf("%q: %v, want a refusal (%s) with the pattern in words", v, err, reason)
		}
	}
	real, _ := mustDefault(t).ByID("RB-001", "en")
	for _, v := range []string{"kyc-svc; rm -rf /", "$(id)", "KYC", "kyc_svc", "kyc-svc\n", "-kyc", "kyc-"} {
		if out, _, err := real.Fill("scale-service", map[string]string{"svc": v}); err == nil {
			t.Errorf("RB-001 took %q: %s", v, out[1].Text)
		} else if !strings.Contains(err.Error(), "a Kubernetes name") {
			t.Errorf("the refusal of %q does not say what fits: %v", v, err)
		}
	}
}

func TestFillLeavesMissingPlaces(t *testing.T) {
	r, _ := mustDefault(t).ByID("RB-008", "en")
	filled, missing, err := r.Fill("freeze", map[string]string{"tenant": "acme"})
	if err != nil || len(missing) != 1 || missing[0] != "audit_deployment" {
		t.Fatalf("missing %v, %v", missing, err)
	}
	if want := "kubectl -n vitakyc set env deployment/{{audit_deployment}} AUDIT_WRITE_FROZEN_acme=true"; filled[0].Text != want {
		t.Errorf("got %q", filled[0].Text)
	}
	if _, _, err := r.Fill("nothing", nil); err == nil {
		t.Error("an unknown step was filled")
	}
	filled, _, _ = r.Fill("find-break", map[string]string{"tenant": "acme"})
	if !strings.Contains(filled[0].Text, "tenant_id = 'acme'\n") {
		t.Errorf("SQL reads %s", filled[0].Text)
	}
}

func TestPrefill(t *testing.T) {
	r, _ := mustDefault(t).ByID("RB-001", "en")
	values, refused := r.Prefill(map[string]string{"service": "KYC; id", "deployment": "kyc-svc", "namespace": "x"})
	if values["svc"] != "kyc-svc" || len(refused) != 0 {
		t.Errorf("%v, refused %v", values, refused)
	}
	values, refused = r.Prefill(map[string]string{"service": "$(id)"})
	if len(values) != 0 || len(refused) != 1 || refused[0] != "svc" {
		t.Errorf("%v, refused %v", values, refused)
	}
}

// wordsOf is a tokenizer of its own, after POSIX 2.3: it knows nothing of how values are quoted. An operator is a token "⟨op⟩".
func wordsOf(t *testing.T, s string) []string {
	var out []string
	var cur strings.Builder
	in := false
	end := func() {
		if in {
			out = append(out, cur.String())
		}
		cur.Reset()
		in = false
	}
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case ' ', '\t':
			end()
		case '\n', ';', '|', '&', '<', '>', '(', ')', '$', '`', '*', '?', '[', '~', '!', '{', '}':
			end()
			out = append(out, "⟨"+string(c)+"⟩")
		case '#':
			if !in {
				t.Fatalf("a comment begins in %q", s)
			}
			cur.WriteByte(c)
		case '\\':
			if i++; i >= len(s) {
				t.Fatalf("%q ends in a backslash", s)
			}
			in = true
			cur.WriteByte(s[i])
		case '\'':
			n := strings.IndexByte(s[i+1:], '\'')
			if n < 0 {
				t.Fatalf("%q has an open quote", s)
			}
			in = true
			cur.WriteString(s[i+1 : i+1+n])
			i += n + 1
		case '"':
			t.Fatalf("%q has a double quote", s)
		default:
			in = true
			cur.WriteByte(c)
		}
	}
	end()
	return out
}

// literalOf reads one PostgreSQL string literal and what follows it, after section 4.1.2 of the manual; backslash says whether an
// ordinary string treats it as an escape (standard_conforming_strings = off).
func literalOf(t *testing.T, s string, backslash bool) (value, rest string) {
	s = strings.TrimLeft(s, " ")
	if strings.HasPrefix(s, "E") {
		s, backslash = s[1:], true
	}
	if !strings.HasPrefix(s, "'") {
		t.Fatalf("%q is no literal", s)
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case backslash && s[i] == '\\':
			i++
			if i >= len(s) || s[i] != '\\' {
				t.Fatalf("%q has an escape of its own", s)
			}
			b.WriteByte('\\')
		case s[i] == '\'' && i+1 < len(s) && s[i+1] == '\'':
			b.WriteByte('\'')
			i++
		case s[i] == '\'':
			return b.String(), s[i+1:]
		default:
			b.WriteByte(s[i])
		}
	}
	t.Fatalf("%q does not end", s)
	return "", ""
}

// FuzzFill: whatever the value, it either stays one literal (word, string) or is refused.
func FuzzFill(f *testing.F) {
	for _, v := range nasty {
		f.Add(v)
	}
	f.Add("a\nb")
	f.Fuzz(func(t *testing.T, v string) {
		values := map[string]string{"x": v}
		r, c := commandOf(t, "sh", "tool a{{x}}b {{x}} --o={{x}} | tee x{{x}}")
		filled, err := r.FillCommand(c, values)
		if err != nil {
			var refused *ValueError
			if !errors.As(err, &refused) || filled.Text != "" {
				t.Fatalf("%q: %v with %q", v, err, filled.Text)
			}
		} else {
			want := []string{"tool", "a" + v + "b", v, "--o=" + v, "⟨|⟩", "tee", "x" + v}
			if got := wordsOf(t, filled.Text); strings.Join(got, "\x00") != strings.Join(want, "\x00") {
				t.Fatalf("%q became %q", v, got)
			}
			if strings.ContainsAny(v, "\n\r\x00") || !utf8.ValidString(v) || v[0] == '-' {
				t.Fatalf("%q was accepted", v)
			}
		}
		r, c = commandOf(t, "sql", "SELECT 1 WHERE a={{x}} AND b;")
		filled, err = r.FillCommand(c, values)
		if err != nil {
			return
		}
		tail := strings.TrimPrefix(filled.Text, "SELECT 1 WHERE a=")
		for _, backslash := range []bool{true, false} {
			if got, rest := literalOf(t, tail, backslash); got != v || rest != " AND b;" {
				t.Fatalf("%q became %q and %q in %q", v, got, rest, filled.Text)
			}
		}
	})
}

// FuzzScanShell: where the scanner accepts a template, a value of harmless letters and a value in quotes have the same structure for
// bash; what is tested here without bash is that it never loses a placeholder and never panics.
func FuzzScanShell(f *testing.F) {
	f.Add(shellTemplate)
	f.Add("a=$(( 1 + $(ls | wc -l) )) && ls {{x}} 2>&1 # c")
	f.Fuzz(func(t *testing.T, code string) {
		for _, language := range []string{"sh", "sql"} {
			slots, err := scan(language, code)
			if err != nil {
				if (mendOf{err}).Error() == "" || err.line < 0 || err.line > strings.Count(code, "\n") {
					t.Fatalf("%q: line %d mend %q", code, err.line, (mendOf{err}))
				}
				continue
			}
			if len(slots) != len(placeholder.FindAllString(code, -1)) {
				t.Fatalf("%q: %d places", code, len(slots))
			}
			last := 0
			for _, s := range slots {
				if s.start < last || code[s.start:s.end] != "{{"+s.name+"}}" {
					t.Fatalf("%q: %+v", code, s)
				}
				last = s.end
			}
		}
	})
}

// A sentence that says what to type by hand reads as exactly as a command: its values stand there as code, and what has none keeps its place.
func TestFillProse(t *testing.T) {
	r := &Runbook{ID: "RB-900", Parameters: []Parameter{{Name: "host", Pattern: regexp.MustCompile(`^[a-z.]+$`)}, {Name: "any", Pattern: regexp.MustCompile(`^.+$`)}}}
	for _, c := range []struct {
		text, want string
		values     map[string]string
		missing    int
	}{
		{"point `{{host}}` to {{any}}.", "point `app.example` to `203.0.113.9`.", map[string]string{"host": "app.example", "any": "203.0.113.9"}, 0},
		{"open `https://{{host}}/x`, then {{host}}", "open `https://app.example/x`, then `app.example`", map[string]string{"host": "app.example"}, 0},
		{"point `{{host}}` to {{any}} and {{any}}", "point `{{host}}` to {{any}} and {{any}}", nil, 2},
		{"`{{host}}`", "`{{host}}`", map[string]string{"host": "NOT A HOST"}, 1},
		{"see {{any}}", "see {{any}}", map[string]string{"any": "a` *b*"}, 1},
		{"{{unknown}} stays", "{{unknown}} stays", map[string]string{"unknown": "x"}, 0},
	} {
		got, missing := r.FillProse(c.text, c.values)
		if got != c.want || len(missing) != c.missing {
			t.Errorf("%q: %q, %q missing", c.text, got, missing)
		}
	}
}

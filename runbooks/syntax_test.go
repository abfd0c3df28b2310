package runbooks

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// blocks calls do with every block of a language in the embedded runbooks, the examples in its places.
func blocks(t *testing.T, language string, do func(r *Runbook, c Command, text string)) (n int) {
	t.Helper()
	for _, r := range mustDefault(t).All() {
		examples := map[string]string{}
		for _, q := range r.Parameters {
			examples[q.Name] = q.Example
		}
		for _, s := range r.Steps {
			for _, c := range s.Commands {
				if c.Language != language {
					continue
				}
				filled, err := r.FillCommand(c, examples)
				if err != nil || len(filled.Missing) > 0 {
					t.Fatalf("%s:%d: %v, missing %v", r.File, c.Line, err, filled.Missing)
				}
				n++
				do(r, c, filled.Text)
			}
		}
	}
	return n
}

// The linter's parsers have read the embedded runbooks (TestEmbeddedRunbooksAreClean); Prometheus says the same of their queries.
func TestPromtoolTakesTheQueries(t *testing.T) {
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("no promtool here")
	}
	var rules strings.Builder
	rules.WriteString("groups:\n- name: runbooks\n  rules:\n")
	n := blocks(t, "promql", func(_ *Runbook, _ Command, text string) {
		fmt.Fprintf(&rules, "  - record: q%d\n    expr: %q\n", rules.Len(), text)
	})
	if n < 28 { // fourteen queries in two languages
		t.Errorf("only %d queries", n)
	}
	file := filepath.Join(t.TempDir(), "rules.yaml")
	if err := os.WriteFile(file, []byte(rules.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(promtool, "check", "rules", file).CombinedOutput(); err != nil {
		t.Errorf("promtool: %v\n%s", err, out)
	}
}

// A parser of a language takes what is right in it, and says the line of what is not.
func TestParseBlock(t *testing.T) {
	for _, c := range []struct {
		language, code string
		line           int // of the fault; -1: none
		want           string
	}{
		{"sh", "for p in a b; do\n  echo \"$p\" | sort -k3 >out 2>&1\ndone", -1, ""},
		{"sh", "cat <<EOF\nx\nEOF", -1, ""},
		{"sh", "diff <(ls a) <(ls b) && [[ $x =~ ^a+$ ]]", -1, ""},
		{"sh", "ls\nif true; then\n  ls\n", 1, "must end with `fi`"},
		{"sh", "ls\nls || || ls", 1, "must be followed by"},
		{"promql", `sum by (a) (rate(b{c=~"x|y"}[5m] offset 1h)) > bool 2`, -1, ""},
		{"promql", "sum by (a) (b)\n  / on (a)\n  c{d='1'", 2, "unexpected end of input"},
		{"promql", `up{job=ocr}`, 0, "expected string"},
		{"promql", `rate(up)`, 0, "range vector"},
		{"traceql", "{ .a = \"}\" && duration > 1s } | count() > 2", -1, ""},
		{"traceql", "{\n .a = \"b }", 1, "does not end"},
		{"json", `{"a": [1, null]}`, -1, ""},
		{"json", "{\n\"a\": 1\n\"b\": 2}", 2, "after object"},
		{"yaml", "a: 1\n---\nb: [1, 2]", -1, ""},
		{"yaml", "a: 1\nb: [1, 2", 1, ""},
		{"http", "# as it was\nDELETE /v1/pause?x=1 HTTP/1.1\nHost: api\n\n###\nPOST $API/v1\nContent-Type: application/json\n\n{\"a\": 1}\n", -1, ""},
		{"http", "GET /\n\nfree text is a body", -1, ""},
		{"http", "POST /v1\n\n{\"a\": 1", 2, "unexpected end"},
		{"http", "GET /\n\n###\nPUT", 3, "not method and target"},
		{"text", "for ( {", -1, ""},
	} {
		f := parseBlock(c.language, c.code)
		if (f == nil) != (c.line < 0) {
			t.Errorf("%s %q: %+v", c.language, c.code, f)
			continue
		}
		if f == nil {
			continue
		}
		line, reason := f.line, f.reason
		if f.own != nil {
			line, reason = f.own.line, f.own.Error()
		}
		if line != c.line || !strings.Contains(reason, c.want) {
			t.Errorf("%s %q: line %d, %s", c.language, c.code, line, reason)
		}
	}
}

// PostgreSQL's own grammar, where it runs: what it takes, what it refuses, and on which line, also after letters of two bytes.
func TestParseSQL(t *testing.T) {
	if raced {
		return
	}
	for code, line := range map[string]int{
		"SELECT count(*) FILTER (WHERE a > 1) FROM b WHERE c = 'é' LIMIT 10;": -1,
		"SELECT pg_terminate_backend(pid)\nFROM pg_stat_activity;\nSELECT 1;": -1,
		"SELECT a,\nFROM b;":             1,
		"-- été\nSELECT 'éé';\nSELEC 1;": 2,
		"UPDATE a SET b = 1 WHERE;":      0,
		"SELECT 1\nFROM b\nWHERE a =\n;": 3,
	} {
		f := parseSQL(code)
		if (f == nil) != (line < 0) || f != nil && (f.line != line || !strings.Contains(f.reason, "syntax error at or near")) {
			t.Errorf("%q: %+v, want line %d", code, f, line)
		}
	}
}

// Outside input: a parser never panics, and its fault is on a line of the block.
func FuzzParseBlock(f *testing.F) {
	for _, seed := range []string{"ls | (", "GET /\n\n{", "{ a = \"", "rate(x[5m", "a:\n b"} {
		for i := range 6 {
			f.Add(i, seed)
		}
	}
	languages := []string{"sh", "promql", "traceql", "json", "yaml", "http"}
	f.Fuzz(func(t *testing.T, which int, code string) {
		if which < 0 || which >= len(languages) || len(code) > MaxCommand {
			return
		}
		fault := parseBlock(languages[which], code)
		if fault == nil {
			return
		}
		line := fault.line
		if fault.own != nil {
			line = fault.own.line
		}
		if line < 0 || line > strings.Count(code, "\n") {
			t.Errorf("%s %q: line %d", languages[which], code, line)
		}
	})
}

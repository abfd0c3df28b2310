package runbooks

import (
	"errors"
	"go/ast"
	goparser "go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/tocsin-bot/tocsin/bot/catalog"
)

// TestProblemWords: a finding about the whole catalogue has no file, and says so by saying nothing.
func TestProblemWords(t *testing.T) {
	for _, c := range []struct {
		p    Problem
		want string
	}{
		{problem("a.md", 3, "joins.X", "joins", "example", "X: 24h"), "a.md:3: joins.X: does not say which alerts are waited for, and for how long; write the alert and the time after the declaration, at most 7d: X: 24h"},
		{problem("a.md", 3, "spent.X", "spent", "example", "X: 4h"), "a.md:3: spent.X: does not say which alerts fire when time has passed already, and how much; write the alert and the time of its own condition, at most 7d: X: 4h"},
		{problem("a.md", 3, "alerts", "list-twice", "v", "X"), "a.md:3: alerts: names \"X\" twice; keep one"},
		{problem("a.md", 0, "", "utf8"), "a.md: is not UTF-8; save the file as UTF-8"},
		{problem("a.md", 2, "step look", "step-no-body", "mean", didYouMean("look", nil)), "a.md:2: step look: has no step in the body"},
		{problem("", 0, "alert-without-runbook", "lint.alert-without", "alert", "X", "generic", "RB-000"), "alert-without-runbook: no runbook claims the alert X; write one, or add the alert to a runbook's alerts; until then RB-000 is proposed"},
	} {
		if got := c.p.Error(); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

// TestEveryFaultHasWords: what the loader and the linter say is in the catalogue with its mend, in both languages, and nothing else is.
func TestEveryFaultHasWords(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	literals, keys := map[string]bool{}, map[string]bool{}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := goparser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				s, _ := strconv.Unquote(lit.Value)
				literals[s] = true
			}
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			at, known := 0, false // which argument is the key
			switch fun := call.Fun.(type) {
			case *ast.SelectorExpr:
				at, known = map[string]int{"fail": 2, "add": 3}[fun.Sel.Name], fun.Sel.Name == "fail" || fun.Sel.Name == "add"
			case *ast.Ident:
				at, known = map[string]int{"problem": 3}[fun.Name], fun.Name == "fail" || fun.Name == "foreign" || fun.Name == "problem"
			}
			if !known || at >= len(call.Args) {
				return true
			}
			if lit, ok := call.Args[at].(*ast.BasicLit); ok && lit.Kind == token.STRING {
				s, _ := strconv.Unquote(lit.Value)
				keys[s] = true
			}
			return true
		})
	}
	if len(keys) < 100 {
		t.Errorf("only %d faults are found in the source", len(keys))
	}
	for k := range keys {
		for _, key := range []string{"runbooks." + k, "runbooks." + k + ".mend"} {
			if !catalog.Has(key) {
				t.Errorf("nothing words %s", key)
			}
		}
	}
	for _, key := range catalog.Keys() {
		own, ours := strings.CutPrefix(key, "runbooks.")
		own = strings.TrimSuffix(own, ".mend")
		computed := strings.HasPrefix(own, "lint.at.") || strings.HasPrefix(own, "lint.part.") || strings.HasPrefix(own, "field.") || strings.HasPrefix(own, "review.") // said of what was recorded
		if ours && !computed && !literals[own] && !literals[key] {
			t.Errorf("no code says %s", key)
		}
	}
}

func TestProblemsInFrench(t *testing.T) {
	_, err := Parse("rb-1.md", []byte("---\nid: x\nseverty: SEV-1\n---\n"))
	for _, w := range []string{"rb-1.md:3\u00a0: severty\u00a0: n'est pas un champ de ce format\u00a0; vouliez-vous dire «\u00a0severity\u00a0»", "rb-1.md:1\u00a0: title\u00a0: manque dans l'en-tête"} {
		if got := catalog.ErrorIn("fr", err); !strings.Contains(got, w) {
			t.Errorf("no %q in\n%s", w, got)
		}
	}
	many := make(Problems, 1000)
	for i := range many {
		many[i] = problem("a.md", i, "", "utf8")
	}
	if got := many.In("fr"); strings.Count(got, "\n") != maxListed || !strings.HasSuffix(got, "et 980 autres") {
		t.Errorf("a thousand problems read\n%s", got)
	}
}

// Front matter that is no YAML is said in the reader's language, with the line of the file and not of the front matter.
func TestFrontMatterThatIsNoYAML(t *testing.T) {
	for lang, want := range map[string]string{"en": "x.md:3: front matter is not YAML: a colon where no value can begin; ", "fr": "x.md:3 : l'en-tête n'est pas du YAML : un deux-points là où aucune valeur ne peut commencer ; "} {
		_, err := Parse("x.md", []byte("---\nid: OPS-7\ntitle: Disk: full\n---\n\n# OPS-7 · Disk: full\n"))
		var ps Problems
		if !errors.As(err, &ps) || len(ps) == 0 {
			t.Fatalf("taken: %v", err)
		}
		if got := squeeze(ps[0].In(lang)); !strings.HasPrefix(got, want) || strings.Contains(got, "yaml:") {
			t.Errorf("%s: %s", lang, got)
		}
	}
}

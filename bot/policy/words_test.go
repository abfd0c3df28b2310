package policy

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/tocsin-bot/tocsin/bot/catalog"
)

// unfilled is an argument that a message names and nobody gave.
var unfilled = regexp.MustCompile(`\{[a-z]+\}`)

// worded holds that a fault can be read in both languages: what is wrong and what to write instead, with every argument there.
func worded(t *testing.T, f Fault) {
	t.Helper()
	for _, lang := range catalog.Languages() {
		for _, s := range []string{f.What(lang), f.Mend(lang)} {
			hole := unfilled.FindString(s)
			for _, a := range f.Args { // what the file itself says may look like one
				if hole != "" && strings.Contains(catalog.Of(lang, a).Plain(nil), hole) {
					hole = ""
				}
			}
			if s == "" || strings.HasPrefix(s, "policy.") || hole != "" {
				t.Errorf("%s in %s says %q", f.Key, lang, s)
			}
		}
	}
}

// TestEveryKeyIsInTheCatalogue walks the source: what fault, refuse and warn are called with exists, with its mend.
func TestEveryKeyIsInTheCatalogue(t *testing.T) {
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			sel, ok := call.Fun.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			at := map[string]int{"fault": 2, "refuse": 1, "warn": 1}[sel.Sel.Name]
			if at == 0 || len(call.Args) <= at {
				return true
			}
			if lit, ok := call.Args[at].(*ast.BasicLit); ok {
				key, _ := strconv.Unquote(lit.Value)
				seen[key] = true
				if !catalog.Has("policy."+key) || !catalog.Has("policy."+key+".mend") {
					t.Errorf("%s: %q is not in the catalogue, or lacks its mend", name, key)
				}
			}
			return true
		})
	}
	if len(seen) < 80 {
		t.Errorf("only %d keys found: is fault called something else now?", len(seen))
	}
}

// TestFaultsInFrench holds the sentence as a whole: file, line and field as in English, the words and their typography French.
func TestFaultsInFrench(t *testing.T) {
	for _, c := range []struct{ old, new, want string }{
		{"version: 1", "version: 1\nlanguage: de", "p.yaml:2\u00a0: language\u00a0: «\u00a0de\u00a0»\u00a0; écrivez l'un de\u00a0: en, fr"},
		{"targets: [lead]", "targets: [boss]", "p.yaml:12\u00a0: ladder[1].targets[0]\u00a0: il n'y a pas de cible «\u00a0boss\u00a0»\u00a0; connues\u00a0: lead, primary"},
		{"LEAD", "PAGERDUTY_ROUTING_KEY", "p.yaml:9\u00a0: targets.lead.address\u00a0: les appels pour «\u00a0lead\u00a0» feraient sonner le téléphone de «\u00a0primary\u00a0»\u00a0: tous deux vont à la même clé de routage\u00a0; donnez à chacun"},
		{"c@d.co", "lea", "p.yaml:9\u00a0: targets.lead.people[0]\u00a0: «\u00a0lea\u00a0» n'a pas la bonne forme\u00a0; écrivez une adresse électronique"},
	} {
		_, err := Parse("p.yaml", []byte(strings.Replace(small, c.old, c.new, 1)))
		var faults Faults
		if !errors.As(err, &faults) || len(faults) != 1 {
			t.Fatalf("%v", err)
		}
		if got := catalog.ErrorIn("fr", err); !strings.HasPrefix(got, c.want) {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}

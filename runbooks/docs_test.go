package runbooks

import (
	"os"
	"strings"
	"testing"
)

func page(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// The example of FORMAT.md is a runbook, and the linter has nothing against it but its missing translation.
func TestFormatExampleIsTrue(t *testing.T) {
	_, rest, _ := strings.Cut(page(t, "FORMAT.md"), "````markdown\n")
	example, _, ok := strings.Cut(rest, "\n````\n")
	if !ok {
		t.Fatal("no example")
	}
	c, err := Load(layer("w", map[string]string{"ops-7-log.md": example}))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range Lint(c, LintOptions{}) {
		if f.Rule != RuleNoTranslation {
			t.Error(f)
		}
	}
}

// Every correction is listed in ERRATA.md, and every correction listed there stands in its runbook in both languages.
func TestErrataAreComplete(t *testing.T) {
	errata := page(t, "ERRATA.md")
	corrected, _, _ := strings.Cut(errata, "## The conditions of the alerts")
	listed := strings.Count(corrected, "\n| RB-")
	for _, language := range Languages() {
		n := 0
		for _, id := range mustDefault(t).IDs() {
			r, _ := mustDefault(t).ByID(id, language)
			for _, s := range r.Steps {
				n += len(s.Corrections)
				if len(s.Corrections) > 0 && !strings.Contains(corrected, "| "+r.ID+" step "+itoa(s.Number)+" `"+s.ID+"` |") {
					t.Errorf("%s step %d %s is corrected and not in ERRATA.md", r.ID, s.Number, s.ID)
				}
			}
		}
		if n != listed {
			t.Errorf("%s: %d corrections in the runbooks, %d in ERRATA.md", language, n, listed)
		}
	}
}

// Every condition that the rules say is not as the procedure has it is listed in ERRATA.md with the procedure's form.
func TestErrataListTheConditions(t *testing.T) {
	rules := page(t, "../deploy/prometheus/catalogue.yaml")
	_, errata, _ := strings.Cut(page(t, "ERRATA.md"), "## The conditions of the alerts")
	errata, _, _ = strings.Cut(errata, "## Kept as they were")
	n := 0
	for _, part := range strings.Split(rules, "# The procedure: ")[1:] {
		said, rest, _ := strings.Cut(part, "\n")
		_, name, _ := strings.Cut(rest, "- alert: ")
		name, _, _ = strings.Cut(name, "\n")
		if strings.Contains(said, "As written") || name == "RneBalanceLow" {
			if !strings.Contains(errata, "`"+name+"`") {
				t.Errorf("ERRATA.md does not name %s", name)
			}
			continue
		}
		n++
		condition := strings.TrimSpace(strings.NewReplacer(" incrémenté", "").Replace(strings.Split(said, " pendant ")[0]))
		if !strings.Contains(errata, "| `"+name+"` | `"+condition) {
			t.Errorf("ERRATA.md does not list %s with `%s`", name, condition)
		}
	}
	if n != 10 || strings.Count(errata, "\n| `") != n {
		t.Errorf("%d conditions differ, %d are listed", n, strings.Count(errata, "\n| `"))
	}
}

func itoa(n int) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return itoa(n/10) + itoa(n%10)
}

package commands

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/tocsin-bot/tocsin/bot/catalog"
)

const (
	readme     = "../README.md"
	tableBegin = "<!-- commands -->\n"
	tableEnd   = "<!-- /commands -->\n"
)

// table is what the README says of the commands.
func table() string {
	code := func(words ...string) string {
		var out []string
		for _, w := range words {
			out = append(out, "`"+strings.ReplaceAll(w, "|", `\|`)+"`")
		}
		return strings.Join(out, ", ")
	}
	var b strings.Builder
	b.WriteString("\n| `/incident …` | | or |\n|---|---|---|\n")
	for _, v := range Verbs() {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", code(v.Usage), catalog.Word(catalog.English, "help."+v.Name), code(v.Aliases...))
	}
	b.WriteString("\n")
	return b.String()
}

// The README's table is what the verbs say of themselves; -update writes it, and nothing but the lines between the markers.
func TestTheREADMEListsTheVerbs(t *testing.T) {
	src, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(src), tableBegin)
	got, after, closed := strings.Cut(rest, tableEnd)
	if !ok || !closed {
		t.Fatalf("%s has no lines %q and %q around its table of commands", readme, strings.TrimSpace(tableBegin), strings.TrimSpace(tableEnd))
	}
	if want := table(); got != want {
		if !*updateGoldens {
			t.Fatalf("the table of commands in %s is not what the verbs say; go test ./commands -update writes:\n%s", readme, want)
		}
		if err := os.WriteFile(readme, []byte(before+tableBegin+want+tableEnd+after), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

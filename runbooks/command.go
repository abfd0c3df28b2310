package runbooks

import (
	"regexp"
	"strings"

	"github.com/tocsin-bot/tocsin/bot/catalog"
)

// commandLanguages are the languages a code block may name. bash and shell are read as sh.
var commandLanguages = []string{"sh", "sql", "text", "promql", "traceql", "json", "yaml", "http"}

// placeholder is a parameter's place in a command.
var placeholder = regexp.MustCompile(`\{\{([a-z][a-z0-9_]{0,39})\}\}`)

// slot is one placeholder of a command.
type slot struct {
	name       string
	start, end int  // byte offsets in the code
	opens      bool // it is the first thing of its shell word, where a leading hyphen would make an option of it
}

// scanError says why a command could not be read.
type scanError struct {
	line    int    // 0-based, within the code
	key     string // of the catalogue, as of a Problem
	args    catalog.Args
	foreign bool // it may well be right, only this scanner does not read it
}

func (e *scanError) Error() string { return e.In(catalog.English) }

// In says in a language what is wrong.
func (e *scanError) In(lang string) string { return Problem{Key: e.key, Args: e.args}.What(lang) }

// mendOf is what to write instead of what could not be read.
type mendOf struct{ *scanError }

func (m mendOf) Error() string { return m.In(catalog.English) }

// In says it in a language.
func (m mendOf) In(lang string) string { return Problem{Key: m.key, Args: m.args}.Mend(lang) }

// quotingOf returns how values are put into blocks of a language, and whether they are put there at all.
func quotingOf(language string) (Quoting, bool) {
	switch language {
	case "sh":
		return Shell, true
	case "sql":
		return SQL, true
	case "text":
		return Text, true
	}
	return "", false
}

// scan reads the structure of a command and finds its placeholders. Every placeholder that the text holds is either returned or is
// the reason of the error.
func scan(language, code string) ([]slot, *scanError) {
	var slots []slot
	var err *scanError
	switch language {
	case "sh":
		slots, err = scanShell(code)
	case "sql":
		slots, err = scanSQL(code)
	default:
		for _, m := range placeholder.FindAllStringSubmatchIndex(code, -1) {
			slots = append(slots, slot{name: code[m[2]:m[3]], start: m[0], end: m[1]})
		}
	}
	if err != nil {
		return nil, err
	}
	found := map[int]bool{}
	for _, s := range slots {
		found[s.start] = true
	}
	for _, m := range placeholder.FindAllStringIndex(code, -1) {
		if !found[m[0]] {
			return nil, &scanError{line: strings.Count(code[:m[0]], "\n"), key: "slot-inside", args: argsOf("slot", code[m[0]:m[1]])}
		}
	}
	return slots, nil
}

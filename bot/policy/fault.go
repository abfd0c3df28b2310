package policy

import (
	"strconv"
	"strings"
	"time"

	"github.com/tocsin-bot/tocsin/bot/catalog"
)

// maxFaults bounds how many faults one file reports; the rest is counted.
const maxFaults = 100

// Fault is one thing wrong in a policy file. Its words are the catalogue's: what is wrong under "policy." and Key, what to write instead
// under the same and ".mend", both with Args.
type Fault struct {
	File  string
	Line  int    // from 1; 0 when the fault has no place of its own
	Field string // "severities.SEV-1.ack_within"; empty for the file as a whole
	Key   string // "not-duration"
	Args  catalog.Args
}

// What says in a language what is wrong.
func (f Fault) What(lang string) string { return catalog.Say(lang, "policy."+f.Key, f.Args).Plain(nil) }

// Mend says in a language what to write instead.
func (f Fault) Mend(lang string) string {
	return catalog.Say(lang, "policy."+f.Key+".mend", f.Args).Plain(nil)
}

// Error says it in one line of English: file:line: field: what; mend.
func (f Fault) Error() string { return f.In(catalog.English) }

// In says it in one line of a language. File, line and field stand the same in both.
func (f Fault) In(lang string) string {
	var b strings.Builder
	b.WriteString(f.File)
	if f.Line > 0 {
		b.WriteString(":" + strconv.Itoa(f.Line))
	}
	colon, semicolon := ": ", "; "
	if catalog.Language(lang) == catalog.French {
		colon, semicolon = "\u00a0: ", "\u00a0; "
	}
	b.WriteString(colon)
	if f.Field != "" {
		b.WriteString(f.Field + colon)
	}
	b.WriteString(f.What(lang))
	if mend := f.Mend(lang); mend != "" {
		b.WriteString(semicolon + mend)
	}
	return b.String()
}

// Faults are all that is wrong in a file, in the order of its lines.
type Faults []Fault

// Error lists them in English, one per line.
func (fs Faults) Error() string { return fs.In(catalog.English) }

// In lists them in a language, one per line.
func (fs Faults) In(lang string) string {
	lines := make([]string, 0, len(fs))
	for i, f := range fs {
		if i == maxFaults {
			lines = append(lines, catalog.Say(lang, "policy.more", catalog.Args{"n": catalog.Int(len(fs) - maxFaults)}).Plain(nil))
			break
		}
		lines = append(lines, f.In(lang))
	}
	return strings.Join(lines, "\n")
}

// with are the arguments of a fault's words.
type with = catalog.Args

// Pieces of YAML that several mends show.
const (
	firstLine = catalog.Literal("version: 1")
	entryForm = catalog.Literal("name: value")
	wordsForm = catalog.Literal("{en: ..., fr: ...}")
	noLadder  = catalog.Literal("no_ladder: true")
)

// said is a text of the file as an argument, safe and short enough for a message.
func said(s string) catalog.Arg { return catalog.Words(show(s)) }

// listed are names as an argument.
func listed(names ...string) catalog.Arg { return catalog.Words(strings.Join(names, ", ")) }

// written is a duration as a file has it: 15m, 1h30m.
func written(d time.Duration) catalog.Arg {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = s[:len(s)-2]
	}
	if strings.HasSuffix(s, "h0m") {
		s = s[:len(s)-2]
	}
	return catalog.Words(s)
}

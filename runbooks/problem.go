package runbooks

import (
	"fmt"
	"sort"
	"strings"

	"github.com/tocsin-bot/tocsin/bot/catalog"
)

// Problem is one reason why a file is not a runbook. Its words are the catalogue's: what is wrong under "runbooks." and Key, what to write
// instead under the same and ".mend", both with Args.
type Problem struct {
	File  string
	Line  int    // 1-based; 0 when it concerns the whole file
	Field string // the field or step concerned, "" when none
	Key   string
	Args  catalog.Args
}

func problem(file string, line int, field, key string, args ...any) Problem {
	return Problem{file, line, field, key, argsOf(args...)}
}

// What says in a language what is wrong.
func (p Problem) What(lang string) string {
	return catalog.Say(lang, "runbooks."+p.Key, p.Args).Plain(nil)
}

// Mend says in a language what to write instead, "" when there is nothing to say.
func (p Problem) Mend(lang string) string {
	return strings.TrimSpace(catalog.Say(lang, "runbooks."+p.Key+".mend", p.Args).Plain(nil))
}

// Error says it in one line of English: "file:line: field: what; mend".
func (p Problem) Error() string { return p.In(catalog.English) }

// In says it in one line of a language. File and line stand the same in both.
func (p Problem) In(lang string) string {
	colon, semicolon := ": ", "; "
	if catalog.Language(lang) == catalog.French {
		colon, semicolon = "\u00a0: ", "\u00a0; "
	}
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d", p.Line)
	}
	if p.File != "" { // a finding about the whole catalogue is in no file
		b.WriteString(colon)
	}
	if p.Field != "" {
		b.WriteString(fieldIn(lang, p.Field) + colon)
	}
	b.WriteString(p.What(lang))
	if mend := p.Mend(lang); mend != "" {
		b.WriteString(semicolon + mend)
	}
	return b.String()
}

// fieldIn names a place of a page: "step look" is "étape look"; a field of the front matter is called the same in both languages.
func fieldIn(lang, field string) string {
	for _, kind := range []string{"step", "clock"} {
		if id, is := strings.CutPrefix(field, kind+" "); is {
			return catalog.Say(lang, "runbooks.field."+kind, argsOf("id", id)).Plain(nil)
		}
	}
	return field
}

// argsOf makes a message's arguments of names and values in turn: texts, numbers, and what the catalogue words itself.
func argsOf(pairs ...any) catalog.Args {
	if len(pairs) == 0 {
		return nil
	}
	out := catalog.Args{}
	for i := 0; i+1 < len(pairs); i += 2 {
		name, _ := pairs[i].(string)
		switch v := pairs[i+1].(type) {
		case catalog.Arg:
			out[name] = v
		case int:
			out[name] = catalog.Int(v)
		default:
			out[name] = catalog.Words(fmt.Sprint(v))
		}
	}
	return out
}

// part is a piece of a message that has words of its own.
func part(key string, pairs ...any) catalog.Arg {
	return catalog.Cause{Err: &catalog.Said{Key: "runbooks." + key, Args: argsOf(pairs...)}}
}

// Problems is every reason found, by file and line. It is the error type of Parse and Load.
type Problems []Problem

// maxListed bounds how many problems an error lists: it goes into logs and on a phone. Whoever wants them all ranges over them.
const maxListed = 20

// Error lists the first problems in English, one per line.
func (ps Problems) Error() string { return ps.In(catalog.English) }

// In lists the first problems in a language, one per line.
func (ps Problems) In(lang string) string {
	out := make([]string, 0, len(ps))
	for i, p := range ps {
		if i == maxListed {
			out = append(out, catalog.Say(lang, "runbooks.more", argsOf("n", len(ps)-maxListed)).Plain(nil))
			break
		}
		out = append(out, p.In(lang))
	}
	return strings.Join(out, "\n")
}

// maxProblems bounds what one file can report: after that many, the rest is noise.
const maxProblems = 50

func (ps Problems) sorted() Problems {
	sort.SliceStable(ps, func(i, j int) bool {
		if ps[i].File != ps[j].File {
			return ps[i].File < ps[j].File
		}
		return ps[i].Line < ps[j].Line
	})
	return ps
}

// nearest returns the candidate closest to s, "" when none is near.
func nearest(s string, candidates []string) string {
	best, bestD := "", 1+len(s)/2
	for _, c := range candidates {
		if d := distance(s, c); d < bestD {
			best, bestD = c, d
		}
	}
	return best
}

// distance is Levenshtein's, on bytes; inputs are short names.
func distance(a, b string) int {
	if len(a) > 64 || len(b) > 64 {
		return 64
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		prev := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cur := row[j]
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(row[j]+1, row[j-1]+1, prev+cost)
			prev = cur
		}
	}
	return row[len(b)]
}

// didYouMean says which of the candidates was meant, or which there are; nothing where there are none.
func didYouMean(s string, candidates []string) catalog.Arg {
	if n := nearest(s, candidates); n != "" {
		return part("mean", "name", n)
	}
	if len(candidates) == 0 {
		return catalog.Words("")
	}
	return part("one-of", "names", strings.Join(candidates, ", "))
}

package runbooks

import (
	"fmt"
	"sort"
	"strings"
)

// Problem is one reason why a file is not a runbook.
type Problem struct {
	File    string
	Line    int    // 1-based; 0 when it concerns the whole file
	Field   string // the field or step concerned, "" when none
	Message string // what is wrong
	Mend    string // what to write instead
}

// Error returns "file:line: field: message; mend".
func (p Problem) Error() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d", p.Line)
	}
	if p.File != "" { // a finding about the whole catalogue is in no file
		b.WriteString(": ")
	}
	if p.Field != "" {
		b.WriteString(p.Field + ": ")
	}
	b.WriteString(p.Message)
	if p.Mend != "" {
		b.WriteString("; " + p.Mend)
	}
	return b.String()
}

// Problems is every reason found, by file and line. It is the error type of Parse and Load.
type Problems []Problem

// Error lists the problems one per line.
func (ps Problems) Error() string {
	out := make([]string, len(ps))
	for i, p := range ps {
		out[i] = p.Error()
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

func didYouMean(s string, candidates []string) string {
	if n := nearest(s, candidates); n != "" {
		return fmt.Sprintf("did you mean %q?", n)
	}
	if len(candidates) == 0 {
		return ""
	}
	return "one of: " + strings.Join(candidates, ", ")
}

package policy

import (
	"fmt"
	"strings"
)

// maxFaults bounds how many faults one file reports; the rest is counted.
const maxFaults = 100

// Fault is one thing wrong in a policy file.
type Fault struct {
	File  string
	Line  int    // from 1; 0 when the fault has no place of its own
	Field string // "severities.SEV-1.ack_within"; empty for the file as a whole
	What  string // what is wrong
	Mend  string // what to write instead
}

// Error says it in one line: file:line: field: what; mend.
func (f Fault) Error() string {
	var b strings.Builder
	b.WriteString(f.File)
	if f.Line > 0 {
		fmt.Fprintf(&b, ":%d", f.Line)
	}
	b.WriteString(": ")
	if f.Field != "" {
		b.WriteString(f.Field + ": ")
	}
	b.WriteString(f.What)
	if f.Mend != "" {
		b.WriteString("; " + f.Mend)
	}
	return b.String()
}

// Faults are all that is wrong in a file, in the order of its lines.
type Faults []Fault

// Error lists them, one per line.
func (fs Faults) Error() string {
	lines := make([]string, 0, len(fs))
	for i, f := range fs {
		if i == maxFaults {
			lines = append(lines, fmt.Sprintf("and %d more", len(fs)-maxFaults))
			break
		}
		lines = append(lines, f.Error())
	}
	return strings.Join(lines, "\n")
}

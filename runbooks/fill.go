package runbooks

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxValue is how many bytes a parameter's value may have.
const MaxValue = 256

// Filled is a command with values in its places.
type Filled struct {
	Command Command // as the runbook has it
	Text    string  // to show and to run; a place without a value still reads {{name}}
	Missing []string
}

// ValueError is why a value was refused. Error is English; whoever speaks to people in their language words it from the fields.
type ValueError struct {
	Parameter string
	InWords   string // what would fit, in the runbook's language
	Example   string
	Reason    Reason
}

// Reason is why a value does not fit.
type Reason string

// The reasons.
const (
	ValueEmpty     Reason = "empty"     // nothing was given
	ValueTooLong   Reason = "too-long"  // more than MaxValue bytes
	ValueInvisible Reason = "invisible" // a line break, a control character, a change of writing direction, or no UTF-8
	ValueUnfit     Reason = "unfit"     // the pattern does not match
	ValueOption    Reason = "option"    // a hyphen at the start of a shell word would make an option of it
)

// Error says in English which value was refused, why, and what would fit.
func (e *ValueError) Error() string {
	why := map[Reason]string{
		ValueEmpty: "the value is empty", ValueTooLong: fmt.Sprintf("the value is longer than %d bytes", MaxValue),
		ValueInvisible: "the value holds a line break or an invisible character", ValueUnfit: "the value does not fit",
		ValueOption: "the value begins with a hyphen and would be read as an option",
	}[e.Reason]
	return fmt.Sprintf("%s: %s. Write %s, for example %s", e.Parameter, why, e.InWords, e.Example)
}

// Check reports whether a value may be used for the parameter, as a *ValueError that says in words what fits.
func (q Parameter) Check(value string) error {
	var why Reason
	switch {
	case value == "":
		why = ValueEmpty
	case len(value) > MaxValue:
		why = ValueTooLong
	case !utf8.ValidString(value) || strings.ContainsFunc(value, func(r rune) bool { return unicode.IsControl(r) || bidi(r) || r == utf8.RuneError }):
		why = ValueInvisible
	case q.Pattern == nil || !q.Pattern.MatchString(value):
		why = ValueUnfit
	default:
		return nil
	}
	return &ValueError{q.Name, q.InWords, q.Example, why}
}

// Fill puts values into every command of a step, in order. Missing lists the parameters that have no value yet, each once; their places
// still read {{name}}. The error is a *ValueError when a value does not fit, and then nothing is returned: a command is never shown
// half right.
func (r *Runbook) Fill(stepID string, values map[string]string) (commands []Filled, missing []string, err error) {
	s, ok := r.Step(stepID)
	if !ok {
		return nil, nil, fmt.Errorf("%s has no step %q: the runbook may have changed, look at its list of steps", r.ID, stepID)
	}
	for _, c := range s.Commands {
		f, err := r.FillCommand(c, values)
		if err != nil {
			return nil, nil, err
		}
		for _, m := range f.Missing {
			if !contains(missing, m) {
				missing = append(missing, m)
			}
		}
		commands = append(commands, f)
	}
	return commands, missing, nil
}

// FillCommand is Fill for one command of this runbook.
func (r *Runbook) FillCommand(c Command, values map[string]string) (Filled, error) {
	f := Filled{Command: c}
	var b strings.Builder
	at := 0
	for _, s := range c.slots {
		b.WriteString(c.Code[at:s.start])
		at = s.end
		v, given := values[s.name]
		if !given {
			b.WriteString(c.Code[s.start:s.end])
			if !contains(f.Missing, s.name) {
				f.Missing = append(f.Missing, s.name)
			}
			continue
		}
		q, ok := r.Parameter(s.name)
		if !ok {
			return Filled{}, fmt.Errorf("%s does not declare {{%s}}: the command is not of this runbook", r.ID, s.name)
		}
		if err := q.Check(v); err != nil {
			return Filled{}, err
		}
		switch c.Language {
		case "sh":
			if s.opens && v[0] == '-' {
				return Filled{}, &ValueError{q.Name, q.InWords, q.Example, ValueOption}
			}
			b.WriteString(quoteShell(v))
		case "sql":
			b.WriteString(quoteSQL(v))
		default:
			b.WriteString(v)
		}
	}
	b.WriteString(c.Code[at:])
	f.Text = b.String()
	return f, nil
}

// FillProse puts values into a sentence of this runbook, each as code: what a person is to type by hand must read as exactly as what they paste.
// Missing are the parameters without a value that fits, each once; their places still read {{name}}.
func (r *Runbook) FillProse(text string, values map[string]string) (filled string, missing []string) {
	var b strings.Builder
	at, code := 0, false
	for _, m := range placeholder.FindAllStringSubmatchIndex(text, -1) {
		before, name := text[at:m[0]], text[m[2]:m[3]]
		b.WriteString(before)
		at, code = m[1], code != (strings.Count(before, "`")%2 == 1)
		q, ok := r.Parameter(name)
		v, given := values[name]
		switch {
		case !ok || !given || q.Check(v) != nil || strings.Contains(v, "`"):
			b.WriteString(text[m[0]:m[1]])
			if ok && !contains(missing, name) {
				missing = append(missing, name)
			}
		case code:
			b.WriteString(v)
		default:
			b.WriteString("`" + v + "`")
		}
	}
	b.WriteString(text[at:])
	return b.String(), missing
}

// ProseParameters are the names that stand in a step's sentences, each once, in the order of their first appearance.
func (s Step) ProseParameters() []string {
	var names []string
	for _, text := range append([]string{s.Prose, s.LookFor}, s.Warnings...) {
		for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
			if !contains(names, m[1]) {
				names = append(names, m[1])
			}
		}
	}
	return names
}

// plainWord is what needs no quotes in any shell, at any place of a word.
var plainWord = regexp.MustCompile(`^[A-Za-z0-9_./:@%+-]+$`)

// quoteShell makes one literal word (or part of one) of a value without control characters. Single quotes hold everything but
// themselves, in POSIX shells, bash and zsh alike, also at an interactive prompt with history expansion.
func quoteShell(v string) string {
	if plainWord.MatchString(v) {
		return v
	}
	return "'" + strings.ReplaceAll(v, "'", `'\''`) + "'"
}

// quoteSQL makes one PostgreSQL string literal of a value, right under both settings of standard_conforming_strings, as libpq's
// PQescapeLiteral does: a value with a backslash becomes an E” string.
func quoteSQL(v string) string {
	q := "'" + strings.ReplaceAll(v, "'", "''") + "'"
	if strings.Contains(v, `\`) {
		return " E" + strings.ReplaceAll(q, `\`, `\\`)
	}
	return q
}

// Prefill proposes values from an alert's labels: for each parameter the first of its labels whose value fits. Refused names those
// parameters for which a label was there and did not fit, so that the form can ask.
func (r *Runbook) Prefill(labels map[string]string) (values map[string]string, refused []string) {
	values = map[string]string{}
	for _, q := range r.Parameters {
		bad := false
		for _, l := range q.From {
			v, ok := labels[l]
			if !ok {
				continue
			}
			if q.Check(v) == nil {
				values[q.Name] = v
				bad = false
				break
			}
			bad = true
		}
		if bad {
			refused = append(refused, q.Name)
		}
	}
	return values, refused
}

package incident

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Value is a value of a runbook's parameter as it stands for the incident. Every runbook of the incident that has a parameter of that name
// uses it.
type Value struct {
	Name string    `json:"name"`
	Text Text      `json:"text,omitzero"` // empty: taken back
	By   Person    `json:"by,omitzero"`   // who gave it; of the state alone, in the log the event says so
	At   time.Time `json:"at,omitzero"`   // when; of the state alone
}

// ParametersSet records values that somebody gave for the parameters of the runbooks in use; the event says who and when.
type ParametersSet struct {
	Values []Value `json:"values"`
}

// Type implements Fact.
func (*ParametersSet) Type() string { return "parameters" }

// Texts implements Fact.
func (f *ParametersSet) Texts() []*Text {
	var out []*Text
	for i := range f.Values {
		out = append(out, &f.Values[i].Text)
	}
	return out
}

// SetParameters gives values to parameters, by name; an empty text takes one back. It is legal when the incident is over, too: what is to be
// done then has commands as well. Whoever asks has compared each value with the parameter's pattern, which stands in the runbook; what can
// never be a value is refused here as well, and what is put into a command is compared once more when it is put there.
type SetParameters struct{ Values []Value }

func (SetParameters) act() {}

// Bounds of parameters.
const (
	MaxValues = 60  // values an incident keeps
	MaxValue  = 256 // bytes of one; package runbooks refuses more in a command
)

// parameterForm is what a parameter may be called; package runbooks asks the same.
var parameterForm = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)

// Value returns what somebody gave for a parameter; false when nobody did, or it was taken back.
func (s State) Value(name string) (Value, bool) {
	i := slices.IndexFunc(s.Values, func(v Value) bool { return v.Name == name })
	if i < 0 || s.Values[i].Text.Empty() {
		return Value{}, false
	}
	return s.Values[i], true
}

// oneLine reports whether a value is words of one line that read as they stand.
func oneLine(v string) bool {
	return utf8.ValidString(v) && !strings.ContainsFunc(v, func(r rune) bool {
		return unicode.IsControl(r) || bidiControl(r) || r == 0x2028 || r == 0x2029 || r == utf8.RuneError
	})
}

func (d *decider) setParameters(a SetParameters) error {
	f := &ParametersSet{}
	seen := map[string]bool{}
	for _, v := range a.Values {
		body := v.Text.Body
		switch {
		case !parameterForm.MatchString(v.Name):
			return refuse(RefusedNoParameter, v.Name)
		case seen[v.Name]:
			return refuse(RefusedParameterTwice, v.Name)
		case len(body) > MaxValue || !oneLine(body) || body != strings.TrimSpace(body):
			return refuse(RefusedBadValue, v.Name)
		}
		seen[v.Name] = true
		was, _ := d.s.Value(v.Name)
		if body != "" && was.Text.Body == body || body == "" && was.Text.Empty() {
			continue // it stands there
		}
		f.Values = append(f.Values, Value{Name: v.Name, Text: Text{Body: body}})
	}
	fresh := 0
	for _, v := range f.Values {
		if _, known := d.s.Value(v.Name); !known {
			fresh++
		}
	}
	switch {
	case len(a.Values) == 0:
		return refuse(RefusedEmpty, "parameters")
	case len(d.s.Values)+fresh > MaxValues:
		return refuse(RefusedTooMany, fmt.Sprint(MaxValues))
	case len(f.Values) > 0:
		d.add(f)
	}
	return nil
}

// parametersEvolve folds values in.
func (s *State) parametersEvolve(e Event, f *ParametersSet) {
	for _, v := range f.Values {
		v.By, v.At = e.Actor.Person, e.At
		i := slices.IndexFunc(s.Values, func(x Value) bool { return x.Name == v.Name })
		switch {
		case i >= 0 && v.Text.Empty():
			s.Values = slices.Delete(s.Values, i, i+1)
		case i >= 0:
			s.Values[i] = v
		case !v.Text.Empty():
			s.Values = append(s.Values, v)
		}
		s.unsecond(v.Name)
		s.reread(v.Name)
	}
}

// unsecond takes back what a second person said of the steps of runbooks that ask for a value: with another one they are other commands. Where
// it is known which commands they read, those are compared (StepChanged), and a value that is not in them changes nothing.
func (s *State) unsecond(parameter string) {
	for i := range s.Runbooks {
		run := &s.Runbooks[i]
		if !slices.Contains(run.Ref.Parameters, parameter) {
			continue
		}
		for j := range run.Work {
			if _, marked := run.Steps[run.Work[j].Step]; !marked && run.Work[j].Seconded.Digest == "" {
				run.Work[j].Seconded = StepSecond{}
			}
		}
	}
}

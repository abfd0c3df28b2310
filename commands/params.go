package commands

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/view"
	"github.com/tocsin-bot/tocsin/runbooks"
)

// prefilled are the values that the incident's alerts, and what was attached to PagerDuty's own pages, know for a runbook's parameters, beside what every incident knows of itself: of each
// parameter the first that fits, alert by alert. unfit are what labels say that does not fit, of parameters that got no value.
func prefilled(r *runbooks.Runbook, s incident.State) (values, unfit map[string]string) {
	own := map[string]string{"tocsin_incident": string(s.ID), "tocsin_incident_start": s.DetectedAt.UTC().Format(rfc3339)}
	values, unfit = map[string]string{}, map[string]string{}
	take := func(labels map[string]string) {
		found, refused := r.Prefill(labels)
		for name, v := range found {
			if _, there := values[name]; !there {
				values[name] = v
			}
		}
		for _, name := range refused {
			q, _ := r.Parameter(name)
			for _, l := range q.From {
				if v, said := labels[l]; said && unfit[name] == "" {
					unfit[name] = v
				}
			}
		}
	}
	for _, said := range s.Labelled() {
		labels := maps.Clone(own)
		for _, l := range said {
			if _, ours := own[l.Name]; !ours { // an alert cannot pass for the incident
				labels[l.Name] = l.Value
			}
		}
		take(labels)
	}
	take(own)
	for name := range values {
		delete(unfit, name)
	}
	return values, unfit
}

// valuesFor are the values for a runbook's commands: what people gave, else what alerts know. unfit are parameters for which something was
// given that does not fit this runbook's pattern: it is not used.
func valuesFor(r *runbooks.Runbook, s incident.State) (values map[string]string, unfit []string) {
	values, _ = prefilled(r, s)
	for _, q := range r.Parameters {
		v, given := s.Value(q.Name)
		switch {
		case !given:
		case q.Check(v.Text.Body) == nil:
			values[q.Name] = v.Text.Body
		default: // also one that was erased
			delete(values, q.Name)
			unfit = append(unfit, q.Name)
		}
	}
	return values, unfit
}

// fillCommand puts values into a command. A value that must not stand at one of its places is left out of it and named in unfit.
func fillCommand(r *runbooks.Runbook, cmd runbooks.Command, values map[string]string) (text string, missing, unfit []string) {
	values = maps.Clone(values)
	for range len(r.Parameters) + 1 {
		f, err := r.FillCommand(cmd, values)
		if err == nil {
			return f.Text, slices.DeleteFunc(f.Missing, func(m string) bool { return contains(unfit, m) }), unfit
		}
		var bad *runbooks.ValueError
		if !errors.As(err, &bad) {
			break
		}
		delete(values, bad.Parameter)
		unfit = append(unfit, bad.Parameter)
	}
	return cmd.Code, cmd.Parameters(), nil
}

// FillingOf is what the commands of a step are with an incident's values in them; zero for a step that the revision does not have, or that has
// no commands. The digest says whether two of them are the same to the letter.
func FillingOf(r *runbooks.Runbook, step string, s incident.State) incident.Filling {
	st, ok := r.Step(step)
	if !ok {
		return incident.Filling{}
	}
	var out view.Step
	return fillStep(&out, r, st, s)
}

// fillStep puts the incident's values into a step's commands.
func fillStep(out *view.Step, r *runbooks.Runbook, st runbooks.Step, s incident.State) (f incident.Filling) {
	values, unfit := valuesFor(r, s)
	sum := sha256.New()
	note := func(list *[]string, names ...string) {
		for _, n := range names {
			if !contains(*list, n) {
				*list = append(*list, n)
			}
		}
	}
	for _, cmd := range st.Commands {
		text, missing, bad := fillCommand(r, cmd, values)
		_, _ = fmt.Fprintf(sum, "%d %s\n", len(text), text) // a hash takes everything
		for _, name := range cmd.Parameters() {
			if !slices.ContainsFunc(f.Values, func(v incident.FilledValue) bool { return v.Name == name }) {
				v := incident.FilledValue{Name: name, Value: values[name]}
				if contains(bad, name) {
					v.Value = ""
				}
				f.Values = append(f.Values, v)
			}
		}
		out.Commands = append(out.Commands, text)
		out.Asks = out.Asks || len(cmd.Parameters()) > 0
		note(&out.Unfit, bad...)
		for _, m := range missing {
			if contains(unfit, m) {
				note(&out.Unfit, m)
			} else {
				note(&out.Missing, m)
			}
		}
	}
	if names := st.ProseParameters(); len(st.Commands) > 0 && len(names) > 0 { // what is to be typed by hand is bound, too
		text, missing := r.FillProse(st.Prose, values)
		_, _ = fmt.Fprintf(sum, "%d %s\n", len(text), text)
		for _, name := range names {
			if !slices.ContainsFunc(f.Values, func(v incident.FilledValue) bool { return v.Name == name }) {
				f.Values = append(f.Values, incident.FilledValue{Name: name, Value: values[name]})
			}
		}
		out.Asks = true
		note(&out.Missing, slices.DeleteFunc(missing, func(m string) bool { return contains(unfit, m) })...)
	}
	if len(st.Commands) > 0 {
		f.Digest = hex.EncodeToString(sum.Sum(nil)[:16])
	}
	out.Filled = f.Digest
	return f
}

// inUse are the pinned revisions of the runbooks in use, the one named first before the others.
func (c *Ask) inUse(ctx context.Context, first string) ([]*runbooks.Runbook, error) {
	var out []*runbooks.Runbook
	for _, run := range c.State.Runbooks {
		r, err := c.desk.office.Runbook(ctx, run.Ref.Digest)
		if err != nil {
			return nil, err
		}
		if r.ID == first {
			out = append([]*runbooks.Runbook{r}, out...)
		} else {
			out = append(out, r)
		}
	}
	return out, nil
}

// parameterOf is the first declaration of a parameter among runbooks.
func parameterOf(list []*runbooks.Runbook, name string) (runbooks.Parameter, bool) {
	for _, r := range list {
		if q, ok := r.Parameter(name); ok {
			return q, true
		}
	}
	return runbooks.Parameter{}, false
}

// parametersForm asks for the values of all parameters of the runbooks in use, each once: first for those that a step of the first of them needs,
// and for dates that its clocks count from.
func (c *Ask) parametersForm(ctx context.Context, first, step string) (Reply, error) {
	list, err := c.inUse(ctx, first)
	if err != nil {
		return Reply{}, err
	}
	var out []view.Parameter
	var here []string
	for _, r := range list {
		if r.ID == first {
			here = append(here, c.State.Undated(first)...)
			if st, ok := r.Step(step); ok {
				for _, cmd := range st.Commands {
					here = append(here, cmd.Parameters()...)
				}
				here = append(here, st.ProseParameters()...)
			}
		}
		values, unfit := prefilled(r, c.State)
		for _, q := range r.Parameters {
			if slices.ContainsFunc(out, func(p view.Parameter) bool { return p.Name == q.Name }) {
				continue
			}
			p := view.Parameter{Name: q.Name, What: q.What, InWords: q.InWords, Example: q.Example, Value: values[q.Name], Unfit: unfit[q.Name], Here: contains(here, q.Name)}
			if v, given := c.State.Value(q.Name); given {
				p.Value, p.By, p.Unfit = v.Text.Body, v.By, ""
			}
			out = append(out, p)
		}
	}
	f := view.ParametersForm(c.source(), out)
	f.Ref.Runbook = first
	return Reply{Form: &f}, nil
}

var openParameters = Button{view.ActionOpenParameters, func(ctx context.Context, c *Ask) (Reply, error) {
	if _, ok := c.State.Runbook(c.Ref.Runbook); !ok {
		return c.stale(), nil
	}
	return c.parametersForm(ctx, c.Ref.Runbook, c.Ref.Subject)
}}

// misfit words why a value is refused, with what would fit.
func (c *Ask) misfit(err error) catalog.Text {
	var bad *runbooks.ValueError
	if !errors.As(err, &bad) {
		return catalog.Say(c.Language, "fault.value.unfit", catalog.Args{"words": catalog.Words(""), "example": catalog.Words("")})
	}
	return catalog.Say(c.Language, "fault.value."+string(bad.Reason), catalog.Args{
		"words": catalog.Words(incident.Clip(bad.InWords, 300)), "example": catalog.Words(incident.Clip(bad.Example, 100)), "n": catalog.Int(runbooks.MaxValue),
	})
}

var parametersForm = Form{view.FormParameters, func(ctx context.Context, c *Ask) (Reply, error) {
	list, err := c.inUse(ctx, c.Ref.Runbook)
	if err != nil {
		return Reply{}, err
	}
	faults := map[string]catalog.Text{}
	var set incident.SetParameters
	first := ""
	for _, input := range slices.Sorted(maps.Keys(c.Answers)) {
		name, is := view.ParameterOf(input)
		if !is {
			continue
		}
		q, ok := parameterOf(list, name)
		if !ok {
			return c.stale(), nil
		}
		value := strings.TrimSpace(c.Answers[input])
		if was, given := c.State.Value(name); value == "" && !given || given && was.Text.Body == value {
			continue
		}
		if value != "" {
			if err := q.Check(value); err != nil {
				faults[input] = c.misfit(err)
				continue
			}
			if c.alertSays(list, name) == value {
				if _, given := c.State.Value(name); !given {
					continue // nobody changed what the alert says
				}
			}
		}
		if first == "" {
			first = input
		}
		set.Values = append(set.Values, incident.Value{Name: name, Text: incident.Text{Body: value}})
	}
	switch {
	case len(faults) > 0:
		return Reply{Errors: faults}, nil
	case len(set.Values) == 0:
		return Reply{Close: true}, nil
	}
	return c.submitted(ctx, first, set)
}}

// alertSays is what the alerts know of a parameter, in the runbook that declares it first.
func (c *Ask) alertSays(list []*runbooks.Runbook, name string) string {
	for _, r := range list {
		if _, ok := r.Parameter(name); ok {
			values, _ := prefilled(r, c.State)
			return values[name]
		}
	}
	return ""
}

// assignment is how a value begins: "tenant=acme".
var assignment = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9_]{0,39})=(.*)$`)

// assignments reads "tenant=acme svc=kyc-svc" and `reason="two words"`. What follows a value without a name and an equals sign belongs to it.
func assignments(s string) (names []string, values map[string]string, bad string) {
	values = map[string]string{}
	name := ""
	for _, w := range strings.Fields(s) {
		if m := assignment.FindStringSubmatch(w); m != nil {
			name = strings.ToLower(m[1])
			if _, twice := values[name]; !twice {
				names = append(names, name)
			}
			values[name] = m[2]
			continue
		}
		if name == "" {
			return nil, nil, w
		}
		values[name] += " " + w
	}
	for n, v := range values {
		// Phones write curly ones.
		inner, opened := strings.CutPrefix(strings.NewReplacer("“", `"`, "”", `"`).Replace(v), `"`)
		if inner, closed := strings.CutSuffix(inner, `"`); opened && closed {
			values[n] = strings.TrimSpace(inner)
		}
	}
	return names, values, ""
}

// setParameters is "/incident runbook set tenant=acme svc=kyc-svc"; without values the form opens.
func (c *Ask) setParameters(ctx context.Context, words string) (Reply, error) {
	if len(c.State.Runbooks) == 0 {
		return c.say("value.none", catalog.Args{"id": catalog.Words(c.State.ID), "command": catalog.Words(c.desk.command)}), nil
	}
	if words == "" {
		return c.parametersForm(ctx, "", "")
	}
	names, values, bad := assignments(words)
	if bad != "" {
		return usage("usage.runbook.set", bad)
	}
	list, err := c.inUse(ctx, "")
	if err != nil {
		return Reply{}, err
	}
	var set incident.SetParameters
	var faults []catalog.Text
	for _, name := range names {
		q, ok := parameterOf(list, name)
		if !ok {
			args := []string{name}
			for _, r := range list {
				for _, p := range r.Parameters {
					if !contains(args, p.Name) {
						args = append(args, p.Name)
					}
				}
			}
			return c.refused(&incident.Refusal{Code: incident.RefusedNoParameter, Args: args}), nil
		}
		if values[name] != "" {
			if err := q.Check(values[name]); err != nil {
				faults = append(faults, catalog.Say(c.Language, "value.refused", catalog.Args{"name": catalog.Words(name), "why": c.misfit(err)}))
				continue
			}
		}
		set.Values = append(set.Values, incident.Value{Name: name, Text: incident.Text{Body: values[name]}})
	}
	if len(faults) > 0 { // all or nothing: half of what was typed would be missed
		head := catalog.Say(c.Language, "value.refused.head", catalog.Args{"id": catalog.Words(c.State.ID)})
		text := catalog.Join("\n", append([]catalog.Text{head}, faults...)...)
		return c.card(view.Card{Summary: head, Blocks: []view.Block{view.Section{Text: text}}}), nil
	}
	return c.tell(ctx, set)
}

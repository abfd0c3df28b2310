package view

import (
	"slices"
	"strings"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// Parameter is a parameter of the runbooks in use, for the form that asks for its value.
type Parameter struct {
	Name    string
	What    string // what it is, in the runbook's words
	InWords string // what fits, in the runbook's words
	Example string
	Value   string          // what stands there; empty: nothing does
	By      incident.Person // who gave it; zero: an alert, or nobody
	Unfit   string          // what an alert says and does not fit: it is not used
	Here    bool            // the step in front of who asks needs it
}

// maxParameters is how many parameters a form asks for; Slack takes 100 blocks.
const maxParameters = 40

// InputParameter is the name of a parameter's answer in the form.
func InputParameter(name string) string { return "p." + name }

// ParameterOf is the parameter an answer is of.
func ParameterOf(input string) (string, bool) { return strings.CutPrefix(input, "p.") }

// ParametersForm asks for the values of the parameters of the runbooks in use. Every answer is optional: what is not known yet stays open, an
// emptied one is taken back. What the step in front of somebody needs comes first, and the others under a line of their own.
func ParametersForm(src Source, list []Parameter) Form {
	s := src.said()
	f := src.form(FormParameters, "parameters", nil)
	f.Blocks = []Block{src.subject()}
	if len(list) == 0 {
		f.Blocks = append(f.Blocks, Section{Text: s.word("form.parameters.none")})
		return f
	}
	f.Blocks = append(f.Blocks, Small{s.word("form.parameters.follows")})
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b Parameter) int {
		switch {
		case a.Here == b.Here:
			return 0
		case a.Here:
			return -1
		}
		return 1
	})
	for i, p := range list {
		if i == maxParameters {
			break
		}
		if i > 0 && list[i-1].Here && !p.Here {
			f.Blocks = append(f.Blocks, Section{Text: s.word("form.parameters.others")})
		}
		hint := s.say("form.parameters.hint", catalog.Args{"words": catalog.Words(clip(p.InWords, 300)), "example": catalog.Words(clip(p.Example, 100))})
		switch {
		case p.Unfit != "":
			hint = join(" ", hint, s.say("form.parameters.unfit", catalog.Args{"value": catalog.Quoted(clip(p.Unfit, 100))}))
		case p.Value != "" && p.By.Zero():
			hint = join(" ", hint, s.word("form.parameters.alert"))
		case p.Value != "":
			hint = join(" ", hint, s.say("form.parameters.by", catalog.Args{"who": catalog.Words(nameOf(p.By))}))
		}
		f.Blocks = append(f.Blocks, Input{ID: InputParameter(p.Name), Optional: true, Hint: hint, Field: TextField{Max: incident.MaxValue, Initial: p.Value},
			Label: clipText(s.say("form.parameters.label", catalog.Args{"name": catalog.Words(p.Name), "what": catalog.Words(clip(p.What, 200))}), 300)})
	}
	return f
}

// unfilled says which values the step's commands lack, and which there are that do not fit this runbook.
func (src Source) unfilled() catalog.Text {
	s, st := src.said(), src.Step
	var text catalog.Text
	if len(st.Missing) > 0 {
		key := "step.missing"
		if st.Draft != "" {
			key = "step.missing.draft"
		}
		text = s.say(key, catalog.Args{"names": names(st.Missing)})
	}
	if len(st.Unfit) > 0 {
		text = join("\n", text, s.say("step.unfit", catalog.Args{"names": names(st.Unfit)}))
	}
	return text
}

// names are parameters' names, each as it stands in a command.
func names(list []string) catalog.List {
	var out catalog.List
	for i, n := range list {
		if i == maxNames {
			break
		}
		out = append(out, catalog.Literal(clip(n, 60)))
	}
	return out
}

// maxNames is how many values a card names; the form has all.
const maxNames = 6

// parametersButton opens the form that fills in the step's commands; nil when they have no parameter.
func (src Source) parametersButton() []Element {
	if src.Step == nil || !src.Step.Asks {
		return nil
	}
	b := Button{Action: ActionOpenParameters, Label: src.said().word("button.parameters"), Value: src.stepRef("")}
	if len(src.Step.Missing)+len(src.Step.Unfit) > 0 {
		b.Style = Primary
	}
	return []Element{b}
}

// suggest is the card that puts runbooks forward, each with why and a button to start it.
func suggest(src Source) Card {
	s, st := src.said(), src.State
	head := s.say("suggest", catalog.Args{"id": catalog.Words(st.ID)})
	offered := st.Offered()
	if len(offered) == 0 {
		return one(s.say("suggest.started", catalog.Args{"id": catalog.Words(st.ID)}))
	}
	c := Card{Summary: head}
	c.add(Section{Text: head})
	for _, o := range offered {
		row := Section{Text: s.say("suggest.line", catalog.Args{"runbook": catalog.Words(clip(o.Runbook, 40)), "title": catalog.Words(clip(o.Title, 150)), "why": suggestedBy(s, o)})}
		if st.Open() {
			row.Beside = Button{Action: ActionUseRunbook, Label: s.say("button.runbook.use", catalog.Args{"runbook": catalog.Words(clip(o.Runbook, 40))}), Value: src.useRef(o)}
		}
		c.add(row)
	}
	if st.Open() {
		c.add(Actions{[]Element{Button{Action: ActionOpenRunbook, Label: s.word("button.runbook.other"), Value: src.ref("")}}})
	}
	return c
}

// useRef is what a button starts: a runbook, at the step that the finding leads to.
func (src Source) useRef(o incident.Suggestion) Ref {
	r := src.ref(clip(o.Runbook, 40))
	r.Note = clip(o.Step, 60)
	return r
}

// suggestedBy says why a runbook is put forward: "because PostgresConnectionsExhausted fires".
func suggestedBy(s said, o incident.Suggestion) catalog.Text {
	key := "suggest.by." + o.By
	if !catalog.Has(key) {
		key = "suggest.by.generic"
	}
	return s.say(key, catalog.Args{"value": catalog.Words(clip(o.Value, 100))})
}

// NothingFoundCard says that no runbook speaks of what was searched for, and offers the one that fits where none does.
func NothingFoundCard(src Source, words string, generic incident.Suggestion) Card {
	s := src.said()
	head := s.say("suggest.nothing", catalog.Args{"words": catalog.Quoted(clip(words, 60))})
	c := Card{Summary: head}
	c.add(Section{Text: head})
	var row []Element
	if _, started := src.State.Runbook(generic.Runbook); generic.Runbook != "" && !started {
		c.add(Section{Text: s.say("suggest.line", catalog.Args{"runbook": catalog.Words(clip(generic.Runbook, 40)), "title": catalog.Words(clip(generic.Title, 150)), "why": suggestedBy(s, generic)})})
		row = append(row, Button{Action: ActionUseRunbook, Label: s.say("button.runbook.use", catalog.Args{"runbook": catalog.Words(clip(generic.Runbook, 40))}), Value: src.ref(clip(generic.Runbook, 40)), Style: Primary})
	}
	c.add(Actions{append(row, Button{Action: ActionOpenRunbook, Label: s.word("button.runbook.other"), Value: src.ref("")})})
	return c
}

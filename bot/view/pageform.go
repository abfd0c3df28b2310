package view

import (
	"slices"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// PageNext is the choice of PageForm that sends for the next level of the ladder.
const PageNext = "next"

// PageForm asks whom to ring: the next level or a target of the policy, each with who has it now. Nobody is rung before it is sent. unknown is
// what was typed and is none of them, empty when nothing was; why is the reason that was typed.
func PageForm(src Source, all []OnCall, unknown, why string) Form {
	s, st := src.said(), src.State
	f := src.form(FormPage, "page", nil)
	f.Blocks = []Block{src.subject()}
	if unknown != "" {
		f.Blocks = append(f.Blocks, Section{Text: s.say("form.page.unknown", catalog.Args{"word": catalog.Literal(clip(unknown, 60))})})
	}
	var options []Option
	if next := st.Policy.TargetTitle(src.nextUp(), s.lang); st.Open() && src.nextUp() != "" {
		options = append(options, Option{Label: clipText(s.say("form.page.next", catalog.Args{"next": catalog.Words(clip(next, 50))}), maxHint), Value: PageNext})
	}
	for _, o := range all {
		t, known := st.Policy.Targets[o.Key]
		if !known || t.Address == (incident.Address{}) || len(options) == 100 {
			continue
		}
		var who catalog.Arg = catalog.Term("form.page.nobody")
		if len(o.People) > 0 {
			var names catalog.List
			for _, p := range o.People[:min(len(o.People), 3)] {
				names = append(names, catalog.Words(clip(nameOf(p), 40)))
			}
			who = names
		}
		options = append(options, Option{Label: clipText(s.say("form.page.option", catalog.Args{"title": dutyTitle(o.Title, o.Key, s.lang), "who": who}), maxHint), Value: o.Key})
	}
	if len(options) == 0 {
		f.Blocks = append(f.Blocks, Section{Text: s.word("form.page.none")})
		return f
	}
	f.Blocks = append(f.Blocks, Input{ID: InputTarget, Label: s.word("form.page.whom"), Field: ChoiceField{Options: options, Menu: true}},
		Input{ID: InputReason, Label: s.word("form.page.why"), Hint: s.word("form.page.why.hint"), Optional: true, Field: TextField{Max: incident.MaxReason, Initial: clip(why, incident.MaxReason)}})
	return f
}

// nextUp is the target that is rung next when the present one does not answer; empty at the top, or where nothing escalates.
func (src Source) nextUp() string {
	i := slices.IndexFunc(src.Deadlines, func(d incident.Deadline) bool { return d.Level > 0 && d.Next != "" })
	if i < 0 {
		return ""
	}
	return src.Deadlines[i].Next
}

package view

import (
	"slices"
	"strings"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// stepTells says whom a step tells outside the team: who was told, by whom and when, and who was not.
func (src Source) stepTells(run incident.RunbookRun) catalog.Text {
	s := src.said()
	var text catalog.Text
	for i, role := range run.Ref.Tells(src.Step.ID) {
		if i == maxNamed {
			break
		}
		args := catalog.Args{"role": capital(catalog.Of(s.lang, src.roleTitle(role)))}
		key := "step.tells"
		if t, told := run.Told(src.Step.ID, role); told {
			key, args["by"], args["at"] = "step.told", who(t.By), src.clock(t.At)
		}
		text = join("\n", text, s.say(key, args))
	}
	return text
}

// stepRings says how the people of the house whom the step tells are rung: those whom the policy can ring. Who has been, the headline says,
// which is redrawn when that changes.
func (src Source) stepRings(run incident.RunbookRun) catalog.Text {
	s, p := src.said(), src.State.Policy
	rule, _ := run.Ref.Rule(src.Step.ID)
	tells := run.Ref.Tells(src.Step.ID)
	var roles, commands catalog.List
	for _, role := range rule.Notify {
		if p == nil || slices.Contains(tells, role) || len(roles) == maxNamed {
			continue
		}
		if t, known := p.Targets[role]; !known || t.Address == (incident.Address{}) {
			continue
		}
		if _, rung, heard := src.State.Heard(role); rung && heard {
			continue // the line above says so
		}
		roles = append(roles, src.roleTitle(role))
		commands = append(commands, catalog.Literal(src.command()+" page "+role))
	}
	if len(roles) == 0 || !src.State.Open() {
		return nil
	}
	return capital(s.say("step.rings", catalog.Args{"roles": roles, "commands": commands}))
}

// sentButtons open the form that says what was sent: with the draft in the incident's language, or in the other one.
func (src Source) sentButtons(run incident.RunbookRun) []Element {
	if len(run.Untold(src.Step.ID)) == 0 {
		return nil
	}
	s := src.said()
	other := catalog.French
	if s.lang == catalog.French {
		other = catalog.English
	}
	return []Element{
		Button{Action: ActionStepSent, Label: s.word("button.step.sent"), Value: src.stepRef(""), Style: Primary},
		Button{Action: ActionStepSent, Label: s.word("button.step.sent." + other), Value: src.stepRef(DraftOther)},
	}
}

// DraftOther in a button's note asks for the draft in the language that the incident does not have.
const DraftOther = "other"

// NoticeDraft is what somebody may send to a role, in a language: the step's own draft with the incident's values, else the one for the role.
// What is not known stands in brackets.
func NoticeDraft(src Source, language, role string) string {
	if src.Step != nil && src.Step.Draft != "" {
		return src.Step.Draft
	}
	src.Language = language
	return src.draft(src.State.NoticeTo(role)).Letter(src.zone())
}

// stepDraft is the draft of a step that has none of its own; empty when it has, or tells nobody who is left.
func (src Source) stepDraft(run incident.RunbookRun) string {
	left := run.Untold(src.Step.ID)
	if src.Step.Draft != "" || len(left) == 0 {
		return ""
	}
	return NoticeDraft(src, src.language(), draftFor(left))
}

// draftFor is for whom a draft is written that goes to several: whoever is furthest outside.
func draftFor(roles []string) string {
	for _, first := range []string{incident.RoleRegulator, incident.RoleAMLAuthority, incident.RoleCustomer, "tenant_dpo", "tenant_compliance_officer"} {
		if slices.Contains(roles, first) {
			return first
		}
	}
	if len(roles) == 0 {
		return ""
	}
	return roles[0]
}

// SentForm shows what a step wants sent, to be changed to what was sent, and asks to whom, when and where it can be found. src.Step is the
// step; its Ref comes back, with the roles that could be chosen in the note. The draft is in language.
func SentForm(src Source, language string) Form {
	s := src.said()
	f := src.stepForm(FormStepSent, "sent")
	st := src.Step
	if st == nil {
		return f
	}
	run, _ := src.State.Runbook(st.Runbook)
	left := run.Untold(st.ID)
	f.Ref.Note = strings.Join(left, ",")
	f.Blocks = append(f.Blocks, Small{s.word("form.sent.follows")})
	if len(left) > 1 {
		var options []Option
		var all []string
		for i, role := range left {
			if i == maxRoles {
				break
			}
			options, all = append(options, Option{Label: clipText(capital(catalog.Of(s.lang, src.roleTitle(role))), 75), Value: role}), append(all, role)
		}
		f.Blocks = append(f.Blocks, Input{ID: InputRoles, Label: s.word("form.sent.roles"), Field: ChecksField{Options: options, Chosen: all}})
	} else if len(left) == 1 {
		f.Blocks = append(f.Blocks, Section{Text: s.say("form.sent.role", catalog.Args{"role": src.roleTitle(left[0])})})
	}
	f.Blocks = append(f.Blocks, src.sentInputs(NoticeDraft(src, language, draftFor(left)))...)
	if _, marked := run.Steps[st.ID]; marked || !src.State.StepWorkable(st.Runbook, st.ID) {
		return f
	}
	next := Option{Label: s.word("form.finding.next"), Value: BranchNone}
	options := []Option{next, {Label: s.word("form.finding.stay"), Value: BranchStay}}
	chosen := BranchNone
	if len(st.Branches) > 0 { // which finding it was, somebody has to say
		options, chosen = options[1:], BranchStay
		for i, b := range st.Branches {
			if i == stepBranches {
				break
			}
			options = append(options, src.branchOption(b))
		}
	}
	f.Blocks = append(f.Blocks, Input{ID: InputBranch, Label: s.word("form.sent.then"), Hint: s.word("form.sent.then.hint"), Field: ChoiceField{Options: options, Chosen: chosen}})
	return f
}

// maxRoles is how many boxes a form has; Slack takes ten.
const maxRoles = 10

// branchOption is a finding as an option of a form.
func (src Source) branchOption(b Branch) Option {
	label := src.leads(b, 50)
	if label == nil {
		label = catalog.Of(src.language(), catalog.Words(clip(b.Finding, 75)))
	}
	return Option{Label: clipText(label, 75), Value: b.Value}
}

// sentInputs ask what was sent, to whom, when and where it can be found.
func (src Source) sentInputs(draft string) []Block {
	s := src.said()
	return []Block{
		Input{ID: InputTo, Label: s.word("form.sent.to"), Field: TextField{Min: 1, Max: incident.MaxSentTo, Placeholder: s.word("form.sent.to.example")}},
		Input{ID: InputText, Label: s.word("form.sent.what"), Hint: s.word("form.sent.what.hint"), Optional: true, Field: TextField{Lines: true, Max: incident.MaxNotice, Initial: incident.Clip(draft, incident.MaxNotice)}},
		Input{ID: InputSince, Label: s.word("form.sent.when"), Hint: s.say("form.block.since.hint", src.zoneArg()), Optional: true, Field: TextField{Max: 20}},
		Input{ID: InputReference, Label: s.word("form.sent.reference"), Optional: true, Field: TextField{Max: incident.MaxReference, Placeholder: s.word("form.sent.reference.example")}},
	}
}

// StillOwedCard says that a step is done and its clock goes on, because nobody has said that it was sent.
func StillOwedCard(src Source, d incident.Duty) Card {
	s := src.said()
	text := s.say("step.sent.owed", catalog.Args{"title": catalog.Words(src.dutyTitle(d)), "at": dateClock(d.Due)})
	if d.Due.IsZero() {
		text = s.say("step.sent.owed.open", catalog.Args{"title": catalog.Words(src.dutyTitle(d))})
	}
	c := Card{Summary: text}
	c.add(Section{Text: text})
	c.add(Actions{src.dutyButtons(d)})
	return c
}

// sentStepOf is the step whose having been sent meets a duty, as long as somebody is left to be told.
func (src Source) sentStepOf(d incident.Duty) (ref Ref, ok bool) {
	for _, run := range src.State.Runbooks {
		for _, c := range run.Ref.Clocks {
			if src.State.ClockIs(c, d) && len(run.Untold(c.Step)) > 0 {
				r := src.ref(c.Step)
				r.Runbook = run.Ref.ID
				return r, true
			}
		}
	}
	return Ref{}, false
}

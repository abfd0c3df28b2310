package view

import (
	"slices"
	"strings"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// stepInforms says whom a step tells inside the company: who that is now, who was told, by whom and when, and who was not. Whom the severity
// had told or rung already is not told twice.
func (src Source) stepInforms(run incident.RunbookRun) catalog.Text {
	s, st := src.said(), src.Step
	var text catalog.Text
	for i, role := range run.Ref.Informs(st.ID) {
		if i == maxNamed {
			break
		}
		args := catalog.Args{"role": capital(catalog.Of(s.lang, src.holder(role)))}
		key := "step.informs"
		if len(st.Holders[role]) == 0 {
			key = "step.informs.nobody"
		}
		at, rung, heard := src.State.Heard(role)
		switch t, told := run.Told(st.ID, role); {
		case told:
			key, args["by"], args["at"] = "step.informed", who(t.By), src.clock(t.At)
		case heard && rung:
			key, args["at"] = "step.heard.rung", src.clock(at)
		case heard && at.IsZero():
			key = "step.heard.before"
		case heard:
			key, args["at"] = "step.heard", src.clock(at)
		}
		text = join("\n", text, s.say(key, args))
	}
	return text
}

// tellable are the roles that a step may still tell inside the company, those first that have not heard.
func (src Source) tellable(run incident.RunbookRun) (all, fresh []string) {
	fresh = src.State.Uninformed(run.Ref.ID, src.Step.ID)
	all = slices.Clone(fresh)
	for _, role := range run.Ref.Informs(src.Step.ID) {
		if _, told := run.Told(src.Step.ID, role); !told && !slices.Contains(all, role) {
			all = append(all, role)
		}
	}
	return all[:min(len(all), maxRoles)], fresh
}

// tellButtons open the form by which they are told.
func (src Source) tellButtons(run incident.RunbookRun) []Element {
	all, fresh := src.tellable(run)
	if len(all) == 0 {
		return nil
	}
	b := Button{Action: ActionStepTell, Label: src.said().word("button.step.tell"), Value: src.stepRef(""), Style: Primary}
	if len(fresh) == 0 {
		b.Style = Normal
	}
	return []Element{b}
}

// TellDraft is what colleagues may be told because of a step: the step's own draft where it is for them, else how it stands.
func TellDraft(src Source) string {
	s, st := src.said(), src.State
	run, _ := st.Runbook(src.Step.Runbook)
	if src.Step.Draft != "" && len(run.Ref.Tells(src.Step.ID)) == 0 {
		return src.Step.Draft
	}
	args := catalog.Args{"id": catalog.Words(st.ID), "sev": sev(st.Severity), "title": catalog.Words(src.title(200)), "status": status(st.Status), "at": dateClock(st.DetectedAt), "step": src.stepNamed()}
	key := "tell.draft.nobody"
	if h := st.Roles[incident.Commander]; !h.Who.Zero() {
		key, args["who"] = "tell.draft", plainWho(h.Who)
	}
	return s.say(key, args).Letter(src.zone())
}

func (src Source) stepNamed() catalog.Text {
	st := src.Step
	return src.said().say("form.step", catalog.Args{"runbook": catalog.Words(clip(st.Runbook, 40)), "n": catalog.Int(st.Number), "of": catalog.Int(st.Of), "name": catalog.Words(clip(st.Name, 150))})
}

// TellForm shows what colleagues are told, to be changed, and asks who and how. src.Step is the step; its Ref comes back, with the roles that
// could be chosen in the note.
func TellForm(src Source) Form {
	s := src.said()
	f := src.stepForm(FormStepTell, "tell")
	if src.Step == nil {
		return f
	}
	run, _ := src.State.Runbook(src.Step.Runbook)
	all, fresh := src.tellable(run)
	f.Ref.Note = strings.Join(all, ",")
	var options []Option
	var chosen []string
	var rung catalog.List
	for _, role := range all {
		options = append(options, Option{Label: clipText(capital(catalog.Of(s.lang, src.holder(role))), 75), Value: role})
		if slices.Contains(fresh, role) && len(src.Step.Holders[role]) > 0 {
			chosen = append(chosen, role)
		}
		if src.State.RungBy(role) {
			rung = append(rung, src.roleTitle(role))
		}
	}
	switch {
	case len(all) > 1:
		f.Blocks = append(f.Blocks, Input{ID: InputRoles, Label: s.word("form.tell.roles"), Field: ChecksField{Options: options, Chosen: chosen}})
	case len(all) == 1:
		f.Blocks = append(f.Blocks, Section{Text: s.say("form.tell.role", catalog.Args{"role": src.holder(all[0])})})
	}
	how := []Option{{Label: s.word("form.tell.write"), Value: incident.TellWrite}}
	if len(rung) > 0 && src.State.Open() {
		how = append(how, Option{Label: clipText(s.say("form.tell.ring", catalog.Args{"roles": rung}), 75), Value: incident.TellRing})
	}
	how = append(how, Option{Label: s.word("form.tell.self"), Value: incident.TellSelf})
	first := incident.TellWrite
	if len(src.Step.Holders) == 0 { // nobody is known whom Tocsin could write to
		first = incident.TellSelf
	}
	f.Blocks = append(f.Blocks,
		Input{ID: InputText, Label: s.word("form.tell.what"), Optional: true, Field: TextField{Lines: true, Max: incident.MaxNotice, Initial: incident.Clip(TellDraft(src), incident.MaxNotice)}},
		Input{ID: InputHow, Label: s.word("form.tell.how"), Field: ChoiceField{Options: how, Chosen: first}},
		Small{s.word("form.tell.follows")})
	return f
}

// stepTold tells somebody, by direct message, what a step wants them to know.
func stepTold(src Source) Card {
	s, st := src.said(), src.State
	f, _ := src.Event.Fact.(*incident.NoticeSent)
	if f == nil {
		return src.owedUnknown()
	}
	run, _ := st.Runbook(f.Runbook)
	head := s.say("step-told", catalog.Args{"emoji": sevEmoji(st.Severity), "sev": sev(st.Severity), "id": catalog.Words(st.ID), "title": catalog.Words(src.title(150))})
	c := Card{Summary: head}
	place := s.say("step.number", catalog.Args{"runbook": catalog.Words(clip(f.Runbook, 40)), "n": catalog.Int(slices.Index(run.Ref.Steps, f.Step) + 1)})
	c.add(Section{Text: join("\n", head, s.say("step-told.why", catalog.Args{"by": actor(src.Event.Actor), "role": src.roleTitle(f.Role), "step": place}))})
	if !f.Text.Empty() {
		c.add(Section{Text: catalog.Of(s.lang, catalog.Lines(clipLines(words(f.Text, s.lang), incident.MaxNotice, 60)))})
	}
	c.add(Small{s.say("step-told.room", catalog.Args{"room": src.room()})})
	return c
}

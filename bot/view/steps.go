package view

import (
	"slices"
	"strconv"
	"strings"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// StepsCard lists all steps of a runbook with what became of them, for one person. card is the number of the card it was asked from: what is
// chosen opens there, or beside it where somebody else works there.
func StepsCard(src Source, runbook string, card int) Card {
	s := src.said()
	run, ok := src.State.Runbook(runbook)
	if !ok {
		return one(s.say("steps.none", catalog.Args{"command": catalog.Words(src.command())}))
	}
	head := s.say("steps", catalog.Args{"runbook": catalog.Words(clip(runbook, 40)), "done": catalog.Int(len(run.Steps)), "of": catalog.Int(len(run.Ref.Steps))})
	c := Card{Summary: head}
	c.add(Section{Text: bold(head)})
	var lines []catalog.Text
	var options, again []Option
	for i, id := range run.Ref.Steps {
		if i == maxSteps {
			lines = append(lines, s.say("and-more", catalog.Args{"n": catalog.Int(len(run.Ref.Steps) - i)}))
			break
		}
		lines = append(lines, src.stepState(run, i, id))
		if !src.State.StepWorkable(runbook, id) {
			continue
		}
		option := func(max int) Option {
			return Option{Value: id, Label: clipText(s.say("step.line.nobody", catalog.Args{"n": catalog.Int(i + 1), "name": catalog.Words(clip(src.stepTitle(run, id), max))}), 75)}
		}
		switch _, marked := run.Steps[id]; {
		case marked:
			most := 60
			if len(run.Ref.Steps) > longList {
				most = 10 // the list above has all of it
			}
			again = append(again, option(most))
		case run.CardOf(id) == 0:
			options = append(options, option(60))
		}
	}
	for part := range slices.Chunk(lines, stepList-5) {
		c.add(Section{Text: join("\n", part...)})
	}
	ref := src.ref("")
	ref.Runbook, ref.Note = runbook, strconv.Itoa(max(1, card))
	var menus []Element
	if len(options) > 0 {
		menus = append(menus, Menu{Action: ActionStepOpen, Placeholder: s.word("steps.open"), Options: options, Value: ref})
	}
	if len(again) > 0 {
		menus = append(menus, Menu{Action: ActionStepAgain, Placeholder: s.word("steps.reopen"), Options: again, Value: ref})
	}
	if len(menus) > 0 {
		c.add(Actions{menus})
		c.add(Small{s.word("steps.open.follows")})
	}
	return c
}

// longList is from how many steps on a title that stands in the list and in a menu is cut short in the menu, so that the card fits in a message.
const longList = 25

// maxSteps is how many steps are listed; the menu takes 100.
const maxSteps = 75

// stepState is one line of the list.
func (src Source) stepState(run incident.RunbookRun, i int, id string) catalog.Text {
	s, w := src.said(), run.Worked(id)
	m, marked := run.Steps[id]
	key := "steps.open.step"
	args := catalog.Args{"n": catalog.Int(i + 1), "name": catalog.Words(clip(src.stepTitle(run, id), 60)), "who": who(w.By), "at": src.clock(w.Since)}
	switch {
	case marked:
		args["who"], args["at"] = who(m.By), src.clock(m.At)
		key = "steps." + m.Mark
		if !m.Second.Zero() {
			key, args["second"] = "steps.second", person(m.Second)
		}
		if !catalog.Has(key) {
			key = "steps.done"
		}
	case !w.Blocked.Since.IsZero():
		key, args["at"] = "steps.blocked", src.clock(w.Blocked.Since)
	case !w.Awaits.At.IsZero():
		key, args["who"], args["at"] = "steps.awaits", who(w.Awaits.By), src.clock(w.Awaits.At)
	case len(src.State.Locks(run.Ref.ID, id, "")) > 0:
		key = "steps.locked"
	case run.CardOf(id) > 0 && !w.By.Zero():
		key = "steps.worked"
	case run.CardOf(id) > 0:
		key = "steps.shown"
	}
	line := s.say(key, args)
	if n := run.Times(id); n > 1 || n > 0 && !marked {
		return s.say("steps.again", catalog.Args{"state": line, "n": catalog.Int(n)})
	}
	return line
}

// stepPlace is "RB-008 · step 8 of 11 · Restore" of the step an effect's argument names, as "RB-008/restore".
func (src Source) stepPlace() (run incident.RunbookRun, id string, place catalog.Text) {
	runbook, id, _ := strings.Cut(src.Owed.Effect.Arg, "/")
	run, _ = src.State.Runbook(runbook)
	return run, id, src.said().say("form.step", catalog.Args{"runbook": catalog.Words(clip(runbook, 40)), "n": catalog.Int(slices.Index(run.Ref.Steps, id) + 1), "of": catalog.Int(len(run.Ref.Steps)),
		"name": catalog.Words(src.stepTitle(run, id))})
}

// approval asks somebody who holds a role, by direct message, to approve a step: with all that would be done.
func approval(src Source) Card {
	s, st := src.said(), src.State
	run, id, place := src.stepPlace()
	w := run.Worked(id)
	args := catalog.Args{"id": catalog.Words(st.ID), "title": catalog.Words(src.title(100)), "by": who(w.Asked.By), "step": place}
	_, marked := run.Steps[id]
	switch {
	case !w.Approved.At.IsZero():
		args["by"], args["at"] = who(w.Approved.By), src.clock(w.Approved.At)
		return one(s.say("approval.given", args))
	case marked || !st.StepWorkable(run.Ref.ID, id):
		return one(s.say("approval.over", args))
	}
	c := Card{Summary: s.say("approval.summary", args)}
	c.add(Section{Text: bold(asksApproval(s, st.ID, w))})
	c.add(src.subject())
	c.add(Section{Text: join("\n", place, src.stepChanged(run, id))})
	ref := src.ref(id)
	ref.Runbook = run.Ref.ID
	if src.Step != nil && src.Step.ID == id {
		c.add(Section{Text: join("\n", src.stepKind(), src.stepFor(run))})
		src.stepBody(&c, false)
	}
	c.add(Actions{[]Element{Button{Action: ActionStepApprove, Label: s.word("button.step.approve"), Value: ref, Style: Primary}}})
	c.add(Small{s.say("approval.follows", catalog.Args{"room": src.room()})})
	return c
}

// approved tells who asked that a step was approved.
func approved(src Source) Card {
	run, id, place := src.stepPlace()
	a := run.Worked(id).Approved
	s := src.said()
	if a.At.IsZero() {
		return one(s.say("approval.over", catalog.Args{"id": catalog.Words(src.State.ID), "step": place}))
	}
	key := "approved"
	for _, l := range src.State.Locks(run.Ref.ID, id, "") {
		if l.Kind == incident.LockCapture {
			key = "approved.capture"
			break
		}
		key = "approved.eyes"
	}
	text := s.say(key, catalog.Args{"id": catalog.Words(src.State.ID), "step": place, "by": who(a.By), "at": src.clock(a.At), "room": src.room(), "command": catalog.Words(src.command())})
	if !a.Reason.Empty() {
		text = join("\n", text, catalog.Of(s.lang, catalog.Lines(clipLines(words(a.Reason, s.lang), 500, 6))))
	}
	return one(text)
}

// ApproveForm asks for the reason of an approval. src.Step is the step; its Ref comes back.
func ApproveForm(src Source) Form {
	s := src.said()
	f := src.stepForm(FormApprove, "approve")
	if src.Step != nil {
		f.Blocks = append(f.Blocks, src.toRead()...)
	}
	f.Blocks = append(f.Blocks, Input{ID: InputReason, Label: s.word("form.approve.what"), Field: TextField{Lines: true, Min: 1, Max: incident.MaxReason}}, Small{s.word("form.approve.follows")})
	return f
}

// SecondForm shows a second person what would be run, whole, to be confirmed before it is. src.Step is the step; its Ref comes back.
func SecondForm(src Source) Form {
	s := src.said()
	f := src.stepForm(FormSecond, "second")
	if st := src.Step; st != nil {
		for i, w := range st.Warnings {
			if i < stepWarnings {
				f.Blocks = append(f.Blocks, Section{Text: s.say("step.warning", catalog.Args{"text": capital(catalog.Of(s.lang, catalog.Marked(clipLines(w, 400, 6))))})})
			}
		}
		f.Blocks = append(f.Blocks, src.toRead()...)
	}
	f.Blocks = append(f.Blocks, Input{ID: InputReason, Label: s.word("form.second.what"), Optional: true, Field: TextField{Lines: true, Max: incident.MaxReason}}, Small{s.word("form.second.follows")})
	return f
}

// toRead are a step's commands for who decides whether they are to be run.
func (src Source) toRead() (out []Block) {
	st := src.Step
	shown := st.whole()
	for _, i := range shown {
		out = append(out, copyable(st.Commands[i])...)
	}
	if left := join("\n", src.commandsLeft(len(st.Commands)-len(shown)), src.unfilled()); len(left) > 0 {
		out = append(out, Section{Text: left})
	}
	return out
}

// ReturnForm asks why a step is not to be run as it stands, or why what was done is not confirmed.
func ReturnForm(src Source) Form {
	f := src.stepForm(FormReturn, "return")
	f.Blocks = append(f.Blocks, Input{ID: InputReason, Label: src.said().word("form.return.what"), Field: TextField{Lines: true, Min: 1, Max: incident.MaxReason}})
	return f
}

// BlockForm asks what a step waits for, who can end that, and since when.
func BlockForm(src Source) Form {
	s := src.said()
	f := src.stepForm(FormBlock, "block")
	f.Blocks = append(f.Blocks,
		Input{ID: InputReason, Label: s.word("form.block.what"), Field: TextField{Lines: true, Min: 1, Max: incident.MaxReason, Placeholder: s.word("form.block.example")}},
		Input{ID: InputWhom, Label: s.word("form.block.whom"), Optional: true, Field: TextField{Max: 150}},
		Input{ID: InputSince, Label: s.word("form.block.since"), Hint: s.say("form.block.since.hint", src.zoneArg()), Optional: true, Field: TextField{Max: 20}},
		Small{s.word("form.block.follows")})
	return f
}

// stepForm begins a form about a step.
func (src Source) stepForm(id, key string) Form {
	f := src.form(id, key, nil)
	if src.Step != nil {
		f.Ref = src.stepRef("")
	}
	f.Blocks = src.stepSubject()
	return f
}

// headlineBlocked is how many blocked or waiting steps a headline names.
const headlineBlocked = 3

// stepsWaiting are the steps that wait for something or somebody, for the headline and the hand-over.
func (src Source) stepsWaiting() catalog.Text {
	s := src.said()
	var out []catalog.Text
	more := 0
	for _, run := range src.State.Runbooks {
		for i, id := range run.Ref.Steps {
			w := run.Worked(id)
			if _, marked := run.Steps[id]; marked {
				continue
			}
			args := catalog.Args{"runbook": catalog.Words(clip(run.Ref.ID, 40)), "n": catalog.Int(i + 1), "name": catalog.Words(clip(src.stepTitle(run, id), 60))}
			key := ""
			switch {
			case !w.Blocked.Since.IsZero():
				key = "headline.step.blocked"
				args["at"], args["on"] = src.clock(w.Blocked.Since), catalog.Words(line(w.Blocked.On, 120, s.lang))
				if !w.Blocked.Whom.Empty() {
					key, args["whom"] = "headline.step.blocked.whom", catalog.Words(line(w.Blocked.Whom, 60, s.lang))
				}
			case !w.Awaits.At.IsZero():
				key, args["who"], args["at"] = "headline.step.awaits", who(w.Awaits.By), src.clock(w.Awaits.At)
			case !w.Asked.At.IsZero() && w.Approved.At.IsZero():
				rule, _ := run.Ref.Rule(id)
				key, args["role"], args["at"] = "headline.step.asked", src.roleTitle(rule.Approval), src.clock(w.Asked.At)
			case run.CardOf(id) > 0 && !w.By.Zero() && slices.ContainsFunc(src.State.Locks(run.Ref.ID, id, ""), func(l incident.Lock) bool { return l.Kind == incident.LockEyes }):
				key, args["who"] = "headline.step.eyes", person(w.By)
			default:
				continue
			}
			if len(out) == headlineBlocked {
				more++
				continue
			}
			out = append(out, s.say(key, args))
		}
	}
	if more > 0 {
		out = append(out, s.say("and-more", catalog.Args{"n": catalog.Int(more)}))
	}
	return join("\n", out...)
}

// runbooks says how far the runbooks are and which step is next.
func (src Source) runbooks() catalog.Text {
	s := src.said()
	var parts []catalog.Text
	for i, r := range src.State.Runbooks {
		if i == headlineRunbook {
			break
		}
		part := s.say("headline.runbook", catalog.Args{"id": catalog.Words(clip(r.Ref.ID, 40)), "done": catalog.Int(len(r.Steps)), "of": catalog.Int(len(r.Ref.Steps))})
		var open []catalog.Text
		for _, id := range r.OpenSteps() {
			open = append(open, src.stepLine(r, id))
		}
		if len(open) > 0 && src.State.Open() {
			part = join("", part, s.say("headline.runbook.next", catalog.Args{"list": join(" · ", open...)}))
		}
		parts = append(parts, part)
	}
	return join("\n", parts...)
}

// refusedStep adds what the words of a refusal about a step need, and returns their key.
func (v Voice) refusedStep(r *incident.Refusal, policy *incident.Policy, args catalog.Args, key string) string {
	if !strings.HasPrefix(r.Code, "step-") || r.Code == incident.RefusedStepMarked || r.Code == incident.RefusedLocked {
		return key
	}
	s := v.said()
	arg := func(i int) string {
		if i < len(r.Args) {
			return clip(r.Args[i], 100)
		}
		return ""
	}
	title := func(i int) catalog.Arg { return roleTitle(policy, s.lang, arg(i)) }
	args["step"] = s.say("step.number", catalog.Args{"runbook": catalog.Words(arg(0)), "n": catalog.Words(arg(1))})
	switch r.Code {
	case incident.RefusedStepWho:
		var roles catalog.Either
		for i := 2; i < len(r.Args) && i < 2+maxNamed; i++ {
			roles = append(roles, title(i))
		}
		args["roles"] = roles
	case incident.RefusedUnapproved, incident.RefusedApprover, incident.RefusedNoHolder, incident.RefusedNobodyToTell:
		args["role"], args["target"] = title(2), catalog.Words(arg(2))
	case incident.RefusedTold, incident.RefusedApproved, incident.RefusedApprovalAsked, incident.RefusedReaderAsked, incident.RefusedAwaited, incident.RefusedSeconded, incident.RefusedBlocked:
		args["at"] = moment(arg(2))
	case incident.RefusedHelped:
		args["at"], args["role"] = moment(arg(2)), title(3)
	}
	if with := byWhom(key, r); catalog.Has(with) {
		return with
	}
	return key
}

// Asked is a step that waits for somebody's approval.
type Asked struct {
	State         incident.State
	Runbook, Step string
}

// maxApprovals is how many a Home page shows.
const maxApprovals = 5

// WithApprovals puts what waits for a person's approval on top of their Home page.
func (v Voice) WithApprovals(c Card, list []Asked) Card {
	var head []Block
	for i, a := range list {
		if i == maxApprovals {
			break
		}
		src := Source{State: a.State, Language: v.Language}
		src.Owed.Effect.Arg = a.Runbook + "/" + a.Step
		run, id, place := src.stepPlace()
		ref := src.ref(id)
		ref.Runbook = a.Runbook
		head = append(head, Section{
			Text:   join("\n", asksApproval(v.said(), a.State.ID, run.Worked(id)), place),
			Beside: Button{Action: ActionStepApprove, Label: v.said().word("button.step.approve"), Value: ref, Style: Primary},
		})
	}
	c.Blocks = append(head, c.Blocks...)
	return c
}

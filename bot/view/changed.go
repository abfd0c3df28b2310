package view

import (
	"strings"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// stepChanged says what closed a step's locks again, until they are open: for what values it was approved and read, and what those are now.
func (src Source) stepChanged(run incident.RunbookRun, step string) catalog.Text {
	c := run.Worked(step).Changed
	if c.At.IsZero() {
		return nil
	}
	was, is := src.values(c.Values)
	// A locked step is not said to have changed each time that it does: of values that are others now, nothing is said.
	stale := src.Step != nil && src.Step.ID == step && src.Step.Filled != "" && c.Digest != "" && src.Step.Filled != c.Digest
	say := func(key, bare string, p incident.Person) catalog.Text {
		switch {
		case p.Zero():
			return nil
		case len(c.Values) == 0 || stale:
			key = bare
		}
		return src.said().say(key, catalog.Args{"who": person(p), "at": src.clock(c.At), "was": was, "is": is})
	}
	return join("\n", say("step.changed.approved", "step.changed.approved.bare", c.Approver), say("step.changed.read", "step.changed.read.bare", c.Second))
}

// values are what commands were filled with, and what they are filled with now: `topic=audit ns=prod`.
func (src Source) values(list []incident.ValueChange) (was, is catalog.Arg) {
	word := func(of func(incident.ValueChange) incident.Text) catalog.Literal {
		var out []string
		for _, v := range list {
			value := "?" // none was known
			if t := of(v); !t.Empty() {
				value = line(t, 80, src.said().lang)
			}
			out = append(out, v.Name+"="+value)
		}
		return catalog.Literal(clip(strings.Join(out, " "), 300))
	}
	return word(func(v incident.ValueChange) incident.Text { return v.Was }), word(func(v incident.ValueChange) incident.Text { return v.Is })
}

// stepLockedAgain says in the room that a step is locked again, to whoever was about to run it.
func stepLockedAgain(src Source) Card {
	f, ok := src.Event.Fact.(*incident.StepChanged)
	if !ok {
		return src.owedUnknown()
	}
	run, id, place := src.stepPlace()
	for i := range run.Work { // as it was when it was locked again
		if run.Work[i].Step == id {
			work := append([]incident.StepWork(nil), run.Work...)
			work[i].Changed = incident.StepChange{At: src.Event.At, Approver: f.Approver, Second: f.Second, Values: f.Values}
			run.Work = work
		}
	}
	head := src.said().say("step.changed.post", catalog.Args{"step": place})
	c := Card{Summary: head}
	c.add(Section{Text: join("\n", bold(head), src.stepChanged(run, id))})
	return c
}

// reread asks who had read a step as the second person to read it again: its commands are others now.
func reread(src Source) Card {
	s, st := src.said(), src.State
	run, id, place := src.stepPlace()
	args := catalog.Args{"id": catalog.Words(st.ID), "step": place}
	_, marked := run.Steps[id]
	if marked || !st.StepWorkable(run.Ref.ID, id) || !run.Worked(id).Seconded.At.IsZero() {
		return one(s.say("reread.over", args))
	}
	head := s.say("reread", args)
	c := Card{Summary: head}
	c.add(Section{Text: bold(head)})
	c.add(src.subject())
	c.add(Section{Text: join("\n", place, src.stepChanged(run, id))})
	ref := src.ref(id)
	ref.Runbook = run.Ref.ID
	c.add(Actions{[]Element{Button{Action: ActionStepConfirm, Label: s.word("button.step.read"), Value: ref, Style: Primary}}})
	return c
}

// asksApproval is the sentence that asks for an approval: for the first time, or because what was approved is another command now.
func asksApproval(s said, id incident.ID, w incident.StepWork) catalog.Text {
	if p := w.Changed.Approver; !p.Zero() {
		return s.say("approval.again", catalog.Args{"who": person(p), "id": catalog.Words(id)})
	}
	return s.say("approval", catalog.Args{"by": who(w.Asked.By), "id": catalog.Words(id)})
}

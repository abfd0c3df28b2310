package view

import (
	"slices"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// readerAsked says on a step's card who was asked to read it, and what is left where nobody has.
func (src Source) readerAsked(r incident.StepReader) catalog.Text {
	if r.At.IsZero() {
		return nil
	}
	s := src.said()
	args := catalog.Args{"by": who(r.By), "at": src.clock(r.At), "late": src.clock(r.Late), "help": s.word("button.step.help")}
	key := "step.reader.room"
	if len(r.Who) > 0 {
		var asked catalog.List
		for _, p := range r.Who {
			asked = append(asked, person(p))
		}
		key, args["who"] = "step.reader", asked
	}
	text := s.say(key, args)
	if !r.Late.IsZero() {
		text = join("\n", text, s.say("step.reader.late", args))
	}
	return text
}

// reader asks for a second person who reads a step before it is run: in the room those who could, who are mentioned because they must act; when
// nobody had in time, the commander.
func reader(src Source) Card {
	s, st := src.said(), src.State
	run, id, place := src.stepPlace()
	w := run.Worked(id)
	args := catalog.Args{"id": catalog.Words(st.ID), "step": place, "by": who(w.By)}
	if _, marked := run.Steps[id]; marked || !slices.ContainsFunc(st.Locks(run.Ref.ID, id, ""), func(l incident.Lock) bool { return l.Kind == incident.LockEyes }) {
		return one(s.say("reader.over", args))
	}
	f, _ := src.Event.Fact.(*incident.ReaderAsked)
	ref := src.ref(id)
	ref.Runbook = run.Ref.ID
	buttons := []Element{Button{Action: ActionStepConfirm, Label: s.word("button.step.read"), Value: ref, Style: Primary}}
	key := "reader"
	switch {
	case f != nil && f.Late:
		key, args["at"] = "reader.late", src.clock(w.Reader.At)
		buttons = append(buttons, Button{Action: ActionStepHelp, Label: s.word("button.step.help"), Value: ref})
	case f != nil && len(f.Who) > 0:
		var asked catalog.List
		for _, p := range f.Who {
			asked = append(asked, pinged(p))
		}
		key, args["who"] = "reader.who", asked
	}
	head := s.say(key, args)
	c := Card{Summary: head}
	c.add(Section{Text: head})
	if f != nil && f.Late {
		c.add(src.subject())
	}
	c.add(Actions{buttons})
	return c
}

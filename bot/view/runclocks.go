package view

import (
	"slices"
	"strconv"
	"strings"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// clockTitle is what a runbook's clock wants, with the condition nobody has confirmed yet; empty for other duties.
func (src Source) clockTitle(d incident.Duty) string {
	if d.Clock == "" || d.What == "" {
		return ""
	}
	what := clip(d.What, 120)
	if d.When == "" || src.State.Applies(d) {
		return what
	}
	return src.said().say("clock.if", catalog.Args{"what": catalog.Words(what), "when": catalog.Words(clip(d.When, 120))}).Plain(src.zone())
}

// untimed words a duty that has no time of its own.
func (src Source) untimed(d incident.Duty) catalog.Text {
	s := src.said()
	return s.say("clock.open", catalog.Args{"title": capital(catalog.Of(s.lang, catalog.Words(src.dutyTitle(d))))})
}

// clockCard says that a runbook's clock runs, or reminds of it; while its condition is not confirmed it asks.
func clockCard(src Source, d incident.Duty) Card {
	s, st := src.said(), src.State
	f, remind := src.Event.Fact.(*incident.ObligationReminded)
	key := "clock.begun"
	switch {
	case d.Due.IsZero() && remind:
		key = "clock.remind.open"
	case d.Due.IsZero():
		key = "clock.begun.open"
	case d.Alert != "" && (remind && f.Overdue && f.Count <= 1 || !remind && !src.Event.RecordedAt.IsZero() && !d.Due.After(src.Event.RecordedAt)):
		key = "clock.already"
	case remind && f.Overdue:
		key = "duty.remind.overdue"
	case remind:
		key = "duty.remind"
	}
	head := s.say(key, catalog.Args{"id": catalog.Words(st.ID), "title": catalog.Words(src.dutyTitle(d)), "at": dateClock(d.Due)})
	c := Card{Summary: head}
	text := head
	if of := src.clockOf(d); len(of) > 0 {
		text = join("\n", text, of)
	}
	if d.Alert != "" {
		text = join("\n", text, s.say("clock.spent", catalog.Args{"from": dateClock(d.From), "alert": catalog.Words(clip(d.Alert, 60))}))
	}
	asks := d.Running() && d.When != "" && !st.Applies(d)
	switch a, said := st.Answer(d.Key); {
	case asks:
		text = join("\n", text, s.say("clock.ask", catalog.Args{"when": catalog.Words(clip(d.When, 200))}))
	case said && d.When != "" && a.Value == incident.AnswerYes:
		text = join("\n", text, s.say("clock.applies", catalog.Args{"when": catalog.Words(clip(d.When, 200)), "by": who(a.By)}))
	}
	c.add(Section{Text: join("\n", text, capital(src.law(d)))})
	c = src.reminded(c, d)
	c.add(src.subject())
	if asks {
		c.add(Actions{[]Element{
			Button{Action: ActionAnswerYes, Label: s.word("button.clock.yes"), Value: src.ref(d.Key), Style: Primary},
			Button{Action: ActionAnswerNo, Label: s.word("button.clock.no"), Value: src.ref(d.Key)},
		}})
	}
	if d.Running() {
		c.add(Actions{src.dutyButtons(d)})
	}
	return c
}

// maxClockAsks is how many conditions a runbook's card asks about.
const maxClockAsks = 3

// clockAsks ask on a runbook's card whether the conditions of its clocks hold, as long as nobody said so and the clock runs. Asked is where it can
// be known: at the step that settles the clock, at one whose findings or whose end lead there, and of a clock that counts from what was just done. Elsewhere
// the headline has it, and it is asked when it is due.
func (src Source) clockAsks() []Block {
	s, st := src.said(), src.State
	var out []Block
	n := 0
	for _, d := range st.Owing() {
		runbook, _, _ := strings.Cut(d.Clock, "/")
		if d.Clock == "" || runbook != src.runbookID() || d.Of != "" || d.When == "" || !d.Running() || st.Applies(d) || n == maxClockAsks || !src.asksHere(d) {
			continue
		}
		n++
		plain := d
		plain.When = "" // the question says it
		text := join("\n", s.say("duty.line", catalog.Args{"duty": src.duty(plain)}), s.say("clock.ask", catalog.Args{"when": catalog.Words(clip(d.When, 200))}))
		out = append(out, Section{Text: text}, Actions{[]Element{
			Button{Action: ActionAnswerYes, Label: s.word("button.clock.yes"), Value: src.ref(d.Key), Style: Primary},
			Button{Action: ActionAnswerNo, Label: s.word("button.clock.no"), Value: src.ref(d.Key)},
		}})
	}
	return out
}

// asksHere reports whether the card's step is one at which it can be known whether a clock's condition holds.
func (src Source) asksHere(d incident.Duty) bool {
	runbook, id, _ := strings.Cut(d.Clock, "/")
	run, ok := src.State.Runbook(runbook)
	i := slices.IndexFunc(run.Ref.Clocks, func(c incident.RunbookClock) bool { return c.ID == id })
	if !ok || i < 0 || src.Step == nil {
		return true
	}
	c := run.Ref.Clocks[i]
	n := slices.Index(run.Ref.Steps, c.Step) + 1
	if d.Again || n == 0 || src.Step.ID == "" || len(src.Step.Branches) == 0 && src.Step.Number+1 == n {
		return true
	}
	return src.Step.ID == c.Step || slices.ContainsFunc(src.Step.Branches, func(b Branch) bool { return b.Step == n })
}

// clockOf says which runbook a clock is of, and which of its steps settles it.
func (src Source) clockOf(d incident.Duty) catalog.Text {
	runbook, id, _ := strings.Cut(d.Clock, "/")
	run, ok := src.State.Runbook(runbook)
	if !ok {
		return nil
	}
	for _, c := range run.Ref.Clocks {
		for i, step := range run.Ref.Steps {
			if c.ID == id && c.Step == step {
				key := "clock.of"
				if len(run.Ref.SettledBy(c)) > 0 {
					key = "clock.of.sent"
				}
				return src.said().say(key, catalog.Args{"runbook": catalog.Words(clip(runbook, 40)), "step": catalog.Words(strconv.Itoa(i + 1))})
			}
		}
	}
	return nil
}

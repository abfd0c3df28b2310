package view

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// together are the reminders that a message carries, of those that a fact gave at once: what its effect names and still runs.
func (src Source) together(f *incident.ObligationReminded) []incident.Reminder {
	all := f.Reminders()
	named := append([]string{src.Owed.Effect.Arg}, src.Owed.Effect.With...)
	var out []incident.Reminder
	for _, key := range named {
		i := slices.IndexFunc(all, func(r incident.Reminder) bool { return r.Key == key })
		if d, ok := src.State.Duty(key); i >= 0 && ok && d.Running() {
			out = append(out, all[i])
		}
	}
	return out
}

// reminders says in one message who must do what by when, where several duties were reminded of at once. What was done meanwhile is left out;
// what alone is left is said as if it had been alone.
func reminders(src Source, f *incident.ObligationReminded) Card {
	s := src.said()
	list := src.together(f)
	if len(list) == 0 {
		return src.owedUnknown()
	}
	if len(list) == 1 {
		src.Event.Fact = list[0].Fact()
		src.Owed.Effect.Arg, src.Owed.Effect.With = list[0].Key, nil
		return obligation(src)
	}
	head := s.say("duty.together", catalog.Args{"id": catalog.Words(src.State.ID), "n": catalog.Int(len(list))})
	c := Card{Summary: head}
	c.add(Section{Text: head})
	for _, r := range list {
		d, _ := src.State.Duty(r.Key)
		c.add(Section{Text: src.reminder(d, r)})
		c.add(Actions{src.reminderButtons(d)})
	}
	c.add(src.subject())
	return c
}

// reminder is one duty of several: what, by when, whose turn it is.
func (src Source) reminder(d incident.Duty, r incident.Reminder) catalog.Text {
	s := src.said()
	title := capital(catalog.Of(s.lang, catalog.Words(src.dutyTitle(d))))
	args := catalog.Args{"title": title, "at": dateClock(d.Due)}
	var text catalog.Text
	switch {
	case d.Question != "" && r.Overdue:
		text = join("\n", s.say("duty.together.ask", args), s.say("question.overdue", args))
	case d.Question != "":
		text = join("\n", s.say("duty.together.ask", args), s.say("question.by", args))
	case d.Due.IsZero():
		text = s.say("duty.line", catalog.Args{"duty": src.untimed(d)})
	case r.Overdue:
		text = s.say("duty.overdue", args)
	default:
		text = s.say("duty.together.by", args)
	}
	turn := s.word("duty.remind.nobody")
	if len(r.Who) > 0 {
		var who catalog.List
		for _, p := range r.Who {
			who = append(who, pinged(p))
		}
		turn = s.say("duty.remind.who", catalog.Args{"who": who})
	}
	if !r.Next.IsZero() {
		turn = join(" ", turn, s.say("duty.together.next", catalog.Args{"at": dateClock(r.Next)}))
	}
	if src.conditional(d) {
		turn = join("\n", turn, s.say("clock.ask", catalog.Args{"when": catalog.Words(clip(d.When, 200))}))
	}
	if d.Clock != "" && d.Of == "" {
		turn = join("\n", turn, src.clockOf(d))
	}
	return join("\n", text, turn, capital(src.law(d)))
}

// conditional reports whether a runbook's clock waits for somebody to say that its condition holds.
func (src Source) conditional(d incident.Duty) bool {
	return d.Clock != "" && d.Of == "" && d.When != "" && !src.State.Applies(d)
}

// reminderButtons are what can be done with a duty where several stand in one message: a question is answered, a condition said, a duty done.
func (src Source) reminderButtons(d incident.Duty) []Element {
	s := src.said()
	if d.Question != "" {
		return src.answerButtons(d.Question)
	}
	var out []Element
	if src.conditional(d) {
		out = append(out, Button{Action: ActionAnswerYes, Label: s.word("button.clock.yes"), Value: src.ref(d.Key), Style: Primary},
			Button{Action: ActionAnswerNo, Label: s.word("button.clock.no"), Value: src.ref(d.Key)})
	}
	return append(out, src.dutyButtons(d)...)
}

// dutiesPage is what a person hears and sees who is rung once for several duties: the earliest due first, for a long list is cut at its end.
func (src Source) dutiesPage(p incident.Page, list []incident.Duty) (summary, body string) {
	s, st := src.said(), src.State
	slices.SortStableFunc(list, func(a, b incident.Duty) int { return a.Due.Compare(b.Due) }) // a call is only for what has a time
	first := list[0]
	key := "duty.page.together"
	if !src.Now.IsZero() && !src.Now.Before(first.Due) {
		key = "duty.page.together.overdue"
	}
	args := catalog.Args{"n": catalog.Int(len(list)), "at": dateClock(first.Due), "id": catalog.Words(st.ID)}
	summary = s.say(key, args).Plain(src.zone())
	var parts []catalog.Text
	for _, d := range list {
		key := "duty.page.line"
		if !src.Now.IsZero() && !src.Now.Before(d.Due) {
			key = "duty.page.line.overdue"
		}
		parts = append(parts, capital(s.say(key, catalog.Args{"title": catalog.Words(clip(src.dutyTitle(d), 80)), "at": dateClock(d.Due)})))
	}
	parts = append(parts, s.say("duty.page.incident", catalog.Args{"sev": sev(st.Severity), "title": catalog.Words(src.title(120))}), src.staleRoster("page.roster.old", p))
	last := src.pageRoom().Plain(src.zone())
	head := join("\n", parts...).Plain(src.zone())
	return clip(summary, MaxPageSummary), strings.TrimSpace(incident.Clip(head, MaxPageBody-1-utf8.RuneCountInString(last)) + "\n" + last)
}

// pageRoom says on a page where the incident's room is.
func (src Source) pageRoom() catalog.Text {
	s, st := src.said(), src.State
	switch {
	case src.Room != "":
		return s.say("page.room", catalog.Args{"url": catalog.Words(clip(src.Room, 150))})
	case st.RoomHeld:
		return s.word("page.room.none")
	case st.ChannelName != "":
		return s.say("page.room.name", catalog.Args{"name": catalog.Words(clip(st.ChannelName, 80))})
	}
	return nil
}

package view

import (
	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// about is the small line that says which incident a direct message is about.
func (src Source) about() Small {
	st := src.State
	return Small{src.said().say("warn.title", catalog.Args{"emoji": sevEmoji(st.Severity), "sev": sev(st.Severity), "title": catalog.Words(src.title(150)), "room": src.room()})}
}

// paged is the direct message to who is rung: what is wrong, by when, and what they can do without entering the room.
func paged(src Source) Card {
	s, st := src.said(), src.State
	p, _ := st.Page(src.Owed.Effect.Page)
	args := catalog.Args{"id": catalog.Words(st.ID), "sev": sev(st.Severity), "emoji": sevEmoji(st.Severity), "title": catalog.Words(src.title(150))}
	key := "paged"
	due, waits := src.acknowledgeBy(p)
	if p.Why == incident.WhyReview { // as the phone says
		key = "paged.review"
	} else if waits {
		key, args["at"] = "paged.by", src.clock(due)
	}
	head := s.say(key, args)
	c := Card{Summary: head}
	text := bold(head)
	text = join("\n", append([]catalog.Text{text}, src.whyYou(p)...)...)
	if d, ok := src.acceptDeadline(p.Level); ok && d.Next != "" && waits {
		text = join("\n", text, s.say("escalation.then", catalog.Args{"at": src.clock(d.Due), "next": src.next(d)}))
	}
	c.add(Section{Text: text})
	c.add(src.about())
	c.Blocks = append(c.Blocks, src.attackBlocks()...)
	if !st.Open() || p.Status != incident.PageOwed && p.Status != incident.PageSent {
		return c
	}
	buttons := []Element{Button{Action: ActionAck, Label: s.word("button.take"), Value: src.ref(""), Style: Primary}}
	if p.For == incident.ForApproval {
		ref := src.ref(p.Step)
		ref.Runbook = p.Runbook
		buttons = append(buttons, Button{Action: ActionStepApprove, Label: s.word("button.step.approve"), Value: ref})
	}
	if _, runs := src.named(incident.DueProgress); runs && st.Ladder.MoreTime == 0 {
		buttons = append(buttons, Button{Action: ActionMoreTime, Label: s.say("button.more-time", catalog.Args{"d": src.moreTime()}), Value: src.ref("")})
	}
	buttons = append(buttons, Button{Action: ActionSendHelp, Label: s.word("button.help"), Value: src.ref("")},
		Button{Action: ActionOpenHandOn, Label: s.word("button.hand-on"), Value: src.ref("")})
	c.add(Actions{buttons})
	return c
}

// handedOn asks somebody to take a page over; until they do it is the other's.
func handedOn(src Source) Card {
	s, st := src.said(), src.State
	p, _ := st.Page(src.Owed.Effect.Arg)
	head := s.say("handed-on", catalog.Args{"who": who(p.Person), "id": catalog.Words(st.ID)})
	c := Card{Summary: head}
	text := bold(head)
	if d, ok := src.acceptDeadline(p.Level); ok && d.Next != "" {
		text = join("\n", text, s.say("escalation.then", catalog.Args{"at": src.clock(d.Due), "next": src.next(d)}))
	}
	c.add(Section{Text: join("\n", text, s.say("handed-on.until", catalog.Args{"who": who(p.Person)}))})
	c.add(src.about())
	if st.Open() {
		c.add(Actions{[]Element{Button{Action: ActionAck, Label: s.word("button.take"), Value: src.ref(""), Style: Primary}}})
	}
	return c
}

// awaited says of an alert that joins why it belongs here: a runbook in use waits for it.
func awaited(src Source) Card {
	s := src.said()
	name, book := "", ""
	switch f := src.Event.Fact.(type) {
	case *incident.AlertsSeen:
		name, book = f.Set.Name, f.Awaited
	case *incident.PagerSeen:
		name, book = f.Alert, f.Awaited
	}
	if name == "" || book == "" {
		return src.owedUnknown()
	}
	text := s.say("awaited", catalog.Args{"id": catalog.Words(src.State.ID), "name": catalog.Words(clip(name, 100)), "runbook": catalog.Words(clip(book, 20))})
	c := Card{Summary: text}
	c.add(Section{Text: text})
	c.add(Small{s.word("awaited.why")})
	return c
}

// parked says until when the clocks stand still and who is rung then.
func parked(src Source) Card {
	s, st := src.said(), src.State
	f, _ := src.Event.Fact.(*incident.Parked)
	if f == nil && st.Parked != nil {
		f = &incident.Parked{Until: st.Parked.Until, Owner: st.Parked.Owner}
	}
	if f == nil {
		f = &incident.Parked{}
	}
	key := "parked"
	if f.Until.IsZero() || f.Owner.Zero() {
		key = "parked.bare"
	}
	text := s.say(key, catalog.Args{"id": catalog.Words(st.ID), "by": actor(src.Event.Actor), "until": day(f.Until), "owner": person(f.Owner)})
	c := Card{Summary: text}
	if !f.Reason.Empty() {
		text = join("\n", text, s.say("severity.reason", catalog.Args{"text": catalog.Words(line(f.Reason, incident.MaxReason, s.lang))}))
	}
	c.add(Section{Text: text})
	c.add(Small{s.word("parked.still")})
	if st.Parked != nil {
		c.add(Actions{[]Element{Button{Action: ActionResume, Label: s.word("button.resume"), Value: src.ref("")}}})
	}
	return c
}

// resumed says that the clocks run again, why, and what is due.
func resumed(src Source) Card {
	s, st := src.said(), src.State
	f, _ := src.Event.Fact.(*incident.Resumed)
	if f == nil {
		f = &incident.Resumed{Why: src.Owed.Effect.Arg}
	}
	key := "resumed." + f.Why
	if !catalog.Has(key) {
		key = "resumed." + incident.ResumedAsked
	}
	text := s.say(key, catalog.Args{"id": catalog.Words(st.ID), "by": actor(src.Event.Actor), "at": src.clock(src.eventTime())})
	c := Card{Summary: text}
	c.add(Section{Text: text})
	c.add(Small{src.due(headlineDue)})
	return c
}

// recovered says that monitoring sees nothing any more although nobody has answered, and what becomes of the clocks.
func recovered(src Source) Card {
	s, st := src.said(), src.State
	text := s.say("recovered", catalog.Args{"id": catalog.Words(st.ID), "at": src.clock(src.eventTime())})
	c := Card{Summary: text}
	if st.PausedBy() == "recovered" {
		if d, ok := src.named(incident.DueReview); ok {
			text = join("\n", text, s.say("recovered.review", catalog.Args{"at": day(d.Due), "next": catalog.Words(clip(src.target(d.Next), 60))}))
		}
		if p := st.Policy; p != nil && p.ResumeWithin > 0 {
			text = join("\n", text, s.say("recovered.again", catalog.Args{"d": catalog.Duration(p.ResumeWithin)}))
		}
	} else {
		next, key := clip(src.target(src.first()), 60), "recovered.rings"
		if next == "" {
			key = "recovered.rings.bare"
		}
		text = join("\n", text, s.say(key, catalog.Args{"next": catalog.Words(next)}))
	}
	c.add(Section{Text: text})
	if st.Open() {
		c.add(Actions{src.endButtons(Button{Action: ActionAck, Label: s.word("button.take"), Value: src.ref(""), Style: Primary})})
	}
	return c
}

// alertsOver asks whether the harm has ended. It mentions the commander: they must say so.
func alertsOver(src Source) Card {
	s, st := src.said(), src.State
	text := s.say("alerts-over", catalog.Args{"at": src.clock(src.eventTime())})
	c := Card{Summary: join(" ", catalog.Of(s.lang, catalog.Words(st.ID)), text)}
	if h := st.Roles[incident.Commander].Who; !h.Zero() {
		text = join("\n", text, s.say("alerts-over.ask", catalog.Args{"who": pinged(h)}))
	}
	c.add(Section{Text: text})
	if st.Open() {
		c.add(Actions{src.endButtons()})
	}
	return c
}

// endButtons are the ways an incident that has cleared can go on, after those given.
func (src Source) endButtons(first ...Element) []Element {
	s := src.said()
	if src.State.Status != incident.Mitigated {
		first = append(first, Button{Action: ActionMitigated, Label: s.word("button.mitigated"), Value: src.ref("")})
	}
	return append(first, Button{Action: ActionOpenResolve, Label: s.word("button.resolve"), Value: src.ref("")},
		Button{Action: ActionOpenCancel, Label: s.word("button.cancel"), Value: src.ref("")})
}

// takeDue says that nobody has taken what can be planned within its business days.
func takeDue(src Source) Card {
	s, st := src.said(), src.State
	f, _ := src.Event.Fact.(*incident.Missed)
	if f == nil {
		f = &incident.Missed{Due: st.MissedAt[incident.DueTake]}
	}
	if f.Due.IsZero() {
		f = &incident.Missed{Due: src.eventTime()}
	}
	text := s.say("take-due", catalog.Args{"id": catalog.Words(st.ID), "at": day(f.Due)})
	c := Card{Summary: text}
	if d, ok := src.named(incident.DueTake); ok {
		text = join("\n", text, s.say("take-due.next", catalog.Args{"at": day(d.Due), "next": catalog.Words(clip(src.target(d.Next), 60))}))
	}
	c.add(Section{Text: text})
	if st.Open() {
		c.add(Actions{[]Element{Button{Action: ActionAck, Label: s.word("button.take"), Value: src.ref(""), Style: Primary}}})
	}
	return c
}

// first is the target of level 1.
func (src Source) first() string {
	if p := src.State.Policy; p != nil && len(p.Ladder) > 0 && len(p.Ladder[0].Targets) > 0 {
		return p.Target(src.State.Service, p.Ladder[0].Targets[0])
	}
	return ""
}

// HandOnForm asks who should take the page of whoever opens it.
func HandOnForm(src Source) Form {
	s := src.said()
	f := src.form(FormHandOn, "hand-on", nil)
	f.Blocks = []Block{src.subject(), Input{ID: InputPerson, Label: s.word("form.hand-on.who"), Hint: s.word("form.hand-on.hint"), Field: PersonField{}}}
	return f
}

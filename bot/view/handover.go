package view

import (
	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// handOver is the pack that somebody gets who is asked to take command over: what it is, where it stands, what runs, who answered, what was
// tried. Until they accept, the present commander stays responsible.
func handOver(src Source) Card {
	s, st := src.said(), src.State
	h := st.HandOver
	if h.To.Zero() {
		return one(s.say("hand-over.over", catalog.Args{"id": catalog.Words(st.ID)}))
	}
	head := s.say("hand-over", catalog.Args{"id": catalog.Words(st.ID), "title": catalog.Words(src.title(150)), "at": src.clock(h.Due)})
	c := Card{Summary: head}
	c.add(Section{Text: join("\n", bold(head), s.say("hand-over.until", catalog.Args{"who": who(h.From)}))})
	c.add(src.subject())
	c.add(Section{Text: join("\n", src.standing(), src.captured())})
	c.add(Section{Text: join("\n", src.due(5), src.clocks(5))})
	var far catalog.Text
	if u := st.Updates; !u.At.IsZero() {
		far = s.say("hand-over.update", catalog.Args{"at": src.clock(u.At), "text": catalog.Words(line(u.Text, 300, s.lang))})
	}
	far = join("\n", src.rung(), far, src.lastProgress(), src.runbooks(), src.stepsWaiting(), src.moments())
	if len(far) > 0 {
		c.add(Section{Text: far})
	}
	c.add(Actions{[]Element{
		Button{Action: ActionAcceptHandOver, Label: s.word("button.hand-over.accept"), Value: src.ref(""), Style: Primary},
		Button{Action: ActionDeclineHandOver, Label: s.word("button.hand-over.decline"), Value: src.ref("")},
	}})
	return c
}

// handOverEnded tells the old holder what came of it.
func handOverEnded(src Source) Card {
	s, st := src.said(), src.State
	f, _ := src.Event.Fact.(*incident.HandOverEnded)
	if f == nil {
		f = &incident.HandOverEnded{How: src.Owed.Effect.Arg}
	}
	key := "hand-over.expired"
	switch f.How {
	case incident.HandOverAccepted:
		key = "hand-over.accepted"
	case incident.HandOverDeclined:
		key = "hand-over.declined"
	}
	args := catalog.Args{"id": catalog.Words(st.ID), "who": who(f.To), "at": src.clock(src.eventTime())}
	next := st.HandOver
	passes := f.How != incident.HandOverAccepted && st.Open() && !next.To.Zero() && next.Why == incident.HandOverPassed
	if passes {
		args["next"], args["until"] = who(next.To), src.clock(next.Due)
		switch {
		case next.To.Same(f.To):
			key = "hand-over.expired.again"
		case f.How == incident.HandOverDeclined:
			key = "hand-over.declined.next"
		default:
			key = "hand-over.expired.next"
		}
	}
	text := s.say(key, args)
	c := Card{Summary: text}
	c.add(Section{Text: text})
	if passes {
		c.add(Small{s.say("hand-over.keep", catalog.Args{"command": catalog.Words(src.command())})})
	}
	if f.How != incident.HandOverAccepted && st.Open() {
		c.add(Actions{[]Element{Button{Action: ActionOpenHandOver, Label: s.word("button.hand-over"), Value: src.ref("")}}})
	}
	return c
}

// handOverDue tells who has commanded for long to hand over.
func handOverDue(src Source) Card {
	s, st := src.said(), src.State
	ic := st.Roles[incident.Commander]
	if ic.Since.IsZero() || !st.Open() {
		return one(s.say("hand-over.over", catalog.Args{"id": catalog.Words(st.ID)}))
	}
	text := s.say("hand-over.due", catalog.Args{"id": catalog.Words(st.ID), "since": dateClock(ic.Since)})
	if !st.HandOverAsk.IsZero() {
		text = s.say("hand-over.due.asks", catalog.Args{"id": catalog.Words(st.ID), "since": dateClock(ic.Since), "until": src.clock(st.HandOverAsk)})
	}
	c := Card{Summary: text}
	c.add(Section{Text: text})
	c.add(src.subject())
	c.add(Actions{[]Element{Button{Action: ActionOpenHandOver, Label: s.word("button.hand-over"), Value: src.ref(""), Style: Primary}}})
	return c
}

// HandOverForm asks who takes command over.
func HandOverForm(src Source) Form {
	s := src.said()
	f := src.form(FormHandOver, "hand-over", nil)
	f.Blocks = []Block{src.subject(), Input{ID: InputPerson, Label: s.word("form.hand-over.who"), Field: PersonField{}}, Small{s.word("form.hand-over.follows")}}
	return f
}

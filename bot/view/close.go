package view

import (
	"strconv"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// well reports whether the incident ended with its users being well: resolved, or closed since.
func well(st incident.State) bool {
	return st.Status == incident.Resolved || st.Status == incident.Closed
}

// closedPost says in the room that nothing is owed any more.
func closedPost(src Source) Card {
	s, st := src.said(), src.State
	args := catalog.Args{"id": catalog.Words(st.ID), "by": actor(src.Event.Actor), "status": status(st.Status)}
	if st.Status != incident.Closed { // by the time it is posted
		return one(s.say("closed.not", args))
	}
	key := "closed"
	if src.Event.Actor.Human() {
		key = "closed.by"
	}
	text := s.say(key, args)
	c := Card{Summary: text}
	if f, _ := src.Event.Fact.(*incident.ClosedFact); f != nil && !f.Reason.Empty() {
		text = join("\n", text, s.say("severity.reason", catalog.Args{"text": catalog.Words(line(f.Reason, incident.MaxReason, s.lang))}))
	}
	c.add(Section{Text: text})
	done, dropped := 0, 0
	for _, d := range st.Duties {
		switch d.How {
		case incident.EndedDone:
			done++
		case incident.EndedDropped:
			dropped++
		}
	}
	c.add(Small{s.say("closed.was", catalog.Args{"at": dateClock(st.EndedAt), "done": catalog.Int(done), "dropped": catalog.Int(dropped)})})
	return c
}

// OwedCard names what keeps an incident from being closed, each with whose it is and how it ends. With later, the incident was just resolved;
// without, somebody wanted it closed.
func OwedCard(src Source, later bool) Card {
	s, st := src.said(), src.State
	args := catalog.Args{"id": catalog.Words(st.ID), "command": catalog.Words(src.command())}
	key := "close.owed"
	if later {
		key = "close.later"
	}
	head := s.say(key, args)
	c := Card{Summary: head}
	text, n := head, 0
	line := func(t catalog.Text) {
		if n++; n > listOwed {
			return
		}
		text = join("\n", text, t)
		if n%8 == 0 {
			c.add(Section{Text: text})
			text = nil
		}
	}
	all := st.Unfinished()
	duties := false
	for _, d := range st.Owing() {
		if d.Question != "" {
			line(s.say("close.asked", catalog.Args{"key": catalog.Words(clip(d.Key, 50)), "question": catalog.Words(src.dutyTitle(d)), "at": dateClock(d.Due),
				"name": catalog.Words(clip(d.Question, 40)), "command": args["command"]}))
			continue
		}
		duties = true
		t := src.duty(d)
		if whom := src.askedOf(d); d.Owner.Zero() && len(whom) > 0 {
			t = s.say("close.nobody", catalog.Args{"duty": t, "whom": whom})
		}
		line(s.say("close.line", catalog.Args{"key": catalog.Words(clip(d.Key, 50)), "duty": t}))
	}
	for _, f := range st.Freezing() {
		line(s.say("close.paused", catalog.Args{"key": catalog.Words(incident.FreezeKey(f.N)), "text": catalog.Words(clip(words(f.Text, s.lang), 200)), "who": who(f.By),
			"n": catalog.Words(strconv.Itoa(f.N)), "command": args["command"]}))
	}
	if more := len(all) - listOwed; more > 0 {
		text = join("\n", text, s.say("and-more", catalog.Args{"n": catalog.Int(more)}))
	}
	if len(text) > 0 {
		c.add(Section{Text: text})
	}
	if duties {
		c.add(Small{s.say("duty.list.how", args)})
	}
	return c
}

// askedOf is whom a duty that nobody took is asked of first: who holds the role, else what the role or target is called.
func (src Source) askedOf(d incident.Duty) catalog.Text {
	o, ok := src.State.Policy.Obligation(d.Of)
	if !ok || len(o.Chain) == 0 {
		o.Chain = []string{string(incident.Commander)}
	}
	first := o.Chain[0]
	if r := incident.Role(first); r.Valid() {
		if h := src.State.Roles[r].Who; !h.Zero() {
			return catalog.Of(src.language(), person(h))
		}
		return catalog.Of(src.language(), catalog.Term("role."+first))
	}
	return catalog.Of(src.language(), catalog.Words(clip(src.target(src.State.Policy.Target(src.State.Service, first)), 60)))
}

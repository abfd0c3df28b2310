package view

import (
	"strings"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// warn is the direct message before somebody is escalated over: what happens at what time unless, and the ways out of it.
func warn(src Source) Card {
	s, st := src.said(), src.State
	head := src.warning()
	c := Card{Summary: head}
	c.add(Section{Text: bold(head)})
	c.add(Small{s.say("warn.title", catalog.Args{"emoji": sevEmoji(st.Severity), "sev": sev(st.Severity), "title": catalog.Words(src.title(150)), "room": src.room()})})
	name, d := src.warned()
	var buttons []Element
	switch name {
	case incident.DueUpdate:
		buttons = append(buttons, Button{Action: ActionOpenUpdate, Label: s.word("button.update"), Value: src.ref(""), Style: Primary})
	case incident.DueCommander:
		buttons = append(buttons, Button{Action: ActionTakeRole, Label: s.word("button.take.commander"), Value: src.ref(string(incident.Commander)), Style: Primary})
	case incident.DueImpact:
		buttons = append(buttons, src.touchedButtons()...)
	case incident.DueAck, incident.DueAccept:
		buttons = append(buttons, Button{Action: ActionAck, Label: s.word("button.ack"), Value: src.ref(""), Style: Primary})
	default:
		if name == incident.DueMitigate {
			buttons = append(buttons, Button{Action: ActionMitigated, Label: s.word("button.mitigated"), Value: src.ref("")})
		}
		buttons = append(buttons, Button{Action: ActionOpenProgress, Label: s.word("button.progress"), Value: src.ref(""), Style: Primary})
		// More time is given once per level; a button that could only be refused is not offered.
		if st.Ladder.MoreTime == 0 {
			buttons = append(buttons, Button{Action: ActionMoreTime, Label: s.say("button.more-time", catalog.Args{"d": src.moreTime()}), Value: src.ref("")})
		}
	}
	if name != incident.DueUpdate && name != incident.DueCommander && name != incident.DueImpact && d.Next != "" { // with nobody above, help could only be refused
		buttons = append(buttons, Button{Action: ActionSendHelp, Label: s.word("button.help"), Value: src.ref("")})
	}
	if st.Open() {
		c.add(Actions{buttons})
	}
	return c
}

// warned is the deadline a warning is about: its name and, while it runs, the deadline itself.
func (src Source) warned() (string, incident.Deadline) {
	f, _ := src.Event.Fact.(*incident.Warned)
	key := src.Owed.Effect.Arg
	if f != nil {
		key = f.Deadline
	}
	name, _, _ := strings.Cut(key, "/")
	d := incident.Deadline{Name: name}
	for _, x := range src.Deadlines {
		if x.Key == key || x.Name == name && x.Key == "" {
			d = x
		}
	}
	if f != nil {
		d.Due = f.Due
	}
	return name, d
}

func (src Source) warning() catalog.Text {
	name, d := src.warned()
	key := "warn." + name
	switch {
	case d.Due.IsZero():
		key = "warn.bare"
	case name == incident.DueUpdate:
	case !catalog.Has(key):
		key = "warn.other"
	case d.Next == "" && catalog.Has("warn.top."+name):
		key = "warn.top." + name
	case d.Next == "":
		key = "warn.top"
	}
	then := "warn.ring"
	if _, passes := src.passes(d); passes {
		then = "warn.passes"
	}
	var next catalog.Arg = src.next(d)
	if all := src.impactTargets(); name == incident.DueImpact && len(all) > 0 {
		next = all
	}
	return src.said().say(key, catalog.Args{"id": catalog.Words(src.State.ID), "at": src.clock(d.Due), "name": catalog.Words(clip(name, 40)), "next": next,
		"then": src.said().say(then, catalog.Args{"next": src.next(d)})})
}

// standDown tells somebody who was rung that nothing is needed any more, and why.
func standDown(src Source) Card {
	text := src.standDownText()
	return Card{Summary: text, Blocks: []Block{Section{Text: join("\n", text, src.standDownMore())}}}
}

// standDownText does not say who ended the incident: closing a page is Tocsin's own act, and a guess would be worse than nothing.
func (src Source) standDownText() catalog.Text {
	s, st := src.said(), src.State
	code := src.Owed.Effect.Arg
	if f, _ := src.Event.Fact.(*incident.PageChanged); f != nil {
		code = f.Why
	}
	at := src.eventTime()
	if code == incident.WhyObligation {
		return s.say("standdown.obligation", catalog.Args{"id": catalog.Words(st.ID), "at": src.clock(at)})
	}
	switch { // what is true now counts, whatever closed the page
	case st.Status == incident.Duplicate:
		code, at = incident.WhyMerged, st.EndedAt
	case !st.Open():
		code, at = string(st.Status), st.EndedAt
	case code == string(incident.Mitigated) && !st.MitigatedAt.IsZero():
		at = st.MitigatedAt
	}
	key := "standdown." + code
	taker := st.Ladder.AcceptedBy
	if taker.Zero() {
		taker = st.Roles[incident.Commander].Who
	}
	if !catalog.Has(key) || code == incident.WhyTaken && taker.Zero() {
		key = "standdown.not-acknowledged"
	}
	text := s.say(key, catalog.Args{"id": catalog.Words(st.ID), "at": src.clock(at), "who": who(taker), "sev": sev(st.Severity), "into": src.into()})
	if r, ok := src.keeps(); ok {
		return join(" ", text, s.say("standdown.role", catalog.Args{"role": catalog.Term("role." + string(r))}))
	}
	return join(" ", text, src.standDownNext())
}

// standDownNext says what comes for who is stood down: what cleared by itself is looked at in the morning, what was set aside has its hour,
// and either may be theirs.
func (src Source) standDownNext() catalog.Text {
	s, st := src.said(), src.State
	review, ok := src.named(incident.DueReview)
	switch next := clip(src.target(review.Next), 60); {
	case st.Parked != nil && !st.Parked.Owner.Zero():
		return s.say("standdown.then.parked", catalog.Args{"who": person(st.Parked.Owner), "at": day(st.Parked.Until)})
	case st.PausedBy() == "recovered" && ok && next != "":
		return s.say("standdown.then.review", catalog.Args{"next": catalog.Words(next), "at": day(review.Due)})
	}
	return s.word("standdown.nothing")
}

// keeps is the role that somebody who is stood down holds in an incident that goes on: then something is still needed of them.
func (src Source) keeps() (incident.Role, bool) {
	p, _ := src.State.Page(src.Owed.Effect.Page)
	down := p.Person
	if len(src.Owed.Effect.People) > 0 {
		down = src.Owed.Effect.People[0]
	}
	for _, r := range incident.Roles {
		if h := src.State.Roles[r].Who; src.State.Open() && !h.Zero() && h.Same(down) {
			return r, true
		}
	}
	return "", false
}

// standDownMore is what the incident was and how it ended.
func (src Source) standDownMore() catalog.Text {
	s, st := src.said(), src.State
	title := catalog.Words(src.title(150))
	if !st.Open() && !st.Outcome.Empty() {
		return s.say("standdown.words", catalog.Args{"title": title, "text": catalog.Words(line(st.Outcome, 300, s.lang))})
	}
	return catalog.Of(s.lang, title)
}

// told informs an executive without calling them.
func told(src Source) Card {
	s, st := src.said(), src.State
	head := s.say("told", catalog.Args{"emoji": sevEmoji(st.Severity), "sev": sev(st.Severity), "id": catalog.Words(st.ID), "title": catalog.Words(src.title(150))})
	c := Card{Summary: head}
	text := join("\n", head, s.word("told.why"), s.say("told.state", catalog.Args{"state": src.statusSince(),
		"commander": src.commander(), "room": src.room()}))
	if d, ok := src.named(incident.DueUpdate); ok {
		text = join("\n", text, s.say("told.update", catalog.Args{"at": src.clock(d.Due)}))
	}
	c.add(Section{Text: text})
	return c
}

// roleAsk asks one person, by direct message, to take a role.
func roleAsk(src Source) Card {
	s, st := src.said(), src.State
	f, _ := src.Event.Fact.(*incident.RoleAsked)
	if f == nil {
		f = &incident.RoleAsked{Role: incident.Role(src.Owed.Effect.Arg)}
	}
	args := catalog.Args{"role": term("role.", clip(string(f.Role), 40)), "id": catalog.Words(st.ID), "title": catalog.Words(src.title(150))}
	if h := st.Roles[f.Role]; !h.Who.Zero() {
		args["who"] = person(h.Who)
		text := s.say("role-ask.taken", args)
		return Card{Summary: text, Blocks: []Block{Section{Text: text}}}
	}
	text := s.say("role-ask", args)
	c := Card{Summary: s.say("role-ask.summary", args)}
	if key := "role-ask." + f.Why; catalog.Has(key) {
		text = join("\n", text, s.word(key))
	}
	if f.Role == incident.Comms {
		if d, ok := src.named(incident.DueUpdate); ok {
			text = join("\n", text, s.say("role-ask.comms.what", catalog.Args{"at": src.clock(d.Due)}))
		} else {
			text = join("\n", text, s.word("role-ask.comms.what.free"))
		}
		if d, ok := src.named(incident.DueComms); ok && d.Next != "" {
			text = join("\n", text, s.say("role-ask.by", catalog.Args{"at": src.clock(d.Due), "next": catalog.Words(clip(src.target(d.Next), 60))}))
		}
	}
	c.add(Section{Text: text})
	c.add(Small{s.say("warn.title", catalog.Args{"emoji": sevEmoji(st.Severity), "sev": sev(st.Severity), "title": catalog.Words(src.title(150)), "room": src.room()})})
	if f.Role.Valid() && st.Open() {
		c.add(Actions{[]Element{
			Button{Action: ActionTakeRole, Label: s.word("button.take." + string(f.Role)), Value: src.ref(string(f.Role)), Style: Primary},
			Button{Action: ActionOpenRole, Label: s.word("button.role"), Value: src.ref(string(f.Role))},
		}})
	}
	return c
}

// named is the running deadline of a name.
func (src Source) named(name string) (incident.Deadline, bool) {
	for _, d := range src.Deadlines {
		if d.Name == name {
			return d, true
		}
	}
	return incident.Deadline{}, false
}

// room is the incident's channel, where it has one.
func (src Source) room() catalog.Arg {
	if src.State.RoomHeld {
		return catalog.Term("room.none")
	}
	return catalog.Room{ID: src.State.ChannelID, Name: clip(src.State.ChannelName, 80)}
}

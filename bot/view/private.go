package view

import (
	"slices"
	"strings"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// outside draws what is read by people who may not read a private incident, whatever view was asked for; ok is false when the view may say
// what it says. Every view goes through here, so one that is added later is closed, too.
func outside(src Source) (c Card, ok bool) {
	st, e := src.State, src.Owed.Effect
	if st.Private == nil {
		return Card{}, false
	}
	switch {
	case e.View == incident.ViewHidden || e.View == incident.ViewLocked:
		return Card{}, false // say nothing themselves
	case e.View == incident.ViewTopic || e.View == incident.ViewPurpose:
		return Card{Summary: src.said().say("private.purpose", catalog.Args{"id": catalog.Words(st.ID)})}, true
	case !st.Outside(e):
		return Card{}, false
	case e.Do == incident.Direct:
		return privateTold(src), true
	}
	return hidden(src), true
}

// hidden stands in the place of what others can read. Who was told of it themselves is told how to get in.
func hidden(src Source) Card {
	e := src.Owed.Effect
	told := func(i incident.Informed) bool {
		return i.At.TS != "" && i.At.Channel+" "+i.At.TS == e.Arg && !src.State.MaySee(i.Who)
	}
	if i := slices.IndexFunc(src.State.Informed, told); e.Do == incident.Hide && src.State.Private != nil && i >= 0 && src.State.Informed[i].Review != "" {
		return one(src.said().say("review.hidden", catalog.Args{"subject": catalog.Words(clip(src.State.Informed[i].Review, 20)), "command": catalog.Words(src.command())}))
	}
	if e.Do == incident.Hide && src.State.Private != nil && slices.ContainsFunc(src.State.Informed, told) {
		return privateTold(src)
	}
	return one(src.said().say("private.hidden", catalog.Args{"id": catalog.Words(src.State.ID)}))
}

// locked is the last word in a room that is given up.
func locked(src Source) Card {
	return one(src.said().say("private.locked", catalog.Args{"id": catalog.Words(src.State.ID)}))
}

// privateTold tells somebody who is not part of a private incident that it runs.
func privateTold(src Source) Card {
	st := src.State
	args := catalog.Args{"id": catalog.Words(st.ID), "sev": sev(st.Severity), "by": catalog.Term("private.told.anyone"), "command": catalog.Words(src.command())}
	if c := st.Roles[incident.Commander].Who; !c.Zero() {
		args["by"] = person(c)
	}
	key := "private.told"
	if d, ok := st.Duty(src.Owed.Effect.Arg); ok && src.Owed.Effect.View == incident.ViewObligation {
		key, args["at"] = "private.told.due", dateClock(d.Due)
	}
	return one(src.said().say(key, args))
}

// private says in the new room what was done, and what stayed visible all the same.
func private(src Source) Card {
	s, st := src.said(), src.State
	p := st.Private
	if p == nil {
		return hidden(src)
	}
	args := catalog.Args{"id": catalog.Words(st.ID), "at": src.clock(p.At), "by": actor(p.By), "page": catalog.Term("private.page"), "command": catalog.Words(src.command())}
	key := "private.now"
	if p.Why == incident.PrivateAttack {
		key = "private.now.attack"
	}
	head := s.say(key, args)
	c := Card{Summary: head}
	c.add(Section{Text: head})
	_, announced := st.Slots[incident.SlotAnnouncement]
	was := s.word("private.was")
	for _, r := range p.Old {
		args["room"] = catalog.Room{ID: r.ID, Name: clip(r.Name, 80)}
		was = join("\n", was, s.say("private.was.room", args))
	}
	if announced {
		was = join("\n", was, s.word("private.was.announced"))
	}
	if st.Carded() {
		was = join("\n", was, s.word("private.was.card"))
	}
	if len(p.Along) > 0 {
		was = join("\n", was, s.say("private.was.merged", catalog.Args{"ids": src.ids(p.Along)}))
	}
	c.add(Section{Text: join("\n", was, s.say("private.was.pager", args))})
	if stays := src.stays(len(p.Old) > 0, announced || st.Carded()); len(stays) > 0 {
		c.add(Section{Text: stays})
	}
	c.add(Small{s.say("private.add", args)})
	return c
}

// stays is what others can still read of an incident that is private; nothing when there is nothing.
func (src Source) stays(room, announced bool) catalog.Text {
	s, st := src.said(), src.State
	var stays catalog.Text
	if room {
		stays = join("\n", stays, s.word("private.stays.room"))
	}
	if room || announced {
		stays = join("\n", stays, s.word("private.stays.notified"))
	}
	sent, own := 0, len(st.Pagers)
	for _, pg := range append(slices.Clone(st.Pages), st.DutyPages...) {
		if !pg.Foreign && !pg.SentAt.IsZero() && !pg.SentAt.After(st.Private.At) {
			sent++
		}
	}
	if sent > 0 {
		stays = join("\n", stays, s.say("private.stays.pages", catalog.Args{"n": catalog.Int(sent)}))
	}
	if own > 0 {
		stays = join("\n", stays, s.say("private.stays.foreign", catalog.Args{"n": catalog.Int(own)}))
	}
	if st.Source == incident.SourceAlert || len(st.Alerts) > 0 {
		stays = join("\n", stays, s.word("private.stays.alert"))
	}
	if who := src.informedBefore(); len(who) > 0 {
		stays = join("\n", stays, s.say("private.stays.informed", catalog.Args{"who": who}))
	}
	if along := st.Private.Along; len(along) > 0 {
		stays = join("\n", stays, s.say("private.stays.merged", catalog.Args{"ids": src.ids(along)}))
	}
	if len(stays) == 0 {
		return nil
	}
	return join("\n", s.word("private.stays"), stays)
}

// ids names incidents, the first maxNamed of them.
func (src Source) ids(list []incident.ID) catalog.List {
	var out catalog.List
	for i, id := range list {
		if i == maxNamed {
			return append(out, src.said().say("and-more", catalog.Args{"n": catalog.Int(len(list) - i)}))
		}
		out = append(out, catalog.Words(id))
	}
	return out
}

// PrivateForm asks before an incident is made private: what will happen, to whom, and what others can read all the same. reason is what was
// typed already.
func PrivateForm(src Source, reason string) Form {
	s, st := src.said(), src.State
	f := src.form(FormPrivate, "private", nil)
	var invited catalog.List
	everybody := st.Involved()
	for i, p := range everybody {
		if i == maxNamed {
			invited = append(invited, s.say("and-more", catalog.Args{"n": catalog.Int(len(everybody) - i)}))
			break
		}
		invited = append(invited, person(p))
	}
	args := catalog.Args{"id": catalog.Words(st.ID), "page": catalog.Term("private.page"), "who": invited, "command": catalog.Words(src.command())}
	will := join("\n", s.word("private.will"), s.say("private.will.room", args))
	_, announced := st.Slots[incident.SlotAnnouncement]
	if st.ChannelID != "" {
		args["room"] = src.room()
		will = join("\n", will, s.say("private.will.old", args))
	}
	if announced {
		will = join("\n", will, s.word("private.will.announced"))
	}
	if st.Carded() {
		will = join("\n", will, s.word("private.was.card"))
	}
	if len(st.Absorbed) > 0 {
		will = join("\n", will, s.say("private.will.merged", catalog.Args{"ids": src.ids(st.Absorbed)}))
	}
	will = join("\n", will, s.say("private.will.pager", args))
	f.Blocks = []Block{src.subject(), Section{Text: will}}
	after := src
	after.State.Private = &incident.Privacy{At: src.Now, Along: st.Absorbed}
	if stays := after.stays(st.ChannelID != "", announced || st.Carded()); len(stays) > 0 {
		f.Blocks = append(f.Blocks, Section{Text: stays})
	}
	f.Blocks = append(f.Blocks,
		Input{ID: InputReason, Label: s.word("form.private.why"), Hint: s.word("form.private.hint"), Optional: true, Field: TextField{Max: incident.MaxReason, Initial: clip(reason, incident.MaxReason)}},
		Small{s.word("form.private.follows")})
	return f
}

// informedBefore are those who were written to before the incident went private and are not part of it.
func (src Source) informedBefore() catalog.List {
	var out catalog.List
	var seen []incident.Person
	for _, i := range src.State.Informed {
		if i.At.TS == "" || src.State.MaySee(i.Who) || slices.ContainsFunc(seen, i.Who.Same) || len(out) == headlineTold {
			continue
		}
		seen = append(seen, i.Who)
		out = append(out, person(i.Who))
	}
	return out
}

// lockFailed says in the new room that the old one is still open.
func lockFailed(src Source) Card {
	s := src.said()
	var why catalog.Arg = catalog.Term("private.lock-failed.why")
	if f, _ := src.Event.Fact.(*incident.Settled); f != nil && f.Error != "" {
		why = catalog.Words(clip(f.Error, 200))
	}
	return one(s.say("private.lock-failed", catalog.Args{"id": catalog.Words(src.State.ID), "why": why}))
}

// roomless tells somebody who is part of a private incident that Slack opens no room for it.
func roomless(src Source) Card {
	return one(src.said().say("private.roomless", catalog.Args{"id": catalog.Words(src.State.ID)}))
}

// PrivatePage is all that PagerDuty hears of a private incident, in one language.
func PrivatePage(language string) string {
	return catalog.Word(catalog.Language(language), "private.page")
}

// IsPrivatePage reports whether a text is what PagerDuty hears of a private incident, in any language.
func IsPrivatePage(s string) bool {
	s = strings.TrimSpace(s)
	return s == PrivatePage(catalog.English) || s == PrivatePage(catalog.French)
}

// PrivateCard refuses somebody who is not part of a private incident, without a word of what it is.
func (v Voice) PrivateCard(id incident.ID) Card {
	return one(v.said().say("private.refused", catalog.Args{"id": catalog.Words(id), "command": v.command()}))
}

// attack asks whether it is an attack, or says what was answered.
func attack(src Source) Card {
	s, st := src.said(), src.State
	head := src.attackAsk()
	c := Card{Summary: head}
	if a, ok := st.Answer(incident.QuestionAttack); ok {
		c.add(Section{Text: join("\n", head, s.say("question.answered", catalog.Args{"by": who(a.By), "at": src.clock(a.At), "answer": term("answer.", clip(a.Value, 20))}))})
		if a.Value != incident.AnswerYes {
			c.add(Small{s.say("attack.change", catalog.Args{"command": catalog.Words(src.command())})})
		}
		return c
	}
	c.Blocks = append(c.Blocks, src.attackBlocks()...)
	return c
}

func (src Source) attackAsk() catalog.Text {
	return src.said().say("attack", catalog.Args{"id": catalog.Words(src.State.ID), "alert": catalog.Words(clip(src.State.AttackAlert, 60))})
}

// attackBlocks ask whether it is an attack; none when it is not asked, or answered.
func (src Source) attackBlocks() []Block {
	if !src.State.AttackOpen() {
		return nil
	}
	s := src.said()
	return []Block{
		Section{Text: join("\n", src.attackAsk(), s.say("attack.follows", catalog.Args{"id": catalog.Words(src.State.ID)}))},
		Actions{[]Element{
			Button{Action: ActionAnswerYes, Label: s.word("button.attack.yes"), Value: src.ref(incident.QuestionAttack)},
			Button{Action: ActionAnswerNo, Label: s.word("button.attack.no"), Value: src.ref(incident.QuestionAttack)},
		}},
	}
}

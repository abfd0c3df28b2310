package view

import (
	"slices"
	"time"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// OnCall is who is on call for a target of the policy.
type OnCall struct {
	Key    string
	Title  map[string]string // by language; without one it is the key
	People []incident.Person
	Since  time.Time // zero: not known
	Until  time.Time // zero: not known, or without end
	Next   incident.Person
	// Cover is the number of the cover by which they are, and Turn whose turn it is; 0: it is their own.
	Cover  int
	Turn   incident.Person
	Source string    // OnCallBy…
	ReadAt time.Time // zero: never
	Unread bool      // the latest reading failed
	// GapFrom and GapTo are the first coming stretch in which PagerDuty has nobody on call; zero: none is known, or no end is.
	GapFrom, GapTo time.Time
	// BothFrom is when one person is first on call here and in Both, for which this is the backup; zero: not in the weeks that are known.
	BothFrom time.Time
	Both     map[string]string // title of that target, as Title
	BothKey  string
}

// Where a roster was read.
const (
	OnCallByFile   = "file"   // a rotation of the policy file
	OnCallByPeople = "people" // the target's own people
	OnCallByPager  = "pager"  // PagerDuty
)

// Cover is an agreement that somebody has another's duty: one stretch for a cover, two for a swap.
type Cover struct {
	N     int
	Title map[string]string // of the target
	Key   string
	Legs  []CoverLeg
	// Pager says that the duty is PagerDuty's, where the cover is an override of its schedule; Waits that it does not stand there yet, or, once
	// it is called off (Off), stands there still.
	Pager, Waits, Off bool
}

// CoverLeg is a stretch of a cover.
type CoverLeg struct {
	Of, By   incident.Person
	From, To time.Time
}

func dutyTitle(title map[string]string, key, lang string) catalog.Words {
	for _, l := range []string{lang, catalog.English, catalog.French} {
		if t := title[l]; t != "" {
			return catalog.Words(clip(t, 80))
		}
	}
	return catalog.Words(clip(key, 80))
}

// maxDuties is how many targets and covers a card shows.
const maxDuties = 30

// OnCallCard says who is on call.
func (v Voice) OnCallCard(all []OnCall) Card {
	s := v.said()
	if len(all) == 0 {
		return one(s.word("rota.none"))
	}
	head := s.word("rota.head")
	c := Card{Summary: head}
	c.add(Section{Text: head})
	var rows catalog.Text
	n := 0
	flush := func() {
		if len(rows) > 0 {
			c.add(Section{Text: rows})
		}
		rows, n = nil, 0
	}
	for _, o := range all[:min(len(all), maxDuties)] {
		rows = join("\n", rows, v.onCall(o))
		if n++; n == 6 { // a section takes 3000 characters
			flush()
		}
	}
	flush()
	if more := len(all) - maxDuties; more > 0 {
		c.add(Small{s.say("list.more", catalog.Args{"n": catalog.Int(more)})})
	}
	if slices.ContainsFunc(all, func(o OnCall) bool { return o.Source == OnCallByFile || o.Source == OnCallByPager }) {
		c.add(Small{s.say("rota.cover.hint", catalog.Args{"command": v.command()})})
	}
	return c
}

func (v Voice) onCall(o OnCall) catalog.Text {
	s := v.said()
	args := catalog.Args{"title": dutyTitle(o.Title, o.Key, s.lang)}
	row := s.say("rota.row.nobody", args)
	if len(o.People) > 0 {
		var people catalog.List
		for _, p := range o.People[:min(len(o.People), 10)] {
			people = append(people, person(p))
		}
		args["people"] = people
		row = s.say("rota.row", args)
	}
	parts := []catalog.Text{row}
	if o.Cover > 0 {
		parts = append(parts, s.say("rota.for", catalog.Args{"who": who(o.Turn), "n": catalog.Int(o.Cover)}))
	}
	if !o.Since.IsZero() {
		parts = append(parts, s.say("rota.since", catalog.Args{"at": day(o.Since)}))
	}
	if !o.Until.IsZero() {
		parts = append(parts, s.say("rota.until", catalog.Args{"at": day(o.Until)}))
	}
	if !o.Next.Zero() {
		parts = append(parts, s.say("rota.next", catalog.Args{"who": person(o.Next)}))
	}
	switch {
	case o.GapFrom.IsZero():
	case o.GapTo.IsZero():
		parts = append(parts, s.say("rota.gap.open", catalog.Args{"from": day(o.GapFrom)}))
	default:
		parts = append(parts, s.say("rota.gap", catalog.Args{"from": day(o.GapFrom), "to": day(o.GapTo)}))
	}
	if !o.BothFrom.IsZero() {
		parts = append(parts, s.say("rota.both", catalog.Args{"title": dutyTitle(o.Both, o.BothKey, s.lang), "from": day(o.BothFrom)}))
	}
	var source catalog.Text
	switch {
	case o.ReadAt.IsZero():
		source = s.word("rota.never")
	case o.Source == "":
		source = s.say("rota.read", catalog.Args{"source": catalog.Term("rota.source.pager"), "at": day(o.ReadAt)})
	default:
		source = s.say("rota.read", catalog.Args{"source": catalog.Term("rota.source." + o.Source), "at": day(o.ReadAt)})
	}
	parts = append(parts, source)
	if o.Unread {
		parts = append(parts, s.word("rota.unread"))
	}
	return join(" · ", parts...)
}

func (v Voice) leg(key string, c Cover, l CoverLeg) catalog.Text {
	s := v.said()
	return s.say(key, catalog.Args{"n": catalog.Int(c.N), "title": dutyTitle(c.Title, c.Key, s.lang), "by": who(l.By), "of": who(l.Of), "from": day(l.From), "to": day(l.To)})
}

// CoversCard lists the covers that are not over.
func (v Voice) CoversCard(all []Cover) Card {
	s := v.said()
	if len(all) == 0 {
		return one(s.say("cover.none", catalog.Args{"command": v.command()}))
	}
	head := s.word("cover.head")
	c := Card{Summary: head}
	c.add(Section{Text: head})
	for i := 0; i < min(len(all), maxDuties); i += 6 {
		var rows catalog.Text
		for _, x := range all[i:min(i+6, len(all), maxDuties)] {
			key := "cover.row"
			switch {
			case x.Off:
				key = "cover.row.off"
			case x.Waits:
				key = "cover.row.waits"
			case x.Pager:
				key = "cover.row.pager"
			}
			for _, l := range x.Legs[:min(len(x.Legs), maxLegsShown)] {
				rows = join("\n", rows, v.leg(key, x, l))
			}
		}
		c.add(Section{Text: rows})
	}
	if more := len(all) - maxDuties; more > 0 {
		c.add(Small{s.say("cover.more", catalog.Args{"n": catalog.Int(more)})})
	}
	c.add(Small{s.say("cover.off", catalog.Args{"command": v.command(), "n": catalog.Words("<n>")})})
	return c
}

// maxLegsShown is how many stretches of one cover a card shows.
const maxLegsShown = 8

// CoverCard says that a cover or a swap is agreed on, and who is told. why is what PagerDuty said where it waits.
func (v Voice) CoverCard(x Cover, told []incident.Person, why error) Card {
	s := v.said()
	var rows catalog.Text
	key := "cover.set"
	if x.Waits {
		key = "cover.waits"
	}
	for _, l := range x.Legs[:min(len(x.Legs), maxLegsShown)] {
		rows = join("\n", rows, v.leg(key, x, l))
	}
	c := Card{Summary: rows}
	c.add(Section{Text: rows})
	if more := len(x.Legs) - maxLegsShown; more > 0 {
		c.add(Small{s.say("cover.more", catalog.Args{"n": catalog.Int(more)})})
	}
	if x.Waits && len(x.Legs) > 0 {
		c.add(Section{Text: s.say("cover.waits.why", catalog.Args{"why": catalog.Cause{Err: why}, "of": who(x.Legs[0].Of), "at": day(x.Legs[len(x.Legs)-1].To)})})
	}
	if len(told) > 0 {
		var names catalog.List
		for _, p := range told {
			names = append(names, person(p))
		}
		c.add(Small{s.say("cover.told", catalog.Args{"who": names})})
	}
	off := s.say("cover.off", catalog.Args{"command": v.command(), "n": catalog.Int(x.N)})
	if x.Pager && !x.Waits {
		off = join(" ", s.word("cover.in-pager"), off)
	}
	c.add(Small{off})
	return c
}

// Notice is what a person is told of a duty by direct message.
type Notice struct {
	What string // "covers", "covered", "uncover", "stands", "not-taken", "lifted", "incoming", "outgoing": house's words
	By   incident.Person
	Cover
	Leg  CoverLeg
	Open []Row // of a hand-over: the open incidents
	Why  error // of a cover that PagerDuty did not take; nil: it could not be asked until it was over
}

// NoticeCard words a notice.
func (v Voice) NoticeCard(n Notice) Card {
	s := v.said()
	args := catalog.Args{"who": who(n.By), "title": dutyTitle(n.Title, n.Key, s.lang), "of": who(n.Leg.Of), "by": who(n.Leg.By), "from": day(n.Leg.From), "to": day(n.Leg.To),
		"n": catalog.Int(n.N), "at": day(n.Leg.From)}
	handover := n.What == "incoming" || n.What == "outgoing"
	switch n.What {
	case "incoming":
		args["who"] = who(n.Leg.Of)
	case "outgoing":
		args["who"] = who(n.Leg.By)
	}
	key := "notice." + n.What
	if n.What == "not-taken" {
		if key = "notice.not-asked"; n.Why != nil {
			key, args["why"] = "notice.not-taken", catalog.Cause{Err: n.Why}
		}
	}
	head := s.say(key, args)
	c := Card{Summary: head}
	c.add(Section{Text: head})
	switch {
	case n.What == "covers" && n.N > 0:
		c.add(Small{s.say("notice.off", catalog.Args{"command": v.command(), "n": catalog.Int(n.N)})})
	case handover && len(n.Open) == 0:
		c.add(Small{s.word("notice.quiet")})
	case handover:
		shown := min(len(n.Open), 8)
		c.add(Section{Text: join("\n", s.say("notice.open", catalog.Args{"n": catalog.Int(len(n.Open))}), v.rows(n.Open[:shown]))})
	}
	return c
}

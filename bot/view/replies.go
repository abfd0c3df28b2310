package view

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// How many rows and lines a reply shows.
const (
	maxRows     = 20
	maxHome     = 10 // in each of three groups
	maxPick     = 5
	maxLines    = 30
	maxLineText = 280 // of one line of a timeline card, so that thirty stay within what Slack takes
)

// Row is an incident in a list; its fields are those of engine.Row, in the same order, so that one converts to the other.
type Row struct {
	ID        incident.ID
	Title     string
	Severity  incident.Severity
	Confirmed bool
	Status    incident.Status
	Open      bool
	Service   string
	Channel   string
	Name      string
	Commander incident.Person
	Declared  time.Time
	Ended     time.Time
	Seq       int64
	Source    string // incident.SourceHand, SourceAlert, SourcePage
	Private   bool   // only those who are part of it may read it
	Awaits    bool   // a runbook in use waits for alerts
	Former    string // its room before it went private
}

// Line is one line of a timeline card.
type Line struct {
	At       time.Time
	Icon     string
	Text     catalog.Text
	Indented bool
}

// HelpEntry is one verb of the help.
type HelpEntry struct {
	Usage   string // "sev <1|2|3|4> [reason]", without the command
	Short   string // what it does, in the reader's language
	Aliases []string
	Who     string // "anyone", "responder", "commander"; empty: anyone
	Example string // without the command
}

// Voice is what every reply needs: the language of the reader and the name of the command.
type Voice struct {
	Language string
	Command  string         // empty: "/incident"
	Zone     *time.Location // whose days count where the chat words no day itself; nil: UTC
}

func (v Voice) said() said { return said{catalog.Language(v.Language)} }

func (v Voice) command() catalog.Words {
	if v.Command == "" {
		return "/incident"
	}
	return catalog.Words(v.Command)
}

func (v Voice) row(r Row) catalog.Text {
	s := v.said()
	commander := s.word("commander.nobody")
	if !r.Commander.Zero() {
		c := person(r.Commander)
		c.Name = clip(c.Name, 40)
		commander = s.say("commander.who", catalog.Args{"who": c})
	}
	var severity catalog.Arg = sev(r.Severity)
	if r.Open && !r.Confirmed {
		severity = s.say("announcement.unconfirmed", catalog.Args{"sev": sev(r.Severity)})
	}
	args := catalog.Args{"emoji": sevEmoji(r.Severity), "sev": severity, "id": catalog.Words(r.ID), "title": catalog.Words(clip(r.Title, 80)), "status": status(r.Status),
		"room": r.room(), "commander": commander, "at": dateClock(r.Ended)}
	if !r.Open {
		if r.Status == incident.Closed {
			return s.say("row.closed", args)
		}
		return s.say("row.over", args)
	}
	return join(" · ", s.say("row", args), s.say("row.since", catalog.Args{"at": dateClock(r.Declared)}))
}

// room is where an incident is worked on; one without a room says so.
func (r Row) room() catalog.Arg {
	if r.Channel == "" && r.Name == "" {
		return catalog.Term("room.none")
	}
	return catalog.Room{ID: r.Channel, Name: clip(r.Name, 80)}
}

// rows are lines of a list; ten fit a section.
func (v Voice) rows(rows []Row) catalog.Text {
	var out catalog.Text
	for _, r := range rows {
		out = join("\n", out, v.row(r))
	}
	return out
}

// ListCard lists incidents, newest first: the open ones, or all.
func (v Voice) ListCard(rows []Row, all bool) Card {
	s := v.said()
	if len(rows) == 0 {
		key := "list.none"
		if all {
			key = "list.none.all"
		}
		return one(s.say(key, catalog.Args{"command": v.command()}))
	}
	key := "list.open"
	if all {
		key = "list.all"
	}
	head := s.say(key, catalog.Args{"n": catalog.Int(len(rows))})
	c := Card{Summary: head}
	c.add(Section{Text: head})
	// Ten to a section: a section takes 3000 characters.
	shown := min(len(rows), maxRows)
	for i := 0; i < shown; i += 10 {
		c.add(Section{Text: v.rows(rows[i:min(i+10, shown)])})
	}
	if more := len(rows) - shown; more > 0 {
		c.add(Small{s.say("list.more", catalog.Args{"n": catalog.Int(more)})})
	}
	return c
}

// TimelineCard shows lines of a timeline that has total of them; from is the place of the first shown, counted from 0. Buttons lead to the
// earlier and the later ones: their Ref.Note says which, as TimelinePage reads it.
func (v Voice) TimelineCard(id incident.ID, title string, lines []Line, from, total int) Card {
	s := v.said()
	head := s.say("timeline.title", catalog.Args{"id": catalog.Words(id), "title": catalog.Words(clip(title, 150))})
	c := Card{Summary: head}
	c.add(Section{Text: head})
	if len(lines) == 0 {
		c.add(Section{Text: s.word("timeline.empty")})
		return c
	}
	lines = lines[:min(len(lines), maxLines)]
	to := from + len(lines)
	total = max(total, to)
	var text catalog.Text
	for i, l := range lines {
		indent := ""
		if l.Indented {
			indent = "    ↳ "
		}
		icon := ""
		if l.Icon != "" {
			icon = l.Icon + " "
		}
		// The first line and the first of each day say the day.
		when := day(l.At)
		if i > 0 && sameDay(l.At, lines[i-1].At, v.Zone) {
			when = clock(l.At)
		}
		text = join("\n", text, join("", catalog.Text{{S: indent}}, catalog.Of(s.lang, when), catalog.Text{{S: " " + icon}}, clipText(flat(l.Text), maxLineText)))
		if i%10 == 9 {
			c.add(Section{Text: text})
			text = nil
		}
	}
	if len(text) > 0 {
		c.add(Section{Text: text})
	}
	if len(lines) == total {
		return c
	}
	c.add(Small{s.say("timeline.part", catalog.Args{"from": catalog.Int(from + 1), "to": catalog.Int(to), "n": catalog.Int(total)})})
	var buttons []Element
	lead := func(key string, from, to int) {
		buttons = append(buttons, Button{Action: ActionTimeline, Label: s.word(key), Value: Ref{Incident: string(id), Note: fmt.Sprintf("%d-%d", from, to)}})
	}
	if from > 0 {
		lead("button.timeline.earlier", max(0, from-maxLines), from)
	}
	if to < total {
		lead("button.timeline.later", to, min(total, to+maxLines))
	}
	c.add(Actions{buttons})
	return c
}

// TimelinePage reads which lines a button of a TimelineCard leads to: from and up to, counted from 0. A bare number, as the buttons of
// older cards carry it, is the first of a full page.
func TimelinePage(note string) (from, to int, ok bool) {
	first, last, both := strings.Cut(note, "-")
	from, err := strconv.Atoi(first)
	if err != nil || from < 0 {
		return 0, 0, false
	}
	if !both {
		return from, from + maxLines, true
	}
	to, err = strconv.Atoi(last)
	return from, to, err == nil && to > from && to-from <= maxLines
}

// MaxTimelineLines is how many lines a TimelineCard shows.
const MaxTimelineLines = maxLines

// HelpCard lists what the command can do.
func (v Voice) HelpCard(entries []HelpEntry) Card {
	s := v.said()
	head := s.say("help.title", catalog.Args{"command": v.command()})
	c := Card{Summary: head}
	c.add(Section{Text: join("\n", head, s.say("help.alone", catalog.Args{"command": v.command()}))})
	var text catalog.Text
	for i, e := range entries {
		text = join("\n", text, v.helpLine(e))
		if i%8 == 7 {
			c.add(Section{Text: text})
			text = nil
		}
	}
	if len(text) > 0 {
		c.add(Section{Text: text})
	}
	c.add(Small{s.say("help.more", catalog.Args{"command": v.command()})})
	return c
}

func (v Voice) helpLine(e HelpEntry) catalog.Text {
	s := v.said()
	t := s.say("help.entry", catalog.Args{"usage": catalog.Words(string(v.command()) + " " + clip(e.Usage, 100)), "short": catalog.Words(clip(e.Short, 150))})
	if key := "who." + e.Who; e.Who != "" && e.Who != "anyone" && catalog.Has(key) {
		t = join("", t, s.say("help.entry.who", catalog.Args{"who": catalog.Term(key)}))
	}
	return t
}

// HelpVerbCard says all about one verb.
func (v Voice) HelpVerbCard(e HelpEntry) Card {
	s := v.said()
	text := v.helpLine(e)
	c := Card{Summary: text}
	if len(e.Aliases) > 0 {
		text = join("\n", text, s.say("help.aliases", catalog.Args{"aliases": codeList(e.Aliases)}))
	}
	if e.Example != "" {
		text = join("\n", text, s.say("help.example", catalog.Args{"example": catalog.Words(string(v.command()) + " " + clip(e.Example, 150))}))
	}
	c.add(Section{Text: text})
	return c
}

// UnknownVerbCard says that nothing was done, and what may have been meant. words is everything that was typed.
func (v Voice) UnknownVerbCard(verb string, nearest []string, words string) Card {
	s := v.said()
	args := catalog.Args{"verb": catalog.Literal(clip(verb, 40)), "command": v.command(), "words": catalog.Words(clip(words, 150))}
	key := "unknown-verb.none"
	if len(nearest) > 0 {
		var l []string
		for i, n := range nearest {
			if i == 3 {
				break
			}
			l = append(l, string(v.command())+" "+n)
		}
		key, args["nearest"] = "unknown-verb", catalog.Either(codeList(l))
	}
	c := Card{Summary: s.say(key, args)}
	c.add(Section{Text: c.Summary})
	if strings.TrimSpace(words) != "" {
		c.add(Small{s.say("unknown-verb.declare", args)})
	}
	return c
}

// UsageCard says that nothing was done because the words did not fit, why (empty: unsaid), how it is written, and one example.
func (v Voice) UsageCard(verb string, why catalog.Text, usage, example string) Card {
	s := v.said()
	text := s.say("usage.bare", catalog.Args{"verb": catalog.Words(clip(verb, 40))})
	if len(why) > 0 {
		text = s.say("usage", catalog.Args{"why": why})
	}
	c := Card{Summary: text}
	text = join("\n", text, s.say("usage.write", catalog.Args{"usage": catalog.Words(string(v.command()) + " " + clip(usage, 150))}))
	if example != "" {
		text = join("\n", text, s.say("usage.example", catalog.Args{"example": catalog.Words(string(v.command()) + " " + clip(example, 150))}))
	}
	c.add(Section{Text: text})
	return c
}

// WhichIncidentCard asks which incident is meant, with a button for each of the latest. typed comes back in Ref.Note.
func (v Voice) WhichIncidentCard(typed string, rows []Row) Card {
	s := v.said()
	if len(rows) == 0 {
		return one(s.word("which.none"))
	}
	head := s.word("which")
	c := Card{Summary: head}
	c.add(Section{Text: join("\n", head, s.say("which.typed", catalog.Args{"typed": catalog.Words(string(v.command()) + " " + clip(typed, 200))}))})
	var buttons []Element
	for i, r := range rows {
		if i == maxPick {
			break
		}
		buttons = append(buttons, Button{Action: ActionPick, Label: clipText(s.say("row.short", catalog.Args{"id": catalog.Words(r.ID), "title": catalog.Words(clip(r.Title, 60))}), 75),
			Value: Ref{Incident: string(r.ID), Note: clip(typed, 500), Seq: r.Seq}})
	}
	c.add(Actions{buttons})
	c.add(Small{s.say("which.name", catalog.Args{"command": v.command()})})
	return c
}

// LooksAlikeCard asks whether to join an open incident or to declare another. typed comes back in Ref.Note.
func (v Voice) LooksAlikeCard(row Row, typed string) Card {
	s := v.said()
	head := s.say("looks-alike", catalog.Args{"id": catalog.Words(row.ID)})
	c := Card{Summary: join(" ", head, s.word("looks-alike.ask"))}
	c.add(Section{Text: join("\n", head, v.row(row), s.word("looks-alike.ask"))})
	c.add(Actions{[]Element{
		Button{Action: ActionJoin, Label: s.say("button.join", catalog.Args{"id": catalog.Words(row.ID)}), Value: Ref{Incident: string(row.ID), Seq: row.Seq}, Style: Primary},
		Button{Action: ActionDeclare, Label: s.word("button.open-anyway"), Value: Ref{Note: clip(typed, 1000)}},
	}})
	return c
}

// DeclaredCard says that the incident is recorded and where its channel is or will be. by is who declared it.
func (v Voice) DeclaredCard(st incident.State, by incident.Person) Card {
	s := v.said()
	src := Source{State: st, Language: s.lang}
	text := s.say("declared", catalog.Args{"emoji": sevEmoji(st.Severity), "id": catalog.Words(st.ID), "sev": sev(st.Severity), "title": catalog.Words(src.title(150))})
	c := Card{Summary: text}
	if st.ChannelID != "" {
		text = join("\n", text, s.say("declared.room", catalog.Args{"room": src.room()}))
	} else {
		text = join("\n", text, s.say("declared.room.soon", catalog.Args{"name": catalog.Words(clip(st.ChannelName, 80))}))
	}
	if h := st.Roles[incident.Commander]; !by.Zero() && h.Who.Same(by) {
		text = join("\n", text, s.word("declared.commander"))
	}
	if st.Private != nil {
		text = join("\n", text, s.say("private.declared", catalog.Args{"page": catalog.Term("private.page")}))
	}
	text = join("\n", text, src.sentFor(by))
	c.add(Section{Text: text})
	return c
}

// sentFor says whose phone a declaration rings, or why nobody's.
func (src Source) sentFor(by incident.Person) catalog.Text {
	st := src.State
	var open []incident.Page
	for _, p := range st.Pages {
		if p.Outstanding() {
			open = append(open, p)
		}
	}
	switch {
	case !st.Open():
		return nil
	case len(open) > 0:
		return src.said().say("declared.sent-for", catalog.Args{"who": src.rungPeople(open, false)})
	case !by.Zero() && st.Ladder.AcceptedBy.Same(by):
		return src.said().word("declared.on-call")
	case st.Policy.Rule(st.Severity).NoLadder:
		return src.said().say("declared.no-ladder", catalog.Args{"sev": sev(st.Severity)})
	}
	return nil
}

// JoinedCard says where an incident is worked on.
func (v Voice) JoinedCard(row Row) Card {
	return one(v.said().say("declared.joined", catalog.Args{"id": catalog.Words(row.ID), "room": row.room()}))
}

// RecordedCard says that something is in the log; what (may be empty) says what.
func (v Voice) RecordedCard(id incident.ID, what catalog.Text) Card {
	s := v.said()
	if len(what) == 0 {
		return one(s.say("recorded", catalog.Args{"id": catalog.Words(id)}))
	}
	return one(s.say("recorded.what", catalog.Args{"id": catalog.Words(id), "what": what}))
}

// ByHand is how to page when the bot cannot.
type ByHand struct {
	Phone   string // empty: none is known
	Service string // name of a PagerDuty service; empty: none is known
}

// ByHandText says how to page somebody without Tocsin, for an answer that says that nothing was recorded.
func (v Voice) ByHandText(hand ByHand) catalog.Text {
	args := catalog.Args{"phone": catalog.Strong(clip(hand.Phone, 40)), "service": catalog.Strong(clip(hand.Service, 80))}
	phone, service := strings.TrimSpace(hand.Phone) != "", strings.TrimSpace(hand.Service) != ""
	switch {
	case phone && service:
		return v.said().say("not-recorded.both", args)
	case phone:
		return v.said().say("not-recorded.phone", args)
	case service:
		return v.said().say("not-recorded.service", args)
	}
	return v.said().word("not-recorded.neither")
}

// NotAllowedCard says who may do it: "responder", "commander".
func (v Voice) NotAllowedCard(who string) Card {
	key := "who." + who
	if !catalog.Has(key) {
		key = "who.responder"
	}
	return one(v.said().say("not-allowed", catalog.Args{"who": catalog.Term(key)}))
}

// HomeCard is a person's Home page: the incidents they have a part in, the other open ones, those that ended lately, and a way to declare.
func (v Voice) HomeCard(rows []Row, who incident.Person) Card {
	s := v.said()
	c := Card{Summary: s.word("home.title")}
	c.add(Actions{[]Element{Button{Action: ActionOpenDeclare, Label: s.word("button.declare"), Style: Danger}}})
	var mine, others, overs []Row
	for _, r := range rows {
		switch {
		case !r.Open:
			overs = append(overs, r)
		case r.Commander.Same(who):
			mine = append(mine, r)
		default:
			others = append(others, r)
		}
	}
	group := func(key string, list []Row) {
		if len(list) == 0 {
			return
		}
		c.add(Section{Text: s.word(key)})
		c.add(Section{Text: v.rows(list[:min(len(list), maxHome)])})
		if more := len(list) - maxHome; more > 0 {
			c.add(Small{s.say("list.more", catalog.Args{"n": catalog.Int(more)})})
		}
		c.add(Rule{})
	}
	if len(mine)+len(others) == 0 {
		c.add(Section{Text: s.word("home.quiet")})
	}
	group("home.yours", mine)
	if len(mine) > 0 {
		group("home.others", others)
	} else {
		group("home.open", others)
	}
	group("home.recent", overs)
	c.add(Small{s.say("home.help", catalog.Args{"command": v.command()})})
	return c
}

// one is a card of one paragraph.
func one(t catalog.Text) Card { return Card{Summary: t, Blocks: []Block{Section{Text: t}}} }

func codeList(list []string) catalog.List {
	var out catalog.List
	for _, x := range list {
		out = append(out, catalog.Literal(clip(x, 100)))
	}
	return out
}

func minutes(n int) time.Duration { return time.Duration(n) * time.Minute }

// flat puts a text on one line.
func flat(t catalog.Text) catalog.Text {
	out := make(catalog.Text, 0, len(t))
	for _, s := range t {
		if s.Kind == catalog.Break {
			s = catalog.Span{S: " "}
		}
		if s.Kind == catalog.Block {
			s.Kind, s.S = catalog.Code, strings.Join(strings.Fields(s.S), " ")
		}
		out = append(out, s)
	}
	return catalog.Join("", out)
}

// clipText shortens a text to max characters, ending in "…" where it cut. Clock times and names count as they are shown here.
func clipText(t catalog.Text, max int) catalog.Text {
	used := 0
	var out catalog.Text
	for _, s := range t {
		shown := []rune(catalog.Text{s}.Plain(nil))
		if used+len(shown) <= max {
			used += len(shown)
			out = append(out, s)
			continue
		}
		if s.Kind <= catalog.Code && max-used > 1 {
			s.S = strings.TrimRight(string([]rune(s.S)[:max-used-1]), " \u00a0") + "…"
			return append(out, s)
		}
		return append(out, catalog.Span{S: "…"})
	}
	return out
}

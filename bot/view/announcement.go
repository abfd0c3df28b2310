package view

import (
	"unicode/utf8"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// MaxTopic is how many characters a channel's topic or purpose may have (docs.slack.dev, conversations.setTopic).
const MaxTopic = 250

// announcement is the one line about the incident in the channel of announcements, edited as things change.
func announcement(src Source) Card {
	s, st := src.said(), src.State
	key := "announcement"
	if !st.Open() {
		key = "announcement." + string(st.Status)
	}
	var severity catalog.Arg = sev(st.Severity)
	if st.Open() && !st.Confirmed {
		severity = s.say("announcement.unconfirmed", catalog.Args{"sev": sev(st.Severity)})
	}
	text := s.say(key, catalog.Args{
		"emoji": sevEmoji(st.Severity), "sev": severity, "id": catalog.Words(st.ID), "title": catalog.Words(src.title(150)), "status": status(st.Status),
		"room": src.room(), "commander": src.commander(),
		"into": src.into(), "at": src.clock(st.EndedAt), "took": catalog.Duration(st.EndedAt.Sub(st.DetectedAt)),
	})
	return Card{Summary: text, Blocks: []Block{Section{Text: text}}}
}

// Topic is the channel's topic: severity, status, commander and the next deadline, at most MaxTopic characters.
func Topic(src Source) string { return topic(src).Summary.Plain(src.zone()) }

// Purpose is the channel's purpose: what the incident is, at most MaxTopic characters.
func Purpose(src Source) string { return purpose(src).Summary.Plain(src.zone()) }

// topic names the commander in plain words: a topic mentions nobody.
func topic(src Source) Card {
	s, st := src.said(), src.State
	args := catalog.Args{"emoji": sevEmoji(st.Severity), "sev": sev(st.Severity), "status": status(st.Status), "at": src.clock(st.EndedAt),
		"who": plainWho(st.Roles[incident.Commander].Who)}
	if !st.Open() {
		args["emoji"] = catalog.Words("")
		if st.Status == incident.Closed {
			args["at"] = dateClock(st.ClosedAt)
		}
		if well(st) {
			args["emoji"] = catalog.Text{{S: "✅ "}}
		}
		return Card{Summary: join("", s.say("topic.over", args), src.legalTopic())}
	}
	text := s.say("topic", args)
	if due := src.promises(); len(due) > 0 {
		text = join("", text, s.say("topic.next", catalog.Args{"at": src.clock(due[0].Due)}))
	}
	return Card{Summary: join("", text, src.legalTopic())}
}

func purpose(src Source) Card {
	s, st := src.said(), src.State
	with := func(title string) catalog.Text {
		var by catalog.Arg = actor(st.DeclaredBy)
		if st.DeclaredBy.Human() {
			by = plainWho(st.DeclaredBy.Person)
		}
		return s.say("purpose", catalog.Args{"id": catalog.Words(st.ID), "title": catalog.Words(title), "at": dateClock(st.DeclaredAt), "by": by})
	}
	// What is left for the title is what the sentence without it leaves.
	room := MaxTopic - utf8.RuneCountInString(with("").Plain(src.zone()))
	return Card{Summary: with(src.title(max(room, 1)))}
}

func plainWho(p incident.Person) catalog.Arg {
	if p.Zero() {
		return catalog.Term("nobody")
	}
	return catalog.Words(clip(nameOf(p), 60))
}

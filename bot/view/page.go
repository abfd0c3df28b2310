package view

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// Limits of what goes to a phone, in characters.
const (
	MaxPageSummary = 1024 // payload.summary of Events v2, title of an incident by REST
	MaxPageBody    = 1024
	spoken         = 60 // what is heard of a summary when the phone rings
)

// PageText is what a person who is rung hears and sees: a summary of which the first 60 characters are enough to act, and a body with
// why it is they, the first step, the room, and how to act without Slack. Both are plain words in the language of the incident.
// Of a private incident the summary is PrivatePage and the body is empty.
func PageText(src Source) (summary, body string) {
	s, st := src.said(), src.State
	if st.Private != nil {
		return PrivatePage(s.lang), ""
	}
	p, _ := st.Page(src.Owed.Effect.Page)
	if p.Obligation != "" {
		return src.dutyPage(p)
	}
	key, args := "page.summary.now", catalog.Args{"sev": sev(st.Severity), "id": catalog.Words(st.ID)}
	if p.Why == incident.WhyReview {
		key = "page.summary.review"
	} else if due, ok := src.acknowledgeBy(p); ok {
		key, args["at"] = "page.summary", src.clock(due)
	}
	worded := func(title string) string {
		args["title"] = catalog.Words(title)
		return strings.Replace(s.say(key, args).Plain(src.zone()), "….", "…", 1)
	}
	// A title that fits lets the whole sentence be heard; a longer one fills what is heard and the rest is read.
	title := trimStop(src.title(incident.MaxTitle))
	if room := spoken - utf8.RuneCountInString(worded("")); utf8.RuneCountInString(title) > room {
		title = clip(title, 120)
	}
	return clip(worded(title), MaxPageSummary), src.pageBody(p)
}

func (src Source) pageBody(p incident.Page) string {
	s, st := src.said(), src.State
	var parts []catalog.Text
	parts = append(parts, src.whyYou(p)...)
	parts = append(parts, src.staleRoster("page.roster.old", p))
	if len(st.Alerts) > 0 {
		a := st.Alerts[0]
		key := "page.alert"
		if a.Summary.Empty() {
			key = "page.alert.bare"
		}
		parts = append(parts, s.say(key, catalog.Args{"name": catalog.Words(clip(a.Name, 60)), "summary": catalog.Words(line(a.Summary, 150, s.lang))}))
	}
	if st.Service != "" {
		parts = append(parts, s.say("page.service", catalog.Args{"service": catalog.Words(clip(st.Service, 60))}))
	}
	if c := st.Roles[incident.Commander].Who; !c.Zero() {
		parts = append(parts, s.say("page.commander", catalog.Args{"who": plainWho(c)}))
	}
	if pr := st.Progress; !pr.At.IsZero() {
		parts = append(parts, s.say("page.progress", catalog.Args{"at": src.clock(pr.At), "text": catalog.Words(line(pr.Text, 150, s.lang))}))
	}
	if src.Step != nil && src.Step.CannotShow == "" {
		parts = append(parts, src.pageStep())
	}
	switch {
	case src.Room != "":
		parts = append(parts, s.say("page.room", catalog.Args{"url": catalog.Words(clip(src.Room, 150))}))
	case st.RoomHeld:
		parts = append(parts, s.word("page.room.none"))
	case st.ChannelName != "":
		parts = append(parts, s.say("page.room.name", catalog.Args{"name": catalog.Words(clip(st.ChannelName, 80))}))
	}
	if src.Call != "" {
		parts = append(parts, s.say("page.call", catalog.Args{"url": catalog.Words(clip(src.Call, 150))}))
	}
	// How to act without Slack is never what falls off the end.
	key := "page.without"
	if !src.plusFifteen() {
		key = "page.without.more-time"
	}
	if p.Why == incident.WhyHandOver {
		key = "page.without.hand-over"
	}
	last := s.word(key).Plain(nil)
	head := join("\n", parts...).Plain(src.zone())
	return incident.Clip(head, MaxPageBody-1-utf8.RuneCountInString(last)) + "\n" + last
}

// whyYou says to who is rung why it is them.
func (src Source) whyYou(p incident.Page) []catalog.Text {
	s := src.said()
	switch {
	case p.Why == incident.WhyParked && p.By.Same(p.Person):
		return []catalog.Text{s.word("page.why.parked.self")}
	case p.Why == incident.WhyParked && !p.By.Zero():
		return []catalog.Text{s.say("page.why.parked", catalog.Args{"by": plainWho(p.By)})}
	case !p.By.Zero():
		return []catalog.Text{s.say("page.why.by", catalog.Args{"by": plainWho(p.By)}), src.pageFor(p)}
	case p.Why != "":
		return []catalog.Text{s.say("page.why.since", catalog.Args{"why": src.pageWhy(p), "level": catalog.Words(src.level(p.Level))})}
	}
	return nil
}

// pageWhy says why somebody is rung. That nobody acknowledged is true of the first level alone: above it, those of the level below did not
// take it, whoever had acknowledged before.
func (src Source) pageWhy(p incident.Page) catalog.Arg {
	switch {
	case p.Why != incident.WhyNotAcknowledged:
	case p.Level > 1:
		return catalog.Term("why.not-taken.below")
	case p.Round > 1 && src.State.Ladder.Level == 1 && !src.State.Ladder.Backup:
		return catalog.Term("why.exhausted")
	}
	return why(p.Why)
}

// pageFor is for which step somebody is called.
func (src Source) pageFor(p incident.Page) catalog.Text {
	key := "page.for." + p.For
	if p.Step == "" || !catalog.Has(key) {
		return nil
	}
	run, _ := src.State.Runbook(p.Runbook)
	s := src.said()
	return s.say(key, catalog.Args{"name": catalog.Words(clip(src.stepTitle(run, p.Step), 80)),
		"step": s.say("step.number", catalog.Args{"runbook": catalog.Words(clip(p.Runbook, 40)), "n": catalog.Int(slices.Index(run.Ref.Steps, p.Step) + 1)})})
}

func (src Source) pageStep() catalog.Text {
	st := src.Step
	key := "page.step.now"
	if st.Number <= 1 {
		key = "page.step"
	}
	var code catalog.Text
	if len(st.Commands) > 0 && len(src.State.Locks(st.Runbook, st.ID, st.Kind)) == 0 {
		code = catalog.Text{{S: " " + clip(st.Commands[0], 200)}}
	}
	return src.said().say(key, catalog.Args{"runbook": catalog.Words(clip(st.Runbook, 40)), "n": catalog.Int(st.Number), "of": catalog.Int(st.Of),
		"title": catalog.Words(clip(st.Name, 100)), "code": code})
}

// plusFifteen reports whether the note "+15", which is what Tocsin understands, is also what the policy gives.
func (src Source) plusFifteen() bool { return time.Duration(src.moreTime()) == 15*time.Minute }

// acknowledgeBy is until when a page wants an answer: the deadline of its level.
func (src Source) acknowledgeBy(p incident.Page) (time.Time, bool) {
	if asked(p.Why) {
		return time.Time{}, false // stands beside the ladder: no deadline is theirs
	}
	for _, name := range []string{incident.DueAccept, incident.DueAck} {
		for _, d := range src.Deadlines {
			if d.Name == name && (d.Level == 0 || p.Level == 0 || d.Level == p.Level) {
				return d.Due, true
			}
		}
	}
	return time.Time{}, false
}

// trimStop drops what would end a sentence twice.
func trimStop(s string) string { return strings.TrimRight(s, ".!?… \u00a0") }

// NoteText is what is written on the PagerDuty incident of a page, for who has a phone and no Slack: the view "warn", "standdown",
// "note-answer" or "progress" of the effect. Plain words, at most MaxPageSummary characters; empty when there is nothing to say.
func NoteText(src Source) string {
	s, st := src.said(), src.State
	if st.Private != nil {
		if src.Owed.Effect.View == incident.ViewNoteAnswer {
			return s.word("note.no.private").Plain(nil) + " " + PrivatePage(s.lang)
		}
		return PrivatePage(s.lang)
	}
	var t catalog.Text
	switch src.Owed.Effect.View {
	case incident.ViewWarn:
		args := catalog.Args{"text": src.warning()}
		switch name, _ := src.warned(); name {
		case incident.DueAck, incident.DueAccept:
			t = s.say("note.warn.ack", args)
		case incident.DueProgress, incident.DueMitigate:
			t = s.say("note.warn", args)
			if st.Ladder.MoreTime > 0 || !src.plusFifteen() {
				t = s.say("note.warn.top", args)
			}
		default: // nothing a note could do about it
			t = src.warning()
		}
	case incident.ViewStandDown:
		t = src.standDownText()
	case incident.ViewNoteAnswer:
		t = src.noteAnswer()
	case "progress":
		if st.Progress.At.IsZero() {
			return ""
		}
		t = s.say("note.progress", catalog.Args{"id": catalog.Words(st.ID), "at": src.clock(st.Progress.At), "who": who(st.Progress.By), "text": catalog.Words(line(st.Progress.Text, 400, s.lang))})
	default:
		return ""
	}
	return incident.Clip(t.Plain(src.zone()), MaxPageSummary)
}

// noteAnswer says why a note did nothing, and what to write instead. It begins with no word that a note of a person would be obeyed for.
func (src Source) noteAnswer() catalog.Text {
	s, st := src.said(), src.State
	f, _ := src.Event.Fact.(*incident.Noted)
	if f == nil {
		return nil
	}
	arg := func(i int) string {
		if i < len(f.Args) {
			return clip(f.Args[i], 100)
		}
		return ""
	}
	typed, _, _ := strings.Cut(strings.TrimSpace(words(f.Text, s.lang)), "\n")
	args := catalog.Args{"id": catalog.Words(st.ID), "n": catalog.Int(incident.MinProgress), "d": src.moreTime(), "typed": catalog.Words(clip(typed, 40))}
	switch f.Answer {
	case incident.RefusedOver:
		args["status"] = term("status.", arg(0))
	case incident.RefusedStatusBack:
		args["status"] = term("status.", arg(0))
	case incident.RefusedNoMoreTime:
		args["level"] = catalog.Words(levelName(st.Policy, arg(0)))
	}
	key := "note.no." + f.Answer
	if !catalog.Has(key) {
		key = "note.no.unknown"
	}
	return s.say(key, args)
}

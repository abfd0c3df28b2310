package view

import (
	"time"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// escalation is the post when the ladder rises: why, who is being rung, until when they are waited for, what was done so far. Only
// those who are being rung are mentioned.
func escalation(src Source) Card {
	s, st := src.said(), src.State
	f, _ := src.Event.Fact.(*incident.LevelRaised)
	if f == nil {
		f = &incident.LevelRaised{Level: st.Ladder.Level, Backup: st.Ladder.Backup, Round: st.Ladder.Round, Why: st.Ladder.Why}
	}
	at := src.eventTime()
	waiting, answered := src.stage(f)
	reason := src.raisedBecause(f, at)
	first := s.say("escalation.why", catalog.Args{"at": clock(at), "why": reason})
	level := catalog.Words(src.level(f.Level))
	text := first
	for i, p := range answered {
		if i == maxNamed {
			break
		}
		text = join("\n", text, s.say("escalation.answered", catalog.Args{"who": src.rungPerson(p, false)}))
	}
	names := src.rungPeople(waiting, true)
	switch {
	case len(waiting) == 0 && len(answered) == 0:
		text = join("\n", text, s.say("escalation.nobody", catalog.Args{"level": level}))
	case len(waiting) == 1 && waiting[0].At.Before(at):
		text = join("\n", text, s.say("escalation.rung.before", catalog.Args{"who": names, "level": level, "since": clock(waiting[0].At)}))
	case len(waiting) == 1:
		text = join("\n", text, s.say("escalation.rung", catalog.Args{"who": names, "level": level}))
	case len(waiting) > 1:
		text = join("\n", text, s.say("escalation.rung.many", catalog.Args{"who": names, "level": level}))
	}
	if d, ok := src.acceptDeadline(f.Level); ok && len(waiting) > 0 {
		args := catalog.Args{"at": clock(d.Due), "next": catalog.Words(clip(src.target(d.Next), 60))}
		if d.Next == "" {
			text = join("\n", text, s.say("escalation.then.last", args))
		} else {
			text = join("\n", text, s.say("escalation.then", args))
		}
	}
	summary, shown := "escalation.summary", waiting
	if len(waiting) == 0 && len(answered) > 0 {
		summary, shown = "escalation.summary.answered", answered
	}
	c := Card{Summary: s.say(summary, catalog.Args{"id": catalog.Words(st.ID), "who": src.stageTitles(f, shown), "why": reason})}
	c.add(Section{Text: text})
	c.add(Small{src.soFar()})
	if st.Open() {
		var buttons []Element
		if src.waiting() {
			buttons = append(buttons, Button{Action: ActionAck, Label: s.word("button.take"), Value: src.ref(""), Style: Primary})
		}
		c.add(Actions{append(buttons, Button{Action: ActionOpenProgress, Label: s.word("button.progress"), Value: src.ref("")})})
	}
	return c
}

// stage are the pages of a rung: those still waited for, and those answered.
func (src Source) stage(f *incident.LevelRaised) (waiting, answered []incident.Page) {
	backup := ""
	if p := src.State.Policy; p != nil && f.Level >= 1 && f.Level <= len(p.Ladder) {
		backup = p.Ladder[f.Level-1].Backup
	}
	for _, p := range src.State.Pages {
		if p.Level != f.Level || p.Round != f.Round && p.Round != 0 || (backup != "" && f.Backup != (p.Target == backup)) || asked(p.Why) {
			continue
		}
		switch p.Status {
		case incident.PageOwed, incident.PageSent:
			waiting = append(waiting, p)
		case incident.PageAnswered:
			answered = append(answered, p)
		}
	}
	return waiting, answered
}

// asked reports whether a page stands beside the ladder.
func asked(why string) bool {
	return why == incident.WhyAsked || why == incident.WhyNoCommander || why == incident.WhyUpdateMissed
}

// stageTitles names those rung without a mention, or the level when nobody is.
func (src Source) stageTitles(f *incident.LevelRaised, waiting []incident.Page) catalog.Arg {
	names := src.rungPeople(waiting, false)
	if len(names) == 0 {
		return catalog.Words(src.level(f.Level))
	}
	return names
}

// maxNamed is how many people a post names; a level has a few.
const maxNamed = 8

// rungPeople names those whom pages ring, and says how many more there are.
func (src Source) rungPeople(pages []incident.Page, ping bool) catalog.List {
	var names catalog.List
	for i, p := range pages {
		if i == maxNamed {
			return append(names, src.said().say("and-more", catalog.Args{"n": catalog.Int(len(pages) - i)}))
		}
		names = append(names, src.rungPerson(p, ping))
	}
	return names
}

// raisedBecause says why the ladder rose, with how long what was missing was missing.
func (src Source) raisedBecause(f *incident.LevelRaised, at time.Time) catalog.Text {
	key := "escalation." + f.Why
	if !catalog.Has(key) {
		return catalog.Of(src.language(), why(f.Why))
	}
	since := f.Since
	if since.IsZero() || !since.Before(at) {
		switch f.Why {
		case incident.WhyNotAcknowledged, incident.WhyNoProgress, incident.WhyNotMitigated:
			return capital(catalog.Of(src.language(), why(f.Why)))
		}
	}
	args := catalog.Args{"d": catalog.Duration(at.Sub(since))}
	if f.Why == incident.WhyHelp {
		by := src.helper(f)
		if by.Zero() {
			return capital(catalog.Of(src.language(), why(f.Why)))
		}
		args["by"] = person(by)
	}
	return src.said().say(key, args)
}

// helper is who sent for help: raising the ladder is Tocsin's act, the page that follows from it knows the person.
func (src Source) helper(f *incident.LevelRaised) incident.Person {
	for i := len(src.State.Pages) - 1; i >= 0; i-- {
		if p := src.State.Pages[i]; p.Level == f.Level && p.Why == incident.WhyHelp && !p.By.Zero() {
			return p.By
		}
	}
	return src.Event.Actor.Person
}

// acceptDeadline is until when the rung level is waited for.
func (src Source) acceptDeadline(level int) (incident.Deadline, bool) {
	for _, d := range src.Deadlines {
		if (d.Name == incident.DueAccept || d.Name == incident.DueAck) && d.Level == level {
			return d, true
		}
	}
	return incident.Deadline{}, false
}

// soFar is what whoever comes now must know: steps done, last progress.
func (src Source) soFar() catalog.Text {
	s, st := src.said(), src.State
	var parts []catalog.Text
	for i, r := range st.Runbooks {
		if i == headlineRunbook {
			break
		}
		parts = append(parts, s.say("escalation.far.steps", catalog.Args{"id": catalog.Words(clip(r.Ref.ID, 40)), "done": catalog.Int(len(r.Steps)), "of": catalog.Int(len(r.Ref.Steps))}))
	}
	if p := st.Progress; !p.At.IsZero() {
		parts = append(parts, s.say("escalation.far.progress", catalog.Args{"at": clock(p.At), "text": catalog.Words(line(p.Text, 300, s.lang))}))
	}
	if len(parts) == 0 {
		return s.word("escalation.far.nothing")
	}
	return s.say("escalation.far", catalog.Args{"what": join(" · ", parts...)})
}

// ladderEnd says that nobody is left to ring, and what happens then. It mentions nobody: those who could act were rung.
func ladderEnd(src Source) Card {
	s, st := src.said(), src.State
	head := s.say("ladder-end", catalog.Args{"at": clock(src.eventTime())})
	c := Card{Summary: join(": ", catalog.Text{{S: string(st.ID)}}, head)}
	text := head
	for _, d := range src.Deadlines {
		if d.Name == incident.DueRestart {
			text = join("\n", text, s.say("ladder-end.again", catalog.Args{"at": clock(d.Due), "next": catalog.Words(clip(src.target(d.Next), 60))}))
		}
	}
	c.add(Section{Text: join("\n", text, s.word("ladder-end.hand"))})
	c.add(Small{src.soFar()})
	if st.Open() {
		c.add(Actions{[]Element{
			Button{Action: ActionAck, Label: s.word("button.take"), Value: src.ref(""), Style: Primary},
			Button{Action: ActionOpenProgress, Label: s.word("button.progress"), Value: src.ref("")},
		}})
	}
	return c
}

// commanderMissing says that nobody commands and who is being rung for it; only they are mentioned.
func commanderMissing(src Source) Card {
	s, st := src.said(), src.State
	since := st.VacantAt
	if since.IsZero() {
		since = st.DeclaredAt
	}
	text := s.say("commander-missing", catalog.Args{"at": clock(src.eventTime()), "id": catalog.Words(st.ID), "since": clock(since)})
	c := Card{Summary: text}
	var pages []incident.Page
	for _, p := range st.Pages {
		if p.Why == incident.WhyNoCommander && (p.Status == incident.PageOwed || p.Status == incident.PageSent) {
			pages = append(pages, p)
		}
	}
	if rung := src.rungPeople(pages, true); len(rung) > 0 {
		text = join("\n", text, s.say("commander-missing.rung", catalog.Args{"who": rung}))
	}
	c.add(Section{Text: join("\n", text, s.word("commander-missing.take"))})
	if st.Roles[incident.Commander].Who.Zero() && st.Open() {
		c.add(Actions{[]Element{Button{Action: ActionTakeRole, Label: s.word("button.take.commander"), Value: src.ref(string(incident.Commander)), Style: Primary}}})
	}
	return c
}

// pageFailed says that a phone did not ring, and how to ring it by hand. The commander, or else whoever took the incident, is
// mentioned: they must act.
func pageFailed(src Source) Card {
	s, st := src.said(), src.State
	f, _ := src.Event.Fact.(*incident.PageChanged)
	if f == nil {
		f = &incident.PageChanged{Key: src.Owed.Effect.Arg}
	}
	p, _ := st.Page(f.Key)
	text := s.say("page-failed", catalog.Args{"who": src.rungPerson(p, false), "error": catalog.Words(clip(f.Error, 150))})
	c := Card{Summary: text}
	var hand catalog.Arg = catalog.Term("page-failed.somebody")
	for _, who := range []incident.Person{st.Roles[incident.Commander].Who, st.Ladder.AcceptedBy} {
		if !who.Zero() {
			hand = pinged(who)
			break
		}
	}
	phone := ""
	if st.Policy != nil {
		phone = st.Policy.Targets[p.Target].Phone
	}
	if phone != "" {
		text = join("\n", text, s.say("page-failed.phone", catalog.Args{"by": hand, "phone": catalog.Strong(clip(phone, 40))}))
	} else {
		text = join("\n", text, s.say("page-failed.none", catalog.Args{"by": hand}))
	}
	c.add(Section{Text: text})
	c.add(Small{s.word("page-failed.safe")})
	return c
}

// eventTime is when what the view is about happened: the event's time, else the effect's, else now.
func (src Source) eventTime() time.Time {
	for _, t := range []time.Time{src.Event.At, src.Owed.At, src.Now} {
		if !t.IsZero() {
			return t
		}
	}
	return src.State.RecordedAt
}

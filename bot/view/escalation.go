package view

import (
	"strings"
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
	first := s.say("escalation.why", catalog.Args{"at": src.clock(at), "why": reason})
	level := catalog.Words(src.level(f.Level))
	text := first
	if !f.Reason.Empty() {
		text = join("\n", text, s.say("severity.reason", catalog.Args{"text": catalog.Words(line(f.Reason, incident.MaxReason, s.lang))}))
	}
	for i, p := range answered {
		if i == maxNamed {
			break
		}
		key, args := "escalation.answered", catalog.Args{"who": src.rungPerson(p, false), "level": level, "since": src.clock(rungAt(p)), "acked": src.clock(p.AnsweredAt)}
		switch {
		case p.AnsweredAt.IsZero():
		case neverRang(p):
			key = "escalation.answered.unrung"
		default:
			key = "escalation.answered.at"
		}
		text = join("\n", text, s.say(key, args))
	}
	// Who was rung before, because the severity said so, is not rung again: they are waited for.
	var now, before []incident.Page
	for _, p := range waiting {
		if p.At.Before(at) {
			before = append(before, p)
		} else {
			now = append(now, p)
		}
	}
	if len(waiting) == 0 && len(answered) == 0 {
		text = join("\n", text, s.say("escalation.nobody", catalog.Args{"level": level}))
	}
	for i, p := range before {
		if i == maxNamed {
			break
		}
		key := "escalation.rung.before"
		if p.Status == incident.PageOwed {
			key = "escalation.owed.before"
		}
		text = join("\n", text, s.say(key, catalog.Args{"who": src.rungPerson(p, true), "level": level, "since": src.clock(rungAt(p))}))
	}
	switch len(now) {
	case 0:
	case 1:
		text = join("\n", text, s.say("escalation.rung", catalog.Args{"who": src.rungPeople(now, true), "level": level}))
	default:
		text = join("\n", text, s.say("escalation.rung.many", catalog.Args{"who": src.rungPeople(now, true), "level": level}))
	}
	text = join("\n", text, src.staleRoster("roster.old", now...))
	if d, ok := src.acceptDeadline(f.Level); ok && len(waiting) > 0 {
		args := catalog.Args{"at": src.clock(d.Due), "next": src.next(d)}
		if d.Next == "" {
			text = join("\n", text, s.say("escalation.then.last", args))
		} else {
			text = join("\n", text, s.say("escalation.then", args))
		}
	}
	summary, shown := "escalation.summary", now
	switch {
	case len(now) > 0:
	case len(before) > 0:
		summary, shown = "escalation.summary.waits", before
	case len(answered) > 0:
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

// stage are the pages of a rung: those still waited for, and those answered. Whoever of it was rung before, because the severity said so
// or for a level below, is not rung again and belongs to it.
func (src Source) stage(f *incident.LevelRaised) (waiting, answered []incident.Page) {
	add := func(p incident.Page) {
		switch p.Status {
		case incident.PageOwed, incident.PageSent:
			waiting = append(waiting, p)
		case incident.PageAnswered:
			answered = append(answered, p)
		}
	}
	if f.Why == incident.WhyParked { // one person by name, whatever rotation they are on
		for _, p := range src.State.Pages {
			if p.Why == incident.WhyParked && p.Round == f.Round {
				add(p)
			}
		}
		return waiting, answered
	}
	targets := src.State.StageTargets(f.Level, f.Backup)
	for _, t := range targets {
		if p, open := src.openPage(t); open && (p.Status != incident.PageAnswered || !asked(p.Why)) {
			add(p)
		}
	}
	if len(targets) > 0 {
		return waiting, answered
	}
	for _, p := range src.State.Pages { // no policy is bound
		if p.Level == f.Level && (p.Round == f.Round || p.Round == 0) && !asked(p.Why) {
			add(p)
		}
	}
	return waiting, answered
}

// openPage is a target's newest page that is neither closed nor refused.
func (src Source) openPage(target string) (incident.Page, bool) {
	for i := len(src.State.Pages) - 1; i >= 0; i-- {
		if p := src.State.Pages[i]; p.Target == target && p.Outstanding() {
			return p, true
		}
	}
	return incident.Page{}, false
}

// rungAt is when a phone was rung: when PagerDuty took the page, or when it was decided where that is not known.
func rungAt(p incident.Page) time.Time {
	if p.SentAt.IsZero() {
		return p.At
	}
	return p.SentAt
}

// next names who is sent for when a deadline passes, and how they stand where they were rung already: then they are not rung again.
func (src Source) next(d incident.Deadline) catalog.Text {
	title := catalog.Words(clip(src.target(d.Next), 60))
	how, passes := src.passes(d)
	if !passes {
		return catalog.Of(src.language(), title)
	}
	return src.said().say("next.how", catalog.Args{"next": title, "how": how})
}

// passes reports whether the target that comes next was rung already, so that the ladder only passes to them, and how they stand.
func (src Source) passes(d incident.Deadline) (how catalog.Text, yes bool) {
	p, rung := src.State.RungAlready(d)
	if !rung {
		return nil, false
	}
	key, since := "next."+p.Status, rungAt(p)
	if p.Status == incident.PageAnswered {
		if since = src.answeredAt(p); since.IsZero() {
			key = "next.answered.bare"
		}
	}
	return src.said().say(key, catalog.Args{"since": src.clock(since)}), true
}

// asked reports whether a page stands beside the ladder.
func asked(why string) bool {
	return why == incident.WhyAsked || why == incident.WhyNoCommander || why == incident.WhyUpdateMissed || why == incident.WhyHandOver
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

// raisedBecause says why the ladder rose: how long what was missing was missing, or who was sent for when and did not take it.
func (src Source) raisedBecause(f *incident.LevelRaised, at time.Time) catalog.Text {
	s := src.said()
	bare := capital(catalog.Of(s.lang, why(f.Why)))
	if len(bare) == 0 {
		return s.word("escalation.unsaid")
	}
	since := f.Since
	known := !since.IsZero() && since.Before(at)
	args := catalog.Args{"d": catalog.Duration(at.Sub(since)), "since": src.clock(since)}
	switch f.Why {
	case incident.WhyHelp:
		by := src.helper(f)
		if by.Zero() {
			return bare
		}
		args["by"] = person(by)
	case incident.WhyNotAcknowledged:
		switch name, level, _ := f.Failed(); {
		case name == incident.DueRestart:
			return capital(s.word("why.exhausted"))
		case name == incident.DueAccept && known:
			args["who"] = catalog.Words(src.failed(level, f.Backup))
			return capital(s.say("escalation.not-taken", args))
		case !known:
			return bare
		}
	case incident.WhyNoProgress, incident.WhyNotMitigated:
		if !known {
			return bare
		}
	}
	key := "escalation." + f.Why
	if !catalog.Has(key) {
		return bare
	}
	return s.say(key, args)
}

// failed names the stage of a level that did not take it: the level, or its backup once that was rung.
func (src Source) failed(level int, toBackup bool) string {
	if b := src.State.Backup(level); !toBackup && b != "" {
		return clip(src.target(b), 60)
	}
	return src.level(level)
}

// helper is who sent for help; a log older than that field has it on the page that follows.
func (src Source) helper(f *incident.LevelRaised) incident.Person {
	if !f.By.Zero() {
		return f.By
	}
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
		parts = append(parts, s.say("escalation.far.progress", catalog.Args{"at": src.clock(p.At), "text": catalog.Words(line(p.Text, 300, s.lang))}))
	}
	if len(parts) == 0 {
		return s.word("escalation.far.nothing")
	}
	return s.say("escalation.far", catalog.Args{"what": join(" · ", parts...)})
}

// ladderEnd says that nobody is left to ring, and what happens then. It mentions nobody: those who could act were rung.
func ladderEnd(src Source) Card {
	s, st := src.said(), src.State
	head := s.say("ladder-end", catalog.Args{"at": src.clock(src.eventTime())})
	c := Card{Summary: join(": ", catalog.Text{{S: string(st.ID)}}, head)}
	text := head
	for _, d := range src.Deadlines {
		if d.Name == incident.DueRestart {
			text = join("\n", text, s.say("ladder-end.again", catalog.Args{"at": src.clock(d.Due), "next": catalog.Words(clip(src.target(d.Next), 60))}))
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
	text := s.say("commander-missing", catalog.Args{"at": src.clock(src.eventTime()), "id": catalog.Words(st.ID), "since": src.clock(since)})
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
	if f, _ := src.Event.Fact.(*incident.Missed); f != nil {
		text = join("\n", text, src.askedNow(f, incident.Person{}))
	}
	c.add(Section{Text: join("\n", text, s.word("commander-missing.take"))})
	if st.Roles[incident.Commander].Who.Zero() && st.Open() {
		c.add(Actions{[]Element{Button{Action: ActionTakeRole, Label: s.word("button.take.commander"), Value: src.ref(string(incident.Commander)), Style: Primary}}})
	}
	return c
}

// pageFailed says that a phone did not ring, and how to ring it by hand.
func pageFailed(src Source) Card {
	s := src.said()
	f, p := src.pageOf()
	text := s.say("page-failed", catalog.Args{"who": src.rungPerson(p, false), "error": catalog.Words(clip(f.Error, 150))})
	if strings.TrimSpace(f.Error) == "" {
		text = s.say("page-failed.bare", catalog.Args{"who": src.rungPerson(p, false)})
	}
	c := Card{Summary: text}
	c.add(Section{Text: join("\n", text, src.byHand(p))})
	if p.Obligation != "" {
		c.add(Small{s.word("page-failed.duty")})
	} else {
		c.add(Small{s.word("page-failed.safe")})
	}
	return c
}

// pageStuck says that PagerDuty has not taken a page, since when, and how to ring by hand meanwhile.
func pageStuck(src Source) Card {
	s := src.said()
	_, p := src.pageOf()
	text := s.say("page-stuck", catalog.Args{"who": src.rungPerson(p, false), "since": src.clock(src.sentForAt(p))})
	c := Card{Summary: text}
	c.add(Section{Text: join("\n", text, src.byHand(p))})
	c.add(Small{s.word("page-stuck.safe")})
	return c
}

// pageThrough says that a phone rings after all.
func pageThrough(src Source) Card {
	_, p := src.pageOf()
	text := src.said().say("page-through", catalog.Args{"who": src.rungPerson(p, false), "at": src.clock(laterOf(rungAt(p), src.sentForAt(p))), "since": src.clock(src.sentForAt(p))})
	return Card{Summary: text, Blocks: []Block{Section{Text: text}}}
}

// sentForAt is when a page was decided; of one the state no longer holds, when what is told of it happened.
func (src Source) sentForAt(p incident.Page) time.Time {
	if p.At.IsZero() {
		return src.eventTime()
	}
	return p.At
}

func laterOf(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// pageOf is the page a post is about, and its change.
func (src Source) pageOf() (*incident.PageChanged, incident.Page) {
	f, _ := src.Event.Fact.(*incident.PageChanged)
	if f == nil {
		f = &incident.PageChanged{Key: src.Owed.Effect.Arg}
	}
	p, _ := src.State.Page(f.Key)
	return f, p
}

// byHand asks somebody to ring a page's person by hand. The commander, or else whoever took the incident, is mentioned: they must act;
// unless it is they who could not be rung.
func (src Source) byHand(p incident.Page) catalog.Text {
	st := src.State
	var hand catalog.Arg = catalog.Term("page-failed.somebody")
	for _, who := range []incident.Person{st.Roles[incident.Commander].Who, st.Ladder.AcceptedBy} {
		if !who.Zero() && !who.Same(p.Person) {
			hand = pinged(who)
			break
		}
	}
	phone := ""
	if st.Policy != nil {
		phone = strings.TrimSpace(st.Policy.Targets[p.Target].Phone)
	}
	if phone == "" {
		return src.said().say("page-failed.none", catalog.Args{"by": hand})
	}
	return src.said().say("page-failed.phone", catalog.Args{"by": hand, "phone": catalog.Strong(clip(phone, 40))})
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

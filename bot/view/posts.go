package view

import (
	"slices"

	"time"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// severityPost says that the severity changed, why, and what follows from it.
func severityPost(src Source) Card {
	s, st := src.said(), src.State
	f, _ := src.Event.Fact.(*incident.SeveritySet)
	if f == nil {
		f = &incident.SeveritySet{Severity: st.Severity, Was: st.Severity, Confirmed: st.Confirmed, Rule: st.Rule}
	}
	key := "severity.confirmed"
	switch {
	case f.Severity.Worse(f.Was):
		key = "severity.raised"
	case f.Was.Worse(f.Severity):
		key = "severity.lowered"
	case f.Rule == incident.UnconfirmedTimeout:
		key = "severity.timeout"
	}
	text := s.say(key, catalog.Args{"emoji": sevEmoji(f.Severity), "id": catalog.Words(st.ID), "sev": sev(f.Severity), "was": sev(f.Was),
		"by": actor(src.Event.Actor), "at": src.clock(src.eventTime())})
	c := Card{Summary: text}
	if !src.Event.Actor.Human() && f.Rule != "" && f.Rule != incident.UnconfirmedTimeout {
		text = join("\n", text, s.say("severity.by-alert", catalog.Args{"rule": catalog.Rule(clip(f.Rule, 120))}))
		if !f.Confirmed {
			text = join(" ", text, s.word("severity.to-confirm"))
		}
	}
	if !f.Reason.Empty() {
		text = join("\n", text, s.say("severity.reason", catalog.Args{"text": catalog.Words(line(f.Reason, incident.MaxReason, s.lang))}))
	}
	owed := f.Asks && st.ReasonOwed != nil && st.ReasonOwed.Seq == src.Event.Seq
	if owed {
		text = join("\n", text, s.say("severity.why", catalog.Args{"command": catalog.Words(src.command())}))
	}
	c.add(Section{Text: text})
	if owed {
		c.add(Actions{[]Element{src.why()}})
	}
	if follows := src.follows(f); len(follows) > 0 {
		c.add(Section{Text: join("\n", append([]catalog.Text{s.word("severity.follows")}, follows...)...)})
	}
	if d := src.due(headlineDue); len(src.promises()) > 0 {
		c.add(Small{d})
	}
	return c
}

// why is the button that opens WhyForm.
func (src Source) why() Button {
	return Button{Action: ActionOpenWhy, Label: src.said().word("button.why"), Value: src.ref("")}
}

// AskWhy is the answer to who raised the severity without a reason: what was done, and the ask.
func AskWhy(src Source, done Card) Card {
	done.add(Section{Text: src.said().say("severity.why", catalog.Args{"command": catalog.Words(src.command())})})
	done.add(Actions{[]Element{src.why()}})
	return done
}

// OfferSeverity adds the way to the form to the answer to who lowered the severity without a reason.
func OfferSeverity(src Source, refused Card) Card {
	refused.add(Actions{[]Element{Button{Action: ActionOpenSev, Label: src.said().word("button.severity"), Value: src.ref("")}}})
	return refused
}

// follows is what the new severity brings about, as the policy has it; nothing when the policy is not bound.
func (src Source) follows(f *incident.SeveritySet) []catalog.Text {
	s, st := src.said(), src.State
	if st.Policy == nil {
		return nil
	}
	r := st.Policy.Rule(f.Severity)
	var out []catalog.Text
	titles := func(keys []string) catalog.List {
		var l catalog.List
		for _, k := range keys {
			l = append(l, catalog.Words(clip(src.target(k), 60)))
		}
		return l
	}
	// Who is told by the severity, and rung in the same moment because customers or regulators are touched, is rung.
	rung, told := slices.Clone(r.PageAtOnce), []string(nil)
	for _, key := range r.Tell {
		t := st.Policy.Target(st.Service, key)
		now := func(p incident.Page) bool { return p.Target == t && p.At.Equal(src.Event.RecordedAt) }
		if !slices.ContainsFunc(st.Pages, now) {
			told = append(told, key)
		} else if !slices.Contains(rung, key) {
			rung = append(rung, key)
		}
	}
	if f.Confirmed && len(rung) > 0 {
		out = append(out, s.say("severity.rung", catalog.Args{"who": titles(rung)}))
	}
	if f.Confirmed && len(told) > 0 {
		out = append(out, s.say("severity.told", catalog.Args{"who": titles(told)}))
	}
	if f.Was.Worse(f.Severity) {
		out = append(out, s.word("severity.standdown"))
	}
	if r.NoLadder {
		out = append(out, s.word("severity.no-ladder"))
	}
	return out
}

// update is a status update: for the room, and for the channel of announcements with what it is about.
func update(src Source) Card {
	s, st := src.said(), src.State
	f, _ := src.Event.Fact.(*incident.UpdatePosted)
	if f == nil {
		f = &incident.UpdatePosted{Text: st.Updates.Text, Next: st.NextAt}
	}
	c := Card{Summary: s.say("update.summary", catalog.Args{"id": catalog.Words(st.ID), "text": catalog.Words(line(f.Text, 200, s.lang))})}
	if f.Text.Empty() {
		c.Summary = s.say("update", catalog.Args{"id": catalog.Words(st.ID), "at": src.clock(src.eventTime()), "by": actor(src.Event.Actor)})
	}
	head := s.say("update", catalog.Args{"id": catalog.Words(st.ID), "at": src.clock(src.eventTime()), "by": actor(src.Event.Actor)})
	if src.Owed.Effect.To == incident.ToIncidents {
		head = join("\n", head, s.say("update.far", catalog.Args{"emoji": sevEmoji(st.Severity), "sev": sev(st.Severity), "title": catalog.Words(src.title(150)), "status": status(st.Status), "room": src.room()}))
	}
	c.add(Section{Text: join("\n", head, catalog.Of(s.lang, catalog.Lines(clipLines(words(f.Text, s.lang), 2500, 60))))})
	next := f.Next
	if d, ok := src.named(incident.DueUpdate); ok && next.IsZero() {
		next = d.Due
	}
	if !next.IsZero() && st.Open() {
		c.add(Small{s.say("update.next", catalog.Args{"at": src.clock(next)})})
	}
	return c
}

// updateMissed asks for the update that did not come. The communications lead, or else the commander, is mentioned: they must act.
func updateMissed(src Source) Card {
	s, st := src.said(), src.State
	f, _ := src.Event.Fact.(*incident.Missed)
	if f == nil {
		f = &incident.Missed{Due: st.MissedAt[incident.DueUpdate], Count: st.Missed[incident.DueUpdate]}
	}
	if f.Due.IsZero() {
		f = &incident.Missed{Due: src.eventTime(), Count: f.Count}
	}
	owes := st.Roles[incident.Comms].Who
	if owes.Zero() {
		owes = st.Roles[incident.Commander].Who
	}
	args := catalog.Args{"id": catalog.Words(st.ID), "due": src.clock(f.Due)}
	key := "update-missed.nobody"
	if !owes.Zero() {
		key, args["who"] = "update-missed", pinged(owes)
	}
	text := s.say(key, args)
	c := Card{Summary: text}
	for _, p := range st.Pages {
		if p.Why == incident.WhyUpdateMissed && (p.Target == f.Asked || f.Asked == "" && p.Round == f.Count-1) && p.Outstanding() {
			text = join("\n", text, s.say("update-missed.count", catalog.Args{"n": catalog.Int(f.Count), "next": catalog.Words(clip(src.target(p.Target), 60))}))
		}
	}
	text = join("\n", text, src.askedNow(f, owes))
	c.add(Section{Text: text})
	if d, ok := src.named(incident.DueUpdate); ok {
		c.add(Small{s.say("update-missed.next", catalog.Args{"at": src.clock(d.Due)})})
	}
	if st.Open() {
		buttons := []Element{Button{Action: ActionOpenUpdate, Label: s.word("button.update"), Value: src.ref(""), Style: Primary}}
		if owes.Zero() {
			buttons = append(buttons, Button{Action: ActionTakeRole, Label: s.word("button.take.comms"), Value: src.ref(string(incident.Comms))})
		}
		c.add(Actions{buttons})
	}
	return c
}

// askedNow names whose turn on the chain it is where no phone rings for it; only they are mentioned.
func (src Source) askedNow(f *incident.Missed, but incident.Person) catalog.Text {
	var names catalog.List
	for _, p := range f.Who {
		if !p.Same(but) && len(names) < maxNamed {
			names = append(names, pinged(p))
		}
	}
	if len(names) == 0 {
		return nil
	}
	return src.said().say("missed.asked", catalog.Args{"who": names})
}

// resolved ends the incident for the room.
func resolved(src Source) Card {
	s, st := src.said(), src.State
	f, _ := src.Event.Fact.(*incident.ResolvedFact)
	if f == nil {
		f = &incident.ResolvedFact{Text: st.Outcome}
	}
	key := "resolved"
	if f.Why == "pagerduty" {
		key = "resolved.pagerduty"
	}
	at := src.eventTime()
	text := s.say(key, catalog.Args{"id": catalog.Words(st.ID), "by": actor(src.Event.Actor), "at": src.clock(at), "took": catalog.Duration(at.Sub(st.DetectedAt))})
	c := Card{Summary: text}
	if !f.Text.Empty() {
		text = join("\n", text, catalog.Of(s.lang, catalog.Lines(clipLines(words(f.Text, s.lang), 1500, 30))))
	}
	c.add(Section{Text: text})
	c.add(Section{Text: s.say("headline.figures", catalog.Args{"figures": src.figures()})})
	small := s.word("resolved.standdown")
	if st.Status == incident.Closed {
		small = join("\n", small, s.word("resolved.closed"))
	}
	owed := src.owed("resolved.owed")
	highest := st.Highest
	if !highest.Valid() {
		highest = st.Severity
	}
	if len(owed) == 0 && st.Status != incident.Closed && st.Policy.Rule(highest).PostMortem {
		small = join("\n", small, s.say("resolved.post-mortem", catalog.Args{"sev": sev(highest)}))
	}
	after := "headline.after"
	if len(owed) > 0 {
		c.add(Section{Text: owed})
		after = "headline.after.owed"
	}
	c.add(Small{join("\n", small, s.say(after, catalog.Args{"command": catalog.Words(src.command())}))})
	return c
}

// cancelled ends the incident as noise.
func cancelled(src Source) Card {
	s, st := src.said(), src.State
	f, _ := src.Event.Fact.(*incident.CancelledFact)
	if f == nil {
		f = &incident.CancelledFact{Reason: st.Outcome}
	}
	text := s.say("cancelled", catalog.Args{"id": catalog.Words(st.ID), "by": actor(src.Event.Actor), "at": src.clock(src.eventTime())})
	c := Card{Summary: text}
	if !f.Reason.Empty() {
		text = join("\n", text, s.say("severity.reason", catalog.Args{"text": catalog.Words(line(f.Reason, incident.MaxReason, s.lang))}))
	}
	c.add(Section{Text: text})
	c.add(Small{s.word("resolved.standdown")})
	return c
}

// reopened takes it up again.
func reopened(src Source) Card {
	s, st := src.said(), src.State
	f, _ := src.Event.Fact.(*incident.Reopened)
	text := s.say("reopened", catalog.Args{"emoji": sevEmoji(st.Severity), "id": catalog.Words(st.ID), "by": actor(src.Event.Actor), "at": src.clock(src.eventTime())})
	c := Card{Summary: text}
	if f != nil && !f.Reason.Empty() {
		text = join("\n", text, s.say("severity.reason", catalog.Args{"text": catalog.Words(line(f.Reason, incident.MaxReason, s.lang))}))
	}
	c.add(Section{Text: text})
	if len(src.promises()) > 0 {
		c.add(Small{src.due(headlineDue)})
	}
	return c
}

// late is the one post for all that could not be said while Slack was away. It is worded from the state, so it is as true as that is.
func late(src Source) Card {
	s, st := src.said(), src.State
	f, _ := src.Event.Fact.(*incident.LatePosts)
	if f == nil {
		f = &incident.LatePosts{}
	}
	head := s.say("late", catalog.Args{"from": src.clock(f.From), "to": src.clock(f.To)})
	if f.From.IsZero() || f.To.IsZero() {
		head = s.word("late.bare")
	}
	c := Card{Summary: head}
	var what []catalog.Text
	during := func(t time.Time) bool { return !t.IsZero() && !t.Before(f.From) && !t.After(f.To) }
	more := 0
	for _, p := range st.Pages {
		switch {
		case !during(rungAt(p)) || neverRang(p): // no phone rang
		case len(what) == maxNamed:
			more++
		default:
			what = append(what, s.say("late.rung", catalog.Args{"who": src.rungPerson(p, false), "at": src.clock(rungAt(p))}))
		}
	}
	if more > 0 {
		what = append(what, s.say("and-more", catalog.Args{"n": catalog.Int(more)}))
	}
	if during(st.AcknowledgedAt) {
		what = append(what, s.say("late.acked", catalog.Args{"who": who(st.AcknowledgedBy), "at": src.clock(st.AcknowledgedAt)}))
	} else if during(st.Ladder.AcceptedAt) {
		what = append(what, s.say("late.acked", catalog.Args{"who": who(st.Ladder.AcceptedBy), "at": src.clock(st.Ladder.AcceptedAt)}))
	}
	if during(st.Progress.At) {
		what = append(what, s.say("late.progress", catalog.Args{"at": src.clock(st.Progress.At), "who": who(st.Progress.By), "text": catalog.Words(line(st.Progress.Text, 200, s.lang))}))
	}
	if during(st.MitigatedAt) {
		what = append(what, s.say("late.mitigated", catalog.Args{"at": src.clock(st.MitigatedAt)}))
	}
	if during(st.EndedAt) {
		what = append(what, s.say("late."+string(st.Status), catalog.Args{"at": src.clock(st.EndedAt)}))
	}
	if len(what) == 0 {
		c.add(Section{Text: join("\n", head, s.word("late.quiet"))})
	} else {
		c.add(Section{Text: join("\n", head, s.say("late.what", catalog.Args{"what": join(", ", what...)}))})
	}
	if len(f.Effects) > 0 {
		c.add(Small{s.say("late.folded", catalog.Args{"n": catalog.Int(len(f.Effects))})})
	}
	return c
}

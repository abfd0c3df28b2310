package view

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// How much of outside words a headline shows, in characters, so that it stays a headline and within what Slack takes.
const (
	headlineTitle   = 110 // of a header's 150
	headlinePages   = 5   // the latest
	headlineDue     = 3   // the earliest
	headlineTold    = 6
	headlineRunbook = 3
	headlineHeld    = 5 // operations on hold when it is over
)

// headline is the pinned card: always true, edited in place, mentions nobody.
func headline(src Source) Card {
	if !src.State.Open() {
		return headlineOver(src)
	}
	s, st := src.said(), src.State
	c := Card{Summary: s.say("headline.summary", catalog.Args{"sev": sev(st.Severity), "id": catalog.Words(st.ID), "title": catalog.Words(src.title(150)),
		"status": capital(s.word("status." + string(st.Status))), "commander": src.commander()})}
	c.add(Header{headlineTitleText(src, "headline.title")})
	c.add(Section{Text: join("\n", src.longTitle(), src.standing(), src.captured())})
	if boards := src.dashboards(); len(boards) > 0 {
		c.add(Small{boards})
	}
	if split := src.splitButtons(); len(split) > 0 {
		c.add(Actions{split})
	}
	if st.Private != nil {
		c.add(Small{s.say("private.headline", catalog.Args{"page": catalog.Term("private.page"), "command": catalog.Words(src.command())})})
	}
	if !st.Confirmed {
		c.add(Section{Text: s.say("headline.unconfirmed", catalog.Args{"sev": sev(st.Severity), "rule": catalog.Rule(clip(st.Rule, 120))})})
		c.add(Actions{[]Element{
			Button{Action: ActionConfirmSev, Label: s.say("button.confirm", catalog.Args{"sev": sev(st.Severity)}), Value: src.ref(strconv.Itoa(int(st.Severity))), Style: Primary},
			Button{Action: ActionOpenSev, Label: s.word("button.less"), Value: src.ref("")},
		}})
	}
	if _, asked := st.Slots[incident.SlotQuestion(incident.QuestionAttack)]; !asked { // else a card of its own asks
		c.Blocks = append(c.Blocks, src.attackBlocks()...)
	}
	c.Blocks = append(c.Blocks, src.impactBlocks()...)
	c.add(Section{Text: src.roles()})
	if take := src.takeButtons(); len(take) > 0 {
		c.add(Actions{take})
	}
	c.add(Section{Text: join("\n", src.due(headlineDue), src.clocks(headlineClocks), src.rung(), src.told(), src.unsure(), src.dead())})
	if work := join("\n", src.lastProgress(), src.runbooks(), src.stepsWaiting(), src.moments()); len(work) > 0 {
		c.add(Small{work})
	}
	c.add(Actions{src.headlineButtons()})
	return c
}

// headlineOver is what the headline becomes when the incident is over.
func headlineOver(src Source) Card {
	s, st := src.said(), src.State
	var c Card
	title := headlineTitleText(src, "headline.title."+string(st.Status))
	c.Summary = title
	c.add(Header{title})
	text := join("\n", src.longTitle(), src.statusSince())
	if st.Merged != nil {
		text = join("\n", text, s.say("headline.into", catalog.Args{"into": catalog.Words(st.Merged.Into), "room": src.mergedRoom()}))
	}
	if !st.Outcome.Empty() {
		text = join("\n", text, catalog.Of(s.lang, catalog.Lines(clipLines(words(st.Outcome, s.lang), 1000, 12))))
	}
	c.add(Section{Text: text})
	c.add(Section{Text: src.roles()})
	if well(st) {
		if f := src.figures(); len(f) > 0 {
			c.add(Section{Text: s.say("headline.figures", catalog.Args{"figures": f})})
		}
	}
	if held := src.frozen(headlineHeld); len(held) > 0 {
		c.add(Section{Text: join("\n", held, s.say("freeze.how", catalog.Args{"command": catalog.Words(src.command())}))})
	}
	owed := "headline.owed"
	if st.Status == incident.Resolved {
		owed += ".close"
	}
	after := "headline.after"
	if o := src.owed(owed); len(o) > 0 {
		c.add(Section{Text: o})
		after = "headline.after.owed"
	}
	c.add(Small{s.say(after, catalog.Args{"command": catalog.Words(src.command())})})
	buttons := []Element{Button{Action: ActionReopen, Label: s.word("button.reopen"), Value: src.ref("")}}
	if st.Status == incident.Resolved && len(st.Unfinished()) == 0 { // what only a person knows to be done
		buttons = append(buttons, Button{Action: ActionClose, Label: s.word("button.close"), Value: src.ref("")})
	}
	c.add(Actions{buttons})
	return c
}

func headlineTitleText(src Source, key string) catalog.Text {
	st := src.State
	args := catalog.Args{"emoji": sevEmoji(st.Severity), "sev": sev(st.Severity), "id": catalog.Words(st.ID), "title": catalog.Words(src.title(headlineTitle))}
	return src.said().say(key, args)
}

// longTitle is the whole title where the header had to shorten it.
func (src Source) longTitle() catalog.Text {
	if full := src.title(incident.MaxTitle); full != src.title(headlineTitle) {
		return catalog.Text{{S: full}}
	}
	return nil
}

// statusSince is the status of an open or ended incident and since when: "Investigating since 03:06".
func (src Source) statusSince() catalog.Text {
	st := src.State
	at := st.MitigatedAt
	if !st.Open() {
		at = st.EndedAt
	}
	return src.said().say("headline."+string(st.Status), catalog.Args{"since": src.clock(st.DetectedAt), "at": src.clock(at), "took": catalog.Duration(at.Sub(st.DetectedAt)), "closed": dateClock(st.ClosedAt)})
}

// service names the incident's service, with the team whose it is where the policy says so (key and ".team").
func (src Source) service(key string) catalog.Text {
	st := src.State
	args := catalog.Args{"service": catalog.Words(clip(st.Service, 60))}
	if st.Policy != nil {
		if team := st.Policy.Services[st.Service].Team; team != "" {
			key, args["team"] = key+".team", catalog.Words(clip(team, 60))
		}
	}
	return src.said().say(key, args)
}

// Bounds of what a headline shows of dashboards: a context block takes 2000 characters, and a link cut short leads nowhere.
const (
	headlineBoards = 3
	maxBoardTitle  = 40
	maxBoardURL    = 500
)

// dashboards are links to the first dashboards of the incident's service; only addresses of the web become links.
func (src Source) dashboards() catalog.Text {
	st := src.State
	if st.Policy == nil || st.Service == "" {
		return nil
	}
	var links catalog.List
	for _, l := range st.Policy.Services[st.Service].Dashboards {
		if len(links) == headlineBoards {
			break
		}
		if len(l.URL) <= maxBoardURL && catalog.IsLink(l.URL) {
			links = append(links, catalog.URL{Label: clip(l.Title, maxBoardTitle), URL: l.URL})
		}
	}
	if len(links) == 0 {
		return nil
	}
	return src.said().say("headline.dashboards", catalog.Args{"links": links})
}

// standing is status, since when, service and alerts.
func (src Source) standing() catalog.Text {
	s, st := src.said(), src.State
	parts := []catalog.Text{src.statusSince()}
	if st.Service != "" {
		parts = append(parts, src.service("headline.service"))
	}
	if st.Storm != nil {
		return join("\n", join(" · ", parts...), src.storm())
	}
	all, _ := st.Groups()
	for i, a := range st.Alerts {
		if i == 2 {
			parts = append(parts, s.say("headline.alerts.more", catalog.Args{"n": catalog.Int(all - i)}))
			break
		}
		key := "headline.alert"
		if a.Firing+a.Truncated == 0 {
			key = "headline.alert.over"
		}
		parts = append(parts, s.say(key, catalog.Args{"name": catalog.Words(clip(a.Name, 60)), "n": catalog.Int(a.Firing + a.Truncated)}))
	}
	if len(st.Absorbed) > 0 {
		var ids catalog.List
		for _, id := range st.Absorbed[:min(len(st.Absorbed), 5)] {
			ids = append(ids, catalog.Words(id))
		}
		parts = append(parts, s.say("headline.absorbed", catalog.Args{"ids": ids}))
	}
	if st.Reopens > 0 {
		parts = append(parts, s.say("headline.reopened", catalog.Args{"n": catalog.Int(st.Reopens)}))
	}
	return join(" · ", parts...)
}

// stormServices is how many services a storm's headline names.
const stormServices = 8

// stormKeys are the services a storm holds groups of, the most first.
func stormKeys(st incident.State) []string {
	return slices.SortedFunc(maps.Keys(st.Storm.Services), func(a, b string) int {
		return cmp.Or(cmp.Compare(st.Storm.Services[b], st.Storm.Services[a]), cmp.Compare(a, b))
	})
}

// storm says how many alert groups one incident holds, and of which services, the most first.
func (src Source) storm() catalog.Text {
	s, st := src.said(), src.State
	_, firing := st.Groups()
	keys := stormKeys(st)
	var list []catalog.Text
	rest := 0
	for _, k := range keys {
		if k == "" || len(list) == stormServices {
			rest += st.Storm.Services[k]
			continue
		}
		list = append(list, s.say("storm.service", catalog.Args{"service": catalog.Words(clip(k, 40)), "n": catalog.Int(st.Storm.Services[k])}))
	}
	if rest > 0 {
		list = append(list, s.say("storm.rest", catalog.Args{"n": catalog.Int(rest)}))
	}
	text := s.say("storm", catalog.Args{"n": catalog.Int(st.Storm.Groups), "firing": catalog.Int(firing)})
	if len(list) > 0 {
		text = join("\n", text, join(" · ", list...))
	}
	return join("\n", text, s.say("storm.split", catalog.Args{"command": catalog.Words(src.command())}))
}

// roles says who holds what. A room where nobody scribes is told that the bot records.
func (src Source) roles() catalog.Text {
	s := src.said()
	var parts []catalog.Text
	for _, r := range incident.Roles {
		h := src.State.Roles[r]
		key := "headline." + string(r)
		switch {
		case h.Who.Zero():
			key += ".nobody"
		case h.Acting && r == incident.Commander:
			key += ".acting"
		}
		parts = append(parts, s.say(key, catalog.Args{"who": who(h.Who)}))
	}
	return join("   ", parts...)
}

// takeButtons offers the roles nobody holds, the scribe's excepted: the bot records.
func (src Source) takeButtons() []Element {
	var out []Element
	for _, r := range []incident.Role{incident.Commander, incident.Comms} {
		if src.State.Roles[r].Who.Zero() {
			out = append(out, Button{Action: ActionTakeRole, Label: src.said().word("button.take." + string(r)), Value: src.ref(string(r))})
		}
	}
	return out
}

// due words the earliest deadlines, one per line.
func (src Source) due(max int) catalog.Text {
	list := src.promises()
	if len(list) == 0 {
		return src.said().word("due.nothing")
	}
	var parts []catalog.Text
	for i, d := range list {
		if i == max {
			break
		}
		parts = append(parts, src.deadline(d))
	}
	return join("\n", parts...)
}

// promises are the deadlines that people are held to. That PagerDuty must take a page is Tocsin's own business until it fails; obligations
// are worded by themselves.
func (src Source) promises() []incident.Deadline {
	return slices.DeleteFunc(slices.Clone(src.Deadlines), func(d incident.Deadline) bool {
		return d.Name == incident.DueRing || d.Name == incident.DueRecall || d.Name == incident.DueObligation || d.Name == incident.DueHandOverLong || d.Name == incident.DueReader
	})
}

// deadline words one deadline: what must happen by when, and what follows if it does not.
func (src Source) deadline(d incident.Deadline) catalog.Text {
	s := src.said()
	if t, over := src.overDue(d); over {
		return t
	}
	key := "due." + d.Name
	if !catalog.Has(key) {
		key = "due.unknown"
	}
	t := s.say(key, catalog.Args{"at": src.clock(d.Due), "name": catalog.Words(clip(d.Name, 40)), "level": catalog.Words(src.level(d.Level))})
	if d.Next == "" || d.Name == incident.DueConfirm || d.Name == incident.DueRestart || d.Name == incident.DueParked {
		return t
	}
	follows := "due.else.ring"
	switch d.Name {
	case incident.DueComms:
		follows = "due.else.ask"
	case incident.DueTake:
		follows = "due.else.told"
	case incident.DueReview:
		follows = "due.then.ring"
	case incident.DueFirstPage:
		follows = "due.else.tocsin-rings"
	}
	if _, passes := src.passes(d); passes {
		follows = "due.else.passes"
	}
	args := catalog.Args{"next": src.next(d)}
	if all := src.impactTargets(); d.Name == incident.DueImpact && len(all) > 0 {
		if args["next"] = all; len(all) > 1 {
			follows = "due.else.ring.many"
		}
	}
	return join("", t, s.say(follows, args))
}

// overDue words what is due of what cleared with nobody answering: who is being rung meanwhile, whatever for, is never called quiet.
func (src Source) overDue(d incident.Deadline) (catalog.Text, bool) {
	st := src.State
	if st.RecoveredAt.IsZero() || d.Name != incident.DueReview && d.Name != incident.DueRestart {
		return nil, false
	}
	s, args := src.said(), catalog.Args{"at": src.clock(d.Due), "next": catalog.Words(clip(src.target(d.Next), 60))}
	ringing := slices.DeleteFunc(slices.Clone(st.Pages), func(p incident.Page) bool {
		return p.Foreign || p.Status != incident.PageOwed && p.Status != incident.PageSent
	})
	switch {
	case len(ringing) > 0:
		args["who"] = src.rungPeople(ringing, false)
		return s.say("due.review.rung", args), true
	case d.Name == incident.DueRestart && d.Next != "":
		return s.say("due.restart.recovered", args), true
	}
	return nil, false
}

// level is what a rung of the ladder is called: the policy's name, else "L2".
func (src Source) level(n int) string {
	if p := src.State.Policy; p != nil && n >= 1 && n <= len(p.Ladder) && p.Ladder[n-1].Name != "" {
		return clip(p.Ladder[n-1].Name, 40)
	}
	return "L" + strconv.Itoa(n)
}

// rung says who was rung when, the latest first, and who acknowledged.
func (src Source) rung() catalog.Text {
	s, st := src.said(), src.State
	shown, more := src.shownPages()
	var pages []catalog.Text
	for _, p := range shown {
		pages = append(pages, src.page(p))
	}
	if more > 0 {
		pages = append(pages, s.say("headline.pages.more", catalog.Args{"n": catalog.Int(more)}))
	}
	var out catalog.Text
	if len(pages) > 0 {
		out = s.say("headline.pages", catalog.Args{"pages": join(" · ", pages...)})
	}
	var waited []incident.Page
	for _, p := range shown {
		if p.Status == incident.PageOwed || p.Status == incident.PageSent {
			waited = append(waited, p)
		}
	}
	out = join("\n", out, src.staleRoster("roster.old", waited...))
	if !st.AcknowledgedAt.IsZero() && !src.ackShown() {
		out = join("\n", out, s.say("headline.acknowledged", catalog.Args{"who": who(st.AcknowledgedBy), "at": src.clock(st.AcknowledgedAt)}))
	}
	if st.Ladder.Exhausted {
		out = join("\n", out, s.word("headline.exhausted"))
	}
	return out
}

// shownPages are the pages a headline names, the latest first, and how many older ones it does not. Closed pages are named only while
// no other is: who was stood down hours ago is the timeline's business.
func (src Source) shownPages() (shown []incident.Page, more int) {
	all := slices.DeleteFunc(slices.Clone(src.State.Pages), func(p incident.Page) bool { return p.Status == incident.PageClosed })
	if len(all) == 0 {
		all = slices.Clone(src.State.Pages)
	}
	slices.Reverse(all)
	n := min(len(all), headlinePages)
	return all[:n], len(all) - n
}

// page says who one page is for and where it stands: "Lea (on-call) rung 03:07, acknowledged".
func (src Source) page(p incident.Page) catalog.Text {
	s := src.said()
	state := "page." + p.Status
	if !catalog.Has(state) {
		state = "page.sent"
	}
	acked, at := src.answeredAt(p), rungAt(p)
	switch {
	case !acked.IsZero() && neverRang(p):
		state = "page.answered.unrung"
	case !acked.IsZero():
		state = "page.answered.at"
	case p.Status == incident.PageOwed && !p.StuckAt.IsZero():
		state = "page.stuck"
	case p.Status == incident.PageClosed && neverRang(p):
		state = "page.never"
	}
	return s.say("headline.page", catalog.Args{"who": src.rungPerson(p, false), "state": s.say(state, catalog.Args{"at": src.clock(at), "acked": src.clock(acked)})})
}

// neverRang reports whether PagerDuty never took a page of ours: it may have been answered in Slack meanwhile.
func neverRang(p incident.Page) bool {
	return !p.Foreign && p.SentAt.IsZero()
}

// answeredAt is when a page was acknowledged, where the state knows: the first acknowledgement and the present level's are kept.
func (src Source) answeredAt(p incident.Page) time.Time {
	st := src.State
	switch {
	case p.Status != incident.PageAnswered:
		return time.Time{}
	case p.Person.Same(st.AcknowledgedBy) && !st.AcknowledgedAt.Before(p.At):
		return st.AcknowledgedAt
	case p.Person.Same(st.Ladder.AcceptedBy) && !st.Ladder.AcceptedAt.Before(p.At):
		return st.Ladder.AcceptedAt
	}
	return p.AnsweredAt
}

// ackShown reports whether the first acknowledgement already stands beside a page that is shown.
func (src Source) ackShown() bool {
	shown, _ := src.shownPages()
	return slices.ContainsFunc(shown, func(p incident.Page) bool {
		return p.Person.Same(src.State.AcknowledgedBy) && src.answeredAt(p).Equal(src.State.AcknowledgedAt)
	})
}

// rungPerson names the person a page rings with the target's title, or the target alone when the roster does not know who.
func (src Source) rungPerson(p incident.Page, ping bool) catalog.Text {
	title := clip(src.target(p.Target), 60)
	if p.Person.Zero() {
		if title == "" {
			return src.said().word("system.unknown")
		}
		return catalog.Text{{S: title}}
	}
	c := person(p.Person)
	c.Ping = ping
	if title == "" {
		return catalog.Of(src.language(), c)
	}
	return src.said().say("person.as", catalog.Args{"who": c, "title": catalog.Words(title)})
}

// commander is "commander Léa", or "no commander".
func (src Source) commander() catalog.Text {
	h := src.State.Roles[incident.Commander]
	if h.Who.Zero() {
		return src.said().word("commander.nobody")
	}
	return src.said().say("commander.who", catalog.Args{"who": person(h.Who)})
}

// dead says that something essential was refused for good.
func (src Source) dead() catalog.Text {
	if len(src.State.Dead) == 0 {
		return nil
	}
	return src.said().say("headline.dead", catalog.Args{"n": catalog.Int(len(src.State.Dead)), "id": catalog.Words(src.State.ID)})
}

// unsure names those who may not have been reached.
func (src Source) unsure() catalog.Text {
	if len(src.State.Unsure) == 0 || !src.State.Open() {
		return nil
	}
	var list catalog.List
	for _, p := range src.State.Unsure[:min(len(src.State.Unsure), headlineTold)] {
		list = append(list, person(p))
	}
	return src.said().say("headline.unsure", catalog.Args{"who": list})
}

// told says who knows of it without having been called. Who was told first and rung later is no longer one of them.
func (src Source) told() catalog.Text {
	var list catalog.List
	for _, key := range src.State.Told {
		if slices.ContainsFunc(src.State.Pages, func(p incident.Page) bool { return p.Target == key }) {
			continue
		}
		if len(list) == headlineTold {
			list = append(list, catalog.Words("…"))
			break
		}
		list = append(list, catalog.Words(clip(src.target(key), 60)))
	}
	if len(list) == 0 {
		return nil
	}
	return src.said().say("headline.told", catalog.Args{"who": list})
}

func (src Source) lastProgress() catalog.Text {
	p := src.State.Progress
	if p.At.IsZero() {
		return nil
	}
	return src.said().say("headline.progress", catalog.Args{"at": src.clock(p.At), "who": who(p.By), "text": catalog.Words(line(p.Text, 200, src.language()))})
}

func (src Source) headlineButtons() []Element {
	s, st := src.said(), src.State
	var out []Element
	if src.waiting() {
		label := "button.ack"
		if !st.AcknowledgedAt.IsZero() {
			label = "button.take" // the level above is being rung
		}
		out = append(out, Button{Action: ActionAck, Label: s.word(label), Value: src.ref(""), Style: Primary})
	}
	for _, b := range []struct{ action, label string }{
		{ActionOpenProgress, "button.progress"}, {ActionOpenSev, "button.severity"}, {ActionOpenUpdate, "button.update"},
		{ActionOpenRunbook, "button.runbook"}, {ActionOpenResolve, "button.resolve"},
	} {
		out = append(out, Button{Action: b.action, Label: s.word(b.label), Value: src.ref("")})
	}
	var more []Option
	if st.Status != incident.Mitigated {
		more = append(more, Option{Label: s.word("button.mitigated"), Value: ActionMitigated})
		if st.Ladder.MoreTime == 0 {
			more = append(more, Option{Label: s.say("button.more-time.menu", catalog.Args{"d": src.moreTime()}), Value: ActionMoreTime})
		}
	} else {
		more = append(more, Option{Label: s.word("button.worse"), Value: ActionReopen})
	}
	more = append(more,
		Option{Label: s.word("button.help"), Value: ActionSendHelp},
		Option{Label: s.word("button.role"), Value: ActionOpenRole},
		Option{Label: s.word("button.cancel"), Value: ActionOpenCancel},
	)
	more = append(more, src.momentOptions(maxOverflow-len(more))...)
	return append(out, Overflow{Action: ActionMore, Value: src.ref(""), Options: more})
}

// waiting reports whether somebody is still to take what was sent for: the incident itself, or the level rung above.
func (src Source) waiting() bool {
	st := src.State
	return st.AcknowledgedAt.IsZero() || (st.Ladder.Level > 0 || !st.Answered()) && st.Ladder.AcceptedAt.IsZero() && (st.Status != incident.Mitigated || st.Ladder.Why == incident.WhyParked)
}

// moreTime is what "+15 min" adds.
func (src Source) moreTime() catalog.Duration {
	if p := src.State.Policy; p != nil && p.MoreTime > 0 {
		return catalog.Duration(p.MoreTime)
	}
	return catalog.Duration(15 * time.Minute)
}

// figures are the times of the incident that are known, all counted from detection.
func (src Source) figures() catalog.Text {
	s, st := src.said(), src.State
	var parts []catalog.Text
	after := func(key string, at time.Time) {
		if !at.IsZero() && !at.Before(st.DetectedAt) {
			parts = append(parts, s.say(key, catalog.Args{"d": catalog.Duration(at.Sub(st.DetectedAt))}))
		}
	}
	if st.AcknowledgedAt.IsZero() {
		parts = append(parts, s.word("figure.never-acknowledged"))
	}
	after("figure.acknowledged", st.AcknowledgedAt)
	if !st.MitigatedAt.Equal(st.EndedAt) { // equal: nobody said so before it was resolved
		after("figure.mitigated", st.MitigatedAt)
	}
	return join(", ", parts...)
}

func (c *Card) add(b Block) { c.Blocks = append(c.Blocks, b) }

func join(sep string, parts ...catalog.Text) catalog.Text { return catalog.Join(sep, parts...) }

// words is a free text as written; an erased one says so.
func words(t incident.Text, lang string) string {
	if t.Body == "" && t.Digest != "" {
		return catalog.Word(lang, "erased")
	}
	return t.Body
}

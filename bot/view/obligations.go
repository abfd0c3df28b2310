package view

import (
	"cmp"
	"slices"
	"strings"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// How much of obligations a card shows.
const (
	headlineClocks = 3
	overOwed       = 6
	listOwed       = 24
)

// dutyTitle is what a duty is called: the policy's title, the question, the action's words, else its key.
func (src Source) dutyTitle(d incident.Duty) string {
	lang := src.language()
	if q, ok := src.State.Policy.Question(d.Question); ok {
		if t := titled(q.Ask, lang); t != "" {
			return clip(t, 200)
		}
	}
	if d.Why == incident.BeginsAction {
		return line(d.Text, 200, lang)
	}
	if o, ok := src.State.Policy.Obligation(d.Of); ok {
		if t := titled(o.Title, lang); t != "" {
			return clip(t, 80)
		}
	}
	if t := src.clockTitle(d); t != "" {
		return t
	}
	return clip(d.Key, 60)
}

func titled(words map[string]string, lang string) string {
	return cmp.Or(words[lang], words[catalog.English])
}

// duty words one running duty: what, by when, who sees to it.
func (src Source) duty(d incident.Duty) catalog.Text {
	s := src.said()
	key := "duty"
	if !src.Now.IsZero() && !src.Now.Before(d.Due) {
		key = "duty.overdue"
	}
	if d.Due.IsZero() && d.Clock != "" {
		return src.owned(src.untimed(d), d)
	}
	t := s.say(key, catalog.Args{"title": capital(catalog.Of(s.lang, catalog.Words(src.dutyTitle(d)))), "at": dateClock(d.Due)})
	return src.owned(t, d)
}

// owned adds who sees to a duty.
func (src Source) owned(t catalog.Text, d incident.Duty) catalog.Text {
	if d.Owner.Zero() {
		return t
	}
	return src.said().say("duty.owner", catalog.Args{"duty": t, "who": person(d.Owner)})
}

// clocks are the legal clocks and those of runbooks that run, the nearest first; a question is asked by its own card.
func (src Source) clocks(max int) catalog.Text {
	s := src.said()
	var out catalog.Text
	n := 0
	for _, d := range src.State.Owing() {
		if d.Question != "" || !d.Legal && !d.Response && d.Clock == "" {
			continue
		}
		if n++; n <= max {
			out = join("\n", out, s.say("duty.line", catalog.Args{"duty": src.duty(d)}))
		}
	}
	return out
}

// owed is what is still owed when the incident is over, one per line under a heading.
func (src Source) owed(heading string) catalog.Text {
	s := src.said()
	all := src.State.Owing()
	if len(all) == 0 {
		return nil
	}
	out := s.word(heading)
	for i, d := range all {
		if i == overOwed {
			out = join("\n", out, s.say("duty.more", catalog.Args{"n": catalog.Int(len(all) - i), "command": catalog.Words(src.command())}))
			break
		}
		out = join("\n", out, s.say("duty.line", catalog.Args{"duty": src.duty(d)}))
	}
	return out
}

// legalTopic is the nearest legal clock in the topic, empty when none runs: by its end, with date and zone, as a topic holds none of Slack's
// date tokens. Hours left were left out: between two changes of the topic they are wrong and look true, and to keep them true would be an event
// and a call each hour for each such incident. The headline and the reminders tell the end in the reader's own zone.
func (src Source) legalTopic() catalog.Text {
	for _, d := range src.State.Owing() {
		if d.Legal && d.Question == "" {
			return src.said().say("topic.legal", catalog.Args{"title": catalog.Words(clip(src.dutyTitle(d), 60)), "at": dateClock(d.Due)})
		}
	}
	return nil
}

// moments are the timed points of the incident, in their order.
func (src Source) moments() catalog.Text {
	s := src.said()
	list := slices.Clone(src.State.Moments)
	slices.SortStableFunc(list, func(a, b incident.Moment) int { return a.At.Compare(b.At) })
	if len(list) > 6 {
		list = list[len(list)-6:]
	}
	var parts []catalog.Text
	for _, m := range list {
		parts = append(parts, s.say("headline.moment", catalog.Args{"moment": momentName(m.Name), "at": src.clock(m.At)}))
	}
	return capital(join(" · ", parts...))
}

// momentName is what a moment is called; one of a person's own is shown as they called it.
func momentName(name string) catalog.Arg {
	if key := "moment." + name; catalog.Has(key) {
		return catalog.Term(key)
	}
	return catalog.Words(strings.ReplaceAll(clip(name, 40), "-", " "))
}

// dutyOf is the duty an effect is about.
func (src Source) dutyOf() incident.Duty {
	key := src.Owed.Effect.Arg
	switch f := src.Event.Fact.(type) {
	case *incident.ObligationBegun:
		key = f.Key
	case *incident.ObligationReminded:
		key = f.Key
	case *incident.ObligationEnded:
		key = f.Key
	}
	d, ok := src.State.Duty(key)
	if !ok {
		d = incident.Duty{Key: clip(key, 60)}
	}
	return d
}

// law is where a legal clock is written.
func (src Source) law(d incident.Duty) catalog.Text {
	s := src.said()
	if !d.Legal || d.Question != "" {
		return nil
	}
	if o, ok := src.State.Policy.Obligation(d.Of); ok {
		if law := cmp.Or(titled(o.Laws, s.lang), o.Law); law != "" {
			return s.say("duty.legal", catalog.Args{"law": catalog.Words(clip(law, 120))})
		}
	}
	return s.word("duty.law")
}

// dutyWhy words what began a duty.
func (src Source) dutyWhy(d incident.Duty) catalog.Text {
	s := src.said()
	if q, v, is := strings.Cut(d.Why, "="); is {
		v, about, _ := strings.Cut(v, ":")
		question := clip(q, 40)
		if p, ok := src.State.Policy.Question(q); ok {
			question = cmp.Or(clip(titled(p.Ask, s.lang), 200), question)
		}
		a := incident.Answer{Question: q, Value: v}
		if about != "" {
			a.Concerns = []string{about}
		}
		if said, ok := src.State.Answer(q); ok && said.Value == v {
			a = said
		}
		return s.say("duty.why.answer", catalog.Args{"answer": src.answered(a), "question": catalog.Words(question)})
	}
	if m, is := strings.CutPrefix(d.Why, "moment "); is {
		return s.say("duty.why.moment", catalog.Args{"moment": momentName(m)})
	}
	if x, is := strings.CutPrefix(d.Why, "done "); is {
		other, _ := src.State.Duty(x)
		if other.Key == "" {
			other.Key = x
		}
		return s.say("duty.why.done", catalog.Args{"title": catalog.Words(src.dutyTitle(other))})
	}
	return catalog.Of(s.lang, term("duty.why.", clip(d.Why, 40)))
}

// obligation says that a legal clock began, or reminds those whose turn it is: in the room and by direct message.
func obligation(src Source) Card {
	if f, is := src.Event.Fact.(*incident.ObligationReminded); is && len(f.Along) > 0 {
		return reminders(src, f)
	}
	s, st := src.said(), src.State
	d := src.dutyOf()
	switch {
	case d.Question != "":
		return src.reminded(question(src), d)
	case d.Clock != "" && d.Of == "":
		return clockCard(src, d)
	case d.Due.IsZero():
		return src.owedUnknown()
	}
	f, remind := src.Event.Fact.(*incident.ObligationReminded)
	key := "duty.begun"
	switch {
	case remind && f.Overdue:
		key = "duty.remind.overdue"
	case remind:
		key = "duty.remind"
	}
	head := s.say(key, catalog.Args{"id": catalog.Words(st.ID), "title": catalog.Words(src.dutyTitle(d)), "at": dateClock(d.Due)})
	c := Card{Summary: head}
	text := head
	if !remind && d.Why != incident.BeginsAction {
		begun, _ := src.Event.Fact.(*incident.ObligationBegun)
		if begun != nil && begun.Brought != "" {
			text = join("\n", text, s.say("duty.begun.moved", catalog.Args{"from": catalog.Words(begun.Brought), "since": dateClock(d.From)}))
		} else {
			text = join("\n", text, s.say("duty.begun.why", catalog.Args{"why": src.dutyWhy(d), "from": dateClock(d.From)}))
		}
	}
	c.add(Section{Text: join("\n", text, capital(src.law(d)))})
	c = src.reminded(c, d)
	c.add(src.subject())
	c.add(Actions{src.dutyButtons(d)})
	return c
}

// owedUnknown is what is said of an obligation that the state does not know.
func (src Source) owedUnknown() Card {
	return one(src.said().say("duty.unknown", catalog.Args{"id": catalog.Words(src.State.ID), "command": catalog.Words(src.command())}))
}

// reminded adds to a reminder whose turn it is, and when the next one comes. In the room they are mentioned: they must act.
func (src Source) reminded(c Card, d incident.Duty) Card {
	f, ok := src.Event.Fact.(*incident.ObligationReminded)
	if !ok {
		return c
	}
	s := src.said()
	turn := s.word("duty.remind.nobody")
	if len(f.Who) > 0 {
		var list catalog.List
		for _, p := range f.Who {
			list = append(list, pinged(p))
		}
		turn = s.say("duty.remind.who", catalog.Args{"who": list})
	}
	if !f.Next.IsZero() && d.Running() {
		turn = join("\n", turn, s.say("duty.remind.next", catalog.Args{"at": dateClock(f.Next)}))
	}
	c.add(Small{turn})
	return c
}

// dutyButtons are what can be done with a duty.
func (src Source) dutyButtons(d incident.Duty) []Element {
	s := src.said()
	var out []Element
	if ref, ok := src.sentStepOf(d); ok {
		out = append(out, Button{Action: ActionStepSent, Label: s.word("button.notice"), Value: ref, Style: Primary})
	} else if o, _ := src.State.Policy.Obligation(d.Of); o.Notice != "" {
		out = append(out, Button{Action: ActionOpenNotice, Label: s.word("button.notice"), Value: src.ref(o.Notice), Style: Primary})
	} else {
		out = append(out, Button{Action: ActionDutyDone, Label: s.word("button.duty.done"), Value: src.ref(d.Key), Style: Primary})
	}
	if d.Owner.Zero() {
		out = append(out, Button{Action: ActionDutyTake, Label: s.word("button.duty.take"), Value: src.ref(d.Key)})
	}
	return append(out, Button{Action: ActionDutyDrop, Label: s.word("button.duty.drop"), Value: src.ref(d.Key)})
}

// obligationEnded says how a legal clock ended, with its evidence.
func obligationEnded(src Source) Card {
	s, st := src.said(), src.State
	d := src.dutyOf()
	if d.Due.IsZero() || d.EndedAt.IsZero() {
		return src.owedUnknown()
	}
	key := "duty.met"
	switch d.How {
	case incident.EndedDropped:
		key = "duty.dropped"
	case incident.EndedWithdrawn, incident.EndedResponse:
		key = "duty.withdrawn"
	case incident.EndedMoved:
		if st.Merged != nil {
			key = "duty.moved"
		} else {
			key = "duty.withdrawn"
		}
	}
	text := s.say(key, catalog.Args{"id": catalog.Words(st.ID), "title": catalog.Words(src.dutyTitle(d)), "by": who(d.EndedBy), "at": dateClock(d.EndedAt), "due": dateClock(d.Due), "into": src.into()})
	c := Card{Summary: text}
	if !d.Outcome.Empty() {
		text = join("\n", text, s.say("duty.evidence", catalog.Args{"text": catalog.Words(line(d.Outcome, 600, s.lang))}))
	}
	c.add(Section{Text: text})
	return c
}

// question is the card of a question of the policy: its answers to press, then what was answered, by whom.
func question(src Source) Card {
	s, st := src.said(), src.State
	name := src.questionOf()
	if name == incident.QuestionAttack {
		return attack(src)
	}
	ask := clip(name, 60)
	if ask == "" {
		return src.owedUnknown()
	}
	if q, ok := st.Policy.Question(name); ok {
		ask = cmp.Or(clip(titled(q.Ask, s.lang), 200), ask)
	}
	head := s.say("question", catalog.Args{"id": catalog.Words(st.ID), "question": catalog.Words(ask)})
	c := Card{Summary: head}
	if a, ok := st.Answer(name); ok {
		text := join("\n", head, s.say("question.answered", catalog.Args{"by": who(a.By), "at": src.clock(a.At), "answer": src.answered(a)}))
		if !a.Reason.Empty() {
			text = join("\n", text, s.say("question.reason", catalog.Args{"text": catalog.Words(line(a.Reason, incident.MaxReason, s.lang))}))
		}
		c.add(Section{Text: text})
		c.add(Small{s.say("question.change", catalog.Args{"command": catalog.Words(src.command()), "name": catalog.Words(clip(name, 40))})})
		return c
	}
	text := head
	if d, ok := st.Duty("answer-" + name); ok {
		key := "question.by"
		if !src.Now.IsZero() && !src.Now.Before(d.Due) {
			key = "question.overdue"
		}
		text = join("\n", head, s.say(key, catalog.Args{"at": src.clock(d.Due)}))
	}
	c.add(Section{Text: text})
	c.add(Actions{src.answerButtons(name)})
	return c
}

// answerButtons are what a question may be answered with: where a yes may be about several things, each of them and all.
func (src Source) answerButtons(name string) []Element {
	s := src.said()
	q, _ := src.State.Policy.Question(name)
	out := []Element{Button{Action: ActionAnswerYes, Label: s.word("button.answer.yes"), Value: src.ref(name)}}
	if len(q.Concerns) > 1 {
		out = nil
		var all []string
		for _, c := range q.Concerns {
			ref := src.ref(name)
			ref.Note = c.Name
			out = append(out, Button{Action: ActionAnswerYes, Label: s.say("button.answer.yes.about", catalog.Args{"what": concernTitle(c, s.lang, 50)}), Value: ref})
			all = append(all, c.Name)
		}
		ref := src.ref(name)
		ref.Note = strings.Join(all, ",")
		key := "button.answer.yes.all"
		if len(all) == 2 {
			key = "button.answer.yes.both"
		}
		out = append(out, Button{Action: ActionAnswerYes, Label: s.word(key), Value: ref})
	}
	return append(out, Button{Action: ActionAnswerNo, Label: s.word("button.answer.no"), Value: src.ref(name)},
		Button{Action: ActionAnswerUnknown, Label: s.word("button.answer.none"), Value: src.ref(name)})
}

func concernTitle(c incident.Concern, lang string, max int) catalog.Words {
	return catalog.Words(clip(cmp.Or(titled(c.Title, lang), c.Name), max))
}

// answered is an answer in words, with what a yes is about.
func (src Source) answered(a incident.Answer) catalog.Text {
	s := src.said()
	word := catalog.Of(s.lang, term("answer.", clip(a.Value, 20)))
	q, _ := src.State.Policy.Question(a.Question)
	var about catalog.List
	for _, c := range q.Concerns {
		if slices.Contains(a.Concerns, c.Name) {
			about = append(about, concernTitle(c, s.lang, 80))
		}
	}
	if len(about) == 0 {
		return word
	}
	return s.say("answer.about", catalog.Args{"answer": word, "what": about})
}

// questionOf is the question a card is about: named by the effect, by its slot, or by the duty that waits for the answer.
func (src Source) questionOf() string {
	if name, is := strings.CutPrefix(src.Owed.Effect.Slot, incident.SlotQuestion("")); is {
		return name
	}
	if d := src.dutyOf(); d.Question != "" {
		return d.Question
	}
	return src.Owed.Effect.Arg
}

// DutiesCard lists what is still owed: everything, or the corrective actions alone.
func DutiesCard(src Source, actions bool) Card {
	s, st := src.said(), src.State
	list := slices.DeleteFunc(st.Owing(), func(d incident.Duty) bool { return actions && d.Why != incident.BeginsAction })
	key, none, how := "duty.list", "duty.list.none", "duty.list.how"
	if actions {
		key, none, how = "duty.list.actions", "duty.list.no-actions", "duty.list.how.actions"
	}
	args := catalog.Args{"id": catalog.Words(st.ID), "command": catalog.Words(src.command())}
	if len(list) == 0 {
		return one(s.say(none, args))
	}
	head := s.say(key, args)
	c := Card{Summary: head}
	text := head
	for i, d := range list {
		if i == listOwed {
			text = join("\n", text, s.say("and-more", catalog.Args{"n": catalog.Int(len(list) - i)}))
			break
		}
		text = join("\n", text, s.say("duty.name", catalog.Args{"key": catalog.Words(clip(d.Key, 50)), "duty": src.duty(d)}))
		if i%8 == 7 {
			c.add(Section{Text: text})
			text = nil
		}
	}
	if len(text) > 0 {
		c.add(Section{Text: text})
	}
	c.add(Small{s.say(how, args)})
	c.add(Actions{[]Element{Button{Action: ActionOpenAction, Label: s.word("button.action"), Value: src.ref("")}}})
	return c
}

// DutyCard is one duty that is owed, with the buttons that end it.
func DutyCard(src Source, d incident.Duty) Card {
	s := src.said()
	text := s.say("duty.name", catalog.Args{"key": catalog.Words(clip(d.Key, 50)), "duty": src.duty(d)})
	c := Card{Summary: text}
	c.add(Section{Text: text})
	c.add(Actions{src.dutyButtons(d)})
	return c
}

// QuestionsCard lists the questions of the policy with their answers.
func QuestionsCard(src Source) Card {
	s, st := src.said(), src.State
	if st.Policy == nil || len(st.Policy.Questions) == 0 {
		return one(s.word("question.none"))
	}
	text := s.say("question.list", catalog.Args{"id": catalog.Words(st.ID)})
	c := Card{Summary: text}
	var buttons []Element
	for _, q := range st.Policy.Questions {
		args := catalog.Args{"name": catalog.Words(q.Name), "question": catalog.Words(clip(titled(q.Ask, s.lang), 200))}
		key := "question.open"
		if a, ok := st.Answer(q.Name); ok {
			key = "question.said"
			args["answer"], args["by"], args["at"] = src.answered(a), who(a.By), src.clock(a.At)
		} else if buttons == nil {
			buttons = src.answerButtons(q.Name)
		}
		text = join("\n", text, s.say(key, args))
	}
	c.add(Section{Text: text})
	if len(st.Policy.Questions) == 1 && buttons != nil {
		c.add(Actions{buttons})
	}
	return c
}

// noticeName is what a notice is called.
func noticeName(name string, lang string) catalog.Text {
	if key := "notice.name." + name; catalog.Has(key) {
		return catalog.Say(lang, key, nil)
	}
	return catalog.Say(lang, "notice.name.other", catalog.Args{"name": catalog.Words(strings.ReplaceAll(clip(name, 40), "_", " "))})
}

// NoticesCard lists the notices there are drafts for, and what was sent.
func NoticesCard(src Source) Card {
	s, st := src.said(), src.State
	args := catalog.Args{"id": catalog.Words(st.ID), "command": catalog.Words(src.command())}
	text := s.say("notice.list", args)
	c := Card{Summary: text}
	for _, name := range src.notices() {
		if n, sent := st.Notice(name); sent {
			text = join("\n", text, s.say("notice.line.sent", catalog.Args{"key": catalog.Words(name), "name": noticeName(name, s.lang), "at": dateClock(n.At), "by": who(n.By)}))
			continue
		}
		text = join("\n", text, s.say("notice.line", catalog.Args{"key": catalog.Words(name), "name": noticeName(name, s.lang)}))
	}
	c.add(Section{Text: text})
	c.add(Small{s.say("notice.list.how", args)})
	return c
}

func (src Source) notices() []string {
	out := slices.Clone(incident.KnownNotices)
	for _, n := range src.State.Policy.Notices() {
		if !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out
}

// NoticeCard is the draft of a notice, filled from the incident, and what was sent of it already. Tocsin sends nothing to anybody outside:
// a person does, and says so.
func NoticeCard(src Source, name string) Card {
	s := src.said()
	head := s.say("notice.title", catalog.Args{"name": noticeName(name, s.lang)})
	c := Card{Summary: head}
	c.add(Section{Text: head})
	if n, sent := src.State.Notice(name); sent {
		c.add(Section{Text: s.say("notice.sent", catalog.Args{"at": dateClock(n.At), "by": who(n.By), "text": catalog.Words(line(sentTo(n), 300, s.lang))})})
	}
	c.add(Rule{})
	c.add(Section{Text: src.draft(name)})
	c.add(Rule{})
	c.add(Actions{[]Element{Button{Action: ActionOpenNotice, Label: s.word("button.notice"), Value: src.ref(name), Style: Primary}}})
	return c
}

// sentTo is whom a notice went to, of an older one what was said of it.
func sentTo(n incident.Notice) incident.Text {
	if n.To.Empty() {
		return n.Text
	}
	return n.To
}

// draft is the text of a notice; what is not known stands in square brackets.
func (src Source) draft(name string) catalog.Text {
	s, st := src.said(), src.State
	unknown := s.word("notice.unknown")
	args := catalog.Args{"id": catalog.Words(st.ID), "sev": sev(st.Severity), "title": catalog.Words(src.title(200)), "status": status(st.Status),
		"detected": dateClock(st.DetectedAt), "impact": s.word("notice.impact.unknown"), "update": unknown, "since": unknown, "answer": unknown, "clocks": unknown, "to": s.word("notice.to.unknown"), "due": unknown}
	if i := ImpactText(st.Impact, s.lang); len(i) > 0 {
		args["impact"] = s.say("notice.impact", catalog.Args{"impact": i})
	}
	if !st.Updates.Text.Empty() {
		args["update"] = catalog.Words(line(st.Updates.Text, 600, s.lang))
	}
	if a, ok := st.Answer("personal_data"); ok {
		args["answer"] = src.answered(a)
		if a.Value != incident.AnswerNo {
			args["since"] = dateClock(a.Since)
		}
	}
	var clocks catalog.List
	for _, d := range st.Owing() {
		if d.Legal && d.Question == "" {
			clocks = append(clocks, src.duty(d))
		}
	}
	if len(clocks) > 0 {
		args["clocks"] = clocks
	}
	for _, o := range st.Policy.Obligated(name) {
		if to := titled(o.To, s.lang); to != "" {
			args["to"] = catalog.Words(clip(to, 200))
		}
		for _, d := range st.Owing() {
			if d.Of == o.Name && !d.Due.IsZero() {
				args["due"] = dateClock(d.Due)
				break
			}
		}
	}
	key := "notice.draft." + name
	if regime := incident.RegimeOf(name); !catalog.Has(key) && regime != "" { // nis2_early, dora_final
		key = "notice.draft." + regime
	}
	if !catalog.Has(key) {
		key = "notice.draft.other"
	}
	return s.say(key, args)
}

// DutyDoneForm asks where it can be seen that a duty is done; DutyDropForm why it is not to be done. The duty's key comes back in the
// form's Ref.
func DutyDoneForm(src Source, key string) Form {
	s := src.said()
	d, _ := src.State.Duty(key)
	f := src.form(FormDutyDone, "duty-done", nil)
	f.Ref.Subject = key
	f.Blocks = []Block{src.subject(), Section{Text: src.duty(d)},
		Input{ID: InputText, Label: s.word("form.duty-done.what"), Hint: s.word("form.duty-done.hint"), Optional: d.Why == incident.BeginsAction, Field: TextField{Lines: true, Max: incident.MaxFinding}}}
	return f
}

// DutyDropForm asks why a duty is not to be done.
func DutyDropForm(src Source, key string) Form {
	s := src.said()
	d, _ := src.State.Duty(key)
	f := src.form(FormDutyDrop, "duty-drop", nil)
	f.Ref.Subject = key
	f.Blocks = []Block{src.subject(), Section{Text: src.duty(d)},
		Input{ID: InputReason, Label: s.word("form.duty-drop.what"), Field: TextField{Lines: true, Min: 1, Max: incident.MaxReason}},
		Small{s.word("form.duty-drop.follows")}}
	return f
}

// AnswerForm asks for the reason of a no. The question's name comes back in the form's Ref.
func AnswerForm(src Source, name string) Form {
	s := src.said()
	f := src.form(FormAnswer, "answer", nil)
	f.Ref.Subject = name
	ask := name
	if q, ok := src.State.Policy.Question(name); ok {
		ask = cmp.Or(titled(q.Ask, s.lang), name)
	}
	if d, ok := src.State.Duty(name); ok && d.When != "" {
		ask = s.say("clock.ask", catalog.Args{"when": catalog.Words(clip(d.When, 190))}).Plain(src.zone())
	}
	f.Blocks = []Block{src.subject(), Section{Text: catalog.Of(s.lang, catalog.Words(clip(ask, 200)))},
		Input{ID: InputReason, Label: s.word("form.answer.what"), Field: TextField{Lines: true, Min: 1, Max: incident.MaxReason}}}
	return f
}

// NoticeForm shows a notice's draft, to be changed to what was sent, and asks to whom, when and where it can be found. The notice's name comes back in the form's Ref.
func NoticeForm(src Source, name string) Form {
	s := src.said()
	f := src.form(FormNotice, "notice", nil)
	f.Ref.Subject = name
	f.Blocks = []Block{src.subject(), Section{Text: s.say("notice.title", catalog.Args{"name": noticeName(name, s.lang)})}}
	f.Blocks = append(f.Blocks, src.sentInputs(src.draft(name).Letter(src.zone()))...)
	return f
}

// ActionForm asks for a corrective action: what, who, by which day.
func ActionForm(src Source) Form {
	s := src.said()
	f := src.form(FormAction, "action", nil)
	f.Blocks = []Block{src.subject(),
		Input{ID: InputText, Label: s.word("form.action.what"), Field: TextField{Lines: true, Min: 1, Max: incident.MaxReason}},
		Input{ID: InputPerson, Label: s.word("form.action.who"), Field: PersonField{}},
		Input{ID: InputDay, Label: s.word("form.action.day"), Hint: s.word("form.action.day.hint"), Field: TextField{Min: 10, Max: 10, Placeholder: catalog.Text{{S: "2026-12-01"}}}}}
	return f
}

// dutyPage is what a person hears and sees who is rung for a legal clock.
func (src Source) dutyPage(p incident.Page) (summary, body string) {
	s, st := src.said(), src.State
	var running []incident.Duty
	for _, key := range p.Obligations() {
		if d, ok := st.Duty(key); ok && d.Running() {
			running = append(running, d)
		}
	}
	if len(running) > 1 {
		return src.dutiesPage(p, running)
	}
	d, ok := st.Duty(p.Obligation)
	if len(running) == 1 {
		d, ok = running[0], true
	}
	if !ok {
		d.Key = p.Obligation
	}
	key, late := "duty.page", "duty.page.overdue"
	if d.Clock != "" && d.Of == "" {
		key, late = "clock.page", "clock.page.overdue"
	}
	if !src.Now.IsZero() && !src.Now.Before(d.Due) {
		key = late
	}
	args := catalog.Args{"title": catalog.Words(src.dutyTitle(d)), "at": dateClock(d.Due), "id": catalog.Words(st.ID)}
	summary = capital(s.say(key, args)).Plain(src.zone())
	parts := []catalog.Text{s.say("duty.page.what", catalog.Args{"sev": sev(st.Severity), "title": catalog.Words(src.title(150)), "why": src.dutyWhy(d), "from": dateClock(d.From), "law": capital(src.law(d))})}
	parts = append(parts, src.staleRoster("page.roster.old", p), src.pageRoom())
	return clip(summary, MaxPageSummary), incident.Clip(join("\n", parts...).Plain(src.zone()), MaxPageBody)
}

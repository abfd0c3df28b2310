package timeline

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// dateClock is a moment with its day: what is owed is owed for days.
func dateClock(t time.Time) catalog.Time { return catalog.Time{At: t, Form: catalog.DateClock} }

// titled is what the policy calls something, in the writer's language or else in English; else what it is known by.
func (w *writer) titled(words map[string]string, name string) catalog.Words {
	return catalog.Words(incident.Clip(cmp.Or(words[w.lang], words[catalog.English], name), 200))
}

// maxHolidaysTold is how many days a line names.
const maxHolidaysTold = 10

// duty is what an obligation is called, and how the log began it where that part is known.
func (w *writer) duty(key string) (catalog.Arg, *incident.ObligationBegun) {
	var f *incident.ObligationBegun
	for _, e := range w.events {
		if b, ok := e.Fact.(*incident.ObligationBegun); ok && b.Key == key {
			f = b
		}
	}
	switch {
	case f == nil:
		o, _ := w.policy.Obligation(key)
		return w.titled(o.Title, key), nil
	case f.Why == incident.BeginsAction:
		return catalog.Join(" ", catalog.Of(w.lang, catalog.Words(key+":")), catalog.Of(w.lang, w.text(f.Text))), f
	}
	if q, ok := w.policy.Question(f.Question); ok {
		return w.titled(q.Ask, q.Name), f
	}
	o, known := w.policy.Obligation(f.Of)
	if f.What != "" && !known {
		return catalog.Words(incident.Clip(f.What, 200)), f
	}
	return w.titled(o.Title, cmp.Or(f.Question, key)), f
}

// obligation words the facts of obligations.
func (w *writer) obligation(e incident.Event) (icon string, text catalog.Text) {
	by := w.actor(e.Actor)
	switch f := e.Fact.(type) {
	case *incident.ObligationBegun:
		title, _ := w.duty(f.Key)
		switch {
		case f.Why == incident.BeginsAction:
			return "", w.say("tl.duty.action", catalog.Args{"by": by, "key": catalog.Words(f.Key), "who": w.person(f.Owner), "at": dateClock(f.Due), "text": w.text(f.Text)})
		case f.Question != "":
			return "", w.say("tl.duty.asked", catalog.Args{"question": title, "at": dateClock(f.Due)})
		case f.Brought != "":
			return "⏱", w.say("tl.duty.brought", catalog.Args{"title": title, "at": dateClock(f.Due), "from": catalog.Words(f.Brought)})
		}
		if f.Clock != "" && f.When != "" {
			title = w.say("clock.if", catalog.Args{"what": title, "when": catalog.Words(incident.Clip(f.When, 200))})
		}
		if f.Due.IsZero() {
			return "⏱", w.say("tl.clock.begun.open", catalog.Args{"title": title})
		}
		if f.Alert != "" && !f.Due.After(e.RecordedAt) {
			return "⏱", w.say("tl.clock.already", catalog.Args{"title": title, "at": dateClock(f.Due), "from": dateClock(f.From), "alert": catalog.Words(incident.Clip(f.Alert, 60))})
		}
		return "⏱", w.say("tl.duty.begun", catalog.Args{"title": title, "at": dateClock(f.Due)})
	case *incident.ObligationReminded:
		title, _ := w.duty(f.Key)
		args := catalog.Args{"title": title, "at": dateClock(f.Due), "who": catalog.Term("tl.duty.room")}
		if len(f.Who) > 0 {
			args["who"] = w.people(f.Who)
		}
		if f.Due.IsZero() {
			return "⏱", w.say("tl.clock.remind.open", args)
		}
		if f.Overdue {
			return "⛔", w.say("tl.duty.overdue", args)
		}
		return "⏱", w.say("tl.duty.reminded", args)
	case *incident.ObligationTaken:
		title, _ := w.duty(f.Key)
		return "", w.say("tl.duty.taken", catalog.Args{"who": w.person(f.Who), "title": title})
	case *incident.ObligationMoved:
		if f.Due.Equal(f.Was) { // only the next reminder
			return "", nil
		}
		title, _ := w.duty(f.Key)
		if f.Stood > 0 {
			return "⏱", w.say("tl.duty.stood", catalog.Args{"title": title, "was": dateClock(f.Was), "at": dateClock(f.Due)})
		}
		return "⏱", w.say("tl.duty.postponed", catalog.Args{"title": title, "was": dateClock(f.Was), "at": dateClock(f.Due)})
	case *incident.HolidaysCounted:
		var parts []catalog.Text
		for i, list := range [][]incident.Announced{f.Added, f.Gone} {
			for _, a := range list[:min(len(list), maxHolidaysTold)] {
				key := [2]string{"tl.holiday", "tl.holiday.gone"}[i]
				if a.Name == "" {
					key = [2]string{"tl.holiday.bare", "tl.holiday.gone.bare"}[i]
				}
				parts = append(parts, w.say(key, catalog.Args{"day": catalog.Words(a.Day), "name": catalog.Words(incident.Clip(a.Name, 60))}))
			}
		}
		return "", catalog.Join(" · ", parts...)
	case *incident.ObligationEnded:
		title, begun := w.duty(f.Key)
		if begun != nil && begun.Question != "" {
			return "", nil // the answer is told
		}
		args := catalog.Args{"title": title, "by": by}
		switch f.How {
		case incident.EndedDone:
			if e.Actor.Human() {
				return "✅", catalog.Join("", w.say("tl.duty.done.by", args), w.tail(f.Text))
			}
			return "✅", catalog.Join("", w.say("tl.duty.done", args), w.tail(f.Text))
		case incident.EndedDropped:
			return "", catalog.Join("", w.say("tl.duty.dropped", args), w.tail(f.Text))
		case incident.EndedMoved:
			return "", w.say("tl.duty.moved", args)
		case incident.EndedResponse:
			return "", w.say("tl.duty.response", args)
		}
		return "", catalog.Join("", w.say("tl.duty.withdrawn", args), w.tail(f.Text))
	case *incident.NoticeSent:
		name := w.say("notice.name.other", catalog.Args{"name": catalog.Words(strings.ReplaceAll(incident.Clip(f.Notice, 40), "_", " "))})
		if key := "notice.name." + f.Notice; catalog.Has(key) {
			name = w.say(key, nil)
		}
		return "✅", w.sent(by, name, f)
	case *incident.Answered:
		q, _ := w.policy.Question(f.Question)
		asked := w.titled(q.Ask, f.Question)
		if _, begun := w.duty(f.Question); begun != nil && begun.When != "" {
			asked = catalog.Words(incident.Clip(begun.When, 200))
		}
		if f.Question == incident.QuestionAttack {
			asked = catalog.Words(catalog.Word(w.lang, "attack.question"))
		}
		var answer catalog.Arg = catalog.Words(incident.Clip(f.Value, 20))
		if key := "answer." + f.Value; catalog.Has(key) {
			answer = catalog.Term(key)
		}
		var about catalog.List
		for _, c := range q.Concerns {
			if slices.Contains(f.Concerns, c.Name) {
				about = append(about, w.titled(c.Title, c.Name))
			}
		}
		if len(about) > 0 {
			answer = w.say("answer.about", catalog.Args{"answer": answer, "what": about})
		}
		return "✅", catalog.Join("", w.say("tl.answered", catalog.Args{"by": by, "question": catalog.Quoted(string(asked)), "answer": answer}), w.tail(f.Reason))
	case *incident.MomentMarked:
		var name catalog.Arg = catalog.Words(strings.ReplaceAll(incident.Clip(f.Name, 40), "-", " "))
		if key := "moment." + f.Name; catalog.Has(key) {
			name = catalog.Term(key)
		}
		return "⏱", catalog.Join("", w.say("tl.moment", catalog.Args{"by": by, "moment": name}), w.tail(f.Note))
	case *incident.ImpactRecorded:
		var parts []catalog.Text
		for _, x := range f.Figures {
			if key := "impact." + x.Name; catalog.Has(key) {
				parts = append(parts, w.say(key, catalog.Args{"n": catalog.Int(x.Value)}))
			}
		}
		for i, x := range [2]incident.Touched{f.Customers, f.Regulators} {
			if x == incident.TouchedYes || x == incident.TouchedNo {
				parts = append(parts, w.say([2]string{"impact.customers", "impact.regulators"}[i], catalog.Args{"answer": catalog.Term("answer." + string(x))}))
			}
		}
		return "", w.say("tl.impact", catalog.Args{"by": by, "impact": catalog.Join(" · ", parts...)})
	case *incident.CadenceSet:
		return "⏱", w.say("tl.cadence", catalog.Args{"by": by, "d": catalog.Duration(f.Every)})
	case *incident.Captured:
		var parts []catalog.Text
		for i, x := range []incident.Text{f.Requests, f.Traces, f.Tenants, f.Organisations} {
			if !x.Empty() {
				parts = append(parts, w.say([]string{"tl.cap.requests", "tl.cap.traces", "tl.cap.tenants", "tl.cap.orgs"}[i], catalog.Args{"text": w.text(x)}))
			}
		}
		if !f.From.IsZero() {
			parts = append(parts, w.say("tl.cap.window", catalog.Args{"from": dateClock(f.From), "to": dateClock(f.To)}))
		}
		return "", w.say("tl.captured", catalog.Args{"by": by, "what": catalog.Join("; ", parts...)})
	case *incident.Frozen:
		return "⛔", w.say("tl.frozen", catalog.Args{"by": by, "text": w.text(f.Text)})
	case *incident.FreezeLifted:
		var what catalog.Arg = catalog.Int(f.N)
		for _, x := range w.events {
			if fz, ok := x.Fact.(*incident.Frozen); ok && fz.N == f.N {
				what = w.text(fz.Text)
			}
		}
		return "✅", w.say("tl.freeze-lifted", catalog.Args{"by": by, "text": what})
	case *incident.LockOverridden:
		return "🔒", w.say("tl.override", catalog.Args{"by": by, "text": w.text(f.Reason)})
	case *incident.HandOverProposed:
		return "", w.say("tl.hand-over", catalog.Args{"by": by, "to": w.person(f.To), "from": w.person(f.From)})
	case *incident.HandOverReminded:
		return "", w.say("tl.hand-over.reminded", catalog.Args{"to": w.person(f.To)})
	case *incident.HandOverEnded:
		args := catalog.Args{"to": w.person(f.To)}
		switch f.How {
		case incident.HandOverAccepted:
			return "✅", w.say("tl.hand-over.accepted", args)
		case incident.HandOverDeclined:
			return "", w.say("tl.hand-over.declined", args)
		case incident.HandOverWithdrawn:
			return "", w.say("tl.hand-over.withdrawn", catalog.Args{"by": by, "to": w.person(f.To)})
		}
		return "⏱", w.say("tl.hand-over.expired", args)
	case *incident.HandOverSuggested:
		return "⏱", w.say("tl.hand-over.suggested", catalog.Args{"to": w.person(f.Who), "at": dateClock(f.Since)})
	}
	return "", nil
}

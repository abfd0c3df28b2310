package timeline

import (
	"cmp"
	"slices"
	"strings"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// stepArgs are where a step stands in its runbook, with its title where the ref froze it.
func (w *writer) stepArgs(runbook, step string) catalog.Args {
	ref := w.runbooks[runbook]
	name := step
	if r, ok := ref.Rule(step); ok && r.Title != "" {
		name = incident.Clip(r.Title, 100)
	}
	return catalog.Args{"runbook": catalog.Words(runbook), "step": catalog.Words(name), "n": catalog.Int(slices.Index(ref.Steps, step) + 1), "of": catalog.Int(len(ref.Steps))}
}

// named is a step as "RB-004 3/7 (Who holds the connections?)".
func (w *writer) named(runbook, step string) catalog.Text {
	args := w.stepArgs(runbook, step)
	args["name"] = args["step"]
	return w.say("step.named", args)
}

// roleOf is what a role of a runbook is called.
func (w *writer) roleOf(key string) catalog.Arg {
	if r, is := incident.ResponderRole(key); is {
		return role(r)
	}
	key = w.policy.Target(w.service, key)
	if name := "cli.rb.role." + key; w.target(key) == key && catalog.Has(name) {
		return catalog.Term(name)
	}
	return catalog.Words(w.target(key))
}

func (w *writer) marked(e incident.Event, f *incident.StepMarked) (string, catalog.Text) {
	key, icon := "tl.step.done", "✅"
	args := w.stepArgs(f.Runbook, f.Step)
	switch {
	case f.Mark == incident.StepSkipped:
		key, icon = "tl.step.skipped", ""
	case !f.Doer.Zero():
		key, args["doer"], args["step"] = "tl.step.done.second", w.person(f.Doer), w.named(f.Runbook, f.Step)
	}
	args["by"] = w.actor(e.Actor)
	return icon, catalog.Join("", w.say(key, args), w.tail(f.Text))
}

// saidByStep reports whether a progress is the finding of the step that the event right before it was about: one sentence, recorded in one go,
// that the step's line says already.
func (w *writer) saidByStep(e incident.Event, f *incident.ProgressMade) bool {
	if w.i < 1 || w.i >= len(w.events) || w.events[w.i].Seq != e.Seq {
		return false
	}
	before := w.events[w.i-1]
	var text incident.Text
	switch b := before.Fact.(type) {
	case *incident.StepMarked:
		text = b.Text
	case *incident.StepFound:
		text = b.Text
	case *incident.StepAwaits:
		text = b.Text
	default:
		return false
	}
	return before.Seq+1 == e.Seq && before.RecordedAt.Equal(e.RecordedAt) && before.Actor.Person.Same(e.Actor.Person) && !text.Empty() && text.Body == f.Text.Body
}

// step words the facts of a runbook's steps.
func (w *writer) step(e incident.Event) (icon string, text catalog.Text) {
	by := w.actor(e.Actor)
	say := func(runbook, step, key string, more catalog.Args) catalog.Text {
		args := catalog.Args{"by": by, "step": w.named(runbook, step)}
		for k, v := range more {
			args[k] = v
		}
		return w.say(key, args)
	}
	switch f := e.Fact.(type) {
	case *incident.StepMarked:
		return w.marked(e, f)
	case *incident.StepOpened:
		if f.Card > 1 {
			return "", say(f.Runbook, f.Step, "tl.step.opened.beside", nil)
		}
		return "", say(f.Runbook, f.Step, "tl.step.opened", nil)
	case *incident.StepAgain:
		return "", say(f.Runbook, f.Step, "tl.step.again", catalog.Args{"n": catalog.Int(f.Count + 1)})
	case *incident.StepTaken:
		if !f.Was.Zero() {
			return "", say(f.Runbook, f.Step, "tl.step.taken.over", catalog.Args{"was": w.person(f.Was)})
		}
		return "", say(f.Runbook, f.Step, "tl.step.taken", nil)
	case *incident.StepFound:
		return "", catalog.Join("", say(f.Runbook, f.Step, "tl.step.found", nil), w.tail(f.Text))
	case *incident.StepBlocked:
		t := say(f.Runbook, f.Step, "tl.step.blocked", catalog.Args{"at": clock(f.Since)})
		if !f.Whom.Empty() {
			t = catalog.Join("", t, w.say("tl.step.blocked.whom", catalog.Args{"whom": w.text(f.Whom)}))
		}
		return "⛔", catalog.Join("", t, w.tail(f.On))
	case *incident.StepUnblocked:
		return "", say(f.Runbook, f.Step, "tl.step.unblocked", catalog.Args{"at": clock(f.Since)})
	case *incident.ApprovalAsked:
		return "🔒", say(f.Runbook, f.Step, "tl.step.asked", catalog.Args{"role": w.roleOf(f.Role), "who": w.people(f.Who)})
	case *incident.StepApproved:
		return "🔒", catalog.Join("", say(f.Runbook, f.Step, "tl.step.approved", catalog.Args{"role": w.roleOf(f.Role)}), w.tail(f.Reason))
	case *incident.StepAwaits:
		return "", catalog.Join("", say(f.Runbook, f.Step, "tl.step.awaits", nil), w.tail(f.Text))
	case *incident.ReaderAsked:
		key := "tl.step.reader"
		if f.Late {
			key = "tl.step.unread"
		}
		switch {
		case f.Late && len(f.Who) > 0:
			key = "tl.step.unread.who"
		case !f.Late && len(f.Who) == 0:
			key = "tl.step.reader.room"
		}
		return "🔒", say(f.Runbook, f.Step, key, catalog.Args{"who": w.people(f.Who)})
	case *incident.StepSeconded:
		return "🔒", catalog.Join("", say(f.Runbook, f.Step, "tl.step.seconded", nil), w.tail(f.Text))
	case *incident.StepReturned:
		if f.Doer.Zero() {
			return "🔒", catalog.Join("", say(f.Runbook, f.Step, "tl.step.returned.before", nil), w.tail(f.Reason))
		}
		return "", catalog.Join("", say(f.Runbook, f.Step, "tl.step.returned", catalog.Args{"doer": w.person(f.Doer)}), w.tail(f.Reason))
	case *incident.StepChanged:
		if len(f.Values) == 0 {
			return "🔒", say(f.Runbook, f.Step, "tl.step.changed", nil)
		}
		var was, is []string
		for _, v := range f.Values {
			was, is = append(was, v.Name+"="+cmp.Or(v.Was.Body, "?")), append(is, v.Name+"="+cmp.Or(v.Is.Body, "?"))
		}
		return "🔒", say(f.Runbook, f.Step, "tl.step.changed.values", catalog.Args{"was": catalog.Literal(incident.Clip(strings.Join(was, " "), maxDraft)), "is": catalog.Literal(incident.Clip(strings.Join(is, " "), maxDraft))})
	case *incident.StepHelp:
		if f.Who.Zero() {
			return "📟", say(f.Runbook, f.Step, "tl.step.help.role", catalog.Args{"role": w.roleOf(f.Role)})
		}
		return "📟", say(f.Runbook, f.Step, "tl.step.help", catalog.Args{"who": w.rung(incident.Page{Person: f.Who, Target: f.Role})})
	}
	return "", nil
}

// informed words that a role inside the company was told because of a step: who that is, and how.
func (w *writer) informed(by catalog.Arg, f *incident.NoticeSent) catalog.Text {
	key := "tl.informed." + f.How
	if !catalog.Has(key) {
		key = "tl.informed." + incident.TellSelf
	}
	var who catalog.Arg = w.roleOf(f.Role)
	if len(f.Holders) > 0 {
		who = w.say("tl.informed.who", catalog.Args{"role": w.roleOf(f.Role), "who": w.people(f.Holders)})
	}
	text := f.Text
	text.Body = incident.Clip(strings.Join(strings.Fields(text.Body), " "), maxDraft)
	return catalog.Join("", w.say(key, catalog.Args{"by": by, "step": w.named(f.Runbook, f.Step), "who": who}), w.tail(text))
}

// maxDraft is how much of a text that was sent a line of the timeline shows; the log has all of it.
const maxDraft = 120

// sent words that something was sent: to whom, for which step, where it can be found, and how it begins.
func (w *writer) sent(by catalog.Arg, name catalog.Text, f *incident.NoticeSent) catalog.Text {
	if f.How != "" {
		return w.informed(by, f)
	}
	if f.To.Empty() {
		return w.say("tl.notice", catalog.Args{"by": by, "name": name, "text": w.text(f.Text)})
	}
	t := w.say("tl.notice", catalog.Args{"by": by, "name": name, "text": w.text(f.To)})
	if f.Step != "" {
		t = w.say("tl.sent", catalog.Args{"by": by, "step": w.named(f.Runbook, f.Step), "role": w.roleOf(f.Role), "to": w.text(f.To)})
	}
	if !f.Reference.Empty() {
		t = catalog.Join("", t, w.say("tl.sent.reference", catalog.Args{"text": w.text(f.Reference)}))
	}
	text := f.Text
	text.Body = incident.Clip(strings.Join(strings.Fields(text.Body), " "), maxDraft)
	return catalog.Join("", t, w.tail(text))
}

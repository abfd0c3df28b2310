package view

import (
	"strings"
	"time"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// How much of a step is shown, so that one card stays within what Slack takes (13,200 characters of text in all, 25 buttons in a row).
const (
	stepProse    = 1200
	stepCommand  = 1500
	stepCommands = 4
	stepWarnings = 4
	stepBranches = 8
	stepList     = 25
)

// step is a runbook's card: the step to do now, or what was done once it is through. It is edited in place from step to step.
func step(src Source) Card {
	st := src.Step
	id := src.runbookID()
	run, _ := src.State.Runbook(id)
	switch {
	case st != nil && st.CannotShow != "":
		return stepCannot(src, id, st.CannotShow)
	case st == nil || run.Current == "" && len(run.Ref.Steps) > 0 || st.ID == "":
		return stepThrough(src, id, run)
	}
	s := src.said()
	c := Card{Summary: s.say("step.summary", catalog.Args{"runbook": catalog.Words(clip(id, 40)), "n": catalog.Int(st.Number), "of": catalog.Int(st.Of), "name": catalog.Words(clip(st.Name, 150))})}
	if before := src.stepBefore(run); len(before) > 0 {
		c.add(Small{before})
	}
	title := s.say("step.title", catalog.Args{"runbook": catalog.Words(clip(id, 40)), "n": catalog.Int(st.Number), "of": catalog.Int(st.Of), "name": catalog.Words(clip(st.Name, 200))})
	c.add(Section{Text: join("\n", title, src.stepKind())})
	var text catalog.Text
	for i, w := range st.Warnings {
		if i == stepWarnings {
			break
		}
		text = join("\n", text, s.say("step.warning", catalog.Args{"text": catalog.Lines(clipLines(w, 400, 6))}))
	}
	if st.Prose != "" {
		text = join("\n", text, catalog.Of(s.lang, catalog.Lines(clipLines(st.Prose, stepProse, 25))))
	}
	if len(text) > 0 {
		c.add(Section{Text: text})
	}
	for i, code := range st.Commands {
		if i == stepCommands {
			break
		}
		c.add(Section{Text: catalog.Text{{Kind: catalog.Block, S: clipLines(code, stepCommand, 40)}}})
	}
	text = src.unfilled()
	if st.LookFor != "" {
		text = join("\n", text, s.say("step.look", catalog.Args{"text": catalog.Lines(clipLines(st.LookFor, 800, 12))}))
	}
	for i, b := range st.Branches {
		if i < stepBranches && b.To != "" {
			text = join("\n", text, s.say("step.leads", catalog.Args{"finding": catalog.Words(clip(b.Finding, 75)), "to": catalog.Words(clip(b.To, 75))}))
		}
	}
	if len(text) > 0 {
		c.add(Section{Text: text})
	}
	if src.State.Locked(st.Kind) {
		c.add(Section{Text: s.say("capture.locked", catalog.Args{"command": catalog.Words(src.command())})})
		c.add(Actions{[]Element{Button{Action: ActionOpenCapture, Label: s.word("button.capture"), Value: src.ref(""), Style: Primary}}})
	}
	if src.State.Open() {
		c.add(Actions{src.stepButtons()})
	}
	return c
}

// runbookID is which runbook the card is of: the effect's reference, else its slot, else the step's own word.
func (src Source) runbookID() string {
	e := src.Owed.Effect
	switch {
	case e.Arg != "":
		return e.Arg
	case strings.HasPrefix(e.Slot, "step/"):
		return strings.TrimPrefix(e.Slot, "step/")
	case src.Step != nil:
		return src.Step.Runbook
	}
	return ""
}

func (src Source) stepKind() catalog.Text {
	s, st := src.said(), src.Step
	kind := catalog.Arg(catalog.Words(clip(st.Kind, 40)))
	if catalog.Has("kind." + st.Kind) {
		kind = catalog.Term("kind." + st.Kind)
	}
	if st.Minutes > 0 {
		return s.say("step.kind", catalog.Args{"kind": kind, "d": catalog.Duration(time.Duration(st.Minutes) * time.Minute)})
	}
	return s.say("step.kind.only", catalog.Args{"kind": kind})
}

// stepBefore says what became of the step marked last.
func (src Source) stepBefore(run incident.RunbookRun) catalog.Text {
	last := ""
	for _, id := range run.Ref.Steps { // in order, so that equal times give the later step
		if m, ok := run.Steps[id]; ok && (last == "" || !m.At.Before(run.Steps[last].At)) {
			last = id
		}
	}
	if last == "" {
		return nil
	}
	m := run.Steps[last]
	key := "step.before." + m.Mark
	if !catalog.Has(key) {
		key = "step.before.done"
	}
	return src.said().say(key, catalog.Args{"name": catalog.Words(src.stepName(last)), "who": who(m.By), "at": src.clock(m.At)})
}

// stepName is a step's title, or its id where the list does not have it.
func (src Source) stepName(id string) string {
	if src.Step != nil {
		for _, n := range src.Step.Steps {
			if n.ID == id && n.Name != "" {
				return clip(n.Name, 150)
			}
		}
	}
	return clip(id, 60)
}

func (src Source) stepRef(note string) Ref {
	r := src.ref(src.Step.ID)
	r.Runbook, r.Note = src.Step.Runbook, note
	return r
}

func (src Source) stepButtons() []Element {
	s := src.said()
	var out []Element
	for i, b := range src.Step.Branches {
		if i == stepBranches {
			break
		}
		out = append(out, Button{Action: ActionStepBranch, Label: catalog.Text{{S: clip(b.Finding, 75)}}, Value: src.stepRef(b.Value)})
	}
	done := Button{Action: ActionStepDone, Label: s.word("button.done"), Value: src.stepRef("")}
	if len(src.Step.Branches) == 0 {
		done.Style = Primary
	}
	return append(append(out, src.parametersButton()...), done,
		Button{Action: ActionStepFinding, Label: s.word("button.finding"), Value: src.stepRef("")},
		Button{Action: ActionStepSkip, Label: s.word("button.skip"), Value: src.stepRef("")})
}

// stepThrough is the card of a runbook that has no step left: what was done, skipped and not reached.
func stepThrough(src Source, id string, run incident.RunbookRun) Card {
	s := src.said()
	var done, skipped, open int
	var lines []catalog.Text
	for i, stepID := range run.Ref.Steps {
		m, marked := run.Steps[stepID]
		key := "step.through.open"
		switch {
		case !marked:
			open++
		case m.Mark == incident.StepSkipped:
			skipped++
			key = "step.through.skipped"
		default:
			done++
			key = "step.through.done"
		}
		if i < stepList {
			lines = append(lines, s.say(key, catalog.Args{"name": catalog.Words(clip(src.stepName(stepID), 60)), "who": who(m.By), "at": src.clock(m.At)}))
		}
	}
	head := s.say("step.through", catalog.Args{"runbook": catalog.Words(clip(id, 40)), "done": catalog.Int(done), "skipped": catalog.Int(skipped), "open": catalog.Int(open)})
	c := Card{Summary: head}
	c.add(Section{Text: head})
	if len(lines) > 0 {
		c.add(Small{join("\n", lines...)})
	}
	if src.State.Open() {
		c.add(Section{Text: s.word("step.through.next")})
		c.add(Actions{[]Element{
			Button{Action: ActionOpenRunbook, Label: s.word("button.runbook.other"), Value: src.ref("")},
			Button{Action: ActionSendHelp, Label: s.word("button.help"), Value: src.ref("")},
			Button{Action: ActionOpenResolve, Label: s.word("button.resolve"), Value: src.ref("")},
		}})
	}
	return c
}

// stepCannot says why the step cannot be shown; the incident goes on without it.
func stepCannot(src Source, id, reason string) Card {
	text := src.said().say("step.cannot", catalog.Args{"runbook": catalog.Words(clip(id, 40)), "why": catalog.Words(clip(reason, 200))})
	return Card{Summary: text, Blocks: []Block{Section{Text: text}}}
}

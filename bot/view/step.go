package view

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// How much of a step is shown, so that one card stays within what Slack takes (13,200 characters of text in all, 25 buttons in a row).
const (
	stepProse      = 1200
	stepProseLines = 25
	stepIntro      = 1200
	stepCommands   = 10
	stepCommandsIn = 6000 // characters as Slack counts them, of all commands of a card and the draft; package runbooks says so of a longer step
	stepWarnings   = 4
	stepBranches   = 8
	stepList       = 25
	stepHolders    = 3
)

// step is a runbook's card: the step to do now, or what was done once it is through. It is edited in place from step to step. A step that
// somebody works beside another has a card of its own.
func step(src Source) Card {
	c := stepCard(src)
	if src.card() <= 1 {
		c.Blocks = append(c.Blocks, src.clockAsks()...)
	}
	return c
}

func stepCard(src Source) Card {
	st := src.Step
	id := src.runbookID()
	run, _ := src.State.Runbook(id)
	switch {
	case st != nil && st.CannotShow != "":
		return stepCannot(src, id, st.CannotShow)
	case src.card() > 1 && run.On(src.card()) == "":
		return stepCardDone(src, id, run)
	case st != nil && st.ID != "" && !src.State.Open() && !src.State.StepWorkable(id, st.ID) && !src.stepsLeft(run):
		return src.stepEnded(id, run)
	case st == nil || src.card() <= 1 && run.Current == "" && len(run.Ref.Steps) > 0 || st.ID == "":
		return stepThrough(src, id, run)
	}
	s := src.said()
	c := Card{Summary: s.say("step.summary", catalog.Args{"runbook": catalog.Words(clip(id, 40)), "n": catalog.Int(st.Number), "of": catalog.Int(st.Of), "name": catalog.Words(clip(st.Name, 150))})}
	if before := src.stepBefore(run); len(before) > 0 {
		c.add(Small{before})
	}
	if st.Number == 1 && st.Intro != "" && len(run.Steps) == 0 {
		c.add(Small{s.say("step.intro", catalog.Args{"title": catalog.Words(clip(st.Title, 150)), "text": catalog.Marked(clipLines(st.Intro, stepIntro, 20))})})
	}
	if undated := src.State.Undated(id); len(undated) > 0 && src.State.Open() {
		c.add(Section{Text: s.say("step.undated", catalog.Args{"names": names(undated)})})
		c.add(Actions{[]Element{Button{Action: ActionOpenParameters, Label: s.word("button.parameters"), Value: src.stepRef(""), Style: Primary}}})
	}
	title := s.say("step.title", catalog.Args{"runbook": catalog.Words(clip(id, 40)), "n": catalog.Int(st.Number), "of": catalog.Int(st.Of), "name": catalog.Words(clip(st.Name, 200))})
	c.add(Section{Text: join("\n", title, src.stepKind(), src.stepFor(run), src.stepApproved(run), src.stepWorker(run), src.stepHelped(run))})
	workable := src.State.StepWorkable(id, st.ID)
	if b := src.stepBlocked(run); len(b) > 0 {
		c.add(Section{Text: b})
	}
	locks := src.State.Locks(id, st.ID, st.Kind)
	if len(locks) > 0 {
		c.add(Section{Text: join("\n", src.stepLocked(locks), src.stepChanged(run, st.ID))})
		if keys := src.stepKeys(locks); len(keys) > 0 && workable {
			c.add(Actions{keys})
		}
	}
	src.stepBody(&c, len(locks) > 0)
	if informs := join("\n", src.stepInforms(run), src.stepRings(run)); len(informs) > 0 {
		c.add(Section{Text: informs})
		if row := src.tellButtons(run); len(row) > 0 && len(locks) == 0 {
			c.add(Actions{row})
		}
	}
	if tells := src.stepTells(run); len(tells) > 0 {
		c.add(Section{Text: tells})
		if draft := src.stepDraft(run); draft != "" && len(locks) == 0 && units(draft)+units(strings.Join(st.Commands, "")) <= stepCommandsIn { // the form has it, too
			c.add(Section{Text: catalog.Text{{Kind: catalog.Block, S: incident.Clip(draft, incident.MaxNotice)}}})
		}
		if row := src.sentButtons(run); len(row) > 0 && len(locks) == 0 {
			c.add(Actions{row})
		}
	}
	waits := run.Worked(st.ID).Awaits
	if !waits.At.IsZero() {
		text := s.say("step.awaits", catalog.Args{"who": who(waits.By), "at": src.clock(waits.At)})
		if !waits.Text.Empty() {
			text = join("\n", text, catalog.Of(s.lang, catalog.Lines(clipLines(words(waits.Text, s.lang), 300, 4))))
		}
		c.add(Section{Text: text})
	}
	if workable {
		c.add(Actions{src.stepButtons(len(locks) > 0, !waits.At.IsZero())})
		c.add(Actions{src.stepMore(run)})
	} else if src.stepsLeft(run) {
		c.add(Actions{[]Element{src.stepListButton(id)}})
	}
	src.clocksLeft(&c, run)
	if beside := src.stepBeside(run); len(beside) > 0 {
		c.add(Small{beside})
	}
	return c
}

// stepBody is what to do and what to look for, in the order of the page: a sentence about a command stands where it was written, before it or
// after. Of a step that is locked nothing is shown that could be run.
func (src Source) stepBody(c *Card, locked bool) {
	s, st := src.said(), src.Step
	var text catalog.Text
	for i, w := range st.Warnings {
		if i == stepWarnings {
			break
		}
		text = join("\n", text, s.say("step.warning", catalog.Args{"text": capital(catalog.Of(s.lang, catalog.Marked(clipLines(w, 400, 6))))}))
	}
	runes, lines := stepProse, stepProseLines
	shown, left, hidden := st.whole(), 0, 0
	hide := func() { // says in its place what is not shown, or the sentence before it would lead to nothing
		if hidden > 0 {
			text = join("\n", text, s.say("step.locked.command", catalog.Args{"n": catalog.Int(hidden)}))
			hidden = 0
		}
	}
	for _, p := range st.parts() {
		if p.Text != "" {
			hide()
		}
		switch {
		case p.Text != "":
			if runes <= 0 || lines <= 0 {
				continue
			}
			t := clipLines(p.Text, runes, lines)
			runes, lines = runes-utf8.RuneCountInString(t), lines-strings.Count(t, "\n")-2
			if len(text) > 0 {
				text = append(text, catalog.Span{Kind: catalog.Break})
			}
			text = join("\n", text, catalog.Of(s.lang, catalog.Marked(t)))
		case p.Command >= len(st.Commands):
		case locked:
			hidden++
		case !slices.Contains(shown, p.Command):
			left++
		default:
			if len(text) > 0 {
				c.add(Section{Text: text})
				text = nil
			}
			for _, b := range copyable(st.Commands[p.Command]) {
				c.add(b)
			}
		}
	}
	hide()
	if len(text) > 0 {
		c.add(Section{Text: text})
	}
	text = nil
	switch {
	case locked && len(st.Commands) > 0:
		if missing := append(slices.Clone(st.Missing), st.Unfit...); len(missing) > 0 { // who approves must read what is to be run
			text = join("\n", text, s.say("step.locked.missing", catalog.Args{"names": names(missing)}))
		}
	case !locked:
		text = join("\n", src.commandsLeft(left), src.unfilled())
	}
	if st.LookFor != "" {
		text = join("\n", text, s.say("step.look", catalog.Args{"text": catalog.Marked(clipLines(st.LookFor, 800, 12))}))
	}
	for i, b := range st.Branches {
		if i == stepBranches {
			break
		}
		text = join("\n", text, src.leads(b, 75))
	}
	if len(text) > 0 {
		c.add(Section{Text: text})
	}
}

// leads says where a finding leads, the finding in at most so many characters; nil where that is not known.
func (src Source) leads(b Branch, most int) catalog.Text {
	s, args := src.said(), catalog.Args{"finding": catalog.Words(clip(b.Finding, most))}
	switch {
	case b.Step > 0:
		args["n"] = catalog.Int(b.Step)
		return s.say("step.leads.step", args)
	case b.To != "":
		args["to"] = catalog.Words(clip(b.To, 40))
		return s.say("step.leads", args)
	case b.Through:
		return s.say("step.leads.through", args)
	}
	return nil
}

// whole are the commands of a step that fit its card whole. One that does not is left out: half a command is another command.
func (st *Step) whole() (out []int) {
	room := stepCommandsIn
	for i, code := range st.Commands {
		if n := units(code) + 8; len(out) < stepCommands && n <= room {
			out, room = append(out, i), room-n
		}
	}
	return out
}

// stepSection is how much of a command stands in one section, which holds 3,000 characters.
const stepSection = 2900

// copyable is a command, whole: in one block, or cut between two lines into as many as it takes.
func copyable(code string) (out []Block) {
	var part []string
	n := 0
	flush := func() {
		if text := strings.Join(part, "\n"); strings.TrimSpace(text) != "" {
			out = append(out, Section{Text: catalog.Text{{Kind: catalog.Block, S: text}}})
		}
		part, n = nil, 0
	}
	for _, l := range strings.Split(incident.Clip(code, 0), "\n") {
		if size := units(l) + 5; n+size > stepSection {
			flush()
		}
		part, n = append(part, l), n+units(l)+5
	}
	flush()
	return out
}

// units is how long Slack finds a text, which is sent escaped.
func units(s string) int {
	return len(utf16.Encode([]rune(s))) + 4*strings.Count(s, "&") + 3*strings.Count(s, "<") + 3*strings.Count(s, ">") + 2*strings.Count(s, "```")
}

// commandsLeft says that commands are left out, and where they stand.
func (src Source) commandsLeft(n int) catalog.Text {
	if n == 0 {
		return nil
	}
	return src.said().say("step.commands.left", catalog.Args{"n": catalog.Int(n), "runbook": catalog.Words(clip(src.Step.Runbook, 40)), "step": catalog.Int(src.Step.Number)})
}

// parts are a step's paragraphs and commands in the order of the page, as far as that is known.
func (st *Step) parts() []StepPart {
	if st.Parts != nil {
		return st.Parts
	}
	var out []StepPart
	if st.Prose != "" {
		out = append(out, StepPart{Text: st.Prose})
	}
	for i := range st.Commands {
		out = append(out, StepPart{Command: i})
	}
	return out
}

// card is the number of the runbook's card that is drawn.
func (src Source) card() int {
	if _, n, ok := incident.StepSlot(src.Owed.Effect.Slot); ok {
		return n
	}
	return 1
}

// roleTitle is what a role of a runbook is called, for the incident's service.
func (src Source) roleTitle(key string) catalog.Arg {
	return roleTitle(src.State.Policy, src.language(), src.State.Policy.Target(src.State.Service, key))
}

func roleTitle(p *incident.Policy, language, key string) catalog.Arg {
	if r, is := incident.ResponderRole(key); is {
		return catalog.Term("role." + string(r))
	}
	if p != nil {
		if _, known := p.Targets[key]; known {
			return catalog.Words(clip(p.TargetTitle(key, language), 60))
		}
	}
	if name := "cli.rb.role." + key; catalog.Has(name) {
		return catalog.Term(name)
	}
	return catalog.Words(clip(strings.ReplaceAll(key, "_", " "), 60))
}

// holder is a role with whoever holds it, as far as is known: "CTO (Nadia)".
func (src Source) holder(key string) catalog.Arg {
	var names catalog.List
	if src.Step != nil {
		for i, p := range src.Step.Holders[key] {
			if i < stepHolders {
				names = append(names, person(p))
			}
		}
	}
	if len(names) == 0 {
		return src.roleTitle(key)
	}
	return src.said().say("step.holder", catalog.Args{"role": src.roleTitle(key), "who": names})
}

// stepFor says who may do it, when not everybody may, and that it takes two.
func (src Source) stepFor(run incident.RunbookRun) catalog.Text {
	s := src.said()
	var out catalog.Text
	if len(src.Step.Who) > 0 {
		var roles catalog.Either
		for i, r := range src.Step.Who {
			if i < maxNamed {
				roles = append(roles, src.holder(r))
			}
		}
		out = s.say("step.for", catalog.Args{"roles": roles})
	}
	switch sec := run.Worked(src.Step.ID).Seconded; {
	case !sec.At.IsZero():
		out = join("\n", out, s.say("step.seconded", catalog.Args{"who": person(sec.By), "at": src.clock(sec.At)}))
	case src.Step.FourEyes && !slices.ContainsFunc(src.State.Locks(src.Step.Runbook, src.Step.ID, src.Step.Kind), func(l incident.Lock) bool { return l.Kind == incident.LockEyes }): // else the lock says so
		out = join("\n", out, s.word("step.four-eyes"))
	}
	return out
}

// stepApproved says whose word unlocked it, and why.
func (src Source) stepApproved(run incident.RunbookRun) catalog.Text {
	a := run.Worked(src.Step.ID).Approved
	if a.At.IsZero() {
		return nil
	}
	s := src.said()
	return s.say("step.approved", catalog.Args{"who": person(a.By), "at": src.clock(a.At), "reason": catalog.Words(line(a.Reason, 200, s.lang))})
}

// stepWorker says who works it, and since when it has been there.
func (src Source) stepWorker(run incident.RunbookRun) catalog.Text {
	w := run.Worked(src.Step.ID)
	if w.By.Zero() {
		return nil
	}
	since := w.Since
	if since.IsZero() { // of a log that does not say
		since = run.At
	}
	return src.said().say("step.worker", catalog.Args{"who": person(w.By), "at": src.clock(since)})
}

// stepHelped says who was rung for help.
func (src Source) stepHelped(run incident.RunbookRun) catalog.Text {
	h := run.Worked(src.Step.ID).Help
	if h.At.IsZero() {
		return nil
	}
	return src.said().say("step.helped", catalog.Args{"who": src.rungPerson(incident.Page{Target: h.Role, Person: h.Who}, false), "at": src.clock(h.At)})
}

// stepBlocked says what it waits for.
func (src Source) stepBlocked(run incident.RunbookRun) catalog.Text {
	b := run.Worked(src.Step.ID).Blocked
	if b.Since.IsZero() {
		return nil
	}
	s := src.said()
	args := catalog.Args{"at": src.clock(b.Since), "by": who(b.By), "on": catalog.Lines(clipLines(words(b.On, s.lang), 400, 5))}
	text := s.say("step.blocked", args)
	if !b.Whom.Empty() {
		text = join("\n", text, s.say("step.blocked.whom", catalog.Args{"whom": catalog.Words(line(b.Whom, 150, s.lang))}))
	}
	return text
}

// stepLocked says that it is locked, by what key, and who holds that.
func (src Source) stepLocked(locks []incident.Lock) catalog.Text {
	s := src.said()
	var text catalog.Text
	for _, l := range locks {
		switch {
		case l.Kind == incident.LockCapture:
			var left catalog.List
			for _, part := range src.State.CaptureMissing() {
				left = append(left, catalog.Term("capture.left."+part))
			}
			text = join("\n", text, s.say("capture.locked", catalog.Args{"command": catalog.Words(src.command()), "left": left, "button": s.word("button.capture")}))
		case l.Kind == incident.LockEyes:
			text = join("\n", text, s.word("step.locked.eyes"), src.readerAsked(l.Reader))
		case l.Ask.At.IsZero():
			text = join("\n", text, s.say("step.locked", catalog.Args{"role": src.holder(l.Role)}))
		default:
			var asked catalog.List
			for _, p := range l.Ask.Who {
				asked = append(asked, person(p))
			}
			key := "step.locked.asked"
			if l.Ask.By.Zero() { // nobody did: it was approved, and is asked for again
				key = "step.locked.again"
			}
			text = join("\n", text, s.say(key, catalog.Args{"role": src.roleTitle(l.Role), "who": asked, "by": who(l.Ask.By), "at": src.clock(l.Ask.At)}))
		}
	}
	return text
}

// stepKeys are the buttons that open locks.
func (src Source) stepKeys(locks []incident.Lock) []Element {
	s := src.said()
	var out []Element
	for _, l := range locks {
		switch {
		case l.Kind == incident.LockCapture:
			out = append(out, Button{Action: ActionOpenCapture, Label: s.word("button.capture"), Value: src.ref(""), Style: Primary})
		case l.Kind == incident.LockEyes:
			if l.Reader.At.IsZero() && !slices.ContainsFunc(locks, func(l incident.Lock) bool { return l.Kind == incident.LockApproval }) {
				out = append(out, Button{Action: ActionStepAsk, Label: s.word("button.step.reader"), Value: src.stepRef("")})
			}
			out = append(out, Button{Action: ActionStepConfirm, Label: s.word("button.step.read"), Value: src.stepRef("")},
				Button{Action: ActionStepReturn, Label: s.word("button.step.return"), Value: src.stepRef("")})
		case l.Ask.At.IsZero():
			ask := Button{Action: ActionStepAsk, Label: s.word("button.step.ask"), Value: src.stepRef(""), Style: Primary}
			if len(src.Step.Missing)+len(src.Step.Unfit) > 0 { // the values come first, or half a command is put before who approves
				ask.Style = Normal
			}
			out = append(out, ask, Button{Action: ActionStepApprove, Label: s.word("button.step.approve"), Value: src.stepRef("")})
		default:
			if who := src.Step.Holders[l.Role]; len(who) > 0 && !l.Ask.Stands(who, src.Step.Filled) { // the role has passed to somebody else since, or the commands are others
				out = append(out, Button{Action: ActionStepAsk, Label: s.word("button.step.ask"), Value: src.stepRef(""), Style: Primary})
			}
			out = append(out, Button{Action: ActionStepApprove, Label: s.word("button.step.approve"), Value: src.stepRef("")},
				Button{Action: ActionStepRing, Label: clipText(s.say("button.step.ring", catalog.Args{"role": src.roleTitle(l.Role)}), 75), Value: src.stepRef("")})
		}
	}
	return out
}

// stepBeside names what is open on other cards.
func (src Source) stepBeside(run incident.RunbookRun) catalog.Text {
	var list []catalog.Text
	for _, id := range run.OpenSteps() {
		if id != src.Step.ID {
			list = append(list, src.stepLine(run, id))
		}
	}
	if len(list) == 0 {
		return nil
	}
	return src.said().say("step.beside", catalog.Args{"list": join(" · ", list...)})
}

// stepLine is an open step in a few words: "6. Restart the pods (Marc)".
func (src Source) stepLine(run incident.RunbookRun, id string) catalog.Text {
	w := run.Worked(id)
	args := catalog.Args{"n": catalog.Int(slices.Index(run.Ref.Steps, id) + 1), "name": catalog.Words(clip(src.stepTitle(run, id), 60)), "who": who(w.By)}
	if w.By.Zero() {
		return src.said().say("step.line.nobody", args)
	}
	return src.said().say("step.line", args)
}

// stepTitle is a step's title: frozen with the incident, else from the list, else its id.
func (src Source) stepTitle(run incident.RunbookRun, id string) string {
	if r, ok := run.Ref.Rule(id); ok && r.Title != "" {
		return clip(r.Title, 150)
	}
	return src.stepName(id)
}

// runbookID is which runbook the card is of: the effect's reference, else its slot, else the step's own word.
func (src Source) runbookID() string {
	e := src.Owed.Effect
	switch {
	case e.Arg != "":
		return e.Arg
	case e.Slot != "":
		if id, _, ok := incident.StepSlot(e.Slot); ok {
			return id
		}
	}
	if src.Step != nil {
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
	args := catalog.Args{"name": catalog.Words(src.stepTitle(run, last)), "who": who(m.By), "at": src.clock(m.At)}
	if !m.Second.Zero() {
		key, args["second"] = "step.before.second", person(m.Second)
	}
	return src.said().say(key, args)
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
	run, _ := src.State.Runbook(src.Step.Runbook)
	if rule, _ := run.Ref.Rule(src.Step.ID); rule.Guarded() {
		r.Filled = src.Step.Filled
	}
	return r
}

// stepButtons are what brings the step forward. A locked step can only be talked about; one that waits for a second person, confirmed.
func (src Source) stepButtons(locked, waits bool) []Element {
	s := src.said()
	finding := Button{Action: ActionStepFinding, Label: s.word("button.finding"), Value: src.stepRef("")}
	switch {
	case waits:
		return []Element{Button{Action: ActionStepConfirm, Label: s.word("button.step.confirm"), Value: src.stepRef(""), Style: Primary},
			Button{Action: ActionStepReturn, Label: s.word("button.step.return"), Value: src.stepRef("")}, finding}
	case locked:
		return append(src.parametersButton(), finding)
	}
	var out []Element
	for i, b := range src.Step.Branches {
		if i == stepBranches {
			break
		}
		out = append(out, Button{Action: ActionStepBranch, Label: catalog.Text{{S: clip(b.Finding, 75)}}, Value: src.stepRef(b.Value)})
	}
	run, _ := src.State.Runbook(src.Step.Runbook)
	done := Button{Action: ActionStepDone, Label: s.word("button.done"), Value: src.stepRef(""), Style: Primary}
	switch {
	case len(src.Step.Branches) > 0: // beside its findings, "done" would invite to pass them over
		done.Label, done.Style = s.word("button.done.none"), Normal
	case len(run.Untold(src.Step.ID)) > 0, len(src.State.Uninformed(run.Ref.ID, src.Step.ID)) > 0, len(src.Step.Missing)+len(src.Step.Unfit) > 0: // it is done by having been sent; its values come first
		done.Style = Normal
	}
	return append(append(out, src.parametersButton()...), done, finding)
}

// stepMore are what can be said of a step beside that it is done.
func (src Source) stepMore(run incident.RunbookRun) []Element {
	s, w := src.said(), run.Worked(src.Step.ID)
	list := src.stepRef(strconv.Itoa(src.card()))
	out := []Element{Button{Action: ActionStepSkip, Label: s.word("button.skip"), Value: src.stepRef("")}}
	if w.Blocked.Since.IsZero() {
		out = append(out, Button{Action: ActionStepBlock, Label: s.word("button.step.block"), Value: src.stepRef("")})
	} else {
		out = append(out, Button{Action: ActionStepUnblock, Label: s.word("button.step.unblock"), Value: src.stepRef(""), Style: Primary})
	}
	if src.State.Open() && src.Step.Owner != "" && w.Help.At.IsZero() {
		out = append(out, Button{Action: ActionStepHelp, Label: s.word("button.step.help"), Value: src.stepRef("")})
	}
	label := "button.step.take"
	if !w.By.Zero() {
		label = "button.step.take.over"
	}
	return append(out, Button{Action: ActionStepTake, Label: s.word(label), Value: src.stepRef(w.By.Key())},
		Button{Action: ActionStepList, Label: s.word("button.step.list"), Value: list})
}

// stepCardDone is a card beside the first whose step is done with.
func stepCardDone(src Source, id string, run incident.RunbookRun) Card {
	was := ""
	for _, b := range run.Beside {
		if b.N == src.card() {
			was = b.Was
		}
	}
	s := src.said()
	m := run.Steps[was]
	key := "step.card." + m.Mark
	if !catalog.Has(key) {
		key = "step.card.left"
	}
	text := s.say(key, catalog.Args{"runbook": catalog.Words(clip(id, 40)), "n": catalog.Int(slices.Index(run.Ref.Steps, was) + 1), "of": catalog.Int(len(run.Ref.Steps)),
		"name": catalog.Words(src.stepTitle(run, was)), "who": who(m.By), "at": src.clock(m.At)})
	c := Card{Summary: text, Blocks: []Block{Section{Text: text}}}
	if m.Mark != "" && src.State.StepWorkable(id, was) {
		ref := src.ref(was)
		ref.Runbook, ref.Note = id, strconv.Itoa(src.card())
		c.add(Actions{[]Element{Button{Action: ActionStepAgain, Label: s.word("button.step.again"), Value: ref}}})
	}
	return c
}

// stepEnded is the card of a step that nobody did before the incident was over: nothing is left there to be run. The first card says how far the
// runbook came.
func (src Source) stepEnded(id string, run incident.RunbookRun) Card {
	if src.card() <= 1 {
		return stepThrough(src, id, run)
	}
	text := src.said().say("step.card.ended", catalog.Args{"runbook": catalog.Words(clip(id, 40)), "n": catalog.Int(src.Step.Number), "of": catalog.Int(src.Step.Of), "name": catalog.Words(clip(src.Step.Name, 200))})
	return Card{Summary: text, Blocks: []Block{Section{Text: text}}}
}

// clocksLeft puts what a runbook's clocks still want, each with its buttons, on its first card once the incident is over: people look there
// for what is left to do.
func (src Source) clocksLeft(c *Card, run incident.RunbookRun) {
	if src.State.Open() || src.card() > 1 {
		return
	}
	n := 0
	for _, d := range src.State.Owing() {
		if !slices.ContainsFunc(run.Ref.Clocks, func(x incident.RunbookClock) bool { return src.State.ClockIs(x, d) }) {
			continue
		}
		if n++; n > maxClocksLeft {
			break
		}
		c.add(Section{Text: src.duty(d)})
		c.add(Actions{src.dutyButtons(d)})
	}
}

// maxClocksLeft is how many of them a card shows; the list of all that is owed has the rest.
const maxClocksLeft = 6

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
			lines = append(lines, s.say(key, catalog.Args{"name": catalog.Words(clip(src.stepTitle(run, stepID), 60)), "who": who(m.By), "at": src.clock(m.At)}))
		}
	}
	key := "step.through"
	switch {
	case len(run.OpenSteps()) > 0 && src.State.Open():
		key = "step.through.beside"
	case run.Current != "":
		key = "step.through.ended"
	}
	head := s.say(key, catalog.Args{"runbook": catalog.Words(clip(id, 40)), "done": catalog.Int(done), "skipped": catalog.Int(skipped), "open": catalog.Int(open)})
	c := Card{Summary: head}
	c.add(Section{Text: head})
	if len(lines) > 0 {
		c.add(Small{join("\n", lines...)})
	}
	if beside := run.OpenSteps(); len(beside) > 0 && src.State.Open() {
		var list []catalog.Text
		for _, x := range beside {
			list = append(list, src.stepLine(run, x))
		}
		c.add(Section{Text: s.say("step.beside", catalog.Args{"list": join(" · ", list...)})})
	}
	if src.State.Open() {
		c.add(Section{Text: s.word("step.through.next")})
		c.add(Actions{[]Element{
			Button{Action: ActionOpenRunbook, Label: s.word("button.runbook.other"), Value: src.ref("")},
			Button{Action: ActionSendHelp, Label: s.word("button.help"), Value: src.ref("")},
			Button{Action: ActionOpenResolve, Label: s.word("button.resolve"), Value: src.ref("")},
			src.stepListButton(id),
		}})
	} else if src.stepsLeft(run) {
		c.add(Section{Text: s.word("step.through.after")})
		c.add(Actions{[]Element{src.stepListButton(id)}})
	}
	src.clocksLeft(&c, run)
	return c
}

// stepsLeft reports whether a step may still be worked.
func (src Source) stepsLeft(run incident.RunbookRun) bool {
	return slices.ContainsFunc(run.Ref.Steps, func(id string) bool {
		_, marked := run.Steps[id]
		return !marked && src.State.StepWorkable(run.Ref.ID, id)
	})
}

// stepListButton shows all steps of a runbook, to one person.
func (src Source) stepListButton(runbook string) Element {
	ref := src.ref("")
	ref.Runbook, ref.Note = runbook, strconv.Itoa(src.card())
	return Button{Action: ActionStepList, Label: src.said().word("button.step.list"), Value: ref}
}

// stepCannot says why the step cannot be shown; the incident goes on without it.
func stepCannot(src Source, id, reason string) Card {
	text := src.said().say("step.cannot", catalog.Args{"runbook": catalog.Words(clip(id, 40)), "why": catalog.Words(clip(reason, 200))})
	return Card{Summary: text, Blocks: []Block{Section{Text: text}}}
}

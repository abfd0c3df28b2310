package commands

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/view"
	"github.com/tocsin-bot/tocsin/runbooks"
)

// revision is the pinned revision of the runbook a button is about; false when the incident uses none of that name.
func (c *Ask) revision(ctx context.Context) (*runbooks.Runbook, bool, error) {
	run, ok := c.State.Runbook(c.Ref.Runbook)
	if !ok {
		return nil, false, nil
	}
	r, err := c.desk.office.Runbook(ctx, run.Ref.Digest)
	return r, err == nil, err
}

// kindOf is the kind of the step a button is about, for an incident whose log does not freeze it: what replays or deletes waits for the
// first-response capture. A revision that cannot be read has none: a step of mitigation must never wait for that.
func (c *Ask) kindOf(ctx context.Context) string {
	r, ok, err := c.revision(ctx)
	if err != nil || !ok {
		return ""
	}
	s, _ := r.Step(c.Ref.Subject)
	return string(s.Kind)
}

// place is where a finding leads out of its runbook: to another one, and there perhaps to a step. Zero: it stays.
type place struct{ runbook, step string }

// branchOf is the finding a button or an answer chose: its words, and the step it leads to in this runbook (incident.NextNone: the end) or the place
// outside.
func branchOf(r *runbooks.Runbook, step, value string) (finding, next string, out place, ok bool) {
	s, ok := r.Step(step)
	i, err := strconv.Atoi(value)
	if !ok || err != nil || i < 0 || i >= len(s.Branches) {
		return "", "", place{}, false
	}
	b := s.Branches[i]
	switch {
	case b.Runbook != "":
		return b.Finding, "", place{b.Runbook, b.Step}, true
	case b.Done:
		return b.Finding, incident.NextNone, place{}, true
	}
	return b.Finding, b.Step, place{}, true
}

// stepDone marks a step as done. One that tells people outside is done by saying that it was sent: the form asks to whom.
var stepDone = Button{view.ActionStepDone, func(ctx context.Context, c *Ask) (Reply, error) {
	run, _ := c.State.Runbook(c.Ref.Runbook)
	if _, marked := run.Steps[c.Ref.Subject]; !marked && len(run.Untold(c.Ref.Subject)) > 0 && len(c.State.Locks(c.Ref.Runbook, c.Ref.Subject, "")) == 0 {
		c.Ref.Note = ""
		return c.sentForm(ctx)
	}
	return c.tell(ctx, incident.MarkStep{Runbook: c.Ref.Runbook, Step: c.Ref.Subject, Mark: incident.StepDone, Kind: c.kindOf(ctx), Drawn: c.Ref.Filled})
}}

var stepBranch = Button{view.ActionStepBranch, func(ctx context.Context, c *Ask) (Reply, error) {
	r, ok, err := c.revision(ctx)
	if err != nil || !ok {
		return c.stale(), err
	}
	finding, next, other, ok := branchOf(r, c.Ref.Subject, c.Ref.Note)
	if !ok {
		return c.stale(), nil
	}
	mark := c.found(finding, next)
	mark.Kind, mark.Led = c.kindOf(ctx), true
	rep, done, err := c.try(ctx, mark)
	if err != nil || !done {
		return rep, err
	}
	return c.leadOn(ctx, other, c.stillOwed(rep)), nil
}}

// found is the step of the ask done, with its finding.
func (c *Ask) found(finding, next string) incident.MarkStep {
	return incident.MarkStep{Runbook: c.Ref.Runbook, Step: c.Ref.Subject, Mark: incident.StepDone, Text: incident.Say(finding, incident.MaxFinding), Next: next, Drawn: c.Ref.Filled}
}

// leadOn offers the runbook that a recorded finding leads to, when it leads out of this one: it begins at the step that the finding names. Of one
// that is in use already that step is put on a card.
func (c *Ask) leadOn(ctx context.Context, to place, rep Reply) Reply {
	run, started := c.State.Runbook(to.runbook)
	r, ok := c.desk.library.ByID(to.runbook, c.State.Language())
	_, marked := run.Steps[to.step]
	switch n := slices.Index(run.Ref.Steps, to.step); {
	case started && n >= 0 && !marked && run.CardOf(to.step) == 0:
		return c.also(ctx, "step", incident.OpenStep{Runbook: to.runbook, Step: to.step}, rep, "step open "+to.runbook+" "+strconv.Itoa(n+1))
	case started || !ok:
		return rep
	}
	offer := incident.Suggestion{Runbook: r.ID, Title: r.Title, By: incident.ByBranch, Value: c.Ref.Runbook, Step: to.step}
	return c.also(ctx, "runbook", incident.SuggestRunbook{Choice: offer}, rep, "runbook "+to.runbook)
}

var stepFinding = Button{view.ActionStepFinding, func(ctx context.Context, c *Ask) (Reply, error) {
	rep, err := c.stepForm(ctx, view.FindingForm)
	if rep.Form != nil && c.Ref.Filled != "" {
		rep.Form.Ref.Filled = c.Ref.Filled // it shows no command: what was done is what the card showed
	}
	return rep, err
}}

var stepSkip = Button{view.ActionStepSkip, func(ctx context.Context, c *Ask) (Reply, error) {
	return c.stepForm(ctx, view.SkipForm)
}}

// stepAct is a button that says one thing about a step.
func stepAct(name string, act func(runbook, step string) incident.Act) Button {
	return Button{name, func(ctx context.Context, c *Ask) (Reply, error) {
		return c.tell(ctx, act(c.Ref.Runbook, c.Ref.Subject))
	}}
}

// stepCall is a button that has somebody called or asked: who pressed it reads whom, also in the room.
func stepCall(name string, act func(runbook, step string) incident.Act) Button {
	return Button{name, func(ctx context.Context, c *Ask) (Reply, error) {
		return c.spell(ctx, act(c.Ref.Runbook, c.Ref.Subject))
	}}
}

var (
	stepUnblock = stepAct(view.ActionStepUnblock, func(r, s string) incident.Act { return incident.UnblockStep{Runbook: r, Step: s} })
	stepHelp    = stepCall(view.ActionStepHelp, func(r, s string) incident.Act { return incident.HelpStep{Runbook: r, Step: s} })
	stepAsk     = stepCall(view.ActionStepAsk, func(r, s string) incident.Act { return incident.AskApproval{Runbook: r, Step: s} })
	stepRing    = stepCall(view.ActionStepRing, func(r, s string) incident.Act { return incident.RingApprover{Runbook: r, Step: s} })
)

// stepTake takes a step over only from who was shown to work it.
var stepTake = Button{view.ActionStepTake, func(ctx context.Context, c *Ask) (Reply, error) {
	return c.tell(ctx, incident.TakeStep{Runbook: c.Ref.Runbook, Step: c.Ref.Subject, From: c.Ref.Note})
}}

// spell hands in an act and always says what came of it.
func (c *Ask) spell(ctx context.Context, a incident.Act) (Reply, error) {
	r, err := c.do(ctx, a)
	if err != nil {
		return Reply{}, err
	}
	if r.Refusal != nil {
		return c.refused(r.Refusal), nil
	}
	return c.card(c.voice().RecordedCard(r.State.ID, c.lines(ctx, r))), nil
}

var stepBlock = Button{view.ActionStepBlock, func(ctx context.Context, c *Ask) (Reply, error) {
	return c.stepForm(ctx, view.BlockForm)
}}

var stepReturn = Button{view.ActionStepReturn, func(ctx context.Context, c *Ask) (Reply, error) {
	return c.stepForm(ctx, view.ReturnForm)
}}

// stepConfirm is the second pair of eyes.
var stepConfirm = Button{view.ActionStepConfirm, func(ctx context.Context, c *Ask) (Reply, error) { return c.second(ctx) }}

// second shows what is to be run to who may be the second person; others are told at once why they cannot. What was run before somebody looked, as
// in older logs, is confirmed with the press.
func (c *Ask) second(ctx context.Context) (Reply, error) {
	run, _ := c.State.Runbook(c.Ref.Runbook)
	_, marked := run.Steps[c.Ref.Subject]
	if w := run.Worked(c.Ref.Subject); marked || !w.Awaits.At.IsZero() || !c.State.StepWorkable(c.Ref.Runbook, c.Ref.Subject) {
		return c.tell(ctx, incident.ConfirmStep{Runbook: c.Ref.Runbook, Step: c.Ref.Subject})
	}
	if no := c.State.MaySecond(c.Ref.Runbook, c.Ref.Subject, c.desk.office.Person(ctx, c.Who)); no != nil {
		return c.refused(no), nil
	}
	return c.stepForm(ctx, view.SecondForm)
}

// stepApprove opens the form for who may approve; others are told at once who may, before they have written a reason.
var stepApprove = Button{view.ActionStepApprove, func(ctx context.Context, c *Ask) (Reply, error) {
	if no := c.mayApprove(ctx); no != nil {
		return c.refused(no), nil
	}
	return c.stepForm(ctx, view.ApproveForm)
}}

// mayApprove is the refusal of who does not hold the role that must approve. The incident decides; this only spares a form.
func (c *Ask) mayApprove(ctx context.Context) *incident.Refusal {
	run, ok := c.State.Runbook(c.Ref.Runbook)
	rule, _ := run.Ref.Rule(c.Ref.Subject)
	on, err := c.desk.office.OnCall(ctx)
	if _, marked := run.Steps[c.Ref.Subject]; !ok || marked || rule.Approval == "" || err != nil || !c.State.StepWorkable(c.Ref.Runbook, c.Ref.Subject) {
		return nil // there is a better answer, or none
	}
	who := c.State.RoleHolders(rule.Approval, on)
	if slices.ContainsFunc(who, c.desk.office.Person(ctx, c.Who).Same) {
		return nil
	}
	no := &incident.Refusal{Code: incident.RefusedApprover, Args: []string{c.Ref.Runbook, strconv.Itoa(slices.Index(run.Ref.Steps, c.Ref.Subject) + 1), c.State.Policy.Target(c.State.Service, rule.Approval)}}
	if len(who) > 0 {
		no.By = who[0]
	}
	return no
}

// stepForm opens a form about the step, unless it has been marked meanwhile.
func (c *Ask) stepForm(ctx context.Context, draw func(view.Source) view.Form) (Reply, error) {
	run, ok := c.State.Runbook(c.Ref.Runbook)
	if !ok {
		return c.stale(), nil
	}
	if m, marked := run.Steps[c.Ref.Subject]; marked {
		return c.refused(&incident.Refusal{Code: incident.RefusedStepMarked, By: m.By, Args: []string{m.Mark, m.At.Format(rfc3339)}}), nil
	}
	if rep, over := c.over(); over && !c.State.StepWorkable(c.Ref.Runbook, c.Ref.Subject) {
		return rep, nil
	}
	r, ok, err := c.revision(ctx)
	if err != nil || !ok {
		return c.stale(), err
	}
	src := c.source()
	src.Step = StepOf(r, c.Ref.Subject, c.State)
	if src.Step == nil {
		return c.stale(), nil
	}
	f := draw(src)
	return Reply{Form: &f}, nil
}

var findingForm = Form{view.FormFinding, func(ctx context.Context, c *Ask) (Reply, error) {
	text := strings.TrimSpace(c.Answers[view.InputText])
	if text == "" {
		return c.fault(view.InputText, "finding"), nil
	}
	if c.Answers[view.InputBranch] == view.BranchStay {
		return c.submitted(ctx, view.InputText, incident.FindStep{Runbook: c.Ref.Runbook, Step: c.Ref.Subject, Text: incident.Say(text, incident.MaxFinding)})
	}
	next, other, led := "", place{}, false
	if b := c.Answers[view.InputBranch]; b != "" && b != view.BranchNone {
		r, ok, err := c.revision(ctx)
		if err != nil || !ok {
			return c.stale(), err
		}
		_, next, other, led = branchOf(r, c.Ref.Subject, b)
	}
	mark := c.found(text, next)
	mark.Kind, mark.Led = c.kindOf(ctx), led
	rep, err := c.submitted(ctx, view.InputText, mark)
	if err != nil || len(rep.Errors) > 0 {
		return rep, err
	}
	return c.leadOn(ctx, other, rep), nil
}}

var skipForm = Form{view.FormSkip, func(ctx context.Context, c *Ask) (Reply, error) {
	next, other := "", place{}
	if b := c.Answers[view.InputBranch]; b != "" && b != view.BranchNone {
		r, ok, err := c.revision(ctx)
		if err != nil || !ok {
			return c.stale(), err
		}
		_, next, other, _ = branchOf(r, c.Ref.Subject, b)
	}
	rep, err := c.submitted(ctx, view.InputReason, incident.MarkStep{Runbook: c.Ref.Runbook, Step: c.Ref.Subject, Mark: incident.StepSkipped, Text: incident.Say(c.Answers[view.InputReason], incident.MaxReason), Next: next})
	if err != nil || len(rep.Errors) > 0 {
		return rep, err
	}
	return c.leadOn(ctx, other, rep), nil
}}

var blockForm = Form{view.FormBlock, func(ctx context.Context, c *Ask) (Reply, error) {
	a := incident.BlockStep{Runbook: c.Ref.Runbook, Step: c.Ref.Subject, On: incident.Say(c.Answers[view.InputReason], incident.MaxReason), Whom: incident.Say(c.Answers[view.InputWhom], 150)}
	if s := strings.TrimSpace(c.Answers[view.InputSince]); s != "" {
		since, ok := c.lastTime(s)
		if !ok {
			return c.fault(view.InputSince, "since"), nil
		}
		a.Since = since
	}
	return c.submitted(ctx, view.InputReason, a)
}}

var approveForm = Form{view.FormApprove, func(ctx context.Context, c *Ask) (Reply, error) {
	return c.submitted(ctx, view.InputReason, incident.ApproveStep{Runbook: c.Ref.Runbook, Step: c.Ref.Subject, Reason: incident.Say(c.Answers[view.InputReason], incident.MaxReason), Drawn: c.Ref.Filled})
}}

var secondForm = Form{view.FormSecond, func(ctx context.Context, c *Ask) (Reply, error) {
	return c.submitted(ctx, view.InputReason, incident.ConfirmStep{Runbook: c.Ref.Runbook, Step: c.Ref.Subject, Text: incident.Say(c.Answers[view.InputReason], incident.MaxReason), Drawn: c.Ref.Filled})
}}

var returnForm = Form{view.FormReturn, func(ctx context.Context, c *Ask) (Reply, error) {
	return c.submitted(ctx, view.InputReason, incident.ReturnStep{Runbook: c.Ref.Runbook, Step: c.Ref.Subject, Reason: incident.Say(c.Answers[view.InputReason], incident.MaxReason)})
}}

// Holders are who holds the roles that a step names now.
func Holders(step *view.Step, s incident.State, on incident.OnCall) map[string][]incident.Person {
	run, _ := s.Runbook(step.Runbook)
	rule, _ := run.Ref.Rule(step.ID)
	out := map[string][]incident.Person{}
	for _, role := range slices.Concat(rule.Who, []string{rule.Approval}, run.Ref.Informs(step.ID)) {
		if who := s.RoleHolders(role, on); len(who) > 0 {
			out[role] = who
		}
	}
	return out
}

// StepOf is a runbook's step as a view shows it, its commands filled with what the incident's alerts know.
func StepOf(r *runbooks.Runbook, id string, s incident.State) *view.Step {
	st, ok := r.Step(id)
	if !ok {
		return nil
	}
	values, _ := valuesFor(r, s)
	prose := func(text string) string {
		filled, _ := r.FillProse(text, values)
		return runbooks.Marked(filled)
	}
	out := &view.Step{
		Runbook: r.ID, Title: r.Title, Intro: runbooks.Marked(r.Intro), ID: st.ID, Name: st.Title, Number: st.Number, Of: len(r.Steps), Kind: string(st.Kind), Minutes: st.Minutes,
		Prose: prose(st.Prose), LookFor: prose(st.LookFor), Who: st.Who, FourEyes: st.FourEyes, Owner: r.Owner,
	}
	for _, w := range st.Warnings {
		out.Warnings = append(out.Warnings, prose(w))
	}
	for _, p := range st.Parts {
		part := view.StepPart{Command: p.Command}
		if p.Command < 0 {
			part = view.StepPart{Text: prose(p.Text)}
		}
		out.Parts = append(out.Parts, part)
	}
	fillStep(out, r, st, s)
	out.Draft = draftOf(st, out.Commands)
	for i, b := range st.Branches {
		br := view.Branch{Finding: b.Finding, Value: strconv.Itoa(i)}
		switch {
		case b.Step != "" && b.Runbook == "":
			if to, ok := r.Step(b.Step); ok {
				br.Step = to.Number
			}
		case b.Runbook != "":
			br.To = b.Runbook
		case b.Done:
			br.Through = true
		}
		out.Branches = append(out.Branches, br)
	}
	for _, x := range r.Steps {
		out.Steps = append(out.Steps, view.StepName{ID: x.ID, Name: x.Title})
	}
	return out
}

package commands

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/view"
	"github.com/tocsin-bot/tocsin/runbooks"
)

// draftOf is what a step that tells people wants sent: its blocks of text, filled.
func draftOf(st runbooks.Step, filled []string) string {
	if st.Kind != runbooks.Notify {
		return ""
	}
	var parts []string
	for i, cmd := range st.Commands {
		if cmd.Language == "text" && i < len(filled) {
			parts = append(parts, filled[i])
		}
	}
	return strings.Join(parts, "\n\n")
}

// stepSent opens the form that says what was sent, with the draft in the language that the button names.
var stepSent = Button{view.ActionStepSent, func(ctx context.Context, c *Ask) (Reply, error) { return c.sentForm(ctx) }}

// sentForm is legal when the step is marked, and when the incident is over: what is owed is owed until it is sent.
func (c *Ask) sentForm(ctx context.Context) (Reply, error) {
	run, ok := c.State.Runbook(c.Ref.Runbook)
	if !ok {
		return c.stale(), nil
	}
	tells, n := run.Ref.Tells(c.Ref.Subject), slices.Index(run.Ref.Steps, c.Ref.Subject)
	switch {
	case len(tells) == 0:
		return c.stale(), nil
	case len(run.Untold(c.Ref.Subject)) == 0:
		last, _ := run.Told(c.Ref.Subject, tells[len(tells)-1])
		return c.refused(&incident.Refusal{Code: incident.RefusedTold, By: last.By, Args: []string{c.Ref.Runbook, strconv.Itoa(n + 1), last.At.Format(rfc3339)}}), nil
	}
	r, ok, err := c.revision(ctx)
	if err != nil || !ok {
		return c.stale(), err
	}
	src := c.source()
	if src.Step = StepOf(r, c.Ref.Subject, c.State); src.Step == nil {
		return c.stale(), nil
	}
	language := c.State.Language()
	if c.Ref.Note == view.DraftOther {
		language = map[string]string{catalog.English: catalog.French, catalog.French: catalog.English}[catalog.Language(language)]
	}
	if language != r.Language { // today's revision in that language; the pinned one has one only
		if x, ok := c.desk.library.ByID(r.ID, language); ok && x.Language == language {
			if st := StepOf(x, c.Ref.Subject, c.State); st != nil {
				src.Step.Draft = st.Draft
			}
		}
	}
	f := view.SentForm(src, language)
	return Reply{Form: &f}, nil
}

// lastTime is the last time a clock showed a time of day.
func (c *Ask) lastTime(s string) (time.Time, bool) {
	h, m, ok := clockOf(s)
	if !ok {
		return time.Time{}, false
	}
	now := c.desk.now()
	if at := onDay(now.In(c.zone()), 0, h, m); !at.After(now) {
		return at, true
	}
	return onDay(now.In(c.zone()), -1, h, m), true
}

// sentAnswers are what a form said of something that was sent; no is the answer to one that cannot be read.
func (c *Ask) sentAnswers() (text, to, reference incident.Text, at time.Time, no *Reply) {
	fault := func(input, what string) *Reply { r := c.fault(input, what); return &r }
	if to = incident.Say(c.Answers[view.InputTo], incident.MaxSentTo); to.Body == "" {
		return text, to, reference, at, fault(view.InputTo, "sent-to")
	}
	if s := strings.TrimSpace(c.Answers[view.InputSince]); s != "" {
		var ok bool
		if at, ok = c.lastTime(s); !ok {
			return text, to, reference, at, fault(view.InputSince, "since")
		}
	}
	return incident.Say(c.Answers[view.InputText], incident.MaxNotice), to, incident.Say(c.Answers[view.InputReference], incident.MaxReference), at, nil
}

var sentForm = Form{view.FormStepSent, func(ctx context.Context, c *Ask) (Reply, error) {
	a := incident.SentStep{Runbook: c.Ref.Runbook, Step: c.Ref.Subject, Drawn: c.Ref.Filled}
	var no *Reply
	if a.Text, a.To, a.Reference, a.At, no = c.sentAnswers(); no != nil {
		return *no, nil
	}
	offered := strings.Split(c.Ref.Note, ",")
	a.Roles = offered
	if len(offered) > 1 {
		a.Roles = slices.DeleteFunc(strings.Split(c.Answers[view.InputRoles], ","), func(r string) bool { return !contains(offered, r) })
	}
	if len(a.Roles) == 0 {
		return c.fault(view.InputRoles, "sent-roles"), nil
	}
	other := place{}
	switch b := c.Answers[view.InputBranch]; b {
	case "", view.BranchStay:
	case view.BranchNone:
		a.Done = true
	default:
		r, ok, err := c.revision(ctx)
		if err != nil || !ok {
			return c.stale(), err
		}
		finding := ""
		if finding, a.Next, other, ok = branchOf(r, c.Ref.Subject, b); !ok {
			return c.stale(), nil
		}
		a.Done, a.Finding = true, incident.Say(finding, incident.MaxFinding)
	}
	rep, err := c.submittedSent(ctx, a)
	if err != nil || len(rep.Errors) > 0 {
		return rep, err
	}
	return c.leadOn(ctx, other, rep), nil
}}

// stillOwed says of a step that was marked done with nobody told that its clock goes on, with the button that ends it.
func (c *Ask) stillOwed(rep Reply) Reply {
	run, _ := c.State.Runbook(c.Ref.Runbook)
	if len(run.Untold(c.Ref.Subject)) == 0 {
		return rep
	}
	for _, clock := range run.Ref.Clocks {
		for _, d := range c.State.Owing() {
			if clock.Step == c.Ref.Subject && c.State.ClockIs(clock, d) {
				return c.card(view.StillOwedCard(c.source(), d))
			}
		}
	}
	return rep
}

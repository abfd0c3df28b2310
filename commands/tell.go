package commands

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/view"
)

// stepTell opens the form by which a step tells people inside the company, with who they are now.
var stepTell = Button{view.ActionStepTell, func(ctx context.Context, c *Ask) (Reply, error) {
	run, ok := c.State.Runbook(c.Ref.Runbook)
	if !ok || len(run.Ref.Informs(c.Ref.Subject)) == 0 {
		return c.stale(), nil
	}
	r, ok, err := c.revision(ctx)
	if err != nil || !ok {
		return c.stale(), err
	}
	src := c.source()
	if src.Step = StepOf(r, c.Ref.Subject, c.State); src.Step == nil {
		return c.stale(), nil
	}
	on, err := c.desk.office.OnCall(ctx)
	if err != nil {
		return Reply{}, fmt.Errorf("read who is on call: %w", err)
	}
	src.Step.Holders = Holders(src.Step, c.State, on)
	f := view.TellForm(src)
	if f.Ref.Note == "" { // all were, meanwhile
		return c.stale(), nil
	}
	return Reply{Form: &f}, nil
}}

var tellForm = Form{view.FormStepTell, func(ctx context.Context, c *Ask) (Reply, error) {
	offered := strings.Split(c.Ref.Note, ",")
	a := incident.TellStep{Runbook: c.Ref.Runbook, Step: c.Ref.Subject, Roles: offered, How: c.Answers[view.InputHow], Text: incident.Say(c.Answers[view.InputText], incident.MaxNotice), Drawn: c.Ref.Filled}
	if len(offered) > 1 {
		a.Roles = slices.DeleteFunc(strings.Split(c.Answers[view.InputRoles], ","), func(r string) bool { return !contains(offered, r) })
	}
	switch {
	case len(a.Roles) == 0:
		return c.fault(view.InputRoles, "sent-roles"), nil
	case a.How != incident.TellSelf && a.Text.Body == "":
		return c.fault(view.InputText, "tell-text"), nil
	}
	input := view.InputHow
	if len(offered) > 1 {
		input = view.InputRoles
	}
	return c.submitted(ctx, input, a)
}}

package commands

import (
	"context"

	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/view"
)

var resolve = Command{
	Name: "resolve", Aliases: []string{"resolved", "fixed"}, Usage: "resolve [what ended it]", Where: InRoom, Words: 1,
	Examples: []Example{{"resolve rolled back to 4.1"}},
	Run: func(ctx context.Context, c *Ask) (Reply, error) {
		return c.tell(ctx, incident.Resolve{Text: say(c.Args, incident.MaxFinding)})
	},
}

var openResolve = Button{view.ActionOpenResolve, func(_ context.Context, c *Ask) (Reply, error) { return c.form(view.ResolveForm) }}

var resolveForm = Form{view.FormResolve, func(ctx context.Context, c *Ask) (Reply, error) {
	return c.submitted(ctx, view.InputText, incident.Resolve{Text: incident.Say(c.Answers[view.InputText], incident.MaxFinding)})
}}

var cancel = Command{
	Name: "cancel", Aliases: []string{"noise"}, Usage: "cancel <why it was none>", Where: InRoom, Words: 1,
	Examples: []Example{{"cancel the probe was misconfigured"}, {"cancel"}},
	Run: func(ctx context.Context, c *Ask) (Reply, error) {
		if c.Args == "" {
			return c.form(view.CancelForm)
		}
		return c.tell(ctx, incident.Cancel{Reason: say(c.Args, incident.MaxReason)})
	},
}

var openCancel = Button{view.ActionOpenCancel, func(_ context.Context, c *Ask) (Reply, error) { return c.form(view.CancelForm) }}

var cancelForm = Form{view.FormCancel, func(ctx context.Context, c *Ask) (Reply, error) {
	return c.submitted(ctx, view.InputReason, incident.Cancel{Reason: incident.Say(c.Answers[view.InputReason], incident.MaxReason)})
}}

var reopen = Command{
	Name: "reopen", Usage: "reopen [why]", Where: InRoom, Words: 1, Ended: true, Examples: []Example{{"reopen errors are back"}},
	Run: func(ctx context.Context, c *Ask) (Reply, error) {
		return c.tell(ctx, incident.Reopen{Reason: say(c.Args, incident.MaxReason)})
	},
}

var openReopen = Button{view.ActionReopen, func(_ context.Context, c *Ask) (Reply, error) {
	if c.State.Open() && c.State.Status != incident.Mitigated {
		return c.refused(&incident.Refusal{Code: incident.RefusedNotOver}), nil
	}
	f := view.ReopenForm(c.source())
	return Reply{Form: &f}, nil
}}

var reopenForm = Form{view.FormReopen, func(ctx context.Context, c *Ask) (Reply, error) {
	return c.submitted(ctx, view.InputReason, incident.Reopen{Reason: incident.Say(c.Answers[view.InputReason], incident.MaxReason)})
}}

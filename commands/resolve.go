package commands

import (
	"context"

	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/view"
)

var resolve = Command{
	Name: "resolve", Aliases: []string{"resolved", "close", "fixed"}, Usage: "resolve [what ended it]", Where: InRoom,
	Examples: []Example{{"resolve rolled back to 4.1"}},
	Run: func(ctx context.Context, c *Ask) (Reply, error) {
		return c.tell(ctx, incident.Resolve{Text: incident.Say(c.Args, incident.MaxFinding)})
	},
}

var openResolve = Button{view.ActionOpenResolve, func(_ context.Context, c *Ask) (Reply, error) {
	f := view.ResolveForm(c.source())
	return Reply{Form: &f}, nil
}}

var resolveForm = Form{view.FormResolve, func(ctx context.Context, c *Ask) (Reply, error) {
	return c.submitted(ctx, view.InputText, incident.Resolve{Text: incident.Say(c.Answers[view.InputText], incident.MaxFinding)})
}}

var cancel = Command{
	Name: "cancel", Aliases: []string{"noise"}, Usage: "cancel <why it was none>", Where: InRoom,
	Examples: []Example{{"cancel the probe was misconfigured"}, {"cancel"}},
	Run: func(ctx context.Context, c *Ask) (Reply, error) {
		if c.Args == "" {
			f := view.CancelForm(c.source())
			return Reply{Form: &f}, nil
		}
		return c.tell(ctx, incident.Cancel{Reason: incident.Say(c.Args, incident.MaxReason)})
	},
}

var openCancel = Button{view.ActionOpenCancel, func(_ context.Context, c *Ask) (Reply, error) {
	f := view.CancelForm(c.source())
	return Reply{Form: &f}, nil
}}

var cancelForm = Form{view.FormCancel, func(ctx context.Context, c *Ask) (Reply, error) {
	return c.submitted(ctx, view.InputReason, incident.Cancel{Reason: incident.Say(c.Answers[view.InputReason], incident.MaxReason)})
}}

var reopen = Command{
	Name: "reopen", Usage: "reopen [why]", Where: InRoom, Examples: []Example{{"reopen errors are back"}},
	Run: func(ctx context.Context, c *Ask) (Reply, error) {
		return c.tell(ctx, incident.Reopen{Reason: incident.Say(c.Args, incident.MaxReason)})
	},
}

var openReopen = Button{view.ActionReopen, func(_ context.Context, c *Ask) (Reply, error) {
	f := view.ReopenForm(c.source())
	return Reply{Form: &f}, nil
}}

var reopenForm = Form{view.FormReopen, func(ctx context.Context, c *Ask) (Reply, error) {
	return c.submitted(ctx, view.InputReason, incident.Reopen{Reason: incident.Say(c.Answers[view.InputReason], incident.MaxReason)})
}}

package commands

import (
	"context"

	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/view"
)

var progress = Command{
	Name: "progress", Usage: "progress <what you found or did>", Where: InRoom,
	Examples: []Example{{"progress the pool on kyc-svc is full, scaling it"}, {"progress"}},
	Run: func(ctx context.Context, c *Ask) (Reply, error) {
		if c.Args == "" {
			f := view.ProgressForm(c.source())
			return Reply{Form: &f}, nil
		}
		return c.tell(ctx, incident.Progress{Text: incident.Say(c.Args, incident.MaxFinding)})
	},
}

var openProgress = Button{view.ActionOpenProgress, func(_ context.Context, c *Ask) (Reply, error) {
	f := view.ProgressForm(c.source())
	return Reply{Form: &f}, nil
}}

var progressForm = Form{view.FormProgress, func(ctx context.Context, c *Ask) (Reply, error) {
	return c.submitted(ctx, view.InputText, incident.Progress{Text: incident.Say(c.Answers[view.InputText], incident.MaxFinding)})
}}

var moreTime = Button{view.ActionMoreTime, func(ctx context.Context, c *Ask) (Reply, error) { return c.tell(ctx, incident.MoreTime{}) }}

var sendHelp = Button{view.ActionSendHelp, func(ctx context.Context, c *Ask) (Reply, error) { return c.tell(ctx, incident.SendHelp{}) }}

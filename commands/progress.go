package commands

import (
	"context"
	"fmt"

	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/view"
)

var progress = Command{
	Name: "progress", Usage: "progress <what you found or did>", Where: InRoom, Words: 1,
	Examples: []Example{{"progress the pool on kyc-svc is full, scaling it"}, {"progress"}},
	Run: func(ctx context.Context, c *Ask) (Reply, error) {
		if c.Args == "" {
			return c.form(view.ProgressForm)
		}
		return c.tell(ctx, incident.Progress{Text: say(c.Args, incident.MaxFinding)})
	},
}

var openProgress = Button{view.ActionOpenProgress, func(_ context.Context, c *Ask) (Reply, error) { return c.form(view.ProgressForm) }}

var progressForm = Form{view.FormProgress, func(ctx context.Context, c *Ask) (Reply, error) {
	return c.submitted(ctx, view.InputText, incident.Progress{Text: incident.Say(c.Answers[view.InputText], incident.MaxFinding)})
}}

// moreTime is about the level that was waited for when the button was drawn: it must not give another level time.
var moreTime = Button{view.ActionMoreTime, func(ctx context.Context, c *Ask) (Reply, error) {
	if moved, err := c.moved(ctx); err != nil || moved {
		return c.stale(), err
	}
	return c.tell(ctx, incident.MoreTime{})
}}

// sendHelp rings the next level. Pressed twice, or by two people at once, it rings one level, not two: both presses have the key of the
// stage that the button was drawn at.
var sendHelp = Button{view.ActionSendHelp, func(ctx context.Context, c *Ask) (Reply, error) {
	if moved, err := c.moved(ctx); err != nil || moved {
		return c.stale(), err
	}
	l := c.State.Ladder
	c.Key = fmt.Sprintf("help/%s/%d/%d/%t", c.State.ID, l.Round, l.Level, l.Backup)
	return c.tell(ctx, incident.SendHelp{})
}}

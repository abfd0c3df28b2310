package commands

import (
	"context"

	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/view"
)

var merge = Command{
	Name: "merge", Aliases: []string{"dup", "duplicate"}, Usage: "merge <INC-41>", Where: InRoom, Other: true,
	Examples: []Example{{"merge INC-41"}},
	Run: func(ctx context.Context, c *Ask) (Reply, error) {
		into, err := incident.ParseID(c.Args)
		if err != nil {
			return usage("usage.merge", c.Args)
		}
		return c.tell(ctx, incident.Merge{Into: into})
	},
}

// The target was seen to look alike by whoever declared; it may have ended since, and the merge says so then.
var mergeButton = Button{view.ActionMerge, func(ctx context.Context, c *Ask) (Reply, error) {
	into, err := incident.ParseID(c.Ref.Subject)
	if err != nil {
		return c.stale(), nil
	}
	return c.tell(ctx, incident.Merge{Into: into})
}}

var splitButton = Button{view.ActionSplit, func(ctx context.Context, c *Ask) (Reply, error) {
	return c.tell(ctx, incident.Split{What: incident.Clip(c.Ref.Subject, 100)})
}}

var split = Command{
	Name: "split", Usage: "split <service, alert or group>", Where: InRoom, Words: 1,
	Examples: []Example{{"split checkout"}},
	Run: func(ctx context.Context, c *Ask) (Reply, error) {
		return c.tell(ctx, incident.Split{What: incident.Clip(c.Args, 100)})
	},
}

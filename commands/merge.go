package commands

import (
	"context"

	"github.com/tocsin-bot/tocsin/bot/incident"
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

var split = Command{
	Name: "split", Usage: "split <service, alert or group>", Where: InRoom, Words: 1,
	Examples: []Example{{"split checkout"}},
	Run: func(ctx context.Context, c *Ask) (Reply, error) {
		return c.tell(ctx, incident.Split{What: incident.Clip(c.Args, 100)})
	},
}

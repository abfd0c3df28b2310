package commands

import (
	"context"

	"github.com/tocsin-bot/tocsin/bot/incident"
)

var noteVerb = Command{
	Name: "note", Aliases: []string{"event"}, Usage: "note <for the timeline>", Where: InRoom, Words: 1, Ended: true,
	Examples: []Example{{"note supplier confirms the outage by phone"}},
	Run: func(ctx context.Context, c *Ask) (Reply, error) {
		if c.Args == "" {
			return usage("usage.words", "")
		}
		return c.tell(ctx, incident.Note{Text: say(c.Args, incident.MaxFinding)})
	},
}

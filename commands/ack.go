package commands

import (
	"context"

	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/view"
)

var ack = Command{
	Name: "ack", Aliases: []string{"acknowledge", "take"}, Usage: "ack", Where: InRoom, Examples: []Example{{"ack"}},
	Run: func(ctx context.Context, c *Ask) (Reply, error) { return c.tell(ctx, incident.Ack{}) },
}

var ackButton = Button{view.ActionAck, func(ctx context.Context, c *Ask) (Reply, error) { return c.tell(ctx, incident.Ack{}) }}

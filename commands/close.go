package commands

import (
	"context"

	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/view"
)

var closeVerb = Command{
	Name: "close", Aliases: []string{"closed"}, Usage: "close [why]", Where: InRoom, Words: 1, Ended: true,
	Examples: []Example{{"close the post-mortem is in the wiki"}, {"close"}},
	Run:      func(ctx context.Context, c *Ask) (Reply, error) { return c.close(ctx, c.Args) },
}

// The button stands on what is resolved: pressed when that was reopened since, it must not end it.
var closeButton = Button{view.ActionClose, func(ctx context.Context, c *Ask) (Reply, error) {
	if c.State.Open() {
		return c.stale(), nil
	}
	return c.close(ctx, "")
}}

// close closes the incident. What is owed keeps it from that and is shown, each with whose it is; an open incident is resolved by it.
func (c *Ask) close(ctx context.Context, why string) (Reply, error) {
	r, err := c.do(ctx, incident.Close{Reason: say(why, incident.MaxReason)})
	switch {
	case err != nil:
		return Reply{}, err
	case r.Refusal != nil && r.Refusal.Code == incident.RefusedOwed:
		return c.card(view.OwedCard(c.source(), false)), nil
	case r.Refusal != nil:
		return c.refused(r.Refusal), nil
	case r.State.Status == incident.Resolved && len(r.State.Unfinished()) > 0:
		c.State = r.State
		return c.card(view.OwedCard(c.source(), true)), nil
	}
	return c.recorded(ctx, r), nil
}

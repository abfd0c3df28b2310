package commands

import (
	"context"

	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/view"
)

// touched answers whether customers or regulators are touched.
var touched = Button{view.ActionTouched, func(ctx context.Context, c *Ask) (Reply, error) {
	if rep, over := c.over(); over {
		return rep, nil
	}
	var a incident.RecordImpact
	switch c.Ref.Subject {
	case view.TouchedCustomers:
		a.Customers = incident.TouchedYes
	case view.TouchedRegulators:
		a.Regulators = incident.TouchedYes
	case view.TouchedNeither:
		a.Customers, a.Regulators = incident.TouchedNo, incident.TouchedNo
	default:
		return c.stale(), nil
	}
	return c.tell(ctx, a)
}}

package commands

import (
	"context"
	"strings"

	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/view"
)

var handover = Command{
	Name: "handover", Aliases: []string{"handoff"}, Usage: "handover [@person|keep]", Where: InRoom,
	Examples: []Example{{"handover <@U0TECH|tech>"}, {"handover"}},
	Run: func(ctx context.Context, c *Ask) (Reply, error) {
		if c.Args == "" {
			return c.form(view.HandOverForm)
		}
		if strings.EqualFold(c.Args, "keep") || c.Args == "garder" {
			return c.tell(ctx, incident.DeclineHandOver{})
		}
		p, ok := personOf(c.Args)
		if !ok {
			return usage("usage.person", c.Args)
		}
		return c.tell(ctx, incident.ProposeHandOver{To: c.desk.office.Person(ctx, p)})
	},
}

var openHandOver = Button{view.ActionOpenHandOver, func(_ context.Context, c *Ask) (Reply, error) { return c.form(view.HandOverForm) }}

var acceptHandOver = Button{view.ActionAcceptHandOver, func(ctx context.Context, c *Ask) (Reply, error) {
	return c.tell(ctx, incident.AcceptHandOver{})
}}

var declineHandOver = Button{view.ActionDeclineHandOver, func(ctx context.Context, c *Ask) (Reply, error) {
	return c.tell(ctx, incident.DeclineHandOver{})
}}

var handOverForm = Form{view.FormHandOver, func(ctx context.Context, c *Ask) (Reply, error) {
	who := incident.Person{Slack: c.Answers[view.InputPerson]}
	if !who.Zero() {
		who = c.desk.office.Person(ctx, who)
	}
	return c.submitted(ctx, view.InputPerson, incident.ProposeHandOver{To: who})
}}

package commands

import (
	"context"
	"strings"

	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/view"
)

var park = Command{
	Name: "park", Aliases: []string{"snooze"}, Usage: "park [until] <09:00|tomorrow 09:00|2h> [@owner] [why]", Where: InRoom, Words: 2,
	Examples: []Example{{"park until 09:00 <@U0TECH|tech> the supplier answers in the morning"}, {"park 2h"}},
	Run: func(ctx context.Context, c *Ask) (Reply, error) {
		args := c.Args
		if first, rest := words(args); strings.EqualFold(first, "until") || strings.EqualFold(first, "jusqu'à") {
			if args = rest; strings.EqualFold(first, "jusqu'à") { // "18h" is a time of day there
				at, more := words(rest)
				_, args = words(hours("jusqu'à " + at))
				args = strings.TrimSpace(args + " " + more)
			}
		}
		until, rest, ok := whenOf(args, c.desk.now(), c.zone())
		if !ok {
			first, _ := words(args)
			return usage("usage.until", first)
		}
		owner := c.Who
		if first, more := words(rest); first != "" {
			if p, is := personOf(first); is {
				owner, rest = c.desk.office.Person(ctx, p), more
			} else if isMe(first) {
				rest = more
			} else if strings.HasPrefix(first, "@") { // meant for somebody whom the chat did not make a mention of
				return usage("usage.person", first)
			}
		}
		return c.tell(ctx, incident.Park{Until: until, Owner: owner, Reason: say(rest, incident.MaxReason)})
	},
}

var resume = Command{
	Name: "resume", Aliases: []string{"unpark"}, Usage: "resume", Where: InRoom, Examples: []Example{{"resume"}},
	Run: func(ctx context.Context, c *Ask) (Reply, error) { return c.tell(ctx, incident.Resume{}) },
}

var resumeButton = Button{view.ActionResume, func(ctx context.Context, c *Ask) (Reply, error) { return c.tell(ctx, incident.Resume{}) }}

var hand = Command{
	Name: "hand", Aliases: []string{"handon"}, Usage: "hand @person", Where: InRoom,
	Examples: []Example{{"hand <@U0TECH|tech>"}},
	Run: func(ctx context.Context, c *Ask) (Reply, error) {
		if c.Args == "" {
			return c.form(view.HandOnForm)
		}
		p, ok := personOf(c.Args)
		if !ok {
			return usage("usage.person", c.Args)
		}
		return c.tell(ctx, incident.HandOn{Who: c.desk.office.Person(ctx, p)})
	},
}

var openHandOn = Button{view.ActionOpenHandOn, func(_ context.Context, c *Ask) (Reply, error) { return c.form(view.HandOnForm) }}

var handOnForm = Form{view.FormHandOn, func(ctx context.Context, c *Ask) (Reply, error) {
	id := c.Answers[view.InputPerson]
	if id == "" {
		return c.fault(view.InputPerson, "person"), nil
	}
	return c.submitted(ctx, view.InputPerson, incident.HandOn{Who: c.desk.office.Person(ctx, incident.Person{Slack: id})})
}}

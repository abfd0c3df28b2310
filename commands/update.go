package commands

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/view"
)

// maxUpdate is how long a status update may be, in characters.
const maxUpdate = 2000

var update = Command{
	Name: "update", Aliases: []string{"post"}, Usage: "update <for those who wait>|every 2h", Where: InRoom, Words: 1,
	Examples: []Example{{"update payments fail for a third of customers, we are rolling back"}, {"update"}},
	Run: func(ctx context.Context, c *Ask) (Reply, error) {
		if c.Args == "" {
			return c.form(view.UpdateForm)
		}
		if rep, is, err := c.cadence(ctx); is {
			return rep, err
		}
		return c.tell(ctx, incident.Update{Text: say(c.Args, maxUpdate)})
	},
}

var openUpdate = Button{view.ActionOpenUpdate, func(_ context.Context, c *Ask) (Reply, error) { return c.form(view.UpdateForm) }}

var updateForm = Form{view.FormUpdate, func(ctx context.Context, c *Ask) (Reply, error) {
	a := incident.Update{Text: incident.Say(c.Answers[view.InputText], maxUpdate)}
	if m := strings.TrimSpace(c.Answers[view.InputNext]); m != "" {
		n, err := strconv.Atoi(m)
		if err != nil || n < 1 || n > 24*60 {
			return c.fault(view.InputNext, "minutes"), nil
		}
		a.Next = time.Duration(n) * time.Minute
	}
	for _, name := range strings.Split(c.Answers[view.InputMoments], ",") {
		if name = strings.TrimSpace(name); name == incident.FixDeployed || name == incident.CustomersNotified {
			a.Moments = append(a.Moments, name)
		}
	}
	return c.submitted(ctx, view.InputText, a)
}}

package commands

import (
	"context"
	"strings"

	"github.com/tocsin-bot/tocsin/bot/incident"
)

var page = Command{
	Name: "page", Aliases: []string{"escalate"}, Usage: "page [next|<target>] [why]", Where: InRoom,
	Examples: []Example{{"page tech_lead we need a decision on the rollback"}, {"page next"}},
	Run: func(ctx context.Context, c *Ask) (Reply, error) {
		first, why := words(c.Args)
		if first == "" || strings.EqualFold(first, "next") {
			return c.tell(ctx, incident.SendHelp{})
		}
		return c.tell(ctx, incident.PageOut{Target: c.target(first), Reason: incident.Say(why, incident.MaxReason)})
	},
}

// target reads a target of the policy as people call it: by key, with "-" or "_", or by its title. What is none of them is handed on as
// typed, and refused with the list of those there are.
func (c *Ask) target(s string) string {
	p := c.State.Policy
	if p == nil {
		return s
	}
	k := strings.ToLower(strings.ReplaceAll(s, "-", "_"))
	if _, ok := p.Targets[k]; ok {
		return k
	}
	for _, key := range sortedTargets(p) {
		for _, title := range p.Targets[key].Title {
			if strings.EqualFold(title, s) {
				return key
			}
		}
	}
	return s
}

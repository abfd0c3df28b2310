package commands

import (
	"context"
	"strings"

	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/view"
)

var status = Command{
	Name: "status", Aliases: []string{"identified", "mitigated", "mit"}, Usage: "status [identified|mitigated|resolved|closed] [how]", Where: InRoom, Words: 2, Ended: true,
	Examples: []Example{{"status"}, {"status mitigated rolled back to 4.1"}},
	Run: func(ctx context.Context, c *Ask) (Reply, error) {
		if s, ok := statusOf(c.Word); ok { // "mitigated rolled back to 4.1" is what some are used to
			return c.tell(ctx, incident.SetStatus{Status: s, Reason: say(c.Args, incident.MaxReason)})
		}
		if c.Args == "" {
			return c.headline()
		}
		first, rest := words(c.Args)
		s, ok := statusOf(first)
		if !ok {
			return usage("usage.status", first)
		}
		switch s {
		case incident.Resolved:
			return c.tell(ctx, incident.Resolve{Text: say(rest, incident.MaxFinding)})
		case incident.Closed:
			return c.close(ctx, rest)
		}
		return c.tell(ctx, incident.SetStatus{Status: s, Reason: say(rest, incident.MaxReason)})
	},
}

var mitigated = Button{view.ActionMitigated, func(ctx context.Context, c *Ask) (Reply, error) {
	return c.tell(ctx, incident.SetStatus{Status: incident.Mitigated})
}}

// statusOf reads a status as people call it.
func statusOf(s string) (incident.Status, bool) {
	switch strings.ToLower(s) {
	case "investigating":
		return incident.Investigating, true
	case "identified", "cause":
		return incident.Identified, true
	case "mitigated", "mit", "mitigate":
		return incident.Mitigated, true
	case "resolved", "fixed", "resolve":
		return incident.Resolved, true
	case "closed", "close":
		return incident.Closed, true
	}
	return "", false
}

package commands

import (
	"context"

	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/view"
)

var sev = Command{
	Name: "sev", Aliases: []string{"severity"}, Usage: "sev <1|2|3|4> [reason]", Where: InRoom, Words: 2,
	Examples: []Example{{"sev 1 checkout is down for everybody"}, {"sev"}},
	Run: func(ctx context.Context, c *Ask) (Reply, error) {
		if c.Args == "" {
			return c.form(view.SeverityForm)
		}
		first, reason := words(c.Args)
		s, ok := severityOf(first)
		if !ok {
			return usage("usage.severity", first)
		}
		return c.tell(ctx, incident.SetSeverity{Severity: s, Reason: say(reason, incident.MaxReason)})
	},
}

var confirmSev = Button{view.ActionConfirmSev, func(ctx context.Context, c *Ask) (Reply, error) {
	s, ok := severityOf(c.Ref.Subject)
	if !ok {
		return c.stale(), nil
	}
	// The button confirms what it showed: when the severity has moved since, it must not be set back.
	if s != c.State.Severity {
		return c.stale(), nil
	}
	return c.tell(ctx, incident.SetSeverity{Severity: s})
}}

var openSev = Button{view.ActionOpenSev, func(_ context.Context, c *Ask) (Reply, error) { return c.form(view.SeverityForm) }}

var severityForm = Form{view.FormSeverity, func(ctx context.Context, c *Ask) (Reply, error) {
	s, ok := severityOf(c.Answers[view.InputSeverity])
	if !ok {
		return c.fault(view.InputSeverity, "severity"), nil
	}
	return c.submitted(ctx, view.InputSeverity, incident.SetSeverity{Severity: s, Reason: incident.Say(c.Answers[view.InputReason], incident.MaxReason)})
}}

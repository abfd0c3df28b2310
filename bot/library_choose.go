package bot

import (
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/commands"
)

// ForAlert implements engine.Library: the alert's runbook, else its service's, else the generic one.
func (l *library) ForAlert(alert, service string, p *incident.Policy) []incident.RunbookRef {
	c, language := l.catalogue.Load(), p.Language
	if r, ok := c.ByAlert(alert, language); ok {
		return []incident.RunbookRef{commands.RefOf(r)}
	}
	if list := commands.ForService(c, p, service, language); len(list) > 0 {
		return []incident.RunbookRef{commands.RefOf(list[0])}
	}
	if r, ok := c.Generic(language); ok {
		return []incident.RunbookRef{commands.RefOf(r)}
	}
	return nil
}

// Suggest implements engine.Library.
func (l *library) Suggest(title, service string, p *incident.Policy) []incident.Suggestion {
	return commands.Suggest(l.catalogue.Load(), p, title, service)
}

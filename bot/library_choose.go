package bot

import (
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/commands"
)

// ForAlert implements engine.Library: the runbook that names the alert, else the generic one. What is written for the alert's service may be
// about something else there, and is put forward alone (Suggest). Where no alert is named, the first that the policy lists for the service.
func (l *library) ForAlert(alert, service string, p *incident.Policy) (refs []incident.RunbookRef, by string) {
	c, language := l.catalogue.Load(), p.Language
	if r, ok := c.ByAlert(alert, language); ok {
		return []incident.RunbookRef{commands.RefOf(r)}, incident.ByAlert
	}
	if alert == "" && len(p.Services[service].Runbooks) > 0 {
		if list := commands.ForService(c, p, service, language); len(list) > 0 {
			return []incident.RunbookRef{commands.RefOf(list[0])}, incident.ByService
		}
	}
	if r, ok := c.Generic(language); ok {
		return []incident.RunbookRef{commands.RefOf(r)}, incident.ByGeneric
	}
	return nil, ""
}

// Suggest implements engine.Library.
func (l *library) Suggest(title, service string, p *incident.Policy) []incident.Suggestion {
	return commands.Suggest(l.catalogue.Load(), p, title, service)
}

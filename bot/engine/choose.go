package engine

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/tocsin-bot/tocsin/bot/incident"
)

// runbooks are those that fit the alert an act brings. A page of PagerDuty's that names no alert begins one where its title has an alert's
// name for a word, or where the policy lists runbooks for its service; a title that only sounds like one begins nothing.
func (e *Engine) runbooks(a incident.Act, p *incident.Policy) (refs []incident.RunbookRef, by string) {
	if e.o.Library == nil {
		return nil, ""
	}
	switch a := a.(type) {
	case incident.AlertsFired:
		if a.Set.Name != "" {
			return e.o.Library.ForAlert(a.Set.Name, p.ServiceOfSet(a.Set), p)
		}
	case incident.PagerTriggered:
		service := serviceOfPage(a, p)
		if a.AlertName != "" {
			return e.o.Library.ForAlert(a.AlertName, service, p)
		}
		for _, s := range e.o.Library.Suggest(a.Title.Body, service, p) {
			if s.By == incident.ByAlert {
				return e.o.Library.ForAlert(s.Value, service, p)
			}
		}
		if len(p.Services[service].Runbooks) > 0 {
			return e.o.Library.ForAlert("", service, p)
		}
	}
	return nil, ""
}

// serviceOfPage is the service by which a page of PagerDuty's chooses a runbook: PagerDuty's own where the policy knows it, else the one that
// the attached labels name. For whom it rings is another matter, which labels from outside have no say in.
func serviceOfPage(a incident.PagerTriggered, p *incident.Policy) string {
	for _, key := range slices.Sorted(maps.Keys(p.Services)) {
		if strings.EqualFold(key, a.Ref.Service) {
			return key
		}
	}
	return cmp.Or(p.ServiceOf(a.Ref.Labels), a.Ref.Service)
}

// suggest are runbooks that fit what a person declares, the service of an alert that no runbook names (fits says so), or the title of a page that
// names no alert: they are put forward and start nothing by themselves. Of a page, which nobody can be asked about, one word is not enough.
func (e *Engine) suggest(a incident.Act, s incident.State, p *incident.Policy, fits string) []incident.Suggestion {
	if e.o.Library == nil {
		return nil
	}
	ofService := func(service string) []incident.Suggestion {
		return slices.DeleteFunc(e.o.Library.Suggest("", service, p), func(s incident.Suggestion) bool { return s.By != incident.ByService })
	}
	if a, ok := a.(incident.AlertsFired); ok && fits == incident.ByGeneric {
		return ofService(p.ServiceOfSet(a.Set))
	}
	if s.Seq > 0 {
		return nil
	}
	switch a := a.(type) {
	case incident.Declare:
		return e.o.Library.Suggest(a.Title.Body, a.Service, p)
	case incident.PagerTriggered:
		if a.AlertName != "" {
			if fits == incident.ByGeneric {
				return ofService(serviceOfPage(a, p))
			}
			return nil
		}
		list := slices.DeleteFunc(e.o.Library.Suggest(a.Title.Body, serviceOfPage(a, p), p), func(s incident.Suggestion) bool {
			return s.By == incident.ByWords && !strings.Contains(s.Value, " ")
		})
		if len(list) == 0 {
			list = e.o.Library.Suggest("", "", p)
		}
		return list
	}
	return nil
}

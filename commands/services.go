package commands

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/view"
)

var services = Command{
	Name: "services", Usage: "services [name]", Where: Anywhere, Examples: []Example{{"services"}, {"services checkout"}},
	Run: func(ctx context.Context, c *Ask) (Reply, error) {
		p := c.desk.office.Policy()
		on, err := c.desk.office.OnCall(ctx)
		if err != nil {
			return Reply{}, err
		}
		var keys []string
		if p != nil {
			keys = slices.Sorted(maps.Keys(p.Services))
		}
		if c.Args == "" {
			var all []view.Service
			for _, k := range keys {
				all = append(all, c.serviceOf(p, k, on))
			}
			return c.card(c.voice().ServicesCard(all)), nil
		}
		key, ok := serviceNamed(p, keys, c.Args)
		if !ok {
			return c.card(c.voice().NoServiceCard(c.Args, keys)), nil
		}
		return c.card(c.voice().ServiceCard(c.serviceOf(p, key, on))), nil
	},
}

// serviceNamed is the service that a word means: its name, what it is called in any language, or the only one that begins so.
func serviceNamed(p *incident.Policy, keys []string, word string) (string, bool) {
	word = strings.Trim(strings.TrimSpace(word), "`\"")
	fits := func(test func(name string) bool) []string {
		var out []string
		for _, k := range keys {
			names := append(slices.Sorted(maps.Values(p.Services[k].Title)), k)
			if slices.ContainsFunc(names, test) {
				out = append(out, k)
			}
		}
		return out
	}
	for _, test := range []func(string) bool{
		func(n string) bool { return strings.EqualFold(n, word) },
		func(n string) bool { return plainService(n) == plainService(word) },
		func(n string) bool { return strings.HasPrefix(strings.ToLower(n), strings.ToLower(word)) },
	} {
		if list := fits(test); len(list) == 1 {
			return list[0], true
		}
	}
	return "", false
}

// techLead is the target that a process names where it means the tech lead of whatever service it is.
const techLead = "tech_lead"

// serviceOf is a service with who is on call for it now.
func (c *Ask) serviceOf(p *incident.Policy, key string, on incident.OnCall) view.Service {
	s := p.Services[key]
	out := view.Service{Key: key, Title: s.Title, Team: s.Team, Boards: s.Dashboards, Labels: s.Labels}
	var seen []string
	holding := func(named string) (view.OnCall, bool) {
		t := p.Target(key, named)
		if _, known := p.Targets[t]; !known || slices.Contains(seen, t) {
			return view.OnCall{}, false
		}
		seen = append(seen, t)
		return view.OnCall{Key: t, Title: p.Targets[t].Title, People: on[t].People}, true
	}
	first := true
	for _, l := range p.Ladder {
		if l.On != "" { // rung because of something else than time
			continue
		}
		for _, t := range l.Targets {
			if o, ok := holding(t); ok && first {
				out.Duty = append(out.Duty, o)
			} else if ok {
				out.Above = append(out.Above, o)
			}
		}
		if first {
			if o, ok := holding(techLead); ok {
				out.Duty = append(out.Duty, o)
			}
		}
		first = false
	}
	language := c.Language
	if language == "" {
		language = catalog.English
	}
	for _, r := range ForService(c.desk.library, p, key, language) {
		out.Runbooks = append(out.Runbooks, view.ServiceBook{ID: r.ID, Title: r.Title})
	}
	return out
}

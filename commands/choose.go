package commands

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/runbooks"
)

// ForService are the runbooks of a service in a language: those the policy lists for it, in its order, then the one that names it. A
// service is compared without regard to case and to the endings that deployments have ("ocr-svc" is ocr).
func ForService(c Library, p *incident.Policy, service, language string) []*runbooks.Runbook {
	var out []*runbooks.Runbook
	add := func(r *runbooks.Runbook, ok bool) {
		if ok && !slices.ContainsFunc(out, func(x *runbooks.Runbook) bool { return x.ID == r.ID }) {
			out = append(out, r)
		}
	}
	service = strings.TrimSpace(service)
	if service == "" {
		return nil
	}
	if p != nil {
		for _, key := range slices.Sorted(maps.Keys(p.Services)) {
			if strings.EqualFold(key, service) {
				for _, id := range p.Services[key].Runbooks {
					add(c.ByID(id, language))
				}
			}
		}
	}
	add(c.ByService(service, language))
	for _, r := range c.All() {
		if slices.ContainsFunc(r.Services, func(s string) bool { return plainService(s) == plainService(service) }) {
			add(c.ByID(r.ID, language))
		}
	}
	return out
}

// plainService is a service's name without what makes no difference.
func plainService(s string) string {
	s = strings.ToLower(strings.TrimSpace(s))
	for _, end := range []string{"-svc", "-service", "-api"} {
		s = strings.TrimSuffix(s, end)
	}
	return s
}

// Suggest are the runbooks that fit what a person declares, best first: those of its service, of an alert or service that the title names,
// those of which people say what it says, and those in whose title or alerts its words are; the generic one when there is none.
func Suggest(c Library, p *incident.Policy, title, service string) []incident.Suggestion {
	language := "en"
	if p != nil {
		language = cmp.Or(p.Language, language)
	}
	var out []incident.Suggestion
	add := func(r *runbooks.Runbook, by, value string) {
		if len(out) < maxSuggested && !r.Generic() && !slices.ContainsFunc(out, func(x incident.Suggestion) bool { return x.Runbook == r.ID }) {
			out = append(out, incident.Suggestion{Runbook: r.ID, Title: r.Title, By: by, Value: value})
		}
	}
	for _, r := range ForService(c, p, service, language) {
		add(r, incident.ByService, service)
	}
	said := strings.FieldsFunc(title, func(r rune) bool { return strings.ContainsRune(" \t\n,;:.!?()[]\"'’`", r) })
	for _, w := range said { // an alert's name, or a service's, said in words
		if r, ok := c.ByAlert(w, language); ok {
			add(r, incident.ByAlert, w)
		}
	}
	for _, w := range said {
		for _, r := range ForService(c, p, w, language) {
			add(r, incident.ByService, w)
		}
	}
	// What people say of it, all of it: "uploads fail since noon".
	for _, h := range c.Search(title, language, maxSuggested) {
		if h.Sure && h.Said != "" {
			add(h.Runbook, incident.BySymptom, h.Said)
		}
	}
	// Words that say something, each alone: one that stands in the title or the alerts of few runbooks tells them from the others.
	type found struct {
		hit   runbooks.Hit
		words []string
	}
	hits := map[string]*found{}
	for w := range meaning(title) {
		if len(w) < 3 {
			continue
		}
		list := c.Search(w, language, maxSuggested*4)
		list = slices.DeleteFunc(list, func(h runbooks.Hit) bool {
			return h.Where != "title" && h.Where != "alert" && h.Where != "service" || h.Runbook.Generic()
		})
		if len(list) > maxSuggested {
			continue // a word of many: it chooses none
		}
		for _, h := range list {
			if hits[h.Runbook.ID] == nil {
				hits[h.Runbook.ID] = &found{hit: h}
			}
			hits[h.Runbook.ID].words = append(hits[h.Runbook.ID].words, w)
		}
	}
	ids := slices.SortedFunc(maps.Keys(hits), func(a, b string) int {
		return cmp.Or(cmp.Compare(len(hits[b].words), len(hits[a].words)), cmp.Compare(a, b))
	})
	for _, id := range ids {
		slices.Sort(hits[id].words)
		add(hits[id].hit.Runbook, incident.ByWords, strings.Join(hits[id].words, " "))
	}
	if r, ok := c.Generic(language); ok && len(out) == 0 {
		out = append(out, incident.Suggestion{Runbook: r.ID, Title: r.Title, By: incident.ByGeneric})
	}
	return out
}

// maxSuggested is how many runbooks are put forward at once: more is no suggestion.
const maxSuggested = 3

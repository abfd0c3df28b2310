package view

import (
	"slices"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// Service is a service of the policy, with what somebody needs who has to do with it.
type Service struct {
	Key      string
	Title    map[string]string // by language; without one it is the key
	Team     string
	Duty     []OnCall      // whom its incidents go to first, and its tech lead, each with who that is now
	Above    []OnCall      // the rest of the ladder, from below
	Runbooks []ServiceBook // in the order in which they are put forward
	Boards   []incident.Link
	Labels   []incident.Label // of alerts that are its
}

// ServiceBook is a runbook of a service.
type ServiceBook struct{ ID, Title string }

// Bounds of what is shown of services.
const (
	maxServices     = 30 // of a list; the others are asked for by name
	servicesPerPart = 4  // a section takes 3000 characters
	maxServiceBooks = 8
	maxServiceLinks = 5
	maxServiceNames = 20
)

// ServicesCard lists services.
func (v Voice) ServicesCard(all []Service) Card {
	s := v.said()
	if len(all) == 0 {
		return one(s.word("services.none"))
	}
	head := s.word("services.head")
	c := Card{Summary: head}
	c.add(Section{Text: head})
	for part := range slices.Chunk(all[:min(len(all), maxServices)], servicesPerPart) {
		var rows catalog.Text
		for _, x := range part {
			line := v.serviceTitle(x)
			for _, o := range x.Duty {
				line = join(" · ", line, v.holding(o))
			}
			line = join(" · ", line, v.serviceBooks(x, false), v.serviceBoards(x))
			rows = join("\n", rows, line)
		}
		c.add(Section{Text: rows})
	}
	if more := len(all) - maxServices; more > 0 {
		c.add(Small{s.say("services.more", catalog.Args{"n": catalog.Int(more), "command": v.command()})})
	}
	c.add(Small{s.say("services.hint", catalog.Args{"command": v.command()})})
	return c
}

// ServiceCard is all there is to know of one service.
func (v Voice) ServiceCard(x Service) Card {
	s := v.said()
	head := v.serviceTitle(x)
	c := Card{Summary: head}
	c.add(Section{Text: head})
	var who catalog.Text
	for _, o := range x.Duty {
		who = join("\n", who, v.holding(o))
	}
	c.add(Section{Text: who})
	if len(x.Above) > 0 {
		var then catalog.Text
		for _, o := range x.Above {
			then = join(" · ", then, v.holding(o))
		}
		c.add(Small{s.say("services.then", catalog.Args{"list": then})})
	}
	c.add(Section{Text: join("\n", v.serviceBooks(x, true), v.serviceBoards(x))})
	if len(x.Labels) > 0 {
		var labels []string
		for _, l := range x.Labels[:min(len(x.Labels), maxServiceLinks)] {
			labels = append(labels, clip(l.Name+"="+l.Value, 100))
		}
		c.add(Small{s.say("services.labels", catalog.Args{"labels": codeList(labels)})})
	}
	return c
}

// NoServiceCard says that there is no service of a name, and which there are.
func (v Voice) NoServiceCard(word string, known []string) Card {
	s := v.said()
	var names catalog.List
	for _, k := range known[:min(len(known), maxServiceNames)] {
		names = append(names, catalog.Words(clip(k, 60)))
	}
	if more := len(known) - maxServiceNames; more > 0 {
		names = append(names, s.say("and-more", catalog.Args{"n": catalog.Int(more)}))
	}
	if len(names) == 0 {
		return one(s.word("services.none"))
	}
	return one(s.say("services.unknown", catalog.Args{"word": catalog.Words(clip(word, 60)), "known": names}))
}

func (v Voice) serviceTitle(x Service) catalog.Text {
	s := v.said()
	args := catalog.Args{"title": dutyTitle(x.Title, x.Key, s.lang), "key": catalog.Literal(clip(x.Key, 60)), "team": catalog.Words(clip(x.Team, 60))}
	if x.Team != "" {
		return s.say("services.title.team", args)
	}
	return s.say("services.title", args)
}

// holding is a role of a service and who holds it now; nobody is mentioned.
func (v Voice) holding(o OnCall) catalog.Text {
	s := v.said()
	args := catalog.Args{"title": dutyTitle(o.Title, o.Key, s.lang)}
	if len(o.People) == 0 {
		return s.say("services.on.nobody", args)
	}
	var people catalog.List
	for _, p := range o.People[:min(len(o.People), 3)] {
		people = append(people, person(p))
	}
	args["people"] = people
	return s.say("services.on", args)
}

func (v Voice) serviceBooks(x Service, titles bool) catalog.Text {
	s := v.said()
	if len(x.Runbooks) == 0 {
		if titles {
			return s.word("services.books.none")
		}
		return nil
	}
	var list catalog.List
	for _, b := range x.Runbooks[:min(len(x.Runbooks), maxServiceBooks)] {
		name := clip(b.ID, 40)
		if titles && b.Title != "" {
			name += " " + clip(b.Title, 80)
		}
		list = append(list, catalog.Words(name))
	}
	return s.say("services.books", catalog.Args{"list": list})
}

// serviceBoards are links to its dashboards; only addresses of the web become links.
func (v Voice) serviceBoards(x Service) catalog.Text {
	var links catalog.List
	for _, l := range x.Boards {
		if len(links) < maxServiceLinks && len(l.URL) <= maxBoardURL && catalog.IsLink(l.URL) {
			links = append(links, catalog.URL{Label: clip(l.Title, maxBoardTitle), URL: l.URL})
		}
	}
	if len(links) == 0 {
		return nil
	}
	return v.said().say("services.boards", catalog.Args{"links": links})
}

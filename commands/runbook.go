package commands

import (
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/view"
	"github.com/tocsin-bot/tocsin/runbooks"
)

var runbook = Command{
	Name: "runbook", Aliases: []string{"runbooks", "rb"}, Usage: "runbook [RB-n …|words to search for|set name=value …]", Where: InRoom,
	Examples: []Example{{"runbook RB-004"}, {"runbook postgres connections"}, {"runbook set svc=kyc-svc"}, {"runbook"}},
	Run: func(ctx context.Context, c *Ask) (Reply, error) {
		lang := c.State.Language()
		if c.Args == "" {
			return c.runbookForm("")
		}
		if verb, rest := words(c.Args); strings.EqualFold(verb, "set") && (rest == "" || strings.Contains(rest, "=")) {
			return c.setParameters(ctx, rest)
		}
		if named := c.named(c.Args); len(named) > 0 {
			return c.start(ctx, named)
		}
		hits := c.desk.library.Search(c.Args, lang, 10)
		if len(hits) == 1 && hits[0].Whole { // what holds half of the words is offered, and begun by a person
			return c.tell(ctx, incident.StartRunbook{Runbook: RefOf(hits[0].Runbook)})
		}
		if len(hits) == 0 {
			var generic incident.Suggestion
			if r, ok := c.desk.library.Generic(lang); ok {
				generic = incident.Suggestion{Runbook: r.ID, Title: r.Title, By: incident.ByGeneric}
			}
			return c.card(view.NothingFoundCard(c.source(), c.Args, generic)), nil
		}
		return c.runbookForm(c.Args)
	},
}

// named are the runbooks that words name by id, all of them or none: "RB-004", "rb4 rb-002", "4".
func (c *Ask) named(said string) []*runbooks.Runbook {
	lang := c.State.Language()
	byID := func(word string) (*runbooks.Runbook, bool) {
		id := strings.ToUpper(strings.TrimRight(word, ",;"))
		if m := runbookN.FindStringSubmatch(id); m != nil {
			n, _ := strconv.Atoi(m[1]) // three digits at most
			id = "RB-" + leftPad(n)
		}
		return c.desk.library.ByID(id, lang)
	}
	if r, ok := byID(said); ok { // "rb 4" in two words
		return []*runbooks.Runbook{r}
	}
	var out []*runbooks.Runbook
	for _, w := range strings.Fields(said) {
		r, ok := byID(w)
		if !ok || len(out) == maxStarted {
			return nil
		}
		out = append(out, r)
	}
	return out
}

// maxStarted is how many runbooks are started at once.
const maxStarted = 5

// start starts runbooks, one after the other; the first refusal is the answer.
func (c *Ask) start(ctx context.Context, list []*runbooks.Runbook) (Reply, error) {
	rep, done, err := c.try(ctx, incident.StartRunbook{Runbook: RefOf(list[0])})
	if err != nil || !done {
		return rep, err
	}
	for _, r := range list[1:] {
		rep = c.also(ctx, "runbook/"+r.ID, incident.StartRunbook{Runbook: RefOf(r)}, rep, "runbook "+r.ID)
	}
	return rep, nil
}

// useRunbook starts a runbook that was put forward, in today's revision.
var useRunbook = Button{view.ActionUseRunbook, func(ctx context.Context, c *Ask) (Reply, error) {
	r, ok := c.desk.library.ByID(c.Ref.Subject, c.State.Language())
	if !ok {
		return c.stale(), nil
	}
	return c.tell(ctx, incident.StartRunbook{Runbook: RefOf(r), Step: c.Ref.Note})
}}

// runbookN is a runbook's number as people write it: "RB-004", "rb4", "4".
var runbookN = regexp.MustCompile(`^(?:RB[- ]?)?([0-9]{1,3})$`)

func leftPad(n int) string {
	s := strconv.Itoa(n)
	return strings.Repeat("0", max(0, 3-len(s))) + s
}

// RefOf points at a runbook's revision, and freezes of it what an incident decides by.
func RefOf(r *runbooks.Runbook) incident.RunbookRef {
	ref := incident.RunbookRef{ID: r.ID, Digest: r.Digest, Language: r.Language, Owner: r.Owner}
	for _, s := range r.Steps {
		ref.Steps = append(ref.Steps, s.ID)
		ref.Rules = append(ref.Rules, incident.StepRule{
			Title: s.Title, Kind: string(s.Kind), Minutes: s.Minutes, After: s.Phase == runbooks.After, Who: s.Who, Approval: s.Approval, FourEyes: s.FourEyes, Notify: s.Notify,
		})
	}
	for _, p := range r.Parameters {
		ref.Parameters = append(ref.Parameters, p.Name)
	}
	for _, j := range r.Joins {
		ref.Joins = append(ref.Joins, incident.RunbookSignal{Alert: j.Alert, Within: j.Within})
	}
	for _, c := range r.Clocks() {
		var spent []incident.RunbookSignal
		for _, j := range c.Spent {
			spent = append(spent, incident.RunbookSignal{Alert: j.Alert, Within: j.Within})
		}
		ref.Clocks = append(ref.Clocks, incident.RunbookClock{
			Spent: spent,
			ID:    c.ID, Step: c.StepRef, What: c.What, When: c.When, Who: c.Who, Obligation: c.Obligation,
			Open: c.Open, Offset: c.Offset, Before: c.Before, Anchor: string(c.Anchor), Ref: c.Ref, From: labelsOf(r, c),
		})
	}
	return ref
}

// runbookForm offers the runbooks that fit a search, or all, the ones for the incident's alerts first.
func (c *Ask) runbookForm(search string) (Reply, error) {
	lang := c.State.Language()
	var options []view.RunbookChoice
	seen := map[string]bool{}
	add := func(r *runbooks.Runbook, by, value string) {
		if _, started := c.State.Runbook(r.ID); !seen[r.ID] {
			seen[r.ID] = true
			options = append(options, view.RunbookChoice{ID: r.ID, Title: r.Title, Started: started, By: by, Value: value})
		}
	}
	if search != "" {
		for _, h := range c.desk.library.Search(search, lang, 20) {
			if h.Said != "" {
				add(h.Runbook, incident.BySymptom, h.Said)
			} else {
				add(h.Runbook, "", "")
			}
		}
	} else {
		for _, s := range c.fitting() {
			if r, ok := c.desk.library.ByID(s.Runbook, lang); ok {
				add(r, s.By, s.Value)
			}
		}
		for _, id := range c.desk.library.IDs() {
			if r, ok := c.desk.library.ByID(id, lang); ok {
				add(r, "", "")
			}
		}
	}
	var trouble error
	if l, ok := c.desk.library.(Troubled); ok {
		trouble = l.Trouble()
	}
	return c.form(func(src view.Source) view.Form { return view.RunbookForm(src, options, trouble) })
}

// fitting are the runbooks that fit the incident as it stands, best first, with why: by its alerts, by their services and its own, by what it
// was called; the generic one when none does.
func (c *Ask) fitting() []incident.Suggestion {
	var out []incident.Suggestion
	add := func(s incident.Suggestion) {
		if !slices.ContainsFunc(out, func(x incident.Suggestion) bool { return x.Runbook == s.Runbook }) {
			out = append(out, s)
		}
	}
	lang := c.State.Language()
	services := []string{c.State.Service}
	for _, a := range c.State.Alerts {
		if r, ok := c.desk.library.ByAlert(a.Name, lang); ok {
			add(incident.Suggestion{Runbook: r.ID, By: incident.ByAlert, Value: a.Name})
		}
		services = append(services, a.Service)
	}
	for _, service := range services {
		for _, r := range ForService(c.desk.library, c.State.Policy, service, lang) {
			add(incident.Suggestion{Runbook: r.ID, By: incident.ByService, Value: service})
		}
	}
	for _, s := range Suggest(c.desk.library, c.State.Policy, c.State.Title.Body, c.State.Service) {
		if s.By != incident.ByGeneric || len(out) == 0 {
			add(s)
		}
	}
	return out
}

var openRunbook = Button{view.ActionOpenRunbook, func(_ context.Context, c *Ask) (Reply, error) { return c.runbookForm("") }}

var runbookForm = Form{view.FormRunbook, func(ctx context.Context, c *Ask) (Reply, error) {
	r, ok := c.desk.library.ByID(c.Answers[view.InputRunbook], c.State.Language())
	if !ok {
		return c.fault(view.InputRunbook, "runbook"), nil
	}
	return c.submitted(ctx, view.InputRunbook, incident.StartRunbook{Runbook: RefOf(r)})
}}

// labelsOf are the alert labels that tell the date a clock counts from.
func labelsOf(r *runbooks.Runbook, c runbooks.Clock) []string {
	if c.Anchor != runbooks.AtParameter {
		return nil
	}
	q, _ := r.Parameter(c.Ref)
	return q.From
}

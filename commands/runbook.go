package commands

import (
	"context"
	"regexp"
	"strconv"
	"strings"

	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/view"
	"github.com/tocsin-bot/tocsin/runbooks"
)

var runbook = Command{
	Name: "runbook", Aliases: []string{"runbooks", "rb"}, Usage: "runbook [RB-n|words to search for]", Where: InRoom,
	Examples: []Example{{"runbook RB-004"}, {"runbook postgres connections"}, {"runbook"}},
	Run: func(ctx context.Context, c *Ask) (Reply, error) {
		lang := c.State.Language()
		if c.Args == "" {
			return c.runbookForm("")
		}
		id := strings.ToUpper(c.Args)
		if m := runbookN.FindStringSubmatch(id); m != nil {
			n, _ := strconv.Atoi(m[1]) // three digits at most
			id = "RB-" + leftPad(n)
		}
		if r, ok := c.desk.library.ByID(id, lang); ok {
			return c.tell(ctx, incident.StartRunbook{Runbook: RefOf(r)})
		}
		hits := c.desk.library.Search(c.Args, lang, 10)
		if len(hits) == 1 {
			return c.tell(ctx, incident.StartRunbook{Runbook: RefOf(hits[0].Runbook)})
		}
		if len(hits) == 0 {
			return c.refused(&incident.Refusal{Code: incident.RefusedNoRunbook, Args: []string{incident.Clip(c.Args, 60)}}), nil
		}
		return c.runbookForm(c.Args)
	},
}

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
			Kind: string(s.Kind), Minutes: s.Minutes, After: s.Phase == runbooks.After, Who: s.Who, Approval: s.Approval, FourEyes: s.FourEyes,
		})
	}
	for _, p := range r.Parameters {
		ref.Parameters = append(ref.Parameters, p.Name)
	}
	for _, c := range r.Clocks() {
		ref.Clocks = append(ref.Clocks, incident.RunbookClock{
			ID: c.ID, Step: c.StepRef, What: c.What, When: c.When, Who: c.Who, Obligation: c.Obligation,
			Open: c.Open, Offset: c.Offset, Before: c.Before, Anchor: string(c.Anchor), Ref: c.Ref,
		})
	}
	return ref
}

// runbookForm offers the runbooks that fit a search, or all, the ones for the incident's alerts first.
func (c *Ask) runbookForm(search string) (Reply, error) {
	lang := c.State.Language()
	var options []view.RunbookChoice
	seen := map[string]bool{}
	add := func(r *runbooks.Runbook) {
		if _, started := c.State.Runbook(r.ID); !seen[r.ID] {
			seen[r.ID] = true
			options = append(options, view.RunbookChoice{ID: r.ID, Title: r.Title, Started: started})
		}
	}
	if search != "" {
		for _, h := range c.desk.library.Search(search, lang, 20) {
			add(h.Runbook)
		}
	} else {
		for _, a := range c.State.Alerts {
			if r, ok := c.desk.library.ByAlert(a.Name, lang); ok {
				add(r)
			}
		}
		for _, id := range c.desk.library.IDs() {
			if r, ok := c.desk.library.ByID(id, lang); ok {
				add(r)
			}
		}
	}
	return c.form(func(src view.Source) view.Form { return view.RunbookForm(src, options) })
}

var openRunbook = Button{view.ActionOpenRunbook, func(_ context.Context, c *Ask) (Reply, error) { return c.runbookForm("") }}

var runbookForm = Form{view.FormRunbook, func(ctx context.Context, c *Ask) (Reply, error) {
	r, ok := c.desk.library.ByID(c.Answers[view.InputRunbook], c.State.Language())
	if !ok {
		return c.fault(view.InputRunbook, "runbook"), nil
	}
	return c.submitted(ctx, view.InputRunbook, incident.StartRunbook{Runbook: RefOf(r)})
}}

package commands

import (
	"context"
	"slices"
	"strings"

	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/view"
)

var page = Command{
	Name: "page", Aliases: []string{"escalate"}, Usage: "page <next|target> [why]", Where: InRoom, Words: 2,
	Examples: []Example{{"page cto we need a decision on the rollback"}, {"page next"}, {"page"}},
	Run: func(ctx context.Context, c *Ask) (Reply, error) {
		first, why := words(c.Args)
		switch {
		case first == "":
			// Who types the verb alone wants to see what there is. Nobody is rung by a guess.
			return c.pageForm(ctx, "", "")
		case strings.EqualFold(first, "next"):
			return c.tell(ctx, incident.SendHelp{Reason: say(why, incident.MaxReason)})
		}
		target, why := c.target(c.Args)
		if !contains(c.targets(), target) {
			return c.pageForm(ctx, target, why)
		}
		return c.tell(ctx, incident.PageOut{Target: target, Reason: say(why, incident.MaxReason)})
	},
}

// pageForm shows whom one can ring, and who that is now. That rosters cannot be read is no reason to show nobody.
func (c *Ask) pageForm(ctx context.Context, unknown, why string) (Reply, error) {
	all, err := c.desk.duties.OnCall(ctx)
	if err != nil {
		all = nil
	}
	for _, key := range c.targets() {
		if !slices.ContainsFunc(all, func(o view.OnCall) bool { return o.Key == key }) {
			all = append(all, view.OnCall{Key: key, Title: c.State.Policy.Targets[key].Title})
		}
	}
	return c.form(func(src view.Source) view.Form { return view.PageForm(src, all, unknown, why) })
}

var pageForm = Form{view.FormPage, func(ctx context.Context, c *Ask) (Reply, error) {
	target, why := c.Answers[view.InputTarget], incident.Say(c.Answers[view.InputReason], incident.MaxReason)
	switch target {
	case "":
		return c.fault(view.InputTarget, "target"), nil
	case view.PageNext:
		return c.submitted(ctx, view.InputTarget, incident.SendHelp{Reason: why})
	}
	return c.submitted(ctx, view.InputTarget, incident.PageOut{Target: target, Reason: why})
}}

func (c *Ask) targets() []string {
	if c.State.Policy == nil {
		return nil
	}
	return sortedTargets(c.State.Policy)
}

// target reads a target of the policy from the beginning of a line, as people call it: by its key or its title, in whatever way that is
// written ("tech_lead", "Tech Lead", "techlead"), or by their first words where no other target begins like that ("compliance"). What is
// none of them is handed on as typed, and refused with the list of those there are.
func (c *Ask) target(line string) (key, rest string) {
	w := strings.Fields(line)
	names := map[string][]string{} // what is typed -> the targets that are called so
	begins := map[string][]string{}
	for _, k := range c.targets() {
		called := []string{strings.ReplaceAll(k, "_", " ")}
		for _, title := range c.State.Policy.Targets[k].Title {
			called = append(called, title)
		}
		for _, name := range called {
			parts := strings.Fields(name)
			for n := 1; n <= len(parts); n++ {
				s := letters(strings.Join(parts[:n], ""))
				switch {
				case s == "": // a name of no letters we know would be anybody's
				case n == len(parts):
					names[s] = addNew(names[s], k)
				default:
					begins[s] = addNew(begins[s], k)
				}
			}
		}
	}
	for _, known := range []map[string][]string{names, begins} {
		for n := min(len(w), 6); n >= 1; n-- { // the longest name wins
			if hit := known[letters(strings.Join(w[:n], ""))]; len(hit) == 1 {
				return hit[0], strings.Join(w[n:], " ")
			}
		}
	}
	if p, ok := personOf(w[0]); ok {
		return "@" + p.Name, strings.Join(w[1:], " ")
	}
	return w[0], strings.Join(w[1:], " ")
}

// letters is a name without what people write differently: case, accents, "-", "_".
func letters(s string) string { return strings.ReplaceAll(incident.Slug(s), "-", "") }

func addNew(list []string, s string) []string {
	if contains(list, s) {
		return list
	}
	return append(list, s)
}

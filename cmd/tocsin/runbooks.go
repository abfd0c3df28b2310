package main

import (
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/tocsin-bot/tocsin/bot"
	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/clock"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/runbooks"
)

// runbooksCmd is what can be done with runbooks without a bot.
type runbooksCmd struct {
	List  runbooksListCmd  `cmd:""`
	Lint  runbooksLintCmd  `cmd:""`
	Show  runbooksShowCmd  `cmd:""`
	Play  runbooksPlayCmd  `cmd:""`
	New   runbooksNewCmd   `cmd:""`
	Usage runbooksUsageCmd `cmd:""`
}

// runbooksDir is the flag that names the folder, beside the policy that says what roles are called.
type runbooksDir struct {
	policyFile
	Runbooks string `env:"TOCSIN_RUNBOOKS" group:"process" type:"path" placeholder:"DIR"`
}

// load reads the runbooks. Files that are none are complained of and passed over: the others must be at hand when something burns.
func (d *runbooksDir) load(e *env) *runbooks.Catalogue {
	c, err := bot.Runbooks(d.Runbooks)
	if err != nil {
		e.complain(err)
	}
	return c
}

// find returns a runbook in the reader's language, or in the other one where it is not written in that.
func (d *runbooksDir) find(e *env, c *runbooks.Catalogue, id string) (*runbooks.Runbook, error) {
	if r, ok := c.ByID(id, e.lang); ok {
		return r, nil
	}
	return nil, &catalog.Said{Key: "cli.rb.unknown", Args: catalog.Args{"id": catalog.Words(id), "line": catalog.Literal("tocsin runbooks list")}}
}

// policy is the policy whose words for roles are used, nil where it cannot be read: a runbook is shown all the same.
func (d *runbooksDir) policy() *incident.Policy {
	p, _, err := bot.ReadPolicy(d.Config)
	if err != nil {
		return nil
	}
	return p
}

type runbooksListCmd struct{ runbooksDir }

// Run prints every runbook on a line.
func (c *runbooksListCmd) Run(e *env) error {
	cat, p, today := c.load(e), c.policy(), clock.New().Now()
	w := tabwriter.NewWriter(e.out, 0, 0, 2, ' ', 0)
	for _, name := range []string{"id", "title", "severity", "alerts", "owner", "reviewed", "review", "from"} {
		fmt.Fprint(w, e.say("cli.rb.column."+name, nil), "\t")
	}
	fmt.Fprintln(w)
	overdue := 0
	for _, id := range cat.IDs() {
		r, ok := cat.ByID(id, e.lang)
		if !ok {
			continue
		}
		title := e.words(r.Title)
		if r.Language != e.lang {
			title += " (" + r.Language + ")"
		}
		due := r.ReviewedOn.AddDate(0, 0, r.ReviewEvery)
		review := due.Format(time.DateOnly)
		if today.After(due) {
			overdue++
			review = e.say("cli.rb.overdue", catalog.Args{"day": catalog.Words(review)})
		}
		alerts := strings.Join(r.Alerts, ", ")
		if alerts == "" {
			alerts = "-"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t\n", r.ID, title, r.Severity, alerts, e.role(p, r.Owner), r.ReviewedOn.Format(time.DateOnly), review, e.origin(r))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if overdue > 0 {
		e.print(e.out, "cli.rb.overdue.count", catalog.Args{"n": catalog.Int(overdue)})
	}
	return nil
}

// origin is where a runbook was read.
func (e *env) origin(r *runbooks.Runbook) string {
	if r.Layer == runbooks.EmbeddedLayer {
		return e.say("cli.rb.embedded", nil)
	}
	return r.File
}

// role is what a role of a runbook is called: by the policy, else by the catalogue, else by its key.
func (e *env) role(p *incident.Policy, key string) string {
	if name := p.TargetTitle(key, e.lang); name != key {
		return e.words(name)
	}
	if name := "cli.rb.role." + key; catalog.Has(name) {
		return e.say(name, nil)
	}
	return e.words(key)
}

type runbooksLintCmd struct{ runbooksDir }

// About implements about.
func (*runbooksLintCmd) About() string { return "cli.about.runbooks.lint" }

// Run prints what is wrong with the runbooks, and fails when anything is.
func (c *runbooksLintCmd) Run(e *env) error {
	lines, err := bot.LintRunbooks(bot.Options{Policy: c.Config, Runbooks: c.Runbooks, Language: e.lang})
	if err != nil {
		return err
	}
	for _, l := range lines {
		fmt.Fprintln(e.out, l)
	}
	if len(lines) > 0 {
		e.print(e.out, "cli.rb.findings", catalog.Args{"n": catalog.Int(len(lines))})
		return errFailed
	}
	e.print(e.out, "cli.rb.fine", catalog.Args{"n": catalog.Int(len(c.load(e).IDs()))})
	return nil
}

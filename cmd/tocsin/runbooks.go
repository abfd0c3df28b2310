package main

import (
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/tocsin-bot/tocsin/bot"
	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/clock"
	"github.com/tocsin-bot/tocsin/bot/house"
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

type runbooksListCmd struct {
	runbooksDir
	storage
}

// About implements about.
func (*runbooksListCmd) About() string { return "cli.about.runbooks.list" }

// Run prints every runbook on a line, and below them what else is to be reviewed.
func (c *runbooksListCmd) Run(e *env) error {
	cat, p, now := c.load(e), c.policy(), clock.New().Now()
	var log house.State
	store, err := (&data{storage: c.storage, Config: c.Config}).open(e.ctx)
	switch {
	case err == nil:
		defer store.Close()
		if log, err = bot.HouseOf(e.ctx, store); err != nil {
			return err
		}
	case c.storage != (storage{}): // data were named, and cannot be read: the files' own dates stand, and that is said
		e.complain(err)
	}
	all := bot.ReviewStates(log, cat, p, now)
	w := tabwriter.NewWriter(e.out, 0, 0, 2, ' ', 0)
	for _, name := range []string{"id", "title", "severity", "alerts", "owner", "reviewed", "review", "from"} {
		fmt.Fprint(w, e.say("cli.rb.column."+name, nil), "\t")
	}
	fmt.Fprintln(w)
	for _, s := range all {
		r, ok := cat.ByID(s.Subject, e.lang)
		if !ok {
			continue
		}
		title := e.words(r.Title)
		if r.Language != e.lang {
			title += " (" + r.Language + ")"
		}
		alerts := strings.Join(r.Alerts, ", ")
		if alerts == "" {
			alerts = "-"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t\n", r.ID, title, r.Severity, alerts, e.role(p, r.Owner), dayOr(s.Last), e.review(s), e.origin(r))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	overdue := 0
	for _, s := range all {
		if s.Late > 0 {
			overdue++
		}
		if _, is := cat.ByID(s.Subject, e.lang); !is && s.Asked {
			e.print(e.out, "cli.rb.review.other", catalog.Args{"subject": subjectOf(s.Subject), "owner": catalog.Words(e.role(p, s.Owner)), "review": catalog.Words(e.review(s))})
		}
		if s.Change {
			text, err := bot.ReviewWanted(e.ctx, store, log, s.Subject)
			if err != nil {
				return err
			}
			e.print(e.out, "cli.rb.review.change", catalog.Args{"subject": subjectOf(s.Subject), "text": catalog.Words(text)})
		}
	}
	if overdue > 0 {
		e.print(e.out, "cli.rb.overdue.count", catalog.Args{"n": catalog.Int(overdue)})
	}
	return nil
}

// review is when something is reviewed next: a day, that it is asked for, or how overdue it is.
func (e *env) review(s bot.ReviewState) string {
	switch {
	case s.Late > 0:
		return e.say("cli.rb.overdue", catalog.Args{"n": catalog.Int(s.Late)})
	case s.Asked:
		return e.say("cli.rb.due", catalog.Args{"day": catalog.Words(dayOr(s.Due))})
	}
	return dayOr(s.Due)
}

func dayOr(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.Format(time.DateOnly)
}

// subjectOf is what is reviewed, in words.
func subjectOf(subject string) catalog.Arg {
	if key := "review.subject." + subject; catalog.Has(key) {
		return catalog.Term(key)
	}
	return catalog.Words(subject)
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

type runbooksLintCmd struct {
	runbooksDir
	storage
}

// About implements about.
func (*runbooksLintCmd) About() string { return "cli.about.runbooks.lint" }

// Run prints what is wrong with the runbooks, and fails when anything is.
func (c *runbooksLintCmd) Run(e *env) error {
	if err := fromFiles(map[string]*string{"REDIS_URL": &c.RedisURL}); err != nil {
		return err
	}
	lines, err := bot.LintRunbooks(e.ctx, bot.Options{Policy: c.Config, Runbooks: c.Runbooks, Language: e.lang, RedisURL: c.RedisURL, DataDir: c.dir()})
	if err != nil && lines == nil {
		return err
	}
	if err != nil { // the data cannot be read: the files' own dates stand
		e.complain(err)
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

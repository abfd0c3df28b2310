package main

import (
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/tocsin-bot/tocsin/bot"
	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/timeline"
	"github.com/tocsin-bot/tocsin/runbooks"
)

type runbooksUsageCmd struct {
	data
	Runbooks string `env:"TOCSIN_RUNBOOKS" group:"data" type:"path" placeholder:"DIR"`
	ID       string `arg:"" name:"id" optional:""`
	Since    string `default:"90d" placeholder:"SPAN"`
	CSV      bool   `name:"csv"`
}

// About implements about.
func (*runbooksUsageCmd) About() string { return "cli.about.runbooks.usage" }

// Examples implements examples.
func (*runbooksUsageCmd) Examples() []string {
	return []string{"tocsin runbooks usage", "tocsin runbooks usage RB-003 --since 365d --csv"}
}

// Run prints how the runbooks were used, step by step.
func (c *runbooksUsageCmd) Run(e *env) error {
	d, err := span(c.Since)
	if err != nil {
		return err
	}
	cat := (&runbooksDir{policyFile: policyFile{Config: c.Config}, Runbooks: c.Runbooks}).load(e)
	id := strings.ToUpper(c.ID)
	r, err := c.open(e.ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	now, err := r.Now(e.ctx)
	if err != nil {
		return err
	}
	uses, err := bot.RunbookUses(e.ctx, r, id, now.Add(-d))
	if err != nil {
		return err
	}
	all := timeline.UsageOf(uses)
	for i := range all {
		titled(&all[i], cat, e.lang)
	}
	if _, known := cat.ByID(id, e.lang); id != "" && !known && len(all) == 0 {
		return &catalog.Said{Key: "cli.rb.unknown", Args: catalog.Args{"id": catalog.Words(c.ID), "line": catalog.Literal("tocsin runbooks list")}}
	}
	if c.CSV {
		_, err := e.out.Write(timeline.UsageCSV(all))
		return err
	}
	return e.usage(all, cat, now.Add(-d).In(bot.PolicyZone(c.Config)))
}

// titled gives the steps their titles of today in a language, where the runbook still has them.
func titled(u *timeline.RunbookUsage, cat *runbooks.Catalogue, lang string) {
	r, ok := cat.ByID(u.Runbook, lang)
	for i := range u.Steps {
		if s, has := stepOf(r, ok, u.Steps[i].ID); has {
			u.Steps[i].Title = s.Title
		} else if u.Steps[i].Title == "" {
			u.Steps[i].Title = u.Steps[i].ID
		}
	}
}

func stepOf(r *runbooks.Runbook, ok bool, id string) (runbooks.Step, bool) {
	if !ok {
		return runbooks.Step{}, false
	}
	return r.Step(id)
}

// usage prints a table for each runbook.
func (e *env) usage(all []timeline.RunbookUsage, cat *runbooks.Catalogue, since time.Time) error {
	day := catalog.Words(since.Format(time.DateOnly))
	if len(all) == 0 {
		e.print(e.out, "cli.rb.usage.none", catalog.Args{"day": day})
		return nil
	}
	for i, u := range all {
		if i > 0 {
			fmt.Fprintln(e.out)
		}
		title := u.Runbook
		if r, ok := cat.ByID(u.Runbook, e.lang); ok {
			title = u.Runbook + " · " + r.Title
		}
		e.print(e.out, "cli.rb.usage.head", catalog.Args{"title": catalog.Words(title), "n": catalog.Int(u.Incidents), "day": day})
		w := tabwriter.NewWriter(e.out, 0, 0, 2, ' ', 0)
		for _, name := range []string{"step", "done", "skipped", "blocked", "findings", "over", "median", "stated", "title"} {
			fmt.Fprint(w, e.say("cli.rb.usage."+name, nil), "\t")
		}
		fmt.Fprintln(w)
		for _, s := range u.Steps {
			fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%d\t%s\t%s\t%s\t\n", numberOr(s.Number), s.Done, s.Skipped, s.Blocked, s.Findings, s.Over, e.minutes(s), numberOr(s.Minutes), e.words(s.Title))
		}
		if err := w.Flush(); err != nil {
			return err
		}
	}
	fmt.Fprintln(e.out)
	e.print(e.out, "cli.rb.usage.legend", nil)
	return nil
}

func numberOr(n int) string {
	if n == 0 {
		return "-"
	}
	return strconv.Itoa(n)
}

// minutes is a median with one decimal, as the language writes it.
func (e *env) minutes(s timeline.StepUsage) string {
	m := s.MedianMinutes()
	switch {
	case m == "":
		return "-"
	case e.lang == catalog.French:
		return strings.Replace(m, ".", ",", 1)
	}
	return m
}

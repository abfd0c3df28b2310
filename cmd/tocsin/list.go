package main

import (
	"fmt"
	"text/tabwriter"

	"github.com/tocsin-bot/tocsin/bot"
	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/engine"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

type listCmd struct {
	data
	All     bool
	Private bool
}

// maxListed is how many incidents are listed.
const maxListed = 1000

// Run prints a line for each incident, newest first, with times in the policy's zone.
func (c *listCmd) Run(e *env) error {
	r, err := c.open(e.ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	rows, err := engine.List(e.ctx, r, !c.All, maxListed)
	if err != nil {
		return err
	}
	switch {
	case len(rows) == 0 && c.All:
		e.print(e.err, "cli.list.never", nil)
		return nil
	case len(rows) == 0:
		e.print(e.err, "cli.list.none", nil)
		return nil
	}
	zone := bot.PolicyZone(c.Config)
	w := tabwriter.NewWriter(e.out, 0, 0, 2, ' ', 0)
	for _, column := range []string{"id", "severity", "status", "declared", "commander"} {
		fmt.Fprint(w, e.say("cli.list."+column, nil), "\t")
	}
	fmt.Fprintln(w, e.say("cli.list.title", nil))
	for _, row := range rows {
		if row.Private && !c.Private {
			row.Title, row.Commander = e.say("cli.list.private", nil), incident.Person{}
		}
		who := row.Commander.Name
		if who == "" {
			who = row.Commander.Slack
		}
		if who == "" {
			who = "-"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", row.ID, row.Severity, e.say("status."+string(row.Status), nil),
			row.Declared.In(zone).Format("2006-01-02 15:04 MST"), e.words(who), e.words(row.Title))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if len(rows) == maxListed {
		e.print(e.err, "cli.list.first", catalog.Args{"n": catalog.Int(maxListed)})
	}
	return nil
}

// words are words from outside on one line, which drive no terminal.
func (e *env) words(s string) string { return catalog.Of(e.lang, catalog.Words(s)).Plain(nil) }

package main

import (
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/tocsin-bot/tocsin/bot/engine"
)

type listCmd struct {
	data
	All bool `help:"Also those that are over."`
}

// Run prints a line for each incident, newest first.
func (c *listCmd) Run(e *env) error {
	r, err := c.open(e.ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	rows, err := engine.List(e.ctx, r, !c.All, 1000)
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		fmt.Fprintln(e.err, map[bool]string{true: "No incident was ever recorded here.", false: "No incident is open. See those that are over with --all."}[c.All])
		return nil
	}
	w := tabwriter.NewWriter(e.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tSEVERITY\tSTATUS\tDECLARED\tCOMMANDER\tTITLE")
	for _, row := range rows {
		who := row.Commander.Name
		if who == "" {
			who = row.Commander.Slack
		}
		if who == "" {
			who = "-"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", row.ID, row.Severity, row.Status, row.Declared.Format(time.RFC3339), who, row.Title)
	}
	return w.Flush()
}

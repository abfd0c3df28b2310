package main

import (
	"context"
	"fmt"
	"time"

	"github.com/rs/zerolog"

	"github.com/tocsin-bot/tocsin/bot"
)

type checkCmd struct {
	connection
	storage
}

// Help implements kong's HelpProvider.
func (checkCmd) Help() string {
	return `Every finding comes with its mend. Nobody is rung and nothing is changed. Exit status 1 when there is an error, 0 with warnings only.`
}

// Run prints what is not right.
func (c *checkCmd) Run(e *env) error {
	o, err := c.options(&c.storage, zerolog.Nop())
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(e.ctx, time.Minute)
	defer cancel()
	fatal := 0
	findings := bot.Check(ctx, o)
	for _, f := range findings {
		fmt.Fprintln(e.out, f)
		if f.Fatal {
			fatal++
		}
	}
	switch {
	case fatal > 0:
		fmt.Fprintf(e.out, "Errors: %d. Warnings: %d.\n", fatal, len(findings)-fatal)
		return errFailed
	case len(findings) > 0:
		fmt.Fprintf(e.out, "No errors. Warnings: %d.\n", len(findings))
	default:
		fmt.Fprintln(e.out, "Everything is in order.")
	}
	return nil
}

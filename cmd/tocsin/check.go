package main

import (
	"context"
	"fmt"
	"time"

	"github.com/rs/zerolog"

	"github.com/tocsin-bot/tocsin/bot"
	"github.com/tocsin-bot/tocsin/bot/catalog"
)

type checkCmd struct {
	connection
	storage
}

// About implements about.
func (*checkCmd) About() string { return "cli.about.check" }

// Run prints what is not right.
func (c *checkCmd) Run(e *env) error {
	o, err := c.options(e, &c.storage, zerolog.Nop())
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(e.ctx, time.Minute)
	defer cancel()
	fatal := 0
	findings := bot.Check(ctx, o)
	for _, f := range findings {
		fmt.Fprintln(e.out, f.In(e.lang))
		if f.Fatal {
			fatal++
		}
	}
	counted := catalog.Args{"errors": catalog.Int(fatal), "warnings": catalog.Int(len(findings) - fatal)}
	switch {
	case fatal > 0:
		e.print(e.out, "check.summary", counted)
		return errFailed
	case len(findings) > 0:
		e.print(e.out, "check.warnings", counted)
	default:
		e.print(e.out, "check.fine", nil)
	}
	return nil
}

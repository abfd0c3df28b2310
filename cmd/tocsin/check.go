package main

import (
	"context"
	"time"

	"github.com/rs/zerolog"

	"github.com/tocsin-bot/tocsin/bot"
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
	return e.findings(bot.Check(ctx, o))
}

package main

import (
	"context"
	"time"

	"github.com/tocsin-bot/tocsin/bot"
)

// stopWithin is how long an orderly end may take before what is left is cut off.
const stopWithin = 20 * time.Second

type serveCmd struct {
	connection
	storage
	Shadow bool `env:"TOCSIN_SHADOW" group:"process"`
}

// About implements about.
func (*serveCmd) About() string { return "cli.about.serve" }

// Examples implements examples.
func (*serveCmd) Examples() []string {
	return []string{
		"SLACK_BOT_TOKEN=xoxb-… SLACK_APP_TOKEN=xapp-… tocsin serve",
		"tocsin serve --config policy.yaml --http-addr :8080 --redis-url redis://redis:6379/0",
	}
}

// Run runs the bot until it is told to stop.
func (c *serveCmd) Run(e *env) error {
	o, err := c.options(e, &c.storage, logger(e, c.LogLevel))
	if err != nil {
		return err
	}
	o.Shadow = c.Shadow
	b, err := bot.New(o)
	if err != nil {
		return err
	}
	if err := b.Start(e.ctx); err != nil {
		return err
	}
	failed := b.Wait(e.ctx)
	ctx, cancel := context.WithTimeout(context.Background(), stopWithin)
	defer cancel()
	if err := b.Stop(ctx); err != nil {
		return err
	}
	return failed
}

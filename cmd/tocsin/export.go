package main

import (
	"fmt"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/journal"
	"github.com/tocsin-bot/tocsin/bot/timeline"
)

type exportCmd struct {
	data
	Incident string `arg:"" help:"INC-1, or its number."`
	Format   string `enum:"jsonl,md" default:"jsonl" help:"jsonl: the log with its hash chain, verifiable offline. md: the account, for people."`
	Language string `env:"TOCSIN_LANGUAGE" enum:",en,fr" default:"" help:"en or fr, for md. Default: the incident's."`
}

// Run writes an incident to standard output.
func (c *exportCmd) Run(e *env) error {
	id, err := incident.ParseID(c.Incident)
	if err != nil {
		return err
	}
	r, err := c.open(e.ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	if c.Format == "jsonl" {
		return journal.Export(e.ctx, r, journal.Stream(id), e.out)
	}
	s, events, err := load(e.ctx, r, id)
	if err != nil {
		return err
	}
	lang := c.Language
	if lang == "" {
		lang = s.Language()
	}
	_, err = fmt.Fprint(e.out, timeline.Markdown(s, events, catalog.Language(lang), zone(s)))
	return err
}

package main

import (
	"errors"
	"fmt"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/journal"
	"github.com/tocsin-bot/tocsin/bot/timeline"
)

type exportCmd struct {
	data
	Incident string `arg:""`
	Format   string `enum:"jsonl,md" default:"jsonl"`
}

// Run writes an incident to standard output.
func (c *exportCmd) Run(e *env) error {
	id, err := parse(c.Incident)
	if err != nil {
		return err
	}
	r, err := c.open(e.ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	if c.Format == "jsonl" {
		err := journal.Export(e.ctx, r, journal.Stream(id), e.out)
		if errors.Is(err, journal.ErrNotFound) {
			return noSuch(id)
		}
		return err
	}
	s, events, err := load(e.ctx, r, id)
	if err != nil {
		return err
	}
	lang := e.chosen
	if lang == "" {
		lang = catalog.Language(s.Language())
	}
	_, err = fmt.Fprint(e.out, timeline.Markdown(s, events, lang, zone(s)))
	return err
}

package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/journal"
	"github.com/tocsin-bot/tocsin/bot/timeline"
)

type exportCmd struct {
	data
	Incident string `arg:""`
	Format   string `enum:"jsonl,md" default:"jsonl"`
	Private  bool
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
	if c.Format == "jsonl" && c.Private { // as it stands: a log of a newer release cannot be read, and can be kept
		return c.raw(e, r, id)
	}
	s, events, err := load(e.ctx, r, id)
	if err != nil {
		return err
	}
	if s.Private != nil && !c.Private {
		return private(id)
	}
	if c.Format == "jsonl" {
		return c.raw(e, r, id)
	}
	lang := e.chosen
	if lang == "" {
		lang = catalog.Language(s.Language())
	}
	others, err := duplicates(e.ctx, r, s, lang)
	if err != nil {
		return err
	}
	_, err = fmt.Fprint(e.out, timeline.Markdown(s, events, lang, s.Policy.Location(), others...))
	return err
}

// raw writes the log as it is kept.
func (c *exportCmd) raw(e *env, r journal.Reader, id incident.ID) error {
	err := journal.Export(e.ctx, r, journal.Stream(id), e.out)
	if errors.Is(err, journal.ErrNotFound) {
		return noSuch(id)
	}
	return err
}

// duplicates reads the histories of the incidents that were merged into one.
func duplicates(ctx context.Context, r journal.Reader, s incident.State, lang string) ([]timeline.Other, error) {
	var out []timeline.Other
	for _, id := range s.Absorbed {
		of, events, err := load(ctx, r, id)
		if err != nil {
			return nil, err
		}
		out = append(out, timeline.Other{ID: id, Lines: timeline.LinesOf(of, events, lang)})
	}
	return out, nil
}

package main

import (
	"encoding/json"
	"fmt"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/journal"
	"github.com/tocsin-bot/tocsin/bot/timeline"
)

type showCmd struct {
	data
	Incident string `arg:""`
	JSON     bool   `name:"json"`
	Private  bool
}

// Run prints an incident as it stands and its timeline, with what could not be done.
func (c *showCmd) Run(e *env) error {
	id, err := parse(c.Incident)
	if err != nil {
		return err
	}
	r, err := c.open(e.ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	s, events, err := load(e.ctx, r, id)
	if err != nil {
		return err
	}
	if s.Private != nil && !c.Private {
		return private(id)
	}
	dead, err := r.DeadLetters(e.ctx, journal.Stream(id), 100)
	if err != nil {
		return err
	}
	if c.JSON {
		return c.json(e, s, events, dead)
	}
	lang := e.chosen
	if lang == "" {
		lang = catalog.Language(s.Language())
	}
	others, err := duplicates(e.ctx, r, s, lang)
	if err != nil {
		return err
	}
	doubt := map[string]bool{}
	for _, ev := range events {
		if f, ok := ev.Fact.(*incident.Settled); ok && f.Doubt {
			doubt[string(f.Effect)] = true
		}
	}
	fmt.Fprint(e.out, timeline.Text(s, events, lang, s.Policy.Location(), others...))
	for _, d := range dead {
		key := "cli.show.dead"
		if doubt[d.ID] {
			key = "cli.show.doubt"
		}
		fmt.Fprintln(e.out, catalog.Say(lang, key, catalog.Args{"id": catalog.Words(d.ID), "why": catalog.Words(d.Reason)}).Plain(nil))
	}
	return nil
}

// eventOut is an event with the bodies of its texts beside it: the log's own JSON has their digests only.
type eventOut struct {
	Event incident.Event `json:"event"`
	Texts []string       `json:"texts,omitempty"`
}

func (c *showCmd) json(e *env, s incident.State, events []incident.Event, dead []journal.Dead) error {
	out := struct {
		Title     string              `json:"title"`
		State     incident.State      `json:"state"`
		Deadlines []incident.Deadline `json:"deadlines"`
		Events    []eventOut          `json:"events"`
		Dead      []journal.Dead      `json:"dead_letters,omitempty"`
	}{Title: s.Title.Body, State: s, Deadlines: incident.Deadlines(s), Dead: dead}
	for _, ev := range events {
		o := eventOut{Event: ev}
		for _, t := range ev.Fact.Texts() {
			if t.Body != "" {
				o.Texts = append(o.Texts, t.Body)
			}
		}
		out.Events = append(out.Events, o)
	}
	enc := json.NewEncoder(e.out)
	enc.SetIndent("", "  ")
	return enc.Encode(out)
}

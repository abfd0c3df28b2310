package main

import (
	"context"
	"errors"
	"io/fs"

	"github.com/tocsin-bot/tocsin/bot"
	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/engine"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/journal"
)

// data are the flags of the verbs that read what was recorded.
type data struct {
	storage
	Config string `env:"TOCSIN_CONFIG" group:"data" type:"path" placeholder:"FILE"`
	shadow bool   // what a shadow keeps is read
}

// open opens the data for reading, also while a bot is running on it.
func (s *data) open(ctx context.Context) (journal.Reader, error) {
	if err := fromFiles(map[string]*string{"REDIS_URL": &s.RedisURL}); err != nil {
		return nil, err
	}
	installation, err := bot.Installation(s.Config)
	if err != nil {
		return nil, err
	}
	dir := s.dir()
	if s.shadow {
		dir, installation = bot.ShadowDir(dir), installation+bot.ShadowSuffix
	}
	r, err := bot.OpenReader(ctx, s.RedisURL, dir, installation)
	switch {
	case err == nil:
		return r, nil
	case s.RedisURL == "" && errors.Is(err, fs.ErrNotExist):
		return nil, &catalog.Said{Key: "cli.no-data", Args: catalog.Args{"dir": catalog.Words(dir)}, Err: err}
	}
	return nil, &catalog.Said{Key: "cli.no-reading", Args: catalog.Args{"why": catalog.Cause{Err: err}}, Err: err}
}

// About implements about.
func (*data) About() string { return "cli.about.read" }

// parse reads an incident's id.
func parse(word string) (incident.ID, error) {
	id, err := incident.ParseID(word)
	if err != nil {
		return "", &catalog.Said{Key: "cli.no-id", Args: catalog.Args{"word": catalog.Quoted(word)}, Err: err}
	}
	return id, nil
}

func noSuch(id incident.ID) error {
	return &catalog.Said{Key: "cli.no-such", Args: catalog.Args{"id": catalog.Words(id), "line": catalog.Literal("tocsin list --all")}}
}

// private refuses to show a private incident that was not asked for as one.
func private(id incident.ID) error {
	return &catalog.Said{Key: "cli.private", Args: catalog.Args{"id": catalog.Words(id)}}
}

// load reads an incident's whole log, and the state it tells.
func load(ctx context.Context, r journal.Reader, id incident.ID) (incident.State, []incident.Event, error) {
	var events []incident.Event
	for from := int64(1); ; {
		page, err := engine.Events(ctx, r, id, from, 1000)
		if err != nil {
			return incident.State{}, nil, err
		}
		events = append(events, page...)
		if len(page) < 1000 {
			break
		}
		from = page[len(page)-1].Seq + 1
	}
	if len(events) == 0 {
		return incident.State{}, nil, noSuch(id)
	}
	s := incident.Replay(events)
	if p, err := bot.FrozenPolicy(ctx, r, s.PolicyDigest); err == nil {
		s.Policy = p
	}
	return s, events, nil
}

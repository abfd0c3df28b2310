package main

import (
	"context"
	"fmt"
	"time"

	"github.com/tocsin-bot/tocsin/bot"
	"github.com/tocsin-bot/tocsin/bot/engine"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/journal"
)

// data are the flags of the verbs that read what was recorded.
type data struct {
	storage
	Config string `env:"TOCSIN_CONFIG" type:"path" placeholder:"FILE" help:"Policy file; with --redis-url it names the installation. Default: the embedded policy."`
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
	return bot.OpenReader(ctx, s.RedisURL, s.dir(), installation)
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
		return incident.State{}, nil, fmt.Errorf("there is no %s in this data: see tocsin list --all", id)
	}
	s := incident.Replay(events)
	if p, err := bot.FrozenPolicy(ctx, r, s.PolicyDigest); err == nil {
		s.Policy = p
	}
	return s, events, nil
}

// zone is the zone times are printed in: the policy's.
func zone(s incident.State) *time.Location {
	if s.Policy != nil {
		if z, err := time.LoadLocation(s.Policy.Zone); err == nil {
			return z
		}
	}
	return time.UTC
}

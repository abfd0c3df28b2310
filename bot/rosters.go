package bot

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/tocsin-bot/tocsin/bot/house"
)

// refreshRosters reads who is on call for every target and records what changed. It is a duty: pages never wait for it. What could not
// be read stays as it was last seen.
func (b *Bot) refreshRosters(ctx context.Context) error {
	seen, err := b.pager.Rosters(ctx, b.Policy())
	errs := []error{err}
	for _, target := range slices.Sorted(maps.Keys(seen)) {
		r := seen[target]
		for i, p := range r.People {
			if p.Slack != "" || p.Email == "" {
				continue
			}
			known, err := b.people.ByEmail(ctx, p.Email)
			if err != nil {
				errs = append(errs, fmt.Errorf("find the Slack user of %s (%s): %w", target, p.Email, err))
				r.People[i] = b.lastSeen(ctx, target, p)
				continue
			}
			r.People[i].Slack = known.Slack
			if r.People[i].Name == "" {
				r.People[i].Name = known.Name
			}
		}
		if err := b.engine.HandleHouse(ctx, "", house.Intent{Fact: &r}); err != nil {
			errs = append(errs, err)
		}
	}
	b.rostersRead.Store(true)
	return errors.Join(errs...)
}

// lastSeen is what the house knows of a person from before, when Slack cannot be asked now.
func (b *Bot) lastSeen(ctx context.Context, target string, p house.Person) house.Person {
	h, err := b.engine.House(ctx)
	if err != nil {
		return p
	}
	for _, q := range h.Rosters[target].People {
		if q.Email == p.Email {
			if p.Pager != "" {
				q.Pager = p.Pager
			}
			return q
		}
	}
	return p
}

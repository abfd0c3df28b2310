package engine

import (
	"container/list"
	"context"
	"fmt"
	"sync"

	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/journal"
)

// cached is a state with the hash of the record it ends at. A cached state is never trusted: commits expect its version.
type cached struct {
	state incident.State
	hash  string
}

// cache keeps the most recently used states.
type cache struct {
	mu    sync.Mutex
	max   int
	order *list.List // of incident.ID, newest first
	at    map[incident.ID]*list.Element
	items map[incident.ID]cached
}

func newCache(max int) *cache {
	return &cache{max: max, order: list.New(), at: map[incident.ID]*list.Element{}, items: map[incident.ID]cached{}}
}

func (c *cache) get(id incident.ID) (cached, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	v, ok := c.items[id]
	if ok {
		c.order.MoveToFront(c.at[id])
	}
	return v, ok
}

func (c *cache) put(id incident.ID, v cached) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if old, ok := c.items[id]; ok && old.state.Seq > v.state.Seq {
		return
	}
	if el, ok := c.at[id]; ok {
		c.order.MoveToFront(el)
	} else {
		c.at[id] = c.order.PushFront(id)
	}
	c.items[id] = v
	for len(c.items) > c.max {
		last := c.order.Back()
		old := last.Value.(incident.ID)
		c.order.Remove(last)
		delete(c.at, old)
		delete(c.items, old)
	}
}

func (c *cache) drop(id incident.ID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if el, ok := c.at[id]; ok {
		c.order.Remove(el)
		delete(c.at, id)
		delete(c.items, id)
	}
}

// load returns a state as far as this process knows it, and for a new incident the number of incidents so far.
func (e *Engine) load(ctx context.Context, id incident.ID) (cached, int64, error) {
	if id == "" {
		// The number a new incident gets, and the version of its stream, are both expected at commit.
		l, err := e.o.Store.Load(ctx, journal.House)
		if err != nil {
			return cached{}, 0, fmt.Errorf("read the number of incidents: %w", err)
		}
		return cached{}, l.Counter, nil
	}
	if v, ok := e.cache.get(id); ok {
		return v, 0, nil
	}
	return e.reload(ctx, id)
}

// reload reads a state from the store.
func (e *Engine) reload(ctx context.Context, id incident.ID) (cached, int64, error) {
	l, err := e.o.Store.Load(ctx, journal.Stream(id))
	if err != nil {
		return cached{}, 0, fmt.Errorf("load %s: %w", id, err)
	}
	if l.Version == 0 {
		return cached{}, 0, fmt.Errorf("%s: %w", id, journal.ErrNotFound)
	}
	var v cached
	if l.Snapshot != nil {
		if v.state, err = journal.DecodeState(*l.Snapshot); err != nil {
			return cached{}, 0, fmt.Errorf("read the snapshot of %s: %w", id, err)
		}
	}
	for _, r := range l.Records {
		if r.Seq <= v.state.Seq {
			continue
		}
		ev, err := journal.DecodeIncident(r)
		if err != nil {
			return cached{}, 0, err
		}
		v.state, v.hash = incident.Evolve(v.state, ev), r.Hash
	}
	if v.hash == "" {
		last, err := e.o.Store.Records(ctx, journal.Stream(id), v.state.Seq, 1)
		if err != nil || len(last) == 0 {
			return cached{}, 0, fmt.Errorf("read the last record of %s: %w", id, err)
		}
		v.hash = last[0].Hash
	}
	if v.state.Policy, err = e.policy(ctx, id, v.state.PolicyDigest); err != nil {
		return cached{}, 0, fmt.Errorf("policy of %s: %w", id, err)
	}
	e.cache.put(id, v)
	return v, l.Counter, nil
}

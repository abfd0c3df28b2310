package engine

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/journal"
)

// policy returns the policy an incident was frozen with. One that is lost, or that a stricter parser than that of the day cannot read, is
// replaced by the policy in force: an incident without deadlines would be worse than one with others, and the digest in its log still
// says which it should have been. A release that can read it finds it again.
func (e *Engine) policy(ctx context.Context, id incident.ID, digest string) (*incident.Policy, error) {
	current, _ := e.o.Policies.Current()
	if current != nil && current.Digest == digest {
		return current, nil
	}
	if p, ok := e.policies.Load(digest); ok {
		return p.(*incident.Policy), nil
	}
	src, err := e.o.Store.Blob(ctx, digest)
	if err != nil && !errors.Is(err, journal.ErrNotFound) {
		return nil, fmt.Errorf("read policy %.12s: %w", digest, err)
	}
	var p *incident.Policy
	if err == nil {
		p, err = e.o.Policies.Decode(src)
	}
	if err == nil {
		e.policies.Store(digest, p)
		return p, nil
	}
	err = fmt.Errorf("read policy %.12s: %w", digest, err)
	if current == nil {
		return nil, err
	}
	if e.replaced.first(id) {
		e.o.Unreadable(id, err)
	}
	return current, nil
}

// maxReplaced bounds of how many incidents it is remembered that their policy was replaced; of more nobody is told.
const maxReplaced = 10_000

// replaced are the incidents whose frozen policy could not be read.
type replaced struct {
	mu sync.Mutex
	of map[incident.ID]bool
}

// first notes an incident and reports whether it was not noted before.
func (r *replaced) first(id incident.ID) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.of[id] || len(r.of) >= maxReplaced {
		return false
	}
	r.of[id] = true
	return true
}

func (r *replaced) count() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return int64(len(r.of))
}

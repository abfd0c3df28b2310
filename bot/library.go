package bot

import (
	"context"
	"fmt"
	"sync"

	"github.com/tocsin-bot/tocsin/bot/journal"
	"github.com/tocsin-bot/tocsin/runbooks"
)

// library gives the engine runbook revisions to pin, and the views the pinned ones.
type library struct {
	catalogue *runbooks.Catalogue

	mu     sync.Mutex
	parsed map[string]*runbooks.Runbook // by digest, of revisions read back from the journal
}

func newLibrary(c *runbooks.Catalogue) *library {
	return &library{catalogue: c, parsed: map[string]*runbooks.Runbook{}}
}

// Source implements engine.Library.
func (l *library) Source(digest string) ([]byte, bool) {
	r, ok := l.catalogue.ByDigest(digest)
	if !ok {
		return nil, false
	}
	return []byte(r.Source), true
}

// maxParsed bounds how many revisions of the past are kept parsed.
const maxParsed = 256

// revision returns a pinned revision: today's, when it is the same, else from the journal.
func (l *library) revision(ctx context.Context, j journal.Reader, digest string) (*runbooks.Runbook, error) {
	if r, ok := l.catalogue.ByDigest(digest); ok {
		return r, nil
	}
	l.mu.Lock()
	r := l.parsed[digest]
	l.mu.Unlock()
	if r != nil {
		return r, nil
	}
	src, err := j.Blob(ctx, digest)
	if err != nil {
		return nil, fmt.Errorf("read runbook revision %.12s: %w", digest, err)
	}
	if r, err = runbooks.Parse("revision "+digest[:min(12, len(digest))], src); err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.parsed) >= maxParsed {
		clear(l.parsed)
	}
	l.parsed[digest] = r
	return r, nil
}

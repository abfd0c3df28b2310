package bot

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/tocsin-bot/tocsin/bot/journal"
	"github.com/tocsin-bot/tocsin/commands"
	"github.com/tocsin-bot/tocsin/runbooks"
)

// library gives the engine runbook revisions to pin, and the views the pinned ones.
type library struct {
	folder folder

	catalogue atomic.Pointer[runbooks.Catalogue] // in use

	mu     sync.Mutex
	before []*runbooks.Catalogue        // that were in use
	parsed map[string]*runbooks.Runbook // by digest, of revisions read back from the journal
}

// newLibrary is a library of a catalogue that was loaded with a folder, "" for none.
func newLibrary(c *runbooks.Catalogue, dir string) *library {
	l := &library{parsed: map[string]*runbooks.Runbook{}}
	l.catalogue.Store(c)
	if l.folder.dir = dir; dir != "" {
		l.folder.seen = look(dir)
	}
	return l
}

// use puts another catalogue in place.
func (l *library) use(c *runbooks.Catalogue) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.before = append(l.before, l.catalogue.Swap(c))
	if len(l.before) > maxBefore {
		l.before = l.before[1:]
	}
}

// byDigest returns a revision of the catalogue in use, or of one of before.
func (l *library) byDigest(digest string) (*runbooks.Runbook, bool) {
	if r, ok := l.catalogue.Load().ByDigest(digest); ok {
		return r, true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range l.before {
		if r, ok := c.ByDigest(digest); ok {
			return r, true
		}
	}
	return nil, false
}

// The shelf of the commands, always of the catalogue in use.
var _ commands.Library = (*library)(nil)

// ByID implements commands.Library.
func (l *library) ByID(id, language string) (*runbooks.Runbook, bool) {
	return l.catalogue.Load().ByID(id, language)
}

// ByAlert implements commands.Library.
func (l *library) ByAlert(alert, language string) (*runbooks.Runbook, bool) {
	return l.catalogue.Load().ByAlert(alert, language)
}

// ByService implements commands.Library.
func (l *library) ByService(service, language string) (*runbooks.Runbook, bool) {
	return l.catalogue.Load().ByService(service, language)
}

// All implements commands.Library.
func (l *library) All() []*runbooks.Runbook { return l.catalogue.Load().All() }

// Generic implements commands.Library.
func (l *library) Generic(language string) (*runbooks.Runbook, bool) {
	return l.catalogue.Load().Generic(language)
}

// IDs implements commands.Library.
func (l *library) IDs() []string { return l.catalogue.Load().IDs() }

// Search implements commands.Library.
func (l *library) Search(query, language string, limit int) []runbooks.Hit {
	return l.catalogue.Load().Search(query, language, limit)
}

// Source implements engine.Library.
func (l *library) Source(digest string) ([]byte, bool) {
	r, ok := l.byDigest(digest)
	if !ok {
		return nil, false
	}
	return []byte(r.Source), true
}

// maxParsed bounds how many revisions of the past are kept parsed.
const maxParsed = 256

// revision returns a pinned revision: today's, when it is the same, else from the journal.
func (l *library) revision(ctx context.Context, j journal.Reader, digest string) (*runbooks.Runbook, error) {
	if r, ok := l.byDigest(digest); ok {
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

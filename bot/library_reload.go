package bot

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/runbooks"
)

// runbooksEvery is how often the folder of runbooks is looked at: an edit there counts from the next look on.
const runbooksEvery = 30 * time.Second

// maxBefore bounds how many catalogues of before are kept: a runbook chosen the moment before the folder changed must still be found when
// its revision is stored.
const maxBefore = 3

// folder is the folder of runbooks as last looked at.
type folder struct {
	dir string // empty: there is none

	mu      sync.Mutex
	seen    string // digest of what lay in it
	trouble error  // why what lies in it is not in use; nil: it is
}

// look says what lies in the folder: names, sizes and times of the files that can be runbooks.
func look(dir string) string {
	h := sha256.New()
	for _, d := range append([]string{"."}, runbooks.Languages()...) {
		entries, err := os.ReadDir(filepath.Join(dir, d))
		if err != nil && !os.IsNotExist(err) {
			_, _ = fmt.Fprintf(h, "%s %v\n", d, err)
		}
		for _, e := range entries {
			if filepath.Ext(e.Name()) != ".md" {
				continue
			}
			info, err := os.Stat(filepath.Join(dir, d, e.Name())) // what a symbolic link leads to, as in a mounted ConfigMap
			if err != nil {
				_, _ = fmt.Fprintf(h, "%s/%s %v\n", d, e.Name(), err)
				continue
			}
			_, _ = fmt.Fprintf(h, "%s/%s %d %d\n", d, e.Name(), info.Size(), info.ModTime().UnixNano())
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// rereadRunbooks takes up what has changed in the folder. What cannot be read as a whole is said once and not used: the runbooks of before
// stay, until the folder changes again. Incidents keep the revisions they started with.
func (b *Bot) rereadRunbooks(context.Context, time.Time) error {
	f := &b.library.folder
	if f.dir == "" {
		return nil
	}
	now := look(f.dir)
	f.mu.Lock()
	defer f.mu.Unlock()
	if now == f.seen {
		return nil
	}
	f.seen = now
	c, err := Runbooks(f.dir)
	if f.trouble = err; err != nil {
		b.log.Warn().Err(err).Msg("the folder of runbooks has changed and cannot be used as it is; the runbooks of before stay in use: tocsin runbooks lint says what to mend")
		return nil
	}
	b.library.use(c)
	b.log.Info().Int("runbooks", len(c.IDs())).Msg("the folder of runbooks has changed and is in use; open incidents keep their revisions")
	return nil
}

// runbooksReady says why the runbooks in use are not those of the folder, nil when they are.
func (b *Bot) runbooksReady() error {
	f := &b.library.folder
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.trouble == nil {
		return nil
	}
	return &catalog.Said{Key: "ready.runbooks", Args: catalog.Args{"why": catalog.Cause{Err: f.trouble}}, Err: f.trouble}
}

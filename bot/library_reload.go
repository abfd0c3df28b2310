package bot

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
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
	trouble error  // what of it cannot be used; nil: all can
}

// look says what lies in the folder: names, times and contents of the files that can be runbooks. Two revisions of one checkout may have the
// same size and, by a coarse clock, the same time.
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
			if info.Mode().IsRegular() {
				hashFile(h, filepath.Join(dir, d, e.Name()))
			}
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// hashFile adds what a file holds, as far as a runbook may be long. What cannot be read is said when the folder is loaded.
func hashFile(h io.Writer, path string) {
	f, err := os.Open(path)
	if err != nil {
		_, _ = fmt.Fprintln(h, err)
		return
	}
	defer f.Close()
	_, _ = io.Copy(h, io.LimitReader(f, runbooks.MaxSource+1))
}

// rereadRunbooks takes up what has changed in the folder. A file that cannot be read is said once and passed over: the last good revision of its
// runbook stays in use, and every other edit counts. Incidents keep the revisions they started with.
func (b *Bot) rereadRunbooks(context.Context, time.Time) error {
	f := &b.library.folder
	if f.dir == "" {
		return nil
	}
	now := look(f.dir) // before reading: an edit meanwhile is seen by the next look
	f.mu.Lock()
	defer f.mu.Unlock()
	if now == f.seen {
		return nil
	}
	f.seen = now
	c, err := Runbooks(f.dir)
	var kept []string
	if broken, ok := errors.AsType[runbooks.Problems](err); ok {
		var stay []*runbooks.Runbook
		c, stay = c.Keeping(b.library.catalogue.Load(), broken)
		for _, r := range stay {
			kept = append(kept, r.ID+" "+r.Language)
		}
	}
	b.library.use(c)
	if f.trouble = err; err != nil {
		b.log.Warn().Err(err).Strs("kept", kept).Int("runbooks", len(c.IDs())).
			Msg("the folder of runbooks has changed and holds files that cannot be used: the runbooks named as kept stay in use as they were, every other change counts; tocsin runbooks lint says what to mend")
		return nil
	}
	b.log.Info().Int("runbooks", len(c.IDs())).Msg("the folder of runbooks has changed and is in use; open incidents keep their revisions")
	return nil
}

// runbooksReady says which files of the folder are not in use as they are, nil when all are.
func (b *Bot) runbooksReady() error {
	err := b.library.Trouble()
	if err == nil {
		return nil
	}
	return &catalog.Said{Key: "ready.runbooks", Args: catalog.Args{"why": catalog.Cause{Err: err}}, Err: err}
}

// Trouble implements commands.Troubled.
func (l *library) Trouble() error {
	l.folder.mu.Lock()
	defer l.folder.mu.Unlock()
	return l.folder.trouble
}

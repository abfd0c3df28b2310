package bolt

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	bbolterrors "go.etcd.io/bbolt/errors"
)

const ownerName = "tocsin.owner"

// owner is what the process that holds the data directory says about itself, for people and for readers. The lock is the truth; this
// file may be left over from a process that died.
type owner struct {
	PID     int       `json:"pid"`
	Host    string    `json:"host,omitempty"`
	Started time.Time `json:"started"`
	Socket  string    `json:"socket"`
}

func readOwner(dir string) (o owner, err error) {
	b, err := os.ReadFile(filepath.Join(dir, ownerName))
	if err != nil {
		return o, err
	}
	return o, json.Unmarshal(b, &o)
}

// writeOwner replaces the file in one step, so that a reader sees the old one or the new one.
func writeOwner(dir string, o owner) error {
	b, err := json.Marshal(o)
	if err != nil {
		return err
	}
	path := filepath.Join(dir, ownerName)
	if err := os.WriteFile(path+".new", append(b, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// openError says what to do about a file that cannot be opened.
func openError(dir, path string, err error) error {
	switch {
	case errors.Is(err, bbolterrors.ErrTimeout):
		who := "another process"
		if o, oerr := readOwner(dir); oerr == nil {
			who = fmt.Sprintf("process %d on %s, running since %s,", o.PID, o.Host, o.Started.Format(time.RFC3339))
		}
		return fmt.Errorf("%s has the data directory %s open: stop it, or choose another with --data-dir: %w", who, dir, err)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("open %s: %w; the bot must own its data directory", path, err)
	case errors.Is(err, bbolterrors.ErrInvalid), errors.Is(err, bbolterrors.ErrChecksum), errors.Is(err, bbolterrors.ErrVersionMismatch):
		return fmt.Errorf("%s is not a journal, or is damaged: put the last backup in its place: %w", path, err)
	}
	return fmt.Errorf("open %s: %w", path, err)
}

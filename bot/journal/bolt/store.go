package bolt

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	bbolt "go.etcd.io/bbolt"
	bbolterrors "go.etcd.io/bbolt/errors"

	"github.com/tocsin-bot/tocsin/bot/journal"
)

// Options of Open. The zero value is what a bot runs with.
type Options struct {
	// Clock is what Now returns and what keys expire by; nil: time.Now. Leases and replicas go by real time always.
	Clock func() time.Time
	// NoSync leaves out the fsync of each commit, and the socket for readers as well: for tests, also inside a synctest bubble (where a
	// goroutine in Accept would hold the bubble's time).
	NoSync bool
}

// Store is a journal in one file. It implements journal.Store.
type Store struct {
	db     *bbolt.DB
	dir    string
	path   string
	clock  func() time.Time
	opened os.FileInfo // the file as it was opened

	mu     sync.Mutex
	mem    *memory
	failed error // of the last group's commit
	soft   *soft

	line    chan *request
	closing chan struct{}
	done    chan struct{} // the committer has ended
	once    sync.Once
	server  *server // nil without a socket
	closed  error
}

var _ journal.Store = (*Store)(nil)

const (
	fileName    = "tocsin.db"
	format      = "2"
	format1     = "1" // texts in a bucket of their own, and two buckets more
	mmapSize    = 1 << 30
	lockTimeout = 2 * time.Second // a reader holds the file for one question
)

// Open opens the journal in dir, making both when they are not there. Another process that has it open is an error that names that process.
func Open(dir string, o Options) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("data directory: %w; choose another with --data-dir", err)
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("data directory: %w", err)
	}
	s := &Store{dir: dir, path: filepath.Join(dir, fileName), clock: o.Clock, soft: newSoft(),
		line: make(chan *request, maxLine), closing: make(chan struct{}), done: make(chan struct{})}
	if s.clock == nil {
		s.clock = time.Now
	}
	s.db, err = bbolt.Open(s.path, 0o600, &bbolt.Options{Timeout: lockTimeout, InitialMmapSize: mmapSize,
		FreelistType: bbolt.FreelistMapType, NoSync: o.NoSync, NoStatistics: true})
	if err != nil {
		return nil, openError(dir, s.path, err)
	}
	if s.opened, err = os.Stat(s.path); err == nil {
		err = s.begin(o)
	}
	if err != nil {
		s.db.Close()
		return nil, fmt.Errorf("open %s: %w", s.path, err)
	}
	go s.commits()
	return s, nil
}

// begin makes the buckets, counts the opening and fills the memory.
func (s *Store) begin(o Options) error {
	var epoch uint64
	err := s.db.Update(func(tx *bbolt.Tx) error {
		for _, name := range buckets {
			if _, err := tx.CreateBucketIfNotExists(name); err != nil {
				return err
			}
		}
		meta := tx.Bucket(bMeta)
		if err := checkFormat(tx); err != nil {
			return err
		}
		epoch = num(meta.Get(kEpoch)) + 1
		if err := meta.Put(kEpoch, u64(epoch)); err != nil {
			return err
		}
		for _, name := range gone1 {
			if err := tx.DeleteBucket(name); err != nil && !errors.Is(err, bbolterrors.ErrBucketNotFound) {
				return err
			}
		}
		return meta.Put(kFormat, []byte(format))
	})
	if err != nil {
		return err
	}
	s.mem = newMemory(epoch)
	err = s.db.View(func(tx *bbolt.Tx) error {
		err := tx.Bucket(bItem).ForEach(func(k, v []byte) error {
			it, err := readItem(v)
			if err == nil {
				s.mem.queue(nil, it.ID, place{num(k), it.Lane})
			}
			return err
		})
		if err != nil {
			return err
		}
		return tx.Bucket(bDue).ForEach(func(k, _ []byte) error {
			s.mem.due[journal.Stream(k[8:])] = timeOf(k)
			return nil
		})
	})
	if err != nil || o.NoSync {
		return err
	}
	s.server, err = serve(s)
	return err
}

func checkFormat(tx *bbolt.Tx) error {
	meta := tx.Bucket(bMeta)
	if meta == nil {
		return nil
	}
	if f := meta.Get(kFormat); f != nil && string(f) != format && string(f) != format1 {
		return fmt.Errorf("the file is of format %q, this release reads format %q: run the release that wrote it, or a newer one", f, format)
	}
	return nil
}

// Close answers those in line, and gives the file back.
func (s *Store) Close() error {
	s.once.Do(func() {
		if s.server != nil {
			s.server.close()
		}
		close(s.closing)
		<-s.done
		s.closed = s.db.Close()
	})
	return s.closed
}

// view runs f in a read transaction.
func (s *Store) view(ctx context.Context, f func(tx *bbolt.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case <-s.closing:
		return journal.ErrClosed
	default:
	}
	err := s.db.View(f)
	if errors.Is(err, bbolterrors.ErrDatabaseNotOpen) {
		return journal.ErrClosed
	}
	return err
}

// Commit implements journal.Store.
func (s *Store) Commit(ctx context.Context, c journal.Commit) (out journal.Committed, err error) {
	if err := c.Check(); err != nil {
		return journal.Committed{}, err
	}
	var got journal.Committed
	err = s.do(ctx, op{
		check: func(tx *bbolt.Tx) error { return s.expected(tx, c) },
		write: func(tx *bbolt.Tx, u *undo) (err error) { got, err = s.apply(tx, u, c); return err },
	})
	if err != nil {
		return journal.Committed{}, err
	}
	return got, nil
}

// Key implements journal.Store.
func (s *Store) Key(ctx context.Context, name string) (outcome json.RawMessage, ok bool, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		outcome, ok = key(tx, name, s.clock())
		return nil
	})
	return outcome, ok, err
}

// Claims implements journal.Store.
func (s *Store) Claims(ctx context.Context, names []string) (map[string]string, error) {
	out := map[string]string{}
	err := s.view(ctx, func(tx *bbolt.Tx) error {
		for _, name := range names {
			if owner := tx.Bucket(bClaim).Get([]byte(name)); owner != nil {
				out[name] = string(owner)
			}
		}
		return nil
	})
	return out, err
}

// Cursor implements journal.Store.
func (s *Store) Cursor(ctx context.Context, name string) (value string, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		value = string(tx.Bucket(bCursor).Get([]byte(name)))
		return nil
	})
	return value, err
}

// SetCursor implements journal.Store.
func (s *Store) SetCursor(ctx context.Context, name, value string) error {
	if err := journal.CheckCursor(name, value); err != nil {
		return err
	}
	return s.do(ctx, writeOnly(func(tx *bbolt.Tx, _ *undo) error { return putCursor(tx, name, value) }))
}

// Due implements journal.Store.
func (s *Store) Due(ctx context.Context, until time.Time, limit int) (out []journal.DueAt, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		out = due(tx, until, journal.Bound(limit))
		return nil
	})
	return out, err
}

// NextDue implements journal.Store.
func (s *Store) NextDue(ctx context.Context) (at time.Time, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		if k, _ := tx.Bucket(bDue).Cursor().First(); k != nil {
			at = timeOf(k)
		}
		return nil
	})
	return at, err
}

// SetDue implements journal.Store.
func (s *Store) SetDue(ctx context.Context, stream journal.Stream, version int64, at time.Time) error {
	if stream.Number() == 0 {
		return fmt.Errorf("due time of %q, which is no stream", stream)
	}
	return s.do(ctx, op{
		check: func(tx *bbolt.Tx) error {
			if v, _ := head(tx, stream); v != version {
				return &journal.Conflict{What: "version", Name: string(stream)}
			}
			return nil
		},
		write: func(tx *bbolt.Tx, u *undo) error { return s.putDue(tx, u, stream, at) },
	})
}

// Restore implements journal.Store.
func (s *Store) Restore(ctx context.Context, items []journal.Item) error {
	if err := journal.CheckItems(items); err != nil {
		return err
	}
	return s.do(ctx, writeOnly(func(tx *bbolt.Tx, u *undo) error {
		for _, it := range items {
			if err := s.addItem(tx, u, it); err != nil {
				return err
			}
		}
		return nil
	}))
}

// Ping implements journal.Store. After a commit that the disk refused it tries another.
func (s *Store) Ping(ctx context.Context) error {
	select {
	case <-s.closing:
		return journal.ErrClosed
	default:
	}
	if err := s.sameFile(); err != nil {
		return err
	}
	s.mu.Lock()
	failed := s.failed
	s.mu.Unlock()
	if failed == nil {
		return ctx.Err()
	}
	err := s.do(ctx, writeOnly(func(tx *bbolt.Tx, _ *undo) error { return tx.Bucket(bMeta).Put(kFormat, []byte(format)) }))
	if err != nil {
		return fmt.Errorf("the journal cannot keep what it is given: free space on the disk of %s: %w", s.dir, err)
	}
	return nil
}

// sameFile tells a data directory that was removed or replaced while we run.
func (s *Store) sameFile() error {
	onDisk, err := os.Stat(s.path)
	if err != nil {
		return fmt.Errorf("the journal's file is gone while the bot runs on it: stop the bot and put it back: %w", err)
	}
	if os.SameFile(onDisk, s.opened) {
		return nil
	}
	return fmt.Errorf("%s is not the file the bot runs on: it was replaced; restart the bot", s.path)
}

func writeOnly(write func(tx *bbolt.Tx, u *undo) error) op {
	return op{check: func(*bbolt.Tx) error { return nil }, write: write}
}

package bolt

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	bbolt "go.etcd.io/bbolt"
	bbolterrors "go.etcd.io/bbolt/errors"

	"github.com/tocsin-bot/tocsin/bot/journal"
)

// op is one writer's wish: check finds out whether it may happen and writes nothing, write makes it happen.
type op struct {
	check func(tx *bbolt.Tx) error
	write func(tx *bbolt.Tx, u *undo) error
}

// request is an op in line.
type request struct {
	op
	state atomic.Int32 // waiting, then taken or left
	done  chan error   // one answer, buffered
}

const (
	waiting int32 = iota
	taken         // its turn came: it may be on disk
	left          // its context ended before
)

const (
	maxLine  = 1024 // requests in line; more wait to get into it
	maxGroup = 256  // requests of one transaction
)

// do puts an op in line and waits for its answer.
func (s *Store) do(ctx context.Context, o op) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	r := &request{op: o, done: make(chan error, 1)}
	select {
	case <-s.closing:
		return journal.ErrClosed
	default:
	}
	select {
	case s.line <- r:
	case <-s.closing:
		return journal.ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-r.done:
		return err
	case <-s.done: // the committer has ended; what it took it has answered
		select {
		case err := <-r.done:
			return err
		default:
			return journal.ErrClosed
		}
	case <-ctx.Done():
		if r.state.CompareAndSwap(waiting, left) {
			return ctx.Err()
		}
		select {
		case err := <-r.done: // it came just now
			return err
		default:
			return fmt.Errorf("%w: %w", journal.ErrUnknown, ctx.Err())
		}
	}
}

// commits is the committer: the only goroutine that writes. It ends when the store closes, after answering everybody in line.
func (s *Store) commits() {
	defer close(s.done)
	group := make([]*request, 0, maxGroup)
	for {
		group = group[:0]
		select {
		case r := <-s.line:
			group = append(group, r)
		case <-s.closing:
			for {
				select {
				case r := <-s.line:
					r.done <- journal.ErrClosed
				default:
					return
				}
			}
		}
	more:
		for len(group) < maxGroup {
			select {
			case r := <-s.line:
				group = append(group, r)
			default:
				break more
			}
		}
		s.commitGroup(group)
	}
}

// refused is a request whose writing failed, as against one whose commit did.
type refused struct {
	r   *request
	err error
}

func (r *refused) Error() string { return r.err.Error() }

// commitGroup carries out a group in one transaction and answers. A request whose writing fails, which its check should have told, is
// answered alone and the others are done again without it.
func (s *Store) commitGroup(group []*request) {
	mine := make([]*request, 0, len(group))
	for _, r := range group {
		if r.state.CompareAndSwap(waiting, taken) {
			mine = append(mine, r)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(mine) > 0 {
		answers, err := s.tryGroup(mine)
		var bad *refused
		if errors.As(err, &bad) {
			bad.r.done <- fmt.Errorf("bolt: nothing was recorded: %w", bad.err)
			keep := mine[:0]
			for _, r := range mine {
				if r != bad.r {
					keep = append(keep, r)
				}
			}
			mine = keep
			continue
		}
		if s.failed = err; err != nil {
			// The last page may or may not have reached the disk: the caller asks by key.
			err = fmt.Errorf("bolt: write %s (is the disk full?): %w: %w", s.path, journal.ErrUnknown, err)
		}
		for i, r := range mine {
			if answers[i] != nil {
				r.done <- answers[i]
			} else {
				r.done <- err
			}
		}
		return
	}
}

// tryGroup runs a group's requests one after the other in a transaction and commits it. It returns what each request was refused for.
func (s *Store) tryGroup(group []*request) (answers []error, err error) {
	var u undo
	defer func() {
		if err != nil {
			u.back(0)
		}
	}()
	tx, err := s.db.Begin(true)
	if err != nil {
		return make([]error, len(group)), err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, ignoreClosed(tx.Rollback()))
		}
	}()
	answers = make([]error, len(group))
	wrote := false
	for i, r := range group {
		if answers[i] = r.check(tx); answers[i] != nil {
			continue
		}
		if err := r.write(tx, &u); err != nil {
			return answers, &refused{r, err}
		}
		wrote = true
	}
	if !wrote {
		return answers, ignoreClosed(tx.Rollback())
	}
	return answers, tx.Commit()
}

func ignoreClosed(err error) error {
	if errors.Is(err, bbolterrors.ErrTxClosed) {
		return nil
	}
	return err
}

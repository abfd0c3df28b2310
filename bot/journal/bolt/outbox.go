package bolt

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	bbolt "go.etcd.io/bbolt"

	"github.com/tocsin-bot/tocsin/bot/journal"
)

// putOutbox settles, queues and takes, in that order.
func (s *Store) putOutbox(tx *bbolt.Tx, u *undo, p journal.Put) (journal.Committed, error) {
	var out journal.Committed
	for _, id := range p.Settle {
		if err := s.dropItem(tx, u, id); err != nil {
			return out, err
		}
	}
	ours := map[string]bool{}
	if p.Take != nil {
		for _, it := range p.Outbox {
			if _, seen := ours[it.Lane]; seen {
				continue
			}
			l, ok := s.mem.lease(u, it.Lane, p.Take.Owner, p.Take.TTL)
			if ours[it.Lane] = ok; ok {
				out.Leases = append(out.Leases, l)
			}
		}
		slices.SortFunc(out.Leases, func(a, b journal.Lease) int { return strings.Compare(a.Lane, b.Lane) })
	}
	for _, it := range p.Outbox {
		if ours[it.Lane] {
			it.Attempts++
		}
		if err := s.addItem(tx, u, it); err != nil {
			return out, err
		}
	}
	return out, nil
}

// addItem queues an item at the end of its lane; one that is there already is left alone.
func (s *Store) addItem(tx *bbolt.Tx, u *undo, it journal.Item) error {
	if _, there := s.mem.items[it.ID]; there {
		return nil
	}
	n, err := tx.Bucket(bItem).NextSequence()
	if err != nil {
		return err
	}
	s.mem.queue(u, it.ID, place{n, it.Lane})
	return writeItem(tx, n, it)
}

func writeItem(tx *bbolt.Tx, n uint64, it journal.Item) error {
	it.NotBefore = journal.Kept(it.NotBefore)
	b, err := json.Marshal(it)
	if err != nil {
		return err
	}
	return tx.Bucket(bItem).Put(u64(n), b)
}

func (s *Store) dropItem(tx *bbolt.Tx, u *undo, id string) error {
	at, there := s.mem.items[id]
	if !there {
		return nil
	}
	s.mem.unqueue(u, id)
	return tx.Bucket(bItem).Delete(u64(at.n))
}

// held returns an item of the lease's lane, if the lease is still the newest.
func (s *Store) held(tx *bbolt.Tx, l journal.Lease, id string) (uint64, journal.Item, error) {
	if err := s.mem.fence(l); err != nil {
		return 0, journal.Item{}, err
	}
	at, there := s.mem.items[id]
	if !there || at.lane != l.Lane {
		return 0, journal.Item{}, fmt.Errorf("effect %s in lane %s: %w", id, l.Lane, journal.ErrNotFound)
	}
	it, err := readItem(tx.Bucket(bItem).Get(u64(at.n)))
	return at.n, it, err
}

// beginItem is Begin, in a transaction.
func (s *Store) beginItem(l journal.Lease, id string, attempt *int) op {
	var n uint64
	var it journal.Item
	return op{
		check: func(tx *bbolt.Tx) (err error) { n, it, err = s.held(tx, l, id); return err },
		write: func(tx *bbolt.Tx, _ *undo) error {
			it.Attempts++
			*attempt = it.Attempts
			return writeItem(tx, n, it)
		},
	}
}

func (s *Store) deferItem(l journal.Lease, id string, notBefore time.Time, reason string) op {
	var n uint64
	var it journal.Item
	return op{
		check: func(tx *bbolt.Tx) (err error) { n, it, err = s.held(tx, l, id); return err },
		write: func(tx *bbolt.Tx, _ *undo) error {
			it.NotBefore, it.LastError = notBefore, reason
			return writeItem(tx, n, it)
		},
	}
}

func (s *Store) settleItems(l journal.Lease, ids []string) op {
	return op{
		check: func(*bbolt.Tx) error {
			if err := s.mem.fence(l); err != nil {
				return err
			}
			for _, id := range ids {
				if at, there := s.mem.items[id]; there && at.lane != l.Lane {
					return fmt.Errorf("settle %s: it is in lane %s, the lease is that of %s", id, at.lane, l.Lane)
				}
			}
			return nil
		},
		write: func(tx *bbolt.Tx, u *undo) error {
			for _, id := range ids {
				if err := s.dropItem(tx, u, id); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

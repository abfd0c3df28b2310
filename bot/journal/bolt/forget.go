package bolt

import (
	"context"

	bbolt "go.etcd.io/bbolt"

	"github.com/tocsin-bot/tocsin/bot/journal"
)

// maxLook is how many keys one Forget looks at. An index of what expires when would cost every commit two pages; a look at 20,000 keys takes
// a few milliseconds, and no writer waits for it.
const maxLook = 20_000

// Forget implements journal.Store. It looks at so many keys and goes on from there the next time, so that a key may lie on disk for some
// rounds after it expired; it counts as gone from the moment it does.
func (s *Store) Forget(ctx context.Context, limit int) (int, error) {
	limit = journal.Bound(limit)
	s.mu.Lock()
	from := s.mem.looked
	s.mu.Unlock()
	var expired [][]byte
	var next []byte
	err := s.view(ctx, func(tx *bbolt.Tx) error {
		expired, next = expiredKeys(tx, from, limit, s.clock())
		return nil
	})
	if err != nil {
		return 0, err
	}
	n := 0
	err = s.do(ctx, writeOnly(func(tx *bbolt.Tx, _ *undo) error {
		n = 0
		now, keys := s.clock(), tx.Bucket(bKey)
		for _, k := range expired {
			if b := keys.Get(k); b == nil || !over(b, now) { // given again in between
				continue
			}
			if err := keys.Delete(k); err != nil {
				return err
			}
			n++
		}
		n += s.mem.forget(now, limit-n)
		n += s.soft.forget(now, limit-n)
		s.mem.looked = next
		return nil
	}))
	return n, err
}

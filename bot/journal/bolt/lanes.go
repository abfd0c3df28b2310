package bolt

import (
	"context"
	"errors"
	"time"

	"github.com/tocsin-bot/tocsin/bot/journal"
)

// locked runs f on the memory, after the group that is being written.
func (s *Store) locked(ctx context.Context, f func(m *memory)) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.closing:
		return journal.ErrClosed
	default:
	}
	f(s.mem)
	return nil
}

// Lanes implements journal.Store.
func (s *Store) Lanes(ctx context.Context, limit int) (out []journal.LaneState, err error) {
	err = s.locked(ctx, func(m *memory) { out = m.working(journal.Bound(limit)) })
	return out, err
}

// Lease implements journal.Store.
func (s *Store) Lease(ctx context.Context, lane, owner string, ttl time.Duration) (l journal.Lease, ok bool, err error) {
	if lane == "" || owner == "" || ttl <= 0 {
		return l, false, errors.New("a lease needs a lane, an owner and a time to live")
	}
	err = s.locked(ctx, func(m *memory) { l, ok = m.lease(nil, lane, owner, ttl) })
	return l, ok, err
}

// Release implements journal.Store.
func (s *Store) Release(ctx context.Context, l journal.Lease) error {
	return s.locked(ctx, func(m *memory) {
		if m.fence(l) == nil {
			delete(m.leases, l.Lane)
			m.touchLane(l.Lane)
		}
	})
}

// Begin implements journal.Store.
func (s *Store) Begin(ctx context.Context, l journal.Lease, id string) (attempt int, err error) {
	var n int
	if err := s.do(ctx, s.beginItem(l, id, &n)); err != nil {
		return 0, err
	}
	return n, nil
}

// Defer implements journal.Store.
func (s *Store) Defer(ctx context.Context, l journal.Lease, id string, notBefore time.Time, reason string) error {
	return s.do(ctx, s.deferItem(l, id, notBefore, reason))
}

// DeferLane implements journal.Store. The waiting time is kept in memory: a restarted owner finds out anew.
func (s *Store) DeferLane(ctx context.Context, l journal.Lease, notBefore time.Time) error {
	var fenced error
	err := s.locked(ctx, func(m *memory) {
		if fenced = m.fence(l); fenced != nil {
			return
		}
		if m.lanes[l.Lane] == nil {
			m.lanes[l.Lane] = &lane{}
		}
		m.lanes[l.Lane].notBefore = journal.Kept(notBefore)
		m.touchLane(l.Lane)
	})
	return errors.Join(err, fenced)
}

// Settle implements journal.Store.
func (s *Store) Settle(ctx context.Context, l journal.Lease, ids []string) error {
	return s.do(ctx, s.settleItems(l, ids))
}

// softly runs f on what no commit looks at.
func (s *Store) softly(ctx context.Context, f func(m *soft)) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case <-s.closing:
		return journal.ErrClosed
	default:
	}
	s.soft.mu.Lock()
	defer s.soft.mu.Unlock()
	f(s.soft)
	return nil
}

// Pause implements journal.Store.
func (s *Store) Pause(ctx context.Context, bucket string, until time.Time) error {
	return s.softly(ctx, func(m *soft) {
		if until.After(m.pauses[bucket]) {
			m.pauses[bucket] = journal.Kept(until)
		}
	})
}

// Paused implements journal.Store.
func (s *Store) Paused(ctx context.Context, bucket string) (until time.Time, err error) {
	err = s.softly(ctx, func(m *soft) {
		if t := m.pauses[bucket]; t.After(s.clock()) {
			until = t
		}
	})
	return until, err
}

// Alive implements journal.Store.
func (s *Store) Alive(ctx context.Context, owner string, ttl time.Duration) error {
	return s.softly(ctx, func(m *soft) { m.replicas[owner] = time.Now().Add(ttl) })
}

// Replicas implements journal.Store.
func (s *Store) Replicas(ctx context.Context) (n int, err error) {
	err = s.softly(ctx, func(m *soft) {
		for _, until := range m.replicas {
			if until.After(time.Now()) {
				n++
			}
		}
	})
	return n, err
}

package bolt

import (
	"context"
	"encoding/json"
	"time"

	bbolt "go.etcd.io/bbolt"

	"github.com/tocsin-bot/tocsin/bot/journal"
)

// The Reader half of the contract, from the owner's own file.

// Load implements journal.Reader.
func (s *Store) Load(ctx context.Context, stream journal.Stream) (out journal.Loaded, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) (err error) { out, err = load(tx, stream); return err })
	return out, err
}

// Records implements journal.Reader.
func (s *Store) Records(ctx context.Context, stream journal.Stream, from int64, limit int) (out []journal.Record, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) (err error) {
		out, err = records(tx, stream, from, journal.Bound(limit))
		return err
	})
	return out, err
}

// Streams implements journal.Reader.
func (s *Store) Streams(ctx context.Context, after journal.Stream, limit int) (out []journal.Stream, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error { out = streams(tx, after, journal.Bound(limit)); return nil })
	return out, err
}

// Rows implements journal.Reader.
func (s *Store) Rows(ctx context.Context, open bool, before journal.Stream, limit int) (out []json.RawMessage, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error { out = rows(tx, open, before, journal.Bound(limit)); return nil })
	return out, err
}

// Blob implements journal.Reader.
func (s *Store) Blob(ctx context.Context, digest string) (out []byte, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) (err error) { out, err = blob(tx, digest); return err })
	return out, err
}

// Pending implements journal.Reader.
func (s *Store) Pending(ctx context.Context, lane string, limit int) (out []journal.Item, err error) {
	limit = journal.Bound(limit)
	if lane == "" {
		err = s.view(ctx, func(tx *bbolt.Tx) (err error) { out, err = pending(tx, "", limit); return err })
		return out, err
	}
	var ns []uint64
	if err := s.locked(ctx, func(m *memory) { ns = m.first(lane, limit) }); err != nil || len(ns) == 0 {
		return nil, err
	}
	err = s.view(ctx, func(tx *bbolt.Tx) (err error) { out, err = pendingAt(tx, ns); return err })
	return out, err
}

// DeadLetters implements journal.Reader.
func (s *Store) DeadLetters(ctx context.Context, stream journal.Stream, limit int) (out []journal.Dead, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) (err error) { out, err = deadLetters(tx, stream, journal.Bound(limit)); return err })
	return out, err
}

// Now implements journal.Reader.
func (s *Store) Now(ctx context.Context) (time.Time, error) {
	return journal.Kept(s.clock()), ctx.Err()
}

package redis

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/tocsin-bot/tocsin/bot/journal"
)

// forgetLease is how long after its end a lease that nobody took is still good for a late report.
const forgetLease = 10 * time.Minute

// Lanes implements journal.Store.
func (s *Store) Lanes(ctx context.Context, limit int) ([]journal.LaneState, error) {
	if limit = journal.Bound(limit); limit == 0 {
		return nil, ctx.Err()
	}
	parts, err := s.ask(ctx, "list lanes", lanesScript, limit)
	if err != nil {
		return nil, err
	}
	out := []journal.LaneState{}
	for ; len(parts) >= 4; parts = parts[4:] {
		out = append(out, journal.LaneState{Lane: parts[0], Waiting: int(number(parts[1])), NotBefore: timeOf(parts[2]), Holder: parts[3]})
	}
	return out, nil
}

// Lease implements journal.Store. Time is the server's.
func (s *Store) Lease(ctx context.Context, lane, owner string, ttl time.Duration) (journal.Lease, bool, error) {
	if lane == "" || owner == "" || ttl <= 0 {
		return journal.Lease{}, false, errors.New("a lease needs a lane, an owner and a time to live")
	}
	out, err := s.tell(ctx, "lease "+lane, leaseScript, lane, owner, ttl.Microseconds())
	if err != nil || len(out) != 2 {
		return journal.Lease{}, false, err
	}
	return journal.Lease{Lane: lane, Owner: owner, Token: number(out[0]), Until: timeOf(out[1])}, true, nil
}

func token(l journal.Lease) string { return strconv.FormatInt(l.Token, 10) }

// Release implements journal.Store.
func (s *Store) Release(ctx context.Context, l journal.Lease) error {
	_, err := s.tell(ctx, "release "+l.Lane, releaseScript, l.Lane, token(l))
	return err
}

// Begin implements journal.Store.
func (s *Store) Begin(ctx context.Context, l journal.Lease, id string) (int, error) {
	out, err := s.tell(ctx, "begin "+id, beginScript, l.Lane, token(l), id)
	if err != nil {
		return 0, inLane(err, l, id)
	}
	if len(out) != 2 {
		return 0, fmt.Errorf("redis %s: begin %s: an answer of %d parts", s.where, id, len(out))
	}
	return int(number(out[1])), nil
}

func inLane(err error, l journal.Lease, id string) error {
	if errors.Is(err, journal.ErrNotFound) {
		return fmt.Errorf("effect %s in lane %s: %w", id, l.Lane, err)
	}
	return err
}

// Defer implements journal.Store.
func (s *Store) Defer(ctx context.Context, l journal.Lease, id string, notBefore time.Time, reason string) error {
	_, err := s.tell(ctx, "defer "+id, deferScript, l.Lane, token(l), id, micros(notBefore), reason)
	return inLane(err, l, id)
}

// DeferLane implements journal.Store.
func (s *Store) DeferLane(ctx context.Context, l journal.Lease, notBefore time.Time) error {
	_, err := s.tell(ctx, "defer lane "+l.Lane, deferLaneScript, l.Lane, token(l), micros(notBefore))
	return err
}

// Settle implements journal.Store.
func (s *Store) Settle(ctx context.Context, l journal.Lease, ids []string) error {
	args := []any{l.Lane, token(l)}
	for _, id := range ids {
		args = append(args, id)
	}
	_, err := s.tell(ctx, "settle in "+l.Lane, settleScript, args...)
	return err
}

// Restore implements journal.Store.
func (s *Store) Restore(ctx context.Context, items []journal.Item) error {
	if err := journal.CheckItems(items); err != nil {
		return err
	}
	var args []any
	for _, it := range items {
		more, err := itemArgs(it)
		if err != nil {
			return fmt.Errorf("restore %s: %w", it.ID, err)
		}
		args = append(args, more...)
	}
	_, err := s.tell(ctx, "restore the outbox", restoreScript, args...)
	return err
}

// Pause implements journal.Store.
func (s *Store) Pause(ctx context.Context, bucket string, until time.Time) error {
	_, err := s.tell(ctx, "pause "+bucket, pauseScript, bucket, strconv.FormatInt(until.UnixMicro(), 10))
	return err
}

// Paused implements journal.Store.
func (s *Store) Paused(ctx context.Context, bucket string) (time.Time, error) {
	var v string
	err := s.read(ctx, "read a pause", func() (err error) {
		v, err = s.client.Get(ctx, s.prefix+"pause:"+bucket).Result()
		return err
	})
	if err != nil {
		if errors.Is(err, goredis.Nil) {
			err = nil
		}
		return time.Time{}, err
	}
	return timeOf(v), nil
}

// Alive implements journal.Store.
func (s *Store) Alive(ctx context.Context, owner string, ttl time.Duration) error {
	_, err := s.tell(ctx, "say alive", aliveScript, owner, ttl.Microseconds())
	return err
}

// Replicas implements journal.Store.
func (s *Store) Replicas(ctx context.Context) (int, error) {
	out, err := s.ask(ctx, "count replicas", replicasScript)
	if err != nil || len(out) != 1 {
		return 0, err
	}
	return int(number(out[0])), nil
}

// Forget implements journal.Store. Keys, pauses and ids of commits expire by themselves and are not counted.
func (s *Store) Forget(ctx context.Context, limit int) (int, error) {
	if limit = journal.Bound(limit); limit == 0 {
		return 0, ctx.Err()
	}
	out, err := s.tell(ctx, "forget", forgetScript, limit, forgetLease.Microseconds())
	if err != nil || len(out) != 1 {
		return 0, err
	}
	return int(number(out[0])), nil
}

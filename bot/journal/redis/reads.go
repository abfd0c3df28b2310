package redis

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/tocsin-bot/tocsin/bot/journal"
)

// Load implements journal.Reader.
func (s *Store) Load(ctx context.Context, stream journal.Stream) (journal.Loaded, error) {
	out, err := s.ask(ctx, "load "+string(stream), loadScript, string(stream))
	if err != nil {
		return journal.Loaded{}, err
	}
	if len(out) < 5 || len(out) < 5+int(number(out[4])) {
		return journal.Loaded{}, fmt.Errorf("redis %s: load %s: an answer of %d parts", s.where, stream, len(out))
	}
	l := journal.Loaded{Counter: number(out[0]), Version: number(out[1])}
	texts := int(number(out[4]))
	from := int64(1)
	if out[2] != "" {
		n := journal.Snapshot{Seq: number(out[2]), Body: json.RawMessage(out[3])}
		for _, t := range out[5 : 5+texts] {
			var sealed journal.Sealed
			if err := json.Unmarshal([]byte(t), &sealed); err != nil {
				return journal.Loaded{}, fmt.Errorf("redis %s: snapshot of %s: %w", s.where, stream, err)
			}
			n.Texts = append(n.Texts, sealed)
		}
		l.Snapshot, from = &n, n.Seq+1
	}
	l.Records, err = s.records(stream, from, out[5+texts:])
	return l, err
}

// records reads pairs of a record and its texts.
func (s *Store) records(stream journal.Stream, from int64, pairs []string) ([]journal.Record, error) {
	var out []journal.Record
	for i := 0; i+1 < len(pairs); i += 2 {
		v := pairs[i]
		r := journal.Record{Stream: stream, Seq: from + int64(i/2)}
		if len(v) < 128 {
			return nil, fmt.Errorf("redis %s: record %d of %s is damaged", s.where, r.Seq, stream)
		}
		r.Prev, r.Hash, r.Body = v[:64], v[64:128], json.RawMessage(v[128:])
		if r.Prev == noPrev {
			r.Prev = ""
		}
		if t := pairs[i+1]; t != "" {
			if err := json.Unmarshal([]byte(t), &r.Texts); err != nil {
				return nil, fmt.Errorf("redis %s: texts of record %d of %s: %w", s.where, r.Seq, stream, err)
			}
		}
		out = append(out, r)
	}
	return out, nil
}

// Records implements journal.Reader.
func (s *Store) Records(ctx context.Context, stream journal.Stream, from int64, limit int) ([]journal.Record, error) {
	if limit = journal.Bound(limit); limit == 0 {
		return nil, ctx.Err()
	}
	from = max(from, 1)
	out, err := s.ask(ctx, "read "+string(stream), recordsScript, string(stream), from, limit)
	if err != nil {
		return nil, err
	}
	return s.records(stream, from, out)
}

// Streams implements journal.Reader.
func (s *Store) Streams(ctx context.Context, after journal.Stream, limit int) ([]journal.Stream, error) {
	if limit = journal.Bound(limit); limit == 0 {
		return nil, ctx.Err()
	}
	low := "-inf"
	if after != "" {
		low = "(" + score(after)
	}
	var out []journal.Stream
	err := s.read(ctx, "list streams", func() error {
		names, err := s.client.ZRangeByScore(ctx, s.prefix+"streams", &goredis.ZRangeBy{Min: low, Max: "+inf", Count: int64(limit)}).Result()
		out = nil
		for _, n := range names {
			out = append(out, journal.Stream(n))
		}
		return err
	})
	return out, err
}

// Rows implements journal.Reader.
func (s *Store) Rows(ctx context.Context, open bool, before journal.Stream, limit int) ([]json.RawMessage, error) {
	if limit = journal.Bound(limit); limit == 0 {
		return nil, ctx.Err()
	}
	zset, high := "rows", "+inf"
	if open {
		zset = "open"
	}
	if before != "" {
		high = "(" + score(before)
	}
	rows, err := s.ask(ctx, "list incidents", rowsScript, zset, high, limit)
	if err != nil {
		return nil, err
	}
	var out []json.RawMessage
	for _, r := range rows {
		out = append(out, json.RawMessage(r))
	}
	return out, nil
}

// Blob implements journal.Reader.
func (s *Store) Blob(ctx context.Context, digest string) (b []byte, err error) {
	err = s.read(ctx, "read blob "+digest, func() (err error) {
		b, err = s.client.HGet(ctx, s.prefix+"blob", digest).Bytes()
		return err
	})
	if errors.Is(err, goredis.Nil) {
		return nil, fmt.Errorf("blob %s: %w", digest, journal.ErrNotFound)
	}
	return b, err
}

// Pending implements journal.Reader.
func (s *Store) Pending(ctx context.Context, lane string, limit int) ([]journal.Item, error) {
	if limit = journal.Bound(limit); limit == 0 {
		return nil, ctx.Err()
	}
	zset := "items"
	if lane != "" {
		zset = "lane:" + lane
	}
	parts, err := s.ask(ctx, "read the outbox", pendingScript, zset, limit)
	if err != nil {
		return nil, err
	}
	var out []journal.Item
	for ; len(parts) >= 6; parts = parts[6:] {
		var k kept
		if err := json.Unmarshal([]byte(parts[2]), &k); err != nil {
			return nil, fmt.Errorf("redis %s: effect %s: %w", s.where, parts[0], err)
		}
		out = append(out, journal.Item{ID: parts[0], Lane: parts[1], After: k.After, Class: k.Class, Body: json.RawMessage(k.Body),
			Attempts: int(number(parts[3])), NotBefore: timeOf(parts[4]), LastError: parts[5]})
	}
	return out, nil
}

// DeadLetters implements journal.Reader.
func (s *Store) DeadLetters(ctx context.Context, stream journal.Stream, limit int) ([]journal.Dead, error) {
	if limit = journal.Bound(limit); limit == 0 {
		return nil, ctx.Err()
	}
	zset := "deads"
	if stream != "" {
		zset = "deadof:" + string(stream)
	}
	rows, err := s.ask(ctx, "read dead letters", deadScript, zset, limit)
	if err != nil {
		return nil, err
	}
	var out []journal.Dead
	for _, r := range rows {
		var d dead
		if err := json.Unmarshal([]byte(r), &d); err != nil {
			return nil, fmt.Errorf("redis %s: a dead letter: %w", s.where, err)
		}
		letter := journal.Dead{ID: d.ID, Stream: d.Stream, At: d.At, Reason: d.Reason}
		if d.Body != "" {
			letter.Body = json.RawMessage(d.Body)
		}
		out = append(out, letter)
	}
	return out, nil
}

// Now implements journal.Reader: it is the server's TIME.
func (s *Store) Now(ctx context.Context) (t time.Time, err error) {
	err = s.read(ctx, "ask the time", func() (err error) {
		t, err = s.client.Time(ctx).Result()
		return err
	})
	return journal.Kept(t), err
}

// Key implements journal.Store.
func (s *Store) Key(ctx context.Context, name string) (json.RawMessage, bool, error) {
	var b []byte
	err := s.read(ctx, "read a key", func() (err error) {
		b, err = s.client.Get(ctx, s.prefix+"key:"+name).Bytes()
		return err
	})
	switch {
	case errors.Is(err, goredis.Nil):
		return nil, false, nil
	case err != nil:
		return nil, false, err
	case len(b) == 0:
		return nil, true, nil
	}
	return b, true, nil
}

// Claims implements journal.Store.
func (s *Store) Claims(ctx context.Context, names []string) (map[string]string, error) {
	out := map[string]string{}
	if len(names) == 0 {
		return out, ctx.Err()
	}
	err := s.read(ctx, "read claims", func() error {
		owners, err := s.client.HMGet(ctx, s.prefix+"claim", names...).Result()
		for i, o := range owners {
			if owner, ok := o.(string); ok {
				out[names[i]] = owner
			}
		}
		return err
	})
	return out, err
}

// Cursor implements journal.Store.
func (s *Store) Cursor(ctx context.Context, name string) (value string, err error) {
	err = s.read(ctx, "read a cursor", func() (err error) {
		value, err = s.client.HGet(ctx, s.prefix+"cursor", name).Result()
		return err
	})
	if errors.Is(err, goredis.Nil) {
		return "", nil
	}
	return value, err
}

// SetCursor implements journal.Store.
func (s *Store) SetCursor(ctx context.Context, name, value string) error {
	if err := journal.CheckCursor(name, value); err != nil {
		return err
	}
	_, err := s.tell(ctx, "set a cursor", setCursorScript, name, value)
	return err
}

// Due implements journal.Store.
func (s *Store) Due(ctx context.Context, until time.Time, limit int) ([]journal.DueAt, error) {
	if limit = journal.Bound(limit); limit == 0 {
		return nil, ctx.Err()
	}
	return s.due(ctx, strconv.FormatInt(until.UnixMicro(), 10), limit)
}

func (s *Store) due(ctx context.Context, until string, limit int) (out []journal.DueAt, err error) {
	err = s.read(ctx, "read due times", func() error {
		zs, err := s.client.ZRangeByScoreWithScores(ctx, s.prefix+"due", &goredis.ZRangeBy{Min: "-inf", Max: until, Count: int64(limit)}).Result()
		out = nil
		for _, z := range zs {
			stream, _ := z.Member.(string)
			out = append(out, journal.DueAt{Stream: journal.Stream(stream), At: time.UnixMicro(int64(z.Score)).UTC()})
		}
		return err
	})
	return out, err
}

// NextDue implements journal.Store.
func (s *Store) NextDue(ctx context.Context) (time.Time, error) {
	first, err := s.due(ctx, "+inf", 1)
	if err != nil || len(first) == 0 {
		return time.Time{}, err
	}
	return first[0].At, nil
}

// SetDue implements journal.Store.
func (s *Store) SetDue(ctx context.Context, stream journal.Stream, version int64, at time.Time) error {
	if stream.Number() == 0 {
		return fmt.Errorf("due time of %q, which is no stream", stream)
	}
	_, err := s.tell(ctx, "set a due time", setDueScript, string(stream), version, micros(at))
	return err
}

// Ping implements journal.Store: it writes, so that a replica, a full memory or a full disk is told, and not only a missing server.
func (s *Store) Ping(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.wrap("ping", s.client.Set(ctx, s.prefix+"ping", "1", time.Minute).Err())
}

// Finding is something about a server that a bot should not run on, and how to mend it.
type Finding struct {
	Serious bool // what was acknowledged can be lost
	What    string
	Mend    string
	// Code names the finding in the catalogue, for whoever words it in another language; Value is what it is about: a setting as it is, a
	// refusal, a version.
	Code, Value string
}

// Check looks at how the server keeps what it is given. A server that does not let itself be asked is a finding as well.
func (s *Store) Check(ctx context.Context) []Finding {
	var out []Finding
	for _, c := range []struct {
		name, want string
		serious    bool
		mend       string
	}{
		{"appendonly", "yes", true, "set `appendonly yes`: without it a restart of the server loses what came since its last snapshot"},
		{"appendfsync", "always", false, "set `appendfsync always`: with everysec a crash of the machine may lose the last second, with no more"},
		{"maxmemory-policy", "noeviction", true, "set `maxmemory-policy noeviction`: any other lets the server drop parts of the journal when its memory is full"},
	} {
		got, err := s.client.ConfigGet(ctx, c.name).Result()
		switch {
		case err != nil:
			return append(out, Finding{What: "CONFIG GET is refused, so it cannot be checked that the server keeps what it is given: " + s.wrap("check", err).Error(),
				Mend: "see to it that appendonly is yes, appendfsync always and maxmemory-policy noeviction; or allow the user `+config|get`",
				Code: "config", Value: s.wrap("check", err).Error()})
		case got[c.name] != c.want:
			out = append(out, Finding{c.serious, fmt.Sprintf("%s is %q", c.name, got[c.name]), c.mend, c.name, got[c.name]})
		}
	}
	info, err := s.client.Info(ctx, "server", "replication", "persistence").Result()
	if err != nil {
		return append(out, Finding{What: "INFO is refused: " + s.wrap("check", err).Error(), Mend: "allow the user `+info`", Code: "info", Value: s.wrap("check", err).Error()})
	}
	return append(out, s.checkInfo(ctx, fields(info))...)
}

func (s *Store) checkInfo(ctx context.Context, info map[string]string) (out []Finding) {
	if major, _ := strconv.Atoi(strings.SplitN(info["redis_version"], ".", 2)[0]); major != 0 && major < 7 {
		out = append(out, Finding{true, "the server is Redis " + info["redis_version"], "run Redis 7.0 or newer, or Valkey", "old", info["redis_version"]})
	}
	if info["role"] == "slave" {
		out = append(out, Finding{true, "the server is a replica", "point REDIS_URL at the master, or name Sentinel's master_name", "replica", ""})
	}
	if st := info["aof_last_write_status"]; st != "" && st != "ok" {
		out = append(out, Finding{true, "the server's last write to its append-only file failed", "free space on its disk", "aof", ""})
	}
	if n := info["connected_slaves"]; n != "" && n != "0" {
		if got, err := s.client.ConfigGet(ctx, "min-replicas-to-write").Result(); err == nil && got["min-replicas-to-write"] == "0" {
			out = append(out, Finding{false, "the server has replicas and does not wait for any",
				"set `min-replicas-to-write 1`: a failover may lose what no replica had, and this keeps a cut-off master from taking more", "alone", ""})
		}
	}
	return out
}

// fields reads what INFO returns.
func fields(info string) map[string]string {
	out := map[string]string{}
	for line := range strings.Lines(info) {
		if k, v, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
			out[k] = v
		}
	}
	return out
}

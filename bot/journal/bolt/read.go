package bolt

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"time"

	bbolt "go.etcd.io/bbolt"

	"github.com/tocsin-bot/tocsin/bot/journal"
)

// What a transaction can be asked. Everything returned is a copy: bbolt's own bytes are gone when the transaction ends.

func head(tx *bbolt.Tx, s journal.Stream) (version int64, hash string) {
	prefix := streamKey(s)
	c := tx.Bucket(bLog).Cursor()
	var k, v []byte
	if next, _ := c.Seek(after(prefix)); next == nil {
		k, v = c.Last()
	} else {
		k, v = c.Prev()
	}
	if !bytes.HasPrefix(k, prefix) {
		return 0, ""
	}
	if len(v) < 64 {
		return int64(num(k[8:])), "" // damaged: nothing continues it
	}
	return int64(num(k[8:])), hexHash(v[32:64])
}

func counter(tx *bbolt.Tx) int64 { return int64(num(tx.Bucket(bMeta).Get(kCounter))) }

func load(tx *bbolt.Tx, s journal.Stream) (journal.Loaded, error) {
	out := journal.Loaded{Counter: counter(tx)}
	out.Version, _ = head(tx, s)
	var from int64 = 1
	if b := tx.Bucket(bSnapshot).Get(streamKey(s)); b != nil {
		n, err := readSnapshot(b)
		if err != nil {
			return journal.Loaded{}, fmt.Errorf("snapshot of %s: %w", s, err)
		}
		out.Snapshot, from = &n, n.Seq+1
	}
	var err error
	out.Records, err = records(tx, s, from, math.MaxInt)
	return out, err
}

func records(tx *bbolt.Tx, s journal.Stream, from int64, limit int) ([]journal.Record, error) {
	var out []journal.Record
	prefix := streamKey(s)
	c := tx.Bucket(bLog).Cursor()
	for k, v := c.Seek(recordKey(s, max(from, 1))); k != nil && bytes.HasPrefix(k, prefix) && len(out) < limit; k, v = c.Next() {
		if len(v) < 64 {
			return nil, fmt.Errorf("record %d of %s is damaged", num(k[8:]), s)
		}
		body, texts := splitRecord(tx, k, v)
		r := journal.Record{Stream: s, Seq: int64(num(k[8:])), Prev: hexHash(v[:32]), Hash: hexHash(v[32:64]), Body: bytes.Clone(body)}
		if texts != nil {
			if err := json.Unmarshal(texts, &r.Texts); err != nil {
				return nil, fmt.Errorf("texts of record %d of %s: %w", r.Seq, s, err)
			}
		}
		out = append(out, r)
	}
	return out, nil
}

// splitRecord takes a record's value apart: its body, and the JSON of its texts, nil when it has none. JSON holds no zero byte. What format 1
// wrote has its texts in a bucket of their own.
func splitRecord(tx *bbolt.Tx, k, v []byte) (body, texts []byte) {
	body, texts, beside := bytes.Cut(v[64:], zero)
	if beside {
		return body, texts
	}
	if old := tx.Bucket(bText1); old != nil {
		return body, old.Get(k)
	}
	return body, nil
}

func readSnapshot(b []byte) (journal.Snapshot, error) {
	if len(b) < 16 || uint64(len(b)-16) < num(b[8:]) {
		return journal.Snapshot{}, fmt.Errorf("it is damaged")
	}
	end := 16 + num(b[8:])
	n := journal.Snapshot{Seq: int64(num(b)), Body: bytes.Clone(b[16:end])}
	if len(b[end:]) > 0 {
		if err := json.Unmarshal(b[end:], &n.Texts); err != nil {
			return journal.Snapshot{}, err
		}
	}
	return n, nil
}

func writeSnapshot(n journal.Snapshot) ([]byte, error) {
	b := u64(uint64(n.Seq))
	b = binary.BigEndian.AppendUint64(b, uint64(len(n.Body)))
	b = append(b, n.Body...)
	if len(n.Texts) == 0 {
		return b, nil
	}
	t, err := json.Marshal(n.Texts)
	return append(b, t...), err
}

func streams(tx *bbolt.Tx, from journal.Stream, limit int) []journal.Stream {
	var out []journal.Stream
	c := tx.Bucket(bLog).Cursor()
	var k []byte
	if from == "" {
		k, _ = c.First()
	} else {
		k, _ = c.Seek(after(streamKey(from)))
	}
	for ; k != nil && len(out) < limit; k, _ = c.Seek(after(k[:8])) {
		out = append(out, streamOf(k))
	}
	return out
}

func rows(tx *bbolt.Tx, open bool, before journal.Stream, limit int) []json.RawMessage {
	var out []json.RawMessage
	all := tx.Bucket(bRow)
	from := all
	if open {
		from = tx.Bucket(bOpen)
	}
	c := from.Cursor()
	var k []byte
	if before == "" {
		k, _ = c.Last()
	} else if k, _ = c.Seek(streamKey(before)); k == nil {
		k, _ = c.Last()
	} else {
		k, _ = c.Prev()
	}
	for ; k != nil && len(out) < limit; k, _ = c.Prev() {
		out = append(out, bytes.Clone(all.Get(k)))
	}
	return out
}

func blob(tx *bbolt.Tx, digest string) ([]byte, error) {
	b := tx.Bucket(bBlob).Get([]byte(digest))
	if len(b) == 0 {
		return nil, fmt.Errorf("blob %s: %w", digest, journal.ErrNotFound)
	}
	return append([]byte{}, b[1:]...), nil
}

// pending reads the outbox through. The owner, who knows where a lane's items lie, uses pendingAt.
func pending(tx *bbolt.Tx, lane string, limit int) ([]journal.Item, error) {
	var out []journal.Item
	c := tx.Bucket(bItem).Cursor()
	for k, v := c.First(); k != nil && len(out) < limit; k, v = c.Next() {
		it, err := readItem(v)
		if err != nil {
			return nil, err
		}
		if lane == "" || it.Lane == lane {
			out = append(out, it)
		}
	}
	return out, nil
}

// pendingAt reads items by number; those that are over meanwhile are left out.
func pendingAt(tx *bbolt.Tx, ns []uint64) ([]journal.Item, error) {
	var out []journal.Item
	for _, n := range ns {
		v := tx.Bucket(bItem).Get(u64(n))
		if v == nil {
			continue
		}
		it, err := readItem(v)
		if err != nil {
			return nil, err
		}
		out = append(out, it)
	}
	return out, nil
}

func readItem(v []byte) (it journal.Item, err error) {
	if err := json.Unmarshal(v, &it); err != nil {
		return it, fmt.Errorf("an item of the outbox: %w", err)
	}
	return it, nil
}

func deadLetters(tx *bbolt.Tx, s journal.Stream, limit int) ([]journal.Dead, error) {
	var out []journal.Dead
	add := func(v []byte) error {
		var d journal.Dead
		if err := json.Unmarshal(v, &d); err != nil {
			return fmt.Errorf("a dead letter: %w", err)
		}
		out = append(out, d)
		return nil
	}
	all := tx.Bucket(bDead)
	if s == "" {
		c := all.Cursor()
		for k, v := c.First(); k != nil && len(out) < limit; k, v = c.Next() {
			if err := add(v); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	prefix := streamKey(s)
	c := tx.Bucket(bDeadOf).Cursor()
	for k, _ := c.Seek(prefix); k != nil && bytes.HasPrefix(k, prefix) && len(out) < limit; k, _ = c.Next() {
		if err := add(all.Get(k[8:])); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func key(tx *bbolt.Tx, name string, now time.Time) (json.RawMessage, bool) {
	b := tx.Bucket(bKey).Get([]byte(name))
	if b == nil || over(b, now) {
		return nil, false
	}
	if len(b) == 8 {
		return nil, true
	}
	return bytes.Clone(b[8:]), true
}

// over reports whether a key's value is one that expired.
func over(b []byte, now time.Time) bool { return num(b) != 0 && !timeOf(b).After(now) }

// expiredKeys looks at up to maxLook keys, from a name on and round the end, and returns up to limit that expired, and where to go on.
func expiredKeys(tx *bbolt.Tx, from []byte, limit int, now time.Time) (expired [][]byte, next []byte) {
	c := tx.Bucket(bKey).Cursor()
	k, v := c.Seek(from)
	wrapped := len(from) == 0
	for range maxLook {
		if k == nil && !wrapped {
			wrapped = true
			k, v = c.First()
		}
		if k == nil || len(expired) == limit || wrapped && len(from) > 0 && bytes.Compare(k, from) >= 0 {
			break
		}
		if over(v, now) {
			expired = append(expired, bytes.Clone(k))
		}
		k, v = c.Next()
	}
	return expired, bytes.Clone(k)
}

func due(tx *bbolt.Tx, until time.Time, limit int) []journal.DueAt {
	var out []journal.DueAt
	c := tx.Bucket(bDue).Cursor()
	for k, _ := c.First(); k != nil && len(out) < limit; k, _ = c.Next() {
		at := timeOf(k)
		if at.After(until) {
			break
		}
		out = append(out, journal.DueAt{Stream: journal.Stream(k[8:]), At: at})
	}
	return out
}

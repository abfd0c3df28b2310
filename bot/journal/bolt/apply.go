package bolt

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	bbolt "go.etcd.io/bbolt"

	"github.com/tocsin-bot/tocsin/bot/journal"
)

// expected checks a commit's expectations against what is there, and writes nothing. The order is fixed: an input that was there before must be
// told so, whatever else has changed since.
func (s *Store) expected(tx *bbolt.Tx, c journal.Commit) error {
	e := c.Expect
	for _, name := range e.Absent {
		if outcome, ok := key(tx, name, s.clock()); ok {
			return &journal.Conflict{What: "key", Name: name, Outcome: outcome}
		}
	}
	if e.Lease != nil {
		if err := s.mem.fence(*e.Lease); err != nil {
			return err
		}
	}
	for _, stream := range slices.Sorted(maps.Keys(e.Versions)) {
		if v, _ := head(tx, stream); v != e.Versions[stream] {
			return &journal.Conflict{What: "version", Name: string(stream)}
		}
	}
	if e.Counter != nil && counter(tx) != *e.Counter {
		return &journal.Conflict{What: "counter", Name: "incidents"}
	}
	for _, name := range slices.Sorted(maps.Keys(e.Claims)) {
		if owner := string(tx.Bucket(bClaim).Get([]byte(name))); owner != e.Claims[name] {
			return &journal.Conflict{What: "claim", Name: name, Owner: owner}
		}
	}
	return continues(tx, c)
}

// continues checks that records continue their streams, and that snapshots are not ahead of them.
func continues(tx *bbolt.Tx, c journal.Commit) error {
	last := map[journal.Stream]int64{}
	for _, r := range c.Append {
		if _, ok := last[r.Stream]; !ok {
			version, hash := head(tx, r.Stream)
			if r.Seq != version+1 {
				return &journal.Conflict{What: "version", Name: string(r.Stream)}
			}
			if r.Prev != hash {
				return &journal.BrokenChain{Stream: r.Stream, Seq: r.Seq, Why: "it does not follow the record before it"}
			}
		}
		last[r.Stream] = r.Seq
	}
	for stream, n := range c.Put.Snapshots {
		version, ok := last[stream]
		if !ok {
			version, _ = head(tx, stream)
		}
		if n.Seq < 0 || n.Seq > version {
			return fmt.Errorf("commit refused: snapshot of %s at %d, its log ends at %d", stream, n.Seq, version)
		}
	}
	return nil
}

// apply writes what a commit says. Its expectations hold. An error means that the transaction must be rolled back.
func (s *Store) apply(tx *bbolt.Tx, u *undo, c journal.Commit) (journal.Committed, error) {
	p := c.Put
	errs := []error{s.putLog(tx, c.Append)}
	if p.Counter != nil {
		errs = append(errs, tx.Bucket(bMeta).Put(kCounter, u64(uint64(*p.Counter))))
	}
	for _, k := range p.Keys {
		errs = append(errs, s.putKey(tx, k))
	}
	for name, owner := range p.Claims {
		if owner == "" {
			errs = append(errs, tx.Bucket(bClaim).Delete([]byte(name)))
		} else {
			errs = append(errs, tx.Bucket(bClaim).Put([]byte(name), []byte(owner)))
		}
	}
	for stream, n := range p.Snapshots {
		errs = append(errs, putSnapshot(tx, stream, n))
	}
	for stream, row := range p.Rows {
		errs = append(errs, putRow(tx, stream, row))
	}
	for stream, at := range p.Due {
		errs = append(errs, s.putDue(tx, u, stream, at))
	}
	for digest, b := range p.Blobs {
		if k := []byte(digest); tx.Bucket(bBlob).Get(k) == nil {
			errs = append(errs, tx.Bucket(bBlob).Put(k, append([]byte{1}, b...)))
		}
	}
	for name, value := range p.Cursors {
		errs = append(errs, putCursor(tx, name, value))
	}
	for _, e := range p.Erase {
		errs = append(errs, erase(tx, e))
	}
	for _, d := range p.Bury {
		errs = append(errs, bury(tx, d))
	}
	out, err := s.putOutbox(tx, u, p)
	return out, errors.Join(append(errs, err)...)
}

func (s *Store) putLog(tx *bbolt.Tx, records []journal.Record) error {
	for _, r := range records {
		k := recordKey(r.Stream, r.Seq)
		v := make([]byte, 0, 64+len(r.Body))
		v = append(append(append(v, rawHash(r.Prev)...), rawHash(r.Hash)...), r.Body...)
		if len(r.Texts) > 0 {
			t, err := json.Marshal(r.Texts)
			if err != nil {
				return err
			}
			v = append(append(v, zero...), t...)
		}
		if err := tx.Bucket(bLog).Put(k, v); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) putKey(tx *bbolt.Tx, k journal.Key) error {
	end := u64(0)
	if k.TTL > 0 {
		end = timeKey(s.clock().Add(k.TTL))
	}
	return tx.Bucket(bKey).Put([]byte(k.Name), append(end, k.Outcome...))
}

func putSnapshot(tx *bbolt.Tx, stream journal.Stream, n journal.Snapshot) error {
	n.Texts = slices.DeleteFunc(slices.Clone(n.Texts), func(t journal.Sealed) bool {
		return tx.Bucket(bErased).Get(erasedKey(stream, t.Digest)) != nil
	})
	b, err := writeSnapshot(n)
	if err != nil {
		return err
	}
	return tx.Bucket(bSnapshot).Put(streamKey(stream), b)
}

func putRow(tx *bbolt.Tx, stream journal.Stream, row json.RawMessage) error {
	k := streamKey(stream)
	if row == nil {
		return errors.Join(tx.Bucket(bRow).Delete(k), tx.Bucket(bOpen).Delete(k))
	}
	open, err := journal.RowOpen(row)
	if err != nil {
		return err
	}
	switch was := tx.Bucket(bOpen).Get(k) != nil; {
	case open && !was:
		err = tx.Bucket(bOpen).Put(k, none)
	case was && !open:
		err = tx.Bucket(bOpen).Delete(k)
	}
	return errors.Join(err, tx.Bucket(bRow).Put(k, row))
}

func (s *Store) putDue(tx *bbolt.Tx, u *undo, stream journal.Stream, at time.Time) error {
	at = journal.Kept(at)
	old, was := s.mem.due[stream]
	if was && old.Equal(at) || !was && at.IsZero() {
		return nil
	}
	if was {
		if err := tx.Bucket(bDue).Delete(dueKey(old, stream)); err != nil {
			return err
		}
	}
	s.mem.setDue(u, stream, at)
	if at.IsZero() {
		return nil
	}
	return tx.Bucket(bDue).Put(dueKey(at, stream), none)
}

func putCursor(tx *bbolt.Tx, name, value string) error {
	if value == "" {
		return tx.Bucket(bCursor).Delete([]byte(name))
	}
	return tx.Bucket(bCursor).Put([]byte(name), []byte(value))
}

// erase removes a record's texts, from the snapshot as well, and remembers their digests so that no later snapshot brings them back.
func erase(tx *bbolt.Tx, e journal.Erasure) error {
	k := recordKey(e.Stream, e.Seq)
	v := tx.Bucket(bLog).Get(k)
	if len(v) < 64 {
		return nil
	}
	body, b := splitRecord(tx, k, v)
	if b == nil {
		return nil
	}
	var texts []journal.Sealed
	if err := json.Unmarshal(b, &texts); err != nil {
		return fmt.Errorf("texts of record %d of %s: %w", e.Seq, e.Stream, err)
	}
	for _, t := range texts {
		if err := tx.Bucket(bErased).Put(erasedKey(e.Stream, t.Digest), none); err != nil {
			return err
		}
	}
	if err := tx.Bucket(bLog).Put(k, slices.Concat(v[:64], body)); err != nil {
		return err
	}
	if old := tx.Bucket(bText1); old != nil {
		if err := old.Delete(k); err != nil {
			return err
		}
	}
	snap := tx.Bucket(bSnapshot).Get(streamKey(e.Stream))
	if snap == nil {
		return nil
	}
	n, err := readSnapshot(snap)
	if err != nil {
		return err
	}
	return putSnapshot(tx, e.Stream, n)
}

func bury(tx *bbolt.Tx, d journal.Dead) error {
	all, ids := tx.Bucket(bDead), tx.Bucket(bDeadID)
	d.At = journal.Kept(d.At)
	n := num(ids.Get([]byte(d.ID)))
	if n == 0 {
		var err error
		if n, err = all.NextSequence(); err != nil {
			return err
		}
	} else {
		var old journal.Dead
		if err := json.Unmarshal(all.Get(u64(n)), &old); err != nil {
			return err
		}
		if old.Stream != "" {
			if err := tx.Bucket(bDeadOf).Delete(deadOfKey(old.Stream, n)); err != nil {
				return err
			}
		}
	}
	b, err := json.Marshal(d)
	if err != nil {
		return err
	}
	if d.Stream != "" {
		if err := tx.Bucket(bDeadOf).Put(deadOfKey(d.Stream, n), none); err != nil {
			return err
		}
	}
	return errors.Join(all.Put(u64(n), b), ids.Put([]byte(d.ID), u64(n)))
}

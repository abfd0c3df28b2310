package bolt_test

import (
	"bytes"
	"encoding/binary"
	"path/filepath"
	"testing"

	bbolt "go.etcd.io/bbolt"

	"github.com/tocsin-bot/tocsin/bot/journal/bolt"
	"github.com/tocsin-bot/tocsin/bot/journal/journaltest"
)

// bare returns a commit of one put into a bbolt file, fsynced: the limit of the medium.
func bare(b *testing.B) func() {
	db, err := bbolt.Open(filepath.Join(b.TempDir(), "bare.db"), 0o600, &bbolt.Options{InitialMmapSize: 1 << 30, FreelistType: bbolt.FreelistMapType})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { db.Close() })
	name, value := []byte("b"), bytes.Repeat([]byte{'x'}, 600)
	if err := db.Update(func(tx *bbolt.Tx) error { _, err := tx.CreateBucket(name); return err }); err != nil {
		b.Fatal(err)
	}
	n := uint64(0)
	return func() {
		n++
		if err := db.Update(func(tx *bbolt.Tx) error { return tx.Bucket(name).Put(binary.BigEndian.AppendUint64(nil, n), value) }); err != nil {
			b.Fatal(err)
		}
	}
}

func bench(b *testing.B) *bolt.Store {
	s, err := bolt.Open(b.TempDir(), bolt.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	return s
}

// BenchmarkCommit is a commit of the size of a command's, and a bare one after each, so that both meet the same disk and neighbours.
func BenchmarkCommit(b *testing.B) { journaltest.BenchCommit(b, bench(b), bare(b)) }

func BenchmarkCommit100Writers(b *testing.B) { journaltest.BenchCommits(b, bench(b), 100) }

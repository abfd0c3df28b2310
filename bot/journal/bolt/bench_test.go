package bolt_test

import (
	"bytes"
	"encoding/binary"
	"path/filepath"
	"testing"
	"time"

	bbolt "go.etcd.io/bbolt"

	"github.com/tocsin-bot/tocsin/bot/journal/bolt"
	"github.com/tocsin-bot/tocsin/bot/journal/journaltest"
)

// BenchmarkCommitBare is the limit of the medium: one bbolt transaction with one put, fsynced.
func BenchmarkCommitBare(b *testing.B) {
	db, err := bbolt.Open(filepath.Join(b.TempDir(), "bare.db"), 0o600, &bbolt.Options{InitialMmapSize: 1 << 30, FreelistType: bbolt.FreelistMapType})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	name, value := []byte("b"), bytes.Repeat([]byte{'x'}, 600)
	if err := db.Update(func(tx *bbolt.Tx) error { _, err := tx.CreateBucket(name); return err }); err != nil {
		b.Fatal(err)
	}
	var took []time.Duration
	for n := uint64(0); b.Loop(); n++ {
		start := time.Now()
		if err := db.Update(func(tx *bbolt.Tx) error { return tx.Bucket(name).Put(binary.BigEndian.AppendUint64(nil, n), value) }); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(start))
	}
	journaltest.Percentiles(b, took)
}

func bench(b *testing.B) *bolt.Store {
	s, err := bolt.Open(b.TempDir(), bolt.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	return s
}

func BenchmarkCommit(b *testing.B) { journaltest.BenchCommit(b, bench(b)) }

func BenchmarkCommit100Writers(b *testing.B) { journaltest.BenchCommits(b, bench(b), 100) }

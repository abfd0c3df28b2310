package bolt

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	bbolt "go.etcd.io/bbolt"

	"github.com/tocsin-bot/tocsin/bot/journal"
)

// held opens a store whose committer waits inside a transaction until the returned function is called, so that a group forms behind it.
func held(t *testing.T) (*Store, func()) {
	t.Helper()
	s, err := Open(t.TempDir(), Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	in, out := make(chan struct{}), make(chan struct{})
	go s.do(context.Background(), writeOnly(func(*bbolt.Tx, *undo) error {
		close(in)
		<-out
		return nil
	}))
	<-in
	return s, func() { close(out) }
}

func first(stream journal.Stream) journal.Record {
	h, _ := journal.Hash("", stream, 1, []byte(`1`))
	return journal.Record{Stream: stream, Seq: 1, Body: json.RawMessage(`1`), Hash: h}
}

func version(t *testing.T, s *Store, stream journal.Stream) int64 {
	t.Helper()
	l, err := s.Load(context.Background(), stream)
	if err != nil {
		t.Fatal(err)
	}
	return l.Version
}

// TestGroupIsolation: in one transaction, later commits see earlier ones; one that is refused, or whose writing fails, takes nobody with it.
func TestGroupIsolation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, release := held(t)
		broken := errors.New("broken in the middle of writing")
		results := make([]error, 6)
		claim := func(stream journal.Stream, owner string) journal.Commit {
			return journal.Commit{Expect: journal.Expect{Claims: map[string]string{"c": owner}}, Append: []journal.Record{first(stream)},
				Put: journal.Put{Claims: map[string]string{"c": string(stream)}, Take: &journal.Take{Owner: string(stream), TTL: time.Hour},
					Outbox: []journal.Item{{ID: string(stream), Lane: "L-" + string(stream), Body: json.RawMessage(`1`)}}}}
		}
		var tx0 int
		run := func(i int, f func() error) {
			go func() { results[i] = f() }()
			synctest.Wait() // they stand in line in this order
		}
		commit := func(c journal.Commit) func() error {
			return func() error { _, err := s.Commit(context.Background(), c); return err }
		}
		run(0, commit(claim("INC-1", "")))
		run(1, commit(claim("INC-2", "")))      // refused: INC-1 has it
		run(2, commit(claim("INC-3", "INC-1"))) // sees what INC-1 did
		run(3, func() error {
			return s.do(context.Background(), writeOnly(func(tx *bbolt.Tx, u *undo) error {
				tx0 = tx.ID()
				if _, err := s.apply(tx, u, claim("INC-4", "")); err != nil {
					return err
				}
				return broken
			}))
		})
		run(4, commit(claim("INC-5", "INC-3")))
		run(5, func() error {
			return s.do(context.Background(), writeOnly(func(tx *bbolt.Tx, _ *undo) error {
				if tx.ID() != tx0 {
					return fmt.Errorf("transaction %d, the group's is %d", tx.ID(), tx0)
				}
				return nil
			}))
		})
		release()
		synctest.Wait()
		var conflict *journal.Conflict
		if !errors.As(results[1], &conflict) || conflict.Owner != "INC-1" {
			t.Errorf("the refused one got %v", results[1])
		}
		if !errors.Is(results[3], broken) {
			t.Errorf("the broken one got %v", results[3])
		}
		for _, i := range []int{0, 2, 4, 5} {
			if results[i] != nil {
				t.Errorf("request %d: %v", i, results[i])
			}
		}
		for stream, want := range map[journal.Stream]int64{"INC-1": 1, "INC-2": 0, "INC-3": 1, "INC-4": 0, "INC-5": 1} {
			if v := version(t, s, stream); v != want {
				t.Errorf("%s is at %d, want %d", stream, v, want)
			}
		}
		lanes, err := s.Lanes(context.Background(), 10)
		if err != nil || len(lanes) != 3 {
			t.Errorf("lanes %+v, %v: a request that failed left its lane or its lease in memory", lanes, err)
		}
		if l, ok, err := s.Lease(context.Background(), "L-INC-4", "other", time.Hour); !ok || err != nil {
			t.Errorf("the lane of the request that failed is held: %+v %v", l, err)
		}
	})
}

// TestContextEndsWhileWaiting: before its turn a commit leaves the line for certain, in its turn nobody knows.
func TestContextEndsWhileWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, release := held(t)
		ctx, cancel := context.WithCancel(t.Context())
		var inLine error
		go func() { _, inLine = s.Commit(ctx, journal.Commit{Append: []journal.Record{first("INC-1")}}) }()
		synctest.Wait()
		cancel()
		synctest.Wait()
		if !errors.Is(inLine, context.Canceled) || errors.Is(inLine, journal.ErrUnknown) {
			t.Errorf("in line: %v; want certainty that it did not happen", inLine)
		}
		release()
		synctest.Wait()
		if v := version(t, s, "INC-1"); v != 0 {
			t.Errorf("a commit that left the line happened: version %d", v)
		}

		in, out := make(chan struct{}), make(chan struct{})
		ctx, cancel = context.WithCancel(t.Context())
		var inTurn error
		go func() {
			inTurn = s.do(ctx, writeOnly(func(tx *bbolt.Tx, u *undo) error {
				close(in)
				<-out
				_, err := s.apply(tx, u, journal.Commit{Append: []journal.Record{first("INC-2")}})
				return err
			}))
		}()
		<-in
		cancel()
		synctest.Wait()
		if !errors.Is(inTurn, journal.ErrUnknown) || !errors.Is(inTurn, context.Canceled) {
			t.Errorf("in its turn: %v; want ErrUnknown", inTurn)
		}
		close(out)
		synctest.Wait()
		if v := version(t, s, "INC-2"); v != 1 {
			t.Errorf("version %d: it did happen", v)
		}
	})
}

// TestFenceHoldsUntilTheDisk: a lane cannot be stolen while a commit that was found to hold it is being written.
func TestFenceHoldsUntilTheDisk(t *testing.T) {
	s, err := Open(t.TempDir(), Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ctx := t.Context()
	mine, ok, err := s.Lease(ctx, "L", "me", time.Nanosecond) // runs out at once
	if !ok || err != nil {
		t.Fatal(ok, err)
	}
	in, stolen := make(chan struct{}), make(chan journal.Lease)
	go func() {
		<-in
		l, _, _ := s.Lease(ctx, "L", "thief", time.Hour)
		stolen <- l
	}()
	early := false
	err = s.do(ctx, op{
		check: func(*bbolt.Tx) error { return s.mem.fence(mine) },
		write: func(tx *bbolt.Tx, u *undo) error {
			close(in)
			select {
			case <-stolen:
				early = true
			case <-time.After(50 * time.Millisecond):
			}
			return nil
		},
	})
	if err != nil || early {
		t.Fatalf("the lane was stolen between check and disk (%v), %v", early, err)
	}
	if l := <-stolen; l.Token <= mine.Token {
		t.Errorf("stolen with token %d, the old one is %d", l.Token, mine.Token)
	}
}

// TestDiskRefuses: a commit that the disk refuses moves nothing, memory included, and Ping finds out when the disk is well again.
func TestDiskRefuses(t *testing.T) {
	s, err := Open(t.TempDir(), Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ctx := t.Context()
	c := journal.Commit{Append: []journal.Record{first("INC-1")}, Put: journal.Put{Take: &journal.Take{Owner: "me", TTL: time.Hour},
		Blobs: map[string][]byte{"b": make([]byte, 1<<20)}, Outbox: []journal.Item{{ID: "i", Lane: "L", Body: json.RawMessage(`1`)}}}}
	s.db.MaxSize = 64 << 10
	if _, err := s.Commit(ctx, c); !errors.Is(err, journal.ErrUnknown) {
		t.Fatalf("a full disk: %v", err)
	}
	if v := version(t, s, "INC-1"); v != 0 {
		t.Errorf("version %d after a refused commit", v)
	}
	if lanes, err := s.Lanes(ctx, 10); len(lanes) != 0 || err != nil {
		t.Errorf("lanes %+v %v after a refused commit", lanes, err)
	}
	if _, ok, _ := s.Lease(ctx, "L", "other", time.Hour); !ok {
		t.Error("a refused commit kept its lease")
	}
	s.db.MaxSize = 0
	if err := s.Ping(ctx); err != nil {
		t.Errorf("Ping on a disk that is well again: %v", err)
	}
	if _, err := s.Commit(ctx, c); err != nil {
		t.Errorf("after it: %v", err)
	}
}

func TestNewerFormatIsRefused(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(dir, Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.db.Update(func(tx *bbolt.Tx) error { return tx.Bucket(bMeta).Put(kFormat, []byte("3")) }); err != nil {
		t.Fatal(err)
	}
	s.Close()
	if _, err := Open(dir, Options{NoSync: true}); err == nil {
		t.Error("a file of a newer release was opened")
	}
}

// TestUnknownQuestion: nothing but reading can be asked on the socket.
func TestUnknownQuestion(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	r := &reader{dir: dir}
	defer r.Close()
	if _, err := r.askOwner(t.Context(), question{Method: "now"}); err != nil {
		t.Fatal(err)
	}
	for _, method := range []string{"", "commit", "close", "setdue"} {
		a, err := r.askOwner(t.Context(), question{Method: method})
		if err != nil || a.Error == "" {
			t.Errorf("%q was answered %+v, %v", method, a, err)
		}
	}
}

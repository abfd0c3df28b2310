package bolt

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	bbolt "go.etcd.io/bbolt"

	"github.com/tocsin-bot/tocsin/bot/journal"
)

// TestForgetGoesRound: more keys than one look sees are all looked at in turn, those that live and those given again stay.
func TestForgetGoesRound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		s, err := Open(t.TempDir(), Options{NoSync: true})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		const old, kept = 3000, maxLook
		err = s.do(ctx, writeOnly(func(tx *bbolt.Tx, _ *undo) error {
			for n := range old + kept {
				k := journal.Key{Name: fmt.Sprintf("m/%06d", n)}
				if n >= kept {
					k = journal.Key{Name: fmt.Sprintf("z/%06d", n), TTL: time.Hour}
				}
				if err := s.putKey(tx, k); err != nil {
					return err
				}
			}
			return nil
		}))
		if err != nil {
			t.Fatal(err)
		}
		left := func() (n int) {
			s.db.View(func(tx *bbolt.Tx) error { n = tx.Bucket(bKey).Stats().KeyN; return nil })
			return n
		}
		time.Sleep(time.Hour)
		again := journal.Key{Name: fmt.Sprintf("z/%06d", kept), TTL: time.Hour}
		if _, err := s.Commit(ctx, journal.Commit{Expect: journal.Expect{Absent: []string{again.Name}}, Put: journal.Put{Keys: []journal.Key{again}}}); err != nil {
			t.Fatal(err)
		}
		forgot := 0
		for range 5 {
			n, err := s.Forget(ctx, 1000)
			if err != nil || n > 1000 {
				t.Fatal(n, err)
			}
			forgot += n
		}
		if forgot != old-1 || left() != kept+1 {
			t.Errorf("forgot %d of %d, %d are left", forgot, old-1, left())
		}
		for name, want := range map[string]bool{"m/000000": true, again.Name: true, fmt.Sprintf("z/%06d", kept+1): false} {
			if _, ok, err := s.Key(ctx, name); ok != want || err != nil {
				t.Errorf("%s is there: %v, %v", name, ok, err)
			}
		}
	})
}

// TestAPauseDoesNotWaitForADisk: who asks before each call whether to wait is answered while a commit is being written.
func TestAPauseDoesNotWaitForADisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		s, release := held(t)
		until := time.Now().Add(time.Minute)
		done := false
		go func() {
			if err := s.Pause(ctx, "b", until); err != nil {
				t.Error(err)
			}
			if got, err := s.Paused(ctx, "b"); !got.Equal(until) || err != nil {
				t.Errorf("%v %v", got, err)
			}
			if err := s.Alive(ctx, "me", time.Minute); err != nil {
				t.Error(err)
			}
			if n, err := s.Replicas(ctx); n != 1 || err != nil {
				t.Errorf("%d replicas, %v", n, err)
			}
			done = true
		}()
		synctest.Wait()
		if !done {
			t.Error("it waits for the commit in progress")
		}
		release()
	})
}

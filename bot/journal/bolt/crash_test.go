package bolt_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/tocsin-bot/tocsin/bot/journal"
	"github.com/tocsin-bot/tocsin/bot/journal/bolt"
)

// TestKilledOwnerKeepsWhatItAcknowledged runs an owner in a process of its own and ends it with kill -9 in the middle of its commits.
func TestKilledOwnerKeepsWhatItAcknowledged(t *testing.T) {
	if dir := os.Getenv("TOCSIN_TEST_OWNER"); dir != "" {
		commitForever(dir)
	}
	for name, dir := range map[string]string{"plain": t.TempDir(), "long": longDir(t)} {
		t.Run(name, func(t *testing.T) {
			acked := int64(0)
			for round := range 4 {
				cmd := exec.Command(os.Args[0], "-test.run", "^TestKilledOwnerKeepsWhatItAcknowledged$")
				cmd.Env = append(os.Environ(), "TOCSIN_TEST_OWNER="+dir)
				cmd.Stderr = os.Stderr
				out, err := cmd.StdoutPipe()
				if err != nil {
					t.Fatal(err)
				}
				if err := cmd.Start(); err != nil {
					t.Fatal(err)
				}
				lines := bufio.NewScanner(out)
				for n := 0; n < 10+7*round && lines.Scan(); n++ {
					acked, _ = strconv.ParseInt(lines.Text(), 10, 64)
				}
				if round == 0 { // the killed one's socket is still answered by nobody: a reader finds the file
					r, err := bolt.OpenReader(dir)
					if err != nil {
						t.Fatal(err)
					}
					if l, err := r.Load(t.Context(), "INC-1"); err != nil || l.Version < acked {
						t.Errorf("read while it runs: %d, %v; acknowledged %d", l.Version, err, acked)
					}
					defer r.Close()
				}
				cmd.Process.Kill()
				for lines.Scan() { // acknowledged before it died
					acked, _ = strconv.ParseInt(lines.Text(), 10, 64)
				}
				cmd.Wait()
				r, err := bolt.OpenReader(dir)
				if err != nil {
					t.Fatal(err)
				}
				l, err := r.Load(t.Context(), "INC-1")
				r.Close()
				if err != nil || l.Version < acked || journal.Verify(l.Records, "") != nil {
					t.Fatalf("round %d: %d acknowledged, %d there, %v", round, acked, l.Version, err)
				}
			}
			if acked == 0 {
				t.Error("nothing was acknowledged: the test tests nothing")
			}
			s := open(t, dir)
			if err := s.Ping(t.Context()); err != nil {
				t.Error(err)
			}
			if left, _ := filepath.Glob(filepath.Join(dir, "*.new")); len(left) != 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

// commitForever is the owner that is killed: it says each number once it is committed.
func commitForever(dir string) {
	s, err := bolt.Open(dir, bolt.Options{})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	l, err := s.Load(ctx, "INC-1")
	var last journal.Record
	if n := len(l.Records); n > 0 {
		last = l.Records[n-1]
	}
	for err == nil {
		r := journal.Record{Stream: "INC-1", Seq: last.Seq + 1, Prev: last.Hash}
		r.Body = json.RawMessage(fmt.Sprint(r.Seq))
		r.Hash, _ = journal.Hash(r.Prev, r.Stream, r.Seq, r.Body)
		if _, err = s.Commit(ctx, journal.Commit{Append: []journal.Record{r}}); err == nil {
			fmt.Println(r.Seq)
			last = r
		}
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

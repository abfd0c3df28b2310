package bolt_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tocsin-bot/tocsin/bot/journal"
	"github.com/tocsin-bot/tocsin/bot/journal/bolt"
)

func open(t *testing.T, dir string) *bolt.Store {
	t.Helper()
	s, err := bolt.Open(dir, bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// record is the n-th record of a stream whose bodies are numbers.
func record(s journal.Stream, n int64) (r journal.Record) {
	for i := int64(1); i <= n; i++ {
		r = journal.Record{Stream: s, Seq: i, Prev: r.Hash, Body: json.RawMessage(fmt.Sprint(i))}
		r.Hash, _ = journal.Hash(r.Prev, s, i, r.Body)
	}
	return r
}

func add(t *testing.T, s journal.Store, stream journal.Stream, n int64) {
	t.Helper()
	_, err := s.Commit(t.Context(), journal.Commit{Append: []journal.Record{record(stream, n)}, Put: journal.Put{Counter: &n,
		Rows:  map[journal.Stream]json.RawMessage{stream: json.RawMessage(`{"open":true}`)},
		Blobs: map[string][]byte{"b": []byte("blob")}, Bury: []journal.Dead{{ID: "d", Stream: stream, At: time.Unix(0, 0)}},
		Outbox: []journal.Item{{ID: fmt.Sprint(stream, n), Lane: "L", Body: json.RawMessage(`1`)}}}})
	if err != nil {
		t.Fatal(err)
	}
}

// answers checks that a reader sees everything that add wrote n times.
func answers(t *testing.T, r journal.Reader, stream journal.Stream, n int64) {
	t.Helper()
	ctx := t.Context()
	l, err := r.Load(ctx, stream)
	if err != nil || l.Version != n || l.Counter != n || len(l.Records) != int(n) || journal.Verify(l.Records, "") != nil {
		t.Fatalf("load: version %d, %d records, %v; want %d", l.Version, len(l.Records), err, n)
	}
	records, err := r.Records(ctx, stream, 2, 1)
	if err != nil || len(records) != 1 || records[0].Seq != 2 {
		t.Errorf("records: %+v %v", records, err)
	}
	streams, err := r.Streams(ctx, "", 10)
	if err != nil || len(streams) != 1 || streams[0] != stream {
		t.Errorf("streams: %v %v", streams, err)
	}
	rows, err := r.Rows(ctx, true, "", 10)
	if err != nil || len(rows) != 1 || string(rows[0]) != `{"open":true}` {
		t.Errorf("rows: %s %v", rows, err)
	}
	b, err := r.Blob(ctx, "b")
	if err != nil || string(b) != "blob" {
		t.Errorf("blob: %q %v", b, err)
	}
	if _, err := r.Blob(ctx, "none"); !errors.Is(err, journal.ErrNotFound) {
		t.Errorf("a blob that is not there: %v", err)
	}
	items, err := r.Pending(ctx, "L", 10)
	if err != nil || len(items) != int(n) {
		t.Errorf("pending: %v %v", items, err)
	}
	dead, err := r.DeadLetters(ctx, stream, 10)
	if err != nil || len(dead) != 1 || !dead[0].At.Equal(time.Unix(0, 0)) {
		t.Errorf("dead letters: %v %v", dead, err)
	}
	if now, err := r.Now(ctx); err != nil || now.IsZero() {
		t.Errorf("now: %v %v", now, err)
	}
	if l, err := r.Load(ctx, "INC-404"); err != nil || l.Version != 0 {
		t.Errorf("a stream that is not there: %+v %v", l, err)
	}
}

func longDir(t *testing.T) string {
	dir := filepath.Join(t.TempDir(), strings.Repeat("a long name ", 8), strings.Repeat("é", 40))
	if len(dir) < 108 {
		t.Fatalf("%q is too short for the test", dir)
	}
	return dir
}

func TestReaderWhileTheOwnerRunsAndAfter(t *testing.T) {
	for name, dir := range map[string]string{"plain": t.TempDir(), "spaces": filepath.Join(t.TempDir(), "with some spaces"), "long": longDir(t)} {
		t.Run(name, func(t *testing.T) {
			s := open(t, dir)
			add(t, s, "INC-1", 1)
			add(t, s, "INC-1", 2)
			r, err := bolt.OpenReader(dir)
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			answers(t, r, "INC-1", 2)
			add(t, s, "INC-1", 3) // seen at once
			answers(t, r, "INC-1", 3)
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			answers(t, r, "INC-1", 3) // from the file, by the same reader
			again := open(t, dir)     // which does not hold the file
			add(t, again, "INC-1", 4)
			answers(t, r, "INC-1", 4) // and finds the new owner
			if err := r.Close(); err != nil {
				t.Fatal(err)
			}
			if _, err := r.Load(t.Context(), "INC-1"); !errors.Is(err, journal.ErrClosed) {
				t.Errorf("after Close: %v", err)
			}
		})
	}
}

func TestFilesAreTheOwnersAlone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	s := open(t, dir)
	for name, want := range map[string]fs.FileMode{".": 0o700 | fs.ModeDir, "tocsin.db": 0o600, "tocsin.sock": 0o600 | fs.ModeSocket, "tocsin.owner": 0o600} {
		st, err := os.Stat(filepath.Join(dir, name))
		if err != nil || st.Mode() != want {
			t.Errorf("%s: %v, %v; want %v", name, st.Mode(), err, want)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 1 {
		t.Errorf("after Close there are %v, %v; want the file alone", left, err)
	}
}

func TestSecondOwnerIsToldWhoTheFirstIs(t *testing.T) {
	t.Parallel() // it waits for the lock a while
	dir := t.TempDir()
	open(t, dir)
	_, err := bolt.Open(dir, bolt.Options{})
	if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("process %d", os.Getpid())) || !strings.Contains(err.Error(), "--data-dir") {
		t.Errorf("a second owner: %v", err)
	}
}

func TestLeftOverSocketIsReplaced(t *testing.T) {
	for name, dir := range map[string]string{"plain": t.TempDir(), "long": longDir(t)} {
		t.Run(name, func(t *testing.T) {
			temp := t.TempDir()
			t.Setenv("TMPDIR", temp)
			if err := os.MkdirAll(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			// What a killed owner leaves: its file, its owner file and its socket.
			socket := filepath.Join(dir, "tocsin.sock")
			if name == "long" {
				if err := os.Mkdir(filepath.Join(temp, "tocsin-123"), 0o700); err != nil {
					t.Fatal(err)
				}
				socket = filepath.Join(temp, "tocsin-123", "tocsin.sock")
			}
			l, err := net.ListenUnix("unix", &net.UnixAddr{Name: socket, Net: "unix"})
			if err != nil {
				t.Skip("this machine's temporary directory is too deep for a socket: ", err)
			}
			l.SetUnlinkOnClose(false)
			l.Close()
			b, _ := json.Marshal(map[string]any{"pid": 1, "socket": socket})
			if err := os.WriteFile(filepath.Join(dir, "tocsin.owner"), b, 0o600); err != nil {
				t.Fatal(err)
			}
			s := open(t, dir)
			add(t, s, "INC-1", 1)
			add(t, s, "INC-1", 2)
			r, err := bolt.OpenReader(dir)
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			answers(t, r, "INC-1", 2)
			s.Close()
			answers(t, r, "INC-1", 2)
			if left, err := os.ReadDir(temp); err != nil || len(left) != 0 {
				t.Errorf("left in the temporary directory: %v %v", left, err)
			}
		})
	}
}

func TestNoSocketOverAFileOfSomebodyElse(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "tocsin.sock")
	if err := os.WriteFile(path, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := bolt.Open(dir, bolt.Options{}); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("open: %v", err)
	}
	if b, err := os.ReadFile(path); string(b) != "mine" {
		t.Errorf("the file is now %q, %v", b, err)
	}
}

func TestReaderWithoutJournal(t *testing.T) {
	if _, err := bolt.OpenReader(filepath.Join(t.TempDir(), "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no directory: %v", err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "tocsin.db"), []byte("this is not a journal, and it is long enough to be looked at"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := bolt.Open(dir, bolt.Options{}); err == nil || !strings.Contains(err.Error(), "backup") {
		t.Errorf("open of something else: %v", err)
	}
	r, err := bolt.OpenReader(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Load(t.Context(), "INC-1"); err == nil {
		t.Error("read something from a file that is no journal")
	}
}

func TestManyReaders(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	for n := int64(1); n <= 3; n++ {
		add(t, s, "INC-1", n)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			r, err := bolt.OpenReader(dir)
			if err != nil {
				t.Error(err)
				return
			}
			defer r.Close()
			for range 20 {
				if l, err := r.Load(t.Context(), "INC-1"); err != nil || l.Version != 3 {
					t.Errorf("%d %v", l.Version, err)
				}
			}
		})
	}
	wg.Wait()
}

// TestSocketTakesNothingThatWrites: garbage and unknown questions end the connection or are answered with an error, and the owner goes on.
func TestSocketTakesNothingThatWrites(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	add(t, s, "INC-1", 1)
	add(t, s, "INC-1", 2)
	c, err := net.Dial("unix", filepath.Join(dir, "tocsin.sock"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.Write(bytes.Repeat([]byte("GET / HTTP/1.1\r\n"), 256))
	c.SetReadDeadline(time.Now().Add(10 * time.Second))
	if n, err := c.Read(make([]byte, 10)); err == nil {
		t.Errorf("garbage was answered with %d bytes", n)
	}
	r, err := bolt.OpenReader(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	answers(t, r, "INC-1", 2)
	if err := s.Ping(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestPingTellsAFileThatIsGone(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	if err := s.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(dir, "tocsin.db"), filepath.Join(dir, "moved")); err != nil {
		t.Fatal(err)
	}
	if err := s.Ping(t.Context()); err == nil {
		t.Error("Ping is content while the file is gone")
	}
}

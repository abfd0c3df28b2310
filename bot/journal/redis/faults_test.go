package redis_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	goredis "github.com/redis/go-redis/v9"

	"github.com/tocsin-bot/tocsin/bot/journal"
	"github.com/tocsin-bot/tocsin/bot/journal/journaltest"
	"github.com/tocsin-bot/tocsin/bot/journal/redis"
)

// What the wire does to the next message.
const (
	fine      int32 = iota
	loseReply       // carried out, the answer lost
	loseCall        // never arrives
	delayCall       // arrives after the connection was given up
	loseAll         // carried out, the answer lost, and nobody can be reached any more
)

// wire is the way to a server, with faults.
type wire struct {
	server *miniredis.Miniredis
	next   atomic.Int32
	down   atomic.Bool

	mu      sync.Mutex
	delayed []func()
}

func (w *wire) dial(context.Context, string, string) (net.Conn, error) {
	if w.down.Load() {
		return nil, &net.OpError{Op: "dial", Err: errors.New("unreachable")}
	}
	c, err := w.server.Dial()
	return &faulty{Conn: c, w: w}, err
}

type faulty struct {
	net.Conn
	w    *wire
	lost atomic.Bool
}

func (f *faulty) Write(p []byte) (int, error) {
	switch mode := f.w.next.Swap(fine); mode {
	case loseReply, loseAll:
		f.w.down.Store(mode == loseAll)
		f.lost.Store(true)
		if _, err := f.Conn.Write(p); err != nil {
			return 0, err
		}
		f.Conn.Read(make([]byte, 4096)) // the server is through with it
		return len(p), nil
	case loseCall:
		f.lost.Store(true)
		return len(p), nil
	case delayCall:
		f.lost.Store(true)
		held, conn := append([]byte(nil), p...), f.Conn
		f.w.mu.Lock()
		f.w.delayed = append(f.w.delayed, func() {
			conn.Write(held)
			conn.Read(make([]byte, 4096))
			conn.Close()
		})
		f.w.mu.Unlock()
		return len(p), nil
	}
	return f.Conn.Write(p)
}

func (f *faulty) Read(p []byte) (int, error) {
	if f.lost.Load() {
		return 0, io.EOF
	}
	return f.Conn.Read(p)
}

// Close leaves a connection whose message is delayed open: what is on its way arrives.
func (f *faulty) Close() error {
	if f.lost.Load() {
		return nil
	}
	return f.Conn.Close()
}

func wired(t *testing.T) (*redis.Store, *wire) {
	t.Helper()
	m := miniredis.NewMiniRedis()
	t.Cleanup(m.Close)
	w := &wire{server: m}
	s := open(t, "redis://127.0.0.1:1", redis.Options{Dialer: w.dial})
	// The server knows the script, so that the next message is the commit itself.
	if _, err := s.Commit(t.Context(), journal.Commit{}); err != nil {
		t.Fatal(err)
	}
	return s, w
}

func cursor(value string) journal.Commit {
	return journal.Commit{Put: journal.Put{Cursors: map[string]string{"u": value}}}
}

// once is a commit that cannot happen twice, and takes a lane.
func once() journal.Commit {
	h, _ := journal.Hash("", "INC-1", 1, []byte(`1`))
	return journal.Commit{Expect: journal.Expect{Versions: map[journal.Stream]int64{"INC-1": 0}},
		Append: []journal.Record{{Stream: "INC-1", Seq: 1, Body: json.RawMessage(`1`), Hash: h}},
		Put: journal.Put{Take: &journal.Take{Owner: "me", TTL: time.Hour},
			Outbox: []journal.Item{{ID: "i", Lane: "L", Body: json.RawMessage(`1`)}}}}
}

func TestLostReplyIsAskedFor(t *testing.T) {
	for name, mode := range map[string]int32{"reply lost": loseReply, "call lost": loseCall, "call delayed": delayCall} {
		t.Run(name, func(t *testing.T) {
			s, w := wired(t)
			w.next.Store(mode)
			got, err := s.Commit(t.Context(), once())
			if err != nil {
				t.Fatalf("commit: %v; want to be told that it happened", err)
			}
			if len(got.Leases) != 1 || got.Leases[0].Lane != "L" || got.Leases[0].Token == 0 || got.Leases[0].Owner != "me" {
				t.Errorf("leases %+v", got.Leases)
			}
			if n, err := s.Begin(t.Context(), got.Leases[0], "i"); n != 2 || err != nil {
				t.Errorf("begin: %d %v", n, err)
			}
			if l, err := s.Load(t.Context(), "INC-1"); l.Version != 1 || err != nil {
				t.Errorf("version %d %v", l.Version, err)
			}
		})
	}
}

// TestDelayedCommitIsVoid: a commit that was asked for and found missing never happens, even if its message arrives later.
func TestDelayedCommitIsVoid(t *testing.T) {
	s, w := wired(t)
	w.next.Store(delayCall)
	if _, err := s.Commit(t.Context(), cursor("first")); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Commit(t.Context(), cursor("second")); err != nil {
		t.Fatal(err)
	}
	if len(w.delayed) != 1 {
		t.Fatalf("%d messages are late, want 1", len(w.delayed))
	}
	w.delayed[0]()
	if v, err := s.Cursor(t.Context(), "u"); v != "second" || err != nil {
		t.Errorf("the late message was carried out: the cursor is %q, %v", v, err)
	}
}

func TestNobodyToAskIsUnknown(t *testing.T) {
	s, w := wired(t)
	w.next.Store(loseAll)
	if _, err := s.Commit(t.Context(), cursor("x")); !errors.Is(err, journal.ErrUnknown) {
		t.Fatalf("commit: %v; want ErrUnknown", err)
	}
	// With nobody there before it was sent, it is certain.
	if _, err := s.Commit(t.Context(), cursor("y")); err == nil || errors.Is(err, journal.ErrUnknown) {
		t.Errorf("commit to nobody: %v; want certainty that nothing was recorded", err)
	}
	w.down.Store(false)
	if v, err := s.Cursor(t.Context(), "u"); v != "x" || err != nil {
		t.Errorf("cursor %q %v", v, err)
	}
}

func TestReadsAreRepeatedWritesAreNot(t *testing.T) {
	s, w := wired(t)
	w.next.Store(loseReply)
	if _, err := s.Load(t.Context(), "INC-1"); err != nil {
		t.Errorf("a read whose answer was lost: %v", err)
	}
	if _, err := s.Commit(t.Context(), once()); err != nil {
		t.Fatal(err)
	}
	l, ok, err := s.Lease(t.Context(), "L", "me", time.Hour)
	if !ok || err != nil {
		t.Fatal(ok, err)
	}
	if _, err := s.Begin(t.Context(), l, "i"); err != nil {
		t.Fatal(err)
	}
	w.next.Store(loseReply)
	if _, err := s.Begin(t.Context(), l, "i"); err == nil {
		t.Error("an attempt whose answer was lost was taken for begun")
	}
	if items, err := s.Pending(t.Context(), "L", 1); err != nil || items[0].Attempts != 3 {
		t.Errorf("%+v %v; want 3 attempts: taken, begun, begun without an answer", items, err)
	}
}

func TestNoErrorHoldsThePassword(t *testing.T) {
	const secret = "s3cr:t/w@rd"
	quoted := "s3cr%3At%2Fw%40rd"
	server := journaltest.NewServer(t, "--requirepass", "another")
	addr := strings.TrimPrefix(server.URL(), "redis://")
	for _, url := range []string{
		"redis://:" + quoted + "@" + addr + "/0",            // wrong password
		"redis://user:" + quoted + "@" + addr,               // no such user
		"redis://:" + quoted + "@127.0.0.1:1",               // nobody there
		"redis://:" + quoted + "%zz@127.0.0.1:1",            // not a URL
		"redis://:" + quoted + "@127.0.0.1:port",            // nor this
		"http://:" + quoted + "@127.0.0.1",                  // another kind
		"redis://:" + quoted + "@127.0.0.1:1/x/y",           // too long a path
		"redis://:" + quoted + "@127.0.0.1:1?no_such=1",     // unknown option
		"redis://" + addr + "?password=" + quoted,           // a password where none goes
		"redis://:" + quoted + "@127.0.0.1:1?master_name=m", // no sentinel there
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		_, err := redis.Open(ctx, url, redis.Options{})
		cancel()
		if err == nil {
			t.Errorf("%s was opened", url)
			continue
		}
		for _, s := range []string{secret, quoted, "s3cr", "w@rd"} {
			if strings.Contains(err.Error(), s) {
				t.Errorf("an error tells the password: %v", err)
			}
		}
	}
	if _, err := redis.Open(t.Context(), "redis://127.0.0.1", redis.Options{Installation: "a}b"}); err == nil {
		t.Error("an installation that would break the hash tag was taken")
	}
}

func TestReplicaIsRefused(t *testing.T) {
	master := journaltest.NewServer(t)
	host, port, _ := net.SplitHostPort(strings.TrimPrefix(master.URL(), "redis://"))
	replica := journaltest.NewServer(t, "--replicaof", host, port)
	if _, err := redis.Open(t.Context(), replica.URL(), redis.Options{}); err == nil || !strings.Contains(err.Error(), "master") {
		t.Errorf("a replica: %v", err)
	}
}

func TestCheckNamesWhatLosesData(t *testing.T) {
	find := func(fs []redis.Finding, what string) *redis.Finding {
		for _, f := range fs {
			if strings.Contains(f.What, what) {
				return &f
			}
		}
		return nil
	}
	good := open(t, journaltest.NewServer(t, "--appendfsync", "always").URL(), redis.Options{})
	if fs := good.Check(t.Context()); len(fs) != 0 {
		t.Errorf("a good server: %+v", fs)
	}
	bad := open(t, journaltest.NewServer(t, "--appendonly", "no", "--maxmemory-policy", "allkeys-lru").URL(), redis.Options{})
	fs := bad.Check(t.Context())
	for what, serious := range map[string]bool{"appendonly": true, "appendfsync": false, "maxmemory-policy": true} {
		if f := find(fs, what); f == nil || f.Serious != serious || f.Mend == "" {
			t.Errorf("%s: %+v", what, f)
		}
	}
	_, o := inProcess(t)
	if f := find(open(t, "redis://127.0.0.1:1", o).Check(t.Context()), "CONFIG GET is refused"); f == nil || f.Mend == "" {
		t.Error("a server that does not let itself be asked is no finding")
	}
	bad.Close()
	full := journaltest.NewServer(t, "--maxmemory", "1mb")
	if s, err := redis.Open(t.Context(), full.URL(), redis.Options{}); err == nil {
		defer s.Close()
		_, err = s.Commit(t.Context(), journal.Commit{Put: journal.Put{Blobs: map[string][]byte{"b": make([]byte, 4<<20)}}})
		for range 3 {
			if err == nil {
				_, err = s.Commit(t.Context(), cursor("x"))
			}
		}
		if err == nil || !strings.Contains(err.Error(), "maxmemory") || errors.Is(err, journal.ErrUnknown) {
			t.Errorf("a full memory: %v", err)
		}
		if err := s.Ping(t.Context()); err == nil {
			t.Error("Ping is content with a full memory")
		}
	} else if !strings.Contains(err.Error(), "maxmemory") {
		t.Errorf("a full memory: %v", err)
	}
}

// TestKilledServerKeepsWhatItAcknowledged: kill -9 in the middle of a stream of commits, three times.
func TestKilledServerKeepsWhatItAcknowledged(t *testing.T) {
	server := journaltest.NewServer(t, "--appendfsync", "always")
	s := open(t, server.URL(), redis.Options{})
	var last journal.Record
	acked, unknown := int64(0), 0
	for round := range 3 {
		stop := make(chan struct{})
		done := make(chan struct{})
		go func() {
			defer close(done)
			time.Sleep(time.Duration(20+30*round) * time.Millisecond)
			server.Kill()
			close(stop)
		}()
		for running := true; running; {
			select {
			case <-stop:
				running = false
			default:
			}
			n := last.Seq + 1
			r := journal.Record{Stream: "INC-1", Seq: n, Prev: last.Hash, Body: json.RawMessage(fmt.Sprint(n))}
			r.Hash, _ = journal.Hash(r.Prev, r.Stream, n, r.Body)
			_, err := s.Commit(t.Context(), journal.Commit{Append: []journal.Record{r}})
			if err == nil {
				last, acked = r, n
			} else {
				if errors.Is(err, journal.ErrUnknown) {
					unknown++
				}
				break
			}
		}
		<-done
		server.Start()
		l, err := s.Load(t.Context(), "INC-1")
		if err != nil {
			t.Fatalf("round %d: the store does not find back: %v", round, err)
		}
		if err := journal.Verify(l.Records, ""); err != nil {
			t.Fatal(err)
		}
		if l.Version < acked || l.Version > acked+1 {
			t.Fatalf("round %d: %d commits were acknowledged, %d are there", round, acked, l.Version)
		}
		if l.Version > 0 {
			last = l.Records[l.Version-1]
		}
	}
	if acked == 0 {
		t.Error("nothing was ever acknowledged: the test tests nothing")
	}
	t.Logf("%d acknowledged, %d unknown", acked, unknown)
}

// TestCluster: every key lies in one slot, so that the scripts run there.
func TestCluster(t *testing.T) {
	server := journaltest.NewServer(t, "--cluster-enabled", "yes")
	addr := strings.TrimPrefix(server.URL(), "redis://")
	c := goredis.NewClient(&goredis.Options{Addr: addr})
	defer c.Close()
	if err := c.ClusterAddSlotsRange(t.Context(), 0, 16383).Err(); err != nil {
		t.Fatal(err)
	}
	var s *redis.Store
	var err error
	for range 100 {
		if s, err = redis.Open(t.Context(), server.URL()+"?addr="+addr, redis.Options{}); err == nil {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	got, err := s.Commit(t.Context(), once())
	if err != nil || len(got.Leases) != 1 {
		t.Fatal(got, err)
	}
	if l, err := s.Load(t.Context(), "INC-1"); l.Version != 1 || err != nil {
		t.Errorf("%+v %v", l, err)
	}
	keys, err := c.Keys(t.Context(), "*").Result()
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range keys {
		if !strings.HasPrefix(k, "{tocsin:default}:") {
			t.Errorf("key %q is outside of the installation", k)
		}
	}
}

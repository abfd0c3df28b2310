package journaltest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tocsin-bot/tocsin/bot/journal"
)

// fixture is a test with its store.
type fixture struct {
	*testing.T
	place Place
	s     journal.Store
	ctx   context.Context
}

func open(t *testing.T, place Maker) *fixture {
	t.Helper()
	f := &fixture{T: t, place: place(t)}
	f.s = f.place()
	ctx, cancel := context.WithCancel(context.Background())
	f.ctx = ctx
	t.Cleanup(func() { cancel(); f.s.Close() })
	return f
}

// t0 is a moment far enough in the future that a store whose clock is real does not forget what ends then.
var t0 = time.Date(2126, 11, 21, 10, 0, 0, 0, time.UTC)

func at(seconds int) time.Time { return t0.Add(time.Duration(seconds) * time.Second) }

func ptr[T any](v T) *T { return &v }

// chain makes records of a stream, one after the other.
type chain struct {
	stream journal.Stream
	seq    int64
	prev   string
}

func (c *chain) next(body string, texts ...journal.Sealed) journal.Record {
	c.seq++
	h, err := journal.Hash(c.prev, c.stream, c.seq, []byte(body))
	if err != nil {
		panic(err)
	}
	r := journal.Record{Stream: c.stream, Seq: c.seq, Body: json.RawMessage(body), Prev: c.prev, Hash: h, Texts: texts}
	c.prev = h
	return r
}

func sealed(salt byte, body string) journal.Sealed {
	s := make([]byte, 16)
	for i := range s {
		s[i] = salt
	}
	d := sha256.Sum256(append(s[:16:16], body...))
	return journal.Sealed{Digest: hex.EncodeToString(d[:]), Salt: hex.EncodeToString(s), Body: body}
}

func item(id, lane string) journal.Item {
	return journal.Item{ID: id, Lane: lane, Body: json.RawMessage(`{"id":"` + id + `"}`)}
}

// must commits and fails the test when that fails.
func (f *fixture) must(c journal.Commit) journal.Committed {
	f.Helper()
	got, err := f.s.Commit(f.ctx, c)
	if err != nil {
		f.Fatalf("commit: %v", err)
	}
	return got
}

// refused commits and fails the test unless that is a conflict of a kind, and nothing moved.
func (f *fixture) refused(c journal.Commit, what string) *journal.Conflict {
	f.Helper()
	before := f.dump()
	_, err := f.s.Commit(f.ctx, c)
	conflict := wantConflict(f.T, err, what)
	if diff := cmp.Diff(before, f.dump()); diff != "" {
		f.Errorf("a refused commit (%s) changed the store:\n%s", what, diff)
	}
	return conflict
}

func wantConflict(t *testing.T, err error, what string) *journal.Conflict {
	t.Helper()
	var conflict *journal.Conflict
	if !errors.As(err, &conflict) || conflict.What != what {
		t.Fatalf("error %v; want a conflict of kind %q", err, what)
	}
	return conflict
}

func (f *fixture) noError(err error) {
	f.Helper()
	if err != nil {
		f.Fatal(err)
	}
}

func (f *fixture) same(what string, want, got any) {
	f.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		f.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// names that dump asks for, since a store does not list them.
var (
	claimNames  = []string{"c1", "c2", "c3", "channel/C1"}
	keyNames    = []string{"k1", "k2", "k3"}
	blobNames   = []string{"b1", "b2"}
	cursorNames = []string{"u1", "u2"}
)

// dump is everything a store says about itself, as text.
func (f *fixture) dump() string {
	f.Helper()
	s, err := dump(f.ctx, f.s)
	f.noError(err)
	return s
}

func dump(ctx context.Context, s journal.Store) (string, error) {
	var b strings.Builder
	var errs []error
	say := func(what string, v any, err error) {
		if err != nil && !errors.Is(err, journal.ErrNotFound) {
			errs = append(errs, fmt.Errorf("%s: %w", what, err))
		}
		j, err := json.Marshal(v)
		if err != nil {
			errs = append(errs, err)
		}
		fmt.Fprintf(&b, "%s: %s\n", what, j)
	}
	streams, err := s.Streams(ctx, "", 1000)
	say("streams", streams, err)
	for _, stream := range streams {
		l, err := s.Load(ctx, stream)
		say("load "+string(stream), l, err)
		all, err := s.Records(ctx, stream, 1, 1000)
		say("records "+string(stream), all, err)
		for _, r := range all {
			say("texts", r.Texts, nil)
		}
	}
	for _, open := range []bool{false, true} {
		rows, err := s.Rows(ctx, open, "", 1000)
		say(fmt.Sprintf("rows open=%v", open), rows, err)
	}
	claims, err := s.Claims(ctx, claimNames)
	say("claims", claims, err)
	for _, name := range keyNames {
		outcome, ok, err := s.Key(ctx, name)
		say(fmt.Sprintf("key %s %v", name, ok), outcome, err)
	}
	for _, name := range blobNames {
		blob, err := s.Blob(ctx, name)
		say("blob "+name, blob, err)
	}
	for _, name := range cursorNames {
		v, err := s.Cursor(ctx, name)
		say("cursor "+name, v, err)
	}
	due, err := s.Due(ctx, t0.AddDate(100, 0, 0), 1000)
	say("due", due, err)
	lanes, err := s.Lanes(ctx, 1000)
	say("lanes", lanes, err)
	items, err := s.Pending(ctx, "", 1000)
	say("pending", items, err)
	for _, l := range lanes {
		items, err := s.Pending(ctx, l.Lane, 1000)
		say("pending "+l.Lane, items, err)
	}
	dead, err := s.DeadLetters(ctx, "", 1000)
	say("dead", dead, err)
	return b.String(), errors.Join(errs...)
}

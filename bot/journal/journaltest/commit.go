package journaltest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tocsin-bot/tocsin/bot/journal"
)

func testCommitAndLoad(f *fixture) {
	a, h := chain{stream: "INC-1"}, chain{stream: journal.House}
	l, err := f.s.Load(f.ctx, "INC-1")
	f.noError(err)
	f.same("a stream that is not there", journal.Loaded{}, l)
	r1, r2, h1 := a.next(`{"n":1}`, sealed(1, "hello")), a.next(`{"n":2}`), h.next(`{"h":1}`)
	f.must(journal.Commit{
		Expect: journal.Expect{Versions: map[journal.Stream]int64{"INC-1": 0, journal.House: 0}, Counter: ptr(int64(0))},
		Append: []journal.Record{r1, r2, h1}, // two streams in one commit
		Put:    journal.Put{Counter: ptr(int64(1))},
	})
	l, err = f.s.Load(f.ctx, "INC-1")
	f.noError(err)
	f.same("loaded", journal.Loaded{Version: 2, Records: []journal.Record{r1, r2}, Counter: 1}, l)
	l, err = f.s.Load(f.ctx, journal.House)
	f.noError(err)
	f.same("house", journal.Loaded{Version: 1, Records: []journal.Record{h1}, Counter: 1}, l)
	f.must(journal.Commit{Expect: journal.Expect{Versions: map[journal.Stream]int64{"INC-1": 2}}, Append: []journal.Record{a.next(`{"n":3}`)}})
	all, err := f.s.Records(f.ctx, "INC-1", 1, 10)
	f.noError(err)
	f.noError(journal.Verify(all, ""))
	if len(all) != 3 {
		f.Errorf("%d records, want 3", len(all))
	}
	// Nothing to move is fine, and moves nothing.
	before := f.dump()
	f.must(journal.Commit{})
	f.same("after an empty commit", before, f.dump())
}

// testBodies: what is stored is what was hashed, whatever it looks like.
func testBodies(f *fixture) {
	a := chain{stream: "INC-1"}
	bodies := []string{
		`{"big":12345678901234567890,"f":1e400,"tiny":0.1000000000000000055511151231257827}`,
		` { "spaces" : [ ] } `, `{"a":{},"b":[],"c":null}`, `{"dup":1,"dup":2}`, `"\u00e9\ud83d\ude00<>&\u2028"`, "\"é漢字\U0001F6A8\"", `{"z":1,"a":2}`,
		`"a\r\nb\u0000c"`, `0`, `""`,
	}
	var records []journal.Record
	for i, b := range bodies {
		records = append(records, a.next(b, sealed(byte(i), b+"\x00\r\n\"<>\u2028")))
	}
	f.must(journal.Commit{Append: records, Put: journal.Put{
		Snapshots: map[journal.Stream]journal.Snapshot{"INC-1": {Seq: 0, Body: json.RawMessage(bodies[0]), Texts: []journal.Sealed{{Digest: "d", Body: bodies[1]}}}},
		Rows:      map[journal.Stream]json.RawMessage{"INC-1": json.RawMessage(`{"open":true,"n":12345678901234567890,"e":[],"o":{}}`)},
		Keys:      []journal.Key{{Name: "k\x00 é%s", Outcome: json.RawMessage(bodies[0])}},
		Blobs:     map[string][]byte{"b1": {0, 1, 255, '\n'}, "b2": {}},
		Outbox:    []journal.Item{{ID: "i", Lane: "l", Body: json.RawMessage(bodies[2])}},
		Bury:      []journal.Dead{{ID: "d", Body: json.RawMessage(bodies[0]), At: t0}},
		Cursors:   map[string]string{"u1": "\x00\xff"},
	}})
	l, err := f.s.Load(f.ctx, "INC-1")
	f.noError(err)
	f.same("records", records, l.Records)
	f.noError(journal.Verify(l.Records, ""))
	f.same("snapshot", bodies[0], string(l.Snapshot.Body))
	f.same("snapshot's texts", []journal.Sealed{{Digest: "d", Body: bodies[1]}}, l.Snapshot.Texts)
	rows, err := f.s.Rows(f.ctx, true, "", 1)
	f.noError(err)
	f.same("row", `{"open":true,"n":12345678901234567890,"e":[],"o":{}}`, string(rows[0]))
	outcome, ok, err := f.s.Key(f.ctx, "k\x00 é%s")
	if err != nil || !ok || string(outcome) != bodies[0] {
		f.Errorf("key: %s %v %v", outcome, ok, err)
	}
	b, err := f.s.Blob(f.ctx, "b1")
	f.noError(err)
	f.same("blob", []byte{0, 1, 255, '\n'}, b)
	b, err = f.s.Blob(f.ctx, "b2")
	f.noError(err)
	if len(b) != 0 {
		f.Errorf("the empty blob came back as %q", b)
	}
	items, err := f.s.Pending(f.ctx, "l", 1)
	f.noError(err)
	f.same("item", bodies[2], string(items[0].Body))
	dead, err := f.s.DeadLetters(f.ctx, "", 1)
	f.noError(err)
	f.same("dead letter", bodies[0], string(dead[0].Body))
	cursor, err := f.s.Cursor(f.ctx, "u1")
	f.noError(err)
	f.same("cursor", "\x00\xff", cursor)
}

func testLargeBodies(f *fixture) {
	a := chain{stream: "INC-1"}
	big := `"` + strings.Repeat("x", 300<<10) + `"`
	var records []journal.Record
	for i := range 4 {
		records = append(records, a.next(big, sealed(byte(i), strings.Repeat("é", 100<<10))))
	}
	f.must(journal.Commit{Append: records, Put: journal.Put{
		Snapshots: map[journal.Stream]journal.Snapshot{"INC-1": {Seq: 2, Body: json.RawMessage(big)}},
		Blobs:     map[string][]byte{"b1": bytes.Repeat([]byte{7}, 300<<10)},
		Outbox:    []journal.Item{{ID: "i", Lane: "l", Body: json.RawMessage(big)}},
	}})
	l, err := f.s.Load(f.ctx, "INC-1")
	f.noError(err)
	if !reflect.DeepEqual(records[2:], l.Records) || string(l.Snapshot.Body) != big {
		f.Error("large records or snapshot came back changed")
	}
	b, err := f.s.Blob(f.ctx, "b1")
	if err != nil || len(b) != 300<<10 {
		f.Errorf("large blob: %d bytes, %v", len(b), err)
	}
	items, err := f.s.Pending(f.ctx, "", 1)
	if err != nil || string(items[0].Body) != big {
		f.Errorf("large item: %v", err)
	}
}

// full is a commit that puts something everywhere.
func full(c *chain, n int) journal.Commit {
	id := fmt.Sprintf("%s/%d/x", c.stream, n)
	r := c.next(fmt.Sprintf(`{"n":%d}`, n), sealed(byte(n), fmt.Sprint("text ", n)))
	return journal.Commit{
		Append: []journal.Record{r},
		Put: journal.Put{
			Counter:   ptr(int64(n)),
			Keys:      []journal.Key{{Name: "k3", Outcome: json.RawMessage(`"new"`)}},
			Claims:    map[string]string{"c3": string(c.stream), "c1": ""},
			Snapshots: map[journal.Stream]journal.Snapshot{c.stream: {Seq: r.Seq, Body: r.Body}},
			Rows:      map[journal.Stream]json.RawMessage{c.stream: json.RawMessage(fmt.Sprintf(`{"open":false,"n":%d}`, n))},
			Due:       map[journal.Stream]time.Time{c.stream: at(n)},
			Blobs:     map[string][]byte{"b2": []byte("x")},
			Outbox:    []journal.Item{item(id, "new|slack")},
			Take:      &journal.Take{Owner: "me", TTL: time.Hour},
			Settle:    []string{"old"},
			Bury:      []journal.Dead{{ID: id, Stream: c.stream, At: at(n), Reason: "no"}},
			Cursors:   map[string]string{"u2": "x"},
			Erase:     []journal.Erasure{{Stream: c.stream, Seq: 1}},
		},
	}
}

// base is a store with something of everything.
func (f *fixture) base() chain {
	a := chain{stream: "INC-1"}
	c := full(&a, 1)
	c.Put.Claims = map[string]string{"c1": "INC-1", "c2": "INC-1"}
	c.Put.Keys = []journal.Key{{Name: "k1", Outcome: json.RawMessage(`{"first":true}`)}}
	c.Put.Outbox = []journal.Item{item("old", "INC-1|slack")}
	c.Put.Settle, c.Put.Take, c.Put.Erase, c.Put.Blobs = nil, nil, nil, map[string][]byte{"b1": []byte("y")}
	f.must(c)
	return a
}

func testExpectations(f *fixture) {
	a := f.base()
	lease, ok, err := f.s.Lease(f.ctx, "INC-1|slack", "me", time.Hour)
	if err != nil || !ok {
		f.Fatal(ok, err)
	}
	old := lease
	old.Token--
	try := func(what string, e journal.Expect) *journal.Conflict {
		f.Helper()
		b := a // each try continues the log where it stands
		c := full(&b, 2)
		c.Expect = e
		return f.refused(c, what)
	}
	versions := map[journal.Stream]int64{"INC-1": 1}
	f.same("version behind", &journal.Conflict{What: "version", Name: "INC-1"}, try("version", journal.Expect{Versions: map[journal.Stream]int64{"INC-1": 0}}))
	try("version", journal.Expect{Versions: map[journal.Stream]int64{"INC-1": 2}})
	try("version", journal.Expect{Versions: map[journal.Stream]int64{"INC-1": 1, "INC-2": 1}})
	try("version", journal.Expect{Versions: map[journal.Stream]int64{"INC-1": 1, journal.House: 3}})
	try("counter", journal.Expect{Versions: versions, Counter: ptr(int64(0))})
	try("counter", journal.Expect{Versions: versions, Counter: ptr(int64(2))})
	f.same("claim taken", "INC-1", try("claim", journal.Expect{Versions: versions, Claims: map[string]string{"c2": ""}}).Owner)
	f.same("claim not held", "", try("claim", journal.Expect{Claims: map[string]string{"c1": "INC-1", "c3": "INC-1"}}).Owner)
	try("claim", journal.Expect{Claims: map[string]string{"c1": "INC-2"}})
	k := try("key", journal.Expect{Versions: versions, Absent: []string{"k2", "k1"}})
	f.same("key", &journal.Conflict{What: "key", Name: "k1", Outcome: json.RawMessage(`{"first":true}`)}, k)
	try("lease", journal.Expect{Versions: versions, Lease: &old})
	try("lease", journal.Expect{Versions: versions, Lease: &journal.Lease{Lane: "nobody's", Owner: "me", Token: lease.Token}})
	// A log that goes on elsewhere.
	f.refused(journal.Commit{Append: []journal.Record{{Stream: "INC-1", Seq: 1, Body: json.RawMessage(`{}`), Hash: mustHash("", "INC-1", 1, `{}`)}}}, "version")
	ahead := chain{stream: "INC-1", seq: 2, prev: a.prev}
	f.refused(full(&ahead, 2), "version")
	// All of them holding.
	c := full(&a, 2)
	c.Expect = journal.Expect{Versions: map[journal.Stream]int64{"INC-1": 1, "INC-2": 0}, Counter: ptr(int64(1)),
		Claims: map[string]string{"c1": "INC-1", "c3": ""}, Absent: []string{"k2", "k3"}, Lease: &lease}
	got := f.must(c)
	if len(got.Leases) != 1 || got.Leases[0].Lane != "new|slack" || got.Leases[0].Owner != "me" {
		f.Errorf("leases %+v", got.Leases)
	}
	owners, err := f.s.Claims(f.ctx, claimNames)
	f.noError(err)
	f.same("claims", map[string]string{"c2": "INC-1", "c3": "INC-1"}, owners)
	items, err := f.s.Pending(f.ctx, "", 10)
	f.noError(err)
	if len(items) != 1 || items[0].ID != "INC-1/2/x" {
		f.Errorf("pending %+v", items)
	}
}

func mustHash(prev string, s journal.Stream, seq int64, body string) string {
	h, err := journal.Hash(prev, s, seq, []byte(body))
	if err != nil {
		panic(err)
	}
	return h
}

// testExpectationOrder: a repeated input is told its outcome, whatever else has changed since.
func testExpectationOrder(f *fixture) {
	f.base()
	e := journal.Expect{Absent: []string{"k1"}, Lease: &journal.Lease{Lane: "x", Token: 1}, Versions: map[journal.Stream]int64{"INC-1": 7},
		Counter: ptr(int64(7)), Claims: map[string]string{"c1": ""}}
	f.refused(journal.Commit{Expect: e}, "key")
	e.Absent = nil
	f.refused(journal.Commit{Expect: e}, "lease")
	e.Lease = nil
	f.refused(journal.Commit{Expect: e}, "version")
	e.Versions = nil
	f.refused(journal.Commit{Expect: e}, "counter")
	e.Counter = nil
	f.refused(journal.Commit{Expect: e}, "claim")
}

func testMalformed(f *fixture) {
	a := f.base()
	before := f.dump()
	record := func(change func(r *journal.Record)) journal.Commit {
		b := a
		c := full(&b, 2)
		change(&c.Append[0])
		return c
	}
	put := func(p journal.Put) journal.Commit { return journal.Commit{Put: p} }
	fork := chain{stream: "INC-1", seq: 1, prev: strings.Repeat("ab", 32)}
	two := func() journal.Commit {
		b := a
		first := b.next(`{}`)
		b.seq++
		return journal.Commit{Append: []journal.Record{first, b.next(`{}`)}}
	}()
	for name, c := range map[string]journal.Commit{
		"hash":          record(func(r *journal.Record) { r.Hash = strings.Repeat("ab", 32) }),
		"body":          record(func(r *journal.Record) { r.Body = json.RawMessage(`{"forged":1}`) }),
		"not JSON":      record(func(r *journal.Record) { r.Body = json.RawMessage(`{`) }),
		"text":          record(func(r *journal.Record) { r.Texts[0].Body = "forged" }),
		"stream":        record(func(r *journal.Record) { r.Stream = "elsewhere" }),
		"padded stream": record(func(r *journal.Record) { r.Stream = "INC-01" }),
		"fork":          {Append: []journal.Record{fork.next(`{}`)}},
		"gap":           two,
		"snapshot":      put(journal.Put{Snapshots: map[journal.Stream]journal.Snapshot{"INC-1": {Seq: 9, Body: json.RawMessage(`{}`)}}}),
		"row":           put(journal.Put{Rows: map[journal.Stream]json.RawMessage{"INC-1": json.RawMessage(`[]`)}}),
		"house row":     put(journal.Put{Rows: map[journal.Stream]json.RawMessage{journal.House: json.RawMessage(`{}`)}}),
		"key":           put(journal.Put{Keys: []journal.Key{{Name: ""}}}),
		"long key":      put(journal.Put{Keys: []journal.Key{{Name: strings.Repeat("x", 5000)}}}),
		"item":          put(journal.Put{Outbox: []journal.Item{{ID: "x", Body: json.RawMessage(`{}`)}}}),
		"item twice":    put(journal.Put{Outbox: []journal.Item{item("x", "l"), item("x", "l")}}),
		"take":          put(journal.Put{Outbox: []journal.Item{item("x", "l")}, Take: &journal.Take{}}),
		"cursor":        put(journal.Put{Cursors: map[string]string{"": "x"}}),
		"erase":         put(journal.Put{Erase: []journal.Erasure{{Stream: "INC-1"}}}),
	} {
		_, err := f.s.Commit(f.ctx, c)
		var conflict *journal.Conflict
		if err == nil || errors.As(err, &conflict) || errors.Is(err, journal.ErrUnknown) {
			f.Errorf("%s: %v; want a plain refusal", name, err)
		}
		if diff := cmp.Diff(before, f.dump()); diff != "" {
			f.Fatalf("%s: a refused commit changed the store:\n%s", name, diff)
		}
	}
}

// testFailAlone: of many commits at once, the ones whose expectations fail fail, and no other.
func testFailAlone(f *fixture) {
	f.base()
	const n = 40
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			c := chain{stream: journal.Stream(fmt.Sprintf("INC-%d", i+10))}
			commit := journal.Commit{Append: []journal.Record{c.next(`{}`)}, Put: journal.Put{
				Claims: map[string]string{fmt.Sprint("own", i): string(c.stream)}, Outbox: []journal.Item{item(fmt.Sprint(c.stream), "one lane")}}}
			switch i % 4 {
			case 0:
				commit.Expect.Versions = map[journal.Stream]int64{"INC-1": 9}
			case 1: // all of these want the same claim: one gets it
				commit.Expect.Claims = map[string]string{"channel/C1": ""}
				commit.Put.Claims["channel/C1"] = string(c.stream)
			}
			_, errs[i] = f.s.Commit(f.ctx, commit)
		})
	}
	wg.Wait()
	got := 0
	for i, err := range errs {
		stream := journal.Stream(fmt.Sprintf("INC-%d", i+10))
		l, lerr := f.s.Load(f.ctx, stream)
		f.noError(lerr)
		if (l.Version == 1) != (err == nil) {
			f.Errorf("%s: version %d, error %v", stream, l.Version, err)
		}
		switch i % 4 {
		case 0:
			wantConflict(f.T, err, "version")
		case 1:
			if err == nil {
				got++
			} else {
				wantConflict(f.T, err, "claim")
			}
		default:
			f.noError(err)
		}
	}
	if got != 1 {
		f.Errorf("%d commits got the claim that all wanted, want 1", got)
	}
	items, err := f.s.Pending(f.ctx, "one lane", 100)
	if err != nil || len(items) != n/2+1 {
		f.Errorf("%d items in the outbox, %v; want %d", len(items), err, n/2+1)
	}
}

// testCounter: incidents declared by eight writers at once are numbered without a gap.
func testCounter(f *fixture) {
	const writers, each = 8, 8
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				for tries := 0; ; tries++ {
					if tries > 1000 {
						f.Errorf("writer %d: no number after %d tries", w, tries)
						return
					}
					l, err := f.s.Load(f.ctx, "INC-1")
					if err != nil {
						f.Error(err)
						return
					}
					n := l.Counter + 1
					c := chain{stream: journal.Stream(fmt.Sprintf("INC-%d", n))}
					_, err = f.s.Commit(f.ctx, journal.Commit{
						Expect: journal.Expect{Counter: &l.Counter, Versions: map[journal.Stream]int64{c.stream: 0}},
						Append: []journal.Record{c.next(fmt.Sprintf(`{"by":"%d.%d"}`, w, i))}, Put: journal.Put{Counter: &n}})
					if err == nil {
						break
					}
					var conflict *journal.Conflict
					if !errors.As(err, &conflict) {
						f.Error(err)
						return
					}
				}
			}
		})
	}
	wg.Wait()
	streams, err := f.s.Streams(f.ctx, "", 1000)
	f.noError(err)
	by := map[string]bool{}
	for i, s := range streams {
		if s != journal.Stream(fmt.Sprintf("INC-%d", i+1)) {
			f.Fatalf("stream %d is %s", i+1, s)
		}
		l, err := f.s.Load(f.ctx, s)
		f.noError(err)
		by[string(l.Records[0].Body)] = true
	}
	if len(by) != writers*each {
		f.Errorf("%d incidents of %d are in the log", len(by), writers*each)
	}
}

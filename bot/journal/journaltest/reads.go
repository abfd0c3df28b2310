package journaltest

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tocsin-bot/tocsin/bot/journal"
)

func testClaims(f *fixture) {
	f.must(journal.Commit{Expect: journal.Expect{Claims: map[string]string{"c1": "", "c2": ""}}, Put: journal.Put{Claims: map[string]string{"c1": "INC-1", "c2": "INC-2"}}})
	owners, err := f.s.Claims(f.ctx, claimNames)
	f.noError(err)
	f.same("claims", map[string]string{"c1": "INC-1", "c2": "INC-2"}, owners)
	if owner := f.refused(journal.Commit{Expect: journal.Expect{Claims: map[string]string{"c1": ""}}}, "claim").Owner; owner != "INC-1" {
		f.Errorf("the conflict names %q as the owner", owner)
	}
	f.must(journal.Commit{Expect: journal.Expect{Claims: map[string]string{"c1": "INC-1"}}, Put: journal.Put{Claims: map[string]string{"c1": "", "c2": "INC-3"}}})
	owners, err = f.s.Claims(f.ctx, claimNames)
	f.noError(err)
	f.same("after release and move", map[string]string{"c2": "INC-3"}, owners)
	owners, err = f.s.Claims(f.ctx, nil)
	f.noError(err)
	f.same("of nothing", map[string]string{}, owners)
}

func testKeys(f *fixture) {
	if _, ok, err := f.s.Key(f.ctx, "k1"); ok || err != nil {
		f.Fatal(ok, err)
	}
	outcome := json.RawMessage(`{"incident":"INC-1","first":1}`)
	c := journal.Commit{Expect: journal.Expect{Absent: []string{"k1", "k2"}}, Put: journal.Put{Keys: []journal.Key{{Name: "k1", Outcome: outcome, TTL: time.Hour}, {Name: "k2"}}}}
	f.must(c)
	f.same("duplicate", &journal.Conflict{What: "key", Name: "k1", Outcome: outcome}, f.refused(c, "key"))
	got, ok, err := f.s.Key(f.ctx, "k1")
	if err != nil || !ok || string(got) != string(outcome) {
		f.Errorf("key k1: %s %v %v", got, ok, err)
	}
	got, ok, err = f.s.Key(f.ctx, "k2")
	if err != nil || !ok || len(got) != 0 {
		f.Errorf("a key without outcome: %q %v %v", got, ok, err)
	}
	f.same("duplicate without outcome", &journal.Conflict{What: "key", Name: "k2"}, f.refused(journal.Commit{Expect: journal.Expect{Absent: []string{"k2"}}}, "key"))
	f.must(journal.Commit{Put: journal.Put{Keys: []journal.Key{{Name: "k1", Outcome: json.RawMessage(`2`)}}}})
	got, _, err = f.s.Key(f.ctx, "k1")
	if err != nil || string(got) != "2" {
		f.Errorf("a key put again: %s %v", got, err)
	}
}

func testKeysExpire(f *fixture) {
	const ttl = 150 * time.Millisecond
	f.must(journal.Commit{Put: journal.Put{Keys: []journal.Key{
		{Name: "k1", Outcome: json.RawMessage(`1`), TTL: ttl}, {Name: "k2", Outcome: json.RawMessage(`1`), TTL: ttl}, {Name: "k3", Outcome: json.RawMessage(`1`)}}}})
	f.must(journal.Commit{Put: journal.Put{Keys: []journal.Key{{Name: "k2", Outcome: json.RawMessage(`2`), TTL: time.Hour}}}}) // lives on
	time.Sleep(2 * ttl)
	for name, want := range map[string]bool{"k1": false, "k2": true, "k3": true} {
		if _, ok, err := f.s.Key(f.ctx, name); ok != want || err != nil {
			f.Errorf("key %s after its time: there %v, %v", name, ok, err)
		}
	}
	f.must(journal.Commit{Expect: journal.Expect{Absent: []string{"k1"}}})
	if _, err := f.s.Forget(f.ctx, 100); err != nil {
		f.Fatal(err)
	}
	for name, want := range map[string]bool{"k1": false, "k2": true, "k3": true} {
		if _, ok, err := f.s.Key(f.ctx, name); ok != want || err != nil {
			f.Errorf("key %s after Forget: there %v, %v", name, ok, err)
		}
	}
	n, err := f.s.Forget(f.ctx, 100)
	if n != 0 || err != nil {
		f.Errorf("forgot %d again, %v", n, err)
	}
}

func testCursors(f *fixture) {
	v, err := f.s.Cursor(f.ctx, "u1")
	if v != "" || err != nil {
		f.Fatal(v, err)
	}
	f.noError(f.s.SetCursor(f.ctx, "u1", "a"))
	f.must(journal.Commit{Put: journal.Put{Cursors: map[string]string{"u2": "b"}}})
	f.noError(f.s.SetCursor(f.ctx, "u1", "c"))
	for name, want := range map[string]string{"u1": "c", "u2": "b"} {
		if v, err := f.s.Cursor(f.ctx, name); v != want || err != nil {
			f.Errorf("cursor %s: %q %v", name, v, err)
		}
	}
	f.noError(f.s.SetCursor(f.ctx, "u1", ""))
	if v, err := f.s.Cursor(f.ctx, "u1"); v != "" || err != nil {
		f.Errorf("a cursor set to nothing: %q %v", v, err)
	}
}

func testBlobs(f *fixture) {
	if _, err := f.s.Blob(f.ctx, "b1"); !errors.Is(err, journal.ErrNotFound) {
		f.Errorf("no blob: %v", err)
	}
	f.must(journal.Commit{Put: journal.Put{Blobs: map[string][]byte{"b1": []byte("one")}}})
	f.must(journal.Commit{Put: journal.Put{Blobs: map[string][]byte{"b1": []byte("other"), "b2": []byte("two")}}})
	for name, want := range map[string]string{"b1": "one", "b2": "two"} {
		if b, err := f.s.Blob(f.ctx, name); string(b) != want || err != nil {
			f.Errorf("blob %s: %q %v", name, b, err)
		}
	}
}

func testRows(f *fixture) {
	put := func(n int, open bool) {
		f.must(journal.Commit{Put: journal.Put{Rows: map[journal.Stream]json.RawMessage{
			journal.Stream(fmt.Sprintf("INC-%d", n)): json.RawMessage(fmt.Sprintf(`{"open":%v,"n":%d}`, open, n))}}})
	}
	for _, n := range []int{9, 100, 2, 10, 1, 11} { // not in order, and 10 after 9
		put(n, n%2 == 0)
	}
	page := func(open bool, before journal.Stream, limit int) (out []int) {
		f.Helper()
		rows, err := f.s.Rows(f.ctx, open, before, limit)
		f.noError(err)
		for _, r := range rows {
			var row struct{ N int }
			f.noError(json.Unmarshal(r, &row))
			out = append(out, row.N)
		}
		return out
	}
	f.same("all", []int{100, 11, 10, 9, 2, 1}, page(false, "", 100))
	f.same("first page", []int{100, 11}, page(false, "", 2))
	f.same("second page", []int{10, 9}, page(false, "INC-11", 2))
	f.same("before one that is not there", []int{2, 1}, page(false, "INC-5", 10))
	f.same("before the last", []int(nil), page(false, "INC-1", 10))
	f.same("before one that is to come", []int{100}, page(false, "INC-1000", 1))
	f.same("open", []int{100, 10, 2}, page(true, "", 100))
	f.same("open, paged", []int{2}, page(true, "INC-10", 1))
	f.same("no limit", []int(nil), page(false, "", 0))
	put(10, false)
	put(9, true)
	f.same("open after a change", []int{100, 9, 2}, page(true, "", 100))
	f.must(journal.Commit{Put: journal.Put{Rows: map[journal.Stream]json.RawMessage{"INC-100": nil, "INC-3": nil}}})
	f.same("after removal", []int{11, 10, 9, 2, 1}, page(false, "", 100))
	f.same("open after removal", []int{9, 2}, page(true, "", 100))
}

func testStreams(f *fixture) {
	const n = 250
	h := chain{stream: journal.House}
	f.must(journal.Commit{Append: []journal.Record{h.next(`{}`)}})
	for i := n; i > 0; i-- {
		c := chain{stream: journal.Stream(fmt.Sprintf("INC-%d", i))}
		f.must(journal.Commit{Append: []journal.Record{c.next(`{}`)}})
	}
	var all []journal.Stream
	var last journal.Stream
	for {
		page, err := f.s.Streams(f.ctx, last, 60)
		f.noError(err)
		all = append(all, page...)
		if len(page) < 60 {
			break
		}
		last = page[len(page)-1]
	}
	if len(all) != n+1 || all[n] != journal.House {
		f.Fatalf("%d streams, the last %s", len(all), all[len(all)-1])
	}
	for i, s := range all[:n] {
		if s != journal.Stream(fmt.Sprintf("INC-%d", i+1)) {
			f.Fatalf("stream %d is %s", i, s)
		}
	}
	for _, end := range []journal.Stream{journal.House, "INC-250"} {
		page, err := f.s.Streams(f.ctx, end, 10)
		f.noError(err)
		if want := map[journal.Stream]int{journal.House: 0, "INC-250": 1}[end]; len(page) != want {
			f.Errorf("after %s: %v", end, page)
		}
	}
}

func testRecordsPaging(f *fixture) {
	a := chain{stream: "INC-1"}
	other := chain{stream: "INC-2"}
	var all []journal.Record
	for i := range 12 {
		all = append(all, a.next(fmt.Sprintf(`{"n":%d}`, i), sealed(byte(i), fmt.Sprint("t", i))))
		f.must(journal.Commit{Append: []journal.Record{all[i], other.next(`{}`)}})
	}
	for _, c := range []struct {
		from, limit int
		want        []journal.Record
	}{{1, 100, all}, {1, 5, all[:5]}, {6, 5, all[5:10]}, {11, 5, all[10:]}, {13, 5, nil}, {0, 2, all[:2]}, {-3, 1, all[:1]}, {1, 0, nil}, {3, -1, nil}} {
		got, err := f.s.Records(f.ctx, "INC-1", int64(c.from), c.limit)
		f.noError(err)
		if len(got) != len(c.want) || len(got) > 0 && !cmp.Equal(c.want, got) {
			f.Errorf("from %d limit %d: %v", c.from, c.limit, cmp.Diff(c.want, got))
		}
	}
	got, err := f.s.Records(f.ctx, "INC-9", 1, 5)
	if len(got) != 0 || err != nil {
		f.Errorf("of no stream: %v %v", got, err)
	}
	if got, err := f.s.Records(f.ctx, "INC-1", 1, math.MaxInt); len(got) != 12 || err != nil {
		f.Errorf("without limit: %d %v", len(got), err)
	}
}

func testSnapshots(f *fixture) {
	a := chain{stream: "INC-1"}
	snap := func(seq int64) journal.Snapshot {
		return journal.Snapshot{Seq: seq, Body: json.RawMessage(fmt.Sprintf(`{"seq":%d}`, seq)), Texts: []journal.Sealed{{Digest: fmt.Sprint("d", seq), Body: "x"}}}
	}
	r1, r2, r3 := a.next(`1`), a.next(`2`), a.next(`3`)
	f.must(journal.Commit{Append: []journal.Record{r1, r2, r3}, Put: journal.Put{Snapshots: map[journal.Stream]journal.Snapshot{"INC-1": snap(2)}}})
	l, err := f.s.Load(f.ctx, "INC-1")
	f.noError(err)
	f.same("with one record after", journal.Loaded{Version: 3, Snapshot: ptr(snap(2)), Records: []journal.Record{r3}}, l)
	r4 := a.next(`4`)
	f.must(journal.Commit{Append: []journal.Record{r4}, Put: journal.Put{Snapshots: map[journal.Stream]journal.Snapshot{"INC-1": snap(4)}}})
	l, err = f.s.Load(f.ctx, "INC-1")
	f.noError(err)
	f.same("with none after", journal.Loaded{Version: 4, Snapshot: ptr(snap(4))}, l)
	f.must(journal.Commit{Append: []journal.Record{a.next(`5`)}, Put: journal.Put{Snapshots: map[journal.Stream]journal.Snapshot{"INC-1": {Seq: 1, Body: json.RawMessage(`{}`)}}}})
	l, err = f.s.Load(f.ctx, "INC-1")
	f.noError(err)
	if l.Snapshot.Seq != 1 || len(l.Snapshot.Texts) != 0 || len(l.Records) != 4 {
		f.Errorf("the newest snapshot, of an older state (the auditor's): at %d with %d texts, %d records after", l.Snapshot.Seq, len(l.Snapshot.Texts), len(l.Records))
	}
}

func testErasure(f *fixture) {
	a := chain{stream: "INC-1"}
	secret, other := sealed(1, "a secret"), sealed(2, "no secret")
	r1, r2 := a.next(`{"d":"`+secret.Digest+`"}`, secret), a.next(`{"d":"`+other.Digest+`"}`, other)
	cited := []journal.Sealed{{Digest: secret.Digest, Body: secret.Body}, {Digest: other.Digest, Body: other.Body}}
	snap := journal.Snapshot{Seq: 2, Body: json.RawMessage(`{}`), Texts: cited}
	f.must(journal.Commit{Append: []journal.Record{r1, r2}, Put: journal.Put{Snapshots: map[journal.Stream]journal.Snapshot{"INC-1": snap}}})
	check := func(when string) {
		f.Helper()
		all, err := f.s.Records(f.ctx, "INC-1", 1, 10)
		f.noError(err)
		f.noError(journal.Verify(all, ""))
		if len(all[0].Texts) != 0 || len(all[1].Texts) != 1 {
			f.Errorf("%s: %d and %d texts, want 0 and 1", when, len(all[0].Texts), len(all[1].Texts))
		}
		l, err := f.s.Load(f.ctx, "INC-1")
		f.noError(err)
		f.same(when+": texts of the snapshot", cited[1:], l.Snapshot.Texts)
	}
	f.must(journal.Commit{Put: journal.Put{Erase: []journal.Erasure{{Stream: "INC-1", Seq: 1}, {Stream: "INC-1", Seq: 99}, {Stream: "INC-5", Seq: 1}}}})
	check("after erasure")
	// Whoever still had the text in memory does not bring it back.
	f.must(journal.Commit{Put: journal.Put{Snapshots: map[journal.Stream]journal.Snapshot{"INC-1": snap}}})
	check("after a snapshot that still had it")
	// Put and erased in one step.
	r3 := a.next(`{}`, secret)
	f.must(journal.Commit{Append: []journal.Record{r3}, Put: journal.Put{Erase: []journal.Erasure{{Stream: "INC-1", Seq: 3}}}})
	all, err := f.s.Records(f.ctx, "INC-1", 3, 1)
	f.noError(err)
	if len(all[0].Texts) != 0 {
		f.Error("a text erased in the commit that brought it is still there")
	}
}

func testDue(f *fixture) {
	next, err := f.s.NextDue(f.ctx)
	if !next.IsZero() || err != nil {
		f.Fatal(next, err)
	}
	a := chain{stream: "INC-1"}
	put := func(due map[journal.Stream]time.Time) { f.Helper(); f.must(journal.Commit{Put: journal.Put{Due: due}}) }
	f.must(journal.Commit{Append: []journal.Record{a.next(`{}`)}, Put: journal.Put{Due: map[journal.Stream]time.Time{"INC-1": at(30), "INC-2": at(10).Add(time.Microsecond), "INC-10": at(10), journal.House: at(20)}}})
	list := func(until time.Time, limit int) (out []string) {
		f.Helper()
		due, err := f.s.Due(f.ctx, until, limit)
		f.noError(err)
		for _, d := range due {
			out = append(out, fmt.Sprint(d.Stream, " ", d.At.Sub(t0)))
		}
		return out
	}
	f.same("all", []string{"INC-10 10s", "INC-2 10.000001s", "house 20s", "INC-1 30s"}, list(at(1000), 10))
	f.same("until", []string{"INC-10 10s"}, list(at(10), 10))
	f.same("not after", []string{"INC-10 10s", "INC-2 10.000001s", "house 20s"}, list(at(20), 10))
	f.same("limit", []string{"INC-10 10s", "INC-2 10.000001s"}, list(at(1000), 2))
	f.same("none yet", []string(nil), list(at(9), 10))
	next, err = f.s.NextDue(f.ctx)
	f.noError(err)
	f.same("next", at(10), next)
	put(map[journal.Stream]time.Time{"INC-10": {}, "INC-2": at(40), "INC-77": {}})
	f.same("moved and removed", []string{"house 20s", "INC-1 30s", "INC-2 40s"}, list(at(1000), 10))
	put(map[journal.Stream]time.Time{"INC-2": time.Date(1960, 1, 1, 0, 0, 0, 0, time.UTC), "INC-1": at(30).In(time.FixedZone("x", 3600)).Add(999 * time.Nanosecond)})
	f.same("long ago comes first, a zone changes nothing, kept to the microsecond", at(30), func() time.Time {
		due, err := f.s.Due(f.ctx, at(1000), 10)
		f.noError(err)
		if due[0].Stream != "INC-2" || due[0].At.Year() != 1960 {
			f.Errorf("first is %+v", due[0])
		}
		return due[2].At
	}())
	wantConflict(f.T, f.s.SetDue(f.ctx, "INC-1", 0, at(1)), "version")
	wantConflict(f.T, f.s.SetDue(f.ctx, "INC-1", 2, at(1)), "version")
	f.noError(f.s.SetDue(f.ctx, "INC-1", 1, at(50)))
	f.noError(f.s.SetDue(f.ctx, "INC-2", 0, time.Time{}))
	f.same("corrected", []string{"house 20s", "INC-1 50s"}, list(at(1000), 10))
}

func testDeadLetters(f *fixture) {
	d := func(id string, s journal.Stream, n int) journal.Dead {
		return journal.Dead{ID: id, Stream: s, At: at(n), Reason: fmt.Sprint("reason ", n), Body: json.RawMessage(`{}`)}
	}
	f.must(journal.Commit{Put: journal.Put{Bury: []journal.Dead{d("INC-1/1/x", "INC-1", 5), d("input/1", "", 4)}}})
	f.must(journal.Commit{Put: journal.Put{Bury: []journal.Dead{d("INC-2/1/x", "INC-2", 3), d("INC-1/2/x", "INC-1", 2)}}})
	f.must(journal.Commit{Put: journal.Put{Bury: []journal.Dead{d("INC-1/1/x", "INC-1", 9)}}}) // again: keeps its place
	list := func(s journal.Stream, limit int) (out []string) {
		f.Helper()
		dead, err := f.s.DeadLetters(f.ctx, s, limit)
		f.noError(err)
		for _, x := range dead {
			out = append(out, x.ID+" "+x.Reason)
		}
		return out
	}
	f.same("all", []string{"INC-1/1/x reason 9", "input/1 reason 4", "INC-2/1/x reason 3", "INC-1/2/x reason 2"}, list("", 10))
	f.same("limit", []string{"INC-1/1/x reason 9", "input/1 reason 4"}, list("", 2))
	f.same("of a stream", []string{"INC-1/1/x reason 9", "INC-1/2/x reason 2"}, list("INC-1", 10))
	f.same("of a stream, limit", []string{"INC-1/1/x reason 9"}, list("INC-1", 1))
	f.same("of none", []string(nil), list("INC-3", 10))
	dead, err := f.s.DeadLetters(f.ctx, "INC-2", 1)
	f.noError(err)
	f.same("whole", []journal.Dead{d("INC-2/1/x", "INC-2", 3)}, dead)
}

package journaltest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/tocsin-bot/tocsin/bot/journal"
)

func (f *fixture) lease(lane, owner string) journal.Lease {
	f.Helper()
	l, ok, err := f.s.Lease(f.ctx, lane, owner, time.Hour)
	if err != nil || !ok {
		f.Fatalf("lease of %s for %s: %v %v", lane, owner, ok, err)
	}
	if l.Lane != lane || l.Owner != owner || l.Token <= 0 {
		f.Fatalf("lease %+v of %s for %s", l, lane, owner)
	}
	return l
}

func (f *fixture) pending(lane string, limit int) []journal.Item {
	f.Helper()
	items, err := f.s.Pending(f.ctx, lane, limit)
	f.noError(err)
	return items
}

func ids(items []journal.Item) (out []string) {
	for _, it := range items {
		out = append(out, it.ID)
	}
	return out
}

func testOutbox(f *fixture) {
	full := journal.Item{ID: "INC-1/1/b", Lane: "A", After: "INC-1/1/a", Class: 2, NotBefore: at(5), LastError: "once", Body: json.RawMessage(`{"x":1}`)}
	f.must(journal.Commit{Put: journal.Put{Outbox: []journal.Item{item("INC-1/1/z", "A"), full, item("INC-1/1/p", "B")}}})
	f.must(journal.Commit{Put: journal.Put{Outbox: []journal.Item{item("INC-1/2/a", "A")}}})
	f.same("lane A, oldest first", []string{"INC-1/1/z", "INC-1/1/b", "INC-1/2/a"}, ids(f.pending("A", 10)))
	f.same("limit", []string{"INC-1/1/z", "INC-1/1/b"}, ids(f.pending("A", 2)))
	f.same("all lanes", []string{"INC-1/1/z", "INC-1/1/b", "INC-1/1/p", "INC-1/2/a"}, ids(f.pending("", 10)))
	f.same("all lanes, limit", []string{"INC-1/1/z"}, ids(f.pending("", 1)))
	f.same("no lane", []string(nil), ids(f.pending("C", 10)))
	f.same("an item is kept whole", full, f.pending("A", 2)[1])

	l := f.lease("A", "me")
	for want := 1; want <= 3; want++ {
		n, err := f.s.Begin(f.ctx, l, "INC-1/1/b")
		if n != want || err != nil {
			f.Errorf("begin: attempt %d, %v; want %d", n, err, want)
		}
	}
	f.noError(f.s.Defer(f.ctx, l, "INC-1/1/b", at(60), "429"))
	want := full
	want.Attempts, want.NotBefore, want.LastError = 3, at(60), "429"
	f.same("after attempts and deferring", want, f.pending("A", 2)[1])
	f.noError(f.s.Defer(f.ctx, l, "INC-1/1/b", time.Time{}, ""))
	want.NotBefore, want.LastError = time.Time{}, ""
	f.same("deferred to now", want, f.pending("A", 2)[1])
	if _, err := f.s.Begin(f.ctx, l, "INC-1/9/x"); !errors.Is(err, journal.ErrNotFound) {
		f.Errorf("begin of nothing: %v", err)
	}
	if _, err := f.s.Begin(f.ctx, l, "INC-1/1/p"); !errors.Is(err, journal.ErrNotFound) {
		f.Errorf("begin of another lane's item: %v", err)
	}
	if err := f.s.Defer(f.ctx, l, "INC-1/9/x", at(1), ""); !errors.Is(err, journal.ErrNotFound) {
		f.Errorf("defer of nothing: %v", err)
	}
	before := f.dump()
	if err := f.s.Settle(f.ctx, l, []string{"INC-1/1/z", "INC-1/1/p"}); err == nil {
		f.Error("a lease settled another lane's item")
	}
	f.same("after a refused settle", before, f.dump())
	f.noError(f.s.Settle(f.ctx, l, []string{"INC-1/1/z", "INC-1/9/x"}))
	f.noError(f.s.Settle(f.ctx, l, []string{"INC-1/1/z"}))
	f.same("settled", []string{"INC-1/1/b", "INC-1/2/a"}, ids(f.pending("A", 10)))
	f.must(journal.Commit{Expect: journal.Expect{Lease: &l}, Put: journal.Put{Settle: []string{"INC-1/1/b", "INC-1/1/p", "INC-1/9/x"}}})
	f.same("settled by commit, in any lane", []string{"INC-1/2/a"}, ids(f.pending("", 10)))
	if _, err := f.s.Begin(f.ctx, l, "INC-1/1/b"); !errors.Is(err, journal.ErrNotFound) {
		f.Errorf("begin of what is over: %v", err)
	}
	// What is over may come back under its id (a dead letter put back), at the end.
	f.must(journal.Commit{Put: journal.Put{Outbox: []journal.Item{item("INC-1/1/z", "A")}}})
	f.same("put back", []string{"INC-1/2/a", "INC-1/1/z"}, ids(f.pending("A", 10)))
	if it := f.pending("A", 10)[1]; it.Attempts != 0 {
		f.Errorf("put back with %d attempts", it.Attempts)
	}
}

func testLeases(f *fixture) {
	a := f.lease("A", "one")
	if _, ok, err := f.s.Lease(f.ctx, "A", "two", time.Hour); ok || err != nil {
		f.Fatalf("a held lane was given away: %v %v", ok, err)
	}
	again := f.lease("A", "one")
	if again.Token != a.Token || again.Until.Before(a.Until) {
		f.Errorf("leased again: %+v, was %+v", again, a)
	}
	b := f.lease("B", "two")
	f.noError(f.s.Release(f.ctx, b))
	f.noError(f.s.Release(f.ctx, b))
	c := f.lease("B", "one")
	if c.Token <= b.Token {
		f.Errorf("token %d of the new holder, the old one had %d", c.Token, b.Token)
	}
	f.noError(f.s.Release(f.ctx, b)) // the old holder's: changes nothing
	if _, ok, err := f.s.Lease(f.ctx, "B", "two", time.Hour); ok || err != nil {
		f.Errorf("an old lease's release freed the lane: %v %v", ok, err)
	}
	f.noError(f.s.Release(f.ctx, c))
	d := f.lease("B", "one")
	if d.Token <= c.Token {
		f.Errorf("token %d after a release, was %d", d.Token, c.Token)
	}
}

const short = 150 * time.Millisecond

func testLeaseRunsOut(f *fixture) {
	f.must(journal.Commit{Put: journal.Put{Outbox: []journal.Item{item("x", "A"), item("y", "A")}}})
	a, ok, err := f.s.Lease(f.ctx, "A", "one", short)
	if !ok || err != nil {
		f.Fatal(ok, err)
	}
	time.Sleep(2 * short)
	lanes, err := f.s.Lanes(f.ctx, 10)
	if err != nil || len(lanes) != 1 || lanes[0].Holder != "" {
		f.Errorf("lanes %+v, %v: a lease that ran out leaves its lane free", lanes, err)
	}
	// Nobody took it: the work goes on.
	if n, err := f.s.Begin(f.ctx, a, "x"); n != 1 || err != nil {
		f.Errorf("begin under a lease that ran out and nobody took: %d %v", n, err)
	}
	again, ok, err := f.s.Lease(f.ctx, "A", "one", short)
	if !ok || err != nil || again.Token != a.Token {
		f.Errorf("%+v %v %v; want the same token %d", again, ok, err, a.Token)
	}
	time.Sleep(2 * short)
	b := f.lease("A", "two")
	if b.Token <= a.Token {
		f.Errorf("token %d after %d", b.Token, a.Token)
	}
	_, err = f.s.Begin(f.ctx, a, "x")
	wantConflict(f.T, err, "lease")
	if _, err := f.s.Begin(f.ctx, b, "x"); err != nil {
		f.Error(err)
	}
}

// testFence: a report with an old token changes nothing, by whatever way it comes.
func testFence(f *fixture) {
	f.must(journal.Commit{Put: journal.Put{Outbox: []journal.Item{item("x", "A"), item("y", "A")}}})
	old := f.lease("A", "one")
	f.noError(f.s.Release(f.ctx, old))
	check := func(when string) {
		f.Helper()
		before := f.dump()
		_, err := f.s.Begin(f.ctx, old, "x")
		wantConflict(f.T, err, "lease")
		_, err = f.s.Begin(f.ctx, old, "not there") // the fence comes first
		wantConflict(f.T, err, "lease")
		wantConflict(f.T, f.s.Defer(f.ctx, old, "x", at(9), "late"), "lease")
		wantConflict(f.T, f.s.DeferLane(f.ctx, old, at(9)), "lease")
		wantConflict(f.T, f.s.Settle(f.ctx, old, []string{"x"}), "lease")
		wantConflict(f.T, f.s.Settle(f.ctx, old, nil), "lease")
		_, err = f.s.Commit(f.ctx, journal.Commit{Expect: journal.Expect{Lease: &old}, Put: journal.Put{Settle: []string{"x"}}})
		wantConflict(f.T, err, "lease")
		f.noError(f.s.Release(f.ctx, old))
		if after := f.dump(); before != after {
			f.Errorf("%s: a fenced report changed the store\nbefore:\n%s\nafter:\n%s", when, before, after)
		}
	}
	check("released")
	now := f.lease("A", "two")
	check("taken by another")
	f.noError(f.s.Release(f.ctx, now))
	mine := f.lease("A", "one") // the same owner, anew
	check("taken by the same owner anew")
	if _, err := f.s.Begin(f.ctx, mine, "x"); err != nil {
		f.Error(err)
	}
	f.must(journal.Commit{Expect: journal.Expect{Lease: &mine}, Put: journal.Put{Settle: []string{"x"}}})
	f.noError(f.s.Settle(f.ctx, mine, []string{"y"}))
	check("the lane is empty")
}

func testTake(f *fixture) {
	foreign := f.lease("theirs", "other")
	mine := f.lease("mine", "me")
	gone, ok, err := f.s.Lease(f.ctx, "gone", "other", short)
	if !ok || err != nil {
		f.Fatal(ok, err)
	}
	time.Sleep(2 * short)
	take := &journal.Take{Owner: "me", TTL: time.Hour}
	got := f.must(journal.Commit{Put: journal.Put{Take: take, Outbox: []journal.Item{
		item("1", "free"), item("2", "theirs"), item("3", "mine"), item("4", "gone"), item("5", "free")}}})
	attempts := map[string]int{}
	for _, it := range f.pending("", 10) {
		attempts[it.ID] = it.Attempts
	}
	f.same("attempts", map[string]int{"1": 1, "2": 0, "3": 1, "4": 1, "5": 1}, attempts)
	var lanes []string
	for _, l := range got.Leases {
		lanes = append(lanes, l.Lane)
		if l.Owner != "me" {
			f.Errorf("lease %+v", l)
		}
	}
	f.same("leases, by lane", []string{"free", "gone", "mine"}, lanes)
	if got.Leases[2].Token != mine.Token {
		f.Errorf("the lane we held got token %d, had %d", got.Leases[2].Token, mine.Token)
	}
	if got.Leases[1].Token <= gone.Token {
		f.Errorf("the lane whose lease ran out got token %d, the old one is %d", got.Leases[1].Token, gone.Token)
	}
	_, err = f.s.Begin(f.ctx, gone, "4")
	wantConflict(f.T, err, "lease")
	if n, err := f.s.Begin(f.ctx, foreign, "2"); n != 1 || err != nil {
		f.Errorf("the other's lane: attempt %d, %v", n, err)
	}
	if n, err := f.s.Begin(f.ctx, got.Leases[0], "1"); n != 2 || err != nil {
		f.Errorf("our own: attempt %d, %v", n, err)
	}
	states, err := f.s.Lanes(f.ctx, 10)
	f.noError(err)
	holders := map[string]string{}
	for _, l := range states {
		holders[l.Lane] = l.Holder
	}
	f.same("holders", map[string]string{"free": "me", "gone": "me", "mine": "me", "theirs": "other"}, holders)
	// No outbox: nothing is taken.
	if got := f.must(journal.Commit{Put: journal.Put{Take: take}}); len(got.Leases) != 0 {
		f.Errorf("leases of nothing: %+v", got.Leases)
	}
}

func testLanes(f *fixture) {
	for i := range 5 {
		f.must(journal.Commit{Put: journal.Put{Outbox: []journal.Item{item(fmt.Sprint(i), fmt.Sprint("L", i)), item(fmt.Sprint(i, "b"), fmt.Sprint("L", i))}}})
	}
	names := func(limit int) (out []string) {
		f.Helper()
		lanes, err := f.s.Lanes(f.ctx, limit)
		f.noError(err)
		for _, l := range lanes {
			out = append(out, l.Lane)
		}
		return out
	}
	f.same("as they came", []string{"L0", "L1", "L2", "L3", "L4"}, names(10))
	l0 := f.lease("L0", "me")
	l2 := f.lease("L2", "me")
	f.same("touched last", []string{"L1", "L3", "L4", "L0", "L2"}, names(10))
	f.same("limit", []string{"L1", "L3"}, names(2))
	f.noError(f.s.DeferLane(f.ctx, l0, at(7)))
	f.same("a lane put off is touched", []string{"L1", "L3", "L4", "L2", "L0"}, names(10))
	f.noError(f.s.Settle(f.ctx, l2, []string{"2"}))
	lanes, err := f.s.Lanes(f.ctx, 10)
	f.noError(err)
	f.same("states", map[string]journal.LaneState{
		"L0": {Lane: "L0", Waiting: 2, NotBefore: at(7), Holder: "me"}, "L1": {Lane: "L1", Waiting: 2}, "L2": {Lane: "L2", Waiting: 1, Holder: "me"},
		"L3": {Lane: "L3", Waiting: 2}, "L4": {Lane: "L4", Waiting: 2}}, byLane(lanes))
	f.noError(f.s.Settle(f.ctx, l2, []string{"2b"}))
	f.same("an empty lane is no lane", []string{"L1", "L3", "L4", "L0"}, names(10))
	// A lane's waiting time outlives its items: the next one to come waits as well.
	f.noError(f.s.Settle(f.ctx, l0, []string{"0", "0b"}))
	f.must(journal.Commit{Put: journal.Put{Outbox: []journal.Item{item("0c", "L0")}}})
	lanes, err = f.s.Lanes(f.ctx, 10)
	f.noError(err)
	f.same("L0", journal.LaneState{Lane: "L0", Waiting: 1, NotBefore: at(7), Holder: "me"}, byLane(lanes)["L0"])
}

func byLane(lanes []journal.LaneState) map[string]journal.LaneState {
	out := map[string]journal.LaneState{}
	for _, l := range lanes {
		out[l.Lane] = l
	}
	return out
}

func testRestore(f *fixture) {
	f.must(journal.Commit{Put: journal.Put{Outbox: []journal.Item{item("a", "A")}}})
	l := f.lease("A", "me")
	if _, err := f.s.Begin(f.ctx, l, "a"); err != nil {
		f.Fatal(err)
	}
	changed := item("a", "B")
	f.noError(f.s.Restore(f.ctx, []journal.Item{changed, item("b", "A"), item("c", "C")}))
	f.same("restored", []string{"a", "b", "c"}, ids(f.pending("", 10)))
	if got := f.pending("A", 1)[0]; got.Attempts != 1 || got.Lane != "A" {
		f.Errorf("an item that was there became %+v", got)
	}
	if err := f.s.Restore(f.ctx, []journal.Item{{ID: "x"}}); err == nil {
		f.Error("an item without lane was restored")
	}
}

func testPauses(f *fixture) {
	now, err := f.s.Now(f.ctx)
	f.noError(err)
	until, err := f.s.Paused(f.ctx, "chat.postMessage/C1")
	if !until.IsZero() || err != nil {
		f.Fatal(until, err)
	}
	want := now.Add(time.Hour)
	f.noError(f.s.Pause(f.ctx, "chat.postMessage/C1", want))
	f.noError(f.s.Pause(f.ctx, "chat.postMessage/C1", now.Add(time.Minute))) // not shortened
	f.noError(f.s.Pause(f.ctx, "short", now.Add(short)))
	until, err = f.s.Paused(f.ctx, "chat.postMessage/C1")
	f.noError(err)
	f.same("until", want, until)
	time.Sleep(2 * short)
	for _, bucket := range []string{"short", "other"} {
		if until, err := f.s.Paused(f.ctx, bucket); !until.IsZero() || err != nil {
			f.Errorf("%s: paused until %s, %v", bucket, until, err)
		}
	}
}

func testReplicas(f *fixture) {
	n, err := f.s.Replicas(f.ctx)
	if n != 0 || err != nil {
		f.Fatal(n, err)
	}
	f.noError(f.s.Alive(f.ctx, "one", time.Hour))
	f.noError(f.s.Alive(f.ctx, "two", short))
	f.noError(f.s.Alive(f.ctx, "one", time.Hour))
	if n, err := f.s.Replicas(f.ctx); n != 2 || err != nil {
		f.Errorf("%d replicas, %v; want 2", n, err)
	}
	time.Sleep(2 * short)
	if n, err := f.s.Replicas(f.ctx); n != 1 || err != nil {
		f.Errorf("%d replicas after one was not heard of, %v; want 1", n, err)
	}
	f.noError(f.s.Ping(f.ctx))
}

func testEndedContext(f *fixture) {
	a := f.base()
	before := f.dump()
	ended, cancel := context.WithCancel(f.ctx)
	cancel()
	_, err := f.s.Commit(ended, full(&a, 2))
	if !errors.Is(err, context.Canceled) || errors.Is(err, journal.ErrUnknown) {
		f.Errorf("commit with an ended context: %v; want context.Canceled, and certainty that nothing moved", err)
	}
	if err := f.s.SetCursor(ended, "u1", "x"); !errors.Is(err, context.Canceled) {
		f.Errorf("SetCursor: %v", err)
	}
	f.same("after it", before, f.dump())
}

func testReopen(f *fixture) {
	a := f.base()
	f.must(full(&a, 2))
	l := f.lease("INC-1|slack", "me")
	f.must(journal.Commit{Put: journal.Put{Outbox: []journal.Item{item("kept", "INC-1|slack")}}})
	if _, err := f.s.Begin(f.ctx, l, "kept"); err != nil {
		f.Fatal(err)
	}
	f.noError(f.s.Defer(f.ctx, l, "kept", at(3), "later"))
	f.noError(f.s.SetCursor(f.ctx, "u1", "here"))
	for _, lane := range []string{"new|slack", "INC-1|slack"} { // who holds a lane may end with the owner
		held, ok, err := f.s.Lease(f.ctx, lane, "me", time.Hour)
		if err != nil || !ok {
			f.Fatal(ok, err)
		}
		f.noError(f.s.Release(f.ctx, held))
	}
	before := f.dump()
	f.noError(f.s.Close())
	f.s = f.place()
	f.same("opened again", before, f.dump())
	_, err := f.s.Begin(f.ctx, l, "kept")
	wantConflict(f.T, err, "lease")
	if again := f.lease("INC-1|slack", "other"); again.Token <= l.Token {
		f.Errorf("token %d after a restart, was %d", again.Token, l.Token)
	}
	f.must(full(&a, 3))
}

func testClosed(f *fixture) {
	f.noError(f.s.Close())
	f.noError(f.s.Close())
	_, err := f.s.Commit(f.ctx, journal.Commit{})
	if !errors.Is(err, journal.ErrClosed) {
		f.Errorf("commit: %v", err)
	}
	if _, err := f.s.Load(f.ctx, "INC-1"); !errors.Is(err, journal.ErrClosed) {
		f.Errorf("load: %v", err)
	}
	if _, _, err := f.s.Lease(f.ctx, "A", "me", time.Hour); !errors.Is(err, journal.ErrClosed) {
		f.Errorf("lease: %v", err)
	}
	if err := f.s.Ping(f.ctx); !errors.Is(err, journal.ErrClosed) {
		f.Errorf("ping: %v", err)
	}
}

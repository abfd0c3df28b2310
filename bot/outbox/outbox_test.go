package outbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/journal"
)

func postOf(view string) incident.Effect {
	return incident.Effect{Do: incident.Post, Name: "post/" + view, View: view, To: incident.ToIncident, Repeat: incident.Findable, Class: incident.ClassUpdate}
}

func TestAtMostFourAndAfter(t *testing.T) {
	inBubble(t, nil, func(s *small) {
		s.w.took = time.Second
		first := s.commit(postOf("first"))[0]
		then := postOf("then")
		then.After = incident.EffectID(first)
		all := []incident.Effect{then}
		for i := range 9 {
			all = append(all, postOf(fmt.Sprint("free", i)))
		}
		s.commit(all...)
		s.settled(5 * time.Second)
		if s.w.most != 4 {
			t.Errorf("%d calls at once", s.w.most)
		}
		var firstDone, thenBegan time.Time
		for _, c := range s.w.verbs(incident.Post) {
			switch {
			case string(c.id) == first:
				firstDone = c.at.Add(time.Second)
			case strings.HasSuffix(string(c.id), "/then"):
				thenBegan = c.at
			}
		}
		if thenBegan.Before(firstDone) {
			t.Errorf("what comes after began at %s, before %s", thenBegan, firstDone)
		}
	})
}

// TestClassOrder: while one call at a time gets through, the urgent goes first.
func TestClassOrder(t *testing.T) {
	inBubble(t, func(o *Options) { o.PerLane = 1 }, func(s *small) {
		s.w.took = time.Second
		var effects []incident.Effect
		for _, c := range []incident.Class{incident.ClassCosmetic, incident.ClassUpdate, incident.ClassAck, incident.ClassPage} {
			e := postOf(fmt.Sprint("class", int(c)))
			e.Class = c
			effects = append(effects, e)
		}
		s.commit(effects...)
		s.settled(6 * time.Second)
		var views []string
		for _, p := range s.w.posts {
			views = append(views, p.view)
		}
		if want := []string{"class0", "class1", "class2", "class3"}; !slices.Equal(views, want) {
			t.Errorf("%v, want %v", views, want)
		}
	})
}

// TestLatestWins: of redraws that wait for one slot only the newest is drawn, and never two at once.
func TestLatestWins(t *testing.T) {
	inBubble(t, nil, func(s *small) {
		s.w.took = time.Second
		redraw := incident.Effect{Do: incident.Redraw, Name: "redraw/headline", Slot: "headline", Repeat: incident.Idempotent, Class: incident.ClassUpdate}
		topic := incident.Effect{Do: incident.SetTopic, Name: "topic", Repeat: incident.Idempotent, Class: incident.ClassCosmetic}
		for range 10 {
			s.commit(redraw, topic)
			time.Sleep(50 * time.Millisecond)
		}
		s.settled(5 * time.Second)
		for _, v := range []incident.Verb{incident.Redraw, incident.SetTopic} {
			calls := s.w.verbs(v)
			if len(calls) != 2 {
				t.Errorf("%s called %d times, want the first and the newest", v, len(calls))
				continue
			}
			if !strings.HasPrefix(string(calls[1].id), "INC-1/19/") && !strings.HasPrefix(string(calls[1].id), "INC-1/20/") {
				t.Errorf("the newest %s is not the one drawn: %s", v, calls[1].id)
			}
			if calls[1].at.Sub(calls[0].at) < time.Second {
				t.Errorf("two at once")
			}
		}
		if got := s.b.Stats().Coalesced; got != 16 {
			t.Errorf("coalesced %d", got)
		}
		if len(s.desk.reports) != 0 {
			t.Errorf("cosmetic effects were reported: %v", s.desk.reports)
		}
	})
}

func TestExpiredAndOvertaken(t *testing.T) {
	inBubble(t, nil, func(s *small) {
		var down atomic.Bool
		down.Store(true)
		s.w.before = func(int, incident.Owed) error {
			if down.Load() {
				return &fault{}
			}
			return nil
		}
		nudge := incident.Effect{Do: incident.Direct, Name: "direct/x", View: "x", Repeat: incident.AtMostOnce, Until: s.c.Now().Add(2 * time.Minute), People: []incident.Person{{Slack: "U1"}}}
		gone := incident.Effect{Do: incident.Redraw, Name: "redraw/nowhere", Slot: "nowhere", Repeat: incident.Idempotent}
		ask := incident.Effect{Do: incident.OpenChannel, Name: "open-channel", Arg: "inc-x", Repeat: incident.Findable}
		ids := s.commit(postOf("probe"), nudge, gone, ask)
		time.Sleep(3 * time.Minute)
		down.Store(false)
		s.settled(time.Minute)
		for id, want := range map[string]string{ids[1]: incident.OutcomeExpired, ids[3]: incident.OutcomeOvertaken} {
			if r, ok := s.desk.of(id); !ok || r.Outcome != want {
				t.Errorf("%s: %+v, want %s", id, r, want)
			}
		}
		if n := len(s.w.verbs(incident.Redraw)); n != 0 {
			t.Errorf("a redraw of nothing was called %d times", n)
		}
		if n := len(s.w.verbs(incident.OpenChannel)); n != 0 {
			t.Errorf("an overtaken effect was called %d times", n)
		}
	})
}

// TestFailures: what each kind of failure leads to.
func TestFailures(t *testing.T) {
	bookmark := incident.Effect{Do: incident.Bookmark, Name: "bookmark", Repeat: incident.Idempotent}
	invite := incident.Effect{Do: incident.Invite, Name: "invite", Repeat: incident.Idempotent}
	nudge := incident.Effect{Do: incident.Direct, Name: "direct/x", View: "x", Repeat: incident.AtMostOnce, People: []incident.Person{{Slack: "U1"}}}
	for _, c := range []struct {
		name    string
		effect  incident.Effect
		err     error // of the first call
		done    bool  // the work was done before the answer was lost
		calls   int
		outcome string // on record; "" none
		within  time.Duration
	}{
		{"optional, for good", bookmark, &fault{permanent: true}, false, 1, incident.OutcomeDone, time.Second},
		{"essential, for good", postOf("x"), &fault{permanent: true}, false, 1, incident.OutcomeDead, time.Second},
		{"essential without event, for good", invite, &fault{permanent: true}, false, 1, incident.OutcomeDead, time.Second},
		{"temporary", postOf("x"), &fault{}, false, 2, incident.OutcomeDone, 2 * time.Second},
		{"slow down", postOf("x"), &fault{after: 30 * time.Second}, false, 2, incident.OutcomeDone, 40 * time.Second},
		{"unknown", postOf("x"), errors.New("broken pipe"), false, 2, incident.OutcomeDone, 2 * time.Second},
		{"ambiguous, done", postOf("x"), &fault{ambiguous: true}, true, 1, incident.OutcomeDone, 2 * time.Second},
		{"once, clean", nudge, &fault{}, false, 2, incident.OutcomeDone, 2 * time.Second},
		{"once, slow down", nudge, &fault{after: 10 * time.Second}, false, 2, incident.OutcomeDone, 20 * time.Second},
		{"once, ambiguous", nudge, &fault{ambiguous: true}, false, 1, incident.OutcomeDead, time.Second},
		{"once, unknown", nudge, errors.New("broken pipe"), true, 1, incident.OutcomeDead, time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, nil, func(s *small) {
				lose := func(n int, o incident.Owed) error {
					if n == 1 {
						return c.err
					}
					return nil
				}
				if c.done {
					s.w.after = lose
				} else {
					s.w.before = lose
				}
				id := s.commit(c.effect)[0]
				s.settled(c.within)
				if n := len(s.w.verbs(c.effect.Do)); n != c.calls {
					t.Errorf("%d calls, want %d", n, c.calls)
				}
				r, ok := s.desk.of(id)
				if (c.outcome != "") != ok || r.Outcome != c.outcome {
					t.Errorf("report %+v, want %q", r, c.outcome)
				}
				if c.calls == 1 && c.err != nil && !c.done && r.Error == "" {
					t.Error("the error is not on record")
				}
				if c.done && c.effect.Repeat == incident.Findable && !r.Found {
					t.Error("the earlier attempt was not adopted")
				}
			})
		})
	}
}

// TestSlowedLetsOthersPass: a rate limit of one method holds up only the call that met it.
func TestSlowedLetsOthersPass(t *testing.T) {
	inBubble(t, nil, func(s *small) {
		s.w.before = func(n int, o incident.Owed) error {
			if o.Effect.Do == incident.SetPurpose {
				return &fault{after: time.Minute}
			}
			return nil
		}
		s.commit(incident.Effect{Do: incident.SetPurpose, Name: "purpose", Repeat: incident.Idempotent}, postOf("a"), postOf("b"))
		time.Sleep(10 * time.Millisecond)
		synctest.Wait()
		if n := s.w.count("a") + s.w.count("b"); n != 2 {
			t.Errorf("%d posts", n)
		}
	})
}

// TestACrowdedChannelCostsFewAttempts: a channel takes a post every three seconds, and many wait for it. They do not all try each time, nothing
// is looked for or repaired where nothing can have been done, and what is urgent need not wait for its turn.
func TestACrowdedChannelCostsFewAttempts(t *testing.T) {
	inBubble(t, nil, func(s *small) {
		const posts = 40
		var took time.Time
		line := false // the urgent one stands in it
		s.w.before = func(n int, o incident.Owed) error {
			urgent := o.Effect.View == "urgent"
			if left := 3*time.Second - s.c.Now().Sub(took); left > 0 || line && !urgent {
				line = line || urgent
				return &fault{after: max(left, time.Second)}
			}
			took, line = s.c.Now(), line && !urgent
			return nil
		}
		s.w.look = func(o incident.Owed) error { t.Errorf("%s was looked for", o.ID); return nil }
		var all []incident.Effect
		for n := range posts {
			p := postOf(fmt.Sprint("p", n))
			p.Class = incident.ClassUpdate
			all = append(all, p)
		}
		s.commit(all...)
		time.Sleep(30 * time.Second)
		synctest.Wait()
		urgent, at := postOf("urgent"), s.c.Now()
		urgent.Class = incident.ClassPage
		s.commit(urgent)
		s.settled(5 * time.Minute)
		s.w.mu.Lock()
		defer s.w.mu.Unlock()
		if len(s.w.posts) != posts+1 || len(s.w.asked) > 0 {
			t.Errorf("%d posts, %d repairs", len(s.w.posts), len(s.w.asked))
		}
		if len(s.w.calls) > 6*posts {
			t.Errorf("%d attempts for %d posts", len(s.w.calls), posts)
		}
		for _, p := range s.w.posts {
			if p.view == "urgent" && p.at.Sub(at) > 10*time.Second {
				t.Errorf("the urgent one came after %s", p.at.Sub(at))
			}
		}
		t.Logf("%d attempts for %d posts", len(s.w.calls), posts+1)
	})
}

// TestPoisonDoesNotBlock: one effect that never gets through does not keep its lane from the others.
func TestPoisonDoesNotBlock(t *testing.T) {
	inBubble(t, nil, func(s *small) {
		s.w.before = func(n int, o incident.Owed) error {
			if o.Effect.View == "poison" {
				return &fault{}
			}
			return nil
		}
		poison := postOf("poison")
		poison.Class = incident.ClassPage
		s.commit(poison)
		time.Sleep(time.Minute)
		synctest.Wait()
		s.commit(postOf("a"), postOf("b"))
		time.Sleep(time.Minute)
		synctest.Wait()
		if n := s.w.count("a") + s.w.count("b"); n != 2 {
			t.Errorf("%d posts came through beside one that never does", n)
		}
		s.w.mu.Lock()
		s.w.before = nil
		s.w.mu.Unlock()
		s.settled(2 * time.Minute)
	})
}

func TestPanicIsForGood(t *testing.T) {
	inBubble(t, nil, func(s *small) {
		s.w.before = func(n int, o incident.Owed) error {
			if o.Effect.View == "boom" {
				panic("nil map")
			}
			return nil
		}
		ids := s.commit(postOf("boom"), postOf("a"))
		s.settled(time.Second)
		if r, _ := s.desk.of(ids[0]); r.Outcome != incident.OutcomeDead || !strings.Contains(r.Error, "nil map") {
			t.Errorf("%+v", r)
		}
		if s.w.count("a") != 1 {
			t.Error("the lane died with it")
		}
	})
}

// TestReportIsRepeated: the store is away when the work is done. The work is not done again, the report is.
func TestReportIsRepeated(t *testing.T) {
	inBubble(t, nil, func(s *small) {
		s.desk.fail = func(n int) error {
			if n <= 5 {
				return journal.ErrUnknown
			}
			return nil
		}
		id := s.commit(postOf("a"))[0]
		s.settled(15 * time.Second)
		if r, ok := s.desk.of(id); !ok || r.Attempt != 1 || s.w.count("a") != 1 {
			t.Errorf("%+v, %d posts", r, s.w.count("a"))
		}
	})
}

// TestStopFinishes: a call in flight finishes and is recorded, nothing new begins, and the lease is given up.
func TestStopFinishes(t *testing.T) {
	inBubble(t, func(o *Options) { o.PerLane = 1 }, func(s *small) {
		s.w.took = 5 * time.Second
		nudge := incident.Effect{Do: incident.Direct, Name: "direct/x", View: "x", Repeat: incident.AtMostOnce, Class: incident.ClassCosmetic, People: []incident.Person{{Slack: "U1"}}}
		ids := s.commit(postOf("a"), nudge)
		time.Sleep(time.Second)
		synctest.Wait()
		start := time.Now()
		s.b.Stop()
		if took := time.Since(start); took != 4*time.Second {
			t.Errorf("stopping took %s", took)
		}
		if _, ok := s.desk.of(ids[0]); !ok || len(s.w.calls) != 1 {
			t.Errorf("reported %v, %d calls", ok, len(s.w.calls))
		}
		lease, ok, err := s.store.Lease(context.Background(), "INC-1|slack", "b", time.Second)
		if err != nil || !ok {
			t.Fatalf("not given up: %v %v", ok, err)
		}
		s.store.Release(context.Background(), lease)
		// The nudge was never tried; whoever comes next knows, and sends it.
		s.w.took = 0
		o := s.b.o
		o.Owner = "b"
		s.start(o)
		s.settled(5 * time.Second)
		if r, _ := s.desk.of(ids[1]); r.Outcome != incident.OutcomeDone {
			t.Errorf("the untried nudge: %+v", r)
		}
	})
}

// TestStopIsBounded: a performer that hangs is cut off.
func TestStopIsBounded(t *testing.T) {
	inBubble(t, nil, func(s *small) {
		s.w.took = time.Hour
		s.commit(postOf("a"))
		time.Sleep(time.Second)
		synctest.Wait()
		start := time.Now()
		s.b.Stop()
		if took := time.Since(start); took > 20*time.Second {
			t.Errorf("stopping took %s", took)
		}
		if len(s.pending()) != 1 {
			t.Error("the effect is gone")
		}
	})
}

// TestInDoubtAfterCrash: an at-most-once effect whose attempt began and was never heard of is not repeated by the next process.
func TestInDoubtAfterCrash(t *testing.T) {
	inBubble(t, nil, func(s *small) {
		nudge := incident.Effect{Do: incident.Direct, Name: "direct/x", View: "x", Repeat: incident.AtMostOnce, People: []incident.Person{{Slack: "U1"}}}
		it := s.item(nudge)
		s.commitItems("dead", []journal.Item{it}) // leased to a process that is no more
		s.settled(40 * time.Second)
		if r, _ := s.desk.of(it.ID); r.Outcome != incident.OutcomeDead || !r.Doubt || len(r.Who) != 1 || !strings.Contains(r.Error, "in doubt") {
			t.Errorf("%+v", r)
		}
		if len(s.w.calls) != 0 {
			t.Error("it was called")
		}
	})
}

// TestTakeoverLooksFirst: a post whose first attempt was another process's is looked for.
func TestTakeoverLooksFirst(t *testing.T) {
	inBubble(t, nil, func(s *small) {
		it := s.item(postOf("a"))
		s.w.posts = append(s.w.posts, post{mark: it.ID, view: "a", ts: "77", at: s.c.Now()})
		s.commitItems("dead", []journal.Item{it})
		start := time.Now()
		for len(s.pending()) > 0 {
			time.Sleep(100 * time.Millisecond)
		}
		if took := time.Since(start); took < 29*time.Second || took > 33*time.Second {
			t.Errorf("taken over after %s", took)
		}
		if r, _ := s.desk.of(it.ID); !r.Found || r.TS != "77" || len(s.w.calls) != 0 {
			t.Errorf("%+v, %d calls", r, len(s.w.calls))
		}
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		if got := s.b.Stats().Repairs; got != 2 {
			t.Errorf("%d repairs, want one at once and one a minute later", got)
		}
	})
}

// doubled makes a post "a" of a process that is no more stand twice, while history cannot be read.
func (s *small) doubled() {
	it := s.item(postOf("a"))
	for _, ts := range []string{"77", "78"} {
		s.w.posts = append(s.w.posts, post{mark: it.ID, view: "a", ts: ts, at: s.c.Now()})
	}
	s.w.blind = true
	s.commitItems("dead", []journal.Item{it})
	s.settled(time.Minute)
}

// TestRepairOutlastsAnOutage: a post that may stand twice is repaired when Slack is back, however long it was away.
func TestRepairOutlastsAnOutage(t *testing.T) {
	inBubble(t, nil, func(s *small) {
		s.doubled()
		time.Sleep(3 * time.Hour)
		s.w.mu.Lock()
		s.w.blind = false
		s.w.mu.Unlock()
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		if n := s.w.count("a"); n != 1 {
			t.Errorf("it stands %d times", n)
		}
	})
}

// TestRepairSoonAfterAnOutage: when a post gets through again, what could not be repaired meanwhile does not wait for its turn.
func TestRepairSoonAfterAnOutage(t *testing.T) {
	inBubble(t, nil, func(s *small) {
		s.doubled()
		s.w.mu.Lock()
		s.w.before = func(int, incident.Owed) error { return &fault{} }
		s.w.mu.Unlock()
		s.commit(postOf("b")) // does not get through
		time.Sleep(10 * time.Minute)
		looks := func() int {
			s.w.mu.Lock()
			defer s.w.mu.Unlock()
			return len(s.w.asked)
		}
		for n := looks(); looks() == n; { // the next look of its own is most of a minute away
			time.Sleep(time.Second)
		}
		s.w.mu.Lock()
		s.w.blind, s.w.before = false, nil
		s.w.mu.Unlock()
		back := time.Now()
		for s.w.count("b") == 0 {
			time.Sleep(100 * time.Millisecond)
			synctest.Wait()
		}
		time.Sleep(100 * time.Millisecond)
		synctest.Wait()
		if n := s.w.count("a"); n != 1 {
			t.Errorf("it stands %d times, %s after Slack was back", n, time.Since(back))
		}
	})
}

// TestLookFails: while it cannot be told whether the post is there, it is not posted again.
func TestLookFails(t *testing.T) {
	inBubble(t, nil, func(s *small) {
		s.w.after = func(n int, o incident.Owed) error {
			if n == 1 {
				return &fault{ambiguous: true}
			}
			return nil
		}
		s.w.look = func(o incident.Owed) error { return &fault{} }
		s.commit(postOf("a"))
		time.Sleep(time.Minute)
		synctest.Wait()
		if len(s.w.calls) != 1 || len(s.pending()) != 1 {
			t.Errorf("%d calls, %d queued", len(s.w.calls), len(s.pending()))
		}
		s.w.mu.Lock()
		s.w.look = nil
		s.w.mu.Unlock()
		s.settled(time.Minute)
		if s.w.count("a") != 1 {
			t.Errorf("%d posts", s.w.count("a"))
		}
	})
}

// TestNoCallOutlivesTheLease: a call begins only while the lease surely holds for all of it.
func TestNoCallOutlivesTheLease(t *testing.T) {
	inBubble(t, nil, func(s *small) {
		renewals := &renewer{Store: s.store}
		s.b.Stop()
		o := s.b.o
		o.Store, o.Owner, o.PerLane = renewals, "c", 1
		s.start(o)
		synctest.Wait()
		s.w.took = 9 * time.Second
		var effects []incident.Effect
		for i := range 8 {
			effects = append(effects, postOf(fmt.Sprint(i)))
		}
		s.commit(effects...)
		s.settled(80 * time.Second)
		for _, c := range s.w.calls {
			if left := renewals.until(c.at).Sub(c.at); left < 10*time.Second {
				t.Errorf("a call began at %s with %s left", c.at, left)
			}
		}
		if len(s.w.calls) != 8 {
			t.Errorf("%d calls", len(s.w.calls))
		}
	})
}

// renewer remembers what leases were given when.
type renewer struct {
	journal.Store
	given []journal.Lease
	at    []time.Time
}

func (r *renewer) Lease(ctx context.Context, lane, owner string, ttl time.Duration) (journal.Lease, bool, error) {
	l, ok, err := r.Store.Lease(ctx, lane, owner, ttl)
	if ok {
		r.given, r.at = append(r.given, l), append(r.at, time.Now())
	}
	return l, ok, err
}

func (r *renewer) Commit(ctx context.Context, c journal.Commit) (journal.Committed, error) {
	got, err := r.Store.Commit(ctx, c)
	for _, l := range got.Leases {
		r.given, r.at = append(r.given, l), append(r.at, time.Now())
	}
	return got, err
}

func (r *renewer) until(at time.Time) (last time.Time) {
	last = at.Add(10 * time.Second) // leased by the test's own commit, before any renewal
	for i, l := range r.given {
		if !r.at[i].After(at) {
			last = l.Until
		}
	}
	return last
}

// TestReleasedBehindTheCommit: a lane is given up between a commit that leased it and the word of that commit.
func TestReleasedBehindTheCommit(t *testing.T) {
	inBubble(t, nil, func(s *small) {
		s.commit(postOf("a"))
		synctest.Wait()
		it := s.item(postOf("b"))
		// Counted as begun by the commit, and not tried by anybody: it must not be taken for one that is in doubt.
		nudge := s.item(incident.Effect{Do: incident.Direct, Name: "direct/x", View: "x", Repeat: incident.AtMostOnce, People: []incident.Person{{Slack: "U1"}}})
		items := []journal.Item{it, nudge}
		got, err := s.store.Commit(context.Background(), journal.Commit{Put: journal.Put{Outbox: items, Take: &journal.Take{Owner: "a", TTL: 30 * time.Second}}})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(300 * time.Millisecond) // the lane ran dry and is given up
		synctest.Wait()
		s.b.Committed(items, got.Leases)
		s.settled(5 * time.Second)
		if s.w.count("b") != 1 || s.w.count("x") != 1 || s.b.Stats().Fenced != 0 || s.b.Stats().InDoubt != 0 {
			t.Errorf("%d posts, %d nudges, %+v", s.w.count("b"), s.w.count("x"), s.b.Stats())
		}
	})
}

// releasing is a store in which a commit comes in just as a lease is given up.
type releasing struct {
	journal.Store
	meanwhile func()
}

func (r *releasing) Release(ctx context.Context, l journal.Lease) error {
	if f := r.meanwhile; f != nil {
		r.meanwhile = nil
		f()
	}
	return r.Store.Release(ctx, l)
}

func TestCommittedWhileReleasing(t *testing.T) {
	var store *releasing
	inBubble(t, func(o *Options) {
		store = &releasing{Store: o.Store}
		o.Store = store
	}, func(s *small) {
		store.meanwhile = func() {
			s.commit(incident.Effect{Do: incident.Direct, Name: "direct/x", View: "x", Repeat: incident.AtMostOnce, People: []incident.Person{{Slack: "U1"}}})
		}
		s.commit(postOf("a"))
		s.settled(10 * time.Second)
		if s.w.count("x") != 1 || s.b.Stats().InDoubt != 0 {
			t.Errorf("%d nudges, %+v", s.w.count("x"), s.b.Stats())
		}
	})
}

// TestLatePosts: what an outage made late is told in one post, and is not posted one by one.
func TestLatePosts(t *testing.T) {
	inBubble(t, nil, func(s *small) {
		var down atomic.Bool
		down.Store(true)
		s.w.before = func(int, incident.Owed) error {
			if down.Load() {
				return &fault{}
			}
			return nil
		}
		from := s.c.Now()
		for i := range 10 {
			s.commit(postOf(fmt.Sprint("late", i)))
			time.Sleep(time.Minute)
			synctest.Wait()
		}
		down.Store(false)
		fresh := s.commit(postOf("fresh"))[0]
		s.settled(time.Minute)
		if len(s.desk.lates) != 1 {
			t.Fatalf("folded %d times", len(s.desk.lates))
		}
		late := s.desk.lates[0].Posts
		if len(late.Effects) < 7 || !late.From.Before(from.Add(3*time.Minute)) || late.To.Before(from.Add(10*time.Minute)) {
			t.Errorf("%d posts from %s to %s", len(late.Effects), late.From.Sub(from), late.To.Sub(from))
		}
		if len(s.w.posts) > 4 {
			t.Errorf("%d posts after an outage", len(s.w.posts))
		}
		if r, _ := s.desk.of(fresh); r.Outcome != incident.OutcomeDone {
			t.Errorf("the fresh one: %+v", r)
		}
	})
}

// TestManyLanes: 300 incidents at once are worked within the bound of calls, and PagerDuty's lanes do not queue behind Slack's.
func TestManyLanes(t *testing.T) {
	inBubble(t, func(o *Options) { o.Workers = 8 }, func(s *small) {
		s.w.took = 5 * time.Second
		for i := range 300 {
			it := s.item(postOf("a"))
			it.Lane = fmt.Sprintf("INC-%d|slack", i+1)
			s.commitItems("a", []journal.Item{it})
		}
		synctest.Wait()
		start := time.Now()
		s.commit(incident.Effect{Do: incident.NotePage, Lane: incident.LanePager, Name: "note", Repeat: incident.AtMostOnce})
		synctest.Wait()
		if n := len(s.w.verbs(incident.NotePage)); n != 1 || time.Since(start) != 0 {
			t.Errorf("the pager waits behind Slack: %d calls", n)
		}
		s.settled(4 * time.Minute)
		if n := len(s.w.verbs(incident.Post)); n != 300 {
			t.Errorf("%d posts", n)
		}
	})
}

func TestRunOnce(t *testing.T) {
	inBubble(t, nil, func(s *small) {
		if err := s.b.Run(context.Background()); err == nil {
			t.Error("ran twice at once")
		}
	})
}

// TestHookOnTheWay: the poll finds a lane that this process's own commit just leased, before the word of the commit is here. What the
// commit began is not taken for somebody's interrupted attempt.
func TestHookOnTheWay(t *testing.T) {
	inBubble(t, nil, func(s *small) {
		nudge := incident.Effect{Do: incident.Direct, Name: "direct/x", View: "x", Repeat: incident.AtMostOnce, People: []incident.Person{{Slack: "U1"}}}
		it := s.item(nudge)
		got, err := s.store.Commit(context.Background(), journal.Commit{Put: journal.Put{Outbox: []journal.Item{it}, Take: &journal.Take{Owner: "a", TTL: 30 * time.Second}}})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(1500 * time.Millisecond)
		synctest.Wait()
		if s.b.Stats().Takeovers != 1 {
			t.Fatal("the poll did not find the lane")
		}
		s.b.Committed([]journal.Item{it}, got.Leases)
		s.settled(time.Millisecond)
		if r, _ := s.desk.of(it.ID); r.Outcome != incident.OutcomeDone || r.Attempt != 1 {
			t.Errorf("%+v", r)
		}
	})
}

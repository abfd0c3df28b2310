package scheduler

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"github.com/tocsin-bot/tocsin/bot/clock"
	"github.com/tocsin-bot/tocsin/bot/engine"
	"github.com/tocsin-bot/tocsin/bot/house"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/journal"
	"github.com/tocsin-bot/tocsin/bot/journal/bolt"
)

// core is an engine whose incidents are only due times: a tick moves or removes them as next says.
type core struct {
	store journal.Store
	c     *clock.Clock
	mu    sync.Mutex
	ticks []tick
	next  func(n int, s journal.Stream) (time.Time, error) // nil: the due time goes away
	idle  bool                                             // ticks add nothing and leave the index alone
	house house.State
	did   []house.DutyDone
}

type tick struct {
	stream journal.Stream
	at     time.Time
}

func (k *core) Handle(ctx context.Context, in engine.Input) (engine.Outcome, error) {
	if _, ok := in.Act.(incident.Tick); !ok || in.Key != "" || in.Via != incident.ViaClock || in.Actor.System != incident.SystemTocsin {
		return engine.Outcome{}, fmt.Errorf("not a tick: %+v", in)
	}
	s := journal.Stream(in.Route.ID)
	k.mu.Lock()
	k.ticks = append(k.ticks, tick{s, k.c.Now()})
	n := 0
	for _, t := range k.ticks {
		if t.stream == s {
			n++
		}
	}
	k.mu.Unlock()
	if k.idle {
		return engine.Outcome{State: incident.State{ID: in.Route.ID}}, nil
	}
	var at time.Time
	if k.next != nil {
		var err error
		if at, err = k.next(n, s); err != nil {
			return engine.Outcome{}, err
		}
	}
	return engine.Outcome{First: 1, Last: 1}, k.store.SetDue(ctx, s, 0, at)
}

func (k *core) HandleHouse(ctx context.Context, key string, in house.Intent) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	in.Now = k.c.Now()
	events, err := house.Decide(k.house, in)
	for _, e := range events {
		k.house = house.Evolve(k.house, e)
		k.did = append(k.did, *e.Fact.(*house.DutyDone))
	}
	return err
}

func (k *core) House(context.Context) (house.State, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.house, nil
}

func (k *core) State(context.Context, incident.ID) (incident.State, error)    { panic("not asked") }
func (k *core) ByChannel(context.Context, string) (incident.ID, bool, error)  { panic("not asked") }
func (k *core) ByClaims(context.Context, []string) (incident.ID, bool, error) { panic("not asked") }
func (k *core) List(context.Context, bool, int) ([]engine.Row, error)         { panic("not asked") }
func (k *core) Policy() *incident.Policy                                      { panic("not asked") }
func (k *core) Events(context.Context, incident.ID, int64, int) ([]incident.Event, error) {
	panic("not asked")
}

func (k *core) of(s journal.Stream) (at []time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, t := range k.ticks {
		if t.stream == s {
			at = append(at, t.at)
		}
	}
	return at
}

type rig struct {
	t     *testing.T
	c     *clock.Clock
	store journal.Store
	k     *core
}

// drives is a running scheduler.
type drives struct {
	*Scheduler
	cancel context.CancelFunc
	done   chan struct{}
}

func (r *rig) start(change func(*Options)) *drives {
	r.t.Helper()
	o := Options{Store: r.store, Reader: r.k, Handler: r.k, Clock: r.c, Owner: "a", Log: zerolog.Nop()}
	if change != nil {
		change(&o)
	}
	s, err := New(o)
	if err != nil {
		r.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	d := &drives{s, cancel, make(chan struct{})}
	go func() {
		defer close(d.done)
		if err := s.Run(ctx); err != nil {
			r.t.Error(err)
		}
	}()
	synctest.Wait()
	return d
}

func (d *drives) stop() { d.cancel(); <-d.done }

func (r *rig) due(s journal.Stream, at time.Time) {
	r.t.Helper()
	if err := r.store.SetDue(context.Background(), s, 0, at); err != nil {
		r.t.Fatal(err)
	}
}

func bubble(t *testing.T, f func(r *rig)) {
	t.Helper()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		c := clock.New()
		store, err := bolt.Open(dir, bolt.Options{NoSync: true, Clock: c.Now})
		if err != nil {
			t.Fatal(err)
		}
		defer store.Close()
		f(&rig{t, c, store, &core{store: store, c: c}})
	})
}

func TestTickAtItsMoment(t *testing.T) {
	bubble(t, func(r *rig) {
		d := r.start(nil)
		defer d.stop()
		base := r.c.Now()
		// The moments lie between the net's seconds, so that only the one-shot can hit them.
		later, sooner := base.Add(10*time.Minute+300*time.Millisecond), base.Add(5*time.Minute+700*time.Millisecond)
		r.due("INC-1", later)
		d.Changed(later)
		r.due("INC-2", sooner)
		d.Changed(sooner)
		d.Changed(time.Time{})
		synctest.Wait()
		if got := r.c.NextWait(); !got.Equal(sooner) {
			t.Errorf("a player of demos would jump to %s, want %s", got.Sub(base), sooner.Sub(base))
		}
		time.Sleep(11 * time.Minute)
		for s, want := range map[journal.Stream]time.Time{"INC-1": later, "INC-2": sooner} {
			if at := r.k.of(s); len(at) != 1 || at[0].Before(want) || at[0].Sub(want) > time.Millisecond {
				t.Errorf("%s ticked at %v, due %s", s, at, want)
			}
		}
		got := d.Stats()
		if got.ByCron < 2 || got.Ticks != 2 || got.Late[0] != 2 {
			t.Errorf("%+v", got)
		}
	})
}

// TestAdvance: a moved clock brings deadlines at once, and nearer ones sooner.
func TestAdvance(t *testing.T) {
	bubble(t, func(r *rig) {
		d := r.start(nil)
		defer d.stop()
		base := r.c.Now()
		due := base.Add(time.Hour + 300*time.Millisecond)
		r.due("INC-1", due)
		d.Changed(due)
		synctest.Wait()
		start := time.Now()
		r.c.Advance(2 * time.Hour)
		synctest.Wait()
		if at := r.k.of("INC-1"); len(at) != 1 || time.Since(start) != 0 {
			t.Errorf("ticked %v after %s of real time", at, time.Since(start))
		}
		due = r.c.Now().Add(time.Hour + 300*time.Millisecond)
		r.due("INC-2", due)
		d.Changed(due)
		synctest.Wait()
		r.c.Advance(45 * time.Minute)
		time.Sleep(14 * time.Minute)
		if at := r.k.of("INC-2"); len(at) != 0 {
			t.Errorf("ticked early: %v", at)
		}
		time.Sleep(2 * time.Minute)
		if at := r.k.of("INC-2"); len(at) != 1 || at[0].Sub(due) > time.Millisecond {
			t.Errorf("ticked at %v, due %s", at, due)
		}
	})
}

// TestNet: a due time that another replica wrote is found within a second of coming due.
func TestNet(t *testing.T) {
	bubble(t, func(r *rig) {
		d := r.start(nil)
		defer d.stop()
		due := r.c.Now().Add(90*time.Second + 300*time.Millisecond)
		r.due("INC-1", due)
		time.Sleep(3 * time.Minute)
		if at := r.k.of("INC-1"); len(at) != 1 || at[0].Before(due) || at[0].Sub(due) > time.Second {
			t.Errorf("ticked at %v, due %s", at, due)
		}
	})
}

// TestOverdueAtStart: what came due while nobody ran is ticked at once.
func TestOverdueAtStart(t *testing.T) {
	bubble(t, func(r *rig) {
		for i := range 1000 {
			r.due(journal.StreamOf(int64(i+1)), r.c.Now().Add(-time.Hour))
		}
		start := time.Now()
		d := r.start(nil)
		defer d.stop()
		synctest.Wait()
		if len(r.k.ticks) != 1000 || time.Since(start) != 0 {
			t.Errorf("%d ticks after %s", len(r.k.ticks), time.Since(start))
		}
	})
}

// TestLongSleep: as many ticks as it takes, one after the other.
func TestLongSleep(t *testing.T) {
	bubble(t, func(r *rig) {
		past := r.c.Now().Add(-time.Hour)
		r.k.next = func(n int, s journal.Stream) (time.Time, error) {
			if n < 4 {
				return past.Add(time.Duration(n) * time.Minute), nil
			}
			return time.Time{}, nil
		}
		r.due("INC-1", past)
		d := r.start(nil)
		defer d.stop()
		if at := r.k.of("INC-1"); len(at) != 4 {
			t.Errorf("ticked %d times", len(at))
		}
	})
}

// TestStuck: a stream that cannot be ticked, one that panics and one that stays due for ever do not keep the others waiting, however many
// they are.
func TestStuck(t *testing.T) {
	bubble(t, func(r *rig) {
		r.k.next = func(n int, s journal.Stream) (time.Time, error) {
			switch num := s.Number(); {
			case num == 1:
				panic("nil map")
			case num == 2:
				return r.c.Now(), nil
			case num < 100:
				return time.Time{}, errors.New("not readable")
			}
			return time.Time{}, nil
		}
		for n := range 200 {
			r.due(journal.StreamOf(int64(n+1)), r.c.Now().Add(-time.Hour))
		}
		d := r.start(func(o *Options) { o.Batch = 10 })
		defer d.stop()
		for n := 100; n <= 200; n++ {
			if at := r.k.of(journal.StreamOf(int64(n))); len(at) != 1 {
				t.Fatalf("INC-%d ticked %d times", n, len(at))
			}
		}
		time.Sleep(10*time.Second + 100*time.Millisecond)
		synctest.Wait()
		if n := len(r.k.of("INC-5")); n < 9 || n > 12 {
			t.Errorf("what failed was tried %d times in 10 s, want once a second", n)
		}
		if n := len(r.k.of("INC-2")); n > 13*maxTicks {
			t.Errorf("what stays due was ticked %d times in 10 s", n)
		}
	})
}

// TestIdleTickCorrectsTheIndex: the log says that nothing is due; the index is put right and the tick does not come again.
func TestIdleTickCorrectsTheIndex(t *testing.T) {
	bubble(t, func(r *rig) {
		r.k.idle = true
		r.due("INC-1", r.c.Now().Add(-time.Hour))
		d := r.start(nil)
		defer d.stop()
		time.Sleep(5 * time.Second)
		if at := r.k.of("INC-1"); len(at) != 1 {
			t.Errorf("ticked %d times", len(at))
		}
		if next, err := r.store.NextDue(context.Background()); err != nil || !next.IsZero() {
			t.Errorf("the index still says %s (%v)", next, err)
		}
		if d.Stats().Idle != 1 {
			t.Errorf("%+v", d.Stats())
		}
	})
}

// away is a store that does not answer for a while.
type away struct {
	journal.Store
	down *atomic.Bool
}

func (a away) Due(ctx context.Context, until time.Time, limit int) ([]journal.DueAt, error) {
	if a.down.Load() {
		return nil, errors.New("connection refused")
	}
	return a.Store.Due(ctx, until, limit)
}

func TestStoreAway(t *testing.T) {
	bubble(t, func(r *rig) {
		var down atomic.Bool
		down.Store(true)
		d := r.start(func(o *Options) { o.Store = away{r.store, &down} })
		defer d.stop()
		r.due("INC-1", r.c.Now().Add(time.Minute))
		time.Sleep(10 * time.Minute)
		down.Store(false)
		time.Sleep(1100 * time.Millisecond)
		if at := r.k.of("INC-1"); len(at) != 1 {
			t.Errorf("ticked %v", at)
		}
	})
}

// slots collects the runs of a duty.
type slots struct {
	mu   sync.Mutex
	done []time.Time
	err  func(n int) error
	took time.Duration
}

func (s *slots) run(ctx context.Context, slot time.Time) error {
	if s.took > 0 {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(s.took):
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.done = append(s.done, slot)
	if s.err != nil {
		return s.err(len(s.done))
	}
	return nil
}

// TestDutyEachSlotOnce: three replicas that come and go, over a day; every slot is done once.
func TestDutyEachSlotOnce(t *testing.T) {
	for _, keep := range []Keep{InLog, InCursor} {
		t.Run(fmt.Sprint("keep ", int(keep)), func(t *testing.T) {
			bubble(t, func(r *rig) {
				var s slots
				s.took = 3 * time.Second
				start := func(owner string) *drives {
					return r.start(func(o *Options) {
						o.Owner, o.Net = owner, time.Hour
						o.Duties = []Duty{{Name: "rosters", Every: 10 * time.Minute, Keep: keep, Run: s.run}}
					})
				}
				a, b := start("a"), start("b")
				for h := range 24 {
					time.Sleep(time.Hour - 7*time.Second)
					if h%2 == 0 {
						a.stop()
						a = start(fmt.Sprint("a", h))
					} else {
						b.stop()
						b = start(fmt.Sprint("b", h))
					}
				}
				a.stop()
				b.stop()
				if len(s.done) < 142 || len(s.done) > 145 {
					t.Errorf("%d runs in a day", len(s.done))
				}
				for i := 1; i < len(s.done); i++ {
					if got := s.done[i].Sub(s.done[i-1]); got != 10*time.Minute {
						t.Errorf("run %d is %s after the one before", i, got)
					}
				}
			})
		})
	}
}

// TestDutyMissedSlots: while nobody runs slots pass; one run makes up for them, of the newest.
func TestDutyMissedSlots(t *testing.T) {
	for _, d := range []Duty{{Every: time.Hour}, {Spec: "0 * * * *"}} {
		bubble(t, func(r *rig) {
			var s slots
			d.Name, d.Run = "digest", s.run
			with := func(o *Options) { o.Duties = []Duty{d} }
			a := r.start(with)
			time.Sleep(90 * time.Minute)
			a.stop()
			before := len(s.done)
			time.Sleep(50*time.Hour + 17*time.Minute)
			a = r.start(with)
			time.Sleep(time.Second)
			a.stop()
			if len(s.done) != before+1 || !s.done[before].Equal(r.c.Now().Truncate(time.Hour)) {
				t.Errorf("%v before, then %v at %s", before, s.done[before:], r.c.Now())
			}
		})
	}
}

// TestDutyAtATime: a weekly duty in UTC through both nights on which clocks change somewhere, and its first slot missed by a restart.
func TestDutyAtATime(t *testing.T) {
	bubble(t, func(r *rig) {
		var s slots
		with := func(o *Options) {
			o.Net = 90 * time.Hour // the net is not what brings a duty
			o.Duties = []Duty{{Name: "handover", Spec: "30 2 * * 0", Run: s.run}}
		}
		a := r.start(with)
		time.Sleep(time.Hour)
		a.stop()
		r.c.Advance(8 * 24 * time.Hour) // the first Sunday passes while nobody runs
		a = r.start(with)
		for range 60 {
			time.Sleep(7 * 24 * time.Hour)
		}
		a.stop()
		if len(s.done) < 61 || len(s.done) > 62 {
			t.Errorf("%d runs in 61 weeks", len(s.done))
		}
		for i, at := range s.done {
			if at.Weekday() != time.Sunday || at.Hour() != 2 || at.Minute() != 30 {
				t.Errorf("slot %s", at)
			}
			if i > 0 && at.Sub(s.done[i-1]) != 7*24*time.Hour {
				t.Errorf("%s after %s", at, s.done[i-1])
			}
		}
		if len(r.k.did) != len(s.done) {
			t.Errorf("%d on record", len(r.k.did))
		}
	})
}

func TestDutyFails(t *testing.T) {
	bubble(t, func(r *rig) {
		var s slots
		s.err = func(n int) error {
			switch n {
			case 1:
				return errors.New("PagerDuty is away")
			case 2:
				panic("nil map")
			}
			return nil
		}
		d := r.start(func(o *Options) { o.Duties = []Duty{{Name: "rosters", Every: time.Hour, Run: s.run}} })
		defer d.stop()
		time.Sleep(3 * time.Minute)
		if len(s.done) != 3 || !s.done[0].Equal(s.done[2]) || len(r.k.did) != 1 {
			t.Errorf("tried %v, recorded %v", s.done, r.k.did)
		}
	})
}

// TestDutyCutShort: a run that a stop cut short is run again, for the same slot.
func TestDutyCutShort(t *testing.T) {
	bubble(t, func(r *rig) {
		var s slots
		s.took = time.Minute
		with := func(o *Options) { o.Duties = []Duty{{Name: "rosters", Every: time.Hour, Run: s.run}} }
		d := r.start(with)
		time.Sleep(30 * time.Second)
		d.stop()
		if len(s.done) != 0 || len(r.k.did) != 0 {
			t.Fatalf("done %v", s.done)
		}
		d = r.start(with)
		defer d.stop()
		time.Sleep(2 * time.Minute)
		if len(s.done) != 1 || len(r.k.did) != 1 {
			t.Errorf("done %v", s.done)
		}
	})
}

// TestDutyInMemory: what each replica does for itself, each does.
func TestDutyInMemory(t *testing.T) {
	bubble(t, func(r *rig) {
		var a, b slots
		x := r.start(func(o *Options) {
			o.Duties = []Duty{{Name: "alive", Every: 5 * time.Second, Keep: InMemory, Run: a.run}}
		})
		y := r.start(func(o *Options) {
			o.Owner = "b"
			o.Duties = []Duty{{Name: "alive", Every: 5 * time.Second, Keep: InMemory, Run: b.run}}
		})
		time.Sleep(time.Minute + 100*time.Millisecond)
		x.stop()
		y.stop()
		for _, s := range []*slots{&a, &b} {
			if len(s.done) < 12 || len(s.done) > 13 {
				t.Errorf("%d runs in a minute", len(s.done))
			}
		}
	})
}

func TestDutiesRefused(t *testing.T) {
	run := func(context.Context, time.Time) error { return nil }
	for _, c := range []struct {
		d    Duty
		want string
	}{
		{Duty{Every: time.Hour, Run: run}, "name is empty"},
		{Duty{Name: "x", Every: time.Hour}, "nothing to run"},
		{Duty{Name: "x", Run: run}, "give it Every or Spec"},
		{Duty{Name: "x", Every: time.Hour, Spec: "@daily", Run: run}, "give it Every or Spec"},
		{Duty{Name: "x", Every: time.Millisecond, Run: run}, "too often"},
		{Duty{Name: "x", Spec: "TZ=", Run: run}, "without a zone"},
		{Duty{Name: "x", Spec: "CRON_TZ=Europe/Paris 30 2 * * *", Run: run}, "without a zone"},
		{Duty{Name: "x", Spec: "@every -1s", Run: run}, "use Every"},
		{Duty{Name: "x", Spec: "0 0 30 2 *", Run: run}, "never comes"},
		{Duty{Name: "x", Spec: "61 * * * *", Run: run}, "not a schedule"},
	} {
		_, err := New(Options{Duties: []Duty{c.d, {Name: "fine", Every: time.Hour, Run: run}}})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, want %q", c.d, err, c.want)
		}
	}
	_, err := New(Options{Duties: []Duty{{Name: "x", Every: time.Hour, Run: run}, {Name: "x", Every: time.Hour, Run: run}, {Name: "y", Run: run}}})
	if err == nil || !strings.Contains(err.Error(), "two of that name") || !strings.Contains(err.Error(), "give it Every") {
		t.Errorf("not all faults at once: %v", err)
	}
}

// TestNewest walks schedules against a plain search.
func TestNewest(t *testing.T) {
	base := time.Date(2024, 2, 27, 23, 59, 30, 0, time.UTC) // over a leap day and a year's end
	for _, spec := range []string{"* * * * *", "0 * * * *", "30 2 * * 0", "0 9 1 * *", "@daily", "0 0 29 2 *", "*/7 3-5 * * 1-5"} {
		s, err := parse(spec)
		if err != nil {
			t.Fatal(err)
		}
		d := &duty{schedule: s}
		for _, gone := range []time.Duration{time.Second, time.Minute, time.Hour, 25 * time.Hour, 9 * 24 * time.Hour, 400 * 24 * time.Hour} {
			if spec == "* * * * *" && gone > 30*24*time.Hour {
				continue // the plain search takes seconds
			}
			now := base.Add(gone)
			var want time.Time
			for n := s.Next(base); !n.IsZero() && !n.After(now); n = s.Next(n) {
				want = n
			}
			if got := d.newest(base, now); !got.Equal(want) {
				t.Errorf("%q after %s: %s, want %s", spec, gone, got, want)
			}
		}
	}
}

func FuzzSpec(f *testing.F) {
	for _, s := range []string{"* * * * *", "TZ=", "CRON_TZ=", "TZ=0", "@daily", "@every -1s", "0 0 30 2 *", "*/0 * * * *", "1-0 * * * *", "@reboot"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, spec string) {
		s, err := parse(spec)
		if err != nil {
			return
		}
		from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		if n := s.Next(from); !n.After(from) {
			t.Errorf("%q: %s after %s", spec, n, from)
		}
	})
}

// TestRunOnceAndStop: Run returns when its context ends, and nothing runs on (the bubble would say).
func TestRunOnceAndStop(t *testing.T) {
	bubble(t, func(r *rig) {
		d := r.start(nil)
		if err := d.Run(context.Background()); err == nil {
			t.Error("ran twice")
		}
		due := r.c.Now().Add(time.Minute)
		r.due("INC-1", due)
		d.Changed(due)
		d.stop()
		d.Changed(due.Add(-time.Second)) // a commit that is still under way; must not block
		time.Sleep(2 * time.Minute)
		if len(r.k.ticks) != 0 {
			t.Error("ticks after the end")
		}
		if !slices.Equal(r.k.did, nil) || !r.c.NextWait().IsZero() {
			t.Errorf("waits on: %s", r.c.NextWait())
		}
	})
}

package outbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"github.com/tocsin-bot/tocsin/bot/clock"
	"github.com/tocsin-bot/tocsin/bot/engine"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/journal"
)

// Performer carries out the effects of one target. Errors are asked by interface: RetryAfter() time.Duration, Permanent() bool and
// Ambiguous() bool; an error that has none of these counts as temporary and ambiguous. Every call is given a context that ends before
// the lease does; a performer that ignores it breaks the fence.
type Performer interface {
	// Look says whether an earlier attempt did its work, and with what result. It is asked for findable effects, whose repeat it must
	// allow before anything is done, and for keyed ones, where its error only means that it cannot tell.
	Look(ctx context.Context, o incident.Owed, s incident.State) (incident.Report, bool, error)
	// Do carries the effect out. It fills what the report needs beyond the outcome: channel, ts, PagerDuty id; Taken for a channel name
	// that is held by somebody else.
	Do(ctx context.Context, o incident.Owed, s incident.State) (incident.Report, error)
	// Repair removes what a doubled attempt of a findable effect left in the world, keeping what the state says is ours. The report is
	// what was recorded; only its Effect is set where somebody else recorded it.
	Repair(ctx context.Context, o incident.Owed, s incident.State, r incident.Report) error
}

// Hooks let a simulation pause or crash a replica where it hurts. An error means that the process died there: nothing is reported, the
// lane is dropped without being released.
type Hooks struct {
	// Looked is called between Look and the check of the lease that comes before every call.
	Looked func(ctx context.Context, o incident.Owed) error
	// BeforeCall is called after that check, right before Do.
	BeforeCall func(ctx context.Context, o incident.Owed) error
	// AfterCall is called when Do came back, before the report.
	AfterCall func(ctx context.Context, o incident.Owed) error
}

// Faults switches guards off, so that a test can show what each of them prevents. Nil in production.
type Faults struct {
	NoLook  bool // an effect begun before is done again without looking
	NoOwed  bool // the state is not asked whether an effect still makes sense
	NoLease bool // calls begin whatever is left of the lease

	NoRepair bool // what may have been done twice is not looked at again
	NoRecall bool // ... nor what another process may have done twice before this one began
}

// Options are what an Outbox needs. Fields with a stated default may be left zero.
type Options struct {
	Store      journal.Store
	Reader     engine.Reader
	Handler    engine.Handler
	Clock      *clock.Clock
	Owner      string // names this process in leases: the same as the engine's
	Performers map[incident.Lane]Performer
	Log        zerolog.Logger

	LeaseTTL    time.Duration // real time; default 30 s, the same as the engine's
	CallTimeout time.Duration // real time; default 10 s
	Margin      time.Duration // kept between a call's end and the lease's, for clocks that differ; default 2 s
	Poll        time.Duration // how often lanes nobody holds are looked for, real time; default 1 s
	Linger      time.Duration // how long a lane without work is kept, real time; default 250 ms
	PerLane     int           // calls at a time in one lane; default 4
	Workers     int           // calls at a time to one target; default 64
	MaxLanes    int           // lanes worked at a time; default 4096. The others wait in the store
	RepairAfter time.Duration // default 60 s
	LateAfter   time.Duration // posts older than this when Slack returns are folded; default 2 min
	// Random spreads waiting times: a number in [0, 1). Default math/rand.
	Random func() float64
	Hooks  Hooks
	Faults *Faults
}

// Outbox works the lanes. Make one with New, run it with Run.
type Outbox struct {
	o        Options
	counters counters
	repairs  *repairs
	slots    map[incident.Lane]chan struct{}

	soft     context.Context // ends when no new work may begin
	stopSoft context.CancelFunc
	hard     context.Context // ends when calls in flight are cut off
	stopHard context.CancelFunc
	done     chan struct{} // closed when Run is through

	mu      sync.Mutex
	running bool
	closed  bool // Run waits for what is left: nothing is added
	lanes   map[string]*lane
	gone    map[string]int64 // newest token released, by lane
	wg      sync.WaitGroup   // lanes and their workers
}

// limits of what is kept in memory.
const (
	maxGone     = 8192
	maxLoad     = 1000 // items of one lane read at a time
	pollLanes   = 4096
	storeWithin = 5 * time.Second // for one step of the outbox's own bookkeeping
)

// New returns an outbox. It does nothing before Run; what is committed meanwhile is found in the store then.
func New(o Options) *Outbox {
	def := func(d *time.Duration, v time.Duration) {
		if *d == 0 {
			*d = v
		}
	}
	def(&o.LeaseTTL, 30*time.Second)
	def(&o.CallTimeout, 10*time.Second)
	def(&o.Margin, 2*time.Second)
	def(&o.Poll, time.Second)
	def(&o.Linger, 250*time.Millisecond)
	def(&o.RepairAfter, time.Minute)
	def(&o.LateAfter, 2*time.Minute)
	if o.PerLane == 0 {
		o.PerLane = 4
	}
	if o.Workers == 0 {
		o.Workers = 64
	}
	if o.MaxLanes == 0 {
		o.MaxLanes = 4096
	}
	if o.Random == nil {
		o.Random = rand.Float64
	}
	if o.Faults == nil {
		o.Faults = &Faults{}
	}
	b := &Outbox{o: o, lanes: map[string]*lane{}, gone: map[string]int64{}, slots: map[incident.Lane]chan struct{}{}, done: make(chan struct{})}
	for target := range o.Performers {
		b.slots[target] = make(chan struct{}, o.Workers)
	}
	b.soft, b.stopSoft = context.WithCancel(context.Background())
	b.hard, b.stopHard = context.WithCancel(context.Background())
	b.repairs = newRepairs(b)
	return b
}

// Committed takes the effects of a commit whose lanes were leased with it: their first attempt has begun. Lanes that others hold are
// theirs. It is the engine's hook, called right after the commit, and does not block.
func (b *Outbox) Committed(items []journal.Item, leases []journal.Lease) {
	if len(items) == 0 || len(leases) == 0 {
		return
	}
	now := time.Now()
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.running || b.closed || b.soft.Err() != nil {
		return
	}
	for _, lease := range leases {
		if lease.Owner != b.o.Owner {
			continue
		}
		var fresh []*work
		for _, it := range items {
			if it.Lane != lease.Lane {
				continue
			}
			if w, err := workOf(it); err == nil {
				w.item.Attempts = max(w.item.Attempts, 1)
				w.begun = true
				fresh = append(fresh, w)
			}
		}
		if len(fresh) == 0 {
			continue
		}
		l := b.lanes[lease.Lane]
		if l == nil {
			if len(b.lanes) >= b.o.MaxLanes {
				continue // found in the store when there is room
			}
			held := lease
			released := lease.Token <= b.gone[lease.Lane]
			if released {
				held = journal.Lease{Lane: lease.Lane} // released behind the commit's back: take it anew and read it
			}
			if l = b.laneLocked(held, now); l == nil {
				continue
			}
			if released {
				l.remember(fresh)
				fresh = nil
			}
		}
		l.inbox = append(l.inbox, fresh...)
		l.told = append(l.told, lease)
		l.nudge()
	}
}

// laneLocked starts work on a lane; the caller holds b.mu and knows that it is not being worked.
func (b *Outbox) laneLocked(lease journal.Lease, now time.Time) *lane {
	id, target, ok := splitLane(lease.Lane)
	performer := b.o.Performers[target]
	if !ok || performer == nil {
		return nil
	}
	l := &lane{
		b: b, name: lease.Lane, id: id, target: target, performer: performer, log: b.o.Log.With().Str("lane", lease.Lane).Logger(),
		lease: lease, wake: make(chan struct{}, 1), results: make(chan result, b.o.PerLane),
		known: map[string]*work{}, running: map[string]*work{},
	}
	if lease.Token != 0 {
		l.until = earlier(lease.Until, now.Add(b.o.LeaseTTL))
	}
	b.lanes[lease.Lane] = l
	b.counters.lanes.Add(1)
	b.wg.Go(l.run)
	return l
}

// Run works until ctx ends, then stops as Stop does. It returns when nothing of it runs on.
func (b *Outbox) Run(ctx context.Context) error {
	b.mu.Lock()
	if b.running || b.soft.Err() != nil {
		b.mu.Unlock()
		return errors.New("the outbox runs once: make a new one")
	}
	b.running = true
	b.mu.Unlock()
	defer close(b.done)

	release := context.AfterFunc(ctx, b.stopSoft)
	defer release()
	b.wg.Go(b.repairs.run)
	b.wg.Go(b.recall)
	b.polling()

	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
	// Calls in flight are let finish and report; who takes longer is cut off.
	bound := time.AfterFunc(b.o.CallTimeout+storeWithin, b.stopHard)
	b.wg.Wait()
	bound.Stop()
	b.stopHard()
	return nil
}

// Stop begins no new work, lets calls in flight finish (bounded by their timeout), gives the leases up and returns when that is done.
func (b *Outbox) Stop() {
	b.stopSoft()
	b.await()
}

// Kill is a crash: nothing is waited for, reported or given up. What was in flight is cut off.
func (b *Outbox) Kill() {
	b.stopHard()
	b.stopSoft()
	b.await()
}

func (b *Outbox) await() {
	b.mu.Lock()
	running := b.running
	b.mu.Unlock()
	if running {
		<-b.done
	}
}

// polling takes lanes that nobody holds: those whose holder died, and those that nobody took.
func (b *Outbox) polling() {
	for {
		if err := b.poll(); err != nil && b.soft.Err() == nil {
			b.o.Log.Warn().Err(err).Msg("cannot see which lanes have work; looking again")
		}
		if !sleep(b.soft, b.o.Poll) {
			return
		}
	}
}

func (b *Outbox) poll() error {
	ctx, cancel := context.WithTimeout(b.soft, storeWithin)
	defer cancel()
	states, err := b.o.Store.Lanes(ctx, pollLanes)
	if err != nil {
		return fmt.Errorf("read lanes: %w", err)
	}
	now := b.o.Clock.Now()
	for _, s := range states {
		if s.Holder != "" && s.Holder != b.o.Owner || s.NotBefore.After(now) || s.Waiting == 0 {
			continue
		}
		b.mu.Lock()
		l := b.lanes[s.Lane]
		room := len(b.lanes) < b.o.MaxLanes
		b.mu.Unlock()
		if l != nil || !room {
			continue
		}
		if _, target, ok := splitLane(s.Lane); !ok || b.o.Performers[target] == nil {
			continue
		}
		start := time.Now()
		lease, ok, err := b.o.Store.Lease(ctx, s.Lane, b.o.Owner, b.o.LeaseTTL)
		if err != nil {
			return fmt.Errorf("take lane %s: %w", s.Lane, err)
		}
		if !ok {
			continue
		}
		b.mu.Lock()
		if b.lanes[s.Lane] == nil && b.soft.Err() == nil {
			b.counters.takeovers.Add(1)
			b.laneLocked(lease, start)
		}
		b.mu.Unlock()
	}
	return nil
}

// goneLocked remembers that a lane's lease was given up.
func (b *Outbox) goneLocked(lease journal.Lease) {
	if len(b.gone) >= maxGone {
		clear(b.gone) // only commits of the last moments need it; the fence holds without
	}
	b.gone[lease.Lane] = lease.Token
}

// work is one effect on its way through a lane.
type work struct {
	item      journal.Item
	owed      incident.Owed
	begun     bool      // the attempt item.Attempts has begun and is ours: it needs no Begin
	notBefore time.Time // by the clock
	fails     int
	stored    bool      // read from the store, not brought by a commit
	doubt     bool      // an earlier attempt may have been done: look first
	untried   bool      // counted as begun by our own commit, and known not to have been tried
	from      time.Time // real time before which an interrupted attempt may still turn out to be our own
}

func workOf(it journal.Item) (*work, error) {
	w := &work{item: it, notBefore: it.NotBefore}
	if err := json.Unmarshal(it.Body, &w.owed); err != nil {
		return nil, fmt.Errorf("effect %s cannot be read: %w", it.ID, err)
	}
	return w, nil
}

// turn names what only the newest of counts: two with the same turn never run at once, and a newer one that waits replaces an older.
func (w *work) turn() string {
	switch e := w.owed.Effect; e.Do {
	case incident.Redraw:
		return "redraw/" + e.Slot
	case incident.SetTopic:
		return "topic"
	}
	return ""
}

// kin names what goes the same way, under the same limits of the target; empty: nothing does.
func (w *work) kin() string {
	switch e := w.owed.Effect; e.Do {
	case incident.Post:
		return string(e.Do) + "/" + e.To
	case incident.Redraw:
		return string(e.Do)
	}
	return ""
}

func splitLane(name string) (incident.ID, incident.Lane, bool) {
	for i := len(name) - 1; i > 0; i-- {
		if name[i] == '|' {
			return incident.ID(name[:i]), incident.Lane(name[i+1:]), true
		}
	}
	return "", "", false
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// sleep waits in real time; false when ctx ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

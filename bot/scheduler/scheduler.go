package scheduler

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/robfig/cron/v3"
	"github.com/rs/zerolog"

	"github.com/tocsin-bot/tocsin/bot/clock"
	"github.com/tocsin-bot/tocsin/bot/engine"
	"github.com/tocsin-bot/tocsin/bot/journal"
)

// Options are what a Scheduler needs. Fields with a stated default may be left zero.
type Options struct {
	Store   journal.Store
	Reader  engine.Reader
	Handler engine.Handler
	Clock   *clock.Clock
	Owner   string // names this process in the leases of duties
	Log     zerolog.Logger
	Duties  []Duty

	Workers int           // ticks at a time; default 8
	Batch   int           // due streams read at a time; default 256
	Net     time.Duration // how often to look without being woken, whole seconds; default 1 s
	// DutyLease is how long a duty stays with the replica that ran it last, real time; default 30 s.
	DutyLease time.Duration
	// Early switches a guard off, so that a test can show what it prevents: deadlines are taken for due so much too early.
	Early time.Duration
}

// Scheduler drives. Make one with New, run it with Run.
type Scheduler struct {
	o      Options
	duties []*duty
	stats  figures
	wake   chan struct{}
	rearm  chan struct{}
	wg     sync.WaitGroup // duties that run

	mu      sync.Mutex
	started bool
	wanted  time.Time // earliest moment to be woken at, by the clock; zero: none

	logMu  sync.Mutex
	logged time.Time
}

// New returns a scheduler, or an error that lists every duty whose schedule cannot be read.
func New(o Options) (*Scheduler, error) {
	if o.Workers == 0 {
		o.Workers = 8
	}
	if o.Batch == 0 {
		o.Batch = 256
	}
	if o.Net == 0 {
		o.Net = time.Second
	}
	if o.DutyLease == 0 {
		o.DutyLease = 30 * time.Second
	}
	s := &Scheduler{o: o, wake: make(chan struct{}, 1), rearm: make(chan struct{}, 1)}
	var errs []error
	seen := map[string]bool{}
	for _, d := range o.Duties {
		ready, err := newDuty(d)
		if err == nil && seen[d.Name] {
			err = errors.New("duty " + d.Name + ": there are two of that name")
		}
		if err != nil {
			errs = append(errs, err)
			continue
		}
		seen[d.Name] = true
		s.duties = append(s.duties, ready)
	}
	return s, errors.Join(errs...)
}

// Changed tells that a stream's next due time is now next; zero is no news. It is called after commits and does not block.
func (s *Scheduler) Changed(next time.Time) {
	if next.IsZero() {
		return
	}
	s.mu.Lock()
	sooner := s.wanted.IsZero() || next.Before(s.wanted)
	if sooner {
		s.wanted = next
	}
	s.mu.Unlock()
	if sooner {
		signal(s.rearm)
	}
}

// Run drives until ctx ends, and returns when ticks and duties in flight are through; they see ctx end.
func (s *Scheduler) Run(ctx context.Context) error {
	s.mu.Lock()
	if s.started {
		s.mu.Unlock()
		return errors.New("the scheduler runs once: make a new one")
	}
	s.started = true
	s.mu.Unlock()

	log := cronLog{s.o.Log}
	// Recover must be inside: outside, a panic would leave SkipIfStillRunning believing for ever that the job still runs.
	c := cron.New(cron.WithLocation(time.UTC), cron.WithLogger(log), cron.WithChain(cron.SkipIfStillRunning(log), cron.Recover(log)))
	c.Schedule(cron.Every(s.o.Net), cron.FuncJob(func() {
		s.stats.byNet.Add(1)
		signal(s.wake)
	}))
	c.Start()
	defer func() { <-c.Stop().Done() }()
	defer s.wg.Wait()

	a := &alarm{s: s, cron: c}
	defer a.off()
	signal(s.wake) // whatever came due while nobody ran
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-s.rearm:
			a.set()
		case <-a.reached:
			s.stats.byClock.Add(1)
			a.off()
			s.look(ctx)
			a.set()
		case <-s.wake:
			s.look(ctx)
			a.set()
		}
	}
}

// look does everything that is due, and learns when to be woken next.
func (s *Scheduler) look(ctx context.Context) {
	s.mu.Lock()
	s.wanted = time.Time{} // commits from here on say so again
	s.mu.Unlock()
	stuck := s.drive(ctx)
	next, err := s.o.Store.NextDue(ctx)
	if err != nil {
		s.complain(err, "cannot see when the next deadline is; looking again in a second")
		next = time.Time{}
	}
	now := s.o.Clock.Now()
	if !next.IsZero() && !next.After(now.Add(s.o.Early)) {
		if !stuck {
			signal(s.wake) // it came due meanwhile
		}
		next = time.Time{} // what is stuck is the net's
	}
	if at := s.runDuties(ctx, now); !at.IsZero() && (next.IsZero() || at.Before(next)) {
		next = at
	}
	s.Changed(next)
}

// alarm wakes the driver at one moment: by cron, and by the clock. Only Run's goroutine uses it.
type alarm struct {
	s       *Scheduler
	cron    *cron.Cron
	at      time.Time
	entry   cron.EntryID
	reached <-chan struct{}
	stop    func()
}

// set puts the alarm to the moment wanted, where that is another than it stands at.
func (a *alarm) set() {
	a.s.mu.Lock()
	at := a.s.wanted
	a.s.mu.Unlock()
	if at.Equal(a.at) {
		return
	}
	a.off()
	if at.IsZero() {
		return
	}
	a.at = at
	real := time.Now().Add(at.Sub(a.s.o.Clock.Now()))
	a.entry = a.cron.Schedule(once(real), cron.FuncJob(func() {
		a.s.stats.byCron.Add(1)
		signal(a.s.wake)
	}))
	a.reached, a.stop = a.s.o.Clock.At(at)
	a.s.stats.armed.Add(1)
}

func (a *alarm) off() {
	if a.stop == nil {
		return
	}
	a.stop()
	a.cron.Remove(a.entry) // a fired entry stays in cron's list until it is removed
	a.at, a.reached, a.stop = time.Time{}, nil, nil
}

// once is a cron schedule of a single moment.
type once time.Time

// Next implements cron.Schedule.
func (o once) Next(t time.Time) time.Time {
	if t.Before(time.Time(o)) {
		return time.Time(o)
	}
	return time.Time{}
}

// cronLog hands cron's errors (recovered panics) on and drops its chatter.
type cronLog struct{ log zerolog.Logger }

func (cronLog) Info(string, ...any) {}

func (l cronLog) Error(err error, msg string, _ ...any) {
	l.log.Error().Err(err).Msg("cron: " + msg)
}

// complain logs a failure, at most once a minute: the net brings the same one every second.
func (s *Scheduler) complain(err error, msg string) {
	s.stats.errors.Add(1)
	s.logMu.Lock()
	defer s.logMu.Unlock()
	if now := time.Now(); s.logged.IsZero() || now.Sub(s.logged) >= time.Minute {
		s.logged = now
		s.o.Log.Warn().Err(err).Msg(msg)
	}
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

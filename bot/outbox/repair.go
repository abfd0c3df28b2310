package outbox

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/tocsin-bot/tocsin/bot/incident"
)

// repairs are the looks at history that a doubled attempt may need, in order of time. They are kept in memory: whoever takes the lane
// over after a crash asks for its own, and a new process for those of posts that are on record already (recall.go).
type repairs struct {
	b    *Outbox
	mu   sync.Mutex
	todo []repair
	wake chan struct{}
}

type repair struct {
	due    time.Time // by the clock
	owed   incident.Owed
	report incident.Report
	tries  int
	silent bool // its last try got no answer
}

const (
	maxRepairs  = 1000
	repairTries = 1440 // a day: history that cannot be read now can be when Slack is back
	repairAgain = 30 * time.Second
	repairRarer = time.Minute // from the second try on
)

func newRepairs(b *Outbox) *repairs { return &repairs{b: b, wake: make(chan struct{}, 1)} }

// after asks for a repair in d. The same effect's repair within the same second is one.
func (r *repairs) after(d time.Duration, owed incident.Owed, report incident.Report) {
	r.add(repair{due: r.b.o.Clock.Now().Add(d), owed: owed, report: report})
}

func (r *repairs) add(p repair) {
	if r.b.o.Faults.NoRepair {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, q := range r.todo {
		if q.owed.ID == p.owed.ID && q.due.Sub(p.due).Abs() < time.Second {
			r.todo[i].report = p.report
			return
		}
	}
	if len(r.todo) >= maxRepairs {
		r.b.o.Log.Warn().Str("effect", string(p.owed.ID)).Msg("too many repairs wait; a doubled post may stay")
		return
	}
	at, _ := slices.BinarySearchFunc(r.todo, p.due, func(q repair, due time.Time) int { return q.due.Compare(due) })
	r.todo = slices.Insert(r.todo, at, p)
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// answers tells that the target answers again: what got no answer there need not wait its turn.
func (r *repairs) answers(target incident.Lane) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now, some := r.b.o.Clock.Now(), false
	for i, q := range r.todo {
		if q.silent && q.owed.Effect.Lane == target && q.due.After(now) {
			r.todo[i].due, r.todo[i].silent, some = now, false, true
		}
	}
	if !some {
		return
	}
	slices.SortStableFunc(r.todo, func(a, b repair) int { return a.due.Compare(b.due) })
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// run makes them, one after the other, until the outbox stops.
func (r *repairs) run() {
	b := r.b
	for b.soft.Err() == nil {
		p, next, ok := r.next()
		if ok {
			r.make(p)
			continue
		}
		var reached <-chan struct{}
		stop := func() {}
		if !next.IsZero() {
			reached, stop = b.o.Clock.At(next)
		}
		select {
		case <-b.soft.Done():
		case <-r.wake:
		case <-reached:
		}
		stop()
	}
}

// next takes the first that is due, or says when one will be.
func (r *repairs) next() (p repair, at time.Time, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.todo) == 0 {
		return repair{}, time.Time{}, false
	}
	if r.todo[0].due.After(r.b.o.Clock.Now()) {
		return repair{}, r.todo[0].due, false
	}
	p, r.todo = r.todo[0], r.todo[1:]
	return p, time.Time{}, true
}

func (r *repairs) make(p repair) {
	b := r.b
	performer := b.o.Performers[p.owed.Effect.Lane]
	if performer == nil {
		return
	}
	err := within(b.hard, 2*b.o.CallTimeout, func(ctx context.Context) error {
		s, err := b.o.Reader.State(ctx, p.owed.Incident)
		if err != nil {
			return err
		}
		return performer.Repair(ctx, p.owed, s, p.report)
	})
	if err == nil {
		b.counters.repairs.Add(1)
		return
	}
	p.tries++
	p.silent = retryAfter(err) == 0
	if permanent(err) || p.tries >= repairTries {
		b.o.Log.Warn().Err(err).Str("effect", string(p.owed.ID)).Msg("not repaired; a doubled post may stay")
		return
	}
	wait := repairAgain
	if p.tries > 1 {
		wait = repairRarer
	}
	p.due = b.o.Clock.Now().Add(max(b.spread(wait), retryAfter(err)))
	r.add(p)
}

package outbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/rs/zerolog"

	"github.com/tocsin-bot/tocsin/bot/engine"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/journal"
)

// lane is the work of one (incident, target), while this process holds it. One goroutine owns it; workers send it results.
type lane struct {
	b         *Outbox
	name      string
	id        incident.ID
	target    incident.Lane
	performer Performer
	log       zerolog.Logger
	wake      chan struct{}
	results   chan result

	// Guarded by b.mu.
	inbox []*work
	told  []journal.Lease // leases that commits brought

	// Guarded by b.mu as well: workers check them before each call.
	lease journal.Lease
	until time.Time // real time until which the lease surely holds
	lost  bool
	// untried are effects that a commit of ours counted as begun and handed over just when the lease was given up. Read back under a new
	// lease with no further attempt, they are known not to have been tried: an at-most-once one among them is not in doubt.
	untried map[string]bool

	// Owned by run.
	queue     []*work          // in order of arrival
	known     map[string]*work // queued, running, or done and not yet settled in the store
	running   map[string]*work
	settled   []string // done, to be settled in the store
	settleAt  time.Time
	loaded    bool
	loadAt    time.Time // real time before which the store is not read again
	more      bool      // the store holds more items than were read
	notBefore time.Time // of the whole lane, by the clock
	failures  int       // in a row; while there are any, one effect is tried at a time
	recovered bool
	idleSince time.Time
}

// result is what a worker tells its lane.
type result struct {
	w      *work
	kind   outcome
	called bool          // the target answered
	slowed bool          // again: the target, or its bucket, asked to come later
	wait   time.Duration // again, outage: not before
	err    error
}

type outcome int

const (
	over    outcome = iota // settled on record
	quiet                  // done, adds no event: to be settled in the store
	again                  // this effect must wait
	outage                 // the target does not answer
	fenced                 // the lane is somebody else's
	crashed                // a hook said so
)

var (
	errLost    = errors.New("the lane has a new holder")
	errUntried = errors.New("not tried")
)

func (l *lane) nudge() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// run is the life of a lane: until it has no work for a while, is lost, or the outbox stops.
func (l *lane) run() {
	defer func() {
		l.b.counters.lanes.Add(-1)
		l.b.counters.waiting.Add(-int64(len(l.queue)))
	}()
	for {
		l.drain()
		if !l.isLost() && l.b.soft.Err() == nil {
			l.dispatch()
			if (!l.loaded || l.more && len(l.queue) < maxLoad/2) && !time.Now().Before(l.loadAt) {
				l.load()
				l.dispatch()
			}
		}
		l.flush()
		if l.through() {
			return
		}
		l.renew()
		l.await()
	}
}

// through ends the lane when it is time, and says whether it ended.
func (l *lane) through() bool {
	if len(l.running) > 0 {
		return false
	}
	b := l.b
	switch {
	case b.hard.Err() != nil || l.isLost():
		b.mu.Lock()
		delete(b.lanes, l.name)
		b.mu.Unlock()
		return true
	case b.soft.Err() != nil:
		l.markUntried()
	case len(l.queue) > 0 || len(l.settled) > 0 || !l.loaded || l.more:
		l.idleSince = time.Time{}
		return false
	default:
		if l.idleSince.IsZero() {
			l.idleSince = time.Now()
		}
		if time.Since(l.idleSince) < b.o.Linger {
			return false
		}
	}
	return l.close()
}

// close gives the lease up. Until that is done the lane stays known, so that a commit in between finds it and its items are not worked
// under a lease that is just being released.
func (l *lane) close() bool {
	b := l.b
	b.mu.Lock()
	if len(l.inbox) > 0 && b.soft.Err() == nil {
		b.mu.Unlock()
		return false
	}
	lease := l.lease
	b.goneLocked(lease)
	b.mu.Unlock()

	if lease.Token != 0 {
		ctx, cancel := context.WithTimeout(b.hard, storeWithin)
		if err := b.o.Store.Release(ctx, lease); err != nil && b.hard.Err() == nil {
			l.log.Debug().Err(err).Msg("lease not released; it runs out")
		}
		cancel()
	}

	b.mu.Lock()
	defer b.mu.Unlock()
	if len(l.inbox) == 0 || b.soft.Err() != nil {
		delete(b.lanes, l.name)
		return true
	}
	// Something was committed meanwhile: take the lane anew and read what there is.
	l.remember(l.inbox)
	l.inbox, l.told = nil, nil
	l.lease, l.until, l.loaded = journal.Lease{Lane: l.name}, time.Time{}, false
	return false
}

// remember notes effects as untried; the caller holds b.mu.
func (l *lane) remember(fresh []*work) {
	if l.untried == nil {
		l.untried = map[string]bool{}
	}
	for _, w := range fresh {
		l.untried[w.item.ID] = true
	}
}

// drain takes in what commits brought.
func (l *lane) drain() {
	l.b.mu.Lock()
	inbox, told := l.inbox, l.told
	l.inbox, l.told = nil, nil
	for _, lease := range told {
		switch {
		case l.lease.Token == lease.Token:
			l.until = later(l.until, earlier(lease.Until, time.Now().Add(l.b.o.LeaseTTL)))
		case l.lease.Token != 0 && lease.Token > l.lease.Token:
			l.lost = true // it was somebody else's in between
		}
	}
	l.b.mu.Unlock()
	for _, w := range inbox {
		if have := l.known[w.item.ID]; have != nil {
			if l.running[w.item.ID] == nil && have.fails == 0 && have.item.Attempts == 1 {
				have.begun, have.doubt, have.from = true, false, time.Time{} // read from the store before this word of it came
			}
			continue
		}
		l.enqueue(w)
	}
}

func (l *lane) enqueue(w *work) {
	l.known[w.item.ID] = w
	l.queue = append(l.queue, w)
	l.b.counters.waiting.Add(1)
}

func (l *lane) forget(w *work) {
	delete(l.known, w.item.ID)
}

// load reads what the store holds for the lane; it takes the lease first where there is none.
func (l *lane) load() {
	ctx, cancel := context.WithTimeout(l.b.soft, storeWithin)
	defer cancel()
	if err := l.hold(ctx, 0); err != nil {
		if !errors.Is(err, errLost) && l.b.soft.Err() == nil {
			l.loadAt = time.Now().Add(l.b.o.Poll)
			l.log.Warn().Err(err).Msg("lane not taken; trying again")
		}
		return
	}
	items, err := l.b.o.Store.Pending(ctx, l.name, maxLoad)
	if err != nil {
		l.loadAt = time.Now().Add(l.b.o.Poll)
		return
	}
	l.loaded, l.more = true, len(items) == maxLoad
	l.b.mu.Lock()
	untried := l.untried
	l.untried = nil
	l.b.mu.Unlock()
	now := time.Now()
	for _, it := range items {
		if l.known[it.ID] != nil {
			continue
		}
		w, err := workOf(it)
		if err != nil {
			l.log.Error().Err(err).Str("effect", it.ID).Msg("left alone: run a newer tocsin")
			continue
		}
		w.stored = true
		switch {
		case it.Attempts == 1 && untried[it.ID]:
			w.untried = true
		case it.Attempts > 0:
			w.from, w.doubt = now.Add(l.b.o.Poll), true
		}
		if l.late(w) {
			l.failures = max(l.failures, 1) // feel the way: one at a time until a call gets through
			l.recovered = true
		}
		l.enqueue(w)
	}
	slices.SortStableFunc(l.queue, func(a, b *work) int { return int(a.owed.Seq - b.owed.Seq) })
}

// dispatch starts what may start, most urgent first.
func (l *lane) dispatch() {
	b := l.b
	now, real := b.o.Clock.Now(), time.Now()
	if l.notBefore.After(now) {
		return
	}
	l.coalesce()
	room := b.o.PerLane
	if l.failures > 0 {
		room = 1
	}
	ready := make([]*work, 0, len(l.queue))
	for _, w := range l.queue {
		if !w.notBefore.After(now) && !w.from.After(real) && l.afterSettled(w) {
			ready = append(ready, w)
		}
	}
	// While the target does not answer, every other try goes to what was tried least: the most urgent effect may be the one that never
	// gets through.
	turns := l.failures > 0 && l.failures%2 == 0
	slices.SortStableFunc(ready, func(a, b *work) int {
		if turns && a.fails != b.fails {
			return a.fails - b.fails
		}
		return int(a.owed.Effect.Class - b.owed.Effect.Class)
	})
	for _, w := range ready {
		if len(l.running) >= room {
			return
		}
		if t := w.turn(); t != "" && l.turnTaken(t) {
			continue
		}
		l.queue = slices.DeleteFunc(l.queue, func(q *work) bool { return q == w })
		l.running[w.item.ID] = w
		b.counters.waiting.Add(-1)
		b.counters.running.Add(1)
		b.wg.Go(func() {
			r := l.perform(w)
			b.counters.running.Add(-1)
			l.results <- r
		})
	}
}

// afterSettled reports whether what w waits for is over. While the store was not read, only what is known here counts as waiting.
func (l *lane) afterSettled(w *work) bool {
	if w.item.After == "" {
		return true
	}
	if p, waiting := l.known[w.item.After]; waiting {
		return slices.Contains(l.settled, p.item.ID) // done; only the store does not know yet
	}
	// What was read from the store was read from the oldest on, so what it waits for would be among it.
	return l.loaded && (!l.more || w.stored)
}

func (l *lane) turnTaken(turn string) bool {
	for _, w := range l.running {
		if w.turn() == turn {
			return true
		}
	}
	return false
}

// coalesce drops every redraw and topic that a newer waiting one replaces: it would be drawn from the same state.
func (l *lane) coalesce() {
	newest := map[string]*work{}
	for _, w := range l.queue {
		if t := w.turn(); t != "" && (newest[t] == nil || w.owed.Seq >= newest[t].owed.Seq) {
			newest[t] = w
		}
	}
	l.queue = slices.DeleteFunc(l.queue, func(w *work) bool {
		t := w.turn()
		if t == "" || newest[t] == w {
			return false
		}
		l.b.counters.waiting.Add(-1)
		l.b.counters.overtaken.Add(1)
		l.b.counters.coalesced.Add(1)
		l.settled = append(l.settled, w.item.ID)
		return true
	})
}

// flush settles in the store, in one step, what adds no event.
func (l *lane) flush() {
	if len(l.settled) == 0 || l.isLost() || time.Now().Before(l.settleAt) {
		return
	}
	ctx, cancel := context.WithTimeout(l.b.hard, storeWithin)
	defer cancel()
	lease := l.current()
	if lease.Token == 0 {
		return
	}
	switch err := l.b.o.Store.Settle(ctx, lease, l.settled); {
	case err == nil, errors.Is(err, journal.ErrNotFound):
		for _, id := range l.settled {
			delete(l.known, id)
		}
		l.settled, l.settleAt = nil, time.Time{}
	case isFenced(err):
		l.b.counters.fenced.Add(1)
		l.setLost()
	default:
		l.settleAt = time.Now().Add(l.b.o.Poll)
	}
}

// await waits for whatever comes first, and takes results in.
func (l *lane) await() {
	var reached <-chan struct{}
	if at := l.nextMoment(); !at.IsZero() {
		ch, stop := l.b.o.Clock.At(at)
		defer stop()
		reached = ch
	}
	timer := time.NewTimer(l.nextReal())
	defer timer.Stop()
	soft := l.b.soft.Done()
	if l.b.soft.Err() != nil {
		soft = nil // known: only results end the wait now
	}
	select {
	case r := <-l.results:
		l.take(r)
		for len(l.results) > 0 {
			l.take(<-l.results)
		}
	case <-l.wake:
	case <-reached:
	case <-soft:
	case <-timer.C:
	}
}

// nextMoment is when, by the clock, something waiting may start; zero: nothing waits for a moment.
func (l *lane) nextMoment() time.Time {
	if l.b.soft.Err() != nil || l.isLost() {
		return time.Time{}
	}
	now := l.b.o.Clock.Now()
	if l.notBefore.After(now) {
		return l.notBefore
	}
	var next time.Time
	for _, w := range l.queue {
		if w.notBefore.After(now) && (next.IsZero() || w.notBefore.Before(next)) {
			next = w.notBefore
		}
	}
	return next
}

// nextReal is how long, in real time, the lane may sleep.
func (l *lane) nextReal() time.Duration {
	now := time.Now()
	next := l.b.o.LeaseTTL / 3
	sooner := func(d time.Duration) {
		if d < next {
			next = max(d, time.Millisecond)
		}
	}
	for _, w := range l.queue {
		if w.from.After(now) {
			sooner(w.from.Sub(now))
		}
	}
	if len(l.settled) > 0 && l.settleAt.After(now) {
		sooner(l.settleAt.Sub(now))
	}
	if l.loadAt.After(now) {
		sooner(l.loadAt.Sub(now))
	}
	if !l.idleSince.IsZero() {
		sooner(l.b.o.Linger - now.Sub(l.idleSince))
	}
	return next
}

// renew keeps the lease while the lane has work.
func (l *lane) renew() {
	if l.isLost() || l.b.hard.Err() != nil {
		return
	}
	l.b.mu.Lock()
	left := time.Until(l.until)
	l.b.mu.Unlock()
	if left > l.b.o.LeaseTTL*2/3 || len(l.queue)+len(l.running)+len(l.settled) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(l.b.hard, storeWithin)
	defer cancel()
	if err := l.hold(ctx, l.b.o.LeaseTTL); errors.Is(err, errLost) {
		l.log.Info().Msg("the lane was taken by another replica")
	}
}

// hold makes sure that the lease lasts for another need, by renewing it where it does not. errLost: somebody else has the lane, or had it
// in between. Any other error: it cannot be told, and nothing may be called.
func (l *lane) hold(ctx context.Context, need time.Duration) error {
	b := l.b
	b.mu.Lock()
	lost, have, until := l.lost, l.lease, l.until
	b.mu.Unlock()
	if lost {
		return errLost
	}
	if b.o.Faults.NoLease && have.Token != 0 || have.Token != 0 && time.Until(until) >= need+b.o.Margin {
		return nil
	}
	start := time.Now()
	got, ok, err := b.o.Store.Lease(ctx, l.name, b.o.Owner, b.o.LeaseTTL)
	if err != nil {
		return fmt.Errorf("renew the lease of %s: %w", l.name, err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if !ok || have.Token != 0 && got.Token != have.Token {
		l.lost = true
		return errLost
	}
	l.lease, l.until = got, later(l.until, start.Add(b.o.LeaseTTL))
	if time.Until(l.until) < min(need, b.o.CallTimeout)+b.o.Margin {
		return fmt.Errorf("renewing the lease of %s took too long", l.name)
	}
	return nil
}

func (l *lane) current() journal.Lease {
	l.b.mu.Lock()
	defer l.b.mu.Unlock()
	return l.lease
}

func (l *lane) isLost() bool {
	l.b.mu.Lock()
	defer l.b.mu.Unlock()
	return l.lost
}

func (l *lane) setLost() {
	l.b.mu.Lock()
	l.lost = true
	l.b.mu.Unlock()
}

// take acts on a worker's result.
func (l *lane) take(r result) {
	delete(l.running, r.w.item.ID)
	b := l.b
	switch r.kind {
	case over:
		l.forget(r.w)
		l.succeeded(r)
	case quiet:
		l.settled = append(l.settled, r.w.item.ID)
		l.succeeded(r)
	case again:
		r.w.notBefore = b.o.Clock.Now().Add(r.wait)
		l.requeue(r.w)
		if r.slowed {
			l.slowKin(r.w)
		}
	case outage:
		l.down(r)
	case fenced:
		l.forget(r.w)
		l.setLost()
	case crashed:
		l.setLost()
		b.stopHard()
		b.stopSoft()
	}
}

// slowKin lets what goes the same way wait as long: it would be told the same, each at the price of an attempt. What is more urgent goes on;
// a bucket serves it first.
func (l *lane) slowKin(w *work) {
	kin := w.kin()
	if kin == "" {
		return
	}
	for _, q := range l.queue {
		if q.kin() == kin && q.owed.Effect.Class >= w.owed.Effect.Class {
			q.notBefore = later(q.notBefore, w.notBefore)
		}
	}
}

func (l *lane) requeue(w *work) {
	l.queue = append(l.queue, w)
	slices.SortStableFunc(l.queue, func(a, b *work) int { return int(a.owed.Seq - b.owed.Seq) })
	l.b.counters.waiting.Add(1)
}

// succeeded notes that the target answers (an effect that was settled without a call says nothing about it).
func (l *lane) succeeded(r result) {
	if !r.called || l.failures == 0 {
		return
	}
	l.failures, l.notBefore = 0, time.Time{}
	l.b.repairs.answers(l.target)
	if l.recovered {
		l.recovered = false
		l.fold()
	}
}

// down puts the lane off after a call that did not get through.
func (l *lane) down(r result) {
	b := l.b
	now := b.o.Clock.Now()
	r.w.fails++
	limit := maxWait
	if r.w.owed.Effect.Class == incident.ClassPage {
		limit = maxLaneWait
	}
	r.w.notBefore = now.Add(b.backoff(r.w.fails, limit))
	l.requeue(r.w)
	l.recovered = true
	if l.notBefore.After(now) {
		return // one of several that failed together
	}
	l.failures++
	l.notBefore = now.Add(b.backoff(l.failures, maxLaneWait))
	if r.wait > 0 {
		l.notBefore = later(l.notBefore, now.Add(r.wait))
	}
	b.counters.outages.Add(1)
	if l.failures == 1 {
		l.log.Warn().Err(r.err).Str("effect", r.w.item.ID).Msg("not answered; trying again, and whatever else waits with it")
	}
	l.markUntried()
	ctx, cancel := context.WithTimeout(b.hard, storeWithin)
	defer cancel()
	if err := b.o.Store.DeferLane(ctx, l.current(), l.notBefore); isFenced(err) {
		b.counters.fenced.Add(1)
		l.setLost()
	}
}

// markUntried writes down, for at-most-once effects whose first attempt began with the commit and was not made yet, that nothing was
// done: after a crash they are not in doubt.
func (l *lane) markUntried() {
	if l.isLost() {
		return
	}
	ctx, cancel := context.WithTimeout(l.b.hard, storeWithin)
	defer cancel()
	for _, w := range l.queue {
		if !w.begun || w.owed.Effect.Repeat != incident.AtMostOnce {
			continue
		}
		reason := attemptReason(w.item.Attempts, errUntried)
		if err := l.b.o.Store.Defer(ctx, l.current(), w.item.ID, w.notBefore, reason); err != nil {
			return
		}
		w.begun, w.item.LastError = false, reason
	}
}

// late reports whether a post is too old to be read as news.
func (l *lane) late(w *work) bool {
	e := w.owed.Effect
	return e.Do == incident.Post && e.To == incident.ToIncident && e.Slot == "" && e.View != incident.ViewLate &&
		l.b.o.Clock.Now().Sub(w.owed.At) >= l.b.o.LateAfter
}

// maxFold is how many posts one late post stands for.
const maxFold = 100

// fold makes one of all posts that an outage made late. They are overtaken when their turn comes.
func (l *lane) fold() {
	var posts incident.LatePosts
	for _, w := range l.queue {
		if !l.late(w) || !l.afterSettled(w) || len(posts.Effects) == maxFold {
			continue
		}
		if posts.From.IsZero() || w.owed.At.Before(posts.From) {
			posts.From = w.owed.At
		}
		posts.Effects = append(posts.Effects, w.owed.ID)
	}
	if len(posts.Effects) < 2 {
		return
	}
	posts.To = l.b.o.Clock.Now()
	lease := l.current()
	ctx, cancel := context.WithTimeout(l.b.hard, storeWithin)
	defer cancel()
	_, err := l.b.o.Handler.Handle(ctx, engine.Input{
		Key: fmt.Sprintf("late/%s/%d", posts.Effects[0], len(posts.Effects)), Actor: incident.Actor{System: incident.SystemTocsin}, Via: incident.ViaOutbox,
		Act: incident.Late{Posts: posts}, Route: engine.Route{ID: l.id}, Lease: &lease,
	})
	if err != nil {
		l.log.Warn().Err(err).Msg("late posts are not folded into one; each is posted")
		return
	}
	l.b.counters.folded.Add(int64(len(posts.Effects)))
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

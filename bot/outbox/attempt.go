package outbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tocsin-bot/tocsin/bot/engine"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/journal"
)

// perform makes one attempt of an effect, from asking whether it is still owed to having its outcome on record.
func (l *lane) perform(w *work) (r result) {
	defer func() {
		r.w = w
		if r.err != nil && l.b.hard.Err() != nil && r.kind != crashed {
			r.kind = again // cut off: whoever comes next finds the item in the store
		}
	}()
	b := l.b
	select {
	case b.slots[l.target] <- struct{}{}:
		defer func() { <-b.slots[l.target] }()
	case <-b.soft.Done():
		return result{kind: again, err: b.soft.Err()}
	}
	ctx := b.hard

	s, err := b.o.Reader.State(ctx, w.owed.Incident)
	if err != nil {
		l.log.Warn().Err(err).Str("effect", w.item.ID).Msg("state not read; trying again")
		return result{kind: again, wait: b.backoff(1, maxWait), err: err}
	}
	if !b.o.Faults.NoOwed && !incident.StillOwed(s, w.owed) {
		b.counters.overtaken.Add(1)
		return l.finish(w, w.item.Attempts, incident.Report{Outcome: incident.OutcomeOvertaken}, false)
	}
	if until := w.owed.Effect.Until; !until.IsZero() && !b.o.Clock.Now().Before(until) {
		b.counters.expired.Add(1)
		return l.finish(w, w.item.Attempts, incident.Report{Outcome: incident.OutcomeExpired}, false)
	}
	if w.inDoubt() {
		b.counters.inDoubt.Add(1)
		return l.bury(w, w.item.Attempts, errInDoubt)
	}

	if err := l.hold(ctx, b.o.CallTimeout); err != nil {
		return l.unheld(err)
	}
	if !w.begun {
		n, err := b.o.Store.Begin(ctx, l.current(), w.item.ID)
		switch {
		case errors.Is(err, journal.ErrNotFound):
			return result{kind: over, err: err} // settled by somebody meanwhile
		case isFenced(err):
			b.counters.fenced.Add(1)
			return result{kind: fenced, err: err}
		case err != nil:
			return result{kind: again, wait: b.backoff(1, maxWait), err: err}
		}
		w.item.Attempts, w.begun = n, true
	}
	owed := w.owed
	owed.Attempt = w.item.Attempts
	b.counters.attempts.Add(1)
	return l.call(ctx, w, owed, s)
}

// call looks where it must, does, and reports.
func (l *lane) call(ctx context.Context, w *work, owed incident.Owed, s incident.State) result {
	b := l.b
	repeat := owed.Effect.Repeat
	if w.doubt && (repeat == incident.Findable || repeat == incident.Keyed) && !b.o.Faults.NoLook {
		found, ok, err := l.look(ctx, owed, s)
		switch {
		case err == nil && ok:
			b.counters.adopted.Add(1)
			found.Found, found.Outcome = true, incident.OutcomeDone
			r := l.finish(w, owed.Attempt, found, true)
			l.repairLater(w, owed, found, r)
			return r
		case err != nil && repeat == incident.Findable && !permanent(err):
			return l.failed(w, owed, err, false) // nothing was done, and nothing may be
		case err != nil && repeat == incident.Findable:
			// It can never be told. A second post that is repaired beats a card that never comes.
			l.log.Warn().Err(err).Str("effect", w.item.ID).Msg("cannot look for an earlier attempt; doing it again")
		}
	}
	if h := b.o.Hooks.Looked; h != nil {
		if err := h(ctx, owed); err != nil {
			return result{kind: crashed, err: err}
		}
	}
	if err := l.hold(ctx, b.o.CallTimeout); err != nil {
		return l.unheld(err)
	}
	lease := l.current()
	if h := b.o.Hooks.BeforeCall; h != nil {
		if err := h(ctx, owed); err != nil {
			return result{kind: crashed, err: err}
		}
	}
	report, err := l.do(ctx, owed, s)
	if h := b.o.Hooks.AfterCall; h != nil {
		if err := h(ctx, owed); err != nil {
			return result{kind: crashed, err: err}
		}
	}
	if err != nil {
		return l.failed(w, owed, err, true)
	}
	if report.Outcome == "" {
		report.Outcome = incident.OutcomeDone
	}
	b.counters.done.Add(1)
	r := l.report(w, owed.Attempt, report, lease, true)
	l.repairLater(w, owed, report, r)
	return r
}

// look and do give a call its time, and turn a panic of a performer into a failure for good: it would panic again.
func (l *lane) look(ctx context.Context, o incident.Owed, s incident.State) (r incident.Report, ok bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, l.b.o.CallTimeout)
	defer cancel()
	defer caught(&err)
	return l.performer.Look(ctx, o, s)
}

func (l *lane) do(ctx context.Context, o incident.Owed, s incident.State) (r incident.Report, err error) {
	ctx, cancel := context.WithTimeout(ctx, l.b.o.CallTimeout)
	defer cancel()
	defer caught(&err)
	return l.performer.Do(ctx, o, s)
}

// unheld is the end of an attempt whose lease could not be made sure of.
func (l *lane) unheld(err error) result {
	if errors.Is(err, errLost) {
		l.b.counters.stolen.Add(1)
		return result{kind: fenced, err: err}
	}
	return result{kind: again, wait: l.b.backoff(1, maxWait), err: err}
}

// failed decides what a failed call means.
func (l *lane) failed(w *work, owed incident.Owed, err error, did bool) result {
	b := l.b
	doubt := did && ambiguous(err)
	w.doubt = w.doubt || doubt
	wait := retryAfter(err)
	switch {
	case permanent(err) && !doubt:
		return l.bury(w, owed.Attempt, err)
	case doubt && owed.Effect.Repeat == incident.AtMostOnce:
		b.counters.inDoubt.Add(1)
		return l.bury(w, owed.Attempt, fmt.Errorf("%w: %w", errInDoubt, err))
	case doubt && owed.Effect.Repeat == incident.Findable:
		b.repairs.after(b.o.RepairAfter, owed, incident.Report{Effect: owed.ID})
	}
	b.counters.retries.Add(1)
	w.begun = false // the next attempt is a new one
	if wait == 0 {
		if owed.Effect.Repeat == incident.AtMostOnce {
			l.putOff(w, owed.Attempt, 0, err)
		}
		return result{kind: outage, err: err}
	}
	// Asked to slow down: this call's own bucket is empty, the others of the lane are not.
	b.counters.slowed.Add(1)
	wait = b.spread(min(wait, maxRetryAfter))
	if lost := l.putOff(w, owed.Attempt, wait, err); lost {
		return result{kind: fenced, err: err}
	}
	return result{kind: again, called: true, slowed: true, wait: wait, err: err}
}

// putOff writes down that the attempt did nothing, and until when the next one waits.
func (l *lane) putOff(w *work, attempt int, wait time.Duration, cause error) (lost bool) {
	ctx, cancel := context.WithTimeout(l.b.hard, storeWithin)
	defer cancel()
	w.item.LastError = attemptReason(attempt, cause)
	err := l.b.o.Store.Defer(ctx, l.current(), w.item.ID, l.b.o.Clock.Now().Add(wait), w.item.LastError)
	if isFenced(err) {
		l.b.counters.fenced.Add(1)
		return true
	}
	return false
}

// bury ends an effect that was refused for good. What is optional is recorded as done with its error: the lane goes on and nobody is
// bothered.
func (l *lane) bury(w *work, attempt int, cause error) result {
	r := incident.Report{Outcome: incident.OutcomeDead, Error: cause.Error()}
	switch {
	case w.owed.Effect.Optional():
		r.Outcome = incident.OutcomeDone
		l.b.counters.refused.Add(1)
		l.log.Info().Err(cause).Str("effect", w.item.ID).Msg("refused; done without")
	case errors.Is(cause, errInDoubt):
		r.Doubt, r.Who = true, w.owed.Effect.People
		l.log.Warn().Err(cause).Str("effect", w.item.ID).Msg("not known whether it was done; it is not repeated")
	default:
		l.b.counters.dead.Add(1)
		l.log.Error().Err(cause).Str("effect", w.item.ID).Msg("refused for good; it is among the dead letters")
	}
	return l.report(w, attempt, r, l.current(), !errors.Is(cause, errInDoubt))
}

// finish puts an outcome on record: in the log, or, where it adds nothing to it, only in the store.
func (l *lane) finish(w *work, attempt int, r incident.Report, called bool) result {
	return l.report(w, attempt, r, l.current(), called)
}

// reportTries is how often a report is handed in before the effect is put off: an engine that keeps refusing it needs a mend.
const reportTries = 30

// report hands the outcome in under the lease it was earned with, until it is taken or somebody else has the lane.
func (l *lane) report(w *work, attempt int, r incident.Report, lease journal.Lease, called bool) result {
	b := l.b
	if !w.owed.Effect.Facts() && r.Error == "" {
		return result{kind: quiet, called: called}
	}
	r.Effect, r.Attempt = w.owed.ID, attempt
	in := engine.Input{
		Key: fmt.Sprintf("effect/%s/%d", w.owed.ID, attempt), At: b.o.Clock.Now(),
		Actor: incident.Actor{System: incident.SystemTocsin}, Via: incident.ViaOutbox,
		Act: r, Route: engine.Route{ID: w.owed.Incident}, Lease: &lease,
	}
	var err error
	for n := range reportTries {
		var out engine.Outcome
		out, err = b.o.Handler.Handle(b.hard, in)
		switch {
		case err == nil && (out.First > 0 || out.Duplicate):
			return result{kind: over, called: called}
		case err == nil:
			// Nothing to record. The store is told all the same, or the effect would come again.
			l.log.Warn().Str("effect", w.item.ID).Interface("refusal", out.Refusal).Msg("the report added nothing to the log")
			return result{kind: quiet, called: called}
		case isFenced(err):
			b.counters.fenced.Add(1)
			l.log.Info().Str("effect", w.item.ID).Msg("report fenced: another replica has the lane")
			return result{kind: fenced, called: called, err: err}
		case b.hard.Err() != nil:
			w.begun, w.doubt = false, true
			return result{kind: again, err: err}
		}
		if n == 2 {
			l.log.Warn().Err(err).Str("effect", w.item.ID).Msg("done, but not recorded yet; trying again")
		}
		if b.o.Clock.Sleep(b.hard, b.backoff(min(n, 1), 2*time.Second)) != nil {
			w.begun, w.doubt = false, true
			return result{kind: again, err: err}
		}
	}
	w.begun, w.doubt = false, true // it was made: the next one looks for it
	l.log.Error().Err(err).Str("effect", w.item.ID).Msg("its outcome cannot be recorded")
	return result{kind: again, called: called, wait: maxWait, err: err}
}

// repairLater asks for a repair where an effect may have been done twice: now, and when a paused worker has had its say.
func (l *lane) repairLater(w *work, owed incident.Owed, r incident.Report, res result) {
	if owed.Effect.Repeat != incident.Findable {
		return
	}
	r.Effect = owed.ID
	switch {
	case res.kind == fenced:
		r = incident.Report{Effect: owed.ID, Channel: r.Channel} // what we did is not what is on record; where, is where to look
	case !w.doubt:
		return
	}
	l.b.repairs.after(0, owed, r)
	l.b.repairs.after(l.b.o.RepairAfter, owed, r)
}

// inDoubt reports whether an at-most-once effect has an attempt that began and is not known to have done nothing.
func (w *work) inDoubt() bool {
	if w.owed.Effect.Repeat != incident.AtMostOnce || w.begun || w.item.Attempts == 0 || w.untried && w.item.Attempts == 1 {
		return false
	}
	var n int
	if _, err := fmt.Sscanf(w.item.LastError, "attempt %d:", &n); err != nil {
		return true
	}
	return n < w.item.Attempts
}

// attemptReason is what the store keeps of an attempt that is known to have done nothing; inDoubt reads it.
func attemptReason(attempt int, cause error) string {
	return fmt.Sprintf("attempt %d: %s", attempt, incident.Clip(cause.Error(), 300))
}

package workspace

import (
	"context"
	"encoding/json"
	"slices"
	"time"
)

// envelope is one event, command or interaction on its way to an app. It belongs to
// Workspace.mu.
type envelope struct {
	app     *app
	kind    string // events_api, slash_commands, interactive
	event   bool   // is delivered again when it is not acknowledged
	accepts bool   // the acknowledgement may carry a payload
	payload json.RawMessage
	reply   chan json.RawMessage // capacity 1; of commands and interactions

	ids     []string // envelope ids under which it was sent
	attempt int      // the latest attempt, or the one that waits for a socket
	conn    *conn    // where it was sent last
	onWire  bool     // sent, and neither acknowledged nor failed yet
	settled bool     // acknowledged, or given up
	ackedAt time.Time
	ack     *timer // real time
	retry   *timer // by the clock
}

// retryAfter is when an event comes again: at once, after one and after five minutes.
var retryAfter = map[int]time.Duration{1: 0, 2: time.Minute, 3: 5 * time.Minute}

const lastAttempt = 3

// keptIDs is how many settled envelope ids of an app are remembered, to tell a late
// acknowledgement from one of something that never was.
const keptIDs = 8192

// dispatchEventLocked starts the delivery of an event.
func (w *Workspace) dispatchEventLocked(e *envelope) {
	if d := w.faults.State().Delay; d > 0 {
		e.retry = w.domain.after(d, func() {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.deliverLocked(e, 0)
		})
		return
	}
	w.deliverLocked(e, 0)
}

// deliverLocked sends an envelope to one socket. An event without a socket waits.
func (w *Workspace) deliverLocked(e *envelope, attempt int) bool {
	if e.settled || w.closed {
		return false
	}
	e.attempt = attempt
	c := e.app.pick(e.conn)
	if c == nil {
		if e.event {
			e.app.waiting = append(e.app.waiting, e)
			if len(e.app.waiting) > maxWaitingEvents {
				w.loseLocked(e.app.waiting[0])
				e.app.waiting = slices.Delete(e.app.waiting, 0, 1)
			}
		}
		return false
	}
	id := w.uuidLocked()
	e.ids = append(e.ids, id)
	e.app.open[id] = e
	e.conn, e.onWire = c, true
	o := object{
		"envelope_id": id, "type": e.kind, "payload": e.payload,
		"accepts_response_payload": e.accepts,
	}
	if e.event {
		o["retry_attempt"], o["retry_reason"] = attempt, ""
		if attempt > 0 {
			o["retry_reason"] = "timeout"
		}
	}
	data := mustJSON(o)
	w.stats.Delivered++
	if attempt > 0 {
		w.stats.Redelivered++
	}
	if e.event {
		e.ack = w.real.after(w.opt.AckTimeout, func() {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.attemptFailedLocked(e, attempt)
		})
	}
	if w.faults.countdown(func(s *FaultState) *int { return &s.LoseNext }) {
		return true
	}
	c.sendLocked(frame{data: data})
	if attempt == 0 && w.faults.countdown(func(s *FaultState) *int { return &s.DuplicateNext }) {
		w.stats.Duplicated++
		if other := e.app.pick(c); other != nil {
			c = other
		}
		c.sendLocked(frame{data: data})
	}
	return true
}

// attemptFailedLocked plans the next attempt, or gives up.
func (w *Workspace) attemptFailedLocked(e *envelope, attempt int) {
	if e.settled || !e.onWire || e.attempt != attempt {
		return
	}
	e.onWire = false
	w.real.stop(e.ack)
	next := attempt + 1
	if next > lastAttempt {
		w.loseLocked(e)
		return
	}
	d := retryAfter[next]
	if d == 0 {
		w.deliverLocked(e, next)
		return
	}
	e.retry = w.domain.after(d, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.deliverLocked(e, next)
	})
}

func (w *Workspace) loseLocked(e *envelope) {
	w.stats.Lost++
	w.settleLocked(e)
}

// settleLocked ends the life of an envelope. Its ids stay known for a while.
func (w *Workspace) settleLocked(e *envelope) {
	e.settled, e.onWire = true, false
	w.real.stop(e.ack)
	w.domain.stop(e.retry)
	e.payload = nil
	a := e.app
	a.known = append(a.known, e.ids...)
	for len(a.known) > keptIDs {
		delete(a.open, a.known[0])
		a.known = a.known[1:]
	}
}

// flushLocked delivers what waited for a socket. The attempt that failed for want of
// one counts: nothing arrives with retry_attempt 0.
func (w *Workspace) flushLocked(a *app) {
	list := a.waiting
	a.waiting = nil
	for _, e := range list {
		w.deliverLocked(e, max(e.attempt, 1))
	}
}

// socketGoneLocked fails what was on a socket, in order of first delivery.
func (w *Workspace) socketGoneLocked(c *conn) {
	var gone []*envelope
	for _, e := range c.app.open {
		if e.event && e.onWire && e.conn == c && !slices.Contains(gone, e) {
			gone = append(gone, e)
		}
	}
	slices.SortFunc(gone, func(a, b *envelope) int { return int(a.ackSeq() - b.ackSeq()) })
	for _, e := range gone {
		w.attemptFailedLocked(e, e.attempt)
	}
}

// ackSeq orders envelopes by when they were sent.
func (e *envelope) ackSeq() int64 {
	if e.ack == nil {
		return 0
	}
	return int64(e.ack.seq)
}

// pick chooses the socket for the next envelope, in turns, and another than avoid when
// there is one.
func (a *app) pick(avoid *conn) *conn {
	var fresh []*conn
	again := false
	for _, c := range a.conns {
		switch {
		case c.draining || c.dead():
		case c == avoid:
			again = true
		default:
			fresh = append(fresh, c)
		}
	}
	if len(fresh) == 0 {
		if again {
			return avoid
		}
		return nil
	}
	a.lastUse++
	return fresh[a.lastUse%len(fresh)]
}

// request sends a command or an interaction once and waits for the acknowledgement.
// It must be called without the lock; the status is Acked, TimedOut or Undelivered.
func (w *Workspace) request(ctx context.Context, a *app, kind string, accepts bool, payload json.RawMessage) (Outcome, error) {
	e := &envelope{app: a, kind: kind, accepts: accepts, payload: payload, reply: make(chan json.RawMessage, 1)}
	delay := w.faults.State().Delay
	w.mu.Lock()
	w.stats.Requests++
	if w.closed {
		w.mu.Unlock()
		return Outcome{Status: Undelivered}, nil
	}
	if delay > 0 {
		e.retry = w.domain.after(delay, func() {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.deliverLocked(e, 0)
		})
	} else if !w.deliverLocked(e, 0) {
		w.stats.Lost++
		w.mu.Unlock()
		return Outcome{Status: Undelivered}, nil
	}
	w.mu.Unlock()

	timeout := time.NewTimer(w.opt.AckTimeout)
	defer timeout.Stop()
	var err error
	select {
	case answer := <-e.reply:
		return Outcome{Status: Acked, Payload: answer, AckedAt: e.ackedAt}, nil
	case <-timeout.C:
	case <-w.ctx.Done():
	case <-ctx.Done():
		err = ctx.Err()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	select {
	case answer := <-e.reply: // it came at the last moment
		return Outcome{Status: Acked, Payload: answer, AckedAt: e.ackedAt}, nil
	default:
	}
	w.stats.Lost++
	if delay > 0 && !e.onWire {
		// It is still to arrive, too late to matter: the app sees it all the same.
		e.reply = nil
		return Outcome{Status: TimedOut}, err
	}
	w.settleLocked(e)
	return Outcome{Status: TimedOut}, err
}

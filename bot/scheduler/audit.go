package scheduler

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"github.com/tocsin-bot/tocsin/bot/clock"
	"github.com/tocsin-bot/tocsin/bot/engine"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/journal"
)

// Auditor rolls through the incidents and compares what is derived with the log it is derived from: the hash chain, the snapshot, the
// row for lists, the due time, the effects on their way. The log is right; what differs is put right and counted. A broken chain is
// reported and left as it is.
//
// Effects that add no event when they end (redraws, topics) cannot be missed in the log; a lost one is made good by the next redraw.
// A restored effect counts as begun: it is looked for before it is done, and an at-most-once one is not repeated.
type Auditor struct {
	o    AuditOptions
	turn chan struct{} // capacity 1: one step at a time; it may have to wait for the store, and whoever asks for the report must not
	in   Report        // of the pass under way

	mu sync.Mutex
	r  Report

	due  map[journal.Stream]time.Time // the due index, as read for this step
	full bool                         // due holds all of it
}

// AuditOptions are what an Auditor needs.
type AuditOptions struct {
	Store   journal.Store
	Reader  engine.Reader
	Clock   *clock.Clock
	Log     zerolog.Logger
	PerStep int // incidents audited by one Step; default 25
}

// Report is what the auditor found.
type Report struct {
	Began     time.Time // of the pass; by the clock
	Ended     time.Time // zero: no pass is through yet, or this one is not
	Streams   int
	Snapshots int // put right
	Rows      int
	Due       int
	Restored  int      // effects put back
	Broken    []string // logs whose chain does not hold or that cannot be read, at most maxBroken, with the reason
}

// Differences is how much was not as the log says.
func (r Report) Differences() int { return r.Snapshots + r.Rows + r.Due + r.Restored + len(r.Broken) }

const (
	maxBroken   = 20
	auditCursor = "audit"
	auditTries  = 5 // when others write to the incident meanwhile
	pageSize    = 500
)

// NewAuditor returns an auditor; Step is a duty's work.
func NewAuditor(o AuditOptions) *Auditor {
	if o.PerStep == 0 {
		o.PerStep = 25
	}
	return &Auditor{o: o, turn: make(chan struct{}, 1)}
}

// Report returns what the last full pass found; its Ended is zero before the first is through.
func (a *Auditor) Report() Report {
	a.mu.Lock()
	defer a.mu.Unlock()
	r := a.r
	r.Broken = slices.Clone(r.Broken)
	return r
}

// Step audits the next few incidents, going on where the last step, of whichever replica, ended.
func (a *Auditor) Step(ctx context.Context) error {
	if err := a.begin(ctx); err != nil {
		return err
	}
	defer a.end()
	_, err := a.step(ctx, a.o.PerStep)
	return err
}

// Full audits all of them, from the first.
func (a *Auditor) Full(ctx context.Context) (Report, error) {
	if err := a.begin(ctx); err != nil {
		return Report{}, err
	}
	defer a.end()
	a.in = Report{Began: a.o.Clock.Now()}
	if err := a.o.Store.SetCursor(ctx, auditCursor, ""); err != nil {
		return Report{}, err
	}
	for {
		through, err := a.step(ctx, 500)
		if err != nil {
			return a.in, err
		}
		if through {
			return a.Report(), nil
		}
	}
}

func (a *Auditor) begin(ctx context.Context) error {
	select {
	case a.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (a *Auditor) end() { <-a.turn }

func (a *Auditor) step(ctx context.Context, limit int) (through bool, err error) {
	after, err := a.o.Store.Cursor(ctx, auditCursor)
	if err != nil {
		return false, fmt.Errorf("audit: %w", err)
	}
	if a.in.Began.IsZero() || after == "" {
		a.in = Report{Began: a.o.Clock.Now()}
	}
	streams, err := a.o.Store.Streams(ctx, journal.Stream(after), limit)
	if err != nil {
		return false, fmt.Errorf("audit: %w", err)
	}
	if err := a.readDue(ctx); err != nil {
		return false, fmt.Errorf("audit: %w", err)
	}
	for _, s := range streams {
		if s == journal.House {
			continue
		}
		if err := a.incident(ctx, s); err != nil {
			return false, fmt.Errorf("audit %s: %w", s, err)
		}
		a.in.Streams++
		after = string(s)
	}
	through = len(streams) < limit
	if through {
		after = ""
		a.in.Ended = a.o.Clock.Now()
		a.mu.Lock()
		a.r = a.in
		a.r.Broken = slices.Clone(a.in.Broken)
		a.mu.Unlock()
		if n := a.in.Differences(); n > 0 {
			a.o.Log.Warn().Int("differences", n).Int("due", a.in.Due).Int("restored", a.in.Restored).Strs("broken", a.in.Broken).Msg("the audit found what the logs do not say")
		}
	}
	return through, a.o.Store.SetCursor(ctx, auditCursor, after)
}

func (a *Auditor) readDue(ctx context.Context) error {
	all, err := a.o.Store.Due(ctx, time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), journal.MaxLimit)
	if err != nil {
		return err
	}
	a.due, a.full = make(map[journal.Stream]time.Time, len(all)), len(all) < journal.MaxLimit
	for _, d := range all {
		a.due[d.Stream] = d.At
	}
	return nil
}

// incident audits one, again when somebody wrote to it meanwhile: what was read is then of two moments.
func (a *Auditor) incident(ctx context.Context, s journal.Stream) error {
	for range auditTries {
		done, err := a.once(ctx, s)
		if err != nil || done {
			return err
		}
		if err := a.readDue(ctx); err != nil {
			return err
		}
	}
	return nil // too busy to be audited; it is read all the time anyway
}

// once compares an incident; false when it changed meanwhile. Repairs expect the version compared.
func (a *Auditor) once(ctx context.Context, s journal.Stream) (bool, error) {
	l, err := a.o.Store.Load(ctx, s)
	if err != nil {
		return false, err
	}
	log, err := a.replay(ctx, s)
	if err != nil {
		var broken *journal.BrokenChain
		if ctx.Err() == nil && (errors.As(err, &broken) || errors.Is(err, errUnreadable)) {
			if len(a.in.Broken) < maxBroken {
				a.in.Broken = append(a.in.Broken, err.Error())
			}
			a.o.Log.Error().Err(err).Str("incident", string(s)).Msg("this log cannot be trusted; nothing is repaired from it")
			return true, nil
		}
		return false, err
	}
	if log.state.Seq != l.Version {
		return false, nil
	}
	bound, err := a.o.Reader.State(ctx, log.state.ID)
	if err != nil {
		return false, err
	}
	if bound.Seq != log.state.Seq {
		return false, nil
	}
	log.state.Policy = bound.Policy

	put := journal.Put{}
	if err := a.snapshot(l, log.state, &put); err != nil {
		return false, err
	}
	if err := a.row(ctx, s, log.state, &put); err != nil {
		return false, err
	}
	missing, err := a.missing(ctx, log)
	if err != nil {
		return false, err
	}
	want := journal.Kept(incident.NextDue(log.state))
	dueWrong := a.dueWrong(s, want)
	if dueWrong { // the index was read before the incident: somebody may have written to it in between
		if err := a.readDue(ctx); err != nil {
			return false, err
		}
		dueWrong = a.dueWrong(s, want)
	}
	if len(put.Snapshots)+len(put.Rows)+len(missing) == 0 && !dueWrong {
		return true, nil
	}
	// What differs may only differ because somebody wrote in between.
	if now, err := a.o.Store.Load(ctx, s); err != nil || now.Version != l.Version {
		return false, err
	}
	return a.repair(ctx, s, l.Version, put, missing, dueWrong, want)
}

// dueWrong reports whether the index, as last read, has another due time for an incident.
func (a *Auditor) dueWrong(s journal.Stream, want time.Time) bool {
	have, indexed := a.due[s]
	return !have.Equal(want) && (a.full || indexed)
}

// repair puts right what differs, if nobody has written to the incident since it was compared.
func (a *Auditor) repair(ctx context.Context, s journal.Stream, version int64, put journal.Put, missing []journal.Item, dueWrong bool, want time.Time) (bool, error) {
	var c *journal.Conflict
	if dueWrong {
		err := a.o.Store.SetDue(ctx, s, version, want)
		if errors.As(err, &c) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		a.in.Due++
	}
	if len(put.Snapshots)+len(put.Rows) > 0 {
		_, err := a.o.Store.Commit(ctx, journal.Commit{Expect: journal.Expect{Versions: map[journal.Stream]int64{s: version}}, Put: put})
		if errors.As(err, &c) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		a.in.Snapshots += len(put.Snapshots)
		a.in.Rows += len(put.Rows)
	}
	if len(missing) > 0 {
		if err := a.o.Store.Restore(ctx, missing); err != nil {
			return false, err
		}
		a.in.Restored += len(missing)
	}
	return true, nil
}

// told is what a log says.
type told struct {
	state incident.State
	owed  map[incident.EffectID]incident.Event // recorded, and no end on record
	order []incident.EffectID
}

var errUnreadable = errors.New("cannot be read")

// replay reads a log from its first record and checks its chain.
func (a *Auditor) replay(ctx context.Context, s journal.Stream) (told, error) {
	out := told{owed: map[incident.EffectID]incident.Event{}}
	prev := ""
	for from := int64(1); ; {
		records, err := a.o.Store.Records(ctx, s, from, pageSize)
		if err != nil {
			return out, err
		}
		if err := journal.Verify(records, prev); err != nil {
			return out, err
		}
		for _, r := range records {
			e, err := journal.DecodeIncident(r)
			if err != nil {
				return out, fmt.Errorf("record %d of %s %w: %w", r.Seq, s, errUnreadable, err)
			}
			out.state = incident.Evolve(out.state, e)
			for _, eff := range e.Effects {
				if eff.Facts() {
					id := incident.IDOf(incident.ID(s), e.Seq, eff)
					out.owed[id] = e
					out.order = append(out.order, id)
				}
			}
			if id, ok := incident.SettledBy(e); ok {
				delete(out.owed, id)
			}
			prev, from = r.Hash, r.Seq+1
		}
		if len(records) < pageSize {
			return out, nil
		}
	}
}

// snapshot compares the state that loading gives with the one that the whole log gives.
func (a *Auditor) snapshot(l journal.Loaded, want incident.State, put *journal.Put) error {
	if l.Snapshot == nil {
		return nil // loading replays the log
	}
	have, err := journal.DecodeState(*l.Snapshot)
	for _, r := range l.Records {
		if err != nil {
			break
		}
		if r.Seq <= have.Seq {
			continue
		}
		var e incident.Event
		if e, err = journal.DecodeIncident(r); err == nil {
			have = incident.Evolve(have, e)
		}
	}
	right, rerr := journal.EncodeState(want)
	if rerr != nil {
		return rerr
	}
	if err == nil {
		kept, err := journal.EncodeState(have)
		if err == nil && bytes.Equal(kept.Body, right.Body) {
			return nil
		}
	}
	put.Snapshots = map[journal.Stream]journal.Snapshot{journal.Stream(want.ID): right}
	return nil
}

// row compares the row for lists.
func (a *Auditor) row(ctx context.Context, s journal.Stream, want incident.State, put *journal.Put) error {
	number := want.ID.Number()
	rows, err := a.o.Store.Rows(ctx, false, journal.Stream("INC-"+strconv.FormatInt(number+1, 10)), 1)
	if err != nil {
		return err
	}
	right := engine.RowOf(want)
	if len(rows) == 1 {
		var have engine.Row
		if json.Unmarshal(rows[0], &have) == nil && sameRow(have, right) {
			return nil
		}
	}
	raw, err := json.Marshal(right)
	if err != nil {
		return err
	}
	put.Rows = map[journal.Stream]json.RawMessage{s: raw}
	return nil
}

// sameRow compares but for Seq: events that change nothing a list shows do not rewrite the row.
func sameRow(a, b engine.Row) bool {
	a.Seq, b.Seq = 0, 0
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && bytes.Equal(x, y)
}

// missing are the effects whose end is not on record and that are on nobody's way.
func (a *Auditor) missing(ctx context.Context, log told) ([]journal.Item, error) {
	if len(log.owed) == 0 {
		return nil, nil
	}
	waiting := map[string]bool{}
	for _, lane := range incident.Lanes {
		items, err := a.o.Store.Pending(ctx, engine.LaneOf(log.state.ID, lane), journal.MaxLimit)
		if err != nil {
			return nil, err
		}
		for _, it := range items {
			waiting[it.ID] = true
		}
	}
	var out []journal.Item
	for _, id := range log.order {
		e, owed := log.owed[id]
		if !owed || waiting[string(id)] {
			continue
		}
		for _, eff := range e.Effects {
			if incident.IDOf(log.state.ID, e.Seq, eff) != id {
				continue
			}
			it, err := engine.ItemOf(log.state.ID, e, eff)
			if err != nil {
				return nil, err
			}
			it.Attempts = 1 // it may have been done before it was lost
			out = append(out, it)
		}
	}
	return out, nil
}

// String says it in one line, for check and readiness.
func (r Report) String() string {
	if r.Ended.IsZero() {
		return "no audit is through yet"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%d incidents audited by %s", r.Streams, r.Ended.Format(time.RFC3339))
	if r.Differences() == 0 {
		return b.String() + ", all as their logs say"
	}
	fmt.Fprintf(&b, "; put right: %d snapshots, %d rows, %d due times, %d effects", r.Snapshots, r.Rows, r.Due, r.Restored)
	if len(r.Broken) > 0 {
		fmt.Fprintf(&b, "; not to be trusted: %s", strings.Join(r.Broken, "; "))
	}
	return b.String()
}

package pagerduty

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/tocsin-bot/tocsin/bot/house"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// PollOptions set the poller's pace. The zero value is the pace for an account without webhooks.
type PollOptions struct {
	Every     time.Duration // between readings of the log; zero: 8 s
	Reconcile time.Duration // between readings of everything open; zero: 60 s
}

const (
	pollEvery      = 8 * time.Second
	reconcileEvery = time.Minute
	overlap        = 2 * time.Minute // entries may appear late and out of order
	maxCatchUp     = 7 * 24 * time.Hour
	logPages       = 20 // of 100 entries, in one reading
	openPages      = 20 // of 100 incidents
	minSpan        = time.Second
	awayAfter      = 30 * time.Second // a shorter silence is not worth a line in the log
	maxBackoff     = time.Minute
	cursorLog      = "pagerduty/log"
	maxSeen        = 20_000
	maxStuck       = 10 // rounds
)

// Poller reads PagerDuty's log where no webhook can reach us, and as a net under the webhook where one does.
type Poller struct {
	in   *Inbound
	o    PollOptions
	seen map[string]bool // log entries taken in by this process: a repeat costs no store access
	last []string        // of seen, oldest first
	open map[string]openSeen
	// lastOK is when PagerDuty last answered; failing since then when failed is set.
	lastOK time.Time
	failed bool
	silent atomic.Int64 // lastOK in Unix milliseconds while failing, else 0; read by Probe
	// stuck counts the rounds in which the same entry could not be recorded.
	stuck      string
	stuckTimes int
}

type openSeen struct {
	status  string
	changed time.Time
}

// Poller makes the poller. It needs a client with a token and cursors.
func (in *Inbound) Poller(o PollOptions) (*Poller, error) {
	if !in.o.Client.HasToken() {
		return nil, errors.New("polling PagerDuty needs PAGERDUTY_API_TOKEN: set it, or receive webhooks")
	}
	if in.o.Cursors == nil || in.o.Clock == nil {
		return nil, errors.New("polling PagerDuty needs cursors and a clock")
	}
	if o.Every <= 0 {
		o.Every = pollEvery
	}
	if o.Reconcile <= 0 {
		o.Reconcile = reconcileEvery
	}
	return &Poller{in: in, o: o, seen: map[string]bool{}, open: map[string]openSeen{}}, nil
}

// Run polls until the context ends, and returns its error. Failures are waited out, never returned.
func (p *Poller) Run(ctx context.Context) error {
	clock, log := p.in.o.Clock, p.in.o.Log
	p.lastOK = clock.Now()
	p.in.bornAt(ctx)
	var reconcileAt time.Time
	backoff := p.o.Every
	for {
		err := p.Poll(ctx)
		if err == nil && !clock.Now().Before(reconcileAt) {
			if err = p.ReconcileOpen(ctx); err == nil {
				reconcileAt = clock.Now().Add(p.o.Reconcile)
			}
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		wait := p.o.Every
		var f *Fault
		switch {
		case err == nil:
			p.heard(ctx)
			backoff = p.o.Every
		case errors.As(err, &f):
			if !p.failed {
				log.Warn().Err(err).Msg("PagerDuty cannot be read; polling goes on")
			}
			p.failed = true
			p.silent.Store(p.lastOK.UnixMilli())
			wait, backoff = max(backoff, f.RetryAfter()), min(2*backoff, maxBackoff)
		default: // the store: PagerDuty itself was heard
			log.Error().Err(err).Msg("what PagerDuty said was not recorded; it is read again")
		}
		if err := clock.Sleep(ctx, wait); err != nil {
			return err
		}
	}
}

// heard notes that PagerDuty answers, and records the silence before.
func (p *Poller) heard(ctx context.Context) {
	now := p.in.o.Clock.Now()
	if p.failed {
		from := p.lastOK
		p.in.o.Log.Info().Time("since", from).Msg("PagerDuty can be read again")
		if now.Sub(from) >= awayAfter {
			away := house.Intent{At: now, Now: now, Fact: &house.Away{What: "pagerduty", From: from, To: now}}
			if err := p.in.o.Handler.HandleHouse(ctx, "pd/away/"+strconv.FormatInt(from.UnixMilli(), 10), away); err != nil {
				p.in.o.Log.Error().Err(err).Msg("the time PagerDuty was away is not recorded; it is tried again")
				return // failed stays, so the next round tries again
			}
		}
	}
	p.failed, p.lastOK = false, now
	p.silent.Store(0)
}

// Probe says, for a readiness check, why PagerDuty is not heard: an error when it has not answered for more than two minutes.
func (p *Poller) Probe(context.Context) error {
	since := p.silent.Load()
	if at := time.UnixMilli(since).UTC(); since != 0 && p.in.o.Clock.Now().Sub(at) > 2*time.Minute {
		return fmt.Errorf("PagerDuty has not answered since %s: pages are still sent, acknowledgements on the phone are not seen", at.Format(time.RFC3339))
	}
	return nil
}

// Poll reads the log once, from the cursor less the overlap, oldest entry first. After an absence it reads in spans small enough that
// none has more entries than are read of it. The cursor moves only past what was taken in.
func (p *Poller) Poll(ctx context.Context) error {
	clock, cursors := p.in.o.Clock, p.in.o.Cursors
	now := clock.Now()
	v, err := cursors.Get(ctx, cursorLog)
	if err != nil {
		return fmt.Errorf("read the cursor of PagerDuty's log: %w", err)
	}
	at, err := time.Parse(time.RFC3339Nano, v)
	if err != nil { // the first time, or lost: reconcile brings what is open
		at = now
	}
	if oldest := now.Add(-maxCatchUp); at.Before(oldest) {
		p.in.o.Log.Warn().Time("from", at).Time("to", oldest).Msg("PagerDuty's log of this time is not read: Tocsin was away for longer than a week")
		at = oldest
	}
	from := at.Add(-overlap)
	for {
		to, err := p.span(ctx, from, now)
		if err != nil {
			return err
		}
		if err := cursors.Set(ctx, cursorLog, to.Format(time.RFC3339Nano)); err != nil {
			return fmt.Errorf("keep the cursor of PagerDuty's log: %w", err)
		}
		if !to.Before(now) {
			return nil
		}
		from = to.Truncate(time.Second) // the log has whole seconds; what was read before is known by its key
	}
}

// span takes in the entries from a moment on, up to now where they are not too many, and returns up to when.
func (p *Poller) span(ctx context.Context, from, now time.Time) (time.Time, error) {
	to := now
	for {
		entries, more, err := p.read(ctx, from, to, to.Equal(now))
		if err != nil {
			return from, err
		}
		if more && to.Sub(from) > 2*minSpan {
			to = from.Add(to.Sub(from) / 2)
			continue
		}
		if more {
			p.in.o.Log.Error().Time("from", from).Time("to", to).Msgf("more than %d log entries of PagerDuty in %s: the oldest are not read", logPages*pageSize, to.Sub(from))
		}
		for _, e := range entries {
			if err := p.entry(ctx, e); err != nil {
				return from, err
			}
		}
		return to, nil
	}
}

// read returns the log entries of a span, oldest first. more: there are further ones, older than those.
func (p *Poller) read(ctx context.Context, from, to time.Time, open bool) (entries []wireLogEntry, more bool, err error) {
	q := url.Values{"since": {from.UTC().Format(time.RFC3339)}, "time_zone": {"UTC"}, "include[]": {"incidents"}}
	if !open {
		q.Set("until", to.UTC().Format(time.RFC3339))
	}
	more, err = p.in.o.Client.pages(ctx, idle, "read the log", "/log_entries", q, logPages, func(raw json.RawMessage) error {
		var list struct {
			Entries []json.RawMessage `json:"log_entries"`
		}
		if err := json.Unmarshal(raw, &list); err != nil {
			return err
		}
		for _, one := range list.Entries {
			var e wireLogEntry
			if err := json.Unmarshal(one, &e); err != nil { // one entry that cannot be read must not hide the others
				p.in.o.Log.Error().Err(err).Msg("a log entry of PagerDuty cannot be read; it is left out")
				continue
			}
			entries = append(entries, e)
		}
		return nil
	})
	if err != nil {
		return nil, false, err
	}
	slices.Reverse(entries) // PagerDuty lists the newest first, also within a second
	slices.SortStableFunc(entries, func(a, b wireLogEntry) int { return a.CreatedAt.Compare(b.CreatedAt.Time) })
	return entries, more, nil
}

var logKinds = map[string]string{
	"trigger_log_entry":       kindTriggered,
	"acknowledge_log_entry":   kindAcknowledged,
	"unacknowledge_log_entry": kindUnacknowledged,
	"escalate_log_entry":      kindReassigned,
	"delegate_log_entry":      kindReassigned,
	"reassign_log_entry":      kindReassigned,
	"reopen_log_entry":        kindReopened,
	"resolve_log_entry":       kindResolved,
	"annotate_log_entry":      kindNote,
}

// entry takes in one log entry.
func (p *Poller) entry(ctx context.Context, e wireLogEntry) error {
	kind, ok := logKinds[e.Type]
	if e.Type == "assign_log_entry" && e.Agent.user() { // by a person; the others follow a trigger
		kind, ok = kindReassigned, true
	}
	if !ok || e.ID == "" || e.Incident == nil || !plausibleID(e.Incident.ID) || e.CreatedAt.IsZero() || p.seen[e.ID] {
		return nil
	}
	w := *e.Incident
	c := change{
		transport: "pd/log/" + e.ID, kind: kind, at: e.CreatedAt.Time, agent: e.Agent, inc: p.in.refOf(w), title: incident.Clip(w.Title, maxSummary),
		created: w.CreatedAt.Time, current: w.Status != "", acks: acksOf(w),
	}
	if kind == kindNote && e.Channel != nil {
		c.note = textOf(e.Channel.Summary)
	}
	if err := p.in.take(ctx, c); err != nil && !p.skip(ctx, e, err) {
		return err
	}
	p.seen[e.ID] = true
	if p.last = append(p.last, e.ID); len(p.last) > maxSeen {
		delete(p.seen, p.last[0])
		p.last = slices.Delete(p.last, 0, 1)
	}
	return nil
}

// skip gives an entry up that could not be recorded in many rounds, if it can be kept as a dead letter: then the store works, and it is the
// entry that does not. Everything after it would wait for ever otherwise.
func (p *Poller) skip(ctx context.Context, e wireLogEntry, cause error) bool {
	if p.stuck != e.ID {
		p.stuck, p.stuckTimes = e.ID, 0
	}
	p.stuckTimes++
	if p.stuckTimes < maxStuck || p.in.o.DeadLetters == nil || ctx.Err() != nil {
		return false
	}
	body, err := json.Marshal(map[string]string{"log_entry": e.ID, "type": e.Type, "incident": e.Incident.ID})
	if err == nil {
		err = p.in.o.DeadLetters.File(ctx, "pagerduty/log", cause.Error(), body)
	}
	return err == nil
}

// ReconcileOpen reads every open incident once and brings in what is not known: the net under lost webhooks and lost cursors. One that
// was open the last time and is not any more is read by itself.
func (p *Poller) ReconcileOpen(ctx context.Context) error {
	q := url.Values{"statuses[]": {statusTriggered, statusAcknowledged}, "date_range": {"all"}, "time_zone": {"UTC"}}
	var all []wireIncident
	more, err := p.in.o.Client.pages(ctx, idle, "read the open incidents", "/incidents", q, openPages, func(raw json.RawMessage) error {
		var list struct {
			Incidents []json.RawMessage `json:"incidents"`
		}
		if err := json.Unmarshal(raw, &list); err != nil {
			return err
		}
		for _, one := range list.Incidents {
			var w wireIncident
			if err := json.Unmarshal(one, &w); err != nil {
				p.in.o.Log.Error().Err(err).Msg("an incident of PagerDuty cannot be read; it is left out")
				continue
			}
			all = append(all, w)
		}
		return nil
	})
	if err != nil {
		return err
	}
	now := map[string]openSeen{}
	for _, w := range all {
		if !plausibleID(w.ID) {
			continue
		}
		is := openSeen{w.Status, w.ChangedAt.Time}
		if p.open[w.ID] == is {
			now[w.ID] = is
			continue
		}
		if err := p.reconcile(ctx, w); err != nil {
			return err
		}
		now[w.ID] = is
	}
	for id, was := range p.open {
		if _, still := now[id]; still {
			continue
		}
		if more { // the list was cut: absence says nothing
			now[id] = was
			continue
		}
		w, err := p.in.fetch(ctx, id)
		var f *Fault
		if errors.As(err, &f) && f.Permanent() {
			continue // merged away or deleted
		}
		if err != nil {
			return err
		}
		if err := p.reconcile(ctx, w); err != nil {
			return err
		}
	}
	p.open = now
	return nil
}

// reconcile brings in an incident as it is now.
func (p *Poller) reconcile(ctx context.Context, w wireIncident) error {
	changed := w.ChangedAt.Time
	if changed.IsZero() {
		changed = w.CreatedAt.Time
	}
	key := "pd/open/" + w.ID + "/" + w.Status + "/" + strconv.FormatInt(changed.Unix(), 10)
	c := change{
		transport: key, at: w.CreatedAt.Time, inc: p.in.refOf(w), title: incident.Clip(w.Title, maxSummary),
		created: w.CreatedAt.Time, current: true,
	}
	switch {
	case w.Status == statusResolved:
		c.kind, c.at, c.agent = kindResolved, w.ResolvedAt.Time, w.ChangedBy
		if c.at.IsZero() {
			c.at = changed
		}
		return p.in.take(ctx, c)
	case w.Status == statusTriggered && changed.Sub(c.at) > time.Second: // it was acknowledged, or somebody else's, in between
		c.kind, c.at = kindUnacknowledged, changed
		return p.in.take(ctx, c)
	case w.Status == statusTriggered:
		c.kind = kindTriggered
		return p.in.take(ctx, c)
	}
	acks := acksOf(w)
	if len(acks) == 0 { // by a machine: nobody has taken it
		c.kind = kindOther
		return p.in.take(ctx, c)
	}
	for _, a := range acks {
		c.kind, c.at, c.agent = kindAcknowledged, a.at, a.by
		c.transport = key + "/" + a.by.ID
		if err := p.in.take(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

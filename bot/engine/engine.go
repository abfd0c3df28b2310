package engine

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tocsin-bot/tocsin/bot/clock"
	"github.com/tocsin-bot/tocsin/bot/house"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/journal"
)

// Policies gives the policy of new incidents and reads frozen ones.
type Policies interface {
	// Current returns the policy a new incident gets, and its source.
	Current() (*incident.Policy, []byte)
	// Decode reads a frozen policy from its source.
	Decode(source []byte) (*incident.Policy, error)
}

// Library gives runbook revisions.
type Library interface {
	// ForAlert returns the runbooks that an alert of a service starts, in the policy's language, and what they fit: incident.ByAlert, ByService, or
	// ByGeneric where none does. Both names may be empty.
	ForAlert(alert, service string, p *incident.Policy) (refs []incident.RunbookRef, by string)
	// Suggest returns the runbooks that fit what a person declares, best first, with why.
	Suggest(title, service string, p *incident.Policy) []incident.Suggestion
	// Source returns a revision by digest.
	Source(digest string) ([]byte, bool)
}

// Options are what an Engine needs. All fields but those with a stated default are required.
type Options struct {
	Store    journal.Store
	Clock    *clock.Clock
	Policies Policies
	Library  Library
	// Owner names this process in leases. Empty: new effects are not leased to it; some outbox takes them.
	Owner string
	// LeaseTTL is how long new effects are leased; default 30 s.
	LeaseTTL time.Duration
	// Committed is called after every commit that recorded effects or changed a due time, without locks held. It must not block.
	Committed func(Committed)
	// CacheSize is how many states are kept; default 4096.
	CacheSize int
	// Filled says what the commands of a step are with a state's values in them (incident.Filling), zero where the pinned revision cannot be
	// read; nil: nobody knows. It is asked while an input is decided, of the state it is decided on.
	Filled func(ctx context.Context, s incident.State, runbook incident.RunbookRef, step string) incident.Filling
	// Unreadable is told once of each incident whose frozen policy is lost or cannot be read, and for which the policy in force counts
	// instead. It must not block; default nobody.
	Unreadable func(id incident.ID, err error)
	// StormTitle is what an incident is called that takes in many alerts, in a language; default "Alert storm".
	StormTitle func(language string) string
	// Random makes salts; default crypto/rand.
	Random io.Reader
	// Faults are switched by tests to see that what guards is needed; nil in production.
	Faults *Faults
}

// Faults switches guards off, so that a test can show what each of them prevents.
type Faults struct {
	NoDedupe bool // keys are neither looked up nor expected
	NoFence  bool // leases are not expected at commit
	// Early is how much too early deadlines are taken for due.
	Early time.Duration
}

// Committed tells what a commit recorded.
type Committed struct {
	Incident incident.ID
	Seq      int64
	Items    []journal.Item
	Leases   []journal.Lease
	Due      time.Time // the incident's next due time; zero: none
}

// Engine is the only writer. Make one with New; it is safe for concurrent use.
type Engine struct {
	o     Options
	cache *cache
	locks [64]lock
	stats stats

	policies sync.Map // digest -> *incident.Policy
	replaced replaced

	houseLock lock
	house     house.State
	houseTip  string // hash of the last house record
	houseAt   time.Time

	reads atomic.Pointer[readings]
}

// tries is how often an input is decided anew when others commit in between.
const tries = 32

// keyTTL is how long a transport key is remembered: Slack and PagerDuty repeat for hours, not days.
const keyTTL = 24 * time.Hour

// New returns an engine.
func New(o Options) *Engine {
	if o.LeaseTTL == 0 {
		o.LeaseTTL = 30 * time.Second
	}
	if o.CacheSize == 0 {
		o.CacheSize = 4096
	}
	if o.Random == nil {
		o.Random = rand.Reader
	}
	if o.Faults == nil {
		o.Faults = &Faults{}
	}
	if o.StormTitle == nil {
		o.StormTitle = func(string) string { return "Alert storm" }
	}
	if o.Unreadable == nil {
		o.Unreadable = func(incident.ID, error) {}
	}
	e := &Engine{o: o, cache: newCache(o.CacheSize), houseLock: newLock(), replaced: replaced{of: map[incident.ID]bool{}}}
	for i := range e.locks {
		e.locks[i] = newLock()
	}
	return e
}

// Handle implements Handler.
func (e *Engine) Handle(ctx context.Context, in Input) (Outcome, error) {
	if in.Act == nil {
		return Outcome{}, errors.New("an input without an act")
	}
	if out, ok, err := e.seen(ctx, in); err != nil || ok {
		return out, err
	}
	taken := map[string]bool{}
	for range tries {
		// Routed anew for every try: somebody may have opened the incident in between.
		w, err := e.route(ctx, in)
		if err != nil {
			return Outcome{}, fmt.Errorf("find the incident of %T: %w", in.Act, err)
		}
		if !w.found && !in.Route.New {
			return Outcome{Unrouted: true}, nil
		}
		if w.found && in.Route.New {
			e.stats.routed.Add(1)
		}
		var out Outcome
		if into, is := paired(in.Act); is {
			out, err = e.pair(ctx, in, w.id, into, taken)
		} else {
			out, err = e.once(ctx, in, w, taken)
		}
		if errors.Is(err, errAlong) {
			out, err = e.along(ctx, in, w.id, taken)
		}
		if err == nil && out.Refusal != nil && in.Route.New {
			// Routed to what its own twin has just opened: the same envelope, handed in elsewhere at the same moment.
			if twin, ok, err := e.seen(ctx, in); err != nil || ok {
				return twin, err
			}
		}
		var c *journal.Conflict
		if !errors.As(err, &c) {
			return out, err
		}
		e.stats.conflicts.Add(1)
		switch c.What {
		case "key":
			return e.duplicate(ctx, c.Outcome)
		case "lease":
			return Outcome{}, fmt.Errorf("report of %T: %w", in.Act, ErrFenced)
		case "version":
			e.cache.drop(incident.ID(c.Name)) // one that was only looked at, to route by, may have moved on
		case "claim":
			if name, ok := nameOf(c.Name); ok {
				if err := e.takenNames(ctx, name, taken); err != nil {
					return Outcome{}, err
				}
			}
		}
		if err := ctx.Err(); err != nil {
			return Outcome{}, err
		}
	}
	return Outcome{}, fmt.Errorf("%T: %w", in.Act, ErrBusy)
}

// namesAhead is how many further names are looked up when one is taken: finding them one conflict at a time would end with the tries, and
// an alert that fires more often a day than that would open no incident at all.
const namesAhead = 250

// takenNames learns which names after one that is taken are taken too.
func (e *Engine) takenNames(ctx context.Context, name string, taken map[string]bool) error {
	taken[name] = true
	var claims []string
	for _, n := range incident.NamesAfter(name, namesAhead) {
		claims = append(claims, ClaimName(n))
	}
	held, err := e.o.Store.Claims(ctx, claims)
	if err != nil {
		return fmt.Errorf("look up the names after %s: %w", name, err)
	}
	for claim, owner := range held {
		if n, ok := nameOf(claim); ok && owner != "" {
			taken[n] = true
		}
	}
	return nil
}

// once decides and commits an input once. A *journal.Conflict asks for another try.
func (e *Engine) once(ctx context.Context, in Input, w way, taken map[string]bool) (Outcome, error) {
	lock := e.locks[stripe(w.id)]
	if err := lock.lock(ctx); err != nil {
		return Outcome{}, fmt.Errorf("wait for other inputs of %s: %w", w.id, err)
	}
	done, out, err := e.decide(ctx, in, w, taken)
	lock.unlock()
	if err == nil && done != nil && e.o.Committed != nil {
		e.o.Committed(*done)
	}
	return out, err
}

func (e *Engine) decide(ctx context.Context, in Input, w way, taken map[string]bool) (*Committed, Outcome, error) {
	id := w.id
	entry, counter, err := e.load(ctx, id)
	if err != nil {
		return nil, Outcome{}, err
	}
	before := entry.state
	if id == "" && ofMonitoring(in.Act) {
		if w.storm, err = e.storms(ctx); err != nil {
			return nil, Outcome{}, err
		}
	}
	intent, err := e.stamp(ctx, in, w, before, counter, taken)
	if err != nil {
		return nil, Outcome{}, err
	}
	early := time.Duration(0)
	if _, tick := in.Act.(incident.Tick); tick {
		early = e.o.Faults.Early
		intent.Now = intent.Now.Add(early)
	}
	after, events, err := incident.Apply(before, intent)
	for i := range events {
		if early != 0 { // the account is true all the same
			events[i].At, events[i].RecordedAt = events[i].At.Add(-early), events[i].RecordedAt.Add(-early)
		}
	}
	var no *incident.Refusal
	refused := errors.As(err, &no)
	if err == nil && goesPrivate(before, after) && len(before.Absorbed) > 0 {
		return nil, Outcome{}, errAlong
	}
	if err != nil && !refused {
		return nil, Outcome{}, fmt.Errorf("decide %T for %s: %w", in.Act, before.ID, err)
	}
	if len(events) == 0 {
		return nil, Outcome{Incident: before.ID, Refusal: no, State: before}, e.settled(ctx, before)
	}
	records, sealed, err := journal.EncodeIncident(after.ID, events, entry.hash, e.o.Random)
	if err != nil {
		return nil, Outcome{}, err
	}
	policy := after.Policy
	after = before
	for _, ev := range sealed {
		after = incident.Evolve(after, ev)
	}
	after.Policy = policy

	out := Outcome{Incident: after.ID, First: events[0].Seq, Last: after.Seq, New: before.Seq == 0, State: after}
	commit, err := e.commit(ctx, in, w, before, after, sealed, records, counter, intent.Claims, out)
	if err != nil {
		return nil, Outcome{}, err
	}
	out.Events = sealed
	got, err := e.o.Store.Commit(ctx, commit)
	if err != nil {
		e.cache.drop(id)
		if errors.Is(err, journal.ErrUnknown) {
			if known, ok, kerr := e.seen(ctx, in); kerr == nil && ok {
				known.Duplicate = false
				return nil, known, nil
			}
		}
		return nil, Outcome{}, err
	}
	e.cache.put(after.ID, cached{after, records[len(records)-1].Hash})
	return &Committed{Incident: after.ID, Seq: after.Seq, Items: commit.Put.Outbox, Leases: got.Leases, Due: incident.NextDue(after)}, out, nil
}

// settled makes sure that a no, or no news, was not decided on a state that another process has moved on from: no commit checks it.
func (e *Engine) settled(ctx context.Context, s incident.State) error {
	if s.Seq == 0 {
		return nil
	}
	fresh, err := e.fresh(ctx, s)
	if err == nil && !fresh {
		e.cache.drop(s.ID)
		return &journal.Conflict{What: "version", Name: string(s.ID)}
	}
	return err
}

// stamp makes the intent: everything Decide may know beside the state.
func (e *Engine) stamp(ctx context.Context, in Input, w way, s incident.State, counter int64, taken map[string]bool) (incident.Intent, error) {
	policy, _ := e.o.Policies.Current()
	onCall, err := e.OnCall(ctx)
	if err != nil {
		return incident.Intent{}, err
	}
	h, err := e.House(ctx)
	if err != nil {
		return incident.Intent{}, err
	}
	claims, err := e.free(ctx, in, w, s)
	if err != nil {
		return incident.Intent{}, err
	}
	refs, fits := e.runbooks(in.Act, policy)
	var storm *incident.Text
	if w.storm && s.Seq == 0 {
		title := incident.Say(e.o.StormTitle(policy.Language), incident.MaxTitle)
		storm = &title
	}
	var filled func(incident.State, incident.RunbookRef, string) incident.Filling
	if e.o.Filled != nil {
		filled = func(s incident.State, r incident.RunbookRef, step string) incident.Filling {
			return e.o.Filled(ctx, s, r, step)
		}
	}
	return incident.Intent{
		Storm: storm, Filled: filled,
		At: in.At, Now: e.o.Clock.Now(), Actor: in.Actor, Via: in.Via, Act: in.Act, Policy: policy, Number: counter + 1,
		OnCall: onCall, Holidays: AnnouncedDays(h), Runbooks: refs, Fits: fits, Suggest: e.suggest(in.Act, s, policy, fits), Claims: claims,
		NamesTaken: func(name string) bool { return taken[name] },
	}, nil
}

// seen returns the outcome of the same input, handed in before.
func (e *Engine) seen(ctx context.Context, in Input) (Outcome, bool, error) {
	if e.o.Faults.NoDedupe {
		return Outcome{}, false, nil
	}
	for _, k := range keysOf(in) {
		raw, ok, err := e.o.Store.Key(ctx, k)
		if err != nil {
			return Outcome{}, false, fmt.Errorf("look up input %s: %w", k, err)
		}
		if ok {
			out, err := e.duplicate(ctx, raw)
			return out, true, err
		}
	}
	return Outcome{}, false, nil
}

func keysOf(in Input) []string {
	var keys []string
	if in.Key != "" {
		keys = append(keys, in.Key)
	}
	return append(keys, in.Same...)
}

func (e *Engine) duplicate(ctx context.Context, raw json.RawMessage) (Outcome, error) {
	var out Outcome
	if err := json.Unmarshal(raw, &out); err != nil {
		return Outcome{}, fmt.Errorf("read the outcome of an earlier input: %w", err)
	}
	out.Duplicate = true
	e.stats.duplicates.Add(1)
	if out.Incident != "" {
		s, err := e.State(ctx, out.Incident)
		if err != nil {
			return Outcome{}, err
		}
		out.State = s
	}
	return out, nil
}

func stripe(id incident.ID) int { return int(id.Number() % 64) }

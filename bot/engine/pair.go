package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/journal"
)

// paired reports whether an act concerns two incidents, and which the second is: empty for one that is opened.
func paired(a incident.Act) (into incident.ID, is bool) {
	switch a := a.(type) {
	case incident.Merge:
		return a.Into, true
	case incident.Split:
		return "", true
	}
	return "", false
}

// half is one of the two incidents of a commit.
type half struct {
	after  incident.State
	events []incident.Event
	commit journal.Commit
	out    Outcome
	hash   string
}

// pair decides and commits what concerns two incidents, in one commit on two streams: there is never a half of it.
func (e *Engine) pair(ctx context.Context, in Input, id, into incident.ID, taken map[string]bool) (Outcome, error) {
	return e.together(ctx, []incident.ID{id, into}, func() ([]Committed, Outcome, error) { return e.decideBoth(ctx, in, id, into, taken) })
}

// together does what concerns several incidents while no other input of theirs is decided here.
func (e *Engine) together(ctx context.Context, ids []incident.ID, do func() ([]Committed, Outcome, error)) (Outcome, error) {
	unlock, err := e.lockAll(ctx, ids)
	if err != nil {
		return Outcome{}, err
	}
	done, out, err := do()
	unlock()
	if err == nil && e.o.Committed != nil {
		for _, d := range done {
			e.o.Committed(d)
		}
	}
	return out, err
}

// lockAll takes the locks of several incidents, in the one order in which they are ever taken.
func (e *Engine) lockAll(ctx context.Context, ids []incident.ID) (unlock func(), err error) {
	var stripes []int
	for _, id := range ids {
		stripes = append(stripes, stripe(id))
	}
	slices.Sort(stripes)
	stripes = slices.Compact(stripes)
	for n, i := range stripes {
		if err := e.locks[i].lock(ctx); err != nil {
			for _, j := range stripes[:n] {
				e.locks[j].unlock()
			}
			return nil, fmt.Errorf("wait for other inputs of %s: %w", ids[0], err)
		}
	}
	return func() {
		for _, i := range slices.Backward(stripes) {
			e.locks[i].unlock()
		}
	}, nil
}

func (e *Engine) decideBoth(ctx context.Context, in Input, id, into incident.ID, taken map[string]bool) ([]Committed, Outcome, error) {
	first, _, err := e.load(ctx, id)
	if err != nil {
		return nil, Outcome{}, err
	}
	second, counter, err := e.load(ctx, into)
	if err != nil && !errors.Is(err, journal.ErrNotFound) {
		return nil, Outcome{}, err
	}
	no := func(err error) ([]Committed, Outcome, error) {
		var r *incident.Refusal
		if !errors.As(err, &r) {
			return nil, Outcome{}, fmt.Errorf("decide %T for %s: %w", in.Act, id, err)
		}
		if err := e.settled(ctx, second.state); err != nil {
			return nil, Outcome{}, err
		}
		return nil, Outcome{Incident: id, Refusal: r, State: first.state}, e.settled(ctx, first.state)
	}
	if err != nil {
		return no(first.state.CanMerge(incident.State{ID: into}))
	}
	var give []string // claims that pass from the first to the second
	target := second.state
	twin := in
	twin.Key, twin.Same, twin.Lease = "", nil, nil
	switch a := in.Act.(type) {
	case incident.Merge:
		if err := first.state.CanMerge(target); err != nil {
			return no(err)
		}
		if give, err = e.held(ctx, passing(first.state), id); err != nil {
			return nil, Outcome{}, err
		}
		twin.Act = incident.Absorb{From: first.state, Claims: give}
	case incident.Split:
		part := first.state.PartOf(a.What)
		if err := first.state.CanSplit(part); err != nil {
			return no(err)
		}
		if give, err = e.held(ctx, part.Claims(first.state), id); err != nil {
			return nil, Outcome{}, err
		}
		twin.Act = incident.Divide{From: first.state, Part: part, Claims: give}
		target = incident.State{ID: incident.NewID(counter + 1)}
	}
	a, err := e.half(ctx, in, first, 0, taken, func(i *incident.Intent) { i.Other, i.Claims = &target, give })
	if err != nil {
		return no(err)
	}
	b, err := e.half(ctx, twin, second, counter, taken, func(i *incident.Intent) { i.Claims = give })
	if err != nil {
		return no(err)
	}
	all := both(a.commit, b.commit)
	for _, name := range give {
		all.Expect.Claims[name] = string(id)
		all.Put.Claims[name] = string(b.after.ID)
	}
	return e.commitAll(ctx, in, all, []half{a, b})
}

// commitAll commits what was decided of several incidents; the first is the one that the input is about.
func (e *Engine) commitAll(ctx context.Context, in Input, all journal.Commit, halves []half) ([]Committed, Outcome, error) {
	got, err := e.o.Store.Commit(ctx, all)
	if err != nil {
		for _, h := range halves {
			e.cache.drop(h.after.ID)
		}
		if errors.Is(err, journal.ErrUnknown) {
			if known, ok, kerr := e.seen(ctx, in); kerr == nil && ok {
				known.Duplicate = false
				return nil, known, nil
			}
		}
		return nil, Outcome{}, err
	}
	var done []Committed
	for _, h := range halves {
		e.cache.put(h.after.ID, cached{h.after, h.hash})
		c := Committed{Incident: h.after.ID, Seq: h.after.Seq, Items: h.commit.Put.Outbox, Due: incident.NextDue(h.after)}
		for _, l := range got.Leases {
			if strings.HasPrefix(l.Lane, string(h.after.ID)+"|") {
				c.Leases = append(c.Leases, l)
			}
		}
		done = append(done, c)
	}
	first := halves[0]
	first.out.Events = first.events
	return done, first.out, nil
}

// errNothing says that nothing follows from one side of a commit.
var errNothing = errors.New("nothing follows")

// half decides one side and prepares its commit; with says what else its intent is stamped with.
func (e *Engine) half(ctx context.Context, in Input, entry cached, counter int64, taken map[string]bool, with func(*incident.Intent)) (half, error) {
	before := entry.state
	in.Route = Route{ID: before.ID}
	intent, err := e.stamp(ctx, in, way{}, before, counter, taken)
	if err != nil {
		return half{}, err
	}
	with(&intent)
	after, events, err := incident.Apply(before, intent)
	if err != nil {
		return half{}, err
	}
	if len(events) == 0 {
		return half{}, errNothing
	}
	records, sealed, err := journal.EncodeIncident(after.ID, events, entry.hash, e.o.Random)
	if err != nil {
		return half{}, err
	}
	policy := after.Policy
	after = before
	for _, ev := range sealed {
		after = incident.Evolve(after, ev)
	}
	after.Policy = policy
	h := half{after: after, events: sealed, hash: records[len(records)-1].Hash}
	h.out = Outcome{Incident: after.ID, First: events[0].Seq, Last: after.Seq, New: before.Seq == 0, State: after}
	h.commit, err = e.commit(ctx, in, way{}, before, after, sealed, records, counter, nil, h.out)
	return h, err
}

// passing are the claims by which others find an incident that ends as a duplicate: its alerts, its title, its service, and the incidents that
// PagerDuty opened by itself. What is its own (room, pages) stays.
func passing(s incident.State) []string {
	var out []string
	for _, n := range s.Claims {
		if releasable(n) && n != ClaimStorm {
			out = append(out, n)
		}
	}
	for _, r := range s.Pagers {
		if n := ClaimPager(r.ID); !contains(out, n) {
			out = append(out, n)
		}
	}
	return out
}

// held are those claims that an incident really holds.
func (e *Engine) held(ctx context.Context, names []string, id incident.ID) ([]string, error) {
	if len(names) == 0 {
		return nil, nil
	}
	owners, err := e.o.Store.Claims(ctx, names)
	if err != nil {
		return nil, fmt.Errorf("look up claims: %w", err)
	}
	return slices.DeleteFunc(slices.Clone(names), func(n string) bool { return owners[n] != string(id) }), nil
}

// both makes one commit of two.
func both(a, b journal.Commit) journal.Commit {
	maps.Copy(a.Expect.Versions, b.Expect.Versions)
	maps.Copy(a.Expect.Claims, b.Expect.Claims)
	if b.Expect.Counter != nil {
		a.Expect.Counter, a.Put.Counter = b.Expect.Counter, b.Put.Counter
	}
	a.Append = append(a.Append, b.Append...)
	a.Put.Keys = append(a.Put.Keys, b.Put.Keys...)
	maps.Copy(a.Put.Claims, b.Put.Claims)
	maps.Copy(a.Put.Blobs, b.Put.Blobs)
	a.Put.Snapshots = union(a.Put.Snapshots, b.Put.Snapshots)
	a.Put.Rows = union(a.Put.Rows, b.Put.Rows)
	a.Put.Due = union(a.Put.Due, b.Put.Due)
	a.Put.Outbox = append(a.Put.Outbox, b.Put.Outbox...)
	a.Put.Settle = append(a.Put.Settle, b.Put.Settle...)
	a.Put.Bury = append(a.Put.Bury, b.Put.Bury...)
	if a.Put.Take == nil {
		a.Put.Take = b.Put.Take
	}
	return a
}

func union[V any](a, b map[journal.Stream]V) map[journal.Stream]V {
	out := map[journal.Stream]V{}
	maps.Copy(out, a)
	maps.Copy(out, b)
	return out
}

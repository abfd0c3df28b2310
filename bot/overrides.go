package bot

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/house"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/pagerduty"
	"github.com/tocsin-bot/tocsin/bot/view"
	"github.com/tocsin-bot/tocsin/commands"
)

// Covers over PagerDuty schedules. What people agreed on is committed first (house.CoverSet, house.CoverEnded); what PagerDuty must be asked
// for follows from it (house.OverridesOwed), and what came of that is committed again. Whoever asks holds a lease, so one replica does at a
// time, and looks before it makes: an attempt whose answer was lost is found and not repeated. What PagerDuty cannot take now is owed and tried
// again until it is done, refused for good, or past; the answer to the command says which.

// overridesLane is the lease of who asks PagerDuty for overrides.
const overridesLane = "house|overrides"

const (
	overrideSteps   = 200 // calls for one cover in one go: more are a loop
	overrideRetry   = 5 * time.Second
	overrideMost    = time.Minute
	overrideTurn    = 250 * time.Millisecond // between two looks whether the lease is free
	overrideTurns   = 20
	lapseTold       = time.Hour       // after its end nobody is told any more that a cover was not taken
	sinceHandOver   = 5 * time.Second // after a change announced for a schedule it is read once more: clocks differ
	maxRefusal      = 200             // runes of PagerDuty's words in the log
	rereadWithin    = 3 * time.Second
	handOversLooked = 400 // of one schedule
)

// retry is when PagerDuty is asked again for a cover.
type retry struct {
	at   time.Time
	wait time.Duration
}

// Why PagerDuty was not asked, or cannot be.
var (
	errTurn = &catalog.Said{Key: "cover.why.turn"}  // another replica is asking at this moment
	errNoID = &catalog.Said{Key: "cover.why.no-id"} // the override cannot be named to PagerDuty
)

// settled is what came of asking PagerDuty for a cover.
type settled struct {
	lifted, gone bool              // something was taken away; it was gone already
	told         []incident.Person // by direct message
	err          error             // why something is still owed, or was refused
}

// pagerChanged wakes keepOverrides.
func (b *Bot) pagerChanged() {
	select {
	case b.duties.pager <- struct{}{}:
	default:
	}
}

// askingTurn waits until nobody else asks PagerDuty for overrides. The caller gives the turn back.
func (b *Bot) askingTurn(ctx context.Context) (done func(), err error) {
	select {
	case b.duties.asking <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	for try := 1; ; try++ {
		l, ok, err := b.store.Lease(ctx, overridesLane, b.o.Owner, b.o.LeaseTTL)
		if err == nil && ok {
			return func() {
				end, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
				defer cancel()
				_ = b.store.Release(end, l) // it runs out by itself
				<-b.duties.asking
			}, nil
		}
		switch {
		case err != nil:
		case try == overrideTurns:
			err = errTurn
		default:
			err = b.clock.Sleep(ctx, overrideTurn)
		}
		if err != nil {
			<-b.duties.asking
			return nil, err
		}
	}
}

// settleCover asks PagerDuty for what is owed of a cover. late says that nobody waits for the answer, so that who agreed on it is told.
func (b *Bot) settleCover(ctx context.Context, id string, late bool) settled {
	done, err := b.askingTurn(ctx)
	if err != nil {
		return settled{err: err}
	}
	defer done()
	var out settled
	var cover house.Cover
	changed := false
	for range overrideSteps {
		h, err := b.engine.HouseNow(ctx)
		if err != nil {
			out.err = err
			break
		}
		owed := house.OverridesOwed(h, b.clock.Now())
		i := slices.IndexFunc(owed, func(o house.OverrideOwed) bool { return o.Cover.ID == id })
		if i < 0 {
			break
		}
		cover = owed[i].Cover
		_, mine, err := b.store.Lease(ctx, overridesLane, b.o.Owner, b.o.LeaseTTL) // a call takes less than what this gives
		if err == nil && !mine {
			err = errTurn
		}
		if err != nil {
			out.err = err
			break
		}
		fact, gone, err := b.settleLeg(ctx, h, owed[i])
		if fact == nil {
			out.err = err
			break
		}
		if _, refused := fact.(*house.OverrideRefused); refused {
			out.err = err
		}
		if l, ok := fact.(*house.OverrideLifted); ok {
			out.lifted, out.gone = out.lifted || l.How != house.LiftedNever, out.gone || gone
		}
		if err := b.engine.HandleHouse(ctx, "", house.Intent{Fact: fact}); err != nil { // what stands there now is found when it is tried again
			out.err = err
			break
		}
		changed = true
	}
	if changed {
		b.reread(ctx, cover.Schedule)
		b.pagerChanged() // the hand-overs to come are others now
		out.told = b.tellSettled(ctx, id, late, out.err)
	}
	return out
}

// settleLeg asks PagerDuty for one thing. It returns what came of it, nil when it is owed still; the error says why, or why it was refused.
func (b *Bot) settleLeg(ctx context.Context, h house.State, o house.OverrideOwed) (f house.Fact, gone bool, err error) {
	c, l := o.Cover, o.Cover.Legs[o.Leg]
	id := o.ID
	if id == "" {
		user, err := b.pagerUser(ctx, l.By)
		if errors.Is(err, commands.ErrNoUser) {
			if o.Lift {
				return &house.OverrideLifted{Cover: c.ID, Leg: o.Leg, How: house.LiftedNever}, false, nil
			}
			no := &catalog.Said{Key: "cover.why.no-user", Args: catalog.Args{"mail": catalog.Words(l.By)}, Err: err}
			return &house.OverrideRefused{Cover: c.ID, Leg: o.Leg, Why: no.Error()}, false, no
		}
		if err != nil {
			return nil, false, err
		}
		now := b.clock.Now()
		all, err := b.pager.Overrides(ctx, c.Schedule, l.From, l.To)
		if err != nil {
			return nil, false, err
		}
		all = slices.DeleteFunc(all, func(x pagerduty.Override) bool { return x.ID != "" && ofAnother(h.Covers, c.ID, x.ID) })
		found, ok := pagerduty.FindOverride(all, user, l.From, l.To, now)
		switch {
		case o.Lift && !ok:
			return &house.OverrideLifted{Cover: c.ID, Leg: o.Leg, How: house.LiftedNever}, false, nil
		case o.Lift && found.ID == "":
			return nil, false, errNoID
		case o.Lift:
			id = found.ID
		case ok:
			return &house.OverrideSet{Cover: c.ID, Leg: o.Leg, Override: found.ID, From: found.From, To: found.To, Found: true}, false, nil
		default:
			made, err := b.pager.SetOverride(ctx, c.Schedule, user, l.From, l.To)
			if no, ok := errors.AsType[*pagerduty.Fault](err); ok && no.Permanent() {
				return &house.OverrideRefused{Cover: c.ID, Leg: o.Leg, Why: incident.Clip(strings.TrimSpace(no.Error()), maxRefusal)}, false, err
			}
			if err != nil {
				return nil, false, err
			}
			return &house.OverrideSet{Cover: c.ID, Leg: o.Leg, Override: made.ID, From: made.From, To: made.To}, false, nil
		}
	}
	if gone, err = b.pager.LiftOverride(ctx, c.Schedule, id, l.To); err != nil {
		return nil, false, err
	}
	how := house.LiftedByUs
	if gone {
		how = house.LiftedGone
	}
	return &house.OverrideLifted{Cover: c.ID, Leg: o.Leg, How: how}, gone, nil
}

// ofAnother reports whether an override is that of another cover.
func ofAnother(covers []house.Cover, cover, override string) bool {
	return slices.ContainsFunc(covers, func(c house.Cover) bool {
		return c.ID != cover && slices.ContainsFunc(c.Overrides, func(o house.LegOverride) bool { return o.ID == override })
	})
}

// pagerUser is the id of somebody at PagerDuty; commands.ErrNoUser: PagerDuty knows nobody of that address.
func (b *Bot) pagerUser(ctx context.Context, mail string) (string, error) {
	b.duties.mu.Lock()
	id := b.duties.ids[mail].Pager
	b.duties.mu.Unlock()
	if id != "" {
		return id, nil
	}
	user, found, err := b.pager.UserByEmail(ctx, mail)
	switch {
	case err != nil:
		return "", err
	case !found:
		return "", commands.ErrNoUser
	}
	b.duties.keep(user)
	return user.Pager, nil
}

// schedule is what is known of a PagerDuty schedule in the time of a cover of it.
func (b *Bot) schedule(ctx context.Context, f *house.CoverSet) (*house.Schedule, error) {
	if !b.pager.HasToken() {
		return nil, commands.ErrNoToken
	}
	out := &house.Schedule{ID: f.Schedule}
	if b.Policy().Targets[f.Rotation].Schedule != f.Schedule {
		return nil, fmt.Errorf("%s is not filled by PagerDuty schedule %s", f.Rotation, f.Schedule)
	}
	for _, l := range f.Legs {
		if _, err := b.pagerUser(ctx, l.By); errors.Is(err, commands.ErrNoUser) {
			return nil, err // whoever cannot be asked now is looked for when the override is made
		}
		shifts, err := b.askShifts(ctx, f.Rotation, l.From, l.To)
		if err != nil { // as it was announced
			b.duties.mu.Lock()
			shifts = b.duties.coming[f.Rotation].shifts
			b.duties.mu.Unlock()
			shifts = slices.DeleteFunc(slices.Clone(shifts), func(s house.Shift) bool {
				return !s.From.Before(l.To) || !s.To.IsZero() && !s.To.After(l.From)
			})
		}
		out.Shifts = append(out.Shifts, shifts...)
	}
	slices.SortStableFunc(out.Shifts, func(a, b house.Shift) int { return a.From.Compare(b.From) })
	return out, nil
}

// reread reads who is on call on a schedule, now that it changed: a page of the next second must name who has it. It reports whether it could.
func (b *Bot) reread(ctx context.Context, schedule string) bool {
	all := true
	ctx, done := context.WithTimeout(ctx, rereadWithin)
	defer done()
	p := b.Policy()
	for _, target := range slices.Sorted(maps.Keys(p.Targets)) {
		if schedule == "" || p.Targets[target].Schedule != schedule {
			continue
		}
		passing, lasting := b.readRosters(ctx, target)
		if err := errors.Join(errors.Join(passing...), errors.Join(lasting...), b.readShifts(ctx, target)); err != nil {
			all = false
			b.log.Debug().Err(err).Str("target", target).Msg("a schedule changed and could not be read at once; it is read within a minute")
		}
	}
	b.dutyChanged()
	return all
}

// keepOverrides asks PagerDuty for what is still owed of covers, and reads a schedule at the moment its duty passes. Every replica does: what
// one did, the others find done.
func (b *Bot) keepOverrides(ctx context.Context) error {
	if !b.pager.HasToken() {
		return nil
	}
	if !b.rostersRead.Load() { // the first reading learns who people are
		_ = b.clock.Sleep(ctx, lookRetry)
	}
	seen := map[string]string{}
	for ctx.Err() == nil {
		next := b.passSchedules(ctx, seen)
		if at := b.settleOwed(ctx); at.Before(next) {
			next = at
		}
		reached, stop := b.clock.At(next)
		select {
		case <-ctx.Done():
		case <-reached:
		case <-b.duties.pager:
		}
		stop()
	}
	return nil
}

// settleOwed tries what is due of what is owed. It returns when to look again.
func (b *Bot) settleOwed(ctx context.Context) time.Time {
	now := b.clock.Now()
	next := now.Add(lookAgain)
	h, err := b.engine.House(ctx)
	if err != nil {
		return now.Add(lookRetry)
	}
	due := map[string]time.Time{}
	var order []string
	for _, o := range house.OverridesOwed(h, now) {
		id := o.Cover.ID
		if _, ok := due[id]; ok {
			continue
		}
		order = append(order, id)
		asked := o.Cover.SetAt
		if o.Lift {
			asked = o.Cover.EndedAt
		}
		due[id] = asked.Add(overrideRetry) // until then whoever typed the command asks
		b.duties.mu.Lock()
		if r, ok := b.duties.again[id]; ok && r.at.After(asked) {
			due[id] = r.at
		}
		b.duties.mu.Unlock()
	}
	b.duties.mu.Lock()
	maps.DeleteFunc(b.duties.again, func(id string, _ retry) bool { _, owed := due[id]; return !owed })
	b.duties.mu.Unlock()
	for _, id := range order {
		if now := b.clock.Now(); due[id].After(now) || ctx.Err() != nil {
			next = earlier(next, due[id])
			continue
		}
		out := b.settleCover(ctx, id, true)
		if out.err == nil || ctx.Err() != nil {
			continue
		}
		next = earlier(next, b.tryAgain(id, out.err))
	}
	b.tellLapsed(ctx, h, now)
	return next
}

// tryAgain notes that a cover could not be settled, and returns when it is tried again.
func (b *Bot) tryAgain(id string, why error) time.Time {
	b.duties.mu.Lock()
	r, before := b.duties.again[id]
	r.wait = min(overrideMost, max(overrideRetry, 2*r.wait))
	wait := r.wait
	if f, ok := errors.AsType[*pagerduty.Fault](why); ok {
		wait = max(wait, f.RetryAfter())
	}
	r.at = b.clock.Now().Add(wait)
	b.duties.again[id] = r
	b.duties.mu.Unlock()
	if !before {
		b.log.Warn().Err(why).Str("cover", id).Msg("a cover is agreed on and PagerDuty's schedule does not have it as it should; trying again until it does")
	}
	return r.at
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// passSchedules reads the schedules on which a duty passed, or a cover came or went, since they were last read. It returns when the next one
// passes. seen is what was known of their covers.
func (b *Bot) passSchedules(ctx context.Context, seen map[string]string) time.Time {
	now := b.clock.Now()
	next := now.Add(lookAgain)
	h, err := b.engine.House(ctx)
	if err != nil {
		return now.Add(lookRetry)
	}
	p := b.Policy()
	for _, target := range slices.Sorted(maps.Keys(p.Targets)) {
		schedule := p.Targets[target].Schedule
		if schedule == "" {
			continue
		}
		b.duties.mu.Lock()
		shifts, asked := b.duties.coming[target].shifts, b.duties.asked[target]
		b.duties.mu.Unlock()
		passed := false
		for _, s := range shifts[:min(len(shifts), handOversLooked)] {
			for _, t := range []time.Time{s.From, s.From.Add(sinceHandOver), s.To, s.To.Add(sinceHandOver)} {
				switch {
				case t.IsZero() || t.Year() <= 1:
				case t.After(now):
					next = earlier(next, t)
				case t.After(asked) && !asked.IsZero():
					passed = true
				}
			}
		}
		mark := overridesMark(h.Covers, schedule)
		was, known := seen[target]
		if (passed || known && was != mark) && !b.reread(ctx, schedule) {
			next = earlier(next, b.clock.Now().Add(overrideRetry))
			continue
		}
		seen[target] = mark
	}
	return next
}

// overridesMark tells one state of a schedule's overrides from another.
func overridesMark(covers []house.Cover, schedule string) string {
	var s strings.Builder
	for _, c := range covers {
		if c.Schedule == schedule {
			fmt.Fprint(&s, c.ID, c.Overrides, ";")
		}
	}
	return s.String()
}

// tellSettled tells those whom a cover concerns that PagerDuty has it now, or has it no more, and returns who is told; when that is late, who
// asked for it is told as well.
func (b *Bot) tellSettled(ctx context.Context, id string, late bool, refused error) (told []incident.Person) {
	h, err := b.engine.House(ctx)
	if err != nil {
		return nil
	}
	i := slices.IndexFunc(h.Covers, func(c house.Cover) bool { return c.ID == id })
	if i < 0 || slices.ContainsFunc(house.OverridesOwed(h, b.clock.Now()), func(o house.OverrideOwed) bool { return o.Cover.ID == id }) {
		return nil // said when all of it is done
	}
	c, now := h.Covers[i], b.clock.Now()
	switch {
	case c.Refused != "":
		if late {
			b.tellAsker(ctx, house.NoticeNotTaken, c, 0, c.SetBy, refused, now.Add(24*time.Hour))
		}
	case c.EndedAt.IsZero():
		told = b.tellCover(ctx, c, c.SetBy, now)
		if late {
			b.tellAsker(ctx, house.NoticeStands, c, 0, c.SetBy, nil, now.Add(24*time.Hour))
		}
	default:
		stood := c
		stood.Legs = nil // whoever never had it is not told that they have it no more
		for leg, l := range c.Legs {
			if o, ok := c.Override(leg); ok && o.Lifted != house.LiftedNever {
				stood.Legs = append(stood.Legs, l)
			}
		}
		b.tellCover(ctx, stood, c.EndedBy, now)
		if late {
			b.tellAsker(ctx, house.NoticeLifted, c, 0, c.EndedBy, nil, now.Add(24*time.Hour))
		}
	}
	return told
}

// tellLapsed tells who agreed on a cover that PagerDuty never had it, when it is over.
func (b *Bot) tellLapsed(ctx context.Context, h house.State, now time.Time) {
	for _, c := range h.Covers {
		if c.Schedule == "" || !c.EndedAt.IsZero() {
			continue
		}
		for i, l := range c.Legs {
			if _, said := c.Override(i); !said && !l.To.After(now) && now.Sub(l.To) < lapseTold {
				b.tellAsker(ctx, house.NoticeNotTaken, c, i, c.SetBy, nil, l.To.Add(24*time.Hour))
			}
		}
	}
}

// tellAsker tells somebody what became of a cover that they agreed on or called off.
func (b *Bot) tellAsker(ctx context.Context, what string, c house.Cover, leg int, who house.Person, why error, until time.Time) {
	h, err := b.engine.House(ctx)
	if err != nil {
		return
	}
	l := c.Legs[leg]
	key, title := b.dutyTitle(c.Rotation)
	n := view.Notice{What: what, By: incidentPerson(who), Cover: view.Cover{N: int(c.Number()), Title: title, Key: key}, Why: why,
		Leg: view.CoverLeg{Of: incidentPerson(b.known(h, l.Of)), By: incidentPerson(b.known(h, l.By)), From: l.From, To: l.To}}
	b.notice(ctx, fmt.Sprintf("%s/%s/%d/%s", what, c.ID, leg, who.Slack), until, who, n)
}

package bot

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/tocsin-bot/tocsin/bot/house"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/view"
	"github.com/tocsin-bot/tocsin/commands"
)

// dutyDesk is who is on call, as the desk sees it.
type dutyDesk struct{ b *Bot }

var _ commands.Duties = (*dutyDesk)(nil)

// OnCall implements commands.Duties: the targets of the ladder first, each once, then the others.
func (d *dutyDesk) OnCall(ctx context.Context) ([]view.OnCall, error) {
	b, p := d.b, d.b.Policy()
	h, err := b.engine.House(ctx)
	if err != nil {
		return nil, err
	}
	read, now := b.engine.RostersRead(ctx), b.clock.Now()
	var out []view.OnCall
	for _, key := range targetsInOrder(p) {
		t := p.Targets[key]
		o := view.OnCall{Key: key, Title: t.Title, ReadAt: read[key], Source: sourceOf(t)}
		for _, q := range h.Rosters[key].People {
			o.People = append(o.People, incidentPerson(q))
		}
		o.Since = h.Rosters[key].Since
		if o.ReadAt.IsZero() && len(o.People) > 0 {
			o.ReadAt = h.Rosters[key].SeenAt
		}
		o.Unread = t.Rotation == "" && !o.ReadAt.IsZero() && now.Sub(o.ReadAt) > staleAfter
		on, next, changes := nextChange(b.shifts(h, key, now, now.Add(shiftsAhead)), now)
		if on.Person != "" {
			if t.Rotation == "" && on.To.Before(now.Add(shiftsAhead-time.Hour)) { // PagerDuty cuts the last shift where it was asked to
				o.Until = on.To
			}
			if t.Rotation != "" { // what the policy and the covers say holds, recorded or not
				o.People, o.Since = []incident.Person{incidentPerson(b.known(h, on.Person))}, on.From
			}
			if on.Cover != "" {
				o.Cover, o.Turn = int(house.Cover{ID: on.Cover}.Number()), incidentPerson(b.known(h, on.Turn))
			}
		}
		if changes {
			o.Until, o.Next = next.From, incidentPerson(b.known(h, next.Person))
		}
		if gap, to := b.gap(h, key, now); !gap.IsZero() {
			o.GapFrom, o.GapTo = gap, to
			if o.Until.IsZero() || gap.Before(o.Until) {
				o.Until = time.Time{} // until the gap, which is named
			}
		}
		if first := backedUp(p, key); first != "" && first != key {
			ahead := now.Add(shiftsAhead)
			if s, both := house.MeetShifts(house.Clip(b.shifts(h, first, now, ahead), now, ahead), house.Clip(b.shifts(h, key, now, ahead), now, ahead)); both {
				o.BothFrom, o.Both, o.BothKey = s.From, p.Targets[first].Title, first
			}
		}
		out = append(out, o)
	}
	return out, nil
}

// backedUp is the target of the first level, where another is its backup; "" otherwise.
func backedUp(p *incident.Policy, key string) string {
	if len(p.Ladder) > 0 && len(p.Ladder[0].Targets) > 0 && p.Ladder[0].Backup == key {
		return p.Ladder[0].Targets[0]
	}
	return ""
}

// gap is the first stretch after now in which PagerDuty has nobody on call for a target; to is zero where it lasts as far as is known.
func (b *Bot) gap(h house.State, target string, now time.Time) (from, to time.Time) {
	if t := b.Policy().Targets[target]; t.Schedule == "" || t.Rotation != "" {
		return time.Time{}, time.Time{}
	}
	b.duties.mu.Lock()
	read := b.duties.coming[target].at
	b.duties.mu.Unlock()
	if read.IsZero() {
		return time.Time{}, time.Time{} // not known
	}
	end := read.Add(shiftsAhead).Truncate(time.Second) // as PagerDuty took it
	at := now
	for _, s := range b.shifts(h, target, now, end) {
		if s.From.After(at) {
			return at, s.From
		}
		if s.To.IsZero() {
			return time.Time{}, time.Time{}
		}
		if s.To.After(at) {
			at = s.To
		}
	}
	if at.Before(end) {
		return at, time.Time{}
	}
	return time.Time{}, time.Time{}
}

// targetsInOrder are the targets as they are rung: the ladder's first, then the others by name.
func targetsInOrder(p *incident.Policy) []string {
	var out []string
	add := func(key string) {
		if _, ok := p.Targets[key]; ok && !slices.Contains(out, key) {
			out = append(out, key)
		}
	}
	for _, l := range p.Ladder {
		for _, t := range l.Targets {
			add(t)
		}
		if l.Backup != "" {
			add(l.Backup)
		}
	}
	for _, t := range slices.Sorted(maps.Keys(p.Targets)) {
		add(t)
	}
	return out
}

// sourceOf is where a target's roster is read.
func sourceOf(t incident.Target) string {
	switch {
	case t.Rotation != "":
		return view.OnCallByFile
	case t.Schedule == "" && len(t.People) > 0:
		return view.OnCallByPeople
	}
	return view.OnCallByPager
}

func incidentPerson(p house.Person) incident.Person {
	if p.Name == "" && p.Slack == "" {
		p.Name = p.Email
	}
	return incident.Person{Slack: p.Slack, Pager: p.Pager, Name: p.Name}
}

// Kept implements commands.Duties.
func (d *dutyDesk) Kept(ctx context.Context) ([]commands.Duty, []house.Cover, error) {
	h, err := d.b.engine.House(ctx)
	if err != nil {
		return nil, nil, err
	}
	p := d.b.Policy()
	var out []commands.Duty
	for _, key := range targetsInOrder(p) {
		t := p.Targets[key]
		switch {
		case t.Rotation != "":
			r := d.b.policies.file.Rotations[t.Rotation]
			out = append(out, commands.Duty{Target: key, Title: t.Title, Rotation: &r})
		case t.Schedule != "":
			now := d.b.clock.Now()
			out = append(out, commands.Duty{Target: key, Title: t.Title, Schedule: t.Schedule, Shifts: d.b.shifts(h, key, now, now.Add(shiftsAhead))})
		}
	}
	return out, h.Covers, nil
}

// Mail implements commands.Duties: as Slack says, else as the rotations know the account.
func (d *dutyDesk) Mail(ctx context.Context, p incident.Person) string {
	ask, done := context.WithTimeout(ctx, nameWithin)
	defer done()
	if mail, err := d.b.people.Email(ask, p.Slack); err == nil && mail != "" {
		return mail
	}
	d.b.duties.mu.Lock()
	for _, mail := range slices.Sorted(maps.Keys(d.b.duties.ids)) {
		if d.b.duties.ids[mail].Slack == p.Slack {
			d.b.duties.mu.Unlock()
			return mail
		}
	}
	d.b.duties.mu.Unlock()
	h, err := d.b.engine.House(ctx)
	if err != nil {
		return ""
	}
	for _, target := range slices.Sorted(maps.Keys(h.Rosters)) {
		for _, q := range h.Rosters[target].People {
			if q.Slack == p.Slack && q.Email != "" {
				return q.Email
			}
		}
	}
	return ""
}

// named is who acts, by their name where it can be had at once.
func (d *dutyDesk) named(ctx context.Context, who incident.Person) incident.Person {
	ctx, done := context.WithTimeout(ctx, nameWithin)
	defer done()
	return d.b.person(ctx, who)
}

// Somebody implements commands.Duties.
func (d *dutyDesk) Somebody(ctx context.Context, mail string) incident.Person {
	h, err := d.b.engine.House(ctx)
	if err != nil {
		return incident.Person{Name: mail}
	}
	p := d.b.known(h, mail)
	if p.Slack == "" {
		ask, done := context.WithTimeout(ctx, nameWithin)
		defer done()
		if q, err := d.b.people.ByEmail(ask, mail); err == nil {
			p.Slack, p.Name = q.Slack, q.Name
			d.b.duties.keep(p)
		}
	}
	return incidentPerson(p)
}

// Agree implements commands.Duties.
func (d *dutyDesk) Agree(ctx context.Context, key string, at time.Time, who incident.Person, fact house.Fact) (commands.Agreed, error) {
	b := d.b
	in := house.Intent{At: at, Fact: fact}
	who = d.named(ctx, who)
	by := house.Person{Slack: who.Slack, Pager: who.Pager, Name: who.Name, Email: d.Mail(ctx, who)}
	id, rotation := "", ""
	switch f := fact.(type) {
	case *house.CoverSet:
		f.Who, rotation = by, f.Rotation
		if r, ok := b.policies.file.Rotations[f.Rotation]; ok && f.Schedule == "" {
			in.Rotation = &r
		}
		if f.Schedule != "" {
			sched, err := b.schedule(ctx, f)
			if err != nil {
				return commands.Agreed{}, err
			}
			in.Schedule = sched
		}
	case *house.CoverEnded:
		f.Who, id = by, f.ID
	default:
		return commands.Agreed{}, fmt.Errorf("people do not agree on %T", fact)
	}
	events, err := b.engine.RecordHouse(ctx, key, in)
	no, refused := errors.AsType[*house.Refusal](err)
	switch {
	case refused && no.Code == house.RefusedCoverOver && d.owed(ctx, id): // called off before, and PagerDuty has it still: that is tried again
	case refused:
		return commands.Agreed{Refusal: no}, nil
	case err != nil:
		return commands.Agreed{}, err
	}
	for _, e := range events {
		if f, ok := e.Fact.(*house.CoverSet); ok {
			id = f.ID
		}
	}
	out := commands.Agreed{}
	if out.Cover, err = d.agreed(ctx, id, rotation, by); err != nil {
		return commands.Agreed{}, err
	}
	if out.Cover.Schedule != "" {
		return d.settle(ctx, out)
	}
	// Both follow what is committed. Rosters first: a page of the next second must ring who has it now.
	if err := b.recordRotations(ctx); err != nil {
		b.log.Warn().Err(err).Msg("a cover is recorded and the roster not yet; trying again")
	}
	b.dutyChanged()
	if len(events) > 0 {
		out.Told = b.tellCover(ctx, out.Cover, by, events[0].At)
	}
	return out, nil
}

// agreed is a cover by its id; without one the latest that somebody set of a duty: the same command again finds what it set.
func (d *dutyDesk) agreed(ctx context.Context, id, rotation string, by house.Person) (out house.Cover, err error) {
	h, err := d.b.engine.House(ctx)
	if err != nil {
		return out, err
	}
	for _, c := range h.Covers {
		if c.ID == id || id == "" && c.Rotation == rotation && c.SetBy.Slack == by.Slack {
			out = c
		}
	}
	return out, nil
}

// owed reports whether PagerDuty must still be asked for something of a cover.
func (d *dutyDesk) owed(ctx context.Context, id string) bool {
	h, err := d.b.engine.House(ctx)
	return err == nil && slices.ContainsFunc(house.OverridesOwed(h, d.b.clock.Now()), func(o house.OverrideOwed) bool { return o.Cover.ID == id })
}

// settle asks PagerDuty for what was agreed on.
func (d *dutyDesk) settle(ctx context.Context, out commands.Agreed) (commands.Agreed, error) {
	b := d.b
	done := b.settleCover(ctx, out.Cover.ID, false)
	if done.err != nil {
		out.Pager = done.err
		b.pagerChanged()
	}
	out.Lifted, out.Gone, out.Told = done.lifted, done.gone, done.told
	cover, err := d.agreed(ctx, out.Cover.ID, "", house.Person{})
	if err != nil {
		return commands.Agreed{}, err
	}
	out.Cover = cover
	return out, nil
}

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
		out = append(out, o)
	}
	return out, nil
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
			out = append(out, commands.Duty{Target: key, Title: t.Title, Shifts: d.b.shifts(h, key, now, now.Add(shiftsAhead))})
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
		if r, ok := b.policies.file.Rotations[f.Rotation]; ok {
			in.Rotation = &r
		}
	case *house.CoverEnded:
		f.Who, id = by, f.ID
	default:
		return commands.Agreed{}, fmt.Errorf("people do not agree on %T", fact)
	}
	events, err := b.engine.RecordHouse(ctx, key, in)
	if no, ok := errors.AsType[*house.Refusal](err); ok {
		return commands.Agreed{Refusal: no}, nil
	}
	if err != nil {
		return commands.Agreed{}, err
	}
	for _, e := range events {
		if f, ok := e.Fact.(*house.CoverSet); ok {
			id = f.ID
		}
	}
	h, err := b.engine.House(ctx)
	if err != nil {
		return commands.Agreed{}, err
	}
	out := commands.Agreed{}
	for _, c := range h.Covers { // the same command again finds what it set: the latest of theirs in that rotation
		if c.ID == id || id == "" && c.Rotation == rotation && c.SetBy.Slack == by.Slack {
			out.Cover = c
		}
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

// Override implements commands.Duties.
func (d *dutyDesk) Override(ctx context.Context, who incident.Person, target, of, by string, from, to time.Time) (commands.Agreed, error) {
	b := d.b
	if !b.pager.HasToken() {
		return commands.Agreed{}, commands.ErrNoToken
	}
	t := b.Policy().Targets[target]
	user, found, err := b.pager.UserByEmail(ctx, by)
	if err == nil && !found {
		err = commands.ErrNoUser
	}
	if err != nil {
		if errors.Is(err, commands.ErrNoUser) {
			return commands.Agreed{}, err
		}
		return commands.Agreed{}, &commands.Failed{Words: commands.FailedPagerDuty, Err: fmt.Errorf("look for %s in PagerDuty: %w", by, err)}
	}
	if err := b.pager.Override(ctx, t.Schedule, user.Pager, from, to); err != nil {
		return commands.Agreed{}, &commands.Failed{Words: commands.FailedPagerDuty, Err: fmt.Errorf("override PagerDuty schedule %s: %w", t.Schedule, err)}
	}
	// It stands in PagerDuty, and is read back from there; the log says who asked for it.
	who = d.named(ctx, who)
	me := house.Person{Slack: who.Slack, Pager: who.Pager, Name: who.Name, Email: d.Mail(ctx, who)}
	what := fmt.Sprintf("override of PagerDuty schedule %s: %s for %s from %s to %s", t.Schedule, by, of, from.UTC().Format(time.RFC3339), to.UTC().Format(time.RFC3339))
	if err := b.engine.HandleHouse(ctx, "", house.Intent{Fact: &house.Operated{What: what, Who: who.Slack}}); err != nil {
		b.log.Warn().Err(err).Msg("an override stands in PagerDuty and is not in the log")
	}
	b.duties.mu.Lock()
	delete(b.duties.coming, target)
	b.duties.mu.Unlock()
	told := b.tellCover(ctx, house.Cover{Rotation: target, Legs: []house.Leg{{Of: of, By: by, From: from, To: to}}}, me, b.clock.Now())
	return commands.Agreed{Told: told}, nil
}

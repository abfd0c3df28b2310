package commands

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/house"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/view"
)

var oncall = Command{
	Name: "oncall", Aliases: []string{"on-call", "who"}, Usage: "oncall", Where: Anywhere, Examples: []Example{{"oncall"}},
	Run: func(ctx context.Context, c *Ask) (Reply, error) {
		if c.Args != "" {
			return usage("usage.oncall", c.Args)
		}
		all, err := c.desk.duties.OnCall(ctx)
		if err != nil {
			return Reply{}, err
		}
		return c.card(c.voice().OnCallCard(all)), nil
	},
}

var covers = Command{
	Name: "covers", Aliases: []string{"swaps"}, Usage: "covers", Where: Anywhere, Examples: []Example{{"covers"}},
	Run: func(ctx context.Context, c *Ask) (Reply, error) {
		if c.Args != "" {
			return usage("usage.oncall", c.Args)
		}
		duties, all, err := c.desk.duties.Kept(ctx)
		if err != nil {
			return Reply{}, err
		}
		var out []view.Cover
		for _, x := range all {
			v := c.coverOf(ctx, x, duties, c.desk.now())
			v.Legs = slices.DeleteFunc(v.Legs, func(l view.CoverLeg) bool { return !l.To.After(c.desk.now()) })
			if len(v.Legs) > 0 {
				out = append(out, v)
			}
		}
		return c.card(c.voice().CoversCard(out)), nil
	},
}

var cover = Command{
	Name: "cover", Usage: "cover [duty] @who <18:00-22:00|tomorrow 18:00 monday 09:00> @by", Where: Anywhere,
	Examples: []Example{{"cover @me 18:00-22:00 <@U0LEA|lea>"}, {"cover primary <@U0PRIM|marc> tomorrow 18:00 monday 09:00 <@U0LEA|lea>"}},
	Run: func(ctx context.Context, c *Ask) (Reply, error) {
		duties, agreed, err := c.desk.duties.Kept(ctx)
		if err != nil {
			return Reply{}, err
		}
		named, args := dutyNamed(duties, c.Args)
		fields := strings.Fields(args)
		if len(fields) < 3 {
			return usage("usage.cover", c.Args)
		}
		of, ok := c.partyOf(ctx, fields[0])
		if !ok {
			return usage("usage.cover", fields[0])
		}
		// "@me 18:00-22:00 @lea", or "@me @lea 18:00-22:00".
		by, last := c.partyOf(ctx, fields[len(fields)-1])
		when := fields[1 : len(fields)-1]
		if !last {
			if by, ok = c.partyOf(ctx, fields[1]); !ok {
				return usage("usage.cover", fields[len(fields)-1])
			}
			when = fields[2:]
		}
		from, to, ok := spanOf(strings.Join(when, " "), c.desk.now(), c.desk.zone())
		if !ok {
			return usage("usage.cover", strings.Join(when, " "))
		}
		for _, p := range []party{of, by} {
			if p.mail == "" {
				return c.noMail(p)
			}
		}
		d, rep, ok := c.whichDuty(duties, agreed, named, of, from, to)
		if !ok {
			return rep, nil
		}
		return c.agree(ctx, duties, d, house.Leg{Of: of.mail, By: by.mail, From: from.UTC(), To: to.UTC()})
	},
}

var uncover = Command{
	Name: "uncover", Usage: "uncover <n>", Where: Anywhere, Examples: []Example{{"uncover 5"}},
	Run: func(ctx context.Context, c *Ask) (Reply, error) {
		word := strings.TrimPrefix(strings.ToLower(c.Args), "cover-")
		n, err := strconv.ParseInt(strings.TrimPrefix(word, "#"), 10, 64)
		if err != nil || n <= 0 {
			return usage("usage.uncover", c.Args)
		}
		r, err := c.desk.duties.Agree(ctx, c.Key, c.At, c.Who, &house.CoverEnded{ID: house.CoverID(n)})
		if err != nil {
			return Reply{}, err
		}
		if r.Refusal != nil {
			return c.notAgreed(ctx, r.Refusal), nil
		}
		args, key := catalog.Args{"n": catalog.Int(int(n))}, "cover.called"
		switch {
		case r.Pager != nil:
			if key = "cover.called.unsure"; slices.ContainsFunc(r.Cover.Overrides, func(o house.LegOverride) bool { return o.Lifted == "" }) {
				key, args["by"] = "cover.called.waits", catalog.Words(c.coveredBy(ctx, r.Cover))
			}
			args["why"] = catalog.Cause{Err: r.Pager}
		case r.Gone:
			key = "cover.called.gone"
		case r.Lifted:
			key = "cover.called.pager"
		}
		return c.say(key, args), nil
	},
}

// swapAhead is how far ahead a turn in return is looked for.
const swapAhead = 182 * 24 * time.Hour

var swap = Command{
	Name: "swap", Usage: "swap [duty] @who @with [2026-12-07|week 50]", Where: Anywhere,
	Examples: []Example{{"swap <@U0PRIM|marc> <@U0LEA|lea>"}, {"swap @me <@U0LEA|lea> week 50"}},
	Run: func(ctx context.Context, c *Ask) (Reply, error) {
		duties, agreed, err := c.desk.duties.Kept(ctx)
		if err != nil {
			return Reply{}, err
		}
		named, args := dutyNamed(duties, c.Args)
		first, rest := words(args)
		second, rest := words(rest)
		of, ok := c.partyOf(ctx, first)
		with, also := c.partyOf(ctx, second)
		if !ok || !also {
			return usage("usage.swap", c.Args)
		}
		now := c.desk.now()
		from, to, more, ok := daysOf(rest, now, c.desk.zone())
		if !ok || more != "" {
			return usage("usage.swap", rest)
		}
		for _, p := range []party{of, with} {
			if p.mail == "" {
				return c.noMail(p)
			}
		}
		if from.IsZero() {
			from, to = now, now.Add(swapAhead)
		}
		return c.swap(ctx, duties, agreed, named, of, with, from, to, rest == "")
	},
}

// swap exchanges a turn of one, in a stretch of days, for the next turn of the other.
func (c *Ask) swap(ctx context.Context, duties []Duty, agreed []house.Cover, named *Duty, of, with party, from, to time.Time, next bool) (Reply, error) {
	now := c.desk.now()
	choice := duties
	if named != nil {
		choice = []Duty{*named}
	}
	kept := false
	var lacks party
	within := swapAhead
	for _, d := range choice {
		shifts := d.Shifts
		if n := len(shifts); n > 0 && d.Rotation == nil {
			within = shifts[n-1].To.Sub(now).Round(24 * time.Hour) // as far ahead as PagerDuty was asked
		}
		if d.Rotation != nil {
			rota, err := d.Rotation.Bind(agreed)
			if err != nil {
				continue
			}
			if shifts, err = rota.Shifts(now, to.Add(swapAhead)); err != nil {
				continue
			}
		}
		kept = true
		a, b := of, with
		mine, has := turnIn(shifts, a.mail, from, to, next)
		if !next { // "@me @lea" and a week of Léa's
			if other, more := turnIn(shifts, b.mail, from, to, false); more > has {
				a, b, mine, has = with, of, other, more
			}
		}
		if has == 0 {
			continue
		}
		i := slices.IndexFunc(shifts, func(s house.Shift) bool { return s.Person == b.mail && !s.From.Before(mine.To) })
		if i < 0 { // none behind it: one before it
			i = slices.IndexFunc(shifts, func(s house.Shift) bool { return s.Person == b.mail && !s.To.After(mine.From) && s.From.After(now) })
		}
		if i < 0 {
			lacks = b
			continue
		}
		theirs := shifts[i]
		return c.agree(ctx, duties, d,
			house.Leg{Of: a.mail, By: b.mail, From: mine.From.UTC(), To: mine.To.UTC()}, house.Leg{Of: b.mail, By: a.mail, From: theirs.From.UTC(), To: theirs.To.UTC()})
	}
	switch {
	case lacks.mail != "":
		return c.say("cover.no-other", catalog.Args{"who": catalog.Words(nameOf(lacks.who)), "d": catalog.Duration(within)}), nil
	case !kept:
		return c.say("cover.no-rotation", nil), nil
	}
	return c.say("cover.no-shift", catalog.Args{"who": catalog.Words(nameOf(of.who)), "with": catalog.Words(nameOf(with.who)), "at": catalog.Time{At: from, Form: catalog.DateClock}}), nil
}

// turnIn is the shift of somebody that has most of a stretch, and how much of it; the first to come, when any will do.
func turnIn(shifts []house.Shift, mail string, from, to time.Time, first bool) (house.Shift, time.Duration) {
	var best house.Shift
	var most time.Duration
	for _, s := range house.Clip(shifts, from, to) {
		if s.Person == mail && s.To.Sub(s.From) > most {
			most = s.To.Sub(s.From)
			i := slices.IndexFunc(shifts, func(w house.Shift) bool { return !w.From.After(s.From) && w.To.After(s.From) })
			best = shifts[i]
			if first {
				break
			}
		}
	}
	return best, most
}

// dutyNamed takes the name of a duty from the beginning of the words.
func dutyNamed(duties []Duty, args string) (*Duty, string) {
	first, rest := words(args)
	for i, d := range duties {
		if strings.EqualFold(first, d.Target) || d.Rotation != nil && strings.EqualFold(first, d.Rotation.Key) {
			return &duties[i], rest
		}
	}
	return nil, args
}

// dutyOf reports whether somebody has a duty in a part of an interval.
func dutyOf(d Duty, agreed []house.Cover, mail string, from, to time.Time) bool {
	shifts := d.Shifts
	if d.Rotation != nil {
		rota, err := d.Rotation.Bind(agreed)
		if err != nil {
			return false
		}
		if shifts, err = rota.Shifts(from, to); err != nil {
			return false
		}
	}
	return slices.ContainsFunc(shifts, func(s house.Shift) bool {
		return s.Person == mail && s.From.Before(to) && (s.To.IsZero() || s.To.After(from))
	})
}

// whichDuty is the duty that is to be covered: the one named, else the one that somebody has then. With several it is asked for; with none it
// is the first, whose refusal says who has it.
func (c *Ask) whichDuty(duties []Duty, agreed []house.Cover, named *Duty, of party, from, to time.Time) (Duty, Reply, bool) {
	if named != nil {
		return *named, Reply{}, true
	}
	if len(duties) == 0 {
		return Duty{}, c.say("cover.no-rotation", nil), false
	}
	var on []Duty
	for _, d := range duties {
		if dutyOf(d, agreed, of.mail, from, to) {
			on = append(on, d)
		}
	}
	switch len(on) {
	case 0:
		i := max(0, slices.IndexFunc(duties, func(d Duty) bool { return d.Rotation != nil }))
		return duties[i], Reply{}, true
	case 1:
		return on[0], Reply{}, true
	}
	var names catalog.Either
	for _, d := range on {
		names = append(names, catalog.Literal(d.Target))
	}
	return Duty{}, c.say("cover.which", catalog.Args{"who": catalog.Words(nameOf(of.who)), "duties": names, "command": catalog.Words(c.desk.command),
		"line": catalog.Words("cover " + on[0].Target + " " + incident.Clip(plainWords(c.Args), 120))}), false
}

func (c *Ask) title(d Duty) catalog.Words {
	for _, l := range []string{catalog.Language(c.Language), catalog.English} {
		if t := d.Title[l]; t != "" {
			return catalog.Words(t)
		}
	}
	return catalog.Words(d.Target)
}

// agree records a cover of a duty and answers with what is agreed, and with what PagerDuty made of it where the duty is its.
func (c *Ask) agree(ctx context.Context, duties []Duty, d Duty, legs ...house.Leg) (Reply, error) {
	fact := &house.CoverSet{Rotation: d.Target, Schedule: d.Schedule, Legs: legs}
	if d.Rotation != nil {
		fact.Rotation = d.Rotation.Key
	}
	r, err := c.desk.duties.Agree(ctx, c.Key, c.At, c.Who, fact)
	switch {
	case errors.Is(err, ErrNoToken):
		return c.say("cover.pager.no-token", catalog.Args{"title": c.title(d)}), nil
	case errors.Is(err, ErrNoUser):
		return c.say("cover.pager.no-user", catalog.Args{"who": catalog.Words(nameOf(c.desk.duties.Somebody(ctx, legs[0].By)))}), nil
	case err != nil:
		return Reply{}, err
	case r.Refusal != nil:
		return c.notAgreed(ctx, r.Refusal), nil
	case r.Cover.Refused != "":
		why := r.Pager
		if why == nil {
			why = errors.New(r.Cover.Refused)
		}
		return c.say("cover.pager.refused", catalog.Args{"title": c.title(d), "why": catalog.Cause{Err: why}}), nil
	}
	v := c.coverOf(ctx, r.Cover, duties, c.desk.now())
	v.Waits = v.Waits || r.Pager != nil
	return c.card(c.voice().CoverCard(v, r.Told, r.Pager)), nil
}

// coveredBy is who has the duty by a cover.
func (c *Ask) coveredBy(ctx context.Context, x house.Cover) string {
	if len(x.Legs) == 0 {
		return "?"
	}
	return nameOf(c.desk.duties.Somebody(ctx, x.Legs[0].By))
}

// coverOf is a cover as views want it, as of now.
func (c *Ask) coverOf(ctx context.Context, x house.Cover, duties []Duty, now time.Time) view.Cover {
	out := view.Cover{N: int(x.Number()), Key: x.Rotation, Pager: x.Schedule != ""}
	for _, d := range duties {
		if x.Schedule == "" && d.Rotation != nil && d.Rotation.Key == x.Rotation || x.Schedule != "" && d.Target == x.Rotation {
			out.Key, out.Title = d.Target, d.Title
			break
		}
	}
	legs := x.Served()
	owed := house.OverridesOwed(house.State{Covers: []house.Cover{x}}, now)
	out.Waits, out.Off = len(owed) > 0, len(owed) > 0 && owed[0].Lift
	if out.Off { // called off, and rung all the same
		legs = nil
		for _, o := range owed {
			legs = append(legs, x.Legs[o.Leg])
		}
	}
	for _, l := range legs {
		out.Legs = append(out.Legs, view.CoverLeg{Of: c.desk.duties.Somebody(ctx, l.Of), By: c.desk.duties.Somebody(ctx, l.By), From: l.From, To: l.To})
	}
	return out
}

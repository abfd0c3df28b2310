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
			v := c.coverOf(ctx, x, duties)
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
		if d.Rotation == nil {
			return c.override(ctx, d, of, by, from, to)
		}
		return c.agree(ctx, duties, &house.CoverSet{Rotation: d.Rotation.Key, Legs: []house.Leg{{Of: of.mail, By: by.mail, From: from.UTC(), To: to.UTC()}}})
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
		return c.say("cover.called", catalog.Args{"n": catalog.Int(int(n))}), nil
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
	pager, kept := false, false
	var lacks party
	for _, d := range choice {
		if d.Rotation == nil {
			pager = pager || named != nil || dutyOf(d, agreed, of.mail, from, to)
			continue
		}
		kept = true
		rota, err := d.Rotation.Bind(agreed)
		if err != nil {
			continue
		}
		shifts, err := rota.Shifts(now, to.Add(swapAhead))
		if err != nil {
			continue
		}
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
		return c.agree(ctx, duties, &house.CoverSet{Rotation: d.Rotation.Key, Legs: []house.Leg{
			{Of: a.mail, By: b.mail, From: mine.From.UTC(), To: mine.To.UTC()}, {Of: b.mail, By: a.mail, From: theirs.From.UTC(), To: theirs.To.UTC()},
		}})
	}
	switch {
	case lacks.mail != "":
		return c.say("cover.no-other", catalog.Args{"who": catalog.Words(nameOf(lacks.who)), "d": catalog.Duration(swapAhead)}), nil
	case pager:
		i := max(0, slices.IndexFunc(choice, func(d Duty) bool { return d.Rotation == nil }))
		return c.say("cover.pager.swap", catalog.Args{"title": c.title(choice[i]), "command": catalog.Words(c.desk.command)}), nil
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

// agree records a cover and answers with what is agreed.
func (c *Ask) agree(ctx context.Context, duties []Duty, fact *house.CoverSet) (Reply, error) {
	r, err := c.desk.duties.Agree(ctx, c.Key, c.At, c.Who, fact)
	if err != nil {
		return Reply{}, err
	}
	if r.Refusal != nil {
		return c.notAgreed(ctx, r.Refusal), nil
	}
	return c.card(c.voice().CoverCard(c.coverOf(ctx, r.Cover, duties), r.Told)), nil
}

// coverOf is a cover as views want it.
func (c *Ask) coverOf(ctx context.Context, x house.Cover, duties []Duty) view.Cover {
	out := view.Cover{N: int(x.Number()), Key: x.Rotation}
	for _, d := range duties {
		if d.Rotation != nil && d.Rotation.Key == x.Rotation {
			out.Key, out.Title = d.Target, d.Title
			break
		}
	}
	for _, l := range x.Served() {
		out.Legs = append(out.Legs, view.CoverLeg{Of: c.desk.duties.Somebody(ctx, l.Of), By: c.desk.duties.Somebody(ctx, l.By), From: l.From, To: l.To})
	}
	return out
}

// override has a stretch of a PagerDuty schedule covered there.
func (c *Ask) override(ctx context.Context, d Duty, of, by party, from, to time.Time) (Reply, error) {
	if refusal := house.CheckLeg(house.Leg{Of: of.mail, By: by.mail, From: from, To: to}, c.desk.now()); refusal != nil {
		return c.notAgreed(ctx, refusal), nil
	}
	if from.Before(c.desk.now()) {
		from = c.desk.now()
	}
	if len(d.Shifts) > 0 && !dutyOf(d, nil, of.mail, from, to) {
		i := max(0, slices.IndexFunc(d.Shifts, func(s house.Shift) bool { return s.To.IsZero() || s.To.After(from) }))
		return c.notAgreed(ctx, &house.Refusal{Code: house.RefusedCoverOffDuty, Args: []string{of.mail, from.UTC().Format(rfc3339), to.UTC().Format(rfc3339), d.Shifts[i].Person}}), nil
	}
	r, err := c.desk.duties.Override(ctx, c.Who, d.Target, of.mail, by.mail, from, to)
	switch {
	case errors.Is(err, ErrNoToken):
		return c.say("cover.pager.no-token", catalog.Args{"title": c.title(d)}), nil
	case errors.Is(err, ErrNoUser):
		return c.say("cover.pager.no-user", catalog.Args{"who": catalog.Words(nameOf(by.who))}), nil
	case refusedForGood(err):
		return c.say("cover.pager.refused", catalog.Args{"title": c.title(d), "why": catalog.Cause{Err: err}}), nil
	case err != nil:
		return c.say("cover.pager.failed", catalog.Args{"title": c.title(d), "why": catalog.Cause{Err: err}}), nil
	}
	return c.card(c.voice().CoverCard(view.Cover{Key: d.Target, Title: d.Title, Legs: []view.CoverLeg{{Of: of.who, By: by.who, From: from, To: to}}}, r.Told)), nil
}

// refusedForGood reports whether whoever was asked said no, so that it is known that nothing was done.
func refusedForGood(err error) bool {
	var said interface{ Permanent() bool }
	return errors.As(err, &said) && said.Permanent()
}

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
	"github.com/tocsin-bot/tocsin/bot/slack"
	"github.com/tocsin-bot/tocsin/bot/view"
)

// Notices are what people are told of their duties by direct message, outside any incident. Each is recorded in the house log first and sent
// by who recorded it, so it is sent once at most: a reminder that comes twice is noise, and every one of them can be read from
// "/incident oncall" and "/incident covers" as well.

// noticeTries is how often a notice that Slack surely did not take is tried.
const noticeTries = 4

// notice records that somebody is told something and sends it. It reports whether they are told, now or before.
func (b *Bot) notice(ctx context.Context, key string, until time.Time, to house.Person, n view.Notice) bool {
	if b.o.Shadow {
		return false // a shadow tells nobody
	}
	if to.Slack == "" {
		b.log.Warn().Str("person", to.Email).Str("notice", n.What).Msg("somebody is not told of a duty: Slack does not know their address")
		return false
	}
	events, err := b.engine.RecordHouse(ctx, "", house.Intent{Fact: &house.Noticed{Key: key, What: n.What, Who: to, Until: until}})
	if err != nil {
		b.log.Warn().Err(err).Str("person", to.Email).Str("notice", n.What).Msg("somebody is not told of a duty: it cannot be recorded")
		return false
	}
	if len(events) == 0 {
		return true
	}
	lang := b.people.Language(to.Slack, b.language())
	card := view.Voice{Language: lang, Command: b.o.Command}.NoticeCard(n)
	// Sent apart from who asked: a command answers within its three seconds. Stop waits for it.
	run := context.WithoutCancel(ctx)
	if b.run != nil {
		run = b.run
	}
	b.wg.Go(func() {
		for try, wait := 1, time.Second; ; try, wait = try+1, 4*wait {
			err := b.toSlack.Tell(run, to.Slack, card, lang)
			switch f, ok := errors.AsType[*slack.Fault](err); {
			case err == nil || run.Err() != nil:
				return
			case try < noticeTries && ok && f.Code == slack.CodeRateLimited && b.clock.Now().Before(until): // any other may have been taken
				if b.clock.Sleep(run, wait) != nil {
					return
				}
			default:
				b.log.Warn().Err(err).Str("person", to.Email).Str("notice", n.What).Msg("somebody may not have been told of a duty; it is not said again")
				return
			}
		}
	})
	return true
}

// tellCover tells those whom a cover concerns and who did not agree on it themselves. It returns who is told.
func (b *Bot) tellCover(ctx context.Context, c house.Cover, by house.Person, at time.Time) []incident.Person {
	h, err := b.engine.House(ctx)
	if err != nil {
		return nil
	}
	key, title := b.dutyTitle(c.Rotation)
	ended := !c.EndedAt.IsZero()
	var told []incident.Person
	tell := func(what, mail string, i int, l house.Leg) {
		p := b.known(h, mail)
		if p.Slack == "" {
			p, _ = b.whoIs(ctx, key, mail)
		}
		if p.Slack != "" && p.Slack == by.Slack || mail == by.Email {
			return
		}
		n := view.Notice{What: what, By: incidentPerson(by), Cover: view.Cover{N: int(c.Number()), Title: title, Key: key},
			Leg: view.CoverLeg{Of: incidentPerson(b.known(h, l.Of)), By: incidentPerson(b.known(h, l.By)), From: l.From, To: l.To}}
		id := c.ID
		if id == "" {
			id = fmt.Sprintf("%s/%d/%d", c.Rotation, l.From.Unix(), l.To.Unix())
		}
		if b.notice(ctx, fmt.Sprintf("%s/%s/%d/%s", what, id, i, mail), at.Add(24*time.Hour), p, n) && !slices.ContainsFunc(told, incidentPerson(p).Same) {
			told = append(told, incidentPerson(p))
		}
	}
	for i, l := range c.Legs {
		switch {
		case ended:
			if l.To.After(c.EndedAt) {
				tell(house.NoticeUncover, l.By, i, l)
				tell(house.NoticeUncover, l.Of, i, l)
			}
		default:
			tell(house.NoticeCovers, l.By, i, l)
			tell(house.NoticeCovered, l.Of, i, l)
		}
	}
	return told
}

// dutyTitle is the target that a rotation fills, and what people call it.
func (b *Bot) dutyTitle(rotation string) (target string, title map[string]string) {
	p := b.Policy()
	for _, key := range targetsInOrder(p) {
		if t := p.Targets[key]; t.Rotation == rotation || t.Rotation == "" && key == rotation {
			return key, t.Title
		}
	}
	return rotation, nil
}

// remind tells who is about to go off and on call, handover_reminder before. It returns when the next reminder is due, zero when none is.
func (b *Bot) remind(ctx context.Context, now time.Time) time.Time {
	ahead := b.policies.file.HandoverReminder
	if ahead <= 0 {
		return time.Time{}
	}
	h, err := b.engine.House(ctx)
	if err != nil {
		return time.Time{}
	}
	var next time.Time
	p := b.Policy()
	for _, target := range slices.Sorted(maps.Keys(p.Targets)) {
		shifts := b.shifts(h, target, now, now.Add(max(shiftsAhead, 2*ahead)))
		on, then, ok := nextChange(shifts, now)
		if !ok {
			continue
		}
		if due := then.From.Add(-ahead); due.After(now) {
			if next.IsZero() || due.Before(next) {
				next = due
			}
			continue
		}
		if b.agreedAfter(h, on, then, then.From.Add(-ahead)) {
			continue // they were told when it was agreed, a moment ago
		}
		b.remindOf(ctx, h, target, on, then)
	}
	return next
}

// agreedAfter reports whether a change is one of a cover that was agreed on after a moment.
func (b *Bot) agreedAfter(h house.State, on, then house.Shift, t time.Time) bool {
	return slices.ContainsFunc(h.Covers, func(c house.Cover) bool { return (c.ID == then.Cover || c.ID == on.Cover) && c.SetAt.After(t) })
}

// remindOf tells both people of a hand-over.
func (b *Bot) remindOf(ctx context.Context, h house.State, target string, on, then house.Shift) {
	rows, err := b.engine.List(ctx, true, 50)
	if err != nil {
		rows = nil // the duty passes whether or not the list can be read
	}
	var open []view.Row
	for _, r := range rows {
		if !r.Private { // the shift is not part of it: its commander hands it over by hand
			open = append(open, view.Row(r))
		}
	}
	key, title := target, b.Policy().Targets[target].Title
	n := view.Notice{Cover: view.Cover{Title: title, Key: key}, Open: open,
		Leg: view.CoverLeg{Of: incidentPerson(b.known(h, on.Person)), By: incidentPerson(b.known(h, then.Person)), From: then.From, To: then.To}}
	for _, x := range []struct{ what, mail string }{{house.NoticeIncoming, then.Person}, {house.NoticeOutgoing, on.Person}} {
		to := b.known(h, x.mail)
		if to.Slack == "" {
			to, _ = b.whoIs(ctx, target, x.mail)
		}
		n.What = x.what
		b.notice(ctx, fmt.Sprintf("%s/%s/%d/%s", x.what, target, then.From.Unix(), x.mail), then.From, to, n)
	}
}

package bot

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tocsin-bot/tocsin/bot/house"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/commands"
)

// dayDesk is the announced holidays, as the desk sees them.
type dayDesk struct{ b *Bot }

var _ commands.Days = (*dayDesk)(nil)

// Announced implements commands.Days.
func (d *dayDesk) Announced(ctx context.Context) ([]house.AnnouncedHoliday, error) {
	h, err := d.b.engine.House(ctx)
	return h.Holidays, err
}

// Announce implements commands.Days.
func (d *dayDesk) Announce(ctx context.Context, key string, at time.Time, who incident.Person, fact house.Fact) (house.Fact, *house.Refusal, error) {
	b, desk := d.b, &dutyDesk{d.b}
	who = desk.named(ctx, who)
	by, day := house.Person{Slack: who.Slack, Pager: who.Pager, Name: who.Name}, ""
	switch f := fact.(type) {
	case *house.HolidayAnnounced:
		f.Who, day = by, f.Day
	case *house.HolidayWithdrawn:
		f.Who, day = by, f.Day
	default:
		return nil, nil, fmt.Errorf("%T is no holiday", fact)
	}
	events, err := b.engine.RecordHouse(ctx, key, house.Intent{At: at, Fact: fact, Calendars: commands.CalendarsOf(b.Policy(), day)})
	if no, ok := errors.AsType[*house.Refusal](err); ok {
		return nil, no, nil
	}
	if err != nil {
		return nil, nil, err
	}
	b.daysChanged()
	if len(events) == 0 {
		return nil, nil, nil
	}
	return events[0].Fact, nil, nil
}

// daysChanged wakes keepHolidays.
func (b *Bot) daysChanged() {
	select {
	case b.newDays <- struct{}{}:
	default:
	}
}

// keepHolidays has the incidents in flight count what was announced: at the start, since a process may have died between the announcement and
// that, at once when somebody announces something here, and within a minute when it was done elsewhere. New incidents, and those that
// something happens in, count it without this.
func (b *Bot) keepHolidays(ctx context.Context) error {
	counted := int64(-1)
	for ctx.Err() == nil {
		wait := lookAgain
		if h, err := b.engine.House(ctx); err == nil && h.HolidaysSeq != counted {
			if err := b.engine.Recount(ctx); err != nil {
				if ctx.Err() == nil {
					b.log.Warn().Err(err).Msg("an announced holiday is not counted in every incident yet; trying again")
				}
				wait = lookRetry
			} else {
				counted = h.HolidaysSeq
			}
		} else if err != nil {
			wait = lookRetry
		}
		reached, stop := b.clock.At(b.clock.Now().Add(wait))
		select {
		case <-ctx.Done():
		case <-reached:
		case <-b.newDays:
		}
		stop()
	}
	return nil
}

package bot

import (
	"context"
	"time"

	"github.com/tocsin-bot/tocsin/bot/engine"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/journal"
	"github.com/tocsin-bot/tocsin/bot/view"
	"github.com/tocsin-bot/tocsin/commands"
)

// AnnouncedDays are the holidays that people announced, as incidents count them. It reads beside a running bot.
func AnnouncedDays(ctx context.Context, r journal.Reader) (incident.AnnouncedDays, error) {
	h, err := HouseOf(ctx, r)
	return engine.AnnouncedDays(h), err
}

// holidaysShown is how far ahead the list of who is on call names holidays.
const holidaysShown = 35 * 24 * time.Hour

// HolidaysToCome are the holidays of the next five weeks, of a policy and announced, in a language.
func HolidaysToCome(ctx context.Context, r journal.Reader, policyPath, language string) ([]view.Holiday, error) {
	p, err := readPolicy(policyPath)
	if err != nil {
		return nil, err
	}
	h, err := HouseOf(ctx, r)
	if err != nil {
		return nil, err
	}
	now, err := r.Now(ctx)
	if err != nil {
		return nil, err
	}
	return commands.HolidaysTo(&p.file.Policy, h.Holidays, now, holidaysShown, language), nil
}

// CheckHolidays finds announced days to come that count nowhere: the policy has no such calendar.
func CheckHolidays(ctx context.Context, r journal.Reader, policyPath, language string) ([]Finding, error) {
	all, err := HolidaysToCome(ctx, r, policyPath, language)
	if err != nil {
		return nil, err
	}
	k := &checker{lang: language}
	for _, h := range all {
		if h.Unknown {
			k.holiday(h)
		}
	}
	return k.found, nil
}

package bot

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/rs/zerolog"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/outbox"
	"github.com/tocsin-bot/tocsin/bot/scheduler"
	"github.com/tocsin-bot/tocsin/bot/timeline"
	"github.com/tocsin-bot/tocsin/bot/view"
	"github.com/tocsin-bot/tocsin/commands"
)

// In shadow the bot reads alerts, pages and channels, decides everything as it would, and sends nothing. Two walls see to it: the outbox's
// performers are replaced by ones that only write down (shadowPerformer), and the clients of Slack and PagerDuty refuse every call that is
// not a reading one, in their transports, so that no other way leads out. What it records is kept apart from a bot that acts: in a directory
// of its own or under an installation of its own, and a mark in the store keeps either from opening the other's.

// ShadowSuffix is what a shadow adds to the installation's name, in the store's keys and in dedup keys.
const ShadowSuffix = "-shadow"

// ShadowDir is where a shadow keeps the embedded store: inside the data directory, beside the store of a bot that acts.
func ShadowDir(dataDir string) string { return filepath.Join(dataDir, "shadow") }

// notSent is on record beside every effect of a shadow.
const notSent = "shadow: nothing was sent"

// shadowPerformer writes down what would have been done, and reports it as done so that the core goes on.
type shadowPerformer struct{ log zerolog.Logger }

var _ outbox.Performer = shadowPerformer{}

// Look implements outbox.Performer: nothing was ever sent.
func (shadowPerformer) Look(context.Context, incident.Owed, incident.State) (incident.Report, bool, error) {
	return incident.Report{}, false, nil
}

// Do implements outbox.Performer.
func (p shadowPerformer) Do(_ context.Context, o incident.Owed, s incident.State) (incident.Report, error) {
	r := incident.Report{Effect: o.ID, Outcome: incident.OutcomeDone, Attempt: o.Attempt}
	if o.Effect.Facts() {
		r.Error = notSent
	}
	switch o.Effect.Do {
	case incident.OpenChannel:
		r.Channel, r.Name = "shadow-"+string(o.Incident), o.Effect.Arg
	case incident.Post, incident.Direct:
		r.Channel, r.TS = "shadow-"+string(o.Incident), fmt.Sprintf("%d.%06d", o.At.Unix(), o.Seq%1_000_000)
	case incident.Ring:
		if pg, ok := s.Page(o.Effect.Page); ok {
			p.log.Info().Str("incident", string(o.Incident)).Str("target", pg.Target).Str("person", pg.Person.Name).Int("level", pg.Level).
				Str("why", pg.Why).Str("urgency", pg.Urgency).Time("at", pg.At).Msg("shadow: would have been rung")
		}
	}
	return r, nil
}

// Repair implements outbox.Performer: there is nothing to repair.
func (shadowPerformer) Repair(context.Context, incident.Owed, incident.State, incident.Report) error {
	return nil
}

// shadowDesk acts on nothing that is typed or pressed. The answer goes back on the socket it came by, to who asked and nobody else: Slack
// shows an error otherwise.
type shadowDesk struct{}

var _ commands.Desk = shadowDesk{}

func (shadowDesk) answer(lang string) (commands.Reply, error) {
	t := catalog.Say(catalog.Language(lang), "shadow.typed", nil)
	return commands.Reply{Card: &view.Card{Summary: t, Blocks: []view.Block{view.Section{Text: t}}}}, nil
}

// Command implements commands.Desk.
func (d shadowDesk) Command(_ context.Context, c commands.Call) (commands.Reply, error) {
	return d.answer(c.Language)
}

// Click implements commands.Desk.
func (shadowDesk) Click(context.Context, commands.Click) (commands.Reply, error) {
	return commands.Reply{}, nil
}

// Submit implements commands.Desk.
func (d shadowDesk) Submit(_ context.Context, s commands.Submission) (commands.Reply, error) {
	return d.answer(s.Language)
}

// Home implements commands.Desk. The page is drawn by a call that writes, so it is not shown.
func (d shadowDesk) Home(context.Context, incident.Person, string) (view.Card, error) {
	return view.Card{}, &catalog.Said{Key: "shadow.typed"}
}

const shadowCursor = "shadow"

// apart keeps the data of a shadow from a bot that acts, and the other way round: either would ring people about the other's incidents, or
// believe them rung.
func (b *Bot) apart(ctx context.Context) error {
	mark, err := b.store.Cursor(ctx, shadowCursor)
	if err != nil {
		return &catalog.Said{Key: "start.journal", Args: why(err), Err: err}
	}
	switch {
	case b.o.Shadow && mark != "":
		return nil
	case b.o.Shadow:
		streams, err := b.store.Streams(ctx, "", 1)
		if err != nil {
			return &catalog.Said{Key: "start.journal", Args: why(err), Err: err}
		}
		if len(streams) > 0 {
			return &catalog.Said{Key: "shadow.taken"}
		}
		return b.store.SetCursor(ctx, shadowCursor, b.clock.Now().Format(time.RFC3339))
	case mark != "":
		return &catalog.Said{Key: "shadow.mark"}
	}
	return nil
}

// When a day's shadow is told.
const (
	shadowHour       = 9 // in the policy's zone
	shadowEvery      = 15 * time.Minute
	shadowToldCursor = "shadow/told"
)

// shadowDuties are the duties of a shadow; none of a bot that acts.
func (b *Bot) shadowDuties() []scheduler.Duty {
	if !b.o.Shadow {
		return nil
	}
	return []scheduler.Duty{b.shadowDuty()}
}

// shadowDuty tells, once a day, what the shadow would have done the day before.
func (b *Bot) shadowDuty() scheduler.Duty {
	return scheduler.Duty{Name: "shadow-report", Every: shadowEvery, Keep: scheduler.InCursor, Run: func(ctx context.Context, slot time.Time) error {
		now := slot.In(b.Policy().Location())
		if now.Hour() < shadowHour {
			return nil
		}
		y, m, d := now.Date()
		day := time.Date(y, m, d-1, 0, 0, 0, 0, now.Location())
		told, err := b.store.Cursor(ctx, shadowToldCursor)
		if err != nil || told == day.Format(time.DateOnly) {
			return err
		}
		var past []timeline.Past
		if b.pager.HasToken() {
			if past, err = b.pager.History(ctx, b.Policy(), day, day.AddDate(0, 0, 1)); err != nil {
				return fmt.Errorf("what PagerDuty did on %s: %w", day.Format(time.DateOnly), err)
			}
		}
		r, err := ShadowReportOf(ctx, b.store, day, past)
		if err != nil {
			return err
		}
		for _, row := range r.Rows {
			b.log.Info().Time("at", row.At).Str("kind", row.Kind).Str("incident", row.Incident).Str("who", row.Who).Str("target", row.Target).Int("level", row.Level).
				Str("why", row.Why).Str("urgency", row.Urgency).Msg("shadow report of " + day.Format(time.DateOnly))
		}
		b.log.Info().Str("day", day.Format(time.DateOnly)).Int("would_ring", r.Count(timeline.ShadowWouldRing)).Int("pagerduty_rang", r.Count(timeline.ShadowRang)).
			Msg("shadow report; tocsin shadow report prints it as a table")
		return b.store.SetCursor(ctx, shadowToldCursor, day.Format(time.DateOnly))
	}}
}

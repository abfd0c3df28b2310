package bot

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/house"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/journal"
	"github.com/tocsin-bot/tocsin/bot/slack"
	"github.com/tocsin-bot/tocsin/bot/timeline"
	"github.com/tocsin-bot/tocsin/bot/view"
	"github.com/tocsin-bot/tocsin/runbooks"
)

// usageShown is how far back the figures in a review's message go.
const usageShown = 90 * 24 * time.Hour

// figures are how runbooks were used of late, read once for all who are asked in one go.
type figures struct {
	since time.Time
	read  func() (map[string]timeline.RunbookUsage, error)
}

func (b *Bot) figuresSince(ctx context.Context, since time.Time) figures {
	return figures{since, sync.OnceValues(func() (map[string]timeline.RunbookUsage, error) {
		uses, err := RunbookUses(ctx, b.store, "", since)
		out := map[string]timeline.RunbookUsage{}
		for _, u := range timeline.UsageOf(uses) {
			out[u.Runbook] = u
		}
		return out, err
	})}
}

// maybeSent reports whether a message that came back with an error may have been sent all the same.
func maybeSent(err error) bool {
	f, ok := errors.AsType[*slack.Fault](err)
	return !ok || f.Ambiguous()
}

// reviewCard is what one person reads who is asked for a review, and whether it names the incident. Of a private incident that is not theirs
// they read figures, and no text, title or number; of another, whose room they are not in, no text.
func (b *Bot) reviewCard(ctx context.Context, h house.State, r house.Review, overdue bool, p incident.Person, lang string, now time.Time, fig figures) (c view.Card, names bool, err error) {
	pol := b.Policy()
	v := view.Review{ID: r.ID, Subject: r.Subject, Owner: pol.TargetTitle(r.Owner(), lang), Due: r.Due, Overdue: overdue, Level: r.Level}
	if i := r.Level + 1; i < len(r.Chain) {
		v.Next = pol.TargetTitle(r.Chain[i], lang)
	}
	book, isBook := b.library.ByID(r.Subject, lang)
	switch {
	case isBook:
		v.Title = book.Title
	case r.Subject == incident.ReviewAlerts:
		v.Alerts = len(pol.Alerts)
		for _, a := range slices.Sorted(maps.Keys(pol.Alerts)) {
			if _, ok := b.library.ByAlert(a, lang); !ok {
				v.Bare = append(v.Bare, a)
			}
		}
	case r.Subject == incident.ReviewAccess:
		v.Where = pol.ReviewRule().Where
	}
	if r.Incident != "" {
		if err := b.reviewUse(ctx, &v, r, p, book, now); err != nil {
			return c, false, err
		}
	}
	if isBook {
		all, err := fig.read()
		if err != nil {
			return c, false, err
		}
		v.Since = fig.since.In(pol.Location())
		reviewFigures(&v, all[r.Subject], book)
	}
	if err := b.lastReview(ctx, &v, h, book); err != nil {
		return c, false, err
	}
	return view.Voice{Language: lang, Command: b.o.Command, Zone: pol.Location()}.ReviewCard(v), v.Incident != "", nil
}

// reviewUse is how the incident used the runbook, with what was written there for those who have a part in it.
func (b *Bot) reviewUse(ctx context.Context, v *view.Review, r house.Review, p incident.Person, book *runbooks.Runbook, now time.Time) error {
	s, err := b.engine.State(ctx, incident.ID(r.Incident))
	if err != nil {
		return err
	}
	// What people wrote is read by those who have a part in it, or are in its room: an incident may go private later.
	part := slices.ContainsFunc(s.Insiders(), p.Same)
	if !part && s.ChannelID != "" {
		inside, err := b.people.Inside(ctx, s.ChannelID, p.Slack)
		part = err == nil && inside
	}
	if v.Private = s.Private != nil && !part; !part && !v.Private {
		v.Elsewhere, v.Room = true, catalog.Room{ID: s.ChannelID, Name: s.ChannelName}
	}
	if !v.Private {
		v.Incident, v.Severity = s.ID, s.Counts()
	}
	uses, err := usesOf(ctx, b.store, s.ID, r.Subject, now)
	if err != nil {
		return err
	}
	for _, u := range uses {
		v.Done, v.Skipped, v.Open = u.Marks()
		for _, x := range u.Steps {
			name := stepTitle(book, x.ID, x.Title)
			note := func(what string, text incident.Text, d time.Duration) {
				if !part {
					text = incident.Text{}
				}
				v.Notes = append(v.Notes, view.ReviewNote{What: what, Number: x.Number, Step: name, Text: text, For: d, Stated: time.Duration(x.Minutes) * time.Minute})
			}
			if x.Mark == incident.StepSkipped {
				note(view.NoteSkipped, x.Why, 0)
			}
			for _, w := range x.Blocks {
				what := view.NoteBlocked
				if w.Open {
					what = view.NoteWaiting
				}
				note(what, w.On, w.For)
			}
			if x.Over() {
				note(view.NoteOver, incident.Text{}, x.Took)
			}
			for _, t := range x.Findings {
				note(view.NoteFinding, t, 0)
			}
		}
	}
	return nil
}

// stepTitle is what a step is called in a runbook of today, else what the log has.
func stepTitle(book *runbooks.Runbook, id, frozen string) string {
	if book != nil {
		if s, ok := book.Step(id); ok {
			return s.Title
		}
	}
	if frozen == "" {
		return id
	}
	return frozen
}

func reviewFigures(v *view.Review, u timeline.RunbookUsage, book *runbooks.Runbook) {
	v.Incidents = u.Incidents
	for _, s := range u.Steps {
		v.Usage = append(v.Usage, view.ReviewStep{Number: s.Number, Title: stepTitle(book, s.ID, s.Title), Done: s.Done, Skipped: s.Skipped, Blocked: s.Blocked, Median: s.MedianMinutes()})
	}
}

// lastReview is when it was last reviewed, and what was to be changed then. That a runbook's file says so counts as much as what people said
// here.
func (b *Bot) lastReview(ctx context.Context, v *view.Review, h house.State, book *runbooks.Runbook) error {
	if book != nil {
		v.Last = book.ReviewedOn
	}
	l, ok := h.Reviewed[v.Subject]
	if !ok || l.At.Before(v.Last) {
		return nil
	}
	v.Last, v.LastBy = l.At, incidentPerson(l.Who)
	var err error
	v.Change, err = wantedChange(ctx, b.store, l)
	return err
}

// wantedChange is what a review wanted changed; empty when nothing, or when the words were erased.
func wantedChange(ctx context.Context, r journal.Reader, l house.Reviewed) (string, error) {
	if l.How != house.ReviewChange {
		return "", nil
	}
	records, err := r.Records(ctx, journal.House, l.Seq, 1)
	if err != nil || len(records) == 0 {
		return "", err
	}
	e, err := journal.DecodeHouse(records[0])
	if err != nil {
		return "", err
	}
	if f, ok := e.Fact.(*house.ReviewEnded); ok {
		return f.Text.Body, nil
	}
	return "", nil
}

package bot

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/tocsin-bot/tocsin/bot/engine"
	"github.com/tocsin-bot/tocsin/bot/house"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/outbox"
	"github.com/tocsin-bot/tocsin/bot/scheduler"
)

// Reviews keep runbooks alive. Whoever owns one is asked to review it after an incident that used it (an effect of the incident, so that no
// crash loses it) and each quarter (a duty of the house log, done once for all replicas). The ask is in the house log with its times; a duty
// writes to people when the time has come, in working hours, and to the next of the chain when it is overdue. What is written is recorded
// first and sent by who recorded it, so nobody is asked twice.

const (
	reviewEvery   = 5 * time.Minute    // how often it is looked whether somebody is to be asked
	quarterly     = "0 0 1 1,4,7,10 *" // the first of a quarter, UTC; people are written to in their working hours
	reviewWithin  = 5                  // people of a role who are asked, at most
	reviewAgain   = time.Hour          // what Slack surely did not take is sent again after
	reviewRest    = 7 * 24 * time.Hour // the end of the chain is asked so often
	reviewBefore  = 24 * time.Hour     // before it is due the owner is reminded
	reviewRecalls = 3                  // how often a message that was not sent is tried again
)

// reviewDuties ask for reviews. A shadow asks nobody.
func (b *Bot) reviewDuties() []scheduler.Duty {
	if b.o.Shadow {
		return nil
	}
	return []scheduler.Duty{
		{Name: "quarter-reviews", Spec: quarterly, Keep: scheduler.InLog, Run: b.askQuarter},
		{Name: "reviews", Every: reviewEvery, Keep: scheduler.InCursor, Run: func(ctx context.Context, _ time.Time) error { return b.tellReviews(ctx) }},
	}
}

// houseHand carries out what incidents want recorded in the house log.
type houseHand struct{ b *Bot }

var _ outbox.Performer = houseHand{}

// Look implements outbox.Performer: the house knows by itself what it was told before.
func (houseHand) Look(context.Context, incident.Owed, incident.State) (incident.Report, bool, error) {
	return incident.Report{}, false, nil
}

// Do implements outbox.Performer.
func (h houseHand) Do(ctx context.Context, o incident.Owed, s incident.State) (incident.Report, error) {
	rep := incident.Report{Effect: o.ID, Outcome: incident.OutcomeDone, Attempt: o.Attempt}
	if o.Effect.Do != incident.AskReview {
		return incident.Report{}, fmt.Errorf("%s is not for the house log", o.Effect.Do)
	}
	return rep, h.b.askAfter(ctx, s, o.Effect.Arg)
}

// Repair implements outbox.Performer: nothing can be doubled.
func (houseHand) Repair(context.Context, incident.Owed, incident.State, incident.Report) error {
	return nil
}

// askAfter has a runbook reviewed that an incident used, or what is reviewed with it.
func (b *Bot) askAfter(ctx context.Context, s incident.State, id string) error {
	if slices.Contains(incident.ReviewSubjects, id) {
		return b.ask(ctx, house.ReviewAsked{ID: string(s.ID) + "/" + id, Subject: id, Incident: string(s.ID), Private: s.Private != nil}, b.Policy().ReviewRule().Owners[id], 0)
	}
	run, ok := s.Runbook(id)
	if !ok {
		return nil
	}
	owner := run.Ref.Owner
	if r, known := b.library.ByID(id, s.Language()); owner == "" && known { // of a log that does not freeze it
		owner = r.Owner
	}
	return b.ask(ctx, house.ReviewAsked{ID: string(s.ID) + "/" + id, Subject: id, Incident: string(s.ID), Private: s.Private != nil, Digest: run.Ref.Digest}, owner, 0)
}

// ask records that something is to be reviewed, later by some business days.
func (b *Bot) ask(ctx context.Context, f house.ReviewAsked, owner string, later int) error {
	h, err := b.engine.House(ctx)
	if err != nil {
		return err
	}
	rule, work := b.Policy().ReviewRule(), b.workingTime(h)
	f.Chain = rule.ReviewChain(owner)
	f.Next = work.next(b.clock.Now())
	if later > 0 {
		f.Next = work.next(work.days(f.Next, later))
	}
	f.Due = work.days(f.Next, rule.WithinDays)
	return b.engine.HandleHouse(ctx, "", house.Intent{Fact: &f})
}

// askQuarter has every runbook reviewed because a quarter began, and with them the policy, the alert catalogue and the access table. Nobody is
// asked for all of theirs on one day.
func (b *Bot) askQuarter(ctx context.Context, slot time.Time) error {
	p := b.Policy()
	rule := p.ReviewRule()
	quarter := fmt.Sprintf("%d-Q%d", slot.Year(), (int(slot.Month())+2)/3)
	asked := map[string]int{}
	ask := func(subject, owner, digest string) error {
		to := owner
		if _, known := p.Targets[owner]; !known && len(rule.Chain) > 0 { // a role of incidents: nobody holds it now, and the next is asked
			to = rule.Chain[0]
		}
		later := asked[to] / rule.PerDay
		asked[to]++
		return b.ask(ctx, house.ReviewAsked{ID: quarter + "/" + subject, Subject: subject, Digest: digest}, owner, later)
	}
	for _, s := range incident.ReviewSubjects {
		if err := ask(s, rule.Owners[s], ""); err != nil {
			return err
		}
	}
	for _, id := range b.library.IDs() {
		r, ok := b.library.ByID(id, p.Language)
		if !ok {
			continue
		}
		if err := ask(id, r.Owner, r.Digest); err != nil {
			return err
		}
	}
	return nil
}

// work is the time people work in, where a calendar without any gives way to plain time.
type work struct{ *incident.BusinessTime }

func (b *Bot) workingTime(h house.State) work {
	return work{b.Policy().WorkingTime(engine.AnnouncedDays(h))}
}

func (w work) next(t time.Time) time.Time {
	if at, err := w.NextStart(t); err == nil {
		return at
	}
	return t
}

func (w work) days(t time.Time, n int) time.Time {
	if at, err := w.AddBusinessDays(t, n); err == nil {
		return at
	}
	return t.AddDate(0, 0, n)
}

// tellReviews writes to everybody whose time it is.
func (b *Bot) tellReviews(ctx context.Context) error {
	h, err := b.engine.House(ctx)
	if err != nil || len(h.Reviews) == 0 {
		return err
	}
	now, work := b.clock.Now(), b.workingTime(h)
	if !work.Working(now) { // a holiday may have been announced since the time was set
		return nil
	}
	on, err := b.engine.OnCall(ctx)
	if err != nil {
		return err
	}
	figures := b.figuresSince(ctx, now.Add(-usageShown))
	for _, r := range h.Reviews {
		if r.Next.After(now) {
			continue
		}
		if done, err := b.reviewedInFile(ctx, r); done || err != nil {
			if err != nil {
				return err
			}
			continue
		}
		if err := b.tellReview(ctx, h, r, on, work, now, figures); err != nil {
			return err
		}
	}
	return nil
}

// reviewedInFile ends a review that the runbook's own file answers: it has changed since, and says that it was reviewed.
func (b *Bot) reviewedInFile(ctx context.Context, r house.Review) (bool, error) {
	c := b.library.catalogue.Load()
	x, ok := c.ByID(r.Subject, b.Policy().Language)
	if _, same := c.ByDigest(r.Digest); !ok || same || x.ReviewedOn.Before(r.AskedAt.UTC().Truncate(24*time.Hour)) {
		return false, nil
	}
	return true, b.engine.HandleHouse(ctx, "", house.Intent{Fact: &house.ReviewEnded{ID: r.ID, Subject: r.Subject, How: house.ReviewFine, File: true, Digest: x.Digest}})
}

// tellReview asks whose turn it is: the owner, and once it is overdue one further of the chain each time. Roles that nobody holds are passed
// over.
func (b *Bot) tellReview(ctx context.Context, h house.State, r house.Review, on incident.OnCall, work work, now time.Time, figures figures) error {
	rule := b.Policy().ReviewRule()
	overdue := !now.Before(r.Due)
	level := 0
	if overdue && r.Count > 0 {
		level = r.Level + 1
	}
	level, who := b.turn(ctx, r, on, level)
	f := &house.ReviewTold{ID: r.ID, Count: r.Count + 1, Level: level, Overdue: overdue}
	for _, p := range who {
		f.Who = append(f.Who, house.Person{Slack: p.Slack, Pager: p.Pager, Name: p.Name})
	}
	switch last := level >= len(r.Chain)-1; {
	case len(who) == 0:
		f.Next = work.next(now.Add(reviewBefore))
	case overdue && last && r.Level == level:
		f.Next = work.next(now.Add(reviewRest))
	case overdue:
		f.Next = work.next(now.Add(rule.Every))
	default:
		f.Next = work.next(r.Due)
		if before := work.next(r.Due.Add(-reviewBefore)); r.Count == 0 && before.After(now.Add(reviewBefore)) && before.Before(r.Due) {
			f.Next = before
		}
	}
	events, err := b.engine.RecordHouse(ctx, "", house.Intent{Fact: f})
	if err != nil || len(events) == 0 { // another replica asks
		return err
	}
	if len(who) == 0 {
		b.log.Warn().Str("review", r.ID).Strs("roles", r.Chain).Msg("a review is asked of nobody: no role of its chain is held by anybody known to Slack")
		return nil
	}
	after, err := b.engine.House(ctx)
	if err != nil {
		return err
	}
	now2, ok := after.Review(r.ID)
	if !ok {
		return nil
	}
	sent := false
	for _, p := range who {
		if b.sendReview(ctx, h, now2, overdue, p, now, figures) {
			sent = true
		}
	}
	if !sent && r.Count < reviewRecalls {
		return b.engine.HandleHouse(ctx, "", house.Intent{Fact: &house.ReviewPut{ID: r.ID, Until: work.next(now.Add(reviewAgain))}})
	}
	return nil
}

// turn is who is asked from a level of the chain on: the first role that somebody known to Slack holds, else the last one before.
func (b *Bot) turn(ctx context.Context, r house.Review, on incident.OnCall, from int) (level int, who []incident.Person) {
	at := func(i int) []incident.Person { return b.reviewers(ctx, r, on, i) }
	for i := from; i < len(r.Chain); i++ {
		if who := at(i); len(who) > 0 {
			return i, who
		}
	}
	for i := min(from, len(r.Chain)) - 1; i >= 0; i-- {
		if who := at(i); len(who) > 0 {
			return i, who
		}
	}
	return max(0, min(from, len(r.Chain)-1)), nil
}

// reviewers are those known to Slack who hold a role of a review's chain. A role of the incident is held by who held it there.
func (b *Bot) reviewers(ctx context.Context, r house.Review, on incident.OnCall, level int) []incident.Person {
	var s incident.State
	if _, own := incident.ResponderRole(r.Chain[level]); own && r.Incident != "" {
		var err error
		if s, err = b.engine.State(ctx, incident.ID(r.Incident)); err != nil {
			return nil
		}
	}
	var out []incident.Person
	for _, p := range s.RoleHolders(r.Chain[level], on) {
		if p.Slack != "" && len(out) < reviewWithin && !slices.ContainsFunc(out, p.Same) {
			out = append(out, p)
		}
	}
	return out
}

// keepReview records with the incident where a message stands that names it, so that it is hidden if the incident goes private.
func (b *Bot) keepReview(ctx context.Context, r house.Review, p incident.Person, at incident.Posted) {
	_, err := b.engine.Handle(ctx, engine.Input{Key: "review/" + at.Channel + "/" + at.TS, Actor: incident.Actor{System: incident.SystemTocsin}, Via: incident.ViaClock,
		Act: incident.WriteReview{Subject: r.Subject, Who: p, At: at}, Route: engine.Route{ID: incident.ID(r.Incident)}})
	if err != nil {
		b.log.Warn().Err(err).Str("review", r.ID).Str("person", p.Slack).Msg("a review's message is not recorded with its incident; if that goes private, hide the message by hand")
	}
}

// sendReview sends one person a review's card. It reports false when they surely did not get it.
func (b *Bot) sendReview(ctx context.Context, h house.State, r house.Review, overdue bool, p incident.Person, now time.Time, figures figures) bool {
	lang := b.people.Language(p.Slack, b.language())
	var at incident.Posted
	card, names, err := b.reviewCard(ctx, h, r, overdue, p, lang, now, figures)
	if err == nil {
		at, err = b.toSlack.Write(ctx, p.Slack, card, lang)
	}
	if err == nil {
		if names {
			b.keepReview(ctx, r, p, at)
		}
		return true
	}
	b.log.Warn().Err(err).Str("review", r.ID).Str("person", p.Slack).Msg("somebody may not have been asked for a review")
	return maybeSent(err)
}

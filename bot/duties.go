package bot

import (
	"context"
	"errors"
	"time"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/scheduler"
)

// The pace of recurring work.
const (
	rosterEvery = time.Minute
	auditEvery  = time.Minute
	forgetEvery = 10 * time.Minute
	forgetBatch = 5000
)

func (b *Bot) buildScheduler() (err error) {
	b.auditor = scheduler.NewAuditor(scheduler.AuditOptions{Store: b.store, Reader: b.engine, Clock: b.clock, Log: b.log.With().Str("room", "auditor").Logger()})
	var early time.Duration
	if b.o.Engine != nil {
		early = b.o.Engine.Early
	}
	b.scheduler, err = scheduler.New(scheduler.Options{
		Early: early, Store: b.store, Reader: b.engine, Handler: b.engine, Clock: b.clock, Owner: b.o.Owner, Log: b.log.With().Str("room", "scheduler").Logger(),
		Duties: append([]scheduler.Duty{
			{Name: "rosters", Every: rosterEvery, Keep: scheduler.InCursor, Run: func(ctx context.Context, _ time.Time) error { return b.rosterDuty(ctx) }},
			{Name: "audit", Every: auditEvery, Keep: scheduler.InCursor, Run: func(ctx context.Context, _ time.Time) error { return b.auditor.Step(ctx) }},
			{Name: "forget", Every: forgetEvery, Keep: scheduler.InMemory, Run: b.forget},
			{Name: "runbooks", Every: runbooksEvery, Keep: scheduler.InMemory, Run: b.rereadRunbooks},
		}, append(b.shadowDuties(), b.reviewDuties()...)...),
	})
	return err
}

// forget removes what has expired, a bounded number at a time.
func (b *Bot) forget(ctx context.Context, _ time.Time) error {
	for {
		n, err := b.store.Forget(ctx, forgetBatch)
		if err != nil || n < forgetBatch {
			return err
		}
	}
}

// audited says why the account cannot be relied on, nil when it can.
func (b *Bot) audited() error {
	if r := b.auditor.Report(); len(r.Broken) > 0 {
		var names catalog.List
		for _, stream := range r.Broken {
			names = append(names, catalog.Words(stream))
		}
		return &catalog.Said{Key: "ready.auditor", Args: catalog.Args{"logs": names}}
	}
	return nil
}

// rostersWithin is how long a first start waits for who is on call before it hears anybody.
const rostersWithin = 3 * time.Second

// rostersBeforeHearing reads who is on call before the first input, where nobody is known yet: a page of that moment would name nobody,
// and an engineer on call who declares would be rung by their own incident. It is bounded: what cannot be read now is read later.
func (b *Bot) rostersBeforeHearing(ctx context.Context) {
	if h, err := b.engine.House(ctx); err != nil || len(h.Rosters) > 0 {
		return
	}
	ctx, done := context.WithTimeout(ctx, rostersWithin)
	defer done()
	if err := b.refreshRosters(ctx); err != nil {
		b.log.Debug().Err(err).Msg("not all of those on call were known at the start; reading them again")
	}
}

// firstRosters reads who is on call at once, and again until everybody could be asked: before that, pages name nobody. What only a person
// can mend (an address nobody has) is told and not waited for.
func (b *Bot) firstRosters(ctx context.Context) error {
	for wait := time.Second; ; wait = min(2*wait, time.Minute) {
		err := b.refreshRosters(ctx)
		if ctx.Err() != nil {
			return nil
		}
		b.tellOnCall()
		if err == nil {
			b.log.Info().Msg("the people on call are known")
			return nil
		}
		if err := b.clock.Sleep(ctx, wait); err != nil && !errors.Is(err, context.DeadlineExceeded) {
			return nil
		}
	}
}

// rosterDuty is one run of the duty. What went wrong is told by tellOnCall and stands in /readyz; the next run is a minute away anyway, so
// a failure of the duty itself would say the same again every minute.
func (b *Bot) rosterDuty(ctx context.Context) error {
	_ = b.refreshRosters(ctx)
	b.tellOnCall()
	return ctx.Err()
}

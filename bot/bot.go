package bot

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/clock"
	"github.com/tocsin-bot/tocsin/bot/engine"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/intake"
	"github.com/tocsin-bot/tocsin/bot/journal"
	"github.com/tocsin-bot/tocsin/bot/outbox"
	"github.com/tocsin-bot/tocsin/bot/pagerduty"
	"github.com/tocsin-bot/tocsin/bot/scheduler"
	"github.com/tocsin-bot/tocsin/bot/slack"
	"github.com/tocsin-bot/tocsin/commands"
)

// Bot is a running Tocsin. Make one with New, begin it with Start, end it with Stop.
type Bot struct {
	o        Options
	clock    *clock.Clock
	log      zerolog.Logger
	policies *policies
	library  *library

	store     journal.Store
	ownStore  bool
	engine    *engine.Engine
	outbox    *outbox.Outbox
	scheduler *scheduler.Scheduler
	auditor   *scheduler.Auditor
	slack     *slack.Client
	receiver  *slack.Receiver
	people    *slack.Directory
	toSlack   *slack.Performer
	pager     *pagerduty.Client
	inbound   *pagerduty.Inbound
	poller    *pagerduty.Poller
	http      *intake.Server
	metrics   *prometheus.Registry
	deadman   *deadman // nil: nobody outside listens for a heartbeat

	live        atomic.Int64           // replicas
	rostersRead atomic.Bool            // once
	onCall      onCallTrouble          // what is wrong with who is on call
	duties      *duties                // who people are, and what is announced
	newDays     chan struct{}          // has room for one: somebody announced a holiday
	teamURL     atomic.Pointer[string] // of the workspace, once known
	run         context.Context        // of everything that Start began; ended by cancel
	cancel      context.CancelFunc
	wg          sync.WaitGroup
	failed      chan error // the first failure that ends the bot

	mu      sync.Mutex
	started bool
	stopped bool
}

// New reads the policy and the runbooks and puts the bot together. It talks to nobody yet. The error lists everything that is wrong with
// the configuration, with what to do about it.
func New(o Options) (*Bot, error) {
	if o.Command == "" {
		o.Command = "/incident"
	}
	if o.Owner == "" {
		host, _ := os.Hostname()
		o.Owner = fmt.Sprintf("%s/%d/%s", host, os.Getpid(), rand.Text()[:8])
	}
	if o.Clock == nil {
		o.Clock = clock.New()
	}
	if o.LeaseTTL == 0 {
		o.LeaseTTL = 30 * time.Second
	}
	b := &Bot{o: o, clock: o.Clock, log: o.Log, failed: make(chan error, 8), metrics: prometheus.NewRegistry(), duties: newDuties(), newDays: make(chan struct{}, 1)}
	var faults []error
	var err error
	if len(o.PolicySource) > 0 {
		b.policies, err = parsePolicy("policy", o.PolicySource)
	} else {
		b.policies, err = readPolicy(o.Policy)
	}
	if err != nil {
		faults = append(faults, err)
	}
	if b.policies != nil {
		b.policies.alertsIn(o.AlertsChannel)
	}
	if b.policies != nil && o.Shadow {
		b.policies.shadow = true
		b.policies.file.Policy.Installation += ShadowSuffix
	}
	catalogue, err := Runbooks(o.Runbooks)
	b.library = newLibrary(catalogue, o.Runbooks)
	if err != nil {
		if _, gone := os.ReadDir(o.Runbooks); gone != nil { // a wrong path, or a mount that is not there
			faults = append(faults, err)
		} else { // nobody is left without a bot for a file: the others are in use, and what the broken ones would replace
			b.library.folder.trouble = err
			b.log.Warn().Err(err).Msg("the folder of runbooks holds files that cannot be used; the others are in use: tocsin runbooks lint says what to mend")
		}
	}
	if o.SlackBotToken == "" {
		faults = append(faults, &catalog.Said{Key: "start.no-bot-token"})
	}
	if o.SlackAppToken == "" {
		faults = append(faults, &catalog.Said{Key: "start.no-app-token"})
	}
	if o.Store == nil && o.RedisURL == "" && o.DataDir == "" {
		faults = append(faults, &catalog.Said{Key: "start.no-store"})
	}
	if o.HeartbeatURL != "" {
		u, err := heartbeatURL(o.HeartbeatURL)
		every, paceErr := heartbeatPace(o.HeartbeatEvery)
		if err = errors.Join(err, paceErr); err != nil {
			faults = append(faults, err)
		} else if o.Shadow {
			// A shadow that beats would hide the death of whoever really pages.
			b.log.Warn().Msg("a shadow sends no heartbeat: TOCSIN_HEARTBEAT_URL is not used")
		} else {
			b.deadman = newDeadman(u, every, roundTripper(b.transport()), b.fine, b.log)
		}
	}
	if len(faults) > 0 {
		all := errors.Join(faults...)
		return nil, &catalog.Said{Key: "start.refused", Args: catalog.Args{"faults": catalog.Cause{Err: all}}, Err: all}
	}
	return b, nil
}

// Policy is the policy in force.
func (b *Bot) Policy() *incident.Policy { p, _ := b.policies.Current(); return p }

// Engine is the bot's engine, for whoever drives it from inside the process (demo, drills, tests).
func (b *Bot) Engine() *engine.Engine { return b.engine }

// Journal is the bot's store, for the same.
func (b *Bot) Journal() journal.Store { return b.store }

// Start begins everything, in order. When it fails, what had begun is ended again.
func (b *Bot) Start(ctx context.Context) (err error) {
	b.mu.Lock()
	if b.started {
		b.mu.Unlock()
		return &catalog.Said{Key: "start.twice"}
	}
	b.started = true
	b.mu.Unlock()
	run, cancel := context.WithCancel(context.WithoutCancel(ctx))
	b.run, b.cancel = run, cancel
	defer func() {
		if err != nil {
			stop, done := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
			defer done()
			_ = b.Stop(stop)
		}
	}()
	if err := b.openStore(ctx); err != nil {
		return err
	}
	if err := b.apart(ctx); err != nil {
		return err
	}
	b.engine = engine.New(engine.Options{
		StormTitle: func(language string) string { return catalog.Word(language, "storm.title") },
		Store:      b.store, Clock: b.clock, Policies: b.policies, Library: b.library, Owner: b.o.Owner, LeaseTTL: b.o.LeaseTTL,
		Filled: func(ctx context.Context, s incident.State, ref incident.RunbookRef, step string) incident.Filling {
			r, err := b.library.revision(ctx, b.store, ref.Digest)
			if err != nil {
				return incident.Filling{} // the card says that the step cannot be shown
			}
			return commands.FillingOf(r, step, s)
		},
		Committed: b.committed, Faults: b.o.Engine, Unreadable: b.policyUnreadable,
	})
	if err := b.adapters(); err != nil {
		return err
	}
	b.rostersBeforeHearing(ctx)
	b.background("outbox", run, b.outbox.Run)
	b.background("scheduler", run, b.scheduler.Run)
	if b.poller != nil {
		b.background("pagerduty poller", run, b.poller.Run)
	}
	b.background("slack", run, b.hear)
	b.background("heartbeat", run, b.heartbeat)
	b.background("rosters", run, b.firstRosters)
	if b.deadman != nil {
		b.background("outside heartbeat", run, b.deadman.run)
	}
	b.background("rotations", run, b.keepRotations)
	b.background("overrides", run, b.keepOverrides)
	b.background("holidays", run, b.keepHolidays)
	if err := b.http.Start(); err != nil {
		return err
	}
	if addr := b.http.Addr(); addr != "" {
		b.log.Info().Str("addr", addr).Msg("listening for webhooks and probes")
	}
	return nil
}

// background runs f until it returns. Only a failure that is not the end of ctx ends the bot.
func (b *Bot) background(name string, ctx context.Context, f func(context.Context) error) {
	b.wg.Go(func() {
		err := f(ctx)
		if err == nil || ctx.Err() != nil {
			return
		}
		select {
		case b.failed <- &catalog.Said{Key: "start.part", Args: catalog.Args{"part": catalog.Words(name), "why": catalog.Cause{Err: err}}, Err: err}:
		default:
		}
	})
}

// hear hears Slack. Tokens that Slack does not take end a bot that is being set up. One that has incidents to keep goes on without Slack,
// for it can still keep deadlines and page people: a restart must not be what silences a revoked token's night.
func (b *Bot) hear(ctx context.Context) error {
	err := b.receiver.Run(ctx)
	if err == nil || ctx.Err() != nil {
		return err
	}
	open, unread := b.engine.List(ctx, true, 1)
	if unread == nil && len(open) == 0 {
		return err
	}
	b.log.Error().Err(err).Msg("Slack is not heard until the tokens are replaced and Tocsin is started again; incidents are open, so deadlines are kept and people are paged")
	<-ctx.Done()
	return nil
}

// Wait returns when ctx ends (nil) or when something failed that nothing but a person can mend.
func (b *Bot) Wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case err := <-b.failed:
		return err
	}
}

// Stop ends everything Start began. It waits for calls in flight until ctx ends. Stopping twice does nothing.
func (b *Bot) Stop(ctx context.Context) error {
	b.mu.Lock()
	if b.stopped || !b.started {
		b.stopped = true
		b.mu.Unlock()
		return nil
	}
	b.stopped = true
	b.mu.Unlock()
	var errs []error
	if b.http != nil {
		errs = append(errs, b.http.Stop(ctx))
	}
	b.cancel()
	ended := make(chan struct{})
	go func() { b.wg.Wait(); close(ended) }()
	select {
	case <-ended:
	case <-ctx.Done():
		errs = append(errs, &catalog.Said{Key: "start.stop-late", Args: catalog.Args{"why": catalog.Cause{Err: ctx.Err()}}, Err: ctx.Err()})
	}
	if b.pager != nil {
		b.pager.Close()
	}
	if b.store != nil && b.ownStore {
		errs = append(errs, b.store.Close())
	}
	return errors.Join(errs...)
}

// committed hands what a commit recorded to those who carry it out and those who wait for it.
func (b *Bot) committed(c engine.Committed) {
	if b.outbox != nil {
		b.outbox.Committed(c.Items, c.Leases)
	}
	if b.scheduler != nil {
		b.scheduler.Changed(c.Due)
	}
}

// aliveFor is how long a replica counts as alive after its last heartbeat.
const aliveFor = 30 * time.Second

// heartbeat tells the store that this replica lives: rate limits are divided by those that do.
func (b *Bot) heartbeat(ctx context.Context) error {
	tick := time.NewTicker(aliveFor / 3)
	defer tick.Stop()
	for {
		call, done := context.WithTimeout(ctx, 5*time.Second)
		if err := b.store.Alive(call, b.o.Owner, aliveFor); err != nil && ctx.Err() == nil {
			b.log.Warn().Err(err).Msg("this replica could not say that it lives")
		}
		if n, err := b.store.Replicas(call); err == nil {
			b.live.Store(int64(n))
		}
		b.identify(call)
		done()
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// replicas is how many live, as of the last heartbeat; at least one.
func (b *Bot) replicas() int { return int(max(1, b.live.Load())) }

// transport is an HTTP transport over the dialer that was given, nil when none was.
func (b *Bot) transport() *http.Transport {
	if b.o.Dial == nil {
		return nil
	}
	return &http.Transport{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) { return b.o.Dial(ctx, network, addr) }, MaxIdleConnsPerHost: 16}
}

// roundTripper is t, or nothing at all where there is none: a nil pointer in an interface is not nil.
func roundTripper(t *http.Transport) http.RoundTripper {
	if t == nil {
		return nil
	}
	return t
}

// HTTPAddr is where the bot listens for webhooks and probes; empty when it does not.
func (b *Bot) HTTPAddr() string {
	if b.http == nil {
		return ""
	}
	return b.http.Addr()
}

// Listening returns when Slack is heard and the people on call were read once, or with the error that ended the wait.
func (b *Bot) Listening(ctx context.Context) error {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		if b.receiver.Status().Connected > 0 && b.rostersRead.Load() {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-b.failed:
			return err
		case <-tick.C:
		}
	}
}

// Hears reports whether at least one socket to Slack is open.
func (b *Bot) Hears() bool { return b.receiver.Status().Connected > 0 }

// Idle reports whether nothing is on its way in this process: no effect waits or runs.
func (b *Bot) Idle() bool {
	s := b.outbox.Stats()
	return s.Running == 0 && s.Waiting == 0
}

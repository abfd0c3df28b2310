package bot

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/house"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/intake"
	"github.com/tocsin-bot/tocsin/bot/journal"
	"github.com/tocsin-bot/tocsin/bot/journal/bolt"
	"github.com/tocsin-bot/tocsin/bot/journal/redis"
	"github.com/tocsin-bot/tocsin/bot/outbox"
	"github.com/tocsin-bot/tocsin/bot/pagerduty"
	"github.com/tocsin-bot/tocsin/bot/slack"
	"github.com/tocsin-bot/tocsin/bot/view"
	"github.com/tocsin-bot/tocsin/commands"
)

// openStore opens the journal: the one given, Redis, or the embedded one.
func (b *Bot) openStore(ctx context.Context) (err error) {
	switch {
	case b.o.Store != nil:
		b.store = b.o.Store
	case b.o.RedisURL != "":
		b.store, err = redis.Open(ctx, b.o.RedisURL, redis.Options{Installation: b.Policy().Installation, Dialer: b.o.Dial})
		b.ownStore = true
	default:
		b.store, err = bolt.Open(b.dataDir(), bolt.Options{Clock: b.clock.Now, NoSync: b.o.NoSync})
		b.ownStore = true
	}
	if err != nil {
		b.store = nil
		return &catalog.Said{Key: "start.journal", Args: catalog.Args{"why": catalog.Cause{Err: err}}, Err: err}
	}
	return nil
}

// dataDir is where the embedded store is.
func (b *Bot) dataDir() string {
	if b.o.Shadow {
		return ShadowDir(b.o.DataDir)
	}
	return b.o.DataDir
}

// adapters builds everything that stands between the engine and the world.
func (b *Bot) adapters() error {
	if err := b.buildSlack(); err != nil {
		return err
	}
	if err := b.buildPager(); err != nil {
		return err
	}
	render := &renderer{reader: b.engine, journal: b.store, library: b.library, clock: b.clock, command: b.o.Command, room: b.room, onCall: b.engine.OnCall}
	var err error
	b.toSlack, err = slack.NewPerformer(slack.PerformerOptions{
		Client: b.slack, Render: render, Rooms: b.engine, Clock: b.clock, Incidents: b.incidents(), Alerts: b.Policy().AlertsChannel, Installation: b.Policy().Installation, Zone: b.Policy().Location(),
	})
	if err != nil {
		return err
	}
	toPager := &pagerduty.Performer{Client: b.pager, Secrets: b.o.Secrets, Render: render}
	performers := map[incident.Lane]outbox.Performer{incident.LaneSlack: b.toSlack, incident.LanePager: toPager, incident.LaneHouse: houseHand{b}}
	if b.o.Shadow {
		shadow := shadowPerformer{b.log.With().Str("room", "shadow").Logger()}
		performers = map[incident.Lane]outbox.Performer{incident.LaneSlack: shadow, incident.LanePager: shadow, incident.LaneHouse: shadow}
	}
	b.outbox = outbox.New(outbox.Options{
		Store: b.store, Reader: b.engine, Handler: b.engine, Clock: b.clock, Owner: b.o.Owner, LeaseTTL: b.o.LeaseTTL, Log: b.log.With().Str("room", "outbox").Logger(),
		Performers: performers,
		Hooks:      b.o.OutboxHooks, Faults: b.o.Outbox,
	})
	if err := b.buildScheduler(); err != nil {
		return err
	}
	var desk commands.Desk = commands.New(commands.Options{
		Office:  &office{engine: b.engine, journal: b.store, library: b.library, people: b.person, inside: b.people.Inside},
		Library: b.library, Command: b.o.Command, Now: b.clock.Now, Duties: &dutyDesk{b}, Days: &dayDesk{b}, Reviews: &reviewDesk{b},
	})
	if b.o.Shadow {
		desk = shadowDesk{}
	}
	b.receiver, err = slack.NewReceiver(slack.ReceiverOptions{
		Client: b.slack, Clock: b.clock, Engine: b.engine, Desk: desk, List: b.engine, Cursors: b.store, Directory: b.people,
		Away: b.away, ByHand: b.byHand, Language: b.language(), Zone: b.Policy().Location(), Log: b.log.With().Str("room", "slack").Logger(), Dial: b.o.Dial, Stagger: b.o.SecondSocket, AckFirst: b.o.SlackFaults.AckFirst, NoCatchUp: b.o.SlackFaults.NoCatchUp,
	})
	if err != nil {
		return err
	}
	return b.buildHTTP()
}

// incidents is the channel of announcements.
func (b *Bot) incidents() string {
	if b.o.IncidentsChannel != "" {
		return b.o.IncidentsChannel
	}
	return b.policies.file.IncidentsChannel
}

// language is what people are answered in whose own language is not known.
func (b *Bot) language() string {
	if b.o.Language != "" {
		return b.o.Language
	}
	return b.Policy().Language
}

func (b *Bot) buildSlack() (err error) {
	o := slack.ClientOptions{
		BotToken: b.o.SlackBotToken, AppToken: b.o.SlackAppToken, APIURL: b.o.SlackAPIURL, Clock: b.clock, ReadOnly: b.o.Shadow,
		Limits: slack.NewLimits(b.clock, b.replicas, b.store),
	}
	if t := b.transport(); t != nil {
		o.HTTP = &http.Client{Transport: t}
	}
	if b.slack, err = slack.NewClient(o); err != nil {
		return err
	}
	b.people = slack.NewDirectory(b.slack, b.clock)
	return nil
}

func (b *Bot) buildPager() (err error) {
	o := pagerduty.ClientOptions{
		APIURL: b.o.PagerAPIURL, EventsURL: b.o.PagerEventsURL, Token: b.o.PagerAPIToken, From: b.o.PagerFrom, Clock: b.clock, Pauses: b.store, Replicas: b.replicas, ReadOnly: b.o.Shadow,
	}
	if t := b.transport(); t != nil {
		o.Transport = t
	}
	if b.pager, err = pagerduty.NewClient(o); err != nil {
		return err
	}
	b.inbound = pagerduty.NewInbound(pagerduty.InboundOptions{
		Handler: b.engine, Reader: b.engine, Client: b.pager, Directory: b, DeadLetters: b.letters(), Cursors: cursors{b.store}, Clock: b.clock,
		Log: b.log.With().Str("room", "pagerduty").Logger(), NotFound: func(err error) bool { return errors.Is(err, journal.ErrNotFound) },
	})
	if b.pager.HasToken() {
		b.poller, err = b.inbound.Poller(pagerduty.PollOptions{Every: b.o.PollEvery})
	}
	return err
}

func (b *Bot) letters() *letters { return &letters{store: b.store, clock: b.clock, log: b.log} }

// ByPager implements pagerduty.Directory from the rosters: who was ever seen on call is known in Slack too.
func (b *Bot) ByPager(id string) incident.Person {
	ctx, done := context.WithTimeout(context.Background(), time.Second)
	defer done()
	h, err := b.engine.House(ctx)
	if err != nil {
		return incident.Person{}
	}
	for _, r := range h.Rosters {
		for _, p := range r.People {
			if p.Pager == id {
				return incident.Person{Slack: p.Slack, Pager: p.Pager, Name: p.Name}
			}
		}
	}
	return incident.Person{}
}

// person completes a person known by a Slack id: name, and the PagerDuty user of the same rosters.
func (b *Bot) person(ctx context.Context, p incident.Person) incident.Person {
	if p.Slack == "" {
		return p
	}
	if known, err := b.people.Person(ctx, p.Slack); err == nil {
		p.Name = known.Name
	}
	if h, err := b.engine.House(ctx); err == nil {
		for _, r := range h.Rosters {
			for _, q := range r.People {
				if q.Slack == p.Slack && q.Pager != "" {
					p.Pager = q.Pager
				}
			}
		}
	}
	return p
}

// away records that the bot could not hear.
func (b *Bot) away(ctx context.Context, what string, from, to time.Time) error {
	return b.engine.HandleHouse(ctx, "", house.Intent{At: to, Fact: &house.Away{What: what, From: from, To: to}})
}

// byHand says how to page without Tocsin: the phone and the service of the first level, when the policy names them.
func (b *Bot) byHand(language string) catalog.Text {
	var hand view.ByHand
	if p := b.Policy(); len(p.Ladder) > 0 && len(p.Ladder[0].Targets) > 0 {
		t := p.Targets[p.Ladder[0].Targets[0]]
		hand = view.ByHand{Phone: t.Phone, Service: t.Address.Service}
	}
	return view.Voice{Language: language}.ByHandText(hand)
}

// room is the address of a channel in the workspace, once the workspace is known. It never calls anybody: a page must not wait for Slack.
func (b *Bot) room(channel string) string {
	base := b.teamURL.Load()
	if channel == "" || base == nil {
		return ""
	}
	return strings.TrimRight(*base, "/") + "/archives/" + channel
}

// identify learns the workspace's address, once Slack answers.
func (b *Bot) identify(ctx context.Context) {
	if b.teamURL.Load() != nil {
		return
	}
	if id, err := b.slack.Identity(ctx); err == nil && id.URL != "" {
		b.teamURL.Store(&id.URL)
	}
}

func (b *Bot) buildHTTP() (err error) {
	o := intake.Options{
		Addr: b.o.HTTPAddr, Handler: b.engine, Reader: b.engine, Token: b.o.AlertmanagerToken, DeadLetters: b.letters(), Clock: b.clock,
		Ready: b.ready(), Metrics: b.metrics, Log: b.log.With().Str("room", "http").Logger(),
	}
	if len(b.o.PagerWebhookSecrets) > 0 {
		o.PagerDuty = b.inbound.Webhook(b.o.PagerWebhookSecrets)
	}
	b.registerMetrics()
	b.http, err = intake.New(o)
	return err
}

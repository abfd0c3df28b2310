package demo

import (
	"context"
	"crypto/rand"
	"errors"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"github.com/tocsin-bot/tocsin/bot"
	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/clock"
	"github.com/tocsin-bot/tocsin/bot/sandbox"
	"github.com/tocsin-bot/tocsin/bot/sandbox/pager"
	"github.com/tocsin-bot/tocsin/bot/sandbox/workspace"
)

// Options of a demo. The zero value is usable.
type Options struct {
	Addr     string // where the page listens; empty: a free port of the loopback interface
	DataDir  string // where what is recorded stays; empty: a temporary directory, removed by Stop
	Language string // of the incidents: "en" (default) or "fr"
	Zone     string // IANA zone of the policy; empty: Europe/Paris, where most of the cast live
	Command  string // empty: /incident
	Log      zerolog.Logger
}

// Demo is a bot with a world of its own. Make one with New, begin it with Start, end it with Stop.
type Demo struct {
	Clock   *clock.Clock
	Sandbox *sandbox.Sandbox
	Bot     *bot.Bot

	o       Options
	dir     string // the temporary directory, when it is ours
	server  *http.Server
	url     string
	wg      sync.WaitGroup
	secret  string
	amToken string
	keys    func(map[string]string) // changes the routing keys; for tests
}

// webhookHost is the name under which the local PagerDuty reaches the bot: no name server knows it, the transport does.
const webhookHost = "tocsin.demo"

// New builds the world; nothing listens yet.
func New(o Options) (*Demo, error) {
	if o.Language == "" {
		o.Language = "en"
	}
	if o.Zone == "" {
		o.Zone = "Europe/Paris"
	}
	if o.Command == "" {
		o.Command = "/incident"
	}
	d := &Demo{Clock: clock.New(), o: o, secret: rand.Text(), amToken: rand.Text()}
	var err error
	d.Sandbox, err = sandbox.New(sandbox.Options{
		Clock: d.Clock, Commands: []string{o.Command},
		Webhooks:         []pager.Webhook{{URL: "http://" + webhookHost + "/webhooks/pagerduty", Secrets: []string{d.secret}}},
		WebhookTransport: &http.Transport{DialContext: d.dialBot},
		Workspace: func(w *workspace.Options) { // people read Slack in the language of the incidents
			for i := range w.Users {
				w.Users[i].Locale = map[string]string{"fr": "fr-FR"}[o.Language]
			}
		},
	})
	if err != nil {
		return nil, err
	}
	return d, nil
}

// dialBot connects the local PagerDuty's webhooks to wherever the bot listens.
func (d *Demo) dialBot(ctx context.Context, network, _ string) (net.Conn, error) {
	if d.Bot == nil || d.Bot.HTTPAddr() == "" {
		return nil, &catalog.Said{Key: "demo.not-yet"}
	}
	var dialer net.Dialer
	return dialer.DialContext(ctx, network, d.Bot.HTTPAddr())
}

// Start listens and starts the bot. It returns when the bot hears the local Slack.
func (d *Demo) Start(ctx context.Context) error {
	l, err := listen(d.o.Addr)
	if err != nil {
		why := err
		if op, ok := errors.AsType[*net.OpError](err); ok {
			why = op.Err // the address is in the message already
		}
		return &catalog.Said{Key: "demo.listen", Args: catalog.Args{"addr": catalog.Words(d.o.Addr), "why": catalog.Cause{Err: why}}, Err: err}
	}
	d.url = "http://" + l.Addr().String()
	d.server = &http.Server{Handler: d.Sandbox.Handler(), ReadHeaderTimeout: 10 * time.Second}
	d.wg.Go(func() { _ = d.server.Serve(l) })

	dir := d.o.DataDir
	if dir == "" {
		if dir, err = os.MkdirTemp("", "tocsin-demo-"); err != nil {
			return err
		}
		d.dir = dir
	}
	cast := d.Sandbox.Cast()
	src, err := policyFor(cast, d.o.Language, d.o.Zone)
	if err != nil {
		return err
	}
	given := map[string]string{}
	from := ""
	for _, m := range cast {
		if m.Role != "" {
			given[secretOf(m.Role)] = m.RoutingKey
		}
		if m.Role == sandbox.Primary {
			from = m.Email
		}
	}
	given[secretOf("executive")] = given[secretOf(sandbox.CTO)] // nobody of the cast is on that rotation; paged by hand, the CTO's phone rings
	if d.keys != nil {
		d.keys(given)
	}
	app := d.Sandbox.App()
	d.Bot, err = bot.New(bot.Options{
		SlackBotToken: app.BotToken, SlackAppToken: app.AppToken, SlackAPIURL: d.url + "/api/", Command: d.o.Command, IncidentsChannel: "incidents",
		PagerAPIToken: d.Sandbox.PagerDutyToken(), PagerFrom: from, PagerAPIURL: d.url + "/pagerduty", PagerEventsURL: d.url + "/pagerduty",
		PagerWebhookSecrets: []string{d.secret}, AlertmanagerToken: d.amToken, Secrets: bot.Secrets{Given: given},
		HTTPAddr: "127.0.0.1:0", DataDir: dir, PolicySource: src, Clock: d.Clock, Log: d.o.Log, PollEvery: 10 * time.Second, Language: d.o.Language,
		SecondSocket: time.Millisecond, // the local Slack refreshes no socket by itself: nothing is to be kept apart

	})
	if err != nil {
		return err
	}
	if err := d.Bot.Start(ctx); err != nil {
		return err
	}
	return d.Bot.Listening(ctx)
}

// listen binds addr; when nothing was said, a free port.
func listen(addr string) (net.Listener, error) {
	if addr == "" {
		addr = "127.0.0.1:0"
	}
	return net.Listen("tcp", addr)
}

// URL is the page's address.
func (d *Demo) URL() string { return d.url }

// Alertmanager is where an Alertmanager can send its webhook, and the bearer token it needs.
func (d *Demo) Alertmanager() (url, token string) {
	return "http://" + d.Bot.HTTPAddr() + "/webhooks/alertmanager", d.amToken
}

// Wait returns when ctx ends or the bot fails.
func (d *Demo) Wait(ctx context.Context) error { return d.Bot.Wait(ctx) }

// Stop ends the bot, then its world.
func (d *Demo) Stop(ctx context.Context) error {
	var errs []error
	if d.Bot != nil {
		errs = append(errs, d.Bot.Stop(ctx))
	}
	errs = append(errs, d.Sandbox.Close())
	if d.server != nil {
		errs = append(errs, d.server.Close())
	}
	d.wg.Wait()
	if d.dir != "" {
		errs = append(errs, os.RemoveAll(d.dir))
	}
	return errors.Join(errs...)
}

package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"text/tabwriter"
	"time"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/sandbox"
	"github.com/tocsin-bot/tocsin/bot/sandbox/pager"
)

type sandboxCmd struct {
	Addr           string   `default:"127.0.0.1:7300" placeholder:"HOST:PORT"`
	BotToken       string   `placeholder:"xoxb-…"`
	AppToken       string   `placeholder:"xapp-…"`
	PagerDutyToken string   `name:"pagerduty-token" placeholder:"TOKEN"`
	Webhook        string   `name:"webhook" placeholder:"URL"`
	WebhookSecret  string   `placeholder:"SECRET"`
	Command        []string `default:"/incident"`
	AppName        string   `default:"tocsin"`
	NoRateLimits   bool
}

// About implements about.
func (*sandboxCmd) About() string { return "cli.about.sandbox" }

// Examples implements examples.
func (*sandboxCmd) Examples() []string {
	return []string{"tocsin sandbox --addr 127.0.0.1:7300 --bot-token xoxb-local --app-token xapp-local"}
}

// Run serves the local workspace until it is told to stop.
func (c *sandboxCmd) Run(e *env) error {
	var hooks []pager.Webhook
	if c.Webhook != "" {
		if c.WebhookSecret == "" {
			c.WebhookSecret = rand.Text()
		}
		hooks = append(hooks, pager.Webhook{URL: c.Webhook, Secrets: []string{c.WebhookSecret}})
	}
	s, err := sandbox.New(sandbox.Options{
		AppName: c.AppName, BotToken: c.BotToken, AppToken: c.AppToken, PagerDutyToken: c.PagerDutyToken, Webhooks: hooks,
		Commands: c.Command, NoRateLimits: c.NoRateLimits,
	})
	if err != nil {
		return err
	}
	defer s.Close()
	l, err := net.Listen("tcp", c.Addr)
	if err != nil {
		return &catalog.Said{Key: "cli.sandbox.listen", Args: catalog.Args{"addr": catalog.Words(c.Addr), "why": catalog.Cause{Err: reason(err)}}, Err: err}
	}
	server := &http.Server{Handler: s.Handler(), ReadHeaderTimeout: 10 * time.Second}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	base := "http://" + l.Addr().String()
	app := s.App()
	w := tabwriter.NewWriter(e.out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "%s\t%s\n%s\t%s/control/\n\n", e.say("cli.sandbox.page", nil), base, e.say("cli.sandbox.control", nil), base)
	_ = w.Flush() // to a terminal that went away nothing can be said
	fmt.Fprintf(e.out, "SLACK_API_URL=%s/api/\nSLACK_BOT_TOKEN=%s\nSLACK_APP_TOKEN=%s\nPAGERDUTY_API_URL=%s/pagerduty\nPAGERDUTY_EVENTS_URL=%s/pagerduty\nPAGERDUTY_API_TOKEN=%s\n",
		base, app.BotToken, app.AppToken, base, base, s.PagerDutyToken())
	if c.Webhook != "" {
		fmt.Fprintf(e.out, "PAGERDUTY_WEBHOOK_SECRET=%s\n", c.WebhookSecret)
	}
	for _, m := range s.Cast() {
		if m.RoutingKey != "" {
			e.print(e.out, "cli.sandbox.key", catalog.Args{"who": catalog.Words(m.Title), "mail": catalog.Words(m.Email), "key": catalog.Words(m.RoutingKey)})
		}
	}
	select {
	case <-e.ctx.Done():
	case err := <-failed:
		return &catalog.Said{Key: "cli.sandbox.serve", Args: catalog.Args{"why": catalog.Cause{Err: err}}, Err: err}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	_ = s.Close() // ends the sockets and streams that Shutdown would wait for
	_ = server.Shutdown(ctx)
	<-failed
	return nil
}

// reason is what the network said, without the address that the message names already.
func reason(err error) error {
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return op.Err
	}
	return err
}

package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/tocsin-bot/tocsin/bot/sandbox"
	"github.com/tocsin-bot/tocsin/bot/sandbox/pager"
)

type sandboxCmd struct {
	Addr           string   `default:"127.0.0.1:7300" placeholder:"HOST:PORT" help:"Where to listen. Whoever reaches it can act as anybody: keep it on the loopback interface."`
	BotToken       string   `placeholder:"xoxb-…" help:"Bot token to accept. Default: generated and printed."`
	AppToken       string   `placeholder:"xapp-…" help:"App-level token to accept. Default: generated and printed."`
	PagerDutyToken string   `name:"pagerduty-token" placeholder:"TOKEN" help:"REST key of the local PagerDuty. Default: generated and printed."`
	Webhook        string   `name:"webhook" placeholder:"URL" help:"Where the local PagerDuty sends webhooks, for example http://127.0.0.1:8080/webhooks/pagerduty. Default: nowhere."`
	WebhookSecret  string   `placeholder:"SECRET" help:"What it signs them with. Default: generated and printed."`
	Command        []string `default:"/incident" help:"Slash commands of the app."`
	AppName        string   `default:"tocsin" help:"Name of the app and of its bot user."`
	NoRateLimits   bool     `help:"Answer as fast as asked."`
}

// Help implements kong's HelpProvider.
func (sandboxCmd) Help() string {
	return `Any Slack SDK can be pointed at it: Web API under /api/, Socket Mode, a page at /, a control API at /control/.

Example:
  tocsin sandbox --addr 127.0.0.1:7300 --bot-token xoxb-local --app-token xapp-local`
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
		return fmt.Errorf("listen for the sandbox: %w", err)
	}
	server := &http.Server{Handler: s.Handler(), ReadHeaderTimeout: 10 * time.Second}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	base := "http://" + l.Addr().String()
	app := s.App()
	fmt.Fprintf(e.out, "Page         %s\nControl API  %s/control/\n\nSLACK_API_URL=%s/api/\nSLACK_BOT_TOKEN=%s\nSLACK_APP_TOKEN=%s\nPAGERDUTY_API_URL=%s/pagerduty\nPAGERDUTY_EVENTS_URL=%s/pagerduty\nPAGERDUTY_API_TOKEN=%s\n",
		base, base, base, app.BotToken, app.AppToken, base, base, s.PagerDutyToken())
	if c.Webhook != "" {
		fmt.Fprintf(e.out, "PAGERDUTY_WEBHOOK_SECRET=%s\n", c.WebhookSecret)
	}
	for _, m := range s.Cast() {
		if m.RoutingKey != "" {
			fmt.Fprintf(e.out, "# routing key of %s (%s): %s\n", m.Title, m.Email, m.RoutingKey)
		}
	}
	select {
	case <-e.ctx.Done():
	case err := <-failed:
		return fmt.Errorf("serve the sandbox: %w", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	_ = s.Close() // ends the sockets and streams that Shutdown would wait for
	_ = server.Shutdown(ctx)
	<-failed
	return nil
}

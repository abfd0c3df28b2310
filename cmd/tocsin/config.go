package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"github.com/tocsin-bot/tocsin/bot"
)

// connection are the flags of everything that talks to Slack and PagerDuty. Each is an environment variable as well; a secret NAME may be
// given as a file by NAME_FILE.
type connection struct {
	SlackBotToken string `env:"SLACK_BOT_TOKEN" group:"Slack" placeholder:"xoxb-…" help:"Bot token. Secret: better by environment, or SLACK_BOT_TOKEN_FILE."`
	SlackAppToken string `env:"SLACK_APP_TOKEN" group:"Slack" placeholder:"xapp-…" help:"App-level token with connections:write. Secret."`
	SlackAPIURL   string `name:"slack-api-url" env:"SLACK_API_URL" group:"Slack" placeholder:"URL" help:"Base URL of a Slack-compatible Web API. Default: Slack itself."`
	Command       string `env:"TOCSIN_COMMAND" group:"Slack" default:"/incident" help:"Name of the slash command."`
	Incidents     string `name:"incidents-channel" env:"TOCSIN_INCIDENTS_CHANNEL" group:"Slack" placeholder:"CHANNEL" help:"Channel of announcements, name or id. Default: what the policy says (incidents)."`

	RoutingKey    string `name:"pagerduty-routing-key" env:"PAGERDUTY_ROUTING_KEY" group:"PagerDuty" placeholder:"KEY" help:"Events v2 routing key of the first level, where the policy names none. Secret."`
	PagerToken    string `name:"pagerduty-api-token" env:"PAGERDUTY_API_TOKEN" group:"PagerDuty" placeholder:"TOKEN" help:"REST API key: polling, rosters, notes, pages by user or escalation policy. Secret."`
	PagerFrom     string `name:"pagerduty-from" env:"PAGERDUTY_FROM" group:"PagerDuty" placeholder:"EMAIL" help:"User in whose name the REST API is written to."`
	WebhookSecret string `name:"pagerduty-webhook-secret" env:"PAGERDUTY_WEBHOOK_SECRET" group:"PagerDuty" placeholder:"SECRET" help:"Webhook v3 secret; several separated by commas. Secret."`
	PagerAPIURL   string `name:"pagerduty-api-url" env:"PAGERDUTY_API_URL" group:"PagerDuty" placeholder:"URL" help:"Base URL of the REST API. Default: PagerDuty itself."`
	PagerEvents   string `name:"pagerduty-events-url" env:"PAGERDUTY_EVENTS_URL" group:"PagerDuty" placeholder:"URL" help:"Base URL of the Events API v2. Default: PagerDuty itself."`

	AlertmanagerToken string `name:"alertmanager-token" env:"ALERTMANAGER_TOKEN" group:"HTTP" placeholder:"TOKEN" help:"Bearer token Alertmanager sends. Empty: Alertmanager is refused. Secret."`
	HTTPAddr          string `name:"http-addr" env:"TOCSIN_HTTP_ADDR" group:"HTTP" placeholder:"HOST:PORT" help:"Listen here for webhooks, /healthz, /readyz and /metrics. Empty: no listener."`

	Config   string `env:"TOCSIN_CONFIG" group:"Process" type:"path" placeholder:"FILE" help:"Policy file. Default: the embedded policy."`
	Runbooks string `env:"TOCSIN_RUNBOOKS" group:"Process" type:"path" placeholder:"DIR" help:"Folder of runbooks that add to and override the embedded ones."`
	Language string `env:"TOCSIN_LANGUAGE" group:"Process" enum:",en,fr" default:"" help:"Language of people whose own is unknown: en or fr. Default: the policy's."`
	LogLevel string `env:"TOCSIN_LOG_LEVEL" group:"Process" enum:"debug,info,warn,error" default:"info" help:"debug, info, warn or error."`
}

// storage are the flags of everything that touches data.
type storage struct {
	DataDir  string `name:"data-dir" env:"TOCSIN_DATA_DIR" type:"path" placeholder:"DIR" help:"Directory of the embedded store. Default: ./tocsin-data."`
	RedisURL string `name:"redis-url" env:"REDIS_URL" placeholder:"URL" help:"Redis for several replicas (redis://host:6379/0), instead of the embedded store. Secret when it holds a password."`
}

// defaultDataDir is where the embedded store is when nothing is said.
const defaultDataDir = "tocsin-data"

func (s *storage) dir() string {
	if s.DataDir == "" && s.RedisURL == "" {
		return defaultDataDir
	}
	return s.DataDir
}

// fromFiles fills secrets that are given as files, by NAME_FILE.
func fromFiles(fields map[string]*string) error {
	for name, field := range fields {
		path, ok := os.LookupEnv(name + "_FILE")
		if !ok || path == "" || *field != "" {
			continue
		}
		v, err := bot.ReadSecret(path)
		if err != nil {
			return fmt.Errorf("%s_FILE: %w", name, err)
		}
		*field = v
	}
	return nil
}

// options turns flags into the bot's options.
func (c *connection) options(s *storage, log zerolog.Logger) (bot.Options, error) {
	err := fromFiles(map[string]*string{
		"SLACK_BOT_TOKEN": &c.SlackBotToken, "SLACK_APP_TOKEN": &c.SlackAppToken, "PAGERDUTY_ROUTING_KEY": &c.RoutingKey,
		"PAGERDUTY_API_TOKEN": &c.PagerToken, "PAGERDUTY_WEBHOOK_SECRET": &c.WebhookSecret, "ALERTMANAGER_TOKEN": &c.AlertmanagerToken, "REDIS_URL": &s.RedisURL,
	})
	if err != nil {
		return bot.Options{}, err
	}
	given := map[string]string{}
	if c.RoutingKey != "" {
		given["PAGERDUTY_ROUTING_KEY"] = c.RoutingKey
	}
	var secrets []string
	for _, v := range strings.Split(c.WebhookSecret, ",") {
		if v = strings.TrimSpace(v); v != "" {
			secrets = append(secrets, v)
		}
	}
	return bot.Options{
		SlackBotToken: c.SlackBotToken, SlackAppToken: c.SlackAppToken, SlackAPIURL: c.SlackAPIURL, Command: c.Command, IncidentsChannel: c.Incidents,
		PagerAPIToken: c.PagerToken, PagerFrom: c.PagerFrom, PagerWebhookSecrets: secrets, PagerAPIURL: c.PagerAPIURL, PagerEventsURL: c.PagerEvents,
		Secrets: bot.Secrets{Given: given}, AlertmanagerToken: c.AlertmanagerToken, HTTPAddr: c.HTTPAddr, RedisURL: s.RedisURL, DataDir: s.dir(),
		Policy: c.Config, Runbooks: c.Runbooks, Language: c.Language, Log: log,
	}, nil
}

// logger writes JSON lines, or readable ones when a person watches.
func logger(e *env, level string) zerolog.Logger {
	l, err := zerolog.ParseLevel(level)
	if err != nil {
		l = zerolog.InfoLevel
	}
	zerolog.TimeFieldFormat = time.RFC3339Nano
	if f, ok := e.err.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			return zerolog.New(zerolog.ConsoleWriter{Out: f, TimeFormat: time.TimeOnly}).Level(l).With().Timestamp().Logger()
		}
	}
	return zerolog.New(e.err).Level(l).With().Timestamp().Logger()
}

package main

import (
	"os"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"github.com/tocsin-bot/tocsin/bot"
	"github.com/tocsin-bot/tocsin/bot/catalog"
)

// connection are the flags of everything that talks to Slack and PagerDuty. Each is an environment variable as well; a secret NAME may be
// given as a file by NAME_FILE.
type connection struct {
	SlackBotToken string `env:"SLACK_BOT_TOKEN" group:"slack" placeholder:"xoxb-…"`
	SlackAppToken string `env:"SLACK_APP_TOKEN" group:"slack" placeholder:"xapp-…"`
	SlackAPIURL   string `name:"slack-api-url" env:"SLACK_API_URL" group:"slack" placeholder:"URL"`
	Command       string `env:"TOCSIN_COMMAND" group:"slack" default:"/incident"`
	Incidents     string `name:"incidents-channel" env:"TOCSIN_INCIDENTS_CHANNEL" group:"slack" placeholder:"CHANNEL"`
	Alerts        string `name:"alerts-channel" env:"TOCSIN_ALERTS_CHANNEL" group:"slack" placeholder:"CHANNEL"`

	RoutingKey    string `name:"pagerduty-routing-key" env:"PAGERDUTY_ROUTING_KEY" group:"pager" placeholder:"KEY"`
	PagerToken    string `name:"pagerduty-api-token" env:"PAGERDUTY_API_TOKEN" group:"pager" placeholder:"TOKEN"`
	PagerFrom     string `name:"pagerduty-from" env:"PAGERDUTY_FROM" group:"pager" placeholder:"EMAIL"`
	WebhookSecret string `name:"pagerduty-webhook-secret" env:"PAGERDUTY_WEBHOOK_SECRET" group:"pager" placeholder:"SECRET"`
	PagerAPIURL   string `name:"pagerduty-api-url" env:"PAGERDUTY_API_URL" group:"pager" placeholder:"URL"`
	PagerEvents   string `name:"pagerduty-events-url" env:"PAGERDUTY_EVENTS_URL" group:"pager" placeholder:"URL"`

	AlertmanagerToken string `name:"alertmanager-token" env:"ALERTMANAGER_TOKEN" group:"http" placeholder:"TOKEN"`
	HTTPAddr          string `name:"http-addr" env:"TOCSIN_HTTP_ADDR" group:"http" placeholder:"HOST:PORT"`

	HeartbeatURL   string        `name:"heartbeat-url" env:"TOCSIN_HEARTBEAT_URL" group:"process" placeholder:"URL"`
	HeartbeatEvery time.Duration `name:"heartbeat-every" env:"TOCSIN_HEARTBEAT_EVERY" group:"process" default:"60s"`

	Config   string `env:"TOCSIN_CONFIG" group:"process" type:"path" placeholder:"FILE"`
	Runbooks string `env:"TOCSIN_RUNBOOKS" group:"process" type:"path" placeholder:"DIR"`
	LogLevel string `env:"TOCSIN_LOG_LEVEL" group:"process" enum:"debug,info,warn,error" default:"info"`
}

// storage are the flags of everything that touches data.
type storage struct {
	DataDir  string `name:"data-dir" env:"TOCSIN_DATA_DIR" group:"data" type:"path" placeholder:"DIR"`
	RedisURL string `name:"redis-url" env:"REDIS_URL" group:"data" placeholder:"URL"`
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
			return &catalog.Said{Key: "cli.secret", Args: catalog.Args{"name": catalog.Words(name + "_FILE"), "why": catalog.Cause{Err: err}}, Err: err}
		}
		*field = v
	}
	return nil
}

// options turns flags into the bot's options.
func (c *connection) options(e *env, s *storage, log zerolog.Logger) (bot.Options, error) {
	err := fromFiles(map[string]*string{
		"SLACK_BOT_TOKEN": &c.SlackBotToken, "SLACK_APP_TOKEN": &c.SlackAppToken, "PAGERDUTY_ROUTING_KEY": &c.RoutingKey,
		"PAGERDUTY_API_TOKEN": &c.PagerToken, "PAGERDUTY_WEBHOOK_SECRET": &c.WebhookSecret, "ALERTMANAGER_TOKEN": &c.AlertmanagerToken, "REDIS_URL": &s.RedisURL,
		"TOCSIN_HEARTBEAT_URL": &c.HeartbeatURL,
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
		SlackBotToken: c.SlackBotToken, SlackAppToken: c.SlackAppToken, SlackAPIURL: c.SlackAPIURL, Command: c.Command, IncidentsChannel: c.Incidents, AlertsChannel: c.Alerts,
		PagerAPIToken: c.PagerToken, PagerFrom: c.PagerFrom, PagerWebhookSecrets: secrets, PagerAPIURL: c.PagerAPIURL, PagerEventsURL: c.PagerEvents,
		Secrets: bot.Secrets{Given: given}, AlertmanagerToken: c.AlertmanagerToken, HTTPAddr: c.HTTPAddr, RedisURL: s.RedisURL, DataDir: s.dir(),
		Policy: c.Config, Runbooks: c.Runbooks, Language: e.chosen, Log: log,
		HeartbeatURL: c.HeartbeatURL, HeartbeatEvery: c.HeartbeatEvery,
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

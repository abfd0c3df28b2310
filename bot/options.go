package bot

import (
	"context"
	"net"
	"time"

	"github.com/rs/zerolog"

	"github.com/tocsin-bot/tocsin/bot/clock"
	"github.com/tocsin-bot/tocsin/bot/engine"
	"github.com/tocsin-bot/tocsin/bot/journal"
	"github.com/tocsin-bot/tocsin/bot/outbox"
)

// Options are everything a Bot can be told. Each field with an environment variable names it; the command line sets the same fields.
type Options struct {
	SlackBotToken    string // SLACK_BOT_TOKEN, required
	SlackAppToken    string // SLACK_APP_TOKEN, required
	SlackAPIURL      string // SLACK_API_URL: base of a Slack-compatible Web API; empty: Slack itself
	Command          string // TOCSIN_COMMAND; empty: /incident
	IncidentsChannel string // TOCSIN_INCIDENTS_CHANNEL, name or id; empty: what the policy says
	AlertsChannel    string // TOCSIN_ALERTS_CHANNEL, likewise

	PagerAPIToken       string   // PAGERDUTY_API_TOKEN: REST key; empty: pages go out by Events v2 only and nothing is polled
	PagerFrom           string   // PAGERDUTY_FROM: e-mail of the user in whose name REST writes
	PagerWebhookSecrets []string // PAGERDUTY_WEBHOOK_SECRET, several separated by commas; empty: no webhook is taken
	PagerAPIURL         string   // PAGERDUTY_API_URL; empty: PagerDuty itself
	PagerEventsURL      string   // PAGERDUTY_EVENTS_URL; empty: PagerDuty itself
	Secrets             Secrets  // resolves routing keys named by the policy, PAGERDUTY_ROUTING_KEY among them

	AlertmanagerToken string // ALERTMANAGER_TOKEN: bearer token; empty: Alertmanager is refused
	HTTPAddr          string // TOCSIN_HTTP_ADDR; empty: no listener

	HeartbeatURL   string        // TOCSIN_HEARTBEAT_URL: called while nothing is overdue; a secret; empty: no heartbeat
	HeartbeatEvery time.Duration // TOCSIN_HEARTBEAT_EVERY; zero: 60 s

	Shadow bool // TOCSIN_SHADOW: everything is read and decided, and nothing is sent; see shadow.go

	RedisURL string // REDIS_URL; empty: the embedded store in DataDir
	DataDir  string // TOCSIN_DATA_DIR; required without RedisURL
	Policy   string // TOCSIN_CONFIG: path of the policy file; empty: the embedded default
	Runbooks string // TOCSIN_RUNBOOKS: folder whose runbooks override the embedded ones; empty: none
	Language string // TOCSIN_LANGUAGE: of people whose own is unknown; empty: the policy's

	Log zerolog.Logger

	// What follows is for demo, drills and tests.

	Clock        *clock.Clock  // nil: real time
	PolicySource []byte        // instead of Policy: the source itself
	Store        journal.Store // instead of RedisURL and DataDir; not closed by Stop
	Owner        string        // names this process in leases; empty: host, pid and chance
	// Dial replaces the network for Slack, PagerDuty and Redis.
	Dial         func(ctx context.Context, network, addr string) (net.Conn, error)
	NoSync       bool          // the embedded store does not fsync: for tests only
	PollEvery    time.Duration // of PagerDuty's log; zero: 8 s
	LeaseTTL     time.Duration // zero: 30 s
	SecondSocket time.Duration // after the first, real time; zero: 20 s
	Engine       *engine.Faults
	Outbox       *outbox.Faults
	OutboxHooks  outbox.Hooks
	SlackFaults  SlackFaults
}

// SlackFaults switches guards of the receiver off, so that a test can show what each of them prevents.
type SlackFaults struct {
	AckFirst  bool // acknowledge before the commit
	NoCatchUp bool // history is not read after an absence
}

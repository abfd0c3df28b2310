// Package bot makes a running Tocsin out of its rooms: the one place that knows every adapter.
//
// New reads nothing but its Options: the command line and the environment become Options in cmd/tocsin. Start begins everything in
// order (journal, engine, outbox, scheduler, Slack, PagerDuty, HTTP) and Stop ends it in the opposite order, each with a bound; after
// Stop no goroutine of the bot runs.
package bot

package bot

import (
	"net/http"

	"github.com/tocsin-bot/tocsin/bot/engine"
	"github.com/tocsin-bot/tocsin/bot/outbox"
	"github.com/tocsin-bot/tocsin/bot/scheduler"
	"github.com/tocsin-bot/tocsin/bot/slack"
)

// Figures are what the rooms counted since Start, for whoever watches a bot from inside the process. Each is true by itself, not all of one
// moment.
type Figures struct {
	Engine    engine.Stats
	Outbox    outbox.Stats
	Scheduler scheduler.Stats
	Slack     slack.Status
	Audit     scheduler.Report
}

// Figures returns what was counted so far; zero before Start.
func (b *Bot) Figures() Figures {
	b.mu.Lock()
	started := b.started
	b.mu.Unlock()
	if !started || b.outbox == nil || b.receiver == nil {
		return Figures{}
	}
	return Figures{Engine: b.engine.Stats(), Outbox: b.outbox.Stats(), Scheduler: b.scheduler.Stats(), Slack: b.receiver.Status(), Audit: b.auditor.Report()}
}

// HTTPHandler serves the webhooks, probes and metrics, for whoever listens in the bot's place; nil before Start.
func (b *Bot) HTTPHandler() http.Handler {
	if b.http == nil {
		return nil
	}
	return b.http.Handler()
}

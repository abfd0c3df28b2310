package bot

import (
	"context"
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/intake"
	"github.com/tocsin-bot/tocsin/bot/slack"
)

// maxSkew is how far this machine's clock may be from the store's: deadlines of several replicas must mean the same moment.
const maxSkew = 2 * time.Second

// ready are the checks behind /readyz.
func (b *Bot) ready() []intake.Check {
	checks := []intake.Check{
		{Name: "journal", Probe: func(ctx context.Context) error {
			if err := b.store.Ping(ctx); err != nil {
				return err
			}
			// Only a write shows that what is told will be kept: a full disk answers every question.
			return b.store.SetCursor(ctx, "ready", b.clock.Now().Format(time.RFC3339))
		}},
		{Name: "clock", Probe: func(ctx context.Context) error {
			if b.o.RedisURL == "" {
				return nil
			}
			before := b.clock.Now()
			there, err := b.store.Now(ctx)
			if err != nil {
				return err
			}
			if d := there.Sub(before.Add(b.clock.Now().Sub(before) / 2)).Abs(); d > maxSkew {
				return b.said(&catalog.Said{Key: "ready.clock", Args: catalog.Args{"d": catalog.Words(d.Round(time.Millisecond).String())}})
			}
			return nil
		}},
		{Name: "slack", Told: true, Probe: func(context.Context) error {
			st := b.receiver.Status()
			return b.said(slackReady(st))
		}},
		{Name: "pagerduty", Told: true, Probe: func(ctx context.Context) error {
			if b.poller == nil {
				return nil // pages go out by the Events API; nothing is heard that could fail
			}
			return b.poller.Probe(ctx)
		}},
		{Name: "oncall", Told: true, Probe: func(ctx context.Context) error { return b.said(b.onCallReady(ctx)) }},
		{Name: "runbooks", Told: true, Probe: func(context.Context) error { return b.said(b.runbooksReady()) }},
		{Name: "auditor", Probe: func(context.Context) error { return b.said(b.audited()) }},
	}
	if b.deadman != nil {
		checks = append(checks, intake.Check{Name: "heartbeat", Told: true, Probe: func(context.Context) error { return b.said(b.deadman.report()) }})
	}
	return checks
}

// slackReady says why Slack is not heard, nil when it is. There is always a reason: until something failed, it is that we are connecting.
func slackReady(st slack.Status) error {
	key, why := "ready.slack.down", st.API.Error
	switch {
	case st.Connected > 0:
		return nil
	case st.API.Since.IsZero():
		return &catalog.Said{Key: "ready.slack.connecting"}
	case st.API.Up:
		key, why = "ready.slack.socket", st.Error
		if why == "" {
			return &catalog.Said{Key: "ready.slack.opening"}
		}
	}
	return &catalog.Said{Key: key, Args: catalog.Args{"why": catalog.Words(why)}}
}

// said words an error for the operators of this installation.
func (b *Bot) said(err error) error {
	if err == nil {
		return nil
	}
	return errors.New(catalog.ErrorIn(b.language(), err))
}

// registerMetrics exposes the figures of the rooms.
func (b *Bot) registerMetrics() {
	gauge := func(name, help string, f func() float64) {
		b.metrics.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: "tocsin", Name: name, Help: help}, f))
	}
	counter := func(name, help string, f func() float64) {
		b.metrics.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Namespace: "tocsin", Name: name, Help: help}, f))
	}
	b.metrics.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	gauge("outbox_waiting", "Effects waiting to be carried out by this process.", func() float64 { return float64(b.outbox.Stats().Waiting) })
	gauge("outbox_running", "Calls in flight.", func() float64 { return float64(b.outbox.Stats().Running) })
	counter("outbox_attempts_total", "Calls begun.", func() float64 { return float64(b.outbox.Stats().Attempts) })
	counter("outbox_dead_total", "Essential effects refused for good.", func() float64 { return float64(b.outbox.Stats().Dead) })
	counter("outbox_retries_total", "Temporary failures.", func() float64 { return float64(b.outbox.Stats().Retries) })
	counter("outbox_overtaken_total", "Effects that were no longer owed when their turn came.", func() float64 { return float64(b.outbox.Stats().Overtaken) })
	counter("outbox_fenced_total", "Writes refused because the lane had a newer lease.", func() float64 { return float64(b.outbox.Stats().Fenced) })
	gauge("slack_sockets", "Socket Mode connections open.", func() float64 { return float64(b.receiver.Status().Connected) })
	counter("slack_events_total", "Envelopes received.", func() float64 { return float64(b.receiver.Status().Events) })
	counter("slack_refused_total", "Envelopes that could not be recorded.", func() float64 { return float64(b.receiver.Status().Refused) })
	gauge("incidents_policy_replaced", "Incidents whose frozen policy cannot be read: the policy in force counts for them.", func() float64 { return float64(b.engine.Stats().Unreadable) })
	if b.deadman != nil {
		gauge("heartbeat_last_success_timestamp_seconds", "Unix time of the last heartbeat the outside service took; 0 when none was.", func() float64 { _, _, _, last := b.deadman.figures(); return last })
		counter("heartbeat_sent_total", "Heartbeats the outside service took.", func() float64 { n, _, _, _ := b.deadman.figures(); return float64(n) })
		counter("heartbeat_failed_total", "Heartbeats the outside service did not take.", func() float64 { _, n, _, _ := b.deadman.figures(); return float64(n) })
		counter("heartbeat_withheld_total", "Heartbeats not sent because something was overdue.", func() float64 { _, _, n, _ := b.deadman.figures(); return float64(n) })
	}
	gauge("replicas", "Replicas that live.", func() float64 { return float64(b.replicas()) })
}

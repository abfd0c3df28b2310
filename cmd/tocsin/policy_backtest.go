package main

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"github.com/tocsin-bot/tocsin/bot"
	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/clock"
	"github.com/tocsin-bot/tocsin/bot/timeline"
)

type policyBacktestCmd struct {
	policyFile
	storage
	PagerToken  string `name:"pagerduty-api-token" env:"PAGERDUTY_API_TOKEN" group:"pager" placeholder:"TOKEN"`
	PagerAPIURL string `name:"pagerduty-api-url" env:"PAGERDUTY_API_URL" group:"pager" placeholder:"URL"`
	Since       string `default:"90d"`
	From        string `type:"path" placeholder:"FILE"`
	Progress    string `enum:"kept,none" default:"kept"`
	Format      string `enum:"table,csv,jsonl" default:"table"`
}

// About implements about.
func (*policyBacktestCmd) About() string { return "cli.about.policy.backtest" }

// Examples implements examples.
func (*policyBacktestCmd) Examples() []string {
	return []string{
		"PAGERDUTY_API_TOKEN=… tocsin policy backtest --since 90d --config policy.yaml",
		"tocsin policy backtest --from past.jsonl --format csv",
	}
}

const maxBacktest = 365 * 24 * time.Hour

// span reads a stretch of time: days or hours.
func span(s string) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	if days, ok := strings.CutSuffix(s, "d"); ok {
		var n int
		n, err = strconv.Atoi(days)
		d = time.Duration(min(n, 1000)) * 24 * time.Hour
	}
	if err != nil || d <= 0 || d > maxBacktest {
		return 0, &catalog.Said{Key: "backtest.since", Args: catalog.Args{"since": catalog.Words(s)}}
	}
	return d, nil
}

// Run prints what the policy would have done with the past; as jsonl, the past itself, to be run again without PagerDuty.
func (c *policyBacktestCmd) Run(e *env) error {
	d, err := span(c.Since)
	if err != nil {
		return err
	}
	if err := fromFiles(map[string]*string{"PAGERDUTY_API_TOKEN": &c.PagerToken}); err != nil {
		return err
	}
	p, _, err := bot.ReadPolicy(c.Config)
	if err != nil {
		return err
	}
	until := clock.New().Now()
	since := until.Add(-d)
	past, err := bot.PastOf(e.ctx, bot.Options{PagerAPIToken: c.PagerToken, PagerAPIURL: c.PagerAPIURL, Log: zerolog.Nop()}, p, c.From, since, until)
	if err != nil {
		return err
	}
	zone := bot.PolicyZone(c.Config)
	days, covers, read := recorded(e, c.storage, c.Config)
	duty, err := bot.DutyOf(c.Config, covers)
	if err != nil {
		return err
	}
	o := timeline.BacktestOptions{NoProgress: c.Progress == "none", OnCall: bot.OnCallOf(p, duty), Holidays: days, HolidaysUnread: !read}
	switch c.Format {
	case "jsonl":
		w := json.NewEncoder(e.out)
		for _, one := range past {
			if err := w.Encode(one); err != nil {
				return err
			}
		}
	case "csv":
		fmt.Fprint(e.out, timeline.BacktestCSV(bot.BacktestPolicy(p, past, o), zone))
	default:
		fmt.Fprint(e.out, timeline.BacktestText(bot.BacktestPolicy(p, past, o), p, o, since, until, e.lang, zone))
	}
	return nil
}

package main

import (
	"fmt"
	"time"

	"github.com/rs/zerolog"

	"github.com/tocsin-bot/tocsin/bot"
	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/clock"
	"github.com/tocsin-bot/tocsin/bot/timeline"
)

// shadowCmd is what can be asked of a shadow.
type shadowCmd struct {
	Report shadowReportCmd `cmd:""`
}

type shadowReportCmd struct {
	data
	PagerToken  string `name:"pagerduty-api-token" env:"PAGERDUTY_API_TOKEN" group:"pager" placeholder:"TOKEN"`
	PagerAPIURL string `name:"pagerduty-api-url" env:"PAGERDUTY_API_URL" group:"pager" placeholder:"URL"`
	Day         string `placeholder:"DAY"`
}

// About implements about.
func (*shadowReportCmd) About() string { return "cli.about.shadow.report" }

// Run prints whom a shadow would have rung on a day, and what happened in PagerDuty.
func (c *shadowReportCmd) Run(e *env) error {
	if err := fromFiles(map[string]*string{"PAGERDUTY_API_TOKEN": &c.PagerToken}); err != nil {
		return err
	}
	p, _, err := bot.ReadPolicy(c.Config)
	if err != nil {
		return err
	}
	zone := bot.PolicyZone(c.Config)
	y, m, d := clock.New().Now().In(zone).Date()
	day := time.Date(y, m, d-1, 0, 0, 0, 0, zone)
	if c.Day != "" {
		if day, err = time.ParseInLocation(time.DateOnly, c.Day, zone); err != nil {
			return &catalog.Said{Key: "shadow.day", Args: catalog.Args{"day": catalog.Words(c.Day)}, Err: err}
		}
	}
	c.shadow = true
	r, err := c.open(e.ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	var past []timeline.Past
	if c.PagerToken != "" {
		past, err = bot.PastOf(e.ctx, bot.Options{PagerAPIToken: c.PagerToken, PagerAPIURL: c.PagerAPIURL, Log: zerolog.Nop()}, p, "", day, day.AddDate(0, 0, 1))
		if err != nil {
			return err
		}
	}
	report, err := bot.ShadowReportOf(e.ctx, r, day, past)
	if err != nil {
		return err
	}
	fmt.Fprint(e.out, timeline.ShadowText(report, p, c.PagerToken != "", e.lang, zone))
	return nil
}

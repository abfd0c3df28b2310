package bot

import (
	"context"
	"errors"
	"os"
	"slices"
	"time"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/clock"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/pagerduty"
	"github.com/tocsin-bot/tocsin/bot/timeline"
)

// PastOf reads past incidents: from a file that was exported, or from PagerDuty's REST API. It only reads.
func PastOf(ctx context.Context, o Options, p *incident.Policy, file string, since, until time.Time) ([]timeline.Past, error) {
	if file != "" {
		f, err := os.Open(file)
		if err != nil {
			return nil, pastFault(file, err)
		}
		defer f.Close()
		past, err := timeline.ReadPast(f)
		if err != nil {
			return nil, pastFault(file, err)
		}
		return slices.DeleteFunc(past, func(p timeline.Past) bool { return p.Triggered.Before(since) || !p.Triggered.Before(until) }), nil
	}
	if o.PagerAPIToken == "" {
		return nil, &catalog.Said{Key: "backtest.no-token"}
	}
	if o.Clock == nil {
		o.Clock = clock.New()
	}
	co := pagerduty.ClientOptions{APIURL: o.PagerAPIURL, EventsURL: o.PagerEventsURL, Token: o.PagerAPIToken, Clock: o.Clock}
	if t := (&Bot{o: o}).transport(); t != nil {
		co.Transport = t
	}
	c, err := pagerduty.NewClient(co)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	past, err := c.History(ctx, p, since, until)
	switch {
	case errors.Is(err, pagerduty.ErrTooMany):
		return nil, &catalog.Said{Key: "backtest.many", Args: catalog.Args{"n": catalog.Int(timeline.MaxPast)}, Err: err}
	case err != nil:
		return nil, &catalog.Said{Key: "backtest.read", Args: why(err), Err: err}
	}
	return past, nil
}

func pastFault(file string, err error) error {
	return &catalog.Said{Key: "backtest.file", Args: catalog.Args{"path": catalog.Words(file), "why": catalog.Cause{Err: err}}, Err: err}
}

// BacktestPolicy runs past incidents through a policy. Who is on call then is what the options say, else whom the policy names by address; a
// target of which neither knows anybody is rung as itself.
func BacktestPolicy(p *incident.Policy, past []timeline.Past, o timeline.BacktestOptions) timeline.Backtest {
	if o.OnCall == nil {
		o.OnCall = OnCallOf(p, nil)
	}
	return timeline.RunBacktest(p, past, o, p.Location(), nightOf(p))
}

// nightOf tells whether it is night where the policy is at home.
func nightOf(p *incident.Policy) func(time.Time) bool {
	if b := p.BusinessTime(""); b != nil {
		return b.Night
	}
	zone := p.Location()
	return func(t time.Time) bool {
		at := t.In(zone)
		return incident.DefaultNight.Contains(incident.WallClock(at.Hour()*60 + at.Minute()))
	}
}

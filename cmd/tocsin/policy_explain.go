package main

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/tocsin-bot/tocsin/bot"
	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/clock"
	"github.com/tocsin-bot/tocsin/bot/house"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/journal"
	"github.com/tocsin-bot/tocsin/bot/policy/explain"
)

type policyExplainCmd struct {
	policyFile
	storage
	Severity      string         `placeholder:"SEV"`
	At            string         `placeholder:"TIME"`
	Alert         string         `placeholder:"ALERT"`
	Service       string         `placeholder:"SERVICE"`
	Silent        bool           ``
	AckAfter      *time.Duration `placeholder:"DURATION"`
	ProgressEvery *time.Duration `placeholder:"DURATION"`
	Empty         []string       `placeholder:"TARGET"`
	For           *time.Duration `placeholder:"DURATION"`
	Question      []string       `arg:"" optional:""`
}

// About implements about.
func (*policyExplainCmd) About() string { return "cli.about.policy.explain" }

// Examples implements examples.
func (*policyExplainCmd) Examples() []string {
	return []string{
		`tocsin policy explain "SEV-2 on Saturday 23:50, nobody moves"`,
		`tocsin policy explain --alert ApiErrorRateHigh --ack-after 4m`,
	}
}

// Run prints whom the policy reaches.
func (c *policyExplainCmd) Run(e *env) error {
	p, _, err := bot.ReadPolicy(c.Config)
	if err != nil {
		return err
	}
	q, err := c.question(p)
	if err != nil {
		return err
	}
	q.Empty, q.For = c.Empty, lengthOf(c.For)
	days, covers, _ := recorded(e, c.storage, c.Config)
	duty, err := bot.DutyOf(c.Config, covers)
	if err != nil {
		return err
	}
	q.Holidays, q.OnDuty = days, duty
	a, err := explain.Explain(p, q, e.lang)
	if err != nil {
		return err
	}
	fmt.Fprint(e.out, a.Text())
	return nil
}

// question reads the sentence, or the flags that stand for one.
func (c *policyExplainCmd) question(p *incident.Policy) (explain.Question, error) {
	now := clock.New().Now()
	for flag, d := range map[string]*time.Duration{"--ack-after": c.AckAfter, "--progress-every": c.ProgressEvery, "--for": c.For} {
		if d != nil && *d <= 0 {
			return explain.Question{}, &catalog.Said{Key: "explain.not-a-length", Args: catalog.Args{"flag": catalog.Words(flag), "got": catalog.Words(d.String())}}
		}
	}
	flags := c.Severity != "" || c.At != "" || c.Alert != "" || c.Service != "" || c.Silent || c.AckAfter != nil || c.ProgressEvery != nil
	switch {
	case len(c.Question) > 0 && flags:
		return explain.Question{}, &catalog.Said{Key: "explain.question-and-flags"}
	case len(c.Question) > 0:
		return explain.Ask(p, strings.Join(c.Question, " "), now)
	case !flags && len(c.Empty) == 0 && c.For == nil:
		return explain.Question{}, &catalog.Said{Key: "explain.nothing-asked", Args: catalog.Args{"example": catalog.Term("explain.example")}}
	case c.Silent && c.AckAfter != nil:
		return explain.Question{}, &catalog.Said{Key: "explain.silent-and-ack"}
	case c.ProgressEvery != nil && c.AckAfter == nil:
		return explain.Question{}, &catalog.Said{Key: "explain.progress-first"}
	}
	q := explain.Question{Alert: c.Alert, Service: c.Service, AckAfter: lengthOf(c.AckAfter), ProgressEvery: lengthOf(c.ProgressEvery)}
	if c.Severity != "" {
		sev, err := explain.Severity(c.Severity)
		if err != nil {
			return q, err
		}
		q.Severity = sev
	}
	if q.Severity == 0 && q.Alert == "" {
		return q, &catalog.Said{Key: "explain.no-severity", Args: catalog.Args{"example": catalog.Term("explain.example")}}
	}
	var err error
	q.At, err = explain.When(c.At, now.In(bot.PolicyZone(c.Config)))
	return q, err
}

// recorded are the holidays that were announced, and the covers that were agreed on, with the bot whose data are at hand; read is false where
// there is no such data. That they cannot be read is said, and the policy alone counts.
func recorded(e *env, s storage, config string) (days incident.AnnouncedDays, covers []house.Cover, read bool) {
	r, ok := beside(e, s, config)
	if !ok {
		return incident.AnnouncedDays{}, nil, false
	}
	defer r.Close()
	days, covers, err := bot.Recorded(e.ctx, r)
	if err != nil {
		e.print(e.err, "cli.holidays.unread", catalog.Args{"why": catalog.Cause{Err: err}})
	}
	return days, covers, err == nil
}

// beside opens what a bot recorded, for a verb that does without it.
func beside(e *env, s storage, config string) (journal.Reader, bool) {
	d := data{storage: s, Config: config}
	r, err := d.open(e.ctx)
	if err == nil {
		return r, true
	}
	if !errors.Is(err, fs.ErrNotExist) {
		e.print(e.err, "cli.holidays.unread", catalog.Args{"why": catalog.Cause{Err: err}})
	}
	return nil, false
}

// lengthOf is a length of time that a flag gave, 0 without the flag.
func lengthOf(d *time.Duration) time.Duration {
	if d == nil {
		return 0
	}
	return *d
}

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
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/journal"
	"github.com/tocsin-bot/tocsin/bot/policy/explain"
)

type policyExplainCmd struct {
	policyFile
	storage
	Severity      string        `placeholder:"SEV"`
	At            string        `placeholder:"TIME"`
	Alert         string        `placeholder:"ALERT"`
	Service       string        `placeholder:"SERVICE"`
	Silent        bool          ``
	AckAfter      time.Duration `placeholder:"DURATION"`
	ProgressEvery time.Duration `placeholder:"DURATION"`
	Empty         []string      `placeholder:"TARGET"`
	For           time.Duration `placeholder:"DURATION"`
	Question      []string      `arg:"" optional:""`
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
	q.Empty, q.For = c.Empty, c.For
	q.Holidays = announced(e, c.storage, c.Config)
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
	flags := c.Severity != "" || c.At != "" || c.Alert != "" || c.Service != "" || c.Silent || c.AckAfter > 0 || c.ProgressEvery > 0
	switch {
	case len(c.Question) > 0 && flags:
		return explain.Question{}, &catalog.Said{Key: "explain.question-and-flags"}
	case len(c.Question) > 0:
		return explain.Ask(p, strings.Join(c.Question, " "), now)
	case !flags:
		return explain.Question{}, &catalog.Said{Key: "explain.nothing-asked", Args: catalog.Args{"example": catalog.Term("explain.example")}}
	case c.Silent && c.AckAfter > 0:
		return explain.Question{}, &catalog.Said{Key: "explain.silent-and-ack"}
	case c.ProgressEvery > 0 && c.AckAfter <= 0:
		return explain.Question{}, &catalog.Said{Key: "explain.progress-first"}
	}
	q := explain.Question{Alert: c.Alert, Service: c.Service, AckAfter: c.AckAfter, ProgressEvery: c.ProgressEvery}
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

// announced are the holidays that were announced to the bot whose data are at hand; none where there is no such data. That they cannot be read
// is said, and the policy alone counts.
func announced(e *env, s storage, config string) incident.AnnouncedDays {
	r, ok := beside(e, s, config)
	if !ok {
		return incident.AnnouncedDays{}
	}
	defer r.Close()
	days, err := bot.AnnouncedDays(e.ctx, r)
	if err != nil {
		e.print(e.err, "cli.holidays.unread", catalog.Args{"why": catalog.Cause{Err: err}})
	}
	return days
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

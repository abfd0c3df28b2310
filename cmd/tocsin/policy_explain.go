package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/tocsin-bot/tocsin/bot"
	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/clock"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/policy/explain"
)

type policyExplainCmd struct {
	policyFile
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

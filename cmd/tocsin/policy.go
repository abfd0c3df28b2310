package main

import (
	"fmt"
	"slices"

	"github.com/tocsin-bot/tocsin/bot"
	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/policy"
)

// policyCmd is what can be done with a policy without a bot.
type policyCmd struct {
	Explain  policyExplainCmd  `cmd:""`
	Check    policyCheckCmd    `cmd:""`
	Backtest policyBacktestCmd `cmd:""`
	Show     policyShowCmd     `cmd:""`
	Example  policyExampleCmd  `cmd:""`
}

// policyFile is the flag that names the file.
type policyFile struct {
	Config string `env:"TOCSIN_CONFIG" group:"process" type:"path" placeholder:"FILE"`
}

type policyCheckCmd struct {
	policyFile
	storage
	File string `arg:"" optional:"" type:"path"`
}

// About implements about.
func (*policyCheckCmd) About() string { return "cli.about.policy.check" }

// Run prints what is not right in a policy.
func (c *policyCheckCmd) Run(e *env) error {
	o := bot.Options{Policy: c.Config, Language: e.chosen}
	if c.File != "" {
		o.Policy = c.File
	}
	e.lang = bot.CheckLanguage(o)
	found := bot.CheckPolicy(o)
	if slices.ContainsFunc(found, func(f bot.Finding) bool { return f.Fatal }) {
		return e.findings(found)
	}
	if r, ok := beside(e, c.storage, o.Policy); ok {
		more, err := bot.CheckHolidays(e.ctx, r, o.Policy, e.lang)
		r.Close()
		if err != nil {
			e.print(e.err, "cli.holidays.unread", catalog.Args{"why": catalog.Cause{Err: err}})
		}
		found = append(found, more...)
	}
	return e.findings(found)
}

// findings prints what a check found and how it ended.
func (e *env) findings(findings []bot.Finding) error {
	fatal := 0
	for _, f := range findings {
		fmt.Fprintln(e.out, f.In(e.lang))
		if f.Fatal {
			fatal++
		}
	}
	counted := catalog.Args{"errors": catalog.Int(fatal), "warnings": catalog.Int(len(findings) - fatal)}
	switch {
	case fatal > 0:
		e.print(e.out, "check.summary", counted)
		return errFailed
	case len(findings) > 0:
		e.print(e.out, "check.warnings", counted)
	default:
		e.print(e.out, "check.fine", nil)
	}
	return nil
}

type policyShowCmd struct{ policyFile }

// Run prints the policy in force. A file with faults is none.
func (c *policyShowCmd) Run(e *env) error {
	_, src, err := bot.ReadPolicy(c.Config)
	if err != nil {
		return err
	}
	_, err = e.out.Write(src)
	return err
}

type policyExampleCmd struct{}

// Run prints the commented example.
func (c *policyExampleCmd) Run(e *env) error {
	_, err := e.out.Write(policy.Example())
	return err
}

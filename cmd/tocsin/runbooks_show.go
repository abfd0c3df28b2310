package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/runbooks"
)

type runbooksShowCmd struct {
	runbooksDir
	ID string `arg:"" name:"id"`
}

// Examples implements examples.
func (*runbooksShowCmd) Examples() []string {
	return []string{"tocsin runbooks show RB-003", "tocsin runbooks show RB-003 --language fr"}
}

// Run prints a whole runbook.
func (c *runbooksShowCmd) Run(e *env) error {
	shelf := c.load(e)
	r, err := c.find(e, shelf, c.ID)
	if err != nil {
		return err
	}
	p := &page{e: e.in(r), to: e.out, policy: c.policy(), shelf: shelf, r: r}
	p.head()
	for _, q := range r.Parameters {
		p.say("cli.rb.parameter", catalog.Args{"name": catalog.Literal(q.Name), "what": catalog.Words(q.What), "fits": catalog.Words(q.InWords), "example": catalog.Words(q.Example)})
	}
	for _, s := range r.Steps {
		p.step(s, nil)
		for _, x := range s.Corrections {
			p.blank()
			p.say("cli.rb.corrected", catalog.Args{"text": catalog.Lines(runbooks.Plain(x))})
		}
	}
	return p.err
}

// in is the environment that speaks a runbook's own language: words around a text are in the language of the text.
func (e *env) in(r *runbooks.Runbook) *env {
	x := *e
	x.lang = r.Language
	return &x
}

// pageWidth is where prose is wrapped. Commands never are: what is copied must be what the runbook says.
const pageWidth = 100

// page prints a runbook as text.
type page struct {
	e      *env
	to     io.Writer
	policy *incident.Policy
	shelf  *runbooks.Catalogue
	r      *runbooks.Runbook
	err    error // the first failure to write
}

func (p *page) line(s string) {
	if _, err := fmt.Fprintln(p.to, s); err != nil && p.err == nil {
		p.err = err
	}
}

func (p *page) blank() { p.line("") }

func (p *page) say(key string, args catalog.Args) { p.prose(p.e.say(key, args)) }

// prose prints text, wrapped; what follows the mark of a list's entry or of code is left where it is.
func (p *page) prose(text string) {
	for _, l := range strings.Split(text, "\n") {
		rest := strings.TrimLeft(l, " ")
		indent := l[:len(l)-len(rest)]
		for i, part := range wrap(rest, pageWidth-len(indent)) {
			if i == 1 && (strings.HasPrefix(rest, "• ") || strings.HasPrefix(rest, "- ")) {
				indent += "  "
			}
			p.line(indent + part)
		}
	}
}

// head prints what a runbook is for.
func (p *page) head() {
	r := p.r
	p.line(r.ID + " · " + p.e.words(r.Title))
	none := func(l []string) catalog.Arg {
		if len(l) == 0 {
			return catalog.Words("-")
		}
		return catalog.Words(strings.Join(l, ", "))
	}
	p.say("cli.rb.head", catalog.Args{"severity": catalog.Words(r.Severity), "alerts": none(r.Alerts), "services": none(r.Services), "owner": catalog.Words(p.e.role(p.policy, r.Owner))})
	p.say("cli.rb.revision", catalog.Args{"day": catalog.Words(r.ReviewedOn.Format(time.DateOnly)), "due": catalog.Words(r.ReviewedOn.AddDate(0, 0, r.ReviewEvery).Format(time.DateOnly)),
		"from": catalog.Words(p.e.origin(r)), "digest": catalog.Words(r.Digest[:12])})
	p.blank()
	p.prose(runbooks.Plain(r.Intro))
	p.blank()
}

// title is a step in few words: "3/8 · Is something behind the consumer slow?".
func title(r *runbooks.Runbook, s runbooks.Step) string {
	return fmt.Sprintf("%d/%d · %s", s.Number, len(r.Steps), s.Title)
}

// step prints one step, values in the places of its commands; nil leaves the places as they are written.
func (p *page) step(s runbooks.Step, values map[string]string) {
	p.announce(s)
	p.work(s, values)
}

// announce prints what a step is and who may do it.
func (p *page) announce(s runbooks.Step) {
	p.blank()
	p.line("── " + p.r.ID + " · " + title(p.r, s))
	p.say("cli.rb.kind", catalog.Args{"kind": catalog.Term("kind." + string(s.Kind)), "d": catalog.Duration(time.Duration(s.Minutes) * time.Minute)})
	if s.Phase == runbooks.After {
		p.say("cli.rb.after", nil)
	}
	if len(s.Who) > 0 {
		p.say("cli.rb.who", catalog.Args{"roles": p.roles(s.Who)})
	}
	if s.Approval != "" {
		p.say("cli.rb.approval", catalog.Args{"role": catalog.Words(p.e.role(p.policy, s.Approval))})
	}
	if s.FourEyes {
		p.say("cli.rb.four-eyes", nil)
	}
	if s.Kind == runbooks.Destructive || s.Kind == runbooks.Replay {
		p.say("cli.rb.capture", nil)
	}
	if len(s.Notify) > 0 {
		p.say("cli.rb.notify", catalog.Args{"roles": p.roles(s.Notify)})
	}
	for _, c := range s.Clocks {
		p.clock(c)
	}
}

func (p *page) roles(keys []string) catalog.List {
	var l catalog.List
	for _, k := range keys {
		l = append(l, catalog.Words(p.e.role(p.policy, k)))
	}
	return l
}

// clock prints a deadline of the runbook.
func (p *page) clock(c runbooks.Clock) {
	p.say("cli.rb.clock", catalog.Args{"what": catalog.Words(c.What), "due": p.due(c), "role": catalog.Words(p.e.role(p.policy, c.Who))})
	if c.When != "" {
		p.say("cli.rb.clock.when", catalog.Args{"when": catalog.Words(c.When)})
	}
	if c.Obligation {
		p.say("cli.rb.clock.obligation", nil)
	}
}

// due words when a clock is due, its length as the runbook has it: 72 h is what a law says, and not 3 days.
func (p *page) due(c runbooks.Clock) catalog.Arg {
	if c.Open {
		return catalog.Term("cli.rb.due.open")
	}
	span := strings.Fields(c.Due)[0]
	n, unit := span[:len(span)-1], catalog.Term("cli.rb.unit."+span[len(span)-1:])
	args := catalog.Args{"n": catalog.Words(n), "unit": unit, "moment": catalog.Term("cli.rb.anchor." + string(c.Anchor)), "ref": catalog.Words(c.Ref)}
	if s, ok := p.r.Step(c.Ref); ok {
		args["ref"] = catalog.Quoted(s.Title)
	}
	args["moment"] = catalog.Say(p.e.lang, "cli.rb.anchor."+string(c.Anchor), args)
	if c.Before {
		return catalog.Say(p.e.lang, "cli.rb.due.before", args)
	}
	return catalog.Say(p.e.lang, "cli.rb.due.after", args)
}

// work prints what is to be done in a step: warnings before the commands they are about.
func (p *page) work(s runbooks.Step, values map[string]string) {
	for _, w := range s.Warnings {
		p.blank()
		p.say("cli.rb.warning", catalog.Args{"text": catalog.Lines(runbooks.Plain(w))})
	}
	var missing []string
	for _, part := range s.Parts {
		p.blank()
		if part.Command < 0 {
			p.prose(runbooks.Plain(part.Text))
			continue
		}
		c := s.Commands[part.Command]
		text := c.Code
		if f, err := p.r.FillCommand(c, values); err == nil && values != nil {
			text = f.Text
			for _, m := range f.Missing {
				if !slices.Contains(missing, m) {
					missing = append(missing, m)
				}
			}
		}
		// At the left margin and whole, so that what is marked with a mouse runs. The fence says where it begins and ends.
		p.line("```" + c.Language)
		p.line(text)
		p.line("```")
	}
	if len(missing) > 0 {
		p.blank()
		var names catalog.List
		for _, m := range missing {
			names = append(names, catalog.Literal(m))
		}
		p.say("cli.rb.missing", catalog.Args{"names": names})
	}
	if s.LookFor != "" {
		p.blank()
		p.say("cli.rb.look", catalog.Args{"text": catalog.Lines(runbooks.Plain(s.LookFor))})
	}
	if len(s.Branches) > 0 {
		p.blank()
		for i, b := range s.Branches {
			p.line(fmt.Sprintf("  %d. %s → %s", i+1, b.Finding, p.leads(b)))
		}
	}
}

// leads is where a finding leads.
func (p *page) leads(b runbooks.Branch) string {
	in, key := p.r, "cli.rb.leads.step"
	switch {
	case b.Done:
		return p.e.say("cli.rb.leads.done", nil)
	case b.Runbook != "":
		other, ok := p.shelf.ByID(b.Runbook, p.r.Language)
		if !ok || b.Step == "" {
			return b.Runbook
		}
		in, key = other, "cli.rb.leads.other"
	}
	s, ok := in.Step(b.Step)
	if !ok {
		return cmp.Or(b.Runbook, b.Step)
	}
	return p.e.say(key, catalog.Args{"id": catalog.Words(in.ID), "n": catalog.Int(s.Number), "name": catalog.Words(s.Title)})
}

package commands

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/view"
	"github.com/tocsin-bot/tocsin/runbooks"
)

// rfc3339 is how moments travel in the arguments of a refusal.
const rfc3339 = time.RFC3339

// Options are what a Counter needs; all are required but Command (default "/incident").
type Options struct {
	Office  Office
	Library *runbooks.Catalogue
	Command string
	Now     func() time.Time
}

// Counter is the Desk: it looks up what was asked and runs it.
type Counter struct {
	office  Office
	library *runbooks.Catalogue
	command string
	now     func() time.Time
	verbs   map[string]Command // by name and alias
	names   []string
	buttons map[string]Button
	forms   map[string]Form
}

var _ Desk = (*Counter)(nil)

// New returns a desk that knows every verb, button and form of this package.
func New(o Options) *Counter {
	d := &Counter{office: o.Office, library: o.Library, command: o.Command, now: o.Now, verbs: map[string]Command{}, buttons: map[string]Button{}, forms: map[string]Form{}}
	if d.command == "" {
		d.command = "/incident"
	}
	for _, v := range Verbs() {
		if v.Name == help.Name {
			v.Run = helpRun
		}
		for _, n := range append([]string{v.Name}, v.Aliases...) {
			d.verbs[n] = v
			d.names = append(d.names, n)
		}
	}
	for _, b := range Buttons() {
		d.buttons[b.Name] = b
	}
	for _, f := range Forms() {
		d.forms[f.Name] = f
	}
	return d
}

// Command implements Desk.
func (d *Counter) Command(ctx context.Context, call Call) (Reply, error) {
	c := &Ask{desk: d, Key: call.Key, At: call.At, Who: call.Actor, Channel: call.Channel, Text: strings.TrimSpace(call.Text), Language: call.Language}
	if c.Text == "" {
		return c.declareForm(""), nil
	}
	verb, args := words(c.Text)
	// "/incident INC-42 sev 1", said from anywhere.
	named, isNamed := incidentOf(verb)
	if isNamed {
		verb, args = words(args)
		if verb == "" {
			verb = "status"
		}
	}
	v, ok := d.verbs[strings.ToLower(verb)]
	if !ok {
		return d.notAVerb(ctx, c, verb)
	}
	c.Verb, c.Args = v.Name, args
	if id, rest, ok := trailingIncident(args); !isNamed && ok && v.Where == InRoom {
		named, isNamed, c.Args = id, true, rest
	}
	switch {
	case isNamed:
		if err := c.about(ctx, named); err != nil {
			if errors.Is(err, errNoIncident) {
				return c.say("no-such-incident", catalog.Args{"id": catalog.Words(named)}), nil
			}
			return Reply{}, err
		}
	case v.Where == InRoom:
		id, found, err := d.office.ByChannel(ctx, c.Channel)
		if err != nil {
			return Reply{}, fmt.Errorf("find the incident of this channel: %w", err)
		}
		if !found {
			return c.which(ctx)
		}
		if err := c.about(ctx, id); err != nil {
			return Reply{}, err
		}
	}
	return c.run(ctx, v)
}

// run carries a verb out; words that do not fit it get its usage.
func (c *Ask) run(ctx context.Context, v Command) (Reply, error) {
	rep, err := v.Run(ctx, c)
	var u usageError
	if errors.As(err, &u) {
		example := ""
		if len(v.Examples) > 0 {
			example = v.Examples[0].In
		}
		why := catalog.Say(c.Language, u.why, catalog.Args{"word": catalog.Quoted(incident.Clip(u.word, 80))})
		return c.card(c.voice().UsageCard(v.Name, why, v.Usage, example)), nil
	}
	return rep, err
}

// notAVerb answers words that begin with no verb: with a severity in them they declare an incident, else nothing is done and what may
// have been meant is shown.
func (d *Counter) notAVerb(ctx context.Context, c *Ask, verb string) (Reply, error) {
	title, sev := takeSeverity(c.Text)
	if sev.Valid() && strings.Contains(title, " ") && len(nearest(verb, d.names)) == 0 {
		return c.declare(ctx, title, sev, "", false)
	}
	return c.unknown(verb), nil
}

func (c *Ask) unknown(verb string) Reply {
	return c.card(c.voice().UnknownVerbCard(verb, nearest(verb, c.desk.names), c.Text))
}

// trailingIncident takes an id like "INC-42" from the end of the arguments.
func trailingIncident(args string) (incident.ID, string, bool) {
	i := strings.LastIndexByte(args, ' ')
	id, ok := incidentOf(args[i+1:])
	if !ok || !strings.HasPrefix(strings.ToUpper(args[i+1:]), "INC-") {
		return "", args, false
	}
	return id, strings.TrimSpace(args[:max(i, 0)]), true
}

// errNoIncident says that an id names no incident.
var errNoIncident = errors.New("no such incident")

// about loads the incident an ask is about.
func (c *Ask) about(ctx context.Context, id incident.ID) error {
	s, err := c.desk.office.State(ctx, id)
	if err != nil {
		return err
	}
	if s.ID == "" {
		return fmt.Errorf("%s: %w", id, errNoIncident)
	}
	c.State = s
	return nil
}

// which asks which incident is meant.
func (c *Ask) which(ctx context.Context) (Reply, error) {
	rows, err := c.desk.office.List(ctx, true, 10)
	if err != nil {
		return Reply{}, err
	}
	return c.card(c.voice().WhichIncidentCard(c.Text, rows)), nil
}

// pick is the answer to "which incident?": what was typed is carried out for it.
var pick = Button{view.ActionPick, func(ctx context.Context, c *Ask) (Reply, error) {
	verb, args := words(c.Ref.Note)
	v, ok := c.desk.verbs[strings.ToLower(verb)]
	if !ok || v.Where != InRoom {
		return c.stale(), nil
	}
	c.Verb, c.Args = v.Name, args
	rep, err := c.run(ctx, v)
	rep.Replace = err == nil && rep.Card != nil
	return rep, err
}}

// Click implements Desk.
func (d *Counter) Click(ctx context.Context, k Click) (Reply, error) {
	c := &Ask{desk: d, Key: k.Key, At: k.At, Who: k.Actor, Channel: k.Channel, Message: k.Message, Language: k.Language, Action: k.Action, Chosen: k.Chosen, Ref: k.Ref}
	if c.Action == view.ActionMore { // an overflow's option is the button it stands for
		c.Action = c.Chosen
	}
	b, ok := d.buttons[c.Action]
	if !ok {
		return c.stale(), nil
	}
	if err := c.aboutRef(ctx); err != nil {
		if errors.Is(err, errNoIncident) {
			return c.stale(), nil
		}
		return Reply{}, err
	}
	if c.State.ID == "" && !slices.Contains([]string{view.ActionOpenDeclare, view.ActionDeclare}, c.Action) {
		return c.stale(), nil
	}
	return b.Run(ctx, c)
}

// Submit implements Desk.
func (d *Counter) Submit(ctx context.Context, s Submission) (Reply, error) {
	c := &Ask{desk: d, Key: s.Key, At: s.At, Who: s.Actor, Language: s.Language, Form: s.Form, Answers: s.Answers, Ref: s.Ref}
	f, ok := d.forms[s.Form]
	if !ok {
		return c.stale(), nil
	}
	if err := c.aboutRef(ctx); err != nil {
		if errors.Is(err, errNoIncident) {
			return c.stale(), nil
		}
		return Reply{}, err
	}
	if c.State.ID == "" && s.Form != view.FormDeclare {
		return c.stale(), nil
	}
	return f.Run(ctx, c)
}

func (c *Ask) aboutRef(ctx context.Context) error {
	if c.Ref.Incident == "" {
		return nil
	}
	id, err := incident.ParseID(c.Ref.Incident)
	if err != nil {
		return fmt.Errorf("%w: %w", errNoIncident, err)
	}
	return c.about(ctx, id)
}

// Home implements Desk.
func (d *Counter) Home(ctx context.Context, who incident.Person, language string) (view.Card, error) {
	open, err := d.office.List(ctx, true, 20)
	if err != nil {
		return view.Card{}, err
	}
	all, err := d.office.List(ctx, false, 20)
	if err != nil {
		return view.Card{}, err
	}
	rows := open
	for _, r := range all {
		if !r.Open && len(rows) < 30 {
			rows = append(rows, r)
		}
	}
	return view.Voice{Language: language, Command: d.command}.HomeCard(rows, who), nil
}

// zone is where times are worded that the chat cannot word in the reader's own zone.
func (d *Counter) zone() *time.Location {
	if p := d.office.Policy(); p != nil {
		if z, err := time.LoadLocation(p.Zone); err == nil {
			return z
		}
	}
	return time.UTC
}

func sortedTargets(p *incident.Policy) []string {
	var keys []string
	for k := range p.Targets {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func contains(list []string, s string) bool { return slices.Contains(list, s) }

package commands

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/view"
	"github.com/tocsin-bot/tocsin/runbooks"
)

// rfc3339 is how moments travel in the arguments of a refusal.
const rfc3339 = time.RFC3339

// Library are the runbooks in use: a runbooks.Catalogue, or what changes to another one underneath.
type Library interface {
	ByID(id, language string) (*runbooks.Runbook, bool)
	ByAlert(alert, language string) (*runbooks.Runbook, bool)
	ByService(service, language string) (*runbooks.Runbook, bool)
	Generic(language string) (*runbooks.Runbook, bool)
	IDs() []string
	All() []*runbooks.Runbook
	Search(query, language string, limit int) []runbooks.Hit
}

// Troubled is a Library that knows which files of the company's folder are not in use as they are; nil: all are.
type Troubled interface{ Trouble() error }

// Options are what a Counter needs; all are required but Command (default "/incident").
type Options struct {
	Office  Office
	Library Library
	Command string
	Now     func() time.Time
	Duties  Duties  // who is on call; nil: nothing is known of it
	Days    Days    // the announced holidays; nil: there are none, and none can be announced
	Reviews Reviews // what is to be reviewed; nil: nothing is
}

// Counter is the Desk: it looks up what was asked and runs it.
type Counter struct {
	office  Office
	library Library
	command string
	now     func() time.Time
	duties  Duties
	days    Days
	reviews Reviews
	verbs   map[string]Command // by name and alias
	names   []string
	buttons map[string]Button
	forms   map[string]Form
}

var _ Desk = (*Counter)(nil)

// New returns a desk that knows every verb, button and form of this package.
func New(o Options) *Counter {
	d := &Counter{office: o.Office, library: o.Library, command: o.Command, now: o.Now, duties: o.Duties, days: o.Days, reviews: o.Reviews, verbs: map[string]Command{}, buttons: map[string]Button{}, forms: map[string]Form{}}
	if d.command == "" {
		d.command = "/incident"
	}
	if d.duties == nil {
		d.duties = noDuties{}
	}
	if d.days == nil {
		d.days = noDays{}
	}
	if d.reviews == nil {
		d.reviews = noReviews{}
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
	rep, err := d.typed(ctx, c)
	return c.closed(rep, err)
}

// typed carries out what somebody typed.
func (d *Counter) typed(ctx context.Context, c *Ask) (Reply, error) {
	if c.Text == "" {
		return c.declareForm("", 0), nil
	}
	verb, args := words(c.Text)
	// "/incident INC-42 sev 1", said from anywhere.
	named, isNamed := incidentOf(verb)
	if isNamed {
		verb, args = words(args)
		if verb == "" {
			verb = status.Name
		}
	}
	v, ok := d.verb(c, verb, args)
	if !ok {
		return d.notAVerb(ctx, c, verb, isNamed)
	}
	if asksHelp(c.Args) {
		return c.card(c.voice().HelpVerbCard(EntryOf(v, c.Language))), nil
	}
	if v.Where == Anywhere {
		return c.run(ctx, v)
	}
	if !isNamed {
		ask, ok, err := c.here(ctx, v)
		if err != nil || ok {
			return ask, err
		}
		return c.run(ctx, v)
	}
	if err := c.about(ctx, named); err != nil {
		if errors.Is(err, errNoIncident) {
			return c.say("no-such-incident", catalog.Args{"id": catalog.Words(named)}), nil
		}
		return Reply{}, err
	}
	return c.run(ctx, v)
}

// verb finds the verb that a word is, and puts it and what follows into the ask. A severity alone ("sev1", "INC-42 p2") sets it.
func (d *Counter) verb(c *Ask, word, args string) (Command, bool) {
	c.Word, c.Args = strings.ToLower(word), args
	if m := sevWord.FindStringSubmatch(word); m != nil {
		if _, isID := incidentOf(args); args == "" || isID {
			c.Word, c.Args = sev.Name, strings.TrimSpace(m[1]+" "+args)
		}
	}
	v, ok := d.verbs[c.Word]
	if ok {
		c.Verb = v.Name
	}
	return v, ok
}

// asksHelp reports whether somebody asks what a verb does: "declare help" must not declare an incident called help.
func asksHelp(args string) bool {
	switch strings.ToLower(args) {
	case "help", "--help", "-h", "?", "aide":
		return true
	}
	return false
}

// here finds the incident that a verb is about when none is named in front: named behind it, or the one whose room the channel is. When
// that leaves it open, ok is true and the reply asks.
func (c *Ask) here(ctx context.Context, v Command) (ask Reply, ok bool, err error) {
	id, inRoom, err := c.desk.office.ByChannel(ctx, c.Channel)
	if err != nil {
		return Reply{}, false, fmt.Errorf("find the incident of this channel: %w", err)
	}
	named, rest, behind := trailingIncident(c.Args)
	if _, two := incidentOf(rest); v.Other && !two {
		behind = false
	}
	if behind && inRoom && named != id && v.Words > 0 && len(strings.Fields(rest)) >= v.Words {
		// "note same cause as INC-7", said in another incident's room: the words of a remark, or where it belongs? Both are usual, and
		// "resolve like INC-7" must not end the wrong one.
		switch err := c.about(ctx, named); {
		case errors.Is(err, errNoIncident): // another system's number, and a part of the sentence
			behind = false
		case err != nil:
			return Reply{}, false, err
		default:
			other := c.State
			if err := c.about(ctx, id); err != nil {
				return Reply{}, false, err
			}
			return c.whichOfTwo(c.State, other), true, nil
		}
	}
	switch {
	case behind:
		if err := c.about(ctx, named); err != nil {
			if errors.Is(err, errNoIncident) {
				return c.say("no-such-incident", catalog.Args{"id": catalog.Words(named)}), true, nil
			}
			return Reply{}, false, err
		}
		c.Args = rest
	case inRoom:
		return Reply{}, false, c.about(ctx, id)
	default:
		ask, err = c.which(ctx, v)
		return ask, err == nil, err
	}
	return Reply{}, false, nil
}

// run carries a verb out; words that do not fit it get its usage.
func (c *Ask) run(ctx context.Context, v Command) (Reply, error) {
	rep, err := v.Run(ctx, c)
	var u usageError
	if errors.As(err, &u) {
		example := ""
		if len(v.Examples) > 0 {
			example = plainWords(v.Examples[0].In)
		}
		why := catalog.Say(c.Language, u.why, catalog.Args{"word": catalog.Quoted(incident.Clip(u.word, 80))})
		return c.card(c.voice().UsageCard(v.Name, why, v.Usage, example)), nil
	}
	return rep, err
}

// notAVerb answers words that begin with no verb: with a severity in them they declare an incident, else nothing is done and what may
// have been meant is shown.
func (d *Counter) notAVerb(ctx context.Context, c *Ask, verb string, named bool) (Reply, error) {
	title, severity := takeSeverity(c.Text)
	if named || !severity.Valid() || !strings.Contains(title, " ") || mistyped(verb, d.names) {
		return c.unknown(verb, c.Text), nil
	}
	if sevWord.MatchString(severityWord(verb)) {
		// "sev1 nobody can pay", said in an incident's room, is as likely about this one.
		_, inRoom, err := d.office.ByChannel(ctx, c.Channel)
		if err != nil {
			return Reply{}, fmt.Errorf("find the incident of this channel: %w", err)
		}
		if inRoom {
			return c.unknown(verb, c.Text), nil
		}
	}
	return c.declare(ctx, title, severity, "", "", false)
}

// unknown says that a word is no verb, what may have been meant, and offers to declare what was typed.
func (c *Ask) unknown(verb, typed string) Reply {
	card := c.voice().UnknownVerbCard(verb, nearest(verb, c.desk.names), typed)
	if _, rest := words(typed); rest != "" {
		card.Blocks = append(card.Blocks, view.Actions{Elements: []view.Element{view.Button{
			Action: view.ActionOpenDeclare, Label: catalog.Say(c.Language, "button.declare", nil), Value: view.Ref{Note: incident.Clip(plainWords(typed), incident.MaxTitle)},
		}}})
	}
	return c.card(card)
}

// trailingIncident takes an id like "INC-42" from the end of the arguments.
func trailingIncident(args string) (incident.ID, string, bool) {
	i := strings.LastIndexFunc(args, unicode.IsSpace)
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
	if !c.maySee(ctx, s) {
		return &privateError{s.ID}
	}
	c.State = s
	return nil
}

// which asks which incident is meant: of the open ones, or of those that a verb makes sense for.
func (c *Ask) which(ctx context.Context, v Command) (Reply, error) {
	rows, err := c.list(ctx, true, 10)
	if err != nil {
		return Reply{}, err
	}
	if v.Name == reopen.Name || v.Ended && len(rows) == 0 {
		all, err := c.list(ctx, false, 50)
		if err != nil {
			return Reply{}, err
		}
		if rows = slices.DeleteFunc(all, func(r view.Row) bool { return r.Open }); len(rows) == 0 {
			return c.say("which.none.over", nil), nil
		}
	}
	card := c.voice().WhichIncidentCard(c.Text, rows)
	if v.Name == private.Name {
		card.Blocks = append(card.Blocks, view.Small{Text: catalog.Say(c.Language, "private.which", catalog.Args{"command": catalog.Words(c.desk.command)})})
	}
	if title, sev := takeSeverity(c.Text); len(rows) == 0 && sev.Valid() && strings.Contains(title, " ") {
		// "status page is down sev1" begins with a verb and is about none.
		card.Blocks = append(card.Blocks, view.Small{Text: catalog.Say(c.Language, "unknown-verb.declare", catalog.Args{
			"command": catalog.Words(c.desk.command), "words": catalog.Words(incident.Clip(c.Text, 150)),
		})})
	}
	return c.card(c.carrying(card)), nil
}

// whichOfTwo asks which of two incidents is meant: the one whose room it is, or the one that the words end in.
func (c *Ask) whichOfTwo(here, named incident.State) Reply {
	text := catalog.Say(c.Language, "which.two", catalog.Args{"here": catalog.Words(here.ID), "named": catalog.Words(named.ID)})
	card := view.Card{Summary: text, Blocks: []view.Block{view.Section{Text: text}}}
	var buttons []view.Element
	for _, s := range []incident.State{here, named} {
		buttons = append(buttons, view.Button{Action: view.ActionPick, Value: view.Ref{Incident: string(s.ID), Seq: s.Seq},
			Label: catalog.Say(c.Language, "row.short", catalog.Args{"id": catalog.Words(s.ID), "title": catalog.Words(incident.Clip(s.Title.Body, 55))})})
	}
	card.Blocks = append(card.Blocks, view.Actions{Elements: buttons})
	return c.card(c.carrying(card))
}

// maxCarried is how many bytes of what was typed a button carries; Slack takes 2000 for all of its value.
const maxCarried = 1500

// carrying gives the buttons of a question what was typed, whole, and the key it came under: pressed twice they act once. What is too
// long to be carried is not cut: then there are no buttons, and the incident is to be named.
func (c *Ask) carrying(card view.Card) view.Card {
	out := card
	out.Blocks = nil
	for _, b := range card.Blocks {
		if row, is := b.(view.Actions); is {
			var elements []view.Element
			for _, e := range row.Elements {
				if x, is := e.(view.Button); is && x.Action == view.ActionPick {
					x.Value.Note, x.Value.Subject = c.Text, c.Key
					if j, err := json.Marshal(x.Value); err != nil || len(j) > maxCarried {
						continue
					}
					e = x
				}
				elements = append(elements, e)
			}
			if len(elements) == 0 {
				continue
			}
			b = view.Actions{Elements: elements}
		}
		out.Blocks = append(out.Blocks, b)
	}
	return out
}

// pick is the answer to "which incident?": what was typed is carried out for it.
var pick = Button{view.ActionPick, func(ctx context.Context, c *Ask) (Reply, error) {
	verb, args := words(c.Ref.Note)
	v, ok := c.desk.verb(c, verb, args)
	if !ok || v.Where != InRoom {
		return c.stale(), nil
	}
	if id, rest, ok := trailingIncident(c.Args); ok && id == c.State.ID {
		c.Args = rest
	}
	if c.Ref.Subject != "" {
		c.Key = "pick/" + string(c.State.ID) + "/" + c.Ref.Subject
	}
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
		return c.closed(Reply{}, err)
	}
	if c.State.ID == "" && !slices.Contains([]string{view.ActionOpenDeclare, view.ActionDeclare, view.ActionReviewDone, view.ActionReviewChange, view.ActionReviewLater}, c.Action) {
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
		return c.closed(Reply{}, err)
	}
	if c.State.ID == "" && s.Form != view.FormDeclare && s.Form != view.FormReview {
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
	c := &Ask{desk: d, Who: who}
	open, err := c.list(ctx, true, 20)
	if err != nil {
		return view.Card{}, err
	}
	all, err := c.list(ctx, false, 20)
	if err != nil {
		return view.Card{}, err
	}
	rows := open
	for _, r := range all {
		if !r.Open && len(rows) < 30 {
			rows = append(rows, r)
		}
	}
	v := view.Voice{Language: language, Command: d.command}
	return v.WithApprovals(v.HomeCard(rows, who), d.asked(ctx, open, who)), nil
}

// zone is where times are worded that the chat cannot word in the reader's own zone.
func (d *Counter) zone() *time.Location { return d.office.Policy().Location() }

func sortedTargets(p *incident.Policy) []string {
	var keys []string
	for k := range p.Targets {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func contains(list []string, s string) bool { return slices.Contains(list, s) }

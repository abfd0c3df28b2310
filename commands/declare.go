package commands

import (
	"context"
	"strconv"
	"strings"

	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/view"
)

var declare = Command{
	Name: "declare", Aliases: []string{"new", "open", "start"}, Usage: "declare [private:] <what is wrong> [sev1|sev2|sev3|sev4]", Where: Anywhere,
	Examples: []Example{{"declare checkout is down sev1"}, {"declare private: customer data is on a paste site sev1"}, {"declare private API is slow"}, {"declare"}},
	Run: func(ctx context.Context, c *Ask) (Reply, error) {
		if strings.TrimSpace(c.Args) == "" {
			return c.declareForm("", 0), nil
		}
		private, sure, said := takePrivate(c.Args)
		title, sev := takeSeverity(said)
		if private && (!sure || title == "") { // the word may belong to what is wrong: neither is done unasked
			return c.privateForm(title, sev), nil
		}
		c.Private = private
		return c.declare(ctx, title, sev, "", "", false)
	},
}

// declare opens an incident, unless one that looks alike is open and the person did not insist.
// Key is what it is known by to the engine; empty: the ask's own.
func (c *Ask) declare(ctx context.Context, title string, sev incident.Severity, service, key string, anyway bool) (Reply, error) {
	return c.declareBy(ctx, title, sev, "", service, key, anyway)
}

// declareBy is declare with the rule that proposed the severity; a human has yet to confirm it then.
func (c *Ask) declareBy(ctx context.Context, title string, sev incident.Severity, rule, service, key string, anyway bool) (Reply, error) {
	title = incident.Clip(plainWords(title), incident.MaxTitle)
	if title == "" {
		return c.declareForm("", sev), nil
	}
	if key == "" {
		key = c.Key
	}
	if !anyway && !c.Private { // a private one is its own: whoever declares it is not asked to join another
		rows, err := c.list(ctx, true, 50)
		if err != nil {
			return Reply{}, err
		}
		for _, row := range rows {
			if alike(row.Title, title) {
				return c.card(c.insisting(c.voice().LooksAlikeCard(row, note(title, sev)), service)), nil
			}
		}
	}
	r, err := c.desk.office.Do(ctx, Wish{Key: key, At: c.At, Who: c.Who, Meaning: meaningKey(title), Anyway: anyway, Act: incident.Declare{
		Title: incident.Say(title, incident.MaxTitle), Severity: sev, Rule: rule, Service: incident.Clip(service, 100), From: c.Channel, Private: c.Private,
	}})
	if err != nil {
		return Reply{}, err
	}
	if r.Refusal != nil && r.Refusal.Code == incident.RefusedAlike && !c.maySee(ctx, r.State) && !anyway {
		// Went private in this same moment: of that nothing is said.
		return c.declareBy(ctx, title, sev, rule, service, key+"/anew", true)
	}
	if r.Refusal != nil && r.Refusal.Code == incident.RefusedAlike { // somebody declared it in this same moment
		return c.card(c.insisting(c.voice().LooksAlikeCard(rowOf(r.State), note(title, sev)), service)), nil
	}
	if r.Refusal != nil {
		return c.refused(r.Refusal), nil
	}
	if anyway {
		if id, is := c.likeness(ctx, r.State, title); is {
			return c.card(c.voice().DeclaredAnywayCard(r.State, c.Who, id)), nil
		}
	}
	return c.card(c.voice().DeclaredCard(r.State, c.Who)), nil
}

// likeness is the open incident that a new one looks like and may be merged into. That it cannot be read is no matter: the verb merge is there.
func (c *Ask) likeness(ctx context.Context, s incident.State, title string) (incident.ID, bool) {
	rows, err := c.list(ctx, true, 50)
	if err != nil || s.Private != nil {
		return "", false
	}
	for _, row := range rows {
		if row.ID != s.ID && !row.Private && alike(row.Title, title) {
			return row.ID, true
		}
	}
	return "", false
}

// insisting gives "open anyway" what the question does not show: the key it came under, so that pressed twice it opens one incident, and
// the service.
func (c *Ask) insisting(card view.Card, service string) view.Card {
	for _, b := range card.Blocks {
		row, _ := b.(view.Actions)
		for i, e := range row.Elements {
			if x, is := e.(view.Button); is && x.Action == view.ActionDeclare {
				x.Value.Subject, x.Value.Runbook = c.Key, incident.Clip(service, 100)
				row.Elements[i] = x
			}
		}
	}
	return card
}

// declareForm opens the form with what is known already.
func (c *Ask) declareForm(title string, severity incident.Severity) Reply {
	f := view.DeclareForm(c.Language, c.desk.office.Policy(), title, "")
	for i, b := range f.Blocks {
		if in, is := b.(view.Input); is && in.ID == view.InputSeverity && severity.Valid() {
			choice, _ := in.Field.(view.ChoiceField)
			choice.Chosen = strconv.Itoa(int(severity))
			in.Field = choice
			f.Blocks[i] = in
		}
	}
	return Reply{Form: &f}
}

// privateForm asks whether it is to be private: ticked to begin with, because what is open once cannot be hidden.
func (c *Ask) privateForm(title string, severity incident.Severity) Reply {
	rep := c.declareForm(title, severity)
	view.TickPrivate(rep.Form, c.Language)
	return rep
}

// note keeps what was typed in a button, so that "open anyway" opens the same.
func note(title string, sev incident.Severity) string {
	title = incident.Clip(title, incident.MaxTitle)
	if sev.Valid() {
		return title + " " + strings.ToLower(strings.ReplaceAll(sev.String(), "-", ""))
	}
	return title
}

var openDeclare = Button{view.ActionOpenDeclare, func(_ context.Context, c *Ask) (Reply, error) {
	title, sev := takeSeverity(c.Ref.Note)
	return c.declareForm(title, sev), nil
}}

var declareAnyway = Button{view.ActionDeclare, func(ctx context.Context, c *Ask) (Reply, error) {
	title, sev := takeSeverity(c.Ref.Note)
	if title == "" {
		return c.stale(), nil
	}
	key := ""
	if c.Ref.Subject != "" {
		key = "anyway/" + c.Ref.Subject
	}
	r, err := c.declare(ctx, title, sev, c.Ref.Runbook, key, true)
	r.Replace = err == nil && r.Card != nil
	return r, err
}}

var declareForm = Form{view.FormDeclare, func(ctx context.Context, c *Ask) (Reply, error) {
	title := strings.TrimSpace(c.Answers[view.InputTitle])
	if title == "" {
		return c.fault(view.InputTitle, "title"), nil
	}
	sev, _ := severityOf(c.Answers[view.InputSeverity])
	if sev == 0 { // said in the title, as behind the command
		if rest, said := takeSeverity(title); rest != "" {
			title, sev = rest, said
		}
	}
	c.Private = c.Answers[view.InputPrivate] == view.Yes
	rule := ""
	if sev == 0 {
		im, rep, ok := c.impression()
		if !ok {
			return rep, nil
		}
		sev, rule = c.desk.office.Policy().Propose(im)
	}
	return c.declareBy(ctx, title, sev, rule, c.Answers[view.InputService], "", false)
}}

var join = Button{view.ActionJoin, func(ctx context.Context, c *Ask) (Reply, error) {
	r, err := c.do(ctx, incident.Join{})
	if err != nil {
		return Reply{}, err
	}
	if r.Refusal != nil {
		return c.refused(r.Refusal), nil
	}
	rep := c.card(c.voice().JoinedCard(rowOf(r.State)))
	rep.Replace = true
	return rep, nil
}}

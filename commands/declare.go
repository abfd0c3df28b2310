package commands

import (
	"context"
	"strings"

	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/view"
)

var declare = Command{
	Name: "declare", Aliases: []string{"new", "open", "start"}, Usage: "declare <what is wrong> [sev1|sev2|sev3|sev4]", Where: Anywhere,
	Examples: []Example{{"declare checkout is down sev1"}, {"declare"}},
	Run: func(ctx context.Context, c *Ask) (Reply, error) {
		if strings.TrimSpace(c.Args) == "" {
			return c.declareForm(""), nil
		}
		title, sev := takeSeverity(c.Args)
		return c.declare(ctx, title, sev, "", false)
	},
}

// declare opens an incident, unless one that looks alike is open and the person did not insist.
func (c *Ask) declare(ctx context.Context, title string, sev incident.Severity, service string, anyway bool) (Reply, error) {
	title = strings.TrimSpace(title)
	if title == "" {
		return c.declareForm(""), nil
	}
	if !anyway {
		rows, err := c.desk.office.List(ctx, true, 50)
		if err != nil {
			return Reply{}, err
		}
		for _, row := range rows {
			if alike(row.Title, title) {
				return c.card(c.voice().LooksAlikeCard(row, note(title, sev))), nil
			}
		}
	}
	r, err := c.desk.office.Do(ctx, Wish{Key: c.Key, At: c.At, Who: c.Who, Act: incident.Declare{
		Title: incident.Say(title, incident.MaxTitle), Severity: sev, Service: incident.Clip(service, 100), From: c.Channel,
	}})
	if err != nil {
		return Reply{}, err
	}
	if r.Refusal != nil {
		return c.refused(r.Refusal), nil
	}
	return c.card(c.voice().DeclaredCard(r.State, c.Who)), nil
}

func (c *Ask) declareForm(title string) Reply {
	p := c.desk.office.Policy()
	f := view.DeclareForm(c.Language, p, title, "")
	return Reply{Form: &f}
}

// note keeps what was typed in a button, so that "open anyway" opens the same.
func note(title string, sev incident.Severity) string {
	title = incident.Clip(title, incident.MaxTitle)
	if sev.Valid() {
		return title + " " + strings.ToLower(strings.ReplaceAll(sev.String(), "-", ""))
	}
	return title
}

var openDeclare = Button{view.ActionOpenDeclare, func(_ context.Context, c *Ask) (Reply, error) { return c.declareForm(c.Ref.Note), nil }}

var declareAnyway = Button{view.ActionDeclare, func(ctx context.Context, c *Ask) (Reply, error) {
	title, sev := takeSeverity(c.Ref.Note)
	r, err := c.declare(ctx, title, sev, "", true)
	r.Replace = err == nil && r.Card != nil
	return r, err
}}

var declareForm = Form{view.FormDeclare, func(ctx context.Context, c *Ask) (Reply, error) {
	title := strings.TrimSpace(c.Answers[view.InputTitle])
	if title == "" {
		return c.fault(view.InputTitle, "title"), nil
	}
	sev, _ := severityOf(c.Answers[view.InputSeverity])
	return c.declare(ctx, title, sev, c.Answers[view.InputService], false)
}}

var join = Button{view.ActionJoin, func(ctx context.Context, c *Ask) (Reply, error) {
	r, err := c.do(ctx, incident.Join{})
	if err != nil {
		return Reply{}, err
	}
	rep := c.card(c.voice().JoinedCard(rowOf(r.State)))
	rep.Replace = true
	return rep, nil
}}

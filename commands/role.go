package commands

import (
	"context"
	"strings"

	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/view"
)

var lead = Command{
	Name: "lead", Aliases: []string{"ic", "commander", "captain"}, Usage: "lead [@person|none]", Where: InRoom,
	Examples: []Example{{"lead"}, {"lead <@U0TECH|tech>"}},
	Run: func(ctx context.Context, c *Ask) (Reply, error) {
		who := c.Who
		switch {
		case isNobody(c.Args):
			return c.tell(ctx, incident.SetRole{Role: incident.Commander})
		case c.Args != "" && !isMe(c.Args):
			p, ok := personOf(c.Args)
			if !ok {
				return usage("usage.person", c.Args)
			}
			who = c.desk.office.Person(ctx, p)
		}
		return c.tell(ctx, incident.SetRole{Role: incident.Commander, Who: who})
	},
}

var role = Command{
	Name: "role", Aliases: []string{"roles", "assign"}, Usage: "role <commander|comms|scribe> [@person|none]", Where: InRoom,
	Examples: []Example{{"role comms"}, {"role scribe <@U0TECH|tech>"}, {"role"}},
	Run: func(ctx context.Context, c *Ask) (Reply, error) {
		if c.Args == "" {
			return c.roleForm("")
		}
		name, rest := words(c.Args)
		r, ok := roleOf(name)
		if !ok { // "role @lea comms" and "assign me comms" are what some are used to
			if _, is := personOf(name); is || isMe(name) {
				if r, ok = roleOf(rest); ok {
					rest = name
				} else {
					name = rest
				}
			}
		}
		if !ok {
			return usage("usage.role", name)
		}
		switch {
		case rest == "" || isMe(rest):
			return c.tell(ctx, incident.SetRole{Role: r, Who: c.Who})
		case isNobody(rest):
			return c.tell(ctx, incident.SetRole{Role: r})
		}
		p, ok := personOf(rest)
		if !ok {
			return usage("usage.person", rest)
		}
		return c.tell(ctx, incident.SetRole{Role: r, Who: c.desk.office.Person(ctx, p)})
	},
}

func isMe(s string) bool {
	return strings.EqualFold(s, "me") || strings.EqualFold(s, "@me") || strings.EqualFold(s, "moi")
}

func isNobody(s string) bool {
	return strings.EqualFold(s, "none") || strings.EqualFold(s, "nobody") || strings.EqualFold(s, "personne")
}

// roleOf reads a role as people call it.
func roleOf(s string) (incident.Role, bool) {
	switch strings.ToLower(s) {
	case "commander", "ic", "lead", "captain", "incident-commander":
		return incident.Commander, true
	case "comms", "communications", "comm", "communication":
		return incident.Comms, true
	case "scribe", "secretary", "greffier":
		return incident.Scribe, true
	}
	return "", false
}

var takeRole = Button{view.ActionTakeRole, func(ctx context.Context, c *Ask) (Reply, error) {
	r, ok := roleOf(c.Ref.Subject)
	if !ok {
		return c.stale(), nil
	}
	if h, held := c.State.Roles[r]; held && !h.Who.Same(c.Who) && c.State.Open() {
		// The button is drawn where a role is free: somebody was quicker. Taking it over is done by name, not by a stale button.
		return c.refused(&incident.Refusal{Code: incident.RefusedHolds, By: h.Who, Args: []string{string(r)}}), nil
	}
	return c.tell(ctx, incident.SetRole{Role: r, Who: c.Who})
}}

// roleForm asks who holds a role.
func (c *Ask) roleForm(r incident.Role) (Reply, error) {
	return c.form(func(src view.Source) view.Form { return view.RoleForm(src, r) })
}

var openRole = Button{view.ActionOpenRole, func(_ context.Context, c *Ask) (Reply, error) { return c.roleForm(incident.Role(c.Ref.Subject)) }}

var roleForm = Form{view.FormRole, func(ctx context.Context, c *Ask) (Reply, error) {
	r, ok := roleOf(c.Answers[view.InputRole])
	if !ok {
		return c.fault(view.InputRole, "role"), nil
	}
	who := incident.Person{}
	if id := c.Answers[view.InputPerson]; id != "" {
		who = c.desk.office.Person(ctx, incident.Person{Slack: id})
	}
	return c.submitted(ctx, view.InputRole, incident.SetRole{Role: r, Who: who})
}}

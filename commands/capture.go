package commands

import (
	"context"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/view"
)

var impact = Command{
	Name: "impact", Usage: "impact [tenants=n kyc=n … customers=yes|no regulators=yes|no]", Where: InRoom, Words: 1, Ended: true,
	Examples: []Example{{"impact tenants=12 kyc=340 tcr=5 customers=yes regulators=no"}, {"impact"}},
	Run: func(ctx context.Context, c *Ask) (Reply, error) {
		if c.Args == "" {
			return c.headline()
		}
		var a incident.RecordImpact
		for _, w := range strings.Fields(c.Args) {
			name, value, ok := strings.Cut(strings.ToLower(strings.Trim(w, ",;")), "=")
			if !ok || name == "" || value == "" {
				return usage("usage.impact", w)
			}
			if name == "customers" || name == "regulators" {
				t, is := answerOf(value)
				if !is || t == incident.AnswerUnknown {
					return usage("usage.impact", w)
				}
				if name == "customers" {
					a.Customers = incident.Touched(t)
				} else {
					a.Regulators = incident.Touched(t)
				}
				continue
			}
			n, err := strconv.ParseInt(value, 10, 64)
			if err != nil {
				if !contains(incident.Figures, name) { // the core's refusal names those there are
					n = 0
				} else {
					return usage("usage.impact", w)
				}
			}
			a.Figures = append(a.Figures, incident.Figure{Name: name, Value: n})
		}
		return c.tell(ctx, a)
	},
}

var captureVerb = Command{
	Name: "capture", Usage: "capture [override why]", Where: InRoom, Words: 2, Ended: true,
	Examples: []Example{{"capture"}},
	Run: func(ctx context.Context, c *Ask) (Reply, error) {
		if c.Args == "" {
			return c.form(view.CaptureForm, ended)
		}
		verb, why := words(c.Args)
		if !strings.EqualFold(verb, "override") {
			return usage("usage.capture", verb)
		}
		return c.tell(ctx, incident.OverrideLock{Reason: say(why, incident.MaxReason)})
	},
}

var openCapture = Button{view.ActionOpenCapture, func(_ context.Context, c *Ask) (Reply, error) { return c.form(view.CaptureForm, ended) }}

var captureForm = Form{view.FormCapture, func(ctx context.Context, c *Ask) (Reply, error) {
	text := func(id string) incident.Text { return incident.Say(c.Answers[id], incident.MaxFinding) }
	a := incident.CaptureFirst{Requests: text(view.InputRequests), Traces: text(view.InputTraces), Tenants: text(view.InputAffected), Organisations: text(view.InputOrganisations)}
	if w := strings.TrimSpace(c.Answers[view.InputWindow]); w != "" {
		var ok bool
		if a.From, a.To, ok = c.window(w); !ok {
			return c.fault(view.InputWindow, "window"), nil
		}
	}
	for l := range strings.SplitSeq(c.Answers[view.InputFreeze], "\n") {
		if t := incident.Say(l, incident.MaxReason); t.Body != "" {
			a.Freezes = append(a.Freezes, t)
		}
	}
	return c.submitted(ctx, view.InputRequests, a)
}}

var windowForm = regexp.MustCompile(`^(?:([0-9]{4}-[0-9]{2}-[0-9]{2}) )?([0-9]{1,2}[0-9:hH]{1,3}) ?[-–] ?(?:([0-9]{4}-[0-9]{2}-[0-9]{2}) )?([0-9]{1,2}[0-9:hH]{1,3})$`)

// window reads "03:02-03:40", "3h02-3h40" or the same with days, in the zone of the incident's policy. Without a day it is the last time the clock
// showed the end, and the beginning before it.
func (c *Ask) window(s string) (from, to time.Time, ok bool) {
	m := windowForm.FindStringSubmatch(s)
	if m == nil {
		return from, to, false
	}
	zone, now := c.zone(), c.desk.now()
	today := now.In(zone).Format(time.DateOnly)
	read := func(day, clock string) (time.Time, bool) {
		if day == "" {
			day = today
		}
		t, err := time.ParseInLocation(time.DateOnly, day, zone)
		h, m, is := clockOf(clock)
		return onDay(t, 0, h, m), err == nil && is
	}
	end := m[3]
	if end == "" {
		end = m[1]
	}
	to, ok = read(end, m[4])
	if !ok {
		return from, to, false
	}
	if end == "" && to.After(now) {
		to = to.AddDate(0, 0, -1)
	}
	if m[1] == "" {
		m[1] = to.In(zone).Format(time.DateOnly)
		if from, ok = read(m[1], m[2]); ok && from.After(to) {
			from = from.AddDate(0, 0, -1)
		}
	} else {
		from, ok = read(m[1], m[2])
	}
	return from, to, ok && from.Before(to) && !to.After(now)
}

var freeze = Command{
	Name: "freeze", Aliases: []string{"hold"}, Usage: "freeze [operation|lift n]", Where: InRoom, Words: 1, Ended: true,
	Examples: []Example{{"freeze user invitations and provisioning"}, {"freeze"}},
	Run: func(ctx context.Context, c *Ask) (Reply, error) {
		verb, rest := words(c.Args)
		switch strings.ToLower(verb) {
		case "", "list":
			return c.card(view.FreezesCard(c.source())), nil
		case "lift", "unfreeze":
			n, err := strconv.Atoi(strings.TrimPrefix(rest, "#"))
			if err != nil {
				return usage("usage.freeze", rest)
			}
			return c.tell(ctx, incident.LiftFreeze{N: n})
		}
		return c.tell(ctx, incident.FreezeOperation{Text: say(c.Args, incident.MaxReason)})
	},
}

// cadence reads "every 2h" behind update; is tells whether that was meant.
func (c *Ask) cadence(ctx context.Context) (rep Reply, is bool, err error) {
	verb, rest := words(c.Args)
	if !strings.EqualFold(verb, "every") || rest == "" || strings.Contains(rest, " ") {
		return Reply{}, false, nil
	}
	d, err := time.ParseDuration(strings.ToLower(strings.Replace(rest, "min", "m", 1)))
	if err != nil {
		rep, err = usage("usage.cadence", rest)
		return rep, true, err
	}
	rep, err = c.tell(ctx, incident.SetCadence{Every: d})
	return rep, true, err
}

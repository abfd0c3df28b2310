package commands

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/view"
)

var sev = Command{
	Name: "sev", Aliases: []string{"severity"}, Usage: "sev <1|2|3|4|why> [reason]", Where: InRoom, Words: 2,
	Examples: []Example{{"sev 1 checkout is down for everybody"}, {"sev"}, {"sev why the queue is full, too"}},
	Run: func(ctx context.Context, c *Ask) (Reply, error) {
		if c.Args == "" {
			return c.guide()
		}
		first, reason := words(c.Args)
		if w := strings.ToLower(strings.Trim(first, ":?")); w == "why" || w == "pourquoi" || w == "motif" {
			if reason == "" {
				return c.form(view.WhyForm, ended)
			}
			return c.tell(ctx, incident.GiveReason{Reason: say(reason, incident.MaxReason)})
		}
		s, ok := severityOf(first)
		if !ok {
			return usage("usage.severity", first)
		}
		return c.severity(ctx, incident.SetSeverity{Severity: s, Reason: say(reason, incident.MaxReason)})
	},
}

// severity sets it. Who raises it without a reason is heard at once, and asked for it in the answer; who lowers it without one is shown the
// command and the form.
func (c *Ask) severity(ctx context.Context, a incident.SetSeverity) (Reply, error) {
	r, err := c.do(ctx, a)
	switch {
	case err != nil:
		return Reply{}, err
	case r.Refusal != nil:
		rep := c.refused(r.Refusal)
		if r.Refusal.Code == incident.RefusedReasonLower {
			card := view.OfferSeverity(c.source(), *rep.Card)
			rep.Card = &card
		}
		return rep, nil
	}
	rep := c.recorded(ctx, r)
	if asked := slices.ContainsFunc(r.Events, func(e incident.Event) bool { f, is := e.Fact.(*incident.SeveritySet); return is && f.Asks }); asked && rep.Card != nil {
		c.State = r.State
		card := view.AskWhy(c.source(), *rep.Card)
		rep.Card = &card
	}
	return rep, nil
}

var openWhy = Button{view.ActionOpenWhy, func(_ context.Context, c *Ask) (Reply, error) {
	if c.State.ReasonOwed == nil {
		return c.refused(&incident.Refusal{Code: incident.RefusedReasonGiven}), nil
	}
	return c.form(view.WhyForm, ended)
}}

var whyForm = Form{view.FormWhy, func(ctx context.Context, c *Ask) (Reply, error) {
	return c.submitted(ctx, view.InputReason, incident.GiveReason{Reason: incident.Say(c.Answers[view.InputReason], incident.MaxReason)})
}}

var confirmSev = Button{view.ActionConfirmSev, func(ctx context.Context, c *Ask) (Reply, error) {
	s, ok := severityOf(c.Ref.Subject)
	if !ok {
		return c.stale(), nil
	}
	// The button confirms what it showed: when the severity has moved since, it must not be set back.
	if s != c.State.Severity {
		return c.stale(), nil
	}
	return c.tell(ctx, incident.SetSeverity{Severity: s})
}}

var openSev = Button{view.ActionOpenSev, func(_ context.Context, c *Ask) (Reply, error) { return c.guide() }}

var severityForm = Form{view.FormSeverity, func(ctx context.Context, c *Ask) (Reply, error) {
	s, ok := severityOf(c.Answers[view.InputSeverity])
	if !ok {
		return c.fault(view.InputSeverity, "severity"), nil
	}
	set := incident.SetSeverity{Severity: s, Reason: incident.Say(c.Answers[view.InputReason], incident.MaxReason)}
	// Confirmed as the guide proposed it, its rule is what decided; chosen otherwise, the person did.
	if rule := c.Ref.Note; strings.HasPrefix(rule, incident.RuleGuide) && c.Ref.Subject == strconv.Itoa(int(s)) {
		set.Rule = rule
	}
	input := view.InputSeverity
	if set.Reason.Body == "" && c.State.Severity.Worse(s) { // what is missing is the reason
		input = view.InputReason
	}
	return c.submitted(ctx, input, set)
}}

// guide opens the severity guide, or the plain choice where the policy has none.
func (c *Ask) guide() (Reply, error) {
	if p := c.State.Policy; p != nil && len(p.Guide) > 0 {
		return c.form(view.GuideForm)
	}
	return c.form(view.SeverityForm)
}

var guideForm = Form{view.FormGuide, func(_ context.Context, c *Ask) (Reply, error) {
	im, rep, ok := c.impression()
	if !ok {
		return rep, nil
	}
	if rep, over := c.over(); over {
		return rep, nil
	}
	if im.Empty() { // nothing to go by: the plain choice
		return c.form(view.SeverityForm)
	}
	sev, rule := c.State.Policy.Propose(im)
	if !sev.Valid() {
		return c.form(view.SeverityForm)
	}
	f := view.ProposedForm(c.source(), sev, rule)
	f.Ref.Subject = strconv.Itoa(int(sev))
	return Reply{Form: &f}, nil
}}

// impression reads the guide's questions; ok is false when an answer is wrong, and the reply says which.
func (c *Ask) impression() (im incident.Impression, rep Reply, ok bool) {
	for _, q := range []struct {
		input string
		max   float64
		to    *float64
	}{{view.InputTenants, 100, &im.Tenants}, {view.InputSLO, 100000, &im.SLO}} {
		s := strings.TrimSpace(c.Answers[q.input])
		if s == "" {
			continue
		}
		f, err := incident.ParseFigure(s, q.max)
		if err != nil {
			return im, c.fault(q.input, "figure"), false
		}
		*q.to = f
	}
	for _, f := range strings.Split(c.Answers[view.InputFacts], ",") {
		switch f {
		case view.GuideDataLoss:
			im.DataLoss = true
		case view.GuideBreach:
			im.Breach = true
		case view.GuideCritical:
			im.Critical = true
		case view.GuideDegraded:
			im.Degraded = true
		case view.GuideWorkaround:
			im.Workaround = true
		}
	}
	return im, Reply{}, true
}

package commands

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/view"
)

var stepsVerb = Command{
	Name: "steps", Usage: "steps [RB-n]", Where: InRoom, Ended: true,
	Examples: []Example{{"steps"}, {"steps RB-001"}},
	Run: func(_ context.Context, c *Ask) (Reply, error) {
		if len(c.State.Runbooks) == 0 {
			return c.card(view.StepsCard(c.source(), "", 1)), nil
		}
		run, rest, ok := c.runOf(c.Args)
		if !ok || rest != "" {
			return usage("usage.step.runbook", c.Args)
		}
		return c.card(view.StepsCard(c.source(), run.Ref.ID, 1)), nil
	},
}

// stepListButton shows all steps to who pressed it.
var stepListButton = Button{view.ActionStepList, func(_ context.Context, c *Ask) (Reply, error) {
	if _, ok := c.State.Runbook(c.Ref.Runbook); !ok {
		return c.stale(), nil
	}
	return c.card(view.StepsCard(c.source(), c.Ref.Runbook, c.cardNumber())), nil
}}

// stepOpen is the choice of a step from the list.
var stepOpen = Button{view.ActionStepOpen, func(ctx context.Context, c *Ask) (Reply, error) {
	return c.openChosen(ctx, incident.OpenStep{Runbook: c.Ref.Runbook, Step: c.Chosen, Card: c.cardNumber()}, "steps.opened")
}}

// stepAgain is the choice of a step that was marked, to be done once more.
var stepAgain = Button{view.ActionStepAgain, func(ctx context.Context, c *Ask) (Reply, error) {
	if c.Chosen != "" {
		return c.openChosen(ctx, incident.AgainStep{Runbook: c.Ref.Runbook, Step: c.Chosen, Card: c.cardNumber()}, "steps.reopened")
	}
	// The button of the step's own card, which is redrawn and must not be replaced by the answer.
	c.Chosen = c.Ref.Subject
	rep, err := c.openChosen(ctx, incident.AgainStep{Runbook: c.Ref.Runbook, Step: c.Chosen, Card: c.cardNumber()}, "steps.reopened")
	rep.Replace = false
	return rep, err
}}

// openChosen puts the step that was chosen on a card, and says where.
func (c *Ask) openChosen(ctx context.Context, a incident.Act, key string) (Reply, error) {
	r, err := c.do(ctx, a)
	if err != nil {
		return Reply{}, err
	}
	if r.Refusal != nil {
		return c.refused(r.Refusal), nil
	}
	run, ok := r.State.Runbook(c.Ref.Runbook)
	if !ok {
		return c.stale(), nil
	}
	rule, _ := run.Ref.Rule(c.Chosen)
	rep := c.say(key, catalog.Args{"runbook": catalog.Words(run.Ref.ID), "n": catalog.Int(slices.Index(run.Ref.Steps, c.Chosen) + 1), "name": catalog.Words(incident.Clip(rule.Title, 150)),
		"room": catalog.Room{ID: r.State.ChannelID, Name: r.State.ChannelName}})
	rep.Replace = true
	return rep, nil
}

// cardNumber is the number of the runbook's card that a button carries.
func (c *Ask) cardNumber() int {
	n, err := strconv.Atoi(c.Ref.Note)
	if err != nil || n < 1 || n > 100 {
		return 1
	}
	return n
}

// what can be typed about a step, with the words for it.
var stepWords = map[string]string{
	"done": "done", "do": "done", "fait": "done", "found": "found", "finding": "found", "note": "found", "constat": "found", "skip": "skip", "passer": "skip",
	"block": "block", "blocked": "block", "unblock": "unblock", "unblocked": "unblock", "help": "help", "helpme": "help", "take": "take", "ask": "ask", "ring": "ring",
	"sent": "sent", "envoyé": "sent", "envoye": "sent", "approve": "approve", "approuver": "approve", "confirm": "confirm", "return": "return", "open": "open", "go": "open", "show": "open",
	"again": "again", "redo": "again", "retry": "again", "refaire": "again",
}

var stepVerb = Command{
	Name: "step", Usage: "step <done|sent|found|skip|block|unblock|helpme|take|ask|approve|confirm|open|again> [RB-n] [n] …", Where: InRoom, Words: 2, Ended: true,
	Examples: []Example{{"step done RB-001 1 kyc-svc is slow, the others are not"}, {"step block 2 the dashboards do not answer"}, {"step unblock"}, {"step open 3"}, {"step helpme"}, {"step"}},
	Run: func(ctx context.Context, c *Ask) (Reply, error) {
		if c.Args == "" {
			return stepsVerb.Run(ctx, c)
		}
		what, rest := words(c.Args)
		verb, ok := stepWords[strings.ToLower(what)]
		if !ok { // "step 3", "step RB-004 3"
			verb, rest = "open", c.Args
		}
		run, rest, ok := c.runOf(rest)
		switch {
		case len(c.State.Runbooks) == 0:
			return c.card(view.StepsCard(c.source(), "", 1)), nil
		case !ok:
			return usage("usage.step.runbook", rest)
		}
		id, rest := stepNamed(run, rest, verb)
		if id == "" {
			return usage("usage.step", incident.Clip(c.Args, 60))
		}
		return c.stepTyped(ctx, verb, run, id, rest)
	},
}

// runOf reads which runbook in use is meant from the beginning of a line; none named, the only one, or the only one that has a step open.
func (c *Ask) runOf(line string) (run incident.RunbookRun, rest string, ok bool) {
	first, after := words(line)
	for _, r := range c.State.Runbooks {
		if strings.EqualFold(first, r.Ref.ID) {
			return r, after, true
		}
	}
	if m := runbookN.FindStringSubmatch(strings.ToUpper(first)); m != nil && !isNumber(first) {
		n, _ := strconv.Atoi(m[1])
		run, ok = c.State.Runbook("RB-" + leftPad(n))
		return run, after, ok
	}
	open := slices.DeleteFunc(slices.Clone(c.State.Runbooks), func(r incident.RunbookRun) bool { return len(r.OpenSteps()) == 0 })
	switch {
	case len(c.State.Runbooks) == 1:
		return c.State.Runbooks[0], line, true
	case len(open) == 1:
		return open[0], line, true
	}
	return incident.RunbookRun{}, line, false
}

func isNumber(s string) bool { _, err := strconv.Atoi(s); return err == nil }

// stepNamed reads which step is meant: by number or id, else the one that what is said can be about. Nobody's step is guessed where there
// are two.
func stepNamed(run incident.RunbookRun, line, verb string) (id, rest string) {
	first, after := words(line)
	if n, err := strconv.Atoi(first); err == nil && n >= 1 && n <= len(run.Ref.Steps) {
		return run.Ref.Steps[n-1], after
	}
	if slices.Contains(run.Ref.Steps, first) {
		return first, after
	}
	var fits []string
	for _, s := range run.Ref.Steps {
		w := run.Worked(s)
		_, marked := run.Steps[s]
		rule, _ := run.Ref.Rule(s)
		is := false
		switch verb {
		case "unblock":
			is = !w.Blocked.Since.IsZero()
		case "confirm", "return":
			is = !w.Awaits.At.IsZero() || rule.FourEyes && (verb == "return" || w.Seconded.At.IsZero()) && run.CardOf(s) > 0
		case "approve", "ask", "ring":
			is = rule.Approval != "" && w.Approved.At.IsZero() && (verb == "approve" && !w.Asked.At.IsZero() || run.CardOf(s) > 0) ||
				verb == "ask" && rule.FourEyes && w.Seconded.At.IsZero() && run.CardOf(s) > 0
		case "sent":
			is = len(run.Untold(s)) > 0 && run.CardOf(s) > 0
		case "open":
		default:
			is = run.CardOf(s) > 0
		}
		if verb == "again" {
			is = marked
		}
		if is && (!marked || verb == "again") {
			fits = append(fits, s)
		}
	}
	if len(fits) != 1 {
		return "", line
	}
	return fits[0], line
}

// stepTyped carries out what was typed about a step.
func (c *Ask) stepTyped(ctx context.Context, verb string, run incident.RunbookRun, id, rest string) (Reply, error) {
	c.Ref.Runbook, c.Ref.Subject = run.Ref.ID, id
	r, s := run.Ref.ID, id
	switch verb {
	case "done":
		return c.tell(ctx, incident.MarkStep{Runbook: r, Step: s, Mark: incident.StepDone, Text: say(rest, incident.MaxFinding), Kind: c.kindOf(ctx)})
	case "sent":
		return c.tell(ctx, incident.SentStep{Runbook: r, Step: s, To: say(rest, incident.MaxSentTo), Done: true})
	case "skip":
		return c.tell(ctx, incident.MarkStep{Runbook: r, Step: s, Mark: incident.StepSkipped, Text: say(rest, incident.MaxReason)})
	case "found":
		return c.tell(ctx, incident.FindStep{Runbook: r, Step: s, Text: say(rest, incident.MaxFinding)})
	case "block":
		return c.tell(ctx, incident.BlockStep{Runbook: r, Step: s, On: say(rest, incident.MaxReason)})
	case "unblock":
		return c.tell(ctx, incident.UnblockStep{Runbook: r, Step: s})
	case "help":
		return c.tell(ctx, incident.HelpStep{Runbook: r, Step: s})
	case "take":
		return c.tell(ctx, incident.TakeStep{Runbook: r, Step: s, From: run.Worked(s).By.Key()})
	case "ask":
		return c.tell(ctx, incident.AskApproval{Runbook: r, Step: s})
	case "ring":
		return c.tell(ctx, incident.RingApprover{Runbook: r, Step: s})
	case "approve":
		return c.tell(ctx, incident.ApproveStep{Runbook: r, Step: s, Reason: say(rest, incident.MaxReason)})
	case "again":
		return c.tell(ctx, incident.AgainStep{Runbook: r, Step: s})
	case "confirm":
		return c.second(ctx)
	case "return":
		return c.tell(ctx, incident.ReturnStep{Runbook: r, Step: s, Reason: say(rest, incident.MaxReason)})
	}
	return c.tell(ctx, incident.OpenStep{Runbook: r, Step: s})
}

// maxAsked is how many of somebody's open incidents are looked through for what waits for their approval.
const maxAsked = 20

// asked are the steps of open incidents that wait for somebody's approval. What cannot be read now is left out: they have a message, too.
func (d *Counter) asked(ctx context.Context, open []view.Row, who incident.Person) []view.Asked {
	var out []view.Asked
	for i, row := range open {
		if i == maxAsked {
			break
		}
		s, err := d.office.State(ctx, row.ID)
		if err != nil {
			continue
		}
		for _, run := range s.Runbooks {
			for _, w := range run.Work {
				_, marked := run.Steps[w.Step]
				if !marked && !w.Asked.At.IsZero() && w.Approved.At.IsZero() && slices.ContainsFunc(w.Asked.Who, who.Same) {
					out = append(out, view.Asked{State: s, Runbook: run.Ref.ID, Step: w.Step})
				}
			}
		}
	}
	return out
}

package view

import (
	"strconv"
	"strings"
	"time"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// RefusalCard words a no: what did not happen, why, and what to do. policy (may be nil) has the titles of targets and levels.
func (v Voice) RefusalCard(r *incident.Refusal, policy *incident.Policy) Card {
	return one(v.RefusalText(r, policy))
}

// RefusalText is RefusalCard as words, for a form's field.
func (v Voice) RefusalText(r *incident.Refusal, policy *incident.Policy) catalog.Text {
	s := v.said()
	arg := func(i int) string {
		if i < len(r.Args) {
			return clip(r.Args[i], 100)
		}
		return ""
	}
	target := func(key string) string { return clip(policy.TargetTitle(key, s.lang), 60) }
	args := catalog.Args{"command": v.command(), "by": who(r.By), "code": catalog.Words(r.Code)}
	key := "refused." + r.Code
	switch r.Code {
	case incident.RefusedOver:
		args["status"] = term("status.", arg(0))
	case incident.RefusedAlike:
		args["id"] = catalog.Words(arg(0))
	case incident.RefusedPrivate:
		args["at"] = moment(arg(0))
	case incident.RefusedAcknowledged:
		args["at"] = moment(arg(0))
		key = byWhom(key, r)
	case incident.RefusedNoPark:
		args["sev"] = catalog.Words(arg(0))
	case incident.RefusedParkTime:
		args["at"], args["d"] = instant(arg(0)), catalog.Duration(incident.MaxPark)
	case incident.RefusedHolds, incident.RefusedVacant:
		args["role"] = term("role.", arg(0))
	case incident.RefusedSameSeverity, incident.RefusedBadSeverity, incident.RefusedReasonLower:
		args["sev"] = catalog.Words(arg(0))
	case incident.RefusedStatusBack:
		args["now"], args["wanted"] = term("status.", arg(0)), term("status.", arg(1))
	case incident.RefusedTooShort:
		args["n"] = catalog.Int(incident.MinProgress)
	case incident.RefusedEmpty, incident.RefusedReasonNeeded:
		args["what"] = term("refused.what.", arg(0))
	case incident.RefusedNoMoreTime:
		args["level"] = catalog.Words(levelName(policy, arg(0)))
	case incident.RefusedUnknownTarget:
		args["target"] = catalog.Literal(arg(0))
		var known catalog.List
		for i, k := range r.Args {
			if i > 0 && i <= 20 {
				known = append(known, catalog.Literal(clip(k, 40)))
			}
		}
		args["known"] = known
	case incident.RefusedMergeCircle, incident.RefusedNoIncident:
		args["id"] = catalog.Words(arg(0))
	case incident.RefusedMergeOver:
		args["id"], args["status"] = catalog.Words(arg(0)), term("status.", arg(1))
	case incident.RefusedNoGroup:
		args["name"] = catalog.Literal(arg(0))
		var known catalog.List
		for i, k := range r.Args {
			if i > 0 && i <= 20 {
				known = append(known, catalog.Literal(clip(k, 40)))
			}
		}
		if args["known"] = known; len(known) == 0 {
			key += ".bare"
		}
	case incident.RefusedPageTwice:
		args["target"] = catalog.Words(target(arg(0)))
	case incident.RefusedRunbookTwice, incident.RefusedNoRunbook:
		args["runbook"] = catalog.Words(arg(0))
	case incident.RefusedNoStep:
		args["runbook"], args["step"] = catalog.Words(arg(0)), catalog.Words(arg(1))
	case incident.RefusedStepMarked:
		args["mark"], args["at"] = term("refused.mark.", arg(0)), moment(arg(1))
		key = byWhom(key, r)
	}
	key = refusedObligation(r, args, key)
	key = v.refusedStep(r, policy, args, key)
	switch {
	case strings.HasPrefix(r.Code, "cover-"):
		coverArgs(args, r.Code, arg)
	case strings.HasPrefix(r.Code, "holiday-"):
		key = v.holidayArgs(args, r, key)
	case strings.HasPrefix(r.Code, "review-"):
		key = v.reviewArgs(args, r, policy, key)
	}
	if !catalog.Has(key) {
		key = "refused.unknown"
	}
	return s.say(key, args)
}

// coverArgs are the arguments of the refusals of house, which this package does not know: people come as names, numbers without prefix.
func coverArgs(args catalog.Args, code string, arg func(int) string) {
	switch code {
	case "cover-self":
		args["who"] = catalog.Words(arg(0))
	case "cover-past":
		args["at"] = instant(arg(0))
	case "cover-backwards":
		args["from"], args["to"] = instant(arg(0)), instant(arg(1))
	case "cover-long", "cover-many":
		args["n"] = catalog.Words(arg(0))
	case "cover-off-duty":
		args["who"], args["from"], args["to"], args["holder"] = catalog.Words(arg(0)), instant(arg(1)), instant(arg(2)), catalog.Words(arg(3))
	case "cover-taken":
		args["who"], args["by"], args["from"], args["to"] = catalog.Words(arg(0)), catalog.Words(arg(1)), instant(arg(2)), instant(arg(3))
		args["n"] = catalog.Words(strings.TrimPrefix(arg(4), "cover-"))
	case "cover-built-on":
		args["n"], args["later"] = catalog.Words(strings.TrimPrefix(arg(0), "cover-")), catalog.Words(strings.TrimPrefix(arg(1), "cover-"))
	case "cover-rotation":
		args["rotation"] = catalog.Literal(arg(0))
	case "cover-unknown":
		args["n"] = catalog.Words(strings.TrimPrefix(arg(0), "cover-"))
	case "cover-over":
		args["n"], args["at"] = catalog.Words(strings.TrimPrefix(arg(0), "cover-")), instant(arg(1))
	}
}

// byWhom is the form of a refusal that names who did it already, where somebody is known.
func byWhom(key string, r *incident.Refusal) string {
	if !r.By.Zero() {
		return key + ".by"
	}
	return key
}

// term is a word of the catalogue, or the plain data when it has none.
func term(prefix, code string) catalog.Arg {
	if catalog.Has(prefix + code) {
		return catalog.Term(prefix + code)
	}
	return catalog.Words(code)
}

// moment reads a time of a refusal's arguments (RFC 3339).
func moment(s string) catalog.Arg {
	if t, err := time.Parse(time.RFC3339, s); err == nil && !t.IsZero() {
		return clock(t)
	}
	return catalog.Words(s)
}

// instant is moment, with its day.
func instant(s string) catalog.Arg {
	if t, err := time.Parse(time.RFC3339, s); err == nil && !t.IsZero() {
		return day(t)
	}
	return catalog.Words(s)
}

// levelName is what the policy calls level "2".
func levelName(p *incident.Policy, n string) string {
	if p != nil {
		for i, l := range p.Ladder {
			if l.Name != "" && n == strconv.Itoa(i+1) {
				return clip(l.Name, 40)
			}
		}
	}
	return "L" + strings.TrimPrefix(n, "L")
}

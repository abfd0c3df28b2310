package view

import (
	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// refusedObligation adds what the words of a refusal about obligations need, and returns their key.
func refusedObligation(r *incident.Refusal, args catalog.Args, key string) string {
	arg := func(i int) string {
		if i < len(r.Args) {
			return clip(r.Args[i], 100)
		}
		return ""
	}
	known := func() catalog.List {
		var out catalog.List
		for i, k := range r.Args {
			if i > 0 && i <= 20 {
				out = append(out, catalog.Literal(clip(k, 50)))
			}
		}
		return out
	}
	switch r.Code {
	case incident.RefusedClosed:
		args["at"] = instant(arg(0))
		key = byWhom(key, r)
	case incident.RefusedMerged:
		args["id"] = catalog.Words(arg(0))
	case incident.RefusedOwed:
		var owed catalog.List
		for _, k := range r.Args[:min(len(r.Args), 20)] {
			owed = append(owed, catalog.Literal(clip(k, 50)))
		}
		args["known"] = owed
	case incident.RefusedNoQuestion, incident.RefusedNoNotice:
		args["word"], args["known"] = catalog.Literal(arg(0)), known()
	case incident.RefusedNoDuty:
		args["word"], args["known"] = catalog.Literal(arg(0)), known()
		if len(r.Args) < 2 {
			key += ".none"
		}
	case incident.RefusedNoParameter:
		args["word"], args["known"] = catalog.Literal(arg(0)), known()
		if len(r.Args) < 2 {
			key += ".none"
		}
	case incident.RefusedParameterTwice, incident.RefusedBadValue:
		args["word"] = catalog.Literal(arg(0))
	case incident.RefusedBadAnswer, incident.RefusedAnswerIt, incident.RefusedDutyTaken, incident.RefusedBadDate, incident.RefusedTooMany, incident.RefusedBadMoment:
		args["word"] = catalog.Words(arg(0))
	case incident.RefusedNoFigure:
		args["word"], args["known"] = catalog.Literal(arg(0)), known()
	case incident.RefusedBadFigure:
		args["word"], args["max"] = catalog.Words(arg(0)), catalog.Words(arg(1))
	case incident.RefusedAskedToo:
		args["at"] = moment(arg(0))
	case incident.RefusedCommander, incident.RefusedNotAsked:
		key = byWhom(key, r)
	case incident.RefusedNoFreeze:
		args["word"] = catalog.Words(arg(0))
	case incident.RefusedLifted:
		args["word"], args["at"] = catalog.Words(arg(0)), moment(arg(1))
	case incident.RefusedLocked:
		args["runbook"], args["step"] = catalog.Words(arg(0)), catalog.Words(arg(1))
	case incident.RefusedAnswered:
		args["at"] = moment(arg(1))
	case incident.RefusedBeforeDetection:
		args["at"] = moment(arg(0))
	case incident.RefusedDutyEnded:
		args["word"], args["how"], args["at"] = catalog.Words(arg(0)), term("duty.how.", arg(1)), moment(arg(2))
		key = byWhom(key, r)
	case incident.RefusedMomentMarked:
		args["word"], args["moment"], args["at"] = catalog.Words(arg(0)), momentName(arg(0)), moment(arg(1))
	}
	return key
}

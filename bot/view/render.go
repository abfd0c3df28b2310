package view

import "github.com/tocsin-bot/tocsin/bot/incident"

// views draws each view by the name recorded with the effect. A name, once released, keeps its meaning.
var views = map[string]func(Source) Card{
	incident.ViewHeadline:         headline,
	incident.ViewAnnouncement:     announcement,
	incident.ViewTopic:            topic,
	incident.ViewPurpose:          purpose,
	incident.ViewStep:             step,
	incident.ViewApproval:         approval,
	incident.ViewStepChanged:      stepLockedAgain,
	incident.ViewReread:           reread,
	incident.ViewReader:           reader,
	incident.ViewStepTold:         stepTold,
	incident.ViewApproved:         approved,
	incident.ViewEscalation:       escalation,
	incident.ViewLadderEnd:        ladderEnd,
	incident.ViewWarn:             warn,
	incident.ViewStandDown:        standDown,
	incident.ViewTold:             told,
	incident.ViewRoleAsk:          roleAsk,
	incident.ViewSeverity:         severityPost,
	incident.ViewUpdate:           update,
	incident.ViewUpdateMissed:     updateMissed,
	incident.ViewCommanderMissing: commanderMissing,
	incident.ViewResolved:         resolved,
	incident.ViewCancelled:        cancelled,
	incident.ViewClosed:           closedPost,
	incident.ViewReopened:         reopened,
	incident.ViewPageFailed:       pageFailed,
	incident.ViewPageStuck:        pageStuck,
	incident.ViewPageThrough:      pageThrough,
	incident.ViewLate:             late,
	incident.ViewPaged:            paged,
	incident.ViewImpactAsk:        impactAsk,
	incident.ViewHandedOn:         handedOn,
	incident.ViewAwaited:          awaited,
	incident.ViewParked:           parked,
	incident.ViewResumed:          resumed,
	incident.ViewRecovered:        recovered,
	incident.ViewAlertsOver:       alertsOver,
	incident.ViewTakeDue:          takeDue,
	incident.ViewMerged:           merged,
	incident.ViewAbsorbed:         absorbed,
	incident.ViewSplitOff:         splitOff,
	incident.ViewObligation:       obligation,
	incident.ViewObligationEnded:  obligationEnded,
	incident.ViewQuestion:         question,
	incident.ViewHandOver:         handOver,
	incident.ViewHandOverEnded:    handOverEnded,
	incident.ViewHandOverDue:      handOverDue,
	incident.ViewSuggest:          suggest,
	incident.ViewPrivate:          private,
	incident.ViewHidden:           hidden,
	incident.ViewLocked:           locked,
	incident.ViewLockFailed:       lockFailed,
	incident.ViewRoomless:         roomless,
	incident.ViewAlert:            alertCard,
}

// Render draws the view an effect asks for. "topic" and "purpose" are cards with nothing but a Summary (see Topic and Purpose for the
// plain words); what goes to a phone has its own functions, PageText and NoteText. An unknown name is an error that no repeat will
// mend. What others than those involved
// would read of a private incident is closed here, whatever the view. A view drawn without the event it was recorded with says less and still draws.
func Render(src Source) (Card, error) {
	draw, ok := views[src.Owed.Effect.View]
	if !ok {
		return Card{}, unknown(src.Owed.Effect.View)
	}
	if c, ok := outside(src); ok {
		return c, nil
	}
	return draw(src), nil
}

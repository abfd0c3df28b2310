package incident

import "fmt"

// Refusal is a no that a person can understand: nothing was changed. The catalogue holds its words under "refused.<Code>".
type Refusal struct {
	Code string
	By   Person   // who did it already, where somebody did
	Args []string // what the words need, in order, as plain data
}

// Error names the refusal for logs; people read its words from the catalogue.
func (r *Refusal) Error() string { return fmt.Sprintf("refused: %s %v", r.Code, r.Args) }

// The codes of refusals.
const (
	RefusedOver            = "over"                // the incident is resolved or cancelled
	RefusedClosed          = "closed"              // it is closed already; By, Args[0] = RFC 3339 time
	RefusedOwed            = "still-owed"          // it cannot be closed; Args = what State.Unfinished names
	RefusedMerged          = "merged-into"         // nothing new begins in a duplicate; Args[0] = the incident it goes on as
	RefusedNotOver         = "not-over"            // reopen of an open incident
	RefusedAcknowledged    = "already-acked"       // By, Args[0] = RFC 3339 time
	RefusedHolds           = "already-holds"       // By holds Args[0] (role) already
	RefusedVacant          = "role-vacant"         // Args[0] = role
	RefusedSameSeverity    = "same-severity"       // Args[0]; it is set and confirmed already
	RefusedStatusBack      = "status-back"         // Args = now, wanted
	RefusedTooShort        = "too-short"           // progress shorter than MinProgress
	RefusedEmpty           = "empty"               // Args[0] = what is missing
	RefusedNoMoreTime      = "no-more-time"        // already given at this level; Args[0] = level
	RefusedNoDeadline      = "no-deadline"         // nothing runs that more time would move
	RefusedLastLevel       = "last-level"          // nobody is left above
	RefusedUnknownTarget   = "unknown-target"      // Args[0], then the known ones
	RefusedNoLadder        = "no-ladder"           // this severity escalates to nobody
	RefusedPageTwice       = "already-paged"       // Args[0] = target; a page of theirs is open
	RefusedRunbookTwice    = "runbook-started"     // Args[0]
	RefusedNoRunbook       = "runbook-not-there"   // Args[0]
	RefusedNoStep          = "no-step"             // Args = runbook, step
	RefusedStepMarked      = "step-marked"         // By, Args = mark, RFC 3339 time
	RefusedNotHere         = "not-here"            // it makes no sense for this incident
	RefusedBadSeverity     = "bad-severity"        // Args[0]
	RefusedReasonNeeded    = "reason-needed"       // Args[0] = what for
	RefusedAlike           = "alike"               // declared already, under the same title; Args[0] = incident
	RefusedNoPark          = "no-park"             // Args[0] = severity that is not set aside
	RefusedParkTime        = "park-time"           // Args[0] = RFC 3339 time, past or too far ahead
	RefusedNoPhone         = "no-phone"            // By cannot be rung: on no rotation, unknown to the pager
	RefusedNotPaused       = "not-paused"          // nothing stands still
	RefusedNotRung         = "not-rung"            // the actor has no page to hand on
	RefusedOneself         = "oneself"             // handing on to oneself
	RefusedRungToo         = "rung-too"            // By is being rung already
	RefusedNoQuestion      = "no-question"         // Args[0], then the known ones
	RefusedBadAnswer       = "bad-answer"          // Args[0]
	RefusedAnswered        = "already-answered"    // By, Args = value, RFC 3339 time
	RefusedAnswerIt        = "answer-it"           // a question ends by being answered; Args[0] = question
	RefusedNoDuty          = "no-duty"             // Args[0], then those that run
	RefusedDutyEnded       = "duty-ended"          // By, Args = key, how, RFC 3339 time
	RefusedDutyTaken       = "duty-taken"          // By, Args[0] = key
	RefusedNoNotice        = "no-notice"           // Args[0], then the known ones
	RefusedBadDate         = "bad-date"            // Args[0]
	RefusedFuture          = "in-the-future"       // a time that has not come yet
	RefusedBeforeDetection = "before-detection"    // Args[0] = RFC 3339 time of the detection
	RefusedTooMany         = "too-many"            // Args[0] = how many there may be
	RefusedBadMoment       = "bad-moment"          // Args[0]
	RefusedMomentMarked    = "moment-marked"       // By, Args = name, RFC 3339 time
	RefusedPrivate         = "private"             // it is private already; By, Args[0] = RFC 3339 time
	RefusedNotPrivate      = "not-private"         // nobody has to be let in
	RefusedInside          = "inside"              // By was let in already
	RefusedNoFigure        = "no-figure"           // Args[0], then the known ones
	RefusedBadFigure       = "bad-figure"          // Args = name, the most it may be
	RefusedCommander       = "commander-only"      // By commands, if anybody
	RefusedCadence         = "bad-cadence"         // not between MinCadence and MaxCadence
	RefusedWindow          = "bad-window"          // a time window that ends before it begins
	RefusedNoParameter     = "no-parameter"        // Args[0], then those there are
	RefusedParameterTwice  = "parameter-twice"     // Args[0] = name
	RefusedBadValue        = "bad-value"           // Args[0] = name of the parameter
	RefusedNoFreeze        = "no-freeze"           // Args[0] = number
	RefusedLifted          = "freeze-lifted"       // By, Args = number, RFC 3339 time
	RefusedNotLocked       = "not-locked"          // no step waits for the capture
	RefusedLocked          = "step-locked"         // Args = runbook, step
	RefusedStepWho         = "step-who"            // By may do it, Args = runbook, number, then the roles that may
	RefusedUnapproved      = "step-unapproved"     // By may approve it, Args = runbook, number, role
	RefusedApprover        = "step-approver"       // the actor may not approve it; By may, Args = runbook, number, role
	RefusedApproved        = "step-approved"       // By, Args = runbook, number, RFC 3339 time
	RefusedNoApproval      = "step-no-approval"    // it needs none; Args = runbook, number
	RefusedReaderAsked     = "step-reader-asked"   // By asked for a second person; Args = runbook, number, RFC 3339 time
	RefusedApprovalAsked   = "step-asked"          // By, Args = runbook, number, RFC 3339 time
	RefusedNoHolder        = "step-no-holder"      // nobody is known to hold it; Args = runbook, number, role
	RefusedAwaited         = "step-awaited"        // By did it, a second person must confirm; Args = runbook, number, RFC 3339 time
	RefusedNotAwaited      = "step-not-awaited"    // there is nothing to confirm; Args = runbook, number
	RefusedSecond          = "step-second"         // By did it and cannot confirm it; Args = runbook, number
	RefusedUnseconded      = "step-unseconded"     // a second person must read it first; Args = runbook, number
	RefusedSeconded        = "step-seconded"       // By confirmed it already; Args = runbook, number, RFC 3339 time
	RefusedSecondWorks     = "step-second-works"   // By works it and cannot be the second person; Args = runbook, number
	RefusedSecondDoes      = "step-second-does"    // the actor is the second person and cannot do it; Args = runbook, number
	RefusedStepChanged     = "step-changed"        // its commands are others than were shown; Args = runbook, number
	RefusedBlocked         = "step-blocked"        // By, Args = runbook, number, RFC 3339 time
	RefusedNotMarked       = "step-not-marked"     // Args = runbook, number
	RefusedNotBlocked      = "step-not-blocked"    // Args = runbook, number
	RefusedStepOpen        = "step-open"           // it is on a card; By works it, if anybody; Args = runbook, number
	RefusedStepTaken       = "step-taken"          // By works it; Args = runbook, number
	RefusedStepYours       = "step-yours"          // the actor works it already; Args = runbook, number
	RefusedHelped          = "step-helped"         // By was rung, Args = runbook, number, RFC 3339 time, role
	RefusedNoOwner         = "step-no-owner"       // the runbook names none; Args = runbook, number
	RefusedNobodyToTell    = "step-nobody-to-tell" // Tocsin knows nobody in Slack who holds it; Args = runbook, number, role
	RefusedTellsNobody     = "step-tells-nobody"   // Args = runbook, number
	RefusedTold            = "step-told"           // By said so, Args = runbook, number, RFC 3339 time
	RefusedAskedToo        = "asked-too"           // By was asked to take over already; Args[0] = RFC 3339 time
	RefusedNotAsked        = "not-asked"           // the actor was not asked to take over; By was, if anybody
	RefusedMergeSelf       = "merge-self"          // an incident is no duplicate of itself
	RefusedMergeOver       = "merge-over"          // Args = the other, its status
	RefusedMergeCircle     = "merge-circle"        // Args[0] = the other, which this one has absorbed
	RefusedNoIncident      = "no-incident"         // Args[0] = id that is not there
	RefusedNoGroup         = "no-group"            // Args[0], then what there is
	RefusedPrivateMerge    = "private-merge"       // a private incident is neither merged nor split
	RefusedAllGroups       = "all-groups"          // nothing would be left of it
)

func refuse(code string, args ...string) error { return &Refusal{Code: code, Args: args} }

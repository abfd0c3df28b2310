package sim

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/tocsin-bot/tocsin/bot"
)

// Branch is a rare way through the code that a long run must have taken.
type Branch string

// The rare branches of the design's section 6, and the moments that lead to them.
const (
	SawStolen          Branch = "lease stolen"
	SawFenced          Branch = "report fenced"
	SawPauseLookCall   Branch = "pause between look and call"
	SawAdopted         Branch = "channel adopted"
	SawFound           Branch = "message found and not reposted"
	SawRepaired        Branch = "duplicate repaired"
	SawConflict        Branch = "commit conflict"
	SawRouted          Branch = "claim routed"
	SawDuplicate       Branch = "duplicate input"
	SawIdleTick        Branch = "tick no longer due"
	SawOvertaken       Branch = "effect overtaken"
	SawCoalesced       Branch = "redraw coalesced"
	SawExpired         Branch = "nudge expired"
	SawGap             Branch = "gap filled"
	SawLate            Branch = "outcome by response_url"
	SawCatchUp         Branch = "catch-up posted"
	SawDead            Branch = "dead letter"
	SawRebuilt         Branch = "index rebuilt with a difference"
	SawCrash           Branch = "crash"
	SawCrashAtCall     Branch = "crash at a call"
	SawPauseBeforeCall Branch = "pause between the last check and the call"
	SawPauseAfterCall  Branch = "pause between call and report"
	SawTakeover        Branch = "lane taken over"
	SawTaken           Branch = "channel name taken by a stranger"
	SawInDoubt         Branch = "nudge in doubt"

	// What the ways of working with an incident lead to.
	SawAlike       Branch = "asked whether it is the same incident"
	SawForm        Branch = "form recorded"
	SawFormStays   Branch = "form stays with its faults"
	SawHome        Branch = "home shown"
	SawFrozen      Branch = "deadline by the policy of before"
	SawRebased     Branch = "taken up again under a newer policy"
	SawFirstPage   Branch = "page that PagerDuty did not send"
	SawAdoptedPage Branch = "page of PagerDuty's own taken as ours"
	SawPagerBack   Branch = "taken up again because PagerDuty triggered it"
	SawHandOver    Branch = "role handed over"
	SawHandedOn    Branch = "page handed on"
	SawParked      Branch = "set aside"
	SawParkOver    Branch = "set aside until now"
	SawRecovered   Branch = "cleared with nobody answering"
	SawFiresAgain  Branch = "cleared, and fires again"
	SawReview      Branch = "review of what cleared"
	SawTakeLate    Branch = "business day over and nobody took it"
	SawUnrung      Branch = "page not taken by PagerDuty for a minute"
	SawStorm       Branch = "storm opened"
	SawStormTakes  Branch = "storm took in another group"
	SawSplit       Branch = "split"
	SawMerged      Branch = "merged as a duplicate"
	SawMoved       Branch = "what a duplicate owed taken over"
	SawAccepted    Branch = "hand-over accepted"
	SawDeclined    Branch = "hand-over declined"
	SawLapsed      Branch = "hand-over not answered"
	SawDutyDone    Branch = "obligation done"
	SawDutyDropped Branch = "obligation dropped"
	SawReminded    Branch = "obligation reminded of"
	SawNotice      Branch = "notice sent"
	SawYes         Branch = "question answered yes"
	SawNo          Branch = "question answered no"
	SawUnknown     Branch = "question answered unknown"
	SawStepDone    Branch = "step done"
	SawStepSkipped Branch = "step skipped"
	SawStepFound   Branch = "finding about a step"
	SawStepBlocked Branch = "step blocked"
	SawStepHelp    Branch = "help with a step"
	SawApproved    Branch = "step approved"
	SawUnlocked    Branch = "locked step done"
	SawHoliday     Branch = "announced holiday counts"
	SawPrivate     Branch = "made private later"
	SawCovered     Branch = "duty covered or swapped"
)

// Branches are all of them; a long run must reach each.
func Branches() []Branch {
	return []Branch{
		SawStolen, SawFenced, SawPauseLookCall, SawAdopted, SawFound, SawRepaired, SawConflict, SawRouted, SawDuplicate, SawIdleTick, SawOvertaken,
		SawCoalesced, SawExpired, SawGap, SawLate, SawCatchUp, SawDead, SawRebuilt, SawCrash, SawCrashAtCall, SawPauseBeforeCall, SawPauseAfterCall,
		SawTakeover, SawTaken, SawInDoubt,
		SawAlike, SawForm, SawFormStays, SawHome, SawFrozen, SawRebased, SawFirstPage, SawAdoptedPage, SawPagerBack, SawHandOver, SawHandedOn,
		SawParked, SawParkOver, SawRecovered, SawFiresAgain, SawReview, SawTakeLate, SawUnrung,
		SawStorm, SawStormTakes, SawSplit, SawMerged, SawMoved, SawAccepted, SawDeclined, SawLapsed, SawDutyDone, SawDutyDropped, SawReminded, SawNotice,
		SawYes, SawNo, SawUnknown, SawStepDone, SawStepSkipped, SawStepFound, SawStepBlocked, SawStepHelp, SawApproved, SawUnlocked, SawHoliday,
		SawPrivate, SawCovered,
	}
}

// Sometimes counts how often each branch was taken.
type Sometimes map[Branch]int64

var sometimes sync.Mutex // of all tables: counting is rare

func (s Sometimes) count(b Branch) { s.some(b, 1) }

func (s Sometimes) some(b Branch, n int64) {
	if n > 0 {
		sometimes.Lock()
		s[b] += n
		sometimes.Unlock()
	}
}

// Add adds another table.
func (s Sometimes) Add(o Sometimes) {
	for b, n := range o {
		s.some(b, n)
	}
}

// add takes over what a bot counted.
func (s Sometimes) add(f bot.Figures) {
	o := f.Outbox
	s.some(SawConflict, f.Engine.Conflicts)
	s.some(SawRouted, f.Engine.Routed)
	s.some(SawDuplicate, f.Engine.Duplicates)
	s.some(SawStolen, o.Stolen)
	s.some(SawFenced, o.Fenced)
	s.some(SawOvertaken, o.Overtaken)
	s.some(SawCoalesced, o.Coalesced)
	s.some(SawExpired, o.Expired)
	s.some(SawInDoubt, o.InDoubt)
	s.some(SawCatchUp, o.Folded)
	s.some(SawTakeover, o.Takeovers)
	s.some(SawIdleTick, f.Scheduler.Idle)
	s.some(SawLate, f.Slack.Late)
	s.some(SawGap, f.Slack.CaughtUp)
	s.some(SawRebuilt, int64(f.Audit.Differences()))
}

// Missing are the branches that were never taken.
func (s Sometimes) Missing() []Branch {
	return slices.DeleteFunc(Branches(), func(b Branch) bool { return s[b] > 0 })
}

// String is the table.
func (s Sometimes) String() string {
	var b strings.Builder
	for _, br := range Branches() {
		fmt.Fprintf(&b, "%8d  %s\n", s[br], br)
	}
	return b.String()
}

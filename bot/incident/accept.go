package incident

import (
	"slices"
	"time"
)

// ack is a person taking what was sent for: they accept the present stage of the ladder, and command when nobody does.
// page is the key of the page they acknowledged by phone, empty when they pressed a button.
func (d *decider) ack(who Person, page string) error {
	l := d.s.Ladder
	var own Page
	for _, p := range d.s.Pages {
		if p.Outstanding() && (p.Key == page || page == "" && p.Person.Same(who)) {
			own = p // the newest
		}
	}
	if own.Key != "" && own.Status != PageAnswered {
		d.own(&PageChanged{Key: own.Key, Status: PageAnswered, By: who})
	}
	if page != "" && own.For == ForTell { // they were rung to know, and do
		return nil
	}
	// Whoever answered a call for a missing commander is the commander.
	takes := own.Why == WhyNoCommander
	waiting := l.AcceptedAt.IsZero()
	over := waiting && l.Level > 1 && l.AcceptedBy.Same(who) && own.Level < l.Level // they are the one being escalated over
	switch {
	case !waiting || over:
		if len(d.out) == 0 {
			return &Refusal{Code: RefusedAcknowledged, By: l.AcceptedBy, Args: []string{d.s.acceptedAt().Format(timeFormat)}}
		}
	default:
		if _, ladder := d.s.level(1); l.Level == 0 && ladder && !d.rule().NoLadder { // PagerDuty's own page is still awaited
			d.begin(WhyDetected)
		}
		d.add(&Acknowledged{By: who, Page: own.Key})
		d.answerForeign(who)
		// Their own as well: who is on two rotations answers both.
		d.closePages(WhyTaken, func(p Page) bool { return p.Status != PageAnswered && !p.Foreign && d.metBy(p, own) })
		takes = true
	}
	if _, held := d.s.Roles[Commander]; !held && takes {
		d.add(&RoleSet{Role: Commander, Who: who, Acting: own.Why != WhyNoCommander})
		d.askComms()
	}
	return nil
}

// metBy reports whether a call is met by somebody taking the incident who was called by own. A call for want of an answer is, and so is the
// owner's of what was set aside. Who was called for want of a result is still wanted, unless who took it was called as high as they or higher;
// whom the severity calls, or a person sent for, is wanted for themselves.
func (d *decider) metBy(p, own Page) bool {
	switch p.Why {
	case WhyDetected, WhyNotAcknowledged, WhyAgain, WhyPagerOver, WhyPageFailed, WhyParked, WhyReview:
		return true
	case WhyNoProgress, WhyNotMitigated:
		return own.Key != "" && laddered(own) && own.Level >= p.Level
	}
	return false
}

// acceptedAt is when the present stage was accepted, else when the incident was first acknowledged.
func (s State) acceptedAt() time.Time {
	if !s.Ladder.AcceptedAt.IsZero() {
		return s.Ladder.AcceptedAt
	}
	return s.AcknowledgedAt
}

// answerForeign acknowledges the pages that PagerDuty sent by itself: whoever took the incident took them, and PagerDuty would go on
// ringing and escalate by its own rules.
func (d *decider) answerForeign(who Person) {
	for _, p := range slices.Clone(d.s.Pages) {
		if p.Foreign && p.Outstanding() && p.Status != PageAnswered {
			d.own(&PageChanged{Key: p.Key, Status: PageAnswered, By: who, Why: WhyTaken})
		}
	}
}

// timeFormat is how moments travel in the arguments of a refusal.
const timeFormat = "2006-01-02T15:04:05Z07:00"

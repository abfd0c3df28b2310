package incident

import "slices"

// StillOwed reports whether a recorded effect still makes sense now. It is asked on the newest state before every attempt; what is not
// owed any more is settled as overtaken.
func StillOwed(s State, o Owed) bool {
	e := o.Effect
	if slices.Contains(s.Folded, o.ID) {
		return false
	}
	switch e.Do {
	case OpenChannel:
		return s.ChannelID == "" && s.ChannelEff == o.ID
	case Ring:
		p, ok := s.Page(e.Page)
		return ok && (s.Open() || p.Obligation != "") && p.Status == PageOwed
	case AckPage:
		p, ok := s.Page(e.Page)
		return ok && p.Status == PageAnswered
	case ClosePage:
		p, ok := s.Page(e.Page)
		return ok && p.Status == PageClosed && !(p.Foreign && slices.ContainsFunc(s.Pages, func(q Page) bool {
			return q.Pager == p.Pager && q.Outstanding() // PagerDuty's incident triggered again before we came to close it
		}))
	case NotePage, Direct:
		return nudgeOwed(s, e)
	case Post:
		if p := s.Private; p != nil && (e.To != ToIncident || e.Slot != "" && o.Seq < p.Seq) {
			return false // nothing is announced, and the new room has its own cards
		}
		return !(e.To == ToIncident && roomless(s)) && nudgeOwed(s, e)
	case SetTopic:
		return !roomless(s) && s.Private == nil
	case Invite, SetPurpose:
		return !roomless(s)
	case AskReview:
		return s.Status == Resolved || s.Status == Closed
	case Redraw, Pin:
		_, there := s.Slots[e.Slot]
		return there
	}
	return true
}

// roomless reports whether there is no room and none on its way, because it is held back or because Slack refused it for good: what was to be
// said there cannot be, and must not be tried for ever.
func roomless(s State) bool {
	return s.ChannelID == "" && (s.RoomHeld || slices.Contains(s.Dead, s.ChannelEff))
}

// nudgeOwed reports whether what a message asks for is still wanted. Accounts of what happened are always owed.
func nudgeOwed(s State, e Effect) bool {
	switch e.View {
	case ViewWarn:
		return slices.ContainsFunc(Deadlines(s), func(d Deadline) bool { return d.Key == e.Arg })
	case ViewRoleAsk:
		_, held := s.Roles[Role(e.Arg)]
		return s.Open() && !held
	case ViewPageStuck:
		p, ok := s.Page(e.Arg)
		return ok && (s.Open() || s.ringsOn(p)) && p.Status == PageOwed
	case ViewPageThrough:
		p, ok := s.Page(e.Arg)
		return ok && (s.Open() || s.ringsOn(p)) && p.Outstanding()
	case ViewPageFailed:
		p, _ := s.Page(e.Arg)
		return s.Open() || s.ringsOn(p) // a call for what is owed beyond the response
	case ViewPaged:
		p, ok := s.Page(e.Page)
		return ok && s.Open() && (p.Status == PageOwed || p.Status == PageSent)
	case ViewHandedOn:
		p, ok := s.Page(e.Arg)
		return ok && s.Open() && p.Outstanding()
	case ViewImpactAsk:
		return s.Open() && s.Impact.Touched() == TouchedUnknown
	case ViewParked:
		return s.Parked != nil
	case ViewRecovered:
		return s.Open() && !s.RecoveredAt.IsZero()
	case ViewAlertsOver:
		return s.Open() && s.Status != Mitigated && s.AlertsOver()
	case ViewApproval:
		return s.approvalOwed(e.Arg)
	case ViewReread:
		return s.rereadOwed(e.Arg)
	case ViewHandOver:
		return s.Open() && len(e.People) == 1 && s.HandOver.To.Same(e.People[0])
	case ViewHandOverDue:
		return s.Open() && len(e.People) == 1 && s.Roles[Commander].Who.Same(e.People[0])
	case ViewObligation:
		return slices.ContainsFunc(append([]string{e.Arg}, e.With...), func(key string) bool {
			d, ok := s.Duty(key)
			return ok && d.Running()
		})
	case ViewSuggest:
		return s.Open() && len(s.Offered()) > 0
	case ViewReader:
		return s.readerOwed(e.Arg)
	case ViewAbsorbed, ViewSplitOff:
		return s.Open()
	case ViewAwaited, ViewTold, ViewTakeDue, ViewResumed, ViewEscalation, ViewUpdateMissed, ViewCommanderMissing, ViewLadderEnd:
		return s.Open()
	}
	return true
}

package incident

import (
	"maps"
	"slices"
	"time"
)

// Evolve returns the state after an event. It looks at nothing but the two, never at the policy, and does not change what it is given.
func Evolve(s State, e Event) State {
	s = s.clone()
	s.Seq, s.RecordedAt = e.Seq, e.RecordedAt
	if e.Actor.Human() {
		s.Unsure = slices.DeleteFunc(s.Unsure, e.Actor.Person.Same)
	}
	s.informedEvolve(e)
	switch f := e.Fact.(type) {
	case *Declared:
		s.declared(e, f)
	case *AlertsSeen:
		s.claim(f.Claims)
		s.alertsSeen(e, f)
	case *Acknowledged:
		s.acknowledged(e, f)
	case *RoleSet:
		s.roleSet(e, f)
	case *RoleAsked:
		if f.Role == Comms {
			s.CommsAsk = Ask{At: e.RecordedAt, Stage: s.CommsAsk.Stage + 1}
		}
	case *Parked:
		s.Parked = &Parking{Until: f.Until, Owner: f.Owner, Target: f.Target, Address: f.Address, By: e.Actor, At: e.RecordedAt}
	case *Resumed:
		s.Parked, s.RecoveredAt, s.ResumedAt = nil, zeroTime, e.RecordedAt
		s.forget(DueReview)
		if at := s.Ladder.stage(); f.Why != ResumedFiring {
			s.anewClocks()
		} else if at.Level == s.Stood.Level && at.Backup == s.Stood.Backup {
			s.Ladder.Waited = s.Stood.Waited // it may have been rung anew meanwhile
		}
	case *ImpactAsked:
		s.ImpactAskedAt = e.RecordedAt
	case *Recovered:
		s.recovered(e, f)
	case *SeveritySet:
		if f.Asks {
			s.ReasonOwed = &ReasonOwed{Seq: e.Seq, Severity: f.Severity, By: e.Actor.Person}
		} else if !f.Reason.Empty() && f.Severity != f.Was { // the reason of what holds now is known
			s.ReasonOwed = nil
		}
		if f.Confirmed && (!s.Confirmed || f.Severity != f.Was) {
			s.ConfirmedAt = e.RecordedAt
		}
		s.Severity, s.Confirmed, s.Rule = f.Severity, f.Confirmed, f.Rule
		if f.Severity != f.Was {
			s.SeverityAt, s.Cadence = e.RecordedAt, 0
			s.anewClocks()
		}
		if f.Confirmed && f.Severity.Worse(s.Highest) {
			s.Highest = f.Severity
		}
	case *SeverityReason:
		if s.ReasonOwed != nil && s.ReasonOwed.Seq == f.Of {
			s.ReasonOwed = nil
		}
	case *StatusSet:
		s.Status = f.Status
		if f.Status == Mitigated {
			s.MitigatedAt, s.RecoveredAt = e.At, zeroTime
		}
	case *ProgressMade:
		s.Progress = Said{At: laterOf(e.At, s.Progress.At), By: e.Actor.Person, Text: f.Text, Count: s.Progress.Count + 1}
		if !s.Ladder.AcceptedAt.IsZero() {
			s.Ladder.Exhausted = false // whoever has it gets on: the ladder need not begin again
		}
	case *Noted:
		if f.Answer != "" {
			s.NotesAnswered++
		}
	case *UpdatePosted:
		s.Updates = Said{At: laterOf(e.At, s.Updates.At), By: e.Actor.Person, Text: f.Text, Count: s.Updates.Count + 1}
		s.NextAt = f.Next
		s.forget(DueUpdate)
	case *Paged:
		p := f.Page
		if !p.Foreign {
			p.Ring = IDOf(s.ID, e.Seq, ringEffect(p))
		}
		if p.Obligation != "" {
			s.dutyPaged(p)
			break
		}
		s.Pages = pruned(append(s.Pages, p), maxPages, func(p Page) bool { return !p.Outstanding() && p.Why != WhyAsked })
	case *PageChanged:
		if p := s.page(f.Key); p != nil {
			if f.Status == PageAnswered && p.Status != PageAnswered {
				p.AnsweredAt = e.RecordedAt
			}
			// Answered in Slack says nothing of the phone: it may never have rung. Answered there, it did.
			rang := f.Sent || f.Status == PageSent || f.Status == PageAnswered && e.Via == ViaPagerDuty
			if rang && p.SentAt.IsZero() && !p.Foreign {
				p.SentAt = e.RecordedAt
			}
			if f.Stuck {
				p.StuckAt = e.RecordedAt
			}
			if f.Quiet && p.Status != PageAnswered {
				s.unpaged(*p)
			}
			if f.Status == PageSent && p.Status == PageAnswered { // it rings again, whoever had been relieved
				p.Down = false
			}
			p.Status, p.Down = f.Status, p.Down || f.StandDown
			if f.Pager != "" {
				p.Pager, p.URL = f.Pager, f.URL
			}
			if f.Status == PageAnswered && !f.By.Zero() && p.Person.Zero() {
				p.Person = f.By
			}
		}
	case *MergedInto:
		s.giveCards(s.Alerts)
		s.Status, s.EndedAt, s.EndedBy, s.Merged = Duplicate, e.At, e.Actor, &Merged{Into: f.Into, Channel: f.Channel, Name: f.Name}
		s.over()
		s.Claims = slices.DeleteFunc(s.Claims, func(c string) bool { return slices.Contains(f.Claims, c) })
	case *Absorbed:
		s.absorbed(f)
	case *SplitOff:
		s.splitOff(f)
	case *PagerSeen:
		s.claim(f.Claims)
		if s.Storm != nil && len(f.Claims) > 0 && !slices.ContainsFunc(s.Pagers, func(r PagerRef) bool { return r.ID == f.Ref.ID }) {
			s.Storm = s.Storm.with("", false, e.RecordedAt)
		}
		if i := slices.IndexFunc(s.Pagers, func(r PagerRef) bool { return r.ID == f.Ref.ID }); i >= 0 {
			s.pagerOver(f.Ref, s.Pagers[i].Status, e.RecordedAt)
			s.Pagers[i] = f.Ref
		} else {
			s.Pagers = pruned(append(s.Pagers, f.Ref), maxPagers, func(r PagerRef) bool { return r.Status == "resolved" })
		}
	case *LevelRaised:
		s.levelRaised(e, f)
	case *Warned:
		s.Warned = append(s.Warned, f.Deadline)
		if len(s.Warned) > maxWarned {
			s.Warned = s.Warned[len(s.Warned)-maxWarned:]
		}
	case *Missed:
		if f.Name == LadderEnd {
			s.Ladder.Exhausted, s.Ladder.Since = true, e.RecordedAt
			s.anewClocks()
			break
		}
		put(&s.Missed, f.Name, f.Count)
		put(&s.MissedAt, f.Name, e.RecordedAt)
		if f.Turn > 0 {
			put(&s.Turn, f.Name, f.Turn)
		}
	case *MoreTimeGiven:
		s.Ladder.MoreTime, s.Ladder.MoreTimeAt = f.Add, e.RecordedAt
	case *Told:
		s.Told = append(s.Told, f.Targets...)
		for _, t := range f.Targets {
			if _, before := s.ToldAt[t]; !before {
				put(&s.ToldAt, t, e.At)
			}
		}
	case *ResolvedFact:
		s.Status, s.Outcome, s.EndedAt, s.EndedBy = Resolved, f.Text, e.At, e.Actor
		s.over()
		if s.MitigatedAt.IsZero() {
			s.MitigatedAt = e.At
		}
	case *CancelledFact:
		s.Status, s.Outcome, s.EndedAt, s.EndedBy = Cancelled, f.Reason, e.At, e.Actor
		s.over()
	case *Reopened:
		s.reopened(e, f)
	case *MessageSeen:
		s.Messages++
	case *RoomWanted:
		s.roomWanted(e, f)
	case *ChannelOpened:
		s.ChannelID, s.ChannelName = f.Channel, f.Name
	case *ChannelTaken:
		s.ChannelName = f.Next
		s.ChannelEff = IDOf(s.ID, e.Seq, openChannel(f.Next))
	case *Settled:
		s.settled(f)
	case *LatePosts:
		s.Folded = append(s.Folded, f.Effects...)
		if len(s.Folded) > maxFolded {
			s.Folded = s.Folded[len(s.Folded)-maxFolded:]
		}
	default:
		if !s.stepEvolve(e) && !s.privateEvolve(e) {
			s.obligationsEvolve(e)
		}
	}
	s.closedEvolve(e)
	return s
}

// Bounds of what the state remembers; the log has everything.
const (
	maxAlerts = 50
	maxWarned = 8
	maxFolded = 200
	maxDead   = 50
	maxPages  = 60 // an unanswered ladder starts again without end
	maxPagers = 60
	maxClaims = 4096 // more than the groups it knows anything of
)

// pruned drops the oldest of what is over until no more than max are left; what is not over stays.
func pruned[T any](list []T, max int, over func(T) bool) []T {
	for extra := len(list) - max; extra > 0; extra-- {
		i := slices.IndexFunc(list, over)
		if i < 0 {
			break
		}
		list = slices.Delete(list, i, i+1)
	}
	return list
}

// heardLate is how old a detection may be for the ladder to run from it. An alert that has been firing for hours (repeated after its
// incident was resolved, or after we were away) must not escalate over somebody who has only just been rung.
const heardLate = 2 * time.Minute

func put[K comparable, V any](m *map[K]V, k K, v V) {
	if *m == nil {
		*m = map[K]V{}
	}
	(*m)[k] = v
}

func (s *State) declared(e Event, f *Declared) {
	s.ID, s.Installation, s.Title, s.Service, s.Source, s.Rule = f.ID, f.Installation, f.Title, f.Service, f.Source, f.Rule
	s.Severity, s.Confirmed, s.Status = f.Severity, f.Confirmed, Investigating
	if f.Confirmed {
		s.Highest, s.ConfirmedAt = f.Severity, e.RecordedAt
	}
	s.DeclaredBy, s.From = e.Actor, f.From
	s.DetectedAt, s.DeclaredAt, s.SeverityAt, s.VacantAt = f.DetectedAt, e.RecordedAt, f.DetectedAt, e.RecordedAt
	s.ChannelName, s.PolicyDigest, s.Alerts = f.Channel, f.Policy, slices.Clone(f.Alerts)
	if s.RoomHeld = f.Held; !f.Held {
		s.ChannelEff = IDOf(f.ID, e.Seq, openChannel(f.Channel))
	}
	s.takeCards(f.Cards)
	s.claim(f.Claims)
	if f.Private {
		s.private(e, PrivateDeclared)
	}
	if f.Pager != nil {
		s.Pagers = []PagerRef{*f.Pager}
	}
	s.Rest = maps.Clone(f.Rest)
	if f.Storm {
		s.Storm = &Storm{LastAt: e.RecordedAt}
		for _, a := range f.Alerts {
			s.Storm = s.Storm.with(a.Service, true, e.RecordedAt)
		}
	}
}

func (s *State) acknowledged(e Event, f *Acknowledged) {
	if !s.RecoveredAt.IsZero() { // somebody looks at it: the clocks run
		s.RecoveredAt, s.ResumedAt = zeroTime, e.RecordedAt
		s.forget(DueReview)
	}
	s.anewClocks()
	if s.AcknowledgedAt.IsZero() {
		s.AcknowledgedAt, s.AcknowledgedBy = e.At, f.By
	}
	// Somebody of a lower level answered late: the ladder goes back to where they are.
	if p, ok := s.Page(f.Page); ok && p.Level > 0 && p.Level < s.Ladder.Level && s.Ladder.Why == WhyNotAcknowledged {
		s.Ladder.Level, s.Ladder.Backup = p.Level, false
	}
	accepted := laterOf(e.At, s.DetectedAt)
	if e.RecordedAt.Sub(accepted) > heardLate {
		accepted = e.RecordedAt // what it lets begin runs from now, or they would be escalated over at once and unwarned
	}
	s.Ladder.AcceptedAt, s.Ladder.AcceptedBy, s.Ladder.Exhausted = accepted, f.By, false
}

func (s *State) roleSet(e Event, f *RoleSet) {
	if f.Role == Commander {
		s.HandOver, s.HandOverAt, s.HandOverAsk = HandOver{}, zeroTime, zeroTime // whoever was asked is overtaken
	}
	if f.Who.Zero() {
		delete(s.Roles, f.Role)
		if f.Role == Commander {
			s.VacantAt = e.RecordedAt
		}
		return
	}
	put(&s.Roles, f.Role, Holding{Who: f.Who, Since: e.At, Acting: f.Acting})
	if f.Role == Commander {
		for i := range s.Pages { // whoever handed command over may sleep, and is not told of the end
			switch p := &s.Pages[i]; {
			case p.Status != PageAnswered:
			case p.Person.Same(f.Who):
				p.Down = false
			case p.Person.Same(f.Was):
				p.Down = true
			}
		}
		s.forget(DueCommander)
	}
}

func (s *State) forget(name string) {
	delete(s.Missed, name)
	delete(s.MissedAt, name)
	delete(s.Turn, name)
}

func (s *State) levelRaised(e Event, f *LevelRaised) {
	since := e.RecordedAt
	if first := f.Why == WhyDetected && f.Round == 1 && f.Deadline == ""; first && since.Sub(s.DetectedAt) <= heardLate {
		since = s.DetectedAt // the promise runs from detection, not from when we heard of it
	}
	began := s.Ladder.RoundAt
	if f.Round != s.Ladder.Round {
		began = since
	}
	s.Ladder = Ladder{Level: f.Level, Backup: f.Backup, Round: f.Round, RoundAt: began, Since: since, Why: f.Why, AcceptedBy: s.Ladder.AcceptedBy, Waited: f.Waited}
	if s.RecoveredAt.IsZero() && !s.Ladder.stage().before(s.Stood) {
		s.Stood = Stage{}
	}
	s.NobodyOnCall = f.Empty
}

// over forgets what ends with the incident: that it was set aside or had cleared, and a hand-over that nobody answered.
func (s *State) over() {
	s.Parked, s.RecoveredAt, s.HandOver, s.HandOverAsk = nil, zeroTime, HandOver{}, zeroTime
}

func (s *State) reopened(e Event, f *Reopened) {
	s.Status, s.Outcome, s.PolicyDigest = Investigating, Text{}, f.Policy
	s.EndedAt, s.MitigatedAt, s.EndedBy = zeroTime, zeroTime, Actor{}
	s.Reopens++
	s.ReopenedAt = e.RecordedAt
	s.Merged = nil
	s.Missed, s.MissedAt, s.Turn, s.Warned, s.NextAt, s.PagerOverAt = nil, nil, nil, nil, zeroTime, zeroTime
	s.SeverityAt, s.VacantAt = e.RecordedAt, e.RecordedAt
	s.Updates.At = e.RecordedAt
	s.Ladder, s.CommsAsk = Ladder{Round: s.Ladder.Round}, Ask{}
	s.anewClocks()
	s.over()
	s.ResumedAt = zeroTime
	if !s.ImpactAskedAt.IsZero() {
		s.ImpactAskedAt = e.RecordedAt // the clock of the question begins anew
	}
}

func (s *State) settled(f *Settled) {
	switch {
	case f.Outcome == OutcomeDead && f.Doubt:
		for _, who := range f.Who {
			if !slices.ContainsFunc(s.Unsure, who.Same) && len(s.Unsure) < maxDead {
				s.Unsure = append(s.Unsure, who)
			}
		}
	case f.Outcome == OutcomeDead:
		s.Dead = append(s.Dead, f.Effect)
		if len(s.Dead) > maxDead {
			s.Dead = s.Dead[1:]
		}
	case f.Outcome == OutcomeDone && f.Slot != "" && f.TS != "" && !s.FormerRoom(f.Channel):
		put(&s.Slots, f.Slot, Posted{Channel: f.Channel, TS: f.TS})
	}
}

func (s *State) claim(names []string) {
	for _, n := range names {
		if !slices.Contains(s.Claims, n) {
			s.Claims = append(s.Claims, n)
		}
	}
}

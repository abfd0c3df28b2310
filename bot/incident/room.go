package incident

import "slices"

// When an incident that monitoring opens gets its room, SeverityRule.Room.
const (
	RoomAtOnce       = "at_once"
	RoomWhenAccepted = "when_accepted" // a card in the alerts channel until somebody takes it, or nobody has in time
)

// RoomWanted opens the room of an incident that had only its card in the alerts channel. It stands right before the fact that asks for it, so
// that whatever follows from that fact finds a room on its way.
type RoomWanted struct {
	Why string `json:"why"` // RoomAccepted ...
	// Who are those whom nothing else would bring in: who did something about it, or who is reminded of it.
	Who []Person `json:"who,omitempty"`
}

// Why a room is opened that was held back.
const (
	RoomAccepted = "accepted" // somebody took it
	RoomOverdue  = "overdue"  // nobody did in time
	RoomSeverity = "severity" // it is worse than what may go without
	RoomAsked    = "asked"    // somebody does something about it
	RoomQuestion = "question" // something must be answered: is this an attack?
	RoomMerged   = "merged"   // it takes over a duplicate
	RoomNoCard   = "no-card"  // Slack refused the card for good
	RoomPolicy   = "policy"   // taken up again, under a policy that holds no rooms back
)

// Type implements Fact.
func (*RoomWanted) Type() string { return "room-wanted" }

// Texts implements Fact.
func (*RoomWanted) Texts() []*Text { return nil }

// HoldsRoom reports whether an incident of a severity that monitoring opens gets a card first and a room later. Without a channel for the card
// it never does.
func (p *Policy) HoldsRoom(sev Severity) bool {
	return p != nil && p.AlertsChannel != "" && p.Rule(sev).Room == RoomWhenAccepted
}

// holdsRoom reports whether the room of an incident that is being opened is held back: never where a person opens it.
func (d *decider) holdsRoom(sev Severity, source string) bool {
	return source != SourceHand && !d.in.Actor.Human() && d.in.Policy.HoldsRoom(sev)
}

// wantRoom opens the room that is held back, if a fact that is about to be recorded asks for one.
func (d *decider) wantRoom(f Fact, by Actor) {
	why := d.roomFor(f, by)
	if why == "" {
		return
	}
	var who []Person
	m, _ := f.(*Missed)
	switch {
	case by.Human():
		who = []Person{by.Person}
	case m != nil && m.Name == DueTake:
		for _, t := range d.stage(1, false) {
			who = append(who, d.in.OnCall[t].People...)
		}
	}
	d.own(&RoomWanted{Why: why, Who: who})
}

// roomFor is why a fact asks for a room, empty when it does not or there is one. What monitoring says never does, nor what ends the incident;
// what a human does about it always does.
func (d *decider) roomFor(f Fact, by Actor) string {
	if !d.s.RoomHeld {
		return ""
	}
	if _, again := f.(*Reopened); !again && !d.s.Open() {
		return ""
	}
	switch f := f.(type) {
	case *RoomWanted, *Privatized, *AlertsSeen, *PagerSeen, *ResolvedFact, *CancelledFact, *MergedInto:
		return ""
	case *Acknowledged:
		return RoomAccepted
	case *PageChanged:
		if f.Status == PageAnswered {
			return RoomAccepted
		}
		return ""
	case *SeveritySet:
		if !d.s.Policy.HoldsRoom(f.Severity) {
			return RoomSeverity
		}
	case *Missed:
		if f.Name != DueReview { // it has cleared: who looks at it decides
			return RoomOverdue
		}
	case *LevelRaised:
		if f.Level > 1 || f.Backup {
			return RoomOverdue
		}
	case *Paged:
		if f.Page.Why == WhyAsked {
			return RoomAsked
		}
	case *AttackAsked:
		return RoomQuestion
	case *Absorbed:
		return RoomMerged
	case *Settled:
		if f.Outcome == OutcomeDead && isCard(f.Slot) {
			return RoomNoCard
		}
	case *Reopened:
		if !by.Human() && !d.in.Policy.HoldsRoom(d.s.Severity) {
			return RoomPolicy
		}
	}
	if by.Human() {
		return RoomAsked
	}
	return ""
}

// roomWanted folds that the room is opened.
func (s *State) roomWanted(e Event, f *RoomWanted) {
	s.RoomHeld = false
	s.ChannelEff = IDOf(s.ID, e.Seq, openChannel(s.ChannelName))
	s.bring(f.Who...)
}

// bring lets people in whom nothing else would.
func (s *State) bring(who ...Person) {
	for _, p := range who {
		if !p.Zero() && len(s.Brought) < maxPeople && !slices.ContainsFunc(s.Brought, p.Same) {
			s.Brought = append(s.Brought, p)
		}
	}
}

// inRoom leaves out what would be said or done in a room that is held back: when it opens, its cards are drawn from everything recorded before.
func inRoom(s State, effects []Effect) []Effect {
	if !s.RoomHeld {
		return effects
	}
	return slices.DeleteFunc(effects, func(e Effect) bool {
		switch e.Do {
		case Post:
			return e.To == ToIncident
		case Invite, SetTopic, SetPurpose, Bookmark:
			return true
		}
		return false
	})
}

// RoomDue is the deadline at which the room that is held back is opened if nobody has taken the incident by then; false where there is a room, or
// no such deadline.
func (s State) RoomDue() (Deadline, bool) {
	if !s.RoomHeld {
		return Deadline{}, false
	}
	for _, d := range Deadlines(s) {
		switch d.Name {
		case DueTake, DueAck, DueAccept, DueCommander, DueUpdate:
			return d, true
		}
	}
	return Deadline{}, false
}

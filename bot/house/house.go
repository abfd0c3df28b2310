// Package house is the log of what belongs to no incident: who is on call, when the bot was away, which duties ran, what operators did.
//
// It has the same four functions as package incident, in small: Decide, Evolve, Effects (none is recorded: what it owes PagerDuty follows from
// the state, see OverridesOwed) and Deadlines (the duties). Like there: no clock, no I/O, the standard library only. It knows no incident.
//
// A Rotation of the policy file, with the Covers of the log, tells who is on call at any instant (Rota); Report counts what that asked of
// people.
//
// A review asks somebody whether a runbook, or what runbooks stand on, is still right: because an incident used it, or because a quarter began.
// What is asked, who was told, and what came of it is here and not in an incident's log, since it outlives the incident and is about many.
//
// A cover over a schedule of PagerDuty is agreed on here first and becomes an override there after (OverridesOwed): what was agreed is known
// before anything is asked of PagerDuty, so nothing stands there that nobody remembers, and what PagerDuty could not take is made later, by
// any replica, after looking whether it stands already. Who is on call is what PagerDuty says; an agreement alone rings nobody's phone.
//
// A holiday that was announced after the policy was written is kept here because it belongs to no incident and must count in all of them. It is
// the one part of business time that a policy frozen into an incident does not decide: a rule is agreed on beforehand and holds to the end, a
// holiday is a fact about the world, and a promise made in working days was made in days on which people work. The engine stamps the list
// on every intent; what counts for an incident is recorded in its own log (incident.HolidaysCounted), which therefore replays without this one.
package house

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Event is one fact of the house log.
type Event struct {
	Seq        int64     `json:"seq"`
	At         time.Time `json:"at"`
	RecordedAt time.Time `json:"recorded"`
	Fact       Fact      `json:"-"`
}

// Fact is what an event says.
type Fact interface{ Type() string }

// Person is a human being by the ids the outside gave; the same shape as an incident's person.
type Person struct {
	Slack string `json:"slack,omitempty"`
	Pager string `json:"pager,omitempty"`
	Name  string `json:"name,omitempty"`
	Email string `json:"email,omitempty"`
}

// RosterSeen records who is on call for a target of the policy, when it changed.
type RosterSeen struct {
	Target string   `json:"target"`
	People []Person `json:"people"`
	Source string   `json:"source"`
	// Since is when they went on call, where the source says so; zero: not known, at the latest when it was seen.
	Since time.Time `json:"since,omitzero"`
}

// Away records that the bot did not hear Slack, or did not run, for a while.
type Away struct {
	What string    `json:"what"` // "process", "slack", "socket", "pagerduty"
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// DutyDone records that a recurring duty ran.
type DutyDone struct {
	Duty string    `json:"duty"`
	Slot time.Time `json:"slot"` // which run it was: the same slot is not done twice
}

// Operated records an act of an operator (a repair, a dead letter put back).
type Operated struct {
	What string `json:"what"`
	Who  string `json:"who,omitempty"`
}

// Type implements Fact.
func (*RosterSeen) Type() string { return "roster" }

// Type implements Fact.
func (*Away) Type() string { return "away" }

// Type implements Fact.
func (*DutyDone) Type() string { return "duty" }

// Type implements Fact.
func (*Operated) Type() string { return "operated" }

// NewFact returns an empty fact of the named type, nil when this release does not know it.
func NewFact(name string) Fact {
	switch name {
	case "roster":
		return new(RosterSeen)
	case "away":
		return new(Away)
	case "duty":
		return new(DutyDone)
	case "operated":
		return new(Operated)
	case "cover-set":
		return new(CoverSet)
	case "cover-ended":
		return new(CoverEnded)
	case "override-set":
		return new(OverrideSet)
	case "override-lifted":
		return new(OverrideLifted)
	case "override-refused":
		return new(OverrideRefused)
	case "holiday":
		return new(HolidayAnnounced)
	case "holiday-withdrawn":
		return new(HolidayWithdrawn)
	case "notice":
		return new(Noticed)
	case "review-asked":
		return new(ReviewAsked)
	case "review-told":
		return new(ReviewTold)
	case "review-put":
		return new(ReviewPut)
	case "review-ended":
		return new(ReviewEnded)
	}
	return nil
}

type eventJSON struct {
	Seq        int64           `json:"seq"`
	At         time.Time       `json:"at"`
	RecordedAt time.Time       `json:"recorded"`
	Type       string          `json:"type"`
	Fact       json.RawMessage `json:"fact"`
}

// MarshalJSON encodes the event with its fact under its type name.
func (e Event) MarshalJSON() ([]byte, error) {
	if e.Fact == nil {
		return nil, fmt.Errorf("house event %d has no fact", e.Seq)
	}
	f, err := json.Marshal(e.Fact)
	if err != nil {
		return nil, err
	}
	return json.Marshal(eventJSON{e.Seq, e.At, e.RecordedAt, e.Fact.Type(), f})
}

// UnmarshalJSON decodes what MarshalJSON wrote.
func (e *Event) UnmarshalJSON(b []byte) error {
	var j eventJSON
	if err := json.Unmarshal(b, &j); err != nil {
		return err
	}
	f := NewFact(j.Type)
	if f == nil {
		return fmt.Errorf("house event %d is of type %q, which this release does not know: run a newer tocsin", j.Seq, j.Type)
	}
	if err := json.Unmarshal(j.Fact, f); err != nil {
		return fmt.Errorf("decode %s of house event %d: %w", j.Type, j.Seq, err)
	}
	*e = Event{j.Seq, j.At, j.RecordedAt, f}
	return nil
}

// Intent is what comes in: a fact somebody saw, and when.
type Intent struct {
	At   time.Time // when it happened
	Now  time.Time
	Fact Fact
	// Rotation is the one a CoverSet is about, as the policy in force has it; nil: the policy keeps no such rotation.
	Rotation *Rotation
	// Schedule is the one of PagerDuty a CoverSet is about, where it names one.
	Schedule *Schedule
	// Calendars are those of the policy in force, for a HolidayAnnounced and a HolidayWithdrawn: at least one, which is the default.
	Calendars []Calendar
	// Reviewers hold a role of the chain of the review that a ReviewPut or a ReviewEnded is about; ReviewChain is that chain where nobody has
	// asked for it.
	Reviewers   []Person
	ReviewChain []string
}

// State is the house as its log tells it.
type State struct {
	Seq        int64                `json:"seq"`
	RecordedAt time.Time            `json:"recorded,omitzero"`
	Rosters    map[string]Roster    `json:"rosters,omitempty"`
	Duties     map[string]time.Time `json:"duties,omitempty"` // last slot done
	Away       []Away               `json:"away,omitempty"`   // the last 20
	Covers     []Cover              `json:"covers,omitempty"` // in the order they were set, until 100 days after their end
	// Notices are the keys of what people were told, until when a second one is refused.
	Notices map[string]time.Time `json:"notices,omitempty"`
	// Holidays are the announced days, by day and then by calendar, those that are over among them. HolidaysSeq is the event that last changed
	// them: the version of the list.
	Holidays    []AnnouncedHoliday `json:"holidays,omitempty"`
	HolidaysSeq int64              `json:"holidays_seq,omitempty"`
	// Reviews are those that are open, in the order in which they were asked; ReviewsAsked the ids of those that ever were, the last 1000;
	// Reviewed is the last review of each subject.
	Reviews      []Review            `json:"reviews,omitempty"`
	ReviewsAsked []string            `json:"reviews_asked,omitempty"`
	Reviewed     map[string]Reviewed `json:"reviewed,omitempty"`
}

// Roster is who is on call for a target.
type Roster struct {
	People []Person  `json:"people"`
	Source string    `json:"source"`
	SeenAt time.Time `json:"seen"`
	Since  time.Time `json:"since,omitzero"` // see RosterSeen.Since
}

// maxAway is how many absences the state remembers; the log has all.
const maxAway = 20

// Decide returns the events of an intent: none for a roster that did not change and for a duty's slot that is done. A cover
// or a holiday that cannot be is a *Refusal.
func Decide(s State, in Intent) ([]Event, error) {
	now := in.Now
	if now.Before(s.RecordedAt) {
		now = s.RecordedAt
	}
	at := in.At
	if at.IsZero() {
		at = now
	}
	fact := in.Fact
	switch f := in.Fact.(type) {
	case *RosterSeen:
		if f.Target == "" {
			return nil, fmt.Errorf("a roster without target")
		}
		if old, ok := s.Rosters[f.Target]; ok && old.Source == f.Source && slices.Equal(old.People, f.People) {
			return nil, nil
		}
	case *DutyDone:
		if last, ok := s.Duties[f.Duty]; ok && !f.Slot.After(last) {
			return nil, nil
		}
	case *Away:
		if !f.To.After(f.From) {
			return nil, nil
		}
	case *Operated:
	case *CoverSet:
		accepted, err := decideCover(s, f, in.Rotation, in.Schedule, at)
		if err != nil {
			return nil, err
		}
		fact = accepted
	case *CoverEnded:
		accepted, err := decideCoverEnd(s, f, at)
		if err != nil {
			return nil, err
		}
		fact = accepted
	case *OverrideSet, *OverrideLifted, *OverrideRefused:
		if news, err := overrideNews(s, fact); err != nil || !news {
			return nil, err
		}
	case *HolidayAnnounced:
		accepted, err := decideHoliday(s, f, in.Calendars, at)
		if err != nil {
			return nil, err
		}
		fact = accepted
	case *HolidayWithdrawn:
		accepted, err := decideWithdrawal(s, f, in.Calendars, at)
		if err != nil {
			return nil, err
		}
		fact = accepted
	case *Noticed:
		accepted, err := decideNotice(s, f, at)
		if err != nil || accepted == nil {
			return nil, err
		}
		fact = accepted
	case *ReviewAsked, *ReviewTold, *ReviewPut, *ReviewEnded:
		accepted, err := decideReview(s, f, in, at)
		if err != nil || accepted == nil {
			return nil, err
		}
		fact = accepted
	default:
		return nil, fmt.Errorf("the house does not know %T", in.Fact)
	}
	return []Event{{Seq: s.Seq + 1, At: at, RecordedAt: now, Fact: fact}}, nil
}

// Evolve returns the state after an event.
func Evolve(s State, e Event) State {
	s.Seq, s.RecordedAt = e.Seq, e.RecordedAt
	s.Covers = evolveCovers(s.Covers, e)
	s.Notices = evolveNotices(s.Notices, e)
	s.holidaysEvolve(e)
	s.reviewEvolve(e)
	switch f := e.Fact.(type) {
	case *RosterSeen:
		s.Rosters = maps.Clone(s.Rosters)
		if s.Rosters == nil {
			s.Rosters = map[string]Roster{}
		}
		s.Rosters[f.Target] = Roster{f.People, f.Source, e.At, f.Since}
	case *DutyDone:
		s.Duties = maps.Clone(s.Duties)
		if s.Duties == nil {
			s.Duties = map[string]time.Time{}
		}
		s.Duties[f.Duty] = f.Slot
	case *Away:
		s.Away = append(slices.Clone(s.Away), *f)
		if len(s.Away) > maxAway {
			s.Away = s.Away[len(s.Away)-maxAway:]
		}
	}
	return s
}

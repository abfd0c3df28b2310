package incident

import (
	"encoding/json"
	"fmt"
	"time"
)

// Event is one fact of an incident's log. Sequence numbers start at 1 and have no gap.
type Event struct {
	Seq        int64     `json:"seq"`
	At         time.Time `json:"at"`       // when it happened (Slack's ts, PagerDuty's occurred_at)
	RecordedAt time.Time `json:"recorded"` // when it was committed; never goes back
	Actor      Actor     `json:"actor,omitzero"`
	Via        Via       `json:"via,omitempty"`
	Fact       Fact      `json:"-"` // what happened; encoded under its type name
	Effects    []Effect  `json:"effects,omitempty"`
}

// Fact is what an event says. The concrete types are in facts.go; every one is a pointer type with a name that never changes.
type Fact interface {
	// Type is the name under which the fact is stored, forever.
	Type() string
	// Texts are the free texts of the fact, in a fixed order, so that they can be sealed and stored beside the log.
	Texts() []*Text
}

type eventJSON struct {
	Seq        int64           `json:"seq"`
	At         time.Time       `json:"at"`
	RecordedAt time.Time       `json:"recorded"`
	Actor      Actor           `json:"actor,omitzero"`
	Via        Via             `json:"via,omitempty"`
	Type       string          `json:"type"`
	Fact       json.RawMessage `json:"fact"`
	Effects    []Effect        `json:"effects,omitempty"`
}

// MarshalJSON encodes the event with its fact under its type name; bodies of texts are left out (only digests are part of the log).
func (e Event) MarshalJSON() ([]byte, error) {
	if e.Fact == nil {
		return nil, fmt.Errorf("event %d has no fact", e.Seq)
	}
	f, err := json.Marshal(e.Fact)
	if err != nil {
		return nil, fmt.Errorf("encode %s of event %d: %w", e.Fact.Type(), e.Seq, err)
	}
	return json.Marshal(eventJSON{e.Seq, e.At, e.RecordedAt, e.Actor, e.Via, e.Fact.Type(), f, e.Effects})
}

// UnmarshalJSON decodes what MarshalJSON wrote. An unknown type is an error: a log of a newer release must not be half read.
func (e *Event) UnmarshalJSON(b []byte) error {
	var j eventJSON
	if err := json.Unmarshal(b, &j); err != nil {
		return err
	}
	f := NewFact(j.Type)
	if f == nil {
		return fmt.Errorf("event %d is of type %q, which this release does not know: run a newer tocsin", j.Seq, j.Type)
	}
	if err := json.Unmarshal(j.Fact, f); err != nil {
		return fmt.Errorf("decode %s of event %d: %w", j.Type, j.Seq, err)
	}
	*e = Event{j.Seq, j.At, j.RecordedAt, j.Actor, j.Via, f, j.Effects}
	return nil
}

// EffectID names an effect forever: "INC-42/7/open-channel".
type EffectID string

// Effect is something to be done in the world, recorded with the event it follows from. It carries references, never content:
// the worker renders from the state at the time of the attempt.
type Effect struct {
	Name   string    `json:"name"`             // unique within its event: "open-channel", "ring/L1.primary.1.U123"
	Do     Verb      `json:"do"`               // what to do
	Lane   Lane      `json:"lane"`             // which target it goes to
	Class  Class     `json:"class"`            // its place when there is not enough budget for all
	Repeat Repeat    `json:"repeat"`           // what a second attempt would do
	After  EffectID  `json:"after,omitempty"`  // an effect of the same lane that must be settled first
	Until  time.Time `json:"until,omitzero"`   // not attempted after this moment (nudges)
	View   string    `json:"view,omitempty"`   // which card or text: "headline", "nudge", ...
	Slot   string    `json:"slot,omitempty"`   // the name under which the posted message is kept, to be edited later
	To     string    `json:"to,omitempty"`     // ToIncident, ToIncidents, ToAlerts; empty when People says
	People []Person  `json:"people,omitempty"` // invited, or messaged directly
	Page   string    `json:"page,omitempty"`   // key of the page it is about
	Arg    string    `json:"arg,omitempty"`    // one more reference: a channel name, a runbook id, a deadline key
	With   []string  `json:"with,omitempty"`   // of a reminder: keys of further duties that the same message is about
}

// Verb is what an effect does.
type Verb string

// The verbs of the Slack lane, then of the pager lane.
const (
	OpenChannel Verb = "open-channel" // conversations.create with Arg as name; findable
	Invite      Verb = "invite"       // conversations.invite People; idempotent
	SetTopic    Verb = "set-topic"    // idempotent, latest wins
	SetPurpose  Verb = "set-purpose"  // idempotent
	Post        Verb = "post"         // chat.postMessage of View to To, kept as Slot when given; findable
	Redraw      Verb = "redraw"       // chat.update of Slot with View; idempotent, latest wins
	Pin         Verb = "pin"          // pins.add of Slot; idempotent, optional
	Bookmark    Verb = "bookmark"     // bookmarks.add; optional
	Direct      Verb = "direct"       // conversations.open + chat.postMessage of View to People[0]; findable unless Once
	Ring        Verb = "ring"         // trigger the page (Events v2 by routing key, else POST /incidents); keyed
	ClosePage   Verb = "close-page"   // resolve the page; keyed
	AckPage     Verb = "ack-page"     // acknowledge the page; keyed
	NotePage    Verb = "note-page"    // add View as a note to the page's PagerDuty incident
	AskReview   Verb = "ask-review"   // record in the house log that the runbook Arg is to be reviewed; idempotent, of the house lane
)

// Lane is the target an effect goes to. Lanes of one incident never wait for each other.
type Lane string

// The lanes.
const (
	LaneSlack Lane = "slack"
	LanePager Lane = "pager"
	LaneHouse Lane = "house" // what goes into the house log
)

// Lanes are all of them.
var Lanes = []Lane{LaneSlack, LanePager, LaneHouse}

// Class orders effects when the budget is short.
type Class int

// The classes, most urgent first.
const (
	ClassPage Class = iota
	ClassAck
	ClassUpdate
	ClassCosmetic
)

// Repeat says what doing an effect twice would do.
type Repeat string

// The kinds of repeat.
const (
	Idempotent Repeat = "idempotent" // repeat freely
	Keyed      Repeat = "keyed"      // repeat with the same key
	Findable   Repeat = "findable"   // look first, adopt what is found
	AtMostOnce Repeat = "once"       // one attempt whose result is in doubt is not repeated
)

// Where posts go.
const (
	ToIncident  = "incident"  // the incident's own channel
	ToIncidents = "incidents" // the channel of announcements
)

// Owed is a recorded effect on its way: what the outbox hands to a performer.
type Owed struct {
	ID       EffectID  `json:"id"`
	Incident ID        `json:"incident"`
	Seq      int64     `json:"seq"` // of the event it is recorded with
	At       time.Time `json:"at"`  // when it was recorded
	Effect   Effect    `json:"effect"`
	Attempt  int       `json:"attempt"` // 1 for the first
}

// IDOf returns the id of effect e recorded with event seq of incident id.
func IDOf(id ID, seq int64, e Effect) EffectID {
	return EffectID(fmt.Sprintf("%s/%d/%s", id, seq, e.Name))
}

// Facts reports whether settling the effect adds an event to the log. What does not is idempotent and cosmetic: its settlement is
// only the outbox's business, and a rebuilt outbox redraws it once.
func (e Effect) Facts() bool {
	switch e.Do {
	case SetTopic, SetPurpose, Redraw, Pin, Bookmark, Invite:
		return false
	}
	return true
}

// Optional reports whether the incident does well without it: a permanent failure is recorded and the lane goes on.
func (e Effect) Optional() bool {
	switch e.Do {
	case SetTopic, SetPurpose, Pin, Bookmark, NotePage:
		return true
	}
	return false
}

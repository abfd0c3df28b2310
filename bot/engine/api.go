package engine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	"github.com/tocsin-bot/tocsin/bot/house"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/journal"
)

// Input is something that came in from outside: an act, who did it, how it reached us, and which incident it is about.
type Input struct {
	// Key is the input's identity in transport: the same key gives the same outcome and no new event. Kept for 24 hours.
	// Examples: "slack/env/<envelope id>", "pd/event/<id>", "am/<group>/<set digest>/<time>".
	Key string
	// Same are keys of the fact itself, kept as long as the incident: "msg/<channel>/<ts>", "msg/<channel>/<ts>/<edit ts>".
	Same  []string
	At    time.Time // when it happened outside; zero: now
	Actor incident.Actor
	Via   incident.Via
	Act   incident.Act
	Route Route
	// Lease is set by the outbox with a report: the commit fails with ErrFenced when the lane has a newer one.
	Lease *journal.Lease
}

// Route says which incident an input is about. The first that applies wins: ID, Channel, then the first of Claims that has an owner.
// When nothing owns it and New is set, the act declares a new incident; otherwise the input is unrouted and nothing is recorded.
type Route struct {
	ID      incident.ID
	Channel string   // Slack channel id
	Claims  []string // claim keys, strongest first; see ClaimAlert, ClaimPager, ClaimDedup
	New     bool
	Take    []string // claims the incident takes (new or found), where they are free
	// Joins are claims whose owner takes the input only while it is young (incident.State.Joins). A new incident takes them over.
	Joins []string
	// Names are what the alerts are called, all of them: an incident whose runbook waits for alerts of these names takes the input
	// (incident.State.Awaits). Empty: not known.
	Names []string
	// Over is an incident that is over for good as far as the input goes: what it holds of Take is free too, and passes on.
	Over incident.ID
}

// Claim keys.

// ClaimAlert is the claim of an alert group. Its key is what Alertmanager sends to PagerDuty as dedup key as well: the hex SHA-256 of
// the group key (Alertmanager, notify/pagerduty).
func ClaimAlert(dedup string) string { return incident.GroupClaim(dedup) }

// ClaimService is the claim of a service, held by the newest incident that alerts of it opened.
func ClaimService(name string) string { return "service/" + ServiceName(name) }

// claimWas is the claim of an alert group whose incident has ended: it may be taken up again.
func claimWas(claim string) string { return "was/" + claim }

// ClaimAlertName is the weak claim of an alert's name and service: it joins a page whose key says nothing.
func ClaimAlertName(name, service string) string { return "alertname/" + name + "/" + service }

// ServiceName is a service as claims name it: what Alertmanager's label and PagerDuty's title say of one service is one name.
func ServiceName(s string) string { return strings.ToLower(strings.TrimSpace(incident.Clip(s, 100))) }

// ClaimStorm is the claim of the incident that takes in every new alert group.
const ClaimStorm = "storm/open"

// ClaimPager is the claim of a PagerDuty incident id.
func ClaimPager(id string) string { return "pagerduty/" + id }

// ClaimDedup is the claim of a dedup key of one of our own pages.
func ClaimDedup(key string) string { return "dedup/" + key }

// ClaimChannel is the claim of a Slack channel id; ClaimName of a channel name.
func ClaimChannel(id string) string { return "channel/" + id }

// ClaimName is the claim of a channel name.
func ClaimName(name string) string { return "name/" + name }

// ClaimTitle is the claim of what a title says, held while the incident is open: of two people who declare the same thing at the same
// moment one opens the room and the other is routed there. meaning is the title without what makes no difference. Only its digest is kept,
// since a claim stands in the log and cannot be erased.
func ClaimTitle(meaning string) string {
	sum := sha256.Sum256([]byte(meaning))
	return titleClaim + hex.EncodeToString(sum[:16])
}

const titleClaim = "title/"

// Outcome is what came of an input.
type Outcome struct {
	Incident  incident.ID       `json:"incident,omitempty"`
	First     int64             `json:"first,omitempty"` // sequence numbers of the events it added; 0: none
	Last      int64             `json:"last,omitempty"`
	New       bool              `json:"new,omitempty"`      // it declared the incident
	Refusal   *incident.Refusal `json:"refusal,omitempty"`  // a no, with its reason
	Unrouted  bool              `json:"unrouted,omitempty"` // no incident is meant
	Duplicate bool              `json:"-"`                  // this is the outcome of the same input, earlier
	State     incident.State    `json:"-"`                  // after it
	Events    []incident.Event  `json:"-"`                  // it added, texts included; nil for a duplicate, whose events are in the log
}

// Errors of the engine.
var (
	// ErrFenced says that a report came with a lease that is not the newest any more: it changed nothing.
	ErrFenced = errors.New("the lane has a newer lease")
	// ErrUnknown says that the store did not tell whether the commit happened; the same input may be handed in again.
	ErrUnknown = journal.ErrUnknown
	// ErrBusy says that others kept changing what the input is about; nothing was recorded.
	ErrBusy = errors.New("too many concurrent changes")
)

// Handler takes inputs. It commits before it returns: an error means that nothing was recorded, except when errors.Is(err,
// ErrUnknown), after which the same input may be handed in again.
type Handler interface {
	Handle(ctx context.Context, in Input) (Outcome, error)
	// HandleHouse takes what belongs to no incident.
	HandleHouse(ctx context.Context, key string, in house.Intent) error
}

// Row is an incident in a list.
type Row struct {
	ID        incident.ID       `json:"id"`
	Title     string            `json:"title"`
	Severity  incident.Severity `json:"severity"`
	Confirmed bool              `json:"confirmed,omitempty"`
	Status    incident.Status   `json:"status"`
	Open      bool              `json:"open"`
	Service   string            `json:"service,omitempty"`
	Channel   string            `json:"channel,omitempty"`
	Name      string            `json:"name,omitempty"` // of the channel
	Commander incident.Person   `json:"commander,omitzero"`
	Declared  time.Time         `json:"declared"`
	Ended     time.Time         `json:"ended,omitzero"`
	Seq       int64             `json:"seq"`
	Source    string            `json:"source,omitempty"`  // incident.SourceHand, SourceAlert, SourcePage
	Private   bool              `json:"private,omitempty"` // only those who are part of it may read the row
	Awaits    bool              `json:"awaits,omitempty"`  // a runbook in use waits for alerts (incident.State.Awaits)
	Former    string            `json:"former,omitempty"`  // Slack channel that was its room before it went private
}

// Reader answers questions. What it returns is a value of the caller's own.
type Reader interface {
	// State returns an incident with its policy bound; an error wrapping journal.ErrNotFound when there is none.
	State(ctx context.Context, id incident.ID) (incident.State, error)
	// ByChannel returns the incident whose room a Slack channel is.
	ByChannel(ctx context.Context, channel string) (incident.ID, bool, error)
	// ByClaims returns the owner of the first claim that has one.
	ByClaims(ctx context.Context, claims []string) (incident.ID, bool, error)
	// Events returns up to limit events from seq on, texts included.
	Events(ctx context.Context, id incident.ID, from int64, limit int) ([]incident.Event, error)
	// List returns up to limit rows, newest first.
	List(ctx context.Context, open bool, limit int) ([]Row, error)
	// House returns the house as it stands.
	House(ctx context.Context) (house.State, error)
	// Policy returns the policy that a new incident would get.
	Policy() *incident.Policy
}

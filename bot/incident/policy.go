package incident

import "time"

// Policy is the process a company promised, frozen into an incident by its digest. It holds names of secrets, never secrets.
// Package policy reads it from YAML; the figures of the embedded default come from sections 1, 2 and 6 of the on-call runbooks seed.
type Policy struct {
	Digest       string                    `json:"digest"`       // hex SHA-256 of the source
	Installation string                    `json:"installation"` // first part of every dedup key
	Zone         string                    `json:"zone"`         // IANA time zone of dates and fallback times
	Language     string                    `json:"language"`     // "en" or "fr"
	Severities   map[Severity]SeverityRule `json:"severities"`
	Targets      map[string]Target         `json:"targets"`
	Ladder       []Level                   `json:"ladder"` // Ladder[0] is level 1
	Alerts       map[string]AlertRule      `json:"alerts"` // by alert name
	// LabelSeverity maps a value of the alert label "severity" to ours, for alerts the catalogue does not know.
	LabelSeverity   map[string]Severity `json:"label_severity"`
	DefaultSeverity Severity            `json:"default_severity"`
	// RestartEvery is how long after the last level went unanswered the ladder starts again at level 1, without end.
	RestartEvery time.Duration `json:"restart_every"`
	// WarnBefore is how long before someone is escalated over they are told.
	WarnBefore time.Duration `json:"warn_before"`
	// MoreTime is what "+15 min" adds, once per level.
	MoreTime time.Duration `json:"more_time"`
	// ConfirmWithin is after how long an unconfirmed SEV-1 counts as confirmed.
	ConfirmWithin time.Duration `json:"confirm_within"`
	// FirstPage says who rings level 1 for an alert that came by Alertmanager: "tocsin" (at once) or "pagerduty" (its own service
	// does; Tocsin rings only when no such page was seen within FirstPageWait).
	FirstPage     string        `json:"first_page"`
	FirstPageWait time.Duration `json:"first_page_wait"`
	// LadderOwner says who escalates a page that nobody takes: "tocsin", or "pagerduty" whose own escalation policy does it. The waits for
	// results (progress, mitigation) are Tocsin's either way: PagerDuty knows nothing of them. So are those for a page that no escalation
	// policy holds (assigned to one person) or that PagerDuty gave up.
	LadderOwner string `json:"ladder_owner,omitempty"`
	// ResumeWithin is how long after all alerts cleared with nobody answering a new firing takes the incident up where it stood, with what
	// is left of the wait; after that level 1 is rung first, and whoever was waited for in vain is not waited for again (see Stage).
	ResumeWithin time.Duration      `json:"resume_within,omitempty"`
	Services     map[string]Service `json:"services,omitempty"` // by name, as monitoring writes it
	Guide        []GuideRule        `json:"guide,omitempty"`
	// JoinWithin is how long after its declaration an open incident takes in new alert groups of its service; zero: never.
	JoinWithin time.Duration `json:"join_within,omitempty"`
	// AfterResolve says what becomes of an alert group that fires again after its incident has ended: AfterReopen within ReopenWithin, or
	// AfterNew.
	AfterResolve string        `json:"after_resolve,omitempty"`
	ReopenWithin time.Duration `json:"reopen_within,omitempty"`
	// Storm says from when on new alert groups share one room.
	Storm StormRule `json:"storm,omitzero"`
	// Calendars are business times by name; Calendar is the one that counts where a service names none.
	Calendars map[string]Calendar `json:"calendars,omitempty"`
	Calendar  string              `json:"calendar,omitempty"`

	// AlertsChannel is the Slack channel, name or id, in which every alert group has a card; empty: there is none, and whatever monitoring opens
	// has a room at once.
	AlertsChannel string `json:"alerts_channel,omitempty"`

	bound  map[string]*BusinessTime // by Bind
	office *BusinessTime            // what counts for obligations without a calendar; set by Bind
	// Obligations are what must be done because of an incident, and Questions what decides on some of them; in the order of the file.
	Obligations []Obligation `json:"obligations,omitempty"`
	Questions   []Question   `json:"questions,omitempty"`
	// HandOverWithin is how long somebody who is asked to take command over has to accept; zero: 15 min. HandOverAfter is after how long one
	// commander is told to hand over; zero: never.
	HandOverWithin time.Duration `json:"hand_over_within,omitempty"`
	HandOverAfter  time.Duration `json:"hand_over_after,omitempty"`
	// Response says of whom a commander, the status updates and an accepted hand-over are asked, in turn and without end.
	Response Response `json:"response,omitzero"`
	// Reviews says when runbooks, and what they stand on, are reviewed; see ReviewRule.
	Reviews Reviews `json:"reviews,omitzero"`
}

// What an alert group does that fires again after its incident has ended.
const (
	AfterReopen = "reopen"
	AfterNew    = "new"
)

// StormRule limits the rooms that monitoring opens: when Rooms were opened within Within, one storm incident takes in every further new
// group, until none has come for Within. Zero rooms: there is no limit.
type StormRule struct {
	Rooms  int           `json:"rooms"`
	Within time.Duration `json:"within"`
}

// Who escalates.
const (
	LadderTocsin    = "tocsin"
	LadderPagerDuty = "pagerduty"
)

// SeverityRule is what a severity promises. A zero duration means: no such deadline.
type SeverityRule struct {
	Definition      map[string]string `json:"definition"`       // by language
	AckWithin       time.Duration     `json:"ack_within"`       // detection -> acknowledgement
	AcceptWithin    time.Duration     `json:"accept_within"`    // a level paged -> one of it accepts
	CommanderWithin time.Duration     `json:"commander_within"` // without commander -> somebody is paged
	ProgressWithin  time.Duration     `json:"progress_within"`  // acknowledgement -> first progress, else level 2
	ProgressEvery   time.Duration     `json:"progress_every"`   // after the first progress
	RemediateWithin time.Duration     `json:"remediate_within"` // level 2 accepted -> mitigated, else level 3
	FirstUpdate     time.Duration     `json:"first_update"`     // declaration -> first status update
	UpdateEvery     time.Duration     `json:"update_every"`     // then every
	CommsWithin     time.Duration     `json:"comms_within"`     // comms lead asked by DM -> the backup is asked
	CommsBackup     string            `json:"comms_backup"`     // target asked then; empty: nobody
	Tell            []string          `json:"tell"`             // targets told when the severity is confirmed (DM, no page)
	PageAtOnce      []string          `json:"page_at_once"`     // targets paged when the severity is confirmed
	NoLadder        bool              `json:"no_ladder"`        // nobody is escalated over
	NeedsConfirm    bool              `json:"needs_confirm"`    // a human (or the alert catalogue) confirms before Tell and PageAtOnce
	PostMortem      bool              `json:"post_mortem"`
	// AckDays is AckWithin in business days, for a severity without ladder: nobody is rung, the first level is reminded.
	AckDays int `json:"ack_days,omitempty"`
	// ImpactWithin is after how long the unanswered question "customers or regulators touched?" counts as yes; zero: it is not asked.
	ImpactWithin time.Duration `json:"impact_within,omitempty"`
	// LowUrgency pages with low urgency outside working hours: PagerDuty notifies by the person's low-urgency rules.
	LowUrgency bool `json:"low_urgency,omitempty"`
	// NoPark refuses to set the incident aside until later.
	NoPark bool `json:"no_park,omitempty"`
	// Room says when an incident that monitoring opens gets its room: RoomAtOnce (or empty), or RoomWhenAccepted.
	Room string `json:"room,omitempty"`
	// RingOn keeps ringing level 1 when monitoring says that it is over and nobody has answered; otherwise the clocks pause.
	RingOn bool `json:"ring_on,omitempty"`
}

// Target is somebody who can be paged: a rotation, a role or a person, with an own address.
type Target struct {
	Key     string            `json:"key"`   // "primary", "tech_lead"
	Title   map[string]string `json:"title"` // by language: "tech lead", "ingénieur d'astreinte"
	Address Address           `json:"address"`
	// Schedule is the PagerDuty schedule that says who is on call; empty: People are.
	Schedule string `json:"schedule,omitempty"`
	// Rotation is the key of the rotation of the policy file that says who is on call, beside neither Schedule nor People.
	Rotation string `json:"rotation,omitempty"`
	// People by e-mail, resolved to Slack and PagerDuty users by the roster duty.
	People []string `json:"people,omitempty"`
	Phone  string   `json:"phone,omitempty"` // shown where the bot itself cannot page
}

// Address is where a page for a target goes. Exactly one of RoutingKey, User, EscalationPolicy, OnCall is set.
type Address struct {
	// RoutingKey names the secret with the Events API v2 routing key: an environment variable name, or "file:" and a path.
	RoutingKey string `json:"routing_key,omitempty"`
	// User is the PagerDuty user id a REST incident is assigned to.
	User string `json:"user,omitempty"`
	// EscalationPolicy is the PagerDuty escalation policy id a REST incident is given to.
	EscalationPolicy string `json:"escalation_policy,omitempty"`
	// Service is the PagerDuty service a REST incident is opened on.
	Service string `json:"service,omitempty"`
	// OnCall assigns a REST incident to the PagerDuty user of whoever is on call for the target: the phone goes round with the duty.
	OnCall bool `json:"on_call,omitempty"`
}

// For is where a page for one person of the target goes. An address that goes round with the duty becomes that person's; it stays as it
// is while their PagerDuty user is not known, and such a page cannot ring.
func (a Address) For(who Person) Address {
	if a.OnCall && who.Pager != "" {
		return Address{User: who.Pager, Service: a.Service}
	}
	return a
}

// Level is one rung of the escalation ladder.
type Level struct {
	Name    string   `json:"name"`    // "L1"
	Targets []string `json:"targets"` // paged together; one accepting is enough
	Backup  string   `json:"backup,omitempty"`
	// Only limits the level to some severities; empty: all. The walk skips a level that does not apply.
	Only []Severity `json:"only,omitempty"`
	// Instead names other targets for a severity.
	Instead map[Severity][]string `json:"instead,omitempty"`
	// WhenEmpty is rung when nobody is known to be on call for any of the targets.
	WhenEmpty string `json:"when_empty,omitempty"`
	// On says what calls for the level: empty, time without result; LevelOnImpact, that customers or regulators are touched.
	On string `json:"on,omitempty"`
}

// LevelOnImpact is a level that is rung because customers or regulators are touched, never because time has passed.
const LevelOnImpact = "impact"

// AlertRule is what the alert catalogue says of an alert.
type AlertRule struct {
	Severity Severity `json:"severity"`
	// Confirmed is whether the alert itself confirms the severity, without a human.
	Confirmed bool `json:"confirmed"`
	// Asks is a question that a human is asked because of it: QuestionAttack, or empty.
	Asks string `json:"asks,omitempty"`
}

// Rule returns the rule of severity sev; the zero rule (no deadlines) when the policy is not bound or does not know it.
func (p *Policy) Rule(sev Severity) SeverityRule {
	if p == nil {
		return SeverityRule{}
	}
	return p.Severities[sev]
}

// TargetTitle is what a target is called in a language, falling back to English and then to its key.
func (p *Policy) TargetTitle(key, language string) string {
	if p != nil {
		t := p.Targets[key]
		for _, l := range []string{language, "en"} {
			if t.Title[l] != "" {
				return t.Title[l]
			}
		}
	}
	return key
}

// Roster is who is on call for a target, as last seen.
type Roster struct {
	People []Person  `json:"people"`
	Source string    `json:"source"` // "pagerduty schedule PABC", "policy"
	SeenAt time.Time `json:"seen_at"`
}

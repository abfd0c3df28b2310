package pager

import (
	"context"
	"encoding/json"
	"net/http"
	"time"
)

// Clock is the time the pager lives in. Now may jump forward; WaitUntil returns nil once Now has reached t, or the
// context's error. Both must be safe for concurrent use.
type Clock interface {
	Now() time.Time
	WaitUntil(ctx context.Context, t time.Time) error
}

// Kinds of [Ring].
const (
	Phone = "phone" // a call: the phone rings
	Push  = "push"  // the app's push notification, with sound
	Email = "email" // an e-mail: nothing rings
	Note  = "note"  // a note shown on the incident to its assignees: nothing rings
)

// Statuses of an incident, as on the wire.
const (
	Triggered    = "triggered"
	Acknowledged = "acknowledged"
	Resolved     = "resolved"
)

// Urgencies, and how a service derives them.
const (
	High          = "high"
	Low           = "low"
	SeverityBased = "severity_based" // critical and error are high, warning and info low
)

// NotificationRule says by which kind of contact a person is notified how long after an incident became theirs.
type NotificationRule struct {
	Kind  string        `json:"kind"`
	After time.Duration `json:"after"`
}

// User is one PagerDuty user. ID starts with "P". Email is what a From header names.
type User struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Email    string `json:"email"`
	Phone    string `json:"phone"` // label only, nothing is dialled
	TimeZone string `json:"time_zone,omitempty"`
	JobTitle string `json:"job_title,omitempty"`

	// HighUrgency and LowUrgency are the notification rules. Empty means push and phone at once, and e-mail at once.
	HighUrgency []NotificationRule `json:"-"`
	LowUrgency  []NotificationRule `json:"-"`
}

// Schedule says who is on call. With Turn zero the first of Users always is; otherwise they take turns of that length
// from Start on. An empty id among them is a turn that is nobody's: a gap, as a layer's restrictions leave one.
type Schedule struct {
	ID       string
	Name     string
	TimeZone string
	Users    []string // user ids, in order of rotation; at least one is somebody
	Start    time.Time
	Turn     time.Duration
}

// Target is who a level notifies: exactly one of the two is set.
type Target struct {
	UserID     string
	ScheduleID string
}

// Level is one step of an escalation policy: its targets are notified together, and after Delay without
// acknowledgement the next level is. Delay is at least one minute.
type Level struct {
	Targets []Target
	Delay   time.Duration
}

// EscalationPolicy lists levels, first to last. NumLoops says how often the whole list is repeated when the last level
// has not acknowledged either; then the incident stays with the last level and nobody is notified further.
type EscalationPolicy struct {
	ID       string
	Name     string
	Levels   []Level
	NumLoops int
}

// Integration is one Events API v2 integration of a service. Key is its 32 character routing key.
type Integration struct {
	ID   string
	Name string
	Key  string
}

// Service is what alerts arrive at. Urgency is [High] (the default), [Low] or [SeverityBased]. With AckTimeout an
// acknowledged incident returns to triggered after that time.
type Service struct {
	ID                 string
	Name               string
	EscalationPolicyID string
	Integrations       []Integration
	Urgency            string
	AckTimeout         time.Duration
}

// Priority is one of the account's incident priorities.
type Priority struct {
	ID   string
	Name string
}

// Webhook is a webhook v3 subscription. With several secrets the signature header carries one signature for each,
// comma separated, as during a rotation. An empty Events means all; an empty ServiceID means the whole account.
type Webhook struct {
	ID        string
	URL       string
	Secrets   []string
	Events    []string
	ServiceID string
}

// Options are the account the pager starts with. Users, EscalationPolicies and Services must refer to each other by id.
type Options struct {
	Clock              Clock // nil: real time
	Users              []User
	Schedules          []Schedule
	EscalationPolicies []EscalationPolicy
	Services           []Service
	Priorities         []Priority
	Webhooks           []Webhook

	// APIToken is the account's REST key. UserTokens are keys that belong to one user (token to user id); requests with
	// them need no From header.
	APIToken   string
	UserTokens map[string]string

	// Location is the account's time zone, in which times without an offset are read. Nil: UTC.
	Location *time.Location

	// RESTPerMinute and EventsPerMinute are the rate limits for each token and routing key. Zero: 960 and 120.
	RESTPerMinute   int
	EventsPerMinute int

	// WebhookTransport carries webhook deliveries. Nil: a transport of the pager's own.
	WebhookTransport http.RoundTripper

	// APIURL and HTMLURL are the bases of "self" and "html_url". Empty: PagerDuty's own and an example account.
	APIURL  string
	HTMLURL string
}

// Person is a user as the domain log names them.
type Person struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Email string `json:"email"`
	Phone string `json:"phone,omitempty"`
}

// Ring is one notification of one person: whose phone rang, when and why.
type Ring struct {
	Person     Person    `json:"person"`
	At         time.Time `json:"at"`
	Kind       string    `json:"kind"` // Phone, Push, Email or Note
	IncidentID string    `json:"incident_id"`
	DedupKey   string    `json:"dedup_key"`
	Service    string    `json:"service"` // the service's name
	ServiceID  string    `json:"service_id"`
	Title      string    `json:"title"`
	Why        string    `json:"why"`
	Urgency    string    `json:"urgency"`
	Level      int       `json:"level"` // of the escalation policy; 0 when assigned by name
}

// Alert is what a monitoring system sends. Summary, Source and Severity (critical, error, warning, info) are required.
type Alert struct {
	Summary       string         `json:"summary"`
	Severity      string         `json:"severity"`
	Source        string         `json:"source"`
	Component     string         `json:"component,omitempty"`
	Group         string         `json:"group,omitempty"`
	Class         string         `json:"class,omitempty"`
	CustomDetails map[string]any `json:"custom_details,omitempty"`
	DedupKey      string         `json:"dedup_key,omitempty"`
	Client        string         `json:"client,omitempty"`
	ClientURL     string         `json:"client_url,omitempty"`
}

// Fired is what became of an alert: the incident it opened or joined.
type Fired struct {
	IncidentID string `json:"incident_id"`
	DedupKey   string `json:"dedup_key"`
	New        bool   `json:"new"` // false: joined an open incident
}

// Acknowledgement says who acknowledged when.
type Acknowledgement struct {
	By Person    `json:"by"`
	At time.Time `json:"at"`
}

// IncidentNote is one note on an incident.
type IncidentNote struct {
	ID      string    `json:"id"`
	By      Person    `json:"by"`
	At      time.Time `json:"at"`
	Content string    `json:"content"`
}

// Incident is the state of one incident at the moment of reading.
type Incident struct {
	ID               string            `json:"id"`
	Number           int               `json:"number"`
	Title            string            `json:"title"`
	Status           string            `json:"status"`
	Urgency          string            `json:"urgency"`
	Priority         string            `json:"priority,omitempty"`
	ServiceID        string            `json:"service_id"`
	Service          string            `json:"service"`
	DedupKey         string            `json:"dedup_key"`
	EscalationPolicy string            `json:"escalation_policy"`
	Level            int               `json:"level"` // 0 when assigned by name
	Assignees        []Person          `json:"assignees"`
	Acknowledgements []Acknowledgement `json:"acknowledgements"`
	Notes            []IncidentNote    `json:"notes"`
	Details          map[string]any    `json:"details,omitempty"` // custom details of the first alert
	Severity         string            `json:"severity,omitempty"`
	Created          time.Time         `json:"created"`
	ResolvedAt       time.Time         `json:"resolved_at,omitzero"`
	ResolvedBy       string            `json:"resolved_by,omitempty"`
	EscalatesAt      time.Time         `json:"escalates_at,omitzero"`
	SnoozedUntil     time.Time         `json:"snoozed_until,omitzero"`
}

// LogEntry is one line of the account's log, oldest first in [Pager.LogEntries].
type LogEntry struct {
	ID         string    `json:"id"`
	Type       string    `json:"type"` // such as "trigger_log_entry"
	At         time.Time `json:"at"`
	Summary    string    `json:"summary"`
	IncidentID string    `json:"incident_id"`
	AgentID    string    `json:"agent_id"`
	Channel    string    `json:"channel"`
}

// Call is one request the pager answered. Body is cut to 16 KiB and never holds a routing key in full.
type Call struct {
	At         time.Time       `json:"at"`
	Op         string          `json:"op"`
	Path       string          `json:"path"`
	Query      string          `json:"query,omitempty"`
	From       string          `json:"from,omitempty"`
	Body       json.RawMessage `json:"body,omitempty"`
	Status     int             `json:"status"` // 0: the connection was cut
	Unexpected bool            `json:"unexpected,omitempty"`
	Fault      string          `json:"fault,omitempty"` // the fault switch that shaped the answer
}

// Delivery is one attempt to deliver a webhook.
type Delivery struct {
	WebhookID string    `json:"webhook_id"`
	EventID   string    `json:"event_id"`
	EventType string    `json:"event_type"`
	At        time.Time `json:"at"`
	Attempt   int       `json:"attempt"` // from 1
	Status    int       `json:"status"`  // 0: no answer
	Error     string    `json:"error,omitempty"`
	Outcome   string    `json:"outcome"` // delivered, retry, dropped
}

// WebhookStatus is a subscription as an operator sees it.
type WebhookStatus struct {
	ID            string    `json:"id"`
	URL           string    `json:"url"`
	Disabled      bool      `json:"disabled"`
	DisabledUntil time.Time `json:"disabled_until,omitzero"`
	Drops         int       `json:"consecutive_drops"`
	Queued        int       `json:"queued"`
	Dropped       int       `json:"dropped"` // since the start, those while disabled included
}

// Change tells a subscriber that something moved. It is a hint to read again, not a record: a slow reader misses some.
type Change struct {
	Kind       string    `json:"kind"` // incident, ring, webhook, fault
	IncidentID string    `json:"incident_id,omitempty"`
	At         time.Time `json:"at"`
}

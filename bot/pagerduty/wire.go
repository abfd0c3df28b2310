package pagerduty

import (
	"encoding/json"
	"strings"
	"time"
)

// Shapes of the REST API v2 and of webhooks v3, as far as they are used. Only what is needed is decoded: go-pagerduty v1.8.0 fails
// whole pages on fields nobody asked for (a numeric conference_number, a log entry whose channel has no type).

// ref is a reference to a PagerDuty object.
type ref struct {
	ID      string `json:"id"`
	Type    string `json:"type"`
	Summary string `json:"summary"`
	HTMLURL string `json:"html_url"`
	Email   string `json:"email"` // of a user with include[]=users
	Name    string `json:"name"`
}

// user reports whether a person is meant.
func (r *ref) user() bool {
	return r != nil && r.ID != "" && (r.Type == "user_reference" || r.Type == "user")
}

func (r *ref) label() string {
	if r.Name != "" {
		return r.Name
	}
	return r.Summary
}

// wireIncident is an incident of the REST API.
type wireIncident struct {
	ID          string    `json:"id"`
	Number      looseInt  `json:"incident_number"`
	Title       string    `json:"title"`
	Status      string    `json:"status"`
	Urgency     string    `json:"urgency"`
	Key         string    `json:"incident_key"`
	HTMLURL     string    `json:"html_url"`
	CreatedAt   looseTime `json:"created_at"`
	ChangedAt   looseTime `json:"last_status_change_at"`
	ChangedBy   *ref      `json:"last_status_change_by"`
	ResolvedAt  looseTime `json:"resolved_at"`
	Service     *ref      `json:"service"`
	Assignments []struct {
		Assignee *ref `json:"assignee"`
	} `json:"assignments"`
	Acknowledgements []struct {
		At looseTime `json:"at"`
		By *ref      `json:"acknowledger"`
	} `json:"acknowledgements"`
}

// wireAlert is an alert of an incident.
type wireAlert struct {
	Key      string `json:"alert_key"`
	Severity string `json:"severity"`
	Summary  string `json:"summary"`
	Body     struct {
		Details json.RawMessage `json:"details"` // an object for an Events v2 alert; whatever the sender sent
	} `json:"body"`
}

// wireLogEntry is an entry of the account's log.
type wireLogEntry struct {
	ID        string        `json:"id"`
	Type      string        `json:"type"`
	CreatedAt looseTime     `json:"created_at"`
	Agent     *ref          `json:"agent"`
	Incident  *wireIncident `json:"incident"`
	Channel   *struct {
		Summary json.RawMessage `json:"summary"`
	} `json:"channel"`
}

// wireNote is a note on an incident.
type wireNote struct {
	ID      string `json:"id"`
	Content string `json:"content"`
}

// wireOnCall is one entry of GET /oncalls.
type wireOnCall struct {
	User     *ref `json:"user"`
	Schedule *ref `json:"schedule"`
	Policy   *ref `json:"escalation_policy"`
	Level    int  `json:"escalation_level"`
}

// looseTime reads RFC 3339 and takes anything else for no time: a date that cannot be read must not cost the page it stands on.
type looseTime struct{ time.Time }

// UnmarshalJSON implements json.Unmarshaler.
func (t *looseTime) UnmarshalJSON(b []byte) error {
	var s string
	if json.Unmarshal(b, &s) == nil {
		if at, err := time.Parse(time.RFC3339Nano, s); err == nil {
			t.Time = at.UTC()
		}
	}
	return nil
}

// looseInt reads a number and takes anything else for 0.
type looseInt int64

// UnmarshalJSON implements json.Unmarshaler.
func (n *looseInt) UnmarshalJSON(b []byte) error {
	var i int64
	if json.Unmarshal(b, &i) == nil {
		*n = looseInt(i)
	}
	return nil
}

// textOf reads a JSON string, "" of anything else.
func textOf(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return ""
	}
	return strings.TrimSpace(s)
}

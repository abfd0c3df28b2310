package timeline

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/tocsin-bot/tocsin/bot/incident"
)

// Past is what PagerDuty recorded of one incident of its own: what there is to run a policy on, and to compare with. It is also the line of
// a file that was exported (JSON, one a line).
type Past struct {
	ID        string      `json:"id"`
	Number    int64       `json:"number,omitempty"`
	Title     string      `json:"title"`
	Service   string      `json:"service,omitempty"`
	Urgency   string      `json:"urgency,omitempty"`
	Key       string      `json:"key,omitempty"`      // incident_key, or the alert_key of its first alert
	Alert     string      `json:"alert,omitempty"`    // name of the alert, when its title or details say one that the policy knows
	Severity  string      `json:"severity,omitempty"` // the alert's own
	Triggered time.Time   `json:"triggered"`
	Entries   []PastEntry `json:"entries,omitempty"` // oldest first
}

// PastEntry is one line of PagerDuty's log, as far as it says who was rung and who answered.
type PastEntry struct {
	At      time.Time `json:"at"`
	Kind    string    `json:"kind"`              // PastNotified ...
	Who     string    `json:"who,omitempty"`     // name of the person; empty: a service or nobody
	WhoID   string    `json:"who_id,omitempty"`  // PagerDuty user id
	Channel string    `json:"channel,omitempty"` // of a notification: phone, sms, push, email
}

// Kinds of PastEntry.
const (
	PastNotified     = "notified"
	PastAcknowledged = "acknowledged"
	PastEscalated    = "escalated"
	PastResolved     = "resolved"
)

// Rings reports whether a notification is one that wakes: e-mail does not.
func (e PastEntry) Rings() bool { return e.Kind == PastNotified && e.Channel != "email" }

// Resolved is when it ended for the last time, zero when it is open or nobody recorded it.
func (p Past) Resolved() time.Time {
	for _, e := range slices.Backward(p.Entries) {
		if e.Kind == PastResolved {
			return e.At
		}
	}
	return time.Time{}
}

// Limits of a file of past incidents.
const (
	MaxPast        = 20_000
	maxPastBytes   = 256 << 20
	maxPastEntries = 2_000 // of one incident
)

// ErrPast says that a file of past incidents cannot be read from a record on.
var ErrPast = errors.New("not a record of a past incident")

// ReadPast reads past incidents, one JSON object after the other. Its error wraps ErrPast and says which record is wrong.
func ReadPast(r io.Reader) ([]Past, error) {
	var out []Past
	d := json.NewDecoder(io.LimitReader(r, maxPastBytes))
	for n := 1; ; n++ {
		var p Past
		err := d.Decode(&p)
		switch {
		case errors.Is(err, io.EOF):
			return out, nil
		case err != nil:
			return nil, fmt.Errorf("%w: number %d: %w", ErrPast, n, err)
		case p.ID == "" || p.Triggered.IsZero() || p.Triggered.Year() < 2000 || p.Triggered.Year() > 9000:
			return nil, fmt.Errorf("%w: number %d has no id or no time", ErrPast, n)
		case len(out) >= MaxPast || len(p.Entries) > maxPastEntries:
			return nil, fmt.Errorf("%w: number %d is beyond %d incidents or %d entries", ErrPast, n, MaxPast, maxPastEntries)
		}
		p.Title, p.Service = incident.Clip(p.Title, incident.MaxTitle), incident.Clip(p.Service, 100)
		slices.SortStableFunc(p.Entries, func(a, b PastEntry) int { return a.At.Compare(b.At) })
		out = append(out, p)
	}
}

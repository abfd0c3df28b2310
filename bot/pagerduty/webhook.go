package pagerduty

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/tocsin-bot/tocsin/bot/incident"
)

const (
	maxWebhookBody = 2 << 20 // bytes; PagerDuty's own limit
	webhookTime    = 4500 * time.Millisecond
	sourceWebhook  = "pagerduty/webhook"
)

// webhookEvent is the body of a webhook v3, as far as it is used.
type webhookEvent struct {
	Event *struct {
		ID         string          `json:"id"`
		Type       string          `json:"event_type"`
		OccurredAt string          `json:"occurred_at"`
		Agent      *ref            `json:"agent"`
		Data       json.RawMessage `json:"data"`
	} `json:"event"`
}

type webhookIncident struct {
	ID        string    `json:"id"`
	Number    looseInt  `json:"number"`
	Status    string    `json:"status"`
	Key       string    `json:"incident_key"`
	CreatedAt looseTime `json:"created_at"`
	Title     string    `json:"title"`
	HTMLURL   string    `json:"html_url"`
	Urgency   string    `json:"urgency"`
	Service   *ref      `json:"service"`
	Assignees []*ref    `json:"assignees"`
}

type webhookNote struct {
	ID       string `json:"id"`
	Content  string `json:"content"`
	Incident *ref   `json:"incident"`
}

// webhookKinds are the events that mean something to us; all others are answered 202 and left alone.
var webhookKinds = map[string]string{
	"incident.triggered":        kindTriggered,
	"incident.acknowledged":     kindAcknowledged,
	"incident.unacknowledged":   kindUnacknowledged,
	"incident.reassigned":       kindReassigned,
	"incident.escalated":        kindReassigned,
	"incident.delegated":        kindReassigned,
	"incident.reopened":         kindReopened,
	"incident.resolved":         kindResolved,
	"incident.annotated":        kindNote,
	"incident.priority_updated": kindOther,
}

// parseWebhook reads a webhook's body. It returns nil, nil for an event that means nothing to us; an error for one that should mean
// something and cannot be read.
func (in *Inbound) parseWebhook(body []byte) (*change, error) {
	var w webhookEvent
	if err := json.Unmarshal(body, &w); err != nil {
		return nil, fmt.Errorf("no JSON of an event: %w", err)
	}
	if w.Event == nil || w.Event.Type == "" {
		return nil, errors.New("no event.event_type")
	}
	kind, ok := webhookKinds[w.Event.Type]
	if !ok {
		return nil, nil
	}
	if w.Event.ID == "" || len(w.Event.ID) > maxID {
		return nil, errors.New("no event.id, or one too long")
	}
	at, err := time.Parse(time.RFC3339Nano, w.Event.OccurredAt)
	if err != nil {
		return nil, fmt.Errorf("event.occurred_at: %w", err)
	}
	c := &change{transport: "pd/event/" + w.Event.ID, kind: kind, at: at.UTC(), agent: w.Event.Agent}
	if kind == kindNote {
		var n webhookNote
		if err := json.Unmarshal(w.Event.Data, &n); err != nil {
			return nil, fmt.Errorf("event.data of a note: %w", err)
		}
		if n.Incident == nil || !plausibleID(n.Incident.ID) {
			return nil, errors.New("event.data.incident.id is missing")
		}
		c.inc = incident.PagerRef{ID: n.Incident.ID, URL: webLink(n.Incident.HTMLURL)}
		c.note, c.title = n.Content, incident.Clip(n.Incident.Summary, maxSummary)
		return c, nil
	}
	var d webhookIncident
	if err := json.Unmarshal(w.Event.Data, &d); err != nil {
		return nil, fmt.Errorf("event.data: %w", err)
	}
	if !plausibleID(d.ID) {
		return nil, errors.New("event.data.id is missing")
	}
	c.inc = incident.PagerRef{ID: d.ID, Number: int64(d.Number), URL: webLink(d.HTMLURL), Key: incident.Clip(d.Key, maxDedup), Status: statusIn(d.Status), Urgency: incident.Clip(d.Urgency, 20)}
	if d.Service != nil {
		c.inc.Service = incident.Clip(d.Service.label(), 100)
	}
	for _, a := range d.Assignees {
		if a.user() && len(c.inc.Assigned) < maxAssigned {
			c.inc.Assigned = append(c.inc.Assigned, in.person(a))
		}
	}
	c.title, c.created, c.mayOpen = incident.Clip(d.Title, maxSummary), d.CreatedAt.Time, kind == kindTriggered
	return c, nil
}

const maxID = 100

// plausibleID accepts what PagerDuty's ids look like. It becomes part of claims and paths.
func plausibleID(s string) bool {
	if s == "" || len(s) > maxID {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && r != '-' && r != '_'
	})
}

func statusIn(s string) string {
	switch s {
	case statusAcknowledged, statusResolved:
		return s
	}
	return statusTriggered
}

// Webhook serves PagerDuty's webhooks v3, signed with one of the secrets; while one is being rotated there are two.
//
//	401  not signed, or wrongly: logged without its body
//	413  longer than 2 MiB
//	202  recorded, no news, or of no interest; also signed but unreadable, which is kept as a dead letter
//	503  not recorded, PagerDuty tries again (for up to 48 hours)
//
// Apart from a body that is too long nothing signed gets a 4xx: three in a row switch the subscription off for a day. The answer comes
// after the commit, and within 5 s.
func (in *Inbound) Webhook(secrets []string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		log := in.o.Log.With().Str("from", r.RemoteAddr).Str("webhook", incident.Clip(r.Header.Get("X-Webhook-Id"), maxID)).Logger()
		if r.Method != http.MethodPost {
			w.Header().Set("Allow", http.MethodPost)
			http.Error(w, "PagerDuty's webhooks are sent with POST", http.StatusMethodNotAllowed)
			return
		}
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxWebhookBody))
		if tooLong := new(http.MaxBytesError); errors.As(err, &tooLong) {
			log.Warn().Msg("a webhook longer than 2 MiB was refused")
			http.Error(w, "at most 2 MiB", http.StatusRequestEntityTooLarge)
			return
		}
		if err != nil {
			http.Error(w, "the body could not be read; send it again", http.StatusServiceUnavailable)
			return
		}
		if !Verify(body, strings.Join(r.Header.Values(signatureHeader), ","), secrets) {
			log.Warn().Int("bytes", len(body)).Bool("signed", r.Header.Get(signatureHeader) != "").Msg("a webhook without a valid signature was refused; look at PAGERDUTY_WEBHOOK_SECRET")
			http.Error(w, "not signed with a secret of this subscription", http.StatusUnauthorized)
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), webhookTime)
		defer cancel()
		c, err := in.parseWebhook(body)
		if err != nil {
			if err := in.o.DeadLetters.File(ctx, sourceWebhook, err.Error(), body); err != nil {
				log.Error().Err(err).Msg("a webhook could neither be read nor kept")
				http.Error(w, "not recorded; send it again", http.StatusServiceUnavailable)
				return
			}
			log.Error().Err(err).Msg("a signed webhook could not be read; it is among the dead letters")
			w.WriteHeader(http.StatusAccepted)
			return
		}
		if c != nil {
			if err := in.take(ctx, *c); err != nil {
				log.Error().Err(err).Str("pagerduty", c.inc.ID).Msg("a webhook was not recorded; PagerDuty sends it again")
				http.Error(w, "not recorded; send it again", http.StatusServiceUnavailable)
				return
			}
		}
		w.WriteHeader(http.StatusAccepted)
	})
}

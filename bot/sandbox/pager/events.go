package pager

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// event is the body of POST /v2/enqueue.
type event struct {
	RoutingKey *string          `json:"routing_key"`
	Action     string           `json:"event_action"`
	DedupKey   string           `json:"dedup_key"`
	Payload    *eventPayload    `json:"payload"`
	Images     []map[string]any `json:"images"`
	Links      []map[string]any `json:"links"`
	Client     string           `json:"client"`
	ClientURL  string           `json:"client_url"`
}

type eventPayload struct {
	Summary       string          `json:"summary"`
	Source        string          `json:"source"`
	Severity      string          `json:"severity"`
	Timestamp     string          `json:"timestamp"`
	Component     string          `json:"component"`
	Group         string          `json:"group"`
	Class         string          `json:"class"`
	CustomDetails json.RawMessage `json:"custom_details"`
}

func badEvent(faults ...string) response {
	return response{status: http.StatusBadRequest, body: map[string]any{"status": "invalid event", "message": "Event object is invalid", "errors": faults}}
}

// checkAlert returns what is wrong with an alert, in PagerDuty's terms.
func checkAlert(a Alert) (faults []string) {
	if strings.TrimSpace(a.Summary) == "" {
		faults = append(faults, "'payload.summary' is missing or blank")
	}
	if n := utf8.RuneCountInString(a.Summary); n > maxSummary {
		faults = append(faults, fmt.Sprintf("'payload.summary' has %d characters, the maximum is %d", n, maxSummary))
	}
	if strings.TrimSpace(a.Source) == "" {
		faults = append(faults, "'payload.source' is missing or blank")
	}
	if !slices.Contains([]string{"critical", "error", "warning", "info"}, a.Severity) {
		faults = append(faults, "'payload.severity' is invalid (must be one of the following: 'critical', 'warning', 'error' or 'info')")
	}
	if utf8.RuneCountInString(a.DedupKey) > maxDedupKey {
		faults = append(faults, fmt.Sprintf("'dedup_key' is longer than %d characters", maxDedupKey))
	}
	return faults
}

// enqueue serves POST /v2/enqueue.
func (p *Pager) enqueue(r *request) response {
	var e event
	if err := json.Unmarshal(r.body, &e); err != nil {
		return badEvent("the body is not valid JSON of an event: " + err.Error())
	}
	if e.RoutingKey == nil || *e.RoutingKey == "" {
		return badEvent("'routing_key' is missing or blank")
	}
	if len(*e.RoutingKey) != routingKeyLen {
		return badEvent(fmt.Sprintf("Length of 'routing_key' is incorrect (should be %d characters)", routingKeyLen))
	}
	svc, integration := p.byKey(*e.RoutingKey)
	if svc == nil {
		return response{status: http.StatusBadRequest, body: map[string]any{"status": "invalid key", "message": "Invalid routing key", "errors": []string{"no integration has this routing key"}}}
	}
	if !p.takeLocked("key "+*e.RoutingKey, p.opts.EventsPerMinute, r.at).ok {
		return response{status: http.StatusTooManyRequests, body: map[string]any{"status": "throttle exceeded", "message": "Requests for this service are arriving too quickly. Please retry later."}}
	}
	var faults []string
	for _, l := range e.Links {
		if s, _ := l["href"].(string); s == "" {
			faults = append(faults, "'links' needs an href in each element")
		}
	}
	for _, l := range e.Images {
		if s, _ := l["src"].(string); !strings.HasPrefix(s, "https://") {
			faults = append(faults, "'images' needs an https src in each element")
		}
	}
	if utf8.RuneCountInString(e.DedupKey) > maxDedupKey {
		faults = append(faults, fmt.Sprintf("'dedup_key' is longer than %d characters", maxDedupKey))
	}
	by := actor{svc: svc, integration: integration, channel: "api"}
	switch e.Action {
	case "trigger":
		if e.Payload == nil {
			return badEvent(append(faults, "'payload' is missing")...)
		}
		a := Alert{
			Summary: e.Payload.Summary, Source: e.Payload.Source, Severity: e.Payload.Severity, Component: e.Payload.Component,
			Group: e.Payload.Group, Class: e.Payload.Class, DedupKey: e.DedupKey, Client: e.Client, ClientURL: e.ClientURL,
		}
		if len(e.Payload.CustomDetails) > 0 && string(e.Payload.CustomDetails) != "null" {
			if err := json.Unmarshal(e.Payload.CustomDetails, &a.CustomDetails); err != nil {
				faults = append(faults, "'payload.custom_details' is not an object")
			}
		}
		if e.Payload.Timestamp != "" && !isTimestamp(e.Payload.Timestamp) {
			faults = append(faults, "'payload.timestamp' is not an ISO 8601 time")
		}
		if faults = append(faults, checkAlert(a)...); len(faults) > 0 {
			return badEvent(faults...)
		}
		f, err := p.triggerLocked(svc, integration, a, e.Links, e.Images, r.at)
		if err != nil {
			return response{status: http.StatusTooManyRequests, body: map[string]any{"status": "throttle exceeded", "message": err.Error()}}
		}
		e.DedupKey = f.DedupKey
	case "acknowledge", "resolve":
		if e.DedupKey == "" {
			faults = append(faults, "'dedup_key' is missing or blank")
		}
		if len(faults) > 0 {
			return badEvent(faults...)
		}
		in := p.openAlert(*e.RoutingKey, e.DedupKey)
		switch {
		case in == nil: // dropped, and accepted all the same
		case e.Action == "acknowledge":
			p.acknowledgeLocked(in, by, r.at)
		default:
			p.resolveLocked(in, by, r.at)
		}
	default:
		return badEvent(append(faults, "'event_action' is invalid (must be one of the following: 'trigger', 'acknowledge' or 'resolve')")...)
	}
	return response{status: http.StatusAccepted, body: map[string]any{"status": "success", "message": "Event processed", "dedup_key": e.DedupKey}}
}

func isTimestamp(s string) bool {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999-0700", "2006-01-02T15:04:05", "2006-01-02 15:04:05"} {
		if _, err := time.Parse(layout, s); err == nil {
			return true
		}
	}
	return false
}

// openAlert returns the open incident of an alert: same integration, same key.
func (p *Pager) openAlert(routingKey, dedupKey string) *incident {
	for _, in := range p.open { // at most one matches
		if in.routingKey == routingKey && in.key == dedupKey {
			return in
		}
	}
	return nil
}

// triggerLocked opens an incident for an alert, or adds a trigger line to the open one with the same key: which notifies
// nobody.
func (p *Pager) triggerLocked(svc *Service, integration *Integration, a Alert, links, images []map[string]any, at time.Time) (Fired, error) {
	if a.DedupKey == "" {
		a.DedupKey = fmt.Sprintf("%032s", strings.ToLower(p.newID("k")))
	}
	by := actor{svc: svc, integration: integration, channel: "api", client: a.Client, clientURL: a.ClientURL}
	al := &alert{severity: a.Severity, status: Triggered, body: a, links: links, images: images, integration: integration, at: at}
	if in := p.openAlert(integration.Key, a.DedupKey); in != nil {
		in.alerts[0].body, in.alerts[0].severity = a, a.Severity
		p.touchLocked(in, by, at, false)
		p.logLocked(in, "trigger_log_entry", by, at, "Triggered by "+by.name(), triggerChannel(in, al))
		return Fired{IncidentID: in.id, DedupKey: in.key}, nil
	}
	urgency := svc.Urgency
	if urgency == SeverityBased {
		urgency = Low
		if a.Severity == "critical" || a.Severity == "error" {
			urgency = High
		}
	}
	in := &incident{title: a.Summary, urgency: urgency, svc: svc, policy: p.policy(svc.EscalationPolicyID), key: a.DedupKey, routingKey: integration.Key}
	al.id = p.newID("Q")
	in.alerts = []*alert{al}
	if err := p.openLocked(in, by, nil, triggerChannel(in, al), at); err != nil {
		return Fired{}, err
	}
	return Fired{IncidentID: in.id, DedupKey: in.key, New: true}, nil
}

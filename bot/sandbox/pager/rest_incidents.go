package pager

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

func (p *Pager) one(r *request) (*incident, *response) {
	id := r.PathValue("id")
	in := p.incident(id)
	if n, err := strconv.Atoi(id); in == nil && err == nil { // the number serves as well
		if i := slices.IndexFunc(p.incidents, func(x *incident) bool { return x.number == n }); i >= 0 {
			in = p.incidents[i]
		}
	}
	if in == nil {
		f := fail(http.StatusNotFound, 2100, "Not Found")
		return nil, &f
	}
	return in, nil
}

// decode reads a body strictly enough to catch a wrong shape and loosely enough for fields we do not know.
func decode(body []byte, into any) *response {
	if err := json.Unmarshal(body, into); err != nil {
		f := invalid("the body does not have the documented shape: " + err.Error())
		return &f
	}
	return nil
}

type wireRef struct {
	ID   string `json:"id"`
	Type string `json:"type"`
}

type wireAssignment struct {
	Assignee wireRef `json:"assignee"`
}

func (p *Pager) assignedUsers(list []wireAssignment) ([]string, *response) {
	var ids []string
	for _, a := range list {
		if a.Assignee.Type != "user_reference" && a.Assignee.Type != "user" || p.user(a.Assignee.ID) == nil {
			f := fail(http.StatusBadRequest, 1007, "Assigned To User Not Found", fmt.Sprintf("assignee %q of type %q", a.Assignee.ID, a.Assignee.Type))
			return nil, &f
		}
		if !slices.Contains(ids, a.Assignee.ID) {
			ids = append(ids, a.Assignee.ID)
		}
	}
	return ids, nil
}

// listIncidents serves GET /incidents. Without since it looks 30 days back, as PagerDuty does.
func (p *Pager) listIncidents(r *request) response {
	since, until, bad := r.span(p.loc)
	if bad != nil {
		return *bad
	}
	for _, s := range r.list("statuses") {
		if !slices.Contains([]string{Triggered, Acknowledged, Resolved}, s) {
			return fail(http.StatusBadRequest, 1003, "Invalid Status Provided", s)
		}
	}
	if r.query.Get("date_range") != "all" {
		if until.IsZero() {
			until = r.at.Add(time.Second)
		}
		if since.IsZero() {
			since = until.Add(-incidentWindow)
		}
		if until.Sub(since) > maxIncidentWindow {
			return fail(http.StatusBadRequest, 2005, "Invalid Query Date Range", "the span has at most six months")
		}
	} else {
		since, until = time.Time{}, time.Time{}
	}
	list := slices.Clone(p.incidents)
	switch sort := r.query.Get("sort_by"); sort {
	case "", "created_at", "created_at:asc", "incident_number", "incident_number:asc":
	case "created_at:desc", "incident_number:desc":
		slices.Reverse(list)
	default:
		return fail(http.StatusBadRequest, 2002, "Arguments Caused Error", "sort_by "+sort+" is not served")
	}
	var all []any
	for _, in := range list {
		if !since.IsZero() && in.created.Before(since) || !until.IsZero() && !in.created.Before(until) {
			continue
		}
		if !anyOf(r.list("statuses"), in.status) || !anyOf(r.list("service_ids"), in.svc.ID) || !anyOf(r.list("urgencies"), in.urgency) {
			continue
		}
		if key := r.query.Get("incident_key"); key != "" && key != in.key {
			continue
		}
		if ids := r.list("user_ids"); len(ids) > 0 && !slices.ContainsFunc(in.assignees, func(id string) bool { return slices.Contains(ids, id) }) {
			continue
		}
		all = append(all, p.incidentBody(in, r.list("include"), r.loc))
	}
	return r.page("incidents", all)
}

func (p *Pager) getIncident(r *request) response {
	in, bad := p.one(r)
	if bad != nil {
		return *bad
	}
	return response{http.StatusOK, map[string]any{"incident": p.incidentBody(in, r.list("include"), r.loc)}}
}

// createIncident serves POST /incidents. "priority": null is refused, as the published schema does.
func (p *Pager) createIncident(r *request) response {
	var b struct {
		Incident *struct {
			Type             string           `json:"type"`
			Title            string           `json:"title"`
			Service          *wireRef         `json:"service"`
			Priority         json.RawMessage  `json:"priority"`
			Urgency          string           `json:"urgency"`
			IncidentKey      string           `json:"incident_key"`
			Body             *wireBody        `json:"body"`
			EscalationPolicy *wireRef         `json:"escalation_policy"`
			Assignments      []wireAssignment `json:"assignments"`
			Bridge           map[string]any   `json:"conference_bridge"`
		} `json:"incident"`
	}
	if bad := decode(r.body, &b); bad != nil {
		return *bad
	}
	if b.Incident == nil {
		return fail(http.StatusBadRequest, 2003, "Missing Arguments", "incident is missing")
	}
	w := b.Incident
	var faults []string
	if w.Type != "incident" {
		faults = append(faults, "Type must be 'incident'")
	}
	if strings.TrimSpace(w.Title) == "" {
		faults = append(faults, "Title cannot be empty")
	}
	if w.Service == nil || w.Service.Type != "service_reference" && w.Service.Type != "service" {
		faults = append(faults, "Service must be a service_reference")
	}
	if w.Urgency != "" && w.Urgency != High && w.Urgency != Low {
		faults = append(faults, "Urgency must be 'high' or 'low'")
	}
	if w.EscalationPolicy != nil && len(w.Assignments) > 0 {
		faults = append(faults, "Assignments and escalation_policy cannot both be given")
	}
	if len(w.Assignments) > 1 {
		faults = append(faults, "Only one assignee is supported")
	}
	priority, bad := p.readPriority(w.Priority, &faults)
	if bad != nil {
		return *bad
	}
	if len(faults) > 0 {
		return invalid(faults...)
	}
	svc := p.service(w.Service.ID)
	if svc == nil {
		return fail(http.StatusNotFound, 5002, "Service Not Found")
	}
	policy := p.policy(svc.EscalationPolicyID)
	if w.EscalationPolicy != nil {
		if policy = p.policy(w.EscalationPolicy.ID); policy == nil {
			return fail(http.StatusBadRequest, 1014, "Escalation Policy Not Found")
		}
	}
	assign, bad := p.assignedUsers(w.Assignments)
	if bad != nil {
		return *bad
	}
	if w.IncidentKey != "" {
		for _, in := range p.open {
			if in.svc == svc && in.key == w.IncidentKey {
				return fail(http.StatusBadRequest, 2002, "Arguments Caused Error", "Open incident with matching dedup key already exists on this service")
			}
		}
	}
	urgency := w.Urgency
	if urgency == "" {
		if urgency = svc.Urgency; urgency == SeverityBased {
			urgency = High
		}
	}
	in := &incident{title: w.Title, urgency: urgency, svc: svc, policy: policy, key: w.IncidentKey, priority: priority, bridge: w.Bridge}
	if w.Body != nil {
		in.details = w.Body.Details
	}
	channel := map[string]any{"summary": w.Title, "subject": w.Title, "details": in.details, "incident_key": orNil(w.IncidentKey)}
	if err := p.openLocked(in, actor{user: r.by, channel: "api"}, assign, channel, r.at); err != nil {
		return fail(http.StatusTooManyRequests, 2019, "Product Limit Reached", err.Error())
	}
	return response{http.StatusCreated, map[string]any{"incident": p.incidentBody(in, r.list("include"), r.loc)}}
}

type wireBody struct {
	Type    string `json:"type"`
	Details string `json:"details"`
}

// readPriority reads a priority reference: absent is none, null is refused.
func (p *Pager) readPriority(raw json.RawMessage, faults *[]string) (*Priority, *response) {
	if raw == nil {
		return nil, nil
	}
	var ref *wireRef
	if err := json.Unmarshal(raw, &ref); err != nil || ref == nil || bytes.Equal(raw, []byte("null")) {
		*faults = append(*faults, "Priority must be a priority_reference, not null")
		return nil, nil
	}
	for i := range p.opts.Priorities {
		if p.opts.Priorities[i].ID == ref.ID {
			return &p.opts.Priorities[i], nil
		}
	}
	f := fail(http.StatusBadRequest, 1020, "Invalid Priority", ref.ID)
	return nil, &f
}

// change is one element of PUT /incidents.
type change struct {
	ID               string           `json:"id"`
	Type             string           `json:"type"`
	Status           string           `json:"status"`
	Title            string           `json:"title"`
	Urgency          string           `json:"urgency"`
	Priority         json.RawMessage  `json:"priority"`
	EscalationLevel  *int             `json:"escalation_level"`
	EscalationPolicy *wireRef         `json:"escalation_policy"`
	Assignments      []wireAssignment `json:"assignments"`
	Resolution       string           `json:"resolution"`
	Bridge           map[string]any   `json:"conference_bridge"`
}

func (p *Pager) manageIncident(r *request) response {
	in, bad := p.one(r)
	if bad != nil {
		return *bad
	}
	var b struct {
		Incident *change `json:"incident"`
	}
	if bad := decode(r.body, &b); bad != nil {
		return *bad
	}
	if b.Incident == nil {
		return fail(http.StatusBadRequest, 2003, "Missing Arguments", "incident is missing")
	}
	b.Incident.ID = in.id
	apply, bad := p.prepare(b.Incident, r)
	if bad != nil {
		return *bad
	}
	apply()
	return response{http.StatusOK, map[string]any{"incident": p.incidentBody(in, nil, r.loc)}}
}

// manageIncidents serves PUT /incidents: all changes or none.
func (p *Pager) manageIncidents(r *request) response {
	var b struct {
		Incidents []*change `json:"incidents"`
	}
	if bad := decode(r.body, &b); bad != nil {
		return *bad
	}
	if len(b.Incidents) == 0 || len(b.Incidents) > maxManaged {
		return fail(http.StatusBadRequest, 2003, "Missing Arguments", "incidents must have 1 to 250 elements")
	}
	var applies []func()
	for _, c := range b.Incidents {
		if c == nil {
			return invalid("incidents has a null element")
		}
		apply, bad := p.prepare(c, r)
		if bad != nil {
			return *bad
		}
		applies = append(applies, apply)
	}
	out := []any{}
	for i, apply := range applies {
		apply()
		out = append(out, p.incidentBody(p.incident(b.Incidents[i].ID), nil, r.loc))
	}
	return response{http.StatusOK, map[string]any{"incidents": out, "limit": 25, "offset": 0, "more": false, "total": nil}}
}

// prepare checks a change and returns what to do, so that a list of them is made as a whole.
func (p *Pager) prepare(c *change, r *request) (func(), *response) {
	no := func(f response) (func(), *response) { return nil, &f }
	if c.Type != "incident" && c.Type != "incident_reference" {
		return no(invalid("Type must be 'incident' or 'incident_reference'"))
	}
	in := p.incident(c.ID)
	if in == nil {
		return no(fail(http.StatusNotFound, 2100, "Not Found", "incident "+c.ID))
	}
	if in.status == Resolved {
		return no(fail(http.StatusBadRequest, 1001, "Incident Already Resolved", c.ID))
	}
	if c.Status != "" && c.Status != Acknowledged && c.Status != Resolved {
		return no(fail(http.StatusBadRequest, 1003, "Invalid Status Provided", c.Status))
	}
	if c.EscalationLevel != nil && (*c.EscalationLevel < 1 || *c.EscalationLevel > len(in.policy.Levels)) {
		return no(fail(http.StatusBadRequest, 1006, "Cannot Escalate", fmt.Sprintf("%s has %d levels", in.policy.Name, len(in.policy.Levels))))
	}
	if c.Urgency != "" && c.Urgency != High && c.Urgency != Low {
		return no(invalid("Urgency must be 'high' or 'low'"))
	}
	var faults []string
	priority, bad := p.readPriority(c.Priority, &faults)
	if bad != nil {
		return nil, bad
	}
	if len(faults) > 0 {
		return no(invalid(faults...))
	}
	assign, bad := p.assignedUsers(c.Assignments)
	if bad != nil {
		return nil, bad
	}
	var policy *EscalationPolicy
	if c.EscalationPolicy != nil {
		if policy = p.policy(c.EscalationPolicy.ID); policy == nil {
			return no(fail(http.StatusBadRequest, 1014, "Escalation Policy Not Found"))
		}
	}
	by := actor{user: r.by, channel: "api"}
	return func() {
		if in.status == Resolved { // by an earlier element of the same request
			return
		}
		if c.Title != "" && c.Title != in.title {
			in.title = c.Title
			p.touchLocked(in, by, r.at, false)
		}
		if c.Bridge != nil {
			in.bridge = c.Bridge
			p.touchLocked(in, by, r.at, false)
		}
		if priority != nil && in.priority != priority {
			in.priority = priority
			p.touchLocked(in, by, r.at, false)
			p.logLocked(in, "priority_change_log_entry", by, r.at, "Priority set to "+priority.Name+" by "+by.name(), nil)
			p.hookLocked(in, "incident.priority_updated", by, r.at, nil)
		}
		if c.Urgency != "" && c.Urgency != in.urgency {
			in.urgency = c.Urgency
			p.touchLocked(in, by, r.at, false)
			p.logLocked(in, "urgency_change_log_entry", by, r.at, "Urgency set to "+c.Urgency+" by "+by.name(), nil)
			if in.status == Triggered && c.Urgency == High {
				p.notifyLocked(in, in.assignees, "urgency raised to high by "+by.name(), r.at)
			}
		}
		switch {
		case policy != nil:
			p.delegateLocked(in, policy, by, r.at)
		case len(assign) > 0:
			p.reassignLocked(in, assign, by, r.at)
		case c.EscalationLevel != nil && *c.EscalationLevel != in.level:
			p.escalateLocked(in, *c.EscalationLevel, by, fmt.Sprintf("escalated to level %d of %s by %s", *c.EscalationLevel, in.policy.Name, by.name()), r.at)
		}
		switch c.Status {
		case Acknowledged:
			p.acknowledgeLocked(in, by, r.at)
		case Resolved:
			if strings.TrimSpace(c.Resolution) != "" {
				p.noteLocked(in, r.by, c.Resolution, "api", r.at)
			}
			p.resolveLocked(in, by, r.at)
		}
	}, nil
}

func (p *Pager) listAlerts(r *request) response {
	in, bad := p.one(r)
	if bad != nil {
		return *bad
	}
	var all []any
	for _, a := range in.alerts {
		if anyOf(r.list("statuses"), alertStatus(a)) {
			all = append(all, p.alertWire(in, a, r.loc))
		}
	}
	return r.page("alerts", all)
}

func (p *Pager) getAlert(r *request) response {
	in, bad := p.one(r)
	if bad != nil {
		return *bad
	}
	for _, a := range in.alerts {
		if a.id == r.PathValue("alert") {
			return response{http.StatusOK, map[string]any{"alert": p.alertWire(in, a, r.loc)}}
		}
	}
	return notFound("Alert")
}

func (p *Pager) listNotes(r *request) response {
	in, bad := p.one(r)
	if bad != nil {
		return *bad
	}
	out := []any{}
	for _, n := range slices.Backward(in.notes) { // newest first
		out = append(out, p.noteWire(n, r.loc))
	}
	return response{http.StatusOK, map[string]any{"notes": out}}
}

func (p *Pager) createNote(r *request) response {
	in, bad := p.one(r)
	if bad != nil {
		return *bad
	}
	var b struct {
		Note *struct {
			Content string `json:"content"`
		} `json:"note"`
	}
	if bad := decode(r.body, &b); bad != nil {
		return *bad
	}
	if b.Note == nil || strings.TrimSpace(b.Note.Content) == "" {
		return fail(http.StatusBadRequest, 2001, "Invalid Input Provided", "Content cannot be empty")
	}
	if len(in.notes) >= maxNotes {
		return fail(http.StatusBadRequest, 2019, "Product Limit Reached", "an incident has at most 2000 notes")
	}
	n := p.noteLocked(in, r.by, b.Note.Content, "api", r.at)
	return response{http.StatusOK, map[string]any{"note": p.noteWire(n, r.loc)}}
}

func (p *Pager) snooze(r *request) response {
	in, bad := p.one(r)
	if bad != nil {
		return *bad
	}
	var b struct {
		Duration int `json:"duration"`
	}
	if bad := decode(r.body, &b); bad != nil {
		return *bad
	}
	if b.Duration < 1 || b.Duration > 7*24*3600 {
		return fail(http.StatusBadRequest, 1013, "Snooze Duration is Invalid", "1 to 604800 seconds")
	}
	if in.status == Resolved {
		return fail(http.StatusBadRequest, 1001, "Incident Already Resolved")
	}
	p.snoozeLocked(in, time.Duration(b.Duration)*time.Second, actor{user: r.by, channel: "api"}, r.at)
	return response{http.StatusCreated, map[string]any{"incident": p.incidentBody(in, nil, r.loc)}}
}

// requestResponders serves POST /incidents/{id}/responder_requests: the targets are notified, the assignment stays.
func (p *Pager) requestResponders(r *request) response {
	in, bad := p.one(r)
	if bad != nil {
		return *bad
	}
	var b struct {
		RequesterID string `json:"requester_id"`
		Message     string `json:"message"`
		Targets     []struct {
			Target wireRef `json:"responder_request_target"`
		} `json:"responder_request_targets"`
	}
	if bad := decode(r.body, &b); bad != nil {
		return *bad
	}
	if in.status == Resolved {
		return fail(http.StatusBadRequest, 1001, "Incident Already Resolved")
	}
	if p.user(b.RequesterID) == nil {
		return fail(http.StatusBadRequest, 2011, "You must specify a requester_id to perform this action")
	}
	var ids []string
	for _, t := range b.Targets {
		switch t.Target.Type {
		case "user_reference", "user":
			if p.user(t.Target.ID) == nil {
				return fail(http.StatusBadRequest, 2013, "User not found", t.Target.ID)
			}
			ids = append(ids, t.Target.ID)
		case "escalation_policy_reference", "escalation_policy":
			e := p.policy(t.Target.ID)
			if e == nil {
				return fail(http.StatusBadRequest, 1014, "Escalation Policy Not Found", t.Target.ID)
			}
			ids = append(ids, p.onCall(e, 1, r.at)...)
		default:
			return invalid("responder_request_target must be a user_reference or an escalation_policy_reference")
		}
	}
	if len(ids) == 0 {
		return fail(http.StatusBadRequest, 2003, "Missing Arguments", "responder_request_targets is empty")
	}
	by := actor{user: r.by, channel: "api"}
	var targets []any
	for i, id := range ids {
		if slices.Contains(ids[:i], id) {
			continue
		}
		u := p.user(id)
		p.logLocked(in, "responder_request_log_entry", by, r.at, by.name()+" asked "+u.Name+" to respond", map[string]any{"message": b.Message})
		p.queueLocked(in, "incident.responder.added", by, r.at, map[string]any{
			"incident": p.ref("incident", in.id, in.title), "user": p.userRef(u), "escalation_policy": nil, "message": b.Message, "state": "pending", "type": "incident_responder",
		})
		p.notifyLocked(in, []string{id}, "asked to respond by "+by.name()+": "+b.Message, r.at)
		targets = append(targets, map[string]any{"responder_request_target": p.userRef(u)})
	}
	p.touchLocked(in, by, r.at, false)
	return response{http.StatusOK, map[string]any{"responder_request": map[string]any{
		"incident": p.ref("incident", in.id, in.title), "requester": p.userRef(p.user(b.RequesterID)), "requested_at": stamp(r.at, r.loc),
		"message": b.Message, "responder_request_targets": targets,
	}}}
}

func (p *Pager) statusUpdate(r *request) response {
	in, bad := p.one(r)
	if bad != nil {
		return *bad
	}
	var b struct {
		Message string `json:"message"`
	}
	if bad := decode(r.body, &b); bad != nil {
		return *bad
	}
	if strings.TrimSpace(b.Message) == "" {
		return invalid("Message cannot be empty")
	}
	by := actor{user: r.by, channel: "api"}
	id := p.newID("PS")
	p.logLocked(in, "status_update_log_entry", by, r.at, "Status update by "+by.name(), map[string]any{"message": b.Message})
	p.queueLocked(in, "incident.status_update_published", by, r.at, map[string]any{
		"incident": p.ref("incident", in.id, in.title), "id": id, "message": b.Message, "trimmed": false, "type": "incident_status_update",
	})
	p.touchLocked(in, by, r.at, false)
	return response{http.StatusOK, map[string]any{"status_update": map[string]any{"id": id, "message": b.Message, "created_at": stamp(r.at, r.loc), "sender": p.userRef(r.by)}}}
}

// listLog serves GET /log_entries, newest first.
func (p *Pager) listLog(r *request) response { return p.logPage(r, nil) }

func (p *Pager) incidentLog(r *request) response {
	in, bad := p.one(r)
	if bad != nil {
		return *bad
	}
	return p.logPage(r, in)
}

var overview = []string{"trigger_log_entry", "acknowledge_log_entry", "resolve_log_entry", "escalate_log_entry", "assign_log_entry", "annotate_log_entry"}

func (p *Pager) logPage(r *request, in *incident) response {
	since, until, bad := r.span(p.loc)
	if bad != nil {
		return *bad
	}
	short := false
	switch v := r.query.Get("is_overview"); v {
	case "", "false":
	case "true":
		short = true
	default:
		return fail(http.StatusBadRequest, 2002, "Arguments Caused Error", "is_overview "+v)
	}
	var all []any
	for _, e := range slices.Backward(p.log) {
		at := e.at.Truncate(time.Second) // what the client sees is what it filters by
		if in != nil && e.in != in || short && !slices.Contains(overview, e.typ) ||
			!since.IsZero() && at.Before(since) || !until.IsZero() && at.After(until) {
			continue
		}
		all = append(all, e)
	}
	res := r.page("log_entries", all)
	if m, ok := res.body.(map[string]any); ok && res.status == http.StatusOK { // render only the page
		list := m["log_entries"].([]any)
		for i := range list {
			list[i] = p.logBody(list[i].(*logEntry), r.list("include"), r.loc)
		}
	}
	return res
}

func (p *Pager) getLogEntry(r *request) response {
	for _, e := range p.log {
		if e.id == r.PathValue("id") {
			return response{http.StatusOK, map[string]any{"log_entry": p.logBody(e, r.list("include"), r.loc)}}
		}
	}
	return fail(http.StatusNotFound, 5001, "Log Entry Not Found")
}

package pager

import (
	"slices"
	"strconv"
	"time"
)

// stamp renders a time as PagerDuty does: whole seconds, "Z" for UTC.
func stamp(t time.Time, loc *time.Location) any {
	if t.IsZero() {
		return nil
	}
	return t.In(loc).Format(time.RFC3339)
}

func (p *Pager) ref(kind, id, summary string) map[string]any {
	path := map[string]string{
		"user": "users", "service": "services", "escalation_policy": "escalation_policies", "schedule": "schedules",
		"incident": "incidents", "priority": "priorities",
	}[kind]
	html := "/" + path + "/" + id
	if kind == "priority" {
		html = "/account/incident_priorities"
	}
	return map[string]any{"id": id, "type": kind + "_reference", "summary": summary, "self": p.opts.APIURL + "/" + path + "/" + id, "html_url": p.opts.HTMLURL + html}
}

func (p *Pager) userRef(u *User) map[string]any       { return p.ref("user", u.ID, u.Name) }
func (p *Pager) serviceRef(s *Service) map[string]any { return p.ref("service", s.ID, s.Name) }

func (p *Pager) policyRef(e *EscalationPolicy) map[string]any {
	return p.ref("escalation_policy", e.ID, e.Name)
}

func (p *Pager) userBody(u *User) map[string]any {
	m := p.userRef(u)
	m["type"] = "user"
	m["name"], m["email"], m["role"], m["description"], m["job_title"] = u.Name, u.Email, "user", nil, u.JobTitle
	m["time_zone"] = u.TimeZone
	if u.TimeZone == "" {
		m["time_zone"] = p.loc.String()
	}
	m["color"], m["avatar_url"], m["invitation_sent"], m["teams"] = "purple", nil, false, []any{}
	m["contact_methods"] = []any{
		map[string]any{"id": u.ID + "E", "type": "email_contact_method", "summary": "Default", "label": "Default", "address": u.Email},
		map[string]any{"id": u.ID + "T", "type": "phone_contact_method", "summary": "Mobile", "label": "Mobile", "address": u.Phone},
	}
	return m
}

func (p *Pager) scheduleBody(s *Schedule, at time.Time, loc *time.Location) map[string]any {
	m := p.ref("schedule", s.ID, s.Name)
	m["type"], m["name"], m["time_zone"], m["description"], m["teams"] = "schedule", s.Name, s.TimeZone, nil, []any{}
	users := []any{}
	for _, id := range s.Users {
		if id != "" {
			users = append(users, p.userRef(p.user(id)))
		}
	}
	m["users"] = users
	policies := []any{}
	for _, e := range p.policies {
		if slices.ContainsFunc(e.Levels, func(l Level) bool {
			return slices.ContainsFunc(l.Targets, func(t Target) bool { return t.ScheduleID == s.ID })
		}) {
			policies = append(policies, p.policyRef(e))
		}
	}
	m["escalation_policies"] = policies
	entries := []any{}
	if id, from, to := p.turn(s, at); id != "" {
		entries = append(entries, map[string]any{"start": stamp(from, loc), "end": stamp(to, loc), "user": p.userRef(p.user(id))})
	}
	m["final_schedule"] = finalSchedule(entries)
	return m
}

func (p *Pager) policyBody(e *EscalationPolicy) map[string]any {
	m := p.policyRef(e)
	m["type"], m["name"], m["num_loops"], m["description"], m["teams"] = "escalation_policy", e.Name, e.NumLoops, nil, []any{}
	rules := []any{}
	for i, l := range e.Levels {
		targets := []any{}
		for _, t := range l.Targets {
			if t.UserID != "" {
				targets = append(targets, p.userRef(p.user(t.UserID)))
			} else {
				targets = append(targets, p.ref("schedule", t.ScheduleID, p.schedule(t.ScheduleID).Name))
			}
		}
		rules = append(rules, map[string]any{"id": e.ID + string(rune('A'+i)), "escalation_delay_in_minutes": int(l.Delay / time.Minute), "targets": targets})
	}
	m["escalation_rules"] = rules
	services := []any{}
	for _, s := range p.services {
		if s.EscalationPolicyID == e.ID {
			services = append(services, p.serviceRef(s))
		}
	}
	m["services"] = services
	return m
}

func (p *Pager) serviceBody(s *Service) map[string]any {
	m := p.serviceRef(s)
	m["type"], m["name"], m["description"], m["status"], m["teams"] = "service", s.Name, nil, "active", []any{}
	m["escalation_policy"] = p.policyRef(p.policy(s.EscalationPolicyID))
	m["alert_creation"] = "create_alerts_and_incidents"
	m["acknowledgement_timeout"], m["auto_resolve_timeout"] = nil, nil
	if s.AckTimeout > 0 {
		m["acknowledgement_timeout"] = int(s.AckTimeout / time.Second)
	}
	m["incident_urgency_rule"] = map[string]any{"type": "constant", "urgency": s.Urgency}
	ins := []any{}
	for _, in := range s.Integrations { // keys are not listed: they are secrets
		ins = append(ins, map[string]any{"id": in.ID, "type": "events_api_v2_inbound_integration_reference", "summary": in.Name, "self": p.opts.APIURL + "/services/" + s.ID + "/integrations/" + in.ID})
	}
	m["integrations"] = ins
	return m
}

func (p *Pager) agent(by actor, in *incident) map[string]any {
	switch {
	case by.user != nil:
		return p.userRef(by.user)
	case by.svc != nil:
		return p.serviceRef(by.svc)
	}
	return p.serviceRef(in.svc) // time itself acts for the service
}

func (p *Pager) assignees(ids []string) []any {
	out := []any{}
	for _, id := range ids {
		out = append(out, p.userRef(p.user(id)))
	}
	return out
}

func (p *Pager) incidentBody(in *incident, includes []string, loc *time.Location) map[string]any {
	m := p.ref("incident", in.id, in.title)
	m["type"], m["summary"] = "incident", "[#"+strconv.Itoa(in.number)+"] "+in.title
	m["incident_number"], m["title"], m["description"], m["status"], m["urgency"] = in.number, in.title, in.title, in.status, in.urgency
	m["incident_key"], m["service"], m["escalation_policy"] = in.key, p.serviceRef(in.svc), p.policyRef(in.policy)
	m["created_at"], m["updated_at"], m["last_status_change_at"] = stamp(in.created, loc), stamp(in.updated, loc), stamp(in.changed, loc)
	m["last_status_change_by"] = p.agent(in.changedBy, in)
	m["resolved_at"] = stamp(in.resolvedAt, loc)
	m["teams"], m["incidents_responders"], m["responder_requests"], m["is_mergeable"] = []any{}, []any{}, []any{}, in.status != Resolved
	m["resolve_reason"], m["priority"] = nil, nil
	if in.bridge != nil {
		m["conference_bridge"] = in.bridge
	}
	if in.priority != nil {
		m["priority"] = map[string]any{"id": in.priority.ID, "type": "priority", "summary": in.priority.Name, "name": in.priority.Name, "self": p.opts.APIURL + "/priorities/" + in.priority.ID, "html_url": nil}
	}
	m["assigned_via"] = "escalation_policy"
	if in.level == 0 {
		m["assigned_via"] = "direct_assignment"
	}
	full := func(u *User, include string) map[string]any {
		if slices.Contains(includes, include) || slices.Contains(includes, "users") {
			return p.userBody(u)
		}
		return p.userRef(u)
	}
	assigned := []any{}
	for _, id := range in.assignees {
		assigned = append(assigned, map[string]any{"at": stamp(in.assignedAt, loc), "assignee": full(p.user(id), "assignees")})
	}
	m["assignments"] = assigned
	acks := []any{}
	for _, a := range in.acks {
		by := p.serviceRef(in.svc)
		if a.By.ID != "" {
			by = full(p.user(a.By.ID), "acknowledgers")
		}
		acks = append(acks, map[string]any{"at": stamp(a.At, loc), "acknowledger": by})
	}
	m["acknowledgements"] = acks
	open := 0
	for _, a := range in.alerts {
		if a.status != Resolved {
			open++
		}
	}
	m["alert_counts"] = map[string]any{"all": len(in.alerts), "triggered": open, "resolved": len(in.alerts) - open}
	next := []any{}
	if !in.escalateAt.IsZero() {
		next = append(next, map[string]any{"type": "escalate", "at": stamp(in.escalateAt, loc)})
	}
	if t := latest(in.ackEndsAt, in.snoozedTo); !t.IsZero() {
		next = append(next, map[string]any{"type": "unacknowledge", "at": stamp(t, loc)})
	}
	m["pending_actions"] = next
	if e := in.triggerEntry; e != nil {
		if slices.Contains(includes, "first_trigger_log_entries") {
			m["first_trigger_log_entry"] = p.logBody(e, []string{"channels"}, loc)
		} else {
			m["first_trigger_log_entry"] = map[string]any{"id": e.id, "type": "trigger_log_entry_reference", "summary": e.summary, "self": p.opts.APIURL + "/log_entries/" + e.id, "html_url": p.opts.HTMLURL + "/incidents/" + in.id + "/log_entries/" + e.id}
		}
	}
	if slices.Contains(includes, "services") {
		m["service"] = p.serviceBody(in.svc)
	}
	if slices.Contains(includes, "escalation_policies") {
		m["escalation_policy"] = p.policyBody(in.policy)
	}
	if slices.Contains(includes, "body") {
		m["body"] = map[string]any{"type": "incident_body", "details": in.details}
		if len(in.alerts) > 0 {
			m["body"] = alertBody(in.alerts[0])
		}
	}
	return m
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func orNil(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func contexts(a *alert) []any {
	out := []any{}
	for _, l := range a.links {
		out = append(out, map[string]any{"type": "link", "href": l["href"], "text": l["text"]})
	}
	for _, l := range a.images {
		out = append(out, map[string]any{"type": "image", "src": l["src"], "href": l["href"], "alt": l["alt"]})
	}
	return out
}

func details(a *alert) any {
	if a.body.CustomDetails == nil {
		return map[string]any{}
	}
	return a.body.CustomDetails
}

// cef is the alert in PagerDuty's common event format, as alerts and trigger entries carry it.
func cef(a *alert) map[string]any {
	return map[string]any{
		"version": "1.0", "message": a.body.Summary, "description": a.body.Summary, "severity": a.body.Severity,
		"source_origin": a.body.Source, "source_component": orNil(a.body.Component), "source_location": nil,
		"service_group": orNil(a.body.Group), "event_class": orNil(a.body.Class), "dedup_key": a.body.DedupKey,
		"details": details(a), "contexts": contexts(a), "client": orNil(a.body.Client), "client_url": orNil(a.body.ClientURL),
		"creation_time": nil, "suppressed": false, "mutations": []any{}, "priority": nil, "urgency": nil,
		"reporter_component": nil, "reporter_location": nil,
	}
}

func alertBody(a *alert) map[string]any {
	return map[string]any{"type": "alert_body", "contexts": contexts(a), "details": details(a), "cef_details": cef(a)}
}

// triggerChannel is the channel of a trigger entry that an integration made.
func triggerChannel(in *incident, a *alert) map[string]any {
	return map[string]any{
		"summary": a.body.Summary, "subject": a.body.Summary, "description": a.body.Summary, "incident_key": in.key,
		"details": details(a), "details_omitted": false, "cef_details": cef(a), "client": orNil(a.body.Client), "client_url": orNil(a.body.ClientURL),
	}
}

func (p *Pager) alertWire(in *incident, a *alert, loc *time.Location) map[string]any {
	return map[string]any{
		"id": a.id, "type": "alert", "summary": a.body.Summary, "self": p.opts.APIURL + "/incidents/" + in.id + "/alerts/" + a.id,
		"html_url": p.opts.HTMLURL + "/alerts/" + a.id, "created_at": stamp(a.at, loc), "status": alertStatus(a), "alert_key": a.body.DedupKey,
		"severity": a.severity, "suppressed": false, "service": p.serviceRef(in.svc), "incident": p.ref("incident", in.id, "[#"+strconv.Itoa(in.number)+"] "+in.title),
		"body": alertBody(a), "integration": map[string]any{"id": a.integration.ID, "type": "events_api_v2_inbound_integration_reference", "summary": a.integration.Name},
	}
}

func alertStatus(a *alert) string {
	if a.status == Resolved {
		return Resolved
	}
	return Triggered
}

func (p *Pager) noteWire(n IncidentNote, loc *time.Location) map[string]any {
	return map[string]any{"id": n.ID, "user": p.userRef(p.user(n.By.ID)), "channel": map[string]any{"summary": "The PagerDuty website or APIs", "type": "web_trigger"}, "content": n.Content, "created_at": stamp(n.At, loc)}
}

func (p *Pager) logBody(e *logEntry, includes []string, loc *time.Location) map[string]any {
	m := map[string]any{
		"id": e.id, "type": e.typ, "summary": e.summary, "self": p.opts.APIURL + "/log_entries/" + e.id,
		"html_url": p.opts.HTMLURL + "/incidents/" + e.in.id + "/log_entries/" + e.id, "created_at": stamp(e.at, loc),
		"agent": p.agent(e.by, e.in), "service": p.serviceRef(e.in.svc), "incident": p.ref("incident", e.in.id, "[#"+strconv.Itoa(e.in.number)+"] "+e.in.title),
		"teams": []any{}, "contexts": []any{},
	}
	channel := map[string]any{"type": e.channelType}
	if e.typ == "annotate_log_entry" || slices.Contains(includes, "channels") {
		for k, v := range e.channel {
			channel[k] = v
		}
	} else if n, ok := e.channel["notification"]; ok {
		channel["notification"] = n
	}
	m["channel"] = channel
	if e.typ == "trigger_log_entry" {
		m["event_details"] = map[string]any{"description": e.in.title}
		if len(e.in.alerts) > 0 {
			m["contexts"] = contexts(e.in.alerts[0])
		}
	}
	if slices.Contains(includes, "incidents") {
		m["incident"] = p.incidentBody(e.in, nil, loc)
	}
	if slices.Contains(includes, "services") {
		m["service"] = p.serviceBody(e.in.svc)
	}
	if e.user != nil {
		m["user"] = p.userRef(e.user)
	}
	if e.assignees != nil {
		m["assignees"] = p.assignees(e.assignees)
	}
	return m
}

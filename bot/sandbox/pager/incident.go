package pager

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// actor is who did something, as log entries and webhooks name it: a user, a service's integration, or nobody (time).
type actor struct {
	user        *User
	svc         *Service
	integration *Integration
	channel     string // of the log entry: api, mobile, timeout, auto, website
	client      string
	clientURL   string
}

func (a actor) name() string {
	switch {
	case a.user != nil:
		return a.user.Name
	case a.svc != nil:
		return a.svc.Name
	}
	return "PagerDuty"
}

// incident is guarded by Pager.mu.
type incident struct {
	id, title, status, urgency string
	number                     int
	svc                        *Service
	policy                     *EscalationPolicy
	key                        string // dedup key, incident_key on the wire
	routingKey                 string // the integration the alert came by; empty for the REST API
	level, loop                int
	assignees                  []string
	assignedAt                 time.Time
	acks                       []Acknowledgement
	priority                   *Priority
	alerts                     []*alert
	notes                      []IncidentNote
	details                    string // body of an incident made by the REST API
	bridge                     map[string]any
	created, updated, changed  time.Time
	changedBy                  actor
	resolvedAt                 time.Time
	resolvedBy                 string
	triggerEntry               *logEntry

	escalateAt time.Time
	ackEndsAt  time.Time
	snoozedTo  time.Time
	pending    []pending // notifications still to come, in order of time
}

type alert struct {
	id, severity, status string
	body                 Alert
	links, images        []map[string]any
	integration          *Integration
	at                   time.Time
}

type pending struct {
	at        time.Time
	userID    string
	kind, why string
}

type dueKind int

const (
	dueNotify dueKind = iota
	dueSnooze
	dueAck
	dueEscalate
)

// due says what of this incident comes next and when. A notification goes before an escalation of the same moment.
func (in *incident) due() (time.Time, dueKind) {
	var at time.Time
	var kind dueKind
	take := func(t time.Time, k dueKind) {
		if !t.IsZero() && (at.IsZero() || t.Before(at)) {
			at, kind = t, k
		}
	}
	if len(in.pending) > 0 {
		take(in.pending[0].at, dueNotify)
	}
	take(in.snoozedTo, dueSnooze)
	take(in.ackEndsAt, dueAck)
	take(in.escalateAt, dueEscalate)
	return at, kind
}

func (p *Pager) dueLocked(in *incident, what dueKind, at time.Time) {
	switch what {
	case dueNotify:
		n := in.pending[0]
		in.pending = in.pending[1:]
		p.ringLocked(in, n.userID, n.kind, n.why, at)
	case dueSnooze, dueAck:
		why := "the snooze ended"
		if what == dueAck {
			why = "the acknowledgement timed out"
		}
		in.snoozedTo, in.ackEndsAt = time.Time{}, time.Time{}
		in.status, in.acks = Triggered, nil
		by := actor{channel: "timeout"}
		p.touchLocked(in, by, at, true)
		p.logLocked(in, "unacknowledge_log_entry", by, at, "Unacknowledged: "+why, nil)
		p.hookLocked(in, "incident.unacknowledged", by, at, nil)
		p.notifyLocked(in, in.assignees, why, at)
		p.armEscalationLocked(in, at)
	case dueEscalate:
		delay := in.policy.Levels[in.level-1].Delay
		next := in.level + 1
		if next > len(in.policy.Levels) {
			next = 1
			in.loop++
		}
		why := fmt.Sprintf("escalated to level %d of %s: not acknowledged within %s", next, in.policy.Name, minutes(delay))
		p.escalateLocked(in, next, actor{channel: "timeout"}, why, at)
	}
}

func minutes(d time.Duration) string {
	if d%time.Minute == 0 {
		return fmt.Sprintf("%d min", d/time.Minute)
	}
	return d.String()
}

// openLocked makes an incident, assigns it and starts notifying. assignTo overrides the service's policy when not empty.
func (p *Pager) openLocked(in *incident, by actor, assignTo []string, trigger map[string]any, at time.Time) error {
	if len(p.incidents) >= maxIncidents {
		i := slices.IndexFunc(p.incidents, func(x *incident) bool { return x.status == Resolved })
		if i < 0 {
			return ErrThrottled
		}
		p.incidents = slices.Delete(p.incidents, i, i+1) // its log entries stay until they are too old themselves
	}
	p.number++
	in.id, in.number, in.status = p.newID("Q"), p.number, Triggered
	in.created = at
	if in.key == "" {
		in.key = fmt.Sprintf("%032s", strings.ToLower(p.newID("r")))
	}
	p.incidents = append(p.incidents, in)
	p.open[in.id] = in
	p.touchLocked(in, by, at, true)
	in.triggerEntry = p.logLocked(in, "trigger_log_entry", by, at, "Triggered by "+by.name(), trigger)

	if len(assignTo) > 0 { // by name: no policy watches over it
		in.level, in.assignees, in.assignedAt = 0, assignTo, at
		p.logAssignedLocked(in, "assign_log_entry", actor{channel: "auto", svc: in.svc}, at, "Assigned to "+p.names(assignTo))
		if by.user != nil && slices.Equal(assignTo, []string{by.user.ID}) { // "created by its assignee: acknowledged, not notified"
			p.hookLocked(in, "incident.triggered", by, at, nil)
			p.acknowledgeLocked(in, by, at)
			return nil
		}
		p.hookLocked(in, "incident.triggered", by, at, nil)
		p.notifyLocked(in, in.assignees, "assigned by name by "+by.name(), at)
		return nil
	}
	in.level, in.assignees = p.onCallFrom(in.policy, 1, at)
	in.assignedAt = at
	p.logAssignedLocked(in, "assign_log_entry", actor{channel: "auto", svc: in.svc}, at, "Assigned to "+p.names(in.assignees))
	p.hookLocked(in, "incident.triggered", by, at, nil)
	p.notifyLocked(in, in.assignees, "triggered: on call at level 1 of "+in.policy.Name, at)
	p.armEscalationLocked(in, at)
	return nil
}

func (p *Pager) armEscalationLocked(in *incident, at time.Time) {
	in.escalateAt = time.Time{}
	if in.level == 0 || in.status != Triggered {
		return
	}
	if in.level == len(in.policy.Levels) && in.loop >= in.policy.NumLoops {
		return // the path is exhausted: it stays with the last level
	}
	in.escalateAt = at.Add(in.policy.Levels[in.level-1].Delay)
}

// notifyLocked plans the notifications of users by their own rules and makes those that are due at once.
func (p *Pager) notifyLocked(in *incident, users []string, why string, at time.Time) {
	for _, id := range users {
		u := p.user(id)
		rules := u.HighUrgency
		if len(rules) == 0 {
			rules = []NotificationRule{{Kind: Push}, {Kind: Phone}}
		}
		if in.urgency == Low {
			if rules = u.LowUrgency; len(rules) == 0 {
				rules = []NotificationRule{{Kind: Email}}
			}
		}
		for _, r := range rules {
			if r.After <= 0 {
				p.ringLocked(in, id, r.Kind, why, at)
				continue
			}
			in.pending = append(in.pending, pending{at: at.Add(r.After), userID: id, kind: r.Kind, why: why + ", still open after " + minutes(r.After)})
		}
	}
	slices.SortStableFunc(in.pending, func(a, b pending) int { return a.at.Compare(b.at) })
}

func (p *Pager) ringLocked(in *incident, userID, kind, why string, at time.Time) {
	u := p.user(userID)
	p.rings = keep(append(p.rings, Ring{
		Person: person(u), At: at, Kind: kind, IncidentID: in.id, DedupKey: in.key, Service: in.svc.Name, ServiceID: in.svc.ID,
		Title: in.title, Why: why, Urgency: in.urgency, Level: in.level,
	}), maxRings)
	if kind != Note {
		address := u.Email
		if kind != Email {
			address = u.Phone
		}
		e := p.logLocked(in, "notify_log_entry", actor{svc: in.svc, channel: "auto"}, at, "Notified "+u.Name+" by "+kind,
			map[string]any{"notification": map[string]any{"type": wireContact(kind), "address": address, "status": "success"}})
		e.user = u
	}
	p.changedLocked("ring", in.id, at)
}

func wireContact(kind string) string {
	if kind == Push {
		return "push_notification"
	}
	return kind
}

func (p *Pager) acknowledgeLocked(in *incident, by actor, at time.Time) {
	if in.status == Resolved {
		return
	}
	who := Person{Name: by.name()}
	if by.user != nil {
		who = person(by.user)
	}
	if in.status == Acknowledged && slices.ContainsFunc(in.acks, func(a Acknowledgement) bool { return a.By == who }) {
		return
	}
	first := in.status == Triggered
	in.status = Acknowledged
	in.acks = append(in.acks, Acknowledgement{By: who, At: at})
	in.pending, in.escalateAt = nil, time.Time{}
	if in.svc.AckTimeout > 0 {
		in.ackEndsAt = at.Add(in.svc.AckTimeout)
	}
	p.touchLocked(in, by, at, first)
	p.logLocked(in, "acknowledge_log_entry", by, at, "Acknowledged by "+by.name(), nil)
	p.hookLocked(in, "incident.acknowledged", by, at, nil)
}

func (p *Pager) resolveLocked(in *incident, by actor, at time.Time) {
	if in.status == Resolved {
		return
	}
	in.status, in.resolvedAt, in.resolvedBy = Resolved, at, by.name()
	in.pending, in.escalateAt, in.ackEndsAt, in.snoozedTo = nil, time.Time{}, time.Time{}, time.Time{}
	in.assignees = nil
	for _, a := range in.alerts {
		a.status = Resolved
	}
	delete(p.open, in.id)
	p.touchLocked(in, by, at, true)
	p.logLocked(in, "resolve_log_entry", by, at, "Resolved by "+by.name(), nil)
	p.hookLocked(in, "incident.resolved", by, at, nil)
}

// reopenLocked triggers a resolved incident again, from the first level on.
func (p *Pager) reopenLocked(in *incident, by actor, at time.Time) {
	in.status, in.acks, in.resolvedAt, in.resolvedBy, in.loop = Triggered, nil, time.Time{}, "", 0
	in.level, in.assignees = p.onCallFrom(in.policy, 1, at)
	in.assignedAt = at
	p.open[in.id] = in
	p.touchLocked(in, by, at, true)
	p.logAssignedLocked(in, "reopen_log_entry", by, at, "Reopened by "+by.name())
	p.hookLocked(in, "incident.reopened", by, at, nil)
	p.notifyLocked(in, in.assignees, "reopened by "+by.name(), at)
	p.armEscalationLocked(in, at)
}

// escalateLocked gives the incident to the people on call at level, who are notified; an acknowledgement ends.
func (p *Pager) escalateLocked(in *incident, level int, by actor, why string, at time.Time) {
	in.pending, in.ackEndsAt, in.snoozedTo = nil, time.Time{}, time.Time{}
	in.status, in.acks = Triggered, nil
	in.level, in.assignees = p.onCallFrom(in.policy, level, at)
	in.assignedAt = at
	p.touchLocked(in, by, at, true)
	p.logAssignedLocked(in, "escalate_log_entry", by, at, "Escalated to "+p.names(in.assignees))
	p.hookLocked(in, "incident.escalated", by, at, nil)
	p.notifyLocked(in, in.assignees, why, at)
	p.armEscalationLocked(in, at)
}

func (p *Pager) reassignLocked(in *incident, users []string, by actor, at time.Time) {
	in.pending, in.escalateAt, in.ackEndsAt, in.snoozedTo = nil, time.Time{}, time.Time{}, time.Time{}
	in.status, in.acks = Triggered, nil
	in.level, in.assignees, in.assignedAt = 0, users, at
	p.touchLocked(in, by, at, true)
	p.logAssignedLocked(in, "assign_log_entry", by, at, "Reassigned to "+p.names(users)+" by "+by.name())
	p.hookLocked(in, "incident.reassigned", by, at, nil)
	p.notifyLocked(in, users, "reassigned by "+by.name(), at)
}

func (p *Pager) delegateLocked(in *incident, to *EscalationPolicy, by actor, at time.Time) {
	in.pending, in.ackEndsAt, in.snoozedTo = nil, time.Time{}, time.Time{}
	in.status, in.acks, in.policy, in.loop = Triggered, nil, to, 0
	in.level, in.assignees = p.onCallFrom(to, 1, at)
	in.assignedAt = at
	p.touchLocked(in, by, at, true)
	p.logAssignedLocked(in, "delegate_log_entry", by, at, "Delegated to "+to.Name+" by "+by.name())
	p.hookLocked(in, "incident.delegated", by, at, nil)
	p.notifyLocked(in, in.assignees, "delegated to "+to.Name+" by "+by.name(), at)
	p.armEscalationLocked(in, at)
}

func (p *Pager) noteLocked(in *incident, by *User, content, channel string, at time.Time) IncidentNote {
	n := IncidentNote{ID: p.newID("PN"), By: person(by), At: at, Content: content}
	in.notes = append(in.notes, n)
	a := actor{user: by, channel: channel}
	p.touchLocked(in, a, at, false)
	e := p.logLocked(in, "annotate_log_entry", a, at, "Note added by "+by.Name, map[string]any{"summary": content})
	e.channelType = "note"
	p.hookLocked(in, "incident.annotated", a, at, &n)
	for _, id := range in.assignees {
		if id != by.ID {
			p.ringLocked(in, id, Note, "note by "+by.Name+": "+content, at)
		}
	}
	return n
}

func (p *Pager) snoozeLocked(in *incident, d time.Duration, by actor, at time.Time) {
	in.status = Acknowledged
	in.pending, in.escalateAt, in.ackEndsAt = nil, time.Time{}, time.Time{}
	in.snoozedTo = at.Add(d)
	p.touchLocked(in, by, at, true)
	p.logLocked(in, "snooze_log_entry", by, at, "Snoozed for "+minutes(d)+" by "+by.name(), nil)
}

// touchLocked notes that the incident changed, and that its status did.
func (p *Pager) touchLocked(in *incident, by actor, at time.Time, status bool) {
	in.updated = at
	if status {
		in.changed, in.changedBy = at, by
	}
	p.changedLocked("incident", in.id, at)
}

// onCall returns who is on call at a level (from 1), each once, in the order of the targets.
func (p *Pager) onCall(e *EscalationPolicy, level int, at time.Time) []string {
	var ids []string
	for _, t := range e.Levels[level-1].Targets {
		id := t.UserID
		if id == "" {
			id, _, _ = p.turn(p.schedule(t.ScheduleID), at)
		}
		if id != "" && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// onCallFrom returns the first level from one on that has somebody on call, and who: PagerDuty goes past a level that has nobody. Where none
// has, the last answers, with nobody.
func (p *Pager) onCallFrom(e *EscalationPolicy, level int, at time.Time) (int, []string) {
	for ; level < len(e.Levels); level++ {
		if ids := p.onCall(e, level, at); len(ids) > 0 {
			return level, ids
		}
	}
	return level, p.onCall(e, level, at)
}

func (p *Pager) names(ids []string) string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = p.user(id).Name
	}
	return strings.Join(out, ", ")
}

func person(u *User) Person { return Person{ID: u.ID, Name: u.Name, Email: u.Email, Phone: u.Phone} }

func (p *Pager) snapshotLocked(in *incident) Incident {
	out := Incident{
		ID: in.id, Number: in.number, Title: in.title, Status: in.status, Urgency: in.urgency, ServiceID: in.svc.ID, Service: in.svc.Name,
		DedupKey: in.key, EscalationPolicy: in.policy.ID, Level: in.level, Assignees: []Person{},
		Acknowledgements: append([]Acknowledgement{}, in.acks...), Notes: append([]IncidentNote{}, in.notes...),
		Created: in.created, ResolvedAt: in.resolvedAt, ResolvedBy: in.resolvedBy, EscalatesAt: in.escalateAt, SnoozedUntil: in.snoozedTo,
	}
	for _, id := range in.assignees {
		out.Assignees = append(out.Assignees, person(p.user(id)))
	}
	if in.priority != nil {
		out.Priority = in.priority.Name
	}
	if len(in.alerts) > 0 {
		out.Details, out.Severity = maps.Clone(in.alerts[0].body.CustomDetails), in.alerts[0].severity
	}
	return out
}

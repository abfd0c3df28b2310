package pager

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// act runs f on an open incident as a person, by their phone. Nobody reaches PagerDuty while it is down.
func (p *Pager) act(userID, incidentID string, f func(in *incident, by actor, at time.Time) error) error {
	at := p.begin()
	defer p.end()
	if p.faults.down {
		return fmt.Errorf("pager: %s on %s: %w", userID, incidentID, ErrDown)
	}
	u, in := p.user(userID), p.incident(incidentID)
	if u == nil {
		return fmt.Errorf("pager: user %q: %w", userID, ErrNotFound)
	}
	if in == nil {
		return fmt.Errorf("pager: incident %q: %w", incidentID, ErrNotFound)
	}
	return f(in, actor{user: u, channel: "mobile"}, at)
}

func mustBeOpen(in *incident) error {
	if in.status == Resolved {
		return fmt.Errorf("pager: incident %s: %w", in.id, ErrResolved)
	}
	return nil
}

// Acknowledge acknowledges an incident as a person, by their phone. Repeating it changes nothing.
// It fails with [ErrNotFound], [ErrResolved] or [ErrDown].
func (p *Pager) Acknowledge(userID, incidentID string) error {
	return p.act(userID, incidentID, func(in *incident, by actor, at time.Time) error {
		if err := mustBeOpen(in); err != nil {
			return err
		}
		p.acknowledgeLocked(in, by, at)
		return nil
	})
}

// Resolve resolves an incident as a person, by their phone. It fails as [Pager.Acknowledge] does.
func (p *Pager) Resolve(userID, incidentID string) error {
	return p.act(userID, incidentID, func(in *incident, by actor, at time.Time) error {
		if err := mustBeOpen(in); err != nil {
			return err
		}
		p.resolveLocked(in, by, at)
		return nil
	})
}

// Reopen triggers a resolved incident again, as a person: whoever is on call at the first level of its escalation policy is notified. It
// fails with [ErrNotFound] or [ErrDown], and when the incident is open.
func (p *Pager) Reopen(userID, incidentID string) error {
	return p.act(userID, incidentID, func(in *incident, by actor, at time.Time) error {
		if in.status != Resolved {
			return fmt.Errorf("pager: incident %s is open: nothing to reopen", in.id)
		}
		p.reopenLocked(in, by, at)
		return nil
	})
}

// AddNote adds a note as a person; a resolved incident takes notes too. It fails with [ErrNotFound] or [ErrDown], on
// empty text and beyond 2000 notes.
func (p *Pager) AddNote(userID, incidentID, text string) error {
	return p.act(userID, incidentID, func(in *incident, by actor, at time.Time) error {
		if strings.TrimSpace(text) == "" || len(in.notes) >= maxNotes {
			return fmt.Errorf("pager: note on %s: the text is empty or the incident has %d notes", in.id, len(in.notes))
		}
		p.noteLocked(in, by.user, text, "mobile", at)
		return nil
	})
}

// Reassign gives an incident to other people by name, who are notified. It fails as [Pager.Acknowledge] does.
func (p *Pager) Reassign(userID, incidentID string, to ...string) error {
	return p.act(userID, incidentID, func(in *incident, by actor, at time.Time) error {
		if err := mustBeOpen(in); err != nil {
			return err
		}
		if len(to) == 0 {
			return fmt.Errorf("pager: reassign %s: nobody named", in.id)
		}
		for _, id := range to {
			if p.user(id) == nil {
				return fmt.Errorf("pager: reassign %s to user %q: %w", in.id, id, ErrNotFound)
			}
		}
		p.reassignLocked(in, slices.Clone(to), by, at)
		return nil
	})
}

// Escalate gives an incident to the next level of its escalation policy, as a person. It fails as [Pager.Acknowledge]
// does, and on the last level.
func (p *Pager) Escalate(userID, incidentID string) error {
	return p.act(userID, incidentID, func(in *incident, by actor, at time.Time) error {
		if err := mustBeOpen(in); err != nil {
			return err
		}
		if in.level >= len(in.policy.Levels) {
			return fmt.Errorf("pager: incident %s is at the last level of %s: %w", in.id, in.policy.Name, errNoEscalate)
		}
		p.escalateLocked(in, in.level+1, by, fmt.Sprintf("escalated to level %d of %s by %s", in.level+1, in.policy.Name, by.name()), at)
		return nil
	})
}

// SetOnCall puts a user on call for a schedule from now on, instead of its rotation and under its overrides. An empty user ends that.
func (p *Pager) SetOnCall(scheduleID, userID string) error {
	p.begin()
	defer p.end()
	if p.schedule(scheduleID) == nil {
		return fmt.Errorf("pager: schedule %q: %w", scheduleID, ErrNotFound)
	}
	if userID == "" {
		delete(p.standIns, scheduleID)
		return nil
	}
	if p.user(userID) == nil {
		return fmt.Errorf("pager: user %q: %w", userID, ErrNotFound)
	}
	p.standIns[scheduleID] = userID
	return nil
}

// SetRotation gives a schedule other turns, as a person edits it in the web interface: users in turn, each for turn, from start on; an empty
// user is a gap. Overrides stay.
func (p *Pager) SetRotation(scheduleID string, start time.Time, turn time.Duration, users ...string) error {
	p.begin()
	defer p.end()
	s := p.schedule(scheduleID)
	if s == nil {
		return fmt.Errorf("pager: schedule %q: %w", scheduleID, ErrNotFound)
	}
	for _, u := range users {
		if u != "" && p.user(u) == nil {
			return fmt.Errorf("pager: user %q: %w", u, ErrNotFound)
		}
	}
	if turn <= 0 || start.IsZero() || !slices.ContainsFunc(users, func(u string) bool { return u != "" }) {
		return fmt.Errorf("pager: schedule %q: a rotation needs a start, a positive turn and somebody in it", scheduleID)
	}
	s.Users, s.Start, s.Turn = slices.Clone(users), start, turn
	return nil
}

// SetEmail gives a user another address. It fails with [ErrNotFound].
func (p *Pager) SetEmail(userID, email string) error {
	p.begin()
	defer p.end()
	u := p.user(userID)
	if u == nil {
		return fmt.Errorf("pager: user %q: %w", userID, ErrNotFound)
	}
	u.Email = email
	return nil
}

// OnCall says who is on call now at a level (from 1) of an escalation policy; nobody for a level it does not have.
func (p *Pager) OnCall(escalationPolicyID string, level int) []Person {
	at := p.begin()
	defer p.end()
	e := p.policy(escalationPolicyID)
	if e == nil || level < 1 || level > len(e.Levels) {
		return nil
	}
	var out []Person
	for _, id := range p.onCall(e, level, at) {
		out = append(out, person(p.user(id)))
	}
	return out
}

// Fire sends an alert as the monitoring would. The target is a routing key, or the id or name of a service (its first
// integration is used). It fails with [ErrNotFound], [ErrBadAlert], [ErrThrottled] or [ErrDown].
func (p *Pager) Fire(target string, a Alert) (Fired, error) {
	at := p.begin()
	defer p.end()
	if p.faults.down {
		return Fired{}, fmt.Errorf("pager: fire: %w", ErrDown)
	}
	svc, integration := p.byKey(target)
	if svc == nil {
		for _, s := range p.services {
			if (s.ID == target || s.Name == target) && len(s.Integrations) > 0 {
				svc, integration = s, &s.Integrations[0]
			}
		}
	}
	if svc == nil {
		return Fired{}, fmt.Errorf("pager: fire: no service or routing key %s: %w", redact(target), ErrNotFound)
	}
	if faults := checkAlert(a); len(faults) > 0 {
		return Fired{}, fmt.Errorf("pager: fire: %w: %s", ErrBadAlert, strings.Join(faults, "; "))
	}
	return p.triggerLocked(svc, integration, a, nil, nil, at)
}

// Clear resolves, as the monitoring would, every open incident whose alert has this dedup key.
// It fails with [ErrNotFound] when there is none and with [ErrDown].
func (p *Pager) Clear(dedupKey string) error {
	at := p.begin()
	defer p.end()
	if p.faults.down {
		return fmt.Errorf("pager: clear: %w", ErrDown)
	}
	found := false
	for _, in := range p.incidents {
		if p.open[in.id] != nil && in.key == dedupKey && in.routingKey != "" {
			found = true
			_, integration := p.byKey(in.routingKey)
			p.resolveLocked(in, actor{svc: in.svc, integration: integration, channel: "api"}, at)
		}
	}
	if !found {
		return fmt.Errorf("pager: clear %q: no open incident: %w", dedupKey, ErrNotFound)
	}
	return nil
}

// Incidents returns every incident kept, oldest first.
func (p *Pager) Incidents() []Incident {
	p.begin()
	defer p.end()
	out := make([]Incident, 0, len(p.incidents))
	for _, in := range p.incidents {
		out = append(out, p.snapshotLocked(in))
	}
	return out
}

// Incident returns one incident; false when there is none with this id.
func (p *Pager) Incident(id string) (Incident, bool) {
	p.begin()
	defer p.end()
	in := p.incident(id)
	if in == nil {
		return Incident{}, false
	}
	return p.snapshotLocked(in), true
}

// Notes returns an incident's notes, oldest first.
func (p *Pager) Notes(incidentID string) []IncidentNote {
	in, _ := p.Incident(incidentID)
	return in.Notes
}

// Rings returns every notification made, oldest first: whose phone rang, when and why.
func (p *Pager) Rings() []Ring {
	p.begin()
	defer p.end()
	return slices.Clone(p.rings)
}

// LogEntries returns the account's log, oldest first.
func (p *Pager) LogEntries() []LogEntry {
	p.begin()
	defer p.end()
	out := make([]LogEntry, 0, len(p.log))
	for _, e := range p.log {
		l := LogEntry{ID: e.id, Type: e.typ, At: e.at, Summary: e.summary, IncidentID: e.in.id, Channel: e.channelType}
		switch {
		case e.by.user != nil:
			l.AgentID = e.by.user.ID
		case e.by.svc != nil:
			l.AgentID = e.by.svc.ID
		}
		out = append(out, l)
	}
	return out
}

// Calls returns the requests answered, oldest first; at most 4000 are kept.
func (p *Pager) Calls() []Call {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.calls)
}

// Unexpected returns the requests to paths and methods the pager does not serve. A test asserts that there are none.
func (p *Pager) Unexpected() []Call {
	return slices.DeleteFunc(p.Calls(), func(c Call) bool { return !c.Unexpected })
}

// Users returns the account's users.
func (p *Pager) Users() []Person {
	out := make([]Person, 0, len(p.users))
	for _, u := range p.users {
		out = append(out, person(u))
	}
	return out
}

// redact shows enough of a routing key to tell two apart and no more.
func redact(key string) string {
	if len(key) <= 8 {
		return key
	}
	return key[:4] + "…"
}

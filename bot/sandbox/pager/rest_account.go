package pager

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

func (p *Pager) abilities(*request) response {
	return response{http.StatusOK, map[string]any{"abilities": []string{"urgencies", "manage_schedules", "response_operations", "coordinated_responding"}}}
}

func matches(r *request, name string) bool {
	return strings.Contains(strings.ToLower(name), strings.ToLower(r.query.Get("query")))
}

func (p *Pager) listUsers(r *request) response {
	var all []any
	for _, u := range p.users {
		if matches(r, u.Name) || matches(r, u.Email) {
			all = append(all, p.userBody(u))
		}
	}
	return r.page("users", all)
}

// getUser serves a user by id, and "me": whom the token belongs to.
func (p *Pager) getUser(r *request) response {
	id := r.PathValue("id")
	u := p.user(id)
	if id == "me" {
		token := strings.TrimPrefix(r.Header.Get("Authorization"), "Token token=")
		if u = p.user(p.opts.UserTokens[token]); u == nil {
			return fail(http.StatusBadRequest, 2015, "Invalid operation", "'me' needs a user's own key; this is an account key")
		}
	}
	if u == nil {
		return fail(http.StatusNotFound, 2013, "User not found")
	}
	return response{http.StatusOK, map[string]any{"user": p.userBody(u)}}
}

func (p *Pager) listSchedules(r *request) response {
	var all []any
	for _, s := range p.schedules {
		if matches(r, s.Name) {
			b := p.scheduleBody(s, r.at, r.loc)
			delete(b, "final_schedule") // the list does not render schedules
			all = append(all, b)
		}
	}
	return r.page("schedules", all)
}

func (p *Pager) getSchedule(r *request) response {
	s := p.schedule(r.PathValue("id"))
	if s == nil {
		return fail(http.StatusNotFound, 3004, "Schedule Not Found")
	}
	since, until, bad := r.span(p.zoneOf(s))
	if bad != nil {
		return *bad
	}
	b := p.scheduleBody(s, r.at, r.loc)
	if !since.IsZero() || !until.IsZero() {
		switch { // each is two weeks from the other where one is missing
		case since.IsZero():
			since = until.Add(-defaultRendered)
		case until.IsZero():
			until = since.Add(defaultRendered)
		}
		if until.Sub(since) > maxRendered {
			return fail(http.StatusBadRequest, 2005, "Invalid Query Date Range", "the span has at most three months")
		}
		b["final_schedule"] = p.rendered(s, since, until, r.query.Get("overflow") == "true", r.loc)
	}
	return response{http.StatusOK, map[string]any{"schedule": b}}
}

func (p *Pager) listPolicies(r *request) response {
	var all []any
	for _, e := range p.policies {
		if matches(r, e.Name) {
			all = append(all, p.policyBody(e))
		}
	}
	return r.page("escalation_policies", all)
}

func (p *Pager) getPolicy(r *request) response {
	e := p.policy(r.PathValue("id"))
	if e == nil {
		return fail(http.StatusNotFound, 5001, "Escalation Policy Not Found")
	}
	return response{http.StatusOK, map[string]any{"escalation_policy": p.policyBody(e)}}
}

func (p *Pager) listServices(r *request) response {
	var all []any
	for _, s := range p.services {
		if matches(r, s.Name) {
			all = append(all, p.serviceBody(s))
		}
	}
	return r.page("services", all)
}

func (p *Pager) getService(r *request) response {
	s := p.service(r.PathValue("id"))
	if s == nil {
		return fail(http.StatusNotFound, 5002, "Service Not Found")
	}
	return response{http.StatusOK, map[string]any{"service": p.serviceBody(s)}}
}

func (p *Pager) listPriorities(r *request) response {
	var all []any
	for _, x := range p.opts.Priorities {
		m := p.ref("priority", x.ID, x.Name)
		m["type"], m["name"], m["description"] = "priority", x.Name, x.Name
		all = append(all, m)
	}
	return r.page("priorities", all)
}

// listOnCalls serves GET /oncalls: who is on call now, or in the span of since and until, for each policy and level.
func (p *Pager) listOnCalls(r *request) response {
	since, until, bad := r.span(p.loc)
	if bad != nil {
		return *bad
	}
	if since.IsZero() {
		since = r.at
	}
	if until.Before(since) {
		until = since
	}
	if until.Sub(since) > 90*24*time.Hour {
		return fail(http.StatusBadRequest, 2005, "Invalid Query Date Range", "the span has at most 90 days")
	}
	full := func(kind string) bool { return slices.Contains(r.list("include"), kind) }
	var all []any
	add := func(e *EscalationPolicy, level int, s *Schedule, id string, from, to time.Time) {
		if !anyOf(r.list("user_ids"), id) {
			return
		}
		user, policy := p.userRef(p.user(id)), p.policyRef(e)
		if full("users") {
			user = p.userBody(p.user(id))
		}
		if full("escalation_policies") {
			policy = p.policyBody(e)
		}
		var schedule any
		if s != nil {
			schedule = p.ref("schedule", s.ID, s.Name)
			if full("schedules") {
				schedule = p.scheduleBody(s, r.at, r.loc)
			}
		}
		all = append(all, map[string]any{"user": user, "schedule": schedule, "escalation_policy": policy, "escalation_level": level, "start": stamp(from, r.loc), "end": stamp(to, r.loc)})
	}
	for _, e := range p.policies {
		if !anyOf(r.list("escalation_policy_ids"), e.ID) {
			continue
		}
		for i, l := range e.Levels {
			for _, t := range l.Targets {
				if t.UserID != "" {
					if len(r.list("schedule_ids")) == 0 {
						add(e, i+1, nil, t.UserID, time.Time{}, time.Time{})
					}
					continue
				}
				if !anyOf(r.list("schedule_ids"), t.ScheduleID) {
					continue
				}
				s := p.schedule(t.ScheduleID)
				for at := since; ; {
					id, from, to := p.turn(s, at)
					if id != "" {
						add(e, i+1, s, id, from, to)
					}
					if to.IsZero() || !to.Before(until) || r.query.Get("earliest") == "true" || len(all) >= maxOffset {
						break
					}
					at = to
				}
			}
		}
	}
	return r.page("oncalls", all)
}

package pagerduty

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/tocsin-bot/tocsin/bot/house"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

const maxPeople = 25 // of one target

// Rosters says who is on call for each target of a policy that can be asked about: by its schedule, by its static people, else by the user
// or the escalation policy it is rung at. A target with only a routing key and nobody named is absent: an integration key says nothing of
// people. Without a token only static people are returned, by e-mail.
//
// An error says which targets could not be read; those are absent, so that what was seen of them before stays. The others are right.
func (c *Client) Rosters(ctx context.Context, p *incident.Policy) (map[string]house.RosterSeen, error) {
	return c.RostersOf(ctx, p, slices.Sorted(maps.Keys(p.Targets))...)
}

// RostersOf is Rosters of some targets.
func (c *Client) RostersOf(ctx context.Context, p *incident.Policy, targets ...string) (map[string]house.RosterSeen, error) {
	out := map[string]house.RosterSeen{}
	users := map[string]house.Person{} // by e-mail, for this reading
	var errs []error
	for _, key := range targets {
		people, source, err := c.roster(ctx, p.Targets[key], users)
		switch {
		case err != nil:
			errs = append(errs, fmt.Errorf("who is on call for %s: %w", key, err))
		case source != "":
			out[key] = house.RosterSeen{Target: key, People: people[:min(len(people), maxPeople)], Source: source}
		}
	}
	return out, errors.Join(errs...)
}

func (c *Client) roster(ctx context.Context, t incident.Target, users map[string]house.Person) ([]house.Person, string, error) {
	switch {
	case t.Rotation != "": // the policy's own: PagerDuty is not asked
		return nil, "", nil
	case t.Schedule != "" && c.HasToken():
		people, err := c.onSchedule(ctx, t.Schedule)
		return people, "pagerduty schedule " + t.Schedule, err
	case len(t.People) > 0:
		people, err := c.byEmail(ctx, t.People, users)
		return people, "policy", err
	case t.Address.User != "" && c.HasToken():
		var answer struct {
			User ref `json:"user"`
		}
		err := c.call(ctx, idle, "read user "+t.Address.User, http.MethodGet, "/users/"+url.PathEscape(t.Address.User), nil, nil, &answer)
		return []house.Person{personOf(&answer.User)}, "pagerduty user " + t.Address.User, err
	case t.Address.EscalationPolicy != "" && c.HasToken():
		people, err := c.onCalls(ctx, url.Values{"escalation_policy_ids[]": {t.Address.EscalationPolicy}}, 1)
		return people, "pagerduty escalation policy " + t.Address.EscalationPolicy, err
	}
	return nil, "", nil
}

func personOf(r *ref) house.Person {
	return house.Person{Pager: r.ID, Name: incident.Clip(r.label(), 80), Email: strings.ToLower(r.Email)}
}

// onCalls reads who is on call now; level 0 means every level.
func (c *Client) onCalls(ctx context.Context, q url.Values, level int) ([]house.Person, error) {
	q = cloneValues(q)
	q.Set("include[]", "users")
	q.Set("time_zone", "UTC")
	q.Set("limit", strconv.Itoa(pageSize))
	var list struct {
		OnCalls []wireOnCall `json:"oncalls"`
	}
	if err := c.call(ctx, idle, "read who is on call", http.MethodGet, "/oncalls", q, nil, &list); err != nil {
		return nil, err
	}
	people := []house.Person{}
	for _, o := range list.OnCalls {
		if o.User.user() && (level == 0 || o.Level == level) && !slices.ContainsFunc(people, func(p house.Person) bool { return p.Pager == o.User.ID }) {
			people = append(people, personOf(o.User))
		}
	}
	return people, nil
}

// onSchedule reads who is on call on a schedule now. GET /oncalls knows only schedules that an escalation policy uses; the schedule itself
// answers for the others.
func (c *Client) onSchedule(ctx context.Context, id string) ([]house.Person, error) {
	people, err := c.onCalls(ctx, url.Values{"schedule_ids[]": {id}}, 0)
	if err != nil || len(people) > 0 {
		return people, err
	}
	now := c.o.Clock.Now()
	shifts, err := c.Shifts(ctx, id, now, now.Add(time.Minute))
	if err != nil {
		return nil, err
	}
	for _, s := range shifts {
		if !s.From.After(now) && (s.To.IsZero() || s.To.After(now)) {
			people = append(people, s.Who)
		}
	}
	return people, nil
}

// Shift is a stretch of a schedule that is somebody's, overrides applied.
type Shift struct {
	From, To time.Time // zero: PagerDuty did not say
	Who      house.Person
}

// Plan is a schedule as PagerDuty rendered it, layers and overrides laid together.
type Plan struct {
	Schedule string   // its id
	Users    []string // ids of the users of its layers, whose turn may be past or far ahead
	Shifts   []Shift  // in order; a stretch that none covers is nobody's
}

// Shifts reads who is on call on a schedule between two moments, in order. PagerDuty cuts the first and the last at those moments.
func (c *Client) Shifts(ctx context.Context, schedule string, from, to time.Time) ([]Shift, error) {
	p, err := c.Plan(ctx, schedule, from, to)
	return p.Shifts, err
}

// Plan reads a schedule between two moments, at most three months apart. What passes them is cut there.
func (c *Client) Plan(ctx context.Context, schedule string, from, to time.Time) (Plan, error) {
	var answer struct {
		Schedule struct {
			Users []ref `json:"users"`
			Final struct {
				Entries []struct {
					Start looseTime `json:"start"`
					End   looseTime `json:"end"`
					User  *ref      `json:"user"`
				} `json:"rendered_schedule_entries"`
			} `json:"final_schedule"`
		} `json:"schedule"`
	}
	q := url.Values{"since": {from.Format(time.RFC3339)}, "until": {to.Format(time.RFC3339)}, "time_zone": {"UTC"}}
	if err := c.call(ctx, idle, "read schedule "+schedule, http.MethodGet, "/schedules/"+url.PathEscape(schedule), q, nil, &answer); err != nil {
		return Plan{}, err
	}
	p := Plan{Schedule: schedule}
	for _, u := range answer.Schedule.Users {
		if u.user() && !slices.Contains(p.Users, u.ID) {
			p.Users = append(p.Users, u.ID)
		}
	}
	for _, e := range answer.Schedule.Final.Entries {
		if e.User.user() {
			who, err := c.whole(ctx, e.User)
			if err != nil {
				return Plan{}, err
			}
			p.Shifts = append(p.Shifts, Shift{From: e.Start.Time, To: e.End.Time, Who: who})
		}
	}
	slices.SortStableFunc(p.Shifts, func(a, b Shift) int { return a.From.Compare(b.From) })
	return p, nil
}

// Gap is a stretch of a schedule in which nobody is on call.
type Gap struct{ From, To time.Time }

// Gaps are the stretches between two moments that no shift of the plan covers, in order. The moments are those it was read for, or lie
// between them.
func (p Plan) Gaps(from, to time.Time) []Gap {
	var out []Gap
	at := from
	for _, s := range p.Shifts {
		if !at.Before(to) {
			return out
		}
		if s.From.After(at) {
			out = append(out, Gap{at, earlier(s.From, to)})
		}
		switch {
		case s.To.IsZero():
			return out // without end
		case s.To.After(at):
			at = s.To
		}
	}
	if at.Before(to) {
		out = append(out, Gap{at, to})
	}
	return out
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// Sharing are the people who share the schedule, each once, by PagerDuty's id: the users of its layers. Where the plan shows that turns come
// round, somebody having had two with others between, a user who never comes is left out: the layer of theirs has ended. Without users it is
// whoever comes.
func (p Plan) Sharing() []string {
	var come []string
	round := false
	last := ""
	for _, s := range p.Shifts {
		if id := s.Who.Pager; id != last {
			round = round || slices.Contains(come, id)
			last = id
			if !slices.Contains(come, id) {
				come = append(come, id)
			}
		}
	}
	if len(p.Users) == 0 {
		return come
	}
	if !round {
		return slices.Clone(p.Users)
	}
	return slices.DeleteFunc(slices.Clone(p.Users), func(id string) bool { return !slices.Contains(come, id) })
}

// How long a user's address is remembered, and of how many.
const (
	usersFor = time.Hour
	maxUsers = 5000
)

// users remembers the users behind references.
type users struct {
	mu   sync.Mutex
	byID map[string]knownUser
}

type knownUser struct {
	person house.Person
	until  time.Time
}

// whole is the person behind a reference. A schedule's shifts name users by id and name alone; their address is asked for once an hour.
func (c *Client) whole(ctx context.Context, r *ref) (house.Person, error) {
	if r.Email != "" {
		return personOf(r), nil
	}
	now := c.o.Clock.Now()
	c.users.mu.Lock()
	known, ok := c.users.byID[r.ID]
	c.users.mu.Unlock()
	if ok && now.Before(known.until) {
		return known.person, nil
	}
	var answer struct {
		User ref `json:"user"`
	}
	err := c.call(ctx, idle, "read user "+r.ID, http.MethodGet, "/users/"+url.PathEscape(r.ID), nil, nil, &answer)
	if f, gone := errors.AsType[*Fault](err); gone && f.Status == http.StatusNotFound {
		answer.User, err = *r, nil // a user who was deleted keeps the name
	}
	if err != nil {
		return house.Person{}, err
	}
	if answer.User.ID == "" {
		answer.User.ID = r.ID
	}
	p := personOf(&answer.User)
	c.users.mu.Lock()
	defer c.users.mu.Unlock()
	if c.users.byID == nil || len(c.users.byID) >= maxUsers {
		c.users.byID = map[string]knownUser{}
	}
	c.users.byID[r.ID] = knownUser{p, now.Add(usersFor)}
	return p, nil
}

// UserByEmail is the PagerDuty user with an e-mail address; false: there is none.
func (c *Client) UserByEmail(ctx context.Context, email string) (house.Person, bool, error) {
	u, found, err := c.userByEmail(ctx, strings.ToLower(strings.TrimSpace(email)))
	if err != nil || !found {
		return house.Person{}, false, err
	}
	p := personOf(&u)
	p.Email = strings.ToLower(strings.TrimSpace(email))
	return p, true, nil
}

// byEmail resolves static people. Somebody PagerDuty does not know stays with the address alone: they may still have Slack.
func (c *Client) byEmail(ctx context.Context, emails []string, known map[string]house.Person) ([]house.Person, error) {
	people := []house.Person{}
	for _, email := range emails {
		email = strings.ToLower(strings.TrimSpace(email))
		person, ok := known[email]
		if !ok {
			person = house.Person{Email: email}
			if c.HasToken() {
				u, found, err := c.userByEmail(ctx, email)
				if err != nil {
					return nil, err
				}
				if found {
					person = personOf(&u)
					person.Email = email
				}
			}
			known[email] = person
		}
		people = append(people, person)
	}
	return people, nil
}

// userByEmail finds a user by the whole address; the query of GET /users also matches parts of names.
func (c *Client) userByEmail(ctx context.Context, email string) (ref, bool, error) {
	var list struct {
		Users []ref `json:"users"`
	}
	q := url.Values{"query": {email}, "limit": {"25"}}
	if err := c.call(ctx, idle, "find user "+email, http.MethodGet, "/users", q, nil, &list); err != nil {
		return ref{}, false, err
	}
	for _, u := range list.Users {
		if strings.EqualFold(u.Email, email) {
			return u, true, nil
		}
	}
	return ref{}, false, nil
}

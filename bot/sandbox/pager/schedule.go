package pager

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// Override gives a stretch of a schedule to a user, whoever's turn it is. Where several lie upon each other, the one made last counts.
type Override struct {
	ID     string    `json:"id"`
	UserID string    `json:"user_id"`
	From   time.Time `json:"from"`
	To     time.Time `json:"to"`
}

type override struct{ Override }

// Overrides returns a schedule's overrides, those that are over among them, in the order they were made.
func (p *Pager) Overrides(scheduleID string) []Override {
	p.begin()
	defer p.end()
	out := make([]Override, 0, len(p.overrides[scheduleID]))
	for _, o := range p.overrides[scheduleID] {
		out = append(out, o.Override)
	}
	return out
}

// RemoveOverride takes an override away as a person does in the web interface, leaving nothing of it. It fails with [ErrNotFound].
func (p *Pager) RemoveOverride(scheduleID, overrideID string) error {
	p.begin()
	defer p.end()
	list := p.overrides[scheduleID]
	i := slices.IndexFunc(list, func(o *override) bool { return o.ID == overrideID })
	if i < 0 {
		return fmt.Errorf("pager: override %q of schedule %q: %w", overrideID, scheduleID, ErrNotFound)
	}
	p.overrides[scheduleID] = slices.Delete(list, i, i+1)
	return nil
}

// zoneOf is the zone in which times of a schedule without an offset are read.
func (p *Pager) zoneOf(s *Schedule) *time.Location {
	if loc, err := time.LoadLocation(s.TimeZone); err == nil && s.TimeZone != "" {
		return loc
	}
	return p.loc
}

// overrideAt is the override that counts at a moment, nil when none does.
func (p *Pager) overrideAt(scheduleID string, at time.Time) *override {
	for _, o := range slices.Backward(p.overrides[scheduleID]) {
		if !o.From.After(at) && o.To.After(at) {
			return o
		}
	}
	return nil
}

// turn says who is on call on a schedule at a moment, and from when to when by the same override or the same turn; zero where that has no
// beginning or no end.
func (p *Pager) turn(s *Schedule, at time.Time) (id string, from, to time.Time) {
	id, from, to = p.ownTurn(s, at)
	on := p.overrideAt(s.ID, at)
	if on != nil {
		id, from, to = on.UserID, on.From, on.To
	}
	for _, o := range p.overrides[s.ID] { // where another one begins or ends to count, this ends or begins
		for _, t := range []time.Time{o.From, o.To} {
			before, after := p.overrideAt(s.ID, t.Add(-time.Nanosecond)), p.overrideAt(s.ID, t)
			if t.After(at) && before == on && after != on && (to.IsZero() || t.Before(to)) {
				to = t
			}
			if !t.After(at) && before != on && after == on && (from.IsZero() || t.After(from)) {
				from = t
			}
		}
	}
	return id, from, to
}

// ownTurn says whose turn it is by the rotation; from and to are zero where the turn has no end.
func (p *Pager) ownTurn(s *Schedule, at time.Time) (id string, from, to time.Time) {
	if id, ok := p.standIns[s.ID]; ok {
		return id, time.Time{}, time.Time{}
	}
	if s.Turn == 0 || len(s.Users) == 1 {
		return s.Users[0], time.Time{}, time.Time{}
	}
	n := int64(at.Sub(s.Start) / s.Turn)
	if at.Before(s.Start) && at.Sub(s.Start)%s.Turn != 0 {
		n-- // division rounds towards zero
	}
	i := int(n % int64(len(s.Users)))
	if i < 0 {
		i += len(s.Users)
	}
	from = s.Start.Add(time.Duration(n) * s.Turn)
	return s.Users[i], from, from.Add(s.Turn)
}

func finalSchedule(entries []any) map[string]any {
	return map[string]any{"name": "Final Schedule", "rendered_schedule_entries": entries}
}

// rendered is who is on call on a schedule between two moments. The first and the last entry are cut there, unless they may overflow.
func (p *Pager) rendered(s *Schedule, since, until time.Time, overflow bool, loc *time.Location) map[string]any {
	entries := []any{}
	for at, n := since, 0; at.Before(until) && n < maxOffset; n++ {
		id, from, to := p.turn(s, at)
		next := to
		if from.IsZero() || !overflow && from.Before(since) {
			from = since
		}
		if to.IsZero() || !overflow && to.After(until) {
			to = until
		}
		if id != "" { // a gap is what no entry covers
			entries = append(entries, map[string]any{"start": stamp(from, loc), "end": stamp(to, loc), "user": p.userRef(p.user(id))})
		}
		if next.IsZero() {
			break
		}
		at = next
	}
	return finalSchedule(entries)
}

func (p *Pager) overrideBody(o Override, loc *time.Location) map[string]any {
	return map[string]any{"id": o.ID, "start": stamp(o.From, loc), "end": stamp(o.To, loc), "user": p.userRef(p.user(o.UserID))}
}

// listOverrides serves GET /schedules/{id}/overrides. As published: since and until are required, what passes them is cut there without
// overflow, and only with editable (which leaves out those that are over) does an answer name ids.
func (p *Pager) listOverrides(r *request) response {
	s := p.schedule(r.PathValue("id"))
	if s == nil {
		return fail(http.StatusNotFound, 3004, "Schedule Not Found")
	}
	var missing []string
	for _, k := range []string{"since", "until"} {
		if r.query.Get(k) == "" {
			missing = append(missing, k+" is required")
		}
	}
	if len(missing) > 0 {
		return invalid(missing...)
	}
	since, until, bad := r.span(p.zoneOf(s))
	if bad != nil {
		return *bad
	}
	if until.Sub(since) > maxRendered {
		return fail(http.StatusBadRequest, 2005, "Invalid Query Date Range", "the span has at most three months")
	}
	editable, overflow := r.query.Get("editable") == "true", r.query.Get("overflow") == "true"
	found := slices.Clone(p.overrides[s.ID])
	slices.SortStableFunc(found, func(a, b *override) int { return a.From.Compare(b.From) })
	out := []any{}
	for _, x := range found {
		o := x.Override
		if !o.From.Before(until) || !o.To.After(since) || editable && !o.To.After(r.at) {
			continue
		}
		if !overflow && o.From.Before(since) {
			o.From = since
		}
		if !overflow && o.To.After(until) {
			o.To = until
		}
		b := p.overrideBody(o, r.loc)
		if !editable {
			delete(b, "id")
		}
		out = append(out, b)
	}
	return response{http.StatusOK, map[string]any{"overrides": out}}
}

// wantedOverride is an override as it is asked for.
type wantedOverride struct {
	Start string `json:"start"`
	End   string `json:"end"`
	User  *struct {
		ID   string `json:"id"`
		Type string `json:"type"`
	} `json:"user"`
	TimeZone string `json:"time_zone"`
}

// createOverrides serves POST /schedules/{id}/overrides in both published forms: several under "overrides", whose answer is a list of
// results, and the older single one under "override".
func (p *Pager) createOverrides(r *request) response {
	s := p.schedule(r.PathValue("id"))
	if s == nil {
		return fail(http.StatusNotFound, 3004, "Schedule Not Found")
	}
	var body struct {
		One  *wantedOverride  `json:"override"`
		Many []wantedOverride `json:"overrides"`
	}
	if err := json.Unmarshal(r.body, &body); err != nil {
		return invalid("the body is not JSON of the expected shape: " + err.Error())
	}
	wanted := body.Many
	if body.One != nil {
		wanted = []wantedOverride{*body.One}
	}
	if len(wanted) == 0 || body.One != nil && body.Many != nil || len(wanted) > maxOverridesPost {
		return invalid("override or overrides is required, not both, with at most 100 entries")
	}
	results, made := []any{}, []*override{}
	for _, w := range wanted {
		o, faults := p.wantedOverride(s, w, r.at)
		if len(faults) > 0 && body.One != nil {
			return invalid(faults...)
		}
		if len(faults) > 0 {
			results = append(results, map[string]any{"status": http.StatusBadRequest, "errors": faults, "override": w})
			continue
		}
		o.ID = p.newID("Q")
		made = append(made, &override{o})
		results = append(results, map[string]any{"status": http.StatusCreated, "override": p.overrideBody(o, r.loc)})
	}
	list := p.overrides[s.ID]
	over := len(list) + len(made) - maxOverrides
	list = slices.DeleteFunc(slices.Clone(list), func(o *override) bool {
		if over > 0 && !o.To.After(r.at) {
			over--
			return true
		}
		return false
	})
	if over > 0 {
		return invalid(fmt.Sprintf("a schedule of this sandbox has at most %d overrides", maxOverrides))
	}
	p.overrides[s.ID] = append(list, made...)
	if body.One != nil {
		return response{http.StatusCreated, map[string]any{"override": p.overrideBody(made[0].Override, r.loc)}}
	}
	return response{http.StatusCreated, results}
}

// wantedOverride reads an override that is asked for, and says what is wrong with it.
func (p *Pager) wantedOverride(s *Schedule, w wantedOverride, now time.Time) (o Override, faults []string) {
	loc := p.zoneOf(s)
	if w.TimeZone != "" {
		named, err := time.LoadLocation(w.TimeZone)
		if err != nil {
			return o, []string{"time_zone " + w.TimeZone + " is not known"}
		}
		loc = named
	}
	read := func(name, v string) time.Time {
		for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05"} {
			if t, err := time.ParseInLocation(layout, v, loc); err == nil {
				return t.UTC().Truncate(time.Second)
			}
		}
		faults = append(faults, name+" is missing or is no time")
		return time.Time{}
	}
	o.From, o.To = read("start", w.Start), read("end", w.End)
	switch {
	case w.User == nil || w.User.ID == "":
		faults = append(faults, "user is required")
	case w.User.Type != "user" && w.User.Type != "user_reference":
		faults = append(faults, "user.type must be user_reference")
	case p.user(w.User.ID) == nil:
		faults = append(faults, "user "+w.User.ID+" is not there")
	default:
		o.UserID = w.User.ID
	}
	if len(faults) == 0 && !o.To.After(o.From) {
		faults = append(faults, "end must be after start")
	}
	if len(faults) == 0 && o.From.Before(now.Truncate(time.Second)) {
		faults = append(faults, "an override cannot be created in the past")
	}
	return o, faults
}

// deleteOverride serves DELETE /schedules/{id}/overrides/{override}: 204, or 200 for one that has begun, which is cut at this moment. One that
// is over stays.
func (p *Pager) deleteOverride(r *request) response {
	s := p.schedule(r.PathValue("id"))
	if s == nil {
		return fail(http.StatusNotFound, 3004, "Schedule Not Found")
	}
	list := p.overrides[s.ID]
	i := slices.IndexFunc(list, func(o *override) bool { return o.ID == r.PathValue("override") })
	if i < 0 {
		return notFound("Override")
	}
	now := r.at.Truncate(time.Second)
	switch o := list[i]; {
	case !o.To.After(now):
		return invalid("an override in the past cannot be removed")
	case o.From.Before(now):
		o.To = now
		return response{http.StatusOK, map[string]any{"override": p.overrideBody(o.Override, r.loc)}}
	}
	p.overrides[s.ID] = slices.Delete(list, i, i+1)
	return response{http.StatusNoContent, nil}
}

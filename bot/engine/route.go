package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/journal"
)

// way is where an input goes: to an incident that is there, or to a new one.
type way struct {
	id    incident.ID
	found bool
	// passes are claims that a new incident takes over, with who held them.
	passes map[string]string
	// read are the versions of incidents that were looked at and do not take the input: the commit expects them.
	read map[journal.Stream]int64
	// storm is whether it goes to an incident that takes in every new alert group, or opens one.
	storm bool
}

// route finds the incident an input is about: by its claims; for an alert, also the incident that its group was part of when that has only
// just ended, and a young incident of its service.
func (e *Engine) route(ctx context.Context, in Input) (way, error) {
	r := in.Route
	if r.ID != "" {
		return way{id: r.ID, found: true}, nil
	}
	names := r.Claims
	if r.Channel != "" {
		names = append([]string{ClaimChannel(r.Channel)}, names...)
	}
	id, found, err := e.ByClaims(ctx, names)
	over := ends(in.Act)
	if err != nil || found || !(r.New && ofMonitoring(in.Act) || over) {
		return way{id: id, found: found}, err
	}
	w := way{passes: map[string]string{}, read: map[journal.Stream]int64{}}
	var was []string
	for _, n := range r.Claims {
		if strings.HasPrefix(n, ClaimAlert("")) {
			was = append(was, claimWas(n))
		}
	}
	now := e.o.Clock.Now()
	for _, ask := range []struct {
		claims []string
		takes  func(incident.State) bool
		passes bool
		storm  bool
		awaits bool // those whose runbooks wait for alerts of these names come first
	}{
		{claims: was, takes: func(s incident.State) bool { return over || s.TakesUp(now) }},
		{claims: r.Joins, takes: func(s incident.State) bool { return s.Joins(now) }, passes: true, awaits: !over && len(r.Names) > 0},
		{claims: []string{ClaimStorm}, takes: func(s incident.State) bool { return !over && s.Storms(now) }, passes: true, storm: true},
	} {
		if ask.awaits {
			if id, found, err = e.awaits(ctx, r.Names, labelsOf(in.Act), now); err != nil || found {
				return way{id: id, found: found}, err
			}
		}
		if len(ask.claims) == 0 {
			continue
		}
		owners, err := e.o.Store.Claims(ctx, ask.claims)
		if err != nil {
			return way{}, fmt.Errorf("look up claims: %w", err)
		}
		for _, n := range ask.claims {
			if owners[n] == "" {
				continue
			}
			id := incident.ID(owners[n])
			s, err := e.State(ctx, id)
			switch {
			case errors.Is(err, journal.ErrNotFound):
			case err != nil:
				return way{}, err
			case ask.takes(s):
				return way{id: id, found: true, storm: ask.storm}, nil
			default:
				w.read[journal.Stream(id)] = s.Seq
			}
			if ask.passes {
				w.passes[n] = owners[n]
			}
		}
	}
	return w, nil
}

// labelsOf are the labels that the alerts of an act have in common.
func labelsOf(a incident.Act) []incident.Label {
	switch a := a.(type) {
	case incident.AlertsFired:
		return a.Set.Labels
	case incident.PagerTriggered:
		return a.Ref.Labels
	}
	return nil
}

// awaits finds the newest open incident whose runbook waits for alerts of these names, and which is not somewhere else.
func (e *Engine) awaits(ctx context.Context, names []string, labels []incident.Label, now time.Time) (incident.ID, bool, error) {
	before := journal.Stream("")
	for range stormPages {
		rows, err := rowsOf(ctx, e.o.Store, true, before, stormPage)
		if err != nil {
			return "", false, err
		}
		for _, row := range rows {
			before = journal.Stream(row.ID)
			if !row.Awaits {
				continue
			}
			s, err := e.State(ctx, row.ID)
			switch {
			case errors.Is(err, journal.ErrNotFound):
			case err != nil:
				return "", false, err
			case s.Awaits(names, labels, now) != "":
				return row.ID, true, nil
			}
		}
		if len(rows) < stormPage {
			break
		}
	}
	return "", false, nil
}

// ends reports whether an act says that an alert group fires no more: the incident it was part of is told, over or not.
func ends(a incident.Act) bool {
	fired, ok := a.(incident.AlertsFired)
	return ok && fired.Set.Firing == 0
}

// ofMonitoring reports whether an act is an alert that may open an incident.
func ofMonitoring(a incident.Act) bool {
	switch a.(type) {
	case incident.AlertsFired, incident.PagerTriggered:
		return true
	}
	return false
}

// storms reports whether monitoring has opened as many rooms of late as the policy allows. The number of incidents was read before and is
// expected at commit, so that of two processes that both found room for one more only one opens it.
func (e *Engine) storms(ctx context.Context) (bool, error) {
	p, _ := e.o.Policies.Current()
	if p.Storm.Rooms <= 0 || p.Storm.Within <= 0 {
		return false, nil
	}
	since := e.o.Clock.Now().Add(-p.Storm.Within)
	rooms := 0
	before := journal.Stream("")
	for range stormPages {
		rows, err := rowsOf(ctx, e.o.Store, false, before, stormPage)
		if err != nil {
			return false, err
		}
		for _, row := range rows {
			if row.Declared.Before(since) {
				return rooms >= p.Storm.Rooms, nil
			}
			if row.Source == incident.SourceAlert || row.Source == incident.SourcePage {
				rooms++
			}
			before = journal.Stream(row.ID)
		}
		if rooms >= p.Storm.Rooms || len(rows) < stormPage {
			break
		}
	}
	return rooms >= p.Storm.Rooms, nil
}

// How many incidents are looked at, newest first, to count the rooms of late and to find one that waits for an alert.
const (
	stormPage  = 50
	stormPages = 10
)

package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"

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
	}{
		{was, func(s incident.State) bool { return over || s.TakesUp(now) }, false},
		{r.Joins, func(s incident.State) bool { return s.Joins(now) }, true},
	} {
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
				return way{id: id, found: true}, nil
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

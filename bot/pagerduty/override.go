package pagerduty

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"time"
)

// Override is an exception of a schedule: a stretch that is a user's, whoever's turn it is.
type Override struct {
	ID   string // empty: PagerDuty did not tell it
	User string // id of the user
	From time.Time
	To   time.Time
}

type wireOverride struct {
	ID    string    `json:"id"`
	Start looseTime `json:"start"`
	End   looseTime `json:"end"`
	User  *ref      `json:"user"`
}

func (o wireOverride) override() Override {
	out := Override{ID: o.ID, From: o.Start.Time, To: o.End.Time}
	if o.User != nil {
		out.User = o.User.ID
	}
	return out
}

// Overrides lists a schedule's overrides with time between two moments, with their own beginning and end.
//
// The published words give ids only where "editable" is asked for, and then leave out what can be changed no more; so both lists are read,
// and what stands in the first counts. The span has at most three months.
func (c *Client) Overrides(ctx context.Context, schedule string, from, to time.Time) ([]Override, error) {
	var out []Override
	for _, editable := range []string{"true", ""} {
		var answer struct {
			Overrides []wireOverride `json:"overrides"`
		}
		q := url.Values{"since": {from.UTC().Format(time.RFC3339)}, "until": {to.UTC().Format(time.RFC3339)}, "overflow": {"true"}, "time_zone": {"UTC"}}
		if editable != "" {
			q.Set("editable", editable)
		}
		if err := c.call(ctx, useful, "read the overrides of schedule "+schedule, http.MethodGet, "/schedules/"+url.PathEscape(schedule)+"/overrides", q, nil, &answer); err != nil {
			return nil, err
		}
		for _, w := range answer.Overrides {
			o := w.override()
			if editable != "" || !slices.ContainsFunc(out, func(x Override) bool { return x.User == o.User && x.From.Equal(o.From) && x.To.Equal(o.To) }) {
				out = append(out, o)
			}
		}
	}
	return out, nil
}

// FindOverride is the one that was made for a user from one moment to another, where there is one. One that had to begin at once may have
// begun when it was made: anywhere between from and now.
func FindOverride(all []Override, user string, from, to, now time.Time) (Override, bool) {
	from, to = wholeSecond(from), to.Truncate(time.Second)
	latest := from
	if now.After(from) {
		latest = now.Add(atOnce)
	}
	i := slices.IndexFunc(all, func(o Override) bool {
		return o.User == user && o.To.Equal(to) && !o.From.Before(from.Truncate(time.Second)) && !o.From.After(latest)
	})
	if i < 0 {
		return Override{}, false
	}
	return all[i], true
}

// atOnce is how far ahead an override begins that should begin at once: PagerDuty takes none in the past, and the call takes a moment.
const atOnce = time.Second

// overrideTries is how often an override that should begin at once is asked for anew because its beginning was past when it arrived.
const overrideTries = 3

// SetOverride gives a stretch of a schedule to a user, whoever's turn it is, from now on where the stretch has begun. It returns the override
// as PagerDuty has it. An Ambiguous fault may come after PagerDuty took it: look with Overrides before it is repeated.
func (c *Client) SetOverride(ctx context.Context, schedule, user string, from, to time.Time) (Override, error) {
	op, to := "override schedule "+schedule, to.Truncate(time.Second)
	for try := 1; ; try++ {
		start := wholeSecond(from)
		if soonest := wholeSecond(c.o.Clock.Now()); start.Before(soonest) {
			start = soonest
		}
		if !to.After(start) {
			return Override{}, refuse(op, "", "nothing of it is left")
		}
		body := map[string]any{"override": map[string]any{
			"start": start.UTC().Format(time.RFC3339), "end": to.UTC().Format(time.RFC3339), "user": map[string]string{"id": user, "type": "user_reference"},
		}}
		var answer struct {
			Override *wireOverride `json:"override"`
		}
		err := c.call(ctx, useful, op, http.MethodPost, "/schedules/"+url.PathEscape(schedule)+"/overrides", nil, body, &answer)
		f, _ := errors.AsType[*Fault](err)
		switch {
		case f != nil && f.Status == http.StatusBadRequest && try < overrideTries && c.o.Clock.Now().After(start):
			continue // it was past when it arrived
		case err != nil:
			return Override{}, err
		case answer.Override == nil || answer.Override.ID == "":
			return Override{}, &Fault{Op: op, Status: http.StatusCreated, Detail: "the answer names no override", ambiguous: true}
		}
		o := answer.Override.override()
		if o.From.IsZero() || o.To.IsZero() {
			o.From, o.To = start, to
		}
		return o, nil
	}
}

// wholeSecond is the first whole second that is not before t.
func wholeSecond(t time.Time) time.Time {
	if s := t.Truncate(time.Second); s.Equal(t) {
		return s
	}
	return t.Truncate(time.Second).Add(time.Second)
}

// LiftOverride deletes an override that would last until a moment to come; one that has begun is cut where it is. It reports whether it was
// gone already: deleted by somebody else, or cut short.
func (c *Client) LiftOverride(ctx context.Context, schedule, id string, until time.Time) (gone bool, err error) {
	op := "delete override " + id + " of schedule " + schedule
	err = c.call(ctx, useful, op, http.MethodDelete, "/schedules/"+url.PathEscape(schedule)+"/overrides/"+url.PathEscape(id), nil, nil, nil)
	f, _ := errors.AsType[*Fault](err)
	switch {
	case f == nil:
		return false, err
	case f.Status == http.StatusNotFound:
		return true, nil
	case f.Status != http.StatusBadRequest:
		return false, err
	}
	// It may be in the past, where it cannot be removed: somebody cut it.
	now := c.o.Clock.Now()
	if !until.After(now) {
		return true, nil
	}
	all, unread := c.Overrides(ctx, schedule, now, until)
	if unread != nil || slices.ContainsFunc(all, func(o Override) bool { return o.ID == id }) {
		return false, err
	}
	return true, nil
}

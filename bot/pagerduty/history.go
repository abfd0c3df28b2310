package pagerduty

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/timeline"
)

// Bounds of reading the past. PagerDuty gives at most six months and ten thousand records by offset; a month at a time stays below both.
const (
	historySpan  = 28 * 24 * time.Hour
	historyPages = 100 // of 100 incidents, in one span
	historyLog   = 10  // of 100 entries, of one incident
	historyTries = 20  // of one call that was asked to wait
)

// ErrTooMany says that there are more past incidents than are read.
var ErrTooMany = errors.New("more past incidents than are read at once")

// History reads what PagerDuty recorded of the incidents triggered in a stretch of time, oldest first, with who was rung and who answered.
// Pages of ours, or of another Tocsin, are left out: they are an answer, not an alert. installation is the policy's. It reads only, page
// by page, waits where PagerDuty asks it to, and stops with ErrTooMany beyond timeline.MaxPast.
func (c *Client) History(ctx context.Context, p *incident.Policy, since, until time.Time) ([]timeline.Past, error) {
	var out []timeline.Past
	for from := since; from.Before(until); from = from.Add(historySpan) {
		to := from.Add(historySpan)
		if to.After(until) {
			to = until
		}
		var found []wireIncident
		q := url.Values{"since": {from.UTC().Format(time.RFC3339)}, "until": {to.UTC().Format(time.RFC3339)}, "time_zone": {"UTC"}}
		more, err := c.patient(ctx, "read past incidents", "/incidents", q, historyPages, func(raw json.RawMessage) error {
			var list struct {
				Incidents []wireIncident `json:"incidents"`
			}
			if err := json.Unmarshal(raw, &list); err != nil {
				return err
			}
			found = append(found, list.Incidents...)
			return nil
		})
		if err != nil {
			return nil, err
		}
		if more || len(out)+len(found) > timeline.MaxPast {
			return nil, ErrTooMany
		}
		for _, w := range found {
			if !plausibleID(w.ID) || w.CreatedAt.IsZero() || tocsins(w) {
				continue
			}
			one, own, err := c.past(ctx, p, w)
			if err != nil {
				return nil, err
			}
			if !own {
				out = append(out, one)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b timeline.Past) int {
		return cmp.Or(a.Triggered.Compare(b.Triggered), cmp.Compare(a.ID, b.ID))
	})
	return slices.CompactFunc(out, func(a, b timeline.Past) bool { return a.ID == b.ID }), nil
}

// tocsins reports whether an incident is a page of a Tocsin: by its key, or by how its title reads.
func tocsins(w wireIncident) bool {
	if o := ofKey("", w.Key); o == ours || o == siblings {
		return true
	}
	_, ok := ofTitle(w.Title)
	return ok && w.Key == ""
}

// past reads one incident's alerts and log. own: an alert shows that it is a page of a Tocsin.
func (c *Client) past(ctx context.Context, p *incident.Policy, w wireIncident) (one timeline.Past, own bool, err error) {
	one = timeline.Past{
		ID: w.ID, Number: int64(w.Number), Title: incident.Clip(w.Title, incident.MaxTitle), Urgency: incident.Clip(w.Urgency, 20), Key: incident.Clip(w.Key, maxDedup),
		Alert: alertIn(p, w.Title), Triggered: w.CreatedAt.Time,
	}
	if w.Service != nil {
		one.Service = incident.Clip(w.Service.label(), 100)
	}
	base := "/incidents/" + url.PathEscape(w.ID)
	var list struct {
		Alerts []wireAlert `json:"alerts"`
	}
	err = c.retried(ctx, func() error {
		return c.call(ctx, idle, "read the alerts of "+w.ID, http.MethodGet, base+"/alerts", url.Values{"limit": {"10"}, "time_zone": {"UTC"}}, nil, &list)
	})
	if err != nil {
		return one, false, err
	}
	for _, a := range list.Alerts {
		if o := ofKey("", a.Key); o == ours || o == siblings {
			return one, true, nil
		}
		one.Key, one.Severity = cmp.Or(one.Key, incident.Clip(a.Key, maxDedup)), cmp.Or(one.Severity, incident.Clip(a.Severity, 40))
		one.Alert = cmp.Or(one.Alert, alertIn(p, a.Summary), alertInDetails(p, a.Body.Details))
	}
	_, err = c.patient(ctx, "read the log of "+w.ID, base+"/log_entries", url.Values{"time_zone": {"UTC"}, "is_overview": {"false"}}, historyLog, func(raw json.RawMessage) error {
		var page struct {
			Entries []json.RawMessage `json:"log_entries"`
		}
		if err := json.Unmarshal(raw, &page); err != nil {
			return err
		}
		for _, r := range page.Entries {
			if e, ok := pastEntry(r); ok {
				one.Entries = append(one.Entries, e)
			}
		}
		return nil
	})
	slices.Reverse(one.Entries) // the newest come first, also within a second
	slices.SortStableFunc(one.Entries, func(a, b timeline.PastEntry) int { return a.At.Compare(b.At) })
	return one, false, err
}

var pastKinds = map[string]string{
	"notify_log_entry":      timeline.PastNotified,
	"acknowledge_log_entry": timeline.PastAcknowledged,
	"escalate_log_entry":    timeline.PastEscalated,
	"resolve_log_entry":     timeline.PastResolved,
}

// pastEntry reads a log entry, false for one that says nothing here.
func pastEntry(raw json.RawMessage) (timeline.PastEntry, bool) {
	var e struct {
		wireLogEntry
		User    *ref `json:"user"` // of a notification: who was notified
		Channel struct {
			Type         string `json:"type"`
			Notification struct {
				Type string `json:"type"`
			} `json:"notification"`
		} `json:"channel"`
	}
	if json.Unmarshal(raw, &e) != nil || e.CreatedAt.IsZero() || pastKinds[e.Type] == "" {
		return timeline.PastEntry{}, false
	}
	out := timeline.PastEntry{At: e.CreatedAt.Time, Kind: pastKinds[e.Type]}
	who := e.Agent
	if out.Kind == timeline.PastNotified {
		who = e.User
		out.Channel = incident.Clip(strings.TrimSuffix(cmp.Or(e.Channel.Notification.Type, e.Channel.Type), "_notification"), 20)
	}
	if who.user() {
		out.Who, out.WhoID = incident.Clip(who.label(), 80), who.ID
	}
	return out, true
}

// patient is pages, waiting where it is asked to.
func (c *Client) patient(ctx context.Context, op, path string, q url.Values, most int, each func(json.RawMessage) error) (more bool, err error) {
	q = cloneValues(q)
	q.Set("limit", "100")
	for n := range most {
		q.Set("offset", strconv.Itoa(n*pageSize))
		var raw json.RawMessage
		if err := c.retried(ctx, func() error { return c.call(ctx, idle, op, http.MethodGet, path, q, nil, &raw) }); err != nil {
			return false, err
		}
		var list struct {
			More bool `json:"more"`
		}
		if err := errors.Join(json.Unmarshal(raw, &list), each(raw)); err != nil {
			return false, &Fault{Op: op, Status: http.StatusOK, Detail: "the answer cannot be read: " + bounded(err.Error())}
		}
		if !list.More {
			return false, nil
		}
	}
	return true, nil
}

// retried repeats a read that was asked to wait, or failed for the moment.
func (c *Client) retried(ctx context.Context, read func() error) error {
	for n := 1; ; n++ {
		err := read()
		var f *Fault
		if err == nil || !errors.As(err, &f) || f.Permanent() || n == historyTries {
			return err
		}
		if err := c.o.Clock.Sleep(ctx, max(f.RetryAfter(), min(time.Duration(n)*time.Second, 30*time.Second))); err != nil {
			return err
		}
	}
}

package pager

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// request is one call of the API as its handler sees it, with the lock held.
type request struct {
	*http.Request
	body  []byte
	query url.Values
	at    time.Time
	by    *User          // the token's user or the From header's; nil when neither
	loc   *time.Location // of times in the answer
}

type response struct {
	status int
	body   any
}

func fail(status, code int, message string, details ...string) response {
	if details == nil {
		details = []string{}
	}
	return response{status: status, body: map[string]any{"error": map[string]any{"message": message, "code": code, "errors": details}}}
}

func notFound(what string) response { return fail(http.StatusNotFound, 2100, what+" Not Found") }

func invalid(details ...string) response {
	return fail(http.StatusBadRequest, 2001, "Invalid Input Provided", details...)
}

// operation is one line of the API: who may call it is the same for all but the Events API, which has no token.
type operation struct {
	name  string
	from  bool // needs a valid From header, or a user's token
	serve func(*Pager, *request) response
}

var operations = []operation{
	{"POST /v2/enqueue", false, (*Pager).enqueue},
	{"GET /abilities", false, (*Pager).abilities},
	{"GET /incidents", false, (*Pager).listIncidents},
	{"POST /incidents", true, (*Pager).createIncident},
	{"PUT /incidents", true, (*Pager).manageIncidents},
	{"GET /incidents/{id}", false, (*Pager).getIncident},
	{"PUT /incidents/{id}", true, (*Pager).manageIncident},
	{"GET /incidents/{id}/alerts", false, (*Pager).listAlerts},
	{"GET /incidents/{id}/alerts/{alert}", false, (*Pager).getAlert},
	{"GET /incidents/{id}/notes", false, (*Pager).listNotes},
	{"POST /incidents/{id}/notes", true, (*Pager).createNote},
	{"GET /incidents/{id}/log_entries", false, (*Pager).incidentLog},
	{"POST /incidents/{id}/snooze", true, (*Pager).snooze},
	{"POST /incidents/{id}/responder_requests", true, (*Pager).requestResponders},
	{"POST /incidents/{id}/status_updates", true, (*Pager).statusUpdate},
	{"GET /log_entries", false, (*Pager).listLog},
	{"GET /log_entries/{id}", false, (*Pager).getLogEntry},
	{"GET /oncalls", false, (*Pager).listOnCalls},
	{"GET /users", false, (*Pager).listUsers},
	{"GET /users/{id}", false, (*Pager).getUser},
	{"GET /schedules", false, (*Pager).listSchedules},
	{"GET /schedules/{id}", false, (*Pager).getSchedule},
	{"GET /schedules/{id}/overrides", false, (*Pager).listOverrides},
	{"POST /schedules/{id}/overrides", false, (*Pager).createOverrides},
	{"DELETE /schedules/{id}/overrides/{override}", false, (*Pager).deleteOverride},
	{"GET /escalation_policies", false, (*Pager).listPolicies},
	{"GET /escalation_policies/{id}", false, (*Pager).getPolicy},
	{"GET /services", false, (*Pager).listServices},
	{"GET /services/{id}", false, (*Pager).getService},
	{"GET /priorities", false, (*Pager).listPriorities},
}

// Operations lists the operations served, as the fault switches and [Call.Op] name them.
func Operations() []string {
	out := make([]string, len(operations))
	for i, o := range operations {
		out[i] = o.name
	}
	return out
}

// Handler serves the Events API v2 (POST /v2/enqueue) and the REST API v2, both at the root.
func (p *Pager) Handler() http.Handler {
	mux := http.NewServeMux()
	for _, o := range operations {
		mux.HandleFunc(o.name, func(w http.ResponseWriter, r *http.Request) { p.serve(w, r, o) })
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		p.serve(w, r, operation{name: "unexpected", serve: func(p *Pager, r *request) response {
			return fail(http.StatusNotFound, 2100, "Not Found", r.Method+" "+r.URL.Path+" is not served by this sandbox")
		}})
	})
	return mux
}

// serve is the way of every request: faults, token, rate limit, From, work, fault after the work, record.
func (p *Pager) serve(w http.ResponseWriter, r *http.Request, o operation) {
	p.mu.Lock()
	slow := p.faults.slow
	p.mu.Unlock()
	if slow > 0 {
		t := time.NewTimer(slow)
		defer t.Stop()
		select {
		case <-t.C:
		case <-r.Context().Done():
		case <-p.ctx.Done():
		}
	}
	events := o.name == "POST /v2/enqueue"
	most := int64(maxRESTBody)
	if events {
		most = maxEventBody
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, most))

	at := p.begin()
	call := Call{At: at, Op: o.name, Path: r.URL.Path, Query: r.URL.RawQuery, From: r.Header.Get("From"), Body: keptBody(body), Unexpected: o.name == "unexpected"}
	res, cut, header := p.answerLocked(r, body, err, at, o, events, &call)
	if !cut {
		call.Status = res.status
	}
	p.calls = keep(append(p.calls, call), maxCalls)
	var out []byte
	if !cut {
		if out, err = json.Marshal(res.body); err != nil {
			p.end()
			panic("pager: encode the answer to " + o.name + ": " + err.Error())
		}
	}
	p.end()
	if cut {
		panic(http.ErrAbortHandler) // the server drops the connection without an answer
	}
	for k, v := range header {
		w.Header()[k] = v
	}
	if res.status == http.StatusNoContent {
		w.WriteHeader(res.status)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(res.status)
	_, _ = w.Write(out) // a client that went away is its own affair
}

func (p *Pager) answerLocked(r *http.Request, body []byte, bodyErr error, at time.Time, o operation, events bool, call *Call) (res response, cut bool, header http.Header) {
	header = http.Header{}
	if p.closed || p.faults.down {
		call.Fault = "down"
		return response{}, true, nil
	}
	var tooLarge *http.MaxBytesError
	if errors.As(bodyErr, &tooLarge) {
		if events {
			return response{http.StatusRequestEntityTooLarge, map[string]any{"status": "invalid event", "message": "Event is too large", "errors": []string{"an event has at most 512 KB"}}}, false, header
		}
		return fail(http.StatusRequestEntityTooLarge, 2001, "Request Entity Too Large"), false, header
	}
	if bodyErr != nil {
		call.Fault = "the body could not be read"
		return response{}, true, nil
	}
	rq := &request{Request: r, body: body, query: r.URL.Query(), at: at, loc: time.UTC}
	limited := func(b spent) {
		header.Set("Ratelimit-Limit", strconv.Itoa(b.limit))
		header.Set("Ratelimit-Remaining", strconv.Itoa(b.left))
		header.Set("Ratelimit-Reset", strconv.Itoa(b.reset))
	}
	throttled := fail(http.StatusTooManyRequests, 2020, "Rate Limit Exceeded")
	if events {
		throttled = response{http.StatusTooManyRequests, map[string]any{"status": "throttle exceeded", "message": "Requests for this service are arriving too quickly. Please retry later."}}
	}
	if p.faults.limited {
		call.Fault = "rate limited"
		if !events {
			limited(spent{limit: p.opts.RESTPerMinute, reset: 30})
		}
		return throttled, false, header
	}
	f, spoilt := p.spoiltLocked(o.name)
	if spoilt {
		call.Fault = "planned"
		p.changedLocked("fault", "", at)
		if !f.after {
			return spoiltAnswer(f), f.status == 0, header
		}
		call.Fault = "planned, after the work"
	}
	if !events {
		token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Token token=")
		who, user := p.opts.UserTokens[token]
		if !ok || token == "" || !user && (p.opts.APIToken == "" || token != p.opts.APIToken) {
			return fail(http.StatusUnauthorized, 2006, "Authentication failed", "the Authorization header must be: Token token=<a key of this account>"), false, header
		}
		b := p.takeLocked("token "+token, p.opts.RESTPerMinute, at)
		limited(b)
		if !b.ok {
			return throttled, false, header
		}
		if user {
			rq.by = p.user(who)
		} else if from := r.Header.Get("From"); from != "" {
			rq.by = p.userByEmail(from)
		}
		if o.from && rq.by == nil {
			return fail(http.StatusBadRequest, 1008, "Requester User Not Found", "the From header must be the e-mail of a user of this account"), false, header
		}
		if tz := rq.query.Get("time_zone"); tz != "" {
			loc, err := time.LoadLocation(tz)
			if err != nil {
				return fail(http.StatusBadRequest, 2002, "Arguments Caused Error", "time_zone "+tz+" is not known"), false, header
			}
			rq.loc = loc
		}
	}
	res = o.serve(p, rq)
	if spoilt {
		return spoiltAnswer(f), f.status == 0, header
	}
	return res, false, header
}

func spoiltAnswer(f fault) response {
	if f.status == http.StatusTooManyRequests {
		return fail(f.status, 2020, "Rate Limit Exceeded")
	}
	return fail(f.status, 2000, "An internal error has occurred. PagerDuty team has been notified.")
}

func keptBody(b []byte) json.RawMessage {
	b = bytes.TrimSpace(b)
	var m map[string]any
	if len(b) == 0 || len(b) > maxBodyKept || json.Unmarshal(b, &m) != nil {
		if len(b) == 0 {
			return nil
		}
		out, _ := json.Marshal(strings.ToValidUTF8(string(b[:min(len(b), 256)]), "\uFFFD")) // a string always encodes
		return out
	}
	if key, ok := m["routing_key"].(string); ok {
		m["routing_key"] = redact(key)
		b, _ = json.Marshal(m) // it was decoded a moment ago
	}
	return slices.Clone(b)
}

// bucket counts the calls of one token or routing key in the current window.
type bucket struct {
	start time.Time
	used  int
}

type spent struct {
	ok                 bool
	limit, left, reset int
}

func (p *Pager) takeLocked(who string, limit int, at time.Time) spent {
	b := p.buckets[who]
	if b == nil {
		b = &bucket{}
		p.buckets[who] = b
	}
	if at.Sub(b.start) >= rateWindow {
		b.start, b.used = at, 0
	}
	s := spent{limit: limit, reset: int((rateWindow - at.Sub(b.start) + time.Second - 1) / time.Second)}
	if b.used >= limit {
		return s
	}
	b.used++
	s.ok, s.left = true, limit-b.used
	return s
}

// page reads limit and offset and cuts all; the list stands under name.
func (r *request) page(name string, all []any) response {
	number := func(key string, otherwise int) (int, bool) {
		v := r.query.Get(key)
		if v == "" {
			return otherwise, true
		}
		n, err := strconv.Atoi(v)
		return n, err == nil && n >= 0
	}
	limit, ok1 := number("limit", 25)
	offset, ok2 := number("offset", 0)
	if !ok1 || !ok2 || limit < 1 || limit > maxPage || offset+limit > maxOffset {
		return fail(http.StatusBadRequest, 2002, "Arguments Caused Error", "limit must be 1 to 100 and offset+limit at most 10000")
	}
	from := min(offset, len(all))
	to := min(offset+limit, len(all))
	m := map[string]any{name: append([]any{}, all[from:to]...), "limit": limit, "offset": offset, "more": to < len(all), "total": nil}
	if r.query.Get("total") == "true" {
		m["total"] = len(all)
	}
	return response{http.StatusOK, m}
}

// list returns an array parameter: name[]=a&name[]=b.
func (r *request) list(name string) []string { return r.query[name+"[]"] }

// span reads since and until. Times without an offset are in the account's zone, or in time_zone.
func (r *request) span(account *time.Location) (since, until time.Time, bad *response) {
	read := func(key string) (time.Time, bool) {
		v := r.query.Get(key)
		if v == "" {
			return time.Time{}, true
		}
		if t, err := time.Parse(time.RFC3339Nano, v); err == nil {
			return t, true
		}
		loc := account
		if r.query.Get("time_zone") != "" {
			loc = r.loc
		}
		for _, layout := range []string{"2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02"} {
			if t, err := time.ParseInLocation(layout, v, loc); err == nil {
				return t, true
			}
		}
		return time.Time{}, false
	}
	since, ok1 := read("since")
	until, ok2 := read("until")
	if !ok1 || !ok2 || !since.IsZero() && !until.IsZero() && until.Before(since) {
		f := fail(http.StatusBadRequest, 2004, "Invalid time values in 'since' and/or 'until' parameters")
		return since, until, &f
	}
	return since, until, nil
}

func anyOf(list []string, v string) bool { return len(list) == 0 || slices.Contains(list, v) }

package pagerduty

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Fault is a call to PagerDuty that did not succeed, classified for whoever decides whether to repeat it. It never contains a token
// or a routing key.
type Fault struct {
	Op     string // what was tried, as the middle of a sentence: "ring L1.primary.1.U1"
	Status int    // HTTP status; 0: there was no answer
	Code   int    // PagerDuty's own error code (REST API v2, "Errors"); 0: none
	Detail string // PagerDuty's words, or the network's, bounded
	Mend   string // what to do about it; may be empty
	Err    error  // the cause, where there is one; context errors are found in it with errors.Is

	after     time.Duration
	permanent bool
	ambiguous bool
}

// Error says what was tried, what came back and what to do.
func (f *Fault) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "PagerDuty: %s: ", f.Op)
	switch {
	case f.Status != 0 && f.Code != 0:
		fmt.Fprintf(&b, "answered %d (code %d)", f.Status, f.Code)
	case f.Status != 0:
		fmt.Fprintf(&b, "answered %d", f.Status)
	case f.permanent:
		b.WriteString("not tried")
	default:
		b.WriteString("no answer")
	}
	if f.Detail != "" {
		b.WriteString(": " + f.Detail)
	}
	if f.Mend != "" {
		b.WriteString("; " + f.Mend)
	}
	return b.String()
}

// Unwrap returns the cause, so that errors.Is(err, context.DeadlineExceeded) works (the library's own errors swallow it).
func (f *Fault) Unwrap() error { return f.Err }

// RetryAfter is how long to wait before a repeat, as PagerDuty asked; zero when it did not say.
func (f *Fault) RetryAfter() time.Duration { return f.after }

// Permanent reports that a repeat of the same call would get the same answer: something must be mended first.
func (f *Fault) Permanent() bool { return f.permanent }

// Ambiguous reports that the work may have been done all the same: the answer was lost, or was a 5xx.
func (f *Fault) Ambiguous() bool { return f.ambiguous }

// refuse makes a fault of something that is wrong on our side and will stay wrong.
func refuse(op, mend, format string, args ...any) *Fault {
	return &Fault{Op: op, Detail: fmt.Sprintf(format, args...), Mend: mend, permanent: true}
}

// Codes of PagerDuty's REST API v2 that mean something to us.
const (
	codeAlreadyResolved = 1001
	codeUnknownFrom     = 1008
	codeArguments       = 2002
	codeNotFound        = 2100
)

// Waits assumed where a 429 names none.
const (
	defaultRESTWait   = 30 * time.Second // the limit is per minute
	defaultEventsWait = 10 * time.Second // the Events API sends no header; a page must not wait long on a guess
	maxWait           = 2 * time.Minute  // a longer answer is not believed
)

// classify makes the fault of an exchange, nil when it went well. ok says which statuses are success.
func classify(op string, events bool, x *exchange, ok func(int) bool) *Fault {
	if x.err == nil && ok(x.status) {
		return nil
	}
	f := &Fault{Op: op, Status: x.status, Err: x.err}
	if x.err != nil {
		f.Status = 0
		f.Detail = bounded(x.err.Error())
		f.ambiguous = x.sent
		if errors.Is(x.err, context.Canceled) {
			f.Detail = "given up: " + context.Canceled.Error()
		}
		return f
	}
	f.Code, f.Detail = explain(x.body)
	switch {
	case x.status == http.StatusTooManyRequests:
		f.after = x.wait
		if f.after <= 0 {
			f.after = defaultRESTWait
			if events {
				f.after = defaultEventsWait
			}
		}
	case x.status == http.StatusRequestTimeout || x.status >= 500:
		f.after, f.ambiguous = x.wait, true
	case x.status >= 400:
		f.permanent = true
		f.Mend = mendFor(events, x.status, f.Code)
	default: // a redirect, or a success that is not PagerDuty's: something stands between
		f.ambiguous = x.status < 300
		f.Mend = "look at PAGERDUTY_API_URL, PAGERDUTY_EVENTS_URL and the proxy"
	}
	return f
}

func mendFor(events bool, status, code int) string {
	switch {
	case events:
		return "look at the routing key: it is the integration key of an Events API v2 integration"
	case status == http.StatusUnauthorized:
		return "look at PAGERDUTY_API_TOKEN: it was revoked or belongs to another account or region"
	case status == http.StatusForbidden:
		return "give the token write access"
	case code == codeUnknownFrom:
		return "set PAGERDUTY_FROM to the e-mail of a user of this account"
	}
	return ""
}

const maxDetail = 300 // runes of somebody else's words in an error

func bounded(s string) string {
	r := []rune(strings.Join(strings.Fields(strings.ToValidUTF8(s, "\uFFFD")), " "))
	if len(r) > maxDetail {
		return string(r[:maxDetail-1]) + "…"
	}
	return string(r)
}

package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	slackgo "github.com/slack-go/slack"
)

// Fault is a call to Slack that did not succeed, classified for whoever decides whether to repeat it. It never holds a token, a socket's
// ticket or a response URL.
type Fault struct {
	Method string // "chat.postMessage"
	Code   string // Slack's error code, or one of the Code constants
	Detail string // Slack's or the network's further words, bounded
	Mend   string // what to do about it; may be empty
	Err    error  // the cause, where it is worth keeping: errors.Is finds context errors

	after     time.Duration
	permanent bool
	ambiguous bool
}

// Codes of our own, beside Slack's (https://docs.slack.dev/reference/methods).
const (
	CodeRateLimited = "ratelimited"  // 429, or a bucket of ours that is empty for longer than a caller may wait
	CodeNoAnswer    = "no_answer"    // the connection failed or nothing came back in time
	CodeServer      = "server_error" // 5xx
	CodeNotSlack    = "not_slack"    // an answer that is not the API's: an HTML page, a proxy
	CodeNoCard      = "card_refused" // a card that Slack would refuse; it was not sent
	CodeNobody      = "no_account"   // the person has no Slack account known to us
	CodeNowhere     = "no_channel"   // there is no channel to act in
)

// Error says what was tried, what came back and what to do.
func (f *Fault) Error() string {
	s := "Slack: " + f.Method + ": " + f.Code
	if f.Detail != "" {
		s += " (" + f.Detail + ")"
	}
	if f.after > 0 {
		s += ", again in " + f.after.Round(time.Second).String()
	}
	if f.Mend != "" {
		s += "; " + f.Mend
	}
	return s
}

// Unwrap returns the cause.
func (f *Fault) Unwrap() error { return f.Err }

// RetryAfter is how long to wait before a repeat, as Slack or our own bucket asked; zero when nobody said.
func (f *Fault) RetryAfter() time.Duration { return f.after }

// Permanent reports that a repeat of the same call would get the same answer: something must be mended first.
func (f *Fault) Permanent() bool { return f.permanent }

// Ambiguous reports that the work may have been done all the same: look before repeating.
func (f *Fault) Ambiguous() bool { return f.ambiguous }

// CodeOf returns the code of a Fault in err, "" when there is none.
func CodeOf(err error) string {
	if f, ok := errors.AsType[*Fault](err); ok {
		return f.Code
	}
	return ""
}

// authWait is how long calls rest when Slack does not take the token: an operator must act, and no effect may die of it meanwhile.
const authWait = time.Minute

// passing are errors that go away by themselves; true: the work may have been done ("It's possible some aspect of the operation succeeded
// before the error was raised", the reference says of both).
var passing = map[string]bool{
	"internal_error": true, "fatal_error": true,
	"service_unavailable": false, "request_timeout": false, "team_added_to_org": false, "external_channel_migrating": false,
	"ekm_access_denied": false, "accesslimited": false, "canvas_editing_locked": false,
}

// badAuth are errors that a new token mends.
var badAuth = map[string]bool{
	"invalid_auth": true, "not_authed": true, "account_inactive": true, "token_revoked": true, "token_expired": true,
	"not_allowed_token_type": true, "org_login_required": true,
}

// mends say what to do about an error; missing_scope is worded by classify.
var mends = map[string]string{
	"channel_not_found":         "check that the channel exists and that Tocsin may see it: /invite it there when it is private",
	"not_in_channel":            "/invite Tocsin to the channel",
	"is_archived":               "unarchive the channel",
	"restricted_action":         "a workspace setting forbids it: ask an administrator to allow the app",
	"user_is_restricted":        "a workspace setting forbids it: ask an administrator",
	"no_permission":             "add the scope that the method's page names to the app and reinstall it",
	"method_not_allowed":        "check SLACK_API_URL",
	"unknown_method":            "this Slack lacks the method; Tocsin goes on without",
	"message_not_found":         "the message was deleted in Slack; later posts are not affected",
	"cant_update_message":       "the message was not written by this app: was the app replaced?",
	"too_many_websockets":       "more than ten connections are open for this app: stop other copies of Tocsin",
	"users_not_found":           "check the e-mail address in the policy: nobody in the workspace has it",
	"not_allowed_token_type":    "SLACK_BOT_TOKEN must be a bot token (xoxb-), SLACK_APP_TOKEN an app-level token (xapp-)",
	"invalid_auth":              "replace SLACK_BOT_TOKEN and SLACK_APP_TOKEN by the app's present tokens",
	"token_revoked":             "reinstall the app and replace SLACK_BOT_TOKEN",
	"account_inactive":          "the app was removed from the workspace: reinstall it and replace SLACK_BOT_TOKEN",
	"token_expired":             "token rotation is on: switch it off for the app, reinstall it and replace SLACK_BOT_TOKEN",
	"not_authed":                "set SLACK_BOT_TOKEN and SLACK_APP_TOKEN",
	"name_taken":                "choose another channel name",
	"invalid_name_specials":     "a channel name has lower-case letters, digits, - and _ only",
	"expired_trigger_id":        "Slack takes a form only within three seconds of the press: press again",
	"channel_is_limited_access": "allow the app to write in the channel, or choose another",
	"ekm_access_denied":         "an administrator suspended access to messages (EKM)",
}

// classify turns whatever a call returned into a *Fault; nil stays nil.
func classify(method string, err error) *Fault {
	if err == nil {
		return nil
	}
	if f, ok := errors.AsType[*Fault](err); ok {
		return f
	}
	f := &Fault{Method: method}
	if e, ok := errors.AsType[slackgo.SlackErrorResponse](err); ok {
		return coded(method, e.Err, e.Needed, e.Provided, e.ResponseMetadata.Messages)
	}
	if e, ok := errors.AsType[*slackgo.RateLimitedError](err); ok {
		f.Code, f.after = CodeRateLimited, max(e.RetryAfter, time.Second)
		return f
	}
	if e, ok := errors.AsType[slackgo.StatusCodeError](err); ok {
		return status(method, e.Code)
	}
	// A *url.Error repeats the URL, and some of our URLs are secrets (sockets, response URLs).
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = e.Err
	}
	syntax, isSyntax := errors.AsType[*json.SyntaxError](err)
	_, isType := errors.AsType[*json.UnmarshalTypeError](err)
	switch {
	case isSyntax || isType:
		f.Code, f.ambiguous = CodeNotSlack, true
		if isSyntax {
			f.Detail = fmt.Sprintf("no JSON at byte %d", syntax.Offset)
		}
		f.Mend = "check SLACK_API_URL and the proxy when it stays"
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		f.Code, f.Err, f.Detail, f.ambiguous = CodeNoAnswer, err, "no answer in time", true
		if errors.Is(err, context.Canceled) {
			f.Detail = "given up"
		}
	default:
		f.Code, f.Detail, f.ambiguous = CodeNoAnswer, clip(err.Error()), true
	}
	// What never got a connection was never sent.
	if e, ok := errors.AsType[*net.OpError](err); ok && e.Op == "dial" {
		f.ambiguous = false
	}
	return f
}

// coded classifies an answer of the API with ok:false.
func coded(method, code, needed, provided string, messages []string) *Fault {
	f := &Fault{Method: method, Code: code, Detail: clip(strings.Join(messages, "; ")), Mend: mends[code]}
	switch {
	case code == "ratelimited" || code == "rate_limited" || code == "message_limit_exceeded":
		f.Code, f.after = CodeRateLimited, 30*time.Second
	case badAuth[code]:
		f.after = authWait
	case code == "missing_scope":
		f.permanent = true
		f.Mend = "add the scope to the app and reinstall it"
		if needed != "" {
			f.Mend = "add the scope " + clip(needed) + " to the app and reinstall it"
			f.Detail = "it has " + clip(provided)
		}
	default:
		again, ok := passing[code]
		f.permanent, f.ambiguous = !ok, again
	}
	return f
}

// status classifies an answer that is not the API's.
func status(method string, code int) *Fault {
	f := &Fault{Method: method, Code: CodeServer, Detail: fmt.Sprintf("HTTP %d", code)}
	switch {
	case code == http.StatusTooManyRequests:
		f.Code, f.after = CodeRateLimited, 30*time.Second
	case code >= 500:
		f.ambiguous = true
	default:
		f.Code, f.after = CodeNotSlack, 30*time.Second
		f.Mend = "check SLACK_API_URL and the proxy when it stays"
	}
	return f
}

// clip bounds words from outside in an error.
func clip(s string) string {
	const max = 300
	if r := []rune(s); len(r) > max {
		return string(r[:max]) + "…"
	}
	return s
}

package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/tocsin-bot/tocsin/bot/sandbox/pager"
	"github.com/tocsin-bot/tocsin/bot/sandbox/workspace"
)

// maxControlBody bounds the body of a control request, in bytes.
const maxControlBody = 4 << 20

// Endpoint documents one line of the control API.
type Endpoint struct {
	Path string `json:"path"` // method and path
	Body string `json:"body,omitempty"`
	Does string `json:"does"`

	serve func(*Sandbox, *call) (any, error)
}

// call is one control request: path values and a decoded body.
type call struct {
	*http.Request
}

// read decodes the body strictly: an unknown field is a mistake in a script, which must not pass.
func (c *call) read(into any) error {
	d := json.NewDecoder(c.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil && !errors.Is(err, io.EOF) {
		return refused{http.StatusBadRequest, fmt.Sprintf("the body is not as documented: %v", err)}
	}
	return nil
}

// refused is an error with the status it is answered with.
type refused struct {
	status int
	text   string
}

func (r refused) Error() string { return r.text }

func missing(format string, a ...any) error {
	return refused{http.StatusNotFound, fmt.Sprintf(format, a...)}
}

// Endpoints lists the control API.
func Endpoints() []Endpoint {
	return []Endpoint{
		{"GET /control/session", "", "The team, the people (cast and bots), the slash commands, the alerts that can be fired, the clock", (*Sandbox).getSession},
		{"GET /control/status", "", "The clock, the fault switches of both systems, the number of open sockets", (*Sandbox).getStatus},
		{"GET /control/cast", "", "The cast with ids, e-mail addresses and routing keys", (*Sandbox).getCast},
		{"GET /control/clock", "", "The time", (*Sandbox).getClock},
		{"POST /control/clock", `{"advance":"5m"}`, "Moves the clock forward", (*Sandbox).moveClock},

		{"GET /control/channels", "", "Every conversation", (*Sandbox).getChannels},
		{"GET /control/channels/{channel}/messages", "", "Its messages, oldest first, thread replies and deleted ones included; ?as={who} adds what that person alone sees and refuses what they cannot; ?limit=n gives the newest n", (*Sandbox).getMessages},
		{"GET /control/people/{who}/channels", "", "The conversations a person can see, with membership, pins, bookmarks, newest message and newest mention", (*Sandbox).getPersonChannels},
		{"GET /control/people/{who}/ephemerals", "", "Messages only this person sees, of all conversations", (*Sandbox).getEphemerals},
		{"GET /control/people/{who}/views", "", "The person's open modals, the topmost last", (*Sandbox).getViews},
		{"GET /control/people/{who}/home", "", "The person's home tab, null before an app published one", (*Sandbox).getHome},

		{"POST /control/people/{who}/messages", `{"channel":"incidents","text":"hello @marc","thread_ts":"","broadcast":false}`, "Writes a message", (*Sandbox).postMessage},
		{"PATCH /control/people/{who}/messages/{channel}/{ts}", `{"text":"..."}`, "Edits a message of one's own", (*Sandbox).editMessage},
		{"DELETE /control/people/{who}/messages/{channel}/{ts}", "", "Deletes a message of one's own", (*Sandbox).deleteMessage},
		{"POST /control/people/{who}/messages/{channel}/{ts}/reactions/{name}", "", "Reacts", (*Sandbox).react},
		{"DELETE /control/people/{who}/messages/{channel}/{ts}/reactions/{name}", "", "Takes a reaction back", (*Sandbox).unreact},
		{"POST /control/people/{who}/messages/{channel}/{ts}/act", `{"action_id":"ack","block_id":"","value":null}`, "Presses a button, or chooses value (a string or several) in a menu of a message", (*Sandbox).actOnMessage},
		{"POST /control/people/{who}/messages/{channel}/{ts}/shortcut", `{"callback_id":"..."}`, "Runs a message shortcut", (*Sandbox).messageShortcut},
		{"DELETE /control/people/{who}/ephemerals/{ts}", "", "Dismisses a message only this person sees", (*Sandbox).dismiss},
		{"POST /control/people/{who}/commands", `{"channel":"general","command":"/incident","text":"help"}`, "Types a slash command", (*Sandbox).command},
		{"POST /control/people/{who}/shortcut", `{"callback_id":"..."}`, "Runs a global shortcut", (*Sandbox).shortcut},
		{"POST /control/people/{who}/views/{view}/act", `{"action_id":"...","block_id":"","value":null}`, "Presses a button or chooses in a menu of a modal or of the home tab", (*Sandbox).actInView},
		{"POST /control/people/{who}/views/{view}/submit", `{"values":{"block":{"action":"text"}}}`, "Fills in and submits a modal", (*Sandbox).submit},
		{"POST /control/people/{who}/views/{view}/close", `{"all":false}`, "Closes the topmost modal, or all", (*Sandbox).closeView},
		{"POST /control/people/{who}/home/open", "", "Opens the app's home tab", (*Sandbox).openHome},
		{"POST /control/people/{who}/join", `{"channel":"incidents"}`, "Joins a public channel", (*Sandbox).join},
		{"POST /control/people/{who}/leave", `{"channel":"incidents"}`, "Leaves a channel", (*Sandbox).leave},
		{"POST /control/people/{who}/invite", `{"channel":"incidents","users":["ines"]}`, "Brings others into a channel", (*Sandbox).invite},
		{"POST /control/people/{who}/dm", `{"user":"ines"}`, "Opens the direct conversation with someone", (*Sandbox).dm},
		{"POST /control/people/{who}/channels", `{"name":"war-room","private":false}`, "Creates a channel", (*Sandbox).createChannel},

		{"GET /control/pages", "", "PagerDuty's incidents and every notification: whose phone rang when and why, oldest first", (*Sandbox).getPages},
		{"POST /control/pages/fire", `{"alert":"ApiErrorRateHigh"} or {"target":"<routing key or service>","event":{"summary":"...","severity":"critical","source":"...","dedup_key":"..."}}`, "Sends an alert, by name to the production service or a whole one to any", (*Sandbox).fire},
		{"POST /control/pages/clear", `{"alert":"ApiErrorRateHigh"} or {"dedup_key":"..."}`, "Resolves it, as the monitoring would", (*Sandbox).clearAlert},
		{"POST /control/pages/{incident}/acknowledge", `{"as":"primary"}`, "Acknowledges by that person's phone", (*Sandbox).ackPage},
		{"POST /control/pages/{incident}/resolve", `{"as":"primary"}`, "Resolves by that person's phone", (*Sandbox).resolvePage},
		{"POST /control/pages/{incident}/note", `{"as":"primary","text":"progress ..."}`, "Adds a note", (*Sandbox).notePage},
		{"POST /control/pages/{incident}/escalate", `{"as":"primary"}`, "Gives it to the next level", (*Sandbox).escalatePage},
		{"POST /control/pages/{incident}/reassign", `{"as":"primary","to":["secondary"]}`, "Gives it to others by name", (*Sandbox).reassignPage},
		{"POST /control/oncall", `{"schedule":"PSCPRIM","who":"secondary"}`, "Puts somebody on call; an empty who gives the rota back", (*Sandbox).setOnCall},

		{"GET /control/faults", "", "The fault switches of both systems", (*Sandbox).getFaults},
		{"POST /control/faults/slack", `{"down":true,"socket_down":false,"link_disabled":false,"slow":"2s","delay":"1m","rate_limit":{"method":"chat.postMessage","retry_after":"30s"},"fail_next":{"method":"chat.postMessage","n":1,"error":"internal_error"},"status_next":{"method":"*","n":1,"status":503},"do_then_fail":{"method":"chat.postMessage","n":1},"do_then_cut":{"method":"chat.postMessage","n":1},"drop_sockets":true,"half_open":true,"disconnect":"refresh_requested","duplicate_next":1,"lose_next":1}`, "Sets the switches that are named", (*Sandbox).slackFaults},
		{"POST /control/faults/pagerduty", `{"down":true,"slow":"2s","rate_limited":false,"hold_webhooks":false,"duplicate_webhooks":false,"reorder_webhooks":false,"fail_next":{"operation":"POST /v2/enqueue","n":1,"status":500},"fail_after_next":{"operation":"POST /v2/enqueue","n":1,"status":500},"enable_webhook":"PW..."}`, "Sets the switches that are named", (*Sandbox).pagerFaults},
		{"DELETE /control/faults", "", "Ends every fault of both systems", (*Sandbox).clearFaults},

		{"GET /control/calls/slack", "", "Web API calls the workspace answered, oldest first; ?limit=n", (*Sandbox).slackCalls},
		{"GET /control/calls/pagerduty", "", "Requests the pager answered, oldest first", (*Sandbox).pagerCalls},
		{"GET /control/strange", "", "What a strict test does not expect, of both systems", (*Sandbox).getStrange},
		{"GET /control/envelopes", "", "Socket Mode counters and open sockets", (*Sandbox).getEnvelopes},
		{"GET /control/webhooks", "", "Webhook subscriptions and delivery attempts", (*Sandbox).getWebhooks},
		{"GET /control/log", "", "PagerDuty's log entries, oldest first", (*Sandbox).getLog},
		{"GET /control/events", "", "Server-sent events: something changed, read it again", nil},
	}
}

func (s *Sandbox) control() http.Handler {
	mux := http.NewServeMux()
	list := Endpoints()
	for _, e := range list {
		if e.serve == nil {
			mux.HandleFunc(e.Path, s.serveEvents)
			continue
		}
		mux.HandleFunc(e.Path, func(w http.ResponseWriter, r *http.Request) {
			r.Body = http.MaxBytesReader(w, r.Body, maxControlBody)
			out, err := e.serve(s, &call{r})
			if err != nil {
				answer(w, statusOf(err), map[string]any{"error": err.Error()})
				return
			}
			if out == nil {
				out = map[string]any{"ok": true}
			}
			answer(w, http.StatusOK, out)
		})
	}
	mux.HandleFunc("GET /control/{$}", func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.Header.Get("Accept"), "text/html") {
			answer(w, http.StatusOK, map[string]any{"endpoints": list})
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, "<!doctype html><html lang=en><meta charset=utf-8><title>Control API</title><h1>Control API</h1><dl>")
		for _, e := range list {
			fmt.Fprintf(w, "<dt><code>%s</code> <code>%s</code><dd>%s", html.EscapeString(e.Path), html.EscapeString(e.Body), html.EscapeString(e.Does))
		}
		fmt.Fprint(w, "</dl>")
	})
	mux.HandleFunc("/control/", func(w http.ResponseWriter, r *http.Request) {
		answer(w, http.StatusNotFound, map[string]any{"error": r.Method + " " + r.URL.Path + " is not part of the control API; GET /control/ lists it"})
	})
	return mux
}

func statusOf(err error) int {
	var r refused
	var slack *workspace.Error
	switch {
	case errors.As(err, &r):
		return r.status
	case errors.Is(err, pager.ErrNotFound):
		return http.StatusNotFound
	case errors.Is(err, pager.ErrDown), errors.Is(err, ErrFixedClock):
		return http.StatusConflict
	case errors.As(err, &slack) && strings.HasSuffix(slack.Code, "_not_found"):
		return http.StatusNotFound
	}
	return http.StatusBadRequest
}

func answer(w http.ResponseWriter, status int, body any) {
	b, err := json.Marshal(body)
	if err != nil { // a broken raw message from an app; say so rather than cut
		status, b = http.StatusInternalServerError, []byte(`{"error":"the answer cannot be encoded"}`)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(append(b, '\n')) // a reader that went away is its own affair
}

// person finds who is meant: role key, PagerDuty id, Slack id, handle or e-mail address.
func (s *Sandbox) person(who string) (workspace.User, error) {
	for _, m := range s.members {
		if who != "" && (who == m.Role || who == m.PagerDutyID) {
			who = m.SlackID
		}
	}
	u, ok := s.Workspace.User(who)
	if !ok {
		return workspace.User{}, missing("nobody is called %q; see GET /control/cast", who)
	}
	return u, nil
}

// who is the person a request acts as.
func (s *Sandbox) who(c *call) (workspace.Person, error) {
	u, err := s.person(c.PathValue("who"))
	if err != nil {
		return workspace.Person{}, err
	}
	return s.Workspace.As(u.ID), nil
}

// pagerID is the PagerDuty id of a person.
func (s *Sandbox) pagerID(who string) (string, error) {
	u, err := s.person(who)
	if err != nil {
		return "", err
	}
	for _, p := range s.Pager.Users() {
		if strings.EqualFold(p.Email, u.Email) {
			return p.ID, nil
		}
	}
	return "", missing("%s has no PagerDuty account", u.RealName)
}

// duration reads "5m", or "" as zero.
func duration(field, v string) (time.Duration, error) {
	if v == "" {
		return 0, nil
	}
	d, err := time.ParseDuration(v)
	if err != nil || d < 0 {
		return 0, refused{http.StatusBadRequest, fmt.Sprintf("%s: %q is no duration such as 30s, 5m or 2h", field, v)}
	}
	return d, nil
}

package pagerduty

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	pd "github.com/PagerDuty/go-pagerduty"

	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/view"
)

// Secrets resolves the names of secrets that a policy holds (Address.RoutingKey: an environment variable, or "file:" and a path).
type Secrets interface {
	Get(name string) (string, error)
}

// Link is a link shown on the page in PagerDuty's app.
type Link struct{ Href, Text string }

// Renderer says what a page and a note say, in the incident's language.
type Renderer interface {
	// PageText renders the page of an effect (Ring). The summary is what is heard and shown on the phone: at most 1024 characters,
	// beginning with "SEV-n" and naming the incident as "(INC-n)".
	PageText(ctx context.Context, o incident.Owed, s incident.State) (summary string, details map[string]string, links []Link, err error)
	// NoteText renders the note of an effect (NotePage), without any mark.
	NoteText(ctx context.Context, o incident.Owed, s incident.State) (string, error)
}

// Performer carries out the effects of the pager lane: Ring, ClosePage, AckPage and NotePage.
type Performer struct {
	Client  *Client
	Secrets Secrets
	Render  Renderer
	// LookUp is how long, in real time, a page that PagerDuty took by the Events API may be looked up for its incident id; zero: 2 s.
	LookUp time.Duration
	// Source names this installation in the events it sends; empty: "tocsin".
	Source string
}

const (
	maxSummary  = 1024   // characters of an event's summary (Events API v2)
	maxTitle    = 1024   // bytes is what the REST API documents nowhere; the Events limit is kept
	maxDedup    = 255    // characters (Events API v2)
	maxNote     = 25_000 // characters; PagerDuty documents none, its webhooks trim beyond
	lookUp      = 2 * time.Second
	lookBack    = time.Hour // clocks differ; a page is never looked for further back than this before its effect
	tooManyFind = 25
)

// Look says whether an earlier attempt of an effect already did its work. It asks only when there was one, and only where a repeat is
// not harmless by itself: a page that somebody resolved between two attempts must not ring again, and a note has no key.
func (p *Performer) Look(ctx context.Context, o incident.Owed, s incident.State) (incident.Report, bool, error) {
	if o.Attempt <= 1 || !p.Client.HasToken() {
		return incident.Report{}, false, nil
	}
	page, ok := s.Page(o.Effect.Page)
	if !ok {
		return incident.Report{}, false, nil
	}
	switch o.Effect.Do {
	case incident.Ring:
		found, err := p.find(ctx, urgent, o, page)
		if err != nil && page.Address.RoutingKey != "" {
			return incident.Report{}, false, nil // the REST API's trouble must not hold up a page; a repeat has the same key
		}
		if err != nil || len(found) == 0 {
			return incident.Report{}, false, err
		}
		r := done(o)
		r.Pager, r.URL, r.Found = found[0].ID, found[0].HTMLURL, true
		return r, true, nil
	case incident.NotePage:
		id, err := p.pagerOf(ctx, useful, o, page)
		if err != nil {
			return incident.Report{}, false, err
		}
		there, err := p.noted(ctx, id, o)
		if err != nil || !there {
			return incident.Report{}, false, err
		}
		r := done(o)
		r.Pager, r.Found = id, true
		return r, true, nil
	}
	return incident.Report{}, false, nil
}

// Do carries out an effect. Every one may be repeated: pages by their key, acknowledgements and resolves by nature, notes after Look.
func (p *Performer) Do(ctx context.Context, o incident.Owed, s incident.State) (incident.Report, error) {
	op := opOf(o)
	page, ok := s.Page(o.Effect.Page)
	if !ok {
		return incident.Report{}, refuse(op, "report it: the log names a page that its state does not have", "%s has no page %q", o.Incident, o.Effect.Page)
	}
	switch o.Effect.Do {
	case incident.Ring:
		return p.ring(ctx, o, s, page)
	case incident.ClosePage:
		return p.move(ctx, o, page, "resolve", "resolved")
	case incident.AckPage:
		return p.move(ctx, o, page, "acknowledge", "acknowledged")
	case incident.NotePage:
		return p.note(ctx, o, s, page)
	}
	return incident.Report{}, refuse(op, "", "the pager lane does not know %q", o.Effect.Do)
}

// Repair has nothing to do: a page's key makes a repeat harmless, and PagerDuty lets nobody delete a note. Resolving a suspected duplicate
// here would come back as a person having resolved the page, which ends incidents.
func (p *Performer) Repair(context.Context, incident.Owed, incident.State, incident.Report) error {
	return nil
}

// Statuses of an incident, on the wire.
const (
	statusTriggered    = "triggered"
	statusAcknowledged = "acknowledged"
	statusResolved     = "resolved"
)

func opOf(o incident.Owed) string {
	return string(o.Effect.Do) + " " + o.Effect.Page + " of " + string(o.Incident)
}

func done(o incident.Owed) incident.Report {
	return incident.Report{Effect: o.ID, Outcome: incident.OutcomeDone, Attempt: o.Attempt}
}

// severityOf maps ours to PagerDuty's. An incident without severity rings like the worst: nobody knows yet that it is not.
func severityOf(s incident.Severity) string {
	switch s {
	case incident.SEV2:
		return "error"
	case incident.SEV3:
		return "warning"
	case incident.SEV4:
		return "info"
	}
	return "critical"
}

// urgencyOf is severityOf, kept quiet for a page that may wait: on a service with severity-based urgency a warning is low.
func urgencyOf(page incident.Page, s incident.Severity) string {
	if page.Urgency == incident.UrgencyLow && severityOf(s) != "info" {
		return "warning"
	}
	return severityOf(s)
}

func (p *Performer) ring(ctx context.Context, o incident.Owed, s incident.State, page incident.Page) (incident.Report, error) {
	op := opOf(o)
	if page.Foreign { // PagerDuty rang by itself; ringing again is what adopting it avoids
		r := done(o)
		r.Pager, r.URL, r.Found = page.Pager, page.URL, true
		return r, nil
	}
	if page.Dedup == "" || utf8.RuneCountInString(page.Dedup) > maxDedup {
		return incident.Report{}, refuse(op, "shorten the installation's name or the target's key in the policy", "the dedup key has %d characters, PagerDuty takes 1 to %d", utf8.RuneCountInString(page.Dedup), maxDedup)
	}
	summary, details, links, err := p.Render.PageText(ctx, o, s)
	if err != nil || strings.TrimSpace(summary) == "" {
		// A page that says little is better than one that is not sent.
		summary, details, links = fmt.Sprintf("%s incident, look at Slack (%s)", s.Severity, o.Incident), nil, nil
		if s.Private != nil {
			summary = view.PrivatePage(s.Language())
		}
	}
	a := page.Address
	switch {
	case a.RoutingKey != "":
		return p.ringByEvent(ctx, o, s, page, summary, details, links)
	case a.User != "" || a.EscalationPolicy != "":
		return p.ringByREST(ctx, o, page, summary, details, links)
	}
	if a.OnCall {
		return incident.Report{}, refuse(op, "give them the e-mail address of their PagerDuty user in the rotation, and set PAGERDUTY_API_TOKEN", "the PagerDuty user of whoever is on call for %s is not known", page.Target)
	}
	return incident.Report{}, refuse(op, "give target "+page.Target+" a routing_key, a user or an escalation_policy in the policy", "target %s has no address", page.Target)
}

func (p *Performer) routingKey(op string, a incident.Address) (string, error) {
	key, err := p.Secrets.Get(a.RoutingKey)
	key = strings.TrimSpace(key)
	if err != nil || key == "" {
		f := refuse(op, "set it; every level needs its own", "the routing key %s is not there", a.RoutingKey)
		f.Err = err
		return "", f
	}
	return key, nil
}

func (p *Performer) ringByEvent(ctx context.Context, o incident.Owed, s incident.State, page incident.Page, summary string, details map[string]string, links []Link) (incident.Report, error) {
	op := opOf(o)
	key, err := p.routingKey(op, page.Address)
	if err != nil {
		return incident.Report{}, err
	}
	custom := map[string]string{}
	maps.Copy(custom, details)
	custom[DetailIncident], custom[DetailInstallation] = string(o.Incident), s.Installation
	e := &pd.V2Event{
		RoutingKey: key, Action: "trigger", DedupKey: page.Dedup, Client: "Tocsin",
		Payload: &pd.V2Payload{
			Summary: incident.Clip(summary, maxSummary), Source: p.source(s), Severity: urgencyOf(page, s.Severity),
			Component: s.Service, Group: string(o.Incident), Class: page.Why, Details: custom,
		},
	}
	if s.Private != nil { // what is broken says what it is about
		e.Payload.Component = ""
	}
	for _, l := range links {
		if l.Href != "" {
			e.Links = append(e.Links, map[string]string{"href": l.Href, "text": l.Text})
		}
	}
	if err := p.Client.send(ctx, op, e); err != nil {
		return incident.Report{}, err
	}
	r := done(o)
	if p.Client.HasToken() { // the page is out; what follows may fail or be too early, and is then learnt by poll or webhook
		wait := p.LookUp
		if wait <= 0 {
			wait = lookUp
		}
		ctx, cancel := context.WithTimeout(ctx, wait)
		defer cancel()
		if found, err := p.find(ctx, useful, o, page); err == nil && len(found) > 0 {
			r.Pager, r.URL = found[len(found)-1].ID, found[len(found)-1].HTMLURL
		}
	}
	return r, nil
}

func (p *Performer) source(s incident.State) string {
	switch {
	case p.Source != "":
		return p.Source
	case s.Installation != "":
		return s.Installation
	}
	return "tocsin"
}

// newIncident is the body of POST /incidents. go-pagerduty's own type always sends "priority": null, which the schema refuses.
type newIncident struct {
	Type             string           `json:"type"`
	Title            string           `json:"title"`
	Service          pd.APIReference  `json:"service"`
	Urgency          string           `json:"urgency"`
	Key              string           `json:"incident_key"`
	Body             pd.APIDetails    `json:"body"`
	EscalationPolicy *pd.APIReference `json:"escalation_policy,omitempty"`
	Assignments      []pd.Assignee    `json:"assignments,omitempty"`
}

func (p *Performer) ringByREST(ctx context.Context, o incident.Owed, page incident.Page, summary string, details map[string]string, links []Link) (incident.Report, error) {
	op, a := opOf(o), page.Address
	if !p.Client.HasToken() {
		return incident.Report{}, refuse(op, "set PAGERDUTY_API_TOKEN and PAGERDUTY_FROM, or give target "+page.Target+" a routing_key", "target %s is rung by the REST API", page.Target)
	}
	if a.Service == "" {
		return incident.Report{}, refuse(op, "add service: to the address of target "+page.Target+" in the policy", "an incident by the REST API needs a service")
	}
	in := newIncident{
		Type: "incident", Title: incident.Clip(summary, maxTitle), Service: pd.APIReference{ID: a.Service, Type: "service_reference"},
		Urgency: "high", Key: page.Dedup, Body: pd.APIDetails{Type: "incident_body", Details: cmp.Or(bodyText(details, links), summary)},
	}
	if page.Urgency == incident.UrgencyLow {
		in.Urgency = "low"
	}
	if a.User != "" {
		in.Assignments = []pd.Assignee{{Assignee: pd.APIObject{ID: a.User, Type: "user_reference"}}}
	} else {
		in.EscalationPolicy = &pd.APIReference{ID: a.EscalationPolicy, Type: "escalation_policy_reference"}
	}
	var answer struct {
		Incident wireIncident `json:"incident"`
	}
	err := p.Client.call(ctx, urgent, op, http.MethodPost, "/incidents", nil, map[string]any{"incident": in}, &answer)
	r := done(o)
	var f *Fault
	if errors.As(err, &f) && f.Status == http.StatusBadRequest {
		// "Open incident with matching dedup key already exists on this service": an earlier attempt's. The words may change, so the
		// key is asked for instead.
		found, lookErr := p.find(ctx, urgent, o, page)
		if lookErr == nil && len(found) > 0 {
			r.Pager, r.URL, r.Found = found[0].ID, found[0].HTMLURL, true
			return r, nil
		}
		if lookErr != nil && f.Code == codeArguments {
			return incident.Report{}, lookErr // not known yet: it may well be ours
		}
	}
	if err != nil {
		return incident.Report{}, err
	}
	r.Pager, r.URL = answer.Incident.ID, answer.Incident.HTMLURL
	return r, nil
}

func bodyText(details map[string]string, links []Link) string {
	var b strings.Builder
	for _, k := range slices.Sorted(maps.Keys(details)) {
		fmt.Fprintf(&b, "%s: %s\n", k, details[k])
	}
	for _, l := range links {
		if l.Href != "" {
			fmt.Fprintf(&b, "%s: %s\n", l.Text, l.Href)
		}
	}
	return incident.Clip(b.String(), 8000)
}

// find returns the incidents with a page's key, oldest first, resolved ones included.
func (p *Performer) find(ctx context.Context, u urgency, o incident.Owed, page incident.Page) ([]wireIncident, error) {
	q := url.Values{"incident_key": {page.Dedup}, "time_zone": {"UTC"}, "limit": {fmt.Sprint(tooManyFind)}}
	if o.At.IsZero() {
		q.Set("date_range", "all")
	} else {
		at := o.At
		if !page.At.IsZero() && page.At.Before(at) {
			at = page.At
		}
		q.Set("since", at.Add(-lookBack).UTC().Format(time.RFC3339))
	}
	var list struct {
		Incidents []wireIncident `json:"incidents"`
	}
	if err := p.Client.call(ctx, u, "find the incident of page "+page.Key+" of "+string(o.Incident), http.MethodGet, "/incidents", q, nil, &list); err != nil {
		return nil, err
	}
	found := slices.DeleteFunc(list.Incidents, func(in wireIncident) bool {
		return in.ID == "" || in.Key != "" && in.Key != page.Dedup // an incident of several alerts has no key of its own
	})
	slices.SortStableFunc(found, func(a, b wireIncident) int { return a.CreatedAt.Compare(b.CreatedAt.Time) })
	return found, nil
}

// pagerOf returns the PagerDuty incident id of a page.
func (p *Performer) pagerOf(ctx context.Context, u urgency, o incident.Owed, page incident.Page) (string, error) {
	if page.Pager != "" {
		return page.Pager, nil
	}
	if page.Dedup == "" {
		return "", refuse(opOf(o), "", "page %s has neither a PagerDuty id nor a dedup key", page.Key)
	}
	found, err := p.find(ctx, u, o, page)
	if err != nil {
		return "", err
	}
	for _, in := range found {
		if in.Status != statusResolved {
			return in.ID, nil
		}
	}
	if len(found) > 0 {
		return found[len(found)-1].ID, nil
	}
	return "", refuse(opOf(o), "", "PagerDuty has no incident with the key %s", page.Dedup)
}

// move resolves or acknowledges a page: by event where it was rung by event, by REST where it was rung by REST or by PagerDuty itself.
func (p *Performer) move(ctx context.Context, o incident.Owed, page incident.Page, action, status string) (incident.Report, error) {
	op := opOf(o)
	r := done(o)
	r.Pager, r.URL = page.Pager, page.URL
	if page.Address.RoutingKey != "" && !page.Foreign {
		key, err := p.routingKey(op, page.Address)
		if err != nil {
			return incident.Report{}, err
		}
		if err := p.Client.send(ctx, op, &pd.V2Event{RoutingKey: key, Action: action, DedupKey: page.Dedup}); err != nil {
			return incident.Report{}, err
		}
		return r, nil
	}
	if !p.Client.HasToken() {
		return incident.Report{}, refuse(op, "set PAGERDUTY_API_TOKEN and PAGERDUTY_FROM; until then "+action+" it in PagerDuty by hand", "this page can only be %sd by the REST API", action)
	}
	id, err := p.pagerOf(ctx, urgent, o, page)
	if err != nil {
		return incident.Report{}, err
	}
	if err := p.manage(ctx, op, id, status); err != nil {
		return incident.Report{}, err
	}
	r.Pager = id
	return r, nil
}

// manage sets an incident's status. One that is resolved already is as good as resolved now, and needs no acknowledgement any more.
func (p *Performer) manage(ctx context.Context, op, id, status string) error {
	body := map[string]any{"incidents": []any{map[string]string{"id": id, "type": "incident_reference", "status": status}}}
	err := p.Client.call(ctx, urgent, op, http.MethodPut, "/incidents", nil, body, nil)
	var f *Fault
	if errors.As(err, &f) && f.Status == http.StatusBadRequest && f.Code == codeAlreadyResolved {
		return nil
	}
	return err
}

func (p *Performer) note(ctx context.Context, o incident.Owed, s incident.State, page incident.Page) (incident.Report, error) {
	op := opOf(o)
	if !p.Client.HasToken() {
		return incident.Report{}, refuse(op, "set PAGERDUTY_API_TOKEN and PAGERDUTY_FROM to have notes on pages", "a note needs the REST API")
	}
	id, err := p.pagerOf(ctx, useful, o, page)
	if err != nil {
		return incident.Report{}, err
	}
	text, err := p.Render.NoteText(ctx, o, s)
	if err != nil {
		return incident.Report{}, fmt.Errorf("%s: render: %w", op, err)
	}
	if text = incident.Clip(text, maxNote); text == "" {
		return incident.Report{}, refuse(op, "", "view %q says nothing", o.Effect.View)
	}
	body := map[string]any{"note": map[string]string{"content": text + "\n" + noteMark(o.ID)}}
	if err := p.Client.call(ctx, useful, op, http.MethodPost, "/incidents/"+url.PathEscape(id)+"/notes", nil, body, nil); err != nil {
		return incident.Report{}, err
	}
	r := done(o)
	r.Pager = id
	return r, nil
}

// noted reports whether an incident has the note of an effect.
func (p *Performer) noted(ctx context.Context, id string, o incident.Owed) (bool, error) {
	var list struct {
		Notes []wireNote `json:"notes"`
	}
	if err := p.Client.call(ctx, useful, "read the notes of "+id, http.MethodGet, "/incidents/"+url.PathEscape(id)+"/notes", nil, nil, &list); err != nil {
		return false, err
	}
	mark := noteMark(o.ID)
	return slices.ContainsFunc(list.Notes, func(n wireNote) bool { return strings.Contains(n.Content, mark) }), nil
}

package pagerduty

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"github.com/tocsin-bot/tocsin/bot/engine"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/view"
)

// Reader is the part of engine.Reader that is needed here.
type Reader interface {
	ByClaims(ctx context.Context, claims []string) (incident.ID, bool, error)
	State(ctx context.Context, id incident.ID) (incident.State, error)
	Policy() *incident.Policy
}

// Directory knows people by their PagerDuty user id. A person it does not know is returned as the zero Person.
type Directory interface {
	ByPager(id string) incident.Person
}

// DeadLetters keeps what was signed and could not be read, and alerts an operator. An error means that it was not kept.
type DeadLetters interface {
	File(ctx context.Context, source, reason string, body []byte) error
}

// Cursors keeps the poller's place: the journal's cursors.
type Cursors interface {
	Get(ctx context.Context, name string) (string, error)
	Set(ctx context.Context, name, value string) error
}

// InboundOptions are what inbound needs.
type InboundOptions struct {
	Handler     engine.Handler
	Reader      Reader
	Client      *Client     // nil, or without a token: nothing is looked up and nothing polled
	Directory   Directory   // nil: people are known by PagerDuty's ids and names
	DeadLetters DeadLetters // required by the webhook
	Cursors     Cursors     // required by the poller
	Clock       Clock
	Log         zerolog.Logger
	// NotFound tells an incident that is not there from a store that does not answer, by the error of Reader.State.
	NotFound func(error) bool
	// Accept says whether an incident that PagerDuty opened by itself may open one of ours; nil: every one may.
	Accept func(incident.PagerRef) bool
}

// Inbound turns what PagerDuty says, by webhook or by log entry, into inputs of the engine.
type Inbound struct {
	o InboundOptions

	mu    sync.Mutex
	known map[string]identity // by PagerDuty incident id
	order []string            // of known, oldest first
	born  time.Time
}

// NewInbound makes an Inbound. It calls nobody.
func NewInbound(o InboundOptions) *Inbound {
	return &Inbound{o: o, known: map[string]identity{}}
}

// identity is what never changes about a PagerDuty incident, once known.
type identity struct {
	owner     ownership
	key       string // incident_key, else the alert_key of its first alert
	id        incident.ID
	alertName string
	severity  string
	labels    []incident.Label
	alerts    bool // its alerts have been read
}

const (
	maxKnown    = 2000
	lookUpLimit = 1500 * time.Millisecond // real time for one look-up; a webhook has 5 s in all
	freshFor    = 2 * time.Minute         // an event older than this is checked against what is true now before it opens anything
	maxMoves    = 4                       // candidates for the service of an alert, from a page's title
)

// kinds of change.
const (
	kindTriggered      = "triggered"
	kindAcknowledged   = "acknowledged"
	kindUnacknowledged = "unacknowledged"
	kindReassigned     = "reassigned" // also escalated and delegated
	kindReopened       = "reopened"
	kindResolved       = "resolved"
	kindNote           = "note"
	kindOther          = "other" // seen only to learn of the incident
)

// change is one thing that happened to a PagerDuty incident, by whichever way it was heard of.
type change struct {
	transport string // key of the transport: the webhook's event or the log entry
	kind      string
	at        time.Time
	agent     *ref
	note      string

	inc     incident.PagerRef
	title   string
	created time.Time
	current bool // inc.Status is true now, not only when the change happened
	mayOpen bool // it may open an incident of ours
	acks    []acknowledgement
}

// acknowledgement is one that stands now.
type acknowledgement struct {
	at time.Time
	by *ref
}

// meaning are the keys of the fact itself: equal for the webhook and the log entry of one change. PagerDuty stamps the two apart by
// milliseconds and log entries to the second, so each fact has two neighbouring seconds and shares one with its twin.
func (c *change) meaning() []string {
	stem := "pd/" + c.inc.ID + "/"
	switch c.kind {
	case kindTriggered:
		return []string{stem + kindTriggered}
	case kindOther:
		return nil
	case kindAcknowledged:
		by := "-"
		if c.agent.user() {
			by = c.agent.ID
		}
		stem += kindAcknowledged + "/" + by
	case kindNote:
		r := []rune(strings.Join(strings.Fields(c.note), " "))
		sum := sha256.Sum256([]byte(string(r[:min(len(r), 100)]))) // webhooks trim long notes
		stem += kindNote + "/" + hex.EncodeToString(sum[:8])
	default:
		stem += c.kind
	}
	sec := c.at.Unix()
	return []string{stem + "/" + strconv.FormatInt(sec, 10), stem + "/" + strconv.FormatInt(sec+1, 10)}
}

// person is a PagerDuty user as we know them.
func (in *Inbound) person(r *ref) incident.Person {
	if !r.user() {
		return incident.Person{}
	}
	p := incident.Person{}
	if in.o.Directory != nil {
		p = in.o.Directory.ByPager(r.ID)
	}
	p.Pager = r.ID
	if p.Name == "" {
		p.Name = incident.Clip(r.label(), 80)
	}
	return p
}

func (in *Inbound) installation() string {
	if p := in.o.Reader.Policy(); p != nil {
		return p.Installation
	}
	return ""
}

// take hands a change to the engine. An error means that it was not recorded and may be handed in again.
func (in *Inbound) take(ctx context.Context, c change) error {
	if c.kind == kindNote && (ownNote(c.note) || strings.TrimSpace(c.note) == "") {
		return nil
	}
	who, err := in.identify(ctx, &c)
	if err != nil {
		return err
	}
	if who.owner == siblings {
		in.o.Log.Debug().Str("pagerduty", c.inc.ID).Msg("a page of another Tocsin on this account; left alone")
		return nil
	}
	first := in.input(c, who)
	if c.kind == kindTriggered || c.kind == kindOther {
		if who.owner == ours {
			return in.hand(ctx, first)
		}
		_, err := in.opened(ctx, c, who, "")
		return err
	}
	if c.kind == kindReopened && in.o.Clock.Now().Sub(c.at) > freshFor {
		in.refresh(ctx, &c)
		first = in.input(c, who)
	}
	out, err := in.o.Handler.Handle(ctx, first)
	if err != nil {
		return in.failed(c, err)
	}
	if c.kind == kindReopened && out.Refusal != nil && out.Refusal.Code == incident.RefusedOver {
		// What it belonged to is over since long: it is another incident.
		_, err := in.opened(ctx, c, who, out.Incident)
		return err
	}
	if !out.Unrouted || who.owner == ours || c.kind == kindResolved {
		return nil
	}
	// It happened to an incident we have not heard of: its beginning was missed or is still on its way.
	opened, err := in.opened(ctx, c, who, "")
	if err != nil || !opened {
		return err
	}
	first.Key += "/after"
	return in.hand(ctx, first)
}

func (in *Inbound) failed(c change, err error) error {
	return fmt.Errorf("%s of PagerDuty incident %s not recorded: %w", c.kind, c.inc.ID, err)
}

func (in *Inbound) hand(ctx context.Context, i engine.Input) error {
	if _, err := in.o.Handler.Handle(ctx, i); err != nil {
		return fmt.Errorf("input %s not recorded: %w", i.Key, err)
	}
	return nil
}

// input makes the input of a change to an incident that is known or ours.
func (in *Inbound) input(c change, who identity) engine.Input {
	by := in.person(c.agent)
	i := engine.Input{
		Key: c.transport, Same: c.meaning(), At: c.at, Via: incident.ViaPagerDuty, Actor: actorOf(by),
		Route: engine.Route{Claims: []string{engine.ClaimPager(c.inc.ID)}},
	}
	dedup := ""
	if who.owner == ours {
		i.Route.Take = []string{engine.ClaimPager(c.inc.ID)}
		if who.key != "" {
			dedup = who.key
			i.Route.Claims = append(i.Route.Claims, engine.ClaimDedup(dedup))
		} else {
			i.Route.ID = who.id
		}
	}
	if c.kind == kindNote {
		i.Act = incident.PagerNote{Pager: c.inc.ID, By: by, Text: incident.Say(c.note, incident.MaxReason*4)}
		return i
	}
	status := statusTriggered
	switch c.kind {
	case kindAcknowledged, kindResolved:
		status = c.kind
	case kindOther:
		status = c.inc.Status
	}
	if c.kind == kindTriggered || c.kind == kindReassigned || c.kind == kindOther {
		by = incident.Person{} // who triggered or reassigned it has not thereby taken it
	}
	i.Act = incident.PagerChanged{
		Pager: c.inc.ID, Dedup: dedup, Status: status, By: by, URL: c.inc.URL,
		Again: c.kind == kindReopened && c.inc.Status != statusResolved, Assigned: c.inc.Assigned,
	}
	return i
}

func actorOf(p incident.Person) incident.Actor {
	if p.Zero() {
		return incident.Actor{System: incident.SystemPagerDuty}
	}
	return incident.Actor{Person: p}
}

// opened hands in an incident that PagerDuty opened by itself, and says whether an incident of ours is there now. over is the one it belonged
// to, when it triggers again long after that has ended.
func (in *Inbound) opened(ctx context.Context, c change, who identity, over incident.ID) (bool, error) {
	if c.inc.Key == "" {
		c.inc.Key = who.key
	}
	isNew := in.mayOpen(ctx, &c)
	c.inc.Labels, c.inc.Alert, c.inc.Since = who.labels, incident.Clip(who.alertName, 100), c.created
	if c.inc.Status == statusAcknowledged {
		c.inc.Status = statusTriggered // who acknowledged it follows as an input of its own, with their name and time
	}
	i := engine.Input{
		Key: c.transport + "/open", Same: []string{"pd/" + c.inc.ID + "/" + kindTriggered}, At: c.at, Via: incident.ViaPagerDuty,
		Actor: incident.Actor{System: incident.SystemPagerDuty},
		Act: incident.PagerTriggered{
			Ref: c.inc, Title: incident.Say(c.title, incident.MaxTitle), AlertName: who.alertName, Severity: who.severity,
		},
		Route: engine.Route{Claims: []string{engine.ClaimPager(c.inc.ID)}, New: isNew, Take: []string{engine.ClaimPager(c.inc.ID)}},
	}
	if who.alertName != "" {
		i.Route.Names = []string{who.alertName}
	}
	if over != "" {
		i.Route.Over, i.Route.Claims, i.Same = over, nil, nil
		for _, k := range c.meaning() {
			i.Same = append(i.Same, k+"/open")
		}
	}
	if i.Act.(incident.PagerTriggered).Title.Body == "" {
		t := i.Act.(incident.PagerTriggered)
		t.Title = incident.Say("PagerDuty #"+strconv.FormatInt(c.inc.Number, 10), incident.MaxTitle)
		i.Act = t
	}
	add := func(claim string) {
		i.Route.Claims = append(i.Route.Claims, claim)
		i.Route.Take = append(i.Route.Take, claim)
	}
	if c.inc.Key != "" {
		add(engine.ClaimAlert(c.inc.Key))
	}
	if who.alertName != "" {
		i.Route.Names = []string{who.alertName}
		for _, service := range servicesOf(c.title, who.alertName, c.inc.Service) {
			add(engine.ClaimAlertName(who.alertName, service))
			if p := in.o.Reader.Policy(); p != nil && knownService(p, service) && !slices.Contains(i.Route.Joins, engine.ClaimService(service)) {
				i.Route.Joins = append(i.Route.Joins, engine.ClaimService(service))
			}
		}
		// An alert without a service label is known by its name alone.
		i.Route.Claims = append(i.Route.Claims, engine.ClaimAlertName(who.alertName, ""))
	}
	out, err := in.o.Handler.Handle(ctx, i)
	if err != nil {
		return false, in.failed(c, err)
	}
	if out.Unrouted {
		return false, nil
	}
	if out.New && !out.Duplicate {
		in.o.Log.Info().Str("incident", string(out.Incident)).Str("pagerduty", c.inc.ID).Msg("opened for a page of PagerDuty")
	}
	for _, a := range c.acks {
		ack := change{kind: kindAcknowledged, at: a.at, agent: a.by, inc: c.inc}
		ack.transport = "pd/ack/" + c.inc.ID + "/" + a.by.ID + "/" + strconv.FormatInt(a.at.Unix(), 10)
		if err := in.hand(ctx, in.input(ack, who)); err != nil {
			return false, err
		}
	}
	return true, nil
}

// mayOpen decides whether a change may open an incident: not one that is over, not one from before Tocsin came, not one that the
// operator does not want.
func (in *Inbound) mayOpen(ctx context.Context, c *change) bool {
	if in.o.Clock.Now().Sub(c.at) > freshFor || !c.mayOpen && c.created.IsZero() {
		in.refresh(ctx, c)
	}
	switch {
	case c.inc.Status == statusResolved || c.kind == kindResolved:
		return false
	case in.o.Accept != nil && !in.o.Accept(c.inc), isWatchdog(c.title):
		return false
	case c.mayOpen:
		return true
	}
	born := in.bornAt(ctx)
	if c.kind == kindReopened {
		return !born.IsZero() && !c.at.Before(born.Truncate(time.Second)) // however old it is, that it triggers again is news
	}
	return !born.IsZero() && !c.created.IsZero() && !c.created.Before(born.Truncate(time.Second)) // PagerDuty's times have whole seconds
}

// isWatchdog reports whether a title, in Alertmanager's words, is the alert that always fires: its silence is noticed elsewhere, and it is
// never an incident.
func isWatchdog(title string) bool {
	ws := words(title)
	return strings.HasPrefix(title, "[FIRING") && slices.ContainsFunc(ws[:min(len(ws), 3)], func(w string) bool { return strings.EqualFold(w, "Watchdog") })
}

// refresh asks what is true now of an incident, where the change does not say.
func (in *Inbound) refresh(ctx context.Context, c *change) {
	if c.current || !in.o.Client.HasToken() {
		return
	}
	if w, err := in.fetch(ctx, c.inc.ID); err == nil {
		c.fill(w, in)
	}
}

// fill takes what is true now from the REST API. What the change itself says of the incident's name stays.
func (c *change) fill(w wireIncident, in *Inbound) {
	was := c.inc
	c.inc, c.current = in.refOf(w), true
	c.inc.ID, c.inc.Key, c.inc.Labels = was.ID, cmp.Or(was.Key, c.inc.Key), was.Labels
	c.inc.URL, c.inc.Service, c.inc.Number = cmp.Or(was.URL, c.inc.URL), cmp.Or(was.Service, c.inc.Service), cmp.Or(was.Number, c.inc.Number)
	c.acks = acksOf(w)
	c.title = cmp.Or(c.title, incident.Clip(w.Title, maxSummary))
	if c.created.IsZero() {
		c.created = w.CreatedAt.Time
	}
}

// refOf is a REST incident as the log keeps it.
func (in *Inbound) refOf(w wireIncident) incident.PagerRef {
	r := incident.PagerRef{ID: w.ID, Number: int64(w.Number), URL: webLink(w.HTMLURL), Key: w.Key, Status: w.Status, Urgency: incident.Clip(w.Urgency, 20)}
	if w.Service != nil {
		r.Service = incident.Clip(w.Service.label(), 100)
	}
	for _, a := range w.Assignments {
		if a.Assignee.user() && len(r.Assigned) < maxAssigned {
			r.Assigned = append(r.Assigned, in.person(a.Assignee))
		}
	}
	return r
}

const maxAssigned = 20 // also of acknowledgements

// acksOf are the acknowledgements by people that stand.
func acksOf(w wireIncident) []acknowledgement {
	var out []acknowledgement
	for _, a := range w.Acknowledgements {
		if w.Status == statusAcknowledged && a.By.user() && !a.At.IsZero() && len(out) < maxAssigned {
			out = append(out, acknowledgement{a.At.Time, a.By})
		}
	}
	return out
}

// webLink lets only web addresses through: a link is shown to people.
func webLink(s string) string {
	if u, err := url.Parse(s); err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || len(s) > 500 {
		return ""
	}
	return s
}

// fetch reads an incident, within the time a webhook has.
func (in *Inbound) fetch(ctx context.Context, id string) (wireIncident, error) {
	ctx, cancel := context.WithTimeout(ctx, lookUpLimit)
	defer cancel()
	var answer struct {
		Incident wireIncident `json:"incident"`
	}
	err := in.o.Client.call(ctx, useful, "read incident "+id, http.MethodGet, "/incidents/"+url.PathEscape(id), url.Values{"time_zone": {"UTC"}}, nil, &answer)
	return answer.Incident, err
}

// identify finds out whose an incident is. Only the store can make it fail: where PagerDuty does not tell, the title's mark decides.
func (in *Inbound) identify(ctx context.Context, c *change) (identity, error) {
	installation := in.installation()
	in.mu.Lock()
	who := in.known[c.inc.ID]
	in.mu.Unlock()
	if who.owner == unknown {
		who.key = c.inc.Key
		who.owner = ofKey(installation, who.key)
	}
	if who.owner == unknown && in.o.Client.HasToken() {
		if w, err := in.fetch(ctx, c.inc.ID); err == nil {
			c.fill(w, in)
			who.key = w.Key
			who.owner = ofKey(installation, w.Key)
		} else {
			in.o.Log.Warn().Err(err).Str("pagerduty", c.inc.ID).Msg("its key is not known; its title decides whose page it is")
		}
	}
	if who.owner != ours && who.owner != siblings {
		if id, ok := ofTitle(c.title); ok && who.key == "" {
			// The title says it is a Tocsin's page. Whatever becomes of the guess which one, it opens nothing.
			return in.byTitle(ctx, c, id)
		}
		if who.key == "" && view.IsPrivatePage(c.title) {
			// A private incident's page says of which incident it is to nobody. Without its key it cannot be told, and it opens nothing.
			return identity{owner: siblings}, nil
		}
		in.readAlert(ctx, c, &who)
	}
	if who.owner != unknown {
		in.remember(c.inc.ID, who)
	}
	return who, nil
}

// byTitle is the last resort: the incident that the title names, if it is ours and has a page whose PagerDuty incident is not known yet.
func (in *Inbound) byTitle(ctx context.Context, c *change, id incident.ID) (identity, error) {
	if _, found, err := in.o.Reader.ByClaims(ctx, []string{engine.ClaimPager(c.inc.ID)}); err != nil {
		return identity{}, fmt.Errorf("whose page PagerDuty incident %s is cannot be told: %w", c.inc.ID, err)
	} else if found {
		return identity{owner: ours}, nil
	}
	s, err := in.o.Reader.State(ctx, id)
	if err != nil && (in.o.NotFound == nil || !in.o.NotFound(err)) {
		return identity{}, fmt.Errorf("whose page PagerDuty incident %s is cannot be told: %w", c.inc.ID, err)
	}
	if err != nil { // a page of ours is sent after its incident is recorded, so this is somebody else's
		in.o.Log.Warn().Err(err).Str("pagerduty", c.inc.ID).Str("incident", string(id)).Msg("a page that names an incident which is not here; left alone")
		return identity{owner: siblings}, nil
	}
	who := identity{owner: ours, id: id}
	var free []string
	for _, p := range s.Pages {
		if p.Pager == "" && !p.Foreign && p.Outstanding() {
			free = append(free, p.Dedup)
		}
	}
	if len(free) == 1 {
		who.key = free[0]
	}
	return who, nil
}

// readAlert finds the alert's name in the title or in the alert itself, and what its sender attached.
func (in *Inbound) readAlert(ctx context.Context, c *change, who *identity) {
	policy := in.o.Reader.Policy()
	if who.alertName == "" {
		who.alertName = alertIn(policy, c.title)
	}
	if who.alerts || c.kind != kindTriggered && c.kind != kindOther || !in.o.Client.HasToken() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, lookUpLimit)
	defer cancel()
	var list struct {
		Alerts []wireAlert `json:"alerts"`
	}
	q := url.Values{"limit": {"10"}, "time_zone": {"UTC"}}
	if err := in.o.Client.call(ctx, useful, "read the alerts of "+c.inc.ID, http.MethodGet, "/incidents/"+url.PathEscape(c.inc.ID)+"/alerts", q, nil, &list); err != nil {
		in.o.Log.Debug().Err(err).Str("pagerduty", c.inc.ID).Msg("its alerts could not be read; its title must do")
		return
	}
	who.alerts = true
	for _, a := range list.Alerts {
		if o := ofKey(in.installation(), a.Key); o == ours || o == siblings {
			who.owner, who.key = o, a.Key
			return
		}
		if who.key == "" && a.Key != "" {
			who.key, who.owner = a.Key, foreign
		}
		if who.severity == "" {
			who.severity = incident.Clip(a.Severity, 40)
		}
		if who.alertName == "" {
			who.alertName = cmp.Or(alertIn(policy, a.Summary), alertInDetails(policy, a.Body.Details))
		}
		if len(who.labels) == 0 {
			who.labels = labelsIn(a.Body.Details)
		}
	}
	if who.owner == unknown {
		who.owner = foreign
	}
}

func (in *Inbound) remember(id string, who identity) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if _, ok := in.known[id]; !ok {
		in.order = append(in.order, id)
		if len(in.order) > maxKnown {
			delete(in.known, in.order[0])
			in.order = slices.Delete(in.order, 0, 1)
		}
	}
	in.known[id] = who
}

// words splits at everything that is not part of an alert's or a service's name.
func words(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool {
		return r != '_' && r != '-' && r != '.' && (r < '0' || r > '9' && r < 'A' || r > 'Z' && r < 'a' || r > 'z') && r < 0x80
	})
}

// alertIn returns the first word of a title that is an alert of the policy's catalogue. Alertmanager's default text for PagerDuty is
// "[FIRING:2] HighErrorRate checkout (critical)".
func alertIn(p *incident.Policy, title string) string {
	if p == nil {
		return ""
	}
	for _, w := range words(title) {
		if _, ok := p.Alerts[w]; ok {
			return w
		}
	}
	return ""
}

// alertInDetails finds the alert in what its sender attached: a field "alertname", or Alertmanager's own text of the firing alerts; one of the
// policy's catalogue before any other.
func alertInDetails(p *incident.Policy, raw json.RawMessage) string {
	var d struct {
		Name   json.RawMessage `json:"alertname"`
		Firing json.RawMessage `json:"firing"`
	}
	if json.Unmarshal(raw, &d) != nil {
		return ""
	}
	name, firing := textOf(d.Name), textOf(d.Firing)
	if known := cmp.Or(alertIn(p, name), alertIn(p, firing)); known != "" {
		return known
	}
	// Its sender names it: a runbook may claim what the policy's catalogue does not list.
	if alertName.MatchString(name) {
		return name
	}
	if m := firingName.FindStringSubmatch(firing); m != nil {
		return m[1]
	}
	return ""
}

// How an alert is called (prometheus.io, alerting rules), and Alertmanager's line that says it (the default template of its PagerDuty receiver).
var (
	alertName  = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,99}$`)
	firingName = regexp.MustCompile(`\balertname = ([A-Za-z_][A-Za-z0-9_]{0,99})(?:[\s,]|$)`)
)

// knownService reports whether the policy has a service of that name, as claims write it. What PagerDuty calls a service may be a whole
// company's: only what the policy knows joins incidents.
func knownService(p *incident.Policy, name string) bool {
	for key := range p.Services {
		if engine.ServiceName(key) == name {
			return true
		}
	}
	return false
}

// servicesOf lists what the service label of an alert may be: PagerDuty's own service, then the words after the alert's name, in which
// Alertmanager puts the group's labels.
func servicesOf(title, alertName, service string) []string {
	out := []string{}
	add := func(s string) {
		if s = engine.ServiceName(s); s != "" && !slices.Contains(out, s) && len(out) < maxMoves {
			out = append(out, s)
		}
	}
	add(service)
	ws := words(title)
	if i := slices.Index(ws, alertName); i >= 0 {
		for _, w := range ws[i+1:] {
			add(w)
		}
	}
	return out
}

package intake

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/tocsin-bot/tocsin/bot/engine"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// notification is the body of Alertmanager's webhook, version 4, as far as it is used. Unknown fields are accepted.
type notification struct {
	GroupKey          string            `json:"groupKey"`
	Status            string            `json:"status"`
	Truncated         int               `json:"truncatedAlerts"`
	GroupLabels       map[string]string `json:"groupLabels"`
	CommonLabels      map[string]string `json:"commonLabels"`
	CommonAnnotations map[string]string `json:"commonAnnotations"`
	ExternalURL       string            `json:"externalURL"`
	Alerts            []alert           `json:"alerts"`

	Watchdog bool `json:"-"` // nothing but the alert that always fires
}

type alert struct {
	Status       string            `json:"status"`
	Labels       map[string]string `json:"labels"`
	Annotations  map[string]string `json:"annotations"`
	StartsAt     time.Time         `json:"startsAt"`
	EndsAt       time.Time         `json:"endsAt"` // year 1 while firing
	GeneratorURL string            `json:"generatorURL"`
	Fingerprint  string            `json:"fingerprint"`
}

const (
	maxAlerts   = 10_000 // of one body; 1 MiB does not hold more that are alerts
	maxLabels   = 20
	maxValue    = 200 // runes of a label's value
	maxDetails  = 10
	maxDetail   = 100 // runes of an annotation that is a value
	maxSummary  = 1000
	maxLines    = 5
	maxClaims   = 10
	statusFires = "firing"
	statusEnded = "resolved"
	watchdog    = "Watchdog" // the alert that always fires, so that its silence is noticed elsewhere: never an incident
)

// parse reads and checks a body.
func parse(body []byte) (notification, error) {
	var n notification
	if err := json.Unmarshal(body, &n); err != nil {
		return n, fmt.Errorf("no JSON of an Alertmanager notification: %w", err)
	}
	switch {
	case n.GroupKey == "":
		return n, errors.New("no groupKey: Alertmanager's webhook has version 4 of its message")
	case n.Status != statusFires && n.Status != statusEnded:
		return n, fmt.Errorf("status %q is neither firing nor resolved", incident.Clip(n.Status, 40))
	case n.Truncated < 0 || len(n.Alerts) > maxAlerts:
		return n, fmt.Errorf("%d alerts and %d cut off", len(n.Alerts), n.Truncated)
	}
	all := len(n.Alerts)
	for i := range n.Alerts {
		a := &n.Alerts[i]
		if a.Status != statusFires && a.Status != statusEnded {
			return n, fmt.Errorf("alert %d: status %q is neither firing nor resolved", i, incident.Clip(a.Status, 40))
		}
		if a.Fingerprint == "" {
			a.Fingerprint = fingerprint(a.Labels)
		}
	}
	n.Alerts = slices.DeleteFunc(n.Alerts, func(a alert) bool { return strings.EqualFold(a.Labels["alertname"], watchdog) })
	n.Watchdog = len(n.Alerts) == 0 && n.Truncated == 0 && all > 0
	slices.SortStableFunc(n.Alerts, func(a, b alert) int { return cmp.Compare(a.Fingerprint, b.Fingerprint) })
	return n, nil
}

// fingerprint tells alerts apart where Alertmanager did not.
func fingerprint(labels map[string]string) string {
	h := sha256.New()
	for _, k := range sortedKeys(labels) {
		part(h, k)
		part(h, labels[k])
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// part writes a string with its length, so that no two lists run together.
func part(h hash.Hash, s string) {
	_, _ = h.Write([]byte(strconv.Itoa(len(s)) + ":" + s)) // a hash never fails
}

func sortedKeys(m map[string]string) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// Group is the identity of an alert group: the hex SHA-256 of its key, as Alertmanager sends it to PagerDuty.
func Group(groupKey string) string {
	sum := sha256.Sum256([]byte(groupKey))
	return hex.EncodeToString(sum[:])
}

// firing are the alerts of the group's current set, each once, by fingerprint.
func (n notification) firing() []alert {
	var out []alert
	for _, a := range n.Alerts {
		if a.Status == statusFires && (len(out) == 0 || out[len(out)-1].Fingerprint != a.Fingerprint) {
			out = append(out, a)
		}
	}
	return out
}

// set makes the group's current set. now is when it was heard of.
func (n notification) set(p *incident.Policy, now time.Time) incident.AlertSet {
	firing := n.firing()
	s := incident.AlertSet{Group: Group(n.GroupKey), Firing: len(firing), Truncated: n.Truncated, ChangedAt: now}
	if n.Status == statusFires && s.Firing == 0 { // all that fire were cut off
		s.Firing = 1
	}
	if n.Status == statusEnded {
		s.Firing, firing = 0, nil
	}
	if s.Firing == 0 {
		s.Truncated = 0
	}
	h := sha256.New()
	for _, a := range firing {
		part(h, a.Fingerprint)
		if t := a.StartsAt.UTC(); !t.IsZero() && (s.StartsAt.IsZero() || t.Before(s.StartsAt)) {
			s.StartsAt = t
		}
	}
	part(h, strconv.Itoa(s.Truncated))
	part(h, strconv.FormatBool(s.Firing > 0))
	s.Digest = hex.EncodeToString(h.Sum(nil)[:16])
	if s.StartsAt.IsZero() || s.StartsAt.After(now) {
		s.StartsAt = now
	}
	named := firing
	if len(named) == 0 {
		named = n.Alerts
	}
	s.Name = incident.Clip(nameOf(p, named, n.CommonLabels["alertname"]), maxValue)
	s.Labels = labelsOf(p, named, n.CommonLabels)
	s.Details = detailsOf(named)
	s.Summary = incident.Say(summaryOf(firing), maxSummary)
	s.URL = urlOf(firing, n.ExternalURL)
	return s
}

// nameOf is the name the alerts share; where they do not, the one the catalogue holds for worst, else the first.
func nameOf(p *incident.Policy, alerts []alert, common string) string {
	if common != "" || len(alerts) == 0 {
		return common
	}
	best, worst := "", incident.Severity(0)
	for _, a := range alerts {
		name := a.Labels["alertname"]
		if p != nil {
			if r, ok := p.Alerts[name]; ok && (r.Severity.Worse(worst) || best == "") {
				best, worst = name, r.Severity
			}
		}
	}
	if best != "" {
		return best
	}
	for _, a := range alerts {
		if name := a.Labels["alertname"]; name != "" && (best == "" || name < best) {
			best = name
		}
	}
	return best
}

// labelsOf are the common labels, sorted and bounded; the ones that decide (severity, service) always among them.
func labelsOf(p *incident.Policy, alerts []alert, common map[string]string) []incident.Label {
	all := map[string]string{}
	for k, v := range common {
		all[k] = v
	}
	if all["severity"] == "" {
		if worst := worstLabel(p, alerts); worst != "" {
			all["severity"] = worst
		}
	}
	keys := sortedKeys(all)
	slices.SortStableFunc(keys, func(a, b string) int { return cmp.Compare(rank(a), rank(b)) })
	keys = keys[:min(len(keys), maxLabels)]
	slices.Sort(keys)
	var out []incident.Label
	for _, k := range keys {
		out = append(out, incident.Label{Name: incident.Clip(k, maxValue), Value: incident.Clip(all[k], maxValue)})
	}
	return out
}

// prose are annotations written for people; what is short and named otherwise may be a value that a runbook asks for.
var prose = []string{"summary", "description", "message", "title", "runbook", "runbook_url", "dashboard", "dashboard_url"}

var detailName = regexp.MustCompile(`\A[a-z][a-z0-9_]{0,39}\z`)

// detailsOf are the annotations that all firing alerts share and that are values rather than words: a date, a number, an id. A value that is
// long, or has several lines, is left out whole, since half of it would be another.
func detailsOf(alerts []alert) []incident.Label {
	if len(alerts) == 0 {
		return nil
	}
	var out []incident.Label
	for _, k := range sortedKeys(alerts[0].Annotations) {
		v := alerts[0].Annotations[k]
		switch {
		case len(out) == maxDetails:
			return out
		case !detailName.MatchString(k), slices.Contains(prose, k), v == "", utf8.RuneCountInString(v) > maxDetail, strings.ContainsFunc(v, unicode.IsControl):
		case !slices.ContainsFunc(alerts[1:], func(a alert) bool { return a.Annotations[k] != v }):
			out = append(out, incident.Label{Name: k, Value: v})
		}
	}
	return out
}

func rank(label string) int {
	if label == "severity" || label == "service" || label == "alertname" {
		return 0
	}
	return 1
}

// worstLabel is the severity label of the worst alert, by what the policy says the labels mean.
func worstLabel(p *incident.Policy, alerts []alert) string {
	best, worst := "", incident.Severity(0)
	for _, a := range alerts {
		if p == nil || a.Labels["severity"] == "" {
			continue
		}
		if sev, ok := p.LabelSeverity[strings.ToLower(a.Labels["severity"])]; ok && sev.Worse(worst) {
			best, worst = a.Labels["severity"], sev
		}
	}
	return best
}

// summaryOf are the words of the first few alerts, each different text once.
func summaryOf(alerts []alert) string {
	var lines []string
	for _, a := range alerts {
		line := incident.Clip(strings.Join(strings.Fields(cmp.Or(a.Annotations["summary"], a.Annotations["description"], a.Annotations["message"])), " "), 300)
		if line != "" && !slices.Contains(lines, line) && len(lines) < maxLines {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

// urlOf is where to look: the first alert's graph, else Alertmanager.
func urlOf(alerts []alert, external string) string {
	for _, a := range alerts {
		if webLink(a.GeneratorURL) {
			return a.GeneratorURL
		}
	}
	if webLink(external) {
		return external
	}
	return ""
}

// webLink accepts only web addresses: a link is shown to people.
func webLink(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && len(s) <= 2000
}

// title is what the incident is called: what all alerts say, else the alert's name and service.
func (n notification) title(s incident.AlertSet) string {
	words := strings.Fields(n.CommonAnnotations["summary"])
	if len(words) == 0 {
		words = []string{cmp.Or(s.Name, "alert")}
		for _, k := range []string{"service", "job", "instance"} {
			if v := n.CommonLabels[k]; v != "" {
				words = append(words, "·", v)
				break
			}
		}
	}
	return strings.Join(words, " ")
}

// claims finds and takes: the group, then the names and services of what fires.
func (n notification) claims(s incident.AlertSet) (find, take []string) {
	find, take = []string{engine.ClaimAlert(s.Group)}, []string{engine.ClaimAlert(s.Group)}
	for _, a := range n.firing() {
		name := incident.Clip(a.Labels["alertname"], maxValue)
		if name == "" || s.Firing == 0 || len(take) > maxClaims {
			continue
		}
		service := engine.ServiceName(a.Labels["service"])
		claim := engine.ClaimAlertName(name, service)
		if slices.Contains(take, claim) {
			continue
		}
		take = append(take, claim)
		if service != "" {
			find = append(find, claim)
		}
	}
	return find, take
}

// joins are the claims by which a new group finds the young incident of its service: the service that the policy knows its labels by, or
// the one the label names.
func (n notification) joins(p *incident.Policy, s incident.AlertSet) []string {
	if s.Firing == 0 {
		return nil
	}
	service := cmp.Or(p.ServiceOf(s.Labels), n.CommonLabels["service"])
	if engine.ServiceName(service) == "" {
		return nil
	}
	return []string{engine.ClaimService(service)}
}

// names are what everything that fires is called; none where some of it was cut off or has no name.
func (n notification) names() []string {
	if common := n.CommonLabels["alertname"]; common != "" {
		return []string{incident.Clip(common, maxValue)}
	}
	var out []string
	for _, a := range n.firing() {
		name := incident.Clip(a.Labels["alertname"], maxValue)
		if name == "" || n.Truncated > 0 {
			return nil
		}
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// moment is when the change happened: the latest start of what fires or end of what does not, as far as that is not in the future.
func (n notification) moment(now time.Time) time.Time {
	var at time.Time
	for _, a := range n.Alerts {
		t := a.StartsAt
		if a.Status == statusEnded {
			t = a.EndsAt
		}
		if t.After(at) && !t.After(now) {
			at = t
		}
	}
	if at.IsZero() {
		return now
	}
	return at.UTC()
}

// content tells two moments of a group apart: which alerts, since when and until when, how many cut off.
func (n notification) content() string {
	h := sha256.New()
	part(h, n.Status)
	part(h, strconv.Itoa(n.Truncated))
	for _, a := range n.Alerts {
		part(h, a.Status)
		part(h, a.Fingerprint)
		part(h, strconv.FormatInt(a.StartsAt.UnixNano(), 10))
		if a.Status == statusEnded { // while firing the end is a guess that moves
			part(h, strconv.FormatInt(a.EndsAt.UnixNano(), 10))
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

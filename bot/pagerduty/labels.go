package pagerduty

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tocsin-bot/tocsin/bot/incident"
)

// Bounds of what is kept of an alert's details.
const (
	maxLabels     = 20
	maxLabelValue = 200     // bytes, as of Alertmanager's labels
	maxDetails    = 1 << 16 // bytes that are read for them
)

var (
	labelName  = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,63}$`)
	labelLine  = regexp.MustCompile(`^\s*-\s*([A-Za-z_][A-Za-z0-9_]{0,63}) = (.+)$`)
	labelHosts = []string{"labels", "commonLabels", "common_labels", "custom_details", "group_labels"} // fields in which senders put them
)

// labelsIn are the labels in an alert's details, sorted by name: its fields, those of the objects in it that senders put labels in, and
// Alertmanager's own text of what fires, where all alerts agree. What is no name, no single line or too long is left out: half a value is a
// wrong one. None of it is believed: it is compared with a parameter's pattern before it stands anywhere.
func labelsIn(raw json.RawMessage) []incident.Label {
	var top map[string]json.RawMessage
	if len(raw) > maxDetails || json.Unmarshal(raw, &top) != nil {
		return nil
	}
	found := map[string]string{}
	add := func(name, value string) {
		value = strings.TrimSpace(value)
		if _, there := found[name]; !there && labelName.MatchString(name) && value != "" && len(value) <= maxLabelValue && oneLine(value) {
			found[name] = value
		}
	}
	fields := func(m map[string]json.RawMessage) {
		for name, v := range m {
			add(name, scalar(v))
		}
	}
	for _, host := range labelHosts {
		var inner map[string]json.RawMessage
		if json.Unmarshal(top[host], &inner) == nil {
			fields(inner)
		}
	}
	for name, value := range firingLabels(scalar(top["firing"])) {
		add(name, value)
	}
	for _, n := range []string{"firing", "resolved", "num_firing", "num_resolved"} { // Alertmanager's own, and no labels
		delete(top, n)
	}
	fields(top)
	var out []incident.Label
	for name, value := range found {
		out = append(out, incident.Label{Name: name, Value: value})
	}
	slices.SortFunc(out, func(a, b incident.Label) int { return strings.Compare(a.Name, b.Name) })
	return out[:min(len(out), maxLabels)]
}

// firingLabels reads Alertmanager's default text of the firing alerts: the labels that all of them have with one value.
func firingLabels(text string) map[string]string {
	var alerts []map[string]string
	in := false
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		m := labelLine.FindStringSubmatch(line)
		switch {
		case strings.TrimSpace(line) == "Labels:":
			alerts, in = append(alerts, map[string]string{}), true
		case in && m != nil:
			alerts[len(alerts)-1][m[1]] = m[2]
		case strings.TrimSpace(line) != "":
			in = false // annotations, and where it comes from
		}
	}
	if len(alerts) == 0 {
		return nil
	}
	common := alerts[0]
	for _, a := range alerts[1:] {
		for name, v := range common {
			if a[name] != v {
				delete(common, name)
			}
		}
	}
	return common
}

// scalar is a field's text, number or truth as text; empty: it is something else.
func scalar(raw json.RawMessage) string {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil {
		return ""
	}
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		if v {
			return "true"
		}
		return "false"
	}
	return ""
}

func oneLine(v string) bool {
	return utf8.ValidString(v) && !strings.ContainsFunc(v, func(r rune) bool {
		return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == 0x2028 || r == 0x2029 || r == utf8.RuneError
	})
}

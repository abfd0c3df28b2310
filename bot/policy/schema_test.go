package policy

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"math"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

var update = flag.Bool("update", false, "write the published schema anew")

// shapeFaults are the cases that a schema can know: the others are about what the policy means as a whole.
var shapeFaults = []string{
	"unknown key", "unknown key deep", "key twice", "key twice deep", "wrong version", "bare number", "negative", "no value", "a severity missing", "a severity of their own", "alias", "tag", "not a mapping", "language", "yes", "mail", "alert", "calendar without zone", "hours", "holiday", "a holiday in words", "weekend", "ladder owner", "not YAML",
}

const published = "../../deploy/policy.schema.json"

// more shows the reader what neither the default nor the example has. It is no good policy: what is read is what counts.
const more = `version: 1
first_page: pagerduty
handover_reminder: none
targets:
  a: {title: {en: a}, rotation: a, address: {routing_key_env: A, routing_key_file: /a, user: PAB, escalation_policy: PAB, service: PAB, on_call: true}}
rotations:
  a: {zone: UTC, start: 2026-01-05, handover: monday 09:00, weeks: 1, days: 1, people: [a@b.co], overrides: [{from: "2026-01-05 09:00", to: "2026-01-06 09:00", person: a@b.co}]}
calendars:
  b: {monday: ["09:00-12:00"], tuesday: ["09:00-12:00"], wednesday: ["09:00-12:00"], thursday: ["09:00-12:00"], friday: ["09:00-12:00"], saturday: ["09:00-12:00"], sunday: ["09:00-12:00"], holidays: {01-01: a, 01-02: {en: a, fr: a}}}
  a: {night: "22:00-07:00", monday: "09:00-12:00", tuesday: "09:00-12:00", wednesday: "09:00-12:00", thursday: "09:00-12:00", friday: "09:00-12:00",
    saturday: "09:00-12:00", sunday: "09:00-12:00", hours: ["09:00-12:00"]}
services:
  a: {title: {en: a}, team: a, instead: {a: b}, runbooks: [RB-001], dashboards: {a: "https://a"}, labels: {a: b}, calendar: a}
guide:
  SEV-1: {tenants_at_least: 1, slo_over: 1, data_loss: true, breach: true, critical_function: true, degraded: true, degraded_and_no_workaround: true, otherwise: true}
severities:
  SEV-1: {no_ladder: true, needs_confirm: true, ack_business_days: 1}
obligations:
  a: {severities: [SEV-1], begins: declared, within: 1h, kind: response, done_by: moment fix-deployed, notice: customer, law: a}
  b: {begins: [declared]}
`

// needed are the keys without which the reader refuses an object, by its path.
var needed = map[string][]string{
	"":             {"version", "severities", "targets", "ladder"},
	"severities":   severityWords,
	"ladder[]":     {"name", "targets"},
	"alerts{}":     {"severity"},
	"calendars{}":  {"zone"},
	"questions{}":  {"ask", "within", "chain", "every"},
	"severities{}": nil,
}

// part is everything that was read at one path of the file, over all files.
type part struct {
	shapes   map[string]shape // by kind
	fields   map[string]*part
	values   *part // of a map
	items    *part // of a list
	comments []string
}

func newPart() *part { return &part{shapes: map[string]shape{}, fields: map[string]*part{}} }

// learn adds what a file showed of a node.
func (p *part) learn(n *yaml.Node, seen shapes) {
	s, known := seen[n]
	if !known {
		return
	}
	p.shapes[s.kind] = s
	child := func(at **part, n *yaml.Node) {
		if *at == nil {
			*at = newPart()
		}
		(*at).learn(n, seen)
	}
	switch {
	case s.kind == "object" && n.Kind == yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			k, v := n.Content[i], n.Content[i+1]
			f := p.fields[k.Value]
			child(&f, v)
			p.fields[k.Value] = f
			for _, c := range []string{k.LineComment, v.LineComment} {
				if c != "" {
					f.comments = append(f.comments, c)
				}
			}
		}
	case s.kind == "map" && n.Kind == yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			child(&p.values, n.Content[i+1])
		}
	case s.kind == "list" && n.Kind == yaml.SequenceNode:
		for _, v := range n.Content {
			child(&p.items, v)
		}
	}
}

// read shows the reader a file and learns from it.
func (p *part) read(t *testing.T, src []byte) {
	t.Helper()
	r := &reader{file: "f", lines: map[string]int{}, shapes: shapes{}}
	r.read(src)
	for n := range r.shapes {
		if n.Line == 0 {
			t.Fatal("a node without a place")
		}
	}
	if r.top == nil {
		t.Fatal("nothing was read")
	}
	p.learn(r.top, r.shapes)
}

func learnt(t *testing.T) *part {
	p := newPart()
	for _, src := range [][]byte{defaultSource, []byte(more)} {
		p.read(t, src)
	}
	p.forget()
	p.read(t, exampleSource) // its comments are the schema's descriptions
	return p
}

// forget drops the comments seen so far.
func (p *part) forget() {
	if p == nil {
		return
	}
	p.comments = nil
	p.values.forget()
	p.items.forget()
	for _, f := range p.fields {
		f.forget()
	}
}

// schema is what was learnt as JSON Schema.
func (p *part) schema(path string) map[string]any {
	var all []any
	for _, kind := range slices.Sorted(maps.Keys(p.shapes)) {
		all = append(all, p.one(p.shapes[kind], path))
	}
	out := map[string]any{"anyOf": all}
	if len(all) == 1 {
		out = all[0].(map[string]any)
	}
	if len(p.comments) > 0 {
		out["description"] = strings.TrimSpace(strings.TrimLeft(p.comments[0], "# "))
	}
	return out
}

func (p *part) one(s shape, path string) map[string]any {
	out := map[string]any{}
	switch s.kind {
	case "object":
		fields := map[string]any{}
		for _, key := range s.keys {
			if f := p.fields[key]; f != nil {
				fields[key] = f.schema(strings.TrimPrefix(path+"."+key, "."))
			}
		}
		out["type"], out["properties"], out["additionalProperties"] = "object", fields, false
	case "map":
		out["type"] = "object"
		if p.values != nil {
			out["additionalProperties"] = p.values.schema(path + "{}")
		}
		switch {
		case s.form != nil:
			out["propertyNames"] = map[string]any{"pattern": s.form.String()}
		case s.keys != nil:
			out["propertyNames"] = map[string]any{"enum": s.keys}
		}
		if s.hasLimit {
			out["maxProperties"] = s.most
		}
	case "list":
		out["type"], out["maxItems"] = "array", s.most
		if p.items != nil {
			out["items"] = p.items.schema(path + "[]")
		}
	case "text":
		out["type"] = "string"
		if s.form != nil {
			out["pattern"] = s.form.String()
		}
		if s.hasLimit {
			out["minLength"], out["maxLength"] = s.least, s.most
		}
	case "word":
		var words []any
		for _, w := range s.words {
			switch w {
			case "1":
				words = append(words, 1)
			case "true":
				words = append(words, true)
			default:
				words = append(words, w)
			}
		}
		out["enum"] = words
	case "flag":
		out["type"] = "boolean"
	case "duration":
		out["type"], out["pattern"] = "string", `^\+?([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|ms|s|m|h)(([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|ms|s|m|h))*$`
	case "number":
		out["type"], out["exclusiveMinimum"] = "number", 0
	case "whole":
		out["type"], out["minimum"], out["maximum"] = "integer", s.least, s.most
	default:
		out["type"] = []any{"string", "number", "boolean"}
	}
	if keys := needed[path]; keys != nil && out["type"] == "object" {
		out["required"] = keys
	}
	return out
}

// TestSchema holds the published schema to the reader: it is what the reader says of itself while it reads.
func TestSchema(t *testing.T) {
	s := learnt(t).schema("")
	s["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	s["title"] = "Policy of Tocsin"
	s["description"] = "Who is rung, when, and what is promised to whom. What the policy means as a whole is checked by tocsin policy check."
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(s); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(published, b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(published)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have, b.Bytes()) {
		t.Errorf("%s is not what the reader reads; look at it with git diff after go test ./bot/policy -run TestSchema -update", published)
	}
}

// TestEveryFieldIsShown wants every key of every object shown once, by the default, the example or the text above: else the schema could
// not know what it holds.
func TestEveryFieldIsShown(t *testing.T) {
	n := 0
	var walk func(p *part, path string)
	walk = func(p *part, path string) {
		if s, is := p.shapes["object"]; is {
			for _, key := range s.keys {
				n++
				if p.fields[key] == nil || len(p.fields[key].shapes) == 0 {
					t.Errorf("%s.%s: show it in example.yaml, or in this test", path, key)
					continue
				}
				walk(p.fields[key], path+"."+key)
			}
		}
		for _, next := range []*part{p.values, p.items} {
			if next != nil {
				walk(next, path+"[]")
			}
		}
		if _, is := p.shapes["map"]; is && p.values == nil {
			t.Errorf("%s: show an entry of it", path)
		}
		if _, is := p.shapes["list"]; is && p.items == nil {
			t.Errorf("%s: show an item of it", path)
		}
	}
	walk(learnt(t), "")
	if n < 120 {
		t.Errorf("only %d fields", n)
	}
}

// TestSchemaAgreesWithTheReader: what the reader takes, the schema takes; faults of shape are refused by both.
func TestSchemaAgreesWithTheReader(t *testing.T) {
	raw, err := os.ReadFile(published)
	if err != nil {
		t.Fatal(err)
	}
	var s map[string]any
	if err := json.Unmarshal(raw, &s); err != nil {
		t.Fatal(err)
	}
	for name, src := range map[string][]byte{"default.yaml": defaultSource, "example.yaml": exampleSource, "small": []byte(small)} {
		if err := validFile(s, src); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, c := range faultCases {
		src := []byte(strings.Replace(small, c.old, c.new, 1))
		err := validFile(s, src)
		if ofShape := slices.Contains(shapeFaults, c.name); ofShape != (err != nil) {
			t.Errorf("%s: a fault of shape is %v, the schema says %v", c.name, ofShape, err)
		}
	}
	for _, name := range shapeFaults {
		if !slices.ContainsFunc(faultCases, func(c faultCase) bool { return c.name == name }) {
			t.Errorf("there is no case %q", name)
		}
	}
}

// TestNeededIsNeeded takes away one needed key after the other.
func TestNeededIsNeeded(t *testing.T) {
	for _, c := range []struct{ old, new string }{
		{"version: 1\n", ""}, {"severities:\n", "sev:\n"}, {"targets:\n", "t:\n"}, {"ladder:\n", "l:\n"},
		{"{name: L2, targets: [lead]}", "{targets: [lead]}"}, {"{name: L2, targets: [lead]}", "{name: L2}"},
		{"version: 1", "version: 1\nquestions: {q: {ask: {en: a, fr: a}, within: 1h, chain: [lead]}}"},
		{"version: 1", "version: 1\nquestions: {q: {ask: {en: a, fr: a}, within: 1h, every: 1h}}"},
		{"version: 1", "version: 1\nquestions: {q: {ask: {en: a, fr: a}, chain: [lead], every: 1h}}"},
		{"version: 1", "version: 1\nquestions: {q: {within: 1h, chain: [lead], every: 1h}}"},
	} {
		if _, err := Parse("p", []byte(strings.Replace(small, c.old, c.new, 1))); err == nil {
			t.Errorf("%s -> %s: taken, though the schema says it is needed", c.old, c.new)
		}
	}
}

// validFile checks YAML against a schema.
func validFile(s map[string]any, src []byte) error {
	var doc any
	if err := yaml.Unmarshal(src, &doc); err != nil {
		return err
	}
	return valid(s, plainValue(doc), "$")
}

// plainValue makes keys texts and dates what they are written as, as editors see them.
func plainValue(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, x := range v {
			out[k] = plainValue(x)
		}
		return out
	case map[any]any:
		out := map[string]any{}
		for k, x := range v {
			if day, is := k.(time.Time); is {
				k = day.Format(time.DateOnly)
			}
			out[fmt.Sprint(k)] = plainValue(x)
		}
		return out
	case time.Time:
		return v.Format(time.DateOnly)
	case []any:
		for i := range v {
			v[i] = plainValue(v[i])
		}
	}
	return v
}

// valid is as much of JSON Schema 2020-12 as the published one uses; anything else in it fails.
func valid(s map[string]any, v any, at string) error {
	for key, rule := range s {
		ok := true
		switch key {
		case "$schema", "title", "description":
		case "type":
			kinds, many := rule.([]any)
			if !many {
				kinds = []any{rule}
			}
			ok = slices.ContainsFunc(kinds, func(k any) bool { return isKind(k.(string), v) })
		case "enum":
			ok = slices.ContainsFunc(rule.([]any), func(x any) bool { return fmt.Sprint(x) == fmt.Sprint(v) && isKind("string", x) == isKind("string", v) })
		case "anyOf":
			ok = slices.ContainsFunc(rule.([]any), func(x any) bool { return valid(x.(map[string]any), v, at) == nil })
		case "pattern":
			if text, is := v.(string); is {
				ok = regexp.MustCompile(rule.(string)).MatchString(text)
			}
		case "minLength", "maxLength":
			if text, is := v.(string); is {
				n := float64(utf8.RuneCountInString(text))
				ok = key == "minLength" && n >= rule.(float64) || key == "maxLength" && n <= rule.(float64)
			}
		case "minimum", "maximum", "exclusiveMinimum":
			if isKind("number", v) {
				n, limit := toFloat(v), rule.(float64)
				ok = key == "minimum" && n >= limit || key == "maximum" && n <= limit || key == "exclusiveMinimum" && n > limit
			}
		case "maxItems":
			if list, is := v.([]any); is {
				ok = len(list) <= int(rule.(float64))
			}
		case "maxProperties":
			if m, is := v.(map[string]any); is {
				ok = len(m) <= int(rule.(float64))
			}
		case "items":
			if list, is := v.([]any); is {
				for i, x := range list {
					if err := valid(rule.(map[string]any), x, fmt.Sprintf("%s[%d]", at, i)); err != nil {
						return err
					}
				}
			}
		case "required":
			if m, is := v.(map[string]any); is {
				for _, k := range rule.([]any) {
					if _, there := m[k.(string)]; !there {
						return fmt.Errorf("%s lacks %s", at, k)
					}
				}
			}
		case "propertyNames":
			if m, is := v.(map[string]any); is {
				for k := range m {
					if err := valid(rule.(map[string]any), k, at+" key "+k); err != nil {
						return err
					}
				}
			}
		case "properties", "additionalProperties":
			m, is := v.(map[string]any)
			if !is || key == "properties" {
				if is {
					for k, sub := range rule.(map[string]any) {
						if x, there := m[k]; there {
							if err := valid(sub.(map[string]any), x, at+"."+k); err != nil {
								return err
							}
						}
					}
				}
				continue
			}
			known, _ := s["properties"].(map[string]any)
			for k, x := range m {
				if _, there := known[k]; there {
					continue
				}
				sub, open := rule.(map[string]any)
				if !open {
					return fmt.Errorf("%s has an unknown key %s", at, k)
				}
				if err := valid(sub, x, at+"."+k); err != nil {
					return err
				}
			}
		default:
			return fmt.Errorf("the schema uses %q, which nobody checks", key)
		}
		if !ok {
			return fmt.Errorf("%s: %v breaks %s %v", at, v, key, rule)
		}
	}
	return nil
}

func isKind(kind string, v any) bool {
	switch v := v.(type) {
	case string:
		return kind == "string"
	case bool:
		return kind == "boolean"
	case int, int64, uint64:
		return kind == "integer" || kind == "number"
	case float64:
		return kind == "number" || kind == "integer" && v == math.Trunc(v)
	case []any:
		return kind == "array"
	case map[string]any:
		return kind == "object"
	}
	return false
}

func toFloat(v any) float64 {
	var f float64
	_, _ = fmt.Sscan(fmt.Sprint(v), &f)
	return f
}

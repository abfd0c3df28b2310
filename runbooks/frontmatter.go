package runbooks

import (
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/tocsin-bot/tocsin/bot/catalog"
)

type stepMeta struct {
	kind     Kind
	phase    Phase
	minutes  int
	who      []string
	approval string
	fourEyes bool
	notify   []string
	clocks   []Clock
	line     int
}

// field is one key of a mapping with its value.
type field struct {
	key   string
	value *yaml.Node
	line  int
}

// front reads the YAML between the two --- lines; its first line is line 2 of the file.
func (p *parser) front(text string) {
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		line, message := 1, err.Error()
		if one := (*yaml.LoadError)(nil); errors.As(err, &one) {
			line, message = one.Mark.Line, one.Message
		}
		p.fail(line+1, "", "yaml", "why", catalog.Term(catalog.YAMLReason(message)))
		return
	}
	if len(doc.Content) != 1 || doc.Content[0].Kind != yaml.MappingNode {
		p.fail(2, "", "yaml-fields", "example", "name: value")
		return
	}
	known := []string{"id", "title", "severity", "alerts", "services", "joins", "symptoms", "owner", "language", "reviewed_on", "review_every", "parameters", "steps"}
	r := p.rb
	r.ReviewEvery = 92 // quarterly
	fields := p.fields("", doc.Content[0], known)
	for _, f := range fields {
		r.lines[f.key] = f.line
		switch f.key {
		case "id":
			if r.ID = p.scalar(f); r.ID != "" && !idPattern.MatchString(r.ID) {
				p.fail(f.line, f.key, "id", "v", r.ID)
			}
		case "title":
			r.Title = p.scalar(f)
		case "severity":
			if r.Severity = p.scalar(f); !contains([]string{"SEV-1", "SEV-2", "SEV-3", "SEV-4"}, r.Severity) {
				p.fail(f.line, f.key, "severity", "v", r.Severity)
			}
		case "alerts":
			r.Alerts = p.list(f)
		case "services":
			r.Services = p.list(f)
		case "joins":
			r.Joins = p.signals(f, "joins")
		case "symptoms":
			r.Symptoms = p.list(f)
			if n := len(r.Symptoms); n > MaxSymptoms {
				p.fail(f.line, f.key, "too-many-symptoms", "n", n, "max", MaxSymptoms)
			}
			for _, s := range r.Symptoms {
				if n := len([]rune(s)); n > MaxSymptom {
					p.fail(f.line, f.key, "long-symptom", "v", string([]rune(s)[:40])+"…", "max", MaxSymptom)
				}
			}
		case "owner":
			r.Owner = p.role(f)
		case "language":
			if r.Language = p.scalar(f); !contains(Languages(), r.Language) {
				p.fail(f.line, f.key, "language", "v", r.Language)
			}
		case "reviewed_on":
			v := p.scalar(f)
			d, err := time.Parse(time.DateOnly, v)
			if err != nil {
				p.fail(f.line, f.key, "date", "v", v)
			}
			r.ReviewedOn = d
		case "review_every":
			v := p.scalar(f)
			d, err := parseSpan(v)
			if err != nil || d < 24*time.Hour || d%(24*time.Hour) != 0 {
				p.fail(f.line, f.key, "days", "v", v)
			}
			r.ReviewEvery = int(d / (24 * time.Hour))
		case "parameters":
			p.parameters(f)
		case "steps":
			p.stepMetas(f)
		}
	}
	for _, must := range []string{"id", "title", "severity", "alerts", "owner", "language", "reviewed_on", "steps"} {
		if _, ok := r.lines[must]; !ok {
			p.fail(1, must, "missing", "line", must+": …")
		}
	}
}

// fields returns the keys of a mapping, refusing unknown, repeated and aliased ones.
func (p *parser) fields(path string, n *yaml.Node, known []string) []field {
	var out []field
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		line := k.Line + 1
		name := path + k.Value
		switch {
		case k.Kind != yaml.ScalarNode || v.Kind == yaml.AliasNode || v.Anchor != "" || k.Anchor != "" || k.Value == "<<":
			p.fail(line, name, "yaml-alias")
		case known != nil && !contains(known, k.Value):
			p.fail(line, name, "unknown-field", "mean", didYouMean(k.Value, known))
		case seen[k.Value]:
			p.fail(line, name, "field-twice")
		default:
			seen[k.Value] = true
			out = append(out, field{name, v, line})
		}
	}
	return out
}

func (p *parser) scalar(f field) string {
	if f.value.Kind != yaml.ScalarNode || strings.TrimSpace(f.value.Value) == "" {
		p.fail(f.line, f.key, "no-value")
		return ""
	}
	return strings.TrimSpace(f.value.Value)
}

func (p *parser) list(f field) []string {
	if f.value.Kind != yaml.SequenceNode {
		p.fail(f.line, f.key, "list")
		return nil
	}
	var out []string
	for _, c := range f.value.Content {
		v := strings.TrimSpace(c.Value)
		switch {
		case c.Kind != yaml.ScalarNode || v == "":
			p.fail(c.Line+1, f.key, "list-item")
		case contains(out, v):
			p.fail(c.Line+1, f.key, "list-twice", "v", v)
		default:
			out = append(out, v)
		}
	}
	return out
}

// signals reads alerts, each with a span of time: of joins how long after the declaration, of spent what has passed when it fires.
func (p *parser) signals(f field, fault string) (out []Signal) {
	if f.value.Kind != yaml.MappingNode {
		p.fail(f.line, f.key, fault, "example", "BackupFailed: 24h")
		return nil
	}
	for _, g := range p.fields("", f.value, nil) {
		d, err := parseSpan(p.scalar(g))
		if err != nil || d <= 0 || d > MaxJoins {
			p.fail(g.line, f.key+"."+g.key, fault, "example", g.key+": 24h")
			continue
		}
		out = append(out, Signal{Alert: g.key, Within: d})
	}
	slices.SortFunc(out, func(a, b Signal) int { return strings.Compare(a.Alert, b.Alert) })
	return out
}

func (p *parser) role(f field) string {
	v := p.scalar(f)
	p.roleName(f, v)
	return v
}

func (p *parser) roleName(f field, v string) {
	if v != "" && !namePattern.MatchString(v) {
		p.fail(f.line, f.key, "role", "v", v)
	}
}

func (p *parser) boolean(f field) bool {
	v := p.scalar(f)
	if v != "true" && v != "false" && v != "" {
		p.fail(f.line, f.key, "boolean", "v", v)
	}
	return v == "true"
}

func (p *parser) parameters(f field) {
	if f.value.Kind != yaml.MappingNode {
		p.fail(f.line, f.key, "parameters", "example", "name:")
		return
	}
	known := []string{"what", "pattern", "in_words", "quoting", "example", "from"}
	for _, g := range p.fields("", f.value, nil) {
		q := Parameter{Name: g.key, Line: g.line}
		at := "parameters." + q.Name
		if !namePattern.MatchString(q.Name) {
			p.fail(g.line, at, "parameter-name")
		}
		if g.value.Kind != yaml.MappingNode {
			p.fail(g.line, at, "parameter-fields")
			continue
		}
		pattern := ""
		have := map[string]bool{}
		for _, h := range p.fields(at+".", g.value, known) {
			name := strings.TrimPrefix(h.key, at+".")
			have[name] = true
			switch name {
			case "what":
				q.What = p.scalar(h)
			case "pattern":
				pattern = p.scalar(h)
				if _, err := regexp.Compile(pattern); err != nil {
					p.fail(h.line, h.key, "pattern", "why", err.Error())
				} else if q.Pattern = regexp.MustCompile(`\A(?:` + pattern + `)\z`); q.Pattern.MatchString("") {
					p.fail(h.line, h.key, "pattern-empty")
				}
			case "in_words":
				q.InWords = p.scalar(h)
			case "quoting":
				for _, v := range p.list(h) {
					if !contains([]Quoting{Shell, SQL, Text}, Quoting(v)) {
						p.fail(h.line, h.key, "quoting", "v", v)
					}
					q.Quoting = append(q.Quoting, Quoting(v))
				}
			case "example":
				q.Example = p.scalar(h)
			case "from":
				q.From = p.list(h)
			}
		}
		for _, must := range known[:5] {
			if !have[must] {
				p.fail(g.line, at, "lacks", "field", must)
			}
		}
		if q.Pattern != nil && q.Example != "" {
			if err := q.Check(q.Example); err != nil {
				p.fail(g.line, at+".example", "example-unfit")
			}
		}
		p.rb.Parameters = append(p.rb.Parameters, q)
	}
	if len(p.rb.Parameters) > MaxParameters {
		p.fail(f.line, f.key, "too-many-parameters", "n", len(p.rb.Parameters), "max", MaxParameters)
	}
}

func (p *parser) stepMetas(f field) {
	p.meta = map[string]stepMeta{}
	if f.value.Kind != yaml.MappingNode {
		p.fail(f.line, f.key, "steps", "example", "id: "+stepExample)
		return
	}
	known := []string{"kind", "minutes", "phase", "who", "approval", "four_eyes", "notify", "clocks"}
	for _, g := range p.fields("", f.value, nil) {
		id, at := g.key, "steps."+g.key
		if !stepPattern.MatchString(id) {
			p.fail(g.line, at, "step-id")
		}
		m := stepMeta{phase: During, line: g.line}
		if g.value.Kind != yaml.MappingNode {
			p.fail(g.line, at, "step-fields", "example", stepExample)
			continue
		}
		have := map[string]bool{}
		for _, h := range p.fields(at+".", g.value, known) {
			name := strings.TrimPrefix(h.key, at+".")
			have[name] = true
			switch name {
			case "kind":
				if m.kind = Kind(p.scalar(h)); !contains([]Kind{Diagnosis, Mitigation, Replay, Destructive, Notify}, m.kind) {
					p.fail(h.line, h.key, "kind", "v", string(m.kind))
				}
			case "minutes":
				v := p.scalar(h)
				n, err := strconv.Atoi(v)
				if err != nil || n < 1 || n > 10000 {
					p.fail(h.line, h.key, "minutes", "v", v)
				}
				m.minutes = n
			case "phase":
				if m.phase = Phase(p.scalar(h)); m.phase != During && m.phase != After {
					p.fail(h.line, h.key, "phase", "v", string(m.phase))
				}
			case "who":
				m.who = p.list(h)
				for _, v := range m.who {
					p.roleName(h, v)
				}
			case "approval":
				m.approval = p.role(h)
			case "four_eyes":
				m.fourEyes = p.boolean(h)
			case "notify":
				m.notify = p.list(h)
				for _, v := range m.notify {
					p.roleName(h, v)
				}
			case "clocks":
				m.clocks = p.clocks(h, id)
			}
		}
		for _, must := range known[:2] {
			if !have[must] {
				p.fail(g.line, at, "step-lacks", "field", must, "example", stepExample)
			}
		}
		p.meta[id] = m
		p.order = append(p.order, id)
	}
}

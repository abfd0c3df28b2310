package policy

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// reader walks the tree of one file and collects what is wrong with it.
type reader struct {
	file   string
	faults Faults
	lines  map[string]int // field -> line, to place what is found after the walk
	shapes shapes         // nil: nobody wants to know
	top    *yaml.Node     // the whole, once it is read
}

// maxSource is the largest policy file read, in bytes.
const maxSource = 512 << 10

// maxDuration is the longest deadline that can be meant.
const maxDuration = 30 * 24 * time.Hour

// fault keeps what is wrong; key and args as in Fault.
func (r *reader) fault(line int, field, key string, args with) {
	r.faults = append(r.faults, Fault{r.file, line, field, key, args})
}

// root parses the source into the one mapping it must be; nil after a fault that leaves nothing to walk.
func (r *reader) root(src []byte) *yaml.Node {
	if len(src) > maxSource {
		r.fault(0, "", "too-big", with{"n": catalog.Int(len(src)), "most": catalog.Int(maxSource)})
		return nil
	}
	dec := yaml.NewDecoder(bytes.NewReader(src))
	var doc yaml.Node
	switch err := dec.Decode(&doc); {
	case errors.Is(err, io.EOF) || err == nil && len(doc.Content) == 0:
		r.fault(0, "", "empty-file", with{"line": firstLine})
		return nil
	case err != nil:
		r.syntax(src, err)
		return nil
	}
	var second yaml.Node
	switch err := dec.Decode(&second); {
	case errors.Is(err, io.EOF):
	case err != nil:
		r.syntax(src, err)
	default:
		r.fault(second.Line, "", "second-document", nil)
	}
	return doc.Content[0]
}

// plain refuses what makes a value mean something else than what stands there: aliases, explicit tags, nothing at all.
func (r *reader) plain(n *yaml.Node, field string) bool {
	if _, known := r.lines[field]; !known {
		r.lines[field] = n.Line
	}
	switch {
	case n.Kind == yaml.AliasNode:
		r.fault(n.Line, field, "alias", with{"name": said("*" + n.Value)})
	case n.Style&yaml.TaggedStyle != 0:
		r.fault(n.Line, field, "tag", with{"name": said(n.Tag)})
	case n.Kind == yaml.ScalarNode && n.Tag == "!!null":
		r.fault(n.Line, field, "no-value", nil)
	default:
		return true
	}
	return false
}

// entries walks a mapping in its order: each key once.
func (r *reader) entries(n *yaml.Node, field string, limit int, each func(key string, k, v *yaml.Node, field string)) {
	r.as(n, shape{kind: "map", most: limit, hasLimit: true})
	if !r.plain(n, field) {
		return
	}
	if n.Kind != yaml.MappingNode {
		r.fault(n.Line, field, "not-mapping", with{"form": entryForm})
		return
	}
	if len(n.Content)/2 > limit {
		r.fault(n.Line, field, "too-many", with{"n": catalog.Int(len(n.Content) / 2), "most": catalog.Int(limit)})
		return
	}
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		if k.Kind != yaml.ScalarNode {
			r.fault(k.Line, field, "key-not-name", with{"form": entryForm})
			continue
		}
		sub := join(field, k.Value)
		if first, twice := seen[k.Value]; twice {
			r.fault(k.Line, sub, "twice", with{"line": catalog.Int(first)})
			continue
		}
		seen[k.Value] = k.Line
		r.lines[sub] = k.Line
		each(k.Value, k, v, sub)
	}
}

// fields are the keys a mapping may have, and how each is read.
type fields map[string]func(v *yaml.Node, field string)

// object walks a mapping whose keys are all known.
func (r *reader) object(n *yaml.Node, field string, known fields) {
	r.as(n, shape{kind: "object", keys: sortedKeys(known)})
	r.entries(n, field, 200, func(key string, k, v *yaml.Node, sub string) {
		read, ok := known[key]
		if !ok {
			r.fault(k.Line, sub, "unknown", with{"known": listed(sortedKeys(known)...)})
			return
		}
		read(v, sub)
	})
}

// list walks a sequence.
func (r *reader) list(n *yaml.Node, field string, limit int, each func(v *yaml.Node, field string)) {
	r.as(n, shape{kind: "list", most: limit, hasLimit: true})
	if !r.plain(n, field) {
		return
	}
	if n.Kind != yaml.SequenceNode {
		r.fault(n.Line, field, "not-list", with{"form": catalog.Literal("[a, b]")})
		return
	}
	if len(n.Content) > limit {
		r.fault(n.Line, field, "too-many", with{"n": catalog.Int(len(n.Content)), "most": catalog.Int(limit)})
		return
	}
	for i, v := range n.Content {
		each(v, fmt.Sprintf("%s[%d]", field, i))
	}
}

// scalar returns the text of a single value.
func (r *reader) scalar(n *yaml.Node, field string) (string, bool) {
	r.as(n, shape{kind: "scalar"})
	if !r.plain(n, field) {
		return "", false
	}
	if n.Kind != yaml.ScalarNode {
		r.fault(n.Line, field, "not-single", nil)
		return "", false
	}
	return n.Value, true
}

// text reads a text of 1 to limit characters.
func (r *reader) text(n *yaml.Node, field string, limit int) string {
	r.as(n, shape{kind: "text", least: 1, most: limit, hasLimit: true})
	s, ok := r.scalar(n, field)
	if !ok {
		return ""
	}
	clean := incident.Clip(s, 0)
	switch {
	case clean == "":
		r.fault(n.Line, field, "text-empty", nil)
	case clean != strings.TrimSpace(s):
		r.fault(n.Line, field, "text-controls", nil)
	case len([]rune(clean)) > limit:
		r.fault(n.Line, field, "text-long", with{"n": catalog.Int(len([]rune(clean))), "most": catalog.Int(limit)})
	default:
		return clean
	}
	return ""
}

// oneOf reads one of a few words.
func (r *reader) oneOf(n *yaml.Node, field string, words ...string) string {
	r.as(n, shape{kind: "word", words: words})
	s, ok := r.scalar(n, field)
	if ok && !slices.Contains(words, s) {
		r.fault(n.Line, field, "not-one-of", with{"got": said(s), "words": listed(words...)})
		return ""
	}
	return s
}

// flag reads true or false.
func (r *reader) flag(n *yaml.Node, field string) bool {
	r.as(n, shape{kind: "flag"})
	return r.oneOf(n, field, "true", "false") == "true"
}

// duration reads a positive duration with its unit.
func (r *reader) duration(n *yaml.Node, field string) time.Duration {
	r.as(n, shape{kind: "duration"})
	s, ok := r.scalar(n, field)
	if !ok {
		return 0
	}
	d, err := time.ParseDuration(s)
	switch {
	case err != nil:
		r.fault(n.Line, field, "not-duration", with{"got": said(s)})
	case d <= 0:
		r.fault(n.Line, field, "no-time", with{"got": said(s)})
	case d > maxDuration:
		r.fault(n.Line, field, "too-long", with{"got": said(s)})
	default:
		return d
	}
	return 0
}

// severity reads "SEV-1" to "SEV-4".
func (r *reader) severity(n *yaml.Node, field string) incident.Severity {
	r.as(n, shape{kind: "word", words: severityWords})
	s, ok := r.scalar(n, field)
	if !ok {
		return 0
	}
	sev, ok := parseSeverity(s)
	if !ok {
		r.fault(n.Line, field, "not-a-severity", with{"got": said(s)})
	}
	return sev
}

var severityWords = []string{incident.SEV1.String(), incident.SEV2.String(), incident.SEV3.String(), incident.SEV4.String()}

func parseSeverity(s string) (incident.Severity, bool) {
	for sev := incident.SEV1; sev <= incident.SEV4; sev++ {
		if s == sev.String() {
			return sev, true
		}
	}
	return 0, false
}

// line is where a field stands: its own line, else that of the nearest part it is in.
func (r *reader) line(field string) int {
	for field != "" {
		if l, ok := r.lines[field]; ok {
			return l
		}
		i := strings.LastIndexAny(field, ".[")
		if i < 0 {
			break
		}
		field = field[:i]
	}
	return 0
}

func join(field, key string) string {
	if field == "" {
		return show(key)
	}
	return field + "." + show(key)
}

// show makes a text of the file safe and short enough for a message.
func show(s string) string {
	return strings.Join(strings.Fields(incident.Clip(s, 60)), " ")
}

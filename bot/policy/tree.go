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

	"github.com/tocsin-bot/tocsin/bot/incident"
)

// reader walks the tree of one file and collects what is wrong with it.
type reader struct {
	file   string
	faults Faults
	lines  map[string]int // field -> line, to place what is found after the walk
}

// maxSource is the largest policy file read, in bytes.
const maxSource = 512 << 10

// maxDuration is the longest deadline that can be meant.
const maxDuration = 30 * 24 * time.Hour

func (r *reader) fault(line int, field, what, mend string) {
	r.faults = append(r.faults, Fault{r.file, line, field, what, mend})
}

// root parses the source into the one mapping it must be; nil after a fault that leaves nothing to walk.
func (r *reader) root(src []byte) *yaml.Node {
	if len(src) > maxSource {
		r.fault(0, "", fmt.Sprintf("the file has %d bytes", len(src)), fmt.Sprintf("a policy has at most %d", maxSource))
		return nil
	}
	dec := yaml.NewDecoder(bytes.NewReader(src))
	var doc yaml.Node
	switch err := dec.Decode(&doc); {
	case errors.Is(err, io.EOF) || err == nil && len(doc.Content) == 0:
		r.fault(0, "", "the file is empty", "begin with \"version: 1\"")
		return nil
	case err != nil:
		r.syntax(err)
		return nil
	}
	var second yaml.Node
	switch err := dec.Decode(&second); {
	case errors.Is(err, io.EOF):
	case err != nil:
		r.syntax(err)
	default:
		r.fault(second.Line, "", "a second document begins here and would be ignored", "keep one document per file and remove the \"---\" between them")
	}
	return doc.Content[0]
}

func (r *reader) syntax(err error) {
	var one *yaml.LoadError
	if errors.As(err, &one) {
		r.fault(one.Mark.Line, "", "not YAML: "+show(one.Message), "mind indentation and quotes")
		return
	}
	r.fault(0, "", "not YAML: "+show(err.Error()), "mind indentation and quotes")
}

// plain refuses what makes a value mean something else than what stands there: aliases, explicit tags, nothing at all.
func (r *reader) plain(n *yaml.Node, field string) bool {
	if _, known := r.lines[field]; !known {
		r.lines[field] = n.Line
	}
	switch {
	case n.Kind == yaml.AliasNode:
		r.fault(n.Line, field, "an alias (*"+show(n.Value)+")", "write the value out, so that every line can be read alone")
	case n.Style&yaml.TaggedStyle != 0:
		r.fault(n.Line, field, "a tag ("+show(n.Tag)+")", "remove it; values need no tags here")
	case n.Kind == yaml.ScalarNode && n.Tag == "!!null":
		r.fault(n.Line, field, "there is no value", "write one, or remove the line")
	default:
		return true
	}
	return false
}

// entries walks a mapping in its order: each key once.
func (r *reader) entries(n *yaml.Node, field string, limit int, each func(key string, k, v *yaml.Node, field string)) {
	if !r.plain(n, field) {
		return
	}
	if n.Kind != yaml.MappingNode {
		r.fault(n.Line, field, "not a mapping", "write \"name: value\" lines below it")
		return
	}
	if len(n.Content)/2 > limit {
		r.fault(n.Line, field, fmt.Sprintf("%d entries", len(n.Content)/2), fmt.Sprintf("at most %d are read", limit))
		return
	}
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		if k.Kind != yaml.ScalarNode {
			r.fault(k.Line, field, "a key that is not a name", "write \"name: value\"")
			continue
		}
		sub := join(field, k.Value)
		if first, twice := seen[k.Value]; twice {
			r.fault(k.Line, sub, fmt.Sprintf("written twice, first in line %d", first), "keep one of them")
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
	r.entries(n, field, 200, func(key string, k, v *yaml.Node, sub string) {
		read, ok := known[key]
		if !ok {
			r.fault(k.Line, sub, "unknown", "known here: "+strings.Join(sortedKeys(known), ", "))
			return
		}
		read(v, sub)
	})
}

// list walks a sequence.
func (r *reader) list(n *yaml.Node, field string, limit int, each func(v *yaml.Node, field string)) {
	if !r.plain(n, field) {
		return
	}
	if n.Kind != yaml.SequenceNode {
		r.fault(n.Line, field, "not a list", "write [a, b]")
		return
	}
	if len(n.Content) > limit {
		r.fault(n.Line, field, fmt.Sprintf("%d entries", len(n.Content)), fmt.Sprintf("at most %d are read", limit))
		return
	}
	for i, v := range n.Content {
		each(v, fmt.Sprintf("%s[%d]", field, i))
	}
}

// scalar returns the text of a single value.
func (r *reader) scalar(n *yaml.Node, field string) (string, bool) {
	if !r.plain(n, field) {
		return "", false
	}
	if n.Kind != yaml.ScalarNode {
		r.fault(n.Line, field, "not a single value", "write one value on this line")
		return "", false
	}
	return n.Value, true
}

// text reads a text of 1 to limit characters.
func (r *reader) text(n *yaml.Node, field string, limit int) string {
	s, ok := r.scalar(n, field)
	if !ok {
		return ""
	}
	clean := incident.Clip(s, 0)
	switch {
	case clean == "":
		r.fault(n.Line, field, "empty", "write a text, or remove the line")
	case clean != strings.TrimSpace(s):
		r.fault(n.Line, field, "has control or direction characters in it", "type it anew")
	case len([]rune(clean)) > limit:
		r.fault(n.Line, field, fmt.Sprintf("%d characters", len([]rune(clean))), fmt.Sprintf("at most %d", limit))
	default:
		return clean
	}
	return ""
}

// oneOf reads one of a few words.
func (r *reader) oneOf(n *yaml.Node, field string, words ...string) string {
	s, ok := r.scalar(n, field)
	if ok && !slices.Contains(words, s) {
		r.fault(n.Line, field, quote(s), "write one of: "+strings.Join(words, ", "))
		return ""
	}
	return s
}

// flag reads true or false.
func (r *reader) flag(n *yaml.Node, field string) bool {
	return r.oneOf(n, field, "true", "false") == "true"
}

// duration reads a positive duration with its unit.
func (r *reader) duration(n *yaml.Node, field string) time.Duration {
	s, ok := r.scalar(n, field)
	if !ok {
		return 0
	}
	d, err := time.ParseDuration(s)
	switch {
	case err != nil:
		r.fault(n.Line, field, quote(s)+" is not a duration", "write it with its unit: 45s, 5m, 1h30m, 24h")
	case d <= 0:
		r.fault(n.Line, field, quote(s)+" is no time at all", "write a positive duration; remove the line where there is no such deadline")
	case d > maxDuration:
		r.fault(n.Line, field, quote(s)+" is longer than 30 days", "nobody waits that long for an incident: write less than 720h")
	default:
		return d
	}
	return 0
}

// severity reads "SEV-1" to "SEV-4".
func (r *reader) severity(n *yaml.Node, field string) incident.Severity {
	s, ok := r.scalar(n, field)
	if !ok {
		return 0
	}
	sev, ok := parseSeverity(s)
	if !ok {
		r.fault(n.Line, field, quote(s)+" is not a severity", "write SEV-1, SEV-2, SEV-3 or SEV-4")
	}
	return sev
}

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

func quote(s string) string { return fmt.Sprintf("%q", show(s)) }

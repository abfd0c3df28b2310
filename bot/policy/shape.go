package policy

import (
	"regexp"

	"go.yaml.in/yaml/v4"
)

// shape is what the reader takes at a place of the file, as it says itself while it reads: the published schema is made of these.
type shape struct {
	kind     string   // "object" (Keys are all it may have), "map" (any keys), "list", "text", "word", "flag", "duration", "number", "whole", "scalar"
	keys     []string // of an object; of a map with a fixed set of keys
	words    []string // of a word
	form     *regexp.Regexp
	most     int // entries of a map or a list, characters of a text, the largest whole number
	least    int
	hasLimit bool
}

// shapes keeps what was read how, by node; only the test that writes the schema wants it.
type shapes map[*yaml.Node]shape

// as says how n is read. The first word counts: whoever knows best calls first.
func (r *reader) as(n *yaml.Node, s shape) {
	if r.shapes == nil {
		return
	}
	if _, known := r.shapes[n]; !known {
		r.shapes[n] = s
	}
}

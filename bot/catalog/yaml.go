package catalog

import "strings"

// yamlReasons are what a YAML reader (go.yaml.in/yaml) says, in English only, and our words for it. The first that fits counts.
var yamlReasons = []struct {
	key   string // "policy.yaml." and this
	words []string
}{
	{"tab", []string{"tab character", "tabs"}},
	{"bracket", []string{"',' or ']'"}},
	{"brace", []string{"',' or '}'"}},
	{"escape", []string{"escape", "hexadecimal"}},
	{"encoding", []string{"control characters", "octet", "Unicode", "UTF-", "surrogate", "character sequence"}},
	{"directive", []string{"directive", "version number", "<document start>", "document-end"}},
	{"quote", []string{"end of stream", "document indicator"}},
	{"colon", []string{"mapping values", "mapping keys"}},
	{"no-colon", []string{"expected ':'"}},
	{"dash", []string{"block sequence entries"}},
	{"sign", []string{"cannot start any token"}},
	{"anchor", []string{"anchor", "alphabetic or numeric"}},
	{"tag", []string{"tag", "'!'", "'>'"}},
	{"indent", []string{"expected key", "'-' indicator", "indentation", "node content", "line break", "whitespace"}},
	{"deep", []string{"exceeded", "increasing"}},
}

// YAMLReason is the key of our words for why a YAML reader could not read a file, by its own message: "policy.yaml.tab". What we have no words
// for is "policy.yaml.other".
func YAMLReason(message string) string {
	for _, r := range yamlReasons {
		for _, w := range r.words {
			if strings.Contains(message, w) {
				return "policy.yaml." + r.key
			}
		}
	}
	return "policy.yaml.other"
}

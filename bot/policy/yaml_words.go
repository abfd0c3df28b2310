package policy

import (
	"bytes"
	"errors"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"

	"github.com/tocsin-bot/tocsin/bot/catalog"
)

// yamlReasons say what the YAML reader could not read: its words, which it has in English only, and ours. The first that fits counts.
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

// syntax keeps that the source is no YAML, and why.
func (r *reader) syntax(src []byte, err error) {
	line, message := 0, err.Error()
	var one *yaml.LoadError
	if errors.As(err, &one) {
		line, message = one.Mark.Line, one.Message
	}
	reason := "other"
	for i := 0; i < len(yamlReasons) && reason == "other"; i++ {
		for _, w := range yamlReasons[i].words {
			if strings.Contains(message, w) {
				reason = yamlReasons[i].key
				break
			}
		}
	}
	if reason == "encoding" && line == 0 {
		line = unreadable(src)
	}
	r.fault(line, "", "not-yaml", with{"why": catalog.Term("policy.yaml." + reason)})
}

// unreadable is the line of the first character that no text has; 0: there is none.
func unreadable(src []byte) int {
	for at := 0; at < len(src); {
		c, size := utf8.DecodeRune(src[at:])
		if c == utf8.RuneError && size < 2 || c < ' ' && c != '\t' && c != '\n' && c != '\r' || c == 0x7f {
			return 1 + bytes.Count(src[:at], []byte("\n"))
		}
		at += size
	}
	return 0
}

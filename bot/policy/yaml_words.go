package policy

import (
	"bytes"
	"errors"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"

	"github.com/tocsin-bot/tocsin/bot/catalog"
)

// syntax keeps that the source is no YAML, and why.
func (r *reader) syntax(src []byte, err error) {
	line, message := 0, err.Error()
	var one *yaml.LoadError
	if errors.As(err, &one) {
		line, message = one.Mark.Line, one.Message
	}
	reason := catalog.YAMLReason(message)
	if reason == "policy.yaml.encoding" && line == 0 {
		line = unreadable(src)
	}
	r.fault(line, "", "not-yaml", with{"why": catalog.Term(reason)})
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

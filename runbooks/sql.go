package runbooks

import (
	"regexp"
	"strings"
)

var dollarTag = regexp.MustCompile(`^\$(?:[A-Za-z_][A-Za-z0-9_]*)?\$`)

// scanSQL reads PostgreSQL statements as far as quoting goes (manual, section 4.1 "Lexical Structure"): strings, quoted names, dollar
// quotes, comments, parentheses.
func scanSQL(code string) ([]slot, *scanError) {
	var slots []slot
	line, open := 0, 0
	ended := true // nothing since the last semicolon
	fail := func(key string, args ...any) ([]slot, *scanError) {
		return nil, &scanError{line: line, key: key, args: argsOf(args...)}
	}
	skip := func(i, n int) int { // to the last byte of a token of n bytes
		line += strings.Count(code[i:i+n], "\n")
		return i + n - 1
	}
	for i := 0; i < len(code); i++ {
		rest := code[i:]
		ch := code[i]
		switch {
		case ch == '\n':
			line++
		case ch == ' ' || ch == '\t':
		case strings.HasPrefix(rest, "--"):
			n := strings.IndexByte(rest, '\n')
			if n < 0 {
				n = len(rest)
			}
			i = skip(i, n)
		case strings.HasPrefix(rest, "/*"):
			n := strings.Index(rest[2:], "*/")
			if n < 0 {
				return fail("comment-open", "close", "*/")
			}
			if inner := rest[2 : 2+n]; strings.Contains(inner, "/*") || strings.HasSuffix(inner, "/") { // the latter reads "/*" together with the end
				return fail("comment-nested")
			}
			i = skip(i, n+4)
		case ch == '\'':
			escapes := i > 0 && (code[i-1] == 'e' || code[i-1] == 'E') && (i < 2 || !wordByte(code[i-2]))
			n := quoted(rest, '\'', escapes)
			if n < 0 {
				return fail("string-open")
			}
			ended = false
			i = skip(i, n)
		case ch == '"':
			n := quoted(rest, '"', false)
			if n < 0 {
				return fail("name-open")
			}
			ended = false
			i = skip(i, n)
		case ch == '$' && (i == 0 || !wordByte(code[i-1])) && dollarTag.MatchString(rest):
			tag := dollarTag.FindString(rest)
			n := strings.Index(rest[len(tag):], tag)
			if n < 0 {
				return fail("dollar-open", "tag", tag)
			}
			ended = false
			i = skip(i, len(tag)*2+n)
		case ch == '(':
			open++
			ended = false
		case ch == ')':
			if open--; open < 0 {
				return fail("paren-sql")
			}
		case ch == ';':
			if open > 0 {
				return fail("paren-open")
			}
			ended = true
		case ch == '\\':
			return fail("backslash-sql")
		case strings.HasPrefix(rest, "{{"):
			m := placeholder.FindStringSubmatchIndex(rest)
			if m == nil || m[0] != 0 {
				return fail("braces", "open", "{{", "example", "{{name}}")
			}
			name := rest[m[2]:m[3]]
			if i > 0 && !strings.ContainsRune(" \t\n(,=<>|+-*/", rune(code[i-1])) {
				return fail("slot-sql-after", "slot", "{{"+name+"}}", "char", string(code[i-1]))
			}
			if j := i + m[1]; j < len(code) && !strings.ContainsRune(" \t\n),;:=<>|+-*/", rune(code[j])) {
				return fail("slot-sql-before", "slot", "{{"+name+"}}", "char", string(code[j]))
			}
			slots = append(slots, slot{name: name, start: i, end: i + m[1]})
			ended = false
			i += m[1] - 1
		default:
			ended = false
		}
	}
	switch {
	case open > 0:
		return fail("paren-open-end")
	case !ended:
		return fail("semicolon")
	}
	return slots, nil
}

// quoted returns the length of the quoted token at the start of s, -1 when it does not end. A doubled quote stays inside.
func quoted(s string, quote byte, escapes bool) int {
	for i := 1; i < len(s); i++ {
		switch {
		case escapes && s[i] == '\\':
			i++
		case s[i] == quote && i+1 < len(s) && s[i+1] == quote:
			i++
		case s[i] == quote:
			return i + 1
		}
	}
	return -1
}

func wordByte(b byte) bool {
	return b == '_' || b == '$' || b >= 0x80 || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z'
}

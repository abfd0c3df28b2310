package runbooks

import (
	"encoding/json"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"

	promql "github.com/prometheus/prometheus/promql/parser"
	"go.yaml.in/yaml/v4"
	"mvdan.cc/sh/v3/syntax"
)

// A command is read by a real parser of its language, as an incident would see it: with values in its places. The scanners of scanShell and
// scanSQL know quoting alone, which is what filling needs and not enough to say that a command can run.

// syntaxFault is why a block is not of its language.
type syntaxFault struct {
	line     int    // 0-based, within the block
	language string // as people name it
	reason   string // the parser's own words, English
	own      *scanError
}

// parseBlock returns what the parser of a language has against a block, nil when nothing. A language without a parser has none.
func parseBlock(language, code string) *syntaxFault {
	switch language {
	case "sh":
		return parseShell(code)
	case "sql":
		return parseSQL(code)
	case "promql":
		return parsePromQL(code)
	case "traceql":
		if err := balanced(code); err != nil {
			return &syntaxFault{own: err}
		}
	case "json":
		return parseJSON(code)
	case "yaml":
		return parseYAML(code)
	case "http":
		return parseHTTP(code)
	}
	return nil
}

// parseShell reads the block as bash does: what ours are pasted into, and a superset of what a POSIX shell takes.
func parseShell(code string) *syntaxFault {
	_, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(strings.NewReader(code), "")
	if err == nil {
		return nil
	}
	f := &syntaxFault{language: "bash", reason: err.Error()}
	if e, ok := errors.AsType[syntax.ParseError](err); ok {
		f.line, f.reason = lineOf(e.Pos, code), e.Text
	} else if e, ok := errors.AsType[syntax.LangError](err); ok {
		f.line = lineOf(e.Pos, code)
	}
	return f
}

// lineOf is the line of a position, 0-based; one that the parser does not know is the first.
func lineOf(p syntax.Pos, code string) int {
	return min(max(0, int(p.Line())-1), strings.Count(code, "\n"))
}

func parsePromQL(code string) *syntaxFault {
	_, err := promql.ParseExpr(code)
	if err == nil {
		return nil
	}
	f := &syntaxFault{language: "PromQL", reason: err.Error()}
	if all, ok := errors.AsType[promql.ParseErrors](err); ok && len(all) > 0 {
		f.line, f.reason = lineAt(code, int(all[0].PositionRange.Start)), all[0].Err.Error()
	}
	return f
}

func parseJSON(code string) *syntaxFault {
	var v any
	err := json.Unmarshal([]byte(code), &v)
	if err == nil {
		return nil
	}
	f := &syntaxFault{language: "JSON", reason: err.Error()}
	if e, ok := errors.AsType[*json.SyntaxError](err); ok {
		f.line = lineAt(code, int(e.Offset)-1)
	}
	return f
}

func parseYAML(code string) *syntaxFault {
	d := yaml.NewDecoder(strings.NewReader(code))
	for {
		var n yaml.Node
		err := d.Decode(&n)
		switch {
		case err == nil:
			continue
		case errors.Is(err, io.EOF):
			return nil
		}
		f := &syntaxFault{language: "YAML", reason: err.Error()}
		if e, ok := errors.AsType[*yaml.LoadError](err); ok {
			f.line, f.reason = min(max(0, e.Mark.Line-1), strings.Count(code, "\n")), e.Message // the end of the text is a line of its own there
		}
		return f
	}
}

// httpMethods are those of RFC 9110 and PATCH.
var httpMethods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"}

var (
	httpRequest = regexp.MustCompile(`^([^ \t]+)[ \t]+([^ \t]+)(?:[ \t]+HTTP/[0-9](?:\.[0-9])?)?$`)
	httpTarget  = regexp.MustCompile(`^(?:/|https?://[^/]|\*$|\$\{?[A-Z_])`)
	httpHeader  = regexp.MustCompile(`^[A-Za-z0-9!#$%&'*+.^_|~-]+:`)
)

// parseHTTP reads requests as people write them down: a line of method and target, headers, an empty line, a body. Requests of one block are
// parted by a line of ###.
func parseHTTP(code string) *syntaxFault {
	lines := strings.Split(code, "\n")
	own := func(at int, key string, args ...any) *syntaxFault {
		return &syntaxFault{own: &scanError{line: at, key: key, args: argsOf(args...)}}
	}
	isComment := func(l string) bool { return strings.HasPrefix(l, "#") || strings.HasPrefix(l, "//") }
	for i := 0; i < len(lines); {
		if l := strings.TrimSpace(lines[i]); l == "" || isComment(l) {
			i++
			continue
		}
		request := strings.TrimSpace(lines[i])
		m := httpRequest.FindStringSubmatch(request)
		switch {
		case m == nil:
			return own(i, "http-request", "line", request, "example", "POST /v1/pause")
		case !slices.Contains(httpMethods, m[1]):
			return own(i, "http-method", "method", m[1], "known", strings.Join(httpMethods, ", "))
		case !httpTarget.MatchString(m[2]):
			return own(i, "http-target", "target", m[2], "example", m[1]+" /v1/pause")
		}
		isJSON, typed := false, false
		for i++; i < len(lines) && strings.TrimSpace(lines[i]) != "" && !strings.HasPrefix(lines[i], "###"); i++ {
			if isComment(lines[i]) {
				continue
			}
			if !httpHeader.MatchString(lines[i]) {
				return own(i, "http-header", "line", strings.TrimSpace(lines[i]), "example", "Content-Type: application/json")
			}
			name, value, _ := strings.Cut(lines[i], ":")
			if strings.EqualFold(name, "Content-Type") {
				typed, isJSON = true, strings.Contains(strings.ToLower(value), "json")
			}
		}
		begin := i
		for i < len(lines) && !strings.HasPrefix(lines[i], "###") {
			i++
		}
		body := strings.Join(lines[begin:i], "\n")
		if t := strings.TrimSpace(body); t != "" && (isJSON || !typed && strings.ContainsAny(t[:1], "{[")) {
			if f := parseJSON(body); f != nil {
				f.line += begin
				return f
			}
		}
	}
	return nil
}

// balanced reads quotes and brackets alone, of a language no parser of which is at hand.
func balanced(code string) *scanError {
	type opened struct {
		bracket byte
		line    int
	}
	var stack []opened
	line := 0
	closes := map[byte]byte{')': '(', ']': '[', '}': '{'}
	for i := 0; i < len(code); i++ {
		switch ch := code[i]; ch {
		case '\n':
			line++
		case '"', '`':
			n := i + 1
			for n < len(code) && code[n] != ch {
				if ch == '"' && code[n] == '\\' {
					n++
				}
				n++
			}
			if n >= len(code) {
				return &scanError{line: line, key: "string-open"}
			}
			line += strings.Count(code[i:n], "\n")
			i = n
		case '(', '[', '{':
			stack = append(stack, opened{ch, line})
		case ')', ']', '}':
			if len(stack) == 0 || stack[len(stack)-1].bracket != closes[ch] {
				return &scanError{line: line, key: "bracket-close", args: argsOf("bracket", string(ch))}
			}
			stack = stack[:len(stack)-1]
		}
	}
	if len(stack) > 0 {
		last := stack[len(stack)-1]
		return &scanError{line: last.line, key: "context-open", args: argsOf("what", string(last.bracket))}
	}
	return nil
}

// lineAt counts the lines before a byte, 0-based.
func lineAt(code string, at int) int {
	return strings.Count(code[:min(max(at, 0), len(code))], "\n")
}

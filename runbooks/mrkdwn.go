package runbooks

import (
	"html"
	"net/url"
	"strconv"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
)

// Mrkdwn turns a step's Markdown into Slack's mrkdwn: & < > escaped, so that nothing in it can become a mention; bold, italic, code,
// lists and web links kept; links to other files reduced to their text. (docs.slack.dev, "Formatting message text")
func Mrkdwn(markdown string) string { return render(markdown, slackDialect) }

// Plain turns Markdown into text for terminals, buttons and pages by phone: no marks, links as "text (address)".
func Plain(markdown string) string { return render(markdown, plainDialect) }

// Marked is Plain with code between backquotes, so that a name or a command in a sentence is told from its words.
func Marked(markdown string) string { return render(markdown, markedDialect) }

type dialect struct {
	escape                 func(string) string
	bold, italic           string
	code                   func(string) string
	fence                  func(string) string
	link                   func(text, dest string) string
	bullet, quote, newline string
}

var slackEscape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

var slackDialect = dialect{
	escape: slackEscape.Replace, bold: "*", italic: "_",
	code: func(s string) string { return "`" + strings.ReplaceAll(slackEscape.Replace(s), "`", "ˋ") + "`" },
	fence: func(s string) string {
		return "```\n" + strings.ReplaceAll(slackEscape.Replace(s), "```", "ˋˋˋ") + "\n```"
	},
	link: func(text, dest string) string {
		if strings.ContainsAny(dest, "|<> \n") {
			return text
		}
		return "<" + strings.ReplaceAll(dest, "&", "&amp;") + "|" + text + ">"
	},
	bullet: "• ", quote: "> ", newline: "\n",
}

var plainDialect = dialect{
	escape: func(s string) string { return s },
	code:   func(s string) string { return s },
	fence:  func(s string) string { return s },
	link:   func(text, dest string) string { return text + " (" + dest + ")" },
	bullet: "- ", quote: "> ", newline: "\n",
}

var markedDialect = func() dialect {
	d := plainDialect
	d.escape = func(s string) string { return strings.ReplaceAll(s, "`", "ˋ") } // one of the text itself opens nothing
	d.code = func(s string) string { return "`" + strings.ReplaceAll(s, "`", "ˋ") + "`" }
	return d
}()

// maxDepth bounds how deep quotes and lists are followed; deeper ones are dropped, where a page would be unreadable anyway.
const maxDepth = 16

func render(markdown string, d dialect) string {
	src := []byte(markdown)
	r := renderer{src, d}
	return strings.TrimSpace(r.blocks(goldmark.DefaultParser().Parse(text.NewReader(src)), 0))
}

type renderer struct {
	src []byte
	d   dialect
}

func (r renderer) blocks(parent ast.Node, depth int) string {
	if depth > maxDepth {
		return ""
	}
	var out []string
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		var s string
		switch n := n.(type) {
		case *ast.Heading:
			s = r.d.bold + r.inline(n, depth) + r.d.bold
		case *ast.List:
			s = r.list(n, depth)
		case *ast.Blockquote:
			s = r.d.quote + strings.ReplaceAll(r.blocks(n, depth+1), "\n", "\n"+r.d.quote)
		case *ast.FencedCodeBlock:
			s = r.d.fence(strings.TrimRight(string(n.Lines().Value(r.src)), "\n"))
		case *ast.CodeBlock:
			s = r.d.fence(strings.TrimRight(string(n.Lines().Value(r.src)), "\n"))
		case *ast.HTMLBlock:
			s = r.d.escape(strings.TrimSpace(string(n.Lines().Value(r.src))))
		case *ast.ThematicBreak:
			s = "———"
		default:
			s = r.inline(n, depth)
		}
		if s != "" {
			out = append(out, s)
		}
	}
	return strings.Join(out, "\n\n")
}

func (r renderer) list(l *ast.List, depth int) string {
	var items []string
	n := l.Start
	for c := l.FirstChild(); c != nil; c = c.NextSibling() {
		mark := r.d.bullet
		if l.IsOrdered() {
			mark = strconv.Itoa(n) + ". "
			n++
		}
		body := strings.ReplaceAll(r.blocks(c, depth+1), "\n\n", "\n")
		items = append(items, mark+strings.ReplaceAll(body, "\n", "\n    "))
	}
	return strings.Join(items, "\n")
}

func (r renderer) inline(parent ast.Node, depth int) string {
	if depth > maxDepth {
		return ""
	}
	var b strings.Builder
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		switch n := n.(type) {
		case *ast.Text:
			b.WriteString(r.d.escape(html.UnescapeString(string(unescape(n.Segment.Value(r.src))))))
			if n.HardLineBreak() {
				b.WriteString(r.d.newline)
			} else if n.SoftLineBreak() {
				b.WriteString(" ")
			}
		case *ast.String:
			b.WriteString(r.d.escape(string(n.Value)))
		case *ast.CodeSpan:
			var code strings.Builder
			for c := n.FirstChild(); c != nil; c = c.NextSibling() {
				if t, ok := c.(*ast.Text); ok {
					code.WriteString(strings.ReplaceAll(string(t.Segment.Value(r.src)), "\n", " "))
				}
			}
			b.WriteString(r.d.code(code.String()))
		case *ast.Emphasis:
			mark := r.d.italic
			if n.Level == 2 {
				mark = r.d.bold
			}
			b.WriteString(mark + r.inline(n, depth+1) + mark)
		case *ast.Link:
			t, dest := r.inline(n, depth+1), string(n.Destination)
			if u, err := url.Parse(dest); err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" {
				t = r.d.link(t, dest)
			}
			b.WriteString(t)
		case *ast.AutoLink:
			b.WriteString(r.d.escape(string(n.URL(r.src))))
		case *ast.RawHTML:
			for i := 0; i < n.Segments.Len(); i++ {
				seg := n.Segments.At(i)
				b.WriteString(r.d.escape(string(seg.Value(r.src))))
			}
		default:
			b.WriteString(r.inline(n, depth+1))
		}
	}
	return b.String()
}

// unescape takes the backslash off Markdown's escaped punctuation (CommonMark 2.4).
func unescape(s []byte) []byte {
	const punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) && strings.IndexByte(punctuation, s[i+1]) >= 0 {
			i++
		}
		out = append(out, s[i])
	}
	return out
}

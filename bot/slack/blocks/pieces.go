package blocks

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/tocsin-bot/tocsin/bot/catalog"
)

// zwsp keeps two characters apart that Slack would otherwise read together.
const zwsp = "\u200b"

// pieces writes t as mrkdwn in as many strings of at most max units as it takes. No mention, link, moment or code span is cut in two
// halves that would not render; nothing blank is returned. Of data that comes to more than limit units it writes a little more than limit
// and leaves the rest.
func pieces(t catalog.Text, o Options, max, limit int) []string {
	w := writer{max: max}
	for _, s := range neutral(clipText(t, limit+1)) {
		switch s.Kind {
		case catalog.Plain:
			w.words(s.S)
		case catalog.Bold:
			// Bold ends with its line, and with a blank before its closing delimiter it never ends.
			lines := strings.Split(s.S, "\n")
			for i, l := range lines {
				if i > 0 {
					w.newline()
				}
				// Blanks at its ends stand outside: words next to it keep their distance.
				bare := strings.TrimSpace(l)
				at := strings.Index(l, bare)
				if at > 0 && w.mid {
					w.words(" ")
				}
				w.styled("*", "*", strings.ReplaceAll(harmless(bare), "*", "∗"))
				if bare != "" && at+len(bare) < len(l) && i == len(lines)-1 {
					w.words(" ")
				}
			}
		case catalog.Code:
			w.styled("`", "`", strings.ReplaceAll(strings.ReplaceAll(s.S, "`", "ˋ"), "\n", " "))
		case catalog.Block:
			w.block(s.S)
		case catalog.Mention:
			if userID.MatchString(s.ID) {
				w.token("<@" + s.ID + ">")
			} else {
				w.words(harmless(person(s)))
			}
		case catalog.Named:
			w.words(harmless(person(s)))
		case catalog.Channel:
			if channelID.MatchString(s.ID) {
				w.token("<#" + s.ID + ">")
			} else {
				w.words(harmless("#" + strings.TrimPrefix(s.S, "#")))
			}
		case catalog.Link:
			w.link(s)
		case catalog.Moment:
			w.moment(s, o)
		case catalog.Break:
			w.newline()
		}
	}
	w.flush()
	return w.out
}

// writer packs rendered text into pieces.
type writer struct {
	max int
	out []string
	cur strings.Builder
	n   int  // units in cur
	mid bool // something visible stands on the current line
	wd  bool // cur ends in a word character
}

func (w *writer) flush() {
	if s := strings.TrimSpace(w.cur.String()); strings.Trim(s, zwsp+" \n\t") != "" {
		w.out = append(w.out, s)
	}
	w.cur.Reset()
	w.n, w.mid, w.wd = 0, false, false
}

func (w *writer) put(s string) {
	w.cur.WriteString(s)
	w.n += units(s)
}

// token writes what must not be cut.
func (w *writer) token(s string) {
	if w.n+units(s) > w.max {
		w.flush()
	}
	w.put(s)
	w.mid, w.wd = true, false
}

func (w *writer) newline() {
	if w.n+1 > w.max {
		w.flush()
		return
	}
	w.put("\n")
	w.mid, w.wd = false, false
}

// words writes data: escaped, cut at blanks where it must be cut.
func (w *writer) words(s string) {
	for s != "" {
		var chunk string
		chunk, s = nextChunk(s)
		w.chunk(chunk)
	}
}

// nextChunk splits s behind its first word or run of blanks.
func nextChunk(s string) (chunk, rest string) {
	blank := false
	for i, r := range s {
		b := unicode.IsSpace(r)
		if i == 0 {
			blank = b
		} else if b != blank {
			return s[:i], s[i:]
		}
	}
	return s, ""
}

func (w *writer) chunk(s string) {
	if l := units(escape(s)) + 1; w.n+l > w.max && l <= w.max {
		w.flush()
	}
	for _, r := range s {
		e := escaped(r)
		// A ">" at the beginning of a line makes it a quote, escaped or not.
		if r == '>' && !w.mid {
			e = zwsp + e
		}
		if w.n+units(e) > w.max {
			w.flush()
		}
		w.put(e)
		if r == '\n' {
			w.mid = false
		} else if !unicode.IsSpace(r) {
			w.mid = true
		}
		w.wd = word(r)
	}
}

// styled writes data between delimiters, in several stretches where it does not fit.
func (w *writer) styled(open, close, s string) {
	s = strings.TrimSpace(s)
	if strings.Trim(s, zwsp) == "" {
		return
	}
	if w.wd {
		w.put(zwsp) // a delimiter inside a word formats nothing
	}
	whole := open + escape(s) + close
	if w.n+units(whole) > w.max && w.n > 0 {
		w.flush()
	}
	for units(open+escape(s)+close) > w.max {
		head, rest := cutAt(s, w.max-units(open+close))
		w.put(open + escape(head) + close)
		w.flush()
		s = strings.TrimSpace(rest)
	}
	if s != "" {
		w.put(open + escape(s) + close)
	}
	w.mid, w.wd = true, false
}

// cutAt splits s so that its head, escaped, has at most max units, at the last line end or blank in its second half when there is one.
func cutAt(s string, max int) (head, rest string) {
	n, end := 0, 0
	for i, r := range s {
		n += units(escaped(r))
		if n > max {
			break
		}
		end = i + len(string(r))
	}
	head = s[:end]
	for _, at := range []string{"\n", " "} {
		if i := strings.LastIndex(head, at); i > end/2 {
			return s[:i], s[i+1:]
		}
	}
	return head, s[end:]
}

// block writes a copyable block of code. A run of three backticks inside would end it.
func (w *writer) block(s string) {
	s = strings.Trim(strings.ReplaceAll(s, "```", "``"+zwsp+"`"), "\n")
	if strings.TrimSpace(s) == "" {
		return
	}
	if w.mid {
		w.newline()
	}
	const open, shut = "```\n", "\n```"
	if w.n+units(open+escape(s)+shut) > w.max && w.n > 0 {
		w.flush()
	}
	for units(open+escape(s)+shut) > w.max {
		head, rest := cutAt(s, w.max-units(open+shut))
		w.put(open + escape(head) + shut)
		w.flush()
		s = rest
	}
	if strings.TrimSpace(s) != "" {
		w.put(open + escape(s) + shut)
	}
	w.mid, w.wd = true, false
	w.newline()
}

func (w *writer) link(s catalog.Span) {
	u, ok := href(s.URL)
	label := harmless(strings.Join(strings.Fields(s.S), " "))
	if label == "" && ok {
		label = u
	}
	if !ok {
		w.words(label)
		return
	}
	label = clipWords(strings.NewReplacer("|", "¦", "*", "∗", "`", "ˋ").Replace(label), 150)
	if w.wd {
		w.put(zwsp)
	}
	t := "<" + escape(u) + "|" + escape(label) + ">"
	if units(t) > w.max {
		w.words(label)
		return
	}
	w.token(t)
}

func (w *writer) moment(s catalog.Span, o Options) {
	if s.At.IsZero() {
		return
	}
	form := "{time}"
	if s.Form == catalog.DateClock {
		form = "{date_short_pretty} {time}"
	}
	w.token(fmt.Sprintf("<!date^%d^%s|%s>", s.At.Unix(), form, escape(strings.ReplaceAll(Moment(s, o), "|", "/"))))
}

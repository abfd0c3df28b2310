package blocks

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/tocsin-bot/tocsin/bot/catalog"
)

// Options say how times are written where Slack cannot write them in the reader's own zone.
type Options struct {
	Zone     *time.Location // nil: UTC
	Language string         // "en" or "fr": names of months
}

func (o Options) zone() *time.Location {
	if o.Zone == nil {
		return time.UTC
	}
	return o.Zone
}

var (
	userID    = regexp.MustCompile(`^[UW][A-Z0-9]{1,30}$`)
	channelID = regexp.MustCompile(`^[CGD][A-Z0-9]{1,30}$`)
)

// Text writes t as mrkdwn. It is as long as it comes; callers that send it somewhere with a limit use Clip.
func Text(t catalog.Text, o Options) string {
	return strings.Join(pieces(t, o, 1<<30, 1<<30), "\n")
}

// Clip writes t as mrkdwn of at most max UTF-16 units, ending in "…" where it cut. max is at least 200.
func Clip(t catalog.Text, o Options, max int) string {
	ps := pieces(t, o, max-4, max)
	switch len(ps) {
	case 0:
		return ""
	case 1:
		return ps[0]
	}
	return ps[0] + " …"
}

// Words writes t as plain words, for places where Slack formats nothing (headers, buttons, labels), of at most max UTF-16 units on one
// line.
func Words(t catalog.Text, o Options, max int) string {
	var b strings.Builder
	for _, s := range clipText(t, 8*max+1000) {
		switch s.Kind {
		case catalog.Mention, catalog.Named:
			b.WriteString(person(s))
		case catalog.Channel:
			if s.S != "" {
				b.WriteString("#" + strings.TrimPrefix(s.S, "#"))
			} else {
				b.WriteString(s.ID)
			}
		case catalog.Moment:
			b.WriteString(Moment(s, o))
		case catalog.Break:
			b.WriteByte(' ')
		case catalog.Link:
			if s.S == "" {
				b.WriteString(s.URL)
			}
			b.WriteString(s.S)
		default:
			b.WriteString(s.S)
		}
	}
	return clipWords(strings.Join(strings.Fields(clean(b.String())), " "), max)
}

// clipWords shortens s to max UTF-16 units.
func clipWords(s string, max int) string {
	if units(s) <= max {
		return s
	}
	n, end := 0, 0
	for i, r := range s {
		if n+runeUnits(r) > max-1 {
			end = i
			break
		}
		n += runeUnits(r)
	}
	return strings.TrimRight(s[:end], " ") + "…"
}

// person is what a person is called without a mention.
func person(s catalog.Span) string {
	if s.S != "" {
		return s.S
	}
	return s.ID
}

var frenchMonths = [...]string{"janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."}

// Moment writes a Moment span in o's zone, "03:12 CET" or "21 Nov 03:12 CET"; empty for the zero time.
func Moment(s catalog.Span, o Options) string {
	if s.At.IsZero() {
		return ""
	}
	t := s.At.In(o.zone())
	clock := t.Format("15:04 MST")
	if s.Form != catalog.DateClock {
		return clock
	}
	if o.Language == "fr" {
		return fmt.Sprintf("%d %s %s", t.Day(), frenchMonths[t.Month()-1], clock)
	}
	return t.Format("2 Jan ") + clock
}

// escaped is how a rune of data is written in mrkdwn (https://docs.slack.dev/messaging/formatting-message-text#escaping).
func escaped(r rune) string {
	switch r {
	case '&':
		return "&amp;"
	case '<':
		return "&lt;"
	case '>':
		return "&gt;"
	}
	return string(r)
}

func escape(s string) string {
	var b strings.Builder
	for _, r := range s {
		b.WriteString(escaped(r))
	}
	return b.String()
}

// clean removes what no reader can see and what could make text read other than it is written: control characters but newline and tab,
// and bidirectional controls.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r < 0x20, r >= 0x7f && r < 0xa0, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0x200e, r == 0x200f, r == 0x061c, r == 0xfffe, r == 0xffff:
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
}

// units is the length of s in UTF-16 units.
func units(s string) int {
	n := 0
	for _, r := range s {
		n += runeUnits(r)
	}
	return n
}

func runeUnits(r rune) int {
	if r > 0xffff {
		return 2
	}
	return 1
}

// href returns a URL as it may stand in <url|label> or in a button, or false when it is none that a reader should follow: only http and
// https with a host.
func href(raw string) (string, bool) {
	u, err := url.Parse(strings.TrimSpace(raw))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return "", false
	}
	s := u.String()
	var b strings.Builder
	for _, r := range s {
		if r <= ' ' || r == 0x7f || strings.ContainsRune("|<>\"`\\^{}", r) || unicode.Is(unicode.Cf, r) || r == utf8.RuneError {
			b.WriteString(url.PathEscape(string(r)))
			continue
		}
		b.WriteRune(r)
	}
	if b.Len() > 2900 {
		return "", false
	}
	return b.String(), true
}

// clipText drops what stands behind the first max units of data: nobody will see it, and an alert may bring megabytes.
func clipText(t catalog.Text, max int) catalog.Text {
	for i, s := range t {
		n := 0
		for at, r := range s.S {
			if n += runeUnits(r); n > max {
				out := append(catalog.Text{}, t[:i+1]...)
				out[i].S = s.S[:at]
				return out
			}
		}
		max -= n
	}
	return t
}

// Line writes t for a place that shows one unformatted line but reads references all the same (a channel's topic or purpose): plain words,
// escaped, of at most max UTF-16 units.
func Line(t catalog.Text, o Options, max int) string {
	for room := max; ; {
		s := escape(Words(t, o, room))
		over := units(s) - max
		if over <= 0 || room <= over {
			return s
		}
		room -= over
	}
}

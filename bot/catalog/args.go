package catalog

import (
	"strconv"
	"strings"
	"time"
)

// Args are the arguments of a message, by the names its template uses.
type Args map[string]Arg

// Arg is one argument. The concrete types are below, and Text itself.
type Arg interface{ spans(lang string) Text }

// Person is a human being. Ping mentions them: only for who must act. Without a Slack id they are plain words.
type Person struct {
	Slack string
	Name  string
	Ping  bool
}

// Time is a moment, shown as Clock or DateClock (Form; empty: Clock).
type Time struct {
	At   time.Time
	Form string
}

// Words is data on one line: line breaks become blanks.
type Words string

// Lines is data that may have several lines.
type Lines string

// Marked is data like Lines in which what stands between two backquotes of one line is in code face.
type Marked string

// Strong is data on one line, emphasised.
type Strong string

// Literal is data in code face, on one line.
type Literal string

// Quoted is data in the quotation marks of the language.
type Quoted string

// Int is a number.
type Int int

// Duration is a length of time in words: "45 s", "15 min", "1 h 30 min", "2 d 3 h"; in French "1 h 30", "2 j 3 h".
type Duration time.Duration

// Severity is 1 to 4, shown as "SEV-1".
type Severity int

// Term is the key of a message without arguments: a role, a status, a kind of step.
type Term string

// List joins its parts with commas and, before the last, "and" or "et".
type List []Arg

// Either joins its parts like List, with "or" or "ou" before the last.
type Either []Arg

// Room is a channel of the chat, by id; without an id it is "#name" in plain words.
type Room struct{ ID, Name string }

// URL is a link. Only http and https addresses become one; anything else is the label in plain words.
type URL struct{ Label, URL string }

func (p Person) spans(string) Text {
	switch {
	case p.Slack == "" && p.Name == "":
		return nil
	case p.Slack == "":
		return Text{{Kind: Plain, S: oneLine(p.Name)}}
	case p.Ping:
		return Text{{Kind: Mention, S: oneLine(p.Name), ID: p.Slack}}
	}
	return Text{{Kind: Named, S: oneLine(p.Name), ID: p.Slack}}
}

func (t Time) spans(lang string) Text {
	if t.At.IsZero() {
		return Text{{Kind: Plain, S: "–"}}
	}
	form := t.Form
	if form == "" {
		form = Clock
	}
	return Text{{Kind: Moment, At: t.At, Form: form, Lang: lang}}
}

func (w Words) spans(string) Text   { return words(Plain, oneLine(string(w))) }
func (w Strong) spans(string) Text  { return words(Bold, oneLine(string(w))) }
func (w Literal) spans(string) Text { return words(Code, oneLine(string(w))) }

func (w Lines) spans(string) Text {
	var out Text
	for i, line := range strings.Split(strings.ReplaceAll(string(w), "\r\n", "\n"), "\n") {
		if i > 0 {
			out = append(out, Span{Kind: Break})
		}
		out = append(out, words(Plain, clean(line))...)
	}
	return out
}

func (w Marked) spans(string) Text {
	var out Text
	for i, line := range strings.Split(strings.ReplaceAll(string(w), "\r\n", "\n"), "\n") {
		if i > 0 {
			out = append(out, Span{Kind: Break})
		}
		for {
			before, rest, opens := strings.Cut(line, "`")
			code, after, closes := strings.Cut(rest, "`")
			if !opens || !closes || code == "" {
				out = append(out, words(Plain, clean(line))...)
				break
			}
			out = append(append(out, words(Plain, clean(before))...), words(Code, clean(code))...)
			line = after
		}
	}
	return out
}

func (w Quoted) spans(lang string) Text {
	if lang == French {
		return Text{{Kind: Plain, S: "«" + nbsp + oneLine(string(w)) + nbsp + "»"}}
	}
	return Text{{Kind: Plain, S: "“" + oneLine(string(w)) + "”"}}
}

func (n Int) spans(string) Text           { return words(Plain, strconv.Itoa(int(n))) }
func (d Duration) spans(lang string) Text { return words(Plain, inWords(time.Duration(d), lang)) }
func (s Severity) spans(string) Text      { return words(Plain, "SEV-"+strconv.Itoa(int(s))) }
func (k Term) spans(lang string) Text     { return Say(lang, string(k), nil) }
func (t Text) spans(string) Text          { return t }

func (l List) spans(lang string) Text {
	if lang == French {
		return enumerate(l, " et ", lang)
	}
	return enumerate(l, " and ", lang)
}

func (l Either) spans(lang string) Text {
	if lang == French {
		return enumerate(l, " ou ", lang)
	}
	return enumerate(l, " or ", lang)
}

func enumerate(list []Arg, last, lang string) Text {
	var out Text
	for i, a := range list {
		switch {
		case i == 0:
		case i == len(list)-1:
			out = append(out, Span{S: last})
		default:
			out = append(out, Span{S: ", "})
		}
		out = append(out, a.spans(lang)...)
	}
	return out
}

func (r Room) spans(string) Text {
	if r.ID == "" {
		return words(Plain, "#"+oneLine(r.Name))
	}
	return Text{{Kind: Channel, S: oneLine(r.Name), ID: r.ID}}
}

// IsLink reports whether an address becomes a link: one of the web, with nothing in it that would end it early.
func IsLink(url string) bool {
	return (strings.HasPrefix(url, "https://") || strings.HasPrefix(url, "http://")) && !strings.ContainsAny(url, " \n\t<>|")
}

func (u URL) spans(string) Text {
	if !IsLink(u.URL) {
		return words(Plain, oneLine(u.Label))
	}
	return Text{{Kind: Link, S: oneLine(u.Label), URL: u.URL}}
}

func words(k Kind, s string) Text {
	if s == "" {
		return nil
	}
	return Text{{Kind: k, S: s}}
}

// oneLine is clean with every run of blanks and line breaks made one blank.
func oneLine(s string) string { return strings.Join(strings.Fields(clean(s)), " ") }

// clean drops what could drive a terminal or turn reading order around: control characters save tab and newline, and the
// bidirectional controls of Unicode TR 36. Right-to-left letters stay; their order is the reader's own.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r < 0x20, r >= 0x7f && r <= 0x9f, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0x200e, r == 0x200f, r == 0x061c, r == 0x2028, r == 0x2029, r == 0xfffd:
			return -1
		}
		return r
	}, s)
}

// inWords words a length of time. Below a minute it shows seconds, below ten minutes minutes and seconds, then whole minutes.
func inWords(d time.Duration, lang string) string {
	fr := lang == French
	if d < 0 {
		d = -d
	}
	d = d.Round(time.Second)
	unit := func(n int64, u string) string { return strconv.FormatInt(n, 10) + nbsp + u }
	day := "d"
	if fr {
		day = "j"
	}
	switch {
	case d < time.Minute:
		return unit(int64(d/time.Second), "s")
	case d < 10*time.Minute:
		m, s := int64(d/time.Minute), int64(d%time.Minute/time.Second)
		if s == 0 {
			return unit(m, "min")
		}
		return unit(m, "min") + nbsp + unit(s, "s")
	}
	d = d.Round(time.Minute)
	h, m := int64(d/time.Hour), int64(d%time.Hour/time.Minute)
	switch {
	case h == 0:
		return unit(m, "min")
	case h < 24 && m == 0:
		return unit(h, "h")
	case h < 24 && fr:
		return unit(h, "h") + nbsp + twoDigits(m)
	case h < 24:
		return unit(h, "h") + nbsp + unit(m, "min")
	case h%24 == 0:
		return unit(h/24, day)
	}
	return unit(h/24, day) + nbsp + unit(h%24, "h")
}

func twoDigits(n int64) string {
	if n < 10 {
		return "0" + strconv.FormatInt(n, 10)
	}
	return strconv.FormatInt(n, 10)
}

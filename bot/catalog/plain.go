package catalog

import (
	"slices"
	"strings"
	"time"
)

// nbsp is U+00A0, the no-break space.
const nbsp = "\u00a0"

// Plain renders t as words alone, for the terminal, a phone and a log: clock times in the given zone (nil: UTC), people by name
// without @, channels with #, links as "label (address)". It can drive no terminal: control characters are dropped.
func (t Text) Plain(zone *time.Location) string {
	var b strings.Builder
	for _, s := range t {
		switch s.Kind {
		case Break:
			b.WriteByte('\n')
		case Moment:
			b.WriteString(ClockTime(s.At, s.Form, s.Lang, zone))
		case Mention, Named:
			name := s.S
			if name == "" {
				name = s.ID
			}
			b.WriteString(oneLine(name))
		case Channel:
			name := s.S
			if name == "" {
				name = s.ID
			}
			b.WriteString("#" + oneLine(name))
		case Link:
			switch {
			case s.S == "" || s.S == s.URL:
				b.WriteString(oneLine(s.URL))
			default:
				b.WriteString(oneLine(s.S) + " (" + oneLine(s.URL) + ")")
			}
		case Block:
			if n := b.Len(); n > 0 && b.String()[n-1] != '\n' {
				b.WriteByte('\n')
			}
			for i, line := range strings.Split(clean(s.S), "\n") {
				if i > 0 {
					b.WriteByte('\n')
				}
				b.WriteString("    " + line)
			}
			b.WriteByte('\n')
		default:
			b.WriteString(clean(s.S))
		}
	}
	return b.String()
}

// Letter renders t as Plain does, for what goes to people who do not know when and where it was written: every moment has its day, its year and
// its zone, "23 Nov 2026 18:17 CET" (nil: UTC).
func (t Text) Letter(zone *time.Location) string {
	if zone == nil {
		zone = time.UTC
	}
	out := slices.Clone(t)
	for i, s := range out {
		if s.Kind != Moment || s.At.IsZero() {
			continue
		}
		at := s.At.In(zone)
		month := at.Format("Jan")
		if Language(s.Lang) == French {
			month = frenchMonths[at.Month()-1]
		}
		out[i] = Span{S: at.Format("2 ") + month + at.Format(" 2006 15:04 MST")}
	}
	return out.Plain(zone)
}

// ClockTime words a moment for those who get no date token of the chat: "03:12", or with Form DateClock "21 Nov 03:12" ("21 nov. 03:12"
// in French). A nil zone is UTC.
func ClockTime(at time.Time, form, lang string, zone *time.Location) string {
	if zone == nil {
		zone = time.UTC
	}
	at = at.In(zone)
	if form != DateClock {
		return at.Format("15:04")
	}
	if Language(lang) == French {
		return at.Format("2 ") + frenchMonths[at.Month()-1] + at.Format(" 15:04")
	}
	return at.Format("2 Jan 15:04")
}

var frenchMonths = [12]string{"janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."}

// typography puts the no-break spaces of French into a template: before : ; ! ? %, inside « », and between a number and its unit.
// A colon without a blank before it (a clock time, an address) is left alone.
func typography(s string) string {
	for _, c := range []string{":", ";", "!", "?", "%", "»"} {
		s = strings.ReplaceAll(s, " "+c, nbsp+c)
	}
	s = strings.ReplaceAll(s, "« ", "«"+nbsp)
	for _, u := range []string{"min", "h", "s", "j"} {
		for d := '0'; d <= '9'; d++ {
			for _, after := range []string{" ", ".", ",", ")", nbsp} {
				s = strings.ReplaceAll(s, string(d)+" "+u+after, string(d)+nbsp+u+after)
			}
		}
	}
	return s
}

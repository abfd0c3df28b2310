package timeline

import (
	"regexp"
	"strings"
	"time"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// LinesOf is Lines with the titles of targets and levels from the incident's policy.
func LinesOf(st incident.State, events []incident.Event, language string) []Line {
	return lines(st.Policy, events, language)
}

// document is what both exports say, before its format.
type document struct {
	lang    string
	zone    *time.Location
	title   string
	facts   [][2]catalog.Text
	figures []figure
	lines   []Line
	noise   bool
	why     catalog.Text // it counts in no figure; empty: it was noise
}

func newDocument(st incident.State, events []incident.Event, language string, zone *time.Location, others []Other) document {
	lang := catalog.Language(language)
	if zone == nil {
		zone = time.UTC
	}
	d := document{lang: lang, zone: zone, lines: Interleave(LinesOf(st, events, lang), lang, others...), noise: st.Status == incident.Cancelled}
	if st.Merged != nil {
		d.noise, d.why = true, catalog.Say(lang, "export.duplicate", catalog.Args{"into": catalog.Words(st.Merged.Into)})
	}
	if !d.noise {
		d.figures = FiguresOf(st, events).words(lang)
	}
	w := newWriter(events, lang)
	title := catalog.Of(lang, w.text(st.Title))
	d.title = strings.Join(strings.Fields(catalog.Say(lang, "export.title", catalog.Args{"id": catalog.Words(st.ID), "title": title}).Plain(zone)), " ")
	fact := func(key string, value catalog.Text) {
		if len(value) > 0 {
			d.facts = append(d.facts, [2]catalog.Text{catalog.Say(lang, key, nil), value})
		}
	}
	moment := func(t time.Time) catalog.Text {
		if t.IsZero() {
			return nil
		}
		return catalog.Text{{S: t.In(zone).Format("2006-01-02 15:04:05")}}
	}
	severity := catalog.Of(lang, sev(st.Severity))
	if !st.Confirmed {
		severity = catalog.Say(lang, "export.unconfirmed", catalog.Args{"sev": sev(st.Severity)})
	}
	fact("export.severity", severity)
	fact("export.status", catalog.Of(lang, status(st.Status)))
	fact("export.service", catalog.Of(lang, catalog.Words(st.Service)))
	fact("export.detected", moment(st.DetectedAt))
	fact("export.declared", catalog.Join(", ", moment(st.DeclaredAt), catalog.Of(lang, w.actor(st.DeclaredBy))))
	for _, r := range incident.Roles {
		if h := st.Roles[r]; !h.Who.Zero() {
			fact("role."+string(r), catalog.Of(lang, w.person(h.Who)))
		}
	}
	if st.ChannelName != "" && !st.RoomHeld {
		fact("export.channel", catalog.Text{{S: "#" + st.ChannelName}})
	}
	fact("export.ended", moment(st.EndedAt))
	if !st.Outcome.Empty() {
		fact("export.outcome", catalog.Of(lang, w.text(st.Outcome)))
	}
	return d
}

// Markdown is the account of an incident: what it was, its figures with their definitions, its timeline. language is "en" or "fr", a
// nil zone is UTC. Words from outside are escaped: they can make no heading, list, image or HTML.
func Markdown(st incident.State, events []incident.Event, language string, zone *time.Location, others ...Other) string {
	d := newDocument(st, events, language, zone, others)
	var b strings.Builder
	line := func(s string) { b.WriteString(s + "\n") }
	word := func(key string) string { return markdown(catalog.Say(d.lang, key, nil), d.zone) }
	line("# " + escapeMarkdown(d.title))
	line("")
	line("## " + word("export.facts"))
	line("")
	for _, f := range d.facts {
		line("- **" + capital(markdown(f[0], d.zone)) + "**" + colon(d.lang) + markdown(f[1], d.zone))
	}
	line("")
	line("## " + word("export.figures"))
	line("")
	if d.noise {
		why := word("export.none")
		if len(d.why) > 0 {
			why = d.why.Plain(d.zone)
		}
		line(why)
	}
	for _, f := range d.figures {
		line("- **" + markdown(f.name, d.zone) + "**" + colon(d.lang) + markdown(f.worded(d.lang), d.zone) + " (" + markdown(f.definition, d.zone) + ")")
	}
	line("")
	line("## " + word("export.timeline"))
	line("")
	line(markdown(catalog.Say(d.lang, "export.zone", catalog.Args{"zone": catalog.Words(d.zone.String())}), d.zone))
	day := ""
	for _, l := range d.lines {
		if today := l.At.In(d.zone).Format("2006-01-02"); today != day {
			day = today
			line("")
			line("### " + day)
			line("")
		}
		indent := ""
		if l.Indented {
			indent = "  "
		}
		line(indent + "- `" + l.At.In(d.zone).Format("15:04:05") + "` " + space(l.Icon) + markdown(l.Text, d.zone) + markdown(d.recorded(l), d.zone))
	}
	return b.String()
}

// Text is the same for a terminal.
func Text(st incident.State, events []incident.Event, language string, zone *time.Location, others ...Other) string {
	d := newDocument(st, events, language, zone, others)
	var b strings.Builder
	line := func(s string) { b.WriteString(strings.TrimRight(s, " ") + "\n") }
	line(d.title)
	for _, f := range d.facts {
		line("  " + capital(f[0].Plain(d.zone)) + colon(d.lang) + hang(f[1].Plain(d.zone), "    "))
	}
	for _, f := range d.figures {
		line("  " + f.name.Plain(d.zone) + colon(d.lang) + f.worded(d.lang).Plain(d.zone))
	}
	b.WriteString(plainLines(d.lines, d.lang, d.zone))
	return b.String()
}

// PlainLines are lines of a timeline for a terminal: a day's heading, then clock time, icon and words.
func PlainLines(list []Line, language string, zone *time.Location) string {
	if zone == nil {
		zone = time.UTC
	}
	return plainLines(list, catalog.Language(language), zone)
}

func plainLines(list []Line, lang string, zone *time.Location) string {
	var b strings.Builder
	d := document{lang: lang, zone: zone}
	day := ""
	for _, l := range list {
		if today := l.At.In(zone).Format("2006-01-02"); today != day {
			day = today
			b.WriteString(day + "\n")
		}
		indent := ""
		if l.Indented {
			indent = "  ↳ "
		}
		text := catalog.Join("", l.Text, d.recorded(l)).Plain(zone)
		b.WriteString("  " + l.At.In(zone).Format("15:04:05") + " " + indent + space(l.Icon) + strings.TrimRight(hang(text, "             "), " \n") + "\n")
	}
	return b.String()
}

// recorded says when a late fact was recorded.
func (d document) recorded(l Line) catalog.Text {
	if !l.Late {
		return nil
	}
	form := catalog.Clock
	if l.RecordedAt.In(d.zone).Format("2006-01-02") != l.At.In(d.zone).Format("2006-01-02") {
		form = catalog.DateClock
	}
	return catalog.Say(d.lang, "tl.recorded", catalog.Args{"at": catalog.Time{At: l.RecordedAt, Form: form}})
}

// markdown renders a text, everything from outside escaped.
func markdown(t catalog.Text, zone *time.Location) string {
	var b strings.Builder
	for _, s := range t {
		switch s.Kind {
		case catalog.Bold:
			b.WriteString("**" + escapeMarkdown(s.S) + "**")
		case catalog.Code, catalog.Block:
			b.WriteString(code(s.S))
		case catalog.Link:
			b.WriteString("[" + escapeMarkdown(s.S) + "](<" + strings.NewReplacer("<", "%3C", ">", "%3E", "\n", "").Replace(s.URL) + ">)")
		case catalog.Break:
			b.WriteString("  \n  ")
		default:
			b.WriteString(escapeMarkdown(catalog.Text{s}.Plain(zone)))
		}
	}
	return b.String()
}

// code is a code span that no backtick in it can end (CommonMark 6.1).
func code(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	fence := "`"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	if fence != "`" {
		return fence + " " + s + " " + fence
	}
	return fence + s + fence
}

var markdownEscapes = strings.NewReplacer("`", "\\`", "*", "\\*", "_", "\\_", "[", "\\[", "]", "\\]", "<", "\\<", ">", "\\>", "#", "\\#", "|", "\\|", "~", "\\~",
	"&", "&amp;", "!", "\\!", "\n", "  \n  ", "\t", " ")

// lineStart is what would begin a list or underline a heading at the start of a line (CommonMark 4.3, 5.2).
var lineStart = regexp.MustCompile(`(?m)^([ \t]*)([-+=]|\d+[.)])`)

// escapeMarkdown makes words of whatever s is.
func escapeMarkdown(s string) string {
	s = lineStart.ReplaceAllStringFunc(strings.ReplaceAll(s, "\\", "\\\\"), func(m string) string { return m[:len(m)-1] + "\\" + m[len(m)-1:] })
	return markdownEscapes.Replace(s)
}

func colon(lang string) string {
	if lang == catalog.French {
		return "\u00a0: "
	}
	return ": "
}

func space(icon string) string {
	if icon == "" {
		return ""
	}
	return icon + " "
}

// hang indents the second and later lines.
func hang(s, by string) string {
	return strings.ReplaceAll(strings.TrimRight(s, "\n"), "\n", "\n"+by)
}

func capital(s string) string {
	r := []rune(s)
	if len(r) == 0 {
		return s
	}
	return strings.ToUpper(string(r[0])) + string(r[1:])
}

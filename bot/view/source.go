package view

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// Source is everything a view may know.
type Source struct {
	State     incident.State // as it stands now, policy bound
	Owed      incident.Owed  // the effect that asks for the view
	Event     incident.Event // the event the effect is recorded with; zero where a view does not need it
	Deadlines []incident.Deadline
	Step      *Step          // the runbook step to show; nil when there is none or the runbook is through
	Command   string         // the slash command's name; empty: "/incident"
	Language  string         // empty: the language of the incident
	Zone      *time.Location // for what the chat cannot word in the reader's own zone; nil: UTC
	Now       time.Time
	Room      string // address of the incident's channel, when known
	Call      string // address of the call, when there is one
}

// Step is a runbook's step, its commands filled with the incident's values.
type Step struct {
	Runbook    string // RB-001
	Title      string // of the runbook
	Intro      string // what the runbook is about and must be known before its first step; marked as Prose is
	ID         string // of the step
	Name       string // title of the step, plain words
	Number, Of int
	Kind       string // "diagnosis", "mitigation", "replay", "destructive", "notify"
	Minutes    int
	Prose      string // plain words, code between backquotes, as in Warnings, LookFor and Parts
	Warnings   []string
	Commands   []string   // filled; a place without a value reads {{name}}
	Parts      []StepPart // prose and commands in the order of the page; nil: all prose, then all commands
	Missing    []string   // names of values that are not known
	Unfit      []string   // names of values that are known and do not fit this runbook
	Asks       bool       // its commands have parameters
	Filled     string     // digest of the commands as they stand here (incident.Filling); empty: it has none
	Draft      string     // of a step that tells people: what it wants sent, filled
	LookFor    string
	Branches   []Branch
	Steps      []StepName // all steps in order, for the summary at the end
	CannotShow string     // why the step itself cannot be shown (its revision is not to be had)

	Who      []string                     // roles that may do it; empty: whoever responds
	FourEyes bool                         // a second person must read it before it is run
	Owner    string                       // role that is rung for help
	Holders  map[string][]incident.Person // who holds the roles of the step now, as far as is known
}

// StepPart is a paragraph or, without text, the command of that index.
type StepPart struct {
	Text    string
	Command int
}

// StepName is a step of the list.
type StepName struct{ ID, Name string }

// Branch is a finding and where it leads.
type Branch struct {
	Finding string
	Value   string // carried by the button (Ref.Note), "0", "1", ...; never BranchNone
	Step    int    // the number of the step it leads to; 0: it leads elsewhere
	To      string // the other runbook it leads to, RB-004
	Through bool   // nothing is left to do after it
}

// said words messages in one language.
type said struct{ lang string }

func (s said) say(key string, args catalog.Args) catalog.Text { return catalog.Say(s.lang, key, args) }
func (s said) word(key string) catalog.Text                   { return catalog.Say(s.lang, key, nil) }

// language is the one a view speaks: asked for, else the incident's.
func (src Source) language() string {
	if src.Language != "" {
		return catalog.Language(src.Language)
	}
	return catalog.Language(src.State.Language())
}

func (src Source) said() said { return said{src.language()} }

func (src Source) command() string {
	if src.Command == "" {
		return "/incident"
	}
	return src.Command
}

func (src Source) zone() *time.Location {
	if src.Zone == nil {
		return time.UTC
	}
	return src.Zone
}

// zoneArg names the zone in which times are typed: the policy's, which is not always the reader's.
func (src Source) zoneArg() catalog.Args {
	return catalog.Args{"zone": catalog.Words(src.zone().String())}
}

// ref is a button's value about the incident, drawn at the state's sequence number.
func (src Source) ref(subject string) Ref {
	return Ref{Incident: string(src.State.ID), Subject: subject, Seq: src.State.Seq}
}

func (src Source) title(max int) string { return line(src.State.Title, max, src.language()) }

func (src Source) target(key string) string {
	return src.State.Policy.TargetTitle(key, src.language())
}

// line is a text on one line of at most max characters; an erased one says so.
func line(t incident.Text, max int, lang string) string {
	if t.Body == "" && t.Digest != "" {
		return catalog.Word(lang, "erased")
	}
	return clip(t.Body, max)
}

// clip makes s one line of at most max characters, ending in "…" where it cut.
func clip(s string, max int) string {
	return incident.Clip(strings.Join(strings.Fields(s), " "), max)
}

// clipWords is clip that cuts between two words, unless one word is most of what fits.
func clipWords(s string, max int) string {
	short := clip(s, max)
	if short == clip(s, 0) {
		return short
	}
	words := strings.TrimSuffix(short, "…")
	// What was cut off right behind a word is cut well already.
	if whole := clip(s, 0); strings.HasPrefix(whole[len(words):], " ") {
		return short
	}
	if i := strings.LastIndexByte(words, ' '); i > len(words)/2 {
		words = words[:i]
	}
	return strings.TrimRight(words, " ,;:(") + "…"
}

// clipLines is clip with line breaks kept, at most lines of them.
func clipLines(s string, max, lines int) string {
	s = incident.Clip(s, max)
	parts := strings.Split(s, "\n")
	if len(parts) > lines {
		parts = append(parts[:lines-1], strings.TrimSpace(parts[lines-1])+" …")
	}
	return strings.Join(parts, "\n")
}

// person names a human being without calling them; pinged mentions one who must act.
func person(p incident.Person) catalog.Person {
	return catalog.Person{Slack: p.Slack, Name: nameOf(p)}
}

func pinged(p incident.Person) catalog.Person {
	return catalog.Person{Slack: p.Slack, Name: nameOf(p), Ping: true}
}

func nameOf(p incident.Person) string {
	switch {
	case p.Name != "":
		return clip(p.Name, 80)
	case p.Slack != "":
		return p.Slack
	}
	return p.Pager
}

// who names a person, or says "nobody".
func who(p incident.Person) catalog.Arg {
	if p.Zero() {
		return catalog.Term("nobody")
	}
	return person(p)
}

// actor names whoever acted: a person, or one of our machines.
func actor(a incident.Actor) catalog.Arg {
	switch {
	case !a.Person.Zero():
		return person(a.Person)
	case catalog.Has("system." + a.System):
		return catalog.Term("system." + a.System)
	}
	return catalog.Term("system.unknown")
}

func sev(s incident.Severity) catalog.Severity { return catalog.Severity(s) }

func sevEmoji(s incident.Severity) catalog.Term {
	if !s.Valid() {
		s = 0
	}
	return catalog.Term("emoji." + "sev" + strconv.Itoa(int(s)))
}

func status(s incident.Status) catalog.Term { return catalog.Term("status." + string(s)) }

func clock(t time.Time) catalog.Time { return catalog.Time{At: t} }

// nearby is how far off a moment on another day may be and still go by its clock time alone: the deadlines of one night do.
const nearby = 6 * time.Hour

// clock words a moment for who reads the view now: its clock time, and the day with it unless that is today's or the moment is only hours
// off. What was recorded or is due on another day must not read as this morning's. The day is that of the view's zone.
func (src Source) clock(t time.Time) catalog.Time {
	now := src.Now
	if now.IsZero() {
		now = src.eventTime()
	}
	if t.IsZero() || now.IsZero() || sameDay(t, now, src.zone()) || t.Sub(now).Abs() < nearby {
		return clock(t)
	}
	return day(t)
}

// sameDay reports whether two moments fall on one day of a zone (nil: UTC).
func sameDay(a, b time.Time, zone *time.Location) bool {
	if zone == nil {
		zone = time.UTC
	}
	ay, am, ad := a.In(zone).Date()
	by, bm, bd := b.In(zone).Date()
	return ay == by && am == bm && ad == bd
}

// day is a moment that may lie on another day.
func day(t time.Time) catalog.Time { return catalog.Time{At: t, Form: catalog.DateClock} }

func dateClock(t time.Time) catalog.Time { return catalog.Time{At: t, Form: catalog.DateClock} }

// why words a reason code; a code that has no words is shown as it is.
func why(code string) catalog.Arg {
	if key := "why." + code; catalog.Has(key) {
		return catalog.Term(key)
	}
	return catalog.Words(clip(code, 100))
}

func unknown(view string) error {
	return fmt.Errorf("no view is called %q: this release cannot draw it, a newer one may", view)
}

// bold emphasises the words of a text.
func bold(t catalog.Text) catalog.Text {
	out := make(catalog.Text, len(t))
	for i, s := range t {
		if s.Kind == catalog.Plain {
			s.Kind = catalog.Bold
		}
		out[i] = s
	}
	return catalog.Join("", out)
}

// capital makes the first letter of a sentence one.
func capital(t catalog.Text) catalog.Text {
	if len(t) == 0 || t[0].Kind != catalog.Plain || t[0].S == "" {
		return t
	}
	r := []rune(t[0].S)
	r[0] = unicode.ToUpper(r[0])
	out := append(catalog.Text{}, t...)
	out[0].S = string(r)
	return out
}

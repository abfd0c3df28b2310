package runbooks

import (
	"regexp"
	"strings"
	"time"
)

// GenericID is the runbook for an incident no other runbook fits: observe, stabilise, communicate, record.
const GenericID = "RB-000"

// Kind says what a step does to the world.
type Kind string

// The kinds of step.
const (
	Diagnosis   Kind = "diagnosis"   // only reads
	Mitigation  Kind = "mitigation"  // changes something that can be put back
	Replay      Kind = "replay"      // processes again what was processed before
	Destructive Kind = "destructive" // can lose data, evidence or service
	Notify      Kind = "notify"      // tells or asks people
)

// Phase says when in an incident a step belongs.
type Phase string

// The phases.
const (
	During Phase = "during" // the default: while the incident runs
	After  Phase = "after"  // a duty once it is mitigated
)

// Runbook is one revision of one runbook in one language. It is immutable: share it freely, change nothing in it.
type Runbook struct {
	ID          string   // "RB-001"
	Title       string   // without the id
	Language    string   // "en" or "fr"
	Severity    string   // "SEV-1" to "SEV-4": what the runbook expects, the policy decides
	Alerts      []string // alert names it is chosen by, as Prometheus and Alertmanager spell them
	Services    []string // services it is chosen by, may be empty
	Joins       []Signal // alerts that belong to an incident while it uses this runbook, in the order of their names
	Symptoms    []string // what people say when this is wrong, in their words, it is found by; may be empty
	Owner       string   // role paged by "help me"
	ReviewedOn  time.Time
	ReviewEvery int // days between reviews
	Parameters  []Parameter
	Intro       string // Markdown between title and first step: symptoms, what is at stake
	Steps       []Step

	File   string // where it was read, for people
	Layer  string // which layer of the catalogue it came from, "" when parsed alone
	Source string // canonical source: UTF-8, LF, one newline at the end
	Digest string // hex SHA-256 of Source; the revision's name

	links []link
	lines map[string]int // line of a front matter field
	rank  int            // number of the layer: later layers win
}

// Signal is an alert with a span of time.
type Signal struct {
	Alert string // its name, as Prometheus and Alertmanager spell it
	// Within, of what joins an incident: how long after its declaration; what fires later is an incident of its own. Of a clock: what has
	// passed of it when the alert fires.
	Within time.Duration
}

// Step is one thing to do.
type Step struct {
	ID          string // stable within the runbook and the same in every language
	Number      int    // 1-based position
	Title       string // plain text
	Kind        Kind
	Phase       Phase
	Minutes     int      // how long it should take
	Who         []string // roles that may do it; empty: whoever responds
	Approval    string   // role that must approve before it is unlocked; empty: nobody
	FourEyes    bool     // a second person must read it before it is run
	Notify      []string // roles that this step tells; external ones get a draft which a person sends
	Clocks      []Clock  // deadlines of the runbook that this step settles when it is done
	Prose       string   // Markdown of the step without its commands, warnings, look-for and branches
	Parts       []Part   // prose and commands in the order of the page
	Commands    []Command
	Warnings    []string // Markdown, one per warning
	Corrections []string // Markdown: what an original procedure said and why it was changed
	LookFor     string   // Markdown: what a good or bad answer looks like
	Branches    []Branch // where to go by finding; empty: the next step

	Line int // of the heading in File
}

// Part is a piece of a step in reading order: either Markdown text or one of the step's commands.
type Part struct {
	Text    string
	Command int // index into Step.Commands, -1 for text
}

// Command is one code block.
type Command struct {
	Language string // "sh", "sql", "text" (a draft), or a language that is shown and never filled: "promql", "traceql", "json", "yaml", "http"
	Code     string // without the fence, no newline at the end, placeholders as {{name}}
	Line     int    // of its first line of code in the file

	slots  []slot
	syntax error // why it does not parse, reported by the linter
}

// Parameters lists the names that c needs, each once, in the order of their first appearance.
func (c Command) Parameters() []string {
	var names []string
	for _, s := range c.slots {
		if !contains(names, s.name) {
			names = append(names, s.name)
		}
	}
	return names
}

// Branch is what a finding leads to. Exactly one of these holds: Done; Step alone (in this runbook); Runbook (and perhaps Step in it).
type Branch struct {
	Finding string // plain text, short enough for a button
	Step    string
	Runbook string
	Done    bool
	Line    int

	number int // the number the link's text claims, 0 when it claims none
}

// Parameter is a value asked once per incident and put into commands.
type Parameter struct {
	Name    string
	What    string         // what it is, for the form
	Pattern *regexp.Regexp // of the whole value
	InWords string         // the pattern for people, used when a value is refused
	Quoting []Quoting      // where it may be put
	Example string
	From    []string // alert labels it is prefilled from, the first that fits wins
	Line    int
}

// Quoting is a kind of place a value is put into.
type Quoting string

// The kinds of place.
const (
	Shell Quoting = "shell" // one literal word of a shell command
	SQL   Quoting = "sql"   // one string literal of a SQL statement
	Text  Quoting = "text"  // words in a draft
)

// Clock is a deadline that the runbook itself carries. Doing its step settles it.
type Clock struct {
	ID         string
	What       string   // what is due
	When       string   // the condition under which it applies, in words; a person confirms it. Empty: always
	Due        string   // as written: "24h after detected"
	Who        string   // role that owes it
	Spent      []Signal // alerts that fire when so much of what the clock counts has passed already, in the order of their names
	Obligation bool     // outlives the resolution of the incident (a regulator's notice does, a retry does not)

	Open    bool          // no time of its own: open until the step is done
	Offset  time.Duration // between anchor and due time, never negative
	Before  bool          // due before the anchor instead of after it
	Anchor  Anchor
	Ref     string // step id or parameter name, by Anchor
	Line    int
	StepRef string // id of the step that carries it
}

// Anchor is the moment a clock counts from.
type Anchor string

// The anchors.
const (
	AtDetected    Anchor = "detected"     // first alert, or the declaration where none came before
	AtDeclared    Anchor = "declared"     // the incident was opened
	AtMitigated   Anchor = "mitigated"    // users are no longer affected
	AtResolved    Anchor = "resolved"     // the incident is over
	AtStepStarted Anchor = "step-started" // Ref names the step
	AtStepDone    Anchor = "step-done"    // Ref names the step
	AtParameter   Anchor = "parameter"    // Ref names a parameter that holds a date
)

// Step returns the step with that id.
func (r *Runbook) Step(id string) (Step, bool) {
	for _, s := range r.Steps {
		if s.ID == id {
			return s, true
		}
	}
	return Step{}, false
}

// Next returns the id of the step after the one named, following the order of the page; "" after the last or for an unknown id.
func (r *Runbook) Next(id string) string {
	for i, s := range r.Steps {
		if s.ID == id && i+1 < len(r.Steps) {
			return r.Steps[i+1].ID
		}
	}
	return ""
}

// Parameter returns the declaration of a parameter.
func (r *Runbook) Parameter(name string) (Parameter, bool) {
	for _, p := range r.Parameters {
		if p.Name == name {
			return p, true
		}
	}
	return Parameter{}, false
}

// Clocks returns every clock of the runbook in the order of its steps.
func (r *Runbook) Clocks() []Clock {
	var all []Clock
	for _, s := range r.Steps {
		all = append(all, s.Clocks...)
	}
	return all
}

// Generic reports whether this is the runbook for incidents that no other fits.
func (r *Runbook) Generic() bool { return r.ID == GenericID }

func contains[T comparable](list []T, v T) bool {
	for _, x := range list {
		if x == v {
			return true
		}
	}
	return false
}

type link struct {
	dest string
	line int
}

// labels are the fixed labels of a page, by language. The colon and the blanks around it are free.
var labels = map[string]struct{ lookFor, then, warning, corrected, done, step string }{
	"en": {"Look for", "Then", "Warning", "Corrected", "done", "step"},
	"fr": {"À observer", "Ensuite", "Attention", "Correction", "fin", "étape"},
}

// Languages lists the languages a runbook can be written in.
func Languages() []string { return []string{"en", "fr"} }

// label splits "**Label:** rest", with any blank (also a no-break one) before the colon, inside or outside the stars.
func label(s, want string) (rest string, ok bool) {
	t, ok := strings.CutPrefix(s, "**"+want)
	if !ok {
		return "", false
	}
	t = strings.TrimLeft(t, " \u00a0\u202f")
	if u, found := strings.CutPrefix(t, ":**"); found {
		return strings.TrimSpace(u), true
	}
	if u, found := strings.CutPrefix(t, "**"); found {
		if u, found = strings.CutPrefix(strings.TrimLeft(u, " \u00a0\u202f"), ":"); found {
			return strings.TrimSpace(u), true
		}
	}
	return "", false
}

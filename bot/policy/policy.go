package policy

import (
	"cmp"
	"crypto/sha256"
	_ "embed" // the default policy is a file, so that a company can start from it
	"encoding/hex"
	"maps"
	"slices"
	"time"

	"github.com/tocsin-bot/tocsin/bot/house"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

//go:embed default.yaml
var defaultSource []byte

//go:embed example.yaml
var exampleSource []byte

// FirstLevelKey is the environment variable that holds the routing key of the first level's first target where the policy gives it no
// address.
const FirstLevelKey = "PAGERDUTY_ROUTING_KEY"

// What version 1 means by a line that is not there. These values never change: they are part of what a digest pins.
const (
	defaultInstallation  = "tocsin"
	defaultZone          = "UTC"
	defaultLanguage      = "en"
	defaultChannel       = "incidents"
	defaultRestart       = 15 * time.Minute
	defaultWarn          = 3 * time.Minute
	defaultMoreTime      = 15 * time.Minute
	defaultConfirm       = 5 * time.Minute
	defaultFirstPage     = "tocsin"
	defaultFirstPageWait = time.Minute
	defaultSeverity      = incident.SEV3
	defaultLadderOwner   = incident.LadderTocsin
	defaultResume        = 30 * time.Minute
	defaultJoin          = 10 * time.Minute
	defaultAfter         = incident.AfterReopen
	defaultReopen        = 30 * time.Minute
	defaultStormRooms    = 5
	defaultStormWithin   = 10 * time.Minute
	defaultReminder      = time.Hour
)

// File is a policy file that was read without a fault.
type File struct {
	Name   string
	Policy incident.Policy
	// IncidentsChannel is where incidents are announced: a channel's name without "#", or its Slack id. It is not part of the frozen
	// policy: an announcement goes where announcements go today.
	IncidentsChannel string
	// Rotations are the duties that this file hands round, by key. They are not part of the frozen policy: whoever is on call today is
	// rung, whatever was in force when the incident began.
	Rotations map[string]house.Rotation
	// HandoverReminder is how long before a duty passes both people are reminded; zero: nobody is.
	HandoverReminder time.Duration

	lines *reader
}

// Default returns the embedded policy and its source, the figures of the on-call runbooks as they are read in default.yaml.
func Default() (incident.Policy, []byte) {
	p, err := Parse("default.yaml", defaultSource)
	if err != nil {
		panic("policy: the embedded default does not parse: " + err.Error()) // a test parses it; it cannot fail in a release
	}
	return *p, slices.Clone(defaultSource)
}

// Example returns the commented example file that ships with the program.
func Example() []byte { return slices.Clone(exampleSource) }

// Parse reads a policy. The error is Faults, all that is wrong with the file, each under the file's name.
func Parse(name string, src []byte) (*incident.Policy, error) {
	f, err := ParseFile(name, src)
	if err != nil {
		return nil, err
	}
	return &f.Policy, nil
}

// ParseFile reads a policy with what a file says beside it. The error is Faults, as with Parse.
func ParseFile(name string, src []byte) (*File, error) {
	r := &reader{file: show(name), lines: map[string]int{}}
	f := r.read(src)
	if f != nil {
		for _, find := range Findings(&f.Policy) {
			if find.Refuse && !r.faulted(find.Field) {
				r.fault(r.line(find.Field), find.Field, find.Key, find.Args)
			}
		}
	}
	if len(r.faults) > 0 {
		slices.SortStableFunc(r.faults, func(a, b Fault) int { return cmp.Compare(a.Line, b.Line) })
		return nil, r.faults
	}
	f.Name, f.lines = r.file, r
	return f, nil
}

// faulted reports whether a field, what it is part of or a part of it has a fault already: what follows from that is not said again.
func (r *reader) faulted(field string) bool {
	inside := func(a, b string) bool {
		return a == b || len(a) > len(b) && a[:len(b)] == b && (a[len(b)] == '.' || a[len(b)] == '[')
	}
	return slices.ContainsFunc(r.faults, func(f Fault) bool {
		return f.Field != "" && (inside(field, f.Field) || inside(f.Field, field))
	})
}

// Digest is the name a source is frozen under: hex SHA-256 of its bytes.
func Digest(src []byte) string {
	sum := sha256.Sum256(src)
	return hex.EncodeToString(sum[:])
}

// Findings is Findings of the policy, each placed in its line of the file.
func (f *File) Findings() []Fault {
	var out []Fault
	for _, find := range Findings(&f.Policy) {
		out = append(out, Fault{f.Name, f.lines.line(find.Field), find.Field, find.Key, find.Args})
	}
	return out
}

// Secret is a secret the policy names, with what it is needed for.
type Secret struct {
	Target string // key of the target whose pages need it
	Env    string // name of an environment variable, or
	File   string // path of a file
}

// Secrets lists the secrets the policy names, by target, sorted: check asks whether each is there. Values are never here.
func Secrets(p *incident.Policy) []Secret {
	var out []Secret
	for _, key := range sortedKeys(p.Targets) {
		switch kind, name := routingKey(p.Targets[key].Address.RoutingKey); kind {
		case "env":
			out = append(out, Secret{Target: key, Env: name})
		case "file":
			out = append(out, Secret{Target: key, File: name})
		}
	}
	return out
}

// routingKey splits what Address.RoutingKey names: "env" and a variable, "file" and a path, or "" when there is none.
func routingKey(s string) (kind, name string) {
	const file = "file:"
	switch {
	case s == "":
		return "", ""
	case len(s) > len(file) && s[:len(file)] == file:
		return "file", s[len(file):]
	}
	return "env", s
}

// sortedKeys returns the keys of m in order: nothing here may depend on map order.
func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

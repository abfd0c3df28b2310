package bot_test

// The rules of the house, checked on the tree itself: who may import whom, who may read the clock, what every package and every exported
// name owes its reader; and that what deploy/ asks of Slack is what bot/slack uses. A rule that is broken fails here with file and line.

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	slackgo "github.com/slack-go/slack"
	"go.yaml.in/yaml/v4"

	"github.com/tocsin-bot/tocsin/bot/slack"
)

const module = "github.com/tocsin-bot/tocsin"

// A room is a package's path inside the module: "bot/incident".

// mayImport says which of our rooms a room may import outside tests. A room that is not listed has no rule yet and fails: whoever adds
// one says here what it may know. "x/..." is x and everything below it. "*" is everything but the command.
var mayImport = map[string][]string{
	"cmd/tocsin": {"*"},
	"bot":        {"*"},
	"bot/sim":    {"*"},
	"bot/demo":   {"*"}, // the bot, the sandbox and a clock in one process

	"bot/incident": {},
	"bot/house":    {},
	"bot/catalog":  {},
	"bot/clock":    {},
	"bot/policy":   {"bot/incident", "bot/house", "bot/catalog"}, // what it reads becomes incident.Policy, its rotations house.Rotation; its faults are read by people, and check says them in French
	// explain runs the core over a policy, and says who is rung.
	"bot/policy/explain": {"bot/incident", "bot/catalog"},
	"bot/timeline":       {"bot/incident", "bot/catalog"},
	"bot/view":           {"bot/incident", "bot/catalog"},

	"bot/journal":             {"bot/incident", "bot/house"},
	"bot/journal/bolt":        {"bot/journal", "bot/incident", "bot/house"},
	"bot/journal/redis":       {"bot/journal", "bot/incident", "bot/house"},
	"bot/journal/journaltest": {"bot/journal", "bot/incident", "bot/house"},

	"bot/engine":    {"bot/journal", "bot/incident", "bot/house", "bot/clock"},
	"bot/outbox":    {"bot/engine", "bot/journal", "bot/incident", "bot/clock"},
	"bot/scheduler": {"bot/engine", "bot/journal", "bot/incident", "bot/house", "bot/clock"}, // recurring duties are deadlines of the house log

	// The edges. Each waits for moments of the domain (back-off, buckets, polling), so each may have the clock.
	"bot/slack":        {"bot/engine", "bot/incident", "bot/view", "bot/timeline", "commands", "bot/clock", "bot/slack/blocks", "bot/catalog"}, // the errors of a Reply are its texts
	"bot/slack/blocks": {"bot/view", "bot/incident", "bot/catalog"},
	"bot/pagerduty":    {"bot/engine", "bot/incident", "bot/house", "bot/view", "bot/timeline", "commands", "bot/clock", "bot/catalog"}, // rosters are facts of the house; the findings of its check are read by people
	"bot/intake":       {"bot/engine", "bot/incident", "bot/view", "bot/timeline", "commands", "bot/clock"},

	"commands": {"bot/incident", "bot/house", "bot/view", "bot/timeline", "runbooks", "bot/catalog"},
	"runbooks": {"bot/catalog"}, // what is wrong with a file is read by people, and lint says it in French

	// The sandbox knows nothing of the bot: any Slack SDK and any PagerDuty client must find the same world.
	"bot/sandbox":           {"bot/sandbox/..."},
	"bot/sandbox/page":      {"bot/sandbox/..."},
	"bot/sandbox/pager":     {"bot/sandbox/..."},
	"bot/sandbox/workspace": {"bot/sandbox/..."},
}

// onlyIn says which rooms may know a library. A store or a service that is a leaf is replaced in one room.
var onlyIn = map[string][]string{
	"github.com/slack-go/slack":           {"bot/slack", "bot/slack/blocks"},
	"github.com/PagerDuty/go-pagerduty":   {"bot/pagerduty"},
	"github.com/gorilla/websocket":        {"bot/slack", "bot/sandbox/workspace"},
	"github.com/redis/go-redis/v9":        {"bot/journal/redis", "bot/sim"},
	"go.etcd.io/bbolt":                    {"bot/journal/bolt"},
	"github.com/robfig/cron/v3":           {"bot/scheduler"},
	"github.com/prometheus/client_golang": {"bot", "bot/intake"},
	"github.com/alecthomas/kong":          {"cmd/tocsin"},
	"github.com/yuin/goldmark":            {"runbooks"},
	"github.com/prometheus/prometheus":    {"runbooks"},
	"github.com/wasilibs/go-pgquery":      {"runbooks"},
	"mvdan.cc/sh/v3":                      {"runbooks"},
	"github.com/alicebob/miniredis/v2":    {"bot/sim"}, // a test's Redis; never in the binary
	"pgregory.net/rapid":                  {"bot/sim", "bot/journal/journaltest"},
	"github.com/google/go-cmp":            {"bot/sim", "bot/journal/journaltest"},
	"testing":                             {"bot/sim", "bot/journal/journaltest"},
	module + "/bot/journal/journaltest":   {"bot/sim"},
	module + "/bot/sim":                   {},
	module + "/bot/journal":               {"cmd/tocsin", "bot", "bot/sim", "bot/demo", "bot/engine", "bot/outbox", "bot/scheduler", "bot/journal"},
	module + "/bot/sandbox":               {"cmd/tocsin", "bot/demo", "bot/sim", "bot/sandbox"},
}

// standardOnly are the rooms that import nothing but the standard library.
var standardOnly = []string{"bot/incident", "bot/house", "bot/catalog", "bot/timeline", "bot/view", "bot/clock", "bot/policy/explain"}

// pure are the rooms whose answers depend on their arguments alone.
var pure = []string{"bot/incident", "bot/house", "bot/policy", "bot/policy/explain", "bot/catalog", "bot/timeline", "bot/view", "bot/slack/blocks"}

// impure are the packages a pure room has no use for: clocks, chance, environment, files, network, logs.
var impure = []string{
	"context", "os", "os/exec", "os/user", "os/signal", "net", "net/http", "math/rand", "math/rand/v2", "crypto/rand", "log", "log/slog", "runtime",
	"syscall", "unsafe", "plugin", "testing", "github.com/rs/zerolog",
}

// clockCalls are the functions of package time that read the clock, wait for it, or take the zone from the environment. LoadLocation is
// none of them: the zone's name is an argument, and the binary carries the zones (tag timetzdata).
var clockCalls = []string{"Now", "Since", "Until", "After", "AfterFunc", "Sleep", "NewTimer", "NewTicker", "Tick", "Local"}

// realTime lists who else may read the real clock, and why. Every wait of the domain goes through bot/clock: a moved clock must move it.
var realTime = map[string]string{
	"bot/clock/clock.go": "it is the clock",

	"bot/outbox/lane.go":   "leases: a moved clock must not make a live worker look dead; polling the store",
	"bot/outbox/outbox.go": "leases, the bound of Stop, polling the store",

	"bot/journal/bolt/memory.go": "leases and replicas",
	"bot/journal/bolt/lanes.go":  "replicas",
	"bot/journal/bolt/store.go":  "Options.Clock left out means real time",
	"bot/journal/bolt/reader.go": "deadlines of a local socket, waiting for its owner",
	"bot/journal/bolt/serve.go":  "deadlines of a local socket, start time in the owner's file",
	"bot/journal/redis/*.go":     "leases, call timeouts, pauses between attempts at a server that does not answer",
	"bot/journal/journaltest/*":  "lets real leases and keys run out",
	"bot/sim/*.go":               "runs in bubbles only, where real time is virtual: it plays the world outside, whose leases and sockets go by it",

	"bot/intake/server.go":          "measures how long a request took",
	"bot/slack/socket.go":           "pings and deadlines of sockets",
	"bot/slack/receiver.go":         "reconnection of sockets, and Stop's bound",
	"bot/slack/request.go":          "the two seconds in which Slack gets its answer",
	"bot/scheduler/scheduler.go":    "cron runs on real time: a moment of the clock is turned into one; how often a failure is logged",
	"bot/scheduler/duty.go":         "renews a duty's lease",
	"bot/check.go":                  "today's date, for runbooks whose review is due; no bot runs",
	"bot/demo/play.go":              "sees in real time whether the world has come to rest before the clock is moved on",
	"bot/bot.go":                    "the heartbeat that says that this replica lives",
	"bot/deadman.go":                "the outside service counts real minutes",
	"cmd/tocsin/policy_backtest.go": "counts back from today; no bot runs",
	"cmd/tocsin/shadow.go":          "yesterday is counted from today; no bot runs",

	// The sandbox imports nothing of ours, so it has a movable clock of its own with the same meaning.
	"bot/sandbox/sandbox.go":             "its movable clock",
	"bot/sandbox/events.go":              "heartbeats of an event stream",
	"bot/sandbox/pager/pager.go":         "the clock when none is given",
	"bot/sandbox/pager/rest.go":          "a slow answer, felt by a client's real timeout",
	"bot/sandbox/workspace/options.go":   "the clock when none is given",
	"bot/sandbox/workspace/socket.go":    "pings and deadlines of sockets",
	"bot/sandbox/workspace/envelopes.go": "how long a client may take to acknowledge",
	"bot/sandbox/workspace/workspace.go": "a slow answer, felt by a client's real timeout",
}

// excused are breaks that are known and wait to be mended: the words of the failure without line numbers, and the day with the reason. A
// line whose break is gone fails.
var excused = map[string]string{}

// found collects breaks of one rule.
type found []string

func (f *found) add(format string, args ...any) { *f = append(*f, fmt.Sprintf(format, args...)) }

// lines are the places inside files, which move while a break stays.
var lines = regexp.MustCompile(`\.go:\d+`)

func excuse(b string) string { return lines.ReplaceAllString(b, ".go") }

// rules are all rules about the tree, by name.
var rules = []struct {
	name string
	find func(tree) found
}{
	{"who may import whom", whoMayImportWhom},
	{"pure rooms", pureRooms},
	{"only the clock reads the clock", onlyTheClockReadsTheClock},
	{"no init", noInit},
	{"every package says what it guarantees", packageComments},
	{"every exported name has a doc comment", docComments},
}

func TestRulesOfTheHouse(t *testing.T) {
	h := read(t)
	for _, r := range rules {
		t.Run(r.name, func(t *testing.T) {
			breaks := r.find(h)
			slices.Sort(breaks)
			for _, b := range slices.Compact(breaks) {
				if _, ok := excused[excuse(b)]; !ok {
					t.Error(b)
				}
			}
		})
	}
}

func TestNothingIsExcusedInVain(t *testing.T) {
	h := read(t)
	left := maps.Clone(excused)
	for _, r := range rules {
		for _, b := range r.find(h) {
			delete(left, excuse(b))
		}
	}
	for _, b := range slices.Sorted(maps.Keys(left)) {
		t.Errorf("mended, so take the line out of excused: %s (%s)", b, excused[b])
	}
}

// pkg is what `go list -json` says of a package.
type pkg struct {
	ImportPath, Dir, Name              string
	GoFiles, TestGoFiles, XTestGoFiles []string
	Imports                            []string
	Error                              *struct{ Err string }
}

func (p pkg) room() string { return strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/") }

// file is a parsed source file.
type file struct {
	name string // path inside the repository, with slashes
	room string
	test bool
	ast  *ast.File
}

// house is the tree as this test reads it, once.
var house = sync.OnceValues(func() (tree, error) {
	t := tree{fset: token.NewFileSet()}
	root, err := filepath.Abs("..")
	if err != nil {
		return t, err
	}
	t.root = root
	cmd := exec.Command("go", "list", "-json=ImportPath,Dir,Name,GoFiles,TestGoFiles,XTestGoFiles,Imports,Error", "./...")
	cmd.Dir = root
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		return t, fmt.Errorf("go list: %w: %s", err, errs.String())
	}
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return t, err
		}
		if p.Error != nil {
			return t, errors.New(p.Error.Err)
		}
		t.pkgs = append(t.pkgs, p)
		for i, names := range [][]string{p.GoFiles, p.TestGoFiles, p.XTestGoFiles} {
			for _, n := range names {
				f, err := parser.ParseFile(t.fset, filepath.Join(p.Dir, n), nil, parser.ParseComments|parser.SkipObjectResolution)
				if err != nil {
					return t, err
				}
				t.files = append(t.files, file{path.Join(p.room(), n), p.room(), i > 0, f})
			}
		}
	}
	return t, nil
})

type tree struct {
	root  string
	fset  *token.FileSet
	pkgs  []pkg
	files []file
}

func read(t *testing.T) tree {
	t.Helper()
	h, err := house()
	if err != nil {
		t.Fatal(err)
	}
	if len(h.pkgs) < 15 || len(h.files) < 100 {
		t.Fatalf("only %d packages with %d files were seen: a rule about nothing proves nothing", len(h.pkgs), len(h.files))
	}
	return h
}

// at is where something stands, without its column.
func (t tree) at(f file, n ast.Node) string {
	return fmt.Sprintf("%s:%d", f.name, t.fset.Position(n.Pos()).Line)
}

// imports tells the name under which a file knows each package it imports.
func (f file) imports() map[string]string {
	out := map[string]string{}
	for _, s := range f.ast.Imports {
		p, err := strconv.Unquote(s.Path.Value)
		if err != nil {
			continue
		}
		name := path.Base(p)
		if s.Name != nil {
			name = s.Name.Name
		}
		out[p] = name
	}
	return out
}

// below reports that a path is another or lies below it.
func below(p, parent string) bool { return p == parent || strings.HasPrefix(p, parent+"/") }

func allowed(rules []string, room string) bool {
	return slices.ContainsFunc(rules, func(r string) bool {
		if base, deep := strings.CutSuffix(r, "/..."); deep {
			return below(room, base)
		}
		return r == room || r == "*" && !below(room, "cmd")
	})
}

// standard reports that an import path is the standard library's: its first element has no dot.
func standard(p string) bool {
	first, _, _ := strings.Cut(p, "/")
	return !strings.Contains(first, ".")
}

func whoMayImportWhom(h tree) found {
	var f found
	for _, p := range h.pkgs {
		rules, ok := mayImport[p.room()]
		if !ok {
			f.add("%s: no rule says what it may import; add it to mayImport", p.room())
			continue
		}
		for _, i := range p.Imports {
			if to, ours := strings.CutPrefix(i, module+"/"); ours && !allowed(rules, to) {
				f.add("%s imports %s; it may import %s", p.room(), to, strings.Join(rules, ", "))
			}
			if slices.Contains(standardOnly, p.room()) && !standard(i) && !below(i, module) {
				f.add("%s imports %s; it may import the standard library only", p.room(), i)
			}
			for lib, rooms := range onlyIn {
				in := slices.ContainsFunc(rooms, func(r string) bool { return below(p.room(), r) })
				if below(i, lib) && !in {
					f.add("%s imports %s; only %s may know it", p.room(), i, strings.Join(rooms, ", "))
				}
			}
		}
	}
	return f
}

func pureRooms(h tree) found {
	seen := map[string]bool{}
	var f found
	for _, src := range h.files {
		if src.test || !slices.Contains(pure, src.room) {
			continue
		}
		seen[src.room] = true
		names := src.imports()
		for _, p := range impure {
			if _, ok := names[p]; ok {
				f.add("%s imports %s; a pure room has no clock, chance, environment, files, network or log", src.name, p)
			}
		}
		h.calls(src, "time", clockCalls, func(at, call string) {
			f.add("%s: %s in a pure room; let the caller say", at, call)
		})
		ast.Inspect(src.ast, func(n ast.Node) bool {
			if g, ok := n.(*ast.GoStmt); ok {
				f.add("%s: a goroutine in a pure room", h.at(src, g))
			}
			return true
		})
	}
	for _, r := range pure {
		if !seen[r] {
			f.add("%s: listed as pure and not there", r)
		}
	}
	return f
}

// calls reports every mention of one of a package's functions in a file.
func (t tree) calls(f file, pkgPath string, functions []string, report func(at, call string)) {
	name, ok := f.imports()[pkgPath]
	if !ok {
		return
	}
	ast.Inspect(f.ast, func(n ast.Node) bool {
		s, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if x, ok := s.X.(*ast.Ident); ok && x.Name == name && slices.Contains(functions, s.Sel.Name) {
			report(t.at(f, s), pkgPath+"."+s.Sel.Name)
		}
		return true
	})
}

func onlyTheClockReadsTheClock(h tree) found {
	var f found
	for _, src := range h.files {
		if src.test || slices.Contains(pure, src.room) {
			continue // the pure rooms have a stricter rule
		}
		may := false
		for pattern := range realTime {
			ok, err := path.Match(pattern, src.name)
			if err != nil {
				f.add("realTime: pattern %q: %v", pattern, err)
			}
			may = may || ok
		}
		if may {
			continue
		}
		h.calls(src, "time", clockCalls, func(at, call string) {
			f.add("%s: %s; wait through bot/clock, or say in realTime why it must be real time", at, call)
		})
	}
	return f
}

func noInit(h tree) found {
	var f found
	for _, src := range h.files {
		for _, d := range src.ast.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
				f.add("%s: func init; what happens must be called by somebody", h.at(src, fn))
			}
		}
	}
	return f
}

func packageComments(h tree) found {
	said := map[string]string{}
	var f found
	for _, src := range h.files {
		if src.test || src.ast.Doc == nil {
			continue
		}
		text := src.ast.Doc.Text()
		if want := "Package " + src.ast.Name.Name + " "; src.ast.Name.Name != "main" && !strings.HasPrefix(text, want) {
			f.add("%s: the package comment begins with %q, not with %q", src.name, strings.SplitN(text, "\n", 2)[0], want)
		}
		if other, ok := said[src.room]; ok {
			f.add("%s: a second package comment; the first is in %s", src.name, other)
		}
		said[src.room] = src.name
	}
	for _, p := range h.pkgs {
		if len(p.GoFiles) > 0 && said[p.room()] == "" {
			f.add("%s: no package comment", p.room())
		}
	}
	return f
}

func docComments(h tree) found {
	var f found
	for _, src := range h.files {
		if src.test {
			continue
		}
		for _, d := range src.ast.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Doc == nil && d.Name.IsExported() && (d.Recv == nil || ast.IsExported(receiver(d))) {
					f.add("%s: %s has no doc comment", h.at(src, d), strings.TrimPrefix(receiver(d)+"."+d.Name.Name, "."))
				}
			case *ast.GenDecl:
				for _, s := range d.Specs {
					switch s := s.(type) {
					case *ast.TypeSpec:
						if s.Name.IsExported() && d.Doc == nil && s.Doc == nil && s.Comment == nil {
							f.add("%s: %s has no doc comment", h.at(src, s), s.Name.Name)
						}
					case *ast.ValueSpec:
						for _, n := range s.Names {
							if n.IsExported() && d.Doc == nil && s.Doc == nil && s.Comment == nil {
								f.add("%s: %s has no doc comment", h.at(src, s), n.Name)
							}
						}
					}
				}
			}
		}
	}
	return f
}

// receiver is the name of a method's type; empty for a function.
func receiver(d *ast.FuncDecl) string {
	if d.Recv == nil || len(d.Recv.List) == 0 {
		return ""
	}
	x := d.Recv.List[0].Type
	for {
		switch y := x.(type) {
		case *ast.StarExpr:
			x = y.X
		case *ast.IndexExpr:
			x = y.X
		case *ast.IndexListExpr:
			x = y.X
		case *ast.Ident:
			return y.Name
		default:
			return ""
		}
	}
}

// TestTheRulesBite shows each rule a small tree that breaks it: a rule that cannot fail guards nothing.
func TestTheRulesBite(t *testing.T) {
	for _, c := range []struct {
		name, room, src string
		imports         []string
		want            []string // in what the rules say; nothing: they say nothing
	}{
		{name: "a clean room", room: "bot/engine", src: "// Package x guarantees.\npackage x\n\n// A says.\nfunc A() {}\n", imports: []string{"context", module + "/bot/journal"}},
		{name: "slack knows the journal", room: "bot/slack", imports: []string{module + "/bot/journal"}, want: []string{"bot/slack imports bot/journal"}},
		{name: "the outbox knows slack", room: "bot/outbox", imports: []string{module + "/bot/slack"}, want: []string{"bot/outbox imports bot/slack"}},
		{name: "a command knows slack's blocks", room: "commands", imports: []string{module + "/bot/slack/blocks"}, want: []string{"commands imports bot/slack/blocks"}},
		{name: "the sandbox knows the bot", room: "bot/sandbox/pager", imports: []string{module + "/bot/incident"}, want: []string{"bot/sandbox/pager imports bot/incident"}},
		{name: "the core knows a library", room: "bot/incident", imports: []string{"github.com/rs/zerolog"}, want: []string{"standard library only"}},
		{name: "an edge knows the store's library", room: "bot/slack", imports: []string{"github.com/redis/go-redis/v9/maintnotifications"}, want: []string{"only bot/journal/redis, bot/sim may know it"}},
		{name: "the binary carries a fake", room: "bot", imports: []string{"github.com/alicebob/miniredis/v2"}, want: []string{"bot imports github.com/alicebob/miniredis/v2"}},
		{name: "a room knows the whole house", room: "bot/intake", imports: []string{module + "/bot"}, want: []string{"bot/intake imports bot; it may import"}},
		{name: "a room without a rule", room: "bot/newcomer", want: []string{"no rule says what it may import"}},
		{name: "a pure room reads the clock", room: "bot/view", src: "// Package x says.\npackage x\nimport \"time\"\nvar now = time.Now\n", want: []string{"bot/view/x.go:4: time.Now in a pure room"}},
		{name: "under another name", room: "bot/view", src: "// Package x says.\npackage x\nimport t \"time\"\nvar now = t.Now()\n", want: []string{"x.go:4: time.Now in a pure room"}},
		{name: "a pure room throws dice", room: "bot/incident", src: "// Package x says.\npackage x\nimport \"math/rand/v2\"\nvar n = rand.Int()\n", want: []string{"imports math/rand/v2"}},
		{name: "a pure room reads the environment", room: "bot/policy", src: "// Package x says.\npackage x\nimport \"os\"\nvar e = os.Getenv(\"HOME\")\n", want: []string{"imports os"}},
		{name: "a pure room starts a goroutine", room: "bot/house", src: "// Package x says.\npackage x\nfunc f() { go f() }\n", want: []string{"a goroutine in a pure room"}},
		{name: "a room waits in real time", room: "bot/scheduler", src: "// Package x says.\npackage x\nimport \"time\"\nfunc f() { time.Sleep(1) }\n", want: []string{"bot/scheduler/x.go:4: time.Sleep; wait through bot/clock"}},
		{name: "a duration is no clock", room: "bot/scheduler", src: "// Package x says.\npackage x\nimport \"time\"\nconst d = time.Second\n"},
		{name: "init", room: "bot/intake", src: "// Package x says.\npackage x\nfunc init() {}\n", want: []string{"x.go:3: func init"}},
		{name: "a package without a word", room: "bot/intake", src: "package x\n", want: []string{"bot/intake: no package comment"}},
		{name: "an exported function without a word", room: "bot/intake", src: "// Package x says.\npackage x\nfunc A() {}\n", want: []string{"x.go:3: A has no doc comment"}},
		{name: "an exported method without a word", room: "bot/intake", src: "// Package x says.\npackage x\n// T is.\ntype T[K any] struct{}\nfunc (t *T[K]) A() {}\n", want: []string{"x.go:5: T.A has no doc comment"}},
		{name: "an exported constant without a word", room: "bot/intake", src: "// Package x says.\npackage x\nconst A = 1\n", want: []string{"x.go:3: A has no doc comment"}},
		{name: "a group's comment is enough", room: "bot/intake", src: "// Package x says.\npackage x\n// Kinds.\nconst (\n\tA = 1\n\tB = 2\n)\n"},
		{name: "a method of something unexported", room: "bot/intake", src: "// Package x says.\npackage x\ntype t struct{}\nfunc (t) A() {}\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := tree{fset: token.NewFileSet(), pkgs: []pkg{{ImportPath: module + "/" + c.room, Name: "x", GoFiles: []string{"x.go"}, Imports: c.imports}}}
			if c.src == "" {
				c.src = "// Package x guarantees.\npackage x\n"
			}
			f, err := parser.ParseFile(h.fset, "x.go", c.src, parser.ParseComments|parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			h.files = []file{{name: c.room + "/x.go", room: c.room, ast: f}}
			var said []string
			for _, r := range rules {
				for _, b := range r.find(h) {
					if !strings.Contains(b, "listed as pure and not there") { // the tree of this test has one room
						said = append(said, b)
					}
				}
			}
			if len(said) != len(c.want) {
				t.Fatalf("the rules say %q, want %q", said, c.want)
			}
			for i, w := range c.want {
				if !strings.Contains(said[i], w) {
					t.Errorf("the rules say %q, want %q", said[i], w)
				}
			}
		})
	}
}

// What deploy/ asks for, against what the code uses.

// methodScopes is the bot scope that each Web API method of bot/slack needs (docs.slack.dev/reference/methods); "" is none. Methods that
// work on several kinds of conversation need the one of the kind; here stands the one for public channels, or for direct messages where
// only those are meant.
var methodScopes = map[string]string{
	"apps.connections.open":    "", // connections:write, of the app-level token
	"auth.test":                "",
	"bookmarks.add":            "bookmarks:write",
	"bookmarks.list":           "bookmarks:read",
	"chat.delete":              "chat:write",
	"chat.postEphemeral":       "chat:write",
	"chat.postMessage":         "chat:write",
	"chat.update":              "chat:write",
	"conversations.archive":    "channels:manage",
	"conversations.create":     "channels:manage",
	"conversations.history":    "channels:history",
	"conversations.info":       "channels:read",
	"conversations.invite":     "channels:manage",
	"conversations.join":       "channels:join",
	"conversations.list":       "channels:read",
	"conversations.members":    "channels:read",
	"conversations.open":       "im:write",
	"conversations.rename":     "channels:manage",
	"conversations.replies":    "channels:history",
	"conversations.setPurpose": "channels:manage",
	"conversations.setTopic":   "channels:manage",
	"pins.add":                 "pins:write",
	"users.conversations":      "channels:read",
	"users.info":               "users:read",
	"users.lookupByEmail":      "users:read.email",
	"views.open":               "",
	"views.publish":            "",
	"views.update":             "",
}

// eventScopes is the bot scope of each event a manifest may subscribe to, and the type that the event has when it arrives.
var eventScopes = map[string]struct{ scope, inner string }{
	"app_home_opened":       {"", "app_home_opened"},
	"app_mention":           {"app_mentions:read", "app_mention"},
	"channel_archive":       {"channels:read", "channel_archive"},
	"channel_rename":        {"channels:read", "channel_rename"},
	"channel_unarchive":     {"channels:read", "channel_unarchive"},
	"member_joined_channel": {"channels:read", "member_joined_channel"},
	"member_left_channel":   {"channels:read", "member_left_channel"},
	"message.channels":      {"channels:history", "message"},
	"message.groups":        {"groups:history", "message"},
	"message.im":            {"im:history", "message"},
	"pin_added":             {"pins:read", "pin_added"},
	"reaction_added":        {"reactions:read", "reaction_added"},
	"reaction_removed":      {"reactions:read", "reaction_removed"},
	"user_change":           {"users:read", "user_change"},
}

// otherKinds are the scopes that a method needs for a further kind of conversation: no method of its own asks for them.
var otherKinds = map[string]string{
	"commands":       "the slash command",
	"groups:write":   "conversations.create, of private channels",
	"groups:read":    "users.conversations, of private channels",
	"groups:history": "conversations.history, of private channels",
	"im:history":     "conversations.history, of direct messages",
}

var apiMethod = regexp.MustCompile(`^(apps|auth|bookmarks|bots|calls|canvases|chat|conversations|dnd|emoji|entity|files|functions|pins|reactions|reminders|team|usergroups|users|views)\.[A-Za-z.]+$`)

// capitals are the seams of a Go name: slackevents.AppHomeOpened is "app_home_opened".
var capitals = regexp.MustCompile(`([a-z])([A-Z])`)

// slackWords are the string constants of bot/slack that name Web API methods (but for the table of limits, which may name more than are
// called) and those that stand in a case of a switch, as the types of events do.
func slackWords(t *testing.T) (methods, cases map[string]string) {
	methods, cases = map[string]string{}, map[string]string{}
	h := read(t)
	for _, f := range h.files {
		if f.room != "bot/slack" || f.test {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CaseClause:
				for _, x := range n.List {
					if l, ok := x.(*ast.BasicLit); ok && l.Kind == token.STRING {
						s, _ := strconv.Unquote(l.Value) // the parser took it
						cases[s] = h.at(f, l)
					}
					if sel, ok := x.(*ast.SelectorExpr); ok {
						if pkg, ok := sel.X.(*ast.Ident); ok && pkg.Name == "slackevents" {
							cases[strings.ToLower(capitals.ReplaceAllString(sel.Sel.Name, "${1}_${2}"))] = h.at(f, sel)
						}
					}
				}
			case *ast.KeyValueExpr:
				if path.Base(f.name) == "limits.go" {
					return false
				}
			case *ast.BasicLit:
				if s, err := strconv.Unquote(n.Value); err == nil && n.Kind == token.STRING && apiMethod.MatchString(s) {
					methods[s] = h.at(f, n)
				}
			}
			return true
		})
	}
	return methods, cases
}

func manifest(t *testing.T) slackgo.Manifest {
	t.Helper()
	src, err := os.ReadFile("../deploy/slack/manifest.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var m slackgo.Manifest
	dec := yaml.NewDecoder(bytes.NewReader(src))
	dec.KnownFields(true)
	if err := dec.Decode(&m); err != nil {
		t.Fatalf("deploy/slack/manifest.yaml: %v", err)
	}
	return m
}

func TestManifestAsksForWhatTheCodeUses(t *testing.T) {
	m := manifest(t)
	granted := slices.Concat(m.OAuthConfig.Scopes.Bot, m.OAuthConfig.Scopes.BotOptional)
	methods, cases := slackWords(t)
	if len(methods) < 15 {
		t.Fatalf("only %d methods were found in bot/slack: %v", len(methods), methods)
	}
	needed := map[string]bool{}
	for s := range otherKinds {
		needed[s] = true
	}
	for _, name := range slices.Sorted(maps.Keys(methods)) {
		scope, ok := methodScopes[name]
		switch {
		case !ok:
			t.Errorf("%s: %s is called; say in methodScopes what scope it needs", methods[name], name)
		case scope != "" && !slices.Contains(granted, scope):
			t.Errorf("%s: %s is called and needs %s, which the manifest does not ask for", methods[name], name, scope)
		}
		needed[scope] = true
	}
	events := m.Settings.EventSubscriptions.BotEvents
	for _, e := range events {
		x, ok := eventScopes[e]
		switch {
		case !ok:
			t.Errorf("the manifest subscribes to %s; say in eventScopes what scope it needs", e)
			continue
		case x.scope != "" && !slices.Contains(granted, x.scope):
			t.Errorf("the manifest subscribes to %s without asking for %s", e, x.scope)
		case cases[x.inner] == "":
			t.Errorf("the manifest subscribes to %s, and nothing in bot/slack has a case for %q", e, x.inner)
		}
		needed[x.scope] = true
	}
	for name, x := range eventScopes {
		if at := cases[x.inner]; at != "" && !slices.ContainsFunc(events, func(e string) bool { return eventScopes[e].inner == x.inner }) {
			t.Errorf("%s: %s is handled, and the manifest subscribes to no such event", at, name)
		}
	}
	for _, s := range granted {
		if !needed[s] {
			t.Errorf("the manifest asks for %s, which nothing uses: a bot that asks for more than it needs is not let in", s)
		}
	}

	// `tocsin check` tells the operator from slack.Scopes what is missing: it and the manifest say the same, in the same order of need.
	var must, may []string
	for _, s := range slack.Scopes() {
		if !slices.Contains(granted, s.Name) {
			t.Errorf("slack.Scopes names %s, which the manifest does not ask for", s.Name)
		}
		if s.Optional {
			may = append(may, s.Name)
		} else {
			must = append(must, s.Name)
		}
	}
	for _, s := range granted {
		if !slices.Contains(must, s) && !slices.Contains(may, s) {
			t.Errorf("the manifest asks for %s, which slack.Scopes does not name", s)
		}
	}
	if got := granted[:min(len(must), len(granted))]; !equalSets(got, must) {
		t.Errorf("the manifest's first scopes are %v; those that Tocsin does not work without are %v", got, must)
	}
}

func equalSets(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

// TestManifestIsWithinSlacksLimits holds the manifest against docs.slack.dev/reference/app-manifest.
func TestManifestIsWithinSlacksLimits(t *testing.T) {
	m := manifest(t)
	length := func(what, s string, least, most int) {
		t.Helper()
		if n := utf8.RuneCountInString(s); n < least || n > most {
			t.Errorf("%s is %d characters long; Slack takes %d to %d: %q", what, n, least, most, s)
		}
	}
	if m.Metadata.MajorVersion != 2 {
		t.Errorf("the schema's version is %d, want 2", m.Metadata.MajorVersion)
	}
	length("display_information.name", m.Display.Name, 1, 35)
	length("display_information.description", m.Display.Description, 0, 140)
	length("display_information.long_description", m.Display.LongDescription, 174, 4000)
	if !regexp.MustCompile(`^#([0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})$`).MatchString(m.Display.BackgroundColor) {
		t.Errorf("background_color %q is no colour", m.Display.BackgroundColor)
	}
	length("bot_user.display_name", m.Features.BotUser.DisplayName, 1, 80)
	if !regexp.MustCompile(`^[A-Za-z0-9_.-]+$`).MatchString(m.Features.BotUser.DisplayName) {
		t.Errorf("bot_user.display_name %q has characters that Slack refuses", m.Features.BotUser.DisplayName)
	}
	if len(m.Features.SlashCommands) != 1 {
		t.Fatalf("%d slash commands, want one", len(m.Features.SlashCommands))
	}
	c := m.Features.SlashCommands[0]
	length("the command", c.Command, 2, 32)
	length("its description", c.Description, 1, 2000)
	length("its usage hint", c.UsageHint, 0, 1000)
	if c.Command != "/incident" {
		t.Errorf("the command is %q; TOCSIN_COMMAND's default is /incident", c.Command)
	}
	if !c.ShouldEscape {
		t.Error("should_escape is off: people would arrive as names, which the commands do not read")
	}
	if c.Url != "" || m.Settings.EventSubscriptions.RequestUrl != "" || m.Settings.Interactivity.RequestUrl != "" {
		t.Error("with Socket Mode there is no URL")
	}
	if !m.Settings.SocketModeEnabled || !m.Settings.Interactivity.IsEnabled || !m.Features.AppHome.HomeTabEnabled || !m.Features.AppHome.MessagesTabEnabled {
		t.Error("Socket Mode, interactivity, the Home tab and the messages tab must be on")
	}
	if m.Settings.TokenRotationEnabled {
		t.Error("token rotation is on: tokens would end after 12 hours")
	}
	if n := len(m.Settings.EventSubscriptions.BotEvents); n > 100 {
		t.Errorf("%d events; Slack takes 100", n)
	}
	if len(m.OAuthConfig.Scopes.User) > 0 {
		t.Errorf("user scopes %v: Tocsin acts as itself only", m.OAuthConfig.Scopes.User)
	}
	for _, list := range [][]string{m.OAuthConfig.Scopes.Bot, m.Settings.EventSubscriptions.BotEvents} {
		if s := slices.Sorted(slices.Values(list)); len(slices.Compact(s)) != len(list) {
			t.Errorf("something is listed twice: %v", list)
		}
	}
}

// environment are the variables that the command reads, and those of them that may be given as a file, by NAME_FILE. A policy may name
// others of the kind PAGERDUTY_ROUTING_KEY_....
func environment(t *testing.T) (all, files map[string]bool) {
	all, files = map[string]bool{}, map[string]bool{}
	for _, f := range read(t).files {
		if f.room != "cmd/tocsin" || f.test {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.Field:
				if n.Tag != nil {
					tag, _ := strconv.Unquote(n.Tag.Value) // the parser took it
					if v := reflect.StructTag(tag).Get("env"); v != "" {
						all[v] = true
					}
				}
			case *ast.CallExpr:
				if f, ok := n.Fun.(*ast.Ident); !ok || f.Name != "fromFiles" {
					return true
				}
				ast.Inspect(n, func(n ast.Node) bool {
					if kv, ok := n.(*ast.KeyValueExpr); ok {
						if l, ok := kv.Key.(*ast.BasicLit); ok {
							s, _ := strconv.Unquote(l.Value)
							files[s] = true
						}
					}
					return true
				})
			}
			return true
		})
	}
	return all, files
}

// deployFiles are the files an operator starts from, by path.
func deployFiles(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	add := func(name string) {
		b, err := os.ReadFile(filepath.Join("..", name))
		if err != nil {
			t.Fatal(err)
		}
		out[filepath.ToSlash(name)] = string(b)
	}
	for _, n := range []string{"README.md", "Dockerfile"} {
		add(n)
	}
	err := filepath.WalkDir("../deploy", func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && path.Ext(p) != ".png" {
			rel, _ := filepath.Rel("..", p) // both are relative to here
			add(rel)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestDeployNamesVariablesThatExist(t *testing.T) {
	variable := regexp.MustCompile(`\b(SLACK|TOCSIN|PAGERDUTY|ALERTMANAGER|REDIS)_[A-Z_]+[A-Z]\b`)
	all, files := environment(t)
	if len(all) < 18 || len(files) < 7 {
		t.Fatalf("cmd/tocsin reads only %d variables, %d of them from files: were they moved?", len(all), len(files))
	}
	seen := map[string]bool{}
	for name, text := range deployFiles(t) {
		for _, v := range variable.FindAllString(text, -1) {
			seen[v] = true
			base, isFile := strings.CutSuffix(v, "_FILE")
			key := strings.HasPrefix(base, "PAGERDUTY_ROUTING_KEY_")
			if !all[base] && !key || isFile && !key && !files[base] {
				t.Errorf("%s names %s, which tocsin does not read", name, v)
			}
		}
	}
	if len(seen) < 10 {
		t.Errorf("only %v were seen", slices.Sorted(maps.Keys(seen)))
	}
}

func TestDeployIsYAMLWithoutSurprises(t *testing.T) {
	n := 0
	for name, text := range deployFiles(t) {
		if ext := path.Ext(name); ext != ".yaml" && ext != ".yml" {
			continue
		}
		n++
		for dec := yaml.NewDecoder(strings.NewReader(text)); ; {
			var doc any
			if err := dec.Decode(&doc); errors.Is(err, io.EOF) {
				break
			} else if err != nil { // a key given twice, too
				t.Errorf("%s: %v", name, err)
				break
			}
		}
	}
	if n < 5 {
		t.Errorf("only %d YAML files were seen under deploy/", n)
	}
}

func TestAlertRulesNameMetricsThatExist(t *testing.T) {
	h := read(t)
	exported := map[string]bool{}
	for _, f := range h.files {
		if f.test {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			var name ast.Expr
			prefix := ""
			switch n := n.(type) {
			case *ast.KeyValueExpr: // prometheus.CounterOpts{Name: "tocsin_..."}
				if k, ok := n.Key.(*ast.Ident); ok && k.Name == "Name" {
					name = n.Value
				}
			case *ast.CallExpr: // bot/ready.go: gauge("...", ...), in the namespace tocsin
				if fn, ok := n.Fun.(*ast.Ident); ok && f.room == "bot" && (fn.Name == "gauge" || fn.Name == "counter") && len(n.Args) > 0 {
					name, prefix = n.Args[0], "tocsin_"
				}
			}
			if l, ok := name.(*ast.BasicLit); ok && l.Kind == token.STRING {
				if s, err := strconv.Unquote(l.Value); err == nil && strings.HasPrefix(prefix+s, "tocsin_") {
					exported[prefix+s] = true
				}
			}
			return true
		})
	}
	metric := regexp.MustCompile(`\btocsin_[a-z_]+\b`)
	seen := 0
	for name, text := range deployFiles(t) {
		if !strings.HasPrefix(name, "deploy/prometheus/") {
			continue
		}
		for _, m := range metric.FindAllString(text, -1) {
			seen++
			base := m
			for _, suffix := range []string{"_bucket", "_count", "_sum"} {
				if b, ok := strings.CutSuffix(m, suffix); ok && exported[b] {
					base = b
				}
			}
			if !exported[base] {
				t.Errorf("%s watches %s, which nothing exposes", name, m)
			}
		}
	}
	if seen == 0 {
		t.Error("no metric was seen under deploy/prometheus")
	}
}

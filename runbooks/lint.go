package runbooks

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/tocsin-bot/tocsin/bot/catalog"
)

// Finding is something the linter has against a catalogue that loads.
type Finding struct {
	File string
	Line int // 1-based; 0 when it concerns the whole file or catalogue
	Rule string
	Key  string // of its words, as a Problem's
	Args catalog.Args
}

// String returns "file:line: rule: message; mend", in English.
func (f Finding) String() string { return f.In(catalog.English) }

// In says it in one line of a language. File, line and rule stand the same in both.
func (f Finding) In(lang string) string { return f.problem().In(lang) }

func (f Finding) problem() Problem { return Problem{f.File, f.Line, f.Rule, f.Key, f.Args} }

// What says in a language what is wrong.
func (f Finding) What(lang string) string { return f.problem().What(lang) }

// Mend says in a language what to write instead.
func (f Finding) Mend(lang string) string { return f.problem().Mend(lang) }

// The rules of the linter.
const (
	RuleDeadBranch          = "dead-branch"           // a branch to a step or runbook that is not there
	RuleDeadLink            = "dead-link"             // a link to a step or file that is not there
	RuleStepNumber          = "step-number"           // a link says "step 4" and leads to step 5
	RuleNobodyHolds         = "role-nobody-holds"     // a guard whose key nobody has
	RuleUnknownRole         = "unknown-role"          // an owner, approval, recipient or debtor the policy does not know
	RuleAlertTwice          = "alert-claimed-twice"   // two runbooks of one layer for one alert
	RuleAlertWithout        = "alert-without-runbook" // an alert of the list that no runbook claims
	RuleUnknownAlert        = "unknown-alert"         // a claimed alert that is not in the list
	RuleRunbookWithoutAlert = "runbook-without-alert" // no alert begins it and no service has it put forward
	RuleCommandSyntax       = "command-syntax"        // what a parser of the command's language refuses
	RuleUnguarded           = "unguarded-destructive" // a destructive command in a step not marked so
	RuleNoLookFor           = "no-look-for"           // a step that does not say what to look for
	RuleNoTranslation       = "no-translation"        // written in one language only
	RuleOutOfStep           = "languages-out-of-step" // the two languages differ in what is done
	RuleReviewOverdue       = "review-overdue"        // the last review is too long ago
	RuleUnusedParameter     = "unused-parameter"      // asked for and put nowhere
	RuleUnreachable         = "unreachable-step"      // no order and no branch leads there
	RuleTooLong             = "too-long-for-card"     // the commands of a step do not all fit its card
)

// LintOptions is what the linter needs to know of the world.
type LintOptions struct {
	// Roles are the keys that owner, approval, who and notify may name. Nil: DefaultRoles.
	Roles []string
	// Contacts are those of the roles that are told and that nobody who talks to the bot holds: they can neither approve a step nor be the only
	// ones to do it. Nil: DefaultContacts.
	Contacts []string
	// Alerts are the alerts that can arrive. Nil: the rules about alerts that need the list are left out.
	Alerts []string
	// EmbeddedSQL has the SQL of the embedded runbooks parsed, too. Left out, theirs is not, nobody can edit it and the tests of this package do: a
	// catalogue without SQL of its own is spared the seconds that the grammar of PostgreSQL takes to start.
	EmbeddedSQL bool
	// Today is the date reviews are compared with. Zero: reviews are not checked.
	Today time.Time
}

// CardCommands is how many bytes of commands the card of a step shows, with room for the values. What does not fit is left out whole, with a
// word about it.
const CardCommands = 5000

// DefaultRoles returns the roles of the embedded runbooks: levels and rotations, incident roles, and contacts inside and outside.
func DefaultRoles() []string {
	return []string{"primary", "secondary", "executive", "tech_lead", "cto", "ceo", "compliance_officer",
		"incident_commander", "communications_lead", "scribe",
		"legal", "customer_success", "tenant_compliance_officer", "tenant_dpo", "customer", "regulator", "aml_authority"}
}

// DefaultContacts returns the roles that are told alone, where no policy gives them people.
func DefaultContacts() []string {
	return []string{"legal", "customer_success", "tenant_compliance_officer", "tenant_dpo", "customer", "regulator", "aml_authority"}
}

type linter struct {
	c           *Catalogue
	embeddedSQL bool
	findings    []Finding
}

// Lint checks a catalogue and returns what it found by file and line. It does not repeat what Parse refuses.
func Lint(c *Catalogue, o LintOptions) []Finding {
	if o.Roles == nil {
		o.Roles = DefaultRoles()
	}
	if o.Contacts == nil {
		o.Contacts = DefaultContacts()
	}
	l := &linter{c: c, embeddedSQL: o.EmbeddedSQL}
	for _, r := range c.all {
		l.steps(r)
		l.links(r)
		l.roles(r, o.Roles, o.Contacts)
		l.parameters(r)
		if !o.Today.IsZero() {
			due := r.ReviewedOn.AddDate(0, 0, r.ReviewEvery)
			if o.Today.After(due) {
				l.add(r, r.lines["reviewed_on"], RuleReviewOverdue, "lint.review", "due", due.Format(time.DateOnly), "reviewed", r.ReviewedOn.Format(time.DateOnly), "n", r.ReviewEvery)
			}
		}
	}
	l.alerts(o.Alerts)
	l.languages()
	sort.SliceStable(l.findings, func(i, j int) bool {
		a, b := l.findings[i], l.findings[j]
		if a.File != b.File {
			return a.File < b.File
		}
		return a.Line < b.Line
	})
	return l.findings
}

// add notes a finding; args are names and values in turn.
func (l *linter) add(r *Runbook, line int, rule, key string, args ...any) {
	l.findings = append(l.findings, Finding{r.File, line, rule, key, argsOf(args...)})
}

// destructive are words that end data, evidence or sessions wherever they stand in a command.
var destructive = regexp.MustCompile(`(?i)(?:^|[^a-z0-9_-])(delete|purge|drop|dropdb|truncate|pg_terminate_backend|pg_restore|rm|rmi|shred|(?:mkfs|wipefs)(?:\.[a-z0-9]+)?|destroy|uninstall|flushall|flushdb|kafka-delete-records(?:\.sh)?|(?:purge|delete)_(?:queue|vhost|user))(?:$|[^a-z0-9_.-])|--delete\b|--purge\b|-delete\b`)

func (l *linter) steps(r *Runbook) {
	examples := map[string]string{}
	for _, q := range r.Parameters {
		examples[q.Name] = q.Example
	}
	for _, s := range r.Steps {
		if strings.TrimSpace(s.LookFor) == "" {
			l.add(r, s.Line, RuleNoLookFor, "lint.look-for", "step", s.ID, "label", "**"+labels[r.Language].lookFor+":**")
		}
		n := 0
		for _, c := range s.Commands {
			n += len(c.Code)
		}
		if n > CardCommands {
			l.add(r, s.Line, RuleTooLong, "lint.too-long", "step", s.ID, "n", n, "max", CardCommands)
		}
		for _, c := range s.Commands {
			l.syntax(r, s, c, examples)
			if w, n := destructiveWord(c); w != "" && s.Kind != Destructive {
				l.add(r, c.Line+n, RuleUnguarded, "lint.unguarded", "step", s.ID, "word", w, "kind", string(s.Kind))
			}
		}
		for _, b := range s.Branches {
			l.branch(r, s, b)
		}
	}
	reach := map[string]bool{}
	var visit func(id string)
	visit = func(id string) {
		s, ok := r.Step(id)
		if !ok || reach[id] {
			return
		}
		reach[id] = true
		if len(s.Branches) == 0 {
			visit(r.Next(id))
		}
		for _, b := range s.Branches {
			if b.Runbook == "" {
				visit(b.Step)
			}
		}
	}
	if len(r.Steps) > 0 {
		visit(r.Steps[0].ID)
	}
	for _, other := range l.c.all { // a step entered from another runbook is reachable
		for _, s := range other.Steps {
			for _, b := range s.Branches {
				if b.Runbook == r.ID && b.Step != "" {
					visit(b.Step)
				}
			}
		}
	}
	for _, s := range r.Steps {
		if !reach[s.ID] {
			l.add(r, s.Line, RuleUnreachable, "lint.unreachable", "step", s.ID)
		}
	}
}

// syntax has a command read by a parser of its language, with the parameters' examples in its places as an incident would have values there.
func (l *linter) syntax(r *Runbook, s Step, c Command, examples map[string]string) {
	ours := func(e *scanError) {
		l.add(r, c.Line+e.line, RuleCommandSyntax, "lint.syntax", "step", s.ID, "why", catalog.Cause{Err: e}, "mend", catalog.Cause{Err: mendOf{e}})
	}
	if e, ok := c.syntax.(*scanError); ok {
		ours(e)
		return
	}
	if c.Language == "sql" && r.Layer == EmbeddedLayer && !l.embeddedSQL {
		return
	}
	filled, err := r.FillCommand(c, examples)
	if err != nil {
		return // an example that does not fit is refused when the file is read
	}
	f := parseBlock(c.Language, filled.Text)
	switch {
	case f == nil:
	case f.own != nil:
		ours(f.own)
	default: // no value has a line break, so the lines are those of the file
		l.add(r, c.Line+f.line, RuleCommandSyntax, "lint.parse", "step", s.ID, "language", f.language, "why", f.reason)
	}
}

// destructiveWord returns the first destructive word of a command and the line it stands on, counted from 0; comments do not count.
func destructiveWord(c Command) (word string, line int) {
	if c.Language == "http" { // the method alone: what stands in a body is data
		for i, l := range strings.Split(c.Code, "\n") {
			if m := httpRequest.FindStringSubmatch(strings.TrimSpace(l)); m != nil && m[1] == "DELETE" {
				return m[1], i
			}
		}
	}
	comment := map[string]string{"sh": "#", "sql": "--"}[c.Language]
	if comment == "" {
		return "", 0
	}
	for i, l := range strings.Split(c.Code, "\n") {
		if strings.HasPrefix(strings.TrimSpace(l), comment) {
			continue
		}
		if m := destructive.FindStringSubmatch(l); m != nil {
			return strings.Trim(m[0], " \t(;|&\"'"), i
		}
	}
	return "", 0
}

func (l *linter) branch(r *Runbook, s Step, b Branch) {
	target, ok := r, true
	if b.Runbook != "" {
		if target, ok = l.c.ByID(b.Runbook, r.Language); !ok {
			l.add(r, b.Line, RuleDeadBranch, "lint.dead-runbook", "step", s.ID, "to", b.Runbook, "mean", didYouMean(b.Runbook, l.c.IDs()))
			return
		}
	}
	if b.Step == "" {
		return
	}
	t, ok := target.Step(b.Step)
	if !ok {
		var ids []string
		for _, x := range target.Steps {
			ids = append(ids, x.ID)
		}
		l.add(r, b.Line, RuleDeadBranch, "lint.dead-step", "step", s.ID, "to", b.Step, "runbook", target.ID, "mean", didYouMean(b.Step, ids))
		return
	}
	if b.number != 0 && b.number != t.Number {
		l.add(r, b.Line, RuleStepNumber, "lint.number", "said", b.number, "n", t.Number, "step", t.ID)
	}
}

func (l *linter) links(r *Runbook) {
	for _, k := range r.links {
		switch {
		case strings.Contains(k.dest, "://"):
		case strings.HasPrefix(k.dest, "#"):
			if _, ok := r.Step(k.dest[1:]); !ok && !l.isBranch(r, k.line) {
				l.add(r, k.line, RuleDeadLink, "lint.dead-anchor", "to", k.dest)
			}
		default:
			file, _, _ := strings.Cut(k.dest, "#")
			if !l.hasFile(path.Join(path.Dir(r.File), file)) {
				l.add(r, k.line, RuleDeadLink, "lint.dead-file", "to", file)
			}
		}
	}
}

func (l *linter) isBranch(r *Runbook, line int) bool {
	for _, s := range r.Steps {
		for _, b := range s.Branches {
			if b.Line == line {
				return true
			}
		}
	}
	return false
}

// hasFile looks by base name and language as well, so that a company's runbook may link to an embedded one.
func (l *linter) hasFile(file string) bool {
	for _, r := range l.c.all {
		if r.File == file || path.Base(r.File) == path.Base(file) {
			return true
		}
	}
	return false
}

// roles looks at the roles that a runbook names: known are those there are, contacts those of them that are told and hold no key.
func (l *linter) roles(r *Runbook, known, contacts []string) {
	check := func(line int, what, at, role string) {
		if role != "" && !contains(known, role) {
			l.add(r, line, RuleUnknownRole, "lint.role", "what", part("lint.at."+what, "at", at), "role", role, "mean", didYouMean(role, known))
		}
	}
	check(r.lines["owner"], "owner", "", r.Owner)
	if contains(contacts, r.Owner) {
		l.add(r, r.lines["owner"], RuleNobodyHolds, "lint.nobody.owner", "role", r.Owner)
	}
	for _, s := range r.Steps {
		check(s.Line, "approval", s.ID, s.Approval)
		if contains(contacts, s.Approval) {
			l.add(r, s.Line, RuleNobodyHolds, "lint.nobody.approval", "step", s.ID, "role", s.Approval)
		}
		if len(s.Who) > 0 && !slices.ContainsFunc(s.Who, func(w string) bool { return !contains(contacts, w) }) {
			l.add(r, s.Line, RuleNobodyHolds, "lint.nobody.who", "step", s.ID, "role", strings.Join(s.Who, ", "))
		}
		for _, w := range s.Who {
			check(s.Line, "who", s.ID, w)
		}
		for _, w := range s.Notify {
			check(s.Line, "notify", s.ID, w)
		}
		for _, c := range s.Clocks {
			check(c.Line, "clock", c.ID, c.Who)
		}
	}
}

func (l *linter) parameters(r *Runbook) {
	used := map[string]bool{}
	for _, s := range r.Steps {
		for _, c := range s.Commands {
			for _, n := range c.Parameters() {
				used[n] = true
			}
		}
		for _, c := range s.Clocks {
			if c.Anchor == AtParameter {
				used[c.Ref] = true
			}
		}
	}
	for _, q := range r.Parameters {
		if !used[q.Name] {
			l.add(r, q.Line, RuleUnusedParameter, "lint.unused", "name", q.Name, "slot", "{{"+q.Name+"}}")
		}
	}
}

func (l *linter) alerts(known []string) {
	owner := map[string]*Runbook{}
	layered := map[string]*Runbook{} // by rank and alert: taking an alert over from a lower layer is what layers are for
	for _, r := range l.c.all {
		if len(r.Alerts)+len(r.Services) == 0 && !r.Generic() {
			l.add(r, r.lines["alerts"], RuleRunbookWithoutAlert, "lint.no-alert", "id", r.ID)
		}
		for _, a := range r.Alerts {
			key := fmt.Sprintf("%d %s", r.rank, a)
			if first, ok := layered[key]; ok && first.ID != r.ID {
				l.add(r, r.lines["alerts"], RuleAlertTwice, "lint.alert-twice", "alert", a, "one", first.ID, "other", r.ID)
			} else if !ok {
				layered[key] = r
			}
			owner[a] = r
			if known != nil && !contains(known, a) {
				l.add(r, r.lines["alerts"], RuleUnknownAlert, "lint.unknown-alert", "alert", a, "mean", didYouMean(a, known))
			}
		}
		for _, c := range r.Clocks() {
			for _, j := range c.Spent {
				if known != nil && !contains(known, j.Alert) {
					l.add(r, c.Line, RuleUnknownAlert, "lint.unknown-alert", "alert", j.Alert, "mean", didYouMean(j.Alert, known))
				}
			}
		}
		for _, j := range r.Joins {
			if known != nil && !contains(known, j.Alert) {
				l.add(r, r.lines["joins"], RuleUnknownAlert, "lint.unknown-alert", "alert", j.Alert, "mean", didYouMean(j.Alert, known))
			}
		}
	}
	for _, a := range known {
		if owner[a] == nil {
			l.findings = append(l.findings, Finding{Rule: RuleAlertWithout, Key: "lint.alert-without", Args: argsOf("alert", a, "generic", GenericID)})
		}
	}
}

// languages compares each runbook with its translation: what is done must be the same, the words may differ.
func (l *linter) languages() {
	for _, id := range l.c.IDs() {
		en, haveEn := l.c.byKey[id+"/en"]
		fr, haveFr := l.c.byKey[id+"/fr"]
		switch {
		case haveEn && haveFr:
			l.compare(en, fr)
		case haveEn:
			l.add(en, en.lines["language"], RuleNoTranslation, "lint.no-french", "id", id, "file", "fr/"+path.Base(en.File))
		case haveFr:
			l.add(fr, fr.lines["language"], RuleNoTranslation, "lint.no-english", "id", id, "file", "en/"+path.Base(fr.File))
		}
	}
}

func (l *linter) compare(en, fr *Runbook) {
	differ := func(line int, what catalog.Arg, a, b any) {
		l.add(fr, line, RuleOutOfStep, "lint.differs", "what", what, "en", fmt.Sprint(a), "fr", fmt.Sprint(b), "one", en.File, "other", fr.File)
	}
	same := func(line int, what catalog.Arg, a, b any) {
		if x, y := fmt.Sprint(a), fmt.Sprint(b); x != y {
			differ(line, what, x, y)
		}
	}
	same(fr.lines["severity"], part("lint.part.severity"), en.Severity, fr.Severity)
	same(fr.lines["alerts"], part("lint.part.alerts"), en.Alerts, fr.Alerts)
	same(fr.lines["services"], part("lint.part.services"), en.Services, fr.Services)
	same(fr.lines["joins"], part("lint.part.joins"), en.Joins, fr.Joins)
	same(fr.lines["owner"], part("lint.part.owner"), en.Owner, fr.Owner)
	var pe, pf []string
	for _, q := range en.Parameters {
		pe = append(pe, fmt.Sprintf("%s %s %v %v", q.Name, q.Pattern, q.Quoting, q.From))
	}
	for _, q := range fr.Parameters {
		pf = append(pf, fmt.Sprintf("%s %s %v %v", q.Name, q.Pattern, q.Quoting, q.From))
	}
	same(fr.lines["parameters"], part("lint.part.parameters"), pe, pf)
	var se, sf []string
	for _, s := range en.Steps {
		se = append(se, s.ID)
	}
	for _, s := range fr.Steps {
		sf = append(sf, s.ID)
	}
	if strings.Join(se, " ") != strings.Join(sf, " ") {
		differ(fr.lines["steps"], part("lint.part.steps"), se, sf)
		return
	}
	for i, a := range en.Steps {
		b := fr.Steps[i]
		at := func(what string) catalog.Arg {
			return part("lint.part.of", "step", b.ID, "what", part("lint.part."+what))
		}
		same(b.Line, at("kind"), a.Kind, b.Kind)
		same(b.Line, at("phase"), a.Phase, b.Phase)
		same(b.Line, at("minutes"), a.Minutes, b.Minutes)
		same(b.Line, at("who"), a.Who, b.Who)
		same(b.Line, at("approval"), a.Approval, b.Approval)
		same(b.Line, at("four-eyes"), a.FourEyes, b.FourEyes)
		same(b.Line, at("notify"), a.Notify, b.Notify)
		same(b.Line, at("warnings"), len(a.Warnings), len(b.Warnings))
		same(b.Line, at("corrections"), len(a.Corrections), len(b.Corrections))
		same(b.Line, at("clocks"), clockKeys(a.Clocks), clockKeys(b.Clocks))
		same(b.Line, at("branches"), branchKeys(a.Branches), branchKeys(b.Branches))
		if len(a.Commands) != len(b.Commands) {
			differ(b.Line, at("commands"), len(a.Commands), len(b.Commands))
			continue
		}
		for j, c := range a.Commands {
			d := b.Commands[j]
			same(d.Line, at("language"), c.Language, d.Language)
			if c.Language == "text" { // a draft is written in its language; what is put into it is the same
				x, y := c.Parameters(), d.Parameters()
				sort.Strings(x)
				sort.Strings(y)
				same(d.Line, at("placeholders"), x, y)
			} else if withoutComments(c) != withoutComments(d) {
				differ(d.Line, at("command"), withoutComments(c), withoutComments(d))
			}
		}
	}
}

func clockKeys(cs []Clock) (out []string) {
	for _, c := range cs {
		out = append(out, fmt.Sprintf("%s %s %s %v %v %v", c.ID, c.Due, c.Who, c.Obligation, c.When != "", c.Spent))
	}
	return out
}

func branchKeys(bs []Branch) (out []string) {
	for _, b := range bs {
		out = append(out, fmt.Sprintf("%s#%s %v", b.Runbook, b.Step, b.Done))
	}
	return out
}

var (
	shellComment = regexp.MustCompile(`(?m)^[ \t]*#.*$`)
	sqlComment   = regexp.MustCompile(`(?m)^[ \t]*--.*$`)
	blankLines   = regexp.MustCompile(`\n{2,}`)
)

// withoutComments takes off lines that are only a comment, which is where a translation may differ.
func withoutComments(c Command) string {
	code := c.Code
	switch c.Language {
	case "sh":
		code = shellComment.ReplaceAllString(code, "")
	case "sql":
		code = sqlComment.ReplaceAllString(code, "")
	}
	return strings.TrimSpace(blankLines.ReplaceAllString(code, "\n"))
}

// Rules lists the names of all rules, sorted.
func Rules() []string {
	return []string{RuleAlertTwice, RuleAlertWithout, RuleCommandSyntax, RuleDeadBranch, RuleDeadLink, RuleOutOfStep, RuleNoLookFor, RuleNoTranslation,
		RuleReviewOverdue, RuleNobodyHolds, RuleRunbookWithoutAlert, RuleStepNumber, RuleTooLong, RuleUnguarded, RuleUnknownAlert, RuleUnknownRole, RuleUnreachable, RuleUnusedParameter}
}

package runbooks

import (
	"fmt"
	"path"
	"regexp"
	"sort"
	"strings"
	"time"
)

// Finding is something the linter has against a catalogue that loads.
type Finding struct {
	File    string
	Line    int // 1-based; 0 when it concerns the whole file or catalogue
	Rule    string
	Message string
	Mend    string
}

// String returns "file:line: rule: message; mend".
func (f Finding) String() string {
	return Problem{f.File, f.Line, f.Rule, f.Message, f.Mend}.Error()
}

// The rules of the linter.
const (
	RuleDeadBranch          = "dead-branch"           // a branch to a step or runbook that is not there
	RuleDeadLink            = "dead-link"             // a link to a step or file that is not there
	RuleStepNumber          = "step-number"           // a link says "step 4" and leads to step 5
	RuleUnknownRole         = "unknown-role"          // an owner, approval, recipient or debtor the policy does not know
	RuleAlertTwice          = "alert-claimed-twice"   // two runbooks of one layer for one alert
	RuleAlertWithout        = "alert-without-runbook" // an alert of the list that no runbook claims
	RuleUnknownAlert        = "unknown-alert"         // a claimed alert that is not in the list
	RuleRunbookWithoutAlert = "runbook-without-alert" // neither an alert nor a service chooses it
	RuleCommandSyntax       = "command-syntax"        // quotes, brackets or comments that do not end
	RuleUnguarded           = "unguarded-destructive" // a destructive command in a step not marked so
	RuleNoLookFor           = "no-look-for"           // a step that does not say what to look for
	RuleNoTranslation       = "no-translation"        // written in one language only
	RuleOutOfStep           = "languages-out-of-step" // the two languages differ in what is done
	RuleReviewOverdue       = "review-overdue"        // the last review is too long ago
	RuleUnusedParameter     = "unused-parameter"      // asked for and put nowhere
	RuleUnreachable         = "unreachable-step"      // no order and no branch leads there
)

// LintOptions is what the linter needs to know of the world.
type LintOptions struct {
	// Roles are the keys that owner, approval, who and notify may name. Nil: DefaultRoles.
	Roles []string
	// Alerts are the alerts that can arrive. Nil: the rules about alerts that need the list are left out.
	Alerts []string
	// Today is the date reviews are compared with. Zero: reviews are not checked.
	Today time.Time
}

// DefaultRoles returns the roles of the embedded runbooks: levels and rotations, incident roles, and contacts inside and outside.
func DefaultRoles() []string {
	return []string{"primary", "secondary", "executive", "tech_lead", "cto", "ceo", "compliance_officer",
		"incident_commander", "communications_lead", "scribe",
		"legal", "customer_success", "tenant_compliance_officer", "tenant_dpo", "customer", "regulator"}
}

type linter struct {
	c        *Catalogue
	findings []Finding
}

// Lint checks a catalogue and returns what it found by file and line. It does not repeat what Parse refuses.
func Lint(c *Catalogue, o LintOptions) []Finding {
	if o.Roles == nil {
		o.Roles = DefaultRoles()
	}
	l := &linter{c: c}
	for _, r := range c.all {
		l.steps(r)
		l.links(r)
		l.roles(r, o.Roles)
		l.parameters(r)
		if !o.Today.IsZero() {
			due := r.ReviewedOn.AddDate(0, 0, r.ReviewEvery)
			if o.Today.After(due) {
				l.add(r, r.lines["reviewed_on"], RuleReviewOverdue, fmt.Sprintf("was due for review on %s (reviewed %s, every %d days)", due.Format(time.DateOnly), r.ReviewedOn.Format(time.DateOnly), r.ReviewEvery),
					"read it with its owner, correct it, and set reviewed_on")
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

func (l *linter) add(r *Runbook, line int, rule, message, mend string) {
	l.findings = append(l.findings, Finding{r.File, line, rule, message, mend})
}

// destructive are words that end data, evidence or sessions wherever they stand in a command.
var destructive = regexp.MustCompile(`(?i)(?:^|[^a-z0-9_-])(delete|purge|drop|dropdb|truncate|pg_terminate_backend|pg_restore|rm|rmi|shred|mkfs)(?:$|[^a-z0-9_.-])|--delete\b|--purge\b|-delete\b`)

func (l *linter) steps(r *Runbook) {
	for _, s := range r.Steps {
		at := "step " + s.ID
		if strings.TrimSpace(s.LookFor) == "" {
			l.add(r, s.Line, RuleNoLookFor, at+" does not say what to look for", "add a paragraph  **"+labels[r.Language].lookFor+":** …")
		}
		for _, c := range s.Commands {
			if c.syntax != nil {
				line := c.Line
				if e, ok := c.syntax.(*scanError); ok {
					line += e.line
					l.add(r, line, RuleCommandSyntax, "the command of "+at+" "+e.message, e.mend)
				}
			}
			if w, n := destructiveWord(c); w != "" && s.Kind != Destructive {
				l.add(r, c.Line+n, RuleUnguarded, fmt.Sprintf("%s runs %s and is marked %s", at, w, s.Kind), "mark the step destructive, so that it is guarded")
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
			l.add(r, s.Line, RuleUnreachable, "no step leads to "+s.ID, "add a finding that leads there, or delete it")
		}
	}
}

// destructiveWord returns the first destructive word of a command and the line it stands on, counted from 0; comments do not count.
func destructiveWord(c Command) (word string, line int) {
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
			l.add(r, b.Line, RuleDeadBranch, fmt.Sprintf("step %s leads to %s, which is not in the catalogue", s.ID, b.Runbook), didYouMean(b.Runbook, l.c.IDs()))
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
		l.add(r, b.Line, RuleDeadBranch, fmt.Sprintf("step %s leads to step %q of %s, which is not there", s.ID, b.Step, target.ID), didYouMean(b.Step, ids))
		return
	}
	if b.number != 0 && b.number != t.Number {
		l.add(r, b.Line, RuleStepNumber, fmt.Sprintf("the link says %d and leads to step %d, %s", b.number, t.Number, t.ID), fmt.Sprintf("write %d", t.Number))
	}
}

func (l *linter) links(r *Runbook) {
	for _, k := range r.links {
		switch {
		case strings.Contains(k.dest, "://"):
		case strings.HasPrefix(k.dest, "#"):
			if _, ok := r.Step(k.dest[1:]); !ok && !l.isBranch(r, k.line) {
				l.add(r, k.line, RuleDeadLink, "links to "+k.dest+", which is no step of this runbook", "correct the id after #")
			}
		default:
			file, _, _ := strings.Cut(k.dest, "#")
			if !l.hasFile(path.Join(path.Dir(r.File), file)) {
				l.add(r, k.line, RuleDeadLink, "links to "+file+", which is not there", "name a runbook's file in the same folder")
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

func (l *linter) roles(r *Runbook, known []string) {
	check := func(line int, what, role string) {
		if role != "" && !contains(known, role) {
			l.add(r, line, RuleUnknownRole, fmt.Sprintf("%s names %q, which is no role", what, role), didYouMean(role, known))
		}
	}
	check(r.lines["owner"], "owner", r.Owner)
	for _, s := range r.Steps {
		check(s.Line, "approval of step "+s.ID, s.Approval)
		for _, w := range s.Who {
			check(s.Line, "who of step "+s.ID, w)
		}
		for _, w := range s.Notify {
			check(s.Line, "notify of step "+s.ID, w)
		}
		for _, c := range s.Clocks {
			check(c.Line, "clock "+c.ID, c.Who)
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
			l.add(r, q.Line, RuleUnusedParameter, "parameter "+q.Name+" is asked for and used nowhere", "delete it, or write {{"+q.Name+"}} in a command")
		}
	}
}

func (l *linter) alerts(known []string) {
	owner := map[string]*Runbook{}
	layered := map[string]*Runbook{} // by rank and alert: taking an alert over from a lower layer is what layers are for
	for _, r := range l.c.all {
		if len(r.Alerts)+len(r.Services) == 0 && !r.Generic() {
			l.add(r, r.lines["alerts"], RuleRunbookWithoutAlert, r.ID+" is chosen by no alert and no service", "name the alerts it is for, or the services; if it is only ever chosen by hand, leave this finding standing")
		}
		for _, a := range r.Alerts {
			key := fmt.Sprintf("%d %s", r.rank, a)
			if first, ok := layered[key]; ok && first.ID != r.ID {
				l.add(r, r.lines["alerts"], RuleAlertTwice, fmt.Sprintf("%s is claimed by %s and %s", a, first.ID, r.ID), "leave the alert to one of them and link the other by a branch")
			} else if !ok {
				layered[key] = r
			}
			owner[a] = r
			if known != nil && !contains(known, a) {
				l.add(r, r.lines["alerts"], RuleUnknownAlert, fmt.Sprintf("claims %s, which is not in the alert catalogue", a), didYouMean(a, known))
			}
		}
	}
	for _, a := range known {
		if owner[a] == nil {
			l.findings = append(l.findings, Finding{"", 0, RuleAlertWithout, "no runbook claims the alert " + a, "write one, or add the alert to a runbook's alerts; until then " + GenericID + " is proposed"})
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
			l.add(en, en.lines["language"], RuleNoTranslation, id+" is not written in French", "write fr/"+path.Base(en.File))
		case haveFr:
			l.add(fr, fr.lines["language"], RuleNoTranslation, id+" is not written in English", "write en/"+path.Base(fr.File))
		}
	}
}

func (l *linter) compare(en, fr *Runbook) {
	differ := func(line int, what string, a, b any) {
		l.add(fr, line, RuleOutOfStep, fmt.Sprintf("%s differs: English has %v, French %v", what, a, b), "make "+en.File+" and "+fr.File+" say the same")
	}
	same := func(line int, what string, a, b any) {
		if x, y := fmt.Sprint(a), fmt.Sprint(b); x != y {
			differ(line, what, x, y)
		}
	}
	same(fr.lines["severity"], "severity", en.Severity, fr.Severity)
	same(fr.lines["alerts"], "alerts", en.Alerts, fr.Alerts)
	same(fr.lines["services"], "services", en.Services, fr.Services)
	same(fr.lines["owner"], "owner", en.Owner, fr.Owner)
	var pe, pf []string
	for _, q := range en.Parameters {
		pe = append(pe, fmt.Sprintf("%s %s %v %v", q.Name, q.Pattern, q.Quoting, q.From))
	}
	for _, q := range fr.Parameters {
		pf = append(pf, fmt.Sprintf("%s %s %v %v", q.Name, q.Pattern, q.Quoting, q.From))
	}
	same(fr.lines["parameters"], "parameters", pe, pf)
	var se, sf []string
	for _, s := range en.Steps {
		se = append(se, s.ID)
	}
	for _, s := range fr.Steps {
		sf = append(sf, s.ID)
	}
	if strings.Join(se, " ") != strings.Join(sf, " ") {
		differ(fr.lines["steps"], "the list of steps", se, sf)
		return
	}
	for i, a := range en.Steps {
		b := fr.Steps[i]
		at := "step " + b.ID + ": "
		same(b.Line, at+"kind", a.Kind, b.Kind)
		same(b.Line, at+"phase", a.Phase, b.Phase)
		same(b.Line, at+"minutes", a.Minutes, b.Minutes)
		same(b.Line, at+"who", a.Who, b.Who)
		same(b.Line, at+"approval", a.Approval, b.Approval)
		same(b.Line, at+"four_eyes", a.FourEyes, b.FourEyes)
		same(b.Line, at+"notify", a.Notify, b.Notify)
		same(b.Line, at+"number of warnings", len(a.Warnings), len(b.Warnings))
		same(b.Line, at+"number of corrections", len(a.Corrections), len(b.Corrections))
		same(b.Line, at+"clocks", clockKeys(a.Clocks), clockKeys(b.Clocks))
		same(b.Line, at+"branches", branchKeys(a.Branches), branchKeys(b.Branches))
		if len(a.Commands) != len(b.Commands) {
			differ(b.Line, at+"number of commands", len(a.Commands), len(b.Commands))
			continue
		}
		for j, c := range a.Commands {
			d := b.Commands[j]
			same(d.Line, at+"language of command", c.Language, d.Language)
			if c.Language == "text" { // a draft is written in its language; what is put into it is the same
				x, y := c.Parameters(), d.Parameters()
				sort.Strings(x)
				sort.Strings(y)
				same(d.Line, at+"placeholders of the draft", x, y)
			} else if withoutComments(c) != withoutComments(d) {
				differ(d.Line, at+"command", withoutComments(c), withoutComments(d))
			}
		}
	}
}

func clockKeys(cs []Clock) (out []string) {
	for _, c := range cs {
		out = append(out, fmt.Sprintf("%s %s %s %v %v", c.ID, c.Due, c.Who, c.Obligation, c.When != ""))
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
		RuleReviewOverdue, RuleRunbookWithoutAlert, RuleStepNumber, RuleUnguarded, RuleUnknownAlert, RuleUnknownRole, RuleUnreachable, RuleUnusedParameter}
}

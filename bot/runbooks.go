package bot

import (
	"context"
	"errors"
	"maps"
	"os"
	"slices"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/clock"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/runbooks"
)

// Runbooks loads the runbooks a bot has that is started with this folder (TOCSIN_RUNBOOKS; empty: none): the embedded ones, and over them
// those of the folder. The catalogue is never nil and holds what could be read; the error is a runbooks.Problems with what could not. Links are
// followed inside the folder, as in a mounted ConfigMap, and never out of it: what is wrong with a file is said with its words, and those of a
// file elsewhere are nobody's here.
func Runbooks(dir string) (*runbooks.Catalogue, error) {
	layers := []runbooks.Layer{runbooks.Embedded()}
	if dir != "" {
		files := os.DirFS(dir) // says why, where the folder cannot be opened
		if root, err := os.OpenRoot(dir); err == nil {
			defer func() { _ = root.Close() }() // nothing was written
			files = root.FS()
		}
		layers = append(layers, runbooks.Layer{Name: dir, FS: files})
	}
	return runbooks.Load(layers...)
}

// LintRunbooks is the part of Check that looks at the runbooks alone: a line for each file that could not be read and for each finding of the
// linter, as "file:line: rule: message; mend", in the language of o. Roles and alerts are those of the policy of o; where o names none, no list of alerts is held
// against the runbooks. Reviews count that are recorded in the data that o names. The error is about the policy, or about those data: then the
// lines are all the same what the files say.
func LintRunbooks(ctx context.Context, o Options) ([]string, error) {
	var pol *policies
	var err error
	if len(o.PolicySource) > 0 {
		pol, err = parsePolicy("policy", o.PolicySource)
	} else {
		pol, err = readPolicy(o.Policy)
	}
	if err != nil {
		return nil, err
	}
	s := lintShelf(o.Runbooks, pol, len(o.PolicySource) > 0 || o.Policy != "")
	h, ok, err := recordedReviews(ctx, o)
	if ok {
		s.reviews(h, &pol.file.Policy, clock.New().Now())
	}
	var lines []string
	for _, b := range s.broken {
		lines = append(lines, catalog.ErrorIn(o.Language, b))
	}
	for _, f := range s.found {
		lines = append(lines, f.In(o.Language))
	}
	return lines, err
}

// shelf is a catalogue with what is wrong with it.
type shelf struct {
	catalogue *runbooks.Catalogue
	broken    []error            // files that are no runbooks, one by one
	found     []runbooks.Finding // what the linter has against the others
	alerts    []string           // that can arrive
}

// lintShelf loads the runbooks and looks at them with a policy's roles and, where asked, its alerts. A nil policy has neither.
func lintShelf(dir string, pol *policies, withAlerts bool) shelf {
	var s shelf
	var err error
	s.catalogue, err = Runbooks(dir)
	if problems, ok := errors.AsType[runbooks.Problems](err); ok {
		for _, p := range problems {
			s.broken = append(s.broken, p)
		}
	} else if err != nil {
		s.broken = append(s.broken, err)
	}
	lint := runbooks.LintOptions{Roles: incident.RunbookRoles(), Contacts: runbooks.DefaultContacts(), Today: clock.New().Now()}
	if pol != nil {
		lint.Contacts = slices.DeleteFunc(lint.Contacts, func(role string) bool { _, held := pol.file.Policy.Targets[role]; return held })
		lint.Roles = append(lint.Roles, slices.Sorted(maps.Keys(pol.file.Policy.Targets))...)
		if withAlerts {
			lint.Alerts = slices.Sorted(maps.Keys(pol.file.Policy.Alerts))
		}
	}
	s.alerts = lint.Alerts
	embedded := map[string]bool{} // whose files an operator cannot edit: what they name beyond this policy is no fault of either
	for _, r := range s.catalogue.All() {
		if r.Layer == runbooks.EmbeddedLayer {
			embedded[r.File] = true
		}
	}
	for _, f := range runbooks.Lint(s.catalogue, lint) {
		if !embedded[f.File] || f.Rule != runbooks.RuleUnknownAlert && f.Rule != runbooks.RuleUnknownRole {
			s.found = append(s.found, f)
		}
	}
	return s
}

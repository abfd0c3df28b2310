package runbooks

import (
	"strings"
	"testing"
)

// facts is what a procedure says of one incident, listed by hand from the procedure and not from our files: commands with their line breaks
// restored, thresholds, delays, roles, warnings. Each must be found in the loaded runbook of both languages.
type facts struct {
	id, severity, alert string
	// commands are run: they stand in a command of a step. What prose or a quotation says of them does not count.
	commands []string
	// quoted are the procedure's own forms of commands that we corrected: they stand under a step, with the reason.
	quoted []string
	// rules are of the metadata, as ruleLines writes them: clocks, who is told, who approves, who may do it.
	rules []string
	// names stand in both languages as they are.
	names []string
	// said has a line for each fact that is said in words.
	said []fact
	// warned has those that the procedure warns of: they stand in a warning of a step, which is set apart wherever the step is shown.
	warned []fact
}

// fact is one fact in the words of each language. One that is missing in one language fails, and so does a line that has only one.
type fact struct{ en, fr string }

func (f fact) in(language string) string { return map[string]string{"en": f.en, "fr": f.fr}[language] }

// readings are a loaded runbook (not its file) by what its parts are for, each on one line with ordinary blanks and apostrophes.
type readings struct{ whole, commands, corrections, warnings, rules string }

func read(r *Runbook) readings {
	var whole, commands, corrections, warnings, rules strings.Builder
	say := func(parts ...string) { whole.WriteString(strings.Join(parts, "\n") + "\n") }
	say(r.Title, r.Intro)
	for _, s := range r.Steps {
		say(s.Title, s.Prose, s.LookFor)
		say(s.Warnings...)
		warnings.WriteString(strings.Join(s.Warnings, "\n") + "\n")
		say(s.Corrections...)
		corrections.WriteString(strings.Join(s.Corrections, "\n") + "\n")
		for _, c := range s.Commands {
			say(c.Code)
			if c.Language != "text" { // a draft or a setting
				commands.WriteString(c.Code + "\n")
			}
		}
		for _, br := range s.Branches {
			say(br.Finding)
		}
		for _, c := range s.Clocks {
			say(c.What, c.When)
		}
		for _, line := range ruleLines(s) {
			rules.WriteString(line + "\n")
		}
	}
	return readings{squeeze(whole.String()), squeeze(commands.String()), squeeze(corrections.String()), squeeze(warnings.String()), squeeze(rules.String())}
}

// ruleLines are the rules of a step: "purge: destructive approval=cto", "tell-client: 24h after detected owed by communications_lead".
func ruleLines(s Step) []string {
	line := s.ID + ": " + string(s.Kind)
	if s.Approval != "" {
		line += " approval=" + s.Approval
	}
	if s.FourEyes {
		line += " four eyes"
	}
	if s.Phase == After {
		line += " after"
	}
	if len(s.Notify) > 0 {
		line += " tells " + strings.Join(s.Notify, " ")
	}
	out := []string{line + ";"}
	for _, c := range s.Clocks {
		owed := " owed by "
		if c.Obligation {
			owed = " outlives the resolution, owed by "
		}
		out = append(out, s.ID+": "+c.Due+owed+c.Who+";")
	}
	return out
}

func squeeze(s string) string {
	return strings.Join(strings.Fields(strings.NewReplacer("\u00a0", " ", "\u202f", " ", "’", "'").Replace(s)), " ")
}

// wantFacts finds every fact of a procedure in its runbook, in both languages.
func wantFacts(t *testing.T, all []facts) {
	t.Helper()
	c := mustDefault(t)
	for _, f := range all {
		for _, language := range Languages() {
			r, ok := c.ByID(f.id, language)
			if !ok || r.Language != language {
				t.Errorf("%s is not there in %s", f.id, language)
				continue
			}
			if r.Severity != f.severity || f.alert != "" && !contains(r.Alerts, f.alert) {
				t.Errorf("%s %s: severity %s alerts %v, want %s for %s", f.id, language, r.Severity, r.Alerts, f.severity, f.alert)
			}
			text := read(r)
			want := func(part, where string, list []string) {
				for _, x := range list {
					if !strings.Contains(part, squeeze(x)) {
						t.Errorf("%s %s: the procedure's %q is lost%s", f.id, language, x, where)
					}
				}
			}
			words := func(list []fact) (out []string) {
				for _, x := range list {
					if x.en == "" || x.fr == "" {
						t.Errorf("%s: a fact in one language only: %+v", f.id, x)
					}
					out = append(out, x.in(language))
				}
				return out
			}
			want(text.commands, ", or no command any more", f.commands)
			want(text.corrections, ": it is not quoted where it was corrected", f.quoted)
			want(text.rules, " from the metadata", f.rules)
			want(text.whole, "", f.names)
			want(text.whole, "", words(f.said))
			want(text.warnings, ", or no warning any more", words(f.warned))
		}
	}
}

package view

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// marked is a text as a chat would get it, with its marks: what is wrong around an empty argument shows there and not in plain words.
func marked(t catalog.Text) string {
	var b strings.Builder
	for _, s := range t {
		switch s.Kind {
		case catalog.Bold:
			b.WriteString("*" + s.S + "*")
		case catalog.Code:
			b.WriteString("`" + s.S + "`")
		case catalog.Block:
		default:
			b.WriteString(catalog.Text{s}.Plain(tunis))
		}
	}
	return b.String()
}

// artefacts are what an empty argument leaves behind.
var artefacts = map[string]*regexp.Regexp{
	"code of nothing":             regexp.MustCompile("``"),
	"a place without a value":     regexp.MustCompile(`\{[a-z]+\}`),
	"empty brackets":              regexp.MustCompile(`\(\s*\)|\[\s*\]|«[\s\x{a0}]*»|“\s*”`),
	"two blanks":                  regexp.MustCompile(`[^ \n] {2}[^ ]|\x{a0} | \x{a0}`),
	"a blank before a stop":       regexp.MustCompile(`[ ][,.)](?:\s|$)`),
	"a stop behind nothing":       regexp.MustCompile(`[:;,]\s*[.,;]|(?m)^[.,;:]|\(\s*[,.;]|\.\.(?:\s|$)`),
	"a separator behind nothing":  regexp.MustCompile(`(?m)·\s*·|^\s*·\s*$|·[\s]*$`),
	"a colon that opens nothing":  regexp.MustCompile(`:[ \x{a0}]*$`),
	"a severity that is none":     regexp.MustCompile(`SEV-0`),
	"a time that is none":         regexp.MustCompile(`0001|(?:by|since|at|avant|depuis|à) –`),
	"a key instead of words":      regexp.MustCompile(`\b(?:status|role|why|page|tl|system|escalation|headline|due|next|kind|sev\.rule)\.[a-z]`),
	"a preposition before a stop": regexp.MustCompile(`(?m)\b(?:by|to|the|of|par|de)[.,]`),
}

// bareStates are incidents of which as little is known as can be.
func bareStates(lang string) map[string]incident.State {
	bare := incident.State{ID: "INC-42", Seq: 1, Title: incident.Text{Body: "Checkout is down"}, Severity: 3, Status: incident.Investigating, Source: incident.SourceHand,
		DetectedAt: at(3, 6), DeclaredAt: at(3, 7), SeverityAt: at(3, 7), RecordedAt: at(3, 7), ChannelName: "inc-checkout"}
	known := bare
	known.Policy = policy(lang)
	empty := known
	empty.Policy = &incident.Policy{Severities: map[incident.Severity]incident.SeverityRule{}, Targets: map[string]incident.Target{}}
	over := known
	over.Status, over.EndedAt = incident.Resolved, at(3, 41)
	paged := known
	paged.Pages = []incident.Page{{Key: "p", Target: "tech_lead", Status: incident.PageOwed, At: at(3, 8)}}
	paged.Ladder = incident.Ladder{Level: 2, Round: 1, Since: at(3, 8)}
	return map[string]incident.State{"without a policy": bare, "with a policy": known, "with an empty policy": empty, "over": over, "with a page": paged}
}

// emptyFacts are the facts a view may be recorded with, with nothing in them.
func emptyFacts(view string) []incident.Fact {
	out := []incident.Fact{nil}
	of := map[string][]incident.Fact{
		incident.ViewEscalation: {&incident.LevelRaised{Level: 2, Round: 1}, &incident.LevelRaised{Level: 2, Round: 1, Why: incident.WhyHelp}, &incident.LevelRaised{Level: 9, Round: 1, Why: incident.WhyNotAcknowledged},
			&incident.LevelRaised{Level: 3, Round: 1, Why: incident.WhyNotAcknowledged, Deadline: "accept/2/1"}, &incident.LevelRaised{Level: 2, Round: 1, Why: incident.WhyNoProgress}, &incident.LevelRaised{Level: 2, Why: incident.WhyPageFailed}},
		incident.ViewLadderEnd: {&incident.Missed{Name: incident.LadderEnd}}, incident.ViewCommanderMissing: {&incident.Missed{Name: incident.DueCommander}},
		incident.ViewUpdateMissed: {&incident.Missed{Name: incident.DueUpdate, Due: at(3, 23), Count: 1}, &incident.Missed{Name: incident.DueUpdate, Due: at(3, 23)}}, incident.ViewWarn: {&incident.Warned{Due: at(3, 23), Deadline: "progress/1/1"}, &incident.Warned{Due: at(3, 23), Deadline: "commander/0/1"}},
		incident.ViewStandDown:   {&incident.PageChanged{Status: incident.PageClosed}, &incident.PageChanged{Status: incident.PageClosed, Why: incident.WhyTaken}},
		incident.ViewPageFailed:  {&incident.PageChanged{Key: "p", Status: incident.PageFailed}, &incident.PageChanged{Status: incident.PageFailed}},
		incident.ViewPageStuck:   {&incident.PageChanged{Key: "p", Status: incident.PageOwed, Stuck: true}, &incident.PageChanged{Stuck: true}},
		incident.ViewPageThrough: {&incident.PageChanged{Key: "p", Status: incident.PageSent}, &incident.PageChanged{}},
		incident.ViewRoleAsk:     {&incident.RoleAsked{Role: incident.Comms}}, incident.ViewSeverity: {&incident.SeveritySet{Severity: 3, Was: 3}, &incident.SeveritySet{Severity: 1, Was: 3, Confirmed: true}},
		incident.ViewUpdate: {&incident.UpdatePosted{}}, incident.ViewResolved: {&incident.ResolvedFact{}, &incident.ResolvedFact{Why: "pagerduty"}}, incident.ViewCancelled: {&incident.CancelledFact{}},
		incident.ViewReopened: {&incident.Reopened{}}, incident.ViewLate: {&incident.LatePosts{From: at(3, 0), To: at(3, 5)}}, incident.ViewTold: {&incident.Told{}},
	}
	return append(out, of[view]...)
}

// TestNothingIsLeftOfAnEmptyArgument draws every view with as little as can be known, and everything the goldens show, and rejects what an
// argument without a value leaves behind.
func TestNothingIsLeftOfAnEmptyArgument(t *testing.T) {
	check := func(name string, v any) {
		t.Helper()
		for _, x := range texts(v) {
			got := marked(x)
			for _, s := range x {
				if s.Kind == catalog.Bold && !strings.ContainsFunc(s.S, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsSymbol(r) }) {
					t.Errorf("%s: %q emphasises nothing in %q", name, s.S, got)
				}
			}
			for what, pattern := range artefacts {
				if m := pattern.FindString(got); m != "" {
					t.Errorf("%s: %s (%q) in %q", name, what, m, got)
				}
			}
		}
	}
	for _, lang := range catalog.Languages() {
		for view := range views {
			for kind, st := range bareStates(lang) {
				for i, f := range emptyFacts(view) {
					src := Source{State: st, Deadlines: incident.Deadlines(st), Zone: tunis, Now: at(3, 20), Language: lang}
					src.Owed.Effect.View, src.Owed.At = view, at(3, 20)
					if view == incident.ViewRoleAsk {
						src.Owed.Effect.Arg = string(incident.Comms)
					}
					if f != nil {
						src.Event = incident.Event{At: at(3, 20), Actor: tocsin, Fact: f}
					}
					if view == incident.ViewStep {
						src.Step = &Step{Runbook: "RB-001", ID: "a", Name: "Look", Number: 1, Of: 1}
					}
					c, err := Render(src)
					if err != nil {
						t.Fatal(err)
					}
					check(fmt.Sprintf("%s %s %s, fact %d", view, lang, kind, i), c)
				}
			}
		}
		for _, sc := range scenes() {
			c, _ := Render(sc.source(lang))
			check("scene "+sc.name+" "+lang, c)
		}
		for _, r := range replies() {
			check("reply "+r.name+" "+lang, r.card(Voice{Language: lang}))
		}
		for _, f := range forms() {
			check("form "+f.name+" "+lang, f.form(lang))
		}
	}
}

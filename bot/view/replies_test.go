package view

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// refusals has one of every code, two where somebody may or may not be known.
func refusals() []*incident.Refusal {
	then := at(3, 9).Format(time.RFC3339)
	return append([]*incident.Refusal{
		{Code: "over", Args: []string{"resolved"}}, {Code: "not-over"}, {Code: "already-acked", By: lea, Args: []string{then}}, {Code: "already-acked", Args: []string{then}},
		{Code: "already-holds", By: marc, Args: []string{"comms"}}, {Code: "role-vacant", Args: []string{"scribe"}}, {Code: "same-severity", Args: []string{"SEV-2"}},
		{Code: "status-back", Args: []string{"mitigated", "identified"}}, {Code: "too-short"}, {Code: "empty", Args: []string{"title"}}, {Code: "empty", Args: []string{"note"}}, {Code: "empty", Args: []string{"update"}},
		{Code: "no-more-time", Args: []string{"2"}}, {Code: "no-deadline"}, {Code: "last-level"}, {Code: "unknown-target", Args: []string{"dba", "ceo", "primary", "tech_lead"}}, {Code: "no-ladder"},
		{Code: "already-paged", Args: []string{"tech_lead"}}, {Code: "runbook-started", Args: []string{"RB-001"}}, {Code: "runbook-not-there", Args: []string{"RB-099"}}, {Code: "no-step", Args: []string{"RB-001", "db"}},
		{Code: "step-marked", By: lea, Args: []string{"done", then}}, {Code: "step-marked", Args: []string{"skipped", then}}, {Code: "not-here"}, {Code: "bad-severity", Args: []string{"SEV-7"}},
		{Code: "reason-needed", Args: []string{"cancel"}}, {Code: "reason-needed", Args: []string{"skip"}}, {Code: "of-a-newer-release"},
		{Code: "alike", Args: []string{"INC-41"}},
		{Code: "closed", Args: []string{then}}, {Code: "closed", By: lea, Args: []string{then}}, {Code: "still-owed", Args: []string{"post_mortem", "action-2"}}, {Code: "merged-into", Args: []string{"INC-41"}},
		{Code: "merge-self"}, {Code: "merge-over", Args: []string{"INC-41", "resolved"}}, {Code: "merge-circle", Args: []string{"INC-41"}}, {Code: "no-incident", Args: []string{"INC-99"}},
		{Code: "no-group", Args: []string{"db", "checkout", "kyc-svc"}}, {Code: "no-group", Args: []string{"db"}}, {Code: "all-groups"}, {Code: "private-merge"},
		{Code: "no-park", Args: []string{"SEV-1"}}, {Code: "park-time", Args: []string{then}}, {Code: "no-phone", By: marc}, {Code: "not-paused"}, {Code: "not-rung"}, {Code: "oneself"}, {Code: "rung-too", By: marc},
	}, append(append(append(obligationRefusals(), privateRefusals()...), parameterRefusals()...), stepRefusals()...)...)
}

func rows() []Row {
	return []Row{
		{ID: "INC-43", Title: "OCR is slow", Severity: 3, Status: incident.Investigating, Open: true, Name: "inc-20261121-ocr-is-slow", Declared: at(4, 1), Seq: 3},
		{ID: "INC-42", Title: "Checkout is down", Severity: 1, Confirmed: true, Status: incident.Mitigated, Open: true, Service: "checkout", Channel: "C042", Name: "inc-20261121-checkout-is-down", Commander: lea, Declared: at(3, 7), Seq: 17},
		{ID: "INC-41", Title: "Certificate expires", Severity: 4, Confirmed: true, Status: incident.Resolved, Channel: "C041", Name: "inc-cert", Commander: marc, Declared: at(1, 0), Ended: at(2, 30), Seq: 30},
	}
}

type reply struct {
	name string
	card func(v Voice) Card
}

func replies() []reply {
	out := []reply{
		{"list", func(v Voice) Card { return v.ListCard(rows()[:2], false) }},
		{"list-none", func(v Voice) Card { return v.ListCard(nil, false) }},
		{"list-all", func(v Voice) Card { return v.ListCard(rows(), true) }},
		{"timeline", func(v Voice) Card {
			return v.TimelineCard("INC-42", "Checkout is down", []Line{{At: at(3, 7), Icon: "🔴", Text: catalog.Text{{S: "declared"}}}, {At: at(3, 8), Text: catalog.Text{{S: "a reply"}}, Indented: true}}, 30, 62)
		}},
		{"timeline-whole", func(v Voice) Card {
			return v.TimelineCard("INC-42", "Checkout is down", []Line{{At: at(3, 7), Icon: "🔴", Text: catalog.Text{{S: "declared"}}}}, 0, 1)
		}},
		{"timeline-empty", func(v Voice) Card { return v.TimelineCard("INC-42", "Checkout is down", nil, 0, 0) }},
		{"help", func(v Voice) Card {
			return v.HelpCard([]HelpEntry{{Usage: "sev <1|2|3|4> [reason]", Short: "set the severity", Who: "responder"}, {Usage: "list", Short: "list what is open"}})
		}},
		{"help-verb", func(v Voice) Card {
			return v.HelpVerbCard(HelpEntry{Usage: "sev <1|2|3|4> [reason]", Short: "set the severity", Who: "commander", Aliases: []string{"severity", "s"}, Example: "sev 1 checkout is down"})
		}},
		{"unknown-verb", func(v Voice) Card { return v.UnknownVerbCard("resovle", []string{"resolve", "reopen"}, "resovle it") }},
		{"unknown-verb-none", func(v Voice) Card { return v.UnknownVerbCard("zzz", nil, "") }},
		{"usage", func(v Voice) Card { return v.UsageCard("sev", nil, "sev <1|2|3|4> [reason]", "sev 1 checkout is down") }},
		{"which", func(v Voice) Card { return v.WhichIncidentCard("sev 1", rows()[:2]) }},
		{"which-none", func(v Voice) Card { return v.WhichIncidentCard("sev 1", nil) }},
		{"looks-alike", func(v Voice) Card { return v.LooksAlikeCard(rows()[1], "checkout is broken") }},
		{"declared", func(v Voice) Card {
			st := running(v.Language)
			st.ChannelID = ""
			return v.DeclaredCard(st, lea)
		}},
		{"declared-anyway", func(v Voice) Card { return v.DeclaredAnywayCard(running(v.Language), marc, "INC-41") }},
		{"declared-room", func(v Voice) Card { return v.DeclaredCard(running(v.Language), marc) }},
		{"declared-on-call", func(v Voice) Card {
			return v.DeclaredCard(edited(running(v.Language), func(s *incident.State) { s.Pages = nil }), lea)
		}},
		{"declared-no-ladder", func(v Voice) Card {
			return v.DeclaredCard(edited(running(v.Language), func(s *incident.State) { s.Pages, s.Severity, s.Ladder = nil, 4, incident.Ladder{} }), lea)
		}},
		{"joined", func(v Voice) Card { return v.JoinedCard(rows()[1]) }},
		{"recorded", func(v Voice) Card { return v.RecordedCard("INC-42", nil) }},
		{"recorded-what", func(v Voice) Card { return v.RecordedCard("INC-42", catalog.Text{{S: "Léa took command"}}) }},
		{"by-hand", func(v Voice) Card { return one(v.ByHandText(ByHand{Phone: "+216 70 000 001", Service: "Checkout"})) }},
		{"by-hand-phone", func(v Voice) Card { return one(v.ByHandText(ByHand{Phone: "+216 70 000 001"})) }},
		{"by-hand-service", func(v Voice) Card { return one(v.ByHandText(ByHand{Service: "Checkout"})) }},
		{"by-hand-neither", func(v Voice) Card { return one(v.ByHandText(ByHand{Phone: " "})) }},
		{"receiver-not-recorded", func(v Voice) Card { return one(v.said().word("slack.not-recorded")) }},
		{"receiver-unknown", func(v Voice) Card { return one(v.said().word("slack.unknown")) }},
		{"not-allowed", func(v Voice) Card { return v.NotAllowedCard("commander") }},
		{"home", func(v Voice) Card { return v.HomeCard(rows(), lea) }},
		{"home-quiet", func(v Voice) Card { return v.HomeCard(nil, lea) }},
	}
	out = append(out, append(append(obligationReplies(), privateReplies()...), stepReplies()...)...)
	for i, r := range refusals() {
		out = append(out, reply{fmt.Sprintf("refusal-%02d-%s", i, r.Code), func(v Voice) Card { return v.RefusalCard(r, policy(v.Language)) }})
	}
	return out
}

type form struct {
	name string
	form func(lang string) Form
}

func forms() []form {
	src := func(l string) Source {
		st := running(l)
		return Source{State: st, Deadlines: incident.Deadlines(st), Zone: tunis, Step: stepTwo}
	}
	return append([]form{
		{"declare", func(l string) Form { return DeclareForm(l, policy(l), "checkout is down", "x") }},
		{"declare-long", func(l string) Form { return DeclareForm(l, longPolicy(l), "", "") }},
		{"declare-no-policy", func(l string) Form { return DeclareForm(l, nil, "", "") }},
		{"progress", func(l string) Form { return ProgressForm(src(l)) }},
		{"severity", func(l string) Form { return SeverityForm(src(l)) }},
		{"guide", func(l string) Form { return GuideForm(src(l)) }},
		{"proposed", func(l string) Form { return ProposedForm(src(l), 1, "guide tenants 30.5 10") }},
		{"hand-on", func(l string) Form { return HandOnForm(src(l)) }},
		{"update", func(l string) Form { return UpdateForm(src(l)) }},
		{"resolve", func(l string) Form { return ResolveForm(src(l)) }},
		{"cancel", func(l string) Form { return CancelForm(src(l)) }},
		{"reopen", func(l string) Form { return ReopenForm(src(l)) }},
		{"finding", func(l string) Form { return FindingForm(src(l)) }},
		{"skip", func(l string) Form { return SkipForm(src(l)) }},
		{"role", func(l string) Form { return RoleForm(src(l), incident.Comms) }},
		{"runbook", func(l string) Form {
			return RunbookForm(src(l), []RunbookChoice{{ID: "RB-001", Title: "API latency", Started: true}, {ID: "RB-002", Title: "OCR service down"}}, nil)
		}},
		{"runbook-none", func(l string) Form {
			return RunbookForm(src(l), nil, errors.New("runbooks/rb-942-x.md:1: title: is missing"))
		}},
	}, append(append(obligationForms(), parameterForms()...), stepForms()...)...)
}

// longPolicy has definitions that do not fit beside a choice.
func longPolicy(lang string) *incident.Policy {
	p := *policy(lang)
	p.Severities = maps.Clone(p.Severities)
	r := p.Severities[1]
	r.Definition = map[string]string{
		"en": "Service down for 10 % of tenants or more, OR confirmed data loss, OR an active security breach",
		"fr": "Service inaccessible pour au moins 10 % des clients, OU perte de données confirmée, OU violation de sécurité active",
	}
	p.Severities[1] = r
	return &p
}

// TestADefinitionIsNotCutInAWord: what does not fit beside a choice ends with a word, and stands whole below.
func TestADefinitionIsNotCutInAWord(t *testing.T) {
	for _, lang := range catalog.Languages() {
		p := longPolicy(lang)
		whole := p.Severities[1].Definition[lang]
		f := DeclareForm(lang, p, "", "")
		below := false
		for _, b := range f.Blocks {
			switch x := b.(type) {
			case Small:
				below = below || strings.Contains(x.Text.Plain(nil), whole)
			case Input:
				c, ok := x.Field.(ChoiceField)
				if !ok {
					continue
				}
				hint := c.Options[0].Hint.Plain(nil)
				start, cut := strings.CutSuffix(hint, "…")
				rest, is := strings.CutPrefix(whole, start)
				if !cut || !is || !strings.HasPrefix(strings.TrimLeft(rest, ","), " ") || len([]rune(hint)) > 75 || len([]rune(hint)) < 40 {
					t.Errorf("%s: %q of %q", lang, hint, whole)
				}
				if got := c.Options[2].Hint.Plain(nil); got != p.Severities[3].Definition[lang] {
					t.Errorf("%s: what fits is whole: %q", lang, got)
				}
			}
		}
		if !below {
			t.Errorf("%s: the whole definition is nowhere:\n%s", lang, PlainForm(f, nil))
		}
	}
	for in, want := range map[string]string{
		"one two three": "one two…", "one two": "one two", "unbreakableword": "unbreakab…", "a unbreakableword": "a unbreak…", "one two 33 four": "one two…", "": "",
	} {
		if got := clipWords(in, 10); got != want {
			t.Errorf("clipWords(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestReplyAndFormGoldens(t *testing.T) {
	for _, lang := range catalog.Languages() {
		var b strings.Builder
		v := Voice{Language: lang}
		for _, r := range replies() {
			c := r.card(v)
			checkCard(t, r.name+"."+lang, c)
			checkHarmless(t, r.name+"."+lang, c)
			fmt.Fprintf(&b, "### %s\n%s\n", r.name, Plain(c, tunis))
			for _, x := range texts(c) {
				if leftover.MatchString(x.Plain(tunis)) {
					t.Errorf("%s.%s: an argument is missing in %q", r.name, lang, x.Plain(tunis))
				}
			}
		}
		for _, f := range forms() {
			x := f.form(lang)
			checkForm(t, f.name+"."+lang, x)
			fmt.Fprintf(&b, "### form %s (%s)\n%s\n", f.name, x.ID, PlainForm(x, tunis))
		}
		golden(t, "replies."+lang+".txt", b.String())
	}
}

func checkForm(t *testing.T, name string, f Form) {
	t.Helper()
	for what, x := range map[string]catalog.Text{"title": f.Title, "submit": f.Submit, "close": f.Close} {
		if n := len([]rune(x.Plain(nil))); n == 0 || n > MaxFormTitle {
			t.Errorf("%s: %s has %d characters: %q", name, what, n, x.Plain(nil))
		}
		if strings.Contains(x.Plain(nil), "…") {
			t.Errorf("%s: %s is cut: %q", name, what, x.Plain(nil))
		}
	}
	checkBlocks(t, name, f.Blocks)
	for _, x := range texts(f) {
		if leftover.MatchString(x.Plain(tunis)) {
			t.Errorf("%s: an argument is missing in %q", name, x.Plain(tunis))
		}
	}
}

func TestBothLanguagesReplyTheSame(t *testing.T) {
	for _, r := range replies() {
		en, fr := r.card(Voice{Language: "en"}), r.card(Voice{Language: "fr"})
		if a, b := strings.Join(facts(en, en.Blocks), "\n"), strings.Join(facts(fr, fr.Blocks), "\n"); a != b {
			t.Errorf("%s differs:\nen %s\nfr %s", r.name, a, b)
		}
	}
	for _, f := range forms() {
		en, fr := f.form("en"), f.form("fr")
		if a, b := shape(en), shape(fr); a != b {
			t.Errorf("form %s asks differently:\nen %s\nfr %s", f.name, a, b)
		}
	}
}

// shape is what a form asks, without its words.
func shape(f Form) string {
	out := f.ID
	for _, b := range f.Blocks {
		out += fmt.Sprintf(" %T", b)
		if i, ok := b.(Input); ok {
			out += fmt.Sprintf("(%s %v %T", i.ID, i.Optional, i.Field)
			if c, ok := i.Field.(ChoiceField); ok {
				out += " " + c.Chosen
				for _, o := range c.Options {
					out += "," + o.Value
				}
			}
			out += ")"
		}
	}
	return out
}

func TestRepliesTakeHostileWords(t *testing.T) {
	for _, lang := range catalog.Languages() {
		for i, s := range nasty {
			v := Voice{Language: lang}
			many := []Row{}
			for range 40 {
				many = append(many, Row{ID: "INC-42", Title: s, Severity: 1, Status: incident.Investigating, Open: true, Name: s, Channel: "C1", Commander: incident.Person{Slack: "U0LEA", Name: s}, Declared: at(3, 0)})
			}
			var lines []Line
			for range 60 {
				lines = append(lines, Line{At: at(3, 0), Text: catalog.Of(lang, catalog.Lines(s+"."))})
			}
			st := hostile(running(lang), s)
			for j, c := range []Card{v.ListCard(many, true), v.TimelineCard("INC-42", s, lines, 3, 1), v.UnknownVerbCard(s+"x", []string{"a"}, s), v.UsageCard(s+"x", nil, "sev", s), v.WhichIncidentCard(s, many), v.LooksAlikeCard(many[0], s),
				v.DeclaredCard(st, lea), v.JoinedCard(many[0]), one(v.ByHandText(ByHand{s, s})), v.HomeCard(many, lea), v.RefusalCard(&incident.Refusal{Code: "unknown-target", Args: append([]string{s}, nasty...)}, nil)} {
				name := fmt.Sprintf("reply %d.%s nasty %d", j, lang, i)
				checkHarmless(t, name, c)
				checkCard(t, name, c)
				for _, b := range buttons(c.Blocks) {
					if len([]rune(b.Value.Note)) > 1000 {
						t.Errorf("%s carries %d characters back", name, len([]rune(b.Value.Note)))
					}
				}
			}
			src := Source{State: st, Deadlines: incident.Deadlines(st), Step: &Step{Runbook: s, Name: s, Branches: []Branch{{Finding: s + "x", To: s}}}}
			for _, f := range []Form{DeclareForm(lang, st.Policy, s, s), ProgressForm(src), SeverityForm(src), FindingForm(src), SkipForm(src), RoleForm(src, ""), RunbookForm(src, []RunbookChoice{{ID: s + "x", Title: s}}, errors.New(s))} {
				checkHarmless(t, "form "+f.ID, f)
				checkBlocks(t, fmt.Sprintf("form %s.%s nasty %d", f.ID, lang, i), f.Blocks)
			}
		}
	}
}

package view

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// calls are pages in situations, the same in both languages.
func calls(lang string) map[string]Source {
	fresh := edited(running(lang), func(s *incident.State) {
		s.Ladder = incident.Ladder{Level: 1, Round: 1, Since: at(3, 7)}
		s.AcknowledgedAt, s.Roles, s.Progress = time.Time{}, nil, incident.Said{}
		s.Pages = s.Pages[:1:1]
		s.Pages[0].Status = incident.PageOwed
	})
	raised := edited(running(lang), func(s *incident.State) {
		s.Ladder = incident.Ladder{Level: 2, Round: 1, Since: at(3, 30)}
		s.Pages = append(s.Pages[:2:2], incident.Page{Key: "L2", Level: 2, Target: "tech_lead", Round: 1, Person: marc, Why: incident.WhyNoProgress, At: at(3, 30), Status: incident.PageOwed},
			incident.Page{Key: "asked", Level: 0, Target: "compliance", Round: 1, Person: nadia, Why: incident.WhyAsked, By: lea, At: at(3, 30), Status: incident.PageOwed})
	})
	long := edited(fresh, func(s *incident.State) {
		s.Title = incident.Text{Body: strings.Repeat("Payment page returns errors for every tenant in the north. ", 8)}
	})
	src := func(st incident.State, page string) Source {
		s := Source{State: st, Deadlines: incident.Deadlines(st), Zone: tunis, Room: "https://acme.slack.com/archives/C042", Step: &Step{
			Runbook: "RB-001", ID: "which", Name: "Which service?", Number: 1, Of: 3, Commands: []string{"kubectl top pods -n vitakyc |\n  sort -k3 -r | head -10"}}}
		s.Owed.Effect.Page = page
		return s
	}
	call := src(raised, "L2")
	call.Call, call.Step = "https://meet.example/42", &Step{Runbook: "RB-001", Name: "Who holds the connections?", Number: 2, Of: 3}
	asked := src(raised, "asked")
	asked.Step, asked.Room = nil, ""
	return map[string]Source{"1 first level": src(fresh, "L1/1/primary/U0LEA"), "2 second level": call, "3 asked by name": asked, "4 long title": src(long, "L1/1/primary/U0LEA")}
}

func TestPageGoldens(t *testing.T) {
	for _, lang := range catalog.Languages() {
		var b strings.Builder
		all := calls(lang)
		for _, name := range []string{"1 first level", "2 second level", "3 asked by name", "4 long title"} {
			summary, body := PageText(all[name])
			fmt.Fprintf(&b, "### %s\n%s\n---\n%s\n\n", name, summary, body)
		}
		for _, sc := range scenes() {
			if src := sc.source(lang); NoteText(src) != "" {
				fmt.Fprintf(&b, "### note %s\n%s\n\n", sc.name, NoteText(src))
			}
		}
		src := scenes()[0].source(lang)
		src.Owed.Effect.View = "progress"
		fmt.Fprintf(&b, "### note progress\n%s\n", NoteText(src))
		golden(t, "pages."+lang+".txt", b.String())
	}
}

// What is heard first must be enough: how bad, what, and where it fits by when.
func TestFirstSixtyCharactersSpeak(t *testing.T) {
	summary, _ := PageText(calls("en")["1 first level"])
	if want := "SEV-1 Checkout is down. Acknowledge by 03:13 (INC-42)."; summary != want || utf8.RuneCountInString(summary) > spoken {
		t.Errorf("%q, want %q within %d", summary, want, spoken)
	}
	summary, _ = PageText(calls("en")["4 long title"])
	heard := string([]rune(summary)[:spoken])
	if want := "SEV-1 Payment page returns errors for every tenant in the no"; heard != want {
		t.Errorf("heard %q, want %q", heard, want)
	}
	if !strings.HasSuffix(summary, "Acknowledge by 03:13 (INC-42).") || utf8.RuneCountInString(summary) > 200 {
		t.Errorf("a long title pushed away when and which: %q", summary)
	}
}

// A page speaks: no emoji, no markup, no address of a person.
func TestPagesHaveNoEmoji(t *testing.T) {
	for _, lang := range catalog.Languages() {
		for name, src := range calls(lang) {
			summary, body := PageText(src)
			if i := strings.IndexAny(summary+body, "🔴🟠🟡⚪⏱📟✅⛔🔒*`"); i >= 0 {
				t.Errorf("%s.%s: %q", name, lang, (summary + body)[i:])
			}
		}
		for _, sc := range scenes() {
			if n := NoteText(sc.source(lang)); strings.ContainsAny(n, "🔴🟠🟡⚪⏱📟✅⛔🔒*`") {
				t.Errorf("note %s.%s: %q", sc.name, lang, n)
			}
		}
	}
}

func FuzzPhoneAndTopic(f *testing.F) {
	for _, s := range nasty {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		st := hostile(running("fr"), s)
		src := Source{State: st, Deadlines: incident.Deadlines(st), Zone: tunis, Room: s, Call: s, Step: &Step{Runbook: s, Name: s, Commands: []string{s}, Number: 1, Of: 1}}
		src.Owed.Effect.Page = "L1/1/primary/U0LEA"
		checkPhone(t, "fuzz", src)
		if n := utf8.RuneCountInString(Topic(src)); n > MaxTopic {
			t.Errorf("topic of %d characters", n)
		}
		if n := utf8.RuneCountInString(Purpose(src)); n > MaxTopic {
			t.Errorf("purpose of %d characters", n)
		}
		c := headline(src)
		checkHarmless(t, "headline", c)
		checkCard(t, "headline", c)
	})
}

// Who set an incident aside is not told that somebody asked for them.
func TestWhyYouAfterItWasSetAside(t *testing.T) {
	for lang, want := range map[string][2]string{
		"en": {"you set it aside", "set it aside until now and named you"},
		"fr": {"vous l'avez mis de côté", "l'avait mis de côté jusqu'à maintenant, avec vous"},
	} {
		s := Source{State: running(lang)}
		for i, by := range []incident.Person{marc, lea} {
			said := join("\n", s.whyYou(incident.Page{Person: marc, By: by, Why: incident.WhyParked, Level: 1})...).Plain(nil)
			if !strings.Contains(said, want[i]) {
				t.Errorf("%s: %s", lang, said)
			}
		}
	}
}

package timeline

import (
	"slices"
	"strings"
	"testing"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// TestAPageIsRungOnlyOncePagerDutyTookIt: that somebody is sent for and that their phone rang are two facts, and a page that was closed
// before PagerDuty took it never rang.
func TestAPageIsRungOnlyOncePagerDutyTookIt(t *testing.T) {
	ring := func(key string) incident.EffectID { return incident.EffectID("INC-42/1/ring/" + key) }
	changed := func(c incident.PageChanged) *incident.PageChanged { c.Key = "p"; return &c }
	down := incident.WhyTaken
	for name, c := range map[string]struct {
		facts  []incident.Fact
		en, fr []string
	}{
		"rung": {
			[]incident.Fact{changed(incident.PageChanged{Status: incident.PageSent, Effect: ring("p")}), changed(incident.PageChanged{Status: incident.PageClosed, Why: down, StandDown: true})},
			[]string{"Marc Aziz (tech lead) rung", "Marc Aziz (tech lead) stood down: somebody else took it"},
			[]string{"Appel passé, Marc Aziz (tech lead)", "Marc Aziz (tech lead) : appel levé, quelqu'un d'autre l'a pris"},
		},
		"closed before it rang": {
			[]incident.Fact{changed(incident.PageChanged{Status: incident.PageClosed, Why: down, StandDown: true}), changed(incident.PageChanged{Status: incident.PageClosed, Effect: ring("p")})},
			[]string{"Marc Aziz (tech lead) not rung: somebody else took it"},
			[]string{"Appel non passé, Marc Aziz (tech lead) : quelqu'un d'autre l'a pris"},
		},
		"overtaken without a word": {
			[]incident.Fact{changed(incident.PageChanged{Status: incident.PageClosed, Why: down}), changed(incident.PageChanged{Status: incident.PageClosed, Effect: ring("p")})},
			[]string{"Marc Aziz (tech lead) not rung: no longer needed"},
			[]string{"Appel non passé, Marc Aziz (tech lead) : plus nécessaire"},
		},
		"closed while the call was on its way": {
			[]incident.Fact{changed(incident.PageChanged{Status: incident.PageClosed, Why: down, StandDown: true}), changed(incident.PageChanged{Status: incident.PageClosed, Effect: ring("p"), Why: down})},
			[]string{"Marc Aziz (tech lead) stood down: somebody else took it", "Marc Aziz (tech lead) rung although no longer needed; the page is closed again"},
			[]string{"Marc Aziz (tech lead) : appel levé, quelqu'un d'autre l'a pris", "Appel passé, Marc Aziz (tech lead), bien que plus nécessaire ; il est levé"},
		},
		"PagerDuty was away": {
			[]incident.Fact{changed(incident.PageChanged{Status: incident.PageOwed, Stuck: true}), changed(incident.PageChanged{Status: incident.PageSent, Effect: ring("p")})},
			[]string{"Marc Aziz (tech lead) not rung: PagerDuty does not answer", "Marc Aziz (tech lead) rung"},
			[]string{"Appel non passé, Marc Aziz (tech lead) : PagerDuty ne répond pas", "Appel passé, Marc Aziz (tech lead)"},
		},
		"answered before PagerDuty's word for the call came": {
			[]incident.Fact{changed(incident.PageChanged{Status: incident.PageAnswered, By: marc}), changed(incident.PageChanged{Status: incident.PageAnswered, Effect: ring("p")})},
			[]string{"Marc Aziz answered the page (Marc Aziz (tech lead))"},
			[]string{"Marc Aziz a répondu à l'appel (Marc Aziz (tech lead))"},
		},
	} {
		events := []incident.Event{{Seq: 1, At: at(3, 7, 0), RecordedAt: at(3, 7, 0), Actor: tocsin, Fact: &incident.Paged{Page: incident.Page{Key: "p", Target: "tech_lead", Person: marc, Why: incident.WhyNoProgress, Status: incident.PageOwed}}}}
		for i, f := range c.facts {
			events = append(events, incident.Event{Seq: int64(i + 2), At: at(3, 8+i, 0), RecordedAt: at(3, 8+i, 0), Actor: tocsin, Fact: f})
		}
		for lang, want := range map[string][]string{"en": c.en, "fr": c.fr} {
			var got []string
			for _, l := range LinesOf(incident.State{Policy: policy}, events, lang)[1:] {
				got = append(got, plain(l))
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s in %s:\n got %q\nwant %q", name, lang, got, want)
			}
		}
	}
}

// TestALevelThatDidNotAnswerIsNamed: above the first level nobody acknowledges; who was sent for did not take it. Help names its reason.
func TestALevelThatDidNotAnswerIsNamed(t *testing.T) {
	for _, c := range []struct {
		f      incident.LevelRaised
		en, fr string
	}{
		{incident.LevelRaised{Level: 2, Round: 1, Why: incident.WhyNotAcknowledged, Deadline: "acknowledge/1/1"}, "Escalated to L2: nobody acknowledged in time", "Escalade vers L2 : personne n'a acquitté à temps"},
		{incident.LevelRaised{Level: 3, Round: 1, Why: incident.WhyNotAcknowledged, Deadline: "accept/2/1"}, "Escalated to L3: nobody of L2 took it in time", "Escalade vers L3 : L2 n'a pas répondu à temps"},
		{incident.LevelRaised{Level: 1, Round: 2, Why: incident.WhyNotAcknowledged, Deadline: "restart/4/1"}, "Escalated to L1: the last level did not answer either (round 2)", "Escalade vers L1 : le dernier niveau n'a pas répondu non plus (tour 2)"},
		{incident.LevelRaised{Level: 2, Round: 1, Why: incident.WhyHelp, By: lea, Reason: text("the ledger is locked")}, "Léa Martin sent for help: escalated to L2: the ledger is locked", "Léa Martin a demandé du renfort : escalade vers L2 : the ledger is locked"},
	} {
		page := incident.Page{Key: "p", Target: "tech_lead", Person: marc, Why: c.f.Why, Status: incident.PageOwed}
		events := []incident.Event{{Seq: 1, At: at(3, 7, 0), RecordedAt: at(3, 7, 0), Actor: tocsin, Fact: &c.f}, {Seq: 2, At: at(3, 7, 0), RecordedAt: at(3, 7, 0), Actor: tocsin, Fact: &incident.Paged{Page: page}}}
		for lang, want := range map[string]string{"en": c.en, "fr": c.fr} {
			lines := LinesOf(incident.State{Policy: policy}, events, lang)
			if got := plain(lines[0]); got != want {
				t.Errorf("got  %q\nwant %q", got, want)
			}
			if c.f.Why != incident.WhyHelp && lang == catalog.English {
				_, why, _ := strings.Cut(want, ": ")
				if got := lines[1].Text.Plain(tunis); !strings.HasPrefix(why, strings.TrimPrefix(got, "Marc Aziz (tech lead) sent for: ")) {
					t.Errorf("the page says %q, the escalation %q", got, want)
				}
			}
		}
	}
}

// plain is a line's words with the no-break spaces of French typography made plain ones.
func plain(l Line) string { return strings.ReplaceAll(l.Text.Plain(tunis), "\u00a0", " ") }

package view

import (
	"strings"
	"testing"
	"time"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// TestAnotherDayIsNamed: a clock time stands alone today and within a night; whatever is further off on another day says which.
func TestAnotherDayIsNamed(t *testing.T) {
	now := time.Date(2026, 11, 20, 23, 50, 0, 0, tunis)
	src := Source{Now: now, Zone: tunis}
	for _, c := range []struct {
		at   time.Time
		want string
	}{
		{now.Add(15 * time.Minute), "00:05"},                    // tomorrow, but tonight
		{now.Add(-23 * time.Hour), "00:50"},                     // today
		{now.Add(9*time.Hour + 10*time.Minute), "21 Nov 09:00"}, // set aside until
		{now.Add(66*time.Hour + 10*time.Minute), "23 Nov 18:00"},
		{now.Add(-24 * time.Hour), "19 Nov 23:50"},
		{time.Time{}, "–"},
	} {
		if got := catalog.Of("en", src.clock(c.at)).Plain(tunis); got != c.want {
			t.Errorf("%v read at %v: %q, want %q", c.at, now, got, c.want)
		}
	}
	if got := catalog.Of("en", Source{Now: now, Zone: time.UTC}.clock(now.Add(-23*time.Hour))).Plain(time.UTC); got != "19 Nov 23:50" {
		t.Errorf("the day is the zone's: %q", got)
	}
}

// TestFridaysMinorIncidentSaysMonday: "by 18:00" on a Friday night would be Saturday's.
func TestFridaysMinorIncidentSaysMonday(t *testing.T) {
	for lang, want := range map[string]string{"en": "Somebody takes it by 23 Nov 18:00", "fr": "Prise en charge avant 23 nov. 18:00"} {
		tr := newTranscript(t, lang)
		tr.do(incident.Actor{System: incident.SystemPagerDuty}, incident.ViaPagerDuty, incident.Declare{Title: incident.Text{Body: "a typo in a report"}, Severity: 4})
		if got := strings.Join(tr.lines, "\n"); !strings.Contains(got, want) {
			t.Errorf("%s: %q is not in\n%s", lang, want, got)
		}
	}
}

// What was asked in posts of their own before there was a room is asked where people look: a clock's condition on its runbook's card, as long
// as nobody answered.
func TestARunbooksCardAsksForTheConditionOfItsClock(t *testing.T) {
	for lang, want := range map[string]string{"en": "data were lost", "fr": "des données sont perdues"} {
		st := guarded(lang, func(s *incident.State, _ *incident.RunbookRun) {
			s.Duties = append(s.Duties, incident.Duty{Key: "bct-crf-report", Clock: "RB-008/bct-crf-report", What: "report", When: want, Due: at(20, 0), From: at(3, 8)})
		})
		asks := func(st incident.State) bool {
			src := Source{State: st, Zone: tunis, Now: at(3, 40), Step: drawnStep(st, "restore")}
			src.Owed.Effect.View, src.Owed.Effect.Slot = incident.ViewStep, incident.SlotCard("RB-008", 1)
			c := step1(t, src)
			yes := false
			for _, b := range c.Blocks {
				if a, is := b.(Actions); is {
					for _, e := range a.Elements {
						x, is := e.(Button)
						yes = yes || is && x.Action == ActionAnswerYes && x.Value.Subject == "bct-crf-report"
					}
				}
			}
			if said := strings.Contains(Plain(c, tunis), want); said != yes {
				t.Errorf("%s: said %v, with buttons %v:\n%s", lang, said, yes, Plain(c, tunis))
			}
			return yes
		}
		if !asks(st) {
			t.Errorf("%s: not asked", lang)
		}
		answered := edited(st, func(s *incident.State) {
			s.Answers = append(s.Answers, incident.Answer{Question: "bct-crf-report", Value: incident.AnswerYes, By: lea, At: at(3, 20)})
		})
		if asks(answered) {
			t.Errorf("%s: asked after it was answered", lang)
		}
	}
}

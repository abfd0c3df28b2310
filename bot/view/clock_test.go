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

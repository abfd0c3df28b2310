package bot_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-bot/tocsin/bot"
	hs "github.com/tocsin-bot/tocsin/bot/house"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/timeline"
)

// TestBacktestNamesWhoHadTheDuty: a rotation of the policy file has its person at the time of each incident, by turn, override or cover.
func TestBacktestNamesWhoHadTheDuty(t *testing.T) {
	src, err := os.ReadFile("policy/default.yaml")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(src), "\n")
	for i, l := range lines {
		if l == "  primary:" { // its title stays
			lines[i] += "\n    rotation: first"
		}
	}
	file := filepath.Join(t.TempDir(), "policy.yaml")
	text := strings.Join(lines, "\n") + `
rotations:
  first: {zone: UTC, start: 2026-10-05, handover: monday 09:00, weeks: 1, people: [lea@x.example, marc@x.example], overrides: [{from: 2026-10-06T00:00, to: 2026-10-07T00:00, person: ines@x.example}]}
`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	p, _, err := bot.ReadPolicy(file)
	if err != nil {
		t.Fatal(err)
	}
	at := func(day int) time.Time { return time.Date(2026, 10, day, 12, 0, 0, 0, time.UTC) }
	covers := []hs.Cover{{ID: "c1", Rotation: "first", Legs: []hs.Leg{{Of: "lea@x.example", By: "tom@x.example", From: at(8), To: at(9)}}}}
	duty, err := bot.DutyOf(file, covers)
	if err != nil {
		t.Fatal(err)
	}
	var past []timeline.Past
	for _, d := range []int{6, 7, 8, 13} {
		past = append(past, timeline.Past{ID: "P" + at(d).Format("02"), Alert: "ApiHighLatencyP95", Title: "x", Triggered: at(d).Add(time.Hour)})
	}
	o := timeline.BacktestOptions{OnCall: bot.OnCallOf(p, duty)}
	b := bot.BacktestPolicy(p, past, o)
	for _, who := range []string{"ines@x.example", "lea@x.example", "tom@x.example", "marc@x.example"} {
		found := false
		for _, sum := range b.People {
			found = found || sum.Name == who
		}
		if !found {
			t.Errorf("%s was on call, and no page counts for them: %+v", who, b.People)
		}
	}
	said := func(o timeline.BacktestOptions) string {
		return timeline.BacktestText(b, p, o, at(1), at(31), "en", time.UTC)
	}
	if o.HolidaysUnread = true; !strings.Contains(said(o), "not counted") {
		t.Error("holidays that were not read are not spoken of")
	}
	o.HolidaysUnread, o.Holidays = false, incident.AnnouncedDays{Days: []incident.Announced{{Day: "2026-10-06", Name: "x"}}}
	if !strings.Contains(said(o), "1 announced holiday counts") {
		t.Errorf("%s", said(o))
	}
}

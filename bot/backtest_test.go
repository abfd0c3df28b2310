package bot_test

import (
	"encoding/csv"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tocsin-bot/tocsin/bot"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/policy"
	"github.com/tocsin-bot/tocsin/bot/sandbox"
	"github.com/tocsin-bot/tocsin/bot/timeline"
)

func seedPolicy(t *testing.T) *incident.Policy {
	t.Helper()
	_, src := policy.Default()
	p, err := policy.Parse("default", src)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// rungBy lists whom a run rings, and when after the trigger.
func rungBy(in timeline.BacktestIncident) []string {
	var out []string
	for _, pg := range in.Pages {
		out = append(out, fmt.Sprintf("%s+%s", pg.Target, pg.At.Sub(in.Past.Triggered)))
	}
	return out
}

// TestBacktestRunsThePast: three incidents of a recorded past, each rung about as the policy says and until somebody answered in PagerDuty.
func TestBacktestRunsThePast(t *testing.T) {
	p := seedPolicy(t)
	since, until := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	past, err := bot.PastOf(t.Context(), bot.Options{}, p, "testdata/past.jsonl", since, until)
	if err != nil || len(past) != 3 {
		t.Fatal(len(past), err)
	}
	b := bot.BacktestPolicy(p, past, timeline.BacktestOptions{})
	// A SEV-1 nobody takes for twelve minutes: the CTO at once, the secondary after 5, level 2 after 10. Nobody after that.
	if got := rungBy(b.Incidents[0]); !slices.Equal(got, []string{"primary+0s", "cto+0s", "secondary+5m0s", "tech_lead+10m0s"}) {
		t.Errorf("SEV-1: %v", got)
	}
	if b.Incidents[0].Severity != incident.SEV1 || b.Incidents[0].Answered.IsZero() {
		t.Errorf("SEV-1: %+v", b.Incidents[0])
	}
	// A SEV-2 taken after three: the tech lead with it, nobody else, if progress was recorded.
	if got := rungBy(b.Incidents[1]); !slices.Equal(got, []string{"primary+0s", "tech_lead+0s"}) {
		t.Errorf("SEV-2: %v", got)
	}
	if b.Wakes != 5 || b.WorstN != 4 || b.Worst.Format(time.DateOnly) != "2026-10-06" {
		t.Errorf("%d wakes, worst night %s with %d", b.Wakes, b.Worst, b.WorstN)
	}
	// The SEV-3's first page is PagerDuty's own, and was loud.
	// PagerDuty rang Marc and Ines for the first, Marc for the others; an e-mail is no ring.
	if b.Rings != 4 || b.RingWakes != 3 || b.Rung[0] != (timeline.BacktestSum{Name: "Marc Lindqvist", Pages: 3, Wakes: 2}) {
		t.Errorf("PagerDuty: %d, at night %d, %+v", b.Rings, b.RingWakes, b.Rung)
	}
	if len(b.Weeks) != 2 || b.Weeks[0].Week != 41 || b.Weeks[0].Incidents != 2 || b.Weeks[1].Incidents != 1 {
		t.Errorf("%+v", b.Weeks)
	}
	none := bot.BacktestPolicy(p, past, timeline.BacktestOptions{NoProgress: true})
	if none.Pages <= b.Pages {
		t.Errorf("without progress %d pages, with it %d", none.Pages, b.Pages)
	}
	if again := bot.BacktestPolicy(p, past, timeline.BacktestOptions{}); fmt.Sprint(again) != fmt.Sprint(b) {
		t.Error("the same past gives another result")
	}

	en := timeline.BacktestText(b, p, timeline.BacktestOptions{}, since, until, "en", time.UTC)
	fr := timeline.BacktestText(b, p, timeline.BacktestOptions{}, since, until, "fr", time.UTC)
	for _, want := range []string{"3 incidents", "What is assumed", "upper bound", "Worst night: that of 2026-10-06, woken 4 times", "2026-W41", "Marc Lindqvist"} {
		if !strings.Contains(en, want) {
			t.Errorf("it does not say %q:\n%s", want, en)
		}
	}
	if !strings.Contains(fr, "Pire nuit") || strings.Contains(fr, "night") {
		t.Errorf("in French:\n%s", fr)
	}
	past[0].Title = "=HYPERLINK(\"http://x\")"
	rows, err := csv.NewReader(strings.NewReader(timeline.BacktestCSV(bot.BacktestPolicy(p, past, timeline.BacktestOptions{}), time.UTC))).ReadAll()
	if err != nil || len(rows) != 1+b.Pages+4 || strings.HasPrefix(rows[1][4], "=") {
		t.Errorf("%d rows, %v", len(rows), err)
	}
}

// TestBacktestRefusesWhatIsNoPast: a file that is something else is refused with the record that is wrong.
func TestBacktestRefusesWhatIsNoPast(t *testing.T) {
	for name, text := range map[string]string{"no JSON": "id;title\n", "no time": `{"id":"Q1"}`, "the second": `{"id":"Q1","triggered":"2026-10-07T01:10:00Z"}{"id":""}`} {
		file := t.TempDir() + "/past.jsonl"
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := bot.PastOf(t.Context(), bot.Options{}, seedPolicy(t), file, time.Time{}, time.Now()); err == nil || !strings.Contains(err.Error(), "number") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := bot.PastOf(t.Context(), bot.Options{}, seedPolicy(t), "", time.Time{}, time.Now()); err == nil || !strings.Contains(err.Error(), "PAGERDUTY_API_TOKEN") {
		t.Error(err)
	}
}

// TestBacktestReadsPagerDuty: what the local PagerDuty rang about is read back by REST, without a single write, with who was rung and who
// answered; pages of a Tocsin are no past.
func TestBacktestReadsPagerDuty(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newBubble(t, nil)
		defer w.end()
		begun := w.clock.Now()
		fired, err := w.sandbox.FireAlert("ApiErrorRateHigh")
		if err != nil {
			t.Fatal(err)
		}
		after(6 * time.Minute) // PagerDuty's own policy goes to the secondary after 5
		ines, _ := w.sandbox.Member(sandbox.Secondary)
		if err := w.sandbox.Pager.Acknowledge(ines.PagerDutyID, fired.IncidentID); err != nil {
			t.Fatal(err)
		}
		after(20 * time.Minute)
		if err := w.sandbox.Pager.Resolve(ines.PagerDutyID, fired.IncidentID); err != nil {
			t.Fatal(err)
		}
		calls := len(w.sandbox.Pager.Calls())
		p, err := policy.Parse("bubble", w.source)
		if err != nil {
			t.Fatal(err)
		}
		w.sandbox.Pager.FailNext("GET /incidents", 1, 500)
		past, err := bot.PastOf(t.Context(), w.options(), p, "", begun.Add(-90*24*time.Hour), w.clock.Now().Add(time.Minute))
		if err != nil || len(past) != 1 {
			t.Fatalf("%d past incidents, %v", len(past), err)
		}
		one := past[0]
		if one.ID != fired.IncidentID || one.Alert != "ApiErrorRateHigh" || one.Severity != "critical" || one.Resolved().IsZero() {
			t.Errorf("%+v", one)
		}
		rang := map[string]bool{}
		for _, e := range one.Entries {
			if e.Rings() {
				rang[e.Who] = true
			}
		}
		if len(rang) != 2 || !rang["Marc Lindqvist"] || !rang["Ines Haddad"] {
			t.Errorf("rung: %v of %+v", rang, one.Entries)
		}
		for _, c := range w.sandbox.Pager.Calls()[calls:] {
			if !strings.HasPrefix(c.Op, "GET ") {
				t.Errorf("it called %s", c.Op)
			}
		}
		if got := rungBy(bot.BacktestPolicy(p, past, timeline.BacktestOptions{}).Incidents[0]); !slices.Equal(got, []string{"primary+0s", "tech_lead+0s"}) {
			t.Errorf("%v", got)
		}
	})
}

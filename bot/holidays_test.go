package bot_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-bot/tocsin/bot"
	"github.com/tocsin-bot/tocsin/bot/engine"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/policy"
)

// A holiday that somebody announces in Slack counts at once in an incident that is open, without anything else happening in it; taken back, it
// counts no more. A bot that is started anew on the same data still knows it.
func TestAHolidayAnnouncedInSlackCountsInOpenIncidents(t *testing.T) {
	inHall(t, func(src string) string { return src }, nil, func(h *hall) {
		h.until(time.Minute)
		h.says("ines", "declare disk is slow sev3")
		h.until(2 * time.Minute)
		rows, err := h.Engine().List(h.Context(), true, 5)
		if err != nil || len(rows) != 1 {
			t.Fatalf("%v %v", rows, err)
		}
		state := func() incident.State {
			t.Helper()
			s, err := h.Engine().State(h.Context(), rows[0].ID)
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		if got := h.says("ines", "holiday add 2000-01-03 Aïd el-Fitr"); !strings.Contains(got, "Monday 2000-01-03 is a holiday: Aïd el-Fitr (office)") {
			t.Errorf("answered %q", got)
		}
		h.until(2*time.Minute + 5*time.Second)
		after := state()
		if len(after.Holidays) != 1 || after.Holidays[0].Day != "2000-01-03" {
			t.Errorf("the open incident counts %v", after.Holidays)
		}
		if list := h.says("marc", "holiday"); list != "*Holidays to come*" {
			t.Errorf("listed %q", list)
		}
		h.says("ines", "holiday remove 2000-01-03")
		h.until(2*time.Minute + 20*time.Second)
		if s := state(); len(s.Holidays) != 0 {
			t.Errorf("taken back, it counts %v", s.Holidays)
		}
		if log := h.logs.String(); log != "" {
			t.Errorf("logged %s", log)
		}
	})
}

// An announced day is one in the report of its month and in the list of who is on call, and not one of another calendar.
func TestAnAnnouncedHolidayIsInTheReport(t *testing.T) {
	inHall(t, rotating, nil, func(h *hall) {
		h.until(time.Hour)
		h.says("ines", "holiday add today Jour de deuil")
		h.until(5 * time.Hour)
		file := filepath.Join(t.TempDir(), "policy.yaml")
		_, src := policy.Default()
		if err := os.WriteFile(file, []byte(rotating(string(src))), 0o600); err != nil {
			h.Fatal(err)
		}
		report, err := bot.OnCallReport(h.Context(), h.Journal(), file, "2000-01")
		if err != nil || len(report.Rows) == 0 {
			h.Fatalf("%+v %v", report, err)
		}
		for _, r := range report.Rows {
			if r.OnCall == 0 || r.In["holiday"] != r.OnCall || r.In["weekend"] != 0 {
				h.Errorf("%s %s: %s on call, %v", r.Rotation, r.Person, r.OnCall, r.In)
			}
		}
		coming, err := bot.HolidaysToCome(h.Context(), h.Journal(), file, "en")
		if err != nil || len(coming) != 1 || coming[0].Day != "2000-01-01" || coming[0].Name != "Jour de deuil" {
			h.Errorf("%+v %v", coming, err)
		}
		if found, err := bot.CheckHolidays(h.Context(), h.Journal(), file, "en"); err != nil || len(found) > 0 {
			h.Errorf("%+v %v", found, err)
		}
		other := strings.Replace(rotating(string(src)), "calendar: office", "calendar: bureau", 1)
		other = strings.Replace(other, "\n  office: {zone", "\n  bureau: {zone", 1)
		if err := os.WriteFile(file, []byte(other), 0o600); err != nil {
			h.Fatal(err)
		}
		if found, err := bot.CheckHolidays(h.Context(), h.Journal(), file, "en"); err != nil || len(found) != 1 || found[0].Fatal || !strings.Contains(found[0].In("en"), "no calendar office") {
			h.Errorf("%+v %v", found, err)
		}
	})
}

// Two replicas hear of an announced day at their own time, and each open incident counts it once: one fact, whoever was first. Taken back, it
// is one more; an incident that is over counts nothing.
func TestTwoReplicasCountAHolidayOnce(t *testing.T) {
	inHall(t, func(src string) string { return src }, nil, func(h *hall) {
		o := h.o
		o.Owner, o.Store = "other", h.Journal()
		other := h.world.start(o)
		h.until(time.Minute)
		for _, title := range []string{"disk is slow", "mail is late", "search is stale", "noise"} {
			h.says("ines", "declare "+title+" sev3")
		}
		h.says("ines", "INC-4 cancel it was a test")
		h.until(2 * time.Minute)
		counted := func(want ...int) {
			t.Helper()
			for i, n := range want {
				id := incident.ID(fmt.Sprint("INC-", i+1))
				events, err := engine.Events(h.Context(), h.Journal(), id, 1, 1000)
				if err != nil {
					t.Fatal(err)
				}
				got := 0
				for _, e := range events {
					if _, is := e.Fact.(*incident.HolidaysCounted); is {
						got++
					}
				}
				if got != n {
					t.Errorf("%s counted %d times, want %d", id, got, n)
				}
				for name, b := range map[string]*bot.Bot{"the one": h.Bot, "the other": other} {
					s, err := b.Engine().State(h.Context(), id)
					if err != nil || len(s.Holidays) != n%2 {
						t.Errorf("%s of %s: %v %v", id, name, s.Holidays, err)
					}
				}
			}
		}
		counted(0, 0, 0, 0)
		if got := h.says("ines", "holiday add 2000-01-03 Aïd el-Fitr"); !strings.Contains(got, "is a holiday") {
			t.Fatalf("answered %q", got)
		}
		h.until(4 * time.Minute) // the replica that was not told looks every minute
		counted(1, 1, 1, 0)
		h.says("ines", "holiday remove 2000-01-03")
		h.until(6 * time.Minute)
		counted(2, 2, 2, 0)
		h.world.stop(other)
		if log := h.logs.String(); log != "" {
			t.Errorf("logged %s", log)
		}
	})
}

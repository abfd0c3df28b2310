package bot_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/sandbox"
)

// roomSays is all that stands in incident channels.
func (h *hall) roomSays() string {
	var all strings.Builder
	for _, c := range h.box.Workspace.Channels() {
		if strings.HasPrefix(c.Name, "inc-") {
			for _, m := range h.box.Workspace.Messages(c.ID) {
				all.WriteString(m.Text + "\n" + string(m.Blocks) + "\n")
			}
		}
	}
	return all.String()
}

// pagesSay is all that phones show.
func (h *hall) pagesSay() string {
	var all strings.Builder
	for _, i := range h.box.Pager.Incidents() {
		all.WriteString(fmt.Sprint(i.Title, "\n", i.Details, "\n"))
	}
	return all.String()
}

// Where PagerDuty's schedules cannot be read any more, the last known people are rung, and the page, the headline and the escalation say of
// when that is; while they can be read, nobody is told anything.
func TestWhoIsRungByAnOldReadingIsToldSo(t *testing.T) {
	bothScheduled := func(src string) string {
		return strings.Replace(scheduled(src), "\n  secondary:\n", "\n  secondary:\n    schedule: "+sandbox.SecondaryScheduleID+"\n", 1)
	}
	for lang, want := range map[string]struct{ page, room string }{
		catalog.English: {"You are on call as read at 00:20; PagerDuty's schedule could not be read since.", "PagerDuty's schedule could not be read since"},
		catalog.French:  {"Vous êtes d'astreinte d'après la lecture de 00:20 ; le planning PagerDuty n'a pas pu être lu depuis.", "le planning PagerDuty n'a pas pu être lu depuis"},
	} {
		inHall(t, func(src string) string {
			return strings.Replace(bothScheduled(src), "\nlanguage: en\n", "\nlanguage: "+lang+"\n", 1)
		}, nil, func(h *hall) {
			h.until(10*time.Minute + 30*time.Second)
			h.says("nadia", "declare checkout is down sev1")
			h.until(17 * time.Minute)
			plain := func(s string) string { return strings.NewReplacer("\u00a0", " ", `\u00a0`, " ").Replace(s) }
			if got := plain(h.roomSays() + h.pagesSay()); strings.Contains(got, want.room) {
				t.Errorf("%s: said while it can be read: %s", lang, got)
			}
			h.says("nadia", "INC-1 cancel it was a drill")
			h.until(20 * time.Minute)
			for _, op := range []string{"GET /oncalls", "GET /schedules/{id}"} {
				if err := h.box.Pager.FailNext(op, 1000, 503); err != nil {
					t.Fatal(err)
				}
			}
			h.until(40*time.Minute + 30*time.Second)
			h.says("nadia", "declare checkout is down sev1")
			time.Sleep(20 * time.Second)
			if got := plain(h.pagesSay()); strings.Count(got, want.page) != 1 {
				t.Errorf("%s: the page does not say %q: %s", lang, want.page, got)
			}
			if got := plain(h.roomSays()); !strings.Contains(got, want.room) {
				t.Errorf("%s: the headline does not say %q: %s", lang, want.room, got)
			}
			before := strings.Count(plain(h.roomSays()), want.room)
			h.until(46 * time.Minute)
			if got := plain(h.pagesSay()); strings.Count(got, want.page) != 2 {
				t.Errorf("%s: the backup's page does not say %q: %s", lang, want.page, got)
			}
			if got := plain(h.roomSays()); strings.Count(got, want.room) <= before {
				t.Errorf("%s: the escalation does not say %q: %s", lang, want.room, got)
			}
			h.says("nadia", "INC-2 cancel it was a drill")
		})
	}
}

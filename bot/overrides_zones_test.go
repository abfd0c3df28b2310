package bot_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tocsin-bot/tocsin/bot/sandbox"
)

// A cover over PagerDuty's schedule means the hours of the policy's zone, in the nights in which clocks are turned as well, and days as they are
// there: PagerDuty's schedule has a zone of its own (Europe/Paris), and its answers are in UTC. The phone passes at those instants.
func TestACoverMeansTheHoursOfThePolicysZone(t *testing.T) {
	for zone, nights := range map[string][]struct{ at, typed, from, to string }{
		"Europe/Paris": {
			{"2000-03-25T19:00:00Z", "tomorrow 01:00-04:00", "2000-03-26T00:00:00Z", "2000-03-26T02:00:00Z"}, // two hours of three
			{"2000-07-14T22:30:00Z", "today 08:00-10:00", "2000-07-15T06:00:00Z", "2000-07-15T08:00:00Z"},    // tomorrow in UTC, and in New York for hours yet
			{"2000-10-28T18:00:00Z", "tomorrow 01:00-04:00", "2000-10-28T23:00:00Z", "2000-10-29T03:00:00Z"}, // four
			{"2000-10-29T20:00:00Z", "22:00-00:30", "2000-10-29T21:00:00Z", "2000-10-29T23:30:00Z"},          // into tomorrow
		},
		"America/New_York": {
			{"2000-04-01T23:00:00Z", "tomorrow 01:00-04:00", "2000-04-02T06:00:00Z", "2000-04-02T08:00:00Z"},
			{"2000-07-15T03:00:00Z", "tomorrow 00:15-02:00", "2000-07-15T04:15:00Z", "2000-07-15T06:00:00Z"}, // today in UTC and in Paris
			{"2000-10-28T23:00:00Z", "tomorrow 01:00-04:00", "2000-10-29T05:00:00Z", "2000-10-29T09:00:00Z"},
			{"2000-10-29T23:30:00Z", "19:00-21:00", "2000-10-30T00:00:00Z", "2000-10-30T02:00:00Z"},
		},
	} {
		t.Run(zone, func(t *testing.T) {
			inHall(t, func(src string) string {
				return strings.Replace(scheduled(src), "\nzone: UTC\n", "\nzone: "+zone+"\n", 1)
			}, nil, func(h *hall) {
				begin := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
				when := func(s string) time.Duration {
					at, err := time.Parse(time.RFC3339, s)
					if err != nil {
						t.Fatal(err)
					}
					return at.Sub(begin)
				}
				h.until(time.Minute)
				for n, night := range nights {
					h.jump(when(night.at))
					time.Sleep(5 * time.Second)
					synctest.Wait()
					if got := h.says("marc", "cover @me "+night.typed+" <@U0SBXINES|ines>"); !strings.Contains(got, "Ines Haddad is on call for Marc Lindqvist") {
						t.Fatalf("%s: answered %q", night.typed, got)
					}
					all := h.box.Pager.Overrides(sandbox.PrimaryScheduleID)
					if len(all) != n+1 {
						t.Fatalf("%+v", all)
					}
					h.want(fmt.Sprint(all[n].From.Format(time.RFC3339), " ", all[n].To.Format(time.RFC3339)), night.from+" "+night.to)
					from, to := when(night.from), when(night.to)
					h.jump(from - time.Minute)
					h.until(from - time.Millisecond)
					h.want(h.on("primary"), marcOn)
					h.until(from)
					h.want(h.on("primary"), inesOn)
					h.jump(to - time.Minute)
					h.until(to - time.Millisecond)
					h.want(h.on("primary"), inesOn)
					h.until(to)
					h.want(h.on("primary"), marcOn)
				}
			})
		})
	}
}

// A swap of turns of PagerDuty's schedule is of the very turns, in the weeks in which clocks are turned as well: the first begins before and ends
// after.
func TestASwapOverTheNightOfTheClocks(t *testing.T) {
	week := 7 * 24 * time.Hour
	for name, c := range map[string]struct{ zone, at, first string }{
		"spring, Paris":    {"Europe/Paris", "2000-03-19T12:00:00Z", "2000-03-20T08:00:00Z"},
		"autumn, Paris":    {"Europe/Paris", "2000-10-22T12:00:00Z", "2000-10-23T07:00:00Z"},
		"spring, New York": {"America/New_York", "2000-03-26T12:00:00Z", "2000-03-27T14:00:00Z"},
		"autumn, New York": {"America/New_York", "2000-10-22T12:00:00Z", "2000-10-23T13:00:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			inHall(t, func(src string) string {
				return strings.Replace(scheduled(src), "\nzone: UTC\n", "\nzone: "+c.zone+"\n", 1)
			}, nil, func(h *hall) {
				at, err := time.Parse(time.RFC3339, c.at)
				if err != nil {
					t.Fatal(err)
				}
				first, err := time.Parse(time.RFC3339, c.first)
				if err != nil {
					t.Fatal(err)
				}
				begin := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
				h.until(time.Minute)
				if err := h.box.Pager.SetRotation(sandbox.PrimaryScheduleID, first, week, h.pager("marc"), h.pager("ines")); err != nil {
					t.Fatal(err)
				}
				h.jump(at.Sub(begin))
				time.Sleep(5 * time.Second)
				synctest.Wait()
				said := h.says("marc", "swap @me <@U0SBXINES|ines>")
				var got []string
				for _, o := range h.box.Pager.Overrides(sandbox.PrimaryScheduleID) {
					got = append(got, fmt.Sprint(o.From.UTC().Format(time.RFC3339), " ", o.To.UTC().Format(time.RFC3339)))
				}
				h.want(strings.Join(got, ", "), fmt.Sprint(c.first, " ", first.Add(week).Format(time.RFC3339), ", ", first.Add(week).Format(time.RFC3339), " ", first.Add(2*week).Format(time.RFC3339)))
				if t.Failed() {
					t.Fatal(said)
				}
				for _, turn := range []struct {
					end time.Time
					who string
				}{{first.Add(week), inesOn}, {first.Add(2 * week), marcOn}} {
					h.jump(turn.end.Add(-time.Minute).Sub(begin))
					h.until(turn.end.Add(-time.Millisecond).Sub(begin))
					h.want(h.on("primary"), turn.who)
				}
			})
		})
	}
}

// pager is somebody's user id in PagerDuty.
func (h *hall) pager(handle string) string {
	h.Helper()
	for _, m := range h.box.Cast() {
		if m.SlackID == h.as(handle).ID() {
			return m.PagerDutyID
		}
	}
	h.Fatalf("nobody is %s", handle)
	return ""
}

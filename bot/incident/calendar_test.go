package incident

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

func hours(t testing.TB, s ...string) []Hours {
	t.Helper()
	var out []Hours
	for _, x := range s {
		h, err := ParseHours(x)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, h)
	}
	return out
}

// week is the same hours on five days, the weekend being the two days given.
func week(h []Hours, weekend ...time.Weekday) map[time.Weekday][]Hours {
	out := map[time.Weekday][]Hours{}
	for d := time.Sunday; d <= time.Saturday; d++ {
		if !slices.Contains(weekend, d) {
			out[d] = h
		}
	}
	return out
}

// calendars are the countries and oddities the tests speak of.
func calendars(t testing.TB) map[string]Calendar {
	nine := hours(t, "09:00-18:00")
	return map[string]Calendar{
		"paris": {Zone: "Europe/Paris", Hours: week(nine, time.Saturday, time.Sunday), Holidays: Holidays{
			"12-25": {"en": "Christmas", "fr": "Noël"}, "01-01": {"en": "New Year's Day", "fr": "Jour de l'an"}, "2026-05-01": {"fr": "Fête du Travail"}}},
		"new york":   {Zone: "America/New_York", Hours: week(hours(t, "09:00-12:00", "13:00-17:00"), time.Saturday, time.Sunday), Holidays: Holidays{"2026-11-26": {"en": "Thanksgiving"}}},
		"tunis":      {Zone: "Africa/Tunis", Hours: week(hours(t, "08:00-12:00", "14:00-17:30"), time.Saturday, time.Sunday)},
		"casablanca": {Zone: "Africa/Casablanca", Hours: week(nine, time.Saturday, time.Sunday)},
		"algiers":    {Zone: "Africa/Algiers", Hours: week(nine, time.Friday, time.Saturday)},
		"kolkata":    {Zone: "Asia/Kolkata", Hours: week(hours(t, "09:30-18:30"), time.Sunday)},
		"short friday": {Zone: "Europe/Paris", Hours: map[time.Weekday][]Hours{time.Monday: hours(t, "10:00-18:00"), time.Tuesday: nine, time.Wednesday: nine,
			time.Thursday: nine, time.Friday: hours(t, "08:00-12:00")}},
		// Working through the small hours, where the clock jumps.
		"night shift":   {Zone: "Europe/Paris", Hours: week(hours(t, "00:00-08:00")), Night: Hours{From: 21 * 60, To: 5*60 + 30}},
		"inside jump":   {Zone: "America/New_York", Hours: week(hours(t, "01:30-02:30", "22:00-24:00"))},
		"always":        {Zone: "Europe/Paris", Hours: week(hours(t, "00:00-24:00"))},
		"never":         {Zone: "Europe/Paris"},
		"every day off": {Zone: "Africa/Tunis", Hours: map[time.Weekday][]Hours{time.Monday: nine}, Holidays: everyMonday()},
	}
}

func everyMonday() Holidays {
	h := Holidays{}
	for d := time.Date(2025, 1, 6, 0, 0, 0, 0, time.UTC); d.Year() < 2030; d = d.AddDate(0, 0, 7) {
		h[d.Format(time.DateOnly)] = nil
	}
	return h
}

func bound(t testing.TB, name string) *BusinessTime {
	t.Helper()
	c, ok := calendars(t)[name]
	if !ok {
		t.Fatalf("no calendar %q", name)
	}
	b, err := c.Bind(nil)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// at reads a wall clock in a calendar's zone; "2026-10-25 02:30 +0100" names the second of two.
func at(t testing.TB, b *BusinessTime, s string) time.Time {
	t.Helper()
	layout := "2006-01-02 15:04"
	if strings.ContainsAny(s[11:], "+-") {
		layout += " -0700"
	}
	u, err := time.ParseInLocation(layout, s, b.Zone())
	if err != nil {
		t.Fatal(err)
	}
	return u.In(b.Zone())
}

const shownAs = "Mon 2006-01-02 15:04 -0700"

// Reading 5: one business day is one working day of business time.
func TestBusinessDays(t *testing.T) {
	for _, c := range []struct {
		calendar, from string
		days           int
		want           string
	}{
		{"paris", "2026-11-20 10:00", 1, "Mon 2026-11-23 10:00 +0100"}, // Friday 10:00 -> Monday 10:00
		{"paris", "2026-11-20 20:00", 1, "Mon 2026-11-23 18:00 +0100"}, // Friday 20:00 -> Monday's close
		{"paris", "2026-11-20 18:00", 1, "Mon 2026-11-23 18:00 +0100"}, // the moment of closing is outside
		{"paris", "2026-11-20 17:59", 1, "Mon 2026-11-23 17:59 +0100"},
		{"paris", "2026-11-21 12:00", 1, "Mon 2026-11-23 18:00 +0100"}, // in the weekend
		{"paris", "2026-11-23 06:00", 1, "Mon 2026-11-23 18:00 +0100"}, // before opening: that day
		{"paris", "2026-11-23 09:00", 1, "Tue 2026-11-24 09:00 +0100"},
		{"paris", "2026-11-20 10:00", 5, "Fri 2026-11-27 10:00 +0100"},
		{"paris", "2026-11-20 20:00", 5, "Fri 2026-11-27 18:00 +0100"},
		{"paris", "2026-11-20 10:00", 0, "Fri 2026-11-20 10:00 +0100"},
		{"paris", "2026-11-20 20:00", 0, "Mon 2026-11-23 09:00 +0100"},
		// Holidays beside a weekend and over the end of a year: Christmas 2026 is a Friday, New Year's Day too.
		{"paris", "2026-12-24 11:00", 1, "Mon 2026-12-28 11:00 +0100"},
		{"paris", "2026-12-24 19:00", 1, "Mon 2026-12-28 18:00 +0100"},
		{"paris", "2026-12-31 16:30", 1, "Mon 2027-01-04 16:30 +0100"},
		{"paris", "2026-12-25 11:00", 2, "Tue 2026-12-29 18:00 +0100"},
		{"paris", "2026-04-30 09:30", 1, "Mon 2026-05-04 09:30 +0200"},
		{"paris", "2027-04-30 09:30", 1, "Mon 2027-05-03 09:30 +0200"}, // 2027-05-01 is no holiday there, and a Saturday
		// The leap day is a working day like any other.
		{"paris", "2028-02-28 15:00", 1, "Tue 2028-02-29 15:00 +0100"},
		{"paris", "2028-02-29 15:00", 1, "Wed 2028-03-01 15:00 +0100"},
		// The last day of a leap year far ahead, where time.ZoneBounds ends before it begins.
		{"paris", "2040-12-31 10:00", 1, "Wed 2041-01-02 10:00 +0100"},
		{"new york", "2040-12-31 20:00", 1, "Tue 2041-01-01 17:00 -0500"},
		// Over both DST nights: the same time on the wall.
		{"paris", "2026-03-27 10:00", 1, "Mon 2026-03-30 10:00 +0200"},
		{"paris", "2026-10-23 10:00", 1, "Mon 2026-10-26 10:00 +0100"},
		{"new york", "2026-03-06 10:00", 1, "Mon 2026-03-09 10:00 -0400"},
		{"new york", "2026-10-30 16:00", 1, "Mon 2026-11-02 16:00 -0500"},
		{"new york", "2026-11-25 12:30", 1, "Fri 2026-11-27 13:00 -0500"}, // in the pause before Thanksgiving
		{"tunis", "2026-11-20 10:00", 1, "Mon 2026-11-23 10:00 +0100"},
		{"tunis", "2026-11-20 12:00", 1, "Mon 2026-11-23 14:00 +0100"}, // the pause begins: as the hours after it
		// Morocco is an hour behind during Ramadan (2026: 15 February to 22 March).
		{"casablanca", "2026-02-13 10:00", 1, "Mon 2026-02-16 10:00 +0000"},
		{"casablanca", "2026-03-20 17:00", 1, "Mon 2026-03-23 17:00 +0100"},
		// A weekend on Friday and Saturday.
		{"algiers", "2026-11-19 10:00", 1, "Sun 2026-11-22 10:00 +0100"},
		{"algiers", "2026-11-19 20:00", 1, "Sun 2026-11-22 18:00 +0100"},
		{"kolkata", "2026-11-20 09:45", 1, "Sat 2026-11-21 09:45 +0530"},
		{"kolkata", "2026-11-21 18:30", 1, "Mon 2026-11-23 18:30 +0530"},
		// Days of different length.
		{"short friday", "2026-11-19 15:00", 1, "Fri 2026-11-20 12:00 +0100"},
		{"short friday", "2026-11-20 08:30", 1, "Mon 2026-11-23 10:00 +0100"},
		{"short friday", "2026-11-20 12:00", 1, "Mon 2026-11-23 18:00 +0100"},
		// Working through the jumps themselves.
		{"night shift", "2026-03-28 02:30", 1, "Sun 2026-03-29 03:00 +0200"}, // 02:30 is not shown that night
		{"night shift", "2026-03-29 01:30", 1, "Mon 2026-03-30 01:30 +0200"},
		{"night shift", "2026-10-24 02:30", 1, "Sun 2026-10-25 02:30 +0200"}, // shown twice: the first
		{"night shift", "2026-10-25 02:10 +0200", 1, "Mon 2026-10-26 02:10 +0100"},
		{"night shift", "2026-10-25 02:10 +0100", 1, "Mon 2026-10-26 03:00 +0100"}, // later, so not due earlier
		{"night shift", "2026-10-25 03:10", 1, "Mon 2026-10-26 03:10 +0100"},
		{"always", "2026-11-21 23:59", 1, "Sun 2026-11-22 23:59 +0100"},
	} {
		b := bound(t, c.calendar)
		got, err := b.AddBusinessDays(at(t, b, c.from), c.days)
		if err != nil || got.Format(shownAs) != c.want {
			t.Errorf("%s: %s + %d business days = %s (%v), want %s", c.calendar, c.from, c.days, got.Format(shownAs), err, c.want)
		}
	}
}

func TestAddWorkingTime(t *testing.T) {
	for _, c := range []struct {
		calendar, from string
		add            time.Duration
		want           string
	}{
		{"paris", "2026-11-20 10:00", 9 * time.Hour, "Mon 2026-11-23 10:00 +0100"},
		{"paris", "2026-11-20 20:00", 9 * time.Hour, "Mon 2026-11-23 18:00 +0100"}, // the close, not Tuesday's opening
		{"paris", "2026-11-20 17:45", 30 * time.Minute, "Mon 2026-11-23 09:15 +0100"},
		{"paris", "2026-11-20 17:45", 15 * time.Minute, "Fri 2026-11-20 18:00 +0100"},
		{"paris", "2026-11-20 20:00", 0, "Mon 2026-11-23 09:00 +0100"},
		{"paris", "2026-11-20 10:00", -time.Hour, "Fri 2026-11-20 10:00 +0100"},
		{"paris", "2026-12-31 17:00", 2 * time.Hour, "Mon 2027-01-04 10:00 +0100"},
		{"tunis", "2026-11-20 11:30", time.Hour, "Fri 2026-11-20 14:30 +0100"},
		{"tunis", "2026-11-20 11:30", 4 * time.Hour, "Fri 2026-11-20 17:30 +0100"},
		{"kolkata", "2026-11-20 18:00", time.Hour, "Sat 2026-11-21 10:00 +0530"},
		// 7 hours are worked in the night that has no 02:00 to 03:00, 9 in the one that has two.
		{"night shift", "2026-03-29 00:00", 7 * time.Hour, "Sun 2026-03-29 08:00 +0200"},
		{"night shift", "2026-10-25 00:00", 9 * time.Hour, "Sun 2026-10-25 08:00 +0100"},
		{"night shift", "2026-10-25 02:30 +0200", time.Hour, "Sun 2026-10-25 02:30 +0100"},
		// 01:30 to 02:30 on the first Sunday of November shows 01:30 to 02:00, then 01:30 to 02:30 again; in March only 01:30 to 02:00.
		{"inside jump", "2026-11-01 01:30 -0400", 30 * time.Minute, "Sun 2026-11-01 01:00 -0500"},
		{"inside jump", "2026-11-01 01:30 -0400", 31 * time.Minute, "Sun 2026-11-01 01:31 -0500"},
		{"inside jump", "2026-11-01 01:30 -0400", 91 * time.Minute, "Sun 2026-11-01 22:01 -0500"},
		{"inside jump", "2026-03-08 01:30", 31 * time.Minute, "Sun 2026-03-08 22:01 -0400"},
	} {
		b := bound(t, c.calendar)
		got, err := b.Add(at(t, b, c.from), c.add)
		if err != nil || got.Format(shownAs) != c.want {
			t.Errorf("%s: %s + %s = %s (%v), want %s", c.calendar, c.from, c.add, got.Format(shownAs), err, c.want)
		}
	}
}

func TestWhatTimeItIs(t *testing.T) {
	for _, c := range []struct {
		calendar, at string
		class        TimeClass
		night        bool
	}{
		{"paris", "2026-11-20 09:00", TimeWorking, false},
		{"paris", "2026-11-20 08:59", TimeOff, false},
		{"paris", "2026-11-20 17:59", TimeWorking, false},
		{"paris", "2026-11-20 18:00", TimeOff, false},
		{"paris", "2026-11-20 21:59", TimeOff, false},
		{"paris", "2026-11-20 22:00", TimeNight, true},
		{"paris", "2026-11-20 06:59", TimeNight, true},
		{"paris", "2026-11-20 07:00", TimeOff, false},
		{"paris", "2026-11-20 23:59", TimeNight, true},
		{"paris", "2026-11-21 00:00", TimeWeekend, true},
		{"paris", "2026-11-21 12:00", TimeWeekend, false},
		{"paris", "2026-12-25 12:00", TimeHoliday, false},
		{"paris", "2027-12-25 23:00", TimeHoliday, true}, // a Saturday: a holiday first
		{"paris", "2026-12-25 00:00", TimeHoliday, true},
		{"algiers", "2026-11-20 12:00", TimeWeekend, false},
		{"algiers", "2026-11-22 12:00", TimeWorking, false},
		{"night shift", "2026-11-20 04:00", TimeWorking, true}, // working at night is both
		{"night shift", "2026-11-20 20:59", TimeOff, false},
		{"night shift", "2026-11-20 21:00", TimeNight, true},
		{"never", "2026-11-20 12:00", TimeWeekend, false},
	} {
		b := bound(t, c.calendar)
		u := at(t, b, c.at)
		if got := b.Class(u); got != c.class || b.Night(u) != c.night || b.Working(u) != (c.class == TimeWorking) {
			t.Errorf("%s: %s is %s, night %v, working %v; want %s, night %v", c.calendar, c.at, got, b.Night(u), b.Working(u), c.class, c.night)
		}
	}
}

func TestSplitAtBothDSTNights(t *testing.T) {
	for _, c := range []struct{ calendar, from, to, want string }{
		{"paris", "2026-11-20 17:00", "2026-11-21 08:00", "1h0m0s working, 4h0m0s off, 2h0m0s night, 7h0m0s weekend at night, 1h0m0s weekend"},
		{"paris", "2026-03-28 22:00", "2026-03-29 07:00", "8h0m0s weekend at night"},
		{"paris", "2026-10-24 22:00", "2026-10-25 07:00", "10h0m0s weekend at night"},
		{"paris", "2026-12-24 17:00", "2026-12-25 08:00", "1h0m0s working, 4h0m0s off, 2h0m0s night, 7h0m0s holiday at night, 1h0m0s holiday"},
		{"inside jump", "2026-11-01 00:00", "2026-11-01 03:00", "1h30m0s night, 30m0s working at night, 30m0s night, 1h0m0s working at night, 30m0s night"},
		{"inside jump", "2026-03-08 00:00", "2026-03-08 04:00", "1h30m0s night, 30m0s working at night, 1h0m0s night"},
		{"paris", "2026-11-20 10:00", "2026-11-20 10:00", ""},
		{"paris", "2026-11-20 10:00", "2026-11-19 10:00", ""},
	} {
		b := bound(t, c.calendar)
		parts, err := b.Split(at(t, b, c.from), at(t, b, c.to))
		var got []string
		for _, p := range parts {
			s := fmt.Sprintf("%s %s", p.To.Sub(p.From), p.Class)
			if p.Night && p.Class != TimeNight {
				s += " at night"
			}
			got = append(got, s)
		}
		if err != nil || strings.Join(got, ", ") != c.want {
			t.Errorf("%s: %s to %s: %s (%v), want %s", c.calendar, c.from, c.to, strings.Join(got, ", "), err, c.want)
		}
	}
}

// A calendar without working time answers, and soon.
func TestNoWorkingTime(t *testing.T) {
	for _, name := range []string{"never", "every day off"} {
		b := bound(t, name)
		u := at(t, b, "2026-11-20 10:00")
		for what, err := range map[string]error{
			"next start": second(b.NextStart(u)), "close": second(b.Close(u)), "add": second(b.Add(u, time.Hour)), "days": second(b.AddBusinessDays(u, 1)),
		} {
			if !errors.Is(err, ErrNoWorkingTime) {
				t.Errorf("%s: %s: %v", name, what, err)
			}
		}
		if d, err := b.Between(u, u.AddDate(1, 0, 0)); d != 0 || err != nil {
			t.Errorf("%s: %s of working time in a year without (%v)", name, d, err)
		}
	}
	b := bound(t, "paris")
	u := at(t, b, "2026-11-20 10:00")
	for what, err := range map[string]error{
		"add": second(b.Add(u, 1<<62)), "days": second(b.AddBusinessDays(u, 1<<40)), "between": second(b.Between(u, u.AddDate(11, 0, 0))),
	} {
		if !errors.Is(err, ErrTooLong) {
			t.Errorf("%s over decades: %v", what, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestHolidaysAnnouncedOnTheDay(t *testing.T) {
	c := calendars(t)["tunis"]
	b, err := c.Bind(Holidays{"2026-03-20": {"en": "Eid al-Fitr", "fr": "Aïd el-Fitr"}})
	if err != nil {
		t.Fatal(err)
	}
	u := at(t, b, "2026-03-19 10:00") // Thursday
	if got, err := b.AddBusinessDays(u, 1); err != nil || got.Format(shownAs) != "Mon 2026-03-23 10:00 +0100" {
		t.Errorf("one day on: %s (%v)", got.Format(shownAs), err)
	}
	if name, ok := b.Holiday(at(t, b, "2026-03-20 00:00"), "fr"); !ok || name != "Aïd el-Fitr" {
		t.Errorf("the holiday is %q, %v", name, ok)
	}
	if name, ok := b.Holiday(u, "fr"); ok {
		t.Errorf("the day before is %q", name)
	}
	if len(c.Holidays) != 0 {
		t.Error("binding changed the calendar")
	}
	p := bound(t, "paris")
	for _, w := range []struct{ at, language, want string }{
		{"2031-12-25 12:00", "fr", "Noël"}, {"2031-12-25 12:00", "de", "Christmas"}, {"2026-05-01 12:00", "en", "2026-05-01"},
	} {
		if name, ok := p.Holiday(at(t, p, w.at), w.language); !ok || name != w.want {
			t.Errorf("%s in %s is %q, %v; want %q", w.at, w.language, name, ok, w.want)
		}
	}
	if _, err := c.Bind(Holidays{"2026-02-30": nil}); err == nil || !strings.Contains(err.Error(), "2026-02-30") {
		t.Errorf("a date that is none: %v", err)
	}
}

func TestCalendarFaults(t *testing.T) {
	day := func(h ...Hours) map[time.Weekday][]Hours { return map[time.Weekday][]Hours{time.Monday: h} }
	for _, c := range []struct {
		name   string
		c      Calendar
		fields string
	}{
		{"sound", Calendar{Zone: "Africa/Tunis", Hours: day(Hours{480, 720}, Hours{840, 1440}), Holidays: Holidays{"02-29": nil, "2028-02-29": nil}}, ""},
		{"empty", Calendar{}, ""},
		{"zone", Calendar{Zone: "Europe/Pariss"}, "zone"},
		{"the machine's zone", Calendar{Zone: "Local"}, "zone"},
		{"backwards", Calendar{Hours: day(Hours{1320, 360})}, "hours.monday[0]"},
		{"empty hours", Calendar{Hours: day(Hours{600, 600})}, "hours.monday[0]"},
		{"overlapping", Calendar{Hours: day(Hours{540, 720}, Hours{700, 800})}, "hours.monday[1]"},
		{"touching", Calendar{Hours: day(Hours{540, 720}, Hours{720, 800})}, "hours.monday[1]"},
		{"out of order", Calendar{Hours: day(Hours{800, 900}, Hours{540, 720})}, "hours.monday[1]"},
		{"past the day", Calendar{Hours: day(Hours{800, 1441})}, "hours.monday[0]"},
		{"before the day", Calendar{Hours: day(Hours{-1, 60})}, "hours.monday[0]"},
		{"eighth weekday", Calendar{Hours: map[time.Weekday][]Hours{7: nil}}, "hours"},
		{"dates", Calendar{Holidays: Holidays{"2026-02-29": nil, "25/12/2026": nil, "12-32": nil, "": nil, "2026-12-25": nil}}, "holidays. holidays.12-32 holidays.2026-02-29 holidays.25/12/2026"},
		{"night", Calendar{Night: Hours{-1, 60}}, "night"},
	} {
		var got []string
		for _, f := range c.c.Faults() {
			got = append(got, f.Field)
			if f.What == "" || f.Mend == "" {
				t.Errorf("%s: a fault that does not help: %+v", c.name, f)
			}
		}
		if strings.Join(got, " ") != c.fields {
			t.Errorf("%s: faults at %q, want %q", c.name, strings.Join(got, " "), c.fields)
		}
		if _, err := c.c.Bind(nil); (err == nil) != (c.fields == "") {
			t.Errorf("%s: bind: %v", c.name, err)
		}
	}
}

func TestCalendarAsJSON(t *testing.T) {
	c := calendars(t)["night shift"]
	c.Holidays = Holidays{"12-25": {"en": "Christmas"}}
	b, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(b), `"1":[{"from":"00:00","to":"08:00"}]`) || !strings.Contains(string(b), `"night":{"from":"21:00","to":"05:30"}`) {
		t.Errorf("written as %s", b)
	}
	var back Calendar
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	if again, _ := json.Marshal(back); string(again) != string(b) {
		t.Errorf("read back as %s", again)
	}
}

func FuzzParseHours(f *testing.F) {
	for _, s := range []string{"09:00-18:00", "9:00 - 24:00", "22:00-07:00", "24:01-25:00", "+9:00-10:00", "0٣:00-10:00", "-", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		h, err := ParseHours(s)
		if err != nil {
			if h != (Hours{}) {
				t.Fatalf("%q: %v beside an error", s, h)
			}
			return
		}
		if h.From < 0 || h.From > endOfDay || h.To < 0 || h.To > endOfDay {
			t.Fatalf("%q is %d to %d", s, h.From, h.To)
		}
		if back, err := ParseHours(h.String()); err != nil || back != h {
			t.Fatalf("%q is %s, read back as %s (%v)", s, h, back, err)
		}
	})
}

// Obligations ask for the working time with every event: a bound policy has it ready.
func TestABoundPolicyHasItsOfficeHoursReady(t *testing.T) {
	p := testPolicy()
	if err := p.Bind(); err != nil {
		t.Fatal(err)
	}
	s := State{Policy: p}
	if one, other := s.working(), s.working(); one != other || one.Zone().String() != "Europe/Paris" {
		t.Error("a calendar is built at each call, or it is not the policy's zone")
	}
}

package house

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"
)

// tunis is an hour ahead of the tests' clock, so that its days begin at 23:00 UTC.
var calendars = []Calendar{{Name: "paris", Zone: time.UTC}, {Name: "Tunis", Default: true, Zone: time.FixedZone("CET", 3600)}}

func TestHolidayIsRefused(t *testing.T) {
	own := slices.Clone(calendars)
	own[1].Has, own[1].Own = true, "Revolution Day"
	full := State{Seq: 9}
	for i := range maxHolidays {
		full.Holidays = append(full.Holidays, AnnouncedHoliday{Day: tuesday.AddDate(0, 0, i).Format(time.DateOnly), Calendar: "paris"})
	}
	there := State{Seq: 9, Holidays: []AnnouncedHoliday{{Day: "2026-10-08", Name: "Aïd", Calendar: "Tunis"}}}
	add := func(day, calendar string) Fact { return &HolidayAnnounced{Day: day, Calendar: calendar} }
	gone := func(day, calendar string) Fact { return &HolidayWithdrawn{Day: day, Calendar: calendar} }
	for name, c := range map[string]struct {
		s    State
		now  time.Time
		fact Fact
		cals []Calendar
		code string
		args []string
	}{
		"no date":                           {State{}, tuesday, add("2026-02-30", ""), calendars, RefusedHolidayDate, []string{"2026-02-30"}},
		"every year":                        {State{}, tuesday, add("12-25", ""), calendars, RefusedHolidayDate, []string{"12-25"}},
		"yesterday":                         {State{}, tuesday, add("2026-10-05", ""), calendars, RefusedHolidayPast, []string{"2026-10-05"}},
		"yesterday there, today here":       {State{}, tuesday.Add(13*time.Hour + 30*time.Minute), add("2026-10-06", ""), calendars, RefusedHolidayPast, []string{"2026-10-06"}},
		"far":                               {State{}, tuesday, add("2027-11-11", ""), calendars, RefusedHolidayFar, []string{"2027-11-11", "400"}},
		"a calendar nobody keeps":           {State{}, tuesday, add("2026-10-08", "rome"), calendars, RefusedHolidayCalendar, []string{"rome", "paris", "Tunis"}},
		"twice":                             {there, tuesday, add("2026-10-08", " tunis"), calendars, RefusedHolidayTwice, []string{"2026-10-08", "Aïd", "Tunis"}},
		"the policy has it":                 {State{}, tuesday, add("2026-10-08", ""), own, RefusedHolidayPolicy, []string{"2026-10-08", "Revolution Day", "Tunis"}},
		"too many":                          {full, tuesday, add("2027-10-08", "paris"), calendars, RefusedHolidayMany, []string{"200"}},
		"nothing to take back":              {there, tuesday, gone("2026-10-09", ""), calendars, RefusedHolidayUnknown, []string{"2026-10-09", "Tunis"}},
		"elsewhere":                         {there, tuesday, gone("2026-10-08", "paris"), calendars, RefusedHolidayUnknown, []string{"2026-10-08", "paris"}},
		"the policy's cannot be taken":      {State{}, tuesday, gone("2026-10-08", ""), own, RefusedHolidayPolicy, []string{"2026-10-08", "Revolution Day", "Tunis"}},
		"over, so counted":                  {there, tuesday.AddDate(0, 0, 3), gone("2026-10-08", ""), calendars, RefusedHolidayPast, []string{"2026-10-08"}},
		"taken from a calendar of nobody's": {there, tuesday, gone("2026-10-08", "rome"), calendars, RefusedHolidayCalendar, []string{"rome", "paris", "Tunis"}},
	} {
		ev, err := Decide(c.s, Intent{Now: c.now, Fact: c.fact, Calendars: c.cals})
		var no *Refusal
		if !errors.As(err, &no) || no.Code != c.code || !slices.Equal(no.Args, c.args) || len(ev) > 0 {
			t.Errorf("%s: %v with %d events, want %s %v", name, err, len(ev), c.code, c.args)
		}
	}
}

// Days are announced and taken back; the log tells the same, and the version of the list is the event that changed it.
func TestHolidaysAreKept(t *testing.T) {
	var s State
	var log []Event
	do := func(f Fact) {
		t.Helper()
		ev, err := Decide(s, Intent{Now: tuesday, Fact: f, Calendars: calendars})
		if err != nil || len(ev) != 1 {
			t.Fatalf("%+v: %v", f, err)
		}
		s, log = Evolve(s, ev[0]), append(log, ev...)
	}
	sam := Person{Slack: "U1", Name: "Sam"}
	do(&HolidayAnnounced{Day: "2026-10-08", Name: "  Aïd\n el-Fitr ", Who: sam})
	do(&HolidayAnnounced{Day: "2026-10-06", Name: "today", Calendar: "PARIS", Who: sam})
	do(&Operated{What: "something else"})
	want := []AnnouncedHoliday{{Day: "2026-10-06", Name: "today", Calendar: "paris", SetBy: sam, SetAt: tuesday}, {Day: "2026-10-08", Name: "Aïd el-Fitr", Calendar: "Tunis", SetBy: sam, SetAt: tuesday}}
	if !reflect.DeepEqual(s.Holidays, want) || s.HolidaysSeq != 2 {
		t.Errorf("%+v at %d", s.Holidays, s.HolidaysSeq)
	}
	do(&HolidayWithdrawn{Day: "2026-10-06", Who: sam}) // nobody named the calendar: it is the only one of that day
	if !reflect.DeepEqual(s.Holidays, want[1:]) || s.HolidaysSeq != 4 {
		t.Errorf("%+v at %d", s.Holidays, s.HolidaysSeq)
	}
	raw, err := json.Marshal(log)
	var back []Event
	if err == nil {
		err = json.Unmarshal(raw, &back)
	}
	var again State
	for _, e := range back {
		again = Evolve(again, e)
	}
	if err != nil || !reflect.DeepEqual(again, s) {
		t.Errorf("%v: replay tells %+v, not %+v", err, again, s)
	}
	// A calendar that the policy has no more can still be cleared of a day.
	if _, err := Decide(s, Intent{Now: tuesday, Fact: &HolidayWithdrawn{Day: "2026-10-08", Calendar: "tunis"}, Calendars: calendars[:1]}); err != nil {
		t.Error(err)
	}
}

// The state stays bounded: the oldest days are forgotten.
func TestHolidaysAreBounded(t *testing.T) {
	var s State
	for i := range keptHolidays + 5 {
		now := tuesday.AddDate(0, 0, i)
		ev, err := Decide(s, Intent{Now: now, Fact: &HolidayAnnounced{Day: now.Format(time.DateOnly), Name: fmt.Sprint(i)}, Calendars: calendars})
		if err != nil {
			t.Fatal(err)
		}
		s = Evolve(s, ev[0])
	}
	if n := len(s.Holidays); n != keptHolidays || s.Holidays[0].Name != "5" || s.Holidays[n-1].Name != fmt.Sprint(keptHolidays+4) {
		t.Errorf("%d kept, from %s", n, s.Holidays[0].Name)
	}
}

package commands

import (
	"fmt"
	"strings"
	"time"
)

// weekdays are the days as people write them.
var weekdays = map[string]time.Weekday{
	"monday": time.Monday, "tuesday": time.Tuesday, "wednesday": time.Wednesday, "thursday": time.Thursday, "friday": time.Friday, "saturday": time.Saturday, "sunday": time.Sunday,
	"lundi": time.Monday, "mardi": time.Tuesday, "mercredi": time.Wednesday, "jeudi": time.Thursday, "vendredi": time.Friday, "samedi": time.Saturday, "dimanche": time.Sunday,
}

// whenOf reads a moment to come from the beginning of s: a length of time ("2h", "90m"), a time of day ("09:00", "9h30"), which is the
// next one in the zone, or a day and a time of day ("tomorrow 09:00", "monday 9:00", "2026-12-01 09:00"). It returns what follows.
func whenOf(s string, now time.Time, zone *time.Location) (t time.Time, rest string, ok bool) {
	first, rest := words(s)
	local := now.In(zone)
	if d, err := time.ParseDuration(strings.ToLower(first)); err == nil && d > 0 {
		return now.Add(d), rest, true
	}
	if h, m, is := clockOf(first); is {
		t = onDay(local, 0, h, m)
		if !t.After(now) {
			t = onDay(local, 1, h, m)
		}
		return t, rest, true
	}
	days, date := 0, time.Time{}
	word := strings.ToLower(first)
	switch wd, named := weekdays[word]; {
	case word == "today" || word == "aujourd'hui":
	case word == "tomorrow" || word == "demain":
		days = 1
	case named:
		days = (int(wd) - int(local.Weekday()) + 7) % 7
	default:
		var err error
		if date, err = time.ParseInLocation("2006-01-02", first, zone); err != nil {
			return time.Time{}, s, false
		}
	}
	clock, rest := words(rest)
	h, m, is := clockOf(clock)
	if !is {
		return time.Time{}, s, false
	}
	if !date.IsZero() {
		return onDay(date, 0, h, m), rest, true
	}
	t = onDay(local, days, h, m)
	if _, named := weekdays[word]; named && !t.After(now) {
		t = onDay(local, 7, h, m)
	}
	return t, rest, true
}

// onDay is a time of day so many days after another's day.
func onDay(day time.Time, after, h, m int) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day()+after, h, m, 0, 0, day.Location())
}

// clockOf reads a time of day: "09:00", "9:00", "9h", "9h30".
func clockOf(s string) (h, m int, ok bool) {
	for _, layout := range []string{"15:04", "15h04", "15h"} {
		if t, err := time.Parse(layout, strings.ToLower(s)); err == nil {
			return t.Hour(), t.Minute(), true
		}
	}
	return 0, 0, false
}

// hours writes the times of day of a line that French writes "18h" as "18:00", where they cannot be lengths of time: behind "jusqu'à", and where
// there are two of them, of which one begins what the other ends ("dimanche 18h 22h").
func hours(s string) string {
	fields := strings.Fields(s)
	var at []int
	for i, f := range fields {
		if _, _, is := clockOf(f); is && strings.ContainsAny(f, "hH") {
			at = append(at, i)
		}
	}
	if len(at) < 2 && (len(at) == 0 || !strings.EqualFold(fields[0], "jusqu'à")) {
		return s
	}
	for _, i := range at {
		h, m, _ := clockOf(fields[i])
		fields[i] = fmt.Sprintf("%02d:%02d", h, m)
	}
	return strings.Join(fields, " ")
}

package incident

import (
	"errors"
	"fmt"
	"time"
)

// BusinessTime is a Calendar bound to its zone and to all its holidays. It is never changed, so any number of callers may use it at once.
// Instants it returns are in the location of the instant it was asked about.
type BusinessTime struct {
	zone     *time.Location
	hours    [7][]Hours
	edges    [7][]WallClock // where something may change, sorted, 24:00 last
	night    Hours
	holidays map[day]map[string]string
	// announced are days that were announced after the calendar was written (With).
	announced []announcedDay
}

// ErrNoWorkingTime says that a calendar has no working time within maxIdle of the instant asked about.
var ErrNoWorkingTime = errors.New("the calendar has no working time for 400 days")

// ErrTooLong says that an answer lies, or a question reaches, over more than ten years.
var ErrTooLong = errors.New("more than ten years of business time")

const (
	// maxIdle is how far the next working time is looked for.
	maxIdle = 400 * 24 * time.Hour
	// maxSpan is the longest interval that is walked: some 40,000 steps.
	maxSpan = 3653 * 24 * time.Hour
)

// TimeClass is what kind of time an instant is, for the people who are on call in it. The classes do not overlap.
type TimeClass string

// The classes. A holiday is one from midnight to midnight, and so is a weekend day; a holiday on a weekend day is a holiday.
const (
	TimeWorking TimeClass = "working"
	TimeOff     TimeClass = "off"   // outside working hours of a working day, and not at night
	TimeNight   TimeClass = "night" // at night before or after a working day's hours
	TimeWeekend TimeClass = "weekend"
	TimeHoliday TimeClass = "holiday"
)

// TimeClasses lists the classes in the order they are shown.
var TimeClasses = []TimeClass{TimeWorking, TimeOff, TimeNight, TimeWeekend, TimeHoliday}

// Part is a stretch of time of one class.
type Part struct {
	From  time.Time `json:"from"`
	To    time.Time `json:"to"` // the first instant that is not in it
	Class TimeClass `json:"class"`
	Night bool      `json:"night"` // it is night by the clock, whatever the class: a weekend has nights too
}

// Zone is the location of the calendar.
func (b *BusinessTime) Zone() *time.Location { return b.zone }

// Working reports whether t is working time. The moment of closing is not.
func (b *BusinessTime) Working(t time.Time) bool { return b.part(t).Class == TimeWorking }

// Night reports whether it is night at t, on whatever day.
func (b *BusinessTime) Night(t time.Time) bool { return b.part(t).Night }

// Class is what kind of time t is.
func (b *BusinessTime) Class(t time.Time) TimeClass { return b.part(t).Class }

// Holiday returns the name of the holiday of t's date in a language (falling back to English, then to the date), and whether it is one.
func (b *BusinessTime) Holiday(t time.Time, language string) (string, bool) {
	local := t.In(b.zone)
	names, ok := b.holiday(local)
	if !ok {
		return "", false
	}
	for _, l := range []string{language, "en"} {
		if names[l] != "" {
			return names[l], true
		}
	}
	return local.Format(time.DateOnly), true
}

func (b *BusinessTime) holiday(local time.Time) (map[string]string, bool) {
	y, m, d := local.Date()
	names, ok := b.holidays[day{y, m, d}]
	if !ok {
		names, ok = b.holidays[day{0, m, d}]
	}
	for _, a := range b.announced {
		if !ok && a.day == (day{y, m, d}) {
			names, ok = a.names, true
		}
	}
	return names, ok
}

// part is the stretch that begins at t and in which nothing changes: neither class nor night, nor date, nor the zone's offset. It is never
// empty. That the offset does not change in it is what makes both nights of a zone's year right: within a part, wall clock and time run
// alike.
func (b *BusinessTime) part(t time.Time) Part {
	local := t.In(b.zone)
	shown := sinceMidnight(local)
	w, weekday := WallClock(shown/time.Minute), local.Weekday()
	until := 24 * time.Hour
	for _, e := range b.edges[weekday] {
		if d := time.Duration(e) * time.Minute; d > shown {
			until = d
			break
		}
	}
	length := until - shown
	if end := zoneEnd(local); !end.IsZero() {
		length = min(length, end.Sub(t))
	}
	p := Part{From: t, To: t.Add(length), Night: b.night.Contains(w)}
	_, holiday := b.holiday(local)
	switch {
	case holiday:
		p.Class = TimeHoliday
	case len(b.hours[weekday]) == 0:
		p.Class = TimeWeekend
	case p.Night:
		p.Class = TimeNight
	default:
		p.Class = TimeOff
	}
	if !holiday {
		for _, h := range b.hours[weekday] {
			if h.Contains(w) {
				p.Class = TimeWorking
			}
		}
	}
	return p
}

// zoneEnd is when the zone's offset may next change after t; zero when it never does. Time.ZoneBounds, where a zone's rules go on beyond
// its table of changes, takes every year for 365 days, so that on the last day of a leap year the end it names is past already.
func zoneEnd(t time.Time) time.Time {
	_, end := t.ZoneBounds()
	if end.IsZero() || end.After(t) {
		return end
	}
	return time.Date(t.UTC().Year()+1, time.January, 1, 0, 0, 0, 0, time.UTC)
}

// sinceMidnight is what the clock shows at local, as a duration.
func sinceMidnight(local time.Time) time.Duration {
	h, m, s := local.Clock()
	return time.Duration(h)*time.Hour + time.Duration(m)*time.Minute + time.Duration(s)*time.Second + time.Duration(local.Nanosecond())
}

// Split cuts the interval into stretches of one class and night, in order, without gap or overlap. An empty interval has none. It fails
// with ErrTooLong beyond ten years.
func (b *BusinessTime) Split(from, to time.Time) ([]Part, error) {
	if to.Sub(from) > maxSpan {
		return nil, fmt.Errorf("split %s to %s: %w", from.Format(time.RFC3339), to.Format(time.RFC3339), ErrTooLong)
	}
	var out []Part
	for t := from; t.Before(to); {
		p := b.part(t)
		if p.To.After(to) {
			p.To = to.In(t.Location())
		}
		t = p.To
		if n := len(out) - 1; n >= 0 && out[n].Class == p.Class && out[n].Night == p.Night {
			out[n].To = p.To
			continue
		}
		out = append(out, p)
	}
	return out, nil
}

// Between is how much working time lies between two instants; none when to is not after from. It fails with ErrTooLong beyond ten years.
func (b *BusinessTime) Between(from, to time.Time) (time.Duration, error) {
	parts, err := b.Split(from, to)
	if err != nil {
		return 0, err
	}
	var sum time.Duration
	for _, p := range parts {
		if p.Class == TimeWorking {
			sum += p.To.Sub(p.From)
		}
	}
	return sum, nil
}

// NextStart is the first instant of working time at or after t: t itself when it is working time. It fails with ErrNoWorkingTime.
func (b *BusinessTime) NextStart(t time.Time) (time.Time, error) {
	for u := t; u.Sub(t) <= maxIdle; {
		p := b.part(u)
		if p.Class == TimeWorking {
			return u, nil
		}
		u = p.To
	}
	return time.Time{}, fmt.Errorf("working time after %s: %w", t.In(b.zone).Format(time.RFC3339), ErrNoWorkingTime)
}

// Close is when the working day of t ends: the end of the last hours of the day of NextStart(t). It fails with ErrNoWorkingTime.
func (b *BusinessTime) Close(t time.Time) (time.Time, error) {
	s, err := b.NextStart(t)
	if err != nil {
		return time.Time{}, err
	}
	return b.reach(s, wholeDay), nil
}

// Add is the instant by which d of working time has passed since t. What begins outside working time begins at its next start, so Add of
// nothing is NextStart; what ends with the day ends at its close, not at the next morning's opening. A negative d is none. It fails
// with ErrNoWorkingTime, or with ErrTooLong beyond ten years.
func (b *BusinessTime) Add(t time.Time, d time.Duration) (time.Time, error) {
	u, err := b.NextStart(t)
	if err != nil {
		return time.Time{}, err
	}
	for {
		p := b.part(u)
		length := p.To.Sub(p.From)
		if d <= length {
			return u.Add(max(d, 0)), nil
		}
		d -= length
		if u, err = b.NextStart(p.To); err != nil {
			return time.Time{}, err
		}
		if u.Sub(t) > maxSpan {
			return time.Time{}, fmt.Errorf("add working time to %s: %w", t.In(b.zone).Format(time.RFC3339), ErrTooLong)
		}
	}
}

// AddBusinessDays is the end of n working days from t. From within working time it is the same time of the n-th working day after (Friday
// 10:00 -> Monday 10:00); where that day is shorter, its nearest working time: its opening, the end of a pause, its close. From outside
// working time whole days are counted, beginning with the next one (Friday 20:00 -> Monday's close); a pause within a day counts as the
// hours after it. Fewer than one day is NextStart. It fails with ErrNoWorkingTime, or with ErrTooLong beyond ten years.
func (b *BusinessTime) AddBusinessDays(t time.Time, n int) (time.Time, error) {
	s, err := b.NextStart(t)
	if err != nil || n < 1 {
		return s, err
	}
	at := b.reading(s).Sub(b.date(s))
	if s.After(t) && b.opens(s) {
		n, at = n-1, wholeDay
	}
	for ; n > 0; n-- {
		if s, err = b.nextDay(s); err != nil {
			return time.Time{}, err
		}
		if s.Sub(t) > maxSpan {
			return time.Time{}, fmt.Errorf("add business days to %s: %w", t.In(b.zone).Format(time.RFC3339), ErrTooLong)
		}
	}
	return b.reach(s, at), nil
}

// wholeDay is later than any time of a day: the close.
const wholeDay = 24 * time.Hour

// opens reports whether no working time of s's date lies before s.
func (b *BusinessTime) opens(s time.Time) bool {
	today := b.date(s)
	for u := s.Add(-27 * time.Hour); u.Before(s); { // longer than any date lasts
		p := b.part(u)
		if p.Class == TimeWorking && b.date(u).Equal(today) {
			return false
		}
		u = p.To
	}
	return true
}

// nextDay is the first working time of a later date than s's.
func (b *BusinessTime) nextDay(s time.Time) (time.Time, error) {
	today := b.date(s)
	for u := s; ; {
		next, err := b.NextStart(b.part(u).To)
		if err != nil || b.date(next).After(today) {
			return next, err
		}
		u = next
	}
}

// reach is the first working time, at or after s and on its date, at which the clock has reached at; the close of that date when there
// is none.
func (b *BusinessTime) reach(s time.Time, at time.Duration) time.Time {
	today, end := b.date(s), s
	want := today.Add(at)
	for u := s; !b.date(u).After(today); {
		p := b.part(u)
		if p.Class == TimeWorking {
			if !b.reading(u).Before(want) {
				return u
			}
			if v := u.Add(want.Sub(b.shown(u))); v.Before(p.To) {
				return v
			}
			end = p.To
		}
		u = p.To
	}
	return end
}

// shown is what calendar and clock show at t, as if it were UTC.
func (b *BusinessTime) shown(t time.Time) time.Time {
	_, offset := t.In(b.zone).Zone()
	return t.UTC().Add(time.Duration(offset) * time.Second)
}

// reading is shown, but never runs back: while a clock that was put back shows an hour again, the reading stays where it was. So a later
// instant never has an earlier reading, and what is counted by it is never due earlier for having begun later.
func (b *BusinessTime) reading(t time.Time) time.Time {
	now := b.shown(t)
	start, _ := t.In(b.zone).ZoneBounds()
	if start.IsZero() {
		return now
	}
	if was := b.shown(start.Add(-1)).Add(1); was.After(now) {
		return was
	}
	return now
}

// date is midnight of the date of t's reading, as if it were UTC.
func (b *BusinessTime) date(t time.Time) time.Time { return b.reading(t).Truncate(24 * time.Hour) }

package incident

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Calendar is the business time a company promised things in: data of the policy. Bind makes it answer questions.
//
// Everything in it is wall clock in Zone. An instant is working time exactly when a clock on the wall there shows a working minute: an
// hour that the clock shows twice counts twice, one that it skips does not count. No answer depends on how long a day happens to be.
type Calendar struct {
	Zone string `json:"zone"` // IANA name; "" is UTC
	// Hours are the working hours of each weekday, in order and apart from each other. A weekday without any is a weekend day, whichever
	// it is: Friday and Saturday in one country, Saturday and Sunday in another.
	Hours map[time.Weekday][]Hours `json:"hours,omitempty"`
	// Holidays are days without working time, by date: "2026-12-25" is that day, "12-25" that day of every year.
	Holidays Holidays `json:"holidays,omitempty"`
	// Night is when people sleep, on every day; it may span midnight. Left out (From equals To) it is DefaultNight.
	Night Hours `json:"night,omitzero"`
}

// Holidays maps a date ("2026-12-25", or "12-25" for every year) to the holiday's name by language.
type Holidays map[string]map[string]string

// DefaultNight is the night of a calendar that names none.
var DefaultNight = Hours{From: 22 * 60, To: 7 * 60}

// Hours are a part of a day, from From up to and without To. Working hours lie within one day (who works over midnight has hours on both
// days); a night whose To is before From ends on the next day.
type Hours struct {
	From WallClock `json:"from"`
	To   WallClock `json:"to"`
}

// Contains reports whether a clock that shows w is within h.
func (h Hours) Contains(w WallClock) bool {
	if h.From <= h.To {
		return h.From <= w && w < h.To
	}
	return w >= h.From || w < h.To
}

// String is "09:00-18:00".
func (h Hours) String() string { return h.From.String() + "-" + h.To.String() }

// ParseHours reads "09:00-18:00" (spaces around the dash are allowed).
func ParseHours(s string) (Hours, error) {
	from, to, ok := strings.Cut(s, "-")
	if !ok {
		return Hours{}, fmt.Errorf("%q is no span of hours: write it like 09:00-18:00", s)
	}
	f, err := ParseWallClock(strings.TrimSpace(from))
	if err != nil {
		return Hours{}, err
	}
	t, err := ParseWallClock(strings.TrimSpace(to))
	if err != nil {
		return Hours{}, err
	}
	return Hours{f, t}, nil
}

// WallClock is what a clock on the wall shows, in minutes after midnight: 0 to 1440, which is 24:00, the end of a day.
type WallClock int

// endOfDay is 24:00.
const endOfDay WallClock = 24 * 60

// String is "09:05".
func (w WallClock) String() string { return fmt.Sprintf("%02d:%02d", int(w)/60, int(w)%60) }

// ParseWallClock reads "09:05", "9:05" or "24:00".
func ParseWallClock(s string) (WallClock, error) {
	h, m, ok := strings.Cut(s, ":")
	if ok && len(h) >= 1 && len(h) <= 2 && len(m) == 2 && digits(h) && digits(m) {
		hour, _ := strconv.Atoi(h)
		minute, _ := strconv.Atoi(m)
		if w := WallClock(60*hour + minute); minute < 60 && w <= endOfDay {
			return w, nil
		}
	}
	return 0, fmt.Errorf("%q is no time of day: write it like 09:00, from 00:00 to 24:00", s)
}

func digits(s string) bool {
	return strings.Trim(s, "0123456789") == ""
}

// MarshalText implements encoding.TextMarshaler.
func (w WallClock) MarshalText() ([]byte, error) { return []byte(w.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (w *WallClock) UnmarshalText(b []byte) error {
	p, err := ParseWallClock(string(b))
	if err != nil {
		return err
	}
	*w = p
	return nil
}

// day is a date; year 0 is every year.
type day struct {
	year  int
	month time.Month
	day   int
}

// parseDay reads a date of Holidays.
func parseDay(s string) (day, error) {
	if t, err := time.Parse(time.DateOnly, s); err == nil && t.Year() > 0 {
		y, m, d := t.Date()
		return day{y, m, d}, nil
	}
	// A leap year, so that 02-29 is a date.
	if t, err := time.Parse(time.DateOnly, "2000-"+s); err == nil {
		_, m, d := t.Date()
		return day{0, m, d}, nil
	}
	return day{}, fmt.Errorf("%q is no date: write 2026-12-25 for one day, 12-25 for that day of every year", s)
}

// CalendarFault is what is wrong in a calendar, where, and how to mend it.
type CalendarFault struct {
	Field string // "zone", "hours.monday[1]", "holidays.2026-13-01", "night"
	What  string
	Mend  string
	Code  string // what kind of fault it is, for who words it: "zone", "weekday", "hours-day", "hours-backwards", "hours-order", "holiday", "night"
	Value string // what stands there, where What says it
}

// Error is the fault in one line.
func (f CalendarFault) Error() string { return f.Field + ": " + f.What + "; " + f.Mend }

// Faults lists what makes the calendar unusable, in the order of its fields.
func (c Calendar) Faults() []CalendarFault {
	var out []CalendarFault
	add := func(field, code, value, what, mend string) {
		out = append(out, CalendarFault{field, what, mend, code, value})
	}
	if _, err := c.location(); err != nil {
		add("zone", "zone", c.Zone, fmt.Sprintf("%q is no time zone", c.Zone), "write its IANA name, like Europe/Paris or Africa/Tunis")
	}
	for _, d := range slices.Sorted(maps.Keys(c.Hours)) {
		if d < time.Sunday || d > time.Saturday {
			add("hours", "weekday", strconv.Itoa(int(d)), fmt.Sprintf("%d is no weekday", int(d)), "use 0 (Sunday) to 6 (Saturday)")
			continue
		}
		last := WallClock(-1)
		for i, h := range c.Hours[d] {
			at := fmt.Sprintf("hours.%s[%d]", strings.ToLower(d.String()), i)
			switch {
			case h.From < 0 || h.To > endOfDay:
				add(at, "hours-day", h.String(), h.String()+" is not within one day", "write times from 00:00 to 24:00")
			case h.From >= h.To:
				add(at, "hours-backwards", h.String(), h.String()+" ends before it begins", "end it by 24:00, and give the next day hours from 00:00")
			case h.From <= last:
				add(at, "hours-order", h.String(), h.String()+" begins before the hours above it have ended", "list the hours of a day in order, with a pause between them")
			}
			last = h.To
		}
	}
	for _, s := range slices.Sorted(maps.Keys(c.Holidays)) {
		if _, err := parseDay(s); err != nil {
			add("holidays."+s, "holiday", s, "no date", "write 2026-12-25 for one day, 12-25 for that day of every year")
		}
	}
	if n := c.Night; n.From < 0 || n.From > endOfDay || n.To < 0 || n.To > endOfDay {
		add("night", "night", n.String(), n.String()+" is not a part of a day", "write it like 22:00-07:00")
	}
	return out
}

func (c Calendar) location() (*time.Location, error) {
	switch c.Zone {
	case "":
		return time.UTC, nil
	case "Local": // whatever the machine thinks: not data
		return nil, errors.New("not a zone")
	}
	return time.LoadLocation(c.Zone)
}

// Bind makes the calendar answer, with holidays that were announced later added to its own. It fails on a calendar with faults and on
// a later holiday whose date is none. A calendar without any working hours is bound: its questions about working time answer
// ErrNoWorkingTime.
func (c Calendar) Bind(later Holidays) (*BusinessTime, error) {
	if all := c.Faults(); len(all) > 0 {
		errs := make([]error, len(all))
		for i, f := range all {
			errs[i] = f
		}
		return nil, fmt.Errorf("bind the calendar: %w", errors.Join(errs...))
	}
	zone, err := c.location()
	if err != nil {
		return nil, fmt.Errorf("bind the calendar: %w", err)
	}
	b := &BusinessTime{zone: zone, night: c.Night, holidays: map[day]map[string]string{}}
	if b.night.From == b.night.To {
		b.night = DefaultNight
	}
	for _, from := range []Holidays{c.Holidays, later} {
		for s, names := range from {
			d, err := parseDay(s)
			if err != nil {
				return nil, fmt.Errorf("bind the calendar: holiday %w", err)
			}
			b.holidays[d] = maps.Clone(names)
		}
	}
	for d := range b.hours {
		b.hours[d] = slices.Clone(c.Hours[time.Weekday(d)])
		edges := []WallClock{b.night.From, b.night.To, endOfDay}
		for _, h := range b.hours[d] {
			edges = append(edges, h.From, h.To)
		}
		slices.Sort(edges)
		b.edges[d] = slices.Compact(edges)
	}
	return b, nil
}

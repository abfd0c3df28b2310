package house

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// HolidayAnnounced records that a day was announced to be a holiday: it counts from then on in the business time of every incident.
type HolidayAnnounced struct {
	Day      string `json:"day"` // "2026-03-20"
	Name     string `json:"name,omitempty"`
	Calendar string `json:"calendar,omitempty"` // of the policy; empty: it has none, and office hours count
	Who      Person `json:"who"`
}

// HolidayWithdrawn records that an announced day is a working day after all.
type HolidayWithdrawn struct {
	Day      string `json:"day"`
	Calendar string `json:"calendar,omitempty"`
	Who      Person `json:"who"`
}

// Type implements Fact.
func (*HolidayAnnounced) Type() string { return "holiday" }

// Type implements Fact.
func (*HolidayWithdrawn) Type() string { return "holiday-withdrawn" }

// AnnouncedHoliday is a day that was announced to be a holiday.
type AnnouncedHoliday struct {
	Day      string    `json:"day"`
	Name     string    `json:"name,omitempty"`
	Calendar string    `json:"calendar,omitempty"`
	SetBy    Person    `json:"set_by"`
	SetAt    time.Time `json:"set_at"`
}

// Calendar is what the policy in force says of a calendar, for who decides on a holiday.
type Calendar struct {
	Name    string
	Default bool // it counts where nobody names one
	Zone    *time.Location
	Has     bool   // the policy itself has the fact's day as a holiday
	Own     string // and calls it this; may be empty
}

// The codes of refusals of holidays. Days are written "2026-03-20".
const (
	RefusedHolidayDate     = "holiday-date"     // Args[0] is no date
	RefusedHolidayPast     = "holiday-past"     // Args[0] = a day that is over
	RefusedHolidayFar      = "holiday-far"      // Args = the day, how many days ahead are taken
	RefusedHolidayCalendar = "holiday-calendar" // Args = the unknown name, then those there are
	RefusedHolidayTwice    = "holiday-twice"    // Args = the day, its name, the calendar: announced already
	RefusedHolidayPolicy   = "holiday-policy"   // Args = the day, its name, the calendar: the policy file has it
	RefusedHolidayUnknown  = "holiday-unknown"  // Args = the day, the calendar: nothing is announced for it
	RefusedHolidayMany     = "holiday-many"     // Args[0] = how many there may be to come
)

const (
	// MaxHolidayAhead is how far ahead a day can be announced, in days; what is known longer before belongs into the policy file.
	MaxHolidayAhead = 400
	// MaxHolidayName is how long the name of a holiday may be, in characters.
	MaxHolidayName = 60
	// maxHolidays is how many days to come may be announced, over all calendars.
	maxHolidays = 200
	// keptHolidays is how many the state holds, with those that are over: business time that began before them is still counted. Beyond it
	// the oldest are forgotten.
	keptHolidays = 1000
)

// holidayAt finds an announced day of a calendar, -1 when there is none.
func (s State) holidayAt(day, calendar string) int {
	return slices.IndexFunc(s.Holidays, func(h AnnouncedHoliday) bool { return h.Day == day && h.Calendar == calendar })
}

// calendarOf finds the calendar that a fact names, or the one that counts where none is named.
func calendarOf(name string, all []Calendar) (Calendar, error) {
	for _, c := range all {
		if name == "" && c.Default || name != "" && strings.EqualFold(c.Name, strings.TrimSpace(name)) {
			return c, nil
		}
	}
	args := []string{name}
	for _, c := range all {
		args = append(args, c.Name)
	}
	return Calendar{}, refuse(RefusedHolidayCalendar, args...)
}

// dayToCome reads a day that is not over where the calendar counts.
func dayToCome(s string, c Calendar, at time.Time) (time.Time, error) {
	d, err := time.Parse(time.DateOnly, strings.TrimSpace(s))
	if err != nil || d.Year() < 1 {
		return d, refuse(RefusedHolidayDate, s)
	}
	zone := c.Zone
	if zone == nil {
		zone = time.UTC
	}
	y, m, today := at.In(zone).Date()
	switch now := time.Date(y, m, today, 0, 0, 0, 0, time.UTC); {
	case d.Before(now):
		return d, refuse(RefusedHolidayPast, d.Format(time.DateOnly))
	case d.Sub(now) > MaxHolidayAhead*24*time.Hour:
		return d, refuse(RefusedHolidayFar, d.Format(time.DateOnly), strconv.Itoa(MaxHolidayAhead))
	}
	return d, nil
}

// holidayName is a name as it is kept: on one line, not too long.
func holidayName(s string) string {
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) || r == utf8.RuneError }), " ")
	if r := []rune(s); len(r) > MaxHolidayName {
		s = strings.TrimSpace(string(r[:MaxHolidayName]))
	}
	return s
}

// decideHoliday accepts an announced day as of at, or refuses it.
func decideHoliday(s State, f *HolidayAnnounced, all []Calendar, at time.Time) (*HolidayAnnounced, error) {
	c, err := calendarOf(f.Calendar, all)
	if err != nil {
		return nil, err
	}
	d, err := dayToCome(f.Day, c, at)
	if err != nil {
		return nil, err
	}
	out := &HolidayAnnounced{Day: d.Format(time.DateOnly), Name: holidayName(f.Name), Calendar: c.Name, Who: f.Who}
	if c.Has {
		return nil, refuse(RefusedHolidayPolicy, out.Day, c.Own, c.Name)
	}
	if i := s.holidayAt(out.Day, c.Name); i >= 0 {
		return nil, refuse(RefusedHolidayTwice, out.Day, s.Holidays[i].Name, c.Name)
	}
	today, coming := at.UTC().Format(time.DateOnly), 0
	for _, h := range s.Holidays {
		if h.Day >= today {
			coming++
		}
	}
	if coming >= maxHolidays {
		return nil, refuse(RefusedHolidayMany, strconv.Itoa(maxHolidays))
	}
	return out, nil
}

// decideWithdrawal takes an announced day back as of at. One that is over stays: it was counted.
func decideWithdrawal(s State, f *HolidayWithdrawn, all []Calendar, at time.Time) (*HolidayWithdrawn, error) {
	c, err := calendarOf(f.Calendar, all)
	if err != nil {
		// A calendar that the policy has no more may still have announced days.
		i := slices.IndexFunc(s.Holidays, func(h AnnouncedHoliday) bool {
			return f.Calendar != "" && strings.EqualFold(h.Calendar, strings.TrimSpace(f.Calendar))
		})
		if i < 0 {
			return nil, err
		}
		c = Calendar{Name: s.Holidays[i].Calendar}
	}
	d, err := dayToCome(f.Day, c, at)
	if err != nil {
		return nil, err
	}
	out := &HolidayWithdrawn{Day: d.Format(time.DateOnly), Calendar: c.Name, Who: f.Who}
	if f.Calendar == "" && s.holidayAt(out.Day, c.Name) < 0 { // the only one there is of that day is meant
		var of []string
		for _, h := range s.Holidays {
			if h.Day == out.Day {
				of = append(of, h.Calendar)
			}
		}
		if len(of) == 1 {
			out.Calendar = of[0]
			return out, nil
		}
	}
	if s.holidayAt(out.Day, c.Name) < 0 {
		if c.Has {
			return nil, refuse(RefusedHolidayPolicy, out.Day, c.Own, c.Name)
		}
		return nil, refuse(RefusedHolidayUnknown, out.Day, c.Name)
	}
	return out, nil
}

// holidaysEvolve folds the facts of announced days.
func (s *State) holidaysEvolve(e Event) {
	switch f := e.Fact.(type) {
	case *HolidayAnnounced:
		out := append(slices.Clone(s.Holidays), AnnouncedHoliday{Day: f.Day, Name: f.Name, Calendar: f.Calendar, SetBy: f.Who, SetAt: e.At})
		slices.SortStableFunc(out, func(a, b AnnouncedHoliday) int {
			return strings.Compare(a.Day+"\x00"+a.Calendar, b.Day+"\x00"+b.Calendar)
		})
		if n := len(out) - keptHolidays; n > 0 {
			out = out[n:]
		}
		s.Holidays, s.HolidaysSeq = out, e.Seq
	case *HolidayWithdrawn:
		s.Holidays = slices.DeleteFunc(slices.Clone(s.Holidays), func(h AnnouncedHoliday) bool { return h.Day == f.Day && h.Calendar == f.Calendar })
		s.HolidaysSeq = e.Seq
	}
}

package incident

import (
	"slices"
	"time"
)

// Announced is a day without working time that was announced after the policy was written: a religious holiday on the evening before, a day of
// national mourning. It is a fact about the world and no rule: the one thing about business time that is not frozen with the policy. Whoever
// promised something within a business day promised it in days on which people work.
type Announced struct {
	Day      string `json:"day"`                // "2026-03-20"
	Name     string `json:"name,omitempty"`     // as it was announced, in whatever language
	Calendar string `json:"calendar,omitempty"` // name of the policy's calendar it counts in; empty: office hours, where a policy has none
}

// AnnouncedDays are all announced days of an installation, as of a version of its house log. A list of an older version never replaces one of
// a newer.
type AnnouncedDays struct {
	Version int64
	Days    []Announced
}

// HolidaysCounted records which announced days count in the business time of the incident from now on. Deadlines follow from it and from the
// frozen policy; a due time that was recorded when its clock began moves by an ObligationMoved.
type HolidaysCounted struct {
	Version  int64       `json:"version"`            // of the house log that announced them
	Calendar string      `json:"calendar,omitempty"` // of the incident
	Days     []Announced `json:"days,omitempty"`     // all that count, in order
	Added    []Announced `json:"added,omitempty"`    // of these, which did not count before
	Gone     []Announced `json:"gone,omitempty"`     // which did, and do no more
}

// ObligationMoved records that an obligation is due at another time: a day was announced or taken back in between, or it is a runbook's clock
// that stood still while the incident was paused.
type ObligationMoved struct {
	Key  string    `json:"key"`
	Was  time.Time `json:"was"`
	Due  time.Time `json:"due"`
	Next time.Time `json:"next,omitzero"` // next reminder
	// Stood is how long a runbook's clock stood still; zero: a day moved it.
	Stood time.Duration `json:"stood,omitempty"`
}

// Type implements Fact.
func (*HolidaysCounted) Type() string { return "holidays" }

// Texts implements Fact.
func (*HolidaysCounted) Texts() []*Text { return nil }

// Type implements Fact.
func (*ObligationMoved) Type() string { return "obligation-moved" }

// Texts implements Fact.
func (*ObligationMoved) Texts() []*Text { return nil }

// CalendarOf is the name of the calendar whose working time counts for a service; empty when the policy has none.
func (p *Policy) CalendarOf(service string) string {
	if p == nil {
		return ""
	}
	if name := p.Services[service].Calendar; name != "" {
		return name
	}
	return p.Calendar
}

// With is the business time with announced days added, those whose date can be read; the names are as they were announced, in every language.
func (b *BusinessTime) With(days []Announced) *BusinessTime {
	if b == nil || len(days) == 0 {
		return b
	}
	more := *b
	more.announced = slices.Clone(b.announced)
	for _, a := range days {
		if d, err := parseDay(a.Day); err == nil && d.year > 0 {
			more.announced = append(more.announced, announcedDay{d, map[string]string{"en": a.Name}})
		}
	}
	return &more
}

// BusinessTimeWith is the working time that counts for a service, with the announced days of its calendar; nil when the policy has none.
func (p *Policy) BusinessTimeWith(service string, list AnnouncedDays) *BusinessTime {
	name := p.CalendarOf(service)
	days := slices.DeleteFunc(slices.Clone(list.Days), func(a Announced) bool { return a.Calendar != name })
	return p.BusinessTime(service).With(days)
}

// announcedDay is an announced day, read. There are few of them: they are looked through.
type announcedDay struct {
	day   day
	names map[string]string // by language
}

// businessTime is the working time that counts for the incident, with the days announced since; nil when the policy has none.
func (s State) businessTime() *BusinessTime {
	return s.Policy.BusinessTime(s.Service).With(s.Holidays)
}

// announcedBefore is how long before its detection a day may lie that still counts for an incident: a clock may begin before it was noticed.
const announcedBefore = 31 * 24 * time.Hour

// announced are the days of a list that count in an incident, in order. What is drawn from the same list for the same incident is always the
// same: it grows old without losing days, or due times that were counted with them would move back.
func (s State) announced(list AnnouncedDays) []Announced {
	name, first := s.Policy.CalendarOf(s.Service), s.DetectedAt.Add(-announcedBefore).Format(time.DateOnly)
	var out []Announced
	for _, a := range list.Days {
		if a.Calendar == name && a.Day >= first {
			out = append(out, a)
		}
	}
	slices.SortFunc(out, func(a, b Announced) int {
		switch {
		case a.Day < b.Day:
			return -1
		case a.Day > b.Day:
			return 1
		}
		return 0
	})
	return out
}

// countHolidays takes over what was announced since the incident last looked, and moves what is due because of it. One that is over and owes
// nothing is left alone.
func (d *decider) countHolidays() {
	list := d.in.Holidays
	if d.s.Policy == nil || list.Version < d.s.HolidaysVersion || !d.s.Open() && len(d.s.Owing()) == 0 {
		return
	}
	days := d.s.announced(list)
	if slices.Equal(days, d.s.Holidays) {
		return
	}
	f := &HolidaysCounted{Version: list.Version, Calendar: d.s.Policy.CalendarOf(d.s.Service), Days: days}
	for _, a := range days {
		if !slices.Contains(d.s.Holidays, a) {
			f.Added = append(f.Added, a)
		}
	}
	for _, a := range d.s.Holidays {
		if !slices.Contains(days, a) {
			f.Gone = append(f.Gone, a)
		}
	}
	before := d.s
	d.own(f)
	for _, x := range d.s.Owing() {
		d.moveDuty(before, x)
	}
}

// moveDuty moves the due time and the next reminder of a duty that counts in working time; before is the state in which the change was not
// known yet. What the days did not decide (another policy did, or a person) they do not move.
func (d *decider) moveDuty(before State, x Duty) {
	was := x
	if o, ok := d.s.Policy.Obligation(x.Of); ok && o.WithinDays > 0 && before.addDays(x.From, o.WithinDays).Equal(x.Due) {
		x.Due = utc(d.s.addDays(x.From, o.WithinDays))
	}
	switch {
	case d.s.absolute(x) && x.Due.Equal(was.Due): // it reminds at any hour
	case x.Reminded == 0:
		x.Next = d.reminderAfter(x, x.From, true)
	default:
		x.Next = d.reminderAfter(x, x.RemindedAt, false)
	}
	if x.Due.Equal(was.Due) && x.Next.Equal(was.Next) {
		return
	}
	d.own(&ObligationMoved{Key: x.Key, Was: was.Due, Due: x.Due, Next: x.Next})
}

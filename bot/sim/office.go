package sim

import (
	"time"

	"github.com/tocsin-bot/tocsin/bot/incident"
)

// office reckons working time minute by minute: slow, simple, and nothing of the core's.
type office struct {
	hours map[time.Weekday][]incident.Hours
	zone  *time.Location
	free  map[string]bool // on which nobody works, as announced
}

// officeOf is the office of a policy; days are those announced since, by their date.
func officeOf(p *incident.Policy, days map[string]bool) office {
	c := p.Calendars[p.Calendar]
	zone, err := time.LoadLocation(c.Zone)
	if err != nil {
		zone = time.UTC
	}
	return office{c.Hours, zone, days}
}

func (o office) open(t time.Time) bool {
	t = t.In(o.zone)
	if o.free[t.Format(time.DateOnly)] {
		return false
	}
	m := incident.WallClock(t.Hour()*60 + t.Minute())
	for _, h := range o.hours[t.Weekday()] {
		if m >= h.From && m < h.To {
			return true
		}
	}
	return false
}

// next is the first working time at or after t.
func (o office) next(t time.Time) time.Time {
	for n := 0; !o.open(t); n++ {
		if t = t.Truncate(time.Minute).Add(time.Minute); n > 14*24*60 {
			return time.Time{}
		}
	}
	return t
}

// morning is when working time begins next, on a later day where t is working time.
func (o office) morning(t time.Time) time.Time {
	if o.open(t) {
		l := t.In(o.zone)
		t = time.Date(l.Year(), l.Month(), l.Day()+1, 0, 0, 0, 0, o.zone)
	}
	return o.next(t)
}

// days is the n-th working day after t: at the same time of day, or when that day opens again after a pause, at the latest when it closes;
// where t is before or after its day's hours, the close of the n-th working day that begins after it.
func (o office) days(t time.Time, n int) time.Time {
	s := o.next(t).In(o.zone)
	whole := s.After(t) && incident.WallClock(s.Hour()*60+s.Minute()) == o.hours[s.Weekday()][0].From
	if whole {
		n--
	}
	y, m, d := s.Date()
	// wall is a time of day of the day that was reached.
	wall := func(minutes int) time.Time { return time.Date(y, m, d, 0, minutes, s.Second(), s.Nanosecond(), o.zone) }
	for n > 0 {
		y, m, d = time.Date(y, m, d+1, 12, 0, 0, 0, o.zone).Date()
		if noon := wall(12 * 60); len(o.hours[noon.Weekday()]) > 0 && !o.free[noon.Format(time.DateOnly)] {
			n--
		}
	}
	hours := o.hours[wall(12*60).Weekday()]
	last := time.Date(y, m, d, 0, int(hours[len(hours)-1].To), 0, 0, o.zone)
	if whole {
		return last
	}
	if at := o.next(wall(s.Hour()*60 + s.Minute())); at.Before(last) {
		return at
	}
	return last
}

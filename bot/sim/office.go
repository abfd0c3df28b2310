package sim

import (
	"time"

	"github.com/tocsin-bot/tocsin/bot/incident"
)

// office reckons working time minute by minute: slow, simple, and nothing of the core's.
type office struct {
	hours map[time.Weekday][]incident.Hours
	zone  *time.Location
}

func officeOf(p *incident.Policy) office {
	c := p.Calendars[p.Calendar]
	zone, err := time.LoadLocation(c.Zone)
	if err != nil {
		zone = time.UTC
	}
	return office{c.Hours, zone}
}

func (o office) open(t time.Time) bool {
	t = t.In(o.zone)
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
	day := time.Date(s.Year(), s.Month(), s.Day(), 0, 0, 0, 0, o.zone)
	for n > 0 {
		if day = day.AddDate(0, 0, 1); len(o.hours[day.Weekday()]) > 0 {
			n--
		}
	}
	hours := o.hours[day.Weekday()]
	last := day.Add(time.Duration(hours[len(hours)-1].To) * time.Minute)
	if whole {
		return last
	}
	at := day.Add(s.Sub(time.Date(s.Year(), s.Month(), s.Day(), 0, 0, 0, 0, o.zone)))
	if at = o.next(at); at.After(last) {
		return last
	}
	return at
}

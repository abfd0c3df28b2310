package incident

import (
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// The slow way to know business time: look at the wall every minute. It shares nothing with the code but the data.
type minutes struct {
	c    Calendar
	zone *time.Location
}

func (m minutes) working(t time.Time) bool {
	local := t.In(m.zone)
	if len(m.c.Holidays) > 0 {
		_, this := m.c.Holidays[local.Format("2006-01-02")]
		_, every := m.c.Holidays[local.Format("01-02")]
		if this || every {
			return false
		}
	}
	shows := local.Hour()*60 + local.Minute()
	for _, h := range m.c.Hours[local.Weekday()] {
		if int(h.From) <= shows && shows < int(h.To) {
			return true
		}
	}
	return false
}

func (m minutes) night(t time.Time) bool {
	n := m.c.Night
	if n == (Hours{}) {
		n = DefaultNight
	}
	local := t.In(m.zone)
	shows := local.Hour()*60 + local.Minute()
	for w := int(n.From); w != int(n.To); w = (w + 1) % (24 * 60) {
		if w == shows {
			return true
		}
	}
	return false
}

// businessDays finds, minute by minute, where AddBusinessDays must land; ok is false when it does not within the minutes looked at.
func (m minutes) businessDays(t time.Time, n int) (time.Time, bool) {
	type minute struct{ at, reading time.Time }
	var work []minute
	var reached time.Time
	for u := t.Add(-48 * time.Hour); u.Before(t.Add(time.Duration(n+14) * 24 * time.Hour)); u = u.Add(time.Minute) {
		l := u.In(m.zone)
		shown := time.Date(l.Year(), l.Month(), l.Day(), l.Hour(), l.Minute(), 0, 0, time.UTC)
		reading := shown
		if reading.Before(reached) {
			reading = reached // the clock was put back: it counts as waiting at the hour it had reached
		}
		if end := shown.Add(time.Minute); end.After(reached) {
			reached = end
		}
		if m.working(u) {
			work = append(work, minute{u, reading})
		}
	}
	date := func(w minute) int { return int(w.reading.Unix()) / 86400 }
	clock := func(w minute) int { return int(w.reading.Unix()) % 86400 }
	i := slices.IndexFunc(work, func(w minute) bool { return !w.at.Before(t) })
	if i < 0 {
		return time.Time{}, false
	}
	begin := work[i]
	whole := begin.at.After(t) && (i == 0 || date(work[i-1]) != date(begin))
	if whole {
		n--
	}
	days := []int{date(begin)}
	for _, w := range work[i:] {
		if d := date(w); d != days[len(days)-1] {
			days = append(days, d)
		}
	}
	if len(days) <= n+1 {
		return time.Time{}, false
	}
	var last time.Time
	for _, w := range work[i:] {
		if date(w) != days[n] {
			continue
		}
		if !whole && clock(w) >= clock(begin) {
			return w.at, true
		}
		last = w.at.Add(time.Minute)
	}
	return last, true
}

// moments are instants where calendars go wrong: around the jumps of the zones, year ends, leap days; and any others.
func moments() *rapid.Generator[time.Time] {
	near := []string{"2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z", "2026-03-08T07:00:00Z", "2026-11-01T06:00:00Z", "2026-02-15T02:00:00Z", "2026-03-22T02:00:00Z",
		"2026-12-31T23:00:00Z", "2028-02-29T00:00:00Z", "2026-12-24T18:00:00Z", "2040-12-31T12:00:00Z"}
	return rapid.Custom(func(t *rapid.T) time.Time {
		base, err := time.Parse(time.RFC3339, rapid.SampledFrom(near).Draw(t, "near"))
		if err != nil {
			panic(err)
		}
		if rapid.Bool().Draw(t, "far") {
			return base.Add(time.Duration(rapid.IntRange(-500*24*60, 500*24*60).Draw(t, "minutes")) * time.Minute)
		}
		return base.Add(time.Duration(rapid.IntRange(-6*24*60, 3*24*60).Draw(t, "minutes")) * time.Minute)
	})
}

func drawCalendar(t *testing.T, rt *rapid.T) (Calendar, *BusinessTime, minutes) {
	all := calendars(t)
	c := all[rapid.SampledFrom(slices.Sorted(maps.Keys(all))).Draw(rt, "calendar")]
	if rapid.Bool().Draw(rt, "elsewhere") { // any hours in any zone
		c.Zone = rapid.SampledFrom([]string{"Europe/Paris", "America/New_York", "Africa/Tunis", "Africa/Casablanca", "Asia/Kolkata", "America/St_Johns",
			"Australia/Lord_Howe", "Africa/Cairo", "America/Havana", "UTC"}).Draw(rt, "zone")
	}
	if rapid.Bool().Draw(rt, "own night") {
		c.Night = Hours{WallClock(rapid.IntRange(0, 1439).Draw(rt, "dusk")), WallClock(rapid.IntRange(0, 1439).Draw(rt, "dawn"))}
		if c.Night.From == c.Night.To {
			c.Night = Hours{}
		}
	}
	b, err := c.Bind(nil)
	if err != nil {
		rt.Fatal(err)
	}
	return c, b, minutes{c, b.Zone()}
}

func TestSplitAgreesWithEveryMinute(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		_, b, slow := drawCalendar(t, rt)
		from := moments().Draw(rt, "from")
		to := from.Add(time.Duration(rapid.IntRange(1, 3*24*60).Draw(rt, "length")) * time.Minute)
		parts, err := b.Split(from, to)
		if err != nil {
			rt.Fatal(err)
		}
		end, work := from, time.Duration(0)
		for i, p := range parts {
			if !p.From.Equal(end) || !p.To.After(p.From) {
				rt.Fatalf("part %d goes from %s to %s after %s", i, p.From, p.To, end)
			}
			if i > 0 && p.Class == parts[i-1].Class && p.Night == parts[i-1].Night {
				rt.Fatalf("parts %d and %d are one", i-1, i)
			}
			end = p.To
			for u := p.From; u.Before(p.To); u = u.Add(time.Minute) {
				if slow.working(u) != (p.Class == TimeWorking) || slow.night(u) != p.Night {
					rt.Fatalf("%s is said to be %s, night %v", u.In(b.Zone()), p.Class, p.Night)
				}
				if p.Class == TimeWorking {
					work += time.Minute
				}
			}
		}
		if !end.Equal(to) {
			rt.Fatalf("the parts end at %s, not at %s", end, to)
		}
		if d, err := b.Between(from, to); err != nil || d != work {
			rt.Fatalf("%s of working time, by the minutes %s (%v)", d, work, err)
		}
	})
}

func TestAddThenMeasureGivesBack(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c, b, slow := drawCalendar(t, rt)
		from := moments().Draw(rt, "from").Add(time.Duration(rapid.IntRange(0, 59).Draw(rt, "seconds")) * time.Second)
		d := time.Duration(rapid.IntRange(1, 40*60*60).Draw(rt, "add")) * time.Second
		got, err := b.Add(from, d)
		if err != nil {
			if len(c.Hours) > 0 && len(c.Holidays) < 50 {
				rt.Fatal(err)
			}
			return
		}
		if back, err := b.Between(from, got); err != nil || back != d {
			rt.Fatalf("%s + %s = %s, but %s lie between (%v)", from, d, got, back, err)
		}
		if !slow.working(got.Add(-1)) { // it is working time, or the very end of it
			rt.Fatalf("%s + %s lands outside working time, on %s", from.In(b.Zone()), d, got.In(b.Zone()))
		}
		later, err := b.Add(from.Add(time.Duration(rapid.IntRange(0, 3*24*60).Draw(rt, "later"))*time.Minute), d)
		if err != nil || later.Before(got) {
			rt.Fatalf("begun later, it ends earlier: %s, then %s (%v)", got, later, err)
		}
		start, err := b.NextStart(from)
		if err != nil || start.Before(from) || !slow.working(start) {
			rt.Fatalf("working time begins at %s after %s (%v)", start, from, err)
		}
		if idle, err := b.Between(from, start); err != nil || idle != 0 {
			rt.Fatalf("%s of working time before the next start (%v)", idle, err)
		}
	})
}

func TestBusinessDaysAgreeWithEveryMinute(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c, b, slow := drawCalendar(t, rt)
		if len(c.Hours) == 0 || len(c.Holidays) > 50 {
			return
		}
		from := moments().Draw(rt, "from")
		n := rapid.IntRange(1, 4).Draw(rt, "days")
		got, err := b.AddBusinessDays(from, n)
		if err != nil {
			rt.Fatal(err)
		}
		if want, ok := slow.businessDays(from, n); ok && !got.Equal(want) {
			rt.Fatalf("%s + %d days = %s, by the minutes %s", from.In(b.Zone()), n, got.In(b.Zone()), want.In(b.Zone()))
		} else if !ok {
			rt.Fatal("the minutes looked at do not reach")
		}
		if !slow.working(got) && !slow.working(got.Add(-1)) {
			rt.Fatalf("it lands outside working time: %s", got.In(b.Zone()))
		}
		later, err := b.AddBusinessDays(from.Add(time.Duration(rapid.IntRange(0, 3*24*60).Draw(rt, "later"))*time.Minute), n)
		if err != nil || later.Before(got) {
			rt.Fatalf("begun later, it ends earlier: %s, then %s (%v)", got.In(b.Zone()), later.In(b.Zone()), err)
		}
		next, err := b.AddBusinessDays(from, n+1)
		if err != nil || !next.After(got) {
			rt.Fatalf("one day more ends at %s, not after %s (%v)", next, got, err)
		}
	})
}

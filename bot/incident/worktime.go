package incident

import "time"

// OfficeHours are the working hours that count for obligations where a policy has no calendar.
var OfficeHours = []Hours{{From: 9 * 60, To: 18 * 60}}

// working is the business time that counts for an incident's obligations: its service's, else Monday to Friday by OfficeHours in the
// policy's zone.
func (s State) working() *BusinessTime {
	if b := s.businessTime(); b != nil {
		return b
	}
	b := s.Policy.office
	if b == nil { // a policy that was not bound
		b = officeTime(s.Policy.Zone)
	}
	return b.With(s.Holidays)
}

// officeTime is Monday to Friday by OfficeHours in a zone.
func officeTime(zone string) *BusinessTime {
	c := Calendar{Zone: zone, Hours: map[time.Weekday][]Hours{}}
	for d := time.Monday; d <= time.Friday; d++ {
		c.Hours[d] = OfficeHours
	}
	b, err := c.Bind(nil)
	if err != nil { // a zone that nobody knows
		c.Zone = ""
		b, _ = c.Bind(nil) // office hours have no fault
	}
	return b
}

// workingFrom is the first working time at or after t; t itself where the calendar has none.
func (s State) workingFrom(t time.Time) time.Time {
	if at, err := s.working().NextStart(t); err == nil {
		return at
	}
	return t
}

// closing is the end of the working day of t, or of the next one; a day later where the calendar has none.
func (s State) closing(t time.Time) time.Time {
	if at, err := s.working().Close(t); err == nil {
		return at
	}
	return t.Add(24 * time.Hour)
}

// addDays is n business days after t; calendar days where the calendar has no working time.
func (s State) addDays(t time.Time, n int) time.Time {
	if at, err := s.working().AddBusinessDays(t, n); err == nil {
		return at
	}
	return t.AddDate(0, 0, n)
}

package house

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Rotation is a duty that is handed round a list of people at fixed times of the wall clock: data of the policy file.
//
// Who has the n-th turn after Start is People[n modulo their number], over the list in force. Nothing but this data is needed to know who
// is on call at any instant, past or coming, and Start is an anchor, not a beginning: turns before it are counted backwards. The price is
// that an edit which adds or removes somebody moves the others' turns; Continue gives the edit that does not. (The alternative, a position
// that the log remembers and each hand-over advances, leaves turns alone on an edit, but then nobody knows who is on call without the log,
// and a hand-over the bot slept through would be lost.)
type Rotation struct {
	Key   string `json:"key"`   // the target it fills: "primary"
	Zone  string `json:"zone"`  // IANA name of the wall clock; "" is UTC
	Start string `json:"start"` // a date; turn 0 begins on it, or on the first Weekday after it
	// Weekday is the day of a hand-over, where a turn lasts whole weeks; turns counted in days begin on Start's own day.
	Weekday time.Weekday `json:"weekday"`
	// Time is the time of a hand-over, "09:00". Where the clock skips it, the duty passes at the jump; where it is shown twice, the first time.
	Time string `json:"time"`
	// A turn lasts Weeks and Days together.
	Weeks  int      `json:"weeks,omitempty"`
	Days   int      `json:"days,omitempty"`
	People []string `json:"people"` // e-mail addresses, in the order of their turns; letter case does not matter
	// Overrides give intervals to somebody, whoever's turn it is; the later in the list wins.
	Overrides []Override `json:"overrides,omitempty"`
}

// Override gives an interval of a rotation to a person.
type Override struct {
	From   time.Time `json:"from"`
	To     time.Time `json:"to"` // the first instant that is not in it
	Person string    `json:"person"`
}

// Limits of a rotation.
const (
	maxRotationPeople = 200
	maxTurn           = 366 // days
)

// RotationFault is what is wrong in a rotation, where, and how to mend it.
type RotationFault struct {
	Field string // "people[2]", "time"
	What  string
	Mend  string
}

// Error is the fault in one line.
func (f RotationFault) Error() string { return f.Field + ": " + f.What + "; " + f.Mend }

// Faults lists what makes the rotation unusable, in the order of its fields.
func (r Rotation) Faults() []RotationFault {
	var out []RotationFault
	add := func(field, what, mend string) { out = append(out, RotationFault{field, what, mend}) }
	if r.Key == "" {
		add("key", "missing", "name the target that this rotation fills")
	}
	if _, err := location(r.Zone); err != nil {
		add("zone", fmt.Sprintf("%q is no time zone", r.Zone), "write its IANA name, like Europe/Paris")
	}
	if _, err := time.Parse(time.DateOnly, r.Start); err != nil {
		add("start", fmt.Sprintf("%q is no date", r.Start), "write it like 2026-01-05")
	}
	if r.Weekday < time.Sunday || r.Weekday > time.Saturday {
		add("weekday", fmt.Sprintf("%d is no weekday", int(r.Weekday)), "use 0 (Sunday) to 6 (Saturday)")
	}
	if _, err := time.Parse("15:04", r.Time); err != nil {
		add("time", fmt.Sprintf("%q is no time of day", r.Time), "write it like 09:00")
	}
	if r.Weeks < 0 || r.Days < 0 || r.Weeks > maxTurn || r.Days > maxTurn || r.length() < 1 || r.length() > maxTurn {
		add("weeks", fmt.Sprintf("a turn of %d weeks and %d days", r.Weeks, r.Days), "let a turn last from one day to one year")
	}
	if len(r.People) == 0 {
		add("people", "nobody is in it: no phone would ring", "list at least one e-mail address")
	}
	if len(r.People) > maxRotationPeople {
		add("people", fmt.Sprintf("%d people", len(r.People)), fmt.Sprintf("list at most %d", maxRotationPeople))
	}
	for i, p := range r.People {
		if strings.TrimSpace(p) == "" {
			add(fmt.Sprintf("people[%d]", i), "nobody is named", "write an e-mail address, or remove the line")
		}
	}
	for i, o := range r.Overrides {
		at := fmt.Sprintf("overrides[%d]", i)
		if strings.TrimSpace(o.Person) == "" {
			add(at, "nobody is named", "write whose duty it is then")
		}
		if !o.To.After(o.From) {
			add(at, "it ends before it begins", "write a later end")
		}
	}
	return out
}

// length is a turn's length in days.
func (r Rotation) length() int { return 7*r.Weeks + r.Days }

func location(zone string) (*time.Location, error) {
	switch zone {
	case "":
		return time.UTC, nil
	case "Local": // whatever the machine thinks: not data
		return nil, errors.New("not a zone")
	}
	return time.LoadLocation(zone)
}

// Moment reads "2026-12-24 18:00" on the wall of a zone: the first instant at which the clock there has reached it. A time that is shown
// twice is the first of the two; one that is skipped is the moment of the jump.
func Moment(zone, s string) (time.Time, error) {
	loc, err := location(zone)
	if err != nil {
		return time.Time{}, fmt.Errorf("%q is no time zone", zone)
	}
	w, err := time.Parse("2006-01-02 15:04", s)
	if err != nil {
		return time.Time{}, fmt.Errorf("%q is no moment: write it like 2026-12-24 18:00", s)
	}
	return firstShown(loc, w), nil
}

// firstShown is the first instant at which calendar and clock in loc have reached wall (whose own zone is UTC). time.Date does not say
// which of two instants it picks where the clock is put back, nor what it makes of an hour that is skipped.
func firstShown(loc *time.Location, wall time.Time) time.Time {
	t := wall.Add(-26 * time.Hour).In(loc) // no zone is that far ahead, so the clock shows an earlier time there
	for {
		_, offset := t.Zone()
		u := wall.Add(-time.Duration(offset) * time.Second).In(loc)
		if u.Before(t) {
			return t // t is where the clock jumped over it
		}
		end := zoneEnd(t)
		if end.IsZero() || u.Before(end) {
			return u
		}
		t = end.In(loc)
	}
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

// Continue is the rotation over another list of people that keeps the present turn: whoever has it keeps it when they are in the list,
// otherwise it falls to the first of those after them who is; the rest follow in the list's order. Overrides stay.
func (r Rotation) Continue(people []string, t time.Time) (Rotation, error) {
	a, err := r.Bind(nil)
	if err != nil {
		return Rotation{}, err
	}
	k := a.turnAt(t)
	first := 0
	for i := range r.People {
		if j := indexFold(people, a.holder(k+i)); j >= 0 {
			first = j
			break
		}
	}
	r.People = append(append([]string{}, people[first:]...), people[:first]...)
	r.Start = a.date(k).Format(time.DateOnly)
	if _, err := r.Bind(nil); err != nil {
		return Rotation{}, err
	}
	return r, nil
}

func indexFold(people []string, p string) int {
	for i, q := range people {
		if same(p, q) {
			return i
		}
	}
	return -1
}

// same reports whether two e-mail addresses name one person.
func same(a, b string) bool { return strings.EqualFold(strings.TrimSpace(a), strings.TrimSpace(b)) }

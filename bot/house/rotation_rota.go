package house

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Rota is a Rotation bound to its zone, with the covers that people agreed on: who is on call when. It is never changed, so any number of
// callers may use it at once.
type Rota struct {
	r      Rotation
	zone   *time.Location
	anchor time.Time     // midnight of turn 0's date, as if it were UTC
	at     time.Duration // of a hand-over, after midnight
	legs   []setLeg      // what was covered, in the order it was agreed
}

type setLeg struct {
	Leg
	cover string
}

// Shift is a stretch in which one person is on call, within one turn.
type Shift struct {
	Rotation string    `json:"rotation"`
	From     time.Time `json:"from"`
	To       time.Time `json:"to"` // the first instant that is not in it
	Person   string    `json:"person"`
	Turn     string    `json:"turn"`               // whose turn it is by the rotation; Person, unless somebody takes it
	Override bool      `json:"override,omitempty"` // by an override of the policy file
	Cover    string    `json:"cover,omitempty"`    // by this cover
}

// ErrTooManyShifts says that an interval is longer than ten years.
var ErrTooManyShifts = errors.New("more than ten years of shifts")

const maxShifts = 3653 * 24 * time.Hour

// Bind makes the rotation answer, with those of the covers that are about it, in the order they were set. It fails on a rotation with
// faults.
func (r Rotation) Bind(covers []Cover) (*Rota, error) {
	if all := r.Faults(); len(all) > 0 {
		errs := make([]error, len(all))
		for i, f := range all {
			errs[i] = f
		}
		return nil, fmt.Errorf("bind rotation %q: %w", r.Key, errors.Join(errs...))
	}
	a := &Rota{r: r}
	var err error
	if a.zone, err = location(r.Zone); err != nil {
		return nil, fmt.Errorf("bind rotation %q: %w", r.Key, err)
	}
	if a.anchor, err = time.Parse(time.DateOnly, r.Start); err != nil {
		return nil, fmt.Errorf("bind rotation %q: %w", r.Key, err)
	}
	if r.Days == 0 {
		for a.anchor.Weekday() != r.Weekday {
			a.anchor = a.anchor.AddDate(0, 0, 1)
		}
	}
	at, err := time.Parse("15:04", r.Time)
	if err != nil {
		return nil, fmt.Errorf("bind rotation %q: %w", r.Key, err)
	}
	a.at = time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute
	for _, c := range covers {
		if c.Rotation != r.Key || c.Schedule != "" {
			continue
		}
		for _, l := range c.Legs {
			if !c.EndedAt.IsZero() && c.EndedAt.Before(l.To) {
				l.To = c.EndedAt
			}
			if l.To.After(l.From) {
				a.legs = append(a.legs, setLeg{l, c.ID})
			}
		}
	}
	return a, nil
}

// date is the date of turn k's hand-over, as if it were UTC.
func (a *Rota) date(k int) time.Time { return a.anchor.AddDate(0, 0, k*a.r.length()) }

// begin is when turn k begins.
func (a *Rota) begin(k int) time.Time { return firstShown(a.zone, a.date(k).Add(a.at)) }

// holder is whose turn k is.
func (a *Rota) holder(k int) string {
	n := len(a.r.People)
	return a.r.People[(k%n+n)%n]
}

// turnAt is the turn t lies in: the last that has begun.
func (a *Rota) turnAt(t time.Time) int {
	y, m, d := t.In(a.zone).Date()
	days := int((time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() - a.anchor.Unix()) / (24 * 60 * 60))
	k := days / a.r.length() // within one of it, whichever way the division rounds
	for a.begin(k).After(t) {
		k--
	}
	for !a.begin(k + 1).After(t) {
		k++
	}
	return k
}

// turn is turn k cut into shifts.
func (a *Rota) turn(k int) []Shift {
	from, to := a.begin(k), a.begin(k+1)
	if !to.After(from) {
		return nil // its date does not exist in this zone
	}
	p := a.holder(k)
	out := []Shift{{Rotation: a.r.Key, From: from, To: to, Person: p, Turn: p}}
	for _, o := range a.r.Overrides {
		out = paint(out, o.From, o.To, func(s *Shift) { s.Person, s.Override, s.Cover = o.Person, true, "" })
	}
	for _, l := range a.legs {
		out = paint(out, l.From, l.To, func(s *Shift) {
			if same(s.Person, l.Of) {
				s.Person, s.Override, s.Cover = l.By, false, l.cover
			}
		})
	}
	return out
}

// paint changes what lies between from and to, cutting shifts there, and joins what is one again.
func paint(shifts []Shift, from, to time.Time, change func(*Shift)) []Shift {
	if len(shifts) == 0 || !from.Before(shifts[len(shifts)-1].To) || !to.After(shifts[0].From) {
		return shifts
	}
	var out []Shift
	add := func(s Shift) {
		if n := len(out) - 1; n >= 0 && out[n].Person == s.Person && out[n].Override == s.Override && out[n].Cover == s.Cover && out[n].To.Equal(s.From) {
			out[n].To = s.To
			return
		}
		out = append(out, s)
	}
	for _, s := range shifts {
		if !from.Before(s.To) || !to.After(s.From) {
			add(s)
			continue
		}
		if from.After(s.From) {
			before := s
			before.To, s.From = from.In(s.From.Location()), from.In(s.From.Location())
			add(before)
		}
		after := s
		if to.Before(s.To) {
			s.To = to.In(s.From.Location())
		}
		after.From = s.To
		change(&s)
		add(s)
		if after.From.Before(after.To) {
			add(after)
		}
	}
	return out
}

// At is the shift t lies in, with its own beginning and end: there is always exactly one. Times are in the rotation's zone.
func (a *Rota) At(t time.Time) Shift {
	shifts := a.turn(a.turnAt(t))
	i := slices.IndexFunc(shifts, func(s Shift) bool { return t.Before(s.To) })
	return shifts[i]
}

// maxNext is how many turns are looked at for the next person.
const maxNext = 2 * maxRotationPeople

// Next is the first shift after t of somebody other than who is on call at t: its From is when the duty passes. There is none in a
// rotation of one person that nobody covers.
func (a *Rota) Next(t time.Time) (Shift, bool) {
	now := a.At(t)
	k := a.turnAt(t)
	for range maxNext {
		for _, s := range a.turn(k) {
			if s.From.After(t) && !same(s.Person, now.Person) {
				return s, true
			}
		}
		k++
	}
	return Shift{}, false
}

// Shifts are those with time between from and to, in order and without gap, the first and the last with their own beginning and end (see
// Clip). It fails with ErrTooManyShifts beyond ten years.
func (a *Rota) Shifts(from, to time.Time) ([]Shift, error) {
	if to.Sub(from) > maxShifts {
		return nil, fmt.Errorf("shifts of %q from %s to %s: %w", a.r.Key, from.Format(time.RFC3339), to.Format(time.RFC3339), ErrTooManyShifts)
	}
	var out []Shift
	for k := a.turnAt(from); from.Before(to) && a.begin(k).Before(to); k++ {
		for _, s := range a.turn(k) {
			if s.To.After(from) && s.From.Before(to) {
				out = append(out, s)
			}
		}
	}
	return out, nil
}

// Clip is what of the shifts lies between from and to.
func Clip(shifts []Shift, from, to time.Time) []Shift {
	var out []Shift
	for _, s := range shifts {
		if s.From.Before(from) {
			s.From = from.In(s.From.Location())
		}
		if s.To.After(to) {
			s.To = to.In(s.To.Location())
		}
		if s.To.After(s.From) {
			out = append(out, s)
		}
	}
	return out
}

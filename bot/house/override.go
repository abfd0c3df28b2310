package house

import (
	"fmt"
	"slices"
	"time"
)

// Schedule is a duty that PagerDuty hands round, as it is known when a cover of it is agreed on.
type Schedule struct {
	ID string // at PagerDuty
	// Shifts are who is on call in the time of the cover, as PagerDuty last said, overrides applied. None: PagerDuty never said.
	Shifts []Shift
}

// LegOverride is what became of one leg of a cover at PagerDuty.
type LegOverride struct {
	Leg int    `json:"leg"`
	ID  string `json:"id,omitempty"` // of the override; empty: PagerDuty did not tell
	// From and To are as PagerDuty has them; zero: there never was one.
	From time.Time `json:"from,omitzero"`
	To   time.Time `json:"to,omitzero"`
	// Lifted says how it came to stand no more (Lifted…); empty: it stands.
	Lifted string `json:"lifted,omitempty"`
}

// How an override came to stand no more.
const (
	LiftedByUs  = "deleted" // we deleted it; one that had begun is cut where it was
	LiftedGone  = "gone"    // somebody had deleted it
	LiftedNever = "never"   // it was called off before it was made, or PagerDuty refused it
)

// OverrideSet records that a leg of a cover stands at PagerDuty.
type OverrideSet struct {
	Cover    string    `json:"cover"`
	Leg      int       `json:"leg"` // from 0
	Override string    `json:"override,omitempty"`
	From     time.Time `json:"from"` // as PagerDuty has it
	To       time.Time `json:"to"`
	// Found says that it stood there already when it was looked for: an earlier attempt made it, or a person.
	Found bool `json:"found,omitempty"`
}

// OverrideLifted records that a leg of a cover that was called off does not stand at PagerDuty.
type OverrideLifted struct {
	Cover string `json:"cover"`
	Leg   int    `json:"leg"`
	How   string `json:"how"` // Lifted…
}

// OverrideRefused records that PagerDuty will not take a leg of a cover: with it the whole cover ends, and what stands of it is lifted.
type OverrideRefused struct {
	Cover string `json:"cover"`
	Leg   int    `json:"leg"`
	Why   string `json:"why"` // PagerDuty's words, bounded
}

// Type implements Fact.
func (*OverrideSet) Type() string { return "override-set" }

// Type implements Fact.
func (*OverrideLifted) Type() string { return "override-lifted" }

// Type implements Fact.
func (*OverrideRefused) Type() string { return "override-refused" }

// Override is what became of a leg at PagerDuty; false: nothing yet.
func (c Cover) Override(leg int) (LegOverride, bool) {
	i := slices.IndexFunc(c.Overrides, func(o LegOverride) bool { return o.Leg == leg })
	if i < 0 {
		return LegOverride{}, false
	}
	return c.Overrides[i], true
}

// say keeps what became of a leg.
func (c *Cover) say(o LegOverride) {
	c.Overrides = append(slices.DeleteFunc(slices.Clone(c.Overrides), func(x LegOverride) bool { return x.Leg == o.Leg }), o)
	slices.SortFunc(c.Overrides, func(a, b LegOverride) int { return a.Leg - b.Leg })
}

// maxLegs is how many stretches a cover over a schedule may have: somebody who is on call for a part of every day, for a month.
const maxLegs = 62

// legs are what of the legs asked for is really theirs to give: by the shifts PagerDuty announced, with the covers it does not have yet.
func (d *Schedule) legs(covers []Cover, asked []Leg) ([]Leg, error) {
	var out []Leg
	for _, l := range asked {
		l.To = l.To.Truncate(time.Second) // PagerDuty's times have whole seconds
		all := d.known(covers, l)
		if len(all) == 0 { // nobody knows: PagerDuty decides
			out = append(out, l)
			continue
		}
		n := len(out)
		for _, s := range all {
			if !same(s.Person, l.Of) {
				continue
			}
			if k := len(out) - 1; k >= n && out[k].To.Equal(s.From) {
				out[k].To = s.To.UTC() // one turn after another is one stretch
				continue
			}
			x := l
			x.From, x.To = s.From.UTC(), s.To.UTC()
			out = append(out, x)
		}
		if len(out) == n {
			return nil, refuse(RefusedCoverOffDuty, l.Of, stamp(l.From), stamp(l.To), email(all[0].Person))
		}
		for i := n; i < len(out); i++ {
			if c := CheckLeg(out[i], l.From); c != nil { // a stretch of less than a second
				return nil, c
			}
		}
	}
	if len(out) > maxLegs {
		return nil, refuse(RefusedCoverLong, "31")
	}
	return out, nil
}

// known is who will be on call in the time of a leg.
func (d *Schedule) known(covers []Cover, l Leg) []Shift {
	all := slices.Clone(d.Shifts)
	for i := range all {
		if all[i].To.IsZero() {
			all[i].To = l.To
		}
	}
	all = Clip(all, l.From, l.To)
	for _, c := range covers {
		if c.Schedule != d.ID {
			continue
		}
		for _, x := range c.Served() {
			all = paint(all, x.From, x.To, func(s *Shift) {
				if same(s.Person, x.Of) {
					s.Person = x.By
				}
			})
		}
	}
	return all
}

// Covered marks in the shifts of a schedule, as PagerDuty says they are, those that stand there by a cover of this log.
func Covered(shifts []Shift, covers []Cover, schedule string) []Shift {
	for _, c := range covers {
		if c.Schedule != schedule || schedule == "" {
			continue
		}
		for i, l := range c.Legs {
			o, ok := c.Override(i)
			if !ok || o.Lifted != "" {
				continue
			}
			shifts = paint(shifts, o.From, o.To, func(s *Shift) {
				if same(s.Person, l.By) {
					s.Turn, s.Cover = l.Of, c.ID
				}
			})
		}
	}
	return shifts
}

// builtOn is the cover over the same schedule that gives on what this one gives, "" when there is none. In a rotation of the policy file
// such a cover simply holds no more; an override would stay and ring somebody nobody meant.
func builtOn(covers []Cover, c Cover, at time.Time) string {
	if c.Schedule == "" {
		return ""
	}
	for _, later := range covers {
		if later.ID == c.ID || later.Schedule != c.Schedule || later.SetAt.Before(c.SetAt) {
			continue
		}
		for _, x := range later.Served() {
			for _, l := range c.Legs {
				if x.Of == l.By && x.To.After(at) && x.From.Before(l.To) && l.From.Before(x.To) {
					return later.ID
				}
			}
		}
	}
	return ""
}

// overrideNews reports whether a fact about an override says something that the log does not have.
func overrideNews(s State, f Fact) (bool, error) {
	var id string
	var leg int
	switch f := f.(type) {
	case *OverrideSet:
		id, leg = f.Cover, f.Leg
	case *OverrideLifted:
		id, leg = f.Cover, f.Leg
	case *OverrideRefused:
		id, leg = f.Cover, f.Leg
	}
	i := slices.IndexFunc(s.Covers, func(c Cover) bool { return c.ID == id })
	if i < 0 {
		return false, nil // over for so long that it is forgotten
	}
	c := s.Covers[i]
	if c.Schedule == "" || leg < 0 || leg >= len(c.Legs) {
		return false, fmt.Errorf("leg %d of %s is no override of a PagerDuty schedule", leg, id)
	}
	o, said := c.Override(leg)
	switch f.(type) {
	case *OverrideSet:
		return !said || o.Lifted != "", nil
	case *OverrideLifted:
		return !said || o.Lifted == "", nil
	}
	return c.EndedAt.IsZero() && !said, nil
}

// OverrideOwed is something that PagerDuty must be asked for, so that its schedules are what people agreed on.
type OverrideOwed struct {
	Cover Cover
	Leg   int
	Lift  bool   // take it away; otherwise make it
	ID    string // of the override to lift; empty: not known, to be looked for
}

// OverridesOwed is what PagerDuty must be asked for as of a moment, in the order it was agreed on. What lies in the past is owed no more.
func OverridesOwed(s State, at time.Time) []OverrideOwed {
	var out []OverrideOwed
	for _, c := range s.Covers {
		if c.Schedule == "" {
			continue
		}
		for i, l := range c.Legs {
			if !l.To.After(at) {
				continue
			}
			o, said := c.Override(i)
			switch ended := !c.EndedAt.IsZero(); {
			case !ended && !said:
				out = append(out, OverrideOwed{Cover: c, Leg: i})
			case ended && (!said || o.Lifted == ""):
				out = append(out, OverrideOwed{Cover: c, Leg: i, Lift: true, ID: o.ID})
			}
		}
	}
	return out
}

package house

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Cover is an agreement that people take each other's duty: one leg for a cover, two for a swap. Over a schedule of PagerDuty each stretch
// that is really theirs is a leg.
type Cover struct {
	ID       string    `json:"id"`
	Rotation string    `json:"rotation"` // the target, where the duty is PagerDuty's
	Legs     []Leg     `json:"legs"`
	SetBy    Person    `json:"set_by"`
	SetAt    time.Time `json:"set_at"`
	// EndedAt is when it was called off: what lies before then stays as it was served. Zero: it was not.
	EndedAt time.Time `json:"ended_at,omitzero"`
	EndedBy Person    `json:"ended_by,omitzero"`

	// Schedule is the PagerDuty schedule it is about; empty: a rotation of the policy file. Each leg is an override there, and Overrides says
	// what became of them; a leg of which nothing is said is still to be made.
	Schedule  string        `json:"schedule,omitempty"`
	Overrides []LegOverride `json:"overrides,omitempty"`
	// Refused is why PagerDuty would not take it; then it ended before it began.
	Refused string `json:"refused,omitempty"`
}

// Leg says that By has the duty of Of, for as much of the interval as Of really has it: by turn, by an override or by an earlier cover. A
// later cover therefore wins over an earlier one only by naming who has the duty since.
type Leg struct {
	Of   string    `json:"of"` // e-mail addresses, in lower case
	By   string    `json:"by"`
	From time.Time `json:"from"`
	To   time.Time `json:"to"` // the first instant that is not in it
}

// CoverSet records that people agreed on a cover or a swap.
type CoverSet struct {
	ID       string `json:"id"` // given by Decide: "cover-" and the number of the event
	Rotation string `json:"rotation"`
	Legs     []Leg  `json:"legs"` // as they were accepted: none begins before it was asked for
	Who      Person `json:"who"`  // who asked for it
	// Schedule is the PagerDuty schedule that fills the target Rotation; empty: Rotation is one of the policy file.
	Schedule string `json:"schedule,omitempty"`
}

// CoverEnded records that a cover was called off: from From on, the duty is again whose it was.
type CoverEnded struct {
	ID   string    `json:"id"`
	From time.Time `json:"from"` // stamped by Decide
	Who  Person    `json:"who"`
}

// Type implements Fact.
func (*CoverSet) Type() string { return "cover-set" }

// Type implements Fact.
func (*CoverEnded) Type() string { return "cover-ended" }

// Refusal is a no that a person can understand: nothing was changed. The catalogue holds its words under "refused.<Code>".
type Refusal struct {
	Code string
	Args []string // what the words need, in order, as plain data
}

// Error names the refusal for logs; people read its words from the catalogue.
func (r *Refusal) Error() string { return fmt.Sprintf("refused: %s %v", r.Code, r.Args) }

// The codes of refusals.
const (
	RefusedCoverNobody   = "cover-nobody"    // a leg does not say who covers, or whom
	RefusedCoverSelf     = "cover-self"      // Args[0] would cover themselves
	RefusedCoverPast     = "cover-past"      // Args[0] = its end, RFC 3339
	RefusedCoverBack     = "cover-backwards" // Args = from, to, RFC 3339: it ends before it begins
	RefusedCoverLong     = "cover-long"      // Args[0] = the longest a cover may last, in days
	RefusedCoverOffDuty  = "cover-off-duty"  // Args = who has no duty, from, to (RFC 3339), who has it then
	RefusedCoverOverlap  = "cover-overlap"   // the two legs of a swap lie in the same time
	RefusedCoverRotation = "cover-rotation"  // Args[0] = a rotation that the policy file does not keep
	RefusedCoverUnknown  = "cover-unknown"   // Args[0] = an id that no cover has
	RefusedCoverOver     = "cover-over"      // Args = id, when it ended, RFC 3339
	RefusedCoverMany     = "cover-many"      // Args[0] = how many there may be
	RefusedCoverTaken    = "cover-taken"     // Args = who gave away a part of that already, to whom, from, to (RFC 3339), the cover's id
	RefusedCoverBuiltOn  = "cover-built-on"  // Args = id, id of the later cover that gives on what it gives
)

// MaxCover is the longest leg of a cover.
const MaxCover = 31 * 24 * time.Hour

const (
	// maxCovers is how many covers the state holds: no more than that are accepted while they are not over, and beyond it those that are
	// over are forgotten, the oldest first.
	maxCovers = 500
	// keepCovers is how long the state remembers a cover after its end at most; a report on an older month reads the log (see Covers).
	keepCovers = 100 * 24 * time.Hour
)

func refuse(code string, args ...string) error { return &Refusal{code, args} }

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// end is when the last of the cover is over.
func (c Cover) end() time.Time {
	var end time.Time
	for _, l := range c.Legs {
		if l.To.After(end) {
			end = l.To
		}
	}
	if !c.EndedAt.IsZero() && c.EndedAt.Before(end) {
		return c.EndedAt
	}
	return end
}

// CoverID is the id of the cover with a number, as people write it: 5 is "cover-5".
func CoverID(n int64) string { return "cover-" + strconv.FormatInt(n, 10) }

// Number is the cover's number as people write it, 0 for an id of another form.
func (c Cover) Number() int64 {
	n, err := strconv.ParseInt(strings.TrimPrefix(c.ID, "cover-"), 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// Served are the legs of the cover as far as they were not called off.
func (c Cover) Served() []Leg {
	var out []Leg
	for _, l := range c.Legs {
		if !c.EndedAt.IsZero() && c.EndedAt.Before(l.To) {
			l.To = c.EndedAt
		}
		if l.To.After(l.From) {
			out = append(out, l)
		}
	}
	return out
}

// CheckLeg is what would be refused of a leg as of at whoever has the duty; nil: nothing.
func CheckLeg(l Leg, at time.Time) *Refusal {
	of, by := email(l.Of), email(l.By)
	from := l.From
	if from.Before(at) {
		from = at // what was served stays as it was served
	}
	switch {
	case of == "" || by == "":
		return &Refusal{Code: RefusedCoverNobody}
	case of == by:
		return &Refusal{RefusedCoverSelf, []string{of}}
	case !l.To.After(l.From):
		return &Refusal{RefusedCoverBack, []string{stamp(l.From), stamp(l.To)}}
	case !l.To.After(at):
		return &Refusal{RefusedCoverPast, []string{stamp(l.To)}}
	case l.To.Sub(from) > MaxCover:
		return &Refusal{RefusedCoverLong, []string{strconv.Itoa(int(MaxCover / (24 * time.Hour)))}}
	}
	return nil
}

// decideCover accepts a cover as of at, or refuses it; r is the rotation it is about, sched the schedule.
func decideCover(s State, f *CoverSet, r *Rotation, sched *Schedule, at time.Time) (*CoverSet, error) {
	switch {
	case f.Schedule != "" && (sched == nil || sched.ID != f.Schedule), f.Schedule == "" && (r == nil || r.Key != f.Rotation):
		return nil, refuse(RefusedCoverRotation, f.Rotation)
	case len(f.Legs) == 0:
		return nil, refuse(RefusedCoverNobody)
	case len(f.Legs) > 2:
		return nil, fmt.Errorf("a cover of %q with %d legs: it has one, a swap two", f.Rotation, len(f.Legs))
	}
	ahead := 0
	for _, c := range s.Covers {
		if c.end().After(at) {
			ahead++
		}
	}
	if ahead >= maxCovers {
		return nil, refuse(RefusedCoverMany, strconv.Itoa(maxCovers))
	}
	out := &CoverSet{ID: CoverID(s.Seq + 1), Rotation: f.Rotation, Schedule: f.Schedule, Who: f.Who}
	legs := make([]Leg, len(f.Legs))
	for i, l := range f.Legs {
		l.Of, l.By = email(l.Of), email(l.By)
		if r := CheckLeg(l, at); r != nil {
			return nil, r
		}
		if l.From.Before(at) {
			l.From = at // what was served stays as it was served
		}
		if r := taken(s.Covers, f, l); r != nil {
			return nil, r
		}
		legs[i] = l
	}
	if len(legs) == 2 && legs[1].From.Before(legs[0].To) && legs[0].From.Before(legs[1].To) {
		return nil, refuse(RefusedCoverOverlap)
	}
	if sched != nil {
		var err error
		out.Legs, err = sched.legs(s.Covers, legs)
		return out, err
	}
	for _, l := range legs {
		// A leg counts on the one before it, as in a rota.
		soFar := append(slices.Clone(s.Covers), Cover{ID: out.ID, Rotation: f.Rotation, Legs: out.Legs})
		rota, err := r.Bind(soFar)
		if err != nil {
			return nil, err
		}
		shifts, err := rota.Shifts(l.From, l.To)
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(shifts, func(s Shift) bool { return same(s.Person, l.Of) }) {
			return nil, refuse(RefusedCoverOffDuty, l.Of, stamp(l.From), stamp(l.To), email(shifts[0].Person))
		}
		out.Legs = append(out.Legs, l)
	}
	return out, nil
}

// taken refuses a leg in whose time the same person gave the same duty away already: whoever reads two agreements about one hour cannot know
// which one holds. What somebody was given they may give on, for then it is theirs.
func taken(covers []Cover, f *CoverSet, l Leg) *Refusal {
	for _, c := range covers {
		if c.Rotation != f.Rotation || c.Schedule != f.Schedule {
			continue
		}
		for _, x := range c.Served() {
			if x.Of == l.Of && x.From.Before(l.To) && l.From.Before(x.To) {
				return &Refusal{RefusedCoverTaken, []string{x.Of, x.By, stamp(x.From), stamp(x.To), c.ID}}
			}
		}
	}
	return nil
}

// decideCoverEnd calls a cover off as of at.
func decideCoverEnd(s State, f *CoverEnded, at time.Time) (*CoverEnded, error) {
	i := slices.IndexFunc(s.Covers, func(c Cover) bool { return c.ID == f.ID })
	if i < 0 {
		return nil, refuse(RefusedCoverUnknown, f.ID)
	}
	if c := s.Covers[i]; !c.EndedAt.IsZero() || !c.end().After(at) {
		return nil, refuse(RefusedCoverOver, f.ID, stamp(c.end()))
	}
	if later := builtOn(s.Covers, s.Covers[i], at); later != "" {
		return nil, refuse(RefusedCoverBuiltOn, f.ID, later)
	}
	return &CoverEnded{ID: f.ID, From: at, Who: f.Who}, nil
}

func email(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

// evolveCovers is the list after an event; a fact that is not about covers leaves it alone.
func evolveCovers(covers []Cover, e Event) []Cover {
	switch f := e.Fact.(type) {
	case *CoverSet:
		many := len(covers) + 1 - maxCovers
		out := slices.DeleteFunc(slices.Clone(covers), func(c Cover) bool {
			if e.At.Sub(c.end()) > keepCovers || many > 0 && !c.end().After(e.At) {
				many--
				return true
			}
			return false
		})
		return append(out, f.cover(e.At))
	case *CoverEnded:
		return changeCover(covers, f.ID, func(c *Cover) { c.EndedAt, c.EndedBy = f.From, f.Who })
	case *OverrideSet:
		return changeCover(covers, f.Cover, func(c *Cover) { c.say(LegOverride{Leg: f.Leg, ID: f.Override, From: f.From, To: f.To}) })
	case *OverrideLifted:
		return changeCover(covers, f.Cover, func(c *Cover) {
			o, _ := c.Override(f.Leg)
			o.Leg, o.Lifted = f.Leg, f.How
			c.say(o)
		})
	case *OverrideRefused:
		return changeCover(covers, f.Cover, func(c *Cover) {
			c.EndedAt, c.Refused = e.At, f.Why
			c.say(LegOverride{Leg: f.Leg, Lifted: LiftedNever})
		})
	}
	return covers
}

// cover is the cover as it is when it was set.
func (f *CoverSet) cover(at time.Time) Cover {
	return Cover{ID: f.ID, Rotation: f.Rotation, Schedule: f.Schedule, Legs: slices.Clone(f.Legs), SetBy: f.Who, SetAt: at}
}

// changeCover is the list with one of them changed.
func changeCover(covers []Cover, id string, change func(*Cover)) []Cover {
	out := slices.Clone(covers)
	for i := range out {
		if out[i].ID == id {
			change(&out[i])
		}
	}
	return out
}

// Covers are all covers of a log, however old, in the order they were set: what a report on a past month counts with.
func Covers(log []Event) []Cover {
	var out []Cover
	for _, e := range log {
		switch f := e.Fact.(type) {
		case *CoverSet:
			out = append(out, f.cover(e.At))
		case *CoverEnded:
			for i := range out {
				if out[i].ID == f.ID {
					out[i].EndedAt, out[i].EndedBy = f.From, f.Who
				}
			}
		case *OverrideRefused:
			for i := range out {
				if out[i].ID == f.Cover {
					out[i].EndedAt = e.At
				}
			}
		}
	}
	return out
}

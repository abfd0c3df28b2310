package house

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// RotationFinding is something about the rotations that somebody should know before it is 3 a.m.
type RotationFinding struct {
	Rotation string
	Field    string // "people[2]"; "" is the rotation as a whole
	Warning  bool   // it works, but; otherwise it does not work
	What     string
	Mend     string
}

// RotationCheck is what CheckRotations looks at.
type RotationCheck struct {
	Rotations []Rotation
	Covers    []Cover
	// Primary is the key of the rotation that is rung first, Secondary of its backup; a key that no rotation has is not looked at.
	Primary, Secondary string
	// Known reports whether an e-mail address is somebody in the chat; nil does not ask.
	Known func(email string) bool
	From  time.Time     // look from here
	Ahead time.Duration // so far; 0 is 12 weeks
}

// FewestOnCall and MostOnCall are the size of a weekly primary rotation: fewer sleep too seldom, more forget how it is done. From section 6 of the on-call runbooks.
const (
	FewestOnCall = 5
	MostOnCall   = 7
)

const lookAhead = 12 * 7 * 24 * time.Hour

// CheckRotations finds what is wrong with rotations (nobody in one, faults of its data, two of one key, people nobody knows), and warns of a
// weekly primary rotation outside five to seven people and of the first shift in which one person is primary and secondary.
func CheckRotations(in RotationCheck) []RotationFinding {
	var out []RotationFinding
	rotas := map[string]*Rota{}
	for _, r := range in.Rotations {
		if _, twice := rotas[r.Key]; twice {
			out = append(out, RotationFinding{r.Key, "key", false, "two rotations have this key", "give each a key of its own"})
		}
		faults := r.Faults()
		for _, f := range faults {
			out = append(out, RotationFinding{r.Key, f.Field, false, f.What, f.Mend})
		}
		out = append(out, strangers(r, in.Known)...)
		if people := distinct(r.People); r.Key == in.Primary && r.length() == 7 && len(people) > 0 && (len(people) < FewestOnCall || len(people) > MostOnCall) {
			what := fmt.Sprintf("%d people share the weekly primary duty", len(people))
			if len(people) == 1 {
				what = "one person has the weekly primary duty alone"
			}
			out = append(out, RotationFinding{r.Key, "people", true, what, fmt.Sprintf("%d to %d is what lets people sleep and keeps them in practice", FewestOnCall, MostOnCall)})
		}
		rotas[r.Key] = nil
		if len(faults) > 0 {
			continue
		}
		rota, err := r.Bind(in.Covers)
		if err != nil {
			out = append(out, RotationFinding{r.Key, "", false, err.Error(), "mend the rotation"})
			continue
		}
		rotas[r.Key] = rota
	}
	first, second := rotas[in.Primary], rotas[in.Secondary]
	if first == nil || second == nil || in.Primary == in.Secondary {
		return out
	}
	ahead := in.Ahead
	if ahead <= 0 {
		ahead = lookAhead
	}
	s, both, err := Meet(first, second, in.From, in.From.Add(ahead))
	switch {
	case err != nil:
		out = append(out, RotationFinding{in.Secondary, "", false, err.Error(), "look less far ahead"})
	case both:
		out = append(out, RotationFinding{in.Secondary, "", true,
			fmt.Sprintf("%s is %s and %s at once from %s to %s: the backup's phone is the one that did not answer", s.Person, in.Primary, in.Secondary,
				s.From.Format("Mon 2006-01-02 15:04 MST"), s.To.Format("Mon 2006-01-02 15:04 MST")),
			"begin the second list with somebody else, or agree on a cover"})
	}
	return out
}

// strangers are the people of a rotation whom nobody knows, each named once.
func strangers(r Rotation, known func(string) bool) []RotationFinding {
	if known == nil {
		return nil
	}
	var out []RotationFinding
	asked := map[string]bool{"": true} // that nobody is named is a fault already
	ask := func(field, p string) {
		if p = email(p); asked[p] {
			return
		}
		asked[p] = true
		if !known(p) {
			out = append(out, RotationFinding{r.Key, field, false, fmt.Sprintf("nobody is known by %s", p), "write the e-mail address of their account in the chat"})
		}
	}
	for i, p := range r.People {
		ask(fmt.Sprintf("people[%d]", i), p)
	}
	for i, o := range r.Overrides {
		ask(fmt.Sprintf("overrides[%d]", i), o.Person)
	}
	return out
}

func distinct(people []string) []string {
	var out []string
	for _, p := range people {
		if p = email(p); p != "" {
			out = append(out, p)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Meet is the first stretch between from and to in which one person is on call in both rotations, and whether there is any.
func Meet(a, b *Rota, from, to time.Time) (Shift, bool, error) {
	as, err := a.Shifts(from, to)
	if err != nil {
		return Shift{}, false, err
	}
	bs, err := b.Shifts(from, to)
	if err != nil {
		return Shift{}, false, err
	}
	s, both := MeetShifts(Clip(as, from, to), Clip(bs, from, to))
	return s, both, nil
}

// MeetShifts is the first stretch in which one person has a shift of both lists, and whether there is any. Both are in order and have no
// overlaps of their own; they may have gaps. A shift whose person is not known by an address meets none.
func MeetShifts(as, bs []Shift) (Shift, bool) {
	for len(as) > 0 && len(bs) > 0 { // whichever ends first makes room for its next
		x, y := as[0], bs[0]
		if strings.EqualFold(email(x.Person), email(y.Person)) && email(x.Person) != "" && x.From.Before(y.To) && y.From.Before(x.To) {
			if y.From.After(x.From) {
				x.From = y.From
			}
			if y.To.Before(x.To) {
				x.To = y.To
			}
			return x, true
		}
		if !x.To.After(y.To) {
			as = as[1:]
		}
		if !y.To.After(x.To) {
			bs = bs[1:]
		}
	}
	return Shift{}, false
}

package house

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// pagers is Marc's schedule: his from long before until hour 10, Ines's until 20, his again until 40.
func pagers() *Schedule {
	return &Schedule{ID: "PSCHED", Shifts: []Shift{
		{From: hour(-100), To: hour(10), Person: marc, Turn: marc}, {From: hour(10), To: hour(20), Person: ines, Turn: ines}, {From: hour(20), To: hour(40), Person: marc, Turn: marc},
	}}
}

func legs(c []Leg) string {
	var out []string
	for _, l := range c {
		out = append(out, fmt.Sprintf("%s for %s %g-%g", name(l.By), name(l.Of), l.From.Sub(tuesday).Hours(), l.To.Sub(tuesday).Hours()))
	}
	return strings.Join(out, ", ")
}

func name(mail string) string { return strings.SplitN(mail, "@", 2)[0] }

// What is accepted of a cover over a schedule is what is really theirs to give, and nothing that was given already.
func TestCoverOverASchedule(t *testing.T) {
	given := State{Seq: 9, Covers: []Cover{{ID: "cover-3", Rotation: "primary", Schedule: "PSCHED", Legs: []Leg{{marc, lea, hour(2), hour(6)}}, SetAt: tuesday}}}
	for _, c := range []struct {
		name  string
		s     State
		sched *Schedule
		legs  []Leg
		want  string // the legs, or the code of the refusal and its arguments
	}{
		{"theirs", State{}, pagers(), []Leg{{strings.ToUpper(marc), lea, hour(1), hour(5)}}, "lea for marc 1-5"},
		{"it began before it was asked for", State{}, pagers(), []Leg{{marc, lea, hour(-2), hour(5)}}, "lea for marc 0-5"},
		{"beyond their turn", State{}, pagers(), []Leg{{marc, lea, hour(8), hour(15)}}, "lea for marc 8-10"},
		{"two turns of theirs", State{}, pagers(), []Leg{{marc, lea, hour(8), hour(30)}}, "lea for marc 8-10, lea for marc 20-30"},
		{"not theirs", State{}, pagers(), []Leg{{marc, lea, hour(11), hour(12)}}, "cover-off-duty [marc@example.com 2026-10-06T21:00:00Z 2026-10-06T22:00:00Z ines@example.com]"},
		{"nobody said whose it is", State{}, &Schedule{ID: "PSCHED"}, []Leg{{amel, lea, hour(1), hour(5)}}, "lea for amel 1-5"},
		{"without end", State{}, &Schedule{ID: "PSCHED", Shifts: []Shift{{From: hour(3), Person: marc}}}, []Leg{{marc, lea, hour(1), hour(5)}}, "lea for marc 3-5"},
		{"of another schedule", State{}, &Schedule{ID: "POTHER"}, []Leg{{marc, lea, hour(1), hour(5)}}, "cover-rotation [primary]"},
		{"no schedule", State{}, nil, []Leg{{marc, lea, hour(1), hour(5)}}, "cover-rotation [primary]"},
		{"in the past", State{}, pagers(), []Leg{{marc, lea, hour(-4), hour(0)}}, "cover-past [2026-10-06T10:00:00Z]"},
		{"backwards", State{}, pagers(), []Leg{{marc, lea, hour(5), hour(1)}}, "cover-backwards [2026-10-06T15:00:00Z 2026-10-06T11:00:00Z]"},
		{"oneself", State{}, pagers(), []Leg{{marc, marc, hour(1), hour(5)}}, "cover-self [marc@example.com]"},
		{"given already", given, pagers(), []Leg{{marc, amel, hour(5), hour(8)}}, "cover-taken [marc@example.com lea@example.com 2026-10-06T12:00:00Z 2026-10-06T16:00:00Z cover-3]"},
		{"beside what was given", given, pagers(), []Leg{{marc, amel, hour(6), hour(8)}}, "amel for marc 6-8"},
		{"given on, which PagerDuty does not have yet", given, pagers(), []Leg{{lea, amel, hour(1), hour(4)}}, "amel for lea 2-4"},
		{"of the same name in the policy file", State{Covers: []Cover{{ID: "cover-3", Rotation: "primary", Legs: given.Covers[0].Legs}}}, pagers(), []Leg{{marc, amel, hour(5), hour(8)}}, "amel for marc 5-8"},
		{"a swap", State{}, pagers(), []Leg{{marc, ines, hour(1), hour(10)}, {ines, marc, hour(10), hour(20)}}, "ines for marc 1-10, marc for ines 10-20"},
		{"a swap in the same time", State{}, pagers(), []Leg{{marc, ines, hour(1), hour(11)}, {ines, marc, hour(10), hour(20)}}, "cover-overlap []"},
		{"not to the second", State{}, pagers(), []Leg{{marc, lea, hour(1), hour(2).Add(999 * time.Millisecond)}}, "lea for marc 1-2"},
	} {
		ev, err := Decide(c.s, Intent{Now: tuesday, Fact: &CoverSet{Rotation: "primary", Schedule: "PSCHED", Legs: c.legs}, Schedule: c.sched})
		got := ""
		var no *Refusal
		switch {
		case errors.As(err, &no):
			got = fmt.Sprint(no.Code, " ", no.Args)
		case err != nil || len(ev) != 1:
			got = fmt.Sprint(err)
		default:
			got = legs(ev[0].Fact.(*CoverSet).Legs)
		}
		if got != c.want {
			t.Errorf("%s: %s\nwant %s", c.name, got, c.want)
		}
	}
}

// From the agreement to the end: what PagerDuty is asked for, once each, and what a rotation of the same name sees of it: nothing.
func TestWhatPagerDutyIsAskedFor(t *testing.T) {
	var s State
	var log []Event
	act := func(at time.Time, f Fact) (int, error) {
		t.Helper()
		ev, err := Decide(s, Intent{At: at, Now: at, Fact: f, Schedule: pagers()})
		for _, e := range ev {
			b, err := json.Marshal(e)
			if err != nil {
				t.Fatal(err)
			}
			var back Event
			if err := json.Unmarshal(b, &back); err != nil {
				t.Fatal(err)
			}
			log, s = append(log, back), Evolve(s, back)
		}
		return len(ev), err
	}
	want := func(at time.Time, want string) {
		t.Helper()
		var out []string
		for _, o := range OverridesOwed(s, at) {
			verb := "make"
			if o.Lift {
				verb = "lift " + o.ID
			}
			out = append(out, strings.TrimSpace(fmt.Sprintf("%s/%d %s", o.Cover.ID, o.Leg, verb)))
		}
		if got := strings.Join(out, ", "); got != want {
			t.Errorf("owed %q, want %q", got, want)
		}
	}
	news := func(at time.Time, want int, f Fact) {
		t.Helper()
		if n, err := act(at, f); err != nil || n != want {
			t.Errorf("%T at %s: %d events (%v), want %d", f, at, n, err, want)
		}
	}
	news(tuesday, 1, &CoverSet{Rotation: "primary", Schedule: "PSCHED", Legs: []Leg{{marc, lea, hour(8), hour(30)}}})
	want(tuesday, "cover-1/0 make, cover-1/1 make")
	want(hour(10), "cover-1/1 make") // what is past is owed no more
	news(hour(1), 1, &OverrideSet{Cover: "cover-1", Leg: 0, Override: "Q1", From: hour(8), To: hour(10)})
	news(hour(1), 0, &OverrideSet{Cover: "cover-1", Leg: 0, Override: "Q2", From: hour(8), To: hour(10)}) // another replica was first
	want(hour(1), "cover-1/1 make")
	if a := rota(t, weekly(), s.Covers...); a.At(hour(9)).Person != marc {
		t.Error("a rotation of the policy file counts a cover over a schedule")
	}
	if got := Covered(pagers().Shifts, s.Covers, "PSCHED"); got[1].Person == lea || got[1].Cover != "" {
		t.Errorf("marked although PagerDuty says otherwise: %+v", got)
	}
	shifts := []Shift{{From: hour(0), To: hour(8), Person: marc, Turn: marc}, {From: hour(8), To: hour(12), Person: lea, Turn: lea}}
	if got := Covered(shifts, s.Covers, "PSCHED"); len(got) != 3 || got[1].Turn != marc || got[1].Cover != "cover-1" || !got[1].To.Equal(hour(10)) || got[2].Turn != lea || got[2].Cover != "" {
		t.Errorf("%+v", got)
	}
	// Given on: the first cannot be called off under it.
	s2 := s
	news(hour(1), 1, &CoverSet{Rotation: "primary", Schedule: "PSCHED", Legs: []Leg{{lea, amel, hour(8), hour(9)}}})
	var no *Refusal
	if _, err := act(hour(2), &CoverEnded{ID: "cover-1"}); !errors.As(err, &no) || no.Code != RefusedCoverBuiltOn || !slices.Equal(no.Args, []string{"cover-1", "cover-3"}) {
		t.Errorf("%v", err)
	}
	s = s2
	log = log[:len(log)-1]
	news(hour(2), 1, &CoverEnded{ID: "cover-1"})
	want(hour(2), "cover-1/0 lift Q1, cover-1/1 lift") // whether the second was made is not known
	news(hour(2), 1, &OverrideLifted{Cover: "cover-1", Leg: 1, How: LiftedNever})
	news(hour(2), 1, &OverrideLifted{Cover: "cover-1", Leg: 0, How: LiftedByUs})
	news(hour(2), 0, &OverrideLifted{Cover: "cover-1", Leg: 0, How: LiftedGone})
	want(hour(2), "")
	// An attempt that was on its way meanwhile: what it made is lifted, too.
	news(hour(3), 1, &OverrideSet{Cover: "cover-1", Leg: 1, Override: "Q9", From: hour(20), To: hour(30)})
	want(hour(3), "cover-1/1 lift Q9")
	news(hour(3), 1, &OverrideLifted{Cover: "cover-1", Leg: 1, How: LiftedGone})
	want(hour(3), "")
	// One that is refused ends the whole, and what stands of it is lifted.
	news(hour(4), 1, &CoverSet{Rotation: "primary", Schedule: "PSCHED", Legs: []Leg{{marc, lea, hour(8), hour(30)}}})
	id := s.Covers[len(s.Covers)-1].ID
	news(hour(4), 1, &OverrideSet{Cover: id, Leg: 0, Override: "Q3", From: hour(8), To: hour(10)})
	news(hour(4), 1, &OverrideRefused{Cover: id, Leg: 1, Why: "no such user"})
	news(hour(4), 0, &OverrideRefused{Cover: id, Leg: 1, Why: "again"})
	want(hour(4), id+"/0 lift Q3")
	if c := s.Covers[len(s.Covers)-1]; c.Refused != "no such user" || !c.EndedAt.Equal(hour(4)) {
		t.Errorf("%+v", c)
	}
	if got := Covers(log); len(got) != len(s.Covers) || !got[1].EndedAt.Equal(s.Covers[1].EndedAt) || got[0].Schedule != "PSCHED" {
		t.Errorf("the log tells %+v", got)
	}
	if n, err := act(hour(4), &OverrideSet{Cover: "cover-99", Leg: 0}); n != 0 || err != nil { // forgotten
		t.Errorf("%d %v", n, err)
	}
	for _, f := range []Fact{&OverrideSet{Cover: id, Leg: 2}, &OverrideLifted{Cover: id, Leg: -1}} {
		if _, err := act(hour(4), f); err == nil || errors.As(err, &no) {
			t.Errorf("%+v was taken: %v", f, err)
		}
	}
}

// The words of the log: once written they are read for ever.
func TestOverridesInTheLog(t *testing.T) {
	const begin = `{"seq":2,"at":"2026-10-06T10:00:00Z","recorded":"2026-10-06T10:00:00Z","type":`
	for want, f := range map[string]Fact{
		begin + `"cover-set","fact":{"id":"cover-2","rotation":"primary","legs":[{"of":"marc@example.com","by":"lea@example.com","from":"2026-10-06T11:00:00Z","to":"2026-10-06T12:00:00Z"}],"who":{"slack":"UMARC"},"schedule":"PSCHED"}}`: &CoverSet{
			ID: "cover-2", Rotation: "primary", Schedule: "PSCHED", Legs: []Leg{{marc, lea, hour(1), hour(2)}}, Who: Person{Slack: "UMARC"}},
		begin + `"override-set","fact":{"cover":"cover-2","leg":0,"override":"Q1","from":"2026-10-06T11:00:00Z","to":"2026-10-06T12:00:00Z","found":true}}`: &OverrideSet{
			Cover: "cover-2", Override: "Q1", From: hour(1), To: hour(2), Found: true},
		begin + `"override-lifted","fact":{"cover":"cover-2","leg":1,"how":"gone"}}`:          &OverrideLifted{Cover: "cover-2", Leg: 1, How: LiftedGone},
		begin + `"override-refused","fact":{"cover":"cover-2","leg":0,"why":"no such user"}}`: &OverrideRefused{Cover: "cover-2", Why: "no such user"},
	} {
		inTheLog(t, f, want)
	}
}

// Whatever people agree on over one schedule: nobody gives the same hour away twice, nobody gives what is another's, and what PagerDuty is
// asked for makes of its schedule what was agreed.
func TestOverlappingCoversOfASchedule(t *testing.T) {
	people := []string{marc, ines, lea, amel}
	rapid.Check(t, func(rt *rapid.T) {
		type made struct {
			cover string
			leg   Leg
		}
		var standing []made // at PagerDuty, the last one counts
		on := func(at time.Time) string {
			who := ""
			for _, s := range pagers().Shifts {
				if !s.From.After(at) && s.To.After(at) {
					who = s.Person
				}
			}
			for _, m := range standing {
				if !m.leg.From.After(at) && m.leg.To.After(at) {
					who = m.leg.By
				}
			}
			return who
		}
		shifts := func() []Shift {
			var out []Shift
			for i := -1; i < 40; i++ {
				out = append(out, Shift{From: hour(i), To: hour(i + 1), Person: on(hour(i))})
			}
			return out
		}
		var s State
		now := 0
		for range rapid.IntRange(1, 14).Draw(rt, "acts") {
			now += rapid.IntRange(0, 3).Draw(rt, "later")
			if now > 35 {
				break
			}
			var f Fact
			if len(s.Covers) > 0 && rapid.IntRange(0, 2).Draw(rt, "end") == 0 {
				f = &CoverEnded{ID: rapid.SampledFrom(s.Covers).Draw(rt, "which").ID}
			} else {
				from := now + rapid.IntRange(-2, 20).Draw(rt, "from")
				f = &CoverSet{Rotation: "primary", Schedule: "PSCHED", Legs: []Leg{{rapid.SampledFrom(people).Draw(rt, "of"), rapid.SampledFrom(people).Draw(rt, "by"), hour(from), hour(min(40, from+rapid.IntRange(1, 15).Draw(rt, "long")))}}}
			}
			ev, err := Decide(s, Intent{At: hour(now), Now: hour(now), Fact: f, Schedule: &Schedule{ID: "PSCHED", Shifts: shifts()}})
			var no *Refusal
			if err != nil && !errors.As(err, &no) {
				rt.Fatal(err)
			}
			for _, e := range ev {
				if set, ok := e.Fact.(*CoverSet); ok {
					for _, l := range set.Legs {
						for at := l.From; at.Before(l.To); at = at.Add(time.Hour) {
							if on(at) != l.Of {
								rt.Fatalf("%s gives %s, which is %s's", l.Of, at, on(at))
							}
						}
					}
				}
				s = Evolve(s, e)
			}
			for _, o := range OverridesOwed(s, hour(now)) { // PagerDuty does what it is asked for
				l := o.Cover.Legs[o.Leg]
				var done Fact = &OverrideSet{Cover: o.Cover.ID, Leg: o.Leg, Override: fmt.Sprint(o.Cover.ID, o.Leg), From: l.From, To: l.To}
				if o.Lift {
					done = &OverrideLifted{Cover: o.Cover.ID, Leg: o.Leg, How: LiftedByUs}
					i := slices.IndexFunc(standing, func(m made) bool { return m.cover == o.Cover.ID && m.leg == l })
					if standing[i].leg.From.Before(hour(now)) {
						standing[i].leg.To = hour(now)
					} else {
						standing = slices.Delete(standing, i, i+1)
					}
				} else {
					standing = append(standing, made{o.Cover.ID, l})
				}
				ev, err := Decide(s, Intent{At: hour(now), Now: hour(now), Fact: done})
				if err != nil || len(ev) != 1 {
					rt.Fatalf("%+v: %d events, %v", done, len(ev), err)
				}
				s = Evolve(s, ev[0])
			}
			if owed := OverridesOwed(s, hour(now)); len(owed) != 0 {
				rt.Fatalf("still owed: %+v", owed)
			}
			for i, a := range s.Covers {
				for _, b := range s.Covers[i+1:] {
					for _, x := range a.Served() {
						for _, y := range b.Served() {
							if x.Of == y.Of && x.From.Before(y.To) && y.From.Before(x.To) {
								rt.Fatalf("%s gave the same time away twice: %s to %s and %s to %s", x.Of, x.From, x.To, y.From, y.To)
							}
						}
					}
				}
			}
		}
	})
}

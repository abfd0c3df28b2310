package house

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

const (
	amel, ines, lea, marc, sami = "amel@example.com", "ines@example.com", "lea@example.com", "marc@example.com", "sami@example.com"
)

// weekly is handed over on Mondays at 09:00 in Paris; Marc's turn begins on 5 October 2026.
func weekly() Rotation {
	return Rotation{Key: "primary", Zone: "Europe/Paris", Start: "2026-10-05", Weekday: time.Monday, Time: "09:00", Weeks: 1, People: []string{marc, ines, lea, amel, sami}}
}

func rota(t testing.TB, r Rotation, covers ...Cover) *Rota {
	t.Helper()
	a, err := r.Bind(covers)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// in reads a wall clock of a zone; an offset behind it chooses one of two.
func in(t testing.TB, zone, s string) time.Time {
	t.Helper()
	loc, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	if len(s) > len("2006-01-02 15:04") {
		u, err := time.Parse("2006-01-02 15:04 -0700", s)
		if err != nil {
			t.Fatal(err)
		}
		return u.In(loc)
	}
	u, err := time.ParseInLocation("2006-01-02 15:04", s, loc)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func said(s Shift) string {
	const f = "2006-01-02 15:04 -0700"
	return fmt.Sprintf("%s %s..%s", strings.TrimSuffix(s.Person, "@example.com"), s.From.Format(f), s.To.Format(f))
}

func TestWhoIsOnCall(t *testing.T) {
	paris := weekly()
	york := Rotation{Key: "primary", Zone: "America/New_York", Start: "2026-10-01", Weekday: time.Sunday, Time: "02:30", Weeks: 1, People: []string{marc, ines, lea}}
	daily := Rotation{Key: "primary", Zone: "Europe/Paris", Start: "2026-10-23", Time: "02:30", Days: 1, People: []string{marc, ines}}
	fortnight := Rotation{Key: "secondary", Zone: "Asia/Kolkata", Start: "2026-10-05", Weekday: time.Wednesday, Time: "10:15", Weeks: 2, People: []string{marc, ines}}
	for _, c := range []struct {
		name string
		r    Rotation
		at   string
		want string
	}{
		{"first turn", paris, "2026-10-05 09:00", "marc 2026-10-05 09:00 +0200..2026-10-12 09:00 +0200"},
		{"its last minute", paris, "2026-10-12 08:59", "marc 2026-10-05 09:00 +0200..2026-10-12 09:00 +0200"},
		{"the hand-over", paris, "2026-10-12 09:00", "ines 2026-10-12 09:00 +0200..2026-10-19 09:00 +0200"},
		{"the list begins again", paris, "2026-11-09 09:00", "marc 2026-11-09 09:00 +0100..2026-11-16 09:00 +0100"},
		{"before the start, counted backwards", paris, "2026-10-05 08:59", "sami 2026-09-28 09:00 +0200..2026-10-05 09:00 +0200"},
		{"a year before", paris, "2025-10-05 12:00", "lea 2025-09-29 09:00 +0200..2025-10-06 09:00 +0200"},
		{"the week in which clocks go back", paris, "2026-10-25 02:30 +0100", "lea 2026-10-19 09:00 +0200..2026-10-26 09:00 +0100"},
		{"the week in which clocks go forward", paris, "2027-03-28 03:30 +0200", "sami 2027-03-22 09:00 +0100..2027-03-29 09:00 +0200"},
		{"over the end of the year", paris, "2027-01-01 00:00", "lea 2026-12-28 09:00 +0100..2027-01-04 09:00 +0100"},
		{"a start on another weekday waits for the hand-over day", york, "2026-10-04 02:30", "marc 2026-10-04 02:30 -0400..2026-10-11 02:30 -0400"},
		{"a skipped hand-over is at the jump", york, "2026-03-08 01:59", "lea 2026-03-01 02:30 -0500..2026-03-08 03:00 -0400"},
		{"and the next one is as usual", york, "2026-03-08 03:00", "marc 2026-03-08 03:00 -0400..2026-03-15 02:30 -0400"},
		{"a doubled hand-over is the first", daily, "2026-10-25 02:30 +0200", "marc 2026-10-25 02:30 +0200..2026-10-26 02:30 +0100"},
		{"and not the second", daily, "2026-10-25 02:10 +0100", "marc 2026-10-25 02:30 +0200..2026-10-26 02:30 +0100"},
		{"before both", daily, "2026-10-25 02:10 +0200", "ines 2026-10-24 02:30 +0200..2026-10-25 02:30 +0200"},
		{"midnight is passed twice there, and counts once", Rotation{Key: "primary", Zone: "America/St_Johns", Start: "2010-11-01", Time: "00:00", Days: 1, People: []string{marc, ines}},
			"2010-11-06 23:30 -0330", "marc 2010-11-07 00:00 -0230..2010-11-08 00:00 -0330"},
		{"the last day of a leap year far ahead", daily, "2040-12-31 12:00", "ines 2040-12-31 02:30 +0100..2041-01-01 02:30 +0100"},
		{"two weeks, half an hour's zone", fortnight, "2026-10-21 10:14 +0530", "marc 2026-10-07 10:15 +0530..2026-10-21 10:15 +0530"},
		{"two weeks on", fortnight, "2026-10-21 10:15 +0530", "ines 2026-10-21 10:15 +0530..2026-11-04 10:15 +0530"},
	} {
		if got := said(rota(t, c.r).At(in(t, c.r.Zone, c.at))); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestWhoIsNext(t *testing.T) {
	a := rota(t, weekly(), Cover{ID: "c1", Rotation: "primary", Legs: []Leg{{Of: marc, By: lea, From: in(t, "Europe/Paris", "2026-10-07 18:00"), To: in(t, "Europe/Paris", "2026-10-07 22:00")}}})
	for _, c := range []struct{ at, want string }{
		{"2026-10-06 12:00", "lea 2026-10-07 18:00 +0200..2026-10-07 22:00 +0200"},
		{"2026-10-07 19:00", "marc 2026-10-07 22:00 +0200..2026-10-12 09:00 +0200"},
		{"2026-10-08 12:00", "ines 2026-10-12 09:00 +0200..2026-10-19 09:00 +0200"},
	} {
		if s, ok := a.Next(in(t, "Europe/Paris", c.at)); !ok || said(s) != c.want {
			t.Errorf("after %s: %s (%v), want %s", c.at, said(s), ok, c.want)
		}
	}
	alone := weekly()
	alone.People = []string{marc, strings.ToUpper(marc)}
	if s, ok := rota(t, alone).Next(in(t, "Europe/Paris", "2026-10-06 12:00")); ok {
		t.Errorf("somebody comes after the only one: %s", said(s))
	}
}

// What is layered on a turn, oldest first; the newest wins where it names who has the duty.
func TestCoversAndOverrides(t *testing.T) {
	p := func(s string) time.Time { return in(t, "Europe/Paris", s) }
	leg := func(of, by, from, to string) Leg { return Leg{of, by, p(from), p(to)} }
	cover := func(id string, legs ...Leg) Cover { return Cover{ID: id, Rotation: "primary", Legs: legs} }
	r := weekly()
	r.Overrides = []Override{{p("2026-10-14 00:00"), p("2026-10-15 00:00"), sami}, {p("2026-10-14 12:00"), p("2026-10-14 13:00"), amel}}
	ended := cover("c9", leg(marc, lea, "2026-10-06 18:00", "2026-10-06 22:00"))
	ended.EndedAt = p("2026-10-06 20:00")
	for _, c := range []struct {
		name     string
		covers   []Cover
		from, to string
		want     []string
	}{
		{"an evening", []Cover{cover("c1", leg(marc, lea, "2026-10-06 18:00", "2026-10-06 22:00"))}, "2026-10-05 09:00", "2026-10-12 09:00",
			[]string{"marc 2026-10-05 09:00 +0200..2026-10-06 18:00 +0200", "lea 2026-10-06 18:00 +0200..2026-10-06 22:00 +0200", "marc 2026-10-06 22:00 +0200..2026-10-12 09:00 +0200"}},
		{"only where the duty is really theirs", []Cover{cover("c1", leg(marc, lea, "2026-10-12 08:00", "2026-10-12 10:00"))}, "2026-10-12 07:00", "2026-10-12 11:00",
			[]string{"marc 2026-10-05 09:00 +0200..2026-10-12 08:00 +0200", "lea 2026-10-12 08:00 +0200..2026-10-12 09:00 +0200", "ines 2026-10-12 09:00 +0200..2026-10-14 00:00 +0200"}},
		{"a cover of a cover", []Cover{cover("c1", leg(marc, lea, "2026-10-06 18:00", "2026-10-06 22:00")), cover("c2", leg(lea, amel, "2026-10-06 20:00", "2026-10-07 09:00"))},
			"2026-10-06 18:00", "2026-10-06 23:00",
			[]string{"lea 2026-10-06 18:00 +0200..2026-10-06 20:00 +0200", "amel 2026-10-06 20:00 +0200..2026-10-06 22:00 +0200", "marc 2026-10-06 22:00 +0200..2026-10-12 09:00 +0200"}},
		{"who gave it away cannot give it again", []Cover{cover("c1", leg(marc, lea, "2026-10-06 18:00", "2026-10-06 20:00")), cover("c2", leg(marc, amel, "2026-10-06 18:00", "2026-10-06 22:00"))},
			"2026-10-06 18:00", "2026-10-06 22:00", []string{"lea 2026-10-06 18:00 +0200..2026-10-06 20:00 +0200", "amel 2026-10-06 20:00 +0200..2026-10-06 22:00 +0200"}},
		{"given back", []Cover{cover("c1", leg(marc, lea, "2026-10-06 18:00", "2026-10-06 22:00")), cover("c2", leg(lea, marc, "2026-10-06 21:00", "2026-10-06 22:00"))},
			"2026-10-06 20:00", "2026-10-06 21:30", []string{"lea 2026-10-06 18:00 +0200..2026-10-06 21:00 +0200", "marc 2026-10-06 21:00 +0200..2026-10-06 22:00 +0200"}},
		{"a swap of two turns", []Cover{cover("c1", leg(marc, lea, "2026-10-05 09:00", "2026-10-12 09:00"), leg(lea, marc, "2026-10-19 09:00", "2026-10-26 09:00"))},
			"2026-10-05 09:00", "2026-10-26 09:00", []string{"lea 2026-10-05 09:00 +0200..2026-10-12 09:00 +0200", "ines 2026-10-12 09:00 +0200..2026-10-14 00:00 +0200",
				"sami 2026-10-14 00:00 +0200..2026-10-14 12:00 +0200", "amel 2026-10-14 12:00 +0200..2026-10-14 13:00 +0200", "sami 2026-10-14 13:00 +0200..2026-10-15 00:00 +0200",
				"ines 2026-10-15 00:00 +0200..2026-10-19 09:00 +0200", "marc 2026-10-19 09:00 +0200..2026-10-26 09:00 +0100"}},
		{"of an override", []Cover{cover("c1", leg(sami, lea, "2026-10-14 12:00", "2026-10-14 14:00"))}, "2026-10-14 12:00", "2026-10-14 14:00",
			[]string{"amel 2026-10-14 12:00 +0200..2026-10-14 13:00 +0200", "lea 2026-10-14 13:00 +0200..2026-10-14 14:00 +0200"}},
		{"called off half way", []Cover{ended}, "2026-10-06 18:00", "2026-10-06 22:00",
			[]string{"lea 2026-10-06 18:00 +0200..2026-10-06 20:00 +0200", "marc 2026-10-06 20:00 +0200..2026-10-12 09:00 +0200"}},
		{"of another rotation", []Cover{{ID: "c1", Rotation: "secondary", Legs: []Leg{leg(marc, lea, "2026-10-06 18:00", "2026-10-06 22:00")}}}, "2026-10-06 18:00", "2026-10-06 22:00",
			[]string{"marc 2026-10-05 09:00 +0200..2026-10-12 09:00 +0200"}},
		{"through the doubled hour", []Cover{cover("c1", Leg{lea, amel, in(t, "Europe/Paris", "2026-10-25 02:00 +0200"), in(t, "Europe/Paris", "2026-10-25 02:00 +0100")})},
			"2026-10-25 01:00", "2026-10-25 04:00", []string{"lea 2026-10-19 09:00 +0200..2026-10-25 02:00 +0200", "amel 2026-10-25 02:00 +0200..2026-10-25 02:00 +0100",
				"lea 2026-10-25 02:00 +0100..2026-10-26 09:00 +0100"}},
	} {
		shifts, err := rota(t, r, c.covers...).Shifts(p(c.from), p(c.to))
		var got []string
		for _, s := range shifts {
			got = append(got, said(s))
		}
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s (%v):\n got %s\nwant %s", c.name, err, strings.Join(got, "\n     "), strings.Join(c.want, "\n     "))
		}
	}
	a := rota(t, r, cover("c1", leg(marc, lea, "2026-10-06 18:00", "2026-10-06 22:00")))
	if s := a.At(p("2026-10-06 19:00")); s.Cover != "c1" || s.Turn != marc || s.Override || s.Rotation != "primary" {
		t.Errorf("a covered shift says %+v", s)
	}
	if s := a.At(p("2026-10-14 12:30")); s.Cover != "" || s.Turn != ines || !s.Override {
		t.Errorf("an overridden shift says %+v", s)
	}
	if _, err := a.Shifts(p("2026-10-06 19:00"), p("2037-10-06 19:00")); !errors.Is(err, ErrTooManyShifts) {
		t.Errorf("eleven years: %v", err)
	}
}

// An edit of the list in the policy file: what it does by itself, and what Continue does.
func TestEditOfTheList(t *testing.T) {
	r, at := weekly(), in(t, "Europe/Paris", "2026-10-21 12:00") // Léa's turn, the third
	if got := rota(t, r).At(at).Person; got != lea {
		t.Fatalf("it is %s's turn", got)
	}
	fewer := []string{marc, lea, amel, sami} // Inès leaves
	plain := r
	plain.People = fewer
	if got := rota(t, plain).At(at).Person; got != amel {
		t.Errorf("by the list in force the third turn is %s's", got)
	}
	for _, c := range []struct {
		name   string
		people []string
		want   []string // from the present turn on
	}{
		{"somebody left", fewer, []string{lea, amel, sami, marc, lea}},
		{"who has the turn left", []string{marc, ines, amel, sami}, []string{amel, sami, marc, ines, amel}},
		{"somebody came", []string{marc, "new@example.com", ines, lea, amel, sami}, []string{lea, amel, sami, marc, "new@example.com"}},
		{"all are new", []string{"a@example.com", "b@example.com"}, []string{"a@example.com", "b@example.com", "a@example.com", "b@example.com", "a@example.com"}},
		{"another letter case", []string{strings.ToUpper(lea), marc}, []string{strings.ToUpper(lea), marc, strings.ToUpper(lea), marc, strings.ToUpper(lea)}},
	} {
		n, err := r.Continue(c.people, at)
		if err != nil {
			t.Fatal(err)
		}
		a := rota(t, n)
		var got []string
		for i := range c.want {
			got = append(got, a.At(at.AddDate(0, 0, 7*i)).Person)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
		if s := a.At(at); !s.From.Equal(rota(t, r).At(at).From) {
			t.Errorf("%s: the present turn began at %s", c.name, s.From)
		}
	}
	if !slices.Equal(r.People, weekly().People) {
		t.Error("the rotation itself was changed")
	}
	if _, err := r.Continue(nil, at); err == nil {
		t.Error("a rotation of nobody was made")
	}
}

func TestMoment(t *testing.T) {
	for _, c := range []struct{ zone, s, want string }{
		{"Europe/Paris", "2026-12-24 18:00", "2026-12-24T17:00:00Z"},
		{"Europe/Paris", "2026-03-29 02:30", "2026-03-29T01:00:00Z"}, // skipped: at the jump
		{"Europe/Paris", "2026-10-25 02:30", "2026-10-25T00:30:00Z"}, // twice: the first
		{"Europe/Paris", "2026-10-25 03:00", "2026-10-25T02:00:00Z"},
		{"America/New_York", "2026-11-01 01:00", "2026-11-01T05:00:00Z"},
		{"Africa/Casablanca", "2026-02-15 02:30", "2026-02-15T01:30:00Z"},
		{"Asia/Kolkata", "2026-12-24 18:00", "2026-12-24T12:30:00Z"},
		{"", "2026-12-24 18:00", "2026-12-24T18:00:00Z"},
	} {
		got, err := Moment(c.zone, c.s)
		if err != nil || got.UTC().Format(time.RFC3339) != c.want {
			t.Errorf("%s in %s is %s (%v), want %s", c.s, c.zone, got.UTC().Format(time.RFC3339), err, c.want)
		}
	}
	for _, c := range [][2]string{{"Europe/Pariss", "2026-12-24 18:00"}, {"Local", "2026-12-24 18:00"}, {"Europe/Paris", "24/12/2026"}, {"Europe/Paris", "2026-12-24 25:00"}} {
		if got, err := Moment(c[0], c[1]); err == nil {
			t.Errorf("%s in %s is %s", c[1], c[0], got)
		}
	}
}

func TestRotationFaults(t *testing.T) {
	edit := func(f func(*Rotation)) Rotation {
		r := weekly()
		f(&r)
		return r
	}
	now := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		field string
		r     Rotation
	}{
		{"", weekly()},
		{"", edit(func(r *Rotation) { r.Weeks, r.Days = 0, 1 })},
		{"key", edit(func(r *Rotation) { r.Key = "" })},
		{"zone", edit(func(r *Rotation) { r.Zone = "Europe/Pariss" })},
		{"zone", edit(func(r *Rotation) { r.Zone = "Local" })},
		{"start", edit(func(r *Rotation) { r.Start = "2026-02-30" })},
		{"weekday", edit(func(r *Rotation) { r.Weekday = 7 })},
		{"time", edit(func(r *Rotation) { r.Time = "9 h" })},
		{"weeks", edit(func(r *Rotation) { r.Weeks = 0 })},
		{"weeks", edit(func(r *Rotation) { r.Weeks, r.Days = -1, 10 })},
		{"weeks", edit(func(r *Rotation) { r.Weeks = 53 })},
		{"people", edit(func(r *Rotation) { r.People = nil })},
		{"people", edit(func(r *Rotation) { r.People = make([]string, 201); fill(r.People) })},
		{"people[1]", edit(func(r *Rotation) { r.People[1] = " " })},
		{"overrides[0]", edit(func(r *Rotation) { r.Overrides = []Override{{now, now.Add(1), ""}} })},
		{"overrides[0]", edit(func(r *Rotation) { r.Overrides = []Override{{now, now, lea}} })},
	} {
		var got []string
		for _, f := range c.r.Faults() {
			got = append(got, f.Field)
			if f.What == "" || f.Mend == "" {
				t.Errorf("a fault that does not help: %+v", f)
			}
		}
		if strings.Join(got, " ") != c.field {
			t.Errorf("faults at %q, want %q", strings.Join(got, " "), c.field)
		}
		if _, err := c.r.Bind(nil); (err == nil) != (c.field == "") {
			t.Errorf("bind with a fault at %q: %v", c.field, err)
		}
	}
}

func fill(people []string) {
	for i := range people {
		people[i] = fmt.Sprintf("p%d@example.com", i)
	}
}

// onDuty is the slow way to know: how far the clock on the wall has come, minute by minute, and what was agreed, one by one.
func onDuty(t *rapid.T, r Rotation, covers []Cover, at time.Time) string {
	loc, err := time.LoadLocation(r.Zone)
	if err != nil {
		t.Fatal(err)
	}
	var reached time.Time
	for u := at.Add(-3 * time.Hour); !u.After(at); u = u.Add(time.Minute) {
		l := u.In(loc)
		if shown := time.Date(l.Year(), l.Month(), l.Day(), l.Hour(), l.Minute(), l.Second(), 0, time.UTC); shown.After(reached) {
			reached = shown
		}
	}
	first, err := time.Parse("2006-01-02 15:04", r.Start+" "+r.Time)
	if err != nil {
		t.Fatal(err)
	}
	for r.Days == 0 && first.Weekday() != r.Weekday {
		first = first.Add(24 * time.Hour)
	}
	turn := time.Duration(7*r.Weeks+r.Days) * 24 * time.Hour
	k := 0
	for first.Add(time.Duration(k) * turn).After(reached) {
		k--
	}
	for !first.Add(time.Duration(k+1) * turn).After(reached) {
		k++
	}
	for k < 0 {
		k += len(r.People)
	}
	who := r.People[k%len(r.People)]
	for _, o := range r.Overrides {
		if !at.Before(o.From) && at.Before(o.To) {
			who = o.Person
		}
	}
	for _, c := range covers {
		for _, l := range c.Legs {
			if c.Rotation == r.Key && who == l.Of && !at.Before(l.From) && at.Before(l.To) && (c.EndedAt.IsZero() || at.Before(c.EndedAt)) {
				who = l.By
			}
		}
	}
	return who
}

func drawRotation(t *rapid.T) (Rotation, []Cover, time.Time) {
	people := []string{marc, ines, lea, amel, sami, "new@example.com"}
	near := rapid.SampledFrom([]string{"2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z", "2026-03-08T07:00:00Z", "2026-11-01T06:00:00Z", "2026-02-15T02:00:00Z", "2028-02-29T12:00:00Z",
		"2026-12-31T23:00:00Z", "2040-12-31T12:00:00Z"}).Draw(t, "near")
	base, err := time.Parse(time.RFC3339, near)
	if err != nil {
		t.Fatal(err)
	}
	moment := func(name string) time.Time {
		return base.Add(time.Duration(rapid.IntRange(-5*24*60, 5*24*60).Draw(t, name)) * time.Minute)
	}
	r := Rotation{Key: "primary", Zone: rapid.SampledFrom([]string{"Europe/Paris", "America/New_York", "Africa/Casablanca", "Asia/Kolkata", "Australia/Lord_Howe", "America/Havana", "UTC"}).Draw(t, "zone"),
		Start: base.AddDate(0, 0, rapid.IntRange(-40, 40).Draw(t, "start")).Format(time.DateOnly), Weekday: time.Weekday(rapid.IntRange(0, 6).Draw(t, "weekday")),
		Time:   fmt.Sprintf("%02d:%02d", rapid.SampledFrom([]int{0, 1, 2, 3, 9, 23}).Draw(t, "hour"), rapid.SampledFrom([]int{0, 15, 30, 59}).Draw(t, "minute")),
		People: people[:rapid.IntRange(1, 5).Draw(t, "people")]}
	if rapid.Bool().Draw(t, "weekly") {
		r.Weeks = rapid.IntRange(1, 2).Draw(t, "weeks")
	} else {
		r.Days = rapid.IntRange(1, 3).Draw(t, "days")
	}
	for range rapid.IntRange(0, 2).Draw(t, "overrides") {
		from := moment("override")
		r.Overrides = append(r.Overrides, Override{from, from.Add(time.Duration(rapid.IntRange(1, 3*24*60).Draw(t, "for")) * time.Minute), rapid.SampledFrom(people).Draw(t, "by")})
	}
	var covers []Cover
	for i := range rapid.IntRange(0, 5).Draw(t, "covers") {
		c := Cover{ID: fmt.Sprint("c", i), Rotation: rapid.SampledFrom([]string{"primary", "primary", "primary", "secondary"}).Draw(t, "rotation")}
		for range rapid.IntRange(1, 2).Draw(t, "legs") {
			from := moment("cover")
			c.Legs = append(c.Legs, Leg{rapid.SampledFrom(people).Draw(t, "of"), rapid.SampledFrom(people).Draw(t, "by"), from,
				from.Add(time.Duration(rapid.IntRange(1, 3*24*60).Draw(t, "for")) * time.Minute)})
		}
		if rapid.IntRange(0, 3).Draw(t, "ended") == 0 {
			c.EndedAt = moment("end")
		}
		covers = append(covers, c)
	}
	return r, covers, moment("at")
}

// At any instant exactly one person is on call, shifts tile the line, and nothing that people agree on loses time.
func TestShiftsTileTheLine(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		r, covers, at := drawRotation(rt)
		a, err := r.Bind(covers)
		if err != nil {
			rt.Fatal(err)
		}
		want := onDuty(rt, r, covers, at)
		s := a.At(at)
		if s.Person != want || at.Before(s.From) || !at.Before(s.To) {
			rt.Fatalf("at %s: %s; one by one it is %s", at, said(s), want)
		}
		to := at.Add(time.Duration(rapid.IntRange(1, 20*24*60).Draw(rt, "length")) * time.Minute)
		shifts, err := a.Shifts(at, to)
		if err != nil || len(shifts) == 0 {
			rt.Fatalf("%d shifts (%v)", len(shifts), err)
		}
		if shifts[0] != s {
			rt.Fatalf("the first shift is %s, the one at the beginning %s", said(shifts[0]), said(s))
		}
		end := at
		for _, p := range Clip(shifts, at, to) {
			if !p.From.Equal(end) || !p.To.After(p.From) {
				rt.Fatalf("a hole or an overlap at %s: %s", end, said(p))
			}
			end = p.To
			for _, u := range []time.Time{p.From, p.From.Add(p.To.Sub(p.From) / 2).Truncate(time.Minute), p.To.Add(-time.Minute)} {
				if u.Before(p.From) {
					continue
				}
				if who := onDuty(rt, r, covers, u); who != p.Person {
					rt.Fatalf("at %s: %s; one by one it is %s", u, said(p), who)
				}
			}
		}
		if !end.Equal(to) {
			rt.Fatalf("the shifts end at %s, not at %s", end, to)
		}
		next, ok := a.Next(at)
		if !ok {
			if len(distinct(r.People)) > 1 {
				rt.Fatal("nobody is next")
			}
			return
		}
		if next.Person == s.Person || onDuty(rt, r, covers, next.From) != next.Person || onDuty(rt, r, covers, next.From.Add(-time.Minute)) != s.Person {
			rt.Fatalf("after %s comes %s", said(s), said(next))
		}
	})
}

package house

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestCheckRotations(t *testing.T) {
	first := weekly()
	second := weekly()
	second.Key, second.People = "secondary", []string{ines, lea, amel, sami, marc}
	sized := func(people ...string) Rotation { r := weekly(); r.People = people; return r }
	from := in(t, "Europe/Paris", "2026-10-06 12:00")
	clash := second
	clash.Overrides = []Override{{in(t, "Europe/Paris", "2026-10-21 12:00"), in(t, "Europe/Paris", "2026-10-21 18:00"), strings.ToUpper(lea)}}
	late := second
	late.Overrides = []Override{{in(t, "Europe/Paris", "2027-02-01 09:00"), in(t, "Europe/Paris", "2027-02-08 09:00"), lea}}
	never := weekly()
	never.People = nil
	daily := sized(marc, ines)
	daily.Weeks, daily.Days = 0, 1
	for _, c := range []struct {
		name string
		in   RotationCheck
		want []string // field, W for a warning, and a word of it
	}{
		{"all is well", RotationCheck{Rotations: []Rotation{first, second}}, nil},
		{"secondary the week after", RotationCheck{Rotations: []Rotation{first, {Key: "secondary", Zone: first.Zone, Start: first.Start, Weekday: first.Weekday, Time: first.Time, Weeks: 1,
			People: []string{sami, marc, ines, lea, amel}}}}, nil},
		{"four", RotationCheck{Rotations: []Rotation{sized(marc, ines, lea, amel)}}, []string{"people W 4 people"}},
		{"one twice is four", RotationCheck{Rotations: []Rotation{sized(marc, ines, lea, amel, strings.ToUpper(marc))}}, []string{"people W 4 people"}},
		{"alone", RotationCheck{Rotations: []Rotation{sized(marc)}}, []string{"people W one person"}},
		{"seven", RotationCheck{Rotations: []Rotation{sized(marc, ines, lea, amel, sami, "a@x.com", "b@x.com")}}, nil},
		{"eight", RotationCheck{Rotations: []Rotation{sized(marc, ines, lea, amel, sami, "a@x.com", "b@x.com", "c@x.com")}}, []string{"people W 8 people"}},
		{"two by day", RotationCheck{Rotations: []Rotation{daily}}, nil},
		{"nobody", RotationCheck{Rotations: []Rotation{never, second}}, []string{"people E nobody is in it"}},
		{"one key twice", RotationCheck{Rotations: []Rotation{first, first}}, []string{"key E two rotations"}},
		{"primary and secondary by an override", RotationCheck{Rotations: []Rotation{first, clash}}, []string{" W lea@example.com is primary and secondary at once from Wed 2026-10-21 12:00 CEST to Wed 2026-10-21 18:00 CEST"}},
		{"by a cover", RotationCheck{Rotations: []Rotation{first, second}, Covers: []Cover{{ID: "c", Rotation: "primary", Legs: []Leg{{marc, ines, from.Add(time.Hour), from.Add(2 * time.Hour)}}}}},
			[]string{" W ines@example.com is primary and secondary at once from Tue 2026-10-06 13:00 CEST to Tue 2026-10-06 14:00 CEST"}},
		{"by the same list", RotationCheck{Rotations: []Rotation{first, func() Rotation { r := weekly(); r.Key = "secondary"; return r }()}},
			[]string{" W marc@example.com is primary and secondary at once from Tue 2026-10-06 12:00 CEST to Mon 2026-10-12 09:00 CEST"}},
		{"later than is looked", RotationCheck{Rotations: []Rotation{first, late}}, nil},
		{"further ahead", RotationCheck{Rotations: []Rotation{first, late}, Ahead: 26 * 7 * 24 * time.Hour}, []string{" W lea@example.com is primary and secondary at once from Mon 2027-02-01"}},
		{"strangers, each once", RotationCheck{Rotations: []Rotation{sized(marc, ines, lea, amel, "x@x.com", "X@x.com"), clash}, Known: func(e string) bool { return e != "x@x.com" && e != lea }},
			[]string{"people[2] E lea@example.com", "people[4] E x@x.com", "people[1] E lea@example.com", " W lea@example.com is primary"}},
	} {
		c.in.Primary, c.in.Secondary, c.in.From = "primary", "secondary", from
		got := CheckRotations(c.in)
		ok := len(got) == len(c.want)
		for i := range min(len(got), len(c.want)) {
			kind := " E "
			if got[i].Warning {
				kind = " W "
			}
			words := strings.SplitN(c.want[i], kind, 2)
			ok = ok && len(words) == 2 && got[i].Field == words[0] && strings.Contains(got[i].What, words[1]) && got[i].Mend != ""
		}
		if !ok {
			t.Errorf("%s:\n got %+v\nwant %q", c.name, got, c.want)
		}
	}
}

// office is a calendar for reports: Monday to Friday 09:00 to 18:00 in Paris, nights from 22:00 to 07:00, the 11th of November off. It looks at
// every quarter of an hour.
func office(t *testing.T) Split {
	loc, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	return func(from, to time.Time) ([]Stretch, error) {
		var out []Stretch
		for u := from; u.Before(to); {
			next := u.Truncate(15 * time.Minute).Add(15 * time.Minute)
			if next.After(to) {
				next = to
			}
			l := u.In(loc)
			s := Stretch{From: u, To: next, Kind: Off, AtNight: l.Hour() >= 22 || l.Hour() < 7}
			switch {
			case l.Month() == time.November && l.Day() == 11:
				s.Kind = Holiday
			case l.Weekday() == time.Saturday || l.Weekday() == time.Sunday:
				s.Kind = Weekend
			case l.Hour() >= 9 && l.Hour() < 18:
				s.Kind = Working
			case s.AtNight:
				s.Kind = Night
			}
			out = append(out, s)
			u = next
		}
		return out, nil
	}
}

func TestReport(t *testing.T) {
	p := func(s string) time.Time { return in(t, "Europe/Paris", s) }
	// Amel serves the night in which clocks go back for Léa.
	a := rota(t, weekly(), Cover{ID: "c1", Rotation: "primary", Legs: []Leg{{lea, amel, p("2026-10-24 22:00"), p("2026-10-25 07:00")}}})
	shifts, err := a.Shifts(p("2026-10-01 00:00"), p("2026-12-05 00:00"))
	if err != nil {
		t.Fatal(err)
	}
	pages := []Page{
		{p("2026-11-03 03:00"), amel, "primary", "INC-1", true, false},               // Tuesday night
		{p("2026-11-03 04:00"), amel, "primary", "INC-2", false, true},               // not answered, noise
		{p("2026-11-03 11:00"), "Amel@Example.com", "primary", "INC-3", true, false}, // working time
		{p("2026-11-07 23:30"), amel, "primary", "INC-4", true, true},                // Saturday night
		{p("2026-11-11 12:00"), "cto@example.com", "cto", "INC-5", true, false},
		{p("2026-10-31 23:59"), amel, "primary", "INC-6", true, false}, // another month
		{p("2026-12-01 00:00"), amel, "primary", "INC-7", true, false},
	}
	got, err := Report("2026-11", "Europe/Paris", shifts, pages, office(t))
	if err != nil {
		t.Fatal(err)
	}
	want := `month,zone,rotation,person,hours,hours_working,hours_off,hours_night,hours_weekend,hours_holiday,hours_at_night,pages,interventions,interventions_outside_working,actionable_share,night_pages,night_actionable_share
2026-11,Europe/Paris,cto,cto@example.com,0.000,0.000,0.000,0.000,0.000,0.000,0.000,1,1,1,1.000,0,
2026-11,Europe/Paris,primary,amel@example.com,48.000,9.000,6.000,9.000,24.000,0.000,18.000,4,3,2,0.500,3,0.333
2026-11,Europe/Paris,primary,ines@example.com,168.000,45.000,30.000,45.000,48.000,0.000,63.000,0,0,0,,0,
2026-11,Europe/Paris,primary,lea@example.com,168.000,45.000,30.000,45.000,48.000,0.000,63.000,0,0,0,,0,
2026-11,Europe/Paris,primary,marc@example.com,168.000,36.000,24.000,36.000,48.000,24.000,63.000,0,0,0,,0,
2026-11,Europe/Paris,primary,sami@example.com,168.000,45.000,30.000,45.000,48.000,0.000,63.000,0,0,0,,0,
`
	if string(got.CSV()) != want {
		t.Errorf("the table is\n%s\nwant\n%s", got.CSV(), want)
	}
	// A month of 745 hours, whose longest night was 10 hours long.
	got, err = Report("2026-10", "Europe/Paris", shifts, nil, office(t))
	if err != nil {
		t.Fatal(err)
	}
	var sum time.Duration
	hours := map[string]time.Duration{}
	for _, r := range got.Rows {
		sum += r.OnCall
		hours[r.Person] = r.OnCall
		var kinds time.Duration
		for _, k := range Kinds {
			kinds += r.In[k]
		}
		if kinds != r.OnCall {
			t.Errorf("%s: the kinds add up to %s of %s", r.Person, kinds, r.OnCall)
		}
	}
	if sum != 745*time.Hour || hours[lea] != 159*time.Hour || hours[amel] != (10+5*24+15)*time.Hour {
		t.Errorf("in October %s in all, Léa %s, Amel %s", sum, hours[lea], hours[amel])
	}
}

func TestCSVHoldsNoFormula(t *testing.T) {
	o := OnCallReport{Month: "2026-11", Rows: []OnCallRow{{Person: "=cmd|x!a0", Rotation: "a,\"b\""}, {Person: "@sum", Rotation: "primary"}}}
	for _, want := range []string{`"a,""b""",'=cmd|x!a0,`, `primary,'@sum,`} {
		if !strings.Contains(string(o.CSV()), want) {
			t.Errorf("no %s in %s", want, o.CSV())
		}
	}
}

func TestReportNeedsItsInput(t *testing.T) {
	broken := errors.New("no calendar today")
	fails := func(time.Time, time.Time) ([]Stretch, error) { return nil, broken }
	empty := func(time.Time, time.Time) ([]Stretch, error) { return nil, nil }
	at := in(t, "Europe/Paris", "2026-11-03 03:00")
	shift := []Shift{{Rotation: "primary", From: at, To: at.Add(time.Hour), Person: lea}}
	page := []Page{{At: at, Person: lea}}
	for _, c := range []struct {
		name, month, zone string
		shifts            []Shift
		pages             []Page
		split             Split
	}{
		{"month", "2026-13", "UTC", nil, nil, empty}, {"zone", "2026-11", "Mars", nil, nil, empty}, {"calendar", "2026-11", "UTC", nil, nil, nil},
		{"shift", "2026-11", "UTC", shift, nil, fails}, {"page", "2026-11", "UTC", nil, page, fails}, {"silent calendar", "2026-11", "UTC", nil, page, empty},
	} {
		if _, err := Report(c.month, c.zone, c.shifts, c.pages, c.split); err == nil || !strings.Contains(err.Error(), c.month) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// What is half way goes up, in every figure: a spreadsheet that adds them up and the printed table must not say two things of one month.
func TestFiguresAreRoundedHalfUp(t *testing.T) {
	for _, c := range []struct {
		s       Share
		decimal string
		percent int
	}{
		{Share{5, 8}, "0.625", 63}, {Share{1, 16}, "0.063", 6}, {Share{57, 200}, "0.285", 29}, {Share{29, 200}, "0.145", 15}, {Share{2, 3}, "0.667", 67},
		{Share{0, 7}, "0.000", 0}, {Share{7, 7}, "1.000", 100}, {Share{1999, 2000}, "1.000", 100}, {Share{}, "", 0},
	} {
		if n, ok := c.s.Percent(); c.s.Decimal() != c.decimal || n != c.percent || ok != (c.s.Of > 0) {
			t.Errorf("%+v: %q, %d%% %v", c.s, c.s.Decimal(), n, ok)
		}
	}
	for d, want := range map[time.Duration]string{
		15 * time.Minute: "0.250", 1800 * time.Millisecond: "0.001", 1799 * time.Millisecond: "0.000", 5400 * time.Millisecond: "0.002",
		744 * time.Hour: "744.000", 744*time.Hour - 1800*time.Millisecond: "744.000", 744*time.Hour - 1801*time.Millisecond: "743.999",
	} {
		if got := inHours(d); got != want {
			t.Errorf("%s: %s, want %s", d, got, want)
		}
	}
}

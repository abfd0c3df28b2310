package policy

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

// rotated is small with its first level on a rotation. Its lines are counted from 1; the rotation's key stands in line 14.
var rotated = strings.Replace(small, "  primary: {people: [a@b.co], title: {en: a, fr: a}}", "  primary: {rotation: first, address: {on_call: true, service: PSERV}, title: {en: a, fr: a}}", 1) + `rotations:
  first: {zone: Europe/Paris, start: 2026-01-05, handover: monday 09:00, weeks: 1, people: [a@b.co, B@b.co]}
`

func TestRotations(t *testing.T) {
	f, err := ParseFile("p.yaml", []byte(rotated))
	if err != nil {
		t.Fatal(err)
	}
	if got := f.Findings(); len(got) > 0 {
		t.Errorf("findings: %v", got)
	}
	r := f.Rotations["first"]
	if r.Zone != "Europe/Paris" || r.Start != "2026-01-05" || r.Weekday != time.Monday || r.Time != "09:00" || r.Weeks != 1 || r.Days != 0 || !slices.Equal(r.People, []string{"a@b.co", "b@b.co"}) {
		t.Errorf("%+v", r)
	}
	if f.HandoverReminder != time.Hour || !f.Policy.Targets["primary"].Address.OnCall || f.Policy.Targets["primary"].Rotation != "first" {
		t.Errorf("%s %+v", f.HandoverReminder, f.Policy.Targets["primary"])
	}
	f, err = ParseFile("p.yaml", []byte("handover_reminder: none\n"+strings.Replace(rotated, "monday 09:00, weeks: 1", "9:00, days: 2, overrides: [{from: 2026-10-25 02:30, to: 2026-10-26T00:00, person: C@b.co}]", 1)))
	if err != nil {
		t.Fatal(err)
	}
	r = f.Rotations["first"]
	if f.HandoverReminder != 0 || r.Time != "09:00" || r.Days != 2 || len(r.Overrides) != 1 || r.Overrides[0].From.UTC().Format(time.RFC3339) != "2026-10-25T00:30:00Z" || r.Overrides[0].Person != "c@b.co" {
		t.Errorf("%s %+v", f.HandoverReminder, r)
	}
}

// rotationCases bend rotated.
var rotationCases = []struct{ name, old, new, want string }{
	{"no such rotation", "rotation: first", "rotation: second", `p.yaml:8: targets.primary.rotation: there is no rotation "second"; add it to rotations, or name one of first`},
	{"nobody is on it", "rotation: first", "people: [a@b.co]", `p.yaml:14: rotations.first: no target is on this rotation`},
	{"two say who", "rotation: first", "rotation: first, people: [a@b.co]", `p.yaml:8: targets.primary.rotation: beside schedule or people, so two say who is on call`},
	{"schedule too", "rotation: first", "rotation: first, schedule: PSC", `p.yaml:8: targets.primary.rotation: beside schedule or people`},
	{"handover", "monday 09:00", "mondays at nine", `p.yaml:14: rotations.first.handover: "mondays at nine" is no moment of a week; write a weekday and a time`},
	{"no handover", "handover: monday 09:00, ", "", `p.yaml:14: rotations.first.handover: missing`},
	{"weekday", "monday 09:00", "lundi 09:00", `rotations.first.handover: "lundi 09:00" is no moment of a week`},
	{"no length", "weeks: 1, ", "", `p.yaml:14: rotations.first.weeks: nothing says how long a turn lasts; add weeks or days`},
	{"long", "weeks: 1", "weeks: 60", `p.yaml:14: rotations.first.weeks: "60" is not a whole number that can be meant here`},
	{"start", "2026-01-05", "2026-02-30", `p.yaml:14: rotations.first.start: "2026-02-30" is no date; write it like 2026-01-05`},
	{"no start", "start: 2026-01-05, ", "", `p.yaml:14: rotations.first.start: "" is no date`},
	{"zone", "Europe/Paris", "Paris", `p.yaml:14: rotations.first.zone: "Paris" is not a time zone`},
	{"no zone", "zone: Europe/Paris, ", "", `p.yaml:14: rotations.first.zone: missing`},
	{"nobody", "[a@b.co, B@b.co]", "[]", `p.yaml:14: rotations.first.people: nobody is in it: no phone would ring`},
	{"mail", "B@b.co", "bob", `p.yaml:14: rotations.first.people[1]: "bob" is not of the right form`},
	{"unknown", "weeks: 1", "weeks: 1, color: red", `p.yaml:14: rotations.first.color: unknown; known here: days, handover, overrides`},
	{"name", "  first: {", "  First: {", `p.yaml:14: rotations.First: not a name`},
	{"override", "weeks: 1", "weeks: 1, overrides: [{from: 2026-12-24, to: 2026-12-25 10:00, person: a@b.co}]", `rotations.first.overrides[0].from: "2026-12-24" is no moment; write it like 2026-12-24 18:00`},
	{"override backwards", "weeks: 1", "weeks: 1, overrides: [{from: 2026-12-25 18:00, to: 2026-12-25 10:00, person: a@b.co}]", `rotations.first.overrides[0]: it ends before it begins`},
	{"override of nobody", "weeks: 1", "weeks: 1, overrides: [{from: 2026-12-25 08:00, to: 2026-12-25 10:00}]", `rotations.first.overrides[0]: nobody is named`},
	{"override of no time", "weeks: 1", "weeks: 1, overrides: [{person: a@b.co}]", `rotations.first.overrides[0]: an override without from and to`},
	{"reminder", "version: 1", "version: 1\nhandover_reminder: soon", `p.yaml:2: handover_reminder: "soon" is not a duration`},
	{"on call without service", ", service: PSERV", "", `p.yaml:8: targets.primary.address: no service`},
}

func TestRotationFaults(t *testing.T) {
	for _, c := range rotationCases {
		t.Run(c.name, func(t *testing.T) {
			if strings.Count(rotated, c.old) < 1 {
				t.Fatalf("nothing to bend: %q", c.old)
			}
			_, err := Parse("p.yaml", []byte(strings.Replace(rotated, c.old, c.new, 1)))
			var faults Faults
			if !errors.As(err, &faults) || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got:\n%v\nwant it to hold:\n%s", err, c.want)
			}
		})
	}
	lead := strings.Replace(rotated, "{routing_key_env: LEAD}, people: [c@d.co]", "{on_call: true, service: PSERV}", 1)
	if _, err := Parse("p.yaml", []byte(lead)); err == nil || !strings.Contains(err.Error(), "targets.lead.address: on_call, and nothing says who is on call") {
		t.Errorf("%v", err)
	}
}

func TestRotationFindings(t *testing.T) {
	for _, c := range []struct{ name, old, new, want string }{
		{"the wrong phone", "{on_call: true, service: PSERV}", "{routing_key_env: FIRST}", `p.yaml:8: targets.primary.address: the page rings whoever is behind this address in PagerDuty, which knows nothing of the rotation`},
		{"the same rotation", "{routing_key_env: LEAD}, people: [c@d.co]", "{on_call: true, service: PSERV}, rotation: first", `"primary" and "lead" are the same rotation`},
	} {
		f, err := ParseFile("p.yaml", []byte(strings.Replace(rotated, c.old, c.new, 1)))
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if found := Faults(f.Findings()); len(found) != 1 || !strings.Contains(found.Error(), c.want) {
			t.Errorf("%s: got:\n%v\nwant one that holds:\n%s", c.name, found, c.want)
		}
	}
}

// TestAnEditAsTheExampleSaysIt adds somebody to the example's rotation as its comment says to, and holds that nobody else's turn moves.
func TestAnEditAsTheExampleSaysIt(t *testing.T) {
	f, err := ParseFile("example.yaml", Example())
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC) // the turn of Monday 2026-11-23, the 46th: lea
	before, err := f.Rotations["secondary"].Bind(nil)
	if err != nil {
		t.Fatal(err)
	}
	edit := strings.NewReplacer(
		"start: 2026-01-05", "start: 2026-11-23",
		"people: [sam@example.com, lea@example.com, omar@example.com, nora@example.com, ines@example.com]",
		"people: [lea@example.com, omar@example.com, nora@example.com, ines@example.com, new@example.com, sam@example.com]")
	g, err := ParseFile("example.yaml", []byte(edit.Replace(string(Example()))))
	if err != nil {
		t.Fatal(err)
	}
	after, err := g.Rotations["secondary"].Bind(nil)
	if err != nil {
		t.Fatal(err)
	}
	for week, want := range []string{"lea@example.com", "omar@example.com", "nora@example.com", "ines@example.com", "new@example.com", "sam@example.com", "lea@example.com"} {
		at := now.AddDate(0, 0, 7*week)
		if got := after.At(at).Person; got != want {
			t.Errorf("in week %d it is %s, want %s", week, got, want)
		}
		if was := before.At(at).Person; week < 4 && was != want {
			t.Errorf("in week %d the edit moved the turn from %s to %s", week, was, want)
		}
	}
	same, err := f.Rotations["secondary"].Continue(g.Rotations["secondary"].People, now)
	if err != nil || same.Start != g.Rotations["secondary"].Start || !slices.Equal(same.People, g.Rotations["secondary"].People) {
		t.Errorf("Continue says %+v (%v)", same, err)
	}
}

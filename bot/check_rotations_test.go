package bot_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-bot/tocsin/bot"
	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/policy"
	"github.com/tocsin-bot/tocsin/bot/sandbox"
)

// kept is the default policy with rotations of the file for the first level and its backup.
func kept(first, second []string) string {
	_, src := policy.Default()
	rotation := func(people []string) string {
		return "    zone: UTC\n    start: 1999-12-25\n    handover: saturday 02:00\n    weeks: 1\n    people: [" + strings.Join(people, ", ") + "]\n"
	}
	return strings.NewReplacer(
		"\n  primary:\n", "\n  primary:\n    rotation: first\n    address: {on_call: true, service: PSVPROD}\n", "\n  secondary:\n", "\n  secondary:\n    rotation: second\n",
	).Replace(string(src)) + "\nrotations:\n  first:\n" + rotation(first) + "  second:\n" + rotation(second)
}

// What check says of rotations, each with its severity and in both languages, and of good ones nothing.
func TestCheckFindsWhatIsWrongWithRotations(t *testing.T) {
	five := []string{marc, ines, tomas, jonas, amel}
	others := []string{ines, tomas, jonas, amel, marc} // the same in another order: never twice at once
	eight := append(slices.Clone(five), "nadia.okafor@vitakyc.example", "lea@vitakyc.example", "sami@vitakyc.example")
	for _, c := range []struct {
		name   string
		source string
		spoil  func(s *sandbox.Sandbox)
		where  string // the target
		fatal  bool
		en, fr string // "": nothing about the rotations
	}{
		{name: "five, and a backup who is somebody else", source: kept(five, others), where: "primary"},
		{"four", kept(five[:4], others), nil, "primary", false, "4 people share the weekly primary duty", "4 personnes se partagent l'astreinte hebdomadaire principale"},
		{"one", kept(five[:1], others[:3]), nil, "primary", false, "1 person shares the weekly primary duty", "1 personne se partage"},
		{"eight", kept(eight, others), nil, "primary", false, "8 people share the weekly primary duty", "8 personnes se partagent"},
		{"the first is the backup", kept(five, []string{marc, jonas, ines, amel, tomas}), nil, "secondary", false,
			"is this and primary at once from", "tient cette astreinte et primary à la fois"},
		{"nobody in PagerDuty", kept([]string{marc, ines, tomas, jonas, nobody}, others), nil, "rotations.first.people[4]", true,
			"no PagerDuty user has the address " + nobody, "aucun utilisateur PagerDuty n'a l'adresse " + nobody},
		{"nobody in Slack", kept([]string{marc, ines, tomas, jonas, nobody}, others), nil, "rotations.first.people[4]", true,
			"no Slack user has the address " + nobody, "aucun utilisateur Slack n'a l'adresse " + nobody},
		{"an unreadable schedule", scheduled(defaultPolicy()), func(s *sandbox.Sandbox) {
			for _, op := range []string{"GET /oncalls", "GET /schedules/{id}"} {
				if err := s.Pager.FailNext(op, 50, 503); err != nil {
					t.Fatal(err)
				}
			}
		}, "primary", true, "schedule " + sandbox.PrimaryScheduleID + " could not be read", sandbox.PrimaryScheduleID + " n'a pas pu être lu"},
		{"a schedule that is not there", strings.Replace(scheduled(defaultPolicy()), sandbox.PrimaryScheduleID, "PNONE", 1), nil, "primary", true,
			"schedule PNONE is not there", "PNONE"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, lang := range catalog.Languages() {
				s, o := local(t, c.source)
				if c.spoil != nil {
					c.spoil(s)
				}
				o.Language = lang
				want, target := c.en, "target "+c.where
				if lang == catalog.French {
					want, target = c.fr, "cible "+c.where
				}
				if strings.Contains(c.where, ".") { // named in the file: there it is, by its line
					colon := map[string]string{catalog.English: ": ", catalog.French: "\u00a0: "}[lang]
					target = fmt.Sprintf("policy:%d%s%s", lineOf(c.source, nobody), colon, c.where)
				}
				var of []bot.Finding
				for _, f := range bot.Check(t.Context(), o) {
					if f.Where == target && (want == "" || strings.Contains(f.What, want)) {
						of = append(of, f)
					}
				}
				switch {
				case want == "" && len(of) > 0:
					t.Errorf("%s: found %+v", lang, of)
				case want != "" && len(of) != 1:
					t.Errorf("%s: %d findings %q at %s: %v", lang, len(of), want, target, bot.Check(t.Context(), o))
				case want != "" && (of[0].Fatal != c.fatal || of[0].Mend == ""):
					t.Errorf("%s: %+v", lang, of[0])
				}
				if got := s.Pager.Rings(); len(got) > 0 {
					t.Errorf("the check rang %+v", got)
				}
			}
		})
	}
}

// weekly gives a schedule weekly turns, the first of which began yesterday.
func weekly(t *testing.T, s *sandbox.Sandbox, schedule string, users ...string) {
	t.Helper()
	if err := s.Pager.SetRotation(schedule, time.Now().Add(-24*time.Hour).Truncate(time.Second), 7*24*time.Hour, users...); err != nil {
		t.Fatal(err)
	}
}

// What check says of PagerDuty's schedules: how many share the first, a time when nobody is on call, a time when the first is the backup,
// and somebody of a coming week whom Slack does not know.
func TestCheckFindsWhatIsWrongWithSchedules(t *testing.T) {
	six := []string{"PMARCL1", "PINESH2", "PTOMASR", "PAMELB4", "PJONASW", "PVIKTOR"}
	others := []string{"PINESH2", "PTOMASR", "PAMELB4", "PJONASW", "PVIKTOR", "PMARCL1"} // the same a week apart
	both := strings.Replace(scheduled(defaultPolicy()), "\n  secondary:\n", "\n  secondary:\n    schedule: "+sandbox.SecondaryScheduleID+"\n", 1)
	mixed := strings.Replace(kept([]string{marc}, []string{ines, jonas}), "\n    rotation: first\n    address: {on_call: true, service: PSVPROD}\n", "\n    schedule: "+sandbox.PrimaryScheduleID+"\n", 1)
	mixed = mixed[:strings.Index(mixed, "  first:\n")] + mixed[strings.Index(mixed, "  second:\n"):]
	type finding struct {
		where  string
		fatal  bool
		en, fr string // of its words
	}
	for _, c := range []struct {
		name, source string
		primary      []string
		spoil        func(s *sandbox.Sandbox) error
		want         []finding // nothing else about the two targets
	}{
		{name: "six, and a backup who is somebody else", source: both, primary: six},
		{name: "one", source: scheduled(defaultPolicy()), primary: six[:1], want: []finding{
			{"primary", false, "1 person has the primary duty on PagerDuty schedule PSCPRIM", "1 personne assure l'astreinte principale dans PagerDuty (le planning PSCPRIM)"}}},
		{name: "four", source: scheduled(defaultPolicy()), primary: six[:4], want: []finding{
			{"primary", false, "4 people share the primary duty on PagerDuty schedule PSCPRIM", "4 personnes se partagent l'astreinte principale"}}},
		{name: "a gap in two weeks", source: scheduled(defaultPolicy()), primary: []string{"PMARCL1", "PINESH2", "", "PTOMASR", "PAMELB4", "PJONASW"}, want: []finding{
			{"primary", true, "nobody is on call on schedule PSCPRIM from ", "personne n'est d'astreinte sur le planning PSCPRIM du "}}},
		{name: "a gap in five weeks", source: scheduled(defaultPolicy()), primary: []string{"PMARCL1", "PINESH2", "PTOMASR", "PAMELB4", "PJONASW", ""}},
		{name: "the backup is the first in the third week", source: both, primary: six,
			spoil: func(s *sandbox.Sandbox) error {
				weekly(t, s, sandbox.SecondaryScheduleID, "PINESH2", "PMARCL1", "PTOMASR", "PVIKTOR", "PAMELB4", "PJONASW")
				return nil
			}, want: []finding{{"secondary", false, tomas + " is on call on PagerDuty schedule PSCSECO and for primary at once from",
				tomas + " est d'astreinte à la fois dans PagerDuty (le planning PSCSECO) et pour primary du"}}},
		{name: "a schedule, and a backup of the file", source: mixed, primary: six, want: []finding{ // Ines and Jonas in turn meet her own week
			{"secondary", false, "is this and primary at once from", "tient cette astreinte et primary à la fois du"}}},
		{name: "a stranger of a coming week", source: scheduled(defaultPolicy()), primary: six,
			spoil: func(s *sandbox.Sandbox) error { return s.Pager.SetEmail("PJONASW", "jonas@elsewhere.example") },
			want: []finding{{"primary", true, "PagerDuty schedule PSCPRIM has Jonas Weber (jonas@elsewhere.example), and no Slack user has that address",
				"PagerDuty (le planning PSCPRIM) compte Jonas Weber (jonas@elsewhere.example), et aucun utilisateur Slack n'a cette adresse"}}},
		{name: "read now and not ahead", source: scheduled(defaultPolicy()), primary: six,
			spoil: func(s *sandbox.Sandbox) error { return s.Pager.FailNext("GET /schedules/{id}", 50, 503) }, want: []finding{
				{"primary", true, "schedule PSCPRIM could not be read", "le planning PSCPRIM n'a pas pu être lu"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, lang := range catalog.Languages() {
				s, o := local(t, c.source)
				weekly(t, s, sandbox.PrimaryScheduleID, c.primary...)
				weekly(t, s, sandbox.SecondaryScheduleID, others...)
				if c.spoil != nil {
					if err := c.spoil(s); err != nil {
						t.Fatal(err)
					}
				}
				o.Language = lang
				var got []bot.Finding
				for _, f := range bot.Check(t.Context(), o) {
					if strings.HasSuffix(f.Where, " primary") || strings.HasSuffix(f.Where, " secondary") {
						got = append(got, f)
					}
				}
				if len(got) != len(c.want) {
					t.Fatalf("%s: %+v", lang, got)
				}
				for i, w := range c.want {
					words := w.en
					if lang == catalog.French {
						words = w.fr
					}
					if f := got[i]; !strings.HasSuffix(f.Where, " "+w.where) || f.Fatal != w.fatal || !strings.Contains(f.What, words) || f.Mend == "" {
						t.Errorf("%s: got %+v, want %+v", lang, f, w)
					}
				}
				if rings := s.Pager.Rings(); len(rings) > 0 {
					t.Errorf("the check rang %+v", rings)
				}
			}
		})
	}
}

// defaultPolicy is the default policy.
func defaultPolicy() string {
	_, src := policy.Default()
	return string(src)
}

// lineOf is the line of a text on which a word stands first.
func lineOf(text, word string) int {
	at := strings.Index(text, word)
	return 1 + strings.Count(text[:max(at, 0)], "\n")
}

package bot_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

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

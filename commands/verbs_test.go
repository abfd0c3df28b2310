package commands

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/slack/blocks"
)

func TestNamesAndAliasesDoNotCollide(t *testing.T) {
	word := regexp.MustCompile(`^([a-z]+(-[a-z]+)?|\?)$`)
	owner := map[string]string{}
	for _, v := range Verbs() {
		for _, n := range append([]string{v.Name}, v.Aliases...) {
			if was, taken := owner[n]; taken {
				t.Errorf("%q is both %s and %s", n, was, v.Name)
			}
			owner[n] = v.Name
			if !word.MatchString(n) {
				t.Errorf("%s: %q is no word to type", v.Name, n)
			}
			if _, ok := severityOf(n); ok {
				t.Errorf("%s: %q reads as a severity", v.Name, n)
			}
			if _, ok := incidentOf(n); ok {
				t.Errorf("%s: %q reads as an incident", v.Name, n)
			}
		}
		if !strings.HasPrefix(v.Usage+" ", v.Name+" ") {
			t.Errorf("the usage of %s is %q", v.Name, v.Usage)
		}
		if len(v.Examples) == 0 {
			t.Errorf("%s has no example", v.Name)
		}
		for _, lang := range catalog.Languages() {
			if !catalog.Has("help." + v.Name) {
				t.Errorf("%s has no words in the help (%s)", v.Name, lang)
			}
		}
	}
	// The names of the contract (issue 2).
	for _, n := range strings.Split("declare|ack|lead|role|sev|status|progress|note|update|page|runbook|timeline|resolve|cancel|reopen|list|help", "|") {
		if owner[n] != n {
			t.Errorf("there is no verb %s", n)
		}
	}
}

// Every example of every verb is typed as it stands, in the room of an incident, and does what its golden says: the answer, and what was
// recorded.
func TestEveryExampleRuns(t *testing.T) {
	for _, lang := range catalog.Languages() {
		for _, v := range Verbs() {
			t.Run(v.Name+"."+lang, func(t *testing.T) {
				var b strings.Builder
				for _, ex := range v.Examples {
					inWorld(t, lang, func(w *world) {
						before := w.stage(v)
						r := w.say(sam, room(before.ID), ex.In)
						if len(buttons(r, "pick")) > 0 {
							t.Errorf("%q asks which incident in an incident's room", ex.In)
						}
						fmt.Fprintf(&b, "> /incident %s\n%s", ex.In, text(r))
						for _, e := range w.since(before) {
							fmt.Fprintf(&b, "* %s\n", e.Fact.Type())
						}
						if n := w.count(); n > 1 {
							fmt.Fprintf(&b, "* %s declared\n", incident.NewID(int64(n)))
						}
						b.WriteString("\n")
						first, _ := words(ex.In)
						if u, ok := w.verbs[first]; !ok || u.Name != v.Name {
							t.Errorf("the example %q of %s is another verb's", ex.In, v.Name)
						}
					})
				}
				golden(t, v.Name+"."+lang+".golden", b.String())
			})
		}
	}
}

// stage is the incident that a verb's examples make sense in: one from an alert, nobody commanding; over, for what takes it up again.
func (w *world) stage(v Command) incident.State {
	w.t.Helper()
	s := w.alarm("ApiErrorRateHigh")
	if v.Name == "handover" {
		w.say(lea, room(s.ID), "lead")
		s = w.state(s.ID)
	}
	if v.Name == "step" || v.Name == "steps" { // a runbook in use, with a step that waits
		w.say(lea, room(s.ID), "runbook RB-001")
		w.say(lea, room(s.ID), "step block RB-001 4 no access to the database")
		s = w.state(s.ID)
	}
	if v.Name == "duty" { // what is owed after the incident, and a question nobody answered
		w.say(lea, room(s.ID), "lead")
		w.say(lea, room(s.ID), "resolve it was the cache")
		s = w.state(s.ID)
	}
	if v.Name == "services" {
		w.withServices()
	}
	if v.Name == "reopen" {
		w.say(lea, room(s.ID), "resolve it was the cache")
		s = w.state(s.ID)
	}
	return s
}

func TestHelpIsCompleteAndFits(t *testing.T) {
	for _, lang := range catalog.Languages() {
		inWorld(t, lang, func(w *world) {
			all := w.say(sam, outside, "help")
			got := strings.ReplaceAll(text(all), "\u00a0", " ")
			for _, v := range Verbs() {
				if !strings.Contains(got, "/incident "+v.Usage) || !strings.Contains(got, strings.ReplaceAll(catalog.Word(lang, "help."+v.Name), "\u00a0", " ")) {
					t.Errorf("help in %s lacks %s:\n%s", lang, v.Name, got)
				}
				one := w.say(sam, outside, "help "+v.Name)
				w.wants("help "+v.Name, one, v.Usage, plainWords(v.Examples[0].In))
				for _, a := range v.Aliases {
					w.wants("help "+v.Name, one, a)
					if r := w.say(sam, outside, "help "+a); text(r) != text(one) {
						t.Errorf("help %s is not help %s", a, v.Name)
					}
				}
			}
			// Nothing of it was cut to fit.
			m := blocks.Message(*all.Card, blocks.Options{Language: lang})
			j, err := m.JSON()
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(j), "…\"") {
				t.Errorf("help was shortened: %s", j)
			}
			if n := utf8.RuneCountInString(got); n > 4000 {
				t.Errorf("help has %d characters: nobody reads that on a phone", n)
			}
			golden(t, "help-all."+lang+".golden", got)
		})
	}
}

// A verb about an incident finds it by its room, by an id in front, by an id behind, or asks; the others never ask.
func TestWhereHoldsBothWays(t *testing.T) {
	for _, v := range Verbs() {
		ex := v.Examples[0].In
		t.Run(v.Name, func(t *testing.T) {
			// said is what an example gets when it is said in a way, and what that records.
			said := func(how func(w *world, s incident.State) Reply) (out string) {
				inWorld(t, "en", func(w *world) {
					s := w.stage(v)
					out = text(how(w, s)) + fmt.Sprint(w.facts(s))
				})
				return out
			}
			if v.Where == Anywhere {
				inWorld(t, "en", func(w *world) {
					w.stage(v)
					if r := w.say(sam, outside, ex); len(buttons(r, "pick")) > 0 {
						t.Errorf("%q asks which incident: %s", ex, text(r))
					}
				})
				return
			}
			want := said(func(w *world, s incident.State) Reply { return w.say(sam, room(s.ID), ex) })
			for how, got := range map[string]string{
				"picked": said(func(w *world, s incident.State) Reply {
					r := w.say(sam, outside, ex)
					asked := buttons(r, "pick")
					if len(asked) != 1 || r.Form != nil || asked[0].Value.Incident != string(s.ID) {
						t.Fatalf("%q outside a room does not ask which incident: %s", ex, text(r))
					}
					w.quiet(ex, s)
					return w.press(sam, outside, "pick", asked[0].Value)
				}),
				"id in front": said(func(w *world, s incident.State) Reply { return w.say(sam, outside, string(s.ID)+" "+ex) }),
				"id behind": said(func(w *world, s incident.State) Reply {
					return w.say(sam, outside, ex+" "+strings.ToLower(string(s.ID)))
				}),
			} {
				if got != want {
					t.Errorf("%s: %q gives\n%s\nin the room\n%s", how, ex, got, want)
				}
			}
		})
	}
}

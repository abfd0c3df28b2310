package bot_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"github.com/tocsin-bot/tocsin/bot"
	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/slack/blocks"
	"github.com/tocsin-bot/tocsin/bot/view"
	"github.com/tocsin-bot/tocsin/commands"
	"github.com/tocsin-bot/tocsin/runbooks"
)

// code is what a card shows to be copied, put together again from its blocks.
func code(bs []slack.Block) string {
	var out strings.Builder
	for _, b := range bs {
		s, ok := b.(*slack.SectionBlock)
		if !ok || s.Text == nil {
			continue
		}
		for i, part := range strings.Split(s.Text.Text, "```") {
			if i%2 == 1 {
				out.WriteString(strings.Trim(part, "\n") + "\n")
			}
		}
	}
	return strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(out.String())
}

// cardState is what has become of a step when its card is drawn.
type cardState struct {
	name  string
	shows bool // its commands can be run
	work  func(s *incident.State, run *incident.RunbookRun, step string)
}

var (
	cardMan  = incident.Person{Slack: "U0SBXMARC", Name: "Marc Lindqvist"}
	cardTime = time.Date(2026, 11, 21, 2, 12, 0, 0, time.UTC)
)

// onStep changes what is known of a step.
func onStep(run *incident.RunbookRun, step string, change func(*incident.StepWork)) {
	w := incident.StepWork{Step: step, Since: cardTime, By: cardMan}
	change(&w)
	run.Work = append(run.Work, w)
}

func cardStates() []cardState {
	long := incident.Text{Body: strings.Repeat("the DNS of the provider does not resolve & <nobody> answers; ", 8)}
	unlock := func(s *incident.State, w *incident.StepWork) {
		s.Override = incident.Override{By: cardMan, At: cardTime}
		w.Approved = incident.Approval{By: cardMan, At: cardTime, Reason: long}
		w.Seconded = incident.StepSecond{By: incident.Person{Name: "Ines Ferchichi"}, At: cardTime}
	}
	return []cardState{
		{"as it begins", false, func(*incident.State, *incident.RunbookRun, string) {}},
		{"unlocked", true, func(s *incident.State, r *incident.RunbookRun, step string) {
			onStep(r, step, func(w *incident.StepWork) { unlock(s, w) })
		}},
		{"asked", false, func(s *incident.State, r *incident.RunbookRun, step string) {
			onStep(r, step, func(w *incident.StepWork) {
				w.Asked = incident.ApprovalAsk{By: cardMan, At: cardTime, Who: []incident.Person{cardMan}}
			})
		}},
		{"blocked, help rung", true, func(s *incident.State, r *incident.RunbookRun, step string) {
			onStep(r, step, func(w *incident.StepWork) {
				unlock(s, w)
				w.Blocked = incident.StepBlock{On: long, Whom: long, By: cardMan, Since: cardTime}
				w.Help = incident.StepCall{By: cardMan, At: cardTime, Role: r.Ref.Owner, Who: cardMan, Round: 1}
			})
		}},
		{"nobody else has read it", false, func(s *incident.State, r *incident.RunbookRun, step string) {
			onStep(r, step, func(w *incident.StepWork) {
				unlock(s, w)
				w.Seconded = incident.StepSecond{}
			})
		}},
		{"waits for a second person, of an older log", true, func(s *incident.State, r *incident.RunbookRun, step string) {
			onStep(r, step, func(w *incident.StepWork) {
				unlock(s, w)
				w.Seconded = incident.StepSecond{}
				w.Awaits = incident.StepAwait{By: cardMan, At: cardTime, Text: long}
			})
		}},
		{"told", true, func(s *incident.State, r *incident.RunbookRun, step string) {
			onStep(r, step, func(w *incident.StepWork) {
				unlock(s, w)
				for _, role := range r.Ref.Tells(step) {
					w.Told = append(w.Told, incident.StepTold{Role: role, By: cardMan, At: cardTime})
				}
			})
		}},
	}
}

// Every step of every runbook, in both languages and whatever has become of it, is a card within Slack's limits; what can be run stands there
// whole, as it is, and what is locked does not stand there.
func TestEveryStepOfEveryRunbookIsACard(t *testing.T) {
	shelf, err := bot.Runbooks("")
	if err != nil {
		t.Fatal(err)
	}
	drawn := 0
	for _, r := range shelf.All() {
		for _, st := range r.Steps {
			for _, c := range cardStates() {
				drawn++
				checkStepCard(t, r, st, c)
			}
		}
		// Through, and done with beside the first.
		src := stepSource(r, r.Steps[0].ID, func(s *incident.State, run *incident.RunbookRun, _ string) {
			run.Current, run.Steps = "", map[string]incident.StepRun{}
			for i, id := range run.Ref.Steps {
				run.Steps[id] = incident.StepRun{Mark: []string{incident.StepDone, incident.StepSkipped}[i%2], By: cardMan, At: cardTime, Second: cardMan}
			}
		})
		drawCard(t, r.File+" through", src)
	}
	if drawn < 21*2*5*6 {
		t.Errorf("only %d cards were drawn", drawn)
	}
}

func stepSource(r *runbooks.Runbook, step string, work func(*incident.State, *incident.RunbookRun, string)) view.Source {
	s := incident.State{ID: "INC-42", Seq: 17, Title: incident.Text{Body: strings.Repeat("Audit hash chain broken ", 6)}, Severity: 1, Status: incident.Investigating, DetectedAt: cardTime, DeclaredAt: cardTime, ChannelName: "inc-20261121-x", ChannelID: "C1"}
	run := incident.RunbookRun{Ref: commands.RefOf(r), At: cardTime, Current: step}
	work(&s, &run, step)
	s.Runbooks = []incident.RunbookRun{run}
	src := view.Source{State: s, Language: r.Language, Now: cardTime.Add(time.Hour)}
	src.Owed.Effect = incident.Effect{View: incident.ViewStep, Slot: incident.SlotStep(r.ID), Arg: r.ID}
	src.Step = commands.StepOf(r, step, s)
	return src
}

func drawCard(t *testing.T, name string, src view.Source) []slack.Block {
	t.Helper()
	card, err := view.Render(src)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	m := blocks.Message(card, blocks.Options{})
	if err := blocks.Check(m.Blocks, false); err != nil {
		t.Errorf("%s: %v", name, err)
	}
	if last, ok := m.Blocks[len(m.Blocks)-1].(*slack.ContextBlock); ok {
		if e, ok := last.ContextElements.Elements[0].(*slack.TextBlockObject); ok && e.Text == "…" {
			t.Errorf("%s: a part of the card was dropped", name)
		}
	}
	return m.Blocks
}

func checkStepCard(t *testing.T, r *runbooks.Runbook, st runbooks.Step, c cardState) {
	t.Helper()
	name := fmt.Sprintf("%s step %s, %s", r.File, st.ID, c.name)
	src := stepSource(r, st.ID, c.work)
	shown := code(drawCard(t, name, src))
	locked := len(src.State.Locks(r.ID, st.ID, string(st.Kind))) > 0
	if locked && c.shows {
		t.Fatalf("%s: it is locked", name)
	}
	for _, cmd := range src.Step.Commands {
		if stands := strings.Contains(shown, strings.Trim(cmd, "\n")); stands == locked {
			t.Errorf("%s: locked %v, and the command stands there: %v\n%s\n--- shown\n%s", name, locked, stands, cmd, shown)
		}
	}
}

// A command is shown whole or, with a word about it, not at all.
func TestNoCommandIsCut(t *testing.T) {
	line := `kubectl exec -n vitakyc deploy/x -- sh -c 'a && b > "$TMP" || c <in' # ünïcode 🔴`
	for _, n := range []int{1, 20, 30, 60, 90} {
		for _, count := range []int{1, 2, 3} {
			var list []string
			for i := range count {
				list = append(list, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("%s %d\n", line, i), n), "\n"))
			}
			for _, lang := range catalog.Languages() {
				r := &runbooks.Runbook{ID: "OPS-7", Title: "x", Language: lang, Owner: "cto", Steps: []runbooks.Step{{ID: "a", Number: 1, Title: "A", Kind: runbooks.Diagnosis, Minutes: 1, LookFor: "x"}}}
				src := stepSource(r, "a", func(*incident.State, *incident.RunbookRun, string) {})
				src.Step.Commands, src.Step.Parts = list, nil
				card, err := view.Render(src)
				if err != nil {
					t.Fatal(err)
				}
				bs := drawCard(t, fmt.Sprint(n, count), src)
				shown, left := code(bs), 0
				for _, cmd := range list {
					if !strings.Contains(shown, cmd) {
						left++
					}
				}
				if strings.Count(shown, line) != n*(count-left) {
					t.Errorf("%d commands of %d lines: %d whole, %d lines shown", count, n, count-left, strings.Count(shown, line))
				}
				if said := strings.Contains(view.Plain(card, time.UTC), "tocsin runbooks show OPS-7"); said != (left > 0) {
					t.Errorf("%d commands of %d lines: %d left out, said %v", count, n, left, said)
				}
				if n*len(line) <= 2800 && count == 1 && left > 0 {
					t.Errorf("a command as long as the format allows is left out")
				}
			}
		}
	}
}

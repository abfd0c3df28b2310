package sim

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-bot/tocsin/bot"
	"github.com/tocsin-bot/tocsin/bot/engine"
	"github.com/tocsin-bot/tocsin/bot/outbox"
)

// guards are all of them, each switched off alone, and the plan that shows what it prevents. The plan passes with the guard.
var guards = []struct {
	guard string // also the file of the plan
	off   Guards
	sees  string // the invariant that is broken
}{
	{"look", Guards{Outbox: &outbox.Faults{NoLook: true}}, "I2"},
	{"fence", Guards{Engine: &engine.Faults{NoFence: true}}, "I8"},
	{"lease", Guards{Outbox: &outbox.Faults{NoLease: true}}, "I8"},
	{"dedupe", Guards{Engine: &engine.Faults{NoDedupe: true}}, "I11"},
	{"commit-first", Guards{Slack: bot.SlackFaults{AckFirst: true}}, "I6"},
	{"owed", Guards{Outbox: &outbox.Faults{NoOwed: true}}, "I5"},
	{"repair", Guards{Outbox: &outbox.Faults{NoRepair: true}}, "I2"},
	{"recall", Guards{Outbox: &outbox.Faults{NoRecall: true}}, "I2"},
	{"catch-up", Guards{Slack: bot.SlackFaults{NoCatchUp: true}}, "I6"},
	{"in-time", Guards{Engine: &engine.Faults{Early: 20 * time.Second}}, "I4"},
}

// TestGuards switches each guard off: the simulation must see it.
func TestGuards(t *testing.T) {
	for _, g := range guards {
		t.Run(g.guard, func(t *testing.T) {
			t.Parallel()
			p, err := ReadPlan(filepath.Join("testdata", "guards", g.guard+".json"))
			if err != nil {
				t.Fatal(err)
			}
			if res := play(t, p, Guards{}); len(res.Violations) > 0 {
				t.Fatalf("with the guard the plan must pass:\n%s\n%s", strings.Join(res.Violations, "\n"), logsOf(res))
			}
			res := play(t, p, g.off)
			if !strings.Contains(strings.Join(res.Violations, "\n"), g.sees+":") {
				t.Errorf("without the guard %s is broken and nobody sees it; seen: %q\n%s", g.sees, res.Violations, logsOf(res))
			}
		})
	}
}

func logsOf(r Result) string {
	if *verbose {
		return r.Logs
	}
	return ""
}

// TestGuardsAreSeenByChance says, for each guard, how many of so many random plans see that it is off.
func TestGuardsAreSeenByChance(t *testing.T) {
	if *plans == 0 {
		t.Log("a long run: -sim.plans=200")
		return
	}
	for _, g := range guards {
		seen := 0
		for n := range *plans {
			if len(play(t, drawn(*seed+n+1), g.off).Violations) > 0 {
				seen++
			}
		}
		t.Logf("without %s: seen by %d of %d", g.guard, seen, *plans)
		if seen == 0 {
			t.Errorf("without %s: never seen", g.guard)
		}
	}
}

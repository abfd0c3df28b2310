package sim

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/policy"
)

var (
	plans   = flag.Int("sim.plans", 0, "how many random plans TestLong plays; 0: it is skipped")
	seed    = flag.Int("sim.seed", 0, "seed of the first random plan; 0: the same plans each time, TestLong: others each time")
	whole   = flag.Bool("sim.process", false, "TestOne and TestLong draw plans of the whole process")
	file    = flag.String("sim.plan", "", "a plan's file, for TestOne")
	without = flag.String("sim.without", "", "a guard that TestOne switches off")
	verbose = flag.Bool("sim.logs", false, "print the bots' logs of a plan that fails")
)

// play runs a plan in a bubble of its own.
func play(t *testing.T, p Plan, g Guards) (res Result) {
	t.Helper()
	dir := t.TempDir()
	// Should the bubble itself fail (a goroutine left behind, everything blocked), the plan must not be lost with it.
	kept := filepath.Join(os.TempDir(), fmt.Sprintf("tocsin-sim-%d-%p.json", os.Getpid(), &res))
	_ = os.WriteFile(kept, p.JSON(), 0o600)
	synctest.Test(t, func(*testing.T) {
		res = Run(p, Options{Guards: g, Dir: dir, Settle: synctest.Wait})
	})
	_ = os.Remove(kept)
	return res
}

func drawn(n int) Plan {
	p := rapid.Custom(drawPlan).Example(n)
	p.Name = fmt.Sprintf("random %d", n)
	return p
}

// check plays a plan and reports what it breaks, as small as it can be made.
func check(t *testing.T, p Plan, total Sometimes) Result {
	t.Helper()
	res := play(t, p, Guards{})
	total.Add(res.Sometimes)
	if len(res.Violations) == 0 {
		return res
	}
	small := shrink(t, p, Guards{}, 25)
	again := play(t, small, Guards{})
	if *verbose {
		t.Log(again.Logs)
	}
	t.Errorf("%s breaks:\n  %s\nsmallest:\n  %s\nkeep it under testdata/plans:\n%s", p.Name, strings.Join(res.Violations, "\n  "), strings.Join(again.Violations, "\n  "), small.JSON())
	return res
}

// shrink leaves out operations as long as the plan still fails, with at most so many runs.
func shrink(t *testing.T, p Plan, g Guards, runs int) Plan {
	t.Helper()
	for size := len(p.Ops) / 2; size > 0; size /= 2 {
		for from := 0; from+size <= len(p.Ops) && runs > 0; {
			q := p
			q.Ops = append(append([]Op{}, p.Ops[:from]...), p.Ops[from+size:]...)
			runs--
			if len(play(t, q, g).Violations) > 0 {
				p = q
			} else {
				from += size
			}
		}
	}
	return p
}

// TestOne shows what one plan does.
func TestOne(t *testing.T) {
	if *seed == 0 && *file == "" {
		t.Log("for a look at one plan: -sim.seed, or -sim.plan with a file; -sim.without with a guard's name")
		return
	}
	p := drawn(*seed)
	if *whole {
		p = drawnProcess(*seed)
	}
	if *file != "" {
		var err error
		if p, err = ReadPlan(*file); err != nil {
			t.Fatal(err)
		}
	}
	var g Guards
	for _, x := range guards {
		if x.guard == *without {
			g = x.off
		}
	}
	t.Logf("%s", p.JSON())
	begun := time.Now()
	res := play(t, p, g)
	t.Logf("%d incidents, %d events, %v in %v\n%s\n%s", res.Incidents, res.Events, res.Lasted, time.Since(begun), strings.Join(res.Violations, "\n"), res.Sometimes)
	if *verbose {
		t.Logf("%s\n%s", res.Logs, strings.Join(res.Facts, "\n"))
	}
}

// ordinary is how many random plans every test run plays, in how many tests side by side. The race detector makes a plan several times as
// long; it looks for races, which a few plans show as well. Plans of the whole process are drawn in long runs only: every test run plays each
// of its scenes (TestScenes).
const (
	ordinary  = 144
	underRace = 8
	shards    = 4
)

// TestRandomPlans plays random plans; see -sim.seed.
func TestRandomPlans(t *testing.T) {
	total := Sometimes{}
	t.Cleanup(func() { t.Logf("what was reached:\n%s", total) })
	for s := range shards {
		t.Run(fmt.Sprint(s), func(t *testing.T) {
			t.Parallel()
			plans := ordinary
			if raced {
				plans = underRace
			}
			for n := s; n < plans && !t.Failed(); n += shards {
				check(t, drawn(*seed+n+1), total)
			}
		})
	}
}

// TestLong plays as many plans as asked for, others every time, and every scene, and fails unless every rare branch was reached.
func TestLong(t *testing.T) {
	if *plans == 0 {
		t.Log("a long run: -sim.plans=2000")
		return
	}
	first, draw := *seed, drawn
	if first == 0 {
		first = int(time.Now().Unix() % 1_000_000_000)
	}
	if *whole {
		draw = drawnProcess
	}
	total, begun := Sometimes{}, time.Now()
	t.Run("plans", func(t *testing.T) {
		for s := range shards {
			t.Run(fmt.Sprint(s), func(t *testing.T) {
				t.Parallel()
				for n := s; n < len(processScenes) && !t.Failed(); n += shards {
					check(t, processScenes[n].alone(), total)
				}
				for n := s; n < *plans && !t.Failed(); n += shards {
					check(t, draw(first+n), total)
				}
			})
		}
	})
	t.Logf("%d plans from -sim.seed=%d, %.1f a second\n%s", *plans, first, float64(*plans)/time.Since(begun).Seconds(), total)
	for _, b := range total.Missing() {
		t.Errorf("never reached: %s", b)
	}
}

// TestVariants: every variant of the policy fits, alone and with all the others.
func TestVariants(t *testing.T) {
	_, src := policy.Default()
	base := strings.Replace(string(src), "\n  secondary:\n", "\n  secondary:\n    people: [{secondary}]\n", 1)
	mail := map[string]string{"{executive}": "x@example.com", "{secondary}": "y@example.com", "{tech_lead}": "z@example.com"}
	r := rules{base: base, mail: mail, known: map[string]*incident.Policy{}}
	for _, name := range append(sortedKeys(variants), strings.Join(sortedKeys(variants), " ")) {
		if err := r.set(strings.Fields(name)); err != nil {
			t.Error(err)
		}
	}
	if len(r.known) != len(variants)+1 {
		t.Errorf("%d policies", len(r.known))
	}
}

// TestKeptPlans plays the plans that broke something once.
func TestKeptPlans(t *testing.T) {
	kept, err := filepath.Glob("testdata/plans/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range kept {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".json"), func(t *testing.T) {
			t.Parallel()
			p, err := ReadPlan(path)
			if err != nil {
				t.Fatal(err)
			}
			if res := play(t, p, Guards{}); len(res.Violations) > 0 {
				t.Errorf("%s\n%s", p.JSON(), strings.Join(res.Violations, "\n"))
			}
		})
	}
}

package sim

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// scene is a way through the process that seldom comes together by chance; what an operation does not say is drawn.
type scene struct {
	name string
	ops  []Op
	saw  []Branch // what it reaches every time when it is played alone
}

const (
	hour = 3_600_000 // milliseconds
	marc = 8         // who is on call: the first of eight, as none would be drawn
)

// processScenes walk the process beside the response. Each is played alone in every test run, so that no branch of it depends on chance; a plan
// of the whole process (-sim.process) begins with one.
var processScenes = []scene{
	// Many services at once: a storm; a part of it is split off, and merged again.
	{"storm split and merged", []Op{{Do: Storm, N: 1}, {Do: Message, Gap: 9000}, {Do: Split, Gap: 9000}, {Do: Message, Gap: 4000}, {Do: Merge, N: 1, Gap: 4000}},
		[]Branch{SawStorm, SawStormTakes, SawSplit, SawMerged}},
	{"two storms", []Op{{Do: Storm, N: 1}, {Do: Storm, N: 4, Gap: 900}, {Do: Advance, For: 905_000, Gap: 9000}}, []Branch{SawStorm, SawStormTakes}},
	// Two of the same are merged, the younger into the older; what it owes goes with it.
	{"merged with what it owes", []Op{{Do: Declare, Text: "sev2"}, {Do: Declare, Text: "sev1", Gap: 1500}, {Do: Command, Text: "lead @ines", Gap: 4000}, {Do: Command, Text: "answer personal_data yes", Gap: 4000}, {Do: Merge, N: 1, Gap: 4000},
		{Do: Message, Gap: 4000}, {Do: Advance, For: 13 * hour}},
		[]Branch{SawYes, SawMerged, SawMoved, SawReminded}},
	// Command is handed over: accepted, declined, not answered.
	{"hand-over accepted", []Op{{Do: Declare, Who: 6, Text: "sev3"}, {Do: Command, Who: 1, Text: "lead", Gap: 4000}, {Do: Command, Who: 1, Text: "handover @tomas", Gap: 4000}, {Do: Press, Who: 2, Text: "accept-hand-over", Gap: 4000}, {Do: Advance, For: 9 * hour, Gap: 9000}},
		[]Branch{SawAccepted, SawHandOver}},
	{"hand-over declined and not answered", []Op{{Do: Declare, Who: 6, Text: "sev3"}, {Do: Command, Who: 1, Text: "lead", Gap: 4000}, {Do: Command, Who: 1, Text: "handover @tomas", Gap: 4000}, {Do: Press, Who: 2, Text: "decline-hand-over", Gap: 4000},
		{Do: Command, Who: 1, Text: "handover @marc", Gap: 4000}, {Do: Advance, For: 710_000, Gap: 4000}, {Do: Advance, For: 195_000, Gap: 4000}},
		[]Branch{SawDeclined, SawLapsed}},
	// A page is handed on by whom it rang.
	{"page handed on", []Op{{Do: Declare, Who: 6, Text: "sev2"}, {Do: Command, Who: marc, Text: "hand @ines", Gap: 4000}, {Do: Press, Who: 1, Text: "ack", Gap: 4000}}, []Branch{SawHandedOn}},
	// What is owed when it is over, for days; half of it is seen to.
	{"owed for days", []Op{{Do: Declare, Who: 7, Text: "sev2"}, {Do: Command, Who: 1, Text: "lead", Gap: 4000}, {Do: Command, Who: 1, Text: "answer personal_data unknown", Gap: 1500}, {Do: Command, Who: 1, Text: "resolve rolled back", Gap: 4000},
		{Do: Command, Who: 1, Text: "notice customer sent mail to all", Gap: 1500}, {Do: Command, Text: "holiday add 2000-01-04 mourning", Gap: 400}, {Do: Advance, For: 26 * hour, Gap: 4000},
		{Do: Advance, For: 26 * hour}, {Do: Advance, For: 26 * hour}, {Do: Advance, For: 26 * hour}, {Do: Advance, For: 26 * hour},
		{Do: Command, Who: 1, Text: "duty post_mortem_draft done https://wiki/pm", Gap: 4000}, {Do: Command, Who: 1, Text: "duty post_mortem_review drop the draft says it all", Gap: 400}, {Do: Advance, For: 26 * hour}},
		[]Branch{SawUnknown, SawNotice, SawHoliday, SawDutyDone, SawDutyDropped, SawReminded}},
	{"nothing of theirs is in it", []Op{{Do: Declare, Who: 7, Text: "sev1"}, {Do: Command, Who: 1, Text: "lead", Gap: 4000}, {Do: Command, Who: 1, Text: "answer personal_data unknown", Gap: 1500},
		{Do: Command, Who: 1, Text: "answer personal_data no nothing of theirs is in it", Gap: 1500}, {Do: Advance, For: 5 * hour, Gap: 4000}},
		[]Branch{SawUnknown, SawNo}},
	// A step that is locked: without its keys, with one, with both; and what else a step can come to.
	{"a locked step", []Op{{Do: Alert, N: 3}, {Do: Command, Who: 1, Text: "lead", Gap: 9000}, {Do: Command, Who: 1, Text: "step open RB-004 max-connections", Gap: 1500}, {Do: Command, Who: 1, Text: "step done RB-004 max-connections raised", Gap: 1500},
		{Do: Command, Who: 1, Text: "step ask RB-004 max-connections", Gap: 1500}, {Do: Command, Who: 3, Text: "step approve RB-004 max-connections I think so", Gap: 1500},
		{Do: Command, Who: 2, Text: "step approve RB-004 max-connections there is no other way", Gap: 1500}, {Do: Command, Who: 1, Text: "step done RB-004 max-connections raised", Gap: 1500},
		{Do: Command, Who: 1, Text: "capture override time presses", Gap: 1500}, {Do: Command, Who: 1, Text: "step done RB-004 max-connections raised", Gap: 1500}},
		[]Branch{SawApproved, SawUnlocked, SawStepDone}},
	{"a locked step without a word", []Op{{Do: Alert, N: 3}, {Do: Command, Who: 1, Text: "step open RB-004 max-connections", Gap: 9000}, {Do: Command, Who: 1, Text: "lead", Gap: 1500}, {Do: Command, Who: 1, Text: "capture override time presses", Gap: 1500},
		{Do: Command, Who: 1, Text: "step done RB-004 max-connections raised", Gap: 1500}}, nil},
	{"steps found, blocked, skipped", []Op{{Do: Alert, N: 3}, {Do: Command, Who: 1, Text: "step found RB-004 the pool is exhausted", Gap: 9000}, {Do: Command, Who: 1, Text: "step block RB-004 waits for the supplier", Gap: 1500},
		{Do: Command, Who: 1, Text: "step skip RB-004 2 it does not apply", Gap: 1500}},
		[]Branch{SawStepFound, SawStepBlocked, SawStepSkipped}},
	{"help with a step", []Op{{Do: Alert, N: 1}, {Do: Command, Who: 1, Text: "step helpme", Gap: 9000}, {Do: Click, Text: "step-done", Gap: 4000}}, []Branch{SawStepHelp}},
	// It is confidential after all.
	{"private after all", []Op{{Do: Declare, Who: 1, Text: "sev2"}, {Do: Message, Gap: 4000}, {Do: Command, Who: 1, Text: "update we are rolling back", Gap: 1500}, {Do: Command, Who: 1, Text: "private confirm it is about a person", Gap: 4000},
		{Do: Message, Gap: 9000}, {Do: Note, Gap: 4000}, {Do: Advance, For: 1_810_000, Gap: 9000}},
		[]Branch{SawPrivate}},
	{"private after all, with its duplicate", []Op{{Do: Declare, Who: 1, Text: "sev2"}, {Do: Declare, Who: 3, Text: "sev2", Gap: 400}, {Do: Merge, N: 1, Gap: 9000}, {Do: Command, Who: 1, Text: "private confirm it is about a person", Gap: 9000}, {Do: Message, Gap: 9000}},
		[]Branch{SawMerged, SawPrivate}},
	// Nobody takes a SEV-4, for days.
	{"nobody took a SEV-4", []Op{{Do: Declare, Who: 6, Text: "sev4"}, {Do: Command, Who: 6, Text: "lead none", Gap: 4000}, {Do: Advance, For: 26 * hour}, {Do: Advance, For: 26 * hour}, {Do: Advance, For: 26 * hour}, {Do: Message}},
		[]Branch{SawTakeLate}},
	// The secondary is covered while the ladder comes to them.
	{"a cover", []Op{{Do: Reconf, Text: "rotation"}, {Do: Declare, Text: "sev2", Gap: 9000}, {Do: Command, Who: 1, Text: "cover secondary @ines 00:00-23:59 @tomas", Gap: 4000}, {Do: Advance, For: 905_000, Gap: 4000}}, []Branch{SawCovered}},
	// Taken up again under other rules than those it was declared under.
	{"taken up under a newer policy", []Op{{Do: Declare, Text: "sev2"}, {Do: Reconf, Text: "figures", Gap: 4000}, {Do: Command, Text: "resolve fixed", Gap: 9000}, {Do: Command, Text: "reopen it is back", Gap: 9000}, {Do: Advance, For: 905_000, Gap: 4000}},
		[]Branch{SawRebased}},
}

// processDeck is of the whole process.
var processDeck = deck{
	policies: []string{"pagerduty-first", "pagerduty-first", "pagerduty-ladder", "executive", "executive", "tokyo", "tokyo pagerduty-first figures", "rotation", "", ""},
	people:   append(slices.Clone(people), Press, Press, Press, Merge, Command, Command),
	commands: slices.Concat(commands, processCommands),
	forms:    append(slices.Clone(forms), "capture", "handover"),
	buttons:  append(slices.Clone(buttonsDrawn), "step-done", "step-take", "step-help", "step-ask", "answer-unknown"),
	edits:    []string{"figures", "figures", "executive", "tokyo", "pagerduty-first", "rotation"},
	scenes:   append(opsOf(processScenes), scenes...), often: 8, length: 10, opens: opsOf(processScenes),
}

func opsOf(list []scene) (out [][]Op) {
	for _, s := range list {
		out = append(out, s.ops)
	}
	return out
}

var (
	processCommands = []string{
		"handover @ines", "handover @tomas", "answer personal_data yes", "answer personal_data no nothing of theirs is in it", "answer personal_data unknown", "duty post_mortem_draft done https://wiki/pm",
		"duty post_mortem_review drop the draft says it all", "duty post_mortem_published take", "notice customer sent mail to every tenant", "notice authority sent form of the authority", "action add @marc 2000-01-20 watch the pool",
		"action done 1", "holiday add 2000-01-03 mourning", "holiday add 2000-01-07", "holiday remove 2000-01-03", "impact customers=yes tenants=4", "impact customers=no", "capture override time presses",
		"step done seen it", "step done RB-001 1 as it should be", "step found the pool is exhausted", "step skip it does not apply", "step block waits for the supplier", "step unblock", "step helpme", "step open 3",
		"step ask RB-004 8", "step approve RB-004 8 there is no other way", "step done RB-004 8 raised", "status closed", "moment fix-deployed", "moment customers-notified", "oncall", "covers", "swap secondary @ines @tomas",
		"cover secondary @ines 00:00-23:59 @tomas", "uncover 1",
	}
	// In direct messages.
	presses = []string{"ack", "accept-hand-over", "accept-hand-over", "decline-hand-over", "more-time", "duty-take", "join", "answer-unknown"}
)

func drawnProcess(n int) Plan {
	p := rapid.Custom(processDeck.plan).Example(n)
	p.Name = fmt.Sprintf("whole process %d", n)
	return p
}

// alone is a scene without faults or chance around it, on a Monday morning.
func (s scene) alone() Plan {
	p := Plan{Name: s.name, Store: StoreRedis, Begin: 57*60 + 40}
	at := 1000
	for _, op := range s.ops {
		if op.Gap == 0 {
			op.Gap = 1500
		}
		at += op.Gap
		op.At, op.Gap = at, 0
		p.Ops = append(p.Ops, op)
	}
	return p
}

// TestScenes plays every scene of the process alone: each must reach what it is there for. Under the race detector, which makes a plan
// several times as long, every fourth is played.
func TestScenes(t *testing.T) {
	for i, s := range processScenes {
		if raced && i%4 != 0 {
			continue
		}
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			p := s.alone()
			res := play(t, p, Guards{})
			if len(res.Violations) > 0 {
				t.Errorf("%s\n%s", p.JSON(), strings.Join(res.Violations, "\n"))
			}
			for _, b := range s.saw {
				if res.Sometimes[b] == 0 {
					t.Errorf("does not reach: %s\n%s", b, strings.Join(res.Facts, "\n"))
				}
			}
			if *verbose {
				t.Logf("%s\n%s\n%s\n%s", p.JSON(), res.Sometimes, res.Logs, strings.Join(res.Facts, "\n"))
			}
		})
	}
}

package sim

import (
	"pgregory.net/rapid"
)

// What a kind of plans is drawn from: one of the list, as often as it stands there.
type deck struct {
	policies []string // of ten
	people   []Act
	commands []string
	forms    []string
	buttons  []string
	edits    []string // of the policy file
	scenes   [][]Op
	often    int    // a scene in place of an act: one time in so many
	length   int    // acts and scenes at most
	opens    [][]Op // with one of which a plan begins; none: with an act alone
}

// ordinaryDeck is of what everybody meets every day, and of every fault. What is changed here changes every plan that was ever drawn by its
// seed: the rest of the process has a deck of its own.
var ordinaryDeck = deck{
	policies: []string{"pagerduty-first", "pagerduty-first", "pagerduty-ladder", "executive", "executive", "tokyo", "tokyo pagerduty-first figures", "", "", ""},
	people:   people, commands: commands, forms: forms, buttons: buttonsDrawn, scenes: scenes, often: 12, length: 22,
	edits: []string{"figures", "figures", "executive", "tokyo", "pagerduty-first"},
}

var (
	people = []Act{
		Declare, Declare, Message, Message, Message, Message, Edit, Delete, Reply, Reply, Command, Command, Command, Command, Note, Note, Note, Note,
		Click, Click, Click, Squat, Alert, Alert, Alert, Clear, Again, Fire, Fire, PhoneAck, PhoneAck, PhoneEnd, PhoneSay, PhoneBack, Relieve, Advance, Advance, Advance, Advance,
		Twin, AlertBoth, FillIn, FillIn, FillIn, Home, Reconf,
	}
	slackFaults = []Act{SlackDown, SlackDown, SocketDown, SlackSlow, SlackLimited, SlackAfter500, SlackAfter500, SlackAfter500, SlackAfterCut, SlackAfterCut, SlackHTML, Slack500, HalfOpen, DropSockets, Refresh, Duplicate, Duplicate, Lose}
	pagerFaults = []Act{PagerDown, PagerDown, PagerAfter500, PagerAfter500, Pager500, PagerHold, PagerTwice, PagerTwice, PagerReorder}
	storeFaults = []Act{StoreDown, StoreSlow, StoreLose, StoreLose, LoseDue}
	lifeFaults  = []Act{Crash, CrashBefore, CrashBefore, CrashAfter, CrashAfter, CrashAfter, CrashScript, Pause, PauseLooked, PauseLooked, PauseBefore, PauseBefore, PauseAfter}
)

var (
	verbs    = []string{"", "open-channel", "open-channel", "post", "post", "ring", "ring", "direct", "close-page", "redraw", "note-page"}
	methods  = []string{"", "conversations.create", "conversations.create", "chat.postMessage", "chat.postMessage", "chat.update", "conversations.history", "conversations.invite", "apps.connections.open"}
	commands = []string{
		"ack", "ack", "lead", "lead none", "role comms", "role scribe", "sev 1 it is worse", "sev 2 it spreads", "sev 3", "sev 4 all quiet", "status identified", "status mitigated rolled back",
		"progress found the deploy that did it", "update we are rolling back", "page next", "page cto", "runbook RB-001", "resolve rolled back", "resolve fixed", "cancel a drill", "reopen it is back",
		"list", "help", "timeline", "frobnicate",
		"lead @ines", "lead @tomas", "role comms @nadia", "role scribe @jonas", "hand @ines", "hand @amel", "park 2h", "park tomorrow 09:00 @marc", "resume", "page executive",
	}
	// "" opens the form to declare; words missing, the other verbs open theirs.
	forms = []string{"", "declare", "progress", "update", "sev", "role", "runbook", "resolve", "cancel", "hand", "reopen"}

	buttonsDrawn = []string{"ack", "take-role", "step-done", "more-time", "send-help", "mitigated", "confirm-sev", "join"}
)

// scenes are what seldom comes together by chance; what an operation does not say is drawn.
var scenes = [][]Op{
	{{Do: SlackDown}, {Do: Advance}, {Do: Advance}, {Do: Advance}, {Do: Message}},                           // posts come late, and are folded
	{{Do: StoreSlow}, {Do: Note}, {Do: Command}, {Do: Click}},                                               // outcomes come late
	{{Do: Alert}, {Do: Fire}, {Do: Again}, {Do: Alert}},                                                     // one alert by several ways
	{{Do: PauseBefore}, {Do: PauseBefore}, {Do: Command}, {Do: Advance}},                                    // a call that outlives its lease
	{{Do: PauseBefore}, {Do: PauseBefore}, {Do: Declare}},                                                   // the same, of a room's first posts
	{{Do: HalfOpen}, {Do: Message}, {Do: Message}, {Do: Edit}, {Do: Advance}, {Do: Advance}, {Do: Advance}}, // what Slack gave up repeating is read from history
	{{Do: Command}, {Do: Crash}, {Do: Message}, {Do: Advance}},                                              // what was said is read from history
	// The same, while nothing can be recorded; and then Slack goes as well.
	{{Do: StoreDown, For: 35_000}, {Do: Message}, {Do: Message}, {Do: Advance, For: 61_000, Gap: 8000}, {Do: Advance, For: 310_000, Gap: 8000}, {Do: Advance, For: 61_000, Gap: 8000}},
	{{Do: StoreDown, For: 35_000}, {Do: Message}, {Do: Advance, For: 61_000, Gap: 8000}, {Do: Advance, For: 310_000, Gap: 8000}, {Do: SlackDown, For: 7000, Gap: 30_000}, {Do: Advance, For: 61_000}, {Do: Message}},
	// Slack takes what was given up and posted again; and whoever owes the repair dies.
	{{Do: SlackSlow, N: 14_000, For: 4000, Gap: 4000}, {Do: Command, Text: "update we are rolling back", Gap: 400}, {Do: Command, Text: "status identified", Gap: 400}, {Do: Message, Gap: 9000}},
	{{Do: SlackSlow, N: 14_000, For: 4000, Gap: 4000}, {Do: Command, Text: "update we are rolling back", Gap: 400}, {Do: Crash, Gap: 30_000}, {Do: Crash}},
	// An alert that clears with nobody answering, and fires again: soon, and after a night.
	{{Do: Alert, N: 1}, {Do: Clear, N: 1, Gap: 1500}, {Do: Advance, For: 61_000}, {Do: Alert, N: 1, Gap: 1500}, {Do: Advance}},
	{{Do: Alert, N: 2}, {Do: Clear, N: 2, Gap: 1500}, {Do: Advance, For: 26 * 3_600_000}, {Do: Advance, For: 26 * 3_600_000}, {Do: Alert, N: 2, Gap: 1500}},
	{{Do: Fire, N: 3}, {Do: Relieve, N: 3, Gap: 4000}, {Do: Advance}, {Do: PhoneBack, Gap: 1500}, {Do: Advance}},
	{{Do: Fire, N: 3}, {Do: PhoneAck, Gap: 4000}, {Do: Command, Text: "resolve fixed", Gap: 4000}, {Do: PhoneBack, Gap: 9000}, {Do: Message}},
	// Two declare the same; two replicas hear the same alert.
	{{Do: Twin, Text: "sev3"}, {Do: Message}},
	{{Do: AlertBoth, N: 1}, {Do: Message}},
	// Set aside until a moment, which comes.
	{{Do: Declare, Who: 1, Text: "sev3"}, {Do: Command, Text: "park 2h", Gap: 4000}, {Do: Advance, For: 3_700_000}, {Do: Advance, For: 3_700_000}, {Do: PhoneAck}},
	// Nobody takes a SEV-4, for days.
	{{Do: Declare, Who: 6, Text: "sev4"}, {Do: Command, Who: 6, Text: "lead none", Gap: 4000}, {Do: Advance, For: 26 * 3_600_000}, {Do: Advance, For: 26 * 3_600_000}, {Do: Advance, For: 26 * 3_600_000}, {Do: Message}},
	// Other rules than those in flight; and taken up again under them.
	{{Do: Alert}, {Do: Reconf, Text: "figures"}, {Do: Advance, For: 310_000, Gap: 9000}, {Do: Advance, For: 310_000}, {Do: Advance, For: 310_000}},
	{{Do: Declare, Text: "sev2"}, {Do: Reconf, Text: "figures", Gap: 4000}, {Do: Command, Text: "resolve fixed", Gap: 9000}, {Do: Command, Text: "reopen it is back", Gap: 4000}, {Do: Advance}, {Do: Advance}},
	// A form that is sent when the world has moved on.
	{{Do: FillIn, Text: "progress", For: 20_000}, {Do: Command, Text: "resolve fixed", Gap: 1500}, {Do: Advance, Gap: 4000}, {Do: Message, Gap: 9000}},
	{{Do: FillIn, For: 9000}, {Do: FillIn, For: 9000}, {Do: DropSockets}, {Do: Message, Gap: 9000}},
	// PagerDuty does not answer for longer than a minute.
	{{Do: PagerDown, For: 20_000}, {Do: Declare, Who: 7, Text: "sev1"}, {Do: Advance, For: 61_000, Gap: 1500}, {Do: Message}},
	// Shortly before a deadline, and a little later.
	{{Do: Declare, Who: 7, Text: "sev1"}, {Do: Advance, For: 284_000, Gap: 4000}, {Do: Message, Gap: 4000}, {Do: Message, Gap: 9000}},
	{{Do: Alert}, {Do: Advance, For: 884_000, Gap: 4000}, {Do: Message, Gap: 4000}, {Do: Message, Gap: 9000}},
}

// drawPlan draws an ordinary plan.
func drawPlan(t *rapid.T) Plan { return ordinaryDeck.plan(t) }

// plan draws a plan: one to three incidents, what people do about them, and faults.
func (d deck) plan(t *rapid.T) Plan {
	p := Plan{Store: StoreRedis}
	if rapid.IntRange(0, 5).Draw(t, "store") == 0 {
		p.Store = StoreBolt
	}
	p.Policy = d.policies[rapid.IntRange(0, 9).Draw(t, "policy")]
	// Saturday at midnight; Monday morning; Friday before and after closing time; a night.
	p.Begin = rapid.SampledFrom([]int{0, 0, 0, 57*60 + 40, 6*24*60 + 17*60 + 30, 6*24*60 + 18*60 + 5, 3*24*60 + 2*60}).Draw(t, "begin")
	at := 0
	add := func(op Op) {
		gap := op.Gap
		if gap == 0 {
			gap = rapid.SampledFrom([]int{3, 40, 400, 1500, 4000, 9000}).Draw(t, "gap")
		}
		at += gap + rapid.IntRange(0, 30).Draw(t, "ms")
		op.At, op.Gap = at, 0
		p.Ops = append(p.Ops, op)
	}
	scene := func(from [][]Op) {
		for _, set := range rapid.SampledFrom(from).Draw(t, "which") {
			if p.Store == StoreRedis || set.Do != StoreSlow && set.Do != StoreDown {
				add(preset(d.act(t, set.Do), set))
			}
		}
	}
	add(d.act(t, rapid.SampledFrom([]Act{Declare, Alert, Fire}).Draw(t, "first")))
	if d.opens != nil {
		scene(d.opens)
	}
	for range rapid.IntRange(4, d.length).Draw(t, "length") {
		if rapid.IntRange(0, d.often-1).Draw(t, "scene") == 0 {
			scene(d.scenes)
			continue
		}
		var from []Act
		switch kind := rapid.IntRange(0, 19).Draw(t, "kind"); {
		case kind < 11:
			from = d.people
		case kind < 14:
			from = slackFaults
		case kind < 16:
			from = pagerFaults
		case kind < 17 && p.Store == StoreRedis:
			from = storeFaults
		default:
			from = lifeFaults
		}
		add(d.act(t, rapid.SampledFrom(from).Draw(t, "act")))
	}
	return p
}

// preset is a drawn operation with what is set in place of what was drawn.
func preset(op, set Op) Op {
	for _, x := range []struct{ drawn, set *int }{{&op.Who, &set.Who}, {&op.N, &set.N}, {&op.For, &set.For}, {&op.Gap, &set.Gap}} {
		if *x.set != 0 {
			*x.drawn = *x.set
		}
	}
	if set.Text != "" {
		op.Text = set.Text
	}
	return op
}

func (d deck) act(t *rapid.T, do Act) Op {
	op := Op{Do: do}
	some := func(max int) int { return rapid.IntRange(0, max).Draw(t, "n") }
	text := func(list []string) string { return rapid.SampledFrom(list).Draw(t, "text") }
	switch do {
	case Declare:
		op.Who, op.Text = some(7), text([]string{"sev1", "sev2", "sev3", "sev4", ""})
	case Twin:
		op.Who, op.Text = some(6), text([]string{"sev1", "sev2", "sev3", ""})
	case FillIn:
		op.Who, op.Incident, op.N, op.Text = some(7), some(1), some(40), text(d.forms)
		op.For = rapid.SampledFrom([]int{300, 1500, 9000, 40_000}).Draw(t, "for")
	case Home:
		op.Who = some(7)
	case Reconf:
		op.Text = text(d.edits)
	case Message, Edit, Delete, Note, Squat:
		op.Who, op.Incident = some(7), some(1)
	case Reply:
		op.Who, op.N = some(7), some(7)
	case Command:
		op.Who, op.Incident, op.Text = some(7), some(1), text(d.commands)
	case Click:
		op.Who, op.Incident, op.Text = some(7), some(1), text(d.buttons)
	case Press:
		op.Who, op.Text = some(5), text(presses)
	case Merge:
		op.Who, op.Incident, op.N = some(7), some(1), some(3)
	case Storm, Split:
		op.Who, op.N = some(7), some(4)
	case Alert, AlertBoth, Clear, Fire, Relieve:
		op.N = some(4)
	case PhoneAck, PhoneEnd, PhoneSay, PhoneBack:
		op.Who = some(3)
	case Advance:
		op.For = rapid.SampledFrom([]int{20_000, 61_000, 185_000, 310_000, 905_000, 1_810_000, 3_700_000, 9 * 3_600_000}).Draw(t, "jump")
	case SlackDown, SocketDown, PagerDown, PagerHold, PagerTwice, PagerReorder, SlackLimited:
		op.For = rapid.SampledFrom([]int{1500, 7000, 20_000, 40_000}).Draw(t, "for")
		if do == SlackLimited {
			op.Text = text(methods)
		}
	case SlackSlow:
		op.N, op.For = rapid.SampledFrom([]int{300, 2500, 9500, 12_000}).Draw(t, "latency"), rapid.SampledFrom([]int{4000, 15_000}).Draw(t, "for")
	case StoreSlow:
		op.N, op.For = rapid.SampledFrom([]int{150, 900, 2600}).Draw(t, "latency"), rapid.SampledFrom([]int{4000, 12_000}).Draw(t, "for")
	case StoreDown:
		op.For = rapid.SampledFrom([]int{900, 3000, 12_000, 35_000}).Draw(t, "for")
	case SlackAfter500, SlackAfterCut, SlackHTML, Slack500:
		op.N, op.Text = 1+some(2), text(methods)
	case PagerAfter500, Pager500, Duplicate, Lose, StoreLose:
		op.N = 1 + some(3)
	case Crash:
		op.Replica, op.For = some(1), rapid.SampledFrom([]int{300, 5000, 40_000}).Draw(t, "for")
	case CrashScript:
		op.Replica, op.N, op.For = some(1), 1+some(12), rapid.SampledFrom([]int{300, 5000, 40_000}).Draw(t, "for")
	case CrashBefore, CrashAfter:
		op.Replica, op.Text, op.For = some(1), text(verbs), rapid.SampledFrom([]int{300, 5000, 40_000}).Draw(t, "for")
	case Pause:
		op.Replica, op.For = some(1), rapid.SampledFrom([]int{2000, 12_000, 36_000, 50_000}).Draw(t, "for")
	case PauseLooked, PauseBefore, PauseAfter:
		// Past the lease most of the time, and at what Slack could get twice.
		op.Replica, op.Text, op.For = some(1), text([]string{"", "post", "post", "post", "direct", "open-channel", "ring"}), rapid.SampledFrom([]int{12_000, 36_000, 36_000, 50_000}).Draw(t, "for")
	}
	return op
}

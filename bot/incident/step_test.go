package incident

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// guardedRef is a runbook with every guard there is.
func guardedRef() RunbookRef {
	return RunbookRef{ID: "RB-9", Digest: "d", Owner: "tech_lead", Parameters: []string{"topic"},
		Steps: []string{"look", "flag", "replay", "purge", "tell", "report"},
		Rules: []StepRule{
			{Kind: KindDiagnosis, Minutes: 1}, {Kind: KindMitigation, Approval: "cto"}, {Kind: KindReplay}, {Kind: KindDestructive, Approval: "cto", FourEyes: true},
			{Kind: KindNotify, Who: []string{"compliance_officer", "incident_commander"}}, {Kind: KindNotify, After: true},
		}}
}

func withRunbook(t *testing.T) *story {
	st := newStory(t)
	st.declared(2)
	st.by(marc, StartRunbook{Runbook: guardedRef()})
	return st
}

func refusalOf(st *story, who Person, a Act) string {
	err := errOf(st, who, a)
	if err == nil {
		return ""
	}
	r, ok := err.(*Refusal)
	if !ok {
		return err.Error()
	}
	return r.Code
}

func doStep(step string) MarkStep { return MarkStep{Runbook: "RB-9", Step: step, Mark: StepDone} }

func captureAll() CaptureFirst {
	return CaptureFirst{Requests: Say("r-1", 10), Traces: Say("none", 10), Tenants: Say("Alpha", 10), Organisations: Say("none", 10), From: night.Add(-time.Hour), To: night}
}

// Every lock stays shut against every key but its own.
func TestNoLockOpensWithoutItsKey(t *testing.T) {
	type try struct {
		who  Person
		act  Act
		want string // refusal; empty: it is done
	}
	why := Say("the copy is whole", 100)
	for name, tries := range map[string][]try{
		"approval": {
			{marc, doStep("flag"), RefusedUnapproved},
			{amel, doStep("flag"), RefusedUnapproved}, // the CTO must say so, with a reason
			{marc, ApproveStep{Runbook: "RB-9", Step: "flag", Reason: why}, RefusedApprover},
			{viktor, ApproveStep{Runbook: "RB-9", Step: "flag", Reason: why}, RefusedApprover}, // the CEO is not the CTO
			{amel, ApproveStep{Runbook: "RB-9", Step: "flag", Reason: Text{}}, RefusedReasonNeeded},
			{marc, doStep("flag"), RefusedUnapproved},
			{amel, ApproveStep{Runbook: "RB-9", Step: "purge", Reason: why}, ""}, // another step's key
			{marc, doStep("flag"), RefusedUnapproved},
			{amel, ApproveStep{Runbook: "RB-9", Step: "flag", Reason: why}, ""},
			{amel, ApproveStep{Runbook: "RB-9", Step: "flag", Reason: why}, RefusedApproved},
			{marc, doStep("flag"), ""}, // mitigation waits for no capture
		},
		"no approval to give":  {{amel, ApproveStep{Runbook: "RB-9", Step: "look", Reason: why}, RefusedNoApproval}, {marc, AskApproval{"RB-9", "look"}, RefusedNoApproval}, {marc, RingApprover{"RB-9", "look"}, RefusedNoApproval}},
		"the caller's kind":    {{marc, MarkStep{Runbook: "RB-9", Step: "replay", Mark: StepDone, Kind: KindMitigation}, RefusedLocked}, {marc, doStep("replay"), RefusedLocked}},
		"capture":              {{marc, doStep("replay"), RefusedLocked}, {ines, captureAll(), ""}, {marc, doStep("replay"), ""}},
		"the commander's word": {{marc, doStep("replay"), RefusedLocked}, {ines, OverrideLock{why}, RefusedCommander}, {marc, OverrideLock{why}, ""}, {marc, doStep("replay"), ""}},
		"both, and four eyes": {
			{amel, ApproveStep{Runbook: "RB-9", Step: "purge", Reason: why}, ""},
			{marc, doStep("purge"), RefusedLocked},
			{ines, captureAll(), ""},
			{marc, doStep("purge"), RefusedUnseconded},
			{ines, ReturnStep{"RB-9", "purge", Text{}}, RefusedReasonNeeded},
			{ines, ReturnStep{"RB-9", "purge", why}, ""},
			{marc, TakeStep{"RB-9", "purge", ""}, ""},
			{marc, ConfirmStep{Runbook: "RB-9", Step: "purge"}, RefusedSecondWorks},
			{ines, ConfirmStep{Runbook: "RB-9", Step: "purge"}, ""},
			{ines, ConfirmStep{Runbook: "RB-9", Step: "purge"}, RefusedSeconded},
			{ines, doStep("purge"), RefusedSecondDoes},
			{ines, ReturnStep{"RB-9", "purge", why}, ""}, // on second thoughts
			{marc, doStep("purge"), RefusedUnseconded},
			{ines, ConfirmStep{Runbook: "RB-9", Step: "purge"}, ""},
			{ines, TakeStep{"RB-9", "purge", marc.Key()}, ""}, // who works it has not looked as the second
			{ines, doStep("purge"), RefusedUnseconded},
			{marc, doStep("purge"), RefusedUnseconded},
			{marc, ConfirmStep{Runbook: "RB-9", Step: "purge"}, ""},
			{marc, SetParameters{Values: []Value{{Name: "topic", Text: Say("audit", 10)}}}, ""}, // another command
			{ines, doStep("purge"), RefusedUnseconded},
			{marc, ConfirmStep{Runbook: "RB-9", Step: "purge"}, ""},
			{marc, SetParameters{Values: []Value{{Name: "other", Text: Say("x", 10)}}}, ""}, // of another runbook
			{ines, doStep("purge"), ""},
			{marc, doStep("purge"), RefusedStepMarked},
			{marc, AgainStep{Runbook: "RB-9", Step: "purge"}, ""},
			{amel, ApproveStep{Runbook: "RB-9", Step: "purge", Reason: why}, ""},
			{marc, doStep("purge"), RefusedUnseconded},
		},
		"no second person to be": {{ines, ConfirmStep{Runbook: "RB-9", Step: "look"}, RefusedNotAwaited}, {ines, ReturnStep{"RB-9", "look", why}, RefusedNotAwaited}},
		"who":                    {{sam, doStep("tell"), RefusedStepWho}, {amel, doStep("tell"), RefusedStepWho}, {lucie, doStep("tell"), ""}},
		"who, by the incident":   {{marc, doStep("tell"), ""}},
		"who does it may skip":   {{sam, MarkStep{Runbook: "RB-9", Step: "tell", Mark: StepSkipped, Text: why}, ""}},
		"after the end":          {{marc, Resolve{}, ""}, {marc, doStep("look"), RefusedOver}, {marc, OpenStep{Runbook: "RB-9", Step: "look"}, RefusedOver}, {marc, doStep("report"), ""}},
		"after it was noise":     {{marc, Cancel{Reason: why}, ""}, {marc, doStep("report"), RefusedOver}},
	} {
		t.Run(name, func(t *testing.T) {
			st := withRunbook(t)
			for i, x := range tries {
				if got := refusalOf(st, x.who, x.act); got != x.want {
					t.Errorf("%d: %s, %T %+v: %q, want %q", i, x.who.Name, x.act, x.act, got, x.want)
				}
			}
		})
	}
}

// What an older log says was run before a second person looked is confirmed afterwards, and stays done.
func TestAStepThatWasRunBeforeSomebodyLooked(t *testing.T) {
	st := withRunbook(t)
	fold := func(who Person, f Fact) {
		e := Event{Seq: st.s.Seq + 1, At: st.now, RecordedAt: st.now, Actor: Actor{Person: who}, Via: ViaSlack, Fact: f}
		st.s, st.log = Evolve(st.s, e), append(st.log, e)
	}
	fold(marc, &StepAwaits{Runbook: "RB-9", Step: "purge", Text: Say("purged", 10)})
	if locks := st.s.Locks("RB-9", "purge", ""); slices.ContainsFunc(locks, func(l Lock) bool { return l.Kind == LockEyes }) {
		t.Errorf("what was run is locked: %+v", locks)
	}
	for i, x := range []struct {
		who  Person
		act  Act
		want string
	}{
		{marc, ConfirmStep{Runbook: "RB-9", Step: "purge"}, RefusedSecond}, {ines, ConfirmStep{Runbook: "RB-9", Step: "purge"}, ""}, {ines, doStep("purge"), RefusedStepMarked},
	} {
		if got := refusalOf(st, x.who, x.act); got != x.want {
			t.Errorf("%d: %q, want %q", i, got, x.want)
		}
	}
	if run, _ := st.s.Runbook("RB-9"); run.Steps["purge"].By != marc || run.Steps["purge"].Second != ines {
		t.Errorf("%+v", run.Steps["purge"])
	}
}

// A refusal says who may.
func TestARefusalNamesWhoMay(t *testing.T) {
	st := withRunbook(t)
	for _, x := range []struct {
		act  Act
		want Person
	}{{doStep("flag"), amel}, {ApproveStep{Runbook: "RB-9", Step: "flag", Reason: Say("why not", 20)}, amel}, {doStep("tell"), lucie}} {
		if r, ok := errOf(st, sam, x.act).(*Refusal); !ok || r.By != x.want || r.Args[0] != "RB-9" {
			t.Errorf("%T: %+v", x.act, r)
		}
	}
	st.onCall = OnCall{}
	if r := refusalOf(st, amel, ApproveStep{Runbook: "RB-9", Step: "flag", Reason: Say("I am the CTO", 20)}); r != RefusedApprover {
		t.Errorf("nobody is known to be the CTO: %q", r)
	}
	if r := refusalOf(st, marc, AskApproval{"RB-9", "flag"}); r != RefusedNoHolder {
		t.Errorf("%q", r)
	}
}

// Who holds the role is written to, once; who asked hears of the answer. A page goes out when somebody wants one.
func TestAskingForApproval(t *testing.T) {
	st := withRunbook(t)
	st.opened()
	names := effects(st.by(ines, AskApproval{"RB-9", "flag"}))
	if !slices.Contains(names, "direct/step-approval/0") || slices.ContainsFunc(names, func(n string) bool { return n[:4] == "ring" }) {
		t.Errorf("asked: %q", names)
	}
	owed := Owed{Effect: Effect{Name: "direct/step-approval/0", Do: Direct, View: ViewApproval, People: []Person{amel}, Arg: "RB-9/flag"}}
	if !StillOwed(st.s, owed) {
		t.Error("the question is not owed")
	}
	if r := refusalOf(st, marc, AskApproval{"RB-9", "flag"}); r != RefusedApprovalAsked {
		t.Errorf("asked twice: %q", r)
	}
	st.by(ines, RingApprover{"RB-9", "flag"})
	p, _ := st.s.openPage("cto")
	if p.Person != amel || p.For != ForApproval || p.Runbook != "RB-9" || p.Step != "flag" || p.By != ines || p.Why != WhyAsked {
		t.Errorf("%+v", p)
	}
	if r := refusalOf(st, marc, RingApprover{"RB-9", "flag"}); r != RefusedPageTwice {
		t.Errorf("rung twice: %q", r)
	}
	names = effects(st.by(amel, ApproveStep{Runbook: "RB-9", Step: "flag", Reason: Say("go", 10)}))
	if !slices.Contains(names, "direct/step-approved/0") || StillOwed(st.s, owed) {
		t.Errorf("approved: %q, still asked: %v", names, StillOwed(st.s, owed))
	}
	run, _ := st.s.Runbook("RB-9")
	if w := run.Worked("flag"); w.Approved.By != amel || w.Approved.Reason.Body != "go" || w.Asked.By != ines || len(st.s.Locks("RB-9", "flag", "")) != 0 {
		t.Errorf("%+v", w)
	}
}

// The owner is rung once for a step and round.
func TestHelpWithAStep(t *testing.T) {
	st := withRunbook(t)
	st.by(tomas, Ack{})
	st.by(marc, HelpStep{"RB-9", "look"})
	run, _ := st.s.Runbook("RB-9")
	p, open := st.s.openPage("tech_lead")
	if h := run.Worked("look").Help; h.Who != tomas || h.Role != "tech_lead" || !open || p.For != ForHelp || p.Step != "look" {
		t.Errorf("%+v %+v", h, p)
	}
	if r := refusalOf(st, ines, HelpStep{"RB-9", "look"}); r != RefusedHelped {
		t.Errorf("%q", r)
	}
	ref := RunbookRef{ID: "RB-8", Steps: []string{"a"}}
	st.by(marc, StartRunbook{Runbook: ref})
	if r := refusalOf(st, marc, HelpStep{"RB-8", "a"}); r != RefusedNoOwner {
		t.Errorf("%q", r)
	}
}

// Two people work two steps, each on a card of their own; what one does does not move the other's.
func TestTwoPeopleWorkTwoSteps(t *testing.T) {
	st := withRunbook(t)
	st.opened()
	run := func() RunbookRun { r, _ := st.s.Runbook("RB-9"); return r }
	st.by(marc, OpenStep{Runbook: "RB-9", Step: "tell"}) // nobody works step 1: the card jumps
	if r := run(); r.Current != "tell" || len(r.Beside) != 0 || r.Worked("tell").By != marc {
		t.Fatalf("%+v", r)
	}
	if r := refusalOf(st, ines, OpenStep{Runbook: "RB-9", Step: "tell"}); r != RefusedStepOpen {
		t.Errorf("%q", r)
	}
	names := effects(st.by(ines, OpenStep{Runbook: "RB-9", Step: "look"})) // Marc works the first: a second card
	if r := run(); r.Current != "tell" || r.On(2) != "look" || r.CardOf("look") != 2 || r.Worked("look").By != ines {
		t.Fatalf("%+v", r)
	}
	if !slices.Contains(names, "post/step/RB-9/2") || !slices.Contains(names, "redraw/step/RB-9") {
		t.Errorf("%q", names)
	}
	st.by(marc, doStep("tell"))
	if r := run(); r.Current != "flag" || r.On(2) != "look" { // not step 1: that is open beside
		t.Fatalf("%+v", r)
	}
	st.by(ines, MarkStep{Runbook: "RB-9", Step: "look", Mark: StepDone, Next: "purge"})
	if r := run(); r.Current != "flag" || r.On(2) != "purge" {
		t.Fatalf("a finding leads on, on its own card: %+v", r)
	}
	st.by(ines, MarkStep{Runbook: "RB-9", Step: "purge", Mark: StepSkipped, Text: Say("not needed", 20)})
	if r := run(); r.Current != "flag" || r.On(2) != "" || len(r.OpenSteps()) != 1 {
		t.Fatalf("%+v", r)
	}
	st.by(ines, TakeStep{"RB-9", "flag", ""})
	if r := refusalOf(st, ines, TakeStep{"RB-9", "flag", ines.Key()}); r != RefusedStepYours {
		t.Errorf("%q", r)
	}
	if r := refusalOf(st, marc, TakeStep{"RB-9", "flag", ""}); r != RefusedStepTaken { // drawn when nobody worked it
		t.Errorf("%q", r)
	}
	st.by(marc, TakeStep{"RB-9", "flag", ines.Key()})
	if r := run(); r.Worked("flag").By != marc {
		t.Errorf("%+v", r.Worked("flag"))
	}
}

// A blocked step keeps its card, and says since when it waits until somebody unblocks it or it is marked.
func TestABlockedStep(t *testing.T) {
	st := withRunbook(t)
	block := BlockStep{Runbook: "RB-9", Step: "look", On: Say("the DNS is down", 100), Whom: Say("the provider", 100)}
	if r := refusalOf(st, marc, BlockStep{Runbook: "RB-9", Step: "look"}); r != RefusedReasonNeeded {
		t.Errorf("%q", r)
	}
	late := block
	late.Since = st.now.Add(time.Hour)
	if r := refusalOf(st, marc, late); r != RefusedFuture {
		t.Errorf("%q", r)
	}
	block.Since = night.Add(-3 * time.Minute)
	st.by(marc, block)
	run, _ := st.s.Runbook("RB-9")
	b := run.BlockedSteps()
	if len(b) != 1 || b[0].Blocked.On.Body != "the DNS is down" || b[0].Blocked.Whom.Body != "the provider" || !b[0].Blocked.Since.Equal(block.Since) || b[0].By != marc {
		t.Errorf("%+v", b)
	}
	if r := refusalOf(st, ines, block); r != RefusedBlocked {
		t.Errorf("%q", r)
	}
	st.by(marc, OpenStep{Runbook: "RB-9", Step: "tell"}) // it stays in sight
	if run, _ = st.s.Runbook("RB-9"); run.Current != "look" || run.On(2) != "tell" {
		t.Errorf("%+v", run)
	}
	st.by(ines, UnblockStep{"RB-9", "look"})
	if r := refusalOf(st, ines, UnblockStep{"RB-9", "look"}); r != RefusedNotBlocked {
		t.Errorf("%q", r)
	}
	st.by(marc, block)
	st.by(marc, doStep("look"))
	if run, _ = st.s.Runbook("RB-9"); len(run.BlockedSteps()) != 0 {
		t.Errorf("%+v", run.BlockedSteps())
	}
}

// The time of a step runs from when it was first shown.
func TestTheTimeOfAStep(t *testing.T) {
	st := withRunbook(t)
	shown := st.now
	st.now = st.now.Add(7 * time.Minute)
	st.by(marc, doStep("look"))
	run, _ := st.s.Runbook("RB-9")
	if m := run.Steps["look"]; !m.Since.Equal(shown) || m.At.Sub(m.Since) < 7*time.Minute {
		t.Errorf("%+v, shown %s", m, shown)
	}
	if w := run.Worked("flag"); !w.Since.Equal(run.Steps["look"].At) {
		t.Errorf("%+v", w)
	}
}

// A duty for afterwards comes last until the harm has ended.
func TestDutiesComeAfterwards(t *testing.T) {
	st := newStory(t)
	st.declared(2)
	ref := RunbookRef{ID: "RB-9", Steps: []string{"a", "report", "b"}, Rules: []StepRule{{Kind: KindDiagnosis}, {Kind: KindNotify, After: true}, {Kind: KindDiagnosis}}}
	st.by(marc, StartRunbook{Runbook: ref})
	for _, want := range []string{"a", "b", "report", ""} {
		run, _ := st.s.Runbook("RB-9")
		if run.Current != want {
			t.Fatalf("at %q, want %q", run.Current, want)
		}
		if want != "" {
			st.by(marc, doStep(want))
		}
	}
}

// TestRandomWalks walks random runbooks at random. A model beside the core knows which keys were used: no step is done without all of
// its, and what the log says was done is what was pressed.
func TestRandomWalks(t *testing.T) {
	people := []Person{marc, ines, tomas, amel, lucie, sam}
	roles := []string{"", "cto", "tech_lead", "incident_commander", "legal"}
	rapid.Check(t, func(rt *rapid.T) {
		st := newStory(t)
		st.declared(2)
		n := rapid.IntRange(1, 7).Draw(rt, "steps")
		ref := RunbookRef{ID: "RB-9", Owner: "tech_lead"}
		for i := range n {
			ref.Steps = append(ref.Steps, fmt.Sprint("s", i))
			r := StepRule{Kind: rapid.SampledFrom([]string{KindDiagnosis, KindMitigation, KindReplay, KindDestructive, KindNotify}).Draw(rt, "kind"),
				Approval: rapid.SampledFrom(roles).Draw(rt, "approval"), FourEyes: rapid.Bool().Draw(rt, "four eyes"), After: rapid.IntRange(0, 4).Draw(rt, "after") == 0}
			if who := rapid.SampledFrom(roles).Draw(rt, "who"); who != "" {
				r.Who = []string{who}
			}
			ref.Rules = append(ref.Rules, r)
		}
		st.by(marc, StartRunbook{Runbook: ref})
		// The model: who may what is looked up by hand, not by the core.
		holds := func(p Person, role string) bool {
			switch role {
			case "cto":
				return p == amel
			case "tech_lead":
				return p == tomas
			case "incident_commander":
				return st.s.Roles[Commander].Who == p
			}
			return false
		}
		approved, second := map[string]bool{}, map[string]Person{}
		worker := func(id string) Person {
			run, _ := st.s.Runbook("RB-9")
			return run.Worked(id).By
		}
		captured := false
		done, skipped := map[string]bool{}, map[string]bool{}
		for range rapid.IntRange(1, 40).Draw(rt, "acts") {
			st.now = st.now.Add(time.Duration(rapid.IntRange(0, 90).Draw(rt, "later")) * time.Second)
			who := rapid.SampledFrom(people).Draw(rt, "by")
			i := rapid.IntRange(0, n-1).Draw(rt, "step")
			if read := slices.Sorted(maps.Keys(second)); len(read) > 0 && rapid.Bool().Draw(rt, "of those that were read") {
				i = slices.Index(ref.Steps, rapid.SampledFrom(read).Draw(rt, "read"))
				if rapid.Bool().Draw(rt, "who read it") {
					who = second[ref.Steps[i]]
				}
			}
			id, rule := ref.Steps[i], ref.Rules[i]
			open := !done[id] && !skipped[id]
			unlocked := (rule.Approval == "" || approved[id]) && (captured || rule.Kind != KindReplay && rule.Kind != KindDestructive)
			if by, read := second[id]; rule.FourEyes && (!read || by == who) {
				unlocked = false
			}
			text := Say(rapid.SampledFrom([]string{"", "x", "the database is saturated"}).Draw(rt, "text"), 100)
			try := func(a Act, want bool, then func()) {
				ev, err := st.try(Actor{Person: who}, ViaSlack, a)
				if _, no := err.(*Refusal); err != nil && !no {
					rt.Fatalf("%T: %v", a, err)
				}
				if (err == nil) != want {
					rt.Fatalf("%s %T %+v: %v, want it taken: %v\nrule %+v approved %v captured %v second %v", who.Name, a, a, err, want, rule, approved[id], captured, second[id])
				}
				if want && len(ev) == 0 {
					rt.Fatalf("%T left no trace", a)
				}
				if want {
					then()
				}
				for _, e := range ev {
					if f, ok := e.Fact.(*StepAgain); ok { // which a finding alone does here
						if f.Step == id || !done[f.Step] && !skipped[f.Step] {
							rt.Fatalf("%T opened %s again", a, f.Step)
						}
						for _, m := range []map[string]bool{done, skipped, approved} {
							delete(m, f.Step)
						}
						delete(second, f.Step)
					}
				}
			}
			switch rapid.IntRange(0, 10).Draw(rt, "act") {
			case 0, 1, 2:
				next := ""
				if rapid.Bool().Draw(rt, "leads on") {
					next = rapid.SampledFrom(ref.Steps).Draw(rt, "next")
				}
				may := len(rule.Who) == 0 || holds(who, rule.Who[0])
				before, _ := st.s.Runbook("RB-9")
				took := open && may && unlocked
				try(MarkStep{Runbook: "RB-9", Step: id, Mark: StepDone, Text: text, Next: next, Kind: KindDiagnosis}, took, func() { done[id] = true })
				if _, marked := before.Steps[next]; took && marked && before.CardOf(id) > 0 && slices.Index(ref.Steps, next) < i {
					if now, _ := st.s.Runbook("RB-9"); !slices.Contains(now.OpenSteps(), next) {
						rt.Fatalf("%s leads back to %s, and %q are open", id, next, now.OpenSteps())
					}
				}
			case 3:
				try(MarkStep{Runbook: "RB-9", Step: id, Mark: StepSkipped, Text: text}, open && text.Body != "", func() { skipped[id] = true })
			case 4:
				try(ApproveStep{Runbook: "RB-9", Step: id, Reason: text}, open && rule.Approval != "" && holds(who, rule.Approval) && !approved[id] && text.Body != "", func() { approved[id] = true })
			case 5:
				try(ConfirmStep{Runbook: "RB-9", Step: id}, open && rule.FourEyes && second[id].Zero() && worker(id) != who, func() { second[id] = who })
			case 6:
				try(ReturnStep{"RB-9", id, text}, open && rule.FourEyes && text.Body != "", func() { delete(second, id) })
			case 7:
				if rapid.IntRange(0, 2).Draw(rt, "captures") == 0 {
					try(captureAll(), true, func() { captured = true })
				}
			case 8:
				if _, err := st.try(Actor{Person: who}, ViaSlack, OpenStep{Runbook: "RB-9", Step: id, Card: rapid.IntRange(0, 3).Draw(rt, "card")}); err == nil && second[id] == who {
					delete(second, id) // who works it is not the second person
				}
			case 9:
				a := rapid.SampledFrom([]Act{TakeStep{"RB-9", id, ""}, FindStep{"RB-9", id, text}, BlockStep{Runbook: "RB-9", Step: id, On: text}, UnblockStep{"RB-9", id}, AskApproval{"RB-9", id}, RingApprover{"RB-9", id}, HelpStep{"RB-9", id}}).Draw(rt, "other")
				if _, err := st.try(Actor{Person: who}, ViaSlack, a); err == nil && second[id] == who {
					if _, takes := a.(TakeStep); takes {
						delete(second, id)
					}
				}
			case 10:
				_, _ = st.try(Actor{Person: who}, ViaSlack, SetRole{Role: Commander, Who: rapid.SampledFrom(people).Draw(rt, "holder")})
			}
			check(rt, st)
			run, _ := st.s.Runbook("RB-9")
			seen := map[string]bool{}
			for _, x := range run.OpenSteps() {
				if _, marked := run.Steps[x]; marked || seen[x] || len(run.OpenSteps()) > MaxOpenSteps {
					rt.Fatalf("open: %q, marked %v", run.OpenSteps(), run.Steps)
				}
				seen[x] = true
			}
			for _, x := range ref.Steps {
				if by := worker(x); !by.Zero() && by == second[x] {
					rt.Fatalf("%s works %s and is its second person", by.Name, x)
				}
			}
			if len(run.Steps) < n && len(run.OpenSteps()) == 0 && slices.ContainsFunc(ref.Steps, func(x string) bool { _, m := run.Steps[x]; return !m && run.Worked(x).Since.IsZero() }) {
				rt.Fatalf("no card shows the steps that are left: %+v", run)
			}
		}
		// What the log says was done is what was pressed.
		told, left, read := map[string]bool{}, map[string]bool{}, map[string]Person{}
		for _, e := range st.log {
			if f, ok := e.Fact.(*StepSeconded); ok {
				read[f.Step] = e.Actor.Person
			}
			if f, ok := e.Fact.(*StepAgain); ok {
				delete(told, f.Step)
				delete(left, f.Step)
			}
			if f, ok := e.Fact.(*StepMarked); ok {
				if told[f.Step] || left[f.Step] {
					rt.Fatalf("%s is marked twice", f.Step)
				}
				if r, _ := ref.Rule(f.Step); f.Mark == StepDone && r.FourEyes && (read[f.Step].Zero() || read[f.Step] == e.Actor.Person) {
					rt.Fatalf("%s was done with nobody else having read it", f.Step)
				}
				if f.Mark == StepDone {
					told[f.Step] = true
				} else {
					left[f.Step] = true
				}
			}
		}
		if !maps.Equal(told, done) || !maps.Equal(left, skipped) {
			rt.Fatalf("the log says done %v skipped %v, pressed were %v and %v", told, left, done, skipped)
		}
	})
}

// A finding that says that nothing is left ends the runbook: no step that was not needed is put forward, but a duty whose time has come is.
func TestAFindingThatEndsTheRunbook(t *testing.T) {
	ref := RunbookRef{ID: "RB-9", Owner: "tech_lead", Steps: []string{"look", "change", "confirm", "report"},
		Rules: []StepRule{{Kind: KindDiagnosis}, {Kind: KindMitigation}, {Kind: KindDiagnosis}, {Kind: KindNotify, After: true}}}
	for _, mitigated := range []bool{false, true} {
		st := newStory(t)
		st.declared(2)
		st.by(marc, StartRunbook{Runbook: ref})
		st.by(marc, MarkStep{Runbook: "RB-9", Step: "look", Mark: StepDone, Next: "confirm"})
		want := ""
		if mitigated {
			st.by(marc, SetStatus{Status: Mitigated})
			want = "report"
		}
		st.by(marc, MarkStep{Runbook: "RB-9", Step: "confirm", Mark: StepDone, Text: Say("below the threshold", 50), Next: NextNone, Led: true})
		run, _ := st.s.Runbook("RB-9")
		if run.Current != want {
			t.Errorf("mitigated %v: the card shows %q, want %q", mitigated, run.Current, want)
		}
		if _, marked := run.Steps["change"]; marked {
			t.Errorf("the step that was not needed is marked: %+v", run.Steps)
		}
		st.by(marc, OpenStep{Runbook: "RB-9", Step: "change"})
		if run, _ = st.s.Runbook("RB-9"); run.CardOf("change") == 0 {
			t.Errorf("mitigated %v: the step cannot be opened any more", mitigated)
		}
	}
}

// "None of these" goes on as whoever wrote the runbook would: not back to what a finding passed over, which counts again once that step is done
// again; to a step that was never reached for another reason before the duties.
func TestWhatAFindingPassedOverIsNotPutForward(t *testing.T) {
	ref := RunbookRef{ID: "RB-9", Steps: []string{"a", "b", "c", "d", "e", "report"}, Rules: []StepRule{
		{Kind: KindDiagnosis}, {Kind: KindDiagnosis}, {Kind: KindMitigation}, {Kind: KindMitigation}, {Kind: KindDiagnosis}, {Kind: KindNotify, After: true}}}
	st := newStory(t)
	st.declared(2)
	st.by(marc, StartRunbook{Runbook: ref, Step: "b"}) // where a finding of another runbook led
	current := func() string { r, _ := st.s.Runbook("RB-9"); return r.Current }
	done := func(step, next, want string) {
		t.Helper()
		st.now = st.now.Add(time.Minute)
		st.by(marc, MarkStep{Runbook: "RB-9", Step: step, Mark: StepDone, Next: next, Led: next != "", Text: Say("the finding", 50)})
		if got := current(); got != want {
			t.Fatalf("after %s: at %q, want %q", step, got, want)
		}
	}
	done("b", "e", "e")     // past c and d
	done("e", "", "report") // none of these: neither back to those nor before where it began
	done("report", "", "")
	st.by(marc, AgainStep{Runbook: "RB-9", Step: "b"})
	done("b", "", "c")
	done("c", "", "d")

	st = newStory(t)
	st.declared(2)
	st.by(marc, StartRunbook{Runbook: ref})
	st.by(marc, OpenStep{Runbook: "RB-9", Step: "e"}) // somebody jumps: what they did not look at is left to do
	done("e", "", "a")
	done("a", "", "b")
}

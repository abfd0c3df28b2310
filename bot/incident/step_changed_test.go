package incident

import (
	"slices"
	"strings"
	"testing"
)

// byTopic fills the commands of the guarded runbook's steps: with the topic that somebody gave, else the one that an alert's label names.
func byTopic(s State, _ RunbookRef, step string) Filling {
	topic := ""
	for _, labels := range s.Labelled() {
		if topic == "" {
			topic = labelOf(labels, "topic")
		}
	}
	if v, given := s.Value("topic"); given {
		topic = v.Text.Body
	}
	return Filling{Digest: step + " " + topic, Values: []FilledValue{{Name: "topic", Value: topic}}}
}

// withTopic is the guarded runbook in use, with an alert that names a topic; the destructive step is approved, read by Ines, and Marc works it.
func withTopic(t *testing.T) *story {
	st := newStory(t)
	st.filled = byTopic
	st.declared(2)
	st.by(marc, StartRunbook{Runbook: guardedRef()})
	st.by(ines, captureAll())
	st.alerted(group("g1", "KafkaLag", 1, Label{"topic", "audit"}))
	st.by(amel, ApproveStep{Runbook: "RB-9", Step: "purge", Reason: Say("go", 10)})
	st.by(marc, TakeStep{Runbook: "RB-9", Step: "purge"})
	st.by(ines, ConfirmStep{Runbook: "RB-9", Step: "purge"})
	return st
}

func changedIn(events []Event) *StepChanged {
	for _, e := range events {
		if f, ok := e.Fact.(*StepChanged); ok {
			return f
		}
	}
	return nil
}

// What is run is what was approved and read: another value, by a label or typed, closes both locks again, says so where it must not be missed,
// and asks those two people once more.
func TestAnotherValueClosesTheLocksAgain(t *testing.T) {
	for name, change := range map[string]func(st *story) []Event{
		"a label": func(st *story) []Event { return st.alerted(group("g1", "KafkaLag", 2, Label{"topic", "payments"})) },
		"typed": func(st *story) []Event {
			return st.by(sam, SetParameters{Values: []Value{{Name: "topic", Text: Say("payments", 10)}}})
		},
	} {
		t.Run(name, func(t *testing.T) {
			st := withTopic(t)
			if locks := st.s.Locks("RB-9", "purge", ""); len(locks) > 0 {
				t.Fatalf("locked: %+v", locks)
			}
			events := change(st)
			f, fx := changedIn(events), effects(events)
			if f == nil || f.Approver != amel || f.Second != ines || !slices.Equal(f.Who, []Person{amel}) || len(f.Values) != 1 || f.Values[0].Name != "topic" || f.Values[0].Was.Body != "audit" || f.Values[0].Is.Body != "payments" {
				t.Fatalf("%+v", f)
			}
			for _, want := range []string{"direct/step-approval/0", "direct/step-reread/0", "post/step-changed"} {
				if !slices.Contains(fx, want) {
					t.Errorf("nothing does %s: %v", want, fx)
				}
			}
			for _, try := range []struct {
				who  Person
				act  Act
				want string
			}{
				{marc, MarkStep{Runbook: "RB-9", Step: "purge", Mark: StepDone, Drawn: "purge audit"}, RefusedStepChanged}, // pressed on the card of before
				{marc, doStep("purge"), RefusedUnapproved},
				{amel, ApproveStep{Runbook: "RB-9", Step: "purge", Reason: Say("go", 10), Drawn: "purge audit"}, RefusedStepChanged}, // the form that stood open
				{amel, ApproveStep{Runbook: "RB-9", Step: "purge", Reason: Say("go", 10), Drawn: "purge payments"}, ""},
				{marc, doStep("purge"), RefusedUnseconded},
				{ines, ConfirmStep{Runbook: "RB-9", Step: "purge", Drawn: "purge audit"}, RefusedStepChanged},
				{ines, ConfirmStep{Runbook: "RB-9", Step: "purge", Drawn: "purge payments"}, ""},
			} {
				before := st.s.Seq
				if got := refusalOf(st, try.who, try.act); got != try.want {
					t.Errorf("%s %+v: %q, want %q", try.who.Name, try.act, got, try.want)
				} else if got != "" && st.s.Seq != before {
					t.Errorf("%+v was refused and recorded", try.act)
				}
			}
			if run, _ := st.s.Runbook("RB-9"); !run.Worked("purge").Changed.At.IsZero() {
				t.Errorf("it is approved and read, and still said to have changed: %+v", run.Worked("purge").Changed)
			}
			if got := refusalOf(st, marc, MarkStep{Runbook: "RB-9", Step: "purge", Mark: StepDone, Drawn: "purge payments"}); got != "" {
				t.Errorf("read and approved for what it is: %s", got)
			}
			// What is done is not locked again.
			if f := changedIn(st.alerted(group("g1", "KafkaLag", 3, Label{"topic", "tenants"}))); f != nil {
				t.Errorf("a step that is done: %+v", f)
			}
		})
	}
}

// What does not stand in the command changes nothing, and neither does a value that comes to the same.
func TestAValueOfAnotherCommandClosesNothing(t *testing.T) {
	st := withTopic(t)
	for i, ev := range [][]Event{
		st.by(sam, SetParameters{Values: []Value{{Name: "other", Text: Say("x", 10)}}}),
		st.by(sam, SetParameters{Values: []Value{{Name: "topic", Text: Say("audit", 10)}}}),
		st.alerted(group("g1", "KafkaLag", 2, Label{"topic", "payments"})), // what somebody gave counts
	} {
		if f := changedIn(ev); f != nil {
			t.Errorf("%d: %+v", i, f)
		}
	}
	if got := refusalOf(st, marc, doStep("purge")); got != "" {
		t.Error(got)
	}
}

// Where the commands could not be known when a value changed, the locks are closed when they are again, and before anybody can do the step.
func TestAChangeThatNobodyCouldSeeIsFoundLater(t *testing.T) {
	st := withTopic(t)
	st.filled = nil
	st.alerted(group("g1", "KafkaLag", 2, Label{"topic", "payments"}))
	if got := refusalOf(st, sam, Note{Text: Say("hello", 10)}); got != "" || len(st.s.Locks("RB-9", "purge", "")) > 0 {
		t.Fatalf("%q %v: nobody knows the commands", got, st.s.Locks("RB-9", "purge", ""))
	}
	st.filled = byTopic
	if got := refusalOf(st, marc, doStep("purge")); got != RefusedUnapproved {
		t.Errorf("done with other commands than were approved: %q", got)
	}
	if f := changedIn(st.by(sam, Note{Text: Say("hello", 10)})); f == nil || f.Approver != amel || len(f.Values) > 0 {
		t.Errorf("%+v", f)
	}
}

// A log that does not say for which commands a step was approved and read means what it meant: an approval stays, and a value that somebody
// gives takes the reading back.
func TestOldLogsOfLocksMeanWhatTheyMeant(t *testing.T) {
	st := withTopic(t)
	for i, e := range st.log {
		switch f := e.Fact.(type) {
		case *StepApproved:
			st.log[i].Fact = &StepApproved{Runbook: f.Runbook, Step: f.Step, Role: f.Role, Reason: f.Reason}
		case *StepSeconded:
			st.log[i].Fact = &StepSeconded{Runbook: f.Runbook, Step: f.Step}
		}
	}
	policy := st.s.Policy
	st.s = Replay(st.log)
	st.s.Policy = policy
	if f := changedIn(st.alerted(group("g1", "KafkaLag", 2, Label{"topic", "payments"}))); f != nil || len(st.s.Locks("RB-9", "purge", "")) > 0 {
		t.Errorf("%+v, %+v", f, st.s.Locks("RB-9", "purge", ""))
	}
	st.by(sam, SetParameters{Values: []Value{{Name: "topic", Text: Say("tenants", 10)}}})
	if locks := st.s.Locks("RB-9", "purge", ""); len(locks) != 1 || locks[0].Kind != LockEyes {
		t.Errorf("%+v", locks)
	}
}

// The cards of a runbook that has values are drawn again when the labels of an alert change, and not when it only fires on.
func TestLabelsThatChangeRedrawTheCommands(t *testing.T) {
	st := withTopic(t)
	st.filled = nil // no lock is closed, which would redraw them too
	st.s.Slots = map[string]Posted{SlotStep("RB-9"): {Channel: "C", TS: "1"}}
	redrawn := func(a AlertsFired) bool {
		return slices.ContainsFunc(effects(st.alerted(a)), func(e string) bool { return strings.HasPrefix(e, "redraw/step/") })
	}
	if redrawn(group("g1", "KafkaLag", 2, Label{"topic", "audit"})) {
		t.Error("the same labels drew it again")
	}
	if !redrawn(group("g1", "KafkaLag", 3, Label{"topic", "payments"})) {
		t.Error("another topic left the old command there")
	}
	// Alerts that come with a duplicate bring their labels, and those that are split off take theirs along.
	dup := newStory(t)
	dup.declared(3)
	dup.s.ID = "INC-43"
	dup.alerted(group("g2", "Other", 1, Label{"ns", "prod"}))
	if !slices.ContainsFunc(effects(st.machine(ViaClock, Absorb{From: dup.s})), func(e string) bool { return strings.HasPrefix(e, "redraw/step/") }) {
		t.Error("a duplicate's labels left the command as it was")
	}
	st.other = &State{ID: "INC-44"}
	if !slices.ContainsFunc(effects(st.by(marc, Split{What: "Other"})), func(e string) bool { return strings.HasPrefix(e, "redraw/step/") }) {
		t.Error("what was split off goes on filling the command")
	}
}

// Who is written to because a step is locked again is remembered like any other who is written to: in a private incident they read what is asked
// of them, also who holds the role only now, and what was written before it went private is hidden from who may not read it.
func TestWhoIsAskedAgainIsRemembered(t *testing.T) {
	st := withTopic(t)
	st.by(marc, GoPrivate{Reason: Say("it may be an attack", 50)})
	st.onCall["cto"] = Roster{People: []Person{viktor}, Source: "test", SeenAt: night}
	read := 0
	for _, e := range st.alerted(group("g1", "KafkaLag", 2, Label{"topic", "payments"})) {
		for _, x := range e.Effects {
			if x.View == ViewApproval && x.People[0] == viktor || x.View == ViewReread && x.People[0] == ines {
				read++
				if st.s.Outside(x) {
					t.Errorf("%s cannot read what is asked of them", x.People[0].Name)
				}
			}
		}
	}
	if read != 2 {
		t.Errorf("%d of two are asked", read)
	}

	st = withTopic(t)
	st.by(sam, AskApproval{Runbook: "RB-9", Step: "flag"})
	for _, e := range st.by(amel, ApproveStep{Runbook: "RB-9", Step: "flag", Reason: Say("go", 10)}) {
		for _, x := range e.Effects {
			if x.View == ViewApproved {
				st.machine(ViaOutbox, Report{Effect: IDOf(st.s.ID, e.Seq, x), Outcome: OutcomeDone, Channel: "DSAM", TS: "7.1"})
			}
		}
	}
	if fx := effects(st.by(marc, GoPrivate{Reason: Say("it may be an attack", 50)})); st.s.MaySee(sam) || !slices.Contains(fx, "hide/DSAM/7.1") {
		t.Errorf("who asked goes on reading what was approved: %v", fx)
	}
}

// An approval that is typed is for the commands that its role was asked about: what changed between the question and the answer is read first,
// on the card's button or by being asked once more.
func TestATypedApprovalIsForWhatWasAsked(t *testing.T) {
	st := withTopic(t)
	yes := ApproveStep{Runbook: "RB-9", Step: "flag", Reason: Say("go", 10)}
	st.by(marc, AskApproval{Runbook: "RB-9", Step: "flag"})
	st.alerted(group("g1", "KafkaLag", 2, Label{"topic", "payments"}))
	st.refused(amel, yes, RefusedStepChanged)
	st.by(marc, AskApproval{Runbook: "RB-9", Step: "flag"})
	st.refused(marc, AskApproval{Runbook: "RB-9", Step: "flag"}, RefusedApprovalAsked)
	st.by(amel, yes)

	// The other topic closes it again and asks: about that one.
	st.alerted(group("g1", "KafkaLag", 3, Label{"topic", "tenants"}))
	st.alerted(group("g1", "KafkaLag", 4, Label{"topic", "audit"}))
	st.refused(amel, yes, RefusedStepChanged)
	st.alerted(group("g1", "KafkaLag", 5, Label{"topic", "tenants"}))
	st.by(amel, yes)

	// Who reads it in the form approves what stands there.
	st.alerted(group("g1", "KafkaLag", 6, Label{"topic", "audit"}))
	st.alerted(group("g1", "KafkaLag", 7, Label{"topic", "kyc"}))
	yes.Drawn = "flag kyc"
	st.by(amel, yes)
}

// Where the role that must approve has passed to somebody else since it was asked, they are asked: who was asked before cannot approve any more.
func TestWhoHoldsTheRoleNowIsAsked(t *testing.T) {
	for name, asked := range map[string]func(st *story){
		"asked": func(st *story) { st.by(marc, AskApproval{Runbook: "RB-9", Step: "flag"}) },
		"asked once more": func(st *story) {
			st.by(amel, ApproveStep{Runbook: "RB-9", Step: "flag", Reason: Say("go", 10)})
			st.alerted(group("g1", "KafkaLag", 2, Label{"topic", "payments"}))
		},
	} {
		t.Run(name, func(t *testing.T) {
			st := withTopic(t)
			asked(st)
			st.refused(marc, AskApproval{Runbook: "RB-9", Step: "flag"}, RefusedApprovalAsked)
			st.onCall["cto"] = Roster{Source: "test", SeenAt: night}
			st.refused(marc, AskApproval{Runbook: "RB-9", Step: "flag"}, RefusedNoHolder)
			st.onCall["cto"] = Roster{People: []Person{viktor}, Source: "test", SeenAt: night}
			if fx := effects(st.by(marc, AskApproval{Runbook: "RB-9", Step: "flag"})); !slices.Contains(fx, "direct/step-approval/0") {
				t.Errorf("nobody is asked: %v", fx)
			}
			st.refused(marc, AskApproval{Runbook: "RB-9", Step: "flag"}, RefusedApprovalAsked)
			st.refused(amel, ApproveStep{Runbook: "RB-9", Step: "flag", Reason: Say("go", 10)}, RefusedApprover)
			st.by(viktor, ApproveStep{Runbook: "RB-9", Step: "flag", Reason: Say("go", 10)})
		})
	}
}

// An approval given by a form while the commands cannot be known counts for the command that the form showed.
func TestAnApprovalIsForWhatItsFormShowed(t *testing.T) {
	st := withTopic(t)
	st.by(marc, doStep("look"))
	st.filled = nil
	st.by(amel, ApproveStep{Runbook: "RB-9", Step: "flag", Reason: Say("go", 10), Drawn: "flag tenants"})
	st.filled = byTopic
	if f := changedIn(st.by(sam, Note{Text: Say("hello", 10)})); f == nil || f.Step != "flag" || f.Approver != amel || len(f.Values) > 0 {
		t.Errorf("approved for tenants, and it is audit: %+v", f)
	}
}

// What was sent is recorded for a step that somebody approves only where the form showed the text that was approved.
func TestWhatWasSentIsWhatWasApproved(t *testing.T) {
	st := newStory(t)
	st.filled = byTopic
	st.declared(2)
	st.by(marc, StartRunbook{Runbook: RunbookRef{ID: "RB-9", Digest: "d", Parameters: []string{"topic"}, Steps: []string{"tell"}, Rules: []StepRule{{Kind: KindNotify, Approval: "cto", Notify: []string{RoleCustomer}}}}})
	st.by(amel, ApproveStep{Runbook: "RB-9", Step: "tell", Reason: Say("go", 10)})
	sent := SentStep{Runbook: "RB-9", Step: "tell", To: Say("Alpha", 10), Done: true, Drawn: "tell audit"}
	st.refused(marc, sent, RefusedStepChanged)
	sent.Drawn = "tell "
	st.by(marc, sent)
	if run, _ := st.s.Runbook("RB-9"); run.Steps["tell"].Mark != StepDone {
		t.Error("sent as approved, and not done")
	}
}

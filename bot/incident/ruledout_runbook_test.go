package incident

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// chainBroken are the clocks of the runbook of a broken audit chain: the customer is told by the runbook itself, the authority where the
// policy's question is not answered no.
func chainBroken() []RunbookClock {
	return []RunbookClock{
		{ID: "client-notice", Step: "tell", What: "Notify the client", Who: "communications_lead", Obligation: true, Offset: 24 * time.Hour, Anchor: "detected"},
		{ID: "regulator-notice", Step: "last", What: "Notify the CNIL", When: "personal data", Who: "compliance_officer", Obligation: true, Offset: 72 * time.Hour, Anchor: "detected"},
	}
}

// What the runbook asks for by itself is owed whatever is answered to the policy's question, in whatever order; what hangs on the answer alone
// is not. Nothing is begun or withdrawn over and over.
func TestANoLeavesWhatTheRunbookAsksFor(t *testing.T) {
	const start = "start the runbook"
	early := night.Add(-2 * time.Hour)
	for _, c := range []struct {
		name            string
		acts            []string
		customer        time.Duration // due, after the detection
		authority       bool
		begun, withdrew int // of customer_notice, in all
	}{
		{"no answer", []string{start}, 24 * time.Hour, false, 1, 0},
		{"yes", []string{start, AnswerYes}, 24 * time.Hour, true, 1, 0},
		{"unknown", []string{start, AnswerUnknown}, 24 * time.Hour, true, 1, 0},
		{"no", []string{start, AnswerNo}, 24 * time.Hour, false, 1, 0},
		{"no, then the runbook", []string{AnswerNo, start}, 24 * time.Hour, false, 1, 0},
		{"no then yes", []string{start, AnswerNo, AnswerYes}, 24 * time.Hour, true, 1, 0},
		{"yes then no", []string{start, AnswerYes, AnswerNo}, 24 * time.Hour, false, 1, 0},
		{"unknown, the runbook, no", []string{AnswerUnknown, start, AnswerNo}, 24 * time.Hour, false, 1, 0},
		{"yes, the runbook, no", []string{AnswerYes, start, AnswerNo}, 24 * time.Hour, false, 2, 0},
		{"yes, no, the runbook", []string{AnswerYes, AnswerNo, start}, 24 * time.Hour, false, 2, 1},
		{"known before it was detected", []string{start, "early"}, 22 * time.Hour, true, 2, 0},
		{"known before, and it was none", []string{start, "early", AnswerNo}, 24 * time.Hour, false, 3, 0},
	} {
		st := dutyStory(t)
		st.declared(1)
		st.opened()
		for _, a := range c.acts {
			st.now = st.now.Add(10 * time.Minute)
			switch a {
			case start:
				st.by(marc, StartRunbook{Runbook: book(chainBroken()...)})
				if x := st.owes("customer_notice"); x.Owner != ines {
					st.by(ines, TakeDuty{Key: "customer_notice"})
				}
			case "early":
				st.by(marc, AnswerQuestion{Question: "personal_data", Value: AnswerYes, Since: early})
			default:
				st.by(marc, AnswerQuestion{Question: "personal_data", Value: a, Reason: Say("test data only", 50)})
			}
		}
		x := st.owes("customer_notice")
		if !x.Due.Equal(night.Add(c.customer)) || !x.Legal || x.Owner != ines {
			t.Errorf("%s: due %s after the detection, owner %q: %+v", c.name, x.Due.Sub(night), x.Owner.Name, x)
		}
		if a, there := st.s.Duty("authority_notice"); there && a.Running() != c.authority || !there && c.authority {
			t.Errorf("%s: the authority's: %+v", c.name, a)
		}
		// Until it was due: reminded of, rung once, and still its owner's.
		st.keeps(24*time.Hour + 30*time.Minute)
		if x = st.owes("customer_notice"); x.Owner != ines || x.Reminded == 0 || x.Overdue == 0 {
			t.Errorf("%s: a day later %+v", c.name, x)
		}
		begun, withdrew, rung := 0, 0, 0
		for _, e := range st.log {
			switch f := e.Fact.(type) {
			case *ObligationBegun:
				if f.Key == x.Key {
					begun++
				}
			case *ObligationEnded:
				if f.Key == x.Key {
					withdrew++
				}
			case *Paged:
				if f.Page.Obligation == x.Key {
					rung++
				}
			}
		}
		if begun != c.begun || withdrew != c.withdrew || rung != 1 {
			t.Errorf("%s: begun %d times, withdrawn %d, rung %d; want %d, %d, 1", c.name, begun, withdrew, rung, c.begun, c.withdrew)
		}
		// Its step is what settles it, and a cancellation ends it with the rest.
		st.step("tell")
		st.owesNot("customer_notice", EndedDone)
	}
	st := clockStory(t, 1, chainBroken()...)
	st.by(marc, AnswerQuestion{Question: "personal_data", Value: AnswerNo, Reason: Say("test data only", 50)})
	st.by(marc, Cancel{Reason: Say("a load test", 50)})
	st.owesNot("customer_notice", EndedWithdrawn)
}

// A notice that a duplicate's runbook asks for outlives the answer in the room that goes on with it.
func TestANoLeavesWhatADuplicatesRunbookAsksFor(t *testing.T) {
	dup := clockStory(t, 1, chainBroken()...)
	dup.s.ID = "INC-43"
	st := dutyStory(t)
	st.declared(1)
	st.opened()
	st.now = dup.now
	if _, err := st.try(Actor{Person: marc}, ViaSlack, Absorb{From: dup.s}); err != nil {
		t.Fatal(err)
	}
	st.owes("customer_notice")
	st.by(marc, AnswerQuestion{Question: "personal_data", Value: AnswerNo, Reason: Say("test data only", 50)})
	st.owes("customer_notice")
	st.by(marc, SendNotice{Notice: "customer", Text: Say("e-mail, reference 4711", 50)})
	st.owesNot("customer_notice", EndedDone)
}

// Whatever is answered, started, corrected and done, in any order: no step begins one obligation twice, and what follows from a step follows
// at once: the next one, which says nothing of it, changes nothing.
func TestObligationsComeToRest(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		st := dutyStory(t)
		st.policy.Questions = append(st.policy.Questions, Question{Name: "major", Within: time.Hour, Chain: []string{"commander"}, Every: time.Hour})
		for i := range st.policy.Obligations[:2] {
			st.policy.Obligations[i].Begins = append([]string{"major=yes"}, st.policy.Obligations[i].Begins...)
		}
		if rapid.Bool().Draw(rt, "declared") {
			st.policy.Obligations[0].Begins = append([]string{BeginsDeclared}, st.policy.Obligations[0].Begins...)
		}
		do := func(a Act) {
			if m, marks := a.(MarkStep); marks {
				if _, used := st.s.Runbook(m.Runbook); !used {
					return
				}
			}
			ev, err := st.try(Actor{Person: marc}, ViaSlack, a)
			var r *Refusal
			if err != nil && !errors.As(err, &r) {
				rt.Fatal(err)
			}
			begun := map[string]bool{}
			for _, e := range ev {
				if f, is := e.Fact.(*ObligationBegun); is {
					if begun[f.Key] {
						rt.Fatalf("%T begins %s twice: %s", a, f.Key, kinds(ev))
					}
					begun[f.Key] = true
				}
			}
			if ev, _ = st.try(Actor{Person: marc}, ViaSlack, Note{Text: Say("seen", 10)}); len(ev) != 1 {
				rt.Fatalf("after %T a note leads to %s: %+v", a, kinds(ev), st.s.Duties)
			}
		}
		do(Declare{Title: Say("Audit chain broken", MaxTitle), Severity: Severity(rapid.IntRange(1, 3).Draw(rt, "severity"))})
		for range rapid.IntRange(1, 25).Draw(rt, "n") {
			st.now = st.now.Add(time.Duration(rapid.IntRange(0, 600).Draw(rt, "min")) * time.Minute)
			n := rapid.IntRange(0, 1).Draw(rt, "book")
			id := fmt.Sprintf("RB-90%d", n)
			switch rapid.IntRange(0, 9).Draw(rt, "act") {
			case 0, 1, 2:
				a := AnswerQuestion{Question: rapid.SampledFrom([]string{"personal_data", "personal_data", "major"}).Draw(rt, "question"), Value: rapid.SampledFrom([]string{AnswerYes, AnswerNo, AnswerUnknown}).Draw(rt, "answer"), Reason: Say("so", 5)}
				if rapid.Bool().Draw(rt, "since") {
					a.Since = st.now.Add(-time.Duration(rapid.IntRange(0, 3000).Draw(rt, "ago")) * time.Minute)
				}
				do(a)
			case 3:
				ref := book(chainBroken()...)
				if ref.ID = id; n > 0 { // another that asks for the same, by another time
					ref.Clocks[0].Offset, ref.Clocks[0].Anchor, ref.Clocks[0].Ref = 12*time.Hour, "parameter", "day"
					ref.Clocks[1].When, ref.Clocks[1].Open, ref.Clocks[1].Anchor, ref.Clocks[1].Offset = "", true, "", 0
				}
				do(StartRunbook{Runbook: ref})
			case 4:
				do(SetParameters{Values: []Value{{Name: "day", Text: Text{Body: rapid.SampledFrom([]string{"2026-11-20", "2026-12-01", ""}).Draw(rt, "day")}}}})
			case 5:
				do(MarkStep{Runbook: id, Step: rapid.SampledFrom([]string{"one", "tell", "last"}).Draw(rt, "step"), Mark: StepDone, Text: Say("done", 10)})
			case 6:
				do(rapid.SampledFrom([]Act{Resolve{}, Reopen{}, Cancel{Reason: Say("none", 10)}}).Draw(rt, "end"))
			case 7:
				do(SetSeverity{Severity: Severity(rapid.IntRange(1, 4).Draw(rt, "to")), Reason: Say("so", 5)})
			case 8:
				do(rapid.SampledFrom([]Act{TakeDuty{Key: "customer_notice"}, EndDuty{Key: "authority_notice", Dropped: true, Text: Say("no", 5)}}).Draw(rt, "duty"))
			case 9:
				do(Tick{})
			}
		}
	})
}

package incident

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// readingStory has two steps that want four eyes, one of which the compliance officer may do; Marc commands and works the first, Ines and Tomas
// have a part in the incident.
func readingStory(t *testing.T) *story {
	st := newStory(t)
	st.alert("ApiErrorRateHigh", 1, "x")
	st.by(marc, Ack{})
	st.opened()
	st.by(marc, StartRunbook{Runbook: RunbookRef{ID: "RB-9", Digest: "d", Owner: "tech_lead", Parameters: []string{"topic"}, Steps: []string{"purge", "report", "look"},
		Rules: []StepRule{{Kind: KindMitigation, FourEyes: true}, {Kind: KindNotify, FourEyes: true, Who: []string{"compliance_officer"}}, {Kind: KindDiagnosis}}}})
	st.by(tomas, OpenStep{Runbook: "RB-9", Step: "look"})
	return st
}

func names(people []Person) (out []string) {
	for _, p := range people {
		out = append(out, p.Name)
	}
	return out
}

func (st *story) reader(step string) StepReader {
	run, _ := st.s.Runbook("RB-9")
	return run.Worked(step).Reader
}

// Who works a step asks once; those who could read it are mentioned in the room, once, and nobody's phone rings.
func TestASecondPersonIsAskedForOnce(t *testing.T) {
	st := readingStory(t)
	st.by(marc, TakeStep{Runbook: "RB-9", Step: "purge"})
	ev := st.by(marc, AskApproval{"RB-9", "purge"})
	f := ev[0].Fact.(*ReaderAsked)
	if got := names(f.Who); len(ev) != 1 || slices.Contains(got, marc.Name) || !slices.Contains(got, tomas.Name) {
		t.Errorf("asked %v", got)
	}
	posts := 0
	for _, e := range ev {
		for _, x := range e.Effects {
			switch {
			case x.Do == Post:
				posts++
				o := Owed{ID: IDOf(st.s.ID, e.Seq, x), Effect: x}
				if x.View != ViewReader || x.To != ToIncident || !StillOwed(st.s, o) {
					t.Errorf("%+v", x)
				}
			case x.Do != Redraw:
				t.Errorf("%s", x.Name)
			}
		}
	}
	if posts != 1 {
		t.Errorf("%d posts: %v", posts, effects(ev))
	}
	if r := refusalOf(st, marc, AskApproval{"RB-9", "purge"}); r != RefusedReaderAsked {
		t.Errorf("asked twice: %s", r)
	}
	if l := st.s.Locks("RB-9", "purge", ""); len(l) != 1 || l[0].Reader.By != marc {
		t.Errorf("%+v", l)
	}
	// The role that may do a step is asked for it, not the room; who was read to is not asked for again.
	if ev := st.by(tomas, AskApproval{"RB-9", "report"}); !slices.Equal(names(ev[0].Fact.(*ReaderAsked).Who), []string{lucie.Name}) {
		t.Errorf("%v", names(ev[0].Fact.(*ReaderAsked).Who))
	}
	st.by(tomas, ConfirmStep{Runbook: "RB-9", Step: "purge"})
	if r := refusalOf(st, marc, AskApproval{"RB-9", "purge"}); r != RefusedSeconded {
		t.Errorf("asked for after it was read: %s", r)
	}
	if r := refusalOf(st, marc, AskApproval{"RB-9", "look"}); r != RefusedNoApproval {
		t.Errorf("asked for where nobody is needed: %s", r)
	}
	if slices.ContainsFunc(Deadlines(st.s), func(d Deadline) bool { return d.Name == DueReader && strings.HasSuffix(d.Key, "/purge") }) {
		t.Errorf("still due: %+v", Deadlines(st.s))
	}
}

// Another value is another command, and a step given back is another step: a second person may be asked for anew.
func TestASecondPersonIsAskedForAnew(t *testing.T) {
	for name, change := range map[string]Act{
		"value":    SetParameters{Values: []Value{{Name: "topic", Text: Say("orders", 10)}}},
		"returned": ReturnStep{Runbook: "RB-9", Step: "purge", Reason: Say("the topic is wrong", 100)},
	} {
		st := readingStory(t)
		st.by(marc, AskApproval{"RB-9", "purge"})
		st.by(tomas, change)
		if r := refusalOf(st, marc, AskApproval{"RB-9", "purge"}); r != "" {
			t.Errorf("%s: %s", name, r)
		}
	}
}

// Nobody has read it in five minutes: the commander is written to once, unless they work it or were asked; the step's card says what is left.
func TestNobodyReadIt(t *testing.T) {
	for _, c := range []struct {
		name string
		asks Person
		want []string
	}{{"the commander works it", marc, nil}, {"the commander was asked", tomas, nil}} {
		st := readingStory(t)
		st.by(c.asks, TakeStep{Runbook: "RB-9", Step: "purge"})
		st.by(c.asks, AskApproval{"RB-9", "purge"})
		asked := st.now
		late := tickUntilLate(t, st)
		if late == nil || !st.now.Equal(asked.Add(readWithin)) || len(late.Who) != 0 || st.reader("purge").Late.IsZero() {
			t.Errorf("%s: %+v at +%s", c.name, late, st.now.Sub(asked))
		}
		if again := tickUntilLate(t, st); again != nil {
			t.Errorf("%s: said twice", c.name)
		}
	}
	// A step whose readers are a role: the commander has not been asked.
	st := readingStory(t)
	st.by(tomas, TakeStep{Runbook: "RB-9", Step: "report"})
	st.by(tomas, AskApproval{"RB-9", "report"})
	late := tickUntilLate(t, st)
	if late == nil || !slices.Equal(names(late.Who), []string{marc.Name}) {
		t.Fatalf("%+v", late)
	}
	e := st.log[len(st.log)-1]
	if fx := effects([]Event{e}); !slices.Contains(fx, "direct/"+ViewReader+"/0") || slices.ContainsFunc(fx, func(n string) bool { return n == "post/"+ViewReader }) {
		t.Errorf("%v", fx)
	}
	// It is read: nothing is said any more, and nothing waits for it.
	st = readingStory(t)
	st.by(marc, AskApproval{"RB-9", "purge"})
	st.by(tomas, ConfirmStep{Runbook: "RB-9", Step: "purge"})
	if late := tickUntilLate(t, st); late != nil {
		t.Errorf("said though it was read: %+v", late)
	}
}

// tickUntilLate ticks for ten minutes as the driver does, and returns the word that nobody had read a step.
func tickUntilLate(t *testing.T, st *story) *ReaderAsked {
	t.Helper()
	for end := st.now.Add(10 * time.Minute); ; {
		next := NextDue(st.s)
		if next.IsZero() || next.After(end) {
			return nil
		}
		st.now = newest(st.now, next)
		ev := st.machine(ViaClock, Tick{})
		if len(ev) == 0 {
			t.Fatalf("due at %s, and a tick does nothing: %+v", next, Deadlines(st.s))
		}
		for _, e := range ev {
			if f, is := e.Fact.(*ReaderAsked); is {
				return f
			}
		}
	}
}

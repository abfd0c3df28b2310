package incident

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func (st *story) refusal(who Person, a Act) *Refusal {
	st.t.Helper()
	_, err := Decide(st.s, Intent{At: st.now, Now: st.now, Actor: Actor{Person: who}, Via: ViaSlack, Act: a, Policy: st.policy})
	var r *Refusal
	if !errors.As(err, &r) {
		st.t.Fatalf("%T is not refused: %v", a, err)
	}
	return r
}

func hasFact[F Fact](events []Event) bool {
	return slices.ContainsFunc(events, func(e Event) bool { _, is := e.Fact.(F); return is })
}

// Reading 7: resolved is when the users are well; closed when the last of what the incident owes has ended.
func TestClosesWithTheLastObligation(t *testing.T) {
	st := dutyStory(t)
	st.declared(1)
	st.opened()
	st.by(marc, AnswerQuestion{Question: "personal_data", Value: AnswerNo, Reason: Say("only test data", 100)})
	st.by(marc, AddAction{Owner: ines, Day: "2026-12-01", Text: Say("limit the pool", 100)})
	st.by(marc, FreezeOperation{Text: Say("no replay of the queue", 100)})
	ev := st.by(marc, Resolve{Text: Say("rolled back", 100)})
	if st.s.Status != Resolved || hasFact[*ClosedFact](ev) {
		t.Fatalf("with a post-mortem owed it is %s", st.s.Status)
	}
	ended := st.s.EndedAt
	r := st.refusal(marc, Close{})
	if want := []string{"post_mortem", "action-1", "freeze-1"}; r.Code != RefusedOwed || !slices.Equal(r.Args, want) {
		t.Fatalf("%s %v, want %v", r.Code, r.Args, want)
	}
	st.now = st.now.Add(48 * time.Hour)
	st.by(marc, EndDuty{Key: "post_mortem", Text: Say("https://wiki/pm-42", 100)})
	st.by(marc, LiftFreeze{N: 1})
	if st.s.Status != Resolved {
		t.Fatalf("with an action owed it is %s", st.s.Status)
	}
	ev = st.by(ines, EndDuty{Key: "action-1", Dropped: true, Text: Say("the pool is gone", 100)})
	if st.s.Status != Closed || !st.s.ClosedAt.Equal(st.now) || !st.s.EndedAt.Equal(ended) {
		t.Fatalf("%s, closed %s, ended %s (was %s)", st.s.Status, st.s.ClosedAt, st.s.EndedAt, ended)
	}
	if !slices.Contains(effects(ev), "post/closed") {
		t.Errorf("the room does not hear of it: %v", effects(ev))
	}
	if r := st.refusal(marc, Close{}); r.Code != RefusedClosed {
		t.Errorf("closed twice: %s", r.Code)
	}
	if due := Deadlines(st.s); len(due) > 0 {
		t.Errorf("closed, and due: %+v", due)
	}

	// Something is owed again: it is resolved, no more, and closes again after that.
	ev = st.by(marc, AddAction{Owner: marc, Day: "2026-12-05", Text: Say("alert on the pool", 100)})
	if st.s.Status != Resolved || !slices.Contains(effects(ev), "set-topic") {
		t.Errorf("with a new action it is %s: %v", st.s.Status, effects(ev))
	}
	st.by(marc, EndDuty{Key: "action-2"})
	if st.s.Status != Closed {
		t.Errorf("after the new action it is %s", st.s.Status)
	}
	st.by(ines, Reopen{Reason: Say("errors are back", 100)})
	if st.s.Status != Investigating || !st.s.ClosedAt.IsZero() {
		t.Errorf("reopened it is %s, closed %s", st.s.Status, st.s.ClosedAt)
	}
}

func TestClosesAtOnceWhereNothingIsOwed(t *testing.T) {
	for _, act := range []Act{Resolve{Text: Say("was a cable", 100)}, Close{Reason: Say("was a cable", 100)}, SetStatus{Status: Closed, Reason: Say("was a cable", 100)}} {
		st := dutyStory(t)
		st.declared(4)
		ev := st.by(marc, act)
		if st.s.Status != Closed || st.s.Outcome.Body != "was a cable" || !st.s.EndedAt.Equal(st.now) {
			t.Errorf("%T: %s, %q", act, st.s.Status, st.s.Outcome.Body)
		}
		if slices.Contains(effects(ev), "post/closed") || !slices.Contains(effects(ev), "post/resolved") {
			t.Errorf("%T: the room is told once, by the resolution: %v", act, effects(ev))
		}
	}
	// A jump to closed ends what is open and stops where something is owed.
	st := dutyStory(t)
	st.declared(2)
	st.by(marc, Close{})
	if st.s.Status != Resolved || len(st.s.Unfinished()) == 0 {
		t.Errorf("%s with %v", st.s.Status, st.s.Unfinished())
	}
	// Noise stays noise.
	st = dutyStory(t)
	st.declared(4)
	st.by(marc, Cancel{Reason: Say("a probe", 100)})
	if r := st.refusal(marc, Close{}); st.s.Status != Cancelled || r.Code != RefusedOver {
		t.Errorf("%s, %s", st.s.Status, r.Code)
	}
}

// A policy that wants a post-mortem and has no obligation that watches it: only a person knows when it is done.
func TestAPostMortemNobodyWatchesKeepsItOpenUntilSaid(t *testing.T) {
	st := newStory(t)
	rule := st.policy.Severities[1]
	rule.PostMortem = true
	st.policy.Severities[1] = rule
	st.by(marc, Declare{Title: Say("x", 10), Severity: 1})
	st.by(marc, Resolve{})
	if st.s.Status != Resolved {
		t.Fatal(st.s.Status)
	}
	st.by(marc, Close{Reason: Say("post-mortem: wiki/42", 100)})
	if st.s.Status != Closed || st.s.ClosedBy.Person != marc {
		t.Error(st.s.Status, st.s.ClosedBy)
	}
}

// A log of a release that knew no closing means what it meant: resolved, until something of it ends now.
func TestAnOldResolvedIncidentStaysResolved(t *testing.T) {
	st := dutyStory(t)
	st.declared(4)
	st.by(marc, Resolve{})
	old := slices.DeleteFunc(slices.Clone(st.log), func(e Event) bool { _, is := e.Fact.(*ClosedFact); return is })
	s := Replay(old)
	s.Policy = st.policy
	if s.Status != Resolved {
		t.Fatal(s.Status)
	}
	st.s = s
	st.by(marc, Note{Text: Say("looked at it again", 100)})
	st.machine(ViaClock, Tick{})
	if st.s.Status != Resolved {
		t.Errorf("a note made it %s", st.s.Status)
	}
	st.by(marc, Close{})
	if st.s.Status != Closed {
		t.Error(st.s.Status)
	}
}

// Whatever is done: closed is when nothing is owed, and the log tells it alone.
func TestClosedOwesNothing(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		st := dutyStory(t)
		st.declared(Severity(rapid.IntRange(1, 4).Draw(rt, "sev")))
		acts := []func() Act{
			func() Act { return Resolve{} },
			func() Act { return Close{} },
			func() Act { return Reopen{} },
			func() Act { return AnswerQuestion{Question: "personal_data", Value: AnswerYes} },
			func() Act {
				return AnswerQuestion{Question: "personal_data", Value: AnswerNo, Reason: Say("none", 10)}
			},
			func() Act { return SendNotice{Notice: "customer", Text: Say("sent", 10)} },
			func() Act { return AddAction{Owner: ines, Day: "2026-12-01", Text: Say("do", 10)} },
			func() Act { return FreezeOperation{Text: Say("replay", 10)} },
			func() Act { return LiftFreeze{N: 1} },
			func() Act { return Tick{} },
			func() Act {
				if owed := st.s.Owing(); len(owed) > 0 {
					return EndDuty{Key: owed[0].Key, Text: Say("done", 10)}
				}
				return Tick{}
			},
		}
		for range rapid.IntRange(1, 25).Draw(rt, "n") {
			st.now = st.now.Add(time.Duration(rapid.IntRange(0, 600).Draw(rt, "min")) * time.Minute)
			act := acts[rapid.IntRange(0, len(acts)-1).Draw(rt, "act")]()
			next, ev, err := Apply(st.s, Intent{At: st.now, Now: st.now, Actor: Actor{Person: marc}, Via: ViaSlack, Act: act, Policy: st.policy})
			if err != nil {
				continue
			}
			st.s, st.log = next, append(st.log, ev...)
			if st.s.Status == Closed && (len(st.s.Unfinished()) > 0 || len(Deadlines(st.s)) > 0) {
				rt.Fatalf("closed after %T, and owed: %v", act, st.s.Unfinished())
			}
			if hasFact[*ObligationEnded](ev) && st.s.Status == Resolved && len(st.s.Unfinished()) == 0 {
				rt.Fatalf("%T ended the last, and it is not closed", act)
			}
		}
		raw, err := json.Marshal(st.log)
		if err != nil {
			rt.Fatal(err)
		}
		var back []Event
		if err := json.Unmarshal(raw, &back); err != nil {
			rt.Fatal(err)
		}
		if got := Replay(back); got.Status != st.s.Status || !got.ClosedAt.Equal(st.s.ClosedAt) {
			rt.Fatalf("replayed %s %s, lived %s %s", got.Status, got.ClosedAt, st.s.Status, st.s.ClosedAt)
		}
	})
}

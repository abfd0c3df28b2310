package incident

import (
	"slices"
	"testing"
	"time"
)

// Until the other accepts, the old holder stays responsible; who was asked is reminded once, and the old holder told when they do not.
func TestHandOver(t *testing.T) {
	st := newStory(t)
	st.policy.HandOverWithin = 20 * time.Minute
	st.declared(3)
	st.by(marc, ProposeHandOver{To: ines})
	if st.s.Roles[Commander].Who != marc || st.s.HandOver.To != ines {
		t.Fatalf("%+v", st.s.HandOver)
	}
	for _, c := range []struct {
		who  Person
		act  Act
		want string
	}{{tomas, AcceptHandOver{}, RefusedNotAsked}, {marc, ProposeHandOver{To: ines}, RefusedAskedToo}, {marc, ProposeHandOver{To: marc}, RefusedHolds}, {marc, ProposeHandOver{}, RefusedEmpty}} {
		if r, ok := errOf(st, c.who, c.act).(*Refusal); !ok || r.Code != c.want {
			t.Errorf("%+v: %v, want %s", c.act, r, c.want)
		}
	}
	count := func(ev []Event, want string) (n int) {
		for _, k := range kinds(ev) {
			if k == want {
				n++
			}
		}
		return n
	}
	if ev := st.at(10 * time.Minute); count(ev, "hand-over-reminded") != 1 {
		t.Errorf("not reminded at half time: %v", kinds(ev))
	}
	if ev := st.at(15 * time.Minute); count(ev, "hand-over-reminded")+count(ev, "hand-over-ended") != 0 {
		t.Errorf("%v", kinds(ev))
	}
	ev := st.at(20 * time.Minute)
	told := false
	for _, e := range ev {
		for _, f := range e.Effects {
			told = told || f.View == ViewHandOverEnded && f.People[0] == marc
		}
	}
	if count(ev, "hand-over-ended") != 1 || !told || st.s.Roles[Commander].Who != marc {
		t.Errorf("%v, told %v, %+v", kinds(ev), told, st.s.Roles)
	}
	st.by(marc, ProposeHandOver{To: ines})
	st.by(ines, DeclineHandOver{})
	if st.s.Roles[Commander].Who != marc || !st.s.HandOver.To.Zero() {
		t.Errorf("%+v", st.s.HandOver)
	}
	st.by(marc, ProposeHandOver{To: ines})
	st.by(ines, AcceptHandOver{})
	if st.s.Roles[Commander].Who != ines || !st.s.HandOver.To.Zero() {
		t.Errorf("%+v %+v", st.s.Roles, st.s.HandOver)
	}
	// Somebody takes command while a third is asked: nobody is asked any more.
	st.by(ines, ProposeHandOver{To: tomas})
	st.by(marc, SetRole{Role: Commander, Who: marc})
	if r, ok := errOf(st, tomas, AcceptHandOver{}).(*Refusal); !ok || r.Code != RefusedNotAsked {
		t.Errorf("%v", r)
	}
}

// One commander of eight hours is told to hand over, once per eight hours, and not when somebody is asked already.
func TestHandOverIsSuggested(t *testing.T) {
	st := newStory(t)
	st.policy.HandOverAfter = 8 * time.Hour
	st.declared(3)
	var at []time.Duration
	st.keeps(17 * time.Hour)
	for _, e := range st.log {
		if _, is := e.Fact.(*HandOverSuggested); is {
			at = append(at, e.RecordedAt.Sub(night))
		}
	}
	if len(at) != 2 || at[0] != 8*time.Hour || at[1] != 16*time.Hour {
		t.Errorf("suggested at %v", at)
	}
	st.by(marc, Resolve{})
	if next := NextDue(st.s); !next.IsZero() {
		t.Errorf("due %s after the end", next)
	}
}

// What has no ladder is planned work: whoever holds it for days is not asked every eight hours to hand it over.
func TestNobodyIsAskedToHandOverWhatHasNoLadder(t *testing.T) {
	st := withProcess(newStory(t))
	st.policy.HandOverAfter = 8 * time.Hour
	st.alert("RneBalanceLow", 1, "x")
	st.by(marc, Ack{})
	for _, e := range st.run(40 * time.Hour) {
		if f, is := e.Fact.(*HandOverSuggested); is {
			t.Errorf("suggested to %s at %v", f.Who.Name, e.RecordedAt)
		}
	}
	// Raised to what has one, it is from then on.
	st.by(marc, SetSeverity{Severity: SEV3, Reason: because})
	if !slices.ContainsFunc(Deadlines(st.s), func(d Deadline) bool { return d.Name == DueHandOverLong }) {
		t.Error("a SEV-3 of two days suggests no hand-over")
	}
}

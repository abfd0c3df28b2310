package incident

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// A severity without updates, whose commander promised them: what is missed is missed once an hour, not with every tick.
func TestAPromisedCadenceHoldsWithoutOneOfThePolicy(t *testing.T) {
	st := newStory(t)
	st.declared(4)
	st.by(marc, SetCadence{Every: time.Hour})
	st.by(marc, Update{Text: Say("an update", 100)})
	missed := 0
	for _, e := range st.run(150 * time.Minute) {
		if f, is := e.Fact.(*Missed); is && f.Name == DueUpdate {
			missed++
		}
	}
	if missed != 2 {
		t.Errorf("missed %d times in two hours and a half", missed)
	}
}

// What the commander stretched holds for those who are asked next, too.
func TestAStretchedCadenceOutlastsAMiss(t *testing.T) {
	st := newStory(t)
	st.policy.Severities[SEV2] = SeverityRule{FirstUpdate: 30 * time.Minute, UpdateEvery: 15 * time.Minute, AckWithin: time.Hour, AcceptWithin: time.Hour, CommsBackup: "secondary"}
	st.declared(2)
	st.by(marc, SetCadence{Every: 4 * time.Hour})
	st.by(marc, Update{Text: Say("an update", 100)})
	if got := st.turns(st.run(7*time.Hour), DueUpdate, WhyUpdateMissed); !slices.Equal(got, []string{"4h0m0s"}) {
		t.Errorf("missed and asked: %q", got)
	}
}

// Two who both said no to a hand-over do not ring each other: the chain begins again when its time has passed.
func TestNobodyIsAskedAgainTheMomentTheyDecline(t *testing.T) {
	st := chained(newStory(t))
	st.policy.Severities[SEV2] = SeverityRule{AckWithin: time.Hour, AcceptWithin: time.Hour}
	st.policy.Response.HandOver.Chain = []string{"secondary", "tech_lead"}
	st.declared(2)
	st.by(marc, ProposeHandOver{To: ines, Why: HandOverRotation})
	st.by(ines, DeclineHandOver{})
	if st.s.HandOver.To != tomas {
		t.Fatalf("asked next: %+v", st.s.HandOver)
	}
	st.by(tomas, DeclineHandOver{})
	p, _ := st.s.Pursued(DueHandOver)
	if h := st.s.HandOver; !h.To.Zero() || !st.s.HandOverAsk.Equal(st.now.Add(p.Every)) {
		t.Fatalf("asked at once: %+v, or at %s", h, st.s.HandOverAsk)
	}
	st.run(st.now.Sub(night) + p.Every)
	if st.s.HandOver.To.Zero() {
		t.Error("the chain does not begin again")
	}
}

// A commander who rested while it was set aside is not relieved the moment it goes on.
func TestWhoRestedIsNotRelieved(t *testing.T) {
	st := chained(newStory(t))
	st.policy.HandOverAfter = 8 * time.Hour
	st.declared(3)
	st.keeps(8*time.Hour + 5*time.Minute)
	st.by(marc, Park{Until: st.now.Add(10 * time.Hour)})
	st.run(17 * time.Hour)
	st.by(marc, Resume{})
	for _, e := range st.at(17*time.Hour + time.Minute) {
		if f, is := e.Fact.(*HandOverProposed); is {
			t.Errorf("asked %s", f.To.Name)
		}
	}
}

// What can be planned writes to nobody all night because a hand-over was not answered; and where there is nobody to ask, the commander is told
// once in its time.
func TestHandOversThatMayWait(t *testing.T) {
	st := chained(newStory(t))
	st.declared(4)
	st.by(marc, ProposeHandOver{To: sam})
	said := 0
	for _, e := range st.run(12 * time.Hour) {
		for _, f := range e.Effects {
			if f.Do == Direct && strings.Contains(f.Name, "hand-over") {
				said++
			}
		}
	}
	if said > 3 {
		t.Errorf("%d messages about a hand-over at SEV-4", said)
	}
	st = chained(newStory(t))
	st.policy.HandOverAfter = 8 * time.Hour
	st.policy.Response.HandOver.Chain = []string{"secondary"}
	st.onCall["secondary"] = st.onCall["primary"]
	st.declared(3)
	st.keeps(15 * time.Hour)
	told := 0
	for _, e := range st.log {
		if _, ok := e.Fact.(*HandOverSuggested); ok {
			told++
		}
	}
	if told > 2 {
		t.Errorf("told %d times in 15 h to hand over to nobody", told)
	}
}

// A reminder lets nobody into a private incident: only the policy's phone does.
func TestAReminderLetsNobodyIn(t *testing.T) {
	st := chained(newStory(t))
	r := st.policy.Severities[SEV3]
	r.ProgressWithin, r.ProgressEvery, r.RemediateWithin, r.FirstUpdate, r.UpdateEvery, r.Tell = 0, 0, 0, time.Hour, time.Hour, nil
	st.policy.Severities[SEV3] = r
	st.by(marc, Declare{Title: Say("fraud", 100), Severity: 3, Private: true})
	st.opened()
	for _, e := range st.run(6 * time.Hour) {
		for _, f := range e.Effects {
			if f.Do == Invite {
				t.Errorf("%s invites %v", e.RecordedAt.Sub(night), f.People)
			}
		}
	}
	if st.s.MaySee(ines) || st.s.MaySee(tomas) {
		t.Error("who was asked for an update may read it")
	}
}

// The reason of a later change ends the one that was owed.
func TestAReasonOwedIsOvertaken(t *testing.T) {
	st := newStory(t)
	st.declared(2)
	st.by(marc, SetSeverity{Severity: 1})
	if st.s.ReasonOwed == nil {
		t.Fatal("none is owed")
	}
	st.by(marc, SetSeverity{Severity: 2, Reason: because})
	if st.s.ReasonOwed != nil {
		t.Errorf("still owed: %+v", st.s.ReasonOwed)
	}
}

// What is mitigated wakes nobody for an update or for who commands next: the chains go on in writing, and ring again when it is worse than it
// looked. What nobody commands rings on.
func TestWhatIsMitigatedIsPursuedInWriting(t *testing.T) {
	st := chained(newStory(t))
	st.policy.Severities[SEV2] = SeverityRule{FirstUpdate: 30 * time.Minute, UpdateEvery: time.Hour, AckWithin: time.Hour, AcceptWithin: time.Hour, CommanderWithin: 15 * time.Minute}
	st.declared(2)
	st.by(marc, SetStatus{Status: Mitigated})
	want(t, st.turns(st.run(80*time.Minute), DueUpdate, WhyUpdateMissed), []string{"30m0s", "50m0s secondary told Ines", "1h10m0s tech_lead told Tomás"})
	st.by(marc, ProposeHandOver{To: sam})
	for _, p := range st.s.Pages {
		if p.Why == WhyUpdateMissed {
			t.Errorf("%s rings", p.Key)
		}
	}
	if h := st.rung(st.run(3 * time.Hour)); len(h) != 0 {
		t.Errorf("rung for a hand-over: %q", h)
	}
	st.by(st.s.Roles[Commander].Who, SetRole{Role: Commander})
	got := st.rung(st.run(3*time.Hour + 16*time.Minute))
	want(t, got, []string{"secondary@+3h15m0s no-commander"})
	st.by(marc, Reopen{Reason: because})
	if got := st.rung(st.run(5 * time.Hour)); !slices.ContainsFunc(got, func(r string) bool { return strings.HasSuffix(r, WhyUpdateMissed) }) {
		t.Errorf("worse again, nobody is rung for an update: %q", got)
	}
}

// Who answered a call for one thing is rung at their turn for another, and for the same where it was met and is owed again: an answer says that
// they heard, of that.
func TestAnAnsweredCallStopsNoOther(t *testing.T) {
	answer := func(st *story, target string) {
		t.Helper()
		for i := len(st.s.Pages) - 1; i >= 0; i-- {
			if p := st.s.Pages[i]; p.Target == target && p.Outstanding() && p.Status != PageAnswered {
				st.machine(ViaPagerDuty, PagerChanged{Dedup: p.Dedup, Status: "acknowledged", By: p.Person})
				return
			}
		}
		t.Fatalf("%s is not rung", target)
	}
	// The ladder rang the tech lead and they took it, then nobody commands.
	st := chained(newStory(t))
	st.policy.Severities[SEV2] = SeverityRule{AckWithin: time.Hour, AcceptWithin: time.Hour, CommanderWithin: 15 * time.Minute}
	st.declared(2)
	st.by(marc, SetRole{Role: Commander})
	st.by(marc, SendHelp{})
	answer(st, "tech_lead")
	st.by(tomas, Progress{Text: Say("the pool is exhausted", 100)})
	if h, held := st.s.Roles[Commander]; held {
		st.by(h.Who, SetRole{Role: Commander})
	}
	st.policy.Response.Commander.Chain = []string{"tech_lead"}
	want(t, st.turns(st.run(16*time.Minute), DueCommander, WhyNoCommander), []string{"15m0s tech_lead rings"})

	// They command, hand it back, and it is nobody's again: the first turn rings, though they answered a later turn before.
	for range 3 {
		answer(st, "tech_lead")
		st.by(tomas, SetRole{Role: Commander})
		at := st.now
		got := st.turns(st.run(at.Sub(night)+16*time.Minute), DueCommander, WhyNoCommander)
		want(t, got, []string{fmt.Sprintf("%s tech_lead rings", at.Sub(night)+15*time.Minute)})
	}

	// Sent for by hand after all of those: the phone rings, and what is said to ring does.
	answer(st, "tech_lead")
	before := len(st.s.Pages)
	st.by(marc, PageOut{Target: "tech_lead", Reason: because})
	if n := len(st.s.Pages) - before; n != 1 {
		t.Errorf("%d calls for who was sent for", n)
	}
	st.refused(marc, PageOut{Target: "tech_lead"}, RefusedPageTwice)
}

package incident

import (
	"slices"
	"testing"
	"time"
)

// dutyCalls are the calls for duties that are open, with the keys of what each is about.
func (st *story) dutyCalls() (open []Page) {
	for _, p := range st.s.DutyPages {
		if p.Outstanding() {
			open = append(open, p)
		}
	}
	return open
}

// A call that rang for two is over when one is done and the other counts anew: it does not ring on for what its person was not rung for.
func TestACallForSeveralEndsWithTheLastThatRuns(t *testing.T) {
	for _, c := range []struct{ done, anew string }{{"authority", "customer_notice"}, {"customer", "authority_notice"}} {
		st := togetherStory(t)
		st.by(marc, Resolve{})
		st.keeps(21 * time.Hour)
		st.by(tomas, SendNotice{Notice: c.done, Text: Say("sent", 100)})
		if got := st.dutyCalls(); len(got) != 1 {
			t.Fatalf("one of two runs: %+v", got)
		}
		st.by(ines, AnswerQuestion{Question: "personal_data", Value: AnswerYes, Since: night.Add(-2 * time.Hour)})
		if got := st.dutyCalls(); len(got) != 0 {
			t.Errorf("%s is done, %s counts anew: still rung for %v", c.done, c.anew, got[0].Obligations())
		}
		st.keeps(21*time.Hour + time.Minute) // in its last hours: rung anew, for the one alone
		if got := st.dutyCalls(); len(got) != 1 || !slices.Equal(got[0].Obligations(), []string{c.anew}) {
			t.Errorf("after %s counts anew: %+v", c.anew, got)
		}
		st.by(marc, EndDuty{Key: c.anew, Text: Say("seen to", 100)})
		if got := st.dutyCalls(); len(got) != 0 {
			t.Errorf("nothing is owed, and %+v rings", got)
		}
	}
}

// The earlier clock of a duplicate takes the place of one's own, and its call that of the other: nobody is rung twice for one notice.
func TestADuplicatesEarlierClockRingsOnce(t *testing.T) {
	into, dup := dutyStory(t), dutyStory(t)
	dup.now = night.Add(-2 * time.Hour)
	dup.declared(1)
	dup.s.ID = "INC-99"
	dup.by(marc, AnswerQuestion{Question: "personal_data", Value: AnswerYes})
	into.declared(1)
	into.by(marc, AnswerQuestion{Question: "personal_data", Value: AnswerYes})
	into.by(marc, SetStatus{Status: Mitigated})
	into.keeps(21*time.Hour + time.Minute)
	if got := into.dutyCalls(); len(got) != 1 {
		t.Fatalf("3 h before it ends: %+v", got)
	}
	dup.now = into.now
	merges(t, dup, into)
	into.keeps(21*time.Hour + 10*time.Minute)
	if got := into.dutyCalls(); len(got) != 1 {
		t.Errorf("%d calls of %s for one notice", len(got), got[0].Person.Name)
	}
}

// A call for a legal clock and a runbook's falls silent on pause once the legal one is done.
func TestACallForSeveralIsQuietOnPauseWhenNoLegalClockRuns(t *testing.T) {
	st := togetherStory(t)
	st.opened()
	c := pausedBook()[0]
	c.Offset, c.Obligation = 24*time.Hour, true
	st.by(marc, StartRunbook{Runbook: book(c)})
	st.keeps(time.Hour)
	st.by(marc, SetStatus{Status: Mitigated})
	i := st.s.dutyAt(c.ID)
	legal := "customer_notice"
	st.keeps(21 * time.Hour)
	if i < 0 || len(st.dutyCalls()) != 1 {
		t.Fatalf("%+v %+v", st.s.Duties, st.dutyCalls())
	}
	st.s.DutyPages[0].Obligation, st.s.DutyPages[0].Along = legal, []string{c.ID} // as when both were due in one moment
	for _, notice := range []string{"customer", "authority"} {
		st.by(tomas, SendNotice{Notice: notice, Text: Say("sent", 100)})
	}
	if len(st.dutyCalls()) != 1 {
		t.Fatalf("the runbook's clock runs: %+v", st.s.DutyPages)
	}
	st.by(marc, SetSeverity{Severity: 2, Reason: because})
	st.by(marc, Park{Until: st.now.Add(10 * time.Hour)})
	if got := st.dutyCalls(); len(got) != 0 {
		t.Errorf("paused, and %s is rung for %v", got[0].Person.Name, got[0].Obligations())
	}
}

// The ladder comes to somebody whose phone rings for an update, and rings it no second time: when the update is posted it rings on, for the
// ladder has nobody else. Once somebody has taken it, it is quiet.
func TestACallThatTheLadderWaitsForIsNotOverWithWhatItWasFor(t *testing.T) {
	st := chained(newStory(t))
	m := time.Minute
	st.policy.Severities[SEV2] = SeverityRule{FirstUpdate: 10 * m, UpdateEvery: time.Hour, AckWithin: 45 * m, AcceptWithin: 45 * m, ProgressWithin: 45 * m}
	st.policy.Response.Updates = Pursuit{Chain: []string{"tech_lead"}, Every: 20 * m, Page: []Severity{SEV2}}
	st.declared(2)
	st.run(50 * m)
	if l := st.s.Ladder; l.Level != 2 || !l.AcceptedAt.IsZero() || !slices.Equal(st.ringing(), []string{"tech_lead"}) {
		t.Fatalf("%+v, %v", l, st.ringing())
	}
	st.by(marc, Update{Text: Say("nothing new", 100)})
	if got := st.ringing(); !slices.Equal(got, []string{"tech_lead"}) {
		t.Errorf("the ladder waits for the tech lead, and %v are rung", got)
	}
	st.by(ines, Ack{})
	if got := st.ringing(); len(got) != 0 {
		t.Errorf("taken by %s, and %v are rung", st.s.Ladder.AcceptedBy.Name, got)
	}
}

// The same of who was rung because nobody had said whether customers are touched.
func TestACallForCustomersThatTheLadderWaitsForRingsOn(t *testing.T) {
	st := withProcess(newStory(t))
	m := time.Minute
	st.policy.Ladder[3].Targets, st.policy.Ladder[3].Only = []string{"tech_lead"}, nil
	st.policy.Severities[SEV2] = SeverityRule{AckWithin: 45 * m, AcceptWithin: 45 * m, ProgressWithin: 45 * m, ImpactWithin: 15 * m}
	st.declared(2)
	st.run(50 * m)
	if l := st.s.Ladder; l.Level != 2 || !l.AcceptedAt.IsZero() || !slices.Equal(st.ringing(), []string{"tech_lead"}) {
		t.Fatalf("%+v, %v", l, st.ringing())
	}
	st.by(marc, RecordImpact{Customers: TouchedNo, Regulators: TouchedNo})
	if got := st.ringing(); !slices.Equal(got, []string{"tech_lead"}) {
		t.Errorf("the ladder waits for the tech lead, and %v are rung", got)
	}
	st.by(ines, Ack{})
	if got := st.ringing(); len(got) != 0 {
		t.Errorf("taken by %s, and %v are rung", st.s.Ladder.AcceptedBy.Name, got)
	}
}

// A phone that goes round with the duty rings for a legal clock as it does for the ladder: whoever has it, and the next of the chain where
// nobody is known to.
func TestAPhoneThatGoesRoundRingsForALegalClock(t *testing.T) {
	for _, known := range []bool{true, false} {
		st := dutyStory(t)
		x := st.policy.Targets["compliance_officer"]
		x.Address = Address{OnCall: true, Service: "PSVC"}
		st.policy.Targets["compliance_officer"] = x
		want, addr := lucie, Address{User: lucie.Pager, Service: "PSVC"}
		if !known {
			delete(st.onCall, "compliance_officer")
			want, addr = amel, st.policy.Targets["cto"].Address
		}
		st.declared(2)
		st.by(marc, AnswerQuestion{Question: "personal_data", Value: AnswerYes})
		st.by(marc, Resolve{})
		st.keeps(21 * time.Hour)
		if got := st.dutyCalls(); len(got) != 1 || got[0].Person != want || got[0].Address != addr {
			t.Errorf("known %v: %+v", known, got)
		}
	}
}

// Nobody of the chain can be rung: the first is tried, and what comes of it is said.
func TestALegalClockWhoseChainHasNoPhoneIsNotSilent(t *testing.T) {
	st := dutyStory(t)
	for _, key := range []string{"compliance_officer", "cto"} {
		x := st.policy.Targets[key]
		x.Address = Address{OnCall: true, Service: "PSVC"}
		st.policy.Targets[key] = x
		delete(st.onCall, key)
	}
	st.declared(2)
	st.by(marc, AnswerQuestion{Question: "personal_data", Value: AnswerYes})
	st.by(marc, Resolve{})
	st.keeps(21 * time.Hour)
	got := st.dutyCalls()
	if len(got) != 1 || got[0].Target != "compliance_officer" {
		t.Fatalf("%+v", got)
	}
	if st.machine(ViaOutbox, Report{Effect: got[0].Ring, Outcome: OutcomeDead, Error: "no user"}); len(st.dutyCalls()) != 0 {
		t.Errorf("%+v", st.dutyCalls())
	}
}

// PagerDuty refuses the call for a legal clock: the next of the chain is rung at once, and the room is told, though the incident is over.
func TestARefusedCallForALegalClockGoesToTheNext(t *testing.T) {
	st := togetherStory(t)
	st.opened()
	st.by(marc, Resolve{})
	st.keeps(21 * time.Hour)
	got := st.dutyCalls()
	if len(got) != 1 || got[0].Person != lucie {
		t.Fatalf("%+v", got)
	}
	ev := st.machine(ViaOutbox, Report{Effect: got[0].Ring, Outcome: OutcomeDead, Error: "no such key"})
	got = st.dutyCalls()
	if len(got) != 1 || got[0].Person != amel || !slices.Equal(got[0].Obligations(), []string{"customer_notice", "authority_notice"}) {
		t.Errorf("refused for Lucie, and rung: %+v", got)
	}
	said := false
	for _, e := range ev {
		for _, f := range e.Effects {
			said = said || f.View == ViewPageFailed && StillOwed(st.s, Owed{ID: IDOf(st.s.ID, e.Seq, f), Effect: f, Seq: e.Seq})
		}
	}
	if !said {
		t.Error("the room is not told")
	}
	// The last of the chain is refused, too: nobody is left, and the reminders go on.
	st.machine(ViaOutbox, Report{Effect: got[0].Ring, Outcome: OutcomeDead, Error: "no such key"})
	if got := st.dutyCalls(); len(got) != 0 {
		t.Errorf("%+v", got)
	}
	if n := len(st.keeps(st.now.Sub(night) + 5*time.Hour)); n == 0 {
		t.Error("nobody is reminded any more")
	}
}

// Where a service has somebody of its own for a target, what is owed for its incident is asked of them.
func TestAnObligationIsTheServicesOwnPeoples(t *testing.T) {
	st := withProcess(dutyStory(t))
	st.policy.Services["shop"].Instead["cto"] = "shop_lead"
	st.onCall["shop_lead"] = Roster{People: []Person{sam}, Source: "test", SeenAt: night}
	st.by(marc, Declare{Title: Say("x", 10), Severity: 2, Service: "shop"})
	st.by(marc, AnswerQuestion{Question: "personal_data", Value: AnswerYes})
	st.by(marc, Resolve{})
	st.keeps(24 * time.Hour)
	var who []string
	for _, p := range st.s.DutyPages {
		who = append(who, p.Target)
	}
	if !slices.Equal(who, []string{"compliance_officer", "shop_lead"}) {
		t.Errorf("rung for the customer's notice: %v", who)
	}
}

// Everybody was rung for a runbook's clock that was missed, nobody answered, and it was set aside: when it goes on they are rung again, in turn.
// Who had answered has it, and is not.
func TestARunbookClockRingsAgainAfterThePause(t *testing.T) {
	st := clockStory(t, 2, pausedBook()[0])
	st.policy.Severities[SEV2] = SeverityRule{}
	st.keeps(12 * time.Hour)
	if got := st.dutyCalls(); len(got) != 3 {
		t.Fatalf("%+v", got)
	}
	st.by(marc, Park{Until: night.Add(50 * time.Hour)})
	if got := st.dutyCalls(); len(got) != 0 {
		t.Fatalf("it rings on: %+v", got)
	}
	st.now = night.Add(14 * time.Hour)
	st.by(marc, Resume{})
	st.keeps(20 * time.Hour)
	got := st.dutyCalls()
	if len(got) != 3 || got[0].Target != "primary" || got[0].Key == st.s.DutyPages[0].Key {
		t.Fatalf("after the pause: %+v", got)
	}
	st.machine(ViaPagerDuty, PagerChanged{Dedup: got[1].Dedup, Status: "acknowledged", By: got[1].Person})
	st.by(marc, Park{Until: night.Add(50 * time.Hour)})
	st.now = night.Add(22 * time.Hour)
	st.by(marc, Resume{})
	st.keeps(40 * time.Hour)
	if got := st.dutyCalls(); len(got) != 0 {
		t.Errorf("it is somebody's, and rings: %+v", got)
	}
	if s := Replay(st.log); s.Duties[0].Paged != st.s.Duties[0].Paged {
		t.Errorf("replayed: %d, was %d", s.Duties[0].Paged, st.s.Duties[0].Paged)
	}
}

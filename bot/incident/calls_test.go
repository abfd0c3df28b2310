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

package incident

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestCustomersTouchedRingsLevelFour(t *testing.T) {
	yes := func() *story {
		st := withProcess(newStory(t))
		st.policy.Severities[1] = withImpact(st.policy.Severities[1])
		return st
	}

	// Not answered for 15 minutes after it was confirmed: that counts as yes.
	st := yes()
	st.alert("AuditHashChainBroken", 1, "x")
	st.by(marc, Ack{})
	st.now = night.Add(14 * time.Minute)
	st.by(marc, Progress{Text: Say("the chain breaks at event 4711", 100)})
	want(t, st.rung(st.run(15*time.Minute)), []string{"ceo@+15m0s impact-unsaid", "compliance_officer@+15m0s impact-unsaid"})
	if p := st.s.Pages[len(st.s.Pages)-1]; p.Level != 4 {
		t.Errorf("%+v", p)
	}
	want(t, st.rung(st.run(28*time.Minute)), nil) // once
	ev := st.by(marc, RecordImpact{Customers: TouchedNo, Regulators: TouchedNo})
	if n := len(slices.DeleteFunc(slices.Clone(st.s.Pages), func(p Page) bool { return !p.forImpact() || p.Status != PageClosed })); n != 2 {
		t.Errorf("%d stood down: %v", n, effects(ev))
	}

	// Yes rings at once.
	st = yes()
	st.alert("AuditHashChainBroken", 1, "x")
	st.by(marc, Ack{})
	want(t, st.rung(st.by(marc, RecordImpact{Customers: TouchedYes})), []string{"ceo@+0s impact", "compliance_officer@+0s impact"})
	want(t, st.rung(st.by(marc, RecordImpact{Regulators: TouchedYes})), nil)

	// No rings nobody, ever.
	st = yes()
	st.alert("AuditHashChainBroken", 1, "x")
	st.by(marc, Ack{})
	st.by(marc, RecordImpact{Customers: TouchedNo, Regulators: TouchedNo})
	for _, r := range st.rung(st.run(14 * time.Minute)) {
		t.Errorf("rang %s", r)
	}

	// Said before anybody confirmed the severity: it rings when that is done, and the question runs from then.
	st = yes()
	st.alert("MassBiometricFailure", 1, "x")
	want(t, st.rung(st.by(marc, RecordImpact{Customers: TouchedYes})), nil)
	want(t, st.rung(st.by(marc, SetSeverity{Severity: 1, Reason: because})), []string{"cto@+0s severity", "ceo@+0s impact", "compliance_officer@+0s impact"})
	st = yes()
	st.alert("MassBiometricFailure", 1, "x") // confirmed by the clock at 5, so the answer is due at 20
	got := st.rung(st.run(21 * time.Minute))
	if !slices.Contains(got, "ceo@+20m0s impact-unsaid") {
		t.Errorf("%v", got)
	}

	// Lowered: they are stood down, and nothing is due any more. A lower severity is not asked.
	st = yes()
	st.alert("AuditHashChainBroken", 1, "x")
	st.by(marc, Ack{})
	st.by(marc, SetSeverity{Severity: 2, Reason: because})
	if slices.ContainsFunc(Deadlines(st.s), func(d Deadline) bool { return d.Name == DueImpact }) {
		t.Error("asked at SEV-2")
	}
	for _, r := range st.rung(st.run(10 * time.Minute)) {
		t.Errorf("rang %s", r)
	}
}

func withImpact(r SeverityRule) SeverityRule {
	r.ImpactWithin = 15 * time.Minute
	return r
}

// An unanswered ladder starts again; who was rung for the customers' sake is not rung anew, and not stood down.
func TestARestartLeavesLevelFourRinging(t *testing.T) {
	st := withProcess(newStory(t))
	st.policy.Severities[1] = withImpact(st.policy.Severities[1])
	st.alert("AuditHashChainBroken", 1, "x")
	n := 0
	for _, e := range st.run(3 * time.Hour) {
		switch f := e.Fact.(type) {
		case *Paged:
			if f.Page.forImpact() {
				n++
			}
		case *PageChanged:
			if p, _ := st.s.Page(f.Key); p.forImpact() && f.Status == PageClosed {
				t.Errorf("closed at %v", e.RecordedAt)
			}
		}
	}
	if n != 2 || st.s.Ladder.Round < 3 {
		t.Errorf("%d rings in %d rounds", n, st.s.Ladder.Round)
	}
}

// Three minutes before nobody's answer counts as yes, who commands is asked once more, or who acts where nobody commands: by a direct message.
func TestTheQuestionWarnsWhoCommands(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(st *story)
		want []Person
	}{
		{"who acts", func(st *story) { st.by(marc, Ack{}) }, []Person{marc}},
		{"the commander", func(st *story) { st.by(marc, Ack{}); st.by(ines, SetRole{Role: Commander, Who: ines}) }, []Person{ines}},
		{"nobody", func(*story) {}, nil},
		{"it is answered", func(st *story) {
			st.by(marc, Ack{})
			st.by(marc, RecordImpact{Customers: TouchedNo, Regulators: TouchedNo})
		}, nil},
	} {
		st := withProcess(newStory(t))
		st.policy.WarnBefore = 3 * time.Minute
		st.policy.Severities[1] = withImpact(st.policy.Severities[1])
		st.alert("AuditHashChainBroken", 1, "x")
		c.do(st)
		var who []Person
		for _, e := range st.run(16 * time.Minute) {
			if f, is := e.Fact.(*Warned); is && strings.HasPrefix(f.Deadline, DueImpact+"/") {
				if who = append(who, f.Who...); !e.RecordedAt.Equal(night.Add(12 * time.Minute)) {
					t.Errorf("%s: warned at %v", c.name, e.RecordedAt)
				}
				for _, x := range e.Effects {
					if x.Do == Post {
						t.Errorf("%s: the room is told, too: %s", c.name, x.Name)
					}
				}
			}
		}
		if !slices.Equal(who, c.want) {
			t.Errorf("%s: warned %v, want %v", c.name, who, c.want)
		}
	}
}

// Nobody is told that nothing rings in the moment in which their phone does.
func TestWhoIsRungIsNotTold(t *testing.T) {
	st := withProcess(newStory(t))
	r := withImpact(st.policy.Severities[1])
	r.Tell = []string{"ceo", "compliance_officer"}
	st.policy.Severities[1] = r
	st.alert("MassBiometricFailure", 1, "x")
	st.by(marc, RecordImpact{Customers: TouchedYes})
	ev := st.by(marc, SetSeverity{Severity: 1, Reason: because})
	got := st.rung(ev)
	if !slices.Contains(got, "ceo@+0s impact") || !slices.Contains(got, "compliance_officer@+0s impact") {
		t.Fatalf("rung %v", got)
	}
	if fx := effects(ev); has(fx, "direct/told") {
		t.Errorf("told that nobody rings them, and rung: %v", fx)
	}
	// Not touched: told, and nobody rings.
	st = withProcess(newStory(t))
	st.policy.Severities[1] = r
	st.alert("MassBiometricFailure", 1, "x")
	st.by(marc, RecordImpact{Customers: TouchedNo, Regulators: TouchedNo})
	if fx := effects(st.by(marc, SetSeverity{Severity: 1, Reason: because})); !has(fx, "direct/told") {
		t.Errorf("nobody is told: %v", fx)
	}
}

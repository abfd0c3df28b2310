package incident

import (
	"testing"
	"time"
)

// group is the current set of a group, of one alert's name.
func group(id, name string, firing int, labels ...Label) AlertsFired {
	return AlertsFired{Title: Say(name, 100), Set: AlertSet{Group: id, Name: name, Firing: firing, Digest: id + name + string(rune('0'+firing)), Labels: labels}}
}

func (st *story) alerted(a AlertsFired) []Event {
	st.t.Helper()
	return st.machine(ViaAlertmanager, a)
}

func TestTheWorstMemberSetsTheSeverity(t *testing.T) {
	st := newStory(t)
	st.alerted(group("g1", "ApiHighLatencyP95", 1)) // SEV-3
	st.by(marc, Ack{})
	if ev := st.alerted(group("g2", "RneBalanceLow", 1)); st.s.Severity != SEV3 || has(effects(ev), "post/severity") {
		t.Errorf("a lesser member changed it to %s: %v", st.s.Severity, effects(ev))
	}
	ev := st.alerted(group("g3", "ApiErrorRateHigh", 1)) // SEV-2, confirmed: the tech lead is rung at once
	if fx := effects(ev); st.s.Severity != SEV2 || !st.s.Confirmed || st.s.Rule != "alert ApiErrorRateHigh" || !has(fx, "post/severity") || !has(fx, "ring/L2/1/tech_lead") {
		t.Errorf("%s %v %q: %v", st.s.Severity, st.s.Confirmed, st.s.Rule, fx)
	}
	if ev[len(ev)-1].Fact.Type() == "alerts" {
		t.Error("nothing followed")
	}
	// Unconfirmed: who is rung waits for the confirmation.
	ev = st.alerted(group("g4", "MassBiometricFailure", 1))
	if fx := effects(ev); st.s.Severity != SEV1 || st.s.Confirmed || has(fx, "ring/") {
		t.Errorf("%s %v: %v", st.s.Severity, st.s.Confirmed, fx)
	}
	// And another alert that is sure of it confirms.
	if fx := effects(st.alerted(group("g5", "AuditHashChainBroken", 1))); !st.s.Confirmed || !has(fx, "ring/L3/1/cto") {
		t.Errorf("confirmed %v: %v", st.s.Confirmed, fx)
	}
}

func TestAHumansLoweringOutweighsTheMembersThere(t *testing.T) {
	st := newStory(t)
	crit := Label{"severity", "critical"}
	st.alerted(group("g1", "ApiErrorRateHigh", 1))
	st.alerted(group("g2", "Odd", 1))
	st.by(marc, Ack{})
	st.by(marc, SetSeverity{Severity: SEV3, Reason: because})
	for _, a := range []AlertsFired{group("g1", "ApiErrorRateHigh", 5), group("g1", "ApiErrorRateHigh", 0), group("g1", "ApiErrorRateHigh", 2)} {
		st.alerted(a)
		if st.s.Severity != SEV3 {
			t.Fatalf("%d firing of what was there: %s", a.Set.Firing, st.s.Severity)
		}
	}
	st.alerted(group("g2", "Odd", 2, crit)) // worse than it was
	if st.s.Severity != SEV2 || st.s.Confirmed || st.s.Rule != "label severity=critical" {
		t.Errorf("%s %v %q", st.s.Severity, st.s.Confirmed, st.s.Rule)
	}
	st.by(marc, SetSeverity{Severity: SEV4, Reason: because})
	st.alerted(group("g6", "ApiHighLatencyP95", 1)) // new
	if st.s.Severity != SEV3 {
		t.Errorf("a new member: %s", st.s.Severity)
	}
}

func TestAMemberBeginsTheLadder(t *testing.T) {
	st := newStory(t)
	st.alerted(group("g1", "RneBalanceLow", 1))
	fx := effects(st.alerted(group("g2", "ApiErrorRateHigh", 1)))
	if st.s.Ladder.Level != 1 || !has(fx, "ring/L1/1/primary") {
		t.Errorf("level %d: %v", st.s.Ladder.Level, fx)
	}
	st = newStory(t)
	st.alerted(group("g1", "RneBalanceLow", 1))
	st.machine(ViaPagerDuty, PagerTriggered{Ref: PagerRef{ID: "Q1", Status: "triggered"}, AlertName: "ApiErrorRateHigh", Title: Say("x", 9)})
	if st.s.Severity != SEV2 || st.s.Ladder.Level != 1 {
		t.Errorf("by PagerDuty: %s level %d", st.s.Severity, st.s.Ladder.Level)
	}
}

func TestAlertsTakeUpWhatHasEnded(t *testing.T) {
	over := func() *story {
		st := newStory(t)
		st.policy.AfterResolve, st.policy.ReopenWithin = AfterReopen, 30*time.Minute
		st.alerted(group("g1", "ApiErrorRateHigh", 1))
		st.by(marc, Ack{})
		st.run(10 * time.Minute)
		st.by(marc, Resolve{})
		return st
	}
	st := over()
	st.now = st.now.Add(5 * time.Minute)
	same := group("g1", "ApiErrorRateHigh", 1)
	if ev, err := st.saidAt(st.s.EndedAt.Add(-time.Minute), same); err != nil || len(ev) != 0 {
		t.Errorf("said once more of what fired before: %v %v", err, effects(ev))
	}
	ev, err := st.saidAt(st.now, same)
	if err != nil || !st.s.Open() || st.s.Ladder.Level != 1 || !st.s.Ladder.AcceptedAt.IsZero() {
		t.Fatalf("it fires again: %v %+v", err, st.s.Ladder)
	}
	if f, ok := ev[0].Fact.(*Reopened); !ok || ev[0].Actor.System != SystemAlertmanager || f.Policy != "d1" || !has(effects(ev), "ring/L1/2/primary") {
		t.Errorf("%s: %v", ev[0].Fact.Type(), effects(ev))
	}
	st = over()
	st.now = st.now.Add(31 * time.Minute)
	if ev, err := st.saidAt(st.now, group("g1", "ApiErrorRateHigh", 3)); err != nil || len(ev) != 0 {
		t.Errorf("too late: %v %v", err, effects(ev))
	}
	st = over()
	st.s.Policy.AfterResolve = AfterNew
	if ev, err := st.saidAt(st.now, group("g1", "ApiErrorRateHigh", 3)); err != nil || len(ev) != 0 {
		t.Errorf("the policy wants another: %v %v", err, effects(ev))
	}
}

// saidAt is a set whose newest alert began at a moment, heard now.
func (st *story) saidAt(at time.Time, a AlertsFired) ([]Event, error) {
	st.t.Helper()
	s, ev, err := Apply(st.s, Intent{At: at, Now: st.now, Actor: Actor{System: SystemAlertmanager}, Via: ViaAlertmanager, Act: a, Policy: st.policy, Number: 42, OnCall: testOnCall()})
	if err == nil {
		st.s = s
	}
	return ev, err
}

// A page that PagerDuty brings of an alert that a runbook waits for says so once, whoever tells of it first.
func TestAwaitedIsSaidOnce(t *testing.T) {
	for _, first := range []string{"pagerduty", "alertmanager"} {
		st := newStory(t)
		st.declared(1)
		st.opened()
		st.by(marc, StartRunbook{Runbook: RunbookRef{ID: "RB-017", Digest: "d", Steps: []string{"one"}, Joins: []RunbookSignal{{Alert: "BackupFailed", Within: 24 * time.Hour}}}})
		st.now = st.now.Add(3 * time.Hour)
		said := func(events []Event) (n int) {
			for _, e := range events {
				switch f := e.Fact.(type) {
				case *AlertsSeen:
					n += len(f.Awaited) / len("RB-017")
				case *PagerSeen:
					n += len(f.Awaited) / len("RB-017")
				}
			}
			return n
		}
		page := func() int {
			next, ev, err := Apply(st.s, Intent{At: st.now, Now: st.now, Actor: Actor{System: SystemPagerDuty}, Via: ViaPagerDuty, Policy: st.policy, Claims: []string{GroupClaim("g")},
				Act: PagerTriggered{Ref: PagerRef{ID: "P9", Key: "g", Status: "triggered"}, Title: Say("BackupFailed", 50), AlertName: "BackupFailed"}})
			if err != nil {
				t.Fatal(err)
			}
			st.s = next
			return said(ev)
		}
		set := func() int {
			next, ev, err := Apply(st.s, Intent{At: st.now, Now: st.now, Actor: Actor{System: SystemAlertmanager}, Via: ViaAlertmanager, Policy: st.policy, Claims: []string{GroupClaim("g")},
				Act: AlertsFired{Set: AlertSet{Group: "g", Name: "BackupFailed", Firing: 1, Digest: "1"}}})
			if err != nil {
				t.Fatal(err)
			}
			st.s = next
			return said(ev)
		}
		a, b := page, set
		if first == "alertmanager" {
			a, b = set, page
		}
		if x, y := a(), b(); x != 1 || y != 0 {
			t.Errorf("%s first: said %d times, then %d", first, x, y)
		}
	}
}

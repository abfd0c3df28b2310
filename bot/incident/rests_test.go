package incident

import (
	"slices"
	"testing"
	"time"
)

// next is the deadline of a name.
func (st *story) next(name string) (Deadline, bool) {
	ds := Deadlines(st.s)
	i := slices.IndexFunc(ds, func(d Deadline) bool { return d.Name == name })
	if i < 0 {
		return Deadline{}, false
	}
	return ds[i], true
}

// clearedAfter is the process with an alert that fired, unanswered, and has cleared.
func clearedAfter(t *testing.T, alert string, fired time.Duration) *story {
	st := reopenable(t)
	st.fires(0, alert, 1)
	st.run(fired)
	st.fires(fired, alert, 0)
	return st
}

// What was set aside before it had a ladder has one when it is taken up.
func TestASeverityGivenWhileItIsSetAsideIsKept(t *testing.T) {
	st := reopenable(t)
	st.fires(0, "RneBalanceLow", 1)
	st.by(marc, Park{Until: night.Add(5 * time.Hour)})
	st.by(sam, SetSeverity{Severity: 2, Reason: Say("many of them", 100)})
	st.now = night.Add(time.Hour)
	st.by(ines, Resume{})
	if d, ok := st.next(DueProgress); !ok || !d.Due.Equal(st.now.Add(15*time.Minute)) || !st.s.Ladder.AcceptedBy.Same(marc) {
		t.Errorf("%+v, ladder %+v", Deadlines(st.s), st.s.Ladder)
	}
}

// Alerts that joined what a person declared, and cleared, end nothing of it.
func TestWhatAPersonDeclaredIsNotOverBecauseItsAlertsAre(t *testing.T) {
	st := reopenable(t)
	st.by(sam, Declare{Title: Say("nobody can pay", 100), Severity: 2})
	st.by(sam, SetRole{Role: Commander}) // from support: nobody has taken it
	st.fires(time.Minute, "ApiErrorRateHigh", 1)
	st.fires(2*time.Minute, "ApiErrorRateHigh", 0)
	if st.s.Paused() {
		t.Fatal("the ladder stands still")
	}
	want(t, only(st.rung(st.run(20*time.Minute)), "secondary"), []string{"secondary@+15m0s not-acknowledged"})
}

// The morning's quiet call to look at what cleared is no call for what fires: level 1 is rung aloud, once.
func TestWhatFiresDuringItsReviewIsRungAloud(t *testing.T) {
	for _, first := range []string{FirstPageTocsin, FirstPagePagerDuty} {
		st := reopenable(t)
		st.policy.FirstPage, st.policy.FirstPageWait = first, time.Minute
		monday := time.Date(2026, 11, 23, 8, 45, 0, 0, time.UTC).Sub(night)
		st.fires(monday, "ApiErrorRateHigh", 1)
		st.fires(monday+30*time.Second, "ApiErrorRateHigh", 0)
		want(t, st.rung(st.run(monday+16*time.Minute)), []string{"primary@+54h53m0s review"})
		st.fires(monday+20*time.Minute, "ApiErrorRateHigh", 1)
		var loud []string
		for _, p := range st.s.Pages {
			if p.Target == "primary" && p.Outstanding() {
				loud = append(loud, p.Why+":"+p.Urgency)
			}
		}
		if exp := map[string]string{FirstPageTocsin: WhyAgain + ":", FirstPagePagerDuty: WhyDetected + ":"}; !slices.Equal(loud, []string{exp[first]}) {
			t.Errorf("%s rings first: level 1 is called %v", first, loud)
		}
	}
}

// A lower severity of what is over or mitigated rings nobody, and ends the calls that only the higher one would not let rest.
func TestLoweringWhatRestsRingsNobody(t *testing.T) {
	st := clearedAfter(t, "ApiErrorRateHigh", 40*time.Minute)
	want(t, st.rung(st.by(sam, SetSeverity{Severity: 3, Reason: Say("one tenant", 100)})), nil)

	st = reopenable(t)
	st.fires(0, "ApiErrorRateHigh", 1)
	st.run(40 * time.Minute)
	st.by(sam, SetStatus{Status: Mitigated})
	want(t, st.rung(st.by(sam, SetSeverity{Severity: 3, Reason: Say("one tenant", 100)})), nil)

	st = clearedAfter(t, "AuditHashChainBroken", 2*time.Minute) // level 1 is rung on
	want(t, st.rung(st.by(sam, SetSeverity{Severity: 2, Reason: Say("a test tenant", 100)})), nil)
	if st.s.PausedBy() != "recovered" || len(st.calls()) > 0 {
		t.Errorf("paused by %q, and %v are called", st.s.PausedBy(), st.calls())
	}
	// It fires again: now the tech lead, whom a SEV-2 rings, is rung as well.
	if st.fires(4*time.Minute, "AuditHashChainBroken", 1); !slices.Equal(st.calls(), []string{"primary", "tech_lead"}) {
		t.Errorf("called %v", st.calls())
	}
}

func TestRaisingWhatIsMitigatedRingsNoLadder(t *testing.T) {
	st := reopenable(t)
	st.fires(0, "RneBalanceLow", 1)
	st.by(sam, SetStatus{Status: Mitigated})
	want(t, st.rung(st.by(sam, SetSeverity{Severity: 3, Reason: Say("for the record", 100)})), nil)
}

// The backup was sent for sooner than the lower severity would have: it is sent for in its time, not passed over.
func TestLoweredWhileTheBackupIsWaitedFor(t *testing.T) {
	st := reopenable(t)
	st.fires(0, "ApiErrorRateHigh", 1)
	st.run(16 * time.Minute)
	st.by(sam, SetSeverity{Severity: 3, Reason: Say("one tenant", 100)})
	if !slices.Equal(st.calls(), []string{"primary"}) {
		t.Errorf("called %v", st.calls())
	}
	want(t, st.rung(st.run(2*time.Hour+17*time.Minute)), []string{"secondary@+1h16m0s not-acknowledged", "tech_lead@+2h16m0s not-acknowledged"})
}

// Who set it aside and is rung at its time is called on, whatever the severity is by now.
func TestLoweredWhileItsOwnerIsRung(t *testing.T) {
	st := reopenable(t)
	st.fires(0, "ApiErrorRateHigh", 1)
	st.by(tomas, Park{Until: night.Add(time.Hour), Owner: tomas})
	want(t, st.rung(st.run(time.Hour)), []string{"tech_lead@+1h0m0s parked"})
	want(t, st.rung(st.by(sam, SetSeverity{Severity: 3, Reason: Say("one tenant", 100)})), nil)
	if !slices.Equal(st.calls(), []string{"tech_lead"}) {
		t.Errorf("called %v", st.calls())
	}
	// Somebody else takes it: the owner may sleep.
	if ev := st.by(ines, Ack{}); len(st.calls()) > 0 || !has(effects(ev), "direct/standdown") {
		t.Errorf("called %v, %v", st.calls(), effects(ev))
	}
}

// A SEV-4 that was set aside, whose owner is rung and does not answer, is to be taken within a business day, like one that nobody ever had.
func TestWhatHasNoLadderIsDueAfterItWasSetAside(t *testing.T) {
	st := reopenable(t) // Saturday night
	st.fires(0, "RneBalanceLow", 1)
	st.by(marc, Park{Until: night.Add(5 * time.Hour)})
	want(t, st.rung(st.run(6*time.Hour)), []string{"primary@+5h0m0s parked"})
	if d, ok := st.next(DueTake); !ok || !d.Due.Equal(time.Date(2026, 11, 23, 18, 0, 0, 0, time.UTC)) {
		t.Errorf("%+v", Deadlines(st.s))
	}
	st.by(marc, Ack{})
	if d, ok := st.next(DueTake); ok {
		t.Errorf("taken, and due: %+v", d)
	}
}

// What goes on is not ended by being merged into what rests: level 1 is called there, or who has it in hand goes on.
func TestADuplicateThatGoesOnTakesUpWhatRests(t *testing.T) {
	other := reopenable(t)
	other.by(sam, Declare{Title: Say("nobody can pay", 100), Severity: 2})
	st := clearedAfter(t, "ApiHighLatencyP95", time.Minute)
	ev := st.by(sam, Absorb{From: other.s})
	want(t, st.calls(), []string{"primary", "tech_lead"})
	if h := st.s.Roles[Commander]; st.s.Paused() || !h.Who.Same(sam) || !st.s.Ladder.AcceptedAt.IsZero() {
		t.Errorf("paused by %q, commander %+v, %v", st.s.PausedBy(), h, effects(ev))
	}
	i := slices.IndexFunc(ev, func(e Event) bool { _, is := e.Fact.(*Resumed); return is })
	if i < 0 || ev[i].Fact.(*Resumed).Why != ResumedAsked || !ev[i].Actor.Person.Same(sam) {
		t.Errorf("it does not say who takes it up: %v", effects(ev))
	}

	other = reopenable(t)
	other.alertAs("dup", "ApiErrorRateHigh")
	other.by(ines, Ack{})
	other.machine(ViaAlertmanager, AlertsFired{Title: Say("d", 50), Set: AlertSet{Group: "dup", Name: "ApiErrorRateHigh", Digest: "0"}})
	st = clearedAfter(t, "ApiErrorRateHigh", time.Minute)
	st.by(sam, Absorb{From: other.s})
	if st.s.Paused() || !st.s.Ladder.AcceptedBy.Same(ines) || slices.Contains(st.calls(), "primary") {
		t.Errorf("paused by %q, accepted by %q, called %v", st.s.PausedBy(), st.s.Ladder.AcceptedBy.Name, st.calls())
	}

	other = clearedAfter(t, "ApiErrorRateHigh", time.Minute) // it rests as well
	st = clearedAfter(t, "ApiErrorRateHigh", time.Minute)
	if ev := st.by(sam, Absorb{From: other.s}); !st.s.Paused() || len(st.rung(ev)) > 0 {
		t.Errorf("paused by %q, rung %v", st.s.PausedBy(), st.rung(ev))
	}
}

// A ladder of one level that came to its end is not begun again while who took it gets on.
func TestProgressAfterTheLaddersEnd(t *testing.T) {
	st := newStory(t)
	st.policy.Ladder = st.policy.Ladder[:1]
	st.alert("ApiHighLatencyP95", 1, "x")
	st.by(marc, Ack{})
	st.run(16 * time.Minute)
	if !st.s.Ladder.Exhausted {
		t.Fatalf("%+v", st.s.Ladder)
	}
	st.by(marc, Progress{Text: Say("restarted the pool, watching", 100)})
	want(t, st.rung(st.run(75*time.Minute)), nil)
	want(t, st.rung(st.run(92*time.Minute)), []string{"primary@+1h31m0s not-acknowledged"}) // an hour without any, and a quarter after the end
}

// PagerDuty owns the ladder. What it gave up, and what it assigned to one person, goes no further there: Tocsin goes on.
func TestPagerDutysLadderThatGoesNoFurther(t *testing.T) {
	st := reopenable(t)
	st.policy.LadderOwner = LadderPagerDuty
	st.fires(0, "ApiHighLatencyP95", 1)
	st.sent()
	want(t, st.rung(st.run(4*time.Hour)), nil)
	st.machine(ViaPagerDuty, PagerChanged{Dedup: st.s.Pages[0].Dedup, Status: "resolved"}) // it does after so long
	want(t, st.rung(st.run(5*time.Hour)), []string{"secondary@+4h0m0s not-acknowledged"})

	st = reopenable(t)
	st.policy.LadderOwner = LadderPagerDuty
	x := st.policy.Targets["primary"]
	x.Address = Address{Service: "S", EscalationPolicy: "P"}
	st.policy.Targets["primary"] = x
	st.fires(0, "ApiErrorRateHigh", 1)
	st.by(marc, Park{Until: night.Add(5 * time.Hour)})
	want(t, st.rung(st.run(6*time.Hour)), []string{"primary@+5h0m0s parked", "secondary@+5h15m0s not-acknowledged"}) // Marc alone was rung
}

// Whoever sends for help does not hold it for over: who is sent for is waited for, and after them the next.
func TestHelpForWhatRests(t *testing.T) {
	for name, rests := range map[string]func() *story{
		"cleared": func() *story { return clearedAfter(t, "ApiHighLatencyP95", time.Minute) },
		"set aside": func() *story {
			st := reopenable(t)
			st.fires(0, "ApiHighLatencyP95", 1)
			st.by(marc, Park{Until: night.Add(9 * time.Hour)})
			st.now = night.Add(time.Minute)
			return st
		},
		"cleared, and rings on": func() *story { return clearedAfter(t, "AuditHashChainBroken", time.Minute) },
	} {
		st := rests()
		want(t, st.rung(st.by(sam, SendHelp{Reason: Say("it is not over", 100)})), []string{"tech_lead@+1m0s help"})
		if d, ok := st.next(DueAccept); !ok || st.s.Parked != nil || !st.s.RecoveredAt.IsZero() || !slices.Contains(st.calls(), "tech_lead") {
			t.Errorf("%s: %+v, called %v", name, d, st.calls())
		}
		if got := st.rung(st.run(62 * time.Minute)); !slices.Contains(got, "cto@+1h1m0s not-acknowledged") && !st.s.Policy.Rule(st.s.Severity).RingOn {
			t.Errorf("%s: nobody answers, and rung are %v", name, got)
		}
	}
}

// Whom a person sent for by name is called on when the alert clears, and is not lost when it fires once more.
func TestWhoWasAskedForIsCalledOnThoughItClears(t *testing.T) {
	st := reopenable(t)
	st.fires(0, "ApiHighLatencyP95", 1)
	st.by(sam, PageOut{Target: "cto"})
	st.fires(time.Minute, "ApiHighLatencyP95", 0)
	want(t, st.calls(), []string{"cto"})
	st.fires(2*time.Minute, "ApiHighLatencyP95", 1)
	want(t, st.calls(), []string{"cto", "primary"})
}

// Somebody took it: whoever was called only for want of an answer may sleep, for whatever reason the call went out.
func TestWhoIsCalledForWantOfAnAnswerIsStoodDown(t *testing.T) {
	st := reopenable(t)
	st.fires(0, "ApiHighLatencyP95", 1)
	st.machine(ViaOutbox, Report{Effect: st.s.Pages[0].Ring, Outcome: OutcomeDead, Error: "no"})
	want(t, st.calls(), []string{"secondary"}) // in place of the page that was refused
	if ev := st.by(marc, Ack{}); len(st.calls()) > 0 || !has(effects(ev), "direct/standdown") {
		t.Errorf("a refused page's backup: called %v", st.calls())
	}

	st = clearedAfter(t, "ApiErrorRateHigh", time.Minute)
	st.run(56 * time.Hour) // Monday: level 1 is asked to look at it
	want(t, st.calls(), []string{"primary"})
	if st.by(ines, Ack{}); len(st.calls()) > 0 {
		t.Errorf("a review: called %v", st.calls())
	}

	// The tech lead was called for want of a result, and the CTO because the tech lead did not answer.
	st = reopenable(t)
	st.fires(0, "ApiHighLatencyP95", 1)
	st.by(marc, Ack{})
	st.run(76 * time.Minute)
	want(t, st.calls(), []string{"cto", "tech_lead"})
	if st.by(amel, Ack{}); len(st.calls()) > 0 {
		t.Errorf("a higher level has it: called %v", st.calls())
	}
}

// The CTO, whom somebody sent for while it rests, cannot be rung: the room is told, and nobody else is rung in their place.
func TestARefusedPageOfWhatRestsRingsNobodyElse(t *testing.T) {
	st := clearedAfter(t, "ApiHighLatencyP95", time.Minute)
	st.by(sam, PageOut{Target: "cto"})
	p := st.s.Pages[len(st.s.Pages)-1]
	ev := st.machine(ViaOutbox, Report{Effect: p.Ring, Outcome: OutcomeDead, Error: "no"})
	if len(st.rung(ev)) > 0 || !has(effects(ev), "post/page-failed") {
		t.Errorf("rung %v, %v", st.rung(ev), effects(ev))
	}
}

package incident

import (
	"slices"
	"testing"
	"time"
)

// reopenable is the process with alerts that take up again what has ended.
func reopenable(t *testing.T) *story {
	st := withProcess(newStory(t))
	st.policy.AfterResolve, st.policy.ReopenWithin = AfterReopen, 24*time.Hour
	st.policy.Severities[1] = withImpact(st.policy.Severities[1])
	return st
}

// fires says how many instances of an alert fire, at an offset from the beginning.
func (st *story) fires(at time.Duration, name string, n int) []Event {
	st.t.Helper()
	st.now = night.Add(at)
	return st.alert(name, n, at.String())
}

// Who answered before an incident was taken up again may be asleep: when it clears once more with nobody answering, it is recovered as the
// first time, and nobody is rung for what is over.
func TestWhatIsTakenUpAgainAndClearsIsRecovered(t *testing.T) {
	for name, end := range map[string]Act{"resolved": Resolve{}, "mitigated": SetStatus{Status: Mitigated}} {
		st := reopenable(t)
		st.fires(0, "ApiErrorRateHigh", 1)
		st.by(marc, Ack{})
		st.now = night.Add(5 * time.Minute)
		st.by(marc, end)
		st.fires(6*time.Minute, "ApiErrorRateHigh", 0)
		st.fires(20*time.Minute, "ApiErrorRateHigh", 1)
		st.opened()
		ev := st.fires(22*time.Minute, "ApiErrorRateHigh", 0)
		if st.s.PausedBy() != "recovered" || !has(effects(ev), "post/recovered") || has(effects(ev), "post/alerts-over") {
			t.Errorf("%s: paused by %q, %v", name, st.s.PausedBy(), effects(ev))
		}
		want(t, st.rung(st.run(5*time.Hour)), nil)
		if !st.s.AcknowledgedAt.Equal(night) {
			t.Errorf("%s: the first answer, which the figures count, is now %v", name, st.s.AcknowledgedAt)
		}
		// Taken since it fired again: then a human is asked, as ever.
		st.fires(6*time.Hour, "ApiErrorRateHigh", 1)
		st.by(ines, Ack{})
		if ev = st.fires(6*time.Hour+time.Minute, "ApiErrorRateHigh", 0); st.s.Paused() || !has(effects(ev), "post/alerts-over") {
			t.Errorf("%s: answered, and paused by %q: %v", name, st.s.PausedBy(), effects(ev))
		}
	}
}

// Who took command since has taken it, whoever held it before.
func TestWhoTookCommandSinceHasAnswered(t *testing.T) {
	st := reopenable(t)
	st.fires(0, "ApiErrorRateHigh", 1)
	st.by(marc, Ack{})
	st.by(marc, Resolve{})
	st.fires(20*time.Minute, "ApiErrorRateHigh", 0)
	st.fires(21*time.Minute, "ApiErrorRateHigh", 1)
	if st.s.Answered() {
		t.Error("whoever held command before it was taken up again has not answered since")
	}
	st.now = night.Add(22 * time.Minute)
	st.by(sam, SetRole{Role: Commander, Who: ines}) // not the ladder's
	if !st.s.Answered() || !st.s.Ladder.AcceptedAt.IsZero() {
		t.Errorf("answered %v, ladder %+v", st.s.Answered(), st.s.Ladder)
	}
	if st.fires(23*time.Minute, "ApiErrorRateHigh", 0); st.s.Paused() {
		t.Error("a commander is there, and the clocks stand still")
	}
}

// A SEV-4 that fires again after it ended is to be taken once more.
func TestWhatHasNoLadderIsToBeTakenAgain(t *testing.T) {
	st := reopenable(t)
	st.fires(0, "RneBalanceLow", 1)
	st.by(marc, Ack{})
	st.by(marc, Resolve{})
	st.fires(time.Hour, "RneBalanceLow", 0)
	st.fires(2*time.Hour, "RneBalanceLow", 1)
	if !slices.ContainsFunc(Deadlines(st.s), func(d Deadline) bool { return d.Name == DueTake }) {
		t.Errorf("nobody is to take it: %+v", Deadlines(st.s))
	}
}

// Cleared before PagerDuty's own page came: there is nothing to ring for, but for the severity that rings on.
func TestClearedBeforeTheFirstPage(t *testing.T) {
	st := reopenable(t)
	st.policy.FirstPage, st.policy.FirstPageWait = FirstPagePagerDuty, time.Minute
	st.fires(0, "ApiErrorRateHigh", 1)
	for _, p := range st.s.Pages {
		if p.Level == 1 {
			t.Fatalf("%s rings beside PagerDuty's own", p.Key)
		}
	}
	st.fires(20*time.Second, "ApiErrorRateHigh", 0)
	if st.s.PausedBy() != "recovered" || slices.ContainsFunc(st.s.Pages, Page.Outstanding) {
		t.Errorf("paused by %q, %+v", st.s.PausedBy(), st.s.Pages)
	}
	want(t, st.rung(st.run(3*time.Hour)), nil)
	// It fires again: level 1 is rung, once PagerDuty's own page is overdue.
	want(t, st.rung(st.fires(4*time.Hour, "ApiErrorRateHigh", 1)), []string{"primary@+4h0m0s detected", "tech_lead@+4h0m0s severity"})

	st = reopenable(t)
	st.policy.FirstPage, st.policy.FirstPageWait = FirstPagePagerDuty, time.Minute
	st.fires(0, "MassBiometricFailure", 1)
	st.fires(20*time.Second, "MassBiometricFailure", 0)
	want(t, st.rung(st.run(35*time.Minute)), []string{"primary@+1m0s detected", "primary@+16m0s not-acknowledged", "primary@+31m0s not-acknowledged"})
}

// PagerDuty refuses the pages of level 1 for good: the room is told, and still nobody above is woken for what is over.
func TestARefusedPageOfWhatIsOverGoesNoHigher(t *testing.T) {
	st := reopenable(t)
	st.fires(0, "MassBiometricFailure", 1)
	st.fires(time.Minute, "MassBiometricFailure", 0)
	refuse := func() []Event {
		p := st.s.Pages[len(st.s.Pages)-1]
		return st.machine(ViaOutbox, Report{Effect: p.Ring, Outcome: OutcomeDead, Error: "no"})
	}
	want(t, st.rung(refuse()), []string{"secondary@+1m0s page-failed"}) // level 1's backup
	ev := refuse()
	want(t, st.rung(ev), nil)
	if !has(effects(ev), "post/page-failed") {
		t.Errorf("the room is not told: %v", effects(ev))
	}
	want(t, st.rung(st.run(20*time.Minute)), []string{"primary@+16m0s not-acknowledged"})
}

// A SEV-1 that cleared with nobody answering rings level 1, and nobody above it: it is neither confirmed nor taken to touch customers because
// nobody said anything.
func TestTheWorstThatClearedWakesNobodyAbove(t *testing.T) {
	st := reopenable(t)
	st.fires(0, "MassBiometricFailure", 1)
	st.fires(2*time.Minute, "MassBiometricFailure", 0)
	want(t, st.rung(st.run(50*time.Minute)), []string{"primary@+17m0s not-acknowledged", "primary@+32m0s not-acknowledged", "primary@+47m0s not-acknowledged"})
	if st.s.Confirmed || len(st.s.Told) > 0 {
		t.Errorf("confirmed %v, told %v", st.s.Confirmed, st.s.Told)
	}
	// Somebody looks at it: from now on they have as long as ever to say what it is.
	st.now = night.Add(50 * time.Minute)
	st.by(marc, Ack{})
	want(t, st.rung(st.run(54*time.Minute)), nil)
	want(t, st.rung(st.run(56*time.Minute)), []string{"cto@+55m0s severity"})

	// Confirmed by its alert: the question about customers waits as well, and runs on when it fires again.
	st = reopenable(t)
	st.fires(0, "AuditHashChainBroken", 1)
	st.fires(2*time.Minute, "AuditHashChainBroken", 0)
	for _, r := range st.rung(st.run(time.Hour)) {
		if r[:7] != "primary" {
			t.Errorf("rang %s", r)
		}
	}
	st.fires(time.Hour, "AuditHashChainBroken", 1)
	if got := st.rung(st.run(80 * time.Minute)); !slices.Contains(got, "ceo@+1h13m0s impact-unsaid") {
		t.Errorf("it fires again and nobody answers: %v", got)
	}
}

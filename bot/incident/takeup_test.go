package incident

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// takesUp is what takes it up again, an hour and a half after it began: by Alertmanager, by PagerDuty's incident that triggers again, by another
// of PagerDuty's, or by a duplicate that fires.
var takesUp = map[string]func(st *story, name string) []Event{
	"its alert": func(st *story, name string) []Event { return st.alert(name, 1, "again") },
	"PagerDuty again": func(st *story, _ string) []Event {
		ev, err := st.change(st.now.Sub(night), PagerChanged{Again: true, Assigned: []Person{marc}})
		if err != nil {
			st.t.Fatal(err)
		}
		return ev
	},
	"PagerDuty anew": func(st *story, name string) []Event {
		return st.machine(ViaPagerDuty, PagerTriggered{Ref: PagerRef{ID: "Q2", Status: "triggered", Assigned: []Person{marc}}, Title: Say("x", 10), AlertName: name})
	},
	"a duplicate": func(st *story, name string) []Event {
		other := newStory(st.t)
		other.policy, other.now = st.policy, st.now
		other.alertAs("dup", name)
		return st.by(sam, Absorb{From: other.s})
	},
}

func (st *story) alertAs(group, name string) {
	st.t.Helper()
	st.machine(ViaAlertmanager, AlertsFired{Title: Say(name, 50), Set: AlertSet{Group: group, Name: name, Firing: 1, Digest: group, StartsAt: st.now}})
}

// calls are the targets whose phones ring.
func (st *story) calls() []string {
	var out []string
	for _, p := range st.s.Pages {
		if st.s.calls(p) && p.Status != PageAnswered && !slices.Contains(out, p.Target) {
			out = append(out, p.Target)
		}
	}
	slices.Sort(out)
	return out
}

// However it is taken up again, and whatever had quieted it: level 1 is called, and whom the severity rings.
func TestTakenUpAgainTheSameFollows(t *testing.T) {
	quiets := map[string]func(st *story){
		"resolved":  func(st *story) { st.by(marc, Ack{}); st.by(marc, Resolve{}) },
		"cancelled": func(st *story) { st.by(marc, Ack{}); st.by(marc, Cancel{Reason: Say("noise", 10)}) },
		"mitigated": func(st *story) { st.by(marc, Ack{}); st.by(marc, SetStatus{Status: Mitigated}) },
		"recovered": func(*story) {},
	}
	for severity, name := range map[Severity]string{SEV1: "AuditHashChainBroken", SEV2: "ApiErrorRateHigh"} {
		for quiet, how := range quiets {
			for _, later := range []time.Duration{10 * time.Minute, 90 * time.Minute} {
				for news, up := range takesUp {
					if news == "a duplicate" && (quiet == "resolved" || quiet == "cancelled") {
						continue // it cannot be merged into what is over
					}
					st := reopenable(t)
					r := st.policy.Severities[1]
					r.RingOn = false
					st.policy.Severities[1] = r
					st.machine(ViaPagerDuty, PagerTriggered{Ref: PagerRef{ID: "Q1", Key: "k", Status: "triggered", Assigned: []Person{marc}}, Title: Say("x", 10), AlertName: name})
					st.alert(name, 1, "1")
					st.now = night.Add(time.Minute)
					how(st)
					if _, err := st.change(time.Minute, PagerChanged{Status: "resolved"}); err != nil {
						t.Fatal(err)
					}
					st.alert(name, 0, "2")
					if !st.s.quieted() {
						t.Fatalf("%s: not quieted: %+v", quiet, st.s)
					}
					st.now = night.Add(later)
					up(st, name)
					exp := []string{"cto", "primary"}
					if severity == SEV2 {
						exp = []string{"primary", "tech_lead"}
					}
					at := quiet + " " + severity.String() + ", " + later.String() + " later " + news
					if st.s.quieted() || st.s.Status != Investigating || st.s.Answered() || st.s.Ladder.Level != 1 {
						t.Errorf("%s: %s, quieted %v, answered %v, level %d", at, st.s.Status, st.s.quieted(), st.s.Answered(), st.s.Ladder.Level)
					}
					if got := st.calls(); !slices.Equal(got, exp) {
						t.Errorf("%s: called %v, want %v", at, got, exp)
					}
					n := 0
					for _, p := range st.s.Pages {
						if p.Target == "primary" && st.s.calls(p) && p.Status != PageAnswered {
							n++
						}
					}
					if n != 1 {
						t.Errorf("%s: level 1 is called %d times", at, n)
					}
					if got := st.rung(st.run(later + 20*time.Minute)); !slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, "secondary@") }) {
						t.Errorf("%s: the ladder does not go on: %v", at, got)
					}
				}
			}
		}
	}
}

// A new worse alert that takes it up again rings as loudly as it is bad.
func TestTakenUpByAWorseAlertRingsLoudly(t *testing.T) {
	st := reopenable(t)
	st.fires(0, "ApiHighLatencyP95", 1)
	st.fires(time.Minute, "ApiHighLatencyP95", 0)
	if got := urgencies(st.fires(2*time.Minute, "ApiErrorRateHigh", 1)); !slices.Equal(got, []string{"primary:", "tech_lead:"}) {
		t.Errorf("rung %v for a SEV-2", got)
	}
	if st.s.Severity != SEV2 {
		t.Error(st.s.Severity)
	}
}

// Who is at work on a duplicate goes on in the incident it is merged into, and nobody is rung for it.
func TestWhoHasADuplicateInHandKeepsIt(t *testing.T) {
	other := reopenable(t)
	other.alertAs("dup", "ApiHighLatencyP95")
	other.by(ines, Ack{})
	st := reopenable(t)
	st.fires(0, "ApiHighLatencyP95", 1)
	st.by(marc, Ack{})
	st.by(marc, SetStatus{Status: Mitigated})
	ev := st.by(sam, Absorb{From: other.s})
	if len(st.rung(ev)) > 0 || st.s.Status != Investigating || !st.s.Ladder.AcceptedBy.Same(ines) {
		t.Errorf("%s, accepted by %s, rang %v", st.s.Status, st.s.Ladder.AcceptedBy.Name, st.rung(ev))
	}
	// What is mitigated, too, takes nothing up again.
	other.by(ines, SetStatus{Status: Mitigated})
	st = reopenable(t)
	st.fires(0, "ApiHighLatencyP95", 1)
	st.by(marc, Ack{})
	st.by(marc, SetStatus{Status: Mitigated})
	if st.by(sam, Absorb{From: other.s}); st.s.Status != Mitigated {
		t.Error(st.s.Status)
	}
}

// The ladder begins anew; calls that the new walk does not repeat ring on.
func TestARestartEndsNoCallThatItDoesNotRepeat(t *testing.T) {
	st := reopenable(t)
	st.onCall["executive"] = Roster{People: []Person{sam}} // so the CTO is rung by the severity alone
	st.fires(0, "AuditHashChainBroken", 1)
	st.policy.Severities[1] = func() SeverityRule { r := st.policy.Severities[1]; r.ImpactWithin = 0; return r }()
	st.run(34 * time.Minute)
	st.by(sam, PageOut{Target: "ceo"})
	st.by(sam, PageOut{Target: "shop_lead"})
	ev := st.run(36 * time.Minute)
	if st.s.Ladder.Round != 2 {
		t.Fatalf("%+v", st.s.Ladder)
	}
	for _, target := range []string{"cto", "ceo", "shop_lead", "primary"} {
		if !slices.Contains(st.calls(), target) {
			t.Errorf("%s is not called any more: %v", target, effects(ev))
		}
	}
	n := 0
	for _, e := range st.run(3 * time.Hour) {
		if f, ok := e.Fact.(*Paged); ok && f.Page.Target == "executive" {
			n++
		}
	}
	if n < 2 {
		t.Errorf("the executive on call was rung %d times", n)
	}
}

// Who is on the ladder is rung in every walk, though a call of theirs from before it is open: for the severity, or because somebody asked.
func TestEveryWalkRingsAnew(t *testing.T) {
	st := reopenable(t)
	st.fires(0, "ApiErrorRateHigh", 1) // rings the tech lead by severity
	st.now = night.Add(5 * time.Minute)
	st.by(sam, PageOut{Target: "secondary"})
	want(t, st.rung(st.run(74*time.Minute)), []string{"cto@+45m0s not-acknowledged"})
	got := st.rung(st.run(110 * time.Minute))
	want(t, got, []string{"primary@+1h15m0s not-acknowledged", "secondary@+1h30m0s not-acknowledged", "tech_lead@+1h45m0s not-acknowledged"})
	if got := st.calls(); !slices.Equal(got, []string{"primary", "secondary", "tech_lead"}) {
		t.Errorf("called %v", got)
	}
	for _, target := range []string{"secondary", "tech_lead"} {
		n := 0
		for _, p := range st.s.Pages {
			if p.Target == target && p.Outstanding() {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%d calls of %s", n, target)
		}
	}
}

// Soon after it had cleared the ladder goes on where it stood; hours later from level 1, whoever brings the news.
func TestWhereTheLadderGoesOn(t *testing.T) {
	for news, up := range takesUp {
		for later, level := range map[time.Duration]int{10 * time.Minute: 2, 3 * time.Hour: 1} {
			st := reopenable(t)
			st.machine(ViaPagerDuty, PagerTriggered{Ref: PagerRef{ID: "Q1", Key: "k", Status: "triggered", Assigned: []Person{marc}}, Title: Say("x", 10), AlertName: "ApiErrorRateHigh"})
			st.run(40 * time.Minute) // level 2
			if _, err := st.change(40*time.Minute, PagerChanged{Status: "resolved"}); err != nil || st.s.PausedBy() != "recovered" {
				t.Fatal(err, st.s.PausedBy())
			}
			st.now = night.Add(40*time.Minute + later)
			up(st, "ApiErrorRateHigh")
			if l := st.s.Ladder; l.Level != level || !slices.Contains(st.calls(), "tech_lead") || level == 1 && (l.Round != 2 || !slices.Contains(st.calls(), "primary")) {
				t.Errorf("%s, %s later: %+v, called %v", news, later, l, st.calls())
			}
		}
	}
}

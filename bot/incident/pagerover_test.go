package incident

import (
	"slices"
	"testing"
	"time"
)

// pagerFirst is an incident of two alerts that PagerDuty rings level 1 for by itself.
func pagerFirst(t *testing.T, alert string) *story {
	st := reopenable(t)
	st.machine(ViaPagerDuty, PagerTriggered{Ref: PagerRef{ID: "Q1", Key: "k", Status: "triggered", Assigned: []Person{marc}}, Title: Say("x", 10), AlertName: alert})
	st.now = night.Add(time.Minute)
	st.alert(alert, 1, "1")
	return st
}

// PagerDuty resolves its own page while another alert fires: level 1's phone is silent, so a minute later it is rung by us, and the wait goes
// on.
func TestLevelOneIsCalledAgainWhenPagerDutyResolvesItsOwnPage(t *testing.T) {
	st := pagerFirst(t, "ApiHighLatencyP95")
	if got := st.calls(); !slices.Equal(got, []string{"primary"}) {
		t.Fatalf("called: %v", got)
	}
	st.now = night.Add(4 * time.Minute)
	ev, err := st.change(4*time.Minute, PagerChanged{Status: "resolved"})
	if err != nil || st.s.Paused() {
		t.Fatalf("%v, paused %v", err, st.s.Paused())
	}
	want(t, st.rung(append(ev, st.run(6*time.Minute)...)), []string{"primary@+5m0s pager-over"})
	if again, err := st.change(6*time.Minute, PagerChanged{Status: "resolved"}); err != nil || len(st.rung(append(again, st.run(10*time.Minute)...))) != 0 {
		t.Errorf("heard twice: %v %v", err, st.rung(again))
	}
	want(t, st.rung(st.run(61*time.Minute)), []string{"secondary@+1h0m0s not-acknowledged"})
	st.by(marc, Ack{})
	if p := st.s.Pages[len(st.s.Pages)-2]; p.Why != WhyPagerOver || p.Status != PageAnswered {
		t.Errorf("%+v", p)
	}
}

func TestNobodyIsCalledAgainForWhatIsTakenOrOver(t *testing.T) {
	taken := pagerFirst(t, "ApiHighLatencyP95")
	taken.by(marc, Ack{})
	over := pagerFirst(t, "ApiHighLatencyP95")
	over.alert("ApiHighLatencyP95", 0, "2")
	mitigated := pagerFirst(t, "ApiHighLatencyP95")
	mitigated.by(sam, SetStatus{Status: Mitigated})
	for name, st := range map[string]*story{"taken": taken, "over": over, "mitigated": mitigated} {
		st.now = night.Add(4 * time.Minute)
		if ev, err := st.change(4*time.Minute, PagerChanged{Status: "resolved"}); err != nil || len(st.rung(append(ev, st.run(10*time.Minute)...))) != 0 {
			t.Errorf("%s: %v %v", name, err, st.rung(ev))
		}
	}
	// A SEV-1 that is over is rung about until somebody looks, whoever rang first.
	st := pagerFirst(t, "AuditHashChainBroken")
	st.alert("AuditHashChainBroken", 0, "2")
	st.now = night.Add(2 * time.Minute)
	ev, err := st.change(2*time.Minute, PagerChanged{Status: "resolved"})
	if err != nil {
		t.Fatal(err)
	}
	want(t, st.rung(append(ev, st.run(4*time.Minute)...)), []string{"primary@+3m0s pager-over"})
}

// Alertmanager tells PagerDuty and us at the same time that it is over: whoever hears first, nobody is woken for it.
func TestNobodyIsCalledForWhatEndsAsPagerDutyHears(t *testing.T) {
	st := pagerFirst(t, "ApiHighLatencyP95")
	st.now = night.Add(4 * time.Minute)
	ev, err := st.change(4*time.Minute, PagerChanged{Status: "resolved"})
	if err != nil {
		t.Fatal(err)
	}
	ev = append(ev, st.run(4*time.Minute+30*time.Second)...)
	ev = append(ev, st.alert("ApiHighLatencyP95", 0, "2")...)
	if ev = append(ev, st.run(7*time.Hour)...); !st.s.Paused() || len(st.rung(ev)) != 0 {
		t.Errorf("paused %v, rung %v", st.s.Paused(), st.rung(ev))
	}
	// It fires again: that rings level 1 anew, and once.
	st.now = night.Add(8 * time.Hour)
	ev = append(st.alert("ApiHighLatencyP95", 1, "3"), st.run(8*time.Hour+30*time.Minute)...)
	want(t, only(st.rung(ev), "primary"), []string{"primary@+8h0m0s again"})
}

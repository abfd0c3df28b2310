package incident

import (
	"testing"
	"time"
)

// begun is an incident that PagerDuty's own Q1 began, answered by Marc and resolved at 00:30.
func begun(t *testing.T, end Act) *story {
	st := newStory(t)
	st.machine(ViaPagerDuty, PagerTriggered{Ref: PagerRef{ID: "Q1", Key: "k", Status: "triggered", Assigned: []Person{marc}}, Title: Say("x", 10), AlertName: "ApiHighLatencyP95"})
	st.by(marc, Ack{})
	st.run(30 * time.Minute)
	st.by(marc, end)
	return st
}

// change is what PagerDuty says happened to Q1, heard now.
func (st *story) change(at time.Duration, c PagerChanged) ([]Event, error) {
	st.t.Helper()
	c.Pager = "Q1"
	if c.Status == "" {
		c.Status = "triggered"
	}
	s, ev, err := Apply(st.s, Intent{At: night.Add(at), Now: st.now, Actor: Actor{System: SystemPagerDuty}, Via: ViaPagerDuty, Act: c, Policy: st.policy, Number: 42, OnCall: testOnCall()})
	if err == nil {
		st.s = s
	}
	return ev, err
}

func TestPagerDutysOwnPageTriggersAgain(t *testing.T) {
	for _, end := range []Act{Resolve{}, Cancel{Reason: Say("noise", 10)}} {
		st := begun(t, end)
		st.now = night.Add(20 * time.Hour)
		ev, err := st.change(20*time.Hour-time.Second, PagerChanged{Again: true, Assigned: []Person{ines}})
		if err != nil || !st.s.Open() || st.s.Reopens != 1 || st.s.Ladder.Level != 1 || st.s.Ladder.Round != 2 || !st.s.Ladder.AcceptedAt.IsZero() {
			t.Fatalf("after %T: %v %+v", end, err, st.s)
		}
		if f, ok := ev[0].Fact.(*Reopened); !ok || ev[0].Actor.System != SystemPagerDuty || f.Policy != st.policy.Digest {
			t.Errorf("first comes %s by %+v", ev[0].Fact.Type(), ev[0].Actor)
		}
		p := st.s.Pages[len(st.s.Pages)-1]
		if p.Key != "pagerduty/Q1/2" || !p.Foreign || p.Status != PageSent || !p.Person.Same(ines) || p.Level != 1 || p.Round != 2 {
			t.Errorf("its page: %+v", p)
		}
		if fx := effects(ev); count(fx, "ring/") != 0 || !has(fx, "post/reopened") {
			t.Errorf("PagerDuty rings; ours would be the second phone: %v", fx)
		}
		if again, err := st.change(20*time.Hour-time.Second, PagerChanged{Again: true}); err != nil || len(again) != 0 {
			t.Errorf("heard twice: %v %v", again, err)
		}
		// Unanswered, the backup is rung in time, warned of before; and the answer is the new page's.
		want(t, st.rung(st.run(20*time.Hour+14*time.Minute)), nil)
		if _, err := st.change(20*time.Hour+14*time.Minute, PagerChanged{Status: "acknowledged", By: ines}); err != nil {
			t.Fatal(err)
		}
		if p, _ := st.s.Page("pagerduty/Q1/2"); p.Status != PageAnswered || !st.s.Ladder.AcceptedBy.Same(ines) {
			t.Errorf("answered: %+v", p)
		}
		st.by(ines, Resolve{})
		// A second time over: a third page.
		st.now = st.now.Add(time.Hour)
		if _, err := st.change(st.now.Sub(night), PagerChanged{Again: true}); err != nil || !st.s.Open() || st.s.Pages[len(st.s.Pages)-1].Key != "pagerduty/Q1/3" {
			t.Errorf("again: %v %+v", err, st.s.Pages)
		}
	}
}

func TestWhatTakesNothingUpAgain(t *testing.T) {
	for name, c := range map[string]struct {
		now, at time.Duration
		change  PagerChanged
	}{
		"a straggler from before the end":   {time.Hour, 29 * time.Minute, PagerChanged{Again: true}},
		"unacknowledged, or given to other": {time.Hour, time.Hour, PagerChanged{}},
		"resolved":                          {time.Hour, time.Hour, PagerChanged{Status: "resolved"}},
	} {
		st := begun(t, Resolve{})
		st.now = night.Add(c.now)
		if ev, err := st.change(c.at, c.change); err != nil || len(ev) != 0 || st.s.Open() {
			t.Errorf("%s: %v %v", name, err, effects(ev))
		}
	}
	// The trigger itself, heard late or twice.
	st := begun(t, Resolve{})
	st.now = night.Add(time.Hour)
	if ev := st.machine(ViaPagerDuty, PagerTriggered{Ref: PagerRef{ID: "Q1", Status: "triggered"}, Title: Say("x", 10)}); len(ev) != 0 {
		t.Errorf("the old trigger: %v", effects(ev))
	}
	// A page of our own.
	st = begun(t, Resolve{})
	st.now = night.Add(time.Hour)
	s := st.s.clone()
	for i := range s.Pages {
		s.Pages[i].Foreign = false
	}
	st.s = s
	st.s.Policy = st.policy
	if _, err := st.change(time.Hour, PagerChanged{Again: true}); err != nil || st.s.Open() {
		t.Errorf("our own page: %v %+v", err, st.s)
	}
	// After a day it is another incident.
	st = begun(t, Resolve{})
	st.now = night.Add(30*time.Minute + AgainWithin)
	if _, err := st.change(st.now.Sub(night), PagerChanged{Again: true}); err == nil || err.(*Refusal).Code != RefusedOver {
		t.Errorf("a day later: %v", err)
	}
}

// While ours is still open: mitigated, it is taken up again; else its page rings on.
func TestPagerDutysOwnPageTriggersAgainWhileOursIsOpen(t *testing.T) {
	st := begun(t, SetStatus{Status: Mitigated})
	st.now = night.Add(time.Hour)
	if ev, err := st.change(29*time.Minute, PagerChanged{Again: true}); err != nil || st.s.Status != Mitigated {
		t.Fatalf("a straggler: %v %v", err, effects(ev))
	}
	ev, err := st.change(time.Hour, PagerChanged{Again: true, Assigned: []Person{marc}})
	if err != nil || st.s.Status != Investigating || !st.s.Ladder.AcceptedAt.IsZero() {
		t.Fatalf("%v %+v", err, st.s)
	}
	n := 0
	for _, p := range st.s.Pages {
		if p.Pager == "Q1" && p.Outstanding() {
			n++
		}
	}
	if fx := effects(ev); n != 1 || has(fx, "close-page/") {
		t.Errorf("%d of its pages are open; %v", n, fx)
	}

	st = begun(t, Note{Text: Say("still at it", 20)})
	st.now = night.Add(time.Hour)
	if _, err := st.change(time.Hour, PagerChanged{Status: "resolved"}); err != nil { // by monitoring
		t.Fatal(err)
	}
	if _, err := st.change(time.Hour, PagerChanged{Again: true}); err != nil {
		t.Fatal(err)
	}
	if p, _ := st.s.Page("pagerduty/Q1"); p.Status != PageSent || st.s.Pagers[0].Status != "triggered" {
		t.Errorf("%+v %+v", st.s.Pages, st.s.Pagers)
	}
	if _, more := st.s.Page("pagerduty/Q1/2"); more {
		t.Error("it is the same page")
	}
}

// It cleared with nobody answering, so the clocks stood still; it rings again, and they run.
func TestTheClocksRunAgainWhenItTriggersAgain(t *testing.T) {
	st := newStory(t)
	st.machine(ViaPagerDuty, PagerTriggered{Ref: PagerRef{ID: "Q1", Key: "k", Status: "triggered", Assigned: []Person{marc}}, Title: Say("x", 10), AlertName: "ApiHighLatencyP95"})
	st.now = night.Add(time.Minute)
	if _, err := st.change(time.Minute, PagerChanged{Status: "resolved"}); err != nil || !st.s.Paused() {
		t.Fatalf("it cleared, and the clocks run: %v %+v", err, st.s)
	}
	st.now = night.Add(2 * time.Minute)
	if _, err := st.change(time.Minute, PagerChanged{Again: true}); err != nil || st.s.Paused() || st.s.AlertsOver() {
		t.Fatalf("it triggers again, and the clocks stand still: %v %+v", err, st.s)
	}
	if rung := st.rung(st.run(3 * time.Hour)); len(rung) == 0 {
		t.Error("nobody else is ever rung")
	}
}

// A close that had not been carried out when PagerDuty's incident triggered again must not silence it.
func TestAnOldCloseDoesNotSilenceANewPage(t *testing.T) {
	st := begun(t, Resolve{})
	var shut Owed
	for _, e := range st.log {
		for _, f := range e.Effects {
			if f.Do == ClosePage && f.Page == "pagerduty/Q1" {
				shut = Owed{ID: IDOf(st.s.ID, e.Seq, f), Incident: st.s.ID, Seq: e.Seq, At: e.RecordedAt, Effect: f}
			}
		}
	}
	if !StillOwed(st.s, shut) {
		t.Fatal("the close is not owed")
	}
	st.now = night.Add(time.Hour)
	if _, err := st.change(time.Hour, PagerChanged{Again: true}); err != nil {
		t.Fatal(err)
	}
	if StillOwed(st.s, shut) {
		t.Error("the close of before would silence the page that rings now")
	}
}

package incident

import (
	"testing"
	"time"
)

// Later values replace earlier ones; what was not said stays unknown.
func TestImpact(t *testing.T) {
	st := newStory(t)
	st.declared(1)
	if st.s.Impact.Touched() != TouchedUnknown {
		t.Error("touched before anybody said so")
	}
	st.by(marc, RecordImpact{Figures: []Figure{{"tcr", 5}, {"tenants", 12}}, Customers: TouchedNo})
	if st.s.Impact.Touched() != TouchedUnknown {
		t.Error("customers are not, regulators are unknown: nobody knows")
	}
	st.by(ines, RecordImpact{Figures: []Figure{{"tenants", 14}}, Regulators: TouchedNo})
	i := st.s.Impact
	if len(i.Figures) != 2 || i.Figures[0] != (Figure{"tenants", 14}) || i.Figures[1] != (Figure{"tcr", 5}) || i.Touched() != TouchedNo || i.By != ines {
		t.Errorf("%+v", i)
	}
	st.by(ines, Resolve{})
	st.by(ines, RecordImpact{Customers: TouchedYes}) // known better afterwards
	if st.s.Impact.Touched() != TouchedYes {
		t.Errorf("%+v", st.s.Impact)
	}
	for _, c := range []struct {
		act  Act
		want string
	}{
		{RecordImpact{}, RefusedEmpty}, {RecordImpact{Figures: []Figure{{"cats", 1}}}, RefusedNoFigure}, {RecordImpact{Figures: []Figure{{"kyc", -1}}}, RefusedBadFigure},
		{RecordImpact{Figures: []Figure{{"kyc", MaxFigure + 1}}}, RefusedBadFigure}, {RecordImpact{Customers: "perhaps"}, RefusedBadAnswer}, {SetCadence{Every: time.Hour}, RefusedOver},
	} {
		if r, ok := errOf(st, marc, c.act).(*Refusal); !ok || r.Code != c.want {
			t.Errorf("%+v: %v, want %s", c.act, r, c.want)
		}
	}
}

// The commander, and nobody else, may stretch the cadence of updates up to four hours; a new severity promises anew.
func TestCadence(t *testing.T) {
	due := func(st *story) time.Time {
		for _, d := range Deadlines(st.s) {
			if d.Name == DueUpdate {
				return d.Due
			}
		}
		return time.Time{}
	}
	st := newStory(t)
	st.declared(1)
	st.by(marc, Update{Text: Say("u", 10)})
	if !due(st).Equal(night.Add(30 * time.Minute)) {
		t.Errorf("next update by %s", due(st))
	}
	for _, c := range []struct {
		who  Person
		act  Act
		want string
	}{{ines, SetCadence{Every: time.Hour}, RefusedCommander}, {marc, SetCadence{Every: 5 * time.Hour}, RefusedCadence}, {marc, SetCadence{Every: time.Second}, RefusedCadence}} {
		if r, ok := errOf(st, c.who, c.act).(*Refusal); !ok || r.Code != c.want {
			t.Errorf("%+v: %v, want %s", c.act, r, c.want)
		}
	}
	st.by(marc, SetCadence{Every: 4 * time.Hour})
	if !due(st).Equal(night.Add(4 * time.Hour)) {
		t.Errorf("next update by %s", due(st))
	}
	st.by(marc, SetSeverity{Severity: 2, Reason: because})
	if !due(st).Equal(night.Add(time.Hour)) || st.s.Cadence != 0 {
		t.Errorf("next update by %s", due(st))
	}
}

// What replays or deletes waits for the capture, whole, or for the commander's word; mitigation and skipping never do.
func TestNothingIsReplayedBeforeTheCapture(t *testing.T) {
	with := func() *story {
		st := newStory(t)
		st.declared(2)
		st.by(marc, StartRunbook{Runbook: RunbookRef{ID: "RB-1", Steps: []string{"flag", "replay", "purge", "look"}}})
		return st
	}
	done := func(st *story, step, kind string) error {
		return errOf(st, marc, MarkStep{Runbook: "RB-1", Step: step, Mark: StepDone, Kind: kind})
	}
	locked := func(err error) bool { r, ok := err.(*Refusal); return ok && r.Code == RefusedLocked }
	st := with()
	if err := done(st, "flag", "mitigation"); err != nil {
		t.Errorf("mitigation: %v", err)
	}
	if !locked(done(st, "replay", KindReplay)) || !locked(done(st, "purge", KindDestructive)) {
		t.Error("a step that replays or deletes was done before the capture")
	}
	if err := errOf(st, marc, MarkStep{Runbook: "RB-1", Step: "purge", Mark: StepSkipped, Text: Say("not needed", 20), Kind: KindDestructive}); err != nil {
		t.Errorf("skipping: %v", err)
	}
	st.by(ines, CaptureFirst{Requests: Say("r-1", 10), Traces: Say("none", 10), Tenants: Say("Alpha", 10), From: night.Add(-time.Hour), To: night})
	if st.s.CaptureFilled() || !locked(done(st, "replay", KindReplay)) {
		t.Error("half a capture unlocks")
	}
	st.by(ines, CaptureFirst{Organisations: Say("not permitted", 20)})
	if err := done(st, "replay", KindReplay); err != nil || !st.s.CaptureFilled() {
		t.Errorf("%v %+v", err, st.s.Capture)
	}

	st = with()
	for _, c := range []struct {
		who  Person
		act  Act
		want string
	}{{ines, OverrideLock{Reason: Say("hurry", 10)}, RefusedCommander}, {marc, OverrideLock{}, RefusedReasonNeeded}, {marc, CaptureFirst{}, RefusedEmpty},
		{marc, CaptureFirst{From: night}, RefusedWindow}, {marc, CaptureFirst{From: night, To: night.Add(-time.Minute)}, RefusedWindow}, {marc, CaptureFirst{From: night, To: night.Add(time.Hour)}, RefusedFuture},
		{marc, LiftFreeze{N: 1}, RefusedNoFreeze}, {marc, FreezeOperation{}, RefusedEmpty}} {
		if r, ok := errOf(st, c.who, c.act).(*Refusal); !ok || r.Code != c.want {
			t.Errorf("%+v: %v, want %s", c.act, r, c.want)
		}
	}
	st.by(marc, OverrideLock{Reason: Say("the queue overflows", 30)})
	if err := done(st, "replay", KindReplay); err != nil || st.s.Override.By != marc {
		t.Errorf("%v %+v", err, st.s.Override)
	}
	if r, ok := errOf(st, marc, OverrideLock{Reason: Say("again", 10)}).(*Refusal); !ok || r.Code != RefusedNotLocked {
		t.Errorf("%v", r)
	}
}

// What is on hold is shown until somebody lifts it, also after the incident; the same thing is held once.
func TestFreezes(t *testing.T) {
	st := newStory(t)
	st.declared(2)
	st.by(marc, CaptureFirst{Freezes: []Text{Say("invitations", 20), Say("exports", 20)}})
	if ev := st.by(ines, FreezeOperation{Text: Say("Invitations", 20)}); len(ev) != 0 {
		t.Errorf("held twice: %v", kinds(ev))
	}
	st.by(marc, Resolve{})
	st.by(ines, LiftFreeze{N: 1})
	if f := st.s.Freezing(); len(f) != 1 || f[0].N != 2 || st.s.Freezes[0].LiftedBy != ines {
		t.Errorf("%+v", st.s.Freezes)
	}
	if r, ok := errOf(st, marc, LiftFreeze{N: 1}).(*Refusal); !ok || r.Code != RefusedLifted || r.By != ines {
		t.Errorf("%v", r)
	}
}

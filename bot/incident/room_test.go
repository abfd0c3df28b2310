package incident

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// minor is a story whose policy has a channel for alerts and holds the rooms of SEV-4 back; the alert of g1 has fired, on a Friday morning.
func minor(t *testing.T) *story {
	t.Helper()
	st := cardStory(t)
	st.alerted(group("g1", "RneBalanceLow", 1))
	if !st.s.RoomHeld || st.s.ChannelEff != "" || st.s.Severity != SEV4 {
		t.Fatalf("held %v, %q, %s", st.s.RoomHeld, st.s.ChannelEff, st.s.Severity)
	}
	return st
}

func cardStory(t *testing.T) *story {
	t.Helper()
	st := newStory(t)
	st.now = time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC) // 10:00 in Paris
	st.policy.AlertsChannel, st.policy.Calendar = "ops-alerts", "office"
	st.policy.Calendars = map[string]Calendar{"office": {Zone: "Europe/Paris", Hours: week(hours(t, "09:00-18:00"), time.Saturday, time.Sunday)}}
	st.policy.Severities[4] = SeverityRule{NoLadder: true, AckDays: 1, Room: RoomWhenAccepted}
	if err := st.policy.Bind(); err != nil {
		t.Fatal(err)
	}
	return st
}

// opened is why the room was opened, empty when it was not.
func opened(events []Event) string {
	for _, e := range events {
		if f, is := e.Fact.(*RoomWanted); is {
			return f.Why
		}
	}
	return ""
}

func (st *story) report(r Report) []Event {
	st.t.Helper()
	return st.machine(ViaOutbox, r)
}

func (st *story) carded(slot string) {
	st.t.Helper()
	st.report(Report{Effect: effectOf(st, "post/"+slot), Outcome: OutcomeDone, Channel: "COPS", TS: "1." + slot})
}

// effectOf is the id of the newest recorded effect of a name.
func effectOf(st *story, name string) EffectID {
	st.t.Helper()
	for i := len(st.log) - 1; i >= 0; i-- {
		for _, e := range st.log[i].Effects {
			if e.Name == name {
				return IDOf(st.s.ID, st.log[i].Seq, e)
			}
		}
	}
	st.t.Fatalf("no effect %s", name)
	return ""
}

// TestAMinorAlertHasACardAndNoRoom: nothing is opened, announced or said in a room that is not there.
func TestAMinorAlertHasACardAndNoRoom(t *testing.T) {
	st := cardStory(t)
	ev := st.alerted(group("g1", "RneBalanceLow", 1))
	if fx := effects(ev); len(fx) != 1 || fx[0] != "post/alert/g1" {
		t.Errorf("%v", fx)
	}
	if !ev[0].Fact.(*Declared).Held {
		t.Error("the log does not say it")
	}
	if e := ev[0].Effects[0]; e.To != ToAlerts || e.View != ViewAlert || e.Slot != "alert/g1" || e.Repeat != Findable {
		t.Errorf("%+v", e)
	}
	// While the card is on its way nothing is posted twice; it is drawn anew when it is there.
	if fx := effects(st.alerted(group("g1", "RneBalanceLow", 2))); len(fx) != 0 {
		t.Errorf("on its way: %v", fx)
	}
	ev = st.report(Report{Effect: effectOf(st, "post/alert/g1"), Outcome: OutcomeDone, Channel: "COPS", TS: "1.1"})
	if fx := effects(ev); len(fx) != 1 || fx[0] != "redraw/alert/g1" {
		t.Errorf("arrived: %v", fx)
	}
	if fx := effects(st.alerted(group("g1", "RneBalanceLow", 3))); len(fx) != 1 || fx[0] != "redraw/alert/g1" {
		t.Errorf("more fire: %v", fx)
	}
	if ev := st.alerted(group("g1", "RneBalanceLow", 3)); len(ev) != 0 {
		t.Errorf("said again: %v", effects(ev))
	}
	// A second group of the incident has a card of its own.
	if fx := effects(st.alerted(group("g2", "RneBalanceLow", 1))); len(fx) != 1 || fx[0] != "post/alert/g2" {
		t.Errorf("another group: %v", fx)
	}
}

// TestARoomIsHeldOnlyForMonitoring: every way in which an incident has its room at once.
func TestARoomIsHeldOnlyForMonitoring(t *testing.T) {
	for name, do := range map[string]func(st *story){
		"declared by hand":     func(st *story) { st.by(sam, Declare{Title: Say("printer", 90), Severity: SEV4}) },
		"worse":                func(st *story) { st.alerted(group("g1", "ApiHighLatencyP95", 1)) },
		"no channel of alerts": func(st *story) { st.policy.AlertsChannel = ""; st.alerted(group("g1", "RneBalanceLow", 1)) },
		"the policy wants it so": func(st *story) {
			r := st.policy.Severities[4]
			r.Room = RoomAtOnce
			st.policy.Severities[4] = r
			st.alerted(group("g1", "RneBalanceLow", 1))
		},
		"the policy says nothing": func(st *story) {
			r := st.policy.Severities[4]
			r.Room = ""
			st.policy.Severities[4] = r
			st.alerted(group("g1", "RneBalanceLow", 1))
		},
		"a person opens it in PagerDuty": func(st *story) {
			st.try(Actor{Person: sam}, ViaPagerDuty, PagerTriggered{Ref: PagerRef{ID: "Q1", Status: "triggered"}, AlertName: "RneBalanceLow", Title: Say("x", 9)})
		},
	} {
		st := cardStory(t)
		do(st)
		if st.s.RoomHeld || st.s.ChannelEff == "" || !has(effects(st.log), "open-channel") {
			t.Errorf("%s: held %v: %v", name, st.s.RoomHeld, effects(st.log))
		}
	}
	// PagerDuty's own incident is monitoring's, too; the group that is named later takes its card over.
	st := cardStory(t)
	st.machine(ViaPagerDuty, PagerTriggered{Ref: PagerRef{ID: "Q1", Status: "triggered"}, AlertName: "RneBalanceLow", Title: Say("x", 9)})
	if fx := effects(st.log); !st.s.RoomHeld || has(fx, "open-channel") || !has(fx, "post/alert/page") {
		t.Errorf("by PagerDuty: %v", fx)
	}
	st.carded(SlotPage)
	if fx := effects(st.alerted(group("g1", "RneBalanceLow", 1))); has(fx, "post/alert") || !has(fx, "redraw/alert/page") {
		t.Errorf("its group: %v", fx)
	}
}

// TestWhatOpensTheRoom: each reason opens it once, before anything that is said in it, and everything recorded before is shown there.
func TestWhatOpensTheRoom(t *testing.T) {
	for _, c := range []struct {
		name, why string
		do        func(st *story) []Event
		effects   []string // beside the room
	}{
		{"the card's button", RoomAccepted, func(st *story) []Event { return st.by(marc, Ack{}) }, nil},
		{"acknowledged on the phone", RoomAccepted, func(st *story) []Event {
			st.machine(ViaPagerDuty, PagerTriggered{Ref: PagerRef{ID: "Q1", Status: "triggered", Assigned: []Person{marc}}, AlertName: "RneBalanceLow", Title: Say("x", 9)})
			return st.machine(ViaPagerDuty, PagerChanged{Pager: "Q1", Status: "acknowledged", By: marc})
		}, nil},
		{"a worse member", RoomSeverity, func(st *story) []Event { return st.alerted(group("g2", "ApiErrorRateHigh", 1)) }, []string{"post/severity", "ring/L1/1/primary"}},
		{"a worse severity by hand", RoomSeverity, func(st *story) []Event { return st.by(sam, SetSeverity{Severity: SEV2, Reason: because}) }, []string{"post/severity"}},
		{"a commander", RoomAsked, func(st *story) []Event { return st.by(sam, SetRole{Role: Commander, Who: ines}) }, nil},
		{"a remark", RoomAsked, func(st *story) []Event { return st.by(sam, Note{Text: Say("looking at it", 90)}) }, nil},
		{"somebody wants in", RoomAsked, func(st *story) []Event { return st.by(sam, Join{}) }, nil},
		{"a page", RoomAsked, func(st *story) []Event { return st.by(sam, PageOut{Target: "cto"}) }, []string{"ring/asked/1/cto"}},
		{"a note in PagerDuty", RoomAsked, func(st *story) []Event { return st.machine(ViaPagerDuty, PagerNote{By: marc, Text: Say("on it", 90)}) }, nil},
		{"a question", RoomQuestion, func(st *story) []Event {
			st.policy.Alerts["Odd"] = AlertRule{Severity: SEV4, Confirmed: true, Asks: QuestionAttack}
			return st.alerted(group("g2", "Odd", 1))
		}, nil},
		{"a duplicate comes in", RoomMerged, func(st *story) []Event {
			return st.by(sam, Absorb{From: State{ID: "INC-7", Status: Investigating, Severity: SEV4}})
		}, []string{"post/absorbed"}},
		{"the card is refused", RoomNoCard, func(st *story) []Event {
			st2 := effectOf(st, "post/alert/g1")
			return st.report(Report{Effect: st2, Outcome: OutcomeDead, Error: "channel_not_found"})
		}, nil},
	} {
		st := minor(t)
		before := len(st.log)
		ev := c.do(st)
		fx := effects(ev)
		if opened(ev) != c.why || st.s.RoomHeld || st.s.ChannelEff == "" || !has(fx, "open-channel") {
			t.Errorf("%s: %q, want %q: %v", c.name, opened(ev), c.why, fx)
			continue
		}
		for _, name := range c.effects {
			if !has(fx, name) {
				t.Errorf("%s: no %s in %v", c.name, name, fx)
			}
		}
		seen := false
		for _, e := range st.log[before:] {
			for _, f := range e.Effects {
				seen = seen || f.Do == OpenChannel
				if f.To == ToIncident && (!seen || f.After != st.s.ChannelEff) {
					t.Errorf("%s: %s does not wait for the room", c.name, f.Name)
				}
			}
		}
		ev = st.report(Report{Effect: st.s.ChannelEff, Outcome: OutcomeDone, Channel: "C1", Name: st.s.ChannelName})
		if fx := effects(ev); !has(fx, "post/headline") || !has(fx, "post/announcement") {
			t.Errorf("%s: the room has %v", c.name, fx)
		}
		if n := strings.Count(strings.Join(effects(st.log), " "), "open-channel"); n != 1 {
			t.Errorf("%s: %d rooms", c.name, n)
		}
		if len(st.s.Slots) > 0 && !has(fx, "redraw/alert") {
			t.Errorf("%s: the card is not drawn anew: %v", c.name, fx)
		}
	}
	// Whoever asked is in it.
	st := minor(t)
	st.by(sam, Note{Text: Say("looking at it", 90)})
	st.report(Report{Effect: st.s.ChannelEff, Outcome: OutcomeDone, Channel: "C1", Name: st.s.ChannelName})
	if !slices.ContainsFunc(st.s.Involved(), sam.Same) {
		t.Errorf("%v", st.s.Involved())
	}
}

// TestARoomOpensWhenNobodyTookItInItsBusinessDay: Friday 10:00 -> Monday 10:00, with a reminder and no ring; those reminded are invited.
func TestARoomOpensWhenNobodyTookItInItsBusinessDay(t *testing.T) {
	st := minor(t)
	st.carded("alert/g1")
	due := time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)
	if d, ok := st.s.RoomDue(); !ok || !d.Due.Equal(due) {
		t.Fatalf("%v %v", d.Due, ok)
	}
	st.run(due.Sub(night) - time.Minute)
	if !st.s.RoomHeld {
		t.Fatalf("a minute early: %v", effects(st.log))
	}
	before := len(st.log)
	st.run(due.Sub(night))
	ev := st.log[before:]
	if fx := effects(ev); opened(ev) != RoomOverdue || !has(fx, "open-channel") || !has(fx, "post/take-due") || !has(fx, "direct/told") || has(effects(st.log), "ring/") {
		t.Errorf("%q: %v", opened(ev), fx)
	}
	ev = st.report(Report{Effect: st.s.ChannelEff, Outcome: OutcomeDone, Channel: "C1", Name: st.s.ChannelName})
	for _, e := range ev {
		for _, f := range e.Effects {
			if f.Do == Invite && slices.ContainsFunc(f.People, marc.Same) {
				return
			}
		}
	}
	t.Errorf("nobody is invited: %v", effects(ev))
}

// TestWhatOpensNoRoom: what monitoring says, and every end.
func TestWhatOpensNoRoom(t *testing.T) {
	for name, do := range map[string]func(st *story){
		"noise":    func(st *story) { st.by(marc, Cancel{Reason: Say("a load test", 90)}) },
		"resolved": func(st *story) { st.by(marc, Resolve{Text: Say("topped up", 90)}) },
		"merged away": func(st *story) {
			s, ev, err := Apply(st.s, Intent{Now: st.now, Actor: Actor{Person: sam}, Via: ViaSlack, Act: Merge{Into: "INC-7"}, Policy: st.policy, Other: &State{ID: "INC-7", Status: Investigating}})
			if err != nil {
				t.Fatal(err)
			}
			st.s, st.log = s, append(st.log, ev...)
		},
		"lesser and more members": func(st *story) {
			st.alerted(group("g2", "RneBalanceLow", 1))
			st.alerted(group("g2", "RneBalanceLow", 4))
		},
		"cleared, reviewed, firing again, cleared": func(st *story) {
			st.alerted(group("g1", "RneBalanceLow", 0))
			st.now = st.now.Add(20 * time.Minute)
			st.alerted(group("g1", "RneBalanceLow", 1))
			st.alerted(group("g1", "RneBalanceLow", 0))
			st.run(st.now.Add(80 * time.Hour).Sub(night))
			if st.s.RecoveredAt.IsZero() || !has(effects(st.log), "ring/review") {
				t.Errorf("nobody was asked to look: %v", effects(st.log))
			}
		},
		"taken up again by its alert": func(st *story) {
			st.policy.AfterResolve, st.policy.ReopenWithin = AfterReopen, time.Hour
			st.by(marc, Cancel{Reason: Say("a load test", 90)})
			st.now = st.now.Add(time.Minute)
			st.alerted(group("g1", "RneBalanceLow", 0))
			if _, err := st.saidAt(st.now, group("g1", "RneBalanceLow", 2)); err != nil || !st.s.Open() {
				t.Errorf("not taken up: %v", err)
			}
		},
	} {
		st := minor(t)
		st.carded("alert/g1")
		do(st)
		fx := effects(st.log)
		if opened(st.log) != "" || has(fx, "open-channel") || has(fx, "post/resolved") || has(fx, "post/cancelled") || has(fx, "post/merged") || has(fx, "post/recovered") || has(fx, "post/headline") {
			t.Errorf("%s: %q: %v", name, opened(st.log), fx)
		}
		if !has(fx, "redraw/alert/g1") {
			t.Errorf("%s: the card says nothing of it: %v", name, fx)
		}
		for _, e := range st.log {
			for _, f := range e.Effects {
				if o := (Owed{ID: IDOf(st.s.ID, e.Seq, f), Incident: st.s.ID, Seq: e.Seq, Effect: f}); f.To == ToIncident && StillOwed(st.s, o) {
					t.Errorf("%s: %s would be tried for ever", name, f.Name)
				}
			}
		}
	}
}

// TestACardSaysThatItCleared, also where PagerDuty is the last to say so; and a post for a room that is held back is not waited for.
func TestACardSaysThatItCleared(t *testing.T) {
	st := minor(t)
	st.carded("alert/g1")
	st.machine(ViaPagerDuty, PagerTriggered{Ref: PagerRef{ID: "Q1", Status: "triggered"}, AlertName: "RneBalanceLow", Title: Say("x", 9)})
	st.alerted(group("g1", "RneBalanceLow", 0))
	if !st.s.RecoveredAt.IsZero() {
		t.Fatal("PagerDuty's own is open")
	}
	ev := st.machine(ViaPagerDuty, PagerChanged{Pager: "Q1", Status: "resolved"})
	if fx := effects(ev); st.s.RecoveredAt.IsZero() || !has(fx, "redraw/alert/g1") {
		t.Errorf("%v", fx)
	}
	if StillOwed(st.s, Owed{ID: "INC-42/1/post/update", Effect: Effect{Do: Post, To: ToIncident, View: ViewUpdate}}) {
		t.Error("it would be tried for ever")
	}
}

// TestPrivateAlertsHaveNoCard: what stands is hidden, nothing is posted or drawn any more, and the room that opens is the private one.
func TestPrivateAlertsHaveNoCard(t *testing.T) {
	st := minor(t)
	st.carded("alert/g1")
	st.alerted(group("g2", "RneBalanceLow", 1)) // its card is on its way
	late := effectOf(st, "post/alert/g2")
	ev := st.by(marc, GoPrivate{})
	if fx := effects(ev); opened(ev) != "" || st.s.RoomHeld || !has(fx, "hide/COPS/1.alert/g1") || !has(fx, "open-channel") || has(fx, "redraw/alert") {
		t.Errorf("%q %v", opened(ev), fx)
	}
	for _, ev := range [][]Event{st.alerted(group("g1", "RneBalanceLow", 5)), st.alerted(group("g3", "RneBalanceLow", 1)), st.by(marc, Ack{})} {
		if has(effects(ev), "alert/") {
			t.Errorf("after it: %v", effects(ev))
		}
	}
	if fx := effects(st.report(Report{Effect: late, Outcome: OutcomeDone, Channel: "COPS", TS: "9.9"})); !has(fx, "hide/COPS/9.9") || has(fx, "redraw/alert") {
		t.Errorf("what arrived late: %v", fx)
	}
	o := Owed{ID: "INC-42/1/post/alert/g1", Seq: 1, Effect: Effect{Do: Post, To: ToAlerts, View: ViewAlert, Slot: "alert/g9"}}
	if StillOwed(st.s, o) {
		t.Error("a card that is still waiting is posted")
	}
}

// TestCardsGoWithTheirGroups: a merge and a split hand the messages over; nothing is posted again.
func TestCardsGoWithTheirGroups(t *testing.T) {
	st := cardStory(t)
	st.alerted(group("g1", "ApiErrorRateHigh", 1))
	st.alerted(group("g2", "RneBalanceLow", 1))
	st.carded("alert/g1")
	st.carded("alert/g2")
	whole := st.s
	part := st.s.PartOf("RneBalanceLow")
	other, ev, err := Apply(State{}, Intent{Now: st.now, Actor: Actor{Person: marc}, Via: ViaSlack, Act: Divide{From: whole, Part: part}, Policy: st.policy, Number: 43, OnCall: st.onCall})
	if err != nil {
		t.Fatal(err)
	}
	if fx := effects(ev); other.RoomHeld || has(fx, "post/alert") || !has(fx, "redraw/alert/g2") || other.Slots["alert/g2"].TS != "1.alert/g2" {
		t.Errorf("split: held %v, %v, %v", other.RoomHeld, other.Slots, fx)
	}
	rest, _, err := Apply(whole, Intent{Now: st.now, Actor: Actor{Person: marc}, Via: ViaSlack, Act: Split{What: "RneBalanceLow"}, Policy: st.policy, Other: &other})
	if err != nil {
		t.Fatal(err)
	}
	if _, still := rest.Slots["alert/g2"]; still || rest.Slots["alert/g1"].TS == "" {
		t.Errorf("the old one keeps %v", rest.Slots)
	}
	other.Policy = st.policy
	one, ev, err := Apply(rest, Intent{Now: st.now, Actor: Actor{Person: marc}, Via: ViaSlack, Act: Absorb{From: other}, Policy: st.policy})
	if err != nil {
		t.Fatal(err)
	}
	if fx := effects(ev); has(fx, "post/alert") || !has(fx, "redraw/alert/g2") || one.Slots["alert/g2"].TS != "1.alert/g2" {
		t.Errorf("merged: %v, %v", one.Slots, fx)
	}
	gone, ev, err := Apply(other, Intent{Now: st.now, Actor: Actor{Person: marc}, Via: ViaSlack, Act: Merge{Into: rest.ID}, Policy: st.policy, Other: &rest})
	if err != nil || has(effects(ev), "alert/") || len(gone.Slots) != 0 {
		t.Errorf("the duplicate draws it still: %v %v %v", err, gone.Slots, effects(ev))
	}
}

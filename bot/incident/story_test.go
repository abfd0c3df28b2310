package incident

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// The cast and the process used by the tests of this package.
var (
	marc   = Person{Slack: "UMARC", Pager: "PMARC", Name: "Marc"}
	ines   = Person{Slack: "UINES", Pager: "PINES", Name: "Ines"}
	tomas  = Person{Slack: "UTOMAS", Pager: "PTOMAS", Name: "Tomás"}
	amel   = Person{Slack: "UAMEL", Pager: "PAMEL", Name: "Amel"}
	viktor = Person{Slack: "UVIKTOR", Pager: "PVIKTOR", Name: "Viktor"}
	lucie  = Person{Slack: "ULUCIE", Pager: "PLUCIE", Name: "Lucie"}
	sam    = Person{Slack: "USAM", Name: "Sam from support"}
)

var night = time.Date(2026, 11, 21, 2, 7, 0, 0, time.UTC)

func testPolicy() *Policy {
	m := time.Minute
	target := func(key, name string) Target {
		return Target{Key: key, Title: map[string]string{"en": name}, Address: Address{RoutingKey: "KEY_" + strings.ToUpper(key)}}
	}
	return &Policy{
		Digest: "d1", Installation: "test", Zone: "Europe/Paris", Language: "en",
		Severities: map[Severity]SeverityRule{
			1: {AckWithin: 5 * m, AcceptWithin: 5 * m, CommanderWithin: 5 * m, ProgressWithin: 15 * m, ProgressEvery: 15 * m, RemediateWithin: 30 * m,
				FirstUpdate: 15 * m, UpdateEvery: 30 * m, CommsWithin: 5 * m, CommsBackup: "secondary", Tell: []string{"ceo", "compliance_officer"},
				PageAtOnce: []string{"cto"}, NeedsConfirm: true},
			2: {AckWithin: 15 * m, AcceptWithin: 15 * m, CommanderWithin: 15 * m, ProgressWithin: 15 * m, ProgressEvery: 30 * m, RemediateWithin: 30 * m,
				FirstUpdate: 30 * m, UpdateEvery: 60 * m, CommsWithin: 10 * m, CommsBackup: "secondary", Tell: []string{"cto"}, PageAtOnce: []string{"tech_lead"}},
			3: {AckWithin: 60 * m, AcceptWithin: 60 * m, CommanderWithin: 60 * m, ProgressWithin: 15 * m, ProgressEvery: 60 * m, RemediateWithin: 30 * m, Tell: []string{"tech_lead"}},
			4: {NoLadder: true},
		},
		Targets: map[string]Target{
			"primary": target("primary", "on-call engineer"), "secondary": target("secondary", "secondary"), "tech_lead": target("tech_lead", "tech lead"),
			"cto": target("cto", "CTO"), "ceo": target("ceo", "CEO"), "compliance_officer": target("compliance_officer", "compliance officer"),
		},
		Ladder: []Level{
			{Name: "L1", Targets: []string{"primary"}, Backup: "secondary"}, {Name: "L2", Targets: []string{"tech_lead"}},
			{Name: "L3", Targets: []string{"cto"}}, {Name: "L4", Targets: []string{"ceo", "compliance_officer"}, Only: []Severity{1}},
		},
		Alerts: map[string]AlertRule{
			"ApiErrorRateHigh": {Severity: 2, Confirmed: true}, "AuditHashChainBroken": {Severity: 1, Confirmed: true}, "MassBiometricFailure": {Severity: 1},
			"RneBalanceLow": {Severity: 4, Confirmed: true}, "ApiHighLatencyP95": {Severity: 3, Confirmed: true},
		},
		LabelSeverity: map[string]Severity{"critical": 2}, DefaultSeverity: 3,
		RestartEvery: 15 * m, WarnBefore: 3 * m, MoreTime: 15 * m, ConfirmWithin: 5 * m, FirstPage: FirstPageTocsin, FirstPageWait: 30 * time.Second,
	}
}

func testOnCall() OnCall {
	r := func(p Person) Roster { return Roster{People: []Person{p}, Source: "test", SeenAt: night} }
	return OnCall{"primary": r(marc), "secondary": r(ines), "tech_lead": r(tomas), "cto": r(amel), "ceo": r(viktor), "compliance_officer": r(lucie)}
}

// story drives one incident through Apply and keeps what came of it.
type story struct {
	t      *testing.T
	s      State
	now    time.Time
	log    []Event
	policy *Policy

	silenced bool // PagerDuty refused or ended a page
	onCall   OnCall
	days     AnnouncedDays
	other    *State // of what a Split opens
	filled   func(State, RunbookRef, string) Filling
}

func newStory(t *testing.T) *story {
	return &story{t: t, now: night, policy: testPolicy(), onCall: testOnCall()}
}

func (st *story) try(who Actor, via Via, a Act) ([]Event, error) {
	st.t.Helper()
	before := st.s
	s, events, err := Apply(st.s, Intent{At: st.now, Now: st.now, Actor: who, Via: via, Act: a, Policy: st.policy, Number: 42, OnCall: st.onCall, Holidays: st.days, Other: st.other, Filled: st.filled})
	if err != nil {
		if !reflect.DeepEqual(s, before) {
			st.t.Errorf("a refusal changed the state")
		}
		return nil, err
	}
	for i, e := range events {
		if e.Seq != before.Seq+int64(i)+1 {
			st.t.Errorf("event %d has seq %d after %d", i, e.Seq, before.Seq)
		}
		if e.RecordedAt.Before(st.s.RecordedAt) {
			st.t.Errorf("recorded time went back at seq %d", e.Seq)
		}
	}
	st.s, st.log = s, append(st.log, events...)
	return events, nil
}

func (st *story) by(p Person, a Act) []Event {
	st.t.Helper()
	ev, err := st.try(Actor{Person: p}, ViaSlack, a)
	if err != nil {
		st.t.Fatalf("%T by %s: %v", a, p.Name, err)
	}
	return ev
}

func (st *story) machine(via Via, a Act) []Event {
	st.t.Helper()
	ev, err := st.try(Actor{System: string(via)}, via, a)
	if err != nil {
		st.t.Fatalf("%T by %s: %v", a, via, err)
	}
	return ev
}

// at moves to an offset from the beginning and ticks there.
func (st *story) at(d time.Duration) []Event {
	st.t.Helper()
	st.now = night.Add(d)
	return st.machine(ViaClock, Tick{})
}

// run lets the clock go to an offset, ticking whenever something is due, as the driver does.
func (st *story) run(d time.Duration) []Event {
	st.t.Helper()
	var out []Event
	for range 50000 {
		next := NextDue(st.s)
		if next.IsZero() || next.After(night.Add(d)) {
			st.now = night.Add(d)
			return out
		}
		if next.After(st.now) {
			st.now = next
		}
		ev := st.machine(ViaClock, Tick{})
		if len(ev) == 0 {
			st.t.Fatalf("due at %v, but a tick does nothing: %+v", next, Deadlines(st.s))
		}
		out = append(out, ev...)
	}
	st.t.Fatal("the clock does not get on")
	return nil
}

func (st *story) refused(p Person, a Act, code string) {
	st.t.Helper()
	_, err := st.try(Actor{Person: p}, ViaSlack, a)
	r, ok := err.(*Refusal)
	if !ok || r.Code != code {
		st.t.Fatalf("%T: got %v, want refusal %s", a, err, code)
	}
}

// driven lets time pass to end, with a tick at each moment at which something is due, as the driver does.
func (st *story) driven(end time.Time, tick func()) {
	for range 1000 {
		next := NextDue(st.s)
		if next.IsZero() || next.After(end) {
			break
		}
		st.now = laterOf(next, st.now)
		tick()
	}
	st.now = end
}

// rung lists the pages decided in events, as "target@+minutes why".
func (st *story) rung(events []Event) []string {
	var out []string
	for _, e := range events {
		if f, ok := e.Fact.(*Paged); ok {
			out = append(out, fmt.Sprintf("%s@+%v %s", f.Page.Target, e.RecordedAt.Sub(night).Round(time.Second), f.Page.Why))
		}
	}
	return out
}

func effects(events []Event) []string {
	var out []string
	for _, e := range events {
		for _, f := range e.Effects {
			out = append(out, f.Name)
		}
	}
	return out
}

func (st *story) opened() {
	st.t.Helper()
	st.machine(ViaOutbox, Report{Effect: st.s.ChannelEff, Outcome: OutcomeDone, Channel: "C1", Name: st.s.ChannelName})
	for _, e := range slices.Clone(st.log) {
		for _, f := range e.Effects {
			if f.Do == Post && f.Slot != "" {
				st.machine(ViaOutbox, Report{Effect: IDOf(st.s.ID, e.Seq, f), Outcome: OutcomeDone, Channel: "C1", TS: "1.0"})
			}
		}
	}
}

func (st *story) alert(name string, firing int, digest string) []Event {
	return st.machine(ViaAlertmanager, AlertsFired{Title: Say(name, MaxTitle), Set: AlertSet{Group: "g-" + name, Name: name, Firing: firing, Digest: digest, StartsAt: night}})
}

func want(t *testing.T, got, exp []string) {
	t.Helper()
	if !slices.Equal(got, exp) {
		t.Errorf("got  %q\nwant %q", got, exp)
	}
}

func TestNobodyMovesWalksTheWholeLadderAndStartsAgain(t *testing.T) {
	st := newStory(t)
	got := st.rung(st.alert("ApiErrorRateHigh", 1, "x"))
	want(t, got, []string{"primary@+0s detected", "tech_lead@+0s severity"})
	want(t, st.rung(st.run(100*time.Minute)), []string{
		"secondary@+15m0s not-acknowledged", // the first level's backup
		// the tech lead has been rung since the severity was set; the ladder waits for them and goes on
		"cto@+45m0s not-acknowledged",
		// after the last level's 15 minutes the ladder is at its end (60), and 15 minutes later it starts again
		"primary@+1h15m0s not-acknowledged", "secondary@+1h30m0s not-acknowledged",
	})
	if st.s.Ladder.Round != 2 {
		t.Errorf("round %d, want 2", st.s.Ladder.Round)
	}
}

func TestProgressDeadline(t *testing.T) {
	st := newStory(t)
	st.alert("ApiHighLatencyP95", 1, "x")
	st.now = night.Add(2 * time.Minute)
	st.by(marc, Ack{})
	if h := st.s.Roles[Commander]; !h.Who.Same(marc) || !h.Acting {
		t.Fatalf("who acknowledges is acting commander; got %+v", h)
	}
	ds := Deadlines(st.s)
	if len(ds) == 0 || ds[0].Name != DueProgress || !ds[0].Due.Equal(night.Add(17*time.Minute)) || ds[0].Next != "tech_lead" {
		t.Fatalf("deadlines %+v", ds)
	}
	ev := st.at(14 * time.Minute)
	if len(ev) != 1 || ev[0].Fact.(*Warned).Who[0] != marc {
		t.Fatalf("three minutes before, Marc is warned; got %v", effects(ev))
	}
	if ev := st.at(14*time.Minute + time.Second); len(ev) != 0 {
		t.Fatalf("warned twice")
	}
	st.by(marc, MoreTime{})
	st.refused(marc, MoreTime{}, RefusedNoMoreTime)
	want(t, st.rung(st.run(31*time.Minute)), nil)
	want(t, st.rung(st.run(33*time.Minute)), []string{"tech_lead@+32m0s no-progress"})
	st.refused(marc, Ack{}, RefusedAcknowledged) // the one escalated over cannot take it from the next level
	st.by(tomas, Ack{})
	st.now = st.now.Add(time.Minute)
	st.by(tomas, Progress{Text: Say("found the slow query on kyc-svc", MaxFinding)})
	want(t, st.rung(st.run(64*time.Minute)), []string{"cto@+1h3m0s not-mitigated"}) // progress does not stop remediation
}

func TestProgressRenewsAndMitigatedStopsTheLadder(t *testing.T) {
	st := newStory(t)
	st.alert("ApiHighLatencyP95", 1, "x")
	st.by(marc, Ack{})
	st.now = night.Add(10 * time.Minute)
	st.refused(marc, Progress{Text: Say("on it", 100)}, RefusedTooShort)
	st.by(marc, Progress{Text: Say("restarted the pool, watching", 100)})
	want(t, st.rung(st.run(69*time.Minute)), nil) // SEV-3 renews for an hour
	st.by(marc, SetStatus{Status: Mitigated})
	want(t, st.rung(st.run(10*time.Hour)), nil)
	st.refused(marc, SetStatus{Status: Identified}, RefusedStatusBack)
}

func TestLateAnswerOfTheFirstLevelTakesTheLadderBack(t *testing.T) {
	st := newStory(t)
	st.policy.Severities[3] = SeverityRule{AckWithin: 5 * time.Minute, AcceptWithin: 5 * time.Minute, ProgressWithin: 15 * time.Minute}
	st.alert("ApiHighLatencyP95", 1, "x")
	st.run(11 * time.Minute)
	if st.s.Ladder.Level != 2 {
		t.Fatalf("level %d", st.s.Ladder.Level)
	}
	ev := st.by(marc, Ack{})
	if st.s.Ladder.Level != 1 || !st.s.Ladder.AcceptedBy.Same(marc) {
		t.Fatalf("ladder %+v", st.s.Ladder)
	}
	var down []string
	for _, e := range ev {
		if f, ok := e.Fact.(*PageChanged); ok && f.StandDown {
			down = append(down, f.Key)
		}
	}
	if len(down) != 2 { // the secondary and the tech lead
		t.Errorf("stood down %v", down)
	}
	d := Deadlines(st.s)[0]
	if d.Name != DueProgress || !d.Due.Equal(night.Add(26*time.Minute)) {
		t.Errorf("%+v", d)
	}
}

func TestSeverityOneUnconfirmedCountsAsConfirmed(t *testing.T) {
	st := newStory(t)
	want(t, st.rung(st.alert("MassBiometricFailure", 1, "x")), []string{"primary@+0s detected"})
	st.by(marc, Ack{})
	ev := st.run(5 * time.Minute)
	want(t, st.rung(ev), []string{"cto@+5m0s severity"})
	if !st.s.Confirmed || !slices.Contains(st.s.Told, "ceo") || st.s.Highest != SEV1 {
		t.Errorf("confirmed %v told %v", st.s.Confirmed, st.s.Told)
	}
	// Confirmed by the catalogue: at once.
	st = newStory(t)
	want(t, st.rung(st.alert("AuditHashChainBroken", 1, "x")), []string{"primary@+0s detected", "cto@+0s severity"})
}

func TestLoweringStandsEverybodyDownOnce(t *testing.T) {
	st := newStory(t)
	st.alert("AuditHashChainBroken", 1, "x")
	st.by(marc, Ack{})
	ev := st.by(marc, SetSeverity{Severity: 3, Reason: Say("one tenant only", 100)})
	n := 0
	for _, e := range ev {
		if f, ok := e.Fact.(*PageChanged); ok {
			if f.Status != PageClosed || !f.StandDown || !strings.Contains(f.Key, "cto") {
				t.Errorf("%+v", f)
			}
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d pages closed, want the CTO's", n)
	}
	ev = st.by(marc, Resolve{Text: Say("rolled back", 100)})
	fx := effects(ev)
	if !slices.ContainsFunc(fx, func(s string) bool { return strings.HasPrefix(s, "close-page/L1/1/primary") }) {
		t.Errorf("Marc's own page is not closed: %v", fx)
	}
	if slices.ContainsFunc(fx, func(s string) bool { return strings.HasPrefix(s, "direct/standdown") }) {
		t.Errorf("who resolves it needs no stand-down: %v", fx)
	}
}

func TestPageOfPagerDutyIsTheFirstLevels(t *testing.T) {
	st := newStory(t)
	ref := PagerRef{ID: "Q1", Service: "Checkout", Assigned: []Person{marc}, Status: "triggered"}
	ev := st.machine(ViaPagerDuty, PagerTriggered{Ref: ref, Title: Say("ApiErrorRateHigh on checkout", 200), AlertName: "ApiErrorRateHigh"})
	for _, n := range effects(ev) {
		if strings.HasPrefix(n, "ring/L1") {
			t.Errorf("rung twice: %s", n)
		}
	}
	if st.s.Ladder.Level != 1 || len(st.s.Pages) != 2 || !st.s.Pages[0].Foreign {
		t.Fatalf("%+v", st.s.Pages)
	}
	if ev := st.machine(ViaPagerDuty, PagerTriggered{Ref: ref, Title: Say("again", 200)}); len(ev) != 0 {
		t.Errorf("the same page again is news: %v", effects(ev))
	}
	st.now = night.Add(3 * time.Minute)
	ev = st.machine(ViaPagerDuty, PagerChanged{Pager: "Q1", Status: "acknowledged", By: Person{Pager: "PMARC"}})
	if !st.s.AcknowledgedBy.Same(marc) || st.s.Roles[Commander].Who.Slack != "UMARC" {
		t.Fatalf("acknowledged by %+v", st.s.AcknowledgedBy)
	}
	for _, n := range effects(ev) {
		if strings.HasPrefix(n, "ack-page/pagerduty") {
			t.Errorf("PagerDuty is told what it told us")
		}
	}
	ev = st.machine(ViaPagerDuty, PagerChanged{Pager: "Q1", Status: "resolved", By: marc})
	if st.s.Status.Open() {
		t.Fatalf("resolved on the phone, but %s", st.s.Status)
	}
	if slices.Contains(effects(ev), "close-page/pagerduty/Q1") {
		t.Errorf("PagerDuty is told what it told us")
	}
	if !slices.ContainsFunc(effects(ev), func(s string) bool { return strings.HasPrefix(s, "direct/standdown") }) {
		t.Errorf("the tech lead is not stood down: %v", effects(ev))
	}
}

func TestAcknowledgingInSlackStopsThePhone(t *testing.T) {
	st := newStory(t)
	st.alert("ApiHighLatencyP95", 1, "x")
	st.machine(ViaOutbox, Report{Effect: st.s.Pages[0].Ring, Outcome: OutcomeDone, Pager: "Q7"})
	ev := st.by(marc, Ack{})
	if !slices.ContainsFunc(effects(ev), func(s string) bool { return strings.HasPrefix(s, "ack-page/L1/1/primary") }) {
		t.Errorf("%v", effects(ev))
	}
	st.refused(ines, Ack{}, RefusedAcknowledged)
}

func TestRoomAndRedraws(t *testing.T) {
	st := newStory(t)
	ev := st.by(sam, Declare{Title: Say("Le paiement est indisponible depuis l'été", MaxTitle), Severity: 2})
	if st.s.ChannelName != "inc-20261121-le-paiement-est-indisponible-depuis-lete" {
		t.Errorf("channel %q", st.s.ChannelName)
	}
	want(t, st.rung(ev), []string{"primary@+0s detected", "tech_lead@+0s severity"})
	if !st.s.Roles[Commander].Who.Same(sam) || st.s.Roles[Commander].Acting {
		t.Errorf("who declares commands: %+v", st.s.Roles)
	}
	ev = st.machine(ViaOutbox, Report{Effect: st.s.ChannelEff, Outcome: OutcomeDone, Channel: "C1", Name: st.s.ChannelName})
	want(t, effects(ev), []string{"post/headline", "set-topic", "set-purpose", "invite", "post/announcement"})
	head := IDOf(st.s.ID, ev[0].Seq, ev[0].Effects[0])
	want(t, effects(st.machine(ViaOutbox, Report{Effect: head, Outcome: OutcomeDone, Channel: "C1", TS: "1.1"})), []string{"pin/headline", "redraw/headline"})
	// One redraw of the headline for a step of several events.
	fx := effects(st.by(marc, Ack{}))
	if n := strings.Count(strings.Join(fx, " "), "redraw/headline"); n != 1 {
		t.Errorf("%d redraws in %v", n, fx)
	}
}

func TestForeignHolderOfTheNamePicksTheNextSuffix(t *testing.T) {
	st := newStory(t)
	st.by(sam, Declare{Title: Say("checkout", 100), Severity: 3})
	for _, next := range []string{"inc-20261121-checkout-2", "inc-20261121-checkout-3"} {
		st.machine(ViaOutbox, Report{Effect: st.s.ChannelEff, Taken: true})
		if st.s.ChannelName != next {
			t.Fatalf("got %s, want %s", st.s.ChannelName, next)
		}
	}
	late := st.log[0]
	old := IDOf(st.s.ID, late.Seq, late.Effects[0])
	st.machine(ViaOutbox, Report{Effect: old, Outcome: OutcomeDone, Channel: "COLD"})
	if st.s.ChannelID != "" {
		t.Errorf("the report of an overtaken attempt opened the room")
	}
}

func TestRingInFlightWhenResolved(t *testing.T) {
	st := newStory(t)
	st.alert("ApiHighLatencyP95", 1, "x")
	ring := st.s.Pages[0].Ring
	o := Owed{ID: ring, Incident: st.s.ID, Effect: Effect{Do: Ring, Page: st.s.Pages[0].Key}}
	if !StillOwed(st.s, o) {
		t.Fatal("the page is owed")
	}
	ev := st.by(sam, Resolve{})
	if StillOwed(st.s, o) {
		t.Fatal("no page is attempted after resolve")
	}
	ev = append(ev, st.machine(ViaOutbox, Report{Effect: ring, Outcome: OutcomeDone, Pager: "Q9"})...)
	fx := strings.Join(effects(ev), " ")
	if !strings.Contains(fx, "close-page/") || !strings.Contains(fx, "direct/standdown") {
		t.Errorf("the phone that rang meanwhile is not stopped: %v", fx)
	}
}

func TestPageRefusedForGoodGoesToTheNextAtOnce(t *testing.T) {
	st := newStory(t)
	st.alert("ApiHighLatencyP95", 1, "x")
	ev := st.machine(ViaOutbox, Report{Effect: st.s.Pages[0].Ring, Outcome: OutcomeDead, Error: "invalid routing key"})
	want(t, st.rung(ev), []string{"secondary@+0s page-failed"})
	if !slices.Contains(effects(ev), "post/page-failed") {
		t.Errorf("%v", effects(ev))
	}
}

func TestCommanderMissing(t *testing.T) {
	st := newStory(t)
	st.by(sam, Declare{Title: Say("checkout", 100), Severity: 2})
	st.by(marc, Ack{})
	st.by(marc, Progress{Text: Say("looking at the deploys", 100)})
	st.by(sam, SetRole{Role: Commander})
	st.refused(sam, SetRole{Role: Commander}, RefusedVacant)
	want(t, st.rung(st.run(16*time.Minute)), []string{"secondary@+15m0s no-commander"})
	p := st.s.Pages[len(st.s.Pages)-1]
	st.machine(ViaPagerDuty, PagerChanged{Dedup: p.Dedup, Status: "acknowledged", By: Person{Pager: "PINES"}})
	if h := st.s.Roles[Commander]; !h.Who.Same(ines) || h.Acting {
		t.Errorf("who answers the call for a commander is it: %+v", h)
	}
}

func TestUpdateMissedTwicePagesTheBackup(t *testing.T) {
	st := newStory(t)
	st.by(sam, Declare{Title: Say("checkout", 100), Severity: 2})
	st.by(marc, Ack{})
	r := st.policy.Severities[SEV2]
	r.ProgressWithin = 0 // they work on it in silence
	st.policy.Severities[SEV2] = r
	want(t, st.rung(st.run(89*time.Minute)), nil)
	want(t, st.rung(st.run(91*time.Minute)), []string{"secondary@+1h30m0s update-missed"})
	st.by(sam, Update{Text: Say("payments work again, we watch", 100)})
	if st.s.Missed[DueUpdate] != 0 {
		t.Errorf("an update forgets what was missed")
	}
	if d := Deadlines(st.s)[0]; d.Name != DueComms && d.Name != DueUpdate {
		t.Errorf("%+v", d)
	}
}

func TestStepsAndFindings(t *testing.T) {
	st := newStory(t)
	st.by(sam, Declare{Title: Say("checkout", 100), Severity: 3})
	st.by(sam, StartRunbook{Runbook: RunbookRef{ID: "RB-001", Digest: "d", Steps: []string{"a", "b", "c", "d"}}})
	st.by(sam, MarkStep{Runbook: "RB-001", Step: "a", Mark: StepDone, Text: Say("the database is saturated", 100), Next: "c"})
	run, _ := st.s.Runbook("RB-001")
	if run.Current != "c" || st.s.Progress.Count != 1 {
		t.Errorf("%+v progress %d", run, st.s.Progress.Count)
	}
	st.refused(marc, MarkStep{Runbook: "RB-001", Step: "a", Mark: StepDone}, RefusedStepMarked)
	st.refused(marc, MarkStep{Runbook: "RB-001", Step: "b", Mark: StepSkipped}, RefusedReasonNeeded)
	st.refused(marc, MarkStep{Runbook: "RB-001", Step: "z", Mark: StepDone}, RefusedNoStep)
	for _, s := range []string{"c", "d", "b"} {
		run, _ = st.s.Runbook("RB-001")
		if run.Current != s {
			t.Fatalf("current %s, want %s", run.Current, s)
		}
		st.by(marc, MarkStep{Runbook: "RB-001", Step: s, Mark: StepDone})
	}
	if run, _ = st.s.Runbook("RB-001"); run.Current != "" {
		t.Errorf("through, but at %q", run.Current)
	}
}

// A runbook's card keeps no buttons that nobody may press: it is drawn again when the incident ends, and when it goes on.
func TestStepCardsAreRedrawnAtTheEnd(t *testing.T) {
	for name, end := range map[string]Act{"resolve": Resolve{}, "cancel": Cancel{Reason: Say("noise", 100)}} {
		st := newStory(t)
		st.by(sam, Declare{Title: Say("checkout", 100), Severity: 3})
		st.by(sam, StartRunbook{Runbook: RunbookRef{ID: "RB-001", Digest: "d", Steps: []string{"a", "b"}}})
		st.opened()
		st.by(sam, StartRunbook{Runbook: RunbookRef{ID: "RB-002", Digest: "d", Steps: []string{"a"}}}) // not posted yet: nothing to draw
		for what, a := range []Act{end, Reopen{Reason: Say("back", 100)}} {
			drawn := effects(st.by(sam, a))
			if !slices.Contains(drawn, "redraw/step/RB-001") || slices.Contains(drawn, "redraw/step/RB-002") {
				t.Errorf("%s, act %d: %q", name, what, drawn)
			}
		}
	}
}

// A nudge in doubt names whom it may not have reached, until they act; what was refused for good is another thing.
func TestNudgesInDoubt(t *testing.T) {
	st := newStory(t)
	st.by(sam, Declare{Title: Say("checkout", 100), Severity: 2})
	st.opened()
	ev := st.machine(ViaOutbox, Report{Effect: "INC-42/2/direct/role-ask/0", Outcome: OutcomeDead, Error: "in doubt", Doubt: true, Who: []Person{ines}})
	st.machine(ViaOutbox, Report{Effect: "INC-42/2/direct/warn/0", Outcome: OutcomeDead, Error: "in doubt", Doubt: true, Who: []Person{ines, marc}})
	if f := ev[0].Fact.(*Settled); !f.Doubt || len(f.Who) != 1 || len(st.s.Dead) != 0 || !slices.Equal(st.s.Unsure, []Person{ines, marc}) {
		t.Errorf("%+v, dead %v, unsure %v", f, st.s.Dead, st.s.Unsure)
	}
	if drawn := effects(ev); !slices.Contains(drawn, "redraw/headline") {
		t.Errorf("the headline is not redrawn: %q", drawn)
	}
	st.machine(ViaOutbox, Report{Effect: "INC-42/2/direct/warn/1", Outcome: OutcomeDead, Error: "user_not_found"})
	st.by(ines, Progress{Text: Say("the database is saturated", 100)})
	if len(st.s.Dead) != 1 || !slices.Equal(st.s.Unsure, []Person{marc}) {
		t.Errorf("dead %v, unsure %v", st.s.Dead, st.s.Unsure)
	}
}

func TestReopenFreezesAnewAndStartsFresh(t *testing.T) {
	st := newStory(t)
	st.alert("ApiErrorRateHigh", 1, "x")
	st.by(marc, Ack{})
	st.refused(marc, Reopen{}, RefusedNotOver)
	st.by(marc, Resolve{})
	st.refused(marc, Ack{}, RefusedOver)
	if ds := Deadlines(st.s); ds != nil {
		t.Errorf("deadlines after resolve: %v", ds)
	}
	st.now = night.Add(time.Hour)
	p := *st.policy
	p.Digest = "d2"
	st.policy = &p
	st.by(ines, Reopen{Reason: Say("it is back", 100)})
	if st.s.PolicyDigest != "d2" || st.s.Policy.Digest != "d2" || !st.s.Ladder.AcceptedBy.Same(ines) {
		t.Errorf("policy %s, ladder %+v", st.s.PolicyDigest, st.s.Ladder)
	}
	if d := Deadlines(st.s)[0]; !d.Due.After(st.now) {
		t.Errorf("overdue right after reopening: %+v", d)
	}
}

func TestAlertSetsAreDiffed(t *testing.T) {
	st := newStory(t)
	st.alert("ApiErrorRateHigh", 2, "two")
	if ev := st.alert("ApiErrorRateHigh", 2, "two"); len(ev) != 0 {
		t.Error("an equal set is no news")
	}
	if ev := st.alert("ApiErrorRateHigh", 1, "one"); len(ev) != 1 {
		t.Error("a smaller set is news")
	}
	st.alert("ApiErrorRateHigh", 0, "none")
	if !st.s.Open() {
		t.Error("no alert firing does not resolve an incident by itself")
	}
}

func TestNotesOnThePager(t *testing.T) {
	st := newStory(t)
	st.alert("ApiHighLatencyP95", 1, "x")
	st.by(marc, Ack{})
	note := func(s string) { st.machine(ViaPagerDuty, PagerNote{By: marc, Text: Say(s, 500)}) }
	note("progress: the pool is full, scaling")
	if st.s.Progress.Count != 1 || st.s.Progress.Text.Body != "the pool is full, scaling" {
		t.Errorf("%+v", st.s.Progress)
	}
	note("+15")
	if st.s.Ladder.MoreTime == 0 {
		t.Error("no more time")
	}
	note("progress no")
	if _, ok := st.log[len(st.log)-1].Fact.(*Noted); !ok {
		t.Error("what cannot be obeyed is kept as a remark")
	}
	note("Resolved the DNS part, still down")
	if !st.s.Open() {
		t.Error("a remark that begins with a word ended the incident")
	}
	note("mitigated by scaling")
	if st.s.Status != Mitigated {
		t.Error(st.s.Status)
	}
	note("resolved: scaled the pool for good")
	if st.s.Status.Open() || st.s.Outcome.Body != "scaled the pool for good" {
		t.Error(st.s.Status, st.s.Outcome.Body)
	}
}

func TestReplayEqualsState(t *testing.T) {
	st := newStory(t)
	st.alert("AuditHashChainBroken", 1, "x")
	st.opened()
	st.run(30 * time.Minute)
	st.by(tomas, Ack{})
	st.by(tomas, Update{Text: Say("we look into the audit chain", 100)})
	st.run(5 * time.Hour)
	st.by(tomas, Resolve{Text: Say("restored", 100)})
	got := Replay(st.log)
	got.Policy = st.s.Policy
	if !reflect.DeepEqual(got, st.s) {
		t.Errorf("replay differs:\n%+v\n%+v", got, st.s)
	}
}

func TestAnUnansweredLadderGoesOnWithoutEndAndWithoutGrowing(t *testing.T) {
	st := newStory(t)
	st.alert("ApiErrorRateHigh", 1, "x")
	ev := st.run(7 * 24 * time.Hour)
	rung := map[string]int{}
	for _, e := range ev {
		if f, ok := e.Fact.(*Paged); ok {
			rung[f.Page.Target]++
		}
	}
	if rung["primary"] < 100 || rung["cto"] < 100 {
		t.Errorf("rung in a week: %v", rung)
	}
	b, err := json.Marshal(st.s)
	if err != nil {
		t.Fatal(err)
	}
	if len(st.s.Pages) > maxPages || len(b) > 64<<10 {
		t.Errorf("%d pages, %d bytes of state", len(st.s.Pages), len(b))
	}
}

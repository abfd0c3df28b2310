package incident

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// sent reports every page that is still owed as taken by PagerDuty.
func (st *story) sent() {
	st.t.Helper()
	for _, p := range slices.Clone(st.s.Pages) {
		if p.Status == PageOwed {
			st.machine(ViaOutbox, Report{Effect: p.Ring, Outcome: OutcomeDone, Pager: "Q-" + p.Key})
		}
	}
}

// ringing lists the targets whose phone rings unanswered.
func (st *story) ringing() []string {
	var out []string
	for _, p := range st.s.Pages {
		if p.Status == PageOwed || p.Status == PageSent {
			out = append(out, p.Target)
		}
	}
	return out
}

func has(fx []string, prefix string) bool {
	return slices.ContainsFunc(fx, func(s string) bool { return strings.HasPrefix(s, prefix) })
}

func count(fx []string, prefix string) int {
	n := 0
	for _, f := range fx {
		if strings.HasPrefix(f, prefix) {
			n++
		}
	}
	return n
}

func TestAcknowledgedWhilePagerDutysOwnPageIsAwaited(t *testing.T) {
	begin := func() *story {
		st := newStory(t)
		st.policy.FirstPage = FirstPagePagerDuty
		st.alert("ApiHighLatencyP95", 1, "x")
		st.now = night.Add(10 * time.Second)
		st.by(marc, Ack{})
		return st
	}
	st := begin()
	want(t, st.rung(st.run(14*time.Minute)), nil) // nobody is rung for what is acknowledged
	if !st.s.Ladder.AcceptedBy.Same(marc) || st.s.Ladder.AcceptedAt.IsZero() {
		t.Errorf("the acknowledgement is lost: %+v", st.s.Ladder)
	}
	want(t, st.rung(st.run(16*time.Minute)), []string{"tech_lead@+15m10s no-progress"})

	st = begin() // and its page comes after all
	ev := st.machine(ViaPagerDuty, PagerTriggered{Ref: PagerRef{ID: "Q1", Assigned: []Person{marc}}, Title: Say("x", 10)})
	if st.s.Ladder.AcceptedAt.IsZero() {
		t.Errorf("the page that came takes the acknowledgement back: %+v", st.s.Ladder)
	}
	if !has(effects(ev), "ack-page/pagerduty/Q1") {
		t.Errorf("Marc acknowledged; his phone need not ring: %v", effects(ev))
	}

	st = newStory(t) // nor does commanding it count for less
	st.policy.FirstPage = FirstPagePagerDuty
	st.alert("ApiHighLatencyP95", 1, "x")
	st.by(marc, SetRole{Role: Commander, Who: marc})
	want(t, st.rung(st.run(14*time.Minute)), nil)
}

func TestOnePersonOnTwoRotationsAnswersOnce(t *testing.T) {
	for _, phone := range []bool{false, true} {
		st := newStory(t)
		oc := testOnCall()
		oc["secondary"] = oc["primary"]
		apply := func(a Act, via Via, who Actor) []Event {
			s, ev, err := Apply(st.s, Intent{At: st.now, Now: st.now, Actor: who, Via: via, Act: a, Policy: st.policy, Number: 42, OnCall: oc})
			if err != nil {
				t.Fatal(err)
			}
			st.s = s
			return ev
		}
		apply(AlertsFired{Title: Say("a", 10), Set: AlertSet{Group: "g", Name: "ApiHighLatencyP95", Firing: 1, Digest: "1", StartsAt: night}}, ViaAlertmanager, Actor{System: SystemAlertmanager})
		st.now = night.Add(time.Hour)
		apply(Tick{}, ViaClock, Actor{System: SystemTocsin})
		want(t, st.ringing(), []string{"primary", "secondary"})
		var ev []Event
		if phone {
			ev = apply(PagerChanged{Dedup: st.s.Pages[1].Dedup, Pager: "Q2", Status: "acknowledged", By: Person{Pager: "PMARC"}}, ViaPagerDuty, Actor{Person: Person{Pager: "PMARC"}})
		} else {
			ev = apply(Ack{}, ViaSlack, Actor{Person: marc})
		}
		want(t, st.ringing(), nil)
		if fx := effects(ev); !has(fx, "close-page/L1/1/primary") || has(fx, "direct/standdown") {
			t.Errorf("phone %v: the first page goes on ringing, or who answered is stood down: %v", phone, fx)
		}
	}
}

func TestAnybodysAcknowledgementStopsPagerDutysOwnPage(t *testing.T) {
	for _, assigned := range [][]Person{nil, {marc}} {
		st := newStory(t)
		st.machine(ViaPagerDuty, PagerTriggered{Ref: PagerRef{ID: "Q1", Assigned: assigned}, Title: Say("x", 10), AlertName: "ApiHighLatencyP95"})
		if ev := st.by(ines, Ack{}); !has(effects(ev), "ack-page/pagerduty/Q1") {
			t.Errorf("acknowledged in Slack, and PagerDuty escalates on: %v", effects(ev))
		}
	}
}

func TestWhoIsUnknownToTheRosterAnswersTheSecondRound(t *testing.T) {
	st := newStory(t)
	st.alert("ApiHighLatencyP95", 1, "x")
	st.by(sam, Ack{}) // no roster names Sam
	st.run(5 * time.Hour)
	for st.s.Ladder.Round < 2 || st.s.Ladder.Level != 1 {
		st.at(NextDue(st.s).Sub(night))
	}
	st.by(sam, Ack{})
	if st.s.Ladder.AcceptedAt.IsZero() {
		t.Error("whoever answers the new round has answered it")
	}
}

func TestRaisedAgainAfterSeverityFour(t *testing.T) {
	st := newStory(t)
	st.alert("AuditHashChainBroken", 1, "x")
	st.sent()
	st.now = night.Add(time.Minute)
	st.by(sam, SetSeverity{Severity: 4, Reason: Say("a test tenant", 100)})
	want(t, st.ringing(), nil)
	st.now = night.Add(2 * time.Minute)
	ev := st.by(sam, SetSeverity{Severity: 1, Reason: Say("no, it is real", 100)})
	want(t, st.rung(ev), []string{"primary@+2m0s severity", "cto@+2m0s severity"})

	// The same after the ladder had climbed, accepted or not.
	st = newStory(t)
	st.alert("AuditHashChainBroken", 1, "x")
	st.by(marc, Ack{})
	st.run(20 * time.Minute)
	st.by(tomas, Ack{})
	st.run(55 * time.Minute)
	st.by(amel, Ack{})
	if st.s.Ladder.Level != 3 {
		t.Fatalf("ladder %+v", st.s.Ladder)
	}
	st.by(amel, SetSeverity{Severity: 4, Reason: because})
	st.by(marc, SetSeverity{Severity: 1, Reason: because})
	if d := Deadlines(st.s); !slices.ContainsFunc(d, func(d Deadline) bool { return d.Name == DueProgress }) {
		t.Errorf("nothing escalates any more: %+v, ladder %+v", d, st.s.Ladder)
	}
}

func TestLoweringDoesNotSilenceTheFirstLevel(t *testing.T) {
	st := newStory(t)
	st.alert("RneBalanceLow", 1, "x") // SEV-4: nobody is rung
	st.by(sam, SetSeverity{Severity: 1, Reason: because})
	st.sent()
	st.by(sam, SetSeverity{Severity: 3, Reason: because})
	if r := st.ringing(); !slices.Contains(r, "primary") {
		t.Errorf("nobody answered, and nobody is rung: %v", r)
	}
	// In the second round.
	st = newStory(t)
	st.alert("ApiErrorRateHigh", 1, "x")
	st.run(76 * time.Minute)
	if st.s.Ladder.Round != 2 || st.s.Ladder.Level != 1 {
		t.Fatalf("ladder %+v", st.s.Ladder)
	}
	st.by(sam, SetSeverity{Severity: 3, Reason: because})
	if r := st.ringing(); !slices.Contains(r, "primary") {
		t.Errorf("nobody answered, and nobody is rung: %v", r)
	}
}

func TestTheNextRoundRingsBesidePagerDutysOwnPage(t *testing.T) {
	st := newStory(t)
	st.machine(ViaPagerDuty, PagerTriggered{Ref: PagerRef{ID: "Q1", Assigned: []Person{marc}}, Title: Say("x", 10), AlertName: "ApiErrorRateHigh"})
	var all []string
	for st.s.Ladder.Round < 2 {
		all = st.rung(st.at(NextDue(st.s).Sub(night)))
	}
	if len(all) != 1 || !strings.HasPrefix(all[0], "primary@") {
		t.Errorf("the second round begins with %v", all)
	}
}

func TestWhoAnsweredOnceCanBeSentForAgain(t *testing.T) {
	st := newStory(t)
	st.alert("ApiHighLatencyP95", 1, "x")
	st.by(marc, PageOut{Target: "tech_lead"})
	st.sent()
	st.refused(marc, PageOut{Target: "tech_lead"}, RefusedPageTwice)
	st.by(tomas, Ack{})
	st.now = night.Add(3 * time.Hour)
	ev := st.by(marc, PageOut{Target: "tech_lead"})
	if r := st.rung(ev); len(r) != 1 || !strings.HasPrefix(r[0], "tech_lead@+3h") {
		t.Errorf("rung %v", r)
	}
	if has(effects(ev), "direct/standdown") {
		t.Error("told to stand down while being sent for")
	}
}

func TestMoreTimeMovesOneDeadline(t *testing.T) {
	st := newStory(t)
	st.alert("ApiErrorRateHigh", 1, "x")
	st.by(marc, Ack{})
	st.by(marc, MoreTime{})
	st.now = night.Add(20 * time.Minute)
	st.by(marc, Progress{Text: Say("found the slow query", 100)})
	for _, d := range Deadlines(st.s) {
		if d.Name == DueProgress && !d.Due.Equal(night.Add(50*time.Minute)) {
			t.Errorf("the next progress is due %v after the last, want 30m", d.Due.Sub(st.now))
		}
	}
	st.refused(marc, MoreTime{}, RefusedNoMoreTime)
}

func TestAPromisedUpdateDoesNotOutlastAWorseSeverity(t *testing.T) {
	st := newStory(t)
	st.alert("ApiErrorRateHigh", 1, "x")
	st.by(marc, Update{Text: Say("all fine until tomorrow", 100), Next: 20 * time.Hour})
	st.now = night.Add(time.Hour)
	st.by(marc, SetSeverity{Severity: 1, Reason: because})
	for _, d := range Deadlines(st.s) {
		if d.Name == DueUpdate && d.Due.After(night.Add(90*time.Minute)) {
			t.Errorf("SEV-1 since an hour, the next update is due %v", d.Due)
		}
	}
}

func TestAnAcknowledgementHeardLateGivesItsGiverTheirTime(t *testing.T) {
	st := newStory(t)
	st.alert("ApiHighLatencyP95", 1, "x")
	st.sent()
	st.now = night.Add(50 * time.Minute) // PagerDuty could not be heard
	s, ev, err := Apply(st.s, Intent{At: night.Add(2 * time.Minute), Now: st.now, Actor: Actor{Person: marc}, Via: ViaPagerDuty, Policy: st.policy, OnCall: testOnCall(),
		Act: PagerChanged{Dedup: st.s.Pages[0].Dedup, Status: "acknowledged", By: marc}})
	if err != nil {
		t.Fatal(err)
	}
	st.s, st.log = s, append(st.log, ev...)
	if !st.s.AcknowledgedAt.Equal(night.Add(2 * time.Minute)) {
		t.Errorf("acknowledged at %v: it counts when it was done", st.s.AcknowledgedAt)
	}
	want(t, st.rung(st.at(50*time.Minute)), nil)
}

func TestASeverityHeardLateIsStillConfirmedByPeople(t *testing.T) {
	st := newStory(t)
	st.now = night.Add(3 * time.Hour) // it has been firing for three hours
	want(t, st.rung(st.alert("MassBiometricFailure", 1, "x")), []string{"primary@+3h0m0s detected"})
	want(t, st.rung(st.at(3*time.Hour+time.Minute)), nil)
	want(t, st.rung(st.at(3*time.Hour+5*time.Minute)), []string{"secondary@+3h5m0s not-acknowledged", "cto@+3h5m0s severity"})
}

func TestWhatIsHeardLateDoesNotTurnTheClockBack(t *testing.T) {
	st := newStory(t)
	st.alert("ApiHighLatencyP95", 1, "x")
	st.by(marc, Ack{})
	st.now = night.Add(10 * time.Minute)
	st.by(marc, Progress{Text: Say("the newer statement", 100)})
	s, _, err := Apply(st.s, Intent{At: night.Add(2 * time.Minute), Now: st.now, Actor: Actor{Person: ines}, Via: ViaSlack, Policy: st.policy, Act: Progress{Text: Say("an older statement", 100)}})
	if err != nil {
		t.Fatal(err)
	}
	if s.Progress.At.Before(night.Add(10 * time.Minute)) {
		t.Errorf("the last progress is now %v", s.Progress.At)
	}
}

func TestOneStandDownForAPageInFlight(t *testing.T) {
	st := newStory(t)
	st.alert("ApiHighLatencyP95", 1, "x")
	ring := st.s.Pages[0].Ring
	fx := effects(st.by(sam, Resolve{}))
	fx = append(fx, effects(st.machine(ViaOutbox, Report{Effect: ring, Outcome: OutcomeDone, Pager: "Q9"}))...)
	if n := count(fx, "direct/standdown"); n != 1 {
		t.Errorf("%d stand-downs for one page: %v", n, fx)
	}
	if !has(fx, "close-page/L1/1/primary") {
		t.Errorf("it is not closed: %v", fx)
	}
	// Rung anew in the next round while the last call of the old one was on its way: nobody else has taken it.
	st = newStory(t)
	st.alert("ApiErrorRateHigh", 1, "x")
	ring = st.s.Pages[0].Ring
	st.run(76 * time.Minute)
	fx = effects(st.machine(ViaOutbox, Report{Effect: ring, Outcome: OutcomeDone, Pager: "Q9"}))
	if has(fx, "direct/standdown") || !has(fx, "close-page/L1/1/primary") {
		t.Errorf("told to stand down while the phone rings anew: %v", fx)
	}
}

func TestAPageThatPagerDutyEndedByItselfIsNotInTheWay(t *testing.T) {
	st := newStory(t)
	st.alert("ApiErrorRateHigh", 1, "x")
	st.sent()
	i := slices.IndexFunc(st.s.Pages, func(p Page) bool { return p.Target == "tech_lead" })
	p := st.s.Pages[i]
	ev := st.machine(ViaPagerDuty, PagerChanged{Pager: p.Pager, Dedup: p.Dedup, Status: "resolved"})
	if p, _ := st.s.Page(p.Key); p.Outstanding() || has(effects(ev), "close-page") {
		t.Errorf("%+v %v", p, effects(ev))
	}
	want(t, st.rung(st.run(31*time.Minute)), []string{"secondary@+15m0s not-acknowledged", "tech_lead@+30m0s not-acknowledged"})
}

func TestTheBeginningHeardAfterTheAnswerDoesNotRingAgain(t *testing.T) {
	st := newStory(t)
	st.alert("ApiHighLatencyP95", 1, "x")
	st.sent()
	p := st.s.Pages[0]
	st.now = night.Add(2 * time.Minute)
	st.machine(ViaPagerDuty, PagerChanged{Pager: p.Pager, Dedup: p.Dedup, Status: "acknowledged", By: marc})
	st.now = night.Add(3 * time.Minute)
	s, _, err := Apply(st.s, Intent{At: night.Add(time.Second), Now: st.now, Actor: Actor{System: SystemPagerDuty}, Via: ViaPagerDuty, Policy: st.policy,
		Act: PagerChanged{Pager: p.Pager, Dedup: p.Dedup, Status: "triggered"}})
	if err != nil {
		t.Fatal(err)
	}
	if p, _ := s.Page(p.Key); p.Status != PageAnswered {
		t.Errorf("the poll read the beginning after the webhook brought the answer: %+v", p)
	}
}

func TestAMachinesNoteDecidesNothing(t *testing.T) {
	st := newStory(t)
	st.alert("ApiHighLatencyP95", 1, "x")
	st.machine(ViaPagerDuty, PagerNote{Pager: "Q1", Text: Say("Resolved automatically: disk usage below 80 %", 100)})
	if !st.s.Open() {
		t.Error("a note without an author ended the incident")
	}
}

func TestMitigatedThenWorse(t *testing.T) {
	begin := func() *story {
		st := newStory(t)
		st.alert("ApiHighLatencyP95", 1, "x")
		st.by(marc, Ack{})
		st.by(marc, SetStatus{Status: Mitigated})
		return st
	}
	st := begin() // a person says so
	st.by(ines, Reopen{Reason: Say("it is back", 100)})
	if st.s.Status != Investigating || !slices.ContainsFunc(Deadlines(st.s), func(d Deadline) bool { return d.Name == DueProgress }) {
		t.Errorf("status %s, deadlines %+v", st.s.Status, Deadlines(st.s))
	}
	st.refused(ines, Reopen{}, RefusedNotOver)

	st = begin() // the alert says so, and nobody is awake
	st.alert("ApiHighLatencyP95", 0, "")
	st.now = night.Add(3 * time.Hour)
	ev := st.alert("ApiHighLatencyP95", 1, "y")
	if st.s.Status != Investigating || !slices.Contains(st.rung(ev), "primary@+3h0m0s detected") {
		t.Errorf("it fires again and nobody is rung: %s %v", st.s.Status, st.rung(ev))
	}
	want(t, st.rung(st.run(4*time.Hour)), []string{"secondary@+4h0m0s not-acknowledged"})

	st = begin() // more of what has not stopped firing is not worse
	want(t, st.rung(st.alert("ApiHighLatencyP95", 2, "z")), nil)
	if st.s.Status != Mitigated {
		t.Error(st.s.Status)
	}

	st = begin() // PagerDuty rings for it by itself
	st.policy.FirstPage = FirstPagePagerDuty
	st.now = night.Add(3 * time.Hour)
	st.machine(ViaPagerDuty, PagerTriggered{Ref: PagerRef{ID: "Q9", Assigned: []Person{marc}}, Title: Say("again", 10)})
	if st.s.Status != Investigating {
		t.Errorf("PagerDuty rang for a mitigated incident, and nobody escalates: %s", st.s.Status)
	}
	want(t, st.rung(st.run(4*time.Hour)), []string{"secondary@+4h0m0s not-acknowledged"})
}

func TestAnAlertThatIsBackWaitsForPagerDutysOwnPage(t *testing.T) {
	st := newStory(t)
	st.policy.FirstPage = FirstPagePagerDuty
	st.alert("ApiHighLatencyP95", 1, "x")
	st.machine(ViaPagerDuty, PagerTriggered{Ref: PagerRef{ID: "Q1", Assigned: []Person{marc}}, Title: Say("x", 10)})
	st.by(marc, Ack{})
	st.by(marc, SetStatus{Status: Mitigated})
	st.alert("ApiHighLatencyP95", 0, "")
	st.machine(ViaPagerDuty, PagerChanged{Pager: "Q1", Status: "resolved"})
	st.now = night.Add(3 * time.Hour)
	want(t, st.rung(st.alert("ApiHighLatencyP95", 1, "y")), nil)
	if d := Deadlines(st.s); len(d) == 0 || d[0].Name != DueFirstPage {
		t.Fatalf("deadlines %+v", d)
	}
	// It comes: nobody is rung beside it. It does not: Tocsin rings.
	other := *st
	ev := st.machine(ViaPagerDuty, PagerTriggered{Ref: PagerRef{ID: "Q2", Assigned: []Person{marc}}, Title: Say("x", 10)})
	want(t, st.rung(append(ev, st.run(3*time.Hour+50*time.Minute)...)), []string{"primary@+3h0m0s detected"})
	if p := st.s.Pages[len(st.s.Pages)-1]; !p.Foreign || p.Pager != "Q2" {
		t.Errorf("%+v", p)
	}
	want(t, other.rung(other.run(3*time.Hour+50*time.Minute)), []string{"primary@+3h0m30s detected"})
}

func TestARoomThatSlackRefusesForGood(t *testing.T) {
	st := newStory(t)
	st.alert("ApiHighLatencyP95", 1, "x")
	room := st.s.ChannelEff
	ev := st.machine(ViaOutbox, Report{Effect: room, Outcome: OutcomeDead, Error: "restricted_action"})
	if !slices.Contains(effects(ev), "post/announcement") {
		t.Errorf("nobody hears of it in Slack: %v", effects(ev))
	}
	ev = st.run(61 * time.Minute)
	n := 0
	for _, e := range ev {
		for _, f := range e.Effects {
			if f.Do == Post && f.To == ToIncident {
				if n++; StillOwed(st.s, Owed{ID: IDOf(st.s.ID, e.Seq, f), Incident: st.s.ID, Effect: f}) {
					t.Errorf("%s is tried for ever", f.Name)
				}
			}
		}
	}
	if n == 0 {
		t.Fatal("nothing was to be said")
	}
	// An operator mended it and put the dead letter back: the room opens.
	if !StillOwed(st.s, Owed{ID: room, Effect: Effect{Do: OpenChannel}}) {
		t.Error("the room is not owed")
	}
	st.machine(ViaOutbox, Report{Effect: IDOf(st.s.ID, st.log[slices.IndexFunc(st.log, func(e Event) bool {
		return slices.ContainsFunc(e.Effects, func(f Effect) bool { return f.Name == "post/announcement" })
	})].Seq, Effect{Name: "post/announcement"}), Outcome: OutcomeDone, Channel: "CINC", TS: "1.0"})
	ev = st.machine(ViaOutbox, Report{Effect: room, Outcome: OutcomeDone, Channel: "C1", Name: st.s.ChannelName})
	if fx := effects(ev); slices.Contains(fx, "post/announcement") || !slices.Contains(fx, "post/headline") {
		t.Errorf("%v", fx)
	}
}

func TestWhoIsRungAnewHasOneOpenPage(t *testing.T) {
	st := newStory(t)
	st.alert("ApiHighLatencyP95", 1, "x")
	st.by(marc, Ack{})
	st.by(marc, SendHelp{})
	st.by(tomas, Ack{})
	st.by(tomas, SetSeverity{Severity: 1, Reason: because})
	st.by(tomas, SetSeverity{Severity: 2, Reason: because}) // back to the first level, a new round; the tech lead stays
	st.by(marc, SendHelp{})
	n := 0
	for _, p := range st.s.Pages {
		if p.Target == "tech_lead" && p.Outstanding() {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d open pages of the tech lead: %+v", n, st.s.Pages)
	}
}

func TestWhoIsRungAnewBesidePagerDutysOwnPage(t *testing.T) {
	st := newStory(t)
	st.alert("ApiHighLatencyP95", 1, "x")
	st.by(marc, Ack{})
	st.machine(ViaPagerDuty, PagerTriggered{Ref: PagerRef{ID: "Q1", Assigned: []Person{marc}}, Title: Say("x", 10)})
	for st.s.Ladder.Round < 2 { // the restart closes ours before it rings
		st.at(NextDue(st.s).Sub(night))
	}
	n := 0
	for _, p := range st.s.Pages {
		if p.Target == "primary" && p.Outstanding() && !p.Foreign {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d open pages of ours: %+v", n, st.s.Pages)
	}
}

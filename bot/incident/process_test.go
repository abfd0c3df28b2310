package incident

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// withProcess gives a story business time, a service with its own people, an executive rotation and level 4 by impact.
func withProcess(st *story) *story {
	p := st.policy
	hours := map[time.Weekday][]Hours{}
	for d := time.Monday; d <= time.Friday; d++ {
		hours[d] = []Hours{{From: 9 * 60, To: 18 * 60}}
	}
	p.Calendars, p.Calendar = map[string]Calendar{"office": {Zone: "UTC", Hours: hours}}, "office"
	if err := p.Bind(); err != nil {
		st.t.Fatal(err)
	}
	p.ResumeWithin = 30 * time.Minute
	for _, key := range []string{"executive", "shop_primary", "shop_lead"} {
		p.Targets[key] = Target{Key: key, Title: map[string]string{"en": key}, Address: Address{RoutingKey: "KEY_" + strings.ToUpper(key)}}
	}
	p.Ladder[2] = Level{Name: "L3", Targets: []string{"cto"}, Instead: map[Severity][]string{1: {"executive"}}, WhenEmpty: "cto"}
	p.Ladder[3].On = LevelOnImpact
	p.Services = map[string]Service{"shop": {Key: "shop", Instead: map[string]string{"primary": "shop_primary", "tech_lead": "shop_lead"}, Labels: []Label{{Name: "app", Value: "shop-web"}}}}
	r := p.Severities[1]
	r.NoPark, r.RingOn = true, true
	p.Severities[1] = r
	r = p.Severities[3]
	r.LowUrgency = true
	p.Severities[3] = r
	p.Severities[4] = SeverityRule{NoLadder: true, AckDays: 1}
	return st
}

func urgencies(events []Event) []string {
	var out []string
	for _, e := range events {
		if f, ok := e.Fact.(*Paged); ok {
			out = append(out, f.Page.Target+":"+f.Page.Urgency)
		}
	}
	return out
}

func TestLevelThreeIsTheExecutiveForTheWorstAndTheCTOWhereThatRotationIsEmpty(t *testing.T) {
	st := withProcess(newStory(t))
	st.alert("AuditHashChainBroken", 1, "x")
	got := st.rung(st.run(100 * time.Minute))
	want(t, got[:3], []string{"secondary@+5m0s not-acknowledged", "tech_lead@+10m0s not-acknowledged", "primary@+35m0s not-acknowledged"})
	// Nobody is on the executive rotation, so level 3 is the CTO, whom the severity has rung: nobody is rung by both.
	if slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, "ceo") || strings.HasPrefix(s, "executive@+15") }) {
		t.Errorf("time alone rang %v", got)
	}
	st = withProcess(newStory(t))
	st.alert("ApiErrorRateHigh", 1, "x") // SEV-2: level 3 is the CTO
	want(t, st.rung(st.run(50*time.Minute)), []string{"secondary@+15m0s not-acknowledged", "cto@+45m0s not-acknowledged"})
}

func TestAMissingCommanderRingsWhoStandsInForAnEmptyRotation(t *testing.T) {
	for _, x := range []struct {
		name string
		on   OnCall
		want string
	}{
		{"nobody is the executive on call", testOnCall(), "cto@+2h30m0s no-commander"},
		{"somebody is", func() OnCall {
			o := testOnCall()
			o["executive"] = Roster{People: []Person{sam}}
			return o
		}(), "executive@+2h30m0s no-commander"},
	} {
		st := withProcess(newStory(t))
		r := st.policy.Severities[1]
		r.PageAtOnce, r.CommanderWithin, r.FirstUpdate = nil, 50*time.Minute, 0
		st.policy.Severities[1] = r
		st.onCall = x.on
		st.by(sam, Declare{Title: Say("checkout", 100), Severity: 1})
		st.by(marc, Ack{})
		st.by(sam, SetRole{Role: Commander})
		st.by(marc, SetStatus{Status: Mitigated})
		got := st.rung(st.run(151 * time.Minute))
		want(t, got, []string{"secondary@+50m0s no-commander", "tech_lead@+1h40m0s no-commander", x.want})
	}
}

func TestWhoIsOnTwoRotationsIsRungOnceBySeverityOrLadder(t *testing.T) {
	st := withProcess(newStory(t))
	both := testOnCall()
	both["executive"] = both["cto"] // the CTO is the executive on call
	st.onCall = both
	st.alert("AuditHashChainBroken", 1, "x") // rings the CTO at once
	got := st.rung(st.run(20 * time.Minute))
	want(t, got, []string{"secondary@+5m0s not-acknowledged", "tech_lead@+10m0s not-acknowledged"})
	if st.s.Ladder.Level != 3 {
		t.Errorf("level %d, want 3: reached, though its phone rings already", st.s.Ladder.Level)
	}
	st.by(amel, Ack{})
	if st.s.Ladder.AcceptedBy != amel {
		t.Errorf("accepted by %+v", st.s.Ladder.AcceptedBy)
	}
}

func TestAServiceHasItsOwnPeople(t *testing.T) {
	st := withProcess(newStory(t))
	set := AlertSet{Group: "g", Name: "ApiErrorRateHigh", Firing: 1, Digest: "1", StartsAt: night, Labels: []Label{{Name: "app", Value: "shop-web"}}}
	ev := st.machine(ViaAlertmanager, AlertsFired{Title: Say("t", 10), Set: set})
	want(t, st.rung(ev), []string{"shop_primary@+0s detected", "shop_lead@+0s severity"})
	if st.s.Service != "shop" {
		t.Errorf("service %q", st.s.Service)
	}
	want(t, st.rung(st.run(46*time.Minute)), []string{"secondary@+15m0s not-acknowledged", "cto@+45m0s not-acknowledged"})
}

func TestUrgencyOutsideWorkingHours(t *testing.T) {
	st := withProcess(newStory(t)) // Saturday, 02:07
	want(t, urgencies(st.alert("ApiHighLatencyP95", 1, "x")), []string{"primary:low"})
	st.by(marc, SetSeverity{Severity: 2, Reason: because}) // whoever raises it is heard at any hour
	for _, u := range urgencies(st.log)[1:] {
		if strings.HasSuffix(u, "low") {
			t.Errorf("rung quietly for a SEV-2: %s", u)
		}
	}
	st = withProcess(newStory(t))
	st.now = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC) // Monday
	want(t, urgencies(st.alert("ApiHighLatencyP95", 1, "x")), []string{"primary:"})
	st = withProcess(newStory(t))
	want(t, urgencies(st.alert("ApiErrorRateHigh", 1, "x")), []string{"primary:", "tech_lead:"})
}

func TestSeverityFourIsTakenWithinABusinessDay(t *testing.T) {
	for _, c := range []struct{ at, due string }{
		{"2026-11-20T10:00:00Z", "2026-11-23T10:00:00Z"}, // Friday 10:00 -> Monday 10:00
		{"2026-11-20T20:00:00Z", "2026-11-23T18:00:00Z"}, // Friday 20:00 -> Monday's close
	} {
		st := withProcess(newStory(t))
		st.now, _ = time.Parse(time.RFC3339, c.at)
		ev := st.machine(ViaAlertmanager, AlertsFired{Title: Say("t", 10), Set: AlertSet{Group: "g", Name: "RneBalanceLow", Firing: 1, Digest: "1", StartsAt: st.now}})
		want(t, st.rung(ev), nil)
		ds := Deadlines(st.s)
		due, _ := time.Parse(time.RFC3339, c.due)
		i := slices.IndexFunc(ds, func(d Deadline) bool { return d.Name == DueTake })
		if i < 0 || !ds[i].Due.Equal(due) {
			t.Fatalf("from %s: %+v, want %s", c.at, ds, c.due)
		}
		st.now = due
		ev = st.machine(ViaClock, Tick{})
		if got := effects(ev); !slices.Contains(got, "post/take-due") || !slices.Contains(got, "direct/told/0") || len(st.rung(ev)) > 0 {
			t.Errorf("overdue: %v", got)
		}
		st.by(marc, Ack{})
		if slices.ContainsFunc(Deadlines(st.s), func(d Deadline) bool { return d.Name == DueTake }) {
			t.Error("still due after it was taken")
		}
	}
}

func TestRecoveredWithNobodyAnsweringPausesAndResumes(t *testing.T) {
	st := withProcess(newStory(t))
	st.alert("ApiErrorRateHigh", 1, "x")
	st.now = night.Add(5 * time.Minute)
	ev := st.alert("ApiErrorRateHigh", 0, "y")
	if st.s.PausedBy() != "recovered" {
		t.Fatalf("not paused: %v", effects(ev))
	}
	if n := len(slices.DeleteFunc(slices.Clone(st.s.Pages), func(p Page) bool { return !p.Outstanding() })); n != 0 {
		t.Errorf("%d phones ring for what is over", n)
	}
	want(t, st.rung(st.run(25*time.Minute)), nil)
	// It fires again within half an hour: the stage is rung again, and the ladder goes on with what is left of its wait.
	st.now = night.Add(30 * time.Minute)
	want(t, st.rung(st.alert("ApiErrorRateHigh", 1, "z")), []string{"primary@+30m0s again", "tech_lead@+30m0s severity"})
	want(t, st.rung(st.run(50*time.Minute)), []string{"secondary@+40m0s not-acknowledged"})
	// Cleared and back hours later: from level 1, a new round.
	st.alert("ApiErrorRateHigh", 0, "w")
	round := st.s.Ladder.Round
	st.now = night.Add(3 * time.Hour)
	st.alert("ApiErrorRateHigh", 1, "v")
	if st.s.Ladder.Level != 1 || st.s.Ladder.Round != round+1 || st.s.Paused() {
		t.Errorf("ladder %+v", st.s.Ladder)
	}
}

func TestRecoveredIsReviewedWhenPeopleWork(t *testing.T) {
	st := withProcess(newStory(t))
	st.alert("ApiErrorRateHigh", 1, "x")
	st.alert("ApiErrorRateHigh", 0, "y")
	monday := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	if d := Deadlines(st.s); len(d) != 1 || d[0].Name != DueReview || !d[0].Due.Equal(monday) {
		t.Fatalf("%+v", d)
	}
	ev := st.run(monday.Sub(night))
	want(t, urgencies(ev), []string{"primary:low"})
	st.by(marc, Ack{}) // they look at it: the clocks run
	if st.s.Paused() || st.s.Roles[Commander].Who != marc {
		t.Errorf("paused %v, commander %+v", st.s.Paused(), st.s.Roles[Commander])
	}
	if !slices.ContainsFunc(Deadlines(st.s), func(d Deadline) bool { return d.Name == DueProgress && d.Due.Equal(monday.Add(15*time.Minute)) }) {
		t.Errorf("%+v", Deadlines(st.s))
	}
}

func TestTheReviewIsAskedForOnceAWorkingDay(t *testing.T) {
	st := withProcess(newStory(t))
	monday := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	st.run(monday.Add(time.Hour).Sub(night)) // people work
	st.alert("ApiErrorRateHigh", 1, "x")
	st.alert("ApiErrorRateHigh", 0, "y")
	var got []time.Time
	for _, e := range st.run(monday.Add(3 * 24 * time.Hour).Sub(night)) {
		if f, ok := e.Fact.(*Missed); ok && f.Name == DueReview {
			got = append(got, e.RecordedAt)
		}
	}
	want := []time.Time{monday.Add(24 * time.Hour), monday.Add(48 * time.Hour), monday.Add(72 * time.Hour)}
	if !slices.EqualFunc(got, want, time.Time.Equal) {
		t.Errorf("asked at %v, want the three mornings after", got)
	}
}

func TestTheWorstRingsOnWhenItRecovers(t *testing.T) {
	st := withProcess(newStory(t))
	st.alert("AuditHashChainBroken", 1, "x")
	st.alert("AuditHashChainBroken", 0, "y")
	if st.s.Paused() {
		t.Fatal("a SEV-1 that nobody has seen is not set aside")
	}
	if _, open := st.s.openPage("primary"); !open {
		t.Error("level 1 does not ring any more")
	}
	got := st.rung(st.run(40 * time.Minute))
	want(t, got, []string{"primary@+15m0s not-acknowledged", "primary@+30m0s not-acknowledged"}) // level 1 again and again, nobody above
}

func TestAHumanIsAskedWhetherTheHarmHasEnded(t *testing.T) {
	st := withProcess(newStory(t))
	st.alert("ApiErrorRateHigh", 1, "x")
	st.opened()
	st.by(marc, Ack{})
	ev := st.alert("ApiErrorRateHigh", 0, "y")
	if !slices.Contains(effects(ev), "post/alerts-over") || !st.s.Open() || st.s.Status != Investigating || st.s.Paused() {
		t.Errorf("%v, status %s", effects(ev), st.s.Status)
	}
}

func TestParkedUntilItsOwnerIsRung(t *testing.T) {
	st := withProcess(newStory(t))
	st.alert("ApiErrorRateHigh", 1, "x")
	nine := night.Add(7 * time.Hour)
	st.refused(marc, Park{Until: night}, RefusedParkTime)
	st.refused(marc, Park{Until: night.Add(8 * 24 * time.Hour)}, RefusedParkTime)
	st.refused(marc, Park{Until: nine, Owner: sam}, RefusedNoPhone)
	ev := st.by(marc, Park{Until: nine, Owner: ines, Reason: Say("waits for the supplier", 100)})
	if st.s.PausedBy() != "parked" || st.s.Ladder.AcceptedBy != marc {
		t.Fatalf("%v %+v", effects(ev), st.s.Ladder)
	}
	want(t, st.rung(st.run(7*time.Hour-time.Second)), nil)
	want(t, st.rung(st.at(7*time.Hour)), []string{"secondary@+7h0m0s parked"})
	p := st.s.Pages[len(st.s.Pages)-1]
	if p.Person != ines || st.s.Paused() || !st.s.Ladder.AcceptedAt.IsZero() {
		t.Errorf("%+v %+v", p, st.s.Ladder)
	}
	want(t, st.rung(st.run(7*time.Hour+16*time.Minute)), nil) // her own rotation is level 1's backup, and she is being rung
	want(t, st.rung(st.run(7*time.Hour+31*time.Minute)), []string{"tech_lead@+7h30m0s not-acknowledged"})
}

func TestTheWorstIsNotParked(t *testing.T) {
	st := withProcess(newStory(t))
	st.alert("AuditHashChainBroken", 1, "x")
	st.refused(marc, Park{Until: night.Add(time.Hour)}, RefusedNoPark)
	st = withProcess(newStory(t))
	st.alert("ApiErrorRateHigh", 1, "x")
	st.by(marc, Park{Until: night.Add(time.Hour)})
	st.refused(sam, HandOn{Who: ines}, RefusedNotRung)
	st.by(tomas, SetSeverity{Severity: 1, Reason: because})
	if st.s.Paused() {
		t.Error("raised to SEV-1 and still set aside")
	}
	st.by(tomas, SetSeverity{Severity: 2, Reason: because})
	st.by(tomas, Park{Until: st.now.Add(time.Hour)})
	st.by(ines, Resume{})
	if st.s.Paused() {
		t.Error("resumed and still set aside")
	}
	st.refused(ines, Resume{}, RefusedNotPaused)
}

func TestHandingOnLeavesThePageWhereItIs(t *testing.T) {
	st := withProcess(newStory(t))
	st.alert("ApiErrorRateHigh", 1, "x")
	st.refused(marc, HandOn{Who: marc}, RefusedOneself)
	st.refused(marc, HandOn{Who: tomas}, RefusedRungToo)
	ev := st.by(marc, HandOn{Who: sam})
	if !slices.Contains(effects(ev), "direct/handed-on/0") {
		t.Errorf("%v", effects(ev))
	}
	want(t, st.rung(st.run(16*time.Minute)), []string{"secondary@+15m0s not-acknowledged"}) // nobody took it
	st.by(sam, Ack{})
	if st.s.Ladder.AcceptedBy != sam {
		t.Errorf("%+v", st.s.Ladder)
	}
}

func TestPagerDutyOwnsTheLadder(t *testing.T) {
	st := withProcess(newStory(t))
	st.policy.LadderOwner = LadderPagerDuty
	st.alert("ApiHighLatencyP95", 1, "x")
	want(t, st.rung(st.run(5*time.Hour)), nil)
	st.by(marc, Ack{})
	want(t, st.rung(st.run(5*time.Hour+16*time.Minute)), []string{"tech_lead@+5h15m0s no-progress"}) // what PagerDuty cannot know
}

func TestWhoIsRungReadsWhatTheyCanDo(t *testing.T) {
	st := withProcess(newStory(t))
	ev := st.alert("ApiErrorRateHigh", 1, "x")
	got := effects(ev)
	for _, name := range []string{"direct/paged/L1/1/primary/UMARC", "direct/paged/L1/1/tech_lead/UTOMAS"} {
		if !slices.Contains(got, name) && !slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, "direct/paged/L2/1/tech_lead") }) {
			t.Errorf("no %s in %v", name, got)
		}
	}
}

// What cleared while people were at work is looked at the next morning, once a working day.
func TestReviewsComeOnceAWorkingDay(t *testing.T) {
	for _, c := range []struct{ cleared, due string }{
		{"2026-11-23T10:00:00Z", "2026-11-24T09:00:00Z"}, // Monday at work
		{"2026-11-23T07:00:00Z", "2026-11-23T09:00:00Z"}, // Monday, before
		{"2026-11-23T19:00:00Z", "2026-11-24T09:00:00Z"}, // Monday, after
		{"2026-11-27T17:59:00Z", "2026-11-30T09:00:00Z"}, // Friday
	} {
		st := withProcess(newStory(t))
		st.now, _ = time.Parse(time.RFC3339, c.cleared)
		st.machine(ViaAlertmanager, AlertsFired{Title: Say("t", 10), Set: AlertSet{Group: "g", Name: "ApiErrorRateHigh", Firing: 1, Digest: "1", StartsAt: st.now}})
		st.machine(ViaAlertmanager, AlertsFired{Title: Say("t", 10), Set: AlertSet{Group: "g", Name: "ApiErrorRateHigh", Firing: 0, Digest: "2"}})
		due, _ := time.Parse(time.RFC3339, c.due)
		if d := Deadlines(st.s); len(d) != 1 || !d[0].Due.Equal(due) {
			t.Errorf("cleared %s: %+v, want %s", c.cleared, d, c.due)
			continue
		}
		st.now = due
		st.machine(ViaClock, Tick{})
		if d := Deadlines(st.s); len(d) != 1 || d[0].Due.Sub(due) < 23*time.Hour {
			t.Errorf("again at %+v", d)
		}
	}
}

// What is mitigated and set aside is taken up all the same: its owner is rung, and after them the ladder.
func TestWhatIsMitigatedAndParkedIsTakenUp(t *testing.T) {
	st := withProcess(newStory(t))
	st.alert("ApiErrorRateHigh", 1, "x")
	st.by(marc, Ack{})
	st.by(marc, SetStatus{Status: Mitigated})
	st.by(marc, Park{Until: night.Add(7 * time.Hour), Owner: tomas})
	for _, p := range st.s.Pages {
		if p.Outstanding() {
			t.Errorf("%s is still open in PagerDuty, which would ring again one day", p.Key)
		}
	}
	want(t, st.rung(st.run(8*time.Hour)), []string{"tech_lead@+7h0m0s parked", "secondary@+7h15m0s not-acknowledged", "cto@+7h45m0s not-acknowledged"})
	st.by(tomas, Ack{})
	for _, r := range st.rung(st.run(20 * time.Hour)) {
		if !strings.HasSuffix(r, WhyUpdateMissed) {
			t.Errorf("rang %s after it was taken", r)
		}
	}
}

// Who says that it is mitigated after its owner was rung has it in hand: that stops the ladder which rang them, as it stops any other.
func TestMitigatedAfterItsOwnerWasRungRingsNobodyElse(t *testing.T) {
	st := withProcess(newStory(t))
	st.alert("ApiErrorRateHigh", 1, "x")
	st.by(marc, Ack{})
	st.by(marc, Park{Until: night.Add(7 * time.Hour)})
	want(t, st.rung(st.run(7*time.Hour+time.Minute)), []string{"primary@+7h0m0s parked"})
	st.by(ines, SetStatus{Status: Mitigated, Reason: Say("the supplier has rolled back", 100)})
	for _, d := range Deadlines(st.s) {
		if d.Name == DueAck || d.Name == DueAccept {
			t.Errorf("the ladder waits: %+v", d)
		}
	}
	for _, r := range st.rung(st.run(20 * time.Hour)) {
		if !strings.HasSuffix(r, WhyUpdateMissed) && !strings.HasSuffix(r, WhyNoCommander) {
			t.Errorf("rang %s for what is mitigated", r)
		}
	}
}

// PagerDuty's page of an alert may come before the alert itself: its runbook starts all the same.
func TestAnAlertBehindItsPageStartsItsRunbook(t *testing.T) {
	st := newStory(t)
	st.machine(ViaPagerDuty, PagerTriggered{Ref: PagerRef{ID: "Q1", Status: "triggered", Assigned: []Person{marc}}, Title: Say("t", 10)})
	st.s.Claims = append(st.s.Claims, GroupClaim("g-ApiErrorRateHigh"))
	s, events, err := Apply(st.s, Intent{At: st.now, Now: st.now, Actor: Actor{System: SystemAlertmanager}, Via: ViaAlertmanager, Policy: st.policy, OnCall: st.onCall,
		Runbooks: []RunbookRef{{ID: "RB-004", Steps: []string{"one"}}},
		Act:      AlertsFired{Title: Say("t", 10), Set: AlertSet{Group: "g-ApiErrorRateHigh", Name: "ApiErrorRateHigh", Firing: 1, Digest: "1", StartsAt: st.now}}})
	if err != nil || len(s.Runbooks) != 1 || s.Severity != SEV2 {
		t.Errorf("%v, runbooks %v, severity %v: %v", err, s.Runbooks, s.Severity, effects(events))
	}
}

// A page answered in Slack while PagerDuty was away never rang, and nothing says that it did.
func TestAnsweredBeforeItRang(t *testing.T) {
	st := newStory(t)
	st.alert("ApiHighLatencyP95", 1, "x")
	key := st.s.Pages[0].Key
	ring := st.s.Pages[0].Ring
	st.by(marc, Ack{})
	st.machine(ViaOutbox, Report{Effect: ring, Outcome: OutcomeOvertaken, Attempt: 1})
	if p, _ := st.s.Page(key); p.Status != PageAnswered || !p.SentAt.IsZero() {
		t.Errorf("%+v", p)
	}
	// The call was on its way when it was answered, and came through.
	st = newStory(t)
	st.alert("ApiHighLatencyP95", 1, "x")
	ring = st.s.Pages[0].Ring
	st.by(marc, Ack{})
	st.machine(ViaOutbox, Report{Effect: ring, Outcome: OutcomeDone, Pager: "Q1", Attempt: 1})
	if p, _ := st.s.Page(key); p.Status != PageAnswered || p.SentAt.IsZero() {
		t.Errorf("%+v", p)
	}
	// Answered on the phone: it rang, whoever heard of it first.
	st = newStory(t)
	st.alert("ApiHighLatencyP95", 1, "x")
	st.machine(ViaPagerDuty, PagerChanged{Dedup: st.s.Pages[0].Dedup, Status: "acknowledged", By: marc})
	if p, _ := st.s.Page(key); p.Status != PageAnswered || p.SentAt.IsZero() {
		t.Errorf("%+v", p)
	}
}

// A silent night sends more pages than a state keeps; all of them are in the log.
func TestEveryPageOfALongNight(t *testing.T) {
	st := newStory(t)
	var events []Event
	paged := 0
	events = append(events, st.alert("AuditHashChainBroken", 1, "x")...)
	events = append(events, st.run(16*time.Hour)...)
	for _, e := range events {
		if _, ok := e.Fact.(*Paged); ok {
			paged++
		}
	}
	got := Pages(events)
	if paged <= maxPages || len(got) != paged || len(st.s.Pages) > maxPages {
		t.Errorf("%d pages sent for, %d in the log, %d in the state", paged, len(got), len(st.s.Pages))
	}
	for _, p := range got[:5] {
		if p.Status != PageClosed {
			t.Errorf("%+v", p)
		}
	}
}

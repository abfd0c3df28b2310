package policy

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-bot/tocsin/bot/incident"
)

// The readings of the process, each by its number, over the policy that is shipped: TestReading1 to TestReading8.

// act is what somebody does so long after the beginning.
type act struct {
	at  time.Duration
	who string
	do  incident.Act
}

// reading is one incident by the shipped policy, driven as the clock drives it.
type reading struct {
	t      *testing.T
	p      incident.Policy
	s      incident.State
	from   time.Time
	now    time.Time
	onCall incident.OnCall
	log    []incident.Event
}

// person of a target, or somebody else by name.
func person(name string) incident.Person {
	return incident.Person{Slack: "U" + name, Pager: "P" + name, Name: name}
}

func read(t *testing.T, from time.Time, empty ...string) *reading {
	p, _ := Default()
	if err := p.Bind(); err != nil {
		t.Fatal(err)
	}
	r := &reading{t: t, p: p, from: from, now: from, onCall: incident.OnCall{}}
	for key := range p.Targets {
		if !slices.Contains(empty, key) {
			r.onCall[key] = incident.Roster{People: []incident.Person{person(key)}, Source: "test", SeenAt: from}
		}
	}
	return r
}

func (r *reading) does(a incident.Actor, via incident.Via, what incident.Act) error {
	s, ev, err := incident.Apply(r.s, incident.Intent{At: r.now, Now: r.now, Actor: a, Via: via, Act: what, Policy: &r.p, Number: 1, OnCall: r.onCall})
	if err != nil {
		return err
	}
	r.s, r.log = s, append(r.log, ev...)
	return nil
}

func (r *reading) by(who string, what incident.Act) {
	r.t.Helper()
	if err := r.does(incident.Actor{Person: person(who)}, incident.ViaSlack, what); err != nil {
		r.t.Fatalf("%T by %s: %v", what, who, err)
	}
}

// alert fires at the beginning.
func (r *reading) alert(name string) {
	r.t.Helper()
	if err := r.does(incident.Actor{System: incident.SystemAlertmanager}, incident.ViaAlertmanager, incident.AlertsFired{Title: incident.Say(name, 50),
		Set: incident.AlertSet{Group: "g", Name: name, Firing: 1, Digest: "1", StartsAt: r.now}}); err != nil {
		r.t.Fatal(err)
	}
}

// until lets the clock run, ticking whenever something is due.
func (r *reading) until(d time.Duration) {
	r.t.Helper()
	for end := r.from.Add(d); ; {
		next := incident.NextDue(r.s)
		if next.IsZero() || next.After(end) {
			r.now = end
			return
		}
		if next.After(r.now) {
			r.now = next
		}
		if err := r.does(incident.Actor{System: incident.SystemTocsin}, incident.ViaClock, incident.Tick{}); err != nil {
			r.t.Fatal(err)
		}
	}
}

// plays lets what people do happen, in order, and runs to an end.
func (r *reading) plays(end time.Duration, acts ...act) {
	r.t.Helper()
	for _, a := range acts {
		r.until(a.at)
		r.by(a.who, a.do)
	}
	r.until(end)
}

// rung is who was rung at which minute: "+5 secondary".
func (r *reading) rung(but ...string) string {
	var out []string
	for _, e := range r.log {
		if f, is := e.Fact.(*incident.Paged); is && !slices.Contains(but, f.Page.Why) {
			out = append(out, fmt.Sprintf("+%g %s", e.RecordedAt.Sub(r.from).Minutes(), f.Page.Target))
		}
	}
	return strings.Join(out, ", ")
}

// told is who was told without being rung.
func (r *reading) told() string {
	var out []string
	for _, e := range r.log {
		if f, is := e.Fact.(*incident.Told); is {
			out = append(out, fmt.Sprintf("+%g %s", e.RecordedAt.Sub(r.from).Minutes(), strings.Join(f.Targets, " ")))
		}
	}
	return strings.Join(out, ", ")
}

var (
	tuesday  = time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	found    = incident.Progress{Text: incident.Say("the pool on kyc-svc is full", 100)}
	declared = func(sev incident.Severity) incident.Act {
		return incident.Declare{Title: incident.Say("checkout is down", 100), Severity: sev}
	}
	mitigated = incident.SetStatus{Status: incident.Mitigated}
	beside    = []string{incident.WhySeverity, incident.WhyUpdateMissed, incident.WhyNoCommander, incident.WhyImpactUnsaid, incident.WhyHandOver}
)

// Reading 1: three clocks. The response walks to the secondary and then level 2; diagnosis runs from the acknowledgement or the last progress to
// level 2; remediation from level 2's acceptance to level 3, and only mitigated or resolved stops it.
func TestReading1ThreeClocks(t *testing.T) {
	m := time.Minute
	for _, c := range []struct {
		name  string
		alert string // of which severity
		acts  []act
		end   time.Duration
		want  string // by the ladder alone
	}{
		{"response, SEV-1", "AuditHashChainBroken", nil, 15 * m, "+0 primary, +5 secondary, +10 tech_lead, +15 executive"},
		{"response, SEV-2", "ApiErrorRateHigh", nil, 46 * m, "+0 primary, +15 secondary, +45 cto"}, // the tech lead rings since the severity was set
		{"response, SEV-3", "ApiHighLatencyP95", nil, 181 * m, "+0 primary, +60 secondary, +120 tech_lead, +180 cto"},
		{"response, SEV-4", "RneBalanceLow", nil, 24 * 60 * m, ""},
		{"answered in time", "ApiHighLatencyP95", []act{{59 * m, "primary", incident.Ack{}}}, 61 * m, "+0 primary"},
		{"diagnosis from the acknowledgement", "ApiHighLatencyP95", []act{{10 * m, "primary", incident.Ack{}}}, 26 * m, "+0 primary, +25 tech_lead"},
		{"after the first progress, SEV-1", "AuditHashChainBroken", []act{{1 * m, "primary", incident.Ack{}}, {10 * m, "primary", found}}, 26 * m, "+0 primary, +25 tech_lead"},
		{"after the first progress, SEV-3", "ApiHighLatencyP95", []act{{1 * m, "primary", incident.Ack{}}, {10 * m, "primary", found}}, 71 * m, "+0 primary, +70 tech_lead"},
		{"remediation, and progress does not stop it", "ApiHighLatencyP95",
			[]act{{1 * m, "primary", incident.Ack{}}, {20 * m, "tech_lead", incident.Ack{}}, {40 * m, "tech_lead", found}}, 51 * m, "+0 primary, +16 tech_lead, +50 cto"},
		{"mitigated stops it", "ApiHighLatencyP95",
			[]act{{1 * m, "primary", incident.Ack{}}, {20 * m, "tech_lead", incident.Ack{}}, {49 * m, "tech_lead", mitigated}}, 10 * 60 * m, "+0 primary, +16 tech_lead"},
		{"resolved stops it", "ApiHighLatencyP95",
			[]act{{1 * m, "primary", incident.Ack{}}, {20 * m, "tech_lead", incident.Ack{}}, {49 * m, "tech_lead", incident.Resolve{}}}, 10 * 60 * m, "+0 primary, +16 tech_lead"},
	} {
		r := read(t, tuesday)
		r.alert(c.alert)
		r.plays(c.end, c.acts...)
		if got := r.rung(beside...); got != c.want {
			t.Errorf("%s: rang %s, want %s", c.name, got, c.want)
		}
	}
}

// Reading 2: who is told or rung when the severity is set is not the ladder, and nobody is rung by both.
func TestReading2WhoHearsOfTheSeverity(t *testing.T) {
	m := time.Minute
	yes, no := incident.RecordImpact{Customers: incident.TouchedYes}, incident.RecordImpact{Customers: incident.TouchedNo, Regulators: incident.TouchedNo}
	for _, c := range []struct {
		name       string
		alert      string
		acts       []act
		end        time.Duration
		rung, told string
	}{
		{"SEV-1", "AuditHashChainBroken", []act{{1 * m, "primary", incident.Ack{}}, {2 * m, "primary", no}}, 14 * m, "+0 primary, +0 cto", "+0 ceo compliance_officer"},
		{"SEV-1, customers touched", "AuditHashChainBroken", []act{{1 * m, "primary", incident.Ack{}}, {2 * m, "primary", yes}}, 14 * m,
			"+0 primary, +0 cto, +2 ceo, +2 compliance_officer", "+0 ceo compliance_officer"},
		{"SEV-1, not said for 15 min", "AuditHashChainBroken", []act{{1 * m, "primary", incident.Ack{}}, {10 * m, "primary", found}}, 16 * m,
			"+0 primary, +0 cto, +15 ceo, +15 compliance_officer", "+0 ceo compliance_officer"},
		{"SEV-2", "ApiErrorRateHigh", []act{{1 * m, "primary", incident.Ack{}}}, 14 * m, "+0 primary, +0 tech_lead", "+0 cto"},
		{"SEV-3", "ApiHighLatencyP95", nil, 14 * m, "+0 primary", "+0 tech_lead"},
		{"SEV-4", "RneBalanceLow", nil, 60 * m, "", ""},
		{"nobody twice", "ApiErrorRateHigh", nil, 44 * m, "+0 primary, +0 tech_lead, +15 secondary", "+0 cto"}, // level 2 comes at +30 to who rings already
	} {
		r := read(t, tuesday)
		r.alert(c.alert)
		r.plays(c.end, c.acts...)
		if rung, told := r.rung(), r.told(); rung != c.rung || told != c.told {
			t.Errorf("%s: rang %s, told %s; want %s and %s", c.name, rung, told, c.rung, c.told)
		}
	}
	night := time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC)
	for at, want := range map[time.Time]string{tuesday: "", night: incident.UrgencyLow} {
		r := read(t, at)
		r.alert("ApiHighLatencyP95")
		if got := r.s.Pages[0].Urgency; got != want {
			t.Errorf("a SEV-3 at %s rings with urgency %q, want %q", at.Format("15:04"), got, want)
		}
	}
}

// Reading 3: a SEV-1 counts once it is confirmed: by a human, by the catalogue, or after five minutes. A possible attack asks, and yes is private.
func TestReading3ASEV1IsConfirmed(t *testing.T) {
	m := time.Minute
	for _, c := range []struct {
		name  string
		alert string
		acts  []act
		at    time.Duration // when the CTO is rung
	}{
		{"by the catalogue", "AuditHashChainBroken", nil, 0},
		{"by a human", "MassBiometricFailure", []act{{2 * m, "primary", incident.SetSeverity{Severity: 1}}}, 2 * m},
		{"by nobody", "MassBiometricFailure", nil, 5 * m},
		{"set lower", "MassBiometricFailure", []act{{2 * m, "primary", incident.SetSeverity{Severity: 2, Reason: incident.Say("one tenant", 50)}}}, -1},
	} {
		r := read(t, tuesday)
		r.alert(c.alert)
		r.plays(9*m, c.acts...)
		at := time.Duration(-1)
		for _, p := range r.s.Pages {
			if p.Target == "cto" {
				at = p.At.Sub(tuesday)
			}
		}
		if at != c.at {
			t.Errorf("%s: the CTO is rung at %s, want %s", c.name, at, c.at)
		}
	}
	for _, answer := range []string{incident.AnswerYes, incident.AnswerNo} {
		r := read(t, tuesday)
		r.alert("MassBiometricFailure")
		if !r.s.AttackOpen() {
			t.Fatal("nobody is asked whether it is an attack")
		}
		r.by("primary", incident.AnswerQuestion{Question: incident.QuestionAttack, Value: answer, Reason: incident.Say("a camera of one branch", 50)})
		if private := r.s.Private != nil; private != (answer == incident.AnswerYes) {
			t.Errorf("attack %s: private %t", answer, private)
		}
	}
}

// Reading 4: level 3 of a SEV-1 is the executive on call, the CTO while nobody is; of the others the CTO. "≥ 10 %" includes 10, "> 2x" excludes 2.
func TestReading4LevelThreeAndTheBounds(t *testing.T) {
	for _, c := range []struct {
		alert string
		empty []string
		at    time.Duration
		want  string
	}{
		{"AuditHashChainBroken", nil, 15 * time.Minute, "executive"},
		{"AuditHashChainBroken", []string{"executive"}, 15 * time.Minute, "cto"},
		{"ApiErrorRateHigh", nil, 45 * time.Minute, "cto"},
		{"ApiHighLatencyP95", []string{"executive"}, 180 * time.Minute, "cto"},
	} {
		r := read(t, tuesday, c.empty...)
		r.alert(c.alert)
		r.until(c.at)
		rings := slices.ContainsFunc(r.s.Pages, func(p incident.Page) bool { return p.Target == c.want && p.Outstanding() })
		if r.s.Ladder.Level != 3 || !rings {
			t.Errorf("%s, nobody is %v: level %d, rang %s; want %s", c.alert, c.empty, r.s.Ladder.Level, r.rung(), c.want)
		}
	}
	p, _ := Default()
	for _, c := range []struct {
		im   incident.Impression
		want incident.Severity
	}{
		{incident.Impression{Tenants: 10}, 1}, {incident.Impression{Tenants: 30}, 1}, {incident.Impression{Tenants: 9.9, Degraded: true, Workaround: true}, 3},
		{incident.Impression{SLO: 2.1}, 2}, {incident.Impression{SLO: 2, Degraded: true, Workaround: true}, 3},
		{incident.Impression{DataLoss: true}, 1}, {incident.Impression{Breach: true}, 1}, {incident.Impression{Critical: true}, 2}, {incident.Impression{Degraded: true}, 2},
	} {
		if got, rule := p.Propose(c.im); got != c.want {
			t.Errorf("%+v is a %s by %q, want %s", c.im, got, rule, c.want)
		}
	}
}

// Reading 5: one business day is one working day of business time.
func TestReading5OneBusinessDay(t *testing.T) {
	for from, want := range map[string]string{
		"2026-11-20 10:00": "2026-11-23 10:00", // Friday to Monday
		"2026-11-20 20:00": "2026-11-23 18:00", // after hours: Monday's close
		"2026-11-21 12:00": "2026-11-23 18:00", // Saturday
		"2026-11-24 10:00": "2026-11-25 10:00",
	} {
		at, err := time.Parse("2006-01-02 15:04", from)
		if err != nil {
			t.Fatal(err)
		}
		r := read(t, at)
		r.alert("RneBalanceLow")
		if due := r.due(incident.DueTake); due != want {
			t.Errorf("a SEV-4 of %s is due %s, want %s", from, due, want)
		}
	}
}

// due is when a deadline is due.
func (r *reading) due(name string) string {
	for _, d := range incident.Deadlines(r.s) {
		if d.Name == name {
			return d.Due.UTC().Format("2006-01-02 15:04")
		}
	}
	return ""
}

// Reading 6: a SEV-4 alert has a card, and a room when somebody takes it or nobody has in time; what a person declares has a room at once.
func TestReading6WhenASEV4HasARoom(t *testing.T) {
	for _, c := range []struct {
		name string
		runs func(r *reading)
		room bool
	}{
		{"an alert", func(r *reading) { r.alert("RneBalanceLow"); r.until(23 * time.Hour) }, false},
		{"an alert somebody takes", func(r *reading) { r.alert("RneBalanceLow"); r.by("primary", incident.Ack{}) }, true},
		{"an alert overdue", func(r *reading) { r.alert("RneBalanceLow"); r.until(24 * time.Hour) }, true},
		{"declared", func(r *reading) { r.by("sam", declared(incident.SEV4)) }, true},
		{"a SEV-3 alert", func(r *reading) { r.alert("ApiHighLatencyP95") }, true},
	} {
		r := read(t, tuesday)
		if c.runs(r); r.s.RoomHeld == c.room {
			t.Errorf("%s: a room %t, want %t", c.name, !r.s.RoomHeld, c.room)
		}
	}
}

// Reading 7: the severity that counts for a post-mortem is the highest ever confirmed; a status moves forward, also past one, and moments are timed.
func TestReading7WhatCountsAndTheLifeCycle(t *testing.T) {
	low := incident.SetSeverity{Severity: 3, Reason: incident.Say("only the back office", 50)}
	for _, c := range []struct {
		name  string
		first incident.Severity
		acts  []act
		owed  bool
	}{
		{"SEV-2", 2, nil, true}, {"SEV-3", 3, nil, false}, {"SEV-2, lowered", 2, []act{{time.Minute, "sam", low}}, true},
		{"SEV-3, raised and lowered", 3, []act{{time.Minute, "sam", incident.SetSeverity{Severity: 1}}, {2 * time.Minute, "sam", low}}, true},
		{"cancelled", 2, []act{{time.Minute, "sam", incident.Cancel{Reason: incident.Say("a drill", 50)}}}, false},
	} {
		r := read(t, tuesday)
		r.by("sam", declared(c.first))
		r.plays(3*time.Minute, c.acts...)
		if r.s.Open() {
			r.by("sam", incident.Resolve{}) // past mitigated
		}
		d, there := r.s.Duty("post_mortem_draft")
		if owed := there && d.Running(); owed != c.owed {
			t.Errorf("%s: a post-mortem is owed %t, want %t", c.name, owed, c.owed)
		}
	}
	for _, c := range []struct {
		from, to incident.Status
		moves    bool
	}{
		{incident.Investigating, incident.Identified, true}, {incident.Investigating, incident.Mitigated, true}, {incident.Investigating, incident.Resolved, true},
		{incident.Identified, incident.Mitigated, true}, {incident.Mitigated, incident.Identified, false}, {incident.Mitigated, incident.Resolved, true},
		{incident.Identified, incident.Investigating, false},
	} {
		r := read(t, tuesday)
		r.by("sam", declared(2))
		if c.from != incident.Investigating {
			r.by("sam", incident.SetStatus{Status: c.from})
		}
		err := r.does(incident.Actor{Person: person("sam")}, incident.ViaSlack, incident.SetStatus{Status: c.to})
		var no *incident.Refusal
		if errors.As(err, &no) == c.moves || c.moves && r.s.Status != c.to {
			t.Errorf("%s to %s: %v, is %s", c.from, c.to, err, r.s.Status)
		}
	}
	r := read(t, tuesday)
	r.by("sam", declared(2))
	r.plays(10*time.Minute, act{5 * time.Minute, "sam", incident.MarkMoment{Name: "fix-deployed"}})
	if n := len(r.s.Moments); n != 1 || r.s.Moments[0].Name != "fix-deployed" || !r.s.Moments[0].At.Equal(tuesday.Add(5*time.Minute)) || r.s.Status != incident.Investigating {
		t.Errorf("%+v, %s", r.s.Moments, r.s.Status)
	}
}

// Reading 8: after its last level an unanswered ladder starts again at level 1 every 15 min, without end. Taking is acknowledging; progress is a
// human act of at least ten characters, and neither chatter nor the acknowledgement is.
func TestReading8TheLadderStartsAgain(t *testing.T) {
	r := read(t, tuesday)
	r.alert("AuditHashChainBroken")
	r.until(26 * time.Hour)
	var at []time.Duration
	for _, e := range r.log {
		if f, is := e.Fact.(*incident.LevelRaised); is && f.Level == 1 && !f.Backup && f.Round > 1 {
			at = append(at, e.RecordedAt.Sub(tuesday))
		}
	}
	if len(at) < 40 {
		t.Errorf("begun anew %d times in 26 h: %v", len(at), at)
	}
	for i := 1; i < len(at); i++ {
		if gap := at[i] - at[i-1]; gap != at[1]-at[0] {
			t.Errorf("begun anew after %s, and before after %s", gap, at[1]-at[0])
		}
	}
	ends := 0 // from the end of one walk to the next
	var end time.Time
	for _, e := range r.log {
		switch f := e.Fact.(type) {
		case *incident.Missed:
			if f.Name == incident.LadderEnd {
				end = e.RecordedAt
			}
		case *incident.LevelRaised:
			if f.Level == 1 && f.Round > 1 && !f.Backup {
				if ends++; e.RecordedAt.Sub(end) != 15*time.Minute {
					t.Errorf("begun anew %s after its end", e.RecordedAt.Sub(end))
				}
			}
		}
	}
	if ends == 0 {
		t.Error("it never began anew")
	}
	for _, c := range []struct {
		name string
		do   incident.Act
		ok   bool
	}{
		{"ten characters", incident.Progress{Text: incident.Say("pool full!", 100)}, true}, {"nine", incident.Progress{Text: incident.Say("pool full", 100)}, false},
		{"blanks", incident.Progress{Text: incident.Say("  hm        ", 100)}, false},
		{"chatter", incident.Message{Message: incident.MessageSeen{Channel: "C1", TS: "1.1", Text: incident.Say("looking at the dashboards", 100)}}, false},
		{"a note", incident.Note{Text: incident.Say("the supplier has called", 100)}, false}, {"the acknowledgement", incident.Ack{}, false},
	} {
		r := read(t, tuesday)
		r.alert("ApiHighLatencyP95")
		if c.name != "the acknowledgement" {
			r.by("primary", incident.Ack{})
		}
		_ = r.does(incident.Actor{Person: person("primary")}, incident.ViaSlack, c.do) // a refusal is no progress either
		if made := r.s.Progress.Count > 0; made != c.ok {
			t.Errorf("%s: progress %t, want %t", c.name, made, c.ok)
		}
	}
}

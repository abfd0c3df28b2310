package incident

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// dutyPolicy is the tests' process with a question and obligations of every kind.
func dutyPolicy() *Policy {
	p := testPolicy()
	h := time.Hour
	p.Questions = []Question{{Name: "personal_data", Severities: []Severity{1, 2}, Within: h, Chain: []string{"commander", "compliance_officer"}, Every: 4 * h}}
	p.Obligations = []Obligation{
		{Name: "customer_notice", Begins: []string{"personal_data=yes", "personal_data=unknown"}, Within: 24 * h, Legal: true, Chain: []string{"comms", "commander", "compliance_officer", "cto"}, Every: 4 * h, RemindBefore: 12 * h, PageBefore: 3 * h, Notice: "customer"},
		{Name: "authority_notice", Begins: []string{"personal_data=yes", "personal_data=unknown"}, Within: 72 * h, Legal: true, Chain: []string{"compliance_officer", "cto"}, Every: 4 * h, PageBefore: 6 * h, Notice: "authority"},
		{Name: "final_report", Begins: []string{"done authority_notice"}, Within: 672 * h, Legal: true, Chain: []string{"compliance_officer"}, Every: 24 * h, Notice: "final"},
		{Name: "first_word", Severities: []Severity{1}, Begins: []string{BeginsConfirmed}, Within: h, Response: true, Chain: []string{"comms", "commander"}, Every: h, DoneBy: "moment customers-notified"},
		{Name: "post_mortem", Severities: []Severity{1, 2}, Begins: []string{BeginsResolved}, WithinDays: 2, Chain: []string{"commander", "tech_lead", "cto"}, Every: 24 * h, RemindBefore: 4 * h},
		{Name: "corrective", Begins: []string{BeginsAction}, Chain: []string{"commander", "tech_lead"}, Every: 24 * h, RemindBefore: 24 * h},
	}
	return p
}

func dutyStory(t *testing.T) *story {
	st := newStory(t)
	st.policy = dutyPolicy()
	return st
}

// keeps ticks whenever something is due, until an offset from the beginning, as the driver does, and returns the reminders given.
func (st *story) keeps(until time.Duration) (reminders []Event) {
	st.t.Helper()
	for end := night.Add(until); ; {
		next := NextDue(st.s)
		if next.IsZero() || next.After(end) {
			st.now = end
			return reminders
		}
		if next.After(st.now) {
			st.now = next
		}
		ev := st.machine(ViaClock, Tick{})
		if len(ev) == 0 {
			st.t.Fatalf("due since %s, and a tick does nothing: %+v", next, Deadlines(st.s))
		}
		for _, e := range ev {
			if _, is := e.Fact.(*ObligationReminded); is {
				reminders = append(reminders, e)
			}
		}
	}
}

func (st *story) duty(key string) Duty {
	st.t.Helper()
	d, ok := st.s.Duty(key)
	if !ok {
		st.t.Fatalf("%s is not owed: %+v", key, st.s.Duties)
	}
	return d
}

func (st *story) declared(sev Severity) {
	st.t.Helper()
	st.by(marc, Declare{Title: Say("Audit chain broken", MaxTitle), Severity: sev})
}

// A clock that is armed anew rings anew, under a key of its own: a call that takes the key of one that is over would reach nobody.
func TestAClockArmedAnewRingsAgain(t *testing.T) {
	st := dutyStory(t)
	st.declared(1)
	st.by(ines, AnswerQuestion{Question: "personal_data", Value: AnswerYes})
	st.keeps(21*time.Hour + time.Minute)
	calls := func() (all, ringing []Page) {
		for _, p := range st.s.DutyPages {
			if all = append(all, p); p.Obligation == "customer_notice" && (p.Status == PageOwed || p.Status == PageSent) {
				ringing = append(ringing, p)
			}
		}
		return all, ringing
	}
	if _, now := calls(); len(now) != 1 {
		t.Fatalf("3 h before it ends: %+v", now)
	}
	// It was known two hours before: less is left, and who was rung for the old time is rung for the new.
	ev := st.by(ines, AnswerQuestion{Question: "personal_data", Value: AnswerYes, Since: night.Add(-2 * time.Hour)})
	ev = append(ev, st.run(21*time.Hour+2*time.Minute)...)
	all, now := calls()
	if len(now) != 1 || len(all) != 2 || all[0].Key == all[1].Key || all[0].Dedup == all[1].Dedup {
		t.Fatalf("%+v", all)
	}
	for _, e := range ev {
		for _, f := range e.Effects {
			if f.Do == Ring && !StillOwed(st.s, Owed{Incident: st.s.ID, Seq: e.Seq, Effect: f}) {
				t.Errorf("%s is not owed", f.Name)
			}
		}
	}
}

// Seed, RB-008: the customer within 24 h, the authority within 72 h; a yes runs from when it was known, unknown from the detection, no ends it.
func TestLegalClocksRunFromTheAnswer(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer AnswerQuestion
		from   time.Duration // after the detection; negative: no clock
	}{
		{"yes", AnswerQuestion{Value: AnswerYes}, 30 * time.Minute},
		{"yes, known before", AnswerQuestion{Value: AnswerYes, Since: night.Add(10 * time.Minute)}, 10 * time.Minute},
		{"unknown", AnswerQuestion{Value: AnswerUnknown}, 0},
		{"no", AnswerQuestion{Value: AnswerNo, Reason: Say("only test data", 100)}, -1},
	} {
		st := dutyStory(t)
		st.declared(1)
		if d := st.duty("answer-personal_data"); !d.Due.Equal(night.Add(time.Hour)) {
			t.Errorf("%s: asked by %s", c.name, d.Due)
		}
		st.now = night.Add(30 * time.Minute)
		c.answer.Question = "personal_data"
		st.by(ines, c.answer)
		if d := st.duty("answer-personal_data"); d.How != EndedDone || d.EndedBy != ines {
			t.Errorf("%s: the question is %+v", c.name, d)
		}
		if c.from < 0 {
			if _, runs := st.s.Duty("customer_notice"); runs {
				t.Errorf("%s: a clock runs", c.name)
			}
			continue
		}
		for key, within := range map[string]time.Duration{"customer_notice": 24 * time.Hour, "authority_notice": 72 * time.Hour} {
			if d := st.duty(key); !d.Due.Equal(night.Add(c.from+within)) || !d.From.Equal(night.Add(c.from)) {
				t.Errorf("%s: %s from %s due %s", c.name, key, d.From, d.Due)
			}
		}
	}
}

// A no after an unknown takes the clocks back with its reason and its name; a yes after it begins them again.
func TestAnAnswerCanChange(t *testing.T) {
	st := dutyStory(t)
	st.declared(2)
	st.by(marc, AnswerQuestion{Question: "personal_data", Value: AnswerUnknown})
	st.now = night.Add(2 * time.Hour)
	st.by(lucie, AnswerQuestion{Question: "personal_data", Value: AnswerNo, Reason: Say("pseudonyms", 100)})
	if d := st.duty("customer_notice"); d.How != EndedWithdrawn || d.EndedBy != lucie || d.Outcome.Body != "pseudonyms" {
		t.Errorf("%+v", d)
	}
	st.now = night.Add(3 * time.Hour)
	st.by(lucie, AnswerQuestion{Question: "personal_data", Value: AnswerYes})
	if d := st.duty("customer_notice"); !d.Running() || !d.Due.Equal(night.Add(27*time.Hour)) {
		t.Errorf("%+v", d)
	}
	// What a person dropped stays dropped, whatever is answered later.
	st.by(lucie, EndDuty{Key: "customer_notice", Dropped: true, Text: Say("no customer is concerned", 100)})
	st.by(lucie, AnswerQuestion{Question: "personal_data", Value: AnswerUnknown})
	if d := st.duty("customer_notice"); d.How != EndedDropped {
		t.Errorf("%+v", d)
	}
}

// The chain is walked: before it is due the first who is known, then one further with every reminder, the owner always; in its last hours a
// phone rings, and another with each reminder after it has passed. All of it goes on after the incident is over.
func TestALegalClockWalksItsChain(t *testing.T) {
	st := dutyStory(t)
	st.declared(1)
	st.by(marc, AnswerQuestion{Question: "personal_data", Value: AnswerYes})
	st.by(marc, EndDuty{Key: "authority_notice", Dropped: true, Text: Say("the other notice is tested", 100)})
	st.by(marc, Resolve{})
	st.by(marc, EndDuty{Key: "post_mortem", Dropped: true, Text: Say("not tested here", 100)})
	var got []string
	for _, e := range st.keeps(40 * time.Hour) {
		f := e.Fact.(*ObligationReminded)
		who := ""
		for _, p := range f.Who {
			who += " " + p.Name
		}
		got = append(got, e.RecordedAt.Sub(night).String()+who)
	}
	// comms is nobody, so the commander (Marc) stands first; then compliance (Lucie), then the CTO (Amel), who stays the last.
	want := []string{"12h0m0s Marc", "16h0m0s Marc", "20h0m0s Marc", "21h0m0s Marc", "24h0m0s Marc", "28h0m0s Lucie", "32h0m0s Amel", "36h0m0s Amel", "40h0m0s Amel"}
	if !slices.Equal(got, want) {
		t.Errorf("reminded\ngot  %q\nwant %q", got, want)
	}
	var rung []string
	for _, p := range st.s.DutyPages {
		rung = append(rung, p.At.Sub(night).String()+" "+p.Person.Name)
	}
	if want := []string{"21h0m0s Lucie", "24h0m0s Amel"}; !slices.Equal(rung, want) {
		t.Errorf("rung %q, want %q", rung, want)
	}
	for _, p := range st.s.DutyPages {
		if o := (Owed{ID: p.Ring, Effect: ringEffect(p)}); !StillOwed(st.s, o) {
			t.Errorf("%s is not owed after the end", p.Key)
		}
	}
	// Sent: everything stops, and who was rung is stood down.
	ev := st.by(tomas, SendNotice{Notice: "customer", Text: Say("e-mail to Alpha, reference 4711", 100)})
	if d := st.duty("customer_notice"); d.How != EndedDone || d.Outcome.Body != "e-mail to Alpha, reference 4711" || d.EndedBy != tomas {
		t.Errorf("%+v", d)
	}
	down := 0
	for _, e := range ev {
		if f, ok := e.Fact.(*PageChanged); ok && f.Status == PageClosed && f.StandDown {
			down++
		}
	}
	if down != 2 {
		t.Errorf("%d stood down, want 2: %s", down, kinds(ev))
	}
	for _, p := range st.s.DutyPages {
		if StillOwed(st.s, Owed{ID: p.Ring, Effect: ringEffect(p)}) {
			t.Errorf("%s is owed after it was dealt with", p.Key)
		}
	}
	if next := NextDue(st.s); !next.IsZero() {
		t.Errorf("still due %s: %+v", next, Deadlines(st.s))
	}
}

// Answering the phone is taking the obligation: nobody else is rung, and its reminders go to whoever took it until it is due.
func TestAnsweringThePhoneTakesTheClock(t *testing.T) {
	st := dutyStory(t)
	st.declared(1)
	st.by(marc, AnswerQuestion{Question: "personal_data", Value: AnswerYes})
	st.by(marc, EndDuty{Key: "authority_notice", Dropped: true, Text: Say("the other notice is tested", 100)})
	st.by(marc, Resolve{})
	st.keeps(21 * time.Hour)
	if len(st.s.DutyPages) != 1 {
		t.Fatalf("%+v", st.s.DutyPages)
	}
	before := st.s.Ladder
	ev := st.machine(ViaPagerDuty, PagerChanged{Dedup: st.s.DutyPages[0].Dedup, Pager: "Q9", Status: "acknowledged", By: Person{Pager: "PLUCIE"}})
	if d := st.duty("customer_notice"); d.Owner != lucie || st.s.DutyPages[0].Status != PageAnswered {
		t.Errorf("%+v after %s", d, kinds(ev))
	}
	if st.s.Ladder != before || st.s.Status != Resolved {
		t.Error("answering for an obligation is nothing to the ladder")
	}
	ev = st.keeps(30 * time.Hour)
	if len(ev) == 0 || !slices.ContainsFunc(ev[0].Fact.(*ObligationReminded).Who, lucie.Same) {
		t.Errorf("the owner is not reminded: %+v", ev)
	}
	if len(st.s.DutyPages) != 1 {
		t.Errorf("somebody else is rung: %+v", st.s.DutyPages)
	}
	// Closing the page on the phone says nothing of the obligation.
	st.machine(ViaPagerDuty, PagerChanged{Pager: "Q9", Status: "resolved", By: lucie})
	if d := st.duty("customer_notice"); !d.Running() || st.s.DutyPages[0].Status != PageClosed {
		t.Errorf("%+v %+v", d, st.s.DutyPages[0])
	}
}

// Reading 7: the severity that counts is the highest ever confirmed, whatever it was when the incident ended.
func TestTheHighestConfirmedSeverityCounts(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(st *story)
		want bool
	}{
		{"SEV-3", func(st *story) { st.declared(3) }, false},
		{"SEV-2, lowered", func(st *story) { st.declared(2); st.by(marc, SetSeverity{Severity: 4, Reason: because}) }, true},
		{"SEV-3, raised", func(st *story) { st.declared(3); st.by(marc, SetSeverity{Severity: 2, Reason: because}) }, true},
		{"SEV-1 never confirmed, lowered", func(st *story) {
			st.machine(ViaAlertmanager, AlertsFired{Title: Say("a", 10), Set: AlertSet{Group: "g", Firing: 1, Digest: "1", Name: "MassBiometricFailure"}})
			st.by(marc, SetSeverity{Severity: 3, Reason: because})
		}, false},
		{"cancelled", func(st *story) { st.declared(1); st.by(marc, Cancel{Reason: Say("noise", 10)}) }, false},
	} {
		st := dutyStory(t)
		c.do(st)
		if st.s.Open() {
			st.by(marc, Resolve{})
		}
		if _, got := st.s.Duty("post_mortem"); got != c.want {
			t.Errorf("%s: post-mortem owed %v", c.name, got)
		}
	}
}

// Taken up again, the post-mortem is no longer owed; ended again, it is, from then.
func TestReopenTakesThePostMortemBack(t *testing.T) {
	st := dutyStory(t)
	st.declared(2)
	st.now = night.Add(55 * time.Hour) // Monday morning
	st.by(marc, Resolve{})
	first := st.duty("post_mortem")
	st.by(marc, EndDuty{Key: "post_mortem", Text: Say("https://wiki/pm", 100)})
	st.now = st.now.Add(time.Hour)
	st.by(marc, Reopen{})
	if d := st.duty("post_mortem"); d.How != EndedWithdrawn {
		t.Errorf("%+v", d)
	}
	st.now = st.now.Add(24 * time.Hour)
	st.by(marc, Resolve{})
	if d := st.duty("post_mortem"); !d.Running() || !d.Due.After(first.Due) {
		t.Errorf("first due %s, now %+v", first.Due, d)
	}
}

// What belongs to the response ends with it, and is met by its moment.
func TestResponseObligationsEndWithTheIncident(t *testing.T) {
	st := dutyStory(t)
	st.declared(1)
	if d := st.duty("first_word"); !d.Response || !d.Due.Equal(night.Add(time.Hour)) {
		t.Errorf("%+v", d)
	}
	st.by(marc, Resolve{})
	if d := st.duty("first_word"); d.How != EndedResponse {
		t.Errorf("%+v", d)
	}
	st = dutyStory(t)
	st.declared(1)
	st.by(marc, MarkMoment{Name: CustomersNotified})
	if d := st.duty("first_word"); d.How != EndedDone {
		t.Errorf("%+v", d)
	}
}

// Cancelling is saying that there was nothing: it drops what is owed, by name, but not a legal clock that somebody's answer began.
func TestCancelDropsWhatIsOwedButLegalClocks(t *testing.T) {
	st := dutyStory(t)
	st.declared(1)
	st.by(marc, AnswerQuestion{Question: "personal_data", Value: AnswerYes})
	st.by(marc, AddAction{Owner: ines, Day: "2026-12-01", Text: Say("alert at 80 %", 100)})
	st.by(tomas, Cancel{Reason: Say("a load test", 100)})
	if d := st.duty("action-1"); d.How != EndedDropped || d.EndedBy != tomas || d.Outcome.Body != "a load test" {
		t.Errorf("%+v", d)
	}
	if d := st.duty("customer_notice"); !d.Running() {
		t.Errorf("%+v", d)
	}
	if d, ok := st.s.Duty("final_report"); ok {
		t.Errorf("%+v", d)
	}
}

// What a cancellation took back is owed again when the incident is reopened; the question is put again.
func TestReopeningOwesAgainWhatACancellationTookBack(t *testing.T) {
	st := dutyStory(t)
	st.declared(1)
	st.by(marc, Cancel{Reason: Say("a load test", 100)})
	for _, key := range []string{"answer-personal_data", "first_word"} {
		if d := st.duty(key); d.How != EndedWithdrawn || d.Outcome.Body != "a load test" {
			t.Errorf("%+v", d)
		}
	}
	st.now = st.now.Add(time.Hour)
	st.by(marc, Reopen{Reason: Say("it was none", 100)})
	for _, key := range []string{"answer-personal_data", "first_word"} {
		if d := st.duty(key); !d.Running() {
			t.Errorf("%+v", d)
		}
	}
	if d := st.duty("answer-personal_data"); !d.From.Equal(st.now) {
		t.Errorf("asked again from %s, not %s", d.From, st.now)
	}
}

// A legal clock that follows what was sent already outlives a cancellation, as the authority knows of the incident.
func TestCancelKeepsTheClockOfWhatWasSent(t *testing.T) {
	st := dutyStory(t)
	st.declared(1)
	st.by(marc, AnswerQuestion{Question: "personal_data", Value: AnswerYes})
	st.by(marc, SendNotice{Notice: "authority", Text: Say("CNIL form 4711", 100)})
	st.by(marc, Cancel{Reason: Say("a load test", 100)})
	if d := st.duty("final_report"); !d.Running() {
		t.Errorf("%+v", d)
	}
}

// An answer corrected to an earlier moment moves the clock it began to that, who took it stays; a later one moves nothing.
func TestACorrectedAnswerMovesTheClock(t *testing.T) {
	st := dutyStory(t)
	st.declared(1)
	st.now = night.Add(30 * time.Hour)
	st.by(marc, AnswerQuestion{Question: "personal_data", Value: AnswerYes, Since: st.now})
	if d := st.duty("authority_notice"); !d.Due.Equal(night.Add(102 * time.Hour)) {
		t.Fatalf("%+v", d)
	}
	st.by(ines, TakeDuty{Key: "authority_notice"})
	st.by(marc, AnswerQuestion{Question: "personal_data", Value: AnswerYes, Since: night.Add(time.Hour)})
	if d := st.duty("authority_notice"); !d.Due.Equal(night.Add(73*time.Hour)) || d.Owner != ines {
		t.Errorf("%+v", d)
	}
	events := st.by(marc, AnswerQuestion{Question: "personal_data", Value: AnswerYes, Since: night.Add(20 * time.Hour)})
	for _, e := range events {
		if f, ok := e.Fact.(*ObligationBegun); ok {
			t.Errorf("a later answer moved the clock: %+v", f)
		}
	}
	st.by(marc, AnswerQuestion{Question: "personal_data", Value: AnswerUnknown})
	if d := st.duty("authority_notice"); !d.Due.Equal(night.Add(72 * time.Hour)) {
		t.Errorf("%+v", d)
	}
}

// The law asks also where it was over before anybody commanded it.
func TestTheQuestionIsPutWhereNobodyCommanded(t *testing.T) {
	st := dutyStory(t)
	st.machine(ViaPagerDuty, PagerTriggered{Ref: PagerRef{ID: "Q1", Key: "k", Status: "triggered", Assigned: []Person{marc}}, Title: Say("x", 10), AlertName: "AuditHashChainBroken"})
	if st.s.counts() != 1 {
		t.Fatalf("%v", st.s.Highest)
	}
	if _, led := st.s.Roles[Commander]; led {
		t.Fatal("somebody commands")
	}
	st.by(Person{}, Resolve{})
	if d := st.duty("answer-personal_data"); !d.Running() {
		t.Errorf("%+v", d)
	}
}

// One obligation's end begins another.
func TestOneObligationBeginsAnother(t *testing.T) {
	st := dutyStory(t)
	st.declared(1)
	st.by(marc, AnswerQuestion{Question: "personal_data", Value: AnswerYes})
	st.now = night.Add(5 * time.Hour)
	st.by(marc, SendNotice{Notice: "authority", Text: Say("CNIL form 4711", 100)})
	if d := st.duty("final_report"); !d.Due.Equal(night.Add(677 * time.Hour)) {
		t.Errorf("%+v", d)
	}
}

// Actions are due at the end of a working day; what cannot be added says why.
func TestCorrectiveActions(t *testing.T) {
	st := dutyStory(t)
	st.declared(3)
	st.by(marc, AddAction{Owner: ines, Day: "2026-12-01", Text: Say("alert at 80 %", 100)})
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	if d := st.duty("action-1"); !d.Due.Equal(time.Date(2026, 12, 1, 18, 0, 0, 0, paris)) || d.Owner != ines || d.Of != "corrective" {
		t.Errorf("%+v", d)
	}
	st.by(marc, AddAction{Owner: ines, Day: "2026-11-22", Text: Say("a Sunday is done by Monday", 100)})
	if d := st.duty("action-2"); !d.Due.Equal(time.Date(2026, 11, 23, 18, 0, 0, 0, paris)) {
		t.Errorf("%+v", d)
	}
	for _, c := range []struct {
		act  Act
		want string
	}{
		{AddAction{Owner: ines, Day: "2026-11-19", Text: Say("x", 9)}, RefusedBadDate}, {AddAction{Owner: ines, Day: "tomorrow", Text: Say("x", 9)}, RefusedBadDate},
		{AddAction{Owner: ines, Day: "2099-01-01", Text: Say("x", 9)}, RefusedBadDate}, {AddAction{Day: "2026-12-01", Text: Say("x", 9)}, RefusedEmpty},
		{AddAction{Owner: ines, Day: "2026-12-01"}, RefusedEmpty}, {EndDuty{Key: "action-9"}, RefusedNoDuty}, {EndDuty{Key: "action-1", Dropped: true}, RefusedReasonNeeded},
		{SendNotice{Notice: "king", Text: Say("x", 9)}, RefusedNoNotice}, {SendNotice{Notice: "customer"}, RefusedEmpty},
		{AnswerQuestion{Question: "weather", Value: AnswerYes}, RefusedNoQuestion}, {AnswerQuestion{Question: "personal_data", Value: "perhaps"}, RefusedBadAnswer},
		{AnswerQuestion{Question: "personal_data", Value: AnswerNo}, RefusedReasonNeeded}, {AnswerQuestion{Question: "personal_data", Value: AnswerYes, Since: st.now.Add(time.Hour)}, RefusedFuture},
		{MarkMoment{Name: "Été"}, RefusedBadMoment}, {MarkMoment{Name: FixDeployed, At: st.now.Add(time.Minute)}, RefusedFuture}, {MarkMoment{Name: FixDeployed, At: night.Add(-time.Hour)}, RefusedBeforeDetection},
	} {
		if r, ok := errOf(st, marc, c.act).(*Refusal); !ok || r.Code != c.want {
			t.Errorf("%+v: %v, want %s", c.act, r, c.want)
		}
	}
	st.by(ines, EndDuty{Key: "action-1"})
	if r, ok := errOf(st, marc, EndDuty{Key: "action-1"}).(*Refusal); !ok || r.Code != RefusedDutyEnded || r.By != ines {
		t.Errorf("%v", r)
	}
}

func errOf(st *story, who Person, a Act) error {
	_, err := st.try(Actor{Person: who}, ViaSlack, a)
	return err
}

// An incident whose policy promises no such thing owes nothing, whatever happens to it.
func TestWithoutObligationsNothingIsOwed(t *testing.T) {
	st := newStory(t)
	st.declared(1)
	st.by(marc, Resolve{})
	if st.s.Duties != nil || Deadlines(st.s) != nil {
		t.Errorf("%+v %+v", st.s.Duties, Deadlines(st.s))
	}
}

// Moments are legal in any order and after the end, and lie when they were.
func TestMoments(t *testing.T) {
	st := dutyStory(t)
	st.declared(3)
	st.now = night.Add(time.Hour)
	st.by(marc, MarkMoment{Name: CustomersNotified})
	st.by(marc, Resolve{})
	st.by(ines, MarkMoment{Name: FixDeployed, At: night.Add(20 * time.Minute), Note: Say("4.12", 10)})
	if at, ok := st.s.momentAt(FixDeployed); !ok || !at.Equal(night.Add(20*time.Minute)) {
		t.Errorf("%+v", st.s.Moments)
	}
	if r, ok := errOf(st, marc, MarkMoment{Name: FixDeployed}).(*Refusal); !ok || r.Code != RefusedMomentMarked {
		t.Errorf("%v", r)
	}
}

// TestRandomDuties walks obligations through random acts and random stretches of time, slept through or kept, and checks: nothing is
// reminded before its time, what is not legal never outside working time, what has ended is never reminded of again, and the log tells the
// state.
func TestRandomDuties(t *testing.T) {
	people := []Person{marc, ines, tomas, lucie}
	rapid.Check(t, func(rt *rapid.T) {
		st := dutyStory(t)
		st.policy.Zone = rapid.SampledFrom([]string{"Europe/Paris", "Africa/Tunis", "UTC"}).Draw(rt, "zone")
		st.now = night.Add(time.Duration(rapid.IntRange(0, 400*24*60).Draw(rt, "begin")) * time.Minute)
		ended := map[string]bool{}
		last := map[string]time.Time{}
		apply := func(a Actor, via Via, act Act) []Event {
			before := st.s
			ev, err := st.try(a, via, act)
			if _, no := err.(*Refusal); err != nil && !no {
				rt.Fatalf("%T: %v", act, err)
			}
			for _, e := range ev {
				switch f := e.Fact.(type) {
				case *ObligationBegun:
					delete(ended, f.Key)
					delete(last, f.Key)
				case *ObligationEnded:
					if ended[f.Key] && f.How != EndedWithdrawn {
						rt.Fatalf("%s ends twice: %s", f.Key, f.How)
					}
					ended[f.Key] = true
				case *ObligationReminded:
					d, ok := before.Duty(f.Key)
					if !ok || ended[f.Key] || !d.Running() {
						rt.Fatalf("reminded of %s, which is not owed", f.Key)
					}
					if e.RecordedAt.Before(d.Next) {
						rt.Fatalf("%s is reminded %s before its time", f.Key, d.Next.Sub(e.RecordedAt))
					}
					if f.Overdue == e.RecordedAt.Before(d.Due) {
						rt.Fatalf("%s at %s, due %s, says overdue %v", f.Key, e.RecordedAt, d.Due, f.Overdue)
					}
					if work, _ := st.s.working().NextStart(e.RecordedAt); !d.Legal && !d.Response && !work.Equal(e.RecordedAt) {
						rt.Fatalf("%s is reminded at %s, outside working time", f.Key, e.RecordedAt)
					}
					if was := last[f.Key]; !was.IsZero() && e.RecordedAt.Sub(was) < time.Minute {
						rt.Fatalf("%s is reminded twice within a minute", f.Key)
					}
					last[f.Key] = e.RecordedAt
					if !f.Next.After(e.RecordedAt) {
						rt.Fatalf("%s: next reminder %s is not after %s", f.Key, f.Next, e.RecordedAt)
					}
				case *Paged:
					if f.Page.Obligation != "" {
						d, _ := before.Duty(f.Page.Obligation)
						if !d.Legal || e.RecordedAt.Before(d.Due.Add(-st.s.pace(d).pageBefore)) {
							rt.Fatalf("%s is rung for too early", f.Page.Obligation)
						}
					} else if before.Seq > 0 && !before.Open() && !st.s.Open() {
						rt.Fatalf("%s is rung after the end", f.Page.Key)
					}
				}
			}
			return ev
		}
		apply(Actor{Person: rapid.SampledFrom(people).Draw(rt, "who")}, ViaSlack, Declare{Title: Say("x", 10), Severity: Severity(rapid.IntRange(1, 4).Draw(rt, "sev"))})
		for range rapid.IntRange(1, 30).Draw(rt, "steps") {
			who := Actor{Person: rapid.SampledFrom(people).Draw(rt, "by")}
			keys := []string{"nothing"}
			for _, d := range st.s.Duties {
				keys = append(keys, d.Key)
			}
			key := rapid.SampledFrom(keys).Draw(rt, "key")
			switch rapid.IntRange(0, 11).Draw(rt, "act") {
			case 0:
				apply(who, ViaSlack, AnswerQuestion{Question: "personal_data", Value: rapid.SampledFrom([]string{AnswerYes, AnswerNo, AnswerUnknown}).Draw(rt, "answer"), Reason: Say("because", 10)})
			case 1:
				apply(who, ViaSlack, Resolve{})
			case 2:
				apply(who, ViaSlack, Reopen{})
			case 3:
				apply(who, ViaSlack, SendNotice{Notice: rapid.SampledFrom([]string{"customer", "authority", "final", "legal"}).Draw(rt, "notice"), Text: Say("sent", 10)})
			case 4:
				apply(who, ViaSlack, EndDuty{Key: key, Dropped: rapid.Bool().Draw(rt, "dropped"), Text: Say("because", 10)})
			case 5:
				apply(who, ViaSlack, TakeDuty{Key: key})
			case 6:
				apply(who, ViaSlack, AddAction{Owner: who.Person, Day: st.now.AddDate(0, 0, rapid.IntRange(0, 20).Draw(rt, "days")).Format(time.DateOnly), Text: Say("do it", 10)})
			case 7:
				apply(who, ViaSlack, SetSeverity{Severity: Severity(rapid.IntRange(1, 4).Draw(rt, "to")), Reason: because})
			case 8:
				apply(who, ViaSlack, Cancel{Reason: Say("noise", 10)})
			case 9: // slept through
				st.now = st.now.Add(time.Duration(rapid.IntRange(1, 10*24*60).Draw(rt, "minutes")) * time.Minute)
				for n := 0; ; n++ {
					if len(apply(Actor{System: SystemTocsin}, ViaClock, Tick{})) == 0 {
						break
					}
					if n > 100 {
						rt.Fatalf("a tick leads to another without end: %+v", Deadlines(st.s))
					}
				}
			default: // kept, deadline by deadline
				end := st.now.Add(time.Duration(rapid.IntRange(1, 6*24*60).Draw(rt, "minutes")) * time.Minute)
				for range 400 {
					next := NextDue(st.s)
					if next.IsZero() || next.After(end) {
						break
					}
					if next.After(st.now) {
						st.now = next
					}
					if len(apply(Actor{System: SystemTocsin}, ViaClock, Tick{})) == 0 {
						rt.Fatalf("due %s, and a tick does nothing: %+v", next, Deadlines(st.s))
					}
				}
			}
		}
		replayed := Replay(st.log)
		replayed.Policy = st.s.Policy
		if !reflect.DeepEqual(replayed, st.s) {
			rt.Fatalf("replay differs from the state")
		}
		b, err := json.Marshal(st.s)
		if err != nil {
			rt.Fatal(err)
		}
		var back State
		if err := json.Unmarshal(b, &back); err != nil {
			rt.Fatal(err)
		}
		if len(back.Texts()) != len(st.s.Texts()) {
			rt.Fatal("a snapshot loses texts")
		}
		for i, x := range back.Texts() { // bodies lie beside the snapshot
			x.Body = st.s.Texts()[i].Body
		}
		if again, _ := json.Marshal(back); string(again) != string(b) || strings.Contains(string(b), "because") {
			rt.Fatalf("a snapshot does not come back, or holds words:\n%s", b)
		}
	})
}

// kinds names the facts of events.
func kinds(events []Event) (out []string) {
	for _, e := range events {
		out = append(out, e.Fact.Type())
	}
	return out
}

// A reminder that comes due while nobody ticks waits for working time, and one that is due in it comes at once.
func TestALateReminderWaitsForTheMorning(t *testing.T) {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	st := dutyStory(t)
	st.declared(3)
	st.by(marc, AddAction{Owner: ines, Day: "2026-11-25", Text: Say("alert at 80 %", 100)}) // its close less a day is outside working time, so Wednesday opens with it
	if d := st.duty("action-1"); !d.Next.Equal(time.Date(2026, 11, 25, 9, 0, 0, 0, paris)) {
		t.Errorf("first reminder at %s", d.Next.In(paris))
	}
	st.by(marc, Resolve{})
	st.now = time.Date(2026, 11, 25, 23, 0, 0, 0, paris).UTC() // the bot was away all day
	ev := st.machine(ViaClock, Tick{})
	if len(ev) != 1 || ev[0].Fact.Type() != "obligation-deferred" {
		t.Fatalf("at night: %v", kinds(ev))
	}
	if want := time.Date(2026, 11, 26, 9, 0, 0, 0, paris); !NextDue(st.s).Equal(want) {
		t.Errorf("next %s, want %s", NextDue(st.s), want)
	}
	st.now = time.Date(2026, 11, 26, 9, 0, 0, 0, paris).UTC()
	ev = st.machine(ViaClock, Tick{})
	f, ok := ev[0].Fact.(*ObligationReminded)
	if !ok || !f.Overdue || !f.Until.Equal(time.Date(2026, 11, 26, 18, 0, 0, 0, paris)) || !slices.ContainsFunc(f.Who, ines.Same) {
		t.Errorf("in the morning: %+v", ev[0].Fact)
	}
}

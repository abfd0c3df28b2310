package incident

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// book is a runbook with clocks of every kind.
func book(clocks ...RunbookClock) RunbookRef {
	return RunbookRef{ID: "RB-900", Digest: "d", Language: "en", Steps: []string{"one", "retry", "tell", "last"}, Owner: "tech_lead", Clocks: clocks}
}

func (st *story) step(id string) {
	st.t.Helper()
	st.by(marc, MarkStep{Runbook: "RB-900", Step: id, Mark: StepDone})
}

// clockStory is a running incident that uses a runbook with these clocks.
func clockStory(t *testing.T, sev Severity, clocks ...RunbookClock) *story {
	t.Helper()
	st := dutyStory(t)
	st.declared(sev)
	st.opened()
	st.by(marc, StartRunbook{Runbook: book(clocks...)})
	return st
}

func (st *story) owes(key string) Duty {
	st.t.Helper()
	x, ok := st.s.Duty(key)
	if !ok || !x.Running() {
		st.t.Fatalf("%s does not run: %+v", key, st.s.Duties)
	}
	return x
}

func (st *story) owesNot(key, how string) {
	st.t.Helper()
	if x, _ := st.s.Duty(key); x.How != how || how == "" && x.Key != "" {
		st.t.Fatalf("%s: %+v, want %q", key, x, how)
	}
}

// Each anchor gives its moment, and a clock runs from when that is known.
func TestClockAnchors(t *testing.T) {
	clock := func(anchor, ref string, off time.Duration, before bool) RunbookClock {
		return RunbookClock{ID: "c", Step: "tell", What: "tell", Who: "incident_commander", Obligation: true, Offset: off, Before: before, Anchor: anchor, Ref: ref}
	}
	for _, c := range []struct {
		clock RunbookClock
		then  func(*story) time.Time // brings the anchor about and says when it is due
		now   bool                   // it runs at once
	}{
		{clock("detected", "", 4*time.Hour, false), func(st *story) time.Time { return st.s.DetectedAt.Add(4 * time.Hour) }, true},
		{clock("declared", "", 30*time.Minute, false), func(st *story) time.Time { return st.s.DeclaredAt.Add(30 * time.Minute) }, true},
		{clock("mitigated", "", time.Hour, false), func(st *story) time.Time { st.by(marc, SetStatus{Status: Mitigated}); return st.now.Add(time.Hour) }, false},
		{clock("resolved", "", time.Hour, false), func(st *story) time.Time { st.by(marc, Resolve{}); return st.now.Add(time.Hour) }, false},
		{clock("step-done", "retry", 2*time.Hour, false), func(st *story) time.Time { st.step("retry"); return st.now.Add(2 * time.Hour) }, false},
		{clock("step-started", "one", time.Hour, false), func(st *story) time.Time { return st.s.Runbooks[0].At.Add(time.Hour) }, true},
		{clock("parameter", "expires_on", 30*24*time.Hour, true), func(st *story) time.Time {
			st.by(marc, SetParameters{Values: []Value{{Name: "expires_on", Text: Text{Body: "2027-06-01"}}}})
			return time.Date(2027, 6, 1, 0, 0, 0, 0, st.s.working().Zone()).Add(-30 * 24 * time.Hour)
		}, false},
		{clock("parameter", "expires_on", time.Hour, false), func(st *story) time.Time {
			st.by(marc, SetParameters{Values: []Value{{Name: "expires_on", Text: Text{Body: "2027-06-01T10:00:00Z"}}}})
			return time.Date(2027, 6, 1, 11, 0, 0, 0, time.UTC)
		}, false},
	} {
		name := c.clock.Anchor
		st := clockStory(t, 3, c.clock)
		if _, runs := st.s.Duty("c"); runs != c.now {
			t.Fatalf("%s: runs at once: %v, want %v", name, runs, c.now)
		}
		st.now = st.now.Add(time.Minute)
		due := c.then(st)
		if x := st.owes("c"); !x.Due.Equal(due) || x.Clock != "RB-900/c" || x.What != "tell" {
			t.Errorf("%s: due %s, want %s: %+v", name, x.Due, due, x)
		}
		for _, other := range []string{"one", "last"} {
			if c.clock.Anchor != "resolved" {
				st.step(other)
				st.owes("c")
			}
		}
		if c.clock.Anchor == "resolved" {
			continue
		}
		st.step("tell")
		st.owesNot("c", EndedDone)
	}
}

// A clock that counts by steps counts anew each time; what was skipped settles nothing.
func TestClockCountsAnew(t *testing.T) {
	c := RunbookClock{ID: "again", Step: "retry", What: "retry", Who: "incident_commander", Offset: 2 * time.Hour, Anchor: "step-done", Ref: "one"}
	st := clockStory(t, 3, c)
	st.owesNot("again", "")
	st.step("one")
	first := st.owes("again")
	st.by(marc, TakeDuty{Key: "again"})
	// The step is done again, as a release that lets steps be opened anew records it.
	st.now = st.now.Add(time.Hour)
	st.s.Runbooks[0].Steps["one"] = StepRun{Mark: StepDone, By: marc, At: st.now}
	st.by(marc, Note{Text: Say("tried again", 50)})
	if x := st.owes("again"); !x.Due.Equal(first.Due.Add(time.Hour)) || x.Owner != marc {
		t.Errorf("%+v, was %+v", x, first)
	}
	// Settled by its step, and owed again when the other is done again.
	settled := clockStory(t, 3, c)
	settled.step("one")
	settled.now = settled.now.Add(time.Minute)
	settled.step("retry")
	settled.owesNot("again", EndedDone)
	settled.now = settled.now.Add(time.Hour)
	settled.s.Runbooks[0].Steps["one"] = StepRun{Mark: StepDone, By: marc, At: settled.now}
	settled.by(marc, Note{Text: Say("tried again", 50)})
	if x := settled.owes("again"); !x.Due.Equal(settled.now.Add(2 * time.Hour)) {
		t.Errorf("%+v", x)
	}
	// One that counts from its own step begins with it, and is settled by the next time.
	own := clockStory(t, 3, RunbookClock{ID: "own", Step: "retry", What: "retry", Who: "tech_lead", Offset: 2 * time.Hour, Anchor: "step-done", Ref: "retry"})
	own.step("retry")
	if x := own.owes("own"); !x.Due.Equal(own.now.Add(2 * time.Hour)) {
		t.Errorf("%+v", x)
	}
	st.by(marc, MarkStep{Runbook: "RB-900", Step: "retry", Mark: StepSkipped, Text: Say("cannot", 20)})
	st.owes("again")
	st.by(marc, Resolve{})
	st.owesNot("again", EndedResponse)
}

// The condition is asked of a person: a no with its reason ends the clock, a yes to the same brings it back, and nobody is rung before.
func TestClockCondition(t *testing.T) {
	c := RunbookClock{ID: "delayed", Step: "tell", What: "tell them", When: "it takes long", Who: "communications_lead", Obligation: true, Offset: 10 * time.Minute, Anchor: "detected"}
	st := clockStory(t, 2, c)
	x := st.owes("delayed")
	if st.s.Applies(x) {
		t.Fatal("nobody has confirmed it")
	}
	for range 12 {
		st.now = laterOf(NextDue(st.s), st.now.Add(time.Second))
		st.machine(ViaClock, Tick{})
	}
	if x = st.owes("delayed"); x.Reminded == 0 || x.Paged != 0 {
		t.Fatalf("asked %d times, rung %d", x.Reminded, x.Paged)
	}
	if r := st.refusal(marc, AnswerQuestion{Question: "delayed", Value: AnswerNo}); r.Code != RefusedReasonNeeded {
		t.Error(r)
	}
	if r := st.refusal(marc, AnswerQuestion{Question: "delayed", Value: AnswerUnknown, Reason: Say("x", 5)}); r.Code != RefusedBadAnswer {
		t.Error(r)
	}
	st.by(marc, AnswerQuestion{Question: "delayed", Value: AnswerNo, Reason: Say("all are quick", 50)})
	st.owesNot("delayed", EndedWithdrawn)
	st.machine(ViaClock, Tick{})
	st.owesNot("delayed", EndedWithdrawn)
	st.by(marc, AnswerQuestion{Question: "delayed", Value: AnswerYes})
	if x = st.owes("delayed"); !st.s.Applies(x) {
		t.Error("it was confirmed")
	}
	if r := st.refusal(marc, AnswerQuestion{Question: "delayed", Value: AnswerYes}); r.Code != RefusedAnswered {
		t.Error(r)
	}
	for range 40 {
		st.now = laterOf(NextDue(st.s), st.now.Add(time.Second))
		st.machine(ViaClock, Tick{})
	}
	if x = st.owes("delayed"); x.Paged == 0 || x.Overdue < 2 {
		t.Errorf("missed and confirmed: reminded first, then rung: %+v", x)
	}
}

// What has no time of its own keeps the incident from being closed, and is asked for once that is over.
func TestOpenClockKeepsFromClosing(t *testing.T) {
	for _, obligation := range []bool{true, false} { // whether or not its runbook calls it an obligation, too
		openClockKeepsFromClosing(t, obligation)
	}
}

func openClockKeepsFromClosing(t *testing.T, obligation bool) {
	st := clockStory(t, 4, RunbookClock{ID: "freeze-off", Step: "last", What: "lift the freeze", Who: "incident_commander", Obligation: obligation, Open: true})
	if x := st.owes("freeze-off"); !x.Due.IsZero() || !x.Next.IsZero() {
		t.Fatalf("%+v", x)
	}
	st.by(marc, Resolve{})
	x := st.owes("freeze-off")
	if st.s.Status != Resolved || x.Next.IsZero() {
		t.Fatalf("%s %+v", st.s.Status, x)
	}
	if r := st.refusal(marc, Close{}); r.Code != RefusedOwed || !slices.Contains(r.Args, "freeze-off") {
		t.Errorf("closing it: %v", r)
	}
	st.now = x.Next
	st.machine(ViaClock, Tick{})
	if x = st.owes("freeze-off"); x.Reminded != 1 || x.Overdue != 0 {
		t.Errorf("%+v", x)
	}
	st.by(marc, EndDuty{Key: "freeze-off", Dropped: true, Text: Say("there was none", 50)})
	if st.s.Status != Closed {
		t.Error(st.s.Status)
	}
}

// The policy's legal clock and the runbook's are one, under the policy's name, and the earlier due time counts; the step settles it.
func TestRunbookAndPolicyAreOneClock(t *testing.T) {
	client := RunbookClock{ID: "client-notice", Step: "tell", What: "Notify the client", Who: "communications_lead", Obligation: true, Offset: 24 * time.Hour, Anchor: "detected"}
	regulator := RunbookClock{ID: "regulator-notice", Step: "last", What: "Notify the CNIL", When: "personal data", Who: "compliance_officer", Obligation: true, Offset: 72 * time.Hour, Anchor: "detected"}
	for _, first := range []string{"runbook", "answer"} {
		st := dutyStory(t)
		st.declared(1)
		st.opened()
		st.now = st.now.Add(30 * time.Minute)
		start := func() { st.by(marc, StartRunbook{Runbook: book(client, regulator)}) }
		yes := func() { st.by(marc, AnswerQuestion{Question: "personal_data", Value: AnswerYes}) }
		if first == "runbook" {
			start()
			x := st.owes("customer_notice")
			if !x.Legal || x.Of != "customer_notice" || !x.Due.Equal(st.s.DetectedAt.Add(24*time.Hour)) {
				t.Fatalf("%+v", x)
			}
			if _, asked := st.s.Duty("authority_notice"); asked {
				t.Fatal("the policy asks whether personal data are concerned, and nobody has said so")
			}
			yes()
		} else {
			yes()
			if x := st.owes("customer_notice"); !x.Due.Equal(st.now.Add(24 * time.Hour)) {
				t.Fatalf("%+v", x)
			}
			start()
		}
		n := 0
		for _, x := range st.s.Owing() {
			if x.Key == "client-notice" || x.Key == "regulator-notice" {
				t.Errorf("%s first: %s is a second clock", first, x.Key)
			}
			if x.Key == "customer_notice" || x.Key == "authority_notice" {
				n++
			}
		}
		c, a := st.owes("customer_notice"), st.owes("authority_notice")
		if n != 2 || !c.Due.Equal(st.s.DetectedAt.Add(24*time.Hour)) || !a.Due.Equal(st.s.DetectedAt.Add(72*time.Hour)) || !c.Legal || !a.Legal {
			t.Errorf("%s first: the earlier counts: %s, %s; detected %s", first, c.Due, a.Due, st.s.DetectedAt)
		}
		st.step("tell")
		st.owesNot("customer_notice", EndedDone)
		st.owes("authority_notice")
		st.by(marc, SendNotice{Notice: "authority", Text: Say("form of the CNIL, 4711", 50)})
		st.owesNot("authority_notice", EndedDone)
	}
}

// Whatever is done, in any order: no clock is lost, none is due before its moment or at another time, and its step alone settles it.
func TestNoClockIsLost(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		steps := []string{"one", "retry", "tell", "last"}
		anchors := []string{"detected", "declared", "mitigated", "step-done", "parameter", "open"}
		var clocks []RunbookClock
		for i := range rapid.IntRange(1, 4).Draw(rt, "clocks") {
			c := RunbookClock{ID: fmt.Sprintf("c%d", i), Step: rapid.SampledFrom(steps).Draw(rt, "step"), What: "do", Who: "tech_lead",
				Obligation: rapid.Bool().Draw(rt, "obligation"), Offset: time.Duration(rapid.IntRange(1, 300).Draw(rt, "off")) * time.Minute, Anchor: rapid.SampledFrom(anchors).Draw(rt, "anchor")}
			switch c.Anchor {
			case "step-done":
				c.Ref = rapid.SampledFrom(steps).Draw(rt, "ref")
			case "parameter":
				c.Ref, c.Before = "day", rapid.Bool().Draw(rt, "before")
			case "open":
				c.Open, c.Anchor, c.Offset = true, "", 0
			}
			if rapid.Bool().Draw(rt, "when") {
				c.When = "so"
			}
			clocks = append(clocks, c)
		}
		st := dutyStory(t)
		st.declared(3)
		st.opened()
		st.by(marc, StartRunbook{Runbook: book(clocks...)})
		do := func(a Act) {
			next, ev, err := Apply(st.s, Intent{At: st.now, Now: st.now, Actor: Actor{Person: marc}, Via: ViaSlack, Act: a, Policy: st.policy})
			var r *Refusal
			if err != nil && !errors.As(err, &r) {
				rt.Fatal(err)
			}
			if err == nil {
				st.s, st.log = next, append(st.log, ev...)
			}
			for _, e := range ev {
				if f, is := e.Fact.(*ObligationReminded); is && f.Overdue && e.RecordedAt.Before(f.Due) {
					rt.Fatalf("%s is called overdue at %s, due %s", f.Key, e.RecordedAt, f.Due)
				}
				if f, is := e.Fact.(*ObligationEnded); is && f.How == EndedDone {
					if m, marks := a.(MarkStep); !marks || !slices.ContainsFunc(clocks, func(c RunbookClock) bool { return c.ID == f.Key && c.Step == m.Step }) {
						if _, begins := st.s.Duty(f.Key); begins && !slices.ContainsFunc(clocks, func(c RunbookClock) bool { return c.ID == f.Key && st.s.Runbooks[0].Steps[c.Step].Mark == StepDone }) {
							rt.Fatalf("%T settled %s", a, f.Key)
						}
					}
				}
			}
		}
		answers := map[string]string{}
		for range rapid.IntRange(1, 20).Draw(rt, "n") {
			st.now = st.now.Add(time.Duration(rapid.IntRange(1, 200).Draw(rt, "min")) * time.Minute)
			switch rapid.IntRange(0, 7).Draw(rt, "act") {
			case 0, 1:
				do(MarkStep{Runbook: "RB-900", Step: rapid.SampledFrom(steps).Draw(rt, "mark"), Mark: rapid.SampledFrom([]string{StepDone, StepDone, StepSkipped}).Draw(rt, "how"), Text: Say("why", 10)})
			case 2:
				do(Tick{})
			case 3:
				do(SetParameters{Values: []Value{{Name: "day", Text: Text{Body: rapid.SampledFrom([]string{"2026-12-01", "2027-01-15", "soon", ""}).Draw(rt, "day")}}}})
			case 4:
				do(SetStatus{Status: Mitigated})
			case 5:
				key := fmt.Sprintf("c%d", rapid.IntRange(0, 3).Draw(rt, "which"))
				v := rapid.SampledFrom([]string{AnswerYes, AnswerNo}).Draw(rt, "answer")
				do(AnswerQuestion{Question: key, Value: v, Reason: Say("so", 5)})
			case 6:
				do(Resolve{})
			case 7:
				do(Reopen{})
			}
			for _, a := range st.s.Answers {
				answers[a.Question] = a.Value
			}
			run := st.s.Runbooks[0]
			for _, c := range clocks {
				var from time.Time
				switch {
				case c.Open:
					from = run.At
				case c.Anchor == "detected":
					from = st.s.DetectedAt
				case c.Anchor == "declared":
					from = st.s.DeclaredAt
				case c.Anchor == "mitigated":
					from = st.s.MitigatedAt
				case c.Anchor == "step-done":
					if run.Steps[c.Ref].Mark == StepDone {
						from = run.Steps[c.Ref].At
					}
				case c.Anchor == "parameter":
					if v, ok := st.s.Value("day"); ok {
						from, _ = time.ParseInLocation(time.DateOnly, v.Text.Body, st.s.working().Zone())
					}
				}
				done := run.Steps[c.Step]
				settled := done.Mark == StepDone && !(c.Anchor == "step-done" && (done.At.Before(from) || c.Ref == c.Step))
				x, there := st.s.Duty(c.ID)
				runs := there && x.Running()
				owed := !from.IsZero() && !settled && (c.When == "" || answers[c.ID] != AnswerNo) && (c.Obligation || c.Open || st.s.Open())
				switch {
				case owed && !runs && !(x.How == EndedResponse && !x.Due.After(st.now)):
					rt.Fatalf("%+v is lost: from %s, %+v", c, from, x)
				case runs && !owed:
					rt.Fatalf("%+v runs on: from %s, %+v", c, from, x)
				case runs && !c.Open:
					due := from.Add(c.Offset)
					if c.Before {
						due = from.Add(-c.Offset)
					}
					if !x.Due.Equal(due) {
						rt.Fatalf("%+v is due %s, not %s", c, x.Due, due)
					}
				}
			}
		}
		if got := Replay(st.log); !slices.EqualFunc(got.Duties, st.s.Duties, func(a, b Duty) bool {
			return a.Key == b.Key && a.Due.Equal(b.Due) && a.How == b.How && a.Clock == b.Clock
		}) {
			rt.Fatalf("replayed %+v\nlived %+v", got.Duties, st.s.Duties)
		}
	})
}

// An alert that fires once its condition has held for as long as the clock counts brings a clock that is due already: that is said, one
// person is reminded, and nobody's phone rings at the declaration. When the alert is over, the time it had used is not given back.
func TestAClockWhoseTimeTheAlertHasUsed(t *testing.T) {
	for name, c := range map[string]RunbookClock{
		"detected":  {ID: "used", Step: "tell", What: "tell", Who: "tech_lead", Obligation: true, Offset: 4 * time.Hour, Anchor: "detected"},
		"step-done": {ID: "used", Step: "tell", What: "tell", Who: "tech_lead", Offset: 4 * time.Hour, Anchor: "step-done", Ref: "one"},
	} {
		t.Run(name, func(t *testing.T) {
			c.Spent = []RunbookSignal{{Alert: "IdesUnavailable", Within: 4 * time.Hour}}
			st := clockStory(t, 3, c)
			started := st.now.Add(-10 * time.Minute)
			set := AlertSet{Group: "g", Name: "IdesUnavailable", Firing: 1, Digest: "1", StartsAt: started}
			st.machine(ViaAlertmanager, AlertsFired{Set: set})
			x := st.owes("used")
			if !x.Due.Equal(started) || !x.From.Equal(started.Add(-4*time.Hour)) || x.Alert != "IdesUnavailable" {
				t.Fatalf("due %s, from %s, by %q; the alert fires since %s", x.Due, x.From, x.Alert, started)
			}
			reminded, rung := 0, 0
			for i := range 3 { // all that is due at once
				st.now = st.now.Add(time.Duration(i) * time.Second)
				for _, e := range st.machine(ViaClock, Tick{}) {
					switch f := e.Fact.(type) {
					case *ObligationReminded:
						reminded++
						if !f.Overdue || !f.Due.Equal(started) {
							t.Errorf("%+v", f)
						}
					case *Paged:
						if f.Page.Obligation != "" {
							rung++
						}
					}
				}
			}
			if reminded != 1 || rung != 0 {
				t.Errorf("at the declaration %d were reminded, %d rung", reminded, rung)
			}
			st.now = st.now.Add(time.Minute)
			set.Firing, set.Digest, set.StartsAt = 0, "2", st.now
			st.machine(ViaAlertmanager, AlertsFired{Set: set})
			st.step("one")
			if x = st.owes("used"); !x.Due.Equal(started) {
				t.Errorf("the alert is over: due %s", x.Due)
			}
			st.now = st.now.Add(time.Minute)
			st.step("tell")
			st.owesNot("used", EndedDone)
		})
	}
}

// What an alert has used of a clock belongs to the first time: the clock counts anew when the step it counts from is done once more, while the
// alert fires on. An alert that PagerDuty alone told of has used as much, from when PagerDuty opened its incident.
func TestWhatAnAlertHasUsedBelongsToTheFirstTime(t *testing.T) {
	clock := RunbookClock{ID: "queueing", Step: "tell", What: "tell", Who: "tech_lead", Offset: 2 * time.Hour, Anchor: "step-done", Ref: "one", Spent: []RunbookSignal{{Alert: "LicenseLimitReached", Within: 2 * time.Hour}}}
	for name, fire := range map[string]func(st *story, since time.Time){
		"alertmanager": func(st *story, since time.Time) {
			st.machine(ViaAlertmanager, AlertsFired{Set: AlertSet{Group: "g", Name: "LicenseLimitReached", Firing: 1, Digest: "1", StartsAt: since}})
		},
		"pagerduty": func(st *story, since time.Time) {
			st.machine(ViaPagerDuty, PagerTriggered{Ref: PagerRef{ID: "Q1", Status: "triggered", Alert: "LicenseLimitReached", Since: since}, Title: Say("limit", 20), AlertName: "LicenseLimitReached"})
		},
	} {
		t.Run(name, func(t *testing.T) {
			st := clockStory(t, 3, clock)
			since := st.now.Add(-10 * time.Minute)
			fire(st, since)
			if x := st.owes("queueing"); !x.Due.Equal(since) || x.Alert != "LicenseLimitReached" {
				t.Fatalf("due %s by %q, the alert fires since %s", x.Due, x.Alert, since)
			}
			st.step("one")
			if x := st.owes("queueing"); !x.Due.Equal(since) {
				t.Errorf("done once: due %s, want %s", x.Due, since)
			}
			st.now = st.now.Add(time.Minute)
			st.step("tell")
			st.owesNot("queueing", EndedDone)
			st.now = st.now.Add(time.Minute)
			st.by(marc, AgainStep{Runbook: "RB-900", Step: "one"})
			st.by(marc, AgainStep{Runbook: "RB-900", Step: "tell"})
			st.now = st.now.Add(time.Minute)
			st.step("one")
			if x := st.owes("queueing"); !x.Due.Equal(st.now.Add(2*time.Hour)) || x.Alert != "" {
				t.Errorf("done once more at %s: due %s by %q", st.now, x.Due, x.Alert)
			}
		})
	}
}

// The date that a runbook's clocks count from is taken from what an alert says, and asked for while nothing says it.
func TestADateIsTakenOrAskedFor(t *testing.T) {
	month := RunbookClock{ID: "month", Step: "tell", What: "tell", Who: "incident_commander", Obligation: true, Offset: 30 * 24 * time.Hour, Before: true, Anchor: "parameter", Ref: "expires_on", From: []string{"expires_on"}}
	week := month
	week.ID, week.Offset, week.Step = "week", 7*24*time.Hour, "last"
	for name, give := range map[string]func(*story){
		"annotation": func(st *story) {
			st.machine(ViaAlertmanager, AlertsFired{Set: AlertSet{Group: "g", Name: "A", Firing: 1, Digest: "1", Details: []Label{{Name: "expires_on", Value: "2027-06-01"}}}})
		},
		"label": func(st *story) {
			st.machine(ViaAlertmanager, AlertsFired{Set: AlertSet{Group: "g", Name: "A", Firing: 1, Digest: "1", Labels: []Label{{Name: "expires_on", Value: "2027-06-01"}}}})
		},
		"person": func(st *story) {
			st.by(marc, SetParameters{Values: []Value{{Name: "expires_on", Text: Text{Body: "2027-06-01"}}}})
		},
	} {
		st := clockStory(t, 3, month, week)
		if got := st.s.Undated("RB-900"); !slices.Equal(got, []string{"expires_on"}) {
			t.Fatalf("%s: asked for %v", name, got)
		}
		give(st)
		if got := st.s.Undated("RB-900"); len(got) != 0 {
			t.Errorf("%s: asked for again: %v", name, got)
		}
		day := time.Date(2027, 6, 1, 0, 0, 0, 0, st.s.working().Zone())
		if x := st.owes("month"); !x.Due.Equal(day.Add(-30 * 24 * time.Hour)) {
			t.Errorf("%s: due %s", name, x.Due)
		}
		st.owes("week")
	}
	st := clockStory(t, 3, month)
	st.machine(ViaAlertmanager, AlertsFired{Set: AlertSet{Group: "g", Name: "A", Firing: 1, Digest: "1", Details: []Label{{Name: "expires_on", Value: "soon"}}}})
	if got := st.s.Undated("RB-900"); len(got) != 1 {
		t.Error("what is no date is none")
	}
	st.step("tell")
	if got := st.s.Undated("RB-900"); len(got) != 0 {
		t.Errorf("its step is done: %v", got)
	}
}

// A clock without a time of its own, whose condition nobody knows yet, is not asked about the moment its runbook is started: the headline and the
// cards have it, and when the incident is over it is asked for.
func TestAClockWithoutATimeIsAskedForAtTheEnd(t *testing.T) {
	st := clockStory(t, 3, RunbookClock{ID: "answer", Step: "last", What: "answer the customers", When: "data is lost", Who: "communications_lead", Obligation: true, Open: true})
	if x := st.owes("answer"); !x.Due.IsZero() {
		t.Fatalf("%+v", x)
	}
	if slices.Contains(postsOf(st.log), ViewObligation) {
		t.Error("it is asked the moment the runbook begins")
	}
	st.by(marc, Resolve{})
	if ev := st.run(5 * 24 * time.Hour); !slices.Contains(postsOf(ev), ViewObligation) {
		t.Error("nobody is asked when it is over")
	}
}

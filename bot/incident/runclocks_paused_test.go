package incident

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// pausedBook has a clock of the response, one that outlives it, and a legal one.
func pausedBook() []RunbookClock {
	return []RunbookClock{
		{ID: "retry-again", Step: "retry", What: "retry", Who: "incident_commander", Offset: 2 * time.Hour, Anchor: "detected"},
		{ID: "tenant-told", Step: "last", What: "tell the tenant", Who: "tech_lead", Obligation: true, Offset: 2 * time.Hour, Anchor: "declared"},
		{ID: "client-notice", Step: "tell", What: "Notify the client", Who: "communications_lead", Obligation: true, Offset: 24 * time.Hour, Anchor: "detected"},
	}
}

// Set aside, or cleared with nobody answering: a runbook's clock of the response stands still, nobody is reminded of it or rung for it, and it
// goes on with what was left. The legal one does not wait; what outlives the response reminds in working time.
func TestRunbookClocksStandStillWhilePaused(t *testing.T) {
	for _, how := range []string{"parked", "recovered", "parked, and its time has come"} {
		st := dutyStory(t)
		st.alert("ApiErrorRateHigh", 1, "x")
		st.opened()
		st.machine(ViaSlack, StartRunbook{Runbook: book(pausedBook()...)})
		st.keeps(time.Hour)
		was := st.owes("retry-again")
		until := 60 * time.Hour // Monday, 15:07 in Paris
		if how == "recovered" {
			st.alert("ApiErrorRateHigh", 0, "y")
		} else {
			st.by(marc, Park{Until: night.Add(until)})
		}
		if !st.s.Paused() {
			t.Fatalf("%s: not paused", how)
		}
		seen := len(st.log)
		st.keeps(until - time.Minute)
		var legal, told int
		for _, e := range st.log[seen:] {
			switch f := e.Fact.(type) {
			case *ObligationReminded:
				switch f.Key {
				case "retry-again":
					t.Fatalf("%s: reminded of %s at +%s", how, f.Key, e.RecordedAt.Sub(night))
				case "tenant-told":
					told++
					if at := st.s.workingFrom(e.RecordedAt); !at.Equal(e.RecordedAt) {
						t.Errorf("%s: reminded of %s at %s", how, f.Key, e.RecordedAt)
					}
				case "customer_notice":
					legal++
				}
			case *Paged:
				if f.Page.Obligation != "customer_notice" && f.Page.Why != WhyReview {
					t.Errorf("%s: %s is rung for %s", how, f.Page.Target, f.Page.Obligation)
				}
			}
		}
		if x := st.owes("customer_notice"); legal == 0 || told == 0 || !x.Due.Equal(night.Add(24*time.Hour)) || x.Paged == 0 {
			t.Errorf("%s: the legal clock: reminded %d times, %+v; the other %d times", how, legal, x, told)
		}
		switch how {
		case "recovered":
			st.now = night.Add(until)
			st.alert("ApiErrorRateHigh", 1, "z")
		case "parked":
			st.now = night.Add(until)
			st.by(ines, Resume{})
		default:
			st.keeps(until)
		}
		stood := until - time.Hour
		if x := st.owes("retry-again"); !x.Due.Equal(was.Due.Add(stood)) || !x.Next.Equal(was.Next.Add(stood)) || x.Reminded != was.Reminded {
			t.Errorf("%s: due +%s, reminded next +%s; it was due +%s and stood still for %s", how, x.Due.Sub(night), x.Next.Sub(night), was.Due.Sub(night), stood)
		}
		if ev := st.keeps(until + 70*time.Minute); !slices.ContainsFunc(ev, func(e Event) bool {
			f := e.Fact.(*ObligationReminded)
			return f.Key == "retry-again" && f.Overdue && e.RecordedAt.Equal(night.Add(until+time.Hour))
		}) {
			t.Errorf("%s: not reminded of when what was left had run", how)
		}
	}
}

// What was missed before stays missed; a phone that rings for it is quiet while it is paused.
func TestAMissedRunbookClockIsQuietWhilePaused(t *testing.T) {
	st := dutyStory(t)
	st.declared(2)
	st.opened()
	st.machine(ViaSlack, StartRunbook{Runbook: book(pausedBook()[0])})
	st.keeps(3 * time.Hour)
	was := st.owes("retry-again")
	if !slices.ContainsFunc(st.s.DutyPages, Page.Outstanding) {
		t.Fatalf("nobody is rung: %+v", was)
	}
	st.by(marc, Park{Until: night.Add(12 * time.Hour)})
	if slices.ContainsFunc(st.s.DutyPages, Page.Outstanding) {
		t.Errorf("it rings on: %+v", st.s.DutyPages)
	}
	st.now = night.Add(5 * time.Hour)
	st.by(marc, Resume{})
	if x := st.owes("retry-again"); !x.Due.Equal(was.Due) || !x.Next.Equal(was.Next.Add(2*time.Hour)) {
		t.Errorf("due %s, next %s; was %s, %s", x.Due, x.Next, was.Due, was.Next)
	}
}

// Whatever pauses it and takes it up, however often: the clock is called overdue when it has run for its time, and not before.
func TestARunbookClockRunsWhileNothingPauses(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		st := dutyStory(t)
		one := st.policy.Severities[1]
		one.RingOn = true
		st.policy.Severities[1] = one
		st.alert("ApiErrorRateHigh", 1, "x")
		st.opened()
		st.machine(ViaSlack, StartRunbook{Runbook: book(pausedBook()[:2]...)})
		var ran time.Duration
		missed := false
		do := func(a Actor, via Via, act Act) {
			if !st.s.Paused() {
				ran += st.now.Sub(st.s.RecordedAt)
			}
			paused := st.s.Paused()
			ev, err := st.try(a, via, act)
			var r *Refusal
			if err != nil && !errors.As(err, &r) {
				rt.Fatal(err)
			}
			if len(ev) == 0 {
				if _, ticks := act.(Tick); ticks {
					rt.Fatalf("a tick does nothing: %+v", Deadlines(st.s))
				}
				ev, _ = st.try(a, via, Note{Text: Say("seen", 10)})
			}
			for _, e := range ev {
				f, is := e.Fact.(*ObligationReminded)
				if !is || f.Key != "retry-again" {
					continue
				}
				if paused && st.s.Paused() {
					rt.Fatalf("reminded of while paused by %s", st.s.PausedBy())
				}
				if f.Overdue && !missed && ran != 2*time.Hour {
					rt.Fatalf("overdue after it ran for %s", ran)
				}
				missed = missed || f.Overdue
			}
			if ran > 2*time.Hour && !missed {
				rt.Fatalf("it ran for %s, and nobody was told: %+v", ran, st.s.Duties)
			}
		}
		for range rapid.IntRange(1, 15).Draw(rt, "n") {
			end := st.now.Add(time.Duration(rapid.IntRange(1, 90).Draw(rt, "min")) * time.Minute)
			for !missed {
				next := NextDue(st.s)
				if next.IsZero() || next.After(end) {
					break
				}
				st.now = laterOf(next, st.now)
				do(Actor{System: SystemTocsin}, ViaClock, Tick{})
			}
			if missed {
				return
			}
			st.now = end
			who := Actor{Person: rapid.SampledFrom([]Person{marc, ines}).Draw(rt, "who")}
			switch rapid.IntRange(0, 6).Draw(rt, "act") {
			case 0, 1:
				n := rapid.IntRange(0, 1).Draw(rt, "firing")
				do(Actor{System: SystemAlertmanager}, ViaAlertmanager, AlertsFired{Title: Say("a", 10), Set: AlertSet{Group: "g", Firing: n, Digest: fmt.Sprint(n, st.now.Unix()), Name: "ApiErrorRateHigh"}})
			case 2:
				do(who, ViaSlack, Park{Until: st.now.Add(time.Duration(rapid.IntRange(10, 300).Draw(rt, "park")) * time.Minute)})
			case 3:
				do(who, ViaSlack, Resume{})
			case 4:
				do(who, ViaSlack, Ack{})
			case 5:
				do(who, ViaSlack, SetSeverity{Severity: Severity(rapid.IntRange(1, 3).Draw(rt, "to")), Reason: Say("so", 5)})
			case 6:
				do(who, ViaSlack, Note{Text: Say("seen", 10)})
			}
		}
	})
}

// What the policy owes of the response alone stands still as a runbook's clocks do: nobody is reminded while the incident is set aside or rests,
// and it goes on with what was left.
func TestObligationsOfTheResponseStandStillWhilePaused(t *testing.T) {
	for _, how := range []string{"parked", "recovered"} {
		st := dutyStory(t)
		for i, o := range st.policy.Obligations {
			if o.Name == "first_word" {
				st.policy.Obligations[i].Severities = nil
			}
		}
		st.alert("ApiErrorRateHigh", 1, "x")
		st.opened()
		st.keeps(20 * time.Minute)
		was := st.duty("first_word")
		if !was.Response || !was.Running() {
			t.Fatalf("%s: %+v", how, was)
		}
		until := 5 * time.Hour
		if how == "recovered" {
			st.alert("ApiErrorRateHigh", 0, "y")
		} else {
			st.by(marc, Park{Until: night.Add(until)})
		}
		seen := len(st.log)
		st.keeps(until - time.Minute)
		for _, e := range st.log[seen:] {
			if f, is := e.Fact.(*ObligationReminded); is && f.Key == "first_word" {
				t.Errorf("%s: reminded at +%s", how, e.RecordedAt.Sub(night))
			}
		}
		st.now = night.Add(until)
		if how == "recovered" {
			st.alert("ApiErrorRateHigh", 1, "z")
		} else {
			st.machine(ViaClock, Tick{})
		}
		stood := until - 20*time.Minute
		if now := st.duty("first_word"); !now.Due.Equal(was.Due.Add(stood)) || !now.Next.Equal(was.Next.Add(stood)) {
			t.Errorf("%s: due %s, next %s; were %s and %s, and it stood for %s", how, now.Due, now.Next, was.Due, was.Next, stood)
		}
	}
}

package incident

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// flaps lets an alert fire and clear in turn, for so many minutes each, with nobody moving, and returns who was rung after the beginning.
// It fires at the end when the number of turns is odd.
func (st *story) flaps(alert string, minutes ...int) []string {
	st.t.Helper()
	at := st.now.Sub(night)
	var events []Event
	for i, m := range minutes {
		firing := (i + 1) % 2
		events = append(events, st.fires(at, alert, firing)...)
		at += time.Duration(m) * time.Minute
		events = append(events, st.run(at)...)
	}
	return st.rung(events)
}

// only keeps the pages of some targets.
func only(rung []string, targets ...string) []string {
	return slices.DeleteFunc(slices.Clone(rung), func(r string) bool {
		target, _, _ := strings.Cut(r, "@")
		return !slices.Contains(targets, target)
	})
}

func TestAnAlertThatComesAndGoesReachesTheBackup(t *testing.T) {
	for _, c := range []struct {
		name    string
		alert   string
		minutes []int
		want    []string
	}{
		{"14 on, 10 off", "ApiErrorRateHigh", []int{14, 10, 14}, []string{"secondary@+25m0s not-acknowledged"}},
		{"3 on, 20 off, five times", "ApiErrorRateHigh", []int{3, 20, 3, 20, 3, 20, 3, 20, 3}, []string{"secondary@+1h35m0s not-acknowledged"}},
		{"back after the resume window", "ApiErrorRateHigh", []int{14, 31, 14}, []string{"secondary@+46m0s not-acknowledged"}},
		{"back the next morning", "ApiErrorRateHigh", []int{14, 60 * 6, 14}, []string{"secondary@+6h15m0s not-acknowledged"}},
		// The backup has waited 14 of its 15 minutes: the level above is sent for one minute after it fires again.
		{"at the backup", "ApiHighLatencyP95", []int{60 + 59, 10, 2}, []string{"secondary@+1h0m0s not-acknowledged", "secondary@+2h9m0s again", "tech_lead@+2h10m0s not-acknowledged"}},
		{"above", "ApiHighLatencyP95", []int{60 + 60 + 59, 10, 2}, []string{"secondary@+1h0m0s not-acknowledged", "tech_lead@+2h0m0s not-acknowledged",
			"tech_lead@+3h9m0s again", "cto@+3h10m0s not-acknowledged"}},
		// After the window level 1 is rung first, and with it all who were waited for in vain; the last of them have what is left of their time.
		{"above, and back after the window", "ApiHighLatencyP95", []int{60 + 60 + 59, 40, 2}, []string{"secondary@+1h0m0s not-acknowledged", "tech_lead@+2h0m0s not-acknowledged",
			"secondary@+3h39m0s not-acknowledged", "tech_lead@+3h39m0s not-acknowledged", "cto@+3h40m0s not-acknowledged"}},
		// At its end the ladder begins again, in full.
		{"at the end", "ApiErrorRateHigh", []int{61, 10, 16}, []string{"secondary@+15m0s not-acknowledged", "cto@+45m0s not-acknowledged", "secondary@+1h26m0s not-acknowledged"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			st := reopenable(t)
			got := st.flaps(c.alert, c.minutes...)
			targets := []string{"secondary", "cto"}
			if c.alert == "ApiHighLatencyP95" { // the tech lead is rung by the ladder only
				targets = append(targets, "tech_lead")
			}
			want(t, only(got, targets...), c.want)
		})
	}
}

// A SEV-1 rings level 1 while it is over; above, the ladder waits, and goes on where it stood.
func TestTheWorstThatComesAndGoes(t *testing.T) {
	for _, c := range []struct {
		name    string
		minutes []int
		want    []string
	}{
		{"before the backup", []int{4, 10, 2}, []string{"secondary@+15m0s not-acknowledged"}},
		{"level 1 was rung anew meanwhile", []int{4, 20, 2}, []string{"primary@+19m0s not-acknowledged", "secondary@+25m0s not-acknowledged"}},
		{"where it stood above level 1", []int{14, 20, 2}, []string{"secondary@+5m0s not-acknowledged", "tech_lead@+10m0s not-acknowledged", "primary@+29m0s not-acknowledged",
			"tech_lead@+34m0s again", "executive@+35m0s not-acknowledged"}},
		{"after the window", []int{14, 40, 2}, []string{"secondary@+5m0s not-acknowledged", "tech_lead@+10m0s not-acknowledged", "primary@+29m0s not-acknowledged", "primary@+44m0s not-acknowledged",
			"primary@+54m0s again", "secondary@+54m0s not-acknowledged", "tech_lead@+54m0s not-acknowledged", "executive@+55m0s not-acknowledged"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			st := reopenable(t)
			st.onCall["executive"] = Roster{People: []Person{sam}}
			got := st.flaps("AuditHashChainBroken", c.minutes...)
			want(t, only(got[1:], "primary", "secondary", "tech_lead", "executive"), c.want) // but for the first call
		})
	}
	// Nobody confirms it either: unconfirmed for five minutes of firing counts as confirmed.
	st := reopenable(t)
	st.flaps("MassBiometricFailure", 3, 10, 3)
	if !st.s.Confirmed || !st.s.ConfirmedAt.Equal(night.Add(15*time.Minute)) {
		t.Errorf("confirmed %v at +%v", st.s.Confirmed, st.s.ConfirmedAt.Sub(night))
	}
}

// Whoever looks at it has as long as ever, however long nobody did.
func TestAnAnswerForgetsWhatWasWaitedInVain(t *testing.T) {
	st := reopenable(t)
	st.flaps("ApiErrorRateHigh", 14, 10)
	st.by(marc, Ack{})
	if st.s.Ladder.Waited != 0 || st.s.Left != nil || st.s.Stood != (Stage{}) {
		t.Errorf("%+v, left %v, stood %+v", st.s.Ladder, st.s.Left, st.s.Stood)
	}
	if i := slices.IndexFunc(Deadlines(st.s), func(d Deadline) bool { return d.Name == DueProgress }); i < 0 || !Deadlines(st.s)[i].Due.Equal(st.now.Add(15*time.Minute)) {
		t.Errorf("%+v", Deadlines(st.s))
	}
}

// A SEV-4 alert has one working day from when it first fired, less what it was over.
func TestWhatHasNoLadderIsDueHoweverOftenItClears(t *testing.T) {
	st := withProcess(newStory(t))
	monday := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC) // 9 to 18
	st.now = monday
	st.alert("RneBalanceLow", 1, "1")
	st.now = monday.Add(5 * time.Hour) // of nine, five have run
	st.alert("RneBalanceLow", 0, "2")
	st.now = monday.Add(24 * time.Hour)
	st.alert("RneBalanceLow", 1, "3")
	i := slices.IndexFunc(Deadlines(st.s), func(d Deadline) bool { return d.Name == DueTake })
	if i < 0 || !Deadlines(st.s)[i].Due.Equal(monday.Add(28*time.Hour)) {
		t.Errorf("%+v, want Tuesday 14:00", Deadlines(st.s))
	}
}

// TestNoPatternOfFiringKeepsTheBackupFromBeingRung: whenever an alert has fired, in however many pieces, for as long as the promise and
// nobody answered, the next of the ladder is rung at that moment, and not before.
func TestNoPatternOfFiringKeepsTheBackupFromBeingRung(t *testing.T) {
	alerts := map[string][2]time.Duration{"ApiErrorRateHigh": {15 * time.Minute, 15 * time.Minute}, "ApiHighLatencyP95": {time.Hour, time.Hour}, "AuditHashChainBroken": {5 * time.Minute, 5 * time.Minute}}
	rapid.Check(t, func(rt *rapid.T) {
		st := reopenable(t)
		st.onCall["executive"] = Roster{People: []Person{sam}}
		name := rapid.SampledFrom([]string{"ApiErrorRateHigh", "ApiHighLatencyP95", "AuditHashChainBroken"}).Draw(rt, "alert")
		ack, accept := alerts[name][0], alerts[name][1]
		first := map[string]time.Duration{} // firing time at which each was first rung by the ladder
		at, fired := time.Duration(0), time.Duration(0)
		note := func(events []Event, firing bool, from time.Duration) {
			for _, e := range events {
				f, is := e.Fact.(*Paged)
				if !is || f.Page.Why == WhySeverity || f.Page.forImpact() || f.Page.Why == WhyReview {
					continue
				}
				if _, known := first[f.Page.Target]; !known {
					first[f.Page.Target] = fired
					if firing {
						first[f.Page.Target] += e.RecordedAt.Sub(night) - from
					}
				}
			}
		}
		for range rapid.IntRange(1, 25).Draw(rt, "turns") {
			on := time.Duration(rapid.IntRange(1, int(ack/time.Second)*2).Draw(rt, "on")) * time.Second
			note(st.fires(at, name, 1), true, at)
			note(st.run(at+on), true, at)
			fired, at = fired+on, at+on
			promises := map[string]time.Duration{"secondary": ack}
			if name == "ApiHighLatencyP95" { // the others are rung by the severity, too
				promises["tech_lead"], promises["cto"] = ack+accept, ack+2*accept
			}
			for target, promise := range promises {
				switch was, rung := first[target]; {
				case fired >= promise && !rung:
					rt.Fatalf("it has fired for %v, and the %s, promised after %v, was never rung: %+v, stood %+v", fired, target, promise, st.s.Ladder, st.s.Stood)
				case rung && was != promise:
					rt.Fatalf("the %s was first rung after it had fired for %v, want %v", target, was, promise)
				}
			}
			note(st.fires(at, name, 0), false, at)
			off := time.Duration(rapid.OneOf(rapid.IntRange(0, 30*60), rapid.IntRange(0, 6*3600)).Draw(rt, "off")) * time.Second
			note(st.run(at+off), false, at)
			at += off
		}
	})
}

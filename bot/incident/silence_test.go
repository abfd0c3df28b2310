package incident

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// wait keeps, from the facts of a log alone, whether the incident is one that somebody must be waited for.
type wait struct {
	over
	hand, open, mitigated, parked, accepted, rests bool
	sev                                            Severity
}

func (w *wait) fold(e Event) {
	w.over.fold(e)
	switch f := e.Fact.(type) {
	case *Declared:
		*w = wait{over: w.over, hand: f.Source == SourceHand, open: true, sev: f.Severity}
	case *Reopened:
		w.open, w.mitigated, w.parked, w.accepted, w.rests = true, false, false, false, false
	case *ResolvedFact, *CancelledFact, *MergedInto:
		w.open = false
	case *StatusSet:
		w.mitigated = f.Status == Mitigated
		w.rests = w.rests && !w.mitigated
	case *Recovered:
		w.rests = true
	case *Parked:
		w.parked = true
	case *Resumed:
		w.parked, w.rests = false, false
	case *SeveritySet:
		w.sev = f.Severity
	case *Acknowledged:
		w.accepted, w.rests = true, false
	case *LevelRaised:
		w.accepted = false
	case *SplitOff:
		for _, a := range f.Part.Alerts {
			delete(w.firing, "group "+a.Group)
		}
	}
}

// TestNobodyIsWaitedForInSilence: while an incident is open, neither mitigated nor set aside, of a severity with a ladder, and nobody has accepted
// the present stage, a deadline of the ladder is due no later than the longest of its waits from now. Where PagerDuty owns the ladder, a call
// of the stage that an escalation policy holds there will do. Only what monitoring alone spoke of, and what has cleared with nobody
// answering, may rest; then no phone rings on but PagerDuty's own, and whom a person or the morning's review sent for.
func TestNobodyIsWaitedForInSilence(t *testing.T) {
	names := []string{"ApiErrorRateHigh", "MassBiometricFailure", "AuditHashChainBroken", "ApiHighLatencyP95", "RneBalanceLow"}
	people := []Person{marc, ines, tomas, amel, sam}
	ladder := []string{DueFirstPage, DueRecall, DueAck, DueAccept, DueRestart}
	rapid.Check(t, func(rt *rapid.T) {
		st := reopenable(t)
		flag := func(name string) bool { return rapid.Bool().Draw(rt, name) }
		if flag("PagerDuty rings first") {
			st.policy.FirstPage, st.policy.FirstPageWait = FirstPagePagerDuty, time.Minute
		}
		if flag("PagerDuty owns the ladder") {
			st.policy.LadderOwner = LadderPagerDuty
			if flag("by person") {
				for key, x := range st.policy.Targets {
					x.Address = Address{Service: "S", OnCall: true}
					st.policy.Targets[key] = x
				}
			}
		}
		for _, key := range []string{"primary", "secondary", "tech_lead", "cto"} {
			if rapid.IntRange(0, 4).Draw(rt, "nobody is "+key) == 0 {
				st.onCall[key] = Roster{}
			}
		}
		if rapid.IntRange(0, 4).Draw(rt, "one level") == 0 {
			st.policy.Ladder = st.policy.Ladder[:1]
		}
		longest := st.policy.RestartEvery
		for _, r := range st.policy.Severities {
			longest = max(longest, r.AckWithin, r.AcceptWithin)
		}
		var w wait
		do := func(a Actor, via Via, act Act) {
			ev, err := st.try(a, via, act)
			if _, no := err.(*Refusal); err != nil && !no {
				rt.Fatalf("%T: %v", act, err)
			}
			for _, e := range ev {
				w.fold(e)
			}
			r := st.policy.Severities[w.sev]
			if !w.open || w.mitigated || w.parked || w.accepted || r.NoLadder {
				return
			}
			rings := func(which func(Page) bool) bool {
				return slices.ContainsFunc(st.s.Pages, func(p Page) bool {
					return p.Outstanding() && p.Status != PageAnswered && !(p.Foreign && !w.firing["pager "+p.Pager]) && which(p)
				})
			}
			if w.rests && (w.hand || !w.all()) {
				rt.Fatalf("after %T it rests, and it fires or a person declared it", act)
			}
			if w.rests && !r.RingOn {
				if rings(func(p Page) bool {
					return !p.Foreign && p.Why != WhyAsked && p.Why != WhyReview && p.Why != WhySeverity
				}) {
					rt.Fatalf("after %T it is over and rests, and phones ring: %v", act, st.calls())
				}
				return
			}
			if st.policy.LadderOwner == LadderPagerDuty && rings(func(p Page) bool { return p.Level == st.s.Ladder.Level && (p.Foreign || p.Address.User == "") }) {
				return
			}
			if !slices.ContainsFunc(Deadlines(st.s), func(d Deadline) bool {
				return slices.Contains(ladder, d.Name) && !d.Due.After(st.now.Add(longest))
			}) {
				rt.Fatalf("after %T at +%v it waits in silence: %+v, stood %+v, paused %q, %+v", act, st.now.Sub(night), st.s.Ladder, st.s.Stood, st.s.PausedBy(), Deadlines(st.s))
			}
		}
		monitoring, pager, tocsin := Actor{System: SystemAlertmanager}, Actor{System: SystemPagerDuty}, Actor{System: SystemTocsin}
		alert := func(firing int) {
			g := rapid.IntRange(0, 2).Draw(rt, "group")
			do(monitoring, ViaAlertmanager, AlertsFired{Title: Say("a", 10), Set: AlertSet{Group: fmt.Sprint("group", g), Firing: firing, Digest: fmt.Sprint(firing), Name: names[g+rapid.IntRange(0, 2).Draw(rt, "worse")], StartsAt: st.now}})
		}
		trigger := func() {
			do(pager, ViaPagerDuty, PagerTriggered{Ref: PagerRef{ID: fmt.Sprint("Q", rapid.IntRange(1, 2).Draw(rt, "Q")), Status: "triggered", Assigned: []Person{marc}}, Title: Say("t", 10), AlertName: rapid.SampledFrom(names).Draw(rt, "alert")})
		}
		who := func() Actor { return Actor{Person: rapid.SampledFrom(people).Draw(rt, "who")} }
		switch rapid.IntRange(0, 3).Draw(rt, "begun by") {
		case 0:
			trigger()
		case 1:
			do(who(), ViaSlack, Declare{Title: Say("checkout", 100), Severity: Severity(rapid.IntRange(1, 4).Draw(rt, "severity"))})
		default:
			alert(1)
		}
		for range rapid.IntRange(1, 30).Draw(rt, "steps") {
			end := st.now.Add(time.Duration(rapid.OneOf(rapid.IntRange(0, 20*60), rapid.IntRange(0, 10*3600)).Draw(rt, "later")) * time.Second)
			st.driven(end, func() { do(tocsin, ViaClock, Tick{}) })
			switch rapid.IntRange(0, 20).Draw(rt, "act") {
			case 0, 1, 2:
				alert(0)
			case 3, 4:
				alert(rapid.IntRange(1, 2).Draw(rt, "firing"))
			case 5:
				trigger()
			case 6, 7:
				do(pager, ViaPagerDuty, drawnChange(rt))
			case 8:
				do(who(), ViaSlack, Ack{})
			case 9:
				do(who(), ViaSlack, rapid.SampledFrom([]Act{Resolve{}, Cancel{Reason: Say("noise", 10)}, SetStatus{Status: Mitigated}, SetStatus{Status: Identified}}).Draw(rt, "ends"))
			case 10:
				do(who(), ViaSlack, Reopen{})
			case 11: // PagerDuty refuses a page of ours, gives it up, or says that it was answered
				if n := len(st.s.Pages); n > 0 {
					p := st.s.Pages[rapid.IntRange(0, n-1).Draw(rt, "page")]
					switch k := rapid.IntRange(0, 3).Draw(rt, "what"); {
					case p.Foreign:
					case k == 0 && p.Status == PageOwed:
						do(tocsin, ViaOutbox, Report{Effect: p.Ring, Outcome: OutcomeDead, Error: "no"})
					case k == 1:
						do(pager, ViaPagerDuty, PagerChanged{Dedup: p.Dedup, Status: "acknowledged", By: p.Person})
					default:
						do(pager, ViaPagerDuty, PagerChanged{Dedup: p.Dedup, Status: "resolved"})
					}
				}
			case 12, 13: // a duplicate, at one stage or other of its life
				other := newStory(t)
				other.policy, other.now, other.onCall = st.policy, st.now, st.onCall
				if flag("declared") {
					other.by(sam, Declare{Title: Say("dup", 100), Severity: Severity(rapid.IntRange(1, 3).Draw(rt, "severity"))})
				} else {
					other.alertAs("dup", rapid.SampledFrom(names).Draw(rt, "dup"))
				}
				if flag("taken") {
					_, _ = other.try(who(), ViaSlack, Ack{})
				}
				if !flag("fires") && len(other.s.Alerts) > 0 {
					other.machine(ViaAlertmanager, AlertsFired{Title: Say("d", 50), Set: AlertSet{Group: "dup", Digest: "0", Name: other.s.Alerts[0].Name}})
				}
				other.s.ID = "INC-43"
				if other.s.CanMerge(st.s) == nil {
					do(who(), ViaSlack, Absorb{From: other.s})
				}
			case 14:
				do(who(), ViaSlack, SetRole{Role: Commander, Who: rapid.SampledFrom(append(people, Person{})).Draw(rt, "commander")})
			case 15:
				do(who(), ViaSlack, Park{Until: st.now.Add(time.Duration(rapid.IntRange(1, 600).Draw(rt, "park")) * time.Minute), Owner: rapid.SampledFrom(people).Draw(rt, "owner")})
			case 16:
				do(who(), ViaSlack, rapid.SampledFrom([]Act{Resume{}, SendHelp{}, MoreTime{}, Progress{Text: Say("something was found out", 100)}}).Draw(rt, "does"))
			case 17, 18:
				do(who(), ViaSlack, SetSeverity{Severity: Severity(rapid.IntRange(1, 4).Draw(rt, "severity")), Reason: Say("so it is", 100)})
			case 19:
				do(who(), ViaSlack, rapid.SampledFrom([]Act{GoPrivate{}, PageOut{Target: "cto"}, PageOut{Target: "primary"}, PageOut{Target: "secondary"}}).Draw(rt, "sends"))
			case 20:
				if part := st.s.PartOf("group1"); st.s.CanSplit(part) == nil {
					st.other = &State{ID: "INC-44"}
					do(who(), ViaSlack, Split{What: "group1"})
				}
			}
		}
	})
}

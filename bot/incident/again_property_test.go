package incident

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// over keeps, from the facts of a log alone, whether everything that monitoring and PagerDuty said has cleared, and whether anybody took the
// incident since it last began.
type over struct {
	firing map[string]bool
	taken  bool
}

func (o *over) fold(e Event) {
	switch f := e.Fact.(type) {
	case *Declared:
		o.firing, o.taken = map[string]bool{}, e.Actor.Human()
		for _, a := range f.Alerts {
			o.firing["group "+a.Group] = a.Firing > 0
		}
		if f.Pager != nil {
			o.firing["pager "+f.Pager.ID] = true
		}
	case *AlertsSeen:
		o.firing["group "+f.Set.Group] = f.Set.Firing > 0
	case *PagerSeen:
		o.firing["pager "+f.Ref.ID] = f.Ref.Status != "resolved"
	case *Absorbed:
		for _, a := range f.Alerts {
			if _, known := o.firing["group "+a.Group]; !known {
				o.firing["group "+a.Group] = a.Firing > 0
			}
		}
	case *Acknowledged, *StatusSet: // whoever says that it is mitigated looks at it
		o.taken = true
	case *RoleSet:
		o.taken = o.taken || f.Role == Commander && !f.Who.Zero()
	case *Reopened:
		o.taken = false
	}
}

func (o *over) all() bool {
	for _, fires := range o.firing {
		if fires {
			return false
		}
	}
	return len(o.firing) > 0
}

// drawnChange is news of one of two incidents of PagerDuty's own.
func drawnChange(rt *rapid.T) PagerChanged {
	c := PagerChanged{Pager: fmt.Sprint("Q", rapid.IntRange(1, 2).Draw(rt, "Q")), Status: rapid.SampledFrom([]string{"resolved", "triggered"}).Draw(rt, "status")}
	c.Again = c.Status == "triggered"
	return c
}

// TestNobodyAboveIsWokenForWhatIsOver: while every alert is over and nobody took it, no page above level 1 begins, whatever ended, mitigated,
// merged or took up the incident before. What fires and has nobody calls level 1. A human's word is theirs.
func TestNobodyAboveIsWokenForWhatIsOver(t *testing.T) {
	names := []string{"ApiErrorRateHigh", "MassBiometricFailure", "AuditHashChainBroken", "ApiHighLatencyP95"}
	rapid.Check(t, func(rt *rapid.T) {
		st := reopenable(t)
		if rapid.Bool().Draw(rt, "PagerDuty rings first") {
			st.policy.FirstPage, st.policy.FirstPageWait = FirstPagePagerDuty, time.Minute
		}
		if rapid.Bool().Draw(rt, "executive") {
			st.onCall["executive"] = Roster{People: []Person{sam}}
		}
		var o over
		dead := false
		do := func(a Actor, via Via, act Act) {
			quiet := st.s.Seq == 0 || st.s.quieted()
			ev, err := st.try(a, via, act)
			if _, no := err.(*Refusal); err != nil && !no {
				rt.Fatalf("%T: %v", act, err)
			}
			for _, e := range ev {
				f, is := e.Fact.(*Paged)
				if o.fold(e); is && !a.Human() && f.Page.Level > 1 && f.Page.Why != WhyParked && o.all() && !o.taken {
					rt.Fatalf("%T rings %s (%s) at +%v for what is over, and nobody took it", act, f.Page.Target, f.Page.Why, e.RecordedAt.Sub(night))
				}
			}
			news := false
			switch a := act.(type) {
			case PagerChanged: // a page of PagerDuty's that clears while another alert fires: level 1 is called a minute later
				news = a.Status == "resolved" && len(ev) > 0
				quiet = quiet || news
				if due, soon := st.s.recallDue(); soon && !due.After(st.now.Add(recallAfter)) {
					news = false
				}
			case Tick:
				news = slices.ContainsFunc(ev, func(e Event) bool { m, is := e.Fact.(*Missed); return is && m.Name == DueRecall })
				quiet = quiet || news
			case AlertsFired:
				news = a.Set.Firing > 0
			case PagerTriggered, Absorb:
				news = len(ev) > 0
			}
			if s := st.s; news && quiet && s.Open() && !o.all() && !o.taken && !dead && s.Status != Mitigated && s.Ladder.Level > 0 && len(st.calls()) == 0 && !s.Ladder.Exhausted && !s.Paused() {
				rt.Fatalf("after %T it fires, nobody took it and nobody is called: %+v", act, s.Ladder)
			}
		}
		monitoring, pager := Actor{System: SystemAlertmanager}, Actor{System: SystemPagerDuty}
		alert := func(firing int) {
			g := rapid.IntRange(0, 2).Draw(rt, "group")
			do(monitoring, ViaAlertmanager, AlertsFired{Title: Say("a", 10), Set: AlertSet{Group: fmt.Sprint("group", g), Firing: firing, Digest: fmt.Sprint(firing), Name: names[g], StartsAt: st.now}})
		}
		trigger := func() {
			do(pager, ViaPagerDuty, PagerTriggered{Ref: PagerRef{ID: fmt.Sprint("Q", rapid.IntRange(1, 2).Draw(rt, "Q")), Status: "triggered", Assigned: []Person{marc}}, Title: Say("t", 10), AlertName: rapid.SampledFrom(names).Draw(rt, "alert")})
		}
		for st.s.Seq == 0 {
			if rapid.Bool().Draw(rt, "by alert") {
				alert(1)
			} else {
				trigger()
			}
		}
		for range rapid.IntRange(1, 30).Draw(rt, "steps") {
			end := st.now.Add(time.Duration(rapid.IntRange(0, 40*60).Draw(rt, "later")) * time.Second)
			st.driven(end, func() { do(Actor{System: SystemTocsin}, ViaClock, Tick{}) })
			who := Actor{Person: rapid.SampledFrom([]Person{marc, ines, tomas, sam}).Draw(rt, "who")}
			switch rapid.IntRange(0, 14).Draw(rt, "act") {
			case 0, 1, 2:
				alert(0)
			case 3, 4:
				alert(rapid.IntRange(1, 2).Draw(rt, "firing"))
			case 5:
				trigger()
			case 6, 7:
				do(pager, ViaPagerDuty, drawnChange(rt))
			case 8:
				do(who, ViaSlack, Ack{})
			case 9:
				do(who, ViaSlack, Resolve{})
			case 10:
				do(who, ViaSlack, SetStatus{Status: Mitigated})
			case 11:
				if n := len(st.s.Pages); n > 0 { // PagerDuty refuses a page of ours for good
					if p := st.s.Pages[rapid.IntRange(0, n-1).Draw(rt, "page")]; p.Status == PageOwed {
						dead = true
						do(Actor{System: SystemTocsin}, ViaOutbox, Report{Effect: p.Ring, Outcome: OutcomeDead, Error: "no"})
					}
				}
			case 12:
				other := newStory(t)
				other.policy, other.now = st.policy, st.now
				other.alertAs("dup", rapid.SampledFrom(names).Draw(rt, "dup"))
				other.s.ID = "INC-43"
				if other.s.CanMerge(st.s) == nil {
					do(who, ViaSlack, Absorb{From: other.s})
				}
			case 13:
				if _, held := st.s.Roles[Commander]; held {
					do(who, ViaSlack, SetRole{Role: Commander})
				}
			case 14:
				do(who, ViaSlack, Reopen{})
			}
		}
	})
}

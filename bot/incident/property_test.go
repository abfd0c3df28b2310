package incident

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestRandomLives walks incidents through random acts, deadlines and reports, and checks what must hold whatever happens.
func TestRandomLives(t *testing.T) {
	people := []Person{marc, ines, tomas, amel, viktor, lucie, sam}
	rapid.Check(t, func(rt *rapid.T) {
		st := newStory(t)
		if rapid.Bool().Draw(rt, "whole process") {
			withProcess(st)
		}
		if rapid.Bool().Draw(rt, "whom to ask in turn") {
			chained(st)
		}
		var owed []Owed
		apply := func(a Actor, via Via, act Act) {
			before := st.s
			frozen, _ := json.Marshal(before)
			ev, err := st.try(a, via, act)
			if _, no := err.(*Refusal); err != nil && !no {
				rt.Fatalf("%T: %v", act, err)
			}
			if again, _ := json.Marshal(before); string(again) != string(frozen) {
				rt.Fatalf("%T changed the state it was given", act)
			}
			for _, e := range ev {
				seen := map[string]bool{}
				for _, f := range e.Effects {
					if seen[f.Name] {
						rt.Fatalf("event %d (%s) has two effects called %s", e.Seq, e.Fact.Type(), f.Name)
					}
					seen[f.Name] = true
					if v, err := verbOf(IDOf(st.s.ID, e.Seq, f)); err != nil || v != f.Do {
						rt.Fatalf("effect %q does not tell its verb %s", f.Name, f.Do)
					}
					if f.Do == Ring && !before.Open() && before.Seq > 0 && st.s.Status != Investigating {
						rt.Fatalf("somebody is rung for an incident that is over: %s", f.Name)
					}
					owed = append(owed, Owed{ID: IDOf(st.s.ID, e.Seq, f), Incident: st.s.ID, Seq: e.Seq, Effect: f})
				}
			}
			check(rt, st)
		}
		if rapid.Bool().Draw(rt, "PagerDuty rings first") {
			st.policy.FirstPage = FirstPagePagerDuty
		}
		switch rapid.IntRange(0, 2).Draw(rt, "origin") {
		case 0:
			apply(Actor{Person: rapid.SampledFrom(people).Draw(rt, "who")}, ViaSlack, Declare{Title: Say(rapid.String().Draw(rt, "title")+"x", MaxTitle), Severity: Severity(rapid.IntRange(0, 4).Draw(rt, "sev"))})
		case 1:
			apply(Actor{System: SystemAlertmanager}, ViaAlertmanager, AlertsFired{Title: Say("a", 10), Set: AlertSet{Group: "g", Firing: 1, Digest: "1",
				Name: rapid.SampledFrom([]string{"ApiErrorRateHigh", "MassBiometricFailure", "AuditHashChainBroken", "RneBalanceLow", "Unknown"}).Draw(rt, "alert")}})
		case 2:
			apply(Actor{System: SystemPagerDuty}, ViaPagerDuty, PagerTriggered{Ref: PagerRef{ID: "Q1", Assigned: []Person{marc}}, Title: Say("t", 10)})
		}
		for range rapid.IntRange(1, 40).Draw(rt, "steps") {
			st.now = st.now.Add(time.Duration(rapid.IntRange(0, 25*60).Draw(rt, "later")) * time.Second)
			who := Actor{Person: rapid.SampledFrom(people).Draw(rt, "by")}
			switch rapid.IntRange(0, 28).Draw(rt, "act") {
			case 0:
				apply(who, ViaSlack, Ack{})
			case 1:
				p := rapid.SampledFrom(append(people, Person{})).Draw(rt, "holder")
				apply(who, ViaSlack, SetRole{Role: rapid.SampledFrom(Roles).Draw(rt, "role"), Who: p})
			case 2:
				apply(who, ViaSlack, SetSeverity{Severity: Severity(rapid.IntRange(1, 4).Draw(rt, "to")), Reason: because})
			case 3:
				apply(who, ViaSlack, SetStatus{Status: rapid.SampledFrom([]Status{Identified, Mitigated}).Draw(rt, "status")})
			case 4:
				apply(who, ViaSlack, Progress{Text: Say("something was found out", 100)})
			case 5:
				apply(who, ViaSlack, Update{Text: Say("u", 100), Next: time.Duration(rapid.IntRange(0, 90).Draw(rt, "next")) * time.Minute})
			case 6:
				apply(who, ViaSlack, PageOut{Target: rapid.SampledFrom([]string{"cto", "ceo", "secondary", "nobody"}).Draw(rt, "target")})
			case 7:
				apply(who, ViaSlack, MoreTime{})
			case 8:
				apply(who, ViaSlack, SendHelp{})
			case 9:
				apply(who, ViaSlack, Resolve{})
			case 10:
				apply(who, ViaSlack, Reopen{})
			case 11, 12, 13:
				if len(owed) > 0 {
					i := rapid.IntRange(0, len(owed)-1).Draw(rt, "effect")
					o := owed[i]
					owed = slices.Delete(owed, i, i+1)
					r := Report{Effect: o.ID, Outcome: OutcomeOvertaken, Attempt: 1}
					if StillOwed(st.s, o) {
						if o.Effect.Do == Ring && !st.s.Open() {
							rt.Fatalf("%s is owed after the end", o.ID)
						}
						r.Outcome, r.Channel, r.Name, r.TS, r.Pager = OutcomeDone, "C1", st.s.ChannelName, fmt.Sprint(st.s.Seq), "Q"+o.Effect.Page
						if rapid.IntRange(0, 9).Draw(rt, "fails") == 0 {
							r = Report{Effect: o.ID, Outcome: OutcomeDead, Error: "no"}
							st.silenced = st.silenced || o.Effect.Do == Ring
						}
					}
					apply(Actor{System: SystemTocsin}, ViaOutbox, r)
				}
			case 14:
				if n := len(st.s.Pages); n > 0 {
					st.silenced = true
					p := st.s.Pages[rapid.IntRange(0, n-1).Draw(rt, "page")]
					apply(Actor{System: SystemPagerDuty}, ViaPagerDuty, PagerChanged{Pager: p.Pager, Dedup: p.Dedup, By: p.Person, Status: rapid.SampledFrom([]string{"acknowledged", "resolved", "triggered"}).Draw(rt, "change")})
				}
			case 16:
				n := rapid.IntRange(0, 2).Draw(rt, "firing")
				apply(Actor{System: SystemAlertmanager}, ViaAlertmanager, AlertsFired{Title: Say("a", 10), Set: AlertSet{Group: "g", Firing: n, Digest: fmt.Sprint(n), Name: "ApiErrorRateHigh"}})
			case 17:
				id := fmt.Sprint("Q", rapid.IntRange(1, 4).Draw(rt, "pager"))
				apply(Actor{System: SystemPagerDuty}, ViaPagerDuty, PagerTriggered{Ref: PagerRef{ID: id, Assigned: []Person{marc}}, Title: Say("t", 10)})
			case 18:
				apply(who, ViaSlack, Park{Until: st.now.Add(time.Duration(rapid.IntRange(-1, 48).Draw(rt, "until")) * time.Hour), Owner: rapid.SampledFrom(people).Draw(rt, "owner")})
			case 19:
				apply(who, ViaSlack, Resume{})
			case 20:
				apply(who, ViaSlack, HandOn{Who: rapid.SampledFrom(people).Draw(rt, "to")})
			case 24:
				touched := []Touched{TouchedYes, TouchedNo}
				apply(who, ViaSlack, RecordImpact{Customers: rapid.SampledFrom(touched).Draw(rt, "customers"), Regulators: rapid.SampledFrom(touched).Draw(rt, "regulators")})
			case 25:
				apply(who, ViaSlack, rapid.SampledFrom([]Act{ProposeHandOver{To: ines}, ProposeHandOver{To: tomas}, AcceptHandOver{}, DeclineHandOver{}}).Draw(rt, "hand-over"))
			case 15:
				apply(who, ViaSlack, Cancel{Reason: Say("noise", 10)})
			default:
				apply(Actor{System: SystemTocsin}, ViaClock, Tick{})
				// One tick, one level: nothing of the ladder is due right after it, but a stage that was waited for in vain before it cleared.
				for _, d := range Deadlines(st.s) {
					if (d.Name == DueAck || d.Name == DueAccept) && st.s.Ladder.Waited > 0 {
						continue
					}
					if !d.Due.After(st.now) && d.Name != DueUpdate && d.Name != DueCommander {
						rt.Fatalf("due right after a tick: %+v", d)
					}
				}
			}
		}
	})
}

func check(rt *rapid.T, st *story) {
	replayed := Replay(st.log)
	replayed.Policy = st.s.Policy
	if !reflect.DeepEqual(replayed, st.s) {
		rt.Fatalf("replay differs from the state")
	}
	keys := map[string]bool{}
	open := map[string]int{}
	for _, p := range st.s.Pages {
		if keys[p.Key] {
			rt.Fatalf("two pages %s", p.Key)
		}
		keys[p.Key] = true
		if p.Outstanding() && !p.Foreign {
			open[p.Target]++
		}
	}
	for target, n := range open {
		if n > 1 {
			rt.Fatalf("%d open pages of %s", n, target)
		}
	}
	if l := st.s.Ladder; !st.silenced && st.s.Open() && l.Level > 0 && l.AcceptedAt.IsZero() && !l.Exhausted && st.s.Status != Mitigated && !st.s.Paused() && !st.s.Policy.Rule(st.s.Severity).NoLadder {
		d := newDecider(st.s, Intent{Now: st.now, OnCall: st.onCall})
		targets := append(d.stage(l.Level, false), st.s.Backup(l.Level))
		if !slices.ContainsFunc(st.s.Pages, func(p Page) bool {
			return p.Outstanding() && (slices.Contains(targets, p.Target) || p.Why == WhyParked || slices.ContainsFunc(targets, func(t string) bool {
				return slices.ContainsFunc(st.onCall[t].People, p.Person.Same)
			}))
		}) {
			rt.Fatalf("the ladder waits for people whom nobody rings: %+v", l)
		}
	}
	if st.s.Paused() && !st.silenced {
		for _, p := range st.s.Pages { // nobody is rung while the clocks stand still, unless somebody sends for them
			if (p.Status == PageOwed || p.Status == PageSent) && laddered(p) && !p.Foreign && p.At.Before(pausedSince(st.s)) {
				rt.Fatalf("%s rings while the incident is %s", p.Key, st.s.PausedBy())
			}
		}
		if len(Deadlines(st.s)) == 0 {
			rt.Fatalf("%s, and nothing will ever end it", st.s.PausedBy())
		}
	}
	ds := Deadlines(st.s)
	names := map[string]bool{}
	for i, d := range ds {
		if names[d.Key] || d.Key == "" || d.Due.IsZero() {
			rt.Fatalf("deadline %+v", d)
		}
		names[d.Key] = true
		if i > 0 && d.Due.Before(ds[i-1].Due) {
			rt.Fatalf("not sorted: %+v", ds)
		}
	}
	if !st.s.Open() {
		if len(ds) > 0 {
			rt.Fatalf("deadlines after the end: %+v", ds)
		}
		for _, p := range st.s.Pages {
			if p.Outstanding() {
				rt.Fatalf("%s is outstanding after the end", p.Key)
			}
		}
	}
	b, err := json.Marshal(st.s)
	if err != nil {
		rt.Fatal(err)
	}
	var back State
	if err := json.Unmarshal(b, &back); err != nil {
		rt.Fatal(err)
	}
	for i, x := range back.Texts() {
		x.Body = st.s.Texts()[i].Body
	}
	back.Policy = st.s.Policy
	if again, _ := json.Marshal(back); string(again) != string(b) {
		rt.Fatalf("a snapshot does not come back:\n%s\n%s", b, again)
	}
}

func TestEveryFactSurvivesTheLog(t *testing.T) {
	for _, name := range FactTypes() {
		f := NewFact(name)
		if f.Type() != name {
			t.Errorf("%s says it is %s", name, f.Type())
		}
		b, err := json.Marshal(Event{Seq: 1, At: night, RecordedAt: night, Fact: f})
		if err != nil {
			t.Fatal(err)
		}
		var e Event
		if err := json.Unmarshal(b, &e); err != nil || reflect.TypeOf(e.Fact) != reflect.TypeOf(f) {
			t.Errorf("%s: %v", name, err)
		}
	}
	var e Event
	if err := json.Unmarshal([]byte(`{"seq":3,"type":"from-the-future","fact":{}}`), &e); err == nil || !strings.Contains(err.Error(), "newer") {
		t.Errorf("an unknown fact is not half read: %v", err)
	}
}

func FuzzChannelName(f *testing.F) {
	for _, s := range []string{"Checkout is down", "Été: l'API répond 503", "🔥🔥🔥", "платежи", strings.Repeat("long words ", 50), "<!channel> & friends", "مرحبا"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, title string) {
		n := ChannelName(night, title)
		for range 3 {
			if len(n) > 80 || !strings.HasPrefix(n, "inc-20261121-") || strings.Trim(n, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" || strings.HasSuffix(n, "-") {
				t.Fatalf("%q from %q", n, title)
			}
			next := nextName(n)
			if next == n {
				t.Fatalf("no next name after %q", n)
			}
			n = next
		}
	})
}

func pausedSince(s State) time.Time {
	if s.Parked != nil {
		return s.Parked.At
	}
	return s.RecoveredAt
}

package incident

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// asked are the turns of a chain in a log: who is asked at what offset, with the bell of those whose phone rings for it.
func (st *story) turns(ev []Event, name, why string) []string {
	var out []string
	for i, e := range ev {
		f, is := e.Fact.(*Missed)
		if !is || f.Name != name {
			continue
		}
		turn := fmt.Sprintf("%s %s", e.RecordedAt.Sub(night), f.Asked)
		for _, x := range ev[i:] {
			if p, is := x.Fact.(*Paged); is && x.RecordedAt.Equal(e.RecordedAt) && p.Page.Why == why {
				turn += " rings"
			}
		}
		if len(f.Who) > 0 {
			turn += " told " + f.Who[0].Name
		}
		out = append(out, strings.TrimSpace(turn))
	}
	return out
}

// chained gives the story a policy whose chains are named.
func chained(st *story) *story {
	st.policy.Response = Response{
		Commander: Pursuit{Chain: []string{"secondary", "tech_lead"}, Every: 10 * time.Minute, Page: []Severity{SEV1, SEV2}},
		Updates:   Pursuit{Chain: []string{"comms", "commander", "secondary", "tech_lead"}, Every: 20 * time.Minute, Page: []Severity{SEV1, SEV2}},
		HandOver:  Pursuit{Chain: []string{"secondary", "tech_lead", "cto"}, Every: 30 * time.Minute, Page: []Severity{SEV1, SEV2}},
	}
	return st
}

// Nobody posts an update: who owes it is reminded, then the chain is asked one by one, and again from its first, until the update comes.
func TestUpdatesArePursuedUntilOneIsPosted(t *testing.T) {
	st := chained(newStory(t))
	st.policy.Severities[SEV2] = SeverityRule{FirstUpdate: 30 * time.Minute, UpdateEvery: time.Hour, AckWithin: time.Hour, AcceptWithin: time.Hour}
	st.declared(2)
	want(t, st.turns(st.run(140*time.Minute), DueUpdate, WhyUpdateMissed), []string{
		"30m0s", "50m0s secondary rings", "1h10m0s tech_lead rings", "1h30m0s secondary rings", "1h50m0s tech_lead rings", "2h10m0s secondary rings"})
	ringing := func() (n int) {
		for _, p := range st.s.Pages {
			if p.Why == WhyUpdateMissed && (p.Status == PageOwed || p.Status == PageSent) {
				n++
			}
		}
		return n
	}
	if ringing() != 2 {
		t.Errorf("%d phones ring: one each, not one for every time they were asked", ringing())
	}
	// Who answers has the same time again; then the chain goes on where it was.
	var own Page
	for _, p := range st.s.Pages {
		if p.Why == WhyUpdateMissed && p.Target == "secondary" && p.Outstanding() {
			own = p
		}
	}
	st.machine(ViaPagerDuty, PagerChanged{Dedup: own.Dedup, Status: "acknowledged", By: own.Person})
	want(t, st.turns(st.run(161*time.Minute), DueUpdate, WhyUpdateMissed), []string{"2h40m0s tech_lead rings"})
	ev := st.by(marc, Update{Text: Say("nothing new", 100)})
	down := 0
	for _, e := range ev {
		for _, f := range e.Effects {
			if f.View == ViewStandDown {
				down++
			}
		}
	}
	if ringing() != 0 || down != 1 {
		t.Errorf("%d ring on for an update that was posted, %d were stood down", ringing(), down)
	}
	// A stretched cadence is an answer too: nothing is missed before it.
	st.by(marc, SetCadence{Every: 4 * time.Hour})
	if got := st.turns(st.run(161*time.Minute+4*time.Hour-time.Second), DueUpdate, WhyUpdateMissed); len(got) != 0 {
		t.Errorf("asked %v within the cadence", got)
	}
}

// The policy says that a SEV-3 only reminds: no phone rings, at any hour, however long nobody answers.
func TestAPolicyThatOnlyRemindsRingsNobody(t *testing.T) {
	st := chained(newStory(t))
	r := st.policy.Severities[SEV3] // nothing but what is asked about, so that whoever is rung is rung for it
	r.ProgressWithin, r.ProgressEvery, r.RemediateWithin, r.FirstUpdate, r.UpdateEvery = 0, 0, 0, time.Hour, time.Hour
	st.policy.Severities[SEV3] = r
	st.declared(3)
	st.by(marc, SetRole{Role: Commander})
	ev := st.run(12 * time.Hour)
	var told []string
	for _, e := range ev {
		if p, is := e.Fact.(*Paged); is && (p.Page.Why == WhyUpdateMissed || p.Page.Why == WhyNoCommander) {
			t.Errorf("%s rings for %s", p.Page.Target, p.Page.Why)
		}
		if f, is := e.Fact.(*Missed); is && f.Name == DueCommander && len(told) < 4 {
			if len(f.Who) != 1 || !slices.ContainsFunc(e.Effects, func(x Effect) bool {
				return x.Do == Direct && x.View == ViewCommanderMissing && x.People[0].Same(f.Who[0])
			}) {
				t.Errorf("nobody is written to: %+v", f)
			}
			told = append(told, f.Asked)
		}
	}
	want(t, told, []string{"secondary", "tech_lead", "secondary", "tech_lead"})
}

// Two clocks run out at the same moment and come to the same person: one phone rings once.
func TestTwoClocksRingAPhoneOnce(t *testing.T) {
	st := chained(newStory(t))
	st.policy.Response.Updates.Chain = []string{"secondary"}
	st.policy.Response.Commander.Chain = []string{"secondary"}
	st.declared(1)
	r := st.policy.Severities[SEV1]
	r.CommanderWithin, r.FirstUpdate, r.UpdateEvery = 30*time.Minute, 30*time.Minute, 30*time.Minute
	st.policy.Severities[SEV1] = r
	st.by(marc, SetRole{Role: Commander})
	at := map[time.Time]int{}
	for _, e := range st.run(3 * time.Hour) {
		if p, is := e.Fact.(*Paged); is && p.Page.Target == "secondary" {
			at[e.RecordedAt]++
		}
	}
	if len(at) == 0 {
		t.Fatal("nobody was rung at all")
	}
	for when, n := range at {
		if n > 1 {
			t.Errorf("rung %d times at +%v", n, when.Sub(night))
		}
	}
}

// Nobody accepts a hand-over: it passes along the chain and begins again with whoever was asked first, until somebody accepts or the commander
// keeps command. Whoever commands stays responsible all the while.
func TestAHandOverIsPursuedUntilItIsAccepted(t *testing.T) {
	offered := func(t *testing.T, sev Severity) (*story, func(time.Duration) []string) {
		st := chained(newStory(t))
		st.policy.HandOverWithin = 20 * time.Minute
		st.policy.Severities[SEV2] = SeverityRule{AckWithin: time.Hour, AcceptWithin: time.Hour}
		st.declared(sev)
		st.by(marc, ProposeHandOver{To: sam})
		return st, func(d time.Duration) []string {
			var out []string
			for _, e := range st.run(d) {
				switch f := e.Fact.(type) {
				case *HandOverProposed:
					out = append(out, fmt.Sprintf("%s %s", e.RecordedAt.Sub(night), f.To.Name))
				case *Paged:
					if f.Page.Why == WhyHandOver {
						out[len(out)-1] += " rings"
					}
				}
			}
			if st.s.Roles[Commander].Who != marc {
				t.Errorf("%s commands", st.s.Roles[Commander].Who.Name)
			}
			return out
		}
	}
	st, goes := offered(t, SEV2)
	on := func(target string) string { return st.onCall[target].People[0].Name }
	want(t, goes(3*time.Hour), []string{
		"20m0s " + on("secondary") + " rings", "50m0s " + on("tech_lead") + " rings", "1h20m0s " + on("cto") + " rings",
		"1h50m0s " + sam.Name, // no phone of theirs is known
		"2h20m0s " + on("secondary") + " rings", "2h50m0s " + on("tech_lead") + " rings"})
	st.refused(st.onCall["secondary"].People[0], AcceptHandOver{}, RefusedNotAsked) // it has passed on
	st.by(st.onCall["tech_lead"].People[0], AcceptHandOver{})
	for _, p := range st.s.Pages {
		if p.Why == WhyHandOver && (p.Status == PageOwed || p.Status == PageSent) {
			t.Errorf("%s rings on for a hand-over that was accepted", p.Key)
		}
	}
	if !st.s.HandOver.To.Zero() || st.s.Roles[Commander].Who.Same(marc) {
		t.Errorf("%+v", st.s.HandOver)
	}

	// A SEV-3 only writes to them.
	_, goes = offered(t, SEV3)
	for _, turn := range goes(2 * time.Hour) {
		if strings.HasSuffix(turn, "rings") {
			t.Errorf("%s for a hand-over of a SEV-3", turn)
		}
	}
	// The commander keeps command: nobody is asked any more.
	st, goes = offered(t, SEV2)
	goes(30 * time.Minute)
	st.by(marc, DeclineHandOver{})
	if got := goes(5 * time.Hour); len(got) != 0 || !st.s.HandOver.To.Zero() {
		t.Errorf("asked %v after the commander kept command", got)
	}
	// Who was not named by anybody and declines passes it on; whom a person named and declines does not.
	st, goes = offered(t, SEV2)
	goes(20 * time.Minute)
	st.by(st.onCall["secondary"].People[0], DeclineHandOver{})
	if to := st.s.HandOver.To; to.Name != on("tech_lead") {
		t.Errorf("asked %q after a no", to.Name)
	}
	st, _ = offered(t, SEV2)
	st.by(sam, DeclineHandOver{})
	if !st.s.HandOver.To.Zero() {
		t.Errorf("somebody else is asked: %+v", st.s.HandOver)
	}
	// What is set aside asks nobody; taken up, whoever is asked has their time.
	st, goes = offered(t, SEV2)
	st.by(marc, Park{Until: night.Add(5 * time.Hour)})
	if got := goes(5*time.Hour - time.Second); len(got) != 0 {
		t.Errorf("asked %v while it was set aside", got)
	}
	want(t, goes(5*time.Hour+21*time.Minute), []string{"5h20m0s " + on("secondary") + " rings"})
}

// One commander of eight hours who asks nobody is relieved by the chain: told, and half an hour later somebody else is asked.
func TestWhoCommandsForLongIsRelieved(t *testing.T) {
	st := chained(newStory(t))
	st.policy.HandOverAfter = 8 * time.Hour
	st.declared(3)
	var got []string
	st.keeps(9 * time.Hour)
	for _, e := range st.log {
		switch f := e.Fact.(type) {
		case *HandOverSuggested:
			got = append(got, fmt.Sprintf("%s told", e.RecordedAt.Sub(night)))
		case *HandOverProposed:
			got = append(got, fmt.Sprintf("%s %s %s", e.RecordedAt.Sub(night), f.Why, f.To.Name))
		}
	}
	want(t, got, []string{"8h0m0s told", "8h30m0s long " + st.onCall["secondary"].People[0].Name, "9h0m0s passed " + st.onCall["tech_lead"].People[0].Name})
}

// TestNothingOwedWaitsInSilence: while an incident is open and its clocks run, a commander who is missing, an update that is overdue and a
// hand-over that nobody has accepted have a next deadline no later than their longest wait, whatever was done and whoever is on call; nobody is
// rung twice at one moment, and nobody is asked twice running where the chain has somebody else.
func TestNothingOwedWaitsInSilence(t *testing.T) {
	people := []Person{marc, ines, tomas, amel, sam}
	rapid.Check(t, func(rt *rapid.T) {
		st := withProcess(newStory(t))
		if rapid.Bool().Draw(rt, "chains") {
			chained(st)
			st.policy.Response.Updates.Page = rapid.SampledFrom([][]Severity{nil, {SEV1}, {SEV1, SEV2, SEV3}}).Draw(rt, "page")
		}
		st.policy.HandOverAfter = 8 * time.Hour
		for _, key := range []string{"secondary", "tech_lead", "cto"} {
			if rapid.IntRange(0, 4).Draw(rt, "nobody is "+key) == 0 {
				st.onCall[key] = Roster{}
			}
		}
		longest := 8 * time.Hour
		do := func(a Actor, via Via, act Act) {
			ev, err := st.try(a, via, act)
			if _, no := err.(*Refusal); err != nil && !no {
				rt.Fatalf("%T: %v", act, err)
			}
			rung := map[string]bool{}
			for _, e := range ev {
				if f, is := e.Fact.(*Missed); is && f.Asked != "" && !Role(f.Asked).Valid() && st.s.Open() {
					_, rings := st.s.Pursued(f.Name)
					who := st.onCall[f.Asked].People
					if rings && len(who) > 0 && !slices.ContainsFunc(st.s.Pages, func(p Page) bool {
						return p.Status != PageAnswered && st.s.calls(p) && (p.Target == f.Asked || p.Person.Same(who[0]))
					}) {
						rt.Fatalf("after %T it is %s's turn for %s, and no phone of theirs rings", act, f.Asked, f.Name)
					}
				}
				p, is := e.Fact.(*Paged)
				if !is || p.Page.Person.Zero() || !slices.Contains([]string{WhyNoCommander, WhyUpdateMissed, WhyHandOver}, p.Page.Why) {
					continue
				}
				if rung[p.Page.Person.Key()] {
					rt.Fatalf("after %T %s is rung twice at one moment", act, p.Page.Person.Name)
				}
				rung[p.Page.Person.Key()] = true
				if s := st.policy.Response; len(s.Updates.Chain) > 0 && p.Page.Why == WhyUpdateMissed && !slices.Contains(s.Updates.Page, st.s.Severity) {
					rt.Fatalf("after %T %s is rung at %s, where the policy only reminds", act, p.Page.Person.Name, st.s.Severity)
				}
			}
			if !st.s.Open() || st.s.Paused() || !st.s.RecoveredAt.IsZero() || st.s.Policy == nil {
				return
			}
			r := st.policy.Severities[st.s.Severity]
			_, held := st.s.Roles[Commander]
			owed := map[string]bool{
				DueUpdate:    r.FirstUpdate > 0 && !st.s.untaken(),
				DueCommander: !held && r.CommanderWithin > 0 && !st.s.Ladder.AcceptedAt.IsZero(),
				DueHandOver:  !st.s.HandOver.To.Zero(),
			}
			for _, name := range []string{DueUpdate, DueCommander, DueHandOver} {
				if owed[name] && !slices.ContainsFunc(Deadlines(st.s), func(d Deadline) bool { return d.Name == name && !d.Due.After(st.now.Add(longest)) }) {
					rt.Fatalf("after %T at +%v %s waits in silence: %+v", act, st.now.Sub(night), name, Deadlines(st.s))
				}
			}
		}
		tocsin := Actor{System: SystemTocsin}
		do(Actor{Person: rapid.SampledFrom(people).Draw(rt, "declarer")}, ViaSlack, Declare{Title: Say("checkout", 100), Severity: Severity(rapid.IntRange(1, 3).Draw(rt, "severity"))})
		for range rapid.IntRange(1, 20).Draw(rt, "steps") {
			end := st.now.Add(time.Duration(rapid.OneOf(rapid.IntRange(0, 40*60), rapid.IntRange(0, 10*3600)).Draw(rt, "later")) * time.Second)
			st.driven(end, func() { do(tocsin, ViaClock, Tick{}) })
			who := Actor{Person: rapid.SampledFrom(people).Draw(rt, "who")}
			switch rapid.IntRange(0, 9).Draw(rt, "act") {
			case 0:
				do(who, ViaSlack, Ack{})
			case 1:
				do(who, ViaSlack, SetRole{Role: rapid.SampledFrom([]Role{Commander, Comms}).Draw(rt, "role"), Who: rapid.SampledFrom(append(people, Person{})).Draw(rt, "holder")})
			case 2:
				do(who, ViaSlack, Update{Text: Say("an update", 100), Next: time.Duration(rapid.IntRange(0, 240).Draw(rt, "next")) * time.Minute})
			case 3:
				do(who, ViaSlack, SetCadence{Every: time.Duration(rapid.IntRange(1, 240).Draw(rt, "cadence")) * time.Minute})
			case 4, 5:
				do(who, ViaSlack, rapid.SampledFrom([]Act{ProposeHandOver{To: tomas}, ProposeHandOver{To: sam, Why: HandOverRotation}, AcceptHandOver{}, DeclineHandOver{}}).Draw(rt, "hand-over"))
			case 6:
				do(who, ViaSlack, SetSeverity{Severity: Severity(rapid.IntRange(1, 4).Draw(rt, "severity")), Reason: Say("so it is", 100)})
			case 7:
				do(who, ViaSlack, rapid.SampledFrom([]Act{Park{Until: st.now.Add(time.Duration(rapid.IntRange(1, 600).Draw(rt, "park")) * time.Minute), Owner: marc}, Resume{}, SetStatus{Status: Mitigated}, Reopen{}}).Draw(rt, "sets"))
			case 8: // somebody answers a phone
				if n := len(st.s.Pages); n > 0 {
					p := st.s.Pages[rapid.IntRange(0, n-1).Draw(rt, "page")]
					do(Actor{System: SystemPagerDuty}, ViaPagerDuty, PagerChanged{Dedup: p.Dedup, Status: "acknowledged", By: p.Person})
				}
			case 9:
				do(who, ViaSlack, rapid.SampledFrom([]Act{Resolve{}, SendHelp{}, Progress{Text: Say("something was found out", 100)}}).Draw(rt, "does"))
			}
		}
	})
}

// One person is on two duties of a chain: their phone rings for the first, and the second only writes to them while it rings.
func TestOnePersonOnTwoDutiesIsRungOnce(t *testing.T) {
	st := chained(newStory(t))
	st.policy.Severities[SEV2] = SeverityRule{FirstUpdate: 30 * time.Minute, UpdateEvery: time.Hour, AckWithin: time.Hour, AcceptWithin: time.Hour}
	st.onCall["tech_lead"] = st.onCall["secondary"]
	st.declared(2)
	want(t, st.turns(st.run(100*time.Minute), DueUpdate, WhyUpdateMissed), []string{
		"30m0s", "50m0s secondary rings", "1h10m0s tech_lead told Ines", "1h30m0s secondary rings"})
}

// Somebody else takes command: whoever was being rung for it is stood down.
func TestACommanderEndsTheCallsForOne(t *testing.T) {
	st := chained(newStory(t))
	st.declared(2)
	st.by(marc, SetRole{Role: Commander})
	want(t, st.turns(st.run(16*time.Minute), DueCommander, WhyNoCommander), []string{"15m0s secondary rings"})
	st.by(sam, SetRole{Role: Commander, Who: sam})
	for _, p := range st.s.Pages {
		if p.Why == WhyNoCommander && p.Outstanding() {
			t.Errorf("%s rings on while %s commands", p.Key, st.s.Roles[Commander].Who.Name)
		}
	}
}

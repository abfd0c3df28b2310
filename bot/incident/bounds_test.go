package incident

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// What a merge takes over in short keeps its severity: a group that was there all along does not raise again what a human lowered.
func TestAMergeKeepsTheSeverityOfItsGroups(t *testing.T) {
	other := reopenable(t)
	other.alertAs("theirs", "ApiErrorRateHigh")
	st := reopenable(t)
	for i := range maxAlerts {
		st.alertAs(fmt.Sprint("ours", i), "ApiHighLatencyP95")
	}
	st.by(marc, Ack{})
	st.by(sam, Absorb{From: other.s})
	r, short := st.s.Rest["theirs"]
	if !short || r.Severity != SEV2 || st.s.Severity != SEV2 || !time.UnixMilli(r.ChangedAt).Equal(night) {
		t.Fatalf("%v %+v, %s", short, r, st.s.Severity)
	}
	st.by(marc, SetSeverity{Severity: SEV3, Reason: because})
	more := AlertsFired{Title: Say("x", 10), Set: AlertSet{Group: "theirs", Name: "ApiErrorRateHigh", Firing: 2, Digest: "more"}}
	if st.machine(ViaAlertmanager, more); st.s.Severity != SEV3 {
		t.Errorf("one more of what was there made it %s", st.s.Severity)
	}
	// There is room: they stay whole.
	st = reopenable(t)
	st.alertAs("ours", "ApiHighLatencyP95")
	if st.by(sam, Absorb{From: other.s}); len(st.s.Alerts) != 2 || len(st.s.Rest) != 0 {
		t.Errorf("%+v %+v", st.s.Alerts, st.s.Rest)
	}
}

// Reminders come without end; they do not push out what was written at the beginning, which going private must hide.
func TestRemindersDoNotPushOutWhatIsToBeHidden(t *testing.T) {
	st := newStory(t)
	st.alert("AuditHashChainBroken", 1, "x") // tells the CEO and the compliance officer
	var told EffectID
	for _, i := range st.s.Informed {
		if i.Who.Same(lucie) {
			told = i.Effect
		}
	}
	st.machine(ViaOutbox, Report{Effect: told, Outcome: OutcomeDone, Channel: "DLUCIE", TS: "7.7"})
	d := newDecider(st.s, Intent{Now: st.now})
	for range 3 * maxInformed {
		d.own(&ObligationReminded{Who: []Person{viktor}})
	}
	if len(d.s.Informed) != maxInformed {
		t.Errorf("%d remembered", len(d.s.Informed))
	}
	if !slices.ContainsFunc(d.s.Informed, func(i Informed) bool { return i.Effect == told && i.At.TS == "7.7" }) {
		t.Error("the message of the beginning is forgotten")
	}
	st.s = d.s
	if fx := effects(st.by(marc, GoPrivate{})); !slices.Contains(fx, "hide/DLUCIE/7.7") {
		t.Errorf("it is not hidden: %v", fx)
	}
}

// However often somebody is reminded, going private hides every message to them: what is remembered is bounded by the people.
func TestThousandsOfRemindersAreHidden(t *testing.T) {
	st := newStory(t)
	st.declared(2)
	d := newDecider(st.s, Intent{Now: st.now})
	turns := []Person{viktor, lucie}
	for n := range 5000 {
		who := turns[n%2]
		d.own(&ObligationReminded{Who: []Person{who}})
		last := d.s.Informed[len(d.s.Informed)-1]
		d.own(&Settled{Effect: last.Effect, Outcome: OutcomeDone, Channel: "D" + who.Name, TS: fmt.Sprint(n, ".1")})
	}
	if len(d.s.Informed) > maxInformed {
		t.Errorf("%d remembered", len(d.s.Informed))
	}
	st.s = d.s
	fx := effects(st.by(marc, GoPrivate{}))
	hidden := map[string]bool{}
	for _, name := range fx {
		if where, is := strings.CutPrefix(name, "hide/D"); is {
			hidden[where] = true
		}
	}
	for _, who := range turns {
		if !hidden[who.Name] {
			t.Errorf("what was written to %s is not hidden: %v", who.Name, fx)
		}
	}
}

// A hand-over that nobody answered ends with the incident; a commander of before is not told at once that they have commanded for long.
func TestAHandOverEndsWithTheIncident(t *testing.T) {
	for name, end := range map[string]Act{"resolved": Resolve{}, "cancelled": Cancel{Reason: Say("noise", 10)}} {
		st := newStory(t)
		st.policy.HandOverAfter = 8 * time.Hour
		st.alert("ApiErrorRateHigh", 1, "x")
		st.by(marc, Ack{})
		st.by(marc, ProposeHandOver{To: ines})
		if st.by(marc, end); st.s.HandOver != (HandOver{}) {
			t.Errorf("%s, and %s is still asked", name, st.s.HandOver.To.Name)
		}
		st.now = night.Add(24 * time.Hour)
		st.by(marc, Reopen{})
		for _, e := range st.run(24*time.Hour + 7*time.Hour) {
			switch f := e.Fact.(type) {
			case *HandOverEnded, *HandOverSuggested:
				t.Errorf("%s: %s at +%v", name, f.Type(), e.RecordedAt.Sub(night))
			}
		}
	}
}

// What an incident holds is bounded, claims too; beyond them a group is counted no more, and still raises the severity.
func TestClaimsAreBounded(t *testing.T) {
	st := newStory(t)
	title := "storm"
	st.policy.Storm = StormRule{Rooms: 1, Within: time.Hour}
	say := func(i int, name string) []Event {
		t.Helper()
		group := fmt.Sprintf("g%06d", i)
		in := Intent{At: st.now, Now: st.now, Actor: Actor{System: SystemAlertmanager}, Via: ViaAlertmanager, Policy: st.policy, Number: 42, OnCall: st.onCall, Claims: []string{GroupClaim(group)},
			Act: AlertsFired{Title: Say("x", 10), Set: AlertSet{Group: group, Name: name, Firing: 1, Digest: "1"}}}
		if st.s.Seq == 0 {
			in.Storm = &Text{Body: title}
		}
		s, ev, err := Apply(st.s, in)
		if err != nil {
			t.Fatal(err)
		}
		st.s = s
		return ev
	}
	say(0, "ApiHighLatencyP95")
	for i := 1; i < maxClaims; i++ {
		st.s.Claims = append(st.s.Claims, GroupClaim(fmt.Sprintf("g%06d", i)))
	}
	for i := 1; i < maxAlerts; i++ {
		say(i, "ApiHighLatencyP95")
	}
	all, _ := st.s.Groups()
	ev := say(maxClaims+1, "ApiErrorRateHigh")
	if now, _ := st.s.Groups(); len(st.s.Claims) != maxClaims || len(ev[0].Fact.(*AlertsSeen).Claims) != 0 || now != all+1 {
		t.Errorf("%d claims, %d groups after %d", len(st.s.Claims), now, all)
	}
	if st.s.Severity != SEV2 {
		t.Errorf("%s though a worse alert came", st.s.Severity)
	}
	other := newStory(t)
	other.alert("ApiErrorRateHigh", 1, "x")
	other.s.Claims, other.s.ID = []string{"alert/x"}, "INC-43"
	if r, ok := other.s.CanMerge(st.s).(*Refusal); !ok || r.Code != RefusedTooMany {
		t.Errorf("merged into what is full: %v", r)
	}
}

package incident

import (
	"slices"
	"testing"
	"time"
)

func tell(how string, roles ...string) TellStep {
	return TellStep{Runbook: "RB-900", Step: "inside", Roles: roles, Text: Say("the chain is broken", 100), How: how}
}

// telling3 is an incident of SEV-3, which tells nobody by itself, with a step that tells people of the house.
func telling3(t *testing.T) *story {
	st := newStory(t)
	st.declared(3)
	st.opened()
	ref := telling()
	ref.Steps = append(ref.Steps, "inside", "held")
	notify := []string{"cto", "ceo", "compliance_officer", "incident_commander", "legal", "dpo"}
	ref.Rules = append(ref.Rules, StepRule{Kind: KindNotify, Notify: notify}, StepRule{Kind: KindNotify, Notify: notify, Approval: "ceo"})
	st.by(marc, StartRunbook{Runbook: ref})
	return st
}

// Who is told is who holds the role now; it is written to them, rung where asked and as the policy says, and marked with who and when.
func TestAStepTellsTheHouse(t *testing.T) {
	st := telling3(t)
	if got := st.s.Uninformed("RB-900", "inside"); !slices.Equal(got, []string{"cto", "ceo", "compliance_officer", "dpo"}) {
		t.Fatalf("to be told: %v", got) // neither who leads, nor legal, for whom there is a notice
	}
	st.now = st.now.Add(7 * time.Minute)
	ev := st.by(ines, tell(TellRing, "compliance_officer", "cto"))
	wrote := map[Person]int{}
	var rung []string
	for _, e := range ev {
		for _, eff := range e.Effects {
			if eff.View == ViewStepTold {
				wrote[eff.People[0]]++
			}
		}
		if f, is := e.Fact.(*Paged); is {
			rung = append(rung, f.Page.Target+" "+f.Page.For)
		}
	}
	if len(wrote) != 2 || wrote[lucie] != 1 || wrote[amel] != 1 {
		t.Errorf("written to: %v", wrote)
	}
	want(t, rung, []string{"compliance_officer tell", "cto tell"})
	run, _ := st.s.Runbook("RB-900")
	if told, ok := run.Told("inside", "cto"); !ok || told.By != ines || !told.At.Equal(st.now) {
		t.Errorf("the mark: %+v", told)
	}
	if got := st.s.Uninformed("RB-900", "inside"); !slices.Equal(got, []string{"ceo", "dpo"}) {
		t.Errorf("left: %v", got)
	}
	for _, c := range []struct {
		a    TellStep
		code string
	}{
		{tell(TellWrite, "cto"), RefusedTold}, {tell(TellWrite, "dpo"), RefusedNobodyToTell}, {tell(TellWrite, "legal"), RefusedNoNotice},
		{tell(TellWrite, "ceo", "ceo"), RefusedNoNotice}, {tell("shout", "ceo"), RefusedEmpty}, {tell(TellWrite), RefusedTellsNobody},
		{TellStep{Runbook: "RB-900", Step: "held", Roles: []string{"cto"}, Text: Say("x", 5), How: TellWrite}, RefusedUnapproved},
		{TellStep{Runbook: "RB-900", Step: "inside", Roles: []string{"ceo"}, How: TellWrite}, RefusedEmpty},
	} {
		st.refused(marc, c.a, c.code)
	}
	// Nobody is known to hold it: a person told them, and says so. Nobody is written to.
	for _, e := range st.by(marc, tell(TellSelf, "dpo")) {
		if len(e.Effects) > 0 && slices.ContainsFunc(e.Effects, func(x Effect) bool { return x.View == ViewStepTold }) {
			t.Error("somebody is written to whom a person told")
		}
	}
	if run, _ = st.s.Runbook("RB-900"); run.Untold("inside") == nil {
		t.Error("legal has a notice of its own, and was not told")
	}
}

// Whom the severity told or rang is not put forward again, and it is known since when.
func TestTheSeverityToldThem(t *testing.T) {
	st := telling3(t)
	at := st.now.Add(20 * time.Minute)
	st.now = at
	st.by(marc, SetSeverity{Severity: 1, Reason: Say("all are down", 50)})
	if got := st.s.Uninformed("RB-900", "inside"); !slices.Equal(got, []string{"dpo"}) {
		t.Errorf("left: %v", got)
	}
	for role, phone := range map[string]bool{"cto": true, "ceo": false, "compliance_officer": false} {
		if when, rung, heard := st.s.Heard(role); !heard || rung != phone || !when.Equal(at) {
			t.Errorf("%s: heard %v at %s, rung %v", role, heard, when, rung)
		}
	}
	if _, _, heard := st.s.Heard("dpo"); heard {
		t.Error("the DPO was told by nobody")
	}
}

// Who is rung to know of it, and says so on the phone, takes nothing: the one on call goes on being rung.
func TestWhoIsRungToKnowTakesNothing(t *testing.T) {
	st := newStory(t)
	st.alert("SomethingMinor", 1, "d")
	if st.s.Severity != 3 || st.s.AcknowledgedAt != zeroTime {
		t.Fatalf("SEV-%d, acknowledged %s", st.s.Severity, st.s.AcknowledgedAt)
	}
	st.by(ines, StartRunbook{Runbook: RunbookRef{ID: "RB-9", Digest: "d", Language: "en", Steps: []string{"tell"}, Rules: []StepRule{{Kind: KindNotify, Notify: []string{"cto"}}}}})
	before := st.s.AcknowledgedAt
	st.by(ines, TellStep{Runbook: "RB-9", Step: "tell", Roles: []string{"cto"}, Text: Say("it is down", 100), How: TellRing})
	i := slices.IndexFunc(st.s.Pages, func(p Page) bool { return p.For == ForTell })
	if i < 0 {
		t.Fatalf("nobody is rung: %+v", st.s.Pages)
	}
	key := st.s.Pages[i].Key
	st.machine(ViaPagerDuty, PagerChanged{Dedup: st.s.Pages[i].Dedup, Pager: "Q9", Status: "acknowledged", By: amel})
	p, _ := st.s.Page(key)
	if p.Status != PageAnswered || st.s.AcknowledgedAt != before || st.s.Roles[Commander].Who == amel {
		t.Errorf("page %s, acknowledged %s, commander %v", p.Status, st.s.AcknowledgedAt, st.s.Roles[Commander].Who)
	}
}

// Where the service has somebody of its own for a role, it is they who are told, rung, asked and who approve: not those of the house.
func TestTheServicesOwnPeopleAreMeant(t *testing.T) {
	st := newStory(t)
	st.policy.Services = map[string]Service{"shop": {Key: "shop", Instead: map[string]string{"cto": "shop_cto", "tech_lead": "shop_lead"}}}
	for key, who := range map[string]Person{"shop_cto": sam, "shop_lead": ines} {
		st.policy.Targets[key] = Target{Key: key, Address: Address{RoutingKey: "KEY_" + key}}
		st.onCall[key] = Roster{People: []Person{who}, Source: "test", SeenAt: night}
	}
	st.by(marc, Declare{Title: Say("the shop is down", 50), Severity: 3, Service: "shop"})
	st.opened()
	st.by(marc, StartRunbook{Runbook: RunbookRef{ID: "RB-9", Digest: "d", Owner: "tech_lead", Steps: []string{"tell", "flag", "lead"}, Rules: []StepRule{
		{Kind: KindNotify, Notify: []string{"cto"}}, {Kind: KindMitigation, Approval: "cto"}, {Kind: KindMitigation, Who: []string{"tech_lead"}}}}})
	told := map[string]bool{}
	for _, e := range st.by(marc, TellStep{Runbook: "RB-9", Step: "tell", Roles: []string{"cto"}, Text: Say("it is down", 50), How: TellRing}) {
		if f, is := e.Fact.(*Paged); is {
			told[f.Page.Target] = true
		}
		for _, eff := range e.Effects {
			if eff.View == ViewStepTold {
				told[eff.People[0].Name] = true
			}
		}
	}
	if !told["shop_cto"] || !told[sam.Name] || len(told) != 2 {
		t.Errorf("told %v", told)
	}
	why := Say("the flag is right", 50)
	no := errOf(st, amel, ApproveStep{Runbook: "RB-9", Step: "flag", Reason: why}).(*Refusal)
	if no.Code != RefusedApprover || no.By != sam || no.Args[2] != "shop_cto" {
		t.Errorf("the CTO of the house approves for the shop: %+v", no)
	}
	if f, is := st.by(marc, AskApproval{Runbook: "RB-9", Step: "flag"})[0].Fact.(*ApprovalAsked); !is || len(f.Who) != 1 || f.Who[0] != sam {
		t.Errorf("asked: %+v", f)
	}
	st.by(sam, ApproveStep{Runbook: "RB-9", Step: "flag", Reason: why})
	if r := refusalOf(st, tomas, doStep("lead")); r != RefusedStepWho {
		t.Errorf("the tech lead of the house does the shop's step: %q", r)
	}
	help := st.by(marc, HelpStep{Runbook: "RB-9", Step: "lead"})
	if i := slices.IndexFunc(help, func(e Event) bool {
		f, is := e.Fact.(*Paged)
		return is && f.Page.Target == "shop_lead" && f.Page.Person == ines
	}); i < 0 {
		t.Errorf("help is not rung at the shop's: %+v", st.s.Pages)
	}
	st.by(ines, doStep("lead"))
}

// A page that was closed before any phone rang told nobody.
func TestAPageThatNeverRangToldNobody(t *testing.T) {
	st := telling3(t)
	st.by(marc, PageOut{Target: "ceo"})
	if _, rung, heard := st.s.Heard("ceo"); !heard || !rung {
		t.Error("on its way, and said to be rung by nobody")
	}
	i := slices.IndexFunc(st.s.Pages, func(p Page) bool { return p.Target == "ceo" })
	st.s.Pages[i].Status = PageClosed
	if _, _, heard := st.s.Heard("ceo"); heard || !slices.Contains(st.s.Uninformed("RB-900", "inside"), "ceo") {
		t.Error("closed before it rang, and said to have been heard")
	}
	st.s.Pages[i].SentAt = st.now
	if _, rung, heard := st.s.Heard("ceo"); !heard || !rung {
		t.Error("it rang before it was closed")
	}
}

// Who is told of a private incident is let into its room: they read what they are told, and not that somebody may let them in.
func TestWhoIsToldOfAPrivateIncidentReadsIt(t *testing.T) {
	st := telling3(t)
	st.by(marc, GoPrivate{Reason: Say("it may be an attack", 50)})
	read := false
	for _, e := range st.by(marc, tell(TellWrite, "cto")) {
		for _, x := range e.Effects {
			if x.View == ViewStepTold && x.People[0] == amel {
				read = !st.s.Outside(x)
			}
		}
	}
	if !read || !st.s.MaySee(amel) {
		t.Error("told of it, and cannot read what")
	}
	// Who was told before it went private is not let in by that.
	st = telling3(t)
	st.by(marc, tell(TellWrite, "cto"))
	st.by(marc, GoPrivate{Reason: Say("it may be an attack", 50)})
	if st.s.MaySee(amel) {
		t.Error("told of what was open, and reads what is private")
	}
}

// Who holds two of the roles that are told reads it once, and their phone rings once.
func TestWhoHoldsTwoRolesIsRungOnce(t *testing.T) {
	st := telling3(t)
	st.onCall["ceo"] = st.onCall["cto"]
	rung, wrote := 0, 0
	for _, e := range st.by(ines, tell(TellRing, "ceo", "cto", "compliance_officer")) {
		if f, is := e.Fact.(*Paged); is && f.Page.Person == amel {
			rung++
		}
		for _, x := range e.Effects {
			if x.View == ViewStepTold && x.People[0] == amel {
				wrote++
			}
		}
	}
	if rung != 1 || wrote != 1 {
		t.Errorf("rung %d times, written to %d times", rung, wrote)
	}
	run, _ := st.s.Runbook("RB-900")
	for _, role := range []string{"ceo", "cto", "compliance_officer"} {
		if _, told := run.Told("inside", role); !told {
			t.Errorf("%s counts as told by nobody", role)
		}
	}
}

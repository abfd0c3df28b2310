package incident

import (
	"testing"
	"time"
)

// telling is a runbook whose steps tell people outside, with the clocks that asks for it.
func telling() RunbookRef {
	return RunbookRef{ID: "RB-900", Digest: "d", Language: "en", Steps: []string{"client", "regulator", "locked", "team"}, Owner: "tech_lead",
		Rules: []StepRule{
			{Kind: KindNotify, Notify: []string{"cto", "tenant_compliance_officer", "tenant_dpo"}},
			{Kind: KindNotify, Notify: []string{"legal", RoleRegulator}},
			{Kind: KindNotify, Notify: []string{"tenant_dpo"}, Approval: "cto"},
			{Kind: KindNotify, Notify: []string{"cto"}},
		},
		Clocks: []RunbookClock{
			{ID: "client-notice", Step: "client", What: "tell the client", Who: "communications_lead", Obligation: true, Offset: 24 * time.Hour, Anchor: "detected"},
			{ID: "regulator-notice", Step: "regulator", What: "tell the regulator", Who: "compliance_officer", Obligation: true, Offset: 72 * time.Hour, Anchor: "detected"},
			{ID: "team-told", Step: "team", What: "tell the team", Who: "incident_commander", Obligation: true, Offset: time.Hour, Anchor: "detected"},
		}}
}

func tellingStory(t *testing.T) *story {
	st := dutyStory(t)
	st.declared(1)
	st.opened()
	st.by(marc, StartRunbook{Runbook: telling()})
	return st
}

func sentTo(step string, roles ...string) SentStep {
	return SentStep{Runbook: "RB-900", Step: step, Roles: roles, Text: Say("dear all", 100), To: Say("e-mail to Alpha", 100), Reference: Say("4711", 10)}
}

// A clock of a step that tells people outside is met when they were told, not when somebody went on.
func TestAClockIsMetByHavingBeenSent(t *testing.T) {
	st := tellingStory(t)
	st.by(marc, MarkStep{Runbook: "RB-900", Step: "client", Mark: StepDone})
	st.by(marc, MarkStep{Runbook: "RB-900", Step: "team", Mark: StepDone})
	st.owes("customer_notice")
	st.owesNot("team-told", EndedDone) // it tells nobody outside
	st.by(marc, sentTo("client", "tenant_compliance_officer"))
	st.owes("customer_notice")
	st.now = st.now.Add(time.Hour)
	when := st.now.Add(-20 * time.Minute)
	last := sentTo("client", "tenant_dpo")
	last.At = when
	ev := st.by(ines, last)
	st.owesNot("customer_notice", EndedDone)
	if f, ok := ev[0].Fact.(*NoticeSent); !ok || !ev[0].At.Equal(when) || ev[0].Actor.Person != ines || f.Role != "tenant_dpo" || f.Notice != "tenant_dpo" || f.To.Body != "e-mail to Alpha" || f.Reference.Body != "4711" || f.Step != "client" {
		t.Errorf("evidence: %+v %+v", ev[0], ev[0].Fact)
	}
	if x, _ := st.s.Duty("customer_notice"); x.Outcome.Body != "e-mail to Alpha" || x.EndedBy != ines {
		t.Errorf("the clock ended %+v", x)
	}
	// Legal was told: that is not the regulator.
	st.by(marc, sentTo("regulator", "legal"))
	st.owes("authority_notice")
	st.by(marc, SendNotice{Notice: "authority", To: Say("CNIL", 10)})
	st.owesNot("authority_notice", EndedDone)
}

// What is sent for the step ends with it when nobody is left, and only then.
func TestSendingTheLastMarksTheStep(t *testing.T) {
	st := tellingStory(t)
	a := sentTo("client", "tenant_dpo")
	a.Done, a.Finding, a.Next = true, Say("they know", 20), "team"
	st.by(marc, a)
	if _, marked := st.s.Runbooks[0].Steps["client"]; marked {
		t.Fatal("done with one to be told")
	}
	a.Roles = nil // all that are left
	st.by(ines, a)
	if m := st.s.Runbooks[0].Steps["client"]; m.By != ines || st.s.Runbooks[0].Current != "team" {
		t.Fatalf("%+v, at %q", m, st.s.Runbooks[0].Current)
	}
}

// What may not be done may not be said to have been sent; nobody is told twice; what lies outside the incident is refused.
func TestSentIsRefused(t *testing.T) {
	st := tellingStory(t)
	st.by(marc, sentTo("client", "tenant_dpo"))
	future, early := sentTo("regulator"), sentTo("regulator")
	future.At, early.At = st.now.Add(time.Hour), st.s.DetectedAt.Add(-time.Hour)
	nobody := sentTo("regulator")
	nobody.To = Text{}
	for _, c := range []struct {
		a    SentStep
		want string
	}{
		{sentTo("locked"), RefusedUnapproved}, {sentTo("client", "tenant_dpo"), RefusedTold}, {sentTo("team"), RefusedTellsNobody},
		{sentTo("client", "cto"), RefusedNoNotice}, {sentTo("nowhere"), RefusedNoStep}, {future, RefusedFuture}, {early, RefusedBeforeDetection}, {nobody, RefusedEmpty},
	} {
		st.refused(marc, c.a, c.want)
	}
	if len(st.s.Notices) != 1 {
		t.Errorf("%+v", st.s.Notices)
	}
	// A step that is approved may be sent; after the end what is owed still can be.
	st.by(amel, ApproveStep{Runbook: "RB-900", Step: "locked", Reason: Say("go", 10)})
	st.by(marc, sentTo("locked"))
	st.by(marc, Resolve{})
	st.by(marc, sentTo("regulator"))
	st.owesNot("authority_notice", EndedDone)
}

package incident

import (
	"strings"
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

// What one authority got is no evidence that another did: each step tells its own, and "the regulator" is the data protection authority unless
// the answer said that another's notice alone is owed.
func TestOneAuthoritysNoticeIsNotAnothers(t *testing.T) {
	clock := func(id, step string) RunbookClock {
		return RunbookClock{ID: id, Step: step, What: id, When: "it is concerned", Who: "compliance_officer", Obligation: true, Offset: 72 * time.Hour, Anchor: "detected"}
	}
	book := RunbookRef{ID: "RB-900", Digest: "d", Language: "en", Steps: []string{"regulator", "aml", "supplement"}, Owner: "tech_lead",
		Rules:  []StepRule{{Kind: KindNotify, Notify: []string{"legal", RoleRegulator}}, {Kind: KindNotify, Notify: []string{"legal", RoleAMLAuthority}}, {Kind: KindNotify, Notify: []string{RoleRegulator}}},
		Clocks: []RunbookClock{clock("regulator-notice", "regulator"), clock("aml-notice", "aml")}}
	for _, c := range []struct {
		answer  string
		about   []string
		sent    []SentStep
		notices string // recorded, in their order
		owed    string
	}{
		{AnswerUnknown, nil, []SentStep{sentTo("aml", RoleAMLAuthority)}, "aml", "authority_notice customer_notice"},
		{AnswerUnknown, nil, []SentStep{sentTo("regulator", RoleRegulator)}, "authority", "aml_notice customer_notice final_report"},
		{AnswerUnknown, nil, []SentStep{sentTo("regulator", RoleRegulator), sentTo("supplement", RoleRegulator)}, "authority authority", "aml_notice customer_notice final_report"},
		{AnswerUnknown, nil, []SentStep{sentTo("regulator", RoleRegulator), sentTo("aml")}, "authority legal aml", "customer_notice final_report"},
		{AnswerUnknown, nil, []SentStep{sentTo("aml", "legal")}, "legal", "aml_notice authority_notice customer_notice"},
		{AnswerYes, []string{"gdpr"}, []SentStep{sentTo("regulator", RoleRegulator)}, "authority", "customer_notice final_report"},
		{AnswerYes, []string{"aml"}, []SentStep{sentTo("aml", RoleAMLAuthority)}, "aml", "customer_notice"},
		{AnswerYes, []string{"aml"}, []SentStep{sentTo("supplement", RoleRegulator)}, "aml", "customer_notice"},
	} {
		st := concerned(t)
		st.opened()
		st.by(marc, StartRunbook{Runbook: book})
		st.by(lucie, AnswerQuestion{Question: "personal_data", Value: c.answer, Concerns: c.about})
		for _, a := range c.sent {
			st.by(marc, a)
		}
		var notices []string
		for _, n := range st.s.Notices {
			notices = append(notices, n.Name)
		}
		if got := strings.Join(notices, " "); got != c.notices || st.legal() != c.owed {
			t.Errorf("%s %v, %+v: noted %q and owed %q, want %q and %q", c.answer, c.about, c.sent, got, st.legal(), c.notices, c.owed)
		}
	}
	// Money laundering alone, and told; then personal data, too: its authority has had nothing.
	st := concerned(t)
	st.opened()
	st.by(marc, StartRunbook{Runbook: book})
	yes := func(about ...string) AnswerQuestion {
		return AnswerQuestion{Question: "personal_data", Value: AnswerYes, Concerns: about}
	}
	st.by(lucie, yes("aml"))
	st.by(marc, sentTo("regulator", RoleRegulator))
	st.now = st.now.Add(time.Minute)
	st.by(lucie, yes("aml", "gdpr"))
	if got := st.legal(); got != "authority_notice customer_notice" {
		t.Errorf("after the second answer %q is owed", got)
	}
}

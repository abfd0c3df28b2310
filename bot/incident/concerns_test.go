package incident

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// concerned is the duty policy with a question whose yes may be about personal data, money laundering, or both.
func concerned(t *testing.T) *story {
	st := dutyStory(t)
	st.policy.Questions[0].Concerns = []Concern{{Name: "gdpr"}, {Name: "aml"}}
	authority := &st.policy.Obligations[1]
	authority.Begins = []string{"personal_data=yes:gdpr", "personal_data=unknown"}
	aml := *authority
	aml.Name, aml.Notice, aml.Begins = "aml_notice", "aml", []string{"personal_data=yes:aml", "personal_data=unknown"}
	st.policy.Obligations = append(st.policy.Obligations, aml)
	st.declared(1)
	return st
}

func (st *story) legal() string {
	var out []string
	for _, d := range st.s.Owing() {
		if d.Legal && d.Of != "" {
			out = append(out, d.Of)
		}
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

// A yes begins what it is about; one that says nothing of what, as logs from before have it, and not known begin everything; a corrected one
// takes back what it no longer is about and begins the other; no ends all.
func TestAYesBeginsWhatItIsAbout(t *testing.T) {
	yes := func(about ...string) AnswerQuestion {
		return AnswerQuestion{Question: "personal_data", Value: AnswerYes, Concerns: about}
	}
	unknown := AnswerQuestion{Question: "personal_data", Value: AnswerUnknown}
	no := AnswerQuestion{Question: "personal_data", Value: AnswerNo, Reason: Say("none", 100)}
	const customer, gdpr, aml = "customer_notice", "authority_notice", "aml_notice"
	all := strings.Join([]string{aml, gdpr, customer}, " ")
	for _, c := range []struct {
		answers []AnswerQuestion
		want    string // after the last
	}{
		{[]AnswerQuestion{yes("gdpr")}, gdpr + " " + customer},
		{[]AnswerQuestion{yes("aml")}, aml + " " + customer},
		{[]AnswerQuestion{yes("aml", "gdpr")}, all},
		{[]AnswerQuestion{yes()}, all},
		{[]AnswerQuestion{unknown}, all},
		{[]AnswerQuestion{unknown, yes("aml")}, aml + " " + customer},
		{[]AnswerQuestion{yes(), yes("gdpr")}, gdpr + " " + customer},
		{[]AnswerQuestion{yes("gdpr"), yes("aml")}, aml + " " + customer},
		{[]AnswerQuestion{yes("gdpr"), yes("gdpr", "aml")}, all},
		{[]AnswerQuestion{yes("aml"), no}, ""},
		{[]AnswerQuestion{no, yes("aml")}, aml + " " + customer},
	} {
		st := concerned(t)
		for _, a := range c.answers {
			st.now = st.now.Add(time.Minute)
			st.by(lucie, a)
		}
		if got := st.legal(); got != c.want {
			t.Errorf("%+v: %q runs, want %q", c.answers, got, c.want)
		}
	}
	st := concerned(t)
	st.by(lucie, yes("gdpr"))
	for _, a := range []AnswerQuestion{yes("gdpr"), yes("gdpr", "gdpr"), yes("tax"), {Question: "personal_data", Value: AnswerUnknown, Concerns: []string{"aml"}}} {
		if _, err := st.try(Actor{Person: lucie}, ViaSlack, a); err == nil {
			t.Errorf("%+v was taken", a)
		}
	}
}

package incident

import (
	"testing"
	"time"
)

// What runs from the declaration until somebody knows (DORA: 24 h from becoming aware) runs whether or not anybody answers, keeps its
// time when the answer is yes, and is withdrawn by a no, for good.
func TestAClockThatRunsUntilSomebodyKnows(t *testing.T) {
	for answer, runs := range map[string]bool{"": true, AnswerYes: true, AnswerUnknown: true, AnswerNo: false} {
		st := withProcess(newStory(t))
		st.policy.Questions = []Question{{Name: "dora_major", Within: 4 * time.Hour, Chain: []string{"commander"}, Every: 4 * time.Hour}}
		st.policy.Obligations = []Obligation{{Name: "dora_aware", Severities: []Severity{SEV1, SEV2}, Begins: []string{BeginsDeclared, "dora_major=unknown", "dora_major=yes"}, Within: 24 * time.Hour, Legal: true, Chain: []string{"commander"}, Every: 4 * time.Hour}}
		st.alert("ApiErrorRateHigh", 1, "x")
		st.by(marc, Ack{})
		st.now = night.Add(5 * time.Hour)
		if answer != "" {
			st.by(marc, AnswerQuestion{Question: "dora_major", Value: answer, Reason: Say("one tenant", 100)})
		}
		st.by(marc, Progress{Text: Say("something was found out", 100)})
		x, there := st.s.Duty("dora_aware")
		if !there || x.Running() != runs || runs && !x.Due.Equal(night.Add(24*time.Hour)) {
			t.Errorf("answered %q: %+v, there %v", answer, x, there)
		}
		if !runs && x.How != EndedWithdrawn {
			t.Errorf("answered %q: ended %s", answer, x.How)
		}
	}
}

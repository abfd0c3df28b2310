package incident

import (
	"testing"
	"time"
)

// stoodDown are those told that nothing is needed of them.
func stoodDown(events []Event) []string {
	var out []string
	for _, e := range events {
		for _, f := range e.Effects {
			if f.View == ViewStandDown {
				out = append(out, f.People[0].Name)
			}
		}
	}
	return out
}

// Whoever handed command over may sleep: the end is not told them. Who is still rung for something else is not told that nothing is needed.
func TestWhoWasRelievedIsNotStoodDownAgain(t *testing.T) {
	st := withProcess(newStory(t))
	st.alert("ApiHighLatencyP95", 1, "x")
	st.by(marc, Ack{})
	st.now = night.Add(6 * time.Hour)
	st.by(marc, ProposeHandOver{To: ines})
	st.by(ines, AcceptHandOver{})
	want(t, stoodDown(st.by(ines, Resolve{})), nil)

	// Command back in their hands, they are told as anybody.
	st = withProcess(newStory(t))
	st.alert("ApiHighLatencyP95", 1, "x")
	st.by(marc, Ack{})
	st.by(marc, SetRole{Role: Commander, Who: ines})
	st.by(ines, SetRole{Role: Commander, Who: marc})
	want(t, stoodDown(st.by(sam, Resolve{})), []string{"Marc"})

	// Rung by the ladder and for the severity: only the last of the two says that nothing is needed.
	st = withProcess(newStory(t))
	both := testOnCall()
	both["secondary"] = both["tech_lead"]
	st.onCall = both
	st.alert("ApiErrorRateHigh", 1, "x")
	st.by(sam, PageOut{Target: "secondary"})
	want(t, stoodDown(st.by(marc, Ack{})), nil)
	want(t, stoodDown(st.by(marc, Resolve{})), []string{"Tomás"})
}

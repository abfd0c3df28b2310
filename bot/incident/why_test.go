package incident

import (
	"slices"
	"testing"
	"time"
)

// because is why the severity moves in tests that are about something else.
var because = Say("so it is", MaxReason)

// Who lowers the severity says why, or nothing happens; who raises it is heard at once and asked afterwards. What alerts, the policy and the
// guide decide has a reason of its own.
func TestTheSeverityMovesWithItsReason(t *testing.T) {
	for _, c := range []struct {
		name    string
		act     SetSeverity
		refused bool
		owed    bool
	}{
		{"lowered without", SetSeverity{Severity: SEV3}, true, false},
		{"lowered", SetSeverity{Severity: SEV3, Reason: because}, false, false},
		{"lowered by the guide", SetSeverity{Severity: SEV3, Rule: RuleGuide + "degraded"}, false, false},
		{"raised without", SetSeverity{Severity: SEV1}, false, true},
		{"raised", SetSeverity{Severity: SEV1, Reason: because}, false, false},
		{"raised by the guide", SetSeverity{Severity: SEV1, Rule: RuleGuide + "breach"}, false, false},
	} {
		st := newStory(t)
		st.declared(2)
		was := st.s
		ev, err := st.try(Actor{Person: marc}, ViaSlack, c.act)
		if r, _ := err.(*Refusal); c.refused != (r != nil && r.Code == RefusedReasonLower && slices.Equal(r.Args, []string{"3"})) || c.refused && st.s.Seq != was.Seq {
			t.Errorf("%s: %v", c.name, err)
		}
		if c.refused {
			continue
		}
		set := ev[0].Fact.(*SeveritySet)
		if st.s.Severity != c.act.Severity || set.Asks != c.owed || (st.s.ReasonOwed != nil) != c.owed {
			t.Errorf("%s: %+v, owed %+v", c.name, set, st.s.ReasonOwed)
		}
	}
	st := newStory(t)
	st.alert("ApiHighLatencyP95", 1, "x")
	st.alert("ApiErrorRateHigh", 1, "y")
	if st.s.ReasonOwed != nil {
		t.Errorf("monitoring is asked why: %+v", st.s.ReasonOwed)
	}
}

// The reason of a rise is given once, by anybody, also when the incident is over.
func TestTheReasonOfARiseIsGivenLater(t *testing.T) {
	st := newStory(t)
	st.declared(2)
	st.refused(marc, GiveReason{Reason: because}, RefusedReasonGiven)
	st.by(marc, SetSeverity{Severity: SEV1})
	st.refused(marc, GiveReason{}, RefusedEmpty)
	seq := st.s.ReasonOwed.Seq
	st.run(time.Hour)
	st.by(marc, Resolve{})
	ev := st.by(ines, GiveReason{Reason: because})
	if f, is := ev[0].Fact.(*SeverityReason); !is || f.Of != seq || f.Severity != SEV1 || st.s.ReasonOwed != nil {
		t.Errorf("%+v, owed %+v", ev[0].Fact, st.s.ReasonOwed)
	}
	st.refused(marc, GiveReason{Reason: because}, RefusedReasonGiven)
}

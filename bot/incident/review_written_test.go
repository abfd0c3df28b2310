package incident

import (
	"slices"
	"testing"
)

// A review's message that names the incident is hidden when it goes private, but for who has a part in it; one that was on its way is hidden
// as it arrives. That it was written changes nothing else.
func TestAReviewsMessageIsHidden(t *testing.T) {
	st := newStory(t)
	st.alert("ApiErrorRateHigh", 1, "x")
	st.by(marc, Ack{})
	st.by(marc, Resolve{})
	next := NextDue(st.s)
	wrote := func(who Person, ts string) []Event {
		return st.machine(ViaClock, WriteReview{Subject: "RB-001", Who: who, At: Posted{Channel: "D" + who.Slack, TS: ts}})
	}
	if ev := wrote(viktor, "1.1"); len(ev) != 1 || len(effects(ev)) != 0 || !NextDue(st.s).Equal(next) {
		t.Errorf("%s with %v, next due %s", kinds(ev), effects(ev), NextDue(st.s))
	}
	wrote(marc, "1.2")
	fx := effects(st.by(marc, GoPrivate{}))
	if !slices.Contains(fx, "hide/D"+viktor.Slack+"/1.1") || slices.Contains(fx, "hide/D"+marc.Slack+"/1.2") {
		t.Errorf("hidden: %v", fx)
	}
	if fx := effects(wrote(viktor, "1.3")); !slices.Contains(fx, "hide/D"+viktor.Slack+"/1.3") {
		t.Errorf("one that was under way stays: %v", fx)
	}
	if fx := effects(wrote(marc, "1.4")); len(fx) != 0 {
		t.Errorf("hidden from who has a part in it: %v", fx)
	}
	if _, err := st.try(Actor{System: SystemTocsin}, ViaClock, WriteReview{Subject: "RB-001", Who: viktor}); err == nil {
		t.Error("a message that stands nowhere is recorded")
	}
}

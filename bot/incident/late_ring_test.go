package incident

import (
	"slices"
	"testing"
	"time"
)

// TestARingThatComesThroughAfterItsPageWasClosedIsClosedAgain: a call delayed past the page's end opens a second incident in PagerDuty under
// the same key. Its report is fenced, so what PagerDuty says is all that is heard of it.
func TestARingThatComesThroughAfterItsPageWasClosedIsClosedAgain(t *testing.T) {
	st := newStory(t)
	st.alert("ApiErrorRateHigh", 1, "1")
	p := st.s.Pages[0]
	st.machine(ViaPagerDuty, PagerChanged{Pager: "Q1", Dedup: p.Dedup, Status: "triggered"})
	st.by(ines, Resolve{})
	if p, _ = st.s.Page(p.Key); p.Status != PageClosed {
		t.Fatalf("%+v", p)
	}
	if ev := st.machine(ViaPagerDuty, PagerChanged{Pager: "Q1", Dedup: p.Dedup, Status: "triggered"}); len(ev) != 0 {
		t.Fatalf("the first incident's beginning, heard late, is no news: %+v", ev)
	}
	st.now = st.now.Add(time.Minute)
	ev := st.machine(ViaPagerDuty, PagerChanged{Pager: "Q2", Dedup: p.Dedup, Status: "triggered"})
	if len(ev) != 1 {
		t.Fatalf("%+v", ev)
	}
	var verbs []Verb
	for _, f := range ev[0].Effects {
		verbs = append(verbs, f.Do)
	}
	if !slices.Contains(verbs, ClosePage) || !slices.Contains(verbs, Direct) {
		t.Errorf("it is closed and the person told: %v", verbs)
	}
	if p, _ = st.s.Page(p.Key); p.Status != PageClosed || p.Pager != "Q2" {
		t.Errorf("%+v", p)
	}
	if ev := st.machine(ViaPagerDuty, PagerChanged{Pager: "Q2", Dedup: p.Dedup, Status: "resolved"}); len(ev) != 0 {
		t.Errorf("%+v", ev)
	}
}

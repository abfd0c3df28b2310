package incident

import (
	"slices"
	"testing"
	"time"
)

// Who is rung to take command over accepts by a note on the page; acknowledging it says that they have heard, and whoever commands stays
// responsible. Prose accepts nothing, and who was not asked is told so.
func TestAHandOverIsAcceptedByANote(t *testing.T) {
	st := chained(newStory(t))
	st.policy.HandOverWithin = 20 * time.Minute
	st.policy.Severities[SEV2] = SeverityRule{AckWithin: time.Hour, AcceptWithin: time.Hour}
	st.declared(2)
	st.by(marc, ProposeHandOver{To: sam})
	st.run(25 * time.Minute)
	to := st.s.HandOver.To
	i := slices.IndexFunc(st.s.Pages, func(p Page) bool { return p.Why == WhyHandOver && p.Person.Same(to) })
	if i < 0 || to.Pager == "" {
		t.Fatalf("%+v is asked, and nobody is rung: %+v", to, st.s.Pages)
	}
	phone := Person{Pager: to.Pager}
	st.machine(ViaPagerDuty, PagerChanged{Dedup: st.s.Pages[i].Dedup, Pager: "Q7", Status: "acknowledged", By: phone})
	if c := st.s.Roles[Commander].Who; c != marc || !st.s.HandOver.To.Same(to) {
		t.Fatalf("acknowledging is not accepting: %s commands, %+v", c.Name, st.s.HandOver)
	}
	note := func(by Person, words string) []Event {
		return st.machine(ViaPagerDuty, PagerNote{Pager: "Q7", By: by, Text: Say(words, 200)})
	}
	if ev := note(phone, "accept that we lose five minutes"); st.s.Roles[Commander].Who != marc || ev[0].Fact.(*Noted).Answer != "" {
		t.Errorf("prose: %s, %+v", st.s.Roles[Commander].Who.Name, ev[0].Fact)
	}
	if ev := note(phone, "accepted the loss of five minutes"); ev[0].Fact.(*Noted).Answer != "" {
		t.Errorf("prose is answered: %+v", ev[0].Fact)
	}
	if ev := note(Person{Pager: "PNOBODY"}, "accept"); st.s.Roles[Commander].Who != marc || ev[0].Fact.(*Noted).Answer != RefusedNotAsked {
		t.Errorf("somebody else: %+v", ev[0].Fact)
	}
	ev := note(phone, "Accept: I am at my desk")
	if c := st.s.Roles[Commander].Who; !c.Same(to) || st.s.HandOver != (HandOver{}) {
		t.Errorf("%s commands after %s", c.Name, kinds(ev))
	}
	for _, p := range st.s.Pages {
		if p.Why == WhyHandOver && p.Outstanding() && p.Status != PageAnswered {
			t.Errorf("%s rings on", p.Key)
		}
	}
	st.by(to, ProposeHandOver{To: marc})
	st.machine(ViaPagerDuty, PagerNote{Pager: "Q7", By: marc, Text: Say("J'accepte.", 200)})
	if c := st.s.Roles[Commander].Who; !c.Same(marc) {
		t.Errorf("in French: %s commands", c.Name)
	}
}

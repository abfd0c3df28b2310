package incident

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// togetherStory owes two notices by the same moment, of the same people.
func togetherStory(t *testing.T) *story {
	st := dutyStory(t)
	h := time.Hour
	for i, o := range st.policy.Obligations {
		switch o.Name {
		case "customer_notice", "authority_notice":
			o.Within, o.RemindBefore, o.PageBefore, o.Every = 24*h, 12*h, 3*h, 4*h
			o.Chain = []string{"comms", "commander", "compliance_officer", "cto"}
			st.policy.Obligations[i] = o
		}
	}
	st.declared(1)
	st.by(marc, AnswerQuestion{Question: "personal_data", Value: AnswerYes})
	st.by(marc, MarkMoment{Name: "customers-notified"})
	return st
}

// said checks one step's messages: every duty that it reminds of is told once to each whose turn it is, and once in the room, in as few
// messages as can be.
func said(t rapid.TB, s State, events []Event) {
	type told struct{ key, who string }
	want, got := map[told]int{}, map[told]int{}
	posts, directs := 0, map[string]int{}
	reminders := 0
	for _, e := range events {
		if f, is := e.Fact.(*ObligationReminded); is {
			reminders++
			if d, _ := s.Duty(f.Key); d.Why != BeginsAction {
				want[told{f.Key, "room"}]++
			}
			for _, p := range f.Who {
				if p.Slack != "" {
					want[told{f.Key, p.Name}]++
				}
			}
		} else {
			continue
		}
		for _, x := range e.Effects {
			if x.View != ViewObligation {
				continue
			}
			who := "room"
			if x.Do == Direct {
				who = x.People[0].Name
				directs[who]++
			} else {
				posts++
			}
			for _, key := range append([]string{x.Arg}, x.With...) {
				got[told{key, who}]++
			}
		}
	}
	for k, n := range want {
		if got[k] != n {
			t.Fatalf("%s is told %d times of %s, want %d", k.who, got[k], k.key, n)
		}
	}
	for k := range got {
		if want[k] == 0 {
			t.Fatalf("%s is told of %s, which is not theirs", k.who, k.key)
		}
	}
	most := (reminders + maxTogether - 1) / maxTogether
	if posts > most {
		t.Fatalf("%d posts for %d reminders", posts, reminders)
	}
	for who, n := range directs {
		if n > most {
			t.Fatalf("%d messages to %s for %d reminders", n, who, reminders)
		}
	}
}

// What is due together is said together: one post, one message a person, one call. Each duty goes on by itself.
func TestWhatIsDueTogetherIsSaidOnce(t *testing.T) {
	st := togetherStory(t)
	reminded := 0
	for st.now.Before(night.Add(20 * time.Hour)) {
		st.now = newest(st.now, NextDue(st.s))
		ev := st.machine(ViaClock, Tick{})
		said(t, st.s, ev)
		for _, e := range ev {
			if f, is := e.Fact.(*ObligationReminded); is && (f.Key == "customer_notice" || f.Key == "authority_notice") {
				reminded++
			}
		}
	}
	c, a := st.duty("customer_notice"), st.duty("authority_notice")
	if reminded != 6 || c.Reminded != 3 || a.Reminded != 3 || !c.Next.Equal(a.Next) {
		t.Errorf("%d reminders: %+v %+v", reminded, c, a)
	}
	ev := st.keeps(21 * time.Hour)
	if n := len(st.s.DutyPages); len(ev) != 2 || n != 1 {
		t.Fatalf("%d reminders, %d calls: %+v", len(ev), n, st.s.DutyPages)
	}
	if p := st.s.DutyPages[0]; p.Person != lucie || !slices.Equal(p.Obligations(), []string{"customer_notice", "authority_notice"}) {
		t.Errorf("%+v", p)
	}
	if c, a := st.duty("customer_notice"), st.duty("authority_notice"); c.Paged != 1 || a.Paged != 1 {
		t.Errorf("rung %d and %d times", c.Paged, a.Paged)
	}
	// The next of the chain is another: they are rung once, too.
	st.keeps(24 * time.Hour)
	if n := len(st.s.DutyPages); n != 2 || st.s.DutyPages[1].Person != amel {
		t.Fatalf("%d calls: %+v", n, st.s.DutyPages)
	}
	// One is done: the phones ring for the other. Answering takes what is left.
	st.by(tomas, SendNotice{Notice: "customer", Text: Say("e-mail to Alpha", 100)})
	for _, p := range st.s.DutyPages {
		if !p.Outstanding() || !StillOwed(st.s, Owed{ID: p.Ring, Effect: ringEffect(p)}) {
			t.Errorf("%s is closed, and one of the two runs", p.Key)
		}
	}
	st.machine(ViaPagerDuty, PagerChanged{Dedup: st.s.DutyPages[0].Dedup, Pager: "Q9", Status: "acknowledged", By: Person{Pager: "PLUCIE"}})
	if a := st.duty("authority_notice"); a.Owner != lucie {
		t.Errorf("%+v", a)
	}
	ev = st.by(tomas, SendNotice{Notice: "authority", Text: Say("form 33", 100)})
	if slices.ContainsFunc(st.s.DutyPages, Page.Outstanding) {
		t.Errorf("both are done, and it rings: %+v after %s", st.s.DutyPages, kinds(ev))
	}
}

// Answering one call takes all that it is about.
func TestAnsweringOneCallTakesAll(t *testing.T) {
	st := togetherStory(t)
	st.keeps(21 * time.Hour)
	st.machine(ViaPagerDuty, PagerChanged{Dedup: st.s.DutyPages[0].Dedup, Pager: "Q9", Status: "acknowledged", By: Person{Pager: "PLUCIE"}})
	if c, a := st.duty("customer_notice"), st.duty("authority_notice"); c.Owner != lucie || a.Owner != lucie {
		t.Errorf("%+v %+v", c, a)
	}
}

// A message that says several is wanted as long as one of them is owed.
func TestAMessageOfSeveralIsOwedForOne(t *testing.T) {
	st := togetherStory(t)
	var post Owed
	for post.ID == "" {
		st.now = newest(st.now, NextDue(st.s))
		for _, e := range st.machine(ViaClock, Tick{}) {
			for _, x := range e.Effects {
				if x.View == ViewObligation && x.Do == Post && len(x.With) > 0 {
					post = Owed{ID: IDOf(st.s.ID, e.Seq, x), Effect: x}
				}
			}
		}
	}
	st.by(marc, EndDuty{Key: post.Effect.Arg, Dropped: true, Text: Say("not ours", 100)})
	if !StillOwed(st.s, post) {
		t.Error("dropped though one is owed")
	}
	for _, key := range post.Effect.With {
		st.by(marc, EndDuty{Key: key, Dropped: true, Text: Say("not ours", 100)})
	}
	if StillOwed(st.s, post) {
		t.Error("owed though nothing is")
	}
}

// A clock that counts anew rings by a call of its own: the one of before is over, and no reason to be silent.
func TestAClockThatCountsAnewRingsAnew(t *testing.T) {
	st := clockStory(t, 2, RunbookClock{ID: "retry-again", Step: "retry", What: "retry", Who: "tech_lead", Offset: 2 * time.Hour, Anchor: anchorStepDone, Ref: "one"})
	seen := map[string]bool{}
	for round := range 3 {
		if round > 0 {
			st.by(marc, AgainStep{Runbook: "RB-900", Step: "one"})
		}
		st.step("one")
		st.keeps(st.now.Sub(night) + 5*time.Hour)
		p := Page{}
		for _, x := range st.s.DutyPages {
			if x.Outstanding() {
				p = x
			}
		}
		if p.Key == "" || seen[p.Key] || !StillOwed(st.s, Owed{ID: p.Ring, Effect: ringEffect(p)}) {
			t.Fatalf("time %d: nobody is rung: %+v", round+1, st.s.DutyPages)
		}
		seen[p.Key] = true
	}
}

// Whatever is owed, by whom and when: nobody is told twice of anything in one moment, nobody is left out, and nobody's phone rings twice.
func TestNothingDueTogetherIsLostOrSaidTwice(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		st := dutyStory(t)
		st.policy.Questions, st.policy.Obligations = nil, nil
		roles := []string{"comms", "commander", "compliance_officer", "cto", "tech_lead"}
		for i := range rapid.IntRange(2, 11).Draw(rt, "owed") {
			o := Obligation{Name: fmt.Sprintf("o%d", i), Begins: []string{BeginsDeclared}, Legal: rapid.Bool().Draw(rt, "legal"),
				Within: time.Duration(rapid.IntRange(1, 3).Draw(rt, "within")) * time.Hour, Every: time.Duration(rapid.IntRange(1, 2).Draw(rt, "every")) * time.Hour,
				Chain: rapid.SliceOfNDistinct(rapid.SampledFrom(roles), 1, 3, rapid.ID).Draw(rt, "chain")}
			if o.Legal {
				o.PageBefore = time.Duration(rapid.IntRange(0, 2).Draw(rt, "rings")) * 30 * time.Minute
			}
			o.Response = !o.Legal && rapid.Bool().Draw(rt, "response")
			st.policy.Obligations = append(st.policy.Obligations, o)
		}
		st.declared(3)
		for range 30 {
			next := NextDue(st.s)
			if next.IsZero() {
				break
			}
			st.now = newest(st.now, next).Add(time.Duration(rapid.IntRange(0, 90).Draw(rt, "asleep")) * time.Minute)
			before := st.s
			ev := st.machine(ViaClock, Tick{})
			said(rt, st.s, ev)
			rung, paged := map[string]bool{}, map[string]int{}
			for _, e := range ev {
				if f, is := e.Fact.(*Paged); is && f.Page.Obligation != "" {
					if who := f.Page.Person.Key(); who != "" && rung[who] {
						rt.Fatalf("%s is rung twice", f.Page.Person.Name)
					}
					rung[f.Page.Person.Key()] = true
					for _, key := range f.Page.Obligations() {
						paged[key]++
					}
				}
			}
			for _, d := range st.s.Duties {
				was, _ := before.Duty(d.Key)
				if d.Paged-was.Paged != paged[d.Key] || paged[d.Key] > 1 {
					rt.Fatalf("%s: rung %d times, counted %d", d.Key, paged[d.Key], d.Paged-was.Paged)
				}
				o, _ := st.policy.Obligation(d.Key)
				if d.Reminded > was.Reminded && o.PageBefore > 0 && !d.RemindedAt.Before(d.Due.Add(-o.PageBefore)) && was.Paged == 0 && d.Paged == 0 && slices.ContainsFunc(o.Chain, func(c string) bool { return st.policy.Targets[c].Address != (Address{}) }) {
					rt.Fatalf("nobody is rung for %s", d.Key)
				}
			}
			if rapid.IntRange(0, 3).Draw(rt, "acts") == 0 {
				d := rapid.SampledFrom(st.s.Duties).Draw(rt, "duty")
				_, _ = st.try(Actor{Person: marc}, ViaSlack, EndDuty{Key: d.Key, Text: Say("done", 10)})
			}
			for _, p := range st.s.DutyPages {
				if p.Outstanding() != st.s.ringsOn(p) && p.Status != PageFailed {
					rt.Fatalf("%+v is outstanding, and what it is about: %v", p, st.s.ringsOn(p))
				}
			}
		}
	})
}

package incident

import (
	"slices"
	"testing"
	"time"
)

// posts are the views posted in the room by events.
func postsOf(events []Event) (views []string) {
	for _, e := range events {
		for _, f := range e.Effects {
			if f.Do == Post {
				views = append(views, f.View)
			}
		}
	}
	return views
}

// TestAPageThatPagerDutyDoesNotTakeIsSaidOnce: while PagerDuty is away somebody must ring by hand; the room is told after RingWithin, once,
// and again when the phone rings after all. The ladder neither waits for it nor moves.
func TestAPageThatPagerDutyDoesNotTakeIsSaidOnce(t *testing.T) {
	st := newStory(t)
	st.alert("ApiErrorRateHigh", 1, "1")
	before := st.s.Ladder
	p := st.s.Pages[0]
	if ev := st.at(RingWithin - time.Second); len(ev) != 0 {
		t.Fatalf("too early: %+v", ev)
	}
	due := NextDue(st.s)
	if want := p.At.Add(RingWithin); !due.Equal(want) {
		t.Fatalf("due at %s, want %s", due, want)
	}
	ev := st.at(RingWithin)
	said := 0
	for _, v := range postsOf(ev) {
		if v == ViewPageStuck {
			said++
		}
	}
	var owed int // every page of that moment, each once
	for _, p := range st.s.Pages {
		if p.Status == PageOwed {
			owed++
			if p.StuckAt.IsZero() {
				t.Errorf("not recorded of %s", p.Key)
			}
		}
	}
	if said == 0 || said != owed {
		t.Fatalf("%d pages wait, %d posts: %v", owed, said, postsOf(ev))
	}
	if st.s.Ladder != before {
		t.Errorf("the ladder moved: %+v", st.s.Ladder)
	}
	post := Owed{Effect: Effect{Do: Post, To: ToIncident, View: ViewPageStuck, Arg: p.Key}}
	if !StillOwed(st.s, post) {
		t.Error("the post is owed while the page waits")
	}
	if ev := st.at(2 * RingWithin); slices.Contains(postsOf(ev), ViewPageStuck) {
		t.Error("said twice")
	}
	st.now = night.Add(4 * time.Minute)
	through := st.machine(ViaOutbox, Report{Effect: p.Ring, Outcome: OutcomeDone, Pager: "Q1", Attempt: 9})
	if got := postsOf(through); !slices.Equal(got, []string{ViewPageThrough}) {
		t.Errorf("posts when it came through: %v", got)
	}
	if StillOwed(st.s, post) {
		t.Error("that it cannot be rung is owed although it rings")
	}
	if p, _ = st.s.Page(p.Key); p.Status != PageSent || !p.SentAt.Equal(st.now) {
		t.Errorf("%+v", p)
	}
	if ev := st.at(10 * time.Minute); slices.Contains(postsOf(ev), ViewPageStuck) {
		t.Error("said again of a page that rang")
	}
}

// Nor does PagerDuty take a call for a legal clock, after the end: the room reads whom to ring by hand, once, and hears when the phone rings.
func TestACallForAnObligationThatPagerDutyDoesNotTakeIsSaid(t *testing.T) {
	st := dutyStory(t)
	st.declared(1)
	st.by(ines, AnswerQuestion{Question: "personal_data", Value: AnswerYes})
	st.by(marc, Resolve{})
	st.keeps(21*time.Hour - time.Minute)
	var said, through []Page
	collect := func(ev []Event) {
		for _, e := range ev {
			for _, f := range e.Effects {
				p, _ := st.s.Page(f.Arg)
				if f.View == ViewPageStuck && StillOwed(st.s, Owed{Incident: st.s.ID, Seq: e.Seq, Effect: f}) {
					said = append(said, p)
				}
				if f.View == ViewPageThrough && StillOwed(st.s, Owed{Incident: st.s.ID, Seq: e.Seq, Effect: f}) {
					through = append(through, p)
				}
			}
		}
	}
	collect(st.run(21*time.Hour + 10*time.Minute))
	if len(said) != 1 || said[0].Obligation != "customer_notice" || said[0].StuckAt.Sub(said[0].At) != RingWithin {
		t.Fatalf("%+v", said)
	}
	collect(st.machine(ViaOutbox, Report{Effect: said[0].Ring, Outcome: OutcomeDone, Pager: "Q1", Attempt: 9}))
	if len(through) != 1 || len(said) != 1 {
		t.Errorf("rings after all: %+v", through)
	}
}

// A page that PagerDuty took in time is not talked about, nor one whose incident in PagerDuty is known although its answer was lost.
func TestAPageThatWasTakenInTimeIsNotSaid(t *testing.T) {
	for name, take := range map[string]func(*story, Page){
		"taken": func(st *story, p Page) {
			st.machine(ViaOutbox, Report{Effect: p.Ring, Outcome: OutcomeDone, Pager: "Q1"})
		},
		"heard of": func(st *story, p Page) {
			st.machine(ViaPagerDuty, PagerChanged{Pager: "Q1", Dedup: p.Dedup, Status: "triggered"})
		},
		"over": func(st *story, _ Page) { st.by(ines, Resolve{}) },
	} {
		st := newStory(t)
		st.by(ines, Declare{Title: Say("x", 10), Severity: 3})
		take(st, st.s.Pages[0])
		if ev := st.at(RingWithin + time.Second); len(postsOf(ev)) != 0 {
			t.Errorf("%s: %v", name, postsOf(ev))
		}
	}
}

// TestHelpSaysWhoAndWhy: whoever comes must know who sent for them and what for, also when nobody new is rung.
func TestHelpSaysWhoAndWhy(t *testing.T) {
	st := newStory(t)
	st.by(marc, Declare{Title: Say("x", 10), Severity: 2}) // the severity rings the tech lead at once
	ev := st.by(ines, SendHelp{Reason: Say("the database is gone", 100)})
	f, ok := ev[0].Fact.(*LevelRaised)
	if !ok || f.Level != 2 || !f.By.Same(ines) || f.Reason.Body != "the database is gone" {
		t.Fatalf("%+v", ev[0].Fact)
	}
	if texts := f.Texts(); len(texts) != 1 || texts[0].Body != "the database is gone" {
		t.Error("the reason is free text and must be sealed")
	}
}

// TestProgressIsNoAcknowledgement: how long nobody took it is counted from when they were sent for, whatever was noted meanwhile.
func TestProgressIsNoAcknowledgement(t *testing.T) {
	st := newStory(t)
	st.alert("ApiErrorRateHigh", 1, "1")
	st.now = night.Add(10 * time.Minute)
	st.by(ines, Progress{Text: Say("something was found out", 100)})
	for _, e := range st.run(15 * time.Minute) {
		if f, ok := e.Fact.(*LevelRaised); ok {
			if !f.Since.Equal(st.s.DetectedAt) {
				t.Errorf("since %s, want %s", f.Since, st.s.DetectedAt)
			}
			if name, level, ok := f.Failed(); name != DueAck || level != 1 || !ok {
				t.Errorf("%s %d %v from %q", name, level, ok, f.Deadline)
			}
			return
		}
	}
	t.Error("the ladder did not rise")
}

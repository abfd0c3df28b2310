package house

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Whatever replicas and people do, in whatever order and however often: an ask is asked once, a message belongs to who recorded it and each has
// its own number, a review that ended is never open again, and nobody who was not asked ends one.
func TestReviewsAreAskedOnce(t *testing.T) {
	start := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)
	owner, boss, other := Person{Slack: "U1"}, Person{Slack: "U2"}, Person{Slack: "U3"}
	rapid.Check(t, func(rt *rapid.T) {
		var s State
		var log []Event
		now := start
		asked, told, ended := map[string]int{}, map[string]int{}, map[string]bool{}
		do := func(f Fact) error {
			// A replica decides on what it knew a moment ago, and commits on what is: the second decision is the one that counts.
			events, err := Decide(s, Intent{At: now, Now: now, Fact: f, Reviewers: []Person{boss}})
			for _, e := range events {
				s, log = Evolve(s, e), append(log, e)
			}
			return err
		}
		subjects := []string{"RB-001", "RB-002", "policy"}
		for range rapid.IntRange(1, 60).Draw(rt, "acts") {
			now = now.Add(time.Duration(rapid.IntRange(0, 72).Draw(rt, "hours")) * time.Hour)
			subject := rapid.SampledFrom(subjects).Draw(rt, "subject")
			id := fmt.Sprintf("INC-%d/%s", rapid.IntRange(1, 3).Draw(rt, "n"), subject)
			ask := &ReviewAsked{ID: id, Subject: subject, Incident: id[:5], Chain: []string{"owner", "boss"}, Next: now, Due: now.Add(240 * time.Hour)}
			if rapid.Bool().Draw(rt, "quarter") {
				id = fmt.Sprintf("2026-Q%d/%s", rapid.IntRange(1, 4).Draw(rt, "q"), subject)
				ask.ID, ask.Incident = id, ""
			}
			switch rapid.IntRange(0, 4).Draw(rt, "act") {
			case 0, 1:
				if err := do(ask); err != nil {
					rt.Fatal(err)
				}
			case 2:
				r, _ := s.Review(id)
				f := &ReviewTold{ID: id, Count: r.Count + rapid.IntRange(0, 2).Draw(rt, "count"), Who: []Person{owner}, Next: now.Add(24 * time.Hour)}
				if err := do(f); err != nil {
					rt.Fatal(err)
				}
				_ = do(f) // the other replica, of the same moment
			case 3:
				who := rapid.SampledFrom([]Person{owner, boss, other}).Draw(rt, "who")
				r, open := s.Review(id)
				n := len(log)
				err := do(&ReviewEnded{ID: id, Subject: subject, How: ReviewFine, Who: who})
				may := who == boss || slices.ContainsFunc(s.ReviewsOf(subject), func(x Review) bool { return slices.Contains(x.Told, who) }) || slices.Contains(r.Told, who)
				var no *Refusal
				switch {
				case open && may && err != nil, open && !may && !errors.As(err, &no) && who == other, !open && len(log) > n:
					rt.Fatalf("%s by %+v (open %t, may %t): %v", id, who, open, may, err)
				case who == other && len(log) > n:
					rt.Fatalf("%s was ended by somebody who was never asked", id)
				}
			case 4:
				_ = do(&ReviewPut{ID: id, Who: owner, Until: now.Add(24 * time.Hour)})
			}
		}
		var back State
		for _, e := range log {
			switch f := e.Fact.(type) {
			case *ReviewAsked:
				if asked[f.ID]++; asked[f.ID] > 1 {
					rt.Fatalf("%s is asked twice", f.ID)
				}
			case *ReviewTold:
				if told[f.ID]++; told[f.ID] != f.Count || ended[f.ID] {
					rt.Fatalf("message %d of %s is recorded as %d (ended %t)", told[f.ID], f.ID, f.Count, ended[f.ID])
				}
			case *ReviewEnded:
				for _, id := range f.Asks {
					ended[id] = true
				}
			}
			back = Evolve(back, e)
		}
		for _, r := range back.Reviews {
			if ended[r.ID] {
				rt.Fatalf("%s is open again", r.ID)
			}
		}
		if len(back.Reviews)+len(ended) != len(asked) {
			rt.Fatalf("%d open, %d ended, %d asked", len(back.Reviews), len(ended), len(asked))
		}
	})
}

func TestAChangeNeedsWords(t *testing.T) {
	s := State{Reviews: []Review{{ID: "INC-1/RB-001", Subject: "RB-001", Told: []Person{{Slack: "U1"}}, Count: 1}, {ID: "2026-Q4/RB-001", Subject: "RB-001"}}}
	in := Intent{At: time.Now(), Now: time.Now(), Fact: &ReviewEnded{ID: "INC-1/RB-001", Subject: "RB-001", How: ReviewChange, Who: Person{Slack: "U1"}}}
	var no *Refusal
	if _, err := Decide(s, in); !errors.As(err, &no) || no.Code != RefusedReviewText {
		t.Errorf("%v", err)
	}
	in.Fact.(*ReviewEnded).Text.Body = "step 4"
	events, err := Decide(s, in)
	if err != nil || len(events) != 1 {
		t.Fatal(events, err)
	}
	// It answers what was asked by then, and not what nobody has been asked yet.
	if after := Evolve(s, events[0]); len(after.Reviews) != 1 || after.Reviews[0].ID != "2026-Q4/RB-001" || after.Reviewed["RB-001"].How != ReviewChange {
		t.Errorf("%+v", after)
	}
	// Nobody puts a review off beyond its time.
	due := time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)
	s = State{Reviews: []Review{{ID: "a/b", Subject: "b", Told: []Person{{Slack: "U1"}}, Due: due}}}
	events, err = Decide(s, Intent{At: due.Add(-time.Hour), Now: due.Add(-time.Hour), Fact: &ReviewPut{ID: "a/b", Who: Person{Slack: "U1"}, Until: due.Add(24 * time.Hour)}})
	if err != nil || !events[0].Fact.(*ReviewPut).Until.Equal(due) {
		t.Error(events, err)
	}
}

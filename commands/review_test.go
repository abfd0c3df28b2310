package commands

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-bot/tocsin/bot/house"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/view"
)

// testReviews are reviews over the house log, of which everybody on no roster may answer.
type testReviews struct{ office *testOffice }

func (d testReviews) Reviews(ctx context.Context, _ string) ([]view.ReviewRow, error) {
	if d.office.down != nil {
		return nil, d.office.down
	}
	h, err := d.office.engine.House(ctx)
	var out []view.ReviewRow
	for _, r := range h.Reviews {
		out = append(out, view.ReviewRow{Subject: r.Subject, Owner: r.Owner(), Asked: true, Due: r.Due})
	}
	return out, err
}

func (d testReviews) Review(ctx context.Context, a ReviewAnswer) (ReviewResult, *house.Refusal, error) {
	out := ReviewResult{Subject: a.Subject, Title: "of the test"}
	if d.office.down != nil {
		return out, nil, d.office.down
	}
	if _, ok := d.office.lib.ByID(a.Subject, "en"); !ok && a.Subject != incident.ReviewPolicy {
		return ReviewResult{Unknown: true}, nil, nil
	}
	by := house.Person{Slack: a.Who.Slack, Name: a.Who.Name}
	var fact house.Fact = &house.ReviewEnded{ID: a.ID, Subject: a.Subject, How: a.How, Text: house.Text{Body: a.Text}, Who: by}
	if a.How == ReviewLater {
		out.Until = a.At.Add(24 * time.Hour)
		fact = &house.ReviewPut{ID: a.ID, Who: by, Until: out.Until}
		if a.ID == "" {
			fact = &house.ReviewPut{ID: "test/" + a.Subject, Who: by, Until: out.Until}
		}
	}
	_, err := d.office.engine.RecordHouse(ctx, a.Key, house.Intent{At: a.At, Fact: fact, Reviewers: []house.Person{by}})
	if no, is := errors.AsType[*house.Refusal](err); is {
		return out, no, nil
	}
	return out, nil, err
}

var aboutReview = view.Ref{Subject: "test/RB-003", Runbook: "RB-003"}

// toReview has RB-003 and the policy reviewed.
func toReview(w *world, _ incident.State) {
	w.t.Helper()
	now := w.clock.Now()
	for _, s := range []string{"RB-003", "policy"} {
		err := w.engine.HandleHouse(w.t.Context(), "", house.Intent{Fact: &house.ReviewAsked{ID: "test/" + s, Subject: s, Chain: []string{"tech_lead"}, Next: now, Due: now.Add(240 * time.Hour)}})
		if err != nil {
			w.t.Fatal(err)
		}
	}
}

func TestReviewByWord(t *testing.T) {
	inWorld(t, "en", func(w *world) {
		toReview(w, incident.State{})
		w.wants("the list", w.say(sam, outside, "review"), "RB-003", "the policy")
		w.wants("nothing of that name", w.say(sam, outside, "review RB-999 done"), "RB-999")
		w.wants("no such word", w.say(sam, outside, "review RB-003 perhaps"), "review")
		w.wants("no words", w.say(sam, outside, "review RB-003 change"), "what must be changed")
		w.wants("later", w.say(sam, direct, "review policy tomorrow"), "asked again")
		w.wants("a change", w.say(sam, direct, "review rb-003 change step 4 names the old cluster"), "step 4 names the old cluster")
		h, err := w.engine.House(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if l := h.Reviewed["RB-003"]; l.How != house.ReviewChange || l.Who.Slack != sam.Slack || len(h.Reviews) != 1 {
			t.Errorf("%+v %+v", l, h.Reviews)
		}
		w.wants("the rest", w.say(sam, outside, "reviews"), "the policy")
		if s := text(w.say(sam, outside, "reviews")); strings.Contains(s, "RB-003 of") {
			t.Errorf("what was reviewed is listed: %s", s)
		}
		r := w.press(sam, direct, view.ActionReviewDone, aboutReview)
		w.wants("too late", r, "was reviewed by Sam")
		if !r.Replace {
			t.Error("the buttons stay")
		}
	})
}

// reviews is how something was last reviewed.
func (w *world) reviewedHow(subject string) string {
	w.t.Helper()
	h, err := w.engine.House(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return h.Reviewed[subject].How
}

// A finding that is one of the step's leads on; one in words of its own does not, and is what an owner reviews.
func TestOnlyABranchLeadsOn(t *testing.T) {
	inWorld(t, "en", func(w *world) {
		s := w.declare("checkout is down")
		started(w, s)
		s = w.state(s.ID)
		ref := view.Ref{Incident: string(s.ID), Seq: s.Seq, Runbook: "RB-001", Subject: "database", Note: "0"}
		w.press(sam, room(s.ID), view.ActionStepBranch, ref)
		w.say(sam, room(s.ID), "step done RB-001 1 all of them at once")
		led := map[string]bool{}
		for _, e := range w.since(s) {
			if f, ok := e.Fact.(*incident.StepMarked); ok {
				led[f.Step] = f.Led
			}
		}
		if len(led) != 2 || !led["database"] || led["which-service"] {
			t.Errorf("%v", led)
		}
	})
}

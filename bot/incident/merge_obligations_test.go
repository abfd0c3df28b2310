package incident

import (
	"testing"
	"time"
)

// merges ends a story's incident as a duplicate of another's, as the engine does.
func merges(t *testing.T, dup, into *story) {
	t.Helper()
	from, target := dup.s, into.s
	step := func(st *story, a Act, other *State) {
		next, ev, err := Apply(st.s, Intent{At: st.now, Now: st.now, Actor: Actor{Person: ines}, Via: ViaSlack, Act: a, Policy: st.policy, OnCall: st.onCall, Other: other})
		if err != nil {
			t.Fatal(err)
		}
		st.s, st.log = next, append(st.log, ev...)
	}
	if err := from.CanMerge(target); err != nil {
		t.Fatal(err)
	}
	step(dup, Merge{Into: target.ID}, &target)
	step(into, Absorb{From: from}, nil)
}

// What a duplicate owes goes on with the incident it goes on as, from when its clock began; nothing runs in two rooms, or in one that
// nobody reads.
func TestADuplicatesObligationsMove(t *testing.T) {
	into, dup := dutyStory(t), dutyStory(t)
	into.declared(1)
	dup.declared(1)
	dup.s.ID = "INC-99"
	dup.by(marc, AnswerQuestion{Question: "personal_data", Value: AnswerYes})
	dup.by(marc, TakeDuty{Key: "customer_notice"})
	dup.by(marc, AddAction{Owner: ines, Day: "2026-12-01", Text: Say("limit the pool", 100)})
	dup.by(marc, FreezeOperation{Text: Say("no replay", 100)})
	into.now, dup.now = night.Add(2*time.Hour), night.Add(2*time.Hour)
	into.by(marc, AnswerQuestion{Question: "personal_data", Value: AnswerNo, Reason: Say("none seen", 100)})
	into.by(marc, AddAction{Owner: marc, Day: "2026-12-02", Text: Say("alert on it", 100)})
	notice := dup.duty("customer_notice")
	merges(t, dup, into)

	if owed := dup.s.Owing(); len(owed) > 0 {
		t.Errorf("the duplicate still owes %+v", owed)
	}
	if d := dup.duty("customer_notice"); d.How != EndedMoved {
		t.Errorf("in the duplicate it ended as %q", d.How)
	}
	if d := dup.duty("first_word"); d.How != EndedResponse {
		t.Errorf("what belongs to the response ended as %q", d.How)
	}
	if got := into.duty("customer_notice"); !got.Running() || !got.Due.Equal(notice.Due) || !got.From.Equal(notice.From) || got.Owner != marc || !got.Legal {
		t.Errorf("the clock goes on as %+v, was %+v", got, notice)
	}
	if a, _ := into.s.Answer("personal_data"); a.Value != AnswerYes || a.By != marc {
		t.Errorf("the no of one room outlived the yes of the other: %+v", a)
	}
	if d := into.duty("action-2"); d.Owner != ines || d.Text.Body != "limit the pool" {
		t.Errorf("the action came as %+v", d)
	}
	if d := into.duty("action-1"); d.Text.Body != "alert on it" {
		t.Errorf("its own action became %+v", d)
	}
	if f := into.s.Freezing(); len(f) != 1 || f[0].Text.Body != "no replay" {
		t.Errorf("paused operations: %+v", f)
	}
	if due := Deadlines(dup.s); len(due) > 0 {
		t.Errorf("due in the duplicate: %+v", due)
	}
	for _, a := range []Act{AnswerQuestion{Question: "personal_data", Value: AnswerYes}, AddAction{Owner: marc, Day: "2026-12-02", Text: Say("more", 10)}, SendNotice{Notice: "customer", Text: Say("sent", 10)}} {
		if r := dup.refusal(marc, a); r.Code != RefusedMerged || r.Args[0] != string(into.s.ID) {
			t.Errorf("%T in the duplicate: %s %v", a, r.Code, r.Args)
		}
	}

	// Taken up again, it owes anew what it owes.
	dup.by(marc, Reopen{})
	if d := dup.duty("customer_notice"); !d.Running() {
		t.Errorf("reopened: %+v", d)
	}
}

// Of two clocks of one name the one that ends first is kept; what was seen to stays seen to.
func TestOfTwoClocksTheEarlierIsKept(t *testing.T) {
	into, dup := dutyStory(t), dutyStory(t)
	into.declared(1)
	dup.declared(1)
	dup.s.ID = "INC-99"
	into.by(marc, AnswerQuestion{Question: "personal_data", Value: AnswerYes})
	into.by(marc, TakeDuty{Key: "authority_notice"})
	mine := into.duty("customer_notice").Due
	dup.now = night.Add(time.Hour)
	dup.by(ines, AnswerQuestion{Question: "personal_data", Value: AnswerYes, Since: night.Add(-0)})
	into.now, dup.now = night.Add(3*time.Hour), night.Add(3*time.Hour)
	into.by(marc, SendNotice{Notice: "customer", Text: Say("sent to all", 100)})
	merges(t, dup, into)
	if d := into.duty("customer_notice"); d.How != EndedDone || !d.Due.Equal(mine) {
		t.Errorf("what was sent is owed again: %+v", d)
	}
	if d := into.duty("authority_notice"); d.Owner != marc || !d.Due.Equal(night.Add(72*time.Hour)) {
		t.Errorf("%+v", d)
	}
}

package incident

import (
	"strings"
	"testing"
	"time"
)

// noted is a story with a page that PagerDuty knows as Q1, and answers gives why the newest note did nothing, "" where nobody is told, with the
// number of notes that are written for it.
func noted(t *testing.T) (st *story, answers func(note string) (string, int)) {
	st = newStory(t)
	st.alert("ApiHighLatencyP95", 1, "x")
	st.machine(ViaPagerDuty, PagerChanged{Dedup: st.s.Pages[0].Dedup, Pager: "Q1", Status: "triggered"})
	return st, func(note string) (string, int) {
		t.Helper()
		events := st.machine(ViaPagerDuty, PagerNote{Pager: "Q1", By: marc, Text: Say(note, 500)})
		answer, written := "", 0
		s := Replay(st.log[:len(st.log)-len(events)])
		for _, e := range events {
			s = Evolve(s, e)
			if f, ok := e.Fact.(*Noted); ok {
				answer = f.Answer
			}
			for _, x := range Effects(s, e) {
				if x.View == ViewNoteAnswer {
					if p, ok := s.Page(x.Page); !ok || p.Pager != "Q1" || x.Do != NotePage {
						t.Errorf("%q is answered by %+v", note, x)
					}
					written++
				}
			}
		}
		return answer, written
	}
}

// What a note that did nothing is answered, by where the incident stands; what did something, and prose, is never answered.
func TestANoteThatDidNothingIsAnswered(t *testing.T) {
	type step struct{ note, want string }
	for name, c := range map[string]struct {
		before func(st *story)
		steps  []step
	}{
		"nobody has taken it": {nil, []step{{"+15", NoteNotTaken}, {"progress scaling the pool up", ""}}},
		"taken": {func(st *story) { st.by(marc, Ack{}) }, []step{
			{"progress no", RefusedTooShort}, {"progress", RefusedTooShort}, {"progrès : oui", RefusedTooShort},
			{"+15", ""}, {"+15", RefusedNoMoreTime}, {"+15 please", RefusedNoMoreTime},
			{"+30", NotePlus}, {"+5 min", NotePlus}, {"+ 20 minutes", NotePlus}, {"+1", ""}, {"+1h", ""}, {"+500 customers", ""},
			{"park", NotePark}, {"Park until 09:00", NotePark}, {"park 9h", NotePark}, {"the park service is slow", ""}, {"park the car service for now", ""},
			{"progess the pool is full", NoteUnknown}, {"porgress the pool is full", NoteUnknown}, {"progresss the pool is full", NoteUnknown},
			{"mitigted", NoteUnknown}, {"mitige", NoteUnknown}, {"resolvd", NoteUnknown}, {"resolu: x", NoteUnknown},
			{"/incident progress the pool is full", NoteUnknown}, {"sev1", NoteUnknown}, {"ack", NoteUnknown}, {"help", NoteUnknown},
			{"progressing well", ""}, {"resolve the DNS part first", ""}, {"mitigate by scaling?", ""}, {"help is on the way", ""}, {"close to a fix", ""},
			{"update: still looking", ""}, {"looks like the pool", ""}, {"sev1 was right", ""}, {"a/b test off", ""}, {"-", ""}, {"é", ""},
		}},
		"mitigated": {func(st *story) { st.by(marc, Ack{}); st.by(marc, SetStatus{Status: Mitigated}) }, []step{
			{"mitigated", RefusedStatusBack}, {"+15", RefusedNoDeadline}, {"Resolved the DNS part, still down", NoteResolved}, {"resolved: all good", ""}}},
		"resolved": {func(st *story) { st.by(marc, Ack{}); st.by(marc, SetStatus{Status: Resolved}) }, []step{
			{"mitigated", RefusedOver}, {"progress it was the pool", RefusedOver}, {"looks stable", ""}, {"progess x", NoteUnknown}}},
	} {
		for _, step := range c.steps {
			st, answer := noted(t)
			if c.before != nil {
				c.before(st)
			}
			if step.want == RefusedNoMoreTime {
				answer("+15")
			}
			got, written := answer(step.note)
			if want := min(len(step.want), 1); got != step.want || written != want {
				t.Errorf("%s, %q: answered %q in %d notes, want %q", name, step.note, got, written, step.want)
			}
		}
	}
}

// Robots are not answered, nor is anybody without end, nor a note on a page that is not known.
func TestNotesAreAnsweredWithinBounds(t *testing.T) {
	st, answer := noted(t)
	st.machine(ViaPagerDuty, PagerNote{Pager: "Q1", Text: Say("+30", 500)})
	st.machine(ViaPagerDuty, PagerNote{Pager: "Q2", By: marc, Text: Say("+30", 500)})
	if st.s.NotesAnswered != 0 {
		t.Errorf("%d were answered", st.s.NotesAnswered)
	}
	total := 0
	for range 100 {
		st.now = st.now.Add(time.Second)
		_, written := answer("+30")
		total += written
	}
	if total != maxNoteAnswers || st.s.NotesAnswered != maxNoteAnswers {
		t.Errorf("%d answers, %d counted", total, st.s.NotesAnswered)
	}
	if f, ok := st.log[len(st.log)-1].Fact.(*Noted); !ok || f.Text.Body != "+30" {
		t.Errorf("what is not answered is kept all the same: %+v", st.log[len(st.log)-1].Fact)
	}
}

// A note of any bytes is taken without a panic, and one that did something is not answered too.
func FuzzPagerNote(f *testing.F) {
	for _, s := range []string{"+15", "+30", "progress no", "progess x", "park until 09:00", "résolu : fini", "\xff\xfe", "+", "/x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, note string) {
		st := newStory(t)
		st.alert("ApiHighLatencyP95", 1, "x")
		st.by(marc, Ack{})
		st.machine(ViaPagerDuty, PagerChanged{Dedup: st.s.Pages[0].Dedup, Pager: "Q1", Status: "acknowledged", By: marc})
		events := st.machine(ViaPagerDuty, PagerNote{Pager: "Q1", By: marc, Text: Say(note, 500)})
		if blank := strings.TrimSpace(Say(note, 500).Body) == ""; blank != (len(events) == 0) {
			t.Errorf("%q made %d events", note, len(events))
		}
		answers, acts := 0, 0
		for _, e := range events {
			if n, ok := e.Fact.(*Noted); !ok {
				acts++
			} else if n.Answer != "" {
				answers++
			}
		}
		if answers > 0 && acts > 0 || answers > 1 {
			t.Errorf("%q is obeyed and answered: %d answers, %d acts", note, answers, acts)
		}
	})
}

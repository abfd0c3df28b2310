package house

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Tuesday of Marc's turn.
var tuesday = time.Date(2026, 10, 6, 10, 0, 0, 0, time.UTC)

func hour(n int) time.Time { return tuesday.Add(time.Duration(n) * time.Hour) }

func TestCoverIsRefused(t *testing.T) {
	r := weekly()
	broken := weekly()
	broken.People = nil
	full := State{Seq: 9}
	for i := range maxCovers {
		full.Covers = append(full.Covers, Cover{ID: fmt.Sprint(i), Rotation: "secondary", Legs: []Leg{{marc, lea, hour(1), hour(2)}}})
	}
	taken := State{Seq: 9, Covers: []Cover{{ID: "cover-3", Rotation: "primary", Legs: []Leg{{marc, lea, hour(1), hour(5)}}}}}
	for _, c := range []struct {
		name string
		s    State
		r    *Rotation
		legs []Leg
		code string
		args []string
	}{
		{"nobody", State{}, &r, nil, RefusedCoverNobody, nil},
		{"covered by nobody", State{}, &r, []Leg{{marc, " ", hour(1), hour(2)}}, RefusedCoverNobody, nil},
		{"nobody covered", State{}, &r, []Leg{{"", lea, hour(1), hour(2)}}, RefusedCoverNobody, nil},
		{"oneself", State{}, &r, []Leg{{marc, " Marc@Example.com", hour(1), hour(2)}}, RefusedCoverSelf, []string{marc}},
		{"past", State{}, &r, []Leg{{marc, lea, hour(-4), hour(0)}}, RefusedCoverPast, []string{"2026-10-06T10:00:00Z"}},
		{"backwards", State{}, &r, []Leg{{marc, lea, hour(4), hour(3)}}, RefusedCoverBack, []string{"2026-10-06T14:00:00Z", "2026-10-06T13:00:00Z"}},
		{"longer than 31 days", State{}, &r, []Leg{{marc, lea, hour(0), hour(31 * 24).Add(1)}}, RefusedCoverLong, []string{"31"}},
		{"not on duty", State{}, &r, []Leg{{ines, lea, hour(1), hour(2)}}, RefusedCoverOffDuty, []string{ines, "2026-10-06T11:00:00Z", "2026-10-06T12:00:00Z", marc}},
		{"gave it away already", taken, &r, []Leg{{marc, amel, hour(1), hour(5)}}, RefusedCoverTaken, []string{marc, lea, "2026-10-06T11:00:00Z", "2026-10-06T15:00:00Z", "cover-3"}},
		{"gave a part of it away already", taken, &r, []Leg{{marc, amel, hour(4), hour(8)}}, RefusedCoverTaken, []string{marc, lea, "2026-10-06T11:00:00Z", "2026-10-06T15:00:00Z", "cover-3"}},
		{"a rotation the policy does not keep", State{}, nil, []Leg{{marc, lea, hour(1), hour(2)}}, RefusedCoverRotation, []string{"primary"}},
		{"a swap in the same time", State{}, &r, []Leg{{marc, lea, hour(1), hour(5)}, {lea, marc, hour(4), hour(5)}}, RefusedCoverOverlap, nil},
		{"a swap whose other half is not theirs", State{}, &r, []Leg{{marc, lea, hour(1), hour(5)}, {lea, marc, hour(24), hour(25)}}, RefusedCoverOffDuty,
			[]string{lea, "2026-10-07T10:00:00Z", "2026-10-07T11:00:00Z", marc}},
		{"too many", full, &r, []Leg{{marc, lea, hour(1), hour(2)}}, RefusedCoverMany, []string{"500"}},
	} {
		ev, err := Decide(c.s, Intent{Now: tuesday, Fact: &CoverSet{Rotation: "primary", Legs: c.legs}, Rotation: c.r})
		var no *Refusal
		if !errors.As(err, &no) || no.Code != c.code || !slices.Equal(no.Args, c.args) || len(ev) > 0 {
			t.Errorf("%s: %v with %d events, want %s %v", c.name, err, len(ev), c.code, c.args)
		}
	}
	for name, in := range map[string]Intent{
		"a broken rotation": {Now: tuesday, Fact: &CoverSet{Rotation: "primary", Legs: []Leg{{marc, lea, hour(1), hour(2)}}}, Rotation: &broken},
		"three legs":        {Now: tuesday, Fact: &CoverSet{Rotation: "primary", Legs: make([]Leg, 3)}, Rotation: &r},
	} {
		var no *Refusal
		if _, err := Decide(State{}, in); err == nil || errors.As(err, &no) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCoverIsSetAndCalledOff(t *testing.T) {
	r := weekly()
	who := Person{Slack: "UMARC", Name: "Marc", Email: marc}
	var log []Event
	var s State
	act := func(at time.Time, f Fact) error {
		ev, err := Decide(s, Intent{At: at, Now: at.Add(time.Second), Fact: f, Rotation: &r})
		for _, e := range ev {
			b, err := json.Marshal(e) // what is kept is what counts
			if err != nil {
				t.Fatal(err)
			}
			var back Event
			if err := json.Unmarshal(b, &back); err != nil {
				t.Fatal(err)
			}
			log, s = append(log, back), Evolve(s, back)
		}
		return err
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	person := func(at time.Time) string { return rota(t, r, s.Covers...).At(at).Person }

	must(act(tuesday, &Operated{What: "x"}))
	asked := &CoverSet{ID: "ignored", Rotation: "primary", Legs: []Leg{{strings.ToUpper(marc), lea, hour(-2), hour(4)}}, Who: who}
	must(act(tuesday, asked))
	if asked.ID != "ignored" || !asked.Legs[0].From.Equal(hour(-2)) {
		t.Errorf("Decide changed what it was given: %+v", asked)
	}
	want := Cover{ID: "cover-2", Rotation: "primary", Legs: []Leg{{marc, lea, tuesday, hour(4)}}, SetBy: who, SetAt: tuesday} // it began before it was asked for
	if len(s.Covers) != 1 || !reflect.DeepEqual(s.Covers[0], want) {
		t.Fatalf("covers are %+v, want %+v", s.Covers, want)
	}
	if person(hour(-1)) != marc || person(hour(0)) != lea || person(hour(4)) != marc {
		t.Errorf("on duty: %s, %s, %s", person(hour(-1)), person(hour(0)), person(hour(4)))
	}
	// Somebody who is in no list may cover too; and a cover may be handed on.
	must(act(hour(1), &CoverSet{Rotation: "primary", Legs: []Leg{{lea, "guest@example.com", hour(2), hour(9)}}, Who: who}))
	if person(hour(3)) != "guest@example.com" || person(hour(4)) != marc {
		t.Errorf("on duty: %s, %s", person(hour(3)), person(hour(4)))
	}
	before := s
	must(act(hour(3), &CoverEnded{ID: "cover-3", Who: who}))
	if before.Covers[1].EndedAt != (time.Time{}) {
		t.Error("Evolve changed the state it was given")
	}
	if person(hour(2)) != "guest@example.com" || person(hour(3)) != lea {
		t.Errorf("after it was called off: %s, then %s", person(hour(2)), person(hour(3)))
	}
	for code, f := range map[string]*CoverEnded{RefusedCoverOver: {ID: "cover-3"}, RefusedCoverUnknown: {ID: "cover-99"}} {
		var no *Refusal
		if err := act(hour(3), f); !errors.As(err, &no) || no.Code != code {
			t.Errorf("calling off %s: %v, want %s", f.ID, err, code)
		}
	}
	var no *Refusal
	if err := act(hour(4), &CoverEnded{ID: "cover-2"}); !errors.As(err, &no) || no.Code != RefusedCoverOver || no.Args[1] != "2026-10-06T14:00:00Z" {
		t.Errorf("calling off what is over: %v", err)
	}
	// A swap of turns: Marc's next one against Inès' present.
	p := func(x string) time.Time { return in(t, "Europe/Paris", x) }
	must(act(hour(5), &CoverSet{Rotation: "primary", Legs: []Leg{{ines, marc, p("2026-10-12 09:00"), p("2026-10-19 09:00")}, {marc, ines, p("2026-11-09 09:00"), p("2026-11-16 09:00")}}}))
	if person(p("2026-10-15 12:00")) != marc || person(p("2026-11-10 12:00")) != ines {
		t.Errorf("swapped: %s, %s", person(p("2026-10-15 12:00")), person(p("2026-11-10 12:00")))
	}
	// Called off before it began, it never was.
	must(act(hour(6), &CoverEnded{ID: "cover-5"}))
	if person(p("2026-10-15 12:00")) != ines || person(p("2026-11-10 12:00")) != marc {
		t.Error("a swap that was called off still counts")
	}
	if got := Covers(log); !reflect.DeepEqual(got, s.Covers) {
		t.Errorf("the log tells %+v, the state %+v", got, s.Covers)
	}
	// Long after, the state forgets; the log does not.
	must(act(hour(24*110), &CoverSet{Rotation: "primary", Legs: []Leg{{person(hour(24 * 111)), "guest@example.com", hour(24 * 111), hour(24*111 + 1)}}}))
	if len(s.Covers) != 1 || len(Covers(log)) != 4 {
		t.Errorf("the state has %d covers, the log %d", len(s.Covers), len(Covers(log)))
	}
}

// inTheLog checks how a fact is written in the log, and that what is written so is read back.
func inTheLog(t *testing.T, f Fact, want string) {
	t.Helper()
	e := Event{Seq: 2, At: tuesday, RecordedAt: tuesday, Fact: f}
	b, err := json.Marshal(e)
	if err != nil || string(b) != want {
		t.Errorf("written as %s (%v)\nwant %s", b, err, want)
	}
	var back Event
	if err := json.Unmarshal([]byte(want), &back); err != nil || !reflect.DeepEqual(back, e) {
		t.Errorf("%s is read as %+v (%v)", want, back, err)
	}
}

// The words of the log: once written they are read for ever.
func TestCoversInTheLog(t *testing.T) {
	for want, f := range map[string]Fact{
		`{"seq":2,"at":"2026-10-06T10:00:00Z","recorded":"2026-10-06T10:00:00Z","type":"cover-set","fact":{"id":"cover-2","rotation":"primary","legs":[{"of":"marc@example.com","by":"lea@example.com","from":"2026-10-06T11:00:00Z","to":"2026-10-06T12:00:00Z"}],"who":{"slack":"UMARC"}}}`: &CoverSet{
			ID: "cover-2", Rotation: "primary", Legs: []Leg{{marc, lea, hour(1), hour(2)}}, Who: Person{Slack: "UMARC"}},
		`{"seq":2,"at":"2026-10-06T10:00:00Z","recorded":"2026-10-06T10:00:00Z","type":"cover-ended","fact":{"id":"cover-2","from":"2026-10-06T11:00:00Z","who":{"slack":"UMARC"}}}`: &CoverEnded{
			ID: "cover-2", From: hour(1), Who: Person{Slack: "UMARC"}},
	} {
		inTheLog(t, f, want)
	}
}

func TestStateForgetsTheOldestCoversFirst(t *testing.T) {
	r := weekly()
	s := State{}
	for i := range maxCovers { // all over, but lately
		s.Covers = append(s.Covers, Cover{ID: fmt.Sprint(i), Rotation: "primary", Legs: []Leg{{marc, lea, hour(-4), hour(-3)}}})
	}
	s.Covers[0].Legs[0].To = hour(3) // still to come
	ev, err := Decide(s, Intent{Now: tuesday, Fact: &CoverSet{Rotation: "primary", Legs: []Leg{{marc, amel, hour(4), hour(5)}}}, Rotation: &r})
	if err != nil {
		t.Fatal(err)
	}
	s = Evolve(s, ev[0])
	if len(s.Covers) != maxCovers || s.Covers[0].ID != "0" || s.Covers[1].ID != "2" || s.Covers[maxCovers-1].ID != "cover-1" {
		t.Errorf("%d covers: %s, %s, ... %s", len(s.Covers), s.Covers[0].ID, s.Covers[1].ID, s.Covers[len(s.Covers)-1].ID)
	}
}

// Whatever people agree on: what is past is not rewritten, and an accepted cover gives somebody else at least a moment of the duty.
func TestAgreementsKeepThePast(t *testing.T) {
	people := []string{marc, ines, lea, amel, sami}
	rapid.Check(t, func(rt *rapid.T) {
		r, s, now := weekly(), State{}, tuesday
		for range rapid.IntRange(1, 15).Draw(rt, "acts") {
			now = now.Add(time.Duration(rapid.IntRange(1, 3*24*60).Draw(rt, "later")) * time.Minute)
			before := rota(t, r, s.Covers...)
			var f Fact
			if rapid.IntRange(0, 3).Draw(rt, "end") == 0 && len(s.Covers) > 0 {
				f = &CoverEnded{ID: rapid.SampledFrom(s.Covers).Draw(rt, "which").ID}
			} else {
				from := now.Add(time.Duration(rapid.IntRange(-24*60, 4*24*60).Draw(rt, "from")) * time.Minute)
				f = &CoverSet{Rotation: "primary", Legs: []Leg{{rapid.SampledFrom(append(people, before.At(from).Person)).Draw(rt, "of"), rapid.SampledFrom(people).Draw(rt, "by"),
					from, from.Add(time.Duration(rapid.IntRange(1, 7*24*60).Draw(rt, "for")) * time.Minute)}}}
			}
			ev, err := Decide(s, Intent{Now: now, Fact: f, Rotation: &r})
			var no *Refusal
			if err != nil && !errors.As(err, &no) {
				rt.Fatal(err)
			}
			for _, e := range ev {
				s = Evolve(s, e)
			}
			after := rota(t, r, s.Covers...)
			was, err1 := before.Shifts(tuesday, now)
			is, err2 := after.Shifts(tuesday, now)
			if err1 != nil || err2 != nil || !reflect.DeepEqual(Clip(was, tuesday, now), Clip(is, tuesday, now)) {
				rt.Fatalf("%T rewrote who was on call (%v, %v)", f, err1, err2)
			}
			if set, ok := f.(*CoverSet); ok && err == nil {
				shifts, err := after.Shifts(set.Legs[0].From, set.Legs[0].To)
				if err != nil || !slices.ContainsFunc(shifts, func(x Shift) bool { return x.Cover == s.Covers[len(s.Covers)-1].ID && x.Person == set.Legs[0].By }) {
					rt.Fatalf("an accepted cover gives nobody anything: %+v (%v)", set, err)
				}
			}
		}
	})
}

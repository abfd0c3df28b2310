package commands

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/house"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/view"
)

// testDuties is one rotation of three people and one schedule of PagerDuty, over the house log of a test's engine. Times begin on Saturday
// 2000-01-01 00:00 UTC: sam has the turn until Monday 09:00, then prim, then lea.
type testDuties struct{ *testOffice }

var testRotation = house.Rotation{Key: "first", Start: "1999-12-27", Weekday: time.Monday, Time: "09:00", Weeks: 1, People: []string{"sam@example.com", "marc@example.com", "lea@example.com"}}

var byMail = map[string]incident.Person{"sam@example.com": sam, "marc@example.com": prim, "lea@example.com": lea, "tech@example.com": tech}

func (d testDuties) OnCall(ctx context.Context) ([]view.OnCall, error) {
	if d.down != nil {
		return nil, d.down
	}
	h, err := d.engine.House(ctx)
	if err != nil {
		return nil, err
	}
	a, err := testRotation.Bind(h.Covers)
	if err != nil {
		return nil, err
	}
	at := h.RecordedAt
	s := a.At(at)
	n, _ := a.Next(at)
	c := house.Cover{ID: s.Cover}
	return []view.OnCall{
		{Key: "primary", Title: map[string]string{"en": "on-call engineer", "fr": "ingénieur d'astreinte"}, People: []incident.Person{byMail[s.Person]}, Since: s.From, Until: n.From, Next: byMail[n.Person],
			Cover: int(c.Number()), Turn: byMail[s.Turn], Source: view.OnCallByFile, ReadAt: at},
		{Key: "tech_lead", Title: map[string]string{"en": "tech lead", "fr": "Tech Lead"}, People: []incident.Person{tech}, Source: view.OnCallByPager, ReadAt: at, Unread: true},
	}, nil
}

// techShifts are what PagerDuty announced: tech's until Monday 09:00, then lea's until Wednesday.
var techShifts = []house.Shift{
	{Rotation: "tech_lead", From: time.Date(1999, 12, 31, 0, 0, 0, 0, time.UTC), To: time.Date(2000, 1, 3, 9, 0, 0, 0, time.UTC), Person: "tech@example.com"},
	{Rotation: "tech_lead", From: time.Date(2000, 1, 3, 9, 0, 0, 0, time.UTC), To: time.Date(2000, 1, 5, 9, 0, 0, 0, time.UTC), Person: "lea@example.com"},
}

func (d testDuties) Kept(ctx context.Context) ([]Duty, []house.Cover, error) {
	if d.down != nil {
		return nil, nil, d.down
	}
	h, err := d.engine.House(ctx)
	r := testRotation
	return []Duty{
		{Target: "primary", Title: map[string]string{"en": "on-call engineer", "fr": "ingénieur d'astreinte"}, Rotation: &r},
		{Target: "tech_lead", Title: map[string]string{"en": "tech lead", "fr": "Tech Lead"}, Schedule: "PTECH", Shifts: techShifts},
	}, h.Covers, err
}

func (testDuties) Mail(_ context.Context, p incident.Person) string {
	for mail, q := range byMail {
		if q.Slack == p.Slack {
			return mail
		}
	}
	return ""
}

func (testDuties) Somebody(_ context.Context, mail string) incident.Person {
	if p, ok := byMail[mail]; ok {
		return p
	}
	return incident.Person{Name: mail}
}

func (d testDuties) Agree(ctx context.Context, key string, at time.Time, who incident.Person, fact house.Fact) (Agreed, error) {
	if d.down != nil {
		return Agreed{}, d.down
	}
	in := house.Intent{At: at, Fact: fact}
	if f, ok := fact.(*house.CoverSet); ok {
		f.Who = house.Person{Slack: who.Slack, Name: who.Name}
		if f.Rotation == testRotation.Key {
			r := testRotation
			in.Rotation = &r
		}
		if f.Schedule != "" {
			switch in.Schedule = (&house.Schedule{ID: "PTECH", Shifts: techShifts}); f.Legs[0].By {
			case "keyless@example.com":
				return Agreed{}, ErrNoToken
			case "nobody@example.com":
				return Agreed{}, fmt.Errorf("by: %w", ErrNoUser)
			}
		}
	}
	err := d.engine.HandleHouse(ctx, key, in)
	if no, ok := errors.AsType[*house.Refusal](err); ok {
		return Agreed{Refusal: no}, nil
	}
	if err != nil {
		return Agreed{}, err
	}
	h, err := d.engine.House(ctx)
	if err != nil || len(h.Covers) == 0 {
		return Agreed{}, err
	}
	out := Agreed{Cover: h.Covers[len(h.Covers)-1], Told: []incident.Person{lea}}
	if f, ok := fact.(*house.CoverEnded); ok {
		out.Cover = h.Covers[slices.IndexFunc(h.Covers, func(c house.Cover) bool { return c.ID == f.ID })]
	}
	return d.pager(ctx, out)
}

// pager is PagerDuty: it does not answer for slow@example.com, refuses refused@example.com, had deleted what gone@example.com covers, keeps
// what stuck@example.com covers, and does the rest.
func (d testDuties) pager(ctx context.Context, out Agreed) (Agreed, error) {
	for _, o := range house.OverridesOwed(house.State{Covers: []house.Cover{out.Cover}}, out.Cover.SetAt) {
		l := out.Cover.Legs[o.Leg]
		var fact house.Fact = &house.OverrideSet{Cover: o.Cover.ID, Leg: o.Leg, Override: "Q1", From: l.From, To: l.To}
		if o.Lift {
			fact, out.Lifted = &house.OverrideLifted{Cover: o.Cover.ID, Leg: o.Leg, How: house.LiftedByUs}, true
		}
		switch l.By {
		case "slow@example.com":
			out.Pager, out.Told = errors.New("PagerDuty: no answer"), nil
			return out, nil
		case "stuck@example.com":
			if o.Lift {
				out.Pager = errors.New("PagerDuty: no answer")
				return out, nil
			}
		case "gone@example.com":
			out.Gone = o.Lift
		case "refused@example.com":
			fact, out.Pager = &house.OverrideRefused{Cover: o.Cover.ID, Leg: o.Leg, Why: "no"}, errors.New("PagerDuty: answered 400: no")
		}
		if err := d.engine.HandleHouse(ctx, "", house.Intent{Fact: fact}); err != nil {
			return out, err
		}
		if _, refused := fact.(*house.OverrideRefused); refused {
			break
		}
	}
	h, err := d.engine.House(ctx)
	if err != nil {
		return out, err
	}
	out.Cover = h.Covers[slices.IndexFunc(h.Covers, func(c house.Cover) bool { return c.ID == out.Cover.ID })]
	return out, nil
}

// What people type about their duties, and what they are answered, in both languages: every refusal of a cover is among them.
func TestCoversAsTheyAreTyped(t *testing.T) {
	for _, lang := range catalog.Languages() {
		var b strings.Builder
		inWorld(t, lang, func(w *world) {
			for _, x := range []struct {
				who  incident.Person
				text string
			}{
				{sam, "covers"},
				{sam, "cover @me 18:00-22:00 <@U0LEA|lea>"},
				{sam, "cover @me tomorrow 18:00 monday 07:00 <@U0PRIM|marc>"},
				{sam, "cover @me <@U0LEA|lea> tomorrow 08:00-08:30"},
				{sam, "cover @me until 02:00 lea@example.com"},
				{lea, "cover <@U0SAM|sam> sunday 22:00-02:00 <mailto:lea@example.com|lea@example.com>"},
				{lea, "on-call"},
				{lea, "who"},
				{lea, "covers"},
				{lea, "cover @me 18:00-22:00 <@U0PRIM|marc>"}, // she has it by the first cover
				{sam, "uncover 3"},
				{sam, "uncover 4"},
				{sam, "uncover cover-4"},
				{sam, "uncover 99"},
				{sam, "uncover it"},
				{sam, "swap @me <@U0LEA|lea> week 1"},
				{sam, "swap @me <@U0PRIM|marc> 2000-02-07"},
				{sam, "swap @me <@U0PRIM|marc> 2000-03-06"},
				{sam, "swap <@U0PRIM|marc> <@U0TECH|tech>"},
				{sam, "swap @me"},
				{sam, "swap @me <@U0PRIM|marc> whenever"},
				{sam, "cover @me 18:00-22:00 @me"},
				{sam, "cover <@U0TECH|tech> 18:00-22:00 <@U0LEA|lea>"}, // PagerDuty's
				{sam, "covers"},
				{sam, "cover tech_lead <@U0TECH|tech> sunday 08:00-09:00 keyless@example.com"},
				{sam, "cover tech_lead <@U0TECH|tech> sunday 08:00-09:00 nobody@example.com"},
				{sam, "cover tech_lead <@U0TECH|tech> sunday 08:00-09:00 refused@example.com"},
				{sam, "cover tech_lead <@U0TECH|tech> sunday 08:00-09:00 slow@example.com"},
				{sam, "cover tech_lead <@U0TECH|tech> sunday 22:00-06:00 stuck@example.com"}, // across midnight
				{sam, "cover tech_lead <@U0TECH|tech> monday 08:00-12:00 gone@example.com"},  // an hour of it is theirs
				{sam, "cover tech_lead <@U0TECH|tech> 21:00-23:00 other@example.com"},        // given away until 22:00
				{sam, "cover tech_lead <@U0LEA|lea> 18:00-22:00 other@example.com"},
				{sam, "cover tech_lead <@U0LEA|lea> 19:00-20:00 other@example.com"}, // she gives on what she was given
				{sam, "covers"},
				{sam, "uncover 13"}, // a cover gives on what it gives
				{sam, "uncover 15"}, // it was refused
				{sam, "uncover 17"},
				{sam, "uncover 18"},
				{sam, "uncover 20"},
				{sam, "uncover 22"},
				{sam, "uncover 13"},
				{sam, "covers"},
				{sam, "swap tech_lead <@U0TECH|tech> <@U0LEA|lea>"},
				{sam, "swap tech_lead <@U0TECH|tech> @me"},
				{sam, "cover first <@U0PRIM|marc> 18:00-22:00 <@U0LEA|lea>"},
				{sam, "cover @me 2000-01-03 10:00 2000-01-03 09:00 <@U0LEA|lea>"},
				{sam, "cover @me 1999-12-24 10:00 1999-12-24 11:00 <@U0LEA|lea>"},
				{sam, "cover @me today 10:00 2000-03-03 09:00 <@U0LEA|lea>"},
				{sam, "cover <@U0GONE|gone> 18:00-22:00 @me"},
				{sam, "cover @me whenever <@U0LEA|lea>"},
				{sam, "cover @me 18:00-22:00"},
				{sam, "oncall please"},
			} {
				r := w.say(x.who, outside, x.text)
				b.WriteString("> " + x.who.Name + ": /incident " + x.text + "\n" + text(r) + "\n")
			}
		})
		golden(t, "covers-typed."+lang+".golden", b.String())
	}
}

// Every code of a refusal has words that are no other's, in both languages.
func TestEveryRefusalOfTheHouseHasWords(t *testing.T) {
	for _, lang := range catalog.Languages() {
		seen := map[string]string{}
		for code, args := range map[string][]string{
			house.RefusedCoverNobody: nil, house.RefusedCoverSelf: {"Lea"}, house.RefusedCoverPast: {"2000-01-01T00:00:00Z"}, house.RefusedCoverBack: {"2000-01-01T00:00:00Z", "2000-01-02T00:00:00Z"},
			house.RefusedCoverLong: {"31"}, house.RefusedCoverOffDuty: {"Lea", "2000-01-01T00:00:00Z", "2000-01-02T00:00:00Z", "Sam"}, house.RefusedCoverOverlap: nil, house.RefusedCoverRotation: {"first"},
			house.RefusedCoverTaken: {"Sam", "Lea", "2000-01-01T00:00:00Z", "2000-01-02T00:00:00Z", "cover-5"}, house.RefusedCoverBuiltOn: {"cover-5", "cover-7"},
			house.RefusedCoverUnknown: {"cover-5"}, house.RefusedCoverOver: {"cover-5", "2000-01-01T00:00:00Z"}, house.RefusedCoverMany: {"500"},
		} {
			words := view.Voice{Language: lang}.RefusalText(&incident.Refusal{Code: code, Args: args}, nil).Plain(nil)
			if strings.Contains(words, code) || strings.Contains(words, "{") || len(words) < 20 {
				t.Errorf("%s in %s: %q", code, lang, words)
			}
			if other, twice := seen[words]; twice {
				t.Errorf("%s and %s are the same words in %s", code, other, lang)
			}
			seen[words] = code
		}
	}
}

func TestSpans(t *testing.T) {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 10, 23, 19, 30, 0, 0, paris) // a Friday
	for _, c := range []struct{ in, from, to string }{
		{"18:00-22:00", "2026-10-23 18:00 +0200", "2026-10-23 22:00 +0200"}, // it runs
		{"10:00-12:00", "2026-10-24 10:00 +0200", "2026-10-24 12:00 +0200"}, // it is over for today
		{"22:00-06:00", "2026-10-23 22:00 +0200", "2026-10-24 06:00 +0200"},
		{"18h–22h30", "2026-10-23 18:00 +0200", "2026-10-23 22:30 +0200"},
		{"sunday 01:00-05:00", "2026-10-25 01:00 +0200", "2026-10-25 05:00 +0100"}, // through the doubled hour
		{"friday 20:00-22:00", "2026-10-23 20:00 +0200", "2026-10-23 22:00 +0200"},
		{"friday 18:00-22:00", "2026-10-23 18:00 +0200", "2026-10-23 22:00 +0200"}, // it runs
		{"vendredi 18:00 lundi 09:00", "2026-10-23 18:00 +0200", "2026-10-26 09:00 +0100"},
		{"friday 18:00 22:00", "2026-10-23 18:00 +0200", "2026-10-23 22:00 +0200"},
		{"friday 10:00-12:00", "2026-10-30 10:00 +0100", "2026-10-30 12:00 +0100"},   // it is over for today
		{"thursday 22:00-20:00", "2026-10-22 22:00 +0200", "2026-10-23 20:00 +0200"}, // since last night
		{"saturday 10:00 friday 21:00", "2026-10-24 10:00 +0200", "2026-10-30 21:00 +0100"},
		{"demain 18:00 lundi 09:00", "2026-10-24 18:00 +0200", "2026-10-26 09:00 +0100"},
		{"tomorrow 18:00 - 22:00", "2026-10-24 18:00 +0200", "2026-10-24 22:00 +0200"},
		{"2026-12-24 18:00 2026-12-26 09:00", "2026-12-24 18:00 +0100", "2026-12-26 09:00 +0100"},
		{"2026-12-24 18:00-09:00", "2026-12-24 18:00 +0100", "2026-12-25 09:00 +0100"},
		{"until 22:00", "2026-10-23 19:30 +0200", "2026-10-23 22:00 +0200"},
		{"jusqu'à demain 08:00", "2026-10-23 19:30 +0200", "2026-10-24 08:00 +0200"},
		{"2h", "2026-10-23 19:30 +0200", "2026-10-23 21:30 +0200"},
		{"", "", ""}, {"whenever", "", ""}, {"18:00", "", ""}, {"25:00-26:00", "", ""}, {"18:00-22:00 please", "", ""}, {"until", "", ""}, {"monday", "", ""},
	} {
		from, to, ok := spanOf(c.in, now, paris)
		const layout = "2006-01-02 15:04 -0700"
		if ok != (c.from != "") || ok && (from.In(paris).Format(layout) != c.from || to.In(paris).Format(layout) != c.to) {
			t.Errorf("%q: %s to %s, %t", c.in, from.In(paris).Format(layout), to.In(paris).Format(layout), ok)
		}
	}
	for _, c := range []struct{ in, from, to string }{
		{"", "", ""}, {"2026-12-07", "2026-12-07", "2026-12-08"}, {"week 50", "2026-12-07", "2026-12-14"}, {"semaine 1", "2027-01-04", "2027-01-11"}, {"W53", "2026-12-28", "2027-01-04"},
		{"2026-w01", "2025-12-29", "2026-01-05"}, {"monday", "2026-10-26", "2026-10-27"}, {"tomorrow", "2026-10-24", "2026-10-25"}, {"sunday", "2026-10-25", "2026-10-26"},
	} {
		from, to, rest, ok := daysOf(c.in, now, paris)
		if !ok || rest != "" || c.in != "" && (from.Format(time.DateOnly) != c.from || to.Format(time.DateOnly) != c.to) {
			t.Errorf("%q: %s to %s, %q, %t", c.in, from, to, rest, ok)
		}
	}
	for _, bad := range []string{"week", "week 54", "week 0", "2027-w53", "w", "soon", "2026-13-01", "99999999"} {
		if _, _, _, ok := daysOf(bad, now, paris); ok {
			t.Errorf("%q was read", bad)
		}
	}
}

// Words that nobody wrote for it neither break it nor mean a span that ends before it begins.
func FuzzSpan(f *testing.F) {
	for _, s := range []string{"18:00-22:00", "tomorrow 18:00 monday 09:00", "until 2h", "2026-12-24 18:00-09:00", "- -", "-", "9h-8h"} {
		f.Add(s)
	}
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		f.Fatal(err)
	}
	now := time.Date(2026, 10, 23, 19, 30, 0, 0, paris)
	f.Fuzz(func(t *testing.T, s string) {
		from, to, ok := spanOf(s, now, paris)
		if ok && !strings.Contains(s, "-") && to.Before(from) {
			t.Errorf("%q: %s to %s", s, from, to)
		}
		_, _, _, _ = daysOf(s, now, paris)
	})
}

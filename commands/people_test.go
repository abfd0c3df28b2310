package commands

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/view"
)

// What people who come from other tools type, and what it does here. They type it in the room of an open SEV-2 that sam declared.
func TestHabits(t *testing.T) {
	ic := func(p incident.Person) func(incident.State) bool {
		return func(s incident.State) bool { return s.Roles[incident.Commander].Who == p }
	}
	comms := func(p incident.Person) func(incident.State) bool {
		return func(s incident.State) bool { return s.Roles[incident.Comms].Who == p }
	}
	sev := func(v incident.Severity) func(incident.State) bool {
		return func(s incident.State) bool { return s.Severity == v }
	}
	status := func(v incident.Status) func(incident.State) bool {
		return func(s incident.State) bool { return s.Status == v }
	}
	rung := func(target string) func(incident.State) bool {
		return func(s incident.State) bool {
			last := s.Pages[len(s.Pages)-1]
			return last.Target == target && last.Why == incident.WhyAsked
		}
	}
	for typed, holds := range map[string]func(incident.State) bool{
		"role @lea comms ":                  nil, // a name that Slack did not make a mention of
		"role <@U0LEA|lea> comms":           comms(lea),
		"role comms <@U0LEA|lea>":           comms(lea),
		"assign me comms":                   comms(prim),
		"role comms me":                     comms(prim),
		"roles comms":                       comms(prim),
		"role lead <@U0LEA>":                ic(lea),
		"lead":                              ic(prim),
		"lead me":                           ic(prim),
		"LEAD":                              ic(prim),
		"ic":                                ic(prim),
		"commander <@U0LEA|lea>":            ic(lea),
		"captain moi":                       ic(prim),
		"lead none":                         ic(incident.Person{}),
		"role ic nobody":                    ic(incident.Person{}),
		"sev 1":                             sev(1),
		"sev1":                              sev(1),
		"SEV-1":                             sev(1),
		"severity sev-3 only the back end":  sev(3),
		"sev p4 only ours":                  sev(4),
		"status mitigated":                  status(incident.Mitigated),
		"mitigated":                         status(incident.Mitigated),
		"mit rolled back":                   status(incident.Mitigated),
		"identified the cache":              status(incident.Identified),
		"resolved":                          status(incident.Resolved),
		"fixed by a restart":                status(incident.Resolved),
		"close":                             status(incident.Resolved),
		"status resolved it was the cache":  status(incident.Resolved),
		"noise the probe was wrong":         status(incident.Cancelled),
		"page cto":                          rung("cto"),
		"page CTO now":                      rung("cto"),
		"page compliance there is a breach": rung("compliance_officer"),
		"page Compliance Officer now":       rung("compliance_officer"),
		"page compliance-officer":           rung("compliance_officer"),
		"page complianceofficer":            rung("compliance_officer"),
		"page responsable conformité":       rung("compliance_officer"),
		"escalate secondary on-call":        rung("secondary"),
		"page secondary":                    rung("secondary"),
		"runbook 4":                         func(s incident.State) bool { _, ok := s.Runbook("RB-004"); return ok },
		"rb rb4":                            func(s incident.State) bool { _, ok := s.Runbook("RB-004"); return ok },
		"runbook kafka ocr": func(s incident.State) bool {
			return len(s.Runbooks) <= 1
		},
		"post we are on it":        func(s incident.State) bool { return s.Updates.Count == 1 },
		"event cache flushed":      func(s incident.State) bool { return s.Status == incident.Investigating },
		"take":                     func(s incident.State) bool { return !s.AcknowledgedAt.IsZero() },
		"progress\nline one\ntwo!": func(s incident.State) bool { return s.Progress.Text.Body == "line one\ntwo!" },
	} {
		inWorld(t, "en", func(w *world) {
			s := w.declare("checkout is down")
			r := w.say(prim, room(s.ID), typed)
			after := w.state(s.ID)
			if holds == nil {
				w.wants(typed, r, "Nothing was done")
				w.quiet(typed, s)
				return
			}
			if !holds(after) {
				t.Errorf("%q: %s\n%v", typed, text(r), w.facts(s))
			}
		})
	}
}

// "declare help" declares nothing.
func TestAskingForHelpDoesNothingElse(t *testing.T) {
	inWorld(t, "en", func(w *world) {
		s := w.declare("checkout is down")
		for _, v := range Verbs() {
			for _, ask := range []string{"help", "--help", "?", "-h"} {
				typed := v.Name + " " + ask
				if v.Name == "help" {
					continue
				}
				w.wants(typed, w.say(sam, room(s.ID), typed), "/incident "+v.Usage)
				w.wants(typed, w.say(sam, outside, typed), "/incident "+v.Usage)
			}
		}
		w.quiet("help", s)
		if w.count() != 1 {
			t.Error("asking declared an incident")
		}
	})
}

// Words that end in an incident's id, said in another's room.
func TestAnIDBehindTheWordsOfAnotherRoom(t *testing.T) {
	inWorld(t, "en", func(w *world) {
		a, b := w.declare("checkout is down"), w.declare("search is slow")
		for _, typed := range []string{"note same cause as INC-2", "resolve like INC-2", "sev 1 see INC-2", "page cto about INC-2", "status mitigated with INC-2"} {
			r := w.say(sam, room(a.ID), typed)
			w.wants(typed, r, "[INC-1 · checkout is down] [INC-2 · search is slow]")
		}
		w.quiet("ambiguous", a)
		w.quiet("ambiguous", b)
		r := w.say(sam, room(a.ID), "note same cause as INC-2")
		picks := buttons(r, view.ActionPick)
		w.wants("here", w.press(sam, room(a.ID), view.ActionPick, picks[0].Value), "same cause as INC-2")
		w.quiet("here", b)
		a = w.state(a.ID)
		w.wants("there", w.press(sam, room(a.ID), view.ActionPick, picks[1].Value), "INC-2: Sam notes: same cause as")
		w.quiet("there", a)
		// Where nothing is ambiguous, nothing is asked.
		w.say(sam, room(a.ID), "sev 1 INC-2")
		w.say(sam, room(a.ID), "INC-2 note same cause as INC-1")
		w.say(sam, room(a.ID), "resolve INC-2")
		w.quiet("clear", a)
		if s := w.state(b.ID); s.Severity != 1 || s.Status != incident.Resolved {
			t.Errorf("%v %v", s.Severity, s.Status)
		}
		// Another system's number is a word like any other.
		w.wants("ticket", w.say(sam, room(a.ID), "note ticket INC-4711"), "ticket INC-4711")
		w.wants("no such", w.say(sam, outside, "sev 2 INC-4711"), "there is no INC-4711")
		w.wants("no such", w.say(sam, room(a.ID), "INC-4711 ack"), "there is no INC-4711")
		w.wants("alone", w.say(sam, outside, "inc-1"), "checkout is down", "[Severity…]")
		w.wants("alone", w.say(sam, outside, "#1"), "checkout is down")
	})
}

// What is asked about is what can be meant; what was typed comes back whole, or not at all.
func TestWhichIncident(t *testing.T) {
	inWorld(t, "en", func(w *world) {
		w.wants("none", w.say(sam, outside, "ack"), "no incident is open")
		w.wants("none", w.say(sam, outside, "reopen"), "no incident is over")
		a, b := w.declare("checkout is down"), w.declare("search is slow")
		w.say(sam, outside, "resolve it was the cache INC-1")
		if got := buttons(w.say(sam, outside, "reopen it is back"), view.ActionPick); len(got) != 1 || got[0].Value.Incident != "INC-1" {
			t.Errorf("reopen asks %+v", got)
		}
		if got := buttons(w.say(sam, outside, "ack"), view.ActionPick); len(got) != 1 || got[0].Value.Incident != "INC-2" {
			t.Errorf("ack asks %+v", got)
		}
		long := strings.Repeat("the third pool is full; ", 35) // more than a card shows
		r := w.say(sam, outside, "note "+long)
		w.press(sam, outside, view.ActionPick, buttons(r, view.ActionPick)[0].Value)
		ev := w.since(b)
		if f, ok := ev[0].Fact.(*incident.Noted); !ok || f.Text.Body != strings.TrimSpace(long) {
			t.Errorf("%+v", ev)
		}
		r = w.say(sam, outside, "note "+strings.Repeat("الدفع معطل ", 300))
		if len(buttons(r, view.ActionPick)) != 0 {
			t.Error("a button that carries half of what was typed")
		}
		w.wants("too long", r, "name it: /incident … INC-42")
		// A mention in words is a name, not a call; a cell of a command is not lost.
		w.say(sam, room(b.ID), "update ask <@U0LEA|lea> in <#C042|ops>")
		if got := w.state(b.ID).Updates.Text.Body; got != "ask @lea in #ops" {
			t.Errorf("%q", got)
		}
		w.say(sam, outside, "resolve done INC-2")
		if got := buttons(w.say(sam, outside, "timeline"), view.ActionPick); len(got) != 2 {
			t.Errorf("with none open, the ones that are over can be read: %+v", got)
		}
		_ = a
	})
}

func TestTheTimelineByPages(t *testing.T) {
	inWorld(t, "en", func(w *world) {
		s := w.declare("checkout is down")
		for i := range 75 {
			w.say(sam, room(s.ID), fmt.Sprint("note remark number ", i))
		}
		seen := map[int]bool{}
		r := w.say(lea, outside, "timeline INC-1")
		for range 10 {
			for i := range 75 {
				if strings.Contains(text(r), fmt.Sprintf("remark number %d\n", i)) {
					if seen[i] {
						t.Errorf("remark %d is shown twice", i)
					}
					seen[i] = true
				}
			}
			more := buttons(r, view.ActionTimeline)
			if len(more) == 0 {
				break
			}
			if more[0].Label.Plain(nil) == "Later" {
				break
			}
			if r = w.press(lea, outside, view.ActionTimeline, more[0].Value); !r.Replace {
				t.Error("a page does not take the place of the one before")
			}
		}
		if len(seen) != 75 {
			t.Errorf("%d of 75 remarks are shown", len(seen))
		}
		last := w.say(lea, room(s.ID), "timeline last")
		w.wants("last", last, "remark number 74", "remark number 45")
		if b := buttons(last, view.ActionTimeline); len(b) != 1 || b[0].Label.Plain(nil) != "Earlier" {
			t.Errorf("the latest lines lead to %v", b)
		}
		oldest := w.say(lea, room(s.ID), "timeline first")
		w.wants("first", oldest, "declared INC-1")
		later := buttons(oldest, view.ActionTimeline)
		if len(later) != 1 || later[0].Label.Plain(nil) != "Later" {
			t.Fatalf("the first lines lead to %v", later)
		}
		if r := w.press(lea, outside, view.ActionTimeline, later[0].Value); len(buttons(r, view.ActionTimeline)) != 2 {
			t.Error("from the middle it goes both ways")
		}
	})
}

func TestHomeIsThePersonsOwn(t *testing.T) {
	inWorld(t, "en", func(w *world) {
		w.declare("checkout is down")
		w.say(lea, outside, "search is slow sev3")
		w.declare("old one")
		w.say(sam, outside, "INC-3 resolve done")
		card, err := w.Home(w.t.Context(), sam, "en")
		if err != nil {
			t.Fatal(err)
		}
		r := Reply{Card: &card}
		w.checkReply("home", r)
		got := text(r)
		order := []string{"Declare an incident…", "Yours", "checkout is down", "Other open", "search is slow", "Over", "old one"}
		at := 0
		for _, x := range order {
			i := strings.Index(got[at:], x)
			if i < 0 {
				t.Fatalf("%q is not where it belongs:\n%s", x, got)
			}
			at += i
		}
		if b := buttons(r, view.ActionOpenDeclare); len(b) != 1 {
			t.Error("nothing to declare with")
		} else if r := w.press(sam, "", view.ActionOpenDeclare, b[0].Value); r.Form == nil {
			t.Error("it opens nothing")
		}
	})
}

// TestOneReaderOfTheTimeOfDay: what one verb takes for a time of day, every verb and form does.
func TestOneReaderOfTheTimeOfDay(t *testing.T) {
	inWorld(t, "en", func(w *world) {
		s := w.declare("checkout is down")
		w.sleep(s.ID, 10*time.Hour)
		w.say(sam, room(s.ID), "moment fix-deployed at 9h")
		if m := w.state(s.ID).Moments; len(m) == 0 || m[len(m)-1].At.Format("15:04") != "09:00" {
			t.Errorf("a moment at 9h, which park and cover take for 09:00: %+v", m)
		}
		c := &Ask{desk: w.Counter}
		for _, typed := range []string{"3h02-3h40", "3:02-3:40", "03:02 – 03:40", "3H02-3H40"} {
			from, to, ok := c.window(typed)
			if !ok || from.Format("15:04") != "03:02" || to.Format("15:04") != "03:40" {
				t.Errorf("window %q: %v to %v, %v", typed, from, to, ok)
			}
		}
		for _, typed := range []string{"3h-25h", "0302-0340", "9-10"} {
			if from, to, ok := c.window(typed); ok {
				t.Errorf("window %q: %v to %v", typed, from, to)
			}
		}
	})
}

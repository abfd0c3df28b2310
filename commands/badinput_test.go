package commands

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/view"
)

func TestUnknownVerbs(t *testing.T) {
	for lang, says := range map[string][]string{"en": {"Nothing was done", "Did you mean"}, "fr": {"Rien n'a été fait", "Vouliez-vous dire"}} {
		inWorld(t, lang, func(w *world) {
			s := w.declare("checkout is down")
			for typed, meant := range map[string]string{
				"sve 1": "/incident sev", "resovle": "/incident resolve", "delcare checkout is down sev1": "/incident declare", "ackk": "/incident ack", "timelin": "/incident timeline",
				"stat": "/incident status", "Escalat": "/incident escalate", "statsu page is down sev1": "/incident status", "INC-1 sve 2": "/incident sev",
			} {
				for _, where := range []string{room(s.ID), outside} {
					w.wants(typed, w.say(sam, where, typed), append(says, meant)...)
				}
			}
			w.wants("xyzzy", w.say(sam, outside, "xyzzy"), says[0], "/incident help")
			w.wants("help xyzzy", w.say(sam, outside, "help sve"), says[0], "/incident sev")
			if r := w.say(sam, outside, "help sve"); strings.Contains(text(r), "declare help") {
				t.Errorf("help offers to declare: %s", text(r))
			}
			w.quiet("unknown verbs", s)
			if w.count() != 1 {
				t.Error("an unknown verb declared an incident")
			}
		})
	}
}

func TestWrongArgumentsGetTheUsageAndOneExample(t *testing.T) {
	for lang, nothing := range map[string]string{"en": "Nothing was done", "fr": "Rien n'a été fait"} {
		inWorld(t, lang, func(w *world) {
			s := w.declare("checkout is down")
			for _, typed := range []string{
				"sev 5", "sev high", "sev 0", "sev -1", "lead somebody", "lead @tech", "role king", "role <@U0TECH|tech> king", "role comms tech", "status fine", "note", "note \t ",
				"timeline 09:00 the cache was flushed", "list everything", "role",
				"hand lea", "park until 09:00 @lea the supplier answers in the morning", "moment fix-deployed at 25:00", "moment fix-deployed at 9h75",
			} {
				if typed == "role" {
					continue // opens the form
				}
				verb, _ := words(typed)
				v := w.verbs[verb]
				w.wants(typed, w.say(sam, room(s.ID), typed), nothing, "/incident "+v.Usage, "/incident "+plainWords(v.Examples[0].In))
			}
			w.quiet("wrong arguments", s)
			// What the policy or the state refuses is worded, and changes nothing.
			for _, typed := range []string{
				"progress hm", "role none", "role comms none", "status investigating", "runbook RB-999", "runbook xyzzy", "reopen", "lead", "sev 2",
			} {
				if r := w.say(sam, room(s.ID), typed); r.Form != nil || strings.Contains(text(r), "✅") {
					t.Errorf("%q gets %s", typed, text(r))
				}
			}
			w.quiet("refusals", s)
		})
	}
}

// A sentence declares when it says how bad it is, and only then: a mistyped verb must not page anybody.
func TestFreeSentences(t *testing.T) {
	for typed, want := range map[string]struct {
		title string
		sev   incident.Severity
	}{
		"checkout is down sev1":             {"checkout is down", 1},
		"checkout is down, SEV-2.":          {"checkout is down", 2},
		"SEV1: nobody can pay":              {"nobody can pay", 1},
		"sev 3 slow search":                 {"", 0}, // begins with the verb: see below
		"db is down sev1":                   {"db is down", 1},
		"api is slow (sev3)":                {"api is slow", 3},
		"p1 login broken":                   {"login broken", 1},
		"login broken sev 2":                {"login broken", 2},
		"paiement indisponible sev1":        {"paiement indisponible", 1},
		"checkout\nis\tdown sev1":           {"checkout is down", 1},
		"<@U0LEA|lea> cannot log in sev3":   {"@lea cannot log in", 3},
		"checkout is down":                  {"", 0},
		"checkout is down 1":                {"", 0},
		"down sev1":                         {"", 0}, // one word says too little
		"everything is broken please help":  {"", 0},
		"the severity is unclear":           {"", 0},
		"node is down sev1":                 {"", 0}, // one letter from "note"
		"INC-7 is back sev1":                {"", 0},
		"sevenfold traffic":                 {"", 0},
		"lead time of orders explodes sev2": {"", 0}, // a verb
	} {
		inWorld(t, "en", func(w *world) {
			r := w.say(sam, outside, typed)
			if want.sev == 0 {
				if w.count() != 0 || strings.Contains(text(r), "recorded") {
					t.Errorf("%q declared: %s", typed, text(r))
				}
				return
			}
			if w.count() != 1 {
				t.Fatalf("%q did not declare: %s", typed, text(r))
			}
			if s := w.state("INC-1"); s.Title.Body != want.title || s.Severity != want.sev || !s.Confirmed {
				t.Errorf("%q declared %q as %v", typed, s.Title.Body, s.Severity)
			}
		})
	}
	// What was not taken for an incident is one press from one: the form opens with what was typed.
	inWorld(t, "en", func(w *world) {
		r := w.say(sam, outside, "node is down sev1")
		b := buttons(r, view.ActionOpenDeclare)
		if len(b) != 1 {
			t.Fatal(text(r))
		}
		w.wants("declare", w.press(sam, outside, view.ActionOpenDeclare, b[0].Value), "node is down", "(•) 🔴 SEV-1")
		w.wants("verb first", w.say(sam, outside, "lead time of orders explodes sev2"), "/incident declare lead time of orders explodes sev2")
	})
	// In a room, a severity in front may be about this incident.
	inWorld(t, "en", func(w *world) {
		s := w.declare("checkout is down")
		w.wants("sev1 …", w.say(sam, room(s.ID), "sev1 nobody can pay"), "Nothing was done", "/incident sev")
		w.quiet("sev1 …", s)
		if w.count() != 1 {
			t.Error("it declared another")
		}
		w.say(sam, room(s.ID), "SEV-1")
		if w.state(s.ID).Severity != 1 {
			t.Error("a severity alone sets it")
		}
		w.say(sam, room(s.ID), "sev 4 all quiet")
		w.say(sam, outside, "p3 INC-1")
		if w.state(s.ID).Severity != 3 {
			t.Error("with an id, from anywhere")
		}
	})
}

func TestLooksAlike(t *testing.T) {
	inWorld(t, "en", func(w *world) {
		s := w.declare("Checkout is down")
		r := w.say(lea, outside, "declare the checkout is broken sev1")
		w.wants("alike", r, "INC-1 looks alike", "Checkout is down", "[Join INC-1] [Open anyway]")
		w.quiet("alike", s)
		if w.count() != 1 {
			t.Fatal("it declared")
		}
		join, anyway := buttons(r, view.ActionJoin)[0], buttons(r, view.ActionDeclare)[0]
		j := w.press(lea, outside, view.ActionJoin, join.Value)
		w.wants("join", j, "INC-1", s.ChannelName)
		if got := w.facts(s); len(got) != 1 || got[0] != "joined" || !j.Replace {
			t.Errorf("join recorded %v, replaces %t", got, j.Replace)
		}
		a := w.press(lea, outside, view.ActionDeclare, anyway.Value)
		w.wants("open anyway", a, "INC-2 is recorded as SEV-1: the checkout is broken")
		if !a.Replace {
			t.Error("the question stays")
		}
		w.press(lea, outside, view.ActionDeclare, anyway.Value)
		if w.count() != 2 {
			t.Errorf("open anyway, pressed twice, opened %d", w.count()-1)
		}
		// Something else, and what is over, is not alike.
		w.say(lea, outside, "declare search is slow sev3")
		if w.count() != 3 {
			t.Error("search is not checkout")
		}
		w.say(lea, room("INC-1"), "INC-1 resolve done")
		w.say(lea, room("INC-2"), "INC-2 resolve done")
		w.say(lea, outside, "declare checkout is down sev1")
		if w.count() != 4 {
			t.Error("what is over is not joined")
		}
	})
}

func TestTitlesFromHell(t *testing.T) {
	for _, title := range []string{
		strings.Repeat("checkout is down ", 30), strings.Repeat("x", 500), strings.Repeat("🔥", 500), "🔥🔥🔥", "<!channel> everybody look <!here>", "<!subteam^S123|@all> x", "*bold* _it_ ~no~ `code` ```block``` <https://evil|x>",
		"الدفع معطل تماما", "\u202egnp.exe \u2066isolate\u2069", "a & b < c > d \"e\"", "line\nbreak\r\nand\ttab", "\x00\x07bell", "e\u0301\u0301\u0301\u0301", "<@U0LEA|lea> did it", "{id} {title, plural}", "sev",
	} {
		for _, lang := range []string{"en", "fr"} {
			inWorld(t, lang, func(w *world) {
				r := w.say(sam, outside, "declare "+title+" sev2")
				if w.count() != 1 {
					t.Fatalf("%.60q: %s", title, text(r))
				}
				s := w.open(w.state("INC-1"))
				if s.Severity != 2 || s.Title.Body == "" || len([]rune(s.Title.Body)) > incident.MaxTitle || len(s.ChannelName) > 80 || strings.ContainsAny(s.Title.Body, "\x00\x07\u202e") {
					t.Errorf("%.60q: %v %q %q", title, s.Severity, s.Title.Body, s.ChannelName)
				}
				// Wherever it is shown, it fits and calls nobody (see checkReply).
				for _, typed := range []string{"status", "list", "list all", "timeline", "sev", "update", "resolve " + title, "timeline last", "status"} {
					w.say(sam, room(s.ID), typed)
				}
				w.say(sam, outside, "declare "+title+" sev2")
				w.say(sam, outside, "note "+title)
				w.say(sam, outside, "xx "+title)
				w.say(sam, outside, "help "+title)
				w.say(sam, room(s.ID), "sev "+title)
				w.say(sam, room(s.ID), "page "+title)
				w.say(sam, room(s.ID), "runbook "+title)
				card, err := w.Home(w.t.Context(), sam, lang)
				if err != nil {
					t.Fatal(err)
				}
				w.checkReply("home", Reply{Card: &card})
			})
		}
	}
}

func TestTheEmptyCommandOpensTheForm(t *testing.T) {
	for lang, title := range map[string]string{"en": "Declare an incident", "fr": "Déclarer un incident"} {
		inWorld(t, lang, func(w *world) {
			s := w.declare("x")
			for _, typed := range []string{"", "  ", "\n\t", "declare", "new "} {
				for _, where := range []string{outside, room(s.ID), direct} {
					if r := w.say(sam, where, typed); r.Form == nil || r.Form.ID != view.FormDeclare || r.Form.Title.Plain(nil) != title {
						t.Errorf("%q: %s", typed, text(r))
					}
				}
			}
			if w.count() != 1 {
				t.Error("it declared")
			}
		})
	}
}

func TestTheSameCommandTwiceIsOneIncident(t *testing.T) {
	inWorld(t, "en", func(w *world) {
		first := w.sayKeyed("slack/env/e", sam, outside, "checkout is down sev1")
		w.wants("first", first, "INC-1 is recorded")
		w.sayKeyed("slack/env/e", sam, outside, "checkout is down sev1")
		if w.count() != 1 {
			t.Errorf("%d incidents", w.count())
		}
		s := w.open(w.state("INC-1"))
		w.sayKeyed("slack/env/n", sam, room(s.ID), "note once")
		s = w.state(s.ID)
		w.wants("again", w.sayKeyed("slack/env/n", sam, room(s.ID), "note once"), "Recorded in INC-1")
		w.quiet("the same note", s)
	})
}

// What cannot be recorded is an error, never an answer that looks like one.
func TestTheStoreIsDown(t *testing.T) {
	inWorld(t, "en", func(w *world) {
		s := w.declare("checkout is down")
		started(w, s)
		ref := view.Ref{Incident: string(s.ID), Seq: 1, Runbook: "RB-001", Subject: "database", Note: "1"}
		w.office.down = fmt.Errorf("the disk is full: %w", errors.ErrUnsupported)
		for _, v := range Verbs() {
			for _, ex := range v.Examples {
				r, err := w.Command(w.t.Context(), Call{Key: w.key(), Actor: sam, At: w.clock.Now(), Channel: room(s.ID), Text: ex.In, Language: "en"})
				if alone := v.Name == "help" || ex.In == "declare" || ex.In == "declare private API is slow"; alone {
					if err != nil {
						t.Errorf("%q needs no store: %v", ex.In, err)
					}
					continue
				}
				if !errors.Is(err, errors.ErrUnsupported) {
					t.Errorf("%q: %v, answered %s", ex.In, err, text(r))
				}
			}
		}
		for _, b := range Buttons() {
			if _, err := w.Click(w.t.Context(), Click{Key: w.key(), Actor: sam, At: w.clock.Now(), Action: b.Name, Ref: ref, Language: "en"}); !errors.Is(err, errors.ErrUnsupported) {
				t.Errorf("%s: %v", b.Name, err)
			}
		}
		for _, f := range Forms() {
			if _, err := w.Submit(w.t.Context(), Submission{Key: w.key(), Actor: sam, At: w.clock.Now(), Form: f.Name, Ref: ref, Answers: map[string]string{view.InputTitle: "x"}}); !errors.Is(err, errors.ErrUnsupported) {
				t.Errorf("%s: %v", f.Name, err)
			}
		}
		if _, err := w.Home(w.t.Context(), sam, "en"); !errors.Is(err, errors.ErrUnsupported) {
			t.Error(err)
		}
		if _, err := w.Command(w.t.Context(), Call{Key: w.key(), Actor: sam, Channel: outside, Text: "checkout is down sev1"}); !errors.Is(err, errors.ErrUnsupported) {
			t.Error(err)
		}
		w.office.down = nil
		// A revision that cannot be read is trouble, not a button that is out of date.
		w.office.noBlobs = errors.ErrUnsupported
		for _, name := range []string{view.ActionStepBranch, view.ActionStepFinding, view.ActionStepSkip} {
			if _, err := w.Click(w.t.Context(), Click{Key: w.key(), Actor: sam, Action: name, Ref: ref, Language: "en"}); !errors.Is(err, errors.ErrUnsupported) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := w.Submit(w.t.Context(), Submission{Key: w.key(), Actor: sam, Form: view.FormFinding, Ref: ref, Answers: map[string]string{view.InputText: "x", view.InputBranch: "1"}}); !errors.Is(err, errors.ErrUnsupported) {
			t.Error(err)
		}
		time.Sleep(time.Second)
		if w.say(sam, room(s.ID), "note it is back"); len(w.facts(s)) != 2 { // the runbook and the note
			t.Error(w.facts(s))
		}
	})
}

// Every no of the core has words of its own in both languages, and says what to do.
func TestRefusalsAreWordedInBothLanguages(t *testing.T) {
	for _, lang := range []string{"en", "fr"} {
		inWorld(t, lang, func(w *world) {
			s := w.declare("checkout is down")
			var b strings.Builder
			for _, typed := range []string{
				"ack", "lead", "sev 2", "status investigating", "progress hm", "role comms none", "page king", "page tech_lead", "runbook RB-999", "reopen",
				"!runbook RB-001", "runbook RB-001", "!sev 4 all quiet", "sev 4", "!sev 3", "sev 4", "!sev why it was more", "sev why it was more", "!sev 4 all quiet", "page next", "!cancel noise", "ack", "sev 1", "update hello", "page cto", "resolve", "cancel no", "runbook", "update", "INC-99 ack",
			} {
				do := strings.TrimPrefix(typed, "!")
				before := w.state(s.ID)
				r := w.say(sam, room(s.ID), do)
				if do != typed {
					continue // it sets the stage
				}
				if !strings.HasPrefix(do, "INC") && w.state(s.ID).Seq != before.Seq && do != "ack" {
					t.Errorf("%q changed something: %v", do, w.facts(before))
				}
				fmt.Fprintf(&b, "> /incident %s\n%s\n", do, text(r))
			}
			golden(t, "refusals."+lang+".golden", b.String())
		})
	}
}

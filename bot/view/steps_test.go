package view

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// guarded is the incident with a runbook that has every guard; its last step is a duty for afterwards.
func guarded(language string, change func(*incident.State, *incident.RunbookRun)) incident.State {
	titles := map[string][]string{
		"en": {"Freeze writing", "Restore up to the rupture", "Tell the client", "Write the post-mortem"},
		"fr": {"Geler les écritures", "Restaurer jusqu'à la rupture", "Prévenir le client", "Rédiger le post-mortem"},
	}[language]
	return edited(running(language), func(s *incident.State) {
		run := incident.RunbookRun{
			Ref: incident.RunbookRef{ID: "RB-008", Owner: "tech_lead", Language: language, Steps: []string{"freeze", "restore", "tell", "report"}, Rules: []incident.StepRule{
				{Title: titles[0], Kind: incident.KindMitigation, Minutes: 5},
				{Title: titles[1], Kind: incident.KindDestructive, Minutes: 120, Approval: "cto", FourEyes: true},
				{Title: titles[2], Kind: incident.KindNotify, Minutes: 30, Who: []string{"cto", "incident_commander", "legal"}},
				{Title: titles[3], Kind: incident.KindNotify, Minutes: 60, After: true},
			}},
			At: at(3, 8), Current: "restore", Steps: map[string]incident.StepRun{"freeze": {Mark: incident.StepDone, By: lea, At: at(3, 14), Since: at(3, 8)}},
			Work: []incident.StepWork{{Step: "freeze", Since: at(3, 8)}, {Step: "restore", Since: at(3, 14)}},
		}
		if change != nil {
			change(s, &run)
		}
		s.Runbooks = []incident.RunbookRun{run}
	})
}

// fillCapture fills the first-response capture.
func fillCapture(s *incident.State) {
	t := incident.Text{Body: "none"}
	s.Capture = incident.Capture{Requests: t, Traces: t, Tenants: t, Organisations: t, From: at(3, 0), To: at(3, 10), By: lea, At: at(3, 12)}
}

// work changes what is known of a step.
func work(run *incident.RunbookRun, step string, change func(*incident.StepWork)) {
	for i := range run.Work {
		if run.Work[i].Step == step {
			change(&run.Work[i])
			return
		}
	}
	run.Work = append(run.Work, incident.StepWork{Step: step})
	change(&run.Work[len(run.Work)-1])
}

// toldIn puts the step that tells the client on the card, some of whom were told.
func toldIn(r *incident.RunbookRun, list ...incident.StepTold) {
	r.Current = "tell"
	r.Ref.Rules[2].Who, r.Ref.Rules[2].Notify = nil, []string{"tenant_compliance_officer", "tenant_dpo"}
	work(r, "tell", func(w *incident.StepWork) { w.Told = list })
}

var approvedAt = incident.Approval{By: nadia, At: at(3, 25), Reason: incident.Text{Body: "the snapshot is offline"}}

// secondedAt is when Léa read it as the second person.
var secondedAt = incident.StepSecond{By: lea, At: at(3, 36)}

// drawnStep is a step as the runbook has it, of the guarded one.
func drawnStep(st incident.State, id string) *Step {
	run, _ := st.Runbook("RB-008")
	out := &Step{Runbook: "RB-008", Title: "Audit hash chain broken", ID: id, Of: len(run.Ref.Steps), Owner: "tech_lead", Prose: "Into a database of its own.", LookFor: "no rupture after the replay.",
		Commands: []string{"kubectl exec deploy/postgres -- createdb audit_restore"}, Holders: map[string][]incident.Person{"cto": {nadia}, "incident_commander": {lea}}}
	for i, s := range run.Ref.Steps {
		r, _ := run.Ref.Rule(s)
		out.Steps = append(out.Steps, StepName{s, r.Title})
		if s == id {
			out.Number, out.Name, out.Kind, out.Minutes, out.Who, out.FourEyes = i+1, r.Title, r.Kind, r.Minutes, r.Who, r.FourEyes
		}
	}
	return out
}

// tellingHouse is a step that tells people of the house: one was told for it, one by the severity, one was rung, one nobody holds.
func tellingHouse(l string) Source {
	st := guarded(l, func(s *incident.State, r *incident.RunbookRun) {
		p := *s.Policy
		targets := map[string]incident.Target{}
		for _, key := range []string{"cto", "ceo", "compliance_officer", "dpo", "tech_lead"} {
			targets[key] = p.Targets[key]
		}
		targets["ceo"] = incident.Target{Key: "ceo", Address: incident.Address{Service: "PCEO"}}
		p.Targets = targets
		s.Policy, s.Pages = &p, []incident.Page{{Key: "k", Target: "tech_lead", At: at(3, 7), Status: incident.PageAnswered}}
		s.Told, s.ToldAt = []string{"compliance_officer"}, map[string]time.Time{"compliance_officer": at(3, 7)}
		r.Ref.Rules[2].Notify, r.Ref.Rules[2].Who, r.Current = []string{"cto", "ceo", "compliance_officer", "tech_lead", "dpo"}, nil, "tell"
		r.Work = append(r.Work, incident.StepWork{Step: "tell", Since: at(3, 20), Told: []incident.StepTold{{Role: "cto", By: lea, At: at(3, 31)}}})
	})
	src := Source{State: st, Deadlines: incident.Deadlines(st), Zone: tunis, Now: at(3, 40), Step: drawnStep(st, "tell")}
	src.Step.Holders = map[string][]incident.Person{"ceo": {nadia}, "cto": {lea}, "compliance_officer": {lea}}
	src.Owed.Effect.View, src.Owed.Effect.Slot = incident.ViewStep, incident.SlotCard("RB-008", 1)
	return src
}

func stepScenes() []scene {
	card := func(name string, n int, step string, change func(*incident.State, *incident.RunbookRun)) scene {
		return scene{name: name, view: incident.ViewStep, source: func(l string) Source {
			st := guarded(l, change)
			src := Source{State: st, Deadlines: incident.Deadlines(st), Zone: tunis, Now: at(3, 40)}
			src.Owed.Effect.View, src.Owed.Effect.Slot = incident.ViewStep, incident.SlotCard("RB-008", n)
			if step != "" {
				src.Step = drawnStep(st, step)
			}
			return src
		}}
	}
	asked := func(_ *incident.State, r *incident.RunbookRun) {
		work(r, "restore", func(w *incident.StepWork) {
			w.By, w.Asked = marc, incident.ApprovalAsk{By: marc, At: at(3, 20), Who: []incident.Person{nadia}}
		})
	}
	unlocked := func(s *incident.State, r *incident.RunbookRun) {
		fillCapture(s)
		work(r, "restore", func(w *incident.StepWork) { w.By, w.Approved, w.Seconded = marc, approvedAt, secondedAt })
	}
	unread := func(s *incident.State, r *incident.RunbookRun) {
		unlocked(s, r)
		work(r, "restore", func(w *incident.StepWork) { w.Seconded = incident.StepSecond{} })
	}
	direct := func(name, view string, change func(*incident.State, *incident.RunbookRun)) scene {
		return scene{name: name, view: view, source: func(l string) Source {
			st := guarded(l, change)
			src := Source{State: st, Zone: tunis, Now: at(3, 40), Step: drawnStep(st, "restore")}
			src.Owed.Effect.View, src.Owed.Effect.Arg, src.Owed.Effect.Do, src.Owed.Effect.People = view, "RB-008/restore", incident.Direct, []incident.Person{nadia}
			return src
		}}
	}
	wanted := func(r incident.StepReader) func(*incident.State, *incident.RunbookRun) {
		return func(s *incident.State, run *incident.RunbookRun) {
			unread(s, run)
			work(run, "restore", func(w *incident.StepWork) { w.Reader = r })
		}
	}
	reads := func(name string, f *incident.ReaderAsked, change func(*incident.State, *incident.RunbookRun), pings ...string) scene {
		sc := direct(name, incident.ViewReader, change)
		drawn := sc.source
		sc.source = func(l string) Source {
			src := drawn(l)
			f.Runbook, f.Step = "RB-008", "restore"
			src.Event = incident.Event{Seq: 18, At: at(3, 40), RecordedAt: at(3, 40), Actor: tocsin, Fact: f}
			return src
		}
		sc.pings = pings
		return sc
	}
	return []scene{
		card("step-undated", 1, "tell", func(_ *incident.State, r *incident.RunbookRun) {
			r.Ref.Rules[2].Who, r.Current = nil, "tell"
			r.Ref.Clocks = []incident.RunbookClock{{ID: "month", Step: "tell", What: "tell", Who: "cto", Anchor: "parameter", Ref: "expires_on", Before: true, Offset: 30 * 24 * time.Hour}}
		}),
		{name: "step-informs", view: incident.ViewStep, source: tellingHouse},
		{name: "step-told", view: incident.ViewStepTold, source: func(l string) Source {
			src := tellingHouse(l)
			src.Owed.Effect.View, src.Owed.Effect.Slot, src.Step = incident.ViewStepTold, "", nil
			src.Event = incident.Event{Seq: 40, At: at(3, 40), RecordedAt: at(3, 40), Actor: incident.Actor{Person: lea}, Fact: &incident.NoticeSent{
				Notice: "ceo", Role: "ceo", Runbook: "RB-008", Step: "tell", How: incident.TellWrite, Who: []incident.Person{nadia}, Text: incident.Say("The audit chain is broken.\nWriting is frozen.", 200)}}
			return src
		}},
		card("step-locked", 1, "restore", nil),
		card("step-locked-asked", 1, "restore", asked),
		card("step-locked-capture", 1, "restore", func(_ *incident.State, r *incident.RunbookRun) {
			work(r, "restore", func(w *incident.StepWork) { w.Approved = approvedAt })
		}),
		card("step-locked-eyes", 1, "restore", unread),
		card("step-locked-again", 1, "restore", changedAgain),
		card("step-unlocked", 1, "restore", unlocked),
		card("step-awaits", 1, "restore", func(s *incident.State, r *incident.RunbookRun) {
			unread(s, r)
			work(r, "restore", func(w *incident.StepWork) {
				w.Awaits = incident.StepAwait{By: marc, At: at(3, 38), Text: incident.Text{Body: "1206 events replayed"}}
			})
		}),
		card("step-confirmed", 1, "tell", func(_ *incident.State, r *incident.RunbookRun) {
			r.Current = "tell"
			r.Steps = map[string]incident.StepRun{"freeze": r.Steps["freeze"], "restore": {Mark: incident.StepDone, By: marc, Second: lea, At: at(3, 39)}}
		}),
		card("step-blocked", 1, "tell", func(_ *incident.State, r *incident.RunbookRun) {
			r.Current = "tell"
			work(r, "tell", func(w *incident.StepWork) {
				w.By, w.Since = lea, at(3, 30)
				w.Blocked = incident.StepBlock{On: incident.Text{Body: "the mail server does not answer"}, Whom: incident.Text{Body: "the provider"}, By: lea, Since: at(3, 32)}
				w.Help = incident.StepCall{By: lea, At: at(3, 35), Role: "tech_lead", Who: marc, Round: 1}
			})
		}),
		card("step-tells", 1, "tell", func(_ *incident.State, r *incident.RunbookRun) { toldIn(r) }),
		card("step-tells-one-left", 1, "tell", func(_ *incident.State, r *incident.RunbookRun) {
			toldIn(r, incident.StepTold{Role: "tenant_dpo", By: lea, At: at(3, 35)})
		}),
		card("step-told", 1, "tell", func(_ *incident.State, r *incident.RunbookRun) {
			toldIn(r, incident.StepTold{Role: "tenant_dpo", By: lea, At: at(3, 35)}, incident.StepTold{Role: "tenant_compliance_officer", By: marc, At: at(3, 38)})
		}),
		card("step-beside", 2, "tell", func(s *incident.State, r *incident.RunbookRun) {
			asked(s, r)
			r.Beside = []incident.StepCard{{N: 2, Step: "tell", Was: "tell"}}
			work(r, "tell", func(w *incident.StepWork) { w.By, w.Since = lea, at(3, 30) })
		}),
		card("step-beside-done", 2, "", func(_ *incident.State, r *incident.RunbookRun) {
			r.Beside = []incident.StepCard{{N: 2, Was: "freeze"}}
		}),
		card("step-beside-skipped", 2, "", func(_ *incident.State, r *incident.RunbookRun) {
			r.Beside = []incident.StepCard{{N: 2, Was: "tell"}}
			r.Steps = map[string]incident.StepRun{"tell": {Mark: incident.StepSkipped, By: lea, At: at(3, 33)}}
		}),
		card("step-beside-left", 2, "", nil),
		card("step-through-beside", 1, "", func(_ *incident.State, r *incident.RunbookRun) {
			r.Current, r.Beside = "", []incident.StepCard{{N: 2, Step: "tell", Was: "tell"}}
		}),
		card("step-outlives", 1, "restore", func(s *incident.State, _ *incident.RunbookRun) { s.Status, s.EndedAt = incident.Resolved, at(3, 50) }),
		card("step-through-outlives", 1, "", func(s *incident.State, r *incident.RunbookRun) {
			s.Status, s.EndedAt, r.Current = incident.Resolved, at(3, 50), ""
		}),
		direct("approval", incident.ViewApproval, asked),
		direct("approval-again", incident.ViewApproval, changedAgain),
		direct("reread", incident.ViewReread, changedAgain),
		direct("reread-over", incident.ViewReread, unlocked),
		{name: "locked-again", view: incident.ViewStepChanged, source: func(l string) Source {
			st := guarded(l, unlocked)
			src := Source{State: st, Zone: tunis, Now: at(3, 40)}
			src.Owed.Effect.View, src.Owed.Effect.Arg = incident.ViewStepChanged, "RB-008/restore"
			src.Event = incident.Event{Seq: 40, At: at(3, 38), RecordedAt: at(3, 38), Actor: incident.Actor{System: incident.SystemTocsin}, Fact: &incident.StepChanged{
				Runbook: "RB-008", Step: "restore", Approver: nadia, Role: "cto", Who: []incident.Person{nadia}}}
			return src
		}},
		direct("approval-given", incident.ViewApproval, unlocked),
		direct("approval-over", incident.ViewApproval, func(s *incident.State, r *incident.RunbookRun) {
			asked(s, r)
			s.Status = incident.Cancelled
		}),
		direct("approved", incident.ViewApproved, unlocked),
		direct("approved-eyes", incident.ViewApproved, unread),
		direct("approved-gone", incident.ViewApproved, nil),
		card("step-reader-asked", 1, "restore", wanted(incident.StepReader{By: marc, At: at(3, 33), Who: []incident.Person{lea, nadia}})),
		card("step-reader-late", 1, "restore", wanted(incident.StepReader{By: marc, At: at(3, 33), Late: at(3, 38)})),
		reads("reader-asked", &incident.ReaderAsked{Who: []incident.Person{lea, nadia}}, unread, "U0LEA", "U0NADIA"),
		reads("reader-room", &incident.ReaderAsked{}, unread),
		reads("reader-late", &incident.ReaderAsked{Who: []incident.Person{nadia}, Late: true}, wanted(incident.StepReader{By: marc, At: at(3, 33)})),
		reads("reader-over", &incident.ReaderAsked{Who: []incident.Person{lea}}, unlocked),
		{name: "headline-steps", view: incident.ViewHeadline, source: func(l string) Source {
			st := guarded(l, busy)
			src := Source{State: st, Deadlines: incident.Deadlines(st), Zone: tunis, Now: at(3, 40)}
			src.Owed.Effect.View = incident.ViewHeadline
			return src
		}},
		{name: "hand-over-steps", view: incident.ViewHandOver, source: func(l string) Source {
			st := edited(guarded(l, busy), func(s *incident.State) {
				s.HandOver = incident.HandOver{From: lea, To: marc, Why: incident.HandOverAsked, At: at(3, 50), Due: at(4, 5)}
			})
			src := Source{State: st, Deadlines: incident.Deadlines(st), Zone: tunis, Now: at(3, 50)}
			src.Owed.Effect.View = incident.ViewHandOver
			return src
		}},
	}
}

// busy has a step that is blocked, one that is asked about, one that waits for a second person, and one more.
func busy(_ *incident.State, r *incident.RunbookRun) {
	work(r, "restore", func(w *incident.StepWork) {
		w.By, w.Asked = marc, incident.ApprovalAsk{By: marc, At: at(3, 20), Who: []incident.Person{nadia}}
	})
	work(r, "tell", func(w *incident.StepWork) {
		w.By, w.Since = lea, at(3, 30)
		w.Blocked = incident.StepBlock{On: incident.Text{Body: "the mail server does not answer"}, Whom: incident.Text{Body: "the provider"}, By: lea, Since: at(3, 32)}
	})
	work(r, "report", func(w *incident.StepWork) { w.Awaits = incident.StepAwait{By: marc, At: at(3, 38)} })
	r.Beside = []incident.StepCard{{N: 2, Step: "tell", Was: "tell"}}
}

// changedAgain is a step whose commands changed after it was approved and read.
func changedAgain(s *incident.State, r *incident.RunbookRun) {
	fillCapture(s)
	work(r, "restore", func(w *incident.StepWork) {
		w.By, w.Asked = marc, incident.ApprovalAsk{At: at(3, 38), Who: []incident.Person{nadia}}
		w.Changed = incident.StepChange{At: at(3, 38), Approver: nadia, Second: lea, Values: []incident.ValueChange{
			{Name: "topic", Was: incident.Text{Body: "audit-2"}, Is: incident.Text{Body: "audit-3"}}, {Name: "tenant", Is: incident.Text{Body: "acme-bank"}}}}
	})
}

func stepReplies() []reply {
	list := func(v Voice, change func(*incident.State, *incident.RunbookRun)) Card {
		return StepsCard(Source{State: guarded(v.Language, change), Zone: tunis, Language: v.Language}, "RB-008", 1)
	}
	return []reply{
		{"still-owed", func(v Voice) Card {
			st := guarded(v.Language, func(s *incident.State, _ *incident.RunbookRun) {
				s.Duties = []incident.Duty{{Key: "client-notice", Clock: "RB-008/client-notice", What: "Notify the client", Due: at(3, 7).Add(24 * time.Hour)}}
			})
			return StillOwedCard(Source{State: st, Zone: tunis, Language: v.Language}, st.Duties[0])
		}},
		{"steps", func(v Voice) Card { return list(v, nil) }},
		{"steps-busy", func(v Voice) Card { return list(v, busy) }},
		{"steps-marked", func(v Voice) Card {
			return list(v, func(_ *incident.State, r *incident.RunbookRun) {
				r.Steps = map[string]incident.StepRun{"freeze": {Mark: incident.StepDone, By: lea, At: at(3, 14)}, "restore": {Mark: incident.StepDone, By: marc, Second: lea, At: at(3, 39)}, "tell": {Mark: incident.StepSkipped, By: lea, At: at(3, 40)}}
				r.Current = "report"
			})
		}},
		{"home-approvals", func(v Voice) Card {
			st := guarded(v.Language, busy)
			return v.WithApprovals(v.HomeCard(nil, nadia), []Asked{{State: st, Runbook: "RB-008", Step: "restore"}})
		}},
		{"steps-none", func(v Voice) Card {
			return StepsCard(Source{State: running(v.Language), Language: v.Language}, "RB-999", 1)
		}},
	}
}

func stepForms() []form {
	src := func(l, step string, change func(*incident.State, *incident.RunbookRun)) Source {
		st := guarded(l, change)
		return Source{State: st, Zone: tunis, Now: at(3, 40), Step: drawnStep(st, step)}
	}
	return []form{
		{"step-approve", func(l string) Form { return ApproveForm(src(l, "restore", nil)) }},
		{"step-second", func(l string) Form {
			s := src(l, "restore", nil)
			s.Step.Warnings, s.Step.Missing = []string{"the production table is not touched"}, []string{"svc"}
			return SecondForm(s)
		}},
		{"step-return", func(l string) Form { return ReturnForm(src(l, "restore", nil)) }},
		{"step-block", func(l string) Form { return BlockForm(src(l, "tell", nil)) }},
		{"step-sent", func(l string) Form {
			return SentForm(src(l, "tell", func(_ *incident.State, r *incident.RunbookRun) { toldIn(r) }), l)
		}},
		{"step-sent-one-left", func(l string) Form {
			s := src(l, "tell", func(_ *incident.State, r *incident.RunbookRun) {
				toldIn(r, incident.StepTold{Role: "tenant_dpo", By: lea, At: at(3, 35)})
			})
			s.Step.Draft, s.Step.Branches = "We have detected an inconsistency (tenant acme-bank).", []Branch{{Finding: "Notified", Value: "0", Step: 4}, {Finding: "To be decided", Value: "1", Through: true}}
			return SentForm(s, l)
		}},
		{"step-tell", func(l string) Form { return TellForm(tellingHouse(l)) }},
		{"finding-locked", func(l string) Form { return FindingForm(src(l, "restore", nil)) }},
	}
}

func stepRefusals() []*incident.Refusal {
	step, when := []string{"RB-008", "8"}, "2026-11-21T02:12:00Z"
	with := func(more ...string) []string { return append(step[:2:2], more...) }
	var out []*incident.Refusal
	for code, args := range map[string][]string{
		incident.RefusedStepWho: with("cto", "incident_commander", "legal"), incident.RefusedUnapproved: with("cto"), incident.RefusedApprover: with("cto"), incident.RefusedApproved: with(when), incident.RefusedTold: with(when),
		incident.RefusedApprovalAsked: with(when), incident.RefusedAwaited: with(when), incident.RefusedSecond: step, incident.RefusedSeconded: with(when), incident.RefusedSecondWorks: step, incident.RefusedSecondDoes: step, incident.RefusedBlocked: with(when), incident.RefusedStepOpen: step,
		incident.RefusedHelped: with(when, "tech_lead"),
	} {
		out = append(out, &incident.Refusal{Code: code, Args: args}, &incident.Refusal{Code: code, By: nadia, Args: args})
	}
	out = append(out, &incident.Refusal{Code: incident.RefusedReaderAsked, Args: with(when)}, &incident.Refusal{Code: incident.RefusedReaderAsked, By: marc, Args: with(when)})
	out = append(out, &incident.Refusal{Code: incident.RefusedNoApproval, Args: step}, &incident.Refusal{Code: incident.RefusedNoHolder, Args: with("cto")}, &incident.Refusal{Code: incident.RefusedNobodyToTell, Args: with("cto")}, &incident.Refusal{Code: incident.RefusedNotAwaited, Args: step}, &incident.Refusal{Code: incident.RefusedUnseconded, Args: step}, &incident.Refusal{Code: incident.RefusedStepChanged, Args: step},
		&incident.Refusal{Code: incident.RefusedNotBlocked, Args: step}, &incident.Refusal{Code: incident.RefusedNotMarked, Args: step}, &incident.Refusal{Code: incident.RefusedStepTaken, By: nadia, Args: step}, &incident.Refusal{Code: incident.RefusedStepTaken, Args: step}, &incident.Refusal{Code: incident.RefusedStepYours, Args: step}, &incident.Refusal{Code: incident.RefusedNoOwner, Args: step}, &incident.Refusal{Code: incident.RefusedTellsNobody, Args: step})
	for _, what := range []string{"block", "approve", "return"} {
		out = append(out, &incident.Refusal{Code: incident.RefusedReasonNeeded, Args: []string{what}})
	}
	out = append(out, &incident.Refusal{Code: incident.RefusedEmpty, Args: []string{"finding"}}, &incident.Refusal{Code: incident.RefusedEmpty, Args: []string{"sent-to"}})
	return sortedRefusals(out)
}

func sortedRefusals(list []*incident.Refusal) []*incident.Refusal {
	for i := 1; i < len(list); i++ {
		for j := i; j > 0 && list[j].Code < list[j-1].Code; j-- {
			list[j], list[j-1] = list[j-1], list[j]
		}
	}
	return list
}

// A locked step shows that it is, by what key and who holds it, and nothing that could be run, nor a button that says it is done.
func TestALockedStepShowsNoCommand(t *testing.T) {
	for _, lang := range catalog.Languages() {
		for _, sc := range stepScenes() {
			if sc.view != incident.ViewStep {
				continue
			}
			src := sc.source(lang)
			c, err := Render(src)
			if err != nil {
				t.Fatal(err)
			}
			if src.Step == nil || src.Step.ID != "restore" {
				continue
			}
			text, locked := Plain(c, tunis), len(src.State.Locks("RB-008", "restore", "")) > 0
			if strings.Contains(text, "createdb") == locked {
				t.Errorf("%s %s: locked %v, and the card says\n%s", sc.name, lang, locked, text)
			}
			done := false
			for _, b := range c.Blocks {
				if a, is := b.(Actions); is {
					for _, e := range a.Elements {
						if x, is := e.(Button); is && (x.Action == ActionStepDone || x.Action == ActionStepBranch) {
							done = true
						}
					}
				}
			}
			if done && locked {
				t.Errorf("%s %s: a locked step has a button that says it is done", sc.name, lang)
			}
			if sc.name == "step-locked" && !strings.Contains(text, "Nadia") {
				t.Errorf("%s: nobody is named who holds the key:\n%s", lang, text)
			}
		}
	}
}

// A phone that rings while the step is locked does not read the command out either.
func TestAPageShowsNoLockedCommand(t *testing.T) {
	for _, lang := range catalog.Languages() {
		st := guarded(lang, nil)
		src := Source{State: st, Deadlines: incident.Deadlines(st), Zone: tunis, Now: at(3, 20), Step: drawnStep(st, "restore")}
		src.Owed.Effect.View, src.Owed.Effect.Page = incident.ViewPage, st.Pages[0].Key
		if _, body := PageText(src); strings.Contains(body, "createdb") {
			t.Errorf("%s: %s", lang, body)
		}
		fillCapture(&src.State)
		work(&src.State.Runbooks[0], "restore", func(w *incident.StepWork) { w.Approved = approvedAt })
		if _, body := PageText(src); strings.Contains(body, "createdb") {
			t.Errorf("%s: no second person has read it, and it says %s", lang, body)
		}
		work(&src.State.Runbooks[0], "restore", func(w *incident.StepWork) { w.Seconded = secondedAt })
		if _, body := PageText(src); !strings.Contains(body, "createdb") {
			t.Errorf("%s: unlocked, and it says %s", lang, body)
		}
	}
}

// Who is called for a step hears for which.
func TestAPageForAStep(t *testing.T) {
	for lang, want := range map[string][2]string{"en": {"approve RB-008 step 2: Restore", "help with RB-008 step 3: Tell"}, "fr": {"approuver RB-008, étape 2 : Restaurer", "aide pour RB-008, étape 3 : Prévenir"}} {
		st := guarded(lang, nil)
		for i, p := range []incident.Page{
			{Key: "a", Target: "cto", Person: nadia, Why: incident.WhyAsked, By: marc, Runbook: "RB-008", Step: "restore", For: incident.ForApproval, At: at(3, 20), Status: incident.PageSent},
			{Key: "b", Target: "tech_lead", Person: marc, Why: incident.WhyAsked, By: lea, Runbook: "RB-008", Step: "tell", For: incident.ForHelp, At: at(3, 20), Status: incident.PageSent},
		} {
			st.Pages = append(st.Pages[:2:2], p)
			src := Source{State: st, Zone: tunis, Now: at(3, 20)}
			src.Owed.Effect.View, src.Owed.Effect.Page = incident.ViewPage, p.Key
			_, body := PageText(src)
			src.Owed.Effect.View = incident.ViewPaged
			c, err := Render(src)
			if body = strings.ReplaceAll(body, "\u00a0", " "); err != nil || !strings.Contains(body, want[i]) {
				t.Errorf("%s: the page says %s (%v)", lang, body, err)
			}
			if text := strings.ReplaceAll(Plain(c, tunis), "\u00a0", " "); !strings.Contains(text, want[i]) {
				t.Errorf("%s: the message says %s", lang, text)
			}
		}
	}
}

// A list of a hundred steps, each as long as it may be, stays within what Slack takes.
func TestALongList(t *testing.T) {
	st := guarded("fr", func(_ *incident.State, r *incident.RunbookRun) {
		for i := range 100 {
			id := "s" + string(rune('a'+i%26)) + string(rune('a'+i/26))
			r.Ref.Steps = append(r.Ref.Steps, id)
			r.Ref.Rules = append(r.Ref.Rules, incident.StepRule{Kind: incident.KindDiagnosis, Title: strings.Repeat("étape ", 30)})
			if i%2 == 0 {
				r.Steps[id] = incident.StepRun{Mark: incident.StepDone, By: incident.Person{Slack: "U0X", Name: strings.Repeat("n", 80)}, At: at(3, 14), Second: lea, Since: at(3, 10).Add(time.Minute)}
			}
		}
	})
	checkCard(t, "steps", StepsCard(Source{State: st}, "RB-008", 1))
}

// TestStepIsInTheOrderOfThePage wants a sentence where the runbook has it, code apart from words, a sentence of warning that begins as one, and
// what must be known first on the first step alone.
func TestStepIsInTheOrderOfThePage(t *testing.T) {
	drawn := func(change func(*Step, *incident.RunbookRun)) (text string, kinds []catalog.Kind) {
		st := guarded("en", nil)
		step := drawnStep(st, "freeze")
		step.Intro, step.Warnings = "Repair nothing.", []string{"ask first."}
		step.Commands = []string{"first", "second"}
		step.Parts = []StepPart{{Text: "Before."}, {Command: 0}, {Text: "Run `it` twice."}, {Text: "Then:"}, {Command: 1}, {Text: "After."}}
		run, _ := st.Runbook("RB-008")
		run.Steps = nil
		run.Current = "freeze"
		change(step, &run)
		st.Runbooks = []incident.RunbookRun{run}
		src := Source{State: st, Zone: tunis, Now: at(3, 40), Step: step}
		src.Owed.Effect.View, src.Owed.Effect.Slot = incident.ViewStep, incident.SlotStep("RB-008")
		for _, b := range step1(t, src).Blocks {
			var all catalog.Text
			switch b := b.(type) {
			case Section:
				all = b.Text
			case Small:
				all = b.Text
			}
			for _, s := range all {
				kinds = append(kinds, s.Kind)
			}
			text += all.Plain(nil) + "\n"
		}
		return text, kinds
	}
	inOrder := func(text string, words ...string) {
		t.Helper()
		at := 0
		for _, w := range words {
			i := strings.Index(text[at:], w)
			if i < 0 {
				t.Fatalf("%q is not after what comes before it in\n%s", w, text)
			}
			at += i + len(w)
		}
	}
	text, kinds := drawn(func(*Step, *incident.RunbookRun) {})
	inOrder(text, "Audit hash chain broken", "Repair nothing.", "1 of 4", "Ask first.", "Before.", "first", "it", "twice.", "Then:", "second", "After.", "Look for:")
	if !slices.Contains(kinds, catalog.Code) {
		t.Error("code in a sentence is not told apart")
	}
	text, _ = drawn(func(_ *Step, r *incident.RunbookRun) {
		r.Steps = map[string]incident.StepRun{"tell": {Mark: incident.StepDone, By: lea, At: at(3, 14)}}
	})
	if strings.Contains(text, "Repair nothing.") {
		t.Errorf("said again once somebody is at work:\n%s", text)
	}
	text, _ = drawn(func(s *Step, r *incident.RunbookRun) {
		s.ID, s.Number, s.Kind, r.Current = "restore", 2, incident.KindDestructive, "restore"
	})
	if strings.Contains(text, "first\n") || strings.Contains(text, "second\n") {
		t.Errorf("a locked step shows what can be run:\n%s", text)
	}
	inOrder(text, "Before.", "twice.", "After.")
}

func step1(t *testing.T, src Source) Card {
	t.Helper()
	c, err := Render(src)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A locked step asks for its values before anybody approves it, and offers the form for them: who approves reads the commands as they will run.
func TestALockedStepAsksForItsValuesFirst(t *testing.T) {
	for lang, want := range map[string]string{"en": "Fill in backup_file before you ask", "fr": "Renseignez backup_file avant de demander"} {
		st := guarded(lang, nil)
		src := Source{State: st, Zone: tunis, Now: at(3, 40), Step: drawnStep(st, "restore")}
		src.Owed.Effect.View, src.Owed.Effect.Slot = incident.ViewStep, incident.SlotCard("RB-008", 1)
		src.Step.Missing, src.Step.Asks = []string{"backup_file"}, true
		c := step(src)
		if got := Plain(c, tunis); !strings.Contains(got, want) || strings.Contains(got, "createdb") {
			t.Errorf("%s lacks %q, or shows the command:\n%s", lang, want, got)
		}
		if !slices.ContainsFunc(buttons(c.Blocks), func(b Button) bool { return b.Action == ActionOpenParameters }) {
			t.Errorf("%s: no button for the values", lang)
		}
		ask := slices.IndexFunc(buttons(c.Blocks), func(b Button) bool { return b.Action == ActionStepAsk })
		if ask < 0 || buttons(c.Blocks)[ask].Style == Primary {
			t.Errorf("%s: approval is asked for before the values are known: %d", lang, ask)
		}
	}
}

// A step that tells colleagues says how each is rung; who is told by a notice has the draft instead, and who cannot be rung is left out.
func TestAStepSaysHowToRingWhomItTells(t *testing.T) {
	for lang, want := range map[string]string{"en": "To ring: /incident page cto.", "fr": "Pour appeler : /incident page cto."} {
		st := guarded(lang, func(s *incident.State, r *incident.RunbookRun) {
			p := *s.Policy
			p.Targets = map[string]incident.Target{"cto": {Address: incident.Address{Service: "PCTO"}}, "ceo": {}}
			s.Policy, s.Pages = &p, nil
			r.Ref.Rules[2].Notify, r.Ref.Rules[2].Who, r.Current = []string{"cto", "ceo", "legal", "tenant_dpo"}, nil, "tell"
		})
		src := Source{State: st, Zone: tunis, Now: at(3, 40), Step: drawnStep(st, "tell")}
		src.Owed.Effect.View, src.Owed.Effect.Slot = incident.ViewStep, incident.SlotCard("RB-008", 1)
		if got := strings.ReplaceAll(Plain(step(src), tunis), "\u00a0", " "); !strings.Contains(got, want) || strings.Contains(got, "page ceo") || strings.Contains(got, "page legal") {
			t.Errorf("%s: %q is not all that is said:\n%s", lang, want, got)
		}
		src.State.Pages = []incident.Page{{Key: "INC-42/L3/1/nadia", Target: "cto", Person: nadia, Status: incident.PageSent, At: at(3, 30)}}
		if got := Plain(step(src), tunis); strings.Contains(got, "page cto") || !strings.Contains(got, "03:30") {
			t.Errorf("%s: whoever was rung is said to be rung, and not how:\n%s", lang, got)
		}
		src.State.Status, src.State.Pages = incident.Resolved, nil
		if got := Plain(step(src), tunis); strings.Contains(got, "page cto") {
			t.Errorf("%s: somebody is to be rung after the end:\n%s", lang, got)
		}
	}
}

// Once the incident is over a runbook's first card has what its clocks still want, each with its buttons; before that, and when they have ended,
// it has not.
func TestOpenClocksAreOnTheCardWhenItIsOver(t *testing.T) {
	for _, lang := range catalog.Languages() {
		st := guarded(lang, func(s *incident.State, r *incident.RunbookRun) {
			r.Ref.Clocks = []incident.RunbookClock{{ID: "freeze-off", Step: "freeze", What: "Lift the freeze", Who: "cto", Open: true}, {ID: "other", Step: "tell", What: "Write", Who: "cto", Open: true}}
			s.Duties = []incident.Duty{
				{Key: "freeze-off", Why: incident.BeginsRunbook, Clock: "RB-008/freeze-off", What: "Lift the freeze", From: at(3, 8)},
				{Key: "other", Why: incident.BeginsRunbook, Clock: "RB-008/other", What: "Write", From: at(3, 8), How: incident.EndedDone},
				{Key: "elsewhere", Why: incident.BeginsRunbook, Clock: "RB-001/elsewhere", What: "Elsewhere", From: at(3, 8)},
			}
			r.Current = ""
		})
		buttons := func(status incident.Status, n int) (keys []string) {
			st := st
			st.Status = status
			src := Source{State: st, Zone: tunis, Now: at(9, 0)}
			src.Owed.Effect.View, src.Owed.Effect.Arg, src.Owed.Effect.Slot = incident.ViewStep, "RB-008", incident.SlotCard("RB-008", n)
			for _, b := range step(src).Blocks {
				if a, is := b.(Actions); is {
					for _, e := range a.Elements {
						if x, is := e.(Button); is && x.Action == ActionDutyDone {
							keys = append(keys, x.Value.Subject)
						}
					}
				}
			}
			return keys
		}
		if got := buttons(incident.Resolved, 1); !slices.Equal(got, []string{"freeze-off"}) {
			t.Errorf("%s: resolved: %v", lang, got)
		}
		if got := append(buttons(incident.Investigating, 1), buttons(incident.Resolved, 2)...); len(got) > 0 {
			t.Errorf("%s: while it is open, or on another card: %v", lang, got)
		}
	}
}

// A locked card names what of the capture is still empty and the button that fills it; a sentence that leads on to a command says that one stands
// there; and the forms say what fits this step.
func TestALockedCardSaysWhatIsLeft(t *testing.T) {
	for lang, c := range map[string]struct{ left, filled, leads, looks string }{
		"en": {"Still empty: tenants affected and exact time window. Fill it with First-response capture… or", "trace ids", "🔒 The command is shown once it is unlocked", "Look for: no rupture"},
		"fr": {"Reste à remplir : clients touchés et fenêtre de temps exacte. Remplissez-le avec Relevé initial… ou", "identifiants de traces", "🔒 La commande", "À observer : no rupture"},
	} {
		src := Source{Zone: tunis, Now: at(3, 40), State: guarded(lang, func(s *incident.State, _ *incident.RunbookRun) {
			fillCapture(s)
			s.Capture.Tenants, s.Capture.From = incident.Text{}, time.Time{}
		})}
		src.Owed.Effect.View, src.Owed.Effect.Slot, src.Step = incident.ViewStep, incident.SlotCard("RB-008", 1), drawnStep(src.State, "restore")
		src.Step.Parts = []StepPart{{Text: "Think first:"}, {Text: "In `psql`:"}, {Command: 0}, {Text: "Write down how many:"}}
		card, err := Render(src)
		if err != nil {
			t.Fatal(err)
		}
		spaces := strings.NewReplacer("\u00a0", " ", "\u202f", " ") // of French typography
		got := spaces.Replace(Plain(card, tunis))
		for _, want := range []string{c.left, c.leads, "Think first:\n", "Write down how many:\n"} {
			if !strings.Contains(got, want) {
				t.Errorf("%s: the card lacks %q:\n%s", lang, want, got)
			}
		}
		if strings.Contains(got, c.filled) {
			t.Errorf("%s: what is written down is said to be left:\n%s", lang, got)
		}
		if form := spaces.Replace(PlainForm(FindingForm(src), tunis)); !strings.Contains(form, c.looks) {
			t.Errorf("%s: the form does not say what to look for:\n%s", lang, form)
		}
	}
}

// Whoever was asked and holds the role no more cannot approve: the card offers to ask who holds it now.
func TestTheCardAsksWhoHoldsTheRoleNow(t *testing.T) {
	for name, c := range map[string]struct {
		now  []incident.Person
		asks bool
	}{"who was asked": {[]incident.Person{nadia, lea}, false}, "somebody else": {[]incident.Person{lea}, true}, "nobody known": {nil, false}, "who was asked about other commands": {[]incident.Person{nadia}, true}} {
		src := Source{State: guarded("en", func(_ *incident.State, r *incident.RunbookRun) {
			work(r, "restore", func(w *incident.StepWork) {
				w.Asked = incident.ApprovalAsk{By: marc, At: at(3, 20), Who: []incident.Person{nadia}, Digest: "one"}
			})
		})}
		filled := "one"
		if strings.Contains(name, "other commands") {
			filled = "two"
		}
		src.Step = &Step{Filled: filled, Runbook: "RB-008", ID: "restore", Holders: map[string][]incident.Person{"cto": c.now}}
		asks := false
		for _, e := range src.stepKeys(src.State.Locks("RB-008", "restore", "")) {
			if b, is := e.(Button); is && b.Action == ActionStepAsk {
				asks = true
			}
		}
		if asks != c.asks {
			t.Errorf("%s holds it: offers to ask %v", name, asks)
		}
	}
}

// What a locked step is now changes on without a word: the card says no value that the command no longer has.
func TestALockedStepNamesNoValueOfBefore(t *testing.T) {
	for lang, word := range map[string]string{"en": "were no longer those", "fr": "n'étaient plus celles"} {
		src := Source{Language: lang, State: guarded(lang, func(s *incident.State, r *incident.RunbookRun) {
			changedAgain(s, r)
			work(r, "restore", func(w *incident.StepWork) { w.Changed.Digest = "two" })
		})}
		run, _ := src.State.Runbook("RB-008")
		for filled, names := range map[string]bool{"two": true, "three": false, "one": false} {
			src.Step = &Step{Runbook: "RB-008", ID: "restore", Filled: filled}
			got := src.stepChanged(run, "restore").Plain(tunis)
			if strings.Contains(got, "audit-3") != names || strings.Contains(got, word) == names {
				t.Errorf("%s, the command is %s: %s", lang, filled, got)
			}
		}
	}
}

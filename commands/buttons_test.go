package commands

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tocsin-bot/tocsin/bot/house"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/view"
)

// constants are the values of the constants of bot/view whose names begin with a prefix.
func constants(t *testing.T, prefix string) []string {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), "../bot/view/actions.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	ast.Inspect(f, func(n ast.Node) bool {
		v, ok := n.(*ast.ValueSpec)
		if !ok || !strings.HasPrefix(v.Names[0].Name, prefix) {
			return true
		}
		s, err := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, s)
		return true
	})
	if len(out) < 5 {
		t.Fatalf("only %d constants %s… in bot/view", len(out), prefix)
	}
	slices.Sort(out)
	return out
}

// What the views draw is what is implemented, and nothing else is.
func TestEveryActionAndFormIsImplemented(t *testing.T) {
	var have []string
	for _, b := range Buttons() {
		have = append(have, b.Name)
	}
	have = append(have, view.ActionMore) // the menu itself: its options are buttons
	slices.Sort(have)
	if want := constants(t, "Action"); !slices.Equal(have, want) {
		t.Errorf("buttons\nhave %v\nwant %v", have, want)
	}
	have = nil
	for _, f := range Forms() {
		have = append(have, f.Name)
	}
	slices.Sort(have)
	if want := constants(t, "Form"); !slices.Equal(have, want) {
		t.Errorf("forms\nhave %v\nwant %v", have, want)
	}
}

// pressing is what a button does on a fresh incident, pressed in a direct message.
type pressing struct {
	ref    view.Ref                              // Incident and Seq are filled in
	setup  func(w *world, s incident.State)      // before it is drawn
	facts  string                                // recorded by the first press; empty: none
	form   string                                // it opens
	says   string                                // the answer to the first press
	again  string                                // the answer to the second; with a form or a card that only reads: the same as before
	ended  string                                // the answer when the incident is over meanwhile; empty: refused as over
	chosen string                                // of a menu
	lives  bool                                  // it is of obligations, which outlive the incident
	check  func(w *world, s incident.State) bool // of the state after the first press
}

const isOver = "Reopen it first"

// leaking is a room that uses RB-004.
func leaking(w *world, s incident.State) { w.say(lea, room(s.ID), "runbook RB-004") }

func started(w *world, s incident.State) { w.say(lea, room(s.ID), "runbook RB-001") }

var (
	guardedStep = view.Ref{Runbook: "RB-004", Subject: "max-connections"}
	tellClient  = view.Ref{Runbook: "RB-008", Subject: "tell-client"}
	restore     = view.Ref{Runbook: "RB-008", Subject: "restore"}
)

func startedGuarded(w *world, s incident.State) { w.say(lea, room(s.ID), "runbook RB-004") }

// broken is a room that uses RB-008.
func broken(w *world, s incident.State) { w.say(lea, room(s.ID), "runbook RB-008") }

func blockedStep(w *world, s incident.State) {
	started(w, s)
	w.say(lea, room(s.ID), "step block RB-001 1 the dashboards do not answer")
}

// cto puts somebody on call as CTO.
func (w *world) cto(who incident.Person) {
	w.t.Helper()
	if err := w.engine.HandleHouse(w.t.Context(), "", house.Intent{Fact: &house.RosterSeen{Target: "cto", Source: "test", People: []house.Person{{Slack: who.Slack, Pager: who.Pager, Name: who.Name}}}}); err != nil {
		w.t.Fatal(err)
	}
}

// unread is a step that Léa works and that is unlocked but for a second person who reads it.
func unread(w *world, s incident.State) {
	w.cto(tech)
	w.say(lea, room(s.ID), "runbook RB-008")
	w.submit(lea, view.FormCapture, view.Ref{Incident: string(s.ID)}, map[string]string{view.InputRequests: "r", view.InputTraces: "none", view.InputAffected: "Alpha", view.InputOrganisations: "none", view.InputWindow: "23:40-23:55"})
	w.say(tech, room(s.ID), "step approve RB-008 restore the snapshot is offline")
	w.say(lea, room(s.ID), "step open RB-008 restore")
	if run, _ := w.state(s.ID).Runbook("RB-008"); run.Worked("restore").By != lea {
		w.t.Fatalf("%+v", run.Worked("restore"))
	}
}

var step1 = view.Ref{Runbook: "RB-001", Subject: "which-service"}

// unsure is somebody who does not know whether personal data are concerned: the clocks run.
func unsure(w *world, s incident.State) { w.say(lea, room(s.ID), "answer unknown") }

// offered is somebody who commands and asks Sam to take over.
func offered(w *world, s incident.State) {
	w.say(lea, room(s.ID), "lead")
	w.say(lea, room(s.ID), "handover <@U0SAM|sam>")
}

var (
	data = view.Ref{Subject: "personal_data"}
	owed = view.Ref{Subject: "customer_notice"}
)

var pressings = map[string]pressing{
	view.ActionAck: {facts: "acknowledged page-changed role-set role-asked", says: "Sam acknowledged", again: "Sam did at 00:00",
		check: func(_ *world, s incident.State) bool { return s.Roles[incident.Commander].Who == sam }},
	view.ActionTakeRole: {ref: view.Ref{Subject: "comms"}, facts: "role-set", says: "communications lead", again: "Sam is the communications lead already",
		check: func(_ *world, s incident.State) bool { return s.Roles[incident.Comms].Who == sam }},
	view.ActionConfirmSev: {ref: view.Ref{Subject: "1"}, facts: "severity-set paged told impact-asked", says: "SEV-1", again: "SEV-1 and confirmed already",
		check: func(_ *world, s incident.State) bool { return s.Confirmed && s.Severity == 1 }},
	view.ActionReviewDone: {ref: aboutReview, setup: toReview, says: "Reviewed: RB-003", again: "was reviewed by Sam", ended: "Reviewed: RB-003", lives: true,
		check: func(w *world, _ incident.State) bool { return w.reviewedHow("RB-003") == house.ReviewFine }},
	view.ActionReviewChange: {ref: aboutReview, setup: toReview, form: view.FormReview, ended: "RB-003", lives: true},
	view.ActionReviewLater:  {ref: aboutReview, setup: toReview, says: "asked again", again: "asked again", ended: "asked again", lives: true},
	view.ActionMitigated: {facts: "status-set page-changed", says: "mitigated", again: "a status moves forward only",
		check: func(_ *world, s incident.State) bool { return s.Status == incident.Mitigated }},
	view.ActionMoreTime: {setup: func(w *world, s incident.State) { w.say(sam, room(s.ID), "ack") }, facts: "more-time", says: "15\u00a0min", again: "once is all",
		check: func(_ *world, s incident.State) bool { return s.Ladder.MoreTime == 15*time.Minute }},
	view.ActionSendHelp: {facts: "level-raised paged", says: "tech lead", again: "the incident has moved on",
		check: func(_ *world, s incident.State) bool { return s.Ladder.Level == 2 }},
	view.ActionOpenProgress: {form: view.FormProgress},
	view.ActionTouched: {ref: view.Ref{Subject: view.TouchedNeither}, setup: func(w *world, s incident.State) { w.say(lea, room(s.ID), "sev 1") }, facts: "impact", says: "customers", again: "",
		check: func(_ *world, s incident.State) bool { return s.Impact.Touched() == incident.TouchedNo }},
	view.ActionOpenHandOn: {form: view.FormHandOn},
	view.ActionResume: {setup: func(w *world, s incident.State) {
		w.say(lea, room(s.ID), "sev 2 only a few")
		w.say(lea, room(s.ID), "park 2h <@"+tech.Slack+">")
	}, facts: "resumed", says: "up again", again: "the clocks run already", check: func(_ *world, s incident.State) bool { return !s.Paused() }},
	view.ActionOpenSev: {form: view.FormGuide},
	view.ActionOpenWhy: {setup: func(w *world, s incident.State) {
		w.say(lea, room(s.ID), "sev 2 only a few")
		w.say(lea, room(s.ID), "sev 1")
	}, form: view.FormWhy, ended: "== Why it is worse"},
	view.ActionOpenUpdate:  {form: view.FormUpdate},
	view.ActionOpenRunbook: {form: view.FormRunbook},
	view.ActionOpenResolve: {form: view.FormResolve},
	view.ActionOpenCancel:  {form: view.FormCancel},
	view.ActionOpenRole:    {form: view.FormRole},
	view.ActionReopen:      {says: "Not reopened: the incident is open", ended: "== Reopen"},
	view.ActionMerge: {ref: view.Ref{Subject: "INC-2"}, setup: func(w *world, _ incident.State) { w.declare("queues are stuck sev2") }, facts: "merged page-changed obligation-ended obligation-ended obligation-ended", says: "merged it into INC-2", again: "goes on as INC-2",
		check: func(_ *world, s incident.State) bool {
			return s.Status == incident.Duplicate && s.Merged.Into == "INC-2"
		}},
	view.ActionSplit:             {ref: view.Ref{Subject: "MassBiometricFailure"}, says: "nothing would be left"},
	view.ActionFixDeployed:       {facts: "moment", says: "fix deployed", again: "is recorded", lives: true, ended: "fix deployed"},
	view.ActionCustomersNotified: {facts: "moment", says: "customers notified", again: "is recorded", lives: true, ended: "customers notified"},
	view.ActionClose:             {says: "the incident has moved on", ended: "the incident is cancelled"},
	view.ActionStepDone:          {ref: step1, setup: started, facts: "step", says: "RB-001", again: "done by Sam at 00:00"},
	view.ActionStepSent:          {ref: tellClient, setup: broken, form: view.FormStepSent, ended: "== Mark as sent"},
	view.ActionStepTell:          {ref: view.Ref{Runbook: "RB-008", Subject: "escalate"}, setup: broken, form: view.FormStepTell, ended: "== Tell colleagues"},
	view.ActionStepBranch: {ref: view.Ref{Runbook: "RB-001", Subject: "database", Note: "1"}, setup: started, facts: "step progress runbooks-suggested", says: "RB-004", again: "done by Sam at 00:00",
		check: func(_ *world, s incident.State) bool {
			_, started := s.Runbook("RB-004")
			return !started && s.Offered()[0].Runbook == "RB-004"
		}},
	view.ActionUseRunbook: {ref: view.Ref{Subject: "RB-004"}, facts: "runbook-started", says: "RB-004", again: "RB-004 is in use here",
		check: func(_ *world, s incident.State) bool { _, ok := s.Runbook("RB-004"); return ok }},
	view.ActionOpenParameters: {ref: view.Ref{Runbook: "RB-004", Subject: "restart-leaking"}, setup: leaking, form: view.FormParameters, ended: "== Fill in values"},
	view.ActionStepTake:       {ref: step1, setup: started, facts: "step-taken", says: "Sam works RB-001 1/", again: "yours already"},
	view.ActionStepUnblock:    {ref: step1, setup: blockedStep, facts: "step-unblocked", says: "Sam unblocked RB-001 1/", again: "is not blocked"},
	view.ActionStepHelp:       {ref: step1, setup: started, facts: "paged step-help", says: "Tomas (tech lead) is rung", again: "was rung for RB-001 step 1"},
	view.ActionStepAsk:        {ref: guardedStep, setup: startedGuarded, facts: "step-approval-asked", says: "the tech lead: Tomas", again: "Sam asked for the approval"},
	view.ActionStepRing:       {ref: guardedStep, setup: startedGuarded, facts: "paged", says: "Tomas", again: "Not rung again"},
	view.ActionStepApprove:    {ref: guardedStep, setup: startedGuarded, says: "only the tech lead may approve RB-004 step", again: "at present Tomas"},
	view.ActionStepConfirm:    {ref: restore, setup: unread, form: view.FormSecond},
	view.ActionStepReturn:     {ref: restore, setup: unread, form: view.FormReturn},
	view.ActionStepBlock:      {ref: step1, setup: started, form: view.FormBlock},
	view.ActionStepList:       {ref: view.Ref{Runbook: "RB-001", Note: "1"}, setup: started, says: "RB-001: 0 of", ended: "RB-001: 0 of"},
	view.ActionStepOpen:       {ref: view.Ref{Runbook: "RB-001", Note: "1"}, setup: started, chosen: "database", facts: "step-opened", says: "is on its card", again: "Sam works it"},
	view.ActionStepAgain: {ref: view.Ref{Runbook: "RB-001", Note: "1"}, setup: func(w *world, s incident.State) {
		started(w, s)
		w.say(lea, room(s.ID), "step done RB-001 1 kyc-svc is slow")
	}, chosen: "which-service", facts: "step-again", says: "once more", again: "still to be done"},
	view.ActionStepFinding: {ref: step1, setup: started, form: view.FormFinding},
	view.ActionStepSkip:    {ref: step1, setup: started, form: view.FormSkip},
	view.ActionOpenDeclare: {ref: view.Ref{Note: "queues are stuck sev2"}, form: view.FormDeclare, ended: "queues are stuck"},
	view.ActionDeclare: {ref: view.Ref{Note: "queues are stuck sev2", Subject: "slack/env/first"}, says: "INC-2 is recorded as SEV-2: queues are stuck", again: "INC-2", ended: "INC-2",
		check: func(w *world, _ incident.State) bool { return w.count() == 2 }},
	view.ActionJoin: {facts: "joined", says: "you get an invitation", again: "you get an invitation", ended: "you get an invitation"},
	view.ActionPick: {ref: view.Ref{Note: "note the supplier was called", Subject: "slack/env/first"}, facts: "note", says: "the supplier was called", again: "Recorded in INC-1", ended: "the supplier was called",
		check: func(_ *world, s incident.State) bool { return true }},
	view.ActionAnswerYes: {ref: data, lives: true, facts: "answered obligation-begun obligation-begun obligation-begun", says: "yes", again: "answered the same", ended: "yes",
		check: func(w *world, s incident.State) bool {
			d, ok := s.Duty("customer_notice")
			return ok && d.Due.Equal(w.clock.Now().Add(24*time.Hour))
		}},
	view.ActionAnswerUnknown: {ref: data, lives: true, facts: "answered obligation-begun obligation-begun obligation-begun", says: "not known", again: "answered the same", ended: "not known",
		check: func(_ *world, s incident.State) bool {
			d, ok := s.Duty("authority_notice")
			return ok && d.Due.Equal(s.DetectedAt.Add(72*time.Hour))
		}},
	view.ActionAnswerNo: {ref: data, form: view.FormAnswer, ended: "The answer is no"},
	view.ActionDutyTake: {ref: owed, lives: true, setup: unsure, facts: "obligation-taken", says: "Sam sees to", again: "Sam sees to customer_notice already", ended: "Sam sees to",
		check: func(_ *world, s incident.State) bool { d, _ := s.Duty("customer_notice"); return d.Owner == sam }},
	view.ActionDutyDone:     {ref: owed, setup: unsure, form: view.FormDutyDone, ended: "== Done"},
	view.ActionDutyDrop:     {ref: owed, setup: unsure, form: view.FormDutyDrop, ended: "== Not to be done"},
	view.ActionOpenNotice:   {ref: view.Ref{Subject: "customer"}, form: view.FormNotice, ended: "== Mark as sent"},
	view.ActionOpenAction:   {form: view.FormAction, ended: "== Corrective action"},
	view.ActionOpenCapture:  {form: view.FormCapture, ended: "== First-response capture"},
	view.ActionOpenHandOver: {form: view.FormHandOver},
	view.ActionAcceptHandOver: {setup: offered, facts: "hand-over-ended role-set", says: "accepted the hand-over", again: "nobody asks you to take over",
		check: func(_ *world, s incident.State) bool { return s.Roles[incident.Commander].Who == sam }},
	view.ActionDeclineHandOver: {setup: offered, facts: "hand-over-ended", says: "declined the hand-over", again: "nobody asks you to take over",
		check: func(_ *world, s incident.State) bool { return s.Roles[incident.Commander].Who == lea }},
	view.ActionTimeline: {ref: view.Ref{Note: "1"}, says: "Timeline of INC-1", again: "Timeline of INC-1", ended: "Timeline of INC-1"},
}

// fresh is an incident that every button makes sense for: an alert that nobody has answered, SEV-1 and not confirmed.
func (w *world) fresh(p pressing) (incident.State, view.Ref) {
	w.t.Helper()
	s := w.alarm("MassBiometricFailure")
	if s.Severity != 1 || s.Confirmed {
		w.t.Fatalf("the policy has changed: %v %v", s.Severity, s.Confirmed)
	}
	if p.setup != nil {
		p.setup(w, s)
	}
	s = w.state(s.ID)
	ref := p.ref
	ref.Incident, ref.Seq = string(s.ID), s.Seq
	return s, ref
}

// choose is press with the choice of a menu.
func (w *world) choose(who incident.Person, channel, action string, ref view.Ref, chosen string) Reply {
	w.t.Helper()
	return w.click(Click{Actor: who, Channel: channel, Message: "1.1", Action: action, Ref: ref, Chosen: chosen})
}

func TestEveryButton(t *testing.T) {
	for _, b := range Buttons() {
		p, ok := pressings[b.Name]
		if !ok {
			t.Errorf("%s is not tested", b.Name)
			continue
		}
		t.Run(b.Name, func(t *testing.T) {
			// Pressed in a direct message: it does what it says, and says what it did; a second press does nothing more.
			inWorld(t, "en", func(w *world) {
				s, ref := w.fresh(p)
				first := w.choose(sam, direct, b.Name, ref, p.chosen)
				if got := strings.Join(w.facts(s), " "); got != p.facts {
					t.Errorf("recorded %q, want %q", got, p.facts)
				}
				w.wants(b.Name, first, p.says)
				if (first.Form != nil) != (p.form != "") || first.Form != nil && first.Form.ID != p.form {
					t.Errorf("opens %+v, want %q", first.Form, p.form)
				}
				after := w.state(s.ID)
				if p.check != nil && !p.check(w, after) {
					t.Errorf("it did not do what it says: %+v", after)
				}
				n := w.count()
				second := w.choose(sam, direct, b.Name, ref, p.chosen)
				w.wants(b.Name+" again", second, p.again)
				if b.Name != view.ActionJoin { // the same invitation again: whoever left comes back by the same button
					w.quiet(b.Name+" again", after)
				}
				if w.count() != n {
					t.Error("pressed twice it declares twice")
				}
				// Somebody else presses it a little later.
				if p.facts != "" && b.Name != view.ActionJoin && b.Name != view.ActionPick {
					time.Sleep(time.Minute)
					w.wants(b.Name+" by another", w.choose(lea, direct, b.Name, ref, p.chosen), "")
					w.quiet(b.Name+" by another", after)
				}
			})
			// Pressed in the incident's own room: the headline answers.
			if p.facts != "" {
				inWorld(t, "en", func(w *world) {
					s, ref := w.fresh(p)
					r := w.choose(sam, room(s.ID), b.Name, ref, p.chosen)
					if silent := r.Card == nil && r.Form == nil; silent == slices.Contains([]string{view.ActionJoin, view.ActionPick, view.ActionStepHelp, view.ActionStepAsk, view.ActionStepRing, view.ActionStepOpen, view.ActionStepAgain}, b.Name) {
						t.Errorf("in the room it answers %s", text(r))
					}
				})
			}
			// Drawn while the incident ran, pressed when it is over.
			inWorld(t, "en", func(w *world) {
				s, ref := w.fresh(p)
				w.say(lea, room(s.ID), "cancel the probe was wrong")
				s = w.state(s.ID)
				want := p.ended
				if want == "" {
					want = isOver
				}
				if b.Name == view.ActionConfirmSev || b.Name == view.ActionMoreTime || b.Name == view.ActionSendHelp {
					want = "" // any polite no
				}
				r := w.choose(sam, direct, b.Name, ref, p.chosen)
				w.wants(b.Name+" when over", r, want)
				if r.Card == nil && r.Form == nil {
					t.Error("no answer")
				}
				if b.Name != view.ActionJoin && b.Name != view.ActionPick && !p.lives {
					w.quiet(b.Name+" when over", s)
				}
			})
			// Values that name nothing.
			inWorld(t, "fr", func(w *world) {
				s, _ := w.fresh(p)
				for _, ref := range garbage(string(s.ID)) {
					if r := w.choose(sam, direct, b.Name, ref, p.chosen); r.Card == nil && r.Form == nil {
						t.Errorf("%+v gets no answer", ref)
					}
				}
				for _, id := range []string{"INC-99", "INC-0", "nothing", "INC-99999999999999999999"} {
					r := w.press(sam, direct, b.Name, view.Ref{Incident: id, Subject: "1", Note: "ack"})
					if r.Form != nil || r.Card == nil || !strings.Contains(text(r), "Rien n'a été fait") {
						t.Errorf("%s: %s", id, text(r))
					}
				}
			})
		})
	}
}

// garbage are values no view draws.
func garbage(id string) []view.Ref {
	return []view.Ref{
		{}, {Incident: id, Subject: "<!channel>", Runbook: "RB-9", Note: "-1"}, {Incident: id, Seq: 1 << 60}, {Incident: id, Seq: -5, Note: "pick pick"},
		{Incident: id, Runbook: "RB-001", Subject: "\u202e", Note: "99999999999999999999"}, {Note: "sev1"}, {Incident: id, Note: "help"}, {Incident: id, Note: strings.Repeat("ÿ", 5000)},
	}
}

// An overflow's option is the button it stands for; what it does not offer does nothing.
func TestTheMenuOfTheHeadline(t *testing.T) {
	inWorld(t, "en", func(w *world) {
		s, ref := w.fresh(pressing{})
		for _, chosen := range []string{"", "more", "no-such-thing"} {
			w.wants(chosen, w.click(Click{Actor: sam, Channel: direct, Action: view.ActionMore, Chosen: chosen, Ref: ref}), "Nothing was done")
		}
		w.quiet("the menu", s)
		r := w.click(Click{Actor: sam, Channel: room(s.ID), Action: view.ActionMore, Chosen: view.ActionMitigated, Ref: ref})
		if s = w.state(s.ID); s.Status != incident.Mitigated || r.Card != nil {
			t.Errorf("%s %s", s.Status, text(r))
		}
	})
}

// Two people press "send help" in the same moment, in the room and in a direct message: one level is rung, not two.
func TestSendHelpByTwoAtOnceRingsOneLevel(t *testing.T) {
	inWorld(t, "en", func(w *world) {
		for range 20 {
			s, ref := w.fresh(pressing{})
			var wg sync.WaitGroup
			for i := range 4 {
				key := w.key()
				wg.Go(func() {
					_, err := w.Click(w.t.Context(), Click{Key: key, Actor: []incident.Person{sam, lea}[i%2], Channel: direct, Action: view.ActionSendHelp, Ref: ref})
					if err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			if after := w.state(s.ID); after.Ladder.Level != 2 {
				t.Fatalf("level %d was rung", after.Ladder.Level)
			}
			w.say(sam, room(s.ID), "cancel next round")
		}
	})
}

// "+15 min" in the direct message of one level must not give the next one time.
func TestMoreTimeIsForTheLevelItWasOfferedAt(t *testing.T) {
	inWorld(t, "en", func(w *world) {
		s := w.declare("checkout is down")
		w.say(prim, room(s.ID), "ack")
		s = w.state(s.ID)
		old := view.Ref{Incident: string(s.ID), Seq: s.Seq}
		w.sleep(s.ID, 16*time.Minute)
		if w.say(tech, room(s.ID), "ack"); w.state(s.ID).Ladder.Level != 2 {
			t.Fatalf("%+v", w.state(s.ID).Ladder)
		}
		s = w.state(s.ID)
		w.wants("+15", w.press(prim, direct, view.ActionMoreTime, old), "the incident has moved on")
		w.quiet("+15", s)
		w.press(tech, direct, view.ActionMoreTime, view.Ref{Incident: string(s.ID), Seq: s.Seq})
		if w.state(s.ID).Ladder.MoreTime == 0 {
			t.Error("the level that is waited for gets its time")
		}
	})
}

// Whoever was quicker has the role; the severity button confirms what it showed.
func TestStaleButtonsTakeNothingBack(t *testing.T) {
	inWorld(t, "en", func(w *world) {
		s, ref := w.fresh(pressing{})
		ref.Subject = "commander"
		w.press(lea, direct, view.ActionTakeRole, ref)
		w.wants("take", w.press(sam, direct, view.ActionTakeRole, ref), "Léa is the incident commander already")
		ref.Subject = "1"
		w.say(lea, room(s.ID), "sev 2 only the back office")
		w.wants("confirm", w.press(sam, direct, view.ActionConfirmSev, ref), "the incident has moved on")
		if s = w.state(s.ID); s.Severity != 2 || s.Roles[incident.Commander].Who != lea {
			t.Errorf("%v %v", s.Severity, s.Roles)
		}
	})
}

// A second finding of a step that is marked does not start the runbook it would have led to.
func TestAFindingThatComesTooLateStartsNothing(t *testing.T) {
	inWorld(t, "en", func(w *world) {
		s := w.declare("api is slow")
		started(w, s)
		s = w.state(s.ID)
		w.press(lea, room(s.ID), view.ActionStepDone, view.Ref{Incident: string(s.ID), Runbook: "RB-001", Subject: "database"})
		s = w.state(s.ID)
		w.wants("late finding", w.press(sam, room(s.ID), view.ActionStepBranch, view.Ref{Incident: string(s.ID), Runbook: "RB-001", Subject: "database", Note: "1"}), "done by Léa")
		w.quiet("late finding", s)
	})
}

// Why help was sent for is part of the same act: whoever is rung reads it.
func TestHelpTakesItsReasonAlong(t *testing.T) {
	for language, want := range map[string]string{"en": "Sam sent for help: escalated to L2: we are lost", "fr": "Sam a demandé du renfort"} {
		inWorld(t, language, func(w *world) {
			s := w.declare("api is slow")
			w.wants("page next", w.say(sam, room(s.ID), "page next we are lost"), want, "we are lost")
			if s = w.state(s.ID); s.Ladder.Level != 2 {
				t.Errorf("%+v", s.Ladder)
			}
		})
	}
}

// When the second half of an act fails, the answer says which half is recorded.
func TestTheSecondHalfOfAnActFails(t *testing.T) {
	inWorld(t, "en", func(w *world) {
		s := w.declare("api is slow")
		started(w, s)
		w.office.fail = func(a incident.Act) error {
			switch a.(type) {
			case incident.SuggestRunbook:
				return fmt.Errorf("down")
			}
			return nil
		}
		w.wants("finding", w.press(sam, direct, view.ActionStepBranch, view.Ref{Incident: string(s.ID), Runbook: "RB-001", Subject: "database", Note: "1"}), "Recorded in INC-1", "/incident runbook RB-004")
		if s = w.state(s.ID); s.Runbooks[0].Steps["database"].Mark != incident.StepDone {
			t.Errorf("%+v", s)
		}
	})
}

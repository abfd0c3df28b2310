package commands

import (
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/runbooks"
)

// walkers are who walks a runbook; the CTO and the tech lead hold keys.
var walkers = map[string]incident.Person{"cto": {Slack: "U0CTO", Name: "Amel"}, "tech_lead": {Slack: "U0TECH", Name: "Tomas"}, "a": {Slack: "U0A", Name: "Léa"}, "b": {Slack: "U0B", Name: "Sam"}}

// TestWalksThroughEveryRunbook walks each of our runbooks at random, with every press that its cards offer, by those who may and by those who may
// not, while time passes, its clocks come due, and the labels of an alert change what the commands are. A model beside the core knows which keys were used, who was told and what was pressed: no
// lock opens without its key, no clock of the runbook is lost or passes unsaid, a finding leads where it says, and what the log says was done is
// what was pressed.
func TestWalksThroughEveryRunbook(t *testing.T) {
	shelf, err := runbooks.Load(runbooks.Embedded())
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range shelf.All() {
		if r.Language != "en" {
			continue
		}
		ref := RefOf(r)
		t.Run(r.ID, func(t *testing.T) {
			rapid.Check(t, func(rt *rapid.T) { walk(rt, ref) })
		})
	}
}

// walked is one walk: the incident, and what a person with a notebook would know of it.
type walked struct {
	s      incident.State
	log    []incident.Event
	now    time.Time
	policy *incident.Policy
	held   incident.OnCall
	ref    incident.RunbookRef

	captured                              bool
	done, skipped                         map[string]bool            // steps, by their last mark
	approved, asked, blocked, told        map[string]bool            // told: step/role
	reader                                map[string]bool            // steps for which a second person was asked for, and gave no word yet
	second                                map[string]incident.Person // who has read a step that wants four eyes
	doneAt, againAt, settledAt, refusedAt map[string]time.Time       // the first two of steps, the others of clocks
	topic                                 string                     // that the labels of its alert name, and every command
	askedOf                               map[string]string          // the topic of a step whose approval was asked for
	pressed                               map[string]int             // presses that were taken, by what the log must call them
}

// apply hands in an act; false: it was refused.
func (w *walked) apply(rt *rapid.T, actor incident.Actor, via incident.Via, a incident.Act) (events []incident.Event, took bool) {
	s, events, err := incident.Apply(w.s, incident.Intent{Now: w.now, At: w.now, Actor: actor, Via: via, Act: a, Policy: w.policy, Number: 42, OnCall: w.held, Filled: byTopic})
	if _, no := err.(*incident.Refusal); err != nil && !no {
		rt.Fatalf("%T: %v", a, err)
	}
	if err == nil {
		w.s, w.log = s, append(w.log, events...)
	}
	return events, err == nil
}

// act is a press; false: it was refused.
func (w *walked) act(rt *rapid.T, who incident.Person, a incident.Act) bool {
	_, took := w.apply(rt, incident.Actor{Person: who}, incident.ViaSlack, a)
	return took
}

// byTopic fills every step's commands with the topic that an alert names.
func byTopic(s incident.State, _ incident.RunbookRef, step string) incident.Filling {
	topic := ""
	for _, labels := range s.Labelled() {
		for _, l := range labels {
			topic = l.Value
		}
	}
	return incident.Filling{Digest: step + "/" + topic, Values: []incident.FilledValue{{Name: "topic", Value: topic}}}
}

// fire changes the label that the commands are filled with: what was approved and read for another one is to be approved and read again, and
// who approved has been asked.
func (w *walked) fire(rt *rapid.T, topic string) {
	events, _ := w.apply(rt, incident.Actor{System: incident.SystemAlertmanager}, incident.ViaAlertmanager, incident.AlertsFired{Title: incident.Say("lag", 10),
		Set: incident.AlertSet{Group: "g", Name: "Lag", Firing: 1, Digest: topic, Labels: []incident.Label{{Name: "topic", Value: topic}}}})
	lost, want := map[string]bool{}, map[string]bool{}
	for _, e := range events {
		if f, ok := e.Fact.(*incident.StepChanged); ok {
			lost[f.Step] = true
		}
	}
	if topic == w.topic {
		if len(lost) > 0 {
			rt.Fatalf("the same topic locked %v", lost)
		}
		return
	}
	w.topic = topic
	for _, id := range w.ref.Steps {
		if w.marked(id) || !w.approved[id] && w.second[id].Zero() {
			continue
		}
		if want[id] = true; w.approved[id] {
			delete(w.approved, id)
			w.asked[id], w.askedOf[id] = true, topic
		}
		delete(w.second, id)
	}
	if !maps.Equal(lost, want) {
		rt.Fatalf("another topic locked %v, want %v", lost, want)
	}
}

func newWalk(rt *rapid.T, ref incident.RunbookRef) *walked {
	w := &walked{now: time.Date(2026, 11, 21, 2, 0, 0, 0, time.UTC), policy: defaultPolicy.p, held: incident.OnCall{}, ref: ref, pressed: map[string]int{},
		second: map[string]incident.Person{}, askedOf: map[string]string{}}
	for _, m := range []*map[string]bool{&w.done, &w.skipped, &w.approved, &w.asked, &w.reader, &w.blocked, &w.told} {
		*m = map[string]bool{}
	}
	for _, m := range []*map[string]time.Time{&w.doneAt, &w.againAt, &w.settledAt, &w.refusedAt} {
		*m = map[string]time.Time{}
	}
	for _, role := range []string{"cto", "tech_lead"} {
		w.held[role] = incident.Roster{People: []incident.Person{walkers[role]}, Source: "test", SeenAt: w.now}
	}
	w.act(rt, walkers["a"], incident.Declare{Title: incident.Say("something is wrong", 50), Severity: 2})
	w.act(rt, walkers["a"], incident.StartRunbook{Runbook: ref})
	return w
}

func (w *walked) run() incident.RunbookRun { run, _ := w.s.Runbook(w.ref.ID); return run }

// marked is that a step was done, or skipped.
func (w *walked) marked(id string) bool { return w.done[id] || w.skipped[id] }

// finished is that a step was done by who may: its clocks are settled, unless telling somebody settles them.
func (w *walked) finished(id string) {
	w.done[id], w.doneAt[id] = true, w.now
	delete(w.blocked, id)
	w.settle(id, "")
}

// settle is that a step told a role, or (none) was done, with what that means for its clocks: of those that ask for somebody to be told, only
// the telling counts.
func (w *walked) settle(id, told string) {
	for _, c := range w.ref.Clocks {
		roles := w.ref.SettledBy(c)
		met := (len(roles) == 0 && told == "" || slices.Contains(roles, told)) && !slices.ContainsFunc(roles, func(role string) bool { return !w.told[id+"/"+role] })
		if c.Step == id && met {
			w.settledAt[c.ID] = w.now
		}
	}
}

// again is that a step is to be done once more: nothing that was said of it counts on.
func (w *walked) again(id string) {
	for _, m := range []map[string]bool{w.done, w.skipped, w.approved, w.asked, w.reader, w.blocked} {
		delete(m, id)
	}
	for _, role := range w.ref.Tells(id) {
		delete(w.told, id+"/"+role)
	}
	delete(w.second, id)
	w.againAt[id] = w.now
}

// led holds that a finding leads where it says: back to a step that was marked before, which is opened once more.
func (w *walked) led(rt *rapid.T, id, next string, before incident.RunbookRun, events []incident.Event) {
	opened := ""
	for _, e := range events {
		if f, ok := e.Fact.(*incident.StepAgain); ok {
			opened = f.Step
		}
	}
	rule, _ := w.ref.Rule(next)
	back := slices.Index(w.ref.Steps, next) < slices.Index(w.ref.Steps, id)
	switch {
	case opened != "" && (opened != next || !w.marked(next) || len(rule.Notify) > 0):
		rt.Fatalf("%s leads to %q, and %s is to be done again: done %v skipped %v", id, next, opened, w.done, w.skipped)
	case opened != "":
		w.again(next)
		w.pressed["again "+next]++
	case next != id && w.marked(next) && back && before.CardOf(id) > 0 && len(rule.Notify) == 0:
		rt.Fatalf("%s leads back to %s, and nothing follows", id, next)
	}
	if next != "" && next != incident.NextNone && before.CardOf(id) == 1 && !w.marked(next) && next != id && !slices.Contains(w.run().OpenSteps(), next) {
		rt.Fatalf("%s leads to %s, and open are %q", id, next, w.run().OpenSteps())
	}
}

// pass lets time pass: the scheduler wakes when a clock of the runbook is due, and at the end. It holds that none passes unsaid.
func (w *walked) pass(rt *rapid.T, d time.Duration) {
	end := w.now.Add(d)
	wakes := []time.Time{end}
	for _, x := range w.s.Owing() {
		if slices.ContainsFunc(w.ref.Clocks, func(c incident.RunbookClock) bool { return w.s.ClockIs(c, x) }) && x.Due.After(w.now) && x.Due.Before(end) {
			wakes = append(wakes, x.Due)
		}
	}
	slices.SortFunc(wakes, time.Time.Compare)
	for _, w.now = range wakes {
		w.apply(rt, incident.Actor{System: incident.SystemTocsin}, incident.ViaClock, incident.Tick{})
	}
	said := map[string]time.Time{}
	for _, e := range w.log {
		switch f := e.Fact.(type) {
		case *incident.ObligationReminded:
			said[f.Key] = e.RecordedAt
		case *incident.ObligationDeferred: // to somebody's next working morning
			said[f.Key] = f.Next
		}
	}
	for _, c := range w.ref.Clocks {
		for _, x := range w.s.Owing() {
			if w.s.ClockIs(c, x) && !x.Due.IsZero() && x.Due.Before(w.now) && said[x.Key].Before(x.Due) {
				rt.Fatalf("%s was due %s, now it is %s, and nobody was reminded: %+v", c.ID, x.Due, w.now, x)
			}
		}
	}
}

// clocks holds that a clock runs while what it asks for is owed, and not beyond.
func (w *walked) clocks(rt *rapid.T) {
	for _, c := range w.ref.Clocks {
		from, counts := w.s.DetectedAt, c.Anchor == "detected" || c.Anchor == "declared" || c.Open
		if c.Anchor == "step-done" {
			from, counts = w.doneAt[c.Ref], w.done[c.Ref]
			if at := w.againAt[c.Step]; at.After(from) {
				from = at
			}
		}
		if !counts {
			continue
		}
		settled, refused := w.settledAt[c.ID], w.refusedAt[c.ID]
		if refused.After(from) || settled.IsZero() && !refused.IsZero() && c.Anchor != "step-done" {
			continue
		}
		met := !settled.IsZero() && !settled.Before(from)
		runs := slices.ContainsFunc(w.s.Owing(), func(d incident.Duty) bool { return w.s.ClockIs(c, d) })
		waits := c.When != "" && slices.ContainsFunc(w.s.Policy.Obligations, func(o incident.Obligation) bool { return w.s.ClockIs(c, incident.Duty{Key: o.Name}) }) // the policy asks
		if runs == met && !waits {
			rt.Fatalf("clock %s from %s runs %v, settled %s, refused %s: done %v told %v", c.ID, from, runs, settled, refused, w.done, w.told)
		}
	}
}

func walk(rt *rapid.T, ref incident.RunbookRef) {
	w, names := newWalk(rt, ref), slices.Sorted(maps.Keys(walkers))
	reason := incident.Say("because it is so", 50)
	for range rapid.IntRange(1, 30).Draw(rt, "presses") {
		w.now = w.now.Add(time.Duration(rapid.IntRange(1, 1800).Draw(rt, "later")) * time.Second)
		name := rapid.SampledFrom(names).Draw(rt, "who")
		who := walkers[name]
		i := rapid.IntRange(0, len(ref.Steps)-1).Draw(rt, "step")
		before := w.run()
		if len(before.OpenSteps()) > 0 && rapid.IntRange(0, 3).Draw(rt, "on a card") > 0 {
			i = slices.Index(ref.Steps, before.OpenSteps()[0])
		}
		id, rule := ref.Steps[i], ref.Rules[i]
		unlocked := (rule.Approval == "" || w.approved[id]) && (w.captured || rule.Kind != incident.KindReplay && rule.Kind != incident.KindDestructive)
		if by := w.second[id]; rule.FourEyes && (by.Zero() || by == who) {
			unlocked = false
		}
		open, may := !w.marked(id), len(rule.Who) == 0 || slices.Contains(rule.Who, name)
		var events []incident.Event
		// press holds that an act is taken if it may be, and that the log will call it so.
		press := func(a incident.Act, want bool, as string) bool {
			var took bool
			if events, took = w.apply(rt, incident.Actor{Person: who}, incident.ViaSlack, a); took != want {
				rt.Fatalf("%s %T of %s: taken %v, want %v (rule %+v, approved %v, captured %v)", name, a, id, took, want, rule, w.approved, w.captured)
			}
			if took {
				w.pressed[as+" "+id]++
			}
			return took
		}
		// drawn is what a card or form of before or of now showed; an older one says nothing.
		drawn := rapid.SampledFrom([]string{"", id + "/" + w.topic, id + "/" + w.topic, id + "/older"}).Draw(rt, "drawn")
		current := drawn == "" || drawn == id+"/"+w.topic
		full := len(before.OpenSteps()) >= incident.MaxOpenSteps // and no card is left for one more
		switch rapid.SampledFrom([]string{"done", "done", "done", "done", "skip", "approve", "confirm", "return", "capture", "sent", "applies", "found", "block", "unblock", "take", "ask", "ring", "help", "open", "again", "label", "time"}).Draw(rt, "press") {
		case "done":
			next := rapid.SampledFrom(append(slices.Clone(ref.Steps), "", incident.NextNone)).Draw(rt, "leads to")
			if press(incident.MarkStep{Runbook: ref.ID, Step: id, Mark: incident.StepDone, Next: next, Drawn: drawn, Led: rapid.Bool().Draw(rt, "by a finding")}, open && may && unlocked && (current || !rule.Guarded()), "done") {
				w.led(rt, id, next, before, events)
				w.finished(id)
			}
		case "skip":
			if press(incident.MarkStep{Runbook: ref.ID, Step: id, Mark: incident.StepSkipped, Text: reason}, open, "skipped") {
				w.skipped[id] = true
				delete(w.second, id)
				delete(w.blocked, id)
			}
		case "approve":
			if press(incident.ApproveStep{Runbook: ref.ID, Step: id, Reason: reason, Drawn: drawn}, open && rule.Approval == name && !w.approved[id] && (drawn == id+"/"+w.topic || drawn == "" && (!w.asked[id] || w.askedOf[id] == w.topic)), "approved") {
				w.approved[id] = true
			}
		case "confirm":
			if press(incident.ConfirmStep{Runbook: ref.ID, Step: id, Drawn: drawn}, open && rule.FourEyes && w.second[id].Zero() && before.Worked(id).By != who && current, "seconded") {
				w.second[id] = who
				delete(w.reader, id)
			}
		case "return":
			if press(incident.ReturnStep{Runbook: ref.ID, Step: id, Reason: reason}, open && rule.FourEyes, "returned") {
				delete(w.second, id)
				delete(w.reader, id)
			}
		case "capture":
			all := incident.Say("none", 10)
			w.captured = w.act(rt, who, incident.CaptureFirst{Requests: all, Traces: all, Tenants: all, Organisations: all, From: w.now.Add(-time.Hour), To: w.now})
			if !w.captured {
				rt.Fatal("the capture was refused")
			}
		case "sent":
			left := slices.DeleteFunc(ref.Tells(id), func(role string) bool { return w.told[id+"/"+role] })
			role := ""
			if len(left) > 0 {
				role = rapid.SampledFrom(left).Draw(rt, "told")
			}
			if press(incident.SentStep{Runbook: ref.ID, Step: id, Roles: []string{role}, To: incident.Say("them", 10), Text: reason}, role != "" && unlocked && may, "sent") {
				w.told[id+"/"+role] = true
				w.settle(id, role)
			}
		case "applies":
			if len(ref.Clocks) == 0 {
				break
			}
			c := rapid.SampledFrom(ref.Clocks).Draw(rt, "clock")
			value := rapid.SampledFrom([]string{incident.AnswerYes, incident.AnswerNo}).Draw(rt, "applies")
			if d, ok := w.s.Duty(c.ID); ok && d.When != "" && d.Running() && w.act(rt, who, incident.AnswerQuestion{Question: c.ID, Value: value, Reason: reason}) {
				delete(w.refusedAt, c.ID)
				if value == incident.AnswerNo {
					w.refusedAt[c.ID] = w.now
				}
			}
		case "found":
			press(incident.FindStep{Runbook: ref.ID, Step: id, Text: reason}, open, "found")
		case "block":
			if press(incident.BlockStep{Runbook: ref.ID, Step: id, On: reason}, open && !w.blocked[id], "blocked") {
				w.blocked[id] = true
			}
		case "unblock":
			if press(incident.UnblockStep{Runbook: ref.ID, Step: id}, open && w.blocked[id], "unblocked") {
				delete(w.blocked, id)
			}
		case "take":
			by := before.Worked(id).By
			if press(incident.TakeStep{Runbook: ref.ID, Step: id, From: by.Key()}, open && by != who, "taken") && w.second[id] == who {
				delete(w.second, id) // nobody is their own second pair of eyes
			}
		case "ask":
			asked, as, want := w.asked, "asked", open && rule.Approval != "" && !(w.asked[id] && w.askedOf[id] == w.topic) && !w.approved[id]
			if rule.FourEyes && (rule.Approval == "" || w.approved[id]) { // what is left to be asked for is a second person
				asked, as, want = w.reader, "reader", open && !w.reader[id] && w.second[id].Zero()
			}
			if press(incident.AskApproval{Runbook: ref.ID, Step: id}, want, as) {
				if asked[id] = true; as == "asked" {
					w.askedOf[id] = w.topic
				}
			}
		case "ring": // rings the role, or says that it is rung: what that does to the ladder is tried elsewhere
			w.act(rt, who, incident.RingApprover{Runbook: ref.ID, Step: id})
		case "help":
			if w.act(rt, who, incident.HelpStep{Runbook: ref.ID, Step: id}) {
				w.pressed["help "+id]++
			}
		case "open":
			if want := open && before.CardOf(id) == 0; !want || !full {
				press(incident.OpenStep{Runbook: ref.ID, Step: id, Card: rapid.IntRange(0, 3).Draw(rt, "card")}, want, "opened")
			}
		case "again":
			if !open && full {
				break
			}
			if press(incident.AgainStep{Runbook: ref.ID, Step: id, Card: rapid.IntRange(0, 3).Draw(rt, "card")}, !open, "again") {
				w.again(id)
			}
		case "label":
			w.fire(rt, rapid.SampledFrom([]string{"audit", "payments"}).Draw(rt, "topic"))
		case "time":
			w.pass(rt, time.Duration(rapid.IntRange(1, 8).Draw(rt, "hours"))*time.Hour)
		}
		for _, x := range w.run().OpenSteps() {
			if w.marked(x) {
				rt.Fatalf("%s is done with, and its card stands open", x)
			}
		}
		w.clocks(rt)
	}
	if said := saidOf(w.log); !maps.Equal(said, w.pressed) {
		rt.Fatalf("the log says\n%v, pressed were\n%v", said, w.pressed)
	}
}

// saidOf counts what a log says was done with the steps, by what and step.
func saidOf(log []incident.Event) map[string]int {
	said := map[string]int{}
	for _, e := range log {
		switch f := e.Fact.(type) {
		case *incident.StepMarked:
			said[f.Mark+" "+f.Step]++
		case *incident.StepSeconded:
			said["seconded "+f.Step]++
		case *incident.StepReturned:
			said["returned "+f.Step]++
		case *incident.StepApproved:
			said["approved "+f.Step]++
		case *incident.ApprovalAsked:
			said["asked "+f.Step]++
		case *incident.ReaderAsked:
			if !f.Late {
				said["reader "+f.Step]++
			}
		case *incident.NoticeSent:
			said["sent "+f.Step]++
		case *incident.StepFound:
			said["found "+f.Step]++
		case *incident.StepBlocked:
			said["blocked "+f.Step]++
		case *incident.StepUnblocked:
			said["unblocked "+f.Step]++
		case *incident.StepTaken:
			said["taken "+f.Step]++
		case *incident.StepHelp:
			said["help "+f.Step]++
		case *incident.StepOpened:
			said["opened "+f.Step]++
		case *incident.StepAgain:
			said["again "+f.Step]++
		}
	}
	return said
}

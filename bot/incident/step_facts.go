package incident

import "time"

// StepOpened puts a step on a card, out of the order.
type StepOpened struct {
	Runbook string `json:"runbook"`
	Step    string `json:"step"`
	Card    int    `json:"card"` // 1: the runbook's first card
}

// StepTaken records who works a step.
type StepTaken struct {
	Runbook string `json:"runbook"`
	Step    string `json:"step"`
	Was     Person `json:"was,omitzero"`
}

// StepFound records a finding about a step that goes on.
type StepFound struct {
	Runbook string `json:"runbook"`
	Step    string `json:"step"`
	Text    Text   `json:"text"`
}

// StepBlocked records what a step waits for.
type StepBlocked struct {
	Runbook string    `json:"runbook"`
	Step    string    `json:"step"`
	On      Text      `json:"on"`
	Whom    Text      `json:"whom,omitzero"`
	Since   time.Time `json:"since"`
}

// StepUnblocked records that it waits no longer.
type StepUnblocked struct {
	Runbook string    `json:"runbook"`
	Step    string    `json:"step"`
	Since   time.Time `json:"since"` // it had waited since
}

// ApprovalAsked records that a role was asked to approve a step.
type ApprovalAsked struct {
	Runbook string   `json:"runbook"`
	Step    string   `json:"step"`
	Role    string   `json:"role"`
	Who     []Person `json:"who,omitempty"`
	Digest  string   `json:"commands,omitempty"` // as in StepApproved
}

// StepApproved records a role's word that a step may be done, and why.
type StepApproved struct {
	Runbook string `json:"runbook"`
	Step    string `json:"step"`
	Role    string `json:"role"`
	Reason  Text   `json:"reason"`
	Digest  string `json:"commands,omitempty"` // of the step's commands as they were then; empty: the log does not say
}

// StepAwaits records that somebody did a step which a second person must confirm. Only older logs have it: now a second person reads the step
// before it is run (StepSeconded).
type StepAwaits struct {
	Runbook string `json:"runbook"`
	Step    string `json:"step"`
	Text    Text   `json:"text,omitzero"`
	Next    string `json:"next,omitempty"`
	Led     bool   `json:"led,omitempty"` // as in StepMarked
}

// StepSeconded records that a second person has read a step which wants four eyes, and that it is to be run.
type StepSeconded struct {
	Runbook string `json:"runbook"`
	Step    string `json:"step"`
	Text    Text   `json:"text,omitzero"`      // what they looked at, if they said so
	Digest  string `json:"commands,omitempty"` // as in StepApproved
}

// StepReturned records that the second person did not confirm it, and why. Doer is zero where they read it before it was run.
type StepReturned struct {
	Runbook string `json:"runbook"`
	Step    string `json:"step"`
	Doer    Person `json:"doer"`
	Reason  Text   `json:"reason"`
}

// StepHelp records that help with a step was called for.
type StepHelp struct {
	Runbook string `json:"runbook"`
	Step    string `json:"step"`
	Role    string `json:"role"`
	Who     Person `json:"who,omitzero"` // who is rung; zero: whoever the pager reaches
	Round   int    `json:"round"`
}

// Type implements Fact.
func (*StepOpened) Type() string { return "step-opened" }

// Type implements Fact.
func (*StepTaken) Type() string { return "step-taken" }

// Type implements Fact.
func (*StepFound) Type() string { return "step-found" }

// Type implements Fact.
func (*StepBlocked) Type() string { return "step-blocked" }

// Type implements Fact.
func (*StepUnblocked) Type() string { return "step-unblocked" }

// Type implements Fact.
func (*ApprovalAsked) Type() string { return "step-approval-asked" }

// Type implements Fact.
func (*StepApproved) Type() string { return "step-approved" }

// Type implements Fact.
func (*StepAwaits) Type() string { return "step-awaits" }

// Type implements Fact.
func (*StepSeconded) Type() string { return "step-seconded" }

// Type implements Fact.
func (*StepReturned) Type() string { return "step-returned" }

// Type implements Fact.
func (*StepHelp) Type() string { return "step-help" }

// Texts implements Fact.
func (*StepOpened) Texts() []*Text { return nil }

// Texts implements Fact.
func (*StepTaken) Texts() []*Text { return nil }

// Texts implements Fact.
func (f *StepFound) Texts() []*Text { return []*Text{&f.Text} }

// Texts implements Fact.
func (f *StepBlocked) Texts() []*Text { return []*Text{&f.On, &f.Whom} }

// Texts implements Fact.
func (*StepUnblocked) Texts() []*Text { return nil }

// Texts implements Fact.
func (*ApprovalAsked) Texts() []*Text { return nil }

// Texts implements Fact.
func (f *StepApproved) Texts() []*Text { return []*Text{&f.Reason} }

// Texts implements Fact.
func (f *StepAwaits) Texts() []*Text { return []*Text{&f.Text} }

// Texts implements Fact.
func (f *StepSeconded) Texts() []*Text { return []*Text{&f.Text} }

// Texts implements Fact.
func (f *StepReturned) Texts() []*Text { return []*Text{&f.Reason} }

// Texts implements Fact.
func (*StepHelp) Texts() []*Text { return nil }

// OpenStep puts a step in front of people out of the order: on the card it is asked from, or beside it.
type OpenStep struct {
	Runbook, Step string
	Card          int // the card it is asked from; 0: the runbook's first
}

// TakeStep says that the actor works a step, or takes it over from who is known to.
type TakeStep struct {
	Runbook, Step string
	From          string // key of who works it, as the actor saw it; empty: nobody
}

// FindStep records a finding about a step that goes on. It is progress.
type FindStep struct {
	Runbook, Step string
	Text          Text
}

// BlockStep says what a step waits for, and who can end that.
type BlockStep struct {
	Runbook, Step string
	On, Whom      Text
	Since         time.Time // zero: now
}

// UnblockStep says that it waits no longer.
type UnblockStep struct{ Runbook, Step string }

// AskApproval asks for whose word a step needs: the role that must approve it, then a second person who reads it.
type AskApproval struct{ Runbook, Step string }

// RingApprover rings that role.
type RingApprover struct{ Runbook, Step string }

// ApproveStep lets a step be done. Only a holder of the role may, with a reason.
type ApproveStep struct {
	Runbook, Step string
	Reason        Text
	Drawn         string // as in MarkStep
}

// ConfirmStep is the second person's word: that a step which wants four eyes is to be run as it stands there, or, where an older log says that it
// was run before, that it was done rightly.
type ConfirmStep struct {
	Runbook, Step string
	Text          Text   // of a step that is to be run: what they looked at; may be empty
	Drawn         string // as in MarkStep
}

// ReturnStep is their word that it was not.
type ReturnStep struct {
	Runbook, Step string
	Reason        Text
}

// HelpStep calls the runbook's owner for help with a step.
type HelpStep struct{ Runbook, Step string }

func (OpenStep) act()     {}
func (TakeStep) act()     {}
func (FindStep) act()     {}
func (BlockStep) act()    {}
func (UnblockStep) act()  {}
func (AskApproval) act()  {}
func (RingApprover) act() {}
func (ApproveStep) act()  {}
func (ConfirmStep) act()  {}
func (ReturnStep) act()   {}
func (HelpStep) act()     {}

// For what step somebody is rung, in Page.For.
const (
	ForApproval = "approval"
	ForHelp     = "help"
)

// ViewApproval asks, by direct message, to approve a step; ViewApproved tells who asked that it was approved.
const (
	ViewApproval = "step-approval"
	ViewApproved = "step-approved"
)

// stepEvolve folds the facts of runbooks and their steps; it reports whether the fact was one.
func (s *State) stepEvolve(e Event) bool {
	who := e.Actor.Person
	s.wasRead(e)
	switch f := e.Fact.(type) {
	case *RunbookStarted:
		s.Runbooks = append(s.Runbooks, RunbookRun{Ref: f.Runbook, At: e.At})
		first := f.Step
		if first == "" {
			first = f.Runbook.Steps[0]
		}
		r := &s.Runbooks[len(s.Runbooks)-1]
		for _, id := range f.Passed {
			r.work(id).Passed = true
		}
		r.show(1, first, e.At)
	case *StepMarked:
		r := s.run(f.Runbook)
		if r == nil {
			break
		}
		m := StepRun{Mark: f.Mark, By: who, At: e.At, Since: f.Since}
		if sec := r.Worked(f.Step).Seconded; !f.Doer.Zero() {
			m.By, m.Second = f.Doer, who
		} else if f.Mark == StepDone {
			m.Second = sec.By
		}
		put(&r.Steps, f.Step, m)
		card := max(1, r.CardOf(f.Step))
		w := r.work(f.Step)
		w.Blocked, w.Awaits = StepBlock{}, StepAwait{}
		for _, id := range f.Passed {
			r.work(id).Passed = true
		}
		r.show(card, f.Next, e.At)
	case *StepOpened:
		if r := s.run(f.Runbook); r != nil {
			r.show(f.Card, f.Step, e.At)
			r.work(f.Step).taken(who)
		}
	case *StepAgain:
		s.againEvolve(e, f)
	case *ReaderAsked:
		s.readerEvolve(e, f)
	case *StepTaken:
		s.worked(f.Runbook, f.Step, Person{}).taken(who)
	case *StepFound:
		s.worked(f.Runbook, f.Step, who)
	case *StepBlocked:
		s.worked(f.Runbook, f.Step, who).Blocked = StepBlock{On: f.On, Whom: f.Whom, By: who, Since: f.Since}
	case *StepUnblocked:
		s.worked(f.Runbook, f.Step, Person{}).Blocked = StepBlock{}
	case *ApprovalAsked:
		s.worked(f.Runbook, f.Step, who).Asked = ApprovalAsk{By: who, At: e.At, Who: f.Who, Digest: f.Digest}
	case *StepApproved:
		w := s.worked(f.Runbook, f.Step, Person{})
		w.Approved = Approval{By: who, At: e.At, Reason: f.Reason, Digest: f.Digest}
		w.rebound()
	case *StepAwaits:
		s.worked(f.Runbook, f.Step, who).Awaits = StepAwait{By: who, At: e.At, Text: f.Text, Next: f.Next, Led: f.Led}
	case *StepSeconded:
		w := s.worked(f.Runbook, f.Step, Person{})
		w.Seconded = StepSecond{By: who, At: e.At, Digest: f.Digest}
		w.rebound()
	case *StepReturned:
		w := s.worked(f.Runbook, f.Step, Person{})
		w.Awaits, w.Seconded = StepAwait{}, StepSecond{}
	case *StepChanged:
		s.changedEvolve(e, f)
	case *StepHelp:
		s.worked(f.Runbook, f.Step, who).Help = StepCall{By: who, At: e.At, Role: f.Role, Who: f.Who, Round: f.Round}
	default:
		return false
	}
	return true
}

func (s *State) run(id string) *RunbookRun {
	for i := range s.Runbooks {
		if s.Runbooks[i].Ref.ID == id {
			return &s.Runbooks[i]
		}
	}
	return nil
}

// worked is what is known of a step, to be changed; who acts on it first works it. Of a runbook that is not in use nothing is kept.
func (s *State) worked(runbook, step string, who Person) *StepWork {
	r := s.run(runbook)
	if r == nil {
		return &StepWork{}
	}
	w := r.work(step)
	if w.By.Zero() && !w.Seconded.By.Same(who) {
		w.By = who
	}
	return w
}

// taken says who works the step now. The second pair of eyes are never theirs.
func (w *StepWork) taken(who Person) {
	w.By = who
	if w.Seconded.By.Same(who) {
		w.Seconded = StepSecond{}
	}
}

func (r *RunbookRun) work(step string) *StepWork {
	for i := range r.Work {
		if r.Work[i].Step == step {
			return &r.Work[i]
		}
	}
	r.Work = append(r.Work, StepWork{Step: step})
	return &r.Work[len(r.Work)-1]
}

// show puts a step on a card; none: its step is done with.
func (r *RunbookRun) show(card int, step string, at time.Time) {
	if step != "" {
		w := r.work(step)
		if w.Passed = false; w.Since.IsZero() {
			w.Since = at
		}
	}
	if card <= 1 {
		r.Current = step
		return
	}
	for i := range r.Beside {
		if r.Beside[i].N == card {
			if r.Beside[i].Step = step; step != "" {
				r.Beside[i].Was = step
			}
			return
		}
	}
	r.Beside = append(r.Beside, StepCard{N: card, Step: step, Was: step})
}

// stepTexts are the free texts that the state holds of steps, in a fixed order.
func (s *State) stepTexts() []*Text {
	var out []*Text
	for i := range s.Runbooks {
		for j := range s.Runbooks[i].Work {
			w := &s.Runbooks[i].Work[j]
			out = append(out, &w.Blocked.On, &w.Blocked.Whom, &w.Approved.Reason, &w.Awaits.Text)
			out = append(out, textsOf(w.Changed.Values)...)
		}
	}
	return out
}

// stepEffects is what follows from them; it reports whether the fact was one.
func (p *plan) stepEffects() bool {
	switch f := p.e.Fact.(type) {
	case *RunbookStarted:
		p.step(f.Runbook.ID, 1, p.postID(SlotHeadline))
		p.redraw(SlotSuggest)
	case *StepMarked:
		p.redrawRun(f.Runbook)
	case *StepOpened:
		p.redrawRun(f.Runbook)
		if _, there := p.s.Slots[SlotCard(f.Runbook, f.Card)]; !there && f.Card > 1 {
			p.step(f.Runbook, f.Card, "")
		}
	case *StepAgain:
		p.againEffects(f)
	case *ReaderAsked:
		p.readerEffects(f)
	case *StepTaken:
		p.redrawRun(f.Runbook)
	case *StepFound:
		p.redrawRun(f.Runbook)
	case *StepBlocked:
		p.redrawRun(f.Runbook)
	case *StepUnblocked:
		p.redrawRun(f.Runbook)
	case *ApprovalAsked:
		p.redrawRun(f.Runbook)
		p.invite(f.Who...)
		for i, who := range f.Who {
			p.direct(ViewApproval, i, who, f.Runbook+"/"+f.Step, zeroTime)
		}
	case *StepApproved:
		p.redrawRun(f.Runbook)
		run, _ := p.s.Runbook(f.Runbook)
		if by := run.Worked(f.Step).Asked.By; !by.Same(p.e.Actor.Person) {
			p.direct(ViewApproved, 0, by, f.Runbook+"/"+f.Step, zeroTime)
		}
	case *StepAwaits:
		p.redrawRun(f.Runbook)
	case *StepSeconded:
		p.redrawRun(f.Runbook)
	case *StepReturned:
		p.redrawRun(f.Runbook)
	case *StepChanged:
		p.changedEffects(f)
	case *StepHelp:
		p.redrawRun(f.Runbook)
	default:
		return false
	}
	p.headline()
	return true
}

// redrawRun redraws every card of a runbook that is there: each says what is open beside it.
func (p *plan) redrawRun(runbook string) {
	run, _ := p.s.Runbook(runbook)
	p.redraw(SlotStep(runbook))
	for _, l := range run.Beside {
		p.redraw(SlotCard(runbook, l.N))
	}
}

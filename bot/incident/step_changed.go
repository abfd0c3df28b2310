package incident

import (
	"cmp"
	"slices"
	"time"
)

// Filling is what the commands of a step are once a state's values stand in them. Who knows the runbook says it (Intent.Filled); the core
// compares digests and never sees a command.
type Filling struct {
	Digest string        // of the commands exactly as they are shown; empty: it has none, or they are not known
	Values []FilledValue // of the parameters they use, in the order in which they use them
}

// FilledValue is a value that stands in a command; empty: none is known.
type FilledValue struct{ Name, Value string }

// StepChanged records that the commands of a step are no longer those that were approved, or that a second person read: a value changed under
// the locks. They are closed again, and who opened them is asked once more.
type StepChanged struct {
	Runbook  string        `json:"runbook"`
	Step     string        `json:"step"`
	Digest   string        `json:"commands"`          // of the commands now
	Values   []ValueChange `json:"values,omitempty"`  // what changed; empty: it is not known
	Approver Person        `json:"approver,omitzero"` // whose approval counts no more
	Second   Person        `json:"second,omitzero"`   // whose reading counts no more
	Role     string        `json:"role,omitempty"`    // that must approve
	Who      []Person      `json:"who,omitempty"`     // who is asked to approve again
}

// ValueChange is a value of a command that is another now. Empty: none was, or is, known.
type ValueChange struct {
	Name string `json:"name"`
	Was  Text   `json:"was,omitzero"`
	Is   Text   `json:"is,omitzero"`
}

// Type implements Fact.
func (*StepChanged) Type() string { return "step-changed" }

// Texts implements Fact.
func (f *StepChanged) Texts() []*Text { return textsOf(f.Values) }

func textsOf(values []ValueChange) (out []*Text) {
	for i := range values {
		out = append(out, &values[i].Was, &values[i].Is)
	}
	return out
}

// maxChanges is how many values of a step are said to have changed.
const maxChanges = 10

// ViewStepChanged says in the room that a step is locked again; ViewReread asks, by direct message, who had read it to read it once more.
const (
	ViewStepChanged = "step-changed"
	ViewReread      = "step-reread"
)

// fillingOf is what the commands of a step are in a state; zero where it is not known.
func (d *decider) fillingOf(s State, run RunbookRun, step string) Filling {
	if d.in.Filled == nil {
		return Filling{}
	}
	return d.in.Filled(s, run.Ref, step)
}

// filled is the digest of a step's commands now; where they are not known at the moment, of those that were shown.
func (d *decider) filled(at step, drawn string) string {
	return cmp.Or(d.fillingOf(d.s, at.run, at.id).Digest, drawn)
}

// moved reports whether commands are known to be others than those of a digest. Of logs that do not say which commands were meant, it is not.
func moved(was, is string) bool { return was != "" && is != "" && was != is }

// asDrawn refuses what is said of a step by a form or button that showed other commands than it has now.
func (d *decider) asDrawn(at step, drawn string) error {
	if moved(drawn, d.filled(at, "")) {
		return refuse(RefusedStepChanged, at.args()...)
	}
	return nil
}

// rebind closes the locks that were opened for other commands than there are now. It looks before an act and after it: what changed while the
// runbook could not be read is found too.
func (d *decider) rebind() {
	if d.in.Filled == nil {
		return
	}
	for _, run := range d.s.Runbooks {
		for _, w := range run.Work {
			_, marked := run.Steps[w.Step]
			if marked || w.Approved.Digest == "" && w.Seconded.Digest == "" || !d.s.StepWorkable(run.Ref.ID, w.Step) {
				continue
			}
			now := d.fillingOf(d.s, run, w.Step)
			f := &StepChanged{Runbook: run.Ref.ID, Step: w.Step, Digest: now.Digest}
			if moved(w.Approved.Digest, now.Digest) {
				rule, _ := run.Ref.Rule(w.Step)
				f.Approver, f.Role = w.Approved.By, rule.Approval
				if f.Who = d.s.RoleHolders(rule.Approval, d.in.OnCall); len(f.Who) == 0 {
					f.Who = []Person{f.Approver}
				}
				f.Who = slices.Clone(f.Who[:min(len(f.Who), maxAsked)])
			}
			if moved(w.Seconded.Digest, now.Digest) {
				f.Second = w.Seconded.By
			}
			if f.Approver.Zero() && f.Second.Zero() {
				continue
			}
			if before := d.fillingOf(d.was, run, w.Step); before.Digest != "" && (before.Digest == w.Approved.Digest || before.Digest == w.Seconded.Digest) {
				f.Values = changes(before.Values, now.Values)
			}
			d.own(f)
		}
	}
}

// changes are the values that differ, in the order of the new ones.
func changes(was, is []FilledValue) (out []ValueChange) {
	of := func(list []FilledValue, name string) string {
		if i := slices.IndexFunc(list, func(v FilledValue) bool { return v.Name == name }); i >= 0 {
			return list[i].Value
		}
		return ""
	}
	for _, v := range is {
		if old := of(was, v.Name); old != v.Value && len(out) < maxChanges {
			out = append(out, ValueChange{Name: v.Name, Was: Say(old, MaxValue), Is: Say(v.Value, MaxValue)})
		}
	}
	return out
}

// StepChange is what is kept of a StepChanged until its locks are open again.
type StepChange struct {
	At       time.Time     `json:"at,omitzero"`
	Approver Person        `json:"approver,omitzero"` // zero: no approval was lost
	Second   Person        `json:"second,omitzero"`   // zero: no reading was
	Values   []ValueChange `json:"values,omitempty"`
	Digest   string        `json:"commands,omitempty"` // of the commands that closed them, which may have changed once more
}

// rebound forgets what closed the locks once those who are asked again have said their word.
func (w *StepWork) rebound() {
	if c := w.Changed; (c.Approver.Zero() || !w.Approved.At.IsZero()) && (c.Second.Zero() || !w.Seconded.At.IsZero()) {
		w.Changed = StepChange{}
	}
}

// changedEvolve takes back what was said of other commands. Who is asked again has been asked.
func (s *State) changedEvolve(e Event, f *StepChanged) {
	w := s.worked(f.Runbook, f.Step, Person{})
	w.Changed = StepChange{At: e.At, Approver: f.Approver, Second: f.Second, Values: f.Values, Digest: f.Digest}
	if !f.Second.Zero() {
		w.Seconded = StepSecond{}
	}
	if !f.Approver.Zero() {
		w.Approved, w.Asked = Approval{}, ApprovalAsk{By: w.Asked.By, At: e.At, Who: f.Who, Digest: f.Digest}
	}
}

// changedEffects says it where it must not be missed: on the card, in the room, and to who is asked again.
func (p *plan) changedEffects(f *StepChanged) {
	p.redrawRun(f.Runbook)
	p.post(ViewStepChanged, ClassUpdate, f.Runbook+"/"+f.Step)
	p.invite(f.Who...)
	for i, who := range f.Who {
		p.direct(ViewApproval, i, who, f.Runbook+"/"+f.Step, zeroTime)
	}
	p.direct(ViewReread, 0, f.Second, f.Runbook+"/"+f.Step, zeroTime)
}

// rereadOwed reports whether a step, as "RB-008/restore", still waits for its second person.
func (s State) rereadOwed(arg string) bool {
	run, id, open := s.stepOpen(arg)
	rule, _ := run.Ref.Rule(id)
	return open && rule.FourEyes && run.Worked(id).Seconded.At.IsZero()
}

package incident

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// RunbookStarted puts a runbook in front of the room, pinned by digest.
type RunbookStarted struct {
	Runbook RunbookRef `json:"runbook"`
	Why     string     `json:"why"`            // "asked", ByAlert, ByService or ByGeneric
	Step    string     `json:"step,omitempty"` // where it begins; empty: at its first step
	// Passed are the steps before that one, which the finding that led to it passes over (StepMarked.Passed); older logs do not say so.
	Passed []string `json:"passed,omitempty"`
}

// RunbookRef points at a runbook revision, and freezes of it what is decided by: what guards its steps, and its clocks. Of a log written
// before that was frozen only the first four are known.
type RunbookRef struct {
	ID         string          `json:"id"` // RB-001
	Digest     string          `json:"digest"`
	Language   string          `json:"language"`
	Steps      []string        `json:"steps"`                // step ids in order
	Owner      string          `json:"owner,omitempty"`      // role that help is asked of
	Rules      []StepRule      `json:"rules,omitempty"`      // of each step, in the order of Steps
	Parameters []string        `json:"parameters,omitempty"` // names of the values that are asked for, in the order of the form
	Clocks     []RunbookClock  `json:"clocks,omitempty"`     // in the order of the steps that carry them
	Joins      []RunbookSignal `json:"joins,omitempty"`      // alerts that belong to an incident which uses it
}

// RunbookSignal is an alert with a span of time.
type RunbookSignal struct {
	Alert  string        `json:"alert"`
	Within time.Duration `json:"within"` // of the declaration, for what joins; of a clock what has passed when the alert fires
}

// StepRule is what a runbook asks of one of its steps.
type StepRule struct {
	Title    string   `json:"title,omitempty"`
	Kind     string   `json:"kind"` // KindMitigation ...
	Minutes  int      `json:"minutes,omitempty"`
	After    bool     `json:"after,omitempty"`     // a duty once it is mitigated
	Who      []string `json:"who,omitempty"`       // roles that may do it; empty: whoever responds
	Approval string   `json:"approval,omitempty"`  // role that must approve before it is unlocked
	FourEyes bool     `json:"four_eyes,omitempty"` // a second person must read it before it is unlocked
	Notify   []string `json:"notify,omitempty"`    // roles that it tells
}

// Guarded reports whether somebody else must say that the step may be done: a role that approves it, or a second person.
func (r StepRule) Guarded() bool { return r.Approval != "" || r.FourEyes }

// RunbookClock is a deadline that a runbook carries.
type RunbookClock struct {
	ID         string        `json:"id"`
	Step       string        `json:"step"` // the step that settles it when it is done
	What       string        `json:"what"`
	When       string        `json:"when,omitempty"` // the condition under which it applies, for a person to confirm; empty: always
	Who        string        `json:"who"`            // role that owes it
	Obligation bool          `json:"obligation,omitempty"`
	Open       bool          `json:"open,omitempty"` // no time of its own
	Offset     time.Duration `json:"offset,omitempty"`
	Before     bool          `json:"before,omitempty"` // due before the anchor, not after it
	Anchor     string        `json:"anchor,omitempty"` // "detected", "declared", "mitigated", "resolved", "step-started", "step-done", "parameter"
	Ref        string        `json:"ref,omitempty"`    // the step or parameter the anchor names
	From       []string      `json:"from,omitempty"`   // alert labels that the parameter is prefilled from
	// Spent are alerts that fire when so much of what it counts has passed already: their conditions began before them.
	Spent []RunbookSignal `json:"spent,omitempty"`
}

// Rule is what the runbook asks of a step; false where the ref does not say.
func (r RunbookRef) Rule(step string) (StepRule, bool) {
	i := slices.Index(r.Steps, step)
	if i < 0 || i >= len(r.Rules) {
		return StepRule{}, false
	}
	return r.Rules[i], true
}

// StepMarked marks a runbook step.
type StepMarked struct {
	Runbook string `json:"runbook"`
	Step    string `json:"step"`
	Mark    string `json:"mark"` // StepDone, StepSkipped
	Text    Text   `json:"text,omitzero"`
	Next    string `json:"next,omitempty"` // the step shown next; empty: the runbook's end
	// Since is when the step was first shown, and Doer who did it where the actor is the second person, who confirmed it afterwards: in older logs.
	Since time.Time `json:"since,omitzero"`
	Doer  Person    `json:"doer,omitzero"`
	// Led says that the finding is one of the step's, and leads on by itself: to a step, another runbook or the end. Logs written before
	// it was recorded do not say it of any.
	Led bool `json:"led,omitempty"`
	// Passed are the steps between this one and the one its finding leads to, which nobody has marked: they are not put forward by themselves.
	Passed []string `json:"passed,omitempty"`
}

// Marks of a step.
const (
	StepDone    = "done"
	StepSkipped = "skipped"
)

// StartRunbook puts a runbook in front of the room.
type StartRunbook struct {
	Runbook RunbookRef
	Step    string // where it begins; empty, or one that this revision does not have: at its first step
}

// MarkStep marks a step of a started runbook as done or skipped.
type MarkStep struct {
	Runbook string
	Step    string
	Mark    string
	Text    Text   // finding, or why it was skipped
	Next    string // the step the finding leads to, or NextNone; empty: the one after
	Led     bool   // the finding is one of the step's, wherever it leads
	// Kind is the step's kind where the incident's ref does not freeze it; else the frozen one counts.
	Kind string
	// Drawn is the digest of the commands that the button or form showed; empty: it does not say.
	Drawn string
}

// NextNone, where an act names the step that a finding leads to, says that nothing is left to do: the steps not reached are not put forward.
const NextNone = "-"

func (StartRunbook) act() {}
func (MarkStep) act()     {}

func (d *decider) startRunbook(ref RunbookRef, why, step string) error {
	if ref.ID == "" || len(ref.Steps) == 0 {
		return refuse(RefusedNoRunbook, ref.ID)
	}
	if _, ok := d.s.Runbook(ref.ID); ok {
		return refuse(RefusedRunbookTwice, ref.ID)
	}
	if why == "asked" {
		if !slices.Contains(ref.Steps, step) || step == ref.Steps[0] {
			step = ""
		}
		f := &RunbookStarted{Runbook: ref, Why: why, Step: step}
		if step != "" {
			f.Passed = slices.Clone(ref.Steps[:slices.Index(ref.Steps, step)])
		}
		d.add(f)
	} else {
		d.own(&RunbookStarted{Runbook: ref, Why: why})
	}
	return nil
}

// fitting starts the runbooks that came with the act, for what they fit; why is what it is where nobody says. The generic one is for an incident
// that has none: an alert more, which no runbook names, needs no second page beside the one that is walked.
func (d *decider) fitting(why string) {
	if why != "asked" && (d.in.Fits == ByService || d.in.Fits == ByGeneric) {
		why = d.in.Fits
	}
	for _, rb := range d.in.Runbooks {
		if why == ByGeneric && len(d.s.Runbooks) > 0 {
			return
		}
		_ = d.startRunbook(rb, why, "") // a refusal here means that it runs already
	}
}

// markStep marks a step done or skipped. A finding is progress. What guards the step is frozen with the incident: no lock opens because a
// caller forgot it. Skipping does nothing to the world and is never locked.
func (d *decider) markStep(at step, a MarkStep) error {
	if a.Mark != StepDone && a.Mark != StepSkipped {
		return refuse(RefusedNoStep, a.Runbook, a.Step)
	}
	if a.Next != "" && a.Next != NextNone && !slices.Contains(at.run.Ref.Steps, a.Next) {
		return refuse(RefusedNoStep, a.Runbook, a.Next)
	}
	f := &StepMarked{Runbook: a.Runbook, Step: a.Step, Mark: a.Mark, Text: a.Text, Next: at.onward(a.Next), Since: at.work.Since, Led: a.Led}
	if a.Mark == StepSkipped {
		if a.Text.Body == "" {
			return refuse(RefusedReasonNeeded, "skip")
		}
		d.add(f)
		return nil
	}
	f.Passed = at.passed(f)
	if err := d.mayDo(at, a.Kind, a.Drawn); err != nil {
		return err
	}
	if aw := at.work.Awaits; !aw.At.IsZero() {
		return &Refusal{Code: RefusedAwaited, By: aw.By, Args: at.args(aw.At.Format(timeFormat))}
	}
	d.leadOn(at, f, a.Next)
	d.ledToClock(at, a)
	d.found(a.Text)
	return nil
}

// found is a finding as progress; when the incident is over there is none to be made.
func (d *decider) found(t Text) {
	if d.s.Open() && utf8.RuneCountInString(strings.TrimSpace(t.Body)) >= MinProgress {
		d.add(&ProgressMade{Text: t})
	}
}

// passed are the steps that a finding passes over on its way to a later one: neither marked nor open.
func (at step) passed(f *StepMarked) (out []string) {
	to := slices.Index(at.run.Ref.Steps, f.Next)
	for i := at.i + 1; f.Led && at.run.CardOf(at.id) > 0 && i < to; i++ {
		id := at.run.Ref.Steps[i]
		if r, _ := at.run.Ref.Rule(id); !r.After && !at.run.marked(id) && at.run.CardOf(id) == 0 {
			out = append(out, id)
		}
	}
	return out
}

// marked reports whether a step was done or skipped.
func (r RunbookRun) marked(step string) bool { _, is := r.Steps[step]; return is }

// following is the first step after i that is neither marked nor open elsewhere, then the first before it; empty when there is none. What
// is a duty once it is mitigated comes after everything else until then. What a finding passed over is not put forward: whoever wrote the runbook
// said with that finding that it is not needed, so that "none of these" at the end leads on to the duties, and not back into what was ruled out
// (to kill sessions because restarting the service that leaks them has not helped yet). It stays in the list, and counts again when the step whose
// finding passed it over is done again; so it is with what stands before the step at which another runbook's finding began this one. A step that
// was never reached for another reason (somebody jumped) is still put forward before the duties.
func (at step) following() string {
	n := len(at.run.Ref.Steps)
	for _, duties := range []bool{at.mitigated, true} {
		for k := 1; k < n; k++ {
			id := at.run.Ref.Steps[(at.i+k)%n]
			if r, _ := at.run.Ref.Rule(id); r.After && !duties || at.run.Worked(id).Passed {
				continue
			}
			if !at.run.marked(id) && at.run.CardOf(id) == 0 {
				return id
			}
		}
	}
	return ""
}

// duty is the first step that is neither marked nor open elsewhere and is a duty whose time has come; empty when there is none.
func (at step) duty() string {
	for _, id := range at.run.Ref.Steps {
		r, _ := at.run.Ref.Rule(id)
		if _, marked := at.run.Steps[id]; id != at.id && r.After && at.mitigated && !marked && at.run.CardOf(id) == 0 {
			return id
		}
	}
	return ""
}

// onward is the step that a step's card shows once it is marked: the one a finding leads to, else the following. A card beside the first
// is for its step alone, and a step that is marked from the list moves no card. A finding that ends the runbook leads to none but a duty
// whose time has come: what was not needed must not stand there as the thing to do next.
func (at step) onward(next string) string {
	_, marked := at.run.Steps[next]
	switch card := at.run.CardOf(at.id); {
	case card == 0:
		return at.run.Current
	case next == NextNone && card == 1:
		return at.duty()
	case next != "" && next != NextNone && !marked && at.run.CardOf(next) == 0:
		return next
	case card > 1:
		return ""
	}
	return at.following()
}

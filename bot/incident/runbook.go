package incident

import (
	"slices"
	"time"
	"unicode/utf8"
)

// RunbookStarted puts a runbook in front of the room, pinned by digest.
type RunbookStarted struct {
	Runbook RunbookRef `json:"runbook"`
	Why     string     `json:"why"` // "alert ApiErrorRateHigh", "asked"
}

// RunbookRef points at a runbook revision, and freezes of it what is decided by: what guards its steps, and its clocks. Of a log written
// before that was frozen only the first four are known.
type RunbookRef struct {
	ID         string         `json:"id"` // RB-001
	Digest     string         `json:"digest"`
	Language   string         `json:"language"`
	Steps      []string       `json:"steps"`                // step ids in order
	Owner      string         `json:"owner,omitempty"`      // role that help is asked of
	Rules      []StepRule     `json:"rules,omitempty"`      // of each step, in the order of Steps
	Parameters []string       `json:"parameters,omitempty"` // names of the values that are asked for, in the order of the form
	Clocks     []RunbookClock `json:"clocks,omitempty"`     // in the order of the steps that carry them
}

// StepRule is what a runbook asks of one of its steps.
type StepRule struct {
	Kind     string   `json:"kind"` // KindMitigation ...
	Minutes  int      `json:"minutes,omitempty"`
	After    bool     `json:"after,omitempty"`     // a duty once it is mitigated
	Who      []string `json:"who,omitempty"`       // roles that may do it; empty: whoever responds
	Approval string   `json:"approval,omitempty"`  // role that must approve before it is unlocked
	FourEyes bool     `json:"four_eyes,omitempty"` // a second person must confirm it
}

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
}

// Marks of a step.
const (
	StepDone    = "done"
	StepSkipped = "skipped"
)

// StartRunbook puts a runbook in front of the room.
type StartRunbook struct{ Runbook RunbookRef }

// MarkStep marks a step of a started runbook as done or skipped.
type MarkStep struct {
	Runbook string
	Step    string
	Mark    string
	Text    Text   // finding, or why it was skipped
	Next    string // the step the finding leads to; empty: the one after
	// Kind is the step's kind where the incident's ref does not freeze it; else the frozen one counts.
	Kind string
}

func (StartRunbook) act() {}
func (MarkStep) act()     {}

func (d *decider) startRunbook(ref RunbookRef, why string) error {
	if ref.ID == "" || len(ref.Steps) == 0 {
		return refuse(RefusedNoRunbook, ref.ID)
	}
	if _, ok := d.s.Runbook(ref.ID); ok {
		return refuse(RefusedRunbookTwice, ref.ID)
	}
	if why == "asked" {
		d.add(&RunbookStarted{Runbook: ref, Why: why})
	} else {
		d.own(&RunbookStarted{Runbook: ref, Why: why})
	}
	return nil
}

// markStep marks a step done or skipped. A finding is progress.
func (d *decider) markStep(a MarkStep) error {
	run, ok := d.s.Runbook(a.Runbook)
	if !ok {
		return refuse(RefusedNoRunbook, a.Runbook)
	}
	i := slices.Index(run.Ref.Steps, a.Step)
	if i < 0 || a.Mark != StepDone && a.Mark != StepSkipped {
		return refuse(RefusedNoStep, a.Runbook, a.Step)
	}
	if m, marked := run.Steps[a.Step]; marked {
		return &Refusal{Code: RefusedStepMarked, By: m.By, Args: []string{m.Mark, m.At.Format(timeFormat)}}
	}
	kind := a.Kind
	if r, frozen := run.Ref.Rule(a.Step); frozen {
		kind = r.Kind
	}
	if a.Mark == StepDone && d.s.Locked(kind) {
		return refuse(RefusedLocked, a.Runbook, a.Step)
	}
	if a.Mark == StepSkipped && a.Text.Body == "" {
		return refuse(RefusedReasonNeeded, "skip")
	}
	next := a.Next
	if next != "" && !slices.Contains(run.Ref.Steps, next) {
		return refuse(RefusedNoStep, a.Runbook, next)
	}
	if _, marked := run.Steps[next]; next == "" || marked {
		next = following(run, i)
	}
	d.add(&StepMarked{Runbook: a.Runbook, Step: a.Step, Mark: a.Mark, Text: a.Text, Next: next})
	if a.Mark == StepDone && utf8.RuneCountInString(a.Text.Body) >= MinProgress {
		d.add(&ProgressMade{Text: a.Text})
	}
	return nil
}

// following is the first step after i that is not marked, then the first before it; empty when all are.
func following(run RunbookRun, i int) string {
	n := len(run.Ref.Steps)
	for k := 1; k < n; k++ {
		s := run.Ref.Steps[(i+k)%n]
		if _, marked := run.Steps[s]; !marked {
			return s
		}
	}
	return ""
}

package incident

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Capture is what the first responder writes down before anything is replayed or deleted: what is lost then cannot be had again. "None"
// and "not permitted" are answers; emptiness is not.
type Capture struct {
	Requests      Text      `json:"requests,omitzero"` // request ids
	Traces        Text      `json:"traces,omitzero"`   // trace ids
	Tenants       Text      `json:"tenants,omitzero"`
	Organisations Text      `json:"organisations,omitzero"` // where permitted
	From          time.Time `json:"from,omitzero"`          // the exact time window
	To            time.Time `json:"to,omitzero"`
	By            Person    `json:"by,omitzero"`
	At            time.Time `json:"at,omitzero"`
}

// Freeze is an operation that should pause until somebody lifts it.
type Freeze struct {
	N        int       `json:"n"`
	Text     Text      `json:"text"`
	By       Person    `json:"by,omitzero"`
	At       time.Time `json:"at"`
	LiftedBy Person    `json:"lifted_by,omitzero"`
	LiftedAt time.Time `json:"lifted,omitzero"`
}

// Override is a commander's word that steps may be done before the capture is filled.
type Override struct {
	By     Person    `json:"by,omitzero"`
	At     time.Time `json:"at,omitzero"`
	Reason Text      `json:"reason,omitzero"`
}

// MaxFreezes bounds the operations that are frozen at a time.
const MaxFreezes = 20

// Kinds of a runbook's step. Those that replay or destroy wait for the capture.
const (
	KindDiagnosis   = "diagnosis"
	KindMitigation  = "mitigation"
	KindReplay      = "replay"
	KindDestructive = "destructive"
	KindNotify      = "notify"
)

// Captured records a part of the first-response capture, or all of it; what is given replaces what was there.
type Captured struct {
	Requests      Text      `json:"requests,omitzero"`
	Traces        Text      `json:"traces,omitzero"`
	Tenants       Text      `json:"tenants,omitzero"`
	Organisations Text      `json:"organisations,omitzero"`
	From          time.Time `json:"from,omitzero"`
	To            time.Time `json:"to,omitzero"`
}

// Frozen records an operation that should pause.
type Frozen struct {
	N    int  `json:"n"`
	Text Text `json:"text"`
}

// FreezeLifted records that it may go on.
type FreezeLifted struct {
	N int `json:"n"`
}

// LockOverridden records that a commander lets steps be done before the capture is filled, and why.
type LockOverridden struct {
	Reason Text `json:"reason"`
}

// Type implements Fact.
func (*Captured) Type() string { return "captured" }

// Type implements Fact.
func (*Frozen) Type() string { return "frozen" }

// Type implements Fact.
func (*FreezeLifted) Type() string { return "freeze-lifted" }

// Type implements Fact.
func (*LockOverridden) Type() string { return "lock-overridden" }

// Texts implements Fact.
func (f *Captured) Texts() []*Text {
	return []*Text{&f.Requests, &f.Traces, &f.Tenants, &f.Organisations}
}

// Texts implements Fact.
func (f *Frozen) Texts() []*Text { return []*Text{&f.Text} }

// Texts implements Fact.
func (*FreezeLifted) Texts() []*Text { return nil }

// Texts implements Fact.
func (f *LockOverridden) Texts() []*Text { return []*Text{&f.Reason} }

// CaptureFirst writes down what must not be lost, and which operations should pause.
type CaptureFirst struct {
	Requests, Traces, Tenants, Organisations Text
	From, To                                 time.Time
	Freezes                                  []Text
}

// FreezeOperation says that an operation should pause.
type FreezeOperation struct{ Text Text }

// LiftFreeze says that it may go on.
type LiftFreeze struct{ N int }

// OverrideLock lets steps be done before the capture is filled. Only the commander may, with a reason.
type OverrideLock struct{ Reason Text }

func (CaptureFirst) act()    {}
func (FreezeOperation) act() {}
func (LiftFreeze) act()      {}
func (OverrideLock) act()    {}

// Parts of the first-response capture that must be written down.
const (
	CaptureRequests      = "requests"
	CaptureTraces        = "traces"
	CaptureTenants       = "tenants"
	CaptureOrganisations = "organisations"
	CaptureWindow        = "window"
)

// CaptureFilled reports whether everything that must not be lost is written down.
func (s State) CaptureFilled() bool { return len(s.CaptureMissing()) == 0 }

// CaptureMissing are the parts that are not written down yet, in the order of the form.
func (s State) CaptureMissing() (out []string) {
	c := s.Capture
	for _, part := range []struct {
		name  string
		empty bool
	}{
		{CaptureRequests, c.Requests.Empty()}, {CaptureTraces, c.Traces.Empty()}, {CaptureTenants, c.Tenants.Empty()}, {CaptureOrganisations, c.Organisations.Empty()},
		{CaptureWindow, c.From.IsZero() || c.To.IsZero()},
	} {
		if part.empty {
			out = append(out, part.name)
		}
	}
	return out
}

// Locked reports whether steps of a kind wait for the capture. Mitigation never does.
func (s State) Locked(kind string) bool {
	return (kind == KindReplay || kind == KindDestructive) && !s.CaptureFilled() && s.Override.At.IsZero()
}

// Freezes in force.
func (s State) Freezing() []Freeze {
	return slices.DeleteFunc(slices.Clone(s.Freezes), func(f Freeze) bool { return !f.LiftedAt.IsZero() })
}

func (d *decider) capture(a CaptureFirst) error {
	f := &Captured{Requests: a.Requests, Traces: a.Traces, Tenants: a.Tenants, Organisations: a.Organisations, From: utc(a.From), To: utc(a.To)}
	if a.From.IsZero() {
		f.From = zeroTime
	}
	if a.To.IsZero() {
		f.To = zeroTime
	}
	switch {
	case a.From.IsZero() != a.To.IsZero() || !a.From.IsZero() && !a.From.Before(a.To):
		return refuse(RefusedWindow)
	case a.To.After(d.now):
		return refuse(RefusedFuture)
	case len(d.s.Freezing())+len(a.Freezes) > MaxFreezes:
		return refuse(RefusedTooMany, fmt.Sprint(MaxFreezes))
	case *f == (Captured{}) && len(a.Freezes) == 0:
		return refuse(RefusedEmpty, "capture")
	}
	if *f != (Captured{}) {
		d.add(f)
	}
	for _, t := range a.Freezes {
		if err := d.freeze(FreezeOperation{t}); err != nil {
			return err
		}
	}
	return nil
}

func (d *decider) freeze(a FreezeOperation) error {
	switch {
	case a.Text.Body == "":
		return refuse(RefusedEmpty, "freeze")
	case len(d.s.Freezing()) >= MaxFreezes:
		return refuse(RefusedTooMany, fmt.Sprint(MaxFreezes))
	case slices.ContainsFunc(d.s.Freezing(), func(f Freeze) bool { return strings.EqualFold(f.Text.Body, a.Text.Body) }):
		return nil // it is frozen
	}
	n := 1
	for _, f := range d.s.Freezes {
		n = max(n, f.N+1)
	}
	d.add(&Frozen{N: n, Text: a.Text})
	return nil
}

func (d *decider) lift(a LiftFreeze) error {
	i := slices.IndexFunc(d.s.Freezes, func(f Freeze) bool { return f.N == a.N })
	switch {
	case i < 0:
		return refuse(RefusedNoFreeze, fmt.Sprint(a.N))
	case !d.s.Freezes[i].LiftedAt.IsZero():
		f := d.s.Freezes[i]
		return &Refusal{Code: RefusedLifted, By: f.LiftedBy, Args: []string{fmt.Sprint(a.N), f.LiftedAt.Format(timeFormat)}}
	}
	d.add(&FreezeLifted{N: a.N})
	return nil
}

func (d *decider) override(a OverrideLock) error {
	switch {
	case !d.s.Roles[Commander].Who.Same(d.in.Actor.Person):
		return &Refusal{Code: RefusedCommander, By: d.s.Roles[Commander].Who}
	case a.Reason.Body == "":
		return refuse(RefusedReasonNeeded, "override")
	case !d.s.Locked(KindReplay):
		return refuse(RefusedNotLocked)
	}
	d.add(&LockOverridden{Reason: a.Reason})
	return nil
}

// captureEvolve folds the facts of impact, cadence and capture.
func (s *State) captureEvolve(e Event) {
	switch f := e.Fact.(type) {
	case *ImpactRecorded:
		s.impact(e, f)
	case *CadenceSet:
		s.Cadence = f.Every
	case *Captured:
		c := &s.Capture
		for _, x := range []struct{ from, to *Text }{{&f.Requests, &c.Requests}, {&f.Traces, &c.Traces}, {&f.Tenants, &c.Tenants}, {&f.Organisations, &c.Organisations}} {
			if !x.from.Empty() {
				*x.to = *x.from
			}
		}
		if !f.From.IsZero() {
			c.From, c.To = f.From, f.To
		}
		c.By, c.At = e.Actor.Person, e.At
	case *Frozen:
		s.Freezes = pruned(append(s.Freezes, Freeze{N: f.N, Text: f.Text, By: e.Actor.Person, At: e.At}), 2*MaxFreezes, func(f Freeze) bool { return !f.LiftedAt.IsZero() })
	case *FreezeLifted:
		if i := slices.IndexFunc(s.Freezes, func(x Freeze) bool { return x.N == f.N }); i >= 0 {
			s.Freezes[i].LiftedBy, s.Freezes[i].LiftedAt = e.Actor.Person, e.At
		}
	case *LockOverridden:
		s.Override = Override{By: e.Actor.Person, At: e.At, Reason: f.Reason}
	default:
		s.handOverEvolve(e)
	}
}

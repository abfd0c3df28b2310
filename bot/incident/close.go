package incident

import (
	"fmt"
	"slices"
)

// ClosedFact closes an incident that is resolved: the users are well since it was resolved, and now nothing is owed any more.
type ClosedFact struct {
	Why    string `json:"why"` // CloseNothingOwed, CloseAsked
	Reason Text   `json:"reason,omitzero"`
	AtOnce bool   `json:"at_once,omitempty"` // in the step that resolved it: the post about that says it
}

// Why an incident is closed.
const (
	CloseNothingOwed = "nothing-owed" // the last of what was owed ended, or nothing was when it was resolved
	CloseAsked       = "asked"
)

// ViewClosed says in the room that the incident is closed, where that came later than its resolution.
const ViewClosed = "closed"

// Close closes the incident. One that is open is resolved first: jumps forward are legal.
type Close struct{ Reason Text }

func (Close) act() {}

// Type implements Fact.
func (*ClosedFact) Type() string { return "closed" }

// Texts implements Fact.
func (f *ClosedFact) Texts() []*Text { return []*Text{&f.Reason} }

// FreezeKey is the name under which an operation that is still paused stands among what keeps an incident from being closed.
func FreezeKey(n int) string { return fmt.Sprintf("freeze-%d", n) }

// Unfinished are the keys of what keeps the incident from being closed, the earliest due first: obligations that run (an unanswered question
// is one), then operations that are still paused for it. A hand-over of command that nobody answered ends with the response.
func (s State) Unfinished() []string {
	var out []string
	for _, d := range s.Owing() {
		out = append(out, d.Key)
	}
	for _, f := range s.Freezing() {
		out = append(out, FreezeKey(f.N))
	}
	return out
}

// postMortemOutside reports whether the policy owes a post-mortem that no obligation of its own watches: only a person knows when it is done.
func (s State) postMortemOutside() bool {
	sev := s.Highest
	if !sev.Valid() {
		sev = s.Severity
	}
	return s.Policy != nil && s.Policy.Rule(sev).PostMortem &&
		!slices.ContainsFunc(s.Duties, func(d Duty) bool { return d.Why == BeginsResolved && d.How != EndedWithdrawn })
}

// close closes by hand.
func (d *decider) close(a Close) error {
	switch {
	case d.s.Open():
		d.resolve(a.Reason, "")
		d.obligations()
		if len(d.s.Unfinished()) == 0 {
			d.add(&ClosedFact{Why: CloseAsked, AtOnce: true})
		}
		return nil
	case d.s.Status == Closed:
		return &Refusal{Code: RefusedClosed, By: d.s.ClosedBy.Person, Args: []string{d.s.ClosedAt.Format(timeFormat)}}
	case d.s.Status != Resolved: // noise and duplicates have no more to come
		return &Refusal{Code: RefusedOver, Args: []string{string(d.s.Status)}}
	}
	if owed := d.s.Unfinished(); len(owed) > 0 {
		return refuse(RefusedOwed, owed...)
	}
	d.add(&ClosedFact{Why: CloseAsked, Reason: a.Reason})
	return nil
}

// closes closes a resolved incident in the step that ended the last of what it owed. An incident that was resolved before there was such a
// status stays as it is until something of it ends, or somebody closes it.
func (d *decider) closes() {
	if d.s.Status != Resolved || len(d.s.Unfinished()) > 0 || d.s.postMortemOutside() {
		return
	}
	resolved, ended := false, false
	for _, e := range d.out {
		switch e.Fact.(type) {
		case *ResolvedFact:
			resolved = true
		case *ObligationEnded, *FreezeLifted:
			ended = true
		}
	}
	if resolved || ended {
		d.own(&ClosedFact{Why: CloseNothingOwed, AtOnce: resolved})
	}
}

// closedEvolve folds a closing, and takes it back when something is owed again: a corrective action added later, personal data found in the
// weeks after.
func (s *State) closedEvolve(e Event) {
	switch e.Fact.(type) {
	case *ClosedFact:
		s.Status, s.ClosedAt, s.ClosedBy = Closed, e.At, e.Actor
	case *ObligationBegun, *Frozen:
		if s.Status == Closed {
			s.Status = Resolved
		}
	case *Reopened:
		s.ClosedAt, s.ClosedBy = zeroTime, Actor{}
	}
}

// closedEffects says that it is closed, and that it is not any more. At the resolution itself the post about that says it.
func (p *plan) closedEffects() {
	switch f := p.e.Fact.(type) {
	case *ClosedFact:
		p.all()
		if !f.AtOnce {
			p.post(ViewClosed, ClassUpdate, "")
		}
	case *ObligationBegun, *Frozen:
		if p.s.Status == Resolved && !p.s.ClosedAt.IsZero() {
			p.all()
		}
	}
}

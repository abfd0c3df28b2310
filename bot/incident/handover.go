package incident

import "time"

// HandOver is command offered to somebody who has not answered yet. Until they accept, whoever commands stays responsible.
type HandOver struct {
	From     Person    `json:"from,omitzero"`
	To       Person    `json:"to,omitzero"`
	Why      string    `json:"why,omitempty"`
	At       time.Time `json:"at,omitzero"`
	Due      time.Time `json:"due,omitzero"`
	Reminded bool      `json:"reminded,omitempty"`
}

// Why a hand-over is proposed.
const (
	HandOverAsked    = "asked"    // somebody in the incident wants it
	HandOverRotation = "rotation" // the rotation changed
)

// How a hand-over ended.
const (
	HandOverAccepted = "accepted"
	HandOverDeclined = "declined"
	HandOverExpired  = "expired" // not accepted in time; the old holder is told
)

// Names of the deadlines of a hand-over.
const (
	DueHandOver     = "hand-over"      // somebody was asked to take over
	DueHandOverLong = "hand-over-long" // one person has commanded for long
)

// defaultHandOver is how long somebody has to accept where the policy does not say.
const defaultHandOver = 15 * time.Minute

// Names of the views of a hand-over.
const (
	ViewHandOver      = "hand-over"       // the pack, to whoever is asked
	ViewHandOverEnded = "hand-over-ended" // to the old holder
	ViewHandOverDue   = "hand-over-due"   // to who has commanded for long
)

// HandOverProposed records that somebody was asked to take command over.
type HandOverProposed struct {
	From Person    `json:"from"`
	To   Person    `json:"to"`
	Why  string    `json:"why"`
	Due  time.Time `json:"due"`
}

// HandOverReminded records that they were reminded.
type HandOverReminded struct {
	To Person `json:"to"`
}

// HandOverEnded records what came of it; command itself moves by RoleSet.
type HandOverEnded struct {
	From Person `json:"from"`
	To   Person `json:"to"`
	How  string `json:"how"`
}

// HandOverSuggested records that a commander of long was told to hand over.
type HandOverSuggested struct {
	Who   Person    `json:"who"`
	Since time.Time `json:"since"`
}

// Type implements Fact.
func (*HandOverProposed) Type() string { return "hand-over-proposed" }

// Type implements Fact.
func (*HandOverReminded) Type() string { return "hand-over-reminded" }

// Type implements Fact.
func (*HandOverEnded) Type() string { return "hand-over-ended" }

// Type implements Fact.
func (*HandOverSuggested) Type() string { return "hand-over-suggested" }

// Texts implements Fact.
func (*HandOverProposed) Texts() []*Text { return nil }

// Texts implements Fact.
func (*HandOverReminded) Texts() []*Text { return nil }

// Texts implements Fact.
func (*HandOverEnded) Texts() []*Text { return nil }

// Texts implements Fact.
func (*HandOverSuggested) Texts() []*Text { return nil }

// ProposeHandOver asks somebody to take command over. At a rotation's change the engine's caller sends it with HandOverRotation.
type ProposeHandOver struct {
	To  Person
	Why string // empty: HandOverAsked
}

// AcceptHandOver takes command over; only who was asked can.
type AcceptHandOver struct{}

// DeclineHandOver says no to it.
type DeclineHandOver struct{}

func (ProposeHandOver) act() {}
func (AcceptHandOver) act()  {}
func (DeclineHandOver) act() {}

func (d *decider) handOverAct(a Act) error {
	if !d.s.Open() {
		return &Refusal{Code: RefusedOver, Args: []string{string(d.s.Status)}}
	}
	h := d.s.HandOver
	asked := !h.To.Zero()
	switch a := a.(type) {
	case ProposeHandOver:
		ic := d.s.Roles[Commander].Who
		switch {
		case ic.Zero():
			return refuse(RefusedVacant, string(Commander))
		case a.To.Zero():
			return refuse(RefusedEmpty, "who")
		case ic.Same(a.To):
			return &Refusal{Code: RefusedHolds, By: ic, Args: []string{string(Commander)}}
		case asked && h.To.Same(a.To):
			return &Refusal{Code: RefusedAskedToo, By: h.To, Args: []string{h.At.Format(timeFormat)}}
		}
		within := d.s.Policy.HandOverWithin
		if within <= 0 {
			within = defaultHandOver
		}
		why := a.Why
		if why == "" {
			why = HandOverAsked
		}
		d.add(&HandOverProposed{From: ic, To: a.To, Why: why, Due: d.now.Add(within)})
	case AcceptHandOver, DeclineHandOver:
		if !asked || !h.To.Same(d.in.Actor.Person) {
			return &Refusal{Code: RefusedNotAsked, By: h.To}
		}
		if _, no := a.(DeclineHandOver); no {
			d.add(&HandOverEnded{From: h.From, To: h.To, How: HandOverDeclined})
			return nil
		}
		was := d.s.Roles[Commander].Who
		d.add(&HandOverEnded{From: h.From, To: h.To, How: HandOverAccepted})
		d.add(&RoleSet{Role: Commander, Who: h.To, Was: was})
	}
	return nil
}

// handOvers are the deadlines of hand-overs: an answer that is awaited, and a commander of long.
func handOvers(s State) []Deadline {
	if !s.Open() {
		return nil
	}
	var out []Deadline
	h := s.HandOver
	switch c, held := s.Roles[Commander]; {
	case !h.To.Zero():
		d := keyed(Deadline{Name: DueHandOver, Due: h.Due}, h.To.Key())
		if !h.Reminded {
			d.WarnAt = h.At.Add(h.Due.Sub(h.At) / 2)
		}
		out = append(out, d)
	case held && s.Policy.HandOverAfter > 0 && !s.Paused() && !s.Policy.Rule(s.Severity).NoLadder: // who commands what stands still, or can be planned, may sleep
		out = append(out, keyed(Deadline{Name: DueHandOverLong, Due: laterOf(c.Since, s.HandOverAt, s.ResumedAt, s.ReopenedAt).Add(s.Policy.HandOverAfter)}))
	}
	return out
}

// keepHandOver reminds who was asked, tells the old holder when nobody accepted, and suggests a hand-over to who has commanded for long.
func (d *decider) keepHandOver() {
	for _, dl := range handOvers(d.s) {
		h := d.s.HandOver
		switch due := !dl.Due.After(d.now); {
		case dl.Name == DueHandOver && due:
			d.own(&HandOverEnded{From: h.From, To: h.To, How: HandOverExpired})
		case dl.Name == DueHandOver && !dl.WarnAt.IsZero() && !dl.WarnAt.After(d.now):
			d.own(&HandOverReminded{To: h.To})
		case dl.Name == DueHandOverLong && due:
			c := d.s.Roles[Commander]
			d.own(&HandOverSuggested{Who: c.Who, Since: c.Since})
		}
	}
}

func (s *State) handOverEvolve(e Event) {
	switch f := e.Fact.(type) {
	case *HandOverProposed:
		s.HandOver = HandOver{From: f.From, To: f.To, Why: f.Why, At: e.RecordedAt, Due: f.Due}
	case *HandOverReminded:
		s.HandOver.Reminded = true
	case *HandOverEnded:
		s.HandOver = HandOver{}
		s.HandOverAt = e.RecordedAt
	case *HandOverSuggested:
		s.HandOverAt = e.RecordedAt
	}
}

func (p *plan) handOverEffects() {
	switch f := p.e.Fact.(type) {
	case *HandOverProposed:
		p.headline()
		p.invite(f.To)
		p.direct(ViewHandOver, 0, f.To, "", zeroTime)
	case *HandOverReminded:
		p.direct(ViewHandOver, 0, f.To, "", p.s.HandOver.Due)
	case *HandOverEnded:
		p.headline()
		p.direct(ViewHandOverEnded, 0, f.From, f.How, zeroTime)
	case *HandOverSuggested:
		p.direct(ViewHandOverDue, 0, f.Who, "", p.e.RecordedAt.Add(2*time.Hour))
	}
}

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
	// First is who was asked first, Turn how far along the policy's chain it has gone since, and Count how many were asked in all.
	First Person `json:"first,omitzero"`
	Turn  int    `json:"turn,omitempty"`
	Count int    `json:"count,omitempty"`
}

// Why a hand-over is proposed.
const (
	HandOverAsked    = "asked"    // somebody in the incident wants it
	HandOverRotation = "rotation" // the rotation changed
	HandOverLong     = "long"     // one person has commanded for long, and asked nobody
	HandOverPassed   = "passed"   // whoever was asked before has not accepted
)

// How a hand-over ended.
const (
	HandOverAccepted = "accepted"
	HandOverDeclined = "declined"
	HandOverExpired  = "expired" // not accepted in time; the old holder is told, and the next of the chain is asked
	// HandOverWithdrawn: the commander keeps command.
	HandOverWithdrawn = "withdrawn"
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
	// First, Turn and Count are as in HandOver, where it is not the first who is asked.
	First Person `json:"first,omitzero"`
	Turn  int    `json:"turn,omitempty"`
	Count int    `json:"count,omitempty"`
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
	// Ask is when the first of the policy's chain is asked to take over, if they ask nobody themselves.
	Ask time.Time `json:"ask,omitzero"`
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

// DeclineHandOver says no to it: who was asked cannot, or the commander keeps command after all.
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
		why := a.Why
		if why == "" {
			why = HandOverAsked
		}
		d.add(&HandOverProposed{From: ic, To: a.To, Why: why, Due: d.now.Add(d.s.handOverWithin())})
	case AcceptHandOver, DeclineHandOver:
		if _, no := a.(DeclineHandOver); no && asked && h.From.Same(d.in.Actor.Person) {
			d.add(&HandOverEnded{From: h.From, To: h.To, How: HandOverWithdrawn})
			return nil
		}
		if !asked || !h.To.Same(d.in.Actor.Person) {
			return &Refusal{Code: RefusedNotAsked, By: h.To}
		}
		if _, no := a.(DeclineHandOver); no {
			d.add(&HandOverEnded{From: h.From, To: h.To, How: HandOverDeclined})
			if h.Why != HandOverAsked { // nobody named them: the commander is not to look for the next
				d.declined(h)
			}
			return nil
		}
		was := d.s.Roles[Commander].Who
		d.add(&HandOverEnded{From: h.From, To: h.To, How: HandOverAccepted})
		d.add(&RoleSet{Role: Commander, Who: h.To, Was: was})
	}
	return nil
}

// handOverWithin is how long who is asked first has to accept.
func (s State) handOverWithin() time.Duration {
	if s.Policy.HandOverWithin > 0 {
		return s.Policy.HandOverWithin
	}
	return defaultHandOver
}

// handOverAsk is when the first of the chain is asked to relieve the commander; zero when the commander rested since they were told.
func (s State) handOverAsk() time.Time {
	if s.ResumedAt.After(s.HandOverAt) {
		return zeroTime
	}
	return s.HandOverAsk
}

// handOvers are the deadlines of hand-overs: an answer that is awaited, and a commander of long. Who commands what stands still, or can be
// planned, may sleep.
func handOvers(s State) []Deadline {
	if !s.Open() || s.Paused() {
		return nil
	}
	var out []Deadline
	h := s.HandOver
	switch c, held := s.Roles[Commander]; {
	case !h.To.Zero():
		due, from := h.Due, h.At
		if s.ResumedAt.After(from) { // nobody was to answer while it stood still
			due, from = laterOf(due, s.ResumedAt.Add(due.Sub(from))), s.ResumedAt
		}
		if at := s.answeredFor(WhyHandOver); at.After(from) { // they have answered the phone, and read
			due = laterOf(due, at.Add(s.handOverWithin()))
		}
		d := keyed(Deadline{Name: DueHandOver, Due: due, Level: h.Count}, h.To.Key())
		if !h.Reminded {
			d.WarnAt = from.Add(due.Sub(from) / 2)
		}
		out = append(out, d)
	case held && (s.Policy.HandOverAfter > 0 || !s.handOverAsk().IsZero()) && !s.Policy.Rule(s.Severity).NoLadder:
		base := laterOf(c.Since, s.HandOverAt, s.ResumedAt, s.ReopenedAt)
		due := base.Add(s.Policy.HandOverAfter)
		if at := s.handOverAsk(); !at.IsZero() {
			due = at
		}
		out = append(out, keyed(Deadline{Name: DueHandOverLong, Due: due}))
	}
	return out
}

// declined asks the next of the chain at once; where there is none further on, the chain begins again when its time has passed, so that two who
// both said no do not ring each other.
func (d *decider) declined(h HandOver) {
	c := d.s.Roles[Commander]
	p, _ := d.s.Pursued(DueHandOver)
	if t, ok := d.next(p.Chain, h.Turn, func(_ string, who Person) bool { return who.Zero() || who.Same(c.Who) || who.Same(h.To) }); ok && t.turn > h.Turn {
		d.passOn(h)
		return
	}
	d.own(&HandOverSuggested{Who: c.Who, Since: c.Since, Ask: d.now.Add(p.Every)})
}

// passOn asks the next of the chain to take command over, and after its last begins with whoever was asked first, so that no hand-over that is
// owed ends in silence. Whoever commands stays responsible.
func (d *decider) passOn(h HandOver) {
	ic := d.s.Roles[Commander].Who
	p, rings := d.s.Pursued(DueHandOver)
	first := h.First
	if first.Zero() {
		first = h.To
	}
	skip := func(_ string, who Person) bool {
		return who.Zero() || who.Same(ic) || who.Same(h.To) || !rings && d.outside(who)
	}
	turn, next, page := 0, first, Page{Why: WhyHandOver, Round: h.Count + 1}
	if t, ok := d.next(p.Chain, h.Turn, skip); ok && t.turn > h.Turn {
		turn, next, page.Target = t.turn, t.who[0], t.asked
	}
	d.own(&HandOverProposed{From: ic, To: next, Why: HandOverPassed, Due: d.now.Add(p.Every), First: first, Turn: turn, Count: h.Count + 1})
	if !rings {
		return
	}
	if page.Target == "" {
		if target, addr, ok := d.phoneOf(next); ok {
			page.Target, page.Person, page.Address, page.Source, page.SeenAt = target, next, addr, "named", d.now
		}
	}
	page.Level = d.levelOf(page.Target)
	if closing := d.walkedBefore(page.Target, WhyHandOver); page.Target != "" && d.phoneFree(page, []Person{next}, closing) {
		for _, key := range closing {
			d.own(&PageChanged{Key: key, Status: PageClosed, Why: WhyHandOver})
		}
		if page.Address != (Address{}) {
			d.ring(page)
			return
		}
		d.pageFor(page)
	}
}

// keepHandOver reminds who was asked, asks the next when nobody accepted, and has who commanded for long hand over.
func (d *decider) keepHandOver() {
	for _, dl := range handOvers(d.s) {
		h := d.s.HandOver
		switch due := !dl.Due.After(d.now); {
		case dl.Name == DueHandOver && due:
			d.own(&HandOverEnded{From: h.From, To: h.To, How: HandOverExpired})
			if !d.s.Policy.Rule(d.s.Severity).NoLadder { // what can be planned waits for who commands it
				d.passOn(h)
			}
		case dl.Name == DueHandOver && !dl.WarnAt.IsZero() && !dl.WarnAt.After(d.now):
			d.own(&HandOverReminded{To: h.To})
		case dl.Name == DueHandOverLong && due:
			c := d.s.Roles[Commander]
			ask := !d.s.handOverAsk().IsZero()
			if ask && d.proposeLong(c.Who) {
				return
			}
			f := &HandOverSuggested{Who: c.Who, Since: c.Since}
			if p, _ := d.s.Pursued(DueHandOver); !ask && len(d.s.Policy.Response.HandOver.Chain) > 0 { // else there is nobody to ask
				f.Ask = d.now.Add(p.Every)
			}
			d.own(f)
		}
	}
}

// proposeLong asks the first of the chain to relieve who has commanded for long and asked nobody; false: the chain names nobody.
func (d *decider) proposeLong(ic Person) bool {
	p, _ := d.s.Pursued(DueHandOver)
	t, ok := d.next(p.Chain, 0, func(_ string, who Person) bool { return who.Zero() || who.Same(ic) || d.outside(who) })
	if ok {
		d.own(&HandOverProposed{From: ic, To: t.who[0], Why: HandOverLong, Due: d.now.Add(p.Every), First: t.who[0], Turn: t.turn})
	}
	return ok
}

func (s *State) handOverEvolve(e Event) {
	switch f := e.Fact.(type) {
	case *HandOverProposed:
		s.HandOver = HandOver{From: f.From, To: f.To, Why: f.Why, At: e.RecordedAt, Due: f.Due, First: f.First, Turn: f.Turn, Count: f.Count}
		s.HandOverAsk = zeroTime
	case *HandOverReminded:
		s.HandOver.Reminded = true
	case *HandOverEnded:
		s.HandOver = HandOver{}
		s.HandOverAt, s.HandOverAsk = e.RecordedAt, zeroTime
	case *HandOverSuggested:
		s.HandOverAt, s.HandOverAsk = e.RecordedAt, f.Ask
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
		if f.How != HandOverWithdrawn { // else it is their own word
			p.direct(ViewHandOverEnded, 0, f.From, f.How, zeroTime)
		}
	case *HandOverSuggested:
		p.direct(ViewHandOverDue, 0, f.Who, "", p.e.RecordedAt.Add(2*time.Hour))
	}
}

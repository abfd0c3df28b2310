package incident

import (
	"slices"
	"time"
)

// Response says of whom what the response itself owes is asked, in turn: a commander, status updates, a hand-over that was proposed. The
// severities say by when; these say who comes next when that has passed, and so on without end until a human takes it.
type Response struct {
	Commander Pursuit `json:"commander,omitzero"`
	Updates   Pursuit `json:"updates,omitzero"`
	HandOver  Pursuit `json:"hand_over,omitzero"`
}

// Pursuit is one chain of people. It begins again when its last has been asked.
type Pursuit struct {
	// Chain is who is asked, in order: roles (commander, comms, scribe) and targets.
	Chain []string `json:"chain,omitempty"`
	// Every is how long after one was asked the next is; zero: what the severity gives for it (commander_within, update_every), an hour
	// for a hand-over.
	Every time.Duration `json:"every,omitempty"`
	// Page are the severities at which the phones of the chain's targets ring; at the others they are only reminded.
	Page []Severity `json:"page,omitempty"`
}

// handOverEvery is how long each of the chain has to accept a hand-over where the policy does not say.
const handOverEvery = time.Hour

// Pursued is who is asked for what the response owes, by the name of its deadline, and whether their phones ring. A policy that names no chain
// goes the way the ladder does: for a commander everybody's phone rings, for updates where there is a comms_backup, for a hand-over nobody's.
// Once it is mitigated nobody is woken for a status update or for who commands next, only written to, in the same turns; but what nobody
// commands is forgotten, and rings on.
func (s State) Pursued(name string) (p Pursuit, rings bool) {
	if s.Policy == nil {
		return p, false
	}
	r := s.Policy.Rule(s.Severity)
	switch name {
	case DueCommander:
		p = s.Policy.Response.Commander
	case DueUpdate:
		p = s.Policy.Response.Updates
	case DueHandOver:
		p = s.Policy.Response.HandOver
	}
	rings = slices.Contains(p.Page, s.Severity)
	if len(p.Chain) == 0 {
		if rings = name == DueCommander; name == DueUpdate {
			p.Chain, rings = []string{string(Comms), string(Commander)}, r.CommsBackup != ""
			if rings {
				p.Chain = append(p.Chain, s.target(r.CommsBackup))
			}
		}
		for _, t := range s.upLadder() {
			if !slices.Contains(p.Chain, t) {
				p.Chain = append(p.Chain, t)
			}
		}
	}
	if p.Every <= 0 {
		switch name {
		case DueCommander:
			p.Every = r.CommanderWithin
		case DueUpdate:
			if p.Every = r.UpdateEvery; p.Every <= 0 {
				p.Every = r.FirstUpdate
			}
		default:
			p.Every = handOverEvery
		}
	}
	if name == DueUpdate { // what the commander stretched, those who are asked next may count on, too
		p.Every = max(p.Every, s.Cadence)
	}
	return p, rings && (name == DueCommander || s.Status != Mitigated || s.takenUp())
}

// upLadder are the targets a chain that follows the ladder goes through: the first level's backup, then the level above and so on.
func (s State) upLadder() []string {
	var out []string
	for i := 1; i != 0; i = s.above(i) {
		t := s.Backup(i)
		if i > 1 || t == "" {
			t = s.firstTarget(i)
		}
		if t != "" && !slices.Contains(out, t) {
			out = append(out, t)
		}
	}
	return out
}

// turnOf is one step of a chain whose turn it is.
type turnOf struct {
	asked string   // the role or target
	who   []Person // who it is; none where only the target's phone is known
	turn  int      // steps of the chain that have been asked with it
	phone bool     // it is a target with a phone
}

// next is whose turn it is after so many steps of a chain, beginning again after the last: the next that is anybody, but for those that skip
// names. False: the chain names nobody at all.
func (d *decider) next(chain []string, after int, skip func(key string, who Person) bool) (turnOf, bool) {
	for i := range chain {
		at := (after + i) % len(chain)
		t := turnOf{asked: chain[at], turn: at + 1}
		var who Person
		if r := Role(chain[at]); r.Valid() {
			who = d.s.Roles[r].Who
		} else {
			t.asked = d.s.target(chain[at])
			if n := d.s.rung(t.asked); n > 0 && len(d.in.OnCall[t.asked].People) == 0 { // whom its level names where nobody is on call for it
				t.asked = d.stage(n, false)[0]
			}
			if roster := d.in.OnCall[t.asked]; len(roster.People) > 0 {
				who = roster.People[0]
			}
			a := d.s.Policy.Targets[t.asked].Address.For(who)
			t.phone = a != (Address{}) && !a.OnCall // an address that goes round with the duty rings nobody where it is not known who has it
		}
		if who.Zero() && !t.phone || skip != nil && skip(chain[at], who) {
			continue
		}
		if !who.Zero() {
			t.who = []Person{who}
		}
		return t, true
	}
	return turnOf{}, false
}

// rung is the level whose targets one is among; 0: it is on none, or a backup.
func (s State) rung(target string) int {
	for n := range s.Policy.Ladder {
		if slices.Contains(s.targets(n+1), target) {
			return n + 1
		}
	}
	return 0
}

// pursue records that a deadline of the response was missed, and asks the next of its chain: by phone where the policy says so and nobody has
// rung them already, else by a message. The first of a walk are those who owe it, where they are known: only who comes after them is rung.
func (d *decider) pursue(due Deadline, why string, owes []Person) {
	n := d.s.Missed[due.Name]
	p, rings := d.s.Pursued(due.Name)
	f := &Missed{Deadline: due.Key, Name: due.Name, Due: due.Due, Count: n + 1, Turn: d.s.Turn[due.Name]}
	if n == 0 && len(owes) > 0 {
		d.own(f)
		return
	}
	t, ok := d.next(p.Chain, d.s.Turn[due.Name], func(key string, who Person) bool {
		return Role(key).Valid() && slices.ContainsFunc(owes, who.Same) || // they are reminded every time
			!rings && d.outside(who)
	})
	if !ok {
		d.own(f)
		return
	}
	round := n + 1
	if due.Name == DueUpdate {
		round = max(1, n)
	}
	page := Page{Target: t.asked, Level: d.levelOf(t.asked), Round: round, Why: why}
	f.Turn, f.Asked = t.turn, t.asked
	closing := d.walkedBefore(t.asked, why)
	if !rings || !t.phone || !d.phoneFree(page, t.who, closing) {
		f.Who = t.who
		d.own(f)
		return
	}
	d.own(f)
	for _, key := range closing {
		d.own(&PageChanged{Key: key, Status: PageClosed, Why: why})
	}
	d.pageFor(page)
}

// outside reports whether asking somebody by a message alone would let them into a private incident: nobody decided that. The policy does, where
// it has their phone ring.
func (d *decider) outside(who Person) bool {
	return d.s.Private != nil && !who.Zero() && !d.s.MaySee(who)
}

// walkedBefore are the calls a target had for the same duty when it was their turn before: whether they never answered, or answered and it was
// missed again since, the phone is rung anew. So it is after a call for what is not owed any more.
func (d *decider) walkedBefore(target, why string) []string {
	var out []string
	for _, p := range d.s.Pages {
		if p.Target == target && p.Outstanding() && (p.Why == why || d.over(p)) {
			out = append(out, p.Key)
		}
	}
	return out
}

// phoneFree reports whether ringing would be news to a target: no call of theirs is open but those that are closed for it, and the same person
// is not being rung under another name.
func (d *decider) phoneFree(page Page, who []Person, closing []string) bool {
	if _, may := d.callable(page, closing); !may {
		return false
	}
	return !slices.ContainsFunc(d.s.Pages, func(p Page) bool {
		return p.Status != PageAnswered && d.s.calls(p) && !d.over(p) && !slices.Contains(closing, p.Key) && slices.ContainsFunc(who, p.Person.Same)
	})
}

// answeredFor is when somebody last answered a call for what the response owes: they are at it, and have the same time again.
func (s State) answeredFor(why string) time.Time {
	var at time.Time
	for _, p := range s.Pages {
		if p.Why == why && p.Status == PageAnswered {
			at = laterOf(at, p.AnsweredAt)
		}
	}
	return at
}

// met closes the calls for what the response does not owe any more, and tells whom they ring. It looks at the state alone, so that nothing
// depends on which act met it.
func (d *decider) met() {
	if d.s.Policy == nil || !d.s.Open() || len(d.out) == 0 {
		return
	}
	over := func(p Page) bool { return p.Outstanding() && p.Status != PageAnswered && d.over(p) }
	if slices.ContainsFunc(d.s.Pages, over) {
		d.closePages(WhyMet, over)
	}
}

// over reports whether a call rings for nothing any more.
func (d *decider) over(p Page) bool { return d.s.notOwed(p) && !d.waitsFor(p) }

// waitsFor reports whether the ladder waits for whom a call rings. When it came to them their phone rang already, and it rang no other: whatever
// the call was for, it is the ladder's now, and ends with its wait.
func (d *decider) waitsFor(p Page) bool {
	l := d.s.Ladder
	if l.Level == 0 || !l.AcceptedAt.IsZero() || d.s.Status == Mitigated && !d.s.takenUp() || d.s.Paused() || d.rule().NoLadder {
		return false
	}
	return l.Backup && p.Target == d.s.Backup(l.Level) || slices.Contains(d.stage(l.Level, false), p.Target)
}

// notOwed reports whether a call was for something the response does not owe any more.
func (s State) notOwed(p Page) bool {
	switch p.Why {
	case WhyNoCommander:
		_, held := s.Roles[Commander]
		return held
	case WhyUpdateMissed:
		return s.Missed[DueUpdate] == 0
	case WhyHandOver:
		return !p.Person.Same(s.HandOver.To)
	case WhyImpact, WhyImpactUnsaid:
		return s.Impact.Touched() == TouchedNo
	}
	return false
}

// nextAsked is the target whose phone rings when a deadline of the response passes, as far as the state alone tells; empty where it is a
// role's turn, or the policy only reminds.
func (s State) nextAsked(name string) string {
	p, rings := s.Pursued(name)
	if !rings || len(p.Chain) == 0 {
		return ""
	}
	for i := range p.Chain {
		switch key := p.Chain[(s.Turn[name]+i)%len(p.Chain)]; {
		case Role(key).Valid() && s.Roles[Role(key)].Who.Zero():
		case Role(key).Valid():
			return ""
		default:
			return s.target(key)
		}
	}
	return ""
}

// reminded are those to whom a message goes because of what was missed: who owes it every time, and whose turn on the chain it is.
func (s State) reminded(f *Missed) []Person {
	var who []Person
	if f.Name == DueUpdate {
		who = s.updateHolders()
	}
	for _, w := range f.Who {
		if !slices.ContainsFunc(who, w.Same) {
			who = append(who, w)
		}
	}
	return who
}

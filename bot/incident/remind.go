package incident

import (
	"fmt"
	"slices"
	"time"
)

// Reminder is what ObligationReminded says of one duty, where another's fact carries its words.
type Reminder struct {
	Key     string    `json:"key"`
	Due     time.Time `json:"due,omitzero"`
	Overdue bool      `json:"overdue,omitempty"`
	Count   int       `json:"count"`
	Asked   []string  `json:"asked,omitempty"`
	Who     []Person  `json:"who,omitempty"`
	Next    time.Time `json:"next"`
	Until   time.Time `json:"until,omitzero"`
}

// maxTogether is how many duties one message reminds of. What is more has further messages: nothing is left out.
const maxTogether = 8

// Reminders are all that a fact reminds of: its own duty, then those along with it.
func (f *ObligationReminded) Reminders() []Reminder {
	own := Reminder{Key: f.Key, Due: f.Due, Overdue: f.Overdue, Count: f.Count, Asked: f.Asked, Who: f.Who, Next: f.Next, Until: f.Until}
	return append([]Reminder{own}, f.Along...)
}

// Fact is what is recorded of a reminder.
func (r Reminder) Fact() *ObligationReminded {
	return &ObligationReminded{Key: r.Key, Due: r.Due, Overdue: r.Overdue, Count: r.Count, Asked: r.Asked, Who: r.Who, Next: r.Next, Until: r.Until}
}

// remind reminds of every duty whose time it is, once each. Those whose time has come together are said together.
func (d *decider) remind() {
	if d.s.Policy == nil {
		return
	}
	d.goOn()
	var due []Reminder
	var rings []Page
	for _, x := range slices.Clone(d.s.Duties) {
		if !x.Running() || x.Next.IsZero() || x.Next.After(d.now) || d.s.stands(x) {
			continue
		}
		var until time.Time
		if !d.s.absolute(x) {
			if at := d.s.workingFrom(d.now); at.After(d.now) { // late: it waits for the next morning
				d.own(&ObligationDeferred{Key: x.Key, Next: utc(at)})
				continue
			}
			until = d.s.closing(d.now)
		}
		overdue := !x.Due.IsZero() && !d.now.Before(x.Due)
		asked, who := d.turn(x, overdue)
		after := x
		after.Reminded++
		due = append(due, Reminder{Key: x.Key, Due: x.Due, Overdue: overdue, Count: after.Reminded, Asked: asked, Who: who, Next: d.reminder(after, false), Until: until})
		if p, ok := d.ringFor(x, overdue); ok {
			rings = rungOnce(rings, p)
		}
	}
	for together := range slices.Chunk(due, maxTogether) {
		for i, r := range together {
			f := r.Fact()
			if i == 0 {
				f.Along = slices.Clone(together[1:])
			} else {
				f.In = together[0].Key
			}
			d.own(f)
		}
	}
	for _, p := range rings {
		d.own(&Paged{Page: p})
	}
}

// rungOnce adds a page for a duty to those of the same moment: who is rung already is rung for this, too, by the same call.
func rungOnce(rings []Page, p Page) []Page {
	i := slices.IndexFunc(rings, func(q Page) bool {
		if p.Person.Zero() || q.Person.Zero() {
			return p.Person.Zero() && q.Person.Zero() && p.Address == q.Address
		}
		return p.Person.Same(q.Person)
	})
	if i < 0 {
		return append(rings, p)
	}
	rings[i].Along = append(rings[i].Along, p.Obligation)
	return rings
}

// Obligations are the keys of all duties that a page is about; none for one of the response.
func (p Page) Obligations() []string {
	if p.Obligation == "" {
		return nil
	}
	return append([]string{p.Obligation}, p.Along...)
}

// about reports whether a page is about a duty.
func (p Page) about(key string) bool {
	return p.Obligation == key || slices.Contains(p.Along, key)
}

// ringsOn reports whether a page for duties still has one that runs.
func (s State) ringsOn(p Page) bool { return s.ringsBut(p, "") }

// ringsBut is the same, whatever has become of one of them.
func (s State) ringsBut(p Page, but string) bool {
	return slices.ContainsFunc(p.Obligations(), func(key string) bool {
		x, ok := s.Duty(key)
		return ok && x.Running() && key != but
	})
}

// apart takes a duty that begins anew off the calls that ring for others, too: they go on without it.
func (s *State) apart(key string) {
	for i := range s.DutyPages {
		p := &s.DutyPages[i]
		if len(p.Along) == 0 || !p.about(key) || !p.Outstanding() {
			continue
		}
		rest := slices.DeleteFunc(p.Obligations(), func(k string) bool { return k == key })
		p.Obligation, p.Along = rest[0], slices.Clone(rest[1:])
	}
}

// ringFor is the call of the next target of a legal clock's chain in its last hours: one then, and one more with each reminder after it has
// passed, until all of them were or somebody answered.
func (d *decider) ringFor(x Duty, overdue bool) (Page, bool) {
	p := d.s.pace(x)
	if !d.s.ringsFor(x, overdue) && (!x.Legal || p.pageBefore <= 0 || d.now.Before(x.Due.Add(-p.pageBefore)) || x.Paged > 0 && (!overdue || !x.Owner.Zero())) {
		return Page{}, false
	}
	return d.nextCall(x)
}

// nextCall is the call of the next target of a duty's chain whose phone can ring; false when all of them were. An address that goes round with
// the duty rings only who is known to have it; where none of the chain can be rung, the first is tried all the same, for the room is told then.
func (d *decider) nextCall(x Duty) (Page, bool) {
	var phones, deaf []Page
	for _, key := range d.s.pace(x).chain {
		roster := d.in.OnCall[key]
		p := Page{Target: key, Source: roster.Source, SeenAt: roster.SeenAt}
		if len(roster.People) > 0 {
			p.Person = roster.People[0]
		}
		p.Address = d.s.Policy.Targets[key].Address.For(p.Person)
		switch {
		case p.Address == (Address{}): // a role, or somebody without a phone
		case p.Address.OnCall:
			deaf = append(deaf, p)
		default:
			phones = append(phones, p)
		}
	}
	if len(phones) == 0 {
		phones = deaf[:min(1, len(deaf))]
	}
	if x.Paged >= len(phones) {
		return Page{}, false
	}
	p := phones[x.Paged]
	person := p.Person.Key()
	if person == "" {
		person = "any"
	}
	p.Round = x.Paged + 1
	p.Key = d.unusedKey(fmt.Sprintf("%s/%s/%d/%s/%s", WhyObligation, x.Key, p.Round, p.Target, person))
	p.Dedup, p.Why, p.Obligation, p.At, p.Status = d.dedup(p.Key), WhyObligation, x.Key, d.now, PageOwed
	return p, true
}

// refusedFor calls the next for the duties of a call that PagerDuty refused for good, as the ladder does: waiting would reach nobody. Those that
// somebody has taken are in their hands, and a runbook's clocks ring only while the incident runs.
func (d *decider) refusedFor(p Page) {
	var rings []Page
	for _, key := range p.Obligations() {
		x, ok := d.s.Duty(key)
		if !ok || !x.Running() || !x.Owner.Zero() || !x.Legal && (!d.s.Open() || d.s.Paused()) {
			continue
		}
		if q, ok := d.nextCall(x); ok {
			rings = rungOnce(rings, q)
		}
	}
	for _, q := range rings {
		d.own(&Paged{Page: q})
	}
}

// remindedOf is one message of a reminder: to whom, and of which duties.
type remindedOf struct {
	who   Person // zero: the room
	about []Reminder
}

// messages are those that a reminder has Tocsin write: one to each person whose turn it is for any of its duties, with all that is theirs.
func (f *ObligationReminded) messages() []remindedOf {
	var out []remindedOf
	if f.In != "" {
		return nil
	}
	for _, r := range f.Reminders() {
		for _, who := range r.Who {
			i := slices.IndexFunc(out, func(m remindedOf) bool { return m.who.Same(who) })
			if i < 0 {
				i, out = len(out), append(out, remindedOf{who: who})
			}
			out[i].about = append(out[i].about, r)
		}
	}
	return out
}

// keys are the duties of a message, the earliest due first, and until when it is worth sending; zero: whenever.
func keys(about []Reminder) (first string, with []string, until time.Time) {
	list := slices.Clone(about)
	slices.SortStableFunc(list, func(a, b Reminder) int {
		if a.Due.IsZero() != b.Due.IsZero() { // what has no time of its own comes last
			return b.Due.Compare(a.Due)
		}
		return a.Due.Compare(b.Due)
	})
	for i, r := range list {
		if until = laterOf(until, r.Until); i > 0 {
			with = append(with, r.Key)
		}
	}
	if slices.ContainsFunc(list, func(r Reminder) bool { return r.Until.IsZero() }) {
		until = zeroTime
	}
	return list[0].Key, with, until
}

// reminded is what follows from a reminder: a message to each person whose turn it is, and a post in the room.
func (p *plan) reminded(f *ObligationReminded) {
	p.headline()
	if f.In != "" {
		return // the first of them says it
	}
	for i, m := range f.messages() {
		key, with, until := keys(m.about)
		n := len(p.out)
		if p.direct(ViewObligation, i, m.who, key, until); len(p.out) > n {
			p.out[n].With = with
		}
	}
	var room []Reminder
	for _, r := range f.Reminders() {
		if d, ok := p.s.Duty(r.Key); ok && d.Why != BeginsAction { // an action is its owner's business, not the room's
			room = append(room, r)
		}
	}
	if len(room) > 0 {
		key, with, until := keys(room)
		p.add(Effect{Name: string(Post) + "/" + ViewObligation, Do: Post, Lane: LaneSlack, Class: ClassUpdate, Repeat: Findable, After: p.postID(""), Until: until, View: ViewObligation, To: ToIncident, Arg: key, With: with})
	}
}

// untakenCalls are when it is said of each call for a duty that PagerDuty has not taken it: an obligation outlives the response, and so does who
// must be rung by hand for it.
func (s State) untakenCalls() []Deadline {
	var out []Deadline
	for _, p := range s.DutyPages {
		if at, waits := ringDue(p); waits {
			out = append(out, keyed(Deadline{Name: DueRing, Due: at}, p.Key))
		}
	}
	return out
}

// keepCalls says it, once of each.
func (d *decider) keepCalls() {
	for _, p := range slices.Clone(d.s.DutyPages) {
		if at, waits := ringDue(p); waits && !at.After(d.now) {
			d.own(&PageChanged{Key: p.Key, Status: p.Status, Stuck: true})
		}
	}
}
